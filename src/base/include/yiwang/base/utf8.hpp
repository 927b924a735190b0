#pragma once
// UTF-8 by code point. Text is counted in code points everywhere in Yiwang: UTF-16 counting splits rare-character names.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "yiwang/base/result.hpp"

namespace yiwang::utf8 {

/// Decodes the code point at `offset` and moves `offset` behind it. Precondition: offset < text.size().
/// Returns false on malformed input (overlong forms, surrogates, > U+10FFFF), leaving `offset` in place.
bool decode(std::string_view text, std::size_t& offset, char32_t& out);
/// Appends one code point. Precondition: a Unicode scalar value.
void append(std::string& text, char32_t code_point);

/// The offset of the first malformed byte, or npos.
std::size_t find_invalid(std::string_view text);
inline bool is_valid(std::string_view text) { return find_invalid(text) == std::string_view::npos; }
/// Refuses malformed text. Errors: base.utf8.
Status check(std::string_view text);

/// Number of code points of valid text.
std::size_t length(std::string_view text);
/// Byte offset of the n-th code point (from 0) of valid text; text.size() when it has fewer.
std::size_t byte_offset(std::string_view text, std::size_t n);
/// `count` code points from code point `start` of valid text, clipped.
std::string_view substring(std::string_view text, std::size_t start, std::size_t count = std::string_view::npos);
std::u32string to_utf32(std::string_view valid_text);
std::string from_utf32(std::u32string_view code_points);

}  // namespace yiwang::utf8

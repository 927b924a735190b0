#pragma once
// What people prove who they are with, and what the number of each kind must look like. A number is checked for its kind: the
// same digits may be right on one document and wrong on another.

#include <optional>
#include <string>
#include <string_view>

#include "yiwang/base/result.hpp"
#include "yiwang/base/time.hpp"

namespace yiwang {

enum class IdentityKind : std::uint8_t {
  resident_card,
  hmt_residence,
  hk_macau_permit,
  taiwan_permit,
  permanent_residence,
  passport
};

/// By its name in Chinese, as registers and papers say it: 居民身份证, 港澳台居民居住证, 港澳居民来往内地通行证,
/// 台湾居民来往大陆通行证, 外国人永久居留身份证, 护照.
std::optional<IdentityKind> parse_identity_kind(std::string_view title);
std::string_view title_of(IdentityKind kind);

/// The number as it is kept: without blanks, letters upper case. Errors: base.citizen_number with what is wrong.
Result<std::string> check_identity_number(IdentityKind kind, std::string_view text, Date today);

/// A number as others may see it: the ends only, fewer characters of a short one.
std::string masked_number(std::string_view number);

}  // namespace yiwang

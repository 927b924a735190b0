#include "yiwang/base/utf8.hpp"

namespace yiwang::utf8 {

bool decode(std::string_view text, std::size_t& offset, char32_t& out) {
  auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  unsigned char lead = byte(offset);
  if (lead < 0x80) {
    out = lead;
    ++offset;
    return true;
  }
  std::size_t more;
  char32_t value;
  char32_t least;
  if ((lead & 0xE0) == 0xC0) {
    more = 1, value = lead & 0x1F, least = 0x80;
  } else if ((lead & 0xF0) == 0xE0) {
    more = 2, value = lead & 0x0F, least = 0x800;
  } else if ((lead & 0xF8) == 0xF0) {
    more = 3, value = lead & 0x07, least = 0x10000;
  } else {
    return false;
  }
  if (text.size() - offset <= more) return false;
  for (std::size_t i = 1; i <= more; ++i) {
    unsigned char next = byte(offset + i);
    if ((next & 0xC0) != 0x80) return false;
    value = (value << 6) | (next & 0x3F);
  }
  if (value < least || value > 0x10FFFF || (value >= 0xD800 && value <= 0xDFFF)) return false;
  offset += more + 1;
  out = value;
  return true;
}

void append(std::string& text, char32_t c) {
  if (c < 0x80) {
    text += static_cast<char>(c);
  } else if (c < 0x800) {
    text += static_cast<char>(0xC0 | (c >> 6));
    text += static_cast<char>(0x80 | (c & 0x3F));
  } else if (c < 0x10000) {
    text += static_cast<char>(0xE0 | (c >> 12));
    text += static_cast<char>(0x80 | ((c >> 6) & 0x3F));
    text += static_cast<char>(0x80 | (c & 0x3F));
  } else {
    text += static_cast<char>(0xF0 | (c >> 18));
    text += static_cast<char>(0x80 | ((c >> 12) & 0x3F));
    text += static_cast<char>(0x80 | ((c >> 6) & 0x3F));
    text += static_cast<char>(0x80 | (c & 0x3F));
  }
}

std::size_t find_invalid(std::string_view text) {
  std::size_t offset = 0;
  char32_t c;
  while (offset < text.size()) {
    if (!decode(text, offset, c)) return offset;
  }
  return std::string_view::npos;
}

Status check(std::string_view text) {
  std::size_t bad = find_invalid(text);
  if (bad != std::string_view::npos) return fail(ErrorCode::base_utf8, {{"offset", std::to_string(bad)}});
  return {};
}

std::size_t length(std::string_view text) {
  std::size_t n = 0;
  for (char c : text) n += (static_cast<unsigned char>(c) & 0xC0) != 0x80;
  return n;
}

std::size_t byte_offset(std::string_view text, std::size_t n) {
  std::size_t i = 0;
  for (; i < text.size(); ++i) {
    if ((static_cast<unsigned char>(text[i]) & 0xC0) == 0x80) continue;
    if (n == 0) return i;
    --n;
  }
  return i;
}

std::string_view substring(std::string_view text, std::size_t start, std::size_t count) {
  std::size_t from = byte_offset(text, start);
  std::string_view rest = text.substr(from);
  return count == std::string_view::npos ? rest : rest.substr(0, byte_offset(rest, count));
}

std::u32string to_utf32(std::string_view text) {
  std::u32string out;
  out.reserve(text.size());
  std::size_t offset = 0;
  char32_t c;
  while (offset < text.size() && decode(text, offset, c)) out += c;
  return out;
}

std::string from_utf32(std::u32string_view code_points) {
  std::string out;
  out.reserve(code_points.size() * 3);
  for (char32_t c : code_points) append(out, c);
  return out;
}

}  // namespace yiwang::utf8

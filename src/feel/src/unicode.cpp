// Simple case mappings of Unicode for the scripts that have case in everyday use: Latin with its extensions, Greek,
// Cyrillic, Armenian, full-width forms, circled letters, Roman numerals. No locale is asked.
#include "unicode.hpp"

#include <cstdint>

#include "yiwang/base/utf8.hpp"

namespace yiwang::feel {

namespace {

struct Range {
  char32_t first, last;  ///< upper-case letters
  std::int32_t delta;    ///< to lower case; 1 with `alternate`: even/odd pairs from `first`
  bool alternate;
};

constexpr Range kRanges[] = {
    {'A', 'Z', 32, false},       {0xC0, 0xD6, 32, false},       {0xD8, 0xDE, 32, false},     {0x100, 0x12F, 1, true},
    {0x132, 0x137, 1, true},     {0x139, 0x148, 1, true},       {0x14A, 0x177, 1, true},     {0x178, 0x178, -121, false},
    {0x179, 0x17E, 1, true},     {0x1CD, 0x1DC, 1, true},       {0x1DE, 0x1EF, 1, true},     {0x1F4, 0x1F5, 1, true},
    {0x1F8, 0x21F, 1, true},     {0x222, 0x233, 1, true},       {0x386, 0x386, 38, false},   {0x388, 0x38A, 37, false},
    {0x38C, 0x38C, 64, false},   {0x38E, 0x38F, 63, false},     {0x391, 0x3A1, 32, false},   {0x3A3, 0x3AB, 32, false},
    {0x3D8, 0x3EF, 1, true},     {0x400, 0x40F, 80, false},     {0x410, 0x42F, 32, false},   {0x460, 0x481, 1, true},
    {0x48A, 0x4BF, 1, true},     {0x4C1, 0x4CE, 1, true},       {0x4D0, 0x52F, 1, true},     {0x531, 0x556, 48, false},
    {0x1E00, 0x1E95, 1, true},   {0x1EA0, 0x1EFF, 1, true},     {0x2160, 0x216F, 16, false}, {0x24B6, 0x24CF, 26, false},
    {0xFF21, 0xFF3A, 32, false}, {0x10400, 0x10427, 40, false},
};

}  // namespace

char32_t to_lower(char32_t point) {
  // Kelvin, Angstrom and Ohm signs fold to letters.
  if (point == 0x212A) return 'k';
  if (point == 0x212B) return 0xE5;
  if (point == 0x2126) return 0x3C9;
  for (auto const& range : kRanges) {
    if (point < range.first || point > range.last) continue;
    if (!range.alternate) return static_cast<char32_t>(static_cast<std::int32_t>(point) + range.delta);
    return (point - range.first) % 2 == 0 ? point + 1 : point;
  }
  return point;
}

char32_t to_upper(char32_t point) {
  for (auto const& range : kRanges) {
    if (range.alternate) {
      if (point >= range.first && point <= range.last) return (point - range.first) % 2 == 1 ? point - 1 : point;
      continue;
    }
    auto back = static_cast<char32_t>(static_cast<std::int32_t>(point) - range.delta);
    if (back >= range.first && back <= range.last) return back;
  }
  if (point == 0xB5) return 0x39C;
  if (point == 0x3C2) return 0x3A3;
  return point;
}

namespace {

template <char32_t (*F)(char32_t)>
std::string map(std::string_view text, bool upper) {
  std::string out;
  out.reserve(text.size());
  std::size_t i = 0;
  char32_t point = 0;
  while (i < text.size() && utf8::decode(text, i, point)) {
    if (upper && point == 0xDF) {
      out += "SS";
      continue;
    }
    utf8::append(out, F(point));
  }
  return out;
}

}  // namespace

std::string upper_case(std::string_view text) { return map<to_upper>(text, true); }
std::string lower_case(std::string_view text) { return map<to_lower>(text, false); }

}  // namespace yiwang::feel

#include "yiwang/base/identity_document.hpp"

#include <algorithm>
#include <array>

#include "yiwang/base/personal.hpp"

namespace yiwang {
namespace {

constexpr std::array<std::string_view, 6> kTitles{
    "居民身份证", "港澳台居民居住证", "港澳居民来往内地通行证", "台湾居民来往大陆通行证", "外国人永久居留身份证", "护照"};

bool digit(char c) { return c >= '0' && c <= '9'; }
bool letter(char c) { return c >= 'A' && c <= 'Z'; }
bool digits(std::string_view text) { return !text.empty() && std::all_of(text.begin(), text.end(), digit); }

auto wrong(char const* why) { return fail(ErrorCode::base_citizen_number, {{"why", why}}); }

}  // namespace

std::optional<IdentityKind> parse_identity_kind(std::string_view title) {
  auto it = std::find(kTitles.begin(), kTitles.end(), title);
  if (it == kTitles.end()) return std::nullopt;
  return static_cast<IdentityKind>(it - kTitles.begin());
}

std::string_view title_of(IdentityKind kind) { return kTitles[static_cast<std::size_t>(kind)]; }

Result<std::string> check_identity_number(IdentityKind kind, std::string_view text, Date today) {
  std::string n;
  for (char c : text) {
    if (c != ' ') n += c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  }
  std::string_view const v = n;
  switch (kind) {
    case IdentityKind::resident_card: {
      YW_ASSIGN(auto number, IdCardNumber::create(n, today));
      return number.reveal();
    }
    case IdentityKind::hmt_residence: {
      // GB 11643 with the region of Hong Kong, Macau or Taiwan.
      YW_ASSIGN(auto number, IdCardNumber::create(n, today));
      std::string const region = number.region_code();
      if (region != "810000" && region != "820000" && region != "830000")
        return wrong("港澳台居民居住证以 810000、820000 或 830000 开头 / a residence permit begins with one of these");
      return number.reveal();
    }
    case IdentityKind::hk_macau_permit:
      // H or M and eight digits; older ones have two more for how often it was renewed.
      if ((v.size() != 9 && v.size() != 11) || (v[0] != 'H' && v[0] != 'M') || !digits(v.substr(1)))
        return wrong("应为 H 或 M 加 8 位数字（旧证 10 位） / H or M and 8 digits, older ones 10");
      return n;
    case IdentityKind::taiwan_permit:
      if ((v.size() != 8 && v.size() != 10) || !digits(v)) return wrong("应为 8 位数字（旧证 10 位） / 8 digits, older ones 10");
      return n;
    case IdentityKind::permanent_residence: {
      // Since 2023: 18 characters as GB 11643, the first a 9; before: three letters of the country and 12 digits.
      if (v.size() == 15 && std::all_of(v.begin(), v.begin() + 3, letter) && digits(v.substr(3))) return n;
      YW_ASSIGN(auto number, IdCardNumber::create(n, today));
      if (v[0] != '9')
        return wrong("新版以 9 开头，旧版为 3 个字母加 12 位数字 / 18 characters beginning with 9, or 3 letters and 12 digits");
      return number.reveal();
    }
    case IdentityKind::passport: {
      // ICAO 9303: at most nine letters and digits.
      bool const fits = v.size() >= 5 && v.size() <= 9 &&
                        std::all_of(v.begin(), v.end(), [](char c) { return digit(c) || letter(c); }) &&
                        std::any_of(v.begin(), v.end(), digit);
      if (!fits) return wrong("护照号码为 5 到 9 位字母和数字 / 5 to 9 letters and digits");
      return n;
    }
  }
  return wrong("种类 / the kind");
}

std::string masked_number(std::string_view number) {
  std::size_t const before = number.size() >= 15 ? 3 : 1, after = number.size() >= 15 ? 4 : 2;
  if (number.size() < 5) return "***";
  return std::string(number.substr(0, before)) + std::string(number.size() - before - after, '*') +
         std::string(number.substr(number.size() - after));
}

}  // namespace yiwang

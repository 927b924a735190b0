#include "yiwang/base/personal.hpp"

#include <algorithm>

#include "yiwang/base/utf8.hpp"

namespace yiwang {
namespace {

bool all_digits(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

int alnum_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'A' && c <= 'Z') return c - 'A' + 10;
  return -1;
}

constexpr std::string_view kCreditAlphabet = "0123456789ABCDEFGHJKLMNPQRTUWXY";

}  // namespace

// Source: GB-11643-1999 (ISO 7064 MOD 11-2)
char citizen_number_check(std::string_view first17) {
  static constexpr int kWeights[] = {7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2};
  int sum = 0;
  for (std::size_t i = 0; i < 17; ++i) sum += (first17[i] - '0') * kWeights[i];
  return "10X98765432"[sum % 11];
}

// Source: GB-32100-2015
char credit_code_check(std::string_view first17) {
  static constexpr int kWeights[] = {1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28};
  int sum = 0;
  for (std::size_t i = 0; i < 17; ++i) {
    std::size_t v = kCreditAlphabet.find(first17[i]);
    if (v == std::string_view::npos) return '\0';
    sum += static_cast<int>(v) * kWeights[i];
  }
  return kCreditAlphabet[static_cast<std::size_t>((31 - sum % 31) % 31)];
}

// Source: GB-11714-1997
char body_code_check(std::string_view first8) {
  static constexpr int kWeights[] = {3, 7, 9, 10, 5, 8, 4, 2};
  if (first8.size() != 8) return '\0';
  int sum = 0;
  for (std::size_t i = 0; i < 8; ++i) {
    int v = alnum_value(first8[i]);
    if (v < 0) return '\0';
    sum += v * kWeights[i];
  }
  int c = 11 - sum % 11;
  return c == 10 ? 'X' : c == 11 ? '0' : static_cast<char>('0' + c);
}

// Source: ISO-7064 MOD 37,36 (hybrid system)
char mod_37_36_check(std::string_view text) {
  int p = 36;
  for (char c : text) {
    int v = alnum_value(c);
    if (v < 0) return '\0';
    int x = (p + v) % 36;
    if (x == 0) x = 36;
    p = x * 2 % 37;
  }
  int v = (37 - p) % 36;
  return static_cast<char>(v < 10 ? '0' + v : 'A' + v - 10);
}

Result<IdCardNumber> IdCardNumber::create(std::string_view text, Date today) {
  auto refuse = [](char const* why) { return fail(ErrorCode::base_citizen_number, {{"why", why}}); };
  if (text.size() != 18) return refuse("应为 18 位 / expected 18 characters");
  if (!all_digits(text.substr(0, 17))) return refuse("前 17 位应为数字 / the first 17 must be digits");
  std::string value(text);
  if (value[17] == 'x') value[17] = 'X';
  std::string iso = value.substr(6, 4) + "-" + value.substr(10, 2) + "-" + value.substr(12, 2);
  Result<Date> birth = parse_date(iso);
  if (!birth || *birth > today) return refuse("出生日期不正确 / the birth date is impossible");
  if (citizen_number_check(value) != value[17]) return refuse("校验码不符 / the check character does not match");
  return IdCardNumber(std::move(value));
}

std::string IdCardNumber::masked() const { return value_.substr(0, 3) + std::string(11, '*') + value_.substr(14); }

Date IdCardNumber::birth_date() const {
  return parse_date(value_.substr(6, 4) + "-" + value_.substr(10, 2) + "-" + value_.substr(12, 2)).value_or(Date{});
}

Result<PhoneNumber> PhoneNumber::create(std::string_view text) {
  if (text.size() != 11 || text[0] != '1' || !all_digits(text)) return fail(ErrorCode::base_phone);
  return PhoneNumber(std::string(text));
}

Result<PersonName> PersonName::create(std::string_view text) {
  YW_TRY(utf8::check(text));
  std::size_t length = utf8::length(text);
  if (length == 0 || length > 100) return fail(ErrorCode::base_limit, {{"what", "姓名长度 / name length"}, {"max", "100"}});
  return PersonName(std::string(text));
}

std::string PersonName::masked() const {
  std::size_t stars = std::min<std::size_t>(utf8::length(value_) - 1, 3);
  return std::string(utf8::substring(value_, 0, 1)) + std::string(std::max<std::size_t>(stars, 1), '*');
}

Result<std::string> check_credit_code(std::string_view text, bool* inner_ok) {
  auto refuse = [](char const* why) { return fail(ErrorCode::base_credit_code, {{"why", why}}); };
  if (text.size() != 18) return refuse("应为 18 位 / expected 18 characters");
  char expected = credit_code_check(text.substr(0, 17));
  if (expected == '\0') return refuse("含有不允许的字符（没有 I、O、Z、S、V） / a character outside the alphabet");
  if (expected != text[17]) return refuse("校验码不符 / the check character does not match");
  if (inner_ok != nullptr) *inner_ok = body_code_check(text.substr(8, 8)) == text[16];
  return std::string(text);
}

std::string to_string(CertificateIdentifier const& id) {
  std::string body = id.type + id.issuer + id.serial + id.version;
  return "1.2.156.3005.2." + id.type + "." + id.issuer + "." + id.serial + "." + id.version + "." + mod_37_36_check(body);
}

Result<CertificateIdentifier> parse_certificate_identifier(std::string_view text) {
  auto refuse = [](char const* why) { return fail(ErrorCode::base_certificate_identifier, {{"why", why}}); };
  constexpr std::string_view kRoot = "1.2.156.3005.2.";
  if (!text.starts_with(kRoot)) return refuse("应以 1.2.156.3005.2. 开头 / must begin with 1.2.156.3005.2.");
  std::vector<std::string> parts{""};
  for (char c : text.substr(kRoot.size())) {
    if (c == '.')
      parts.emplace_back();
    else
      parts.back() += c;
  }
  if (parts.size() != 5) return refuse("应有五段 / expected five parts");
  if (parts[0].size() != 21 || parts[1].size() != 18 || parts[2].empty() || parts[2].size() > 32 || parts[3].size() != 3 ||
      parts[4].size() != 1) {
    return refuse("某段长度不符 / a part has the wrong length");
  }
  char check = mod_37_36_check(parts[0] + parts[1] + parts[2] + parts[3]);
  if (check == '\0') return refuse("只能有大写字母和数字 / only capital letters and digits");
  if (check != parts[4][0]) return refuse("校验码不符 / the check character does not match");
  return CertificateIdentifier{parts[0], parts[1], parts[2], parts[3]};
}

}  // namespace yiwang

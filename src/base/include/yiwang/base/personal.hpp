#pragma once
// Identifiers of people and organisations, with their check digits (reference: GB 11643-1999, GB 32100-2015, GB 11714,
// ISO 7064 MOD 37,36). Personal types have no operator<< and no formatter: masked() is the only way into a log, so that
// a leak does not compile. reveal() is for storage, rules and answers that authorisation has already allowed.

#include <string>
#include <string_view>

#include "yiwang/base/result.hpp"
#include "yiwang/base/time.hpp"

namespace yiwang {

/// A citizen number (公民身份号码, GB 11643-1999): 18 characters, last one MOD 11-2; 'x' is normalised to 'X'.
class IdCardNumber {
 public:
  /// Refuses wrong length, characters, birth dates (impossible or after `today`) and check characters.
  /// Region codes are not checked here: they change yearly and are pack data. Errors: base.citizen_number.
  static Result<IdCardNumber> create(std::string_view text, Date today);
  std::string const& reveal() const { return value_; }
  /// First 3 and last 4 characters: 440***********001X.
  std::string masked() const;
  Date birth_date() const;
  bool is_male() const { return (value_[16] - '0') % 2 == 1; }
  std::string region_code() const { return value_.substr(0, 6); }
  bool operator==(IdCardNumber const&) const = default;

 private:
  explicit IdCardNumber(std::string value) : value_(std::move(value)) {}
  std::string value_;
};

/// A mainland mobile number: 11 digits beginning with 1. Errors: base.phone.
class PhoneNumber {
 public:
  static Result<PhoneNumber> create(std::string_view text);
  std::string const& reveal() const { return value_; }
  /// 138****0000
  std::string masked() const { return value_.substr(0, 3) + "****" + value_.substr(7); }
  bool operator==(PhoneNumber const&) const = default;

 private:
  explicit PhoneNumber(std::string value) : value_(std::move(value)) {}
  std::string value_;
};

/// A person's name, 1..50 code points; rare characters are kept.
class PersonName {
 public:
  static Result<PersonName> create(std::string_view text);
  std::string const& reveal() const { return value_; }
  /// The first code point and one star for each other one, at most four: 张*, 欧***.
  std::string masked() const;
  bool operator==(PersonName const&) const = default;

 private:
  explicit PersonName(std::string value) : value_(std::move(value)) {}
  std::string value_;
};

/// The check character of the 17 leading digits of a citizen number. Precondition: 17 digits.
char citizen_number_check(std::string_view first17);
/// The check character (MOD 31) of the 17 leading characters of a unified social credit code, '\0' if one is not in the alphabet.
char credit_code_check(std::string_view first17);
/// The check character (MOD 11) of an 8-character organisation body code (GB 11714), '\0' if malformed.
char body_code_check(std::string_view first8);
/// The ISO 7064 MOD 37,36 check character of text over 0-9A-Z, '\0' if malformed.
char mod_37_36_check(std::string_view text);

/// Validates a unified social credit code (统一社会信用代码). `inner_ok`, when given, tells whether the inner body-code
/// digit agrees as well: issued codes exist where it does not, so that is a warning only. Errors: base.credit_code.
Result<std::string> check_credit_code(std::string_view text, bool* inner_ok = nullptr);

/// A certificate identifier (电子证照标识, GB/T 36904): root 1.2.156.3005.2, type 21, issuer 18, serial 1..32, version 3,
/// check 1.
struct CertificateIdentifier {
  std::string type;
  std::string issuer;
  std::string serial;
  std::string version;
  bool operator==(CertificateIdentifier const&) const = default;
};
std::string to_string(CertificateIdentifier const& id);
/// Errors: base.certificate_identifier.
Result<CertificateIdentifier> parse_certificate_identifier(std::string_view text);

}  // namespace yiwang

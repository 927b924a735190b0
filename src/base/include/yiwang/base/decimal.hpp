#pragma once
// Exact decimal numbers of up to 34 significant digits (IEEE 754-2008 decimal128 arithmetic, round half even).
//
// A number is coefficient × 10^exponent, packed into 16 bytes. Three tiers do the work: coefficients that fit 64 bits are
// added, multiplied and compared inline; up to 34 digits in 128-bit integers; what must be rounded goes to libbid
// (Intel's decimal library). All tiers give the same value. There is no infinity and no NaN: an operation that has no
// finite result answers false.

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

#include "yiwang/base/result.hpp"

namespace yiwang {

__extension__ typedef __int128 Int128;

enum class Rounding : std::uint8_t { half_even, half_up, half_down, up, down, floor, ceiling };

class Decimal {
 public:
  static constexpr int kDigits = 34;
  static constexpr int kExponentMin = -6176;
  static constexpr int kExponentMax = 6111;

  constexpr Decimal() = default;
  constexpr Decimal(std::int64_t value)  // NOLINT: integers are numbers
      : lo_(static_cast<std::uint64_t>(value)), hi_((value >> 63) & kCoefficientMask) {}
  /// coefficient × 10^exponent; rounds to 34 digits, false when out of range.
  static bool make(Int128 coefficient, int exponent, Decimal& out);
  /// Precondition: |coefficient| < 10^34 and the exponent in range.
  static constexpr Decimal pack(Int128 coefficient, int exponent) {
    Decimal made;
    made.lo_ = static_cast<std::uint64_t>(coefficient);
    made.hi_ = (static_cast<std::int64_t>(coefficient >> 64) & kCoefficientMask) |
               static_cast<std::int64_t>(static_cast<std::uint64_t>(exponent) << 50);
    return made;
  }

  /// Reads `[-]digits[.digits][e[±]digits]`, also `.5`; more than 34 digits are rounded. Errors: base.decimal.
  static Result<Decimal> parse(std::string_view text);
  static bool parse(std::string_view text, Decimal& out);
  /// The shortest plain spelling: no exponent unless it would need more than 60 zeros, no trailing zeros after the point.
  std::string to_string() const;
  void append_to(std::string& out) const;

  constexpr Int128 coefficient() const {
    return (static_cast<Int128>(static_cast<std::int64_t>(static_cast<std::uint64_t>(hi_) << 14) >> 14) << 64) | lo_;
  }
  constexpr int exponent() const { return static_cast<int>(hi_ >> 50); }
  /// Whether the coefficient fits 64 bits.
  constexpr bool is_small() const {
    return (static_cast<std::int64_t>(static_cast<std::uint64_t>(hi_) << 14) >> 14) == (static_cast<std::int64_t>(lo_) >> 63);
  }
  constexpr std::int64_t small() const { return static_cast<std::int64_t>(lo_); }

  constexpr int sign() const {
    if (lo_ == 0 && (hi_ & kCoefficientMask) == 0) return 0;
    return (hi_ & kSignBit) ? -1 : 1;
  }
  constexpr bool is_zero() const { return sign() == 0; }
  bool is_integer() const;
  /// The value as an integer; false when it has a fraction or does not fit.
  bool to_int64(std::int64_t& out) const;
  /// Without trailing zeros; equal numbers have equal bits afterwards.
  Decimal normalized() const;
  constexpr std::uint64_t bits_low() const { return lo_; }
  constexpr std::int64_t bits_high() const { return hi_; }
  double to_double_for_display() const;

  Decimal negated() const;
  Decimal abs() const { return sign() < 0 ? negated() : *this; }

  static bool add(Decimal a, Decimal b, Decimal& out) {
    if (a.exponent() == b.exponent() && a.is_small() && b.is_small()) [[likely]] {
      out = pack(static_cast<Int128>(a.small()) + b.small(), a.exponent());
      return true;
    }
    return add_slow(a, b, out);
  }
  static bool subtract(Decimal a, Decimal b, Decimal& out) {
    if (a.exponent() == b.exponent() && a.is_small() && b.is_small()) [[likely]] {
      out = pack(static_cast<Int128>(a.small()) - b.small(), a.exponent());
      return true;
    }
    return add_slow(a, b.negated(), out);
  }
  static bool multiply(Decimal a, Decimal b, Decimal& out) {
    if (a.is_small() && b.is_small()) [[likely]] {
      Int128 product = static_cast<Int128>(a.small()) * b.small();
      int exponent = a.exponent() + b.exponent();
      constexpr Int128 limit = static_cast<Int128>(1) << 112;  // < 10^34
      if (product < limit && product > -limit && exponent >= kExponentMin && exponent <= kExponentMax) [[likely]] {
        out = pack(product, exponent);
        return true;
      }
    }
    return multiply_slow(a, b, out);
  }
  static bool divide(Decimal a, Decimal b, Decimal& out);  ///< false also for division by zero
  /// base^exponent by decimal128 `pow`.
  static bool power(Decimal base, Decimal exponent, Decimal& out);
  static bool sqrt(Decimal value, Decimal& out);
  static bool exp(Decimal value, Decimal& out);
  static bool log(Decimal value, Decimal& out);  ///< natural logarithm
  static bool cos(Decimal value, Decimal& out);
  static bool sin(Decimal value, Decimal& out);
  static bool tan(Decimal value, Decimal& out);
  /// Rounds to `scale` digits behind the point (negative: before it). Scale is limited to −6111…6176.
  static bool round(Decimal value, int scale, Rounding rounding, Decimal& out);

  static int compare(Decimal a, Decimal b) {
    if (a.exponent() == b.exponent() && a.is_small() && b.is_small()) [[likely]] {
      return a.small() < b.small() ? -1 : a.small() > b.small();
    }
    return compare_slow(a, b);
  }
  bool operator==(Decimal const& other) const { return compare(*this, other) == 0; }
  std::strong_ordering operator<=>(Decimal const& other) const { return compare(*this, other) <=> 0; }

 private:
  static constexpr std::int64_t kCoefficientMask = (std::int64_t{1} << 50) - 1;
  static constexpr std::int64_t kSignBit = std::int64_t{1} << 49;
  static bool add_slow(Decimal a, Decimal b, Decimal& out);
  static bool multiply_slow(Decimal a, Decimal b, Decimal& out);
  static int compare_slow(Decimal a, Decimal b);

  std::uint64_t lo_ = 0;
  std::int64_t hi_ = 0;  ///< exponent (14 bits) and the upper 50 bits of the coefficient
};

}  // namespace yiwang

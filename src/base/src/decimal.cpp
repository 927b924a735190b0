#include "yiwang/base/decimal.hpp"

#include <algorithm>
#include <array>

extern "C" {
#include <bid_conf.h>
#include <bid_functions.h>
}

namespace yiwang {

namespace {

__extension__ typedef unsigned __int128 Uint128;

constexpr std::array<Int128, 39> make_powers() {
  std::array<Int128, 39> powers{};
  powers[0] = 1;
  for (std::size_t i = 1; i < 39; ++i) powers[i] = powers[i - 1] * 10;
  return powers;
}
constexpr std::array<Int128, 39> kPower = make_powers();
constexpr Int128 kLimit = kPower[34];

Uint128 magnitude(Int128 value) { return value < 0 ? -static_cast<Uint128>(value) : static_cast<Uint128>(value); }

int digit_count(Uint128 value) {
  int count = 1;
  while (count < 39 && value >= static_cast<Uint128>(kPower[static_cast<std::size_t>(count)])) ++count;
  return count;
}

BID_UINT128 to_bid(Decimal value) {
  Int128 coefficient = value.coefficient();
  Uint128 size = magnitude(coefficient);
  BID_UINT128 made;
  made.w[0] = static_cast<BID_UINT64>(size);
  made.w[1] = static_cast<BID_UINT64>(size >> 64) | (static_cast<BID_UINT64>(value.exponent() + 6176) << 49) |
              (coefficient < 0 ? BID_UINT64{1} << 63 : 0);
  return made;
}

bool from_bid(BID_UINT128 value, Decimal& out) {
  // Infinity and NaN have the combination bits 1111 at the top.
  if ((value.w[1] & 0x7800000000000000ULL) == 0x7800000000000000ULL) return false;
  Uint128 size = 0;
  int exponent = 0;
  if ((value.w[1] & 0x6000000000000000ULL) != 0x6000000000000000ULL) {
    size = (static_cast<Uint128>(value.w[1] & ((BID_UINT64{1} << 49) - 1)) << 64) | value.w[0];
    exponent = static_cast<int>((value.w[1] >> 49) & 0x3FFF) - 6176;
    if (size >= static_cast<Uint128>(kLimit)) size = 0;
  }
  auto coefficient = static_cast<Int128>(size);
  out = Decimal::pack((value.w[1] >> 63) ? -coefficient : coefficient, exponent);
  return true;
}

constexpr unsigned kNearestEven = 0;

/// |value| / 10^digits rounded; `sticky` tells that something non-zero lies below the coefficient already.
Int128 shift_right(Int128 value, int digits, Rounding rounding, bool sticky = false) {
  bool negative = value < 0;
  Uint128 size = magnitude(value);
  Uint128 quotient = 0, rest = size, half = 0;
  bool exact_half = false, above_half = false, some = false;
  if (digits <= 38) {
    auto divisor = static_cast<Uint128>(kPower[static_cast<std::size_t>(digits)]);
    quotient = size / divisor;
    rest = size % divisor;
    half = divisor / 2;
    some = rest != 0 || sticky;
    above_half = digits > 0 && (rest > half || (rest == half && sticky));
    exact_half = digits > 0 && rest == half && !sticky;
  } else {
    some = size != 0 || sticky;
  }
  bool up = false;
  switch (rounding) {
    case Rounding::half_even: up = above_half || (exact_half && (quotient & 1)); break;
    case Rounding::half_up: up = above_half || exact_half; break;
    case Rounding::half_down: up = above_half; break;
    case Rounding::up: up = some; break;
    case Rounding::down: break;
    case Rounding::floor: up = some && negative; break;
    case Rounding::ceiling: up = some && !negative; break;
  }
  if (up) ++quotient;
  auto result = static_cast<Int128>(quotient);
  return negative ? -result : result;
}

}  // namespace

bool Decimal::make(Int128 coefficient, int exponent, Decimal& out) {
  if (coefficient >= kLimit || coefficient <= -kLimit) {
    int extra = digit_count(magnitude(coefficient)) - kDigits;
    coefficient = shift_right(coefficient, extra, Rounding::half_even);
    exponent += extra;
    if (coefficient == kLimit || coefficient == -kLimit) {
      coefficient /= 10;
      ++exponent;
    }
  }
  if (exponent < kExponentMin) {
    coefficient = kExponentMin - exponent > 60 ? 0 : shift_right(coefficient, kExponentMin - exponent, Rounding::half_even);
    exponent = kExponentMin;
  }
  if (exponent > kExponentMax) {
    if (coefficient == 0) {
      exponent = kExponentMax;
    } else {
      int room = kDigits - digit_count(magnitude(coefficient));
      if (exponent - kExponentMax > room) return false;
      coefficient *= kPower[static_cast<std::size_t>(exponent - kExponentMax)];
      exponent = kExponentMax;
    }
  }
  out = pack(coefficient, exponent);
  return true;
}

bool Decimal::parse(std::string_view text, Decimal& out) {
  std::size_t i = 0;
  bool negative = false;
  if (i < text.size() && text[i] == '-') {
    negative = true;
    ++i;
  }
  // Plain integers of up to 18 digits are nearly every number in an input.
  std::int64_t plain = 0;
  std::size_t first = i;
  while (i < text.size() && text[i] >= '0' && text[i] <= '9' && i - first < 18) plain = plain * 10 + (text[i++] - '0');
  if (i == text.size() && i > first) {
    out = Decimal(negative ? -plain : plain);
    return true;
  }
  i = first;
  Int128 coefficient = 0;
  int digits = 0, exponent = 0;
  bool any = false, point = false, sticky = false;
  int round_digit = -1;
  for (; i < text.size(); ++i) {
    char c = text[i];
    if (c == '.') {
      if (point) return false;
      point = true;
      continue;
    }
    if (c < '0' || c > '9') break;
    any = true;
    if (exponent > 100'000'000 || exponent < -100'000'000) return false;
    if (digits < kDigits) {
      coefficient = coefficient * 10 + (c - '0');
      if (coefficient != 0) ++digits;
      if (point) --exponent;
    } else {
      if (round_digit < 0)
        round_digit = c - '0';
      else if (c != '0')
        sticky = true;
      if (!point) ++exponent;
    }
  }
  if (!any || text.back() == '.') return false;
  if (i < text.size()) {
    if (text[i] != 'e' && text[i] != 'E') return false;
    ++i;
    bool minus = false;
    if (i < text.size() && (text[i] == '+' || text[i] == '-')) minus = text[i++] == '-';
    if (i >= text.size()) return false;
    long power = 0;
    for (; i < text.size(); ++i) {
      if (text[i] < '0' || text[i] > '9') return false;
      power = std::min(power * 10 + (text[i] - '0'), 200'000'000L);
    }
    exponent += static_cast<int>(minus ? -power : power);
  }
  if (round_digit > 5 || (round_digit == 5 && (sticky || (coefficient & 1)))) ++coefficient;
  return make(negative ? -coefficient : coefficient, exponent, out);
}

Result<Decimal> Decimal::parse(std::string_view text) {
  Decimal value;
  if (!parse(text, value)) return fail(ErrorCode::base_decimal, {{"value", std::string(text.substr(0, 80))}});
  return value;
}

void Decimal::append_to(std::string& out) const {
  if (exponent() == 0 && is_small()) {
    char buffer[24];
    char* end = buffer + sizeof buffer;
    char* begin = end;
    std::int64_t value = small();
    auto size = value < 0 ? 0 - static_cast<std::uint64_t>(value) : static_cast<std::uint64_t>(value);
    do {
      *--begin = static_cast<char>('0' + size % 10);
      size /= 10;
    } while (size);
    if (value < 0) *--begin = '-';
    out.append(begin, static_cast<std::size_t>(end - begin));
    return;
  }
  Decimal plain = normalized();
  Uint128 size = magnitude(plain.coefficient());
  if (plain.sign() < 0) out += '-';
  char digits[40];
  int count = 0;
  do {
    digits[count++] = static_cast<char>('0' + static_cast<int>(size % 10));
    size /= 10;
  } while (size);
  std::reverse(digits, digits + count);
  int power = plain.exponent();
  if (power > 60 || power < -94) {
    int const shown = power + count - 1;
    while (count > 1 && digits[count - 1] == '0') --count;
    out += digits[0];
    if (count > 1) {
      out += '.';
      out.append(digits + 1, static_cast<std::size_t>(count - 1));
    }
    out += 'e';
    out += std::to_string(shown);
  } else if (power >= 0) {
    out.append(digits, static_cast<std::size_t>(count)).append(static_cast<std::size_t>(power), '0');
  } else if (count > -power) {
    out.append(digits, static_cast<std::size_t>(count + power))
        .append(".")
        .append(digits + count + power, static_cast<std::size_t>(-power));
  } else {
    out.append("0.").append(static_cast<std::size_t>(-power - count), '0').append(digits, static_cast<std::size_t>(count));
  }
}

std::string Decimal::to_string() const {
  std::string out;
  append_to(out);
  return out;
}

Decimal Decimal::normalized() const {
  Int128 value = coefficient();
  int power = exponent();
  if (value == 0) return Decimal();
  while (value % 10 == 0 && power < kExponentMax) {
    value /= 10;
    ++power;
  }
  // Integers keep exponent 0, so that the inline tier meets them.
  while (power > 0 && value < kLimit / 10 && value > -kLimit / 10) {
    value *= 10;
    --power;
  }
  return pack(value, power);
}

bool Decimal::is_integer() const {
  if (exponent() >= 0) return true;
  Int128 value = coefficient();
  if (value == 0) return true;
  int digits = -exponent();
  return digits <= 34 && value % kPower[static_cast<std::size_t>(digits)] == 0;
}

bool Decimal::to_int64(std::int64_t& out) const {
  Int128 value = coefficient();
  int power = exponent();
  if (value == 0) {
    out = 0;
    return true;
  }
  if (power > 0) {
    if (power > 19) return false;
    if (magnitude(value) > (static_cast<Uint128>(1) << 63)) return false;
    value *= kPower[static_cast<std::size_t>(power)];
  } else if (power < 0) {
    if (power < -34 || value % kPower[static_cast<std::size_t>(-power)] != 0) return false;
    value /= kPower[static_cast<std::size_t>(-power)];
  }
  if (value > INT64_MAX || value < INT64_MIN) return false;
  out = static_cast<std::int64_t>(value);
  return true;
}

double Decimal::to_double_for_display() const {
  auto value = static_cast<double>(coefficient());
  int power = exponent();
  for (; power > 0 && power < 400; --power) value *= 10;
  for (; power < 0 && power > -400; ++power) value /= 10;
  return value;
}

Decimal Decimal::negated() const { return pack(-coefficient(), exponent()); }

bool Decimal::add_slow(Decimal a, Decimal b, Decimal& out) {
  int x = a.exponent(), y = b.exponent();
  if (x < y) {
    std::swap(a, b);
    std::swap(x, y);
  }
  if (x - y <= 38) {
    Int128 high = a.coefficient(), low = b.coefficient();
    // high × 10^(x−y) must stay below 10^38 so that the sum fits 127 bits.
    if (high == 0 || digit_count(magnitude(high)) + (x - y) <= 37) {
      Int128 scaled = high == 0 ? 0 : high * kPower[static_cast<std::size_t>(x - y)];
      return make(scaled + low, y, out);
    }
  }
  unsigned flags = 0;
  return from_bid(bid128_add(to_bid(a), to_bid(b), kNearestEven, &flags), out);
}

bool Decimal::multiply_slow(Decimal a, Decimal b, Decimal& out) {
  unsigned flags = 0;
  return from_bid(bid128_mul(to_bid(a), to_bid(b), kNearestEven, &flags), out);
}

bool Decimal::divide(Decimal a, Decimal b, Decimal& out) {
  if (b.is_zero()) return false;
  if (a.is_small() && b.is_small() && a.small() != INT64_MIN && b.small() != INT64_MIN) {
    std::int64_t x = a.small(), y = b.small();
    int power = a.exponent() - b.exponent();
    if (x % y == 0) return make(x / y, power, out);
    // Exact quotients with up to 18 more digits.
    Int128 scaled = static_cast<Int128>(x) * kPower[18];
    if (scaled % y == 0) {
      Int128 quotient = scaled / y;
      power -= 18;
      while (quotient % 10 == 0) {
        quotient /= 10;
        ++power;
      }
      return make(quotient, power, out);
    }
  }
  unsigned flags = 0;
  return from_bid(bid128_div(to_bid(a), to_bid(b), kNearestEven, &flags), out);
}

bool Decimal::power(Decimal base, Decimal exponent, Decimal& out) {
  std::int64_t times = 0;
  if (exponent.to_int64(times) && times >= 0 && times <= 64) {
    // Small whole powers stay exact while they fit.
    Decimal result(1);
    bool exact = true;
    for (std::int64_t i = 0; i < times && exact; ++i) {
      if (!result.is_small() || !base.is_small())
        exact = false;
      else {
        Int128 product = static_cast<Int128>(result.small()) * base.small();
        if (product >= kLimit || product <= -kLimit)
          exact = false;
        else
          result = pack(product, std::clamp(result.exponent() + base.exponent(), kExponentMin, kExponentMax));
      }
    }
    if (exact) {
      out = result;
      return true;
    }
  }
  unsigned flags = 0;
  return from_bid(bid128_pow(to_bid(base), to_bid(exponent), kNearestEven, &flags), out);
}

bool Decimal::sqrt(Decimal value, Decimal& out) {
  unsigned flags = 0;
  return value.sign() >= 0 && from_bid(bid128_sqrt(to_bid(value), kNearestEven, &flags), out);
}

bool Decimal::exp(Decimal value, Decimal& out) {
  unsigned flags = 0;
  return from_bid(bid128_exp(to_bid(value), kNearestEven, &flags), out);
}

bool Decimal::log(Decimal value, Decimal& out) {
  unsigned flags = 0;
  return value.sign() > 0 && from_bid(bid128_log(to_bid(value), kNearestEven, &flags), out);
}

bool Decimal::cos(Decimal value, Decimal& out) {
  unsigned flags = 0;
  return from_bid(bid128_cos(to_bid(value), kNearestEven, &flags), out);
}

bool Decimal::sin(Decimal value, Decimal& out) {
  unsigned flags = 0;
  return from_bid(bid128_sin(to_bid(value), kNearestEven, &flags), out);
}

bool Decimal::tan(Decimal value, Decimal& out) {
  unsigned flags = 0;
  return from_bid(bid128_tan(to_bid(value), kNearestEven, &flags), out);
}

bool Decimal::round(Decimal value, int scale, Rounding rounding, Decimal& out) {
  int digits = -value.exponent() - scale;
  if (digits <= 0) {
    out = value;
    return true;
  }
  Int128 rounded = shift_right(value.coefficient(), digits, rounding);
  if (rounded == 0) {
    out = Decimal();
    return true;
  }
  return make(rounded, -scale, out) && (out = out.normalized(), true);
}

int Decimal::compare_slow(Decimal a, Decimal b) {
  int s = a.sign(), t = b.sign();
  if (s != t) return s < t ? -1 : 1;
  if (s == 0) return 0;
  Int128 x = a.coefficient(), y = b.coefficient();
  int p = a.exponent(), q = b.exponent();
  int top_a = digit_count(magnitude(x)) + p, top_b = digit_count(magnitude(y)) + q;
  if (top_a != top_b) return (top_a < top_b) == (s > 0) ? -1 : 1;
  // Equal magnitude: the exponents differ by at most 33, so scaling stays within 34 + … ≤ 38 digits.
  if (p > q) x *= kPower[static_cast<std::size_t>(p - q)];
  if (q > p) y *= kPower[static_cast<std::size_t>(q - p)];
  return x < y ? -1 : x > y;
}

}  // namespace yiwang

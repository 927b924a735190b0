#include "yiwang/base/decimal.hpp"

#include <gtest/gtest.h>

namespace yiwang {
namespace {

Decimal d(std::string_view text) { return Decimal::parse(text).value(); }

std::string op(bool (*f)(Decimal, Decimal, Decimal&), std::string_view a, std::string_view b) {
  Decimal out;
  return f(d(a), d(b), out) ? out.to_string() : "none";
}

TEST(Decimal, ReadsAndWrites) {
  EXPECT_EQ(d("1.50").to_string(), "1.5");
  EXPECT_EQ(d("-0.001").to_string(), "-0.001");
  EXPECT_EQ(d(".5").to_string(), "0.5");
  EXPECT_EQ(d("1e3").to_string(), "1000");
  EXPECT_EQ(d("1.234567890123456789012345678901234").to_string(), "1.234567890123456789012345678901234");
  EXPECT_EQ(d("12345678901234567890123456789012345").to_string(), "12345678901234567890123456789012340");
  EXPECT_EQ(d("12345678901234567890123456789012355").to_string(), "12345678901234567890123456789012360");
  EXPECT_EQ(d("99999999999999999999999999999999999").to_string(), "100000000000000000000000000000000000");
  EXPECT_EQ(d("1e6144").to_string(), "1e6144");
  for (auto bad : {"", "-", ".", "1.", "1e", "1e+", "a", "1 ", "1e7000", "--1"}) EXPECT_FALSE(Decimal::parse(bad)) << bad;
}

TEST(Decimal, ComputesExactly) {
  EXPECT_EQ(op(Decimal::add, "0.1", "0.2"), "0.3");
  EXPECT_EQ(op(Decimal::add, "9223372036854775807", "1"), "9223372036854775808");
  EXPECT_EQ(op(Decimal::add, "1e33", "1e-33"), "1000000000000000000000000000000000");
  EXPECT_EQ(op(Decimal::subtract, "1", "0.0000000000000000000000000000000001"), "0.9999999999999999999999999999999999");
  EXPECT_EQ(op(Decimal::multiply, "12345678901234567890", "1.5"), "18518518351851851835");
  EXPECT_EQ(op(Decimal::divide, "1", "3"), "0.3333333333333333333333333333333333");
  EXPECT_EQ(op(Decimal::divide, "2", "3"), "0.6666666666666666666666666666666667");
  EXPECT_EQ(op(Decimal::divide, "1", "8"), "0.125");
  EXPECT_EQ(op(Decimal::divide, "1", "0"), "none");
  EXPECT_EQ(op(Decimal::multiply, "1e6000", "1e6000"), "none");
  EXPECT_EQ(op(Decimal::power, "1.1", "2"), "1.21");
  EXPECT_EQ(op(Decimal::power, "2", "0.5"), "1.414213562373095048801688724209698");
}

TEST(Decimal, ComparesAcrossExponents) {
  EXPECT_EQ(d("1.0"), d("1"));
  EXPECT_LT(d("-1e10"), d("1e-10"));
  EXPECT_LT(d("1e-6000"), d("1e6000"));
  EXPECT_GT(d("0.3"), d("0.29999999999999999999999999999999"));
}

TEST(Decimal, Rounds) {
  auto r = [](std::string_view text, int scale, Rounding rounding) {
    Decimal out;
    return Decimal::round(d(text), scale, rounding, out) ? out.to_string() : std::string("none");
  };
  EXPECT_EQ(r("2.5", 0, Rounding::half_even), "2");
  EXPECT_EQ(r("3.5", 0, Rounding::half_even), "4");
  EXPECT_EQ(r("-2.5", 0, Rounding::half_up), "-3");
  EXPECT_EQ(r("-2.5", 0, Rounding::half_down), "-2");
  EXPECT_EQ(r("1.121", 2, Rounding::up), "1.13");
  EXPECT_EQ(r("-1.5", 0, Rounding::floor), "-2");
  EXPECT_EQ(r("-1.5", 0, Rounding::ceiling), "-1");
  EXPECT_EQ(r("149", -2, Rounding::half_up), "100");
  EXPECT_EQ(r("5.5", -6111, Rounding::down), "0");
}

/// The tiers must agree: the same sums through small and through wide coefficients.
TEST(Decimal, TiersAgree) {
  std::uint64_t state = 7;
  auto next = [&] { return state = state * 6364136223846793005ULL + 1442695040888963407ULL; };
  for (int i = 0; i < 20000; ++i) {
    auto a = static_cast<std::int64_t>(next()) >> (next() % 60), b = static_cast<std::int64_t>(next()) >> (next() % 60);
    int p = static_cast<int>(next() % 8), q = static_cast<int>(next() % 8);
    Decimal x = Decimal::pack(a, -p), y = Decimal::pack(b, -q);
    Decimal x2 = Decimal::pack(static_cast<Int128>(a) * 10000000, -p - 7),
            y2 = Decimal::pack(static_cast<Int128>(b) * 100000, -q - 5);
    ASSERT_EQ(x, x2);
    Decimal s1, s2, m1, m2, d1, d2;
    ASSERT_TRUE(Decimal::add(x, y, s1) && Decimal::add(x2, y2, s2));
    ASSERT_EQ(s1.to_string(), s2.to_string());
    bool fits = Decimal::multiply(x, y, m1);
    ASSERT_TRUE(fits && Decimal::multiply(x2, y2, m2));
    ASSERT_EQ(m1.to_string(), m2.to_string());
    ASSERT_EQ(Decimal::divide(x, y, d1), Decimal::divide(x2, y2, d2));
    ASSERT_TRUE(b == 0 || d1.to_string() == d2.to_string());
    ASSERT_EQ(d(x.to_string()), x);
  }
}

}  // namespace
}  // namespace yiwang

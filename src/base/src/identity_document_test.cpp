// Each kind of identity document against numbers that are right for it and numbers that are not. All are made up.
#include "yiwang/base/identity_document.hpp"

#include <gtest/gtest.h>

using namespace yiwang;

namespace {

struct Sample {
  char const* kind;
  char const* number;
  char const* kept;  ///< empty: refused
};
constexpr Sample kSamples[] = {
    {"居民身份证", "11010519491231002x", "11010519491231002X"},
    {"居民身份证", "110105194912310021", ""},
    {"居民身份证", "H12345678", ""},
    {"居民身份证", "11010519491331002X", ""},
    {"港澳台居民居住证", "810000199408230021", "810000199408230021"},
    {"港澳台居民居住证", "830000199201300022", "830000199201300022"},
    {"港澳台居民居住证", "830000199201300023", ""},
    {"港澳台居民居住证", "11010519491231002X", ""},
    {"港澳居民来往内地通行证", "h12345678", "H12345678"},
    {"港澳居民来往内地通行证", "M1234567801", "M1234567801"},
    {"港澳居民来往内地通行证", "K12345678", ""},
    {"港澳居民来往内地通行证", "H1234567", ""},
    {"港澳居民来往内地通行证", "H1234567X", ""},
    {"台湾居民来往大陆通行证", "01234567", "01234567"},
    {"台湾居民来往大陆通行证", "0123 4567", "01234567"},
    {"台湾居民来往大陆通行证", "T1234567", ""},
    {"台湾居民来往大陆通行证", "012345678", ""},
    {"外国人永久居留身份证", "911124198108030024", "911124198108030024"},
    {"外国人永久居留身份证", "USA110081032801", "USA110081032801"},
    {"外国人永久居留身份证", "911124198108030025", ""},
    {"外国人永久居留身份证", "810000199408230021", ""},
    {"外国人永久居留身份证", "US1110081032801", ""},
    {"护照", "e12345678", "E12345678"},
    {"护照", "123456789", "123456789"},
    {"护照", "ABCDEFGH", ""},
    {"护照", "E1234567890", ""},
    {"护照", "E12-34567", ""},
};

}  // namespace

TEST(IdentityDocument, EachKindHasItsOwnNumber) {
  Date const today = parse_date("2026-11-22").value();
  for (Sample const& s : kSamples) {
    auto const kind = parse_identity_kind(s.kind);
    ASSERT_TRUE(kind.has_value()) << s.kind;
    EXPECT_EQ(title_of(*kind), s.kind);
    auto const kept = check_identity_number(*kind, s.number, today);
    EXPECT_EQ(kept.value_or(""), s.kept) << s.kind << " " << s.number;
    if (!kept) {
      EXPECT_EQ(kept.error().code(), ErrorCode::base_citizen_number);
    }
  }
  EXPECT_FALSE(parse_identity_kind("学生证").has_value());
}

TEST(IdentityDocument, MaskedNumbersShowOnlyTheEnds) {
  EXPECT_EQ(masked_number("11010519491231002X"), "110***********002X");
  EXPECT_EQ(masked_number("H12345678"), "H******78");
  EXPECT_EQ(masked_number("1234"), "***");
}

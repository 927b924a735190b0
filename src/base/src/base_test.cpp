#include <fmt/format.h>
#include <gtest/gtest.h>

#include <random>
#include <set>
#include <type_traits>

#include "yiwang/base/crypto.hpp"
#include "yiwang/base/ids.hpp"
#include "yiwang/base/personal.hpp"
#include "yiwang/base/result.hpp"
#include "yiwang/base/time.hpp"
#include "yiwang/base/utf8.hpp"

using namespace yiwang;

TEST(ErrorCodes, AreUniqueDottedAndSpeakBothLanguages) {
  std::set<std::string_view> seen;
  for (std::size_t i = 0; i < error_code_count(); ++i) {
    auto code = static_cast<ErrorCode>(i);
    EXPECT_TRUE(seen.insert(to_string(code)).second) << to_string(code);
    EXPECT_TRUE(to_string(code).find('.') != std::string_view::npos || to_string(code).starts_with("E_")) << to_string(code);
    EXPECT_FALSE(Error(code).message(Language::zh_cn).empty());
    EXPECT_FALSE(Error(code).message(Language::en).empty());
    ErrorCode back;
    ASSERT_TRUE(find_error_code(to_string(code), back));
    EXPECT_EQ(back, code);
  }
  ErrorCode none;
  EXPECT_FALSE(find_error_code("no.such", none));
}

TEST(Error, ShowsTheReadersHalfOfAValueInBothLanguages) {
  auto said = [](char const* value, Language language) {
    return Error(ErrorCode::base_citizen_number, {{"why", value}}).message(language);
  };
  EXPECT_EQ(said("请上传 / upload it", Language::zh_cn), "身份证号码有误：请上传");
  EXPECT_EQ(said("请上传 / upload it", Language::en), "the citizen number is wrong: upload it");
  // What somebody has written is left alone.
  for (char const* own : {"A / B", "学校 / 医院", "一 / b / c", "请上传", "上传 / "}) {
    EXPECT_EQ(said(own, Language::zh_cn), std::string("身份证号码有误：") + own);
  }
  EXPECT_NE(Error(ErrorCode::base_citizen_number, {{"why", "请上传 / upload it"}}).line(Language::zh_cn).find("upload it"),
            std::string::npos);
}

TEST(Error, SaysPlaceMessageAndCause) {
  Error error = Error(ErrorCode::base_date, {{"value", "2026-13-01"}})
                    .at({"a.yaml", 3, 7, ""})
                    .because(Error(ErrorCode::base_usage, {{"why", "x"}}));
  EXPECT_EQ(error.line(),
            "a.yaml:3:7: '2026-13-01' is not a date: expected YYYY-MM-DD [base.date]; because wrong use of the command: x "
            "[base.usage]");
}

TEST(Utf8, CountsCodePointsAndRefusesMalformedText) {
  std::string rare = "𠮷野家";  // the first character lies outside the basic plane
  EXPECT_EQ(utf8::length(rare), 3u);
  EXPECT_EQ(utf8::substring(rare, 1, 1), "野");
  EXPECT_EQ(utf8::from_utf32(utf8::to_utf32(rare)), rare);
  for (std::string_view bad : {"\xC0\xAF", "\xED\xA0\x80", "\xF4\x90\x80\x80", "\xE4\xB8", "\x80", "\xFF"}) {
    EXPECT_FALSE(utf8::is_valid(bad));
    EXPECT_EQ(utf8::check(bad).error().code(), ErrorCode::base_utf8);
  }
}

TEST(Ids, RoundTripAndSortByTime) {
  IdBytes a = uuid_v7(1'700'000'000'000, 1, 5), b = uuid_v7(1'700'000'000'000, 2, 1), c = uuid_v7(1'700'000'000'001, 0, 0);
  EXPECT_LT(a, b);
  EXPECT_LT(b, c);
  EXPECT_EQ(parse_id(to_string(a)).value(), a);
  EXPECT_EQ(to_string(a)[14], '7');
  for (std::string_view bad : {"", "0", "018bcfe5-6800-7001-8000-00000000000g", "018bcfe5x6800-7001-8000-000000000005"}) {
    EXPECT_EQ(parse_id(bad).error().code(), ErrorCode::base_id);
  }
}

TEST(Dates, AgreeWithAStepByStepCalendar) {
  YearMonthDay d{1899, 12, 31};
  std::int64_t days = to_date(d).days;
  int weekday = iso_weekday({days});
  EXPECT_EQ(weekday, 7);
  for (int i = 0; i < 200'000; ++i) {
    ASSERT_EQ(to_date(d).days, days);
    ASSERT_EQ(to_ymd({days}), d);
    ASSERT_EQ(iso_weekday({days}), weekday);
    ++days;
    weekday = weekday % 7 + 1;
    if (++d.day > days_in_month(d.year, d.month)) {
      d.day = 1;
      if (++d.month > 12) d.month = 1, ++d.year;
    }
  }
  for (std::int64_t y : {-999'999'999LL, -400LL, -1LL, 0LL, 999'999'999LL}) EXPECT_EQ(to_ymd(to_date({y, 2, 28})).year, y);
}

TEST(Dates, ParsingRefusesImpossibleDays) {
  EXPECT_EQ(to_string(parse_date("2024-02-29").value()), "2024-02-29");
  for (std::string_view bad : {"2023-02-29", "2024-13-01", "2024-00-10", "2024-1-01", "2024-01-01 ", "24-01-01", ""}) {
    EXPECT_FALSE(parse_date(bad).has_value()) << bad;
  }
}

TEST(Instants, ConvertBeforeTakingTheDay) {
  Instant at = parse_instant("2026-11-21T16:30:00Z").value();
  EXPECT_EQ(to_shanghai_string(at), "2026-11-22T00:30:00+08:00");
  EXPECT_EQ(to_string(shanghai_date(at)), "2026-11-22");
  EXPECT_EQ(parse_instant("2026-11-22T00:30:00.000001+08:00").value().us, at.us + 1);
  EXPECT_EQ(to_shanghai_string(Instant{-1}), "1970-01-01T07:59:59+08:00");
  for (std::string_view bad :
       {"2026-11-22T00:30:00", "2026-11-22T24:00:00Z", "2026-11-22T00:61Z", "2026-11-22 00:30:00Z", "2026-11-22T00:30:00+8"}) {
    EXPECT_FALSE(parse_instant(bad).has_value()) << bad;
  }
}

TEST(Crypto, AgreesWithPublishedVectors) {
  EXPECT_EQ(to_hex(sm3("abc")), "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0");
  EXPECT_EQ(to_hex(sha256("abc")), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  Hasher hasher(HashKind::sm3);
  hasher.update("a");
  hasher.update("bc");
  EXPECT_EQ(hasher.finish(), sm3("abc"));
  EXPECT_EQ(from_hex(to_hex(sm3("x"))).value(), as_view(sm3("x")));
  EXPECT_EQ(from_base64url(to_base64url("\x01\xFFxyz")).value(), "\x01\xFFxyz");
  EXPECT_FALSE(from_hex("abc").has_value());
  EXPECT_FALSE(from_base64url("a+b").has_value());
}

TEST(Passwords, VerifyOnlyTheRightOne) {
  std::string phc = hash_password("correct horse", "0123456789abcdef", 1024, 1).value();
  EXPECT_TRUE(verify_password("correct horse", phc));
  EXPECT_FALSE(verify_password("correct horsf", phc));
  EXPECT_FALSE(verify_password("correct horse", "nonsense"));
}

// Worked examples of the reference, section 10; all invented.
TEST(CheckDigits, AgreeWithWorkedExamples) {
  Date today = parse_date("2026-11-22").value();
  EXPECT_EQ(citizen_number_check("44030018991231001"), '0');
  auto number = IdCardNumber::create("440300189912310010", today);
  ASSERT_TRUE(number.has_value());
  EXPECT_EQ(number->masked(), "440***********0010");
  EXPECT_EQ(to_string(number->birth_date()), "1899-12-31");
  EXPECT_FALSE(number->is_male() == false);
  EXPECT_EQ(body_code_check("MB00YW01"), '1');
  bool inner = false;
  EXPECT_TRUE(check_credit_code("11440300MB00YW011J", &inner).has_value());
  EXPECT_TRUE(inner);
  EXPECT_TRUE(check_credit_code("11440300MB00YW02XA").has_value());
  EXPECT_EQ(mod_37_36_check("A12425GABC1234002"), 'M');
  CertificateIdentifier id{"11440300MB00YW011J001", "11440300MB00YW02XA", "2026000000000001", "001"};
  std::string text = "1.2.156.3005.2.11440300MB00YW011J001.11440300MB00YW02XA.2026000000000001.001.Y";
  EXPECT_EQ(to_string(id), text);
  EXPECT_EQ(parse_certificate_identifier(text).value(), id);
}

TEST(CheckDigits, CatchEverySingleSubstitution) {
  Date today = parse_date("2026-11-22").value();
  std::mt19937 random(7);
  for (int round = 0; round < 300; ++round) {
    std::string body = "99000119";
    body += std::to_string(10 + random() % 80) + "0" + std::to_string(1 + random() % 9) + std::to_string(10 + random() % 18);
    while (body.size() < 17) body += static_cast<char>('0' + random() % 10);
    std::string whole = body + citizen_number_check(body);
    ASSERT_TRUE(IdCardNumber::create(whole, today).has_value()) << whole;
    std::string wrong = whole;
    std::size_t at = random() % 17;
    wrong[at] = static_cast<char>('0' + (wrong[at] - '0' + 1 + static_cast<int>(random() % 9)) % 10);
    EXPECT_FALSE(IdCardNumber::create(wrong, today).has_value());
  }
  for (std::string_view bad : {"", "44030018991231001", "440300189913310010", "44030a189912310010", "440300209912310017"}) {
    EXPECT_FALSE(IdCardNumber::create(bad, today).has_value()) << bad;
  }
  EXPECT_FALSE(check_credit_code("11440300MB00YW011I").has_value());
  EXPECT_FALSE(parse_certificate_identifier("1.2.156.3005.2.x").has_value());
}

template <class T>
concept Streamable = requires(std::ostream& out, T const& value) {
  out << value;
};

TEST(PersonalData, CannotBeLogged) {
  static_assert(!Streamable<IdCardNumber> && !Streamable<PhoneNumber> && !Streamable<PersonName>);
  static_assert(!fmt::is_formattable<IdCardNumber>::value && !fmt::is_formattable<PhoneNumber>::value &&
                !fmt::is_formattable<PersonName>::value);
  EXPECT_EQ(PersonName::create("张三").value().masked(), "张*");
  EXPECT_EQ(PersonName::create("𠮷田").value().masked(), "𠮷*");
  EXPECT_EQ(PersonName::create("欧阳娜娜甲乙").value().masked(), "欧***");
  EXPECT_EQ(PhoneNumber::create("13800000000").value().masked(), "138****0000");
  EXPECT_FALSE(PhoneNumber::create("23800000000").has_value());
  EXPECT_FALSE(PersonName::create("").has_value());
}

#include "yiwang/base/time.hpp"

#include <fmt/format.h>

namespace yiwang {

bool is_leap_year(std::int64_t year) { return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0); }

int days_in_month(std::int64_t year, int month) {
  static constexpr int kDays[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  return month == 2 && is_leap_year(year) ? 29 : kDays[month - 1];
}

// Eras of 400 years that begin on 1 March, so that the leap day is the last day of a year.
Date to_date(YearMonthDay d) {
  std::int64_t y = d.year - (d.month <= 2);
  std::int64_t era = (y >= 0 ? y : y - 399) / 400;
  std::int64_t yoe = y - era * 400;
  std::int64_t doy = (153 * (d.month > 2 ? d.month - 3 : d.month + 9) + 2) / 5 + d.day - 1;
  std::int64_t doe = yoe * 365 + yoe / 4 - yoe / 100 + doy;
  return {era * 146097 + doe - 719468};
}

YearMonthDay to_ymd(Date date) {
  std::int64_t z = date.days + 719468;
  std::int64_t era = (z >= 0 ? z : z - 146096) / 146097;
  std::int64_t doe = z - era * 146097;
  std::int64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
  std::int64_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
  std::int64_t mp = (5 * doy + 2) / 153;
  int day = static_cast<int>(doy - (153 * mp + 2) / 5 + 1);
  int month = static_cast<int>(mp < 10 ? mp + 3 : mp - 9);
  return {yoe + era * 400 + (month <= 2), month, day};
}

int iso_weekday(Date date) {
  std::int64_t w = (date.days + 3) % 7;  // 1970-01-01 was a Thursday
  return static_cast<int>(w < 0 ? w + 7 : w) + 1;
}

std::string to_string(Date date) {
  YearMonthDay d = to_ymd(date);
  if (d.year >= 0 && d.year <= 9999) return fmt::format("{:04}-{:02}-{:02}", d.year, d.month, d.day);
  return fmt::format("{}{:04}-{:02}-{:02}", d.year < 0 ? "-" : "+", d.year < 0 ? -d.year : d.year, d.month, d.day);
}

namespace {

/// Reads exactly `n` digits at `pos` and moves on.
bool digits(std::string_view text, std::size_t& pos, std::size_t n, std::int64_t& out) {
  if (text.size() < pos + n) return false;
  out = 0;
  for (std::size_t i = 0; i < n; ++i) {
    char c = text[pos + i];
    if (c < '0' || c > '9') return false;
    out = out * 10 + (c - '0');
  }
  pos += n;
  return true;
}

bool symbol(std::string_view text, std::size_t& pos, char c) {
  if (pos >= text.size() || text[pos] != c) return false;
  ++pos;
  return true;
}

bool civil_day(std::string_view text, std::size_t& pos, Date& out) {
  std::int64_t y, m, d;
  if (!digits(text, pos, 4, y) || !symbol(text, pos, '-') || !digits(text, pos, 2, m) || !symbol(text, pos, '-') ||
      !digits(text, pos, 2, d)) {
    return false;
  }
  if (m < 1 || m > 12 || d < 1 || d > days_in_month(y, static_cast<int>(m))) return false;
  out = to_date({y, static_cast<int>(m), static_cast<int>(d)});
  return true;
}

std::int64_t floor_div(std::int64_t a, std::int64_t b) { return a / b - (a % b < 0); }

}  // namespace

Result<Date> parse_date(std::string_view text) {
  std::size_t pos = 0;
  Date date;
  if (!civil_day(text, pos, date) || pos != text.size()) {
    return fail(ErrorCode::base_date, {{"value", std::string(text.substr(0, 40))}});
  }
  return date;
}

Date shanghai_date(Instant at) { return {floor_div(at.us + kShanghaiOffsetSeconds * kMicrosPerSecond, kMicrosPerDay)}; }

Instant shanghai_midnight(Date date) { return {date.days * kMicrosPerDay - kShanghaiOffsetSeconds * kMicrosPerSecond}; }

std::string to_shanghai_string(Instant at) {
  Date date = shanghai_date(at);
  std::int64_t second = (at.us - shanghai_midnight(date).us) / kMicrosPerSecond;
  return fmt::format("{}T{:02}:{:02}:{:02}+08:00", to_string(date), second / 3600, second / 60 % 60, second % 60);
}

Result<Instant> parse_instant(std::string_view text) {
  auto refuse = [&] { return fail(ErrorCode::base_time, {{"value", std::string(text.substr(0, 48))}}); };
  std::size_t pos = 0;
  Date date;
  std::int64_t h, m, s = 0, micros = 0;
  if (!civil_day(text, pos, date) || !symbol(text, pos, 'T') || !digits(text, pos, 2, h) || !symbol(text, pos, ':') ||
      !digits(text, pos, 2, m)) {
    return refuse();
  }
  if (symbol(text, pos, ':')) {
    if (!digits(text, pos, 2, s)) return refuse();
    if (symbol(text, pos, '.')) {
      std::int64_t unit = 100'000;
      std::size_t from = pos;
      while (pos < text.size() && text[pos] >= '0' && text[pos] <= '9') {
        micros += (text[pos] - '0') * unit;
        unit /= 10;
        ++pos;
      }
      if (pos == from) return refuse();
    }
  }
  if (h > 23 || m > 59 || s > 59) return refuse();
  std::int64_t offset = 0;
  if (!symbol(text, pos, 'Z')) {
    if (pos >= text.size()) return refuse();
    int sign = text[pos] == '+' ? 1 : text[pos] == '-' ? -1 : 0;
    std::int64_t oh, om;
    ++pos;
    if (sign == 0 || !digits(text, pos, 2, oh) || !symbol(text, pos, ':') || !digits(text, pos, 2, om) || oh > 14 || om > 59) {
      return refuse();
    }
    offset = sign * (oh * 3600 + om * 60);
  }
  if (pos != text.size()) return refuse();
  return Instant{date.days * kMicrosPerDay + (h * 3600 + m * 60 + s - offset) * kMicrosPerSecond + micros};
}

}  // namespace yiwang

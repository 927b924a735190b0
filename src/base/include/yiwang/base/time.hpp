#pragma once
// Civil dates and instants. Instants are microseconds since 1970-01-01T00:00:00Z; civil dates are days in
// Asia/Shanghai, which has been +08:00 without daylight saving since 1991-09-15 and is treated as fixed here.

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

#include "yiwang/base/result.hpp"

namespace yiwang {

/// A proleptic Gregorian date as days since 1970-01-01. Years reach ±999,999,999 (FEEL).
struct Date {
  std::int64_t days = 0;
  auto operator<=>(Date const&) const = default;
};

struct YearMonthDay {
  std::int64_t year;
  int month;  ///< 1..12
  int day;    ///< 1..31
  bool operator==(YearMonthDay const&) const = default;
};

bool is_leap_year(std::int64_t year);
int days_in_month(std::int64_t year, int month);
/// Precondition: a valid month; the day may be any day of that month.
Date to_date(YearMonthDay ymd);
YearMonthDay to_ymd(Date date);
/// 1 = Monday … 7 = Sunday (ISO 8601).
int iso_weekday(Date date);
/// `YYYY-MM-DD`; years outside 0..9999 carry a sign and at least four digits.
std::string to_string(Date date);
/// Reads exactly `YYYY-MM-DD`. Errors: base.date.
Result<Date> parse_date(std::string_view text);

/// A point in time: microseconds since the epoch, UTC.
struct Instant {
  std::int64_t us = 0;
  auto operator<=>(Instant const&) const = default;
};

inline constexpr std::int64_t kMicrosPerSecond = 1'000'000;
inline constexpr std::int64_t kMicrosPerDay = 86'400 * kMicrosPerSecond;
inline constexpr std::int64_t kShanghaiOffsetSeconds = 8 * 3600;

/// The civil day in Asia/Shanghai in which the instant lies.
Date shanghai_date(Instant at);
/// 00:00:00 of that day in Asia/Shanghai.
Instant shanghai_midnight(Date date);
/// `YYYY-MM-DDTHH:MM:SS+08:00`, seconds truncated.
std::string to_shanghai_string(Instant at);
/// Reads `YYYY-MM-DDTHH:MM[:SS[.ffffff]](Z|±HH:MM)`. Errors: base.time.
Result<Instant> parse_instant(std::string_view text);

/// Where time comes from. Engines and the domain never ask the machine.
class Clock {
 public:
  virtual ~Clock() = default;
  virtual Instant now() const = 0;
};

}  // namespace yiwang

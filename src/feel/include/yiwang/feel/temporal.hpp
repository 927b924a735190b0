#pragma once
// Dates, times, zones and durations of FEEL (DMN 1.5 §10.3.2.3): reading, zone rules, arithmetic. Nothing here asks the
// machine: zone rules come from a ZoneSource that the caller provides.

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "yiwang/base/result.hpp"
#include "yiwang/feel/value.hpp"

namespace yiwang::feel {

inline constexpr std::int64_t kNanosPerSecond = 1'000'000'000;
inline constexpr std::int64_t kNanosPerDay = 86'400 * kNanosPerSecond;
inline constexpr std::int64_t kYearMax = 999'999'999;

/// The offsets of one zone over time, from a TZif file (RFC 8536).
class ZoneRules {
 public:
  /// Reads the bytes of a TZif file. Errors: feel.zone.
  static Result<ZoneRules> parse_tzif(std::string_view bytes);
  /// Seconds east of UTC at a UTC instant (seconds since 1970).
  std::int32_t offset_at_utc(std::int64_t utc_s) const;
  /// The offset of a local time; the earlier one where a clock change makes it ambiguous, the one before a gap.
  std::int32_t offset_at_local(std::int64_t days, std::int64_t nanos) const;

 private:
  struct Rule {
    int kind = 0;  ///< 0 Mm.w.d, 1 Jn, 2 n
    int month = 0, week = 0, day = 0;
    std::int32_t time_s = 7200;
  };
  bool parse_footer(std::string_view text);
  std::int32_t footer_offset(std::int64_t utc_s) const;
  std::vector<std::int64_t> transitions_;
  std::vector<std::int32_t> offsets_;  ///< offset after each transition
  std::int32_t first_offset_ = 0;
  bool has_footer_ = false, has_daylight_ = false;
  std::int32_t standard_s_ = 0, daylight_s_ = 0;
  Rule start_, end_;
};

/// Where zone rules come from. Must be callable from every thread that evaluates.
class ZoneSource {
 public:
  virtual ~ZoneSource() = default;
  /// The rules of an IANA zone name, or nullptr. They live as long as the source.
  virtual ZoneRules const* find(std::string_view name) const = 0;
};

// Readers of the lexical forms; nothing on text that is not of that form or out of range.
std::optional<std::int64_t> read_date(std::string_view text);
std::optional<TimeOfDay> read_time(std::string_view text, ZoneSource const* zones);
/// Also takes a bare date, meaning midnight.
std::optional<DateTime> read_date_time(std::string_view text, ZoneSource const* zones);
/// A duration of either kind.
std::optional<Value> read_duration(std::string_view text);
/// What `@"…"` means: a date, time, date and time or duration.
std::optional<Value> read_temporal(std::string_view text, ZoneSource const* zones);

/// Seconds since 1970 in UTC and the nanos within the second; a time without zone counts as UTC.
Int128 instant_nanos(DateTime const& time);
/// Moves a date and time by nanoseconds, keeping its zone; nothing when the year leaves its range.
std::optional<DateTime> plus_nanos(DateTime const& time, Int128 nanos, ZoneSource const* zones);
/// Adds months to a date, clipping the day to the end of the month.
std::optional<std::int64_t> plus_months(std::int64_t days, std::int64_t months);
/// Whole months from one date and time to another (DMN 1.5 table 76, years and months duration).
std::int64_t months_between(std::int64_t days_from, std::int64_t nanos_from, std::int64_t days_to, std::int64_t nanos_to);
bool year_in_range(std::int64_t days);
/// ISO 8601 week number.
int iso_week(std::int64_t days);

}  // namespace yiwang::feel

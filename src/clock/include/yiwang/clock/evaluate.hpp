#pragma once
// evaluate(): all clocks of one case from its events. Pure; the same input gives the same bytes for ever.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "yiwang/base/result.hpp"
#include "yiwang/base/time.hpp"
#include "yiwang/clock/calendar.hpp"
#include "yiwang/clock/rule.hpp"

namespace yiwang::clock {

struct Event {
  Instant at;
  std::string type;
  std::optional<std::string> reason, key, clock, by;
  std::optional<std::int64_t> amount;  ///< extend; 0 stands for "given but not a whole number"
  std::optional<Date> date;            ///< anchor of clocks that count back
  Decree decree;                       ///< calendar_change
};

struct Case {
  std::string id_json = "null";  ///< the caller's id as JSON text
  Calendar calendar;
  Rule rule;
  std::vector<Event> events;  ///< in order of time
  std::vector<Instant> asks;
};

enum class State : std::uint8_t { not_started, held, terminated, done, done_late, error, overdue, paused, running };
std::string_view to_string(State state);
std::string_view to_string(Unit unit);

enum class LineKind : std::uint8_t {
  start,
  deferred,
  wait,
  count,
  makeup,
  weekend,
  holiday,
  paused,
  roll,
  anchor,
  months,
  extension,
  open_pause,
  due
};
std::string_view to_string(LineKind kind);

/// One line of an explanation. Days are day numbers; hour clocks carry local seconds since 1970-01-01T00:00+08:00.
struct Line {
  LineKind kind = LineKind::start;
  bool hours = false;     ///< from/to/at are seconds, not days
  std::int64_t from = 0;  ///< also `at` and `after`
  std::int64_t to = 0;
  std::int64_t days = 0;    ///< or seconds
  std::int64_t total = 0;   ///< count and makeup
  std::int64_t amount = 0;  ///< months, extension
  Unit unit = Unit::day;    ///< extension
  bool clamped = false;
  std::string_view name;  ///< points into the Case or its DayTable
  std::vector<std::string_view> reasons;
};

struct ClockStatus {
  State state = State::not_started;
  std::optional<Instant> due_at;
  std::optional<std::int64_t> left, over;
  std::optional<std::string_view> level;
  std::optional<std::string_view> effect;
  std::optional<Date> unknown_day;  ///< set when state is error
};

struct Recalculation {
  std::size_t event = 0;
  std::string_view decree;
  std::optional<Instant> old_due, new_due;
};

struct ClockResult : ClockStatus {
  std::string_view id;
  std::int64_t round = 0;
  std::optional<Instant> start_at, stop_at;
  std::optional<Date> due_date, nominal;
  std::vector<Line> explain;
  std::vector<Recalculation> recalc;
  bool provisional = false;
};

struct DerivedEvent {
  std::string_view type;
  Instant at, known_at;
  std::string_view from_clock;
};

struct CaseWarning {
  char const* code;
  std::optional<std::string_view> clock;
  std::optional<std::size_t> event;
};

struct Ask {
  Instant at;
  std::vector<ClockStatus> clocks;  ///< in the order of Outcome::clocks
};

/// Views point into the Case and the DayTable, which must outlive it.
struct Outcome {
  std::optional<std::string_view> version;
  std::vector<DerivedEvent> derived;
  std::vector<ClockResult> clocks;
  std::optional<std::size_t> first_due;  ///< index into clocks
  std::vector<CaseWarning> warnings;
  std::vector<Ask> asks;
};

/// Errors: the E_ codes of §4 and §6, parameters `event` (index) and `clock` where they apply.
Result<Outcome> evaluate(Case const& input);

/// Local (+08:00) seconds since 1970-01-01T00:00+08:00; what Line carries for hour clocks.
inline std::int64_t to_local(Instant at) {
  std::int64_t const us = at.us + kShanghaiOffsetSeconds * kMicrosPerSecond;
  return us >= 0 ? us / kMicrosPerSecond : -((-us + kMicrosPerSecond - 1) / kMicrosPerSecond);
}
inline Instant from_local(std::int64_t seconds) { return {(seconds - kShanghaiOffsetSeconds) * kMicrosPerSecond}; }
inline std::int64_t day_of(std::int64_t local) { return local >= 0 ? local / 86'400 : -((-local + 86'399) / 86'400); }

}  // namespace yiwang::clock

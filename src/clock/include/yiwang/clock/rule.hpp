#pragma once
// What a rule file says about time: the clocks of a case, what starts and stops them, and the settings where the law
// leaves room. Section numbers are those of docs/clock.md.

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "yiwang/base/time.hpp"

namespace yiwang::clock {

enum class Unit : std::uint8_t { workday, day, month, year, hour, workhour };
enum class Kind : std::uint8_t { statutory, promised };
enum class Direction : std::uint8_t { after, before };
enum class StartRule : std::uint8_t { next_day, same_day, next_workday };
/// What happens to a start after closing, or on a rest day.
enum class Shift : std::uint8_t { same_day, next_workday };
enum class EndTime : std::uint8_t { close, midnight };
enum class Roll : std::uint8_t { forward, backward, none };
enum class PauseDays : std::uint8_t { from_event_day, after_event_day, both, neither };
enum class ExtendFrom : std::uint8_t { nominal, rolled };
enum class HourStart : std::uint8_t { moment, next_hour };
enum class Effective : std::uint8_t { receipt, period_end };

/// Largest amount of any unit that a rule may hold.
inline constexpr std::int64_t kMaxAmount = 100'000;

struct Amount {
  std::int64_t amount = 0;  ///< 1..kMaxAmount
  Unit unit = Unit::day;
};

struct Extension {
  std::int64_t max = 0;
  std::int64_t times = 1;
  std::int64_t total = 0;  ///< in `unit`; max × times unless the rule says otherwise
  Unit unit = Unit::day;
  std::optional<std::vector<std::string>> by;
  bool reason_required = true;
};

struct Warning {
  std::string level;
  std::int64_t left = 0;  ///< days or working days; hours for hour clocks
};

struct OnExpiry {
  std::optional<std::string> event;
  Effective effective = Effective::period_end;
  std::optional<std::string> effect;
};

struct ClockRule {
  std::string id;
  Kind kind = Kind::statutory;
  std::int64_t amount = 1;
  Unit unit = Unit::workday;
  std::vector<std::string> start_on, stop_on, hold_on, restart_on;
  Direction direction = Direction::after;
  StartRule start_rule = StartRule::next_day;
  Shift after_close = Shift::same_day;
  Shift on_rest_day = Shift::same_day;
  EndTime end_time = EndTime::close;
  Roll roll = Roll::forward;
  PauseDays pause_days = PauseDays::from_event_day;
  ExtendFrom extend_from = ExtendFrom::nominal;
  HourStart hour_start = HourStart::moment;
  bool clear = false;
  /// Reason → the longest time it may stop the clock.
  std::map<std::string, std::optional<Amount>, std::less<>> pause_reasons;
  std::optional<Extension> extension;
  std::vector<Warning> warnings;
  OnExpiry on_expiry;
  std::int64_t hold_times = 1;
  std::optional<Amount> hold_within;

  bool hours() const { return unit == Unit::hour || unit == Unit::workhour; }
};

struct RuleVersion {
  std::string version;
  std::optional<Date> from, to;  ///< inclusive
  std::vector<ClockRule> clocks;
};

enum class Select : std::uint8_t { first_event, clock_start };

struct Rule {
  std::string id;
  std::vector<RuleVersion> versions;  ///< exactly one, named "1", where the rule has no versions
  bool versioned = false;
  Select select = Select::first_event;
  bool overlap_is_error = false;
};

}  // namespace yiwang::clock

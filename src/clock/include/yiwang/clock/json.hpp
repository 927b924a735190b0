#pragma once
// The protocol of `yiwang clock eval`: one JSON object in, one out. See docs/clock.md §1 and §8.

#include <string>
#include <string_view>
#include <vector>

#include "yiwang/clock/evaluate.hpp"

namespace yiwang::clock {

/// Reads a calendar file cn-YYYY.json. Errors: clock.calendar_file.
Result<CalendarYear> parse_calendar_year(std::string_view json);
/// The texts of packs/common/calendars, compiled in.
std::vector<std::string_view> embedded_calendar_texts();
/// The table of the compiled-in years.
Result<DayTable> embedded_calendar();

/// A case of the protocol. Errors: E_FORMAT, E_RULE, E_TIME, E_EVENT_ORDER, E_EVENTS.
Result<Case> parse_case(std::string_view json, DayTable const& table);
/// A rule alone, as packs hold it (JSON). Errors: E_FORMAT, E_RULE.
Result<Rule> parse_rule(std::string_view json);
/// `YYYY-MM-DD[THH:MM[:SS][Z|±HH:MM]]`, no zone = +08:00. Errors: E_TIME.
Result<Instant> parse_time(std::string_view text);

/// One line of input to one line of output (without the newline); never fails.
std::string eval_line(std::string_view json, DayTable const& table);

/// The outcome for people, from typed values.
std::string explain(Case const& input, Outcome const& outcome, Language language);
/// The outcome for people: each clock with its state, due date and counted days. Errors: those of parse and evaluate.
Result<std::string> explain_line(std::string_view json, DayTable const& table, Language language);

}  // namespace yiwang::clock

#pragma once
// The statutory clock of a case: its type's rule, its own events, the calendar in force.

#include <optional>
#include <string>

#include "yiwang/clock/evaluate.hpp"
#include "yiwang/spine/casefile.hpp"

namespace yiwang::spine {

struct Deadline {
  clock::State state = clock::State::not_started;
  std::optional<Instant> due;
  std::optional<std::int64_t> left;  ///< in the rule's unit; today is not counted
  bool provisional = false;          ///< counted over a year whose decree is not yet known
  json::Value explain;               ///< lines of the clock model §8, as data
};

/// A time-out rule of the case type, as its clock stands now.
struct TimeOutAt {
  std::size_t rule = 0;  ///< index into CaseType::time_outs
  Instant due;           ///< of its clock: a rule acts once for each due instant
  Instant at;            ///< from when on it acts
};
/// What the store keeps beside a case.
struct CaseTimes {
  std::optional<Instant> due;        ///< of the clock that is due first
  std::vector<TimeOutAt> time_outs;  ///< of clocks that run; what has acted already is among them
};
/// As deadline(), without the explanation. `left` and `over` take effect at the beginning of a day; years without a decree
/// count Monday to Friday (clock model §3).
Result<CaseTimes> case_times(CaseType const& type, CaseState const& state, clock::DayTable const& table, Instant now);

/// Empty when the case type has no clock. The clock is asked at `now`. Errors: the clock's own codes.
Result<std::optional<Deadline>> deadline(CaseType const& type, CaseState const& state, clock::DayTable const& table, Instant now);

}  // namespace yiwang::spine

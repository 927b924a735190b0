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

/// Empty when the case type has no clock. The clock is asked at `now`. Errors: the clock's own codes.
Result<std::optional<Deadline>> deadline(CaseType const& type, CaseState const& state, clock::DayTable const& table, Instant now);

}  // namespace yiwang::spine

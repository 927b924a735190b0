#pragma once
// The rows of a case: its head, open tasks, timers, waits for signals, and what leaves through the outbox.

#include "yiwang/spine/deadline.hpp"
#include "yiwang/store/session.hpp"

namespace yiwang::store {

inline constexpr std::int64_t kTaskOpen = 0, kTaskClosed = 1, kTaskBlocked = 2;  // stored: never renumber

struct TaskRow {
  std::string step, department;
  std::string assignee;  ///< 16 bytes, or empty
  std::int64_t status = kTaskOpen;
  bool operator==(TaskRow const&) const = default;
};
TaskRow task_row(spine::CaseState const& state, spine::OpenTask const& task);

/// The timer row of a case's time-out rules; those of the process have the numbers that the engine gives them.
inline constexpr std::int64_t kClockTimer = -1;
/// When the first rule acts that has not acted for its due instant. Empty: none is waited for.
std::optional<Instant> next_time_out(spine::CaseType const& type, spine::CaseState const& state, spine::CaseTimes const& times);

/// Writes what has changed from `before` (null: a new case) to `after`; `written`: the bytes of its two texts. Errors:
/// store.query, store.conflict.
Status save_case(Session& session, spine::CaseType const& type, spine::CaseState const* before, spine::CaseState const& after,
                 spine::CaseTimes const& times, Instant now, std::size_t* written = nullptr);

}  // namespace yiwang::store

#pragma once
// Amendments of the responsibility list that rulings led to. The list itself stays what the pack says; what is in force on a day
// is the list and the amendments in force on that day.

#include <string>
#include <vector>

#include "yiwang/store/database.hpp"

namespace yiwang::store {

/// Stored: never renumber.
enum class AmendmentState : std::uint8_t { proposed = 0, in_force = 1, refused = 2 };

struct DutyAmendment {
  IdBytes id{};
  std::string category, area;  ///< an empty area: everywhere
  std::string unit;            ///< who leads from that day on
  std::string from_day;        ///< 2026-12-01
  std::string basis;           ///< number of the ruling
  CaseId ruled_on;             ///< the request that the ruling was about
  Instant asked;
  IdBytes asked_by{};
  std::string asked_name;
  AmendmentState state = AmendmentState::proposed;
  std::int64_t decided_us = 0;
  IdBytes decided_by{};
  std::string decided_name, why;
};

/// False when one for the same category and area waits already.
Result<bool> propose_amendment(Session& session, DutyAmendment const& amendment);
/// False when it was decided before.
Result<bool> decide_amendment(Session& session, DutyAmendment const& amendment);
/// Those that wait first, then in the order of their decision.
Result<std::vector<DutyAmendment>> duty_amendments(Database& database);
Result<std::vector<DutyAmendment>> duty_amendments(Session& session);

}  // namespace yiwang::store

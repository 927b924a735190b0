#pragma once
// Decisions that the rules have made, read back for trials of drafts and for coverage.

#include <vector>

#include "yiwang/store/commands.hpp"
#include "yiwang/store/database.hpp"

namespace yiwang::store {

struct StoredDecision {
  spine::CaseState state;
  std::uint64_t revision = 0;
  spine::Event event;  ///< case.decided
};

/// Where the next batch begins: behind this event.
struct DecisionCursor {
  CaseId case_id;
  std::int64_t revision = -1;
  /// Empty text is the beginning. Errors: http.bad_request.
  static Result<DecisionCursor> parse(std::string_view text);
  std::string text() const;
};

/// By case and revision; erased events are left out. Errors: store.query, spine.event.
Result<std::vector<StoredDecision>> stored_decisions(Database& database, std::string_view case_type, DecisionCursor const& after,
                                                     int limit);

/// Several looks in one transaction, recorded before anything is shown.
Status record_accesses(Database& database, IdSource& ids, std::vector<Access> const& accesses, Instant now);

}  // namespace yiwang::store

#pragma once
// Forms that somebody has begun and not sent: kept for the one who writes, resumed on another device, guarded by a revision
// when two devices write, gone when the form is sent or after thirty days.

#include "yiwang/store/commands.hpp"

namespace yiwang::store {

inline constexpr std::int64_t kDraftLifeUs = 30 * kMicrosPerDay;

struct DraftKey {
  IdBytes owner{};
  SubjectId acts_for;
  std::string case_type;
};
struct Draft {
  std::int64_t revision = 0;  ///< from 1
  std::string definition;     ///< hash of the case type that it was begun with
  std::string body;           ///< JSON object: fields by id
  Instant updated, expires;
  std::string more = "{}";  ///< JSON object: what is no field of the form
};

Result<std::optional<Draft>> draft_get(Database& database, DraftKey const& key, Instant now);
/// `expected`: the revision that the writer has seen, 0 for none. Returns the new revision. Errors: http.precondition when
/// another device has written meanwhile.
Result<std::int64_t> draft_put(Database& database, DraftKey const& key, std::int64_t expected, std::string_view definition,
                               std::string_view body, std::string_view more, Instant now);
Status draft_delete(Database& database, DraftKey const& key);
struct DraftRow {
  std::string case_type;
  std::int64_t revision = 0;
  Instant updated, expires;
};
Result<std::vector<DraftRow>> draft_list(Database& database, IdBytes const& owner, SubjectId acts_for, Instant now);

/// Deletes what has run out: drafts, sessions, delivered outbox rows after 30 days, idempotency rows after a year.
Status sweep(Database& database, Instant now);

}  // namespace yiwang::store

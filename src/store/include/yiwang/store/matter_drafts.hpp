#pragma once
// Versions of matters on their way: drafted, reviewed by another, published.

#include "yiwang/store/commands.hpp"

namespace yiwang::store {

struct MatterDraft {
  std::string matter, department, author_name, body, first_day, state, note, reviewer_name;
  IdBytes id{}, author{};
  std::int64_t revision = 0;
  Instant updated;
};
Status insert_matter_draft(Database& database, MatterDraft const& draft);
/// Errors: spine.not_found.
Result<MatterDraft> matter_draft(Database& database, std::string_view matter, IdBytes const& id);
/// Open ones and what was published since; newest first; without their bodies.
Result<std::vector<MatterDraft>> matter_drafts(Database& database, Instant published_since, int limit);
/// All that were published, by their first day.
Result<std::vector<MatterDraft>> published_drafts(Database& database);
/// Writes it when nobody has changed it since. Errors: spine.changed.
Status update_matter_draft(Database& database, MatterDraft const& draft, Instant now);

}  // namespace yiwang::store

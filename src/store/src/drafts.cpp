#include "yiwang/store/drafts.hpp"

#include "queries.hpp"

namespace yiwang::store {
namespace {

std::string_view view(IdBytes const& id) { return {reinterpret_cast<char const*>(id.data()), id.size()}; }

Status load(Session& s, DraftKey const& key, Instant now, std::optional<Draft>& out) {
  YW_TRY(s.run(queries::draft_get, {Blob{view(key.owner)}, key.acts_for, key.case_type, now.us}, [&](Row const& row) {
    out = Draft{row.integer(0), row.string(1), row.string(2), Instant{row.integer(3)}, Instant{row.integer(4)}, row.string(5)};
  }));
  return {};
}

}  // namespace

Result<std::optional<Draft>> draft_get(Database& database, DraftKey const& key, Instant now) {
  std::optional<Draft> out;
  YW_TRY(database.read([&](Session& s) { return load(s, key, now, out); }));
  return out;
}

Result<std::int64_t> draft_put(Database& database, DraftKey const& key, std::int64_t expected, std::string_view definition,
                               std::string_view body, std::string_view more, Instant now) {
  std::int64_t revision = 0;
  YW_TRY(database.execute([&](Writer& w) -> Status {
    std::optional<Draft> there;
    YW_TRY(load(w.session(), key, now, there));
    std::int64_t current = there ? there->revision : 0;
    if (current != expected) return fail(ErrorCode::http_precondition);
    revision = current + 1;
    YW_TRY(w.session().run(queries::draft_put, {Blob{view(key.owner)}, key.acts_for, key.case_type, revision, definition, body,
                                                now.us, now.us + kDraftLifeUs, more}));
    return {};
  }));
  return revision;
}

Status draft_delete(Database& database, DraftKey const& key) {
  return database.execute([&](Writer& w) -> Status {
    YW_TRY(w.session().run(queries::draft_delete, {Blob{view(key.owner)}, key.acts_for, key.case_type}));
    return {};
  });
}

Result<std::vector<DraftRow>> draft_list(Database& database, IdBytes const& owner, SubjectId acts_for, Instant now) {
  std::vector<DraftRow> out;
  YW_TRY(database.read([&](Session& s) {
    return s.run(queries::draft_list, {Blob{view(owner)}, acts_for, now.us}, [&](Row const& row) {
      out.push_back({row.string(0), row.integer(1), Instant{row.integer(2)}, Instant{row.integer(3)}});
    });
  }));
  return out;
}

Status sweep(Database& database, Instant now) {
  return database.execute([&](Writer& w) -> Status {
    YW_TRY(w.session().run(queries::draft_sweep, {now.us}));
    YW_TRY(w.session().run(queries::session_sweep, {now.us}));
    YW_TRY(w.session().run(queries::outbox_sweep, {now.us - 30 * kMicrosPerDay}));
    YW_TRY(w.session().run(queries::idempotency_sweep, {now.us - 366 * kMicrosPerDay}));
    return {};
  });
}

}  // namespace yiwang::store

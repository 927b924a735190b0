#include "yiwang/store/matter_drafts.hpp"

#include "queries.hpp"
#include "row_values.hpp"

namespace yiwang::store {
Status insert_matter_draft(Database& database, MatterDraft const& d) {
  return database.execute([&](Writer& w) -> Status {
    YW_TRY(w.session().run(queries::matter_draft_insert, {d.matter, blob(d.id), d.department, blob(d.author), d.author_name,
                                                          d.body, d.first_day, d.updated.us}));
    return {};
  });
}

Result<MatterDraft> matter_draft(Database& database, std::string_view matter, IdBytes const& id) {
  std::optional<MatterDraft> out;
  YW_TRY(database.read([&](Session& s) {
    return s.run(queries::matter_draft_get, {matter, blob(id)}, [&](Row const& row) {
      out = MatterDraft{std::string(matter),    row.string(0),  row.string(2),
                        row.string(3),          row.string(4),  row.string(5),
                        row.string(6),          row.string(7),  id,
                        bytes_of(row.bytes(1)), row.integer(8), Instant{row.integer(9)}};
    });
  }));
  if (!out) return fail(ErrorCode::spine_not_found, {{"what", "草稿 / the draft"}});
  return std::move(*out);
}

Result<std::vector<MatterDraft>> matter_drafts(Database& database, Instant published_since, int limit) {
  std::vector<MatterDraft> out;
  YW_TRY(database.read([&](Session& s) {
    return s.run(queries::matter_draft_list, {published_since.us, limit}, [&](Row const& row) {
      out.push_back({row.string(0),
                     row.string(2),
                     row.string(3),
                     "",
                     row.string(4),
                     row.string(5),
                     row.string(6),
                     row.string(7),
                     bytes_of(row.bytes(1)),
                     {},
                     row.integer(8),
                     Instant{row.integer(9)}});
    });
  }));
  return out;
}

Result<std::vector<MatterDraft>> published_drafts(Database& database) {
  std::vector<MatterDraft> out;
  YW_TRY(database.read([&](Session& s) {
    return s.run(queries::matter_draft_published, {}, [&](Row const& row) {
      MatterDraft d;
      d.matter = row.text(0);
      d.department = row.text(1);
      d.body = row.text(2);
      d.first_day = row.text(3);
      out.push_back(std::move(d));
    });
  }));
  return out;
}

Status update_matter_draft(Database& database, MatterDraft const& d, Instant now) {
  return database.execute([&](Writer& w) -> Status {
    YW_ASSIGN(std::int64_t changed,
              w.session().run(queries::matter_draft_update,
                              {d.matter, blob(d.id), d.body, d.first_day, d.state, d.note, d.reviewer_name, now.us, d.revision}));
    if (changed != 1) return fail(ErrorCode::spine_changed);
    return {};
  });
}

}  // namespace yiwang::store

#include "yiwang/store/notices.hpp"

#include "queries.hpp"
#include "row_values.hpp"

namespace yiwang::store {
namespace {

PublicNotice of_row(Row const& row) {
  return {bytes_of(row.bytes(0)),  row.id<CaseId>(1),       row.string(2),          row.string(3),
          Instant{row.integer(4)}, Instant{row.integer(5)}, Instant{row.integer(6)}};
}

}  // namespace

Status put_notice(Session& session, PublicNotice const& n) {
  YW_TRY(session.run(queries::notice_put, {blob(n.id), n.case_id, n.unit, n.body, n.up.us, n.until.us}));
  return {};
}

Status take_notice_down(Session& session, CaseId id, Instant now) {
  YW_TRY(session.run(queries::notice_down, {id, now.us}));
  return {};
}

Result<std::optional<PublicNotice>> notice_of(Session& session, CaseId id) {
  std::optional<PublicNotice> out;
  YW_TRY(session.run(queries::notice_last, {id}, [&](Row const& row) { out = of_row(row); }));
  return out;
}

Result<std::optional<PublicNotice>> notice_of(Database& database, CaseId id) {
  std::optional<PublicNotice> out;
  YW_TRY(database.read([&](Session& s) -> Status {
    YW_ASSIGN(out, notice_of(s, id));
    return {};
  }));
  return out;
}

Result<std::optional<PublicNotice>> notice(Database& database, IdBytes const& id) {
  std::optional<PublicNotice> out;
  YW_TRY(database.read(
      [&](Session& s) { return s.run(queries::notice_get, {blob(id)}, [&](Row const& row) { out = of_row(row); }); }));
  return out;
}

Result<std::vector<PublicNotice>> notices(Database& database, Instant now, std::optional<std::pair<Instant, IdBytes>> before,
                                          int limit) {
  if (!before) before = std::pair{Instant{std::numeric_limits<std::int64_t>::max()}, IdBytes{}};
  std::vector<PublicNotice> out;
  YW_TRY(database.read([&](Session& s) {
    return s.run(queries::notice_standing, {now.us, before->first.us, blob(before->second), limit},
                 [&](Row const& row) { out.push_back(of_row(row)); });
  }));
  return out;
}

Result<Objecting> object(Writer& w, IdBytes const& id, SubjectId subject, std::string_view words, Instant now) {
  YW_ASSIGN(std::int64_t const taken, w.session().run(queries::notice_object, {blob(id), subject, now.us, words}));
  if (taken == 1) return Objecting::taken;
  bool hangs = false;
  YW_TRY(w.session().run(queries::notice_get, {blob(id)}, [&](Row const& row) { hangs = of_row(row).hangs(now); }));
  return hangs ? Objecting::again : Objecting::gone;
}

Result<std::vector<Objection>> objections(Session& session, CaseId id) {
  std::vector<Objection> out;
  YW_TRY(session.run(queries::notice_objections, {id}, [&](Row const& row) {
    out.push_back({row.id<SubjectId>(0), row.string(1), Instant{row.integer(2)}, row.string(3)});
  }));
  return out;
}

Result<std::vector<Objection>> objections(Database& database, CaseId id) {
  std::vector<Objection> out;
  YW_TRY(database.read([&](Session& s) -> Status {
    YW_ASSIGN(out, objections(s, id));
    return {};
  }));
  return out;
}

}  // namespace yiwang::store

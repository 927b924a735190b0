#include "yiwang/store/request_watch.hpp"

#include <algorithm>
#include <sstream>

#include "queries.hpp"

namespace yiwang::store {
namespace {

Blob blob(IdBytes const& id) { return {{reinterpret_cast<char const*>(id.data()), id.size()}}; }

Supervision supervision_row(Row const& row) {
  Supervision v{row.id<CaseId>(0),
                row.string(1),
                row.integer(2),
                row.string(3),
                row.string(4),
                row.integer(5),
                row.string(6),
                row.integer(7),
                row.string(8),
                row.string(9),
                row.string(10),
                row.string(11),
                {}};
  std::istringstream files(row.string(12));
  for (std::string hash; files >> hash;) v.files.push_back(std::move(hash));
  return v;
}
Revisit revisit_row(Row const& row) {
  return {row.id<CaseId>(0), row.integer(1), row.string(2), row.string(3), row.integer(4),
          row.integer(5),    row.string(6),  row.string(7), row.string(8)};
}
Transfer transfer_row(Row const& row) {
  return {row.id<CaseId>(0).bytes(),
          row.string(1),
          row.string(2),
          row.string(3),
          row.string(4),
          row.string(5),
          row.string(6),
          row.string(7),
          row.string(8),
          row.integer(9),
          row.integer(10),
          row.integer(11),
          row.integer(12),
          row.integer(13),
          row.integer(14)};
}
Project project_row(Row const& row) {
  return {row.id<CaseId>(0).bytes(),
          row.string(1),
          row.string(2),
          row.string(3),
          row.string(4),
          row.string(5),
          row.string(6),
          static_cast<int>(row.integer(7)),
          row.integer(8),
          row.string(9),
          row.integer(10),
          row.integer(11),
          row.string(12),
          row.string(13)};
}

/// All rows of a query, each read by `of`.
template <class T>
Result<std::vector<T>> all(Session& s, Query const& query, std::initializer_list<Value> values, T (*of)(Row const&)) {
  std::vector<T> out;
  YW_TRY(s.run(query, values, [&](Row const& row) { out.push_back(of(row)); }));
  return out;
}
template <class T>
Result<std::vector<T>> all(Database& database, Query const& query, std::initializer_list<Value> values, T (*of)(Row const&)) {
  return database.read([&](Session& s) { return all(s, query, values, of); });
}
template <class T>
Result<std::optional<T>> first(Result<std::vector<T>> rows) {
  if (!rows) return fail(std::move(rows).error());
  return rows->empty() ? std::optional<T>{} : std::optional<T>(std::move(rows->front()));
}
CaseId case_row_id(Row const& row) { return row.id<CaseId>(0); }
Watched watched_row(Row const& row) { return {row.id<CaseId>(0), row.integer(1), row.string(2), row.string(3), row.string(4)}; }
Unasked unasked_row(Row const& row) { return {row.id<CaseId>(0), row.integer(1)}; }
Status changed_one(Result<std::int64_t> changed) {
  if (!changed) return fail(std::move(changed).error());
  if (*changed == 0) return fail(ErrorCode::store_conflict);
  return {};
}

}  // namespace

Result<bool> open_supervision(Session& s, Supervision const& v) {
  YW_ASSIGN(std::int64_t fresh,
            s.run(queries::supervision_open, {v.case_id, v.rule, v.since_us, v.unit, v.desk, v.opened_us, v.why}));
  return fresh != 0;
}
Result<std::int64_t> close_supervision(Session& s, Supervision const& v) {
  std::string files;
  for (std::string const& hash : v.files) {
    auto const bytes = from_hex(hash);
    if (!bytes) return fail(ErrorCode::spine_not_found, {{"what", "附件 / the file"}});
    YW_TRY(s.run(queries::case_file_put, {Blob{*bytes}, v.case_id}));  // a file that something names is kept
    files += (files.empty() ? "" : " ") + hash;
  }
  return s.run(queries::supervision_close, {v.case_id, v.rule, v.closed_us, v.closed_by, v.closed_name, v.how, v.finding, files});
}
Result<std::vector<Supervision>> supervisions_of(Session& s, CaseId id) {
  return all(s, queries::supervision_of, {id}, supervision_row);
}
Result<std::vector<Supervision>> supervisions_of(Database& database, CaseId id) {
  return all(database, queries::supervision_of, {id}, supervision_row);
}
Result<std::vector<Supervision>> supervisions(Database& database, std::string_view unit, bool closed, int limit) {
  return all(database, closed ? queries::supervision_closed : queries::supervision_unit, {unit, limit}, supervision_row);
}
Result<std::vector<CaseId>> supervisions_taken(Database& database) {
  return all(database, queries::supervision_taken, {}, case_row_id);
}
Result<std::vector<CaseId>> supervisions_moved_on(Database& database) {
  return all(database, queries::supervision_moved_on, {}, case_row_id);
}

Result<std::vector<Watched>> ownerless_requests(Database& database, std::int64_t since) {
  return all(database, queries::request_ownerless, {since}, watched_row);
}
Result<std::vector<Watched>> overdue_requests(Database& database, Instant now) {
  return all(database, queries::request_overdue, {now.us}, watched_row);
}
Result<std::vector<Watched>> requests_at_step(Database& database, RequestStage stage, std::int64_t since) {
  return all(database, queries::request_step_since, {static_cast<int>(stage), since}, watched_row);
}
Result<std::vector<Unasked>> requests_unasked(Database& database, std::int64_t after, std::int64_t until, int limit) {
  return all(database, queries::request_unasked, {after, until, limit}, unasked_row);
}
Result<bool> put_asked(Session& s, Unasked const& asked, Instant now) {
  YW_ASSIGN(std::int64_t fresh, s.run(queries::request_asked_put, {asked.case_id, asked.replied_us, now.us}));
  return fresh != 0;
}
Status mark_repeat(Session& s, SubjectId person, RequestRow const& row, std::int64_t since, std::int64_t times,
                   Supervision const& v) {
  YW_TRY(s.run(queries::request_repeat_mark, {row.case_id, person, row.category, since}));
  YW_TRY(s.run(queries::supervision_open_repeated,
               {row.case_id, person, row.category, since, v.rule, v.since_us, v.unit, v.desk, v.opened_us, times}));
  return {};
}

Status open_revisit(Session& s, Revisit const& v) {
  YW_TRY(s.run(queries::revisit_open, {v.case_id, v.due_us, v.lead, v.unit, v.opened_us}));
  return {};
}
Result<std::vector<Revisit>> revisits(Database& database, std::string_view unit, int limit) {
  return all(database, queries::revisit_list, {unit, limit}, revisit_row);
}
Result<std::vector<Revisit>> revisits_of(Database& database, CaseId id) {
  return all(database, queries::revisit_of, {id}, revisit_row);
}
Status finish_revisit(Session& s, CaseId id, Instant now, std::string const& by, std::string const& name,
                      std::string_view outcome, std::string_view finding) {
  return changed_one(s.run(queries::revisit_done, {id, now.us, by, name, outcome, finding}));
}

Status put_transfer(Session& s, Transfer const& t) {
  return changed_one(s.run(queries::transfer_insert, {blob(t.id), t.unit, t.from, t.from_name, t.to, t.to_name, t.reason, t.by,
                                                      t.by_name, t.asked_us, t.begins_us, t.ends_us}));
}
Result<std::optional<Transfer>> transfer_of(Database& database, IdBytes const& id) {
  return first(all(database, queries::transfer_get, {blob(id)}, transfer_row));
}
Result<std::vector<Transfer>> transfers(Database& database, std::string_view unit, int limit) {
  return all(database, queries::transfer_list, {unit, limit}, transfer_row);
}
Result<std::vector<Transfer>> transfers_due(Database& database, Instant now) {
  return all(database, queries::transfer_due, {now.us}, transfer_row);
}
Result<std::vector<CaseId>> pass_on(Session& s, Transfer const& t) {
  YW_ASSIGN(auto moved, all(s, queries::request_own_open, {t.from, t.unit}, case_row_id));
  YW_TRY(s.run(queries::request_pass_on, {t.from, t.unit, t.to}));
  YW_TRY(s.run(queries::transfer_moved, {blob(t.id), static_cast<std::int64_t>(moved.size())}));
  return moved;
}
Status finish_transfer(Session& s, IdBytes const& id, Instant now, std::int64_t tasks) {
  YW_TRY(s.run(queries::transfer_done, {blob(id), now.us, tasks}));
  return {};
}
Result<std::pair<std::string, std::string>> deputy_of(Session& s, std::string const& staff, Instant now) {
  std::pair<std::string, std::string> out;
  YW_TRY(s.run(queries::transfer_cover, {staff, now.us}, [&](Row const& row) { out = {row.string(0), row.string(1)}; }));
  return out;
}

Result<std::vector<CaseId>> members_of(Session& s, CaseId master) {
  return all(s, queries::request_members, {master}, case_row_id);
}
Result<std::vector<CaseId>> members_of(Database& database, CaseId master) {
  return all(database, queries::request_members, {master}, case_row_id);
}
Result<std::vector<RequestRow>> open_by_place(Database& database, std::string_view unit, std::int64_t since) {
  return all(database, queries::request_group_open, {unit, since}, request_row_of);
}

Status put_project(Session& s, Project const& p, std::vector<CaseId> const& members) {
  YW_TRY(s.run(queries::project_insert, {blob(p.id), p.title, p.category, p.region, p.unit, p.goal, p.measures, p.fall_percent,
                                         p.opened_us, p.opened_name, p.due_us}));
  for (CaseId const& member : members) {
    YW_TRY(s.run(queries::project_member, {blob(p.id), member}));
  }
  return {};
}
Result<std::vector<Project>> projects(Database& database, int limit) {
  return all(database, queries::project_list, {limit}, project_row);
}
Result<std::optional<Project>> project_of(Database& database, IdBytes const& id) {
  return first(all(database, queries::project_get, {blob(id)}, project_row));
}
Result<std::vector<CaseId>> project_members(Database& database, IdBytes const& id) {
  return all(database, queries::project_members, {blob(id)}, case_row_id);
}
Status close_project(Session& s, IdBytes const& id, Instant now, std::string const& name, std::string_view finding) {
  return changed_one(s.run(queries::project_close, {blob(id), now.us, name, finding}));
}
Result<std::vector<std::pair<std::int64_t, std::string>>> requests_in_category(Database& database, std::string_view category,
                                                                               std::int64_t from, std::int64_t until) {
  return all<std::pair<std::int64_t, std::string>>(database, queries::request_fall_region, {category, from, until},
                                                   [](Row const& row) { return std::pair(row.integer(0), row.string(1)); });
}

}  // namespace yiwang::store

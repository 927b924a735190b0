#include "yiwang/store/afterwards.hpp"

#include "queries.hpp"
#include "row_values.hpp"

namespace yiwang::store {
namespace {

Check check_row(Row const& row, std::string_view department) {
  Check c;
  c.case_id = row.id<CaseId>(0);
  c.kind = row.text(1);
  c.department = department;
  c.subject = row.id<SubjectId>(2);
  c.matter = row.text(3);
  c.name = row.text(4);
  c.created = Instant{row.integer(5)};
  c.due = Instant{row.integer(6)};
  c.taken_by = bytes_of(row, 7);
  c.taken_name = row.text(8);
  c.done = instant(row, 9);
  c.by = bytes_of(row, 10);
  c.by_name = row.text(11);
  c.result = row.text(12);
  c.note = row.text(13);
  c.verdict = row.text(14);
  c.verdict_name = row.text(15);
  c.verdict_note = row.text(16);
  return c;
}

PromisedMaterial promised_row(Row const& row) {
  PromisedMaterial p;
  p.case_id = row.id<CaseId>(0);
  p.material = row.text(1);
  p.department = row.text(2);
  p.subject = row.id<SubjectId>(3);
  p.matter = row.text(4);
  p.name = row.text(5);
  p.created = Instant{row.integer(6)};
  p.due = Instant{row.integer(7)};
  p.bar_until = Instant{row.integer(8)};
  p.next = instant(row, 9);
  p.state = static_cast<PromiseState>(row.integer(10));
  p.rounds = row.integer(11);
  std::string const files = row.string(12);
  for (std::size_t at = 0; at < files.size();) {
    auto const end = std::min(files.find(' ', at), files.size());
    p.files.push_back(files.substr(at, end - at));
    at = end + 1;
  }
  p.sent = instant(row, 13);
  p.decided = instant(row, 14);
  p.decided_name = row.text(15);
  p.reason = row.text(16);
  return p;
}

AfterRow after_row(Row const& row) {
  AfterRow a;
  a.case_id = row.id<CaseId>(0);
  a.matter = row.text(1);
  a.outcome = row.text(2);
  a.decided = Instant{row.integer(3)};
  if (auto state = spine::parse_case_state(a.case_id, row.text(4))) {
    a.query_code = state->query_code;
    a.case_number = state->case_number;
    a.title = state->title;
  }
  return a;
}

ArchiveTransfer transfer_row(Row const& row) {
  ArchiveTransfer t;
  t.id = bytes_of(row, 0);
  t.department = row.text(1);
  t.keeper = row.text(2);
  t.state = static_cast<TransferState>(row.integer(3));
  t.list = row.text(4);
  t.created = Instant{row.integer(5)};
  t.by = bytes_of(row, 6);
  t.by_name = row.text(7);
  t.decided = instant(row, 8);
  t.decided_name = row.text(9);
  t.note = row.text(10);
  return t;
}

template <class T, class Make>
Result<std::vector<T>> listed(Database& database, Query const& query, std::initializer_list<Value> values, Make make) {
  std::vector<T> out;
  YW_TRY(database.read([&](Session& s) { return s.run(query, values, [&](Row const& row) { out.push_back(make(row)); }); }));
  return out;
}

}  // namespace

std::string_view to_string(PromiseState state) {
  static constexpr std::string_view kNames[] = {"awaited", "sent", "accepted", "again", "not_kept"};
  return kNames[static_cast<std::size_t>(state)];
}
std::string_view to_string(TransferState state) {
  static constexpr std::string_view kNames[] = {"offered", "accepted", "returned"};
  return kNames[static_cast<std::size_t>(state)];
}

Status insert_check(Session& session, Check const& c) {
  YW_TRY(
      session.run(queries::check_insert, {c.case_id, c.kind, c.department, c.subject, c.matter, c.name, c.created.us, c.due.us}));
  return {};
}

Result<std::vector<Check>> unit_checks(Database& database, std::string_view department, ChecksOf which, int limit) {
  auto const& query = which == ChecksOf::open      ? queries::check_open
                      : which == ChecksOf::differs ? queries::check_differs
                                                   : queries::check_closed;
  return listed<Check>(database, query, {department, limit}, [&](Row const& row) { return check_row(row, department); });
}

Result<std::vector<Check>> checks_of(Database& database, CaseId id) {
  return listed<Check>(database, queries::check_of_case, {id}, [](Row const& row) { return check_row(row, row.text(17)); });
}

Result<bool> take_check(Database& database, CaseId id, std::string_view kind, spine::Actor const& actor) {
  std::int64_t done = 0;
  YW_TRY(database.execute([&](Writer& w) -> Status {
    YW_ASSIGN(done, w.session().run(queries::check_take, {id, kind, blob(actor.id), actor.name}));
    return {};
  }));
  return done == 1;
}

Result<bool> finish_check(Session& session, CaseId id, std::string_view kind, spine::Actor const& actor, std::string_view result,
                          std::string_view note, Instant now) {
  YW_ASSIGN(std::int64_t done, session.run(queries::check_done, {id, kind, now.us, blob(actor.id), actor.name, result, note}));
  return done == 1;
}

Result<bool> judge_check(Session& session, CaseId id, std::string_view kind, spine::Actor const& actor, std::string_view verdict,
                         std::string_view note, Instant now) {
  YW_ASSIGN(std::int64_t done, session.run(queries::check_verdict, {id, kind, verdict, actor.name, note, now.us}));
  return done == 1;
}

Status insert_promised(Session& session, PromisedMaterial const& p) {
  YW_TRY(session.run(queries::promised_insert, {p.case_id, p.material, p.department, p.subject, p.matter, p.name, p.created.us,
                                                p.due.us, p.bar_until.us, or_null(p.next)}));
  return {};
}

Result<std::vector<PromisedMaterial>> promised_of(Database& database, CaseId id) {
  return listed<PromisedMaterial>(database, queries::promised_of_case, {id}, promised_row);
}
Result<std::vector<PromisedMaterial>> promised_of(Database& database, SubjectId subject, Instant now) {
  return listed<PromisedMaterial>(database, queries::promised_of_subject, {subject, now.us}, promised_row);
}
Result<std::vector<PromisedMaterial>> promised_due(Database& database, Instant now, int limit) {
  return listed<PromisedMaterial>(database, queries::promised_due, {now.us, limit}, promised_row);
}

Result<bool> send_promised(Session& session, PromisedMaterial const& p, IdBytes const& owner,
                           std::vector<std::string> const& files, Instant now) {
  std::string names;
  for (std::string const& hex : files) {
    auto const hash = from_hex(hex);
    bool owned = false;
    if (hash) {
      YW_TRY(session.run(queries::file_owned, {blob(owner), Blob{*hash}}, [&](Row const&) { owned = true; }));
    }
    if (!owned) return fail(ErrorCode::spine_file, {{"file", hex.substr(0, 12)}});
    YW_TRY(session.run(queries::case_file_put, {Blob{*hash}, p.case_id}));
    names += (names.empty() ? "" : " ") + hex;
  }
  YW_ASSIGN(std::int64_t done, session.run(queries::promised_send, {p.case_id, p.material, names, now.us}));
  return done == 1;
}

Result<bool> decide_promised(Session& session, CaseId id, std::string_view material, PromiseState was, PromiseState state,
                             std::string_view name, std::string_view reason, Instant now) {
  YW_ASSIGN(std::int64_t done, session.run(queries::promised_decide, {id, material, static_cast<std::int64_t>(state), now.us,
                                                                      name, reason, static_cast<std::int64_t>(was)}));
  return done == 1;
}

Result<bool> promised_said(Session& session, PromisedMaterial const& p, std::optional<Instant> next) {
  YW_ASSIGN(std::int64_t done, session.run(queries::promised_said, {p.case_id, p.material, or_null(next), or_null(p.next)}));
  return done == 1;
}

Result<std::vector<AfterRow>> undelivered(Database& database, std::string_view department, Instant since, int limit) {
  return listed<AfterRow>(database, queries::after_delivery, {department, since.us, limit}, [](Row const& row) {
    AfterRow a = after_row(row);
    if (!row.is_null(5)) a.state = row.text(5);
    if (!row.is_null(6)) a.number = row.text(6);
    a.sent = instant(row, 7);
    return a;
  });
}

Result<std::vector<AfterRow>> to_archive(Database& database, std::string_view department, bool archived, int limit) {
  return listed<AfterRow>(database, archived ? queries::after_archived : queries::after_archive, {department, limit},
                          [](Row const& row) {
                            AfterRow a = after_row(row);
                            a.state = row.text(5);
                            a.faults = row.text(6);
                            a.retention = row.text(7);
                            return a;
                          });
}

Status offer_transfer(Session& session, ArchiveTransfer const& t, std::vector<CaseId> const& cases) {
  for (CaseId const& id : cases) {
    YW_ASSIGN(std::int64_t moved, session.run(queries::archive_move, {id, "archived", "offered", blob(t.id)}));
    if (moved != 1) return fail(ErrorCode::spine_changed);
  }
  YW_TRY(session.run(queries::archive_transfer_insert,
                     {blob(t.id), t.department, t.keeper, t.list, t.created.us, blob(t.by), t.by_name}));
  return {};
}

Result<ArchiveTransfer> archive_transfer(Database& database, IdBytes const& id) {
  YW_ASSIGN(auto found, listed<ArchiveTransfer>(database, queries::archive_transfer_get, {blob(id)}, transfer_row));
  if (found.empty()) return fail(ErrorCode::spine_not_found, {{"what", "移交清单 / the list"}});
  return std::move(found.front());
}

Result<std::vector<ArchiveTransfer>> archive_transfers(Database& database, std::string_view department, bool keeper, int limit) {
  return listed<ArchiveTransfer>(database, keeper ? queries::archive_transfer_for : queries::archive_transfer_of,
                                 {department, limit}, transfer_row);
}

Result<bool> decide_transfer(Session& session, ArchiveTransfer const& t, std::vector<CaseId> const& cases, TransferState state,
                             std::string_view name, std::string_view note, Instant now) {
  YW_ASSIGN(std::int64_t done,
            session.run(queries::archive_transfer_decide, {blob(t.id), static_cast<std::int64_t>(state), now.us, name, note}));
  if (done != 1) return false;
  for (CaseId const& id : cases) {
    YW_ASSIGN(std::int64_t moved,
              session.run(queries::archive_move, {id, "offered", state == TransferState::accepted ? "handed_over" : "archived",
                                                  state == TransferState::accepted ? Value(blob(t.id)) : Value(nullptr)}));
    if (moved != 1) return fail(ErrorCode::spine_changed);
  }
  return true;
}

}  // namespace yiwang::store

#include "yiwang/store/counter.hpp"

#include "queries.hpp"
#include "row_values.hpp"
#include "yiwang/base/crypto.hpp"

namespace yiwang::store {
namespace {

/// One statement in a transaction of its own; how many rows it changed.
Result<std::int64_t> change(Database& database, Query const& query, std::initializer_list<Value> values) {
  std::int64_t changed = 0;
  YW_TRY(database.execute([&](Writer& w) -> Status {
    YW_ASSIGN(changed, w.session().run(query, values));
    return {};
  }));
  return changed;
}
Status put(Database& database, Query const& query, std::initializer_list<Value> values) {
  YW_TRY(change(database, query, values));
  return {};
}

}  // namespace

Status open_shift(Database& database, Shift const& s) {
  return put(database, queries::shift_insert, {s.department, blob(s.id), blob(s.staff), s.name, s.window, s.opened.us});
}

Result<std::vector<Shift>> shifts(Database& database, std::string_view department, Instant since, int limit) {
  std::vector<Shift> out;
  YW_TRY(database.read([&](Session& session) {
    return session.run(queries::shift_list, {department, since.us, limit}, [&](Row const& row) {
      out.push_back({bytes_of(row, 0), bytes_of(row, 1), bytes_of(row, 6), std::string(department), row.string(2), row.string(3),
                     row.string(7), Instant{row.integer(4)}, instant(row, 5), instant(row, 8)});
    });
  }));
  return out;
}

Result<bool> close_shift(Database& database, Shift const& s, Instant now) {
  Value const to = s.handed_to == IdBytes{} ? Value(nullptr) : Value(blob(s.handed_to));
  YW_ASSIGN(std::int64_t closed, change(database, queries::shift_close, {s.department, blob(s.id), now.us, to, s.sheet}));
  return closed == 1;
}

Result<bool> take_shift(Database& database, Shift const& s, spine::Actor const& actor, Instant now) {
  std::int64_t taken = 0;
  YW_TRY(database.execute([&](Writer& w) -> Status {
    YW_ASSIGN(taken, w.session().run(queries::shift_take, {s.department, blob(s.id), now.us, blob(actor.id)}));
    if (taken != 1) return {};
    YW_TRY(w.session().run(queries::visit_move, {s.department, blob(s.staff), blob(actor.id), actor.name}));
    YW_TRY(w.session().run(queries::original_move, {blob(s.staff), blob(actor.id), actor.name}));
    return {};
  }));
  return taken == 1;
}

Status insert_visit(Database& database, Visit const& v) {
  return put(database, queries::visit_insert,
             {v.subject, blob(v.id), v.department, blob(v.staff), v.staff_name, v.consent, v.matter, v.at.us});
}

Result<Visit> visit(Database& database, SubjectId subject, IdBytes const& id) {
  std::optional<Visit> out;
  YW_TRY(database.read([&](Session& session) {
    return session.run(queries::visit_get, {subject, blob(id)}, [&](Row const& row) {
      out = Visit{subject,
                  id,
                  bytes_of(row, 1),
                  row.string(0),
                  row.string(2),
                  row.string(3),
                  row.string(4),
                  row.string(8),
                  "",
                  Instant{row.integer(5)},
                  instant(row, 6),
                  row.is_null(7) ? CaseId{} : row.id<CaseId>(7)};
    });
  }));
  if (!out) return fail(ErrorCode::spine_not_found, {{"what", "到访 / the visit"}});
  return std::move(*out);
}

Status set_visit_matter(Database& database, Visit const& v, std::string_view matter, CaseId case_id) {
  return put(database, queries::visit_matter,
             {v.subject, blob(v.id), matter, case_id.is_nil() ? Value(nullptr) : Value(case_id)});
}

Status set_visit_matter(Session& session, SubjectId subject, IdBytes const& visit, std::string_view matter, CaseId case_id) {
  YW_TRY(session.run(queries::visit_matter, {subject, blob(visit), matter, case_id}));
  return {};
}

Result<bool> end_visit(Database& database, Visit const& v, std::string_view outcome, Instant now) {
  YW_ASSIGN(std::int64_t ended, change(database, queries::visit_end, {v.subject, blob(v.id), now.us, outcome}));
  return ended == 1;
}

Result<std::int64_t> count_visits(Database& database, SubjectId subject, std::string_view matter, Instant since) {
  std::int64_t count = 0;
  YW_TRY(database.read([&](Session& session) {
    return session.run(queries::visit_count, {subject, matter, since.us}, [&](Row const& row) { count = row.integer(0); });
  }));
  return count;
}

Result<std::vector<Visit>> open_visits(Database& database, std::string_view department, IdBytes const& staff, int limit) {
  std::vector<Visit> out;
  YW_TRY(database.read([&](Session& session) {
    return session.run(queries::visit_open, {department, blob(staff), limit}, [&](Row const& row) {
      Visit v;
      v.subject = row.id<SubjectId>(0);
      v.id = bytes_of(row, 1);
      v.matter = row.text(2);
      v.at = Instant{row.integer(3)};
      if (!row.is_null(4)) v.case_id = row.id<CaseId>(4);
      v.name = row.text(5);
      out.push_back(std::move(v));
    });
  }));
  return out;
}

Status insert_original(Database& database, Original const& o) {
  return put(database, queries::original_insert,
             {o.case_id, blob(o.id), o.subject, o.name, o.handling, o.pages, o.taken.us, blob(o.taken_by), o.taken_name,
              o.given_by, o.file});
}

Result<std::vector<Original>> originals(Database& database, CaseId id) {
  std::vector<Original> out;
  YW_TRY(database.read([&](Session& session) {
    return session.run(queries::original_list, {id}, [&](Row const& row) {
      Original o;
      o.case_id = id;
      o.id = bytes_of(row, 0);
      o.name = row.text(1);
      o.handling = row.text(2);
      o.pages = row.integer(3);
      o.taken = Instant{row.integer(4)};
      o.taken_name = row.text(5);
      o.given_by = row.text(6);
      o.signed_at = instant(row, 7);
      o.file = row.text(8);
      o.holder_name = row.text(9);
      o.returned = instant(row, 10);
      o.returned_to = row.text(11);
      o.returned_signed = instant(row, 12);
      out.push_back(std::move(o));
    });
  }));
  return out;
}

Result<Original> original(Database& database, CaseId id, IdBytes const& which) {
  std::optional<Original> out;
  YW_TRY(database.read([&](Session& session) {
    return session.run(queries::original_get, {id, blob(which)}, [&](Row const& row) {
      Original o;
      o.case_id = id;
      o.id = which;
      o.subject = row.id<SubjectId>(0);
      o.handling = row.text(1);
      o.taken_by = bytes_of(row, 2);
      o.signed_at = instant(row, 3);
      o.holder = bytes_of(row, 4);
      o.returned = instant(row, 5);
      o.returned_signed = instant(row, 6);
      out = std::move(o);
    });
  }));
  if (!out) return fail(ErrorCode::spine_not_found, {{"what", "原件 / the original"}});
  return std::move(*out);
}

Result<std::vector<Original>> held_originals(Database& database, IdBytes const& holder, int limit) {
  std::vector<Original> out;
  YW_TRY(database.read([&](Session& session) {
    return session.run(queries::original_held, {blob(holder), limit}, [&](Row const& row) {
      Original o;
      o.case_id = row.id<CaseId>(0);
      o.id = bytes_of(row, 1);
      o.name = row.text(2);
      o.handling = row.text(3);
      o.taken = Instant{row.integer(4)};
      out.push_back(std::move(o));
    });
  }));
  return out;
}

Result<bool> step_original(Database& database, CaseId id, IdBytes const& which, OriginalStep step, std::string_view to,
                           Instant now) {
  Result<std::int64_t> changed = step == OriginalStep::sign ? change(database, queries::original_sign, {id, blob(which), now.us})
                                 : step == OriginalStep::give_back
                                     ? change(database, queries::original_return, {id, blob(which), now.us, to})
                                     : change(database, queries::original_return_sign, {id, blob(which), now.us});
  if (!changed) return fail(std::move(changed).error());
  return *changed == 1;
}

Result<bool> insert_delivery(Database& database, CaseId id, Delivery const& d) {
  YW_ASSIGN(std::int64_t made,
            change(database, queries::delivery_insert, {id, d.way, d.number, d.address, d.sent.us, d.sent_name}));
  return made == 1;
}

Result<std::optional<Delivery>> delivery(Database& database, CaseId id) {
  std::optional<Delivery> out;
  YW_TRY(database.read([&](Session& session) {
    return session.run(queries::delivery_get, {id}, [&](Row const& row) {
      out = Delivery{row.string(0), row.string(1),           row.string(2),  row.string(4),
                     row.string(6), Instant{row.integer(3)}, instant(row, 5)};
    });
  }));
  return out;
}

Result<bool> finish_delivery(Database& database, CaseId id, std::string_view receiver, Instant now) {
  YW_ASSIGN(std::int64_t done, change(database, queries::delivery_done, {id, now.us, receiver}));
  return done == 1;
}

Status put_archive(Database& database, CaseId id, std::string_view department, Archive const& a) {
  return put(database, queries::archive_put, {id, department, a.state, a.retention, a.checked.us, a.by_name, a.faults});
}

Result<std::optional<Archive>> archive(Database& database, CaseId id) {
  std::optional<Archive> out;
  YW_TRY(database.read([&](Session& session) {
    return session.run(queries::archive_get, {id}, [&](Row const& row) {
      out = Archive{row.string(0), row.string(1), row.string(3), row.string(4), Instant{row.integer(2)}};
      if (!row.is_null(5)) out->transfer = bytes_of(row, 5);
    });
  }));
  return out;
}

Status share_file(Database& database, IdBytes const& from, IdBytes const& to, std::string_view hex, Instant now) {
  auto hash = from_hex(hex);
  bool owned = false;
  if (hash) {
    YW_TRY(database.execute([&](Writer& w) -> Status {
      owned = false;
      YW_TRY(w.session().run(queries::file_owned, {blob(from), Blob{*hash}}, [&](Row const&) { owned = true; }));
      if (!owned) return {};
      YW_TRY(w.session().run(queries::file_owner_insert, {blob(to), Blob{*hash}, "scan", now.us}));
      return {};
    }));
  }
  if (!owned) return fail(ErrorCode::spine_file, {{"file", std::string(hex.substr(0, 12))}});
  return {};
}

}  // namespace yiwang::store

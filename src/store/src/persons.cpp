#include "yiwang/store/persons.hpp"

#include "queries.hpp"
#include "row_values.hpp"

namespace yiwang::store {

Status link_staff(Writer& w, IdBytes const& staff, SubjectId citizen, Instant now) {
  YW_TRY(citizen.is_nil() ? w.session().run(queries::staff_person_drop, {blob(staff)})
                          : w.session().run(queries::staff_person_put, {blob(staff), citizen, now.us}));
  return {};
}

Status link_staff(Database& database, std::string_view login, SubjectId citizen, Instant now) {
  return database.execute([&](Writer& w) -> Status {
    std::optional<IdBytes> staff;
    YW_TRY(w.session().run(queries::account_get, {login}, [&](Row const& row) {
      if (static_cast<PersonKind>(row.integer(0)) == PersonKind::staff) staff = bytes_of(row.bytes(1));
    }));
    if (!staff) return fail(ErrorCode::spine_not_found, {{"what", "这个工作人员账号 / this staff account"}});
    return link_staff(w, *staff, citizen, now);
  });
}

Result<std::vector<StaffPerson>> staff_persons(Database& database) {
  std::vector<StaffPerson> out;
  YW_TRY(database.read([&](Session& s) {
    return s.run(queries::staff_person_all, {}, [&](Row const& row) {
      out.push_back(
          {bytes_of(row.bytes(0)),
           {row.id<SubjectId>(1), SubjectKind::resident, row.string(2), row.string(3), "", row.string(4), row.string(5)}});
    });
  }));
  return out;
}

Result<std::vector<std::pair<SubjectId, std::string>>> residents_named(Database& database, std::string_view name) {
  std::vector<std::pair<SubjectId, std::string>> out;
  YW_TRY(database.read([&](Session& s) {
    return s.run(queries::subject_by_name, {name},
                 [&](Row const& row) { out.emplace_back(row.id<SubjectId>(0), row.string(1)); });
  }));
  return out;
}

Result<std::vector<spine::Actor>> staff_in_office(Session& session, std::string_view department, Instant now) {
  constexpr std::int64_t kForever = 100 * 366 * kMicrosPerDay;  // a lock by a person; wrong passwords lock for minutes
  std::vector<spine::Actor> out;
  YW_TRY(session.run(queries::staff_free, {department, now.us + kForever}, [&](Row const& row) {
    spine::Actor one;
    one.id = bytes_of(row.bytes(0));
    one.role = static_cast<spine::Role>(row.integer(1));
    one.name = row.text(2);
    one.department = department;
    out.push_back(std::move(one));
  }));
  return out;
}

Result<bool> raise_alarm(Session& session, CaseAlarm const& a) {
  YW_ASSIGN(std::int64_t const raised, session.run(queries::case_alarm_put, {a.case_id, a.kind, a.unit, a.why, a.created.us}));
  return raised == 1;
}

Result<bool> close_alarm(Session& session, CaseId id, std::string_view kind, Instant now) {
  YW_ASSIGN(std::int64_t const closed, session.run(queries::case_alarm_close, {id, kind, now.us}));
  return closed == 1;
}

Result<std::vector<CaseAlarm>> alarms_of(Database& database, std::string_view unit, int limit) {
  std::vector<CaseAlarm> out;
  std::vector<std::string> states;
  YW_TRY(database.read([&](Session& s) {
    return s.run(queries::case_alarm_list, {unit, limit}, [&](Row const& row) {
      out.push_back({row.id<CaseId>(0), row.string(1), std::string(unit), row.string(2), Instant{row.integer(3)}, {}});
      states.push_back(row.string(4));
    });
  }));
  for (std::size_t i = 0; i < out.size(); ++i) {
    YW_ASSIGN(out[i].state, spine::parse_case_state(out[i].case_id, states[i]));
  }
  return out;
}

Status protect(Writer& w, ProtectedPerson const& p) {
  YW_TRY(w.session().run(queries::protected_put, {p.citizen.id, p.unit, p.basis, p.since.us, p.until.us, p.by_name}));
  return {};
}

Result<bool> end_protection(Database& database, SubjectId citizen, std::string_view unit, Instant now) {
  std::int64_t ended = 0;
  YW_TRY(database.execute([&](Writer& w) -> Status {
    YW_ASSIGN(ended, w.session().run(queries::protected_end, {citizen, unit, now.us}));
    return {};
  }));
  return ended == 1;
}

Result<std::vector<ProtectedPerson>> protected_persons(Database& database) {
  std::vector<ProtectedPerson> out;
  YW_TRY(database.read([&](Session& s) {
    return s.run(queries::protected_all, {}, [&](Row const& row) {
      out.push_back({{row.id<SubjectId>(0), SubjectKind::resident, row.string(6), row.string(7), row.string(8), row.string(9),
                      row.string(10)},
                     row.string(1),
                     row.string(2),
                     row.string(5),
                     Instant{row.integer(3)},
                     Instant{row.integer(4)}});
    });
  }));
  return out;
}

Status put_filing(Session& session, SubjectId agent, SubjectId principal, CaseId id, Instant now) {
  YW_TRY(session.run(queries::agent_filing_put, {agent, now.us, id, principal}));
  return {};
}

Result<Filings> filings_since(Session& session, SubjectId agent, Instant since) {
  Filings out;
  YW_TRY(session.run(queries::agent_filing_since, {agent, since.us}, [&](Row const& row) {
    out.count = row.integer(0);
    if (!row.is_null(1)) out.first = Instant{row.integer(1)};
  }));
  return out;
}

Result<std::int64_t> principals_of(Session& session, SubjectId agent, Instant now) {
  std::int64_t out = 0;
  YW_TRY(session.run(queries::agent_principals, {agent, now.us}, [&](Row const& row) { out = row.integer(0); }));
  return out;
}

Status put_project(Session& session, SubjectId subject, std::string_view matter, std::string_view project, CaseId id) {
  YW_TRY(session.run(queries::matter_project_put, {subject, matter, project, id}));
  return {};
}

Result<std::optional<CaseId>> open_project(Session& session, SubjectId subject, std::string_view matter,
                                           std::string_view project) {
  std::optional<CaseId> out;
  YW_TRY(session.run(queries::matter_project_open, {subject, matter, project}, [&](Row const& row) { out = row.id<CaseId>(0); }));
  return out;
}

}  // namespace yiwang::store

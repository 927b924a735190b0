#include "yiwang/store/applicants.hpp"

#include "queries.hpp"
#include "row_values.hpp"

namespace yiwang::store {
namespace {

Result<JointApplication> joint(Session& s, IdBytes const& id) {
  JointApplication out;
  bool found = false;
  YW_TRY(s.run(queries::joint_get, {blob(id)}, [&](Row const& row) {
    found = true;
    out.id = id;
    out.subject = row.id<SubjectId>(0);
    out.actor = row.id<SubjectId>(1);
    out.matter = row.text(2);
    out.body = row.text(3);
    out.created = Instant{row.integer(4)};
    out.expires = Instant{row.integer(5)};
    out.state = static_cast<JointState>(row.integer(6));
    if (!row.is_null(7)) out.case_id = row.id<CaseId>(7);
    out.why = row.text(8);
  }));
  if (!found) return fail(ErrorCode::spine_not_found, {{"what", "共同申请 / the joint application"}});
  YW_TRY(s.run(queries::joint_parties, {blob(id)}, [&](Row const& row) {
    out.parties.push_back({row.id<SubjectId>(0), row.string(1), instant(row, 2), row.integer(3) != 0});
  }));
  return out;
}

}  // namespace

Result<std::vector<Authority>> authorities_of(Database& database, SubjectId principal, Instant now) {
  std::vector<Authority> out;
  YW_TRY(database.read([&](Session& s) {
    return s.run(queries::delegation_of_principal, {principal, now.us}, [&](Row const& row) {
      out.push_back({row.id<SubjectId>(0), row.string(1), row.string(2), Instant{row.integer(3)}, Instant{row.integer(4)}});
    });
  }));
  return out;
}

Result<bool> end_authority(Database& database, SubjectId principal, SubjectId agent, Instant now) {
  std::int64_t ended = 0;
  YW_TRY(database.execute([&](Writer& w) -> Status {
    YW_ASSIGN(ended, w.session().run(queries::delegation_end, {principal, agent, now.us}));
    return {};
  }));
  return ended == 1;
}

Result<std::optional<std::string>> authority(Session& session, SubjectId principal, SubjectId agent, Instant now) {
  std::optional<std::string> out;
  YW_TRY(session.run(queries::delegation_get, {principal, agent, now.us}, [&](Row const& row) { out = row.string(0); }));
  return out;
}

Result<SubjectRecord> subject_by_number(Database& database, std::string_view number) {
  std::optional<SubjectRecord> out;
  YW_TRY(database.read([&](Session& s) {
    return s.run(queries::subject_by_number, {number}, [&](Row const& row) {
      out = SubjectRecord{row.id<SubjectId>(0), static_cast<SubjectKind>(row.integer(1)),
                          row.string(2),        std::string(number),
                          row.string(3),        row.string(4),
                          row.string(5)};
    });
  }));
  if (!out) return fail(ErrorCode::spine_not_found, {{"what", "此人 / this person"}});
  return std::move(*out);
}

Status insert_joint(Database& database, JointApplication const& j) {
  return database.execute([&](Writer& w) -> Status {
    YW_TRY(
        w.session().run(queries::joint_insert, {blob(j.id), j.subject, j.actor, j.matter, j.body, j.created.us, j.expires.us}));
    for (JointParty const& p : j.parties) {
      YW_TRY(w.session().run(queries::joint_party_insert, {blob(j.id), p.subject, p.name}));
    }
    return {};
  });
}

Result<JointApplication> joint(Database& database, IdBytes const& id) {
  return database.read([&](Session& s) { return joint(s, id); });
}

Result<std::vector<JointApplication>> joints_of(Database& database, SubjectId subject, int limit) {
  std::vector<JointApplication> out;
  YW_TRY(database.read([&](Session& s) -> Status {
    std::set<IdBytes, std::greater<>> ids;
    auto keep = [&](Row const& row) { ids.insert(bytes_of(row.bytes(0))); };
    YW_TRY(s.run(queries::joint_own, {subject, limit}, keep));
    YW_TRY(s.run(queries::joint_asked, {subject, limit}, keep));
    for (IdBytes const& id : ids) {
      YW_ASSIGN(JointApplication one, joint(s, id));
      out.push_back(std::move(one));
    }
    return {};
  }));
  return out;
}

Result<std::optional<std::size_t>> answer_joint(Database& database, IdBytes const& id, SubjectId subject, bool agrees,
                                                Instant now, std::function<std::string(std::string const&)> const& body) {
  std::optional<std::size_t> left;
  YW_TRY(database.execute([&](Writer& w) -> Status {
    left.reset();
    YW_ASSIGN(std::int64_t changed, w.session().run(queries::joint_answer, {blob(id), subject, now.us, agrees ? 1 : 0}));
    if (changed != 1) return {};
    if (body) {
      YW_ASSIGN(JointApplication const kept, joint(w.session(), id));
      YW_TRY(w.session().run(queries::joint_body, {blob(id), body(kept.body)}));
    }
    left = 0;
    YW_TRY(w.session().run(queries::joint_parties, {blob(id)}, [&](Row const& row) { *left += row.is_null(2) ? 1 : 0; }));
    return {};
  }));
  return left;
}

Result<bool> close_joint(Database& database, IdBytes const& id, JointState state, CaseId case_id, std::string_view why) {
  std::int64_t closed = 0;
  YW_TRY(database.execute([&](Writer& w) -> Status {
    YW_ASSIGN(closed, w.session().run(queries::joint_close, {blob(id), static_cast<std::int64_t>(state),
                                                             case_id.is_nil() ? Value(nullptr) : Value(case_id), why}));
    return {};
  }));
  return closed == 1;
}

Status accept_place(Session& session, std::string_view matter, std::string_view place, CaseId id, Instant now) {
  YW_TRY(session.run(queries::place_insert, {matter, place, id, now.us}));
  return {};
}

Result<std::vector<Place>> places(Session& session, std::string_view matter, std::string_view place) {
  std::vector<Place> out;
  YW_TRY(session.run(queries::place_list, {matter, place}, [&](Row const& row) {
    out.push_back({row.id<CaseId>(0), Instant{row.integer(1)}, row.integer(2)});
  }));
  return out;
}

Status decide_place(Session& session, std::string_view matter, std::string_view place, CaseId id, bool granted) {
  YW_TRY(session.run(queries::place_state, {matter, place, id, granted ? 1 : 2}));
  return {};
}

Status insert_rating(Session& session, CaseId id, MatterRating const& r) {
  YW_TRY(session.run(queries::rating_insert,
                     {id, r.department, r.matter, r.grade, r.at.us, r.due ? Value(r.due->us) : Value(nullptr)}));
  return {};
}
Status answer_rating(Session& session, CaseId id, bool upheld, Instant now) {
  YW_TRY(session.run(queries::rating_answer, {id, now.us, upheld ? 1 : 0}));
  return {};
}
Status appeal_rating(Session& session, CaseId id, Instant now) {
  YW_TRY(session.run(queries::rating_appeal, {id, now.us}));
  return {};
}
Status close_rating(Session& session, CaseId id, Instant now) {
  YW_TRY(session.run(queries::rating_close, {id, now.us}));
  return {};
}

Result<std::optional<MatterRating>> rating(Database& database, CaseId id) {
  std::optional<MatterRating> out;
  YW_TRY(database.read([&](Session& s) {
    return s.run(queries::rating_get, {id}, [&](Row const& row) {
      out = MatterRating{row.string(0),   row.string(1),   row.integer(2),  Instant{row.integer(3)}, instant(row, 4),
                         instant(row, 5), instant(row, 7), instant(row, 8), row.integer(6) != 0};
    });
  }));
  return out;
}

Result<std::vector<MatterCourse>> matter_courses(Database& database, Instant from, Instant until, std::int64_t limit) {
  std::vector<MatterCourse> out;
  YW_TRY(database.read([&](Session& s) {
    return s.run(queries::rating_courses, {from.us, until.us, limit}, [&](Row const& row) {
      MatterCourse c{
          row.string(0), row.string(1), row.string(3), row.integer(2) != 0, Instant{row.integer(4)}, instant(row, 5), {}};
      if (!row.is_null(6))
        c.rating = MatterRating{c.department,    c.matter,         row.integer(6),   Instant{row.integer(7)}, instant(row, 8),
                                instant(row, 9), instant(row, 11), instant(row, 12), row.integer(10) != 0};
      c.effort = {row.integer(13), row.integer(14), row.integer(15), row.integer(16)};
      out.push_back(std::move(c));
    });
  }));
  return out;
}

}  // namespace yiwang::store

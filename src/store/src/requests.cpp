#include "yiwang/store/requests.hpp"

#include <algorithm>

#include "queries.hpp"

namespace yiwang::store {
namespace {

template <class Bytes>
Blob blob(Bytes const& id) {
  return {{reinterpret_cast<char const*>(id.data()), id.size()}};
}

}  // namespace

RequestRow request_row_of(Row const& row) {
  RequestRow r;
  r.category = row.text(0);
  r.lead = row.text(1);
  r.unit = row.text(2);
  r.desk = row.text(3);
  r.region = row.text(4);
  r.place = row.text(5);
  r.channel = row.text(6);
  r.stage = static_cast<RequestStage>(row.integer(7));
  r.flags = static_cast<std::uint32_t>(row.integer(8));
  r.sealed = row.text(9);
  r.about_unit = row.text(10);
  r.confidence = static_cast<int>(row.integer(11));
  r.words = row.text(12);
  int at = 13;
  for (std::int64_t* field : {&r.received_us, &r.dispatched_us, &r.returned_us, &r.contacted_us, &r.contact_due_us, &r.due_us,
                              &r.replied_us, &r.closed_us, &r.rated_us, &r.redone_us, &r.supervised_us, &r.excluded_us})
    *field = row.integer(at++);
  for (int* field : {&r.grade, &r.solved, &r.returns, &r.extensions, &r.followers}) *field = static_cast<int>(row.integer(at++));
  if (!row.is_null(30)) r.master = row.id<CaseId>(30);
  r.city_number = row.text(31);
  r.city_due_us = row.integer(32);
  r.taken_by = row.text(33);
  r.owner = row.text(34);
  r.stage_us = row.integer(35);
  r.outcome = row.text(36);
  r.section = row.text(37);
  r.case_id = row.id<CaseId>(38);
  return r;
}

namespace {

Result<std::vector<RequestRow>> rows(Database& database, Query const& query, std::initializer_list<Value> values) {
  std::vector<RequestRow> out;
  YW_TRY(database.read(
      [&](Session& s) { return s.run(query, values, [&](Row const& row) { out.push_back(request_row_of(row)); }); }));
  return out;
}

}  // namespace

std::string_view to_string(RequestStage stage) {
  switch (stage) {
    case RequestStage::dispatch: return "dispatch";
    case RequestStage::liaison: return "liaison";
    case RequestStage::handle: return "handle";
    case RequestStage::extension: return "extension";
    case RequestStage::review: return "review";
    case RequestStage::answered: return "answered";
    case RequestStage::adjudicate: return "adjudicate";
    case RequestStage::supervise: return "supervise";
    case RequestStage::section: return "section";
    case RequestStage::joined: return "joined";
    case RequestStage::closed: return "closed";
    case RequestStage::not_accepted: return "not_accepted";
    case RequestStage::withdrawn: return "withdrawn";
  }
  return "dispatch";
}

std::optional<RequestStage> stage_named(std::string_view name) {
  for (int i = 0; i <= static_cast<int>(RequestStage::withdrawn); ++i) {
    auto const stage = static_cast<RequestStage>(i);
    if (to_string(stage) == name) return stage;
  }
  return std::nullopt;
}

Status put_request(Session& s, RequestRow const& r) {
  auto n = [](int v) { return Value(v); };
  YW_TRY(s.run(queries::request_put, {r.case_id,
                                      r.category,
                                      r.lead,
                                      r.unit,
                                      r.desk,
                                      r.region,
                                      r.place,
                                      r.channel,
                                      n(static_cast<int>(r.stage)),
                                      static_cast<std::int64_t>(r.flags),
                                      r.sealed,
                                      r.about_unit,
                                      r.confidence,
                                      r.words,
                                      r.received_us,
                                      r.dispatched_us,
                                      r.returned_us,
                                      r.contacted_us,
                                      r.contact_due_us,
                                      r.due_us,
                                      r.replied_us,
                                      r.closed_us,
                                      r.rated_us,
                                      r.redone_us,
                                      r.supervised_us,
                                      r.excluded_us,
                                      r.grade,
                                      r.solved,
                                      r.returns,
                                      r.extensions,
                                      r.followers,
                                      r.master ? Value(*r.master) : Value(nullptr),
                                      r.city_number,
                                      r.city_due_us,
                                      r.taken_by,
                                      r.owner,
                                      r.stage_us,
                                      r.outcome,
                                      r.section}));
  return {};
}

Result<std::optional<RequestRow>> request_of(Session& s, CaseId id) {
  std::optional<RequestRow> out;
  YW_TRY(s.run(queries::request_get, {id}, [&](Row const& row) { out = request_row_of(row); }));
  return out;
}
Result<std::optional<RequestRow>> request_of(Database& database, CaseId id) {
  return database.read([&](Session& s) { return request_of(s, id); });
}

Result<std::vector<RequestRow>> open_requests(Database& database, std::string_view unit, RequestStage stage, Inside const& inside,
                                              std::int64_t after_due, CaseId after, int limit) {
  return rows(database, queries::request_unit_open,
              {unit, static_cast<int>(stage), after_due, after, limit, inside.section, inside.owner});
}
Result<std::vector<RequestRow>> urgent_requests(Database& database, std::string_view unit, int limit) {
  return rows(database, queries::request_unit_urgent, {unit, limit});
}
Result<bool> brought_file(Session& s, IdBytes const& who, Digest const& hash) {
  bool there = false;
  YW_TRY(s.run(queries::file_owned, {blob(who), blob(hash)}, [&](Row const&) { there = true; }));
  return there;
}
Result<bool> brought_file(Database& database, IdBytes const& who, Digest const& hash) {
  return database.read([&](Session& s) { return brought_file(s, who, hash); });
}
Status put_member(Session& s, UnitMember const& m) {
  YW_TRY(s.run(queries::member_put, {m.unit, blob(m.staff), m.section, m.head ? 1 : 0, m.since_us, m.by_name}));
  return {};
}
Result<std::vector<UnitMember>> unit_members(Database& database) {
  std::vector<UnitMember> out;
  YW_TRY(database.read([&](Session& s) {
    return s.run(queries::member_all, {}, [&](Row const& row) {
      out.push_back({row.string(0), row.id<CaseId>(1).bytes(), row.string(2), row.integer(3) != 0, row.integer(4), row.string(5),
                     row.string(6)});
    });
  }));
  return out;
}
Result<std::vector<std::pair<std::string, std::int64_t>>> section_counts(Database& database, std::string_view unit) {
  std::vector<std::pair<std::string, std::int64_t>> out;
  YW_TRY(database.read([&](Session& s) {
    return s.run(queries::section_open, {unit}, [&](Row const& row) { out.emplace_back(row.string(0), row.integer(1)); });
  }));
  return out;
}
Result<std::vector<RequestRow>> recent_requests(Database& database, std::string_view category, std::int64_t since, int limit) {
  return rows(database, queries::request_recent, {category, since, limit});
}
Result<std::vector<RequestRow>> requests_between(Database& database, std::int64_t from, std::int64_t until) {
  return rows(database, queries::request_between, {from, until});
}

Result<std::vector<RequestRow>> requests_after(Database& database, CaseId after, int limit) {
  return rows(database, queries::request_after, {after, limit});
}

Result<bool> follow_request(Writer& writer, CaseId id, SubjectId subject, Instant now) {
  YW_ASSIGN(std::int64_t fresh, writer.session().run(queries::request_follow, {id, subject, now.us}));
  if (fresh == 0) return false;
  YW_TRY(writer.session().run(queries::request_followed, {id}));
  return true;
}
Result<std::vector<SubjectId>> followers_of(Session& s, CaseId id) {
  std::vector<SubjectId> out;
  YW_TRY(s.run(queries::request_followers, {id}, [&](Row const& row) { out.push_back(row.id<SubjectId>(0)); }));
  return out;
}
Result<bool> follows(Database& database, CaseId id, SubjectId subject) {
  bool out = false;
  YW_TRY(database.read([&](Session& s) {
    return s.run(queries::request_following, {id, subject}, [&](Row const&) { out = true; });
  }));
  return out;
}

Result<std::optional<SubjectId>> subject_by_phone(Database& database, std::string_view phone) {
  std::optional<SubjectId> out;
  YW_TRY(database.read([&](Session& s) {
    return s.run(queries::subject_by_phone, {phone}, [&](Row const& row) { out = row.id<SubjectId>(0); });
  }));
  return out;
}

Result<std::optional<CaseId>> request_numbered(Session& s, std::string_view number) {
  std::optional<CaseId> out;
  YW_TRY(s.run(queries::request_numbered, {number}, [&](Row const& row) { out = row.id<CaseId>(0); }));
  return out;
}
Result<std::optional<CaseId>> request_numbered(Database& database, std::string_view number) {
  return database.read([&](Session& s) { return request_numbered(s, number); });
}
Status claim_request_number(Session& s, std::string_view number, CaseId id) {
  YW_ASSIGN(std::int64_t fresh, s.run(queries::claim_insert, {"request_number", number, id}));
  if (fresh != 1) return fail(ErrorCode::store_conflict);
  return {};
}
Status put_effect(Session& s, CaseId id, IdBytes const& effect, std::string_view kind, std::string_view body, Instant now) {
  YW_TRY(s.run(queries::outbox_insert, {id, blob(effect), kind, body, now.us}));
  return {};
}

Result<std::vector<StageCount>> request_stages(Database& database, Instant now) {
  std::vector<StageCount> out;
  YW_TRY(database.read([&](Session& s) {
    return s.run(queries::request_stages, {now.us}, [&](Row const& row) {
      out.push_back({row.string(0), static_cast<RequestStage>(row.integer(1)), row.integer(2), row.integer(3)});
    });
  }));
  return out;
}

Status ask_exclusion(Writer& writer, CaseId id, Exclusion const& e) {
  YW_ASSIGN(std::int64_t fresh,
            writer.session().run(queries::exclusion_ask, {id, e.reason, e.why, blob(e.asked_by), e.asked_name, e.asked_us}));
  if (fresh == 0) return fail(ErrorCode::store_conflict);
  return {};
}
Result<std::optional<Exclusion>> exclusion_of(Session& s, CaseId id) {
  std::optional<Exclusion> out;
  YW_TRY(s.run(queries::exclusion_get, {id}, [&](Row const& row) {
    Exclusion e;
    e.reason = row.text(0);
    e.why = row.text(1);
    std::string_view by = row.bytes(2);
    if (by.size() == e.asked_by.size()) std::copy(by.begin(), by.end(), reinterpret_cast<char*>(e.asked_by.data()));
    e.asked_name = row.text(3);
    e.asked_us = row.integer(4);
    e.approved_name = row.text(5);
    e.approved_us = row.integer(6);
    out = std::move(e);
  }));
  return out;
}
Result<std::optional<Exclusion>> exclusion_of(Database& database, CaseId id) {
  return database.read([&](Session& s) { return exclusion_of(s, id); });
}
Status approve_exclusion(Writer& writer, CaseId id, IdBytes const& by, std::string const& name, Instant now) {
  YW_ASSIGN(std::int64_t changed, writer.session().run(queries::exclusion_approve, {id, blob(by), name, now.us}));
  if (changed == 0) return fail(ErrorCode::store_conflict);
  YW_TRY(writer.session().run(queries::exclusion_count, {id, now.us}));
  return {};
}

}  // namespace yiwang::store

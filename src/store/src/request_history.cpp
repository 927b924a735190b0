#include "yiwang/store/request_history.hpp"

#include <algorithm>

#include "queries.hpp"
#include "yiwang/spine/casefile.hpp"

namespace yiwang::store {

Status keep_past(Session& s, RequestRow const& before, RequestRow const& after, bool dispatched, Instant at) {
  // What was not there yet is no past: figures look at the moment of each fact.
  auto changed = [](std::int64_t was, std::int64_t is) { return was != 0 && was != is; };
  auto moved = [](std::string const& was, std::string const& is) { return !was.empty() && was != is; };
  bool const automatic = before.has(kAutomatic) != after.has(kAutomatic);
  if (!dispatched && before.contact_due_us == after.contact_due_us && before.due_us == after.due_us &&
      !changed(before.replied_us, after.replied_us) && !changed(before.closed_us, after.closed_us) &&
      !changed(before.rated_us, after.rated_us) && !moved(before.category, after.category) && !moved(before.lead, after.lead) &&
      !(before.lead.empty() && moved(before.unit, after.unit)) && !(before.lead.empty() && !after.lead.empty()) &&
      !(before.category.empty() && !after.category.empty()) && before.region == after.region && !automatic)
    return {};
  YW_TRY(s.run(queries::past_put, {before.case_id, at.us, before.category, before.lead, before.unit, before.region,
                                   static_cast<std::int64_t>(before.flags), before.contact_due_us, before.due_us,
                                   before.replied_us, before.closed_us, before.rated_us, before.grade, before.solved}));
  return {};
}

namespace {

/// What a row of past_at says instead of what stands now.
void put_back(Row const& row, RequestRow& r) {
  constexpr std::uint32_t kOfItsDay = kAutomatic | kRepeat;  // the flags that figures read
  r.category = row.text(1);
  r.lead = row.text(2);
  r.unit = row.text(3);
  r.region = row.text(4);
  r.flags = (r.flags & ~kOfItsDay) | (static_cast<std::uint32_t>(row.integer(5)) & kOfItsDay);
  int at = 6;
  for (std::int64_t* field : {&r.contact_due_us, &r.due_us, &r.replied_us, &r.closed_us, &r.rated_us}) *field = row.integer(at++);
  r.grade = static_cast<int>(row.integer(at++));
  r.solved = static_cast<int>(row.integer(at));
}

}  // namespace

Result<std::vector<RequestRow>> requests_as_of(Database& database, std::int64_t from, std::int64_t until) {
  std::vector<RequestRow> out;
  YW_TRY(database.read([&](Session& s) -> Status {
    YW_TRY(s.run(queries::request_counted, {from, until}, [&](Row const& row) { out.push_back(request_row_of(row)); }));
    std::map<CaseId, RequestRow*> by_id;
    for (RequestRow& r : out) by_id.emplace(r.case_id, &r);
    // The first that stood longer than `until` is the one that stood then.
    YW_TRY(s.run(queries::past_at, {from, until}, [&](Row const& row) {
      auto const found = by_id.find(row.id<CaseId>(0));
      if (found == by_id.end()) return;
      put_back(row, *found->second);
      by_id.erase(found);
    }));
    return {};
  }));
  return out;
}

Result<std::vector<RegionCount>> requests_by_region(Database& database, std::int64_t from, std::int64_t until) {
  std::vector<RegionCount> out;
  YW_TRY(database.read([&](Session& s) {
    return s.run(queries::request_by_region, {from, until}, [&](Row const& row) {
      out.push_back({row.string(0), row.integer(1), row.integer(2)});
    });
  }));
  return out;
}

Status put_teller(Session& s, CaseId id, SubjectId person) {
  YW_TRY(s.run(queries::request_told, {id, person}));
  return {};
}
Result<std::map<CaseId, SubjectId>> tellers_between(Database& database, std::int64_t from, std::int64_t until) {
  std::map<CaseId, SubjectId> out;
  YW_TRY(database.read([&](Session& s) {
    return s.run(queries::request_tellers, {from, until},
                 [&](Row const& row) { out.emplace(row.id<CaseId>(0), row.id<SubjectId>(1)); });
  }));
  return out;
}
Result<std::vector<RequestRow>> requests_told_by(Database& database, SubjectId person, int limit) {
  std::vector<RequestRow> out;
  YW_TRY(database.read([&](Session& s) {
    return s.run(queries::request_of_teller, {person, limit}, [&](Row const& row) { out.push_back(request_row_of(row)); });
  }));
  return out;
}
Result<bool> told_by(Database& database, CaseId id, SubjectId person) {
  bool out = false;
  YW_TRY(database.read([&](Session& s) {
    return s.run(queries::request_told_by, {id, person}, [&](Row const&) { out = true; });
  }));
  return out;
}

Result<std::optional<SubjectId>> known_caller(Database& database, std::string_view phone) {
  YW_ASSIGN(std::optional<SubjectId> out, subject_by_phone(database, phone));
  if (out) return out;
  YW_TRY(database.read(
      [&](Session& s) { return s.run(queries::request_caller, {phone}, [&](Row const& row) { out = row.id<SubjectId>(0); }); }));
  return out;
}
Result<SubjectId> caller_of(Database& database, std::string_view phone, SubjectId fresh) {
  YW_ASSIGN(auto known, known_caller(database, phone));
  if (known) return *known;
  YW_TRY(database.execute([&](Writer& w) -> Status {
    YW_TRY(w.session().run(queries::claim_insert, {"caller", phone, fresh}));
    return {};
  }));
  // Two who called at the same moment under one number are one.
  YW_ASSIGN(known, known_caller(database, phone));
  return known.value_or(fresh);
}

Status put_ruling(Session& s, Ruling const& r) {
  YW_TRY(s.run(queries::ruling_put, {r.case_id, r.ruled_us, r.category, r.unit, r.ruling, r.by_name}));
  return {};
}
Result<std::vector<Ruling>> rulings_on(Database& database, std::string_view category, int limit) {
  std::vector<Ruling> out;
  YW_TRY(database.read([&](Session& s) {
    return s.run(queries::ruling_of_category, {category, limit}, [&](Row const& row) {
      out.push_back({row.id<CaseId>(0), row.integer(1), "", row.string(2), row.string(3), ""});
    });
  }));
  return out;
}

Result<std::optional<Ruling>> ruling_of(Database& database, CaseId id) {
  std::optional<Ruling> out;
  YW_TRY(database.read([&](Session& s) {
    return s.run(queries::ruling_of_case, {id}, [&](Row const& row) {
      out = Ruling{row.id<CaseId>(0), row.integer(1), row.string(2), row.string(3), row.string(4), row.string(5)};
    });
  }));
  return out;
}
Result<std::vector<Ruling>> newest_rulings(Database& database, int limit) {
  std::vector<Ruling> out;
  YW_TRY(database.read([&](Session& s) {
    return s.run(queries::ruling_recent, {limit}, [&](Row const& row) {
      out.push_back({row.id<CaseId>(0), row.integer(1), row.string(2), row.string(3), row.string(4), row.string(5)});
    });
  }));
  return out;
}

Result<std::string> last_reply(Session& s, CaseId id) {
  std::string out;
  YW_TRY(s.run(queries::event_list, {id}, [&](Row const& row) {
    auto const event = row.is_null(5) ? Result<spine::Event>(spine::Event{}) : spine::parse_event(row.text(5));
    json::Value const* action = event ? event->data.find("action") : nullptr;
    json::Value const* input = event ? event->data.find("input") : nullptr;
    json::Value const* reply = input ? input->find("reply") : nullptr;
    if (action && reply && (action->text() == "reply" || action->text() == "answer")) out = reply->text();
  }));
  return out;
}

Status put_call(Session& s, CaseId id, Instant at, std::string_view by_name) {
  YW_TRY(s.run(queries::call_put, {id, at.us, by_name}));
  return {};
}
Result<std::vector<ToCall>> requests_to_call(Database& database, std::string_view desk, Instant until, int tries, int limit) {
  std::vector<ToCall> out;
  YW_TRY(database.read([&](Session& s) {
    return s.run(queries::request_to_call, {desk, until.us, tries, limit}, [&](Row const& row) {
      out.push_back({request_row_of(row), row.integer(39)});
    });
  }));
  return out;
}

}  // namespace yiwang::store

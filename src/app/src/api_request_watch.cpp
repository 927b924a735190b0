// Supervision by rule until another than the handler closes it; what cannot be solved now and is looked at again each quarter;
// who is on duty.

#include <algorithm>

#include "request_routes.hpp"
#include "yiwang/store/request_watch.hpp"

namespace yiwang::app {

struct SupervisionItem {
  RequestItem request;
  std::string rule;
  http::Any rule_title;
  std::string since;
  std::string opened_at;
  std::string why;
  std::string unit_name;
  bool may_close;
  std::optional<std::string> closed_at;
  std::optional<std::string> closed_by;
  std::optional<std::string> how;
  std::optional<std::string> finding;
  std::vector<std::string> files;
  std::vector<std::string> evidence_for;
};
struct SupervisionList {
  std::vector<SupervisionItem> items;
};
struct SupervisionBody {
  http::Text<1, 40> rule;
  http::Text<1, 20> how;
  http::Text<10, 2000> finding;
  std::optional<std::vector<http::Text<64, 64>>> files;
};
struct UnsolvedItem {
  RequestItem request;
  std::string lead_name;
  std::string reviewer_name;
  std::string due_at;
  std::string answered_at;
  std::string reasons;
  bool due;
  bool may_review;
};
struct UnsolvedList {
  std::vector<UnsolvedItem> items;
};
struct UnsolvedBody {
  http::Text<1, 20> outcome;
  http::Text<10, 2000> finding;
};
struct UnsolvedDone {
  std::string case_id;
  std::string outcome;
  std::optional<std::string> next_at;
};
struct DutyRow {
  std::string unit;
  std::string unit_name;
  std::string night_name;
  std::string phone;
  std::string then_name;
  std::string then_phone;
};
struct DutyNow {
  bool open;
  std::string from;
  std::string to;
  std::vector<DutyRow> items;
};

BOOST_DESCRIBE_STRUCT(SupervisionItem, (),
                      (request, rule, rule_title, since, opened_at, why, unit_name, may_close, closed_at, closed_by, how, finding,
                       files, evidence_for))
BOOST_DESCRIBE_STRUCT(SupervisionList, (), (items))
BOOST_DESCRIBE_STRUCT(SupervisionBody, (), (rule, how, finding, files))
BOOST_DESCRIBE_STRUCT(UnsolvedItem, (), (request, lead_name, reviewer_name, due_at, answered_at, reasons, due, may_review))
BOOST_DESCRIBE_STRUCT(UnsolvedList, (), (items))
BOOST_DESCRIBE_STRUCT(UnsolvedBody, (), (outcome, finding))
BOOST_DESCRIBE_STRUCT(UnsolvedDone, (), (case_id, outcome, next_at))
BOOST_DESCRIBE_STRUCT(DutyRow, (), (unit, unit_name, night_name, phone, then_name, then_phone))
BOOST_DESCRIBE_STRUCT(DutyNow, (), (open, from, to, items))

}  // namespace yiwang::app

// clang-format off
namespace yiwang::http {
YW_DOCS(app::SupervisionItem, "the request, without what tells of the person", "overdue, repeated, unsatisfied_twice, false_closure, no_owner or unsolved", "its title by language", "since when the fact holds", "when supervision began", "of repeated: the so-manieth", "the unit that is supervised", "whether you may close it", "when it was closed", "by whom", "visited, called, documents; process or taken when it ended by itself", "what was found", "hashes of the photos and documents it was closed on", "ways of checking that want a photo or document")
YW_DOCS(app::SupervisionList, "the newest first")
YW_DOCS(app::SupervisionBody, "which rule", "how it was checked: visited, called or documents", "what was found", "hashes of photos and documents that you have uploaded")
YW_DOCS(app::UnsolvedItem, "the request, without what tells of the person", "who could not solve it", "who looks again", "when it is looked at again", "when the person was told", "the reasons as the person was told them, without numbers and names", "whether it is time", "whether you are the one to look again")
YW_DOCS(app::UnsolvedList, "the nearest date first")
YW_DOCS(app::UnsolvedBody, "still (not solvable now either) or solvable", "what was found")
YW_DOCS(app::UnsolvedDone, "the request", "still or solvable", "when it is looked at again, if it is")
YW_DOCS(app::DutyRow, "the unit", "its name", "who goes for it at night and on holidays", "telephone of who is on duty", "whom to call next", "their telephone at night")
YW_DOCS(app::DutyNow, "whether offices are open now", "when they open", "when they close", "for each unit of the duty table; the last one is for all others")
}
// clang-format on

namespace yiwang::app {
namespace {

using http::Answer;
using http::problem;
using http::Request;
using spine::Action;
using spine::Actor;
using store::RequestRow;

/// Whether this actor closes it: a supervisor of the unit that is told beside the one that handles it, which is never that one.
bool may_close(Actor const& actor, store::Supervision const& v) {
  return actor.department == v.desk && actor.department != v.unit &&
         spine::allowed(actor.role, Action::case_command, spine::kDepartment);
}

SupervisionItem supervision_item(RequestContext const& x, Actor const& actor, store::Supervision const& v,
                                 RequestRow const& row) {
  auto const* rule = service_request::supervision_rule(x.known->rules, v.rule);
  SupervisionItem out{x.masked(row),
                      v.rule,
                      rule ? localized(rule->title) : http::Any{json::Value::object()},
                      to_shanghai_string(Instant{v.since_us}),
                      to_shanghai_string(Instant{v.opened_us}),
                      v.rule == "repeated" ? v.why : "",
                      x.name(v.unit),
                      v.closed_us == 0 && may_close(actor, v),
                      when(v.closed_us),
                      {},
                      {},
                      {},
                      v.files,
                      x.known->rules.evidence_for};
  if (v.closed_us != 0) out.closed_by = v.closed_name, out.how = v.how, out.finding = v.finding;
  return out;
}

void supervision_list(ApiContext& c, Actor const& actor, Request const& request, Answer const& answer) {
  std::string_view const status = request.argument("status");
  if (!status.empty() && status != "open" && status != "closed")
    return answer(problem(wrong_member("status", "open, closed"), request));
  auto found = store::supervisions(*c.installation.database, actor.department, status == "closed", 200);
  if (!found) return answer(problem(found.error(), request));
  RequestContext const x(c, request);
  SupervisionList out;
  for (store::Supervision const& v : *found) {
    auto row = store::request_of(*c.installation.database, v.case_id);
    if (row && *row && x.known && !c.installation.requests->hidden(actor, **row))
      out.items.push_back(supervision_item(x, actor, v, **row));
  }
  answer(http::ok(out));
}

/// Why what was handed in does not prove what was found: nothing where the rules want something, files that the one who closes
/// did not bring, or that those who handled it brought themselves.
std::optional<Error> wrong_evidence(ApiContext& c, Actor const& actor, RequestRow const& row, store::Supervision const& v,
                                    SupervisionBody const& body) {
  auto const& wanted = c.installation.requests->knowledge()->rules.evidence_for;
  std::vector<http::Text<64, 64>> const files = body.files.value_or(std::vector<http::Text<64, 64>>{});
  if (files.empty()) {
    if (std::find(wanted.begin(), wanted.end(), body.how.value) == wanted.end()) return std::nullopt;
    return wrong_member("/files", "要附照片或材料 / a photo or document is wanted");
  }
  if (files.size() > 6) return wrong_member("/files", "最多 6 份 / six at most");
  auto loaded = store::load_case(*c.installation.database, *c.installation.definitions.snapshot(), row.case_id);
  if (!loaded) return loaded.error();
  auto people = store::staff_of(*c.installation.database, v.unit);
  if (!people) return people.error();
  auto const handled = [&](IdBytes const& id) {
    std::string const text = to_string(id);
    if (text == row.owner) return true;
    if (!*loaded) return false;
    auto const& took = (*loaded)->row.state.took_part;
    return std::find(took.begin(), took.end(), text) != took.end();
  };
  for (auto const& file : files) {
    auto const hash = digest_of(file.value);
    auto mine = hash ? store::brought_file(*c.installation.database, actor.id, *hash) : Result<bool>(false);
    if (!mine) return mine.error();
    if (!*mine) return wrong_member("/files", "要由核查的人上传 / it must be uploaded by the one who checked");
    for (store::StaffRow const& person : *people) {
      auto theirs = handled(person.id) ? store::brought_file(*c.installation.database, person.id, *hash) : Result<bool>(false);
      if (!theirs) return theirs.error();
      if (*theirs) return wrong_member("/files", "承办的人自己上传过的不能作证据 / what the handler has uploaded proves nothing");
    }
  }
  return std::nullopt;
}

void supervision_close(ApiContext& c, Actor const& actor, Request const& request, SupervisionBody& body, Answer const& answer) {
  auto const row = request_in_path(c, actor, request, answer);
  if (!row) return;
  auto all = store::supervisions_of(*c.installation.database, row->case_id);
  if (!all) return answer(problem(all.error(), request));
  auto const at =
      std::find_if(all->begin(), all->end(), [&](auto const& v) { return v.rule == body.rule.value && v.closed_us == 0; });
  bool const concerned = std::any_of(all->begin(), all->end(),
                                     [&](auto const& v) { return v.unit == actor.department || v.desk == actor.department; });
  if (!concerned || (at == all->end() && all->empty())) return answer(problem(missing_request(), request));
  if (at == all->end()) return answer(problem(Error(ErrorCode::store_conflict), request));
  if (!may_close(actor, *at)) return answer(problem(Error(ErrorCode::spine_forbidden, {{"action", "case_command"}}), request));
  static constexpr std::string_view kHow[] = {"visited", "called", "documents"};
  if (std::find(std::begin(kHow), std::end(kHow), body.how.value) == std::end(kHow))
    return answer(problem(wrong_member("/how", "visited, called, documents"), request));
  store::Supervision v = *at;
  if (auto wrong = wrong_evidence(c, actor, *row, *at, body)) return answer(problem(std::move(*wrong), request));
  if (body.files) {
    for (auto const& file : *body.files) v.files.push_back(file.value);
  }
  v.closed_us = c.installation.clock.now().us;
  v.closed_by = to_string(actor.id);
  v.closed_name = actor.name;
  v.how = body.how.value;
  v.finding = body.finding.value;
  Status done = c.installation.database->execute([&](store::Writer& w) -> Status {
    YW_ASSIGN(std::int64_t closed, store::close_supervision(w.session(), v));
    if (closed == 0) return fail(ErrorCode::store_conflict);
    std::vector<json::Value> files;
    for (std::string const& hash : v.files) files.push_back(text_value(hash));
    return record_event(c.installation, w, "request.supervision_closed", actor,
                        json::Value::object({{"case", text_value(to_string(v.case_id))},
                                             {"rule", text_value(v.rule)},
                                             {"how", text_value(v.how)},
                                             {"finding", text_value(v.finding)},
                                             {"files", json::Value::array(std::move(files))}}),
                        Instant{v.closed_us});
  });
  if (!done) return answer(problem(done.error(), request));
  answer(http::ok(supervision_item(RequestContext(c, request), actor, v, *row)));
}

/// A file that a supervision was closed on, for the unit that was supervised and the one that closed it.
void supervision_file(ApiContext& c, Actor const& actor, Request const& request, Answer const& answer) {
  auto const row = request_in_path(c, actor, request, answer);
  if (!row) return;
  auto all = store::supervisions_of(*c.installation.database, row->case_id);
  if (!all) return answer(problem(all.error(), request));
  std::string const hash(request.param("hash"));
  bool const theirs = std::any_of(all->begin(), all->end(), [&](auto const& v) {
    return (v.unit == actor.department || v.desk == actor.department) &&
           std::find(v.files.begin(), v.files.end(), hash) != v.files.end();
  });
  if (!theirs) return answer(problem(Error(ErrorCode::spine_not_found, {{"what", "附件 / the file"}}), request));
  answer_file(c, request, hash, answer);
}

/// The reply that told the person why it cannot be solved now; without numbers and names.
std::string last_reply(ApiContext& c, CaseId id) {
  auto loaded = store::load_case(*c.installation.database, *c.installation.definitions.snapshot(), id);
  if (!loaded || !*loaded) return {};
  for (auto e = (*loaded)->events.rbegin(); e != (*loaded)->events.rend(); ++e) {
    json::Value const* action = e->data.find("action");
    json::Value const* input = e->data.find("input");
    json::Value const* reply = action && action->text() == "reply" && input ? input->find("reply") : nullptr;
    if (reply) return service_request::redact(reply->text());
  }
  return {};
}

void unsolved(ApiContext& c, Actor const& actor, Request const& request, Answer const& answer) {
  auto found = store::revisits(*c.installation.database, actor.role == spine::Role::leader ? "" : actor.department, 200);
  if (!found) return answer(problem(found.error(), request));
  RequestContext const x(c, request);
  UnsolvedList out;
  for (store::Revisit const& v : *found) {
    auto row = store::request_of(*c.installation.database, v.case_id);
    if (!row || !*row || c.installation.requests->hidden(actor, **row)) continue;
    bool const open_words = (*row)->sealed.empty() && (*row)->about_unit.empty() && !(*row)->has(store::kConfidential);
    out.items.push_back({x.masked(**row), x.name(v.lead), x.name(v.unit), to_shanghai_string(Instant{v.due_us}),
                         to_shanghai_string(Instant{v.opened_us}), open_words ? last_reply(c, v.case_id) : "",
                         v.due_us <= x.now.us,
                         v.unit == actor.department && spine::allowed(actor.role, Action::case_command, spine::kDepartment)});
  }
  answer(http::ok(out));
}

void review_unsolved(ApiContext& c, Actor const& actor, Request const& request, UnsolvedBody& body, Answer const& answer) {
  auto const row = request_in_path(c, actor, request, answer);
  if (!row) return;
  auto all = store::revisits_of(*c.installation.database, row->case_id);
  if (!all) return answer(problem(all.error(), request));
  if (all->empty() || all->back().unit != actor.department) return answer(problem(missing_request(), request));
  bool const still = body.outcome.value == "still";
  if (!still && body.outcome.value != "solvable") return answer(problem(wrong_member("/outcome", "still, solvable"), request));
  auto const known = c.installation.requests->knowledge();
  Instant const now = c.installation.clock.now();
  store::Revisit next = all->back();
  next.opened_us = now.us;
  next.due_us = now.us + known->rules.unsolved.review_days * kMicrosPerDay;
  Status done = c.installation.database->execute([&](store::Writer& w) -> Status {
    YW_TRY(store::finish_revisit(w.session(), row->case_id, now, to_string(actor.id), actor.name, body.outcome.value,
                                 body.finding.value));
    if (still) {
      YW_TRY(store::open_revisit(w.session(), next));
    } else if (service_request::supervision_rule(known->rules, "unsolved") != nullptr) {
      store::Supervision v;
      v.case_id = row->case_id;
      v.rule = "unsolved";
      v.since_us = v.opened_us = now.us;
      v.unit = next.lead;
      v.desk = next.unit;
      YW_ASSIGN(bool fresh, store::open_supervision(w.session(), v));
      static_cast<void>(fresh);
    }
    return record_event(c.installation, w, "request.unsolved_reviewed", actor,
                        json::Value::object({{"case", text_value(to_string(row->case_id))},
                                             {"outcome", text_value(body.outcome.value)},
                                             {"finding", text_value(body.finding.value)}}),
                        now);
  });
  if (!done) return answer(problem(done.error(), request));
  answer(http::ok(UnsolvedDone{to_string(row->case_id), body.outcome.value, still ? when(next.due_us) : std::nullopt}));
}

void duty_now(ApiContext& c, Actor const&, Request const& request, Answer const& answer) {
  RequestContext const x(c, request);
  DutyNow out{c.installation.requests->office_open(x.now), "", "", {}};
  if (x.known) {
    auto clock = [](std::int64_t minutes) {
      auto two = [](std::int64_t n) { return (n < 10 ? "0" : "") + std::to_string(n); };
      return two(minutes / 60) + ":" + two(minutes % 60);
    };
    out.from = clock(x.known->hours.from);
    out.to = clock(x.known->hours.to);
    for (auto const& s : x.known->shifts)
      out.items.push_back({s.unit, x.name(s.unit), x.name(s.night), s.phone, s.then.empty() ? "" : x.name(s.then),
                           s.then.empty() ? "" : service_request::on_duty(*x.known, s.then, "").phone});
    auto const& o = x.known->otherwise;
    if (!o.night.empty()) out.items.push_back({"", "", x.name(o.night), o.phone, "", ""});
  }
  answer(http::ok(out));
}

}  // namespace

void add_request_watch_routes(http::Router& router, ApiContext& c) {
  router
      .add(reads<SupervisionList>(c, "/api/request-supervision", "What is supervised by rule at my unit, or by my unit",
                                  in_unit(Action::request_list), supervision_list))
      .arguments = {{"status", "open (default) or closed"}};
  router.add(writes<SupervisionBody, SupervisionItem>(
      c, "/api/requests/{id}/supervision",
      "Close what is supervised, with what was found and how; never by the unit that handles it", in_unit(Action::case_command),
      supervision_close));
  http::Route file =
      reads<http::Any>(c, "/api/requests/{id}/supervision/files/{hash}", "A photo or document that a supervision was closed on",
                       in_unit(Action::request_list), supervision_file);
  file.response_schema = {};
  router.add(std::move(file));
  router.add(reads<UnsolvedList>(c, "/api/requests-unsolved",
                                 "What cannot be solved now, with the reasons, until another unit looks at it again",
                                 everywhere_or_in_unit(Action::statistics_read, Action::request_list), unsolved));
  router.add(writes<UnsolvedBody, UnsolvedDone>(
      c, "/api/requests/{id}/unsolved-review",
      "Look again at what could not be solved: still so, or solvable, which is then supervised", in_unit(Action::case_command),
      review_unsolved));
  router
      .add(reads<DutyNow>(c, "/api/duty-now", "Whether offices are open, and who is called at night and on holidays",
                          in_unit(Action::request_list), duty_now))
      .runs = http::Runs::inline_;
}

}  // namespace yiwang::app

// Who keeps out of a case (回避) and what heads of units are alarmed of; persons under protection and what is opened of them.

#include <algorithm>

#include "case_views.hpp"
#include "operations.hpp"
#include "persons.hpp"
#include "requests_view.hpp"
#include "routes.hpp"
#include "yiwang/store/applicants.hpp"
#include "yiwang/store/matters.hpp"

namespace yiwang::app {

struct RecusalView {
  std::string staff;
  std::string name;
  std::string stands;
  bool own;
  std::optional<std::string> asked;
  std::optional<std::string> asked_by;
  std::optional<std::string> reason;
  std::optional<std::string> decided;
  std::optional<std::string> decided_by;
  std::optional<std::string> decision;
  bool may_decide;
};
struct RecusalPerson {
  std::string staff;
  std::string name;
};
struct RecusalList {
  std::vector<RecusalView> items;
  std::vector<RecusalPerson> people;
  bool may_decide;
};
struct RecusalBody {
  http::Text<36, 36> staff;
  http::Text<2, 500> reason;
};
struct RecusalDecision {
  bool recuse;
  http::Text<2, 500> reason;
};
struct RecusalReply {
  std::string case_id;
  std::int64_t revision;
  std::string step;
  std::string status;
};
struct AlarmRow {
  std::string case_id;
  std::string kind;
  std::string why;
  std::string since;
  std::string title;
  std::string query_code;
  std::string department_name;
};
struct AlarmList {
  std::vector<AlarmRow> items;
};
struct ObjectionBody {
  http::Text<2, 500> why;
};
struct ObjectionReply {
  std::string agent;
  bool authority_ended;
  bool withdrawn;
};
struct AlarmNote {
  http::Text<2, 500> note;
};
struct ProtectedBody {
  http::Text<1, 100> name;
  http::Text<5, 18> number;
  http::Text<2, 200> basis;
  http::Integer<1, 3660> days;
};
struct ProtectedRow {
  std::string subject;
  std::string name;
  std::string basis;
  std::string since;
  std::string until;
  std::string by;
};
struct ProtectedList {
  std::vector<ProtectedRow> items;
};
struct ProtectedFact {
  std::string label;
  std::string value;
};
struct ProtectedView {
  std::string name;
  std::vector<ProtectedFact> facts;
};

BOOST_DESCRIBE_STRUCT(RecusalView, (),
                      (staff, name, stands, own, asked, asked_by, reason, decided, decided_by, decision, may_decide))
BOOST_DESCRIBE_STRUCT(RecusalPerson, (), (staff, name))
BOOST_DESCRIBE_STRUCT(RecusalList, (), (items, people, may_decide))
BOOST_DESCRIBE_STRUCT(RecusalBody, (), (staff, reason))
BOOST_DESCRIBE_STRUCT(RecusalDecision, (), (recuse, reason))
BOOST_DESCRIBE_STRUCT(RecusalReply, (), (case_id, revision, step, status))
BOOST_DESCRIBE_STRUCT(AlarmRow, (), (case_id, kind, why, since, title, query_code, department_name))
BOOST_DESCRIBE_STRUCT(AlarmList, (), (items))
BOOST_DESCRIBE_STRUCT(ObjectionBody, (), (why))
BOOST_DESCRIBE_STRUCT(ObjectionReply, (), (agent, authority_ended, withdrawn))
BOOST_DESCRIBE_STRUCT(AlarmNote, (), (note))
BOOST_DESCRIBE_STRUCT(ProtectedBody, (), (name, number, basis, days))
BOOST_DESCRIBE_STRUCT(ProtectedRow, (), (subject, name, basis, since, until, by))
BOOST_DESCRIBE_STRUCT(ProtectedList, (), (items))
BOOST_DESCRIBE_STRUCT(ProtectedFact, (), (label, value))
BOOST_DESCRIBE_STRUCT(ProtectedView, (), (name, facts))

}  // namespace yiwang::app

// clang-format off
namespace yiwang::http {
YW_DOCS(app::RecusalView, "the official", "name", "asked (not decided yet), recused, kept (goes on)", "asked by the official", "when it was asked", "applicant, or the official's name; absent when nobody had asked", "why; an official's own reason is for the office only", "when it was decided", "by whom", "why", "whether you may decide it")
YW_DOCS(app::RecusalPerson, "the official", "name")
YW_DOCS(app::RecusalList, "what was asked and decided", "officials of this case of whom you may ask it, or about whom you may decide", "whether you may decide without having been asked")
YW_DOCS(app::RecusalBody, "the official who shall keep out", "why")
YW_DOCS(app::RecusalDecision, "whether the official keeps out", "why")
YW_DOCS(app::RecusalReply, "the case", "number of events so far", "where it stands", "in_progress, awaiting_applicant or concluded")
YW_DOCS(app::AlarmRow, "the case", "nobody_left, objection", "why", "since when", "its beginning", "the eight characters for people", "the unit that has it")
YW_DOCS(app::AlarmList, "oldest first")
YW_DOCS(app::ObjectionBody, "what was not agreed")
YW_DOCS(app::ObjectionReply, "who had filed it", "that one may not act any more", "the application is withdrawn; a decided one is looked into by the unit")
YW_DOCS(app::AlarmNote, "what was found, and what was done")
YW_DOCS(app::ProtectedBody, "name", "number; both must agree", "by which decision", "for how long")
YW_DOCS(app::ProtectedRow, "the person", "name", "by which decision", "since when", "until when", "who entered it")
YW_DOCS(app::ProtectedList, "persons whom one's unit protects")
YW_DOCS(app::ProtectedFact, "what it is", "what it says")
YW_DOCS(app::ProtectedView, "name", "what is kept back everywhere else")
}
// clang-format on

namespace yiwang::app {
namespace {

using http::Answer;
using http::problem;
using http::Request;
using spine::Action;
using spine::Actor;

std::string text_of(json::Value const& v, std::string_view key) {
  json::Value const* child = v.kind() == json::Kind::object ? v.find(key) : nullptr;
  return child && child->kind() == json::Kind::string ? child->text() : std::string{};
}

bool is_staff_role(std::string_view role) {
  auto const r = spine::parse_role(role);
  Actor one;
  one.role = r ? *r : spine::Role::nobody;
  return one.is_staff();
}

// --- recusal

void show_recusals(ApiContext& c, Request const& request, Answer const& answer) {
  Actor const actor = actor_of(c, request);
  auto loaded = readable(c, actor, request.param("id"), Action::case_read);
  if (!loaded) return answer(problem(loaded.error(), request));
  spine::CaseState const& state = loaded->row.state;
  bool const open = state.status != spine::CaseStatus::concluded || !state.tasks.empty();
  // The head of the unit, or the one above that the pack names.
  bool const head =
      actor.department == state.department || actor.department == c.installation.matters.current().persons->alarm_unit;
  bool const decides = head && spine::allowed(actor.role, Action::case_reassign, spine::relations(actor, state));
  std::string const me = to_string(actor.id);
  std::map<std::string, RecusalView> records;
  std::map<std::string, std::string> people = state.people;
  for (spine::Event const& e : loaded->events) {
    std::string const role = text_of(e.actor, "role"), by = text_of(e.actor, "name");
    if (is_staff_role(role) && role != "engineer") people.emplace(text_of(e.actor, "id"), by);
    if (e.type != "case.recusal") continue;
    std::string const id = text_of(e.data, "person"), act = text_of(e.data, "act"), reason = text_of(e.data, "reason");
    RecusalView& v = records[id];
    v.staff = id;
    v.name = text_of(e.data, "name");
    if (act == "ask") {
      v.own = is_staff_role(role);
      v.asked = to_shanghai_string(e.at);
      v.asked_by = v.own ? by : "applicant";
      if (!v.own || actor.is_staff()) v.reason = reason;
    } else {
      v.decided = to_shanghai_string(e.at);
      v.decided_by = by;
      // Who asked is told why; so is the person when the official had asked, without that one's private matters.
      if (!v.own || actor.is_staff()) v.decision = reason;
    }
  }
  if (state.assignee != IdBytes{}) people.emplace(to_string(state.assignee), state.assignee_name);
  RecusalList list{{}, {}, decides && open};
  for (auto& [id, v] : records) {
    auto const record = state.recusals.find(id);
    v.stands = record == state.recusals.end() ? "asked" : std::string(spine::to_string(record->second.stands));
    v.may_decide = decides && open && v.stands == "asked" && id != me;
    list.items.push_back(v);
  }
  if (open) {
    for (auto const& [id, name] : people) {
      bool const settled = state.recusals.contains(id);
      bool const mine = actor.is_staff() && !decides ? id == me : true;
      if (!settled && mine && !id.empty()) list.people.push_back({id, name});
    }
    if (actor.is_staff() && !people.contains(me) && !state.recusals.contains(me)) list.people.push_back({me, actor.name});
  }
  if (decides) {
    // The head of the unit need not wait until somebody asks; who stands in the case is named by the unit's list.
    auto staff = store::staff_of(*c.installation.database, state.department);
    for (store::StaffRow const& s : staff ? *staff : std::vector<store::StaffRow>{}) {
      std::string const id = to_string(s.id);
      bool const there =
          std::any_of(list.people.begin(), list.people.end(), [&](RecusalPerson const& p) { return p.staff == id; });
      bool const works = s.role == spine::Role::clerk || s.role == spine::Role::supervisor;
      if (open && works && !there && !state.recusals.contains(id)) list.people.push_back({id, s.name});
    }
  }
  answer(http::ok(list));
}

void command_recusal(ApiContext& c, Request const& request, Answer const& answer, std::string act, std::string person,
                     std::string reason) {
  auto command = case_command(request, spine::Command::Kind::recuse, answer);
  if (!command) return;
  command->action = std::move(act);
  command->people = {std::move(person)};
  command->reason = std::move(reason);
  run_command(c, request, std::move(*command), answer);
}

void ask_recusal(ApiContext& c, Request const& request, Answer const& answer) {
  RecusalBody body;
  if (!parse_body(request, body, answer)) return;
  command_recusal(c, request, answer, "ask", body.staff.value, body.reason.value);
}

void decide_recusal(ApiContext& c, Request const& request, Answer const& answer) {
  RecusalDecision body;
  if (!parse_body(request, body, answer)) return;
  command_recusal(c, request, answer, body.recuse ? "recuse" : "keep", std::string(request.param("staff")), body.reason.value);
}

// --- alarms

void list_alarms(ApiContext& c, Request const& request, Answer const& answer) {
  Actor const actor = actor_of(c, request);
  if (Status may = spine::authorise(actor, Action::case_reassign, spine::kDepartment); !may)
    return answer(problem(may.error(), request));
  auto alarms = store::alarms_of(*c.installation.database, actor.department, 100);
  if (!alarms) return answer(problem(alarms.error(), request));
  auto const definitions = c.installation.definitions.snapshot();
  AlarmList list;
  for (store::CaseAlarm const& a : *alarms) {
    if (spine::recusal(actor, a.state) != spine::Recusal::none) continue;
    auto const* unit = definitions->current->organisation(a.state.department);
    list.items.push_back(
        {to_string(a.case_id), a.kind, a.why, to_shanghai_string(a.created),
         a.state.case_type == service_request::kCaseType ? service_request::redact(a.state.title) : a.state.title,
         a.state.query_code, unit ? unit->name.in(request.language) : a.state.department});
  }
  answer(http::ok(list));
}

/// A client says that an agent filed without him: the authority ends, what is not decided is withdrawn, the head of the unit
/// looks into it. Each step may be made again, so that one that broke off can be repeated.
void object(ApiContext& c, Request const& request, Answer const& answer) {
  Actor const actor = actor_of(c, request);
  auto loaded = readable(c, actor, request.param("id"), Action::case_act_applicant);
  if (!loaded) return answer(problem(loaded.error(), request));
  ObjectionBody body;
  if (!parse_body(request, body, answer)) return;
  auto refuse = [&](ErrorCode code, char const* what) { answer(problem(Error(code, {{"action", what}}), request)); };
  if (actor.is_agent()) return refuse(ErrorCode::spine_forbidden, "由本人提出 / the person's own to say");
  Installation& in = c.installation;
  spine::CaseState const& state = loaded->row.state;
  json::Value const* facts = loaded->events.empty() ? nullptr : loaded->events.front().data.find("facts");
  json::Value const* agent = facts && facts->kind() == json::Kind::object ? facts->find("agent") : nullptr;
  auto id = agent ? SubjectId::parse(text_of(*agent, "id")) : Result<SubjectId>(fail(ErrorCode::spine_not_found));
  if (!id) return answer(problem(Error(ErrorCode::spine_not_found, {{"what", "代办 / an agent of this case"}}), request));
  Instant const now = in.clock.now();
  std::int64_t const days = in.matters.current().persons->agency.objection_days;
  if (days != 0 && now.us - state.created.us > days * kMicrosPerDay)
    return answer(
        problem(Error(ErrorCode::spine_too_often, {{"action", "在提交后 " + std::to_string(days) + " 天内提出"}, {"max", "1"}}),
                request));
  auto who = in.identity->subject(*id);
  auto ended = store::end_authority(*in.database, state.applicant, *id, now);
  auto row = store::matter_case(*in.database, state.id);
  if (!who || !ended || !row) return answer(problem(!who ? who.error() : !ended ? ended.error() : row.error(), request));
  ObjectionReply reply{who->name, *ended, *row && (*row)->outcome == "withdrawn"};
  if (*row && !(*row)->decided) {
    store::CommandRequest r;
    r.actor = actor;
    r.idempotency_key = "objection-" + to_string(state.id);
    r.request_bytes = request.path;
    r.command.kind = spine::Command::Kind::act;
    r.command.case_id = state.id;
    r.command.action = "withdraw";
    r.command.input = json::Value::object({{"why", json::Value::string("本人没有让人代办")}});
    store::Reply done = in.commands->run(std::move(r));
    reply.withdrawn = done.status == 200;  // decided in the meantime: then people look into it
  }
  bool fresh = false;
  Status told = in.database->execute([&](store::Writer& w) -> Status {
    YW_ASSIGN(fresh, store::raise_alarm(w.session(), {state.id, store::kObjection, state.department, body.why.value, now, {}}));
    if (!fresh) return {};
    return record_event(
        in, w, "agency.objected", actor,
        json::Value::object({{"case", json::Value::string(to_string(state.id))}, {"agent", json::Value::string(to_string(*id))}}),
        now);
  });
  if (!told) return answer(problem(told.error(), request));
  if (!fresh) return answer(problem(Error(ErrorCode::spine_too_often, {{"action", "提出异议"}, {"max", "1"}}), request));
  answer(http::ok(reply));
}

/// What the head of the unit has found about an objection.
void close_alarm(ApiContext& c, Request const& request, Answer const& answer) {
  Actor const actor = actor_of(c, request);
  if (Status may = spine::authorise(actor, Action::case_reassign, spine::kDepartment); !may)
    return answer(problem(may.error(), request));
  AlarmNote body;
  if (!parse_body(request, body, answer)) return;
  Installation& in = c.installation;
  auto alarms = store::alarms_of(*in.database, actor.department, 1000);
  if (!alarms) return answer(problem(alarms.error(), request));
  auto const found = std::find_if(alarms->begin(), alarms->end(), [&](store::CaseAlarm const& a) {
    return to_string(a.case_id) == request.param("id") && a.kind == request.param("kind") && a.kind == store::kObjection;
  });
  if (found == alarms->end())
    return answer(problem(Error(ErrorCode::spine_not_found, {{"what", "待核查的异议 / the objection"}}), request));
  if (spine::Recusal const why = spine::recusal(actor, found->state); why != spine::Recusal::none)
    return answer(problem(spine::recused(why), request));
  Instant const now = in.clock.now();
  Status done = in.database->execute([&](store::Writer& w) -> Status {
    YW_ASSIGN(bool closed, store::close_alarm(w.session(), found->case_id, found->kind, now));
    if (!closed) return fail(ErrorCode::spine_changed);
    return record_event(in, w, "agency.looked_into", actor,
                        json::Value::object({{"case", json::Value::string(to_string(found->case_id))},
                                             {"note", json::Value::string(body.note.value)}}),
                        now);
  });
  if (!done) return answer(problem(done.error(), request));
  answer({204, "", "", {}});
}

// --- protection

/// A head of a unit that may put persons under protection. Errors: spine.not_signed_in, spine.forbidden.
Result<Actor> protector(ApiContext& c, Request const& request) {
  Actor actor = actor_of(c, request);
  bool const of_unit = c.installation.matters.current().persons->protects(actor.department);
  YW_TRY(spine::authorise(actor, Action::protected_open, of_unit ? spine::kDepartment : 0));
  return actor;
}

ProtectedRow protected_row(store::ProtectedPerson const& p) {
  return {to_string(p.citizen.id), p.citizen.name, p.basis, to_shanghai_string(p.since), to_shanghai_string(p.until), p.by_name};
}

void list_protected(ApiContext& c, Request const& request, Answer const& answer, Actor const& actor) {
  auto people = store::protected_persons(*c.installation.database);
  if (!people) return answer(problem(people.error(), request));
  Instant const now = c.installation.clock.now();
  ProtectedList list;
  for (store::ProtectedPerson const& p : *people) {
    if (p.unit == actor.department && p.until.us > now.us) list.items.push_back(protected_row(p));
  }
  answer(http::ok(list));
}

void put_protected(ApiContext& c, Request const& request, Answer const& answer, Actor const& actor) {
  ProtectedBody body;
  if (!parse_body(request, body, answer)) return;
  Installation& in = c.installation;
  auto citizen = store::subject_by_number(*in.database, body.number.value);
  if (!citizen || citizen->name != body.name.value || citizen->kind != store::SubjectKind::resident)
    return answer(
        problem(Error(ErrorCode::spine_not_found, {{"what", "此人，请核对姓名和证件号码 / this person: check name and number"}}),
                request));
  Instant const now = in.clock.now();
  if (auto const there = in.persons->under_protection(citizen->id, now); there && there->row.unit != actor.department)
    return answer(problem(Error(ErrorCode::spine_assigned, {{"name", "另一个保护单位 / another unit"}}), request));
  store::ProtectedPerson p{std::move(*citizen),
                           actor.department,
                           body.basis.value,
                           actor.name,
                           now,
                           Instant{now.us + body.days.value * kMicrosPerDay}};
  Status done = in.database->execute([&](store::Writer& w) -> Status {
    YW_TRY(store::protect(w, p));
    return record_event(in, w, "person.protected", actor,
                        json::Value::object({{"subject", json::Value::string(to_string(p.citizen.id))},
                                             {"unit", json::Value::string(p.unit)},
                                             {"basis", json::Value::string(p.basis)},
                                             {"until", json::Value::string(to_shanghai_string(p.until))}}),
                        now);
  });
  if (done) done = in.persons->refresh(*in.database, now);
  if (!done) return answer(problem(done.error(), request));
  drop_exports(in, std::chrono::hours(0));
  answer(http::ok(protected_row(p), 201));
}

void drop_protected(ApiContext& c, Request const& request, Answer const& answer, Actor const& actor) {
  Installation& in = c.installation;
  auto id = SubjectId::parse(request.param("subject"));
  if (!id) return answer(problem(id.error(), request));
  Instant const now = in.clock.now();
  auto ended = store::end_protection(*in.database, *id, actor.department, now);
  if (!ended) return answer(problem(ended.error(), request));
  if (!*ended) return answer(problem(Error(ErrorCode::spine_not_found, {{"what", "受保护人员 / the person"}}), request));
  Status done = in.database->execute([&](store::Writer& w) {
    return record_event(in, w, "person.unprotected", actor,
                        json::Value::object({{"subject", json::Value::string(to_string(*id))}}), now);
  });
  if (done) done = in.persons->refresh(*in.database, now);
  if (!done) return answer(problem(done.error(), request));
  answer({204, "", "", {}});
}

/// What is kept back, for the head of the unit that protects: with the reason, which the person sees.
void open_protected(ApiContext& c, Request const& request, Answer const& answer, Actor const& actor) {
  Installation& in = c.installation;
  Instant const now = in.clock.now();
  Error const missing(ErrorCode::spine_not_found, {{"what", "这件事 / this case"}});
  auto id = CaseId::parse(request.param("id"));
  if (!id) return answer(problem(missing, request));
  auto const definitions = in.definitions.snapshot();
  auto loaded = store::load_case(*in.database, *definitions, *id);
  if (!loaded) return answer(problem(loaded.error(), request));
  if (!*loaded) return answer(problem(missing, request));
  spine::CaseState const& state = (*loaded)->row.state;
  auto const person = in.persons->under_protection(state.applicant, now);
  if (!person || person->row.unit != actor.department) return answer(problem(missing, request));
  if (spine::Recusal const why = spine::recusal(actor, state); why != spine::Recusal::none)
    return answer(problem(spine::recused(why), request));
  std::string const purpose(request.argument("purpose"));
  if (utf8::length(purpose) < 2 || utf8::length(purpose) > 100)
    return answer(problem(
        Error(ErrorCode::http_field, {{"path", "purpose"}, {"why", "请写明用途，2 至 100 个字 / say why, 2 to 100 characters"}}),
        request));
  Status seen =
      store::record_access(*in.database, *in.ids, {state.applicant, actor, "查看受保护信息：" + purpose, state.id}, now);
  if (!seen) return answer(problem(seen.error(), request));
  store::SubjectRecord const& citizen = person->row.citizen;
  ProtectedView v{citizen.name, {{"住址", citizen.address}, {"电话", citizen.phone}}};
  MatterPack const pack = in.matters.current();
  spine::CaseType const* type = definitions->find(state.definition);
  json::Value const form = form_now(**loaded);
  for (auto const& [key, value] : form.kind() == json::Kind::object ? form.members() : std::vector<json::Member>{}) {
    spine::Field const* f = type ? type->field(key) : nullptr;
    if (f != nullptr && pack.persons->keeps_back(*f) && value.kind() == json::Kind::string)
      v.facts.push_back({f->label.in(request.language), value.text()});
  }
  answer(http::ok(v));
}

/// Ids in a path: whose page it is.
bool names_somebody(std::string_view path) {
  while (!path.empty()) {
    std::size_t const slash = path.find('/');
    std::string_view const part = path.substr(0, slash);
    if (part.size() == 36 && part[8] == '-' && part[13] == '-') return true;
    path = slash == std::string_view::npos ? std::string_view{} : path.substr(slash + 1);
  }
  return false;
}

/// Whether the answer may hold what is kept back of this person: lists of the office may, pages about somebody else do not. What
/// other people are told about themselves may hold the same words, a street or a school; it tells of this person when it names
/// her.
bool may_tell_of(Protected const& person, Actor const& reader, Request const& request, std::string_view body) {
  if (reader.is_staff() && !names_somebody(request.path)) return true;
  auto in_either = [&](std::string_view id) {
    return request.path.find(id) != std::string::npos || body.find(id) != std::string_view::npos;
  };
  if (in_either(to_string(person.row.citizen.id)) || body.find(person.row.citizen.name) != std::string_view::npos) return true;
  return std::any_of(person.cases.begin(), person.cases.end(), in_either);
}

constexpr char kOpened[] = "/api/cases/{id}/protected";

}  // namespace

void conceal(ApiContext& c, Request const& request, http::Response& response) {
  if (!response.content_type.starts_with("application/json") && !response.content_type.starts_with("application/problem") &&
      !response.content_type.starts_with("text/"))
    return;
  auto const people = c.installation.persons->all_protected(c.installation.clock.now());
  std::optional<Actor> actor;
  std::string shown;
  for (auto const& person : people) {
    bool const there = std::any_of(person->secrets.begin(), person->secrets.end(),
                                   [&](std::string const& s) { return response.body.find(s) != std::string::npos; });
    if (!there) continue;
    if (!actor) actor = actor_of(c, request), shown = c.installation.matters.current().persons->shown;
    if (!may_tell_of(*person, *actor, request, response.body)) continue;
    if (actor->is_subject() && actor->acts_for == person->row.citizen.id) continue;  // it is their own
    keep_back(response.body, *person, shown);
  }
}

void conceal_everywhere(http::Router& router, ApiContext& c) {
  for (auto const& route : router.routes()) {
    if (route->path == kOpened) continue;
    route->handler = [&c, inner = std::move(route->handler)](Request const& request, Answer answer) {
      // The request lives as long as its answer is awaited.
      inner(request, [&c, &request, answer = std::move(answer)](http::Response response) {
        conceal(c, request, response);
        answer(std::move(response));
      });
    };
  }
}

void add_person_routes(http::Router& router, ApiContext& c) {
  using http::SchemaOf;
  Routes routes(router, c, "persons", "case_read");
  routes.add("GET", "/api/cases/{id}/recusals", "Officials who shall keep out of a case: asked, decided, of whom one may ask it",
             {}, SchemaOf<RecusalList>::make(), show_recusals);
  routes.add(
      "POST", "/api/cases/{id}/recusals", "Ask that an official keeps out: the applicant, or the official",
      SchemaOf<RecusalBody>::make(), SchemaOf<RecusalReply>::make(), ask_recusal,
      {.action = "case_act_applicant, or case_read of an official about oneself", .command = true, .runs = http::Runs::inline_});
  routes.add("POST", "/api/cases/{id}/recusals/{staff}", "The head of the unit decides whether an official keeps out",
             SchemaOf<RecusalDecision>::make(), SchemaOf<RecusalReply>::make(), decide_recusal,
             {.action = "case_reassign", .command = true, .runs = http::Runs::inline_});
  routes.add("GET", "/api/case-alarms",
             "Cases of one's unit for which nobody is left, or that a client says were not filed for him", {},
             SchemaOf<AlarmList>::make(), list_alarms, {.action = "case_reassign"});
  routes.add("POST", "/api/case-alarms/{id}/{kind}", "What the head of the unit has found about an objection",
             SchemaOf<AlarmNote>::make(), {}, close_alarm, {.action = "case_reassign"});
  routes.add("POST", "/api/cases/{id}/objection",
             "A client says that an agent filed without him: the authority ends, what is not decided is withdrawn",
             SchemaOf<ObjectionBody>::make(), SchemaOf<ObjectionReply>::make(), object, {.action = "case_act_applicant"});
  Routes kept(router, c, "persons", "protected_open", protector);
  kept.add("GET", "/api/protected-persons", "Persons whom one's unit protects", {}, SchemaOf<ProtectedList>::make(),
           list_protected);
  kept.add("POST", "/api/protected-persons", "Put a person under protection: address, telephone and workplace are kept back",
           SchemaOf<ProtectedBody>::make(), SchemaOf<ProtectedRow>::make(), put_protected);
  kept.add("DELETE", "/api/protected-persons/{subject}", "End the protection of a person", {}, {}, drop_protected);
  kept.add("GET", kOpened, "What is kept back of a person under protection, with the reason for the look", {},
           SchemaOf<ProtectedView>::make(), open_protected, {.arguments = {{"purpose", "why, 2 to 100 characters"}}});
}

}  // namespace yiwang::app

// Who applies: for oneself, by authority, as a guardian, together with others who confirm on their own devices.

#include "applying.hpp"
#include "routes.hpp"
#include "sessions.hpp"
#include "yiwang/base/personal.hpp"
#include "yiwang/http/schema.hpp"
#include "yiwang/store/applicants.hpp"

namespace yiwang::app {

struct AuthorityView {
  std::string subject;
  std::string name;
  std::vector<std::string> scope;
  std::string until;
};
struct AuthorityList {
  std::vector<AuthorityView> given;
  std::vector<AuthorityView> held;
};
struct AuthorityBody {
  http::Text<1, 100> name;
  http::Text<5, 18> number;
  std::vector<http::Text<1, 64>> matters;
  http::Integer<1, 366> days;
};
struct GuardianBody {
  http::Text<1, 100> name;
  http::Text<5, 18> number;
};
struct JointPartyView {
  std::string name;
  std::string state;
  std::optional<std::string> at;
};
struct JointLine {
  std::string label;
  std::string value;
  std::optional<std::vector<std::string>> files;
};
struct JointView {
  std::string id;
  std::string matter;
  std::string name;
  std::string applicant;
  bool mine;
  bool asked;
  std::string state;
  std::string created;
  std::string expires;
  std::vector<JointPartyView> parties;
  std::vector<JointLine> lines;
  std::optional<std::string> case_id;
  std::optional<std::string> why;
};
struct JointList {
  std::vector<JointView> items;
};
struct JointAnswer {
  bool agrees;
  std::optional<http::Text<0, 500>> why;
};

BOOST_DESCRIBE_STRUCT(AuthorityView, (), (subject, name, scope, until))
BOOST_DESCRIBE_STRUCT(AuthorityList, (), (given, held))
BOOST_DESCRIBE_STRUCT(AuthorityBody, (), (name, number, matters, days))
BOOST_DESCRIBE_STRUCT(GuardianBody, (), (name, number))
BOOST_DESCRIBE_STRUCT(JointPartyView, (), (name, state, at))
BOOST_DESCRIBE_STRUCT(JointLine, (), (label, value, files))
BOOST_DESCRIBE_STRUCT(JointView, (),
                      (id, matter, name, applicant, mine, asked, state, created, expires, parties, lines, case_id, why))
BOOST_DESCRIBE_STRUCT(JointList, (), (items))
BOOST_DESCRIBE_STRUCT(JointAnswer, (), (agrees, why))

}  // namespace yiwang::app

// clang-format off
namespace yiwang::http {
YW_DOCS(app::AuthorityView, "the other person or enterprise", "its name; of agents masked", "case types, or all, or guardian", "until when")
YW_DOCS(app::AuthorityList, "who may act for the one for whom one acts now", "for whom one may act")
YW_DOCS(app::AuthorityBody, "name of the agent", "number of the agent's identity card", "matters that he may apply for; empty: all", "for so many days, at most a year")
YW_DOCS(app::GuardianBody, "name of the child", "number of the child's identity card")
YW_DOCS(app::JointPartyView, "who, masked for the others", "waiting, agrees or declines", "when he answered")
YW_DOCS(app::JointLine, "field of the form", "what is filled in; numbers of the others masked", "files, to be opened before one confirms")
YW_DOCS(app::JointView, "its id", "the matter", "its name", "who applies, masked for the others", "one's own", "one is asked to confirm", "waiting, submitted, declined, withdrawn, refused or expired", "when it was filled in", "until when it waits", "who must confirm", "what is applied for, as the others must see it before they confirm", "the case that it became", "why it did not become one")
YW_DOCS(app::JointList, "newest first")
YW_DOCS(app::JointAnswer, "confirm, or decline", "why one declines; the applicant reads it")
}
// clang-format on

namespace yiwang::app {
namespace {

using http::Answer;
using http::problem;
using http::Request;
using spine::Action;
using spine::Actor;

constexpr std::int64_t kJointDays = 30;

std::string masked(std::string const& name) {
  auto person = PersonName::create(name);
  return person ? person->masked() : "***";
}

std::vector<std::string> words(std::string_view text) {
  std::vector<std::string> out;
  while (!text.empty()) {
    auto const blank = text.find(' ');
    if (blank != 0) out.emplace_back(text.substr(0, blank));
    text = blank == std::string_view::npos ? std::string_view{} : text.substr(blank + 1);
  }
  return out;
}

std::string text_of(json::Value const* v) {
  return v != nullptr && (v->kind() == json::Kind::string || v->kind() == json::Kind::number) ? v->text() : std::string{};
}

Error field_fault(std::string label, std::string why, std::string const& path) {
  return Error(ErrorCode::spine_field,
               {{"label", std::move(label)}, {"why", std::move(why)}, {"field", path.substr(path.rfind('/') + 1)}})
      .at_path(path);
}

/// The person of a name and number; both must agree, so that a number alone finds nobody.
Result<store::SubjectRecord> named(ApiContext& c, std::string const& name, std::string const& number) {
  auto found = store::subject_by_number(*c.installation.database, number);
  if (!found || found->name != name || found->kind != store::SubjectKind::resident)
    return fail(ErrorCode::spine_not_found, {{"what", "此人，请核对姓名和证件号码 / this person: check name and number"}});
  return found;
}

Result<Actor> principal_of(ApiContext& c, Request const& request) {
  YW_ASSIGN(Actor actor, applicant_of(c, request));
  // Authority is not passed on in part: whoever gives it has all of it.
  if (!actor.covers_all() || actor.scope == "guardian") return fail(ErrorCode::spine_forbidden, {{"action", "authority_give"}});
  return actor;
}

void list_authorities(ApiContext& c, Request const& request, Answer const& answer) {
  auto actor = applicant_of(c, request);
  if (!actor) return answer(problem(actor.error(), request));
  AuthorityList list;
  Instant const now = c.installation.clock.now();
  if (actor->covers_all()) {
    auto given = store::authorities_of(*c.installation.database, actor->acts_for, now);
    if (!given) return answer(problem(given.error(), request));
    for (store::Authority const& a : *given)
      list.given.push_back({to_string(a.agent), masked(a.name), words(a.scope), to_shanghai_string(a.to)});
  }
  auto info = session_of(c, request.session_token);
  if (info) {
    for (store::Delegation const& d : info->delegations)
      list.held.push_back({to_string(d.enterprise), d.name, words(d.scope), to_shanghai_string(d.until)});
  }
  answer(http::ok(list));
}

void give_authority(ApiContext& c, Request const& request, Answer const& answer) {
  auto actor = principal_of(c, request);
  if (!actor) return answer(problem(actor.error(), request));
  AuthorityBody body;
  if (!parse_body(request, body, answer)) return;
  std::string scope = body.matters.empty() ? "all" : "";
  for (auto const& id : body.matters) {
    auto b = applicable(c, id.value);
    if (!b) return answer(problem(b.error(), request));
    scope += (scope.empty() ? "" : " ") + b->type->id;
  }
  auto agent = named(c, body.name.value, body.number.value);
  if (!agent) return answer(problem(agent.error(), request));
  if (agent->id == actor->acts_for)
    return answer(problem(field_fault("经办人", "不能委托给自己 / not to oneself", "/number"), request));
  Instant const now = c.installation.clock.now();
  Instant const until{now.us + body.days.value * kMicrosPerDay};
  Status put = c.installation.database->execute(
      [&](store::Writer& w) { return store::insert_delegation(w, actor->acts_for, agent->id, scope, now, until); });
  if (!put) return answer(problem(put.error(), request));
  answer(http::ok(AuthorityView{to_string(agent->id), masked(agent->name), words(scope), to_shanghai_string(until)}, 201));
}

void end_authority(ApiContext& c, Request const& request, Answer const& answer) {
  auto actor = applicant_of(c, request);
  if (!actor) return answer(problem(actor.error(), request));
  auto other = SubjectId::parse(request.param("subject"));
  if (!other) return answer(problem(other.error(), request));
  Instant const now = c.installation.clock.now();
  // Taken back by the one who gave it; or laid down by the agent.
  auto ended =
      actor->covers_all() ? store::end_authority(*c.installation.database, actor->acts_for, *other, now) : Result<bool>(false);
  if (ended && !*ended) ended = store::end_authority(*c.installation.database, *other, SubjectId(actor->id), now);
  if (!ended) return answer(problem(ended.error(), request));
  if (!*ended) return answer(problem(Error(ErrorCode::spine_not_found, {{"what", "授权 / the authority"}}), request));
  answer({204, "", "", {}});
}

/// A guardian is who the household register names; whoever it does not name goes to the counter with papers.
void become_guardian(ApiContext& c, Request const& request, Answer const& answer) {
  auto actor = applicant_of(c, request);
  if (!actor) return answer(problem(actor.error(), request));
  GuardianBody body;
  if (!parse_body(request, body, answer)) return;
  if (actor->is_agent()) return answer(problem(Error(ErrorCode::spine_forbidden, {{"action", "guardianship"}}), request));
  Installation& in = c.installation;
  auto child = named(c, body.name.value, body.number.value);
  auto self = in.identity->subject(actor->acts_for);
  if (!child || !self) return answer(problem(!child ? child.error() : self.error(), request));
  Date const today = shanghai_date(in.clock.now());
  matter::RegisterSubject const about{child->name, child->id_number, child->address, child->region_path, false};
  matter::RegisterSubject const me{self->name, self->id_number, self->address, self->region_path, false};
  MatterPack const pack = in.matters.current();
  matter::Register const* household = pack.registers->find("household");
  matter::RegisterMode const mode = in.matters.mode("household");
  if (household == nullptr || mode == matter::RegisterMode::down || mode == matter::RegisterMode::slow) {
    return answer(problem(field_fault("监护关系",
                                      "户籍登记暂时查不到，请稍后再试，或带户口簿到窗口 / the register does not answer now: try "
                                      "later, or come to a counter",
                                      "/number"),
                          request));
  }
  json::Value const known = pack.registers->answer(*household, about, mode, today);
  json::Value const* guardians = known.kind() == json::Kind::object ? known.find("guardians") : nullptr;
  bool found = false;
  if (guardians != nullptr && guardians->kind() == json::Kind::array) {
    for (json::Value const& g : guardians->items()) found = found || g.text() == me.name + "/" + me.birth();
  }
  if (!found)
    return answer(problem(field_fault("监护关系",
                                      "户籍登记里没有您和孩子的监护关系，请带户口簿或判决书到窗口登记 / the register does not "
                                      "show it: come to a counter with your papers",
                                      "/number"),
                          request));
  auto const birth = parse_date(about.birth());
  if (!birth) return answer(problem(birth.error(), request));
  YearMonthDay of_age = to_ymd(*birth);
  of_age.year += 18;
  if (of_age.month == 2 && of_age.day == 29) of_age.month = 3, of_age.day = 1;
  Instant const until = shanghai_midnight(to_date(of_age));
  Instant const now = in.clock.now();
  if (until.us <= now.us) return answer(problem(field_fault("监护关系", "已经成年，不需要监护人 / of age", "/number"), request));
  Status put = in.database->execute(
      [&](store::Writer& w) { return store::insert_delegation(w, child->id, actor->acts_for, "guardian", now, until); });
  if (!put) return answer(problem(put.error(), request));
  answer(http::ok(AuthorityView{to_string(child->id), child->name, {"guardian"}, to_shanghai_string(until)}, 201));
}

/// Who the register of companies names as the representative of an enterprise acts for it; what the one before has applied for
/// goes on with the enterprise.
void become_representative(ApiContext& c, Request const& request, Answer const& answer) {
  auto actor = applicant_of(c, request);
  if (!actor) return answer(problem(actor.error(), request));
  GuardianBody body;
  if (!parse_body(request, body, answer)) return;
  if (actor->is_agent()) return answer(problem(Error(ErrorCode::spine_forbidden, {{"action", "representation"}}), request));
  Installation& in = c.installation;
  auto firm = store::subject_by_number(*in.database, body.number.value);
  if (!firm || firm->name != body.name.value || firm->kind != store::SubjectKind::enterprise)
    return answer(problem(Error(ErrorCode::spine_not_found,
                                {{"what", "这家企业，请核对名称和统一社会信用代码 / this enterprise: check name and code"}}),
                          request));
  auto self = in.identity->subject(actor->acts_for);
  if (!self) return answer(problem(self.error(), request));
  MatterPack const pack = in.matters.current();
  matter::PersonRules::Representatives const& rule = pack.persons->representatives;
  matter::Register const* reg = pack.registers->find(rule.register_id);
  matter::RegisterMode const mode = in.matters.mode(rule.register_id);
  Instant const now = in.clock.now();
  if (reg == nullptr || mode == matter::RegisterMode::down || mode == matter::RegisterMode::slow)
    return answer(
        problem(field_fault("法定代表人",
                            "企业登记暂时查不到，请稍后再试，或带营业执照到窗口 / the register does not answer now: try "
                            "later, or come to a counter",
                            "/number"),
                request));
  json::Value const known = pack.registers->answer(*reg, register_subject(*firm), mode, shanghai_date(now));
  json::Value const* named = known.kind() == json::Kind::object ? known.find(rule.now) : nullptr;
  matter::RegisterSubject const me = register_subject(*self);
  if (named == nullptr || text_of(named) != me.name + "/" + me.birth())
    return answer(
        problem(field_fault("法定代表人",
                            "企业登记的法定代表人不是您；刚变更的，登记更新后再来 / the register names somebody else", "/number"),
                request));
  constexpr std::int64_t kDays = 366;  // then the register is asked again
  Instant const until{now.us + kDays * kMicrosPerDay};
  Status put = in.database->execute(
      [&](store::Writer& w) { return store::insert_delegation(w, firm->id, actor->acts_for, "all", now, until); });
  if (!put) return answer(problem(put.error(), request));
  answer(http::ok(AuthorityView{to_string(firm->id), firm->name, {"all"}, to_shanghai_string(until)}, 201));
}

// --- joint applications

// What is kept of an application beside what was sent: the window where it was filled in, those where somebody has confirmed.
constexpr std::string_view kCounter = "counter", kAtWindow = "at_window";

std::string_view state_name(store::JointApplication const& j, Instant now) {
  constexpr std::string_view kNames[] = {"", "waiting", "submitted", "declined", "withdrawn", "refused"};
  if (j.state == store::JointState::waiting && j.expires.us <= now.us) return "expired";
  return kNames[static_cast<std::size_t>(j.state)];
}

/// What the form says, by the names of its fields. Numbers of identity cards are for those whose they are, and for who filled it
/// in.
std::vector<JointLine> lines_of(spine::CaseType const& type, matter::Matter const& m, json::Value const& form, bool mine,
                                std::string const& own_number) {
  auto number_of_another = [&](std::string const& field, std::string const& value) {
    return !mine && value != own_number &&
           std::any_of(m.joint.begin(), m.joint.end(), [&](matter::JointFields const& j) { return j.number == field; });
  };
  std::vector<JointLine> out;
  for (spine::Field const* f : type.fields()) {
    json::Value const* value = form.kind() == json::Kind::object ? form.find(f->id) : nullptr;
    if (value == nullptr || value->is_null() || f->type == spine::FieldType::phone) continue;
    std::string shown = text_of(value);
    if (f->type == spine::FieldType::checkbox) shown = value->kind() == json::Kind::boolean && value->as_bool() ? "是" : "否";
    std::optional<std::vector<std::string>> files;
    if (f->type == spine::FieldType::files) {
      if (value->kind() != json::Kind::array || value->items().empty()) continue;
      files.emplace();
      for (json::Value const& file : value->items()) files->push_back(text_of(&file));
      shown = std::to_string(files->size()) + " 个附件";
    }
    if (number_of_another(f->id, shown))
      shown =
          shown.size() < 8 ? "****" : shown.substr(0, 3) + std::string(shown.size() - 7, '*') + shown.substr(shown.size() - 4);
    for (spine::Option const& o : f->options) {
      if (o.id == shown) shown = o.label.zh_cn;
    }
    out.push_back({f->label.zh_cn, std::move(shown), std::move(files)});
  }
  return out;
}

/// At a window a clerk reads along: numbers are masked there, also the person's own.
Result<JointView> joint_view(ApiContext& c, Actor const& actor, store::JointApplication const& j, bool window = false) {
  Instant const now = c.installation.clock.now();
  YW_ASSIGN(auto applicant, c.installation.identity->subject(j.subject));
  bool const mine = j.subject == actor.acts_for;
  JointView v{to_string(j.id),
              j.matter,
              j.matter,
              mine || applicant.kind == store::SubjectKind::enterprise ? applicant.name : masked(applicant.name),
              mine,
              false,
              std::string(state_name(j, now)),
              to_shanghai_string(j.created),
              to_shanghai_string(j.expires),
              {},
              {},
              {},
              {}};
  for (store::JointParty const& p : j.parties) {
    bool const me = p.subject == actor.acts_for;
    v.asked = v.asked || (me && !p.answered && v.state == "waiting");
    v.parties.push_back({me || mine ? p.name : masked(p.name),
                         !p.answered ? "waiting"
                         : p.agrees  ? "agrees"
                                     : "declines",
                         p.answered ? std::optional(to_shanghai_string(*p.answered)) : std::nullopt});
  }
  if (auto b = applicable(c, j.matter)) {
    v.name = b->matter->name;
    if (auto body = json::parse(j.body)) {
      YW_ASSIGN(auto reader, c.installation.identity->subject(actor.acts_for));
      if (json::Value const* form = body->find("form"))
        v.lines = lines_of(*b->type, *b->matter, *form, mine, window ? "" : reader.id_number);
    }
  }
  if (!j.case_id.is_nil() && mine) v.case_id = to_string(j.case_id);
  if (!j.why.empty()) v.why = j.why;
  return v;
}

/// A file of an application that waits, for the applicant and those who are asked to confirm it.
void joint_file(ApiContext& c, Request const& request, Answer const& answer) {
  auto actor = applicant_of(c, request);
  if (!actor) return answer(problem(actor.error(), request));
  auto missing = [&] { answer(problem(Error(ErrorCode::spine_not_found, {{"what", "附件 / the file"}}), request)); };
  auto id = parse_id(request.param("id"));
  if (!id) return missing();
  auto j = store::joint(*c.installation.database, *id);
  if (!j) return j.error().code() == ErrorCode::spine_not_found ? missing() : answer(problem(j.error(), request));
  bool const mine = j->subject == actor->acts_for && actor->covers_all();
  bool const party =
      std::any_of(j->parties.begin(), j->parties.end(), [&](store::JointParty const& p) { return p.subject == actor->acts_for; });
  if (!mine && (!party || actor->is_agent())) return missing();
  auto view = joint_view(c, *actor, *j);
  if (!view) return answer(problem(view.error(), request));
  std::string const hash(request.param("hash"));
  bool const named = std::any_of(view->lines.begin(), view->lines.end(), [&](JointLine const& line) {
    return line.files && std::find(line.files->begin(), line.files->end(), hash) != line.files->end();
  });
  if (!named) return missing();
  answer_file(c, request, hash, answer);
}

/// The applicant as he stands now, for a command that others have set off.
Result<Actor> actor_again(ApiContext& c, store::JointApplication const& j) {
  YW_ASSIGN(auto person, c.installation.identity->subject(j.actor));
  Actor actor;
  actor.role = spine::Role::resident;
  actor.id = j.actor.bytes();
  actor.acts_for = j.subject;
  actor.name = person.name;
  actor.region_path = person.region_path;
  if (j.actor == j.subject) return actor;
  YW_ASSIGN(auto principal, c.installation.identity->subject(j.subject));
  Instant const now = c.installation.clock.now();
  YW_ASSIGN(auto scope,
            c.installation.database->read([&](store::Session& s) { return store::authority(s, j.subject, j.actor, now); }));
  if (!scope) return fail(ErrorCode::spine_authority_ended, {{"name", principal.name}});
  actor.scope = *scope;
  if (principal.kind == store::SubjectKind::enterprise) actor.role = spine::Role::enterprise, actor.name = principal.name;
  return actor;
}

/// Everybody has confirmed: the case begins, and with it the clock. Under one key, so that it begins once.
Status complete(ApiContext& c, store::JointApplication const& j) {
  Installation& in = c.installation;
  auto closed = [&](std::string const& why) -> Status {
    YW_TRY(store::close_joint(*in.database, j.id, store::JointState::refused, {}, why));
    return {};
  };
  auto actor = actor_again(c, j);
  if (!actor) return closed(actor.error().line());
  auto b = applicable(c, j.matter);
  auto body = json::parse(j.body);
  if (!b || !body) return closed(!b ? b.error().line() : body.error().line());
  ApplicationText text = application_text(*body);
  if (json::Value const* counter = body->find(kCounter)) text.given.counter = *counter;
  json::Value const* at_window = body->find(kAtWindow);
  text.given.joint = json::Value::array();
  for (store::JointParty const& p : j.parties) {
    json::Value one = json::Value::object({{"subject", json::Value::string(to_string(p.subject))},
                                           {"name", json::Value::string(p.name)},
                                           {"at", json::Value::string(p.answered ? to_shanghai_string(*p.answered) : "")}});
    if (json::Value const* clerk = at_window ? at_window->find(to_string(p.subject)) : nullptr) one.set("counter", *clerk);
    text.given.joint.items().push_back(std::move(one));
  }
  store::CommandRequest r;
  r.actor = *actor;
  r.idempotency_key = "joint-" + to_string(j.id);
  r.request_bytes = j.body;
  r.command.kind = spine::Command::Kind::submit;
  r.command.case_type = b->type->id;
  r.command.input = text.form;
  auto faults = prepare_application(in, *b->matter, *b->type, *actor, text.given, r.command, in.clock.now());
  if (!faults.empty()) return closed(faults.front().line());
  store::Reply const reply = in.commands->run(std::move(r));
  auto said = json::parse(reply.body);
  if (reply.status >= 500 || !said) return fail(ErrorCode::store_conflict);
  if (reply.status != 201) {
    json::Value const* errors = said->find("errors");
    return closed(errors && !errors->items().empty() ? text_of(errors->items().front().find("message")) : "refused");
  }
  auto id = CaseId::parse(text_of(said->find("case_id")));
  if (!id) return fail(std::move(id).error());
  YW_TRY(store::close_joint(*in.database, j.id, store::JointState::submitted, *id, ""));
  return {};
}

bool all_agree(store::JointApplication const& j) {
  return std::all_of(j.parties.begin(), j.parties.end(), [](store::JointParty const& p) { return p.answered && p.agrees; });
}

void list_joint(ApiContext& c, Request const& request, Answer const& answer) {
  auto actor = applicant_of(c, request);
  if (!actor) return answer(problem(actor.error(), request));
  if (!actor->covers_all()) return answer(problem(Error(ErrorCode::spine_forbidden, {{"action", "joint_read"}}), request));
  auto found = store::joints_of(*c.installation.database, actor->acts_for, 50);
  if (!found) return answer(problem(found.error(), request));
  JointList list;
  for (store::JointApplication& j : *found) {
    // The server may have stopped between the last answer and the case.
    if (j.state == store::JointState::waiting && all_agree(j)) {
      if (Status done = complete(c, j); done) {
        if (auto again = store::joint(*c.installation.database, j.id)) j = std::move(*again);
      }
    }
    auto v = joint_view(c, *actor, j);
    if (v) list.items.push_back(std::move(*v));
  }
  answer(http::ok(list));
}

/// Answers for `actor`; at a window, `clerk` is who has heard it.
void answer_joint_of(ApiContext& c, Request const& request, Answer const& answer, Actor const* actor, Actor const* clerk) {
  JointAnswer body;
  if (!parse_body(request, body, answer)) return;
  Installation& in = c.installation;
  auto id = parse_id(request.param("id"));
  auto missing = [&] {
    answer(problem(Error(ErrorCode::spine_not_found, {{"what", "共同申请 / the joint application"}}), request));
  };
  if (!id) return missing();
  auto j = store::joint(*in.database, *id);
  if (!j) return answer(problem(j.error(), request));
  bool const mine = j->subject == actor->acts_for;
  bool const party =
      std::any_of(j->parties.begin(), j->parties.end(), [&](store::JointParty const& p) { return p.subject == actor->acts_for; });
  // Each confirms himself: an agent of a joint applicant does not (亲自确认).
  if ((!mine && !party) || actor->is_agent()) return missing();
  Instant const now = in.clock.now();
  if (j->state != store::JointState::waiting || j->expires.us <= now.us)
    return answer(
        problem(Error(ErrorCode::spine_wrong_step, {{"step", std::string(state_name(*j, now))}, {"action", "answer"}}), request));
  std::string const why = body.why ? body.why->value : "";
  if (mine) {
    if (body.agrees)
      return answer(problem(Error(ErrorCode::spine_wrong_step, {{"step", "waiting"}, {"action", "answer"}}), request));
    if (auto closed = store::close_joint(*in.database, *id, store::JointState::withdrawn, {}, why); !closed)
      return answer(problem(closed.error(), request));
  } else {
    auto heard = [&](std::string const& kept) {
      auto said = json::parse(kept);
      if (!said) return kept;
      json::Value all = said->find(kAtWindow) ? *said->find(kAtWindow) : json::Value::object();
      all.set(to_string(actor->acts_for), json::Value::object({{"staff", json::Value::string(to_string(clerk->id))},
                                                               {"name", json::Value::string(clerk->name)},
                                                               {"department", json::Value::string(clerk->department)}}));
      said->set(std::string(kAtWindow), std::move(all));
      return json::write(*said);
    };
    auto left = store::answer_joint(*in.database, *id, actor->acts_for, body.agrees, now,
                                    clerk ? std::function<std::string(std::string const&)>(heard) : nullptr);
    if (!left) return answer(problem(left.error(), request));
    if (!*left) return answer(problem(Error(ErrorCode::spine_too_often, {{"action", "确认"}, {"max", "1"}}), request));
    if (!body.agrees) {
      if (auto closed = store::close_joint(*in.database, *id, store::JointState::declined, {},
                                           why.empty() ? "有人没有同意 / somebody declined" : why);
          !closed)
        return answer(problem(closed.error(), request));
    } else if (**left == 0) {
      j = store::joint(*in.database, *id);
      if (!j) return answer(problem(j.error(), request));
      if (j->state == store::JointState::waiting) {
        if (Status done = complete(c, *j); !done) return answer(problem(done.error(), request));
      }
    }
  }
  j = store::joint(*in.database, *id);
  if (!j) return answer(problem(j.error(), request));
  auto v = joint_view(c, *actor, *j, clerk != nullptr);
  answer(v ? http::ok(*v) : problem(v.error(), request));
}

void answer_joint(ApiContext& c, Request const& request, Answer const& answer) {
  auto actor = applicant_of(c, request);
  if (!actor) return answer(problem(actor.error(), request));
  answer_joint_of(c, request, answer, &*actor, nullptr);
}

/// Who is at the window, as an applicant.
Result<std::pair<WindowVisit, Actor>> guest_of(ApiContext& c, Request const& request) {
  YW_ASSIGN(WindowVisit at, visit_at_window(c, request));
  YW_ASSIGN(auto subject, c.installation.identity->subject(at.visit.subject));
  return std::pair(std::move(at), person_of(subject));
}

/// What waits for whoever is at the window.
void joint_at_window(ApiContext& c, Request const& request, Answer const& answer) {
  auto at = guest_of(c, request);
  if (!at) return answer(problem(at.error(), request));
  auto found = store::joints_of(*c.installation.database, at->second.acts_for, 50);
  if (!found) return answer(problem(found.error(), request));
  JointList list;
  for (store::JointApplication const& j : *found) {
    auto v = joint_view(c, at->second, j, true);
    if (v && v->asked && serves_matter(c, at->first.clerk, j.matter)) list.items.push_back(std::move(*v));
  }
  answer(http::ok(list));
}

/// He has read it there and says so in person: written down with the clerk who has heard it, and he sees that it was.
void answer_joint_at_window(ApiContext& c, Request const& request, Answer const& answer) {
  auto at = guest_of(c, request);
  if (!at) return answer(problem(at.error(), request));
  Installation& in = c.installation;
  auto id = parse_id(request.param("id"));
  auto j = id ? store::joint(*in.database, *id)
              : Result<store::JointApplication>(fail(ErrorCode::spine_not_found, {{"what", "共同申请 / the joint application"}}));
  if (!j) return answer(problem(j.error(), request));
  if (!serves_matter(c, at->first.clerk, j->matter))
    return answer(problem(Error(ErrorCode::spine_not_found, {{"what", "共同申请 / the joint application"}}), request));
  Status seen = store::record_access(*in.database, *in.ids, {at->first.visit.subject, at->first.clerk, "窗口确认共同申请", {}},
                                     in.clock.now());
  if (!seen) return answer(problem(seen.error(), request));
  answer_joint_of(c, request, answer, &at->second, &at->first.clerk);
}

}  // namespace

Result<Actor> applicant_of(ApiContext& c, Request const& request) {
  auto info = session_of(c, request.session_token);
  if (!info) return fail(ErrorCode::spine_not_signed_in);
  if (!info->lapsed.empty()) return fail(ErrorCode::spine_authority_ended, {{"name", info->lapsed}});
  YW_TRY(spine::authorise(info->actor, Action::case_submit, spine::kOwn));
  return info->actor;
}

Result<Applicable> applicable(ApiContext& c, std::string_view id) {
  Applicable b{c.installation.matters.guide(shanghai_date(c.installation.clock.now())), nullptr, nullptr};
  b.matter = b.guide->catalogue().find(id, b.guide->day());
  if (b.matter == nullptr || b.matter->case_type.empty())
    return fail(ErrorCode::spine_not_found, {{"what", "可以在线办理的事项 / a matter that can be applied for here"}});
  auto definitions = c.installation.definitions.snapshot();
  auto it = definitions->current->case_types.find(b.matter->case_type);
  if (it == definitions->current->case_types.end())
    return fail(ErrorCode::spine_unknown_case_type, {{"id", b.matter->case_type}});
  b.type = it->second;
  return b;
}

ApplicationText application_text(json::Value const& body) {
  ApplicationText out;
  auto list = [&](std::string_view key, std::vector<std::string>& into) {
    json::Value const* found = body.find(key);
    if (found == nullptr || found->kind() != json::Kind::array) return;
    for (json::Value const& item : found->items()) into.push_back(text_of(&item));
  };
  if (json::Value const* form = body.find("form")) out.form = *form;
  if (json::Value const* answers = body.find("answers"); answers != nullptr && answers->kind() == json::Kind::object) {
    for (auto const& [question, choice] : answers->members()) out.given.answers.emplace(question, text_of(&choice));
  }
  list("promises", out.given.promises);
  list("disputed", out.given.disputed);
  json::Value const* consent = body.find("guardian_consent");
  out.given.guardian_consent = consent != nullptr && consent->kind() == json::Kind::boolean && consent->as_bool();
  return out;
}

/// Those whom a register names about the applicant; who sends it has agreed by that.
static Result<std::vector<std::pair<SubjectId, std::string>>> parties_of_register(ApiContext& c, Actor const& actor,
                                                                                  matter::JointFields const& f) {
  Installation& in = c.installation;
  std::vector<std::pair<SubjectId, std::string>> out;
  MatterPack const pack = in.matters.current();
  matter::Register const* reg = pack.registers->find(f.register_id);
  matter::RegisterMode const mode = in.matters.mode(f.register_id);
  // One that does not answer turns nobody down (never.md 12): people ask them.
  if (reg == nullptr || mode == matter::RegisterMode::down || mode == matter::RegisterMode::slow) return out;
  YW_ASSIGN(store::SubjectRecord applicant, in.identity->subject(actor.acts_for));
  json::Value const answer = pack.registers->answer(*reg, register_subject(applicant), mode, shanghai_date(in.clock.now()));
  json::Value const* listed = answer.kind() == json::Kind::object ? answer.find(f.fact) : nullptr;
  if (listed == nullptr || listed->kind() != json::Kind::array) return out;
  for (json::Value const& one : listed->items()) {
    std::string const name = one.text().substr(0, one.text().find('/'));
    YW_ASSIGN(auto people, residents_of_register(*in.database, one.text()));
    if (people.size() != 1)
      return fail(
          field_fault(reg->fact(f.fact)->label,
                      "登记的“" + name +
                          "”要亲自确认，在这里找不到：请本人先注册，或者一起到窗口办 / who is registered must confirm and "
                          "is not known here: let them register, or come to a counter together",
                      "/form"));
    if (people.front() != SubjectId(actor.id) && people.front() != actor.acts_for) out.emplace_back(people.front(), name);
  }
  return out;
}

Result<std::optional<JointWait>> wait_for_joint(ApiContext& c, Applicable const& b, Actor const& actor, std::string const& key,
                                                std::string const& body, json::Value const& form,
                                                matter::Situation const& answers, json::Value const& counter) {
  store::JointApplication j;
  JointWait wait;
  matter::Situation const situation = answers_of(*b.matter, answers, form);
  auto asked = [&](SubjectId id, std::string const& who) {
    if (std::any_of(j.parties.begin(), j.parties.end(), [&](store::JointParty const& p) { return p.subject == id; })) return;
    j.parties.push_back({id, who, {}, false});
    wait.waiting.push_back(who);
  };
  for (matter::JointFields const& f : b.matter->joint) {
    if (!matter::fits(f.when, situation)) continue;
    if (!f.register_id.empty()) {
      YW_ASSIGN(auto people, parties_of_register(c, actor, f));
      for (auto const& [id, who] : people) asked(id, who);
      continue;
    }
    std::string const name = text_of(form.find(f.name)), number = text_of(form.find(f.number));
    if (name.empty() && number.empty()) continue;
    auto found = named(c, name, number);
    if (!found)
      return fail(field_fault("共同申请人",
                              "查不到此人，请核对姓名和证件号码；不用手机的，请一起到窗口 / not found: check name and number, or "
                              "come to a counter together",
                              "/form/" + f.number));
    if (found->id == actor.acts_for || found->id == SubjectId(actor.id))
      return fail(field_fault("共同申请人", "不能是申请人自己 / not the applicant", "/form/" + f.number));
    asked(found->id, found->name);
  }
  if (j.parties.empty()) return std::optional<JointWait>{};
  Installation& in = c.installation;
  // The same key again is the same application.
  Digest const derived = sm3(to_string(actor.id) + ":" + key);
  std::copy_n(derived.begin(), j.id.size(), j.id.begin());
  wait.id = to_string(j.id);
  if (auto before = store::joint(*in.database, j.id)) {
    wait.expires = before->expires;
    return std::optional(std::move(wait));
  }
  j.subject = actor.acts_for;
  j.actor = SubjectId(actor.id);
  j.matter = b.matter->id;
  // Nobody says from outside what a window has said.
  YW_ASSIGN(json::Value const sent, json::parse(body));
  json::Value kept = json::Value::object();
  for (auto const& [key_of, value] : sent.members()) {
    if (key_of != kCounter && key_of != kAtWindow) kept.set(key_of, value);
  }
  if (!counter.is_null()) kept.set(std::string(kCounter), counter);
  j.body = json::write(kept);
  j.created = in.clock.now();
  j.expires = Instant{j.created.us + kJointDays * kMicrosPerDay};
  YW_TRY(store::insert_joint(*in.database, j));
  wait.expires = j.expires;
  return std::optional(std::move(wait));
}

void add_applicant_routes(http::Router& router, ApiContext& c) {
  using http::SchemaOf;
  Routes routes(router, c, "applicants", "case_submit");
  routes.add("GET", "/api/authorities", "Who may act for me, and for whom I may act", {}, SchemaOf<AuthorityList>::make(),
             list_authorities);
  routes.add("POST", "/api/authorities", "Let somebody act for oneself or one's enterprise, for named matters and days",
             SchemaOf<AuthorityBody>::make(), SchemaOf<AuthorityView>::make(), give_authority);
  routes.add("DELETE", "/api/authorities/{subject}", "Take an authority back, or lay it down; it ends at once", {}, {},
             end_authority);
  routes.add("POST", "/api/guardianships", "Act for a child whose guardian the household register names",
             SchemaOf<GuardianBody>::make(), SchemaOf<AuthorityView>::make(), become_guardian);
  routes.add("POST", "/api/representations", "Act for the enterprise whose representative one is by the register of companies",
             SchemaOf<GuardianBody>::make(), SchemaOf<AuthorityView>::make(), become_representative);
  routes.add("GET", "/api/joint-applications",
             "Applications that wait for joint applicants: one's own, and those that ask one to confirm", {},
             SchemaOf<JointList>::make(), list_joint);
  routes.add("GET", "/api/joint-applications/{id}/files/{hash}", "A file of an application that waits for one's confirmation", {},
             {}, joint_file);
  Routes window(router, c, "counter", "counter_serve");
  window.add("GET", "/api/counter/visits/{subject}/{visit}/joint-applications",
             "Applications that wait for the person at the window to confirm", {}, SchemaOf<JointList>::make(), joint_at_window);
  window.add("POST", "/api/counter/visits/{subject}/{visit}/joint-applications/{id}",
             "The person at the window confirms or declines as a joint applicant", SchemaOf<JointAnswer>::make(),
             SchemaOf<JointView>::make(), answer_joint_at_window);
  routes.add("POST", "/api/joint-applications/{id}/answer",
             "Confirm or decline as a joint applicant; withdraw as the applicant. With the last yes the case begins",
             SchemaOf<JointAnswer>::make(), SchemaOf<JointView>::make(), answer_joint);
}

}  // namespace yiwang::app

// Applying for a matter: what is filled in by itself, the application, why it was decided as it was, its statutory papers;
// the switches of the demo's registers.

#include "afterwards.hpp"
#include "application_form.hpp"
#include "apply_views.hpp"
#include "papers.hpp"
#include "recheck.hpp"
#include "routes.hpp"
#include "yiwang/spine/forms.hpp"

namespace yiwang::app {

struct ApplyBody {
  http::Any form;
  std::optional<http::Any> answers;
  std::optional<std::vector<http::Text<1, 64>>> promises;
  std::optional<std::vector<http::Text<1, 128>>> disputed;
  std::optional<bool> guardian_consent;
};
struct FollowBody {
  http::Any form;
};
struct FollowFault {
  std::string field;
  std::string why;
};
struct FollowView {
  std::vector<std::string> hidden;
  http::Any computed;
  std::vector<FollowFault> faults;
};
struct FactView {
  std::string label;
  std::string value;
  std::optional<std::string> source;
  std::optional<std::string> updated;
};
struct RuleView {
  std::string decision;
  http::Any title;
  http::Any basis;
  std::string outcome;
  std::string code;
  std::string reason;
  std::string article;
  std::string version;
  std::string model_sha256;
};
struct ChangeView {
  std::string register_title;
  std::string label;
  std::string updated;
  std::string state;
};
struct MatterOfCase {
  std::string matter;
  std::string name;
  std::string outcome;
  bool by_rules;
  std::vector<RuleView> rules;
  std::vector<FactView> facts;
  std::vector<SourceView> sources;
  std::vector<PromiseView> promises;
  std::vector<std::string> disputes;
  std::optional<std::string> open_case;
  std::vector<PaperView> papers;
  std::vector<std::string> certificates;
  std::string review;
  std::string court;
  std::vector<ChangeView> changes;
  std::optional<std::string> agent;
  bool agency = false;
};
struct RegisterView {
  std::string id;
  std::string title;
  std::string holder;
  std::string mode;
  std::string updated;
  std::int64_t records;
};
struct RegisterList {
  std::vector<RegisterView> items;
};
struct RegisterModeBody {
  http::Text<2, 5> mode;
};

BOOST_DESCRIBE_STRUCT(ApplyBody, (), (form, answers, promises, disputed, guardian_consent))
BOOST_DESCRIBE_STRUCT(FollowBody, (), (form))
BOOST_DESCRIBE_STRUCT(FollowFault, (), (field, why))
BOOST_DESCRIBE_STRUCT(FollowView, (), (hidden, computed, faults))
BOOST_DESCRIBE_STRUCT(FactView, (), (label, value, source, updated))
BOOST_DESCRIBE_STRUCT(RuleView, (), (decision, title, basis, outcome, code, reason, article, version, model_sha256))
BOOST_DESCRIBE_STRUCT(ChangeView, (), (register_title, label, updated, state))
BOOST_DESCRIBE_STRUCT(MatterOfCase, (),
                      (matter, name, outcome, by_rules, rules, facts, sources, promises, disputes, open_case, papers,
                       certificates, review, court, changes, agent, agency))
BOOST_DESCRIBE_STRUCT(RegisterView, (), (id, title, holder, mode, updated, records))
BOOST_DESCRIBE_STRUCT(RegisterList, (), (items))
BOOST_DESCRIBE_STRUCT(RegisterModeBody, (), (mode))

}  // namespace yiwang::app

// clang-format off
namespace yiwang::http {
YW_DOCS(app::ApplyBody, "the filled-in fields by their ids", "question: answer, of the situation", "materials that follow later by promise (容缺)", "facts that the applicant says are wrong, as register.fact", "a guardian's separate consent, for a child under 14")
YW_DOCS(app::FollowBody, "the fields filled in so far")
YW_DOCS(app::FollowFault, "the field", "what is wrong with it")
YW_DOCS(app::FollowView, "fields that are not asked now", "values worked out, by field", "checks that do not hold")
YW_DOCS(app::FactView, "what it is", "what was found; personal values are masked for staff", "from which register", "as of which day")
YW_DOCS(app::RuleView, "which decision", "its name by language", "the rules by language", "pass, approve or manual", "code of the reason for handing over", "the reason in plain words", "article of the rules", "version in force since", "SHA-256 of the rules")
YW_DOCS(app::ChangeView, "the register", "the fact; empty when the register does not answer", "as of which day", "changed, unavailable")
YW_DOCS(app::MatterOfCase, "the matter", "its name", "open, granted, refused, not_accepted, withdrawn, ended", "decided by rules", "what the rules said", "the facts they used", "registers that were asked", "what was promised", "facts that the applicant disputes", "an open case of the same matter", "statutory papers", "identifiers of certificates that it led to", "where to ask for a review", "where to sue", "for the office, of an open case: what registers say otherwise than when it was applied for", "who has filed it by authority", "that one files for many (代办)")
YW_DOCS(app::RegisterView, "register", "its name", "unit that keeps it", "up, down, slow, wrong", "as of which day", "records of their own in the pack")
YW_DOCS(app::RegisterList, "by id")
YW_DOCS(app::RegisterModeBody, "up, down, slow or wrong")
}
// clang-format on

namespace yiwang::app {
namespace {

using http::Answer;
using http::problem;
using http::Request;
using spine::Action;
using spine::Actor;

std::string text_of(json::Value const* v) {
  if (v == nullptr) return {};
  if (v->kind() == json::Kind::boolean) return v->as_bool() ? "是" : "否";
  return v->kind() == json::Kind::string || v->kind() == json::Kind::number ? v->text() : std::string{};
}
std::string text_of(json::Value const& v, std::string_view key) {
  return v.kind() == json::Kind::object ? text_of(v.find(key)) : std::string{};
}

void prefill(ApiContext& c, Request const& request, Answer const& answer) {
  auto actor = applicant_of(c, request);
  if (!actor) return answer(problem(actor.error(), request));
  auto b = applicable(c, request.param("id"));
  if (!b) return answer(problem(b.error(), request));
  auto subject = c.installation.identity->subject(actor->acts_for);
  if (!subject) return answer(problem(subject.error(), request));
  auto known = prefilled_for(c.installation, *b->type, *actor, *subject, false);
  answer(known ? http::ok(*known) : problem(known.error(), request));
}

void print_form(ApiContext& c, Request const& request, Answer const& answer) {
  ApplyBody body;
  if (!parse_body(request, body, answer)) return;
  auto actor = applicant_of(c, request);
  if (!actor) return answer(problem(actor.error(), request));
  auto b = applicable(c, request.param("id"));
  auto subject = c.installation.identity->subject(actor->acts_for);
  auto sent = json::parse(request.body);
  if (!b || !subject || !sent) return answer(problem(!b ? b.error() : !subject ? subject.error() : sent.error(), request));
  auto bytes = print_draft(c, *b, *actor, *subject, false, application_text(*sent));
  if (!bytes) return answer(problem(bytes.error(), request));
  answer_pdf(answer, std::move(*bytes), b->matter->id);
}

void apply_for(ApiContext& c, Request const& request, Answer const& answer) {
  ApplyBody body;
  if (!parse_body(request, body, answer)) return;
  auto actor = applicant_of(c, request);
  if (!actor) return answer(problem(actor.error(), request));
  auto b = applicable(c, request.param("id"));
  if (!b) return answer(problem(b.error(), request));
  Application given;
  if (body.answers && body.answers->value.kind() == json::Kind::object) {
    for (auto const& [question, choice] : body.answers->value.members()) given.answers.emplace(question, text_of(&choice));
  }
  for (auto& promise : body.promises.value_or(std::vector<http::Text<1, 64>>{}))
    given.promises.push_back(std::move(promise.value));
  for (auto& fact : body.disputed.value_or(std::vector<http::Text<1, 128>>{})) given.disputed.push_back(std::move(fact.value));
  given.guardian_consent = body.guardian_consent.value_or(false);
  spine::Command command;
  command.kind = spine::Command::Kind::submit;
  command.case_type = b->type->id;
  command.input = std::move(body.form.value);
  auto faults = prepare_application(c.installation, *b->matter, *b->type, *actor, given, command, c.installation.clock.now());
  if (!faults.empty()) return answer(problem(faults, request.language, request.trace_id));
  if (!b->matter->joint.empty()) {
    json::Value form;
    faults = spine::check_form(*b->type, command.input, c.installation.clock.now(), form);
    if (!faults.empty()) return answer(problem(faults, request.language, request.trace_id));
    auto wait = wait_for_joint(c, *b, *actor, request.idempotency_key, request.body, form, given.answers);
    if (!wait) return answer(problem(wait.error(), request));
    if (*wait)
      return answer(http::ok(ApplyReply{"", 0, "joint", "awaiting_applicant", "", "", (*wait)->id, (*wait)->waiting}, 202));
  }
  run_command_as(c, request, std::move(*actor), std::move(command), answer);
}

void follow_form(ApiContext& c, Request const& request, Answer const& answer) {
  FollowBody body;
  if (!parse_body(request, body, answer)) return;
  auto definitions = c.installation.definitions.snapshot();
  auto it = definitions->current->case_types.find(std::string(request.param("id")));
  if (it == definitions->current->case_types.end())
    return answer(problem(Error(ErrorCode::spine_unknown_case_type, {{"id", std::string(request.param("id"))}}), request));
  spine::FormView const view = spine::follow_form(*it->second, body.form.value, shanghai_date(c.installation.clock.now()));
  FollowView v{{view.hidden.begin(), view.hidden.end()}, {view.computed}, {}};
  for (Error const& e : view.faults) {
    std::string field, why;
    for (Error::Param const& p : e.params()) {
      if (p.first == "field") field = p.second;
      if (p.first == "why") why = p.second;
    }
    v.faults.push_back({field, why});
  }
  answer(http::ok(v));
}

/// What the record of a decision says about the rule that decided: its annotation.
std::string article_of(json::Value const& record) {
  json::Value const* tables = record.find("tables");
  std::string out;
  if (tables == nullptr || tables->kind() != json::Kind::array) return out;
  for (json::Value const& table : tables->items()) {
    json::Value const* matched = table.find("matched");
    if (matched == nullptr || matched->kind() != json::Kind::array) continue;
    for (json::Value const& rule : matched->items()) {
      json::Value const* notes = rule.find("annotations");
      if (notes == nullptr) continue;
      if (notes->kind() == json::Kind::array) {
        for (json::Value const& n : notes->items()) out = n.kind() == json::Kind::string ? n.text() : text_of(n, "text");
      } else if (notes->kind() == json::Kind::object) {
        for (auto const& [name, n] : notes->members()) out = text_of(&n);
      }
    }
  }
  return out;
}

Result<MatterOfCase> matter_of_case(ApiContext& c, Actor const& actor, store::LoadedCase const& loaded) {
  Installation& in = c.installation;
  YW_ASSIGN(auto row, store::matter_case(*in.database, loaded.row.state.id));
  if (!row || loaded.events.empty()) return fail(ErrorCode::spine_not_found, {{"what", "事项 / the matter"}});
  auto definitions = in.definitions.snapshot();
  spine::CaseType const* type = definitions->find(loaded.row.state.definition);
  MatterPack const pack = in.matters.current();
  matter::Matter const* m = pack.catalogue->find(row->matter, shanghai_date(loaded.row.state.created));
  MatterOfCase v{
      row->matter, m ? m->name : row->matter, row->outcome, row->by_rules, {}, {}, {}, {}, {}, {}, {}, {}, "", "", {}, {}, false};
  json::Value const* facts = loaded.events.front().data.find("facts");
  json::Value const none = json::Value::object();
  if (facts == nullptr || facts->kind() != json::Kind::object) facts = &none;
  std::map<std::string, std::string> updated;
  if (json::Value const* sources = facts->find("sources")) {
    for (json::Value const& s : sources->items()) {
      v.sources.push_back({text_of(s, "id"), text_of(s, "title"), text_of(s, "state"), text_of(s, "updated")});
      updated[text_of(s, "id")] = text_of(s, "updated");
    }
  }
  for (auto const& [id, reg] : pack.registers->all()) {
    json::Value const* known = facts->find(id);
    if (known == nullptr || known->kind() != json::Kind::object) continue;
    for (auto const& [key, value] : known->members()) {
      matter::RegisterFact const* f = reg.fact(key);
      if (f == nullptr || value.is_null()) continue;
      v.facts.push_back({f->label, f->personal && actor.is_staff() ? "***" : text_of(&value), reg.title,
                         updated.contains(id) ? std::optional(updated[id]) : std::nullopt});
    }
  }
  YW_ASSIGN(auto promised, store::promised_of(*in.database, loaded.row.state.id));
  for (store::PromisedMaterial const& p : promised) v.promises.push_back(promise_view(c, actor, p));
  if (json::Value const* disputes = facts->find("disputes")) {
    for (json::Value const& d : disputes->items()) {
      std::string const path = text_of(&d);
      matter::Register const* reg = pack.registers->find(std::string_view(path).substr(0, path.find('.')));
      matter::RegisterFact const* f = reg ? reg->fact(std::string_view(path).substr(path.find('.') + 1)) : nullptr;
      v.disputes.push_back(f ? reg->title + "：" + f->label : path);
    }
  }
  if (std::string open = text_of(*facts, "open_case"); !open.empty()) v.open_case = open;
  for (spine::Event const& e : loaded.events) {
    if (e.type != "case.decided") continue;
    json::Value const* output = e.data.find("output");
    json::Value const* record = e.data.find("record");
    std::string const id = text_of(e.data, "decision");
    spine::CaseDecision const* d = type ? type->decision(id) : nullptr;
    v.rules.push_back({id,
                       {d ? spine::to_json(d->title) : json::Value::object()},
                       {d ? spine::to_json(d->basis) : json::Value::object()},
                       output ? text_of(*output, "outcome") : "",
                       output ? text_of(*output, "code") : "",
                       output ? text_of(*output, "reason") : "",
                       record ? article_of(*record) : "",
                       text_of(e.data, "from"),
                       text_of(e.data, "model_sha256")});
  }
  YW_ASSIGN(v.papers, papers_of(c, loaded, *row, v.promises, m));
  YW_ASSIGN(auto certificates, store::certificates_of(*in.database, loaded.row.state.applicant, 100));
  for (store::CertificateRow const& r : certificates) {
    if (r.case_id == loaded.row.state.id) v.certificates.push_back(r.identifier);
  }
  if (actor.is_staff() && type != nullptr) {
    YW_ASSIGN(auto changes, changes_since(in, *type, loaded));
    for (FactChange& x : changes)
      v.changes.push_back({std::move(x.register_title), std::move(x.label), std::move(x.updated), std::move(x.state)});
  }
  if (json::Value const* agent = facts->find("agent")) {
    auto id = SubjectId::parse(text_of(*agent, "id"));
    auto who = id ? in.identity->subject(*id) : Result<store::SubjectRecord>(store::SubjectRecord{});
    if (who) v.agent = who->name;
    json::Value const* agency = agent->find("agency");
    v.agency = agency != nullptr && agency->as_bool();
  }
  if (m != nullptr) v.review = review_of(*m), v.court = court_of(*m);
  return v;
}

void show_matter(ApiContext& c, Request const& request, Answer const& answer) {
  Actor actor = actor_of(c, request);
  auto loaded = readable(c, actor, request.param("id"), Action::case_read);
  if (!loaded) return answer(problem(loaded.error(), request));
  if (actor.is_staff()) {
    Status recorded = store::record_access(*c.installation.database, *c.installation.ids,
                                           {loaded->row.state.applicant, actor, "查看核对情况", loaded->row.state.id},
                                           c.installation.clock.now());
    if (!recorded) return answer(problem(recorded.error(), request));
  }
  auto v = matter_of_case(c, actor, *loaded);
  if (!v) return answer(problem(v.error(), request));
  answer(http::ok(*v));
}

void list_registers(ApiContext& c, Request const& request, Answer const& answer) {
  Actor actor = actor_of(c, request);
  if (Status may = spine::authorise(actor, Action::system_operate, spine::kAny); !may)
    return answer(problem(may.error(), request));
  RegisterList list;
  MatterPack const pack = c.installation.matters.current();
  for (auto const& [id, r] : pack.registers->all())
    list.items.push_back({id, r.title, r.holder, std::string(matter::to_string(c.installation.matters.mode(id))), r.updated,
                          static_cast<std::int64_t>(r.records.size())});
  answer(http::ok(list));
}

void switch_register(ApiContext& c, Request const& request, Answer const& answer) {
  Actor actor = actor_of(c, request);
  if (Status may = spine::authorise(actor, Action::system_operate, spine::kAny); !may)
    return answer(problem(may.error(), request));
  RegisterModeBody body;
  if (!parse_body(request, body, answer)) return;
  MatterPack const pack = c.installation.matters.current();
  matter::Register const* r = pack.registers->find(request.param("id"));
  if (r == nullptr) return answer(problem(Error(ErrorCode::spine_not_found, {{"what", "登记库 / the register"}}), request));
  auto mode = matter::parse_register_mode(body.mode.value);
  if (!mode)
    return answer(problem(
        Error(ErrorCode::http_field, {{"path", "mode"}, {"why", "up、down、slow 或 wrong / one of up, down, slow, wrong"}}),
        request));
  Status put = store::put_register_mode(*c.installation.database, r->id, static_cast<std::int64_t>(*mode), actor.id,
                                        c.installation.clock.now());
  if (!put) return answer(problem(put.error(), request));
  c.installation.matters.set_mode(r->id, *mode);
  answer(http::ok(RegisterView{r->id, r->title, r->holder, std::string(matter::to_string(*mode)), r->updated,
                               static_cast<std::int64_t>(r->records.size())}));
}

}  // namespace

Result<PrefillView> prefilled_for(Installation& in, spine::CaseType const& type, Actor const& actor,
                                  store::SubjectRecord const& subject, bool counter) {
  Instant const now = in.clock.now();
  Known known = ask_registers(in, type, register_subject(subject), shanghai_date(now));
  YW_TRY(add_earlier(in, type, actor, counter, now, known));
  PrefillView v;
  for (Prefilled const& p : known.prefilled)
    v.items.push_back(
        {p.field, p.fact, p.title, p.holder, p.updated, {p.value}, p.case_id.empty() ? std::nullopt : std::optional(p.case_id)});
  for (SourceState const& s : known.sources) v.sources.push_back({s.id, s.title, s.state, s.updated});
  for (auto const& p : projects_of(in, type, register_subject(subject), shanghai_date(now)).listed)
    v.projects.push_back({p.name, p.place});
  return v;
}

void add_apply_routes(http::Router& router, ApiContext& c) {
  using http::SchemaOf;
  constexpr std::size_t kFormMax = 256 << 10;
  Routes routes(router, c, "matters", "case_submit");
  routes.add("GET", "/api/matters/{id}/prefill",
             "What registers and one's earlier applications know for the form of a matter, with source and date", {},
             SchemaOf<PrefillView>::make(), prefill);
  routes.add("POST", "/api/case-types/{id}/form",
             "What a form asks for what is filled in so far: hidden fields, computed values, checks",
             SchemaOf<FollowBody>::make(), SchemaOf<FollowView>::make(), follow_form,
             {.action = "case_type_read", .body_max = kFormMax, .runs = http::Runs::inline_});
  routes.add("POST", "/api/matters/{id}/printed-form", "An application that has not been sent, on paper to be signed (PDF)",
             SchemaOf<ApplyBody>::make(), {}, print_form, {.body_max = kFormMax});
  routes.add("POST", "/api/matters/{id}/applications", "Apply for a matter; where the rules decide, the answer is there at once",
             SchemaOf<ApplyBody>::make(), SchemaOf<ApplyReply>::make(), apply_for, {.body_max = kFormMax, .command = true});
  routes.add("GET", "/api/cases/{id}/matter",
             "Why a case was decided as it was: rules, articles, facts with their sources, promises, papers", {},
             SchemaOf<MatterOfCase>::make(), show_matter, {.action = "case_read"});
  Routes registers(router, c, "registers", "system_operate");
  registers.add("GET", "/api/registers", "Registers of the invented district and how they behave now", {},
                SchemaOf<RegisterList>::make(), list_registers, {.runs = http::Runs::inline_});
  registers.add("PUT", "/api/registers/{id}/mode", "Switch a register of the invented district: up, down, slow, wrong",
                SchemaOf<RegisterModeBody>::make(), SchemaOf<RegisterView>::make(), switch_register);
}

}  // namespace yiwang::app

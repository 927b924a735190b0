// The counter (无差别窗口): any clerk of a window unit serves any matter. A visit begins with the person's consent and ends with
// what came of it; papers change hands under two signatures; a shift is handed over with a sheet.

#include "application_form.hpp"
#include "apply_views.hpp"
#include "routes.hpp"
#include "yiwang/base/identity_document.hpp"
#include "yiwang/base/personal.hpp"
#include "yiwang/spine/forms.hpp"
#include "yiwang/store/applicants.hpp"
#include "yiwang/store/counter.hpp"

namespace yiwang::app {

struct CounterVisitView {
  std::string subject;
  std::string visit;
  std::string name;
  std::string number_masked;
  std::string at;
  std::optional<std::string> matter;
  std::optional<std::string> case_id;
  std::int64_t visits;
  std::optional<std::int64_t> promised;
  bool above_promise;
};
struct HeldOriginal {
  std::string case_id;
  std::string original;
  std::string name;
  std::string handling;
  std::string taken;
};
struct ShiftView {
  std::string id;
  std::string name;
  std::string window;
  std::string opened;
  std::optional<std::string> closed;
  std::optional<std::string> taken;
  bool mine;
  bool for_me;
  std::string sheet;
};
struct CounterColleague {
  std::string id;
  std::string name;
};
struct CounterDesk {
  std::optional<ShiftView> shift;
  std::vector<ShiftView> waiting;
  std::vector<CounterVisitView> visits;
  std::vector<HeldOriginal> originals;
  std::vector<CounterColleague> colleagues;
};
struct ShiftBody {
  http::Text<1, 20> window;
};
struct CloseBody {
  std::optional<http::Text<36, 36>> to;
  std::optional<http::Text<0, 500>> note;
};
struct VisitBody {
  http::Text<5, 18> number;
  http::Text<1, 100> name;
  http::Text<2, 100> consent;
};
struct VisitCase {
  std::string case_id;
  std::string title;
  std::string type;
  std::string status;
  std::string step;
  std::string query_code;
};
struct VisitDetail {
  CounterVisitView visit;
  std::vector<VisitCase> cases;
};
struct CounterApply {
  http::Text<1, 64> matter;
  http::Any form;
  std::optional<http::Any> answers;
  std::optional<std::vector<http::Text<1, 64>>> promises;
};
struct EndBody {
  http::Text<2, 200> outcome;
  std::optional<http::Text<1, 64>> matter;
};

BOOST_DESCRIBE_STRUCT(CounterVisitView, (),
                      (subject, visit, name, number_masked, at, matter, case_id, visits, promised, above_promise))
BOOST_DESCRIBE_STRUCT(HeldOriginal, (), (case_id, original, name, handling, taken))
BOOST_DESCRIBE_STRUCT(ShiftView, (), (id, name, window, opened, closed, taken, mine, for_me, sheet))
BOOST_DESCRIBE_STRUCT(CounterColleague, (), (id, name))
BOOST_DESCRIBE_STRUCT(CounterDesk, (), (shift, waiting, visits, originals, colleagues))
BOOST_DESCRIBE_STRUCT(ShiftBody, (), (window))
BOOST_DESCRIBE_STRUCT(CloseBody, (), (to, note))
BOOST_DESCRIBE_STRUCT(VisitBody, (), (number, name, consent))
BOOST_DESCRIBE_STRUCT(VisitCase, (), (case_id, title, type, status, step, query_code))
BOOST_DESCRIBE_STRUCT(VisitDetail, (), (visit, cases))
BOOST_DESCRIBE_STRUCT(CounterApply, (), (matter, form, answers, promises))
BOOST_DESCRIBE_STRUCT(EndBody, (), (outcome, matter))

}  // namespace yiwang::app

// clang-format off
namespace yiwang::http {
YW_DOCS(app::CounterVisitView, "the person", "the visit", "the person's name, masked", "number, masked", "since when", "what for", "the case that came of it", "how often the person has come for this matter in a year, this visit too", "visits that the guide promises", "the person has come more often than promised")
YW_DOCS(app::HeldOriginal, "case", "its id", "what it is", "show, keep or return", "since when")
YW_DOCS(app::ShiftView, "its id", "who", "window", "since when", "until when", "when it was taken over", "one's own", "handed over to oneself", "the hand-over sheet")
YW_DOCS(app::CounterColleague, "staff id", "name")
YW_DOCS(app::CounterDesk, "one's open shift", "handed over and not taken yet", "people at one's window", "paper originals that one holds", "to whom a shift can be handed over")
YW_DOCS(app::ShiftBody, "which window")
YW_DOCS(app::CloseBody, "staff id of who takes over; nobody when nothing is left open", "what else he must know")
YW_DOCS(app::VisitBody, "number on the identity card that the person shows", "name on it", "how the person has agreed that one looks him up, such as: 出示身份证并口头同意")
YW_DOCS(app::VisitCase, "its id", "title", "case type", "in_progress, awaiting_applicant or concluded", "where it is", "the eight characters for people")
YW_DOCS(app::VisitDetail, "the visit", "the person's applications for matters, newest first; no requests")
YW_DOCS(app::CounterApply, "the matter", "the filled-in fields by their ids", "question: answer", "materials that follow by promise")
YW_DOCS(app::EndBody, "what came of it", "what for, when nothing was applied for")
}
// clang-format on

namespace yiwang::app {
namespace {

using http::Answer;
using http::problem;
using http::Request;
using spine::Action;
using spine::Actor;

/// What a unit's clerks begin for people: any matter at a window, or those for which it goes out to people (主动发现).
struct Serves {
  bool all = false;
  std::set<std::string, std::less<>> matters, types;
  bool operator()(std::string_view matter) const { return all || matters.contains(matter); }
  bool any() const { return all || !matters.empty(); }
};
Serves serves(ApiContext& c, Actor const& actor) {
  Serves out;
  auto const* unit = c.installation.definitions.snapshot()->current->organisation(actor.department);
  out.all = unit != nullptr && unit->window;
  MatterPack const pack = c.installation.matters.current();
  for (matter::Matter const* m : pack.catalogue->in_force(shanghai_date(c.installation.clock.now()))) {
    if (std::find(m->started_by.begin(), m->started_by.end(), actor.department) != m->started_by.end())
      out.matters.insert(m->id), out.types.insert(m->case_type);
  }
  return out;
}

/// A clerk of a unit whose clerks serve any matter, or some. Errors: spine.not_signed_in, spine.forbidden.
Result<Actor> window_clerk(ApiContext& c, Request const& request) {
  Actor actor = actor_of(c, request);
  YW_TRY(spine::authorise(actor, Action::counter_serve, serves(c, actor).any() ? spine::kDepartment : 0));
  return actor;
}

/// Errors: spine.forbidden for a matter that this unit begins for nobody.
Status may_serve(ApiContext& c, Actor const& actor, std::string const& matter) {
  return spine::authorise(actor, Action::counter_serve, serves(c, actor)(matter) ? spine::kDepartment : 0);
}

ShiftView shift_view(Actor const& actor, store::Shift const& s) {
  ShiftView v{to_string(s.id),         s.name, s.window, to_shanghai_string(s.opened), {}, {}, s.staff == actor.id,
              s.handed_to == actor.id, s.sheet};
  if (s.closed) v.closed = to_shanghai_string(*s.closed);
  if (s.taken) v.taken = to_shanghai_string(*s.taken);
  return v;
}

constexpr std::int64_t kLookBackDays = 7;

Result<std::vector<store::Shift>> recent_shifts(ApiContext& c, Actor const& actor) {
  Instant const since{c.installation.clock.now().us - kLookBackDays * kMicrosPerDay};
  return store::shifts(*c.installation.database, actor.department, since, 200);
}

Result<std::optional<store::Shift>> open_shift_of(ApiContext& c, Actor const& actor) {
  YW_ASSIGN(auto all, recent_shifts(c, actor));
  for (store::Shift& s : all) {
    if (s.staff == actor.id && !s.closed) return std::optional(std::move(s));
  }
  return std::optional<store::Shift>{};
}

std::string masked_name(std::string const& name) {
  auto person = PersonName::create(name);
  return person ? person->masked() : "***";
}

Result<CounterVisitView> visit_view(ApiContext& c, store::Visit const& v) {
  YW_ASSIGN(auto subject, c.installation.identity->subject(v.subject));
  CounterVisitView out{to_string(v.subject),
                       to_string(v.id),
                       masked_name(subject.name),
                       masked_number(subject.id_number),
                       to_shanghai_string(v.at),
                       {},
                       {},
                       1,
                       {},
                       false};
  if (!v.case_id.is_nil()) out.case_id = to_string(v.case_id);
  if (v.matter.empty()) return out;
  out.matter = v.matter;
  Instant const now = c.installation.clock.now();
  YW_ASSIGN(out.visits,
            store::count_visits(*c.installation.database, v.subject, v.matter, Instant{now.us - 366 * kMicrosPerDay}));
  auto const guide = c.installation.matters.guide(shanghai_date(now));
  if (auto const* m = guide->catalogue().find(v.matter, guide->day())) {
    out.promised = m->visits;
    // The first visit of somebody who chose the window is his choice; a second one is ours.
    out.above_promise = out.visits > std::max<std::int64_t>(m->visits, 1);
  }
  return out;
}

Result<Actor> with_shift(ApiContext& c, Request const& request) {
  YW_ASSIGN(Actor actor, window_clerk(c, request));
  YW_ASSIGN(auto shift, open_shift_of(c, actor));
  if (!shift) return fail(ErrorCode::spine_wrong_step, {{"step", "没有开班 / no shift is open"}, {"action", "serve"}});
  return actor;
}

void desk(ApiContext& c, Request const& request, Answer const& answer) {
  auto actor = window_clerk(c, request);
  if (!actor) return answer(problem(actor.error(), request));
  CounterDesk d;
  auto all = recent_shifts(c, *actor);
  auto visits = store::open_visits(*c.installation.database, actor->department, actor->id, 50);
  auto held = store::held_originals(*c.installation.database, actor->id, 100);
  auto staff = store::staff_of(*c.installation.database, actor->department);
  if (!all || !visits || !held || !staff)
    return answer(problem(!all ? all.error() : !visits ? visits.error() : !held ? held.error() : staff.error(), request));
  for (store::Shift const& s : *all) {
    if (s.staff == actor->id && !s.closed && !d.shift) d.shift = shift_view(*actor, s);
    if (s.handed_to == actor->id && s.closed && !s.taken) d.waiting.push_back(shift_view(*actor, s));
  }
  for (store::Visit const& v : *visits) {
    auto view = visit_view(c, v);
    if (view) d.visits.push_back(std::move(*view));
  }
  for (store::Original const& o : *held)
    d.originals.push_back({to_string(o.case_id), to_string(o.id), o.name, o.handling, to_shanghai_string(o.taken)});
  for (store::StaffRow const& s : *staff) {
    if (s.role == spine::Role::clerk && s.id != actor->id) d.colleagues.push_back({to_string(s.id), s.name});
  }
  answer(http::ok(d));
}

void begin_shift(ApiContext& c, Request const& request, Answer const& answer) {
  auto actor = window_clerk(c, request);
  if (!actor) return answer(problem(actor.error(), request));
  ShiftBody body;
  if (!parse_body(request, body, answer)) return;
  auto open = open_shift_of(c, *actor);
  if (!open) return answer(problem(open.error(), request));
  if (*open)
    return answer(
        problem(Error(ErrorCode::spine_wrong_step, {{"step", "已经开班 / a shift is open"}, {"action", "open"}}), request));
  store::Shift s;
  s.id = c.installation.ids->next();
  s.staff = actor->id;
  s.department = actor->department;
  s.name = actor->name;
  s.window = body.window.value;
  s.opened = c.installation.clock.now();
  if (Status put = store::open_shift(*c.installation.database, s); !put) return answer(problem(put.error(), request));
  answer(http::ok(shift_view(*actor, s), 201));
}

/// The sheet is what the rows say; whoever leaves something open must name who takes it over.
void end_shift(ApiContext& c, Request const& request, Answer const& answer) {
  auto actor = window_clerk(c, request);
  if (!actor) return answer(problem(actor.error(), request));
  CloseBody body;
  if (!parse_body(request, body, answer)) return;
  auto open = open_shift_of(c, *actor);
  auto visits = store::open_visits(*c.installation.database, actor->department, actor->id, 200);
  auto held = store::held_originals(*c.installation.database, actor->id, 200);
  if (!open || !visits || !held) return answer(problem(!open ? open.error() : !visits ? visits.error() : held.error(), request));
  if (!*open || to_string((*open)->id) != request.param("id"))
    return answer(problem(Error(ErrorCode::spine_not_found, {{"what", "班次 / the shift"}}), request));
  store::Shift s = **open;
  auto fault = [&](char const* why) {
    answer(problem(
        Error(ErrorCode::spine_field, {{"label", "接班人 / who takes over"}, {"why", why}, {"field", "to"}}).at_path("/to"),
        request));
  };
  if (body.to) {
    auto to = parse_id(body.to->value);
    auto staff = store::staff_of(*c.installation.database, actor->department);
    if (!staff) return answer(problem(staff.error(), request));
    bool const there = to && *to != actor->id && std::any_of(staff->begin(), staff->end(), [&](store::StaffRow const& p) {
                         return p.id == *to && p.role == spine::Role::clerk;
                       });
    if (!there) return fault("请选同一单位的另一位经办人 / another clerk of the same unit");
    s.handed_to = *to;
  } else if (!visits->empty() || !held->empty()) {
    return fault("还有没办完的人或没交接的原件，请选接班人 / people or originals are still with you");
  }
  s.sheet = "未办完 " + std::to_string(visits->size()) + " 人";
  for (store::Visit const& v : *visits) s.sheet += "；" + masked_name(v.name) + (v.matter.empty() ? "" : " " + v.matter);
  s.sheet += "。原件 " + std::to_string(held->size()) + " 份";
  for (store::Original const& o : *held) s.sheet += "；" + o.name;
  s.sheet += "。现金 0。";
  if (body.note && !body.note->value.empty()) s.sheet += "备注：" + body.note->value;
  auto closed = store::close_shift(*c.installation.database, s, c.installation.clock.now());
  if (!closed) return answer(problem(closed.error(), request));
  if (!*closed) return answer(problem(Error(ErrorCode::spine_changed), request));
  s.closed = c.installation.clock.now();
  answer(http::ok(shift_view(*actor, s)));
}

void take_over(ApiContext& c, Request const& request, Answer const& answer) {
  auto actor = with_shift(c, request);
  if (!actor) return answer(problem(actor.error(), request));
  auto all = recent_shifts(c, *actor);
  if (!all) return answer(problem(all.error(), request));
  for (store::Shift& s : *all) {
    if (to_string(s.id) != request.param("id") || s.handed_to != actor->id) continue;
    auto taken = store::take_shift(*c.installation.database, s, *actor, c.installation.clock.now());
    if (!taken) return answer(problem(taken.error(), request));
    if (!*taken) return answer(problem(Error(ErrorCode::spine_too_often, {{"action", "接班"}, {"max", "1"}}), request));
    s.taken = c.installation.clock.now();
    return answer(http::ok(shift_view(*actor, s)));
  }
  answer(problem(Error(ErrorCode::spine_not_found, {{"what", "班次 / the shift"}}), request));
}

/// Somebody is looked up only with consent, and sees afterwards that he was.
void begin_visit(ApiContext& c, Request const& request, Answer const& answer) {
  auto actor = with_shift(c, request);
  if (!actor) return answer(problem(actor.error(), request));
  VisitBody body;
  if (!parse_body(request, body, answer)) return;
  Installation& in = c.installation;
  auto subject = store::subject_by_number(*in.database, body.number.value);
  if (!subject || subject->name != body.name.value)
    return answer(
        problem(Error(ErrorCode::spine_not_found, {{"what", "此人，请核对证件 / this person: check the card"}}), request));
  if (Status may = not_recused(*actor, subject->id); !may) return answer(problem(may.error(), request));
  store::Visit v;
  v.subject = subject->id;
  v.id = in.ids->next();
  v.staff = actor->id;
  v.department = actor->department;
  v.staff_name = actor->name;
  v.consent = body.consent.value;
  v.at = in.clock.now();
  if (Status put = store::insert_visit(*in.database, v); !put) return answer(problem(put.error(), request));
  if (Status seen = store::record_access(*in.database, *in.ids, {v.subject, *actor, "窗口办事：" + v.consent, {}}, v.at); !seen)
    return answer(problem(seen.error(), request));
  auto view = visit_view(c, v);
  answer(view ? http::ok(*view, 201) : problem(view.error(), request));
}

/// An open visit at one's own window.
Result<store::Visit> own_visit(ApiContext& c, Actor const& actor, Request const& request) {
  auto missing = [] { return fail(ErrorCode::spine_not_found, {{"what", "到访 / the visit"}}); };
  auto subject = SubjectId::parse(request.param("subject"));
  auto id = parse_id(request.param("visit"));
  if (!subject || !id) return missing();
  YW_ASSIGN(store::Visit v, store::visit(*c.installation.database, *subject, *id));
  if (v.staff != actor.id || v.ended) return missing();
  return v;
}

Result<VisitDetail> visit_detail(ApiContext& c, Actor const& actor, store::Visit const& v) {
  YW_ASSIGN(CounterVisitView view, visit_view(c, v));
  VisitDetail d{std::move(view), {}};
  YW_ASSIGN(auto first, store::ListCursor::parse(""));
  YW_ASSIGN(auto rows, store::own_cases(*c.installation.database, v.subject, first, 20));
  auto definitions = c.installation.definitions.snapshot();
  Serves const here = serves(c, actor);
  for (auto const& r : rows) {
    spine::CaseType const* type = definitions->find(r.state.definition);
    // Matters only: what somebody has complained of, and of whom, is not for a window (never.md 4).
    if (type == nullptr || type->decision("universal") == nullptr || !(here.all || here.types.contains(r.state.case_type)))
      continue;
    d.cases.push_back({to_string(r.state.id), type ? type->title.zh_cn : r.state.case_type, r.state.case_type,
                       std::string(spine::to_string(r.state.status)), type ? type->step_title(r.state.step).zh_cn : r.state.step,
                       r.state.query_code});
  }
  return d;
}

void show_visit(ApiContext& c, Request const& request, Answer const& answer) {
  auto actor = with_shift(c, request);
  if (!actor) return answer(problem(actor.error(), request));
  auto v = own_visit(c, *actor, request);
  if (!v) return answer(problem(v.error(), request));
  auto d = visit_detail(c, *actor, *v);
  answer(d ? http::ok(*d) : problem(d.error(), request));
}

}  // namespace

Result<WindowVisit> visit_at_window(ApiContext& c, Request const& request) {
  YW_ASSIGN(Actor clerk, with_shift(c, request));
  YW_ASSIGN(store::Visit visit, own_visit(c, clerk, request));
  return WindowVisit{std::move(clerk), std::move(visit)};
}

bool serves_matter(ApiContext& c, Actor const& clerk, std::string_view matter) { return serves(c, clerk)(matter); }

Actor person_of(store::SubjectRecord const& subject) {
  Actor applicant;
  applicant.role = subject.kind == store::SubjectKind::enterprise ? spine::Role::enterprise : spine::Role::resident;
  applicant.id = subject.id.bytes();
  applicant.acts_for = subject.id;
  applicant.name = subject.name;
  applicant.region_path = subject.region_path;
  if (applicant.role == spine::Role::enterprise) applicant.scope = "all";
  return applicant;
}

namespace {

void visit_prefill(ApiContext& c, Request const& request, Answer const& answer) {
  auto actor = with_shift(c, request);
  if (!actor) return answer(problem(actor.error(), request));
  auto v = own_visit(c, *actor, request);
  auto b = applicable(c, request.argument("matter"));
  if (!v || !b) return answer(problem(!v ? v.error() : b.error(), request));
  if (Status may = may_serve(c, *actor, b->matter->id); !may) return answer(problem(may.error(), request));
  auto subject = c.installation.identity->subject(v->subject);
  if (!subject) return answer(problem(subject.error(), request));
  auto known = prefilled_for(c.installation, *b->type, person_of(*subject), *subject, true);
  answer(known ? http::ok(*known) : problem(known.error(), request));
}

/// An application that a clerk has filled in for the person at his window.
struct AtWindow {
  Actor clerk;
  store::Visit visit;
  Applicable b;
  store::SubjectRecord subject;
  ApplicationText text;
};
/// None after the answer.
std::optional<AtWindow> filled_in(ApiContext& c, Request const& request, Answer const& answer) {
  auto refuse = [&](Error const& error) {
    answer(problem(error, request));
    return std::nullopt;
  };
  auto actor = with_shift(c, request);
  if (!actor) return refuse(actor.error());
  CounterApply body;
  if (!parse_body(request, body, answer)) return std::nullopt;
  auto v = own_visit(c, *actor, request);
  auto b = applicable(c, body.matter.value);
  auto sent = json::parse(request.body);
  if (!v || !b || !sent) return refuse(!v ? v.error() : !b ? b.error() : sent.error());
  if (Status may = may_serve(c, *actor, b->matter->id); !may) return refuse(may.error());
  auto subject = c.installation.identity->subject(v->subject);
  if (!subject) return refuse(subject.error());
  return AtWindow{std::move(*actor), std::move(*v), std::move(*b), std::move(*subject), application_text(*sent)};
}

/// To be read and signed before it is sent: the person sees that it was printed.
void visit_print(ApiContext& c, Request const& request, Answer const& answer) {
  auto at = filled_in(c, request, answer);
  if (!at) return;
  Installation& in = c.installation;
  Status seen = store::record_access(*in.database, *in.ids,
                                     {at->visit.subject, at->clerk, "窗口打印申请表：" + at->b.matter->name, {}}, in.clock.now());
  if (!seen) return answer(problem(seen.error(), request));
  auto bytes = print_draft(c, at->b, person_of(at->subject), at->subject, true, at->text);
  if (!bytes) return answer(problem(bytes.error(), request));
  answer_pdf(answer, std::move(*bytes), at->b.matter->id);
}

/// The person's own application, filled in by the clerk; the scans become the person's files.
void counter_apply(ApiContext& c, Request const& request, Answer const& answer) {
  auto at = filled_in(c, request, answer);
  if (!at) return;
  Installation& in = c.installation;
  Actor const applicant = person_of(at->subject);
  Applicable const& b = at->b;
  ApplicationText& text = at->text;
  text.given.counter = json::Value::object({{"staff", json::Value::string(to_string(at->clerk.id))},
                                            {"name", json::Value::string(at->clerk.name)},
                                            {"department", json::Value::string(at->clerk.department)},
                                            {"visit", json::Value::string(to_string(at->visit.id))}});
  // Begun where somebody was found in need, not at a window: the person is told of it.
  if (!serves(c, at->clerk).all) text.given.counter.set("found", json::Value::boolean(true));
  store::CommandRequest r;
  r.actor = applicant;
  r.idempotency_key = "counter-" + request.idempotency_key;
  r.request_bytes = request.method + " " + request.path + "\n" + request.body;
  r.command.kind = spine::Command::Kind::submit;
  r.command.case_type = b.type->id;
  r.command.input = text.form;
  for (spine::Field const* f : b.type->fields()) {
    json::Value const* files = f->type == spine::FieldType::files ? text.form.find(f->id) : nullptr;
    for (json::Value const& file :
         files != nullptr && files->kind() == json::Kind::array ? files->items() : std::vector<json::Value>{}) {
      if (Status shared = store::share_file(*in.database, at->clerk.id, applicant.id, file.text(), in.clock.now()); !shared)
        return answer(problem(shared.error(), request));
    }
  }
  auto faults = prepare_application(in, *b.matter, *b.type, applicant, text.given, r.command, in.clock.now());
  if (!faults.empty()) return answer(problem(faults, request.language, request.trace_id));
  if (!b.matter->joint.empty()) {
    json::Value form;
    faults = spine::check_form(*b.type, r.command.input, in.clock.now(), form);
    if (!faults.empty()) return answer(problem(faults, request.language, request.trace_id));
    auto wait = wait_for_joint(c, b, applicant, r.idempotency_key, request.body, form, text.given.answers, text.given.counter);
    if (!wait) return answer(problem(wait.error(), request));
    if (*wait)
      return answer(http::ok(ApplyReply{"", 0, "joint", "awaiting_applicant", "", "", (*wait)->id, (*wait)->waiting}, 202));
  }
  store::Reply reply = in.commands->run(std::move(r));
  answer({reply.status,
          reply.status < 400 ? "application/json; charset=utf-8" : "application/problem+json; charset=utf-8",
          std::move(reply.body),
          {}});
}

void finish_visit(ApiContext& c, Request const& request, Answer const& answer) {
  auto actor = with_shift(c, request);
  if (!actor) return answer(problem(actor.error(), request));
  EndBody body;
  if (!parse_body(request, body, answer)) return;
  auto v = own_visit(c, *actor, request);
  if (!v) return answer(problem(v.error(), request));
  Installation& in = c.installation;
  if (body.matter && v->matter.empty()) {
    auto const guide = in.matters.guide(shanghai_date(in.clock.now()));
    if (guide->catalogue().find(body.matter->value, guide->day()) == nullptr)
      return answer(problem(Error(ErrorCode::spine_not_found, {{"what", "事项 / the matter"}}), request));
    if (Status put = store::set_visit_matter(*in.database, *v, body.matter->value, {}); !put)
      return answer(problem(put.error(), request));
    v->matter = body.matter->value;
  }
  auto ended = store::end_visit(*in.database, *v, body.outcome.value, in.clock.now());
  if (!ended) return answer(problem(ended.error(), request));
  auto view = visit_view(c, *v);
  answer(view ? http::ok(*view) : problem(view.error(), request));
}

}  // namespace

void add_counter_routes(http::Router& router, ApiContext& c) {
  using http::SchemaOf;
  constexpr std::size_t kFormMax = 256 << 10;
  Routes routes(router, c, "counter", "counter_serve");
  routes.add("GET", "/api/counter", "One's shift, the people at one's window, the paper originals that one holds", {},
             SchemaOf<CounterDesk>::make(), desk);
  routes.add("POST", "/api/counter/shifts", "Open a shift at a window", SchemaOf<ShiftBody>::make(), SchemaOf<ShiftView>::make(),
             begin_shift);
  routes.add("POST", "/api/counter/shifts/{id}/close",
             "Close one's shift with its sheet; who leaves something open names who takes it over", SchemaOf<CloseBody>::make(),
             SchemaOf<ShiftView>::make(), end_shift);
  routes.add("POST", "/api/counter/shifts/{id}/take", "Take over what a colleague left: people, originals", {},
             SchemaOf<ShiftView>::make(), take_over);
  routes.add("POST", "/api/counter/visits", "Somebody is at the window: look him up with his consent",
             SchemaOf<VisitBody>::make(), SchemaOf<CounterVisitView>::make(), begin_visit);
  routes.add("GET", "/api/counter/visits/{subject}/{visit}", "The person at the window and his cases", {},
             SchemaOf<VisitDetail>::make(), show_visit);
  routes.add("GET", "/api/counter/visits/{subject}/{visit}/prefill", "What registers know for the form of a matter", {},
             SchemaOf<PrefillView>::make(), visit_prefill, {.arguments = {{"matter", "the matter"}}});
  routes.add("POST", "/api/counter/visits/{subject}/{visit}/printed-form",
             "The application of the person at the window, on paper to be signed (PDF)", SchemaOf<CounterApply>::make(), {},
             visit_print, {.body_max = kFormMax});
  routes.add("POST", "/api/counter/visits/{subject}/{visit}/applications",
             "Apply for the person at the window, with scanned papers", SchemaOf<CounterApply>::make(),
             SchemaOf<ApplyReply>::make(), counter_apply, {.body_max = kFormMax, .command = true});
  routes.add("POST", "/api/counter/visits/{subject}/{visit}/end", "What came of the visit", SchemaOf<EndBody>::make(),
             SchemaOf<CounterVisitView>::make(), finish_visit);
  add_counter_correction_routes(router, c);
}

}  // namespace yiwang::app

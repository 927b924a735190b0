// Citizens' requests: what is known before one is sent, following instead of repeating, the unit's list with suggestions and
// reasons; the responsibility list; what the model is worth.

#include <algorithm>

#include "request_routes.hpp"
#include "yiwang/service_request/watch.hpp"
#include "yiwang/store/decisions.hpp"
#include "yiwang/store/machine.hpp"
#include "yiwang/store/request_history.hpp"
#include "yiwang/store/request_parts.hpp"
#include "yiwang/store/request_watch.hpp"

namespace yiwang::app {

struct RequestPreviewBody {
  http::Text<1, 2000> text;
  std::optional<http::Text<0, 100>> place;
  std::optional<http::Text<0, 64>> region;
  std::optional<http::Text<0, 64>> about_unit;
};
struct RequestSuggestion {
  std::string category;
  http::Any title;
  std::int64_t confidence;
  std::string lead_name;
};
struct RequestReason {
  std::string piece;
  std::int64_t weight;
};
struct RequestElsewhere {
  std::string id;
  http::Any title;
  http::Any where;
  bool emergency;
};
struct RequestNearby {
  std::string case_id;
  std::string title;
  std::string place;
  std::string received_at;
  std::string stage;
  std::int64_t followers;
  bool followed;
};
struct RequestPreview {
  std::vector<RequestSuggestion> suggestions;
  std::vector<RequestReason> reasons;
  std::string place;
  bool urgent;
  std::optional<RequestElsewhere> elsewhere;
  std::vector<RequestNearby> nearby;
  bool model_ready;
  RequestReading reading;
  bool needs_name;
  std::vector<http::Any> script;
};
struct RequestList {
  std::vector<RequestItem> items;
  std::optional<std::string> next;
};
struct RequestPrecedent {
  std::string id;
  std::string ruling;
};
struct RequestSimilar {
  std::string title;
  std::string category_title;
  std::string lead_name;
  std::string stage;
  std::optional<std::int64_t> grade;
};
struct RequestDuplicate {
  std::string case_id;
  std::string title;
  std::string place;
  std::string received_at;
  std::string stage;
  std::string unit_name;
  bool same_person;
};
struct RequestHelp {
  std::vector<RequestSuggestion> suggestions;
  std::vector<RequestReason> reasons;
  std::vector<RequestPrecedent> precedents;
  std::vector<RequestSimilar> similar;
  std::optional<RequestElsewhere> elsewhere;
  std::string why_not;
  RequestReading reading;
  std::vector<RequestDuplicate> duplicates;
};
struct RequestDuty {
  std::string unit_name;
  std::string phone;
  std::string then_name;
  std::string then_phone;
};
struct RequestConcerned {
  std::string relation;
  http::Any title;
  bool minor;
  bool named;
  bool reachable;
  std::string speak_to;
};
struct RequestPartView {
  std::string case_id;
  std::string title;
  std::string unit_name;
  std::string stage;
};
struct RequestOpinion {
  std::string unit_name;
  std::string question;
  std::string asked_by;
  std::string due_at;
  bool overdue;
  std::optional<std::string> answered_at;
  std::string answered_by;
  std::string opinion;
};
struct RequestView {
  RequestItem head;
  std::string lead_name;
  std::vector<std::string> helpers;
  std::string basis;
  std::string channel;
  bool anonymous;
  bool emergency;
  std::int64_t extensions;
  std::optional<std::string> dispatched_at;
  std::optional<std::string> contacted_at;
  std::optional<std::string> replied_at;
  std::optional<std::string> closed_at;
  std::optional<std::string> city_number;
  std::optional<std::string> city_due_at;
  std::optional<RequestHelp> help;
  std::optional<RequestDuty> duty;
  std::optional<std::string> owner_name;
  std::optional<std::string> section_name;
  std::optional<std::string> likely_section;
  std::int64_t members;
  std::optional<std::string> master;
  std::optional<std::string> answer;
  std::vector<RequestPartView> parts;
  std::optional<std::string> stays;
  std::optional<RequestPartView> part_of;
  std::vector<RequestOpinion> opinions;
  bool may_part;
  bool may_ask;
  std::optional<RequestConcerned> concerned;
};
struct RequestWayBody {
  http::Text<8, 12> code;
  http::Text<5, 20> phone;
};
struct RequestWay {
  std::string query_code;
  std::string stage;
  std::string unit_name;
  std::string received_at;
  std::optional<std::string> dispatched_at;
  std::optional<std::string> contact_due_at;
  std::optional<std::string> contacted_at;
  std::optional<std::string> due_at;
  bool overdue;
  std::optional<std::string> replied_at;
  std::optional<std::string> closed_at;
  std::optional<std::string> answer;
};
struct RequestFollowed {
  std::string case_id;
  std::int64_t followers;
};
struct DutyView {
  std::string category;
  http::Any title;
  std::string group;
  http::Any group_title;
  std::string kind;
  std::string lead_name;
  std::vector<std::string> helpers;
  std::int64_t contact_minutes;
  std::int64_t close_workdays;
  std::int64_t close_minutes;
  std::string basis;
  bool boundary;
};
struct DutyListView {
  std::string version;
  std::vector<DutyView> items;
};
struct RequestModelView {
  bool ready;
  std::int64_t texts;
  std::int64_t accuracy;
  std::int64_t coverage;
  std::int64_t covered_accuracy;
  std::int64_t boundary_accuracy;
  std::int64_t threshold;
  std::int64_t learnt;
  std::int64_t refused;
};

BOOST_DESCRIBE_STRUCT(RequestPreviewBody, (), (text, place, region, about_unit))
BOOST_DESCRIBE_STRUCT(RequestSuggestion, (), (category, title, confidence, lead_name))
BOOST_DESCRIBE_STRUCT(RequestReason, (), (piece, weight))
BOOST_DESCRIBE_STRUCT(RequestElsewhere, (), (id, title, where, emergency))
BOOST_DESCRIBE_STRUCT(RequestNearby, (), (case_id, title, place, received_at, stage, followers, followed))
BOOST_DESCRIBE_STRUCT(RequestPreview, (),
                      (suggestions, reasons, place, urgent, elsewhere, nearby, model_ready, reading, needs_name, script))
BOOST_DESCRIBE_STRUCT(RequestList, (), (items, next))
BOOST_DESCRIBE_STRUCT(RequestPrecedent, (), (id, ruling))
BOOST_DESCRIBE_STRUCT(RequestSimilar, (), (title, category_title, lead_name, stage, grade))
BOOST_DESCRIBE_STRUCT(RequestHelp, (), (suggestions, reasons, precedents, similar, elsewhere, why_not, reading, duplicates))
BOOST_DESCRIBE_STRUCT(RequestDuplicate, (), (case_id, title, place, received_at, stage, unit_name, same_person))
BOOST_DESCRIBE_STRUCT(RequestView, (),
                      (head, lead_name, helpers, basis, channel, anonymous, emergency, extensions, dispatched_at, contacted_at,
                       replied_at, closed_at, city_number, city_due_at, help, duty, owner_name, section_name, likely_section,
                       members, master, answer, parts, stays, part_of, opinions, may_part, may_ask, concerned))
BOOST_DESCRIBE_STRUCT(RequestConcerned, (), (relation, title, minor, named, reachable, speak_to))
BOOST_DESCRIBE_STRUCT(RequestPartView, (), (case_id, title, unit_name, stage))
BOOST_DESCRIBE_STRUCT(RequestOpinion, (), (unit_name, question, asked_by, due_at, overdue, answered_at, answered_by, opinion))
BOOST_DESCRIBE_STRUCT(RequestDuty, (), (unit_name, phone, then_name, then_phone))
BOOST_DESCRIBE_STRUCT(RequestWayBody, (), (code, phone))
BOOST_DESCRIBE_STRUCT(RequestWay, (),
                      (query_code, stage, unit_name, received_at, dispatched_at, contact_due_at, contacted_at, due_at, overdue,
                       replied_at, closed_at, answer))
BOOST_DESCRIBE_STRUCT(RequestFollowed, (), (case_id, followers))
BOOST_DESCRIBE_STRUCT(DutyView, (),
                      (category, title, group, group_title, kind, lead_name, helpers, contact_minutes, close_workdays,
                       close_minutes, basis, boundary))
BOOST_DESCRIBE_STRUCT(DutyListView, (), (version, items))
BOOST_DESCRIBE_STRUCT(RequestModelView, (),
                      (ready, texts, accuracy, coverage, covered_accuracy, boundary_accuracy, threshold, learnt, refused))

}  // namespace yiwang::app

// clang-format off
namespace yiwang::http {
YW_DOCS(app::RequestPreviewBody, "what the person has written so far", "where, in their words", "the street chosen", "the unit complained of")
YW_DOCS(app::RequestSuggestion, "code in the responsibility list", "its title by language", "how sure, per cent", "the unit that the list names there")
YW_DOCS(app::RequestReason, "a piece of the text", "how much it spoke for the category, per cent of the strongest")
YW_DOCS(app::RequestElsewhere, "class in not_accepted.yaml", "its title by language", "where to turn to, by language", "whether there is danger now")
YW_DOCS(app::RequestNearby, "the request", "its beginning, without numbers and names", "where", "the day it came", "where it stands", "how many follow it", "whether you do")
YW_DOCS(app::RequestPreview, "best first", "pieces of the text that spoke for the best", "the place that the words name", "whether it is urgent", "who else is in charge, as it seems; nobody is refused by it", "what others have reported there, of public places only", "whether the text model is ready", "what the words say: what, where, when, who", "whether it seems to be of a category that nobody can tell anonymously", "for the operator: what to say and ask when it is urgent or dangerous")
YW_DOCS(app::RequestList, "the nearest limit first", "cursor of the next page")
YW_DOCS(app::RequestPrecedent, "number of the ruling in the list, or the day on which the desk has ruled since", "who leads when")
YW_DOCS(app::RequestSimilar, "its beginning", "its category", "who led", "where it stands", "how it was rated")
YW_DOCS(app::RequestHelp, "best first", "pieces of the text that counted", "rulings on this category", "what was like it and how it ended", "who else is in charge, as it seems", "why it was not dispatched automatically; empty when it could have been", "what the words say: what, where, when, who", "open ones that seem to tell of the same, which this one can wait for")
YW_DOCS(app::RequestDuplicate, "the request", "place and matter as read from its words", "where", "when it came", "where it stands", "the unit that has it", "whether the same person told it")
YW_DOCS(app::RequestView, "the row as in lists", "the unit that leads by the list", "who helps", "law or rule of the category", "how it came", "whether nobody is told who it was", "danger to life", "how often more time was given", "when it was dispatched", "when the person was reached", "when it was answered", "when it was closed", "the number of the city's hotline", "the city's limit", "for staff: what helps to decide", "who is on duty for it, when it came to them outside office hours", "for staff: who holds it", "for staff: the section of the unit that has it", "for staff: id of the section where such orders go as a rule", "how many wait for this answer", "for staff: the request whose answer this one waits for", "the answer to the master, once it has reached this one", "requests that other matters told in this one became", "the matter that stayed with this one", "the request that this one was a part of", "for the unit that has it: what other units were asked, and answered", "whether you may take it apart", "whether you may ask other units to help", "whom it concerns, when somebody else has told it")
YW_DOCS(app::RequestConcerned, "what the one who told is to the one concerned", "the same by language", "whether the one concerned is under age", "whether a name was left", "whether a number was left", "teller or concerned: who is contacted and called back")
YW_DOCS(app::RequestPartView, "the request", "its beginning, without numbers and names", "the unit that has it", "where it stands")
YW_DOCS(app::RequestOpinion, "the unit that was asked", "what", "by whom", "answer by", "whether that has passed without an answer", "when it answered", "who", "its answer")
YW_DOCS(app::RequestDuty, "who goes", "telephone", "whom to call next", "their telephone at night")
YW_DOCS(app::RequestWayBody, "the eight characters that were told", "the telephone number that was left")
YW_DOCS(app::RequestWay, "the eight characters", "where it stands", "the unit that has it", "when it came", "when it was dispatched", "contact by", "when the person was reached", "answer by", "whether that has passed", "when it was answered", "when it was closed", "the answer, once it was signed")
YW_DOCS(app::RequestFollowed, "the request", "how many follow it")
YW_DOCS(app::DutyView, "code", "title by language", "group", "its title by language", "consultation, request, complaint, urgent", "who leads", "who helps", "first contact within these minutes", "closed within these working days, or 0", "closed within these minutes, or 0", "law or rule", "whether units are known to dispute it")
YW_DOCS(app::DutyListView, "version of the list", "categories in force today")
YW_DOCS(app::RequestModelView, "whether it is trained", "texts that it learnt from", "right on sentences never seen, per mille", "share above the threshold, per mille", "right among those, per mille", "right among the disputed categories, per mille", "the threshold, per mille", "corrections learnt", "corrections that would have cost more than they gave")
}
// clang-format on

namespace yiwang::app {
namespace {

using http::Answer;
using http::problem;
using http::Request;
using http::SchemaOf;
using service_request::Finding;
using service_request::Words;
using spine::Action;
using spine::Actor;
using store::RequestRow;
using store::RequestStage;

/// What the model and the list say, in the reader's language.
struct Context : RequestContext {
  using RequestContext::RequestContext;

  std::vector<RequestSuggestion> suggestions(Finding const& f, Words const& words) const {
    std::vector<RequestSuggestion> out;
    for (auto const& s : f.suggestions) {
      auto const* e = entry(s.code);
      if (e == nullptr) continue;
      auto const a = known->duties.assign(s.code, f.place, words.text, words.about_unit, today);
      out.push_back({s.code, localized(e->title), per(s.confidence, 100),
                     a ? name(a->lead.empty() ? std::string(service_request::kStreet) : a->lead) : ""});
    }
    return out;
  }
  std::vector<RequestReason> reasons(Finding const& f) const {
    std::vector<RequestReason> out;
    double const most = f.reasons.empty() ? 1 : std::max(1e-9, f.reasons.front().weight);
    for (auto const& r : f.reasons) out.push_back({r.piece, per(r.weight / most, 100)});
    return out;
  }
  std::optional<RequestElsewhere> elsewhere(Finding const& f) const {
    auto const* e = known->find_elsewhere(f.elsewhere);
    if (e == nullptr) return std::nullopt;
    return RequestElsewhere{e->id, localized(e->title), localized(e->where), e->emergency};
  }
};

/// Others' requests about the same thing at the same place, of public places only; nothing that tells who made them.
std::vector<RequestNearby> nearby(Context const& x, Finding const& f, Words const& words, SubjectId me) {
  std::vector<RequestNearby> out;
  auto const& rules = x.known->rules;
  if (f.suggestions.empty() || !f.sealed.empty()) return out;
  auto const* e = x.entry(f.suggestions.front().code);
  if (e == nullptr || e->kind == "consultation" || e->about_lead ||
      std::find(rules.public_groups.begin(), rules.public_groups.end(), e->group) == rules.public_groups.end())
    return out;
  auto rows = store::recent_requests(*x.c.installation.database, e->code, x.now.us - rules.duplicate_days * kMicrosPerDay, 300);
  if (!rows) return out;
  std::vector<std::pair<double, RequestRow const*>> near;
  for (RequestRow const& r : *rows) {
    if (store::is_over(r.stage) || r.has(store::kConfidential) || r.has(store::kAnonymous) || !r.sealed.empty() ||
        !r.about_unit.empty())
      continue;
    bool const same_place = !f.place.name.empty() && r.place.find(f.place.name) != std::string::npos;
    double const alike = service_request::similarity(words.text, r.words) + (same_place ? 0.25 : 0);
    if (alike >= rules.duplicate_similar) near.emplace_back(alike, &r);
  }
  std::sort(near.begin(), near.end(), [](auto const& a, auto const& b) { return a.first > b.first; });
  for (auto const& [alike, r] : near) {
    if (out.size() >= rules.duplicate_show) break;
    auto followed = store::follows(*x.c.installation.database, r->case_id, me);
    out.push_back({to_string(r->case_id), x.line(*r), r->place, to_shanghai_string(Instant{r->received_us}),
                   std::string(store::to_string(r->stage)), r->followers, followed && *followed});
  }
  return out;
}

/// Operators for the person on the telephone, people for themselves.
Guard writers_of_requests() {
  return {"case_submit or request_take", [](ApiContext&, Actor const& actor) -> Status {
            if (actor.is_staff() && spine::allowed(actor.role, Action::request_take, spine::kDepartment)) return {};
            return spine::authorise(actor, Action::case_submit, spine::kOwn);
          }};
}

void preview(ApiContext& c, Actor const& actor, Request const& request, RequestPreviewBody& body, Answer const& answer) {
  Context const x(c, request);
  RequestPreview view{{}, {}, "", false, {}, {}, x.model != nullptr, {}, false, {}};
  if (x.known) {
    Words words{body.text.value,
                body.place ? body.place->value : "",
                body.region && body.region->value != "unknown" ? body.region->value : "",
                body.about_unit ? c.installation.requests->unit_named(body.about_unit->value) : "",
                false,
                false};
    Finding const f = service_request::examine(*x.known, x.model.get(), words, x.today);
    view.suggestions = x.suggestions(f, words);
    view.reasons = x.reasons(f);
    view.place = f.place.name;
    view.urgent = f.urgent;
    view.elsewhere = x.elsewhere(f);
    view.reading = x.reading(words, "", x.now);
    auto const* likely =
        f.suggestions.empty() || f.suggestions.front().confidence < 0.5 ? nullptr : x.entry(f.suggestions.front().code);
    view.needs_name = likely != nullptr && x.known->needs_name(*likely);
    auto const& rules = x.known->rules;
    for (auto const& line : f.emergency ? rules.danger_script : rules.urgent_script) {
      if (actor.is_staff() && f.urgent) view.script.push_back(localized(line));
    }
    view.nearby = nearby(x, f, words, actor.is_subject() ? actor.acts_for : SubjectId{});
  }
  answer(http::ok(view));
}

void follow(ApiContext& c, Actor const& actor, Request const& request, Answer const& answer) {
  auto id = CaseId::parse(request.param("id"));
  auto row =
      id ? store::request_of(*c.installation.database, *id) : Result<std::optional<RequestRow>>(std::optional<RequestRow>{});
  if (!row) return answer(problem(row.error(), request));
  Context const x(c, request);
  auto const* e = *row ? x.entry((*row)->category) : nullptr;
  auto const* rules = x.known ? &x.known->rules : nullptr;
  bool const open = e && !store::is_over((*row)->stage) && !(*row)->has(store::kConfidential) &&
                    !(*row)->has(store::kAnonymous) && (*row)->sealed.empty() && (*row)->about_unit.empty() &&
                    std::find(rules->public_groups.begin(), rules->public_groups.end(), e->group) != rules->public_groups.end();
  if (!open) return answer(problem(missing_request(), request));
  auto loaded = store::load_case(*c.installation.database, *x.definitions, *id);
  if (!loaded || !*loaded) return answer(problem(missing_request(), request));
  if ((*loaded)->row.state.applicant == actor.acts_for) return answer(problem(Error(ErrorCode::request_own), request));
  Status done = c.installation.database->execute([&](store::Writer& w) -> Status {
    YW_TRY(store::follow_request(w, *id, actor.acts_for, c.installation.clock.now()));
    return {};
  });
  if (!done) return answer(problem(done.error(), request));
  auto after = store::request_of(*c.installation.database, *id);
  if (!after || !*after) return answer(problem(missing_request(), request));
  answer(http::ok(RequestFollowed{to_string(*id), (*after)->followers}));
}

void list(ApiContext& c, Actor const& actor, Request const& request, Answer const& answer) {
  std::string_view const wanted = request.argument("stage");
  auto const stage = wanted.empty() ? std::optional(RequestStage::dispatch) : store::stage_named(wanted);
  auto cursor = store::ListCursor::parse(request.argument("cursor"));
  if (!stage || !cursor)
    return answer(problem(Error(ErrorCode::http_field, {{"path", "stage"}, {"why", "没有这个环节 / no such stage"}}), request));
  constexpr int kPage = 30;
  auto rows = store::open_requests(*c.installation.database, actor.department, *stage, c.installation.requests->inside(actor),
                                   cursor->first ? -1 : cursor->sort_key, cursor->id, kPage + 1);
  if (!rows) return answer(problem(rows.error(), request));
  Context const x(c, request);
  RequestList out;
  if (rows->size() > kPage) {
    rows->pop_back();
    out.next = store::ListCursor{rows->back().due_us, rows->back().case_id, false}.text();
  }
  for (RequestRow const& r : *rows) {
    if (!c.installation.requests->hidden(actor, r)) out.items.push_back(x.item(r));
  }
  answer(http::ok(out));
}

/// What has to be begun at once and nobody has begun: what the head of every page of the unit shows.
void urgent(ApiContext& c, Actor const& actor, Request const& request, Answer const& answer) {
  constexpr int kShown = 20;
  auto rows = store::urgent_requests(*c.installation.database, actor.department, kShown);
  if (!rows) return answer(problem(rows.error(), request));
  Context const x(c, request);
  store::Inside const inside = c.installation.requests->inside(actor);
  RequestList out;
  for (RequestRow const& r : *rows) {
    bool const mine =
        (inside.section.empty() && inside.owner.empty()) || (!inside.section.empty() && r.section == inside.section);
    if (mine && !c.installation.requests->hidden(actor, r)) out.items.push_back(x.item(r));
  }
  answer(http::ok(out));
}

/// Open requests that seem to tell of the same and whose answer this one can wait for: what `join` takes, and nothing else.
std::vector<RequestDuplicate> duplicates(Context const& x, Actor const& actor, store::LoadedCase const& loaded,
                                         RequestRow const& r, std::vector<RequestRow> const& rows) {
  std::vector<RequestDuplicate> out;
  auto const& rules = x.known->rules;
  bool const may_wait = r.stage == RequestStage::dispatch || r.stage == RequestStage::liaison || r.stage == RequestStage::handle;
  bool const here = r.unit == actor.department && spine::authorise(actor, Action::case_handle, spine::kDepartment);
  if (!may_wait || !here || r.has(store::kMaster) || !r.sealed.empty() || !r.about_unit.empty()) return out;
  std::vector<std::pair<double, RequestRow const*>> near;
  for (RequestRow const& o : rows) {
    bool const open = o.stage <= RequestStage::review || o.stage == RequestStage::section;
    bool const ours = o.unit == actor.department || o.desk == actor.department;
    // Of two, the one that came first is waited for.
    if (o.case_id == r.case_id || !open || !ours || o.master || !o.sealed.empty() || !o.about_unit.empty() ||
        o.received_us > r.received_us || o.received_us < r.received_us - rules.duplicate_days * kMicrosPerDay ||
        x.c.installation.requests->hidden(actor, o))
      continue;
    double const alike = service_request::similarity(r.words, o.words) + (!r.place.empty() && r.place == o.place ? 0.25 : 0);
    if (alike >= rules.duplicate_similar) near.emplace_back(alike, &o);
  }
  std::sort(near.begin(), near.end(), [](auto const& a, auto const& b) { return a.first > b.first; });
  for (auto const& [alike, o] : near) {
    if (out.size() >= rules.duplicate_show) break;
    auto other = store::load_case(*x.c.installation.database, *x.definitions, o->case_id);
    if (!other || !*other) continue;
    bool const known_people = !r.has(store::kAnonymous) && !o->has(store::kAnonymous);
    out.push_back({to_string(o->case_id), x.line(*o), o->place, to_shanghai_string(Instant{o->received_us}),
                   std::string(store::to_string(o->stage)), x.name(o->unit),
                   known_people && (*other)->row.state.applicant == loaded.row.state.applicant});
  }
  return out;
}

RequestHelp help(Context const& x, Actor const& actor, store::LoadedCase const& loaded, RequestRow const& r) {
  RequestHelp out;
  Words words;
  words.text = r.words;
  words.place = r.place;
  words.region = r.region;
  words.about_unit = r.about_unit;
  Finding const f = service_request::examine(*x.known, x.model.get(), words, x.today);
  out.suggestions = x.suggestions(f, words);
  out.reasons = x.reasons(f);
  out.elsewhere = x.elsewhere(f);
  out.why_not = f.why_not;
  words.confidential = identity_hidden(actor, r);
  out.reading = x.reading(words, r.category, Instant{r.received_us});
  std::string const code = !r.category.empty() ? r.category : f.suggestions.empty() ? "" : f.suggestions.front().code;
  for (auto const* p : x.known->duties.precedents_of(code)) out.precedents.push_back({p->id, p->ruling});
  if (auto ruled = store::rulings_on(*x.c.installation.database, code, 10)) {
    for (store::Ruling const& p : *ruled) {
      auto of = store::request_of(*x.c.installation.database, p.case_id);
      if (p.case_id == r.case_id || !of || !*of || !(*of)->sealed.empty() || !(*of)->about_unit.empty()) continue;
      out.precedents.push_back(
          {to_string(shanghai_date(Instant{p.ruled_us})), x.name(p.unit) + "：" + service_request::redact(p.ruling)});
    }
  }
  auto rows = store::recent_requests(*x.c.installation.database, code, x.now.us - 365 * kMicrosPerDay, 300);
  if (!rows) return out;
  out.duplicates = duplicates(x, actor, loaded, r, *rows);
  std::vector<std::pair<double, RequestRow const*>> near;
  for (RequestRow const& other : *rows) {
    // What was said in confidence is shown to nobody who does not handle it.
    if (other.case_id == r.case_id || !other.sealed.empty() || !other.about_unit.empty() || other.has(store::kConfidential))
      continue;
    near.emplace_back(service_request::similarity(r.words, other.words), &other);
  }
  std::sort(near.begin(), near.end(), [](auto const& a, auto const& b) { return a.first > b.first; });
  for (std::size_t i = 0; i < near.size() && i < x.known->rules.similar && near[i].first > 0.15; ++i) {
    RequestRow const& o = *near[i].second;
    out.similar.push_back({beginning(o.words), x.title(o.category), x.name(o.lead), std::string(store::to_string(o.stage)),
                           o.grade == 0 ? std::nullopt : std::optional<std::int64_t>(o.grade)});
  }
  return out;
}

std::string text_in(json::Value const& v, std::string_view key) {
  json::Value const* child = v.find(key);
  return child && child->kind() == json::Kind::string ? child->text() : std::string{};
}

/// The reply of a request that its reviewer has signed; empty before.
std::string signed_reply(store::LoadedCase const& loaded) {
  std::string reply, out;
  for (spine::Event const& e : loaded.events) {
    std::string const action = text_in(e.data, "action");
    json::Value const* input = e.data.find("input");
    if (input && (action == "reply" || action == "answer")) reply = text_in(*input, "reply");
    if (action == "sign") out = reply;
  }
  return out;
}

/// Whom it concerns, when somebody else has told it: that there is a name and a number, never which.
void put_concerned(Context const& x, store::LoadedCase const& loaded, RequestRow const& r, RequestView& v) {
  json::Value const* form = loaded.events.empty() ? nullptr : loaded.events.front().data.find("form");
  if (form == nullptr || !x.known || !r.has(store::kForAnother)) return;
  auto const* relation = service_request::relation_of(x.known->rules, *form);
  if (relation == nullptr) return;
  json::Value const* minor = form->find("concerned_minor");
  v.concerned = RequestConcerned{relation->id,
                                 localized(relation->title),
                                 minor != nullptr && minor->as_bool(),
                                 !text_in(*form, "person_concerned").empty(),
                                 !text_in(*form, "concerned_phone").empty(),
                                 r.has(store::kCallOther) ? "concerned" : "teller"};
}

/// Who else it concerns: the one on duty, the holder, the master and its answer, the members.
void put_company(ApiContext& c, Context const& x, Actor const& actor, store::LoadedCase const& loaded, RequestRow const& r,
                 RequestView& v) {
  for (spine::Event const& e : loaded.events) {
    json::Value const* facts = e.data.find("facts");
    json::Value const* duty = facts ? facts->find("duty") : nullptr;
    if (duty && text_in(*duty, "unit") == r.unit) {
      std::string const then = text_in(*duty, "then");
      v.duty = RequestDuty{x.name(r.unit), text_in(*duty, "phone"), then.empty() ? "" : x.name(then),
                           then.empty() || !x.known ? "" : service_request::on_duty(*x.known, then, "").phone};
    }
  }
  if (store::is_over(r.stage) || r.stage == RequestStage::answered) v.duty.reset();
  if (r.has(store::kMaster)) {
    if (auto all = store::members_of(*c.installation.database, r.case_id)) v.members = static_cast<std::int64_t>(all->size());
  }
  if (r.master && r.replied_us != 0) {
    auto master = store::load_case(*c.installation.database, *x.definitions, *r.master);
    if (master && *master) v.answer = service_request::redact(signed_reply(**master));
  }
  if (actor.is_subject()) return;
  if (r.master) v.master = to_string(*r.master);
  if (x.known && r.unit == actor.department) {
    if (auto const* s = x.known->section(r.unit, r.section)) v.section_name = s->name.in(x.language);
    if (auto const* s = x.known->likely_section(r.unit, r.category, r.region)) v.likely_section = s->id;
  }
  if (r.owner.empty()) return;
  auto people = store::staff_of(*c.installation.database, r.unit);
  if (!people) return;
  for (store::StaffRow const& p : *people) {
    if (to_string(p.id) == r.owner) v.owner_name = p.name;
  }
}

/// Parts of what was told together, as far as this reader may know of them; what other units were asked.
Status put_parts(ApiContext& c, Context const& x, Actor const& actor, RequestRow const& r, RequestView& v) {
  store::Database& database = *c.installation.database;
  auto shown = [&](CaseId id) -> Result<std::optional<RequestPartView>> {
    YW_ASSIGN(auto row, store::request_of(database, id));
    if (!row || (actor.is_staff() && c.installation.requests->hidden(actor, *row))) return std::optional<RequestPartView>{};
    return std::optional(RequestPartView{to_string(id), actor.is_subject() ? beginning(row->words) : x.line(*row),
                                         x.name(row->unit), std::string(store::to_string(row->stage))});
  };
  YW_ASSIGN(auto parts, store::parts_of(database, r.case_id));
  for (store::RequestPart const& p : parts) {
    if (p.id == r.case_id) {
      v.stays = p.stays;
      continue;
    }
    YW_ASSIGN(auto part, shown(p.id));
    if (part) v.parts.push_back(std::move(*part));
  }
  YW_ASSIGN(auto whole, store::part_of(database, r.case_id));
  if (whole) {
    YW_ASSIGN(v.part_of, shown(*whole));
  }
  if (actor.is_subject()) return {};
  v.may_part = at_desk(c, actor, Action::request_take) && r.desk == actor.department && r.stage == RequestStage::dispatch &&
               r.city_number.empty() && !r.has(store::kMaster);
  v.may_ask = r.unit == actor.department && spine::authorise(actor, Action::case_handle, spine::kDepartment) &&
              r.sealed.empty() && r.replied_us == 0 && !store::is_over(r.stage);
  if (r.unit != actor.department && r.lead != actor.department) return {};
  YW_ASSIGN(auto helps, store::helps_of(database, r.case_id));
  for (store::RequestHelpAsked const& h : helps)
    v.opinions.push_back({x.name(h.unit), h.question, h.asked_by, to_shanghai_string(h.due), h.answered_us == 0 && h.due < x.now,
                          when(h.answered_us), h.answered_by, h.opinion});
  return {};
}

void one(ApiContext& c, Request const& request, Answer const& answer) {
  Actor const actor = actor_of(c, request);
  auto loaded = readable(c, actor, request.param("id"), Action::case_read);
  if (!loaded) return answer(problem(loaded.error(), request));
  auto row = request_row(c, loaded->row.state);
  if (!row) return answer(problem(row.error(), request));
  if (!*row) return answer(problem(missing_request(), request));
  RequestRow const& r = **row;
  Context const x(c, request);
  RequestView v{x.item(r),
                x.name(r.lead),
                {},
                "",
                r.channel,
                r.has(store::kAnonymous),
                r.has(store::kEmergency),
                r.extensions,
                when(r.dispatched_us),
                when(r.contacted_us),
                when(r.replied_us),
                when(r.closed_us),
                {},
                {},
                {},
                {},
                {},
                {},
                {},
                0,
                {},
                {},
                {},
                {},
                {},
                {},
                false,
                false,
                {}};
  put_concerned(x, *loaded, r, v);
  put_company(c, x, actor, *loaded, r, v);
  if (Status put = put_parts(c, x, actor, r, v); !put) return answer(problem(put.error(), request));
  if (!r.city_number.empty()) v.city_number = r.city_number;
  v.city_due_at = when(r.city_due_us);
  if (auto const* e = x.entry(r.category)) {
    v.basis = e->basis;
    for (std::string const& h : e->helpers) v.helpers.push_back(x.name(h));
  }
  if (actor.is_subject())
    v.head.title = loaded->row.state.title;
  else if (x.known)
    v.help = help(x, actor, *loaded, r);
  answer(http::ok(v));
}

/// Where a request stands, for whoever told it by telephone and has no account: by the code and the number together. Whatever
/// does not fit is answered alike, and the look is one that the person can see. Where units must not learn who it was there is no
/// such way: they know the code, and could try the numbers of those whom they suspect.
void way(ApiContext& c, Request const& request, Answer const& answer) {
  RequestWayBody body;
  if (!http::parse_body(request, body, answer)) return;
  std::string code;
  for (char ch : body.code.value) {
    if (ch != ' ' && ch != '-') code += ch >= 'a' && ch <= 'z' ? static_cast<char>(ch - 'a' + 'A') : ch;
  }
  constexpr std::size_t kCode = 8;
  Context const x(c, request);
  auto const id =
      code.size() == kCode ? store::find_case(*c.installation.database, code) : Result<CaseId>(fail(missing_request()));
  auto row =
      id ? store::request_of(*c.installation.database, *id) : Result<std::optional<RequestRow>>(std::optional<RequestRow>{});
  auto loaded = row && *row ? store::load_case(*c.installation.database, *x.definitions, *id)
                            : Result<std::optional<store::LoadedCase>>(std::optional<store::LoadedCase>{});
  if (!row || !loaded) return answer(problem(row ? loaded.error() : row.error(), request));
  json::Value const* form = *loaded && !(*loaded)->events.empty() ? (*loaded)->events.front().data.find("form") : nullptr;
  std::string const phone = form ? text_in(*form, "phone") : std::string{};
  if (phone.empty() || phone != body.phone.value) return answer(problem(missing_request(), request));
  RequestRow const& r = **row;
  if (r.has(store::kAnonymous) || r.has(store::kConfidential) || !r.sealed.empty() || !r.about_unit.empty())
    return answer(problem(missing_request(), request));
  Actor someone;
  someone.role = spine::Role::resident;
  someone.name = "持查询码和电话的人";
  SubjectId const person = (*loaded)->row.state.applicant;
  if (Status kept = store::record_accesses(*c.installation.database, *c.installation.ids,
                                           {{person, someone, "凭查询码看办到哪了", r.case_id}}, x.now);
      !kept)
    return answer(problem(kept.error(), request));
  RequestWay v{(*loaded)->row.state.query_code,
               std::string(store::to_string(r.stage)),
               x.name(r.unit),
               to_shanghai_string(Instant{r.received_us}),
               when(r.dispatched_us),
               when(r.contact_due_us),
               when(r.contacted_us),
               when(r.due_us),
               r.due_us != 0 && r.closed_us == 0 && r.due_us < x.now.us,
               when(r.replied_us),
               when(r.closed_us),
               {}};
  std::string reply = signed_reply(**loaded);
  if (reply.empty() && r.master && r.replied_us != 0) {
    auto master = store::load_case(*c.installation.database, *x.definitions, *r.master);
    if (master && *master) reply = service_request::redact(signed_reply(**master));
  }
  if (!reply.empty()) v.answer = std::move(reply);
  answer(http::ok(v));
}

void duties(ApiContext& c, Request const& request, Answer const& answer) {
  Context const x(c, request);
  DutyListView out;
  if (x.known) {
    out.version = x.known->duties.version;
    for (auto const& e : x.known->duties.entries) {
      if (!e.span.holds(x.today)) continue;
      auto group = std::find_if(x.known->duties.groups.begin(), x.known->duties.groups.end(),
                                [&](auto const& g) { return g.first == e.group; });
      DutyView v{e.code,
                 localized(e.title),
                 e.group,
                 group == x.known->duties.groups.end() ? http::Any{json::Value::object()} : localized(group->second),
                 e.kind,
                 x.name(e.lead),
                 {},
                 e.limits.contact_minutes,
                 e.limits.close_workdays,
                 e.limits.close_minutes,
                 e.basis,
                 e.boundary};
      for (std::string const& h : e.helpers) v.helpers.push_back(x.name(h));
      out.items.push_back(std::move(v));
    }
  }
  answer(http::ok(out));
}

void model(ApiContext& c, Actor const&, Request const&, Answer const& answer) {
  auto const m = c.installation.requests->classifier();
  auto const learning = c.installation.requests->learning();
  RequestModelView v{
      m != nullptr, 0, 0, 0, 0, 0, 0, static_cast<std::int64_t>(learning.learnt), static_cast<std::int64_t>(learning.refused)};
  if (m)
    v = {true,
         static_cast<std::int64_t>(m->texts),
         per(m->accuracy, 1000),
         per(m->coverage, 1000),
         per(m->covered_accuracy, 1000),
         per(m->boundary_accuracy, 1000),
         per(m->threshold, 1000),
         v.learnt,
         v.refused};
  answer(http::ok(v));
}

}  // namespace

void add_request_routes(http::Router& router, ApiContext& c) {
  router.add(writes<RequestPreviewBody, RequestPreview>(
      c, "/api/requests/preview",
      "What is known before a request is sent: where it goes, who else is in charge, what others reported nearby",
      writers_of_requests(), preview));
  router.add(writes<RequestFollowed>(c, "/api/requests/{id}/follow", "Be told as well, instead of telling the same again",
                                     own(Action::case_submit), follow));
  router
      .add(reads<RequestList>(c, "/api/requests", "Open requests of my unit at one stage, the nearest limit first",
                              in_unit(Action::request_list), list))
      .arguments = {{"stage", "dispatch (default), liaison, section, handle, extension, review, answered, adjudicate, supervise"},
                    {"cursor", "from the page before"}};
  router.add(reads<RequestList>(c, "/api/requests-urgent",
                                "Urgent requests of my unit that nobody works on yet, the newest first",
                                in_unit(Action::request_list), urgent));
  router.add({.method = "GET",
              .path = "/api/requests/{id}",
              .summary = "One request: its way; for staff also suggestions with reasons, precedents, what was like it",
              .tag = "requests",
              .runs = http::Runs::blocking,
              .action = "case_read",
              .request_schema = {},
              .response_schema = SchemaOf<RequestView>::make(),
              .arguments = {},
              .handler = handled(c, one)});
  router.add({.method = "POST",
              .path = "/api/requests/way",
              .summary = "Where a request stands, by its code and the telephone number that was left, without an account",
              .tag = "requests",
              .runs = http::Runs::blocking,
              .action = "anybody",
              .request_schema = SchemaOf<RequestWayBody>::make(),
              .response_schema = SchemaOf<RequestWay>::make(),
              .arguments = {},
              .handler = handled(c, way)});
  router.add({.method = "GET",
              .path = "/api/duties",
              .summary = "The responsibility list in force",
              .tag = "requests",
              .action = "case_type_read",
              .request_schema = {},
              .response_schema = SchemaOf<DutyListView>::make(),
              .arguments = {},
              .handler = handled(c, duties)});
  router
      .add(reads<RequestModelView>(c, "/api/requests-model", "What the text model is worth, on sentences that it never saw",
                                   anywhere(Action::pack_read), model))
      .runs = http::Runs::inline_;
  add_request_take_routes(router, c);
  add_request_figure_routes(router, c);
  add_request_hotspot_routes(router, c);
  add_request_channel_routes(router, c);
  add_request_watch_routes(router, c);
  add_request_staff_routes(router, c);
  add_request_mass_routes(router, c);
  add_request_project_routes(router, c);
  add_request_map_routes(router, c);
  add_request_section_routes(router, c);
  add_request_part_routes(router, c);
  add_request_list_routes(router, c);
  add_search_routes(router, c);
}

}  // namespace yiwang::app

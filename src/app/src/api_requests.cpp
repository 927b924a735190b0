// Citizens' requests: what is known before one is sent, following instead of repeating, the unit's list with suggestions and
// reasons, the operator's intake, call-backs.

#include <algorithm>

#include "api.hpp"
#include "yiwang/base/personal.hpp"
#include "yiwang/base/utf8.hpp"
#include "yiwang/store/requests.hpp"

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
};
struct RequestItem {
  std::string case_id;
  std::string title;
  std::string category;
  std::string category_title;
  std::string place;
  std::string unit_name;
  std::string stage;
  std::string received_at;
  std::optional<std::string> contact_due_at;
  std::optional<std::string> due_at;
  bool overdue;
  bool urgent;
  bool confidential;
  bool automatic;
  std::int64_t confidence;
  std::int64_t returns;
  std::int64_t followers;
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
struct RequestHelp {
  std::vector<RequestSuggestion> suggestions;
  std::vector<RequestReason> reasons;
  std::vector<RequestPrecedent> precedents;
  std::vector<RequestSimilar> similar;
  std::optional<RequestElsewhere> elsewhere;
  std::string why_not;
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
};
struct RequestFollowed {
  std::string case_id;
  std::int64_t followers;
};
struct RequestTakeBody {
  http::Any form;
  std::optional<http::Text<0, 40>> caller_name;
  http::Text<1, 20> channel;
  std::optional<http::Text<0, 40>> received_at;
  std::optional<http::Text<0, 40>> paper_number;
};
struct RequestTaken {
  std::string case_id;
  std::int64_t revision;
  std::string step;
  std::string status;
  std::string query_code;
  std::string case_number;
};
struct RequestCallBody {
  bool reached;
  std::optional<http::Integer<1, 5>> grade;
  std::optional<http::Text<0, 20>> solved;
  std::optional<http::Text<0, 500>> comment;
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
BOOST_DESCRIBE_STRUCT(RequestPreview, (), (suggestions, reasons, place, urgent, elsewhere, nearby, model_ready))
BOOST_DESCRIBE_STRUCT(RequestItem, (),
                      (case_id, title, category, category_title, place, unit_name, stage, received_at, contact_due_at, due_at,
                       overdue, urgent, confidential, automatic, confidence, returns, followers))
BOOST_DESCRIBE_STRUCT(RequestList, (), (items, next))
BOOST_DESCRIBE_STRUCT(RequestPrecedent, (), (id, ruling))
BOOST_DESCRIBE_STRUCT(RequestSimilar, (), (title, category_title, lead_name, stage, grade))
BOOST_DESCRIBE_STRUCT(RequestHelp, (), (suggestions, reasons, precedents, similar, elsewhere, why_not))
BOOST_DESCRIBE_STRUCT(RequestView, (),
                      (head, lead_name, helpers, basis, channel, anonymous, emergency, extensions, dispatched_at, contacted_at,
                       replied_at, closed_at, city_number, city_due_at, help))
BOOST_DESCRIBE_STRUCT(RequestFollowed, (), (case_id, followers))
BOOST_DESCRIBE_STRUCT(RequestTakeBody, (), (form, caller_name, channel, received_at, paper_number))
BOOST_DESCRIBE_STRUCT(RequestTaken, (), (case_id, revision, step, status, query_code, case_number))
BOOST_DESCRIBE_STRUCT(RequestCallBody, (), (reached, grade, solved, comment))
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
YW_DOCS(app::RequestPreview, "best first", "pieces of the text that spoke for the best", "the place that the words name", "whether it is urgent", "who else is in charge, as it seems; nobody is refused by it", "what others have reported there, of public places only", "whether the text model is ready")
YW_DOCS(app::RequestItem, "the case", "its beginning, without numbers and names", "code in the responsibility list", "title of the category", "where", "the unit that has it", "dispatch, liaison, handle, extension, review, answered, adjudicate, supervise, closed, not_accepted, withdrawn", "when it came", "contact by", "answer by", "whether the answer is late", "whether it is urgent", "whether the person's identity is kept from the unit", "whether it was dispatched without a person", "how sure the model was, per cent", "how often it was returned", "how many follow it")
YW_DOCS(app::RequestList, "the nearest limit first", "cursor of the next page")
YW_DOCS(app::RequestPrecedent, "number of the ruling", "who leads when")
YW_DOCS(app::RequestSimilar, "its beginning", "its category", "who led", "where it stands", "how it was rated")
YW_DOCS(app::RequestHelp, "best first", "pieces of the text that counted", "rulings on this category", "what was like it and how it ended", "who else is in charge, as it seems", "why it was not dispatched automatically; empty when it could have been")
YW_DOCS(app::RequestView, "the row as in lists", "the unit that leads by the list", "who helps", "law or rule of the category", "how it came", "whether nobody is told who it was", "danger to life", "how often more time was given", "when it was dispatched", "when the person was reached", "when it was answered", "when it was closed", "the number of the city's hotline", "the city's limit", "for staff: what helps to decide")
YW_DOCS(app::RequestFollowed, "the request", "how many follow it")
YW_DOCS(app::RequestTakeBody, "the form of the case type", "the caller's name, as given", "hotline, counter, letter, paper or app", "true moment of receipt, for what was written on paper", "the number on the paper")
YW_DOCS(app::RequestTaken, "the case", "number of events so far", "where it stands", "in_progress, awaiting_applicant or concluded", "the eight characters for people", "the official number")
YW_DOCS(app::RequestCallBody, "whether somebody answered", "1 very good to 5 very bad, as the person said", "solved_yes or solved_no, as the person said", "in the person's words")
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
using http::Response;
using http::SchemaOf;
using service_request::Finding;
using service_request::Knowledge;
using service_request::Words;
using spine::Action;
using spine::Actor;
using store::RequestRow;
using store::RequestStage;

http::Any any(json::Value v) { return {std::move(v)}; }
std::int64_t per(double share, int of) { return static_cast<std::int64_t>(share * of + 0.5); }
std::optional<std::string> when(std::int64_t us) {
  return us == 0 ? std::nullopt : std::optional(to_shanghai_string(Instant{us}));
}
std::string beginning(std::string const& words) {
  std::string const safe = service_request::redact(words.substr(0, words.find('\n')));
  return utf8::length(safe) <= 30 ? safe : std::string(utf8::substring(safe, 0, 29)) + "…";
}
auto missing() { return Error(ErrorCode::spine_not_found, {{"what", "这件诉求 / this request"}}); }

struct Context {
  ApiContext& c;
  std::shared_ptr<Knowledge const> known;
  std::shared_ptr<service_request::Classifier const> model;
  std::shared_ptr<store::DefinitionSnapshot const> definitions;
  Language language;
  Date today;
  Instant now;
  Context(ApiContext& api, Request const& request)
      : c(api),
        known(api.installation.requests->knowledge()),
        model(api.installation.requests->classifier()),
        definitions(api.installation.definitions.snapshot()),
        language(request.language),
        today(shanghai_date(api.installation.clock.now())),
        now(api.installation.clock.now()) {}

  std::string name(std::string const& unit) const {
    if (auto const* o = definitions->current->organisation(unit)) return o->name.in(language);
    if (known) {
      auto it = known->duties.outside.find(unit);
      if (it != known->duties.outside.end()) return it->second.in(language);
    }
    if (unit == service_request::kStreet) return language == Language::en ? "the street office of the place" : "所在街道";
    return unit;
  }
  service_request::Entry const* entry(std::string const& code) const {
    return known ? known->duties.entry(code, today) : nullptr;
  }
  std::string title(std::string const& code) const {
    auto const* e = entry(code);
    return e ? e->title.in(language) : std::string{};
  }
  std::vector<RequestSuggestion> suggestions(Finding const& f, Words const& words) const {
    std::vector<RequestSuggestion> out;
    for (auto const& s : f.suggestions) {
      auto const* e = entry(s.code);
      if (e == nullptr) continue;
      auto const a = known->duties.assign(s.code, f.place, words.text, words.about_unit, today);
      out.push_back({s.code, any(spine::to_json(e->title)), per(s.confidence, 100),
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
    return RequestElsewhere{e->id, any(spine::to_json(e->title)), any(spine::to_json(e->where)), e->emergency};
  }
  RequestItem item(RequestRow const& r) const {
    RequestItem v;
    v.case_id = to_string(r.case_id);
    v.title = beginning(r.words);
    v.category = r.category;
    v.category_title = title(r.category);
    v.place = r.place;
    v.unit_name = name(r.unit);
    v.stage = store::to_string(r.stage);
    v.received_at = to_shanghai_string(Instant{r.received_us});
    v.contact_due_at = when(r.contact_due_us);
    v.due_at = when(r.due_us);
    v.overdue = r.due_us != 0 && r.closed_us == 0 && r.due_us < now.us;
    v.urgent = r.has(store::kUrgent);
    v.confidential = r.has(store::kConfidential);
    v.automatic = r.has(store::kAutomatic);
    v.confidence = r.confidence / 10;
    v.returns = r.returns;
    v.followers = r.followers;
    return v;
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
    out.push_back({to_string(r->case_id), beginning(r->words), r->place, to_shanghai_string(Instant{r->received_us}),
                   std::string(store::to_string(r->stage)), r->followers, followed && *followed});
  }
  return out;
}

void preview(ApiContext& c, Request const& request, Answer const& answer) {
  Actor const actor = actor_of(c, request);
  bool const operators = actor.is_staff() && spine::allowed(actor.role, Action::request_take, spine::kDepartment);
  if (!operators) {
    if (Status may = spine::authorise(actor, Action::case_submit, spine::kOwn); !may)
      return answer(problem(may.error(), request));
  }
  RequestPreviewBody body;
  if (!parse_body(request, body, answer)) return;
  Context const x(c, request);
  RequestPreview view{{}, {}, "", false, {}, {}, x.model != nullptr};
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
    view.nearby = nearby(x, f, words, actor.is_subject() ? actor.acts_for : SubjectId{});
  }
  answer(http::ok(view));
}

void follow(ApiContext& c, Request const& request, Answer const& answer) {
  Actor const actor = actor_of(c, request);
  if (Status may = spine::authorise(actor, Action::case_submit, spine::kOwn); !may) return answer(problem(may.error(), request));
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
  if (!open) return answer(problem(missing(), request));
  auto loaded = store::load_case(*c.installation.database, *x.definitions, *id);
  if (!loaded || !*loaded) return answer(problem(missing(), request));
  if ((*loaded)->row.state.applicant == actor.acts_for) return answer(problem(Error(ErrorCode::request_own), request));
  Status done = c.installation.database->execute([&](store::Writer& w) -> Status {
    YW_TRY(store::follow_request(w, *id, actor.acts_for, c.installation.clock.now()));
    return {};
  });
  if (!done) return answer(problem(done.error(), request));
  auto after = store::request_of(*c.installation.database, *id);
  if (!after || !*after) return answer(problem(missing(), request));
  answer(http::ok(RequestFollowed{to_string(*id), (*after)->followers}));
}

std::optional<RequestStage> stage_named(std::string_view name) {
  for (int i = 0; i <= static_cast<int>(RequestStage::withdrawn); ++i) {
    auto const stage = static_cast<RequestStage>(i);
    if ((i <= 7 || i >= 10) && store::to_string(stage) == name) return stage;
  }
  return std::nullopt;
}

void list(ApiContext& c, Request const& request, Answer const& answer) {
  Actor const actor = actor_of(c, request);
  if (Status may = spine::authorise(actor, Action::request_list, spine::kDepartment); !may)
    return answer(problem(may.error(), request));
  std::string_view const wanted = request.argument("stage");
  auto const stage = wanted.empty() ? std::optional(RequestStage::dispatch) : stage_named(wanted);
  auto cursor = store::ListCursor::parse(request.argument("cursor"));
  if (!stage || !cursor)
    return answer(problem(Error(ErrorCode::http_field, {{"path", "stage"}, {"why", "没有这个环节 / no such stage"}}), request));
  constexpr int kPage = 30;
  auto rows = store::open_requests(*c.installation.database, actor.department, *stage, cursor->first ? -1 : cursor->sort_key,
                                   cursor->id, kPage + 1);
  if (!rows) return answer(problem(rows.error(), request));
  Context const x(c, request);
  RequestList out;
  if (rows->size() > kPage) {
    rows->pop_back();
    out.next = store::ListCursor{rows->back().due_us, rows->back().case_id, false}.text();
  }
  for (RequestRow const& r : *rows) {
    if (!request_hidden(actor, r)) out.items.push_back(x.item(r));
  }
  answer(http::ok(out));
}

RequestHelp help(Context const& x, RequestRow const& r) {
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
  std::string const code = !r.category.empty() ? r.category : f.suggestions.empty() ? "" : f.suggestions.front().code;
  for (auto const* p : x.known->duties.precedents_of(code)) out.precedents.push_back({p->id, p->ruling});
  auto rows = store::recent_requests(*x.c.installation.database, code, x.now.us - 365 * kMicrosPerDay, 300);
  if (!rows) return out;
  std::vector<std::pair<double, RequestRow const*>> near;
  for (RequestRow const& other : *rows) {
    if (other.case_id == r.case_id || !other.sealed.empty() || !other.about_unit.empty()) continue;
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

void one(ApiContext& c, Request const& request, Answer const& answer) {
  Actor const actor = actor_of(c, request);
  auto loaded = readable(c, actor, request.param("id"), Action::case_read);
  if (!loaded) return answer(problem(loaded.error(), request));
  auto row = request_row(c, loaded->row.state);
  if (!row) return answer(problem(row.error(), request));
  if (!*row) return answer(problem(missing(), request));
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
                {}};
  if (!r.city_number.empty()) v.city_number = r.city_number;
  v.city_due_at = when(r.city_due_us);
  if (auto const* e = x.entry(r.category)) {
    v.basis = e->basis;
    for (std::string const& h : e->helpers) v.helpers.push_back(x.name(h));
  }
  if (actor.is_subject())
    v.head.title = loaded->row.state.title;
  else if (x.known)
    v.help = help(x, r);
  answer(http::ok(v));
}

/// Gives a command in the name of the person, on whose behalf the operator speaks; the operator stands in the facts.
void run_for(ApiContext& c, Request const& request, Actor actor, spine::Command command, Answer const& answer) {
  store::CommandRequest r;
  r.actor = std::move(actor);
  r.idempotency_key = request.idempotency_key;
  r.request_bytes = request.method + " " + request.path + "\n" + request.body;
  r.command = std::move(command);
  c.installation.requests->inform(r.command, c.installation.clock.now());
  c.installation.commands->execute(std::move(r), [answer](store::Reply reply) {
    answer({reply.status,
            reply.status < 400 ? "application/json; charset=utf-8" : "application/problem+json; charset=utf-8",
            std::move(reply.body),
            {}});
  });
}

json::Value text_value(std::string_view t) { return json::Value::string(std::string(t)); }

/// Whether this is one of the desk that takes requests.
Status at_desk(ApiContext& c, Actor const& actor) {
  YW_TRY(spine::authorise(actor, Action::request_take, spine::kDepartment));
  auto const known = c.installation.requests->knowledge();
  if (!known || known->rules.desk != actor.department) return fail(ErrorCode::spine_forbidden, {{"action", "request_take"}});
  return {};
}

void take(ApiContext& c, Request const& request, Answer const& answer) {
  Actor const actor = actor_of(c, request);
  if (Status may = at_desk(c, actor); !may) return answer(problem(may.error(), request));
  RequestTakeBody body;
  if (!parse_body(request, body, answer)) return;
  static constexpr std::string_view kChannels[] = {"hotline", "counter", "letter", "paper", "app"};
  if (std::find(std::begin(kChannels), std::end(kChannels), body.channel.value) == std::end(kChannels))
    return answer(problem(
        Error(ErrorCode::http_field, {{"path", "/channel"}, {"why", "hotline, counter, letter, paper, app"}}).at_path("/channel"),
        request));
  Instant const now = c.installation.clock.now();
  json::Value facts = json::Value::object({{"channel", text_value(body.channel.value)},
                                           {"taken_by", text_value(to_string(actor.id))},
                                           {"taken_by_name", text_value(actor.name)}});
  if (body.received_at && !body.received_at->value.empty()) {
    // Written on paper while the system was down: the limits run from the true moment.
    auto at = parse_instant(body.received_at->value);
    if (!at || at->us > now.us || at->us < now.us - 30 * kMicrosPerDay)
      return answer(problem(
          Error(ErrorCode::http_field, {{"path", "/received_at"},
                                        {"why", "30 天内的时刻，例如 2026-11-13T09:30:00+08:00 / a moment of the last 30 days"}})
              .at_path("/received_at"),
          request));
    facts.set("received_us", json::Value::number(std::to_string(at->us)));
  }
  if (body.paper_number) facts.set("paper_number", text_value(body.paper_number->value));
  json::Value const* phone = body.form.value.find("phone");
  std::optional<SubjectId> caller;
  if (phone && phone->kind() == json::Kind::string && !phone->text().empty()) {
    auto found = store::subject_by_phone(*c.installation.database, phone->text());
    if (!found) return answer(problem(found.error(), request));
    caller = *found;
  }
  Actor person;
  person.role = spine::Role::resident;
  person.region_path = actor.region_path;
  person.name = body.caller_name && !body.caller_name->value.empty() ? body.caller_name->value : "来电人";
  person.acts_for = caller ? *caller : c.installation.ids->make<SubjectId>();
  person.id = person.acts_for.bytes();
  spine::Command command;
  command.kind = spine::Command::Kind::submit;
  command.case_type = service_request::kCaseType;
  command.input = std::move(body.form.value);
  command.facts = std::move(facts);
  run_for(c, request, std::move(person), std::move(command), answer);
}

void call_back(ApiContext& c, Request const& request, Answer const& answer) {
  Actor const actor = actor_of(c, request);
  if (Status may = at_desk(c, actor); !may) return answer(problem(may.error(), request));
  RequestCallBody body;
  if (!parse_body(request, body, answer)) return;
  auto id = CaseId::parse(request.param("id"));
  Context const x(c, request);
  auto loaded = id ? store::load_case(*c.installation.database, *x.definitions, *id)
                   : Result<std::optional<store::LoadedCase>>(std::optional<store::LoadedCase>{});
  auto row =
      loaded && *loaded ? request_row(c, (*loaded)->row.state) : Result<std::optional<RequestRow>>(std::optional<RequestRow>{});
  if (!row || !*row || request_hidden(actor, **row) || (*row)->desk != actor.department)
    return answer(problem(missing(), request));
  spine::CaseState const& state = (*loaded)->row.state;
  std::string const me = to_string(actor.id);
  // The one who handled it does not ask how it was (never.md 2).
  if (std::find(state.took_part.begin(), state.took_part.end(), me) != state.took_part.end() && (*row)->lead == actor.department)
    return answer(problem(Error(ErrorCode::spine_forbidden, {{"action", "follow_up"}}), request));
  if (!body.reached || !body.grade)
    return answer(
        problem(Error(ErrorCode::http_field, {{"path", "/grade"}, {"why", "没有回答就不记评价 / no answer is no rating"}})
                    .at_path("/grade"),
                request));
  Actor person;
  person.role = spine::Role::resident;
  person.acts_for = state.applicant;
  person.id = state.applicant.bytes();
  person.name = "诉求人";
  spine::Command command;
  command.kind = spine::Command::Kind::act;
  command.case_id = *id;
  command.action = "rate";
  command.input = json::Value::object({{"grade", json::Value::number(std::to_string(body.grade->value))}});
  if (body.solved && !body.solved->value.empty()) command.input.set("solved", text_value(body.solved->value));
  if (body.comment && !body.comment->value.empty()) command.input.set("comment", text_value(body.comment->value));
  command.facts = json::Value::object(
      {{"by_telephone", json::Value::boolean(true)}, {"taken_by", text_value(me)}, {"taken_by_name", text_value(actor.name)}});
  run_for(c, request, std::move(person), std::move(command), answer);
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
                 any(spine::to_json(e.title)),
                 e.group,
                 any(group == x.known->duties.groups.end() ? json::Value::object() : spine::to_json(group->second)),
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

void model(ApiContext& c, Request const& request, Answer const& answer) {
  Actor const actor = actor_of(c, request);
  if (Status may = spine::authorise(actor, Action::pack_read, spine::kAny); !may) return answer(problem(may.error(), request));
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
  auto handler = [&c](void (*f)(ApiContext&, Request const&, Answer const&)) {
    return [&c, f](Request const& request, Answer const& answer) { f(c, request, answer); };
  };
  router.add(
      {.method = "POST",
       .path = "/api/requests/preview",
       .summary = "What is known before a request is sent: where it goes, who else is in charge, what others reported nearby",
       .tag = "requests",
       .body_max = 64 << 10,
       .runs = http::Runs::blocking,
       .action = "case_submit or request_take",
       .request_schema = SchemaOf<RequestPreviewBody>::make(),
       .response_schema = SchemaOf<RequestPreview>::make(),
       .arguments = {},
       .handler = handler(preview)});
  router.add({.method = "POST",
              .path = "/api/requests/{id}/follow",
              .summary = "Be told as well, instead of telling the same again",
              .tag = "requests",
              .runs = http::Runs::blocking,
              .action = "case_submit",
              .request_schema = {},
              .response_schema = SchemaOf<RequestFollowed>::make(),
              .arguments = {},
              .handler = handler(follow)});
  router.add({.method = "GET",
              .path = "/api/requests",
              .summary = "Open requests of my unit at one stage, the nearest limit first",
              .tag = "requests",
              .runs = http::Runs::blocking,
              .action = "request_list",
              .request_schema = {},
              .response_schema = SchemaOf<RequestList>::make(),
              .arguments = {{"stage", "dispatch (default), liaison, handle, extension, review, answered, adjudicate, supervise"},
                            {"cursor", "from the page before"}},
              .handler = handler(list)});
  router.add({.method = "GET",
              .path = "/api/requests/{id}",
              .summary = "One request: its way; for staff also suggestions with reasons, precedents, what was like it",
              .tag = "requests",
              .runs = http::Runs::blocking,
              .action = "case_read",
              .request_schema = {},
              .response_schema = SchemaOf<RequestView>::make(),
              .arguments = {},
              .handler = handler(one)});
  router.add({.method = "POST",
              .path = "/api/requests",
              .summary = "Take a request on the telephone, at the counter or from paper, in the name of the person",
              .tag = "requests",
              .command = true,
              .body_max = 256 << 10,
              .runs = http::Runs::blocking,
              .action = "request_take",
              .request_schema = SchemaOf<RequestTakeBody>::make(),
              .response_schema = SchemaOf<RequestTaken>::make(),
              .arguments = {},
              .handler = handler(take)});
  router.add({.method = "POST",
              .path = "/api/requests/{id}/follow-up",
              .summary = "What the person said when called back",
              .tag = "requests",
              .command = true,
              .runs = http::Runs::blocking,
              .action = "request_take",
              .request_schema = SchemaOf<RequestCallBody>::make(),
              .response_schema = SchemaOf<RequestTaken>::make(),
              .arguments = {},
              .handler = handler(call_back)});
  router.add({.method = "GET",
              .path = "/api/duties",
              .summary = "The responsibility list in force",
              .tag = "requests",
              .action = "case_type_read",
              .request_schema = {},
              .response_schema = SchemaOf<DutyListView>::make(),
              .arguments = {},
              .handler = handler(duties)});
  router.add({.method = "GET",
              .path = "/api/requests-model",
              .summary = "What the text model is worth, on sentences that it never saw",
              .tag = "requests",
              .action = "pack_read",
              .request_schema = {},
              .response_schema = SchemaOf<RequestModelView>::make(),
              .arguments = {},
              .handler = handler(model)});
  add_request_figure_routes(router, c);
  add_request_channel_routes(router, c);
}

}  // namespace yiwang::app

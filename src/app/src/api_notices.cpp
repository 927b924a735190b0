// Public notices (公示): anybody reads what hangs there now, whoever has signed in may object once, the unit reads what was said.

#include "case_views.hpp"
#include "requests_view.hpp"
#include "routes.hpp"
#include "yiwang/base/personal.hpp"
#include "yiwang/store/matters.hpp"
#include "yiwang/store/notices.hpp"

namespace yiwang::app {

struct NoticeLine {
  http::Any label;
  http::Any value;
};
struct NoticeView {
  std::string id;
  http::Any title;
  http::Any says;
  std::string unit_name;
  std::string unit_phone;
  std::string up_at;
  std::string until;
  std::vector<NoticeLine> lines;
};
struct NoticeList {
  std::vector<NoticeView> items;
  std::optional<std::string> next;
};
struct NoticeObjectionBody {
  http::Text<5, 1000> words;
};
struct NoticeObjectionTaken {
  std::string id;
  std::string at;
};
struct NoticeObjectionView {
  std::string name_masked;
  std::string at;
  std::string words;
};
struct CaseNotice {
  NoticeView notice;
  std::string state;
  std::int64_t objections;
  std::vector<NoticeObjectionView> said;
};

BOOST_DESCRIBE_STRUCT(NoticeLine, (), (label, value))
BOOST_DESCRIBE_STRUCT(NoticeView, (), (id, title, says, unit_name, unit_phone, up_at, until, lines))
BOOST_DESCRIBE_STRUCT(NoticeList, (), (items, next))
BOOST_DESCRIBE_STRUCT(NoticeObjectionBody, (), (words))
BOOST_DESCRIBE_STRUCT(NoticeObjectionTaken, (), (id, at))
BOOST_DESCRIBE_STRUCT(NoticeObjectionView, (), (name_masked, at, words))
BOOST_DESCRIBE_STRUCT(CaseNotice, (), (notice, state, objections, said))

}  // namespace yiwang::app

// clang-format off
namespace yiwang::http {
YW_DOCS(app::NoticeLine, "what it says about", "as it hangs there, masked")
YW_DOCS(app::NoticeView, "the notice; empty in a preview", "its heading", "on what ground, and how one objects", "who put it up", "its telephone", "since when; empty in a preview", "when it comes down; empty in a preview", "what it says")
YW_DOCS(app::NoticeList, "newest first", "cursor of the next page")
YW_DOCS(app::NoticeObjectionBody, "what speaks against it")
YW_DOCS(app::NoticeObjectionTaken, "the notice", "when it was taken")
YW_DOCS(app::NoticeObjectionView, "who said it, masked", "when", "what was said")
YW_DOCS(app::CaseNotice, "what hangs there, or would", "preview, hangs, over or taken_down", "how many objected; for the unit", "what they said; for the unit")
}
// clang-format on

namespace yiwang::app {
namespace {

using http::Answer;
using http::problem;
using http::Request;
using spine::Action;
using spine::Actor;

constexpr int kPage = 20;

json::Value part(json::Value const& body, std::string_view key) {
  json::Value const* v = body.kind() == json::Kind::object ? body.find(key) : nullptr;
  return v != nullptr ? *v : json::Value{};
}

NoticeView view_of(ApiContext& c, Request const& request, json::Value const& body, std::string const& department) {
  auto const definitions = c.installation.definitions.snapshot();
  auto const* unit = definitions->current->organisation(department);
  NoticeView v{"",
               {part(body, "title")},
               {part(body, "says")},
               unit ? unit->name.in(request.language) : department,
               unit ? unit->phone : "",
               "",
               "",
               {}};
  json::Value const lines = part(body, "lines");
  for (json::Value const& line : lines.items()) v.lines.push_back({{part(line, "label")}, {part(line, "value")}});
  return v;
}

Result<NoticeView> view_of(ApiContext& c, Request const& request, store::PublicNotice const& n) {
  YW_ASSIGN(json::Value const body, json::parse(n.body));
  NoticeView v = view_of(c, request, body, n.unit);
  v.id = to_string(n.id);
  v.up_at = to_shanghai_string(n.up);
  v.until = to_shanghai_string(n.until);
  return v;
}

/// "microseconds.id" of the last one of a page.
Result<std::optional<std::pair<Instant, IdBytes>>> cursor_of(Request const& request) {
  std::string_view const text = request.argument("cursor");
  if (text.empty()) return std::optional<std::pair<Instant, IdBytes>>{};
  std::size_t const dot = text.find('.');
  auto id = parse_id(dot == std::string_view::npos ? "" : text.substr(dot + 1));
  std::int64_t us = 0;
  auto const [end, fault] = std::from_chars(text.data(), text.data() + std::min(dot, text.size()), us);
  if (!id || fault != std::errc{} || end != text.data() + dot)
    return fail(ErrorCode::http_field, {{"path", "cursor"}, {"why", "不是上一页给的 / not from the page before"}});
  return std::optional(std::pair{Instant{us}, *id});
}

void list_notices(ApiContext& c, Request const& request, Answer const& answer) {
  auto before = cursor_of(request);
  if (!before) return answer(problem(before.error(), request));
  auto found = store::notices(*c.installation.database, c.installation.clock.now(), *before, kPage + 1);
  if (!found) return answer(problem(found.error(), request));
  NoticeList list;
  if (found->size() > kPage) {
    found->pop_back();
    list.next = std::to_string(found->back().up.us) + "." + to_string(found->back().id);
  }
  for (store::PublicNotice const& n : *found) {
    auto view = view_of(c, request, n);
    if (!view) return answer(problem(view.error(), request));
    list.items.push_back(std::move(*view));
  }
  answer(http::ok(list));
}

/// The one of the path while it hangs: afterwards it is answered as missing, to everybody (never.md 8).
Result<store::PublicNotice> hanging(ApiContext& c, Request const& request) {
  Error const gone(ErrorCode::spine_not_found, {{"what", "这份公示：可能已经期满撤下 / this notice: it may have come down"}});
  auto id = parse_id(request.param("id"));
  if (!id) return fail(gone);
  YW_ASSIGN(auto found, store::notice(*c.installation.database, *id));
  if (!found || !found->hangs(c.installation.clock.now())) return fail(gone);
  return std::move(*found);
}

void show_notice(ApiContext& c, Request const& request, Answer const& answer) {
  auto found = hanging(c, request);
  if (!found) return answer(problem(found.error(), request));
  auto view = view_of(c, request, *found);
  if (!view) return answer(problem(view.error(), request));
  answer(http::ok(*view));
}

void object(ApiContext& c, Request const& request, Answer const& answer) {
  Actor const actor = actor_of(c, request);
  if (Status may = spine::authorise(actor, Action::case_submit, spine::kOwn); !may) return answer(problem(may.error(), request));
  auto found = hanging(c, request);
  if (!found) return answer(problem(found.error(), request));
  NoticeObjectionBody body;
  if (!parse_body(request, body, answer)) return;
  Installation& in = c.installation;
  auto const definitions = in.definitions.snapshot();
  auto loaded = store::load_case(*in.database, *definitions, found->case_id);
  if (!loaded) return answer(problem(loaded.error(), request));
  if (*loaded && (*loaded)->row.state.applicant == actor.acts_for)
    return answer(problem(Error(ErrorCode::spine_forbidden, {{"action", "对自己的申请提异议 / object to one's own application"}}),
                          request));
  Instant const now = in.clock.now();
  store::Objecting done = store::Objecting::gone;
  Status kept = in.database->execute([&](store::Writer& w) -> Status {
    YW_ASSIGN(done, store::object(w, found->id, actor.acts_for, body.words.value, now));
    if (done != store::Objecting::taken) return {};
    return record_event(in, w, "notice.objected", actor,
                        json::Value::object({{"notice", json::Value::string(to_string(found->id))},
                                             {"case", json::Value::string(to_string(found->case_id))}}),
                        now);
  });
  if (!kept) return answer(problem(kept.error(), request));
  if (done == store::Objecting::again)
    return answer(problem(
        Error(ErrorCode::spine_too_often, {{"action", "对同一份公示提异议 / object to one notice"}, {"max", "1"}}), request));
  if (done == store::Objecting::gone)
    return answer(
        problem(Error(ErrorCode::spine_not_found, {{"what", "这份公示：可能已经期满撤下 / this notice: it may have come down"}}),
                request));
  answer(http::ok(NoticeObjectionTaken{to_string(found->id), to_shanghai_string(now)}, 201));
}

/// Of a case: what hangs, has hung, or would; what was objected, for those who handle it.
void show_case_notice(ApiContext& c, Request const& request, Answer const& answer) {
  Actor const actor = actor_of(c, request);
  auto loaded = readable(c, actor, request.param("id"), Action::case_read);
  if (!loaded) return answer(problem(loaded.error(), request));
  Installation& in = c.installation;
  spine::CaseState const& state = loaded->row.state;
  auto const definitions = in.definitions.snapshot();
  spine::CaseType const* type = definitions->find(state.definition);
  auto const rules = in.matters.current().notices;
  matter::Notice const* rule = type != nullptr ? rules->of(type->id) : nullptr;
  Error const none(ErrorCode::spine_not_found, {{"what", "公示 / a public notice"}});
  if (rule == nullptr) return answer(problem(none, request));
  auto last = store::notice_of(*in.database, state.id);
  if (!last) return answer(problem(last.error(), request));
  bool const handles = actor.is_staff() && (spine::relations(actor, state) & (spine::kDepartment | spine::kAssigned)) != 0;
  bool const before = std::any_of(state.tasks.begin(), state.tasks.end(), [&](spine::OpenTask const& t) {
    spine::Step const* step = type->step(t.node);
    return step != nullptr && step->find(rule->put_up) != nullptr;
  });
  CaseNotice v{{}, "", 0, {}};
  Instant const now = in.clock.now();
  if (before && handles) {
    auto subject = in.identity->subject(state.applicant);
    if (!subject) return answer(problem(subject.error(), request));
    auto const name = PersonName::create(subject->name);
    bool const kept = in.persons->under_protection(state.applicant, now) != nullptr;
    std::string const shown = kept || !name ? in.matters.current().persons->shown : name->masked();
    v.notice = view_of(c, request, matter::notice_body(*rule, *type, form_now(*loaded), shown), state.department);
    v.state = "preview";
  } else {
    if (!*last || (*last)->body.empty()) return answer(problem(none, request));
    auto view = view_of(c, request, **last);
    if (!view) return answer(problem(view.error(), request));
    v.notice = std::move(*view);
    v.state = (*last)->hangs(now)                                             ? "hangs"
              : (*last)->down.us != 0 && (*last)->down.us < (*last)->until.us ? "taken_down"
                                                                              : "over";
  }
  // Nobody else is told who objected, nor that somebody did; the applicant least of all.
  if (handles) {
    auto said = store::objections(*in.database, state.id);
    if (!said) return answer(problem(said.error(), request));
    v.objections = static_cast<std::int64_t>(said->size());
    for (store::Objection const& o : *said) {
      auto const name = PersonName::create(o.name);
      v.said.push_back({name ? name->masked() : "***", to_shanghai_string(o.at), o.words});
    }
  }
  answer(http::ok(v));
}

}  // namespace

void add_notice_routes(http::Router& router, ApiContext& c) {
  using http::SchemaOf;
  Routes routes(router, c, "notices", "anybody");
  routes.add("GET", "/api/public-notices", "Public notices (公示) that hang now, masked, newest first", {},
             SchemaOf<NoticeList>::make(), list_notices, {.arguments = {{"cursor", "from the page before"}}});
  routes.add("GET", "/api/public-notices/{id}", "A public notice while it hangs", {}, SchemaOf<NoticeView>::make(), show_notice);
  routes.add("POST", "/api/public-notices/{id}/objections", "Object to what is about to be granted, once, while the notice hangs",
             SchemaOf<NoticeObjectionBody>::make(), SchemaOf<NoticeObjectionTaken>::make(), object, {.action = "case_submit"});
  routes.add("GET", "/api/cases/{id}/notice",
             "The public notice of a case: what would hang, hangs or has hung, and what was objected", {},
             SchemaOf<CaseNotice>::make(), show_case_notice, {.action = "case_read"});
}

}  // namespace yiwang::app

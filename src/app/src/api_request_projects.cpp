// From a case to its class (由个到类): a project about the cause, with the requests that it came from, and whether fewer came
// afterwards.

#include <algorithm>

#include "request_routes.hpp"
#include "yiwang/store/request_watch.hpp"

namespace yiwang::app {

struct ProjectBody {
  http::Text<4, 80> title;
  http::Text<4, 4> category;
  std::optional<http::Text<0, 64>> region;
  http::Text<1, 64> unit;
  http::Text<10, 1000> goal;
  http::Text<10, 2000> measures;
  http::Integer<1, 100> fall_percent;
  http::Text<10, 10> due;
  std::vector<http::Text<36, 36>> members;
};
struct ProjectWeek {
  std::string from;
  std::int64_t reports;
  bool before;
};
struct ProjectView {
  std::string id;
  std::string title;
  std::string category;
  std::string category_title;
  std::string region_name;
  std::string unit_name;
  std::string goal;
  std::string measures;
  std::int64_t fall_percent;
  std::string opened_at;
  std::string opened_by;
  std::string due;
  std::optional<std::string> closed_at;
  std::optional<std::string> closed_by;
  std::optional<std::string> finding;
  std::string before_mean;
  std::string after_mean;
  std::optional<std::int64_t> fell_percent;
  std::vector<ProjectWeek> weeks;
  std::vector<RequestItem> members;
  bool may_close;
};
struct ProjectList {
  std::vector<ProjectView> items;
  bool may_open;
};
struct ProjectCloseBody {
  http::Text<10, 2000> finding;
};

BOOST_DESCRIBE_STRUCT(ProjectBody, (), (title, category, region, unit, goal, measures, fall_percent, due, members))
BOOST_DESCRIBE_STRUCT(ProjectWeek, (), (from, reports, before))
BOOST_DESCRIBE_STRUCT(ProjectView, (),
                      (id, title, category, category_title, region_name, unit_name, goal, measures, fall_percent, opened_at,
                       opened_by, due, closed_at, closed_by, finding, before_mean, after_mean, fell_percent, weeks, members,
                       may_close))
BOOST_DESCRIBE_STRUCT(ProjectList, (), (items, may_open))
BOOST_DESCRIBE_STRUCT(ProjectCloseBody, (), (finding))

}  // namespace yiwang::app

// clang-format off
namespace yiwang::http {
YW_DOCS(app::ProjectBody, "what it is about", "code in the responsibility list", "the street it is about; the whole district when empty", "the unit that leads it", "what shall be reached", "what is done about the cause", "by how many per cent the reports of a week shall fall", "until when, YYYY-MM-DD", "the requests that it came from")
YW_DOCS(app::ProjectWeek, "first day", "reports received in these seven days", "whether it lies before the project began")
YW_DOCS(app::ProjectView, "the project", "what it is about", "code in the responsibility list", "its title", "the street, or the whole district", "who leads it", "what shall be reached", "what is done about the cause", "by how many per cent the reports of a week shall fall", "when it began", "who began it", "until when", "when it was closed", "by whom", "what came of it", "reports a week before, with one decimal", "reports a week since, with one decimal; – until a week is over", "by how many per cent they fell; not there until a week is over", "eight weeks before and those since", "the requests that it came from, without what tells of persons; in the list none", "whether you may close it")
YW_DOCS(app::ProjectList, "the newest first", "whether you may begin one")
YW_DOCS(app::ProjectCloseBody, "what came of it")
}
// clang-format on

namespace yiwang::app {
namespace {

using http::Answer;
using http::problem;
using http::Request;
using spine::Action;
using spine::Actor;
using store::Project;
using store::RequestRow;

constexpr int kWeeksBefore = 8;
constexpr std::int64_t kWeekUs = 7 * kMicrosPerDay;

std::string one_decimal(std::int64_t count, std::int64_t weeks) {
  if (weeks == 0) return "–";
  std::int64_t const tenths = (count * 10 + weeks / 2) / weeks;
  return std::to_string(tenths / 10) + "." + std::to_string(tenths % 10);
}

bool may_lead(ApiContext& c, Actor const& actor) { return bool(at_desk(c, actor, Action::case_command)); }

/// Leaders and supervisors everywhere see counts; a clerk sees what the own unit leads.
Guard readers() { return everywhere_or_in_unit(Action::statistics_read, Action::request_list); }
bool sees(Actor const& actor, Project const& p) {
  return p.unit == actor.department || spine::allowed(actor.role, Action::statistics_read, spine::kAny);
}

Result<ProjectView> view_of(RequestContext const& x, Actor const& actor, Project const& p) {
  ProjectView v;
  v.id = to_string(p.id);
  v.title = p.title;
  v.category = p.category;
  v.category_title = x.title(p.category);
  v.region_name = p.region.empty() ? (x.language == Language::en ? "the whole district" : "全区") : x.name(p.region);
  v.unit_name = x.name(p.unit);
  v.goal = p.goal;
  v.measures = p.measures;
  v.fall_percent = p.fall_percent;
  v.opened_at = to_shanghai_string(Instant{p.opened_us});
  v.opened_by = p.opened_name;
  v.due = to_string(shanghai_date(Instant{p.due_us}));
  v.closed_at = when(p.closed_us);
  if (p.closed_us != 0) v.closed_by = p.closed_name, v.finding = p.finding;
  v.may_close = p.closed_us == 0 && may_lead(x.c, actor);
  std::int64_t const begin = p.opened_us - kWeeksBefore * kWeekUs;
  YW_ASSIGN(auto rows, store::requests_in_category(*x.c.installation.database, p.category, begin, x.now.us));
  std::int64_t const weeks_after = (x.now.us - p.opened_us) / kWeekUs;
  for (std::int64_t w = 0; w < kWeeksBefore + weeks_after; ++w)
    v.weeks.push_back({to_string(shanghai_date(Instant{begin + w * kWeekUs})), 0, w < kWeeksBefore});
  std::int64_t before = 0, after = 0;
  for (auto const& [at, region] : rows) {
    if (!p.region.empty() && x.known->duties.street_of(region) != p.region) continue;
    auto const week = static_cast<std::size_t>((at - begin) / kWeekUs);
    if (week >= v.weeks.size()) continue;  // of the week that is not over
    ++v.weeks[week].reports;
    ++(v.weeks[week].before ? before : after);
  }
  v.before_mean = one_decimal(before, kWeeksBefore);
  v.after_mean = one_decimal(after, weeks_after);
  if (weeks_after > 0 && before > 0) v.fell_percent = 100 - after * kWeeksBefore * 100 / (before * weeks_after);
  return v;
}

void list(ApiContext& c, Actor const& actor, Request const& request, Answer const& answer) {
  auto found = store::projects(*c.installation.database, 100);
  if (!found) return answer(problem(found.error(), request));
  RequestContext const x(c, request);
  ProjectList out{{}, may_lead(c, actor)};
  for (Project const& p : *found) {
    if (!sees(actor, p)) continue;
    auto v = x.known ? view_of(x, actor, p) : fail(missing_request());
    if (!v) return answer(problem(v.error(), request));
    out.items.push_back(std::move(*v));
  }
  answer(http::ok(out));
}

/// The project of the path as the actor may see it, with its members.
void answer_one(ApiContext& c, Request const& request, Actor const& actor, IdBytes const& id, Answer const& answer, int status) {
  auto project = store::project_of(*c.installation.database, id);
  if (!project) return answer(problem(project.error(), request));
  if (!*project || !sees(actor, **project))
    return answer(problem(Error(ErrorCode::spine_not_found, {{"what", "专项 / the project"}}), request));
  RequestContext const x(c, request);
  auto v = x.known ? view_of(x, actor, **project) : fail(missing_request());
  if (!v) return answer(problem(v.error(), request));
  auto members = store::project_members(*c.installation.database, id);
  if (!members) return answer(problem(members.error(), request));
  std::vector<RequestRow> rows;
  for (CaseId const& member : *members) {
    auto row = store::request_of(*c.installation.database, member);
    if (row && *row && !c.installation.requests->hidden(actor, **row)) rows.push_back(std::move(**row));
  }
  if (Status kept = record_looks(c, actor, rows, "专项：" + (*project)->title); !kept)
    return answer(problem(kept.error(), request));
  for (RequestRow const& r : rows) v->members.push_back(x.masked(r));
  answer(http::ok(*v, status));
}

void one(ApiContext& c, Actor const& actor, Request const& request, Answer const& answer) {
  auto id = parse_id(request.param("id"));
  if (!id) return answer(problem(Error(ErrorCode::spine_not_found, {{"what", "专项 / the project"}}), request));
  answer_one(c, request, actor, *id, answer, 200);
}

void open(ApiContext& c, Actor const& actor, Request const& request, ProjectBody& body, Answer const& answer) {
  RequestContext const x(c, request);
  Project p;
  // The same key of the same person is the same project.
  Digest const hash = sm3(to_string(actor.id) + "\nproject\n" + request.idempotency_key);
  std::copy(hash.begin(), hash.begin() + static_cast<std::ptrdiff_t>(p.id.size()), p.id.begin());
  auto there = store::project_of(*c.installation.database, p.id);
  if (!there) return answer(problem(there.error(), request));
  if (*there) return answer_one(c, request, actor, p.id, answer, 201);
  if (x.entry(body.category.value) == nullptr)
    return answer(problem(wrong_member("/category", "清单里没有这一类 / it is not in the responsibility list"), request));
  for (std::string const& unit : {body.unit.value, body.region ? body.region->value : ""}) {
    if (!unit.empty() && x.definitions->current->organisation(unit) == nullptr)
      return answer(problem(wrong_member(unit == body.unit.value ? "/unit" : "/region", "没有这个单位 / no such unit"), request));
  }
  auto due = parse_date(body.due.value);
  if (!due || *due < x.today)
    return answer(problem(wrong_member("/due", "今天以后的日子，例如 2026-12-31 / a day to come"), request));
  std::vector<CaseId> members;
  for (auto const& m : body.members) {
    auto id = CaseId::parse(m.value);
    auto row =
        id ? store::request_of(*c.installation.database, *id) : Result<std::optional<RequestRow>>(std::optional<RequestRow>{});
    if (!row || !*row || c.installation.requests->hidden(actor, **row))
      return answer(problem(wrong_member("/members", "没有这件诉求 / there is no such request"), request));
    members.push_back(*id);
  }
  p.title = body.title.value;
  p.category = body.category.value;
  if (body.region) p.region = body.region->value;
  p.unit = body.unit.value;
  p.goal = body.goal.value;
  p.measures = body.measures.value;
  p.fall_percent = static_cast<int>(body.fall_percent.value);
  p.opened_us = x.now.us;
  p.opened_name = actor.name;
  p.due_us = shanghai_midnight(*due).us;
  Status done = c.installation.database->execute([&](store::Writer& w) -> Status {
    YW_TRY(store::put_project(w.session(), p, members));
    return record_event(c.installation, w, "request.project_opened", actor,
                        json::Value::object({{"project", text_value(to_string(p.id))},
                                             {"title", text_value(p.title)},
                                             {"category", text_value(p.category)},
                                             {"unit", text_value(p.unit)},
                                             {"members", number_value(static_cast<std::int64_t>(members.size()))}}),
                        x.now);
  });
  if (!done) return answer(problem(done.error(), request));
  answer_one(c, request, actor, p.id, answer, 201);
}

void close(ApiContext& c, Actor const& actor, Request const& request, ProjectCloseBody& body, Answer const& answer) {
  auto id = parse_id(request.param("id"));
  auto project = id ? store::project_of(*c.installation.database, *id) : Result<std::optional<Project>>(std::optional<Project>{});
  if (!project || !*project) return answer(problem(Error(ErrorCode::spine_not_found, {{"what", "专项 / the project"}}), request));
  Instant const now = c.installation.clock.now();
  Status done = c.installation.database->execute([&](store::Writer& w) -> Status {
    YW_TRY(store::close_project(w.session(), *id, now, actor.name, body.finding.value));
    return record_event(
        c.installation, w, "request.project_closed", actor,
        json::Value::object({{"project", text_value(to_string(*id))}, {"finding", text_value(body.finding.value)}}), now);
  });
  if (!done) return answer(problem(done.error(), request));
  answer_one(c, request, actor, *id, answer, 200);
}

}  // namespace

void add_request_project_routes(http::Router& router, ApiContext& c) {
  router.add(reads<ProjectList>(c, "/api/request-projects",
                                "Projects about the cause of what many tell of, with the fall of reports since", readers(),
                                list));
  router.add(reads<ProjectView>(c, "/api/request-projects/{id}",
                                "One project with the requests that it came from, without what tells of persons", readers(),
                                one));
  router.add(commands<ProjectBody, ProjectView>(
      c, "/api/request-projects", "Begin a project about the cause of what many tell of", of_desk(Action::case_command), open));
  router.add(writes<ProjectCloseBody, ProjectView>(c, "/api/request-projects/{id}/closing",
                                                   "Close a project with what came of it", of_desk(Action::case_command), close));
}

}  // namespace yiwang::app

// Measures of citizens' requests from their stored definitions, for any past day, down to the rows behind a figure; leaving a
// request out of the figures with reason and approval. No route changes a figure (never.md 3).

#include <algorithm>
#include <mutex>

#include "request_routes.hpp"
#include "tables.hpp"
#include "yiwang/service_request/measures.hpp"
#include "yiwang/store/request_history.hpp"

namespace yiwang::app {

struct MeasureDefinition {
  std::string id;
  http::Any title;
  http::Any note;
  std::vector<std::string> count;
  std::vector<std::string> of;
  bool percent;
};
struct MeasureFigure {
  std::string measure;
  std::int64_t count;
  std::int64_t of;
  std::string text;
};
struct MeasureRow {
  std::string key;
  std::string name;
  std::string second_key;
  std::string second_name;
  std::vector<MeasureFigure> figures;
};
struct MeasureTable {
  std::string from;
  std::string until;
  std::string by;
  std::string second;
  std::vector<MeasureDefinition> definitions;
  std::vector<MeasureRow> rows;
};
struct MeasureRows {
  std::string measure;
  std::int64_t total;
  std::vector<RequestItem> items;
  std::optional<std::string> next;
};
struct ExclusionBody {
  http::Text<1, 40> reason;
  http::Text<4, 500> why;
};
struct ExclusionView {
  std::string reason;
  std::string why;
  std::string asked_by;
  std::string asked_at;
  std::optional<std::string> approved_by;
  std::optional<std::string> approved_at;
};

BOOST_DESCRIBE_STRUCT(MeasureDefinition, (), (id, title, note, count, of, percent))
BOOST_DESCRIBE_STRUCT(MeasureFigure, (), (measure, count, of, text))
BOOST_DESCRIBE_STRUCT(MeasureRow, (), (key, name, second_key, second_name, figures))
BOOST_DESCRIBE_STRUCT(MeasureTable, (), (from, until, by, second, definitions, rows))
BOOST_DESCRIBE_STRUCT(MeasureRows, (), (measure, total, items, next))
BOOST_DESCRIBE_STRUCT(ExclusionBody, (), (reason, why))
BOOST_DESCRIBE_STRUCT(ExclusionView, (), (reason, why, asked_by, asked_at, approved_by, approved_at))

}  // namespace yiwang::app

// clang-format off
namespace yiwang::http {
YW_DOCS(app::MeasureDefinition, "its id", "its title by language", "what it means, by language", "facts that a request must have to count", "facts of those it is a share of", "whether it is a percentage")
YW_DOCS(app::MeasureFigure, "the measure", "how many", "out of how many; 0 for a count", "as it is shown: a number, a percentage with one decimal, or – when there is nothing to divide by")
YW_DOCS(app::MeasureRow, "the value of the first dimension", "its name", "the value of the second", "its name", "in the order of the definitions")
YW_DOCS(app::MeasureTable, "first day of receipt", "the day as of whose end the figures stand", "first dimension", "second dimension", "the stored definitions", "a row a value; without dimensions one row")
YW_DOCS(app::MeasureRows, "the measure", "how many rows stand behind the figure", "the rows, without what tells of persons, the newest first", "cursor of the next page")
YW_DOCS(app::ExclusionBody, "one of the pack's reasons", "in words")
YW_DOCS(app::ExclusionView, "the reason", "in words", "who asked", "when", "who agreed, never the same", "when")
}
// clang-format on

namespace yiwang::app {
namespace {

using http::Answer;
using http::problem;
using http::Request;
using http::Response;
using spine::Action;
using spine::Actor;
using store::RequestRow;

service_request::Course course(RequestRow const& r) {
  service_request::Course c;
  c.received_us = r.received_us;
  c.dispatched_us = r.dispatched_us;
  c.returned_us = r.returned_us;
  c.contacted_us = r.contacted_us;
  c.replied_us = r.replied_us;
  c.closed_us = r.closed_us;
  c.rated_us = r.rated_us;
  c.redone_us = r.redone_us;
  c.supervised_us = r.supervised_us;
  c.excluded_us = r.excluded_us;
  c.contact_due_us = r.contact_due_us;
  c.due_us = r.due_us;
  c.automatic = r.has(store::kAutomatic);
  c.repeat = r.has(store::kRepeat);
  c.grade = r.grade;
  c.solved = r.solved;
  return c;
}

std::string shown(service_request::Measure const& m, service_request::Figure const& f) {
  if (!m.percent) return std::to_string(f.count);
  if (f.of == 0) return "–";
  std::int64_t const tenths = (f.count * 1000 + f.of / 2) / f.of;
  return std::to_string(tenths / 10) + "." + std::to_string(tenths % 10) + "%";
}

/// Empty dimension: everything together. Unknown names are refused by the caller.
constexpr std::string_view kDimensions[] = {"", "unit", "group", "category", "region", "community", "channel", "month"};

std::string value_of(service_request::Knowledge const& known, RequestRow const& r, std::string_view by) {
  if (by == "unit") return r.lead.empty() ? r.unit : r.lead;
  if (by == "group") return r.category.substr(0, 2);
  if (by == "category") return r.category;
  if (by == "community") return r.region;
  if (by == "channel") return r.channel;
  if (by == "month") return to_string(shanghai_date(Instant{r.received_us})).substr(0, 7);
  if (by == "region") return known.duties.street_of(r.region);
  return {};
}

std::string name_of(store::DefinitionSnapshot const& definitions, service_request::Knowledge const& known, std::string_view by,
                    std::string const& value, Language language) {
  if (by == "unit" || by == "region") {
    if (auto const* o = definitions.current->organisation(value)) return o->name.in(language);
  } else if (by == "community") {
    auto region = definitions.current->regions.find(value);
    if (region != definitions.current->regions.end()) return region->second.name.in(language);
  } else if (by == "group") {
    for (auto const& [id, title] : known.duties.groups) {
      if (id == value) return title.in(language);
    }
  } else if (by == "category") {
    for (auto const& e : known.duties.entries) {
      if (e.code == value) return e.title.in(language);
    }
  }
  return value.empty() ? (language == Language::en ? "not known" : "未定") : value;
}

/// What is asked for: days of receipt, dimensions, and the requests of those days.
struct Asked {
  std::shared_ptr<service_request::Knowledge const> known;
  Date from, until;
  std::string by, second;
  std::int64_t begin = 0, end = 0;
  std::vector<RequestRow> rows{};
};
Result<Asked> asked_of(ApiContext& c, Request const& request) {
  auto known = c.installation.requests->knowledge();
  if (!known) return fail(ErrorCode::spine_not_found, {{"what", "指标定义 / the definitions"}});
  Date const today = shanghai_date(c.installation.clock.now());
  auto day = [&](char const* name, Date otherwise) -> Result<Date> {
    std::string_view const text = request.argument(name);
    if (text.empty()) return otherwise;
    return parse_date(text);
  };
  YW_ASSIGN(Date until, day("until", today));
  YW_ASSIGN(Date from, day("from", Date{until.days - 364}));
  Asked a{std::move(known), from, until, std::string(request.argument("by")), std::string(request.argument("second"))};
  for (std::string const& d : {a.by, a.second}) {
    if (std::find(std::begin(kDimensions), std::end(kDimensions), d) == std::end(kDimensions))
      return fail(ErrorCode::http_field, {{"path", "by"}, {"why", "unit, group, category, region, community, channel, month"}});
  }
  if (until < from) return fail(ErrorCode::http_field, {{"path", "until"}, {"why", "不能早于 from / not before from"}});
  a.begin = shanghai_midnight(from).us;
  a.end = shanghai_midnight(Date{until.days + 1}).us;
  YW_ASSIGN(a.rows, store::requests_as_of(*c.installation.database, a.begin, a.end));
  return a;
}

MeasureTable table_of(ApiContext& c, Asked const& asked, Language language) {
  auto const& [known, from, until, by, second, begin, end, rows] = asked;
  std::map<std::pair<std::string, std::string>, std::vector<service_request::Course>> parts;
  if (by.empty() && second.empty()) parts[{"", ""}];
  for (RequestRow const& r : rows) parts[{value_of(*known, r, by), value_of(*known, r, second)}].push_back(course(r));
  MeasureTable out{to_string(from), to_string(until), by, second, {}, {}};
  for (auto const& m : known->measures)
    out.definitions.push_back({m.id, localized(m.title), localized(m.note), m.count, m.of, m.percent});
  auto const definitions = c.installation.definitions.snapshot();
  for (auto const& [key, courses] : parts) {
    MeasureRow row{key.first,
                   by.empty() ? "" : name_of(*definitions, *known, by, key.first, language),
                   key.second,
                   second.empty() ? "" : name_of(*definitions, *known, second, key.second, language),
                   {}};
    for (auto const& m : known->measures) {
      service_request::Figure const f = service_request::figure(m, courses, begin, end);
      row.figures.push_back({m.id, f.count, f.of, shown(m, f)});
    }
    out.rows.push_back(std::move(row));
  }
  return out;
}

TableLines cells(MeasureTable const& t, service_request::Knowledge const& known, Language language) {
  TableLines out;
  std::vector<std::string> head;
  if (!t.by.empty()) head.push_back(t.by);
  if (!t.second.empty()) head.push_back(t.second);
  for (auto const& m : known.measures) head.push_back(m.title.in(language));
  out.push_back(std::move(head));
  for (MeasureRow const& r : t.rows) {
    std::vector<std::string> line;
    if (!t.by.empty()) line.push_back(r.name);
    if (!t.second.empty()) line.push_back(r.second_name);
    for (MeasureFigure const& f : r.figures) line.push_back(f.text);
    out.push_back(std::move(line));
  }
  return out;
}

void measures(ApiContext& c, Actor const&, Request const& request, Answer const& answer) {
  auto asked = asked_of(c, request);
  if (!asked) return answer(problem(asked.error(), request));
  MeasureTable const table = table_of(c, *asked, request.language);
  std::string_view const format = request.argument("format");
  if (format.empty() || format == "json") return answer(http::ok(table));
  auto const lines = cells(table, *asked->known, request.language);
  auto file = table_file(lines, format, c.installation.options.data, "measures-" + table.from + "-" + table.until);
  answer(file ? std::move(*file) : problem(file.error(), request));
}

/// What is published: the whole district over the year until yesterday. It stands still for a day and is counted once.
struct Published {
  std::mutex mutex;
  std::int64_t day = 0;
  std::string pack;
  std::shared_ptr<MeasureTable const> table;
};
void published(ApiContext& c, Published& kept, Request const& request, Answer const& answer) {
  auto known = c.installation.requests->knowledge();
  if (!known) return answer(problem(Error(ErrorCode::spine_not_found, {{"what", "指标定义 / the definitions"}}), request));
  Date const today = shanghai_date(c.installation.clock.now());
  std::string const pack = c.installation.definitions.snapshot()->current->hash;
  std::lock_guard lock(kept.mutex);  // who comes while it is counted waits for it
  if (!kept.table || kept.day != today.days || kept.pack != pack) {
    Asked a{known,
            Date{today.days - 365},
            Date{today.days - 1},
            "",
            "",
            shanghai_midnight(Date{today.days - 365}).us,
            shanghai_midnight(today).us,
            {}};
    auto rows = store::requests_as_of(*c.installation.database, a.begin, a.end);
    if (!rows) return answer(problem(rows.error(), request));
    a.rows = std::move(*rows);
    kept.table = std::make_shared<MeasureTable const>(table_of(c, a, request.language));
    kept.day = today.days;
    kept.pack = pack;
  }
  answer(http::ok(*kept.table));
}

/// The rows behind one figure: those that count, or those it is a share of.
void measure_rows(ApiContext& c, Actor const& actor, Request const& request, Answer const& answer) {
  auto asked = asked_of(c, request);
  if (!asked) return answer(problem(asked.error(), request));
  std::string_view const wanted = request.argument("measure"), part = request.argument("part");
  auto const& all = asked->known->measures;
  auto const measure = std::find_if(all.begin(), all.end(), [&](auto const& m) { return m.id == wanted; });
  if (measure == all.end()) return answer(problem(wrong_member("measure", "没有这个指标 / no such measure"), request));
  if (!part.empty() && part != "count" && part != "rest") return answer(problem(wrong_member("part", "count, rest"), request));
  auto cursor = store::ListCursor::parse(request.argument("cursor"));
  if (!cursor) return answer(problem(cursor.error(), request));
  constexpr std::size_t kPage = 30;
  std::vector<RequestRow> page;
  MeasureRows out{measure->id, 0, {}, {}};
  for (auto r = asked->rows.rbegin(); r != asked->rows.rend(); ++r) {
    if (value_of(*asked->known, *r, asked->by) != request.argument("key") && !asked->by.empty()) continue;
    if (value_of(*asked->known, *r, asked->second) != request.argument("second_key") && !asked->second.empty()) continue;
    auto const f = service_request::figure(*measure, {course(*r)}, asked->begin, asked->end);
    bool const counts = part == "rest" ? f.of > f.count : f.count != 0;
    // A request about the reader's own unit, or sealed to another, is counted and never shown.
    if (!counts) continue;
    ++out.total;
    if (c.installation.requests->hidden(actor, *r) || page.size() > kPage) continue;
    bool const after =
        cursor->first || r->received_us < cursor->sort_key || (r->received_us == cursor->sort_key && r->case_id < cursor->id);
    if (after) page.push_back(*r);
  }
  if (page.size() > kPage) {
    page.pop_back();
    out.next = store::ListCursor{page.back().received_us, page.back().case_id, false}.text();
  }
  if (Status kept = record_looks(c, actor, page, "指标明细：" + measure->title.zh_cn); !kept)
    return answer(problem(kept.error(), request));
  RequestContext const x(c, request);
  for (RequestRow& r : page) {
    auto now = store::request_of(*c.installation.database, r.case_id);
    if (!now) return answer(problem(now.error(), request));
    if (*now) r.words = (*now)->words;
    out.items.push_back(x.masked(r));
  }
  answer(http::ok(out));
}

ExclusionView exclusion_view(store::Exclusion const& e) {
  ExclusionView v{e.reason, e.why, e.asked_name, to_shanghai_string(Instant{e.asked_us}), {}, {}};
  if (e.approved_us != 0) v.approved_by = e.approved_name, v.approved_at = to_shanghai_string(Instant{e.approved_us});
  return v;
}

json::Value exclusion_data(CaseId id, std::string const& reason, std::string const& why) {
  return json::Value::object({{"case", text_value(to_string(id))}, {"reason", text_value(reason)}, {"why", text_value(why)}});
}

/// The request, for those of the desk who may leave one out of the figures.
std::optional<CaseId> excludable(ApiContext& c, Request const& request, Actor const& actor, Answer const& answer) {
  auto const row = request_in_path(c, actor, request, answer);
  if (row && row->desk == actor.department) return row->case_id;
  if (row) answer(problem(missing_request(), request));
  return std::nullopt;
}

void answer_exclusion(ApiContext& c, Request const& request, CaseId id, Answer const& answer) {
  auto there = store::exclusion_of(*c.installation.database, id);
  if (!there) return answer(problem(there.error(), request));
  if (!*there) return answer(problem(Error(ErrorCode::spine_not_found, {{"what", "剔除申请 / the exclusion"}}), request));
  answer(http::ok(exclusion_view(**there)));
}

void exclude(ApiContext& c, Actor const& actor, Request const& request, ExclusionBody& body, Answer const& answer) {
  auto const id = excludable(c, request, actor, answer);
  if (!id) return;
  auto const known = c.installation.requests->knowledge();
  auto const& reasons = known->rules.exclusion_reasons;
  if (std::find(reasons.begin(), reasons.end(), body.reason.value) == reasons.end())
    return answer(problem(
        Error(ErrorCode::http_field, {{"path", "/reason"}, {"why", "不在规则列出的理由里 / not one of the pack's reasons"}})
            .at_path("/reason"),
        request));
  Instant const now = c.installation.clock.now();
  store::Exclusion e{body.reason.value, body.why.value, actor.name, {}, actor.id, now.us, 0};
  Status done = c.installation.database->execute([&](store::Writer& w) -> Status {
    YW_TRY(store::ask_exclusion(w, *id, e));
    return record_event(c.installation, w, "request.exclusion_asked", actor, exclusion_data(*id, e.reason, e.why), now);
  });
  if (!done) return answer(problem(done.error(), request));
  answer_exclusion(c, request, *id, answer);
}

void agree(ApiContext& c, Actor const& actor, Request const& request, Answer const& answer) {
  auto const id = excludable(c, request, actor, answer);
  if (!id) return;
  auto there = store::exclusion_of(*c.installation.database, *id);
  if (!there) return answer(problem(there.error(), request));
  if (!*there) return answer(problem(Error(ErrorCode::spine_not_found, {{"what", "剔除申请 / the exclusion"}}), request));
  // Two people: who asked does not agree.
  if ((*there)->asked_by == actor.id)
    return answer(problem(Error(ErrorCode::spine_forbidden, {{"action", "request_exclude"}}), request));
  Instant const now = c.installation.clock.now();
  Status done = c.installation.database->execute([&](store::Writer& w) -> Status {
    YW_TRY(store::approve_exclusion(w, *id, actor.id, actor.name, now));
    return record_event(c.installation, w, "request.exclusion_approved", actor,
                        exclusion_data(*id, (*there)->reason, (*there)->why), now);
  });
  if (!done) return answer(problem(done.error(), request));
  answer_exclusion(c, request, *id, answer);
}

}  // namespace

void add_request_figure_routes(http::Router& router, ApiContext& c) {
  router.add({.method = "GET",
              .path = "/api/request-figures",
              .summary = "Published figures about requests: the year until yesterday, with what was left out of them",
              .tag = "requests",
              .runs = http::Runs::blocking,
              .action = "anybody",
              .request_schema = {},
              .response_schema = http::SchemaOf<MeasureTable>::make(),
              .arguments = {},
              .handler = [&c, kept = std::make_shared<Published>()](Request const& request, Answer const& answer) {
                published(c, *kept, request, answer);
              }});
  router
      .add(reads<MeasureTable>(c, "/api/request-measures",
                               "Measures from stored definitions, as they stood at the end of a day, by up to two dimensions",
                               anywhere(Action::statistics_read), measures))
      .arguments = {{"from", "first day of receipt; a year before until"},
                    {"until", "as of the end of this day; today"},
                    {"by", "unit, group, category, region, community, channel, month"},
                    {"second", "a second one"},
                    {"format", "json (default), csv, xlsx"}};
  router
      .add(reads<MeasureRows>(c, "/api/request-measures/rows",
                              "The requests behind one figure, without what tells of persons; each look is recorded",
                              anywhere(Action::statistics_read), measure_rows))
      .arguments = {
      {"measure", "id of the measure"},  {"part", "count (default): those that count; rest: those of a share that do not"},
      {"from", "as for the figures"},    {"until", "as for the figures"},
      {"by", "as for the figures"},      {"key", "value of the first dimension"},
      {"second", "as for the figures"},  {"second_key", "value of the second"},
      {"cursor", "from the page before"}};
  router.add(writes<ExclusionBody, ExclusionView>(c, "/api/requests/{id}/exclusion",
                                                  "Ask that a request is left out of the figures; another person agrees",
                                                  in_unit(Action::request_exclude), exclude));
  router.add(writes<ExclusionView>(c, "/api/requests/{id}/exclusion/approval", "Agree that a request is left out of the figures",
                                   in_unit(Action::request_exclude), agree));
}

}  // namespace yiwang::app

// The catalogue of matters over HTTP: find one, read its guide for one's situation, compare versions, counts and rates.

#include "api.hpp"
#include "yiwang/http/schema.hpp"

namespace yiwang::app {

struct LimitView {
  std::int64_t amount;
  std::string unit;
  std::int64_t extend;
  std::string basis;
};
struct MatterCard {
  std::string id;
  std::string name;
  std::string summary;
  std::string unit;
  std::string unit_name;
  std::string type;
  std::string handling;
  std::vector<std::int64_t> objects;
  std::int64_t promised;
  std::string promise_unit;
  std::int64_t visits;
  std::vector<std::string> labels;
  std::optional<std::string> case_type;
};
struct MatterList {
  std::vector<MatterCard> items;
  std::int64_t total;
  std::optional<std::string> next;
};
struct AnswerView {
  std::string id;
  std::string label;
};
struct QuestionView {
  std::string id;
  std::string ask;
  std::vector<AnswerView> answers;
};
struct MatterHit {
  MatterCard matter;
  std::vector<std::string> because;
};
struct MatterHits {
  std::vector<MatterHit> items;
  bool clear;
  std::vector<QuestionView> questions;
};
struct MaterialView {
  std::string id;
  std::string name;
  std::string need;
  std::optional<std::int64_t> later_days;
  std::optional<std::string> from_register;
  std::optional<std::string> from_certificate;
  std::optional<std::string> source;
  std::optional<std::string> form;
  std::optional<std::string> paper;
  std::optional<std::int64_t> pages;
  std::optional<std::string> pledge;
  std::optional<std::string> note;
};
struct FeeView {
  std::string name;
  std::string standard;
  std::string basis;
};
struct FaqView {
  std::string ask;
  std::string answer;
};
struct PlaceOfUnit {
  std::string name;
  std::string address;
  std::string window;
  std::string hours;
};
struct RemedyView {
  std::string review_body;
  std::string review_address;
  std::string review_phone;
  std::int64_t review_days;
  std::string court_body;
  std::string court_address;
  std::string court_phone;
  std::int64_t court_months;
};
struct MatterGuide {
  MatterCard matter;
  std::string basic_name;
  std::string basic_code;
  std::string implementation_code;
  std::string body_name;
  std::string from;
  std::optional<std::string> to;
  LimitView statutory;
  LimitView promise;
  std::optional<std::string> visit_reason;
  std::vector<std::string> who;
  std::vector<std::string> channels;
  std::vector<std::string> conditions;
  std::vector<QuestionView> questions;
  std::vector<MaterialView> materials;
  std::vector<FeeView> fees;
  bool pay_online;
  std::string result;
  std::string result_kind;
  std::optional<std::int64_t> result_years;
  bool by_rules;
  bool proactive;
  PlaceOfUnit place;
  std::string consult;
  std::string complain;
  RemedyView remedy;
  std::vector<FaqView> faq;
  std::vector<AnswerView> themes;
};
struct MatterChange {
  std::string field;
  std::string before;
  std::string after;
};
struct MatterVersion {
  std::string from;
  std::optional<std::string> to;
  std::string status;
  std::vector<MatterChange> changes;
};
struct MatterVersions {
  std::vector<MatterVersion> items;
};
struct LabelView {
  std::string id;
  std::string title;
  std::string definition;
  std::string condition;
  std::int64_t count;
};
struct RateView {
  std::string id;
  std::string title;
  std::string definition;
  std::string numerator;
  std::string denominator;
};
struct UnitCount {
  std::string id;
  std::string name;
  std::int64_t count;
};
struct ThemeView {
  std::string id;
  std::string name;
  std::string lead;
  std::int64_t count;
};
struct CatalogueView {
  std::string day;
  std::int64_t total;
  std::vector<UnitCount> units;
  std::vector<ThemeView> themes;
  std::vector<LabelView> labels;
  std::vector<RateView> rates;
};

BOOST_DESCRIBE_STRUCT(LimitView, (), (amount, unit, extend, basis))
BOOST_DESCRIBE_STRUCT(MatterCard, (),
                      (id, name, summary, unit, unit_name, type, handling, objects, promised, promise_unit, visits, labels,
                       case_type))
BOOST_DESCRIBE_STRUCT(MatterList, (), (items, total, next))
BOOST_DESCRIBE_STRUCT(AnswerView, (), (id, label))
BOOST_DESCRIBE_STRUCT(QuestionView, (), (id, ask, answers))
BOOST_DESCRIBE_STRUCT(MatterHit, (), (matter, because))
BOOST_DESCRIBE_STRUCT(MatterHits, (), (items, clear, questions))
BOOST_DESCRIBE_STRUCT(MaterialView, (),
                      (id, name, need, later_days, from_register, from_certificate, source, form, paper, pages, pledge, note))
BOOST_DESCRIBE_STRUCT(FeeView, (), (name, standard, basis))
BOOST_DESCRIBE_STRUCT(FaqView, (), (ask, answer))
BOOST_DESCRIBE_STRUCT(PlaceOfUnit, (), (name, address, window, hours))
BOOST_DESCRIBE_STRUCT(RemedyView, (),
                      (review_body, review_address, review_phone, review_days, court_body, court_address, court_phone,
                       court_months))
BOOST_DESCRIBE_STRUCT(MatterGuide, (),
                      (matter, basic_name, basic_code, implementation_code, body_name, from, to, statutory, promise, visit_reason,
                       who, channels, conditions, questions, materials, fees, pay_online, result, result_kind, result_years,
                       by_rules, proactive, place, consult, complain, remedy, faq, themes))
BOOST_DESCRIBE_STRUCT(MatterChange, (), (field, before, after))
BOOST_DESCRIBE_STRUCT(MatterVersion, (), (from, to, status, changes))
BOOST_DESCRIBE_STRUCT(MatterVersions, (), (items))
BOOST_DESCRIBE_STRUCT(LabelView, (), (id, title, definition, condition, count))
BOOST_DESCRIBE_STRUCT(RateView, (), (id, title, definition, numerator, denominator))
BOOST_DESCRIBE_STRUCT(UnitCount, (), (id, name, count))
BOOST_DESCRIBE_STRUCT(ThemeView, (), (id, name, lead, count))
BOOST_DESCRIBE_STRUCT(CatalogueView, (), (day, total, units, themes, labels, rates))

}  // namespace yiwang::app

// clang-format off
namespace yiwang::http {
YW_DOCS(app::LimitView, "how many; 0 as a promise: at once", "workday, day, month or hour", "how much longer it may become", "law and article")
YW_DOCS(app::MatterCard, "its id", "its name", "one or two sentences for people", "unit that handles it", "its name", "GB/T 39046: 01 licence, 05 grant, 07 confirmation, 10 other, 20 service", "new, renew, change …", "1 person, 2 company, 3 institution, 4 social organisation, 5 authority, 6 other", "promised time; 0: at once", "workday, day, month or hour", "times that somebody must come", "computed labels, by id", "case type to apply with; absent: not online here yet")
YW_DOCS(app::MatterList, "the cards", "how many fit the filters", "cursor of the next page")
YW_DOCS(app::AnswerView, "its id", "what people read")
YW_DOCS(app::QuestionView, "its id", "the question", "to choose from")
YW_DOCS(app::MatterHit, "the matter", "words of the catalogue that the question holds")
YW_DOCS(app::MatterHits, "best first; empty when the catalogue has nothing that fits", "whether the first stands so far ahead that asking back is of no use", "questions that find the situation of the first")
YW_DOCS(app::MaterialView, "its id", "what people call it", "main, later (may follow by promise), fetched (never asked), declared (said in the form), paper", "working days within which it follows", "register that it is taken from", "certificate that takes its place", "who has it", "electronic, paper, both", "show, keep or return the original", "pages", "promise that may take its place", "what to mind")
YW_DOCS(app::FeeView, "its name", "how much", "law and article")
YW_DOCS(app::FaqView, "question", "answer")
YW_DOCS(app::PlaceOfUnit, "place", "address", "windows", "opening hours")
YW_DOCS(app::RemedyView, "who reviews (行政复议)", "where", "telephone", "days to apply", "which court", "where", "telephone", "months to sue")
YW_DOCS(app::MatterGuide, "the card", "name in the basic directory", "基本编码, 12 digits", "实施编码, 31 characters", "the body that exercises the power", "in force since", "last day in force", "limit by law", "limit promised", "why somebody must come", "who may apply", "where it can be applied for", "when it is granted", "questions that find the situation", "materials of the situation", "fees; empty: free", "can be paid online", "what one gets", "certificate, document or receipt", "years it is valid", "decided by rules, or handed to people", "the person only confirms", "where", "telephone for questions", "telephone for complaints", "remedies", "questions people ask", "themes that it belongs to")
YW_DOCS(app::MatterChange, "which element", "before", "after")
YW_DOCS(app::MatterVersion, "first day", "last day", "draft, review, published, suspended", "against the version before")
YW_DOCS(app::MatterVersions, "oldest first")
YW_DOCS(app::LabelView, "its id", "its name", "what it means", "FEEL over the elements", "matters that have it")
YW_DOCS(app::RateView, "its id", "its name", "what is divided by what", "sum of numerators", "sum of denominators")
YW_DOCS(app::UnitCount, "unit", "its name", "matters in force")
YW_DOCS(app::ThemeView, "its id", "its name", "unit in the lead", "matters in it")
YW_DOCS(app::CatalogueView, "day of counting", "matters in force", "units that have matters", "themes", "labels with their definitions", "rates with their definitions")
}
// clang-format on

namespace yiwang::app {
namespace {

using http::Answer;
using http::problem;
using http::Request;
using matter::Matter;

template <class T>
std::optional<T> unless_empty(T value) {
  return value == T{} ? std::nullopt : std::optional<T>(std::move(value));
}

std::shared_ptr<matter::Guide const> guide_of(ApiContext& c) {
  return c.installation.matters.guide(shanghai_date(c.installation.clock.now()));
}

MatterCard card(ApiContext& c, Matter const& m, Language language) {
  auto definitions = c.installation.definitions.snapshot();
  auto const* unit = definitions->current->organisation(m.body->unit);
  bool const en = language == Language::en;
  return {m.id,
          m.text("name", m.name, en),
          m.text("summary", m.summary, en),
          m.body->unit,
          unit ? unit->name.in(language) : m.body->name,
          m.type,
          m.handling,
          m.objects,
          m.promise.amount,
          m.promise.unit,
          m.visits,
          {m.labels.begin(), m.labels.end()},
          unless_empty(m.case_type)};
}

std::vector<QuestionView> questions(Matter const& m, bool en) {
  std::vector<QuestionView> out;
  for (matter::Question const& q : m.questions) {
    std::string const at = "questions." + q.id;
    QuestionView view{q.id, m.text(at, q.ask, en), {}};
    for (matter::Answer const& a : q.answers) view.answers.push_back({a.id, m.text(at + "." + a.id, a.label, en)});
    out.push_back(std::move(view));
  }
  return out;
}

/// "place:shop,food:no". Errors: http.field.
Result<matter::Situation> situation(std::string_view text) {
  matter::Situation out;
  while (!text.empty()) {
    auto const end = text.find(',');
    std::string_view const part = text.substr(0, end);
    text = end == std::string_view::npos ? std::string_view{} : text.substr(end + 1);
    auto const colon = part.find(':');
    if (colon == std::string_view::npos)
      return fail(ErrorCode::http_field,
                  {{"path", "answers"}, {"why", "写成 问题:答案，用逗号隔开 / question:answer, divided by commas"}});
    out.emplace(part.substr(0, colon), part.substr(colon + 1));
  }
  return out;
}

LimitView limit(matter::Limit const& l) { return {l.amount, l.unit, l.extend, l.basis}; }

Result<MatterGuide> guide_view(ApiContext& c, Matter const& m, matter::Situation const& answers, Language language) {
  bool const en = language == Language::en;
  std::vector<std::string> conditions;
  for (std::size_t n = 0; n < m.conditions.size(); ++n)
    conditions.push_back(m.text("conditions." + std::to_string(n), m.conditions[n], en));
  MatterGuide v{card(c, m, language),
                m.basic,
                m.code,
                m.implementation_code(),
                m.body->name,
                to_string(m.from),
                {},
                limit(m.statutory),
                limit(m.promise),
                unless_empty(m.text("visit_reason", m.visit_reason, en)),
                m.who,
                m.channels,
                conditions,
                questions(m, en),
                {},
                {},
                m.pay_online,
                m.text("result", m.result, en),
                m.result_kind,
                unless_empty(m.result_years),
                m.by_rules,
                m.proactive,
                {m.body->place, m.body->address, m.body->window, m.body->hours},
                m.body->consult,
                m.body->complain,
                {m.body->review_body, m.body->review_address, m.body->review_phone, m.body->review_days, m.body->court_body,
                 m.body->court_address, m.body->court_phone, m.body->court_months},
                {},
                {}};
  if (m.to) v.to = to_string(*m.to);
  YW_ASSIGN(auto materials, matter::materials_for(m, answers));
  for (matter::Material const* x : materials) {
    v.materials.push_back({x->id, m.text("materials." + x->id, x->name, en), std::string(matter::to_string(x->need)),
                           unless_empty(x->later_days), unless_empty(x->register_id), unless_empty(x->certificate),
                           unless_empty(x->source), unless_empty(x->form), unless_empty(x->paper), unless_empty(x->pages),
                           unless_empty(x->pledge), unless_empty(m.text("notes." + x->id, x->note, en))});
  }
  for (matter::Fee const& f : m.fees) v.fees.push_back({f.name, f.standard, f.basis});
  for (matter::Faq const& f : m.faq) v.faq.push_back({f.ask, f.answer});
  auto const guide = guide_of(c);
  for (matter::Theme const& t : guide->catalogue().themes()) {
    if (std::find(m.themes.begin(), m.themes.end(), t.id) != m.themes.end()) v.themes.push_back({t.id, t.name});
  }
  return v;
}

void list_matters(ApiContext& c, Request const& request, Answer const& answer) {
  constexpr std::size_t kPage = 30;
  auto const guide = guide_of(c);
  std::string const unit(request.argument("unit")), theme(request.argument("theme")), label(request.argument("label")),
      object(request.argument("object")), online(request.argument("online"));
  std::size_t skip = 0;
  for (char digit : request.argument("cursor")) {
    if (digit < '0' || digit > '9' || skip > 100'000)
      return answer(problem(
          Error(ErrorCode::http_field, {{"path", "cursor"}, {"why", "不是上一页给出的 / not from the page before"}}), request));
    skip = skip * 10 + static_cast<std::size_t>(digit - '0');
  }
  std::vector<Matter const*> found;
  for (Matter const* m : guide->catalogue().in_force(guide->day())) {
    bool const fits = (unit.empty() || m->body->unit == unit) &&
                      (theme.empty() || std::find(m->themes.begin(), m->themes.end(), theme) != m->themes.end()) &&
                      (label.empty() || m->labels.contains(label)) &&
                      (object.empty() || std::any_of(m->objects.begin(), m->objects.end(),
                                                     [&](std::int64_t o) { return std::to_string(o) == object; })) &&
                      (online.empty() || !m->case_type.empty());
    if (fits) found.push_back(m);
  }
  std::stable_sort(found.begin(), found.end(), [](Matter const* a, Matter const* b) { return a->yearly > b->yearly; });
  MatterList list{{}, static_cast<std::int64_t>(found.size()), {}};
  for (std::size_t i = skip; i < found.size() && i < skip + kPage; ++i)
    list.items.push_back(card(c, *found[i], request.language));
  if (skip + kPage < found.size()) list.next = std::to_string(skip + kPage);
  answer(http::ok(list));
}

/// The version of a day; today's when none is given.
Result<Matter const*> matter_of(ApiContext& c, std::shared_ptr<matter::Guide const> const& guide, Request const& request) {
  Date day = shanghai_date(c.installation.clock.now());
  if (!request.argument("day").empty()) {
    YW_ASSIGN(day, parse_date(request.argument("day")));
  }
  Matter const* m = guide->catalogue().find(request.param("id"), day);
  if (m == nullptr) return fail(ErrorCode::spine_not_found, {{"what", "事项 / the matter"}});
  return m;
}

void catalogue_view(ApiContext& c, Request const& request, Answer const& answer) {
  auto const guide = guide_of(c);
  matter::Catalogue const& catalogue = guide->catalogue();
  auto definitions = c.installation.definitions.snapshot();
  std::string const only(request.argument("unit"));
  std::map<std::string, std::int64_t> units, themes;
  CatalogueView v{to_string(guide->day()), 0, {}, {}, {}, {}};
  for (Matter const* m : catalogue.in_force(guide->day())) {
    ++units[m->body->unit];
    for (std::string const& t : m->themes) ++themes[t];
    if (only.empty() || m->body->unit == only) ++v.total;
  }
  for (auto const& [id, count] : units) {
    auto const* unit = definitions->current->organisation(id);
    v.units.push_back({id, unit ? unit->name.in(request.language) : id, count});
  }
  for (matter::Theme const& t : catalogue.themes()) v.themes.push_back({t.id, t.name, t.lead, themes[t.id]});
  for (matter::Label const& l : catalogue.labels(guide->day(), only))
    v.labels.push_back({l.id, l.title, l.definition, l.condition, static_cast<std::int64_t>(l.count)});
  for (matter::Rate const& r : catalogue.rates(guide->day(), only))
    v.rates.push_back({r.id, r.title, r.definition, r.numerator.to_string(), r.denominator.to_string()});
  answer(http::ok(v));
}

}  // namespace

void add_matter_routes(http::Router& router, ApiContext& c) {
  using http::SchemaOf;
  router.add({.method = "GET",
              .path = "/api/matters",
              .summary = "Matters in force, most used first",
              .tag = "matters",
              .action = "case_type_read",
              .request_schema = {},
              .response_schema = SchemaOf<MatterList>::make(),
              .arguments = {{"unit", "of this unit"},
                            {"theme", "of this theme"},
                            {"label", "with this label"},
                            {"object", "for this kind of applicant, 1 to 6"},
                            {"online", "any value: only what can be applied for here"},
                            {"cursor", "from the page before"}},
              .handler = [&c](Request const& request, Answer const& answer) { list_matters(c, request, answer); }});
  router.add({.method = "GET",
              .path = "/api/matters/search",
              .summary = "Find a matter from plain words",
              .tag = "matters",
              .runs = http::Runs::blocking,
              .action = "case_type_read",
              .request_schema = {},
              .response_schema = SchemaOf<MatterHits>::make(),
              .arguments = {{"q", "what somebody says, at most 200 characters"}},
              .handler = [&c](Request const& request, Answer const& answer) {
                auto const guide = guide_of(c);
                auto const hits = guide->find(request.argument("q"));
                MatterHits v{{}, matter::clear(hits), {}};
                for (matter::Hit const& h : hits) v.items.push_back({card(c, *h.matter, request.language), h.because});
                if (!hits.empty()) v.questions = questions(*hits.front().matter, request.language == Language::en);
                answer(http::ok(v));
              }});
  router.add({.method = "GET",
              .path = "/api/matters/{id}",
              .summary = "The guide of a matter, for a situation and a day",
              .tag = "matters",
              .action = "case_type_read",
              .request_schema = {},
              .response_schema = SchemaOf<MatterGuide>::make(),
              .arguments = {{"answers", "question:answer,question:answer"}, {"day", "the guide as it stood on that day"}},
              .handler = [&c](Request const& request, Answer const& answer) {
                auto const guide = guide_of(c);
                auto m = matter_of(c, guide, request);
                if (!m) return answer(problem(m.error(), request));
                auto answers = situation(request.argument("answers"));
                if (!answers) return answer(problem(answers.error(), request));
                auto v = guide_view(c, **m, *answers, request.language);
                if (!v) return answer(problem(v.error(), request));
                answer(http::ok(*v));
              }});
  router.add({.method = "GET",
              .path = "/api/matters/{id}/versions",
              .summary = "Versions of a matter with their differences",
              .tag = "matters",
              .action = "case_type_read",
              .request_schema = {},
              .response_schema = SchemaOf<MatterVersions>::make(),
              .arguments = {},
              .handler = [&c](Request const& request, Answer const& answer) {
                auto const guide = guide_of(c);
                auto const versions = guide->catalogue().versions(request.param("id"));
                if (versions.empty())
                  return answer(problem(Error(ErrorCode::spine_not_found, {{"what", "事项 / the matter"}}), request));
                MatterVersions v;
                Matter const* before = nullptr;
                for (Matter const* m : versions) {
                  MatterVersion one{to_string(m->from), {}, m->status, {}};
                  if (m->to) one.to = to_string(*m->to);
                  if (before) {
                    for (matter::Difference const& d : matter::difference(*before, *m))
                      one.changes.push_back({d.field, d.before, d.after});
                  }
                  v.items.push_back(std::move(one));
                  before = m;
                }
                answer(http::ok(v));
              }});
  router.add({.method = "GET",
              .path = "/api/matter-catalogue",
              .summary = "Units, themes, labels and rates of the catalogue, counted from its elements",
              .tag = "matters",
              .runs = http::Runs::blocking,
              .action = "case_type_read",
              .request_schema = {},
              .response_schema = SchemaOf<CatalogueView>::make(),
              .arguments = {{"unit", "only of this unit"}},
              .handler = [&c](Request const& request, Answer const& answer) { catalogue_view(c, request, answer); }});
}

}  // namespace yiwang::app

// What comes with and after a decision: paper originals under two signatures, delivery, the archived file, checks afterwards, and
// the figures of ratings.

#include "applying.hpp"
#include "papers.hpp"
#include "routes.hpp"
#include "tables.hpp"
#include "yiwang/store/applicants.hpp"
#include "yiwang/store/counter.hpp"
#include "yiwang/store/matters.hpp"

namespace yiwang::app {

struct OriginalView {
  std::string id;
  std::string name;
  std::string handling;
  std::int64_t pages;
  std::string given_by;
  std::string taken_by;
  std::string taken;
  std::optional<std::string> signed_at;
  std::string holder;
  std::optional<std::string> returned;
  std::optional<std::string> returned_to;
  std::optional<std::string> return_signed;
};
struct OriginalBody {
  http::Text<1, 100> name;
  http::Text<4, 6> handling;
  http::Integer<1, 1000> pages;
  http::Text<1, 100> given_by;
};
struct ReturnBody {
  http::Text<1, 100> to;
};
struct DeliveryBody {
  http::Text<4, 6> way;
  std::optional<http::Text<4, 40>> number;
  std::optional<http::Text<4, 200>> address;
};
struct ReceivedBody {
  http::Text<1, 100> receiver;
};
struct DeliveryView {
  std::string way;
  std::string number;
  std::string sent;
  std::string by;
  std::optional<std::string> delivered;
  std::optional<std::string> receiver;
  std::string due;
  bool late;
};
struct ArchiveView {
  std::string state;
  std::string retention;
  std::string checked;
  std::string by;
  std::vector<std::string> faults;
  std::optional<std::string> keeper;
  std::optional<std::string> handed_over;
};
struct AfterView {
  std::vector<OriginalView> originals;
  std::optional<DeliveryView> delivery;
  std::optional<ArchiveView> archive;
  std::vector<std::string> may;
};
struct RatingFigure {
  std::string id;
  http::Any title;
  http::Any definition;
  std::string count_condition;
  std::optional<std::string> of_condition;
  std::int64_t count;
  std::optional<std::int64_t> of;
};
struct RatingFigures {
  std::string from;
  std::string until;
  std::vector<RatingFigure> items;
};

BOOST_DESCRIBE_STRUCT(OriginalView, (),
                      (id, name, handling, pages, given_by, taken_by, taken, signed_at, holder, returned, returned_to,
                       return_signed))
BOOST_DESCRIBE_STRUCT(OriginalBody, (), (name, handling, pages, given_by))
BOOST_DESCRIBE_STRUCT(ReturnBody, (), (to))
BOOST_DESCRIBE_STRUCT(DeliveryBody, (), (way, number, address))
BOOST_DESCRIBE_STRUCT(ReceivedBody, (), (receiver))
BOOST_DESCRIBE_STRUCT(DeliveryView, (), (way, number, sent, by, delivered, receiver, due, late))
BOOST_DESCRIBE_STRUCT(ArchiveView, (), (state, retention, checked, by, faults, keeper, handed_over))
BOOST_DESCRIBE_STRUCT(AfterView, (), (originals, delivery, archive, may))
BOOST_DESCRIBE_STRUCT(RatingFigure, (), (id, title, definition, count_condition, of_condition, count, of))
BOOST_DESCRIBE_STRUCT(RatingFigures, (), (from, until, items))

}  // namespace yiwang::app

// clang-format off
namespace yiwang::http {
YW_DOCS(app::OriginalView, "its id", "what it is", "show, keep or return", "pages", "who gave it", "who took it", "when", "when the second signature was given: by the applicant, or by a colleague who was there", "who holds it now", "when it was given back", "to whom", "when the second signature under the return was given")
YW_DOCS(app::OriginalBody, "what it is", "show, keep or return", "pages", "who gives it")
YW_DOCS(app::ReturnBody, "who takes it back")
YW_DOCS(app::DeliveryBody, "window or post", "receipt number of the post", "where it was sent")
YW_DOCS(app::ReceivedBody, "who has received it")
YW_DOCS(app::DeliveryView, "window or post", "number of the post", "when it was handed over or posted", "by whom", "day of receipt", "who received it", "last day by law: ten working days after the decision", "later than that")
YW_DOCS(app::ArchiveView, "faults, archived, offered (to the archive unit), handed_over", "how long it is kept", "when it was checked", "by whom", "what is missing", "the unit that has it, or is to have it", "when it took the file over")
YW_DOCS(app::AfterView, "paper originals", "how the result reached the person", "the file", "what you may do now: original, delivery, received, archive")
YW_DOCS(app::RatingFigure, "its id", "its name by language", "what it means by language", "FEEL over the facts of an application", "FEEL: of which", "how many", "of how many; absent: a number")
YW_DOCS(app::RatingFigures, "first day", "last day", "as they stood at the end of the last day")
}
// clang-format on

namespace yiwang::app {
namespace {

using http::Answer;
using http::problem;
using http::Request;
using spine::Action;
using spine::Actor;

constexpr int kDeliverDays = 10;  // Source: law:licence#44

bool handles(Actor const& actor, store::LoadedCase const& loaded) {
  return actor.is_staff() && (spine::allowed(actor.role, Action::case_handle, spine::relations(actor, loaded.row.state)) ||
                              spine::allowed(actor.role, Action::case_command, spine::relations(actor, loaded.row.state)));
}

Result<AfterView> after_view(ApiContext& c, Actor const& actor, store::LoadedCase const& loaded) {
  store::Database& db = *c.installation.database;
  CaseId const id = loaded.row.state.id;
  AfterView v;
  YW_ASSIGN(auto originals, store::originals(db, id));
  auto text = [](std::optional<Instant> at) { return at ? std::optional(to_shanghai_string(*at)) : std::nullopt; };
  for (store::Original const& o : originals) {
    v.originals.push_back({to_string(o.id), o.name, o.handling, o.pages, o.given_by, o.taken_name, to_shanghai_string(o.taken),
                           text(o.signed_at), o.holder_name, text(o.returned),
                           o.returned_to.empty() ? std::nullopt : std::optional(o.returned_to), text(o.returned_signed)});
  }
  YW_ASSIGN(auto row, store::matter_case(db, id));
  YW_ASSIGN(auto delivery, store::delivery(db, id));
  if (delivery && row && row->decided) {
    Instant const due = after_workdays(c.installation.calendar, *row->decided, kDeliverDays);
    Instant const end = delivery->delivered.value_or(c.installation.clock.now());
    v.delivery = DeliveryView{delivery->way,
                              delivery->number,
                              to_shanghai_string(delivery->sent),
                              delivery->sent_name,
                              text(delivery->delivered),
                              delivery->receiver.empty() ? std::nullopt : std::optional(delivery->receiver),
                              to_shanghai_string(due),
                              end.us > due.us};
  }
  YW_ASSIGN(auto archive, store::archive(db, id));
  if (archive) {
    v.archive =
        ArchiveView{archive->state, archive->retention, to_shanghai_string(archive->checked), archive->by_name, {}, {}, {}};
    for (std::size_t at = 0; at < archive->faults.size();) {
      auto const end = std::min(archive->faults.find('\n', at), archive->faults.size());
      v.archive->faults.push_back(archive->faults.substr(at, end - at));
      at = end + 1;
    }
    if (archive->transfer != IdBytes{}) {
      YW_ASSIGN(auto transfer, store::archive_transfer(db, archive->transfer));
      auto const definitions = c.installation.definitions.snapshot();
      auto const* unit = definitions->current->organisation(transfer.keeper);
      v.archive->keeper = unit != nullptr ? unit->name.zh_cn : transfer.keeper;
      v.archive->handed_over = text(transfer.decided);
    }
  }
  bool const decided = row && row->decided;
  bool const archived = archive && archive->state != "faults";
  if (handles(actor, loaded) || (actor.is_staff() && spine::allowed(actor.role, Action::counter_serve, spine::kDepartment))) {
    if (!archived) v.may.push_back("original");
    if (decided && !delivery) v.may.push_back("delivery");
    if (delivery && !delivery->delivered) v.may.push_back("received");
  }
  if (handles(actor, loaded) && decided && !archived) v.may.push_back("archive");
  return v;
}

void answer_after(ApiContext& c, Request const& request, Answer const& answer, Actor const& actor,
                  store::LoadedCase const& loaded, int status = 200) {
  auto v = after_view(c, actor, loaded);
  answer(v ? http::ok(*v, status) : problem(v.error(), request));
}

using AfterHandler = void (*)(ApiContext&, Request const&, Answer const&, Actor const&, store::LoadedCase const&);

void take_original(ApiContext& c, Request const& request, Answer const& answer, Actor const& actor,
                   store::LoadedCase const& loaded) {
  if (!actor.is_staff()) return answer(problem(Error(ErrorCode::spine_forbidden, {{"action", "original_take"}}), request));
  OriginalBody body;
  if (!parse_body(request, body, answer)) return;
  if (body.handling.value != "show" && body.handling.value != "keep" && body.handling.value != "return")
    return answer(
        problem(wrong_field("处理方式 / handling", "show、keep 或 return / one of show, keep, return", "handling"), request));
  store::Original o;
  o.case_id = loaded.row.state.id;
  o.id = c.installation.ids->next();
  o.subject = loaded.row.state.applicant;
  o.name = body.name.value;
  o.handling = body.handling.value;
  o.pages = body.pages.value;
  o.taken = c.installation.clock.now();
  o.taken_by = actor.id;
  o.taken_name = actor.name;
  o.given_by = body.given_by.value;
  if (Status put = store::insert_original(*c.installation.database, o); !put) return answer(problem(put.error(), request));
  answer_after(c, request, answer, actor, loaded, 201);
}

/// The second signature is never that of who gave the first: the applicant's own, or a colleague's who was there.
void sign_original(ApiContext& c, Request const& request, Answer const& answer, Actor const& actor,
                   store::LoadedCase const& loaded) {
  auto which = parse_id(request.param("original"));
  if (!which) return answer(problem(which.error(), request));
  auto o = store::original(*c.installation.database, loaded.row.state.id, *which);
  if (!o) return answer(problem(o.error(), request));
  bool const back = o->returned.has_value();
  if (actor.is_staff() && actor.id == (back ? o->holder : o->taken_by))
    return answer(problem(
        Error(ErrorCode::spine_forbidden, {{"action", "两个签名不能是同一个人 / both signatures of one person"}}), request));
  auto done =
      store::step_original(*c.installation.database, loaded.row.state.id, *which,
                           back ? store::OriginalStep::sign_return : store::OriginalStep::sign, "", c.installation.clock.now());
  if (!done) return answer(problem(done.error(), request));
  if (!*done) return answer(problem(Error(ErrorCode::spine_too_often, {{"action", "签名"}, {"max", "1"}}), request));
  answer_after(c, request, answer, actor, loaded);
}

void return_original(ApiContext& c, Request const& request, Answer const& answer, Actor const& actor,
                     store::LoadedCase const& loaded) {
  if (!actor.is_staff()) return answer(problem(Error(ErrorCode::spine_forbidden, {{"action", "original_return"}}), request));
  ReturnBody body;
  if (!parse_body(request, body, answer)) return;
  auto which = parse_id(request.param("original"));
  if (!which) return answer(problem(which.error(), request));
  auto o = store::original(*c.installation.database, loaded.row.state.id, *which);
  if (!o) return answer(problem(o.error(), request));
  if (o->holder != actor.id) return answer(problem(Error(ErrorCode::spine_forbidden, {{"action", "original_return"}}), request));
  if (!o->signed_at) return answer(problem(wrong_step("收件还缺一个签名 / one signature is missing", "return"), request));
  if (o->handling == "keep") return answer(problem(wrong_step("留存的原件不退还 / it is kept", "return"), request));
  auto done = store::step_original(*c.installation.database, loaded.row.state.id, *which, store::OriginalStep::give_back,
                                   body.to.value, c.installation.clock.now());
  if (!done) return answer(problem(done.error(), request));
  if (!*done) return answer(problem(Error(ErrorCode::spine_too_often, {{"action", "退还"}, {"max", "1"}}), request));
  answer_after(c, request, answer, actor, loaded);
}

void deliver(ApiContext& c, Request const& request, Answer const& answer, Actor const& actor, store::LoadedCase const& loaded) {
  if (!actor.is_staff()) return answer(problem(Error(ErrorCode::spine_forbidden, {{"action", "deliver"}}), request));
  DeliveryBody body;
  if (!parse_body(request, body, answer)) return;
  bool const post = body.way.value == "post";
  if (!post && body.way.value != "window")
    return answer(problem(wrong_field("送达方式 / way", "window 或 post / window or post", "way"), request));
  if (post && !body.number)
    return answer(
        problem(wrong_field("邮件号 / number", "邮寄要写邮件号 / the post's receipt number is needed", "number"), request));
  auto row = store::matter_case(*c.installation.database, loaded.row.state.id);
  if (!row) return answer(problem(row.error(), request));
  if (!*row || !(*row)->decided) return answer(problem(wrong_step("还没有决定 / not decided yet", "deliver"), request));
  // To a person under protection by way of the unit that protects: nobody writes the address.
  Installation& in = c.installation;
  auto const kept = in.persons->under_protection(loaded.row.state.applicant, in.clock.now());
  if (kept) {
    auto const definitions = in.definitions.snapshot();
    auto const* unit = definitions->current->organisation(kept->row.unit);
    body.address = http::Text<4, 200>{in.matters.current().persons->delivered_to(unit ? unit->name.zh_cn : kept->row.unit)};
  }
  auto made = store::insert_delivery(*c.installation.database, loaded.row.state.id,
                                     {body.way.value,
                                      body.number ? body.number->value : "",
                                      body.address ? body.address->value : "",
                                      actor.name,
                                      "",
                                      c.installation.clock.now(),
                                      {}});
  if (!made) return answer(problem(made.error(), request));
  if (!*made) return answer(problem(Error(ErrorCode::spine_too_often, {{"action", "送达"}, {"max", "1"}}), request));
  answer_after(c, request, answer, actor, loaded, 201);
}

void received(ApiContext& c, Request const& request, Answer const& answer, Actor const& actor, store::LoadedCase const& loaded) {
  if (!actor.is_staff()) return answer(problem(Error(ErrorCode::spine_forbidden, {{"action", "deliver"}}), request));
  ReceivedBody body;
  if (!parse_body(request, body, answer)) return;
  auto done =
      store::finish_delivery(*c.installation.database, loaded.row.state.id, body.receiver.value, c.installation.clock.now());
  if (!done) return answer(problem(done.error(), request));
  if (!*done) return answer(problem(wrong_step("没有送出，或已签收 / not sent, or received already", "received"), request));
  answer_after(c, request, answer, actor, loaded);
}

/// The four checks of a file: authentic, complete, readable, safe. What fails is named; then it stays open.
Result<std::string> faults_of(ApiContext& c, store::LoadedCase const& loaded, store::MatterCaseRow const& row,
                              matter::Matter const* m) {
  std::string out;
  auto add = [&](std::string line) { out += (out.empty() ? "" : "\n") + std::move(line); };
  CaseId const id = loaded.row.state.id;
  if (!loaded.proved) add("真实性：事件还没有签名的根 / no signed root yet");
  YW_ASSIGN(auto papers, store::papers(*c.installation.database, id));
  auto has = [&](std::string_view kind) {
    return std::any_of(papers.begin(), papers.end(), [&](store::PaperRow const& p) { return p.kind == kind; });
  };
  if (row.outcome == "granted" && !row.by_rules && !has("grant")) add("完整性：缺准予决定书 / the decision is missing");
  if (row.outcome == "refused" && !has("refusal")) add("完整性：缺不予决定书 / the decision is missing");
  if (row.outcome == "not_accepted" && !has("not_accepted") && !has("not_needed"))
    add("完整性：缺不予受理决定书 / the decision is missing");
  YW_ASSIGN(auto delivery, store::delivery(*c.installation.database, id));
  bool const on_paper = m != nullptr && m->certificate_type.empty();
  if (delivery ? !delivery->delivered : on_paper) add("完整性：结果还没有送达 / the result has not been delivered");
  for (std::string const& hex : loaded.row.state.files) {
    auto hash = from_hex(hex);
    Digest digest{};
    if (hash) std::copy_n(hash->begin(), std::min(hash->size(), digest.size()), reinterpret_cast<char*>(digest.data()));
    if (!hash || !c.installation.files->get(digest)) add("可用性：附件打不开 " + hex.substr(0, 12) + " / a file cannot be read");
  }
  YW_ASSIGN(auto originals, store::originals(*c.installation.database, id));
  for (store::Original const& o : originals) {
    if (o.handling != "keep" && !o.returned) add("安全性：原件没有退还：" + o.name + " / an original was not given back");
    if (!o.signed_at || (o.returned && !o.returned_signed))
      add("安全性：原件交接缺签名：" + o.name + " / a signature is missing");
  }
  YW_ASSIGN(auto checks, store::checks_of(*c.installation.database, id));
  for (store::Check const& one : checks) {
    if (!one.done) add("完整性：事后核查没有完成：" + one.name + " / a check is open");
  }
  return out;
}

void archive_case(ApiContext& c, Request const& request, Answer const& answer, Actor const& actor,
                  store::LoadedCase const& loaded) {
  if (!handles(actor, loaded)) return answer(problem(Error(ErrorCode::spine_forbidden, {{"action", "archive"}}), request));
  Installation& in = c.installation;
  auto row = store::matter_case(*in.database, loaded.row.state.id);
  if (!row) return answer(problem(row.error(), request));
  if (!*row || !(*row)->decided) return answer(problem(wrong_step("还没有决定 / not decided yet", "archive"), request));
  auto before = store::archive(*in.database, loaded.row.state.id);
  if (!before) return answer(problem(before.error(), request));
  if (*before && (*before)->state != "faults")
    return answer(problem(Error(ErrorCode::spine_too_often, {{"action", "归档"}, {"max", "1"}}), request));
  MatterPack const pack = in.matters.current();
  matter::Matter const* m = pack.catalogue->find((*row)->matter, shanghai_date(loaded.row.state.created));
  auto faults = faults_of(c, loaded, **row, m);
  if (!faults) return answer(problem(faults.error(), request));
  store::Archive a{faults->empty() ? "archived" : "faults", m ? m->retention : "10 years", actor.name, *faults, in.clock.now()};
  if (Status put = store::put_archive(*in.database, loaded.row.state.id, loaded.row.state.department, a); !put)
    return answer(problem(put.error(), request));
  answer_after(c, request, answer, actor, loaded);
}

void show_after(ApiContext& c, Request const& request, Answer const& answer, Actor const& actor,
                store::LoadedCase const& loaded) {
  answer_after(c, request, answer, actor, loaded);
}

/// The figures over the applications of some days, as they stood at the end of the last.
Result<std::vector<matter::MeasureFigure>> figures_of(Installation& in, Date from, Date until, std::string_view unit,
                                                      std::string_view matter) {
  constexpr std::int64_t kMost = 200'000;
  Instant const begin = shanghai_midnight(from), end = shanghai_midnight(Date{until.days + 1});
  YW_ASSIGN(auto rows, store::matter_courses(*in.database, begin, end, kMost));
  std::vector<matter::Course> courses;
  auto us = [](std::optional<Instant> at) { return at ? at->us : 0; };
  for (store::MatterCourse const& r : rows) {
    if (!matter.empty() && r.matter != matter) continue;
    matter::Course k{r.matter, r.department, r.outcome, r.by_rules, r.created.us, us(r.decided), 0, 0, 0, 0, 0, 0, false};
    if (r.rating)
      k.rated_us = r.rating->at.us, k.due_us = us(r.rating->due), k.answered_us = us(r.rating->answered),
      k.appealed_us = us(r.rating->appealed), k.closed_us = us(r.rating->closed), k.grade = r.rating->grade,
      k.upheld = r.rating->upheld;
    k.asked = r.effort.asked, k.known = r.effort.known, k.typed = r.effort.typed, k.sheets = r.effort.sheets;
    courses.push_back(std::move(k));
  }
  return in.matters.current().measures->figures(courses, begin, end, unit);
}

RatingFigure figure_view(matter::MeasureFigure const& f) {
  return {f.id,
          {spine::to_json(f.title)},
          {spine::to_json(f.definition)},
          f.count_text,
          f.percent ? std::optional(f.of_text) : std::nullopt,
          f.count,
          f.percent ? std::optional(f.of) : std::nullopt};
}

void rating_figures(ApiContext& c, Request const& request, Answer const& answer) {
  Actor actor = actor_of(c, request);
  if (Status may = spine::authorise(actor, Action::statistics_read, spine::kDepartment | spine::kAny); !may)
    return answer(problem(may.error(), request));
  Installation& in = c.installation;
  Date const today = shanghai_date(in.clock.now());
  auto day = [&](std::string_view name, Date otherwise) -> Result<Date> {
    return request.argument(name).empty() ? Result<Date>(otherwise) : parse_date(request.argument(name));
  };
  auto from = day("from", Date{today.days - 30}), until = day("until", today);
  if (!from || !until) return answer(problem(!from ? from.error() : until.error(), request));
  // A clerk sees the unit; who may see the district may choose.
  std::string unit(request.argument("unit"));
  if (!spine::allowed(actor.role, Action::statistics_read, spine::kAny)) unit = actor.department;
  auto const figures = figures_of(in, *from, *until, unit, request.argument("matter"));
  if (!figures) return answer(problem(figures.error(), request));
  RatingFigures v{to_string(*from), to_string(*until), {}};
  for (matter::MeasureFigure const& f : *figures) v.items.push_back(figure_view(f));
  std::string_view const format = request.argument("format");
  if (format.empty() || format == "json") return answer(http::ok(v));
  TableLines lines{{"指标", "定义", "件数", "分母", "条件"}};
  for (matter::MeasureFigure const& f : *figures) {
    lines.push_back({f.title.in(request.language), f.definition.in(request.language), std::to_string(f.count),
                     f.percent ? std::to_string(f.of) : "", f.percent ? f.count_text + " / " + f.of_text : f.count_text});
  }
  auto file = table_file(lines, format, in.options.data, "matter-measures-" + v.from + "-" + v.until);
  answer(file ? std::move(*file) : problem(file.error(), request));
}

/// What is published (好差评公开): the whole district over the year until yesterday. It stands still for a day and is counted
/// once.
struct PublishedFigures {
  std::mutex mutex;
  std::string key;
  RatingFigures figures;
};
void published_figures(ApiContext& c, PublishedFigures& kept, Request const& request, Answer const& answer) {
  Date const today = shanghai_date(c.installation.clock.now());
  std::string const key = to_string(today) + c.installation.definitions.snapshot()->current->hash;
  std::lock_guard lock(kept.mutex);  // who comes while it is counted waits for it
  if (kept.key != key) {
    Date const from{today.days - 365}, until{today.days - 1};
    auto const figures = figures_of(c.installation, from, until, "", "");
    if (!figures) return answer(problem(figures.error(), request));
    kept.figures = {to_string(from), to_string(until), {}};
    for (matter::MeasureFigure const& f : *figures) {
      if (f.open) kept.figures.items.push_back(figure_view(f));
    }
    kept.key = key;
  }
  answer(http::ok(kept.figures));
}

}  // namespace

/// A case that one may read; at a window also the case of the person who stands there.
Result<store::LoadedCase> at_hand(ApiContext& c, spine::Actor const& actor, http::Request const& request) {
  auto loaded = readable(c, actor, request.param("id"), spine::Action::case_read);
  if (loaded || loaded.error().code() == ErrorCode::spine_recused ||
      !spine::allowed(actor.role, spine::Action::counter_serve, spine::kDepartment))
    return loaded;
  YW_ASSIGN(auto visits, store::open_visits(*c.installation.database, actor.department, actor.id, 50));
  auto id = CaseId::parse(request.param("id"));
  bool const here = id && std::any_of(visits.begin(), visits.end(), [&](store::Visit const& v) { return v.case_id == *id; });
  if (!here) return loaded;
  YW_ASSIGN(auto found, store::load_case(*c.installation.database, *c.installation.definitions.snapshot(), *id));
  if (!found) return loaded;
  return std::move(*found);
}

/// Of a case that is at hand; whoever has it not is answered here.
template <AfterHandler handle>
static void on_case(ApiContext& c, Request const& request, Answer const& answer) {
  Actor const actor = actor_of(c, request);
  auto loaded = at_hand(c, actor, request);
  if (!loaded) return answer(problem(loaded.error(), request));
  handle(c, request, answer, actor, *loaded);
}

void add_afterwards_routes(http::Router& router, ApiContext& c) {
  using http::SchemaOf;
  add_paper_routes(router, c);
  Routes routes(router, c, "afterwards", "case_read");
  json::Value const after = SchemaOf<AfterView>::make();
  routes.add("GET", "/api/cases/{id}/afterwards", "Paper originals, delivery and archive of a case", {}, after,
             on_case<show_after>);
  routes.add("POST", "/api/cases/{id}/originals", "Take a paper original; a second signature follows",
             SchemaOf<OriginalBody>::make(), after, on_case<take_original>);
  routes.add("POST", "/api/cases/{id}/originals/{original}/sign",
             "The second signature, under receipt or return: the applicant, or another colleague", {}, after,
             on_case<sign_original>);
  routes.add("POST", "/api/cases/{id}/originals/{original}/return", "Give a paper original back", SchemaOf<ReturnBody>::make(),
             after, on_case<return_original>);
  routes.add("POST", "/api/cases/{id}/delivery", "Hand the result over at a window, or post it with its number",
             SchemaOf<DeliveryBody>::make(), after, on_case<deliver>);
  routes.add("POST", "/api/cases/{id}/delivery/received", "The result has been received", SchemaOf<ReceivedBody>::make(), after,
             on_case<received>);
  routes.add("POST", "/api/cases/{id}/archive", "Check the file and archive it; what is missing is named", {}, after,
             on_case<archive_case>);
  add_promise_routes(router, c);
  add_check_routes(router, c);
  add_credit_routes(router, c);
  add_archive_routes(router, c);
  router.add({.method = "GET",
              .path = "/api/matter-figures",
              .summary = "Published figures about applications and ratings: the year until yesterday",
              .tag = "afterwards",
              .runs = http::Runs::blocking,
              .action = "anybody",
              .request_schema = {},
              .response_schema = SchemaOf<RatingFigures>::make(),
              .arguments = {},
              .handler = [&c, kept = std::make_shared<PublishedFigures>()](Request const& request, Answer const& answer) {
                published_figures(c, *kept, request, answer);
              }});
  routes.add("GET", "/api/matter-measures", "Ratings and decisions by stored definitions, as they stood at the end of a day", {},
             SchemaOf<RatingFigures>::make(), rating_figures,
             {.action = "statistics_read",
              .arguments = {{"from", "first day of applications"},
                            {"until", "last day; also as of when"},
                            {"unit", "only of this unit"},
                            {"format", "json (default), csv, xlsx"}}});
}

}  // namespace yiwang::app

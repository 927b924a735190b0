// Results and files as work of a unit: what waits to be handed over or posted, what is due for the archive, and the hand-over to
// the archive unit with a list that names the hash of every file.

#include "afterwards.hpp"
#include "requests_view.hpp"
#include "routes.hpp"
#include "tables.hpp"
#include "yiwang/store/counter.hpp"

namespace yiwang::app {

struct DeliveryRow {
  std::string case_id;
  std::string title;
  std::string query_code;
  std::string case_number;
  std::string matter_name;
  std::string outcome;
  std::string decided;
  std::string due;
  bool late;
  bool on_paper;
  std::string way;
  std::string number;
  std::optional<std::string> sent;
};
struct DeliveryList {
  std::vector<DeliveryRow> items;
};
struct ArchiveFileRow {
  std::string case_id;
  std::string title;
  std::string query_code;
  std::string case_number;
  std::string matter_name;
  std::string outcome;
  std::string decided;
  std::string due;
  bool late;
  std::string state;
  std::vector<std::string> faults;
  std::string retention;
};
struct ArchiveFileList {
  std::vector<ArchiveFileRow> items;
  std::optional<std::string> keeper;
};
struct ArchiveTransferItem {
  std::string case_id;
  std::string case_number;
  std::string matter;
  std::string outcome;
  std::string decided;
  std::string retention;
  std::int64_t events;
  std::vector<std::string> files;
  std::string sm3;
};
struct ArchiveTransferView {
  std::string id;
  std::string unit;
  std::string unit_name;
  std::string keeper;
  std::string keeper_name;
  std::string state;
  std::string created;
  std::string by;
  std::optional<std::string> decided;
  std::optional<std::string> decided_by;
  std::optional<std::string> note;
  std::int64_t count;
  std::string sm3;
  std::vector<ArchiveTransferItem> items;
  std::vector<std::string> may;
};
struct ArchiveTransferList {
  std::vector<ArchiveTransferView> items;
};
struct ArchiveTransferBody {
  std::vector<http::Text<36, 36>> cases;
};
struct ArchiveTransferVerdict {
  bool accepts;
  std::optional<http::Text<2, 500>> note;
};
BOOST_DESCRIBE_STRUCT(DeliveryRow, (),
                      (case_id, title, query_code, case_number, matter_name, outcome, decided, due, late, on_paper, way, number,
                       sent))
BOOST_DESCRIBE_STRUCT(DeliveryList, (), (items))
BOOST_DESCRIBE_STRUCT(ArchiveFileRow, (),
                      (case_id, title, query_code, case_number, matter_name, outcome, decided, due, late, state, faults,
                       retention))
BOOST_DESCRIBE_STRUCT(ArchiveFileList, (), (items, keeper))
BOOST_DESCRIBE_STRUCT(ArchiveTransferItem, (), (case_id, case_number, matter, outcome, decided, retention, events, files, sm3))
BOOST_DESCRIBE_STRUCT(ArchiveTransferView, (),
                      (id, unit, unit_name, keeper, keeper_name, state, created, by, decided, decided_by, note, count, sm3, items,
                       may))
BOOST_DESCRIBE_STRUCT(ArchiveTransferList, (), (items))
BOOST_DESCRIBE_STRUCT(ArchiveTransferBody, (), (cases))
BOOST_DESCRIBE_STRUCT(ArchiveTransferVerdict, (), (accepts, note))

}  // namespace yiwang::app

// clang-format off
namespace yiwang::http {
YW_DOCS(app::DeliveryRow, "the case", "its title", "the eight characters for people", "the official number", "the matter", "granted, refused, not_accepted", "when it was decided", "last day by law: ten working days after the decision", "later than that", "whether the result exists on paper only", "window or post, empty: not sent yet", "number of the post", "when it was sent")
YW_DOCS(app::DeliveryList, "decided by people within 60 days and not received yet, the oldest first")
YW_DOCS(app::ArchiveFileRow, "the case", "its title", "the eight characters for people", "the official number", "the matter", "granted, refused, not_accepted, withdrawn", "when it was decided", "until when it is archived", "later than that", "due, faults, archived", "what the check has found", "permanent, 30 years, 10 years")
YW_DOCS(app::ArchiveFileList, "the oldest first", "the unit that takes files over; absent: none")
YW_DOCS(app::ArchiveTransferItem, "the case", "the official number", "the matter", "how it ended", "when", "how long the file is kept", "events in the file", "SM3 of each attachment", "SM3 over the SM3 of each event, in order")
YW_DOCS(app::ArchiveTransferView, "its id", "the unit that offers the files", "its name", "the unit that takes them over", "its name", "offered, accepted, returned", "when it was made", "by whom", "when it was accepted or returned", "by whom", "what the keeper said", "files in it", "SM3 of the list", "the files; empty in lists", "what you may do now: decide")
YW_DOCS(app::ArchiveTransferList, "newest first, without their files")
YW_DOCS(app::ArchiveTransferBody, "archived cases of one's unit, 1 to 100")
YW_DOCS(app::ArchiveTransferVerdict, "whether the keeper takes them over", "why not; needed when they are returned")
}
// clang-format on

namespace yiwang::app {
namespace {

using http::Answer;
using http::problem;
using http::Request;
using spine::Action;
using spine::Actor;
using store::AfterRow;
using store::ArchiveTransfer;

constexpr int kShown = 300;
constexpr int kDeliverDays = 10;  // Source: law:licence#44
constexpr std::int64_t kDeliveryDays = 60;
constexpr std::size_t kTransferMax = 100;

json::Value text(std::string_view words) { return json::Value::string(std::string(words)); }

/// Staff of a unit that handles cases; the lists hold no names of people. Errors: spine.forbidden, spine.not_signed_in.
Result<Actor> officer(ApiContext& c, Request const& request) {
  Actor actor = actor_of(c, request);
  YW_TRY(spine::authorise(actor, Action::matter_check, spine::kDepartment));
  return actor;
}

std::string name_of(ApiContext& c, AfterRow const& row) {
  matter::Matter const* m = c.installation.matters.current().catalogue->find(row.matter, shanghai_date(row.decided));
  return m != nullptr ? m->name : row.matter;
}

void list_deliveries(ApiContext& c, Request const& request, Answer const& answer, Actor const& actor) {
  Installation& in = c.installation;
  Instant const now = in.clock.now();
  auto rows = store::undelivered(*in.database, actor.department, Instant{now.us - kDeliveryDays * kMicrosPerDay}, kShown);
  if (!rows) return answer(problem(rows.error(), request));
  MatterPack const pack = in.matters.current();
  DeliveryList list;
  for (AfterRow const& r : *rows) {
    matter::Matter const* m = pack.catalogue->find(r.matter, shanghai_date(r.decided));
    Instant const due = after_workdays(in.calendar, r.decided, kDeliverDays);
    DeliveryRow v{to_string(r.case_id),
                  r.title,
                  r.query_code,
                  r.case_number,
                  m ? m->name : r.matter,
                  r.outcome,
                  to_shanghai_string(r.decided),
                  to_shanghai_string(due),
                  due.us < now.us,
                  m != nullptr && m->certificate_type.empty(),
                  r.state,
                  r.number,
                  {}};
    if (r.sent) v.sent = to_shanghai_string(*r.sent);
    list.items.push_back(std::move(v));
  }
  answer(http::ok(list));
}

void list_files(ApiContext& c, Request const& request, Answer const& answer, Actor const& actor) {
  std::string_view const state = request.argument("state");
  if (!state.empty() && state != "due" && state != "archived")
    return answer(problem(Error(ErrorCode::http_field, {{"path", "state"}, {"why", "due, archived"}}), request));
  Installation& in = c.installation;
  auto rows = store::to_archive(*in.database, actor.department, state == "archived", kShown);
  if (!rows) return answer(problem(rows.error(), request));
  MatterPack const pack = in.matters.current();
  matter::Afterwards const& rules = pack.catalogue->afterwards();
  Instant const now = in.clock.now();
  ArchiveFileList list;
  if (!rules.archive_unit.empty()) list.keeper = rules.archive_unit;
  for (AfterRow const& r : *rows) {
    matter::Matter const* m = pack.catalogue->find(r.matter, shanghai_date(r.decided));
    Instant const due = after_workdays(in.calendar, r.decided, static_cast<int>(rules.archive_days));
    ArchiveFileRow v{to_string(r.case_id),
                     r.title,
                     r.query_code,
                     r.case_number,
                     m ? m->name : r.matter,
                     r.outcome,
                     to_shanghai_string(r.decided),
                     to_shanghai_string(due),
                     state != "archived" && due.us < now.us,
                     r.state,
                     {},
                     r.retention.empty() && m ? m->retention : r.retention};
    for (std::size_t at = 0; at < r.faults.size();) {
      auto const end = std::min(r.faults.find('\n', at), r.faults.size());
      v.faults.push_back(r.faults.substr(at, end - at));
      at = end + 1;
    }
    list.items.push_back(std::move(v));
  }
  answer(http::ok(list));
}

/// SM3 over the SM3 of each of the first `count` events. What was written later, such as a rating, does not change it.
std::string hash_of(store::LoadedCase const& loaded, std::size_t count) {
  std::string digests;
  for (std::size_t n = 0; n < std::min(count, loaded.events.size()); ++n) {
    Digest const one = sm3(spine::to_text(loaded.events[n]));
    digests.append(reinterpret_cast<char const*>(one.data()), one.size());
  }
  return to_hex(sm3(digests));
}

ArchiveTransferItem item_of(json::Value const& v) {
  auto get = [&](char const* key) { return v.find(key) ? v.find(key)->text() : std::string(); };
  ArchiveTransferItem item{get("case_id"),
                           get("case_number"),
                           get("matter"),
                           get("outcome"),
                           get("decided"),
                           get("retention"),
                           std::atoll(get("events").c_str()),
                           {},
                           get("sm3")};
  if (json::Value const* files = v.find("files")) {
    for (json::Value const& f : files->items()) item.files.push_back(f.text());
  }
  return item;
}

json::Value to_json(ArchiveTransferItem const& i) {
  json::Value files = json::Value::array();
  for (std::string const& f : i.files) files.items().push_back(text(f));
  return json::Value::object({{"case_id", text(i.case_id)},
                              {"case_number", text(i.case_number)},
                              {"matter", text(i.matter)},
                              {"outcome", text(i.outcome)},
                              {"decided", text(i.decided)},
                              {"retention", text(i.retention)},
                              {"events", json::Value::number(std::to_string(i.events))},
                              {"files", std::move(files)},
                              {"sm3", text(i.sm3)}});
}

Result<std::vector<ArchiveTransferItem>> items_of(ArchiveTransfer const& t) {
  YW_ASSIGN(json::Value list, json::parse(t.list));
  std::vector<ArchiveTransferItem> out;
  for (json::Value const& v : list.items()) out.push_back(item_of(v));
  return out;
}

std::string unit_name(ApiContext& c, std::string const& id, Language language) {
  auto const definitions = c.installation.definitions.snapshot();
  auto const* unit = definitions->current->organisation(id);
  return unit != nullptr ? unit->name.in(language) : id;
}

Result<ArchiveTransferView> transfer_view(ApiContext& c, Actor const& actor, ArchiveTransfer const& t, Language language,
                                          bool with_items) {
  YW_ASSIGN(auto items, items_of(t));
  auto filled = [](std::string const& words) { return words.empty() ? std::nullopt : std::optional(words); };
  ArchiveTransferView v{to_string(t.id),
                        t.department,
                        unit_name(c, t.department, language),
                        t.keeper,
                        unit_name(c, t.keeper, language),
                        std::string(store::to_string(t.state)),
                        to_shanghai_string(t.created),
                        t.by_name,
                        {},
                        filled(t.decided_name),
                        filled(t.note),
                        static_cast<std::int64_t>(items.size()),
                        to_hex(sm3(t.list)),
                        {},
                        {}};
  if (t.decided) v.decided = to_shanghai_string(*t.decided);
  if (with_items) v.items = std::move(items);
  if (t.state == store::TransferState::offered && actor.department == t.keeper && actor.id != t.by) v.may.push_back("decide");
  return v;
}

/// A list that one's unit has offered, or that was offered to it. Errors: spine.not_found.
Result<ArchiveTransfer> transfer_of(ApiContext& c, Actor const& actor, Request const& request) {
  Error const missing(ErrorCode::spine_not_found, {{"what", "移交清单 / the list"}});
  auto id = parse_id(request.param("id"));
  if (!id) return fail(missing);
  YW_ASSIGN(auto t, store::archive_transfer(*c.installation.database, *id));
  if (actor.department != t.department && actor.department != t.keeper) return fail(missing);
  return t;
}

void list_transfers(ApiContext& c, Request const& request, Answer const& answer, Actor const& actor) {
  ArchiveTransferList list;
  for (bool keeper : {true, false}) {
    auto rows = store::archive_transfers(*c.installation.database, actor.department, keeper, 100);
    if (!rows) return answer(problem(rows.error(), request));
    for (ArchiveTransfer const& t : *rows) {
      if (!keeper && t.keeper == t.department) continue;  // shown among those that were offered
      auto v = transfer_view(c, actor, t, request.language, false);
      if (!v) return answer(problem(v.error(), request));
      list.items.push_back(std::move(*v));
    }
  }
  answer(http::ok(list));
}

void offer(ApiContext& c, Request const& request, Answer const& answer, Actor const& actor) {
  ArchiveTransferBody body;
  if (!parse_body(request, body, answer)) return;
  Installation& in = c.installation;
  std::string const keeper = in.matters.current().catalogue->afterwards().archive_unit;
  if (keeper.empty())
    return answer(problem(
        wrong_step("定义包没有指定档案单位（matters/afterwards.yaml） / the pack names no archive unit", "移交 / hand over"),
        request));
  if (body.cases.empty() || body.cases.size() > kTransferMax)
    return answer(problem(wrong_field("案卷 / files", "选 1 至 100 件 / choose 1 to 100", "cases"), request));
  auto archived = store::to_archive(*in.database, actor.department, true, 10'000);
  if (!archived) return answer(problem(archived.error(), request));
  json::Value list = json::Value::array();
  std::vector<CaseId> cases;
  for (auto const& wanted : body.cases) {
    auto const row =
        std::find_if(archived->begin(), archived->end(), [&](AfterRow const& r) { return to_string(r.case_id) == wanted.value; });
    if (row == archived->end() || std::find(cases.begin(), cases.end(), row->case_id) != cases.end())
      return answer(
          problem(Error(ErrorCode::spine_not_found, {{"what", "已归档的案卷 / the archived file"}}).at_path("/cases"), request));
    auto loaded = store::load_case(*in.database, *in.definitions.snapshot(), row->case_id);
    if (!loaded) return answer(problem(loaded.error(), request));
    if (!*loaded) return answer(problem(Error(ErrorCode::spine_not_found, {{"what", "案卷 / the file"}}), request));
    std::size_t const events = (*loaded)->events.size();
    list.items().push_back(to_json(ArchiveTransferItem{
        wanted.value, row->case_number, name_of(c, *row), row->outcome, to_shanghai_string(row->decided), row->retention,
        static_cast<std::int64_t>(events), (*loaded)->row.state.files, hash_of(**loaded, events)}));
    cases.push_back(row->case_id);
  }
  ArchiveTransfer t;
  t.id = in.ids->next();
  t.by = actor.id;
  t.by_name = actor.name;
  t.department = actor.department;
  t.keeper = keeper;
  t.list = json::write_canonical(list);
  t.created = in.clock.now();
  Status done = in.database->execute([&](store::Writer& w) -> Status {
    YW_TRY(store::offer_transfer(w.session(), t, cases));
    return record_event(in, w, "archive.offered", actor,
                        json::Value::object({{"transfer", text(to_string(t.id))},
                                             {"unit", text(t.department)},
                                             {"keeper", text(keeper)},
                                             {"sm3", text(to_hex(sm3(t.list)))}}),
                        t.created);
  });
  if (!done) return answer(problem(done.error(), request));
  auto v = transfer_view(c, actor, t, request.language, true);
  answer(v ? http::ok(*v, 201) : problem(v.error(), request));
}

void show_transfer(ApiContext& c, Request const& request, Answer const& answer, Actor const& actor) {
  auto t = transfer_of(c, actor, request);
  if (!t) return answer(problem(t.error(), request));
  auto v = transfer_view(c, actor, *t, request.language, true);
  if (!v) return answer(problem(v.error(), request));
  std::string_view const format = request.argument("format");
  if (format.empty() || format == "json") return answer(http::ok(*v));
  TableLines lines{{"案件编号", "事项", "结果", "决定时间", "保管期限", "事件数", "附件数", "SM3"}};
  for (ArchiveTransferItem const& i : v->items)
    lines.push_back({i.case_number, i.matter, i.outcome, i.decided, i.retention, std::to_string(i.events),
                     std::to_string(i.files.size()), i.sm3});
  lines.push_back({"清单 SM3", v->sm3});
  auto file = table_file(lines, format, c.installation.options.data, "archive-" + v->id);
  answer(file ? std::move(*file) : problem(file.error(), request));
}

/// The keeper takes the files over, or returns them. What was offered must still be what is there.
void decide_transfer(ApiContext& c, Request const& request, Answer const& answer, Actor const& actor) {
  auto t = transfer_of(c, actor, request);
  if (!t) return answer(problem(t.error(), request));
  // The keeper's unit, and never the one who has made the list.
  if (actor.department != t->keeper || actor.id == t->by)
    return answer(problem(Error(ErrorCode::spine_forbidden, {{"action", "archive_accept"}}), request));
  ArchiveTransferVerdict body;
  if (!parse_body(request, body, answer)) return;
  std::string const note = body.note ? body.note->value : "";
  if (!body.accepts && note.empty())
    return answer(problem(wrong_field("理由 / reason", "退回请写明原因 / say why it is returned", "note"), request));
  auto items = items_of(*t);
  if (!items) return answer(problem(items.error(), request));
  Installation& in = c.installation;
  std::vector<CaseId> cases;
  std::string differs;
  for (ArchiveTransferItem const& i : *items) {
    auto id = CaseId::parse(i.case_id);
    if (!id) return answer(problem(id.error(), request));
    cases.push_back(*id);
    if (!body.accepts) continue;
    auto loaded = store::load_case(*in.database, *in.definitions.snapshot(), *id);
    if (!loaded) return answer(problem(loaded.error(), request));
    if (!*loaded || hash_of(**loaded, static_cast<std::size_t>(i.events)) != i.sm3)
      differs += (differs.empty() ? "" : "、") + i.case_number;
  }
  if (!differs.empty())
    return answer(problem(wrong_step("与清单不一致：" + differs + " / differs from the list", "接收 / accept"), request));
  Instant const now = in.clock.now();
  auto const state = body.accepts ? store::TransferState::accepted : store::TransferState::returned;
  Status done = in.database->execute([&](store::Writer& w) -> Status {
    YW_ASSIGN(bool decided, store::decide_transfer(w.session(), *t, cases, state, actor.name, note, now));
    if (!decided) return fail(ErrorCode::spine_too_often, {{"action", "接收或退回"}, {"max", "1"}});
    return record_event(in, w, body.accepts ? "archive.accepted" : "archive.returned", actor,
                        json::Value::object({{"transfer", text(to_string(t->id))},
                                             {"unit", text(t->department)},
                                             {"sm3", text(to_hex(sm3(t->list)))},
                                             {"note", text(note)}}),
                        now);
  });
  if (!done) return answer(problem(done.error(), request));
  auto after = transfer_of(c, actor, request);
  auto v = after ? transfer_view(c, actor, *after, request.language, true) : Result<ArchiveTransferView>(fail(after.error()));
  answer(v ? http::ok(*v) : problem(v.error(), request));
}

}  // namespace

void add_archive_routes(http::Router& router, ApiContext& c) {
  using http::SchemaOf;
  Routes routes(router, c, "afterwards", "matter_check", officer);
  routes.add("GET", "/api/deliveries", "Results of one's unit that have not reached the person yet", {},
             SchemaOf<DeliveryList>::make(), list_deliveries);
  routes.add("GET", "/api/archive-files", "Files of one's unit that are due for the archive, or archived and not handed over", {},
             SchemaOf<ArchiveFileList>::make(), list_files, {.arguments = {{"state", "due (default), archived"}}});
  routes.add("GET", "/api/archive-transfers", "Lists of files that were offered to the archive unit, or by it taken over", {},
             SchemaOf<ArchiveTransferList>::make(), list_transfers);
  routes.add("POST", "/api/archive-transfers", "Offer archived files to the archive unit, with the hash of each",
             SchemaOf<ArchiveTransferBody>::make(), SchemaOf<ArchiveTransferView>::make(), offer);
  routes.add("GET", "/api/archive-transfers/{id}", "A list with its files and hashes", {}, SchemaOf<ArchiveTransferView>::make(),
             show_transfer, {.arguments = {{"format", "json (default), csv, xlsx"}}});
  routes.add("POST", "/api/archive-transfers/{id}/verdict", "The keeper takes the files over, or returns them with reasons",
             SchemaOf<ArchiveTransferVerdict>::make(), SchemaOf<ArchiveTransferView>::make(), decide_transfer);
}

}  // namespace yiwang::app

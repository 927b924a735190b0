// Statutory papers over HTTP: as PDF, each print counted and named; the log of the prints.

#include "papers.hpp"

#include "application_form.hpp"
#include "apply_views.hpp"
#include "case_views.hpp"
#include "routes.hpp"
#include "yiwang/base/identity_document.hpp"
#include "yiwang/store/counter.hpp"

namespace yiwang::app {

struct PaperPrint {
  std::string at;
  std::string by;
};
struct PaperPrints {
  std::vector<PaperPrint> items;
};
BOOST_DESCRIBE_STRUCT(PaperPrint, (), (at, by))
BOOST_DESCRIBE_STRUCT(PaperPrints, (), (items))

}  // namespace yiwang::app

// clang-format off
namespace yiwang::http {
YW_DOCS(app::PaperPrint, "when", "who")
YW_DOCS(app::PaperPrints, "oldest first: the first is the original, each further one a reprint")
}
// clang-format on

namespace yiwang::app {
namespace {

using http::Answer;
using http::problem;
using http::Request;
using spine::Actor;

std::string text_of(json::Value const& v, std::string_view key) {
  json::Value const* child = v.kind() == json::Kind::object ? v.find(key) : nullptr;
  if (child == nullptr) return {};
  if (child->kind() == json::Kind::boolean) return child->as_bool() ? "是" : "否";
  return child->kind() == json::Kind::string || child->kind() == json::Kind::number ? child->text() : std::string{};
}

/// 2026年11月23日 07:19, as papers have it.
std::string on_paper(std::string const& shanghai) {
  return shanghai.substr(0, 4) + "年" + shanghai.substr(5, 2) + "月" + shanghai.substr(8, 2) + "日" +
         (shanghai.size() > 15 ? " " + shanghai.substr(11, 5) : "");
}
std::string on_paper(Instant at) { return on_paper(to_shanghai_string(at)); }

bool pledged(store::LoadedCase const& loaded) {
  json::Value const form = form_now(loaded);
  json::Value const* promise = form.kind() == json::Kind::object ? form.find("promise") : nullptr;
  return promise != nullptr && promise->kind() == json::Kind::boolean && promise->as_bool();
}

/// A case with all that its papers may show.
struct PaperFile {
  store::LoadedCase loaded;
  store::MatterCaseRow row;
  matter::Matter const* m = nullptr;
  MatterPack pack;  ///< holds `m`
  std::vector<PromiseView> promises;
  spine::CaseState const& state() const { return loaded.row.state; }
};

/// Errors: spine.not_found.
Result<PaperFile> file_of(ApiContext& c, Actor const& actor, Request const& request) {
  Installation& in = c.installation;
  YW_ASSIGN(auto loaded, at_hand(c, actor, request));
  YW_ASSIGN(auto row, store::matter_case(*in.database, loaded.row.state.id));
  if (!row || loaded.events.empty()) return fail(ErrorCode::spine_not_found, {{"what", "事项 / the matter"}});
  PaperFile f{std::move(loaded), std::move(*row), nullptr, in.matters.current(), {}};
  f.m = f.pack.catalogue->find(f.row.matter, shanghai_date(f.state().created));
  YW_ASSIGN(auto promised, store::promised_of(*in.database, f.state().id));
  for (store::PromisedMaterial const& p : promised) f.promises.push_back(promise_view(c, actor, p));
  return f;
}

/// What was filled in with an act, by the names of its fields.
void lines_of_act(spine::CaseType const& type, spine::Event const& e, std::vector<PdfLine>& lines) {
  if (std::string reason = text_of(e.data, "reason"); !reason.empty()) lines.push_back({"内容", reason});
  spine::Step const* step = type.step(text_of(e.data, "from"));
  spine::StepAction const* action = step ? step->find(text_of(e.data, "action")) : nullptr;
  json::Value const* input = e.data.find("input");
  if (action == nullptr || input == nullptr) return;
  for (spine::Field const& f : action->fields) {
    if (f.type == spine::FieldType::files) continue;
    if (std::string value = text_of(*input, f.id); !value.empty()) lines.push_back({f.label.zh_cn, value});
  }
}

void lines_of_materials(spine::CaseType const& type, store::LoadedCase const& loaded, std::vector<PdfLine>& lines) {
  json::Value const form = form_now(loaded);
  if (form.kind() != json::Kind::object) return;
  for (spine::Field const* f : type.fields()) {
    json::Value const* files = f->type == spine::FieldType::files ? form.find(f->id) : nullptr;
    if (files == nullptr || files->kind() != json::Kind::array || files->items().empty()) continue;
    lines.push_back({"收到的材料", f->label.zh_cn + "，" + std::to_string(files->items().size()) + " 份"});
  }
}

/// Who gave and took each original, with both signatures, and what became of it.
Status lines_of_originals(store::Database& database, CaseId id, std::vector<PdfLine>& lines) {
  YW_ASSIGN(auto originals, store::originals(database, id));
  for (store::Original const& o : originals) {
    std::string const way = o.handling == "keep" ? "留存" : o.handling == "return" ? "办结退还" : "当场核验";
    lines.push_back({"原件", o.name + "，" + std::to_string(o.pages) + " 页，" + way});
    lines.push_back({"交接", o.given_by + " 交，" + o.taken_name + " 收，" + on_paper(o.taken) +
                                 (o.signed_at ? "；双方签名 " + on_paper(*o.signed_at) : "；缺第二个签名")});
    if (o.returned)
      lines.push_back({"退还", "交 " + o.returned_to + "，" + on_paper(*o.returned) +
                                   (o.returned_signed ? "；双方签名 " + on_paper(*o.returned_signed) : "；缺第二个签名")});
  }
  return {};
}

Status lines_of_delivery(store::Database& database, CaseId id, std::vector<PdfLine>& lines) {
  YW_ASSIGN(auto d, store::delivery(database, id));
  if (!d) return {};
  lines.push_back({"送达方式", d->way == "post" ? "邮寄，邮件号 " + d->number : "窗口领取"});
  if (!d->address.empty()) lines.push_back({"送达地址", d->address});
  lines.push_back({"送出", d->sent_name + "，" + on_paper(d->sent)});
  lines.push_back({"签收", d->delivered ? d->receiver + "，" + on_paper(*d->delivered) : "尚未签收"});
  return {};
}

Status fill(ApiContext& c, PaperFile const& f, matter::Paper const& paper, spine::CaseType const& type, PdfDocument& d) {
  store::Database& database = *c.installation.database;
  if (paper.has("act")) {
    for (spine::Event const& e : f.loaded.events) {
      if (paper.made_by(text_of(e.data, "action")) || paper.made_by(text_of(e.data, "operation"))) lines_of_act(type, e, d.lines);
    }
  }
  if (paper.has("materials")) lines_of_materials(type, f.loaded, d.lines);
  if (paper.has("limit")) {
    if (auto due = f.loaded.row.due) d.lines.push_back({"办理时限", "最晚 " + on_paper(*due)});
    d.lines.push_back({"时限依据", type.clock_basis.zh_cn});
  }
  if (paper.has("promises")) {
    for (PromiseView const& p : f.promises)
      d.lines.push_back({"承诺补交", p.name + "，" + on_paper(p.due.substr(0, 10)) + " 前"});
  }
  if (paper.has("fees") && f.m != nullptr) {
    for (matter::Fee const& fee : f.m->fees) d.lines.push_back({fee.name, fee.standard + "；依据：" + fee.basis});
    json::Value const form = form_now(f.loaded);
    for (spine::Field const* field : type.fields()) {
      std::string const worked = field->compute.empty() ? "" : text_of(form, field->id);
      if (!worked.empty()) d.lines.push_back({field->label.zh_cn, worked});
    }
  }
  if (paper.has("originals")) {
    YW_TRY(lines_of_originals(database, f.state().id, d.lines));
  }
  if (paper.has("delivery")) {
    YW_TRY(lines_of_delivery(database, f.state().id, d.lines));
  }
  return {};
}

/// Whether the applicant stands at this clerk's window.
Result<bool> at_window(ApiContext& c, Actor const& actor, CaseId id) {
  if (!spine::allowed(actor.role, spine::Action::counter_serve, spine::kDepartment)) return false;
  YW_ASSIGN(auto visits, store::open_visits(*c.installation.database, actor.department, actor.id, 50));
  return std::any_of(visits.begin(), visits.end(), [&](store::Visit const& v) { return v.case_id == id; });
}

/// The application itself: as it was sent, in full for the applicant and the window where he stands, masked for other staff.
Status fill_form(ApiContext& c, Actor const& actor, PaperFile const& f, spine::CaseType const& type,
                 store::SubjectRecord const& subject, PdfDocument& d) {
  json::Value const& data = f.loaded.events.front().data;
  json::Value const *form = data.find("form"), *facts = data.find("facts");
  if (form == nullptr || facts == nullptr) return fail(ErrorCode::spine_not_found, {{"what", "申请表 / the application"}});
  bool full = !actor.is_staff();
  if (!full) {
    YW_ASSIGN(full, at_window(c, actor, f.state().id));
  }
  PrintedForm p;
  p.type = &type;
  p.matter = f.m;
  p.sent = true;
  p.form = full ? *form : masked_form(type, *form);
  if (c.installation.persons->under_protection(f.state().applicant, c.installation.clock.now()))
    keep_back_fields(*f.pack.persons, type, p.form);
  p.sources = sources_of(type, *f.pack.registers, *facts, *form);
  if (!actor.is_staff()) {
    // What was given in another matter is the applicant's own to know.
    Known earlier;
    YW_TRY(add_earlier(c.installation, type, actor, false, f.state().created, earlier));
    p.sources.merge(sources_of(earlier, *form));
  }
  p.name = subject.name;
  p.number_kind = number_kind(subject.kind, *facts);
  p.number = full ? subject.id_number : masked_number(subject.id_number);
  if (json::Value const* situation = facts->find("situation"); situation != nullptr && situation->kind() == json::Kind::object) {
    for (auto const& [question, choice] : situation->members()) p.situation.emplace(question, choice.text());
  }
  for (PromiseView const& promise : f.promises) p.promised.emplace(promise.material, on_paper(promise.due.substr(0, 10)));
  if (json::Value const* agent = facts->find("agent")) {
    auto id = SubjectId::parse(text_of(*agent, "id"));
    auto who = id ? c.installation.identity->subject(*id) : Result<store::SubjectRecord>(store::SubjectRecord{});
    if (who) p.agent = who->name;
  }
  for (PdfLine& line : lines_of_form(p)) d.lines.push_back(std::move(line));
  d.signs = signs_of_form(p);
  return {};
}

void paper_pdf(ApiContext& c, Request const& request, Answer const& answer) {
  Installation& in = c.installation;
  Actor const actor = actor_of(c, request);
  auto f = file_of(c, actor, request);
  if (!f) return answer(problem(f.error(), request));
  std::string const kind(request.param("kind"));
  auto papers = papers_of(c, f->loaded, f->row, f->promises, f->m);
  if (!papers) return answer(problem(papers.error(), request));
  bool const there = std::any_of(papers->begin(), papers->end(), [&](PaperView const& p) { return p.kind == kind; });
  matter::Paper const* paper = f->pack.papers->find(kind);
  auto definitions = in.definitions.snapshot();
  spine::CaseState const& state = f->state();
  spine::CaseType const* type = definitions->find(state.definition);
  if (!there || paper == nullptr || type == nullptr)
    return answer(problem(Error(ErrorCode::spine_not_found, {{"what", "文书 / the paper"}}), request));
  auto subject = in.identity->subject(state.applicant);
  if (!subject) return answer(problem(subject.error(), request));
  Instant const now = in.clock.now();
  PaperNumber number = number_for(*f->pack.papers, *paper, *definitions->current, f->row.department, now);
  auto before = store::record_print(*in.database, *in.ids, state.id,
                                    {kind, number.series, number.prefix, actor.name, actor.id, state.revision}, now);
  if (!before) return answer(problem(before.error(), request));
  if (actor.is_staff()) {
    Status recorded =
        store::record_access(*in.database, *in.ids, {state.applicant, actor, "打印" + paper->title.zh_cn, state.id}, now);
    if (!recorded) return answer(problem(recorded.error(), request));
  }
  papers = papers_of(c, f->loaded, f->row, f->promises, f->m);  // with the number that it has now
  if (!papers) return answer(problem(papers.error(), request));
  PaperView const view = *std::find_if(papers->begin(), papers->end(), [&](PaperView const& p) { return p.kind == kind; });
  auto const* unit = definitions->current->organisation(state.department);
  std::string const unit_name = unit ? unit->name.zh_cn : state.department;
  std::string const matter_name = f->m ? f->m->name : f->row.matter;
  PdfDocument d{paper->title.zh_cn,
                view.number,
                unit_name,
                on_paper(view.at.substr(0, 10)),
                {},
                f->pack.papers->notes(),
                "yw:case:" + state.query_code,
                *before > 0 ? "重印第 " + std::to_string(*before) + " 次" : "",
                false};
  d.lines = {{"申请人", subject->name},
             {"事项", matter_name},
             {"办件编号", state.case_number},
             {"查询码", state.query_code},
             {"申请时间", on_paper(state.created)}};
  if (paper->has("form")) {
    d.lines.erase(d.lines.begin());  // the form begins with the applicant
    if (Status filled = fill_form(c, actor, *f, *type, *subject, d); !filled) return answer(problem(filled.error(), request));
    d.issuer = "受理单位：" + unit_name;
  }
  if (Status filled = fill(c, *f, *paper, *type, d); !filled) return answer(problem(filled.error(), request));
  matter::PaperWords const words{
      {"applicant", subject->name},          {"matter", matter_name}, {"unit", unit_name},
      {"number", state.case_number},         {"day", d.day},          {"review", f->m ? review_of(*f->m) : ""},
      {"court", f->m ? court_of(*f->m) : ""}};
  for (std::string const& wording : paper->text) d.lines.push_back({"", matter::fill_in(wording, words)});
  if (auto const kept = in.persons->under_protection(state.applicant, now)) keep_back(d, *kept, f->pack.persons->shown);
  auto bytes = pdf(d);
  if (!bytes) return answer(problem(bytes.error(), request));
  answer_pdf(answer, std::move(*bytes), kind + "-" + state.query_code);
}

void list_prints(ApiContext& c, Request const& request, Answer const& answer) {
  auto loaded = at_hand(c, actor_of(c, request), request);
  if (!loaded) return answer(problem(loaded.error(), request));
  auto prints = store::paper_prints(*c.installation.database, loaded->row.state.id);
  if (!prints) return answer(problem(prints.error(), request));
  PaperPrints list;
  for (store::PrintRow const& p : *prints) {
    if (p.kind == request.param("kind")) list.items.push_back({to_shanghai_string(p.at), p.name});
  }
  answer(http::ok(list));
}

}  // namespace

std::string review_of(matter::Matter const& m) {
  matter::Body const& b = *m.body;
  return b.review_body + "，" + b.review_address + "，" + b.review_phone + "，" + std::to_string(b.review_days) + " 日内";
}
std::string court_of(matter::Matter const& m) {
  matter::Body const& b = *m.body;
  return b.court_body + "，" + b.court_address + "，" + b.court_phone + "，" + std::to_string(b.court_months) + " 个月内";
}

Result<std::vector<PaperView>> papers_of(ApiContext& c, store::LoadedCase const& loaded, store::MatterCaseRow const& row,
                                         std::vector<PromiseView> const& promises, matter::Matter const* m) {
  Installation& in = c.installation;
  spine::CaseState const& state = loaded.row.state;
  MatterPack const pack = in.matters.current();
  YW_ASSIGN(auto made, store::papers(*in.database, state.id));
  YW_ASSIGN(auto originals, store::originals(*in.database, state.id));
  std::optional<store::Delivery> delivery;
  if (row.decided) {
    YW_ASSIGN(delivery, store::delivery(*in.database, state.id));
  }
  // What no act makes can be printed from the moment on which it is about.
  auto since = [&](matter::Paper const& paper) -> std::optional<Instant> {
    if (paper.made_by("submitted")) {
      bool const fits = paper.when.empty() || (paper.when == "promises" && !promises.empty()) ||
                        (paper.when == "pledge" && pledged(loaded)) || (paper.when == "fees" && m != nullptr && !m->fees.empty());
      return fits ? std::optional(state.created) : std::nullopt;
    }
    if (paper.made_by("original") && !originals.empty()) return originals.front().taken;
    if (paper.made_by("delivered") && delivery) return delivery->sent;
    if (paper.made_by("received") && delivery) return delivery->delivered;
    return std::nullopt;
  };
  std::vector<PaperView> out;
  for (matter::Paper const& paper : pack.papers->all()) {
    auto const it = std::find_if(made.begin(), made.end(), [&](store::PaperRow const& p) { return p.kind == paper.id; });
    std::optional<Instant> at = since(paper);
    if (it == made.end() && !at) continue;
    out.push_back({paper.id, paper.title.zh_cn, it == made.end() ? "" : it->number,
                   to_shanghai_string(at.value_or(it == made.end() ? state.created : it->at)),
                   it == made.end() ? 0 : it->prints});
  }
  return out;
}

void add_paper_routes(http::Router& router, ApiContext& c) {
  using http::SchemaOf;
  Routes routes(router, c, "matters", "case_read");
  routes.add("GET", "/api/cases/{id}/papers/{kind}", "A statutory paper as PDF; every print is counted", {}, {}, paper_pdf);
  routes.add("GET", "/api/cases/{id}/papers/{kind}/prints", "Who has printed a statutory paper, and when", {},
             SchemaOf<PaperPrints>::make(), list_prints);
}

}  // namespace yiwang::app

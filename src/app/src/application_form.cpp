#include "application_form.hpp"

#include "papers.hpp"
#include "yiwang/spine/forms.hpp"

namespace yiwang::app {
namespace {

constexpr char kBlank[] = "＿＿＿＿＿＿＿＿＿＿＿＿";  // to be filled in by hand

json::Value const* member(json::Value const& v, std::string_view key) {
  return v.kind() == json::Kind::object ? v.find(key) : nullptr;
}
std::string text_at(json::Value const& v, std::string_view key) {
  json::Value const* child = member(v, key);
  return child != nullptr && child->kind() == json::Kind::string ? child->text() : std::string{};
}

std::size_t files_in(json::Value const* value) {
  return value != nullptr && value->kind() == json::Kind::array ? value->items().size() : 0;
}

/// A value in the words of the form.
std::string spoken(spine::Field const& f, json::Value const* value) {
  if (value == nullptr || value->is_null()) return {};
  if (f.type == spine::FieldType::files) {
    std::size_t const n = files_in(value);
    return n == 0 ? "" : std::to_string(n) + " 份";
  }
  if (value->kind() == json::Kind::boolean) return value->as_bool() ? "是" : "否";
  if (value->kind() != json::Kind::string && value->kind() != json::Kind::number) return {};
  for (spine::Option const& option : f.options) {
    if (option.id == value->text()) return option.label.zh_cn;
  }
  return value->text();
}

std::string in_hand(PrintedForm const& p, matter::Material const& m) {
  switch (m.need) {
    case matter::Need::fetched: return "从登记或证照取得，不用提交";
    case matter::Need::declared: return "在本表申报，不用提交";
    case matter::Need::paper:
      return m.paper == "keep" ? "纸质原件，留存" : m.paper == "return" ? "纸质原件，办结退还" : "纸质原件，当场核验";
    case matter::Need::main:
    case matter::Need::later: break;
  }
  if (auto it = p.promised.find(m.id); it != p.promised.end())
    return it->second.empty() ? "承诺 " + std::to_string(m.later_days) + " 个工作日内补交" : "承诺 " + it->second + " 前补交";
  std::size_t const n = files_in(member(p.form, m.id));
  if (n > 0) return "已交 " + std::to_string(n) + " 份";
  if (p.type->field(m.id) == nullptr) return "按窗口要求提交";
  return p.sent ? "未交" : "☐ 待交";
}

/// ①, ② … of a source.
std::string mark_of(std::size_t n) {
  constexpr std::size_t kMarks = 10;
  if (n >= kMarks) return "[" + std::to_string(n + 1) + "]";
  return {'\xE2', '\x91', static_cast<char>(0xA0 + n)};
}

std::string said(std::string const& title, std::string const& holder, std::string const& updated) {
  return title + (holder.empty() ? "" : "，" + holder) + (updated.empty() ? "" : "，" + updated);
}

}  // namespace

std::map<std::string, std::string> sources_of(Known const& known, json::Value const& form) {
  std::map<std::string, std::string> out;
  for (Prefilled const& p : known.prefilled) {
    json::Value const* written = member(form, p.field);
    if (written == nullptr || written->is_null()) continue;
    bool const same = same_value(*written, p.value);
    if (!p.case_id.empty()) {
      if (same) out[p.field] = p.updated + " 办理“" + p.title + "”时填写";
      continue;
    }
    out[p.field] = same ? "来源：" + said(p.title, p.holder, p.updated) : "本人填写，与“" + p.title + "”不同";
  }
  return out;
}

std::map<std::string, std::string> sources_of(spine::CaseType const& type, matter::Registers const& registers,
                                              json::Value const& facts, json::Value const& form) {
  std::map<std::string, std::string> updated;
  if (json::Value const* sources = member(facts, "sources"); sources != nullptr && sources->kind() == json::Kind::array) {
    for (json::Value const& s : sources->items()) updated[text_at(s, "id")] = text_at(s, "updated");
  }
  Known known;
  for (spine::Field const* f : type.fields()) {
    auto const dot = f->prefill.find('.');
    std::string const id = f->prefill.substr(0, dot);
    matter::Register const* r = dot == std::string::npos ? nullptr : registers.find(id);
    json::Value const* of_register = r != nullptr ? member(facts, id) : nullptr;
    json::Value const* value = of_register != nullptr ? member(*of_register, f->prefill.substr(dot + 1)) : nullptr;
    if (value != nullptr && !value->is_null()) known.prefilled.push_back({f->id, f->prefill, r->title, "", updated[id], *value});
  }
  return sources_of(known, form);
}

std::vector<PdfLine> lines_of_form(PrintedForm const& p) {
  std::vector<PdfLine> out;
  out.push_back({"申请人", "", true});
  out.push_back({"姓名或名称", p.name});
  out.push_back({p.number_kind, p.number});
  if (!p.agent.empty()) out.push_back({"代为办理", p.agent});
  auto needed = p.matter != nullptr ? matter::materials_for(*p.matter, p.situation) : std::vector<matter::Material const*>{};
  // A file that is one of the materials stands in their list, not here too.
  auto listed = [&](spine::Field const& f) {
    return f.type == spine::FieldType::files && needed &&
           std::any_of(needed->begin(), needed->end(), [&](matter::Material const* m) { return m->id == f.id; });
  };
  for (spine::Page const& page : p.type->pages) {
    std::vector<PdfLine> rows;
    // Where the values of a group came from is said once, under it; a mark at each value says which.
    std::vector<std::string> sources;
    for (spine::Field const& f : page.fields) {
      if (p.hidden.contains(f.id) || listed(f)) continue;
      json::Value const* value = member(p.form, f.id);
      std::string text = spoken(f, value);
      if (text.empty() && (p.sent || f.type == spine::FieldType::files)) continue;
      if (text.empty()) text = kBlank;
      if (auto it = p.sources.find(f.id); it != p.sources.end()) {
        auto at = std::find(sources.begin(), sources.end(), it->second);
        if (at == sources.end()) at = sources.insert(sources.end(), it->second);
        text += " " + mark_of(static_cast<std::size_t>(at - sources.begin()));
      }
      rows.push_back({f.label.zh_cn, std::move(text)});
    }
    if (rows.empty()) continue;
    out.push_back({page.title.zh_cn, "", true});
    out.insert(out.end(), rows.begin(), rows.end());
    for (std::size_t i = 0; i < sources.size(); ++i) out.push_back({"", mark_of(i) + " " + sources[i]});
  }
  if (!needed || needed->empty()) return out;
  out.push_back({"材料清单", "", true});
  for (matter::Material const* m : *needed) {
    spine::Field const* f = p.type->field(m->id);
    bool const other = f != nullptr && f->type == spine::FieldType::files && f->label.zh_cn != m->name;
    out.push_back({other ? m->name + "（" + f->label.zh_cn + "）" : m->name, in_hand(p, *m)});
    if (!m->pledge.empty() && p.type->field(m->id) == nullptr) out.push_back({"", m->pledge});
  }
  return out;
}

std::vector<std::string> signs_of_form(PrintedForm const& p) {
  constexpr char kLine[] = "＿＿＿＿＿＿＿＿＿    日期：＿＿＿＿年＿＿月＿＿日";
  std::vector<std::string> out{std::string("申请人（签名或盖章）：") + kLine};
  if (!p.agent.empty()) out.push_back(std::string("代办人（签名）：") + kLine);
  return out;
}

Result<std::string> print_draft(ApiContext& c, Applicable const& b, spine::Actor const& actor,
                                store::SubjectRecord const& subject, bool counter, ApplicationText const& text) {
  Installation& in = c.installation;
  Date const today = shanghai_date(in.clock.now());
  Known known = ask_registers(in, *b.type, register_subject(subject), today);
  YW_TRY(add_earlier(in, *b.type, actor, counter, in.clock.now(), known));
  PrintedForm p;
  p.type = b.type.get();
  p.matter = b.matter;
  p.name = subject.name;
  p.number_kind = number_kind(subject.kind, known.facts);
  p.number = subject.id_number;
  if (actor.is_agent() && actor.scope != "guardian" && !counter) {
    YW_ASSIGN(auto agent, in.identity->subject(SubjectId(actor.id)));
    p.agent = agent.name;
  }
  p.situation = answers_of(*b.matter, text.given.answers, text.form);
  for (std::string const& m : text.given.promises) p.promised.emplace(m, "");
  spine::FormView const view = spine::follow_form(*b.type, text.form, today);
  for (spine::Field const* f : b.type->fields()) {
    json::Value const* value = f->compute.empty() ? member(text.form, f->id) : member(view.computed, f->id);
    if (value != nullptr && !view.hidden.contains(f->id)) p.form.set(f->id, *value);
  }
  p.hidden = view.hidden;
  p.sources = sources_of(known, p.form);
  MatterPack const pack = in.matters.current();
  auto const kept = in.persons->under_protection(subject.id, in.clock.now());
  if (kept) keep_back_fields(*pack.persons, *b.type, p.form);
  matter::Paper const* paper = pack.papers->form();
  auto definitions = in.definitions.snapshot();
  auto const* unit = definitions->current->organisation(b.type->department);
  std::string const unit_name = unit ? unit->name.zh_cn : b.type->department;
  PdfDocument d;
  d.title = paper != nullptr ? paper->title.zh_cn : b.matter->name;
  d.issuer = "受理单位：" + unit_name;
  d.notes = pack.papers->notes();
  d.mark = "还没有提交";
  d.lines = {{"事项", b.matter->name}};
  for (PdfLine& line : lines_of_form(p)) d.lines.push_back(std::move(line));
  matter::PaperWords const words{{"applicant", subject.name}, {"matter", b.matter->name}, {"unit", unit_name}};
  if (paper != nullptr) {
    for (std::string const& wording : paper->text) d.lines.push_back({"", matter::fill_in(wording, words)});
  }
  d.signs = signs_of_form(p);
  if (kept) keep_back(d, *kept, pack.persons->shown);
  return pdf(d);
}

void answer_pdf(http::Answer const& answer, std::string bytes, std::string const& file_name) {
  answer({200,
          "application/pdf",
          std::move(bytes),
          {{"Content-Disposition", "inline; filename=\"" + file_name + ".pdf\""}, {"Cache-Control", "private, no-store"}}});
}

}  // namespace yiwang::app

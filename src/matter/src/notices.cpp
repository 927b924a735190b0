#include "yiwang/matter/notices.hpp"

#include <algorithm>

namespace yiwang::matter {
namespace {

struct Loader {
  pack::Document const& d;
  spine::Release const& release;
  std::vector<Error> errors = {};

  void wrong(pack::Node const& at, char const* what, std::string value, char const* cure) {
    errors.push_back(
        Error(ErrorCode::pack_reference, {{"what", what}, {"value", std::move(value)}, {"cure", cure}}).at(d.place(at)));
  }

  spine::CaseType const* type_of(pack::Node const& node) {
    pack::Node const& at = *node.find("case_type");
    auto it = release.case_types.find(at.scalar);
    if (it != release.case_types.end()) return it->second.get();
    wrong(at, "办件类型 / the case type", at.scalar, "请写 case_types/ 中有的 / write one of case_types/");
    return nullptr;
  }

  void act(pack::Node const& at, spine::CaseType const& type) {
    if (has_act(type, at.scalar) != nullptr) return;
    wrong(at, "环节的操作 / the act", at.scalar, "请写这个办件类型的 process.yaml 中有的操作 / write an act of its process.yaml");
  }
  static spine::StepAction const* has_act(spine::CaseType const& type, std::string_view act) {
    for (auto const& [id, step] : type.steps) {
      if (spine::StepAction const* found = step.find(act)) return found;
    }
    return nullptr;
  }

  Notice::Line line(pack::Node const& node, spine::CaseType const& type) {
    Notice::Line out;
    if (pack::Node const* label = node.find("label")) out.label = pack::localized(label);
    pack::Node const* at = node.find("field");
    if (at == nullptr) return out;
    out.field = at->scalar;
    spine::Field const* field = type.field(out.field);
    if (field == nullptr)
      wrong(*at, "表单字段 / the field", out.field, "请写这个办件类型的 form.yaml 中有的字段 / write a field of its form.yaml");
    else if (field->personal || field->type == spine::FieldType::files || field->type == spine::FieldType::long_text)
      wrong(*at, "可以公示的字段 / a field that may be shown", out.field,
            "个人信息、附件和自由填写的长文字不公示，请去掉 / personal data, files and free words are not made public: take it "
            "out");
    return out;
  }

  Notice read(pack::Node const& node, spine::CaseType const& type) {
    Notice n{std::string(node.text("id")),
             type.id,
             std::string(node.text("step")),
             std::string(node.text("put_up")),
             std::string(node.text("hand_in")),
             std::string(node.text("found")),
             static_cast<int>(node.integer("workdays", 0)),
             pack::localized(node.find("title")),
             pack::localized(node.find("says")),
             {}};
    if (type.step(n.step) == nullptr)
      wrong(*node.find("step"), "环节 / the step", n.step, "请写 process.yaml 中有的环节 / write a step of process.yaml");
    act(*node.find("put_up"), type);
    act(*node.find("hand_in"), type);
    spine::StepAction const* in = has_act(type, n.hand_in);
    if (in != nullptr &&
        std::none_of(in->fields.begin(), in->fields.end(), [&](spine::Field const& f) { return f.id == n.found; }))
      wrong(*node.find("found"), "写异议核实情况的字段 / the field for what became of objections", n.found,
            "请写 hand_in 那个操作的字段 / write a field of the act hand_in");
    for (pack::Node const& l : node.list("lines")) n.lines.push_back(line(l, type));
    return n;
  }
};

json::Value localized(pack::LocalizedText const& text) { return spine::to_json(text); }
json::Value same(std::string const& text) { return localized({text, text}); }

/// As people read it; null where there is nothing.
json::Value shown(spine::Field const& field, json::Value const* value) {
  if (value == nullptr || value->is_null()) return {};
  if (value->kind() == json::Kind::boolean)
    return localized(value->as_bool() ? pack::LocalizedText{"是", "yes"} : pack::LocalizedText{"否", "no"});
  if (value->kind() == json::Kind::number) return same(value->text());
  if (value->kind() != json::Kind::string || value->text().empty()) return {};
  for (spine::Option const& option : field.options) {
    if (option.id == value->text()) return localized(option.label);
  }
  return same(value->text());
}

}  // namespace

Notices::Loaded Notices::load(pack::Pack const& pack, spine::Release const& release) {
  auto out = std::make_shared<Notices>();
  pack::Document const* d = pack.find("matters/notices.yaml");
  if (d == nullptr) return {std::move(out), {}};
  Loader loader{*d, release};
  for (pack::Node const& node : d->root.list("notices")) {
    spine::CaseType const* type = loader.type_of(node);
    if (type == nullptr) continue;
    if (out->of(type->id) != nullptr)
      loader.wrong(*node.find("case_type"), "公示（重复） / the notice, given twice", type->id,
                   "每种办件只写一种公示 / write one for each case type");
    out->all_.push_back(loader.read(node, *type));
  }
  if (!loader.errors.empty()) return {nullptr, std::move(loader.errors)};
  return {std::move(out), {}};
}

Notice const* Notices::of(std::string_view case_type) const {
  auto it = std::find_if(all_.begin(), all_.end(), [&](Notice const& n) { return n.case_type == case_type; });
  return it == all_.end() ? nullptr : &*it;
}

json::Value notice_body(Notice const& notice, spine::CaseType const& type, json::Value const& form, std::string_view applicant) {
  json::Value lines = json::Value::array();
  for (Notice::Line const& line : notice.lines) {
    spine::Field const* field = line.field.empty() ? nullptr : type.field(line.field);
    json::Value value = line.field.empty() ? same(std::string(applicant)) : json::Value{};
    if (field != nullptr && form.kind() == json::Kind::object) value = shown(*field, form.find(line.field));
    if (value.is_null()) continue;
    bool const own = line.label.zh_cn.empty() && field != nullptr;
    lines.items().push_back(
        json::Value::object({{"label", localized(own ? field->label : line.label)}, {"value", std::move(value)}}));
  }
  return json::Value::object({{"title", localized(notice.title)}, {"says", localized(notice.says)}, {"lines", std::move(lines)}});
}

}  // namespace yiwang::matter

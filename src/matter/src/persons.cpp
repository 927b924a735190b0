#include "yiwang/matter/persons.hpp"

#include <algorithm>

namespace yiwang::matter {
namespace {

struct Loader {
  pack::Document const& d;
  Registers const& registers;
  spine::Release const& release;
  PersonRules& out;
  std::vector<Error> errors = {};

  void wrong(pack::Node const& at, char const* what, std::string value, char const* cure) {
    errors.push_back(
        Error(ErrorCode::pack_reference, {{"what", what}, {"value", std::move(value)}, {"cure", cure}}).at(d.place(at)));
  }
  void unit(pack::Node const& at) {
    if (release.organisation(at.scalar) == nullptr)
      wrong(at, "单位 / the unit", at.scalar, "请在 organisations/ 中定义 / define it under organisations/");
  }
  /// The fact that a text names; null after a complaint.
  RegisterFact const* fact(pack::Node const& at) {
    std::size_t const dot = at.scalar.find('.');
    Register const* r = registers.find(std::string_view(at.scalar).substr(0, dot));
    RegisterFact const* f = r ? r->fact(std::string_view(at.scalar).substr(dot + 1)) : nullptr;
    if (f == nullptr)
      wrong(at, "登记库的事实 / the fact of a register", at.scalar,
            "请写 registers/ 中有的 登记库.事实 / write register.fact of registers/");
    return f;
  }

  void recusal(pack::Node const& node) {
    for (pack::Node const& r : node.list("relatives")) {
      pack::Node const& at = *r.find("fact");
      RegisterFact const* f = fact(at);
      if (f != nullptr && f->type != "list")
        wrong(at, "亲属的事实 / the fact about relatives", at.scalar, "类型要是 list，写 姓名/出生日期 / it must be a list");
      std::size_t const dot = at.scalar.find('.');
      out.relatives.push_back({at.scalar.substr(0, dot), at.scalar.substr(dot + 1), std::string(r.text("title"))});
    }
    out.alarm_unit = node.text("alarm");
    unit(*node.find("alarm"));
  }

  void projects(pack::Node const& node) {
    pack::Node const& at = *node.find("fact");
    RegisterFact const* f = fact(at);
    if (f != nullptr && f->type != "list")
      wrong(at, "项目的事实 / the fact about projects", at.scalar, "类型要是 list，写 编号 名称｜地址 / it must be a list");
    std::size_t const dot = at.scalar.find('.');
    out.projects = {at.scalar.substr(0, dot), at.scalar.substr(dot + 1), std::string(node.text("field")),
                    std::string(node.text("place"))};
    bool const asked = std::any_of(release.case_types.begin(), release.case_types.end(), [&](auto const& type) {
      return type.second->field(out.projects.field) != nullptr && type.second->field(out.projects.place) != nullptr;
    });
    if (!asked)
      wrong(*node.find("field"), "表单字段 / the field", out.projects.field,
            "没有一个事项的表单同时有它和 place 的字段 / no form has it and the field of place");
  }

  void representatives(pack::Node const& node) {
    PersonRules::Representatives& r = out.representatives;
    r = {std::string(node.text("register")), std::string(node.text("now")), std::string(node.text("since")),
         std::string(node.text("former"))};
    Register const* reg = registers.find(r.register_id);
    if (reg == nullptr || !reg->of_enterprises)
      return wrong(*node.find("register"), "企业登记库 / the register of enterprises", r.register_id,
                   "请写 registers/ 中 key 是 enterprise 的登记库 / write one of registers/ with key: enterprise");
    for (char const* key : {"now", "since", "former"}) {
      pack::Node const& at = *node.find(key);
      if (reg->fact(at.scalar) == nullptr)
        wrong(at, "登记库的事实 / the fact of a register", at.scalar,
              "请写在登记库的 fields 中 / write it under fields of the register");
    }
  }

  void credit(pack::Node const& node, pack::Pack const& pack) {
    PersonRules::Credit& r = out.credit;
    r = {std::string(node.text("register")), std::string(node.text("level")), std::string(node.text("severe")),
         std::string(node.text("honoured")), std::string(node.text("code")),  {}};
    for (pack::Node const& level : node.list("good")) r.good.push_back(level.scalar);
    Register const* reg = registers.find(r.register_id);
    if (reg == nullptr)
      return wrong(*node.find("register"), "登记库 / the register", r.register_id,
                   "请写 registers/ 中有的登记库 / write one of registers/");
    if (release.organisation(reg->holder) == nullptr)
      wrong(*node.find("register"), "保管登记库的单位 / the unit that keeps the register", reg->holder,
            "请在 organisations/ 中定义 / define it under organisations/");
    constexpr std::pair<char const*, std::string_view> kFacts[] = {
        {"level", "text"}, {"severe", "boolean"}, {"honoured", "boolean"}};
    for (auto const& [key, type] : kFacts) {
      pack::Node const& at = *node.find(key);
      RegisterFact const* f = reg->fact(at.scalar);
      if (f == nullptr)
        wrong(at, "登记库的事实 / the fact of a register", at.scalar,
              "请写在登记库的 fields 中 / write it under fields of the register");
      else if (f->type != type)
        wrong(at, "事实的类型 / the type of the fact", at.scalar,
              "level 是 text，severe 和 honoured 是 boolean / level is text, severe and honoured are boolean");
    }
    bool const given = std::any_of(pack.files.begin(), pack.files.end(), [&](auto const& file) {
      return file.first.ends_with(".dmn") && (file.second.find("&quot;" + r.code + "&quot;") != std::string::npos ||
                                              file.second.find("\"" + r.code + "\"") != std::string::npos);
    });
    if (!given)
      wrong(*node.find("code"), "转人工的代码 / the code for handing over", r.code,
            "没有一张规则表给出它，请写规则里的代码 / no rule gives it: write the one of the rules");
  }

  void protection(pack::Node const& node) {
    for (pack::Node const& u : node.list("units")) {
      unit(u);
      out.protecting_units.push_back(u.scalar);
    }
    out.shown = node.text("shown");
    out.deliver = node.text("deliver");
    std::set<std::string, std::less<>> fields;
    for (auto const& [id, type] : release.case_types) {
      for (spine::Field const* f : type->fields()) fields.insert(f->id);
    }
    for (pack::Node const& c : node.list("classes")) {
      PersonRules::Kept kept{std::string(c.text("id")), std::string(c.text("title")), {}, {}, c.flag("phones")};
      if (std::any_of(out.kept.begin(), out.kept.end(), [&](auto const& k) { return k.id == kept.id; }))
        wrong(*c.find("id"), "信息类别（重复） / the class, named twice", kept.id, "每类只写一次 / write each once");
      for (pack::Node const& f : c.list("facts")) {
        if (fact(f) != nullptr) kept.facts.push_back(f.scalar);
      }
      for (pack::Node const& f : c.list("fields")) {
        if (!fields.contains(f.scalar)) wrong(f, "表单字段 / the field", f.scalar, "没有一个事项的表单有它 / no form has it");
        kept.fields.insert(f.scalar);
      }
      out.kept.push_back(std::move(kept));
    }
  }
};

}  // namespace

bool PersonRules::protects(std::string_view unit) const {
  return std::find(protecting_units.begin(), protecting_units.end(), unit) != protecting_units.end();
}

std::vector<PersonRules::Project> PersonRules::projects_in(json::Value const& listed) {
  constexpr std::string_view kBar = "｜";
  std::vector<Project> out;
  if (listed.kind() != json::Kind::array) return out;
  for (json::Value const& one : listed.items()) {
    std::string const& words = one.text();
    std::size_t const bar = words.find(kBar);
    out.push_back({words.substr(0, bar), bar == std::string::npos ? "" : words.substr(bar + kBar.size())});
  }
  return out;
}

bool PersonRules::keeps_back(spine::Field const& field) const {
  return std::any_of(kept.begin(), kept.end(), [&](Kept const& k) {
    return k.fields.contains(field.id) || (k.phones && field.type == spine::FieldType::phone) ||
           (!field.prefill.empty() && std::find(k.facts.begin(), k.facts.end(), field.prefill) != k.facts.end());
  });
}

bool PersonRules::keeps_back_fact(std::string_view register_id, std::string_view fact) const {
  std::string const path = std::string(register_id) + "." + std::string(fact);
  return std::any_of(kept.begin(), kept.end(),
                     [&](Kept const& k) { return std::find(k.facts.begin(), k.facts.end(), path) != k.facts.end(); });
}

std::string PersonRules::delivered_to(std::string_view unit_name) const {
  std::string out = deliver;
  if (std::size_t const at = out.find("{unit}"); at != std::string::npos) out.replace(at, 6, unit_name);
  return out;
}

PersonRules::Loaded PersonRules::load(pack::Pack const& pack, Registers const& registers, spine::Release const& release) {
  auto out = std::make_shared<PersonRules>();
  pack::Document const* d = pack.find("matters/persons.yaml");
  if (d == nullptr) return {std::move(out), {}};
  Loader loader{*d, registers, release, *out};
  if (pack::Node const* node = d->root.find("recusal")) loader.recusal(*node);
  if (pack::Node const* node = d->root.find("protection")) loader.protection(*node);
  if (pack::Node const* node = d->root.find("representatives")) loader.representatives(*node);
  if (pack::Node const* node = d->root.find("projects")) loader.projects(*node);
  if (pack::Node const* node = d->root.find("credit")) loader.credit(*node, pack);
  if (pack::Node const* node = d->root.find("agency"))
    out->agency = {node->integer("principals", 0), node->integer("minutes", 0), node->integer("filings", 0),
                   node->integer("objection_days", 0)};
  if (!loader.errors.empty()) return {nullptr, std::move(loader.errors)};
  return {std::move(out), {}};
}

}  // namespace yiwang::matter

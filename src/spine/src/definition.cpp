#include "yiwang/spine/definition.hpp"

#include <algorithm>
#include <set>

#include "yiwang/base/personal.hpp"
#include "yiwang/base/time.hpp"
#include "yiwang/base/utf8.hpp"
#include "yiwang/bpmn/model.hpp"
#include "yiwang/spine/forms.hpp"

namespace yiwang::spine {
namespace {

using pack::Document;
using pack::Node;

constexpr std::string_view kFieldTypes[] = {"text", "long_text", "choice", "checkbox", "phone",
                                            "date", "number",    "files",  "rating"};
constexpr std::string_view kPerformers[] = {"applicant", "clerk", "supervisor", "nobody"};
constexpr std::string_view kStatuses[] = {"in_progress", "awaiting_applicant", "concluded"};

template <class Enum, std::size_t N>
Enum parse_enum(std::string_view const (&names)[N], std::string_view text) {
  auto it = std::find(std::begin(names), std::end(names), text);
  return static_cast<Enum>(it == std::end(names) ? 0 : it - std::begin(names));
}

struct Compiler {
  explicit Compiler(pack::Pack const& p) : pack(p) {}
  pack::Pack const& pack;
  std::shared_ptr<Release> release = std::make_shared<Release>();
  std::vector<Error> errors;

  void complain(ErrorCode code, Document const& document, Node const& node, std::initializer_list<Error::Param> params) {
    errors.push_back(Error(code, params).at(document.place(node)));
  }

  void regions() {
    for (std::string const& path : pack.under("regions")) {
      Document const& document = *pack.find(path);
      for (Node const& node : document.root.list("regions")) {
        Region region{std::string(node.text("id")), pack::localized(node.find("name")), std::string(node.text("parent")),
                      std::string(node.text("level", "community")), ""};
        std::string base;
        if (!region.parent.empty()) {
          auto parent = release->regions.find(region.parent);
          if (parent == release->regions.end()) {
            complain(ErrorCode::pack_reference, document, *node.find("parent"),
                     {{"what", "上级区域 / the parent region"},
                      {"value", region.parent},
                      {"cure", "请把上级写在下级前面 / write parents before children"}});
            continue;
          }
          base = parent->second.path;
        }
        region.path = base + "/" + region.id;
        if (!release->regions.emplace(region.id, region).second) {
          complain(ErrorCode::pack_duplicate, document, node,
                   {{"what", "区域 / the region"}, {"value", region.id}, {"other", path}});
        }
      }
    }
  }

  void organisations() {
    for (std::string const& path : pack.under("organisations")) {
      Document const& document = *pack.find(path);
      for (Node const& node : document.root.list("organisations")) {
        Organisation unit;
        unit.id = node.text("id");
        unit.code = node.text("code");
        unit.name = pack::localized(node.find("name"));
        unit.short_name = node.find("short_name") ? pack::localized(node.find("short_name")) : unit.name;
        unit.parent = node.text("parent");
        unit.region = node.text("region");
        unit.phone = node.text("phone");
        unit.window = node.flag("window");
        auto region = release->regions.find(unit.region);
        if (region == release->regions.end()) {
          complain(ErrorCode::pack_reference, document, *node.find("region"),
                   {{"what", "区域 / the region"},
                    {"value", unit.region},
                    {"cure", "请在 regions/ 中定义 / define it under regions/"}});
          continue;
        }
        unit.region_path = region->second.path;
        if (!unit.parent.empty() && !release->organisations.contains(unit.parent)) {
          complain(ErrorCode::pack_reference, document, *node.find("parent"),
                   {{"what", "上级单位 / the parent unit"},
                    {"value", unit.parent},
                    {"cure", "请把上级写在下级前面 / write parents before children"}});
        }
        if (!release->organisations.emplace(unit.id, unit).second) {
          complain(ErrorCode::pack_duplicate, document, node, {{"what", "单位 / the unit"}, {"value", unit.id}, {"other", path}});
        }
      }
    }
  }

  Field field(Document const& document, Node const& node) {
    Field f;
    f.id = node.text("id");
    f.type = parse_enum<FieldType>(kFieldTypes, node.text("type"));
    f.label = pack::localized(node.find("label"));
    f.hint = pack::localized(node.find("hint"));
    f.required = node.flag("required");
    f.personal = node.flag("personal");
    f.length_min = static_cast<std::size_t>(node.integer("length_min", 0));
    f.length_max = static_cast<std::size_t>(node.integer("length_max", f.type == FieldType::long_text ? 2000 : 200));
    f.files_max = static_cast<std::size_t>(node.integer("files_max", 6));
    f.prefill = node.text("prefill");
    f.when = node.text("when");
    f.compute = node.text("compute");
    for (Node const& o : node.list("options")) {
      f.options.push_back({std::string(o.text("id")), pack::localized(o.find("label")), pack::localized(o.find("hint"))});
    }
    if (f.type == FieldType::choice && f.options.empty()) {
      complain(
          ErrorCode::pack_reference, document, node,
          {{"what", "选项 / options of"}, {"value", f.id}, {"cure", "choice 字段要有 options / a choice field needs options"}});
    }
    return f;
  }

  void process(CaseType& type, Document const& document) {
    Node const& root = document.root;
    type.initial = root.find("initial") ? root.text("initial") : "";
    auto wrong = [&](Node const& node, std::string why, std::string cure) {
      complain(ErrorCode::pack_process, document, node, {{"why", std::move(why)}, {"cure", std::move(cure)}});
    };
    for (auto const& entry : root.find("steps")->entries) {
      Step step;
      step.id = entry.key;
      step.title = pack::localized(entry.value.find("title"));
      step.performer = parse_enum<Performer>(kPerformers, entry.value.text("performer"));
      step.status = parse_enum<CaseStatus>(kStatuses, entry.value.text("status"));
      if (Node const* actions = entry.value.find("actions")) {
        for (auto const& a : actions->entries) {
          StepAction action;
          action.id = a.key;
          action.title = pack::localized(a.value.find("title"));
          action.says = a.value.find("says") ? pack::localized(a.value.find("says")) : action.title;
          action.to = a.value.find("to") ? a.value.text("to") : "";
          action.at_most = static_cast<int>(a.value.integer("at_most", 0));
          action.primary = a.value.flag("primary");
          action.rates = a.value.flag("rates");
          if (Node const* vote = a.value.find("vote")) action.vote = vote->scalar == "yes" || vote->scalar == "true";
          for (Node const& f : a.value.list("fields")) action.fields.push_back(field(document, f));
          action.rules = ActionRules::compile(document, a.value, action.fields, errors);
          step.actions.push_back(std::move(action));
        }
      }
      if (step.performer == Performer::nobody && !step.actions.empty()) {
        wrong(entry.value, "没有人能做这一步 / nobody performs this step",
              "请写 performer，或删去 actions / name a performer or drop the actions");
      }
      type.steps.emplace(step.id, std::move(step));
    }
  }

  void decisions(CaseType& type, Document const& document, std::string const& folder) {
    for (Node const& node : document.root.list("decisions")) {
      CaseDecision made;
      made.id = node.text("id");
      made.title = pack::localized(node.find("title"));
      made.basis = pack::localized(node.find("basis"));
      made.decision = node.text("decision");
      if (type.decision(made.id) != nullptr) {
        complain(ErrorCode::pack_duplicate, document, *node.find("id"),
                 {{"what", "决定 / the decision"}, {"value", made.id}, {"other", document.file}});
        continue;
      }
      for (auto const& entry : node.find("inputs")->entries) {
        if (entry.value.scalar != "@day" && !entry.value.scalar.starts_with("@facts.") &&
            type.field(entry.value.scalar) == nullptr) {
          complain(ErrorCode::pack_reference, document, entry.value,
                   {{"what", "字段 / the field"},
                    {"value", entry.value.scalar},
                    {"cure",
                     "请用 form.yaml 里的字段、@day，或 @facts.登记库.事实 / use a field of form.yaml, @day, or "
                     "@facts.register.fact"}});
        }
        made.inputs.emplace(entry.key, entry.value.scalar);
      }
      for (Node const& one : node.list("versions")) version(made, document, one, folder);
      std::sort(made.versions.begin(), made.versions.end(), [](auto const& a, auto const& b) { return a.from < b.from; });
      type.decisions.push_back(std::move(made));
    }
  }

  void version(CaseDecision& made, Document const& document, Node const& node, std::string const& folder) {
    std::string file(node.text("model"));
    auto from = parse_date(node.text("from"));
    auto text = pack.files.find(folder + "/" + file);
    if (!from || text == pack.files.end()) {
      complain(ErrorCode::pack_reference, document, *node.find(from ? "model" : "from"),
               {{"what", from ? "规则文件 / the model" : "日期 / the day"},
                {"value", from ? file : std::string(node.text("from"))},
                {"cure",
                 "请把 .dmn 放在同一文件夹，日期写成 2026-07-01 / put the .dmn file into the same folder, write the day as "
                 "2026-07-01"}});
      return;
    }
    if (std::any_of(made.versions.begin(), made.versions.end(), [&](auto const& other) { return other.from == *from; })) {
      complain(ErrorCode::pack_duplicate, document, *node.find("from"),
               {{"what", "生效日期 / the day"}, {"value", to_string(*from)}, {"other", document.file}});
      return;
    }
    auto model = dmn::Model::compile({{text->first, text->second}});
    if (!model) {
      errors.push_back(std::move(model).error());
      return;
    }
    if ((*model)->find(made.decision, dmn::ElementKind::decision) < 0) {
      complain(ErrorCode::pack_reference, document, *node.find("model"),
               {{"what", "决定 / the decision"},
                {"value", made.decision},
                {"cure", file + " 里没有这个决定 / the model has no such decision"}});
      return;
    }
    for (dmn::ElementInfo const& element : (*model)->elements()) {
      if (element.kind == dmn::ElementKind::input && !made.inputs.contains(element.name)) {
        complain(ErrorCode::pack_reference, document, *node.find("model"),
                 {{"what", "输入 / the input"},
                  {"value", element.name},
                  {"cure", "请在 inputs 里写明它来自哪个字段 / say under inputs which field gives it"}});
      }
    }
    made.versions.push_back({*from, file, text->second, std::move(*model)});
  }

  void case_types() {
    for (std::string const& path : pack.under("case_types")) {
      if (!path.ends_with("/case_type.yaml")) continue;
      std::string folder = path.substr(0, path.rfind('/'));
      Document const& head = *pack.find(path);
      auto type = std::make_shared<CaseType>();
      type->id = head.root.text("id");
      type->title = pack::localized(head.root.find("title"));
      type->summary = pack::localized(head.root.find("summary"));
      type->confirmation = pack::localized(head.root.find("confirmation"));
      type->version = head.root.text("version");
      type->department = head.root.text("department");
      type->title_from = head.root.text("title_from");
      type->offered = head.root.flag("offered", true);
      if (!head.root.list("applicants").empty()) {
        type->for_residents = type->for_enterprises = false;
        for (Node const& a : head.root.list("applicants"))
          (a.scalar == "enterprise" ? type->for_enterprises : type->for_residents) = true;
      }
      auto unit = [&](Node const& node, std::string const& id) {
        if (!release->organisations.contains(id)) {
          complain(ErrorCode::pack_reference, head, node,
                   {{"what", "单位 / the unit"},
                    {"value", id},
                    {"cure", "请在 organisations/ 中定义 / define it under organisations/"}});
        }
      };
      unit(*head.root.find("department"), type->department);
      Document const* form = pack.find(folder + "/form.yaml");
      Document const* steps = pack.find(folder + "/process.yaml");
      for (auto [document, name] : {std::pair{form, "form.yaml"}, std::pair{steps, "process.yaml"}}) {
        if (document == nullptr) {
          errors.push_back(Error(ErrorCode::pack_missing_file,
                                 {{"file", folder + "/" + name},
                                  {"cure", "每个 case_type 都要有 form.yaml 和 process.yaml / every case type has both"}})
                               .at(head.place(head.root)));
        }
      }
      if (form == nullptr || steps == nullptr) continue;
      std::set<std::string> names;
      for (Node const& p : form->root.list("pages")) {
        Page page{std::string(p.text("id")), pack::localized(p.find("title")), pack::localized(p.find("hint")), {}};
        for (Node const& f : p.list("fields")) {
          page.fields.push_back(field(*form, f));
          if (!names.insert(page.fields.back().id).second) {
            complain(ErrorCode::pack_duplicate, *form, f,
                     {{"what", "字段 / the field"}, {"value", page.fields.back().id}, {"other", form->file}});
          }
        }
        type->pages.push_back(std::move(page));
      }
      type->form_rules = FormRules::compile(*form, type->pages, errors);
      process(*type, *steps);
      compile_process(pack, folder, *steps, *type, errors);
      auto known = [&](Node const* node, std::string const& id) {
        if (node && !id.empty() && !names.contains(id)) {
          complain(ErrorCode::pack_reference, head, *node,
                   {{"what", "字段 / the field"}, {"value", id}, {"cure", "请用 form.yaml 里的字段 / use a field of form.yaml"}});
        }
      };
      known(head.root.find("title_from"), type->title_from);
      if (Node const* routing = head.root.find("routing")) {
        type->routing_field = routing->text("field");
        known(routing->find("field"), type->routing_field);
        for (auto const& entry : routing->find("map")->entries) {
          type->routing.emplace(entry.key, entry.value.scalar);
          unit(entry.value, entry.value.scalar);
          Field const* f = type->field(type->routing_field);
          if (f && std::none_of(f->options.begin(), f->options.end(), [&](Option const& o) { return o.id == entry.key; })) {
            complain(ErrorCode::pack_reference, head, entry.value,
                     {{"what", "选项 / the choice"},
                      {"value", entry.key},
                      {"cure", "请用该字段的 options / use one of the field's options"}});
          }
        }
      }
      if (Document const* clock = pack.find(folder + "/clock.yaml")) {
        read_clock(*clock, *type, *release, errors);
      }
      if (Document const* document = pack.find(folder + "/decisions.yaml")) decisions(*type, *document, folder);
      Hasher hasher(HashKind::sm3);
      auto add = [&](std::string const& file, std::string const& text) {
        if (!file.starts_with(folder + "/")) return;
        hasher.update(std::to_string(file.size()) + ":" + file + std::to_string(text.size()) + ":");
        hasher.update(text);
      };
      for (auto const& [file, document] : pack.documents) add(file, document.text);
      for (auto const& [file, text] : pack.files) add(file, text);
      Digest digest = hasher.finish();
      type->hash = to_hex(digest);
      if (!release->case_types.emplace(type->id, type).second) {
        complain(ErrorCode::pack_duplicate, head, *head.root.find("id"),
                 {{"what", "业务 / the case type"}, {"value", type->id}, {"other", path}});
      }
    }
  }
};

json::Value string(std::string_view text) { return json::Value::string(std::string(text)); }
json::Value number(std::size_t n) { return json::Value::number(std::to_string(n)); }

json::Value field_json(Field const& f) {
  json::Value out = json::Value::object();
  out.set("id", string(f.id));
  out.set("type", string(to_string(f.type)));
  out.set("label", to_json(f.label));
  if (!f.hint.zh_cn.empty()) out.set("hint", to_json(f.hint));
  out.set("required", json::Value::boolean(f.required));
  if (f.personal) out.set("personal", json::Value::boolean(true));
  if (f.type == FieldType::text || f.type == FieldType::long_text) {
    out.set("length_min", number(f.length_min));
    out.set("length_max", number(f.length_max));
  }
  if (f.type == FieldType::files) out.set("files_max", number(f.files_max));
  if (!f.options.empty()) {
    json::Value options = json::Value::array();
    for (Option const& o : f.options) {
      json::Value option = json::Value::object({{"id", string(o.id)}, {"label", to_json(o.label)}});
      if (!o.hint.zh_cn.empty()) option.set("hint", to_json(o.hint));
      options.items().push_back(std::move(option));
    }
    out.set("options", std::move(options));
  }
  if (!f.prefill.empty()) out.set("prefill", string(f.prefill));
  // Which fields depend on others: the page asks the server, there is no second FEEL in the browser.
  if (!f.when.empty()) out.set("when", string(f.when));
  if (!f.compute.empty()) out.set("compute", string(f.compute));
  return out;
}

json::Value fields_json(std::vector<Field> const& fields) {
  json::Value out = json::Value::array();
  for (Field const& f : fields) out.items().push_back(field_json(f));
  return out;
}

}  // namespace

std::string_view to_string(FieldType type) { return kFieldTypes[static_cast<std::size_t>(type)]; }
std::string_view to_string(Performer performer) { return kPerformers[static_cast<std::size_t>(performer)]; }
std::string_view to_string(CaseStatus status) { return kStatuses[static_cast<std::size_t>(status)]; }

StepAction const* Step::find(std::string_view action) const {
  for (StepAction const& a : actions) {
    if (a.id == action) return &a;
  }
  return nullptr;
}
Step const* CaseType::step(std::string_view id) const {
  auto it = steps.find(std::string(id));
  return it == steps.end() ? nullptr : &it->second;
}
Field const* CaseType::field(std::string_view id) const {
  for (Page const& page : pages) {
    for (Field const& f : page.fields) {
      if (f.id == id) return &f;
    }
  }
  return nullptr;
}
CaseDecision const* CaseType::decision(std::string_view id) const {
  for (CaseDecision const& d : decisions) {
    if (d.id == id) return &d;
  }
  return nullptr;
}
std::vector<Field const*> CaseType::fields() const {
  std::vector<Field const*> out;
  for (Page const& page : pages) {
    for (Field const& f : page.fields) out.push_back(&f);
  }
  return out;
}
Organisation const* Release::organisation(std::string_view id) const {
  auto it = organisations.find(std::string(id));
  return it == organisations.end() ? nullptr : &it->second;
}

LocalizedText CaseType::step_title(std::string_view id) const {
  if (Step const* found = step(id)) return found->title;
  if (id == kEndedEarly) return {"已终止", "Ended early"};
  bpmn::Index const node = process ? process->find_node(id) : bpmn::kNone;
  std::string name = node == bpmn::kNone || process->nodes[node].name.empty() ? std::string(id) : process->nodes[node].name;
  return {name, name};
}

json::Value to_json(LocalizedText const& text) {
  json::Value out = json::Value::object({{"zh-CN", json::Value::string(text.zh_cn)}});
  if (!text.en.empty()) out.set("en", json::Value::string(text.en));
  return out;
}

json::Value to_json(CaseType const& type) {
  json::Value pages = json::Value::array();
  for (Page const& p : type.pages) {
    json::Value page = json::Value::object({{"id", string(p.id)}, {"title", to_json(p.title)}});
    if (!p.hint.zh_cn.empty()) page.set("hint", to_json(p.hint));
    page.set("fields", fields_json(p.fields));
    pages.items().push_back(std::move(page));
  }
  json::Value steps = json::Value::object();
  for (auto const& [id, s] : type.steps) {
    json::Value actions = json::Value::array();
    for (StepAction const& a : s.actions) {
      json::Value action = json::Value::object(
          {{"id", string(a.id)}, {"title", to_json(a.title)}, {"says", to_json(a.says)}, {"to", string(a.to)}});
      action.set("primary", json::Value::boolean(a.primary));
      action.set("rates", json::Value::boolean(a.rates));
      action.set("at_most", number(static_cast<std::size_t>(a.at_most)));
      action.set("fields", fields_json(a.fields));
      actions.items().push_back(std::move(action));
    }
    json::Value step = json::Value::object(
        {{"title", to_json(s.title)}, {"performer", string(to_string(s.performer))}, {"status", string(to_string(s.status))}});
    step.set("actions", std::move(actions));
    steps.set(id, std::move(step));
  }
  json::Value out =
      json::Value::object({{"id", string(type.id)}, {"title", to_json(type.title)}, {"summary", to_json(type.summary)}});
  out.set("confirmation", to_json(type.confirmation));
  out.set("version", string(type.version));
  out.set("department", string(type.department));
  out.set("for_residents", json::Value::boolean(type.for_residents));
  out.set("for_enterprises", json::Value::boolean(type.for_enterprises));
  out.set("title_from", string(type.title_from));
  out.set("initial", string(type.initial));
  out.set("pages", std::move(pages));
  out.set("steps", std::move(steps));
  out.set("clock_basis", to_json(type.clock_basis));
  return out;
}

CompileResult compile(pack::Pack const& pack) {
  Compiler compiler(pack);
  pack::Document const* head = pack.find("pack.yaml");
  if (head == nullptr) {
    compiler.errors.push_back(Error(ErrorCode::pack_missing_file, {{"file", "pack.yaml"}, {"cure", ""}}));
    return {nullptr, std::move(compiler.errors)};
  }
  Release& release = *compiler.release;
  release.pack_id = pack.id;
  release.version = pack.version;
  release.title = pack.title;
  release.region_code = head->root.text("region_code");
  release.hotline = head->root.text("hotline");
  release.demo = head->root.flag("demo");
  release.hash = to_hex(pack.content_hash);
  compiler.regions();
  compiler.organisations();
  compiler.case_types();
  if (!compiler.errors.empty()) return {nullptr, std::move(compiler.errors)};
  return {compiler.release, {}};
}

std::vector<Error> check_fields(std::vector<Field const*> const& fields, json::Value const& input, std::string const& path,
                                json::Value& out) {
  std::vector<Error> errors;
  out = json::Value::object();
  auto wrong = [&](Field const& f, std::string why) {
    errors.push_back(Error(ErrorCode::spine_field, {{"label", f.label.zh_cn}, {"why", std::move(why)}, {"field", f.id}})
                         .at_path(path + "/" + f.id));
  };
  if (input.kind() != json::Kind::object) {
    errors.push_back(
        Error(ErrorCode::spine_field, {{"label", "表单 / the form"}, {"why", "应为对象 / must be an object"}}).at_path(path));
    return errors;
  }
  for (auto const& [key, value] : input.members()) {
    if (std::none_of(fields.begin(), fields.end(), [&key = key](Field const* f) { return f->id == key; })) {
      errors.push_back(Error(ErrorCode::spine_unknown_field, {{"field", key}}).at_path(path + "/" + key));
    }
  }
  for (Field const* field : fields) {
    Field const& f = *field;
    json::Value const* value = input.find(f.id);
    bool empty = value == nullptr || value->is_null() || (value->kind() == json::Kind::string && value->text().empty()) ||
                 (value->kind() == json::Kind::array && value->items().empty());
    if (empty) {
      if (f.required) wrong(f, "请填写 / is required");
      continue;
    }
    auto is = [&](json::Kind kind) { return value->kind() == kind; };
    switch (f.type) {
      case FieldType::text:
      case FieldType::long_text: {
        if (!is(json::Kind::string)) {
          wrong(f, "应为文字 / must be text");
          break;
        }
        if (!utf8::is_valid(value->text())) {
          wrong(f, "含有无法识别的字符 / is not valid text");
          break;
        }
        std::size_t length = utf8::length(value->text());
        if (length > f.length_max)
          wrong(f, "最多 " + std::to_string(f.length_max) + " 个字，现有 " + std::to_string(length) + " 个 / at most " +
                       std::to_string(f.length_max) + " characters");
        else if (length < f.length_min)
          wrong(f, "至少 " + std::to_string(f.length_min) + " 个字 / at least " + std::to_string(f.length_min) + " characters");
        else
          out.set(f.id, *value);
        break;
      }
      case FieldType::choice:
        if (!is(json::Kind::string) ||
            std::none_of(f.options.begin(), f.options.end(), [&](Option const& o) { return o.id == value->text(); }))
          wrong(f, "请从选项中选一个 / choose one of the options");
        else
          out.set(f.id, *value);
        break;
      case FieldType::checkbox:
        if (!is(json::Kind::boolean))
          wrong(f, "应为是或否 / must be true or false");
        else
          out.set(f.id, *value);
        break;
      case FieldType::phone:
        if (!is(json::Kind::string) || !PhoneNumber::create(value->text()))
          wrong(f, "手机号是 11 位数字 / a mobile number has 11 digits");
        else
          out.set(f.id, *value);
        break;
      case FieldType::date:
        if (!is(json::Kind::string) || !parse_date(value->text()))
          wrong(f, "应为日期，如 2026-11-22 / must be a date such as 2026-11-22");
        else
          out.set(f.id, *value);
        break;
      case FieldType::number:
        if (!is(json::Kind::number) || value->text().size() > 36)
          wrong(f, "应为数字 / must be a number");
        else
          out.set(f.id, *value);
        break;
      case FieldType::rating:
        if (!is(json::Kind::number) || value->text().size() != 1 || value->text()[0] < '1' || value->text()[0] > '5')
          wrong(f, "请选一个等级 / choose one of the five grades");
        else
          out.set(f.id, *value);
        break;
      case FieldType::files: {
        bool ok = is(json::Kind::array) && value->items().size() <= f.files_max;
        for (std::size_t i = 0; ok && i < value->items().size(); ++i) {
          json::Value const& item = value->items()[i];
          ok = item.kind() == json::Kind::string && item.text().size() == 64 && from_hex(item.text()).has_value();
        }
        if (!ok)
          wrong(f, "最多 " + std::to_string(f.files_max) + " 个附件，请先上传 / at most " + std::to_string(f.files_max) +
                       " uploaded files");
        else
          out.set(f.id, *value);
        break;
      }
    }
  }
  return errors;
}

}  // namespace yiwang::spine

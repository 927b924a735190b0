// Reading of definitions: imports, item definitions, elements, requirements and scopes.
#include <algorithm>

#include "compile.hpp"
#include "yiwang/base/crypto.hpp"

namespace yiwang::dmn {

using feel::kNone;
using feel::Type;
using feel::TypeKind;

namespace {

std::string trimmed(std::string_view text) {
  auto is_ws = [](char c) { return c == ' ' || (c >= 9 && c <= 13); };
  while (!text.empty() && is_ws(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_ws(text.back())) text.remove_suffix(1);
  return std::string(text);
}

std::string one_line(std::string_view text) {
  std::string out;
  bool gap = false;
  for (char c : trimmed(text)) {
    if (c == ' ' || (c >= 9 && c <= 13)) {
      gap = true;
      continue;
    }
    if (gap) out += ' ';
    gap = false;
    out += c;
  }
  return out;
}

bool is_dmn_namespace(std::string_view uri) { return uri.find("/spec/DMN/") != std::string_view::npos; }

}  // namespace

void ModelCompiler::note(Error error) { out_.errors.push_back(std::move(error)); }

Status ModelCompiler::read(std::vector<ModelText> const& texts) {
  if (texts.empty()) return fail(ErrorCode::dmn_model, {{"why", "no model was given"}, {"cure", "Pass at least one file"}});
  Hasher hasher(HashKind::sha256);
  for (auto const& text : texts) {
    xml::Limits limits;
    limits.bytes = options_.text_bytes;
    YW_ASSIGN(auto document, xml::Document::parse(text.text, text.file, limits));
    auto root = document->root();
    if (root.local_name() != "definitions" || !is_dmn_namespace(root.namespace_uri())) {
      return fail(Error(ErrorCode::dmn_model, {{"why", "the root is '" + std::string(root.name()) + "' in the namespace '" +
                                                           std::string(root.namespace_uri()) + "'"},
                                               {"cure", "Expected <definitions> in a DMN 1.1 to 1.5 namespace of the OMG"}})
                      .at(root.place()));
    }
    SourceModel model;
    model.name = std::string(root.attribute_or("name"));
    model.model_namespace = std::string(root.attribute_or("namespace"));
    for (auto child : root.children("import")) {
      Import one;
      one.name = std::string(child.attribute_or("name"));
      one.model_namespace = std::string(child.attribute_or("namespace"));
      one.place = child.place();
      // locationURI finds the file where two models share a namespace.
      auto type = child.attribute_or("importType");
      if (is_dmn_namespace(type) || type.empty()) model.imports.push_back(std::move(one));
    }
    for (auto child : root.children("itemDefinition")) {
      std::string name = one_line(child.attribute_or("name"));
      if (!model.item_definitions.try_emplace(name, child).second) {
        note(Error(ErrorCode::dmn_model,
                   {{"why", "two item definitions are called '" + name + "'"}, {"cure", "Rename one of them"}})
                 .at(child.place()));
      }
    }
    model.document = std::move(document);
    hasher.update(std::to_string(text.text.size()));
    hasher.update(":");
    hasher.update(text.text);
    out_.models.push_back(std::move(model));
  }
  out_.hash = to_hex(hasher.finish());
  return {};
}

void ModelCompiler::read_imports() {
  for (auto& model : out_.models) {
    for (auto& one : model.imports) {
      for (std::uint32_t i = 0; i < out_.models.size(); ++i) {
        if (out_.models[i].model_namespace == one.model_namespace && &out_.models[i] != &model) one.model = i;
      }
      if (one.model == kNone) note(Error(ErrorCode::dmn_import, {{"namespace", one.model_namespace}}).at(one.place));
    }
  }
}

void ModelCompiler::read_elements(std::uint32_t index) {
  auto& model = out_.models[index];
  for (auto child : model.document->root().children()) {
    auto local = child.local_name();
    Element element;
    if (local == "inputData")
      element.kind = ElementKind::input;
    else if (local == "decision")
      element.kind = ElementKind::decision;
    else if (local == "businessKnowledgeModel")
      element.kind = ElementKind::knowledge;
    else if (local == "decisionService")
      element.kind = ElementKind::service;
    else
      continue;
    element.name = one_line(child.attribute_or("name"));
    element.id = std::string(child.attribute_or("id"));
    element.model = index;
    element.xml = child;
    element.place = child.place();
    auto at = static_cast<std::uint32_t>(out_.elements.size());
    if (!element.id.empty() && !model.by_id.try_emplace(element.id, at).second) {
      note(Error(ErrorCode::dmn_model,
                 {{"why", "the id '" + element.id + "' is used twice"}, {"cure", "Give each element an id of its own"}})
               .at(element.place));
    }
    if (element.name.empty()) {
      note(Error(ErrorCode::dmn_model, {{"why", "a " + std::string(local) + " has no name"}, {"cure", "Add the attribute name"}})
               .at(element.place));
    }
    for (auto requirement : child.children("authorityRequirement")) {
      for (auto part : requirement.children()) {
        std::string href(part.attribute_or("href"));
        auto id = href.substr(href.find('#') == std::string::npos ? 0 : href.find('#') + 1);
        for (auto source : model.document->root().children("knowledgeSource")) {
          if (source.attribute_or("id") != id) continue;
          std::string text(source.attribute_or("name"));
          auto uri = source.attribute_or("locationURI");
          if (!uri.empty()) text += " (" + std::string(uri) + ")";
          element.sources.push_back(text);
        }
      }
    }
    out_.elements.push_back(std::move(element));
  }
}

std::optional<std::uint32_t> ModelCompiler::follow(std::uint32_t model, std::string_view href) {
  auto hash = href.find('#');
  std::string_view space = hash == std::string_view::npos ? std::string_view() : href.substr(0, hash);
  std::string_view id = hash == std::string_view::npos ? href : href.substr(hash + 1);
  if (space.empty() || space == out_.models[model].model_namespace) {
    auto found = out_.models[model].by_id.find(id);
    if (found != out_.models[model].by_id.end()) return found->second;
  }
  for (auto const& one : out_.models) {
    if (space.empty() || one.model_namespace != space) continue;
    auto found = one.by_id.find(id);
    if (found != one.by_id.end()) return found->second;
  }
  return std::nullopt;
}

std::vector<std::string> ModelCompiler::import_path(std::uint32_t from, std::uint32_t to) {
  // Breadth first over the imports; models import each other in small numbers.
  std::vector<std::pair<std::uint32_t, std::vector<std::string>>> queue = {{from, {}}};
  std::vector<bool> seen(out_.models.size());
  seen[from] = true;
  for (std::size_t i = 0; i < queue.size(); ++i) {
    if (queue[i].first == to) return queue[i].second;
    for (auto const& one : out_.models[queue[i].first].imports) {
      if (one.model == kNone || seen[one.model]) continue;
      seen[one.model] = true;
      auto path = queue[i].second;
      if (!one.name.empty()) path.push_back(one.name);
      queue.emplace_back(one.model, std::move(path));
    }
  }
  return {};
}

feel::Symbol ModelCompiler::symbol_of(std::uint32_t target) {
  auto const& element = out_.elements[target];
  feel::Symbol symbol;
  if (element.kind == ElementKind::knowledge || element.kind == ElementKind::service) {
    symbol.kind = feel::Symbol::Kind::constant;
    symbol.index = element.function;
    Type* type = out_.program.arena.make(TypeKind::function);
    type->parameters = element.parameter_types;
    type->result = element.result_type ? element.result_type : feel::any_type();
    symbol.type = type;
  } else {
    symbol.kind = feel::Symbol::Kind::global;
    symbol.index = target;
    symbol.type = element.type ? element.type : element.known_type;
  }
  return symbol;
}

void ModelCompiler::add_symbol(feel::Scope& scope, std::uint32_t model, std::uint32_t target) {
  auto const& element = out_.elements[target];
  auto path = element.model == model ? std::vector<std::string>() : import_path(model, element.model);
  auto* names = &scope.names;
  for (auto const& step : path) {
    auto found = std::find_if(names->begin(), names->end(),
                              [&](auto const& entry) { return entry.first == step && entry.second.members; });
    if (found == names->end()) {
      spaces_.emplace_back();
      feel::Symbol space;
      space.kind = feel::Symbol::Kind::space;
      space.members = &spaces_.back();
      names->emplace_back(step, space);
      names = &spaces_.back();
    } else {
      names = const_cast<std::vector<std::pair<std::string, feel::Symbol>>*>(found->second.members);
    }
  }
  names->emplace_back(element.name, symbol_of(target));
}

Type const* ModelCompiler::resolve_type(std::uint32_t model, std::string_view name) {
  std::string wanted = one_line(name);
  if (out_.models[model].item_definitions.count(wanted)) return item_type(model, wanted);
  for (auto const& one : out_.models[model].imports) {
    if (one.model == kNone) continue;
    if (one.name.empty()) {
      if (auto const* found = out_.models[one.model].item_definitions.count(wanted) ? item_type(one.model, wanted) : nullptr)
        return found;
    } else if (wanted.size() > one.name.size() && wanted.compare(0, one.name.size(), one.name) == 0 &&
               (wanted[one.name.size()] == '.' || wanted[one.name.size()] == ':')) {
      if (auto const* found = resolve_type(one.model, wanted.substr(one.name.size() + 1))) return found;
    }
  }
  return nullptr;
}

Type const* ModelCompiler::type_ref(std::uint32_t model, xml::Element element, std::string_view attribute) {
  std::string name;
  if (auto value = element.attribute(attribute))
    name = one_line(*value);
  else if (auto child = element.child(attribute))
    name = one_line(child.text());
  if (name.empty()) return nullptr;
  if (auto const* found = resolve_type(model, name)) return found;
  if (auto const* basic = feel::find_basic_type(name)) return basic;
  // A QName of DMN 1.1: a prefix for the FEEL namespace or for the model's own.
  if (auto colon = name.find(':'); colon != std::string::npos) {
    auto uri = element.resolve_prefix(name.substr(0, colon));
    std::string local = name.substr(colon + 1);
    if (uri.find("/FEEL") != std::string_view::npos) {
      if (auto const* basic = feel::find_basic_type(local)) return basic;
    }
    for (std::uint32_t i = 0; i < out_.models.size(); ++i) {
      if (out_.models[i].model_namespace == uri && out_.models[i].item_definitions.count(local)) return item_type(i, local);
    }
    if (auto const* found = resolve_type(model, local)) return found;
    if (auto const* basic = feel::find_basic_type(local)) return basic;
  }
  note(Error(ErrorCode::feel_unknown_type, {{"name", name}, {"cure", "Use a built-in type or the name of an item definition"}})
           .at(element.place()));
  return nullptr;
}

Type* ModelCompiler::item_type(std::uint32_t model, std::string const& name) {
  auto& types = out_.models[model].types;
  if (auto found = types.find(name); found != types.end()) return found->second;
  // Registered before it is filled: item definitions may refer to themselves.
  Type* type = out_.program.arena.make(TypeKind::any);
  type->name = name;
  types[name] = type;
  fill_type(model, *type, out_.models[model].item_definitions.at(name), 0);
  return type;
}

void ModelCompiler::fill_type(std::uint32_t model, Type& type, xml::Element definition, int depth) {
  if (depth > 60) {
    note(Error(ErrorCode::dmn_limit, {{"what", "nesting of item definitions"}, {"max", "60"}}).at(definition.place()));
    return;
  }
  bool collection = definition.attribute_or("isCollection") == "true";
  Type* target = &type;
  if (collection) {
    type.kind = TypeKind::list;
    target = out_.program.arena.make(TypeKind::any);
    type.element = target;
  }
  auto components = definition.children("itemComponent");
  if (auto item = definition.child("functionItem")) {
    target->kind = TypeKind::function;
    for (auto parameter : item.children("parameters")) {
      auto const* one = type_ref(model, parameter);
      target->parameters.push_back(one ? one : feel::any_type());
    }
    target->result = type_ref(model, item, "outputTypeRef");
  } else if (!components.empty()) {
    target->kind = TypeKind::context;
    for (auto component : components) {
      std::string name = one_line(component.attribute_or("name"));
      Type* field = out_.program.arena.make(TypeKind::any);
      fill_type(model, *field, component, depth + 1);
      Type const* shown = field;
      if (field->kind != TypeKind::list && field->constraint == Type::kNoUnit && field->base && field->fields.empty())
        shown = field->base;
      target->fields.push_back({name, shown});
      out_.program.note_field(name);
    }
  } else if (auto const* base = type_ref(model, definition)) {
    // The kind and fields are copied for the names; `base` keeps its own constraint.
    target->kind = base->kind;
    target->element = base->element;
    target->fields = base->fields;
    target->parameters = base->parameters;
    target->result = base->result;
    if (!base->name.empty() || base->constraint != Type::kNoUnit) target->base = base;
  }
  if (auto allowed = definition.child("allowedValues")) {
    target->constraint = constraint_unit(model, allowed, target);
    target->constraint_text = one_line(allowed.child_text("text"));
  }
  if (auto constraint = definition.child("typeConstraint")) {
    type.constraint = constraint_unit(model, constraint, &type);
    type.constraint_text = one_line(constraint.child_text("text"));
  }
}

std::uint32_t ModelCompiler::constraint_unit(std::uint32_t model, xml::Element element, Type const* input) {
  std::string source = element.child_text("text");
  begin(element, source, "allowed values");
  feel::FunctionState function;
  feel::Scope scope;
  scope.function = &function;
  auto slot = function.slot();
  auto saved = type_model_;
  type_model_ = model;
  auto typed = compiler_.unary_tests(source, scope, slot, input);
  type_model_ = saved;
  if (!typed) {
    note(std::move(typed).error());
    return Type::kNoUnit;
  }
  return compiler_.add_unit(*typed, function);
}

void ModelCompiler::link_element(std::uint32_t index) {
  auto& element = out_.elements[index];
  auto variable = element.xml.child("variable");
  auto const* declared = variable ? type_ref(element.model, variable) : nullptr;
  if (!declared) declared = type_ref(element.model, element.xml);
  element.type = declared;
  auto function_value = [&] {
    auto* made = new feel::FunctionObject();
    made->kind = feel::FunctionKind::host;
    made->id = index;
    made->name = element.name;
    made->parameters = element.parameters;
    element.function = out_.program.add_constant(feel::Value::function(made));
  };
  if (element.kind == ElementKind::knowledge) {
    auto logic = element.xml.child("encapsulatedLogic");
    for (auto parameter : logic.children("formalParameter")) {
      element.parameters.push_back(one_line(parameter.attribute_or("name")));
      element.parameter_types.push_back(type_ref(element.model, parameter));
      if (!element.parameter_types.back()) element.parameter_types.back() = feel::any_type();
    }
    if (auto body = expression_child(logic)) element.result_type = type_ref(element.model, body);
    if (declared && declared->kind != TypeKind::function) element.result_type = declared;
    if (declared && declared->kind == TypeKind::function && declared->result) element.result_type = declared->result;
    function_value();
  } else if (element.kind == ElementKind::service) {
    for (std::string_view part : {"inputData", "inputDecision"}) {
      for (auto reference : element.xml.children(part)) {
        auto target = follow(element.model, reference.attribute_or("href"));
        if (!target) {
          note(Error(ErrorCode::dmn_reference, {{"href", std::string(reference.attribute_or("href"))},
                                                {"cure", "Point it at an element of this model or an import"}})
                   .at(reference.place()));
          continue;
        }
        element.inputs.push_back(*target);
      }
    }
    for (auto reference : element.xml.children("outputDecision")) {
      if (auto target = follow(element.model, reference.attribute_or("href")))
        element.outputs.push_back(*target);
      else
        note(Error(ErrorCode::dmn_reference,
                   {{"href", std::string(reference.attribute_or("href"))}, {"cure", "Point it at a decision"}})
                 .at(reference.place()));
    }
    if (declared) element.result_type = declared->kind == TypeKind::function ? declared->result : declared;
  }
}

void ModelCompiler::compile_service(std::uint32_t index) {
  auto& element = out_.elements[index];
  for (auto input : element.inputs) {
    element.parameters.push_back(out_.elements[input].name);
    auto const* type = out_.elements[input].type;
    element.parameter_types.push_back(type ? type : feel::any_type());
  }
  if (!element.result_type && element.outputs.size() == 1) element.result_type = out_.elements[element.outputs[0]].type;
  auto* made = new feel::FunctionObject();
  made->kind = feel::FunctionKind::host;
  made->id = index;
  made->name = element.name;
  made->parameters = element.parameters;
  element.function = out_.program.add_constant(feel::Value::function(made));
}

void ModelCompiler::compile_element(std::uint32_t index) {
  auto kind = out_.elements[index].kind;
  if (kind == ElementKind::input || kind == ElementKind::service) return;
  auto model = out_.elements[index].model;
  auto xml = out_.elements[index].xml;
  feel::FunctionState function;
  feel::Scope scope;
  scope.function = &function;
  type_model_ = model;
  auto require = [&](std::string_view requirement, std::initializer_list<std::string_view> parts) {
    for (auto one : xml.children(requirement)) {
      for (auto part : parts) {
        for (auto reference : one.children(part)) {
          auto target = follow(model, reference.attribute_or("href"));
          if (!target) {
            note(Error(ErrorCode::dmn_reference, {{"href", std::string(reference.attribute_or("href"))},
                                                  {"cure", "Point it at an element of this model or an import"}})
                     .at(reference.place()));
            continue;
          }
          out_.elements[index].required.push_back(*target);
          add_symbol(scope, model, *target);
        }
      }
    }
  };
  require("informationRequirement", {"requiredInput", "requiredDecision"});
  require("knowledgeRequirement", {"requiredKnowledge"});
  std::string what = (kind == ElementKind::decision ? "decision " : "knowledge model ") + out_.elements[index].name;
  Frame frame{model, what, 0};
  if (kind == ElementKind::decision) {
    auto body = expression_child(xml);
    feel::Typed typed =
        body ? expression(body, scope, frame) : missing(xml, what + " has no decision logic", "Add an expression");
    // A table whose only output has the decision's own built-in type has converted its result already.
    auto const* declared = out_.elements[index].type;
    bool done =
        declared && typed.type == declared && declared->name.empty() && out_.program.nodes[typed.node].op == feel::Op::host;
    if (!done) typed = coerced(typed, declared, what);
    out_.elements[index].unit = compiler_.add_unit(typed, function);
    // What later decisions know of this one.
    out_.elements[index].known_type = typed.type;
    return;
  }
  auto logic = xml.child("encapsulatedLogic");
  auto& element = out_.elements[index];
  feel::Scope parameters;
  parameters.parent = &scope;
  parameters.function = &function;
  for (std::size_t i = 0; i < element.parameters.size(); ++i) {
    feel::Symbol symbol;
    symbol.index = function.slot();
    symbol.type = element.parameter_types[i];
    parameters.add(element.parameters[i], symbol);
  }
  // A knowledge model may call itself.
  if (std::find(element.required.begin(), element.required.end(), index) == element.required.end())
    add_symbol(scope, model, index);
  feel::Typed typed;
  auto body = expression_child(logic);
  auto language = logic.attribute_or("kind", "FEEL");
  if (body && (language == "Java" || language == "J")) {
    auto description = expression(body, parameters, frame);
    std::uint32_t unit = compiler_.add_unit(description, function, element.parameters, element.parameter_types);
    typed = {node(feel::Op::external, description.node, unit), feel::any_type()};
    std::vector<std::uint32_t> arguments;
    for (std::uint32_t i = 0; i < element.parameters.size(); ++i) arguments.push_back(node(feel::Op::local, i));
    auto kids = out_.program.add_kids(arguments);
    typed.node = node(feel::Op::call, typed.node, kids, static_cast<std::uint32_t>(arguments.size()));
  } else if (body && language != "PMML") {
    typed = expression(body, parameters, frame);
  } else {
    typed = missing(xml, what + (body ? " is of kind PMML, which is not supported" : " has no logic"),
                    "Write it as a FEEL expression");
  }
  out_.elements[index].unit = compiler_.add_unit(typed, function, element.parameters, element.parameter_types);
}

Status ModelCompiler::run(std::vector<ModelText> const& texts) {
  YW_TRY(read(texts));
  read_imports();
  compiler_.set_type_resolver([this](std::string_view name) { return resolve_type(type_model_, name); });
  for (std::uint32_t i = 0; i < out_.models.size(); ++i) {
    for (auto const& [name, definition] : out_.models[i].item_definitions) item_type(i, name);
    read_elements(i);
  }
  // Kinds of types that were still being filled when another one copied them.
  for (auto& model : out_.models) {
    for (auto& [name, type] : model.types) {
      if (type->base && type->kind == TypeKind::any) {
        type->kind = type->base->kind;
        type->element = type->base->element;
        type->fields = type->base->fields;
      }
    }
  }
  for (std::uint32_t i = 0; i < out_.elements.size(); ++i) link_element(i);
  for (std::uint32_t i = 0; i < out_.elements.size(); ++i) {
    if (out_.elements[i].kind == ElementKind::service) compile_service(i);
  }
  // Requirements first, so that inferred types are known to those that use them.
  std::vector<std::uint8_t> state(out_.elements.size());
  auto visit = [&](auto&& self, std::uint32_t index, std::uint32_t depth) -> void {
    if (state[index]) return;
    state[index] = 1;
    auto const& element = out_.elements[index];
    for (std::string_view requirement : {"informationRequirement", "knowledgeRequirement"}) {
      for (auto one : element.xml.children(requirement)) {
        for (auto part : one.children()) {
          auto target = follow(out_.elements[index].model, part.attribute_or("href"));
          if (target && depth < 2000) self(self, *target, depth + 1);
        }
      }
    }
    compile_element(index);
  };
  for (std::uint32_t i = 0; i < out_.elements.size(); ++i) visit(visit, i, 0);
  for (std::uint32_t i = 0; i < out_.elements.size(); ++i) {
    auto& element = out_.elements[i];
    if (element.kind != ElementKind::input) continue;
    if (element.model != 0) {
      for (auto const& step : import_path(0, element.model)) element.full_name += step + ".";
    }
    element.full_name += element.name;
    out_.input_names.try_emplace(element.full_name, i);
  }
  for (auto& error : compiler_.errors()) note(std::move(error));
  return {};
}

}  // namespace yiwang::dmn

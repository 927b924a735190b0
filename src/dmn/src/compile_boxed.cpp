// Boxed expressions (DMN 1.5 §10.2) into program nodes.
#include "compile.hpp"

namespace yiwang::dmn {

using feel::kNone;
using feel::NodeId;
using feel::Op;
using feel::Scope;
using feel::Type;
using feel::Typed;
using feel::TypeKind;

namespace {

std::string one_line(std::string_view text) {
  std::string out;
  for (char c : text) {
    bool ws = c == ' ' || (c >= 9 && c <= 13);
    if (!ws)
      out += c;
    else if (!out.empty() && out.back() != ' ')
      out += ' ';
  }
  while (!out.empty() && out.back() == ' ') out.pop_back();
  return out;
}

}  // namespace

bool is_expression_name(std::string_view local) {
  static constexpr std::string_view kNames[] = {"literalExpression",
                                                "context",
                                                "list",
                                                "relation",
                                                "functionDefinition",
                                                "invocation",
                                                "decisionTable",
                                                "conditional",
                                                "filter",
                                                "for",
                                                "every",
                                                "some"};
  for (auto name : kNames) {
    if (name == local) return true;
  }
  return false;
}

xml::Element expression_child(xml::Element element) {
  for (auto child = element.first_child(); child; child = child.next_sibling()) {
    if (is_expression_name(child.local_name())) return child;
  }
  return {};
}

NodeId ModelCompiler::node(Op op, std::uint32_t a, std::uint32_t b, std::uint32_t c, std::uint8_t flag) {
  feel::Node made;
  made.op = op;
  made.flag = flag;
  made.a = a;
  made.b = b;
  made.c = c;
  return compiler_.node(made);
}

Typed ModelCompiler::null_constant() {
  return {node(Op::constant, out_.program.add_constant(feel::Value::null())), feel::basic_type(TypeKind::null)};
}

void ModelCompiler::begin(xml::Element place, std::string const& text, std::string const& what) {
  feel::Source source;
  source.name = what;
  source.text = text;
  source.file = place.document().file();
  auto inside = place.child("text");
  source.line = inside ? inside.line() : place.line();
  source.element = std::string(place.attribute_or("id"));
  compiler_.begin_source(std::move(source));
}

Typed ModelCompiler::missing(xml::Element place, std::string why, std::string cure) {
  begin(place, "", why);
  Error error(ErrorCode::dmn_model, {{"why", why}, {"cure", std::move(cure)}});
  NodeId made = node(Op::failure, out_.program.add_string(error.message(Language::en)));
  note(std::move(error).at(place.place()));
  return {made, feel::any_type()};
}

Typed ModelCompiler::coerced(Typed value, Type const* type, std::string const& what) {
  if (!type || (type->kind == TypeKind::any && type->constraint == Type::kNoUnit)) return value;
  return {node(Op::coerce, value.node, out_.program.add_type(type), out_.program.add_string(what)), type};
}

Typed ModelCompiler::expression(xml::Element element, Scope& scope, Frame const& frame) {
  if (frame.depth >= options_.boxes) {
    note(Error(ErrorCode::dmn_limit, {{"what", "nesting of boxed expressions"}, {"max", std::to_string(options_.boxes)}})
             .at(element.place()));
    return null_constant();
  }
  Frame deeper = frame;
  ++deeper.depth;
  Typed value = boxed(element, scope, deeper);
  auto const* type = type_ref(frame.model, element);
  if (!type) return value;
  if (type->kind == TypeKind::function && value.type->kind == TypeKind::function) return {value.node, type};
  return coerced(value, type, frame.what);
}

Typed ModelCompiler::boxed(xml::Element element, Scope& scope, Frame const& frame) {
  auto local = element.local_name();
  if (local == "literalExpression") return literal(element, scope, frame);
  if (local == "context") return context(element, scope, frame);
  if (local == "relation") return relation(element, scope, frame);
  if (local == "functionDefinition") return function(element, scope, frame);
  if (local == "invocation") return invocation(element, scope, frame);
  if (local == "decisionTable") return table(element, scope, frame);
  if (local == "conditional") return conditional(element, scope, frame);
  if (local == "filter") return filter(element, scope, frame);
  if (local == "for") return iterator(element, scope, frame, Op::for_loop);
  if (local == "every") return iterator(element, scope, frame, Op::every);
  if (local == "some") return iterator(element, scope, frame, Op::some);
  if (local == "list") {
    std::vector<std::uint32_t> kids;
    Type const* item = nullptr;
    for (auto child : element.children()) {
      if (!is_expression_name(child.local_name())) continue;
      Typed one = expression(child, scope, frame);
      kids.push_back(one.node);
      if (!item)
        item = one.type;
      else if (item != one.type)
        item = feel::any_type();
    }
    begin(element, "", frame.what);
    auto count = static_cast<std::uint32_t>(kids.size());
    return {node(Op::list, out_.program.add_kids(kids), count),
            item ? out_.program.arena.list_of(item) : feel::basic_type(TypeKind::list)};
  }
  return missing(element, "'" + std::string(local) + "' is not an expression", "Use one of the boxed expressions of DMN");
}

Typed ModelCompiler::text(std::string const& source, xml::Element place, Scope& scope, Frame const& frame) {
  begin(place, source, frame.what);
  auto typed = compiler_.expression(source, scope);
  if (typed) return *typed;
  feel::Node made;
  made.op = Op::failure;
  made.a = out_.program.add_string(typed.error().message(Language::en));
  note(std::move(typed).error());
  return {compiler_.node(made), feel::any_type()};
}

Typed ModelCompiler::literal(xml::Element element, Scope& scope, Frame const& frame) {
  auto language = element.attribute_or("expressionLanguage");
  if (!language.empty() && language.find("FEEL") == std::string_view::npos && language.find("feel") == std::string_view::npos) {
    return missing(element, frame.what + " is written in '" + std::string(language) + "'", "Only FEEL is supported");
  }
  auto inside = element.child("text");
  std::string source = inside ? inside.text() : std::string();
  if (!inside || one_line(source).empty()) {
    if (element.child("importedValues"))
      return missing(element, frame.what + " imports its value", "Write the expression itself");
    return null_constant();
  }
  return text(source, element, scope, frame);
}

Typed ModelCompiler::context(xml::Element element, Scope& scope, Frame const& frame) {
  Scope inner;
  inner.parent = &scope;
  inner.function = scope.function;
  Type* type = out_.program.arena.make(TypeKind::context);
  std::vector<std::uint32_t> kids;
  Type const* result = nullptr;
  for (auto entry : element.children("contextEntry")) {
    auto body = expression_child(entry);
    auto variable = entry.child("variable");
    std::string name = variable ? one_line(variable.attribute_or("name")) : std::string();
    Frame named = frame;
    if (!name.empty()) named.what += ", entry " + name;
    Typed value = body ? expression(body, inner, named) : null_constant();
    if (name.empty()) {
      kids.insert(kids.end(), {kNone, value.node, kNone});
      result = value.type;
      break;
    }
    auto const* declared = type_ref(frame.model, variable);
    if (declared && declared->kind != TypeKind::function) value = coerced(value, declared, named.what);
    auto slot = scope.function->slot();
    if (type->field(name)) {
      note(Error(ErrorCode::dmn_model,
                 {{"why", "the context has two entries called '" + name + "'"}, {"cure", "Rename one of them"}})
               .at(entry.place()));
      return missing(element, "the context has two entries called '" + name + "'", "Rename one of them");
    }
    kids.insert(kids.end(), {out_.program.add_string(name), value.node, slot});
    type->fields.push_back({name, value.type});
    out_.program.note_field(name);
    feel::Symbol symbol;
    symbol.index = slot;
    symbol.type = value.type;
    inner.add(name, symbol);
  }
  begin(element, "", frame.what);
  auto count = static_cast<std::uint32_t>(kids.size());
  return {node(Op::context, out_.program.add_kids(kids), count), result ? result : type};
}

Typed ModelCompiler::relation(xml::Element element, Scope& scope, Frame const& frame) {
  std::vector<std::string> names;
  std::vector<Type const*> types;
  Type* row_type = out_.program.arena.make(TypeKind::context);
  for (auto column : element.children("column")) {
    names.push_back(one_line(column.attribute_or("name")));
    types.push_back(type_ref(frame.model, column));
    row_type->fields.push_back({names.back(), types.back() ? types.back() : feel::any_type()});
    out_.program.note_field(names.back());
  }
  std::vector<std::uint32_t> rows;
  for (auto row : element.children("row")) {
    std::vector<std::uint32_t> kids;
    std::size_t i = 0;
    for (auto child : row.children()) {
      if (!is_expression_name(child.local_name()) || i >= names.size()) continue;
      Typed cell = expression(child, scope, frame);
      cell = coerced(cell, types[i], frame.what + ", column " + names[i]);
      if (row_type->fields[i].type->kind == TypeKind::any) row_type->fields[i].type = cell.type;
      kids.insert(kids.end(), {out_.program.add_string(names[i]), cell.node, kNone});
      ++i;
    }
    if (i != names.size()) {
      return missing(row,
                     "a row of the relation has " + std::to_string(i) + " cells for " + std::to_string(names.size()) + " columns",
                     "Give every row one cell a column");
    }
    begin(row, "", frame.what);
    auto count = static_cast<std::uint32_t>(kids.size());
    rows.push_back(node(Op::context, out_.program.add_kids(kids), count));
  }
  begin(element, "", frame.what);
  auto count = static_cast<std::uint32_t>(rows.size());
  return {node(Op::list, out_.program.add_kids(rows), count), out_.program.arena.list_of(row_type)};
}

Typed ModelCompiler::function(xml::Element element, Scope& scope, Frame const& frame) {
  feel::FunctionState state;
  state.outer = scope.function;
  state.is_lambda = true;
  Scope inner;
  inner.parent = &scope;
  inner.function = &state;
  std::vector<std::string> names;
  std::vector<Type const*> types;
  for (auto parameter : element.children("formalParameter")) {
    names.push_back(one_line(parameter.attribute_or("name")));
    auto const* type = type_ref(frame.model, parameter);
    types.push_back(type ? type : feel::any_type());
    feel::Symbol symbol;
    symbol.index = state.slot();
    symbol.type = types.back();
    inner.add(names.back(), symbol);
  }
  auto body = expression_child(element);
  if (!body) return missing(element, frame.what + ": a function without a body", "Add an expression");
  auto kind = element.attribute_or("kind", "FEEL");
  Type* type = out_.program.arena.make(TypeKind::function);
  type->parameters = types;
  if (kind == "PMML" || kind == "P")
    return missing(element, frame.what + " is of kind PMML, which is not supported", "Write it as a FEEL expression");
  Typed value = expression(body, kind == "Java" || kind == "J" ? scope : inner, frame);
  if (kind == "Java" || kind == "J") {
    type->result = feel::any_type();
    auto unit = compiler_.add_unit(value, state, names, types);
    return {node(Op::external, value.node, unit), type};
  }
  type->result = value.type;
  auto unit = compiler_.add_unit(value, state, names, types);
  std::vector<std::uint32_t> kids;
  for (auto const& one : state.captures) kids.push_back(one.from);
  auto count = static_cast<std::uint32_t>(kids.size());
  return {node(Op::function, unit, out_.program.add_kids(kids), count), type};
}

Typed ModelCompiler::invocation(xml::Element element, Scope& scope, Frame const& frame) {
  auto callee = element.child("literalExpression");
  if (!callee) callee = expression_child(element);
  if (!callee) return missing(element, frame.what + ": an invocation without a function", "Name the function to call");
  Typed target = expression(callee, scope, frame);
  std::vector<std::uint32_t> kids;
  for (auto binding : element.children("binding")) {
    auto parameter = binding.child("parameter");
    std::string name = one_line(parameter.attribute_or("name"));
    auto body = expression_child(binding);
    Frame named = frame;
    named.what += ", argument " + name;
    Typed value = body ? expression(body, scope, named) : null_constant();
    value = coerced(value, type_ref(frame.model, parameter), named.what);
    kids.insert(kids.end(), {out_.program.add_string(name), value.node});
  }
  begin(element, "", frame.what);
  Type const* type = target.type->kind == TypeKind::function && target.type->result ? target.type->result : feel::any_type();
  auto count = static_cast<std::uint32_t>(kids.size());
  return {node(Op::call, target.node, out_.program.add_kids(kids), count, 1), type};
}

Typed ModelCompiler::inner(xml::Element parent, std::string_view child, Scope& scope, Frame const& frame) {
  auto holder = parent.child(child);
  auto body = holder ? expression_child(holder) : xml::Element();
  if (!body) return missing(parent, frame.what + ": '" + std::string(child) + "' has no expression", "Add one");
  return expression(body, scope, frame);
}

Typed ModelCompiler::conditional(xml::Element element, Scope& scope, Frame const& frame) {
  Typed condition = inner(element, "if", scope, frame), yes = inner(element, "then", scope, frame),
        no = inner(element, "else", scope, frame);
  begin(element, "", frame.what);
  return {node(Op::if_else, condition.node, yes.node, no.node, 1), yes.type == no.type ? yes.type : feel::any_type()};
}

Typed ModelCompiler::filter(xml::Element element, Scope& scope, Frame const& frame) {
  Typed base = inner(element, "in", scope, frame);
  Scope inside;
  inside.parent = &scope;
  inside.function = scope.function;
  inside.item_slot = scope.function->slot();
  Type const* item_type =
      base.type->kind == TypeKind::list ? (base.type->element ? base.type->element : feel::any_type()) : base.type;
  feel::Symbol item;
  item.index = inside.item_slot;
  item.type = item_type;
  inside.add("item", item);
  for (auto const& field : item_type->fields) {
    feel::Symbol symbol;
    symbol.kind = feel::Symbol::Kind::item_field;
    symbol.index = inside.item_slot;
    symbol.type = field.type;
    inside.add(field.name, symbol);
  }
  inside.dynamic = item_type->kind == TypeKind::any;
  Typed match = inner(element, "match", inside, frame);
  begin(element, "", frame.what);
  return {node(Op::filter, base.node, match.node, inside.item_slot, 1), base.type};
}

Typed ModelCompiler::iterator(xml::Element element, Scope& scope, Frame const& frame, Op op) {
  std::string variable = one_line(element.attribute_or("iteratorVariable"));
  Typed list = inner(element, "in", scope, frame);
  Scope inside;
  inside.parent = &scope;
  inside.function = scope.function;
  feel::Symbol symbol;
  symbol.index = scope.function->slot();
  symbol.type = (list.type->kind == TypeKind::list || list.type->kind == TypeKind::range) && list.type->element
                    ? list.type->element
                    : feel::any_type();
  inside.add(variable, symbol);
  feel::Symbol partial;
  partial.index = scope.function->slot();
  partial.type = feel::basic_type(TypeKind::list);
  if (op == Op::for_loop) inside.add("partial", partial);
  Typed body = inner(element, op == Op::for_loop ? "return" : "satisfies", inside, frame);
  begin(element, "", frame.what);
  auto kids = out_.program.add_kids({symbol.index, list.node, kNone, body.node});
  if (op == Op::for_loop) return {node(op, kids, 4, partial.index, 1), out_.program.arena.list_of(body.type)};
  return {node(op, kids, 4), feel::basic_type(TypeKind::boolean)};
}

NodeId ModelCompiler::tests(std::string const& source, xml::Element place, Scope& scope, Frame const& frame, std::uint32_t slot,
                            Type const* input) {
  begin(place, source, frame.what);
  auto typed = compiler_.unary_tests(source, scope, slot, input);
  if (typed) return typed->node;
  feel::Node made;
  made.op = Op::failure;
  made.a = out_.program.add_string(typed.error().message(Language::en));
  note(std::move(typed).error());
  return compiler_.node(made);
}

Typed ModelCompiler::table(xml::Element element, Scope& scope, Frame const& frame) {
  Table made;
  made.id = std::string(element.attribute_or("id"));
  made.decision = frame.what;
  made.place = element.place();
  auto policy = element.attribute_or("hitPolicy", "UNIQUE");
  static constexpr std::pair<std::string_view, HitPolicy> kPolicies[] = {{"UNIQUE", HitPolicy::unique},
                                                                         {"ANY", HitPolicy::any},
                                                                         {"PRIORITY", HitPolicy::priority},
                                                                         {"FIRST", HitPolicy::first},
                                                                         {"COLLECT", HitPolicy::collect},
                                                                         {"RULE ORDER", HitPolicy::rule_order},
                                                                         {"OUTPUT ORDER", HitPolicy::output_order}};
  bool known = false;
  for (auto const& [name, value] : kPolicies) {
    if (name == policy) {
      made.policy = value;
      known = true;
    }
  }
  if (!known)
    return missing(element, "the hit policy '" + std::string(policy) + "' is unknown",
                   "Use UNIQUE, ANY, PRIORITY, FIRST, COLLECT, RULE ORDER or OUTPUT ORDER");
  auto aggregation = element.attribute_or("aggregation");
  if (aggregation == "SUM")
    made.aggregation = Aggregation::sum;
  else if (aggregation == "COUNT")
    made.aggregation = Aggregation::count;
  else if (aggregation == "MIN")
    made.aggregation = Aggregation::min;
  else if (aggregation == "MAX")
    made.aggregation = Aggregation::max;

  for (auto input : element.children("input")) {
    Column column;
    auto expression_element = input.child("inputExpression");
    column.label = std::string(input.attribute_or("label"));
    std::string source = expression_element ? expression_element.child_text("text") : std::string();
    if (column.label.empty()) column.label = one_line(source);
    Frame named = frame;
    named.what += ", input " + std::to_string(made.inputs.size() + 1);
    Typed value = one_line(source).empty() ? null_constant() : text(source, expression_element, scope, named);
    column.type = expression_element ? type_ref(frame.model, expression_element) : nullptr;
    // An input or decision of that very type has been coerced already.
    bool known = out_.program.nodes[value.node].op == Op::global && value.type == column.type && column.type &&
                 column.type->constraint == Type::kNoUnit;
    if (!known) value = coerced(value, column.type, named.what);
    if (!column.type) column.type = value.type;
    column.expression = value.node;
    column.slot = scope.function->slot();
    if (auto allowed = input.child("inputValues")) {
      column.allowed_text = one_line(allowed.child_text("text"));
      if (!column.allowed_text.empty())
        column.allowed = tests(allowed.child_text("text"), allowed, scope, named, column.slot, column.type);
    }
    made.inputs.push_back(std::move(column));
  }
  for (auto output : element.children("output")) {
    OutputColumn column;
    column.name = one_line(output.attribute_or("name"));
    column.key = out_.program.add_string(column.name);
    column.type = type_ref(frame.model, output);
    Frame named = frame;
    named.what += ", output " + (column.name.empty() ? std::to_string(made.outputs.size() + 1) : column.name);
    if (auto values = output.child("outputValues")) {
      std::string source = values.child_text("text");
      if (!one_line(source).empty()) {
        // The values are a list of expressions, best first.
        Typed list = text("[" + source + "]", values, scope, named);
        auto const& root = out_.program.nodes[list.node];
        if (root.op == Op::list) {
          for (std::uint32_t i = 0; i < root.b; ++i) column.values.push_back(out_.program.kids[root.a + i]);
        } else if (root.op == Op::constant && out_.program.constants[root.a].is(feel::Kind::list)) {
          auto items = out_.program.constants[root.a].items();
          for (auto const& item : items) column.values.push_back(node(Op::constant, out_.program.add_constant(item)));
        }
      }
    }
    if (auto entry = output.child("defaultOutputEntry")) {
      std::string source = entry.child_text("text");
      if (!one_line(source).empty())
        column.default_value = coerced(text(source, entry, scope, named), column.type, named.what).node;
    }
    made.outputs.push_back(std::move(column));
  }
  if (made.outputs.empty()) return missing(element, "the decision table has no output", "Add an output column");
  for (auto annotation : element.children("annotation"))
    made.annotation_names.push_back(one_line(annotation.attribute_or("name")));
  std::uint32_t number = 0;
  for (auto rule_element : element.children("rule")) {
    if (++number > options_.rules) {
      return missing(rule_element, "the table has more than " + std::to_string(options_.rules) + " rules", "Split it");
    }
    Rule rule;
    rule.id = std::string(rule_element.attribute_or("id"));
    rule.place = rule_element.place();
    Frame named = frame;
    for (auto entry : rule_element.children("inputEntry")) {
      std::size_t i = rule.tests.size();
      if (i >= made.inputs.size()) break;
      named.what = frame.what + ", rule " + std::to_string(number) + ", input " + std::to_string(i + 1);
      std::string source = entry.child_text("text");
      rule.texts.push_back(one_line(source));
      rule.tests.push_back(tests(source, entry, scope, named, made.inputs[i].slot, made.inputs[i].type));
    }
    for (auto entry : rule_element.children("outputEntry")) {
      std::size_t i = rule.outputs.size();
      if (i >= made.outputs.size()) break;
      named.what = frame.what + ", rule " + std::to_string(number) + ", output " + std::to_string(i + 1);
      std::string source = entry.child_text("text");
      Typed value = one_line(source).empty() ? null_constant() : text(source, entry, scope, named);
      auto const* found =
          out_.program.nodes[value.node].op == Op::constant ? &out_.program.constants[out_.program.nodes[value.node].a] : nullptr;
      auto const* type = made.outputs[i].type;
      bool plain = found && type && type->constraint == Type::kNoUnit && !type->base &&
                   ((type->kind == TypeKind::number && found->is(feel::Kind::number)) ||
                    (type->kind == TypeKind::string && found->is(feel::Kind::string)) ||
                    (type->kind == TypeKind::boolean && found->is(feel::Kind::boolean)) ||
                    (type->kind == TypeKind::date && found->is(feel::Kind::date)));
      if (!plain) value = coerced(value, type, named.what);
      rule.outputs.push_back(value.node);
    }
    for (auto entry : rule_element.children("annotationEntry")) rule.annotations.push_back(one_line(entry.child_text("text")));
    if (auto description = rule_element.child("description"); description && rule.annotations.empty())
      rule.annotations.push_back(one_line(description.text()));
    if (rule.tests.size() != made.inputs.size() || rule.outputs.size() != made.outputs.size()) {
      return missing(rule_element,
                     "rule " + std::to_string(number) + " has " + std::to_string(rule.tests.size()) + " conditions and " +
                         std::to_string(rule.outputs.size()) + " results",
                     "Give it " + std::to_string(made.inputs.size()) + " and " + std::to_string(made.outputs.size()));
    }
    made.rules.push_back(std::move(rule));
  }
  begin(element, "", frame.what);
  Type const* single = nullptr;
  if (made.outputs.size() == 1) {
    single = made.outputs[0].type ? made.outputs[0].type : feel::any_type();
  } else {
    Type* record = out_.program.arena.make(TypeKind::context);
    for (auto const& output : made.outputs) {
      record->fields.push_back({output.name, output.type ? output.type : feel::any_type()});
      out_.program.note_field(output.name);
    }
    single = record;
  }
  bool many = made.policy == HitPolicy::rule_order || made.policy == HitPolicy::output_order ||
              (made.policy == HitPolicy::collect && made.aggregation == Aggregation::none);
  out_.tables.push_back(std::move(made));
  return {node(Op::host, static_cast<std::uint32_t>(out_.tables.size() - 1)), many ? out_.program.arena.list_of(single) : single};
}

}  // namespace yiwang::dmn

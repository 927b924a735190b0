#include <algorithm>
#include <bit>

#include "impl.hpp"
#include "index.hpp"
#include "yiwang/dmn/columnar.hpp"

namespace yiwang::dmn {

using feel::Kind;
using feel::kNone;
using feel::Value;

EvaluationImpl::EvaluationImpl(Model const& compiled, feel::EvaluateOptions const& options)
    : model(compiled.impl()), evaluator(model.program, options, this), current(&root) {
  root.values.resize(model.elements.size());
  root.states.resize(model.elements.size());
}

Value EvaluationImpl::global(feel::Evaluator&, std::uint32_t index) { return held(index); }

Value const& EvaluationImpl::held(std::uint32_t index) {
  auto& instance = *current;
  auto& e = evaluator;
  switch (instance.states[index]) {
    case Instance::State::done: return instance.values[index];
    case Instance::State::computing:
      return cycle = e.null(kNone, "dmn.null.cycle", "decision '" + model.elements[index].name + "' depends on itself",
                            "DMN-1.5#6.3.7");
    case Instance::State::empty: break;
  }
  auto const& element = model.elements[index];
  instance.states[index] = Instance::State::computing;
  Value result;
  if (element.kind == ElementKind::decision && element.unit != kNone) {
    if (++depth > 1000) {
      e.stop("depth");
    } else {
      result = element.fast_table == kNone ? e.run(element.unit) : evaluate_fast(model.tables[element.fast_table], element.unit);
    }
    --depth;
  } else {
    result = e.null(kNone, "dmn.null.input", "the input '" + element.name + "' was not given", "DMN-1.5#6.3.11");
  }
  instance.states[index] = Instance::State::done;
  instance.values[index] = std::move(result);
  if (explain != Explain::no && element.kind == ElementKind::decision) {
    trace.decisions.push_back({element.name, element.id, &element.sources, instance.values[index]});
  }
  return instance.values[index];
}

Value EvaluationImpl::node(feel::Evaluator&, std::uint32_t id, Value* frame) { return evaluate_table(model.tables[id], frame); }

Value EvaluationImpl::call(feel::Evaluator&, feel::FunctionObject const& function, std::span<Value> arguments) {
  return call_element(function.id, arguments);
}

Value EvaluationImpl::call_element(std::uint32_t index, std::span<Value> arguments) {
  auto const& element = model.elements[index];
  if (++depth > 1000) {
    --depth;
    evaluator.stop("depth");
    return Value::null();
  }
  Value result;
  bool refused = false;
  for (std::size_t i = 0; i < arguments.size() && !refused; ++i) {
    if (arguments[i].is_null()) continue;
    arguments[i] = evaluator.coerce(std::move(arguments[i]), *element.parameter_types[i],
                                    element.name + ", parameter " + element.parameters[i], kNone);
    if (arguments[i].is_null()) {
      result = arguments[i];
      refused = true;
    }
  }
  if (refused) {
    --depth;
    return result;
  }
  if (element.kind == ElementKind::knowledge) {
    if (element.unit != kNone) result = evaluator.run(element.unit, arguments);
  } else {
    // A service sees only what it is given: its decisions are computed afresh.
    Instance inside;
    inside.values.resize(model.elements.size());
    inside.states.resize(model.elements.size());
    for (std::size_t i = 0; i < arguments.size(); ++i) {
      inside.values[element.inputs[i]] = arguments[i];
      inside.states[element.inputs[i]] = Instance::State::done;
    }
    auto* outer = current;
    current = &inside;
    if (element.outputs.size() == 1) {
      result = global(evaluator, element.outputs[0]);
    } else {
      result = Value::context();
      for (auto output : element.outputs) {
        Value one = global(evaluator, output);
        result.context_for_write().set(model.elements[output].name, std::move(one));
      }
    }
    current = outer;
  }
  if (element.result_type) result = evaluator.coerce(std::move(result), *element.result_type, element.name, kNone);
  --depth;
  return result;
}

bool EvaluationImpl::match_rules(Table const& table, Value* frame, std::vector<std::uint32_t>& matched) {
  if (given != nullptr) {
    if (take_given(table, matched)) return evaluator.spend(table.inputs.size() + (table.rules.size() + 63) / 64);
    ++given->searched;
  }
  return match_all(table, frame, matched, table.policy == HitPolicy::first);
}

bool EvaluationImpl::take_given(Table const& table, std::vector<std::uint32_t>& matched) {
  // A decision service computes with inputs of its own, which no column holds.
  if (current != &root) return false;
  for (auto const& one : given->tables) {
    if (&model.tables[one.table] != &table) continue;
    if ((*one.odd)[given->row / 64] >> (given->row % 64) & 1) return false;
    matched.clear();
    for (std::uint32_t rule = 0; rule < table.rules.size(); ++rule) {
      if (!one.result->hit(rule, given->row)) continue;
      matched.push_back(rule);
      if (table.policy == HitPolicy::first) break;
    }
    ++given->taken;
    return true;
  }
  return false;
}

bool EvaluationImpl::match_all(Table const& table, Value* frame, std::vector<std::uint32_t>& matched, bool first_only) {
  matched.clear();
  if (table.index) {
    auto const& index = *table.index;
    auto words = index.words;
    std::uint64_t const* rows[64];
    std::size_t columns = table.inputs.size();
    bool fits = columns <= 64;
    for (std::size_t i = 0; i < columns && fits; ++i) {
      std::uint32_t segment = 0;
      fits = TableIndex::segment(index.axes[i], frame[table.inputs[i].slot], segment);
      if (fits) rows[i] = &index.axes[i].bits[static_cast<std::size_t>(segment) * words];
    }
    if (fits) {
      if (!evaluator.spend(columns + words)) return false;
      for (std::uint32_t w = 0; w < words; ++w) {
        std::uint64_t bits = rows[0][w];
        for (std::size_t i = 1; i < columns; ++i) bits &= rows[i][w];
        while (bits) {
          matched.push_back(w * 64 + static_cast<std::uint32_t>(std::countr_zero(bits)));
          if (first_only) return true;
          bits &= bits - 1;
        }
      }
      return true;
    }
  }
  for (std::uint32_t rule = 0; rule < table.rules.size(); ++rule) {
    auto const& tests = table.rules[rule].tests;
    bool hit = true;
    for (std::size_t i = 0; i < tests.size() && hit; ++i) hit = evaluator.eval(tests[i], frame).is_true();
    if (evaluator.stopped()) return false;
    if (!hit) continue;
    matched.push_back(rule);
    if (first_only) return true;
  }
  return true;
}

Value EvaluationImpl::rule_output(Table const& table, std::uint32_t rule, Value* frame) {
  if (!table.constant_results.empty()) return table.constant_results[rule];
  auto const& outputs = table.rules[rule].outputs;
  if (outputs.size() == 1) return evaluator.eval(outputs[0], frame);
  Value made = Value::context();
  auto& context = made.context_for_write();
  for (std::size_t i = 0; i < outputs.size(); ++i)
    context.add(model.program.constants[table.outputs[i].key], evaluator.eval(outputs[i], frame));
  return made;
}

Value EvaluationImpl::default_output(Table const& table, Value* frame) {
  bool any = false;
  for (auto const& output : table.outputs) any = any || output.default_value != kNone;
  if (!any) return evaluator.null(kNone, "dmn.null.no_rule", table.decision + ": no rule matches", "DMN-1.5#8.2.11");
  if (table.outputs.size() == 1) return evaluator.eval(table.outputs[0].default_value, frame);
  Value made = Value::context();
  for (auto const& output : table.outputs) {
    Value one = output.default_value == kNone ? Value::null() : evaluator.eval(output.default_value, frame);
    made.context_for_write().add(model.program.constants[output.key], std::move(one));
  }
  return made;
}

namespace {

/// Places of a rule's outputs in the lists of output values; smaller is better.
std::vector<std::size_t> rank(Table const& table, Value const& result, std::vector<std::vector<Value>> const& values) {
  std::vector<std::size_t> ranks;
  for (std::size_t i = 0; i < table.outputs.size(); ++i) {
    Value const* part = &result;
    if (table.outputs.size() > 1) part = &result.as_context().entries[i].value;
    std::size_t at = 0;
    while (at < values[i].size() && feel::in_value(*part, values[i][at]) != feel::Tri::yes) ++at;
    ranks.push_back(at);
  }
  return ranks;
}

}  // namespace

Value EvaluationImpl::combine(Table const& table, std::vector<std::uint32_t>& matched, Value* frame) {
  auto because = [&](std::string why) {
    return evaluator.null(kNone, "dmn.null.hit_policy", table.decision + ": " + why, "DMN-1.5#8.2.11");
  };
  auto rules_text = [&] {
    std::string text;
    for (std::size_t i = 0; i < matched.size() && i < 10; ++i) text += (i ? ", " : "") + std::to_string(matched[i] + 1);
    return text;
  };
  switch (table.policy) {
    case HitPolicy::unique:
      if (matched.empty()) return default_output(table, frame);
      if (matched.size() > 1) return because("the hit policy is UNIQUE, but the rules " + rules_text() + " match");
      return rule_output(table, matched[0], frame);
    case HitPolicy::first:
      if (matched.empty()) return default_output(table, frame);
      return rule_output(table, matched[0], frame);
    case HitPolicy::any: {
      if (matched.empty()) return default_output(table, frame);
      Value result = rule_output(table, matched[0], frame);
      for (std::size_t i = 1; i < matched.size(); ++i) {
        if (feel::equals(result, rule_output(table, matched[i], frame)) != feel::Tri::yes) {
          return because("the hit policy is ANY, but the rules " + rules_text() + " give different results");
        }
      }
      return result;
    }
    default: break;
  }
  bool order = table.policy == HitPolicy::priority || table.policy == HitPolicy::output_order;
  if (table.policy == HitPolicy::priority && matched.empty()) return default_output(table, frame);
  std::vector<Value> results;
  results.reserve(matched.size());
  for (auto rule : matched) results.push_back(rule_output(table, rule, frame));
  if (order) {
    std::vector<std::vector<Value>> values(table.outputs.size());
    for (std::size_t i = 0; i < table.outputs.size(); ++i) {
      for (auto id : table.outputs[i].values) values[i].push_back(evaluator.eval(id, frame));
    }
    std::vector<std::pair<std::vector<std::size_t>, std::size_t>> ranks;
    for (std::size_t i = 0; i < results.size(); ++i) ranks.emplace_back(rank(table, results[i], values), i);
    std::stable_sort(ranks.begin(), ranks.end(), [](auto const& a, auto const& b) { return a.first < b.first; });
    std::vector<Value> sorted;
    for (auto const& one : ranks) sorted.push_back(results[one.second]);
    results = std::move(sorted);
    if (table.policy == HitPolicy::priority) return results[0];
  }
  if (results.empty()) {
    bool any = false;
    for (auto const& output : table.outputs) any = any || output.default_value != kNone;
    if (any && table.aggregation == Aggregation::none) return default_output(table, frame);
  }
  if (table.policy != HitPolicy::collect || table.aggregation == Aggregation::none) return Value::list(std::move(results));
  if (table.aggregation == Aggregation::count) return Value::number(static_cast<std::int64_t>(results.size()));
  if (results.empty()) return default_output(table, frame);
  Value total = results[0];
  for (std::size_t i = 1; i < results.size(); ++i) {
    if (table.aggregation == Aggregation::sum) {
      total = feel::arithmetic(evaluator, kNone, feel::Op::add, total, results[i]);
      continue;
    }
    int order_of = feel::compare(results[i], total);
    if (order_of == 2) return because("the results of the rules " + rules_text() + " cannot be compared");
    if (order_of == (table.aggregation == Aggregation::min ? -1 : 1)) total = results[i];
  }
  return total;
}

/// OPTIMIZATION: a table of constants over inputs and decisions reads their values in place: no frame, no copies.
Value EvaluationImpl::evaluate_fast(Table const& table, std::uint32_t unit) {
  auto const& index = *table.index;
  auto words = index.words;
  std::size_t columns = table.inputs.size();
  std::uint64_t const* rows[64];
  bool fits = explain == Explain::no;
  for (std::size_t i = 0; i < columns && fits; ++i) {
    auto source = table.inputs[i].direct;
    if (current->states[source] != Instance::State::done) held(source);
    std::uint32_t segment = 0;
    fits =
        current->states[source] == Instance::State::done && TableIndex::segment(index.axes[i], current->values[source], segment);
    if (fits) rows[i] = &index.axes[i].bits[static_cast<std::size_t>(segment) * words];
  }
  if (!fits || !evaluator.spend(columns + words)) return evaluator.run(unit);
  std::vector<std::uint32_t> matched = std::move(matched_scratch);
  matched.clear();
  for (std::uint32_t w = 0; w < words; ++w) {
    std::uint64_t bits = rows[0][w];
    for (std::size_t i = 1; i < columns; ++i) bits &= rows[i][w];
    for (; bits; bits &= bits - 1) matched.push_back(w * 64 + static_cast<std::uint32_t>(std::countr_zero(bits)));
  }
  Value result = table.policy == HitPolicy::unique && matched.size() == 1 ? table.constant_results[matched[0]]
                                                                          : combine(table, matched, nullptr);
  matched_scratch = std::move(matched);
  return result;
}

Value EvaluationImpl::evaluate_table(Table const& table, Value* frame) {
  for (auto const& column : table.inputs) {
    frame[column.slot] = evaluator.eval(column.expression, frame);
    if (column.allowed != kNone && !frame[column.slot].is_null() && !evaluator.eval(column.allowed, frame).is_true()) {
      Value result = evaluator.null(kNone, "dmn.null.input_value",
                                    table.decision + ": " + column.label + " is " + feel::to_string(frame[column.slot]) +
                                        ", allowed are " + column.allowed_text,
                                    "DMN-1.5#8.2.4");
      if (explain != Explain::no) trace_table(table, frame, {}, result);
      return result;
    }
  }
  // The list of rules is taken out, for an output expression may evaluate another table.
  std::vector<std::uint32_t> matched = std::move(matched_scratch);
  Value result;
  if (match_rules(table, frame, matched)) result = combine(table, matched, frame);
  if (explain != Explain::no) trace_table(table, frame, matched, result);
  matched_scratch = std::move(matched);
  return result;
}

Evaluation::Evaluation(Model const& model, feel::EvaluateOptions const& options)
    : impl_(std::make_unique<EvaluationImpl>(model, options)) {}
Evaluation::~Evaluation() = default;
Evaluation::Evaluation(Evaluation&&) noexcept = default;

bool Evaluation::set_input(std::string_view name, Value value) {
  auto found = impl_->model.input_names.find(name);
  if (found == impl_->model.input_names.end()) return false;
  impl_->set(found->second, std::move(value));
  return true;
}

void Evaluation::set_input_at(int element, Value const& value) {
  auto const index = static_cast<std::uint32_t>(element);
  auto const& declared = impl_->model.elements[index];
  // Nothing to convert and nothing to trace: straight into its place.
  if (impl_->explain == Explain::no && (!declared.type || value.kind() == declared.plain_kind)) {
    impl_->root.values[index] = value;
    impl_->root.states[index] = Instance::State::done;
    return;
  }
  impl_->set(index, value);
}

bool Evaluation::set_input_in(std::string_view model_namespace, std::string_view name, Value value) {
  for (std::uint32_t i = 0; i < impl_->model.elements.size(); ++i) {
    auto const& element = impl_->model.elements[i];
    if (element.kind != ElementKind::input || element.name != name ||
        impl_->model.models[element.model].model_namespace != model_namespace)
      continue;
    impl_->set(i, std::move(value));
    return true;
  }
  return false;
}

void EvaluationImpl::set(std::uint32_t index, Value value) {
  auto const& element = model.elements[index];
  if (explain != Explain::no && root.states[index] == Instance::State::done) {
    std::erase_if(trace.inputs, [&](auto const& one) { return one.first == element.full_name; });
  }
  // Values of a plain type need no conversion. What does not convert is traced as it was given, so that a stored decision
  // replays with the same reasons.
  if (element.type && value.kind() != element.plain_kind) {
    Value converted = evaluator.coerce(value, *element.type, "input " + element.name, kNone);
    if (explain != Explain::no) trace.inputs.emplace_back(element.full_name, converted.is_null() ? value : converted);
    value = std::move(converted);
  } else if (explain != Explain::no) {
    trace.inputs.emplace_back(element.full_name, value);
  }
  root.values[index] = std::move(value);
  root.states[index] = Instance::State::done;
}

void Evaluation::set_inputs(Value const& context) {
  if (!context.is(Kind::context)) return;
  for (auto const& entry : context.as_context().entries) {
    if (set_input(entry.name(), entry.value) || !entry.value.is(Kind::context)) continue;
    // Inputs of imported models come inside a context called like the import.
    for (auto const& [name, index] : impl_->model.input_names) {
      if (name.size() <= entry.name().size() || name.compare(0, entry.name().size(), entry.name()) != 0 ||
          name[entry.name().size()] != '.')
        continue;
      Value const* value = &entry.value;
      std::string_view rest = std::string_view(name).substr(entry.name().size() + 1);
      while (value && !rest.empty() && value->is(Kind::context)) {
        Value const* next = value->as_context().find(rest);
        std::size_t used = rest.size();
        for (std::size_t dot = 0; !next && (dot = rest.find('.', dot)) != std::string_view::npos; ++dot) {
          next = value->as_context().find(rest.substr(0, dot));
          used = dot + 1;
        }
        value = next;
        rest.remove_prefix(std::min(used, rest.size()));
      }
      if (value && rest.empty()) set_input(name, *value);
    }
  }
}

void Evaluation::set_explain(Explain explain) { impl_->explain = explain; }

Value const& Evaluation::evaluate_held(int element) { return impl_->held(static_cast<std::uint32_t>(element)); }

Value Evaluation::evaluate_index(int element) { return impl_->global(impl_->evaluator, static_cast<std::uint32_t>(element)); }

namespace {

tl::unexpected<Error> not_found(ModelImpl const& model, std::string_view name, ElementKind kind) {
  std::string known;
  int count = 0;
  for (auto const& element : model.elements) {
    if (element.kind == kind && count++ < 20) known += (known.empty() ? "" : ", ") + element.name;
  }
  return fail(ErrorCode::dmn_no_decision, {{"name", std::string(name)}, {"known", known}});
}

int find_in(ModelImpl const& model, std::string_view name, ElementKind kind) {
  for (std::size_t i = 0; i < model.elements.size(); ++i) {
    if (model.elements[i].kind == kind && model.elements[i].name == name) return static_cast<int>(i);
  }
  for (std::size_t i = 0; i < model.elements.size(); ++i) {
    if (model.elements[i].kind == kind && model.elements[i].id == name) return static_cast<int>(i);
  }
  return -1;
}

}  // namespace

Result<Value> Evaluation::evaluate(std::string_view decision) {
  int index = find_in(impl_->model, decision, ElementKind::decision);
  if (index < 0) return not_found(impl_->model, decision, ElementKind::decision);
  return evaluate_index(index);
}

/// Calls a service or a knowledge model with its parameters by name.
static Result<Value> call_named(EvaluationImpl& impl, std::string_view name, ElementKind kind, Value const& arguments) {
  int index = find_in(impl.model, name, kind);
  if (index < 0) return not_found(impl.model, name, kind);
  auto const& element = impl.model.elements[static_cast<std::size_t>(index)];
  std::vector<Value> values(element.parameters.size());
  for (std::size_t i = 0; i < values.size(); ++i) {
    auto const* found = arguments.is(Kind::context) ? arguments.as_context().find(element.parameters[i]) : nullptr;
    if (found) values[i] = *found;
  }
  return impl.call_element(static_cast<std::uint32_t>(index), values);
}

Result<Value> Evaluation::call_service(std::string_view service, Value const& arguments) {
  return call_named(*impl_, service, ElementKind::service, arguments);
}

Result<Value> Evaluation::call_knowledge(std::string_view knowledge, Value const& arguments) {
  return call_named(*impl_, knowledge, ElementKind::knowledge, arguments);
}

std::vector<feel::Diagnostic> const& Evaluation::diagnostics() const { return impl_->evaluator.diagnostics(); }
Trace const& Evaluation::trace() const { return impl_->trace; }

void Evaluation::reset() {
  impl_->evaluator.reset();
  std::fill(impl_->root.states.begin(), impl_->root.states.end(), Instance::State::empty);
  if (impl_->explain != Explain::no) {
    impl_->trace.inputs.clear();
    impl_->trace.decisions.clear();
    impl_->trace.tables.clear();
  }
}

}  // namespace yiwang::dmn

#include "yiwang/spine/process_ports.hpp"

#include <algorithm>

#include "yiwang/dmn/json.hpp"

namespace yiwang::spine {
namespace {

constexpr std::size_t kMaxNames = 200;

std::string_view body_of(std::string_view text) {
  auto const first = text.find_first_not_of(" \t\r\n");
  if (first == std::string_view::npos) return {};
  text = text.substr(first, text.find_last_not_of(" \t\r\n") - first + 1);
  if (text.starts_with("=")) text.remove_prefix(1);
  return text;
}

bool is_feel(std::string_view language) {
  if (language.empty()) return true;
  std::string lower(language);
  for (char& c : lower) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return lower.find("feel") != std::string::npos;
}

/// Names are whatever the process holds when it runs, so each name that the compiler asks for becomes a variable.
Result<feel::Expression> compile(std::string_view text) {
  std::vector<feel::Variable> names;
  for (;;) {
    auto made = feel::Expression::compile(text, names);
    if (made || made.error().code() != ErrorCode::feel_unknown_name || names.size() >= kMaxNames) return made;
    std::string name(made.error().param("name"));
    bool const known = std::any_of(names.begin(), names.end(), [&](feel::Variable const& v) { return v.name == name; });
    if (name.empty() || known) return made;
    names.push_back({std::move(name), nullptr});
  }
}

}  // namespace

feel::EvaluateOptions ProcessPorts::options() const {
  feel::EvaluateOptions out;
  out.now_us = now_.us;
  out.has_now = now_.us != 0;
  out.now_offset_s = static_cast<std::int32_t>(kShanghaiOffsetSeconds);
  out.limits.steps = 5'000'000;
  return out;
}

void ProcessPorts::add_model(std::shared_ptr<dmn::Model const> model) {
  for (dmn::ElementInfo const& element : model->elements()) {
    if (element.kind == dmn::ElementKind::input) names_.insert(element.name);
  }
  models_.push_back(std::move(model));
}

bool ProcessPorts::accepts(bpmn::Expression const& expression) const {
  std::string_view const text = body_of(expression.text);
  if (bpmn::parse_date(text) || bpmn::add_duration(Instant{}, text) || bpmn::parse_cycle(text, Instant{})) return true;
  if (!is_feel(expression.language)) return false;
  auto const compiled = compile(text);
  if (!compiled) return false;
  for (std::string const& name : compiled->variable_names()) names_.insert(name);
  return true;
}

Result<json::Value> ProcessPorts::evaluate_text(std::string_view text, std::string_view element, bpmn::Lookup const& lookup) {
  auto it = compiled_.find(text);
  if (it == compiled_.end()) {
    YW_ASSIGN(feel::Expression made, compile(text));
    it = compiled_.emplace(std::string(text), std::move(made)).first;
  }
  std::vector<feel::Value> values;
  for (std::string const& name : it->second.variable_names()) {
    json::Value const* value = lookup.find(name);
    if (value == nullptr) {
      values.emplace_back();
      continue;
    }
    YW_ASSIGN(feel::Value made, dmn::value_from_json(*value));
    values.push_back(std::move(made));
  }
  feel::Outcome const outcome = it->second.evaluate(values, options());
  if (outcome.value.is_null() && !outcome.reason().empty()) {
    return fail(Error(ErrorCode::bpmn_expression,
                      {{"element", std::string(element)}, {"text", std::string(text)}, {"why", outcome.reason()}}));
  }
  return dmn::json_of(outcome.value);
}

Result<json::Value> ProcessPorts::evaluate(bpmn::Expression const& expression, bpmn::Lookup const& lookup) {
  return evaluate_text(body_of(expression.text), expression.element, lookup);
}

Result<bpmn::ScriptResult> ProcessPorts::run_script(bpmn::Node const& node, std::string_view script, std::string_view,
                                                    bpmn::Lookup const& lookup) {
  YW_ASSIGN(json::Value value, evaluate_text(body_of(script), node.id, lookup));
  bpmn::ScriptResult out;
  auto const* task = std::get_if<bpmn::Task>(&node.kind);
  bool const named = task != nullptr && !task->result_variable.empty();
  if (value.kind() == json::Kind::object && !named) {
    for (auto& [name, entry] : value.members()) out.set.insert_or_assign(name, std::move(entry));
  } else {
    out.value = std::move(value);
  }
  return out;
}

Result<json::Value> ProcessPorts::decide(std::string_view decision, bpmn::Lookup const& lookup) {
  for (auto const& model : models_) {
    if (model->find(decision, dmn::ElementKind::decision) < 0) continue;
    json::Value input = json::Value::object();
    for (dmn::ElementInfo const& element : model->elements()) {
      if (element.kind != dmn::ElementKind::input) continue;
      if (json::Value const* value = lookup.find(element.name)) input.set(element.name, *value);
    }
    YW_ASSIGN(dmn::JsonRunner runner, dmn::JsonRunner::create(model, decision, options()));
    std::string text;
    YW_TRY(runner.load(input));
    runner.finish(text);
    json::Value output = dmn::json_of(runner.last());
    decisions_.push_back(json::Value::object({{"decision", json::Value::string(std::string(decision))},
                                              {"model", json::Value::string(model->hash())},
                                              {"input", std::move(input)},
                                              {"output", output}}));
    return output;
  }
  return bpmn::Ports::decide(decision, lookup);
}

}  // namespace yiwang::spine

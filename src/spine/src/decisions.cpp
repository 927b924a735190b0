#include "yiwang/spine/decisions.hpp"

#include "yiwang/dmn/json.hpp"

namespace yiwang::spine {
namespace {

std::string text_of(json::Value const& from, std::string_view name) {
  json::Value const* found = from.find(name);
  return found && (found->kind() == json::Kind::string || found->kind() == json::Kind::number) ? found->text() : std::string{};
}

/// A field of the form, or "@facts.residence.since": the form holds what the server has found out under "@facts".
json::Value const* at_path(json::Value const& form, std::string_view source) {
  if (!source.starts_with("@")) return form.find(source);
  json::Value const* at = &form;
  while (at != nullptr && !source.empty()) {
    auto const dot = source.find('.');
    at = at->kind() == json::Kind::object ? at->find(source.substr(0, dot)) : nullptr;
    source = dot == std::string_view::npos ? std::string_view{} : source.substr(dot + 1);
  }
  return at;
}

std::string canonical(json::Value const* value) { return value ? json::write_canonical(*value) : "null"; }

}  // namespace

DecisionVersion const* CaseDecision::at(Date day) const {
  DecisionVersion const* found = nullptr;
  for (DecisionVersion const& one : versions) {
    if (one.from <= day) found = &one;
  }
  return found;
}

feel::EvaluateOptions decision_options(Instant now) {
  feel::EvaluateOptions options;
  options.has_now = true;
  options.now_us = now.us;
  options.now_offset_s = static_cast<std::int32_t>(kShanghaiOffsetSeconds);
  options.limits.steps = kDecisionSteps;
  return options;
}

json::Value decision_inputs(CaseDecision const& decision, json::Value const& form, Instant now) {
  json::Value out = json::Value::object();
  for (auto const& [input, source] : decision.inputs) {
    if (source == "@day")
      out.set(input, json::Value::string(to_string(shanghai_date(now))));
    else if (json::Value const* value = at_path(form, source))
      out.set(input, *value);
  }
  return out;
}

Result<json::Value> decide_case(CaseDecision const& decision, json::Value const& form, Instant now) {
  DecisionVersion const* version = decision.at(shanghai_date(now));
  if (version == nullptr) return json::Value{};
  YW_ASSIGN(dmn::JsonRunner runner, dmn::JsonRunner::create(version->model, decision.decision, decision_options(now)));
  runner.set_explain(dmn::Explain::matched);
  std::string text;
  YW_TRY(runner.load(decision_inputs(decision, form, now)));
  runner.finish(text);
  json::Value out = json::Value::object(
      {{"decision", json::Value::string(decision.id)}, {"from", json::Value::string(to_string(version->from))}});
  out.set("model_sha256", json::Value::string(version->model->hash()));
  out.set("output", dmn::json_of(runner.last()));
  out.set("record", json::Value::written(std::move(text)));
  return out;
}

std::vector<std::string> rules_of(json::Value const& record) {
  std::vector<std::string> out;
  json::Value const* tables = record.find("tables");
  if (tables == nullptr || tables->kind() != json::Kind::array) return out;
  for (json::Value const& table : tables->items()) {
    std::string name = text_of(table, "decision");
    // "decision 月标准": the kind of element in front is for messages.
    if (auto space = name.find(' '); space != std::string::npos) name.erase(0, space + 1);
    json::Value const* matched = table.find("matched");
    if (matched == nullptr || matched->kind() != json::Kind::array) continue;
    for (json::Value const& rule : matched->items()) out.push_back(name + " " + text_of(rule, "rule"));
  }
  return out;
}

Result<Trial> try_decision(dmn::JsonRunner& runner, json::Value const& event_data) {
  json::Value const* record = event_data.find("record");
  json::Value const* inputs = record ? record->find("inputs") : nullptr;
  if (inputs == nullptr || inputs->kind() != json::Kind::object)
    return fail(ErrorCode::dmn_input, {{"name", "record"}, {"why", "it is no stored decision: 'inputs' is missing"}});
  Trial out;
  out.inputs = *inputs;
  out.stored = canonical(record->find("output"));
  out.stored_rules = rules_of(*record);
  std::string text;
  YW_TRY(runner.run(json::write(*inputs), text));
  YW_ASSIGN(json::Value again, json::parse(text));
  out.now = canonical(again.find("output"));
  out.now_rules = rules_of(again);
  if (!out.same() && !runner.evaluation().diagnostics().empty()) out.reason = runner.evaluation().diagnostics().front().message;
  return out;
}

}  // namespace yiwang::spine

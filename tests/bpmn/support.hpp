#pragma once
// A small evaluator for tests: names, numbers, "texts", lists, comparisons, and, or, not, true, false. A leading "=" is
// allowed. It stands where the expression language of the server stands later.

#include <gtest/gtest.h>

#include <cctype>
#include <cstdint>
#include <string>

#include "yiwang/bpmn/definition.hpp"
#include "yiwang/bpmn/engine.hpp"

namespace yiwang::bpmn::testing {

class SmallPorts : public Ports, public ExpressionChecker {
 public:
  bool accepts(Expression const& expression) const override { return expression.text.find("${") == std::string::npos; }

  Result<json::Value> evaluate(Expression const& expression, Lookup const& lookup) override {
    text_ = expression.text;
    at_ = 0;
    lookup_ = &lookup;
    if (!text_.empty() && text_[0] == '=') ++at_;
    auto value = either();
    skip();
    if (at_ != text_.size() || failed_) {
      failed_ = false;
      return fail(Error(ErrorCode::bpmn_foreign_expression, {{"element", expression.element}, {"text", expression.text}}));
    }
    return value;
  }

  Result<ScriptResult> run_script(Node const&, std::string_view script, std::string_view, Lookup const& lookup) override {
    ScriptResult out;
    if (script == "fail") return fail(ErrorCode::bpmn_state, {{"why", "script failed"}});
    if (script.starts_with("throw ")) {
      out.error = std::string(script.substr(6));
      return out;
    }
    // name := expression
    auto const sign = script.find(":=");
    if (sign == std::string_view::npos) return out;
    Expression expression;
    expression.text = std::string(script.substr(sign + 2));
    YW_ASSIGN(json::Value value, evaluate(expression, lookup));
    std::string name(script.substr(0, sign));
    while (!name.empty() && name.back() == ' ') name.pop_back();
    out.set[name] = std::move(value);
    return out;
  }

  Result<json::Value> decide(std::string_view decision, Lookup const& lookup) override {
    auto const* amount = lookup.find("amount");
    return json::Value::boolean(decision == "small" && amount != nullptr && amount->text().size() < 3);
  }

 private:
  void skip() {
    while (at_ < text_.size() && std::isspace(static_cast<unsigned char>(text_[at_])) != 0) ++at_;
  }
  bool word(std::string_view wanted) {
    skip();
    if (text_.compare(at_, wanted.size(), wanted) != 0) return false;
    bool const letters = std::isalpha(static_cast<unsigned char>(wanted.front())) != 0;
    if (letters && at_ + wanted.size() < text_.size() &&
        std::isalnum(static_cast<unsigned char>(text_[at_ + wanted.size()])) != 0)
      return false;
    at_ += wanted.size();
    return true;
  }
  json::Value either() {
    json::Value left = both();
    while (word("or")) {
      json::Value const right = both();
      left = json::Value::boolean(left.as_bool() || right.as_bool());
    }
    return left;
  }
  json::Value both() {
    json::Value left = compare();
    while (word("and")) {
      json::Value const right = compare();
      left = json::Value::boolean(left.as_bool() && right.as_bool());
    }
    return left;
  }
  static std::int64_t number(json::Value const& value) {
    return value.kind() == json::Kind::number ? std::stoll(value.text()) : 0;
  }
  json::Value compare() {
    json::Value left = sum();
    for (std::string_view op : {"<=", ">=", "!=", "=", "<", ">"}) {
      if (!word(op)) continue;
      json::Value const right = sum();
      bool const same = left.kind() == right.kind() && left.text() == right.text() && left.as_bool() == right.as_bool();
      bool const hit = op == "="    ? same
                       : op == "!=" ? !same
                       : op == "<"  ? number(left) < number(right)
                       : op == ">"  ? number(left) > number(right)
                       : op == "<=" ? number(left) <= number(right)
                                    : number(left) >= number(right);
      return json::Value::boolean(hit);
    }
    return left;
  }
  json::Value sum() {
    json::Value left = atom();
    while (word("+")) left = json::Value::number(std::to_string(number(left) + number(atom())));
    return left;
  }
  json::Value atom() {
    skip();
    if (word("not")) return json::Value::boolean(!atom().as_bool());
    if (word("true")) return json::Value::boolean(true);
    if (word("false")) return json::Value::boolean(false);
    if (word("(")) {
      json::Value inner = either();
      if (!word(")")) failed_ = true;
      return inner;
    }
    if (word("[")) {
      json::Value list = json::Value::array();
      while (!word("]")) {
        list.items().push_back(either());
        if (failed_ || at_ >= text_.size()) {
          failed_ = true;
          return {};
        }
        word(",");
      }
      return list;
    }
    if (at_ < text_.size() && text_[at_] == '"') {
      auto const close = text_.find('"', at_ + 1);
      if (close == std::string::npos) {
        failed_ = true;
        return {};
      }
      std::string value = text_.substr(at_ + 1, close - at_ - 1);
      at_ = close + 1;
      return json::Value::string(value);
    }
    std::size_t const from = at_;
    if (at_ < text_.size() && (std::isdigit(static_cast<unsigned char>(text_[at_])) != 0 || text_[at_] == '-')) {
      ++at_;
      while (at_ < text_.size() && std::isdigit(static_cast<unsigned char>(text_[at_])) != 0) ++at_;
      return json::Value::number(text_.substr(from, at_ - from));
    }
    while (at_ < text_.size() && (std::isalnum(static_cast<unsigned char>(text_[at_])) != 0 || text_[at_] == '_')) ++at_;
    if (at_ == from) {
      failed_ = true;
      return {};
    }
    auto const* value = lookup_->find(text_.substr(from, at_ - from));
    return value == nullptr ? json::Value{} : *value;
  }

  std::string text_;
  std::size_t at_ = 0;
  Lookup const* lookup_ = nullptr;
  bool failed_ = false;
};

/// One instance: decide, apply, and a check that what was applied is what a replay and a stored copy give.
struct Instance {
  std::shared_ptr<Definition const> definition;
  State state;
  SmallPorts ports;
  Instant now = *parse_instant("2026-03-02T09:00:00+08:00");
  std::vector<EventRecord> all;
  std::vector<EventRecord> last;
  std::optional<Error> refusal;

  bool give(Command command) {
    command.now = now;
    refusal.reset();
    std::string const before = write_state(*definition, state);
    auto events = decide(*definition, state, command, ports);
    EXPECT_EQ(write_state(*definition, state), before) << "decide changed the state";
    last.clear();
    if (!events) {
      refusal = events.error();
      return false;
    }
    for (EventRecord const& event : *events) {
      auto const again = read_event(*definition, write_event(*definition, event));
      if (!again) {
        ADD_FAILURE() << again.error().line() << write_event(*definition, event);
        continue;
      }
      EXPECT_EQ(write_event(*definition, *again), write_event(*definition, event));
      apply(*definition, state, *again);
    }
    last = *events;
    all.insert(all.end(), events->begin(), events->end());
    return true;
  }

  UserTask const* task(std::string_view node, std::string_view kind = {}) const {
    for (UserTask const& task : state.tasks) {
      if (definition->nodes[task.node].id == node && task.kind == kind) return &task;
    }
    return nullptr;
  }
};

inline std::shared_ptr<Definition const> must_deploy(std::string_view body, ExpressionChecker const* checker = nullptr) {
  std::string const xml =
      "<definitions xmlns=\"http://www.omg.org/spec/BPMN/20100524/MODEL\" xmlns:yw=\"urn:yiwang:bpmn\" "
      "xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" targetNamespace=\"t\">" +
      std::string(body) + "</definitions>";
  auto made = deploy(xml, "test.bpmn", checker);
  if (!made) ADD_FAILURE() << made.error().line();
  return made ? *made : nullptr;
}

}  // namespace yiwang::bpmn::testing

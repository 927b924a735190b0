#pragma once
// What a process asks when it runs here: its expressions and scripts are FEEL, its business rule tasks are DMN models.

#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "yiwang/bpmn/definition.hpp"
#include "yiwang/bpmn/engine.hpp"
#include "yiwang/dmn/model.hpp"
#include "yiwang/feel/expression.hpp"

namespace yiwang::spine {

/// FEEL and DMN for bpmn::decide and bpmn::deploy. Names in an expression are the variables of the process; one that
/// does not exist is null. A null that has a reason is an error, so that the token stops and says why. Compiled
/// expressions are kept. One thread at a time.
class ProcessPorts : public bpmn::Ports, public bpmn::ExpressionChecker {
 public:
  /// `now` is what now() and today() answer; set it for each command.
  void set_now(Instant now) { now_ = now; }
  /// Decisions are found by name or id in the models, in the order they were added.
  void add_model(std::shared_ptr<dmn::Model const> model);
  /// What was decided since the last call: {"decision","input","model","output"} in order, so that it can be replayed.
  std::vector<json::Value> take_decisions() { return std::exchange(decisions_, {}); }

  /// Every name that an accepted expression asks for, or an input of a model.
  std::set<std::string, std::less<>> const& names() const { return names_; }

  /// FEEL by its language or without one, an ISO 8601 time, or a script in FEEL.
  bool accepts(bpmn::Expression const& expression) const override;
  /// Errors: feel.*, bpmn.expression.
  Result<json::Value> evaluate(bpmn::Expression const& expression, bpmn::Lookup const& lookup) override;
  /// The value of the script; a context sets a variable for each of its entries.
  Result<bpmn::ScriptResult> run_script(bpmn::Node const& node, std::string_view script, std::string_view format,
                                        bpmn::Lookup const& lookup) override;
  /// Errors: bpmn.not_found, dmn.*.
  Result<json::Value> decide(std::string_view decision, bpmn::Lookup const& lookup) override;

 private:
  Result<json::Value> evaluate_text(std::string_view text, std::string_view element, bpmn::Lookup const& lookup);
  feel::EvaluateOptions options() const;

  Instant now_;
  std::vector<std::shared_ptr<dmn::Model const>> models_;
  std::map<std::string, feel::Expression, std::less<>> compiled_;
  mutable std::set<std::string, std::less<>> names_;
  std::vector<json::Value> decisions_;
};

}  // namespace yiwang::spine

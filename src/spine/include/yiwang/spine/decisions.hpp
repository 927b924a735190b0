#pragma once
// Decisions of a case type (规则决定): DMN models by the day from which each is in force, the form fields that feed them,
// the record that is kept of each, and the comparison of a stored decision with a draft of its rules.

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "yiwang/base/time.hpp"
#include "yiwang/dmn/model.hpp"
#include "yiwang/format/json.hpp"
#include "yiwang/pack/document.hpp"

namespace yiwang::dmn {
class JsonRunner;
}

namespace yiwang::spine {

struct DecisionVersion {
  Date from;
  std::string file;  ///< within the case type's folder
  std::string text;
  std::shared_ptr<dmn::Model const> model;
};

/// Immutable part of a case type; shared between threads.
struct CaseDecision {
  std::string id;
  pack::LocalizedText title;
  pack::LocalizedText basis;
  std::string decision;                       ///< name or id within the models
  std::map<std::string, std::string> inputs;  ///< input data -> form field, or "@day"
  std::vector<DecisionVersion> versions;      ///< by day

  /// In force on a day; nullptr before the first.
  DecisionVersion const* at(Date day) const;
};

/// Work that one decision may cost: far above any model of a pack, and no more than some tens of milliseconds.
inline constexpr std::uint64_t kDecisionSteps = 1'000'000;
feel::EvaluateOptions decision_options(Instant now);

/// The inputs of a decision as a JSON object, from a filled-in form that has passed its checks.
json::Value decision_inputs(CaseDecision const& decision, json::Value const& form, Instant now);

/// Decides and returns the data of the event case.decided: decision, from, model_sha256, output, record (the explanation
/// with matched rules, which `yiwang decision replay` takes). Null when no version is in force yet. Errors: dmn.*.
Result<json::Value> decide_case(CaseDecision const& decision, json::Value const& form, Instant now);

/// A stored decision under other rules.
struct Trial {
  std::string stored;  ///< canonical JSON
  std::string now;
  std::vector<std::string> stored_rules;  ///< "月标准 4"
  std::vector<std::string> now_rules;
  std::string reason;  ///< the first null on the draft's way to another result, with its cause
  json::Value inputs;
  bool same() const { return stored == now; }
};
/// Runs the runner's decision over the inputs of a stored one. The runner explains. Errors: dmn.input, format.json.
Result<Trial> try_decision(dmn::JsonRunner& runner, json::Value const& event_data);
/// The rules that decided, as an explanation has them.
std::vector<std::string> rules_of(json::Value const& record);

}  // namespace yiwang::spine

#pragma once
// Decision models (DMN 1.1 – 1.5): compile once, share between threads, evaluate many times.
//
//   auto model = dmn::Model::compile({{"rate.dmn", text}});
//   dmn::Evaluation one(**model);
//   one.set_input("Age", feel::Value::number(70));
//   auto result = one.evaluate("Rate");

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "yiwang/base/result.hpp"
#include "yiwang/feel/evaluate.hpp"

namespace yiwang::dmn {

/// One model file. The first of a list is the model itself, the others are those it imports.
struct ModelText {
  std::string file;
  std::string text;
};

struct CompileOptions {
  std::size_t text_bytes = 32u << 20;
  std::uint32_t rules = 200'000;  ///< of one decision table
  std::uint32_t boxes = 200;      ///< nesting of boxed expressions
};

enum class ElementKind : std::uint8_t { input, decision, knowledge, service };

/// What a person can ask a model for.
struct ElementInfo {
  ElementKind kind;
  std::string name;
  std::string id;
  std::string model_namespace;
  std::string type;                  ///< declared, empty when none
  std::string plain_type;            ///< the built-in type behind it: "number", "string", "date" …
  std::vector<std::string> choices;  ///< the constants that an allowedValues list names, in its order
  std::vector<std::string> requires_names;
  Place place;
  /// Articles and sources named by the model: authority requirements and annotations of the element.
  std::vector<std::string> sources;
};

struct ModelImpl;

class Model {
 public:
  /// Compiles the models. Whatever cannot be compiled refuses the whole: the first error is returned, the rest are its
  /// causes. Errors: dmn.*, feel.*, format.*, each with file, line, column, what was expected and a likely cure.
  static Result<std::shared_ptr<Model const>> compile(std::vector<ModelText> const& texts, CompileOptions const& options = {});
  /// Compiles what can be compiled; elements with faults evaluate to null with the reason. Only unreadable XML is refused.
  static Result<std::shared_ptr<Model const>> compile_tolerant(std::vector<ModelText> const& texts,
                                                               CompileOptions const& options = {});
  ~Model();
  Model(Model const&) = delete;
  Model& operator=(Model const&) = delete;

  std::string const& name() const;
  std::string const& model_namespace() const;
  /// SHA-256 over the texts: names the version of the rules in stored decisions.
  std::string const& hash() const;
  std::vector<Error> const& errors() const;  ///< of a tolerant compilation
  std::vector<ElementInfo> elements() const;
  /// Index of a decision, service or knowledge model by name or id; −1 when there is none. Own model before imports.
  int find(std::string_view name_or_id, ElementKind kind) const;
  ModelImpl const& impl() const { return *impl_; }

 private:
  Model();
  std::unique_ptr<ModelImpl> impl_;
};

/// Why a rule did not match: its first condition that failed.
struct RuleMiss {
  std::uint32_t rule = 0;   ///< from 1
  std::uint32_t input = 0;  ///< column, from 1
  std::string condition;    ///< the cell
  std::string found;        ///< the value it met
  std::string distance;     ///< how near: "5 too small"; empty when there is no measure
};

/// One evaluated decision table. The views live as long as the model.
struct TableTrace {
  std::string_view table;     ///< id of the table
  std::string_view decision;  ///< name of the decision or knowledge model it belongs to
  std::string_view hit_policy;
  std::vector<std::pair<std::string_view, feel::Value>> inputs;
  std::vector<std::uint32_t> matched;                        ///< rule numbers, from 1
  std::vector<std::string_view> rule_ids;                    ///< of the matched rules
  std::vector<std::vector<std::string> const*> annotations;  ///< of the matched rules
  std::vector<RuleMiss> misses;                              ///< only on request
  feel::Value output;
};

struct DecisionTrace {
  std::string_view name;
  std::string_view id;
  std::vector<std::string> const* sources;
  feel::Value output;
};

struct Trace {
  std::vector<std::pair<std::string_view, feel::Value>> inputs;
  std::vector<DecisionTrace> decisions;  ///< in the order they were completed
  std::vector<TableTrace> tables;
};

enum class Explain : std::uint8_t { no, matched, all };

struct EvaluationImpl;

/// One evaluation of a model: inputs in, decisions out. Reusable through reset(). One thread at a time.
class Evaluation {
 public:
  explicit Evaluation(Model const& model, feel::EvaluateOptions const& options = {});
  ~Evaluation();
  Evaluation(Evaluation&&) noexcept;

  /// Sets an input by name (`import.name` for imported ones). False when the model has no such input; the value is kept
  /// only if it is one. Values are coerced to the declared type when used.
  bool set_input(std::string_view name, feel::Value value);
  /// Sets an input by its index from Model::find(name, ElementKind::input).
  void set_input_at(int element, feel::Value const& value);
  /// Sets an input of the model with this namespace, whatever the import is called.
  bool set_input_in(std::string_view model_namespace, std::string_view name, feel::Value value);
  /// Sets every input that the context names.
  void set_inputs(feel::Value const& context);
  void set_explain(Explain explain);

  /// The value of a decision by name or id. Errors: dmn.no_decision.
  Result<feel::Value> evaluate(std::string_view decision);
  feel::Value evaluate_index(int element);
  /// The same without a copy: the reference holds until the next reset() or change.
  feel::Value const& evaluate_held(int element);
  /// Calls a decision service with its inputs and input decisions by name.
  Result<feel::Value> call_service(std::string_view service, feel::Value const& arguments);
  /// Calls a business knowledge model with its parameters by name.
  Result<feel::Value> call_knowledge(std::string_view knowledge, feel::Value const& arguments);

  std::vector<feel::Diagnostic> const& diagnostics() const;
  Trace const& trace() const;
  /// Forgets inputs, results, diagnostics and trace.
  void reset();
  EvaluationImpl& impl() { return *impl_; }

 private:
  std::unique_ptr<EvaluationImpl> impl_;
};

}  // namespace yiwang::dmn

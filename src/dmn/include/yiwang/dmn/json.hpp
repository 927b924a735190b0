#pragma once
// FEEL values from and to JSON, decisions from JSON text to JSON text, and stored explanations (RFC 8785 key order).
// Numbers never pass through a double. Strings become dates, times and durations where the declared type says so.

#include <memory>
#include <string>
#include <string_view>

#include "yiwang/dmn/model.hpp"
#include "yiwang/format/json.hpp"

namespace yiwang::dmn {

/// Any JSON value; strings stay strings. Errors: format.json, format.limit.
Result<feel::Value> value_from_json(std::string_view json);
/// The same of a tree that is there already. Errors: format.json (a number out of range).
Result<feel::Value> value_from_json(json::Value const& json);
/// Turns strings into the temporal kinds that the type asks for, and keys and items likewise.
feel::Value adapt(feel::Value value, feel::Type const& type, feel::ZoneSource const* zones);
/// Canonical JSON: members sorted by UTF-16 code units; dates and durations as ISO strings, numbers as their exact digits.
void append_json(std::string& out, feel::Value const& value);
std::string to_json(feel::Value const& value);
/// What reading that text again would give.
json::Value json_of(feel::Value const& value);

/// The explanation of an evaluation as canonical JSON. The same model, inputs and options always give the same bytes.
std::string explanation_json(Model const& model, std::string_view decision, feel::Value const& output,
                             Evaluation const& evaluation);

/// One decision, JSON to JSON, many times. One thread at a time; runners share the model.
class JsonRunner {
 public:
  /// Errors: dmn.no_decision.
  static Result<JsonRunner> create(std::shared_ptr<Model const> model, std::string_view decision,
                                   feel::EvaluateOptions const& options = {});
  JsonRunner(JsonRunner&&) noexcept;
  ~JsonRunner();
  void set_explain(Explain explain);
  /// Reads an object of inputs, evaluates, appends the result's JSON (or the whole explanation when explaining).
  /// Errors: format.json, dmn.input.
  Status run(std::string_view input, std::string& output);
  /// The two halves of run(): inputs in, and then the answer out.
  Status load(std::string_view input);
  Status load(json::Value const& input);  ///< the same of a tree
  void finish(std::string& output);
  Evaluation& evaluation();
  feel::Value const& last() const;

 private:
  struct Impl;
  explicit JsonRunner(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace yiwang::dmn

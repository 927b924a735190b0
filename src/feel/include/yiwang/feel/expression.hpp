#pragma once
// The small door for everyone but DMN: one expression, or unary tests, over variables known by name. Forms, process
// conditions and computed fields use this.

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "yiwang/base/result.hpp"
#include "yiwang/feel/evaluate.hpp"

namespace yiwang::feel {

struct Variable {
  std::string name;            ///< may hold spaces and Chinese characters
  Type const* type = nullptr;  ///< nullptr: any; see find_basic_type
};

struct Outcome {
  Value value;
  std::vector<Diagnostic> diagnostics;
  bool stopped = false;  ///< a limit ended it
  /// Why the value is null, empty when it is not or was written as null.
  std::string reason() const;
};

/// A compiled expression. Immutable; threads may share it.
class Expression {
 public:
  /// Errors: feel.syntax, feel.unknown_name, feel.unknown_type, feel.limit, base.utf8, with line, column and a cure.
  static Result<Expression> compile(std::string_view text, std::vector<Variable> const& variables = {});
  /// Unary tests over a value that is called `?` in the text; evaluate() takes that value first.
  static Result<Expression> compile_tests(std::string_view text, std::vector<Variable> const& variables = {},
                                          Type const* input = nullptr);

  /// Values in the order of the variables; missing ones are null.
  Outcome evaluate(std::span<Value const> values = {}, EvaluateOptions const& options = {}) const;
  /// Values by name from a context.
  Outcome evaluate_context(Value const& context, EvaluateOptions const& options = {}) const;
  /// Whether the tests pass for `input`.
  bool test(Value const& input, std::span<Value const> values = {}, EvaluateOptions const& options = {}) const;

  std::vector<std::string> const& variable_names() const { return names_; }
  std::string const& text() const { return text_; }

 private:
  std::shared_ptr<Program const> program_;
  std::vector<std::string> names_;
  std::string text_;
  bool tests_ = false;
};

}  // namespace yiwang::feel

#include "yiwang/feel/expression.hpp"

#include "yiwang/feel/compile.hpp"

namespace yiwang::feel {

namespace {

Result<std::shared_ptr<Program const>> build(std::string_view text, std::vector<Variable> const& variables, bool tests,
                                             Type const* input) {
  auto program = std::make_shared<Program>();
  Compiler compiler(*program);
  compiler.begin_source({"expression", std::string(text), {}, 1, {}});
  FunctionState function;
  Scope scope;
  scope.function = &function;
  std::uint32_t question = tests ? function.slot() : 0;
  for (auto const& variable : variables) {
    Symbol symbol;
    symbol.index = function.slot();
    symbol.type = variable.type;
    scope.add(variable.name, symbol);
  }
  auto body = tests ? compiler.unary_tests(text, scope, question, input) : compiler.expression(text, scope);
  if (!body) return fail(std::move(body).error());
  if (!compiler.errors().empty()) return fail(std::move(compiler.errors().front()));
  compiler.add_unit(*body, function);
  return std::shared_ptr<Program const>(std::move(program));
}

}  // namespace

std::string Outcome::reason() const {
  if (!value.is_null()) return {};
  if (stopped && !diagnostics.empty()) return diagnostics.back().message;
  auto at = value.null_reason();
  if (at <= 0 || static_cast<std::size_t>(at) > diagnostics.size()) return {};
  auto const& one = diagnostics[static_cast<std::size_t>(at) - 1];
  return one.message + (one.clause.empty() ? "" : " [" + one.clause + "]");
}

Result<Expression> Expression::compile(std::string_view text, std::vector<Variable> const& variables) {
  Expression made;
  YW_ASSIGN(made.program_, build(text, variables, false, nullptr));
  for (auto const& variable : variables) made.names_.push_back(variable.name);
  made.text_ = std::string(text);
  return made;
}

Result<Expression> Expression::compile_tests(std::string_view text, std::vector<Variable> const& variables, Type const* input) {
  Expression made;
  YW_ASSIGN(made.program_, build(text, variables, true, input));
  for (auto const& variable : variables) made.names_.push_back(variable.name);
  made.text_ = std::string(text);
  made.tests_ = true;
  return made;
}

Outcome Expression::evaluate(std::span<Value const> values, EvaluateOptions const& options) const {
  Evaluator evaluator(*program_, options);
  Outcome outcome;
  // The units of function literals come before the unit of the whole.
  auto unit = static_cast<std::uint32_t>(program_->units.size() - 1);
  outcome.value = evaluator.run(unit, values.first(std::min<std::size_t>(values.size(), names_.size() + tests_)));
  outcome.stopped = evaluator.stopped();
  if (outcome.stopped) outcome.value = Value::null();
  outcome.diagnostics = std::move(evaluator.diagnostics());
  return outcome;
}

Outcome Expression::evaluate_context(Value const& context, EvaluateOptions const& options) const {
  std::vector<Value> values(names_.size() + tests_);
  for (std::size_t i = 0; i < names_.size(); ++i) {
    auto const* found = context.is(Kind::context) ? context.as_context().find(names_[i]) : nullptr;
    if (found) values[i + tests_] = *found;
  }
  return evaluate(values, options);
}

bool Expression::test(Value const& input, std::span<Value const> values, EvaluateOptions const& options) const {
  std::vector<Value> all = {input};
  all.insert(all.end(), values.begin(), values.end());
  return evaluate(all, options).value.is_true();
}

}  // namespace yiwang::feel

// FEEL text: compile and evaluate must neither crash, hang nor leak.
#include <cstdint>

#include "yiwang/feel/expression.hpp"

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
  using namespace yiwang::feel;
  std::string_view text(reinterpret_cast<char const*>(data), size);
  EvaluateOptions options;
  options.has_now = true;
  options.limits.steps = 20'000;
  options.limits.depth = 400;
  options.limits.list_items = 10'000;
  options.limits.text_bytes = 100'000;
  options.limits.regex_steps = 20'000;
  std::vector<Variable> names = {{"a"}, {"a b", basic_type(TypeKind::number)}, {"收入", basic_type(TypeKind::list)}};
  Value values[] = {Value::string("x"), Value::number(2), Value::list({Value::number(1), Value::null()})};
  if (auto expression = Expression::compile(text, names)) {
    auto outcome = expression->evaluate(values, options);
    (void)to_string(outcome.value);
    (void)outcome.reason();
  }
  if (auto tests = Expression::compile_tests(text, names)) (void)tests->test(Value::number(3), values, options);
  return 0;
}

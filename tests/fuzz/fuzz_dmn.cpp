// DMN XML: whatever compiles is evaluated and analysed.
#include <cstdint>

#include "yiwang/dmn/analysis.hpp"
#include "yiwang/dmn/json.hpp"

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
  using namespace yiwang;
  auto model = dmn::Model::compile_tolerant({{"fuzz.dmn", std::string(reinterpret_cast<char const*>(data), size)}});
  if (!model) return 0;
  feel::EvaluateOptions options;
  options.limits.steps = 20'000;
  options.limits.depth = 400;
  options.limits.list_items = 10'000;
  options.limits.regex_steps = 20'000;
  dmn::Evaluation evaluation(**model, options);
  evaluation.set_explain(dmn::Explain::all);
  int index = 0;
  for (auto const& element : (*model)->elements()) {
    if (element.kind == dmn::ElementKind::input) evaluation.set_input_at(index, feel::Value::number(index));
    if (element.kind == dmn::ElementKind::decision) (void)dmn::to_json(evaluation.evaluate_index(index));
    ++index;
  }
  dmn::AnalysisLimits limits;
  limits.steps = 2'000;
  for (auto const& one : dmn::analyse(**model, limits)) (void)dmn::to_text(one);
  return 0;
}

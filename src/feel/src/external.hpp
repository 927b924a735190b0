#pragma once
// Java externals (DMN 1.5 §10.3.2.13.3) mapped to native functions: the few of java.lang that models in the wild use.

#include "yiwang/feel/evaluate.hpp"

namespace yiwang::feel {

/// `description` is {java: {class: …, method signature: …}} or the inner context.
Value call_external(Evaluator& evaluator, Value const& description, Unit const& unit, std::span<Value> arguments, NodeId at);

}  // namespace yiwang::feel

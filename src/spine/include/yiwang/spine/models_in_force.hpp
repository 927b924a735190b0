#pragma once
// Which decision models of a case type hold on a day.

#include <memory>
#include <vector>

#include "yiwang/spine/definition.hpp"

namespace yiwang::spine {

/// For business rule tasks: of a model that decisions.yaml lists by day, the version in force; models that it does not list
/// always.
std::vector<std::shared_ptr<dmn::Model const>> models_in_force(CaseType const& type, Date day);

}  // namespace yiwang::spine

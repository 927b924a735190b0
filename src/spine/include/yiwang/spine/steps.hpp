#pragma once
// Simple processes are written as steps in process.yaml; here they become BPMN, with a diagram, so that one engine runs
// everything and people see every process in the same way.

#include <string>

#include "yiwang/spine/definition.hpp"

namespace yiwang::spine {

/// BPMN 2.0 text of the steps: a user task for each step, an exclusive gateway where its actions lead to different
/// steps, an end event for each step that nobody leaves. Needs `initial` and the `to` of every action.
std::string bpmn_of_steps(CaseType const& type);

}  // namespace yiwang::spine

#include "yiwang/spine/models_in_force.hpp"

#include "yiwang/dmn/model.hpp"

namespace yiwang::spine {

std::vector<std::shared_ptr<dmn::Model const>> models_in_force(CaseType const& type, Date day) {
  // By hash: the process and decisions.yaml read the same file each for itself.
  std::set<std::string> in_force, listed;
  for (CaseDecision const& decision : type.decisions) {
    if (DecisionVersion const* now = decision.at(day)) in_force.insert(now->model->hash());
    for (DecisionVersion const& version : decision.versions) listed.insert(version.model->hash());
  }
  std::vector<std::shared_ptr<dmn::Model const>> out;
  for (auto const& model : type.models) {
    if (!listed.contains(model->hash()) || in_force.contains(model->hash())) out.push_back(model);
  }
  return out;
}

}  // namespace yiwang::spine

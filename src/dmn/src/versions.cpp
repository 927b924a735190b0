#include "yiwang/dmn/versions.hpp"

#include <algorithm>

namespace yiwang::dmn {

std::shared_ptr<ModelTimeline const> ModelTimeline::with(Date from, std::shared_ptr<Model const> model) const {
  auto made = std::make_shared<ModelTimeline>(*this);
  auto& versions = made->versions_;
  auto at = std::lower_bound(versions.begin(), versions.end(), from, [](ModelVersion const& a, Date b) { return a.from < b; });
  if (at != versions.end() && at->from == from)
    at->model = std::move(model);
  else
    versions.insert(at, {from, std::move(model)});
  return made;
}

std::shared_ptr<Model const> ModelTimeline::at(Date day) const {
  auto after =
      std::upper_bound(versions_.begin(), versions_.end(), day, [](Date a, ModelVersion const& b) { return a < b.from; });
  return after == versions_.begin() ? nullptr : std::prev(after)->model;
}

std::shared_ptr<Model const> ModelTimeline::by_hash(std::string_view hash) const {
  for (auto const& version : versions_) {
    if (version.model->hash() == hash) return version.model;
  }
  return nullptr;
}

}  // namespace yiwang::dmn

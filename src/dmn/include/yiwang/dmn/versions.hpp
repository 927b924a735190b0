#pragma once
// Versions of a model over time. Rules change by decree on a day; a case is decided by the version of its own day.
// A timeline is an immutable value: changing it makes another one, which the owner swaps in with one atomic store.

#include <memory>
#include <string>
#include <vector>

#include "yiwang/base/time.hpp"
#include "yiwang/dmn/model.hpp"

namespace yiwang::dmn {

struct ModelVersion {
  Date from;  ///< in force from this day on, until the next version
  std::shared_ptr<Model const> model;
};

class ModelTimeline {
 public:
  /// The timeline with one more version; a version of the same day is replaced.
  std::shared_ptr<ModelTimeline const> with(Date from, std::shared_ptr<Model const> model) const;
  /// The version in force on a day, nullptr before the first.
  std::shared_ptr<Model const> at(Date day) const;
  /// The version with this hash, for replaying a stored decision; nullptr when there is none.
  std::shared_ptr<Model const> by_hash(std::string_view hash) const;
  std::vector<ModelVersion> const& versions() const { return versions_; }

 private:
  std::vector<ModelVersion> versions_;  ///< by day
};

}  // namespace yiwang::dmn

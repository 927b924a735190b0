#pragma once
// The catalogue of matters of the release in force, and the guide of the day: loaded with the pack, swapped as a whole.

#include <memory>
#include <mutex>

#include "yiwang/matter/guidance.hpp"
#include "yiwang/spine/definition.hpp"

namespace yiwang::app {

class Matters {
 public:
  /// What matters may refer to in a pack.
  static matter::References references(pack::Pack const& pack, spine::Release const& release);
  /// Compiles matters/ of a pack that has compiled before. Complaints go to `errors`.
  static std::shared_ptr<matter::Catalogue const> compile(pack::Pack const& pack, spine::Release const& release, std::vector<Error>& errors);

  void install(std::shared_ptr<matter::Catalogue const> catalogue);
  /// Never null once installed; made anew on the first question of a day.
  std::shared_ptr<matter::Guide const> guide(Date day);

 private:
  std::mutex mutex_;
  std::shared_ptr<matter::Catalogue const> catalogue_ = std::make_shared<matter::Catalogue const>();
  std::shared_ptr<matter::Guide const> guide_;
};

}  // namespace yiwang::app

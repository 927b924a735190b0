#pragma once
// What both generators of the demo year share: a clock that stands where they put it, and dice from a seed.

#include <atomic>

#include "yiwang/base/dice.hpp"
#include "yiwang/base/time.hpp"

namespace yiwang::app {

class YearClock final : public yiwang::Clock {
 public:
  Instant now() const override { return {us_.load()}; }
  void set(std::int64_t us) { us_ = us; }

 private:
  std::atomic<std::int64_t> us_{0};
};

}  // namespace yiwang::app

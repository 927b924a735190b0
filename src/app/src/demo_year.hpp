#pragma once
// What both generators of the demo year share: a clock that stands where they put it, and dice from a seed.

#include <atomic>

#include "yiwang/base/time.hpp"

namespace yiwang::app {

class YearClock final : public yiwang::Clock {
 public:
  Instant now() const override { return {us_.load()}; }
  void set(std::int64_t us) { us_ = us; }

 private:
  std::atomic<std::int64_t> us_{0};
};

/// SplitMix64.
struct Dice {
  std::uint64_t state;
  std::uint64_t next() {
    std::uint64_t z = (state += 0x9E3779B97F4A7C15ULL);
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ULL;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBULL;
    return z ^ (z >> 31);
  }
  template <class N>
  N below(N n) {
    return n <= N{0} ? N{0} : static_cast<N>(next() % static_cast<std::uint64_t>(n));
  }
};

}  // namespace yiwang::app

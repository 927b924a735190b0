#pragma once
// Numbers from a seed, the same on every machine: for what an invented district makes up, never for keys or samples that count.

#include <cstdint>
#include <vector>

namespace yiwang {

/// SplitMix64.
struct Dice {
  std::uint64_t state;
  std::uint64_t next() {
    std::uint64_t z = (state += 0x9E3779B97F4A7C15ULL);
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ULL;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBULL;
    return z ^ (z >> 31);
  }
  /// From 0 up to n; 0 when there is nothing below n.
  template <class N>
  N below(N n) {
    return n <= N{0} ? N{0} : static_cast<N>(next() % static_cast<std::uint64_t>(n));
  }
  /// One of them; there must be one.
  template <class T>
  T const& pick(std::vector<T> const& v) {
    return v[below(v.size())];
  }
};

}  // namespace yiwang

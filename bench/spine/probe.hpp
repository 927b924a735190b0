#pragma once
#include <cstdint>
#include <string>

namespace yiwang::bench {

/// How many running instances, and the bytes of a row of each kind.
struct ProbeData {
  std::uint64_t instances = 20'000;
  std::size_t state = 160, event = 160, reply = 160;
};
/// Commands a second of raw SQLite with `batch` six-row commands a commit.
double raw_probe(std::string const& file, int batch, double seconds, ProbeData const& data = {});

}  // namespace yiwang::bench

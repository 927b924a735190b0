#pragma once
#include <string>

namespace yiwang::bench {

/// Commands a second of raw SQLite with `batch` six-row commands a commit.
double raw_probe(std::string const& file, int batch, double seconds);

}  // namespace yiwang::bench

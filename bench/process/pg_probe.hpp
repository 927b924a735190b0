#pragma once
#include "probe.hpp"

namespace yiwang::bench {

/// Commands a second of PostgreSQL with `batch` six-row commands in set-wise statements a commit. It makes tables of its own.
double pg_probe(std::string const& url, int batch, double seconds, ProbeData const& data);

}  // namespace yiwang::bench

#pragma once
// The order of members in which canonical JSON is kept (RFC 8785), for trees that must be the same before and after they were
// stored.

#include "yiwang/format/json.hpp"

namespace yiwang::json {

/// Puts the members of every object inside into the order in which write_canonical writes them.
void put_in_canonical_order(Value& value);

}  // namespace yiwang::json

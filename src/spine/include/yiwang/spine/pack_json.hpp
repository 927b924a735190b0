#pragma once
// A node of a document as JSON: scalars keep their digits.

#include "yiwang/format/json.hpp"
#include "yiwang/pack/document.hpp"

namespace yiwang::spine {

json::Value to_json(pack::Node const& node);

}  // namespace yiwang::spine

#pragma once
// Keeps the search index in step with the data: matters and knowledge with the pack, requests as they come.

#include <string>

#include "yiwang/base/ids.hpp"
#include "yiwang/base/result.hpp"

namespace yiwang::app {

struct Installation;

/// How far the index was fed.
struct SearchFed {
  std::string pack;  ///< hash of the release whose matters and knowledge are in
  CaseId after;
  bool begun = false;
};
/// One round; cheap when nothing has come. Errors: store.*.
Status feed_search(Installation& in, SearchFed& fed);

}  // namespace yiwang::app

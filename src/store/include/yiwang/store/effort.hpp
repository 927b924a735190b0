#pragma once

#include <cstdint>

namespace yiwang::store {

/// What an application took from whoever made it.
struct Effort {
  std::int64_t asked = 0;   ///< fields of the form that were asked; files are not fields
  std::int64_t known = 0;   ///< of these, there already and left as they were: registers, one's own data, worked out
  std::int64_t typed = 0;   ///< of these, filled in by somebody
  std::int64_t sheets = 0;  ///< paper that nobody had to bring: pages times copies of what registers and certificates answered
};

}  // namespace yiwang::store

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "yiwang/clock/json.hpp"

/// Any bytes: one answer, no crash; what is explained is what was evaluated.
extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
  static auto const table = *yiwang::clock::embedded_calendar();
  std::string_view const text(reinterpret_cast<char const*>(data), size);
  if (yiwang::clock::eval_line(text, table).empty()) std::abort();
  (void)yiwang::clock::explain_line(text, table, yiwang::Language::zh_cn);
  return 0;
}

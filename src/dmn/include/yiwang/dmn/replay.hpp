#pragma once
// Stored decisions evaluated again, from their inputs alone, on either backend, and every difference named.

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "yiwang/dmn/json.hpp"

namespace yiwang::dmn {

enum class Backend : std::uint8_t { scalar, columnar };

struct ReplayReport {
  /// Per record: empty when the bytes are the same, otherwise what differs, one line each.
  std::vector<std::vector<std::string>> differences;
  std::size_t columnar_rows = 0;  ///< decision tables whose rules the columnar backend chose
  std::size_t scalar_rows = 0;    ///< those that it could not take
};

/// Replays explanations that explanation_json wrote. On the columnar backend all records go through the tables together,
/// as typed columns; the explanation is then written from the rule bits. Errors: dmn.input, dmn.no_decision, format.json
/// with the number of the record (from 1) as line.
Result<ReplayReport> replay_all(std::shared_ptr<Model const> model, std::span<std::string const> records, Backend backend,
                                feel::EvaluateOptions const& options = {});

/// One record on the scalar backend. Empty answer: the same bytes.
Result<std::vector<std::string>> replay(std::shared_ptr<Model const> model, std::string_view stored,
                                        feel::EvaluateOptions const& options = {});

}  // namespace yiwang::dmn

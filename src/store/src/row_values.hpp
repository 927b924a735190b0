#pragma once
// Values of rows, there and back, for the files of this folder.

#include <algorithm>
#include <optional>

#include "yiwang/base/time.hpp"
#include "yiwang/store/session.hpp"

namespace yiwang::store {

inline Blob blob(IdBytes const& id) { return {{reinterpret_cast<char const*>(id.data()), id.size()}}; }

inline IdBytes bytes_of(std::string_view bytes) {
  IdBytes out{};
  std::copy_n(bytes.begin(), std::min(bytes.size(), out.size()), reinterpret_cast<char*>(out.data()));
  return out;
}
/// Nil when null.
inline IdBytes bytes_of(Row const& row, int column) { return row.is_null(column) ? IdBytes{} : bytes_of(row.bytes(column)); }

inline std::optional<Instant> instant(Row const& row, int column) {
  return row.is_null(column) ? std::nullopt : std::optional(Instant{row.integer(column)});
}
inline Value or_null(std::optional<Instant> at) { return at ? Value(at->us) : Value(nullptr); }

}  // namespace yiwang::store

#pragma once
// Working days as decreed data. A day outside the decrees is unknown: it is refused, or marked provisional.

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "yiwang/base/time.hpp"

namespace yiwang::clock {

/// One year of the State Council's notice.
struct CalendarYear {
  int year = 0;
  std::map<std::int64_t, std::string> holidays;  ///< day number → name
  std::vector<std::int64_t> makeup;              ///< day numbers of working weekends
};

enum class DayKind : std::uint8_t { work, makeup, weekend, holiday, unknown };

struct DayInfo {
  DayKind kind = DayKind::unknown;
  std::string_view name;     ///< of a holiday
  bool provisional = false;  ///< no decree covers the day; a plain week was assumed
  bool works() const { return kind == DayKind::work || kind == DayKind::makeup; }
};

/// All loaded years. Immutable; shared by every evaluation.
class DayTable {
 public:
  DayTable() = default;
  /// Years in any order; a later entry for the same year replaces the earlier one.
  explicit DayTable(std::vector<CalendarYear> const& years);

  bool empty() const { return years_.empty(); }
  int first_year() const { return years_.empty() ? 0 : years_.begin()->first; }
  /// `unknown` where the year has no file.
  DayInfo lookup(std::int64_t day) const {
    auto const index = static_cast<std::uint64_t>(day - first_day_);
    if (index >= cells_.size()) return {};
    Cell const& cell = cells_[index];
    return {cell.kind, cell.name == 0 ? std::string_view{} : std::string_view{names_[cell.name - 1u]}, false};
  }

 private:
  struct Cell {
    DayKind kind = DayKind::unknown;
    std::uint16_t name = 0;
  };
  std::map<int, int> years_;
  std::int64_t first_day_ = 0;
  std::vector<Cell> cells_;
  std::vector<std::string> names_;
};

/// A notice that arrives while cases run. `days`: true = working day.
struct Decree {
  std::string id;
  std::map<std::int64_t, bool> days;
  std::optional<std::int64_t> known_through;
};

/// The calendar of a case: the table, what overrides it, opening hours.
struct Calendar {
  DayTable const* table = nullptr;  ///< null = nothing known; must outlive the calendar
  std::optional<std::int64_t> known_through;
  bool provisional = false;  ///< unknown days: false refuses, true assumes a plain week and says so
  std::map<std::int64_t, bool> override_days;
  /// Seconds of the day, ordered and apart.
  std::vector<std::pair<std::int32_t, std::int32_t>> hours{{9 * 3600, 12 * 3600}, {14 * 3600, 18 * 3600}};

  std::int32_t close() const { return hours.empty() ? 86'399 : hours.back().second; }
  /// §3, with the given decrees applied, oldest first.
  DayInfo lookup(std::int64_t day, Decree const* const* decrees, std::size_t decree_count) const;
};

/// 1 = Monday … 7 = Sunday of a day number.
inline int weekday_of(std::int64_t day) { return static_cast<int>(((day % 7) + 10) % 7) + 1; }

}  // namespace yiwang::clock

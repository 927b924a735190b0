#include "yiwang/clock/calendar.hpp"

#include <algorithm>

namespace yiwang::clock {
namespace {

DayKind plain_kind(std::int64_t day) { return weekday_of(day) >= 6 ? DayKind::weekend : DayKind::work; }

}  // namespace

DayTable::DayTable(std::vector<CalendarYear> const& years) {
  for (std::size_t i = 0; i < years.size(); ++i) {
    if (years[i].year >= 1 && years[i].year <= 9999) years_[years[i].year] = static_cast<int>(i);
  }
  if (years_.empty()) return;
  first_day_ = to_date({years_.begin()->first, 1, 1}).days;
  cells_.resize(static_cast<std::size_t>(to_date({years_.rbegin()->first, 12, 31}).days - first_day_ + 1));
  for (auto const& [year, index] : years_) {
    CalendarYear const& data = years[static_cast<std::size_t>(index)];
    std::int64_t const last = to_date({year, 12, 31}).days;
    for (std::int64_t day = to_date({year, 1, 1}).days; day <= last; ++day) {
      Cell& cell = cells_[static_cast<std::size_t>(day - first_day_)];
      cell.kind = plain_kind(day);
      if (auto it = data.holidays.find(day); it != data.holidays.end()) {
        auto name = std::find(names_.begin(), names_.end(), it->second);
        if (name == names_.end()) name = names_.insert(names_.end(), it->second);
        cell = {DayKind::holiday, static_cast<std::uint16_t>(name - names_.begin() + 1)};
      } else if (std::find(data.makeup.begin(), data.makeup.end(), day) != data.makeup.end()) {
        cell.kind = DayKind::makeup;
      }
    }
  }
}

DayInfo Calendar::lookup(std::int64_t day, Decree const* const* decrees, std::size_t decree_count) const {
  auto forced = [day](bool works, std::string_view name) -> DayInfo {
    if (!works) return {DayKind::holiday, name, false};
    return {weekday_of(day) >= 6 ? DayKind::makeup : DayKind::work, {}, false};
  };
  for (std::size_t i = decree_count; i-- > 0;) {
    auto const& days = decrees[i]->days;
    if (auto it = days.find(day); it != days.end()) return forced(it->second, decrees[i]->id);
  }
  if (!override_days.empty()) {
    if (auto it = override_days.find(day); it != override_days.end()) return forced(it->second, "override");
  }
  if (table != nullptr && (!known_through || day <= *known_through)) {
    DayInfo const info = table->lookup(day);
    if (info.kind != DayKind::unknown) return info;
  }
  if (table != nullptr && !table->empty()) {
    for (std::size_t i = 0; i < decree_count; ++i) {
      if (decrees[i]->known_through && day <= *decrees[i]->known_through && to_ymd(Date{day}).year >= table->first_year()) {
        return {plain_kind(day), {}, false};
      }
    }
  }
  if (provisional) return {plain_kind(day), {}, true};
  return {};
}

}  // namespace yiwang::clock

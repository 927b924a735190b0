#pragma once
// The calendar that the clocks count by: the compiled-in years, and what the operator adds when a decree comes out.

#include <string>

#include "yiwang/clock/calendar.hpp"

namespace yiwang::app {

struct Calendars {
  clock::DayTable table;
  std::string hash;  ///< hex SM3 of the texts in force
};
/// The built-in years, with those of `folder` (cn-YYYY.json; empty: none) in their place or beside them.
/// Errors: base.file, clock.calendar_file.
Result<Calendars> load_calendars(std::string const& folder);

}  // namespace yiwang::app

#pragma once
// What is watched over time: office hours, who is on duty, how long a request has had no owner, which rules lead to
// supervision. All values are the pack's; the calendar comes in as an argument.

#include "yiwang/clock/calendar.hpp"
#include "yiwang/service_request/knowledge.hpp"

namespace yiwang::service_request {

/// Whether offices are open at that moment: a working day of the calendar, within the pack's hours.
bool office_open(OfficeHours const& hours, clock::DayTable const& calendar, Instant at);
/// Minutes of office time in [from, until); a day that the calendar does not know counts as a plain week says.
std::int64_t office_minutes(OfficeHours const& hours, clock::DayTable const& calendar, Instant from, Instant until);
/// When so many minutes of office time have passed since `from`.
Instant office_after(OfficeHours const& hours, clock::DayTable const& calendar, Instant from, std::int64_t minutes);

/// Who is called outside office hours for a unit, with the street of the place where the table says so.
struct OnDuty {
  std::string unit;  ///< who goes; empty when the table names a street and the place is not known
  std::string phone;
  std::string then;  ///< whom to call next; may be empty
};
OnDuty on_duty(Knowledge const& knowledge, std::string_view unit, std::string_view street);

/// The rule of that name; null when the pack does not have it: then nothing is supervised for it.
SupervisionRule const* supervision_rule(Rules const& rules, std::string_view id);

/// Who looks again at what could not be solved: never the unit that could not.
std::string reviewer_of(Rules const& rules, std::string_view lead);

}  // namespace yiwang::service_request

#include "yiwang/service_request/watch.hpp"

#include <algorithm>

namespace yiwang::service_request {
namespace {

constexpr std::int64_t kMinuteUs = 60 * kMicrosPerSecond;

bool works(clock::DayTable const& calendar, Date day) {
  clock::DayInfo const info = calendar.lookup(day.days);
  return info.kind == clock::DayKind::unknown ? iso_weekday(day) <= 5 : info.works();
}

}  // namespace

bool office_open(OfficeHours const& hours, clock::DayTable const& calendar, Instant at) {
  Date const day = shanghai_date(at);
  std::int64_t const minute = (at.us - shanghai_midnight(day).us) / kMinuteUs;
  return works(calendar, day) && minute >= hours.from && minute < hours.to;
}

std::int64_t office_minutes(OfficeHours const& hours, clock::DayTable const& calendar, Instant from, Instant until) {
  std::int64_t us = 0;
  for (Date day = shanghai_date(from); day <= shanghai_date(until); ++day.days) {
    if (!works(calendar, day)) continue;
    std::int64_t const midnight = shanghai_midnight(day).us;
    std::int64_t const begin = std::max(from.us, midnight + hours.from * kMinuteUs),
                       end = std::min(until.us, midnight + hours.to * kMinuteUs);
    us += std::max<std::int64_t>(0, end - begin);
  }
  return us / kMinuteUs;
}

Instant office_after(OfficeHours const& hours, clock::DayTable const& calendar, Instant from, std::int64_t minutes) {
  constexpr int kDaysMax = 3660;  // a calendar without working days ends here
  std::int64_t left = minutes * kMinuteUs;
  Date day = shanghai_date(from);
  for (int n = 0; n < kDaysMax; ++n, ++day.days) {
    if (!works(calendar, day)) continue;
    std::int64_t const midnight = shanghai_midnight(day).us;
    std::int64_t const begin = std::max(from.us, midnight + hours.from * kMinuteUs), end = midnight + hours.to * kMinuteUs;
    if (begin >= end) continue;
    if (begin + left <= end) return Instant{begin + left};
    left -= end - begin;
  }
  return shanghai_midnight(day);
}

OnDuty on_duty(Knowledge const& k, std::string_view unit, std::string_view street) {
  Shift const* found = &k.otherwise;
  for (Shift const& s : k.shifts) {
    if (s.unit == unit) found = &s;
  }
  auto placed = [&](std::string const& id) { return id == kStreet ? std::string(street) : id; };
  return {placed(found->night), found->phone, placed(found->then)};
}

SupervisionRule const* supervision_rule(Rules const& rules, std::string_view id) {
  auto const at = std::find_if(rules.supervision.begin(), rules.supervision.end(), [&](auto const& r) { return r.id == id; });
  return at == rules.supervision.end() ? nullptr : &*at;
}

std::string reviewer_of(Rules const& rules, std::string_view lead) {
  return rules.unsolved.reviewed_by == lead ? rules.unsolved.otherwise : rules.unsolved.reviewed_by;
}

}  // namespace yiwang::service_request

#include <charconv>

#include "yiwang/bpmn/engine.hpp"

namespace yiwang::bpmn {
namespace {

tl::unexpected<Error> bad(std::string_view text) {
  return fail(Error(ErrorCode::bpmn_time, {{"value", std::string(text.substr(0, 80))}}));
}

struct Duration {
  std::int64_t months = 0;
  std::int64_t us = 0;
};

/// PnYnMnWnDTnHnMnS, the last part with a fraction.
Result<Duration> parse_duration(std::string_view text) {
  std::string_view rest = text;
  Duration out;
  bool const negative = rest.starts_with("-");
  if (negative) rest.remove_prefix(1);
  if (!rest.starts_with("P") || rest.size() < 3) return bad(text);
  rest.remove_prefix(1);
  bool time = false;
  bool any = false;
  while (!rest.empty()) {
    if (rest.front() == 'T') {
      if (time) return bad(text);
      time = true;
      rest.remove_prefix(1);
      continue;
    }
    std::int64_t number = 0;
    auto const [end, error] = std::from_chars(rest.data(), rest.data() + rest.size(), number);
    if (error != std::errc{} || number < 0 || number > 1'000'000'000) return bad(text);
    rest.remove_prefix(static_cast<std::size_t>(end - rest.data()));
    std::int64_t fraction_us = 0;
    if (!rest.empty() && (rest.front() == '.' || rest.front() == ',')) {
      rest.remove_prefix(1);
      std::int64_t unit = 100'000;
      std::size_t digits = 0;
      while (!rest.empty() && rest.front() >= '0' && rest.front() <= '9') {
        fraction_us += (rest.front() - '0') * unit;
        unit /= 10;
        rest.remove_prefix(1);
        ++digits;
      }
      if (digits == 0 || rest.empty() || rest.front() != 'S') return bad(text);
    }
    if (rest.empty()) return bad(text);
    char const unit = rest.front();
    rest.remove_prefix(1);
    any = true;
    if (!time && unit == 'Y')
      out.months += number * 12;
    else if (!time && unit == 'M')
      out.months += number;
    else if (!time && unit == 'W')
      out.us += number * 7 * kMicrosPerDay;
    else if (!time && unit == 'D')
      out.us += number * kMicrosPerDay;
    else if (time && unit == 'H')
      out.us += number * 3600 * kMicrosPerSecond;
    else if (time && unit == 'M')
      out.us += number * 60 * kMicrosPerSecond;
    else if (time && unit == 'S')
      out.us += number * kMicrosPerSecond + fraction_us;
    else
      return bad(text);
    if (out.months > 12 * 100'000 || out.us > kMicrosPerDay * 36'525'000) return bad(text);
  }
  if (!any) return bad(text);
  if (negative) {
    out.months = -out.months;
    out.us = -out.us;
  }
  return out;
}

Instant add(Instant from, Duration duration) {
  Date date = shanghai_date(from);
  std::int64_t const inside = from.us - shanghai_midnight(date).us;
  if (duration.months != 0) {
    YearMonthDay ymd = to_ymd(date);
    std::int64_t const index = ymd.year * 12 + ymd.month - 1 + duration.months;
    ymd.year = index >= 0 ? index / 12 : -((-index + 11) / 12);
    ymd.month = static_cast<int>(index - ymd.year * 12) + 1;
    ymd.day = std::min(ymd.day, days_in_month(ymd.year, ymd.month));
    date = to_date(ymd);
  }
  return Instant{shanghai_midnight(date).us + inside + duration.us};
}

}  // namespace

Result<Instant> parse_date(std::string_view text) {
  if (text.size() == 10) {
    auto const date = yiwang::parse_date(text);
    if (!date) return bad(text);
    return shanghai_midnight(*date);
  }
  auto at = parse_instant(text);
  if (!at) at = parse_instant(std::string(text) + "+08:00");
  if (!at) return bad(text);
  return *at;
}

Result<Instant> add_duration(Instant from, std::string_view text) {
  YW_ASSIGN(Duration const duration, parse_duration(text));
  return add(from, duration);
}

Result<Schedule> parse_cycle(std::string_view text, Instant now) {
  std::string_view rest = text;
  Schedule out;
  if (!rest.starts_with("R")) return bad(text);
  rest.remove_prefix(1);
  auto const slash = rest.find('/');
  if (slash == std::string_view::npos) return bad(text);
  std::int64_t times = -1;
  if (slash > 0) {
    auto const [end, error] = std::from_chars(rest.data(), rest.data() + slash, times);
    if (error != std::errc{} || end != rest.data() + slash || times < 0) return bad(text);
  }
  rest.remove_prefix(slash + 1);
  Instant first = now;
  bool dated = false;
  auto const second = rest.find('/');
  if (second != std::string_view::npos) {
    YW_ASSIGN(first, parse_date(rest.substr(0, second)));
    dated = true;
    rest.remove_prefix(second + 1);
  }
  YW_ASSIGN(Duration const duration, parse_duration(rest));
  Instant const next = add(first, duration);
  out.period_us = next.us - first.us;
  if (out.period_us <= 0) return bad(text);
  out.due = dated && first >= now ? first : next;
  if (out.due < now) {
    std::int64_t const behind = (now.us - out.due.us + out.period_us - 1) / out.period_us;
    out.due.us += behind * out.period_us;
    if (times > 0) times = times > behind ? times - behind : 0;
  }
  if (times == 0) return bad(text);
  out.repeats = times < 0 ? -1 : times - 1;
  return out;
}

}  // namespace yiwang::bpmn

#include "yiwang/feel/temporal.hpp"

namespace yiwang::feel {

namespace {

struct Cursor {
  std::string_view text;
  std::size_t at = 0;
  bool done() const { return at >= text.size(); }
  char peek() const { return at < text.size() ? text[at] : '\0'; }
  bool take(char c) {
    if (peek() != c) return false;
    ++at;
    return true;
  }
  /// Exactly `count` digits.
  bool digits(int count, int& out) {
    out = 0;
    for (int i = 0; i < count; ++i) {
      char c = peek();
      if (c < '0' || c > '9') return false;
      out = out * 10 + (c - '0');
      ++at;
    }
    return true;
  }
  /// One or more digits, at most 18.
  bool number(std::int64_t& out, int& count) {
    out = 0;
    count = 0;
    while (peek() >= '0' && peek() <= '9') {
      if (++count > 18) return false;
      out = out * 10 + (peek() - '0');
      ++at;
    }
    return count > 0;
  }
  bool fraction(std::int64_t& nanos, bool empty_allowed = false) {
    nanos = 0;
    if (!take('.')) return true;
    int count = 0;
    while (peek() >= '0' && peek() <= '9') {
      if (count < 9) nanos = nanos * 10 + (peek() - '0');
      ++count;
      ++at;
    }
    for (int i = count; i < 9; ++i) nanos *= 10;
    return count > 0 || empty_allowed;
  }
};

bool take_date(Cursor& in, std::int64_t& days) {
  bool negative = in.take('-');
  std::size_t start = in.at;
  std::int64_t year = 0;
  int count = 0;
  if (!in.number(year, count)) return false;
  if (count < 4 || count > 9 || (count > 4 && in.text[start] == '0')) return false;
  int month = 0, day = 0;
  if (!in.take('-') || !in.digits(2, month) || !in.take('-') || !in.digits(2, day)) return false;
  if (negative) year = -year;
  if (month < 1 || month > 12 || day < 1 || day > days_in_month(year, month)) return false;
  days = to_date({year, month, day}).days;
  return true;
}

bool take_clock(Cursor& in, std::int64_t& nanos) {
  int hour = 0, minute = 0, second = 0;
  std::int64_t fraction = 0;
  if (!in.digits(2, hour) || !in.take(':') || !in.digits(2, minute) || !in.take(':') || !in.digits(2, second)) return false;
  if (!in.fraction(fraction)) return false;
  if (hour == 24 && minute == 0 && second == 0 && fraction == 0) {
    nanos = kNanosPerDay;
    return true;
  }
  if (hour > 23 || minute > 59 || second > 59) return false;
  nanos = ((hour * 60 + minute) * 60LL + second) * kNanosPerSecond + fraction;
  return true;
}

/// The rest of the text is a zone; `days` and `nanos` are the local time it applies to.
bool take_zone(Cursor& in, Zone& zone, std::int64_t days, std::int64_t nanos, ZoneSource const* zones) {
  if (in.done()) return true;
  if (in.take('Z')) {
    zone = {ZoneKind::offset, 0, {}};
    return in.done();
  }
  if (in.take('@')) {
    std::string name(in.text.substr(in.at));
    if (name.empty() || name.size() > 64 || !zones) return false;
    auto const* rules = zones->find(name);
    if (!rules) return false;
    zone = {ZoneKind::named, rules->offset_at_local(days, nanos), name};
    return true;
  }
  bool negative = in.peek() == '-';
  if (!in.take('+') && !in.take('-')) return false;
  int hour = 0, minute = 0, second = 0;
  if (!in.digits(2, hour) || !in.take(':') || !in.digits(2, minute)) return false;
  if (in.take(':') && !in.digits(2, second)) return false;
  // XML Schema limits offsets to 14 hours; the suite uses up to 18, as ISO libraries allow.
  if (!in.done() || hour > 18 || minute > 59 || second > 59 || (hour == 18 && (minute || second))) return false;
  int offset = hour * 3600 + minute * 60 + second;
  zone = {ZoneKind::offset, negative ? -offset : offset, {}};
  return true;
}

std::int64_t floor_div(std::int64_t a, std::int64_t b) { return a / b - (a % b != 0 && (a < 0) != (b < 0)); }

std::int64_t read_int(std::string_view bytes, std::size_t at, int size) {
  std::uint64_t value = 0;
  for (int i = 0; i < size; ++i) value = value << 8 | static_cast<unsigned char>(bytes[at + static_cast<std::size_t>(i)]);
  if (size == 4) return static_cast<std::int32_t>(value);
  return static_cast<std::int64_t>(value);
}

}  // namespace

std::optional<std::int64_t> read_date(std::string_view text) {
  Cursor in{text};
  std::int64_t days = 0;
  if (!take_date(in, days) || !in.done()) return std::nullopt;
  return days;
}

std::optional<TimeOfDay> read_time(std::string_view text, ZoneSource const* zones) {
  Cursor in{text};
  in.take('T');
  TimeOfDay time;
  // A named zone has no date here; its offset is taken on 1970-01-01.
  if (!take_clock(in, time.nanos) || !take_zone(in, time.zone, 0, time.nanos, zones)) return std::nullopt;
  if (time.nanos == kNanosPerDay) time.nanos = 0;
  return time;
}

std::optional<DateTime> read_date_time(std::string_view text, ZoneSource const* zones) {
  Cursor in{text};
  DateTime time;
  if (!take_date(in, time.days)) return std::nullopt;
  if (in.done()) return time;
  if (!in.take('T') || !take_clock(in, time.nanos)) return std::nullopt;
  if (time.nanos == kNanosPerDay) {
    time.nanos = 0;
    ++time.days;
  }
  if (!take_zone(in, time.zone, time.days, time.nanos, zones)) return std::nullopt;
  return time;
}

std::optional<Value> read_duration(std::string_view text) {
  Cursor in{text};
  bool negative = in.take('-');
  if (!in.take('P')) return std::nullopt;
  std::int64_t years = 0, months = 0;
  Int128 nanos = 0;
  bool any_ym = false, any_dt = false, in_time = false, any_in_time = false;
  int stage = 0;  // Y1 M2 D3 H4 M5 S6, in this order only
  while (!in.done()) {
    if (!in_time && in.take('T')) {
      in_time = true;
      stage = 3;
      continue;
    }
    std::int64_t value = 0, fraction = 0;
    int count = 0;
    if (!in.number(value, count)) return std::nullopt;
    bool has_fraction = in.peek() == '.';
    if (has_fraction && !in.fraction(fraction, true)) return std::nullopt;
    int now = 0;
    if (!in_time)
      now = in.take('Y') ? 1 : in.take('M') ? 2 : in.take('D') ? 3 : 0;
    else
      now = in.take('H') ? 4 : in.take('M') ? 5 : in.take('S') ? 6 : 0;
    if (now <= stage || (has_fraction && now != 6)) return std::nullopt;
    stage = now;
    if (now <= 2) {
      any_ym = true;
      if (value > 100'000'000'000'000'000 / 12) return std::nullopt;
      if (now == 1)
        years = value;
      else
        months = value;
      continue;
    }
    any_dt = true;
    any_in_time |= now > 3;
    static constexpr std::int64_t kSeconds[] = {86400, 3600, 60, 1};
    nanos += static_cast<Int128>(value) * kSeconds[now - 3] * kNanosPerSecond + fraction;
  }
  if (any_ym == any_dt || (in_time && !any_in_time)) return std::nullopt;
  if (any_ym) {
    std::int64_t total = years * 12 + months;
    return Value::years_months(negative ? -total : total);
  }
  return Value::days_time(negative ? -nanos : nanos);
}

std::optional<Value> read_temporal(std::string_view text, ZoneSource const* zones) {
  if (text.find('P') < 2) return read_duration(text);
  if (auto date = read_date(text)) return Value::date(*date);
  if (text.find('T') != std::string_view::npos && text[0] != 'T') {
    if (auto time = read_date_time(text, zones)) return Value::date_time(*time);
  }
  if (auto time = read_time(text, zones)) return Value::time(*time);
  return std::nullopt;
}

Int128 instant_nanos(DateTime const& time) {
  return static_cast<Int128>(time.days) * kNanosPerDay + time.nanos - static_cast<Int128>(time.zone.offset_s) * kNanosPerSecond;
}

bool year_in_range(std::int64_t days) {
  constexpr std::int64_t limit = 366 * (kYearMax + 1);
  if (days > limit || days < -limit) return false;
  auto year = to_ymd(Date{days}).year;
  return year <= kYearMax && year >= -kYearMax;
}

std::optional<DateTime> plus_nanos(DateTime const& time, Int128 nanos, ZoneSource const* zones) {
  constexpr Int128 limit = static_cast<Int128>(kNanosPerDay) * 366 * 3 * kYearMax;
  if (nanos > limit || nanos < -limit) return std::nullopt;
  auto const* rules = time.zone.kind == ZoneKind::named && zones ? zones->find(time.zone.name) : nullptr;
  Int128 total = (rules ? instant_nanos(time) : static_cast<Int128>(time.days) * kNanosPerDay + time.nanos) + nanos;
  DateTime moved = time;
  if (rules) {
    Int128 utc_s = total / kNanosPerSecond - (total % kNanosPerSecond < 0 ? 1 : 0);
    moved.zone.offset_s = rules->offset_at_utc(static_cast<std::int64_t>(utc_s));
    total += static_cast<Int128>(moved.zone.offset_s) * kNanosPerSecond;
  }
  Int128 days = total / kNanosPerDay;
  Int128 rest = total % kNanosPerDay;
  if (rest < 0) {
    rest += kNanosPerDay;
    --days;
  }
  moved.days = static_cast<std::int64_t>(days);
  moved.nanos = static_cast<std::int64_t>(rest);
  if (!year_in_range(moved.days)) return std::nullopt;
  return moved;
}

std::optional<std::int64_t> plus_months(std::int64_t days, std::int64_t months) {
  if (months > 24 * kYearMax || months < -24 * kYearMax) return std::nullopt;
  auto ymd = to_ymd(Date{days});
  std::int64_t total = ymd.year * 12 + (ymd.month - 1) + months;
  ymd.year = floor_div(total, 12);
  ymd.month = static_cast<int>(total - ymd.year * 12) + 1;
  if (ymd.year > kYearMax || ymd.year < -kYearMax) return std::nullopt;
  ymd.day = std::min(ymd.day, days_in_month(ymd.year, ymd.month));
  return to_date(ymd).days;
}

std::int64_t months_between(std::int64_t days_from, std::int64_t nanos_from, std::int64_t days_to, std::int64_t nanos_to) {
  auto a = to_ymd(Date{days_from}), b = to_ymd(Date{days_to});
  std::int64_t months = (b.year - a.year) * 12 + (b.month - a.month);
  bool later_in_month = a.day > b.day || (a.day == b.day && nanos_from > nanos_to);
  bool earlier_in_month = a.day < b.day || (a.day == b.day && nanos_from < nanos_to);
  if (months > 0 && later_in_month)
    --months;
  else if (months < 0 && earlier_in_month)
    ++months;
  return months;
}

int iso_week(std::int64_t days) {
  // The week belongs to the year that holds its Thursday.
  std::int64_t thursday = days - (iso_weekday(Date{days}) - 1) + 3;
  auto year = to_ymd(Date{thursday}).year;
  return static_cast<int>((thursday - to_date({year, 1, 1}).days) / 7) + 1;
}

Result<ZoneRules> ZoneRules::parse_tzif(std::string_view bytes) {
  auto bad = [](char const* why) { return fail(ErrorCode::feel_zone, {{"why", why}}); };
  if (bytes.size() < 44 || bytes.substr(0, 4) != "TZif") return bad("it is not a TZif file");
  auto counts = [&](std::size_t at, std::size_t i) {
    return static_cast<std::size_t>(static_cast<std::uint32_t>(read_int(bytes, at + 20 + i * 4, 4)));
  };
  auto block_size = [&](std::size_t at, std::size_t time_size) {
    return counts(at, 3) * (time_size + 1) + counts(at, 4) * 6 + counts(at, 5) + counts(at, 2) * (time_size + 4) + counts(at, 1) +
           counts(at, 0);
  };
  std::size_t at = 0, time_size = 4;
  for (std::size_t i = 0; i < 6; ++i) {
    if (counts(0, i) > 100'000) return bad("a count is too large");
  }
  if (bytes[4] >= '2') {
    at = 44 + block_size(0, 4);
    time_size = 8;
    if (bytes.size() < at + 44 || bytes.substr(at, 4) != "TZif") return bad("the second header is missing");
    for (std::size_t i = 0; i < 6; ++i) {
      if (counts(at, i) > 100'000) return bad("a count is too large");
    }
  }
  std::size_t transitions = counts(at, 3), types = counts(at, 4);
  std::size_t data = at + 44;
  if (types == 0 || bytes.size() < data + block_size(at, time_size)) return bad("it is cut short");
  ZoneRules rules;
  std::size_t type_at = data + transitions * (time_size + 1);
  auto type_offset = [&](std::size_t type) { return static_cast<std::int32_t>(read_int(bytes, type_at + type * 6, 4)); };
  rules.first_offset_ = type_offset(0);
  for (std::size_t i = 0; i < transitions; ++i) {
    auto type = static_cast<std::size_t>(static_cast<unsigned char>(bytes[data + transitions * time_size + i]));
    if (type >= types) return bad("a type index is out of range");
    rules.transitions_.push_back(read_int(bytes, data + i * time_size, static_cast<int>(time_size)));
    rules.offsets_.push_back(type_offset(type));
  }
  if (time_size == 8) {
    auto footer = bytes.substr(data + block_size(at, 8));
    if (footer.size() > 2 && footer.front() == '\n') {
      footer = footer.substr(1, footer.find('\n', 1) - 1);
      rules.has_footer_ = rules.parse_footer(footer);
    }
  }
  return rules;
}

bool ZoneRules::parse_footer(std::string_view text) {
  Cursor in{text};
  auto name = [&] {
    if (in.take('<')) {
      while (!in.done() && in.peek() != '>') ++in.at;
      return in.take('>');
    }
    std::size_t start = in.at;
    while ((in.peek() >= 'a' && in.peek() <= 'z') || (in.peek() >= 'A' && in.peek() <= 'Z')) ++in.at;
    return in.at > start;
  };
  auto clock = [&](std::int32_t& out) {
    bool negative = in.take('-');
    if (!negative) in.take('+');
    std::int64_t part[3] = {0, 0, 0};
    int count = 0;
    if (!in.number(part[0], count)) return false;
    for (int i = 1; i < 3 && in.take(':'); ++i) {
      if (!in.number(part[i], count)) return false;
    }
    auto seconds = static_cast<std::int32_t>(part[0] * 3600 + part[1] * 60 + part[2]);
    out = negative ? -seconds : seconds;
    return true;
  };
  auto rule = [&](Rule& out) {
    std::int64_t value = 0;
    int count = 0;
    if (in.take('M')) {
      if (!in.number(value, count)) return false;
      out.month = static_cast<int>(value);
      if (!in.take('.') || !in.number(value, count)) return false;
      out.week = static_cast<int>(value);
      if (!in.take('.') || !in.number(value, count)) return false;
      out.day = static_cast<int>(value);
      if (out.month < 1 || out.month > 12 || out.week < 1 || out.week > 5 || out.day > 6) return false;
    } else {
      out.kind = in.take('J') ? 1 : 2;
      if (!in.number(value, count) || value > 366) return false;
      out.day = static_cast<int>(value);
    }
    return !in.take('/') || clock(out.time_s);
  };
  if (!name() || !clock(standard_s_)) return false;
  standard_s_ = -standard_s_;
  if (in.done()) return true;
  if (!name()) return false;
  daylight_s_ = standard_s_ + 3600;
  if (in.peek() != ',') {
    if (!clock(daylight_s_)) return false;
    daylight_s_ = -daylight_s_;
  }
  if (!in.take(',') || !rule(start_) || !in.take(',') || !rule(end_)) return false;
  has_daylight_ = true;
  return true;
}

std::int32_t ZoneRules::footer_offset(std::int64_t utc_s) const {
  if (!has_daylight_) return standard_s_;
  auto year = to_ymd(Date{floor_div(utc_s + standard_s_, 86400)}).year;
  auto at = [&](Rule const& rule, std::int32_t offset_before) {
    std::int64_t days = 0;
    if (rule.kind == 0) {
      std::int64_t first = to_date({year, rule.month, 1}).days;
      int weekday = iso_weekday(Date{first}) % 7;
      int day = (rule.day - weekday + 7) % 7 + (rule.week - 1) * 7;
      while (day >= days_in_month(year, rule.month)) day -= 7;
      days = first + day;
    } else {
      days = to_date({year, 1, 1}).days + rule.day - (rule.kind == 1 ? 1 : 0);
      if (rule.kind == 1 && is_leap_year(year) && rule.day >= 60) ++days;
    }
    return days * 86400 + rule.time_s - offset_before;
  };
  std::int64_t start = at(start_, standard_s_), end = at(end_, daylight_s_);
  bool daylight = start < end ? utc_s >= start && utc_s < end : utc_s >= start || utc_s < end;
  return daylight ? daylight_s_ : standard_s_;
}

std::int32_t ZoneRules::offset_at_utc(std::int64_t utc_s) const {
  if (transitions_.empty()) return has_footer_ ? footer_offset(utc_s) : first_offset_;
  if (utc_s >= transitions_.back() && has_footer_) return footer_offset(utc_s);
  auto next = std::upper_bound(transitions_.begin(), transitions_.end(), utc_s);
  if (next == transitions_.begin()) return first_offset_;
  return offsets_[static_cast<std::size_t>(next - transitions_.begin()) - 1];
}

std::int32_t ZoneRules::offset_at_local(std::int64_t days, std::int64_t nanos) const {
  std::int64_t local = days * 86400 + nanos / kNanosPerSecond;
  // Try the offsets that hold a day earlier and a day later; the earlier one wins when both fit.
  std::int32_t before = offset_at_utc(local - 86400 - 50400), after = offset_at_utc(local + 86400 + 50400);
  if (offset_at_utc(local - before) == before) return before;
  if (offset_at_utc(local - after) == after) return after;
  return before;
}

}  // namespace yiwang::feel

// Conversions to temporal values (DMN 1.5 §10.3.4.1), temporal functions (§10.3.4.8) and is (§10.3.4.7).
#include "builtins.hpp"

namespace yiwang::feel {

namespace {

Value const& single(Value const& value) { return value.is(Kind::list) && value.items().size() == 1 ? value.items()[0] : value; }

Value date(Call const& call, Arguments& arguments) {
  if (arguments.count == 1) {
    auto const& from = single(arguments[0]);
    if (from.is(Kind::string)) {
      if (auto days = read_date(from.as_string())) return Value::date(*days);
      return call.bad(from, "from", "a date in the form 2012-12-24");
    }
    if (from.is(Kind::date)) return from;
    if (from.is(Kind::date_time)) return Value::date(from.as_date_time().days);
    return call.bad(from, "from", "a string, date, or date and time");
  }
  std::int64_t part[3];
  for (std::uint32_t i = 0; i < 3; ++i) {
    auto const& value = single(arguments[i]);
    if (!value.is(Kind::number) || !value.as_number().to_int64(part[i]))
      return call.bad(value, i == 0 ? "year" : i == 1 ? "month" : "day", "a whole number");
  }
  if (part[0] > kYearMax || part[0] < -kYearMax) return call.bad(arguments[0], "year", "within 999,999,999");
  if (part[1] < 1 || part[1] > 12) return call.bad(arguments[1], "month", "from 1 to 12");
  if (part[2] < 1 || part[2] > days_in_month(part[0], static_cast<int>(part[1])))
    return call.bad(arguments[2], "day", "a day of that month");
  return Value::date(to_date({part[0], static_cast<int>(part[1]), static_cast<int>(part[2])}).days);
}

/// Hour, minute and second arguments as nanoseconds of the day.
bool clock_of(Call const& call, Arguments& arguments, std::uint32_t first, std::int64_t& nanos, Value& problem) {
  std::int64_t hour = 0, minute = 0;
  auto const& h = single(arguments[first]);
  auto const& m = single(arguments[first + 1]);
  auto const& s = single(arguments[first + 2]);
  if (!h.is(Kind::number) || !h.as_number().to_int64(hour) || hour < 0 || hour > 23) {
    problem = call.bad(h, "hour", "from 0 to 23");
    return false;
  }
  if (!m.is(Kind::number) || !m.as_number().to_int64(minute) || minute < 0 || minute > 59) {
    problem = call.bad(m, "minute", "from 0 to 59");
    return false;
  }
  Decimal seconds, scaled;
  std::int64_t second_nanos = 0;
  if (!s.is(Kind::number) || s.as_number().sign() < 0 || Decimal::compare(s.as_number(), Decimal(60)) >= 0 ||
      !Decimal::multiply(s.as_number(), Decimal(kNanosPerSecond), scaled) ||
      !Decimal::round(scaled, 0, Rounding::down, seconds) || !seconds.to_int64(second_nanos)) {
    problem = call.bad(s, "second", "from 0 up to 60");
    return false;
  }
  nanos = (hour * 60 + minute) * 60 * kNanosPerSecond + second_nanos;
  return true;
}

bool offset_of(Call const& call, Value const& value, Zone& zone, Value& problem) {
  if (value.is_null()) return true;
  if (!value.is(Kind::days_time) || value.as_nanos() > 18 * 3600 * static_cast<Int128>(kNanosPerSecond) ||
      value.as_nanos() < -18 * 3600 * static_cast<Int128>(kNanosPerSecond)) {
    problem = call.bad(value, "offset", "a days and time duration of at most 18 hours");
    return false;
  }
  zone = {ZoneKind::offset, static_cast<std::int32_t>(value.as_nanos() / kNanosPerSecond), {}};
  return true;
}

Value time(Call const& call, Arguments& arguments) {
  if (arguments.count == 1) {
    auto const& from = single(arguments[0]);
    if (from.is(Kind::string)) {
      if (auto value = read_time(from.as_string(), call.evaluator.options().zones)) return Value::time(*value);
      return call.bad(from, "from", "a time in the form 10:30:00, 10:30:00+08:00 or 10:30:00@Asia/Shanghai");
    }
    if (from.is(Kind::time)) return from;
    if (from.is(Kind::date_time)) {
      auto value = from.as_date_time();
      return Value::time({value.nanos, value.zone});
    }
    // A date is midnight UTC.
    if (from.is(Kind::date)) return Value::time({0, {ZoneKind::offset, 0, {}}});
    return call.bad(from, "from", "a string, time, or date and time");
  }
  TimeOfDay made;
  Value problem;
  if (!clock_of(call, arguments, 0, made.nanos, problem)) return problem;
  if (arguments.has(3) && !offset_of(call, single(arguments[3]), made.zone, problem)) return problem;
  return Value::time(made);
}

Value date_and_time(Call const& call, Arguments& arguments) {
  auto zones = call.evaluator.options().zones;
  if (arguments.count == 1) {
    auto const& from = single(arguments[0]);
    if (from.is(Kind::string)) {
      if (auto value = read_date_time(from.as_string(), zones)) return Value::date_time(*value);
      return call.bad(from, "from", "a date and time in the form 2012-12-24T23:59:00, perhaps with an offset or @zone");
    }
    if (from.is(Kind::date_time)) return from;
    if (from.is(Kind::date)) return Value::date_time({from.as_days(), 0, {ZoneKind::offset, 0, {}}});
    return call.bad(from, "from", "a string, date, or date and time");
  }
  if (arguments.count == 2) {
    auto const& day = single(arguments[0]);
    auto const& clock = single(arguments[1]);
    DateTime made;
    if (day.is(Kind::date))
      made.days = day.as_days();
    else if (day.is(Kind::date_time))
      made.days = day.as_date_time().days;
    else
      return call.bad(day, "date", "a date, or date and time");
    if (clock.is(Kind::string) && day.is(Kind::date_time)) {
      // date and time(date and time, "zone") is not in the standard.
      return call.bad(clock, "time", "a time");
    }
    if (!clock.is(Kind::time)) return call.bad(clock, "time", "a time");
    auto value = clock.as_time();
    made.nanos = value.nanos;
    made.zone = value.zone;
    if (made.zone.kind == ZoneKind::named && zones) {
      if (auto const* rules = zones->find(made.zone.name)) made.zone.offset_s = rules->offset_at_local(made.days, made.nanos);
    }
    return Value::date_time(made);
  }
  Arguments first{arguments.values, 3, 7};
  Value day = date(call, first);
  if (!day.is(Kind::date)) return day;
  DateTime made;
  made.days = day.as_days();
  Value problem;
  if (!clock_of(call, arguments, 3, made.nanos, problem)) return problem;
  if (arguments.has(6)) {
    auto const& zone = single(arguments[6]);
    if (zone.is(Kind::string)) {
      auto const* rules = zones ? zones->find(zone.as_string()) : nullptr;
      if (!rules) return call.bad(zone, "offset", "a known time zone");
      made.zone = {ZoneKind::named, rules->offset_at_local(made.days, made.nanos), std::string(zone.as_string())};
    } else if (!offset_of(call, zone, made.zone, problem)) {
      return problem;
    }
  }
  return Value::date_time(made);
}

Value duration(Call const& call, Arguments& arguments) {
  auto const& from = single(arguments[0]);
  if (from.is(Kind::years_months) || from.is(Kind::days_time)) return from;
  if (!from.is(Kind::string)) return call.bad(from, "from", "a string such as \"P1Y2M\" or \"P3DT4H\"");
  if (auto value = read_duration(from.as_string())) return std::move(*value);
  return call.bad(from, "from", "a duration such as \"P1Y2M\" or \"P3DT4H\"");
}

Value years_and_months(Call const& call, Arguments& arguments) {
  std::int64_t days[2], nanos[2];
  for (std::uint32_t i = 0; i < 2; ++i) {
    auto const& value = single(arguments[i]);
    if (value.is(Kind::date)) {
      days[i] = value.as_days();
      nanos[i] = 0;
    } else if (value.is(Kind::date_time)) {
      auto moment = value.as_date_time();
      // Only the civil dates count, not the time of day (the suite's 1121).
      days[i] = moment.days;
      nanos[i] = 0;
    } else {
      return call.bad(value, i ? "to" : "from", "a date, or date and time");
    }
  }
  return Value::years_months(months_between(days[0], nanos[0], days[1], nanos[1]));
}

Value is_same(Call const& call, Arguments& arguments) {
  if (arguments.count == 0) return call.because("two values are needed");
  // A value that is left out is null.
  if (arguments.count == 1 || !arguments.has(0))
    return Value::boolean((arguments.count == 1 ? arguments[0] : arguments[1]).is_null());
  auto const& a = arguments[0];
  auto const& b = arguments[1];
  if (a.kind() != b.kind()) return Value::boolean(false);
  return Value::boolean(identical(a, b));
}

DateTime current(Evaluator const& evaluator) {
  std::int64_t us = evaluator.options().now_us + evaluator.options().now_offset_s * 1'000'000LL;
  std::int64_t day = us / kMicrosPerDay - (us % kMicrosPerDay < 0 ? 1 : 0);
  return {day, (us - day * kMicrosPerDay) * 1000, {ZoneKind::offset, evaluator.options().now_offset_s, {}}};
}

Value now(Call const& call, Arguments&) {
  if (!call.evaluator.options().has_now) return call.because("the caller gave no time");
  return Value::date_time(current(call.evaluator));
}

Value today(Call const& call, Arguments&) {
  if (!call.evaluator.options().has_now) return call.because("the caller gave no time");
  return Value::date(current(call.evaluator).days);
}

bool days_of(Value const& value, std::int64_t& days) {
  auto const& one = single(value);
  if (one.is(Kind::date))
    days = one.as_days();
  else if (one.is(Kind::date_time))
    days = one.as_date_time().days;
  else
    return false;
  return true;
}

Value of_date(Call const& call, Arguments& arguments, Value (*f)(std::int64_t)) {
  std::int64_t days = 0;
  if (!days_of(arguments[0], days)) return call.bad(arguments[0], "date", "a date, or date and time");
  return f(days);
}

Value weekday_name(std::int64_t days) {
  static constexpr std::string_view kNames[] = {"Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"};
  return Value::string(kNames[iso_weekday(Date{days}) - 1]);
}

Value month_name(std::int64_t days) {
  static constexpr std::string_view kNames[] = {"January", "February", "March",     "April",   "May",      "June",
                                                "July",    "August",   "September", "October", "November", "December"};
  return Value::string(kNames[to_ymd(Date{days}).month - 1]);
}

Value day_of_year(std::int64_t days) { return Value::number(days - to_date({to_ymd(Date{days}).year, 1, 1}).days + 1); }

Value week_of_year(std::int64_t days) { return Value::number(static_cast<std::int64_t>(iso_week(days))); }

}  // namespace

void add_temporal_builtins(std::vector<Builtin>& table) {
  auto add = [&](std::string_view name, std::string_view parameters, BuiltinFunction function, TypeKind result) {
    table.push_back({name, parameters, function, result});
  };
  add("date", "from|year,month,day", date, TypeKind::date);
  add("time", "from|hour,minute,second,?offset", time, TypeKind::time);
  add("date and time", "from|date,time|year,month,day,hour,minute,second,?offset", date_and_time, TypeKind::date_time);
  add("duration", "from", duration, TypeKind::any);
  add("years and months duration", "from,to", years_and_months, TypeKind::years_months);
  add("is", "?value1,?value2", is_same, TypeKind::boolean);
  add("now", "", now, TypeKind::date_time);
  add("today", "", today, TypeKind::date);
  add(
      "day of week", "date", [](Call const& c, Arguments& a) { return of_date(c, a, weekday_name); }, TypeKind::string);
  add(
      "month of year", "date", [](Call const& c, Arguments& a) { return of_date(c, a, month_name); }, TypeKind::string);
  add(
      "day of year", "date", [](Call const& c, Arguments& a) { return of_date(c, a, day_of_year); }, TypeKind::number);
  add(
      "week of year", "date", [](Call const& c, Arguments& a) { return of_date(c, a, week_of_year); }, TypeKind::number);
}

}  // namespace yiwang::feel

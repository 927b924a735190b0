// Equality, order, membership, properties and arithmetic of FEEL values (DMN 1.5 §10.3.2.15 and tables 45, 53–55).
#include "yiwang/feel/evaluate.hpp"

namespace yiwang::feel {

namespace {

/// Seconds of a time of day brought to UTC. Precondition: it has a zone.
Int128 utc_nanos(TimeOfDay const& time) {
  return static_cast<Int128>(time.nanos) - static_cast<Int128>(time.zone.offset_s) * kNanosPerSecond;
}

Int128 in_millis(Int128 nanos) { return nanos / 1'000'000 - (nanos % 1'000'000 < 0 ? 1 : 0); }

}  // namespace

Tri equals(Value const& a, Value const& b, int depth) {
  if (a.is_null() || b.is_null()) return a.is_null() && b.is_null() ? Tri::yes : Tri::no;
  if (a.kind() != b.kind()) return Tri::null;
  auto tri = [](bool yes) { return yes ? Tri::yes : Tri::no; };
  if (depth > 500) return Tri::null;
  switch (a.kind()) {
    case Kind::boolean: return tri(a.as_boolean() == b.as_boolean());
    case Kind::string: return tri(a.as_string() == b.as_string());
    case Kind::list: {
      auto const& x = a.items();
      auto const& y = b.items();
      if (x.size() != y.size()) return Tri::no;
      for (std::size_t i = 0; i < x.size(); ++i) {
        if (equals(x[i], y[i], depth + 1) != Tri::yes) return Tri::no;
      }
      return Tri::yes;
    }
    case Kind::context: {
      auto const& x = a.as_context();
      auto const& y = b.as_context();
      if (x.entries.size() != y.entries.size()) return Tri::no;
      for (auto const& entry : x.entries) {
        auto const* other = y.find(entry.name());
        if (!other || equals(entry.value, *other, depth + 1) != Tri::yes) return Tri::no;
      }
      return Tri::yes;
    }
    case Kind::range: {
      auto const& x = a.as_range();
      auto const& y = b.as_range();
      if (x.unary != y.unary || x.low_closed != y.low_closed || x.high_closed != y.high_closed) return Tri::no;
      return tri(equals(x.low, y.low, depth + 1) == Tri::yes && equals(x.high, y.high, depth + 1) == Tri::yes);
    }
    case Kind::function: return tri(a.object() == b.object());
    case Kind::time: {
      // Equality of times looks at whole milliseconds (the suite's 0068: 10:30:00.0001 = 10:30:00.0002).
      auto x = a.as_time(), y = b.as_time();
      if ((x.zone.kind == ZoneKind::none) != (y.zone.kind == ZoneKind::none)) return Tri::no;
      return tri(in_millis(utc_nanos(x)) == in_millis(utc_nanos(y)));
    }
    case Kind::date_time: {
      auto x = a.as_date_time(), y = b.as_date_time();
      if ((x.zone.kind == ZoneKind::none) != (y.zone.kind == ZoneKind::none)) return Tri::no;
      return tri(in_millis(instant_nanos(x)) == in_millis(instant_nanos(y)));
    }
    default: {
      int order = compare(a, b);
      return order == 2 ? Tri::no : tri(order == 0);
    }
  }
}

int compare(Value const& a, Value const& b) {
  if (a.kind() != b.kind()) return 2;
  auto order = [](auto x, auto y) { return x < y ? -1 : (y < x ? 1 : 0); };
  switch (a.kind()) {
    case Kind::number: return Decimal::compare(a.as_number(), b.as_number());
    case Kind::string: return order(a.as_string().compare(b.as_string()), 0);
    case Kind::date: return order(a.as_days(), b.as_days());
    case Kind::years_months: return order(a.as_months(), b.as_months());
    case Kind::days_time: return order(a.as_nanos(), b.as_nanos());
    case Kind::time: {
      auto x = a.as_time(), y = b.as_time();
      if ((x.zone.kind == ZoneKind::none) != (y.zone.kind == ZoneKind::none)) return 2;
      return order(utc_nanos(x), utc_nanos(y));
    }
    case Kind::date_time: {
      auto x = a.as_date_time(), y = b.as_date_time();
      if ((x.zone.kind == ZoneKind::none) != (y.zone.kind == ZoneKind::none)) return 2;
      return order(instant_nanos(x), instant_nanos(y));
    }
    default: return 2;
  }
}

Tri range_contains(RangeObject const& range, Value const& value) {
  if (range.unary == static_cast<std::uint8_t>(Op::not_equal)) {
    Tri same = equals(value, range.low);
    return same == Tri::null ? same : same == Tri::yes ? Tri::no : Tri::yes;
  }
  if (!range.low_open_ended && !(range.low.is_null() && !range.high.is_null() && range.high_open_ended)) {
    int order = compare(value, range.low);
    if (order == 2) return Tri::null;
    if (order < 0 || (order == 0 && !range.low_closed)) return Tri::no;
  }
  if (!range.high_open_ended) {
    int order = compare(value, range.high);
    if (order == 2) return Tri::null;
    if (order > 0 || (order == 0 && !range.high_closed)) return Tri::no;
  }
  return Tri::yes;
}

Tri in_value(Value const& value, Value const& test) {
  if (test.is(Kind::range) && !value.is(Kind::range)) return range_contains(test.as_range(), value);
  if (test.is(Kind::list)) {
    if (value.is(Kind::list) && equals(value, test) == Tri::yes) return Tri::yes;
    Tri result = Tri::no;
    for (auto const& item : test.items()) {
      Tri one = item.is(Kind::range) && !value.is(Kind::range) ? range_contains(item.as_range(), value) : equals(value, item);
      if (one == Tri::yes) return Tri::yes;
      if (one == Tri::null && item.is(Kind::range)) result = Tri::null;
    }
    return result;
  }
  return equals(value, test);
}

std::optional<Value> property(Value const& value, std::string_view name) {
  auto integer = [](std::int64_t number) { return Value::number(number); };
  auto of_date = [&](std::int64_t days) -> std::optional<Value> {
    auto ymd = to_ymd(Date{days});
    if (name == "year") return integer(ymd.year);
    if (name == "month") return integer(ymd.month);
    if (name == "day") return integer(ymd.day);
    if (name == "weekday") return integer(iso_weekday(Date{days}));
    return std::nullopt;
  };
  auto of_clock = [&](std::int64_t nanos, Zone const& zone) -> std::optional<Value> {
    std::int64_t seconds = nanos / kNanosPerSecond;
    if (name == "hour") return integer(seconds / 3600);
    if (name == "minute") return integer(seconds / 60 % 60);
    if (name == "second") {
      if (nanos % kNanosPerSecond == 0) return integer(seconds % 60);
      return Value::number(Decimal::pack(nanos % (60 * kNanosPerSecond), -9).normalized());
    }
    if (name == "time offset") {
      if (zone.kind == ZoneKind::none) return Value::null();
      return Value::days_time(static_cast<Int128>(zone.offset_s) * kNanosPerSecond);
    }
    if (name == "timezone") return zone.kind == ZoneKind::named ? Value::string(zone.name) : Value::null();
    return std::nullopt;
  };
  switch (value.kind()) {
    case Kind::date: {
      // A date has the time properties of midnight UTC (DMN 1.5 table 66).
      if (auto found = of_date(value.as_days())) return found;
      return std::nullopt;
    }
    case Kind::time: {
      auto time = value.as_time();
      return of_clock(time.nanos, time.zone);
    }
    case Kind::date_time: {
      auto time = value.as_date_time();
      if (auto found = of_date(time.days)) return found;
      return of_clock(time.nanos, time.zone);
    }
    case Kind::years_months:
      if (name == "years") return integer(value.as_months() / 12);
      if (name == "months") return integer(value.as_months() % 12);
      return std::nullopt;
    case Kind::days_time: {
      Int128 nanos = value.as_nanos();
      if (name == "days") return integer(static_cast<std::int64_t>(nanos / kNanosPerDay));
      Int128 rest = nanos % kNanosPerDay;
      if (name == "hours") return integer(static_cast<std::int64_t>(rest / (3600 * static_cast<Int128>(kNanosPerSecond))));
      if (name == "minutes") return integer(static_cast<std::int64_t>(rest / (60 * static_cast<Int128>(kNanosPerSecond)) % 60));
      if (name == "seconds")
        return Value::number(Decimal::pack(rest % (60 * static_cast<Int128>(kNanosPerSecond)), -9).normalized());
      return std::nullopt;
    }
    case Kind::range: {
      auto const& range = value.as_range();
      if (name == "start") return range.low;
      if (name == "end") return range.high;
      if (name == "start included") return Value::boolean(range.low_closed);
      if (name == "end included") return Value::boolean(range.high_closed);
      return std::nullopt;
    }
    default: return std::nullopt;
  }
}

namespace {

std::string_view symbol(Op op) {
  switch (op) {
    case Op::add: return "+";
    case Op::subtract: return "-";
    case Op::multiply: return "*";
    case Op::divide: return "/";
    case Op::power: return "**";
    default: return "?";
  }
}

std::string brief(Value const& value) {
  std::string text = to_string(value);
  if (text.size() > 60) {
    std::size_t end = 57;
    while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;
    text = text.substr(0, end) + "...";
  }
  return text;
}

std::optional<Value> scaled(Value const& duration, Decimal factor, bool divide) {
  Int128 amount = duration.is(Kind::years_months) ? static_cast<Int128>(duration.as_months()) : duration.as_nanos();
  Decimal number, result;
  if (!Decimal::make(amount, 0, number)) return std::nullopt;
  if (!(divide ? Decimal::divide(number, factor, result) : Decimal::multiply(number, factor, result))) return std::nullopt;
  if (!Decimal::round(result, 0, Rounding::down, result)) return std::nullopt;
  std::int64_t small = 0;
  if (duration.is(Kind::years_months)) {
    if (!result.to_int64(small)) return std::nullopt;
    return Value::years_months(small);
  }
  Int128 value = result.coefficient();
  for (int i = 0; i < result.exponent(); ++i) {
    if (value > static_cast<Int128>(1) << 115 || value < -(static_cast<Int128>(1) << 115)) return std::nullopt;
    value *= 10;
  }
  return Value::days_time(value);
}

/// A date as a date and time at midnight UTC, where the standard mixes the two.
DateTime as_moment(Value const& value) {
  if (value.is(Kind::date)) return {value.as_days(), 0, {ZoneKind::offset, 0, {}}};
  return value.as_date_time();
}

std::optional<Value> temporal_sum(Evaluator& evaluator, Value const& a, Value const& b, bool minus) {
  auto zones = evaluator.options().zones;
  Int128 sign = minus ? -1 : 1;
  if (b.is(Kind::years_months)) {
    std::int64_t months = minus ? -b.as_months() : b.as_months();
    if (a.is(Kind::date)) {
      auto days = plus_months(a.as_days(), months);
      return days ? std::optional(Value::date(*days)) : std::nullopt;
    }
    if (a.is(Kind::date_time)) {
      auto time = a.as_date_time();
      auto days = plus_months(time.days, months);
      if (!days) return std::nullopt;
      time.days = *days;
      if (time.zone.kind == ZoneKind::named && zones) {
        if (auto const* rules = zones->find(time.zone.name)) time.zone.offset_s = rules->offset_at_local(time.days, time.nanos);
      }
      return Value::date_time(time);
    }
    if (a.is(Kind::years_months)) {
      std::int64_t sum = 0;
      if (__builtin_add_overflow(a.as_months(), months, &sum)) return std::nullopt;
      return Value::years_months(sum);
    }
    return std::nullopt;
  }
  if (b.is(Kind::days_time)) {
    Int128 nanos = b.as_nanos() * sign;
    if (a.is(Kind::date)) {
      auto moved = plus_nanos({a.as_days(), 0, {}}, nanos, zones);
      return moved ? std::optional(Value::date(moved->days)) : std::nullopt;
    }
    if (a.is(Kind::date_time)) {
      auto moved = plus_nanos(a.as_date_time(), nanos, zones);
      return moved ? std::optional(Value::date_time(*moved)) : std::nullopt;
    }
    if (a.is(Kind::time)) {
      auto time = a.as_time();
      Int128 total = (static_cast<Int128>(time.nanos) + nanos) % kNanosPerDay;
      if (total < 0) total += kNanosPerDay;
      time.nanos = static_cast<std::int64_t>(total);
      return Value::time(time);
    }
    if (a.is(Kind::days_time)) {
      constexpr Int128 limit = static_cast<Int128>(1) << 120;
      Int128 sum = a.as_nanos() + nanos;
      if (sum > limit || sum < -limit) return std::nullopt;
      return Value::days_time(sum);
    }
    return std::nullopt;
  }
  if (!minus) return std::nullopt;
  if (a.is(Kind::time) && b.is(Kind::time)) {
    auto x = a.as_time(), y = b.as_time();
    if ((x.zone.kind == ZoneKind::none) != (y.zone.kind == ZoneKind::none)) return std::nullopt;
    return Value::days_time(utc_nanos(x) - utc_nanos(y));
  }
  bool moments = (a.is(Kind::date) || a.is(Kind::date_time)) && (b.is(Kind::date) || b.is(Kind::date_time));
  if (moments) {
    auto x = as_moment(a), y = as_moment(b);
    if ((x.zone.kind == ZoneKind::none) != (y.zone.kind == ZoneKind::none)) return std::nullopt;
    return Value::days_time(instant_nanos(x) - instant_nanos(y));
  }
  return std::nullopt;
}

}  // namespace

Value arithmetic(Evaluator& evaluator, NodeId at, Op op, Value const& a, Value const& b) {
  if (a.is(Kind::number) && b.is(Kind::number)) {
    Decimal x = a.as_number(), y = b.as_number(), out;
    bool fine = false;
    switch (op) {
      case Op::add: fine = Decimal::add(x, y, out); break;
      case Op::subtract: fine = Decimal::subtract(x, y, out); break;
      case Op::multiply: fine = Decimal::multiply(x, y, out); break;
      case Op::divide: fine = Decimal::divide(x, y, out); break;
      default: fine = Decimal::power(x, y, out); break;
    }
    if (fine) return Value::number(out);
    if (op == Op::divide && y.is_zero()) {
      return evaluator.null(at, "feel.null.division_by_zero", brief(a) + " is divided by zero", "DMN-1.5#10.3.2.13");
    }
    return evaluator.null(
        at, "feel.null.number_range",
        brief(a) + " " + std::string(symbol(op)) + " " + brief(b) + " has no result within 34 digits and its exponents",
        "DMN-1.5#10.3.2.3.1");
  }
  if (!a.is_null() && !b.is_null()) {
    std::optional<Value> result;
    switch (op) {
      case Op::add:
        if (a.is(Kind::string) && b.is(Kind::string)) {
          if (a.as_string().size() + b.as_string().size() > evaluator.options().limits.text_bytes) {
            evaluator.stop("text bytes");
            return Value::null();
          }
          return Value::string(std::string(a.as_string()).append(b.as_string()));
        }
        result = temporal_sum(evaluator, a, b, false);
        if (!result) result = temporal_sum(evaluator, b, a, false);
        break;
      case Op::subtract: result = temporal_sum(evaluator, a, b, true); break;
      case Op::multiply:
        if ((a.is(Kind::years_months) || a.is(Kind::days_time)) && b.is(Kind::number))
          result = scaled(a, b.as_number(), false);
        else if ((b.is(Kind::years_months) || b.is(Kind::days_time)) && a.is(Kind::number))
          result = scaled(b, a.as_number(), false);
        break;
      case Op::divide:
        if ((a.is(Kind::years_months) || a.is(Kind::days_time)) && b.is(Kind::number)) {
          result = scaled(a, b.as_number(), true);
        } else if (a.kind() == b.kind() && (a.is(Kind::years_months) || a.is(Kind::days_time))) {
          Decimal x, y, out;
          bool months = a.is(Kind::years_months);
          if (Decimal::make(months ? static_cast<Int128>(a.as_months()) : a.as_nanos(), 0, x) &&
              Decimal::make(months ? static_cast<Int128>(b.as_months()) : b.as_nanos(), 0, y) && Decimal::divide(x, y, out)) {
            result = Value::number(out);
          }
        }
        break;
      default: break;
    }
    if (result) return std::move(*result);
    return evaluator.null(at, "feel.null.type",
                          "'" + std::string(symbol(op)) + "' is not defined for " + std::string(to_string(a.kind())) + " " +
                              brief(a) + " and " + std::string(to_string(b.kind())) + " " + brief(b),
                          "DMN-1.5#10.3.2.13");
  }
  Value const& cause = a.is_null() ? a : b;
  return evaluator.null_from(cause, at, "feel.null.operand", "an operand of '" + std::string(symbol(op)) + "' is null",
                             "DMN-1.5#10.3.2.13");
}

}  // namespace yiwang::feel

#include "yiwang/feel/value.hpp"

#include <cstring>
#include <new>

#include "yiwang/base/utf8.hpp"

namespace yiwang::feel {

std::string_view to_string(Kind kind) {
  switch (kind) {
    case Kind::null: return "null";
    case Kind::boolean: return "boolean";
    case Kind::number: return "number";
    case Kind::string: return "string";
    case Kind::date: return "date";
    case Kind::time: return "time";
    case Kind::date_time: return "date and time";
    case Kind::years_months: return "years and months duration";
    case Kind::days_time: return "days and time duration";
    case Kind::list: return "list";
    case Kind::context: return "context";
    case Kind::range: return "range";
    case Kind::function: return "function";
  }
  return "?";
}

Value Value::string(std::string_view text) {
  void* memory = ::operator new(sizeof(StringObject) + text.size());
  auto* made = new (memory) StringObject();
  made->size = static_cast<std::uint32_t>(text.size());
  std::uint32_t length = 0;
  for (char c : text) length += (static_cast<unsigned char>(c) & 0xC0) != 0x80;
  made->length = length;
  if (!text.empty()) std::memcpy(made->data(), text.data(), text.size());
  return Value(Kind::string, made);
}

Value Value::time(TimeOfDay const& time) {
  if (time.zone.kind == ZoneKind::named) {
    auto* made = new ZonedObject();
    made->nanos = time.nanos;
    made->offset_s = time.zone.offset_s;
    made->zone = time.zone.name;
    return Value(Kind::time, made);
  }
  Value made;
  made.kind_ = Kind::time;
  made.small_ = static_cast<std::int32_t>(time.zone.offset_s * 2 + (time.zone.kind == ZoneKind::offset ? 1 : 0));
  made.b_ = static_cast<std::uint64_t>(time.nanos);
  return made;
}

Value Value::date_time(DateTime const& time) {
  if (time.zone.kind == ZoneKind::named) {
    auto* made = new ZonedObject();
    made->days = time.days;
    made->nanos = time.nanos;
    made->offset_s = time.zone.offset_s;
    made->zone = time.zone.name;
    return Value(Kind::date_time, made);
  }
  Value made;
  made.kind_ = Kind::date_time;
  made.small_ = static_cast<std::int32_t>(time.zone.offset_s * 2 + (time.zone.kind == ZoneKind::offset ? 1 : 0));
  made.a_ = static_cast<std::uint64_t>(time.days);
  made.b_ = static_cast<std::uint64_t>(time.nanos);
  return made;
}

namespace {
Zone plain_zone(std::int32_t small) {
  if (!(small & 1)) return {};
  return {ZoneKind::offset, (small - 1) / 2, {}};
}
}  // namespace

TimeOfDay Value::as_time() const {
  if (boxed_) {
    auto const& zoned = *static_cast<ZonedObject const*>(object());
    return {zoned.nanos, {ZoneKind::named, zoned.offset_s, zoned.zone}};
  }
  return {static_cast<std::int64_t>(b_), plain_zone(small_)};
}

DateTime Value::as_date_time() const {
  if (boxed_) {
    auto const& zoned = *static_cast<ZonedObject const*>(object());
    return {zoned.days, zoned.nanos, {ZoneKind::named, zoned.offset_s, zoned.zone}};
  }
  return {static_cast<std::int64_t>(a_), static_cast<std::int64_t>(b_), plain_zone(small_)};
}

Value Value::list(std::vector<Value> items) {
  auto* made = new ListObject();
  int deepest = 0;
  for (auto const& item : items) deepest = std::max<int>(deepest, item.nesting());
  made->nesting = static_cast<std::uint16_t>(std::min(deepest + 1, 60'000));
  made->items = std::move(items);
  return Value(Kind::list, made);
}

Value Value::context() { return Value(Kind::context, new ContextObject()); }

Value Value::range(Value low, Value high, bool low_closed, bool high_closed) {
  auto* made = new RangeObject();
  made->nesting = static_cast<std::uint16_t>(std::min<int>(std::max(low.nesting(), high.nesting()) + 1, 60'000));
  made->low = std::move(low);
  made->high = std::move(high);
  made->low_closed = low_closed;
  made->high_closed = high_closed;
  return Value(Kind::range, made);
}

Value Value::function(FunctionObject* taken) { return Value(Kind::function, taken); }

std::vector<Value>& Value::items_for_write() {
  auto* o = static_cast<ListObject*>(object());
  if (o->count != 1 || o->shared) {
    *this = Value::list(o->items);
    o = static_cast<ListObject*>(object());
  }
  return o->items;
}

bool Value::is_shared() const { return boxed_ && (object()->count != 1 || object()->shared); }

void Value::append(Value item) {
  auto& items = items_for_write();
  auto* o = static_cast<ListObject*>(object());
  o->nesting = std::max(o->nesting, static_cast<std::uint16_t>(std::min(item.nesting() + 1, 60'000)));
  items.push_back(std::move(item));
}

ContextObject& Value::context_for_write() {
  auto* o = static_cast<ContextObject*>(object());
  if (o->count != 1 || o->shared) {
    auto* made = new ContextObject();
    made->entries = o->entries;
    made->nesting = o->nesting;
    *this = Value(Kind::context, made);
    o = made;
  }
  return *o;
}

void Value::freeze() const {
  auto* o = object();
  if (!o || o->shared) return;
  o->shared = true;
  switch (kind_) {
    case Kind::list:
      for (auto const& item : items()) item.freeze();
      break;
    case Kind::context:
      for (auto const& entry : as_context().entries) {
        entry.key.freeze();
        entry.value.freeze();
      }
      break;
    case Kind::range:
      as_range().low.freeze();
      as_range().high.freeze();
      break;
    case Kind::function:
      for (auto const& value : as_function().captured) value.freeze();
      break;
    default: break;
  }
}

void Value::destroy() {
  auto* o = object();
  switch (kind_) {
    case Kind::string: {
      auto* text = static_cast<StringObject*>(o);
      text->~StringObject();
      ::operator delete(text);
      break;
    }
    case Kind::time:
    case Kind::date_time: delete static_cast<ZonedObject*>(o); break;
    case Kind::list: delete static_cast<ListObject*>(o); break;
    case Kind::context: delete static_cast<ContextObject*>(o); break;
    case Kind::range: delete static_cast<RangeObject*>(o); break;
    case Kind::function: delete static_cast<FunctionObject*>(o); break;
    default: break;
  }
}

Value const* ContextObject::find(std::string_view name) const {
  for (auto const& entry : entries) {
    if (entry.name() == name) return &entry.value;
  }
  return nullptr;
}

void ContextObject::set(std::string_view name, Value value) {
  hold(value);
  for (auto& entry : entries) {
    if (entry.name() == name) {
      entry.value = std::move(value);
      return;
    }
  }
  entries.push_back({Value::string(name), std::move(value)});
}

void ContextObject::set(Value key, Value value) {
  hold(value);
  for (auto& entry : entries) {
    if (entry.name() == key.as_string()) {
      entry.value = std::move(value);
      return;
    }
  }
  entries.push_back({std::move(key), std::move(value)});
}

std::uint32_t string_length(Value const& value) { return static_cast<StringObject const*>(value.object())->length; }

namespace {

void append_two(std::string& out, std::int64_t value) {
  out += static_cast<char>('0' + value / 10);
  out += static_cast<char>('0' + value % 10);
}

void append_fraction(std::string& out, std::int64_t nanos) {
  if (nanos == 0) return;
  char digits[10];
  for (int i = 8; i >= 0; --i) {
    digits[i] = static_cast<char>('0' + nanos % 10);
    nanos /= 10;
  }
  int count = 9;
  while (digits[count - 1] == '0') --count;
  out += '.';
  out.append(digits, static_cast<std::size_t>(count));
}

void append_zone(std::string& out, Zone const& zone) {
  if (zone.kind == ZoneKind::none) return;
  if (zone.kind == ZoneKind::named) {
    out += '@';
    out += zone.name;
    return;
  }
  if (zone.offset_s == 0) {
    out += 'Z';
    return;
  }
  std::int32_t offset = zone.offset_s < 0 ? -zone.offset_s : zone.offset_s;
  out += zone.offset_s < 0 ? '-' : '+';
  append_two(out, offset / 3600);
  out += ':';
  append_two(out, offset / 60 % 60);
  if (offset % 60) {
    out += ':';
    append_two(out, offset % 60);
  }
}

void append_clock(std::string& out, std::int64_t nanos) {
  std::int64_t seconds = nanos / 1'000'000'000;
  append_two(out, seconds / 3600);
  out += ':';
  append_two(out, seconds / 60 % 60);
  out += ':';
  append_two(out, seconds % 60);
  append_fraction(out, nanos % 1'000'000'000);
}

// FEEL spells years beyond 9999 without a plus sign (XML Schema 1.1).
std::string format_date(std::int64_t days) {
  std::string text = yiwang::to_string(Date{days});
  return text[0] == '+' ? text.substr(1) : text;
}

void append_unsigned(std::string& out, Int128 value) {
  char digits[40];
  int count = 0;
  do {
    digits[count++] = static_cast<char>('0' + static_cast<int>(value % 10));
    value /= 10;
  } while (value);
  while (count) out += digits[--count];
}

}  // namespace

std::string format_time(TimeOfDay const& time) {
  std::string out;
  append_clock(out, time.nanos);
  append_zone(out, time.zone);
  return out;
}

std::string format_date_time(DateTime const& time) {
  std::string out = format_date(time.days);
  out += 'T';
  append_clock(out, time.nanos);
  append_zone(out, time.zone);
  return out;
}

std::string format_years_months(std::int64_t months) {
  std::string out = months < 0 ? "-P" : "P";
  if (months < 0) months = -months;
  if (months == 0) return "P0M";
  if (months / 12) out += std::to_string(months / 12) + "Y";
  if (months % 12) out += std::to_string(months % 12) + "M";
  return out;
}

std::string format_days_time(Int128 nanos) {
  if (nanos == 0) return "PT0S";
  std::string out = nanos < 0 ? "-P" : "P";
  if (nanos < 0) nanos = -nanos;
  constexpr Int128 second = 1'000'000'000;
  Int128 days = nanos / (second * 86400), rest = nanos % (second * 86400);
  if (days) {
    append_unsigned(out, days);
    out += 'D';
  }
  if (rest) {
    out += 'T';
    auto hours = static_cast<std::int64_t>(rest / (second * 3600)),
         minutes = static_cast<std::int64_t>(rest / (second * 60) % 60);
    Int128 seconds = rest % (second * 60);
    if (hours) out += std::to_string(hours) + "H";
    if (minutes) out += std::to_string(minutes) + "M";
    if (seconds) {
      append_unsigned(out, seconds / second);
      append_fraction(out, static_cast<std::int64_t>(seconds % second));
      out += 'S';
    }
  }
  return out;
}

namespace {

void append_quoted(std::string& out, std::string_view text) {
  out += '"';
  for (char c : text) {
    switch (c) {
      case '"': out += "\\\""; break;
      case '\\': out += "\\\\"; break;
      case '\n': out += "\\n"; break;
      case '\r': out += "\\r"; break;
      case '\t': out += "\\t"; break;
      default: out += c;
    }
  }
  out += '"';
}

bool is_plain_key(std::string_view key) {
  if (key.empty() || (key[0] >= '0' && key[0] <= '9') || key.front() == ' ' || key.back() == ' ') return false;
  for (char c : key) {
    bool fine = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == ' ' || (c & 0x80);
    if (!fine) return false;
  }
  return true;
}

void append_value(std::string& out, Value const& value, bool nested) {
  switch (value.kind()) {
    case Kind::null: out += "null"; break;
    case Kind::boolean: out += value.as_boolean() ? "true" : "false"; break;
    case Kind::number: value.as_number().append_to(out); break;
    case Kind::string:
      if (nested)
        append_quoted(out, value.as_string());
      else
        out += value.as_string();
      break;
    case Kind::date: out += format_date(value.as_days()); break;
    case Kind::time: out += format_time(value.as_time()); break;
    case Kind::date_time: out += format_date_time(value.as_date_time()); break;
    case Kind::years_months: out += format_years_months(value.as_months()); break;
    case Kind::days_time: out += format_days_time(value.as_nanos()); break;
    case Kind::list: {
      out += '[';
      bool first = true;
      for (auto const& item : value.items()) {
        if (!first) out += ", ";
        first = false;
        append_value(out, item, true);
      }
      out += ']';
      break;
    }
    case Kind::context: {
      out += '{';
      bool first = true;
      for (auto const& entry : value.as_context().entries) {
        if (!first) out += ", ";
        first = false;
        if (is_plain_key(entry.name()))
          out += entry.name();
        else
          append_quoted(out, entry.name());
        out += ": ";
        append_value(out, entry.value, true);
      }
      out += '}';
      break;
    }
    case Kind::range: {
      auto const& range = value.as_range();
      if (range.unary != 0 && !range.low_open_ended && !range.high_open_ended) {
        out += range.low_closed ? "(=" : "(!=";
        append_value(out, range.low, true);
        out += ')';
        break;
      }
      if (range.low_open_ended || range.high_open_ended) {
        out += range.low_open_ended ? (range.high_closed ? "(<=" : "(<") : (range.low_closed ? "(>=" : "(>");
        append_value(out, range.low_open_ended ? range.high : range.low, true);
        out += ')';
        break;
      }
      out += range.low_closed ? '[' : '(';
      append_value(out, range.low, true);
      out += "..";
      append_value(out, range.high, true);
      out += range.high_closed ? ']' : ')';
      break;
    }
    case Kind::function: out += "function " + value.as_function().name; break;
  }
}

}  // namespace

std::string to_string(Value const& value) {
  std::string out;
  append_value(out, value, true);
  return out;
}

std::string to_plain_string(Value const& value) {
  std::string out;
  append_value(out, value, false);
  return out;
}

bool identical(Value const& a, Value const& b) {
  if (a.kind() != b.kind()) return false;
  switch (a.kind()) {
    case Kind::null: return true;
    case Kind::boolean: return a.as_boolean() == b.as_boolean();
    case Kind::number: return a.as_number() == b.as_number();
    case Kind::string: return a.as_string() == b.as_string();
    case Kind::date: return a.as_days() == b.as_days();
    case Kind::time: return a.as_time().nanos == b.as_time().nanos && a.as_time().zone == b.as_time().zone;
    case Kind::date_time: {
      auto x = a.as_date_time(), y = b.as_date_time();
      return x.days == y.days && x.nanos == y.nanos && x.zone == y.zone;
    }
    case Kind::years_months: return a.as_months() == b.as_months();
    case Kind::days_time: return a.as_nanos() == b.as_nanos();
    case Kind::list: {
      auto const& x = a.items();
      auto const& y = b.items();
      if (x.size() != y.size()) return false;
      for (std::size_t i = 0; i < x.size(); ++i) {
        if (!identical(x[i], y[i])) return false;
      }
      return true;
    }
    case Kind::context: {
      auto const& x = a.as_context().entries;
      if (x.size() != b.as_context().entries.size()) return false;
      for (auto const& entry : x) {
        auto const* other = b.as_context().find(entry.name());
        if (!other || !identical(entry.value, *other)) return false;
      }
      return true;
    }
    case Kind::range: {
      auto const& x = a.as_range();
      auto const& y = b.as_range();
      return x.unary == y.unary && x.low_closed == y.low_closed && x.high_closed == y.high_closed &&
             x.low_open_ended == y.low_open_ended && x.high_open_ended == y.high_open_ended && identical(x.low, y.low) &&
             identical(x.high, y.high);
    }
    case Kind::function: return a.object() == b.object();
  }
  return false;
}

}  // namespace yiwang::feel

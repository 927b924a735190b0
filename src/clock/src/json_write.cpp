#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>

#include "compute.hpp"
#include "yiwang/clock/json.hpp"

namespace yiwang::clock {
namespace {

class Writer {
 public:
  std::string text;

  void raw(std::string_view value) { text += value; }
  void string(std::string_view value) {
    text += '"';
    for (char const c : value) {
      auto const byte = static_cast<unsigned char>(c);
      if (c == '"' || c == '\\') {
        text += '\\';
        text += c;
      } else if (byte < 0x20) {
        fmt::format_to(std::back_inserter(text), "\\u{:04x}", byte);
      } else {
        text += c;
      }
    }
    text += '"';
  }
  void number(std::int64_t value) { fmt::format_to(std::back_inserter(text), "{}", value); }

  void two(std::int64_t value) {
    text += static_cast<char>('0' + value / 10 % 10);
    text += static_cast<char>('0' + value % 10);
  }
  void day_text(std::int64_t day) {
    YearMonthDay const ymd = to_ymd(Date{day});
    if (ymd.year < 0 || ymd.year > 9999) {
      text += to_string(Date{day});
      return;
    }
    two(ymd.year / 100);
    two(ymd.year % 100);
    text += '-';
    two(ymd.month);
    text += '-';
    two(ymd.day);
  }
  void day(std::int64_t value) {
    text += '"';
    day_text(value);
    text += '"';
  }
  void at(std::int64_t local) {
    std::int64_t const day = day_of(local);
    std::int64_t const second = local - day * kDaySeconds;
    text += '"';
    day_text(day);
    text += 'T';
    two(second / 3600);
    text += ':';
    two(second / 60 % 60);
    text += ':';
    two(second % 60);
    text += "+08:00\"";
  }
  void at(std::optional<Instant> const& value) {
    if (value) {
      at(to_local(*value));
    } else {
      text += "null";
    }
  }
  void day(std::optional<Date> const& value) {
    if (value) {
      day(value->days);
    } else {
      text += "null";
    }
  }
  void number(std::optional<std::int64_t> const& value) {
    if (value) {
      number(*value);
    } else {
      text += "null";
    }
  }
  void string(std::optional<std::string_view> const& value) {
    if (value) {
      string(*value);
    } else {
      text += "null";
    }
  }
};

void write_status(Writer& w, ClockStatus const& status) {
  w.raw("\"state\":");
  w.string(to_string(status.state));
  w.raw(",\"due_at\":");
  w.at(status.due_at);
  w.raw(",\"left\":");
  w.number(status.left);
  w.raw(",\"over\":");
  w.number(status.over);
  w.raw(",\"level\":");
  w.string(status.level);
  if (status.effect) {
    w.raw(",\"effect\":");
    w.string(*status.effect);
  }
  if (status.unknown_day) {
    w.raw(",\"error\":{\"code\":\"E_CALENDAR_UNKNOWN\",\"date\":");
    w.day(status.unknown_day->days);
    w.raw("}");
  }
}

void write_line(Writer& w, Line const& line) {
  auto point = [&](std::int64_t value) {
    if (line.hours) {
      w.at(value);
    } else {
      w.day(value);
    }
  };
  w.raw("{\"kind\":");
  w.string(to_string(line.kind));
  switch (line.kind) {
    case LineKind::due:
      w.raw(",\"at\":");
      w.at(line.from);
      break;
    case LineKind::months:
      w.raw(",\"months\":");
      w.number(line.amount);
      w.raw(",\"from\":");
      w.day(line.from);
      w.raw(",\"to\":");
      w.day(line.to);
      w.raw(line.clamped ? ",\"clamped\":true,\"days\":" : ",\"clamped\":false,\"days\":");
      w.number(line.days);
      break;
    case LineKind::extension:
      w.raw(",\"amount\":");
      w.number(line.amount);
      w.raw(",\"unit\":");
      w.string(to_string(line.unit));
      w.raw(",\"after\":");
      w.day(line.from);
      break;
    case LineKind::start:
      if (line.hours) {
        w.raw(",\"at\":");
        w.at(line.from);
        break;
      }
      [[fallthrough]];
    default:
      w.raw(",\"from\":");
      point(line.from);
      w.raw(",\"to\":");
      if (line.kind == LineKind::open_pause) {
        w.raw("null");
      } else {
        point(line.to);
        w.raw(line.hours ? ",\"seconds\":" : ",\"days\":");
        w.number(line.days);
      }
      if (line.kind == LineKind::count || line.kind == LineKind::makeup) {
        w.raw(",\"total\":");
        w.number(line.total);
      }
      if (!line.name.empty()) {
        w.raw(",\"name\":");
        w.string(line.name);
      }
      if (!line.reasons.empty()) {
        w.raw(",\"reasons\":[");
        for (std::size_t i = 0; i < line.reasons.size(); ++i) {
          if (i > 0) w.raw(",");
          w.string(line.reasons[i]);
        }
        w.raw("]");
      }
  }
  w.raw("}");
}

void write_clock(Writer& w, ClockResult const& clock) {
  w.string(clock.id);
  w.raw(":{");
  write_status(w, clock);
  w.raw(",\"round\":");
  w.number(clock.round);
  w.raw(",\"start_at\":");
  w.at(clock.start_at);
  w.raw(",\"stop_at\":");
  w.at(clock.stop_at);
  w.raw(",\"due_date\":");
  w.day(clock.due_date);
  w.raw(",\"nominal\":");
  w.day(clock.nominal);
  w.raw(",\"explain\":[");
  for (std::size_t i = 0; i < clock.explain.size(); ++i) {
    if (i > 0) w.raw(",");
    write_line(w, clock.explain[i]);
  }
  w.raw("],\"recalc\":[");
  for (std::size_t i = 0; i < clock.recalc.size(); ++i) {
    Recalculation const& entry = clock.recalc[i];
    w.raw(i > 0 ? ",{\"event\":" : "{\"event\":");
    w.number(static_cast<std::int64_t>(entry.event));
    w.raw(",\"decree\":");
    w.string(entry.decree);
    w.raw(",\"old\":");
    w.at(entry.old_due);
    w.raw(",\"new\":");
    w.at(entry.new_due);
    w.raw("}");
  }
  w.raw("]");
  if (clock.provisional) w.raw(",\"provisional\":true");
  w.raw("}");
}

void write_outcome(Writer& w, Outcome const& outcome) {
  w.raw("\"ok\":true,\"version\":");
  w.string(outcome.version);
  w.raw(",\"derived\":[");
  bool first = true;
  for (DerivedEvent const& event : outcome.derived) {
    w.raw(first ? "{\"type\":" : ",{\"type\":");
    first = false;
    w.string(event.type);
    w.raw(",\"at\":");
    w.at(to_local(event.at));
    w.raw(",\"known_at\":");
    w.at(to_local(event.known_at));
    w.raw(",\"from_clock\":");
    w.string(event.from_clock);
    w.raw("}");
  }
  w.raw("],\"clocks\":{");
  for (std::size_t i = 0; i < outcome.clocks.size(); ++i) {
    if (i > 0) w.raw(",");
    write_clock(w, outcome.clocks[i]);
  }
  w.raw("},\"first_due\":");
  if (outcome.first_due) {
    ClockResult const& clock = outcome.clocks[*outcome.first_due];
    w.raw("{\"clock\":");
    w.string(clock.id);
    w.raw(",\"due_at\":");
    w.at(clock.due_at);
    w.raw("}");
  } else {
    w.raw("null");
  }
  w.raw(",\"warnings\":[");
  first = true;
  for (CaseWarning const& warning : outcome.warnings) {
    w.raw(first ? "{\"code\":" : ",{\"code\":");
    first = false;
    w.string(std::string_view(warning.code));
    if (warning.clock) {
      w.raw(",\"clock\":");
      w.string(*warning.clock);
    }
    if (warning.event) {
      w.raw(",\"event\":");
      w.number(static_cast<std::int64_t>(*warning.event));
    }
    w.raw("}");
  }
  w.raw("],\"asks\":[");
  first = true;
  for (Ask const& ask : outcome.asks) {
    w.raw(first ? "{\"at\":" : ",{\"at\":");
    first = false;
    w.at(to_local(ask.at));
    w.raw(",\"clocks\":{");
    for (std::size_t i = 0; i < ask.clocks.size(); ++i) {
      if (i > 0) w.raw(",");
      w.string(outcome.clocks[i].id);
      w.raw(":{");
      write_status(w, ask.clocks[i]);
      w.raw("}");
    }
    w.raw("}}");
  }
  w.raw("]");
}

void write_error(Writer& w, Error const& error) {
  w.raw("\"ok\":false,\"error\":{\"code\":");
  w.string(to_string(error.code()));
  if (!error.param("event").empty()) {
    w.raw(",\"event\":");
    w.raw(error.param("event"));
  }
  if (!error.param("clock").empty()) {
    w.raw(",\"clock\":");
    w.string(error.param("clock"));
  }
  w.raw("}");
}

/// The `id` of a case as JSON text; `valid` false where the line is not JSON at all.
std::string id_text(std::string_view json, bool& valid) {
  boost::json::error_code error;
  unsigned char buffer[16384];
  boost::json::monotonic_resource memory(buffer, sizeof buffer);
  boost::json::value const root = boost::json::parse({json.data(), json.size()}, error, &memory);
  valid = !error;
  if (error || !root.is_object()) return "null";
  auto const it = root.get_object().find("id");
  return it == root.get_object().end() ? "null" : boost::json::serialize(it->value());
}

}  // namespace

std::string eval_line(std::string_view json, DayTable const& table) {
  Writer w;
  w.text.reserve(4096);
  w.raw("{\"id\":");
  auto input = parse_case(json, table);
  if (!input) {
    bool valid = false;
    w.raw(id_text(json, valid));
    w.raw(",");
    write_error(w, input.error());
    w.raw("}");
    return std::move(w.text);
  }
  w.raw(input->id_json);
  w.raw(",");
  auto const outcome = evaluate(*input);
  if (outcome) {
    write_outcome(w, *outcome);
  } else {
    write_error(w, outcome.error());
  }
  w.raw("}");
  return std::move(w.text);
}

}  // namespace yiwang::clock

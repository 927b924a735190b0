#include "yiwang/spine/deadline.hpp"

#include <algorithm>

#include "yiwang/clock/json.hpp"

namespace yiwang::spine {
namespace {

json::Value number(std::int64_t n) { return json::Value::number(std::to_string(n)); }
json::Value day(std::int64_t n) { return json::Value::string(to_string(Date{n})); }

/// Which clock an extension means: the one that may be extended, has started and has not stopped since.
std::string extended_clock(clock::Rule const& rule, std::vector<ClockRecord> const& records, std::size_t until) {
  std::string found;
  auto names = [](std::vector<std::string> const& list, std::string const& type) {
    return std::find(list.begin(), list.end(), type) != list.end();
  };
  for (auto const& version : rule.versions) {
    for (clock::ClockRule const& clock : version.clocks) {
      if (!clock.extension) continue;
      bool runs = false;
      for (std::size_t i = 0; i < until; ++i) {
        if (names(clock.stop_on, records[i].type)) runs = false;
        if (names(clock.start_on, records[i].type)) runs = true;
      }
      if (runs || found.empty()) found = clock.id;
    }
  }
  return found;
}

/// A clock that begins in some cases only (24 hours for who cannot wait) is not there in the others: nothing has started it, and
/// nothing will by itself.
void leave_out(clock::Rule& rule, std::vector<ClockRecord> const& records) {
  for (auto& version : rule.versions) {
    auto const derived = [&](std::string const& type) {
      return std::any_of(version.clocks.begin(), version.clocks.end(),
                         [&](clock::ClockRule const& c) { return c.on_expiry.event == type; });
    };
    auto const begins = [&](clock::ClockRule const& c) {
      return std::any_of(c.start_on.begin(), c.start_on.end(), [&](std::string const& type) {
        return derived(type) || std::any_of(records.begin(), records.end(), [&](ClockRecord const& r) { return r.type == type; });
      });
    };
    if (std::none_of(version.clocks.begin(), version.clocks.end(), begins)) continue;
    std::erase_if(version.clocks, [&](clock::ClockRule const& c) { return !begins(c); });
  }
}

/// `input` must outlive the outcome, which points into it.
Result<clock::Outcome> evaluate_case(CaseType const& type, CaseState const& state, clock::DayTable const& table, Instant now,
                                     clock::Case& input) {
  input.calendar.table = &table;
  // The running server never refuses an unknown year; it says that the date is provisional (clock model §3).
  input.calendar.provisional = true;
  input.rule = *type.clock_rule_compiled;
  leave_out(input.rule, state.clock);
  for (std::size_t i = 0; i < state.clock.size(); ++i) {
    ClockRecord const& record = state.clock[i];
    clock::Event event;
    event.at = record.at;
    event.type = record.type;
    if (!record.reason.empty()) event.reason = record.reason;
    if (!record.key.empty()) event.key = record.key;
    if (record.type == "extend") {
      event.clock = extended_clock(input.rule, state.clock, i);
      event.amount = record.amount;
      if (!record.by.empty()) event.by = record.by;
    }
    input.events.push_back(std::move(event));
  }
  input.asks.push_back(now);
  return clock::evaluate(input);
}

/// The clock that is due first; when none runs, the one that stands still; else the last that has been at work.
std::size_t leading_clock(clock::Outcome const& outcome) {
  if (outcome.first_due) return *outcome.first_due;
  std::size_t which = 0;
  auto rank = [&](std::size_t i) {
    switch (outcome.asks.front().clocks[i].state) {
      case clock::State::paused:
      case clock::State::held: return 3;
      case clock::State::done:
      case clock::State::done_late:
      case clock::State::terminated: return 2;
      case clock::State::not_started: return 0;
      default: return 1;
    }
  };
  for (std::size_t i = 1; i < outcome.clocks.size(); ++i) {
    if (rank(i) > rank(which)) which = i;
  }
  return which;
}

bool works(clock::DayTable const& table, std::int64_t day) {
  clock::DayInfo const info = table.lookup(day);
  return info.kind == clock::DayKind::unknown ? clock::weekday_of(day) <= 5 : info.works();
}

/// The first midnight at which the clock has at most `left` units before it is due, or at least `over` behind it. Days that a
/// pause excluded lie in the past and change nothing here: before today the rule acts at once either way.
Instant taking_effect(TimeOutRule const& rule, clock::ClockRule const& clock, clock::DayTable const& table, Instant due) {
  if (!rule.left && !rule.over) return Instant{due.us + kMicrosPerSecond};  // on time is not late; clocks count seconds
  std::int64_t const amount = rule.left ? *rule.left : *rule.over;
  if (clock.hours()) return Instant{due.us + (rule.left ? -amount : amount) * 3600 * kMicrosPerSecond};
  bool const counts_workdays = clock.unit == clock::Unit::workday;
  std::int64_t day = shanghai_date(due).days, counted = 0;
  if (rule.left) {
    for (;; --day) {
      if (!counts_workdays || works(table, day)) ++counted;
      if (counted > amount) break;  // `day` itself would count one more
    }
  } else {
    while (counted < amount) {
      ++day;
      if (!counts_workdays || works(table, day)) ++counted;
    }
  }
  return shanghai_midnight(Date{day});
}

}  // namespace

Result<CaseTimes> case_times(CaseType const& type, CaseState const& state, clock::DayTable const& table, Instant now) {
  CaseTimes out;
  if (!type.clock_rule_compiled || state.clock.empty()) return out;
  clock::Case input;
  YW_ASSIGN(clock::Outcome outcome, evaluate_case(type, state, table, now, input));
  if (outcome.clocks.empty()) return out;
  out.due = outcome.clocks[leading_clock(outcome)].due_at;
  for (std::size_t r = 0; r < type.time_outs.size(); ++r) {
    TimeOutRule const& rule = type.time_outs[r];
    for (std::size_t i = 0; i < outcome.clocks.size(); ++i) {
      clock::State const stands = outcome.asks.front().clocks[i].state;
      if (outcome.clocks[i].id != rule.clock || !outcome.clocks[i].due_at ||
          (stands != clock::State::running && stands != clock::State::overdue))
        continue;
      clock::ClockRule const* clock = nullptr;
      for (auto const& version : type.clock_rule_compiled->versions) {
        if (outcome.version && version.version != *outcome.version) continue;
        for (auto const& one : version.clocks) {
          if (one.id == rule.clock) clock = &one;
        }
      }
      if (clock != nullptr)
        out.time_outs.push_back({r, *outcome.clocks[i].due_at, taking_effect(rule, *clock, table, *outcome.clocks[i].due_at)});
    }
  }
  return out;
}

Result<std::optional<Deadline>> deadline(CaseType const& type, CaseState const& state, clock::DayTable const& table,
                                         Instant now) {
  if (!type.clock_rule_compiled || state.clock.empty()) return std::optional<Deadline>{};
  clock::Case input;
  YW_ASSIGN(clock::Outcome outcome, evaluate_case(type, state, table, now, input));
  if (outcome.clocks.empty()) return std::optional<Deadline>{};
  std::size_t const which = leading_clock(outcome);
  clock::ClockResult const& result = outcome.clocks[which];
  Deadline out;
  out.state = outcome.asks.front().clocks[which].state;
  out.due = result.due_at;
  out.left = outcome.asks.front().clocks[which].left;
  out.provisional = result.provisional;
  out.explain = json::Value::array();
  for (clock::Line const& line : result.explain) {
    json::Value item = json::Value::object({{"kind", json::Value::string(std::string(to_string(line.kind)))}});
    if (!line.hours && line.kind != clock::LineKind::due) {
      item.set("from", day(line.from));
      if (line.kind != clock::LineKind::open_pause) item.set("to", day(line.to));  // nobody knows yet
      item.set("days", number(line.days));
      if (line.total != 0) item.set("total", number(line.total));
    }
    if (!line.name.empty()) item.set("name", json::Value::string(std::string(line.name)));
    if (!line.reasons.empty()) {
      json::Value reasons = json::Value::array();
      for (std::string_view r : line.reasons) reasons.items().push_back(json::Value::string(std::string(r)));
      item.set("reasons", std::move(reasons));
    }
    out.explain.items().push_back(std::move(item));
  }
  return std::optional<Deadline>(std::move(out));
}

}  // namespace yiwang::spine

#include "yiwang/spine/deadline.hpp"

#include "yiwang/clock/json.hpp"

namespace yiwang::spine {
namespace {

json::Value number(std::int64_t n) { return json::Value::number(std::to_string(n)); }
json::Value day(std::int64_t n) { return json::Value::string(to_string(Date{n})); }

}  // namespace

Result<std::optional<Deadline>> deadline(CaseType const& type, CaseState const& state, clock::DayTable const& table, Instant now) {
  if (!type.clock_rule_compiled || state.clock.empty()) return std::optional<Deadline>{};
  clock::Case input;
  input.calendar.table = &table;
  // The running server never refuses an unknown year; it says that the date is provisional (clock model §3).
  input.calendar.provisional = true;
  input.rule = *type.clock_rule_compiled;
  for (ClockRecord const& record : state.clock) {
    clock::Event event;
    event.at = record.at;
    event.type = record.type;
    if (!record.reason.empty()) event.reason = record.reason;
    input.events.push_back(std::move(event));
  }
  input.asks.push_back(now);
  YW_ASSIGN(clock::Outcome outcome, clock::evaluate(input));
  if (outcome.clocks.empty()) return std::optional<Deadline>{};
  // The clock that is due first; when none runs, the one that stands still; else the last that has been at work.
  std::size_t which = 0;
  auto rank = [&](std::size_t i) {
    switch (outcome.asks.front().clocks[i].state) {
      case clock::State::paused: case clock::State::held: return 3;
      case clock::State::done: case clock::State::done_late: case clock::State::terminated: return 2;
      case clock::State::not_started: return 0;
      default: return 1;
    }
  };
  for (std::size_t i = 1; i < outcome.clocks.size(); ++i) {
    if (rank(i) > rank(which)) which = i;
  }
  which = outcome.first_due.value_or(which);
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
      item.set("to", day(line.to));
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

#include <fmt/format.h>

#include "yiwang/clock/json.hpp"

namespace yiwang::clock {
namespace {

struct Words {
  char const* zh;
  char const* en;
  std::string_view in(Language language) const { return language == Language::en ? en : zh; }
};

Words state_words(State state) {
  switch (state) {
    case State::not_started: return {"未开始", "not started"};
    case State::held: return {"待补正，暂不计时", "held until the correction comes back"};
    case State::terminated: return {"已终止", "terminated"};
    case State::done: return {"按时办结", "done in time"};
    case State::done_late: return {"逾期办结", "done late"};
    case State::error: return {"无法计算", "cannot be computed"};
    case State::overdue: return {"已逾期", "overdue"};
    case State::paused: return {"中止计时", "paused"};
    case State::running: return {"计时中", "running"};
  }
  return {"", ""};
}

Words unit_words(Unit unit) {
  switch (unit) {
    case Unit::workday: return {"个工作日", " working days"};
    case Unit::day: return {"日", " days"};
    case Unit::month: return {"个月", " months"};
    case Unit::year: return {"年", " years"};
    case Unit::hour: return {"小时", " hours"};
    case Unit::workhour: return {"个工作小时", " working hours"};
  }
  return {"", ""};
}

Words line_words(LineKind kind) {
  switch (kind) {
    case LineKind::start: return {"起算日，不计入", "the day of the event is not counted"};
    case LineKind::deferred: return {"顺延到下一工作日收件", "received as on the next working day"};
    case LineKind::wait: return {"等待首个工作日", "waiting for the first working day"};
    case LineKind::count: return {"计入", "counted"};
    case LineKind::makeup: return {"调休上班，计入", "make-up working day, counted"};
    case LineKind::weekend: return {"周末，不计入", "weekend, not counted"};
    case LineKind::holiday: return {"节假日，不计入", "holiday, not counted"};
    case LineKind::paused: return {"中止，不计入", "paused, not counted"};
    case LineKind::roll: return {"届满日为休息日，顺延", "the last day is a rest day and moves on"};
    case LineKind::anchor: return {"倒推基准日，不计入", "counted back from this day"};
    case LineKind::months: return {"按月计算", "counted by months"};
    case LineKind::extension: return {"延长", "extended"};
    case LineKind::open_pause: return {"中止尚未恢复", "paused until resumed"};
    case LineKind::due: return {"届满", "due"};
  }
  return {"", ""};
}

std::string point(Line const& line, std::int64_t value) {
  if (!line.hours) return to_string(Date{value});
  std::string text = to_shanghai_string(from_local(value));
  text.resize(19);
  text[10] = ' ';
  return text;
}

std::string minute_text(Instant at) {
  std::string text = to_shanghai_string(at);
  text.resize(19);
  text[10] = ' ';
  return text;
}

std::string line_text(Line const& line, Language language) {
  bool const en = language == Language::en;
  std::string text = "    ";
  text += point(line, line.from);
  bool const single =
      line.kind == LineKind::due || line.kind == LineKind::extension || (line.kind == LineKind::start && line.hours);
  if (line.kind == LineKind::open_pause) {
    text += en ? " …" : " 起";
  } else if (!single && line.to != line.from) {
    text += " – " + point(line, line.to);
  }
  text += "  ";
  text += line_words(line.kind).in(language);
  if (line.kind == LineKind::months) {
    text += en ? fmt::format(": {} months, {} days", line.amount, line.days)
               : fmt::format("：{} 个月，共 {} 日", line.amount, line.days);
    if (line.clamped) text += en ? ", no such day in the month: its last day" : "，当月无对应日，取月末";
  } else if (line.kind == LineKind::extension) {
    text += fmt::format(" {}{}", line.amount, unit_words(line.unit).in(language));
  } else if (line.days > 0 && !line.hours) {
    text += en ? fmt::format(" ({} days", line.days) : fmt::format("（{} 日", line.days);
    if (line.total > 0) text += en ? fmt::format(", {} in all", line.total) : fmt::format("，累计 {}", line.total);
    text += en ? ")" : "）";
  } else if (line.days > 0) {
    text += en ? fmt::format(" ({} s", line.days) : fmt::format("（{} 秒", line.days);
    if (line.total > 0) text += en ? fmt::format(", {} in all", line.total) : fmt::format("，累计 {}", line.total);
    text += en ? ")" : "）";
  }
  if (!line.name.empty()) text += fmt::format(" {}", line.name);
  for (std::size_t i = 0; i < line.reasons.size(); ++i)
    text += fmt::format("{}{}", i == 0 ? (en ? ": " : "：") : ", ", line.reasons[i]);
  return text + "\n";
}

}  // namespace

std::string explain(Case const& input, Outcome const& outcome, Language language) {
  bool const en = language == Language::en;
  std::string text = fmt::format("{} {}\n", en ? "Rule" : "规则", input.rule.id);
  if (outcome.version) text += fmt::format("{} {}\n", en ? "Version" : "版本", *outcome.version);
  for (ClockResult const& clock : outcome.clocks) {
    text += fmt::format("  {}{}{}", clock.id, en ? ": " : "：", state_words(clock.state).in(language));
    if (clock.due_at) text += fmt::format(fmt::runtime(en ? ", due {}" : "，期限 {}"), minute_text(*clock.due_at));
    if (clock.left && clock.state != State::overdue)
      text += fmt::format(fmt::runtime(en ? ", {} left" : "，剩余 {}"), *clock.left);
    if (clock.over && clock.state == State::overdue)
      text += fmt::format(fmt::runtime(en ? ", {} over" : "，超期 {}"), *clock.over);
    if (clock.unknown_day) {
      text += fmt::format(fmt::runtime(en ? ": no decree covers {}; load the calendar of that year"
                                          : "：{} 没有已公布的放假安排，请载入该年日历"),
                          to_string(*clock.unknown_day));
    }
    if (clock.provisional) text += en ? " (provisional: no decree yet)" : "（暂定：放假安排尚未公布）";
    if (clock.effect) text += fmt::format(fmt::runtime(en ? ", effect: {}" : "，效力：{}"), *clock.effect);
    text += "\n";
    for (Line const& line : clock.explain) text += line_text(line, language);
    for (Recalculation const& entry : clock.recalc) {
      text += fmt::format(fmt::runtime(en ? "    {}: due moved from {} to {}\n" : "    {}：期限由 {} 改为 {}\n"), entry.decree,
                          entry.old_due ? minute_text(*entry.old_due) : "-", entry.new_due ? minute_text(*entry.new_due) : "-");
    }
  }
  for (DerivedEvent const& event : outcome.derived) {
    text += fmt::format(
        fmt::runtime(en ? "  deemed event {} on {} (clock {} ran out {})\n" : "  视为发生 {}，生效 {}（时限 {} 于 {} 届满）\n"),
        event.type, minute_text(event.at), event.from_clock, minute_text(event.known_at));
  }
  for (CaseWarning const& warning : outcome.warnings) text += fmt::format("  {} {}\n", warning.code, warning.clock.value_or(""));
  return text;
}

Result<std::string> explain_line(std::string_view json, DayTable const& table, Language language) {
  YW_ASSIGN(Case input, parse_case(json, table));
  YW_ASSIGN(Outcome outcome, evaluate(input));
  return explain(input, outcome, language);
}

}  // namespace yiwang::clock

#include <fmt/format.h>

#include "yiwang/bpmn/engine.hpp"

namespace yiwang::bpmn {
namespace {

std::string minute(Instant at) {
  std::string text = to_shanghai_string(at);
  text.resize(16);
  text[10] = ' ';
  return text;
}

/// "3 天 4 小时" / "3 d 4 h": the two largest parts.
std::string span(std::int64_t us, bool en) {
  std::int64_t const minutes = us < 0 ? 0 : us / (60 * kMicrosPerSecond);
  std::int64_t const days = minutes / 1440, hours = minutes / 60 % 24, rest = minutes % 60;
  if (days > 0) return en ? fmt::format("{} d {} h", days, hours) : fmt::format("{} 天 {} 小时", days, hours);
  if (hours > 0) return en ? fmt::format("{} h {} min", hours, rest) : fmt::format("{} 小时 {} 分", hours, rest);
  return en ? fmt::format("{} min", rest) : fmt::format("{} 分", rest);
}

std::string label(Definition const& definition, Index node) {
  if (node == kNone) return {};
  Node const& it = definition.nodes[node];
  return it.name.empty() ? it.id : it.name;
}

char const* status_words(InstanceStatus status, bool en) {
  switch (status) {
    case InstanceStatus::none: return en ? "not started" : "未开始";
    case InstanceStatus::running: return en ? "running" : "办理中";
    case InstanceStatus::suspended: return en ? "suspended" : "已挂起";
    case InstanceStatus::completed: return en ? "completed" : "已办结";
    case InstanceStatus::terminated: return en ? "terminated" : "已终止";
    case InstanceStatus::failed: return en ? "ended by an error" : "因错误结束";
  }
  return "";
}

}  // namespace

std::string describe(Definition const& definition, State const& state, Instant now, Language language) {
  bool const en = language == Language::en;
  Index const process = definition.find_process(state.process);
  std::string const title =
      process == kNone || definition.processes[process].name.empty() ? state.process : definition.processes[process].name;
  std::string out = fmt::format("{}{}{}\n", title, en ? ": " : "：", status_words(state.status, en));
  if (!state.end_reason.empty()) out += fmt::format("  {} {}\n", en ? "reason:" : "原因：", state.end_reason);
  if (state.started.us != 0) {
    Instant const until = state.ended.us != 0 ? state.ended : now;
    out += fmt::format("  {} {}{}{}\n", en ? "started" : "开始", minute(state.started), en ? ", took " : "，历时 ",
                       span(until.us - state.started.us, en));
  }
  if (!state.path.empty()) {
    out += en ? "  path: " : "  已走路径：";
    Index last = kNone;
    for (Index flow : state.path) {
      Flow const& taken = definition.flows[flow];
      if (taken.source != last) out += (last == kNone ? "" : "; ") + label(definition, taken.source);
      out += " → " + label(definition, taken.target);
      last = taken.target;
    }
    out += "\n";
  }
  for (UserTask const& task : state.tasks) {
    out += fmt::format("  {} {}", en ? "at" : "正在", label(definition, task.node));
    if (!task.kind.empty()) out += fmt::format(" ({})", task.kind);
    if (!task.assignee.empty())
      out += fmt::format(" – {}", task.assignee);
    else if (!task.candidates.empty())
      out += fmt::format(" – {}", fmt::join(task.candidates, ", "));
    if (task.blocked) out += en ? ", waits" : "，等待中";
    out += fmt::format("{}{}\n", en ? ", for " : "，已 ", span(now.us - task.created.us, en));
  }
  for (Element const& element : state.elements) {
    if (element.node == kNone || element.scope != kNone || element.role == Role::body) continue;
    bool has_task = false;
    for (UserTask const& task : state.tasks) has_task = has_task || task.element == element.id;
    if (has_task) continue;
    out += fmt::format("  {} {}{}{}\n", en ? "waits at" : "等待", label(definition, element.node), en ? ", for " : "，已 ",
                       span(now.us - element.since.us, en));
  }
  for (Arrival const& arrival : state.arrivals) {
    out += fmt::format("  {} {}\n", en ? "a branch has arrived at" : "一个分支已到达",
                       label(definition, definition.flows[arrival.flow].target));
  }
  for (Timer const& timer : state.timers) {
    if (timer.remaining_us >= 0) {
      out += fmt::format("  {} {}{}{}\n", en ? "timer stopped:" : "计时暂停：", label(definition, timer.node),
                         en ? ", left " : "，剩余 ", span(timer.remaining_us, en));
    } else {
      out += fmt::format("  {} {} {}\n", en ? "timer" : "计时", label(definition, timer.node), minute(timer.due));
    }
  }
  for (Incident const& incident : state.incidents) {
    out += fmt::format("  {} {}{}{}\n", en ? "stopped at" : "异常停在", label(definition, incident.node), en ? ": " : "：",
                       incident.message);
  }
  return out;
}

}  // namespace yiwang::bpmn

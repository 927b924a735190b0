#pragma once
// What holds of every state of a process, whatever was done to it.

#include <string>

#include "yiwang/bpmn/definition.hpp"
#include "yiwang/bpmn/state.hpp"

namespace yiwang::bpmn::testing {

/// What is wrong with a state; empty when nothing is. Tokens are conserved: every scope and every body holds something, every
/// leaf is a task, a wait, a job or an incident.
inline std::string broken(Definition const& definition, State const& s) {
  bool const over =
      s.status == InstanceStatus::completed || s.status == InstanceStatus::terminated || s.status == InstanceStatus::failed;
  if (over && (!s.elements.empty() || !s.tasks.empty() || !s.timers.empty() || !s.arrivals.empty() || !s.jobs.empty()))
    return "something is left of an ended instance";
  if (!over && s.elements.empty()) return "a running instance without tokens";
  for (Element const& element : s.elements) {
    if (element.parent != 0 && s.find(element.parent) == nullptr) return "an element without its scope";
    bool children = false, waiting = false;
    for (Element const& other : s.elements) children = children || other.parent == element.id;
    for (Arrival const& arrival : s.arrivals) waiting = waiting || arrival.scope == element.id;
    if ((element.scope != kNone || element.role == Role::body) && !children && !waiting) return "an empty scope";
    if (element.scope == kNone && element.role != Role::body && element.node != kNone) {
      Node const& node = definition.nodes[element.node];
      // An event or an event-based gateway waits by itself.
      auto const* task = std::get_if<Task>(&node.kind);
      auto const* gateway = std::get_if<Gateway>(&node.kind);
      bool held = std::holds_alternative<Event>(node.kind) || (task && task->kind == TaskKind::receive) ||
                  (gateway && gateway->kind == GatewayKind::event_based);
      for (UserTask const& task : s.tasks) held = held || task.element == element.id;
      for (Incident const& incident : s.incidents) held = held || incident.element == element.id;
      for (Timer const& timer : s.timers) held = held || (timer.element == element.id && timer.node == element.node);
      for (Job const& job : s.jobs) held = held || job.element == element.id;
      if (!held) return "a token that waits for nothing";
    }
    if (element.role == Role::body) {
      std::int64_t active = 0;
      for (Element const& other : s.elements) active += other.parent == element.id ? 1 : 0;
      MultiInstance const& multi = *definition.nodes[element.node].multi;
      if (!multi.sequential && active + element.done != element.total) return "instances lost or doubled";
      if (multi.sequential && active != 1) return "a sequential multi-instance runs one at a time";
    }
  }
  for (UserTask const& task : s.tasks) {
    if (s.find(task.element) == nullptr) return "a task without its element";
    if (task.main != 0 && s.find_task(task.main) == nullptr && task.kind == "before")
      return "a task added before one that is gone";
  }
  for (Timer const& timer : s.timers) {
    if (s.find(timer.element) == nullptr) return "a timer without its element";
    if (s.status == InstanceStatus::suspended && timer.remaining_us < 0) return "a timer runs while the instance is suspended";
  }
  for (Arrival const& arrival : s.arrivals) {
    if (arrival.count < 1 || s.find(arrival.scope) == nullptr) return "a stray token";
  }
  return {};
}

}  // namespace yiwang::bpmn::testing

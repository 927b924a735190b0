#include <algorithm>

#include "yiwang/bpmn/engine.hpp"

namespace yiwang::bpmn {
namespace {

template <class T>
void erase_id(std::vector<T>& list, Id id) {
  for (std::size_t i = 0; i < list.size(); ++i) {
    if (list[i].id != id) continue;
    list.erase(list.begin() + static_cast<std::ptrdiff_t>(i));
    return;
  }
}

void add_tokens(State& state, EventRecord const& event, std::int64_t count) {
  for (std::size_t i = 0; i < state.arrivals.size(); ++i) {
    Arrival& arrival = state.arrivals[i];
    if (arrival.scope != event.scope || arrival.flow != event.flow) continue;
    arrival.count += count;
    if (arrival.count <= 0) state.arrivals.erase(state.arrivals.begin() + static_cast<std::ptrdiff_t>(i));
    return;
  }
  if (count > 0) state.arrivals.push_back({event.scope, event.flow, count, event.at});
}

/// Compensables in the order in which they are undone: last completed first, inner ones where a part has no handler.
void flatten(std::vector<Compensable> const& from, std::vector<Compensable>& out) {
  for (auto it = from.rbegin(); it != from.rend(); ++it) {
    if (it->handler != kNone) {
      out.push_back(*it);
    } else {
      flatten(it->nested, out);
    }
  }
}

std::int64_t number_of(json::Value const* value, std::int64_t fallback) {
  if (value == nullptr || value->kind() != json::Kind::number) return fallback;
  std::int64_t out = 0;
  bool const negative = value->text().starts_with("-");
  for (char const c : value->text()) {
    if (c >= '0' && c <= '9')
      out = out * 10 + (c - '0');
    else if (c != '-')
      break;
  }
  return negative ? -out : out;
}

std::vector<std::string> strings_of(json::Value const* value) {
  std::vector<std::string> out;
  if (value == nullptr) return out;
  for (json::Value const& item : value->items()) out.push_back(item.text());
  return out;
}

std::string text_of(json::Value const* value) { return value == nullptr ? std::string{} : value->text(); }

void open_task(State& state, EventRecord const& event) {
  UserTask task;
  task.id = event.id;
  task.element = event.scope;
  task.node = event.node;
  task.kind = event.name;
  task.created = event.at;
  if (event.data.kind() == json::Kind::object) {
    task.candidates = strings_of(event.data.find("candidates"));
    task.assignee = text_of(event.data.find("assignee"));
    task.form = text_of(event.data.find("form"));
    task.main = static_cast<Id>(number_of(event.data.find("main"), 0));
    task.weight = number_of(event.data.find("weight"), 1);
  }
  state.tasks.push_back(std::move(task));
}

void change_task(UserTask& task, EventRecord const& event) {
  if (event.name == "assignee")
    task.assignee = event.detail;
  else if (event.name == "owner")
    task.owner = event.detail;
  else if (event.name == "state")
    task.state = static_cast<TaskState>(event.number);
  else if (event.name == "blocked")
    task.blocked = event.number != 0;
  else if (event.name == "urged")
    task.urged = event.number;
  else if (event.name == "draft")
    task.draft = event.data;
  else if (event.name == "reader")
    task.readers.push_back(event.detail);
  else if (event.name == "read_by")
    task.read_by.push_back(event.detail);
  else if (event.name == "candidates")
    task.candidates = strings_of(&event.data);
}

void change_element(Element& element, EventRecord const& event) {
  if (event.name == "total")
    element.total = event.number;
  else if (event.name == "done")
    element.done = event.number;
  else if (event.name == "index")
    element.index = event.number;
  else if (event.name == "ending")
    element.ending = event.number != 0;
  else if (event.name == "waiting_end")
    element.waiting_end = event.number != 0;
  else if (event.name == "seen")
    element.seen.emplace_back(event.node, event.number);
  else if (event.name == "unseen")
    std::erase(element.seen, std::pair<Index, std::int64_t>(event.node, event.number));
}

}  // namespace

Element const* State::find(Id id) const {
  for (Element const& element : elements) {
    if (element.id == id) return &element;
  }
  return nullptr;
}
Element* State::find(Id id) { return const_cast<Element*>(static_cast<State const*>(this)->find(id)); }
UserTask const* State::find_task(Id id) const {
  for (UserTask const& task : tasks) {
    if (task.id == id) return &task;
  }
  return nullptr;
}
UserTask* State::find_task(Id id) { return const_cast<UserTask*>(static_cast<State const*>(this)->find_task(id)); }

void apply(Definition const& definition, State& state, EventRecord const& event) {
  ++state.steps;
  state.last_id = std::max(state.last_id, event.id);
  switch (event.type) {
    case EventType::instance_started:
      state.process = event.name;
      state.applicant = event.detail;
      state.status = InstanceStatus::running;
      state.started = event.at;
      break;
    case EventType::instance_ended:
      state.status = static_cast<InstanceStatus>(event.number);
      state.end_reason = event.detail;
      state.ended = event.at;
      break;
    case EventType::instance_suspended:
      state.status = InstanceStatus::suspended;
      for (Timer& timer : state.timers) timer.remaining_us = std::max<std::int64_t>(0, timer.due.us - event.at.us);
      break;
    case EventType::instance_resumed:
      state.status = InstanceStatus::running;
      for (Timer& timer : state.timers) {
        if (timer.remaining_us >= 0) timer.due.us = event.at.us + timer.remaining_us;
        timer.remaining_us = -1;
      }
      break;
    case EventType::element_entered: {
      Element element;
      element.id = event.id;
      element.parent = event.scope;
      element.node = event.node;
      element.index = event.number;
      element.role = static_cast<Role>(event.number2);
      element.since = event.at;
      if (event.node == kNone) {
        Index const process = definition.find_process(state.process);
        if (process != kNone) element.scope = definition.processes[process].scope;
      } else if (element.role == Role::plain || (element.role == Role::handler && element.index > 0)) {
        Kind const& kind = definition.nodes[event.node].kind;
        if (auto const* sub = std::get_if<SubProcess>(&kind)) element.scope = sub->body;
        if (auto const* call = std::get_if<CallActivity>(&kind)) element.scope = call->body;
      }
      state.elements.push_back(std::move(element));
      break;
    }
    case EventType::element_left:
    case EventType::element_cancelled:
      erase_id(state.elements, event.id);
      std::erase_if(state.arrivals, [&](Arrival const& arrival) { return arrival.scope == event.id; });
      break;
    case EventType::element_changed:
      if (event.name == "timers_paused") {
        for (Timer& timer : state.timers) {
          if (timer.element != event.id) continue;
          if (event.number != 0 && timer.remaining_us < 0) {
            timer.remaining_us = std::max<std::int64_t>(0, timer.due.us - event.at.us);
          } else if (event.number == 0 && timer.remaining_us >= 0) {
            timer.due.us = event.at.us + timer.remaining_us;
            timer.remaining_us = -1;
          }
        }
      } else if (Element* element = state.find(event.id)) {
        change_element(*element, event);
      }
      break;
    case EventType::flow_taken:
      if (state.path.size() >= kMaxPath) state.path.erase(state.path.begin(), state.path.begin() + kMaxPath / 2);
      state.path.push_back(event.flow);
      break;
    case EventType::token_waits: add_tokens(state, event, event.number); break;
    case EventType::tokens_joined: add_tokens(state, event, -event.number); break;
    case EventType::variables_set:
      if (Element* element = state.find(event.id)) {
        for (auto const& [name, value] : event.data.members()) element->variables.insert_or_assign(name, value);
      }
      break;
    case EventType::item_list_set:
      if (Element* element = state.find(event.id)) element->items = event.data.items();
      break;
    case EventType::task_opened: open_task(state, event); break;
    case EventType::task_changed:
      if (UserTask* task = state.find_task(event.id)) change_task(*task, event);
      break;
    case EventType::task_closed:
      if (UserTask const* task = state.find_task(event.id)) {
        if (event.name == "completed" && task->kind.empty()) {
          state.performed.push_back({task->node, task->element, event.scope, event.detail, event.at});
          if (state.performed.size() > kMaxPath) state.performed.erase(state.performed.begin());
        }
        erase_id(state.tasks, event.id);
      }
      break;
    case EventType::timer_set: {
      Timer timer;
      timer.id = event.id;
      timer.element = event.scope;
      timer.node = event.node;
      timer.definition = event.number;
      timer.due = event.at;
      timer.repeats = event.number2;
      timer.period_us = number_of(&event.data, 0);
      state.timers.push_back(timer);
      break;
    }
    case EventType::timer_cleared: erase_id(state.timers, event.id); break;
    case EventType::job_opened: state.jobs.push_back({event.id, event.scope, event.name, 0}); break;
    case EventType::job_closed: erase_id(state.jobs, event.id); break;
    case EventType::compensable_added: {
      Compensable record;
      record.node = event.node;
      record.handler = event.name.empty() ? kNone : definition.find_node(event.name);
      for (auto const& [name, value] : event.data.members()) record.variables.insert_or_assign(name, value);
      if (Element const* inner = state.find(event.scope)) record.nested = inner->compensables;
      if (Element* scope = state.find(event.id)) scope->compensables.push_back(std::move(record));
      break;
    }
    case EventType::compensation_queued: {
      Element* scope = state.find(event.scope);
      Element* thrower = state.find(event.id);
      if (scope == nullptr || thrower == nullptr) break;
      std::vector<Compensable> taken, kept;
      for (Compensable& record : scope->compensables) {
        (event.node == kNone || record.node == event.node ? taken : kept).push_back(std::move(record));
      }
      scope->compensables = std::move(kept);
      flatten(taken, thrower->queue);
      break;
    }
    case EventType::compensation_next:
      if (Element* thrower = state.find(event.id); thrower != nullptr && !thrower->queue.empty()) {
        thrower->queue.erase(thrower->queue.begin());
      }
      break;
    case EventType::incident_raised:
      state.incidents.push_back({event.id, event.scope, event.node, event.flow, event.name, event.detail, event.at});
      break;
    case EventType::incident_cleared: erase_id(state.incidents, event.id); break;
    case EventType::message_sent:
    case EventType::signal_sent:
    case EventType::clock:
    case EventType::notice:
    case EventType::office: break;
  }
}

}  // namespace yiwang::bpmn

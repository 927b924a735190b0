#include <algorithm>

#include "machine.hpp"

namespace yiwang::bpmn {

Status Machine::set_timers(Id id) {
  struct Wanted {
    Index node;
    std::int64_t definition;
    TimerEvent const* timer;
  };
  std::vector<Wanted> wanted;
  each_wait(def, s, *s.find(id), [&](Element const&, Index node, std::int64_t index, EventDefinition const& definition) {
    if (auto const* timer = std::get_if<TimerEvent>(&definition)) wanted.push_back({node, index, timer});
  });
  for (Wanted const& item : wanted) {
    YW_TRY(set_timer(id, item.node, item.definition, *item.timer));
  }
  return {};
}

Status Machine::set_timer(Id id, Index node, std::int64_t definition, TimerEvent const& timer) {
  Expression const& expression = timer.cycle ? timer.cycle : timer.duration ? timer.duration : timer.date;
  auto schedule = [&](std::string_view text) -> Result<Schedule> {
    if (timer.cycle) return parse_cycle(text, cmd.now);
    Schedule out;
    if (timer.duration) {
      YW_ASSIGN(out.due, add_duration(cmd.now, text));
    } else {
      YW_ASSIGN(out.due, parse_date(text));
    }
    return out;
  };
  auto plan = schedule(expression.text);
  if (!plan) {
    auto const value = value_of(expression, id);
    if (!value) return incident(id, node, value.error());
    plan = schedule(value->text());
    if (!plan) return incident(id, node, plan.error());
  }
  EventRecord event = make(EventType::timer_set, next_id());
  event.scope = id;
  event.node = node;
  event.number = definition;
  event.at = plan->due;
  event.number2 = plan->repeats;
  if (plan->period_us != 0) event.data = number_value(plan->period_us);
  emit(std::move(event));
  return {};
}

Status Machine::fire_timer(Id id) {
  auto const it = std::find_if(s.timers.begin(), s.timers.end(), [id](Timer const& timer) { return timer.id == id; });
  if (it == s.timers.end()) return fail(Error(ErrorCode::bpmn_not_found, {{"what", "timer"}, {"id", std::to_string(id)}}));
  Timer const timer = *it;
  if (timer.remaining_us >= 0) return fail(ErrorCode::bpmn_state, {{"why", "计时暂停中 / the timer is paused"}});
  if (cmd.now < timer.due) return fail(ErrorCode::bpmn_state, {{"why", "还没到时间 / the timer is not due yet"}});
  emit(make(EventType::timer_cleared, id));
  bool const more = timer.repeats != 0;
  if (more) {
    EventRecord again = make(EventType::timer_set, next_id());
    again.scope = timer.element;
    again.node = timer.node;
    again.number = timer.definition;
    again.at = Instant{timer.due.us + timer.period_us};
    again.number2 = timer.repeats < 0 ? -1 : timer.repeats - 1;
    again.data = number_value(timer.period_us);
    emit(std::move(again));
  }
  Element const* host = s.find(timer.element);
  if (host == nullptr) return {};
  auto const* event = std::get_if<Event>(&def.nodes[timer.node].kind);
  if (more && event != nullptr && event->position == Position::caught && host->node == timer.node) {
    // A catch event with a cycle lets a token go at each firing.
    return route(host->parent, timer.node, 0);
  }
  return trigger(timer.element, timer.node, timer.definition, {});
}

/// An event definition of a waiting element has occurred.
Status Machine::trigger(Id host_id, Index node, std::int64_t definition, json::Value const& payload) {
  Element const* host = s.find(host_id);
  if (host == nullptr) return {};
  auto const* event = std::get_if<Event>(&def.nodes[node].kind);
  if (event != nullptr && event->parallel_multiple && event->definitions.size() > 1) {
    std::pair<Index, std::int64_t> const key(node, definition);
    if (std::find(host->seen.begin(), host->seen.end(), key) == host->seen.end()) change(host_id, "seen", definition, node);
    host = s.find(host_id);
    for (std::size_t i = 0; i < event->definitions.size(); ++i) {
      std::pair<Index, std::int64_t> const part(node, static_cast<std::int64_t>(i));
      if (std::find(host->seen.begin(), host->seen.end(), part) == host->seen.end()) return {};
    }
    for (std::size_t i = 0; i < event->definitions.size(); ++i) change(host_id, "unseen", static_cast<std::int64_t>(i), node);
    host = s.find(host_id);
  }
  if (event != nullptr && event->position == Position::start) {
    Index const sub = def.scopes[def.nodes[node].scope].owner;
    return start_event_subprocess(host_id, sub, node, event->interrupting, payload);
  }
  Id const scope = host->parent;
  if (event != nullptr && event->position == Position::boundary) {
    if (event->interrupting) {
      cancel(host_id);
    }
    if (payload.kind() == json::Kind::object) set_variables(scope, payload);
    return route(scope, node, 0);
  }
  if (payload.kind() == json::Kind::object) {
    Id holder = scope;
    while (s.find(holder)->role == Role::body) holder = s.find(holder)->parent;
    set_variables(holder, payload);
    host = s.find(host_id);
    if (host == nullptr) return {};
  }
  if (host->node != node) {  // an event-based gateway: the chosen event takes its place (13.4.4)
    Index const gateway_node = host->node;
    auto const& gateway = std::get<Gateway>(def.nodes[gateway_node].kind);
    Index flow = kNone;
    for (Index candidate : def.nodes[gateway_node].out) {
      if (def.flows[candidate].target == node) flow = candidate;
    }
    EventRecord taken = make(EventType::flow_taken);
    taken.scope = scope;
    taken.flow = flow;
    if (gateway.parallel_events && gateway.instantiate) {
      change(host_id, "seen", 0, node);
      host = s.find(host_id);
      bool const all = std::all_of(def.nodes[gateway_node].out.begin(), def.nodes[gateway_node].out.end(), [&](Index other) {
        std::pair<Index, std::int64_t> const key(def.flows[other].target, 0);
        return std::find(host->seen.begin(), host->seen.end(), key) != host->seen.end();
      });
      if (all) close_element(host_id, EventType::element_left);
    } else {
      close_element(host_id, EventType::element_left);
    }
    emit(std::move(taken));
    return route(scope, node, 0);
  }
  if (event != nullptr) {
    close_element(host_id, EventType::element_left);
    return route(scope, node, 0);
  }
  return complete(host_id);  // a receive task
}

Status Machine::start_event_subprocess(Id scope, Index sub, Index start, bool interrupting, json::Value const& payload) {
  if (interrupting) {
    cancel_children(scope);
    change(scope, "ending", 1);
    std::vector<Id> timers;
    for (Timer const& timer : s.timers) {
      auto const* event = std::get_if<Event>(&def.nodes[timer.node].kind);
      if (timer.element == scope && event != nullptr && event->position == Position::start) timers.push_back(timer.id);
    }
    for (Id timer : timers) emit(make(EventType::timer_cleared, timer));
  }
  if (payload.kind() == json::Kind::object) set_variables(scope, payload);
  Id const id = enter(scope, sub);
  YW_TRY(set_timers(id));
  return enter_scope(id, start);
}

Status Machine::send_signal(std::string const& name, Index node) {
  EventRecord event = make(EventType::signal_sent);
  event.node = node;
  event.name = name;
  emit(std::move(event));
  struct Hit {
    Id host;
    Index node;
    std::int64_t definition;
  };
  std::vector<Hit> hits;
  for (Element const& element : s.elements) {
    each_wait(def, s, element, [&](Element const& host, Index at, std::int64_t index, EventDefinition const& definition) {
      auto const* signal = std::get_if<SignalEvent>(&definition);
      if (signal != nullptr && signal->name == name) hits.push_back({host.id, at, index});
    });
  }
  for (Hit const& hit : hits) {
    YW_TRY(trigger(hit.host, hit.node, hit.definition, cmd.type == CommandType::signal ? cmd.data : json::Value{}));
  }
  return {};
}

Status Machine::throw_event(Id id) {
  Index const index = s.find(id)->node;
  Node const& node = def.nodes[index];
  auto const& event = std::get<Event>(node.kind);
  YW_TRY(apply_mappings(id, id, node.inputs));
  YW_TRY(apply_data(id, node.data_in, true));
  bool compensates = false;
  for (EventDefinition const& definition : event.definitions) {
    if (s.find(id) == nullptr) return {};
    if (auto const* message = std::get_if<MessageEvent>(&definition)) {
      EventRecord sent = make(EventType::message_sent);
      sent.node = index;
      sent.scope = id;
      sent.name = message->name;
      json::Value payload = json::Value::object();
      for (auto const& [name, value] : s.find(id)->variables) payload.set(name, value);
      sent.data = std::move(payload);
      emit(std::move(sent));
    } else if (auto const* signal = std::get_if<SignalEvent>(&definition)) {
      YW_TRY(send_signal(signal->name, index));
    } else if (auto const* escalation = std::get_if<EscalationEvent>(&definition)) {
      bool cancelled = false;
      YW_TRY(throw_escalation(id, escalation->code, cancelled));
    } else if (auto const* error = std::get_if<ErrorEvent>(&definition)) {
      return throw_error(id, error->code);
    } else if (std::holds_alternative<TerminateEvent>(definition)) {
      // 13.5.6: all other tokens of the scope end; around a process, the instance.
      Id const scope = s.find(id)->parent;
      cancel_children(scope, id);
      close_element(id, EventType::element_left);
      return {};
    } else if (std::holds_alternative<CompensateEvent>(definition) || std::holds_alternative<CancelEvent>(definition)) {
      compensates = true;
    }
  }
  if (s.find(id) == nullptr) return {};
  if (compensates) return compensate(id);
  return leave(id);
}

/// Innermost first: the activity's boundary, then event sub-processes of each scope and the boundary around it (10.5.6).
Status Machine::throw_error(Id from, std::string const& code) {
  Id current = from;
  bool from_handler = false;
  while (current != 0) {
    Element const element = *s.find(current);
    auto fits = [&](Index node) -> Event const* {
      auto const* event = std::get_if<Event>(&def.nodes[node].kind);
      if (event == nullptr) return nullptr;
      for (EventDefinition const& definition : event->definitions) {
        auto const* error = std::get_if<ErrorEvent>(&definition);
        if (error != nullptr && (error->any || error->code == code || code.empty())) return event;
      }
      return nullptr;
    };
    if (element.scope != kNone && current != from && !from_handler) {
      for (Index sub : def.scopes[element.scope].event_subprocesses) {
        for (Index start : def.scopes[std::get<SubProcess>(def.nodes[sub].kind).body].triggered_starts) {
          if (fits(start) == nullptr) continue;
          json::Value payload = json::Value::object();
          payload.set("errorCode", text_value(code));
          return start_event_subprocess(current, sub, start, true, payload);
        }
      }
    }
    if (element.node == kNone) break;
    if (!is_inner(element)) {
      for (Index boundary : node_of(element).boundary) {
        if (fits(boundary) == nullptr) continue;
        cancel(current);
        json::Value payload = json::Value::object();
        payload.set("errorCode", text_value(code));
        set_variables(element.parent, std::move(payload));
        return route(element.parent, boundary, 0);
      }
    }
    auto const* sub = std::get_if<SubProcess>(&node_of(element).kind);
    from_handler = sub != nullptr && sub->kind == SubProcessKind::event;
    current = element.parent;
  }
  return end_instance(InstanceStatus::failed, code);
}

Status Machine::throw_escalation(Id from, std::string const& code, bool& cancelled) {
  Id current = from;
  bool from_handler = false;
  while (current != 0 && s.find(current) != nullptr) {
    Element const element = *s.find(current);
    auto fits = [&](Index node) -> Event const* {
      auto const* event = std::get_if<Event>(&def.nodes[node].kind);
      if (event == nullptr) return nullptr;
      for (EventDefinition const& definition : event->definitions) {
        auto const* escalation = std::get_if<EscalationEvent>(&definition);
        if (escalation != nullptr && (escalation->any || escalation->code == code)) return event;
      }
      return nullptr;
    };
    json::Value payload = json::Value::object();
    payload.set("escalationCode", text_value(code));
    if (element.scope != kNone && current != from && !from_handler && !element.ending) {
      for (Index sub : def.scopes[element.scope].event_subprocesses) {
        for (Index start : def.scopes[std::get<SubProcess>(def.nodes[sub].kind).body].triggered_starts) {
          Event const* event = fits(start);
          if (event == nullptr) continue;
          cancelled = event->interrupting;
          return start_event_subprocess(current, sub, start, event->interrupting, payload);
        }
      }
    }
    if (element.node == kNone) return {};
    if (!is_inner(element)) {
      for (Index boundary : node_of(element).boundary) {
        Event const* event = fits(boundary);
        if (event == nullptr) continue;
        cancelled = event->interrupting;
        if (event->interrupting) cancel(current);
        set_variables(element.parent, std::move(payload));
        return route(element.parent, boundary, 0);
      }
    }
    auto const* sub = std::get_if<SubProcess>(&node_of(element).kind);
    from_handler = sub != nullptr && sub->kind == SubProcessKind::event;
    current = element.parent;
  }
  return {};
}

/// 10.7: what has completed in the scope is undone, the last first; a cancelled transaction undoes all of it.
Status Machine::compensate(Id thrower) {
  Element const element = *s.find(thrower);
  auto const& event = std::get<Event>(node_of(element).kind);
  bool cancels = false;
  Index activity = kNone;
  for (EventDefinition const& definition : event.definitions) {
    cancels = cancels || std::holds_alternative<CancelEvent>(definition);
    if (auto const* compensation = std::get_if<CompensateEvent>(&definition)) activity = def.find_node(compensation->activity);
  }
  Id scope = element.parent;
  if (cancels) {
    cancel_children(scope, thrower);
    change(scope, "ending", 1);
  } else {
    // From inside an event sub-process the scope around it is compensated.
    for (Element const* holder = s.find(scope); holder != nullptr && holder->node != kNone; holder = s.find(holder->parent)) {
      auto const* sub = std::get_if<SubProcess>(&node_of(*holder).kind);
      if (sub == nullptr || sub->kind != SubProcessKind::event) break;
      scope = holder->parent;
    }
    if (activity != kNone) {
      for (Element const* holder = s.find(scope); holder != nullptr;
           holder = holder->parent == 0 ? nullptr : s.find(holder->parent)) {
        if (holder->scope == def.nodes[activity].scope) scope = holder->id;
      }
    }
  }
  EventRecord queued = make(EventType::compensation_queued, thrower);
  queued.scope = scope;
  queued.node = activity;
  emit(std::move(queued));
  return next_compensation(thrower);
}

Status Machine::next_compensation(Id thrower) {
  Element const* element = s.find(thrower);
  if (element == nullptr) return {};
  if (!element->queue.empty()) {
    Compensable const record = element->queue.front();
    Id const scope = element->parent;
    emit(make(EventType::compensation_next, thrower));
    Id const handler = enter(scope, record.handler, Role::handler, static_cast<std::int64_t>(thrower));
    json::Value variables = json::Value::object();
    for (auto const& [name, value] : record.variables) variables.set(name, value);
    set_variables(handler, std::move(variables));
    YW_TRY(set_timers(handler));
    return begin_work(handler);
  }
  auto const& event = std::get<Event>(node_of(*element).kind);
  bool const cancels = std::any_of(event.definitions.begin(), event.definitions.end(),
                                   [](EventDefinition const& d) { return std::holds_alternative<CancelEvent>(d); });
  if (!cancels) return leave(thrower);
  Id const transaction = element->parent;
  Element const host = *s.find(transaction);
  for (Index boundary : node_of(host).boundary) {
    for (EventDefinition const& definition : std::get<Event>(def.nodes[boundary].kind).definitions) {
      if (!std::holds_alternative<CancelEvent>(definition)) continue;
      cancel(transaction);
      return route(host.parent, boundary, 0);
    }
  }
  Id const scope = host.parent;
  cancel(transaction);
  return route(scope, host.node, 0);
}

Status Machine::end_instance(InstanceStatus status, std::string reason) {
  std::vector<Id> roots;
  for (Element const& element : s.elements) {
    if (element.parent == 0) roots.push_back(element.id);
  }
  for (Id root : roots) {
    cancel_children(root);
    close_element(root, status == InstanceStatus::completed ? EventType::element_left : EventType::element_cancelled);
  }
  EventRecord ended = make(EventType::instance_ended);
  ended.number = static_cast<std::int64_t>(status);
  ended.detail = std::move(reason);
  emit(std::move(ended));
  queue.clear();
  throws.clear();
  return {};
}

/// A message goes to the first element that waits for it and whose correlation value fits.
Status Machine::correlate() {
  struct Hit {
    Id host;
    Index node;
    std::int64_t definition;
  };
  std::optional<Hit> hit;
  auto const split = cmd.detail.find('=');
  std::string_view const key = std::string_view(cmd.detail).substr(0, split == std::string::npos ? 0 : split);
  std::string_view const wanted = std::string_view(cmd.detail).substr(split == std::string::npos ? 0 : split + 1);
  for (Element const& element : s.elements) {
    if (hit) break;
    each_wait(def, s, element, [&](Element const& host, Index node, std::int64_t index, EventDefinition const& definition) {
      auto const* message = std::get_if<MessageEvent>(&definition);
      if (message == nullptr || message->name != cmd.name || hit) return;
      std::pair<Index, std::int64_t> const part(node, index);
      if (std::find(host.seen.begin(), host.seen.end(), part) != host.seen.end()) return;
      if (!key.empty()) {
        auto const* value = find_variable(s, host.id, key);
        if (value == nullptr || value->text() != wanted) return;
      }
      hit = Hit{host.id, node, index};
    });
  }
  if (!hit) return fail(Error(ErrorCode::bpmn_not_found, {{"what", "receiver of message"}, {"id", cmd.name}}));
  return trigger(hit->host, hit->node, hit->definition, cmd.data);
}

std::vector<Waiting> waiting(Definition const& definition, State const& state) {
  std::vector<Waiting> out;
  for (Element const& element : state.elements) {
    each_wait(definition, state, element, [&](Element const& host, Index node, std::int64_t, EventDefinition const& event) {
      if (auto const* message = std::get_if<MessageEvent>(&event)) out.push_back({message->name, false, host.id, node});
      if (auto const* signal = std::get_if<SignalEvent>(&event)) out.push_back({signal->name, true, host.id, node});
    });
  }
  return out;
}

std::vector<Index> triggered_by(Definition const& definition, std::string_view process, std::string_view name, bool signal) {
  std::vector<Index> out;
  Index const index = definition.find_process(process);
  if (index == kNone) return out;
  for (Index start : definition.scopes[definition.processes[index].scope].triggered_starts) {
    if (auto const* task = std::get_if<Task>(&definition.nodes[start].kind)) {
      if (!signal && task->message == name) out.push_back(start);
      continue;
    }
    std::vector<Index> nodes{start};
    if (std::holds_alternative<Gateway>(definition.nodes[start].kind)) {
      nodes.clear();
      for (Index flow : definition.nodes[start].out) nodes.push_back(definition.flows[flow].target);
    }
    for (Index node : nodes) {
      if (auto const* task = std::get_if<Task>(&definition.nodes[node].kind); task != nullptr && !signal && task->message == name)
        out.push_back(node);
      auto const* event = std::get_if<Event>(&definition.nodes[node].kind);
      if (event == nullptr) continue;
      for (EventDefinition const& part : event->definitions) {
        auto const* message = std::get_if<MessageEvent>(&part);
        auto const* sent = std::get_if<SignalEvent>(&part);
        if ((!signal && message != nullptr && message->name == name) || (signal && sent != nullptr && sent->name == name)) {
          out.push_back(node);
          break;
        }
      }
    }
  }
  return out;
}

}  // namespace yiwang::bpmn

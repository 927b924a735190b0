#include <algorithm>

#include "machine.hpp"

namespace yiwang::bpmn {

Status Machine::start_instance() {
  if (s.status != InstanceStatus::none)
    return fail(ErrorCode::bpmn_state, {{"why", "流程已经开始 / the instance has already started"}});
  Index const process = cmd.name.empty() && def.processes.size() == 1 ? 0 : def.find_process(cmd.name);
  if (process == kNone) return fail(Error(ErrorCode::bpmn_no_process, {{"process", cmd.name}}));
  bpmn::Scope const& scope = def.scopes[def.processes[process].scope];
  Index start = kNone;
  if (!cmd.node.empty()) {
    start = def.find_node(cmd.node);
    bool fits = std::find(scope.starts.begin(), scope.starts.end(), start) != scope.starts.end();
    for (Index triggered : scope.triggered_starts) {
      fits = fits || triggered == start;
      if (!std::holds_alternative<Gateway>(def.nodes[triggered].kind)) continue;
      for (Index flow : def.nodes[triggered].out) fits = fits || def.flows[flow].target == start;
    }
    if (start == kNone || !fits) return fail(Error(ErrorCode::bpmn_no_start, {{"process", cmd.name}}));
  } else if (scope.starts.empty() && scope.implicit_starts.empty()) {
    return fail(Error(ErrorCode::bpmn_no_start, {{"process", cmd.name}}));
  }
  EventRecord started = make(EventType::instance_started);
  started.name = def.processes[process].id;
  started.detail = cmd.by;
  emit(std::move(started));
  EventRecord root = make(EventType::element_entered, next_id());
  Id const id = root.id;
  emit(std::move(root));
  if (cmd.data.kind() == json::Kind::object) set_variables(id, cmd.data);
  YW_TRY(set_timers(id));
  if (def.has_conditions) {
    YW_TRY(check_conditions());
    if (s.find(id) == nullptr || s.find(id)->ending) return {};
  }
  if (start == kNone) return enter_scope(id, kNone);
  // What instantiates the process has already received its message or event.
  Node const& first = def.nodes[start];
  if (std::holds_alternative<Task>(first.kind)) {
    Id const task = enter(id, start);
    YW_TRY(set_timers(task));
    return complete(task);
  }
  auto const* event = std::get_if<Event>(&first.kind);
  if (event == nullptr || event->position != Position::caught) return enter_scope(id, start);
  Index const gateway = def.flows[first.in.front()].source;
  if (!std::get<Gateway>(def.nodes[gateway].kind).parallel_events) return route(id, start, 0);
  Id const waiting = enter(id, gateway);
  YW_TRY(set_timers(waiting));
  return trigger(waiting, start, 0, {});
}

/// Puts the first tokens into a scope: at the given start, else at its none start, else at what has no incoming flow.
Status Machine::enter_scope(Id id, Index start) {
  bpmn::Scope const& scope = def.scopes[s.find(id)->scope];
  if (start != kNone) {
    queue.push_back({Work::What::start, id, start});
    return {};
  }
  for (Index node : scope.starts) queue.push_back({Work::What::start, id, node});
  if (scope.starts.empty()) {
    for (Index node : scope.implicit_starts) queue.push_back({Work::What::start, id, node});
  }
  return {};
}

Status Machine::deliver(Id scope, Index flow) {
  EventRecord taken = make(EventType::flow_taken);
  taken.scope = scope;
  taken.flow = flow;
  emit(std::move(taken));
  Index const target = def.flows[flow].target;
  Node const& node = def.nodes[target];
  auto const* gateway = std::get_if<Gateway>(&node.kind);
  bool const join = gateway != nullptr && node.in.size() > 1 &&
                    (gateway->kind == GatewayKind::parallel || gateway->kind == GatewayKind::inclusive ||
                     gateway->kind == GatewayKind::complex);
  if (!join && node.start_quantity <= 1) return arrive(scope, target);
  EventRecord waits = make(EventType::token_waits);
  waits.scope = scope;
  waits.flow = flow;
  waits.number = 1;
  emit(std::move(waits));
  auto take = [&](Index from, std::int64_t count) {
    EventRecord joined = make(EventType::tokens_joined);
    joined.scope = scope;
    joined.flow = from;
    joined.number = count;
    emit(std::move(joined));
  };
  auto count_on = [&](Index from) -> std::int64_t {
    for (Arrival const& arrival : s.arrivals) {
      if (arrival.scope == scope && arrival.flow == from) return arrival.count;
    }
    return 0;
  };
  if (!join) {  // 13.3.2: an activity that takes several tokens at once
    std::int64_t waiting = 0;
    for (Index from : node.in) waiting += count_on(from);
    if (waiting < node.start_quantity) return {};
    std::int64_t left = node.start_quantity;
    for (Index from : node.in) {
      std::int64_t const count = std::min(left, count_on(from));
      if (count > 0) take(from, count);
      left -= count;
    }
    return arrive(scope, target);
  }
  if (gateway->kind == GatewayKind::parallel) {
    for (Index from : node.in) {
      if (count_on(from) == 0) return {};
    }
    for (Index from : node.in) take(from, 1);
    return route(scope, target, 0);
  }
  if (gateway->kind == GatewayKind::complex && gateway->activation_condition) {
    Element const* holder = s.find(scope);
    std::pair<Index, std::int64_t> const key(target, -1);
    if (std::find(holder->seen.begin(), holder->seen.end(), key) != holder->seen.end()) return {};  // waits for reset
    std::int64_t tokens = 0;
    json::Value counts = json::Value::object();
    for (Index from : node.in) {
      std::int64_t const count = count_on(from);
      tokens += count;
      if (!def.flows[from].id.empty()) counts.set(def.flows[from].id, number_value(count));
    }
    // The condition sees activationCount and the count of each incoming flow by its id (10.6.5).
    class Counts : public Lookup {
     public:
      Counts(State const& state, Id element, json::Value const& counts, json::Value total)
          : state_(state), element_(element), counts_(counts), total_(std::move(total)) {}
      json::Value const* find(std::string_view name) const override {
        if (name == "activationCount") return &total_;
        if (auto const* value = counts_.find(name)) return value;
        return find_variable(state_, element_, name);
      }

     private:
      State const& state_;
      Id element_;
      json::Value const& counts_;
      json::Value total_;
    } const view(s, scope, counts, number_value(tokens));
    auto const active = ports.evaluate(gateway->activation_condition, view);
    if (!active) {
      Id const held = enter(scope, target);
      return incident(held, target, active.error());
    }
    if (!truth(*active)) return {};
    for (Index from : node.in) {
      if (std::int64_t const count = count_on(from); count > 0) take(from, count);
    }
    change(scope, "seen", -1, target);
    return route(scope, target, 0);
  }
  return {};  // inclusive: settle() asks when nothing else moves
}

/// A token stands at a node.
Status Machine::arrive(Id scope, Index index) {
  Node const& node = def.nodes[index];
  if (auto const* gateway = std::get_if<Gateway>(&node.kind)) {
    if (gateway->kind != GatewayKind::event_based) return route(scope, index, 0);
    Id const id = enter(scope, index);
    YW_TRY(set_timers(id));
    dirty = def.has_conditions;
    return {};
  }
  if (auto const* event = std::get_if<Event>(&node.kind)) {
    if (event->position == Position::start) return route(scope, index, 0);
    if (event->definitions.empty() && (event->position == Position::end || event->position == Position::thrown)) {
      return route(scope, index, 0);
    }
    if (event->position == Position::caught) {
      if (event->definitions.empty() || std::holds_alternative<LinkEvent>(event->definitions.front())) {
        return route(scope, index, 0);
      }
      Id const id = enter(scope, index);
      YW_TRY(set_timers(id));
      dirty = def.has_conditions;
      return {};
    }
    Id const id = enter(scope, index);
    throws.push_back({Work::What::thrown, id, index});
    return {};
  }
  return begin(enter(scope, index));
}

Id Machine::enter(Id scope, Index node, Role role, std::int64_t index) {
  EventRecord event = make(EventType::element_entered, next_id());
  Id const id = event.id;
  event.scope = scope;
  event.node = node;
  event.number = index;
  event.number2 = static_cast<std::int64_t>(role == Role::plain && def.nodes[node].multi &&
                                                    std::get_if<Gateway>(&def.nodes[node].kind) == nullptr && index == 0
                                                ? Role::body
                                                : role);
  emit(std::move(event));
  return id;
}

/// Starts an activity: its boundary events listen first.
Status Machine::begin(Id id) {
  YW_TRY(set_timers(id));
  if (def.has_conditions) {
    YW_TRY(check_conditions());
    if (s.find(id) == nullptr || s.find(id)->ending) return {};
  }
  if (s.find(id)->role == Role::body) return begin_multi(id);
  Node const& node = node_of(*s.find(id));
  if (node.loop && node.loop->test_before && node.loop->condition) {
    auto const again = holds(node.loop->condition, id);
    if (!again) return incident(id, s.find(id)->node, again.error());
    if (!*again || (node.loop->maximum && *node.loop->maximum <= 0)) return leave(id);
  }
  if (node.loop) change(id, "total", 1);
  return begin_work(id);
}

Status Machine::begin_work(Id id) {
  Node const& node = node_of(*s.find(id));
  YW_TRY(apply_mappings(id, id, node.inputs));
  YW_TRY(apply_data(id, node.data_in, true));
  if (s.find(id) == nullptr) return {};
  if (auto const* task = std::get_if<Task>(&node.kind)) return begin_task(id, *task);
  if (auto const* sub = std::get_if<SubProcess>(&node.kind)) {
    if (sub->kind == SubProcessKind::ad_hoc) return begin_ad_hoc(id);
    // An event sub-process that runs as a compensation handler starts where its trigger stands.
    auto const& triggered = def.scopes[sub->body].triggered_starts;
    return enter_scope(id, sub->kind == SubProcessKind::event && !triggered.empty() ? triggered.front() : kNone);
  }
  if (auto const* call = std::get_if<CallActivity>(&node.kind)) {
    if (call->body != kNone) return enter_scope(id, kNone);
    EventRecord job = make(EventType::job_opened, next_id());
    job.scope = id;
    job.node = s.find(id)->node;
    job.name = "call:" + call->called;
    emit(std::move(job));
  }
  return {};
}

Status Machine::begin_ad_hoc(Id id) {
  Element const& element = *s.find(id);
  auto const& parts = def.scopes[element.scope].implicit_starts;
  auto const& sub = std::get<SubProcess>(node_of(element).kind);
  if (sub.sequential) return {};  // settle() starts one part after the other
  for (Index part : parts) queue.push_back({Work::What::start, id, part});
  change(id, "index", static_cast<std::int64_t>(parts.size()));
  return {};
}

namespace {

class Locals : public Lookup {
 public:
  Locals(State const& state, Id element) : state_(state), element_(element) {}
  json::Value const* find(std::string_view name) const override { return find_variable(state_, element_, name); }

 private:
  State const& state_;
  Id element_;
};

json::Value object_of(Variables values) {
  json::Value out = json::Value::object();
  for (auto& [name, value] : values) out.set(name, std::move(value));
  return out;
}

}  // namespace

Status Machine::begin_task(Id id, Task const& task) {
  Index const index = s.find(id)->node;
  Node const& node = def.nodes[index];
  switch (task.kind) {
    case TaskKind::none: return complete(id);
    case TaskKind::user:
    case TaskKind::manual: return open_user_task(id, task);
    case TaskKind::receive: return {};
    case TaskKind::service: {
      EventRecord job = make(EventType::job_opened, next_id());
      job.scope = id;
      job.node = index;
      job.name = task.implementation.empty() ? node.id : task.implementation;
      emit(std::move(job));
      return {};
    }
    case TaskKind::send: {
      EventRecord sent = make(EventType::message_sent);
      sent.node = index;
      sent.scope = id;
      sent.name = task.message;
      sent.data = object_of(s.find(id)->variables);
      emit(std::move(sent));
      return complete(id);
    }
    case TaskKind::business_rule: {
      if (task.implementation.empty() || task.implementation.starts_with("##")) return complete(id);
      Locals const view(s, id);
      auto value = ports.decide(task.implementation, view);
      if (!value) return incident(id, index, value.error());
      json::Value set = json::Value::object();
      set.set(task.result_variable.empty() ? "result" : task.result_variable, std::move(*value));
      set_variables(s.find(id)->parent, std::move(set));
      return s.find(id) == nullptr ? Status{} : complete(id);
    }
    case TaskKind::script: break;
  }
  if (task.script.empty()) return complete(id);
  Locals const view(s, id);
  auto result = ports.run_script(node, task.script, task.script_format, view);
  if (!result) return incident(id, index, result.error());
  // What the task's data associations read is its own; the rest is the scope's.
  json::Value own = json::Value::object(), shared = json::Value::object();
  for (auto& entry : result->set) {
    std::string const& name = entry.first;
    bool const is_output = std::any_of(node.data_out.begin(), node.data_out.end(),
                                       [&](DataAssociation const& association) { return association.source == name; });
    (is_output ? own : shared).set(name, std::move(entry.second));
  }
  if (result->value) shared.set(task.result_variable.empty() ? "result" : task.result_variable, std::move(*result->value));
  set_variables(id, std::move(own));
  Id scope = s.find(id)->parent;
  while (s.find(scope)->role == Role::body) scope = s.find(scope)->parent;
  set_variables(scope, std::move(shared));
  if (result->error) return throw_error(id, *result->error);
  if (result->lasts_us) {
    EventRecord job = make(EventType::job_opened, next_id());
    job.scope = id;
    job.node = index;
    job.name = "script";
    job.data = number_value(*result->lasts_us);
    emit(std::move(job));
    return {};
  }
  return complete(id);
}

Status Machine::open_user_task(Id id, Task const& task) {
  std::vector<json::Value> candidates;
  std::string assignee;
  Index const index = s.find(id)->node;
  if (task.assignee) {
    auto const value = value_of(task.assignee, id);
    if (!value) return incident(id, index, value.error());
    assignee = value->text();
  }
  for (Expression const& expression : task.candidates) {
    auto value = value_of(expression, id);
    if (!value) return incident(id, index, value.error());
    if (value->kind() == json::Kind::array) {
      for (json::Value& item : value->items()) candidates.push_back(std::move(item));
    } else if (value->kind() == json::Kind::string) {
      candidates.push_back(std::move(*value));
    }
  }
  EventRecord opened = make(EventType::task_opened, next_id());
  opened.scope = id;
  opened.node = index;
  if (!candidates.empty() || !assignee.empty() || !task.form.empty() || task.vote == VoteKind::weighted) {
    opened.data = json::Value::object();
    if (!candidates.empty()) opened.data.set("candidates", json::Value::array(std::move(candidates)));
    if (!assignee.empty()) opened.data.set("assignee", text_value(assignee));
    if (!task.form.empty()) opened.data.set("form", text_value(task.form));
    if (auto const* weight = find_variable(s, id, "weight"); weight != nullptr && task.vote == VoteKind::weighted) {
      opened.data.set("weight", *weight);
    } else if (task.vote == VoteKind::weighted) {
      json::Value const* item = find_variable(s, id, node_of(*s.find(id)).multi ? node_of(*s.find(id)).multi->item_variable : "");
      if (item != nullptr && item->find("weight") != nullptr) opened.data.set("weight", *item->find("weight"));
    }
  }
  emit(std::move(opened));
  return {};
}

// ---- multi-instance (13.3.7) ----

Status Machine::begin_multi(Id id) {
  Index const index = s.find(id)->node;
  MultiInstance const& multi = *def.nodes[index].multi;
  std::int64_t total = 0;
  if (multi.collection) {
    auto const list = value_of(multi.collection, id);
    if (!list) return incident(id, index, list.error());
    if (list->kind() != json::Kind::array)
      return incident(id, index, Error(ErrorCode::bpmn_argument, {{"why", "the collection is not a list"}}));
    total = static_cast<std::int64_t>(list->items().size());
    EventRecord items = make(EventType::item_list_set, id);
    items.data = *list;
    emit(std::move(items));
  } else if (multi.cardinality) {
    auto const value = value_of(multi.cardinality, id);
    if (!value) return incident(id, index, value.error());
    auto const number = integer_of(*value);
    if (!number || *number < 0) {
      return incident(id, index, Error(ErrorCode::bpmn_argument, {{"why", "the loop cardinality is not a whole number from 0"}}));
    }
    total = *number;
  } else {
    return incident(id, index, Error(ErrorCode::bpmn_argument, {{"why", "neither loop cardinality nor collection is given"}}));
  }
  if (total > limits.instances) {
    return incident(id, index, Error(ErrorCode::bpmn_limit, {{"what", "instances"}, {"max", std::to_string(limits.instances)}}));
  }
  change(id, "total", total);
  if (total == 0) return leave(id);
  std::int64_t const first = multi.sequential ? 1 : total;
  std::vector<Id> started;
  for (std::int64_t i = 1; i <= first; ++i) started.push_back(instance_of(id, i));
  for (Id inner : started) {
    if (s.find(inner) == nullptr || s.find(id) == nullptr) continue;
    YW_TRY(begin_work(inner));
  }
  return {};
}

Id Machine::instance_of(Id body, std::int64_t index) {
  Element const& element = *s.find(body);
  MultiInstance const& multi = *node_of(element).multi;
  std::optional<json::Value> item;
  if (static_cast<std::size_t>(index) <= element.items.size()) item = element.items[static_cast<std::size_t>(index - 1)];
  Id const inner = enter(body, element.node, Role::plain, index);
  json::Value set = json::Value::object();
  set.set("loopCounter", number_value(index));
  if (item && !multi.item_variable.empty()) set.set(multi.item_variable, std::move(*item));
  bool const was = dirty;
  set_variables(inner, std::move(set));
  dirty = was;
  return inner;
}

Status Machine::inner_done(Id body, std::int64_t index) {
  Element const& element = *s.find(body);
  MultiInstance const& multi = *node_of(element).multi;
  change(body, "done", element.done + 1);
  bool stop = false;
  if (multi.behavior == Behavior::none && multi.behavior_event) {
    bool ignored = false;
    YW_TRY(throw_behavior(body, *multi.behavior_event, ignored));
  } else if (multi.behavior == Behavior::one && multi.behavior_event && s.find(body)->done == 1) {
    bool ignored = false;
    YW_TRY(throw_behavior(body, *multi.behavior_event, ignored));
  }
  for (ComplexBehavior const& complex : multi.complex) {
    if (s.find(body) == nullptr) return {};
    auto const hit = complex.condition ? holds(complex.condition, body) : Result<bool>(true);
    if (!hit) return incident(body, s.find(body)->node, hit.error());
    if (!*hit) continue;
    bool interrupting = false;
    YW_TRY(throw_behavior(body, complex.event, interrupting));
    stop = stop || interrupting;
  }
  if (s.find(body) == nullptr) return {};
  if (multi.completion_condition) {
    auto const hit = holds(multi.completion_condition, body);
    if (!hit) return incident(body, s.find(body)->node, hit.error());
    stop = stop || *hit;
  }
  Element const& now = *s.find(body);
  if (stop || now.done >= now.total) return finish_body(body, stop);
  if (multi.sequential && index < now.total) return begin_work(instance_of(body, index + 1));
  return {};
}

Status Machine::finish_body(Id body, bool cancel_rest) {
  if (cancel_rest) cancel_children(body);
  return leave(body);
}

/// 10.3.8: events that a multi-instance throws by its behavior are caught on its own boundary.
/// DEVIATION: such a catch does not cancel the activity (its path runs beside the rest); with Complex behavior an
/// interrupting boundary event stops the remaining instances and the activity completes.
Status Machine::throw_behavior(Id body, EventDefinition const& thrown, bool& interrupting) {
  Node const& node = node_of(*s.find(body));
  Id const scope = s.find(body)->parent;
  for (Index boundary : node.boundary) {
    auto const& event = std::get<Event>(def.nodes[boundary].kind);
    for (EventDefinition const& caught : event.definitions) {
      bool same = thrown.index() == caught.index();
      if (auto const* signal = std::get_if<SignalEvent>(&caught); same && signal != nullptr) {
        same = signal->name == std::get<SignalEvent>(thrown).name;
      }
      if (auto const* message = std::get_if<MessageEvent>(&caught); same && message != nullptr) {
        same = message->name == std::get<MessageEvent>(thrown).name;
      }
      if (auto const* escalation = std::get_if<EscalationEvent>(&caught); same && escalation != nullptr) {
        same = escalation->any || escalation->code == std::get<EscalationEvent>(thrown).code;
      }
      if (!same) continue;
      interrupting = interrupting || event.interrupting;
      return route(scope, boundary, 0);
    }
  }
  if (auto const* signal = std::get_if<SignalEvent>(&thrown)) return send_signal(signal->name, s.find(body)->node);
  if (auto const* message = std::get_if<MessageEvent>(&thrown)) {
    EventRecord sent = make(EventType::message_sent);
    sent.node = s.find(body)->node;
    sent.name = message->name;
    emit(std::move(sent));
  }
  return {};
}

// ---- completing ----

Status Machine::apply_mappings(Id from, Id to, std::vector<Mapping> const& list) {
  json::Value set = json::Value::object();
  for (Mapping const& mapping : list) {
    auto value = value_of(mapping.source, from);
    if (!value) return incident(from, s.find(from)->node, value.error());
    set.set(mapping.target, std::move(*value));
  }
  set_variables(to, std::move(set));
  return {};
}

Status Machine::apply_data(Id id, std::vector<DataAssociation> const& list, bool in) {
  if (list.empty()) return {};
  json::Value set = json::Value::object();
  for (DataAssociation const& association : list) {
    if (auto const* value = find_variable(s, id, association.source)) set.set(association.target, *value);
    for (Mapping const& assignment : association.assignments) {
      auto value = value_of(assignment.source, id);
      if (!value) return incident(id, s.find(id)->node, value.error());
      set.set(assignment.target.empty() ? association.target : assignment.target, std::move(*value));
    }
  }
  Id scope = s.find(id)->parent;
  while (!in && scope != 0 && s.find(scope)->role == Role::body) scope = s.find(scope)->parent;
  set_variables(in ? id : scope, std::move(set));
  return {};
}

/// An activity has done its work.
Status Machine::complete(Id id) {
  Node const& node = node_of(*s.find(id));
  Id scope = s.find(id)->parent;
  while (s.find(scope)->role == Role::body) scope = s.find(scope)->parent;
  if (!node.outputs.empty()) {
    YW_TRY(apply_mappings(id, scope, node.outputs));
  }
  YW_TRY(apply_data(id, node.data_out, false));
  if (s.find(id) == nullptr) return {};
  return run_again_or_leave(id);
}

Status Machine::run_again_or_leave(Id id) {
  Element const& element = *s.find(id);
  Node const& node = node_of(element);
  if (node.loop && element.role == Role::plain) {
    std::int64_t const runs = element.total;
    bool again = node.loop->condition || node.loop->maximum;
    if (node.loop->maximum && runs >= *node.loop->maximum) again = false;
    if (again && node.loop->condition) {
      auto const value = holds(node.loop->condition, id);
      if (!value) return incident(id, element.node, value.error());
      again = *value;
    }
    if (again) {
      YW_TRY(over_limit());
      change(id, "total", runs + 1);
      return begin_work(id);
    }
  }
  if (is_inner(element)) {
    Id const body = element.parent;
    std::int64_t const index = element.index;
    Id scope = s.find(body)->parent;
    record_compensable(element, scope);
    close_element(id, EventType::element_left);
    return inner_done(body, index);
  }
  if (element.role == Role::plain) record_compensable(element, element.parent);
  return leave(id);
}

void Machine::record_compensable(Element const& element, Id scope) {
  Node const& node = node_of(element);
  Index handler = node.compensation_handler;
  if (handler == kNone && element.scope != kNone) {
    for (Index sub : def.scopes[element.scope].event_subprocesses) {
      for (Index start : def.scopes[std::get<SubProcess>(def.nodes[sub].kind).body].triggered_starts) {
        auto const* event = std::get_if<Event>(&def.nodes[start].kind);
        if (event != nullptr && std::holds_alternative<CompensateEvent>(event->definitions.front())) handler = sub;
      }
    }
  }
  if (handler == kNone && element.compensables.empty()) return;
  EventRecord event = make(EventType::compensable_added, scope);
  event.scope = element.id;
  event.node = element.node;
  if (handler != kNone) event.name = def.nodes[handler].id;
  json::Value variables = json::Value::object();
  for (auto const& [name, value] : element.variables) variables.set(name, value);
  event.data = std::move(variables);
  emit(std::move(event));
}

/// The element goes and its token moves on.
Status Machine::leave(Id id) {
  Element const element = *s.find(id);
  if (element.role == Role::handler) {
    close_element(id, EventType::element_left);
    return next_compensation(static_cast<Id>(element.index));
  }
  close_element(id, EventType::element_left);
  YW_TRY(route(element.parent, element.node, 0));
  // An ad-hoc sub-process asks its completion condition whenever a part completes (13.3.5).
  Element const* scope = s.find(element.parent);
  auto const* sub = scope == nullptr || scope->node == kNone ? nullptr : std::get_if<SubProcess>(&node_of(*scope).kind);
  if (sub == nullptr || sub->kind != SubProcessKind::ad_hoc || !sub->completion_condition || scope->role == Role::body) return {};
  auto const done = holds(sub->completion_condition, element.parent);
  if (!done) return incident(element.parent, scope->node, done.error());
  if (!*done) return {};
  if (sub->cancel_remaining) cancel_children(element.parent);
  change(element.parent, "waiting_end", 1);
  return {};
}

/// Takes the outgoing flows that fit (13.2, 13.3.2, 13.4). `held` is the element that keeps the token if none does.
Status Machine::route(Id scope, Index index, Id held) {
  Node const& node = def.nodes[index];
  auto const* gateway = std::get_if<Gateway>(&node.kind);
  bool const exclusive = gateway != nullptr && gateway->kind == GatewayKind::exclusive;
  bool const conditions = gateway == nullptr || gateway->kind != GatewayKind::parallel;
  if (auto const* event = std::get_if<Event>(&node.kind); event != nullptr && event->position == Position::thrown) {
    for (EventDefinition const& definition : event->definitions) {
      auto const* link = std::get_if<LinkEvent>(&definition);
      if (link != nullptr && link->target != kNone) {
        queue.push_back({Work::What::start, scope, link->target});
        return {};
      }
    }
  }
  if (node.out.empty()) {
    if (held != 0) close_element(held, EventType::element_left);
    return {};
  }
  std::vector<Index> chosen;
  bool any_condition = false;
  for (Index flow : node.out) {
    if (conditions && flow == node.default_flow) continue;
    Expression const& condition = def.flows[flow].condition;
    if (conditions && condition && (gateway != nullptr || !std::holds_alternative<Gateway>(node.kind))) {
      any_condition = true;
      auto const hit = holds(condition, scope);
      if (!hit) {
        if (held == 0) held = enter(scope, index, Role::handler);
        return incident(held, index, hit.error(), flow);
      }
      if (!*hit) continue;
      chosen.push_back(flow);
    } else {
      chosen.push_back(flow);
      if (gateway == nullptr) continue;
    }
    if (exclusive) break;
  }
  if (node.default_flow != kNone && conditions) {
    bool conditional_hit = false;
    for (Index flow : chosen) conditional_hit = conditional_hit || def.flows[flow].condition;
    bool const use = gateway != nullptr ? chosen.empty() : !conditional_hit;
    if (use) chosen.push_back(node.default_flow);
  }
  if (chosen.empty()) {
    if (held == 0) held = enter(scope, index, Role::handler);
    return incident(held, index,
                    Error(ErrorCode::bpmn_state, {{"why", any_condition ? "no condition of an outgoing flow holds"
                                                                        : "there is no outgoing flow to take"}}));
  }
  if (held != 0) close_element(held, EventType::element_left);
  bool const activity = gateway == nullptr && !std::holds_alternative<Event>(node.kind);
  std::int64_t const copies = activity ? node.completion_quantity : 1;
  for (Index flow : chosen) {
    for (std::int64_t i = 0; i < copies; ++i) queue.push_back({Work::What::take, scope, flow});
  }
  return {};
}

/// Removes an element with its timers, tasks, jobs and incidents; children must be gone.
void Machine::close_element(Id id, EventType how) {
  auto clear = [&](auto const& list, EventType type) {
    std::vector<Id> ids;
    for (auto const& item : list) {
      if (item.element == id) ids.push_back(item.id);
    }
    for (Id item : ids) {
      EventRecord event = make(type, item);
      if (type == EventType::task_closed || type == EventType::job_closed) event.name = "cancelled";
      emit(std::move(event));
    }
  };
  if (!s.timers.empty()) clear(s.timers, EventType::timer_cleared);
  if (!s.tasks.empty()) {
    std::vector<UserTask> open;
    for (UserTask const& task : s.tasks) {
      if (task.element == id) open.push_back(task);
    }
    for (UserTask const& task : open) resume_clock(task);
    clear(s.tasks, EventType::task_closed);
  }
  if (!s.jobs.empty()) clear(s.jobs, EventType::job_closed);
  if (!s.incidents.empty()) clear(s.incidents, EventType::incident_cleared);
  emit(make(how, id));
}

void Machine::cancel_children(Id id, Id except) {
  std::vector<Id> children;
  for (Element const& element : s.elements) {
    if (element.parent == id && element.id != except) children.push_back(element.id);
  }
  for (Id child : children) cancel(child);
  for (std::size_t i = s.arrivals.size(); i-- > 0;) {
    if (i >= s.arrivals.size() || s.arrivals[i].scope != id) continue;
    EventRecord event = make(EventType::tokens_joined);
    event.scope = id;
    event.flow = s.arrivals[i].flow;
    event.number = s.arrivals[i].count;
    emit(std::move(event));
  }
  std::erase_if(queue, [&](Work const& work) { return work.scope == id; });
}

void Machine::cancel(Id id) {
  if (s.find(id) == nullptr) return;
  cancel_children(id);
  close_element(id, EventType::element_cancelled);
}

}  // namespace yiwang::bpmn

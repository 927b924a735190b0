#pragma once
// Internal: one command at work. Every change goes through emit(), which records the event and applies it to the
// working copy, so that what decide() saw is what apply() will make.

#include <deque>
#include <utility>

#include "yiwang/bpmn/engine.hpp"

namespace yiwang::bpmn {

class Machine {
 public:
  Machine(Definition const& definition, State const& state, Command const& command, Ports& ports, Limits const& limits)
      : def(definition), s(state), cmd(command), ports(ports), limits(limits) {}

  Status run();
  std::vector<EventRecord> events;

 private:
  // --- recording (machine.cpp)
  EventRecord make(EventType type, Id id = 0) const {
    EventRecord event;
    event.type = type;
    event.id = id;
    event.at = cmd.now;
    return event;
  }
  void emit(EventRecord event);
  Id next_id() { return s.last_id + 1; }
  void change(Id element, char const* field, std::int64_t number, Index node = kNone);
  void set_variables(Id element, json::Value object);
  void change_task(Id task, char const* field, std::int64_t number, std::string detail = {}, json::Value data = {});
  Status over_limit();

  // --- the queue (machine.cpp)
  struct Work {
    enum class What : std::uint8_t { take, thrown, start } what;
    Id scope;     ///< take, start: the scope element; thrown: the element
    Index index;  ///< take: flow; start: node
  };
  Status settle();
  Result<bool> complete_scopes();
  Result<bool> fire_joins();
  Status check_conditions();

  // --- moving (flow.cpp)
  Status start_instance();
  Status deliver(Id scope, Index flow);
  Status arrive(Id scope, Index node);
  Id enter(Id scope, Index node, Role role = Role::plain, std::int64_t index = 0);
  Status begin(Id element);
  Status begin_work(Id element);
  Status begin_multi(Id element);
  Status begin_ad_hoc(Id element);
  Status begin_task(Id element, Task const& task);
  Status begin_catch(Id element);
  Status open_user_task(Id element, Task const& task);
  Status enter_scope(Id element, Index start);
  Status complete(Id element);
  Status complete_inner(Id element);
  Status leave(Id element);
  Status route(Id scope, Index node, Id held);
  void close_element(Id element, EventType how);
  void cancel(Id element);
  void cancel_children(Id element, Id except = 0);
  Id instance_of(Id body, std::int64_t index);
  Status inner_done(Id body, std::int64_t index);
  Status finish_body(Id body, bool cancel_rest);
  Status throw_behavior(Id body, EventDefinition const& definition, bool& interrupting);
  void record_compensable(Element const& element, Id scope);
  Status run_again_or_leave(Id element);
  Status apply_data(Id element, std::vector<DataAssociation> const& list, bool in);
  Status apply_mappings(Id from, Id to, std::vector<Mapping> const& list);

  // --- events (events.cpp)
  Status set_timers(Id element);
  Status set_timer(Id element, Index node, std::int64_t definition, TimerEvent const& timer);
  Status throw_event(Id element);
  Status throw_error(Id from, std::string const& code);
  Status throw_escalation(Id from, std::string const& code, bool& cancelled);
  Status send_signal(std::string const& name, Index node);
  Status trigger(Id host, Index node, std::int64_t definition, json::Value const& payload);
  Status start_event_subprocess(Id scope, Index sub, Index start, bool interrupting, json::Value const& payload);
  Status compensate(Id thrower);
  Status next_compensation(Id thrower);
  Status end_instance(InstanceStatus status, std::string reason);
  Status fire_timer(Id timer);
  Status correlate();

  // --- office operations (office.cpp)
  Status command();
  Status complete_task();
  Status close_main_task(UserTask const& task, char const* outcome);
  Status office();
  Status send_back(UserTask const& task);
  Status jump_to(Id from, Index target, bool all, bool keep);
  Status jump_in(Id scope, Id from, Index target, bool keep);
  Status enter_target(Id scope, Index target);
  Status vote_done(UserTask const& task, bool yes);
  Result<Index> previous_of(UserTask const& task) const;
  Status withdraw();
  void warn_stuck();
  void resume_clock(UserTask const& task);
  Status added_done(UserTask const& task);
  Id open_added(UserTask const& main, std::string kind, std::string const& to, std::int64_t weight = 1);
  void clock(char const* what, std::string reason, json::Value data = {});
  void notice(char const* what, std::string to, Id task, json::Value data = {});
  void note_operation(json::Value data = {});

  // --- asking (machine.cpp)
  Result<json::Value> value_of(Expression const& expression, Id element);
  Result<bool> holds(Expression const& expression, Id element);
  Status incident(Id element, Index node, Error const& error, Index flow = kNone);
  bool is_inner(Element const& element) const {
    Element const* parent = element.parent == 0 ? nullptr : s.find(element.parent);
    return parent != nullptr && parent->role == Role::body && parent->node == element.node;
  }
  Node const& node_of(Element const& element) const { return def.nodes[element.node]; }

  Definition const& def;
  State s;
  Command const& cmd;
  Ports& ports;
  Limits const& limits;
  std::deque<Work> queue, throws;
  std::size_t steps = 0;
  bool moved_by_hand = false;  ///< a token was moved against the model: joins may wait for ever
  bool dirty = false;          ///< variables changed: conditions are asked again
};

/// All event definitions that a waiting element listens for: f(element, event node, definition index, definition).
template <class F>
void each_wait(Definition const& def, State const& s, Element const& element, F f) {
  auto node_definitions = [&](Index node) {
    if (auto const* event = std::get_if<Event>(&def.nodes[node].kind)) {
      for (std::size_t i = 0; i < event->definitions.size(); ++i)
        f(element, node, static_cast<std::int64_t>(i), event->definitions[i]);
    } else if (auto const* task = std::get_if<Task>(&def.nodes[node].kind); task != nullptr && task->kind == TaskKind::receive) {
      f(element, node, 0, EventDefinition(MessageEvent{task->message}));
    }
  };
  if (element.node != kNone) {
    Node const& node = def.nodes[element.node];
    if (auto const* event = std::get_if<Event>(&node.kind); event != nullptr && event->position == Position::caught) {
      node_definitions(element.node);
    } else if (auto const* task = std::get_if<Task>(&node.kind);
               task != nullptr && task->kind == TaskKind::receive && element.role != Role::body) {
      node_definitions(element.node);
    } else if (auto const* gateway = std::get_if<Gateway>(&node.kind);
               gateway != nullptr && gateway->kind == GatewayKind::event_based) {
      for (Index flow : node.out) node_definitions(def.flows[flow].target);
    }
    Element const* parent = element.parent == 0 ? nullptr : s.find(element.parent);
    bool const inner = parent != nullptr && parent->role == Role::body && parent->node == element.node;
    if (!inner && !element.ending) {
      for (Index boundary : node.boundary) node_definitions(boundary);
    }
  }
  if (element.scope != kNone && !element.ending) {
    for (Index sub : def.scopes[element.scope].event_subprocesses) {
      auto const* body = std::get_if<SubProcess>(&def.nodes[sub].kind);
      if (body == nullptr) continue;
      for (Index start : def.scopes[body->body].triggered_starts) node_definitions(start);
    }
  }
}

inline bool truth(json::Value const& value) { return value.kind() == json::Kind::boolean && value.as_bool(); }
inline json::Value number_value(std::int64_t number) { return json::Value::number(std::to_string(number)); }
inline json::Value text_value(std::string text) { return json::Value::string(std::move(text)); }
std::optional<std::int64_t> integer_of(json::Value const& value);

}  // namespace yiwang::bpmn

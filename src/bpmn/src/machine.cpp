#include "machine.hpp"

#include <algorithm>

namespace yiwang::bpmn {
namespace {

/// Variables of an element and its scopes, and the counters of the loop around it.
class View : public Lookup {
 public:
  View(State const& state, Id element) : state_(state), element_(element) {}

  json::Value const* find(std::string_view name) const override {
    if (auto const* value = find_variable(state_, element_, name)) return value;
    Element const* element = state_.find(element_);
    for (; element != nullptr; element = element->parent == 0 ? nullptr : state_.find(element->parent)) {
      if (element->role == Role::body) {
        std::int64_t active = 0;
        for (Element const& other : state_.elements) active += other.parent == element->id ? 1 : 0;
        if (name == "nrOfInstances" || name == "numberOfInstances") return keep(element->total);
        if (name == "nrOfCompletedInstances" || name == "numberOfCompletedInstances") return keep(element->done);
        if (name == "nrOfActiveInstances" || name == "numberOfActiveInstances") return keep(active);
      } else if (name == "loopCounter" && (element->index > 0 || element->total > 0)) {
        return keep(element->index > 0 ? element->index : element->total);
      }
    }
    return nullptr;
  }

 private:
  json::Value const* keep(std::int64_t number) const {
    kept_ = number_value(number);
    return &kept_;
  }
  State const& state_;
  Id element_;
  mutable json::Value kept_;
};

}  // namespace

json::Value const* find_variable(State const& state, Id id, std::string_view name) {
  Element const* element = state.find(id);
  while (element != nullptr) {
    if (auto const it = element->variables.find(name); it != element->variables.end()) return &it->second;
    if (element->parent == 0) return nullptr;
    element = state.find(element->parent);
  }
  return nullptr;
}

std::optional<std::int64_t> integer_of(json::Value const& value) {
  if (value.kind() != json::Kind::number || value.text().empty() || value.text().size() > 18) return std::nullopt;
  std::int64_t out = 0;
  std::size_t i = value.text()[0] == '-' ? 1 : 0;
  for (; i < value.text().size(); ++i) {
    char const c = value.text()[i];
    if (c < '0' || c > '9') return std::nullopt;
    out = out * 10 + (c - '0');
  }
  return value.text()[0] == '-' ? -out : out;
}

Result<json::Value> Ports::decide(std::string_view decision, Lookup const&) {
  return fail(Error(ErrorCode::bpmn_not_found, {{"what", "decision"}, {"id", std::string(decision)}}));
}

void Machine::emit(EventRecord event) {
  apply(def, s, event);
  events.push_back(std::move(event));
}

void Machine::change(Id element, char const* field, std::int64_t number, Index node) {
  EventRecord event = make(EventType::element_changed, element);
  event.name = field;
  event.number = number;
  event.node = node;
  emit(std::move(event));
}

void Machine::set_variables(Id element, json::Value object) {
  if (object.members().empty()) return;
  EventRecord event = make(EventType::variables_set, element);
  event.data = std::move(object);
  emit(std::move(event));
  dirty = def.has_conditions;
}

void Machine::change_task(Id task, char const* field, std::int64_t number, std::string detail, json::Value data) {
  EventRecord event = make(EventType::task_changed, task);
  event.name = field;
  event.number = number;
  event.detail = std::move(detail);
  event.data = std::move(data);
  emit(std::move(event));
}

Status Machine::over_limit() {
  if (++steps > limits.steps) {
    return fail(Error(ErrorCode::bpmn_limit, {{"what", "steps of one command"}, {"max", std::to_string(limits.steps)}}));
  }
  if (s.elements.size() > limits.elements) {
    return fail(Error(ErrorCode::bpmn_limit, {{"what", "active elements"}, {"max", std::to_string(limits.elements)}}));
  }
  return {};
}

Result<json::Value> Machine::value_of(Expression const& expression, Id element) {
  View const view(s, element);
  return ports.evaluate(expression, view);
}

Result<bool> Machine::holds(Expression const& expression, Id element) {
  YW_ASSIGN(json::Value value, value_of(expression, element));
  return truth(value);
}

/// The fault of one token: it stops there, the others go on.
Status Machine::incident(Id element, Index node, Error const& error, Index flow) {
  EventRecord event = make(EventType::incident_raised, next_id());
  event.scope = element;
  event.node = node;
  event.flow = flow;
  event.name = std::string(to_string(error.code()));
  event.detail = error.message(Language::zh_cn);
  emit(std::move(event));
  return {};
}

Status Machine::run() {
  YW_TRY(command());
  YW_TRY(settle());
  if (!s.arrivals.empty()) warn_stuck();
  return {};
}

/// Ordinary moves first; then events are thrown, so that whoever listens in parallel already does; then scopes end and
/// inclusive joins are asked, which need to know that nothing else can move.
Status Machine::settle() {
  for (;;) {
    if (s.status == InstanceStatus::completed || s.status == InstanceStatus::terminated || s.status == InstanceStatus::failed) {
      return {};
    }
    if (dirty) {
      YW_TRY(check_conditions());
      continue;
    }
    if (!queue.empty()) {
      YW_TRY(over_limit());
      Work const work = queue.front();
      queue.pop_front();
      if (s.find(work.scope) == nullptr) continue;
      if (work.what == Work::What::take) {
        YW_TRY(deliver(work.scope, work.index));
      } else {
        YW_TRY(arrive(work.scope, work.index));
      }
      continue;
    }
    if (!throws.empty()) {
      YW_TRY(over_limit());
      Work const work = throws.front();
      throws.pop_front();
      if (s.find(work.scope) != nullptr) {
        YW_TRY(throw_event(work.scope));
      }
      continue;
    }
    YW_ASSIGN(bool const ended, complete_scopes());
    if (ended) continue;
    YW_ASSIGN(bool const joined, fire_joins());
    if (!joined) return {};
  }
}

/// A scope without tokens is done (13.3.4, 13.5.1).
Result<bool> Machine::complete_scopes() {
  for (std::size_t i = s.elements.size(); i-- > 0;) {
    Element const& element = s.elements[i];
    if (element.scope == kNone || !element.queue.empty()) continue;
    bool busy = false;
    for (Element const& other : s.elements) busy = busy || other.parent == element.id;
    for (Arrival const& arrival : s.arrivals) busy = busy || arrival.scope == element.id;
    if (busy) continue;
    Id const id = element.id;
    YW_TRY(over_limit());
    if (element.node == kNone) {
      YW_TRY(end_instance(InstanceStatus::completed, {}));
      return true;
    }
    if (auto const* sub = std::get_if<SubProcess>(&node_of(element).kind);
        sub != nullptr && sub->kind == SubProcessKind::ad_hoc && !element.waiting_end) {
      auto const& parts = def.scopes[element.scope].implicit_starts;
      bool const condition = static_cast<bool>(sub->completion_condition);
      if (sub->sequential && element.index < static_cast<std::int64_t>(parts.size())) {
        Index const part = parts[static_cast<std::size_t>(element.index)];
        change(id, "index", element.index + 1);
        queue.push_back({Work::What::start, id, part});
        return true;
      }
      if (condition) continue;  // waits for start_ad_hoc or complete_ad_hoc
    }
    YW_TRY(complete(id));
    return true;
  }
  return false;
}

/// Inclusive join, 13.4.3: a token waits, and no token elsewhere can still reach an empty incoming flow unless it can
/// also reach one that has a token. Complex join: the same rule ends its phase of waiting for reset (13.4.5).
Result<bool> Machine::fire_joins() {
  for (Element const& scope : s.elements) {
    for (auto const& [join, mark] : scope.seen) {
      if (mark != -1) continue;
      auto const& table = def.reach.at(join);
      bool pending = false;
      for (Element const& element : s.elements) {
        if (element.parent != scope.id) continue;
        for (Index flow : node_of(element).out) pending = pending || table[flow] != 0;
        for (Index boundary : node_of(element).boundary) {
          for (Index flow : def.nodes[boundary].out) pending = pending || table[flow] != 0;
        }
      }
      for (Arrival const& other : s.arrivals) {
        if (other.scope != scope.id) continue;
        Index const at = def.flows[other.flow].target;
        pending = pending || at == join;
        for (Index flow : def.nodes[at].out) pending = pending || (at != join && table[flow] != 0);
      }
      if (pending) continue;
      change(scope.id, "unseen", -1, join);
      return true;
    }
  }
  for (std::size_t i = 0; i < s.arrivals.size(); ++i) {
    Arrival const arrival = s.arrivals[i];
    Index const join = def.flows[arrival.flow].target;
    auto const table = def.reach.find(join);
    if (table == def.reach.end()) continue;
    Node const& node = def.nodes[join];
    std::uint64_t full = 0;
    for (Arrival const& other : s.arrivals) {
      if (other.scope != arrival.scope || def.flows[other.flow].target != join) continue;
      for (std::size_t bit = 0; bit < node.in.size() && bit < 64; ++bit) {
        if (node.in[bit] == other.flow) full |= std::uint64_t{1} << bit;
      }
    }
    std::uint64_t const all = node.in.size() >= 64 ? ~std::uint64_t{0} : (std::uint64_t{1} << node.in.size()) - 1;
    std::uint64_t const empty = all & ~full;
    bool blocked = false;
    auto token_on = [&](Index flow) {
      std::uint64_t const reach = table->second[flow];
      if ((reach & empty) != 0 && (reach & full) == 0) blocked = true;
    };
    for (Element const& element : s.elements) {
      if (element.parent != arrival.scope || element.node == kNone || element.node == join) continue;
      for (Index flow : node_of(element).out) token_on(flow);
      for (Index boundary : node_of(element).boundary) {
        for (Index flow : def.nodes[boundary].out) token_on(flow);
      }
    }
    for (Arrival const& other : s.arrivals) {
      if (other.scope == arrival.scope && def.flows[other.flow].target != join) {
        for (Index flow : def.nodes[def.flows[other.flow].target].out) token_on(flow);
      }
    }
    if (blocked) continue;
    bool reset = false;
    auto const* gateway = std::get_if<Gateway>(&node.kind);
    if (gateway->kind == GatewayKind::complex) {
      Element const* scope = s.find(arrival.scope);
      reset = scope != nullptr &&
              std::find(scope->seen.begin(), scope->seen.end(), std::pair<Index, std::int64_t>(join, -1)) != scope->seen.end();
      if (!reset && gateway->activation_condition) continue;  // asked at each arrival, never by exhaustion
    }
    for (Index flow : node.in) {
      for (Arrival const& other : s.arrivals) {
        if (other.scope != arrival.scope || other.flow != flow) continue;
        EventRecord event = make(EventType::tokens_joined);
        event.scope = arrival.scope;
        event.flow = flow;
        event.number = reset ? other.count : 1;
        emit(std::move(event));
        break;
      }
    }
    if (reset) {
      change(arrival.scope, "unseen", -1, join);
      return true;
    }
    YW_TRY(route(arrival.scope, join, 0));
    return true;
  }
  return false;
}

/// Conditional events fire when their condition becomes true (10.5.5); while it stays true they stay silent.
Status Machine::check_conditions() {
  dirty = false;
  struct Hit {
    Id host;
    Index node;
    std::int64_t definition;
  };
  std::vector<Hit> hits;
  std::vector<std::pair<Id, std::pair<Index, std::int64_t>>> fallen;
  for (Element const& element : s.elements) {
    each_wait(def, s, element, [&](Element const& host, Index node, std::int64_t index, EventDefinition const& definition) {
      auto const* condition = std::get_if<ConditionalEvent>(&definition);
      if (condition == nullptr) return;
      auto const value = holds(condition->condition, host.id);
      bool const now = value && *value;
      std::pair<Index, std::int64_t> const key(node, index);
      bool const before = std::find(host.seen.begin(), host.seen.end(), key) != host.seen.end();
      if (now && !before) hits.push_back({host.id, node, index});
      if (!now && before) fallen.push_back({host.id, key});
    });
  }
  for (auto const& [host, key] : fallen) change(host, "unseen", key.second, key.first);
  for (Hit const& hit : hits) {
    if (s.find(hit.host) == nullptr) continue;
    auto const* event = std::get_if<Event>(&def.nodes[hit.node].kind);
    if (event == nullptr || !event->parallel_multiple) change(hit.host, "seen", hit.definition, hit.node);
    YW_TRY(over_limit());
    YW_TRY(trigger(hit.host, hit.node, hit.definition, {}));
  }
  return {};
}

Result<std::vector<EventRecord>> decide(Definition const& definition, State const& state, Command const& command, Ports& ports,
                                        Limits const& limits) {
  Machine machine(definition, state, command, ports, limits);
  YW_TRY(machine.run());
  return std::move(machine.events);
}

}  // namespace yiwang::bpmn

// Rules on the executable structure. Chapters are those of BPMN 2.0.2.

#include <algorithm>

#include "reader.hpp"

namespace yiwang::bpmn {
namespace {

template <class T>
bool has(Event const& event) {
  return std::any_of(event.definitions.begin(), event.definitions.end(),
                     [](EventDefinition const& d) { return std::holds_alternative<T>(d); });
}

class Structure {
 public:
  Structure(Source& source, Definition const& definition) : source_(source), def_(definition) {}

  void run() {
    for (Process const& process : def_.processes) {
      Scope const& scope = def_.scopes[process.scope];
      if (scope.nodes.empty()) {
        source_.error(at(process.id), "10.2 process", "the process holds no event, activity or gateway",
                      "draw at least a start event and an activity");
      }
      // A none start event is started by hand, and nothing would say which of them is meant.
      if (scope.starts.size() > 1) {
        source_.report(process.executable ? Severity::error : Severity::warning, at(process.id), "10.5.2 start event",
                       "the process has several none start events", "keep one; give the others a trigger");
      }
      if (process.id.empty()) source_.error(source_.document->root(), "8.3.1 ids", "a process has no id", "give it an id");
    }
    for (std::size_t i = 0; i < def_.scopes.size(); ++i) scope(static_cast<Index>(i));
    for (Flow const& one : def_.flows) flow(one);
    for (Node const& node : def_.nodes) check(node);
  }

 private:
  xml::Element at(std::string_view id) const {
    xml::Element const found = source_.find(id);
    return found ? found : source_.document->root();
  }
  void scope(Index index) {
    Scope const& scope = def_.scopes[index];
    bool ends = false;
    for (Index node : scope.nodes) {
      auto const* event = std::get_if<Event>(&def_.nodes[node].kind);
      ends = ends || (event != nullptr && event->position == Position::end);
    }
    bool const starts = !scope.starts.empty() || !scope.triggered_starts.empty();
    xml::Element const where = at(scope.id);
    auto const* sub = scope.owner == kNone ? nullptr : std::get_if<SubProcess>(&def_.nodes[scope.owner].kind);
    if (ends && !starts && (sub == nullptr || sub->kind != SubProcessKind::ad_hoc)) {
      source_.error(where, "10.5.2 start event", "there is an end event but no start event", "add a start event");
    }
    if (starts && !ends && (sub == nullptr || sub->kind != SubProcessKind::event)) {
      source_.warn(where, "10.5.3 end event", "there is a start event but no end event", "add an end event");
    }
    if (sub == nullptr) return;
    bool const event_sub = sub->kind == SubProcessKind::event;
    if (event_sub) {
      if (scope.starts.size() + scope.triggered_starts.size() != 1) {
        source_.error(where, "10.3.5 event sub-process", "an event sub-process has exactly one start event",
                      "keep one start event with a trigger");
      } else if (scope.triggered_starts.empty()) {
        source_.error(where, "10.3.5 event sub-process", "its start event has no trigger",
                      "give the start event a message, timer, error, … definition");
      }
      Node const& owner = def_.nodes[scope.owner];
      if (!owner.in.empty() || !owner.out.empty()) {
        source_.error(where, "10.3.5 event sub-process", "an event sub-process has no incoming or outgoing sequence flow",
                      "remove the sequence flows");
      }
      return;
    }
    for (Index node : scope.triggered_starts) {
      if (!std::holds_alternative<Event>(def_.nodes[node].kind)) continue;
      source_.error(at(def_.nodes[node].id), "10.3.5 embedded sub-process",
                    "the start event of an embedded sub-process or transaction has a trigger",
                    "use a none start event, or make it an event sub-process");
    }
    if (scope.starts.size() > 1) {
      source_.error(where, "10.3.5 embedded sub-process", "an embedded sub-process has more than one none start event",
                    "keep one start event");
    }
    if (sub->kind == SubProcessKind::ad_hoc) {
      bool activity = false;
      for (Index node : scope.nodes)
        activity = activity || (!std::holds_alternative<Event>(def_.nodes[node].kind) &&
                                !std::holds_alternative<Gateway>(def_.nodes[node].kind));
      if (!activity)
        source_.error(where, "10.3.5 ad-hoc sub-process", "an ad-hoc sub-process holds no activity", "add at least one activity");
      if (starts || ends)
        source_.warn(where, "10.3.5 ad-hoc sub-process", "an ad-hoc sub-process has no start or end event", "remove them");
    }
  }

  void flow(Flow const& flow) {
    if (flow.source == kNone || flow.target == kNone) return;
    Node const& from = def_.nodes[flow.source];
    Node const& to = def_.nodes[flow.target];
    xml::Element const where = flow.id.empty() ? at(from.id) : at(flow.id);
    if (from.scope != to.scope) {
      source_.error(where, "7.6.1 sequence flow", "the sequence flow crosses the boundary of a process or sub-process",
                    "connect elements of the same process or sub-process");
    }
    auto const* start = std::get_if<Event>(&to.kind);
    if (start != nullptr && start->position == Position::start) {
      source_.error(where, "10.5.2 start event", "a start event has no incoming sequence flow",
                    "let the flow end at an activity or gateway");
    }
    if (start != nullptr && start->position == Position::boundary) {
      source_.error(where, "10.5.4 boundary event", "a boundary event has no incoming sequence flow",
                    "let the flow end at the activity");
    }
    auto const* end = std::get_if<Event>(&from.kind);
    if (end != nullptr && end->position == Position::end) {
      source_.error(where, "10.5.3 end event", "an end event has no outgoing sequence flow", "use an intermediate throw event");
    }
    if (flow.condition) {
      auto const* gateway = std::get_if<Gateway>(&from.kind);
      bool const odd =
          (gateway != nullptr && (gateway->kind == GatewayKind::parallel || gateway->kind == GatewayKind::event_based)) ||
          std::holds_alternative<Event>(from.kind);
      if (odd)
        source_.warn(where, "8.3.13 conditional flow",
                     "a condition is ignored on a flow that leaves a parallel or event-based gateway or an event",
                     "remove the condition");
      if (gateway == nullptr && from.out.size() < 2) {
        source_.warn(where, "10.3.1 conditional flow", "an activity with a conditional flow has no other outgoing flow",
                     "add a default flow");
      }
      if (from.default_flow != kNone && &def_.flows[from.default_flow] == &flow) {
        source_.demand(where, "8.3.13 default flow", "a default flow has no condition", "remove the condition");
      }
    }
  }

  void check(Node const& node) {
    xml::Element const where = at(node.id);
    if (node.start_quantity < 1 || node.completion_quantity < 1) {
      source_.error(where, "10.3 activity", "startQuantity and completionQuantity are whole numbers from 1", "write 1 or more");
    }
    if (node.loop && node.loop->maximum && *node.loop->maximum < 0)
      source_.error(where, "10.3.8 loop", "loopMaximum is a whole number from 0", "correct loopMaximum");
    if (node.loop && !node.loop->condition && !node.loop->maximum)
      source_.warn(where, "10.3.8 loop", "a loop has neither a condition nor a maximum", "add loopCondition or loopMaximum");
    if (node.multi && node.loop)
      source_.error(where, "10.3.8 loop", "an activity is a loop or a multi-instance, not both", "remove one of the markers");
    if (node.for_compensation && (!node.in.empty() || !node.out.empty())) {
      source_.error(where, "10.7.1 compensation handler", "a compensation activity has no sequence flow",
                    "reach it by an association from the boundary event only");
    }
    if (node.multi && !node.multi->cardinality && !node.multi->collection &&
        !where.child("multiInstanceLoopCharacteristics").child("loopDataInputRef")) {
      source_.warn(where, "10.3.8 multi-instance", "neither a loop cardinality nor a collection says how many instances run",
                   "add loopCardinality or loopDataInputRef");
    }
    if (auto const* event = std::get_if<Event>(&node.kind)) this->event(node, *event, where);
    if (auto const* gateway = std::get_if<Gateway>(&node.kind)) this->gateway(node, *gateway, where);
    if (auto const* sub = std::get_if<SubProcess>(&node.kind);
        sub != nullptr && sub->kind == SubProcessKind::event && (node.loop || node.multi)) {
      source_.warn(where, "10.3.5 event sub-process", "an event sub-process carries no loop marker", "remove the marker");
    }
    if (std::holds_alternative<Event>(node.kind) && node.scope != kNone) return;
    Scope const& scope = def_.scopes[node.scope];
    bool const starts = !scope.starts.empty() || !scope.triggered_starts.empty();
    auto const* sub = std::get_if<SubProcess>(&node.kind);
    bool const beside = node.for_compensation || (sub != nullptr && sub->kind == SubProcessKind::event) || !node.boundary.empty();
    auto const* owner = scope.owner == kNone ? nullptr : std::get_if<SubProcess>(&def_.nodes[scope.owner].kind);
    bool const ad_hoc = owner != nullptr && owner->kind == SubProcessKind::ad_hoc;
    if (starts && node.in.empty() && !beside && !ad_hoc) {
      auto const* task = std::get_if<Task>(&node.kind);
      auto const* gateway = std::get_if<Gateway>(&node.kind);
      bool const instantiates = (task != nullptr && task->instantiate) || (gateway != nullptr && gateway->instantiate);
      if (!instantiates)
        source_.warn(where, "10.3 activity", "nothing leads to this element although the process has a start event",
                     "add an incoming sequence flow");
    }
  }

  void event(Node const& node, Event const& event, xml::Element where) {
    std::size_t const count = event.definitions.size();
    bool const intermediate = event.position == Position::caught || event.position == Position::thrown;
    bool const link = has<LinkEvent>(event);
    auto wrong = [&](std::string why) {
      source_.error(where, "10.5 event", std::move(why), "use a definition that is allowed here");
    };
    switch (event.position) {
      case Position::start: {
        Index const owner = def_.scopes[node.scope].owner;
        auto const* sub = owner == kNone ? nullptr : std::get_if<SubProcess>(&def_.nodes[owner].kind);
        bool const event_sub = sub != nullptr && sub->kind == SubProcessKind::event;
        if (has<CancelEvent>(event) || has<LinkEvent>(event) || has<TerminateEvent>(event))
          wrong("a start event is not triggered by cancel, link or terminate");
        if (!event_sub && (has<ErrorEvent>(event) || has<EscalationEvent>(event) || has<CompensateEvent>(event))) {
          wrong("error, escalation and compensation start event sub-processes only");
        }
        if (event_sub && !event.interrupting && (has<ErrorEvent>(event) || has<CompensateEvent>(event))) {
          wrong("a non-interrupting start event is not triggered by an error or compensation");
        }
        if (!event_sub && count > 1) {
          bool timer = has<TimerEvent>(event) && has<MessageEvent>(event) && !event.parallel_multiple;
          if (timer) wrong("one start event has both a timer and a message");
        }
        break;
      }
      case Position::end:
        if (has<TimerEvent>(event) || has<ConditionalEvent>(event) || has<LinkEvent>(event))
          wrong("an end event throws no timer, condition or link");
        if (has<CancelEvent>(event) && !in_transaction(node)) wrong("a cancel end event stands inside a transaction");
        break;
      case Position::caught:
        if (count == 0) wrong("an intermediate catch event waits for something");
        if (has<ErrorEvent>(event) || has<EscalationEvent>(event) || has<CompensateEvent>(event) || has<CancelEvent>(event) ||
            has<TerminateEvent>(event)) {
          wrong("error, escalation, compensation, cancel and terminate are not caught in the normal flow");
        }
        break;
      case Position::thrown:
        if (has<TimerEvent>(event) || has<ConditionalEvent>(event) || has<ErrorEvent>(event) || has<CancelEvent>(event) ||
            has<TerminateEvent>(event)) {
          wrong("timer, conditional, error, cancel and terminate are not thrown by an intermediate event");
        }
        break;
      case Position::boundary: boundary(node, event, where); break;
    }
    if (intermediate && !link) {
      bool const after_gateway = std::any_of(node.in.begin(), node.in.end(), [&](Index f) {
        return std::holds_alternative<Gateway>(def_.nodes[def_.flows[f].source].kind);
      });
      (void)after_gateway;
      if (node.in.empty())
        source_.warn(where, "10.5.4 intermediate event", "an intermediate event has an incoming sequence flow", "add one");
      if (node.out.empty())
        source_.warn(where, "10.5.4 intermediate event", "an intermediate event has an outgoing sequence flow",
                     "add one, or use an end event");
    }
    if (link) {
      if (event.position == Position::caught && !node.in.empty())
        source_.error(where, "10.5.5 link", "a catching link has no incoming sequence flow", "remove it");
      if (event.position == Position::thrown && !node.out.empty())
        source_.error(where, "10.5.5 link", "a throwing link has no outgoing sequence flow", "remove it");
      if (event.position == Position::caught && node.out.empty())
        source_.warn(where, "10.5.5 link", "a catching link has an outgoing sequence flow", "add it");
      if (event.position == Position::thrown && node.in.empty())
        source_.warn(where, "10.5.5 link", "a throwing link has an incoming sequence flow", "add it");
      if (count > 1) source_.warn(where, "10.5.5 link", "a link event has one definition", "remove the others");
      links(node, event, where);
    }
    if (event.position == Position::start && node.out.empty())
      source_.warn(where, "10.5.2 start event", "nothing follows the start event", "add an outgoing sequence flow");
    if (event.position == Position::end && node.in.empty())
      source_.warn(where, "10.5.3 end event", "nothing leads to the end event", "add an incoming sequence flow");
    for (EventDefinition const& definition : event.definitions) {
      if (auto const* compensation = std::get_if<CompensateEvent>(&definition);
          compensation != nullptr && !compensation->activity.empty()) {
        Index const activity = def_.find_node(compensation->activity);
        if (activity == kNone || std::holds_alternative<Event>(def_.nodes[activity].kind) ||
            std::holds_alternative<Gateway>(def_.nodes[activity].kind)) {
          source_.error(where, "10.7.2 compensation", "activityRef names no activity", "name an activity of the process");
        }
      }
    }
  }

  void links(Node const& node, Event const& event, xml::Element where) {
    for (EventDefinition const& definition : event.definitions) {
      auto const* link = std::get_if<LinkEvent>(&definition);
      if (link == nullptr) continue;
      int throwers = 0, catchers = 0;
      for (Index other : def_.scopes[node.scope].nodes) {
        auto const* peer = std::get_if<Event>(&def_.nodes[other].kind);
        if (peer == nullptr) continue;
        for (EventDefinition const& part : peer->definitions) {
          auto const* same = std::get_if<LinkEvent>(&part);
          if (same == nullptr || same->name != link->name) continue;
          (peer->position == Position::caught ? catchers : throwers) += 1;
        }
      }
      if (event.position == Position::thrown && catchers == 0)
        source_.error(where, "10.5.5 link", "no catching link has this name in the same process level", "add the target link");
      if (event.position == Position::caught && throwers == 0)
        source_.warn(where, "10.5.5 link", "no throwing link has this name in the same process level", "add the source link");
      if (event.position == Position::caught && catchers > 1)
        source_.error(where, "10.5.5 link", "two catching links have the same name", "give each target link its own name");
    }
  }

  bool in_transaction(Node const& node) const {
    for (Index scope = node.scope; scope != kNone; scope = def_.scopes[scope].parent) {
      Index const owner = def_.scopes[scope].owner;
      if (owner == kNone) return false;
      auto const* sub = std::get_if<SubProcess>(&def_.nodes[owner].kind);
      if (sub != nullptr && sub->kind == SubProcessKind::transaction) return true;
    }
    return false;
  }

  void boundary(Node const& node, Event const& event, xml::Element where) {
    auto error = [&](std::string why, std::string cure) {
      source_.error(where, "10.5.4 boundary event", std::move(why), std::move(cure));
    };
    if (event.attached_to == kNone) {
      error("attachedToRef names no activity", "attach the event to a task, sub-process or call activity");
      return;
    }
    Node const& host = def_.nodes[event.attached_to];
    if (std::holds_alternative<Event>(host.kind) || std::holds_alternative<Gateway>(host.kind))
      error("the event is attached to something that is no activity", "attach it to an activity");
    if (host.scope != node.scope)
      error("the event is attached to an activity of another process level", "move the event to the level of its activity");
    if (event.definitions.empty()) error("a boundary event catches something", "add an event definition");
    if (has<LinkEvent>(event) || has<TerminateEvent>(event))
      error("link and terminate are not caught on a boundary", "use another event definition");
    if (!event.interrupting && (has<ErrorEvent>(event) || has<CancelEvent>(event))) {
      error("error and cancel always interrupt", "set cancelActivity to true");
    }
    if (!event.interrupting && has<CompensateEvent>(event))
      source_.warn(where, "10.5.4 boundary event", "cancelActivity has no meaning for compensation", "remove cancelActivity");
    if (has<CancelEvent>(event)) {
      auto const* sub = std::get_if<SubProcess>(&host.kind);
      if (sub == nullptr || sub->kind != SubProcessKind::transaction)
        error("a cancel boundary event is attached to a transaction", "attach it to a transaction");
    }
    for (Index other : host.boundary) {
      Node const& sibling = def_.nodes[other];
      if (&sibling == &node) break;
      auto const& peer = std::get<Event>(sibling.kind);
      for (EventDefinition const& mine : event.definitions) {
        for (EventDefinition const& theirs : peer.definitions) {
          if (mine.index() != theirs.index()) continue;
          bool same = std::holds_alternative<CompensateEvent>(mine) || std::holds_alternative<CancelEvent>(mine);
          if (auto const* error_code = std::get_if<ErrorEvent>(&mine)) {
            auto const& their_code = std::get<ErrorEvent>(theirs);
            same = error_code->any == their_code.any && error_code->code == their_code.code;
          }
          if (auto const* escalation = std::get_if<EscalationEvent>(&mine)) {
            auto const& their_code = std::get<EscalationEvent>(theirs);
            same = escalation->any == their_code.any && escalation->code == their_code.code;
          }
          if (same) error("'" + sibling.id + "' on the same activity already catches this", "remove one of the two");
        }
      }
    }
    if (has<CompensateEvent>(event)) {
      if (host.compensation_handler == kNone)
        source_.warn(where, "10.7.1 compensation", "no association leads to a compensation activity", "add an association");
      if (host.compensation_handler != kNone && !def_.nodes[host.compensation_handler].for_compensation) {
        error("its association leads to an activity that is no compensation activity",
              "set isForCompensation on '" + def_.nodes[host.compensation_handler].id + "'");
      }
      if (!node.out.empty())
        error("a compensation boundary event has no outgoing sequence flow", "use an association to the compensation activity");
    } else if (node.out.empty()) {
      source_.warn(where, "10.5.4 boundary event", "a boundary event has an outgoing sequence flow", "add one");
    }
  }

  void gateway(Node const& node, Gateway const& gateway, xml::Element where) {
    std::string_view const direction = where.attribute_or("gatewayDirection");
    if (direction == "Converging" && (node.in.size() < 2 || node.out.size() > 1)) {
      source_.warn(where, "8.3.9 gateway", "a converging gateway has several incoming flows and one outgoing",
                   "correct gatewayDirection or the flows");
    }
    if (direction == "Diverging" && (node.out.size() < 2 || node.in.size() > 1)) {
      source_.warn(where, "8.3.9 gateway", "a diverging gateway has one incoming flow and several outgoing",
                   "correct gatewayDirection or the flows");
    }
    if (direction == "Mixed" && (node.out.size() < 2 || node.in.size() < 2)) {
      source_.warn(where, "8.3.9 gateway", "a mixed gateway has several incoming and several outgoing flows",
                   "correct gatewayDirection or the flows");
    }
    if (node.out.empty() && gateway.kind != GatewayKind::event_based) {
      source_.warn(where, "10.6 gateway", "nothing follows the gateway", "add an outgoing sequence flow");
      if (gateway.kind == GatewayKind::exclusive)
        source_.demand(where, "10.6.2 exclusive gateway", "no flow leaves it", "add an outgoing sequence flow");
    }
    if (node.in.size() < 2 && node.out.size() < 2) {
      source_.warn(where, "10.6 gateway", "the gateway neither splits nor joins", "remove it or add flows");
    }
    if (gateway.kind == GatewayKind::exclusive && node.out.size() > 1) {
      // build() takes a single unconditional flow as the default.
      for (Index flow : node.out) {
        if (!def_.flows[flow].condition && flow != node.default_flow) {
          source_.demand(where, "10.6.2 exclusive gateway", "an outgoing flow has neither a condition nor is it the default",
                         "add a condition or mark it default");
          break;
        }
      }
    }
    if (node.in.size() > 64) source_.error(where, "limit", "a join has at most 64 incoming flows", "split the join");
    if (gateway.kind != GatewayKind::event_based) return;
    if (node.out.size() < 2)
      source_.warn(where, "10.6.6 event-based gateway", "it has at least two outgoing flows", "add the other events");
    if (gateway.instantiate && !node.in.empty())
      source_.warn(where, "10.6.6 event-based gateway", "an instantiating gateway has no incoming flow",
                   "remove the flow or instantiate");
    if (gateway.parallel_events && !gateway.instantiate)
      source_.warn(where, "10.6.6 event-based gateway", "a parallel event gateway instantiates the process",
                   "set instantiate to true");
    bool message = false, receive = false;
    for (Index flow : node.out) {
      if (def_.flows[flow].condition)
        source_.warn(where, "10.6.6 event-based gateway", "its outgoing flows carry no conditions", "remove the condition");
      Node const& target = def_.nodes[def_.flows[flow].target];
      auto const* event = std::get_if<Event>(&target.kind);
      auto const* task = std::get_if<Task>(&target.kind);
      bool const fits =
          (event != nullptr && event->position == Position::caught) || (task != nullptr && task->kind == TaskKind::receive);
      if (!fits) {
        source_.error(where, "10.6.6 event-based gateway",
                      "it is followed by catch events and receive tasks only ('" + target.id + "' is neither)",
                      "put a catch event after the gateway");
        continue;
      }
      message = message || (event != nullptr && has<MessageEvent>(*event));
      receive = receive || task != nullptr;
      if (event != nullptr && (has<LinkEvent>(*event) || has<ErrorEvent>(*event) || has<EscalationEvent>(*event) ||
                               has<CompensateEvent>(*event) || has<CancelEvent>(*event))) {
        source_.error(where, "10.6.6 event-based gateway",
                      "only message, signal, timer, conditional and multiple events follow it", "use another event");
      }
      if (target.in.size() > 1)
        source_.error(where, "10.6.6 event-based gateway", "an event after the gateway has no other incoming flow",
                      "separate the flows");
      if (task != nullptr && !target.boundary.empty())
        source_.warn(where, "10.6.6 event-based gateway", "a receive task after the gateway has no boundary events",
                     "remove them");
    }
    if (message && receive)
      source_.warn(where, "10.6.6 event-based gateway", "message events and receive tasks are not mixed", "use one of them");
  }

  Source& source_;
  Definition const& def_;
};

}  // namespace

void check_structure(Source& source, Definition const& definition) { Structure(source, definition).run(); }

}  // namespace yiwang::bpmn

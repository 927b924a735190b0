#include <algorithm>
#include <charconv>

#include "reader.hpp"

namespace yiwang::bpmn {
namespace {

std::int64_t integer(std::string_view text, std::int64_t fallback) {
  text = trim(text);
  std::int64_t value = 0;
  auto const [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc{} && end == text.data() + text.size() ? value : fallback;
}

class Builder {
 public:
  Builder(Source& source, Definition& out) : source_(source), out_(out) {}

  void run() {
    xml::Element const root = source_.document->root();
    language_ = std::string(root.attribute_or("expressionLanguage"));
    out_.id = std::string(root.attribute_or("id"));
    for (xml::Element element : root.children()) {
      if (!is_model(element)) continue;
      std::string_view const name = element.local_name();
      if (name == "process") process(element);
      if (name.starts_with("global") && name.ends_with("Task")) global_task(element);
    }
    connect();
    associations(root);
    link_calls();
    lanes(root);
    reachability();
  }

 private:
  std::string own(xml::Element element, std::string_view name) const {
    auto const value = element.attribute_ns(kYiwangNamespace, name);
    return value ? std::string(*value) : std::string{};
  }

  Expression expression(xml::Element element) const {
    Expression out;
    if (!element) return out;
    out.text = std::string(trim(element.text()));
    auto const language = element.attribute("language");
    out.language = language ? std::string(*language) : language_;
    xml::Element holder = element;
    while (holder && !holder.attribute("id")) holder = holder.parent();
    if (holder) out.element = std::string(holder.attribute_or("id"));
    out.line = element.place().line;
    return out;
  }
  Expression expression(std::string text, xml::Element holder) const {
    Expression out;
    out.text = std::string(trim(text));
    out.language = "feel";
    out.element = std::string(holder.attribute_or("id"));
    out.line = holder.place().line;
    return out;
  }

  void process(xml::Element element) {
    Process process;
    process.id = std::string(element.attribute_or("id"));
    process.name = std::string(element.attribute_or("name"));
    process.executable = is_true(element.attribute_or("isExecutable"));
    process.line = element.place().line;
    process.scope = scope(element, kNone, kNone);
    out_.processes.push_back(std::move(process));
  }

  /// A global task is a process of one task.
  void global_task(xml::Element element) {
    Process process;
    process.id = std::string(element.attribute_or("id"));
    process.name = std::string(element.attribute_or("name"));
    process.executable = true;
    process.line = element.place().line;
    Index const index = static_cast<Index>(out_.scopes.size());
    out_.scopes.emplace_back();
    out_.scopes[index].id = process.id;
    process.scope = index;
    std::string type(element.local_name().substr(6));
    if (!type.empty()) type[0] = static_cast<char>(type[0] - 'A' + 'a');
    Node node;
    node.id = process.id + ".task";
    node.name = process.name;
    node.type = type;
    node.kind = task(element, type);
    node.scope = index;
    node.line = process.line;
    out_.scopes[index].nodes.push_back(add(std::move(node)));
    out_.processes.push_back(std::move(process));
  }

  Index add(Node node) {
    Index const index = static_cast<Index>(out_.nodes.size());
    if (!node.id.empty()) out_.node_by_id.emplace(node.id, index);
    out_.nodes.push_back(std::move(node));
    return index;
  }

  Index scope(xml::Element element, Index owner, Index parent) {
    Index const index = static_cast<Index>(out_.scopes.size());
    out_.scopes.emplace_back();
    out_.scopes[index].id = std::string(element.attribute_or("id"));
    out_.scopes[index].owner = owner;
    out_.scopes[index].parent = parent;
    if (out_.nodes.size() > kMaxNodes) return index;
    for (xml::Element child : element.children()) {
      if (!is_model(child)) continue;
      std::string_view const name = child.local_name();
      if (name == "sequenceFlow") {
        flow(child, index);
        continue;
      }
      if (name == "property" && child.attribute("id")) out_.properties.emplace_back(child.attribute_or("id"));
      Node node;
      node.id = std::string(child.attribute_or("id"));
      node.name = std::string(child.attribute_or("name"));
      node.type = std::string(name);
      node.scope = index;
      node.line = child.place().line;
      bool nested = false;
      if (name == "task" || name.ends_with("Task")) {
        if (name == "choreographyTask") continue;
        node.kind = task(child, name);
      } else if (name == "subProcess" || name == "transaction" || name == "adHocSubProcess") {
        node.kind = SubProcess{};
        nested = true;
      } else if (name == "callActivity") {
        CallActivity call;
        call.called = std::string(local_part(child.attribute_or("calledElement")));
        node.kind = call;
      } else if (name.ends_with("Gateway")) {
        node.kind = gateway(child, name);
      } else if (name == "startEvent" || name == "endEvent" || name == "intermediateCatchEvent" ||
                 name == "intermediateThrowEvent" || name == "boundaryEvent" || name == "implicitThrowEvent") {
        node.kind = event(child, name);
      } else {
        continue;
      }
      common(child, node);
      Index const place = add(std::move(node));
      out_.scopes[index].nodes.push_back(place);
      if (nested) sub_process(child, name, place, index);
    }
    return index;
  }

  void sub_process(xml::Element child, std::string_view name, Index place, Index parent) {
    Index const body = scope(child, place, parent);
    SubProcess& sub = std::get<SubProcess>(out_.nodes[place].kind);
    sub.body = body;
    if (name == "transaction") sub.kind = SubProcessKind::transaction;
    if (name == "adHocSubProcess") {
      sub.kind = SubProcessKind::ad_hoc;
      sub.sequential = child.attribute_or("ordering") == "Sequential";
      sub.cancel_remaining = child.attribute_or("cancelRemainingInstances", "true") != "false";
      sub.completion_condition = expression(child.child("completionCondition"));
    }
    if (is_true(child.attribute_or("triggeredByEvent"))) sub.kind = SubProcessKind::event;
  }

  void common(xml::Element element, Node& node) {
    node.start_quantity = integer(element.attribute_or("startQuantity", "1"), 0);
    node.completion_quantity = integer(element.attribute_or("completionQuantity", "1"), 0);
    node.for_compensation = is_true(element.attribute_or("isForCompensation"));
    default_ids_.emplace_back(std::string(element.attribute_or("default")));
    attached_ids_.emplace_back(std::string(element.attribute_or("attachedToRef")));
    if (xml::Element multi = element.child("multiInstanceLoopCharacteristics"); multi && is_model(multi)) {
      node.multi = multi_instance(multi);
    }
    if (xml::Element loop = element.child("standardLoopCharacteristics"); loop && is_model(loop)) {
      Loop out;
      out.test_before = is_true(loop.attribute_or("testBefore"));
      out.condition = expression(loop.child("loopCondition"));
      if (auto maximum = loop.attribute("loopMaximum")) out.maximum = integer(*maximum, -1);
      node.loop = out;
    }
    for (xml::Element child : element.children()) {
      std::string_view const name = child.local_name();
      if (name == "dataInputAssociation") node.data_in.push_back(association(child));
      if (name == "dataOutputAssociation") node.data_out.push_back(association(child));
      if (name == "extensionElements") {
        for (xml::Element extra : child.children()) {
          if (extra.namespace_uri() != kYiwangNamespace) continue;
          Mapping mapping{expression(std::string(extra.attribute_or("source")), element),
                          std::string(extra.attribute_or("target"))};
          if (extra.local_name() == "input")
            node.inputs.push_back(std::move(mapping));
          else if (extra.local_name() == "output")
            node.outputs.push_back(std::move(mapping));
        }
      }
    }
  }

  DataAssociation association(xml::Element element) {
    DataAssociation out;
    out.source = std::string(trim(element.child_text("sourceRef")));
    out.target = std::string(trim(element.child_text("targetRef")));
    for (std::string* end : {&out.source, &out.target}) {
      xml::Element const found = source_.refer(*end);
      if (found && found.local_name() == "dataObjectReference" && found.attribute("dataObjectRef")) {
        *end = std::string(local_part(found.attribute_or("dataObjectRef")));
      }
    }
    for (xml::Element assignment : element.children("assignment")) {
      out.assignments.push_back({expression(assignment.child("from")), std::string(trim(assignment.child_text("to")))});
    }
    return out;
  }

  MultiInstance multi_instance(xml::Element element) {
    MultiInstance out;
    out.sequential = is_true(element.attribute_or("isSequential"));
    out.cardinality = expression(element.child("loopCardinality"));
    out.completion_condition = expression(element.child("completionCondition"));
    if (auto const collection = own(element, "collection"); !collection.empty()) {
      out.collection = expression(collection, element);
    }
    out.item_variable = own(element, "item");
    if (out.item_variable.empty()) {
      xml::Element const item = element.child("inputDataItem");
      if (item) out.item_variable = std::string(item.attribute_or("name", item.attribute_or("id")));
    }
    std::string_view const behavior = element.attribute_or("behavior");
    if (behavior == "None") out.behavior = Behavior::none;
    if (behavior == "One") out.behavior = Behavior::one;
    if (behavior == "Complex") out.behavior = Behavior::complex;
    auto const ref = element.attribute_or(behavior == "One" ? "oneBehaviorEventRef" : "noneBehaviorEventRef");
    if (!ref.empty()) {
      if (xml::Element const target = source_.refer(ref)) out.behavior_event = definition(target);
    }
    for (xml::Element complex : element.children("complexBehaviorDefinition")) {
      xml::Element const thrown = complex.child("event");
      if (!thrown) continue;
      auto definitions = event_definitions(thrown);
      if (!definitions.empty()) out.complex.push_back({expression(complex.child("condition")), definitions.front()});
    }
    return out;
  }

  std::string message_name(std::string_view ref) const {
    if (ref.empty()) return {};
    xml::Element const target = source_.refer(ref);
    if (!target) return std::string(local_part(ref));
    std::string_view const name = target.attribute_or("name");
    return std::string(name.empty() ? target.attribute_or("id") : name);
  }

  /// The message of a send or receive: its own, or that of its operation.
  std::string message_of(xml::Element element) const {
    if (auto ref = element.attribute_or("messageRef"); !ref.empty()) return message_name(ref);
    std::string operation(element.attribute_or("operationRef"));
    if (operation.empty()) operation = element.child_text("operationRef");
    if (operation.empty()) return {};
    xml::Element const target = source_.refer(operation);
    return target ? message_name(target.child_text("inMessageRef")) : std::string{};
  }

  Task task(xml::Element element, std::string_view name) {
    Task out;
    static constexpr std::pair<std::string_view, TaskKind> kKinds[] = {{"userTask", TaskKind::user},
                                                                       {"manualTask", TaskKind::manual},
                                                                       {"serviceTask", TaskKind::service},
                                                                       {"scriptTask", TaskKind::script},
                                                                       {"businessRuleTask", TaskKind::business_rule},
                                                                       {"sendTask", TaskKind::send},
                                                                       {"receiveTask", TaskKind::receive}};
    for (auto const& [text, kind] : kKinds) {
      if (name == text) out.kind = kind;
    }
    if (out.kind == TaskKind::script) {
      out.script = std::string(trim(element.child_text("script")));
      if (out.script.empty() && element.attribute("script")) out.script = std::string(element.attribute_or("script"));
      out.script_format = std::string(element.attribute_or("scriptFormat", element.attribute_or("scriptLanguage")));
    }
    if (out.kind == TaskKind::send || out.kind == TaskKind::receive) {
      out.message = message_of(element);
      out.instantiate = is_true(element.attribute_or("instantiate"));
    }
    out.implementation = own(element, "topic");
    if (auto decision = own(element, "decision"); !decision.empty()) out.implementation = decision;
    if (out.implementation.empty()) out.implementation = std::string(element.attribute_or("implementation"));
    out.result_variable = own(element, "result");
    out.form = own(element, "form");
    out.four_eyes = own(element, "fourEyes");
    if (auto assignee = own(element, "assignee"); !assignee.empty()) out.assignee = expression(assignee, element);
    if (auto groups = own(element, "candidates"); !groups.empty()) out.candidates.push_back(expression(groups, element));
    std::string const sign = own(element, "sign");
    if (sign == "all") out.vote = VoteKind::all;
    if (sign == "any") out.vote = VoteKind::any;
    if (sign == "vote") out.vote = VoteKind::weighted;
    out.quorum = integer(own(element, "quorum"), 0);
    for (xml::Element owner : element.children()) {
      if (owner.local_name() != "potentialOwner" && owner.local_name() != "performer" && owner.local_name() != "humanPerformer") {
        continue;
      }
      for (xml::Element assignment : owner.children("resourceAssignmentExpression")) {
        Expression text = expression(assignment.child("formalExpression"));
        if (!text) text = expression(assignment.child("expression"));
        if (!text) continue;
        if (owner.local_name() == "potentialOwner")
          out.candidates.push_back(text);
        else if (!out.assignee)
          out.assignee = text;
      }
    }
    return out;
  }

  Gateway gateway(xml::Element element, std::string_view name) {
    Gateway out;
    if (name == "inclusiveGateway") out.kind = GatewayKind::inclusive;
    if (name == "parallelGateway") out.kind = GatewayKind::parallel;
    if (name == "complexGateway") out.kind = GatewayKind::complex;
    if (name == "eventBasedGateway") out.kind = GatewayKind::event_based;
    out.activation_condition = expression(element.child("activationCondition"));
    out.instantiate = is_true(element.attribute_or("instantiate"));
    out.parallel_events = element.attribute_or("eventGatewayType") == "Parallel";
    return out;
  }

  Event event(xml::Element element, std::string_view name) {
    Event out;
    if (name == "endEvent") out.position = Position::end;
    if (name == "intermediateCatchEvent") out.position = Position::caught;
    if (name == "intermediateThrowEvent" || name == "implicitThrowEvent") out.position = Position::thrown;
    if (name == "boundaryEvent") out.position = Position::boundary;
    out.parallel_multiple = is_true(element.attribute_or("parallelMultiple"));
    out.interrupting = element.attribute_or(name == "boundaryEvent" ? "cancelActivity" : "isInterrupting", "true") != "false";
    out.definitions = event_definitions(element);
    return out;
  }

  std::vector<EventDefinition> event_definitions(xml::Element element) {
    std::vector<EventDefinition> out;
    for (xml::Element child : element.children()) {
      if (!is_model(child)) continue;
      if (child.local_name().ends_with("EventDefinition")) {
        if (auto made = definition(child)) out.push_back(std::move(*made));
      } else if (child.local_name() == "eventDefinitionRef") {
        xml::Element const target = source_.refer(child.text());
        if (!target) continue;
        if (auto made = definition(target)) out.push_back(std::move(*made));
      }
    }
    return out;
  }

  std::optional<EventDefinition> definition(xml::Element element) {
    std::string_view const name = element.local_name();
    auto code = [&](std::string_view ref, std::string_view attribute) {
      xml::Element const target = source_.refer(ref);
      if (!target) return std::string(local_part(ref));
      std::string_view const text = target.attribute_or(attribute);
      return std::string(text.empty() ? target.attribute_or("id") : text);
    };
    if (name == "messageEventDefinition") return MessageEvent{message_of(element)};
    if (name == "signalEventDefinition") {
      std::string_view const ref = element.attribute_or("signalRef");
      return SignalEvent{ref.empty() ? std::string{} : code(ref, "name")};
    }
    if (name == "errorEventDefinition") {
      std::string_view const ref = element.attribute_or("errorRef");
      return ErrorEvent{ref.empty() ? std::string{} : code(ref, "errorCode"), ref.empty()};
    }
    if (name == "escalationEventDefinition") {
      std::string_view const ref = element.attribute_or("escalationRef");
      return EscalationEvent{ref.empty() ? std::string{} : code(ref, "escalationCode"), ref.empty()};
    }
    if (name == "timerEventDefinition") {
      return TimerEvent{expression(element.child("timeDate")), expression(element.child("timeDuration")),
                        expression(element.child("timeCycle"))};
    }
    if (name == "conditionalEventDefinition") out_.has_conditions = true;
    if (name == "conditionalEventDefinition") return ConditionalEvent{expression(element.child("condition"))};
    if (name == "compensateEventDefinition") {
      return CompensateEvent{std::string(local_part(element.attribute_or("activityRef"))),
                             element.attribute_or("waitForCompletion", "true") != "false"};
    }
    if (name == "cancelEventDefinition") return CancelEvent{};
    if (name == "terminateEventDefinition") return TerminateEvent{};
    if (name == "linkEventDefinition") {
      LinkEvent link;
      link.name = std::string(element.attribute_or("name"));
      // Links may also name each other by id; the name then stands for the catching definition.
      std::string const target(trim(element.child_text("target")));
      if (!target.empty())
        link.name = std::string(local_part(target));
      else if (!element.child_text("source").empty())
        link.name = std::string(element.attribute_or("id"));
      return link;
    }
    return std::nullopt;
  }

  void flow(xml::Element element, Index) {
    Flow flow;
    flow.id = std::string(element.attribute_or("id"));
    flow.name = std::string(element.attribute_or("name"));
    flow.condition = expression(element.child("conditionExpression"));
    flow_ends_.push_back({element, std::string(local_part(element.attribute_or("sourceRef"))),
                          std::string(local_part(element.attribute_or("targetRef")))});
    if (!flow.id.empty()) out_.flow_by_id.emplace(flow.id, static_cast<Index>(out_.flows.size()));
    out_.flows.push_back(std::move(flow));
  }

  void connect() {
    for (std::size_t i = 0; i < out_.flows.size(); ++i) {
      Flow& flow = out_.flows[i];
      auto const& [element, from, to] = flow_ends_[i];
      flow.source = out_.find_node(from);
      flow.target = out_.find_node(to);
      for (auto const& [end, text, what] :
           {std::tuple{flow.source, from, "sourceRef"}, std::tuple{flow.target, to, "targetRef"}}) {
        if (end == kNone) {
          source_.error(element, "10.1 sequence flow", std::string(what) + " '" + text + "' is not a flow node of the file",
                        "name an event, activity or gateway of the same process");
        }
      }
      if (flow.source == kNone || flow.target == kNone) continue;
      out_.nodes[flow.source].out.push_back(static_cast<Index>(i));
      out_.nodes[flow.target].in.push_back(static_cast<Index>(i));
    }
    std::size_t slot = 0;
    for (std::size_t i = 0; i < out_.nodes.size(); ++i) {
      Node& node = out_.nodes[i];
      if (node.id.ends_with(".task") && out_.scopes[node.scope].id + ".task" == node.id) continue;  // global task
      std::string const& flow_id = default_ids_[slot];
      std::string const& host_id = attached_ids_[slot];
      ++slot;
      if (!flow_id.empty()) {
        auto const it = out_.flow_by_id.find(local_part(flow_id));
        if (it != out_.flow_by_id.end()) node.default_flow = it->second;
      }
      if (auto* event = std::get_if<Event>(&node.kind); event != nullptr && event->position == Position::boundary) {
        event->attached_to = out_.find_node(local_part(host_id));
        if (event->attached_to != kNone) out_.nodes[event->attached_to].boundary.push_back(static_cast<Index>(i));
      }
    }
    // An exclusive gateway without a default and with one unconditional flow means that one.
    for (Node& node : out_.nodes) {
      auto const* gateway = std::get_if<Gateway>(&node.kind);
      if (gateway == nullptr || gateway->kind != GatewayKind::exclusive || node.default_flow != kNone || node.out.size() < 2)
        continue;
      Index only = kNone;
      int bare = 0;
      for (Index flow : node.out) {
        if (out_.flows[flow].condition) continue;
        only = flow;
        ++bare;
      }
      if (bare == 1) node.default_flow = only;
    }
    for (Scope& scope : out_.scopes) {
      for (Index index : scope.nodes) classify(scope, index);
      if (!scope.starts.empty()) scope.implicit_starts.clear();
    }
    links();
  }

  void classify(Scope& scope, Index index) {
    Node const& node = out_.nodes[index];
    if (auto const* event = std::get_if<Event>(&node.kind)) {
      if (event->position == Position::start)
        (event->definitions.empty() ? scope.starts : scope.triggered_starts).push_back(index);
      if (event->position == Position::thrown && node.in.empty()) scope.implicit_starts.push_back(index);
      return;
    }
    if (auto const* sub = std::get_if<SubProcess>(&node.kind); sub != nullptr && sub->kind == SubProcessKind::event) {
      scope.event_subprocesses.push_back(index);
      return;
    }
    if (node.for_compensation) return;
    if (auto const* task = std::get_if<Task>(&node.kind); task != nullptr && task->instantiate && node.in.empty()) {
      scope.triggered_starts.push_back(index);
      return;
    }
    if (auto const* gateway = std::get_if<Gateway>(&node.kind); gateway != nullptr && gateway->instantiate) {
      scope.triggered_starts.push_back(index);
      return;
    }
    if (node.in.empty()) scope.implicit_starts.push_back(index);
  }

  void links() {
    for (Node& node : out_.nodes) {
      auto* event = std::get_if<Event>(&node.kind);
      if (event == nullptr || event->position == Position::caught) continue;
      for (EventDefinition& definition : event->definitions) {
        auto* link = std::get_if<LinkEvent>(&definition);
        if (link == nullptr) continue;
        for (Index other : out_.scopes[node.scope].nodes) {
          auto const* target = std::get_if<Event>(&out_.nodes[other].kind);
          if (target == nullptr || target->position != Position::caught) continue;
          for (EventDefinition const& candidate : target->definitions) {
            auto const* caught = std::get_if<LinkEvent>(&candidate);
            if (caught != nullptr && caught->name == link->name) link->target = other;
          }
        }
      }
    }
  }

  /// Compensation handlers hang on their boundary event by an association (10.7.3).
  void associations(xml::Element element) {
    for (xml::Element child : element.children()) {
      if (child.local_name() == "association") {
        Index const from = out_.find_node(local_part(child.attribute_or("sourceRef")));
        Index const to = out_.find_node(local_part(child.attribute_or("targetRef")));
        if (from == kNone || to == kNone) continue;
        auto const* event = std::get_if<Event>(&out_.nodes[from].kind);
        if (event == nullptr || event->position != Position::boundary || event->attached_to == kNone) continue;
        for (EventDefinition const& definition : event->definitions) {
          if (std::holds_alternative<CompensateEvent>(definition)) {
            out_.nodes[event->attached_to].compensation_handler = to;
          }
        }
      } else if (is_model(child)) {
        associations(child);
      }
    }
  }

  void link_calls() {
    for (Node& node : out_.nodes) {
      if (auto* call = std::get_if<CallActivity>(&node.kind)) {
        Index const process = out_.find_process(call->called);
        if (process != kNone) call->body = out_.processes[process].scope;
      }
    }
  }

  void lanes(xml::Element element) {
    for (xml::Element child : element.children()) {
      if (child.local_name() == "lane") {
        for (xml::Element ref : child.children("flowNodeRef")) {
          Index const node = out_.find_node(local_part(ref.text()));
          if (node != kNone) out_.nodes[node].lane = std::string(child.attribute_or("name", child.attribute_or("id")));
        }
      }
      if (is_model(child)) lanes(child);
    }
  }

  /// For the joins of 13.4.3 and 13.4.5, backwards from each incoming flow.
  void reachability() {
    for (std::size_t i = 0; i < out_.nodes.size(); ++i) {
      auto const* gateway = std::get_if<Gateway>(&out_.nodes[i].kind);
      if (gateway == nullptr || (gateway->kind != GatewayKind::inclusive && gateway->kind != GatewayKind::complex)) continue;
      Node const& join = out_.nodes[i];
      std::vector<std::uint64_t> table(out_.flows.size(), 0);
      for (std::size_t bit = 0; bit < join.in.size() && bit < 64; ++bit) {
        std::vector<Index> work{join.in[bit]};
        while (!work.empty()) {
          Index const flow = work.back();
          work.pop_back();
          if ((table[flow] >> bit) & 1u) continue;
          table[flow] |= std::uint64_t{1} << bit;
          Index const from = out_.flows[flow].source;
          if (from == i) continue;
          for (Index before : out_.nodes[from].in) work.push_back(before);
          if (auto const* event = std::get_if<Event>(&out_.nodes[from].kind)) {
            if (event->position == Position::boundary && event->attached_to != kNone) {
              for (Index before : out_.nodes[event->attached_to].in) work.push_back(before);
            }
            for (EventDefinition const& definition : event->definitions) {
              if (!std::holds_alternative<LinkEvent>(definition)) continue;
              for (Index thrower : out_.scopes[out_.nodes[from].scope].nodes) {
                auto const* thrown = std::get_if<Event>(&out_.nodes[thrower].kind);
                if (thrown == nullptr) continue;
                for (EventDefinition const& other : thrown->definitions) {
                  auto const* link = std::get_if<LinkEvent>(&other);
                  if (link == nullptr || link->target != from) continue;
                  for (Index before : out_.nodes[thrower].in) work.push_back(before);
                }
              }
            }
          }
        }
      }
      out_.reach.emplace(static_cast<Index>(i), std::move(table));
    }
  }

  struct FlowEnds {
    xml::Element element;
    std::string source, target;
  };

  Source& source_;
  Definition& out_;
  std::string language_;
  std::vector<FlowEnds> flow_ends_;
  std::vector<std::string> default_ids_, attached_ids_;
};

}  // namespace

void build(Source& source, Definition& out) { Builder(source, out).run(); }

Index Definition::find_process(std::string_view wanted) const {
  for (std::size_t i = 0; i < processes.size(); ++i) {
    if (processes[i].id == wanted) return static_cast<Index>(i);
  }
  return kNone;
}

Index Definition::find_node(std::string_view wanted) const {
  auto const it = node_by_id.find(wanted);
  return it == node_by_id.end() ? kNone : it->second;
}

}  // namespace yiwang::bpmn

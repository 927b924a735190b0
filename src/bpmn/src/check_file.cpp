// Rules of the whole file that do not stop its execution: references, expressions, collaborations. All are warnings
// except dangling references of events, which would make a case wait for ever.

#include <algorithm>

#include "reader.hpp"
#include "yiwang/bpmn/engine.hpp"

namespace yiwang::bpmn {

void check_data(Source& source, xml::Element element);

namespace {

struct Reference {
  std::string_view name;  ///< of the attribute or child element
  bool child;
  std::string_view targets;  ///< allowed element names, "*x" = ends with x, separated by spaces
};

constexpr Reference kReferences[] = {
    {"messageRef", false, "message"},
    {"signalRef", false, "signal"},
    {"errorRef", false, "error"},
    {"escalationRef", false, "escalation"},
    {"itemRef", false, "itemDefinition"},
    {"itemSubjectRef", false, "itemDefinition"},
    {"operationRef", false, "operation"},
    {"processRef", false, "process"},
    {"calledElement", false, "process *Task"},
    {"dataObjectRef", false, "dataObject"},
    {"dataStoreRef", false, "dataStore"},
    {"categoryValueRef", false, "categoryValue"},
    {"correlationPropertyRef", false, "correlationProperty"},
    {"correlationKeyRef", false, "correlationKey"},
    {"parameterRef", false, "resourceParameter"},
    {"default", false, "sequenceFlow"},
    {"initiatingParticipantRef", false, "participant"},
    {"noneBehaviorEventRef", false, "*EventDefinition"},
    {"oneBehaviorEventRef", false, "*EventDefinition"},
    {"inputDataRef", false, "inputSet dataInput"},
    {"outputDataRef", false, "outputSet dataOutput"},
    {"calledCollaborationRef", false, "collaboration globalConversation"},
    {"definitionalCollaborationRef", false, "collaboration"},
    {"partitionElementRef", false, "*"},
    {"inMessageRef", true, "message"},
    {"outMessageRef", true, "message"},
    {"errorRef", true, "error"},
    {"operationRef", true, "operation"},
    {"dataInputRefs", true, "dataInput"},
    {"optionalInputRefs", true, "dataInput"},
    {"whileExecutingInputRefs", true, "dataInput"},
    {"dataOutputRefs", true, "dataOutput"},
    {"optionalOutputRefs", true, "dataOutput"},
    {"whileExecutingOutputRefs", true, "dataOutput"},
    {"inputSetRefs", true, "inputSet"},
    {"outputSetRefs", true, "outputSet"},
    {"supportedInterfaceRef", true, "interface"},
    {"interfaceRef", true, "interface"},
    {"resourceRef", true, "resource"},
    {"eventDefinitionRef", true, "*EventDefinition"},
    {"flowNodeRef", true, "*Event *Gateway *Task task *ubProcess subProcess transaction callActivity"},
    {"participantRef", true, "participant"},
    {"loopDataInputRef", true, "dataInput"},
    {"loopDataOutputRef", true, "dataOutput"},
    {"correlationPropertyRef", true, "correlationProperty"},
    {"messageFlowRef", true, "messageFlow"},
    {"incoming", true, "sequenceFlow"},
    {"outgoing", true, "sequenceFlow"},
    {"categoryValueRef", true, "categoryValue"},
    {"choreographyRef", true, "choreography globalChoreographyTask"}};

bool allowed(std::string_view targets, std::string_view name) {
  while (!targets.empty()) {
    auto const space = targets.find(' ');
    std::string_view const one = targets.substr(0, space);
    if (one.starts_with("*") ? name.ends_with(one.substr(1)) : one == name) return true;
    if (space == std::string_view::npos) return false;
    targets.remove_prefix(space + 1);
  }
  return false;
}

bool is_node(std::string_view name) {
  return allowed("*Event *Gateway *Task task subProcess adHocSubProcess transaction callActivity", name);
}

bool is_formal(xml::Element element) {
  auto const type = element.attribute_ns("http://www.w3.org/2001/XMLSchema-instance", "type");
  return type && local_part(*type) == "tFormalExpression";
}

bool valid_uri(std::string_view text) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    char const c = text[i];
    if (c == '%') {
      auto hex = [](char h) { return (h >= '0' && h <= '9') || (h >= 'a' && h <= 'f') || (h >= 'A' && h <= 'F'); };
      if (i + 2 >= text.size() || !hex(text[i + 1]) || !hex(text[i + 2])) return false;
    } else if (static_cast<unsigned char>(c) <= ' ' || std::string_view("<>\"{}|\\^`").find(c) != std::string_view::npos) {
      return false;
    }
  }
  return true;
}

class File {
 public:
  explicit File(Source& source) : source_(source) {}

  void run() { walk(source_.document->root(), 0); }

 private:
  void walk(xml::Element element, int depth) {
    if (depth > 200 || !is_model(element)) return;
    std::string_view const name = element.local_name();
    references(element, name);
    expressions(element, name);
    placing(element, name);
    if (name == "messageFlow") message_flow(element);
    if (name == "participantMultiplicity") multiplicity(element);
    if (name == "import")
      source_.warn(element, "8.2.2 import", "imported files are kept but not read", "put what the process needs into one file");
    if (name == "operation" && element.child_text("inMessageRef").empty())
      source_.warn(element, "8.4.3 operation", "an operation has an input message", "add inMessageRef");
    if (name == "dataStore" && element.attribute("capacity") && is_true(element.attribute_or("isUnlimited", "true"))) {
      source_.warn(element, "10.4.1 data store", "an unlimited data store has no capacity",
                   "set isUnlimited to false or remove capacity");
    }
    if (name == "definitions" && element.attribute_or("targetNamespace").empty())
      source_.warn(element, "8.2.1 definitions", "targetNamespace is missing", "add it");
    if (name == "messageEventDefinition" || name == "sendTask" || name == "receiveTask") operation(element);
    if (name == "laneSet") lanes(element);
    if (name.ends_with("EventDefinition")) definition(element, name);
    if (name == "sequenceFlow") listed(element);
    if (name == "callActivity") call(element);
    if (name == "multiInstanceLoopCharacteristics") multi(element);
    if (name == "performer" || name == "potentialOwner" || name == "humanPerformer") performer(element);
    if (name == "eventBasedGateway" || name == "receiveTask") instantiating(element, name);
    check_data(source_, element);
    for (xml::Element child : element.children()) walk(child, depth + 1);
  }

  void references(xml::Element element, std::string_view name) {
    for (Reference const& reference : kReferences) {
      if (reference.child) {
        for (xml::Element child : element.children(reference.name)) {
          if (is_model(child)) refer(element, reference, child.text());
        }
      } else if (auto const value = element.attribute(reference.name)) {
        // On a sub-process of another kind "default" and the like keep their meaning; empty values are faults too.
        refer(element, reference, *value);
      }
    }
    for (std::string_view key : {"signal", "error", "escalation"}) {
      if (name != key) continue;
      if (auto const structure = element.attribute("structureRef"))
        refer(element, {"structureRef", false, "itemDefinition"}, *structure);
    }
    if (name == "dataInputAssociation" || name == "dataOutputAssociation") {
      for (std::string_view key : {"sourceRef", "targetRef"}) {
        for (xml::Element child : element.children(key)) {
          refer(element,
                {key, true,
                 "dataInput dataOutput property dataObject dataObjectReference dataStoreReference dataStore inputDataItem "
                 "outputDataItem"},
                child.text());
        }
      }
    }
    if (name == "association") {
      for (std::string_view key : {"sourceRef", "targetRef"}) {
        std::string_view const value = element.attribute_or(key);
        if (value.empty()) source_.warn(element, "8.3.1 association", std::string(key) + " is missing", "name both ends");
      }
    }
    bool const needs_id = is_node(name) || name == "sequenceFlow" || name == "process" || name == "participant" ||
                          name == "message" || name == "signal" || name == "error" || name == "escalation" ||
                          name == "messageFlow" || name == "dataObject" || name == "dataInput" || name == "dataOutput" ||
                          name == "operation" || name == "interface" || name == "lane";
    if (needs_id && element.attribute_or("id").empty())
      source_.warn(element, "8.3.1 ids", "the element has no id", "give it an id");
  }

  void refer(xml::Element element, Reference const& reference, std::string_view value) {
    std::string_view const text = trim(value);
    if (reference.targets == "*") return;
    xml::Element const target = source_.refer(text);
    bool const imported = !target && text.find(':') != std::string_view::npos;
    if (imported || (reference.name == "structureRef" && text.find(':') != std::string_view::npos)) return;
    if (reference.name == "calledElement" && (text.empty() || !target)) return;  // called by name, resolved when it is called
    if (target && allowed(reference.targets, target.local_name())) {
      if (reference.name == "eventDefinitionRef" && target.parent().local_name() != "definitions") {
        source_.warn(element, "10.5.1 eventDefinitionRef", "the referenced definition belongs to another event",
                     "put shared definitions below <definitions>");
      }
      if (reference.name == "default" && local_part(target.attribute_or("sourceRef")) != element.attribute_or("id")) {
        source_.warn(element, "8.3.13 default flow", "the default flow does not leave this element", "name an own outgoing flow");
      }
      return;
    }
    // A reference that decides what an event waits for would make a case wait for ever.
    std::string_view const holder = element.parent() ? element.parent().local_name() : std::string_view{};
    bool const thrown = holder == "endEvent" || holder == "intermediateThrowEvent" || element.local_name() == "sendTask";
    bool const grave = !reference.child && !target && !text.empty() &&
                       ((reference.name == "messageRef" && !thrown) || reference.name == "signalRef" ||
                        reference.name == "escalationRef" || (reference.name == "default" && (is_node(element.local_name()))));
    std::string why = std::string(reference.name) + " '" + std::string(text) + "' names no " + std::string(reference.targets);
    if (grave)
      source_.demand(element, "reference", std::move(why), "define the element or correct the reference");
    else
      source_.warn(element, "reference", std::move(why), "define the element or correct the reference");
  }

  void expressions(xml::Element element, std::string_view name) {
    for (std::string_view key : {"language", "expressionLanguage", "typeLanguage", "scriptFormat"}) {
      if (key == "scriptFormat") continue;
      if (auto const value = element.attribute(key); value && !valid_uri(*value)) {
        source_.warn(element, "8.3.6 language", std::string(key) + " is not a URI", "write the URI of the language");
      }
    }
    static constexpr std::string_view kExpressions[] = {"completionCondition",
                                                        "activationCondition",
                                                        "loopCardinality",
                                                        "loopCondition",
                                                        "timeCycle",
                                                        "timeDate",
                                                        "timeDuration",
                                                        "conditionExpression",
                                                        "condition",
                                                        "from",
                                                        "to",
                                                        "messagePath",
                                                        "dataPath",
                                                        "transformation"};
    if (std::find(std::begin(kExpressions), std::end(kExpressions), name) == std::end(kExpressions)) return;
    std::string const text(trim(element.text()));
    if (text.empty()) source_.warn(element, "8.3.6 expression", "the expression is empty", "write it or remove the element");
    bool const typed = name != "messagePath" && name != "dataPath";
    if (typed && !is_formal(element)) {
      source_.warn(element, "8.3.6 expression", "an expression that is executed has the type tFormalExpression",
                   "add xsi:type=\"tFormalExpression\"");
    }
    bool const boolean =
        name == "completionCondition" || name == "condition" || name == "loopCondition" || name == "conditionExpression";
    if (boolean && !text.empty() && text.find_first_not_of("0123456789.") == std::string::npos) {
      source_.warn(element, "8.3.6 expression", "a condition is a number", "write an expression that is true or false");
    }
    bool const literal = text.find_first_of("${}=#()\" ") == std::string::npos;
    if (literal && !text.empty()) {
      if (name == "timeDuration" && !add_duration(Instant{}, text)) bad_time(element, text);
      if (name == "timeDate" && !parse_date(text)) bad_time(element, text);
      if (name == "timeCycle" && !parse_cycle(text, Instant{})) bad_time(element, text);
    }
  }

  void bad_time(xml::Element element, std::string const& text) {
    source_.warn(element, "10.5.5 timer", "'" + text + "' is not ISO 8601", "write a date, duration (PT1H) or cycle (R3/PT1H)");
  }

  void placing(xml::Element element, std::string_view name) {
    std::string_view const parent = element.parent() ? element.parent().local_name() : std::string_view{};
    if (name == "property" && !(is_node(parent) || parent == "process")) {
      source_.warn(element, "10.4.1 property", "properties belong to processes, activities and events", "move the property");
    }
    if (name.find("horeograph") != std::string_view::npos || name.find("onversation") != std::string_view::npos) {
      source_.warn(element, "11 choreography", "choreographies and conversations are kept but not executed",
                   "describe the work as a process");
      if (name.find("horeography") != std::string_view::npos && (parent == "process" || parent.ends_with("ubProcess"))) {
        source_.warn(element, "11 choreography", "a process holds no choreography activity", "use an activity");
      }
    }
    if (parent == "adHocSubProcess" && (name == "startEvent" || name == "endEvent")) {
      source_.warn(element, "10.3.5 ad-hoc sub-process", "an ad-hoc sub-process has no start or end event", "remove it");
    }
  }

  xml::Element pool_of(xml::Element element) const {
    for (xml::Element at = element; at; at = at.parent()) {
      if (at.local_name() == "participant") return at.attribute("processRef") ? source_.refer(at.attribute_or("processRef")) : at;
      if (at.local_name() == "process") return at;
    }
    return {};
  }

  void message_flow(xml::Element element) {
    auto warn = [&](char const* why, char const* cure) { source_.warn(element, "9.4 message flow", why, cure); };
    xml::Element const from = source_.refer(element.attribute_or("sourceRef")),
                       to = source_.refer(element.attribute_or("targetRef"));
    if (!from || !to) {
      warn("one of its ends does not exist", "connect two participants or their elements");
      return;
    }
    for (xml::Element end : {from, to}) {
      std::string_view const name = end.local_name();
      if (!is_node(name) && name != "participant")
        warn("it connects participants, activities and message events only", "connect something else");
      if (name.ends_with("Gateway")) warn("it does not start or end at a gateway", "use an activity or message event");
    }
    xml::Element const left = pool_of(from), right = pool_of(to);
    if (left && left == right) warn("both ends are in the same pool", "use a sequence flow");
    event_end(element, from, true);
    event_end(element, to, false);
  }

  void event_end(xml::Element flow, xml::Element end, bool leaves) {
    std::string_view const name = end.local_name();
    if (!name.ends_with("Event")) return;
    bool const throws = name == "endEvent" || name == "intermediateThrowEvent";
    if (throws != leaves)
      source_.warn(flow, "9.4 message flow",
                   leaves ? "a catching event sends no message" : "a throwing event receives no message", "turn the flow around");
    bool message = !end.children("eventDefinitionRef").empty();
    message = message || !end.children("messageEventDefinition").empty();
    if (!message)
      source_.warn(flow, "9.4 message flow", "the event at its end has no message definition", "add a message event definition");
  }

  /// 10.3.3, 10.5.5: the message that is sent or received is the one of the operation.
  void operation(xml::Element element) {
    std::string ref(element.attribute_or("operationRef"));
    if (ref.empty()) ref = element.child_text("operationRef");
    xml::Element const operation = source_.refer(ref);
    std::string_view const message = element.attribute_or("messageRef");
    if (!operation || message.empty()) return;
    std::string const in = operation.child_text("inMessageRef");
    if (!in.empty() && local_part(in) != local_part(message)) {
      source_.warn(element, "10.3.3 message", "messageRef differs from the message of the operation", "use the same message");
    }
  }

  void lanes(xml::Element set) {
    std::vector<std::string> seen;
    for (xml::Element lane : set.children("lane")) {
      for (xml::Element ref : lane.children("flowNodeRef")) {
        std::string const id(local_part(ref.text()));
        if (std::find(seen.begin(), seen.end(), id) != seen.end())
          source_.warn(lane, "10.8 lane", "'" + id + "' stands in two lanes of a set", "keep it in one");
        seen.push_back(id);
      }
    }
  }

  void multiplicity(xml::Element element) {
    auto number = [&](char const* key, int fallback) {
      std::string const text(element.attribute_or(key));
      if (text.empty()) return fallback;
      return text.find_first_not_of("0123456789") == std::string::npos && text.size() < 9 ? std::stoi(text) : -1;
    };
    int const low = number("minimum", 0), high = number("maximum", 1);
    if (low < 0 || high < 1 || high < low)
      source_.warn(element, "9.2 participant", "minimum and maximum do not fit", "maximum is at least 1 and not below minimum");
  }

  void definition(xml::Element element, std::string_view name) {
    std::string_view const holder = element.parent() ? element.parent().local_name() : std::string_view{};
    bool const throws = holder == "endEvent" || holder == "intermediateThrowEvent";
    auto warn = [&](std::string why, std::string cure) {
      source_.warn(element, "10.5.5 event definition", std::move(why), std::move(cure));
    };
    auto ref_code = [&](char const* key, char const* code) {
      std::string_view const ref = element.attribute_or(key);
      if (ref.empty()) {
        if (throws) warn(std::string(key) + " is missing on a throwing event", "say what is thrown");
        return;
      }
      xml::Element const target = source_.refer(ref);
      if (target && throws && code != nullptr && target.attribute_or(code).empty())
        warn(std::string("the ") + std::string(target.local_name()) + " has no " + code, std::string("give it a ") + code);
    };
    if (name == "escalationEventDefinition") ref_code("escalationRef", "escalationCode");
    if (name == "errorEventDefinition") ref_code("errorRef", "errorCode");
    if (name == "signalEventDefinition" && element.attribute_or("signalRef").empty())
      warn("signalRef is missing", "name a signal");
    if (name == "messageEventDefinition") {
      bool const operation = element.child("operationRef") || element.attribute("operationRef");
      if (element.attribute_or("messageRef").empty())
        warn("messageRef is missing", "name a message");
      else if (!operation)
        warn("operationRef is missing", "name the operation, or leave the binding to the host");
    }
    if (name == "timerEventDefinition") {
      int kinds = 0;
      for (char const* key : {"timeDate", "timeDuration", "timeCycle"}) kinds += static_cast<int>(element.children(key).size());
      if (kinds == 0)
        source_.demand(element, "10.5.5 timer", "the timer has neither timeDate, timeDuration nor timeCycle", "add exactly one");
      else if (kinds != 1)
        warn("a timer has one of timeDate, timeDuration and timeCycle", "keep exactly one");
    }
    if (name == "conditionalEventDefinition" && !element.child("condition"))
      source_.demand(element, "10.5.5 conditional event", "the condition is missing", "add it");
    if (name == "linkEventDefinition") {
      for (char const* key : {"source", "target"}) {
        for (xml::Element ref : element.children(key)) {
          xml::Element const other = source_.refer(ref.text());
          if (!other || other.local_name() != "linkEventDefinition")
            warn(std::string(key) + " names no link event definition", "name the partner");
          else if (other.attribute_or("name") != element.attribute_or("name"))
            warn("partners of a link have different names", "give both the same name");
        }
      }
    }
    if (name == "linkEventDefinition" && element.attribute_or("name").empty() && element.child_text("target").empty() &&
        element.child_text("source").empty()) {
      warn("a link has a name", "give it the name of its partner");
    }
  }

  /// 10.x: flow nodes list their sequence flows.
  void listed(xml::Element flow) {
    std::string_view const id = flow.attribute_or("id");
    if (id.empty()) return;
    auto check = [&](char const* end, char const* list) {
      xml::Element const node = source_.refer(flow.attribute_or(end));
      if (!node) return;
      for (xml::Element child : node.children(list)) {
        if (local_part(child.text()) == id) return;
      }
      source_.warn(node, "8.3.10 flow node", std::string("the ") + list + " flow '" + std::string(id) + "' is not listed",
                   std::string("add <") + list + ">");
    };
    check("sourceRef", "outgoing");
    check("targetRef", "incoming");
  }

  void call(xml::Element element) {
    xml::Element const target = source_.refer(element.attribute_or("calledElement"));
    if (!target) return;
    if (target.local_name() != "process") return;
    bool none = false, any = false;
    for (xml::Element start : target.children("startEvent")) {
      any = true;
      bool trigger = !start.children("eventDefinitionRef").empty();
      for (xml::Element child : start.children()) trigger = trigger || child.local_name().ends_with("EventDefinition");
      none = none || !trigger;
    }
    if (any && !none)
      source_.warn(element, "10.3.6 call activity", "the called process has no none start event",
                   "add one to the called process");
  }

  void multi(xml::Element element) {
    bool const cardinality = static_cast<bool>(element.child("loopCardinality"));
    bool const input = static_cast<bool>(element.child("loopDataInputRef"));
    if (cardinality && input)
      source_.warn(element, "10.3.8 multi-instance", "loopCardinality and loopDataInputRef are both given", "keep one");
    std::string_view const behavior = element.attribute_or("behavior", "All");
    auto warn = [&](char const* why, char const* cure) { source_.warn(element, "10.3.8 multi-instance", why, cure); };
    if (behavior == "None" && element.attribute_or("noneBehaviorEventRef").empty())
      warn("behavior None names no event", "add noneBehaviorEventRef");
    if (behavior == "One" && element.attribute_or("oneBehaviorEventRef").empty())
      warn("behavior One names no event", "add oneBehaviorEventRef");
    if (behavior == "Complex" && element.children("complexBehaviorDefinition").empty())
      warn("behavior Complex has no definition", "add complexBehaviorDefinition");
    if (behavior != "Complex" && !element.children("complexBehaviorDefinition").empty())
      warn("complex definitions stand beside another behavior", "set behavior to Complex");
  }

  void performer(xml::Element element) {
    bool const resource = static_cast<bool>(element.child("resourceRef"));
    bool const assignment = static_cast<bool>(element.child("resourceAssignmentExpression"));
    if (resource && assignment)
      source_.warn(element, "10.3.1 resource role", "resourceRef and resourceAssignmentExpression are both given", "keep one");
    if (!resource && !element.children("resourceParameterBinding").empty())
      source_.warn(element, "10.3.1 resource role", "a parameter binding without resourceRef", "name the resource");
  }

  void instantiating(xml::Element element, std::string_view name) {
    if (!is_true(element.attribute_or("instantiate"))) return;
    bool in = !element.children("incoming").empty();
    if (in)
      source_.warn(element, "10.3.3 instantiate",
                   std::string("an instantiating ") + std::string(name) + " has no incoming sequence flow", "remove the flow");
  }

  Source& source_;
};

}  // namespace

void check_file(Source& source) { File(source).run(); }

}  // namespace yiwang::bpmn

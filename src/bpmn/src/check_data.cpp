// Rules of data and services (8.4, 10.4): item definitions, input and output specifications, operations.

#include <algorithm>

#include "reader.hpp"

namespace yiwang::bpmn {
namespace {

bool same_item(Source const& source, std::string_view a, std::string_view b) {
  a = local_part(a);
  b = local_part(b);
  if (a == b) return true;
  xml::Element const left = source.find(a), right = source.find(b);
  if (!left || !right) return false;
  std::string_view const structure = left.attribute_or("structureRef");
  return !structure.empty() && structure == right.attribute_or("structureRef") &&
         is_true(left.attribute_or("isCollection")) == is_true(right.attribute_or("isCollection"));
}

std::string item_of(Source const& source, xml::Element data) {
  if (!data) return {};
  if (data.local_name() == "dataObjectReference") {
    std::string_view const own = data.attribute_or("itemSubjectRef");
    if (!own.empty()) return std::string(own);
    return item_of(source, source.refer(data.attribute_or("dataObjectRef")));
  }
  return std::string(data.attribute_or("itemSubjectRef"));
}

void warn(Source& source, xml::Element at, char const* rule, std::string why, std::string cure) {
  source.warn(at, rule, std::move(why), std::move(cure));
}

void collection(Source& source, xml::Element element) {
  xml::Element const item = source.refer(element.attribute_or("itemSubjectRef"));
  if (!item || item.local_name() != "itemDefinition") return;
  if (is_true(element.attribute_or("isCollection")) != is_true(item.attribute_or("isCollection"))) {
    warn(source, element, "10.4.1 data", "isCollection differs from its item definition", "make both say the same");
  }
}

void association(Source& source, xml::Element element, bool input) {
  xml::Element const owner = element.parent();
  auto const sources = element.children("sourceRef");
  if (sources.size() > 1 && !element.child("transformation")) {
    warn(source, element, "10.4.2 data association", "several sources without a transformation",
         "add a transformation or keep one source");
  }
  xml::Element const to = source.refer(element.child_text("targetRef"));
  xml::Element const from = sources.empty() ? xml::Element{} : source.refer(sources.front().text());
  auto own = [&](xml::Element data) {
    for (xml::Element at = data.parent(); at; at = at.parent()) {
      if (at == owner) return true;
    }
    return false;
  };
  if (input) {
    if (to && to.local_name() == "dataInput" && !own(to))
      warn(source, element, "10.4.2 data association", "the target is an input of another element", "name an own data input");
    if (from && from.local_name() == "dataOutput")
      warn(source, element, "10.4.2 data association", "an input is not read from a data output",
           "read a data object, property or data input");
    if (to && to.local_name() != "dataInput" && to.local_name() != "property" && to.local_name() != "inputDataItem") {
      warn(source, element, "10.4.2 data association", "the target of an input association is no data input",
           "name a data input");
    }
  } else {
    if (from && from.local_name() == "dataOutput" && !own(from))
      warn(source, element, "10.4.2 data association", "the source is an output of another element", "name an own data output");
    if (to && to.local_name() == "dataInput")
      warn(source, element, "10.4.2 data association", "an output is not written to a data input",
           "write a data object, property or data output");
    if (from && from.local_name() != "dataOutput" && from.local_name() != "property" && from.local_name() != "outputDataItem") {
      warn(source, element, "10.4.2 data association", "the source of an output association is no data output",
           "name a data output");
    }
  }
  std::string const left = item_of(source, from), right = item_of(source, to);
  if (!left.empty() && !right.empty() && !element.child("transformation") && element.children("assignment").empty() &&
      !same_item(source, left, right)) {
    warn(source, element, "10.4.2 data association", "source and target have different structures",
         "add a transformation or use the same item definition");
  }
}

std::string message_item(Source const& source, std::string_view ref) {
  xml::Element const message = source.refer(ref);
  return message ? std::string(message.attribute_or("itemRef")) : std::string{};
}

/// One side of the data of a task that sends or calls: exactly one data element of the message's item.
void side(Source& source, xml::Element element, xml::Element io, bool input, std::string const& item) {
  char const* const data = input ? "dataInput" : "dataOutput";
  char const* const set = input ? "inputSet" : "outputSet";
  auto const list = io.children(data);
  if (io.children(set).size() > 1) warn(source, element, "10.3.3 task", std::string("more than one ") + set, "keep one");
  if (list.size() != 1) {
    warn(source, element, "10.3.3 task", std::string("a message needs exactly one ") + data, "keep one");
    return;
  }
  if (!item.empty() && !same_item(source, list.front().attribute_or("itemSubjectRef"), item)) {
    warn(source, element, "10.3.3 task", std::string("the ") + data + " has another item definition than the message",
         "use the item definition of the message");
  }
}

void task(Source& source, xml::Element element, std::string_view name) {
  xml::Element const io = element.child("ioSpecification");
  xml::Element const operation = source.refer(element.attribute_or("operationRef"));
  bool const service = name == "serviceTask";
  if (operation && service) {
    std::string const in = operation.child_text("inMessageRef"), out = operation.child_text("outMessageRef");
    if (!io) {
      warn(source, element, "10.3.3 service task", "the task has no input specification for the messages of its operation",
           "add ioSpecification");
    } else {
      if (!in.empty()) side(source, element, io, true, message_item(source, in));
      if (!out.empty()) side(source, element, io, false, message_item(source, out));
    }
  }
  if (!io || (name != "sendTask" && name != "receiveTask")) return;
  std::string const item = message_item(source, element.attribute_or("messageRef"));
  side(source, element, io, name == "sendTask", item);
}

/// 10.5.1: data of an event stand in the order of its definitions, with the same item definitions.
void event(Source& source, xml::Element element, bool throws) {
  auto const data = element.children(throws ? "dataInput" : "dataOutput");
  if (data.empty()) return;
  std::vector<std::string> items;
  std::size_t definitions = 0;
  for (xml::Element child : element.children()) {
    xml::Element definition = child;
    if (child.local_name() == "eventDefinitionRef") definition = source.refer(child.text());
    if (!definition || !definition.local_name().ends_with("EventDefinition")) continue;
    ++definitions;
    std::string item;
    if (auto ref = definition.attribute("messageRef")) item = message_item(source, *ref);
    for (char const* key : {"signalRef", "escalationRef", "errorRef"}) {
      if (auto ref = definition.attribute(key)) {
        xml::Element const target = source.refer(*ref);
        if (target) item = std::string(target.attribute_or("structureRef"));
      }
    }
    items.push_back(item);
  }
  if (data.size() != definitions) {
    warn(source, element, "10.5.1 event data", "there are not as many data elements as event definitions",
         "add one for each definition, in their order");
    return;
  }
  for (std::size_t i = 0; i < data.size(); ++i) {
    std::string_view const own = data[i].attribute_or("itemSubjectRef");
    if (!items[i].empty() && !same_item(source, own, items[i]))
      warn(source, element, "10.5.1 event data", "a data element has another item definition than its event definition",
           "use the same item definition");
  }
}

void multi(Source& source, xml::Element element) {
  for (bool const input : {true, false}) {
    xml::Element const item = element.child(input ? "inputDataItem" : "outputDataItem");
    xml::Element const list = source.refer(element.child_text(input ? "loopDataInputRef" : "loopDataOutputRef"));
    if (!item) continue;
    xml::Element const item_definition = source.refer(item.attribute_or("itemSubjectRef"));
    if (item_definition && is_true(item_definition.attribute_or("isCollection"))) {
      warn(source, element, "10.3.8 multi-instance", "one item of the collection is itself a collection",
           "use the item definition of one item");
    }
    xml::Element const list_definition = list ? source.refer(list.attribute_or("itemSubjectRef")) : xml::Element{};
    if (item_definition && list_definition &&
        item_definition.attribute_or("structureRef") != list_definition.attribute_or("structureRef")) {
      warn(source, element, "10.3.8 multi-instance", "item and collection have different structures", "use the same structure");
    }
    if (list && !is_true(list.attribute_or("isCollection"))) {
      warn(source, element, "10.3.8 multi-instance", "the loop runs over data that is no collection", "set isCollection");
    }
  }
}

void call(Source& source, xml::Element element) {
  xml::Element const called = source.refer(element.attribute_or("calledElement"));
  if (!called) return;
  xml::Element const own = element.child("ioSpecification"), theirs = called.child("ioSpecification");
  for (char const* key : {"dataInput", "dataOutput"}) {
    std::vector<xml::Element> left, right;
    if (own) left = own.children(key);
    if (theirs) right = theirs.children(key);
    if (left.size() != right.size()) {
      warn(source, element, "10.3.6 call activity", std::string("the call has not as many ") + key + " elements as what it calls",
           "give both the same data");
      continue;
    }
    for (std::size_t i = 0; i < left.size(); ++i) {
      std::string_view const a = left[i].attribute_or("itemSubjectRef"), b = right[i].attribute_or("itemSubjectRef");
      if (!(a.empty() && b.empty()) && !same_item(source, a, b))
        warn(source, element, "10.3.6 call activity",
             std::string("a ") + key + " has another item definition than in what it calls", "use the same item definition");
    }
  }
}

/// 10.4.3: what supports an interface binds its operations to its data.
void callable(Source& source, xml::Element element) {
  auto const bindings = element.children("ioBinding");
  if (!element.children("supportedInterfaceRef").empty() && bindings.empty()) {
    warn(source, element, "10.4.3 interface", "an interface is supported but no operation is bound", "add ioBinding");
  }
  for (xml::Element binding : bindings) {
    xml::Element const operation = source.refer(binding.attribute_or("operationRef"));
    if (!operation) continue;
    for (auto const& [data, message] : {std::pair{"inputDataRef", "inMessageRef"}, std::pair{"outputDataRef", "outMessageRef"}}) {
      xml::Element const bound = source.refer(binding.attribute_or(data));
      std::string const item = message_item(source, operation.child_text(message));
      if (bound && !item.empty() && bound.attribute("itemSubjectRef") &&
          !same_item(source, bound.attribute_or("itemSubjectRef"), item)) {
        warn(source, binding, "10.4.3 interface",
             std::string(data) + " has another item definition than the message of the operation",
             "use the item definition of the message");
      }
    }
  }
}

void specification(Source& source, xml::Element element) {
  std::string_view const holder = element.parent().local_name();
  if (holder == "subProcess" || holder == "adHocSubProcess" || holder == "transaction" || holder.ends_with("Gateway") ||
      holder.ends_with("Event")) {
    warn(source, element, "10.4.2 data", "only tasks, call activities and processes have an input and output specification",
         "use data objects");
  }
  for (auto const& [data, set, refs] :
       {std::tuple{"dataInput", "inputSet", "dataInputRefs"}, std::tuple{"dataOutput", "outputSet", "dataOutputRefs"}}) {
    auto const sets = element.children(set);
    if (sets.empty()) warn(source, element, "10.4.2 data", std::string("there is no ") + set, std::string("add an ") + set);
    for (xml::Element one : element.children(data)) {
      bool listed = false;
      for (xml::Element group : sets) {
        for (xml::Element ref : group.children()) {
          if (ref.local_name() == refs || ref.local_name().find("Refs") != std::string_view::npos)
            listed = listed || local_part(ref.text()) == one.attribute_or("id");
        }
      }
      if (!listed)
        warn(source, one, "10.4.2 data", std::string("the ") + data + " is in no " + set, std::string("list it in an ") + set);
    }
  }
  for (auto const& [set, refs, other, back] : {std::tuple{"inputSet", "outputSetRefs", "outputSet", "inputSetRefs"},
                                               std::tuple{"outputSet", "inputSetRefs", "inputSet", "outputSetRefs"}}) {
    (void)other;
    for (xml::Element one : element.children(set)) {
      for (xml::Element ref : one.children(refs)) {
        xml::Element const target = source.refer(ref.text());
        bool mutual = false;
        if (target) {
          for (xml::Element reverse : target.children(back))
            mutual = mutual || local_part(reverse.text()) == one.attribute_or("id");
        }
        if (!mutual)
          warn(source, one, "10.4.2 data", "input set and output set do not name each other", "add the reference on both sides");
      }
      for (char const* extra :
           {"optionalInputRefs", "whileExecutingInputRefs", "optionalOutputRefs", "whileExecutingOutputRefs"}) {
        for (xml::Element ref : one.children(extra)) {
          bool listed = false;
          for (xml::Element main : one.children(std::string_view(set) == "inputSet" ? "dataInputRefs" : "dataOutputRefs"))
            listed = listed || local_part(main.text()) == local_part(ref.text());
          if (!listed)
            warn(source, one, "10.4.2 data", std::string(extra) + " names data that the set does not list", "list it in the set");
        }
      }
    }
  }
}

}  // namespace

void check_data(Source& source, xml::Element element) {
  std::string_view const name = element.local_name();
  if (name == "dataInput" || name == "dataOutput" || name == "dataObject") collection(source, element);
  if (name == "dataInputAssociation") association(source, element, true);
  if (name == "dataOutputAssociation") association(source, element, false);
  if (name == "sendTask" || name == "receiveTask" || name == "serviceTask") task(source, element, name);
  if (name == "endEvent" || name == "intermediateThrowEvent") event(source, element, true);
  if (name == "startEvent" || name == "intermediateCatchEvent" || name == "boundaryEvent") event(source, element, false);
  if (name == "multiInstanceLoopCharacteristics") multi(source, element);
  if (name == "callActivity") call(source, element);
  if (name == "process" || name.starts_with("global")) callable(source, element);
  if (name == "ioSpecification") specification(source, element);
}

}  // namespace yiwang::bpmn

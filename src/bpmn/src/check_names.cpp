// Names of the BPMN 2.0.2 schema: what is not in it is a slip of the pen that nothing would ever obey.

#include <algorithm>

#include "reader.hpp"

namespace yiwang::bpmn {
namespace {

constexpr std::string_view kElements =
    " activationCondition adHocSubProcess artifact assignment association auditing baseElement boundaryEvent businessRuleTask"
    " callActivity callChoreography callConversation callableElement cancelEventDefinition catchEvent category categoryValue"
    " choreography choreographyActivity choreographyTask collaboration compensateEventDefinition completionCondition"
    " complexBehaviorDefinition complexGateway condition conditionExpression conditionalEventDefinition conversation"
    " conversationAssociation conversationLink conversationNode correlationKey correlationProperty correlationPropertyBinding"
    " correlationPropertyRef correlationPropertyRetrievalExpression correlationSubscription childLaneSet choreographyRef"
    " categoryValueRef dataAssociation dataInput dataInputAssociation dataInputRefs dataObject dataObjectReference dataOutput"
    " dataOutputAssociation dataOutputRefs dataPath dataState dataStore dataStoreReference definitions documentation endEvent"
    " endPoint endPointRef error errorEventDefinition errorRef escalation escalationEventDefinition event eventBasedGateway"
    " eventDefinition eventDefinitionRef exclusiveGateway expression extension extensionElements flowElement flowNode flowNodeRef"
    " formalExpression from gateway globalBusinessRuleTask globalChoreographyTask globalConversation globalManualTask"
    " globalScriptTask globalTask globalUserTask group humanPerformer implicitThrowEvent import inMessageRef inclusiveGateway"
    " incoming inputDataItem inputSet inputSetRefs innerConversationNodeRef innerParticipantRef interface interfaceRef"
    " intermediateCatchEvent intermediateThrowEvent ioBinding ioSpecification itemDefinition lane laneSet linkEventDefinition"
    " loopCardinality loopCharacteristics loopCondition loopDataInputRef loopDataOutputRef manualTask message"
    " messageEventDefinition messageFlow messageFlowAssociation messageFlowRef messagePath monitoring"
    " multiInstanceLoopCharacteristics operation operationRef optionalInputRefs optionalOutputRefs outMessageRef outgoing"
    " outerConversationNodeRef outerParticipantRef outputDataItem outputSet outputSetRefs parallelGateway participant"
    " participantAssociation participantMultiplicity participantRef partitionElement partnerEntity partnerRole performer"
    " potentialOwner process property receiveTask relationship rendering resource resourceAssignmentExpression resourceParameter"
    " resourceParameterBinding resourceRef resourceRole rootElement script scriptTask sendTask sequenceFlow serviceTask signal"
    " signalEventDefinition source sourceRef standardLoopCharacteristics startEvent subChoreography subConversation subProcess"
    " supportedInterfaceRef supports target targetRef task terminateEventDefinition text textAnnotation throwEvent timeCycle"
    " timeDate timeDuration timerEventDefinition to transaction transformation type userTask value whileExecutingInputRefs"
    " whileExecutingOutputRefs ";

constexpr std::string_view kAttributes =
    " activityRef associationDirection attachedToRef behavior calledCollaborationRef calledElement cancelActivity"
    " cancelRemainingInstances capacity categoryValueRef completionQuantity conversationRef correlationKeyRef"
    " correlationPropertyRef dataObjectRef dataStoreRef default definition definitionalCollaborationRef direction errorCode"
    " errorRef escalationCode escalationRef evaluatesToTypeRef eventGatewayType exporter exporterVersion expressionLanguage"
    " gatewayDirection id implementation implementationRef importType initiatingParticipantRef inputDataRef instantiate"
    " isClosed isCollection isExecutable isForCompensation isImmediate isInterrupting isRequired isSequential isUnlimited "
    "itemKind"
    " itemRef itemSubjectRef language location loopMaximum loopType maximum messageRef method minimum mustUnderstand name"
    " namespace noneBehaviorEventRef oneBehaviorEventRef operationRef ordering outputDataRef parallelMultiple parameterRef"
    " partitionElementRef processRef processType scriptFormat scriptLanguage signalRef sourceRef startQuantity structureRef"
    " targetNamespace targetRef testBefore textFormat triggeredByEvent type typeLanguage value waitForCompletion"
    " correlationPropertyRetrievalExpression structure callConversation messageFlowRef innerConversationNodeRef"
    " outerConversationNodeRef innerMessageFlowRef outerMessageFlowRef script ";

bool listed(std::string_view list, std::string_view name) {
  for (std::size_t at = list.find(name); at != std::string_view::npos; at = list.find(name, at + 1)) {
    if (list[at - 1] == ' ' && list[at + name.size()] == ' ') return true;
  }
  return false;
}

void check(Source& source, xml::Element element, int depth) {
  if (depth > 200) return;
  if (is_model(element)) {
    std::string_view const name = element.local_name();
    if (!listed(kElements, name)) {
      source.error(element, "schema", "there is no BPMN element '" + std::string(name) + "'",
                   "correct the name, or put it into a namespace of its own");
    }
    for (xml::Attribute const& attribute : element.attributes()) {
      if (attribute.name.find(':') != std::string_view::npos || attribute.name == "xmlns") continue;
      if (!listed(kAttributes, attribute.name)) {
        source.error(element, "schema", "there is no BPMN attribute '" + std::string(attribute.name) + "'",
                     "correct the name, or put it into a namespace of its own");
      }
    }
    if (name == "extensionElements" || name == "documentation") return;
  }
  for (xml::Element child : element.children()) check(source, child, depth + 1);
}

}  // namespace

void check_names(Source& source) { check(source, source.document->root(), 0); }

}  // namespace yiwang::bpmn

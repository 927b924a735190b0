// Processes with FEEL expressions and a DMN decision, through the ports of the spine.

#include <gtest/gtest.h>

#include "yiwang/spine/process_ports.hpp"

namespace yiwang::spine {
namespace {

constexpr char const* kDecision = R"(<?xml version="1.0" encoding="UTF-8"?>
<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="d" name="d" namespace="urn:d">
  <inputData id="i" name="amount"><variable name="amount" typeRef="number"/></inputData>
  <decision id="track" name="track"><variable name="track" typeRef="string"/>
    <informationRequirement id="r"><requiredInput href="#i"/></informationRequirement>
    <literalExpression><text>if amount &lt; 100 then "fast" else "normal"</text></literalExpression></decision>
</definitions>)";

constexpr char const* kProcess =
    R"(<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:yw="urn:yiwang:bpmn" targetNamespace="t">
  <process id="p" isExecutable="true"><startEvent id="s"/><sequenceFlow id="f1" sourceRef="s" targetRef="rule"/>
    <businessRuleTask id="rule" yw:decision="track" yw:result="track"/><sequenceFlow id="f2" sourceRef="rule" targetRef="calc"/>
    <scriptTask id="calc"><script>{ fee: amount * 0.1, due: today() + duration("P3D") }</script></scriptTask><sequenceFlow id="f3" sourceRef="calc" targetRef="g"/>
    <exclusiveGateway id="g" default="f5"/>
    <sequenceFlow id="f4" sourceRef="g" targetRef="fast"><conditionExpression>track = "fast" and fee &lt; 5</conditionExpression></sequenceFlow>
    <sequenceFlow id="f5" sourceRef="g" targetRef="slow"/>
    <userTask id="fast" yw:candidates="[&quot;window&quot;]"/><userTask id="slow"/></process></definitions>)";

std::string run(std::string const& amount) {
  ProcessPorts ports;
  ports.set_now(*parse_instant("2026-03-02T09:00:00+08:00"));
  auto const model = dmn::Model::compile({{"d.dmn", kDecision}});
  if (!model) return model.error().line();
  ports.add_model(*model);
  auto const definition = bpmn::deploy(kProcess, "p.bpmn", &ports);
  if (!definition) return definition.error().line();
  bpmn::State state;
  bpmn::Command start;
  start.type = bpmn::CommandType::start;
  start.now = *parse_instant("2026-03-02T09:00:00+08:00");
  start.data = json::Value::object();
  start.data.set("amount", json::Value::number(amount));
  auto const events = bpmn::decide(**definition, state, start, ports);
  if (!events) return events.error().line();
  for (auto const& event : *events) bpmn::apply(**definition, state, event);
  if (!state.incidents.empty()) return state.incidents.front().message;
  std::string out = (*definition)->nodes[state.tasks.front().node].id;
  for (auto const& [name, value] : state.elements.front().variables) out += " " + name + "=" + json::write(value);
  return out;
}

TEST(ProcessPorts, FeelAndDecisions) {
  EXPECT_EQ(run("20"), "fast amount=20 due=\"2026-03-05\" fee=2 track=\"fast\"");
  EXPECT_EQ(run("300").substr(0, 4), "slow");
}

TEST(ProcessPorts, AcceptsWhatCanBeExecuted) {
  ProcessPorts ports;
  auto accepts = [&](std::string text, std::string language = {}) {
    bpmn::Expression expression;
    expression.text = std::move(text);
    expression.language = std::move(language);
    return ports.accepts(expression);
  };
  EXPECT_TRUE(accepts("a + b > 3"));
  EXPECT_TRUE(accepts("= list contains(roles, \"head\")"));
  EXPECT_TRUE(accepts("R3/PT1H", "http://www.w3.org/1999/XPath"));
  EXPECT_FALSE(accepts("${a > 3}"));
  EXPECT_FALSE(accepts("a > 3", "javascript"));
  EXPECT_FALSE(accepts("a >"));
}

}  // namespace
}  // namespace yiwang::spine

// What the flow files do not say: events, compensation, ports, incidents, correlation, limits.

#include <chrono>

#include "support.hpp"

namespace yiwang::bpmn::testing {
namespace {

constexpr char const* kFormal = "xsi:type=\"tFormalExpression\"";

std::string flow(std::string const& id, std::string const& from, std::string const& to, std::string const& condition = {}) {
  return "<sequenceFlow id=\"" + id + "\" sourceRef=\"" + from + "\" targetRef=\"" + to + "\">" +
         (condition.empty() ? "" : std::string("<conditionExpression ") + kFormal + ">" + condition + "</conditionExpression>") +
         "</sequenceFlow>";
}

struct Case : Instance {
  explicit Case(std::string const& process, std::string const& before = {}) {
    definition = must_deploy(before + "<process id=\"p\" isExecutable=\"true\">" + process + "</process>", &ports);
  }
  bool start(json::Value data = {}, std::string node = {}) {
    Command command;
    command.type = CommandType::start;
    command.name = "p";
    command.by = "applicant";
    command.node = std::move(node);
    command.data = std::move(data);
    return give(command);
  }
  bool done(std::string const& node, std::string const& by = "x", json::Value data = {}) {
    Command command;
    command.type = CommandType::complete_task;
    UserTask const* found = task(node);
    if (found == nullptr) return false;
    command.id = found->id;
    command.by = by;
    command.data = std::move(data);
    return give(command);
  }
  bool simple(CommandType type, Id id, std::string name = {}, json::Value data = {}) {
    Command command;
    command.type = type;
    command.id = id;
    command.name = std::move(name);
    command.data = std::move(data);
    return give(command);
  }
  std::string tasks() const {
    std::string out;
    for (UserTask const& task : state.tasks) out += (out.empty() ? "" : " ") + definition->nodes[task.node].id;
    return out;
  }
  bool ended() const { return state.status == InstanceStatus::completed; }
  std::string variable(std::string_view name) const {
    auto const* value = state.elements.empty() ? nullptr : find_variable(state, state.elements.front().id, name);
    return value == nullptr ? "" : json::write(*value);
  }
};

json::Value object(std::initializer_list<std::pair<std::string, json::Value>> members) {
  json::Value out = json::Value::object();
  for (auto const& [name, value] : members) out.set(name, value);
  return out;
}
json::Value num(int value) { return json::Value::number(std::to_string(value)); }

// The example of src/bpmn/README.md.
Result<std::string> who_is_next(std::string_view xml, Ports& ports, Instant now) {
  YW_ASSIGN(auto definition, deploy(xml));
  State state;
  Command start;
  start.type = CommandType::start;
  start.by = "applicant";
  start.now = now;
  YW_ASSIGN(auto events, decide(*definition, state, start, ports));
  for (EventRecord const& event : events) apply(*definition, state, event);
  return definition->nodes[state.tasks.front().node].name;
}

TEST(BpmnSemantics, ReadmeExample) {
  SmallPorts ports;
  auto const next = who_is_next(
      "<definitions xmlns=\"http://www.omg.org/spec/BPMN/20100524/MODEL\" targetNamespace=\"t\"><process id=\"p\">"
      "<startEvent id=\"s\"/><userTask id=\"a\" name=\"受理\"/><endEvent id=\"e\"/><sequenceFlow id=\"f\" sourceRef=\"s\" "
      "targetRef=\"a\"/>"
      "<sequenceFlow id=\"g\" sourceRef=\"a\" targetRef=\"e\"/></process></definitions>",
      ports, Instant{0});
  ASSERT_TRUE(next);
  EXPECT_EQ(*next, "受理");
}

TEST(BpmnSemantics, EventBasedGatewayTakesTheFirst) {
  Case c("<startEvent id=\"s\"/>" + flow("f1", "s", "g") + "<eventBasedGateway id=\"g\"/>" + flow("f2", "g", "m") +
             flow("f3", "g", "t") +
             "<intermediateCatchEvent id=\"m\"><messageEventDefinition messageRef=\"msg\"/></intermediateCatchEvent>" +
             "<intermediateCatchEvent id=\"t\"><timerEventDefinition><timeDuration " + kFormal +
             ">PT1H</timeDuration></timerEventDefinition></intermediateCatchEvent>" + flow("f4", "m", "a") +
             flow("f5", "t", "b") + "<userTask id=\"a\"/><userTask id=\"b\"/>",
         "<message id=\"msg\" name=\"answer\"/>");
  ASSERT_TRUE(c.start());
  ASSERT_EQ(c.state.timers.size(), 1u);
  ASSERT_EQ(waiting(*c.definition, c.state).size(), 1u);
  Case late = c;
  ASSERT_TRUE(c.simple(CommandType::correlate, 0, "answer", object({{"text", json::Value::string("ja")}})));
  EXPECT_EQ(c.tasks(), "a");
  EXPECT_TRUE(c.state.timers.empty());
  EXPECT_EQ(c.variable("text"), "\"ja\"");
  EXPECT_FALSE(c.simple(CommandType::correlate, 0, "answer"));
  late.now.us += 3600 * kMicrosPerSecond;
  ASSERT_TRUE(late.simple(CommandType::fire_timer, late.state.timers.front().id));
  EXPECT_EQ(late.tasks(), "b");
}

TEST(BpmnSemantics, MessagesFindTheInstanceByValue) {
  Case c("<startEvent id=\"s\"/>" + flow("f1", "s", "r") +
             "<receiveTask id=\"r\" messageRef=\"msg\"><multiInstanceLoopCharacteristics yw:collection=\"[1, 2]\" "
             "yw:item=\"k\"/></receiveTask>" +
             flow("f2", "r", "e") + "<endEvent id=\"e\"/>",
         "<message id=\"msg\" name=\"m\"/>");
  ASSERT_TRUE(c.start());
  Command command;
  command.type = CommandType::correlate;
  command.name = "m";
  command.detail = "k=2";
  ASSERT_TRUE(c.give(command));
  EXPECT_FALSE(c.give(command)) << "the second instance has its message";
  command.detail = "k=1";
  ASSERT_TRUE(c.give(command));
  EXPECT_TRUE(c.ended());
}

std::string booking(std::string const& end) {
  return "<startEvent id=\"s\"/>" + flow("f1", "s", "tx") + "<transaction id=\"tx\"><startEvent id=\"ts\"/>" +
         flow("t1", "ts", "hotel") +
         "<scriptTask id=\"hotel\"><script>h := 1</script></scriptTask><boundaryEvent id=\"hb\" "
         "attachedToRef=\"hotel\"><compensateEventDefinition/></boundaryEvent>" +
         "<userTask id=\"undo_hotel\" isForCompensation=\"true\"/><association id=\"ha\" sourceRef=\"hb\" "
         "targetRef=\"undo_hotel\"/>" +
         flow("t2", "hotel", "flight") +
         "<scriptTask id=\"flight\"><script>f := 1</script></scriptTask><boundaryEvent id=\"fb\" "
         "attachedToRef=\"flight\"><compensateEventDefinition/></boundaryEvent>" +
         "<userTask id=\"undo_flight\" isForCompensation=\"true\"/><association id=\"fa\" sourceRef=\"fb\" "
         "targetRef=\"undo_flight\"/>" +
         flow("t3", "flight", "te") + end +
         "</transaction><boundaryEvent id=\"cancelled\" attachedToRef=\"tx\"><cancelEventDefinition/></boundaryEvent>" +
         flow("f2", "cancelled", "after") + "<userTask id=\"after\"/>" + flow("f3", "tx", "fine") + "<userTask id=\"fine\"/>";
}

TEST(BpmnSemantics, CancelUndoesTheTransactionLastFirst) {
  Case c(booking("<endEvent id=\"te\"><cancelEventDefinition/></endEvent>"));
  ASSERT_TRUE(c.start());
  EXPECT_EQ(c.tasks(), "undo_flight");
  ASSERT_TRUE(c.done("undo_flight"));
  EXPECT_EQ(c.tasks(), "undo_hotel");
  ASSERT_TRUE(c.done("undo_hotel"));
  EXPECT_EQ(c.tasks(), "after");
  ASSERT_TRUE(c.done("after"));
  EXPECT_TRUE(c.ended());
}

TEST(BpmnSemantics, ACompletedSubProcessIsUndoneFromOutside) {
  Case c("<startEvent id=\"s\"/>" + flow("f1", "s", "sub") + "<subProcess id=\"sub\"><startEvent id=\"ss\"/>" +
         flow("s1", "ss", "work") + "<userTask id=\"work\"/>" + flow("s2", "work", "se") +
         "<endEvent id=\"se\"/><subProcess id=\"undo\" triggeredByEvent=\"true\"><startEvent "
         "id=\"us\"><compensateEventDefinition/></startEvent>" +
         flow("u1", "us", "undo_it") + "<userTask id=\"undo_it\"/></subProcess></subProcess>" + flow("f2", "sub", "throw") +
         "<intermediateThrowEvent id=\"throw\"><compensateEventDefinition activityRef=\"sub\"/></intermediateThrowEvent>" +
         flow("f3", "throw", "last") + "<userTask id=\"last\"/>");
  ASSERT_TRUE(c.start());
  ASSERT_TRUE(c.done("work"));
  EXPECT_EQ(c.tasks(), "undo_it");
  ASSERT_TRUE(c.done("undo_it"));
  EXPECT_EQ(c.tasks(), "last");
}

TEST(BpmnSemantics, ErrorsGoToTheInnermostHandler) {
  std::string const sub = "<subProcess id=\"sub\"><startEvent id=\"ss\"/>" + flow("s1", "ss", "job") +
                          "<serviceTask id=\"job\" yw:topic=\"print\"/>" + flow("s2", "job", "se") +
                          "<endEvent id=\"se\"/></subProcess>";
  Case c("<startEvent id=\"s\"/>" + flow("f1", "s", "sub") + sub +
             "<boundaryEvent id=\"b1\" attachedToRef=\"sub\"><errorEventDefinition errorRef=\"e1\"/></boundaryEvent>" +
             "<boundaryEvent id=\"b2\" attachedToRef=\"sub\"><errorEventDefinition/></boundaryEvent>" +
             flow("f2", "b1", "paper") + flow("f3", "b2", "other") + "<userTask id=\"paper\"/><userTask id=\"other\"/>" +
             flow("f4", "sub", "e") + "<endEvent id=\"e\"/>",
         "<error id=\"e1\" errorCode=\"NO_PAPER\"/>");
  auto fail_with = [&](std::string const& code) {
    Case one = c;
    EXPECT_TRUE(one.start());
    Command command;
    command.type = CommandType::complete_job;
    command.id = one.state.jobs.front().id;
    command.detail = code;
    command.flag = true;
    EXPECT_TRUE(one.give(command));
    return one.tasks();
  };
  EXPECT_EQ(fail_with("NO_PAPER"), "paper");
  EXPECT_EQ(fail_with("FIRE"), "other");
  Case fine = c;
  ASSERT_TRUE(fine.start());
  EXPECT_EQ(fine.state.jobs.front().topic, "print");
  ASSERT_TRUE(fine.simple(CommandType::complete_job, fine.state.jobs.front().id));
  EXPECT_TRUE(fine.ended());
}

TEST(BpmnSemantics, AnIncidentStopsOnlyItsOwnToken) {
  Case c("<startEvent id=\"s\"/>" + flow("f1", "s", "g") + "<parallelGateway id=\"g\"/>" + flow("f2", "g", "bad") +
         flow("f3", "g", "good") + "<scriptTask id=\"bad\"><script>fail</script></scriptTask><userTask id=\"good\"/>" +
         flow("f4", "bad", "e1") + flow("f5", "good", "e2") + "<endEvent id=\"e1\"/><endEvent id=\"e2\"/>");
  ASSERT_TRUE(c.start());
  EXPECT_EQ(c.tasks(), "good");
  ASSERT_EQ(c.state.incidents.size(), 1u);
  ASSERT_TRUE(c.done("good"));
  EXPECT_FALSE(c.ended());
  ASSERT_TRUE(c.simple(CommandType::retry, c.state.incidents.front().id));
  ASSERT_EQ(c.state.incidents.size(), 1u);
  ASSERT_TRUE(c.simple(CommandType::resolve, c.state.incidents.front().id));
  EXPECT_TRUE(c.ended());
}

TEST(BpmnSemantics, NoFlowHoldsIsAnIncidentThatARetryTakesUp) {
  Case c("<startEvent id=\"s\"/>" + flow("f1", "s", "g") + "<exclusiveGateway id=\"g\"/>" + flow("f2", "g", "a", "x = 1") +
         flow("f3", "g", "b", "x = 2") + "<userTask id=\"a\"/><userTask id=\"b\"/>");
  ASSERT_TRUE(c.start());
  ASSERT_EQ(c.state.incidents.size(), 1u);
  ASSERT_TRUE(c.simple(CommandType::set_variables, 0, {}, object({{"x", num(2)}})));
  ASSERT_TRUE(c.simple(CommandType::retry, c.state.incidents.front().id));
  EXPECT_EQ(c.tasks(), "b");
  EXPECT_TRUE(c.state.incidents.empty());
}

TEST(BpmnSemantics, ConditionsFireWhenTheyBecomeTrue) {
  Case c("<startEvent id=\"s\"/>" + flow("f1", "s", "a") +
         "<userTask id=\"a\"/><boundaryEvent id=\"b\" attachedToRef=\"a\" "
         "cancelActivity=\"false\"><conditionalEventDefinition><condition " +
         kFormal + ">x &gt; 3</condition></conditionalEventDefinition></boundaryEvent>" + flow("f2", "b", "w") +
         "<userTask id=\"w\"/>" + flow("f3", "a", "e") + "<endEvent id=\"e\"/>");
  ASSERT_TRUE(c.start(object({{"x", num(1)}})));
  EXPECT_EQ(c.tasks(), "a");
  ASSERT_TRUE(c.simple(CommandType::set_variables, 0, {}, object({{"x", num(5)}})));
  EXPECT_EQ(c.tasks(), "a w");
  ASSERT_TRUE(c.simple(CommandType::set_variables, 0, {}, object({{"x", num(6)}})));
  EXPECT_EQ(c.tasks(), "a w");
  ASSERT_TRUE(c.simple(CommandType::set_variables, 0, {}, object({{"x", num(0)}})));
  ASSERT_TRUE(c.simple(CommandType::set_variables, 0, {}, object({{"x", num(9)}})));
  EXPECT_EQ(c.tasks(), "a w w");
}

TEST(BpmnSemantics, InclusiveJoinWaitsForWhatCanStillCome) {
  Case c("<startEvent id=\"s\"/>" + flow("f1", "s", "g") + "<inclusiveGateway id=\"g\"/>" + flow("f2", "g", "a", "true") +
         flow("f3", "g", "b", "x = 1") + flow("f4", "g", "c", "x = 2") +
         "<userTask id=\"a\"/><userTask id=\"b\"/><userTask id=\"c\"/>" + flow("f5", "a", "j") + flow("f6", "b", "j") +
         flow("f7", "c", "j") + "<inclusiveGateway id=\"j\"/>" + flow("f8", "j", "z") + "<userTask id=\"z\"/>");
  ASSERT_TRUE(c.start(object({{"x", num(1)}})));
  EXPECT_EQ(c.tasks(), "a b");
  ASSERT_TRUE(c.done("a"));
  EXPECT_EQ(c.tasks(), "b");
  ASSERT_TRUE(c.done("b"));
  EXPECT_EQ(c.tasks(), "z");
}

TEST(BpmnSemantics, JumpReevaluatesAWaitingInclusiveJoin) {
  Case c("<startEvent id=\"s\"/>" + flow("f1", "s", "g") + "<inclusiveGateway id=\"g\"/>" + flow("f2", "g", "a", "true") +
         flow("f3", "g", "b", "true") + "<userTask id=\"a\"/><userTask id=\"b\"/>" + flow("f5", "a", "j") + flow("f6", "b", "j") +
         "<inclusiveGateway id=\"j\"/>" + flow("f8", "j", "z") + "<userTask id=\"z\"/>" +
         "<userTask id=\"aside\"/><endEvent id=\"e\"/>" + flow("f9", "aside", "e") + flow("f10", "z", "aside"));
  ASSERT_TRUE(c.start());
  ASSERT_TRUE(c.done("a"));
  Command jump;
  jump.type = CommandType::jump;
  jump.id = c.task("b")->id;
  jump.node = "aside";
  ASSERT_TRUE(c.give(jump));
  EXPECT_EQ(c.tasks(), "aside z") << "nothing can reach the join any more, so it fires";
}

TEST(BpmnSemantics, SendBackInsideOneInstanceOrAll) {
  std::string const process = "<startEvent id=\"s\"/>" + flow("f1", "s", "sub") +
                              "<subProcess id=\"sub\"><multiInstanceLoopCharacteristics><loopCardinality " + kFormal +
                              ">3</loopCardinality></multiInstanceLoopCharacteristics><startEvent id=\"ss\"/>" +
                              flow("s1", "ss", "a") + "<userTask id=\"a\"/>" + flow("s2", "a", "b") + "<userTask id=\"b\"/>" +
                              flow("s3", "b", "se") + "<endEvent id=\"se\"/></subProcess>" + flow("f2", "sub", "e") +
                              "<endEvent id=\"e\"/>";
  Case c(process);
  ASSERT_TRUE(c.start());
  ASSERT_TRUE(c.done("a"));
  ASSERT_TRUE(c.done("a"));
  EXPECT_EQ(c.tasks(), "a b b");
  Case all = c;
  Command back;
  back.type = CommandType::send_back;
  back.id = c.task("b")->id;
  back.node = "a";
  ASSERT_TRUE(c.give(back));
  EXPECT_EQ(c.tasks(), "a b a");
  back.flag = true;
  ASSERT_TRUE(all.give(back));
  EXPECT_EQ(all.tasks(), "a a a");
}

TEST(BpmnSemantics, AdHocPartsAreStartedByHandAndEndByCondition) {
  Case c("<startEvent id=\"s\"/>" + flow("f1", "s", "ah") +
         "<adHocSubProcess id=\"ah\" ordering=\"Sequential\"><completionCondition " + kFormal +
         ">enough = true</completionCondition>" + "<userTask id=\"a\"/><userTask id=\"b\"/></adHocSubProcess>" +
         flow("f2", "ah", "e") + "<endEvent id=\"e\"/>");
  ASSERT_TRUE(c.start());
  EXPECT_EQ(c.tasks(), "a");
  ASSERT_TRUE(c.done("a"));
  EXPECT_EQ(c.tasks(), "b");
  ASSERT_TRUE(c.done("b"));
  EXPECT_FALSE(c.ended());
  Command more;
  more.type = CommandType::start_ad_hoc;
  more.id = c.state.elements.back().id;
  more.node = "a";
  ASSERT_TRUE(c.give(more)) << c.refusal->line();
  ASSERT_TRUE(c.done("a", "x", object({{"enough", json::Value::boolean(true)}})));
  EXPECT_TRUE(c.ended());
}

TEST(BpmnSemantics, CallsMappingsRulesAndLoops) {
  Case c("<startEvent id=\"s\"/>" + flow("f1", "s", "rule") +
             "<businessRuleTask id=\"rule\" yw:decision=\"small\" yw:result=\"ok\"/>" + flow("f2", "rule", "call") +
             "<callActivity id=\"call\" calledElement=\"q\"><extensionElements><yw:input source=\"amount + 1\" "
             "target=\"n\"/><yw:output source=\"n + 10\" target=\"total\"/></extensionElements></callActivity>" +
             flow("f3", "call", "loop") +
             "<scriptTask id=\"loop\"><standardLoopCharacteristics testBefore=\"true\"><loopCondition " + kFormal +
             ">i &lt; 3</loopCondition></standardLoopCharacteristics><script>i := i + 1</script></scriptTask>" +
             flow("f4", "loop", "z") + "<userTask id=\"z\"/>",
         "<process id=\"q\" isExecutable=\"true\"><startEvent id=\"qs\"/>" + flow("q1", "qs", "qt") + "<userTask id=\"qt\"/>" +
             flow("q2", "qt", "qe") + "<endEvent id=\"qe\"/></process>");
  ASSERT_TRUE(c.start(object({{"amount", num(7)}, {"i", num(0)}}))) << c.refusal->line();
  EXPECT_EQ(c.tasks(), "qt");
  EXPECT_EQ(c.variable("ok"), "true");
  ASSERT_TRUE(c.done("qt"));
  EXPECT_EQ(c.tasks(), "z");
  EXPECT_EQ(c.variable("total"), "18");
  EXPECT_EQ(c.variable("i"), "3");
}

TEST(BpmnSemantics, InstantiatedByMessageAndByParallelEvents) {
  std::string const messages = "<message id=\"m1\" name=\"one\"/><message id=\"m2\" name=\"two\"/>";
  Case c("<eventBasedGateway id=\"g\" instantiate=\"true\" eventGatewayType=\"Parallel\"/>" + flow("f1", "g", "a") +
             flow("f2", "g", "b") +
             "<intermediateCatchEvent id=\"a\"><messageEventDefinition "
             "messageRef=\"m1\"/></intermediateCatchEvent><intermediateCatchEvent id=\"b\"><messageEventDefinition "
             "messageRef=\"m2\"/></intermediateCatchEvent>" +
             flow("f3", "a", "ta") + flow("f4", "b", "tb") + "<userTask id=\"ta\"/><userTask id=\"tb\"/>",
         messages);
  auto const starts = triggered_by(*c.definition, "p", "two", false);
  ASSERT_EQ(starts.size(), 1u);
  ASSERT_TRUE(c.start({}, c.definition->nodes[starts.front()].id)) << c.refusal->line();
  EXPECT_EQ(c.tasks(), "tb");
  ASSERT_TRUE(c.simple(CommandType::correlate, 0, "one")) << c.refusal->line();
  EXPECT_EQ(c.tasks(), "tb ta");
  Case none("<receiveTask id=\"r\" messageRef=\"m1\" instantiate=\"true\"/>" + flow("f1", "r", "t") + "<userTask id=\"t\"/>",
            messages);
  EXPECT_FALSE(none.start());
  ASSERT_TRUE(none.start({}, "r"));
  EXPECT_EQ(none.tasks(), "t");
}

TEST(BpmnSemantics, EscalationsAndSignalsReachTheirListeners) {
  Case c("<startEvent id=\"s\"/>" + flow("f1", "s", "sub") + "<subProcess id=\"sub\"><startEvent id=\"ss\"/>" +
             flow("s1", "ss", "up") +
             "<intermediateThrowEvent id=\"up\"><escalationEventDefinition escalationRef=\"esc\"/></intermediateThrowEvent>" +
             flow("s2", "up", "a") + "<userTask id=\"a\"/>" +
             "<subProcess id=\"on\" triggeredByEvent=\"true\"><startEvent id=\"os\" "
             "isInterrupting=\"false\"><signalEventDefinition signalRef=\"sig\"/></startEvent>" +
             flow("o1", "os", "o") + "<userTask id=\"o\"/></subProcess></subProcess>" +
             "<boundaryEvent id=\"b\" attachedToRef=\"sub\" cancelActivity=\"false\"><escalationEventDefinition "
             "escalationRef=\"esc\"/></boundaryEvent>" +
             flow("f2", "b", "boss") + "<userTask id=\"boss\"/>",
         "<escalation id=\"esc\" escalationCode=\"LATE\"/><signal id=\"sig\" name=\"fire\"/>");
  ASSERT_TRUE(c.start());
  EXPECT_EQ(c.tasks(), "boss a");
  ASSERT_TRUE(c.simple(CommandType::signal, 0, "fire"));
  ASSERT_TRUE(c.simple(CommandType::signal, 0, "fire"));
  EXPECT_EQ(c.tasks(), "boss a o o");
}

TEST(BpmnSemantics, LimitsAndForeignExpressionsAreRefused) {
  SmallPorts ports;
  std::string const head =
      "<definitions xmlns=\"http://www.omg.org/spec/BPMN/20100524/MODEL\" targetNamespace=\"t\"><process id=\"p\" "
      "isExecutable=\"true\"><startEvent id=\"s\"/>";
  std::string const foreign =
      head + "<exclusiveGateway id=\"g\"/><userTask id=\"a\"/><userTask id=\"b\"/>" + flow("f1", "s", "g") +
      "<sequenceFlow id=\"f2\" sourceRef=\"g\" targetRef=\"a\"><conditionExpression>${x}</conditionExpression></sequenceFlow>" +
      flow("f3", "g", "b") + "</process></definitions>";
  EXPECT_FALSE(read(foreign).refused());
  auto const refused = deploy(foreign, "x.bpmn", &ports);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code(), ErrorCode::bpmn_foreign_expression);
  // A circle without a wait never settles: the command is refused, the state stays.
  Case loop("<startEvent id=\"s\"/>" + flow("f1", "s", "a") + "<task id=\"a\"/>" + flow("f2", "a", "b") + "<task id=\"b\"/>" +
            flow("f3", "b", "a"));
  EXPECT_FALSE(loop.start());
  EXPECT_EQ(loop.refusal->code(), ErrorCode::bpmn_limit);
  EXPECT_EQ(loop.state.status, InstanceStatus::none);
  for (char const* text : {"", "<a/>", "<definitions/>", "no xml",
                           "<definitions xmlns=\"http://www.omg.org/spec/BPMN/20100524/MODEL\"><process id=\"p\"><userTask "
                           "id=\"a\"/><sequenceFlow id=\"f\" sourceRef=\"a\" targetRef=\"zz\"/></process></definitions>"}) {
    EXPECT_TRUE(read(text).refused()) << text;
  }
}

TEST(BpmnSemantics, TextForPeople) {
  Case c("<startEvent id=\"s\"/>" + flow("f1", "s", "a") + "<userTask id=\"a\" name=\"受理\"/>" + flow("f2", "a", "e") +
         "<endEvent id=\"e\"/>");
  ASSERT_TRUE(c.start());
  std::string const zh = describe(*c.definition, c.state, Instant{c.now.us + 26 * 3600 * kMicrosPerSecond}, Language::zh_cn);
  EXPECT_NE(zh.find("正在 受理"), std::string::npos) << zh;
  EXPECT_NE(zh.find("1 天 2 小时"), std::string::npos) << zh;
  EXPECT_NE(describe(*c.definition, c.state, c.now, Language::en).find("at 受理"), std::string::npos);
}

TEST(BpmnSemantics, StoredStateOfOthersIsChecked) {
  Case c("<startEvent id=\"s\"/>" + flow("f1", "s", "a") + "<userTask id=\"a\"/>");
  ASSERT_TRUE(c.start());
  for (char const* text : {"", "{", "[]", R"({"elements":[{"id":2,"parent":9,"node":"a"}]})", R"({"status":"odd"})",
                           R"({"tasks":[{"id":1,"element":7,"node":"a"}]})", R"({"path":["nowhere"]})"}) {
    auto const state = read_state(*c.definition, text);
    EXPECT_TRUE(!state || state->elements.empty()) << text;
  }
}

/// Steps a second of a case of five user tasks, printed, with a floor far below what is measured.
TEST(BpmnSpeed, FiveTaskCase) {
  std::string process = "<startEvent id=\"s\"/>" + flow("f0", "s", "t1");
  for (int i = 1; i <= 5; ++i) {
    std::string const n = std::to_string(i);
    process += "<userTask id=\"t" + n + "\" name=\"步骤\"/>" + flow("f" + n, "t" + n, i == 5 ? "e" : "t" + std::to_string(i + 1));
  }
  Case c(process + "<endEvent id=\"e\"/>");
  auto const begin = std::chrono::steady_clock::now();
  std::int64_t steps = 0;
  SmallPorts ports;
  for (int round = 0; round < 4000; ++round) {
    State state;
    Command command;
    command.type = CommandType::start;
    command.by = "a";
    command.now = Instant{1};
    for (int step = 0; step < 6; ++step) {
      auto const events = decide(*c.definition, state, command, ports);
      ASSERT_TRUE(events);
      for (EventRecord const& event : *events) apply(*c.definition, state, event);
      ++steps;
      if (state.tasks.empty()) break;
      command = {};
      command.type = CommandType::complete_task;
      command.id = state.tasks.front().id;
      command.by = "b";
      command.now = Instant{2 + step};
    }
    ASSERT_EQ(state.status, InstanceStatus::completed);
  }
  double const seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  std::printf("decide+apply: %.0f steps/s\n", static_cast<double>(steps) / seconds);
  EXPECT_GT(static_cast<double>(steps) / seconds, 5'000.0);
}

}  // namespace
}  // namespace yiwang::bpmn::testing

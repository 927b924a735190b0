#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "yiwang/clock/json.hpp"
#include "yiwang/spine/deadline.hpp"
#include "yiwang/spine/process_ports.hpp"

using namespace yiwang;
using namespace yiwang::spine;

namespace {

std::string slurp(std::filesystem::path const& path) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream out;
  out << in.rdbuf();
  return out.str();
}

std::vector<Error> complaints(pack::FileSet files, std::shared_ptr<Release const>* out = nullptr) {
  pack::LoadResult loaded = pack::load(std::move(files));
  if (!loaded.errors.empty()) return loaded.errors;
  CompileResult compiled = compile(loaded.pack);
  if (out) *out = compiled.release;
  return compiled.errors;
}

std::shared_ptr<Release const> yunhai() {
  pack::FileSet files;
  std::filesystem::path root = std::filesystem::path(YW_SOURCE_DIR) / "packs/yunhai";
  for (auto const& e : std::filesystem::recursive_directory_iterator(root)) {
    if (e.is_regular_file()) files[std::filesystem::relative(e.path(), root).generic_string()] = slurp(e.path());
  }
  std::shared_ptr<Release const> release;
  auto errors = complaints(std::move(files), &release);
  for (Error const& e : errors) ADD_FAILURE() << e.line();
  return release;
}

Actor resident() {
  Actor a;
  a.role = Role::resident;
  a.id = uuid_v7(1, 1, 1);
  a.acts_for = SubjectId(a.id);
  a.name = "周晓芸";
  a.region_path = "/yunhai/wanghai/yintan";
  return a;
}
Actor clerk(std::string department, std::uint64_t n) {
  Actor a;
  a.role = Role::clerk;
  a.id = uuid_v7(2, 2, n);
  a.name = "林慧敏";
  a.department = std::move(department);
  a.region_path = "/yunhai";
  return a;
}

struct Case {
  std::shared_ptr<Release const> release = yunhai();
  CaseType const& type = *release->case_types.at("consultation");
  CaseState state;
  Instant now = parse_instant("2026-11-23T09:00:00+08:00").value();

  std::vector<Error> run(Command command, Actor const& actor, bool fresh = false) {
    ProcessPorts ports;
    Facts facts{now, release.get(), "ABCD2345", "number", actor.region_path, &ports, {}, {}};
    auto decision = decide(type, fresh ? nullptr : &state, command, actor, facts);
    for (Event const& e : decision.value) {
      // Stored and read again before it is applied, as in life.
      Event back = parse_event(to_text(e)).value();
      EXPECT_EQ(to_text(back), to_text(e));
      EXPECT_TRUE(apply(type, state, back).has_value());
    }
    return decision.errors;
  }
  std::vector<Error> submit() {
    Command c;
    c.kind = Command::Kind::submit;
    c.case_type = "consultation";
    c.input = json::parse(R"({"topic":"pension","question":"断缴两个月可以补吗？\n第二行","phone":"13800000000"})").value();
    return run(c, resident(), true);
  }
  std::vector<Error> act(std::string action, std::string input, Actor const& actor) {
    Command c;
    c.kind = Command::Kind::act;
    c.action = std::move(action);
    c.input = json::parse(input).value();
    return run(c, actor);
  }
};

}  // namespace

TEST(Packs, EveryFaultIsNamedWithItsPlace) {
  std::size_t cases = 0;
  for (auto const& entry : std::filesystem::directory_iterator(std::filesystem::path(YW_SOURCE_DIR) / "spec/packs-bad")) {
    if (entry.path().extension() != ".json") continue;
    ++cases;
    json::Value spec = json::parse(slurp(entry.path())).value();
    pack::FileSet files;
    for (auto const& [path, text] : spec.find("files")->members()) files[path] = text.text();
    auto errors = complaints(std::move(files));
    if (spec.find("must_say")->items().empty()) {
      EXPECT_TRUE(errors.empty()) << entry.path() << ": " << (errors.empty() ? "" : errors[0].line());
      continue;
    }
    std::string all;
    bool said = false;
    for (Error const& e : errors) {
      std::string line = e.line();
      all += line + "\n";
      bool every = true;
      for (json::Value const& word : spec.find("must_say")->items()) every = every && line.find(word.text()) != std::string::npos;
      said = said || every;
    }
    EXPECT_TRUE(said) << entry.path().filename() << " says:\n" << all;
  }
  EXPECT_GE(cases, 20u);
}

TEST(Casefile, WalksFromQuestionToRating) {
  Case c;
  ASSERT_TRUE(c.submit().empty());
  EXPECT_EQ(c.state.department, "social_ins");
  EXPECT_EQ(c.state.title, "断缴两个月可以补吗？");
  Actor one = clerk("social_ins", 1);
  ASSERT_TRUE(c.act("ask_back", R"({"ask":"请补充断缴月份"})", one).empty());
  EXPECT_EQ(c.state.status, CaseStatus::awaiting_applicant);
  EXPECT_EQ(c.act("answer", R"({"reply":"早了一步的答复"})", one)[0].code(), ErrorCode::spine_wrong_step);
  ASSERT_TRUE(c.act("supplement", R"({"more":"三月"})", resident()).empty());
  EXPECT_EQ(c.act("ask_back", R"({"ask":"再问一次可以吗"})", one)[0].code(), ErrorCode::spine_too_often);
  ASSERT_TRUE(c.act("answer", R"({"reply":"可以接着缴费"})", one).empty());
  EXPECT_EQ(c.state.rating, 0) << "nobody has rated yet: there is no default";
  ASSERT_TRUE(c.act("rate", R"({"grade":4})", resident()).empty());
  EXPECT_EQ(c.state.rating, 4);
  EXPECT_EQ(c.state.revision, 5u);
  EXPECT_EQ(state_text(parse_case_state(c.state.id, state_text(c.state)).value()), state_text(c.state));
}

TEST(Casefile, FactsRouteItAndStandInItsEvent) {
  Case c;
  Command submit;
  submit.kind = Command::Kind::submit;
  submit.case_type = "consultation";
  submit.input = json::parse(R"({"topic":"pension","question":"路上的井盖松了","phone":"13800000000"})").value();
  submit.facts = json::parse(R"({"unit":"transport","class":"road"})").value();
  ASSERT_TRUE(c.run(submit, resident(), true).empty());
  EXPECT_EQ(c.state.department, "transport") << "what the server found out goes before the choice of the form";
  Case unknown;
  submit.facts = json::parse(R"({"unit":"no_such_unit"})").value();
  ASSERT_TRUE(unknown.run(submit, resident(), true).empty());
  EXPECT_EQ(unknown.state.department, "social_ins");
}

TEST(Casefile, OthersAreRefused) {
  Case c;
  ASSERT_TRUE(c.submit().empty());
  Actor stranger = clerk("civil_affairs", 2), other = resident(), leader = clerk("social_ins", 3);
  other.id = uuid_v7(9, 9, 9);
  other.acts_for = SubjectId(other.id);
  leader.role = Role::leader;
  for (Actor const& a : {stranger, other, leader, Actor{}}) {
    auto errors = c.act("answer", R"({"reply":"不该由我答复"})", a);
    ASSERT_EQ(errors.size(), 1u);
    EXPECT_TRUE(errors[0].code() == ErrorCode::spine_forbidden || errors[0].code() == ErrorCode::spine_not_signed_in);
  }
  Command stale;
  stale.kind = Command::Kind::claim;
  stale.expected_revision = 7;
  EXPECT_EQ(c.run(stale, clerk("social_ins", 1))[0].code(), ErrorCode::spine_changed);
}

TEST(Casefile, TheSubjectsNameIsMaskedInTheEvent) {
  Case c;
  Command command;
  command.kind = Command::Kind::submit;
  command.input = json::parse(R"({"topic":"other","question":"五个字以上","phone":"13800000000"})").value();
  ProcessPorts ports;
  Facts facts{c.now, c.release.get(), "ABCD2345", "n", "", &ports, {}, {}};
  auto decision = decide(c.type, nullptr, command, resident(), facts);
  ASSERT_EQ(decision.value.size(), 1u);
  EXPECT_EQ(to_text(decision.value[0]).find("周晓芸"), std::string::npos);
}

TEST(Deadline, CountsWorkingDaysAndPauses) {
  Case c;
  auto table = clock::embedded_calendar().value();
  ASSERT_TRUE(c.submit().empty());  // Monday 23 November 2026
  auto d = deadline(c.type, c.state, table, c.now).value();
  ASSERT_TRUE(d.has_value());
  EXPECT_EQ(to_shanghai_string(*d->due), "2026-11-26T18:00:00+08:00");
  c.now = parse_instant("2026-11-24T10:00:00+08:00").value();
  ASSERT_TRUE(c.act("ask_back", R"({"ask":"请补充断缴月份"})", clerk("social_ins", 1)).empty());
  d = deadline(c.type, c.state, table, c.now).value();
  EXPECT_EQ(d->state, clock::State::paused);
  json::Value const& open = d->explain.items().back();
  EXPECT_EQ(open.find("kind")->text(), "open_pause");
  EXPECT_EQ(open.find("to"), nullptr) << "nobody knows how long";
  c.now = parse_instant("2026-11-30T10:00:00+08:00").value();
  ASSERT_TRUE(c.act("supplement", R"({"more":"三月"})", resident()).empty());
  d = deadline(c.type, c.state, table, c.now).value();
  EXPECT_EQ(to_shanghai_string(*d->due), "2026-12-02T18:00:00+08:00");
}

TEST(Authorisation, NobodyAndStrangersHaveNothingOfACase) {
  for (Permission const& p : permissions()) {
    if (p.role == Role::nobody) {
      EXPECT_TRUE(p.action == spine::Action::case_type_read || p.action == spine::Action::log_read) << to_string(p.action);
    }
    if (p.action == spine::Action::case_read) {
      EXPECT_EQ(p.relation & kAny, 0) << to_string(p.role) << ": no role reads every case";
    }
  }
}

// --- office operations on a process that is drawn: packs/yunhai/case_types/road_occupation

namespace {

struct Permit {
  std::shared_ptr<Release const> release = yunhai();
  CaseType const& type = *release->case_types.at("road_occupation");
  CaseState state;
  ProcessPorts ports;
  Instant now = parse_instant("2026-11-23T09:00:00+08:00").value();
  Actor firm = [] {
    Actor a = resident();
    a.role = Role::enterprise;
    a.scope = "consultation road_occupation";
    return a;
  }();
  Actor window = clerk("transport", 1), surveyor = clerk("transport", 2), police = clerk("police", 3), lead = [] {
    Actor a = clerk("gov_services", 4);
    a.role = Role::supervisor;
    return a;
  }();

  std::vector<Error> run(Command command, Actor const& actor) {
    Facts facts{now, release.get(), "ABCD2345", "number", actor.region_path, &ports, {}, {}};
    for (Actor const& a : {window, surveyor, police, lead}) facts.people[to_string(a.id)] = a;
    ports.set_now(now);
    auto decision = decide(type, command.kind == Command::Kind::submit ? nullptr : &state, command, actor, facts);
    for (Event const& e : decision.value) {
      Event back = parse_event(to_text(e)).value();
      EXPECT_TRUE(apply(type, state, back).has_value());
      // What is stored can be read again, head and process.
      CaseState read = parse_case_state(state.id, state_text(state)).value();
      EXPECT_TRUE(parse_process(type, process_text(type, state), read).has_value());
      EXPECT_EQ(state_text(read), state_text(state));
      EXPECT_EQ(json::write_canonical(json::parse(state_text(state)).value()), state_text(state));
      EXPECT_EQ(process_text(type, read), process_text(type, state));
    }
    return decision.errors;
  }
  void submit() {
    Command c;
    c.kind = Command::Kind::submit;
    c.input =
        json::parse(
            R"({"place":"葵滨大道 18 号门前","kind":"stage","area":20,"from":"2026-12-01","until":"2026-12-03","phone":"13800000000"})")
            .value();
    ASSERT_TRUE(run(c, firm).empty());
  }
  std::vector<Error> act(std::string action, std::string input, Actor const& actor) {
    Command c;
    c.kind = Command::Kind::act;
    c.action = std::move(action);
    c.input = json::parse(input).value();
    return run(c, actor);
  }
  std::vector<Error> operate(std::string operation, Actor const& actor, Command c = {}) {
    c.kind = Command::Kind::operate;
    c.action = std::move(operation);
    return run(c, actor);
  }
  std::vector<std::string> open() const {
    std::vector<std::string> out;
    for (OpenTask const& t : state.tasks) out.push_back(t.node + (t.kind.empty() ? "" : "/" + t.kind));
    std::sort(out.begin(), out.end());
    return out;
  }
};
using Names = std::vector<std::string>;

}  // namespace

TEST(Operations, AnAgentWhoseDelegationDoesNotCoverItIsRefused) {
  Permit p;
  p.firm.scope = "consultation road";
  Command c;
  c.kind = Command::Kind::submit;
  c.input =
      json::parse(
          R"({"place":"葵滨大道 18 号门前","kind":"stage","area":20,"from":"2026-12-01","until":"2026-12-03","phone":"13800000000"})")
          .value();
  EXPECT_EQ(p.run(c, p.firm)[0].code(), ErrorCode::spine_scope);
  p.firm.scope = "all";
  EXPECT_TRUE(p.run(c, p.firm).empty());
}

TEST(Operations, APermitFromApplicationToDecisionInParallelAndByFourEyes) {
  Permit p;
  p.submit();
  EXPECT_EQ(p.state.step, "accept");
  ASSERT_TRUE(p.act("accept", "{}", p.window).empty());
  EXPECT_EQ(p.open(), (Names{"police_view", "survey"}));
  // The police see their task and may read the case; another unit's clerk may not.
  EXPECT_NE(relations(p.police, p.state) & kAssigned, 0);
  EXPECT_EQ(relations(clerk("market", 9), p.state), kRegion);
  EXPECT_EQ(p.act("agree", "{}", p.window)[0].code(), ErrorCode::spine_forbidden);
  ASSERT_TRUE(p.act("agree", R"({"conditions":"夜间设灯"})", p.police).empty());
  EXPECT_EQ(relations(p.police, p.state), kTookPart | kRegion) << "who has given a view can still read the case";
  ASSERT_TRUE(p.act("surveyed", R"({"record":"现场宽六米","suitable":true})", p.surveyor).empty());
  EXPECT_EQ(p.open(), Names{"approve"});
  EXPECT_EQ(p.act("grant", "{}", p.window)[0].code(), ErrorCode::spine_forbidden);
  ASSERT_TRUE(p.act("grant", "{}", p.lead).empty());
  EXPECT_EQ(p.state.step, "granted");
  EXPECT_EQ(p.state.status, CaseStatus::concluded);
  EXPECT_TRUE(p.state.tasks.empty());
}

TEST(Operations, ACorrectionStopsTheClockAndTheTaskUntilTheApplicantAnswers) {
  Permit p;
  auto table = clock::embedded_calendar().value();
  p.submit();
  Command c;
  EXPECT_EQ(p.operate("request_correction", p.window, c)[0].code(), ErrorCode::bpmn_argument) << "what is missing must be said";
  c.reason = "缺交通疏导方案";
  EXPECT_EQ(p.operate("request_correction", p.police, c)[0].code(), ErrorCode::spine_forbidden);
  ASSERT_TRUE(p.operate("request_correction", p.window, c).empty());
  EXPECT_EQ(p.state.status, CaseStatus::awaiting_applicant);
  EXPECT_EQ(deadline(p.type, p.state, table, p.now).value()->state, clock::State::paused);
  EXPECT_EQ(p.act("accept", "{}", p.window)[0].code(), ErrorCode::bpmn_state);
  p.now = parse_instant("2026-11-30T09:00:00+08:00").value();
  ASSERT_TRUE(p.operate("submit_correction", p.firm).empty());
  EXPECT_EQ(p.state.status, CaseStatus::in_progress);
  EXPECT_EQ(deadline(p.type, p.state, table, p.now).value()->state, clock::State::running);
  ASSERT_TRUE(p.act("accept", "{}", p.window).empty());
}

TEST(Operations, SentBackHandedOverSuspendedAndTerminated) {
  Permit p;
  p.submit();
  ASSERT_TRUE(p.act("accept", "{}", p.window).empty());
  Command c;
  c.people = {to_string(p.surveyor.id)};
  for (OpenTask const& t : p.state.tasks) {
    if (t.node == "survey") c.task = t.id;
  }
  ASSERT_TRUE(p.operate("hand_over", p.window, c).empty());
  EXPECT_EQ(p.act("surveyed", R"({"record":"现场宽六米"})", p.window)[0].code(), ErrorCode::spine_assigned);
  c.people = {"019b76da-a800-7000-8000-000000000000"};
  EXPECT_EQ(p.operate("hand_over", p.surveyor, c)[0].code(), ErrorCode::spine_not_found) << "nobody by that id";
  // 退回 from one branch takes back what lies behind the target.
  Command back;
  back.task = c.task;
  back.node = "accept";
  EXPECT_EQ(p.operate("send_back", p.surveyor, back)[0].code(), ErrorCode::spine_field) << "with a reason";
  back.reason = "地址写错";
  ASSERT_TRUE(p.operate("send_back", p.surveyor, back).empty());
  EXPECT_EQ(p.open(), Names{"accept"});
  Command why;
  why.reason = "申请人请求暂缓";
  EXPECT_EQ(p.operate("suspend", p.window, why)[0].code(), ErrorCode::spine_forbidden);
  Actor chief = p.lead;
  chief.department = "transport";
  ASSERT_TRUE(p.operate("suspend", chief, why).empty());
  EXPECT_EQ(p.act("accept", "{}", p.window)[0].code(), ErrorCode::spine_wrong_step);
  ASSERT_TRUE(p.operate("resume", chief).empty());
  why.reason = "申请人已注销";
  ASSERT_TRUE(p.operate("terminate", chief, why).empty());
  EXPECT_EQ(p.state.step, kEndedEarly);
  EXPECT_EQ(p.state.status, CaseStatus::concluded);
}

TEST(Operations, TheTimerOfALateViewCallsTheSupervisor) {
  Permit p;
  p.submit();
  ASSERT_TRUE(p.act("accept", "{}", p.window).empty());
  ASSERT_EQ(p.state.process->timers.size(), 1u);
  bpmn::Timer const timer = p.state.process->timers[0];
  Command fire;
  fire.kind = Command::Kind::timer;
  fire.task = timer.id;
  EXPECT_FALSE(p.run(fire, Actor::system()).empty()) << "not before it is due";
  p.now = Instant{timer.due.us + 1};
  EXPECT_EQ(p.run(fire, p.lead)[0].code(), ErrorCode::spine_forbidden) << "only the machine fires timers";
  ASSERT_TRUE(p.run(fire, Actor::system()).empty());
  EXPECT_EQ(p.open(), (Names{"late_view", "police_view", "survey"}));
  EXPECT_FALSE(p.run(fire, Actor::system()).empty()) << "once";
  ASSERT_TRUE(p.act("asked", R"({"note":"已电话"})", p.lead).empty());
}

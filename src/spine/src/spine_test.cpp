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
    Facts facts{now, release.get(), "ABCD2345", "number", actor.region_path, &ports, {}};
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
  EXPECT_EQ(json::write(to_json(parse_case_state(c.state.id, json::write(to_json(c.state))).value())), json::write(to_json(c.state)));
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
  Facts facts{c.now, c.release.get(), "ABCD2345", "n", "", &ports, {}};
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
  EXPECT_EQ(deadline(c.type, c.state, table, c.now).value()->state, clock::State::paused);
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

// 超时: what happens by itself when a statutory clock runs out. A small pack of its own; the calendar is the real one.
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>

#include "yiwang/clock/json.hpp"
#include "yiwang/spine/deadline.hpp"
#include "yiwang/spine/process_ports.hpp"

using namespace yiwang;
using namespace yiwang::spine;

namespace {

char const* const kClock = R"(rule:
  id: note
  clocks:
  - id: answer
    kind: statutory
    amount: 5
    unit: workday
    start_on: [submitted]
    stop_on: [closed]
    extension: {max: 10, times: 1, by: [supervisor]}
events:
  submitted: {type: submitted}
  close: {type: closed}
  agree: {type: closed}
)";

pack::FileSet files(std::string const& time_outs, std::string const& clock = kClock) {
  return {{"pack.yaml", "id: tiny\ntitle: 小包\nversion: 1.0.0\nregion_code: \"990001\"\n"},
          {"regions/regions.yaml", "regions:\n- {id: tiny, name: 小区}\n"},
          {"organisations/organisations.yaml",
           "organisations:\n- {id: office, code: BG, name: 办公室, region: tiny}\n- {id: hall, code: DT, name: 大厅, region: "
           "tiny}\n"},
          {"case_types/note/case_type.yaml",
           "id: note\ntitle: 留言\nsummary: 留一句话\nversion: 1.0.0\ndepartment: office\ntitle_from: words\n"},
          {"case_types/note/form.yaml",
           "pages:\n- id: one\n  title: 写\n  fields:\n  - {id: words, type: text, label: 话, required: true}\n"},
          {"case_types/note/process.yaml",
           "initial: open\nsteps:\n  open:\n    title: 处理\n    performer: clerk\n    status: in_progress\n    actions:\n      "
           "close: {title: 办结, to: done}\n"
           "      agree: {title: 同意, to: agreed}\n  done: {title: 办结, performer: nobody, status: concluded}\n  agreed: "
           "{title: 已同意, performer: nobody, status: concluded}\n"},
          {"case_types/note/clock.yaml", clock + time_outs}};
}

std::vector<Error> compile_all(pack::FileSet set, std::shared_ptr<Release const>& release) {
  pack::LoadResult loaded = pack::load(std::move(set));
  if (!loaded.errors.empty()) return loaded.errors;
  CompileResult compiled = compile(loaded.pack);
  release = compiled.release;
  return compiled.errors;
}

Actor staff(Role role, std::string department, std::uint64_t n, std::string name) {
  Actor a;
  a.role = role;
  a.id = uuid_v7(2, 2, n);
  a.name = std::move(name);
  a.department = std::move(department);
  return a;
}

struct Note {
  std::shared_ptr<Release const> release;
  clock::DayTable calendar = clock::embedded_calendar().value();
  CaseState state;
  ProcessPorts ports;
  Instant now{};
  Actor resident, clerk = staff(Role::clerk, "office", 1, "林慧敏"), lead = staff(Role::supervisor, "office", 2, "梁志远");

  explicit Note(std::string const& time_outs) {
    for (Error const& e : compile_all(files(time_outs), release)) ADD_FAILURE() << e.line();
    resident.role = Role::resident;
    resident.id = uuid_v7(1, 1, 1);
    resident.acts_for = SubjectId(resident.id);
    at("2026-11-23T09:00:00");  // a Monday: due on Monday 30 November, 18:00
    Command submit;
    submit.kind = Command::Kind::submit;
    submit.input = json::parse(R"({"words":"路灯不亮"})").value();
    EXPECT_TRUE(run(submit, resident, {}).empty());
  }
  CaseType const& type() const { return *release->case_types.at("note"); }
  void at(std::string const& local) { now = parse_instant(local + "+08:00").value(); }
  CaseTimes times() const { return case_times(type(), state, calendar, now).value(); }
  std::string moment(std::size_t i) const { return to_shanghai_string(times().time_outs.at(i).at); }

  std::vector<Error> run(Command command, Actor const& actor, std::vector<DueRule> rules) {
    Facts facts{now, release.get(), "ABCD2345", "number", "", &ports, {}, std::move(rules)};
    for (Actor const& a : {clerk, lead}) facts.people[to_string(a.id)] = a;
    ports.set_now(now);
    auto decision = decide(type(), command.kind == Command::Kind::submit ? nullptr : &state, command, actor, facts);
    for (Event const& e : decision.value) {
      Event const back = parse_event(to_text(e)).value();
      EXPECT_TRUE(apply(type(), state, back).has_value());
      CaseState const read = parse_case_state(state.id, state_text(state)).value();
      EXPECT_EQ(state_text(read), state_text(state));
      last = back;
    }
    return decision.errors;
  }
  /// As the store does it: the rules whose moment has come and that have not acted for this due instant.
  std::size_t clock_strikes() {
    std::vector<DueRule> rules;
    for (TimeOutAt const& one : times().time_outs) {
      auto acted = state.timed_out.find(type().time_outs[one.rule].id);
      if (one.at.us <= now.us && (acted == state.timed_out.end() || acted->second.us != one.due.us))
        rules.push_back({one.rule, one.due, {clerk, lead}});
    }
    std::size_t const count = rules.size();
    Command command;
    command.kind = Command::Kind::time_out;
    if (count != 0) {
      EXPECT_TRUE(run(command, Actor::system(), std::move(rules)).empty());
    }
    return count;
  }
  std::vector<Error> operate(std::string operation, Actor const& actor, std::function<void(Command&)> fill) {
    Command c;
    c.kind = Command::Kind::operate;
    c.action = std::move(operation);
    fill(c);
    return run(c, actor, {});
  }
  Event last;
};

}  // namespace

TEST(TimeOut, TheMomentFollowsTheCalendar) {
  struct Row {
    char const *rule, *at;
  };
  // Due on Monday 30 November 2026 at 18:00.
  for (Row const& row :
       {Row{"left: 0, do: warn", "2026-11-30T00:00:00+08:00"}, Row{"left: 1, do: warn", "2026-11-27T00:00:00+08:00"},
        Row{"left: 2, do: warn", "2026-11-26T00:00:00+08:00"}, Row{"over: 1, do: warn", "2026-12-01T00:00:00+08:00"},
        Row{"over: 5, do: warn", "2026-12-07T00:00:00+08:00"}, Row{"do: warn", "2026-11-30T18:00:01+08:00"}}) {
    Note note(std::string("time_outs:\n- {id: a, ") + row.rule + "}\n");
    ASSERT_EQ(note.times().time_outs.size(), 1u) << row.rule;
    EXPECT_EQ(note.moment(0), row.at) << row.rule;
    // The clock itself agrees: at that moment it says so, and an instant before it does not.
    bool const left = std::string_view(row.rule).starts_with("left"), over = std::string_view(row.rule).starts_with("over");
    Instant const at = note.times().time_outs[0].at;
    std::int64_t const amount = left || over ? row.rule[6] - '0' : 0;
    auto standing = [&](Instant when) { return deadline(note.type(), note.state, note.calendar, when).value().value(); };
    if (left) {
      EXPECT_LE(*standing(at).left, amount) << row.rule;
      EXPECT_GT(*standing(Instant{at.us - 1}).left, amount) << row.rule;
    } else if (!over) {
      EXPECT_EQ(standing(at).state, clock::State::overdue);
      EXPECT_EQ(standing(Instant{at.us - kMicrosPerSecond}).state, clock::State::running);
    }
  }
}

TEST(TimeOut, WarnsThenLetsTheSuperiorReadAndThenReassigns) {
  Note note(
      "time_outs:\n- {id: soon, left: 1, do: warn}\n- {id: late, do: escalate, to: [supervisor]}\n- {id: very_late, over: 2, do: "
      "reassign, to: [clerk]}\n");
  Command claim;
  claim.kind = Command::Kind::claim;
  ASSERT_TRUE(note.run(claim, note.lead, {}).size() == 1);  // a supervisor does not take clerks' work
  EXPECT_EQ(note.clock_strikes(), 0u);
  note.at("2026-11-27T08:00:00");
  EXPECT_EQ(note.clock_strikes(), 1u);
  EXPECT_EQ(note.clock_strikes(), 0u) << "once for each due instant";
  EXPECT_EQ(note.last.type, "case.time_out");
  note.at("2026-11-30T18:00:00");
  EXPECT_EQ(note.clock_strikes(), 0u) << "on time is not late";
  note.at("2026-11-30T18:00:01");
  EXPECT_EQ(note.clock_strikes(), 1u);
  EXPECT_NE(std::find(note.state.took_part.begin(), note.state.took_part.end(), to_string(note.lead.id)),
            note.state.took_part.end());
  note.at("2026-12-02T09:00:00");
  EXPECT_EQ(note.clock_strikes(), 1u);
  ASSERT_EQ(note.state.tasks.size(), 1u);
  EXPECT_EQ(note.state.tasks[0].assignee, to_string(note.clerk.id));
  EXPECT_EQ(note.state.people.at(to_string(note.clerk.id)), "林慧敏");
}

TEST(TimeOut, ARuleDecidesInFavourAndTheCaseEnds) {
  Note note("time_outs:\n- {id: deemed, do: decide, data: {approved: true, action: agree}}\n");
  note.at("2026-12-01T00:00:00");
  EXPECT_EQ(note.clock_strikes(), 1u);
  EXPECT_EQ(note.state.status, CaseStatus::concluded);
  EXPECT_EQ(note.state.step, "agreed");
}

TEST(TimeOut, OnlyTheMachineSaysSo) {
  Note note("time_outs:\n- {id: deemed, do: decide, data: {approved: true, action: agree}}\n");
  note.at("2026-12-01T00:00:00");
  Command command;
  command.kind = Command::Kind::time_out;
  for (Actor const& actor : {note.clerk, note.lead, note.resident}) {
    auto errors = note.run(command, actor, {{0, note.times().time_outs[0].due, {}}});
    ASSERT_EQ(errors.size(), 1u);
    EXPECT_EQ(errors[0].code(), ErrorCode::spine_forbidden);
  }
  EXPECT_EQ(note.state.status, CaseStatus::in_progress);
}

TEST(TimeOut, MoreTimeMovesTheDayAndTheRulesActAgain) {
  Note note("time_outs:\n- {id: soon, left: 1, do: warn}\n");
  note.at("2026-11-27T09:00:00");
  EXPECT_EQ(note.clock_strikes(), 1u);
  Command claim;
  claim.kind = Command::Kind::claim;
  ASSERT_TRUE(note.run(claim, note.clerk, {}).empty());
  bpmn::Id const task = note.state.tasks[0].id;
  ASSERT_TRUE(note.operate("request_extension", note.clerk,
                           [&](Command& c) {
                             c.task = task, c.number = 10, c.reason = "需要现场核实", c.people = {to_string(note.lead.id)};
                           })
                  .empty());
  auto const asked =
      std::find_if(note.state.tasks.begin(), note.state.tasks.end(), [](OpenTask const& t) { return t.kind == "extension"; });
  ASSERT_NE(asked, note.state.tasks.end());
  ASSERT_TRUE(note.operate("decide_extension", note.lead, [&](Command& c) { c.task = asked->id, c.flag = true; }).empty());
  // Five working days and ten more: Monday 14 December 2026.
  EXPECT_EQ(to_shanghai_string(*note.times().due), "2026-12-14T18:00:00+08:00");
  EXPECT_EQ(note.moment(0), "2026-12-11T00:00:00+08:00");
  note.at("2026-12-11T09:00:00");
  EXPECT_EQ(note.clock_strikes(), 1u) << "for the new day again";
  // A clerk could not have granted it: the rule asks for a supervisor.
  note.state.clock.back().by = "clerk";
  EXPECT_FALSE(case_times(note.type(), note.state, note.calendar, note.now).has_value());
  note.state.clock.back().by = "supervisor";
  note.state.clock.back().amount = 11;
  EXPECT_FALSE(case_times(note.type(), note.state, note.calendar, note.now).has_value());
}

TEST(TimeOut, APackSaysWhatIsWrongWithARule) {
  struct Row {
    char const *rule, *says;
  };
  for (Row const& row : {Row{"{id: a, do: decide, data: {approved: false}}", "a refusal is a person's act"},
                         Row{"{id: a, do: decide}", "a refusal is a person's act"}, Row{"{id: a, do: escalate}", "to whom"},
                         Row{"{id: a, do: warn, clock: other}", "other"}, Row{"{id: a, do: warn, steps: [nowhere]}", "nowhere"},
                         Row{"{id: a, do: warn, to: [resident]}", "resident"},
                         Row{"{id: a, do: warn, to: [supervisor@nowhere]}", "supervisor@nowhere"},
                         Row{"{id: a, do: warn, left: 1, over: 1}", "both"}, Row{"{id: a, do: shout}", "time_outs[0].do"},
                         Row{"{id: a, do: warn}\n- {id: a, do: warn}", "a"}}) {
    std::shared_ptr<Release const> release;
    auto errors = compile_all(files(std::string("time_outs:\n- ") + row.rule + "\n"), release);
    ASSERT_FALSE(errors.empty()) << row.rule;
    EXPECT_NE(errors.front().line().find(row.says), std::string::npos) << errors.front().line();
    EXPECT_NE(errors.front().line().find("clock.yaml:"), std::string::npos) << errors.front().line();
  }
}

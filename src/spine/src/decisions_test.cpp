#include "yiwang/spine/decisions.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "yiwang/dmn/model.hpp"
#include "yiwang/dmn/replay.hpp"
#include "yiwang/spine/casefile.hpp"
#include "yiwang/spine/models_in_force.hpp"
#include "yiwang/spine/process_ports.hpp"

using namespace yiwang;
using namespace yiwang::spine;

namespace {

std::shared_ptr<Release const> yunhai() {
  pack::FileSet files;
  std::filesystem::path root = std::filesystem::path(YW_SOURCE_DIR) / "packs/yunhai";
  for (auto const& e : std::filesystem::recursive_directory_iterator(root)) {
    if (!e.is_regular_file()) continue;
    std::ifstream in(e.path(), std::ios::binary);
    files[std::filesystem::relative(e.path(), root).generic_string()] = std::string(std::istreambuf_iterator<char>(in), {});
  }
  return compile(pack::load(std::move(files)).pack).release;
}

constexpr char kForm[] = R"({"birth":"1941-03-02","since":"1988-01-01","care":"partial","alone":true,"phone":"13800000000"})";

struct Allowance : testing::Test {
  std::shared_ptr<Release const> release = yunhai();
  CaseType const& type = *release->case_types.at("elder_allowance");
  CaseDecision const& decision = *type.decision("grade");
  json::Value form = json::parse(kForm).value();
};

/// As it is read from the event that was stored.
json::Value stored(json::Value const& made) { return json::parse(json::write_canonical(made)).value(); }

Instant on(std::string const& day) { return parse_instant(day + "T09:00:00+08:00").value(); }

}  // namespace

TEST_F(Allowance, IsDecidedByTheVersionOfItsDay) {
  EXPECT_EQ(decision.at(parse_date("2023-12-31").value()), nullptr);
  EXPECT_EQ(decision.at(parse_date("2026-06-30").value())->file, "grade-2024.dmn");
  EXPECT_EQ(decision.at(parse_date("2026-07-01").value())->file, "grade-2026.dmn");
  auto old = stored(decide_case(decision, form, on("2026-06-30")).value()),
       current = stored(decide_case(decision, form, on("2026-11-22")).value());
  EXPECT_EQ(json::write_canonical(*old.find("output")), "{\"每月元\":250,\"符合条件\":true}");
  EXPECT_EQ(json::write_canonical(*current.find("output")), "{\"每月元\":320,\"符合条件\":true}");
  EXPECT_EQ(current.find("from")->text(), "2026-07-01");
  EXPECT_EQ(rules_of(*current.find("record")), (std::vector<std::string>{"月标准 4", "独居补贴 1"}));
  EXPECT_TRUE(decide_case(decision, form, on("2023-12-31")).value().is_null());
}

// What is stored as it was written must be what writing it canonically gives: other programs write it anew and compare.
TEST_F(Allowance, RecordIsWrittenCanonically) {
  for (char const* text : {kForm, R"({"birth":"1941-03-02","care":"a \"b\" \u0007 c","alone":null,"z":1.50})", "{}"}) {
    auto made = decide_case(decision, json::parse(text).value(), on("2026-11-22")).value();
    EXPECT_EQ(json::write_canonical(stored(made)), json::write_canonical(made));
  }
}

TEST_F(Allowance, IsAskedByAProcessInTheVersionOfItsDayToo) {
  auto asked = [&](char const* day) {
    std::vector<std::string> hashes;
    for (auto const& model : models_in_force(type, parse_date(day).value())) hashes.push_back(model->hash());
    return hashes;
  };
  ASSERT_EQ(type.models.size(), 2u);
  EXPECT_TRUE(asked("2023-12-31").empty());
  EXPECT_EQ(asked("2026-06-30"), std::vector{decision.at(parse_date("2026-06-30").value())->model->hash()});
  EXPECT_EQ(asked("2026-07-01"), std::vector{decision.at(parse_date("2026-07-01").value())->model->hash()});
  EXPECT_NE(asked("2026-06-30"), asked("2026-07-01"));
}

TEST_F(Allowance, StandsInTheEventsAndReplaysFromThem) {
  Actor actor;
  actor.role = Role::resident;
  actor.id = uuid_v7(1, 1, 1);
  actor.acts_for = SubjectId(actor.id);
  actor.name = "周晓芸";
  Command command;
  command.case_type = type.id;
  command.input = form;
  Instant now = on("2026-11-22");
  ProcessPorts ports;
  ports.set_now(now);
  auto made = decide(type, nullptr, command, actor, {now, release.get(), "ABCD2345", "number", "/yunhai", &ports, {}, {}});
  ASSERT_TRUE(made.errors.empty());
  ASSERT_EQ(made.value.size(), 2u);
  CaseState state;
  std::vector<std::string> records;
  for (Event const& event : made.value) {
    Event back = parse_event(to_text(event)).value();
    ASSERT_TRUE(apply(type, state, back));
    if (back.type != "case.decided") continue;
    EXPECT_EQ(back.actor.find("role")->text(), "system");
    records.push_back(json::write_canonical(*back.data.find("record")));
  }
  EXPECT_EQ(state.revision, 2u);
  EXPECT_EQ(state.step, type.initial);
  ASSERT_EQ(records.size(), 1u);
  for (auto backend : {dmn::Backend::scalar, dmn::Backend::columnar}) {
    auto report = dmn::replay_all(decision.versions[1].model, records, backend, decision_options(now)).value();
    EXPECT_TRUE(report.differences[0].empty()) << report.differences[0][0];
    auto other = dmn::replay_all(decision.versions[0].model, records, backend, decision_options(now)).value();
    ASSERT_FALSE(other.differences[0].empty());
    EXPECT_EQ(other.differences[0][0].find("the model has changed"), 0u);
  }
}

TEST_F(Allowance, IsTriedUnderOtherRules) {
  auto kept = stored(decide_case(decision, form, on("2026-11-22")).value());
  auto runner =
      dmn::JsonRunner::create(decision.versions[0].model, decision.decision, decision_options(on("2026-11-22"))).value();
  runner.set_explain(dmn::Explain::matched);
  auto trial = try_decision(runner, kept).value();
  EXPECT_FALSE(trial.same());
  EXPECT_EQ(trial.now, "{\"每月元\":250,\"符合条件\":true}");
  EXPECT_EQ(trial.now_rules[0], "月标准 3");
  EXPECT_EQ(trial.inputs.find("出生日期")->text(), "1941-03-02");
  EXPECT_FALSE(try_decision(runner, json::Value::object()));
}

// Forms that follow what is filled in: conditions, computed values and checks of forms of the invented district.
#include "yiwang/spine/forms.hpp"

#include <gtest/gtest.h>

#include <array>

namespace yiwang::spine {
namespace {

Date const kToday = parse_date("2026-11-22").value();

CompileResult compiled(std::string const& file = {}, std::string const& from = {}, std::string const& to = {}) {
  pack::FileSet set = pack::read_folder(YW_SOURCE_DIR "/packs/yunhai").value();
  if (!file.empty()) {
    std::string& text = set.at(file);
    auto const at = text.find(from);
    EXPECT_NE(at, std::string::npos) << from;
    text.replace(at, from.size(), to);
  }
  pack::LoadResult loaded = pack::load(std::move(set));
  EXPECT_TRUE(loaded.errors.empty()) << loaded.errors.front().line();
  return compile(loaded.pack);
}

CaseType const& type(std::string const& id) {
  static auto const release = compiled().release;
  return *release->case_types.at(id);
}

json::Value input(char const* text) { return json::parse(text).value(); }

TEST(FormRules, AComputedValueIsWorkedOutWhateverWasSent) {
  FormView const view = follow_form(type("outdoor_advertising"), input(R"({"width":6,"height":4,"size":1})"), kToday);
  ASSERT_NE(view.computed.find("size"), nullptr);
  EXPECT_EQ(view.computed.find("size")->text(), "24");
  json::Value out;
  auto const faults =
      check_form(type("outdoor_advertising"),
                 input(R"({"position":"a1","content":"公益广告","width":6,"height":4,"size":1,"phone":"13800000000"})"),
                 shanghai_midnight(kToday), out);
  EXPECT_TRUE(faults.empty()) << faults.front().line();
  EXPECT_EQ(out.find("size")->text(), "24");
}

TEST(FormRules, AComputedValueOfWhatIsMissingIsNothingAndNoFault) {
  FormView const view = follow_form(type("outdoor_advertising"), input("{}"), kToday);
  EXPECT_TRUE(view.faults.empty());
  EXPECT_TRUE(view.computed.find("size") == nullptr || view.computed.find("size")->is_null());
}

TEST(FormRules, ACheckThatDoesNotHoldNamesItsField) {
  FormView const view = follow_form(type("outdoor_advertising"), input(R"({"width":0,"height":4})"), kToday);
  ASSERT_EQ(view.faults.size(), 1u);
  EXPECT_NE(view.faults.front().line().find("大于零"), std::string::npos) << view.faults.front().line();
  json::Value out;
  auto const faults = check_form(type("outdoor_advertising"),
                                 input(R"({"position":"a1","content":"公益广告","width":0,"height":4,"phone":"13800000000"})"),
                                 shanghai_midnight(kToday), out);
  EXPECT_EQ(faults.size(), 1u);
}

TEST(FormRules, WhatIsNotAskedIsLeftOutAlsoWhenItWasSent) {
  CaseType const& t = type("birth_household_entry");
  FormView const alone = follow_form(t, input(R"({"parents":"single"})"), kToday),
                 married = follow_form(t, input(R"({"parents":"married"})"), kToday);
  EXPECT_TRUE(alone.hidden.contains("other_parent"));
  EXPECT_FALSE(married.hidden.contains("other_parent"));
  json::Value out;
  static_cast<void>(check_form(t, input(R"({"parents":"single","other_parent":"赵立新"})"), shanghai_midnight(kToday), out));
  EXPECT_TRUE(out.kind() != json::Kind::object || out.find("other_parent") == nullptr);
}

TEST(FormRules, AnExpressionSeesOnlyTheFieldsBeforeIt) {
  auto const result = compiled("case_types/outdoor_advertising/form.yaml", "check: {that: width > 0", "check: {that: height > 0");
  ASSERT_FALSE(result.release);
  std::string const line = result.errors.front().line();
  EXPECT_NE(line.find("height"), std::string::npos) << line;
  EXPECT_NE(line.find("form.yaml"), std::string::npos) << line;
}

TEST(ActionRules, LookAtWhatIsFilledInAndAtTheForm) {
  StepAction const& reviewed = *type("food_licence_new").step("review")->find("reviewed");
  ASSERT_NE(reviewed.rules, nullptr);
  auto faults = [&](char const* given, char const* form) {
    std::string out;
    for (Error const& e : reviewed.rules->faults(input(given), input(form), kToday, "/input")) out += e.place().path + " ";
    return out;
  };
  EXPECT_EQ(faults(R"({"view":"grant"})", R"({"trade":"catering"})"), "/input/inspectors ");
  EXPECT_EQ(faults(R"({"view":"grant","inspectors":"甲、甲"})", R"({"trade":"catering","way":"promise"})"), "/input/inspectors ");
  EXPECT_EQ(faults(R"({"view":"grant","inspectors":"甲，乙"})", R"({"trade":"catering"})"), "");
  EXPECT_EQ(faults(R"({"view":"refuse"})", R"({"trade":"catering"})"), "");
  EXPECT_EQ(faults(R"({"view":"grant"})", R"({"trade":"retail","way":"promise"})"), "");
  EXPECT_EQ(faults(R"({"view":"grant","inspectors":"甲、乙"})", R"({"assessment":["00"]})"), "/input/experts /input/concerned ");
  EXPECT_EQ(type("food_licence_renewal").step("review")->find("reviewed")->rules, nullptr);
}

TEST(ActionRules, AreRefusedWithFileLineAndCure) {
  std::string const file = "case_types/temporary_relief/process.yaml";
  for (auto const& [from, to, says] : {std::array<std::string, 3>{"field: amount, that", "field: sum, that", "sum"},
                                       std::array<std::string, 3>{"amount > 0 and", "amounts > 0 and", "amounts"}}) {
    auto const result = compiled(file, from, to);
    ASSERT_FALSE(result.release) << to;
    std::string const line = result.errors.front().line();
    EXPECT_NE(line.find(says), std::string::npos) << line;
    EXPECT_NE(line.find("process.yaml"), std::string::npos) << line;
  }
  auto const clock = compiled("case_types/temporary_relief/clock.yaml", "types: {no: ", "types: {never: ");
  ASSERT_FALSE(clock.release);
  EXPECT_NE(clock.errors.front().line().find("never"), std::string::npos) << clock.errors.front().line();
}

TEST(FormRules, AFormWithoutExpressionsHasNoRules) { EXPECT_EQ(type("hazchem_licence").form_rules, nullptr); }

}  // namespace
}  // namespace yiwang::spine

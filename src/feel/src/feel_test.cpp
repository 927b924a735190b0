#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "yiwang/feel/compile.hpp"
#include "yiwang/feel/expression.hpp"

namespace yiwang::feel {
namespace {

// README example.
Result<bool> may_apply(std::int64_t age, std::string_view district) {
  YW_ASSIGN(auto rule, Expression::compile("年龄 >= 60 and 户籍 地区 in (\"云海\", \"临港\")", {{"年龄"}, {"户籍 地区"}}));
  Value inputs[] = {Value::number(age), Value::string(district)};
  return rule.evaluate(inputs).value.is_true();
}

TEST(Readme, Example) {
  EXPECT_TRUE(may_apply(61, "云海").value());
  EXPECT_FALSE(may_apply(59, "云海").value());
}

std::string run(std::string_view text, EvaluateOptions const& options = {}) {
  auto expression = Expression::compile(text);
  if (!expression) return "error " + std::string(to_string(expression.error().code()));
  return to_string(expression->evaluate({}, options).value);
}

/// Cases as data: `expression => result`, one a line, in spec/feel.
TEST(Feel, SpecCases) {
  std::filesystem::path folder = std::filesystem::path(YW_SOURCE_DIR) / "spec/feel";
  int count = 0;
  for (auto const& entry : std::filesystem::directory_iterator(folder)) {
    if (entry.path().extension() != ".cases") continue;
    std::ifstream in(entry.path());
    std::string line;
    int number = 0;
    while (std::getline(in, line)) {
      ++number;
      if (line.empty() || line[0] == '#') continue;
      auto arrow = line.rfind(" => ");
      ASSERT_NE(arrow, std::string::npos) << entry.path() << ":" << number;
      EXPECT_EQ(run(line.substr(0, arrow)), line.substr(arrow + 4)) << entry.path().filename() << ":" << number << ": " << line;
      ++count;
    }
  }
  EXPECT_GT(count, 100);
}

TEST(Feel, NullsCarryReasons) {
  auto outcome = Expression::compile("1 / 0").value().evaluate();
  EXPECT_TRUE(outcome.value.is_null());
  EXPECT_NE(outcome.reason().find("divided by zero"), std::string::npos);
  EXPECT_NE(Expression::compile("(1 / 0) + 2").value().evaluate().reason().find("divided by zero"), std::string::npos);
  EXPECT_NE(Expression::compile("[1][2]").value().evaluate().reason().find("outside a list"), std::string::npos);
  EXPECT_EQ(Expression::compile("null").value().evaluate().reason(), "");
}

TEST(Feel, RefusalsSayWhereAndHow) {
  auto error = Expression::compile("1 +\n  abc").error();
  EXPECT_EQ(error.code(), ErrorCode::feel_unknown_name);
  EXPECT_EQ(error.place().line, 2u);
  EXPECT_EQ(error.place().column, 3u);
  EXPECT_EQ(Expression::compile("if true then 1").error().code(), ErrorCode::feel_syntax);
  EXPECT_EQ(Expression::compile("1 instance of foo").error().code(), ErrorCode::feel_unknown_type);
  EXPECT_EQ(Expression::compile(std::string(5000, '(')).error().code(), ErrorCode::feel_limit);
  EXPECT_EQ(Expression::compile("\"\xff\"").error().code(), ErrorCode::base_utf8);
}

TEST(Feel, LimitsEndEveryEvaluation) {
  EvaluateOptions options;
  options.limits.steps = 100'000;
  for (auto text : {"for i in 1..1000000000 return i", "for i in 1..100000, j in 1..100000 return i",
                    "count(for i in -999999999..999999999 return [i])"}) {
    auto outcome = Expression::compile(text).value().evaluate({}, options);
    EXPECT_TRUE(outcome.stopped) << text;
    EXPECT_TRUE(outcome.value.is_null()) << text;
  }
  // Values inside values, one level a round, would break the stack that follows them.
  for (auto text : {"count(for i in 1..1000000 return [partial[-1]])", "count(for i in 1..100000 return {a: partial[-1]})",
                    "count(for i in 1..100000 return function(x) partial[-1])"}) {
    EXPECT_TRUE(Expression::compile(text).value().evaluate({}, options).value.is_null()) << text;
  }
  // Found by fuzzing: `partial` was copied for every round.
  EXPECT_EQ(run("(for i in 1..200000 return if i = 1 then 1 else 1 + partial[-1])[-1]"), "200000");
  EXPECT_EQ(run("(for i in 1..3 return for j in 1..2 return i * 10 + j + count(partial))[-1]"), "[31, 33]");
  EXPECT_EQ(run("for i in 1..3 return partial"), "[[], [[]], [[], [[]]]]");
  options.limits.steps = 100'000;
  EXPECT_TRUE(Expression::compile("for i in 1..100000 return [1, partial][1]").value().evaluate({}, options).value.is_null());
  // A pattern with exponential backtracking ends at its own limit.
  options.limits.steps = 1'000'000;
  auto outcome = Expression::compile("matches(\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!\", \"(a|aa)*\\1b\")")
                     .value()
                     .evaluate({}, options);
  EXPECT_TRUE(outcome.value.is_null() || outcome.value.is_false());
}

TEST(Feel, UnaryTests) {
  auto tests = Expression::compile_tests("[18..60), > 99, not_there", {{"not_there"}}).value();
  EXPECT_TRUE(tests.test(Value::number(18)));
  EXPECT_FALSE(tests.test(Value::number(60)));
  EXPECT_TRUE(tests.test(Value::number(100)));
  EXPECT_TRUE(Expression::compile_tests("-").value().test(Value::null()));
  EXPECT_TRUE(Expression::compile_tests("not(\"a\", \"b\")").value().test(Value::string("c")));
  EXPECT_TRUE(Expression::compile_tests("starts with(?, \"云\")").value().test(Value::string("云海")));
  EXPECT_TRUE(Expression::compile_tests("? > 2 and ? < 5").value().test(Value::number(3)));
}

/// Found by fuzzing: each `in (` was read twice, so that forty of them took 2⁴⁰ steps.
TEST(Feel, NestedTestsAreReadOnce) {
  std::string open, close;
  for (int i = 0; i < 40; ++i) {
    open += "1 in (a, (";
    close += "))";
  }
  EXPECT_FALSE(Expression::compile(open, {{"a"}}));
  EXPECT_TRUE(Expression::compile(open + "2" + close, {{"a"}}));
}

TEST(Feel, NamesAreMatchedLongestFirst) {
  auto value = [](std::string_view text, std::vector<Variable> names) {
    std::vector<Value> values;
    for (std::size_t i = 0; i < names.size(); ++i) values.push_back(Value::number(static_cast<std::int64_t>(i + 1)));
    auto expression = Expression::compile(text, names);
    return expression ? to_string(expression->evaluate(values).value) : expression.error().line();
  };
  EXPECT_EQ(value("a - b", {{"a"}, {"b"}, {"a - b"}}), "3");
  EXPECT_EQ(value("a-b", {{"a"}, {"b"}, {"a - b"}}), "3");
  EXPECT_EQ(value("a -b", {{"a"}, {"b"}}), "-1");
  EXPECT_EQ(value("date and time", {{"date"}, {"date and time"}}), "2");
  EXPECT_EQ(value("收入合计 + 收入", {{"收入"}, {"收入合计"}}), "3");
  EXPECT_EQ(value("first  name + 1", {{"first name"}}), "2");
}

TEST(Feel, NowIsGivenByTheCaller) {
  EvaluateOptions options;
  EXPECT_EQ(run("today()", options), "null");
  options.has_now = true;
  options.now_us = 1'763'800'000'000'000;
  options.now_offset_s = 8 * 3600;
  EXPECT_EQ(run("now()", options), "2025-11-22T16:26:40+08:00");
  EXPECT_EQ(run("today()", options), "2025-11-22");
}

TEST(Feel, ValuesFreezeAndShare) {
  Value list = Value::list({Value::string("甲"), Value::number(1)});
  list.freeze();
  Value copy = list;
  copy.items_for_write().push_back(Value::boolean(true));
  EXPECT_EQ(to_string(list), "[\"甲\", 1]");
  EXPECT_EQ(to_string(copy), "[\"甲\", 1, true]");
}

TEST(Zones, RefuseBrokenData) {
  EXPECT_FALSE(ZoneRules::parse_tzif(""));
  EXPECT_FALSE(ZoneRules::parse_tzif(std::string("TZif2") + std::string(60, '\x7f')));
}

}  // namespace
}  // namespace yiwang::feel

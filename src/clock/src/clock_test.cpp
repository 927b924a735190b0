#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "yiwang/clock/json.hpp"

namespace yiwang::clock {
namespace {

namespace bj = boost::json;

DayTable const& table() {
  static DayTable const value = *embedded_calendar();
  return value;
}

// The example of README.md.
Result<Instant> twenty_working_days(DayTable const& days, Instant accepted) {
  Case input;
  input.calendar.table = &days;
  ClockRule decision;
  decision.id = "decision";
  decision.amount = 20;
  decision.start_on = {"accept"};
  decision.stop_on = {"grant", "refuse"};
  input.rule.versions.push_back({"1", {}, {}, {decision}});
  Event accept;
  accept.at = accepted;
  accept.type = "accept";
  input.events.push_back(accept);
  YW_ASSIGN(Outcome outcome, evaluate(input));
  auto const& clock = outcome.clocks.front();
  if (!clock.due_at) return fail(ErrorCode::clock_calendar_file, {{"why", "no decree"}});
  return *clock.due_at;
}

TEST(Clock, ReadmeExample) {
  auto const due = twenty_working_days(table(), *parse_time("2026-03-02T10:00:00"));
  ASSERT_TRUE(due);
  EXPECT_EQ(to_shanghai_string(*due), "2026-03-30T18:00:00+08:00");
}

TEST(Clock, GoldenCases) {
  std::size_t count = 0;
  for (auto const& entry : std::filesystem::directory_iterator(YW_SOURCE_DIR "/spec/clock")) {
    std::ifstream file(entry.path());
    std::stringstream text;
    text << file.rdbuf();
    bj::value const root = bj::parse(text.str());
    for (bj::value const& item : root.as_object().at("cases").as_array()) {
      bj::object input = item.as_object();
      bj::value const expect = input["expect"];
      input.erase("expect");
      bj::value const got = bj::parse(eval_line(bj::serialize(input), table()));
      EXPECT_EQ(got, expect) << entry.path().filename() << " " << bj::serialize(input["id"]);
      ++count;
    }
  }
  EXPECT_GE(count, 498u);
}

TEST(Clock, RefusesWhatIsNotACase) {
  EXPECT_EQ(eval_line("{", table()), R"({"id":null,"ok":false,"error":{"code":"E_FORMAT"}})");
  EXPECT_EQ(eval_line("[1]", table()), R"({"id":null,"ok":false,"error":{"code":"E_FORMAT"}})");
  EXPECT_EQ(eval_line(R"({"id":"a"})", table()), R"({"id":"a","ok":false,"error":{"code":"E_FORMAT"}})");
  EXPECT_EQ(eval_line(std::string(100'000, '['), table()), R"({"id":null,"ok":false,"error":{"code":"E_FORMAT"}})");
}

TEST(Clock, TimesOfTheModel) {
  EXPECT_EQ(to_shanghai_string(*parse_time("2026-03-01")), "2026-03-01T00:00:00+08:00");
  EXPECT_EQ(to_shanghai_string(*parse_time("2026-03-01T23:30Z")), "2026-03-02T07:30:00+08:00");
  EXPECT_EQ(to_shanghai_string(*parse_time("2026-03-01T01:02:03-05:30")), "2026-03-01T14:32:03+08:00");
  for (char const* bad : {"", "2026-02-29", "2026-03-01T24:00", "2026-03-01T10", "2026-03-01 10:00", "2026-03-01T10:00+8",
                          "2026-03-01T10:00:60", "2026-13-01", "0000-01-01", "2026-03-01Z"}) {
    EXPECT_FALSE(parse_time(bad)) << bad;
  }
}

TEST(Clock, ExplainsInBothLanguages) {
  std::string const input =
      R"({"id":1,"calendar":{"base":"cn"},"rule":{"id":"R","clocks":[{"id":"d","kind":"statutory","amount":3,"unit":"workday",)"
      R"("start_on":["a"],"stop_on":["b"]}]},"events":[{"at":"2026-04-03T10:00","type":"a"}],"asks":[]})";
  auto const zh = explain_line(input, table(), Language::zh_cn);
  auto const en = explain_line(input, table(), Language::en);
  ASSERT_TRUE(zh && en);
  EXPECT_NE(zh->find("清明节"), std::string::npos);
  EXPECT_NE(zh->find("计时中"), std::string::npos);
  EXPECT_NE(en->find("holiday, not counted"), std::string::npos);
}

}  // namespace
}  // namespace yiwang::clock

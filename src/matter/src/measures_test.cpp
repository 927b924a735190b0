// Figures of the district's own definitions over applications that are written out here, as they stood on several days.
#include "yiwang/matter/measures.hpp"

#include <gtest/gtest.h>

namespace yiwang::matter {
namespace {

constexpr std::int64_t kDay = kMicrosPerDay;

Measures::Loaded load(pack::FileSet set) {
  pack::LoadResult loaded = pack::load(std::move(set));
  if (!loaded.errors.empty()) return {nullptr, std::move(loaded.errors)};
  return Measures::load(loaded.pack);
}
pack::FileSet files() { return pack::read_folder(YW_SOURCE_DIR "/packs/yunhai").value(); }

/// Two of market: one rated good, one rated bad, answered on day 20 of 25 and appealed; one of health, decided and not rated; one
/// open.
std::vector<Course> courses() {
  Course good{"food", "market", "granted", true, 1 * kDay, 1 * kDay, 2 * kDay, 0, 0, 0, 0, 1, false};
  Course bad{"food",    "market",  "refused", false,     2 * kDay, 5 * kDay, 6 * kDay,
             25 * kDay, 20 * kDay, 22 * kDay, 24 * kDay, 5,        true};
  Course silent{"hygiene", "health", "granted", false, 3 * kDay, 8 * kDay, 0, 0, 0, 0, 0, 0, false};
  Course open{"hygiene", "health", "open", false, 4 * kDay, 0, 0, 0, 0, 0, 0, 0, false};
  good.asked = 5, good.known = 5, good.sheets = 4;                           // nothing was typed
  silent.asked = 10, silent.known = 4, silent.typed = 6, silent.sheets = 2;  // the others are of before it was counted
  return {good, bad, silent, open};
}

std::pair<std::int64_t, std::int64_t> figure(std::string const& id, std::int64_t until, std::string_view unit = {}) {
  static auto const measures = load(files()).measures;
  for (MeasureFigure const& f : measures->figures(courses(), Instant{0}, Instant{until * kDay}, unit)) {
    if (f.id == id) return {f.count, f.of};
  }
  ADD_FAILURE() << "no measure " << id;
  return {-1, -1};
}
using P = std::pair<std::int64_t, std::int64_t>;

TEST(Measures, NoAnswerIsNeverGoodAndTheUnansweredAreCountedApart) {
  EXPECT_EQ(figure("reach", 30), P(2, 3));
  EXPECT_EQ(figure("good_rate", 30), P(1, 2));
  EXPECT_EQ(figure("unrated", 30).first, 1);
  EXPECT_EQ(figure("bad", 30).first, 1);
}

TEST(Measures, AddUpWhatEachApplicationHas) {
  EXPECT_EQ(figure("prefilled", 30), P(9, 15));
  EXPECT_EQ(figure("prefilled", 30, "health"), P(4, 10));
  EXPECT_EQ(figure("nothing_typed", 30), P(1, 2));
  EXPECT_EQ(figure("sheets_saved", 30).first, 6);
  EXPECT_EQ(figure("sheets_saved", 2).first, 4);  // as of that day
  EXPECT_EQ(figure("prefilled", 1), P(0, 0));
}

TEST(Measures, AsTheyStoodOnAPastDay) {
  EXPECT_EQ(figure("rateable", 4).first, 1);  // the others were not decided yet
  EXPECT_EQ(figure("reach", 6), P(1, 2));     // the bad rating came later
  EXPECT_EQ(figure("bad", 6).first, 0);
  EXPECT_EQ(figure("answer_rate", 20), P(0, 0));  // not due and not answered: in neither part
  EXPECT_EQ(figure("answer_rate", 21), P(1, 1));  // answered before it was due
  EXPECT_EQ(figure("appeals", 21).first, 0);
  EXPECT_EQ(figure("appeals", 23).first, 1);
  EXPECT_EQ(figure("redress_rate", 23), P(0, 1));
  EXPECT_EQ(figure("redress_rate", 25), P(1, 1));
}

TEST(Measures, CoverageCountsMattersAndUnitsNotApplications) {
  EXPECT_EQ(figure("coverage", 30), P(1, 2));
  EXPECT_EQ(figure("unit_coverage", 30), P(1, 2));
  EXPECT_EQ(figure("coverage", 30, "market"), P(1, 1));
  EXPECT_EQ(figure("by_rules", 30), P(1, 3));
}

TEST(Measures, OnlyApplicationsOfThePeriod) {
  static auto const measures = load(files()).measures;
  for (MeasureFigure const& f : measures->figures(courses(), Instant{3 * kDay}, Instant{30 * kDay}, {})) {
    if (f.id == "rateable") {
      EXPECT_EQ(f.count, 1);
    }
  }
}

TEST(Measures, ADefinitionThatDoesNotCompileIsNamedWithItsPlace) {
  pack::FileSet set = files();
  std::string& text = set.at("matters/measures.yaml");
  text.replace(text.find("grade <= 3"), 10, "stars <= 3");
  auto const loaded = load(std::move(set));
  ASSERT_FALSE(loaded.measures);
  ASSERT_FALSE(loaded.errors.empty());
  std::string const line = loaded.errors.front().line();
  EXPECT_NE(line.find("stars"), std::string::npos) << line;
  EXPECT_NE(line.find("matters/measures.yaml"), std::string::npos) << line;
}

TEST(Measures, APackWithoutDefinitionsHasNone) {
  pack::FileSet set = files();
  set.erase("matters/measures.yaml");
  auto const loaded = load(std::move(set));
  ASSERT_TRUE(loaded.measures);
  EXPECT_TRUE(loaded.measures->figures(courses(), Instant{0}, Instant{30 * kDay}, {}).empty());
}

}  // namespace
}  // namespace yiwang::matter

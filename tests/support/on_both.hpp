#pragma once
// What the tests of the store stand on: a database of its own for each, SQLite or (YW_TEST_POSTGRES set) PostgreSQL, and a
// running command path.

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>

#include "district.hpp"
#include "yiwang/store/commands.hpp"
#include "yiwang/store/session.hpp"

namespace yiwang::test {
using namespace store;

/// A database of its own for each test, emptied first.
class OnBoth : public testing::TestWithParam<Dialect> {
 protected:
  void SetUp() override {
    if (GetParam() == Dialect::postgres) {
      char const* given = std::getenv("YW_TEST_POSTGRES");
      if (given == nullptr) GTEST_SKIP() << "YW_TEST_POSTGRES is not set";
      url = DatabaseUrl::parse(given).value();
      auto session = open_session(url, {.writer = true}).value();
      ASSERT_TRUE(session->script("DROP SCHEMA public CASCADE; CREATE SCHEMA public").has_value());
    } else {
      folder = std::filesystem::temp_directory_path() / fmt::format("yw-store-{}-{}", ::getpid(), ++number);
      std::filesystem::create_directories(folder);
      url = {Dialect::sqlite, (folder / "t.db").string()};
    }
  }
  void TearDown() override {
    if (!folder.empty()) std::filesystem::remove_all(folder);
  }
  DatabaseUrl url;
  std::filesystem::path folder;
  static inline int number = 0;
};
/// For INSTANTIATE_TEST_SUITE_P.
inline auto both() { return testing::Values(Dialect::sqlite, Dialect::postgres); }
inline std::string name_of_dialect(testing::TestParamInfo<Dialect> const& i) {
  return i.param == Dialect::sqlite ? "Sqlite" : "Postgres";
}

inline Blob b(std::string_view bytes) { return Blob{bytes}; }

/// A running command path on one database.
struct Spine {
  SteppingClock clock;
  SeededIds ids{5};
  std::unique_ptr<Database> database;
  Definitions definitions;
  std::unique_ptr<CommandService> commands;
  Spine(DatabaseUrl const& url, DatabaseOptions options = {}) {
    database = Database::open(url, options, clock.now()).value();
    EXPECT_TRUE(release_pack(*database, definitions, District::get().files, District::get().release, clock.now()).has_value());
    auto random = [r = std::make_shared<Random>(9)](unsigned char* out, std::size_t n) {
      for (std::size_t i = 0; i < n; ++i) out[i] = static_cast<unsigned char>(r->next());
    };
    commands = std::make_unique<CommandService>(
        *database, definitions, clock, ids, render_code,
        [](spine::CaseType const&, spine::CaseState const&) -> Result<spine::CaseTimes> { return spine::CaseTimes{}; }, random);
  }
};

}  // namespace yiwang::test

#include "gathered_log.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <map>
#include <random>

namespace yiwang::store {
namespace {

struct Connection {
  sqlite3* db = nullptr;
  Connection(std::string const& file, std::string const& vfs) {
    EXPECT_EQ(sqlite3_open_v2(file.c_str(), &db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, vfs.empty() ? nullptr : vfs.c_str()),
              SQLITE_OK);
  }
  Connection(Connection const&) = delete;
  ~Connection() { EXPECT_EQ(sqlite3_close(db), SQLITE_OK); }
  void run(std::string const& sql) {
    char* why = nullptr;
    EXPECT_EQ(sqlite3_exec(db, sql.c_str(), nullptr, nullptr, &why), SQLITE_OK) << sql << ": " << (why ? why : "");
    sqlite3_free(why);
  }
  std::map<int, std::string> rows() {
    std::map<int, std::string> out;
    auto each = [](void* to, int, char** column, char**) {
      (*static_cast<std::map<int, std::string>*>(to))[std::stoi(column[0])] = column[1];
      return 0;
    };
    EXPECT_EQ(sqlite3_exec(db, "SELECT id, text FROM t", each, &out, nullptr), SQLITE_OK);
    return out;
  }
  std::string word(char const* sql) {
    std::string out;
    auto each = [](void* to, int, char** column, char**) { return *static_cast<std::string*>(to) = column[0], 0; };
    EXPECT_EQ(sqlite3_exec(db, sql, each, &out, nullptr), SQLITE_OK);
    return out;
  }
};

class GatheredLogTest : public testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = (std::filesystem::temp_directory_path() / "yw-log-XXXXXX").string();
    ASSERT_NE(mkdtemp(pattern.data()), nullptr);
    folder_ = pattern;
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }
  std::string file() const { return folder_ + "/t.db"; }
  std::string folder_;
};

// Transactions larger than the cache write pages that they read again and overwrite in the log, and may be taken back. A reader
// that knows nothing of the gathering sees each commit when it has returned, and nothing else.
TEST_F(GatheredLogTest, ReadersSeeWhatIsCommittedWhateverTheTransactionsDo) {
  std::mt19937 random(20261122);
  auto below = [&](unsigned n) { return static_cast<int>(random() % n); };
  GatheredLog log("");
  ASSERT_FALSE(log.name().empty());
  for (char const* synchronous : {"NORMAL", "FULL"}) {
    Connection writer(file(), log.name());
    writer.run("PRAGMA journal_mode=WAL; PRAGMA cache_size=8; PRAGMA wal_autocheckpoint=300");
    writer.run(std::string("PRAGMA synchronous=") + synchronous);
    writer.run("CREATE TABLE IF NOT EXISTS t (id INTEGER PRIMARY KEY, text TEXT NOT NULL)");
    Connection reader(file(), "");
    std::map<int, std::string> committed = reader.rows();
    for (int round = 0; round < 60; ++round) {
      std::map<int, std::string> under_way = committed;
      writer.run("BEGIN IMMEDIATE");
      for (int n = 1 + below(round % 5 == 0 ? 600 : 20); n > 0; --n) {
        int const id = below(500);
        std::string const text(static_cast<std::size_t>(1 + below(2000)), static_cast<char>('a' + below(26)));
        writer.run("INSERT OR REPLACE INTO t VALUES (" + std::to_string(id) + ", '" + text + "')");
        under_way[id] = text;
      }
      EXPECT_EQ(writer.rows(), under_way);
      EXPECT_EQ(reader.rows(), committed);
      if (below(4) == 0) {
        writer.run("ROLLBACK");
      } else {
        writer.run("COMMIT");
        committed = std::move(under_way);
      }
      ASSERT_EQ(reader.rows(), committed) << "round " << round << ", synchronous=" << synchronous;
      if (below(20) == 0) writer.run("PRAGMA wal_checkpoint(TRUNCATE)");
    }
    EXPECT_EQ(reader.word("PRAGMA integrity_check"), "ok");
  }
}

TEST_F(GatheredLogTest, AVfsThatIsNotThereHasNoName) { EXPECT_EQ(GatheredLog("no such VFS").name(), ""); }

}  // namespace
}  // namespace yiwang::store

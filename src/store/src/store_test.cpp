#include <gtest/gtest.h>

#include <atomic>
#include <filesystem>

#include "queries.hpp"
#include "yiwang/store/database.hpp"

using namespace yiwang;
using namespace yiwang::store;

namespace {

struct Folder {
  std::filesystem::path path;
  Folder()
      : path(std::filesystem::temp_directory_path() /
             ("yw-store-" + std::to_string(::getpid()) + "-" + std::to_string(++number))) {
    std::filesystem::create_directories(path);
  }
  ~Folder() { std::filesystem::remove_all(path); }
  DatabaseUrl url() const { return {Dialect::sqlite, (path / "t.db").string()}; }
  static inline int number = 0;
};

std::string const kSalt(16, 's');

}  // namespace

TEST(Database, AFailedCommandLeavesNothingAndDoesNotTouchItsNeighbours) {
  Folder folder;
  auto database = Database::open(folder.url(), {}, Instant{1}).value();
  IdBytes good = uuid_v7(1, 1, 1), bad = uuid_v7(2, 2, 2);
  std::atomic<int> done = 0, refused = 0;
  for (std::uint64_t i = 0; i < 50; ++i) {
    database->submit([&, i](Writer& w) { return w.append_event(good, i, "t", Instant{1}, "{}", kSalt); },
                     [&](Status s) { done += s.has_value(); });
    database->submit(
        [&, i](Writer& w) -> Status {
          YW_TRY(w.append_event(bad, i, "t", Instant{1}, "{}", kSalt));
          return fail(ErrorCode::store_conflict);
        },
        [&](Status s) { refused += !s.has_value(); });
  }
  database->stop();
  EXPECT_EQ(done, 50);
  EXPECT_EQ(refused, 50);
  EXPECT_EQ(database->log_size(), 50u);
}

TEST(Database, TheLogIsTheSameTreeAfterAnySizeOfBatchAndARestart) {
  Folder folder;
  std::vector<Digest> leaves;
  IdBytes id = uuid_v7(1, 1, 1);
  for (int run = 0; run < 3; ++run) {
    auto database = Database::open(folder.url(), {}, Instant{1}).value();
    EXPECT_EQ(database->log_size(), leaves.size());
    for (int i = 0; i < 300; ++i) {
      std::uint64_t n = leaves.size();
      ASSERT_TRUE(database->execute([&](Writer& w) { return w.append_event(id, n, "t", Instant{7}, "{}", kSalt); }).has_value());
      leaves.push_back(evidence::leaf_hash(
          HashKind::sm3, evidence::leaf_entry({id, n, Instant{7}}, evidence::payload_hash(HashKind::sm3, kSalt, "{}"))));
    }
    std::function<Digest(std::size_t, std::size_t)> slow = [&](std::size_t from, std::size_t n) -> Digest {
      if (n == 1) return leaves[from];
      std::size_t k = 1;
      while (k * 2 < n) k *= 2;
      return evidence::node_hash(HashKind::sm3, slow(from, k), slow(from + k, n - k));
    };
    Digest root = database->log_root(leaves.size()).value();
    EXPECT_EQ(root, slow(0, leaves.size()));
    for (std::uint64_t index : {std::uint64_t{0}, std::uint64_t{255}, std::uint64_t{256}, std::uint64_t{leaves.size() - 1}}) {
      EXPECT_TRUE(evidence::verify_inclusion(HashKind::sm3, leaves[index % leaves.size()], index % leaves.size(), leaves.size(),
                                             database->inclusion(index % leaves.size(), leaves.size()).value(), root));
    }
  }
}

TEST(Database, ASecondWriterIsRefused) {
  Folder folder;
  auto database = Database::open(folder.url(), {}, Instant{1}).value();
  auto second = Database::open(folder.url(), {}, Instant{1});
  ASSERT_FALSE(second.has_value());
  EXPECT_EQ(second.error().code(), ErrorCode::store_in_use);
}

TEST(Database, AFullQueueSaysSoAtOnceAndAStoppedOneToo) {
  Folder folder;
  DatabaseOptions options;
  options.queue_max = 4;
  auto database = Database::open(folder.url(), options, Instant{1}).value();
  std::mutex gate;
  gate.lock();
  std::atomic<int> busy = 0, ok = 0;
  auto count = [&](Status s) { (s ? ok : busy) += 1; };
  database->submit(
      [&](Writer&) -> Status {
        std::lock_guard wait(gate);
        return {};
      },
      count);
  std::this_thread::sleep_for(std::chrono::milliseconds(100));
  for (int i = 0; i < 10; ++i) database->submit([](Writer&) -> Status { return {}; }, count);
  EXPECT_EQ(busy, 6);
  gate.unlock();
  database->stop();
  EXPECT_EQ(ok, 5);
  Status late;
  database->submit([](Writer&) -> Status { return {}; }, [&](Status s) { late = std::move(s); });
  EXPECT_EQ(late.error().code(), ErrorCode::store_stopping);
}

TEST(Database, ManyThreadsAtOnceLoseNothing) {
  Folder folder;
  auto database = Database::open(folder.url(), {}, Instant{1}).value();
  std::vector<std::thread> threads;
  std::atomic<int> ok = 0;
  for (std::uint64_t t = 0; t < 8; ++t) {
    threads.emplace_back([&, t] {
      for (std::uint64_t i = 0; i < 40; ++i) {
        ok += database->execute([&](Writer& w) { return w.append_event(uuid_v7(5, 5, t), i, "t", Instant{1}, "{}", kSalt); })
                  .has_value();
        if (i % 10 == 0) static_cast<void>(database->log_root(database->log_size()));
      }
    });
  }
  for (auto& t : threads) t.join();
  EXPECT_EQ(ok, 320);
  EXPECT_EQ(database->log_size(), 320u);
}

TEST(Migrations, ApplyOnceAndRefuseWhatTheyDoNotKnow) {
  Folder folder;
  auto session = open_session(folder.url(), {.writer = true}).value();
  ASSERT_TRUE(migrate(*session, 1).has_value());
  ASSERT_TRUE(migrate(*session, 2).has_value());
  ASSERT_TRUE(session->run(queries::migration_insert, {"9999_from_the_future", "x", 3}).has_value());
  EXPECT_EQ(migrate(*session, 4).error().code(), ErrorCode::store_migration);
}

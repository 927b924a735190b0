// Batches that are decided while the one before is being written: what they see, and what becomes of them when that one fails.

#include <gtest/gtest.h>

#include <atomic>
#include <filesystem>
#include <future>

#include "gate.hpp"
#include "plan.hpp"
#include "queries.hpp"

using namespace yiwang;
using namespace yiwang::store;

namespace {

std::string id16(int n) {
  std::string out(16, '\0');
  out[15] = static_cast<char>(n & 255);
  out[14] = static_cast<char>(n >> 8);
  return out;
}

/// Commands that wait until all of them are queued, so that they are batches of a known size.
struct Ahead : testing::Test {
  std::filesystem::path folder = std::filesystem::temp_directory_path() / ("yw-ahead-" + std::to_string(::getpid()));
  std::unique_ptr<Database> database;
  std::optional<test::Gate> gate;
  std::atomic<int> ok = 0, refused = 0;

  void SetUp() override {
    std::filesystem::remove_all(folder);
    std::filesystem::create_directories(folder);
    DatabaseOptions options;
    options.batch_max = 8;
    database = Database::open(url(), options, Instant{1}).value();
    gate.emplace(*database);
  }
  void TearDown() override {
    gate.reset();
    database.reset();
    std::filesystem::remove_all(folder);
  }
  DatabaseUrl url() const { return {Dialect::sqlite, (folder / "t.db").string()}; }
  void queue(int n, Work work) {
    database->submit(std::move(work), [&](Status s) { (s ? ok : refused) += 1; }, {{&queries::case_state, {{true, id16(n)}}}});
  }
  void go() {
    gate->open();
    database->stop();
  }
  std::int64_t events_of(IdBytes const& aggregate) {
    auto session = open_session(url(), {}).value();
    return events(*session, aggregate).value();
  }
  static Result<std::int64_t> events(Session& session, IdBytes const& aggregate) {
    return session.run(queries::event_list, {Blob{{reinterpret_cast<char const*>(aggregate.data()), aggregate.size()}}});
  }
};

constexpr IdBytes kGood{1}, kBad{2};

/// Statements to be written later.
Status write_row(Writer& w, IdBytes const& aggregate, int n) {
  YW_TRY(w.session().run(queries::visibility_insert, {Blob{id16(n)}, n, Blob{id16(n)}}));
  return w.append_event(aggregate, static_cast<std::uint64_t>(n), "t", Instant{1}, "{}", std::string(16, 's'));
}

}  // namespace

TEST(Plan, WhatIsReadByKeyIsWrittenOnlyByStatementsThatSayTheRow) {
  for (Query const* query : queries::kAll) {
    if (!query->later || is_read(*query)) continue;
    std::string_view const table = written_table(query->sqlite);
    EXPECT_FALSE(table.empty()) << query->name;
    if (table == "casefile") {
      EXPECT_TRUE(query == &queries::case_insert || query == &queries::case_update) << query->name;
    }
    if (table == "idempotency") {
      EXPECT_TRUE(query == &queries::idempotency_insert) << query->name;
    }
    if (table == "matter_open") {
      EXPECT_TRUE(query == &queries::matter_open_insert) << query->name;
    }
    if (table == "certificate") {
      // What is superseded is so together with the insert of what takes its place, which is the row that is read; a signature
      // changes nothing of what is looked for or read.
      EXPECT_TRUE(query == &queries::certificate_insert || query == &queries::certificate_supersede ||
                  query == &queries::certificate_sign)
          << query->name;
    }
  }
}

TEST_F(Ahead, BatchesFollowEachOtherAndTheLogIsWhole) {
  for (int n = 0; n < 100; ++n) queue(n, [&, n](Writer& w) { return write_row(w, kGood, n); });
  go();
  EXPECT_EQ(ok, 100);
  EXPECT_EQ(events_of(kGood), 100);
  EXPECT_EQ(database->log_size(), 100u);
  EXPECT_GT(database->counters().ahead, 80u);
  EXPECT_EQ(database->counters().repeated, 0u);
}

TEST_F(Ahead, ACommandSeesWhatIsUnderWay) {
  std::vector<std::int64_t> seen(40, -1);
  for (int n = 0; n < 40; ++n) {
    queue(n, [&, n](Writer& w) -> Status {
      if (n % 5 == 0) {
        YW_ASSIGN(seen[static_cast<std::size_t>(n)], events(w.session(), kGood));
      }
      return write_row(w, kGood, n);
    });
  }
  go();
  EXPECT_EQ(ok, 40);
  for (int n = 0; n < 40; n += 5) EXPECT_EQ(seen[static_cast<std::size_t>(n)], n);
}

TEST_F(Ahead, ARowUnderWayIsReadAsItWillBe) {
  std::string const actor = id16(7000), hash(32, 'h');
  std::vector<std::string> seen(64);
  for (int n = 0; n < 64; ++n) {
    queue(n, [&, n](Writer& w) -> Status {
      std::string const key = std::to_string(n / 2);
      YW_TRY(w.session().run(queries::idempotency_get, {Blob{actor}, key}, [&](Row const& row) {
        seen[static_cast<std::size_t>(n)] = row.string(2) + std::to_string(row.integer(1)) + std::string(row.bytes(0));
      }));
      if (n % 2 == 0) {
        YW_TRY(w.session().run(queries::idempotency_insert, {Blob{actor}, key, Blob{hash}, 201, "reply " + key, 1}));
      }
      return {};
    });
  }
  go();
  for (int n = 0; n < 64; ++n)
    EXPECT_EQ(seen[static_cast<std::size_t>(n)], n % 2 == 0 ? "" : "reply " + std::to_string(n / 2) + "201" + hash);
}

TEST_F(Ahead, WorkOfTheHouseGoesWithTheCommands) {
  for (int n = 0; n < 40; ++n) queue(n, [&, n](Writer& w) { return write_row(w, kGood, n); });
  auto good = std::async(std::launch::async,
                         [&] { return database->execute_ahead([](Writer& w) { return write_row(w, kGood, 40); }).has_value(); });
  auto bad = std::async(std::launch::async, [&] {
    Status done = database->execute_ahead([](Writer& w) -> Status {
      YW_TRY(write_row(w, kBad, 41));
      return fail(ErrorCode::store_delivery, {{"why", "no"}});
    });
    return !done && done.error().code() == ErrorCode::store_delivery;
  });
  while (database->counters().waiting < 42) std::this_thread::yield();
  for (int n = 50; n < 90; ++n) queue(n, [&, n](Writer& w) { return write_row(w, kGood, n); });
  go();
  EXPECT_TRUE(good.get() && bad.get());
  EXPECT_EQ(events_of(kGood), 81);
  EXPECT_EQ(events_of(kBad), 0);
  EXPECT_EQ(database->counters().ahead, 82u) << "nothing had to be written before others were decided";
}

TEST_F(Ahead, AFailedCommandTakesOnlyItsOwnRowsWithIt) {
  for (int n = 0; n < 60; ++n) {
    queue(n, [&, n](Writer& w) -> Status {
      YW_TRY(write_row(w, n % 3 == 0 ? kBad : kGood, n));
      if (n % 6 == 0) {
        // It has gone to the database: all of its batch runs again.
        YW_TRY(w.session().run(queries::setting_put, {"bad", "1"}));
      }
      if (n % 3 == 0) return fail(ErrorCode::store_conflict);
      return {};
    });
  }
  go();
  EXPECT_EQ(ok, 40);
  EXPECT_EQ(refused, 20);
  EXPECT_EQ(events_of(kGood), 40);
  EXPECT_EQ(events_of(kBad), 0);
  EXPECT_EQ(database->log_size(), 40u);
}

TEST_F(Ahead, WhatWasDecidedOnABatchThatCouldNotBeWrittenIsDecidedAgain) {
  std::vector<int> runs(80);
  std::vector<std::string> replies(80);
  std::string const actor = id16(7002), hash(32, 'h');
  for (int n = 0; n < 80; ++n) {
    queue(n, [&, n](Writer& w) -> Status {
      ++runs[static_cast<std::size_t>(n)];
      replies[static_cast<std::size_t>(n)].clear();
      // What every command says depends on the one eight before it.
      if (n >= 8) {
        YW_TRY(w.session().run(queries::idempotency_get, {Blob{actor}, std::to_string(n - 8)},
                               [&](Row const& row) { replies[static_cast<std::size_t>(n)] = row.string(2); }));
      }
      // Two of one batch claim the same: only the writing thread finds out.
      if (n == 19 || n == 21) {
        YW_ASSIGN(std::int64_t const claimed, w.session().run(queries::claim_insert, {"kind", "same", Blob{id16(n)}}));
        if (claimed != 1) return fail(ErrorCode::store_conflict);
      }
      YW_TRY(write_row(w, kGood, n));
      YW_TRY(w.session().run(queries::idempotency_insert, {Blob{actor}, std::to_string(n), Blob{hash}, 200,
                                                           replies[static_cast<std::size_t>(n)] + "/" + std::to_string(n), 1}));
      return {};
    });
  }
  go();
  EXPECT_EQ(ok, 79);
  EXPECT_EQ(refused, 1);
  EXPECT_EQ(events_of(kGood), 79);
  EXPECT_EQ(database->log_size(), 79u);
  EXPECT_EQ(runs[20], 2);  // of the batch that failed
  EXPECT_EQ(replies[27], "/3/11/19");
  EXPECT_EQ(replies[29], "") << "the one that was refused left nothing";
  EXPECT_EQ(replies[37], "/29");
}

TEST_F(Ahead, WhatWaitsForTheWriterIsWrittenTogether) {
  std::unique_ptr<Session> other;
  for (int n = 0; n < 40; ++n) {
    queue(n, [&, n](Writer& w) -> Status {
      if (n == 0) {
        YW_ASSIGN(other, open_session(url(), {}));
        YW_TRY(other->script("PRAGMA query_only=OFF"));
        YW_TRY(other->begin());  // nobody else can write now
      }
      if (n == 32) {
        YW_TRY(other->rollback());
      }
      return write_row(w, kGood, n);
    });
  }
  go();
  EXPECT_EQ(ok, 40);
  EXPECT_EQ(events_of(kGood), 40);
  EXPECT_EQ(database->log_size(), 40u);
  EXPECT_EQ(database->counters().repeated, 0u);
  EXPECT_LE(database->counters().commits, 4u);  // before, the first batch, three that waited, perhaps the last by itself
}

TEST_F(Ahead, AloneAndAheadKeepTheirOrder) {
  std::vector<std::int64_t> seen;
  for (int n = 0; n < 30; ++n) {
    queue(n, [&, n](Writer& w) { return write_row(w, kGood, n); });
    if (n % 7 != 0) continue;
    database->submit(
        [&](Writer& w) -> Status {
          YW_ASSIGN(std::int64_t const rows, events(w.session(), kGood));
          seen.push_back(rows);
          return {};
        },
        [](Status) {});
  }
  go();
  EXPECT_EQ(seen, (std::vector<std::int64_t>{1, 8, 15, 22, 29}));
}

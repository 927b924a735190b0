// The limit of a durable command on SQLite: one thread, WAL, synchronous=FULL, group commit, and for each command the six rows
// that finishing one task costs, with 16-byte keys and instances picked uniformly. No logic, no JSON, no hashing.

#include <sqlite3.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>

#include "district.hpp"
#include "probe.hpp"

namespace yiwang::bench {
namespace {

struct Probe {
  sqlite3* db = nullptr;
  test::Random random{1};

  sqlite3_stmt* prepare(char const* sql) {
    sqlite3_stmt* s = nullptr;
    if (sqlite3_prepare_v3(db, sql, -1, SQLITE_PREPARE_PERSISTENT, &s, nullptr) != SQLITE_OK) stop(sql);
    return s;
  }
  void exec(char const* sql) {
    if (sqlite3_exec(db, sql, nullptr, nullptr, nullptr) != SQLITE_OK) stop(sql);
  }
  [[noreturn]] void stop(char const* what) {
    std::fprintf(stderr, "%s: %s\n", what, sqlite3_errmsg(db));
    std::exit(1);
  }
  static IdBytes key(std::uint64_t n) { return uuid_v7(static_cast<std::int64_t>(n), 0, n * 0x9E3779B97F4A7C15ULL); }
  static void bind(sqlite3_stmt* s, int i, IdBytes const& id) { sqlite3_bind_blob(s, i, id.data(), 16, SQLITE_TRANSIENT); }
  static void bind(sqlite3_stmt* s, int i, std::string const& text) {
    sqlite3_bind_text(s, i, text.data(), static_cast<int>(text.size()), SQLITE_STATIC);
  }
  void step(sqlite3_stmt* s) {
    if (sqlite3_step(s) != SQLITE_DONE) stop(sqlite3_sql(s));
    sqlite3_reset(s);
  }
};

}  // namespace

double raw_probe(std::string const& file, int batch, double seconds, ProbeData const& data) {
  std::uint64_t const instances = data.instances;
  std::string const state(data.state, 'x'), body(data.event, 'x'), reply(data.reply, 'x');
  // Rows of over about 1,000 bytes are for plain tables, as in our own schema.
  std::string const table = data.state > 900 || data.event > 900 ? "" : " WITHOUT ROWID";
  Probe p;
  for (char const* suffix : {"", "-wal", "-shm"}) std::remove((file + suffix).c_str());
  if (sqlite3_open(file.c_str(), &p.db) != SQLITE_OK) p.stop("open");
  p.exec("PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA cache_size=-65536; PRAGMA wal_autocheckpoint=16000");
  p.exec(("CREATE TABLE instance(id BLOB PRIMARY KEY, rev INTEGER NOT NULL, state TEXT NOT NULL)" + table).c_str());
  p.exec(("CREATE TABLE event(inst BLOB NOT NULL, rev INTEGER NOT NULL, kind INTEGER NOT NULL, at INTEGER NOT NULL, body TEXT "
          "NOT NULL, PRIMARY KEY(inst, rev))" +
          table)
             .c_str());
  p.exec(
      "CREATE TABLE task(inst BLOB NOT NULL, no INTEGER NOT NULL, unit TEXT NOT NULL, status INTEGER NOT NULL, due INTEGER NOT "
      "NULL, PRIMARY KEY(inst, no)) WITHOUT ROWID");
  p.exec("CREATE INDEX task_open ON task(unit, due) WHERE status = 0");
  p.exec("CREATE TABLE idem(actor BLOB NOT NULL, k BLOB NOT NULL, reply TEXT NOT NULL, PRIMARY KEY(actor, k)) WITHOUT ROWID");
  auto* begin = p.prepare("BEGIN IMMEDIATE");
  auto* commit = p.prepare("COMMIT");
  auto* idem = p.prepare("INSERT INTO idem VALUES(?1, ?2, ?3)");
  auto* close = p.prepare("UPDATE task SET status = 1 WHERE inst = ?1 AND status = 0");
  auto* update = p.prepare("UPDATE instance SET rev = ?2, state = ?3 WHERE id = ?1 AND rev < ?2");
  auto* event = p.prepare("INSERT INTO event VALUES(?1, ?2, 1, 1700000000, ?3)");
  auto* task = p.prepare("INSERT INTO task VALUES(?1, ?2, 'unit', 0, ?3)");
  auto* instance = p.prepare("INSERT INTO instance VALUES(?1, 0, ?2)");
  auto open_task = [&](IdBytes const& id, std::int64_t no) {
    Probe::bind(task, 1, id);
    sqlite3_bind_int64(task, 2, no);
    sqlite3_bind_int64(task, 3, 1'700'000'000 + no);
    p.step(task);
  };
  p.step(begin);
  for (std::uint64_t i = 0; i < instances; ++i) {
    Probe::bind(instance, 1, Probe::key(i));
    Probe::bind(instance, 2, state);
    p.step(instance);
    open_task(Probe::key(i), 0);
  }
  p.step(commit);
  p.exec("PRAGMA wal_checkpoint(TRUNCATE)");
  std::int64_t number = 0;
  auto start = std::chrono::steady_clock::now();
  double passed = 0;
  while (passed < seconds) {
    p.step(begin);
    for (int i = 0; i < batch; ++i) {
      IdBytes id = Probe::key(p.random.below(instances));
      ++number;
      Probe::bind(idem, 1, id);
      Probe::bind(idem, 2, Probe::key(p.random.next() >> 16));
      Probe::bind(idem, 3, reply);
      p.step(idem);
      Probe::bind(close, 1, id);
      p.step(close);
      Probe::bind(update, 1, id);
      sqlite3_bind_int64(update, 2, number);
      Probe::bind(update, 3, state);
      p.step(update);
      open_task(id, number);
      for (int e = 0; e < 2; ++e) {
        Probe::bind(event, 1, id);
        sqlite3_bind_int64(event, 2, 2 * number + e);
        Probe::bind(event, 3, body);
        p.step(event);
      }
    }
    p.step(commit);
    passed = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  }
  for (auto* s : {begin, commit, idem, close, update, event, task, instance}) sqlite3_finalize(s);
  sqlite3_close(p.db);
  return static_cast<double>(number) / passed;
}

}  // namespace yiwang::bench

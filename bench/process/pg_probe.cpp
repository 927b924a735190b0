// The limit of a durable command on PostgreSQL: one connection, one set-wise statement a table and commit, the same six rows and
// bytes as the SQLite probe. No logic, no JSON, no hashing.

#include "pg_probe.hpp"

#include <fmt/format.h>

#include <chrono>
#include <cstdlib>

#include "district.hpp"

namespace yiwang::bench {
namespace {

using store::Query;
constexpr char kSets[] = "used only in sets";
Query const kIdem{"probe_idem", 0, kSets, kSets,
                  "INSERT INTO probe_idem SELECT * FROM unnest($1::bytea[], $2::bytea[], $3::text[])"};
Query const kClose{
    "probe_close", 1, kSets, kSets,
    "UPDATE probe_task t SET status = 1 FROM unnest($1::bytea[]) AS k(inst) WHERE t.inst = k.inst AND t.status = 0"};
Query const kUpdate{"probe_update", 2, kSets, kSets,
                    "UPDATE probe_instance i SET rev = k.rev, state = k.state FROM unnest($1::bytea[], $2::bigint[], $3::text[]) "
                    "AS k(id, rev, state) WHERE i.id = k.id AND i.rev < k.rev"};
Query const kTask{
    "probe_task", 3, kSets, kSets,
    "INSERT INTO probe_task SELECT inst, no, 'unit', 0, 1700000000 + no FROM unnest($1::bytea[], $2::bigint[]) AS k(inst, no)"};
Query const kEvent{"probe_event", 4, kSets, kSets,
                   "INSERT INTO probe_event SELECT inst, rev, 1, 1700000000, body FROM unnest($1::bytea[], $2::bigint[], "
                   "$3::text[]) AS k(inst, rev, body)"};
Query const kInstance{"probe_instance", 5, kSets, kSets,
                      "INSERT INTO probe_instance SELECT id, 0, state FROM unnest($1::bytea[], $2::text[]) AS k(id, state)"};

std::string hex(IdBytes const& id) { return "\"\\\\x" + to_hex(id) + "\""; }
IdBytes key(std::uint64_t n) { return uuid_v7(static_cast<std::int64_t>(n), 0, n * 0x9E3779B97F4A7C15ULL); }

struct Column {
  std::string text = "{";
  void add(std::string_view value) {
    if (text.size() > 1) text += ',';
    text += value;
  }
  std::string take() { return std::exchange(text, "{") + "}"; }
};

template <class R>
void need(R const& result) {
  if (result) return;
  fmt::print(stderr, "{}\n", result.error().line());
  std::exit(1);
}

}  // namespace

double pg_probe(std::string const& url, int batch, double seconds, ProbeData const& data) {
  auto parsed = store::DatabaseUrl::parse(url);
  need(parsed);
  auto opened = store::open_session(*parsed, {.writer = true});
  need(opened);
  store::Session& s = **opened;
  need(
      s.script("DROP TABLE IF EXISTS probe_idem, probe_task, probe_instance, probe_event;"
               "CREATE TABLE probe_instance(id BYTEA PRIMARY KEY, rev BIGINT NOT NULL, state TEXT NOT NULL);"
               "CREATE TABLE probe_event(inst BYTEA NOT NULL, rev BIGINT NOT NULL, kind INTEGER NOT NULL, at BIGINT NOT NULL, "
               "body TEXT NOT NULL, PRIMARY KEY(inst, rev));"
               "CREATE TABLE probe_task(inst BYTEA NOT NULL, no BIGINT NOT NULL, unit TEXT NOT NULL, status INTEGER NOT NULL, "
               "due BIGINT NOT NULL, PRIMARY KEY(inst, no));"
               "CREATE INDEX probe_task_open ON probe_task(unit, due) WHERE status = 0;"
               "CREATE TABLE probe_idem(actor BYTEA NOT NULL, k BYTEA NOT NULL, reply TEXT NOT NULL, PRIMARY KEY(actor, k))"));
  std::string const state(data.state, 'x'), body(data.event, 'x'), reply(data.reply, 'x');
  Column a, b, c;
  for (std::uint64_t from = 0; from < data.instances; from += 1000) {
    need(s.begin());
    for (std::uint64_t i = from; i < std::min(from + 1000, data.instances); ++i) a.add(hex(key(i))), b.add(state), c.add("0");
    std::string const ids = a.take();
    need(s.run_set(kInstance, {ids, b.take()}));
    need(s.run_set(kTask, {ids, c.take()}));
    need(s.commit());
  }
  test::Random random(1);
  std::int64_t number = 0;
  auto const start = std::chrono::steady_clock::now();
  double passed = 0;
  while (passed < seconds) {
    Column inst, keys, replies, numbers, states, event_inst, event_rev, bodies;
    std::set<std::uint64_t> met;  // one command an instance in a batch, as in ours
    while (met.size() < static_cast<std::size_t>(batch)) {
      std::uint64_t const picked = random.below(data.instances);
      if (!met.insert(picked).second) continue;
      std::string const id = hex(key(picked));
      ++number;
      inst.add(id);
      keys.add(hex(key(random.next() >> 16)));
      replies.add(reply);
      numbers.add(std::to_string(number));
      states.add(state);
      for (int e = 0; e < 2; ++e) event_inst.add(id), event_rev.add(std::to_string(2 * number + e)), bodies.add(body);
    }
    std::string const ids = inst.take(), revisions = numbers.take();
    need(s.begin());
    need(s.run_set(kIdem, {ids, keys.take(), replies.take()}));
    need(s.run_set(kClose, {ids}));
    need(s.run_set(kUpdate, {ids, revisions, states.take()}));
    need(s.run_set(kTask, {ids, revisions}));
    need(s.run_set(kEvent, {event_inst.take(), event_rev.take(), bodies.take()}));
    need(s.commit());
    passed = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  }
  return static_cast<double>(number) / passed;
}

}  // namespace yiwang::bench

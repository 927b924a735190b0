// Cases with five user tasks on the command path, at so many running cases, beside the raw limit of the same rows with the same
// numbers of bytes; a million timers at once; the time to the first answer after a start.
//
//   bench_process limit FILE RUNNING SECONDS STATE EVENT REPLY
//   bench_process run URL RUNNING SECONDS CLIENTS
//   bench_process timers URL TIMERS SECONDS
//   bench_process start URL

#include "load.hpp"
#include "pg_probe.hpp"
#include "probe.hpp"
#include "yiwang/store/machine.hpp"
#include "yiwang/store/views.hpp"

using namespace yiwang;
using namespace yiwang::store;
using namespace yiwang::bench;

namespace {

/// The demo district with the two case types of this benchmark.
struct Pack {
  pack::FileSet files = pack::read_folder(YW_SOURCE_DIR "/packs/yunhai").value();
  std::shared_ptr<spine::Release const> release;
  Pack() {
    pack::FileSet const types = pack::read_folder(YW_SOURCE_DIR "/bench/process").value();
    for (auto const& [path, text] : types) {
      if (path.ends_with(".yaml") || path.ends_with(".bpmn")) files["case_types/" + path] = text;
    }
    pack::LoadResult loaded = pack::load(files);
    for (Error const& e : loaded.errors) fmt::print(stderr, "{}\n", e.line());
    spine::CompileResult compiled = spine::compile(loaded.pack);
    for (Error const& e : compiled.errors) fmt::print(stderr, "{}\n", e.line());
    release = compiled.release;
  }
};

struct Bench {
  SystemTime clock;
  SystemIds ids{clock};
  std::unique_ptr<Database> database;
  Definitions definitions;
  std::unique_ptr<CommandService> service;
  test::Random random{static_cast<std::uint64_t>(clock.now().us)};

  bool open(std::string const& url) {
    static Pack const pack;
    if (!pack.release) return false;
    auto parsed = DatabaseUrl::parse(url);
    auto opened = parsed ? Database::open(*parsed, {}, clock.now()) : fail(parsed.error());
    if (!opened) return fmt::print(stderr, "{}\n", opened.error().line()), false;
    database = std::move(*opened);
    if (Status s = release_pack(*database, definitions, pack.files, pack.release, clock.now()); !s)
      return fmt::print(stderr, "{}\n", s.error().line()), false;
    service = std::make_unique<CommandService>(
        *database, definitions, clock, ids, test::render_code,
        [](spine::CaseType const&, spine::CaseState const&) { return Result<spine::CaseTimes>(spine::CaseTimes{}); });
    return true;
  }
  CommandRequest submit(char const* type, CaseId id) {
    CommandRequest r;
    r.actor = test::resident(random.below(1'000'000));
    r.idempotency_key = r.request_bytes = fmt::format("{:016x}", random.next());
    r.command.case_type = type;
    r.command.case_id = id;
    r.command.input = json::Value::object({{"what", test::text("测速度的一件事")}});
    return r;
  }
  CommandRequest next(CaseId id) {
    CommandRequest r;
    r.actor = test::clerk("gov_services", random.below(500));
    r.idempotency_key = r.request_bytes = fmt::format("{:016x}", random.next());
    r.command.kind = spine::Command::Kind::act;
    r.command.case_id = id;
    r.command.action = "next";
    return r;
  }
};

/// The running cases; one that has ended is replaced by a new one. Picks are uniform among those without a command under way.
class Cases {
 public:
  Cases(Bench& bench, Load& load, std::size_t running) : bench_(bench), load_(load), slots_(running) {
    for (std::size_t i = 0; i < running; ++i) idle_.push_back(i);
  }
  void fill() {
    for (std::size_t i = 0; i < slots_.size(); ++i) {
      slots_[i].id = bench_.ids.make<CaseId>();
      load_.send(*bench_.service, bench_.submit("five_tasks", slots_[i].id), 201);
      if (slots_.size() >= 1'000'000 && (i + 1) % 100'000 == 0) fmt::print(stderr, "{} cases\n", i + 1);
    }
    load_.drain();
  }
  void command(std::optional<Steady::time_point> since = {}) {
    std::size_t const slot = load_.locked([&] {
      std::size_t const at = bench_.random.below(idle_.size());
      std::swap(idle_[at], idle_.back());
      std::size_t const picked = idle_.back();
      idle_.pop_back();
      return picked;
    });
    Slot& s = slots_[slot];
    auto back = [this, slot] { idle_.push_back(slot); };
    if (s.done == 5) {
      s = {bench_.ids.make<CaseId>(), 0};
      load_.send(*bench_.service, bench_.submit("five_tasks", s.id), 201, since, back);
    } else {
      ++s.done;
      load_.send(*bench_.service, bench_.next(s.id), 200, since, back);
    }
  }

 private:
  struct Slot {
    CaseId id;
    int done = 0;
  };
  Bench& bench_;
  Load& load_;
  std::vector<Slot> slots_;
  std::vector<std::size_t> idle_;
};

double since(Steady::time_point begin) { return std::chrono::duration<double>(Steady::now() - begin).count(); }

/// Commands at a rate, each counted from when it should have been sent.
void at_rate(Cases& cases, double rate, double seconds) {
  auto const begin = Steady::now();
  auto const gap = std::chrono::duration_cast<Steady::duration>(std::chrono::duration<double>(1 / rate));
  for (auto due = begin; since(begin) < seconds; due += gap) {
    std::this_thread::sleep_until(due);
    cases.command(due);
  }
}

int run(std::string const& url, std::size_t running, double seconds, std::size_t clients) {
  Bench bench;
  if (!bench.open(url)) return 1;
  Load load(clients);
  Cases cases(bench, load, running);
  auto begin = Steady::now();
  cases.fill();
  load.report(fmt::format("{} cases begun", running), since(begin));
  begin = Steady::now();
  while (since(begin) < seconds) cases.command();
  double const rate = load.report(fmt::format("commands at {} running cases", running), since(begin));
  begin = Steady::now();
  at_rate(cases, rate / 2, seconds);
  load.report("the same at half that rate, open loop", since(begin));
  // The bytes of one command of this load, for the limit beside it.
  auto session = open_session(bench.database->url(), {});
  if (!session) return fmt::print(stderr, "{}\n", session.error().line()), 1;
  static Query const kSizes{
      "bench_sizes", 0,
      "SELECT (SELECT CAST(avg(length(state) + length(process)) AS INTEGER) FROM (SELECT state, process FROM casefile LIMIT "
      "1000) AS c),"
      " (SELECT CAST(avg(length(body) + 60) AS INTEGER) FROM (SELECT body FROM event WHERE type = 'case.acted' LIMIT 1000) AS e),"
      " (SELECT CAST(avg(length(reply) + 40) AS INTEGER) FROM (SELECT reply FROM idempotency LIMIT 1000) AS i)",
      "SELECT (SELECT avg(octet_length(state) + octet_length(process))::bigint FROM (SELECT state, process FROM casefile LIMIT "
      "1000) AS c),"
      " (SELECT avg(octet_length(body) + 60)::bigint FROM (SELECT body FROM event WHERE type = 'case.acted' LIMIT 1000) AS e),"
      " (SELECT avg(octet_length(reply) + 40)::bigint FROM (SELECT reply FROM idempotency LIMIT 1000) AS i)",
      nullptr};
  auto sized = (*session)->run(kSizes, {}, [](Row const& row) {
    fmt::print("bytes: state {} event {} reply {}\n", row.integer(0), row.integer(1), row.integer(2));
  });
  if (!sized) return fmt::print(stderr, "{}\n", sized.error().line()), 1;
  return 0;
}

int timers(std::string const& url, std::size_t count, double seconds) {
  Bench bench;
  if (!bench.open(url)) return 1;
  Load load(256);
  auto begin = Steady::now();
  for (std::size_t i = 0; i < count; ++i) load.send(*bench.service, bench.submit("timed", bench.ids.make<CaseId>()), 201);
  load.report(fmt::format("{} cases with a timer begun", count), since(begin));
  Load people(64);
  Cases cases(bench, people, 1000);
  cases.fill();
  people.forget();
  begin = Steady::now();
  at_rate(cases, 200, seconds / 2);
  people.report("people's commands at 200/s before the timers are due", since(begin));
  Machine machine(*bench.database, *bench.service, bench.clock, {});
  bench.clock.ahead_us = 2 * 3'600'000'000LL;
  std::uint64_t const before = bench.database->counters().commands;
  begin = Steady::now();
  machine.start();
  at_rate(cases, 200, seconds);
  double const passed = since(begin);
  std::uint64_t const after = bench.database->counters().commands;
  people.report(fmt::format("the same while {} timers are due at once", count), passed);
  fmt::print("timers fired meanwhile: {:.0f}/s\n", static_cast<double>(after - before) / passed - 200);
  machine.stop();
  return 0;
}

int start(std::string const& url) {
  auto begin = Steady::now();
  Bench bench;
  if (!bench.open(url)) return 1;
  Reply const reply = bench.service->run(bench.submit("five_tasks", bench.ids.make<CaseId>()));
  fmt::print("start to the first durable answer: {:.0f} ms ({})\n", since(begin) * 1000, reply.status);
  return reply.status == 201 ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  std::vector<std::string> a(argv + 1, argv + argc);
  if (a.size() == 7 && a[0] == "limit") {
    ProbeData const data{std::stoull(a[2]), std::stoul(a[4]), std::stoul(a[5]) / 2, std::stoul(a[6])};
    double const rate =
        a[1].starts_with("postgres:") ? pg_probe(a[1], 128, std::stod(a[3]), data) : raw_probe(a[1], 128, std::stod(a[3]), data);
    fmt::print("limit at {} instances, 128 six-row commands a commit, equal bytes: {:.0f} commands/s\n", data.instances, rate);
    return 0;
  }
  if (a.size() == 5 && a[0] == "run") return run(a[1], std::stoul(a[2]), std::stod(a[3]), std::stoul(a[4]));
  if (a.size() == 4 && a[0] == "timers") return timers(a[1], std::stoul(a[2]), std::stod(a[3]));
  if (a.size() == 2 && a[0] == "start") return start(a[1]);
  fmt::print(stderr,
             "bench_process limit FILE|URL RUNNING SECONDS STATE EVENT REPLY | run URL RUNNING SECONDS CLIENTS | timers URL "
             "TIMERS SECONDS | start URL\n");
  return 2;
}

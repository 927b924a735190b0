// The command path without HTTP: residents submit consultations through CommandService, `clients` at a time, each waiting for
// its durable answer; then clerks answer them. Beside it, on request, the raw probe with the same number a commit.
//
//   bench_spine raw FILE SECONDS
//   bench_spine commands URL SECONDS CLIENTS [row-by-row]

#include "load.hpp"
#include "probe.hpp"
#include "yiwang/clock/json.hpp"
#include "yiwang/store/files.hpp"
#include "yiwang/store/views.hpp"

using namespace yiwang;
using namespace yiwang::store;
using namespace yiwang::bench;

namespace {

int commands(std::string const& url, double seconds, std::size_t clients, bool row_by_row) {
  SystemTime clock;
  SystemIds ids(clock);
  DatabaseOptions options;
  options.set_wise = !row_by_row;
  auto parsed = DatabaseUrl::parse(url);
  auto database = parsed ? Database::open(*parsed, options, clock.now()) : fail(parsed.error());
  if (!database) return fmt::print(stderr, "{}\n", database.error().line()), 1;
  Definitions definitions;
  auto const& district = test::District::get();
  if (Status s = release_pack(**database, definitions, district.files, district.release, clock.now()); !s)
    return fmt::print(stderr, "{}\n", s.error().line()), 1;
  clock::DayTable const calendar = clock::embedded_calendar().value();
  CommandService service(**database, definitions, clock, ids, test::render_code,
                         [&](spine::CaseType const& type, spine::CaseState const& state) {
                           return spine::case_times(type, state, calendar, clock.now());
                         });
  Load load(clients);
  test::Random random(static_cast<std::uint64_t>(clock.now().us));
  auto begin = Steady::now();
  auto passed = [&] { return std::chrono::duration<double>(Steady::now() - begin).count(); };
  std::vector<CaseId> cases;
  while (passed() < seconds) {
    cases.push_back(ids.make<CaseId>());
    load.send(service,
              test::consultation(test::resident(random.below(20'000)), fmt::format("{:016x}", random.next()), cases.back(),
                                 "压力测试的一个问题，请问怎么办？"),
              201);
  }
  load.report("submit", passed());
  begin = Steady::now();
  for (std::size_t i = 0; i < cases.size() && passed() < seconds; ++i) {
    std::size_t other = i + random.below(cases.size() - i);
    std::swap(cases[i], cases[other]);
    CommandRequest r;
    r.actor = test::clerk("social_ins", random.below(40));
    r.idempotency_key = r.request_bytes = fmt::format("{:016x}", random.next());
    r.command.kind = spine::Command::Kind::act;
    r.command.case_id = cases[i];
    r.command.action = "answer";
    r.command.input = json::Value::object({{"reply", test::text("可以办理，请带身份证。")}});
    load.send(service, std::move(r), 200);
  }
  load.report("answer", passed());
  auto counters = (*database)->counters();
  fmt::print("{} commits, {} commands shared statements, {} were run again\n", counters.commits, counters.set_wise,
             counters.repeated);
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  std::vector<std::string> a(argv + 1, argv + argc);
  if (a.size() >= 3 && a[0] == "raw") {
    for (int batch : {1, 16, 64, 128})
      fmt::print("raw SQLite, {} six-row commands a commit: {:.0f} commands/s\n", batch,
                 bench::raw_probe(a[1], batch, std::stod(a[2])));
    return 0;
  }
  if (a.size() >= 4 && a[0] == "commands")
    return commands(a[1], std::stod(a[2]), std::stoul(a[3]), a.size() > 4 && a[4] == "row-by-row");
  fmt::print(stderr, "bench_spine raw FILE SECONDS | commands URL SECONDS CLIENTS [row-by-row]\n");
  return 2;
}

// The command path without HTTP: residents submit consultations through CommandService, `clients` at a time, each waiting for
// its durable answer; then clerks answer them. Beside it, on request, the raw probe with the same number a commit.
//
//   bench_spine raw FILE SECONDS
//   bench_spine commands URL SECONDS CLIENTS [row-by-row]

#include <fmt/format.h>

#include <sys/resource.h>

#include <condition_variable>

#include "district.hpp"
#include "probe.hpp"
#include "yiwang/store/files.hpp"
#include "yiwang/store/views.hpp"

using namespace yiwang;
using namespace yiwang::store;
using Steady = std::chrono::steady_clock;

namespace {

struct SystemTime final : yiwang::Clock {
  Instant now() const override { return {std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::system_clock::now().time_since_epoch()).count()}; }
};

/// Processor time of the whole process, clients included, in microseconds.
double cpu_us() {
  rusage u{};
  getrusage(RUSAGE_SELF, &u);
  return static_cast<double>(u.ru_utime.tv_sec + u.ru_stime.tv_sec) * 1e6 + static_cast<double>(u.ru_utime.tv_usec + u.ru_stime.tv_usec);
}

/// Keeps at most `clients` commands under way and notes how long each took.
class Load {
 public:
  explicit Load(std::size_t clients) : clients_(clients) {}
  void send(CommandService& commands, CommandRequest request, int expected) {
    {
      std::unique_lock lock(mutex_);
      wake_.wait(lock, [&] { return under_way_ < clients_; });
      ++under_way_;
    }
    auto begin = Steady::now();
    commands.execute(std::move(request), [this, begin, expected](Reply reply) {
      std::lock_guard lock(mutex_);
      --under_way_;
      if (reply.status != expected) ++refused_, why_ = reply.body;
      else ms_.push_back(std::chrono::duration<float, std::milli>(Steady::now() - begin).count());
      wake_.notify_one();
    });
  }
  void report(char const* what, double seconds) {
    std::unique_lock lock(mutex_);
    wake_.wait(lock, [&] { return under_way_ == 0; });
    std::sort(ms_.begin(), ms_.end());
    auto at = [&](double q) { return ms_.empty() ? 0.f : ms_[static_cast<std::size_t>(static_cast<double>(ms_.size() - 1) * q)]; };
    fmt::print("{}: {:.0f} durable commands/s at {} clients, p50 {:.1f} ms, p99 {:.1f} ms, {:.0f} us of processor each, {} refused {}\n", what, static_cast<double>(ms_.size()) / seconds, clients_, at(0.5), at(0.99),
               (cpu_us() - cpu_) / static_cast<double>(std::max<std::size_t>(ms_.size(), 1)), refused_, why_);
    std::fflush(stdout);
    ms_.clear();
    cpu_ = cpu_us();
  }

 private:
  std::mutex mutex_;
  std::condition_variable wake_;
  std::size_t clients_, under_way_ = 0, refused_ = 0;
  std::vector<float> ms_;
  std::string why_;
  double cpu_ = cpu_us();
};

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
  if (Status s = release_pack(**database, definitions, district.files, district.release, clock.now()); !s) return fmt::print(stderr, "{}\n", s.error().line()), 1;
  CommandService service(**database, definitions, clock, ids, test::render_code, [](spine::CaseType const&, spine::CaseState const& s) -> std::optional<Instant> { return Instant{s.created.us + 3 * kMicrosPerDay}; });
  Load load(clients);
  test::Random random(static_cast<std::uint64_t>(clock.now().us));
  auto begin = Steady::now();
  auto passed = [&] { return std::chrono::duration<double>(Steady::now() - begin).count(); };
  std::vector<CaseId> cases;
  while (passed() < seconds) {
    cases.push_back(ids.make<CaseId>());
    load.send(service, test::consultation(test::resident(random.below(20'000)), fmt::format("{:016x}", random.next()), cases.back(), "压力测试的一个问题，请问怎么办？"), 201);
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
  fmt::print("{} commits, {} commands shared statements, {} were run again\n", counters.commits, counters.set_wise, counters.repeated);
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  std::vector<std::string> a(argv + 1, argv + argc);
  if (a.size() >= 3 && a[0] == "raw") {
    for (int batch : {1, 16, 64, 128}) fmt::print("raw SQLite, {} six-row commands a commit: {:.0f} commands/s\n", batch, bench::raw_probe(a[1], batch, std::stod(a[2])));
    return 0;
  }
  if (a.size() >= 4 && a[0] == "commands") return commands(a[1], std::stod(a[2]), std::stoul(a[3]), a.size() > 4 && a[4] == "row-by-row");
  fmt::print(stderr, "bench_spine raw FILE SECONDS | commands URL SECONDS CLIENTS [row-by-row]\n");
  return 2;
}

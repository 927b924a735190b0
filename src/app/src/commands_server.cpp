#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>
#include <signal.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <iostream>
#include <set>
#include <shared_mutex>
#include <sstream>
#include <unordered_map>

#include "afterwards.hpp"
#include "api.hpp"
#include "commands.hpp"
#include "config.hpp"
#include "drafting.hpp"
#include "memory.hpp"
#include "operations.hpp"
#include "yiwang/http/admission.hpp"
#include "yiwang/http/client.hpp"
#include "yiwang/pack/pack.hpp"
#include "yiwang/store/drafts.hpp"

namespace yiwang::app {
namespace {

void add_all_routes(http::Router& router, ApiContext& context) {
  add_session_routes(router, context);
  add_case_routes(router, context);
  add_process_routes(router, context);
  add_decision_routes(router, context);
  add_system_routes(router, context);
  add_ground_routes(router, context);
  add_request_routes(router, context);
  add_matter_routes(router, context);
  add_apply_routes(router, context);
  add_certificate_routes(router, context);
  add_applicant_routes(router, context);
  add_counter_routes(router, context);
  add_afterwards_routes(router, context);
  add_notice_routes(router, context);
  add_person_routes(router, context);
  add_drafting_routes(router, context);
  conceal_everywhere(router, context);
}

int complain(Error const& error) {
  std::cerr << "yiwang: " << error.line(Language::zh_cn) << "\n";
  return 2;
}

/// A short reference that a person can read out on the telephone.
std::string make_trace_id() {
  static constexpr char kAlphabet[] = "23456789abcdefghjkmnpqrstuvwxyz";
  thread_local store::RandomPool random;
  std::string out = random.bytes(10);
  for (char& ch : out) ch = kAlphabet[static_cast<unsigned char>(ch) % (sizeof kAlphabet - 1)];
  return out;
}

struct Metrics {
  prometheus::Registry registry;
  prometheus::Family<prometheus::Counter>& requests =
      prometheus::BuildCounter().Name("yiwang_http_requests_total").Help("Finished requests by status class").Register(registry);
  prometheus::Family<prometheus::Histogram>& seconds = prometheus::BuildHistogram()
                                                           .Name("yiwang_http_request_seconds")
                                                           .Help("Time from the last byte read to the answer")
                                                           .Register(registry);
  prometheus::Family<prometheus::Gauge>& gauges =
      prometheus::BuildGauge().Name("yiwang_state").Help("Sizes and lags").Register(registry);
  std::array<prometheus::Counter*, 6> by_class{};
  std::shared_mutex mutex;  ///< of by_route
  std::unordered_map<std::string, prometheus::Histogram*> by_route;

  Metrics() {
    for (std::size_t i = 1; i < 6; ++i) by_class[i] = &requests.Add({{"status", std::to_string(i) + "xx"}});
  }
  void finished(http::Finished const& f) {
    auto cls = static_cast<std::size_t>(f.status / 100);
    if (cls >= 1 && cls < 6) by_class[cls]->Increment();
    of_route(f).Observe(f.seconds);
  }
  /// Each route when it is first asked; a route is a pattern, so there are only as many as the interface has.
  prometheus::Histogram& of_route(http::Finished const& f) {
    // What is no route may have any method: it counts as one.
    std::string const method(f.route.starts_with('/') ? f.method : ""), key = method + " " + std::string(f.route);
    {
      std::shared_lock lock(mutex);
      if (auto it = by_route.find(key); it != by_route.end()) return *it->second;
    }
    static prometheus::Histogram::BucketBoundaries const kBuckets{0.0005, 0.001, 0.002, 0.003, 0.005, 0.0075, 0.01,
                                                                  0.015,  0.025, 0.05,  0.1,   0.25,  1,      5};
    std::unique_lock lock(mutex);
    return *(by_route[key] = &seconds.Add({{"method", method}, {"route", std::string(f.route)}}, kBuckets));
  }
  std::string text(Installation& in, http::Server* server) {
    auto set = [&](char const* what, double value) { gauges.Add({{"what", what}}).Set(value); };
    auto counters = in.database->counters();
    if (auto outbox = store::outbox_counts(*in.database)) {
      set("outbox_waiting", static_cast<double>(outbox->waiting));
      set("outbox_dead", static_cast<double>(outbox->dead));
      set("outbox_lag_seconds", outbox->waiting ? static_cast<double>(in.clock.now().us - outbox->oldest_waiting.us) / 1e6 : 0);
    }
    set("commands_total", static_cast<double>(counters.commands));
    set("commits_total", static_cast<double>(counters.commits));
    set("commands_refused_total", static_cast<double>(counters.refused));
    set("commands_ahead_total", static_cast<double>(counters.ahead));
    set("commands_repeated_total", static_cast<double>(counters.repeated));
    set("commands_waiting", static_cast<double>(counters.waiting));
    set("log_leaves", static_cast<double>(counters.log_size));
    if (server) {
      set("connections", static_cast<double>(server->connections()));
      set("event_streams", static_cast<double>(server->events().subscribers()));
    }
    std::ostringstream out;
    prometheus::TextSerializer().Serialize(out, registry.Collect());
    return out.str();
  }
};

struct ServeOptions {
  std::string config;
  std::map<std::string, std::string> given;  ///< settings of the command line, by name
  std::string port_file;
  bool demo = false;
  bool full = false;
  bool quiet = false;
};

/// File, environment, command line, in this order; every complaint is printed.
bool read_settings(ServeOptions const& o, Config& config) {
  std::vector<Error> errors;
  if (!o.config.empty()) errors = config.read_file(o.config);
  for (Error& e : config.read_environment([](char const* n) -> char const* { return std::getenv(n); }))
    errors.push_back(std::move(e));
  for (auto const& [name, value] : o.given) {
    if (Status set = config.set(name, value, "命令行 / command line"); !set) errors.push_back(Error(set.error()));
  }
  for (Error const& e : errors) std::cerr << "yiwang: " << e.line(Language::zh_cn) << "\n";
  return errors.empty();
}

/// Both kinds of limits of a request: its address, unless that is this machine itself, and its account.
struct Limits {
  http::Admission addresses, accounts;
  explicit Limits(Config const& c)
      : addresses({static_cast<double>(c.integer("limits.address_per_second")),
                   static_cast<double>(c.integer("limits.address_burst"))}),
        accounts({static_cast<double>(c.integer("limits.account_per_second")),
                  static_cast<double>(c.integer("limits.account_burst"))}) {}
  int seconds(ApiContext& context, http::Request const& request) {
    double now = std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
    bool own_machine = request.remote.starts_with("127.") || request.remote == "::1";
    if (int wait = own_machine ? 0 : addresses.take(request.remote, now); wait > 0) return wait;
    return request.session_token.empty() ? 0 : accounts.take(account_of(context, request.session_token), now);
  }
};

/// Runs what must happen now and then until it is destroyed: expired rows are deleted.
class Housekeeper {
 public:
  explicit Housekeeper(Installation& in)
      : thread_([this, &in] {
          // A decree may have come since the last start.
          auto moved = in.commands->recount(in.calendar_hash, [&] {
            std::lock_guard check(mutex_);
            return !stopping_;
          });
          if (moved && *moved != 0)
            spdlog::get("yiwang")->info(R"({{"level":"info","what":"due dates counted again","moved":{}}})", *moved);
          std::unique_lock lock(mutex_);
          while (!wake_.wait_for(lock, std::chrono::minutes(10), [&] { return stopping_; })) {
            static_cast<void>(store::sweep(*in.database, in.clock.now()));
            static_cast<void>(in.files->sweep(in.clock.now()));
          }
        }) {}
  ~Housekeeper() {
    {
      std::lock_guard lock(mutex_);
      stopping_ = true;
    }
    wake_.notify_all();
    thread_.join();
  }

 private:
  std::mutex mutex_;
  std::condition_variable wake_;
  bool stopping_ = false;
  std::thread thread_;
};

/// The ways out of the house: the in-app box, and the webhook when one is set.
void start_workers(Installation& in, Config const& config) {
  store::OutboxOptions oo;
  oo.tries_max = static_cast<int>(config.integer("outbox.tries_max"));
  oo.first_wait_us = config.integer("outbox.first_wait_ms") * 1000;
  in.outbox = std::make_unique<store::OutboxWorker>(*in.database, in.clock, oo);
  in.outbox->add("inbox", store::LocalChannel([&in](store::Writer& w, store::OutboxItem const& item) {
                   return store::deliver_to_inbox(w, item, in.clock.now());
                 }));
  std::string const& url = config.text("outbox.webhook");
  auto timeout = static_cast<int>(config.integer("outbox.timeout_seconds"));
  if (!url.empty()) {
    in.outbox->add("webhook", [url, timeout](store::OutboxItem const& item) -> Status {
      YW_ASSIGN(auto answer, http::post(url, {{"Idempotency-Key", to_string(item.id)}}, item.body, timeout));
      if (answer.status < 200 || answer.status > 299)
        return fail(ErrorCode::store_delivery, {{"why", "the receiver answered " + std::to_string(answer.status)}});
      return {};
    });
  }
  std::string const& city = config.text("city.url");
  if (!city.empty()) {
    in.requests->reports_to_city = true;
    in.outbox->add("city", [city, timeout](store::OutboxItem const& item) -> Status {
      YW_ASSIGN(auto answer, http::post(city, {{"Idempotency-Key", to_string(item.id)}}, item.body, timeout));
      if (answer.status < 200 || answer.status > 299)
        return fail(ErrorCode::store_delivery, {{"why", "the city answered " + std::to_string(answer.status)}});
      return {};
    });
  }
  std::string const& credit = config.text("credit.url");
  if (!credit.empty()) {
    in.matter_system->reports_credit = true;
    in.outbox->add("credit", [credit, timeout](store::OutboxItem const& item) -> Status {
      YW_ASSIGN(auto answer, http::post(credit, {{"Idempotency-Key", to_string(item.id)}}, item.body, timeout));
      if (answer.status < 200 || answer.status > 299)
        return fail(ErrorCode::store_delivery, {{"why", "the credit platform answered " + std::to_string(answer.status)}});
      return {};
    });
  }
  in.jobs = std::make_unique<store::JobWorker>(*in.database, in.clock, store::JobOptions{});
  add_jobs(*in.jobs, in);
  in.machine->connect(*in.outbox);
  in.outbox->start();
  static_cast<void>(in.jobs->start());
}

bool is_loopback(std::string const& address) { return address.starts_with("127.") || address == "::1"; }

int serve(ServeOptions const& o) {
  auto begin = std::chrono::steady_clock::now();
  // Signals are waited for, never handled asynchronously.
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGHUP);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  signal(SIGPIPE, SIG_IGN);

  Config config;
  if (!read_settings(o, config)) return 2;
  std::string const address = config.text("server.address");
  InstallationOptions io;
  io.data = config.text("data.folder");
  io.database = config.text("data.database");
  io.calendars = config.text("calendar.folder");
  io.pack = !config.text("pack.folder").empty() ? config.text("pack.folder") : find_folder("packs/yunhai");
  io.loopback = is_loopback(address);
  io.clock_ahead_us = config.integer("demo.clock_ahead_seconds") * kMicrosPerSecond;
  io.training_delay_us = config.integer("requests.training_delay_seconds") * kMicrosPerSecond;
  io.store.batch_max = static_cast<std::size_t>(config.integer("data.batch_max"));
  io.store.queue_max = static_cast<std::size_t>(config.integer("data.queue_max"));
  io.store.checkpoint_pages = static_cast<int>(config.integer("data.checkpoint_pages"));
  io.identity.failures_max = static_cast<int>(config.integer("login.failures_max"));
  io.identity.lock_us = config.integer("login.lock_minutes") * 60 * kMicrosPerSecond;
  io.identity.session_us = config.integer("session.hours") * 3600 * kMicrosPerSecond;
  auto opened = Installation::open(io);
  if (!opened) return complain(opened.error());
  Installation& in = **opened;
  if (io.clock_ahead_us != 0)
    std::cerr << "yiwang: 演示时钟：现在按 " << to_shanghai_string(in.clock.now())
              << " 运行 / demo clock: this is not the real time\n";
  auto const accounts = in.identity->accounts(1);
  if (!accounts) return complain(accounts.error());
  if (o.demo && accounts->empty()) {  // the pack is read once more only to fill an empty house
    auto files = pack::read_folder(io.pack);
    if (!files) return complain(files.error());
    pack::LoadResult loaded = pack::load(*files);
    auto report = load_demo(in, loaded.pack, o.full);
    if (!report) return complain(report.error());
    if (report->requests_refused != 0)
      std::cerr << "yiwang: " << report->requests_refused << " demo commands refused, the first: " << report->why << "\n";
    if (!report->already && !o.quiet) {
      std::cout << "演示区已建好：居民 " << report->residents << "，企业 " << report->enterprises << "，工作人员 "
                << report->staff << "，政策咨询 " << report->cases << "，诉求 " << report->requests << "\n";
    }
  }
  auto log = spdlog::stderr_logger_mt("yiwang");
  log->set_pattern("%v");
  log->set_level(o.quiet ? spdlog::level::warn : spdlog::level::info);
  Metrics metrics;
  ApiContext context{in};
  http::Router router;
  add_all_routes(router, context);
  Limits limits(config);
  http::ServerOptions so;
  so.address = address;
  so.port = static_cast<std::uint16_t>(config.integer("server.port"));
  so.io_threads = static_cast<int>(config.integer("server.threads"));
  so.connections_max = static_cast<std::size_t>(config.integer("server.connections_max"));
  so.web_root = config.text("server.web");
  so.socket_path = socket_of(io.data);
  so.trusted_proxies = config.list("server.trusted_proxies");
  so.admit = [&](http::Request const& r) { return limits.seconds(context, r); };
  std::set<std::string, std::less<>> guarded;  // actions that nobody may do without signing in
  for (int i = 0; i < spine::kActionCount; ++i) {
    auto const action = static_cast<spine::Action>(i);
    if (!spine::allowed(spine::Role::nobody, action, 0xFF)) guarded.emplace(spine::to_string(action));
  }
  so.needs_session = [&guarded](std::string_view action) { return guarded.contains(action); };
  http::Server server(
      so, std::move(router), [&](http::Request const& r) { return event_channels(context, r); },
      [&](http::Finished const& f) {
        metrics.finished(f);
        if (f.status >= 500)
          log->error(R"({{"level":"error","trace_id":"{}","method":"{}","route":"{}","status":{},"ms":{:.1f}}})", f.trace_id,
                     f.method, f.route, f.status, f.seconds * 1000);
        else if (f.seconds > 0.5)
          log->warn(R"({{"level":"slow","trace_id":"{}","method":"{}","route":"{}","status":{},"ms":{:.1f}}})", f.trace_id,
                    f.method, f.route, f.status, f.seconds * 1000);
      },
      make_trace_id);
  context.server = &server;
  context.metrics = [&] { return metrics.text(in, &server); };
  in.commands->on_change = [&](std::string const& department, CaseId id, std::uint64_t revision) {
    std::string data = "{\"case_id\":\"" + to_string(id) + "\",\"revision\":" + std::to_string(revision) + "}";
    server.events().publish("dept:" + department, "case", data);
  };
  in.commands->on_owner_change = [&](SubjectId owner, CaseId id, std::uint64_t revision) {
    std::string data = "{\"case_id\":\"" + to_string(id) + "\",\"revision\":" + std::to_string(revision) + "}";
    server.events().publish("subject:" + to_string(owner), "case", data);
  };
  bool webhook = !config.text("outbox.webhook").empty();
  in.commands->effects = [webhook](spine::CaseType const& t, spine::CaseState const& s, spine::Event const& e) {
    return notices(t, s, e, webhook);
  };
  start_workers(in, config);
  in.commands->on_effects = [&] { in.outbox->wake(); };
  Housekeeper housekeeper(in);
  if (auto index = store::SearchIndex::open(in.database->url(), io.data + "/search.db"))
    in.search = std::move(*index);
  else
    log->error(R"({{"level":"error","what":"no search","why":{}}})", json::write(json::Value::string(index.error().line())));
  in.watch = std::make_unique<RequestWatch>(in);
  in.watch->on_alarm = [&](std::string const& unit, CaseId id) {
    server.events().publish("dept:" + unit, "case", "{\"case_id\":\"" + to_string(id) + "\",\"revision\":0}");
  };
  if (Status started = server.start(); !started) return complain(started.error());
  give_back_memory();  // of reading the pack
  in.machine->start();
  in.certificates->start();
  in.watch->also.push_back([&in] { return tell_promises(in); });
  in.watch->also.push_back([&in] { return in.persons->refresh_daily(*in.database, in.clock.now()); });
  in.watch->start(config.integer("requests.watch_seconds"));
  double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  if (!o.port_file.empty()) {
    std::string temporary = o.port_file + ".tmp";
    FILE* f = std::fopen(temporary.c_str(), "w");
    if (f != nullptr) {
      fmt::print(f, "{}\n", server.port());
      std::fclose(f);
      std::rename(temporary.c_str(), o.port_file.c_str());
    }
  }
  if (!o.quiet) {
    std::string base = "http://" + address + ":" + std::to_string(server.port());
    fmt::print("一网已就绪（{:.2f} 秒）\n  居民和企业  {}/\n  工作人员    {}/staff/\n", seconds, base, base);
    if (o.demo) {
      fmt::print("演示账号，密码都是 {}：\n  居民 xiaoyun（周晓芸）、chen（陈玉珍，长辈）、zhao（赵立新，面馆老板）\n",
                 kDemoPassword);
      fmt::print(
          "  工作人员 ss_clerk（社保）、mz_clerk（民政）、zs_clerk（政数）、zs_lead（督办）、leader（领导）\n  动态码：yiwang "
          "demo code 账号，例如 build/release/bin/yiwang demo code ss_clerk\n按 Ctrl+C 停止\n");
    }
    std::fflush(stdout);
  }
  for (int signal_number = 0;;) {
    sigwait(&signals, &signal_number);
    if (signal_number != SIGHUP) break;
    Status reloaded = reload_pack(in);
    if (reloaded)
      log->warn(R"({{"level":"info","what":"pack","hash":"{}"}})", in.definitions.snapshot()->current->hash);
    else
      log->error(R"({{"level":"error","what":"pack refused, the old one stays","why":{}}})",
                 json::write(json::Value::string(reloaded.error().line())));
  }
  context.ready = false;
  in.watch->stop();
  in.machine->stop();
  server.stop();
  in.outbox->stop();
  in.jobs->stop();
  in.certificates->stop();
  // What was accepted is finished; the last root is signed before the database closes.
  static_cast<void>(in.signer->sign_now());
  in.database->stop();
  return 0;
}

}  // namespace

void add_server_commands(CommandLine line) {
  int& code = line.exit_code;
  {
    auto o = std::make_shared<ServeOptions>();
    auto* cmd = line.app.add_subcommand("serve", "Run the server");
    cmd->add_option("--config", o->config, "Configuration file (YAML); yiwang config explain lists the settings");
    auto setting = [&](char const* option, char const* name) {
      for (Setting const& s : settings()) {
        if (std::string_view(s.name) == name)
          cmd->add_option_function<std::string>(
              option, [o, name](std::string const& v) { o->given[name] = v; }, s.en);
      }
    };
    setting("--address", "server.address");
    setting("--port", "server.port");
    setting("--data", "data.folder");
    setting("--database", "data.database");
    setting("--pack", "pack.folder");
    setting("--web", "server.web");
    setting("--threads", "server.threads");
    cmd->add_option("--port-file", o->port_file, "Write the port here once ready");
    cmd->add_flag("--demo", o->demo, "Fill an empty installation with the invented district");
    cmd->add_flag("--full", o->full, "With --demo: the large district");
    cmd->add_flag("--quiet", o->quiet, "Only warnings");
    cmd->callback([o, &code] { code = serve(*o); });
  }
  {
    auto* demo = line.app.add_subcommand("demo", "Help with the demo district")->require_subcommand(1);
    auto login = std::make_shared<std::string>();
    auto ahead = std::make_shared<std::int64_t>(0);
    auto* cmd = demo->add_subcommand("code", "Print the one-time code of a demo account");
    cmd->add_option("account", *login, "Account name")->required();
    cmd->add_option("--ahead", *ahead, "Seconds that the server's demo clock is ahead (demo.clock_ahead_seconds)");
    cmd->callback([login, ahead] {
      fmt::print("{}\n",
                 store::one_time_code(demo_totp_secret(*login), Instant{SystemClock().now().us + *ahead * kMicrosPerSecond}));
    });
  }
  {
    auto* pack = line.app.add_subcommand("pack", "Definition packs")->require_subcommand(1);
    auto folder = std::make_shared<std::string>();
    auto english = std::make_shared<bool>(false);
    auto* cmd = pack->add_subcommand("check", "Validate a pack; each complaint names file, line, column and cure");
    cmd->add_option("folder", *folder, "Folder of the pack")->required();
    cmd->add_flag("--en", *english, "Complaints in English");
    cmd->callback([folder, english, &code] {
      auto files = pack::read_folder(*folder);
      if (!files) {
        code = complain(files.error());
        return;
      }
      std::vector<Error> errors;
      auto release = compile_pack(*files, errors);
      for (Error const& e : errors) std::cout << e.line(*english ? Language::en : Language::zh_cn) << "\n";
      if (release)
        fmt::print("{} {}: {} 个文件，{} 项业务，没有问题\n", release->pack_id, release->version, files->size(),
                   release->case_types.size());
      else
        fmt::print("{} 处问题\n", errors.size());
      code = release ? 0 : 1;
    });
    auto* names = pack->add_subcommand("schemas", "Print the JSON Schemas of pack files");
    names->callback([] {
      for (auto const& [name, text] : pack::schemas()) fmt::print("// {}\n{}\n", name, text);
    });
  }
  line.app.add_subcommand("authorisation", "Print the authorisation table as Markdown")->callback([] {
    fmt::print("| role | action | relation |\n|---|---|---|\n");
    for (auto const& p : spine::permissions()) {
      std::string relation;
      for (auto [bit, name] : {std::pair{spine::kAny, "any"}, std::pair{spine::kOwn, "own"},
                               std::pair{spine::kAssigned, "assigned"}, std::pair{spine::kDepartment, "department"},
                               std::pair{spine::kRegion, "region"}, std::pair{spine::kTookPart, "took part"}}) {
        if (p.relation & bit) relation += (relation.empty() ? "" : ", ") + std::string(name);
      }
      fmt::print("| {} | {} | {} |\n", to_string(p.role), to_string(p.action), relation);
    }
  });
  line.app.add_subcommand("openapi", "Print the OpenAPI 3.1 description of the HTTP interface")->callback([] {
    // Handlers are never called here, so an installation that was not opened is enough.
    Installation none;
    ApiContext context{none};
    http::Router router;
    add_all_routes(router, context);
    fmt::print("{}\n", json::write_pretty(router.openapi("Yiwang", "0.1.0")));
  });
  {
    auto* verify = line.app.add_subcommand("verify", "Check what is stored")->require_subcommand(1);
    auto data = std::make_shared<std::string>("var/demo");
    auto database = std::make_shared<std::string>();
    add_replay_command(*verify, code);
    auto* cmd = verify->add_subcommand("state", "Rebuild every case from its events and name each difference");
    cmd->add_option("--data", *data, "Folder of the installation");
    cmd->add_option("--database", *database, "sqlite:FILE or postgres:CONNECTION");
    cmd->callback([data, database, &code] {
      InstallationOptions io;
      io.data = *data;
      io.database = *database;
      auto in = Installation::open(io);
      if (!in) {
        code = complain(in.error());
        return;
      }
      std::size_t cases = 0;
      auto differences = store::verify_state(*(*in)->database, *(*in)->definitions.snapshot(), cases);
      if (!differences) {
        code = complain(differences.error());
        return;
      }
      for (Error const& e : *differences) std::cout << e.line(Language::en) << "\n";
      std::uint64_t leaves = 0;
      auto faults = store::verify_log(*(*in)->database, (*in)->signer->key().public_pem(), leaves);
      if (!faults) {
        code = complain(faults.error());
        return;
      }
      for (Error const& e : *faults) std::cout << e.line(Language::en) << "\n";
      std::size_t all = differences->size() + faults->size();
      fmt::print("{} cases and {} leaves of the log checked, {} differences\n", cases, leaves, all);
      code = all == 0 ? 0 : 1;
    });
  }
  {
    auto from = std::make_shared<std::string>("var/demo"), to = std::make_shared<std::string>();
    auto* cmd = line.app.add_subcommand("backup", "Copy a running SQLite installation: database, files and key");
    cmd->add_option("--data", *from, "Folder of the installation");
    cmd->add_option("target", *to, "New folder for the copy")->required();
    cmd->callback([from, to, &code] {
      if (std::filesystem::exists(*to)) {
        code = complain(Error(ErrorCode::base_file, {{"file", *to}, {"why", "already exists"}}));
        return;
      }
      Status done = store::backup_installation(*from, *to);
      if (!done) {
        code = complain(done.error());
        return;
      }
      fmt::print("已备份到 {}\n", *to);
    });
    auto backup = std::make_shared<std::string>(), data = std::make_shared<std::string>();
    auto* restore = line.app.add_subcommand("restore", "Put a backup into a new data folder, checking it first");
    restore->add_option("backup", *backup, "Folder made by backup")->required();
    restore->add_option("--data", *data, "New folder of the installation")->required();
    restore->callback([backup, data, &code] {
      if (std::filesystem::exists(*data)) {
        code = complain(Error(ErrorCode::base_file, {{"file", *data}, {"why", "already exists; restore never overwrites"}}));
        return;
      }
      Status done = store::backup_installation(*backup, *data);
      if (!done) {
        code = complain(done.error());
        return;
      }
      fmt::print("已恢复到 {}\n", *data);
    });
  }
}

}  // namespace yiwang::app

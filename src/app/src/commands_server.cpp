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
#include <sstream>

#include "api.hpp"
#include "commands.hpp"
#include "yiwang/pack/pack.hpp"

namespace yiwang::app {
namespace {

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
  prometheus::Family<prometheus::Counter>& requests = prometheus::BuildCounter().Name("yiwang_http_requests_total").Help("Finished requests by status class").Register(registry);
  prometheus::Family<prometheus::Histogram>& seconds = prometheus::BuildHistogram().Name("yiwang_http_request_seconds").Help("Time from the last byte read to the answer").Register(registry);
  prometheus::Family<prometheus::Gauge>& gauges = prometheus::BuildGauge().Name("yiwang_state").Help("Sizes and lags").Register(registry);
  std::array<prometheus::Counter*, 6> by_class{};
  prometheus::Histogram& latency = seconds.Add({}, prometheus::Histogram::BucketBoundaries{0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5});

  Metrics() {
    for (std::size_t i = 1; i < 6; ++i) by_class[i] = &requests.Add({{"status", std::to_string(i) + "xx"}});
  }
  void finished(http::Finished const& f) {
    auto cls = static_cast<std::size_t>(f.status / 100);
    if (cls >= 1 && cls < 6) by_class[cls]->Increment();
    latency.Observe(f.seconds);
  }
  std::string text(Installation& in, http::Server* server) {
    auto set = [&](char const* what, double value) { gauges.Add({{"what", what}}).Set(value); };
    auto counters = in.database->counters();
    set("commands_total", static_cast<double>(counters.commands));
    set("commits_total", static_cast<double>(counters.commits));
    set("commands_refused_total", static_cast<double>(counters.refused));
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
  std::string address = "127.0.0.1";
  std::uint16_t port = 8080;
  std::string data = "var/data";
  std::string database;
  std::string pack;
  std::string web;
  std::string port_file;
  bool demo = false;
  bool full = false;
  bool quiet = false;
  int threads = 2;
};

bool is_loopback(std::string const& address) { return address.starts_with("127.") || address == "::1"; }

int serve(ServeOptions const& o) {
  auto begin = std::chrono::steady_clock::now();
  // Signals are waited for, never handled asynchronously.
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  signal(SIGPIPE, SIG_IGN);

  InstallationOptions io;
  io.data = o.data;
  io.database = o.database;
  io.pack = !o.pack.empty() ? o.pack : find_folder("packs/yunhai");
  io.loopback = is_loopback(o.address);
  auto opened = Installation::open(io);
  if (!opened) return complain(opened.error());
  Installation& in = **opened;
  if (o.demo) {
    auto files = pack::read_folder(io.pack);
    if (!files) return complain(files.error());
    pack::LoadResult loaded = pack::load(*files);
    auto report = load_demo(in, loaded.pack, o.full);
    if (!report) return complain(report.error());
    if (!report->already && !o.quiet) {
      std::cout << "演示区已建好：居民 " << report->residents << "，企业 " << report->enterprises << "，工作人员 " << report->staff << "，政策咨询 " << report->cases << "\n";
    }
  }
  auto log = spdlog::stderr_logger_mt("yiwang");
  log->set_pattern("%v");
  log->set_level(o.quiet ? spdlog::level::warn : spdlog::level::info);
  Metrics metrics;
  ApiContext context{in, nullptr, {}, true};
  http::Router router;
  add_session_routes(router, context);
  add_case_routes(router, context);
  add_process_routes(router, context);
  add_decision_routes(router, context);
  add_system_routes(router, context);
  http::ServerOptions so;
  so.address = o.address;
  so.port = o.port;
  so.io_threads = o.threads;
  so.web_root = o.web;
  http::Server server(
      so, std::move(router), [&](http::Request const& r) { return event_channels(context, r); },
      [&](http::Finished const& f) {
        metrics.finished(f);
        if (f.status >= 500) log->error(R"({{"level":"error","trace_id":"{}","method":"{}","route":"{}","status":{},"ms":{:.1f}}})", f.trace_id, f.method, f.route, f.status, f.seconds * 1000);
        else if (f.seconds > 0.5) log->warn(R"({{"level":"slow","trace_id":"{}","method":"{}","route":"{}","status":{},"ms":{:.1f}}})", f.trace_id, f.method, f.route, f.status, f.seconds * 1000);
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
  if (Status started = server.start(); !started) return complain(started.error());
  in.machine->start();
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
    std::string base = "http://" + o.address + ":" + std::to_string(server.port());
    fmt::print("一网已就绪（{:.2f} 秒）\n  居民和企业  {}/\n  工作人员    {}/staff/\n", seconds, base, base);
    if (o.demo) {
      fmt::print("演示账号，密码都是 {}：\n  居民 xiaoyun（周晓芸）、chen（陈玉珍，长辈）、zhao（赵立新，面馆老板）\n", kDemoPassword);
      fmt::print("  工作人员 ss_clerk（社保）、mz_clerk（民政）、zs_clerk（政数）、zs_lead（督办）、leader（领导）\n  动态码：yiwang demo code 账号，例如 build/release/bin/yiwang demo code ss_clerk\n按 Ctrl+C 停止\n");
    }
    std::fflush(stdout);
  }
  int signal_number = 0;
  sigwait(&signals, &signal_number);
  context.ready = false;
  in.machine->stop();
  server.stop();
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
    cmd->add_option("--address", o->address, "Address to listen on; demo accounts work on loopback only");
    cmd->add_option("--port", o->port, "Port; 0 takes any free one");
    cmd->add_option("--data", o->data, "Folder of database, files and keys");
    cmd->add_option("--database", o->database, "sqlite:FILE or postgres:CONNECTION; default sqlite in the data folder");
    cmd->add_option("--pack", o->pack, "Folder of the definition pack");
    cmd->add_option("--web", o->web, "Folder with the built web apps (citizen/dist, staff/dist)");
    cmd->add_option("--port-file", o->port_file, "Write the port here once ready");
    cmd->add_option("--threads", o->threads, "Network threads")->check(CLI::Range(1, 64));
    cmd->add_flag("--demo", o->demo, "Fill an empty installation with the invented district");
    cmd->add_flag("--full", o->full, "With --demo: the large district");
    cmd->add_flag("--quiet", o->quiet, "Only warnings");
    cmd->callback([o, &code] { code = serve(*o); });
  }
  {
    auto* demo = line.app.add_subcommand("demo", "Help with the demo district")->require_subcommand(1);
    auto login = std::make_shared<std::string>();
    auto* cmd = demo->add_subcommand("code", "Print the one-time code of a demo account");
    cmd->add_option("account", *login, "Account name")->required();
    cmd->callback([login] { fmt::print("{}\n", store::one_time_code(demo_totp_secret(*login), SystemClock().now())); });
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
      if (release) fmt::print("{} {}: {} 个文件，{} 项业务，没有问题\n", release->pack_id, release->version, files->size(), release->case_types.size());
      else fmt::print("{} 处问题\n", errors.size());
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
      for (auto [bit, name] : {std::pair{spine::kAny, "any"}, std::pair{spine::kOwn, "own"}, std::pair{spine::kAssigned, "assigned"}, std::pair{spine::kDepartment, "department"}, std::pair{spine::kRegion, "region"}, std::pair{spine::kTookPart, "took part"}}) {
        if (p.relation & bit) relation += (relation.empty() ? "" : ", ") + std::string(name);
      }
      fmt::print("| {} | {} | {} |\n", to_string(p.role), to_string(p.action), relation);
    }
  });
  line.app.add_subcommand("openapi", "Print the OpenAPI 3.1 description of the HTTP interface")->callback([] {
    // Handlers are never called here, so an installation that was not opened is enough.
    Installation none;
    ApiContext context{none, nullptr, {}, true};
    http::Router router;
    add_session_routes(router, context);
    add_case_routes(router, context);
    add_process_routes(router, context);
    add_decision_routes(router, context);
    add_system_routes(router, context);
    fmt::print("{}\n", json::write_pretty(router.openapi("Yiwang", "0.1.0")));
  });
  {
    auto* verify = line.app.add_subcommand("verify", "Check what is stored")->require_subcommand(1);
    auto data = std::make_shared<std::string>("var/demo");
    auto database = std::make_shared<std::string>();
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

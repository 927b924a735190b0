// The whole command path with processes, timers, messages, signals and jobs, driven by a seed: random commands of people,
// repeated keys and messages, clocks that jump, and crashes. On SQLite the power fails while something is written; on PostgreSQL
// another server takes the database over while commands are under way. After every step the cases that it touched are looked at;
// after every crash all of them. A failing seed is printed; YW_SEED=n runs it alone, YW_SEEDS=n that many.

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "fault_disk.hpp"
#include "invariants.hpp"
#include "yiwang/clock/json.hpp"
#include "yiwang/store/machine.hpp"
#include "yiwang/store/views.hpp"

using namespace yiwang;
using namespace yiwang::store;
using namespace yiwang::test;

namespace {

struct SetClock final : yiwang::Clock {
  mutable std::atomic<std::int64_t> us{1'790'000'000'000'000};
  Instant now() const override { return {us.fetch_add(7)}; }
  void jump(std::int64_t by) { us += by; }
};

struct SimulatedPack {
  pack::FileSet files = pack::read_folder(YW_SOURCE_DIR "/packs/yunhai").value();
  std::shared_ptr<spine::Release const> release;
  SimulatedPack() {
    pack::FileSet const simulated = pack::read_folder(YW_SOURCE_DIR "/tests/simulation/simulated").value();
    for (auto const& [path, text] : simulated) files["case_types/simulated/" + path] = text;
    // Of no use here, and most of what there is to read.
    std::erase_if(files, [](auto const& file) { return file.first.starts_with("matters/"); });
    pack::LoadResult loaded = pack::load(files);
    for (Error const& e : loaded.errors) ADD_FAILURE() << e.line();
    spine::CompileResult compiled = spine::compile(loaded.pack);
    for (Error const& e : compiled.errors) ADD_FAILURE() << e.line();
    release = compiled.release;
  }
  static SimulatedPack const& get() {
    static SimulatedPack const kPack;
    return kPack;
  }
};

struct Tally {
  std::size_t steps = 0, crashes = 0, acknowledged = 0, refused = 0, unsure = 0, fired = 0, messages = 0, repeated = 0,
              notified = 0, concluded = 0, timed_out = 0;
};

struct Sent {
  CommandRequest request;
  std::optional<Reply> acknowledged;
};

class World {
 public:
  World(std::uint64_t seed, DatabaseUrl url, Tally& tally, bool lying = false)
      : seed_(seed), url_(std::move(url)), tally_(tally), random_(seed), ids_(seed ^ 1) {
    if (url_.dialect == Dialect::sqlite) {
      disk_ = std::make_unique<FaultDisk>("simulation-" + std::to_string(seed), seed ^ 2);
      disk_->lie_about_syncs(lying);
      options_.vfs = disk_->name();
      options_.checkpoint_pages = 20;
    }
    options_.readers = 2;
  }
  ~World() { close(); }

  void run(int steps) {
    if (!open()) return fault("it does not open");
    for (int i = 0; i < steps && fault_.empty(); ++i) {
      ++tally_.steps;
      step();
    }
    if (fault_.empty()) settle();
    close();
  }
  std::string const& fault() const { return fault_; }

 private:
  bool open() {
    auto opened = Database::open(url_, options_, clock_.now());
    if (!opened) return false;
    database_ = std::move(*opened);
    definitions_ = std::make_unique<Definitions>();
    auto const& pack = SimulatedPack::get();
    if (!release_pack(*database_, *definitions_, pack.files, pack.release, clock_.now())) {
      close();
      return false;
    }
    auto bytes = [r = std::make_shared<Random>(random_.next())](unsigned char* out, std::size_t n) {
      for (std::size_t i = 0; i < n; ++i) out[i] = static_cast<unsigned char>(r->next());
    };
    commands_ = std::make_unique<CommandService>(
        *database_, *definitions_, clock_, ids_, render_code,
        [this](spine::CaseType const& type, spine::CaseState const& s) {
          return spine::case_times(type, s, calendar_, clock_.now());
        },
        bytes);
    outbox_ = std::make_unique<OutboxWorker>(*database_, clock_, OutboxOptions{});
    machine_ = std::make_unique<Machine>(*database_, *commands_, clock_, MachineOptions{});
    machine_->add("notify", [this](CaseId id, json::Value const&) -> Result<json::Value> {
      if (random_.below(4) == 0) return fail(ErrorCode::store_delivery, {{"why", "the other side does not answer"}});
      ++outside_[id];  // at least once: the outside knows the key
      ++tally_.notified;
      return json::Value::object({{"told", json::Value::boolean(true)}});
    });
    machine_->connect(*outbox_);
    return true;
  }
  void close() {
    machine_.reset();
    outbox_.reset();
    commands_.reset();
    if (database_) database_->stop();
    database_.reset();
    definitions_.reset();
  }
  bool powered() const { return !disk_ || disk_->powered(); }

  spine::Actor person(std::uint64_t n) { return clerk("gov_services", n % 3); }
  spine::Actor chief() {
    spine::Actor a = clerk("gov_services", 9);
    a.role = spine::Role::supervisor;
    return a;
  }
  CaseId any_case() { return cases_[random_.below(cases_.size())]; }

  CommandRequest make() {
    CommandRequest r;
    std::string const key = "k" + std::to_string(++number_);
    std::uint64_t const what = cases_.empty() ? 0 : random_.below(20);
    if (what < 3) {
      r.actor = resident(random_.below(3));
      r.command.case_type = "simulated";
      r.command.case_id = ids_.make<CaseId>();
      r.command.input = json::Value::object({{"what", text("第" + std::to_string(number_) + "件")}});
    } else {
      r.actor = random_.below(3) == 0 ? chief() : person(random_.next());
      r.command.case_id = any_case();
      if (what < 13) {
        r.command.kind = spine::Command::Kind::act;
        r.command.action = random_.below(3) == 0 ? "approve" : "next";
        r.command.input = json::Value::object();
      } else if (what < 14) {
        r.command.kind = random_.below(2) ? spine::Command::Kind::claim : spine::Command::Kind::unclaim;
      } else {
        static constexpr char const* kOperations[] = {"send_back",  "hand_over",          "suspend", "resume",
                                                      "urge",       "request_correction", "jump",    "request_extension",
                                                      "add_signer", "terminate",          "retry"};
        r.command.kind = spine::Command::Kind::operate;
        r.command.action = kOperations[random_.below(random_.below(6) == 0 ? 11 : 6)];
        r.command.reason = "模拟";
        if (r.command.action == "jump") r.command.node = random_.below(2) ? "prepare" : "sign";
        if (r.command.action == "add_signer") r.command.name = "before";
        if (r.command.action == "hand_over" || r.command.action == "add_signer")
          r.command.people = {yiwang::to_string(person(random_.next()).id)};
        // Tasks, incidents and elements have small numbers.
        if (random_.below(2) == 0) r.command.task = 1 + random_.below(14);
      }
    }
    r.idempotency_key = r.request_bytes = key;
    return r;
  }

  CommandRequest message() {
    CommandRequest r;
    r.actor = spine::Actor::system();
    r.command.kind = spine::Command::Kind::message;
    r.command.case_id = any_case();
    r.command.name = "papers";
    std::string const number = "m" + std::to_string(++number_);
    r.command.input = json::Value::object({{"number", text(number)}});
    r.message_id = number;
    r.expires = Instant{clock_.us + 5 * kMicrosPerDay};
    return r;
  }

  void step() {
    switch (random_.below(12)) {
      case 0: clock_.jump(static_cast<std::int64_t>(random_.below(40)) * 3600 * kMicrosPerSecond); break;
      case 1: pass(); break;
      case 2: fire(); break;
      case 3:
        if (!cases_.empty()) {
          if (!messages_.empty() && random_.below(3) == 0) {
            ++tally_.repeated;
            send_message(messages_[random_.below(messages_.size())]);
          } else {
            send_message(message());
          }
        }
        break;
      case 4:
        if (random_.below(3) == 0) return crash();
        break;
      default: batch(1 + random_.below(5));
    }
    if (!powered()) crash();
    for (CaseId id : touched_) look(id);
    touched_.clear();
  }

  void send_message(CommandRequest request) {
    CaseId const id = request.command.case_id;
    std::string const number = request.message_id;
    Reply reply = commands_->run(request);
    touched_.insert(id);
    if (reply.status >= 500) {
      messages_.push_back(std::move(request));  // unsure: to be sent again
      return;
    }
    // A case that has ended, or was never committed, keeps nothing.
    if (reply.status < 300) {
      told_[id].insert(number);
      ++tally_.messages;
    }
    messages_.push_back(std::move(request));
  }

  void batch(std::size_t n) {
    std::vector<std::pair<std::string, std::future<Reply>>> replies;
    for (std::size_t i = 0; i < n; ++i) {
      CommandRequest request =
          random_.below(8) == 0 && !sent_.empty()
              ? std::next(sent_.begin(), static_cast<std::ptrdiff_t>(random_.below(sent_.size())))->second.request
              : make();
      auto promise = std::make_shared<std::promise<Reply>>();
      touched_.insert(request.command.case_id);
      sent_.try_emplace(request.idempotency_key, Sent{request, std::nullopt});
      replies.emplace_back(request.idempotency_key, promise->get_future());
      commands_->execute(std::move(request), [promise](Reply reply) { promise->set_value(std::move(reply)); });
    }
    for (auto& [key, future] : replies) acknowledge(key, future.get());
  }

  void acknowledge(std::string const& key, Reply reply) {
    if (reply.status >= 500) return void(++tally_.unsure);
    Sent& sent = sent_.at(key);
    if (sent.acknowledged) {
      if (sent.acknowledged->body != reply.body || sent.acknowledged->status != reply.status)
        fault("another answer under the key " + key + ": " + reply.body + " after " + sent.acknowledged->body);
      return;
    }
    (reply.status < 300 ? tally_.acknowledged : tally_.refused) += 1;
    if (reply.status == 201) cases_.push_back(sent.request.command.case_id);
    sent.acknowledged = std::move(reply);
  }

  void fire() {
    for (int guard = 0; guard < 20; ++guard) {
      auto fired = machine_->fire_due();
      if (!fired || *fired == 0) break;
      tally_.fired += *fired;
    }
    static_cast<void>(machine_->expire_messages());
    for (CaseId id : cases_) touched_.insert(id);
  }
  void pass() {
    static_cast<void>(outbox_->pass());
    for (CaseId id : cases_) touched_.insert(id);
  }

  /// Commands are under way when it happens; what they had come to is unsure.
  void crash() {
    ++tally_.crashes;
    if (disk_) {
      if (disk_->powered()) {
        disk_->cut_power_after(1 + random_.below(60));
        for (int i = 0; i < 20 && disk_->powered(); ++i) batch(1 + random_.below(4));
        disk_->cut_power_now();
      }
      close();
      disk_->power_on();
      if (!open()) return fault("it does not open after a power cut");
    } else {
      // The old server goes on while the new one takes over; it is fenced out.
      std::vector<std::pair<std::string, std::future<Reply>>> under_way;
      for (std::size_t i = 0; i < 6; ++i) {
        CommandRequest request = make();
        auto promise = std::make_shared<std::promise<Reply>>();
        sent_.try_emplace(request.idempotency_key, Sent{request, std::nullopt});
        under_way.emplace_back(request.idempotency_key, promise->get_future());
        commands_->execute(std::move(request), [promise](Reply reply) { promise->set_value(std::move(reply)); });
      }
      auto old_machine = std::move(machine_);
      auto old_outbox = std::move(outbox_);
      auto old_commands = std::move(commands_);
      auto old_database = std::move(database_);
      auto old_definitions = std::move(definitions_);
      if (!open()) return fault("another server cannot take over");
      for (auto& [key, future] : under_way) acknowledge(key, future.get());
      CommandRequest late = make();
      late.idempotency_key = late.request_bytes = "late" + std::to_string(++number_);
      if (old_commands->run(late).status < 500) return fault("a fenced server still answers");
      old_machine.reset();
      old_outbox.reset();
      old_database->stop();
    }
    // Acknowledged: the same answer. Unsure: sent again it is done once.
    std::size_t looked = 0;
    for (auto it = sent_.rbegin(); it != sent_.rend() && looked < 40; ++it, ++looked) {
      std::uint64_t const before = database_->log_size();
      bool const known = it->second.acknowledged.has_value();
      Reply reply = commands_->run(it->second.request);
      if (reply.status >= 500) return fault("key " + it->first + " cannot be repeated: " + reply.body);
      if (known && database_->log_size() != before) return fault("acknowledged key " + it->first + " was done again");
      acknowledge(it->first, std::move(reply));
    }
    look_at_all();
  }

  void look_at_all() {
    std::size_t count = 0;
    auto differences = verify_state(*database_, *definitions_->snapshot(), count);
    if (!differences) return fault("verify state: " + differences.error().line());
    for (Error const& e : *differences) fault(e.line());
    for (CaseId id : cases_) look(id);
  }

  /// One case: its events in order and its state as they make it, its tokens, and every effect at most once.
  void look(CaseId id) {
    auto loaded = load_case(*database_, *definitions_->snapshot(), id);
    if (!loaded) return fault(loaded.error().line());
    if (!*loaded) {
      if (std::find(cases_.begin(), cases_.end(), id) != cases_.end()) fault("an acknowledged case is gone");
      return;
    }
    auto const& [row, events, proved] = **loaded;
    spine::CaseType const* type = definitions_->snapshot()->find(row.state.definition);
    spine::CaseState rebuilt;
    rebuilt.id = id;
    std::int64_t last = 0;
    std::map<std::string, int> once;
    for (spine::Event const& event : events) {
      if (event.at.us < last) return fault("the clock of a case runs back");
      last = event.at.us;
      if (Status applied = spine::apply(*type, rebuilt, event); !applied) return fault(applied.error().line());
      if (event.type == "case.message") ++once["message " + event.data.find("input")->find("number")->text()];
      if (json::Value const* rules = event.data.find("rules")) {
        for (json::Value const& rule : rules->items()) {
          ++once["rule " + rule.find("rule")->text() + " for the day " + rule.find("due_us")->text()];
          if (timed_out_.insert(to_string(id) + rule.find("rule")->text()).second) ++tally_.timed_out;
          if (std::stoll(rule.find("due_us")->text()) > event.at.us && rule.find("do")->text() != "warn")
            return fault("a rule acts before its day");
        }
      }
      if (json::Value const* moved = event.data.find("process")) {
        for (json::Value const& record : moved->items()) {
          json::Value const* what = record.find("type");
          json::Value const* number = record.find("id");
          if (what && number &&
              (what->text() == "task_opened" || what->text() == "task_closed" || what->text() == "job_opened" ||
               what->text() == "job_closed" || what->text() == "timer_set")) {
            ++once[what->text() + " " + number->text()];
          }
        }
      }
    }
    for (auto const& [what, times] : once) {
      if (times > 1) return fault(what + " happened " + std::to_string(times) + " times");
    }
    if (spine::state_text(rebuilt) != spine::state_text(row.state))
      return fault("the state is not what the events make: " + spine::state_text(row.state));
    for (std::size_t i = 1; i < rebuilt.clock.size(); ++i) {
      if (rebuilt.clock[i].at < rebuilt.clock[i - 1].at) return fault("the statutory clock runs back");
    }
    if (std::string what = bpmn::testing::broken(*type->process, *rebuilt.process); !what.empty())
      return fault(what + "\n" + spine::process_text(*type, rebuilt));
  }

  /// Time passes and people work until every case is at its end.
  void settle() {
    for (int round = 0; round < 60 && fault_.empty(); ++round) {
      clock_.jump(13 * 3600 * kMicrosPerSecond);
      fire();
      pass();
      std::size_t open = 0;
      for (CaseId id : cases_) {
        auto loaded = load_case(*database_, *definitions_->snapshot(), id);
        if (!loaded || !*loaded) return fault("a case is gone");
        spine::CaseState const& state = (*loaded)->row.state;
        if (state.status == spine::CaseStatus::concluded) continue;
        ++open;
        auto give = [&](spine::Command::Kind kind, spine::Actor actor, std::string action, bpmn::Id task) {
          CommandRequest r;
          r.actor = std::move(actor);
          r.command.kind = kind;
          r.command.case_id = id;
          r.command.action = std::move(action);
          r.command.task = task;
          r.command.reason = "模拟结束";
          r.command.input = json::Value::object();
          r.idempotency_key = r.request_bytes = "s" + std::to_string(++number_);
          return commands_->run(r).status;
        };
        if (state.suspended) give(spine::Command::Kind::operate, chief(), "resume", 0);
        if (round > 20) {
          give(spine::Command::Kind::operate, chief(), "terminate", 0);
          continue;
        }
        if (random_.below(2) == 0) {
          CommandRequest m = message();
          m.command.case_id = id;
          send_message(std::move(m));
        }
        for (spine::OpenTask const& task : state.tasks) {
          if (task.blocked) continue;
          auto const action = task.node == "sign" ? "approve" : "next";
          if (task.performer == spine::Performer::applicant) {
            spine::Actor own = resident(0);
            own.acts_for = state.applicant;
            own.id = state.applicant.bytes();
            give(spine::Command::Kind::operate, own, "submit_correction", task.id);
          } else if (!task.kind.empty()) {
            for (std::uint64_t n = 0; n < 3; ++n) give(spine::Command::Kind::operate, person(n), "complete_task", task.id);
          } else {
            for (std::uint64_t n = 0; n < 3; ++n) {
              if (give(spine::Command::Kind::act, person(n), action, task.id) == 200) break;
            }
            give(spine::Command::Kind::act, chief(), action, task.id);
          }
        }
      }
      look_at_all();
      if (open == 0) break;
      if (round == 59) fault("cases do not end");
    }
    for (CaseId id : cases_) {
      auto loaded = load_case(*database_, *definitions_->snapshot(), id);
      if (!loaded || !*loaded) return fault("a case is gone");
      tally_.concluded += (*loaded)->row.state.status == spine::CaseStatus::concluded;
      // What was acknowledged of messages was taken by the process at most once; look() has counted.
      std::size_t jobs = 0;
      for (spine::Event const& event : (*loaded)->events) jobs += event.type == "case.job";
      if (jobs > 0 && outside_[id] == 0) {
        bool failed = false;
        for (spine::Event const& event : (*loaded)->events)
          failed = failed || json::write(event.data).find("incident_raised") != std::string::npos;
        if (!failed) fault("a job was reported done that nobody did");
      }
    }
  }

  void fault(std::string what) {
    if (fault_.empty()) fault_ = "seed " + std::to_string(seed_) + ", step " + std::to_string(tally_.steps) + ": " + what;
  }

  std::uint64_t seed_;
  DatabaseUrl url_;
  Tally& tally_;
  Random random_;
  SeededIds ids_;
  SetClock clock_;
  std::unique_ptr<FaultDisk> disk_;
  DatabaseOptions options_;
  std::unique_ptr<Database> database_;
  std::unique_ptr<Definitions> definitions_;
  std::unique_ptr<CommandService> commands_;
  std::unique_ptr<OutboxWorker> outbox_;
  std::unique_ptr<Machine> machine_;
  std::map<std::string, Sent> sent_;
  std::vector<CommandRequest> messages_;
  std::vector<CaseId> cases_;
  std::set<CaseId> touched_;
  clock::DayTable calendar_ = clock::embedded_calendar().value();
  std::map<CaseId, std::set<std::string>> told_;
  std::map<CaseId, int> outside_;
  std::set<std::string> timed_out_;
  int number_ = 0;
  std::string fault_;
};

void simulate(Dialect dialect, std::size_t seeds, int steps) {
  std::uint64_t first = static_cast<std::uint64_t>(std::chrono::system_clock::now().time_since_epoch().count() % 1'000'000'000);
  if (char const* given = std::getenv("YW_SEED")) first = std::strtoull(given, nullptr, 10), seeds = 1;
  if (char const* many = std::getenv("YW_SEEDS")) seeds = std::strtoull(many, nullptr, 10);
  if (char const* mode = std::getenv("YW_TEST_MODE"); mode && std::string_view(mode) == "long") seeds *= 20;
  fmt::print("seeds from {}\n", first);
  std::fflush(stdout);
  Tally tally;
  for (std::uint64_t seed = first; seed < first + seeds; ++seed) {
    DatabaseUrl url{dialect, "simulation.db"};
    std::filesystem::path folder;
    if (dialect == Dialect::sqlite) {
      folder =
          std::filesystem::temp_directory_path() / ("yw-simulation-" + std::to_string(::getpid()) + "-" + std::to_string(seed));
      std::filesystem::create_directories(folder);
      url.target = (folder / "t.db").string();
    } else {
      auto base = DatabaseUrl::parse(std::getenv("YW_TEST_POSTGRES")).value();
      auto session = open_session(base, {.writer = true}).value();
      ASSERT_TRUE(session->script("DROP SCHEMA public CASCADE; CREATE SCHEMA public").has_value());
      url = base;
    }
    World world(seed, url, tally);
    world.run(steps);
    if (!folder.empty()) std::filesystem::remove_all(folder);
    if (!world.fault().empty()) {
      ADD_FAILURE() << world.fault() << "\nreplay: YW_SEED=" << seed;
      break;
    }
  }
  fmt::print(
      "{} steps, {} crashes: {} acknowledged, {} refused, {} unsure; {} timers, {} messages and {} again, {} calls outside, {} "
      "rules of the clock, {} cases at their end\n",
      tally.steps, tally.crashes, tally.acknowledged, tally.refused, tally.unsure, tally.fired, tally.messages, tally.repeated,
      tally.notified, tally.timed_out, tally.concluded);
  if (seeds < 5) return;
  // The runs must have meant something.
  EXPECT_GT(tally.crashes, 0u);
  EXPECT_GT(tally.acknowledged, tally.steps / 2);
  EXPECT_GT(tally.fired, 0u);
  EXPECT_GT(tally.repeated, 0u);
  EXPECT_GT(tally.notified, 0u);
  EXPECT_GT(tally.timed_out, 0u);
  EXPECT_GT(tally.unsure, 0u);
  EXPECT_GT(tally.concluded, 0u);
}

}  // namespace

TEST(Simulation, OnSqliteWithPowerCuts) { simulate(Dialect::sqlite, 25, 60); }

// The test of the test: a disk that says "synced" and has not must be found out.
TEST(Simulation, ADiskThatLiesAboutSyncsIsFoundOut) {
  Tally tally;
  std::string fault;
  auto const folder = std::filesystem::temp_directory_path() / ("yw-simulation-lie-" + std::to_string(::getpid()));
  for (std::uint64_t seed = 1; seed <= 20 && fault.empty(); ++seed) {
    std::filesystem::create_directories(folder);
    World world(seed, {Dialect::sqlite, (folder / "t.db").string()}, tally, true);
    world.run(60);
    fault = world.fault();
    std::filesystem::remove_all(folder);
  }
  EXPECT_FALSE(fault.empty());
  fmt::print("found: {}\n", fault);
}

TEST(Simulation, OnPostgresqlWithServersThatTakeOver) {
  if (std::getenv("YW_TEST_POSTGRES") == nullptr) GTEST_SKIP() << "YW_TEST_POSTGRES is not set";
  simulate(Dialect::postgres, 12, 60);
}

// Power cuts at random writes and syncs, through the real command path on a disk that loses and tears what was not synced.
// After each: every acknowledged command is there exactly once, nothing is half done, the state is what the events say, and
// the log verifies. YW_SEED=n replays one run; YW_TEST_MODE=long makes ten times as many rounds.

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <future>

#include "fault_disk.hpp"
#include "gate.hpp"
#include "yiwang/store/commands.hpp"
#include "yiwang/store/files.hpp"
#include "yiwang/store/views.hpp"

using namespace yiwang;
using namespace yiwang::store;
using namespace yiwang::test;

namespace {

/// One command as it was sent, so that it can be sent again.
struct Sent {
  CommandRequest request;
  std::optional<Reply> acknowledged;
};

/// Runs SQL of the test on the disk of the installation: one number.
std::int64_t number(FaultDisk& disk, std::string const& file, char const* sql, std::string* words = nullptr) {
  sqlite3* db = nullptr;
  EXPECT_EQ(sqlite3_open_v2(file.c_str(), &db, SQLITE_OPEN_READWRITE, disk.name().c_str()), SQLITE_OK);
  sqlite3_stmt* s = nullptr;
  EXPECT_EQ(sqlite3_prepare_v2(db, sql, -1, &s, nullptr), SQLITE_OK) << sqlite3_errmsg(db);
  std::int64_t out = sqlite3_step(s) == SQLITE_ROW ? sqlite3_column_int64(s, 0) : -1;
  if (words && out != -1) *words = reinterpret_cast<char const*>(sqlite3_column_text(s, 0));
  sqlite3_finalize(s);
  sqlite3_close(db);
  return out;
}

struct Tally {
  std::size_t rounds = 0, acknowledged = 0, unsure = 0, arrived = 0, cut_while_opening = 0, faults = 0;
  std::uint64_t torn = 0, lost = 0;
  std::string first_fault;
};

/// The life of one installation: rounds of load, a power cut, and looking.
class Life {
 public:
  Life(std::uint64_t seed, Tally& tally, bool lying)
      : random_(seed),
        ids_(seed ^ 1),
        disk_("power-cut-" + std::to_string(seed), seed ^ 2),
        tally_(tally),
        key_(evidence::SigningKey::generate().value()) {
    folder_ = std::filesystem::temp_directory_path() / ("yw-power-" + std::to_string(::getpid()) + "-" + std::to_string(seed));
    std::filesystem::create_directories(folder_);
    file_ = (folder_ / "t.db").string();
    disk_.lie_about_syncs(lying);
  }
  ~Life() {
    tally_.torn += disk_.torn_writes();
    tally_.lost += disk_.lost_writes();
    std::filesystem::remove_all(folder_);
  }

  void round() {
    ++tally_.rounds;
    // Small logs are folded back often, so that power fails in checkpoints too.
    options_.readers = 1;
    options_.vfs = disk_.name();
    options_.checkpoint_pages = random_.below(2) == 0 ? 4 : 60;
    disk_.cut_power_after(1 + random_.below(random_.below(4) == 0 ? 12 : 160));
    if (open())
      load();
    else
      ++tally_.cut_while_opening;
    disk_.cut_power_now();
    close();
    disk_.power_on();
    if (!open()) return fault("it does not open again");
    look();
    close();
  }

 private:
  bool open() {
    auto opened = Database::open({Dialect::sqlite, file_}, options_, clock_.now());
    if (!opened) return false;
    database_ = std::move(*opened);
    definitions_ = std::make_unique<Definitions>();
    if (!release_pack(*database_, *definitions_, District::get().files, District::get().release, clock_.now())) {
      close();
      return false;
    }
    signer_ = std::make_unique<RootSigner>(*database_, clock_, evidence::SigningKey::from_pem(key_.to_pem()).value(),
                                           RootSigner::Runs::when_asked);
    auto bytes = [r = std::make_shared<Random>(random_.next())](unsigned char* out, std::size_t n) {
      for (std::size_t i = 0; i < n; ++i) out[i] = static_cast<unsigned char>(r->next());
    };
    commands_ = std::make_unique<CommandService>(
        *database_, *definitions_, clock_, ids_, render_code,
        [](spine::CaseType const&, spine::CaseState const& s) -> Result<spine::CaseTimes> {
          return spine::CaseTimes{Instant{s.created.us + 3 * kMicrosPerDay}, {}};
        },
        bytes);
    return true;
  }
  void close() {
    commands_.reset();
    signer_.reset();
    if (database_) database_->stop();
    database_.reset();
    definitions_.reset();
  }

  CommandRequest make() {
    CommandRequest r;
    r.idempotency_key = "k" + std::to_string(++key_number_);
    std::uint64_t who = random_.below(5);
    if (cases_.empty() || random_.below(3) == 0) {
      r = consultation(resident(who), r.idempotency_key, ids_.make<CaseId>(),
                       "断电测试的问题" + std::string(random_.below(900), 'x'), random_.below(2) ? "pension" : "school");
      if (random_.below(8) == 0) r.command.input.set("question", text("短"));  // refused, and the refusal is kept
    } else {
      auto const& [id, department] = cases_[random_.below(cases_.size())];
      r.actor = clerk(department, who % 2);
      r.command.case_id = id;
      switch (random_.below(3)) {
        case 0: r.command.kind = spine::Command::Kind::claim; break;
        case 1: r.command.kind = spine::Command::Kind::unclaim; break;
        default:
          r.command.kind = spine::Command::Kind::act;
          r.command.action = random_.below(2) ? "answer" : "ask_back";
          r.command.input = r.command.action == "answer" ? json::Value::object({{"reply", text("可以办理，请带身份证。")}})
                                                         : json::Value::object({{"ask", text("请补充您的情况。")}});
      }
    }
    r.request_bytes = r.idempotency_key;
    return r;
  }

  /// Batches whose size is drawn, until the power fails.
  void load() {
    for (int batch = 0; batch < 200 && disk_.powered(); ++batch) {
      std::size_t n = 1 + random_.below(12);
      // The writer waits at a gate until the whole batch stands in the queue: the same seed makes the same batches.
      Gate gate(*database_);
      std::vector<std::future<Reply>> replies;
      std::vector<std::string> keys;
      for (std::size_t i = 0; i < n; ++i) {
        CommandRequest request =
            random_.below(6) == 0 && !sent_.empty()
                ? std::next(sent_.begin(), static_cast<std::ptrdiff_t>(random_.below(sent_.size())))->second.request
                : make();
        keys.push_back(request.idempotency_key);
        sent_.try_emplace(request.idempotency_key, Sent{request, std::nullopt});
        auto promise = std::make_shared<std::promise<Reply>>();
        replies.push_back(promise->get_future());
        commands_->execute(std::move(request), [promise](Reply reply) { promise->set_value(std::move(reply)); });
      }
      gate.open();
      for (std::size_t i = 0; i < n; ++i) {
        Reply reply = replies[i].get();
        if (reply.status == 503) continue;  // nothing was promised
        acknowledge(sent_.at(keys[i]), std::move(reply));
      }
      if (random_.below(3) == 0 && signer_->sign_now()) {
        if (auto root = root_latest(*database_); root && *root) roots_[(*root)->size] = (*root)->root;
      }
    }
  }
  void acknowledge(Sent& sent, Reply reply) {
    if (sent.acknowledged) {
      if (sent.acknowledged->body != reply.body || sent.acknowledged->status != reply.status)
        fault("another answer under the key " + sent.request.idempotency_key);
      return;
    }
    if (reply.status == 201) {
      CaseId id = sent.request.command.case_id;
      auto loaded = load_case(*database_, *definitions_->snapshot(), id);
      if (loaded && *loaded) cases_.emplace_back(id, (*loaded)->row.state.department);
    }
    sent.acknowledged = std::move(reply);
    ++tally_.acknowledged;
  }

  void look() {
    // Acknowledged: the same answer. Unsure: sent again it is done once, whether or not it had arrived.
    for (auto& [key, sent] : sent_) {
      bool was_unsure = !sent.acknowledged;
      std::uint64_t before = database_->log_size();
      Reply reply = commands_->run(sent.request);
      if (reply.status == 503) fault("key " + key + " cannot be repeated: " + reply.body);
      if (was_unsure)
        ++tally_.unsure, tally_.arrived += database_->log_size() == before;
      else if (database_->log_size() != before)
        fault("acknowledged key " + key + " was done again");
      acknowledge(sent, std::move(reply));
    }
    std::size_t cases = 0;
    std::uint64_t leaves = 0;
    auto differences = verify_state(*database_, *definitions_->snapshot(), cases);
    if (!differences)
      fault("verify state: " + differences.error().line());
    else
      for (Error const& e : *differences) fault(e.line());
    auto log = verify_log(*database_, key_.public_pem(), leaves);
    if (!log)
      fault("verify log: " + log.error().line());
    else
      for (Error const& e : *log) fault(e.line());
    for (auto const& [size, root] : roots_) {
      auto now = database_->log_root(size);
      if (!now || *now != root) fault("the root of " + std::to_string(size) + " leaves was signed and is gone");
    }
    std::size_t submitted = 0;
    for (auto const& [key, sent] : sent_) submitted += sent.acknowledged && sent.acknowledged->status == 201;
    if (cases != submitted) fault(std::to_string(cases) + " cases, " + std::to_string(submitted) + " submitted");
    std::string words;
    number(disk_, file_, "PRAGMA integrity_check", &words);
    if (words != "ok") fault("integrity: " + words);
    struct {
      char const* what;
      char const* sql;
    } const halves[] = {
        {"cases without their list row",
         "SELECT COUNT(*) FROM casefile c WHERE NOT EXISTS (SELECT 1 FROM case_visibility v WHERE v.case_id = c.case_id)"},
        {"list rows without their case",
         "SELECT COUNT(*) FROM case_visibility v WHERE NOT EXISTS (SELECT 1 FROM casefile c WHERE v.case_id = c.case_id)"},
        {"query codes without their case",
         "SELECT COUNT(*) FROM claim k WHERE k.kind = 'query_code' AND NOT EXISTS (SELECT 1 FROM casefile c WHERE c.query_code = "
         "k.value)"},
        {"cases with more than one open task",
         "SELECT COUNT(*) FROM (SELECT case_id FROM task WHERE status = 0 GROUP BY case_id HAVING COUNT(*) > 1)"},
        {"cases whose events do not end at their revision",
         "SELECT COUNT(*) FROM casefile c WHERE c.revision <> (SELECT COUNT(*) FROM event e WHERE e.aggregate = c.case_id)"},
    };
    for (auto const& half : halves) {
      std::int64_t n = number(disk_, file_, half.sql);
      if (n != 0) fault(std::to_string(n) + " " + half.what);
    }
  }
  void fault(std::string what) {
    if (tally_.faults++ == 0) tally_.first_fault = std::move(what);
  }

  Random random_;
  SeededIds ids_;
  SteppingClock clock_;
  FaultDisk disk_;
  Tally& tally_;
  evidence::SigningKey key_;
  std::filesystem::path folder_;
  std::string file_;
  DatabaseOptions options_;
  std::unique_ptr<Database> database_;
  std::unique_ptr<Definitions> definitions_;
  std::unique_ptr<RootSigner> signer_;
  std::unique_ptr<CommandService> commands_;
  std::map<std::string, Sent> sent_;
  std::vector<std::pair<CaseId, std::string>> cases_;
  std::map<std::uint64_t, Digest> roots_;
  int key_number_ = 0;
};

std::uint64_t seed_of_run() {
  char const* given = std::getenv("YW_SEED");
  return given ? std::strtoull(given, nullptr, 10)
               : static_cast<std::uint64_t>(std::chrono::system_clock::now().time_since_epoch().count() % 1'000'000'000);
}

Tally run(std::uint64_t seed, int lives, int rounds, bool lying) {
  Tally tally;
  for (int i = 0; i < lives; ++i) {
    Life life(seed + static_cast<std::uint64_t>(i), tally, lying);
    for (int r = 0; r < rounds && tally.faults == 0; ++r) life.round();
    if (tally.faults != 0) {
      tally.first_fault += " (replay: YW_SEED=" + std::to_string(seed + static_cast<std::uint64_t>(i)) + ")";
      break;
    }
  }
  return tally;
}

}  // namespace

TEST(PowerCut, EveryAcknowledgedCommandIsThereOnceAndTheLogVerifies) {
  char const* mode = std::getenv("YW_TEST_MODE");
  int lives = mode && std::string_view(mode) == "long" ? 400 : 40;
  std::uint64_t seed = seed_of_run();
  fmt::print("seed {}\n", seed);
  std::fflush(stdout);
  Tally t = run(seed, lives, 8, false);
  fmt::print(
      "{} power cuts ({} while opening): {} acknowledged commands, {} unsure of which {} had arrived; {} writes torn, {} lost\n",
      t.rounds, t.cut_while_opening, t.acknowledged, t.unsure, t.arrived, t.torn, t.lost);
  EXPECT_EQ(t.faults, 0u) << t.first_fault;
  EXPECT_EQ(t.rounds, static_cast<std::size_t>(lives) * 8);
  // The rounds must have meant something.
  EXPECT_GT(t.acknowledged, t.rounds);
  EXPECT_GT(t.unsure, 0u);
  EXPECT_GT(t.torn, 0u);
  EXPECT_GT(t.lost, 0u);
}

// The test of the test: a disk that says "synced" and has not must be found out.
TEST(PowerCut, ADiskThatLiesAboutSyncsIsFoundOut) {
  Tally t = run(7, 20, 8, true);
  EXPECT_GT(t.faults, 0u);
  fmt::print("found after {} power cuts: {}\n", t.rounds, t.first_fault);
}

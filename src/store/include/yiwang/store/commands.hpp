#pragma once
// The one path that every command takes: idempotency, load, authorise on the row, decide, apply, save state, events,
// task, visibility and evidence in one transaction, durable, reply.

#include <atomic>
#include <functional>
#include <optional>
#include <string>
#include <thread>

#include "yiwang/spine/deadline.hpp"
#include "yiwang/spine/process_ports.hpp"
#include "yiwang/store/definitions.hpp"

namespace yiwang::store {

/// Random bytes, buffered; of the machine unless another source is given. Not thread-safe.
class RandomPool {
 public:
  using Source = std::function<void(unsigned char*, std::size_t)>;
  RandomPool() = default;
  explicit RandomPool(Source source) : source_(std::move(source)) {}
  void fill(char* out, std::size_t n);
  std::string bytes(std::size_t n);

 private:
  Source source_;
  std::array<unsigned char, 4096> buffer_{};
  std::size_t used_ = sizeof(buffer_);
};

/// New ids: UUIDv7 from a clock and random bytes. Thread-safe.
class SystemIds final : public IdSource {
 public:
  explicit SystemIds(yiwang::Clock const& clock) : clock_(clock) {}
  IdBytes next() override;

 private:
  yiwang::Clock const& clock_;
  std::mutex mutex_;
  RandomPool random_;
  std::int64_t last_ms_ = 0;
  std::uint16_t sequence_ = 0;
};

struct Reply {
  int status = 200;
  std::string body;
  int retry_after = 0;  ///< seconds, of what is refused for now only: nothing is kept under its key
};

struct CommandRequest {
  spine::Actor actor;
  std::string idempotency_key;  ///< 1..100 characters, chosen by the client
  std::string request_bytes;    ///< what the key stands for: the same key with other bytes is refused
  spine::Command command;
  std::string message_id = {};  ///< of a message: what the sender numbers it by
  Instant expires = {};         ///< of a message: how long it is kept while nobody waits for it
};

/// Outbox kinds of what processes send out; the Machine delivers them.
inline constexpr char kProcessMessage[] = "process.message", kProcessSignal[] = "process.signal", kProcessJob[] = "process.job";

/// How refusals become an answer; given by the HTTP layer.
using RenderErrors = std::function<Reply(std::vector<Error> const&)>;
/// When a case is due, and when its time-out rules act. Errors: the clock's own codes, of events that its rule does not allow.
using TimesOf = std::function<Result<spine::CaseTimes>(spine::CaseType const&, spine::CaseState const&)>;

/// What shall leave after the commit of an event, through the outbox.
struct Effect {
  std::string kind;
  std::string body;  ///< JSON
};

/// A system beside the spine (requests, matters …) that keeps tables of its own under a case's id. Everything runs on the
/// writer thread inside the command's transaction; a command may run twice when its transaction was lost.
class System {
 public:
  virtual ~System() = default;
  /// Whether cases of this type are its business.
  virtual bool concerns(spine::CaseType const& type) const = 0;
  /// Before decide(): what only the database can say (the last place of a quota, a duplicate). It may add to
  /// `command.facts`; the errors it returns refuse the command.
  virtual Result<std::vector<Error>> prepare(Session&, spine::CaseType const&, spine::CaseState const* /*before*/,
                                             spine::Actor const&, spine::Command& /*command*/, Instant /*now*/) {
    return std::vector<Error>{};
  }
  /// After each event of a case, with the state after it.
  virtual Status project(Session&, spine::CaseType const&, spine::CaseState const& after, spine::Event const&) = 0;
};

class EarlyCase;
class EarlyCases;
class HotCases;
class KnownKeys;

class CommandService {
 public:
  CommandService(Database& database, Definitions const& definitions, yiwang::Clock const& clock, IdSource& ids,
                 RenderErrors render, TimesOf times, RandomPool::Source random = {});
  ~CommandService();

  /// `done` is called once, on another thread, after the result is durable.
  void execute(CommandRequest request, std::function<void(Reply)> done);
  /// As execute, waiting. Not on the writer thread.
  Reply run(CommandRequest request);

  /// Counts due dates and time-out moments of all open cases again, a slice at a time, when `calendar` (a hash) is not the one
  /// that they were last counted by. How many moved. Stops early, to begin again at the next start, when `go_on` says so. Errors:
  /// store.query.
  Result<std::size_t> recount(std::string_view calendar, std::function<bool()> const& go_on);

  /// How many commands began from a case that had been read while they waited.
  std::uint64_t early_taken() const { return early_taken_; }

  /// What an event sends out; asked on the writer thread with the state after it. Pure: it may be asked twice.
  std::function<std::vector<Effect>(spine::CaseType const&, spine::CaseState const&, spine::Event const&)> effects;
  /// Systems, in this order; set before the first command.
  std::vector<System*> systems;
  /// Called on the writer thread after a commit that put something into the outbox.
  std::function<void()> on_effects;
  /// Called on the writer thread after a case has changed: (department, case id, revision).
  std::function<void(std::string const&, CaseId, std::uint64_t)> on_change;
  /// The same for the applicant.
  std::function<void(SubjectId, CaseId, std::uint64_t)> on_owner_change;

 private:
  struct Change {
    std::string department;
    SubjectId owner;
    CaseId case_id;
    std::uint64_t revision = 0;
    bool happened = false;
    bool effects = false;  ///< something was put into the outbox
  };
  struct Running {
    CommandRequest request;
    std::function<void(Reply)> done;
    Digest request_hash{};
    Reply reply;
    Change change;
    int conflicts = 0;
    std::shared_ptr<EarlyCase> early;  ///< what it begins from, read while it waits
  };
  void submit(std::shared_ptr<Running> running);
  /// A case as it stands; its times are there only while it is hot.
  struct Standing {
    std::shared_ptr<spine::CaseState const> state;
    std::optional<spine::CaseTimes> times;
  };
  Result<Standing> load(Writer& writer, DefinitionSnapshot const& definitions, CaseId id, spine::CaseType const*& type,
                        EarlyCase* early = nullptr);
  Status work(Writer& writer, Running& running);
  Result<std::string> next_case_number(Writer& writer, spine::Release const& release, std::string const& department, Instant now);
  std::string query_code();
  spine::ProcessPorts& ports_of(spine::CaseType const& type);
  /// The time-out rules that act now, with their people.
  Status due_rules(Session& session, spine::CaseType const& type, spine::CaseState const& state, spine::CaseTimes const& times,
                   spine::Facts& facts);
  Status take_messages(Session& session, spine::CaseType const& type, spine::CaseState& after, spine::Facts const& facts,
                       std::function<Status(spine::Event const&)> const& append);

  Database& database_;
  Definitions const& definitions_;
  yiwang::Clock const& clock_;
  IdSource& ids_;
  RenderErrors render_;
  TimesOf times_;
  // Touched on the writer thread only.
  RandomPool random_;
  std::string serial_day_;
  std::int64_t serial_next_ = 0, serial_end_ = 0;
  std::uint64_t serial_rollbacks_ = 0;
  std::map<std::string, std::unique_ptr<spine::ProcessPorts>> ports_;  ///< by definition
  std::unique_ptr<HotCases> hot_;
  std::atomic<int> under_way_ = 0;  ///< commands whose answer is not there yet; any thread
  std::atomic<std::uint64_t> early_taken_ = 0;
  std::unique_ptr<KnownKeys> known_;
  std::thread learning_;               ///< which keys there were before
  std::unique_ptr<EarlyCases> early_;  ///< SQLite
};

/// One look at a person's data, recorded before it is shown.
struct Access {
  SubjectId subject;
  spine::Actor actor;
  std::string purpose;
  CaseId case_id;
};
Status record_access(Database& database, IdSource& ids, Access const& access, Instant now);

/// Rebuilds every case from its events and compares with the stored state, tasks and timers: all differences, each naming
/// case and field.
Result<std::vector<Error>> verify_state(Database& database, DefinitionSnapshot const& definitions, std::size_t& cases);
/// Rebuilds the evidence log from the events: each event against its hash, each leaf against its tile, each signed root
/// against the tree and, where `public_pem` is given, its signature. All faults, each naming event, leaf or root.
Result<std::vector<Error>> verify_log(Database& database, std::string_view public_pem, std::uint64_t& leaves);

}  // namespace yiwang::store

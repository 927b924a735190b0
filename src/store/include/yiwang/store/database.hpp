#pragma once
// The database of one installation. One thread takes all waiting commands and decides them in their order; what they write is
// committed once a batch. On SQLite a second thread writes the batch before, and a third syncs the log and answers: no
// acknowledgement before the sync that makes it durable, and nobody waits for the disk (docs/adr). Readers have connections of
// their own. Commit order is the order of the evidence log, because there is one fenced writer.

#include <atomic>
#include <condition_variable>
#include <deque>
#include <functional>
#include <future>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <thread>
#include <vector>

#include "yiwang/base/time.hpp"
#include "yiwang/evidence/leaf.hpp"
#include "yiwang/evidence/merkle.hpp"
#include "yiwang/store/session.hpp"

namespace yiwang::store {

class Statements;
class UnderWay;

/// What a command may do inside its savepoint. Valid only during the call.
class Writer {
 public:
  /// `hashed_later`: while it says so, what goes to the session is written by Statements::run, which works out the digests.
  Writer(Session& session, std::uint64_t& next_leaf, std::vector<Digest>& leaves, std::uint64_t& rollbacks,
         bool const* hashed_later = nullptr)
      : session_(session), next_leaf_(next_leaf), leaves_(leaves), rollbacks_(rollbacks), hashed_later_(hashed_later) {}
  Session& session() { return session_; }
  /// How often anything was rolled back since the database was opened: what a program remembers of rows that it has written
  /// (a block of numbers, say) holds only while this stands.
  std::uint64_t rollbacks() const { return rollbacks_; }
  /// What programs remember of rows does not stand: this command changes a case's row beside its commands.
  void forget() { ++rollbacks_; }
  /// Appends an event to an aggregate and a leaf to the log. `salt`: 16 random bytes. Errors: store.query, store.conflict.
  Status append_event(IdBytes const& aggregate, std::uint64_t revision, std::string_view type, Instant at, std::string_view body,
                      std::string_view salt);

 private:
  Session& session_;
  std::uint64_t& next_leaf_;
  std::vector<Digest>& leaves_;
  std::uint64_t& rollbacks_;
  bool const* hashed_later_;
};

/// Returns an Error to roll its own work back; the others of the batch are not touched. May be called again from the start
/// when what it did was rolled back together with its neighbours.
using Work = std::function<Status(Writer&)>;
/// A row that a command begins from: statement and parameters (whether bytes, value). Commands that name what they begin
/// from may share statements with others of their batch; no two of one batch begin from the same row.
struct ReadAhead {
  Query const* query = nullptr;
  std::vector<std::pair<bool, std::string>> values;
};
/// Called on a thread of the database, one at a time and in the order of the commits, when the result is durable (or has failed):
/// must not block.
using Done = std::function<void(Status)>;

struct DatabaseOptions {
  std::size_t queue_max = 4096;  ///< more waiting commands are refused: store.busy
  std::size_t batch_max = 512;
  bool set_wise = true;  ///< PostgreSQL: commands of a batch share statements
  std::size_t readers = 4;
  std::string vfs{};
  int checkpoint_pages = 2000;  ///< see OpenOptions
  bool write_beside = true;     ///< SQLite: a batch is written while the next is decided
};

struct DatabaseCounters {
  std::uint64_t commands = 0, commits = 0, refused = 0, failed = 0;
  std::uint64_t set_wise = 0, repeated = 0;  ///< commands that shared statements; those run again one by one
  std::uint64_t ahead = 0;                   ///< commands decided while others were being written
  std::size_t waiting = 0;
  std::uint64_t log_size = 0;
};

class Database {
 public:
  /// Opens, migrates, takes the fencing epoch and starts the writer. Errors: store.open, store.in_use, store.migration.
  static Result<std::unique_ptr<Database>> open(DatabaseUrl const& url, DatabaseOptions const& options, Instant now);
  ~Database();
  Database(Database const&) = delete;
  Database& operator=(Database const&) = delete;

  /// Queues a command. `done` gets store.busy or store.stopping at once when it cannot be queued.
  void submit(Work work, Done done, std::vector<ReadAhead> begins_from = {});
  /// As submit, waiting for the durable result. Not on the writer thread.
  Status execute(Work work);
  /// The same for work that may be run twice and asks nothing of what it changes: on SQLite it is decided ahead of its writing
  /// like a command, where execute() waits until nothing is under way and keeps others waiting.
  Status execute_ahead(Work work);

  /// Runs a function on a reader connection; a blocking call for a thread that may block.
  template <class F>
  auto read(F&& work) -> decltype(work(std::declval<Session&>())) {
    ReaderLease lease(*this);
    if (!lease.session) return fail(ErrorCode::store_busy);
    return work(*lease.session);
  }

  std::uint64_t log_size() const;
  /// Root and proofs from a reader connection. Errors: evidence.range, store.query.
  Result<Digest> log_root(std::uint64_t size);
  Result<std::vector<Digest>> inclusion(std::uint64_t index, std::uint64_t size);
  Result<std::vector<Digest>> consistency(std::uint64_t first, std::uint64_t second);

  DatabaseCounters counters() const;
  DatabaseUrl const& url() const { return url_; }
  /// Finishes what was accepted, refuses what comes. Idempotent.
  void stop();

 private:
  struct Item {
    Work work;
    Done done;
    std::vector<ReadAhead> begins_from;
    bool ahead = false;  ///< may be decided ahead although it begins from nothing
  };
  struct ReaderLease {
    Database& database;
    std::unique_ptr<Session> session;
    explicit ReaderLease(Database& d);
    ~ReaderLease();
  };
  Database(DatabaseUrl url, DatabaseOptions options);
  void put(Item&& item);
  Status wait_for(Work work, bool ahead);
  Status start(Instant now);
  void run();
  void run_batch(std::vector<Item>& batch);
  void run_row_by_row(std::span<Item> batch, std::vector<Status>& results);
  bool run_set_wise(std::span<Item> batch, std::vector<Status>& results);
  Status begin_fenced();
  Status commit_leaves(std::vector<Digest> const& leaves);
  /// A batch whose transaction is over; its results are told when the log is synced.
  struct Committed {
    std::vector<Item> batch;
    std::vector<Status> results;
    std::uint64_t log_size = 0;
  };
  void finish(std::vector<Item>&& batch, std::vector<Status>&& results, std::uint64_t log_size);
  /// A batch that is decided, on its way to the writing thread.
  struct Planned {
    std::vector<Item> batch;
    std::vector<Status> results;
    std::shared_ptr<Statements const> statements;
    std::size_t leaves = 0;
    std::uint64_t first_leaf = 0;
    std::uint64_t number = 0;
  };
  void run_ahead(std::vector<Item>& batch);
  void plan(std::vector<Item>&& batch);
  bool hand_over(Planned& planned);
  bool settle();
  void alone(std::vector<Item>&& batch);
  void run_writes();
  Status write(std::span<Planned const> planned);
  void tell(Committed& committed);
  void run_sync();
  Status append_leaves(std::uint64_t first, std::vector<Digest> const& leaves);

  DatabaseUrl url_;
  DatabaseOptions options_;
  std::unique_ptr<Session> writer_;
  std::int64_t epoch_ = 0;
  std::uint64_t next_leaf_ = 0;
  std::uint64_t rollbacks_ = 0;
  std::thread thread_;

  mutable std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<Item> queue_;
  bool stopping_ = false;
  bool loss_ = false;  ///< a batch waits to be run again
  DatabaseCounters counters_;

  // SQLite: what waits for the sync. The writer waits when too much does.
  std::thread sync_thread_;
  std::mutex sync_mutex_;
  std::condition_variable sync_wake_, sync_room_;
  std::deque<Committed> committed_;
  std::function<Status()> syncer_;
  bool written_ = false;  ///< the writer has ended
  std::atomic<bool> disk_failed_ = false;

  // SQLite: what is decided and is being written. What waits is written together; a few batches at most wait.
  std::thread write_thread_;
  std::mutex plan_mutex_;
  std::condition_variable plan_wake_, plan_room_;
  std::vector<Planned> planned_;  ///< handed over, not yet begun
  bool writing_ = false;
  std::vector<Planned> lost_;  ///< could not be written, and what followed: the planner runs them again, row by row
  std::uint64_t written_batch_ = 0;
  bool planned_all_ = false;
  // The planner's own.
  std::unique_ptr<Session> plan_reader_;
  std::unique_ptr<UnderWay> under_way_;
  std::uint64_t batch_number_ = 0;

  std::mutex reader_mutex_;
  std::condition_variable reader_wake_;
  std::vector<std::unique_ptr<Session>> readers_;
};

/// Reads nodes of the log from the tiles of a session.
evidence::NodeReader tile_reader(Session& session);
/// A consistent copy of a SQLite database while it is in use, fsynced. Errors: store.open, store.query.
Status backup_sqlite(std::string const& from, std::string const& to);
/// Copies a data folder (database, files, key) into a new one; the copied database is checked before it is kept.
/// Every file that a row of the copy names is in the copy: files are written before their rows. Errors: store.*, base.file.
Status backup_installation(std::string const& from, std::string const& to);

}  // namespace yiwang::store

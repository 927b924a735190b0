#include <fcntl.h>
#include <pthread.h>
#include <sqlite3.h>
#include <sys/file.h>
#include <unistd.h>

#include <atomic>
#include <condition_variable>
#include <thread>

#include "gathered_log.hpp"
#include "queries.hpp"
#include "sessions.hpp"

namespace yiwang::store {
namespace {

constexpr int kBusyMilliseconds = 10'000;

class SqliteRow final : public Row {
 public:
  explicit SqliteRow(sqlite3_stmt* s) : statement_(s) {}
  int columns() const override { return sqlite3_column_count(statement_); }
  bool is_null(int c) const override { return sqlite3_column_type(statement_, c) == SQLITE_NULL; }
  std::int64_t integer(int c) const override { return sqlite3_column_int64(statement_, c); }
  std::string_view text(int c) const override {
    auto const* p = reinterpret_cast<char const*>(sqlite3_column_text(statement_, c));
    return p ? std::string_view(p, static_cast<std::size_t>(sqlite3_column_bytes(statement_, c))) : std::string_view{};
  }
  std::string_view bytes(int c) const override {
    auto const* p = static_cast<char const*>(sqlite3_column_blob(statement_, c));
    return p ? std::string_view(p, static_cast<std::size_t>(sqlite3_column_bytes(statement_, c))) : std::string_view{};
  }

 private:
  sqlite3_stmt* statement_;
};

/// Folds the write-ahead log back into the database beside the writer, over a connection of its own.
class Folder {
 public:
  explicit Folder(sqlite3* db) : db_(db), thread_([this] { run(); }) {}
  ~Folder() {
    {
      std::lock_guard lock(mutex_);
      stopping_ = true;
    }
    wake_.notify_one();
    thread_.join();
    sqlite3_close(db_);
  }
  /// `closing`: until little is left, so that the writer can take the rest and begin the log anew.
  void ask(bool closing) {
    {
      std::lock_guard lock(mutex_);
      if (wanted_ || closed_) return;
      wanted_ = true;
      closing_ = closing;
    }
    wake_.notify_one();
  }
  /// Once after each folding that was closing.
  bool take_closed() { return closed_.exchange(false); }
  /// Pages of the log that are in the database.
  int folded() const { return folded_; }
  void anew() { folded_ = 0; }

 private:
  void run() {
    constexpr int kPassesMax = 8, kLittle = 150;  // while it folds, the writer goes on
    pthread_setname_np(pthread_self(), "yw-fold");
    sqlite3_file* file = nullptr;
    if (sqlite3_file_control(db_, "main", SQLITE_FCNTL_FILE_POINTER, &file) != SQLITE_OK || file->pMethods == nullptr)
      file = nullptr;
    std::unique_lock lock(mutex_);
    for (;;) {
      wake_.wait(lock, [&] { return stopping_ || wanted_; });
      if (stopping_) return;
      bool const closing = closing_;
      lock.unlock();
      // A failure leaves the log as it is: it is longer, and the next try comes.
      int rc = SQLITE_OK;
      for (int pass = 0; pass < (closing ? kPassesMax : 1) && rc == SQLITE_OK; ++pass) {
        int folded = 0;
        int const before = folded_;
        rc = sqlite3_wal_checkpoint_v2(db_, nullptr, SQLITE_CHECKPOINT_PASSIVE, nullptr, &folded);
        if (rc == SQLITE_OK) folded_ = folded;
        // SQLite syncs the database when all is folded only: that would be the writer's pass, with all that was written before.
        if (rc == SQLITE_OK && file != nullptr) rc = file->pMethods->xSync(file, SQLITE_SYNC_NORMAL);
        if (folded - before < kLittle) break;
      }
      lock.lock();
      wanted_ = false;
      closed_ = closing && rc == SQLITE_OK;
    }
  }
  sqlite3* db_;
  std::mutex mutex_;
  std::condition_variable wake_;
  bool wanted_ = false, closing_ = false, stopping_ = false;
  std::atomic<bool> closed_ = false;
  std::atomic<int> folded_ = 0;
  std::thread thread_;
};

class SqliteSession final : public Session {
 public:
  SqliteSession(sqlite3* db, int lock, bool late_sync, std::unique_ptr<GatheredLog> vfs)
      : vfs_(std::move(vfs)), db_(db), lock_(lock), late_sync_(late_sync), statements_(queries::kCount, nullptr) {}
  SqliteSession(SqliteSession const&) = delete;
  SqliteSession& operator=(SqliteSession const&) = delete;
  ~SqliteSession() override {
    folder_.reset();
    for (auto* s : statements_) sqlite3_finalize(s);
    sqlite3_close(db_);
    if (lock_ >= 0) ::close(lock_);
  }
  Dialect dialect() const override { return Dialect::sqlite; }

  Result<std::int64_t> run_values(Query const& query, std::span<Value const> values, Each const& each) override {
    YW_ASSERT(query.number < statements_.size());
    sqlite3_stmt*& s = statements_[query.number];
    if (s == nullptr && sqlite3_prepare_v3(db_, query.sqlite, -1, SQLITE_PREPARE_PERSISTENT, &s, nullptr) != SQLITE_OK) {
      return fail(failed(query.name));
    }
    int position = 0;
    for (Value const& value : values) {
      ++position;
      std::visit([&](auto const& v) { bind(s, position, v); }, value.get());
    }
    // However this ends: a statement that is not reset keeps its look at the database open, and the log cannot begin anew.
    std::unique_ptr<sqlite3_stmt, decltype([](sqlite3_stmt* over) { sqlite3_reset(over); })> const running(s);
    SqliteRow row(s);
    std::int64_t rows = 0;
    int rc;
    while ((rc = sqlite3_step(s)) == SQLITE_ROW) {
      ++rows;
      if (each) each(row);
    }
    if (rc != SQLITE_DONE) return fail(failed(query.name));
    return sqlite3_stmt_readonly(s) != 0 ? rows : sqlite3_changes64(db_);
  }

  Status script(std::string const& sql) override {
    if (sqlite3_exec(db_, sql.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK) return fail(failed("script"));
    return {};
  }
  std::int64_t rows_changed() const override { return sqlite3_total_changes64(db_); }
  Status begin() override { return step(begin_, "BEGIN IMMEDIATE"); }
  Status commit() override {
    YW_TRY(step(commit_, "COMMIT"));
    if (folder_ != nullptr) keep_log_short();
    return {};
  }
  /// From now on the log is folded beside this session, over `db`.
  void fold_beside(sqlite3* db, int checkpoint_pages) {
    folder_ = std::make_unique<Folder>(db);
    checkpoint_pages_ = checkpoint_pages;
    sqlite3_wal_hook(
        db_, [](void* pages, sqlite3*, char const*, int n) { return *static_cast<int*>(pages) = n, SQLITE_OK; }, &log_pages_);
  }
  std::function<Status()> syncer() override {
    if (!late_sync_) return {};
    // The write-ahead log, through the VFS that it was opened with. It stays open as long as the connection.
    sqlite3_file* log = nullptr;
    if (sqlite3_file_control(db_, "main", SQLITE_FCNTL_JOURNAL_POINTER, &log) != SQLITE_OK || log == nullptr ||
        log->pMethods == nullptr) {
      return [] { return Status(fail(ErrorCode::store_query, {{"query", "sync"}, {"why", "the write-ahead log is not open"}})); };
    }
    return [log]() -> Status {
      int const rc = log->pMethods->xSync(log, SQLITE_SYNC_NORMAL);
      if (rc != SQLITE_OK) return fail(ErrorCode::store_query, {{"query", "sync"}, {"why", sqlite3_errstr(rc)}});
      return {};
    };
  }
  Status rollback() override { return script("ROLLBACK"); }
  Status savepoint() override { return run_control(queries::control_savepoint); }
  Status release_savepoint() override { return run_control(queries::control_release); }
  Status rollback_savepoint() override {
    YW_TRY(run_control(queries::control_rollback));
    return run_control(queries::control_release);
  }

 private:
  /// The log is folded back in pieces beside this session. To begin it anew everything must be folded and nobody may read in
  /// it: this waits, so it is done seldom, when little is left, and given up when a reader stays.
  void keep_log_short() {
    constexpr int kPieces = 24;                           // of checkpoint_pages: a log as long as this is begun anew
    if (log_pages_ < folder_->folded()) folder_->anew();  // it has begun anew by itself: nobody read, all was folded
    if (folder_->take_closed()) {
      int tries = 0;
      sqlite3_busy_handler(
          db_,
          [](void* n, int) {
            constexpr int kTriesMax = 50;
            std::this_thread::sleep_for(std::chrono::microseconds(200));
            return static_cast<int>(++*static_cast<int*>(n) < kTriesMax);
          },
          &tries);
      bool const anew = sqlite3_wal_checkpoint_v2(db_, nullptr, SQLITE_CHECKPOINT_RESTART, nullptr, nullptr) == SQLITE_OK;
      sqlite3_busy_timeout(db_, kBusyMilliseconds);
      if (anew) {
        folder_->anew();
        log_pages_ = 0;
      }
    } else if (log_pages_ >= kPieces * checkpoint_pages_) {
      folder_->ask(true);
    } else if (log_pages_ - folder_->folded() >= checkpoint_pages_) {
      folder_->ask(false);
    }
  }

  static void bind(sqlite3_stmt* s, int i, std::monostate) { sqlite3_bind_null(s, i); }
  static void bind(sqlite3_stmt* s, int i, std::int64_t v) { sqlite3_bind_int64(s, i, v); }
  static void bind(sqlite3_stmt* s, int i, std::string_view v) {
    sqlite3_bind_text64(s, i, v.data() ? v.data() : "", v.size(), SQLITE_STATIC, SQLITE_UTF8);
  }
  static void bind(sqlite3_stmt* s, int i, Blob v) {
    sqlite3_bind_blob64(s, i, v.bytes.data() ? v.bytes.data() : "", v.bytes.size(), SQLITE_STATIC);
  }
  Error failed(char const* name) const { return Error(ErrorCode::store_query, {{"query", name}, {"why", sqlite3_errmsg(db_)}}); }
  Status run_control(Query const& query) {
    YW_TRY(run(query, {}, {}));
    return {};
  }
  Status step(bool&, char const* sql) { return script(sql); }

  std::unique_ptr<GatheredLog> vfs_;  ///< of a writer
  sqlite3* db_;
  int lock_;
  bool late_sync_;
  std::unique_ptr<Folder> folder_;
  int checkpoint_pages_ = 0, log_pages_ = 0;
  bool begin_ = false, commit_ = false;
  std::vector<sqlite3_stmt*> statements_;
};

}  // namespace

Result<std::unique_ptr<Session>> open_sqlite(std::string const& file, OpenOptions const& options) {
  auto refuse = [&](std::string why) { return fail(ErrorCode::store_open, {{"what", file}, {"why", std::move(why)}}); };
  int lock = -1;
  if (options.writer) {
    // A second writer process is refused at once, not at its first commit.
    lock = ::open((file + ".lock").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (lock < 0) return refuse(std::strerror(errno));
    if (::flock(lock, LOCK_EX | LOCK_NB) != 0) {
      ::close(lock);
      return fail(ErrorCode::store_in_use, {{"what", file}});
    }
  }
  // Statistics of memory take a lock at each allocation; nobody reads them. Once a process, before the first connection.
  static bool const configured = sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0) == SQLITE_OK;
  static_cast<void>(configured);
  sqlite3* db = nullptr;
  int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | (options.writer ? SQLITE_OPEN_CREATE : 0);
  std::unique_ptr<GatheredLog> gathered;
  if (options.writer) gathered = std::make_unique<GatheredLog>(options.vfs);
  std::string const& vfs = gathered && !gathered->name().empty() ? gathered->name() : options.vfs;
  int rc = sqlite3_open_v2(file.c_str(), &db, flags, vfs.empty() ? nullptr : vfs.c_str());
  auto session = std::make_unique<SqliteSession>(db, lock, options.late_sync, std::move(gathered));
  if (rc != SQLITE_OK) return refuse(db ? sqlite3_errmsg(db) : "out of memory");
  sqlite3_busy_timeout(db, kBusyMilliseconds);
  std::string setup = "PRAGMA journal_mode=WAL; PRAGMA synchronous=";
  setup += options.late_sync ? "NORMAL" : "FULL";
  setup += "; PRAGMA foreign_keys=ON; PRAGMA temp_store=MEMORY; PRAGMA cache_size=";
  setup += options.writer ? "-65536" : "-8192; PRAGMA query_only=ON";
  setup += "; PRAGMA wal_autocheckpoint=" + std::to_string(options.checkpoint_pages);
  if (Status status = session->script(setup); !status) return refuse(status.error().line());
  if (options.late_sync) {
    sqlite3* folding = nullptr;
    rc = sqlite3_open_v2(file.c_str(), &folding, flags, options.vfs.empty() ? nullptr : options.vfs.c_str());
    if (rc == SQLITE_OK) {
      sqlite3_busy_timeout(folding, kBusyMilliseconds);
      rc = sqlite3_exec(folding, "PRAGMA synchronous=NORMAL; PRAGMA journal_mode", nullptr, nullptr, nullptr);
    }
    if (rc != SQLITE_OK) {
      sqlite3_close(folding);
      return refuse(sqlite3_errstr(rc));
    }
    session->fold_beside(folding, options.checkpoint_pages);
  }
  return session;
}

}  // namespace yiwang::store

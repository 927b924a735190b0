#include "yiwang/store/database.hpp"

#include <pthread.h>

#include <set>

#include "batch.hpp"
#include "plan.hpp"
#include "queries.hpp"

namespace yiwang::store {
namespace {

constexpr std::size_t kTile = 256;  // hashes a row; a power of two, 8 levels
constexpr HashKind kHash = HashKind::sm3;

Digest digest_at(std::string_view hashes, std::size_t i) {
  Digest out;
  std::copy_n(hashes.data() + i * out.size(), out.size(), reinterpret_cast<char*>(out.data()));
  return out;
}

/// The root of a run of hashes, whose number is a power of two.
Digest fold(std::string_view hashes, std::size_t from, std::size_t count) {
  if (count == 1) return digest_at(hashes, from);
  return evidence::node_hash(kHash, fold(hashes, from, count / 2), fold(hashes, from + count / 2, count / 2));
}

}  // namespace

evidence::NodeReader tile_reader(Session& session) {
  return [&session](evidence::NodeKey key) -> Result<Digest> {
    std::uint32_t level = key.level / 8;
    std::size_t width = std::size_t{1} << (key.level % 8);
    std::uint64_t first = key.index * width;
    std::string hashes;
    YW_TRY(session.run(queries::tile_get, {static_cast<std::int64_t>(level), static_cast<std::int64_t>(first / kTile)},
                       [&](Row const& row) { hashes = row.bytes(0); }));
    std::size_t offset = first % kTile;
    if (hashes.size() < (offset + width) * sizeof(Digest)) {
      return fail(ErrorCode::evidence_mismatch,
                  {{"what", "tile " + std::to_string(level) + "/" + std::to_string(first / kTile)}});
    }
    return fold(hashes, offset, width);
  };
}

Status Writer::append_event(IdBytes const& aggregate, std::uint64_t revision, std::string_view type, Instant at,
                            std::string_view body, std::string_view salt) {
  std::string_view id{reinterpret_cast<char const*>(aggregate.data()), aggregate.size()};
  auto insert = [&](std::string_view payload) {
    return session_.run(queries::event_insert,
                        {Blob{id}, static_cast<std::int64_t>(revision), type, at.us,
                         static_cast<std::int64_t>(next_leaf_ + leaves_.size()), Blob{payload}, Blob{salt}, body});
  };
  if (hashed_later_ != nullptr && *hashed_later_) {
    YW_TRY(insert({}));
    leaves_.emplace_back();
    return {};
  }
  auto const [payload, leaf] = event_digests(aggregate, revision, at, salt, body);
  YW_TRY(insert(as_view(payload)));
  leaves_.push_back(leaf);
  return {};
}

EventDigests event_digests(IdBytes const& aggregate, std::uint64_t revision, Instant at, std::string_view salt,
                           std::string_view body) {
  Digest const payload = evidence::payload_hash(kHash, salt, body);
  return {payload, evidence::leaf_hash(kHash, evidence::leaf_entry({aggregate, revision, at}, payload))};
}

Result<std::unique_ptr<Database>> Database::open(DatabaseUrl const& url, DatabaseOptions const& options, Instant now) {
  std::unique_ptr<Database> database(new Database(url, options));
  YW_TRY(database->start(now));
  return database;
}

Status Database::start(Instant now) {
  YW_ASSIGN(writer_,
            open_session(
                url_, {.writer = true, .vfs = options_.vfs, .late_sync = true, .checkpoint_pages = options_.checkpoint_pages}));
  YW_TRY(migrate(*writer_, now.us));
  // The epoch fences an older server out: each of its transactions checks that it is still the newest.
  std::string epoch = "0";
  YW_TRY(writer_->begin());
  YW_TRY(writer_->run(queries::setting_get, {"writer_epoch"}, [&](Row const& row) { epoch = row.text(0); }));
  epoch_ = std::strtoll(epoch.c_str(), nullptr, 10) + 1;
  YW_TRY(writer_->run(queries::setting_put, {"writer_epoch", std::to_string(epoch_)}));
  YW_TRY(writer_->run(queries::event_next_leaf, {},
                      [&](Row const& row) { next_leaf_ = static_cast<std::uint64_t>(row.integer(0)); }));
  YW_TRY(writer_->commit());
  counters_.log_size = next_leaf_;
  for (std::size_t i = 0; i < options_.readers; ++i) {
    YW_ASSIGN(auto reader, open_session(url_, {.vfs = options_.vfs, .checkpoint_pages = options_.checkpoint_pages}));
    readers_.push_back(std::move(reader));
  }
  if (auto sync = writer_->syncer()) {
    YW_TRY(sync());
    sync_thread_ = std::thread([this] { run_sync(); });
  }
  if (url_.dialect == Dialect::sqlite && options_.write_beside) {
    YW_ASSIGN(plan_reader_, open_session(url_, {.vfs = options_.vfs, .checkpoint_pages = options_.checkpoint_pages}));
    under_way_ = std::make_unique<UnderWay>();
    write_thread_ = std::thread([this] { run_writes(); });
  }
  thread_ = std::thread([this] { run(); });
  return {};
}

Database::Database(DatabaseUrl url, DatabaseOptions options) : url_(std::move(url)), options_(std::move(options)) {}
Database::~Database() { stop(); }

void Database::stop() {
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  if (thread_.joinable()) thread_.join();
  {
    std::lock_guard lock(plan_mutex_);
    planned_all_ = true;
  }
  plan_wake_.notify_all();
  if (write_thread_.joinable()) write_thread_.join();
  {
    std::lock_guard lock(sync_mutex_);
    written_ = true;
  }
  sync_wake_.notify_all();
  if (sync_thread_.joinable()) sync_thread_.join();
}

void Database::submit(Work work, Done done, std::vector<ReadAhead> begins_from) {
  put({std::move(work), std::move(done), std::move(begins_from)});
}

void Database::put(Item&& item) {
  ErrorCode why = ErrorCode::store_busy;
  {
    std::lock_guard lock(mutex_);
    if (stopping_) {
      why = ErrorCode::store_stopping;
    } else if (queue_.size() < options_.queue_max) {
      queue_.push_back(std::move(item));
      if (queue_.size() == 1) wake_.notify_one();
      return;
    }
    ++counters_.refused;
  }
  item.done(fail(why));
}

Status Database::execute(Work work) { return wait_for(std::move(work), false); }
Status Database::execute_ahead(Work work) { return wait_for(std::move(work), true); }

Status Database::wait_for(Work work, bool ahead) {
  std::promise<Status> promise;
  auto result = promise.get_future();
  put({std::move(work), [&](Status status) { promise.set_value(std::move(status)); }, {}, ahead});
  return result.get();
}

void Database::run() {
  pthread_setname_np(pthread_self(), "yw-decide");
  std::vector<Item> batch;
  for (;;) {
    {
      std::unique_lock lock(mutex_);
      wake_.wait(lock, [&] { return stopping_ || loss_ || !queue_.empty(); });
      if (queue_.empty()) {
        bool const over = stopping_;
        loss_ = false;
        lock.unlock();
        settle();
        if (over) return;
        continue;
      }
      while (!queue_.empty() && batch.size() < options_.batch_max) {
        batch.push_back(std::move(queue_.front()));
        queue_.pop_front();
      }
    }
    if (disk_failed_) {
      // What the disk holds is not known any more: nothing further is promised. A restart reads what is there.
      std::vector<Status> results(batch.size(), fail(ErrorCode::store_stopping));
      Committed lost{std::move(batch), std::move(results), next_leaf_};
      tell(lost);
    } else {
      run_batch(batch);
    }
    batch.clear();
  }
}

Status Database::append_leaves(std::uint64_t first, std::vector<Digest> const& leaves) {
  std::vector<Digest> current(leaves);
  for (std::int64_t level = 0; !current.empty(); ++level) {
    std::vector<Digest> full;  // roots of the tiles that this batch completes, hashes of the level above
    std::size_t done = 0;
    while (done < current.size()) {
      std::uint64_t position = first + done;
      auto tile = static_cast<std::int64_t>(position / kTile);
      std::size_t offset = position % kTile;
      std::string hashes;
      if (offset != 0) {
        YW_TRY(writer_->run(queries::tile_get, {level, tile}, [&](Row const& row) { hashes = row.bytes(0); }));
      }
      if (hashes.size() != offset * sizeof(Digest)) {
        // A crash cannot cause this: events and tiles commit together.
        return fail(ErrorCode::evidence_mismatch, {{"what", "tile " + std::to_string(level) + "/" + std::to_string(tile)}});
      }
      std::size_t count = std::min(kTile - offset, current.size() - done);
      for (std::size_t i = 0; i < count; ++i) hashes += as_view(current[done + i]);
      YW_TRY(writer_->run(queries::tile_put, {level, tile, Blob{hashes}}));
      if (offset + count == kTile) full.push_back(fold(hashes, 0, kTile));
      done += count;
    }
    first = first / kTile;
    current = std::move(full);
  }
  return {};
}

// PostgreSQL: commands that say what they begin from, and do not meet, share statements; the others follow row by row. The
// order of commands that begin from the same row is kept. SQLite: in their order, those that may run twice decided ahead.
void Database::run_batch(std::vector<Item>& batch) {
  if (write_thread_.joinable()) return run_ahead(batch);
  if (url_.dialect == Dialect::sqlite || !options_.set_wise) {
    std::vector<Status> results(batch.size());
    run_row_by_row(batch, results);
    finish(std::move(batch), std::move(results), next_leaf_);
    return;
  }
  while (!batch.empty()) {
    std::set<std::string, std::less<>> met;
    std::vector<Item> sharing, alone, later;
    for (Item& item : batch) {
      if (item.begins_from.empty()) {
        alone.push_back(std::move(item));
        continue;
      }
      bool meets = false;
      for (ReadAhead const& r : item.begins_from) meets = !met.insert(read_ahead_key(r)).second || meets;
      (meets ? later : sharing).push_back(std::move(item));
    }
    for (std::vector<Item>* part : {&sharing, &alone}) {
      if (part->empty()) continue;
      std::vector<Status> results(part->size());
      if (part->size() == 1 || part == &alone || !run_set_wise(*part, results)) run_row_by_row(*part, results);
      finish(std::move(*part), std::move(results), next_leaf_);
    }
    batch = std::move(later);
  }
}

Status Database::begin_fenced() {
  YW_TRY(writer_->begin());
  if (url_.dialect == Dialect::postgres) {
    // Held until the commit: a server that takes over waits for what this one has begun.
    std::string epoch;
    YW_TRY(writer_->run(queries::epoch_hold, {}, [&](Row const& row) { epoch = row.text(0); }));
    if (epoch != std::to_string(epoch_)) return fail(ErrorCode::store_fenced);
  }
  return {};
}

Status Database::commit_leaves(std::vector<Digest> const& leaves) {
  YW_TRY(append_leaves(next_leaf_, leaves));
  YW_TRY(writer_->commit());
  next_leaf_ += leaves.size();
  std::lock_guard lock(mutex_);
  ++counters_.commits;
  return {};
}

void Database::run_row_by_row(std::span<Item> batch, std::vector<Status>& results) {
  std::vector<Digest> leaves;
  auto attempt = [&]() -> Status {
    YW_TRY(begin_fenced());
    for (std::size_t i = 0; i < batch.size(); ++i) {
      std::size_t leaves_before = leaves.size();
      YW_TRY(writer_->savepoint());
      Writer writer(*writer_, next_leaf_, leaves, rollbacks_);
      results[i] = batch[i].work(writer);
      if (results[i]) {
        YW_TRY(writer_->release_savepoint());
      } else {
        leaves.resize(leaves_before);
        ++rollbacks_;
        YW_TRY(writer_->rollback_savepoint());
      }
    }
    return commit_leaves(leaves);
  };
  Status committed = attempt();
  if (committed) return;
  static_cast<void>(writer_->rollback());
  ++rollbacks_;
  // Nothing of the batch is durable; nobody may be told otherwise.
  for (Status& result : results) result = fail(Error(committed.error()));
}

/// False when nothing of it was kept, and the commands must be run one by one.
bool Database::run_set_wise(std::span<Item> batch, std::vector<Status>& results) {
  std::vector<Digest> leaves;
  auto attempt = [&]() -> Status {
    YW_TRY(begin_fenced());
    BatchSession session(*writer_);
    std::vector<ReadAhead const*> wanted;
    for (Item const& item : batch) {
      for (ReadAhead const& r : item.begins_from) wanted.push_back(&r);
    }
    YW_TRY(session.read_ahead(wanted));
    for (std::size_t i = 0; i < batch.size(); ++i) {
      std::size_t leaves_before = leaves.size();
      session.begin_command();
      Writer writer(session, next_leaf_, leaves, rollbacks_);
      results[i] = batch[i].work(writer);
      if (results[i]) {
        YW_TRY(session.keep_command());
      } else {
        leaves.resize(leaves_before);
        ++rollbacks_;
        YW_TRY(session.drop_command());
      }
    }
    YW_TRY(session.flush());
    return commit_leaves(leaves);
  };
  bool kept = attempt().has_value();
  if (!kept) {
    static_cast<void>(writer_->rollback());
    ++rollbacks_;
  }
  std::lock_guard lock(mutex_);
  (kept ? counters_.set_wise : counters_.repeated) += batch.size();
  return kept;
}

void Database::finish(std::vector<Item>&& batch, std::vector<Status>&& results, std::uint64_t log_size) {
  constexpr std::size_t kAheadMax = 4;
  Committed committed{std::move(batch), std::move(results), log_size};
  std::function<Status()> sync = writer_->syncer();
  if (!sync) return tell(committed);
  {
    std::unique_lock lock(sync_mutex_);
    sync_room_.wait(lock, [&] { return committed_.size() < kAheadMax; });
    committed_.push_back(std::move(committed));
    syncer_ = std::move(sync);
  }
  sync_wake_.notify_one();
}

void Database::run_sync() {
  pthread_setname_np(pthread_self(), "yw-sync");
  for (;;) {
    std::deque<Committed> durable;
    std::function<Status()> sync;
    {
      std::unique_lock lock(sync_mutex_);
      sync_wake_.wait(lock, [&] { return written_ || !committed_.empty(); });
      if (committed_.empty()) return;
      durable.swap(committed_);
      sync = syncer_;
    }
    sync_room_.notify_one();
    Status synced = disk_failed_ ? Status(fail(ErrorCode::store_stopping)) : sync();
    if (!synced) {
      disk_failed_ = true;
      for (Committed& committed : durable)
        std::fill(committed.results.begin(), committed.results.end(), fail(Error(synced.error())));
    }
    for (Committed& committed : durable) tell(committed);
  }
}

void Database::tell(Committed& committed) {
  auto& [batch, results, log_size] = committed;
  {
    std::lock_guard lock(mutex_);
    counters_.commands += batch.size();
    for (Status const& r : results) counters_.failed += r ? 0 : 1;
    counters_.log_size = log_size;
  }
  for (std::size_t i = 0; i < batch.size(); ++i) batch[i].done(std::move(results[i]));
}

DatabaseCounters Database::counters() const {
  std::lock_guard lock(mutex_);
  DatabaseCounters out = counters_;
  out.waiting = queue_.size();
  return out;
}

std::uint64_t Database::log_size() const {
  std::lock_guard lock(mutex_);
  return counters_.log_size;
}

Result<Digest> Database::log_root(std::uint64_t size) {
  return read([&](Session& s) { return evidence::root(kHash, size, tile_reader(s)); });
}
Result<std::vector<Digest>> Database::inclusion(std::uint64_t index, std::uint64_t size) {
  return read([&](Session& s) { return evidence::inclusion_proof(kHash, index, size, tile_reader(s)); });
}
Result<std::vector<Digest>> Database::consistency(std::uint64_t first, std::uint64_t second) {
  return read([&](Session& s) { return evidence::consistency_proof(kHash, first, second, tile_reader(s)); });
}

Database::ReaderLease::ReaderLease(Database& d) : database(d) {
  std::unique_lock lock(d.reader_mutex_);
  d.reader_wake_.wait_for(lock, std::chrono::seconds(5), [&] { return !d.readers_.empty(); });
  if (d.readers_.empty()) return;
  session = std::move(d.readers_.back());
  d.readers_.pop_back();
}

Database::ReaderLease::~ReaderLease() {
  if (!session) return;
  {
    std::lock_guard lock(database.reader_mutex_);
    database.readers_.push_back(std::move(session));
  }
  database.reader_wake_.notify_one();
}

}  // namespace yiwang::store

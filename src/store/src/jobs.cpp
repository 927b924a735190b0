#include "yiwang/store/jobs.hpp"

#include "queries.hpp"

namespace yiwang::store {
namespace {

std::string_view view(IdBytes const& id) { return {reinterpret_cast<char const*>(id.data()), id.size()}; }

/// Columns kind, status, done, total, created_us, result, why, owner, body from `first` on.
JobRow row_of(Row const& row, JobId id, int first) {
  return {id,
          row.string(first),
          static_cast<JobStatus>(row.integer(first + 1)),
          row.integer(first + 2),
          row.integer(first + 3),
          Instant{row.integer(first + 4)},
          row.string(first + 5),
          row.string(first + 6),
          row.id<JobId>(first + 7).bytes(),
          row.string(first + 8)};
}

}  // namespace

std::string_view to_string(JobStatus status) {
  static constexpr std::string_view kNames[] = {"waiting", "running", "done", "failed", "cancelled"};
  return kNames[static_cast<std::size_t>(status)];
}

bool JobContext::progress(std::int64_t done, std::int64_t total) {
  if (!held_) return false;
  std::int64_t changed = 0;
  Status reported = worker_.database_.execute([&](Writer& w) -> Status {
    YW_ASSIGN(changed, w.session().run(queries::job_progress,
                                       {job_.id, fence_, done, total, worker_.clock_.now().us + worker_.options_.lease_us}));
    return {};
  });
  std::lock_guard lock(worker_.mutex_);
  held_ = reported && changed == 1 && !worker_.stopping_;
  return held_;
}

JobWorker::~JobWorker() { stop(); }

Status JobWorker::start() {
  YW_TRY(database_.execute([&](Writer& w) -> Status {
    YW_TRY(w.session().run(queries::job_release, {}));
    return {};
  }));
  thread_ = std::thread([this] {
    std::unique_lock lock(mutex_);
    while (!stopping_) {
      lock.unlock();
      auto ran = pass();
      lock.lock();
      if (ran && *ran) continue;
      wake_.wait_for(lock, std::chrono::milliseconds(options_.poll_ms), [&] { return stopping_ || woken_; });
      woken_ = false;
    }
  });
  return {};
}

void JobWorker::wake() {
  {
    std::lock_guard lock(mutex_);
    woken_ = true;
  }
  wake_.notify_one();
}

void JobWorker::stop() {
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  if (thread_.joinable()) thread_.join();
}

Result<bool> JobWorker::pass() {
  Instant now = clock_.now();
  std::optional<JobId> found;
  YW_TRY(database_.read([&](Session& s) {
    return s.run(queries::job_due, {now.us, 1}, [&](Row const& row) { found = row.id<JobId>(0); });
  }));
  if (!found) return false;
  std::int64_t fence = 0;
  YW_TRY(database_.execute([&](Writer& w) -> Status {
    fence = 0;
    YW_TRY(w.session().run(queries::job_lease, {*found, now.us + options_.lease_us, now.us},
                           [&](Row const& row) { fence = row.integer(0); }));
    return {};
  }));
  if (fence == 0) return true;  // cancelled in between
  YW_ASSIGN(JobRow job, job_get(database_, *found));
  auto kind = kinds_.find(job.kind);
  JobContext context(*this, std::move(job), fence);
  Result<std::string> result = kind == kinds_.end()
                                   ? Result<std::string>(fail(ErrorCode::store_job, {{"kind", context.job_.kind}}))
                                   : kind->second(context);
  if (!context.held_) return true;  // cancelled or taken over: nothing is ours to say
  JobStatus status = result ? JobStatus::done : JobStatus::failed;
  std::string why = result ? std::string{} : result.error().line(Language::zh_cn);
  Value text = result ? Value(*result) : Value(nullptr);
  YW_TRY(database_.execute([&](Writer& w) -> Status {
    YW_TRY(w.session().run(queries::job_finish, {context.job_.id, fence, static_cast<int>(status), text, why}));
    return {};
  }));
  return true;
}

Status job_create(Database& database, JobId id, std::string_view kind, std::string_view body, IdBytes const& owner, Instant now) {
  return database.execute([&](Writer& w) -> Status {
    YW_TRY(w.session().run(queries::job_insert, {id, kind, now.us, body, Blob{view(owner)}}));
    return {};
  });
}

Result<JobRow> job_get(Database& database, JobId id) {
  std::optional<JobRow> out;
  YW_TRY(database.read(
      [&](Session& s) { return s.run(queries::job_get, {id}, [&](Row const& row) { out = row_of(row, id, 0); }); }));
  if (!out) return fail(ErrorCode::spine_not_found, {{"what", "这项后台任务 / this job"}});
  return std::move(*out);
}

Result<std::vector<JobRow>> job_list(Database& database, int limit) {
  std::vector<JobRow> out;
  YW_TRY(database.read([&](Session& s) {
    return s.run(queries::job_list, {limit}, [&](Row const& row) { out.push_back(row_of(row, row.id<JobId>(0), 1)); });
  }));
  return out;
}

Result<std::vector<JobRow>> job_list_own(Database& database, IdBytes const& owner, int limit) {
  std::vector<JobRow> out;
  YW_TRY(database.read([&](Session& s) {
    return s.run(queries::job_list_own, {Blob{view(owner)}, limit},
                 [&](Row const& row) { out.push_back(row_of(row, row.id<JobId>(0), 1)); });
  }));
  return out;
}

Status job_cancel(Database& database, JobId id) {
  return database.execute([&](Writer& w) -> Status {
    YW_ASSIGN(std::int64_t changed, w.session().run(queries::job_cancel, {id}));
    if (changed != 1) return fail(ErrorCode::spine_not_found, {{"what", "这项还没结束的后台任务 / this unfinished job"}});
    return {};
  });
}

}  // namespace yiwang::store

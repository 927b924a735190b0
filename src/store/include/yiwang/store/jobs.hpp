#pragma once
// Long work with progress that a person can watch and stop. A job is leased under a fence: whoever holds an older fence can
// neither report nor finish. A job whose worker died is taken up again.

#include <condition_variable>
#include <map>
#include <mutex>
#include <thread>

#include "yiwang/store/commands.hpp"

namespace yiwang::store {

enum class JobStatus : std::uint8_t { waiting = 0, running = 1, done = 2, failed = 3, cancelled = 4 };  // stored: never renumber
std::string_view to_string(JobStatus status);

using JobId = StrongId<struct JobIdTag>;

struct JobRow {
  JobId id;
  std::string kind;
  JobStatus status = JobStatus::waiting;
  std::int64_t done = 0, total = 0;
  Instant created;
  std::string result;  ///< JSON, or empty
  std::string why;     ///< of a failure
  IdBytes owner{};
  std::string body;  ///< JSON
};

class JobWorker;
/// What the work of a job sees.
class JobContext {
 public:
  JobRow const& job() const { return job_; }
  /// Reports and renews the lease. False when the job was cancelled, taken over, or the server stops: then return soon.
  bool progress(std::int64_t done, std::int64_t total);

 private:
  friend class JobWorker;
  JobContext(JobWorker& worker, JobRow job, std::int64_t fence) : worker_(worker), job_(std::move(job)), fence_(fence) {}
  JobWorker& worker_;
  JobRow job_;
  std::int64_t fence_;
  bool held_ = true;
};

/// Runs on the worker's thread and may block; may be run again from the start after a crash. Returns the result as JSON.
using JobWork = std::function<Result<std::string>(JobContext&)>;

struct JobOptions {
  std::int64_t lease_us = 30 * kMicrosPerSecond;
  int poll_ms = 500;
};

class JobWorker {
 public:
  JobWorker(Database& database, yiwang::Clock const& clock, JobOptions options)
      : database_(database), clock_(clock), options_(options) {}
  ~JobWorker();
  void add(std::string kind, JobWork work) { kinds_[std::move(kind)] = std::move(work); }
  bool knows(std::string_view kind) const { return kinds_.contains(kind); }
  /// Takes up what the server before this one has left (there is one server a database), then works until stop().
  Status start();
  void wake();
  void stop();
  /// Runs at most one job that is due; false when there was none. For tests, and used by the thread.
  Result<bool> pass();

 private:
  friend class JobContext;
  Database& database_;
  yiwang::Clock const& clock_;
  JobOptions options_;
  std::map<std::string, JobWork, std::less<>> kinds_;
  std::mutex mutex_;
  std::condition_variable wake_;
  bool stopping_ = false, woken_ = false;
  std::thread thread_;
};

/// The same id again is the same job.
Status job_create(Database& database, JobId id, std::string_view kind, std::string_view body, IdBytes const& owner, Instant now);
/// Errors: spine.not_found.
Result<JobRow> job_get(Database& database, JobId id);
Result<std::vector<JobRow>> job_list(Database& database, int limit);
Result<std::vector<JobRow>> job_list_own(Database& database, IdBytes const& owner, int limit);
/// Errors: spine.not_found when it does not exist or has ended.
Status job_cancel(Database& database, JobId id);

}  // namespace yiwang::store

#pragma once
// What happens to requests because time passes, without anybody's page being open: alarms about what nobody holds or what is
// late, and absences that begin. Every round is idempotent; after a restart it goes on from the rows.

#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>

#include "search_feed.hpp"
#include "yiwang/base/ids.hpp"
#include "yiwang/store/jobs.hpp"
#include "yiwang/store/request_watch.hpp"

namespace yiwang::app {

struct Installation;

class RequestWatch {
 public:
  explicit RequestWatch(Installation& in) : in_(in) {}
  ~RequestWatch() { stop(); }
  /// Looks each so many seconds until stop().
  void start(std::int64_t seconds);
  void stop();
  /// One round: how many alarms were raised. Not on the writer thread. Errors: store.*.
  Result<std::size_t> pass();
  /// Called after a commit, on the watch's thread: (unit, case).
  std::function<void(std::string const&, CaseId)> on_alarm;
  /// Other work of the same rhythm, on the watch's thread after each round; set before start().
  std::vector<std::function<Status()>> also;

 private:
  Status raise(char const* rule, std::vector<store::Watched> const& found, std::size_t& raised);
  /// What has waited at a step longer than the rules allow is supervised, until it goes on.
  Status watch_steps(std::size_t& raised);
  /// Who has not rated an answer is asked by a message, once.
  Status ask_how_it_was();
  Status end_by_itself(char const* rule, std::vector<CaseId> const& ended);
  Installation& in_;
  SearchFed fed_;
  std::mutex mutex_;
  std::condition_variable wake_;
  bool stopping_ = false;
  std::thread thread_;
};

/// Moves the open requests of one person to another in one recorded act; their tasks follow as a job. Errors: store.*.
Status begin_transfer(Installation& in, store::Transfer const& transfer);
/// The job: every open task that the absent person holds passes to the deputy, each in the name of who asked.
Result<std::string> transfer_tasks(Installation& in, store::JobContext& job);

}  // namespace yiwang::app

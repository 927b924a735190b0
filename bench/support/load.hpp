#pragma once
// A load on the command path: closed loop with so many clients, or open loop at a rate.

#include <fmt/format.h>
#include <sys/resource.h>

#include <condition_variable>
#include <thread>

#include "district.hpp"

namespace yiwang::bench {

using Steady = std::chrono::steady_clock;

/// The machine's clock, moved on by so much.
struct SystemTime final : yiwang::Clock {
  std::atomic<std::int64_t> ahead_us{0};
  Instant now() const override {
    return {ahead_us +
            std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::system_clock::now().time_since_epoch()).count()};
  }
};

/// Processor time of the whole process, clients included, in microseconds.
inline double cpu_us() {
  rusage u{};
  getrusage(RUSAGE_SELF, &u);
  return static_cast<double>(u.ru_utime.tv_sec + u.ru_stime.tv_sec) * 1e6 +
         static_cast<double>(u.ru_utime.tv_usec + u.ru_stime.tv_usec);
}

/// Keeps at most `clients` commands under way and notes how long each took.
class Load {
 public:
  explicit Load(std::size_t clients) : clients_(clients) {}
  /// `since`: when it should have been sent, at a rate; else now. `then` is called under the load's lock.
  void send(store::CommandService& commands, store::CommandRequest request, int expected,
            std::optional<Steady::time_point> since = {}, std::function<void()> then = {}) {
    {
      std::unique_lock lock(mutex_);
      wake_.wait(lock, [&] { return under_way_ < clients_; });
      ++under_way_;
    }
    auto begin = since.value_or(Steady::now());
    commands.execute(std::move(request), [this, begin, expected, then = std::move(then)](store::Reply reply) {
      std::lock_guard lock(mutex_);
      --under_way_;
      if (then) then();
      if (reply.status != expected)
        ++refused_, why_ = reply.body;
      else
        ms_.push_back(std::chrono::duration<float, std::milli>(Steady::now() - begin).count());
      wake_.notify_one();
    });
  }
  template <class F>
  auto locked(F&& work) {
    std::lock_guard lock(mutex_);
    return work();
  }
  void drain() {
    std::unique_lock lock(mutex_);
    wake_.wait(lock, [&] { return under_way_ == 0; });
  }
  /// Prints what was done since the last report, and forgets it; commands a second.
  double report(std::string_view what, double seconds) {
    drain();
    std::unique_lock lock(mutex_);
    std::sort(ms_.begin(), ms_.end());
    auto at = [&](double q) {
      return ms_.empty() ? 0.f : ms_[static_cast<std::size_t>(static_cast<double>(ms_.size() - 1) * q)];
    };
    double const rate = static_cast<double>(ms_.size()) / seconds;
    fmt::print(
        "{}: {:.0f} durable commands/s at {} clients, p50 {:.1f} ms, p99 {:.1f} ms, {:.0f} us of processor each, {} refused {}\n",
        what, rate, clients_, at(0.5), at(0.99), (cpu_us() - cpu_) / static_cast<double>(std::max<std::size_t>(ms_.size(), 1)),
        refused_, why_);
    std::fflush(stdout);
    forget();
    return rate;
  }
  void forget() {
    ms_.clear();
    cpu_ = cpu_us();
  }

 private:
  std::mutex mutex_;
  std::condition_variable wake_;
  std::size_t clients_, under_way_ = 0, refused_ = 0;
  std::vector<float> ms_;
  std::string why_;
  double cpu_ = cpu_us();
};

}  // namespace yiwang::bench

#pragma once
// Commands that stand in the queue before the first of them is decided: batches of a known size, the same each time.

#include <future>

#include "yiwang/store/database.hpp"

namespace yiwang::test {

/// Holds the deciding thread from its construction until open() or the end of its life.
class Gate {
 public:
  explicit Gate(store::Database& database) {
    // The work may be destroyed after the gate; what it uses is its own.
    auto entered = std::make_shared<std::promise<void>>();
    database.submit(
        [entered, waits = opened_.get_future().share()](store::Writer&) -> Status {
          entered->set_value();
          waits.wait();
          return {};
        },
        [](Status) {});
    entered->get_future().wait();
  }
  Gate(Gate const&) = delete;
  Gate& operator=(Gate const&) = delete;
  ~Gate() { open(); }
  void open() {
    if (!std::exchange(open_, true)) opened_.set_value();
  }

 private:
  std::promise<void> opened_;
  bool open_ = false;
};

}  // namespace yiwang::test

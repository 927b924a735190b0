#pragma once
// Cases that waiting commands begin from are read beside the deciding thread, when many wait.

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <thread>
#include <vector>

#include "yiwang/store/database.hpp"
#include "yiwang/store/definitions.hpp"

namespace yiwang::store {

/// A state as the database held it, and the bytes of its texts.
struct ReadCase {
  std::shared_ptr<spine::CaseState const> state;
  spine::CaseType const* type = nullptr;
  std::size_t bytes = 0;
};
/// Null state: there is no such case. Errors: store.query, spine.unknown_case_type and what parsing says.
Result<ReadCase> read_case(Session& session, DefinitionSnapshot const& definitions, CaseId id);

/// A case that a command waits for. The command takes it once, if it has been read by then.
class EarlyCase {
 public:
  explicit EarlyCase(CaseId id) : id_(id) {}
  /// `rollbacks`: of the writer now. Whoever asks again, after its batch was undone, gets nothing.
  std::optional<ReadCase> take(std::uint64_t rollbacks) {
    if (stage_.exchange(Stage::over) != Stage::read || rollbacks_ != rollbacks) return std::nullopt;
    return std::move(read_);
  }

 private:
  friend class EarlyCases;
  enum class Stage : std::uint8_t { waiting, reading, read, over };
  CaseId id_;
  std::atomic<Stage> stage_ = Stage::waiting;
  std::uint64_t rollbacks_ = 0;
  ReadCase read_;
};

/// What it reads may be older than what commands have written since. Those cases are in memory (HotCases), which is asked first;
/// if one were not, the revision in the statement would not be the row's and the command would run again.
class EarlyCases {
 public:
  EarlyCases(Database& database, Definitions const& definitions);
  ~EarlyCases();
  void ask(std::shared_ptr<EarlyCase> wanted);
  /// From a command that is being decided: everything before the last rollback or erasure is in the database.
  void stands(std::uint64_t rollbacks) { rollbacks_.store(rollbacks, std::memory_order_release); }

 private:
  void run();
  Database& database_;
  Definitions const& definitions_;
  std::atomic<std::uint64_t> rollbacks_ = 0;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::vector<std::shared_ptr<EarlyCase>> wanted_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace yiwang::store

// SQLite: batches are decided ahead of their writing (plan.hpp). What is decided while others are being written is written
// together, in one transaction.

#include <pthread.h>

#include <iterator>

#include "plan.hpp"

namespace yiwang::store {

void Database::run_ahead(std::vector<Item>& batch) {
  // What says what it begins from may run twice.
  auto const may_be_ahead = [](Item const& item) { return item.ahead || !item.begins_from.empty(); };
  for (std::size_t from = 0; from < batch.size();) {
    bool const ahead = may_be_ahead(batch[from]);
    std::size_t to = from + 1;
    while (to < batch.size() && may_be_ahead(batch[to]) == ahead) ++to;
    auto first = batch.begin() + static_cast<std::ptrdiff_t>(from), last = batch.begin() + static_cast<std::ptrdiff_t>(to);
    std::vector<Item> part(std::make_move_iterator(first), std::make_move_iterator(last));
    from = to;
    if (ahead) {
      plan(std::move(part));
    } else {
      settle();
      alone(std::move(part));
    }
  }
}

/// Row by row, with nothing under way.
void Database::alone(std::vector<Item>&& batch) {
  std::vector<Status> results(batch.size());
  run_row_by_row(batch, results);
  finish(std::move(batch), std::move(results), next_leaf_);
}

/// Waits until nothing is under way. Batches that could not be written are run again first: then this is false, and what was
/// decided on top of them does not stand.
bool Database::settle() {
  if (!write_thread_.joinable()) return true;
  std::vector<Planned> lost;
  {
    std::unique_lock lock(plan_mutex_);
    plan_room_.wait(lock, [&] { return planned_.empty() && !writing_; });
    lost.swap(lost_);
  }
  under_way_->clear();
  if (lost.empty()) return true;
  next_leaf_ = lost.front().first_leaf;
  ++rollbacks_;
  for (Planned& planned : lost) {
    {
      std::lock_guard lock(mutex_);
      counters_.repeated += planned.batch.size();
    }
    alone(std::move(planned.batch));
  }
  return false;
}

/// Waits for room. False when a batch before was lost: then this one does not stand and is left as it is.
bool Database::hand_over(Planned& planned) {
  constexpr std::size_t kWaitingMax = 3;  // enough to decide through a pause of the writer
  {
    std::unique_lock lock(plan_mutex_);
    plan_room_.wait(lock, [&] { return planned_.size() < kWaitingMax; });
    if (!lost_.empty()) return false;
    next_leaf_ += planned.leaves;
    std::lock_guard counters(mutex_);
    counters_.ahead += planned.batch.size();
    planned_.push_back(std::move(planned));
  }
  plan_wake_.notify_one();
  return true;
}

/// Without a savepoint for each command, which would cost a copy of every page that it changes. When what was decided does not
/// stand (a batch before could not be written, a command failed after it had written), all run once more, guarded.
void Database::plan(std::vector<Item>&& batch) {
  constexpr std::size_t kWorthAhead = 4;  // fewer are written at once: handing over takes longer
  std::uint64_t const number = ++batch_number_;
  bool idle;
  {
    std::lock_guard lock(plan_mutex_);
    under_way_->committed(written_batch_);
    idle = planned_.empty() && !writing_ && lost_.empty();
  }
  std::vector<Status> results(batch.size());
  std::vector<Digest> leaves;
  bool stands = true, began = false;
  auto statements = [&]() -> std::shared_ptr<Statements const> {
    PlanSession session(*under_way_, number, *plan_reader_, leaves, [&]() -> Result<Session*> {
      if (!settle()) return fail(ErrorCode::store_conflict);
      began = true;
      YW_TRY(begin_fenced());
      return writer_.get();
    });
    if (idle && batch.size() < kWorthAhead) stands = session.go_direct().has_value();
    for (std::size_t i = 0; i < batch.size() && stands; ++i) {
      std::size_t const leaves_before = leaves.size();
      session.begin_command();
      Writer writer(session, next_leaf_, leaves, rollbacks_, session.keeps());
      results[i] = batch[i].work(writer);
      stands = !session.broken();
      if (results[i] || !stands) continue;
      stands = session.drop_command();
      leaves.resize(leaves_before);
      ++rollbacks_;
    }
    if (session.direct()) return nullptr;
    return session.statements();
  }();
  if (stands && began) {
    if (commit_leaves(leaves)) return finish(std::move(batch), std::move(results), next_leaf_);
  } else if (stands) {
    Planned planned{std::move(batch), std::move(results), std::move(statements), leaves.size(), next_leaf_, number};
    if (hand_over(planned)) return;
    batch = std::move(planned.batch);
  }
  ++rollbacks_;
  if (began) {
    static_cast<void>(writer_->rollback());
    std::lock_guard lock(mutex_);
    counters_.repeated += batch.size();
  }
  settle();
  alone(std::move(batch));
}

/// Batches that follow each other, in one transaction.
Status Database::write(std::span<Planned const> batches) {
  YW_TRY(begin_fenced());
  std::vector<Digest> leaves;
  for (Planned const& planned : batches) {
    std::size_t const first = leaves.size();
    leaves.resize(first + planned.leaves);
    YW_TRY(planned.statements->run(*writer_, std::span(leaves).subspan(first)));
  }
  YW_TRY(append_leaves(batches.front().first_leaf, leaves));
  return writer_->commit();
}

void Database::run_writes() {
  pthread_setname_np(pthread_self(), "yw-write");
  std::vector<Planned> batches;
  for (;;) {
    batches.clear();
    {
      std::unique_lock lock(plan_mutex_);
      plan_wake_.wait(lock, [&] { return !planned_.empty() || planned_all_; });
      if (planned_.empty()) return;
      batches.swap(planned_);
      writing_ = true;
    }
    plan_room_.notify_one();
    bool const written = write(batches).has_value();
    std::uint64_t const last = batches.back().number;
    if (written) {
      {
        std::lock_guard lock(mutex_);
        ++counters_.commits;
      }
      for (Planned& planned : batches)
        finish(std::move(planned.batch), std::move(planned.results), planned.first_leaf + planned.leaves);
    } else {
      static_cast<void>(writer_->rollback());
    }
    {
      std::lock_guard lock(plan_mutex_);
      writing_ = false;
      if (written) {
        written_batch_ = last;
      } else {
        // What was decided meanwhile began from what these would have written.
        lost_ = std::move(batches);
        std::move(planned_.begin(), planned_.end(), std::back_inserter(lost_));
        planned_.clear();
      }
    }
    plan_room_.notify_one();
    if (written) continue;
    {
      std::lock_guard lock(mutex_);
      loss_ = true;
    }
    wake_.notify_one();  // there may be nothing else to do
  }
}

}  // namespace yiwang::store

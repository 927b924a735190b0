// SQLite: batches are decided ahead of their writing (plan.hpp). One batch is being written while the next is decided.

#include <pthread.h>

#include "plan.hpp"

namespace yiwang::store {

/// Whether a command may be decided ahead: it says what it begins from, and may run twice.
static bool may_be_ahead(std::vector<ReadAhead> const& begins_from) { return !begins_from.empty(); }

void Database::run_ahead(std::vector<Item>& batch) {
  for (std::size_t from = 0; from < batch.size();) {
    bool const ahead = may_be_ahead(batch[from].begins_from);
    std::size_t to = from + 1;
    while (to < batch.size() && may_be_ahead(batch[to].begins_from) == ahead) ++to;
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

/// Waits until nothing is under way. A batch that could not be written is run again first: then this is false, and what was
/// decided on top of it does not stand.
bool Database::settle() {
  if (!write_thread_.joinable()) return true;
  std::optional<Planned> lost;
  {
    std::unique_lock lock(plan_mutex_);
    plan_room_.wait(lock, [&] { return !planned_; });
    lost.swap(lost_);
  }
  under_way_->clear();
  if (!lost) return true;
  next_leaf_ = lost->first_leaf;
  ++rollbacks_;
  {
    std::lock_guard lock(mutex_);
    counters_.repeated += lost->batch.size();
  }
  alone(std::move(lost->batch));
  return false;
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
    idle = !planned_ && !lost_;
  }
  std::vector<Status> results(batch.size());
  std::vector<Digest> leaves;
  bool stands = true, began = false;
  auto statements = [&]() -> std::shared_ptr<Statements const> {
    PlanSession session(*under_way_, number, *plan_reader_, [&]() -> Result<Session*> {
      if (!settle()) return fail(ErrorCode::store_conflict);
      began = true;
      YW_TRY(begin_fenced());
      return writer_.get();
    });
    if (idle && batch.size() < kWorthAhead) stands = session.go_direct().has_value();
    for (std::size_t i = 0; i < batch.size() && stands; ++i) {
      std::size_t const leaves_before = leaves.size();
      session.begin_command();
      Writer writer(session, next_leaf_, leaves, rollbacks_);
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
  if (stands && began) stands = commit_leaves(leaves).has_value();
  if (stands && !began) {
    bool kept = true;
    {
      std::unique_lock lock(plan_mutex_);
      plan_room_.wait(lock, [&] { return !planned_; });
      kept = !lost_;
      if (kept) {
        std::uint64_t const first = next_leaf_;
        next_leaf_ += leaves.size();
        std::lock_guard counters(mutex_);
        counters_.ahead += batch.size();
        planned_ = Planned{std::move(batch), std::move(results), std::move(statements), std::move(leaves), first, number};
      }
    }
    if (kept) return plan_wake_.notify_one();
    stands = false;
  }
  if (stands) return finish(std::move(batch), std::move(results), next_leaf_);
  if (began) {
    static_cast<void>(writer_->rollback());
    ++rollbacks_;
    std::lock_guard lock(mutex_);
    counters_.repeated += batch.size();
  }
  settle();
  alone(std::move(batch));
}

Status Database::write(Planned const& planned) {
  YW_TRY(begin_fenced());
  YW_TRY(planned.statements->run(*writer_));
  YW_TRY(append_leaves(planned.first_leaf, planned.leaves));
  return writer_->commit();
}

void Database::run_writes() {
  pthread_setname_np(pthread_self(), "yw-write");
  for (;;) {
    {
      std::unique_lock lock(plan_mutex_);
      plan_wake_.wait(lock, [&] { return planned_ || planned_all_; });
      if (!planned_) return;
    }
    // The planner does not touch it until it is gone.
    bool const written = write(*planned_).has_value();
    if (!written) static_cast<void>(writer_->rollback());
    if (written) {
      {
        std::lock_guard lock(mutex_);
        ++counters_.commits;
      }
      finish(std::move(planned_->batch), std::move(planned_->results), planned_->first_leaf + planned_->leaves.size());
    }
    {
      std::lock_guard lock(plan_mutex_);
      if (written)
        written_batch_ = planned_->number;
      else
        lost_ = std::move(planned_);
      planned_.reset();
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

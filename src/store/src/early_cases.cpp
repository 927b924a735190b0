#include "early_cases.hpp"

#include <pthread.h>

#include "queries.hpp"
#include "yiwang/spine/casefile.hpp"

namespace yiwang::store {

Result<ReadCase> read_case(Session& session, DefinitionSnapshot const& definitions, CaseId id) {
  ReadCase out;
  Status parsed;
  YW_TRY(session.run(queries::case_state, {id}, [&](Row const& row) {
    parsed = [&]() -> Status {
      YW_ASSIGN(spine::CaseState state, spine::parse_case_state(id, row.text(0)));
      out.type = definitions.find(state.definition);
      if (out.type == nullptr) return fail(ErrorCode::spine_unknown_case_type, {{"id", state.definition}});
      std::string_view const process = row.is_null(1) ? std::string_view{} : row.text(1);
      out.bytes = row.text(0).size() + process.size();
      if (!process.empty()) {
        YW_TRY(spine::parse_process(*out.type, process, state));
      }
      out.state = std::make_shared<spine::CaseState const>(std::move(state));
      return {};
    }();
  }));
  YW_TRY(std::move(parsed));
  return out;
}

EarlyCases::EarlyCases(Database& database, Definitions const& definitions)
    : database_(database), definitions_(definitions), thread_([this] { run(); }) {}

EarlyCases::~EarlyCases() {
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_one();
  thread_.join();
}

void EarlyCases::ask(std::shared_ptr<EarlyCase> wanted) {
  bool first;
  {
    std::lock_guard lock(mutex_);
    first = wanted_.empty();
    wanted_.push_back(std::move(wanted));
  }
  if (first) wake_.notify_one();
}

void EarlyCases::run() {
  pthread_setname_np(pthread_self(), "yw-early");
  constexpr std::size_t kAtOnce =
      16;  // one look at the database for so many: a longer one would keep the log from beginning anew
  std::vector<std::shared_ptr<EarlyCase>> batch;
  for (;;) {
    batch.clear();
    {
      std::unique_lock lock(mutex_);
      wake_.wait(lock, [&] { return stopping_ || !wanted_.empty(); });
      if (stopping_) return;
      batch.swap(wanted_);
    }
    auto const definitions = definitions_.snapshot();
    for (std::size_t from = 0; from < batch.size(); from += kAtOnce) {
      // Before the look: what was undone or erased after it is not taken for what stands.
      std::uint64_t const rollbacks = rollbacks_.load(std::memory_order_acquire);
      auto const all = database_.read([&](Session& session) -> Status {
        YW_TRY(session.script("BEGIN"));
        for (std::size_t i = from; i < std::min(batch.size(), from + kAtOnce); ++i) {
          EarlyCase& one = *batch[i];
          auto expected = EarlyCase::Stage::waiting;
          if (!one.stage_.compare_exchange_strong(expected, EarlyCase::Stage::reading)) continue;
          auto read = read_case(session, *definitions, one.id_);
          if (!read || !read->state) continue;  // the command finds out for itself, and says so
          one.read_ = std::move(*read);
          one.rollbacks_ = rollbacks;
          expected = EarlyCase::Stage::reading;
          one.stage_.compare_exchange_strong(expected, EarlyCase::Stage::read);
        }
        return session.script("COMMIT");
      });
      static_cast<void>(all);  // what was not read is read by its command
    }
  }
}

}  // namespace yiwang::store

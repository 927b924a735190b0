#pragma once
// Erasure by law (个人信息保护法 47): the body and salt of an event go, its leaf stays, and the erasure is itself an event of
// the log: who, when, on which ground, which event with which hash.

#include "yiwang/store/commands.hpp"

namespace yiwang::store {

struct Erasure {
  CaseId case_id;
  std::int64_t revision = 0;
  std::string ground;  ///< the legal ground, for the record and for the subject
  spine::Actor actor;
};
struct Erased {
  IdBytes id{};                  ///< the erasure's own aggregate, whose event 0 proves it
  std::vector<Digest> attached;  ///< what the event brought and no other event of the case does: for FileStore::remove_unused()
};
/// The words go, their hash stays. The subject sees it among the looks at their data.
/// Errors: spine.not_found, store.erased when it is gone already.
Result<Erased> erase_event(Database& database, IdSource& ids, RandomPool& random, Erasure const& erasure, Instant now);

/// Erasures of a case: revision -> id of the recording aggregate.
struct ErasureRow {
  std::int64_t revision = 0;
  CaseId recorded_by;
  Instant at;
};
Result<std::vector<ErasureRow>> erasures(Database& database, CaseId id);

}  // namespace yiwang::store

#pragma once
// The definitions in force, and every older one that an open case still refers to. Swapped as a whole: a reader keeps
// the snapshot it began with.

#include <map>
#include <memory>
#include <mutex>

#include "yiwang/spine/casefile.hpp"
#include "yiwang/store/database.hpp"

namespace yiwang::store {

struct DefinitionSnapshot {
  std::shared_ptr<spine::Release const> current;
  std::map<std::string, std::shared_ptr<spine::CaseType const>, std::less<>> by_hash;
  spine::CaseType const* find(std::string_view hash) const {
    auto it = by_hash.find(hash);
    return it == by_hash.end() ? nullptr : it->second.get();
  }
};

class Definitions {
 public:
  std::shared_ptr<DefinitionSnapshot const> snapshot() const {
    std::lock_guard lock(mutex_);
    return snapshot_;
  }
  /// Makes a compiled release the current one, keeping all case types known before.
  void install(std::shared_ptr<spine::Release const> release);

 private:
  mutable std::mutex mutex_;
  std::shared_ptr<DefinitionSnapshot const> snapshot_ = std::make_shared<DefinitionSnapshot>();
};

/// Loads all stored releases; the newest becomes current. Errors: pack.* of one that no longer compiles, store.query.
Status load_releases(Database& database, Definitions& definitions);
Status load_releases(Session& session, Definitions& definitions);
/// The files of a stored release. Errors: spine.not_found, store.query.
Result<pack::FileSet> stored_files(Database& database, std::string_view hash);

/// Stores the files of a release, loads all stored ones into `definitions`, and makes this one current.
/// Errors: pack.* of an old release that no longer compiles, store.query.
Status release_pack(Database& database, Definitions& definitions, pack::FileSet const& files, std::shared_ptr<spine::Release const> release, Instant now);

}  // namespace yiwang::store

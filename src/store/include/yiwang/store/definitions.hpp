#pragma once
// The definitions in force, and every older one that an open case still refers to. Swapped as a whole: a reader keeps
// the snapshot it began with.

#include <map>
#include <memory>
#include <mutex>

#include "yiwang/spine/casefile.hpp"
#include "yiwang/store/database.hpp"

namespace yiwang::store {

using CaseTypesByHash = std::map<std::string, std::shared_ptr<spine::CaseType const>, std::less<>>;

/// Case types of older releases. One is read and compiled when the first case asks for it, and kept. Thread-safe.
class OlderDefinitions {
 public:
  /// `where`: hash of a case type -> hash of a release that holds it.
  OlderDefinitions(DatabaseUrl url, std::map<std::string, std::string, std::less<>> where)
      : url_(std::move(url)), where_(std::move(where)) {}
  /// Null when no release holds it, or its release cannot be read or compiled any more.
  spine::CaseType const* find(std::string_view hash) const;

 private:
  DatabaseUrl url_;
  std::map<std::string, std::string, std::less<>> where_;
  mutable std::mutex mutex_;
  mutable CaseTypesByHash found_;
};

struct DefinitionSnapshot {
  std::shared_ptr<spine::Release const> current;
  CaseTypesByHash by_hash;
  std::shared_ptr<OlderDefinitions const> older;
  spine::CaseType const* find(std::string_view hash) const {
    auto it = by_hash.find(hash);
    if (it != by_hash.end()) return it->second.get();
    return older ? older->find(hash) : nullptr;
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
  /// What find() turns to for case types that no installed release holds.
  void install(std::shared_ptr<OlderDefinitions const> older);

 private:
  mutable std::mutex mutex_;
  std::vector<std::shared_ptr<OlderDefinitions const>> replaced_;  ///< somebody may still hold what they found
  std::shared_ptr<DefinitionSnapshot const> snapshot_ = std::make_shared<DefinitionSnapshot>();
};

/// The newest stored release becomes current; older ones are compiled when they are asked for.
/// Errors: pack.* when the newest no longer compiles, store.query.
Status load_releases(DatabaseUrl const& url, Definitions& definitions);
/// The files of a stored release. Errors: spine.not_found, store.query.
Result<pack::FileSet> stored_files(Database& database, std::string_view hash);

/// Stores the files of a release and makes it the current one; what older releases hold is found when it is asked for.
/// Errors: store.query, pack.* of a release stored by a program that did not list its case types.
Status release_pack(Database& database, Definitions& definitions, pack::FileSet const& files,
                    std::shared_ptr<spine::Release const> release, Instant now);

}  // namespace yiwang::store

#pragma once
// Full-text search over what the program knows, by pairs of characters, so that Chinese needs no dictionary. The index stands
// beside the data: a database file of its own on SQLite (FTS5), a schema of its own on PostgreSQL (tsvector). It can be thrown
// away and filled again from the data at any time.

#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "yiwang/store/session.hpp"

namespace yiwang::store {

/// What is found: of a kind ("request", "matter", "knowledge") under an id that its kind understands.
struct SearchHit {
  std::int64_t number = 0;  ///< where the next page begins
  std::string kind, id;
};
struct SearchEntry {
  std::string kind, id;
  std::vector<std::string> grams;  ///< as text::search_grams makes them
};

class SearchIndex {
 public:
  /// `file`: of the index on SQLite; PostgreSQL keeps it in the database of the data. Errors: store.open, store.query.
  static Result<std::unique_ptr<SearchIndex>> open(DatabaseUrl const& data, std::string const& file);
  /// Makes its tables in a session, if they are not there. Errors: store.query.
  static Status create(Session& session);

  /// What is in already stays as it is: words are not edited. Errors: store.query.
  Status put(std::vector<SearchEntry> const& entries);
  /// Takes everything of a kind out and puts these in. Errors: store.query.
  Status replace(std::string_view kind, std::vector<SearchEntry> const& entries);
  Status forget(std::string_view kind, std::string_view id);
  /// All that have every one of the grams, the newest first; `before`: number of the last hit of the page before.
  Result<std::vector<SearchHit>> find(std::vector<std::string> const& grams, std::optional<std::int64_t> before, int limit);
  /// The greatest id of a kind; empty when there is none.
  Result<std::string> newest(std::string_view kind);

 private:
  explicit SearchIndex(std::unique_ptr<Session> session) : session_(std::move(session)) {}
  Status put_one(SearchEntry const& entry);
  Status forget_number(std::int64_t number);
  template <class F>
  Status together(F&& work);

  std::mutex mutex_;
  std::unique_ptr<Session> session_;
};

}  // namespace yiwang::store

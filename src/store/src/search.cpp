#include "yiwang/store/search.hpp"

#include <algorithm>
#include <limits>

#include "queries.hpp"

namespace yiwang::store {
namespace {

/// One quoted string of FTS5 or of a tsquery: both double their own quote inside.
std::string quoted(std::string_view gram, char quote) {
  std::string out(1, quote);
  for (char c : gram) {
    if (c == quote || (c == '\\' && quote == '\'')) out += c;
    out += c;
  }
  return out + quote;
}

constexpr std::int64_t kFirstLook = 1000;  ///< entries of PostgreSQL that are read before the index is asked

std::string joined(std::vector<std::string> const& grams) {
  std::string out;
  for (std::string const& g : grams) out += (out.empty() ? "" : " ") + g;
  return out;
}

}  // namespace

Status SearchIndex::create(Session& session) {
  if (session.dialect() == Dialect::sqlite)
    return session.script(
        "CREATE TABLE IF NOT EXISTS search_entry(no INTEGER PRIMARY KEY, kind TEXT NOT NULL, id TEXT NOT NULL, UNIQUE(kind, id));"
        // Grams stand for themselves: neither places nor columns of them are kept.
        "CREATE VIRTUAL TABLE IF NOT EXISTS search_grams USING fts5(grams, detail = none, tokenize = \"unicode61 "
        "remove_diacritics 0\");");
  return session.script(
      "CREATE SCHEMA IF NOT EXISTS search;"
      "CREATE TABLE IF NOT EXISTS search.entry(no BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY, kind TEXT NOT NULL, id TEXT "
      "NOT NULL, "
      "grams TSVECTOR NOT NULL, UNIQUE(kind, id));"
      "CREATE INDEX IF NOT EXISTS search_entry_grams ON search.entry USING gin(grams);");
}

Result<std::unique_ptr<SearchIndex>> SearchIndex::open(DatabaseUrl const& data, std::string const& file) {
  DatabaseUrl const url = data.dialect == Dialect::sqlite ? DatabaseUrl{Dialect::sqlite, file} : data;
  YW_ASSIGN(auto session, open_session(url, {.writer = true}));
  YW_TRY(create(*session));
  return std::unique_ptr<SearchIndex>(new SearchIndex(std::move(session)));
}

template <class F>
Status SearchIndex::together(F&& work) {
  YW_TRY(session_->begin());
  Status done = work();
  if (!done) {
    static_cast<void>(session_->rollback());
    return done;
  }
  return session_->commit();
}

Status SearchIndex::put_one(SearchEntry const& entry) {
  if (entry.grams.empty()) return {};
  bool known = false;
  YW_TRY(session_->run(queries::search_known, {entry.kind, entry.id}, [&](Row const&) { known = true; }));
  if (known) return {};
  std::int64_t number = 0;
  YW_TRY(session_->run(queries::search_put, {entry.kind, entry.id}, [&](Row const& row) { number = row.integer(0); }));
  YW_TRY(session_->run(queries::search_words, {number, joined(entry.grams)}));
  return {};
}

Status SearchIndex::forget_number(std::int64_t number) {
  YW_TRY(session_->run(queries::search_forget_words, {number}));
  YW_TRY(session_->run(queries::search_forget, {number}));
  return {};
}

Status SearchIndex::put(std::vector<SearchEntry> const& entries) {
  std::lock_guard lock(mutex_);
  return together([&]() -> Status {
    for (SearchEntry const& e : entries) {
      YW_TRY(put_one(e));
    }
    return {};
  });
}

Status SearchIndex::replace(std::string_view kind, std::vector<SearchEntry> const& entries) {
  std::lock_guard lock(mutex_);
  return together([&]() -> Status {
    std::vector<std::int64_t> old;
    YW_TRY(session_->run(queries::search_of_kind, {kind}, [&](Row const& row) { old.push_back(row.integer(0)); }));
    for (std::int64_t number : old) {
      YW_TRY(forget_number(number));
    }
    for (SearchEntry const& e : entries) {
      YW_TRY(put_one(e));
    }
    return {};
  });
}

Status SearchIndex::forget(std::string_view kind, std::string_view id) {
  std::lock_guard lock(mutex_);
  return together([&]() -> Status {
    std::optional<std::int64_t> number;
    YW_TRY(session_->run(queries::search_known, {kind, id}, [&](Row const& row) { number = row.integer(0); }));
    return number ? forget_number(*number) : Status{};
  });
}

Result<std::vector<SearchHit>> SearchIndex::find(std::vector<std::string> const& grams, std::optional<std::int64_t> before,
                                                 int limit) {
  std::vector<SearchHit> out;
  if (grams.empty()) return out;
  std::lock_guard lock(mutex_);
  bool const lite = session_->dialect() == Dialect::sqlite;
  std::string query;
  for (std::string const& g : grams) query += (query.empty() ? "" : lite ? " " : " & ") + quoted(g, lite ? '"' : '\'');
  auto take = [&](Row const& row) { out.push_back({row.integer(0), row.string(1), row.string(2)}); };
  std::int64_t top = before.value_or(std::numeric_limits<std::int64_t>::max());
  if (!lite) {
    // Words that many texts have stand in the newest entries soon; words of few texts are soon found by the index. What is
    // cheaper follows from how many of the entries read so far had them.
    if (!before) {
      YW_TRY(session_->run(queries::search_last, {}, [&](Row const& row) { top = row.integer(0) + 1; }));
    }
    std::int64_t width = kFirstLook, read = 0;
    for (; top > 1; width *= 2) {
      std::int64_t const from = std::max<std::int64_t>(top - width, 1);
      int const missing = limit - static_cast<int>(out.size());
      YW_TRY(session_->run(queries::search_find_within, {query, top, missing, from}, take));
      std::int64_t const found = static_cast<std::int64_t>(out.size());
      if (found >= limit) return out;
      read += top - from;
      top = from;
      // To be read until there are enough, beside those that the index would name.
      if (found == 0 || (limit - found) * read / found > found * top / read) break;
    }
    if (top <= 1) return out;
  }
  YW_TRY(session_->run(queries::search_find, {query, top, limit - static_cast<int>(out.size())}, take));
  return out;
}

Result<std::string> SearchIndex::newest(std::string_view kind) {
  std::lock_guard lock(mutex_);
  std::string out;
  YW_TRY(session_->run(queries::search_newest, {kind}, [&](Row const& row) {
    if (!row.is_null(0)) out = row.string(0);
  }));
  return out;
}

}  // namespace yiwang::store

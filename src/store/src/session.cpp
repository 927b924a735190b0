#include "yiwang/store/session.hpp"

#include "queries.hpp"
#include "sessions.hpp"

namespace yiwang::store {

Result<DatabaseUrl> DatabaseUrl::parse(std::string_view text) {
  if (text.starts_with("sqlite:")) return DatabaseUrl{Dialect::sqlite, std::string(text.substr(7))};
  if (text.starts_with("postgres:")) return DatabaseUrl{Dialect::postgres, std::string(text.substr(9))};
  return fail(ErrorCode::store_open, {{"what", std::string(text)}, {"why", "expected sqlite:FILE or postgres:CONNECTION"}});
}

Result<std::int64_t> Session::run_set(Query const& query, std::vector<std::string> const&, Each const&) {
  return fail(ErrorCode::store_query, {{"query", query.name}, {"why", "has no text for many rows here"}});
}

Result<std::unique_ptr<Session>> open_session(DatabaseUrl const& url, OpenOptions const& options) {
  return url.dialect == Dialect::sqlite ? open_sqlite(url.target, options) : open_postgres(url.target, options);
}

Status migrate(Session& session, std::int64_t now_us) {
  YW_TRY(session.script(
      "CREATE TABLE IF NOT EXISTS migration(name TEXT PRIMARY KEY, checksum TEXT NOT NULL, applied_us BIGINT NOT NULL)"));
  std::vector<std::pair<std::string, std::string>> applied;
  YW_TRY(session.run(queries::migration_list, {}, [&](Row const& row) { applied.emplace_back(row.text(0), row.text(1)); }));
  for (std::size_t i = 0; i < applied.size(); ++i) {
    auto refuse = [&](char const* why) { return fail(ErrorCode::store_migration, {{"name", applied[i].first}, {"why", why}}); };
    if (i >= kMigrationCount) return refuse("the database was made by a newer program");
    if (applied[i].first != kMigrations[i].name) return refuse("unknown to this program");
    if (applied[i].second != kMigrations[i].checksum) return refuse("its text has changed since it was applied");
  }
  for (std::size_t i = applied.size(); i < kMigrationCount; ++i) {
    Migration const& m = kMigrations[i];
    YW_TRY(session.begin());
    Status status = session.script(session.dialect() == Dialect::sqlite ? m.sqlite : m.postgres);
    if (status) {
      auto inserted = session.run(queries::migration_insert, {m.name, m.checksum, now_us});
      if (!inserted) status = fail(std::move(inserted).error());
    }
    if (!status) {
      static_cast<void>(session.rollback());
      return fail(ErrorCode::store_migration, {{"name", m.name}, {"why", status.error().line()}});
    }
    YW_TRY(session.commit());
  }
  return {};
}

}  // namespace yiwang::store

#include "yiwang/store/definitions.hpp"

#include "queries.hpp"

namespace yiwang::store {

void Definitions::install(std::shared_ptr<spine::Release const> release) {
  std::lock_guard lock(mutex_);
  auto next = std::make_shared<DefinitionSnapshot>(*snapshot_);
  for (auto const& [id, type] : release->case_types) next->by_hash[type->hash] = type;
  next->current = std::move(release);
  snapshot_ = std::move(next);
}

namespace {

/// Every stored release but one that is compiled already.
Status load_but(std::string_view known, Session& session, Definitions& definitions) {
  std::vector<std::pair<std::string, std::string>> stored;
  YW_TRY(session.run(queries::release_list, {}, [&](Row const& row) {
    if (row.text(0) != known) stored.emplace_back(row.text(0), row.text(1));
  }));
  for (auto const& [hash, text] : stored) {
    YW_ASSIGN(json::Value parsed, json::parse(text));
    pack::FileSet set;
    for (auto const& [path, content] : parsed.members()) set.emplace(path, content.text());
    pack::LoadResult loaded = pack::load(std::move(set));
    if (!loaded.errors.empty()) return fail(std::move(loaded.errors.front()));
    spine::CompileResult compiled = spine::compile(loaded.pack);
    if (!compiled.release) return fail(std::move(compiled.errors.front()));
    definitions.install(std::move(compiled.release));
  }
  return {};
}

}  // namespace

Status release_pack(Database& database, Definitions& definitions, pack::FileSet const& files,
                    std::shared_ptr<spine::Release const> release, Instant now) {
  json::Value text = json::Value::object();
  for (auto const& [path, content] : files) text.set(path, json::Value::string(content));
  std::string stored = json::write(text);
  YW_TRY(database.execute([&](Writer& w) -> Status {
    YW_TRY(w.session().run(queries::release_put, {release->hash, release->pack_id, release->version, stored, now.us}));
    return {};
  }));
  YW_TRY(database.read([&](Session& s) { return load_but(release->hash, s, definitions); }));
  definitions.install(std::move(release));
  return {};
}

Result<pack::FileSet> stored_files(Database& database, std::string_view hash) {
  std::string text;
  YW_TRY(database.read([&](Session& s) {
    return s.run(queries::release_list, {}, [&](Row const& row) {
      if (row.text(0) == hash) text = row.text(1);
    });
  }));
  if (text.empty()) return fail(ErrorCode::spine_not_found, {{"what", "定义包 / the release"}});
  YW_ASSIGN(json::Value parsed, json::parse(text));
  pack::FileSet set;
  for (auto const& [path, content] : parsed.members()) set.emplace(path, content.text());
  return set;
}

Status load_releases(Database& database, Definitions& definitions) {
  return database.read([&](Session& s) { return load_releases(s, definitions); });
}

Status load_releases(Session& session, Definitions& definitions) { return load_but({}, session, definitions); }

}  // namespace yiwang::store

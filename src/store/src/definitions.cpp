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

void Definitions::install(std::shared_ptr<OlderDefinitions const> older) {
  std::lock_guard lock(mutex_);
  auto next = std::make_shared<DefinitionSnapshot>(*snapshot_);
  if (next->older) replaced_.push_back(next->older);
  next->older = std::move(older);
  snapshot_ = std::move(next);
}

namespace {

Result<pack::FileSet> files_of(Session& session, std::string_view release) {
  std::string text;
  YW_TRY(session.run(queries::release_files, {std::string(release)}, [&](Row const& row) { text = row.text(0); }));
  if (text.empty()) return fail(ErrorCode::spine_not_found, {{"what", "定义包 / the release"}});
  YW_ASSIGN(json::Value parsed, json::parse(text));
  pack::FileSet set;
  for (auto const& [path, content] : parsed.members()) set.emplace(path, content.text());
  return set;
}

Result<std::shared_ptr<spine::Release const>> compile_stored(Session& session, std::string_view release) {
  YW_ASSIGN(pack::FileSet files, files_of(session, release));
  pack::LoadResult loaded = pack::load(std::move(files));
  if (!loaded.errors.empty()) return fail(std::move(loaded.errors.front()));
  spine::CompileResult compiled = spine::compile(loaded.pack);
  if (!compiled.release) return fail(std::move(compiled.errors.front()));
  return std::move(compiled.release);
}

Result<std::map<std::string, std::string, std::less<>>> listed(Session& session) {
  std::map<std::string, std::string, std::less<>> where;
  YW_TRY(session.run(queries::definition_list, {}, [&](Row const& row) { where.emplace(row.text(0), row.text(1)); }));
  return where;
}

Status list(Writer& writer, spine::Release const& release) {
  for (auto const& [id, type] : release.case_types) {
    YW_TRY(writer.session().run(queries::definition_put, {type->hash, release.hash}));
  }
  return {};
}

}  // namespace

spine::CaseType const* OlderDefinitions::find(std::string_view hash) const {
  auto const place = where_.find(hash);
  if (place == where_.end()) return nullptr;
  std::lock_guard lock(mutex_);
  if (auto it = found_.find(hash); it != found_.end()) return it->second.get();
  // A session of its own: who asks may hold one of the database's.
  auto session = open_session(url_, {});
  if (!session) return nullptr;
  auto release = compile_stored(**session, place->second);
  if (!release) return nullptr;
  for (auto const& [id, type] : (*release)->case_types) found_.emplace(type->hash, type);
  auto it = found_.find(hash);
  return it == found_.end() ? nullptr : it->second.get();
}

Status release_pack(Database& database, Definitions& definitions, pack::FileSet const& files,
                    std::shared_ptr<spine::Release const> release, Instant now) {
  json::Value text = json::Value::object();
  for (auto const& [path, content] : files) text.set(path, json::Value::string(content));
  std::string stored = json::write(text);
  // Releases of programs that did not list their case types yet, in the order in which they came.
  std::vector<std::string> unlisted;
  std::vector<std::shared_ptr<spine::Release const>> earlier;
  YW_TRY(database.read([&](Session& s) -> Status {
    YW_TRY(s.run(queries::release_unlisted, {}, [&](Row const& row) { unlisted.emplace_back(row.text(0)); }));
    for (std::string const& hash : unlisted) {
      if (hash == release->hash) continue;
      YW_ASSIGN(auto compiled, compile_stored(s, hash));
      earlier.push_back(std::move(compiled));
    }
    return {};
  }));
  YW_TRY(database.execute([&](Writer& w) -> Status {
    YW_TRY(w.session().run(queries::release_put, {release->hash, release->pack_id, release->version, stored, now.us}));
    for (auto const& one : earlier) {
      YW_TRY(list(w, *one));
    }
    return list(w, *release);
  }));
  std::map<std::string, std::string, std::less<>> where;
  YW_TRY(database.read([&](Session& s) -> Status {
    YW_ASSIGN(where, listed(s));
    return {};
  }));
  definitions.install(std::make_shared<OlderDefinitions const>(database.url(), std::move(where)));
  definitions.install(std::move(release));
  return {};
}

Result<pack::FileSet> stored_files(Database& database, std::string_view hash) {
  pack::FileSet out;
  YW_TRY(database.read([&](Session& s) -> Status {
    YW_ASSIGN(out, files_of(s, hash));
    return {};
  }));
  return out;
}

Status load_releases(DatabaseUrl const& url, Definitions& definitions) {
  YW_ASSIGN(auto session, open_session(url, {}));
  YW_ASSIGN(auto where, listed(*session));
  definitions.install(std::make_shared<OlderDefinitions const>(url, std::move(where)));
  std::string newest;
  YW_TRY(session->run(queries::release_newest, {}, [&](Row const& row) { newest = row.text(0); }));
  if (newest.empty()) return {};
  YW_ASSIGN(auto release, compile_stored(*session, newest));
  definitions.install(std::move(release));
  return {};
}

}  // namespace yiwang::store

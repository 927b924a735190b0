#include "yiwang/store/files.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "queries.hpp"
#include "yiwang/store/erase.hpp"

namespace yiwang::store {
namespace {

Error file_error(std::string const& file) { return Error(ErrorCode::base_file, {{"file", file}, {"why", std::strerror(errno)}}); }

/// Writes, syncs and renames, so that a crash leaves either nothing or the whole file.
Status write_durably(std::string const& path, std::string_view bytes, mode_t mode) {
  std::string temporary =
      path + ".tmp." + std::to_string(::getpid()) + "." + std::to_string(reinterpret_cast<std::uintptr_t>(&bytes));
  int fd = ::open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode);
  if (fd < 0) return fail(file_error(temporary));
  std::size_t done = 0;
  while (done < bytes.size()) {
    ssize_t n = ::write(fd, bytes.data() + done, bytes.size() - done);
    if (n < 0) {
      Error error = file_error(temporary);
      ::close(fd);
      ::unlink(temporary.c_str());
      return fail(std::move(error));
    }
    done += static_cast<std::size_t>(n);
  }
  bool ok = ::fsync(fd) == 0;
  ok = ::close(fd) == 0 && ok;
  if (!ok || ::rename(temporary.c_str(), path.c_str()) != 0) {
    Error error = file_error(path);
    ::unlink(temporary.c_str());
    return fail(std::move(error));
  }
  int folder = ::open(std::filesystem::path(path).parent_path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (folder >= 0) {
    ::fsync(folder);
    ::close(folder);
  }
  return {};
}

Result<std::string> read_file(std::string const& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) return fail(file_error(path));
  std::ostringstream out;
  out << in.rdbuf();
  return out.str();
}

evidence::SignedRoot root_of(Row const& row) {
  evidence::SignedRoot r;
  r.size = static_cast<std::uint64_t>(row.integer(0));
  std::string_view digest = row.bytes(1);
  std::copy(digest.begin(), digest.end(), reinterpret_cast<char*>(r.root.data()));
  r.at = Instant{row.integer(2)};
  r.key_id = row.text(3);
  r.signature = row.bytes(4);
  return r;
}

}  // namespace

std::string FileStore::path_of(Digest const& hash) const {
  std::string hex = to_hex(hash);
  return folder_ + "/" + hex.substr(0, 2) + "/" + hex;
}

Result<Digest> FileStore::put(std::string_view bytes, std::string_view media_type, std::string_view name, IdBytes const& owner,
                              Instant now) {
  Digest hash = sm3(bytes);
  std::string path = path_of(hash);
  std::error_code ec;
  std::shared_lock bringing(changing_);
  std::filesystem::create_directories(std::filesystem::path(path).parent_path(), ec);
  if (!std::filesystem::exists(path, ec)) {
    YW_TRY(write_durably(path, bytes, 0600));
  }
  YW_TRY(database_.execute([&](Writer& w) -> Status {
    YW_TRY(w.session().run(queries::file_insert,
                           {Blob{as_view(hash)}, static_cast<std::int64_t>(bytes.size()), media_type, now.us}));
    YW_TRY(w.session().run(queries::file_owner_insert, {Blob{{reinterpret_cast<char const*>(owner.data()), owner.size()}},
                                                        Blob{as_view(hash)}, name, now.us}));
    return {};
  }));
  return hash;
}

Result<FileStore::Content> FileStore::get(Digest const& hash) {
  Content out;
  bool found = false;
  YW_TRY(database_.read([&](Session& s) {
    return s.run(queries::file_get, {Blob{as_view(hash)}}, [&](Row const& row) {
      found = true;
      out.media_type = row.text(1);
    });
  }));
  if (!found) return fail(ErrorCode::spine_not_found, {{"what", "附件 / the file"}});
  YW_ASSIGN(out.bytes, read_file(path_of(hash)));
  if (sm3(out.bytes) != hash) return fail(ErrorCode::evidence_mismatch, {{"what", "file " + to_hex(hash)}});
  return out;
}

Result<std::size_t> FileStore::remove_unused(std::vector<Digest> const& hashes) {
  if (hashes.empty()) return std::size_t{0};
  std::unique_lock alone(changing_);
  std::vector<Digest> gone;
  YW_TRY(database_.execute([&](Writer& w) -> Status {
    gone.clear();
    for (Digest const& hash : hashes) {
      YW_ASSIGN(std::int64_t dropped, w.session().run(queries::file_drop, {Blob{as_view(hash)}}));
      YW_TRY(w.session().run(queries::file_owner_drop, {Blob{as_view(hash)}}));
      if (dropped != 0) gone.push_back(hash);
    }
    return {};
  }));
  // The rows first: bytes that a crash leaves behind are found by the next sweep.
  for (Digest const& hash : gone) ::unlink(path_of(hash).c_str());
  return gone.size();
}

Result<std::size_t> FileStore::sweep(Instant now) {
  std::vector<Digest> unused;
  YW_TRY(database_.read([&](Session& s) {
    return s.run(queries::file_unused, {now.us - kMicrosPerDay}, [&](Row const& row) {
      std::string_view const bytes = row.bytes(0);
      Digest hash{};
      if (bytes.size() == hash.size())
        std::copy(bytes.begin(), bytes.end(), reinterpret_cast<char*>(hash.data())), unused.push_back(hash);
    });
  }));
  YW_ASSIGN(std::size_t removed, remove_unused(unused));
  if (now.us - disk_swept_us_ < kMicrosPerDay) return removed;
  disk_swept_us_ = now.us;
  // What a crash left: bytes whose row was never written, or was removed before them.
  std::error_code ec;
  for (auto at = std::filesystem::recursive_directory_iterator(folder_, ec);
       !ec && at != std::filesystem::recursive_directory_iterator(); at.increment(ec)) {
    struct stat found {};
    if (!at->is_regular_file(ec) || ::stat(at->path().c_str(), &found) != 0 ||
        found.st_mtime > now.us / kMicrosPerSecond - 86'400)
      continue;
    std::string const name = at->path().filename().string();
    bool known = false;
    if (auto hash = from_hex(name)) {
      YW_TRY(
          database_.read([&](Session& s) { return s.run(queries::file_get, {Blob{*hash}}, [&](Row const&) { known = true; }); }));
    }
    if (!known && ::unlink(at->path().c_str()) == 0) ++removed;
  }
  return removed;
}

RootSigner::RootSigner(Database& database, yiwang::Clock const& clock, evidence::SigningKey key, Runs runs)
    : database_(database), clock_(clock), key_(std::move(key)) {
  if (runs == Runs::when_asked) return;
  thread_ = std::thread([this] {
    std::unique_lock lock(mutex_);
    while (!stopping_) {
      lock.unlock();
      static_cast<void>(sign_now());  // a failure shows as lag on /metrics and is tried again
      lock.lock();
      wake_.wait_for(lock, std::chrono::seconds(1), [&] { return stopping_; });
    }
  });
}

RootSigner::~RootSigner() {
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  if (thread_.joinable()) thread_.join();
}

Status RootSigner::sign_now() {
  std::lock_guard only_one(sign_mutex_);
  std::uint64_t size = database_.log_size();
  if (size == 0 || size == signed_size_) return {};
  YW_ASSIGN(Digest root, database_.log_root(size));
  evidence::SignedRoot signed_root{size, root, clock_.now(), key_.key_id(), ""};
  YW_ASSIGN(signed_root.signature, key_.sign(evidence::signed_root_bytes(signed_root)));
  YW_TRY(database_.execute([&](Writer& w) -> Status {
    YW_TRY(w.session().run(queries::root_insert, {static_cast<std::int64_t>(size), Blob{as_view(root)}, signed_root.at.us,
                                                  signed_root.key_id, Blob{signed_root.signature}}));
    return {};
  }));
  signed_size_ = size;
  return {};
}

Result<evidence::SigningKey> load_or_make_key(std::string const& file) {
  std::error_code ec;
  if (std::filesystem::exists(file, ec)) {
    YW_ASSIGN(std::string pem, read_file(file));
    return evidence::SigningKey::from_pem(pem);
  }
  YW_ASSIGN(evidence::SigningKey key, evidence::SigningKey::generate());
  YW_TRY(write_durably(file, key.to_pem(), 0600));
  return key;
}

Result<std::optional<evidence::SignedRoot>> root_latest(Database& database) {
  std::optional<evidence::SignedRoot> out;
  YW_TRY(database.read([&](Session& s) { return s.run(queries::root_latest, {}, [&](Row const& row) { out = root_of(row); }); }));
  return out;
}

Result<std::optional<evidence::SignedRoot>> root_covering(Database& database, std::uint64_t size) {
  std::optional<evidence::SignedRoot> out;
  YW_TRY(database.read([&](Session& s) {
    return s.run(queries::root_at_or_after, {static_cast<std::int64_t>(size)}, [&](Row const& row) { out = root_of(row); });
  }));
  return out;
}

Result<std::vector<evidence::SignedRoot>> roots_after(Database& database, std::uint64_t size, int limit) {
  std::vector<evidence::SignedRoot> out;
  YW_TRY(database.read([&](Session& s) {
    return s.run(queries::root_list, {static_cast<std::int64_t>(size), limit},
                 [&](Row const& row) { out.push_back(root_of(row)); });
  }));
  return out;
}

Result<std::string> export_proof(Database& database, evidence::SigningKey const& key, CaseId id) {
  struct Stored {
    std::int64_t revision, at, leaf;
    std::string payload_hash, salt, body;
    bool erased;
  };
  std::vector<Stored> events;
  YW_TRY(database.read([&](Session& s) {
    return s.run(queries::event_list, {id}, [&](Row const& row) {
      events.push_back({row.integer(0), row.integer(1), row.integer(2), std::string(row.bytes(3)), std::string(row.bytes(4)),
                        row.string(5), row.is_null(5)});
    });
  }));
  if (events.empty()) return fail(ErrorCode::spine_not_found, {{"what", "这件事 / this case"}});
  std::int64_t last = 0;
  for (Stored const& e : events) last = std::max(last, e.leaf);
  // Every leaf is proved in the oldest root that covers them all.
  YW_ASSIGN(auto root, root_covering(database, static_cast<std::uint64_t>(last) + 1));
  if (!root) return fail(ErrorCode::store_busy);
  auto string = [](std::string_view t) { return json::Value::string(std::string(t)); };
  auto number = [](std::int64_t n) { return json::Value::number(std::to_string(n)); };
  YW_ASSIGN(auto erased, erasures(database, id));
  json::Value list = json::Value::array();
  for (Stored const& e : events) {
    YW_ASSIGN(auto path, database.inclusion(static_cast<std::uint64_t>(e.leaf), root->size));
    json::Value hashes = json::Value::array();
    for (Digest const& d : path) hashes.items().push_back(string(to_hex(d)));
    json::Value item = json::Value::object({{"revision", number(e.revision)}, {"at_us", number(e.at)}, {"leaf", number(e.leaf)}});
    if (e.erased) {
      item.set("payload_hash",
               string(to_hex(std::span(reinterpret_cast<std::uint8_t const*>(e.payload_hash.data()), e.payload_hash.size()))));
      for (ErasureRow const& erasure : erased) {
        if (erasure.revision == e.revision) item.set("erased_by", string(to_string(erasure.recorded_by)));
      }
    } else {
      item.set("event", string(e.body));
      item.set("salt", string(to_base64url(e.salt)));
    }
    item.set("path", std::move(hashes));
    list.items().push_back(std::move(item));
  }
  json::Value signed_root = json::Value::object({{"size", number(static_cast<std::int64_t>(root->size))},
                                                 {"root", string(to_hex(root->root))},
                                                 {"at_us", number(root->at.us)}});
  signed_root.set("key_id", string(root->key_id));
  signed_root.set("signature", string(to_base64url(root->signature)));
  json::Value out =
      json::Value::object({{"format", string("yiwang-proof-1")}, {"hash", string("SM3")}, {"case_id", string(to_string(id))}});
  out.set("events", std::move(list));
  out.set("signed_root", std::move(signed_root));
  out.set("public_key", string(key.public_pem()));
  return json::write_pretty(out);
}

}  // namespace yiwang::store

#pragma once
// Uploaded files on disk by their SM3 hash, and the thread that signs the log's root each second.

#include <condition_variable>
#include <mutex>
#include <shared_mutex>
#include <string>
#include <thread>

#include "yiwang/store/commands.hpp"

namespace yiwang::store {

/// Content-addressed files below one folder, outside the web root. A file is fsynced before the row that names it.
class FileStore {
 public:
  FileStore(Database& database, std::string folder) : database_(database), folder_(std::move(folder)) {}
  /// Stores bytes and records who brought them. Errors: base.file, store.query.
  Result<Digest> put(std::string_view bytes, std::string_view media_type, std::string_view name, IdBytes const& owner,
                     Instant now);
  struct Content {
    std::string bytes;
    std::string media_type;
  };
  /// Removes these files, rows and bytes, unless a case names them; how many went. Errors: store.query.
  Result<std::size_t> remove_unused(std::vector<Digest> const& hashes);
  /// Uploads of more than a day ago that no case names and whose owner has no form begun, and bytes on the disk that no row
  /// names. How many went. Errors: store.query.
  Result<std::size_t> sweep(Instant now);
  /// Errors: spine.not_found, base.file, evidence.mismatch when the disk no longer holds what the hash says.
  Result<Content> get(Digest const& hash);

 private:
  std::string path_of(Digest const& hash) const;
  Database& database_;
  std::string folder_;
  std::int64_t disk_swept_us_ = 0;  ///< the disk itself is gone through once a day
  std::shared_mutex changing_;      ///< shared while a file is brought, alone while some are removed
};

/// Signs a new root each second when the log has grown. The key stays in memory and in a file of mode 0600.
class RootSigner {
 public:
  enum class Runs : std::uint8_t { each_second, when_asked };
  RootSigner(Database& database, yiwang::Clock const& clock, evidence::SigningKey key, Runs runs = Runs::each_second);
  ~RootSigner();
  /// Signs now if the log has grown; used at stop and by tests.
  Status sign_now();
  evidence::SigningKey const& key() const { return key_; }

 private:
  Database& database_;
  yiwang::Clock const& clock_;
  evidence::SigningKey key_;
  std::mutex mutex_;
  std::condition_variable wake_;
  bool stopping_ = false;
  std::uint64_t signed_size_ = 0;
  std::mutex sign_mutex_;
  std::thread thread_;
};

/// Reads a key file, or makes one (mode 0600). Errors: base.file, base.crypto.
Result<evidence::SigningKey> load_or_make_key(std::string const& file);

struct RootRow {
  evidence::SignedRoot root;
};
Result<std::optional<evidence::SignedRoot>> root_latest(Database& database);
/// The oldest signed root that covers `size` leaves.
Result<std::optional<evidence::SignedRoot>> root_covering(Database& database, std::uint64_t size);
Result<std::vector<evidence::SignedRoot>> roots_after(Database& database, std::uint64_t size, int limit);

/// The proof of one case as JSON for `yiwang-verify`: events, salts, leaves, paths, signed root, public key.
Result<std::string> export_proof(Database& database, evidence::SigningKey const& key, CaseId id);

}  // namespace yiwang::store

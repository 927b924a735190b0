#include "gathered_log.hpp"

#include <atomic>
#include <cstring>
#include <memory>
#include <new>

namespace yiwang::store {
namespace {

// The format of the write-ahead log: https://www.sqlite.org/fileformat2.html#walformat
constexpr sqlite3_int64 kFrameHead = 24;
constexpr std::size_t kPagesAfterCommit = 4, kPagesAfterCommitEnd = 8;  // of a head: not zero in the last frame of a transaction
constexpr std::size_t kGatherMax = 0x1ffff;  // the most that SQLite's VFS for Unix takes in one write; 31 pages with their heads

bool ends_transaction(char const* head) {
  for (std::size_t i = kPagesAfterCommit; i < kPagesAfterCommitEnd; ++i) {
    if (head[i] != 0) return true;
  }
  return false;
}

}  // namespace

/// A log. The file of the VFS below stands behind it in the same memory.
struct GatheredLog::File {
  sqlite3_file head;
  sqlite3_int64 begin;  ///< where in the log the gathered bytes belong
  sqlite3_int64 end;    ///< where the last write ended; -1 before the first
  std::size_t size;     ///< bytes gathered
  bool last_frame;      ///< the last head said that its page ends the transaction
  std::unique_ptr<char[]> bytes;

  sqlite3_file* below() { return reinterpret_cast<sqlite3_file*>(this + 1); }
  int flush() {
    if (size == 0) return SQLITE_OK;
    int const n = static_cast<int>(size);
    size = 0;  // when it fails, SQLite takes the transaction back
    return below()->pMethods->xWrite(below(), bytes.get(), n, begin);
  }
};

// Only the thread that uses the connection comes here, but for sync(). Readers read the log through files of their own and only
// what the index of the log has, where SQLite puts a transaction after it has written its last page: by then nothing is gathered.
struct GatheredLog::Io {
  static File& of(sqlite3_file* f) { return *reinterpret_cast<File*>(f); }
  static sqlite3_io_methods const& below(sqlite3_file* f) { return *of(f).below()->pMethods; }

  static int close(sqlite3_file* f) {
    int const flushed = of(f).flush();
    int const closed = below(f).xClose(of(f).below());
    of(f).~File();
    return flushed != SQLITE_OK ? flushed : closed;
  }
  static int read(sqlite3_file* f, void* out, int n, sqlite3_int64 at) {
    File& log = of(f);
    if (log.size > 0 && at + n > log.begin) {
      if (int rc = log.flush(); rc != SQLITE_OK) return rc;
    }
    return below(f).xRead(log.below(), out, n, at);
  }
  static int write(sqlite3_file* f, void const* in, int n, sqlite3_int64 at) {
    File& log = of(f);
    auto const size = static_cast<std::size_t>(n);
    bool const appended = at == log.end;
    if (!appended || log.size + size > kGatherMax) {
      if (int rc = log.flush(); rc != SQLITE_OK) return rc;
    }
    bool const ends = appended && log.last_frame && n > kFrameHead;
    log.last_frame = n == kFrameHead && ends_transaction(static_cast<char const*>(in));
    log.end = at + n;
    if (!appended || size > kGatherMax) return below(f).xWrite(log.below(), in, n, at);
    if (!log.bytes) log.bytes.reset(new (std::nothrow) char[kGatherMax]);
    if (!log.bytes) return below(f).xWrite(log.below(), in, n, at);
    if (log.size == 0) log.begin = at;
    std::memcpy(log.bytes.get() + log.size, in, size);
    log.size += size;
    return ends ? log.flush() : SQLITE_OK;
  }
  static int truncate(sqlite3_file* f, sqlite3_int64 size) {
    if (int rc = of(f).flush(); rc != SQLITE_OK) return rc;
    return below(f).xTruncate(of(f).below(), size);
  }
  /// By another thread too (Session::syncer), while the next transaction is gathered: of what has been committed nothing is.
  static int sync(sqlite3_file* f, int flags) { return below(f).xSync(of(f).below(), flags); }
  static int file_size(sqlite3_file* f, sqlite3_int64* out) {
    if (int rc = of(f).flush(); rc != SQLITE_OK) return rc;
    return below(f).xFileSize(of(f).below(), out);
  }
  static int lock(sqlite3_file* f, int level) { return below(f).xLock(of(f).below(), level); }
  static int unlock(sqlite3_file* f, int level) { return below(f).xUnlock(of(f).below(), level); }
  static int check_reserved(sqlite3_file* f, int* out) { return below(f).xCheckReservedLock(of(f).below(), out); }
  static int control(sqlite3_file* f, int what, void* argument) { return below(f).xFileControl(of(f).below(), what, argument); }
  static int sector_size(sqlite3_file* f) { return below(f).xSectorSize(of(f).below()); }
  static int characteristics(sqlite3_file* f) { return below(f).xDeviceCharacteristics(of(f).below()); }

  static int open(sqlite3_vfs* v, char const* name, sqlite3_file* out, int flags, int* out_flags) {
    // Version 1: a log has neither shared memory nor mapped pages; those are the database's.
    static sqlite3_io_methods const kMethods = {
        1,           close,           read,    write,   truncate, sync,    file_size, lock,   unlock, check_reserved, control,
        sector_size, characteristics, nullptr, nullptr, nullptr,  nullptr, nullptr,   nullptr};
    sqlite3_vfs* const base = static_cast<Vfs*>(v)->base;
    if ((flags & SQLITE_OPEN_WAL) == 0) return base->xOpen(base, name, out, flags, out_flags);
    auto* log = new (out) File{{nullptr}, 0, -1, 0, false, nullptr};
    int const rc = base->xOpen(base, name, log->below(), flags, out_flags);
    // SQLite closes a file that has methods, opened or not.
    if (log->below()->pMethods != nullptr)
      log->head.pMethods = &kMethods;
    else
      log->~File();
    return rc;
  }
};

GatheredLog::GatheredLog(std::string const& base) {
  sqlite3_vfs* below = sqlite3_vfs_find(base.empty() ? nullptr : base.c_str());
  if (below == nullptr) return;
  static std::atomic<unsigned> count = 0;
  name_ = std::string(below->zName) + "-gathered-" + std::to_string(++count);
  // The rest of the VFS is the one below: its functions find themselves by pAppData, which stays as it is.
  static_cast<sqlite3_vfs&>(vfs_) = *below;
  vfs_.base = below;
  vfs_.pNext = nullptr;
  vfs_.zName = name_.c_str();
  vfs_.szOsFile = static_cast<int>(sizeof(File)) + below->szOsFile;
  vfs_.xOpen = Io::open;
  if (sqlite3_vfs_register(&vfs_, 0) != SQLITE_OK) name_.clear();
}

GatheredLog::~GatheredLog() {
  if (!name_.empty()) sqlite3_vfs_unregister(&vfs_);
}

}  // namespace yiwang::store

#include "fault_disk.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <new>

namespace yiwang::test {

struct FaultDisk::Handle {
  sqlite3_file base;
  FaultDisk* disk;
  File* file;
  File* own;  // a temporary file without a name belongs to its handle
  int lock;
  unsigned shm_shared, shm_exclusive;  // bits of the eight WAL locks
  bool shm_open;
};

namespace {

constexpr std::size_t kSector = 512;

void apply_write(std::string& image, FaultDisk::Write const& w) {
  if (w.truncate) {
    image.resize(w.offset, '\0');
    return;
  }
  if (image.size() < w.offset + w.bytes.size()) image.resize(w.offset + w.bytes.size(), '\0');
  std::memcpy(image.data() + w.offset, w.bytes.data(), w.bytes.size());
}

}  // namespace

// The methods that SQLite calls. Each takes the disk's mutex; none calls another.
struct FaultDisk::Io {
  static Handle& of(sqlite3_file* f) { return *reinterpret_cast<Handle*>(f); }
  static FaultDisk& of(sqlite3_vfs* v) { return *static_cast<FaultDisk*>(v->pAppData); }
  static sqlite3_vfs* system() { return sqlite3_vfs_find("unix"); }

  static int close(sqlite3_file* f) {
    Handle& h = of(f);
    {
      std::lock_guard guard(h.disk->mutex_);
      std::erase(h.file->handles, &h);
    }
    delete h.own;
    return SQLITE_OK;
  }
  static int read(sqlite3_file* f, void* out, int n, sqlite3_int64 at) {
    Handle& h = of(f);
    std::lock_guard guard(h.disk->mutex_);
    if (!h.disk->powered_) return SQLITE_IOERR_READ;
    std::string const& image = h.file->current;
    auto offset = static_cast<std::size_t>(at), size = static_cast<std::size_t>(n);
    std::size_t there = offset >= image.size() ? 0 : std::min(size, image.size() - offset);
    if (there > 0) std::memcpy(out, image.data() + offset, there);
    if (there == size) return SQLITE_OK;
    std::memset(static_cast<char*>(out) + there, 0, size - there);
    return SQLITE_IOERR_SHORT_READ;
  }
  static int write(sqlite3_file* f, void const* in, int n, sqlite3_int64 at) {
    Handle& h = of(f);
    std::lock_guard guard(h.disk->mutex_);
    Write w{static_cast<std::uint64_t>(at), std::string(static_cast<char const*>(in), static_cast<std::size_t>(n)), false};
    if (!h.disk->powered_) return SQLITE_IOERR_WRITE;
    // The write that the power fails on is under way: it may tear like those before it.
    apply_write(h.file->current, w);
    h.file->pending.push_back(std::move(w));
    return h.disk->tick() ? SQLITE_OK : SQLITE_IOERR_WRITE;
  }
  static int truncate(sqlite3_file* f, sqlite3_int64 size) {
    Handle& h = of(f);
    std::lock_guard guard(h.disk->mutex_);
    if (!h.disk->powered_) return SQLITE_IOERR_TRUNCATE;
    Write w{static_cast<std::uint64_t>(size), {}, true};
    apply_write(h.file->current, w);
    h.file->pending.push_back(std::move(w));
    return h.disk->tick() ? SQLITE_OK : SQLITE_IOERR_TRUNCATE;
  }
  static int sync(sqlite3_file* f, int) {
    Handle& h = of(f);
    std::lock_guard guard(h.disk->mutex_);
    // When the power fails in a sync, what it was to write is still pending: some of it reaches the disk.
    if (!h.disk->tick()) return SQLITE_IOERR_FSYNC;
    if (!h.disk->lying_) {
      h.file->durable = h.file->current;
      h.file->pending.clear();
    }
    return SQLITE_OK;
  }
  static int file_size(sqlite3_file* f, sqlite3_int64* out) {
    Handle& h = of(f);
    std::lock_guard guard(h.disk->mutex_);
    *out = static_cast<sqlite3_int64>(h.file->current.size());
    return h.disk->powered_ ? SQLITE_OK : SQLITE_IOERR_FSTAT;
  }
  static int lock(sqlite3_file* f, int level) {
    Handle& h = of(f);
    std::lock_guard guard(h.disk->mutex_);
    if (level <= h.lock) return SQLITE_OK;
    int highest = SQLITE_LOCK_NONE;
    for (Handle* other : h.file->handles) {
      if (other != &h) highest = std::max(highest, other->lock);
    }
    if (level == SQLITE_LOCK_SHARED ? highest >= SQLITE_LOCK_PENDING : highest >= SQLITE_LOCK_RESERVED) return SQLITE_BUSY;
    if (level == SQLITE_LOCK_EXCLUSIVE && highest >= SQLITE_LOCK_SHARED) {
      h.lock = SQLITE_LOCK_PENDING;
      return SQLITE_BUSY;
    }
    h.lock = level;
    return SQLITE_OK;
  }
  static int unlock(sqlite3_file* f, int level) {
    Handle& h = of(f);
    std::lock_guard guard(h.disk->mutex_);
    h.lock = std::min(h.lock, level);
    return SQLITE_OK;
  }
  static int check_reserved(sqlite3_file* f, int* out) {
    Handle& h = of(f);
    std::lock_guard guard(h.disk->mutex_);
    *out = std::any_of(h.file->handles.begin(), h.file->handles.end(), [](Handle* x) { return x->lock >= SQLITE_LOCK_RESERVED; });
    return SQLITE_OK;
  }
  static int control(sqlite3_file*, int, void*) { return SQLITE_NOTFOUND; }
  static int sector_size(sqlite3_file*) { return 4096; }
  static int characteristics(sqlite3_file*) { return SQLITE_IOCAP_POWERSAFE_OVERWRITE; }

  static int shm_map(sqlite3_file* f, int region, int size, int extend, void volatile** out) {
    Handle& h = of(f);
    std::lock_guard guard(h.disk->mutex_);
    if (!h.shm_open) h.shm_open = true, ++h.file->shm_users;
    auto wanted = static_cast<std::size_t>(region);
    *out = nullptr;
    while (h.file->shm.size() <= wanted) {
      if (!extend) return SQLITE_OK;
      h.file->shm.push_back(std::make_unique<char[]>(static_cast<std::size_t>(size)));
    }
    *out = h.file->shm[wanted].get();
    return SQLITE_OK;
  }
  static int shm_lock(sqlite3_file* f, int offset, int n, int flags) {
    Handle& h = of(f);
    std::lock_guard guard(h.disk->mutex_);
    unsigned bits = ((1u << n) - 1u) << offset;
    if (flags & SQLITE_SHM_UNLOCK) {
      h.shm_shared &= ~bits;
      h.shm_exclusive &= ~bits;
      return SQLITE_OK;
    }
    for (Handle* other : h.file->handles) {
      if (other == &h) continue;
      if (other->shm_exclusive & bits) return SQLITE_BUSY;
      if ((flags & SQLITE_SHM_EXCLUSIVE) && (other->shm_shared & bits)) return SQLITE_BUSY;
    }
    (flags & SQLITE_SHM_EXCLUSIVE ? h.shm_exclusive : h.shm_shared) |= bits;
    return SQLITE_OK;
  }
  static void shm_barrier(sqlite3_file* f) { std::lock_guard guard(of(f).disk->mutex_); }
  static int shm_unmap(sqlite3_file* f, int) {
    Handle& h = of(f);
    std::lock_guard guard(h.disk->mutex_);
    if (!h.shm_open) return SQLITE_OK;
    h.shm_open = false;
    h.shm_shared = h.shm_exclusive = 0;
    if (--h.file->shm_users == 0) h.file->shm.clear();
    return SQLITE_OK;
  }

  static int open(sqlite3_vfs* v, char const* name, sqlite3_file* out, int flags, int* out_flags) {
    static sqlite3_io_methods const kMethods = {
        2,         close,          read,    write,       truncate,        sync,    file_size, lock,
        unlock,    check_reserved, control, sector_size, characteristics, shm_map, shm_lock,  shm_barrier,
        shm_unmap, nullptr,        nullptr};
    FaultDisk& disk = of(v);
    out->pMethods = nullptr;
    std::lock_guard guard(disk.mutex_);
    if (!disk.powered_) return SQLITE_CANTOPEN;
    auto* h = new (out) Handle{};
    h->disk = &disk;
    if (name == nullptr) {
      h->file = h->own = new File;
    } else {
      auto& file = disk.files_[name];
      if (!file) {
        if (!(flags & SQLITE_OPEN_CREATE)) {
          disk.files_.erase(name);
          return SQLITE_CANTOPEN;
        }
        file = std::make_unique<File>();
      }
      h->file = file.get();
    }
    h->file->handles.push_back(h);
    out->pMethods = &kMethods;
    if (out_flags) *out_flags = flags;
    return SQLITE_OK;
  }
  static int remove(sqlite3_vfs* v, char const* name, int) {
    FaultDisk& disk = of(v);
    std::lock_guard guard(disk.mutex_);
    if (!disk.tick()) return SQLITE_IOERR_DELETE;
    return disk.files_.erase(name) ? SQLITE_OK : SQLITE_IOERR_DELETE_NOENT;
  }
  static int access(sqlite3_vfs* v, char const* name, int flags, int* out) {
    FaultDisk& disk = of(v);
    std::lock_guard guard(disk.mutex_);
    auto it = disk.files_.find(name);
    *out = it != disk.files_.end() && (flags != SQLITE_ACCESS_EXISTS || !it->second->current.empty());
    return SQLITE_OK;
  }
  static int full_path(sqlite3_vfs*, char const* name, int n, char* out) {
    sqlite3_snprintf(n, out, "%s", name);
    return SQLITE_OK;
  }
  static int randomness(sqlite3_vfs*, int n, char* out) { return system()->xRandomness(system(), n, out); }
  static int sleep(sqlite3_vfs*, int us) { return system()->xSleep(system(), us); }
  static int time(sqlite3_vfs*, double* out) { return system()->xCurrentTime(system(), out); }
  static int last_error(sqlite3_vfs*, int, char*) { return 0; }
};

FaultDisk::FaultDisk(std::string name, std::uint64_t seed) : name_(std::move(name)), random_(seed) {
  vfs_.iVersion = 1;
  vfs_.szOsFile = sizeof(Handle);
  vfs_.mxPathname = 512;
  vfs_.zName = name_.c_str();
  vfs_.pAppData = this;
  vfs_.xOpen = Io::open;
  vfs_.xDelete = Io::remove;
  vfs_.xAccess = Io::access;
  vfs_.xFullPathname = Io::full_path;
  vfs_.xRandomness = Io::randomness;
  vfs_.xSleep = Io::sleep;
  vfs_.xCurrentTime = Io::time;
  vfs_.xGetLastError = Io::last_error;
  sqlite3_vfs_register(&vfs_, 0);
}

FaultDisk::~FaultDisk() { sqlite3_vfs_unregister(&vfs_); }

void FaultDisk::cut_power_after(std::uint64_t operations) {
  std::lock_guard guard(mutex_);
  cut_at_ = operations == 0 ? 0 : operations_ + operations;
}

void FaultDisk::cut_power_now() {
  std::lock_guard guard(mutex_);
  if (powered_) fail_power();
}

bool FaultDisk::powered() const {
  std::lock_guard guard(mutex_);
  return powered_;
}

std::uint64_t FaultDisk::operations() const {
  std::lock_guard guard(mutex_);
  return operations_;
}

bool FaultDisk::tick() {
  if (!powered_) return false;
  if (++operations_ != cut_at_) return true;
  fail_power();
  return false;
}

void FaultDisk::fail_power() {
  powered_ = false;
  for (auto& [name, file] : files_) {
    std::string image = file->durable;
    for (Write const& w : file->pending) {
      switch (random_.below(3)) {
        case 0: ++lost_; break;
        case 1: apply_write(image, w); break;
        default: {
          if (w.truncate) break;
          ++torn_;
          // Sectors are counted on the disk, not from the start of the write.
          for (std::uint64_t at = w.offset; at < w.offset + w.bytes.size();) {
            std::uint64_t end = std::min<std::uint64_t>((at / kSector + 1) * kSector, w.offset + w.bytes.size());
            if (random_.below(2) == 0) apply_write(image, {at, w.bytes.substr(at - w.offset, end - at), false});
            at = end;
          }
        }
      }
    }
    file->durable = std::move(image);
    file->pending.clear();
  }
}

void FaultDisk::power_on() {
  std::lock_guard guard(mutex_);
  if (powered_) fail_power();
  for (auto& [name, file] : files_) {
    if (!file->handles.empty()) std::abort();  // a connection is still open: a fault of the test
    file->current = file->durable;
    file->shm.clear();
    file->shm_users = 0;
  }
  powered_ = true;
  cut_at_ = 0;
}

}  // namespace yiwang::test

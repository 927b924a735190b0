#pragma once
// A SQLite VFS whose disk lives in memory and can lose power. What was written since the last sync of a file is on the
// disk wholly, in part (any of its 512-byte sectors) or not at all; what was synced is there. Shared memory is lost.

#include <sqlite3.h>

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "district.hpp"

namespace yiwang::test {

/// One disk, registered as a VFS under its name until it is destroyed. Thread-safe.
class FaultDisk {
 public:
  FaultDisk(std::string name, std::uint64_t seed);
  ~FaultDisk();
  FaultDisk(FaultDisk const&) = delete;
  FaultDisk& operator=(FaultDisk const&) = delete;

  std::string const& name() const { return name_; }
  /// The power fails at the n-th write, truncation, deletion or sync from now on; 0 never.
  void cut_power_after(std::uint64_t operations);
  /// The power fails now.
  void cut_power_now();
  bool powered() const;
  /// Starts again from what has reached the disk. Every connection must be closed.
  void power_on();
  /// A disk that says "synced" and has not: nothing may rely on it. For the test of the test.
  void lie_about_syncs(bool lie) { lying_ = lie; }
  std::uint64_t operations() const;
  std::uint64_t torn_writes() const { return torn_; }
  std::uint64_t lost_writes() const { return lost_; }

  struct Write {
    std::uint64_t offset = 0;
    std::string bytes;
    bool truncate = false;  ///< to `offset` bytes
  };
  struct Handle;
  struct File {
    std::string durable;         ///< what the disk holds for certain
    std::string current;         ///< what the programs see
    std::vector<Write> pending;  ///< written since the last sync, in order
    std::vector<Handle*> handles;
    std::vector<std::unique_ptr<char[]>> shm;
    int shm_users = 0;
  };
  struct Io;

 private:
  friend struct Io;
  /// Counts one operation; false when the power is off (or has just failed).
  bool tick();
  void fail_power();

  std::string name_;
  sqlite3_vfs vfs_{};
  mutable std::mutex mutex_;
  std::map<std::string, std::unique_ptr<File>> files_;
  Random random_;
  bool powered_ = true, lying_ = false;
  std::uint64_t operations_ = 0, cut_at_ = 0, torn_ = 0, lost_ = 0;
};

}  // namespace yiwang::test

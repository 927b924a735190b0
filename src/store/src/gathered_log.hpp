#pragma once
// SQLite writes each page of its write-ahead log with two calls of the system: 24 bytes of head, then the page. This VFS gathers
// what is appended to the log and hands it to the VFS below in one write when a transaction ends. Everything else goes through.

#include <sqlite3.h>

#include <string>

namespace yiwang::store {

/// Registered as long as it lives; it must outlive the connections opened through it. For the one connection that writes.
class GatheredLog {
 public:
  /// `base`: the VFS below, the default one when empty. name() is empty when there is no such VFS.
  explicit GatheredLog(std::string const& base);
  GatheredLog(GatheredLog const&) = delete;
  GatheredLog& operator=(GatheredLog const&) = delete;
  ~GatheredLog();
  std::string const& name() const { return name_; }

 private:
  struct Vfs : sqlite3_vfs {
    sqlite3_vfs* base;
  };
  struct File;
  struct Io;
  std::string name_;
  Vfs vfs_{};
};

}  // namespace yiwang::store

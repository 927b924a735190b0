#include <fcntl.h>
#include <sqlite3.h>
#include <unistd.h>

#include <filesystem>

#include "yiwang/store/database.hpp"

namespace yiwang::store {

namespace fs = std::filesystem;

Status backup_sqlite(std::string const& from, std::string const& to) {
  struct Handle {
    sqlite3* db = nullptr;
    ~Handle() { sqlite3_close(db); }
  } source, target;
  auto refuse = [](std::string const& what, sqlite3* db) {
    return fail(ErrorCode::store_open, {{"what", what}, {"why", sqlite3_errmsg(db)}});
  };
  if (sqlite3_open_v2(from.c_str(), &source.db, SQLITE_OPEN_READONLY, nullptr) != SQLITE_OK) return refuse(from, source.db);
  sqlite3_busy_timeout(source.db, 10'000);
  if (sqlite3_open_v2(to.c_str(), &target.db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, nullptr) != SQLITE_OK)
    return refuse(to, target.db);
  sqlite3_backup* backup = sqlite3_backup_init(target.db, "main", source.db, "main");
  if (backup == nullptr) return refuse(to, target.db);
  // One step takes one snapshot: in WAL mode readers do not stop the writer.
  int rc = sqlite3_backup_step(backup, -1);
  sqlite3_backup_finish(backup);
  if (rc != SQLITE_DONE) return refuse(to, target.db);
  std::string verdict;
  sqlite3_exec(
      target.db, "PRAGMA integrity_check",
      [](void* out, int, char** values, char**) {
        *static_cast<std::string*>(out) += values[0];
        return 0;
      },
      &verdict, nullptr);
  if (verdict != "ok") return fail(ErrorCode::store_open, {{"what", to}, {"why", verdict}});
  return {};
}

Status backup_installation(std::string const& from, std::string const& to) {
  std::error_code ec;
  std::string unfinished = to + ".unfinished";
  fs::remove_all(unfinished, ec);
  fs::create_directories(unfinished, ec);
  auto check = [&](std::string const& what) -> Status {
    if (ec) return fail(ErrorCode::base_file, {{"file", what}, {"why", ec.message()}});
    return {};
  };
  YW_TRY(check(unfinished));
  YW_TRY(backup_sqlite(from + "/yiwang.db", unfinished + "/yiwang.db"));
  // Files after the database: a file that a row names was on disk before the row.
  if (fs::exists(from + "/files", ec)) {
    fs::copy(from + "/files", unfinished + "/files", fs::copy_options::recursive, ec);
    YW_TRY(check(from + "/files"));
  }
  fs::copy_file(from + "/log-key.pem", unfinished + "/log-key.pem", ec);
  YW_TRY(check(from + "/log-key.pem"));
  fs::permissions(unfinished + "/log-key.pem", fs::perms::owner_read | fs::perms::owner_write, ec);
  int folder = ::open(unfinished.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (folder >= 0) {
    ::syncfs(folder);
    ::close(folder);
  }
  fs::rename(unfinished, to, ec);
  return check(to);
}

}  // namespace yiwang::store

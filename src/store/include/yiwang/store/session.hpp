#pragma once
// One connection to a database, the same for SQLite and PostgreSQL. Statements are the named constants made from
// queries/*.sql; nothing else is ever executed, and no SQL text is assembled at run time.

#include <cstdint>
#include <functional>
#include <initializer_list>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "yiwang/base/ids.hpp"
#include "yiwang/base/result.hpp"

namespace yiwang::store {

struct Query {
  char const* name;
  std::size_t number;
  char const* sqlite;
  char const* postgres;
  /// PostgreSQL: the same for many rows, each parameter an array; null where there is none.
  char const* set;
  /// It may be run after the command that asks for it has been decided: nobody looks at how many rows it changes.
  bool later = false;
};

struct Blob {
  std::string_view bytes;
};

/// A parameter; text and bytes are borrowed for the duration of the call.
class Value {
 public:
  Value() = default;
  Value(std::nullptr_t) {}                                      // NOLINT: implicit by design
  Value(std::int64_t v) : value_(v) {}                          // NOLINT
  Value(int v) : value_(std::int64_t{v}) {}                     // NOLINT
  Value(std::string_view v) : value_(v) {}                      // NOLINT
  Value(std::string const& v) : value_(std::string_view(v)) {}  // NOLINT
  Value(char const* v) : value_(std::string_view(v)) {}         // NOLINT
  Value(Blob v) : value_(v) {}                                  // NOLINT
  template <class Tag>
  Value(StrongId<Tag> const& id) : value_(Blob{id.view()}) {}  // NOLINT
  std::variant<std::monostate, std::int64_t, std::string_view, Blob> const& get() const { return value_; }

 private:
  std::variant<std::monostate, std::int64_t, std::string_view, Blob> value_;
};

/// One result row, valid only inside the callback.
class Row {
 public:
  virtual ~Row() = default;
  virtual int columns() const = 0;
  virtual bool is_null(int column) const = 0;
  virtual std::int64_t integer(int column) const = 0;
  virtual std::string_view text(int column) const = 0;
  virtual std::string_view bytes(int column) const = 0;
  std::string string(int column) const { return std::string(text(column)); }
  /// The 16 bytes of an id column; nil when null or of another length.
  template <class Id>
  Id id(int column) const {
    IdBytes out{};
    std::string_view b = bytes(column);
    if (b.size() == out.size()) std::copy(b.begin(), b.end(), reinterpret_cast<char*>(out.data()));
    return Id(out);
  }
};

enum class Dialect : std::uint8_t { sqlite, postgres };

/// Not thread-safe: one thread at a time.
class Session {
 public:
  using Each = std::function<void(Row const&)>;
  virtual ~Session() = default;
  virtual Dialect dialect() const = 0;
  /// Runs a statement, calls `each` for every row, and returns the number of rows changed (or read).
  /// Errors: store.query.
  Result<std::int64_t> run(Query const& query, std::initializer_list<Value> values, Each const& each = {}) {
    return run_values(query, {values.begin(), values.size()}, each);
  }
  virtual Result<std::int64_t> run_values(Query const& query, std::span<Value const> values, Each const& each) = 0;
  /// PostgreSQL: runs the set text of a statement with one array literal a parameter. Errors: store.query.
  virtual Result<std::int64_t> run_set(Query const& query, std::vector<std::string> const& arrays, Each const& each = {});
  /// Executes a script of migrations. Errors: store.query.
  virtual Status script(std::string const& sql) = 0;
  /// Rows changed since the session was opened, rolled back or not; -1 where that is not known.
  virtual std::int64_t rows_changed() const { return -1; }
  virtual Status begin() = 0;
  /// Durable when it returns, unless the session was opened with late_sync.
  virtual Status commit() = 0;
  /// What makes every commit until now durable when it is called: by any thread, while the session goes on. Taken after a commit;
  /// empty when commits are durable by themselves.
  virtual std::function<Status()> syncer() { return {}; }
  virtual Status rollback() = 0;
  virtual Status savepoint() = 0;
  virtual Status release_savepoint() = 0;
  virtual Status rollback_savepoint() = 0;
};

/// Where a database is: "sqlite:FILE" or a libpq connection string "postgres:…".
struct DatabaseUrl {
  Dialect dialect = Dialect::sqlite;
  std::string target;
  static Result<DatabaseUrl> parse(std::string_view text);
};

struct OpenOptions {
  bool writer = false;
  /// SQLite: the name of a registered VFS, for fault injection in tests.
  std::string vfs{};
  bool late_sync = false;       ///< SQLite: commit() does not wait for the disk; see Session::syncer
  int checkpoint_pages = 2000;  ///< SQLite: the write-ahead log is folded back when it has grown to this many pages
};

/// Errors: store.open, store.in_use (a second writer on the same SQLite file).
Result<std::unique_ptr<Session>> open_session(DatabaseUrl const& url, OpenOptions const& options);

/// Brings an empty or older database to this program's schema, and refuses one that is newer or was altered.
/// Errors: store.migration, store.query.
Status migrate(Session& session, std::int64_t now_us);

}  // namespace yiwang::store

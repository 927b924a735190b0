#pragma once
// Commands of one PostgreSQL batch share statements: what they read first is read for all of them at once, what they write
// is collected and written with one statement a table. The commands themselves do not notice.

#include <array>
#include <map>
#include <vector>

#include "yiwang/store/database.hpp"

namespace yiwang::store {

/// The session that commands of a batch see. Statements with a text for many rows are collected; before any other statement
/// that names a table with collected rows these are written. Collected statements of one table run in the order of the
/// query files; a command that needs another order makes the batch write in between.
class BatchSession final : public Session {
 public:
  explicit BatchSession(Session& inner) : inner_(inner) {}

  /// Reads what the commands begin from. Errors: store.query.
  Status read_ahead(std::vector<ReadAhead const*> const& wanted);
  void begin_command();
  /// Errors: store.query.
  Status keep_command();
  /// Forgets what the command has written. Errors: store.conflict when that cannot be separated from its neighbours any more.
  Status drop_command();
  /// Writes what is collected. Errors: store.query, store.conflict when a guarded row was not as expected.
  Status flush();

  Dialect dialect() const override { return inner_.dialect(); }
  Result<std::int64_t> run_values(Query const& query, std::span<Value const> values, Each const& each) override;
  Status script(std::string const& sql) override { return inner_.script(sql); }
  Status begin() override { return inner_.begin(); }
  Status commit() override { return inner_.commit(); }
  Status rollback() override { return inner_.rollback(); }
  Status savepoint() override { return inner_.savepoint(); }
  Status release_savepoint() override { return inner_.release_savepoint(); }
  Status rollback_savepoint() override { return inner_.rollback_savepoint(); }

 private:
  struct Collected {
    Query const* query = nullptr;
    std::string_view table;
    std::vector<std::string> columns;  ///< the insides of array literals
    std::int64_t rows = 0;
    // As they were when the command began.
    std::vector<std::size_t> columns_before;
    std::int64_t rows_before = 0;
  };
  /// The columns of one row, as read_ahead found them.
  struct KnownRow {
    std::vector<std::optional<std::string>> values;
  };

  Session& inner_;
  std::map<std::size_t, Collected> collected_;  ///< by query number: the order in which they run
  std::map<std::string, std::optional<KnownRow>, std::less<>> known_;
  bool saved_ = false;    ///< the command has a savepoint of its own
  bool mingled_ = false;  ///< rows of the command went out together with those of others
};

/// "query\0value\0…": what a command begins from, and what no other command of its batch may touch.
std::string read_ahead_key(ReadAhead const& read);

}  // namespace yiwang::store

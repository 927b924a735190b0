#pragma once
// SQLite: commands are decided on one thread while another writes what the batch before them decided. What a command writes is
// kept as statements with their values; what it reads comes from what is under way, or from a reading connection when nothing
// under way could have changed it. A command that needs more than that waits for the writing thread and goes on beside nobody.

#include <array>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <unordered_map>
#include <vector>

#include "yiwang/store/database.hpp"

namespace yiwang::store {

bool is_read(Query const& query);
/// The table that an INSERT, UPDATE or DELETE changes.
std::string_view written_table(std::string_view text);
/// A row that is guarded (by a revision, or by being the first) must have been written, or the command must be run again.
bool is_guarded(Query const& query);

/// Statements to be run later, in order, with copies of their values.
class Statements {
 public:
  struct Mark {
    std::size_t statements = 0, values = 0, bytes = 0;
  };
  Mark mark() const { return {statements_.size(), values_.size(), bytes_.size()}; }
  void cut(Mark const& mark);
  void add(Query const& query, std::span<Value const> values);
  bool empty() const { return statements_.empty(); }
  std::size_t size() const { return statements_.size(); }
  /// A value of a statement; borrowed until the next add.
  Value value(std::size_t statement, std::size_t position) const;
  /// Runs all of them, and puts the digests of the events, which it works out, into `leaves`: as many as there are events.
  /// Errors: store.query, and store.conflict when a guarded row was not as expected.
  Status run(Session& session, std::span<Digest> leaves) const;

 private:
  struct Statement {
    Query const* query;
    std::uint32_t first;  ///< among the values
    std::uint32_t count;
  };
  enum class Kind : std::uint8_t { null, integer, text, bytes };
  struct Kept {
    Kind kind = Kind::null;
    std::int64_t number = 0;  ///< or where it begins
    std::size_t length = 0;
  };
  Value value_of(Kept const& kept) const;

  std::vector<Statement> statements_;
  std::vector<Kept> values_;
  std::string bytes_;
};

/// Digests of an event: of what it says, and of its leaf in the log.
struct EventDigests {
  Digest payload, leaf;
};
EventDigests event_digests(IdBytes const& aggregate, std::uint64_t revision, Instant at, std::string_view salt,
                           std::string_view body);

/// What is decided and not yet committed: which tables it changes, and the rows that commands begin from.
class UnderWay {
 public:
  /// Forgets what batches up to this number have written.
  void committed(std::uint64_t batch);
  void clear();

 private:
  friend class PlanSession;
  struct Written {
    std::uint64_t batch;
    std::shared_ptr<Statements const> statements;
    std::size_t statement;
    std::array<std::int8_t, 3> columns;  ///< of the row that is read: which values of the statement; -1: no more
  };
  std::unordered_map<std::string, Written> rows_;
  std::vector<std::uint64_t> tables_;  ///< the last batch that writes to each
};

/// The session that commands of one batch see while they are decided.
class PlanSession final : public Session {
 public:
  /// `take_over` waits until everything before this batch is committed and returns the writing connection, in a transaction in
  /// which nothing has been written yet. Errors: what went wrong with the batches before.
  using TakeOver = std::function<Result<Session*>()>;
  /// `leaves`: of the events of this batch.
  PlanSession(UnderWay& under_way, std::uint64_t batch, Session& reader, std::vector<Digest>& leaves, TakeOver take_over);
  ~PlanSession() override;
  PlanSession(PlanSession const&) = delete;
  PlanSession& operator=(PlanSession const&) = delete;

  void begin_command();
  /// Forgets what the command has written. False when that has gone to the database already.
  bool drop_command();
  /// From now on everything goes to the writing connection.
  Status go_direct();
  bool direct() const { return direct_ != nullptr; }
  /// Whether statements are kept for later; stays as long as this does.
  bool const* keeps() const { return &keeps_; }
  /// What was written before could not be written: nothing of this batch stands.
  bool broken() const { return broken_; }
  std::shared_ptr<Statements const> statements() const { return statements_; }

  Dialect dialect() const override { return reader_.dialect(); }
  Result<std::int64_t> run_values(Query const& query, std::span<Value const> values, Each const& each) override;
  Status script(std::string const& sql) override;
  Status begin() override;
  Status commit() override;
  Status rollback() override;
  Status savepoint() override;
  Status release_savepoint() override;
  Status rollback_savepoint() override;

 private:
  bool readable(Query const& query) const;
  void record(Query const& query, std::span<Value const> values);

  UnderWay& under_way_;
  std::uint64_t batch_;
  Session& reader_;
  TakeOver take_over_;
  std::shared_ptr<Statements> statements_ = std::make_shared<Statements>();
  Session* direct_ = nullptr;
  Statements::Mark before_;
  std::int64_t rows_before_ = 0;
  std::vector<std::pair<std::string, std::optional<UnderWay::Written>>> replaced_;  ///< by the command: as they were
  std::vector<Digest>& leaves_;
  bool reading_ = false, broken_ = false, keeps_ = true;
};

}  // namespace yiwang::store

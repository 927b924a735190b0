#include <libpq-fe.h>

#include <charconv>

#include "queries.hpp"
#include "sessions.hpp"

namespace yiwang::store {
namespace {

struct ResultFree {
  void operator()(PGresult* r) const { PQclear(r); }
};
using PgResult = std::unique_ptr<PGresult, ResultFree>;

/// A row in text format; bytes are decoded from \x… on demand into a buffer that lives as long as the row.
class PostgresRow final : public Row {
 public:
  PostgresRow(PGresult* r, int row) : result_(r), row_(row) {}
  int columns() const override { return PQnfields(result_); }
  bool is_null(int c) const override { return PQgetisnull(result_, row_, c) != 0; }
  std::int64_t integer(int c) const override {
    std::string_view t = text(c);
    std::int64_t out = 0;
    std::from_chars(t.data(), t.data() + t.size(), out);
    return out;
  }
  std::string_view text(int c) const override {
    return {PQgetvalue(result_, row_, c), static_cast<std::size_t>(PQgetlength(result_, row_, c))};
  }
  std::string_view bytes(int c) const override {
    std::string_view t = text(c);
    if (!t.starts_with("\\x")) return {};
    auto nibble = [](char h) { return h <= '9' ? h - '0' : h - 'a' + 10; };
    std::string& out = decoded_.emplace_back();
    for (std::size_t i = 2; i + 1 < t.size(); i += 2) out += static_cast<char>(nibble(t[i]) << 4 | nibble(t[i + 1]));
    return out;
  }

 private:
  PGresult* result_;
  int row_;
  mutable std::vector<std::string> decoded_ = [] {
    std::vector<std::string> v;
    v.reserve(16);
    return v;
  }();
};

class PostgresSession final : public Session {
 public:
  explicit PostgresSession(PGconn* c) : connection_(c), prepared_(2 * queries::kCount, false) {}
  PostgresSession(PostgresSession const&) = delete;
  PostgresSession& operator=(PostgresSession const&) = delete;
  ~PostgresSession() override { PQfinish(connection_); }
  Dialect dialect() const override { return Dialect::postgres; }

  Result<std::int64_t> run_values(Query const& query, std::span<Value const> values, Each const& each) override {
    if (!prepared_[query.number]) {
      PgResult r(PQprepare(connection_, query.name, query.postgres, 0, nullptr));
      if (PQresultStatus(r.get()) != PGRES_COMMAND_OK) return fail(failed(query.name));
      prepared_[query.number] = true;
    }
    std::vector<char const*> data;
    std::vector<int> lengths, formats;
    std::vector<std::string> texts;
    texts.reserve(values.size());
    for (Value const& value : values) {
      int format = 0, length = 0;
      char const* p = nullptr;
      if (auto const* n = std::get_if<std::int64_t>(&value.get())) {
        p = texts.emplace_back(std::to_string(*n)).c_str();
      } else if (auto const* t = std::get_if<std::string_view>(&value.get())) {
        p = texts.emplace_back(*t).c_str();
      } else if (auto const* b = std::get_if<Blob>(&value.get())) {
        p = b->bytes.data() ? b->bytes.data() : "";
        length = static_cast<int>(b->bytes.size());
        format = 1;
      }
      data.push_back(p);
      lengths.push_back(length);
      formats.push_back(format);
    }
    PgResult r(
        PQexecPrepared(connection_, query.name, static_cast<int>(data.size()), data.data(), lengths.data(), formats.data(), 0));
    return finish(query.name, r.get(), each);
  }

  Result<std::int64_t> run_set(Query const& query, std::vector<std::string> const& arrays, Each const& each) override {
    std::string name = std::string(query.name) + "_set";
    if (!prepared_[queries::kCount + query.number]) {
      PgResult r(PQprepare(connection_, name.c_str(), query.set, 0, nullptr));
      if (PQresultStatus(r.get()) != PGRES_COMMAND_OK) return fail(failed(name.c_str()));
      prepared_[queries::kCount + query.number] = true;
    }
    std::vector<char const*> data;
    for (std::string const& a : arrays) data.push_back(a.c_str());
    PgResult r(PQexecPrepared(connection_, name.c_str(), static_cast<int>(data.size()), data.data(), nullptr, nullptr, 0));
    return finish(name.c_str(), r.get(), each);
  }

  Status script(std::string const& sql) override {
    PgResult r(PQexec(connection_, sql.c_str()));
    ExecStatusType status = PQresultStatus(r.get());
    if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK && status != PGRES_EMPTY_QUERY) return fail(failed("script"));
    return {};
  }
  Status begin() override { return script("BEGIN"); }
  Status commit() override {
    // COMMIT of a transaction that has failed "succeeds" as ROLLBACK.
    PgResult r(PQexec(connection_, "COMMIT"));
    if (PQresultStatus(r.get()) != PGRES_COMMAND_OK || std::string_view(PQcmdStatus(r.get())) != "COMMIT")
      return fail(failed("commit"));
    return {};
  }
  Status rollback() override { return script("ROLLBACK"); }
  Status savepoint() override { return script("SAVEPOINT command"); }
  Status release_savepoint() override { return script("RELEASE SAVEPOINT command"); }
  Status rollback_savepoint() override { return script("ROLLBACK TO SAVEPOINT command; RELEASE SAVEPOINT command"); }

 private:
  Result<std::int64_t> finish(char const* name, PGresult* r, Each const& each) const {
    ExecStatusType status = PQresultStatus(r);
    if (status == PGRES_TUPLES_OK) {
      int rows = PQntuples(r);
      for (int i = 0; each && i < rows; ++i) each(PostgresRow(r, i));
      return rows;
    }
    if (status != PGRES_COMMAND_OK) return fail(failed(name));
    std::int64_t changed = 0;
    std::string_view count = PQcmdTuples(r);
    std::from_chars(count.data(), count.data() + count.size(), changed);
    return changed;
  }
  Error failed(char const* name) const {
    return Error(ErrorCode::store_query, {{"query", name}, {"why", PQerrorMessage(connection_)}});
  }
  PGconn* connection_;
  std::vector<bool> prepared_;
};

}  // namespace

Result<std::unique_ptr<Session>> open_postgres(std::string const& target, OpenOptions const& options) {
  PGconn* connection = PQconnectdb(target.c_str());
  auto session = std::make_unique<PostgresSession>(connection);
  if (PQstatus(connection) != CONNECTION_OK) {
    return fail(ErrorCode::store_open, {{"what", "PostgreSQL"}, {"why", PQerrorMessage(connection)}});
  }
  PQsetNoticeProcessor(
      connection, [](void*, char const*) {}, nullptr);
  YW_TRY(session->script("SET client_encoding='UTF8'; SET bytea_output='hex'; SET synchronous_commit=on"));
  if (!options.writer) {
    YW_TRY(session->script("SET default_transaction_read_only=on"));
  }
  return session;
}

}  // namespace yiwang::store

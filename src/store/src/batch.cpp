#include "batch.hpp"

#include "plan.hpp"
#include "queries.hpp"

namespace yiwang::store {
namespace {

/// One element of a PostgreSQL array literal, with a comma before it unless it is the first.
void append_element(std::string& column, Value const& value) {
  if (!column.empty()) column += ',';
  if (auto const* n = std::get_if<std::int64_t>(&value.get())) {
    column += std::to_string(*n);
  } else if (auto const* t = std::get_if<std::string_view>(&value.get())) {
    column += '"';
    for (char c : *t) {
      if (c == '"' || c == '\\') column += '\\';
      column += c;
    }
    column += '"';
  } else if (auto const* b = std::get_if<Blob>(&value.get())) {
    static constexpr char kHex[] = "0123456789abcdef";
    column += "\"\\\\x";
    for (char c : b->bytes) {
      auto u = static_cast<unsigned char>(c);
      column += kHex[u >> 4];
      column += kHex[u & 15];
    }
    column += '"';
  } else {
    column += "NULL";
  }
}

std::string key_of(Query const& query, std::span<Value const> values) {
  std::string out(query.name);
  for (Value const& value : values) {
    out += '\0';
    if (auto const* t = std::get_if<std::string_view>(&value.get()))
      out += *t;
    else if (auto const* b = std::get_if<Blob>(&value.get()))
      out += b->bytes;
    else if (auto const* n = std::get_if<std::int64_t>(&value.get()))
      out += std::to_string(*n);
  }
  return out;
}

/// A row that was read ahead.
class CopiedRow final : public Row {
 public:
  explicit CopiedRow(std::vector<std::optional<std::string>> const& values) : values_(values) {}
  int columns() const override { return static_cast<int>(values_.size()); }
  bool is_null(int c) const override { return !values_[static_cast<std::size_t>(c)]; }
  std::int64_t integer(int c) const override { return std::strtoll(std::string(text(c)).c_str(), nullptr, 10); }
  std::string_view text(int c) const override {
    auto const& v = values_[static_cast<std::size_t>(c)];
    return v ? std::string_view(*v) : std::string_view{};
  }
  std::string_view bytes(int c) const override {
    std::string_view t = text(c);
    if (!t.starts_with("\\x")) return {};
    auto nibble = [](char h) { return h <= '9' ? h - '0' : h - 'a' + 10; };
    std::string& out = decoded_[c];
    if (out.empty()) {
      for (std::size_t i = 2; i + 1 < t.size(); i += 2) out += static_cast<char>(nibble(t[i]) << 4 | nibble(t[i + 1]));
    }
    return out;
  }

 private:
  std::vector<std::optional<std::string>> const& values_;
  mutable std::map<int, std::string> decoded_;
};

}  // namespace

std::string read_ahead_key(ReadAhead const& read) {
  std::string out(read.query->name);
  for (auto const& [is_bytes, value] : read.values) {
    out += '\0';
    out += value;
  }
  return out;
}

Status BatchSession::read_ahead(std::vector<ReadAhead const*> const& wanted) {
  std::map<Query const*, std::vector<ReadAhead const*>> by_query;
  for (ReadAhead const* r : wanted) {
    known_[read_ahead_key(*r)] = std::nullopt;
    by_query[r->query].push_back(r);
  }
  for (auto const& entry : by_query) {
    Query const* query = entry.first;
    std::vector<ReadAhead const*> const& list = entry.second;
    std::vector<std::string> arrays(list.front()->values.size());
    for (ReadAhead const* r : list) {
      for (std::size_t i = 0; i < arrays.size(); ++i)
        append_element(arrays[i], r->values[i].first ? Value(Blob{r->values[i].second}) : Value(r->values[i].second));
    }
    for (std::string& a : arrays) a = "{" + a + "}";
    YW_TRY(inner_.run_set(*query, arrays, [&](Row const& row) {
      auto n = static_cast<std::size_t>(row.integer(0)) - 1;
      KnownRow copy;
      for (int c = 1; c < row.columns(); ++c)
        copy.values.push_back(row.is_null(c) ? std::nullopt : std::optional<std::string>(row.text(c)));
      known_[read_ahead_key(*list[n])] = std::move(copy);
    }));
  }
  return {};
}

void BatchSession::begin_command() {
  saved_ = mingled_ = false;
  for (auto& [number, c] : collected_) {
    c.rows_before = c.rows;
    c.columns_before.clear();
    for (std::string const& column : c.columns) c.columns_before.push_back(column.size());
  }
}

Status BatchSession::keep_command() {
  if (saved_) {
    YW_TRY(inner_.release_savepoint());
  }
  return {};
}

Status BatchSession::drop_command() {
  if (mingled_) return fail(ErrorCode::store_conflict);
  for (auto& [number, c] : collected_) {
    c.rows = c.rows_before;
    for (std::size_t i = 0; i < c.columns.size(); ++i) c.columns[i].resize(i < c.columns_before.size() ? c.columns_before[i] : 0);
  }
  if (saved_) {
    YW_TRY(inner_.rollback_savepoint());
  }
  return {};
}

Status BatchSession::flush() {
  for (auto& [number, c] : collected_) {
    if (c.rows == 0) continue;
    if (c.rows > c.rows_before) mingled_ = true;
    std::int64_t rows = c.rows;
    c.rows = c.rows_before = 0;
    for (std::string& column : c.columns) column = "{" + column + "}";
    auto changed = inner_.run_set(*c.query, c.columns);
    for (std::string& column : c.columns) column.clear();
    c.columns_before.assign(c.columns.size(), 0);
    if (!changed) return fail(std::move(changed).error());
    if (is_guarded(*c.query) && *changed != rows) return fail(ErrorCode::store_conflict);
  }
  return {};
}

Result<std::int64_t> BatchSession::run_values(Query const& query, std::span<Value const> values, Each const& each) {
  if (is_read(query) && query.set != nullptr) {
    if (auto it = known_.find(key_of(query, values)); it != known_.end()) {
      if (!it->second) return 0;
      if (each) each(CopiedRow(it->second->values));
      return 1;
    }
  }
  if (!is_read(query) && query.set != nullptr && !each) {
    Collected& c = collected_[query.number];
    if (c.query == nullptr) {
      c.query = &query;
      c.table = written_table(query.postgres);
      c.columns.resize(values.size());
      c.columns_before.assign(values.size(), 0);
    }
    for (auto const& [number, other] : collected_) {
      // This command has already collected rows of the same table for a statement that runs later.
      if (number > query.number && other.table == c.table && other.rows > other.rows_before) {
        YW_TRY(flush());
        break;
      }
    }
    std::size_t i = 0;
    for (Value const& value : values) append_element(c.columns[i++], value);
    ++c.rows;
    return 1;
  }
  std::string_view text(query.postgres);
  for (auto const& [number, c] : collected_) {
    if (c.rows > 0 && text.find(c.table) != std::string_view::npos) {
      YW_TRY(flush());
      break;
    }
  }
  if (!is_read(query) && !saved_) {
    YW_TRY(inner_.savepoint());
    saved_ = true;
  }
  return inner_.run_values(query, values, each);
}

}  // namespace yiwang::store

#include "plan.hpp"

#include <algorithm>

#include "queries.hpp"

namespace yiwang::store {
namespace {

std::string_view word_after(std::string_view text, std::string_view before) {
  std::size_t at = text.find(before);
  if (at == std::string_view::npos) return {};
  text.remove_prefix(at + before.size());
  return text.substr(0, text.find_first_of(" (;"));
}

bool names_table(std::string_view text, std::string_view table) {
  auto part_of_word = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_'; };
  for (std::size_t at = text.find(table); at != std::string_view::npos; at = text.find(table, at + 1)) {
    std::size_t const end = at + table.size();
    if ((at == 0 || !part_of_word(text[at - 1])) && (end == text.size() || !part_of_word(text[end]))) return true;
  }
  return false;
}

/// What the statements do with tables, worked out once.
struct Uses {
  static constexpr std::size_t kNone = ~std::size_t{0};
  std::vector<std::size_t> writes;              ///< by query: the table that it writes later, or kNone
  std::vector<std::vector<std::size_t>> reads;  ///< by query that reads: tables that somebody writes later
  std::size_t tables = 0;

  Uses() : writes(queries::kCount, kNone), reads(queries::kCount) {
    std::vector<std::string_view> names;
    for (Query const* query : queries::kAll) {
      if (!query->later || is_read(*query)) continue;
      std::string_view const table = written_table(query->sqlite);
      auto it = std::find(names.begin(), names.end(), table);
      writes[query->number] = static_cast<std::size_t>(it - names.begin());
      if (it == names.end()) names.push_back(table);
    }
    tables = names.size();
    for (Query const* query : queries::kAll) {
      for (std::size_t t = 0; t < tables; ++t) {
        if (is_read(*query) && names_table(query->sqlite, names[t])) reads[query->number].push_back(t);
      }
    }
  }
};

Uses const& uses() {
  static Uses const all;
  return all;
}

/// The rows that commands begin from, and the statements that write them: values of the key, and values that become columns.
struct Shadow {
  Query const* write;
  Query const* read;
  std::size_t keys;
  std::array<std::int8_t, 3> columns;
};
// Of a subject's certificates of one type the one that is being written is the newest in force; the one before ends with it.
std::array<Shadow, 5> const& shadows() {
  static std::array<Shadow, 5> const all{{{&queries::case_insert, &queries::case_state, 1, {11, 12, -1}},
                                          {&queries::case_update, &queries::case_state, 1, {6, 8, -1}},
                                          {&queries::idempotency_insert, &queries::idempotency_get, 2, {2, 3, 4}},
                                          {&queries::certificate_insert, &queries::certificate_in_force, 2, {3, -1, -1}},
                                          {&queries::matter_open_insert, &queries::matter_open_of, 2, {2, -1, -1}}}};
  return all;
}
Shadow const* shadow_of_write(Query const& query) {
  for (Shadow const& s : shadows()) {
    if (s.write == &query) return &s;
  }
  return nullptr;
}
bool read_by_key(Query const& query) {
  return std::any_of(shadows().begin(), shadows().end(), [&](Shadow const& s) { return s.read == &query; });
}

std::string row_key(Query const& read, std::span<Value const> keys) {
  std::string out = std::to_string(read.number) + " ";
  for (Value const& value : keys) {
    if (auto const* t = std::get_if<std::string_view>(&value.get()))
      out += *t;
    else if (auto const* b = std::get_if<Blob>(&value.get()))
      out += b->bytes;
    out += '\0';
  }
  return out;
}

/// A row as a statement is going to write it.
class WrittenRow final : public Row {
 public:
  WrittenRow(Statements const& statements, std::size_t statement, std::array<std::int8_t, 3> const& columns)
      : statements_(statements), statement_(statement), columns_(columns) {}
  int columns() const override {
    return static_cast<int>(std::count_if(columns_.begin(), columns_.end(), [](std::int8_t c) { return c >= 0; }));
  }
  bool is_null(int c) const override { return std::holds_alternative<std::monostate>(at(c).get()); }
  std::int64_t integer(int c) const override {
    Value const value = at(c);
    auto const* n = std::get_if<std::int64_t>(&value.get());
    return n ? *n : 0;
  }
  std::string_view text(int c) const override {
    Value const value = at(c);
    auto const* t = std::get_if<std::string_view>(&value.get());
    return t ? *t : std::string_view{};
  }
  std::string_view bytes(int c) const override {
    Value const value = at(c);
    auto const* b = std::get_if<Blob>(&value.get());
    return b ? b->bytes : std::string_view{};
  }

 private:
  Value at(int c) const { return statements_.value(statement_, static_cast<std::size_t>(columns_[static_cast<std::size_t>(c)])); }
  Statements const& statements_;
  std::size_t statement_;
  std::array<std::int8_t, 3> const& columns_;
};

}  // namespace

bool is_read(Query const& query) { return std::string_view(query.sqlite).starts_with("SELECT"); }

std::string_view written_table(std::string_view text) {
  if (text.starts_with("INSERT")) return word_after(text, "INTO ");
  if (text.starts_with("UPDATE")) return word_after(text, "UPDATE ");
  return word_after(text, "DELETE FROM ");
}

bool is_guarded(Query const& query) {
  std::string_view const text(query.sqlite);
  return &query == &queries::case_update || &query == &queries::claim_insert ||
         (text.starts_with("INSERT") && text.find("DO NOTHING") == std::string_view::npos);
}

// Statements

void Statements::cut(Mark const& mark) {
  statements_.resize(mark.statements);
  values_.resize(mark.values);
  bytes_.resize(mark.bytes);
}

void Statements::add(Query const& query, std::span<Value const> values) {
  statements_.push_back({&query, static_cast<std::uint32_t>(values_.size()), static_cast<std::uint32_t>(values.size())});
  for (Value const& value : values) {
    Kept kept;
    auto keep = [&](Kind kind, std::string_view bytes) {
      kept = {kind, static_cast<std::int64_t>(bytes_.size()), bytes.size()};
      bytes_ += bytes;
    };
    if (auto const* n = std::get_if<std::int64_t>(&value.get()))
      kept = {Kind::integer, *n, 0};
    else if (auto const* t = std::get_if<std::string_view>(&value.get()))
      keep(Kind::text, *t);
    else if (auto const* b = std::get_if<Blob>(&value.get()))
      keep(Kind::bytes, b->bytes);
    values_.push_back(kept);
  }
}

Value Statements::value_of(Kept const& kept) const {
  std::string_view const bytes{bytes_.data() + (kept.kind == Kind::integer ? 0 : kept.number), kept.length};
  switch (kept.kind) {
    case Kind::null: return {};
    case Kind::integer: return kept.number;
    case Kind::text: return bytes;
    case Kind::bytes: return Blob{bytes};
  }
  return {};
}

Value Statements::value(std::size_t statement, std::size_t position) const {
  return value_of(values_[statements_[statement].first + position]);
}

Status Statements::run(Session& session, std::span<Digest> leaves) const {
  constexpr std::size_t kAggregate = 0, kRevision = 1, kAt = 3, kPayload = 5, kSalt = 6, kBody = 7;  // of event_insert
  std::vector<Value> values;
  std::size_t events = 0;
  Digest payload;
  for (Statement const& s : statements_) {
    values.clear();
    for (std::uint32_t i = 0; i < s.count; ++i) values.push_back(value_of(values_[s.first + i]));
    if (s.query == &queries::event_insert) {
      IdBytes aggregate{};
      std::string_view const id = std::get<Blob>(values[kAggregate].get()).bytes;
      std::copy_n(id.begin(), std::min(id.size(), aggregate.size()), reinterpret_cast<char*>(aggregate.data()));
      auto const digests =
          event_digests(aggregate, static_cast<std::uint64_t>(std::get<std::int64_t>(values[kRevision].get())),
                        Instant{std::get<std::int64_t>(values[kAt].get())}, std::get<Blob>(values[kSalt].get()).bytes,
                        std::get<std::string_view>(values[kBody].get()));
      payload = digests.payload;
      values[kPayload] = Blob{as_view(payload)};
      YW_ASSERT(events < leaves.size());
      leaves[events++] = digests.leaf;
    }
    YW_ASSIGN(std::int64_t changed, session.run_values(*s.query, values, {}));
    if (changed != 1 && is_guarded(*s.query)) return fail(ErrorCode::store_conflict);
  }
  return {};
}

// UnderWay

void UnderWay::committed(std::uint64_t batch) {
  std::erase_if(rows_, [&](auto const& entry) { return entry.second.batch <= batch; });
  for (std::uint64_t& last : tables_) {
    if (last <= batch) last = 0;
  }
}

void UnderWay::clear() {
  rows_.clear();
  std::fill(tables_.begin(), tables_.end(), 0);
}

// PlanSession

PlanSession::PlanSession(UnderWay& under_way, std::uint64_t batch, Session& reader, std::vector<Digest>& leaves,
                         TakeOver take_over)
    : under_way_(under_way), batch_(batch), reader_(reader), take_over_(std::move(take_over)), leaves_(leaves) {
  under_way_.tables_.resize(uses().tables);
}

PlanSession::~PlanSession() {
  if (reading_) static_cast<void>(reader_.script("COMMIT"));  // of a reader: nothing depends on it
}

void PlanSession::begin_command() {
  before_ = statements_->mark();
  if (direct_) rows_before_ = direct_->rows_changed();
  replaced_.clear();
}

bool PlanSession::drop_command() {
  if (direct_) return rows_before_ >= 0 && direct_->rows_changed() == rows_before_;
  statements_->cut(before_);
  // The tables stay marked: that costs a wait at most.
  for (auto it = replaced_.rbegin(); it != replaced_.rend(); ++it) {
    if (it->second)
      under_way_.rows_.insert_or_assign(it->first, *it->second);
    else
      under_way_.rows_.erase(it->first);
  }
  return true;
}

Status PlanSession::go_direct() {
  if (direct_) return {};
  if (broken_) return fail(ErrorCode::store_conflict);
  broken_ = true;  // until all has gone well
  YW_ASSIGN(Session * writer, take_over_());
  std::int64_t const rows = writer->rows_changed();
  YW_TRY(statements_->run(*writer, leaves_));
  broken_ = false;
  // What the command under way has written cannot be taken out again.
  rows_before_ = statements_->mark().statements > before_.statements ? -1 : rows < 0 ? -1 : writer->rows_changed();
  direct_ = writer;
  keeps_ = false;
  return {};
}

/// Whether nothing under way can have changed what the statement reads.
bool PlanSession::readable(Query const& query) const {
  return std::all_of(uses().reads[query.number].begin(), uses().reads[query.number].end(),
                     [&](std::size_t table) { return under_way_.tables_[table] == 0; });
}

void PlanSession::record(Query const& query, std::span<Value const> values) {
  if (Shadow const* s = shadow_of_write(query)) {
    std::string key = row_key(*s->read, values.first(s->keys));
    auto it = under_way_.rows_.find(key);
    replaced_.emplace_back(key, it == under_way_.rows_.end() ? std::nullopt : std::optional(it->second));
    under_way_.rows_.insert_or_assign(std::move(key), UnderWay::Written{batch_, statements_, statements_->size(), s->columns});
  }
  statements_->add(query, values);
  under_way_.tables_[uses().writes[query.number]] = batch_;
}

Result<std::int64_t> PlanSession::run_values(Query const& query, std::span<Value const> values, Each const& each) {
  if (direct_) return direct_->run_values(query, values, each);
  if (is_read(query)) {
    bool const by_key = read_by_key(query);
    if (by_key) {
      if (auto it = under_way_.rows_.find(row_key(query, values)); it != under_way_.rows_.end()) {
        if (each) each(WrittenRow(*it->second.statements, it->second.statement, it->second.columns));
        return 1;
      }
    }
    if (by_key || readable(query)) {
      if (!reading_) {
        YW_TRY(reader_.script("BEGIN"));  // one look at the database for the batch
        reading_ = true;
      }
      return reader_.run_values(query, values, each);
    }
  } else if (query.later && !each) {
    record(query, values);
    return 1;
  }
  YW_TRY(go_direct());
  return direct_->run_values(query, values, each);
}

Status PlanSession::script(std::string const& sql) {
  YW_TRY(go_direct());
  return direct_->script(sql);
}
Status PlanSession::begin() {
  return fail(ErrorCode::store_query, {{"query", "begin"}, {"why", "a command is in a transaction already"}});
}
Status PlanSession::commit() {
  return fail(ErrorCode::store_query, {{"query", "commit"}, {"why", "a command does not end the transaction"}});
}
Status PlanSession::rollback() {
  return fail(ErrorCode::store_query, {{"query", "rollback"}, {"why", "a command does not end the transaction"}});
}
Status PlanSession::savepoint() {
  YW_TRY(go_direct());
  return direct_->savepoint();
}
Status PlanSession::release_savepoint() { return direct_ ? direct_->release_savepoint() : Status{}; }
Status PlanSession::rollback_savepoint() { return direct_ ? direct_->rollback_savepoint() : Status{}; }

}  // namespace yiwang::store

#pragma once
// The columnar backend: a decision table over typed columns, rules as bits. It takes decisions that are one decision
// table whose cells are constants and whose inputs are input data of type number, date, string or boolean. Rows that it
// cannot take (a null, a value of another type) go through the scalar evaluator one by one; the results are the same.

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "yiwang/dmn/model.hpp"

namespace yiwang::dmn {

enum class ColumnKind : std::uint8_t { number, date, string, boolean };

/// One typed column. Numbers share one exponent; text is coded by a dictionary.
struct Column32 {
  ColumnKind kind = ColumnKind::number;
  int exponent = 0;  ///< of numbers: value × 10^exponent
  std::size_t rows = 0;
  std::vector<std::int32_t> narrow;  ///< numbers and dates that fit 32 bits
  std::vector<std::int64_t> wide;    ///< those that do not
  std::vector<std::uint8_t> bytes;   ///< booleans and codes below 256
  std::vector<std::uint16_t> codes;  ///< codes of larger dictionaries
  std::vector<std::string> dictionary;
  std::vector<std::uint64_t> odd;                               ///< bit set: the row has a null or a value of another kind
  std::vector<std::pair<std::size_t, feel::Value>> odd_values;  ///< sorted by row
  feel::Value at(std::size_t row) const;
};

struct ColumnTable {
  std::size_t rows = 0;
  std::vector<Column32> columns;  ///< in the order of ColumnarPlan::inputs()
};

/// Collects values into a column.
class ColumnBuilder {
 public:
  ColumnBuilder(ColumnKind kind, std::size_t expected_rows);
  void add(feel::Value const& value);
  /// Appends the rows so far again until there are `times` of each.
  void repeat(std::size_t times);
  /// Errors: dmn.limit (more than 65,536 different texts, or numbers beyond 64 bits at one exponent).
  Result<Column32> finish();

 private:
  ColumnKind kind_;
  std::vector<feel::Value> values_;
  std::size_t times_ = 1;
};

struct ColumnarResult {
  std::size_t rows = 0;
  std::uint32_t words = 0;             ///< 64-bit words of rule bits a row
  std::vector<std::uint64_t> bitmaps;  ///< rule r, rows 64k…64k+63: bitmaps[r * row_words + k]
  std::size_t row_words = 0;
  std::vector<std::uint64_t> counts;  ///< hits per rule
  std::vector<std::int32_t> sums;     ///< per row, of the numeric output, × 10^sum_exponent; empty when there is none
  int sum_exponent = 0;
  Decimal total;
  std::size_t scalar_rows = 0;  ///< rows that fell back
  bool hit(std::uint32_t rule, std::size_t row) const { return bitmaps[rule * row_words + row / 64] >> (row % 64) & 1; }
};

class ColumnarPlan {
 public:
  struct Input {
    std::string name;
    ColumnKind kind;
    feel::Type const* type;
    std::uint32_t element;
  };
  /// Errors: dmn.no_decision; dmn.model says why the decision cannot be taken (the scalar evaluator can).
  static Result<ColumnarPlan> create(std::shared_ptr<Model const> model, std::string_view decision);
  std::vector<Input> const& inputs() const { return inputs_; }
  std::size_t rules() const;
  /// Number of its table within the compiled model.
  std::uint32_t table() const { return table_; }
  /// Errors: dmn.input when the columns do not fit the inputs.
  Result<ColumnarResult> run(ColumnTable const& table) const;
  /// The same into a result whose memory is used again.
  Status run(ColumnTable const& table, ColumnarResult& result) const;
  /// The decision's value for a row, by its hit policy.
  feel::Value value(ColumnarResult const& result, ColumnTable const& table, std::size_t row) const;
  /// FNV-1a over the rule bits of the first `rows` rows, in words of 25 rules.
  std::uint32_t hash_hits(ColumnTable const& table, std::size_t rows) const;

 private:
  struct Axis;
  std::shared_ptr<Model const> model_;
  std::uint32_t element_ = 0;
  std::uint32_t table_ = 0;
  std::vector<Input> inputs_;
};

}  // namespace yiwang::dmn

#pragma once
// Bitmap index of a decision table: the boundaries of a column's conditions cut its values into intervals; each interval
// has the set of rules that are still possible. Internal to the library.

#include <unordered_map>

#include "impl.hpp"

namespace yiwang::dmn {

/// One condition on one column, as intervals over comparable constants.
struct Interval {
  feel::Value low, high;  ///< null: unbounded
  bool low_closed = false, high_closed = false;
};

/// What a cell of constants allows.
struct CellSet {
  bool any = false;      ///< '-'
  bool negated = false;  ///< not(…)
  std::vector<Interval> intervals;
};

/// Reads a cell that compares `?` with constants only; false when it does more.
bool read_cell(feel::Program const& program, feel::NodeId tests, CellSet& out);

class TableIndex {
 public:
  struct Axis {
    feel::Kind kind = feel::Kind::null;  ///< null: every cell is '-'
    /// Numbers scaled to a common exponent where all boundaries allow it, dates as days.
    bool scaled = false;
    int exponent = 0;
    std::vector<std::int64_t> points;     ///< boundary values, sorted; segment 2i+1 is the point i, 2i the gap before it
    std::vector<Decimal> decimal_points;  ///< the same, unscaled
    std::unordered_map<std::string, std::uint32_t> strings;
    std::vector<std::pair<std::string, std::uint32_t>> hashed;  ///< the same, open addressing; segment 0: free
    std::vector<std::uint64_t> bits;                            ///< segments × words
    std::vector<std::uint32_t> direct;                          ///< small spans: value − first → segment
    std::int64_t direct_first = 0;
    bool has(std::uint32_t segment, std::uint32_t rule, std::uint32_t words) const {
      return bits[segment * words + rule / 64] >> (rule % 64) & 1;
    }
  };

  /// The segment of a value; false when its kind is not the column's.
  static bool segment(Axis const& axis, feel::Value const& value, std::uint32_t& out);

  std::uint32_t words = 0;
  std::vector<Axis> axes;
};

/// Fills table.index and table.constant_results where the cells allow it.
void build_index(feel::Program const& program, Table& table);

}  // namespace yiwang::dmn

#pragma once
// The first sheet of an Excel workbook (.xlsx) as a table of texts, read with limits: for imports of lists that offices keep.
// The package is opened by libzip, its parts are XML; what is read of them follows ECMA-376 part 1, clause 18 (SpreadsheetML).
// Source: ecma376#18

#include <string>
#include <string_view>
#include <vector>

#include "yiwang/base/result.hpp"

namespace yiwang::xlsx {

struct Limits {
  std::size_t part_bytes = 32u << 20;  ///< of one part, unpacked
  std::size_t rows = 100'000;
  std::size_t columns = 200;
  std::size_t cells = 1'000'000;       ///< a few bytes of a sheet can ask for a whole row of empty ones
  std::size_t text_bytes = 64u << 20;  ///< of all cells: one shared string may stand in each
};

struct Cell {
  std::string text;        ///< of a formula: its stored value; of a date: the number of its day
  bool is_number = false;  ///< a number, date or time
};
using Row = std::vector<Cell>;

struct Sheet {
  std::vector<Row> rows;   ///< missing cells and rows are empty
  bool from_1904 = false;  ///< days are counted from 1904-01-01, not from 1899-12-30
};

/// Errors: format.xml (no workbook, or a part that is not as it must be), format.limit.
Result<Sheet> read_first_sheet(std::string_view bytes, Limits const& limits = {});

/// The moment that a number of days means, as "2026-11-13T09:30:00+08:00"; empty when the text is no such number.
std::string moment_of(Cell const& cell, bool from_1904);

}  // namespace yiwang::xlsx

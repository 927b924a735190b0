#pragma once
// Tables that leave the house as files: CSV (RFC 4180, with a byte order mark, so that spreadsheets read Chinese) and XLSX.

#include <string>
#include <vector>

#include "yiwang/http/router.hpp"

namespace yiwang::app {

using TableLines = std::vector<std::vector<std::string>>;

/// A cell that a spreadsheet would take for a formula begins with an apostrophe.
std::string csv_cell(std::string_view cell);
/// `format`: csv or xlsx; `folder` is where the workbook is put together. Errors: http.field for another format, base.file.
Result<http::Response> table_file(TableLines const& lines, std::string_view format, std::string const& folder,
                                  std::string const& name);

}  // namespace yiwang::app

#include "tables.hpp"

#include <unistd.h>
#include <xlsxwriter.h>

#include <cstdlib>
#include <filesystem>
#include <memory>

#include "files.hpp"

namespace yiwang::app {
namespace {

/// The bytes of a workbook with one sheet; it is put together in a file of its own, because two may ask for the same at once.
Result<std::string> workbook(TableLines const& lines, std::string file) {
  file += "-XXXXXX.xlsx";
  int const made = mkstemps(file.data(), 5);
  if (made >= 0) close(made);
  lxw_workbook* book = made < 0 ? nullptr : workbook_new(file.c_str());
  if (book == nullptr) return fail(ErrorCode::base_file, {{"file", file}, {"why", "cannot be written"}});
  lxw_worksheet* sheet = workbook_add_worksheet(book, nullptr);
  for (std::size_t r = 0; r < lines.size(); ++r) {
    for (std::size_t k = 0; k < lines[r].size(); ++k)
      worksheet_write_string(sheet, static_cast<lxw_row_t>(r), static_cast<lxw_col_t>(k), lines[r][k].c_str(), nullptr);
  }
  lxw_error const failed = workbook_close(book);
  Result<std::string> bytes =
      failed == LXW_NO_ERROR ? read_file(file) : fail(ErrorCode::base_file, {{"file", file}, {"why", lxw_strerror(failed)}});
  std::error_code ec;
  std::filesystem::remove(file, ec);
  return bytes;
}

}  // namespace

std::string csv_cell(std::string_view cell) {
  std::string out = "\"";
  if (!cell.empty() && std::string_view("=+-@\t\r").find(cell[0]) != std::string_view::npos) out += '\'';
  for (char c : cell) out += c == '"' ? "\"\"" : std::string(1, c);
  return out + "\"";
}

Result<http::Response> table_file(TableLines const& lines, std::string_view format, std::string const& folder,
                                  std::string const& name) {
  auto as = [&](std::string type, std::string bytes) {
    return http::Response{200,
                          std::move(type),
                          std::move(bytes),
                          {{"Content-Disposition", "attachment; filename=\"" + name + "." + std::string(format) + "\""}}};
  };
  if (format == "csv") {
    std::string text = "\xEF\xBB\xBF";
    for (auto const& line : lines) {
      for (std::size_t k = 0; k < line.size(); ++k) text += (k ? "," : "") + csv_cell(line[k]);
      text += "\r\n";
    }
    return as("text/csv; charset=utf-8", std::move(text));
  }
  if (format == "xlsx") {
    YW_ASSIGN(std::string bytes, workbook(lines, folder + "/" + name));
    return as("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", std::move(bytes));
  }
  return fail(ErrorCode::http_field, {{"path", "format"}, {"why", "json, csv, xlsx"}});
}

}  // namespace yiwang::app

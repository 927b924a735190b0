#include "yiwang/format/xlsx.hpp"

#include <zip.h>

#include <charconv>
#include <cmath>
#include <memory>

#include "yiwang/base/time.hpp"
#include "yiwang/format/xml.hpp"

namespace yiwang::xlsx {
namespace {

auto wrong(std::string why) { return fail(ErrorCode::format_xml, {{"why", std::move(why)}}); }
auto over(char const* what, std::size_t most) {
  return fail(ErrorCode::format_limit, {{"what", what}, {"max", std::to_string(most)}});
}

/// The package, open for reading; parts are asked for by name.
class Package {
 public:
  static Result<Package> open(std::string_view bytes) {
    zip_error_t error;
    zip_error_init(&error);
    zip_source_t* source = zip_source_buffer_create(bytes.data(), bytes.size(), 0, &error);
    zip_t* zip = source ? zip_open_from_source(source, ZIP_RDONLY, &error) : nullptr;
    zip_error_fini(&error);
    if (zip == nullptr) {
      if (source) zip_source_free(source);
      return wrong("不是 xlsx 文件 / not an xlsx file");
    }
    return Package(zip);
  }
  /// Empty when there is no such part.
  Result<std::string> part(std::string const& name, std::size_t most) const {
    zip_stat_t stat;
    zip_stat_init(&stat);
    if (zip_stat(zip_.get(), name.c_str(), 0, &stat) != 0 || (stat.valid & ZIP_STAT_SIZE) == 0) return std::string{};
    if (stat.size > most) return over("part", most);
    std::unique_ptr<zip_file_t, int (*)(zip_file_t*)> file(zip_fopen_index(zip_.get(), stat.index, 0), zip_fclose);
    if (!file) return wrong(name + " cannot be read");
    // What the directory says of its size is the most that is unpacked.
    std::string out(static_cast<std::size_t>(stat.size), '\0');
    std::size_t at = 0;
    while (at < out.size()) {
      zip_int64_t const got = zip_fread(file.get(), out.data() + at, out.size() - at);
      if (got <= 0) return wrong(name + " is cut off");
      at += static_cast<std::size_t>(got);
    }
    return out;
  }

 private:
  explicit Package(zip_t* zip) : zip_(zip, zip_discard) {}
  std::unique_ptr<zip_t, void (*)(zip_t*)> zip_;
};

Result<std::unique_ptr<xml::Document>> parse(Package const& package, std::string const& name, Limits const& limits, bool needed) {
  YW_ASSIGN(std::string text, package.part(name, limits.part_bytes));
  if (text.empty()) {
    if (needed) return wrong(name + " 不在文件里 / is not in the file");
    return std::unique_ptr<xml::Document>{};
  }
  if (text.starts_with("\xEF\xBB\xBF")) text.erase(0, 3);
  return xml::Document::parse(text, name, {.bytes = limits.part_bytes});
}

/// §18.4.8 si, §18.3.1.53 is: the texts of its runs; phonetic hints (rPh) are not part of it.
std::string string_item(xml::Element const& item) {
  std::string out = item.child_text("t");
  for (xml::Element const& run : item.children("r")) out += run.child_text("t");
  return out;
}

/// §18.18.7 ST_CellRef: letters of the column, from 0.
std::size_t column_of(std::string_view reference, std::size_t otherwise) {
  std::size_t column = 0;
  std::size_t i = 0;
  for (; i < reference.size() && reference[i] >= 'A' && reference[i] <= 'Z' && i < 4; ++i)
    column = column * 26 + static_cast<std::size_t>(reference[i] - 'A') + 1;
  return i == 0 ? otherwise : column - 1;
}

std::size_t number_of(std::string_view text, std::size_t otherwise) {
  std::size_t out = otherwise;
  std::from_chars(text.data(), text.data() + text.size(), out);
  return out;
}

}  // namespace

Result<Sheet> read_first_sheet(std::string_view bytes, Limits const& limits) {
  YW_ASSIGN(Package package, Package::open(bytes));
  Sheet out;
  // §18.2.20 sheets: the first one, by its relationship.
  YW_ASSIGN(auto workbook, parse(package, "xl/workbook.xml", limits, true));
  xml::Element const sheet = workbook->root().child("sheets").child("sheet");
  if (!sheet) return wrong("没有工作表 / there is no sheet");
  std::string_view const from_1904 = workbook->root().child("workbookPr").attribute_or("date1904");
  out.from_1904 = from_1904 == "1" || from_1904 == "true";
  std::string_view const wanted =
      sheet.attribute_ns("http://schemas.openxmlformats.org/officeDocument/2006/relationships", "id").value_or("");
  std::string target = "worksheets/sheet1.xml";
  YW_ASSIGN(auto relations, parse(package, "xl/_rels/workbook.xml.rels", limits, false));
  if (relations) {
    for (xml::Element const& r : relations->root().children("Relationship")) {
      if (r.attribute_or("Id") == wanted) target = r.attribute_or("Target");
    }
  }
  target = target.starts_with("/") ? target.substr(1) : "xl/" + target;
  // §18.4.9 sst
  std::vector<std::string> shared;
  YW_ASSIGN(auto strings, parse(package, "xl/sharedStrings.xml", limits, false));
  if (strings) {
    for (xml::Element const& item : strings->root().children("si")) shared.push_back(string_item(item));
  }
  YW_ASSIGN(auto content, parse(package, target, limits, true));
  std::size_t cells_made = 0, text_bytes = 0;
  // §18.3.1.73 row, §18.3.1.4 c: both say where they are, or follow the one before.
  for (xml::Element row = content->root().child("sheetData").first_child(); row; row = row.next_sibling()) {
    std::size_t const number = number_of(row.attribute_or("r"), out.rows.size() + 1);
    if (number == 0 || number > limits.rows) return over("rows", limits.rows);
    if (number > out.rows.size()) out.rows.resize(number);
    Row& cells = out.rows[number - 1];
    for (xml::Element c = row.first_child(); c; c = c.next_sibling()) {
      std::size_t const column = column_of(c.attribute_or("r"), cells.size());
      if (column >= limits.columns) return over("columns", limits.columns);
      if (column >= cells.size()) {
        cells_made += column + 1 - cells.size();
        if (cells_made > limits.cells) return over("cells", limits.cells);
        cells.resize(column + 1);
      }
      Cell& cell = cells[column];
      // §18.18.11 ST_CellType
      std::string_view const type = c.attribute_or("t", "n");
      std::string value = c.child_text("v");
      if (type == "s") {
        std::size_t const at = number_of(value, shared.size());
        if (at >= shared.size()) return wrong("共享文字表里没有第 " + value + " 项 / no such shared string");
        cell.text = shared[at];
      } else if (type == "inlineStr") {
        cell.text = string_item(c.child("is"));
      } else if (type != "e") {
        cell.text = std::move(value);
        cell.is_number = type == "n" && !cell.text.empty();
      }
      text_bytes += cell.text.size();
      if (text_bytes > limits.text_bytes) return over("text", limits.text_bytes);
    }
  }
  return out;
}

std::string moment_of(Cell const& cell, bool from_1904) {
  if (!cell.is_number) return {};
  double days = 0;
  auto const [end, ec] = std::from_chars(cell.text.data(), cell.text.data() + cell.text.size(), days);
  if (ec != std::errc{} || end != cell.text.data() + cell.text.size() || !(days >= 61 && days <= 200'000))
    return {};  // nor "nan"
  // §18.17.4.1: day 61 is 1900-03-01; before that the 1900 system has a day too many.
  Date const origin = from_1904 ? to_date({1904, 1, 1}) : to_date({1899, 12, 30});
  std::int64_t const seconds = std::llround(days * 86'400);
  return to_shanghai_string(Instant{shanghai_midnight(origin).us + seconds * kMicrosPerSecond});
}

}  // namespace yiwang::xlsx

// A workbook, whatever its bytes: as it came, as the sheet of a package that is sound, and as a sound package with bytes changed.
// It is refused with words, or its rows keep to the limits.

#include <zip.h>

#include <cstdlib>
#include <string>

#include "yiwang/format/xlsx.hpp"

namespace {

using namespace yiwang;

constexpr xlsx::Limits kLimits{1u << 20, 500, 50, 5'000, 1u << 20};

void read(std::string const& bytes) {
  auto sheet = xlsx::read_first_sheet(bytes, kLimits);
  if (!sheet) {
    if (sheet.error().message(Language::zh_cn).empty() || sheet.error().message(Language::en).empty()) std::abort();
    return;
  }
  std::size_t cells = 0, text = 0;
  for (xlsx::Row const& row : sheet->rows) {
    cells += row.size();
    if (row.size() > kLimits.columns) std::abort();
    for (xlsx::Cell const& cell : row) {
      text += cell.text.size();
      static_cast<void>(xlsx::moment_of(cell, sheet->from_1904));
    }
  }
  if (sheet->rows.size() > kLimits.rows || cells > kLimits.cells || text > kLimits.text_bytes) std::abort();
}

std::string package(std::string const& sheet) {
  static constexpr std::string_view kWorkbook =
      R"(<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheets><sheet name="a" sheetId="1"/></sheets></workbook>)";
  static constexpr std::string_view kStrings =
      R"(<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><si><t>number</t></si><si><r><t>te</t></r><r><t>xt</t></r></si></sst>)";
  zip_source_t* into = zip_source_buffer_create(nullptr, 0, 0, nullptr);
  zip_source_keep(into);
  zip_t* zip = zip_open_from_source(into, ZIP_TRUNCATE, nullptr);
  auto add = [&](char const* name, std::string_view text) {
    zip_file_add(zip, name, zip_source_buffer(zip, text.data(), text.size(), 0), 0);
  };
  add("xl/workbook.xml", kWorkbook);
  add("xl/sharedStrings.xml", kStrings);
  add("xl/worksheets/sheet1.xml", sheet);
  if (zip_close(zip) != 0) std::abort();
  zip_stat_t stat;
  zip_stat_init(&stat);
  zip_source_stat(into, &stat);
  std::string out(static_cast<std::size_t>(stat.size), '\0');
  zip_source_open(into);
  zip_source_read(into, out.data(), out.size());
  zip_source_close(into);
  zip_source_free(into);
  return out;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(unsigned char const* data, std::size_t size) {
  std::string const text(reinterpret_cast<char const*>(data), size);
  read(text);
  std::string whole = package(text);
  read(whole);
  // The last bytes of the input say where the package is changed.
  for (std::size_t i = 0; i + 3 < size && i < 30; i += 3) {
    std::size_t const at = (data[size - 1 - i] << 8U | data[size - 2 - i]) % whole.size();
    whole[at] = static_cast<char>(data[size - 3 - i]);
  }
  read(whole);
  return 0;
}

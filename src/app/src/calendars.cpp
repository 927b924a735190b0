#include "calendars.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>

#include "yiwang/base/crypto.hpp"
#include "yiwang/clock/json.hpp"

namespace yiwang::app {

Result<Calendars> load_calendars(std::string const& folder) {
  std::map<int, std::pair<clock::CalendarYear, std::string>> by_year;
  for (std::string_view text : clock::embedded_calendar_texts()) {
    YW_ASSIGN(clock::CalendarYear year, clock::parse_calendar_year(text));
    int const number = year.year;
    by_year.insert_or_assign(number, std::pair(std::move(year), std::string(text)));
  }
  std::error_code ec;
  if (!folder.empty() && !std::filesystem::is_directory(folder, ec))
    return fail(ErrorCode::base_file, {{"file", folder}, {"why", "没有这个文件夹 / there is no such folder"}});
  if (!folder.empty()) {
    for (auto const& entry : std::filesystem::directory_iterator(folder, ec)) {
      if (entry.path().extension() != ".json") continue;
      std::ifstream file(entry.path());
      std::stringstream text;
      text << file.rdbuf();
      auto year = clock::parse_calendar_year(text.str());
      if (!year)
        return fail(Error(ErrorCode::base_file, {{"file", entry.path().string()}, {"why", "不是节假日安排 / not a calendar"}})
                        .because(std::move(year).error()));
      int const number = year->year;
      by_year.insert_or_assign(number, std::pair(std::move(*year), text.str()));
    }
  }
  std::vector<clock::CalendarYear> years;
  Hasher hasher(HashKind::sm3);
  for (auto& [number, year] : by_year) {
    hasher.update(year.second);
    years.push_back(std::move(year.first));
  }
  Digest const digest = hasher.finish();
  return Calendars{clock::DayTable(years), to_hex(digest)};
}

}  // namespace yiwang::app

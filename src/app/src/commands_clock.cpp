#include <fmt/core.h>

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <memory>
#include <sstream>
#include <string>

#include "commands.hpp"
#include "yiwang/clock/json.hpp"

namespace yiwang::app {
namespace {

Result<clock::DayTable> load_calendars(std::string const& folder) {
  if (folder.empty()) return clock::embedded_calendar();
  std::vector<clock::CalendarYear> years;
  std::error_code ignored;
  for (auto const& entry : std::filesystem::directory_iterator(folder, ignored)) {
    if (entry.path().extension() != ".json") continue;
    std::ifstream file(entry.path());
    std::stringstream text;
    text << file.rdbuf();
    auto year = clock::parse_calendar_year(text.str());
    if (!year)
      return fail(Error(ErrorCode::base_file, {{"file", entry.path().string()}, {"why", "not a calendar"}})
                      .because(std::move(year).error()));
    years.push_back(std::move(*year));
  }
  if (years.empty()) return fail(Error(ErrorCode::base_file, {{"file", folder}, {"why", "no calendar in it"}}));
  return clock::DayTable(years);
}

}  // namespace

void add_clock_commands(CommandLine line) {
  auto* group = line.app.add_subcommand("clock", "Statutory time: due dates, pauses, extensions")->require_subcommand(1);
  struct Options {
    std::string calendars;
    std::string language = "zh-CN";
  };
  auto options = std::make_shared<Options>();
  auto* eval = group->add_subcommand("eval", "Evaluate cases: one JSON object a line in, one out");
  auto* explain = group->add_subcommand("explain", "Print cases (JSON lines) for people");
  for (auto* command : {eval, explain}) {
    command->add_option("--calendars", options->calendars, "Folder of cn-YYYY.json (default: the built-in calendars)");
  }
  explain->add_option("--lang", options->language, "zh-CN or en")->check(CLI::IsMember({"zh-CN", "en"}));
  eval->callback([line, options] {
    auto const table = load_calendars(options->calendars);
    if (!table) {
      fmt::print(stderr, "{}\n", table.error().line());
      line.exit_code = 2;
      return;
    }
    std::ios::sync_with_stdio(false);
    std::string text, out;
    while (std::getline(std::cin, text)) {
      if (text.find_first_not_of(" \t\r") == std::string::npos) continue;
      out += clock::eval_line(text, *table);
      out += '\n';
      if (out.size() > (1u << 16) || std::cin.rdbuf()->in_avail() <= 0) {
        std::fwrite(out.data(), 1, out.size(), stdout);
        out.clear();
      }
    }
    std::fwrite(out.data(), 1, out.size(), stdout);
  });
  explain->callback([line, options] {
    auto const table = load_calendars(options->calendars);
    if (!table) {
      fmt::print(stderr, "{}\n", table.error().line());
      line.exit_code = 2;
      return;
    }
    Language const language = options->language == "en" ? Language::en : Language::zh_cn;
    std::string text;
    while (std::getline(std::cin, text)) {
      if (text.find_first_not_of(" \t\r") == std::string::npos) continue;
      auto const explained = clock::explain_line(text, *table, language);
      if (explained) {
        fmt::print("{}\n", *explained);
      } else {
        fmt::print("{}\n", explained.error().line(language));
        line.exit_code = 1;
      }
    }
  });
}

}  // namespace yiwang::app

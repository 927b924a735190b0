#include <fmt/core.h>

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <memory>
#include <sstream>

#include "bpmn_suite.hpp"
#include "commands.hpp"
#include "yiwang/bpmn/definition.hpp"

namespace yiwang::app {

Result<std::string> read_file(std::string const& path) {
  std::ifstream file(path, std::ios::binary);
  std::error_code error;
  if (!file || std::filesystem::is_directory(path, error))
    return fail(Error(ErrorCode::base_file, {{"file", path}, {"why", "cannot be opened"}}));
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

void add_bpmn_commands(CommandLine line) {
  struct Options {
    std::string path;
    bool verbose = false;
  };
  auto options = std::make_shared<Options>();
  auto* group = line.app.add_subcommand("bpmn", "Process models: check files, run the conformance suites")->require_subcommand(1);
  auto* check = group->add_subcommand("check", "Check a BPMN file; each finding names element, line and cure");
  check->add_option("FILE", options->path)->required();
  check->callback([line, options] {
    auto const text = read_file(options->path);
    if (!text) {
      fmt::print(stderr, "{}\n", text.error().line());
      line.exit_code = 2;
      return;
    }
    auto const reading = bpmn::read(*text, options->path);
    for (auto const& finding : reading.findings) {
      fmt::print("{}: {}\n", finding.severity == bpmn::Severity::error ? "error" : "warning", finding.error.line());
    }
    fmt::print("{}\n", reading.refused() ? "refused" : "accepted");
    line.exit_code = reading.refused() ? 1 : 0;
  });
  auto* cases = group->add_subcommand("cases", "Run betsy, MIWG and Operaton from a folder");
  cases->add_option("DIR", options->path)->required();
  cases->add_flag("-v,--verbose", options->verbose, "List what failed");
  cases->callback([line, options] {
    if (!std::filesystem::is_directory(options->path)) {
      fmt::print(stderr, "{}: no such folder\n", options->path);
      line.exit_code = 2;
      return;
    }
    SetScore vendor;
    std::vector<SetScore> sets;
    sets.push_back(run_betsy_exec(options->path));
    sets.push_back(run_betsy_constraints(options->path));
    sets.push_back(run_miwg(options->path));
    sets.push_back(run_operaton(options->path, vendor));
    int passed = 0, failed = 0;
    auto print = [&](SetScore const& set) {
      fmt::print("{}: {} passed, {} failed\n", set.name, set.passed, set.failed);
      if (options->verbose) {
        for (std::string const& what : set.failures) fmt::print("  {}\n", what);
      }
    };
    for (SetScore const& set : sets) {
      print(set);
      passed += set.passed;
      failed += set.failed;
    }
    print(vendor);
    fmt::print("{} passed, {} failed\n", passed, failed);
    line.exit_code = failed == 0 && passed > 0 ? 0 : 1;
  });
}

}  // namespace yiwang::app

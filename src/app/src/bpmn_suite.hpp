#pragma once
// `yiwang bpmn cases DIR`: the external suites. Expected results are opened after everything has been executed.

#include <string>
#include <vector>

#include "yiwang/base/result.hpp"

namespace yiwang::app {

struct SetScore {
  std::string name;
  int passed = 0, failed = 0;
  std::vector<std::string> failures;
  void add(bool good, std::string what) {
    if (good) {
      ++passed;
    } else {
      ++failed;
      failures.push_back(std::move(what));
    }
  }
};

Result<std::string> read_file(std::string const& path);
SetScore run_betsy_exec(std::string const& folder);
SetScore run_betsy_constraints(std::string const& folder);
SetScore run_miwg(std::string const& folder);
/// `vendor`: rejects that turn on a vendor rule, scored apart.
SetScore run_operaton(std::string const& folder, SetScore& vendor);

}  // namespace yiwang::app

#include <memory>

#include "commands.hpp"

namespace yiwang::app {

int run_dmn_tck(std::string const& directory);

void add_dmn_commands(CommandLine line) {
  auto* dmn = line.app.add_subcommand("dmn", "decision models: check, analyse, run the compatibility suite");
  dmn->require_subcommand(1);
  auto directory = std::make_shared<std::string>();
  auto* tck = dmn->add_subcommand("tck", "run the DMN Technology Compatibility Kit and print each failing case");
  tck->add_option("DIR", *directory, "folder with the cases")->required();
  tck->callback([&line_exit = line.exit_code, directory] { line_exit = run_dmn_tck(*directory); });
}

}  // namespace yiwang::app

#include <fmt/core.h>

#include "commands.hpp"

namespace yiwang::app {

void add_version_command(CommandLine line) {
  line.app.add_subcommand("version", "Print the version")->callback([] { fmt::print("yiwang 0.1.0\n"); });
}

}  // namespace yiwang::app

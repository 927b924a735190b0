#pragma once
// The command line of the one program. Each area adds its subcommands from a file of its own, commands_<area>.cpp.

#include <CLI/CLI.hpp>

namespace yiwang::app {

/// Exit codes: 0 done, 1 the work found faults (failed cases, differences), 2 wrong use or unreadable input.
struct CommandLine {
  CLI::App& app;
  int& exit_code;
};

void add_server_commands(CommandLine line);
void add_admin_commands(CommandLine line);
void add_text_commands(CommandLine line);
void add_version_command(CommandLine line);
void add_clock_commands(CommandLine line);
void add_dmn_commands(CommandLine line);
void add_feel_commands(CommandLine line);
void add_decide_commands(CommandLine line);
void add_bpmn_commands(CommandLine line);
void add_process_commands(CommandLine line);
void add_guide_commands(CommandLine line);
void add_request_commands(CommandLine line);
/// Under `verify`.
void add_replay_command(CLI::App& verify, int& exit_code);

}  // namespace yiwang::app

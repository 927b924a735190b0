#include <cstdio>
#include <exception>

#include "commands.hpp"

#ifdef YW_JEMALLOC
// Read by jemalloc before main: two arenas for two threads that work at a time; what is free goes back after a second.
extern "C" {
extern char const* malloc_conf;
char const* malloc_conf = "narenas:2,background_thread:true,dirty_decay_ms:1000,muzzy_decay_ms:0";
}
#endif

int main(int argc, char** argv) {
  CLI::App app{"Yiwang (一网): public services of a district or city in one program"};
  app.require_subcommand(1);
  int exit_code = 0;
  yiwang::app::CommandLine line{app, exit_code};
  yiwang::app::add_server_commands(line);
  yiwang::app::add_admin_commands(line);
  yiwang::app::add_text_commands(line);
  yiwang::app::add_version_command(line);
  yiwang::app::add_clock_commands(line);
  yiwang::app::add_dmn_commands(line);
  yiwang::app::add_feel_commands(line);
  yiwang::app::add_decide_commands(line);
  yiwang::app::add_bpmn_commands(line);
  yiwang::app::add_process_commands(line);
  yiwang::app::add_guide_commands(line);
  yiwang::app::add_request_commands(line);
  try {
    app.parse(argc, argv);
  } catch (CLI::ParseError const& error) {
    int code = app.exit(error);
    return code == 0 ? 0 : 2;
  } catch (std::exception const& error) {
    std::fprintf(stderr, "yiwang: %s\n", error.what());
    return 2;
  }
  return exit_code;
}

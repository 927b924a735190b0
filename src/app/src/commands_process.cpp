#include <fmt/format.h>

#include <fstream>
#include <iostream>

#include "commands.hpp"
#include "installation.hpp"
#include "yiwang/store/machine.hpp"

namespace yiwang::app {

void add_process_commands(CommandLine line) {
  int& code = line.exit_code;
  auto* process = line.app.add_subcommand("process", "Processes of cases")->require_subcommand(1);
  struct Options {
    std::string which, data = "var/demo", database, pack;
    bool english = false;
  };
  auto o = std::make_shared<Options>();
  auto refuse = [&code](Error const& error) {
    std::cerr << error.line() << "\n";
    code = 1;
  };
  auto* show = process->add_subcommand("show", "Where a case stands, the path that it has taken, what it waits for");
  show->add_option("case", o->which, "Case id, or the eight characters for people")->required();
  show->add_option("--data", o->data, "Folder of database, files and keys");
  show->add_option("--database", o->database, "sqlite:FILE or postgres:CONNECTION; default sqlite in the data folder");
  show->add_flag("--en", o->english, "In English");
  show->callback([o, refuse] {
    auto url = store::DatabaseUrl::parse(o->database.empty() ? "sqlite:" + o->data + "/yiwang.db" : o->database);
    if (!url) return refuse(url.error());
    auto text = store::describe_process(*url, o->which, SystemClock().now(), o->english ? Language::en : Language::zh_cn);
    if (!text) return refuse(text.error());
    fmt::print("{}", *text);
  });
  auto* diagram = process->add_subcommand("diagram", "The BPMN of a case type, also where steps make it");
  diagram->add_option("case_type", o->which, "Id of the case type")->required();
  diagram->add_option("--pack", o->pack, "Folder of the definition pack; default the demo district's");
  diagram->callback([o, refuse] {
    auto files = pack::read_folder(o->pack.empty() ? find_folder("packs/yunhai") : o->pack);
    if (!files) return refuse(files.error());
    std::vector<Error> errors;
    auto release = compile_pack(*files, errors);
    if (!release) return refuse(errors.front());
    auto type = release->case_types.find(o->which);
    if (type == release->case_types.end()) return refuse(Error(ErrorCode::spine_unknown_case_type, {{"id", o->which}}));
    fmt::print("{}", type->second->process_xml);
  });
}

}  // namespace yiwang::app

// Settings explained, and administration through the running server.

#include <fmt/format.h>

#include <iostream>

#include "commands.hpp"
#include "config.hpp"
#include "operations.hpp"

namespace yiwang::app {
namespace {

json::Value text(std::string const& t) { return json::Value::string(t); }

struct Where {
  std::string data = "var/demo", database;
};
void add_where(CLI::App& command, Where& where) {
  command.add_option("--data", where.data, "Folder of the installation; the server that uses it does the work");
  command.add_option("--database", where.database, "sqlite:FILE or postgres:CONNECTION, when no server runs");
}

}  // namespace

void add_admin_commands(CommandLine line) {
  int& code = line.exit_code;
  {
    auto* config = line.app.add_subcommand("config", "Settings")->require_subcommand(1);
    auto file = std::make_shared<std::string>();
    auto english = std::make_shared<bool>(false);
    auto* explain = config->add_subcommand("explain", "Every setting: value, where it came from, default, unit, meaning");
    explain->add_option("--config", *file, "Configuration file");
    explain->add_flag("--en", *english, "In English");
    explain->callback([file, english, &code] {
      Config c;
      Language language = *english ? Language::en : Language::zh_cn;
      std::vector<Error> errors = file->empty() ? std::vector<Error>{} : c.read_file(*file);
      for (Error& e : c.read_environment([](char const* n) -> char const* { return std::getenv(n); }))
        errors.push_back(std::move(e));
      for (Error const& e : errors) std::cerr << e.line(language) << "\n";
      fmt::print("{}", c.explain(language));
      code = errors.empty() ? 0 : 2;
    });
  }
  auto* user = line.app.add_subcommand("user", "Accounts")->require_subcommand(1);
  struct User : Where {
    std::string login, name, number, role = "clerk", department;
    bool password_in = false;
  };
  auto ask_password = [] {
    std::string password;
    std::getline(std::cin, password);
    return password;
  };
  for (char const* what : {"add", "list", "password", "lock", "unlock", "move", "link", "unlink"}) {
    std::string verb = what;
    auto u = std::make_shared<User>();
    auto* cmd = user->add_subcommand(
        verb, verb == "add"
                  ? "Make a staff account; the password is read from standard input, the secret of the second factor is printed"
              : verb == "list"     ? "List accounts"
              : verb == "password" ? "Set a password, read from standard input"
              : verb == "lock"     ? "Lock an account and end its sessions"
              : verb == "link"
                  ? "Say which citizen a staff account belongs to, so that this one keeps out of own cases and relatives'"
              : verb == "unlink" ? "Take that back"
              : verb == "move"   ? "Move somebody to another unit and end the sessions; open work stays with the old unit"
                                 : "Unlock an account");
    add_where(*cmd, *u);
    if (verb != "list") cmd->add_option("login", u->login, "Account name")->required();
    if (verb == "add") {
      cmd->add_option("--name", u->name, "Name of the person")->required();
      cmd->add_option("--role", u->role, "clerk, supervisor, leader, data_admin, designer or engineer");
      cmd->add_option("--department", u->department, "Unit")->required();
    }
    if (verb == "link") {
      cmd->add_option("--name", u->name, "Name of the citizen")->required();
      cmd->add_option("--number", u->number, "Identity number; both must agree")->required();
    }
    if (verb == "move") cmd->add_option("--department", u->department, "The new unit")->required();
    cmd->callback([u, verb, ask_password, &code] {
      json::Value request = json::Value::object({{"do", text("user." + verb)}, {"login", text(u->login)}});
      if (verb == "add") {
        request.set("name", text(u->name));
        request.set("role", text(u->role));
        request.set("department", text(u->department));
      }
      if (verb == "link") {
        request.set("name", text(u->name));
        request.set("number", text(u->number));
      }
      if (verb == "move") request.set("department", text(u->department));
      if (verb == "add" || verb == "password") request.set("password", text(ask_password()));
      code = run_administration(u->data, u->database, request);
    });
  }
  {
    auto where = std::make_shared<Where>();
    auto* reload = line.app.get_subcommand("pack")->add_subcommand(
        "reload", "Let the running server read its pack again; a bad one is refused and the old one stays");
    add_where(*reload, *where);
    reload->callback([where, &code] {
      code = run_administration(where->data, where->database, json::Value::object({{"do", text("pack.reload")}}));
    });
  }
  {
    auto where = std::make_shared<Where>();
    auto* load = line.app.get_subcommand("demo")->add_subcommand("load", "Fill an empty installation with the invented district");
    add_where(*load, *where);
    load->callback([where, &code] {
      code = run_administration(where->data, where->database, json::Value::object({{"do", text("demo.load")}}));
    });
  }
}

}  // namespace yiwang::app

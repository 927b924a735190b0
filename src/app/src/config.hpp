#pragma once
// The settings of a server: one YAML file, environment variables over it, the command line over both. A name that is not
// known stops the start; every value knows where it came from.

#include <map>
#include <string>
#include <vector>

#include "yiwang/base/result.hpp"

namespace yiwang::app {

struct Setting {
  enum class Kind : std::uint8_t { text, integer, list };
  char const* name;  ///< "server.port"
  Kind kind;
  char const* otherwise;
  std::int64_t min, max;  ///< of an integer
  char const* unit;
  char const* zh;
  char const* en;
};
std::vector<Setting> const& settings();

class Config {
 public:
  /// Defaults only.
  Config();
  /// Reads a file over what is there; all complaints, each with file:line:column and a cure.
  std::vector<Error> read_file(std::string const& path);
  std::vector<Error> read_text(std::string_view text, std::string const& name);
  /// YIWANG_SERVER_PORT for server.port, and so on. `get` is std::getenv in the program.
  std::vector<Error> read_environment(char const* (*get)(char const*));
  /// Errors: app.setting.
  Status set(std::string_view name, std::string_view value, std::string origin);

  std::string const& text(std::string_view name) const;
  std::int64_t integer(std::string_view name) const;
  std::vector<std::string> list(std::string_view name) const;  ///< separated by commas
  /// One line a setting: name, value, origin, default, unit, meaning.
  std::string explain(Language language) const;

 private:
  struct Held {
    std::string value, origin;
  };
  std::map<std::string, Held, std::less<>> values_;
};

}  // namespace yiwang::app

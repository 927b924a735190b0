#include "builtins.hpp"

#include "yiwang/feel/compile.hpp"

namespace yiwang::feel {

namespace {

Value at_literal(Call const& call, Arguments& arguments) {
  auto value = read_temporal(arguments[0].as_string(), call.evaluator.options().zones);
  return value ? std::move(*value) : call.bad(arguments[0], "@", "a date, time, date and time or duration; is the zone known?");
}

std::vector<Builtin> make_table() {
  std::vector<Builtin> table;
  table.push_back({"@", "from", at_literal, TypeKind::any});
  add_number_builtins(table);
  add_string_builtins(table);
  add_list_builtins(table);
  add_temporal_builtins(table);
  add_range_builtins(table);
  add_context_builtins(table);
  return table;
}

std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  while (true) {
    auto end = text.find(separator);
    parts.push_back(text.substr(0, end));
    if (end == std::string_view::npos) return parts;
    text.remove_prefix(end + 1);
  }
}

}  // namespace

std::vector<Builtin> const& builtins() {
  static std::vector<Builtin> const table = make_table();
  return table;
}

std::uint32_t find_builtin(std::string_view name) {
  auto const& table = builtins();
  for (std::uint32_t i = 0; i < table.size(); ++i) {
    if (table[i].name == name) return i;
  }
  return kNone;
}

std::vector<std::string_view> const& builtin_names() {
  static std::vector<std::string_view> const names = [] {
    std::vector<std::string_view> made;
    for (auto const& one : builtins()) {
      if (one.name != "@") made.push_back(one.name);
    }
    return made;
  }();
  return names;
}

bool bind_names(Builtin const& builtin, std::vector<std::string_view> const& names, std::vector<std::uint32_t>& positions) {
  for (auto signature : split(builtin.parameters, '|')) {
    auto parameters = split(signature, ',');
    if (signature.empty()) parameters.clear();
    positions.assign(names.size(), kNone);
    std::vector<bool> given(parameters.size());
    bool fits = true;
    for (std::size_t i = 0; i < names.size() && fits; ++i) {
      fits = false;
      for (std::size_t j = 0; j < parameters.size(); ++j) {
        auto name = parameters[j];
        if (!name.empty() && (name[0] == '?' || name[0] == '*')) name.remove_prefix(1);
        if (name != names[i] || given[j]) continue;
        given[j] = true;
        positions[i] = static_cast<std::uint32_t>(j);
        fits = true;
        break;
      }
    }
    for (std::size_t j = 0; j < parameters.size() && fits; ++j) fits = given[j] || parameters[j][0] == '?';
    if (fits) return true;
  }
  return false;
}

bool takes(Builtin const& builtin, std::size_t count) {
  for (auto signature : split(builtin.parameters, '|')) {
    auto parameters = split(signature, ',');
    if (signature.empty()) parameters.clear();
    std::size_t least = 0;
    bool many = false;
    for (auto name : parameters) {
      if (name[0] == '*')
        many = true;
      else if (name[0] != '?')
        ++least;
    }
    if (many ? count >= least + 1 : count >= least && count <= parameters.size()) return true;
  }
  return false;
}

bool integer_of(Value const& value, std::int64_t& out) {
  if (!value.is(Kind::number)) return false;
  Decimal whole;
  return Decimal::round(value.as_number(), 0, Rounding::down, whole) && whole.to_int64(out);
}

Value Call::bad(Value const& argument, std::string_view parameter, std::string_view expected) const {
  std::string text = to_string(argument);
  if (text.size() > 60) text = std::string(to_string(argument.kind()));
  return evaluator.null_from(
      argument, at, "feel.null.argument",
      std::string(name) + ": " + std::string(parameter) + " must be " + std::string(expected) + ", found " + text,
      "DMN-1.5#10.3.4");
}

Value Call::because(std::string message) const {
  return evaluator.null(at, "feel.null.argument", std::string(name) + ": " + message, "DMN-1.5#10.3.4");
}

}  // namespace yiwang::feel

#pragma once
// The table of built-in functions (DMN 1.5 §10.3.4): names, parameter names and implementations.

#include <string_view>
#include <vector>

#include "yiwang/feel/evaluate.hpp"

namespace yiwang::feel {

/// Arguments of one call. A parameter that was left out is not in `given`.
struct Arguments {
  Value* values;
  std::uint32_t count;
  std::uint64_t given;
  bool has(std::uint32_t i) const { return i < count && (i >= 64 || (given >> i & 1)); }
  Value const& operator[](std::uint32_t i) const { return values[i]; }
};

struct Call {
  Evaluator& evaluator;
  NodeId at;
  std::string_view name;
  /// A null because an argument has the wrong type or value.
  Value bad(Value const& argument, std::string_view parameter, std::string_view expected) const;
  Value because(std::string message) const;
};

using BuiltinFunction = Value (*)(Call const& call, Arguments& arguments);

struct Builtin {
  std::string_view name;
  /// Parameter names, separated by commas; several signatures by '|'; '?' before a name: may be left out;
  /// '*' before the last: takes any number of arguments.
  std::string_view parameters;
  BuiltinFunction function;
  TypeKind result;
};

std::vector<Builtin> const& builtins();
void add_number_builtins(std::vector<Builtin>& table);
void add_string_builtins(std::vector<Builtin>& table);
void add_list_builtins(std::vector<Builtin>& table);
void add_temporal_builtins(std::vector<Builtin>& table);
void add_range_builtins(std::vector<Builtin>& table);
void add_context_builtins(std::vector<Builtin>& table);

/// Maps the named arguments of a call to positions: `positions[i]` is where argument i goes. False when no signature fits.
bool bind_names(Builtin const& builtin, std::vector<std::string_view> const& names, std::vector<std::uint32_t>& positions);
/// Whether some signature takes that many positional arguments.
bool takes(Builtin const& builtin, std::size_t count);

/// The integer of a number argument; false when it is not one (fractions are cut off, as the suite expects).
bool integer_of(Value const& value, std::int64_t& out);

}  // namespace yiwang::feel

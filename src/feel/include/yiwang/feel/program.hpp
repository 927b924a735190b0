#pragma once
// A compiled FEEL program: flat arrays of nodes, constants and code units with every name resolved to a slot. Immutable
// once compiled and safe to share between threads. DMN compiles its boxed expressions into the same form.

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "yiwang/feel/type.hpp"
#include "yiwang/feel/value.hpp"

namespace yiwang::feel {

inline constexpr std::uint32_t kNone = 0xFFFFFFFF;
using NodeId = std::uint32_t;

enum class Op : std::uint8_t {
  constant,  ///< a constant
  failure,   ///< a message: a null whose reason was known when compiling
  local,     ///< a slot of the frame
  global,    ///< a global of the host
  field_or,  ///< a name (constant), b slot of the item, c node to use when the item has no such entry
  path,      ///< a base, b name (constant)
  filter,    ///< a base, b predicate, c slot of the item
  negate,
  add,
  subtract,
  multiply,
  divide,
  power,
  equal,
  not_equal,
  less,
  less_equal,
  greater,
  greater_equal,
  logical_and,
  logical_or,
  between,       ///< a value, b low, c high
  in_tests,      ///< a value, b slot of `?`, c node of tests
  tests,         ///< kids a..a+b: any of them true for `?`
  test_not,      ///< a tests
  test_compare,  ///< a end point, b slot of `?`; flag is the Op of the comparison
  test_value,    ///< a expression, b slot of `?`; flag 1: the expression uses `?` itself
  test_any,      ///< `-`
  instance_of,   ///< a value, b type
  if_else,       ///< a, b, c
  for_loop,      ///< kids a..a+b: per iterator {slot, first, last or kNone}, then body; c slot of `partial`
  some,
  every,         ///< kids likewise
  list,          ///< kids a..a+b
  context,       ///< kids a..a+b: {key constant, node, slot or kNone}; flag 1: the last entry is the result
  function,      ///< a unit, kids b..b+c: captured nodes
  call,          ///< a callee, kids b..b+c: arguments; flag 1: named, with name constants between
  call_builtin,  ///< a builtin id, kids b..b+c: arguments, kNone for one left out
  range,         ///< a low, b high; flag bits 1 low closed, 2 high closed, 4 low unbounded, 8 high unbounded
  coerce,        ///< a value, b type, c what it is for (constant)
  external,      ///< a node of its description, b unit that holds its parameters
  host,          ///< a id: something that the host evaluates itself (a decision table)
  iterate_range  ///< not evaluated itself
};

struct Node {
  Op op = Op::constant;
  std::uint8_t flag = 0;
  std::uint32_t at = 0;  ///< byte offset in its source text
  std::uint32_t a = kNone, b = kNone, c = kNone;
};

/// A body with its own frame: an expression, a function body, unary tests.
struct Unit {
  NodeId root = kNone;
  std::uint32_t slots = 0;
  std::uint32_t source = 0;  ///< index into sources
  std::vector<std::string> parameters;
  std::vector<Type const*> parameter_types;
  std::vector<std::uint32_t> capture_slots;  ///< of a lambda, in the order of what it captured
  Type const* result_type = nullptr;         ///< declared, or nullptr
  Type const* type = nullptr;                ///< inferred
};

/// Where the text of a unit came from, for messages.
struct Source {
  std::string name;  ///< what a person calls it: "decision Rate, rule 3, input 1"
  std::string text;
  std::string file;
  std::uint32_t line = 0;
  std::string element;  ///< id of the model element
};

struct Program {
  std::vector<Node> nodes;
  std::vector<std::uint32_t> source_of;  ///< per node
  std::vector<std::uint32_t> kids;
  std::vector<Value> constants;
  std::vector<Unit> units;
  std::vector<Source> sources;
  std::vector<Type const*> types;
  std::unordered_map<std::string, std::uint32_t> string_constants;
  std::vector<std::string> field_names;  ///< every entry name seen: helps to read `a.b c` where a's type is unknown
  TypeArena arena;

  Program() { sources.emplace_back(); }
  Program(Program const&) = delete;
  Program& operator=(Program const&) = delete;

  std::uint32_t add_constant(Value value);
  std::uint32_t add_string(std::string_view text);
  std::uint32_t add_type(Type const* type);
  NodeId add(Node node, std::uint32_t source);
  std::uint32_t add_kids(std::vector<std::uint32_t> const& list);
  void note_field(std::string_view name);
};

}  // namespace yiwang::feel

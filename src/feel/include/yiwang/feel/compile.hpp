#pragma once
// From FEEL text to a Program. Names are resolved while reading, the longest name in scope wins, so names may hold
// spaces, operators and Chinese characters (DMN 1.5 §10.3.1.2, rules for ambiguous names).

#include <deque>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "yiwang/base/result.hpp"
#include "yiwang/feel/program.hpp"

namespace yiwang::feel {

struct Symbol {
  enum class Kind : std::uint8_t { local, global, constant, space, item_field };
  Kind kind = Kind::local;
  std::uint32_t index = 0;  ///< slot, global, constant; for item_field the slot of the item
  Type const* type = nullptr;
  std::vector<std::pair<std::string, Symbol>> const* members = nullptr;  ///< of a name space (an import)
};

/// What one function body needs while it is compiled: its slots and what it captures from outside.
struct FunctionState {
  FunctionState* outer = nullptr;
  std::uint32_t slots = 0;
  struct Capture {
    NodeId from;  ///< node in the outer function that yields the value
    std::uint32_t slot;
    std::uint32_t key;           ///< slot of the owner or global, for finding it again
    FunctionState const* owner;  ///< nullptr for a global
  };
  std::vector<Capture> captures;
  bool is_lambda = false;
  std::uint32_t slot() { return slots++; }
};

struct Scope {
  Scope* parent = nullptr;
  FunctionState* function = nullptr;
  std::vector<std::pair<std::string, Symbol>> names;
  bool dynamic = false;  ///< a filter over items of unknown type: unknown names are looked up in the item
  std::uint32_t item_slot = kNone;

  void add(std::string name, Symbol symbol) { names.emplace_back(std::move(name), symbol); }
};

struct Limits {
  std::uint32_t text_bytes = 1u << 20;
  std::uint32_t nesting = 200;  ///< of expressions when compiling
};

/// A node with the type that the compiler knows of it (never nullptr).
struct Typed {
  NodeId node = kNone;
  Type const* type = nullptr;
};

/// Adds expressions to a program. After an error the program may hold unused nodes, nothing worse.
class Compiler {
 public:
  using TypeResolver = std::function<Type const*(std::string_view)>;

  explicit Compiler(Program& program, Limits limits = {}) : program_(program), limits_(limits) {}

  /// Resolves names of item definitions; built-in types are found first.
  void set_type_resolver(TypeResolver resolver) { resolver_ = std::move(resolver); }
  /// The source that new nodes belong to; returns its index.
  std::uint32_t begin_source(Source source);

  /// One expression in the scope. Unknown names and types are noted in errors() and become nulls with a reason;
  /// text that cannot be read at all is the error returned.
  Result<Typed> expression(std::string_view text, Scope& scope);
  /// Unary tests over the value in `slot` (`?` in the text), of type `input`.
  Result<Typed> unary_tests(std::string_view text, Scope& scope, std::uint32_t slot, Type const* input);
  /// A type as written after `instance of`.
  Result<Type const*> type(std::string_view text);
  /// Closes a unit over a compiled body.
  std::uint32_t add_unit(Typed body, FunctionState const& function, std::vector<std::string> parameters = {},
                         std::vector<Type const*> parameter_types = {}, Type const* result = nullptr);

  /// Faults found that did not stop the reading.
  std::vector<Error>& errors() { return errors_; }
  Program& program() { return program_; }
  Limits const& limits() const { return limits_; }
  TypeResolver const& resolver() const { return resolver_; }
  std::uint32_t source() const { return source_; }
  /// Line and column in the model of a byte offset in the current source.
  Place place_of(std::size_t offset) const;
  NodeId node(Node made) { return program_.add(made, source_); }
  /// A null with this reason, also noted in errors().
  NodeId failure(std::size_t at, Error error);
  /// The node and type that a symbol stands for in this function, capturing it into a lambda where needed.
  Typed use(Symbol const& symbol, FunctionState& function, Scope const& found_in, std::string_view name, std::size_t at);

 private:
  Program& program_;
  Limits limits_;
  TypeResolver resolver_;
  std::vector<Error> errors_;
  std::uint32_t source_ = 0;
};

/// A builtin by its name, kNone when there is none.
std::uint32_t find_builtin(std::string_view name);
/// Names of all builtins.
std::vector<std::string_view> const& builtin_names();

}  // namespace yiwang::feel

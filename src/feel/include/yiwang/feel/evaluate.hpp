#pragma once
// Evaluates compiled programs. Work is bounded by Limits; a null that the standard asks for carries a Diagnostic.

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "yiwang/feel/program.hpp"
#include "yiwang/feel/temporal.hpp"

namespace yiwang::feel {

/// Why a value is null, or what else went wrong on the way.
struct Diagnostic {
  std::string code;     ///< "feel.null.type", "feel.null.argument", … stable words for programs
  std::string message;  ///< English sentence with the values
  std::string clause;   ///< of the standard
  std::uint32_t source = 0;
  std::uint32_t at = 0;  ///< byte offset in the source text
};

struct EvaluateLimits {
  std::uint64_t steps = 200'000'000;
  std::uint32_t depth = 3'000;  ///< needs a stack of 4 MiB; lower it for smaller ones
  std::uint32_t list_items = 10'000'000;
  std::uint32_t text_bytes = 64u << 20;
  std::uint64_t regex_steps = 5'000'000;
  std::uint32_t diagnostics = 100;
};

struct EvaluateOptions {
  ZoneSource const* zones = nullptr;
  std::int64_t now_us = 0;        ///< for now() and today()
  bool has_now = false;           ///< without it now() and today() are null
  std::int32_t now_offset_s = 0;  ///< zone of now() and today()
  EvaluateLimits limits;
};

class Evaluator;

/// What a program refers to outside itself.
class Host {
 public:
  virtual ~Host() = default;
  virtual Value global(Evaluator& evaluator, std::uint32_t index) = 0;
  virtual Value node(Evaluator& evaluator, std::uint32_t id, Value* frame) = 0;
  /// Calls a function value of kind host with as many arguments as it has parameters.
  virtual Value call(Evaluator& evaluator, FunctionObject const& function, std::span<Value> arguments) = 0;
};

class Evaluator {
 public:
  Evaluator(Program const& program, EvaluateOptions const& options, Host* host = nullptr);
  ~Evaluator();

  /// Runs a unit in a fresh frame whose first slots are the arguments.
  Value run(std::uint32_t unit, std::span<Value const> arguments = {});
  /// Evaluates a node in a frame.
  Value eval(NodeId node, Value* frame);
  /// Whether the value passes the unary tests of a unit (slot 0 is `?`).
  bool passes(std::uint32_t unit, Value const& value);
  /// Calls any function value.
  Value call(Value const& function, std::span<Value> arguments, NodeId at);

  /// DMN coercion to a declared type (§10.3.2.9.4): singleton lists, constraints, otherwise null with a reason.
  Value coerce(Value value, Type const& type, std::string_view what, NodeId at);
  /// Whether the value belongs to the type, constraints included.
  /// `instance of` looks at the shape only, not at allowed values.
  bool belongs(Value const& value, Type const& type, int depth = 0, bool constraints = true);

  /// A null with a new diagnostic.
  Value null(NodeId at, std::string_view code, std::string message, std::string_view clause);
  /// A null for the same reason as `cause` when that is a null with a reason, else a new diagnostic.
  Value null_from(Value const& cause, NodeId at, std::string_view code, std::string message, std::string_view clause);

  /// Takes `n` slots; pair with pop.
  Value* push(std::uint32_t n);
  void pop(Value* frame, std::uint32_t n);

  std::vector<Diagnostic> const& diagnostics() const { return diagnostics_; }
  std::vector<Diagnostic>& diagnostics() { return diagnostics_; }
  EvaluateOptions const& options() const { return options_; }
  Program const& program() const { return *program_; }
  Host* host() const { return host_; }
  void set_host(Host* host) { host_ = host; }
  /// Set when a limit stopped the evaluation; everything after it is null.
  bool stopped() const { return stopped_; }
  std::string const& stop_reason() const { return stop_reason_; }
  void stop(std::string reason);
  /// Counts work; false when the limit is reached.
  bool spend(std::uint64_t steps) {
    if (steps > steps_left_) [[unlikely]] {
      stop("steps");
      return false;
    }
    steps_left_ -= steps;
    return true;
  }
  /// Makes it ready for the next, independent evaluation.
  void reset();

 private:
  friend struct DepthGuard;
  /// Refuses values nested deeper than any stack should have to follow.
  Value bounded(Value value);
  static constexpr std::uint16_t kNestingMax = 500;
  Value binary(Node const& node, NodeId id, Value* frame);
  Value eval_path(Node const& node, NodeId id, Value* frame);
  Value eval_filter(Node const& node, NodeId id, Value* frame);
  Value eval_loop(Node const& node, NodeId id, Value* frame);
  Value eval_call(Node const& node, NodeId id, Value* frame);
  Value eval_builtin(Node const& node, NodeId id, Value* frame);
  Value eval_context(Node const& node, NodeId id, Value* frame);
  Value eval_external(Node const& node, std::span<Value> arguments, NodeId id);
  bool iterate(Node const& node, std::uint32_t index, std::uint32_t count, Value* frame, void* state);

  Program const* program_;
  EvaluateOptions options_;
  Host* host_;
  std::vector<Diagnostic> diagnostics_;
  std::uint64_t steps_left_;
  std::uint32_t depth_ = 0;
  bool stopped_ = false;
  std::string stop_reason_;
  struct Chunk {
    std::unique_ptr<Value[]> values;
    std::uint32_t size = 0, used = 0;
  };
  std::vector<Chunk> chunks_;
  std::size_t chunk_ = 0;
};

// Semantics shared by operators, functions and tables. `null` answers mean "not comparable".
enum class Tri : std::uint8_t { no, yes, null };
/// `=` (§10.3.2.15 table 53).
Tri equals(Value const& a, Value const& b, int depth = 0);
/// −1, 0, 1, or 2 when the two are not comparable (table 54).
int compare(Value const& a, Value const& b);
/// Whether the range holds the value.
Tri range_contains(RangeObject const& range, Value const& value);
/// `value in test` for a test that is already a value.
Tri in_value(Value const& value, Value const& test);
/// A property of a temporal value or range: "year", "start included" …; nothing when it has none of that name.
std::optional<Value> property(Value const& value, std::string_view name);
Value arithmetic(Evaluator& evaluator, NodeId at, Op op, Value const& a, Value const& b);

/// A compiled regular expression of XPath (F&O 3.1 §5.6): RE2 where it means the same, else a step-limited matcher.
class Regex {
 public:
  static Result<Regex> compile(std::string_view pattern, std::string_view flags);
  struct Match {
    std::size_t begin, end;
    std::vector<std::pair<std::size_t, std::size_t>> groups;  ///< npos, npos when it took no part
  };
  /// The first match at or after `from`; an error when the step limit is reached. `found` tells whether there is one.
  Status search(std::string_view text, std::size_t from, std::uint64_t& steps, Match& match, bool& found) const;
  /// Number of capturing groups.
  std::size_t groups() const;

  struct Impl;

 private:
  std::shared_ptr<Impl const> impl_;
};

}  // namespace yiwang::feel

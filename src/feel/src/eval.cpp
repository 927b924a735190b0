#include "builtins.hpp"
#include "yiwang/feel/evaluate.hpp"

namespace yiwang::feel {

struct DepthGuard {
  Evaluator& evaluator;
  bool fine;
  explicit DepthGuard(Evaluator& e) : evaluator(e), fine(++e.depth_ <= e.options_.limits.depth) {
    if (!fine) e.stop("depth");
  }
  ~DepthGuard() { --evaluator.depth_; }
};

Evaluator::Evaluator(Program const& program, EvaluateOptions const& options, Host* host)
    : program_(&program), options_(options), host_(host), steps_left_(options.limits.steps) {}

Evaluator::~Evaluator() = default;

void Evaluator::reset() {
  diagnostics_.clear();
  steps_left_ = options_.limits.steps;
  depth_ = 0;
  stopped_ = false;
  stop_reason_.clear();
}

void Evaluator::stop(std::string reason) {
  if (!stopped_) {
    stop_reason_ = reason;
    Diagnostic made;
    made.code = "feel.limit";
    made.message = "the evaluation was stopped at its limit of " + reason;
    diagnostics_.push_back(std::move(made));
  }
  stopped_ = true;
  steps_left_ = 0;
}

Value* Evaluator::push(std::uint32_t n) {
  if (chunks_.empty() || chunks_[chunk_].used + n > chunks_[chunk_].size) {
    if (!chunks_.empty() && chunk_ + 1 < chunks_.size() && chunks_[chunk_ + 1].size >= n) {
      ++chunk_;
    } else {
      if (!chunks_.empty()) chunks_.resize(chunk_ + 1);
      Chunk made;
      made.size = std::max<std::uint32_t>(n, 512);
      made.values = std::make_unique<Value[]>(made.size);
      chunks_.push_back(std::move(made));
      chunk_ = chunks_.size() - 1;
    }
  }
  Value* frame = chunks_[chunk_].values.get() + chunks_[chunk_].used;
  chunks_[chunk_].used += n;
  return frame;
}

void Evaluator::pop(Value* frame, std::uint32_t n) {
  for (std::uint32_t i = 0; i < n; ++i) frame[i] = Value();
  chunks_[chunk_].used -= n;
  if (chunks_[chunk_].used == 0 && chunk_ > 0) --chunk_;
}

Value Evaluator::null(NodeId at, std::string_view code, std::string message, std::string_view clause) {
  if (diagnostics_.size() < options_.limits.diagnostics) {
    Diagnostic made;
    made.code = std::string(code);
    made.message = std::move(message);
    made.clause = std::string(clause);
    if (at != kNone && at < program_->nodes.size()) {
      made.source = program_->source_of[at];
      made.at = program_->nodes[at].at;
    }
    diagnostics_.push_back(std::move(made));
  }
  return Value::null_because(static_cast<std::int32_t>(diagnostics_.size()));
}

Value Evaluator::null_from(Value const& cause, NodeId at, std::string_view code, std::string message, std::string_view clause) {
  if (cause.is_null() && cause.null_reason() != 0) return cause;
  return null(at, code, std::move(message), clause);
}

Value Evaluator::run(std::uint32_t unit_id, std::span<Value const> arguments) {
  auto const& unit = program_->units[unit_id];
  std::uint32_t slots = std::max<std::uint32_t>(unit.slots, static_cast<std::uint32_t>(arguments.size()));
  Value* frame = push(slots);
  for (std::size_t i = 0; i < arguments.size(); ++i) frame[i] = arguments[i];
  Value result = eval(unit.root, frame);
  pop(frame, slots);
  return result;
}

bool Evaluator::passes(std::uint32_t unit_id, Value const& value) {
  Value argument = value;
  return run(unit_id, {&argument, 1}).is_true();
}

namespace {

Value from_tri(Tri tri) { return tri == Tri::null ? Value::null() : Value::boolean(tri == Tri::yes); }

std::string kind_name(Value const& value) { return std::string(to_string(value.kind())); }

std::string_view operator_text(Op op) {
  switch (op) {
    case Op::equal: return "=";
    case Op::not_equal: return "!=";
    case Op::less: return "<";
    case Op::less_equal: return "<=";
    case Op::greater: return ">";
    default: return ">=";
  }
}

bool holds(Op op, int order) {
  switch (op) {
    case Op::less: return order < 0;
    case Op::less_equal: return order <= 0;
    case Op::greater: return order > 0;
    default: return order >= 0;
  }
}

}  // namespace

Value Evaluator::bounded(Value value) {
  if (value.nesting() <= kNestingMax) [[likely]]
    return value;
  stop("nesting of values");
  return Value::null();
}

Value Evaluator::binary(Node const& node, NodeId id, Value* frame) {
  Value a = eval(node.a, frame);
  Value b = eval(node.b, frame);
  switch (node.op) {
    case Op::equal:
    case Op::not_equal: {
      Tri tri = equals(a, b);
      if (tri == Tri::null) {
        return null(id, "feel.null.type",
                    "'" + std::string(operator_text(node.op)) + "' cannot compare " + kind_name(a) + " with " + kind_name(b),
                    "DMN-1.5#10.3.2.15");
      }
      return Value::boolean((tri == Tri::yes) == (node.op == Op::equal));
    }
    case Op::less:
    case Op::less_equal:
    case Op::greater:
    case Op::greater_equal: {
      int order = compare(a, b);
      if (order == 2) {
        Value const& cause = a.is_null() ? a : b;
        return null_from(cause, id, "feel.null.type",
                         "'" + std::string(operator_text(node.op)) + "' cannot compare " + kind_name(a) + " with " + kind_name(b),
                         "DMN-1.5#10.3.2.15");
      }
      return Value::boolean(holds(node.op, order));
    }
    default: return arithmetic(*this, id, node.op, a, b);
  }
}

Value Evaluator::eval(NodeId id, Value* frame) {
  Node const& node = program_->nodes[id];
  if (node.op == Op::constant) return program_->constants[node.a];
  if (node.op == Op::local) return frame[node.a];
  if (!spend(1)) return Value::null();
  DepthGuard guard(*this);
  if (!guard.fine) return Value::null();
  switch (node.op) {
    case Op::constant:
    case Op::local: break;
    case Op::failure: return null(id, "feel.null.model", std::string(program_->constants[node.a].as_string()), "DMN-1.5#10.3");
    case Op::global:
      return host_ ? host_->global(*this, node.a) : null(id, "feel.null.model", "there is no model around this expression", "");
    case Op::field_or: {
      Value item = eval(node.b, frame);
      auto name = program_->constants[node.a].as_string();
      if (item.is(Kind::context)) {
        if (auto const* found = item.as_context().find(name)) return *found;
      } else if (auto found = property(item, name)) {
        return std::move(*found);
      }
      if (node.c != kNone) return eval(node.c, frame);
      return null(id, "feel.null.no_entry", "the item has no entry '" + std::string(name) + "'", "DMN-1.5#10.3.2.5");
    }
    case Op::path: return eval_path(node, id, frame);
    case Op::filter: return eval_filter(node, id, frame);
    case Op::negate: {
      Value value = eval(node.a, frame);
      switch (value.kind()) {
        case Kind::number: return Value::number(value.as_number().negated());
        case Kind::years_months: return Value::years_months(-value.as_months());
        case Kind::days_time: return Value::days_time(-value.as_nanos());
        default: return null_from(value, id, "feel.null.type", "'-' is not defined for " + kind_name(value), "DMN-1.5#10.3.2.13");
      }
    }
    case Op::add:
    case Op::subtract:
    case Op::multiply:
    case Op::divide:
    case Op::power:
    case Op::equal:
    case Op::not_equal:
    case Op::less:
    case Op::less_equal:
    case Op::greater:
    case Op::greater_equal: return binary(node, id, frame);
    case Op::logical_and: {
      // Three-valued: false wins over null (table 50).
      Value a = eval(node.a, frame);
      if (a.is_false()) return a;
      Value b = eval(node.b, frame);
      if (b.is_false()) return b;
      if (a.is_true() && b.is_true()) return b;
      Value const& cause = a.is_true() ? b : a;
      return null_from(cause, id, "feel.null.type", "'and' needs booleans, found " + kind_name(a) + " and " + kind_name(b),
                       "DMN-1.5#10.3.2.11");
    }
    case Op::logical_or: {
      Value a = eval(node.a, frame);
      if (a.is_true()) return a;
      Value b = eval(node.b, frame);
      if (b.is_true()) return b;
      if (a.is_false() && b.is_false()) return b;
      Value const& cause = a.is_false() ? b : a;
      return null_from(cause, id, "feel.null.type", "'or' needs booleans, found " + kind_name(a) + " and " + kind_name(b),
                       "DMN-1.5#10.3.2.11");
    }
    case Op::between: {
      Value value = eval(node.a, frame), low = eval(node.b, frame), high = eval(node.c, frame);
      int x = compare(value, low), y = compare(value, high);
      if (x == 2 || y == 2) {
        Value const& cause = value.is_null() ? value : low.is_null() ? low : high;
        return null_from(cause, id, "feel.null.type",
                         "between cannot compare " + kind_name(value) + " with " + kind_name(low) + " and " + kind_name(high),
                         "DMN-1.5#10.3.2.15");
      }
      return Value::boolean(x >= 0 && y <= 0);
    }
    case Op::in_tests: {
      frame[node.b] = eval(node.a, frame);
      return eval(node.c, frame);
    }
    case Op::tests: {
      bool some_null = false;
      Value cause;
      for (std::uint32_t i = 0; i < node.b; ++i) {
        Value one = eval(program_->kids[node.a + i], frame);
        if (one.is_true()) return one;
        if (!one.is_false()) {
          some_null = true;
          cause = std::move(one);
        }
      }
      return some_null ? null_from(cause, id, "feel.null.type", "a test has no truth value", "DMN-1.5#10.3.2.8")
                       : Value::boolean(false);
    }
    case Op::test_not: {
      Value one = eval(node.a, frame);
      if (one.is(Kind::boolean)) return Value::boolean(!one.as_boolean());
      return one;
    }
    case Op::test_compare: {
      Value end = eval(node.a, frame);
      Value const& value = frame[node.b];
      auto op = static_cast<Op>(node.flag);
      if (op == Op::equal || op == Op::not_equal) {
        Tri tri = equals(value, end);
        if (tri == Tri::null)
          return null(id, "feel.null.type", "a test compares " + kind_name(value) + " with " + kind_name(end),
                      "DMN-1.5#10.3.2.8");
        return Value::boolean((tri == Tri::yes) == (op == Op::equal));
      }
      int order = compare(value, end);
      if (order == 2) {
        Value const& cause = value.is_null() ? value : end;
        return null_from(cause, id, "feel.null.type", "a test compares " + kind_name(value) + " with " + kind_name(end),
                         "DMN-1.5#10.3.2.8");
      }
      return Value::boolean(holds(op, order));
    }
    case Op::test_value: {
      Value test = eval(node.a, frame);
      Value const& value = frame[node.b];
      if (node.flag == 1) {
        // The expression uses `?`: it is itself the test (§10.3.2.8, rule 7c); other results are compared as values.
        if (test.is(Kind::boolean)) return test;
        if (test.is_null()) return value.is_null() && test.null_reason() == 0 ? Value::boolean(true) : test;
      }
      Tri tri = in_value(value, test);
      if (tri == Tri::null) {
        Value const& cause = value.is_null() ? value : test;
        return null_from(cause, id, "feel.null.type", "a test compares " + kind_name(value) + " with " + kind_name(test),
                         "DMN-1.5#10.3.2.8");
      }
      return from_tri(tri);
    }
    case Op::test_any: return Value::boolean(true);
    case Op::instance_of: {
      Value value = eval(node.a, frame);
      auto const& type = *program_->types[node.b];
      // Null is an instance of no type but Null (table 57).
      if (value.is_null()) return Value::boolean(type.kind == TypeKind::null);
      return Value::boolean(belongs(value, type, 0, false));
    }
    case Op::if_else: {
      Value condition = eval(node.a, frame);
      // A boxed conditional insists on a boolean (§10.2.2.9.1).
      if (node.flag == 1 && !condition.is(Kind::boolean) && !condition.is_null()) {
        return null(id, "feel.null.type", "the condition is a " + kind_name(condition) + ", not a boolean", "DMN-1.5#10.2.2.9.1");
      }
      // Anything but true takes the else branch (table 44).
      return eval(condition.is_true() ? node.b : node.c, frame);
    }
    case Op::for_loop:
    case Op::some:
    case Op::every: return bounded(eval_loop(node, id, frame));
    case Op::list: {
      std::vector<Value> items;
      items.reserve(node.b);
      for (std::uint32_t i = 0; i < node.b; ++i) items.push_back(eval(program_->kids[node.a + i], frame));
      return bounded(Value::list(std::move(items)));
    }
    case Op::context: return bounded(eval_context(node, id, frame));
    case Op::function: {
      auto const& unit = program_->units[node.a];
      auto* made = new FunctionObject();
      made->kind = FunctionKind::lambda;
      made->id = node.a;
      made->program = program_;
      made->parameters = unit.parameters;
      Value function = Value::function(made);
      for (std::uint32_t i = 0; i < node.c; ++i) {
        made->captured.push_back(eval(program_->kids[node.b + i], frame));
        made->nesting =
            std::max(made->nesting, static_cast<std::uint16_t>(std::min(made->captured.back().nesting() + 1, 60'000)));
      }
      return bounded(std::move(function));
    }
    case Op::external: {
      auto const& unit = program_->units[node.b];
      auto* made = new FunctionObject();
      made->kind = FunctionKind::external;
      made->id = node.b;
      made->program = program_;
      made->parameters = unit.parameters;
      Value function = Value::function(made);
      made->captured.push_back(eval(node.a, frame));
      return function;
    }
    case Op::call: return eval_call(node, id, frame);
    case Op::call_builtin: return bounded(eval_builtin(node, id, frame));
    case Op::range: {
      Value low = eval(node.a, frame), high = eval(node.b, frame);
      bool low_unbounded = node.flag & 4, high_unbounded = node.flag & 8;
      if (!low_unbounded && !high_unbounded) {
        if (!low.is_null() && !high.is_null() && compare(low, high) == 2) {
          return null(id, "feel.null.range", "an interval cannot reach from " + kind_name(low) + " to " + kind_name(high),
                      "DMN-1.5#10.3.2.7");
        }
      }
      Value made = Value::range(std::move(low), std::move(high), node.flag & 1, node.flag & 2);
      auto* range = static_cast<RangeObject*>(made.object());
      range->low_open_ended = low_unbounded;
      range->high_open_ended = high_unbounded;
      if (node.flag & 16) range->unary = static_cast<std::uint8_t>(node.c);
      return bounded(std::move(made));
    }
    case Op::coerce: {
      std::string_view what = node.c == kNone ? std::string_view() : program_->constants[node.c].as_string();
      return coerce(eval(node.a, frame), *program_->types[node.b], what, id);
    }
    case Op::host: return host_ ? host_->node(*this, node.a, frame) : Value::null();
    case Op::iterate_range: break;
  }
  return Value::null();
}

Value Evaluator::eval_context(Node const& node, NodeId, Value* frame) {
  Value made = Value::context();
  auto& context = made.context_for_write();
  for (std::uint32_t i = 0; i + 2 < node.b; i += 3) {
    auto const* kid = &program_->kids[node.a + i];
    Value value = eval(kid[1], frame);
    if (kid[0] == kNone) return value;  // the result of a boxed context
    if (kid[2] != kNone) frame[kid[2]] = value;
    context.add(program_->constants[kid[0]], std::move(value));
  }
  return made;
}

Value Evaluator::eval_path(Node const& node, NodeId id, Value* frame) {
  Value base = eval(node.a, frame);
  Value const& key = program_->constants[node.b];
  auto name = key.as_string();
  if (base.is(Kind::context)) {
    if (auto const* found = base.as_context().find(name)) return *found;
    return null(id, "feel.null.no_entry", "there is no entry '" + std::string(name) + "'", "DMN-1.5#10.3.2.5");
  }
  if (base.is(Kind::list)) {
    std::vector<Value> items;
    items.reserve(base.items().size());
    if (!spend(base.items().size())) return Value::null();
    for (auto const& item : base.items()) {
      if (item.is(Kind::context)) {
        auto const* found = item.as_context().find(name);
        items.push_back(
            found ? *found
                  : null(id, "feel.null.no_entry", "an item has no entry '" + std::string(name) + "'", "DMN-1.5#10.3.2.5"));
      } else if (auto found = property(item, name)) {
        items.push_back(std::move(*found));
      } else {
        items.push_back(null_from(item, id, "feel.null.no_entry",
                                  "a " + kind_name(item) + " has no entry '" + std::string(name) + "'", "DMN-1.5#10.3.2.5"));
      }
    }
    return Value::list(std::move(items));
  }
  if (auto found = property(base, name)) return std::move(*found);
  return null_from(base, id, "feel.null.no_entry", "a " + kind_name(base) + " has no property '" + std::string(name) + "'",
                   "DMN-1.5#10.3.2.5");
}

Value Evaluator::eval_builtin(Node const& node, NodeId id, Value* frame) {
  auto const& builtin = builtins()[node.a];
  Value* values = push(node.c);
  std::uint64_t given = 0;
  for (std::uint32_t i = 0; i < node.c; ++i) {
    NodeId kid = program_->kids[node.b + i];
    if (kid == kNone) continue;
    values[i] = eval(kid, frame);
    if (i < 64) given |= std::uint64_t{1} << i;
  }
  Arguments arguments{values, node.c, given};
  Call call{*this, id, builtin.name};
  Value result = builtin.function(call, arguments);
  pop(values, node.c);
  return result;
}

}  // namespace yiwang::feel

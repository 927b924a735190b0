// Filters, iterations, calls and coercion.
#include "builtins.hpp"
#include "external.hpp"
#include "yiwang/feel/evaluate.hpp"

namespace yiwang::feel {

namespace {
std::string kind_name(Value const& value) { return std::string(to_string(value.kind())); }
}  // namespace

Value Evaluator::eval_filter(Node const& node, NodeId id, Value* frame) {
  Value base = eval(node.a, frame);
  Value const* items = nullptr;
  std::size_t count = 0;
  if (base.is(Kind::list)) {
    items = base.items().data();
    count = base.items().size();
  } else if (!base.is_null()) {
    // A value that is no list counts as a list of one (§10.3.2.5).
    items = &base;
    count = 1;
  }
  auto at_index = [&](Value const& index) -> Value {
    std::int64_t i = 0;
    if (!index.as_number().to_int64(i))
      return null(id, "feel.null.index", "a list index must be a whole number", "DMN-1.5#10.3.2.5");
    auto size = static_cast<std::int64_t>(count);
    if (i > 0 && i <= size) return items[i - 1];
    if (i < 0 && -i <= size) return items[size + i];
    return null(id, "feel.null.index", "index " + std::to_string(i) + " is outside a list of " + std::to_string(size),
                "DMN-1.5#10.3.2.5");
  };
  if (base.is_null()) {
    Value predicate = eval(node.b, frame);
    if (predicate.is(Kind::number)) return null_from(base, id, "feel.null.index", "null is indexed", "DMN-1.5#10.3.2.5");
    return base.null_reason() ? base : Value::list();
  }
  if (count == 0) {
    frame[node.c] = Value();
    Value predicate = eval(node.b, frame);
    if (predicate.is(Kind::number)) return at_index(predicate);
    return Value::list();
  }
  std::vector<Value> kept;
  for (std::size_t i = 0; i < count; ++i) {
    frame[node.c] = items[i];
    Value predicate = eval(node.b, frame);
    if (stopped_) return Value::null();
    if (predicate.is(Kind::number)) return at_index(predicate);
    if (predicate.is_true())
      kept.push_back(items[i]);
    else if (!predicate.is(Kind::boolean) && !predicate.is_null()) {
      return null(id, "feel.null.type", "a filter must be a boolean or a number, found " + kind_name(predicate),
                  "DMN-1.5#10.3.2.5");
    }
  }
  return Value::list(std::move(kept));
}

namespace {

struct LoopState {
  NodeId id;
  bool collect = false;
  std::vector<Value>* results = nullptr;
  Value* partial = nullptr;
  bool any_null = false;
  bool decided = false;
  bool failed = false;
  bool some = false;
  NodeId body = kNone;
  Value failure;
};

}  // namespace

/// Runs iterator `index` and those inside it; false ends all loops.
bool Evaluator::iterate(Node const& node, std::uint32_t index, std::uint32_t count, Value* frame, void* opaque) {
  auto& state = *static_cast<LoopState*>(opaque);
  if (!spend(1)) return false;
  if (index == count) {
    if (state.collect) {
      if ((state.partial ? state.partial->items().size() : state.results->size()) >= options_.limits.list_items) {
        stop("list items");
        return false;
      }
      Value one = eval(state.body, frame);
      // `partial` is the list of results itself where the body reads it. A body that keeps a hold of it makes the next
      // result copy it, which costs steps: else a loop would take time with the square of its length.
      if (state.partial) {
        if (state.partial->is_shared() && !spend(1 + state.partial->items().size() / 8)) return false;
        state.partial->append(std::move(one));
      } else {
        state.results->push_back(std::move(one));
      }
      return !stopped_;
    }
    Value one = eval(state.body, frame);
    if (one.is(Kind::boolean)) {
      if (one.as_boolean() == state.some) {
        state.decided = true;
        return false;
      }
    } else {
      state.any_null = true;
      state.failure = std::move(one);
    }
    return !stopped_;
  }
  auto const* kid = &program_->kids[node.a + index * 3];
  auto fail_with = [&](Value reason) {
    state.failed = true;
    state.failure = std::move(reason);
    return false;
  };
  Value first = eval(kid[1], frame);
  auto numbers = [&](Decimal low, Decimal high) {
    if (!low.is_integer() || !high.is_integer()) {
      return fail_with(null(state.id, "feel.null.iteration", "an iteration needs whole numbers as ends", "DMN-1.5#10.3.2.14"));
    }
    std::int64_t a = 0, b = 0;
    if (!low.to_int64(a) || !high.to_int64(b))
      return fail_with(null(state.id, "feel.null.iteration", "an end of the iteration is too large", "DMN-1.5#10.3.2.14"));
    std::int64_t step = a <= b ? 1 : -1;
    for (std::int64_t i = a;; i += step) {
      frame[kid[0]] = Value::number(i);
      if (!iterate(node, index + 1, count, frame, opaque)) return false;
      if (i == b) return true;
    }
  };
  auto dates = [&](std::int64_t a, std::int64_t b) {
    std::int64_t step = a <= b ? 1 : -1;
    for (std::int64_t i = a;; i += step) {
      frame[kid[0]] = Value::date(i);
      if (!iterate(node, index + 1, count, frame, opaque)) return false;
      if (i == b) return true;
    }
  };
  if (kid[2] != kNone) {
    Value last = eval(kid[2], frame);
    if (first.is(Kind::number) && last.is(Kind::number)) return numbers(first.as_number(), last.as_number());
    if (first.is(Kind::date) && last.is(Kind::date)) return dates(first.as_days(), last.as_days());
    Value const& cause = first.is_null() ? first : last;
    return fail_with(null_from(cause, state.id, "feel.null.iteration",
                               "an iteration cannot run from " + kind_name(first) + " to " + kind_name(last),
                               "DMN-1.5#10.3.2.14"));
  }
  if (first.is(Kind::range)) {
    auto const& range = first.as_range();
    if (range.low.is(Kind::number) && range.high.is(Kind::number)) {
      std::int64_t a = 0, b = 0;
      if (!range.low.as_number().to_int64(a) || !range.high.as_number().to_int64(b)) {
        return fail_with(null(state.id, "feel.null.iteration", "an iteration needs whole numbers as ends", "DMN-1.5#10.3.2.14"));
      }
      if (!range.low_closed) ++a;
      if (!range.high_closed) --b;
      if (a > b) return true;
      return numbers(Decimal(a), Decimal(b));
    }
    if (range.low.is(Kind::date) && range.high.is(Kind::date)) {
      std::int64_t a = range.low.as_days() + !range.low_closed, b = range.high.as_days() - !range.high_closed;
      if (a > b) return true;
      return dates(a, b);
    }
    return fail_with(null(state.id, "feel.null.iteration", "an iteration over a range needs whole numbers or dates as ends",
                          "DMN-1.5#10.3.2.14"));
  }
  if (first.is_null())
    return fail_with(null_from(first, state.id, "feel.null.iteration", "the list to iterate over is null", "DMN-1.5#10.3.2.14"));
  if (!first.is(Kind::list)) {
    frame[kid[0]] = std::move(first);
    return iterate(node, index + 1, count, frame, opaque);
  }
  for (auto const& item : first.items()) {
    frame[kid[0]] = item;
    if (!iterate(node, index + 1, count, frame, opaque)) return false;
  }
  return true;
}

Value Evaluator::eval_loop(Node const& node, NodeId id, Value* frame) {
  std::uint32_t count = (node.b - 1) / 3;
  LoopState state;
  state.id = id;
  state.body = program_->kids[node.a + node.b - 1];
  std::vector<Value> results;
  if (node.op == Op::for_loop) {
    state.collect = true;
    state.results = &results;
    if (node.flag & 1) {
      state.partial = &frame[node.c];
      *state.partial = Value::list();
    }
    iterate(node, 0, count, frame, &state);
    // Taken out, for the slot outlives the loop.
    Value collected = state.partial ? std::move(*state.partial) : Value();
    if (state.failed) return std::move(state.failure);
    if (stopped_) return Value::null();
    return state.partial ? collected : Value::list(std::move(results));
  }
  state.some = node.op == Op::some;
  iterate(node, 0, count, frame, &state);
  if (state.failed || stopped_) return std::move(state.failure);
  if (state.decided) return Value::boolean(state.some);
  if (state.any_null)
    return null_from(state.failure, id, "feel.null.type", "a condition has no truth value", "DMN-1.5#10.3.2.16");
  return Value::boolean(!state.some);
}

Value Evaluator::eval_call(Node const& node, NodeId id, Value* frame) {
  Value callee = eval(node.a, frame);
  if (!callee.is(Kind::function)) {
    return null_from(callee, id, "feel.null.call", "a " + kind_name(callee) + " is called as if it were a function",
                     "DMN-1.5#10.3.2.13.2");
  }
  bool named = node.flag & 1;
  std::uint32_t count = named ? node.c / 2 : node.c;
  auto const& function = callee.as_function();
  if (!named) {
    Value* values = push(count);
    for (std::uint32_t i = 0; i < count; ++i) values[i] = eval(program_->kids[node.b + i], frame);
    Value result = call(callee, {values, count}, id);
    pop(values, count);
    return result;
  }
  std::vector<std::string_view> names;
  for (std::uint32_t i = 0; i < count; ++i) names.push_back(program_->constants[program_->kids[node.b + 2 * i]].as_string());
  std::vector<std::uint32_t> positions;
  bool fits = true;
  std::uint32_t size = 0;
  if (function.kind == FunctionKind::builtin) {
    fits = bind_names(builtins()[function.id], names, positions);
    for (auto position : positions) size = std::max(size, position + 1);
  } else {
    size = static_cast<std::uint32_t>(function.parameters.size());
    std::vector<bool> seen(size);
    for (auto name : names) {
      std::uint32_t position = 0;
      while (position < size && function.parameters[position] != name) ++position;
      if (position == size || seen[position]) {
        fits = false;
        break;
      }
      seen[position] = true;
      positions.push_back(position);
    }
    fits = fits && names.size() == size;
  }
  if (!fits) {
    std::string text = "the function has no parameters named";
    for (auto name : names) text += " '" + std::string(name) + "'";
    return null(id, "feel.null.call", text, "DMN-1.5#10.3.2.13.2");
  }
  Value* values = push(size);
  for (std::uint32_t i = 0; i < count; ++i) values[positions[i]] = eval(program_->kids[node.b + 2 * i + 1], frame);
  Value result = call(callee, {values, size}, id);
  pop(values, size);
  return result;
}

Value Evaluator::call(Value const& callee, std::span<Value> arguments, NodeId at) {
  if (!callee.is(Kind::function))
    return null_from(callee, at, "feel.null.call", "a " + kind_name(callee) + " is called as if it were a function",
                     "DMN-1.5#10.3.2.13.2");
  if (!spend(1)) return Value::null();
  auto const& function = callee.as_function();
  if (function.kind == FunctionKind::builtin) {
    auto const& builtin = builtins()[function.id];
    if (!takes(builtin, arguments.size())) {
      return null(at, "feel.null.call",
                  std::string(builtin.name) + " does not take " + std::to_string(arguments.size()) + " arguments",
                  "DMN-1.5#10.3.4");
    }
    Arguments passed{arguments.data(), static_cast<std::uint32_t>(arguments.size()), ~std::uint64_t{0}};
    return builtin.function({*this, at, builtin.name}, passed);
  }
  if (arguments.size() != function.parameters.size()) {
    return null(at, "feel.null.call",
                "the function takes " + std::to_string(function.parameters.size()) + " arguments, not " +
                    std::to_string(arguments.size()),
                "DMN-1.5#10.3.2.13.2");
  }
  if (function.kind == FunctionKind::host) return host_ ? host_->call(*this, function, arguments) : Value::null();
  if (function.program != program_)
    return null(at, "feel.null.call", "the function belongs to another model", "DMN-1.5#10.3.2.13.2");
  if (++depth_ > options_.limits.depth) {
    --depth_;
    stop("depth");
    return Value::null();
  }
  auto const& unit = program_->units[function.id];
  Value result;
  std::vector<Value> coerced;
  bool refused = false;
  for (std::size_t i = 0; i < arguments.size() && !refused; ++i) {
    auto const* type = i < unit.parameter_types.size() ? unit.parameter_types[i] : nullptr;
    if (!type || type->kind == TypeKind::any || arguments[i].is_null()) continue;
    Value changed = coerce(arguments[i], *type, function.parameters[i], at);
    if (changed.is_null()) {
      result = changed;
      refused = true;
    }
    arguments[i] = std::move(changed);
  }
  if (!refused) {
    if (function.kind == FunctionKind::external) {
      result = call_external(*this, function.captured[0], unit, arguments, at);
    } else {
      std::uint32_t slots = std::max<std::uint32_t>(unit.slots, static_cast<std::uint32_t>(arguments.size()));
      Value* frame = push(slots);
      for (std::size_t i = 0; i < arguments.size(); ++i) frame[i] = arguments[i];
      for (std::size_t i = 0; i < unit.capture_slots.size(); ++i) frame[unit.capture_slots[i]] = function.captured[i];
      result = eval(unit.root, frame);
      pop(frame, slots);
      if (unit.result_type) result = coerce(std::move(result), *unit.result_type, function.name, at);
    }
  }
  --depth_;
  return result;
}

bool Evaluator::belongs(Value const& value, Type const& type, int depth, bool constraints) {
  if (depth > 200) return false;
  if (type.kind == TypeKind::any && type.constraint == Type::kNoUnit) return true;
  if (type.base && !belongs(value, *type.base, depth + 1, constraints)) return false;
  if (value.is_null()) return depth > 0 || type.kind == TypeKind::null || type.kind == TypeKind::any;
  switch (type.kind) {
    case TypeKind::any: break;
    case TypeKind::null: return false;
    case TypeKind::boolean:
      if (!value.is(Kind::boolean)) return false;
      break;
    case TypeKind::number:
      if (!value.is(Kind::number)) return false;
      break;
    case TypeKind::string:
      if (!value.is(Kind::string)) return false;
      break;
    case TypeKind::date:
      if (!value.is(Kind::date)) return false;
      break;
    case TypeKind::time:
      if (!value.is(Kind::time)) return false;
      break;
    case TypeKind::date_time:
      if (!value.is(Kind::date_time)) return false;
      break;
    case TypeKind::years_months:
      if (!value.is(Kind::years_months)) return false;
      break;
    case TypeKind::days_time:
      if (!value.is(Kind::days_time)) return false;
      break;
    case TypeKind::list:
      if (!value.is(Kind::list)) return false;
      if (type.element) {
        if (!spend(value.items().size())) return false;
        for (auto const& item : value.items()) {
          if (!belongs(item, *type.element, depth + 1, constraints)) return false;
        }
      }
      break;
    case TypeKind::context:
      if (!value.is(Kind::context)) return false;
      for (auto const& field : type.fields) {
        auto const* found = value.as_context().find(field.name);
        if (!found || !belongs(*found, *field.type, depth + 1, constraints)) return false;
      }
      break;
    case TypeKind::range: {
      if (!value.is(Kind::range)) return false;
      if (!type.element || type.element->kind == TypeKind::any) break;
      auto const& range = value.as_range();
      if (!range.low.is_null() && !belongs(range.low, *type.element, depth + 1, constraints)) return false;
      if (!range.high.is_null() && !belongs(range.high, *type.element, depth + 1, constraints)) return false;
      break;
    }
    case TypeKind::function: {
      if (!value.is(Kind::function)) return false;
      auto const& function = value.as_function();
      if (type.parameters.empty() && !type.result) break;
      if (function.kind == FunctionKind::builtin) {
        if (!takes(builtins()[function.id], type.parameters.size())) return false;
        break;
      }
      if (function.parameters.size() != type.parameters.size()) return false;
      if (function.program != program_ || function.kind == FunctionKind::host) break;
      auto const& unit = program_->units[function.id];
      for (std::size_t i = 0; i < type.parameters.size(); ++i) {
        auto const* mine = i < unit.parameter_types.size() && unit.parameter_types[i] ? unit.parameter_types[i] : any_type();
        if (!conforms(*type.parameters[i], *mine)) return false;
      }
      auto const* result = unit.result_type ? unit.result_type : unit.type;
      if (type.result && result && result->kind != TypeKind::any && !conforms(*result, *type.result)) return false;
      break;
    }
  }
  return !constraints || type.constraint == Type::kNoUnit || passes(type.constraint, value);
}

Value Evaluator::coerce(Value value, Type const& type, std::string_view what, NodeId at) {
  if (value.is_null() || (type.kind == TypeKind::any && type.constraint == Type::kNoUnit)) return value;
  if (belongs(value, type)) return value;
  if (value.is(Kind::list) && value.items().size() == 1 && type.kind != TypeKind::list) {
    Value inner = value.items()[0];
    if (!inner.is_null() && belongs(inner, type)) return inner;
  } else if (!value.is(Kind::list) && type.kind == TypeKind::list) {
    Value wrapped = Value::list({value});
    if (belongs(wrapped, type)) return wrapped;
  } else if (value.is(Kind::date) && type.kind == TypeKind::date_time) {
    // From date to date and time: midnight UTC.
    Value moment = Value::date_time({value.as_days(), 0, {ZoneKind::offset, 0, {}}});
    if (belongs(moment, type)) return moment;
  }
  std::string text = to_string(value);
  if (text.size() > 80) text = std::string(to_string(value.kind()));
  std::string message =
      (what.empty() ? std::string("the value") : std::string(what)) + ": " + text + " is not of type " + to_string(type);
  if (!type.constraint_text.empty()) message += " (allowed: " + type.constraint_text + ")";
  return null(at, "feel.null.coercion", message, "DMN-1.5#10.3.2.9.4");
}

}  // namespace yiwang::feel

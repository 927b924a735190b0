// Context functions (DMN 1.5 §10.3.4.10) and range functions (§10.3.4.9, table 79).
#include "builtins.hpp"
#include "yiwang/feel/compile.hpp"

namespace yiwang::feel {

namespace {

Value get_value(Call const& call, Arguments& arguments) {
  if (!arguments[0].is(Kind::context)) return call.bad(arguments[0], "m", "a context");
  Value const* current = &arguments[0];
  auto step = [&](Value const& key) -> bool {
    if (!key.is(Kind::string) || !current->is(Kind::context)) return false;
    current = current->as_context().find(key.as_string());
    return current != nullptr;
  };
  if (arguments[1].is(Kind::list)) {
    if (arguments[1].items().empty()) return call.bad(arguments[1], "keys", "a list of names");
    for (auto const& key : arguments[1].items()) {
      if (!step(key)) return call.bad(key, "a key", "the name of an entry");
    }
    return *current;
  }
  if (!step(arguments[1])) return call.bad(arguments[1], "key", "the name of an entry");
  return *current;
}

Value get_entries(Call const& call, Arguments& arguments) {
  if (!arguments[0].is(Kind::context)) return call.bad(arguments[0], "m", "a context");
  std::vector<Value> entries;
  for (auto const& entry : arguments[0].as_context().entries) {
    Value one = Value::context();
    one.context_for_write().set("key", entry.key);
    one.context_for_write().set("value", entry.value);
    entries.push_back(std::move(one));
  }
  return Value::list(std::move(entries));
}

Value context_of(Call const& call, Arguments& arguments) {
  Value made = Value::context();
  std::vector<Value> wrapped;
  if (arguments[0].is(Kind::context))
    wrapped = {arguments[0]};
  else if (!arguments[0].is(Kind::list))
    return call.bad(arguments[0], "entries", "a list of contexts with key and value");
  auto const& entries = arguments[0].is(Kind::list) ? arguments[0].items() : wrapped;
  auto& context = made.context_for_write();
  for (auto const& entry : entries) {
    if (!entry.is(Kind::context)) return call.bad(entry, "an entry", "a context with key and value");
    auto const* key = entry.as_context().find("key");
    auto const* value = entry.as_context().find("value");
    if (!key || !key->is(Kind::string) || !value) return call.bad(entry, "an entry", "a context with key and value");
    if (context.find(key->as_string())) return call.because("the key '" + std::string(key->as_string()) + "' is repeated");
    context.add(*key, *value);
  }
  return made;
}

bool put(Value& target, std::vector<Value> const& keys, std::size_t at, Value const& value) {
  if (!keys[at].is(Kind::string)) return false;
  auto name = keys[at].as_string();
  if (at + 1 == keys.size()) {
    target.context_for_write().set(keys[at], value);
    return true;
  }
  auto const* inner = target.as_context().find(name);
  if (!inner || !inner->is(Kind::context)) return false;
  Value copy = *inner;
  if (!put(copy, keys, at + 1, value)) return false;
  target.context_for_write().set(keys[at], std::move(copy));
  return true;
}

Value context_put(Call const& call, Arguments& arguments) {
  if (!arguments[0].is(Kind::context)) return call.bad(arguments[0], "context", "a context");
  // A single key that is given by name comes as a fourth argument: unlike `keys` it must be a string.
  if (arguments.count == 4) {
    if (arguments.has(1) || !arguments[3].is(Kind::string)) return call.bad(arguments[3], "key", "one name");
    arguments.values[1] = arguments[3];
  }
  std::vector<Value> keys;
  if (arguments[1].is(Kind::list))
    keys = arguments[1].items();
  else
    keys = {arguments[1]};
  if (keys.empty() || keys.size() > 200) return call.bad(arguments[1], "keys", "at least one name");
  Value made = arguments[0];
  if (!put(made, keys, 0, arguments[2])) return call.bad(arguments[1], "key", "a name, or a path of names to a context");
  return made;
}

Value context_merge(Call const& call, Arguments& arguments) {
  std::vector<Value> wrapped;
  if (arguments[0].is(Kind::context))
    wrapped = {arguments[0]};
  else if (!arguments[0].is(Kind::list))
    return call.bad(arguments[0], "contexts", "a list of contexts");
  auto const& contexts = arguments[0].is(Kind::list) ? arguments[0].items() : wrapped;
  Value made = Value::context();
  for (auto const& one : contexts) {
    if (!one.is(Kind::context)) return call.bad(one, "an item", "a context");
    for (auto const& entry : one.as_context().entries) made.context_for_write().set(entry.key, entry.value);
  }
  return made;
}

/// A point is a range that holds only itself; relations below are then the table's rows in one form.
struct Span {
  Value low, high;
  bool low_closed = true, high_closed = true;
  bool is_range = false;
};

Span span_of(Value const& value) {
  Span made;
  if (value.is(Kind::range)) {
    auto const& range = value.as_range();
    made = {range.low, range.high, range.low_closed, range.high_closed, true};
  } else {
    made.low = made.high = value;
  }
  return made;
}

enum class Relation {
  before,
  after,
  meets,
  met_by,
  overlaps,
  overlaps_before,
  overlaps_after,
  finishes,
  finished_by,
  includes,
  during,
  starts,
  started_by,
  coincides
};

template <Relation R>
Value relate(Call const& call, Arguments& arguments) {
  if (arguments[0].is_null()) return call.bad(arguments[0], "the first argument", "a point or a range");
  if (arguments[1].is_null()) return call.bad(arguments[1], "the second argument", "a point or a range");
  Span a = span_of(arguments[0]), b = span_of(arguments[1]);
  auto needs_ranges = [&](bool first, bool second) { return (!first || a.is_range) && (!second || b.is_range); };
  int ll = compare(a.low, b.low), lh = compare(a.low, b.high), hl = compare(a.high, b.low), hh = compare(a.high, b.high);
  if (ll == 2 || lh == 2 || hl == 2 || hh == 2) return call.bad(arguments[1], "the second argument", "comparable with the first");
  bool result = false;
  switch (R) {
    case Relation::before: result = hl < 0 || (hl == 0 && (!a.high_closed || !b.low_closed)); break;
    case Relation::after: result = lh > 0 || (lh == 0 && (!a.low_closed || !b.high_closed)); break;
    case Relation::meets:
      if (!needs_ranges(true, true)) return call.because("two ranges are needed");
      result = hl == 0 && a.high_closed && b.low_closed;
      break;
    case Relation::met_by:
      if (!needs_ranges(true, true)) return call.because("two ranges are needed");
      result = lh == 0 && a.low_closed && b.high_closed;
      break;
    case Relation::overlaps:
      if (!needs_ranges(true, true)) return call.because("two ranges are needed");
      result = (hl > 0 || (hl == 0 && a.high_closed && b.low_closed)) && (lh < 0 || (lh == 0 && a.low_closed && b.high_closed));
      break;
    case Relation::overlaps_before:
      if (!needs_ranges(true, true)) return call.because("two ranges are needed");
      result = (ll < 0 || (ll == 0 && a.low_closed && !b.low_closed)) && (hl > 0 || (hl == 0 && a.high_closed && b.low_closed)) &&
               (hh < 0 || (hh == 0 && (!a.high_closed || b.high_closed)));
      break;
    case Relation::overlaps_after:
      if (!needs_ranges(true, true)) return call.because("two ranges are needed");
      result = (ll > 0 || (ll == 0 && b.low_closed && !a.low_closed)) && (lh < 0 || (lh == 0 && b.high_closed && a.low_closed)) &&
               (hh > 0 || (hh == 0 && (!b.high_closed || a.high_closed)));
      break;
    case Relation::finishes:
      if (!needs_ranges(false, true)) return call.because("the second argument must be a range");
      result = hh == 0 && a.high_closed == b.high_closed && (a.is_range || b.high_closed) &&
               (ll > 0 || (ll == 0 && (!a.low_closed || b.low_closed)));
      break;
    case Relation::finished_by:
      if (!needs_ranges(true, false)) return call.because("the first argument must be a range");
      result = hh == 0 && a.high_closed == b.high_closed && (ll < 0 || (ll == 0 && (a.low_closed || !b.low_closed)));
      break;
    case Relation::includes:
      if (!needs_ranges(true, false)) return call.because("the first argument must be a range");
      result =
          (ll < 0 || (ll == 0 && (a.low_closed || !b.low_closed))) && (hh > 0 || (hh == 0 && (a.high_closed || !b.high_closed)));
      break;
    case Relation::during:
      if (!needs_ranges(false, true)) return call.because("the second argument must be a range");
      result =
          (ll > 0 || (ll == 0 && (b.low_closed || !a.low_closed))) && (hh < 0 || (hh == 0 && (b.high_closed || !a.high_closed)));
      break;
    case Relation::starts:
      if (!needs_ranges(false, true)) return call.because("the second argument must be a range");
      result = ll == 0 && a.low_closed == b.low_closed && (hh < 0 || (hh == 0 && (!a.high_closed || b.high_closed)));
      break;
    case Relation::started_by:
      if (!needs_ranges(true, false)) return call.because("the first argument must be a range");
      result = ll == 0 && a.low_closed == b.low_closed && (hh > 0 || (hh == 0 && (a.high_closed || !b.high_closed)));
      break;
    case Relation::coincides:
      if (a.is_range != b.is_range) return call.because("two points or two ranges are needed");
      result = ll == 0 && hh == 0 && a.low_closed == b.low_closed && a.high_closed == b.high_closed;
      break;
  }
  return Value::boolean(result);
}

/// range(from): the text of an interval whose ends are literals (DMN 1.5 table 72).
Value range_from(Call const& call, Arguments& arguments) {
  auto const& from = arguments[0];
  if (!from.is(Kind::string)) return call.bad(from, "from", "the text of an interval");
  // The text is compiled on its own, without any name in scope, and must come out as a constant interval.
  Program program;
  Compiler compiler(program);
  FunctionState function;
  Scope scope;
  scope.function = &function;
  auto typed = compiler.expression(from.as_string(), scope);
  if (!typed || !compiler.errors().empty()) return call.bad(from, "from", "the text of an interval");
  auto const& root = program.nodes[typed->node];
  bool fine = root.op == Op::constant ? program.constants[root.a].is(Kind::range) : root.op == Op::range && (root.flag & 12) == 0;
  if (!fine) return call.bad(from, "from", "the text of an interval");
  if (root.op == Op::range) {
    for (NodeId end : {root.a, root.b}) {
      auto const& node = program.nodes[end];
      bool literal = node.op == Op::constant;
      if (node.op == Op::call_builtin) {
        auto name = builtins()[node.a].name;
        literal = name == "date" || name == "time" || name == "date and time" || name == "duration" || name == "@";
        for (std::uint32_t i = 0; i < node.c; ++i)
          literal = literal && program.nodes[program.kids[node.b + i]].op == Op::constant;
      }
      if (!literal) return call.bad(from, "from", "an interval whose ends are literals");
    }
  }
  compiler.add_unit(*typed, function);
  EvaluateOptions options = call.evaluator.options();
  Evaluator evaluator(program, options);
  Value made = evaluator.run(static_cast<std::uint32_t>(program.units.size() - 1));
  if (!made.is(Kind::range)) return call.bad(from, "from", "the text of an interval");
  auto const& range = made.as_range();
  if (range.low.is_null() || range.high.is_null() || compare(range.low, range.high) > 0)
    return call.bad(from, "from", "an interval that does not run backwards");
  return Value::range(range.low, range.high, range.low_closed, range.high_closed);
}

}  // namespace

void add_context_builtins(std::vector<Builtin>& table) {
  auto add = [&](std::string_view name, std::string_view parameters, BuiltinFunction function, TypeKind result) {
    table.push_back({name, parameters, function, result});
  };
  add("get value", "m,key|context,key|context,keys", get_value, TypeKind::any);
  add("get entries", "m|context", get_entries, TypeKind::list);
  add("context", "entries", context_of, TypeKind::context);
  add("context put", "context,keys,value|context,?,value,key", context_put, TypeKind::context);
  add("context merge", "contexts", context_merge, TypeKind::context);
}

void add_range_builtins(std::vector<Builtin>& table) {
  constexpr std::string_view any_pair = "point1,point2|point,range|range,point|range1,range2";
  constexpr std::string_view ranges = "range1,range2";
  auto add = [&](std::string_view name, std::string_view parameters, BuiltinFunction function) {
    table.push_back({name, parameters, function, TypeKind::boolean});
  };
  add("before", any_pair, relate<Relation::before>);
  add("after", any_pair, relate<Relation::after>);
  add("meets", ranges, relate<Relation::meets>);
  add("met by", ranges, relate<Relation::met_by>);
  add("overlaps", ranges, relate<Relation::overlaps>);
  add("overlaps before", ranges, relate<Relation::overlaps_before>);
  add("overlaps after", ranges, relate<Relation::overlaps_after>);
  add("finishes", "point,range|range1,range2", relate<Relation::finishes>);
  add("finished by", "range,point|range1,range2", relate<Relation::finished_by>);
  add("includes", "range,point|range1,range2", relate<Relation::includes>);
  add("during", "point,range|range1,range2", relate<Relation::during>);
  add("starts", "point,range|range1,range2", relate<Relation::starts>);
  add("started by", "range,point|range1,range2", relate<Relation::started_by>);
  add("coincides", "point1,point2|range1,range2", relate<Relation::coincides>);
  table.push_back({"range", "from", range_from, TypeKind::range});
}

}  // namespace yiwang::feel

// List functions (DMN 1.5 §10.3.4.4).
#include "builtins.hpp"

namespace yiwang::feel {

namespace {

/// A list argument; any other value but null counts as a list of one.
bool list_of(Value const& value, std::vector<Value>& out) {
  if (value.is(Kind::list)) {
    out = value.items();
    return true;
  }
  if (value.is_null()) return false;
  out = {value};
  return true;
}

/// `f(list)` and `f(a, b, …)` alike.
bool gather(Arguments& arguments, std::vector<Value>& out) {
  if (arguments.count == 1) return list_of(arguments[0], out);
  out.assign(arguments.values, arguments.values + arguments.count);
  return true;
}

Value whole_list(Call const& call, Arguments& arguments, Value (*f)(Call const&, std::vector<Value>&)) {
  std::vector<Value> items;
  if (!gather(arguments, items)) return call.bad(arguments[0], "list", "a list");
  if (!call.evaluator.spend(items.size())) return Value::null();
  return f(call, items);
}

template <Value (*F)(Call const&, std::vector<Value>&)>
Value over_list(Call const& call, Arguments& arguments) {
  return whole_list(call, arguments, F);
}

Value extreme(Call const& call, std::vector<Value>& items, int wanted) {
  if (items.empty()) return call.because("the list is empty");
  Value best = items[0];
  for (std::size_t i = 0; i < items.size(); ++i) {
    int order = compare(items[i], best);
    if (order == 2) return call.bad(items[i], "an item", "comparable with the others");
    if (order == wanted) best = items[i];
  }
  return best;
}
Value minimum(Call const& call, std::vector<Value>& items) { return extreme(call, items, -1); }
Value maximum(Call const& call, std::vector<Value>& items) { return extreme(call, items, 1); }

bool numbers_only(Call const& call, std::vector<Value> const& items, Value& problem) {
  for (auto const& item : items) {
    if (!item.is(Kind::number)) {
      problem = call.bad(item, "an item", "a number");
      return false;
    }
  }
  return true;
}

Value sum(Call const& call, std::vector<Value>& items) {
  Value problem;
  if (items.empty()) return call.because("the list is empty");
  if (!items[0].is(Kind::number) && !items[0].is_null() && items[0].kind() != Kind::string && items[0].kind() != Kind::list) {
    // Durations add up as well.
    Value total = items[0];
    for (std::size_t i = 1; i < items.size(); ++i) {
      if (items[i].kind() != total.kind()) return call.bad(items[i], "an item", "of the kind of the others");
      total = arithmetic(call.evaluator, call.at, Op::add, total, items[i]);
    }
    if (total.is(Kind::years_months) || total.is(Kind::days_time)) return total;
  }
  if (!numbers_only(call, items, problem)) return problem;
  Decimal total(0);
  for (auto const& item : items) {
    if (!Decimal::add(total, item.as_number(), total)) return call.because("the sum is out of range");
  }
  return Value::number(total);
}

Value product(Call const& call, std::vector<Value>& items) {
  Value problem;
  if (items.empty()) return call.because("the list is empty");
  if (!numbers_only(call, items, problem)) return problem;
  Decimal total(1);
  for (auto const& item : items) {
    if (!Decimal::multiply(total, item.as_number(), total)) return call.because("the product is out of range");
  }
  return Value::number(total);
}

bool mean_of(std::vector<Value> const& items, Decimal& out) {
  Decimal total(0);
  for (auto const& item : items) {
    if (!Decimal::add(total, item.as_number(), total)) return false;
  }
  return Decimal::divide(total, Decimal(static_cast<std::int64_t>(items.size())), out);
}

Value mean(Call const& call, std::vector<Value>& items) {
  Value problem;
  if (items.empty()) return call.because("the list is empty");
  if (!numbers_only(call, items, problem)) return problem;
  Decimal out;
  if (!mean_of(items, out)) return call.because("the mean is out of range");
  return Value::number(out);
}

void sort_numbers(std::vector<Value>& items) {
  std::stable_sort(items.begin(), items.end(),
                   [](Value const& a, Value const& b) { return Decimal::compare(a.as_number(), b.as_number()) < 0; });
}

Value median(Call const& call, std::vector<Value>& items) {
  Value problem;
  if (items.empty()) return call.because("the list is empty");
  if (!numbers_only(call, items, problem)) return problem;
  sort_numbers(items);
  std::size_t half = items.size() / 2;
  if (items.size() % 2) return items[half];
  Decimal out;
  if (!mean_of({items[half - 1], items[half]}, out)) return call.because("the median is out of range");
  return Value::number(out);
}

Value stddev(Call const& call, std::vector<Value>& items) {
  Value problem;
  if (items.size() < 2) return call.because("a standard deviation needs two numbers");
  if (!numbers_only(call, items, problem)) return problem;
  Decimal middle, total(0), out;
  bool fine = mean_of(items, middle);
  for (auto const& item : items) {
    Decimal difference, square;
    fine = fine && Decimal::subtract(item.as_number(), middle, difference) && Decimal::multiply(difference, difference, square) &&
           Decimal::add(total, square, total);
  }
  fine = fine && Decimal::divide(total, Decimal(static_cast<std::int64_t>(items.size()) - 1), out) && Decimal::sqrt(out, out);
  return fine ? Value::number(out) : call.because("the standard deviation is out of range");
}

Value mode(Call const& call, std::vector<Value>& items) {
  Value problem;
  if (!numbers_only(call, items, problem)) return problem;
  sort_numbers(items);
  std::vector<Value> best;
  std::size_t most = 0;
  for (std::size_t i = 0; i < items.size();) {
    std::size_t j = i;
    while (j < items.size() && items[j].as_number() == items[i].as_number()) ++j;
    if (j - i > most) best.clear();
    if (j - i >= most) best.push_back(items[i]);
    most = std::max(most, j - i);
    i = j;
  }
  return Value::list(std::move(best));
}

Value quantify(Call const& call, std::vector<Value>& items, bool wanted) {
  Value missing;
  bool some_null = false;
  for (auto const& item : items) {
    if (item.is(Kind::boolean)) {
      if (item.as_boolean() == wanted) return Value::boolean(wanted);
    } else {
      some_null = true;
      missing = item;
    }
  }
  if (some_null) return call.bad(missing, "an item", "a boolean");
  return Value::boolean(!wanted);
}
Value all(Call const& call, std::vector<Value>& items) { return quantify(call, items, false); }
Value any(Call const& call, std::vector<Value>& items) { return quantify(call, items, true); }

Value count(Call const& call, Arguments& arguments) {
  std::vector<Value> items;
  if (arguments[0].is(Kind::list)) return Value::number(static_cast<std::int64_t>(arguments[0].items().size()));
  if (!list_of(arguments[0], items)) return call.bad(arguments[0], "list", "a list");
  return Value::number(1);
}

bool same(Value const& a, Value const& b) { return equals(a, b) == Tri::yes; }

Value list_contains(Call const& call, Arguments& arguments) {
  std::vector<Value> wrapped;
  if (!arguments[0].is(Kind::list) && !list_of(arguments[0], wrapped)) return call.bad(arguments[0], "list", "a list");
  auto const& items = arguments[0].is(Kind::list) ? arguments[0].items() : wrapped;
  if (!call.evaluator.spend(items.size())) return Value::null();
  for (auto const& item : items) {
    if (same(item, arguments[1])) return Value::boolean(true);
  }
  return Value::boolean(false);
}

/// A 1-based or negative position turned into an index; false when outside [0, size).
bool index_of_position(std::int64_t position, std::size_t size, std::size_t& index) {
  auto n = static_cast<std::int64_t>(size);
  if (position > 0 && position <= n)
    index = static_cast<std::size_t>(position - 1);
  else if (position < 0 && -position <= n)
    index = static_cast<std::size_t>(n + position);
  else
    return false;
  return true;
}

Value sublist(Call const& call, Arguments& arguments) {
  std::vector<Value> items;
  if (!list_of(arguments[0], items)) return call.bad(arguments[0], "list", "a list");
  std::int64_t start = 0, length = 0;
  if (!integer_of(arguments[1], start)) return call.bad(arguments[1], "start position", "a whole number");
  std::size_t from = 0;
  if (!index_of_position(start, items.size(), from)) return call.bad(arguments[1], "start position", "inside the list");
  std::size_t end = items.size();
  if (arguments.has(2)) {
    if (!integer_of(arguments[2], length)) return call.bad(arguments[2], "length", "a whole number");
    if (length < 1 || static_cast<std::uint64_t>(length) > end - from)
      return call.bad(arguments[2], "length", "positive and within the list");
    end = from + static_cast<std::size_t>(length);
  }
  return Value::list({items.begin() + static_cast<std::ptrdiff_t>(from), items.begin() + static_cast<std::ptrdiff_t>(end)});
}

Value append(Call const& call, Arguments& arguments) {
  std::vector<Value> items;
  if (!list_of(arguments[0], items)) return call.bad(arguments[0], "list", "a list");
  items.insert(items.end(), arguments.values + 1, arguments.values + arguments.count);
  return Value::list(std::move(items));
}

bool join_lists(Call const& call, Arguments& arguments, std::vector<Value>& items, Value& problem) {
  for (std::uint32_t i = 0; i < arguments.count; ++i) {
    std::vector<Value> one;
    if (!list_of(arguments[i], one)) {
      problem = call.bad(arguments[i], "list", "a list");
      return false;
    }
    items.insert(items.end(), one.begin(), one.end());
  }
  return call.evaluator.spend(items.size());
}

Value concatenate(Call const& call, Arguments& arguments) {
  std::vector<Value> items;
  Value problem;
  if (!join_lists(call, arguments, items, problem)) return problem;
  return Value::list(std::move(items));
}

std::vector<Value> distinct(Call const& call, std::vector<Value> const& items) {
  std::vector<Value> kept;
  for (auto const& item : items) {
    bool known = false;
    if (!call.evaluator.spend(kept.size() + 1)) break;
    for (auto const& other : kept) known = known || same(item, other);
    if (!known) kept.push_back(item);
  }
  return kept;
}

Value union_of(Call const& call, Arguments& arguments) {
  std::vector<Value> items;
  Value problem;
  if (!join_lists(call, arguments, items, problem)) return problem;
  return Value::list(distinct(call, items));
}

Value distinct_values(Call const& call, Arguments& arguments) {
  std::vector<Value> items;
  if (!list_of(arguments[0], items)) return call.bad(arguments[0], "list", "a list");
  return Value::list(distinct(call, items));
}

Value insert_before(Call const& call, Arguments& arguments) {
  std::vector<Value> items;
  if (!list_of(arguments[0], items)) return call.bad(arguments[0], "list", "a list");
  std::int64_t position = 0;
  std::size_t index = 0;
  if (!integer_of(arguments[1], position)) return call.bad(arguments[1], "position", "a whole number");
  if (!index_of_position(position, items.size(), index)) return call.bad(arguments[1], "position", "inside the list");
  items.insert(items.begin() + static_cast<std::ptrdiff_t>(index), arguments[2]);
  return Value::list(std::move(items));
}

Value remove(Call const& call, Arguments& arguments) {
  std::vector<Value> items;
  if (!list_of(arguments[0], items)) return call.bad(arguments[0], "list", "a list");
  std::int64_t position = 0;
  std::size_t index = 0;
  if (!integer_of(arguments[1], position)) return call.bad(arguments[1], "position", "a whole number");
  if (!index_of_position(position, items.size(), index)) return call.bad(arguments[1], "position", "inside the list");
  items.erase(items.begin() + static_cast<std::ptrdiff_t>(index));
  return Value::list(std::move(items));
}

Value reverse(Call const& call, Arguments& arguments) {
  std::vector<Value> items;
  if (!list_of(arguments[0], items)) return call.bad(arguments[0], "list", "a list");
  std::reverse(items.begin(), items.end());
  return Value::list(std::move(items));
}

Value index_of(Call const& call, Arguments& arguments) {
  std::vector<Value> items, found;
  if (!list_of(arguments[0], items)) return call.bad(arguments[0], "list", "a list");
  for (std::size_t i = 0; i < items.size(); ++i) {
    if (same(items[i], arguments[1])) found.push_back(Value::number(static_cast<std::int64_t>(i + 1)));
  }
  return Value::list(std::move(found));
}

bool flatten_into(Call const& call, Value const& value, std::vector<Value>& out, int depth) {
  if (depth > 200 || !call.evaluator.spend(1)) return false;
  for (auto const& item : value.items()) {
    if (item.is(Kind::list)) {
      if (!flatten_into(call, item, out, depth + 1)) return false;
    } else {
      out.push_back(item);
    }
  }
  return true;
}

Value flatten(Call const& call, Arguments& arguments) {
  if (arguments[0].is_null()) return call.bad(arguments[0], "list", "a list");
  std::vector<Value> items;
  if (!arguments[0].is(Kind::list)) return Value::list({arguments[0]});
  if (!flatten_into(call, arguments[0], items, 0)) return call.because("the list is nested too deeply");
  return Value::list(std::move(items));
}

/// A merge sort that asks `precedes(a, b)`; any function gives some order and no crash.
bool merge_sort(Call const& call, Value const& precedes, std::vector<Value>& items, Value& problem) {
  std::vector<Value> scratch(items.size());
  for (std::size_t width = 1; width < items.size(); width *= 2) {
    for (std::size_t left = 0; left < items.size(); left += 2 * width) {
      std::size_t middle = std::min(left + width, items.size()), right = std::min(left + 2 * width, items.size());
      std::size_t i = left, j = middle, k = left;
      while (i < middle && j < right) {
        bool second_first = false;
        if (precedes.is_null()) {
          int order = compare(items[j], items[i]);
          if (order == 2) {
            problem = call.bad(items[j], "an item", "comparable with the others");
            return false;
          }
          second_first = order < 0;
        } else {
          Value pair[2] = {items[j], items[i]};
          Value answer = call.evaluator.call(precedes, pair, call.at);
          if (!answer.is(Kind::boolean)) {
            problem = call.bad(answer, "precedes", "a function that gives booleans");
            return false;
          }
          second_first = answer.as_boolean();
        }
        scratch[k++] = second_first ? items[j++] : items[i++];
      }
      while (i < middle) scratch[k++] = items[i++];
      while (j < right) scratch[k++] = items[j++];
    }
    std::swap(items, scratch);
  }
  return true;
}

Value sort(Call const& call, Arguments& arguments) {
  std::vector<Value> items;
  if (!list_of(arguments[0], items)) return call.bad(arguments[0], "list", "a list");
  Value precedes;
  if (arguments.has(1)) {
    if (!arguments[1].is(Kind::function)) return call.bad(arguments[1], "precedes", "a function");
    precedes = arguments[1];
  }
  Value problem;
  if (!merge_sort(call, precedes, items, problem)) return problem;
  return Value::list(std::move(items));
}

Value list_replace(Call const& call, Arguments& arguments) {
  std::vector<Value> items;
  if (!list_of(arguments[0], items)) return call.bad(arguments[0], "list", "a list");
  auto const& where = arguments[1];
  if (where.is(Kind::function)) {
    if (where.as_function().kind != FunctionKind::builtin && where.as_function().parameters.size() != 2) {
      return call.bad(where, "match", "a function of an item and the new item");
    }
    for (auto& item : items) {
      Value pair[2] = {item, arguments[2]};
      Value answer = call.evaluator.call(where, pair, call.at);
      if (!answer.is(Kind::boolean)) return call.bad(answer, "match", "a function that gives booleans");
      if (answer.as_boolean()) item = arguments[2];
    }
    return Value::list(std::move(items));
  }
  std::int64_t position = 0;
  std::size_t index = 0;
  if (!integer_of(where, position)) return call.bad(where, "position", "a whole number or a function");
  if (!index_of_position(position, items.size(), index)) return call.bad(where, "position", "inside the list");
  items[index] = arguments[2];
  return Value::list(std::move(items));
}

}  // namespace

void add_list_builtins(std::vector<Builtin>& table) {
  auto add = [&](std::string_view name, std::string_view parameters, BuiltinFunction function, TypeKind result = TypeKind::list) {
    table.push_back({name, parameters, function, result});
  };
  add("list contains", "list,element", list_contains, TypeKind::boolean);
  add("count", "list", count, TypeKind::number);
  add("min", "*list", over_list<minimum>, TypeKind::any);
  add("max", "*list", over_list<maximum>, TypeKind::any);
  add("sum", "*list", over_list<sum>, TypeKind::any);
  add("mean", "*list", over_list<mean>, TypeKind::number);
  add("median", "*list", over_list<median>, TypeKind::number);
  add("stddev", "*list", over_list<stddev>, TypeKind::number);
  add("mode", "*list", over_list<mode>);
  add("product", "*list", over_list<product>, TypeKind::number);
  add("all", "*list", over_list<all>, TypeKind::boolean);
  add("any", "*list", over_list<any>, TypeKind::boolean);
  add("sublist", "list,start position,?length", sublist);
  add("append", "list,*item", append);
  add("concatenate", "*list", concatenate);
  add("insert before", "list,position,newItem", insert_before);
  add("remove", "list,position", remove);
  add("reverse", "list", reverse);
  add("index of", "list,match", index_of);
  add("union", "*list", union_of);
  add("distinct values", "list", distinct_values);
  add("flatten", "list", flatten);
  add("sort", "list,?precedes", sort);
  add("list replace", "list,position,newItem|list,match,newItem", list_replace);
}

}  // namespace yiwang::feel

#include "index.hpp"

#include <algorithm>

namespace yiwang::dmn {

using feel::Kind;
using feel::NodeId;
using feel::Op;
using feel::Value;

namespace {

Value const* constant_of(feel::Program const& program, NodeId id) {
  auto const& node = program.nodes[id];
  return node.op == Op::constant ? &program.constants[node.a] : nullptr;
}

bool is_indexable(Value const& value) {
  return value.is(Kind::number) || value.is(Kind::string) || value.is(Kind::date) || value.is(Kind::boolean) ||
         value.is(Kind::years_months);
}

bool add_value(Value const& value, CellSet& out) {
  if (value.is(Kind::range)) {
    auto const& range = value.as_range();
    if (range.unary == static_cast<std::uint8_t>(Op::not_equal)) return false;
    Interval one;
    if (!range.low_open_ended) {
      if (!is_indexable(range.low)) return false;
      one.low = range.low;
    }
    if (!range.high_open_ended) {
      if (!is_indexable(range.high)) return false;
      one.high = range.high;
    }
    one.low_closed = range.low_closed;
    one.high_closed = range.high_closed;
    out.intervals.push_back(std::move(one));
    return true;
  }
  if (value.is(Kind::list)) {
    for (auto const& item : value.items()) {
      if (item.is(Kind::list) || !add_value(item, out)) return false;
    }
    return true;
  }
  if (!is_indexable(value)) return false;
  out.intervals.push_back({value, value, true, true});
  return true;
}

bool read_positive(feel::Program const& program, NodeId id, CellSet& out) {
  auto const& node = program.nodes[id];
  switch (node.op) {
    case Op::test_any: out.any = true; return true;
    case Op::tests:
      for (std::uint32_t i = 0; i < node.b; ++i) {
        if (!read_positive(program, program.kids[node.a + i], out) || out.any) return false;
      }
      return true;
    case Op::test_compare: {
      auto const* end = constant_of(program, node.a);
      if (!end || !is_indexable(*end)) return false;
      Interval one;
      switch (static_cast<Op>(node.flag)) {
        case Op::less: one.high = *end; break;
        case Op::less_equal:
          one.high = *end;
          one.high_closed = true;
          break;
        case Op::greater: one.low = *end; break;
        case Op::greater_equal:
          one.low = *end;
          one.low_closed = true;
          break;
        case Op::equal: one = {*end, *end, true, true}; break;
        default: return false;
      }
      // Booleans have no order.
      if (end->is(Kind::boolean) && static_cast<Op>(node.flag) != Op::equal) return false;
      out.intervals.push_back(std::move(one));
      return true;
    }
    case Op::test_value: {
      if (node.flag == 1) return false;
      auto const* value = constant_of(program, node.a);
      return value && add_value(*value, out);
    }
    default: return false;
  }
}

/// The limit of one table's index; larger tables are matched rule by rule.
constexpr std::size_t kIndexBytes = std::size_t{1} << 30;

bool inside(Interval const& interval, Value const& value) {
  if (!interval.low.is_null()) {
    int order =
        value.is(Kind::boolean) ? (value.as_boolean() == interval.low.as_boolean() ? 0 : -1) : feel::compare(value, interval.low);
    if (order < 0 || (order == 0 && !interval.low_closed)) return false;
  }
  if (!interval.high.is_null()) {
    int order = value.is(Kind::boolean) ? (value.as_boolean() == interval.high.as_boolean() ? 0 : 1)
                                        : feel::compare(value, interval.high);
    if (order > 0 || (order == 0 && !interval.high_closed)) return false;
  }
  return true;
}

bool scale_to(Decimal value, int exponent, std::int64_t& out) {
  Decimal shifted;
  if (!Decimal::multiply(value, Decimal::pack(1, -exponent), shifted)) return false;
  return shifted.to_int64(out) && out < (std::int64_t{1} << 61) && out > -(std::int64_t{1} << 61);
}

}  // namespace

bool read_cell(feel::Program const& program, NodeId tests, CellSet& out) {
  auto const& node = program.nodes[tests];
  if (node.op == Op::test_not) {
    out.negated = true;
    return read_positive(program, node.a, out) && !out.any;
  }
  return read_positive(program, tests, out);
}

namespace {

/// Length, first and last eight bytes: enough to tell short texts apart; collisions are compared.
std::size_t text_hash(std::string_view text) {
  std::uint64_t head = 0, tail = 0;
  if (text.empty()) return 0;
  std::size_t n = std::min<std::size_t>(text.size(), 8);
  __builtin_memcpy(&head, text.data(), n);
  __builtin_memcpy(&tail, text.data() + text.size() - n, n);
  std::uint64_t hash = (head ^ (tail * 0x9E3779B97F4A7C15ULL) ^ text.size()) * 0xD6E8FEB86659FD93ULL;
  return static_cast<std::size_t>(hash ^ hash >> 32);
}

}  // namespace

bool TableIndex::segment(Axis const& axis, Value const& value, std::uint32_t& out) {
  if (axis.kind == Kind::null) {
    out = 0;
    return true;
  }
  if (value.kind() != axis.kind) return false;
  std::int64_t key = 0;
  switch (axis.kind) {
    case Kind::boolean: out = value.as_boolean() ? 1 : 0; return true;
    case Kind::string: {
      auto text = value.as_string();
      std::size_t mask = axis.hashed.size() - 1;
      for (std::size_t at = text_hash(text) & mask;; at = (at + 1) & mask) {
        auto const& entry = axis.hashed[at];
        if (entry.second == 0 || entry.first == text) {
          out = entry.second;
          return true;
        }
      }
    }
    case Kind::date: key = value.as_days(); break;
    case Kind::years_months: key = value.as_months(); break;
    default: {
      Decimal number = value.as_number();
      if (axis.scaled && number.exponent() == axis.exponent && number.is_small()) {
        key = number.small();
      } else {
        bool exact = false;
        if (axis.scaled && number.is_small() && number.exponent() > axis.exponent && number.exponent() - axis.exponent <= 9) {
          static constexpr std::int64_t kPower[] = {1,       10,        100,        1000,        10'000,
                                                    100'000, 1'000'000, 10'000'000, 100'000'000, 1'000'000'000};
          exact = !__builtin_mul_overflow(number.small(), kPower[number.exponent() - axis.exponent], &key);
        }
        if (!exact) {
          auto const& points = axis.decimal_points;
          auto at = std::lower_bound(points.begin(), points.end(), number) - points.begin();
          auto i = static_cast<std::uint32_t>(at);
          out = i < points.size() && points[i] == number ? 2 * i + 1 : 2 * i;
          return true;
        }
      }
    }
  }
  if (!axis.direct.empty()) {
    std::int64_t offset = key - axis.direct_first;
    auto last = static_cast<std::int64_t>(axis.direct.size()) - 1;
    out = axis.direct[static_cast<std::size_t>(offset < 0 ? 0 : offset > last ? last : offset)];
    return true;
  }
  std::int64_t const* base = axis.points.data();
  std::size_t n = axis.points.size();
  while (n > 0) {
    std::size_t half = n / 2;
    bool right = base[half] < key;
    base = right ? base + half + 1 : base;
    n = right ? n - half - 1 : half;
  }
  auto i = static_cast<std::uint32_t>(base - axis.points.data());
  out = i < axis.points.size() && axis.points[i] == key ? 2 * i + 1 : 2 * i;
  return true;
}

namespace {

bool build_axis(std::vector<CellSet> const& cells, std::uint32_t words, std::size_t& memory, TableIndex::Axis& axis) {
  auto rules = static_cast<std::uint32_t>(cells.size());
  std::vector<Value> bounds;
  bool ordered = false;
  for (auto const& cell : cells) {
    for (auto const& interval : cell.intervals) {
      for (auto const* end : {&interval.low, &interval.high}) {
        if (end->is_null()) continue;
        if (axis.kind == Kind::null) axis.kind = end->kind();
        if (end->kind() != axis.kind) return false;
        bounds.push_back(*end);
      }
      bool point =
          !interval.low.is_null() && !interval.high.is_null() && feel::equals(interval.low, interval.high) == feel::Tri::yes;
      ordered = ordered || !point;
    }
    if (cell.negated && cell.intervals.empty()) return false;
  }
  auto matches = [&](CellSet const& cell, Value const& value) {
    if (cell.any) return true;
    bool in = false;
    for (auto const& interval : cell.intervals) in = in || inside(interval, value);
    return in != cell.negated;
  };
  auto set_row = [&](std::uint32_t segment, auto const& test) {
    for (std::uint32_t rule = 0; rule < rules; ++rule) {
      if (test(cells[rule])) axis.bits[segment * words + rule / 64] |= std::uint64_t{1} << (rule % 64);
    }
  };
  if (axis.kind == Kind::null) {
    axis.bits.assign(words, 0);
    set_row(0, [](CellSet const&) { return true; });
    return true;
  }
  if (axis.kind == Kind::boolean) {
    axis.bits.assign(2 * words, 0);
    set_row(0, [&](CellSet const& cell) { return matches(cell, Value::boolean(false)); });
    set_row(1, [&](CellSet const& cell) { return matches(cell, Value::boolean(true)); });
    return true;
  }
  if (axis.kind == Kind::string) {
    if (ordered) return false;
    for (auto const& bound : bounds)
      axis.strings.try_emplace(std::string(bound.as_string()), static_cast<std::uint32_t>(axis.strings.size() + 1));
    memory += (axis.strings.size() + 1) * words * 8;
    if (memory > kIndexBytes) return false;
    std::size_t capacity = 8;
    while (capacity < axis.strings.size() * 2) capacity *= 2;
    axis.hashed.resize(capacity);
    for (auto const& [text, segment] : axis.strings) {
      std::size_t at = text_hash(text) & (capacity - 1);
      while (axis.hashed[at].second != 0) at = (at + 1) & (capacity - 1);
      axis.hashed[at] = {text, segment};
    }
    axis.bits.assign((axis.strings.size() + 1) * words, 0);
    // Row 0: any other text.
    set_row(0, [](CellSet const& cell) { return cell.any || cell.negated; });
    for (auto const& [text, segment] : axis.strings) {
      Value value = Value::string(text);
      set_row(segment, [&](CellSet const& cell) { return matches(cell, value); });
    }
    return true;
  }
  std::sort(bounds.begin(), bounds.end(), [](Value const& a, Value const& b) { return feel::compare(a, b) < 0; });
  bounds.erase(std::unique(bounds.begin(), bounds.end(), [](Value const& a, Value const& b) { return feel::compare(a, b) == 0; }),
               bounds.end());
  if (axis.kind == Kind::number) {
    axis.scaled = true;
    for (auto const& bound : bounds) {
      Decimal plain = bound.as_number().normalized();
      axis.exponent = std::min(axis.exponent, plain.exponent());
      axis.decimal_points.push_back(plain);
    }
    for (auto const& point : axis.decimal_points) {
      std::int64_t scaled = 0;
      if (!scale_to(point, axis.exponent, scaled)) {
        axis.scaled = false;
        break;
      }
      axis.points.push_back(scaled);
    }
  } else {
    axis.scaled = true;
    for (auto const& bound : bounds) axis.points.push_back(axis.kind == Kind::date ? bound.as_days() : bound.as_months());
  }
  // Segments differ only at boundaries, so each rule sets a stretch of them: rules × stretch, not rules × values.
  auto n = static_cast<std::uint32_t>(bounds.size());
  memory += static_cast<std::size_t>(2 * n + 1) * words * 8;
  if (memory > kIndexBytes) return false;
  axis.bits.assign(static_cast<std::size_t>(2 * n + 1) * words, 0);
  auto position = [&](Value const& value) {
    return static_cast<std::uint32_t>(std::lower_bound(bounds.begin(), bounds.end(), value,
                                                       [](Value const& a, Value const& b) { return feel::compare(a, b) < 0; }) -
                                      bounds.begin());
  };
  std::vector<std::uint8_t> row(2 * n + 1);
  for (std::uint32_t rule = 0; rule < rules; ++rule) {
    auto const& cell = cells[rule];
    std::fill(row.begin(), row.end(), cell.any ? 1 : 0);
    for (auto const& interval : cell.intervals) {
      std::uint32_t from = interval.low.is_null() ? 0 : 2 * position(interval.low) + (interval.low_closed ? 1 : 2);
      std::uint32_t to = interval.high.is_null() ? 2 * n + 1 : 2 * position(interval.high) + (interval.high_closed ? 2 : 1);
      for (std::uint32_t i = from; i < to; ++i) row[i] = 1;
    }
    for (std::uint32_t i = 0; i <= 2 * n; ++i) {
      if ((row[i] != 0) != cell.negated)
        axis.bits[static_cast<std::size_t>(i) * words + rule / 64] |= std::uint64_t{1} << (rule % 64);
    }
  }
  if (axis.scaled && !axis.points.empty() && axis.points.back() - axis.points.front() < 4096) {
    axis.direct_first = axis.points.front() - 1;
    auto last = axis.points.back() + 1;
    for (std::int64_t key = axis.direct_first; key <= last; ++key) {
      auto at = static_cast<std::uint32_t>(std::lower_bound(axis.points.begin(), axis.points.end(), key) - axis.points.begin());
      axis.direct.push_back(at < axis.points.size() && axis.points[at] == key ? 2 * at + 1 : 2 * at);
    }
  }
  return true;
}

}  // namespace

void build_index(feel::Program const& program, Table& table) {
  // Constant results first: they do not depend on the conditions.
  bool constant = !table.rules.empty();
  for (auto const& rule : table.rules) {
    for (auto output : rule.outputs) constant = constant && constant_of(program, output);
  }
  if (constant) {
    for (auto const& rule : table.rules) {
      Value made;
      if (table.outputs.size() == 1) {
        made = *constant_of(program, rule.outputs[0]);
      } else {
        made = Value::context();
        auto& context = made.context_for_write();
        for (std::size_t i = 0; i < rule.outputs.size(); ++i)
          context.add(program.constants[table.outputs[i].key], *constant_of(program, rule.outputs[i]));
      }
      made.freeze();
      table.constant_results.push_back(std::move(made));
    }
  }
  if (table.rules.empty() || table.inputs.empty()) return;
  auto index = std::make_shared<TableIndex>();
  index->words = static_cast<std::uint32_t>((table.rules.size() + 63) / 64);
  std::size_t memory = 0;
  for (std::size_t column = 0; column < table.inputs.size(); ++column) {
    std::vector<CellSet> cells(table.rules.size());
    for (std::size_t rule = 0; rule < table.rules.size(); ++rule) {
      if (!read_cell(program, table.rules[rule].tests[column], cells[rule])) return;
    }
    index->axes.emplace_back();
    if (!build_axis(cells, index->words, memory, index->axes.back())) return;
  }
  table.index = std::move(index);
}

}  // namespace yiwang::dmn

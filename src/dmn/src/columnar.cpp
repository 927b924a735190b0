#include "yiwang/dmn/columnar.hpp"

#include <algorithm>
#include <bit>
#include <unordered_map>

#include "columnar_kernels.hpp"
#include "impl.hpp"
#include "index.hpp"

namespace yiwang::dmn {

using feel::Kind;
using feel::kNone;
using feel::Op;
using feel::TypeKind;
using feel::Value;

Value Column32::at(std::size_t row) const {
  if (!odd.empty() && (odd[row / 64] >> (row % 64) & 1)) {
    auto found =
        std::lower_bound(odd_values.begin(), odd_values.end(), row, [](auto const& a, std::size_t b) { return a.first < b; });
    return found->second;
  }
  switch (kind) {
    case ColumnKind::boolean: return Value::boolean(bytes[row] != 0);
    case ColumnKind::string: return Value::string(dictionary[bytes.empty() ? codes[row] : bytes[row]]);
    case ColumnKind::date: return Value::date(wide.empty() ? narrow[row] : wide[row]);
    case ColumnKind::number: return Value::number(Decimal::pack(wide.empty() ? narrow[row] : wide[row], exponent));
  }
  return Value();
}

ColumnBuilder::ColumnBuilder(ColumnKind kind, std::size_t expected_rows) : kind_(kind) {
  values_.reserve(std::min<std::size_t>(expected_rows, 1u << 20));
}
void ColumnBuilder::add(Value const& value) { values_.push_back(value); }
void ColumnBuilder::repeat(std::size_t times) { times_ = times; }

Result<Column32> ColumnBuilder::finish() {
  Column32 column;
  column.kind = kind_;
  std::size_t base = values_.size();
  column.rows = base * times_;
  auto wanted = kind_ == ColumnKind::number   ? Kind::number
                : kind_ == ColumnKind::date   ? Kind::date
                : kind_ == ColumnKind::string ? Kind::string
                                              : Kind::boolean;
  std::vector<std::size_t> odd;
  for (auto& value : values_) {
    if (value.is(Kind::number) && wanted == Kind::number) {
      value = Value::number(value.as_number().normalized());
      column.exponent = std::min(column.exponent, value.as_number().exponent());
    }
  }
  std::unordered_map<std::string, std::uint32_t> seen;
  std::vector<std::int64_t> keys(base);
  bool fits = true;
  for (std::size_t i = 0; i < base; ++i) {
    auto const& value = values_[i];
    bool taken = value.kind() == wanted;
    if (taken) {
      switch (wanted) {
        case Kind::boolean: keys[i] = value.as_boolean(); break;
        case Kind::date: keys[i] = value.as_days(); break;
        case Kind::string: {
          auto [at, fresh] = seen.try_emplace(std::string(value.as_string()), static_cast<std::uint32_t>(seen.size()));
          if (fresh) column.dictionary.push_back(at->first);
          keys[i] = at->second;
          break;
        }
        default: {
          Decimal shifted;
          taken = Decimal::multiply(value.as_number(), Decimal::pack(1, -column.exponent), shifted) &&
                  shifted.to_int64(keys[i]) && keys[i] < (std::int64_t{1} << 61) && keys[i] > -(std::int64_t{1} << 61);
        }
      }
    }
    if (!taken) {
      keys[i] = 0;
      odd.push_back(i);
    }
    fits = fits && keys[i] >= INT32_MIN / 2 && keys[i] <= INT32_MAX / 2;
  }
  if (column.dictionary.size() > 65'536)
    return fail(ErrorCode::dmn_limit, {{"what", "different texts in a column"}, {"max", "65536"}});
  auto fill = [&](auto& target) {
    target.resize(column.rows);
    using T = typename std::remove_reference_t<decltype(target)>::value_type;
    for (std::size_t i = 0; i < base; ++i) target[i] = static_cast<T>(keys[i]);
    for (std::size_t copy = 1; copy < times_; ++copy)
      std::copy_n(target.begin(), base, target.begin() + static_cast<std::ptrdiff_t>(copy * base));
  };
  if (kind_ == ColumnKind::boolean || (kind_ == ColumnKind::string && column.dictionary.size() <= 256))
    fill(column.bytes);
  else if (kind_ == ColumnKind::string)
    fill(column.codes);
  else if (fits)
    fill(column.narrow);
  else
    fill(column.wide);
  if (!odd.empty()) {
    column.odd.assign((column.rows + 63) / 64, 0);
    for (std::size_t copy = 0; copy < times_; ++copy) {
      for (auto i : odd) {
        std::size_t row = copy * base + i;
        column.odd[row / 64] |= std::uint64_t{1} << (row % 64);
        column.odd_values.emplace_back(row, values_[i]);
      }
    }
  }
  if (column.dictionary.empty() && kind_ == ColumnKind::string) column.dictionary.emplace_back();
  return column;
}

Result<ColumnarPlan> ColumnarPlan::create(std::shared_ptr<Model const> model, std::string_view decision) {
  auto refuse = [&](std::string why) {
    return fail(ErrorCode::dmn_model, {{"why", "the columnar backend cannot take '" + std::string(decision) + "': " + why},
                                       {"cure", "It is evaluated row by row"}});
  };
  int index = model->find(decision, ElementKind::decision);
  if (index < 0) return fail(ErrorCode::dmn_no_decision, {{"name", std::string(decision)}, {"known", ""}});
  auto const& impl = model->impl();
  auto const& element = impl.elements[static_cast<std::size_t>(index)];
  if (element.unit == kNone) return refuse("it has no logic");
  auto const& program = impl.program;
  auto const& root = program.nodes[program.units[element.unit].root];
  if (root.op != Op::host) return refuse("it is not a decision table, or its result is converted to another type");
  auto const& table = impl.tables[root.a];
  if (!table.index) return refuse("a cell is more than a comparison with constants");
  ColumnarPlan plan;
  plan.model_ = model;
  plan.element_ = static_cast<std::uint32_t>(index);
  plan.table_ = root.a;
  for (auto const& column : table.inputs) {
    auto const& node = program.nodes[column.expression];
    if (node.op != Op::global || impl.elements[node.a].kind != ElementKind::input)
      return refuse("the input '" + column.label + "' is computed");
    if (column.allowed != kNone) return refuse("the input '" + column.label + "' has allowed values");
    auto const* type = impl.elements[node.a].type;
    if (!type || type->constraint != feel::Type::kNoUnit || type->base)
      return refuse("the input '" + column.label + "' has no plain type");
    ColumnKind kind = ColumnKind::number;
    switch (type->kind) {
      case TypeKind::number: kind = ColumnKind::number; break;
      case TypeKind::date: kind = ColumnKind::date; break;
      case TypeKind::string: kind = ColumnKind::string; break;
      case TypeKind::boolean: kind = ColumnKind::boolean; break;
      default: return refuse("the input '" + column.label + "' is of type " + feel::to_string(*type));
    }
    plan.inputs_.push_back({impl.elements[node.a].name, kind, type, node.a});
  }
  return plan;
}

std::size_t ColumnarPlan::rules() const { return model_->impl().tables[table_].rules.size(); }

namespace {

/// Bits of all rules for each value of a column, reached over codes or cuts.
struct Lookup {
  std::vector<std::uint64_t> masks;  ///< segments × words
  std::vector<std::uint32_t> of_code;
  Cuts cuts;
  bool coded = false;
};

/// The half-open integer cuts of an ordered axis in the column's own scale.
bool make_cuts(TableIndex::Axis const& axis, Column32 const& column, std::uint32_t words, Lookup& out) {
  std::vector<std::int64_t> cuts;
  std::vector<std::uint32_t> segments;  // segment of the axis for each stretch between cuts
  std::size_t count = axis.kind == Kind::number ? axis.decimal_points.size() : axis.points.size();
  segments.push_back(0);
  for (std::size_t i = 0; i < count; ++i) {
    std::int64_t point = 0;
    bool exact = true;
    if (axis.kind == Kind::number) {
      // A boundary between two representable values has no point segment of its own here.
      Decimal shifted, whole;
      if (!Decimal::multiply(axis.decimal_points[i], Decimal::pack(1, -column.exponent), shifted)) return false;
      exact = shifted.is_integer();
      if (!Decimal::round(shifted, 0, Rounding::ceiling, whole) || !whole.to_int64(point)) {
        bool below = shifted.sign() < 0;
        point = below ? -(std::int64_t{1} << 61) : (std::int64_t{1} << 61);
        exact = false;
      }
    } else {
      point = axis.points[i];
    }
    auto at = static_cast<std::uint32_t>(2 * i);
    if (exact) {
      cuts.push_back(point);
      segments.push_back(at + 1);
      cuts.push_back(point + 1);
      segments.push_back(at + 2);
    } else {
      cuts.push_back(point);
      segments.push_back(at + 2);
    }
  }
  // Stretches of no width vanish.
  std::vector<std::int64_t> kept;
  std::vector<std::uint32_t> kept_segments = {segments[0]};
  for (std::size_t i = 0; i < cuts.size(); ++i) {
    if (!kept.empty() && kept.back() == cuts[i]) {
      kept_segments.back() = segments[i + 1];
    } else {
      kept.push_back(cuts[i]);
      kept_segments.push_back(segments[i + 1]);
    }
  }
  // Neighbours with the same rules need no cut between them.
  auto row = [&](std::uint32_t segment) { return &axis.bits[static_cast<std::size_t>(segment) * words]; };
  std::vector<std::int64_t> merged;
  out.masks.assign(row(kept_segments[0]), row(kept_segments[0]) + words);
  for (std::size_t i = 0; i < kept.size(); ++i) {
    auto const* bits = row(kept_segments[i + 1]);
    if (std::equal(bits, bits + words, out.masks.end() - words)) continue;
    merged.push_back(kept[i]);
    out.masks.insert(out.masks.end(), bits, bits + words);
  }
  out.cuts = Cuts::build(merged);
  return true;
}

bool make_lookup(TableIndex::Axis const& axis, Column32 const& column, std::uint32_t words, Lookup& out) {
  if (axis.kind == Kind::null) {
    out.masks = axis.bits;
    out.coded = true;
    out.of_code.assign(std::max<std::size_t>(column.dictionary.size(), 2), 0);
    return true;
  }
  if (axis.kind == Kind::boolean || axis.kind == Kind::string) {
    out.masks = axis.bits;
    out.coded = true;
    if (axis.kind == Kind::boolean) {
      out.of_code = {0, 1};
    } else {
      for (auto const& text : column.dictionary) {
        auto found = axis.strings.find(text);
        out.of_code.push_back(found == axis.strings.end() ? 0 : found->second);
      }
    }
    return true;
  }
  return make_cuts(axis, column, words, out);
}

constexpr std::size_t kBlock = 4096;

}  // namespace

Result<ColumnarResult> ColumnarPlan::run(ColumnTable const& input) const {
  ColumnarResult result;
  YW_TRY(run(input, result));
  return result;
}

Status ColumnarPlan::run(ColumnTable const& input, ColumnarResult& result) const {
  auto const& impl = model_->impl();
  auto const& table = impl.tables[table_];
  auto const& index = *table.index;
  if (input.columns.size() != inputs_.size())
    return fail(ErrorCode::dmn_input, {{"name", "columns"}, {"why", "there must be one for each input"}});
  for (std::size_t i = 0; i < inputs_.size(); ++i) {
    if (input.columns[i].rows != input.rows || input.columns[i].kind != inputs_[i].kind) {
      return fail(ErrorCode::dmn_input, {{"name", inputs_[i].name}, {"why", "the column has another length or kind"}});
    }
  }
  auto words = index.words;
  auto rule_count = static_cast<std::uint32_t>(table.rules.size());
  std::vector<Lookup> lookups(inputs_.size());
  for (std::size_t i = 0; i < inputs_.size(); ++i) {
    if (!make_lookup(index.axes[i], input.columns[i], words, lookups[i])) {
      return fail(ErrorCode::dmn_input,
                  {{"name", inputs_[i].name}, {"why", "its numbers do not share one scale with the conditions"}});
    }
  }
  result.scalar_rows = 0;
  result.rows = input.rows;
  result.words = words;
  result.row_words = (input.rows + 63) / 64;
  result.bitmaps.resize(result.row_words * rule_count);
  result.counts.assign(rule_count, 0);

  // Sums of a numeric output: the last output column that is a constant number in every rule.
  std::vector<std::int64_t> amounts;
  for (std::size_t output = table.outputs.size(); output-- > 0 && amounts.empty();) {
    int exponent = 0;
    bool numeric = true;
    for (auto const& rule : table.rules) {
      auto const& node = impl.program.nodes[rule.outputs[output]];
      numeric = numeric && node.op == Op::constant && impl.program.constants[node.a].is(Kind::number);
      if (numeric) exponent = std::min(exponent, impl.program.constants[node.a].as_number().normalized().exponent());
    }
    Int128 reach = 0;
    for (auto const& rule : table.rules) {
      if (!numeric) break;
      Decimal shifted;
      std::int64_t amount = 0;
      numeric = Decimal::multiply(impl.program.constants[impl.program.nodes[rule.outputs[output]].a].as_number(),
                                  Decimal::pack(1, -exponent), shifted) &&
                shifted.to_int64(amount);
      reach += amount < 0 ? -static_cast<Int128>(amount) : amount;
      amounts.push_back(amount);
    }
    if (!numeric || reach > INT32_MAX)
      amounts.clear();
    else
      result.sum_exponent = exponent;
  }
  std::vector<std::int32_t> sum_tables;
  if (!amounts.empty()) {
    // One table of 256 sums for each 8 rules.
    std::size_t groups = words * 8;
    amounts.resize(groups * 8, 0);
    sum_tables.assign(groups * 256, 0);
    for (std::size_t g = 0; g < groups; ++g) {
      for (std::size_t bits = 0; bits < 256; ++bits) {
        for (std::size_t b = 0; b < 8; ++b)
          sum_tables[g * 256 + bits] += (bits >> b & 1) ? static_cast<std::int32_t>(amounts[g * 8 + b]) : 0;
      }
    }
    result.sums.resize(input.rows);
  }

  std::unique_ptr<EvaluationImpl> scalar;
  Int128 total = 0;
  std::vector<std::uint64_t> masks(kBlock);
  // Mask tables for every column and word, made once.
  std::vector<std::vector<std::uint64_t>> prepared(inputs_.size() * words);
  for (std::size_t i = 0; i < inputs_.size(); ++i) {
    auto const& lookup = lookups[i];
    std::size_t segments = lookup.masks.size() / words;
    for (std::uint32_t word = 0; word < words; ++word) {
      auto& table_of = prepared[i * words + word];
      std::vector<std::uint64_t> by_segment(segments);
      for (std::size_t s = 0; s < segments; ++s) by_segment[s] = lookup.masks[s * words + word];
      if (lookup.coded) {
        table_of.assign(std::max<std::size_t>(lookup.of_code.size(), 256), 0);
        for (std::size_t code = 0; code < lookup.of_code.size(); ++code) table_of[code] = by_segment[lookup.of_code[code]];
      } else {
        table_of = lookup.cuts.prepare(by_segment, !input.columns[i].narrow.empty());
      }
    }
  }
  std::vector<std::int32_t> block_sums(kBlock);
  for (std::size_t first = 0; first < input.rows; first += kBlock) {
    std::size_t n = std::min(kBlock, input.rows - first);
    if (!amounts.empty()) std::fill_n(block_sums.begin(), n, 0);
    // Rows that the scalar evaluator has to take.
    std::vector<std::pair<std::size_t, std::vector<std::uint32_t>>> odd_hits;
    for (std::size_t word = first / 64; word * 64 < first + n; ++word) {
      std::uint64_t odd = 0;
      for (auto const& column : input.columns) odd |= column.odd.empty() ? 0 : column.odd[word];
      for (; odd; odd &= odd - 1) {
        std::size_t row = word * 64 + static_cast<std::size_t>(std::countr_zero(odd));
        if (!scalar) scalar = std::make_unique<EvaluationImpl>(*model_, feel::EvaluateOptions{});
        scalar->evaluator.reset();
        auto slots = impl.program.units[impl.elements[element_].unit].slots;
        Value* frame = scalar->evaluator.push(slots);
        for (std::size_t i = 0; i < inputs_.size(); ++i) {
          scalar->set(inputs_[i].element, input.columns[i].at(row));
          frame[table.inputs[i].slot] = scalar->evaluator.eval(table.inputs[i].expression, frame);
        }
        std::vector<std::uint32_t> hits;
        // All hits are wanted, whatever the policy picks from them later.
        scalar->match_all(table, frame, hits);
        scalar->evaluator.pop(frame, slots);
        odd_hits.emplace_back(row - first, std::move(hits));
        ++result.scalar_rows;
      }
    }
    for (std::uint32_t word = 0; word < words; ++word) {
      std::uint64_t all = word + 1 == words && rule_count % 64 ? (std::uint64_t{1} << (rule_count % 64)) - 1 : ~std::uint64_t{0};
      std::fill_n(masks.begin(), n, all);
      for (std::size_t i = 0; i < inputs_.size(); ++i) {
        auto const& column = input.columns[i];
        auto const& lookup = lookups[i];
        auto const* masks_of = prepared[i * words + word].data();
        // An axis of '-' alone over numbers or dates changes nothing.
        if (lookup.coded) {
          if (!column.bytes.empty())
            and_bytes(masks.data(), column.bytes.data() + first, masks_of, n);
          else if (!column.codes.empty())
            and_codes(masks.data(), column.codes.data() + first, masks_of, n);
        } else if (!column.narrow.empty()) {
          lookup.cuts.and_narrow(masks.data(), column.narrow.data() + first, masks_of, n);
        } else if (!column.wide.empty()) {
          lookup.cuts.and_wide(masks.data(), column.wide.data() + first, masks_of, n);
        }
      }
      for (auto const& [row, hits] : odd_hits) {
        masks[row] = 0;
        for (auto rule : hits) {
          if (rule / 64 == word) masks[row] |= std::uint64_t{1} << (rule % 64);
        }
      }
      if (!amounts.empty()) add_sums(block_sums.data(), masks.data(), &sum_tables[static_cast<std::size_t>(word) * 8 * 256], n);
      std::uint32_t in_word = std::min(64u, rule_count - word * 64);
      for (std::size_t row = 0; row < n; row += 64) {
        std::uint64_t square[64];
        std::size_t m = std::min<std::size_t>(64, n - row);
        std::copy_n(&masks[row], m, square);
        std::fill(square + m, square + 64, 0);
        transpose(square);
        count_bits(&result.counts[static_cast<std::size_t>(word) * 64], square, in_word);
        std::uint64_t* bitmap = &result.bitmaps[static_cast<std::size_t>(word) * 64 * result.row_words + (first + row) / 64];
        for (std::uint32_t r = 0; r < in_word; ++r) bitmap[r * result.row_words] = square[r];
      }
    }
    if (!amounts.empty()) {
      for (std::size_t i = 0; i < n; ++i) {
        result.sums[first + i] = block_sums[i];
        total += block_sums[i];
      }
    }
  }
  Decimal::make(total, result.sum_exponent, result.total);
  return {};
}

Value ColumnarPlan::value(ColumnarResult const& result, ColumnTable const& input, std::size_t row) const {
  auto const& impl = model_->impl();
  auto const& table = impl.tables[table_];
  EvaluationImpl scalar(*model_, {});
  auto slots = impl.program.units[impl.elements[element_].unit].slots;
  Value* frame = scalar.evaluator.push(slots);
  for (std::size_t i = 0; i < inputs_.size(); ++i) {
    scalar.set(inputs_[i].element, input.columns[i].at(row));
    frame[table.inputs[i].slot] = scalar.evaluator.eval(table.inputs[i].expression, frame);
  }
  std::vector<std::uint32_t> matched;
  for (std::uint32_t rule = 0; rule < table.rules.size(); ++rule) {
    if (result.hit(rule, row)) matched.push_back(rule);
  }
  if (table.policy == HitPolicy::first && matched.size() > 1) matched.resize(1);
  Value value = scalar.combine(table, matched, frame);
  scalar.evaluator.pop(frame, slots);
  return value;
}

std::uint32_t ColumnarPlan::hash_hits(ColumnTable const& input, std::size_t rows) const {
  ColumnTable part;
  auto result = run(input);
  if (!result) return 0;
  std::uint32_t hash = 0x811c9dc5;
  auto rule_count = static_cast<std::uint32_t>(rules());
  for (std::size_t row = 0; row < std::min(rows, result->rows); ++row) {
    for (std::uint32_t from = 0; from < rule_count; from += 25) {
      std::uint32_t bits = 0;
      for (std::uint32_t r = from; r < std::min(from + 25, rule_count); ++r)
        bits |= static_cast<std::uint32_t>(result->hit(r, row)) << (r - from);
      for (int shift = 0; shift < 32; shift += 8) hash = (hash ^ (bits >> shift & 255)) * 16777619u;
    }
  }
  return hash;
}

}  // namespace yiwang::dmn

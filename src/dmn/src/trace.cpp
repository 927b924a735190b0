// What an evaluated table tells about itself.
#include "impl.hpp"
#include "index.hpp"

namespace yiwang::dmn {

using feel::Kind;
using feel::Value;

namespace {

std::string_view policy_name(Table const& table) {
  switch (table.policy) {
    case HitPolicy::unique: return "UNIQUE";
    case HitPolicy::any: return "ANY";
    case HitPolicy::priority: return "PRIORITY";
    case HitPolicy::first: return "FIRST";
    case HitPolicy::rule_order: return "RULE ORDER";
    case HitPolicy::output_order: return "OUTPUT ORDER";
    case HitPolicy::collect:
      switch (table.aggregation) {
        case Aggregation::none: return "COLLECT";
        case Aggregation::sum: return "COLLECT SUM";
        case Aggregation::count: return "COLLECT COUNT";
        case Aggregation::min: return "COLLECT MIN";
        case Aggregation::max: return "COLLECT MAX";
      }
  }
  return "?";
}

/// The distance from a value to the nearest interval, as text.
std::string distance(feel::Evaluator& evaluator, CellSet const& cell, Value const& value) {
  if (cell.negated || cell.any || !(value.is(Kind::number) || value.is(Kind::date) || value.is(Kind::years_months))) return {};
  Value best;
  bool low_side = false;
  auto consider = [&](Value const& from, Value const& to, bool too_small) {
    Value gap = feel::arithmetic(evaluator, feel::kNone, feel::Op::subtract, from, to);
    if (gap.is_null() || (!best.is_null() && feel::compare(gap, best) >= 0)) return;
    best = gap;
    low_side = too_small;
  };
  for (auto const& interval : cell.intervals) {
    if (!interval.low.is_null() && feel::compare(value, interval.low) <= 0 && value.kind() == interval.low.kind())
      consider(interval.low, value, true);
    if (!interval.high.is_null() && feel::compare(value, interval.high) >= 0 && value.kind() == interval.high.kind())
      consider(value, interval.high, false);
  }
  if (best.is_null()) return {};
  return feel::to_string(best) +
         (value.is(Kind::date) ? (low_side ? " too early" : " too late") : (low_side ? " too small" : " too large"));
}

}  // namespace

RuleMiss EvaluationImpl::explain_miss(Table const& table, std::uint32_t rule, Value* frame) {
  RuleMiss miss;
  miss.rule = rule + 1;
  auto const& one = table.rules[rule];
  for (std::size_t i = 0; i < one.tests.size(); ++i) {
    auto before = evaluator.diagnostics().size();
    bool hit = evaluator.eval(one.tests[i], frame).is_true();
    evaluator.diagnostics().resize(std::min(before, evaluator.diagnostics().size()));
    if (hit) continue;
    Value const& value = frame[table.inputs[i].slot];
    miss.input = static_cast<std::uint32_t>(i + 1);
    miss.condition = one.texts[i];
    miss.found = feel::to_string(value);
    CellSet cell;
    if (read_cell(model.program, one.tests[i], cell)) miss.distance = distance(evaluator, cell, value);
    break;
  }
  return miss;
}

void EvaluationImpl::trace_table(Table const& table, Value* frame, std::vector<std::uint32_t> const& matched,
                                 Value const& output) {
  TableTrace made;
  made.table = table.id;
  made.decision = table.decision;
  made.hit_policy = policy_name(table);
  made.inputs.reserve(table.inputs.size());
  for (auto const& column : table.inputs) made.inputs.emplace_back(column.label, frame[column.slot]);
  made.matched.reserve(matched.size());
  for (auto rule : matched) {
    made.matched.push_back(rule + 1);
    made.rule_ids.push_back(table.rules[rule].id);
    made.annotations.push_back(&table.rules[rule].annotations);
  }
  if (explain == Explain::all) {
    std::size_t next = 0;
    for (std::uint32_t rule = 0; rule < table.rules.size(); ++rule) {
      if (next < matched.size() && matched[next] == rule) {
        ++next;
        continue;
      }
      if (!evaluator.spend(table.inputs.size())) break;
      RuleMiss miss = explain_miss(table, rule, frame);
      if (miss.input != 0) made.misses.push_back(std::move(miss));
    }
  }
  made.output = output;
  trace.tables.push_back(std::move(made));
}

}  // namespace yiwang::dmn

#include "yiwang/dmn/analysis.hpp"

#include <algorithm>
#include <bit>
#include <map>
#include <set>

#include "impl.hpp"
#include "index.hpp"
#include "yiwang/dmn/columnar.hpp"
#include "yiwang/dmn/json.hpp"
#include "yiwang/format/json.hpp"

namespace yiwang::dmn {

using feel::Kind;
using feel::kNone;
using feel::Value;

namespace {

using Bits = std::vector<std::uint64_t>;

struct Segment {
  std::uint32_t id;
  Value sample;
};

/// A value inside a segment; nothing where the segment is empty (two days in a row have none between them).
std::optional<Value> sample_of(TableIndex::Axis const& axis, std::uint32_t segment) {
  auto i = segment / 2;
  bool point = segment % 2 == 1;
  switch (axis.kind) {
    case Kind::boolean: return Value::boolean(segment == 1);
    case Kind::string: {
      if (segment == 0) {
        std::string other = "other";
        while (axis.strings.count(other)) other += "x";
        return Value::string(other);
      }
      for (auto const& [text, id] : axis.strings) {
        if (id == segment) return Value::string(text);
      }
      return std::nullopt;
    }
    case Kind::number: {
      auto const& points = axis.decimal_points;
      if (point) return Value::number(points[i]);
      Decimal out, sum;
      if (i == 0) return Decimal::subtract(points[0], Decimal(1), out) ? std::optional(Value::number(out)) : std::nullopt;
      if (i == points.size())
        return Decimal::add(points[i - 1], Decimal(1), out) ? std::optional(Value::number(out)) : std::nullopt;
      // A whole number where there is one, else the middle.
      if (Decimal::round(points[i - 1], 0, Rounding::floor, out) && Decimal::add(out, Decimal(1), out) && out < points[i] &&
          out > points[i - 1])
        return Value::number(out);
      if (!Decimal::add(points[i - 1], points[i], sum) || !Decimal::divide(sum, Decimal(2), out)) return std::nullopt;
      return Value::number(out.normalized());
    }
    case Kind::date:
    case Kind::years_months: {
      auto const& points = axis.points;
      std::int64_t key = 0;
      if (point)
        key = points[i];
      else if (i == 0)
        key = points[0] - 1;
      else if (i == points.size())
        key = points[i - 1] + 1;
      else if (points[i] - points[i - 1] < 2)
        return std::nullopt;
      else
        key = points[i - 1] + 1;
      return axis.kind == Kind::date ? Value::date(key) : Value::years_months(key);
    }
    default: return Value::null();
  }
}

class Walker {
 public:
  Walker(EvaluationImpl& evaluation, Table const& table, AnalysisLimits const& limits, TableAnalysis& out)
      : evaluation_(evaluation), table_(table), index_(*table.index), limits_(limits), out_(out) {
    auto words = index_.words;
    std::uint32_t slots = 1;
    for (auto const& column : table.inputs) slots = std::max(slots, column.slot + 1);
    Value* frame = evaluation_.evaluator.push(slots);
    for (std::size_t i = 0; i < table.inputs.size(); ++i) {
      auto const& axis = index_.axes[i];
      auto const& column = table.inputs[i];
      std::vector<Segment> segments;
      std::size_t count = axis.bits.size() / words;
      for (std::uint32_t s = 0; s < count; ++s) {
        auto sample = sample_of(axis, s);
        if (!sample) continue;
        frame[column.slot] = *sample;
        evaluation_.evaluator.reset();
        if (column.allowed != kNone && !sample->is_null() && !evaluation_.evaluator.eval(column.allowed, frame).is_true())
          continue;
        if (column.type && column.type->constraint != feel::Type::kNoUnit && !sample->is_null() &&
            !evaluation_.evaluator.belongs(*sample, *column.type))
          continue;
        segments.push_back({s, std::move(*sample)});
      }
      segments_.push_back(std::move(segments));
    }
    evaluation_.evaluator.pop(frame, slots);
    path_.resize(table.inputs.size());
    seen_.resize(table.inputs.size());
  }

  void walk() {
    auto words = index_.words;
    Bits live(words, ~std::uint64_t{0});
    if (auto rest = table_.rules.size() % 64) live[words - 1] = (std::uint64_t{1} << rest) - 1;
    matched_.assign(words, 0);
    decides_.assign(words, 0);
    descend(0, live);
    for (std::uint32_t rule = 0; rule < table_.rules.size() && out_.complete; ++rule) {
      bool hit = matched_[rule / 64] >> (rule % 64) & 1, decided = decides_[rule / 64] >> (rule % 64) & 1;
      if (!hit)
        out_.never.push_back(rule + 1);
      else if (!decided)
        out_.masked.push_back(rule + 1);
    }
    make_tests();
  }

 private:
  void descend(std::size_t column, Bits const& live) {
    if (++steps_ > limits_.steps) {
      out_.complete = false;
      return;
    }
    bool empty = std::all_of(live.begin(), live.end(), [](std::uint64_t word) { return word == 0; });
    if (empty || column == table_.inputs.size()) {
      leaf(column, live, empty);
      return;
    }
    // The same rules alive at the same column lead to the same leaves.
    if (!seen_[column].insert(live).second) return;
    auto const& axis = index_.axes[column];
    std::set<Bits> classes;
    for (auto const& segment : segments_[column]) {
      Bits next = live;
      for (std::uint32_t w = 0; w < index_.words; ++w)
        next[w] &= axis.bits[static_cast<std::size_t>(segment.id) * index_.words + w];
      if (!classes.insert(next).second) continue;
      path_[column] = &segment;
      descend(column + 1, next);
      if (!out_.complete) return;
    }
  }

  Example example(std::size_t known, Bits const& live) {
    Example made;
    for (std::size_t i = 0; i < table_.inputs.size(); ++i) {
      if (i < known)
        made.values.push_back(path_[i]->sample);
      else
        made.values.push_back(segments_[i].empty() ? Value::null() : segments_[i].back().sample);
    }
    for (std::uint32_t rule = 0; rule < table_.rules.size(); ++rule) {
      if (live[rule / 64] >> (rule % 64) & 1) made.rules.push_back(rule + 1);
    }
    return made;
  }

  void leaf(std::size_t column, Bits const& live, bool empty) {
    if (empty) {
      bool defaults = false;
      for (auto const& output : table_.outputs) defaults = defaults || output.default_value != kNone;
      bool collects = table_.policy == HitPolicy::collect || table_.policy == HitPolicy::rule_order ||
                      table_.policy == HitPolicy::output_order;
      if (!defaults && !collects && out_.gaps.size() < limits_.examples) out_.gaps.push_back(example(column, live));
      return;
    }
    Example one = example(column, live);
    for (std::uint32_t w = 0; w < index_.words; ++w) matched_[w] |= live[w];
    auto decide = [&](std::uint32_t rule) { decides_[(rule - 1) / 64] |= std::uint64_t{1} << ((rule - 1) % 64); };
    switch (table_.policy) {
      case HitPolicy::first: decide(one.rules[0]); break;
      case HitPolicy::priority: {
        std::vector<std::uint32_t> best(one.rules.begin(), one.rules.end());
        auto rank = [&](std::uint32_t rule) { return rank_of(rule - 1); };
        std::stable_sort(best.begin(), best.end(), [&](auto a, auto b) { return rank(a) < rank(b); });
        decide(best[0]);
        break;
      }
      default:
        for (auto rule : one.rules) decide(rule);
    }
    leaves_.push_back(one);
    if (leaves_.size() > 20'000) leaves_.pop_back();
    for (std::size_t i = 0; i < one.rules.size() && i < 40; ++i) {
      for (std::size_t j = i + 1; j < one.rules.size() && j < 40; ++j) {
        if (!pairs_.insert({one.rules[i], one.rules[j]}).second) continue;
        Overlap overlap{one.rules[i], one.rules[j], same_output(one.rules[i] - 1, one.rules[j] - 1), one};
        bool conflict = table_.policy == HitPolicy::unique || (table_.policy == HitPolicy::any && !overlap.same_output);
        if (conflict && out_.conflicts.size() < limits_.examples) out_.conflicts.push_back(overlap);
        if (out_.overlaps.size() < limits_.examples) out_.overlaps.push_back(std::move(overlap));
      }
    }
  }

  std::vector<std::size_t> rank_of(std::uint32_t rule) {
    std::vector<std::size_t> ranks;
    for (std::size_t i = 0; i < table_.outputs.size(); ++i) {
      auto value = constant(table_.rules[rule].outputs[i]);
      std::size_t at = 0;
      auto const& values = table_.outputs[i].values;
      while (at < values.size() &&
             (!value || !constant(values[at]) || feel::equals(*value, *constant(values[at])) != feel::Tri::yes))
        ++at;
      ranks.push_back(at);
    }
    return ranks;
  }

  Value const* constant(feel::NodeId id) const {
    auto const& program = evaluation_.model.program;
    auto const& node = program.nodes[id];
    return node.op == feel::Op::constant ? &program.constants[node.a] : nullptr;
  }

  bool same_output(std::uint32_t a, std::uint32_t b) const {
    for (std::size_t i = 0; i < table_.outputs.size(); ++i) {
      auto const* x = constant(table_.rules[a].outputs[i]);
      auto const* y = constant(table_.rules[b].outputs[i]);
      if (!x || !y || feel::equals(*x, *y) != feel::Tri::yes) return false;
    }
    return true;
  }

  /// Greedy: first inputs that cover all rules, then as few as the column with the most boundaries needs.
  void make_tests() {
    Bits covered(index_.words, 0);
    while (true) {
      Example const* best = nullptr;
      std::size_t most = 0;
      for (auto const& leaf : leaves_) {
        std::size_t fresh = 0;
        for (auto rule : leaf.rules) fresh += !(covered[(rule - 1) / 64] >> ((rule - 1) % 64) & 1);
        if (fresh > most) {
          most = fresh;
          best = &leaf;
        }
      }
      if (!best || out_.tests.size() > 2000) break;
      for (auto rule : best->rules) covered[(rule - 1) / 64] |= std::uint64_t{1} << ((rule - 1) % 64);
      out_.tests.push_back(*best);
    }
    std::vector<std::vector<Segment const*>> missing(segments_.size());
    std::size_t rounds = 0;
    for (std::size_t i = 0; i < segments_.size(); ++i) {
      for (auto const& segment : segments_[i]) {
        bool used = false;
        for (auto const& test : out_.tests) used = used || feel::identical(test.values[i], segment.sample);
        if (!used) missing[i].push_back(&segment);
      }
      rounds = std::max(rounds, missing[i].size());
    }
    for (std::size_t k = 0; k < std::min<std::size_t>(rounds, 5000); ++k) {
      Example made;
      Bits live(index_.words, ~std::uint64_t{0});
      for (std::size_t i = 0; i < segments_.size(); ++i) {
        if (segments_[i].empty()) return;
        auto const* segment = k < missing[i].size() ? missing[i][k] : &segments_[i][k % segments_[i].size()];
        made.values.push_back(segment->sample);
        for (std::uint32_t w = 0; w < index_.words; ++w)
          live[w] &= index_.axes[i].bits[static_cast<std::size_t>(segment->id) * index_.words + w];
      }
      for (std::uint32_t rule = 0; rule < table_.rules.size(); ++rule) {
        if (live[rule / 64] >> (rule % 64) & 1) made.rules.push_back(rule + 1);
      }
      out_.tests.push_back(std::move(made));
    }
  }

  EvaluationImpl& evaluation_;
  Table const& table_;
  TableIndex const& index_;
  AnalysisLimits const& limits_;
  TableAnalysis& out_;
  std::vector<std::vector<Segment>> segments_;
  std::vector<Segment const*> path_;
  std::vector<std::set<Bits>> seen_;
  std::vector<Example> leaves_;
  std::set<std::pair<std::uint32_t, std::uint32_t>> pairs_;
  Bits matched_, decides_;
  std::uint64_t steps_ = 0;
};

std::string policy_text(HitPolicy policy) {
  switch (policy) {
    case HitPolicy::unique: return "UNIQUE";
    case HitPolicy::any: return "ANY";
    case HitPolicy::priority: return "PRIORITY";
    case HitPolicy::first: return "FIRST";
    case HitPolicy::collect: return "COLLECT";
    case HitPolicy::rule_order: return "RULE ORDER";
    case HitPolicy::output_order: return "OUTPUT ORDER";
  }
  return "?";
}

std::string example_text(TableAnalysis const& analysis, Example const& example) {
  std::string text;
  for (std::size_t i = 0; i < example.values.size(); ++i) {
    text += (i ? ", " : "") + analysis.columns[i] + " = " +
            (example.values[i].is_null() ? "anything" : feel::to_string(example.values[i]));
  }
  return text;
}

}  // namespace

std::vector<TableAnalysis> analyse(Model const& model, AnalysisLimits const& limits) {
  std::vector<TableAnalysis> all;
  EvaluationImpl evaluation(model, {});
  for (auto const& table : model.impl().tables) {
    TableAnalysis one;
    one.decision = table.decision;
    one.table = table.id;
    one.hit_policy = policy_text(table.policy);
    one.rule_count = static_cast<std::uint32_t>(table.rules.size());
    one.place = table.place;
    for (auto const& column : table.inputs) one.columns.push_back(column.label);
    if (!table.index) {
      one.refused = table.rules.empty() ? "it has no rules" : "a cell is more than comparisons with constants of one type";
    } else {
      Walker(evaluation, table, limits, one).walk();
    }
    all.push_back(std::move(one));
  }
  return all;
}

std::string to_text(TableAnalysis const& analysis) {
  std::string out = yiwang::to_string(analysis.place) + ": " + analysis.decision + ", " + analysis.hit_policy + "\n";
  if (!analysis.refused.empty()) return out + "  not analysed: " + analysis.refused + "\n";
  if (!analysis.complete) out += "  stopped at the limit of work: what follows is not everything\n";
  for (auto const& gap : analysis.gaps) out += "  gap: no rule takes " + example_text(analysis, gap) + "\n";
  for (auto const& one : analysis.conflicts) {
    out += "  conflict: rules " + std::to_string(one.first) + " and " + std::to_string(one.second) + " both match " +
           example_text(analysis, one.example) + ", which " + analysis.hit_policy + " forbids\n";
  }
  for (auto const& one : analysis.overlaps) {
    out += "  overlap: rules " + std::to_string(one.first) + " and " + std::to_string(one.second) +
           (one.same_output ? " (same output)" : "") + " at " + example_text(analysis, one.example) + "\n";
  }
  for (auto rule : analysis.never) out += "  never: no input can match rule " + std::to_string(rule) + "\n";
  for (auto rule : analysis.masked)
    out += "  masked: rule " + std::to_string(rule) + " matches but never decides, other rules come before it\n";
  if (!analysis.has_faults()) out += "  no gap, no conflict, every rule decides\n";
  out += "  " + std::to_string(analysis.tests.size()) + " inputs cover every rule and both sides of every boundary\n";
  return out;
}

std::string to_json(TableAnalysis const& analysis) {
  auto example = [&](Example const& one) {
    auto made = json::Value::object();
    auto input = json::Value::object();
    for (std::size_t i = 0; i < one.values.size(); ++i) {
      auto value = json::parse(to_json(one.values[i]));
      input.set(analysis.columns[i], value ? *value : json::Value());
    }
    auto rules = json::Value::array();
    for (auto rule : one.rules) rules.items().push_back(json::Value::number(std::to_string(rule)));
    made.set("input", std::move(input));
    made.set("rules", std::move(rules));
    return made;
  };
  auto numbers = [](std::vector<std::uint32_t> const& list) {
    auto made = json::Value::array();
    for (auto one : list) made.items().push_back(json::Value::number(std::to_string(one)));
    return made;
  };
  auto examples = [&](std::vector<Example> const& list) {
    auto made = json::Value::array();
    for (auto const& one : list) made.items().push_back(example(one));
    return made;
  };
  auto overlaps = [&](std::vector<Overlap> const& list) {
    auto made = json::Value::array();
    for (auto const& one : list) {
      auto item = json::Value::object();
      item.set("rules", numbers({one.first, one.second}));
      item.set("same_output", json::Value::boolean(one.same_output));
      item.set("example", example(one.example));
      made.items().push_back(std::move(item));
    }
    return made;
  };
  auto out = json::Value::object();
  out.set("decision", json::Value::string(analysis.decision));
  out.set("table", json::Value::string(analysis.table));
  out.set("hit_policy", json::Value::string(analysis.hit_policy));
  out.set("rule_count", json::Value::number(std::to_string(analysis.rule_count)));
  if (!analysis.refused.empty()) out.set("refused", json::Value::string(analysis.refused));
  out.set("complete", json::Value::boolean(analysis.complete));
  out.set("gaps", examples(analysis.gaps));
  out.set("overlaps", overlaps(analysis.overlaps));
  out.set("conflicts", overlaps(analysis.conflicts));
  out.set("never", numbers(analysis.never));
  out.set("masked", numbers(analysis.masked));
  out.set("tests", examples(analysis.tests));
  return json::write_canonical(out);
}

std::vector<std::string> backend_notes(std::shared_ptr<Model const> const& model) {
  std::vector<std::string> notes;
  for (auto const& element : model->impl().elements) {
    if (element.kind != ElementKind::decision || element.model != 0) continue;
    auto plan = ColumnarPlan::create(model, element.name);
    notes.push_back("decision " + element.name + ": " +
                    (plan ? "columnar and scalar" : "scalar only, " + std::string(plan.error().param("why"))));
  }
  return notes;
}

}  // namespace yiwang::dmn

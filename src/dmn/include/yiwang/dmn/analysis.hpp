#pragma once
// What a decision table does with every possible input, found from its boundaries without data: gaps, overlaps, rules
// that never decide, conflicts with the hit policy, and a small set of inputs that visits every rule and boundary.

#include <cstdint>
#include <string>
#include <vector>

#include "yiwang/dmn/model.hpp"

namespace yiwang::dmn {

/// An input as values per column, with the rules that match it (from 1).
struct Example {
  std::vector<feel::Value> values;
  std::vector<std::uint32_t> rules;
};

struct Overlap {
  std::uint32_t first = 0, second = 0;  ///< rules, from 1
  bool same_output = false;
  Example example;
};

struct TableAnalysis {
  std::string decision;
  std::string table;
  std::string hit_policy;
  std::uint32_t rule_count = 0;
  Place place;
  std::vector<std::string> columns;
  std::string refused;        ///< why the table cannot be analysed; everything below is then empty
  bool complete = true;       ///< false: the limit of work was reached
  std::vector<Example> gaps;  ///< inputs that no rule takes; none where a default output exists
  std::vector<Overlap> overlaps;
  std::vector<Overlap> conflicts;     ///< overlaps that the hit policy forbids
  std::vector<std::uint32_t> never;   ///< rules that no input can match
  std::vector<std::uint32_t> masked;  ///< rules that match but never decide, because others come first
  std::vector<Example> tests;         ///< cover every rule and both sides of every boundary
  bool has_faults() const { return !gaps.empty() || !conflicts.empty() || !never.empty() || !masked.empty(); }
};

struct AnalysisLimits {
  std::uint64_t steps = 2'000'000;
  std::size_t examples = 100;  ///< of gaps and of overlaps
};

/// Every decision table of the model.
std::vector<TableAnalysis> analyse(Model const& model, AnalysisLimits const& limits = {});
/// Lines for a person.
std::string to_text(TableAnalysis const& analysis);
/// Canonical JSON.
std::string to_json(TableAnalysis const& analysis);

/// Which tables have an index, and whether the columnar backend takes the decision; a line each, for `dmn check`.
std::vector<std::string> backend_notes(std::shared_ptr<Model const> const& model);

}  // namespace yiwang::dmn

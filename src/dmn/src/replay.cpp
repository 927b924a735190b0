#include "yiwang/dmn/replay.hpp"

#include <algorithm>
#include <map>

#include "impl.hpp"
#include "yiwang/dmn/columnar.hpp"
#include "yiwang/format/json.hpp"

namespace yiwang::dmn {

using feel::Value;

namespace {

std::string text_of(json::Value const& from, std::string_view name) {
  auto const* found = from.find(name);
  return found && found->kind() == json::Kind::string ? found->text() : std::string();
}

std::vector<json::Value> const& items_of(json::Value const& from, std::string_view name) {
  static std::vector<json::Value> const kNone;
  auto const* found = from.find(name);
  return found && found->kind() == json::Kind::array ? found->items() : kNone;
}

/// What differs between two explanations, part by part.
Result<std::vector<std::string>> compare(json::Value const& stored, std::string_view stored_text, std::string const& again) {
  std::vector<std::string> differences;
  while (!stored_text.empty() && (stored_text.back() == '\n' || stored_text.back() == '\r')) stored_text.remove_suffix(1);
  if (again == stored_text) return differences;
  YW_ASSIGN(auto now, json::parse(again));
  auto differ = [&](std::string const& part, json::Value const* a, json::Value const* b) {
    std::string x = a ? json::write_canonical(*a) : "missing", y = b ? json::write_canonical(*b) : "missing";
    if (x != y) differences.push_back(part + ": stored " + x + ", now " + y);
  };
  if (text_of(stored, "model_sha256") != text_of(now, "model_sha256")) {
    differences.push_back("the model has changed: stored " + text_of(stored, "model_sha256") + ", given " +
                          text_of(now, "model_sha256"));
  }
  for (std::string part : {"output", "inputs", "diagnostics"}) differ(part, stored.find(part), now.find(part));
  for (std::string part : {"decisions", "tables"}) {
    auto const& a = items_of(stored, part);
    auto const& b = items_of(now, part);
    for (std::size_t i = 0; i < std::max(a.size(), b.size()); ++i) {
      differ(part + " " + std::to_string(i + 1), i < a.size() ? &a[i] : nullptr, i < b.size() ? &b[i] : nullptr);
    }
  }
  if (differences.empty()) differences.emplace_back("the bytes differ in spelling only");
  return differences;
}

/// A stored explanation, taken apart as far as replaying needs it.
struct Stored {
  json::Value record;
  std::string inputs;
  JsonRunner* runner = nullptr;
  Explain explain = Explain::matched;
};

/// One columnar plan of the model with the columns that all records fill.
struct PlanRun {
  ColumnarPlan plan;
  std::vector<ColumnBuilder> builders;
  std::vector<std::uint64_t> odd;
  ColumnarResult result;
  bool usable = false;
};

/// The plans of every decision that one of these needs.
std::vector<PlanRun> make_plans(std::shared_ptr<Model const> const& model, std::map<std::string, JsonRunner> const& asked,
                                std::size_t rows) {
  std::vector<PlanRun> plans;
  auto const& elements = model->impl().elements;
  std::vector<bool> needed(elements.size());
  std::vector<std::uint32_t> todo;
  for (auto const& [decision, runner] : asked)
    todo.push_back(static_cast<std::uint32_t>(model->find(decision, ElementKind::decision)));
  while (!todo.empty()) {
    auto at = todo.back();
    todo.pop_back();
    if (needed[at]) continue;
    needed[at] = true;
    todo.insert(todo.end(), elements[at].required.begin(), elements[at].required.end());
  }
  for (std::size_t i = 0; i < elements.size(); ++i) {
    // A name that two models share leads to the first of them.
    if (!needed[i] || elements[i].kind != ElementKind::decision ||
        model->find(elements[i].name, ElementKind::decision) != static_cast<int>(i))
      continue;
    auto plan = ColumnarPlan::create(model, elements[i].name);
    if (!plan) continue;
    PlanRun& made = plans.emplace_back(PlanRun{std::move(*plan), {}, std::vector<std::uint64_t>((rows + 63) / 64, 0), {}, false});
    for (auto const& input : made.plan.inputs()) made.builders.emplace_back(input.kind, rows);
  }
  return plans;
}

void run_plan(PlanRun& one, std::size_t rows) {
  ColumnTable columns;
  columns.rows = rows;
  for (auto& builder : one.builders) {
    auto column = builder.finish();
    if (!column) return;
    for (std::size_t word = 0; word < column->odd.size(); ++word) one.odd[word] |= column->odd[word];
    columns.columns.push_back(std::move(*column));
  }
  one.usable = static_cast<bool>(one.plan.run(columns, one.result));
}

}  // namespace

Result<ReplayReport> replay_all(std::shared_ptr<Model const> model, std::span<std::string const> records, Backend backend,
                                feel::EvaluateOptions const& options) {
  ReplayReport report;
  std::map<std::string, JsonRunner> runners;
  std::vector<Stored> stored(records.size());
  auto refused = [&](std::size_t i, Error error) {
    return fail(std::move(error).at({"", static_cast<std::uint32_t>(i + 1), 0, {}}));
  };
  for (std::size_t i = 0; i < records.size(); ++i) {
    auto record = json::parse(records[i]);
    if (!record) return refused(i, record.error());
    auto const* inputs = record->find("inputs");
    if (!inputs || inputs->kind() != json::Kind::object) {
      return refused(i,
                     Error(ErrorCode::dmn_input, {{"name", "record"}, {"why", "it is no stored decision: 'inputs' is missing"}}));
    }
    std::string decision = text_of(*record, "decision");
    auto at = runners.find(decision);
    if (at == runners.end()) {
      auto runner = JsonRunner::create(model, decision, options);
      if (!runner) return refused(i, runner.error());
      at = runners.emplace(decision, std::move(*runner)).first;
    }
    // `missed` stands in the tables of a full explanation; a text that looks like it is only a string there.
    bool all = std::any_of(items_of(*record, "tables").begin(), items_of(*record, "tables").end(),
                           [](auto const& table) { return table.find("missed") != nullptr; });
    stored[i].inputs = json::write(*inputs);
    stored[i].runner = &at->second;
    stored[i].explain = all ? Explain::all : Explain::matched;
    stored[i].record = std::move(*record);
  }

  std::vector<PlanRun> plans;
  GivenRules given;
  if (backend == Backend::columnar) {
    plans = make_plans(model, runners, records.size());
    for (std::size_t i = 0; i < stored.size(); ++i) {
      if (auto loaded = stored[i].runner->load(stored[i].inputs); !loaded) return refused(i, loaded.error());
      auto const& root = stored[i].runner->evaluation().impl().root;
      for (auto& one : plans) {
        for (std::size_t k = 0; k < one.builders.size(); ++k) {
          auto element = one.plan.inputs()[k].element;
          one.builders[k].add(root.states[element] == Instance::State::done ? root.values[element] : Value::null());
        }
      }
    }
    for (auto& one : plans) {
      run_plan(one, records.size());
      if (one.usable) given.tables.push_back({one.plan.table(), &one.result, &one.odd});
    }
  }

  std::string again;
  for (std::size_t i = 0; i < stored.size(); ++i) {
    auto& runner = *stored[i].runner;
    given.row = i;
    runner.evaluation().impl().given = &given;
    runner.set_explain(stored[i].explain);
    again.clear();
    if (auto done = runner.run(stored[i].inputs, again); !done) return refused(i, done.error());
    YW_ASSIGN(auto differences, compare(stored[i].record, records[i], again));
    report.differences.push_back(std::move(differences));
  }
  report.columnar_rows = given.taken;
  report.scalar_rows = given.searched;
  return report;
}

Result<std::vector<std::string>> replay(std::shared_ptr<Model const> model, std::string_view stored,
                                        feel::EvaluateOptions const& options) {
  std::string const record(stored);
  YW_ASSIGN(auto report, replay_all(std::move(model), std::span(&record, 1), Backend::scalar, options));
  return std::move(report.differences.front());
}

}  // namespace yiwang::dmn

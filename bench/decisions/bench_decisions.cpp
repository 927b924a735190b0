// The decision benchmark of four parts over the data that its generator writes. Usage: bench_decisions DATA_DIR [seconds]
// Every part is checked against the expected values before it is timed. Prints one line a part.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <fstream>
#include <sstream>

#include "yiwang/dmn/columnar.hpp"
#include "yiwang/dmn/json.hpp"
#include "yiwang/format/json.hpp"

using namespace yiwang;
using feel::Kind;
using feel::Value;

namespace {

double g_seconds = 1.0;

std::string slurp(std::string const& path) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream text;
  text << in.rdbuf();
  if (!in) {
    std::fprintf(stderr, "cannot read %s\n", path.c_str());
    std::exit(2);
  }
  return std::move(text).str();
}

double cpu_now() {
  timespec now;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

/// Median rate of `body(i)` over records, in records per CPU second, of runs of about a fifth of the time each.
template <class F>
double rate(std::size_t records, F body) {
  std::vector<double> rates;
  for (int run = 0; run < 5; ++run) {
    std::size_t done = 0;
    double start = cpu_now(), now = start;
    while (now - start < g_seconds / 5) {
      for (std::size_t i = 0; i < records; ++i) body(i);
      done += records;
      now = cpu_now();
    }
    rates.push_back(static_cast<double>(done) / (now - start));
  }
  std::sort(rates.begin(), rates.end());
  return rates[2];
}

template <class T>
T must(Result<T> result) {
  if (result) return std::move(*result);
  std::fprintf(stderr, "%s\n", result.error().line().c_str());
  std::exit(2);
}

struct Part {
  std::shared_ptr<dmn::Model const> model;
  json::Value data;
  std::vector<std::string> names;
  std::vector<int> elements;
  std::vector<std::vector<Value>> records;
  std::vector<std::string> texts;
};

Part load(std::string const& dir, std::string const& name, bool records = true) {
  Part part;
  part.model = must(dmn::Model::compile({{name + ".dmn", slurp(dir + "/" + name + ".dmn")}}));
  part.data = must(json::parse(slurp(dir + "/" + name + ".json"), {std::size_t{1} << 32, 128}));
  auto types = part.model->elements();
  for (std::size_t i = 0; i < types.size(); ++i) {
    if (types[i].kind != dmn::ElementKind::input) continue;
    part.names.push_back(types[i].name);
    part.elements.push_back(static_cast<int>(i));
  }
  if (!records) return part;
  for (auto const& record : part.data.find("records")->items()) {
    part.texts.push_back(json::write(record));
    Value context = must(dmn::value_from_json(part.texts.back()));
    std::vector<Value> row;
    for (std::size_t i = 0; i < part.names.size(); ++i) {
      auto const* found = context.as_context().find(part.names[i]);
      Value value = found ? *found : Value();
      auto const* type = feel::find_basic_type(types[static_cast<std::size_t>(part.elements[i])].type);
      if (type) value = dmn::adapt(std::move(value), *type, nullptr);
      row.push_back(std::move(value));
    }
    part.records.push_back(std::move(row));
  }
  return part;
}

void set_row(dmn::Evaluation& evaluation, Part const& part, std::vector<Value> const& row) {
  evaluation.reset();
  for (std::size_t i = 0; i < row.size(); ++i) evaluation.set_input_at(part.elements[i], row[i]);
}

void part_a(std::string const& dir) {
  Part part = load(dir, "a");
  auto const& expected = part.data.find("expected")->items();
  dmn::Evaluation evaluation(*part.model);
  int decision = part.model->find("a", dmn::ElementKind::decision);
  std::size_t wrong = 0;
  for (std::size_t i = 0; i < part.records.size(); ++i) {
    set_row(evaluation, part, part.records[i]);
    Value result = evaluation.evaluate_index(decision);
    auto const* grade = result.is(Kind::context) ? result.as_context().find("grade") : nullptr;
    wrong += !grade || grade->as_string() != expected[i].text();
  }
  std::printf("a  scalar                  %zu wrong  ", wrong);
  std::printf("%12.0f decisions/s\n", rate(part.records.size(), [&](std::size_t i) {
                set_row(evaluation, part, part.records[i]);
                (void)evaluation.evaluate_held(decision);
              }));
  auto runner = must(dmn::JsonRunner::create(part.model, "a"));
  std::string out;
  std::printf("a  JSON to JSON                     %12.0f decisions/s\n", rate(part.texts.size(), [&](std::size_t i) {
                out.clear();
                (void)runner.run(part.texts[i], out);
              }));
  runner.set_explain(dmn::Explain::matched);
  std::printf("a  JSON to JSON, explained          %12.0f decisions/s\n", rate(part.texts.size(), [&](std::size_t i) {
                out.clear();
                (void)runner.run(part.texts[i], out);
              }));
  evaluation.set_explain(dmn::Explain::matched);
  std::printf("a  scalar, explained                %12.0f decisions/s\n", rate(part.records.size(), [&](std::size_t i) {
                set_row(evaluation, part, part.records[i]);
                (void)evaluation.evaluate_held(decision);
              }));
}

void part_b(std::string const& dir) {
  Part part = load(dir, "b");
  auto const& expected = part.data.find("expected")->items();
  Value as_of = Value::date(*feel::read_date(part.data.find("asOf")->text()));
  for (std::size_t i = 0; i < part.names.size(); ++i) {
    if (part.names[i] != "asOf") continue;
    for (auto& row : part.records) row[i] = as_of;
  }
  dmn::Evaluation evaluation(*part.model);
  int decision = part.model->find("Entitlement", dmn::ElementKind::decision);
  std::size_t wrong = 0;
  for (std::size_t i = 0; i < part.records.size(); ++i) {
    set_row(evaluation, part, part.records[i]);
    Value result = evaluation.evaluate_index(decision);
    Decimal wanted;
    Decimal::parse(expected[i].text(), wanted);
    wrong += !result.is(Kind::number) || !(result.as_number() == wanted);
  }
  std::printf("b  scalar                  %zu wrong  ", wrong);
  std::printf("%12.0f records/s (8 decisions each)\n", rate(part.records.size(), [&](std::size_t i) {
                set_row(evaluation, part, part.records[i]);
                (void)evaluation.evaluate_held(decision);
              }));
}

void part_c(std::string const& dir) {
  Part part = load(dir, "c");
  auto const& expected = part.data.find("expected")->items();
  dmn::Evaluation evaluation(*part.model);
  int decision = part.model->find("c", dmn::ElementKind::decision);
  std::size_t wrong = 0;
  for (std::size_t i = 0; i < part.records.size(); ++i) {
    set_row(evaluation, part, part.records[i]);
    Value result = evaluation.evaluate_index(decision);
    auto const& wanted = expected[i].items();
    bool same = result.is(Kind::list) && result.items().size() == wanted.size();
    for (std::size_t j = 0; same && j < wanted.size(); ++j) {
      char text[16];
      std::snprintf(text, sizeof text, "P%04d", std::atoi(wanted[j].text().c_str()) + 1);
      same = result.items()[j].as_string() == text;
    }
    wrong += !same;
  }
  std::printf("c  scalar                  %zu wrong  ", wrong);
  std::printf("%12.0f enterprises/s (1,000 policies each)\n", rate(part.records.size(), [&](std::size_t i) {
                set_row(evaluation, part, part.records[i]);
                (void)evaluation.evaluate_held(decision);
              }));
  std::string text = slurp(dir + "/c.dmn");
  double start = cpu_now();
  int rounds = 5;
  for (int i = 0; i < rounds; ++i) must(dmn::Model::compile({{"c.dmn", text}}));
  std::printf("c  1,000 policies recompiled        %12.1f ms\n", (cpu_now() - start) / rounds * 1000);
}

void part_d(std::string const& dir, std::size_t copies) {
  Part part = load(dir, "d", false);
  auto const& data = part.data;
  auto plan = must(dmn::ColumnarPlan::create(part.model, "d"));
  auto const* columns = data.find("columns");
  double load_start = cpu_now();
  dmn::ColumnTable table;
  std::size_t rows = 0;
  for (auto const& input : plan.inputs()) {
    auto const* source = columns ? columns->find(input.name) : nullptr;
    if (!source) {
      std::fprintf(stderr, "d: no column %s\n", input.name.c_str());
      std::exit(2);
    }
    rows = source->items().size();
    dmn::ColumnBuilder builder(input.kind, rows * copies);
    std::vector<Value> values;
    for (auto const& item : source->items()) {
      Value value = must(dmn::value_from_json(json::write(item)));
      if (input.type) value = dmn::adapt(std::move(value), *input.type, nullptr);
      values.push_back(std::move(value));
    }
    for (auto const& value : values) builder.add(value);
    builder.repeat(copies);
    table.columns.push_back(must(builder.finish()));
  }
  table.rows = rows * copies;
  double load_seconds = cpu_now() - load_start;
  std::vector<double> times;
  dmn::ColumnarResult result;
  for (int i = 0; i < 5; ++i) {
    double start = cpu_now();
    if (auto status = plan.run(table, result); !status) std::exit(2);
    times.push_back(cpu_now() - start);
  }
  std::sort(times.begin(), times.end());
  std::size_t wrong = 0;
  auto const* expected = data.find("expected");
  auto const* counts = expected ? expected->find("counts") : nullptr;
  if (counts) {
    for (std::size_t i = 0; i < counts->items().size(); ++i) {
      wrong += std::to_string(result.counts[i]) !=
               std::to_string(std::strtoull(counts->items()[i].text().c_str(), nullptr, 10) * copies);
    }
  }
  std::string total = result.total.to_string();
  std::printf(
      "d  columnar, %zu rows x %zu rules: %zu wrong  %.3f s (median of 5), total %s, hits checked by FNV %08x; data in %.2f s\n",
      table.rows, result.counts.size(), wrong, times[2], total.c_str(), plan.hash_hits(table, rows), load_seconds);
}

/// A table of `rules` rules over four inputs; boundaries are spread over 1,000 values.
std::string grown_model(std::size_t rules) {
  std::uint64_t state = rules;
  auto next = [&](std::uint64_t n) {
    state = state * 6364136223846793005ULL + 1442695040888963407ULL;
    return (state >> 33) % n;
  };
  std::string xml = "<definitions xmlns=\"https://www.omg.org/spec/DMN/20230324/MODEL/\" name=\"g\" namespace=\"urn:g\">";
  char const* types[] = {"number", "number", "string", "boolean"};
  for (int i = 0; i < 4; ++i)
    xml += "<inputData id=\"i" + std::to_string(i) + "\" name=\"x" + std::to_string(i) + "\"><variable name=\"x" +
           std::to_string(i) + "\" typeRef=\"" + types[i] + "\"/></inputData>";
  xml += "<decision id=\"g\" name=\"g\"><variable name=\"g\"/>";
  for (int i = 0; i < 4; ++i)
    xml += "<informationRequirement><requiredInput href=\"#i" + std::to_string(i) + "\"/></informationRequirement>";
  xml += "<decisionTable hitPolicy=\"COLLECT\" aggregation=\"COUNT\">";
  for (int i = 0; i < 4; ++i)
    xml += std::string("<input><inputExpression typeRef=\"") + types[i] + "\"><text>x" + std::to_string(i) +
           "</text></inputExpression></input>";
  xml += "<output name=\"o\" typeRef=\"number\"/>";
  for (std::size_t r = 0; r < rules; ++r) {
    auto low = next(1000), high = low + 1 + next(20);
    xml += "<rule><inputEntry><text>[" + std::to_string(low) + ".." + std::to_string(high) +
           "]</text></inputEntry><inputEntry><text>&lt; " + std::to_string(next(1000)) +
           "</text></inputEntry><inputEntry><text>\"T" + std::to_string(next(50)) + "\"</text></inputEntry><inputEntry><text>" +
           (next(2) ? "true" : "-") + "</text></inputEntry><outputEntry><text>" + std::to_string(r) +
           "</text></outputEntry></rule>";
  }
  return xml + "</decisionTable></decision></definitions>";
}

void growth() {
  std::printf("rules      compile ms   scalar decisions/s\n");
  std::uint64_t state = 1;
  auto next = [&](std::uint64_t n) {
    state = state * 6364136223846793005ULL + 1442695040888963407ULL;
    return (state >> 33) % n;
  };
  std::shared_ptr<dmn::Model const> hundred;
  for (std::size_t rules : {10u, 100u, 1'000u, 10'000u, 100'000u}) {
    std::string xml = grown_model(rules);
    double start = cpu_now();
    dmn::CompileOptions options;
    options.text_bytes = 256u << 20;
    auto model = must(dmn::Model::compile({{"g.dmn", xml}}, options));
    double compile = cpu_now() - start;
    if (rules == 100) hundred = model;
    dmn::Evaluation evaluation(*model);
    std::vector<std::vector<Value>> records(1000);
    for (auto& row : records) {
      row = {Value::number(static_cast<std::int64_t>(next(1020))), Value::number(static_cast<std::int64_t>(next(1020))),
             Value::string("T" + std::to_string(next(55))), Value::boolean(next(2))};
    }
    int inputs[4], decision = model->find("g", dmn::ElementKind::decision);
    for (int i = 0; i < 4; ++i) inputs[i] = model->find("x" + std::to_string(i), dmn::ElementKind::input);
    double speed = rate(records.size(), [&](std::size_t i) {
      evaluation.reset();
      for (std::size_t k = 0; k < 4; ++k) evaluation.set_input_at(inputs[k], records[i][k]);
      (void)evaluation.evaluate_held(decision);
    });
    std::printf("%-10zu %-12.1f %.0f\n", rules, compile * 1000, speed);
  }
  std::printf("records    columnar s   rows/s (100 rules, 4 inputs)\n");
  auto plan = must(dmn::ColumnarPlan::create(hundred, "g"));
  for (std::size_t rows : {1'000u, 10'000u, 100'000u, 1'000'000u, 10'000'000u}) {
    std::size_t base = std::min<std::size_t>(rows, 100'000);
    dmn::ColumnTable table;
    table.rows = rows;
    for (auto const& input : plan.inputs()) {
      dmn::ColumnBuilder builder(input.kind, base);
      for (std::size_t i = 0; i < base; ++i) {
        if (input.kind == dmn::ColumnKind::number)
          builder.add(Value::number(static_cast<std::int64_t>(next(1020))));
        else if (input.kind == dmn::ColumnKind::string)
          builder.add(Value::string("T" + std::to_string(next(55))));
        else
          builder.add(Value::boolean(next(2)));
      }
      builder.repeat(rows / base);
      table.columns.push_back(must(builder.finish()));
    }
    dmn::ColumnarResult result;
    std::vector<double> times;
    for (int i = 0; i < 5; ++i) {
      double start = cpu_now();
      if (auto status = plan.run(table, result); !status) std::exit(2);
      times.push_back(cpu_now() - start);
    }
    std::sort(times.begin(), times.end());
    std::printf("%-10zu %-12.6f %.0f\n", rows, times[2], static_cast<double>(rows) / times[2]);
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) {
    std::fprintf(stderr, "usage: bench_decisions DATA_DIR [seconds a part] [copies of d] | bench_decisions --growth\n");
    return 2;
  }
  if (std::string(argv[1]) == "--growth") {
    growth();
    return 0;
  }
  if (argc > 2) g_seconds = std::atof(argv[2]);
  std::size_t copies = argc > 3 ? static_cast<std::size_t>(std::atoll(argv[3])) : 200;
  part_a(argv[1]);
  part_b(argv[1]);
  part_c(argv[1]);
  if (copies > 0) part_d(argv[1], copies);
  return 0;
}

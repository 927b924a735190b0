#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "yiwang/dmn/analysis.hpp"
#include "yiwang/dmn/columnar.hpp"
#include "yiwang/dmn/json.hpp"
#include "yiwang/dmn/replay.hpp"
#include "yiwang/dmn/versions.hpp"
#include "yiwang/format/json.hpp"
#include "yiwang/format/xml.hpp"

namespace yiwang::dmn {
namespace {

using feel::Value;

constexpr char kModel[] = R"(<?xml version="1.0" encoding="UTF-8"?>
<definitions xmlns="https://www.omg.org/spec/DMN/20230324/MODEL/" id="m" name="津贴" namespace="urn:yiwang:test:allowance">
  <inputData id="age" name="年龄"><variable name="年龄" typeRef="number"/></inputData>
  <inputData id="since" name="户籍日期"><variable name="户籍日期" typeRef="date"/></inputData>
  <knowledgeSource id="law" name="某市高龄津贴办法 第五条"/>
  <decision id="grade" name="津贴档次">
    <variable name="津贴档次" typeRef="number"/>
    <informationRequirement><requiredInput href="#age"/></informationRequirement>
    <informationRequirement><requiredInput href="#since"/></informationRequirement>
    <authorityRequirement><requiredAuthority href="#law"/></authorityRequirement>
    <decisionTable id="t" hitPolicy="UNIQUE">
      <input><inputExpression typeRef="number"><text>年龄</text></inputExpression></input>
      <input><inputExpression typeRef="date"><text>户籍日期</text></inputExpression></input>
      <output name="金额" typeRef="number"/>
      <annotation name="依据"/>
      <rule id="r1"><inputEntry><text>[80..90)</text></inputEntry><inputEntry><text>&lt;= date("2020-12-31")</text></inputEntry>
        <outputEntry><text>200</text></outputEntry><annotationEntry><text>第五条第一款</text></annotationEntry></rule>
      <rule id="r2"><inputEntry><text>&gt;= 90</text></inputEntry><inputEntry><text>-</text></inputEntry>
        <outputEntry><text>500.50</text></outputEntry><annotationEntry><text>第五条第二款</text></annotationEntry></rule>
    </decisionTable>
  </decision>
</definitions>)";

// README example.
Result<std::string> allowance(std::string_view record) {
  YW_ASSIGN(auto model, Model::compile({{"allowance.dmn", kModel}}));
  YW_ASSIGN(auto runner, JsonRunner::create(model, "津贴档次"));
  runner.set_explain(Explain::all);
  std::string answer;
  YW_TRY(runner.run(record, answer));
  return answer;
}

TEST(Readme, Example) {
  auto answer = allowance(R"({"年龄": 91, "户籍日期": "2022-05-01"})");
  ASSERT_TRUE(answer) << answer.error().line();
  auto tree = json::parse(*answer).value();
  EXPECT_EQ(tree.find("output")->text(), "500.5");
  auto const& table = tree.find("tables")->items().at(0);
  EXPECT_EQ(table.find("matched")->items().at(0).find("id")->text(), "r2");
  EXPECT_EQ(table.find("matched")->items().at(0).find("annotations")->items().at(0).text(), "第五条第二款");
  EXPECT_EQ(table.find("missed")->items().at(0).find("distance")->text(), "1 too large");
  EXPECT_EQ(tree.find("decisions")->items().at(0).find("sources")->items().at(0).text(), "某市高龄津贴办法 第五条");
  EXPECT_EQ(json::write_canonical(tree), *answer);
}

std::string file_text(std::filesystem::path const& path) {
  std::ifstream in(path);
  return {std::istreambuf_iterator<char>(in), {}};
}

TEST(Spec, ModelsGiveTheirAnswers) {
  int models = 0, answers = 0;
  for (auto const& entry : std::filesystem::directory_iterator(YW_SOURCE_DIR "/spec/dmn")) {
    if (entry.path().extension() != ".dmn") continue;
    auto model = Model::compile({{entry.path().filename().string(), file_text(entry.path())}});
    ASSERT_TRUE(model) << model.error().line();
    ++models;
    auto cases = entry.path();
    cases.replace_extension(".json");
    if (!std::filesystem::exists(cases)) continue;
    auto const list = json::parse(file_text(cases)).value();
    for (auto const& one : list.items()) {
      auto runner = JsonRunner::create(*model, one.find("decision")->text()).value();
      std::string out;
      ASSERT_TRUE(runner.run(json::write(*one.find("inputs")), out));
      EXPECT_EQ(out, json::write_canonical(*one.find("output"))) << entry.path() << " " << one.find("decision")->text();
      ++answers;
    }
  }
  EXPECT_GE(models, 3);
  EXPECT_GE(answers, 12);
}

TEST(Replay, SameBytesOrNamedDifference) {
  auto stored = allowance(R"({"年龄": 85, "户籍日期": "2019-05-01"})").value();
  auto model = Model::compile({{"allowance.dmn", kModel}}).value();
  EXPECT_TRUE(replay(model, stored).value().empty());
  std::string changed = kModel;
  changed.replace(changed.find("200</text>"), 3, "300");
  auto differences = replay(Model::compile({{"allowance.dmn", changed}}).value(), stored).value();
  ASSERT_FALSE(differences.empty());
  EXPECT_NE(differences[0].find("model has changed"), std::string::npos);
  bool output = false;
  for (auto const& one : differences) output |= one.find("output: stored 200, now 300") == 0;
  EXPECT_TRUE(output);
  EXPECT_FALSE(replay(model, "{}"));
  // Found by fuzzing: an input of the wrong type was stored as null, and its reason was lost.
  auto wrong = allowance(R"({"年龄": "八十", "户籍日期": "2019-05-01"})").value();
  EXPECT_NE(wrong.find("is not of type number"), std::string::npos);
  EXPECT_TRUE(replay(model, wrong).value().empty());
  // Reasons come in canonical order of the inputs, whatever order the record had.
  wrong = allowance(R"({"户籍日期": "昨天", "年龄": "八十"})").value();
  EXPECT_TRUE(replay(model, wrong).value().empty());
}

TEST(Replay, ColumnarBackendGivesTheSameBytes) {
  auto model = Model::compile({{"allowance.dmn", kModel}}).value();
  std::vector<std::string> stored;
  for (int age = 70; age < 100; ++age) {
    for (std::string day : {"\"2019-05-01\"", "\"2020-12-31\"", "\"2021-01-01\"", "null", "\"never\""}) {
      stored.push_back(allowance("{\"年龄\": " + std::to_string(age) + ".5, \"户籍日期\": " + day + "}").value());
    }
  }
  for (auto backend : {Backend::scalar, Backend::columnar}) {
    auto report = replay_all(model, stored, backend);
    ASSERT_TRUE(report) << report.error().line();
    EXPECT_EQ(report->columnar_rows, backend == Backend::columnar ? 90u : 0u);
    EXPECT_EQ(report->scalar_rows, backend == Backend::columnar ? 60u : 150u);
    for (auto const& one : report->differences) EXPECT_TRUE(one.empty()) << one.front();
  }
  std::string changed = kModel;
  changed.replace(changed.find("[80..90)"), 8, "[80..85)");
  auto report = replay_all(Model::compile({{"allowance.dmn", changed}}).value(), stored, Backend::columnar).value();
  std::size_t outputs = 0, models = 0;
  for (auto const& one : report.differences) {
    for (auto const& line : one) {
      outputs += line == "output: stored 200, now null";
      models += line.find("the model has changed") == 0;
    }
  }
  EXPECT_EQ(models, stored.size());
  EXPECT_EQ(outputs, 10u);  // ages 85.5 … 89.5 on the two days that qualify
  EXPECT_EQ(replay_all(model, std::vector<std::string>{stored[0], "{}"}, Backend::columnar).error().place().line, 2u);
}

TEST(Model, RefusalsSayFileLineAndCure) {
  std::string broken = kModel;
  broken.replace(broken.find("[80..90)"), 8, "[80..   ");
  auto refused = Model::compile({{"broken.dmn", broken}});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().place().file, "broken.dmn");
  EXPECT_EQ(refused.error().place().line, 16u);
  EXPECT_NE(refused.error().line().find("rule 1, input 1"), std::string::npos) << refused.error().line();
  EXPECT_EQ(Model::compile({}).error().code(), ErrorCode::dmn_model);
  EXPECT_EQ(Model::compile({{"x", "<a/>"}}).error().code(), ErrorCode::dmn_model);
  std::string lost = kModel;
  lost.replace(lost.find("href=\"#age\""), 11, "href=\"#ago\"");
  auto reference = Model::compile({{"lost.dmn", lost}});
  ASSERT_FALSE(reference);
  EXPECT_EQ(reference.error().code(), ErrorCode::dmn_reference);
  auto import = std::string(kModel);
  import.insert(import.find("<inputData"),
                "<import namespace=\"urn:x\" name=\"x\" importType=\"https://www.omg.org/spec/DMN/20230324/MODEL/\"/>");
  EXPECT_EQ(Model::compile({{"import.dmn", import}}).error().code(), ErrorCode::dmn_import);
  CompileOptions few;
  few.rules = 1;
  EXPECT_FALSE(Model::compile({{"many.dmn", kModel}}, few));
  few = {};
  few.boxes = 0;
  EXPECT_EQ(Model::compile({{"deep.dmn", kModel}}, few).error().code(), ErrorCode::dmn_limit);
}

TEST(Evaluation, RefusesUnknownDecisionsAndWrongInputs) {
  auto model = Model::compile({{"allowance.dmn", kModel}}).value();
  Evaluation evaluation(*model);
  EXPECT_EQ(evaluation.evaluate("nothing").error().code(), ErrorCode::dmn_no_decision);
  EXPECT_FALSE(evaluation.set_input("nothing", Value::number(1)));
  EXPECT_TRUE(evaluation.set_input("年龄", Value::string("eighty")));
  EXPECT_TRUE(evaluation.evaluate("津贴档次").value().is_null());
  ASSERT_FALSE(evaluation.diagnostics().empty());
  EXPECT_NE(evaluation.diagnostics()[0].message.find("not of type number"), std::string::npos);
  auto runner = JsonRunner::create(model, "津贴档次").value();
  std::string out;
  EXPECT_EQ(runner.run("[1]", out).error().code(), ErrorCode::format_json);
  // A refused record leaves nothing behind for the next one.
  EXPECT_FALSE(runner.run("{\"年龄\": {", out));
  out.clear();
  ASSERT_TRUE(runner.run("{\"年龄\": 91, \"户籍日期\": \"2022-05-01\"}", out));
  EXPECT_EQ(out, "500.5");
  EXPECT_NE(runner.run("{\"年龄\": 1, \"年龄\": 2}", out).error().line().find("given twice"), std::string::npos);
  EXPECT_TRUE(ColumnarPlan::create(model, "津贴档次"));
  EXPECT_EQ(ColumnarPlan::create(model, "nothing").error().code(), ErrorCode::dmn_no_decision);
}

TEST(Analysis, FindsGapsAndBoundaries) {
  auto model = Model::compile({{"allowance.dmn", kModel}}).value();
  auto analysis = analyse(*model);
  ASSERT_EQ(analysis.size(), 1u);
  EXPECT_TRUE(analysis[0].refused.empty());
  EXPECT_FALSE(analysis[0].gaps.empty());
  EXPECT_TRUE(analysis[0].conflicts.empty());
  EXPECT_TRUE(analysis[0].never.empty());
  // Every gap and every covering input is what the evaluator says it is.
  Evaluation evaluation(*model);
  auto check = [&](Example const& one) {
    evaluation.reset();
    evaluation.set_explain(Explain::matched);
    evaluation.set_input("年龄", one.values[0]);
    evaluation.set_input("户籍日期", one.values[1]);
    (void)evaluation.evaluate("津贴档次");
    EXPECT_EQ(evaluation.trace().tables.at(0).matched, one.rules);
  };
  for (auto const& gap : analysis[0].gaps) {
    EXPECT_TRUE(gap.rules.empty());
    check(gap);
  }
  for (auto const& test : analysis[0].tests) check(test);
  EXPECT_GE(analysis[0].tests.size(), 5u);
  EXPECT_NE(to_json(analysis[0]).find("\"gaps\":[{"), std::string::npos);
}

TEST(Versions, AreInForceFromTheirDay) {
  auto first = Model::compile({{"allowance.dmn", kModel}}).value();
  std::string changed = kModel;
  changed.replace(changed.find("200</text>"), 3, "300");
  auto second = Model::compile({{"allowance.dmn", changed}}).value();
  auto timeline = ModelTimeline().with(Date{100}, second)->with(Date{10}, first);
  EXPECT_EQ(timeline->at(Date{9}), nullptr);
  EXPECT_EQ(timeline->at(Date{99}), first);
  EXPECT_EQ(timeline->at(Date{100}), second);
  EXPECT_EQ(timeline->by_hash(first->hash()), first);
}

TEST(Interoperability, DesignerFilesComeBackUnchanged) {
  std::string text = kModel;
  text.insert(text.find("</definitions>"),
              "  <dmndi:DMNDI xmlns:dmndi=\"https://www.omg.org/spec/DMN/20230324/DMNDI/\" "
              "xmlns:dc=\"http://www.omg.org/spec/DMN/20180521/DC/\"><dmndi:DMNDiagram>"
              "<dmndi:DMNShape dmnElementRef=\"grade\"><dc:Bounds height=\"80\" width=\"180\" x=\"160\" "
              "y=\"100\"/></dmndi:DMNShape></dmndi:DMNDiagram></dmndi:DMNDI>\n");
  ASSERT_TRUE(Model::compile({{"designed.dmn", text}}));
  auto document = xml::Document::parse(text).value();
  EXPECT_EQ(document->write(), text);
  document->set_attribute(document->root(), "name", "改名");
  auto written = document->write();
  EXPECT_NE(written.find("<dc:Bounds height=\"80\" width=\"180\" x=\"160\" y=\"100\""), std::string::npos);
  EXPECT_EQ(Model::compile({{"designed.dmn", written}}).value()->name(), "改名");
}

/// Random tables and data: the columnar backend, the index and the plain rule-by-rule evaluation give the same values.
TEST(Backends, AgreeOnRandomTables) {
  std::uint64_t state = 20261122;
  auto next = [&](std::uint64_t n) {
    state = state * 6364136223846793005ULL + 1442695040888963407ULL;
    return (state >> 33) % n;
  };
  char const* policies[] = {"UNIQUE",
                            "ANY",
                            "FIRST",
                            "COLLECT",
                            "RULE ORDER",
                            "COLLECT\" aggregation=\"SUM",
                            "COLLECT\" aggregation=\"COUNT",
                            "COLLECT\" aggregation=\"MAX"};
  char const* texts[] = {"甲", "乙", "丙", "丁丁丁丁丁丁丁丁丁", "e"};
  auto number = [&] { return std::to_string(static_cast<int>(next(40)) - 10) + (next(3) == 0 ? ".5" : ""); };
  auto date = [&] { return "2026-0" + std::to_string(1 + next(9)) + "-1" + std::to_string(next(9)); };
  auto cell = [&](int kind) -> std::string {
    if (next(4) == 0) return "-";
    std::string open = next(2) ? "[" : "(", close = next(2) ? "]" : ")";
    switch (kind) {
      case 0: {
        std::string a = number(), b = number();
        switch (next(6)) {
          case 0: return "&lt; " + a;
          case 1: return "&gt;= " + a;
          case 2: return a + ", " + b;
          case 3: return "not(" + a + ")";
          case 4: return "&lt; " + a + ", &gt; " + b;
          default: return open + a + ".." + std::to_string(std::atoi(a.c_str()) + 8) + close;
        }
      }
      case 1: return next(3) ? "&lt;= date(\"" + date() + "\")" : "date(\"" + date() + "\"), &gt; date(\"" + date() + "\")";
      case 2:
        return next(4) ? "\"" + std::string(texts[next(5)]) + "\", \"" + texts[next(5)] + "\""
                       : "not(\"" + std::string(texts[next(5)]) + "\")";
      default: return next(2) ? "true" : "false";
    }
  };
  char const* types[] = {"number", "date", "string", "boolean"};
  int columnar = 0, compared = 0;
  for (int round = 0; round < 60; ++round) {
    std::size_t rules = 1 + next(round % 5 == 0 ? 150 : 12), inputs = 1 + next(4);
    std::string plain_rules, opaque_rules, heads, data, requirements, opaque_heads;
    for (std::size_t i = 0; i < inputs; ++i) {
      std::string name = "in" + std::to_string(i), type = types[i % 4];
      data += "<inputData id=\"i" + std::to_string(i) + "\" name=\"" + name + "\"><variable name=\"" + name + "\" typeRef=\"" +
              type + "\"/></inputData>";
      heads += "<input><inputExpression typeRef=\"" + type + "\"><text>" + name + "</text></inputExpression></input>";
      requirements += "<informationRequirement><requiredInput href=\"#i" + std::to_string(i) + "\"/></informationRequirement>";
    }
    for (std::size_t r = 0; r < rules; ++r) {
      std::string one = "<rule>";
      for (std::size_t i = 0; i < inputs; ++i)
        one += "<inputEntry><text>" + cell(static_cast<int>(i % 4)) + "</text></inputEntry>";
      one += "<outputEntry><text>" + std::to_string(next(3) * 50) + "</text></outputEntry></rule>";
      plain_rules += one;
    }
    // The same table with one more column that no index can read.
    std::string opaque = plain_rules;
    for (std::size_t at = 0; (at = opaque.find("<outputEntry>", at)) != std::string::npos; at += 60)
      opaque.insert(at, "<inputEntry><text>? = x(1)</text></inputEntry>");
    (void)opaque;
    std::string policy = policies[next(8)];
    auto table = [&](std::string const& head, std::string const& body) {
      return "<decisionTable hitPolicy=\"" + policy + "\">" + head + "<output name=\"o\" typeRef=\"number\"/>" + body +
             "</decisionTable>";
    };
    std::string slow = plain_rules;
    for (std::size_t at = 0; (at = slow.find("<outputEntry>", at)) != std::string::npos; at += 60)
      slow.insert(at, "<inputEntry><text>? in [1]</text></inputEntry>");
    std::string xml = "<definitions xmlns=\"https://www.omg.org/spec/DMN/20230324/MODEL/\" name=\"r\" namespace=\"urn:r\">" +
                      data + "<decision name=\"fast\" id=\"fast\"><variable name=\"fast\"/>" + requirements +
                      table(heads, plain_rules) + "</decision><decision name=\"slow\" id=\"slow\"><variable name=\"slow\"/>" +
                      requirements +
                      table(heads + "<input><inputExpression typeRef=\"number\"><text>1</text></inputExpression></input>", slow) +
                      "</decision></definitions>";
    auto model = Model::compile({{"random.dmn", xml}});
    ASSERT_TRUE(model) << model.error().line() << "\n" << xml;
    constexpr std::size_t kRows = 300;
    std::vector<std::vector<Value>> rows(kRows);
    for (auto& row : rows) {
      for (std::size_t i = 0; i < inputs; ++i) {
        if (next(25) == 0) {
          row.push_back(next(2) ? Value::null() : Value::list({Value::number(1)}));
          continue;
        }
        switch (i % 4) {
          case 0: row.push_back(Value::number(Decimal::parse(number()).value())); break;
          case 1: row.push_back(Value::date(*feel::read_date(date()))); break;
          case 2: row.push_back(Value::string(next(6) ? texts[next(5)] : "other")); break;
          default: row.push_back(Value::boolean(next(2)));
        }
      }
    }
    auto plan = ColumnarPlan::create(*model, "fast");
    ASSERT_TRUE(plan) << plan.error().line();
    ColumnTable columns;
    columns.rows = kRows;
    std::vector<std::string> order;
    for (auto const& input : plan->inputs()) {
      ColumnBuilder builder(input.kind, kRows);
      std::size_t at = static_cast<std::size_t>(std::atoi(input.name.c_str() + 2));
      for (auto const& row : rows) builder.add(row[at]);
      columns.columns.push_back(builder.finish().value());
    }
    auto result = plan->run(columns);
    ASSERT_TRUE(result) << result.error().line();
    ++columnar;
    Evaluation fast(**model), slow_one(**model);
    for (std::size_t r = 0; r < kRows; ++r) {
      fast.reset();
      slow_one.reset();
      for (std::size_t i = 0; i < inputs; ++i) {
        fast.set_input("in" + std::to_string(i), rows[r][i]);
        slow_one.set_input("in" + std::to_string(i), rows[r][i]);
      }
      Value a = fast.evaluate("fast").value(), b = slow_one.evaluate("slow").value(), c = plan->value(*result, columns, r);
      ASSERT_EQ(to_json(a), to_json(b)) << policy << "\n" << xml;
      ASSERT_EQ(to_json(a), to_json(c)) << policy << " row " << r << "\n" << xml;
      ++compared;
    }
  }
  EXPECT_EQ(columnar, 60);
  EXPECT_EQ(compared, 60 * 300);
}

TEST(Json, ATreeGivesWhatItsTextGives) {
  for (char const* text :
       {R"(null)", R"(true)", R"("")", R"("2026-11-22")", R"([])", R"({})", R"(0.10)", R"(-1e2)", R"([1,[null,"a"],{"b":false}])",
        R"({"z":1,"a":{"重":"名","b":[{}]},"é":0,"\uD83D\uDE00":2,"～":3})"}) {
    json::Value const tree = json::parse(text).value();
    Value const value = value_from_json(tree).value();
    EXPECT_EQ(to_json(value), to_json(value_from_json(std::string_view(text)).value())) << text;
    EXPECT_EQ(json::write(json_of(value)), to_json(value)) << text;
  }
  json::Value const large = json::parse("[1e99999]").value();
  EXPECT_EQ(value_from_json(large).error().code(), ErrorCode::format_json);
  EXPECT_EQ(value_from_json(std::string_view("[1e99999]")).error().code(), ErrorCode::format_json);
}

}  // namespace
}  // namespace yiwang::dmn

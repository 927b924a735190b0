// Runs the DMN Technology Compatibility Kit in its folder form.
#include <algorithm>
#include <cstdio>

#include "commands.hpp"
#include "files.hpp"
#include "yiwang/dmn/model.hpp"
#include "yiwang/format/xml.hpp"

namespace yiwang::app {

namespace {

namespace fs = std::filesystem;
using feel::Kind;
using feel::Value;

struct Tally {
  int passed = 0, failed = 0, exact = 0;
};

class Runner {
 public:
  explicit Runner(fs::path root) : root_(std::move(root)) {
    options_.zones = &zones_;
    options_.has_now = true;
    options_.now_us = 1'700'000'000'000'000;
  }

  int run() {
    std::vector<fs::path> tests;
    std::error_code code;
    for (auto const& entry : fs::recursive_directory_iterator(root_, code)) {
      auto name = entry.path().filename().string();
      if (entry.path().extension() == ".xml" && name.find("-test-") != std::string::npos) tests.push_back(entry.path());
    }
    if (tests.empty()) {
      std::fprintf(stderr, "yiwang dmn tck: no *-test-*.xml under %s\n", root_.c_str());
      return 2;
    }
    std::sort(tests.begin(), tests.end());
    for (auto const& test : tests) run_file(test);
    Tally all;
    char const* labels[] = {"level 2", "level 3", "0076 (Java externals, native functions)", "non-compliant", "other"};
    for (int i = 0; i < 5; ++i) {
      auto const& one = tallies_[i];
      if (one.passed + one.failed == 0) continue;
      std::printf("%-42s %5d passed, %d failed, %d exact to the digits printed\n", labels[i], one.passed, one.failed, one.exact);
      all.passed += one.passed;
      all.failed += one.failed;
      all.exact += one.exact;
    }
    std::printf("exact to the digits printed: %d of %d\n", all.exact, all.passed + all.failed);
    std::printf("%d passed, %d failed\n", all.passed, all.failed);
    // The suite itself calls the last folder non-compliant: it does not decide.
    return all.failed > tallies_[3].failed ? 1 : 0;
  }

 private:
  Tally& tally_of(fs::path const& file) {
    std::string text = file.string();
    if (text.find("non-compliant") != std::string::npos) return tallies_[3];
    if (text.find("/0076-") != std::string::npos) return tallies_[2];
    if (text.find("compliance-level-2") != std::string::npos) return tallies_[0];
    if (text.find("compliance-level-3") != std::string::npos) return tallies_[1];
    return tallies_[4];
  }

  void run_file(fs::path const& file) {
    auto& tally = tally_of(file);
    auto text = read_file(file);
    if (!text) return refuse(file, tally, text.error());
    auto document = xml::Document::parse(*text, file.string());
    if (!document) return refuse(file, tally, document.error());
    auto root = (*document)->root();
    fs::path main = file.parent_path() / root.child_text("modelName");
    std::vector<dmn::ModelText> models;
    auto main_text = read_file(main);
    if (!main_text) return refuse(file, tally, main_text.error());
    models.push_back({main.filename().string(), *main_text});
    for (auto const& entry : fs::directory_iterator(file.parent_path())) {
      if (entry.path().extension() != ".dmn" || entry.path() == main) continue;
      if (auto other = read_file(entry.path())) models.push_back({entry.path().filename().string(), *other});
    }
    auto model = dmn::Model::compile_tolerant(models);
    for (auto test : root.children("testCase")) {
      std::string where = file.filename().string() + " case " + std::string(test.attribute_or("id"));
      std::string why;
      bool exact = true;
      if (!model)
        why = model.error().line();
      else
        run_case(**model, test, why, exact);
      if (why.empty()) {
        ++tally.passed;
        if (exact) ++tally.exact;
      } else {
        ++tally.failed;
        std::printf("%s: %s\n", where.c_str(), why.c_str());
      }
    }
  }

  void refuse(fs::path const& file, Tally& tally, Error const& error) {
    ++tally.failed;
    std::printf("%s: %s\n", file.filename().c_str(), error.line().c_str());
  }

  void run_case(dmn::Model const& model, xml::Element test, std::string& why, bool& exact) {
    dmn::Evaluation evaluation(model, options_);
    auto service = test.attribute_or("invocableName");
    auto kind = test.attribute_or("type", "decision");
    Value arguments = Value::context();
    for (auto input : test.children("inputNode")) {
      Value value = read_value(input);
      arguments.context_for_write().set(input.attribute_or("name"), value);
    }
    if (kind == "decision") evaluation.set_inputs(arguments);
    for (auto input : test.children("inputNode")) {
      if (auto space = input.attribute("namespace"))
        evaluation.set_input_in(*space, input.attribute_or("name"), read_value(input));
    }
    for (auto result : test.children("resultNode")) {
      std::string name(result.attribute_or("name"));
      Result<Value> actual = kind == "decisionService"                           ? evaluation.call_service(service, arguments)
                             : kind == "bkm" || kind == "businessKnowledgeModel" ? evaluation.call_knowledge(service, arguments)
                                                                                 : evaluation.evaluate(name);
      if (!actual) {
        why = name + ": " + actual.error().line();
        return;
      }
      Value expected = read_value(result.child("expected"));
      if (kind == "decisionService" && actual->is(Kind::context) && !expected.is(Kind::context)) {
        if (auto const* part = actual->as_context().find(name)) actual = *part;
      }
      if (!same(expected, *actual, exact)) {
        why = name + ": expected " + feel::to_string(expected) + ", got " + feel::to_string(*actual);
        for (auto const& one : evaluation.diagnostics()) {
          why += "; " + one.message;
          break;
        }
        return;
      }
    }
  }

  Value read_value(xml::Element holder) {
    if (!holder) return Value::null();
    if (auto list = holder.child("list")) {
      if (list.attribute_or("xsi:nil") == "true") return Value::null();
      std::vector<Value> items;
      for (auto item : list.children("item")) items.push_back(read_value(item));
      return Value::list(std::move(items));
    }
    auto components = holder.children("component");
    if (!components.empty()) {
      Value made = Value::context();
      for (auto component : components) made.context_for_write().set(component.attribute_or("name"), read_value(component));
      return made;
    }
    auto value = holder.child("value");
    if (!value || value.attribute_or("xsi:nil") == "true") return Value::null();
    auto type = value.attribute_ns("http://www.w3.org/2001/XMLSchema-instance", "type").value_or("");
    if (auto colon = type.find(':'); colon != std::string_view::npos) type = type.substr(colon + 1);
    std::string text = value.text();
    if (type == "boolean") return Value::boolean(text == "true" || text == "1");
    std::string bare = text;
    while (!bare.empty() && (bare.back() == ' ' || bare.back() == '\n')) bare.pop_back();
    if (type == "decimal" || type == "double" || type == "integer" || type == "int" || type == "float" || type == "long") {
      Decimal number;
      if (Decimal::parse(bare[0] == '+' ? bare.substr(1) : bare, number)) return Value::number(number);
      return Value::string("unreadable number " + bare);
    }
    if (type == "date") {
      if (auto days = feel::read_date(bare)) return Value::date(*days);
    } else if (type == "time") {
      if (auto time = feel::read_time(bare, &zones_)) return Value::time(*time);
    } else if (type == "dateTime") {
      if (auto time = feel::read_date_time(bare, &zones_)) return Value::date_time(*time);
    } else if (type == "duration" || type == "dayTimeDuration" || type == "yearMonthDuration") {
      if (auto duration = feel::read_duration(bare)) return *duration;
    }
    if (type.empty()) {
      // Untyped: what the text looks like.
      Decimal number;
      if (bare == "true" || bare == "false") return Value::boolean(bare == "true");
      if (Decimal::parse(bare, number)) return Value::number(number);
      if (auto temporal = feel::read_temporal(bare, &zones_)) return *temporal;
    }
    return Value::string(text);
  }

  static bool same(Value const& expected, Value const& actual, bool& exact) {
    if (expected.is(Kind::number) && actual.is(Kind::number)) {
      Decimal a = expected.as_number(), b = actual.as_number(), rounded, difference;
      // As many digits behind the point as the suite prints.
      if (!Decimal::round(b, std::max(0, -a.exponent()), Rounding::half_even, rounded) || !(rounded == a)) exact = false;
      return Decimal::subtract(a, b, difference) && difference.abs() <= Decimal::pack(1, -8);
    }
    if (expected.kind() != actual.kind()) return false;
    if (expected.is(Kind::list)) {
      auto const& a = expected.items();
      auto const& b = actual.items();
      if (a.size() != b.size()) return false;
      for (std::size_t i = 0; i < a.size(); ++i) {
        if (!same(a[i], b[i], exact)) return false;
      }
      return true;
    }
    if (expected.is(Kind::context)) {
      auto const& a = expected.as_context();
      if (a.entries.size() != actual.as_context().entries.size()) return false;
      for (auto const& entry : a.entries) {
        auto const* other = actual.as_context().find(entry.name());
        if (!other || !same(entry.value, *other, exact)) return false;
      }
      return true;
    }
    return feel::identical(expected, actual) || feel::equals(expected, actual) == feel::Tri::yes;
  }

  fs::path root_;
  SystemZones zones_;
  feel::EvaluateOptions options_;
  Tally tallies_[5];
};

}  // namespace

int run_dmn_tck(std::string const& directory) { return Runner(directory).run(); }

}  // namespace yiwang::app

// yiwang dmn check, analyse and tck.
#include <cstdio>
#include <map>
#include <memory>

#include "commands.hpp"
#include "files.hpp"
#include "yiwang/dmn/analysis.hpp"
#include "yiwang/dmn/json.hpp"
#include "yiwang/format/xml.hpp"

namespace yiwang::app {

int run_dmn_tck(std::string const& directory);
Result<std::shared_ptr<dmn::Model const>> load_model(std::string const& file, std::vector<std::string> const& imports);

namespace {

int check(std::vector<std::string> const& files) {
  std::vector<dmn::ModelText> texts;
  for (auto const& file : files) {
    auto text = read_file(file);
    if (!text) {
      std::fprintf(stderr, "%s\n", text.error().line().c_str());
      return 2;
    }
    texts.push_back({file, std::move(*text)});
  }
  int code = 0;
  for (std::size_t i = 0; i < texts.size(); ++i) {
    // Each file in turn is the model; all others may be what it imports.
    std::vector<dmn::ModelText> order = {texts[i]};
    for (std::size_t j = 0; j < texts.size(); ++j) {
      if (j != i) order.push_back(texts[j]);
    }
    auto model = dmn::Model::compile_tolerant(order);
    if (!model) {
      std::printf("%s\n", model.error().line().c_str());
      code = 1;
      continue;
    }
    std::size_t faults = 0, decisions = 0;
    for (auto const& error : (*model)->errors()) {
      if (error.place().file != files[i] && !error.place().file.empty()) continue;
      std::printf("%s\n", error.line().c_str());
      ++faults;
    }
    for (auto const& element : (*model)->elements())
      decisions += element.kind == dmn::ElementKind::decision && element.model_namespace == (*model)->model_namespace();
    std::printf("%s: %zu decisions, %zu faults, sha256 %s\n", files[i].c_str(), decisions, faults,
                (*model)->hash().substr(0, 16).c_str());
    for (auto const& note : dmn::backend_notes(*model)) std::printf("  %s\n", note.c_str());
    if (faults) code = 1;
  }
  return code;
}

/// The model as this program holds it, which is as it was: comments, white space, diagrams and what is not of DMN included.
int write_back(std::string const& file, std::string const& output) {
  auto refused = [](Error const& error) { return std::fprintf(stderr, "%s\n", error.line().c_str()), 1; };
  auto text = read_file(file);
  if (!text) return refused(text.error());
  auto model = dmn::Model::compile_tolerant({{file, *text}});
  if (!model) return refused(model.error());
  auto document = xml::Document::parse(*text, file);
  if (!document) return refused(document.error());
  std::string const written = (*document)->write();
  if (output.empty()) return std::fwrite(written.data(), 1, written.size(), stdout) == written.size() ? 0 : 1;
  if (Status saved = write_file(output, written); !saved) return refused(saved.error());
  return 0;
}

struct AnalyseArguments {
  std::string model, decision, data;
  std::vector<std::string> imports;
  bool as_json = false;
};

/// Counts how often each rule of each table decides over a file of records; rules that never do are counted as well.
int cover(std::shared_ptr<dmn::Model const> const& model, std::vector<dmn::TableAnalysis> const& tables,
          AnalyseArguments const& arguments) {
  auto text = read_file(arguments.data);
  if (!text) {
    std::fprintf(stderr, "%s\n", text.error().line().c_str());
    return 2;
  }
  SystemZones zones;
  feel::EvaluateOptions options;
  options.zones = &zones;
  std::map<std::string, std::map<std::uint32_t, std::size_t>> hits;
  std::size_t records = 0;
  for (auto const& element : model->elements()) {
    if (element.kind != dmn::ElementKind::decision || (!arguments.decision.empty() && element.name != arguments.decision))
      continue;
    auto runner = dmn::JsonRunner::create(model, element.name, options);
    if (!runner) continue;
    runner->set_explain(dmn::Explain::matched);
    for (auto const& table : tables) {
      for (std::uint32_t rule = 1; table.decision == "decision " + element.name && rule <= table.rule_count; ++rule)
        hits[element.name][rule] = 0;
    }
    std::size_t at = 0;
    records = 0;
    std::string out;
    while (at < text->size()) {
      auto end = text->find('\n', at);
      if (end == std::string::npos) end = text->size();
      out.clear();
      if (end > at && runner->run(std::string_view(*text).substr(at, end - at), out)) {
        ++records;
        for (auto const& table : runner->evaluation().trace().tables) {
          if (table.decision != "decision " + element.name) continue;
          for (auto rule : table.matched) ++hits[element.name][rule];
        }
      }
      at = end + 1;
    }
  }
  for (auto const& [decision, rules] : hits) {
    std::printf("%s over %zu records:\n", decision.c_str(), records);
    for (auto const& [rule, count] : rules) std::printf("  rule %u: %zu\n", rule, count);
  }
  return 0;
}

int analyse(AnalyseArguments const& arguments) {
  auto model = load_model(arguments.model, arguments.imports);
  if (!model) {
    std::fprintf(stderr, "%s\n", model.error().line().c_str());
    return 2;
  }
  int code = 0;
  auto const tables = dmn::analyse(**model);
  for (auto const& one : tables) {
    if (!arguments.decision.empty() && one.decision.find(arguments.decision) == std::string::npos) continue;
    if (arguments.as_json)
      std::printf("%s\n", dmn::to_json(one).c_str());
    else
      std::printf("%s", dmn::to_text(one).c_str());
    if (one.has_faults()) code = 1;
  }
  if (!arguments.data.empty()) {
    int covered = cover(*model, tables, arguments);
    if (covered) code = covered;
  }
  return code;
}

}  // namespace

void add_dmn_commands(CommandLine line) {
  auto* dmn = line.app.add_subcommand("dmn", "decision models: check, analyse, run the compatibility suite");
  dmn->require_subcommand(1);
  auto directory = std::make_shared<std::string>();
  auto* tck = dmn->add_subcommand("tck", "run the DMN Technology Compatibility Kit and print each failing case");
  tck->add_option("DIR", *directory, "folder with the cases")->required();
  tck->callback([&exit_code = line.exit_code, directory] { exit_code = run_dmn_tck(*directory); });

  auto files = std::make_shared<std::vector<std::string>>();
  auto* check_command = dmn->add_subcommand("check", "compile models and say what is wrong, where, and how to cure it");
  check_command->add_option("FILE", *files, "the .dmn files; they may import each other")->required();
  check_command->callback([&exit_code = line.exit_code, files] { exit_code = check(*files); });

  auto write_arguments = std::make_shared<std::pair<std::string, std::string>>();
  auto* write_command = dmn->add_subcommand("write", "read a model and write it back without loss, diagrams included");
  write_command->add_option("FILE", write_arguments->first, "the .dmn file")->required();
  write_command->add_option("--output", write_arguments->second, "where to; else to standard output");
  write_command->callback([&exit_code = line.exit_code, write_arguments] {
    exit_code = write_back(write_arguments->first, write_arguments->second);
  });

  auto arguments = std::make_shared<AnalyseArguments>();
  auto* analyse_command =
      dmn->add_subcommand("analyse", "gaps, overlaps, conflicts, rules that never decide, and inputs that cover everything");
  analyse_command->add_option("MODEL", arguments->model, "the .dmn file")->required();
  analyse_command->add_option("--import", arguments->imports, "models that it imports");
  analyse_command->add_option("--decision", arguments->decision, "only this decision");
  analyse_command->add_option("--data", arguments->data, "JSON lines: count how often each rule decides");
  analyse_command->add_flag("--json", arguments->as_json, "one JSON object a table, with all examples and the covering inputs");
  analyse_command->callback([&exit_code = line.exit_code, arguments] { exit_code = analyse(*arguments); });
}

}  // namespace yiwang::app

// yiwang decide and yiwang decision replay.
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <memory>

#include "commands.hpp"
#include "files.hpp"
#include "yiwang/dmn/json.hpp"
#include "yiwang/dmn/replay.hpp"
#include "yiwang/format/json.hpp"

namespace yiwang::app {

Result<std::shared_ptr<dmn::Model const>> load_model(std::string const& file, std::vector<std::string> const& imports) {
  std::vector<dmn::ModelText> texts;
  std::vector<std::string> files = {file};
  files.insert(files.end(), imports.begin(), imports.end());
  for (auto const& one : files) {
    YW_ASSIGN(auto text, read_file(one));
    texts.push_back({one, std::move(text)});
  }
  return dmn::Model::compile(texts);
}

namespace {

int complain(Error const& error) {
  std::fprintf(stderr, "%s\n", error.line().c_str());
  return 2;
}

/// The clock is read only where no instant is given.
Result<feel::EvaluateOptions> evaluate_options(SystemZones const& zones, std::string const& now) {
  feel::EvaluateOptions options;
  options.zones = &zones;
  options.now_offset_s = 8 * 3600;
  options.has_now = true;
  if (now.empty()) {
    options.now_us =
        std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::system_clock::now().time_since_epoch()).count();
    return options;
  }
  YW_ASSIGN(auto instant, parse_instant(now));
  options.now_us = instant.us;
  return options;
}

/// Splits one record of RFC 4180 text; moves `at` behind it.
std::vector<std::string> csv_record(std::string_view text, std::size_t& at) {
  std::vector<std::string> fields(1);
  bool quoted = false;
  for (; at < text.size(); ++at) {
    char c = text[at];
    if (quoted) {
      if (c != '"')
        fields.back() += c;
      else if (at + 1 < text.size() && text[at + 1] == '"')
        fields.back() += text[at++];
      else
        quoted = false;
    } else if (c == '"') {
      quoted = true;
    } else if (c == ',') {
      fields.emplace_back();
    } else if (c == '\n') {
      ++at;
      break;
    } else if (c != '\r') {
      fields.back() += c;
    }
  }
  return fields;
}

/// The records of an input file as JSON objects.
Result<std::vector<std::string>> read_records(std::string const& file) {
  YW_ASSIGN(std::string text, read_file(file));
  std::vector<std::string> records;
  auto ends = [&](std::string_view suffix) {
    return file.size() >= suffix.size() && file.compare(file.size() - suffix.size(), suffix.size(), suffix) == 0;
  };
  if (text.substr(0, 3) == "\xEF\xBB\xBF") text.erase(0, 3);
  if (ends(".csv")) {
    std::size_t at = 0;
    auto header = csv_record(text, at);
    while (at < text.size()) {
      auto fields = csv_record(text, at);
      if (fields.size() == 1 && fields[0].empty()) continue;
      if (fields.size() != header.size()) {
        return fail(Error(ErrorCode::dmn_input,
                          {{"name", "line"},
                           {"why", std::to_string(fields.size()) + " fields, the header has " + std::to_string(header.size())}})
                        .at({file, static_cast<std::uint32_t>(records.size() + 2), 1, {}}));
      }
      std::string record = "{";
      for (std::size_t i = 0; i < fields.size(); ++i) {
        if (i) record += ',';
        json::append_string(record, header[i]);
        record += ':';
        if (fields[i].empty())
          record += "null";
        else
          json::append_string(record, fields[i]);
      }
      records.push_back(record + "}");
    }
    return records;
  }
  if (ends(".jsonl") || ends(".ndjson")) {
    std::size_t at = 0;
    while (at < text.size()) {
      auto end = text.find('\n', at);
      if (end == std::string::npos) end = text.size();
      auto one = text.substr(at, end - at);
      if (one.find_first_not_of(" \t\r") != std::string::npos) records.push_back(std::move(one));
      at = end + 1;
    }
    return records;
  }
  YW_ASSIGN(auto value, json::parse(text));
  if (value.kind() == json::Kind::array) {
    for (auto const& item : value.items()) records.push_back(json::write(item));
  } else {
    records.push_back(json::write(value));
  }
  return records;
}

struct DecideArguments {
  std::string model, decision, input, output;
  std::vector<std::string> imports;
  bool explain = false, explain_all = false;
  std::string now;
};

int decide(DecideArguments const& arguments) {
  auto model = load_model(arguments.model, arguments.imports);
  if (!model) return complain(model.error());
  SystemZones zones;
  auto options = evaluate_options(zones, arguments.now);
  if (!options) return complain(options.error());
  auto runner = dmn::JsonRunner::create(*model, arguments.decision, *options);
  if (!runner) return complain(runner.error());
  if (arguments.explain || arguments.explain_all)
    runner->set_explain(arguments.explain_all ? dmn::Explain::all : dmn::Explain::matched);
  auto records = read_records(arguments.input);
  if (!records) return complain(records.error());
  std::FILE* out = stdout;
  if (!arguments.output.empty()) out = std::fopen(arguments.output.c_str(), "wb");
  if (!out) return complain(Error(ErrorCode::base_file, {{"file", arguments.output}, {"why", "it cannot be written"}}));
  bool progress = isatty(2) && records->size() > 1000;
  auto start = std::chrono::steady_clock::now(), shown = start;
  std::string line;
  int code = 0;
  for (std::size_t i = 0; i < records->size(); ++i) {
    line.clear();
    if (auto status = runner->run((*records)[i], line); !status) {
      std::fprintf(stderr, "record %zu: %s\n", i + 1, status.error().line().c_str());
      code = 1;
      line = "null";
    }
    if (records->size() == 1 && runner->last().is_null() && !runner->evaluation().diagnostics().empty()) {
      std::fprintf(stderr, "null because: %s\n", runner->evaluation().diagnostics().front().message.c_str());
    }
    line += '\n';
    std::fwrite(line.data(), 1, line.size(), out);
    if (progress && (i & 255) == 0) {
      auto now = std::chrono::steady_clock::now();
      if (now - shown > std::chrono::milliseconds(200)) {
        shown = now;
        double seconds = std::chrono::duration<double>(now - start).count();
        std::fprintf(stderr, "\r%zu of %zu records, %.0f a second ", i + 1, records->size(),
                     static_cast<double>(i + 1) / seconds);
      }
    }
  }
  if (progress) std::fprintf(stderr, "\r%zu records done                      \n", records->size());
  if (out != stdout) std::fclose(out);
  return code;
}

struct ReplayArguments {
  std::string stored, model, backend = "scalar", now;
  std::vector<std::string> imports;
};

int replay_file(ReplayArguments const& arguments) {
  auto model = load_model(arguments.model, arguments.imports);
  if (!model) return complain(model.error());
  auto text = read_file(arguments.stored);
  if (!text) return complain(text.error());
  SystemZones zones;
  auto options = evaluate_options(zones, arguments.now);
  if (!options) return complain(options.error());
  auto backend = arguments.backend == "columnar" ? dmn::Backend::columnar : dmn::Backend::scalar;
  // Whole batches, so that the columnar backend has columns to work on, and memory stays even.
  constexpr std::size_t kBatch = 50'000;
  std::size_t at = 0, number = 0, same = 0, columnar = 0, searched = 0;
  while (at < text->size()) {
    std::vector<std::string> records;
    for (; at < text->size() && records.size() < kBatch;) {
      auto end = std::min(text->find('\n', at), text->size());
      if (end > at) records.push_back(text->substr(at, end - at));
      at = end + 1;
    }
    auto report = dmn::replay_all(*model, records, backend, *options);
    if (!report) {
      std::fprintf(stderr, "record %zu: ", number + report.error().place().line);
      return complain(report.error());
    }
    columnar += report->columnar_rows;
    searched += report->scalar_rows;
    for (auto const& differences : report->differences) {
      ++number;
      same += differences.empty();
      for (auto const& one : differences) std::printf("record %zu: %s\n", number, one.c_str());
    }
  }
  if (backend == dmn::Backend::columnar)
    std::printf("rules chosen by the columnar backend for %zu tables, by the scalar one for %zu\n", columnar, searched);
  std::printf("%zu the same to the byte, %zu different\n", same, number - same);
  return same == number ? 0 : 1;
}

}  // namespace

void add_decide_commands(CommandLine line) {
  auto arguments = std::make_shared<DecideArguments>();
  auto* decide_command = line.app.add_subcommand("decide", "evaluate a decision of a DMN model for every record of a file");
  decide_command->add_option("MODEL", arguments->model, "the .dmn file")->required();
  decide_command->add_option("--decision", arguments->decision, "name or id of the decision")->required();
  decide_command->add_option("--input", arguments->input, "records: .json, .jsonl or .csv with a header")->required();
  decide_command->add_option("--output", arguments->output, "where the answers go; the terminal when left out");
  decide_command->add_option("--import", arguments->imports, "models that MODEL imports");
  decide_command->add_option("--now", arguments->now, "the instant that now() and today() mean");
  decide_command->add_flag("--explain", arguments->explain, "answer with inputs used, rules matched and articles");
  decide_command->add_flag("--explain-all", arguments->explain_all,
                           "also say why every other rule did not match, and how near it was");
  decide_command->callback([&exit_code = line.exit_code, arguments] { exit_code = decide(*arguments); });

  auto* decision = line.app.add_subcommand("decision", "stored decisions");
  decision->require_subcommand(1);
  auto replay = std::make_shared<ReplayArguments>();
  auto* replay_command = decision->add_subcommand("replay", "evaluate stored explanations again and name every difference");
  replay_command->add_option("STORED", replay->stored, "a file that decide --explain wrote, one a line")->required();
  replay_command->add_option("--model", replay->model, "the .dmn file")->required();
  replay_command->add_option("--import", replay->imports, "models that it imports");
  replay_command->add_option("--backend", replay->backend, "which one evaluates")
      ->check(CLI::IsMember({"scalar", "columnar"}))
      ->capture_default_str();
  replay_command->add_option("--now", replay->now, "the instant that now() and today() meant");
  replay_command->callback([&exit_code = line.exit_code, replay] { exit_code = replay_file(*replay); });
}

}  // namespace yiwang::app

// yiwang feel: one expression, or a conversation.
#include <chrono>
#include <cstdio>
#include <iostream>
#include <memory>

#include "commands.hpp"
#include "files.hpp"
#include "yiwang/dmn/json.hpp"
#include "yiwang/feel/expression.hpp"

namespace yiwang::app {

namespace {

feel::EvaluateOptions options_now(SystemZones const& zones) {
  feel::EvaluateOptions options;
  options.zones = &zones;
  options.has_now = true;
  options.now_us =
      std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::system_clock::now().time_since_epoch()).count();
  options.now_offset_s = 8 * 3600;
  return options;
}

/// The variables that a context offers, with types as far as the values show them.
std::vector<feel::Variable> variables_of(feel::Value const& context) {
  std::vector<feel::Variable> variables;
  if (!context.is(feel::Kind::context)) return variables;
  for (auto const& entry : context.as_context().entries) {
    auto const* type = feel::find_basic_type(feel::to_string(entry.value.kind()));
    bool whole = type && type->kind != feel::TypeKind::list && type->kind != feel::TypeKind::context;
    variables.push_back({std::string(entry.name()), whole ? type : nullptr});
  }
  return variables;
}

int show(std::string const& text, feel::Value const& context, feel::EvaluateOptions const& options) {
  auto expression = feel::Expression::compile(text, variables_of(context));
  if (!expression) {
    std::fprintf(stderr, "%s\n", expression.error().line().c_str());
    return 1;
  }
  auto outcome = expression->evaluate_context(context, options);
  std::printf("%s\n", feel::to_string(outcome.value).c_str());
  std::printf("  type: %s\n", std::string(feel::to_string(outcome.value.kind())).c_str());
  auto reason = outcome.reason();
  if (!reason.empty()) std::printf("  null because: %s\n", reason.c_str());
  return 0;
}

int converse(feel::Value const& context, feel::EvaluateOptions const& options) {
  std::string text;
  std::printf("FEEL of DMN 1.5. One expression a line, an empty line or end of input ends.\n> ");
  std::fflush(stdout);
  while (std::getline(std::cin, text) && !text.empty()) {
    (void)show(text, context, options);
    std::fflush(stderr);
    std::printf("> ");
    std::fflush(stdout);
  }
  std::printf("\n");
  return 0;
}

}  // namespace

void add_feel_commands(CommandLine line) {
  struct Arguments {
    std::string expression, context;
  };
  auto arguments = std::make_shared<Arguments>();
  auto* command = line.app.add_subcommand(
      "feel", "evaluate a FEEL expression, or start a conversation; shows value, type and the reason for null");
  command->add_option("EXPR", arguments->expression, "the expression; without it, lines are read from the terminal");
  command->add_option("--context", arguments->context, "JSON object with the variables, or @FILE");
  command->callback([&exit_code = line.exit_code, arguments] {
    SystemZones zones;
    auto options = options_now(zones);
    feel::Value context = feel::Value::context();
    if (!arguments->context.empty()) {
      std::string text = arguments->context;
      if (text[0] == '@') {
        auto file = read_file(text.substr(1));
        if (!file) {
          std::fprintf(stderr, "%s\n", file.error().line().c_str());
          exit_code = 2;
          return;
        }
        text = *file;
      }
      auto value = dmn::value_from_json(text);
      if (!value || !value->is(feel::Kind::context)) {
        std::fprintf(stderr, "--context: %s\n", value ? "expected a JSON object" : value.error().line().c_str());
        exit_code = 2;
        return;
      }
      context = *value;
    }
    exit_code = arguments->expression.empty() ? converse(context, options) : show(arguments->expression, context, options);
  });
}

}  // namespace yiwang::app

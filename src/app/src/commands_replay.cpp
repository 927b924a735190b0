// yiwang verify decisions: every decision that an installation holds is made again from its inputs.
#include <fmt/core.h>

#include "commands.hpp"
#include "files.hpp"
#include "installation.hpp"
#include "yiwang/dmn/replay.hpp"
#include "yiwang/store/decisions.hpp"

namespace yiwang::app {
namespace {

struct Group {
  std::shared_ptr<dmn::Model const> model;
  std::string about;  ///< decision of a case type
  std::vector<std::string> records, names;
};

std::shared_ptr<dmn::Model const> model_of(spine::CaseType const* type, std::string_view sha256) {
  if (type == nullptr) return nullptr;
  for (auto const& model : type->models) {
    if (model->hash() == sha256) return model;
  }
  return nullptr;
}

std::string text_at(json::Value const& v, std::string_view key) {
  json::Value const* child = v.find(key);
  return child != nullptr && child->kind() == json::Kind::string ? child->text() : std::string{};
}

/// Decisions by the rules that made them. Errors: store.*.
Result<std::vector<Group>> stored_groups(Installation& in, std::size_t& unknown) {
  constexpr int kBatch = 500;
  auto const definitions = in.definitions.snapshot();
  std::map<std::string, Group> groups;
  for (auto const& [id, current] : definitions->current->case_types) {
    store::DecisionCursor after;
    for (;;) {
      YW_ASSIGN(auto rows, store::stored_decisions(*in.database, id, after, kBatch));
      for (store::StoredDecision const& row : rows) {
        after.case_id = row.state.id;
        after.revision = static_cast<std::int64_t>(row.revision);
        json::Value const* record = row.event.data.find("record");
        if (record == nullptr) continue;
        std::string const sha256 = text_at(row.event.data, "model_sha256"), decision = text_at(row.event.data, "decision");
        auto model = model_of(definitions->find(row.state.definition), sha256);
        std::string const name = row.state.case_number + " " + decision;
        if (model == nullptr) {
          ++unknown;
          fmt::print("{}: the rules {} are not here any more\n", name, sha256.substr(0, 12));
          continue;
        }
        Group& group = groups[id + " " + sha256];
        group.model = std::move(model);
        group.about = id + " " + decision;
        group.records.push_back(json::write(*record));
        group.names.push_back(name);
      }
      if (rows.size() < kBatch) break;
    }
  }
  std::vector<Group> out;
  for (auto& [key, group] : groups) out.push_back(std::move(group));
  return out;
}

int replay_stored(InstallationOptions const& options) {
  auto complain = [](Error const& error) {
    fmt::print(stderr, "{}\n", error.line());
    return 2;
  };
  auto in = Installation::open(options);
  if (!in) return complain(in.error());
  std::size_t unknown = 0;
  auto groups = stored_groups(**in, unknown);
  if (!groups) return complain(groups.error());
  SystemZones zones;
  feel::EvaluateOptions evaluation;
  evaluation.zones = &zones;
  evaluation.now_offset_s = 8 * 3600;
  evaluation.has_now = true;
  evaluation.now_us = (*in)->clock.now().us;
  std::size_t same = 0, different = 0;
  for (Group const& group : *groups) {
    std::vector<std::string> found(group.records.size());
    for (dmn::Backend backend : {dmn::Backend::scalar, dmn::Backend::columnar}) {
      auto report = dmn::replay_all(group.model, group.records, backend, evaluation);
      if (!report) return complain(report.error());
      for (std::size_t i = 0; i < found.size(); ++i) {
        for (std::string const& one : report->differences[i])
          found[i] += std::string(backend == dmn::Backend::scalar ? "scalar: " : "columnar: ") + one + "\n";
      }
    }
    std::size_t bad = 0;
    for (std::size_t i = 0; i < found.size(); ++i) {
      if (found[i].empty()) continue;
      ++bad;
      fmt::print("{}: {}", group.names[i], found[i]);
    }
    fmt::print("{:<52} {:>7} decisions, {} different\n", group.about, found.size(), bad);
    different += bad;
    same += found.size() - bad;
  }
  fmt::print(
      "{} decisions by {} tables of rules made again from their inputs on both backends: {} the same to the byte, {} different, "
      "{} whose rules are gone\n",
      same + different + unknown, groups->size(), same, different, unknown);
  return different + unknown == 0 ? 0 : 1;
}

}  // namespace

void add_replay_command(CLI::App& verify, int& code) {
  auto data = std::make_shared<std::string>("var/demo");
  auto database = std::make_shared<std::string>();
  auto* cmd = verify.add_subcommand(
      "decisions", "Make every stored decision again from its inputs, on both backends, and name each difference");
  cmd->add_option("--data", *data, "Folder of the installation");
  cmd->add_option("--database", *database, "sqlite:FILE or postgres:CONNECTION");
  cmd->callback([data, database, &code] {
    InstallationOptions options;
    options.data = *data;
    options.database = *database;
    code = replay_stored(options);
  });
}

}  // namespace yiwang::app

// Runs spec/bpmn/*.flow.yaml.

#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "support.hpp"

namespace yiwang::bpmn::testing {
namespace {

json::Value value_of(YAML::Node const& node) {
  if (node.IsMap()) {
    json::Value out = json::Value::object();
    for (auto const& item : node) out.set(item.first.as<std::string>(), value_of(item.second));
    return out;
  }
  if (node.IsSequence()) {
    json::Value out = json::Value::array();
    for (auto const& item : node) out.items().push_back(value_of(item));
    return out;
  }
  if (!node.IsScalar()) return {};
  std::string const text = node.Scalar();
  if (text == "true" || text == "false") return json::Value::boolean(text == "true");
  if (!text.empty() && text.find_first_not_of("-0123456789") == std::string::npos) return json::Value::number(text);
  return json::Value::string(text);
}

std::optional<CommandType> type_of(std::string const& name) {
  for (int i = 0; i <= static_cast<int>(CommandType::sign_vote); ++i) {
    if (to_string(static_cast<CommandType>(i)) == name) return static_cast<CommandType>(i);
  }
  return std::nullopt;
}

void fire_due(Instance& it) {
  for (int guard = 0; guard < 1000; ++guard) {
    Timer const* due = nullptr;
    for (Timer const& timer : it.state.timers) {
      if (timer.remaining_us < 0 && timer.due <= it.now && (due == nullptr || timer.due < due->due)) due = &timer;
    }
    if (due == nullptr || it.state.status != InstanceStatus::running) return;
    Command command;
    command.type = CommandType::fire_timer;
    command.id = due->id;
    ASSERT_TRUE(it.give(command)) << it.refusal->line();
  }
}

void expect(Instance const& it, YAML::Node const& wanted, std::string const& where) {
  if (auto const tasks = wanted["tasks"]) {
    std::vector<std::string> want, have;
    for (auto const& task : tasks) want.push_back(task.as<std::string>());
    for (UserTask const& task : it.state.tasks)
      have.push_back(it.definition->nodes[task.node].id + (task.kind.empty() ? "" : "/" + task.kind));
    std::sort(want.begin(), want.end());
    std::sort(have.begin(), have.end());
    EXPECT_EQ(have, want) << where;
  }
  if (auto const status = wanted["status"]) {
    EXPECT_EQ(to_string(it.state.status), status.as<std::string>()) << where;
  }
  if (auto const timers = wanted["timers"]) {
    EXPECT_EQ(it.state.timers.size(), timers.as<std::size_t>()) << where;
  }
  if (auto const incidents = wanted["incidents"]) {
    EXPECT_EQ(it.state.incidents.size(), incidents.as<std::size_t>()) << where;
  }
  if (auto const tokens = wanted["tokens"]) {
    std::size_t count = 0;
    for (Element const& element : it.state.elements)
      count += element.node != kNone && element.scope == kNone && element.role != Role::body ? 1 : 0;
    for (Arrival const& arrival : it.state.arrivals) count += static_cast<std::size_t>(arrival.count);
    EXPECT_EQ(count, tokens.as<std::size_t>()) << where;
  }
  if (auto const clock = wanted["clock"]) {
    std::vector<std::string> want, have;
    for (auto const& line : clock) want.push_back(line.as<std::string>());
    for (EventRecord const& event : it.last) {
      if (event.type == EventType::clock) have.push_back(event.name + " " + event.detail);
    }
    EXPECT_EQ(have, want) << where;
  }
  if (auto const variables = wanted["variables"]) {
    for (auto const& item : variables) {
      auto const* value = it.state.elements.empty()
                              ? nullptr
                              : find_variable(it.state, it.state.elements.front().id, item.first.as<std::string>());
      EXPECT_EQ(json::write(value == nullptr ? json::Value{} : *value), json::write(value_of(item.second))) << where;
    }
  }
}

void run(YAML::Node const& flow, std::filesystem::path const& folder) {
  std::string const name = flow["name"].as<std::string>();
  std::ifstream file(folder / flow["file"].as<std::string>());
  std::stringstream text;
  text << file.rdbuf();
  Instance it;
  auto const definition = deploy(text.str(), flow["file"].as<std::string>(), &it.ports);
  ASSERT_TRUE(definition) << definition.error().line();
  it.definition = *definition;
  int number = 0;
  for (auto const& step : flow["steps"]) {
    std::string const where = name + ", step " + std::to_string(++number);
    if (auto const advance = step["advance"]) {
      it.now = *add_duration(it.now, advance.as<std::string>());
      fire_due(it);
      continue;
    }
    if (auto const wanted = step["expect"]) {
      expect(it, wanted, where);
      continue;
    }
    auto const type = type_of(step["do"].as<std::string>());
    ASSERT_TRUE(type) << where << ": unknown command";
    Command command;
    command.type = *type;
    if (auto const task = step["task"]) {
      std::string const spec = task.as<std::string>();
      auto const slash = spec.find('/');
      UserTask const* found = it.task(spec.substr(0, slash), slash == std::string::npos ? "" : spec.substr(slash + 1));
      ASSERT_NE(found, nullptr) << where << ": no task " << spec;
      command.id = found->id;
    }
    if (auto const element = step["element"]) {
      for (Element const& e : it.state.elements) {
        if (e.node != kNone && it.definition->nodes[e.node].id == element.as<std::string>()) command.id = e.id;
      }
    }
    if (step["incident"] && !it.state.incidents.empty()) command.id = it.state.incidents.front().id;
    if (step["job"] && !it.state.jobs.empty()) command.id = it.state.jobs.front().id;
    auto string = [&](char const* key, std::string& out) {
      if (step[key]) out = step[key].as<std::string>();
    };
    string("by", command.by);
    string("name", command.name);
    string("node", command.node);
    string("reason", command.detail);
    if (step["flag"]) command.flag = step["flag"].as<bool>();
    if (step["number"]) command.number = step["number"].as<std::int64_t>();
    for (auto const& who : step["to"]) command.to.push_back(who.as<std::string>());
    if (step["data"]) command.data = value_of(step["data"]);
    bool const done = it.give(command);
    if (auto const code = step["rejected"]) {
      ASSERT_FALSE(done) << where << ": should be rejected";
      EXPECT_EQ(to_string(it.refusal->code()), code.as<std::string>()) << where;
    } else {
      ASSERT_TRUE(done) << where << ": " << it.refusal->line();
    }
  }
  // The state survives its own JSON, and the events alone give the same state.
  auto const stored = read_state(*it.definition, write_state(*it.definition, it.state));
  ASSERT_TRUE(stored) << stored.error().line();
  EXPECT_EQ(write_state(*it.definition, *stored), write_state(*it.definition, it.state));
  State replayed;
  for (EventRecord const& event : it.all) apply(*it.definition, replayed, event);
  EXPECT_EQ(write_state(*it.definition, replayed), write_state(*it.definition, it.state)) << name;
}

TEST(BpmnFlow, SpecFiles) {
  int flows = 0;
  for (auto const& entry : std::filesystem::directory_iterator(YW_SOURCE_DIR "/spec/bpmn")) {
    if (!entry.path().filename().string().ends_with(".flow.yaml")) continue;
    for (auto const& flow : YAML::LoadFile(entry.path().string())) {
      run(flow, entry.path().parent_path());
      ++flows;
    }
  }
  EXPECT_GE(flows, 10);
}

}  // namespace
}  // namespace yiwang::bpmn::testing

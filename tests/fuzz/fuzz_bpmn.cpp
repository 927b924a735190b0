#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "yiwang/bpmn/definition.hpp"
#include "yiwang/bpmn/engine.hpp"

namespace {

using namespace yiwang;

class Nothing : public bpmn::Ports {
 public:
  Result<json::Value> evaluate(bpmn::Expression const& expression, bpmn::Lookup const&) override {
    return json::Value::boolean(expression.text.size() % 2 == 0);
  }
  Result<bpmn::ScriptResult> run_script(bpmn::Node const&, std::string_view, std::string_view, bpmn::Lookup const&) override {
    return bpmn::ScriptResult{};
  }
};

}  // namespace

/// Any file: refused or run for a while with every open task completed; what is stored reads back.
extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
  auto const reading = bpmn::read({reinterpret_cast<char const*>(data), size});
  if (reading.refused() || reading.definition->processes.empty()) return 0;
  bpmn::Definition const& definition = *reading.definition;
  Nothing ports;
  bpmn::State state;
  bpmn::Command command;
  command.name = definition.processes.front().id;
  bpmn::Limits limits;
  limits.steps = 500;
  limits.elements = 500;
  for (int step = 0; step < 20; ++step) {
    command.now = Instant{step * 1'000'000'000'000};
    auto const events = bpmn::decide(definition, state, command, ports, limits);
    if (!events) break;
    for (bpmn::EventRecord const& event : *events) bpmn::apply(definition, state, event);
    auto const text = bpmn::write_state(definition, state);
    auto const again = bpmn::read_state(definition, text);
    if (again && bpmn::write_state(definition, *again) != text) std::abort();
    command = {};
    if (!state.tasks.empty()) {
      command.type = bpmn::CommandType::complete_task;
      command.id = state.tasks.front().id;
    } else if (!state.timers.empty()) {
      command.type = bpmn::CommandType::fire_timer;
      command.id = state.timers.front().id;
    } else {
      break;
    }
  }
  return 0;
}

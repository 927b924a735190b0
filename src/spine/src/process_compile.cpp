#include <algorithm>
#include <deque>

#include "yiwang/spine/process_ports.hpp"
#include "yiwang/spine/steps.hpp"

namespace yiwang::spine {
namespace {

struct Checker {
  pack::Document const& document;
  CaseType& type;
  std::vector<Error>& errors;

  pack::Node const& steps() const { return *document.root.find("steps"); }
  void wrong(pack::Node const& node, std::string why, std::string cure) {
    errors.push_back(
        Error(ErrorCode::pack_process, {{"why", std::move(why)}, {"cure", std::move(cure)}}).at(document.place(node)));
  }

  /// Steps that make the process themselves: all can be reached and left, and the case comes to an end.
  bool by_steps() {
    std::size_t const before = errors.size();
    pack::Node const* initial = document.root.find("initial");
    if (initial == nullptr) {
      wrong(document.root, "没有写从哪一步开始 / it does not say where it begins",
            "请写 initial，或在旁边放 process.bpmn / write initial, or put process.bpmn beside it");
      return false;
    }
    if (!type.steps.contains(type.initial)) {
      wrong(*initial, "起始步骤“" + type.initial + "”不存在 / the initial step does not exist",
            "请改为 steps 中的名称 / use a name from steps");
      return false;
    }
    for (auto const& entry : steps().entries) {
      pack::Node const* actions = entry.value.find("actions");
      if (actions == nullptr) continue;
      for (auto const& action : actions->entries) {
        pack::Node const* to = action.value.find("to");
        if (to == nullptr) {
          wrong(action.value, "动作“" + action.key + "”没有写去哪一步 / the action '" + action.key + "' leads nowhere",
                "请写 to，或在旁边放 process.bpmn / write to, or put process.bpmn beside it");
        } else if (steps().find(to->scalar) == nullptr) {
          wrong(*to, "步骤“" + to->scalar + "”不存在 / there is no step '" + to->scalar + "'",
                "请改为 steps 中的名称 / use a name from steps");
        }
      }
    }
    std::set<std::string> seen{type.initial};
    std::deque<std::string> todo{type.initial};
    while (!todo.empty()) {
      for (StepAction const& a : type.steps.at(todo.front()).actions) {
        if (type.steps.contains(a.to) && seen.insert(a.to).second) todo.push_back(a.to);
      }
      todo.pop_front();
    }
    bool ends = false;
    for (auto const& [id, step] : type.steps) {
      pack::Node const& node = *steps().find(id);
      if (!seen.contains(id))
        wrong(node, "步骤“" + id + "”永远到不了 / the step '" + id + "' can never be reached",
              "请加一个指向它的 action，或删去 / add an action that leads there, or remove it");
      if (step.actions.empty() && step.status != CaseStatus::concluded) {
        wrong(node, "步骤“" + id + "”没有出路 / the step '" + id + "' cannot be left",
              "请加 action，或把 status 改为 concluded / add an action or make it concluded");
      }
      ends = ends || step.status == CaseStatus::concluded;
    }
    if (!ends)
      wrong(document.root, "没有一个步骤是 concluded / no step is concluded",
            "请把最后一步的 status 写为 concluded / give the last step the status concluded");
    return errors.size() == before;
  }

  /// A field of an action that is worked out names a variable that a script of the process sets.
  void computed(pack::Node const& step) {
    pack::Node const* actions = step.find("actions");
    for (auto const& action : actions ? actions->entries : std::vector<pack::Node::Entry>{}) {
      for (pack::Node const& field : action.value.list("fields")) {
        std::string const name(field.text("compute"));
        if (name.empty()) continue;
        bool const set =
            type.process && std::any_of(type.process->nodes.begin(), type.process->nodes.end(), [&](bpmn::Node const& n) {
              auto const* task = std::get_if<bpmn::Task>(&n.kind);
              return task != nullptr && (task->result_variable == name || task->script.find(name + ":") != std::string::npos);
            });
        if (!set)
          wrong(*field.find("compute"), "流程里没有脚本算出“" + name + "” / no script of the process works out '" + name + "'",
                "动作的 compute 写脚本任务设的变量名 / here compute names a variable that a script task sets");
      }
    }
  }

  /// Steps that describe the tasks of process.bpmn.
  void drawn(std::string const& file) {
    for (pack::Node const* node : {document.root.find("initial")}) {
      if (node != nullptr)
        wrong(*node, "有了 process.bpmn 就不写 initial / process.bpmn already says where it begins", "请删去 / remove it");
    }
    std::size_t executable = 0;
    for (bpmn::Process const& process : type.process->processes) executable += process.executable ? 1 : 0;
    if (executable != 1)
      wrong(document.root, file + " 应当正好有一个可执行的流程 / must hold exactly one executable process",
            "请只给一个 process 写 isExecutable=\"true\" / set isExecutable on one");
    for (auto const& entry : steps().entries) {
      Step const& step = type.steps.at(entry.key);
      bpmn::Index const found = type.process->find_node(entry.key);
      bool const exists = found != bpmn::kNone;
      auto const* task = exists ? std::get_if<bpmn::Task>(&type.process->nodes[found].kind) : nullptr;
      auto const* event = exists ? std::get_if<bpmn::Event>(&type.process->nodes[found].kind) : nullptr;
      bool const is_task = task != nullptr && task->kind == bpmn::TaskKind::user;
      if (!exists) {
        wrong(entry.value, "“" + entry.key + "”不在 " + file + " 里 / '" + entry.key + "' is not in " + file,
              "请用用户任务或结束事件的 id / use the id of a user task or an end event");
      } else if (step.actions.empty() ? !(event != nullptr && event->position == bpmn::Position::end) : !is_task) {
        wrong(entry.value,
              step.actions.empty() ? "没有 action 的一步应是结束事件 / a step without actions must be an end event"
                                   : "有 action 的一步应是用户任务 / a step with actions must be a user task",
              "请改 id 或改流程图 / change the id or the diagram");
      }
      for (StepAction const& action : step.actions) {
        if (!action.to.empty())
          wrong(entry.value, "有了 process.bpmn 就不写 to / process.bpmn already says where '" + action.id + "' leads",
                "请删去 to / remove to");
        if (task != nullptr && (task->vote != bpmn::VoteKind::none) != action.vote.has_value()) {
          wrong(entry.value,
                "会签任务的每个动作都要写 vote，别的任务不写 / each action of a task that votes has vote, others have none",
                "请加上或删去 vote / add or remove vote");
        }
      }
    }
    for (auto const& entry : steps().entries) computed(entry.value);
    // The first step behind the start, for people who want to know what comes first.
    for (bpmn::Node const& node : type.process->nodes) {
      auto const* start = std::get_if<bpmn::Event>(&node.kind);
      if (start == nullptr || start->position != bpmn::Position::start || node.out.empty() || !type.initial.empty()) continue;
      std::string const& next = type.process->nodes[type.process->flows[node.out.front()].target].id;
      if (type.steps.contains(next)) type.initial = next;
    }
    for (bpmn::Node const& node : type.process->nodes) {
      auto const* task = std::get_if<bpmn::Task>(&node.kind);
      if (task == nullptr) continue;
      if (task->kind == bpmn::TaskKind::user && type.step(node.id) == nullptr) {
        errors.push_back(Error(ErrorCode::pack_process,
                               {{"why", "用户任务“" + node.id + "”没有说明 / the user task '" + node.id + "' is not described"},
                                {"cure", "请在 process.yaml 的 steps 里写它 / describe it under steps in process.yaml"}})
                             .at({file, node.line, 0, ""}));
      }
      if (task->kind != bpmn::TaskKind::business_rule) continue;
      bool const known = std::any_of(type.models.begin(), type.models.end(), [&](auto const& model) {
        return model->find(task->implementation, dmn::ElementKind::decision) >= 0;
      });
      if (!known) {
        errors.push_back(
            Error(ErrorCode::pack_reference, {{"what", "决策 / the decision"},
                                              {"value", task->implementation},
                                              {"cure", "请在同一文件夹的 .dmn 里定义 / define it in a .dmn of the same folder"}})
                .at({file, node.line, 0, ""}));
      }
    }
  }
};

}  // namespace

void compile_process(pack::Pack const& pack, std::string const& folder, pack::Document const& steps, CaseType& type,
                     std::vector<Error>& errors) {
  Checker checker{steps, type, errors};
  ProcessPorts ports;
  for (auto const& [file, text] : pack.files) {
    if (!file.starts_with(folder + "/") || !file.ends_with(".dmn")) continue;
    auto model = dmn::Model::compile({{file, text}});
    if (!model) {
      errors.push_back(std::move(model).error());
      continue;
    }
    ports.add_model(*model);
    type.models.push_back(std::move(*model));
  }
  std::string file = folder + "/process.bpmn";
  auto const drawn = pack.files.find(file);
  if (drawn == pack.files.end()) {
    if (!checker.by_steps()) return;
    type.process_xml = bpmn_of_steps(type);
    file = steps.file;
  } else {
    type.process_xml = drawn->second;
  }
  auto definition = bpmn::deploy(type.process_xml, file, &ports);
  if (!definition) {
    errors.push_back(std::move(definition).error());
    return;
  }
  type.process = std::move(*definition);
  type.process_names = ports.names();
  // A check of an action looks at the form: it is kept with the process, as for any expression that asks for it.
  for (auto const& [id, step] : type.steps) {
    for (StepAction const& action : step.actions) {
      if (action.rules) type.process_names.insert("form");
    }
  }
  if (drawn != pack.files.end()) checker.drawn(file);
}

}  // namespace yiwang::spine

#include <algorithm>

#include "aggregate.hpp"
#include "yiwang/base/personal.hpp"
#include "yiwang/base/utf8.hpp"
#include "yiwang/bpmn/engine.hpp"
#include "yiwang/format/json_order.hpp"
#include "yiwang/spine/forms.hpp"
#include "yiwang/spine/process_ports.hpp"

namespace yiwang::spine {
namespace {

using bpmn::CommandType;

json::Value actor_json(Actor const& actor) {
  json::Value out = json::Value::object({{"role", string(to_string(actor.role))}});
  if (actor.id != IdBytes{}) out.set("id", string(::yiwang::to_string(actor.id)));
  std::string name = actor.name;
  if (actor.is_subject()) {
    auto person = PersonName::create(name);
    name = person ? person->masked() : "*";
  }
  out.set("name", string(name));
  if (!actor.department.empty()) out.set("department", string(actor.department));
  return out;
}

/// The first line of a text, at most 24 code points.
std::string title_from(std::string_view text) {
  std::string_view line = text.substr(0, text.find('\n'));
  if (utf8::length(line) <= 24) return std::string(line);
  return std::string(utf8::substring(line, 0, 23)) + "…";
}

void collect_files(json::Value const& input, json::Value& out) {
  for (auto const& [key, value] : input.members()) {
    if (value.kind() != json::Kind::array) continue;
    for (json::Value const& item : value.items()) {
      if (item.kind() == json::Kind::string && item.text().size() == 64) out.items().push_back(item);
    }
  }
}

/// Members in the order in which the event keeps them: what the process holds is written as what follows from the event.
json::Value as_kept(json::Value value) {
  json::put_in_canonical_order(value);
  return value;
}

struct OperationRule {
  CommandType type;
  Action action;
  char const *zh_cn, *en;  ///< as it stands in the timeline
};
/// Which operations people may give, and under which permission; docs/process.md says what each does. What the engine
/// also understands (complete a task, fire a timer, set a variable) has a way of its own here, or none.
constexpr OperationRule kOperations[] = {
    {CommandType::hand_over, Action::case_handle, "转办", "Handed over"},
    {CommandType::delegate, Action::case_handle, "委派", "Delegated"},
    {CommandType::give_back, Action::case_handle, "办完交回", "Given back"},
    {CommandType::add_signer, Action::case_handle, "加签", "Signer added"},
    {CommandType::remove_signer, Action::case_handle, "减签", "Signer removed"},
    {CommandType::complete_task, Action::case_handle, "完成", "Completed"},
    {CommandType::send_back, Action::case_handle, "退回", "Sent back"},
    {CommandType::reject, Action::case_handle, "驳回", "Rejected"},
    {CommandType::withdraw, Action::case_handle, "撤回", "Withdrawn"},
    {CommandType::copy_to, Action::case_handle, "抄送", "Copied"},
    {CommandType::circulate, Action::case_handle, "传阅", "Circulated"},
    {CommandType::urge, Action::case_urge, "催办", "Urged"},
    {CommandType::mark_read, Action::case_read, "已阅", "Read"},
    {CommandType::request_correction, Action::case_handle, "请申请人补正", "Correction requested"},
    {CommandType::submit_correction, Action::case_act_applicant, "已补正", "Corrected"},
    {CommandType::start_special_procedure, Action::case_handle, "开始特别程序", "Special procedure begun"},
    {CommandType::end_special_procedure, Action::case_handle, "特别程序结束", "Special procedure ended"},
    {CommandType::request_extension, Action::case_handle, "申请延期", "More time requested"},
    {CommandType::decide_extension, Action::case_handle, "延期审批", "More time decided"},
    {CommandType::jump, Action::case_command, "跳转", "Moved"},
    {CommandType::terminate, Action::case_command, "终止", "Terminated"},
    {CommandType::suspend, Action::case_command, "挂起", "Suspended"},
    {CommandType::resume, Action::case_command, "恢复", "Resumed"},
    {CommandType::time_out, Action::case_command, "超时处理", "Time-out handled"},
    {CommandType::substitute, Action::case_command, "代理", "Deputy named"},
    {CommandType::retry, Action::case_repair, "重试", "Retried"},
    {CommandType::resolve, Action::case_repair, "人工了结", "Resolved by hand"},
};
OperationRule const* find_operation(std::string_view name) {
  for (OperationRule const& rule : kOperations) {
    if (bpmn::to_string(rule.type) == name) return &rule;
  }
  return nullptr;
}
/// These begin with a person's word; without it nobody could say later why.
bool needs_reason(CommandType type) {
  switch (type) {
    case CommandType::send_back:
    case CommandType::reject:
    case CommandType::jump:
    case CommandType::terminate:
    case CommandType::suspend:
    case CommandType::resolve:
    case CommandType::withdraw: return true;
    default: return false;
  }
}

struct Decider {
  CaseType const& type;
  CaseState const* state;
  Command const& command;
  Actor const& actor;
  Facts const& facts;
  Decision<std::vector<Event>> out{};
  bpmn::State process{};
  std::vector<bpmn::EventRecord> moved{};
  bool office_asked = false;  ///< by the last event: whether somebody of the office has something to do

  Decider(CaseType const& t, CaseState const* s, Command const& c, Actor const& a, Facts const& f)
      : type(t), state(s), command(c), actor(a), facts(f) {
    if (state && state->process) process = *state->process;
  }

  void refuse(Error error) { out.errors.push_back(std::move(error)); }
  std::string step_name() const { return type.step_title(state->step).zh_cn; }

  // --- the engine

  Status give(bpmn::Command command_to) {
    command_to.now = facts.now;
    YW_ASSIGN(auto events, bpmn::decide(*type.process, process, command_to, *facts.ports));
    for (bpmn::EventRecord& event : events) {
      bpmn::apply(*type.process, process, event);
      moved.push_back(std::move(event));
    }
    return {};
  }
  bpmn::Command make(CommandType what, bpmn::Id id = 0, std::string by = {}) const {
    bpmn::Command out_command;
    out_command.type = what;
    out_command.id = id;
    out_command.by = std::move(by);
    return out_command;
  }
  /// Who works on a case of one handler keeps it: tasks that open for the unit go to the person that has taken it.
  void keep_handler(IdBytes const& handler, bpmn::Id last_before) {
    if (handler == IdBytes{}) return;
    std::vector<bpmn::Id> opened;
    for (bpmn::UserTask const& task : process.tasks) {
      Step const* step = type.step(type.process->nodes[task.node].id);
      if (task.id > last_before && task.kind.empty() && task.assignee.empty() && task.candidates.empty() && step &&
          step->performer == Performer::clerk)
        opened.push_back(task.id);
    }
    for (bpmn::Id id : opened) {
      Status taken = give(make(CommandType::claim, id, ::yiwang::to_string(handler)));
      (void)taken;  // refused by four eyes: it stays open to the colleagues
    }
  }

  void emit(std::string_view what, json::Value data) {
    if (!command.facts.is_null()) data.set("facts", command.facts);
    if (!moved.empty()) {
      json::Value list = json::Value::array();
      for (bpmn::EventRecord& event : moved) {
        if (event.at == facts.now) event.at = {};
        for (auto& [name, value] : event.data.members()) {
          if (held_once(name) && value.kind() == json::Kind::object && data.find(name) != nullptr) value = string("@" + name);
        }
        list.items().push_back(bpmn::event_value(*type.process, event));
      }
      data.set("process", std::move(list));
      CaseState after;
      after.process = std::move(process);
      if (state) after.step = state->step, after.department = state->department;
      follow_process(type, after);
      Standing const now = standing(type, after);
      office_asked = std::any_of(after.tasks.begin(), after.tasks.end(),
                                 [](OpenTask const& t) { return t.performer != Performer::applicant; });
      process = std::move(*after.process);
      // Nobody has decided in time, and the law says what follows: the process is where it ends, by no act of anybody.
      if (what == "case.timer" && state && state->status != CaseStatus::concluded && now.status == CaseStatus::concluded)
        clock_event("by_time", data);
      data.set("step", string(now.step));
      data.set("status", string(to_string(now.status)));
      // The process says which unit has the case: the tasks of nobody in particular stand in that unit's inbox.
      std::string const unit = unit_of_process();
      if (!unit.empty() && unit != (state ? state->department : text_of(data, "department")))
        data.set("department", string(unit));
    }
    std::vector<json::Value> decisions = facts.ports->take_decisions();
    if (!decisions.empty()) data.set("decisions", json::Value::array(std::move(decisions)));
    out.value.push_back({std::string(what), 1, facts.now, actor_json(actor), as_kept(std::move(data))});
  }
  void clock_event(std::string const& name, json::Value& data) {
    auto it = type.clock_events.find(name);
    if (it == type.clock_events.end()) return;
    // Of what is applied for, the form may say which clock begins.
    json::Value const* form = data.find("form");
    auto const named = form != nullptr && !it->second.field.empty() ? it->second.types.find(text_of(*form, it->second.field))
                                                                    : it->second.types.end();
    json::Value event =
        json::Value::object({{"type", string(named != it->second.types.end() ? named->second : it->second.type)}});
    if (!it->second.reason.empty()) event.set("reason", string(it->second.reason));
    data.set("clock", std::move(event));
  }
  /// As it is read back from the event, so that the process rebuilt from it is the same to the byte.
  static json::Value in_order(json::Value const& value) { return as_kept(value); }
  bool asked(std::string_view name) const { return type.process_names.contains(name); }
  /// The variable `unit` of the process, when it names one that there is.
  std::string unit_of_process() const {
    json::Value const unit = variable(process, "unit");
    return unit.kind() == json::Kind::string && facts.release->organisation(unit.text()) ? unit.text() : std::string{};
  }

  // --- commands

  /// The start event of the process that waits for the message of the command; empty when none does.
  std::string start_of_message() const {
    for (bpmn::Process const& p : type.process->processes) {
      if (!p.executable) continue;
      for (bpmn::Index node : type.process->scopes[p.scope].triggered_starts) {
        auto const* event = std::get_if<bpmn::Event>(&type.process->nodes[node].kind);
        for (bpmn::EventDefinition const& definition : event ? event->definitions : std::vector<bpmn::EventDefinition>{}) {
          auto const* message = std::get_if<bpmn::MessageEvent>(&definition);
          if (message && message->name == command.name) return type.process->nodes[node].id;
        }
      }
    }
    return {};
  }

  void submit() {
    bool const by_message = actor.role == Role::system;
    bool may = by_message || (actor.role == Role::enterprise ? type.for_enterprises : type.for_residents);
    if (!may) return refuse(Error(ErrorCode::spine_forbidden, {{"action", "case_submit"}}));
    if (!by_message && !actor.covers(type.id)) return refuse(Error(ErrorCode::spine_scope, {{"what", type.title.zh_cn}}));
    std::string const begins_at = by_message ? start_of_message() : std::string{};
    if (by_message && begins_at.empty())
      return refuse(Error(ErrorCode::spine_not_found,
                          {{"what", "由消息“" + command.name + "”开始的事项 / a case type that the message begins"}}));
    json::Value form;
    std::vector<Error> faults = check_form(type, command.input, facts.now, form);
    if (!faults.empty()) {
      out.errors = std::move(faults);
      return;
    }
    std::string department = type.department;
    if (!type.routing_field.empty()) {
      auto route = type.routing.find(text_of(form, type.routing_field));
      if (route != type.routing.end()) department = route->second;
    }
    if (std::string unit = text_of(command.facts, "unit"); facts.release->organisation(unit) != nullptr) department = unit;
    form = in_order(form);
    // The rules decide first, so that the process can ask what they have decided.
    json::Value known = form;
    if (!type.decisions.empty() && !command.facts.is_null()) known.set("@facts", command.facts);
    std::vector<json::Value> decided;
    json::Value outputs = json::Value::object();
    for (CaseDecision const& one : type.decisions) {
      auto made = decide_case(one, known, facts.now);
      if (!made) return refuse(std::move(made).error());
      if (made->is_null()) continue;
      outputs.set(one.id, *made->find("output"));
      decided.push_back(std::move(*made));
    }
    bpmn::Command start = make(CommandType::start, 0, to_string(actor.acts_for));
    start.data = json::Value::object();
    if (asked("form")) start.data.set("form", form);
    if (asked("facts")) start.data.set("facts", command.facts);
    if (asked("decided")) start.data.set("decided", in_order(outputs));
    if (asked("department")) start.data.set("department", string(department));
    if (asked("region")) start.data.set("region", string(facts.region_path));
    if (asked("applicant_kind"))
      start.data.set("applicant_kind", string(by_message ? std::string_view(command.to) : to_string(actor.role)));
    start.node = begins_at;
    for (bpmn::Process const& p : type.process->processes) {
      if (p.executable && start.name.empty()) start.name = p.id;
    }
    if (Status begun = give(std::move(start)); !begun) return refuse(std::move(begun).error());
    json::Value files = json::Value::array();
    collect_files(form, files);
    std::string title = title_from(text_of(form, type.title_from));
    json::Value data = json::Value::object({{"case_type", string(type.id)}, {"definition", string(type.hash)}});
    if (by_message) data.set("message", string(command.name));
    data.set("applicant", string(to_string(actor.acts_for)));
    data.set("department", string(department));
    data.set("region_path", string(facts.region_path));
    data.set("query_code", string(facts.query_code));
    data.set("case_number", string(facts.case_number));
    data.set("title", string(title.empty() ? type.title.zh_cn : title));
    // Who applies beside the applicant: whoever is one of them handles nothing of it.
    json::Value parties = json::Value::array();
    if (actor.is_subject() && SubjectId(actor.id) != actor.acts_for)
      parties.items().push_back(string(::yiwang::to_string(actor.id)));
    if (json::Value const* joint = command.facts.kind() == json::Kind::object ? command.facts.find("joint") : nullptr) {
      for (json::Value const& one : joint->items()) {
        if (std::string id = text_of(one, "subject"); !id.empty()) parties.items().push_back(string(id));
      }
    }
    if (!parties.items().empty()) data.set("parties", std::move(parties));
    data.set("form", std::move(form));
    data.set("files", std::move(files));
    clock_event(by_message ? "message" : "submitted", data);
    emit("case.submitted", std::move(data));
    // The rules decide, not the applicant; nobody of the office is asked any more.
    if (!decided.empty() && !office_asked) {
      clock_event("accepted_by_rules", decided.front());
      clock_event("decided_by_rules", decided.back());
    }
    for (json::Value& one : decided)
      out.value.push_back({"case.decided", 1, facts.now, actor_json(Actor::system()), std::move(one)});
  }

  /// The open task in which this actor would take the action: one's own first, then what is free, then any.
  OpenTask const* task_for(std::string_view action, StepAction const** found) const {
    OpenTask const* best = nullptr;
    int best_rank = 0;
    std::string const me = ::yiwang::to_string(actor.id);
    for (OpenTask const& task : state->tasks) {
      Step const* step = task.kind.empty() ? type.step(task.node) : nullptr;
      StepAction const* here = step ? step->find(action) : nullptr;
      if (here == nullptr || (command.task != 0 && command.task != task.id)) continue;
      int const rank = !offered(actor, *state, task) ? 1 : task.assignee == me ? 3 : 2;
      if (rank > best_rank) best = &task, best_rank = rank, *found = here;
    }
    return best;
  }

  /// Refuses what is not this actor's to do.
  bool mine_to_do(OpenTask const& task) {
    if (offered(actor, *state, task)) return true;
    Action const action = task.performer == Performer::applicant ? Action::case_act_applicant : Action::case_handle;
    if (Status may = authorise(actor, action, relations(actor, *state)); !may) {
      refuse(std::move(may).error());
    } else if (!task.assignee.empty() && task.performer != Performer::applicant) {
      auto name = state->people.find(task.assignee);
      refuse(Error(ErrorCode::spine_assigned, {{"name", name == state->people.end() ? "" : name->second}}));
    } else {
      refuse(Error(ErrorCode::spine_forbidden, {{"action", std::string(to_string(action))}}));
    }
    return false;
  }

  void act() {
    std::uint8_t const relation = relations(actor, *state);
    // Who takes no steps at all in this case is refused; who does is told that it is not the turn of this one.
    if (!allowed(actor.role, Action::case_act_applicant, relation)) {
      if (Status may = authorise(actor, Action::case_handle, relation); !may) return refuse(std::move(may).error());
    }
    StepAction const* action = nullptr;
    OpenTask const* task = task_for(command.action, &action);
    if (task == nullptr || state->suspended)
      return refuse(Error(ErrorCode::spine_wrong_step, {{"step", step_name()}, {"action", command.action}}));
    auto count = state->action_counts.find(action->id);
    if (action->at_most > 0 && count != state->action_counts.end() && count->second >= action->at_most) {
      return refuse(
          Error(ErrorCode::spine_too_often, {{"action", action->title.zh_cn}, {"max", std::to_string(action->at_most)}}));
    }
    if (!mine_to_do(*task)) return;
    std::vector<Field const*> fields;
    for (Field const& f : action->fields) fields.push_back(&f);
    json::Value given = command.input.is_null() ? json::Value::object() : command.input, input;
    if (given.kind() == json::Kind::object) {
      // What the process has worked out is recorded with the act, whatever was sent.
      for (Field const* f : fields) {
        if (!f->compute.empty()) given.set(f->id, variable(process, f->compute));
      }
    }
    std::vector<Error> faults = check_fields(fields, given, "/input", input);
    if (faults.empty() && action->rules)
      faults = action->rules->faults(input, variable(process, "form"), shanghai_date(facts.now), "/input");
    if (!faults.empty()) {
      out.errors = std::move(faults);
      return;
    }
    input = in_order(input);
    std::string const by = task->performer == Performer::applicant ? to_string(state->applicant) : ::yiwang::to_string(actor.id);
    bpmn::Id const last = process.last_id;
    bpmn::Command complete = make(action->vote ? CommandType::sign_vote : CommandType::complete_task, task->id, by);
    complete.flag = action->vote.value_or(false);
    complete.data = json::Value::object();
    if (asked("action")) complete.data.set("action", string(action->id));
    if (asked("input")) complete.data.set("input", input);
    if (asked("facts") && !command.facts.is_null()) complete.data.set("facts", command.facts);
    if (Status done = give(std::move(complete)); !done) return refuse(std::move(done).error());
    keep_handler(state->assignee, last);
    json::Value files = json::Value::array();
    collect_files(input, files);
    json::Value data = json::Value::object(
        {{"action", string(action->id)}, {"from", string(task->node)}, {"task", number(static_cast<std::int64_t>(task->id))}});
    if (action->rates) {
      for (Field const& f : action->fields) {
        if (f.type == FieldType::rating) data.set("rating", number(number_of(input, f.id)));
      }
    }
    data.set("input", std::move(input));
    data.set("files", std::move(files));
    clock_event(action->id, data);
    emit("case.acted", std::move(data));
  }

  /// The task that is taken or given back: the named one, or the first that fits.
  OpenTask const* staff_task(bool held) const {
    std::string const me = ::yiwang::to_string(actor.id);
    for (OpenTask const& task : state->tasks) {
      if (task.performer == Performer::applicant || (command.task != 0 && task.id != command.task)) continue;
      if (held ? task.assignee == me && !task.delegated : offered(actor, *state, task)) return &task;
    }
    return nullptr;
  }

  void claim(bool take) {
    if (Status may = authorise(actor, Action::case_handle, relations(actor, *state)); !may) return refuse(std::move(may).error());
    std::string const me = ::yiwang::to_string(actor.id);
    OpenTask const* task = staff_task(!take);
    // A task that is offered to groups is taken alone; without groups the case has one handler.
    bool const whole = (task == nullptr && command.task == 0) || (task != nullptr && task->groups.empty());
    if (take) {
      if (task != nullptr && task->assignee == me) return;  // already mine: nothing happens, and that is no fault
      if (task == nullptr && state->assignee == actor.id) return;
      if (whole && state->assignee != IdBytes{} && state->assignee != actor.id)
        return refuse(Error(ErrorCode::spine_assigned, {{"name", state->assignee_name}}));
      if (task == nullptr && !state->tasks.empty()) {
        bool staff = false;
        for (OpenTask const& open : state->tasks) staff = staff || open.performer != Performer::applicant;
        if (staff || command.task != 0) {
          for (OpenTask const& open : state->tasks) {
            if (open.performer != Performer::applicant && (command.task == 0 || open.id == command.task))
              return (void)mine_to_do(open);
          }
        }
      }
      json::Value data = json::Value::object({{"assignee", string(me)}, {"name", string(actor.name)}});
      if (whole) data.set("whole", json::Value::boolean(true));
      if (task != nullptr) {
        bpmn::Command claim_task = make(CommandType::claim, task->id, me);
        claim_task.to = groups_of(actor, state->department);
        if (Status done = give(std::move(claim_task)); !done) return refuse(std::move(done).error());
        data.set("task", number(static_cast<std::int64_t>(task->id)));
      }
      emit("case.claimed", std::move(data));
      return;
    }
    if (task == nullptr && state->assignee == IdBytes{}) return;
    if (task == nullptr && state->assignee != actor.id)
      return refuse(Error(ErrorCode::spine_assigned, {{"name", state->assignee_name}}));
    json::Value data = json::Value::object();
    if (whole) data.set("whole", json::Value::boolean(true));
    if (task != nullptr) {
      if (Status done = give(make(CommandType::unclaim, task->id, me)); !done) return refuse(std::move(done).error());
      data.set("task", number(static_cast<std::int64_t>(task->id)));
    }
    emit("case.unclaimed", std::move(data));
  }

  void reassign() {
    if (Status may = authorise(actor, Action::case_reassign, relations(actor, *state)); !may)
      return refuse(std::move(may).error());
    if (facts.release->organisation(command.to) == nullptr)
      return refuse(Error(ErrorCode::spine_not_found, {{"what", "单位 / the unit"}}).at_path("/to"));
    if (state->status == CaseStatus::concluded)
      return refuse(Error(ErrorCode::spine_wrong_step, {{"step", step_name()}, {"action", "reassign"}}));
    std::string reason = text_of(command.input, "reason");
    if (reason.empty())
      return refuse(
          Error(ErrorCode::spine_field, {{"label", "理由"}, {"why", "请写明理由 / give the reason"}, {"field", "reason"}})
              .at_path("/input/reason"));
    if (command.to == state->department) return;
    for (OpenTask const& task : state->tasks) {
      if (task.performer == Performer::applicant || !task.groups.empty() || task.assignee.empty() || !task.kind.empty()) continue;
      if (Status freed = give(make(task.delegated ? CommandType::give_back : CommandType::unclaim, task.id, task.assignee));
          !freed)
        return refuse(std::move(freed).error());
    }
    emit("case.reassigned",
         json::Value::object({{"from", string(state->department)}, {"to", string(command.to)}, {"reason", string(reason)}}));
  }

  /// What the office of somebody who keeps out was: it goes back to the unit, or to the one that had lent it.
  void free_tasks_of(std::string const& person) {
    for (OpenTask const& task : state->tasks) {
      if (task.performer == Performer::applicant || task.assignee != person) continue;
      bool const signer = task.kind == "before" || task.kind == "after" || task.kind == "parallel";
      Status freed = give(make(task.delegated ? CommandType::give_back
                               : signer       ? CommandType::remove_signer
                                              : CommandType::unclaim,
                               task.id, person));
      (void)freed;  // what cannot be given back is offered to nobody, and the unit is alarmed
    }
  }

  /// Whether the record of this official is one on which the act can follow.
  bool recusal_open(std::string_view act, RecusalRecord const* record) {
    auto not_now = [&](char const* step) {
      refuse(Error(ErrorCode::spine_wrong_step, {{"step", step}, {"action", std::string(act)}}));
      return false;
    };
    if (state->status == CaseStatus::concluded && state->tasks.empty()) return not_now("已经办结 / concluded");
    if (act == "keep" && (record == nullptr || record->stands != RecusalRecord::Stands::asked))
      return not_now("没有待决定的回避申请 / nobody has asked");
    if (record == nullptr) return true;
    if (record->stands == RecusalRecord::Stands::recused) return not_now("已经决定回避 / recused already");
    if (act == "ask" && record->stands == RecusalRecord::Stands::asked)
      return not_now("已经提出，等单位负责人决定 / asked already, the head of the unit decides");
    if (act == "ask" && record->stands == RecusalRecord::Stands::kept)
      return not_now("单位负责人已经决定不回避 / the head of the unit has decided against it");
    return true;
  }

  // Source: Civil Servant Law articles 76, 77. Asked by the applicant or by the official; decided by the head of the unit, with
  // or without having been asked. Until then the official goes on.
  void recuse() {
    std::string const& act = command.action;
    bool const ask = act == "ask";
    if (!ask && act != "recuse" && act != "keep")
      return refuse(Error(ErrorCode::spine_not_found, {{"what", "操作 / the act " + act}}));
    auto missing = [&] {
      refuse(Error(ErrorCode::spine_not_found, {{"what", "工作人员 / the staff member"}}).at_path("/staff"));
    };
    std::uint8_t const relation = relations(actor, *state);
    bool const own = actor.is_staff() && command.people.size() == 1 && command.people.front() == ::yiwang::to_string(actor.id);
    Action const needed = !ask ? Action::case_reassign : actor.is_staff() ? Action::case_read : Action::case_act_applicant;
    if (Status may = authorise(actor, needed, relation); !may) return refuse(std::move(may).error());
    if (command.people.size() != 1 || !facts.people.contains(command.people.front())) return missing();
    std::string const& id = command.people.front();
    Actor const& person = facts.people.at(id);
    constexpr std::uint8_t kOfCase = kAssigned | kDepartment | kTookPart;
    bool const stands_in =
        state->people.contains(id) || state->recusals.contains(id) || (relations(person, *state) & kOfCase) != 0;
    if (!stands_in) return missing();
    auto forbidden = [&](char const* what) { refuse(Error(ErrorCode::spine_forbidden, {{"action", what}})); };
    if (ask && actor.is_staff() && !own) return forbidden("替同事申请回避 / ask for a colleague");
    if (!ask && own) return forbidden("决定自己的回避 / decide about oneself");
    if (!ask && person.role != Role::supervisor && person.department != actor.department)
      return forbidden("决定别的单位工作人员的回避 / decide about another unit's official");
    if (utf8::length(command.reason) < 2) {
      return refuse(
          Error(ErrorCode::spine_field, {{"label", "理由"}, {"why", "请写明理由 / give the reason"}, {"field", "reason"}})
              .at_path("/reason"));
    }
    auto const known = state->recusals.find(id);
    if (!recusal_open(act, known == state->recusals.end() ? nullptr : &known->second)) return;
    if (act == "recuse") free_tasks_of(id);
    json::Value data = json::Value::object(
        {{"act", string(act)}, {"person", string(id)}, {"name", string(person.name)}, {"reason", string(command.reason)}});
    if (ask && own) data.set("own", json::Value::boolean(true));
    emit("case.recusal", std::move(data));
  }

  void operate() {
    OperationRule const* rule = find_operation(command.action);
    if (rule == nullptr) return refuse(Error(ErrorCode::spine_not_found, {{"what", "操作 / the operation " + command.action}}));
    std::uint8_t const relation = relations(actor, *state) | kAny;
    if (Status may = authorise(actor, rule->action, relation); !may) return refuse(std::move(may).error());
    if (needs_reason(rule->type) && utf8::length(command.reason) < 2) {
      return refuse(
          Error(ErrorCode::spine_field, {{"label", "理由"}, {"why", "请写明理由 / give the reason"}, {"field", "reason"}})
              .at_path("/reason"));
    }
    bpmn::Command c = make(rule->type, command.task);
    c.by = actor.is_subject() ? to_string(state->applicant) : ::yiwang::to_string(actor.id);
    c.node = command.node;
    c.name = command.name;
    c.detail = command.reason;
    c.number = command.number;
    c.flag = command.flag;
    c.data = command.input;
    c.to = command.people;
    json::Value people = json::Value::object();
    for (std::string const& id : command.people) {
      auto person = facts.people.find(id);
      if (person == facts.people.end())
        return refuse(Error(ErrorCode::spine_not_found, {{"what", "工作人员 / the staff member"}}).at_path("/people"));
      people.set(id, string(person->second.name));
    }
    if (rule->type == CommandType::substitute) {  // by = the absent one, to = the deputy
      if (command.people.size() != 2)
        return refuse(Error(ErrorCode::spine_field, {{"label", "代理"},
                                                     {"why", "请写明谁不在、由谁代理 / name the absent person and the deputy"},
                                                     {"field", "people"}})
                          .at_path("/people"));
      c.by = command.people[0];
      c.to = {command.people[1]};
    }
    // What concerns a task is for the one who holds it, or to whom it is offered; command over the case is not bound so.
    bool const held =
        rule->action == Action::case_handle && rule->type != CommandType::withdraw && rule->type != CommandType::remove_signer;
    OpenTask const* task = nullptr;
    for (OpenTask const& open : state->tasks) {
      if (open.id == command.task) task = &open;
    }
    if (task == nullptr && command.task == 0 &&
        (held || rule->type == CommandType::urge || rule->type == CommandType::submit_correction)) {
      for (OpenTask const& open : state->tasks) {
        bool const fits = rule->type == CommandType::submit_correction
                              ? open.performer == Performer::applicant && !open.kind.empty()
                          : rule->type == CommandType::urge                  ? open.performer != Performer::applicant
                          : rule->type == CommandType::end_special_procedure ? open.kind == "special"
                          : rule->type == CommandType::decide_extension
                              ? open.kind == "extension"
                              : open.kind.empty() && open.performer != Performer::applicant && offered(actor, *state, open);
        if (fits && task == nullptr) task = &open;
      }
      if (task == nullptr) return refuse(Error(ErrorCode::spine_wrong_step, {{"step", step_name()}, {"action", command.action}}));
      c.id = task->id;
    }
    if (held && task == nullptr) return refuse(Error(ErrorCode::spine_not_found, {{"what", "任务 / the task"}}));
    if (held && !mine_to_do(*task)) return;
    if (rule->type == CommandType::remove_signer && task != nullptr) {
      // Who added a signer takes the request back: the holder of the main task.
      bpmn::UserTask const* added = process.find_task(task->id);
      bpmn::UserTask const* main = added ? process.find_task(added->main) : nullptr;
      if (main == nullptr || (!main->assignee.empty() && main->assignee != c.by))
        return refuse(Error(ErrorCode::spine_forbidden, {{"action", "remove_signer"}}));
    }
    if (rule->type == CommandType::suspend && type.clock_rule_compiled && !c.name.empty() && !pauses_for(c.name))
      return refuse_pause(c.name);
    if (rule->type == CommandType::request_correction && type.clock_rule_compiled && !pauses_for("correction"))
      return refuse_pause("correction");
    if (rule->type == CommandType::start_special_procedure && type.clock_rule_compiled && !pauses_for(c.name))
      return refuse_pause(c.name);
    // What the applicant corrects takes its place in the form that the process goes by.
    json::Value corrected;
    if (rule->type == CommandType::submit_correction && command.input.kind() == json::Kind::object) {
      if (json::Value const* given = command.input.find("form"); given != nullptr && given->kind() == json::Kind::object) {
        corrected = *given;
        json::Value form = variable(process, "form");
        c.data = json::Value::object();
        if (form.kind() == json::Kind::object) {
          for (auto const& [id, value] : corrected.members()) form.set(id, value);
          c.data.set("form", as_kept(std::move(form)));
        }
      }
    }
    bpmn::Id const last = process.last_id;
    if (Status done = give(std::move(c)); !done) return refuse(std::move(done).error());
    if (rule->action != Action::case_repair) keep_handler(state->assignee, last);
    json::Value data = json::Value::object({{"operation", string(command.action)}});
    if (corrected.kind() == json::Kind::object) {
      // What the case has already may have been brought by somebody else: an agent, a clerk at a window.
      json::Value files = json::Value::array();
      collect_files(corrected, files);
      std::erase_if(files.items(), [&](json::Value const& file) {
        return std::find(state->files.begin(), state->files.end(), file.text()) != state->files.end();
      });
      data.set("files", std::move(files));
    }
    if (task != nullptr) data.set("task", number(static_cast<std::int64_t>(task->id))), data.set("from", string(task->node));
    if (!command.node.empty()) data.set("node", string(command.node));
    if (!command.name.empty()) data.set("name", string(command.name));
    if (!command.reason.empty()) data.set("reason", string(command.reason));
    if (!people.members().empty()) data.set("people", std::move(people));
    if (!command.input.is_null()) data.set("input", command.input);
    emit(rule->action == Action::case_repair ? "case.repaired" : "case.operated", std::move(data));
  }
  bool pauses_for(std::string const& reason) const {
    for (auto const& version : type.clock_rule_compiled->versions) {
      for (auto const& clock : version.clocks) {
        if (clock.pause_reasons.contains(reason)) return true;
      }
    }
    return false;
  }
  void refuse_pause(std::string const& reason) { refuse(Error(ErrorCode::spine_pause, {{"reason", reason}})); }

  /// Clocks that have run out, or are about to. What a rule could not do stands in the event with its reason; it does not
  /// keep the other rules from acting.
  void time_out() {
    if (actor.role != Role::system) return refuse(Error(ErrorCode::spine_forbidden, {{"action", "time_out"}}));
    json::Value rules = json::Value::array(), people = json::Value::object();
    bpmn::Id const last = process.last_id;
    for (DueRule const& due : facts.due_rules) {
      TimeOutRule const& rule = type.time_outs[due.rule];
      json::Value record = json::Value::object({{"rule", string(rule.id)},
                                                {"clock", string(rule.clock)},
                                                {"due_us", number(due.due.us)},
                                                {"do", string(to_string(rule.does))}});
      json::Value tasks = json::Value::array();
      for (OpenTask const& task : state->tasks) {
        if (!task.kind.empty() || task.performer == Performer::applicant || process.find_task(task.id) == nullptr) continue;
        if (!rule.steps.empty() && std::find(rule.steps.begin(), rule.steps.end(), task.node) == rule.steps.end()) continue;
        bpmn::Command c = make(CommandType::time_out, task.id);
        c.name = to_string(rule.does);
        if (rule.data.kind() == json::Kind::object) c.data = rule.data;
        for (Actor const& person : due.to) {
          std::string id = ::yiwang::to_string(person.id);
          if (rule.does == TimeOutRule::Does::reassign && id == task.assignee) continue;  // it must be somebody else
          people.set(id, string(person.name));
          c.to.push_back(std::move(id));
        }
        if (Status done = give(std::move(c)); done) {
          tasks.items().push_back(number(static_cast<std::int64_t>(task.id)));
        } else {
          record.set("refused", string(done.error().line()));
        }
      }
      record.set("tasks", std::move(tasks));
      rules.items().push_back(std::move(record));
    }
    keep_handler(state->assignee, last);
    json::Value data = json::Value::object({{"rules", std::move(rules)}});
    if (!people.members().empty()) data.set("people", std::move(people));
    emit("case.time_out", std::move(data));
  }

  /// What the machine brings: a timer that is due, a message, the end of a job.
  void machine(CommandType what, std::string_view event) {
    if (actor.role != Role::system) return refuse(Error(ErrorCode::spine_forbidden, {{"action", std::string(event)}}));
    bpmn::Command c = make(what, command.task);
    c.name = command.name;
    c.detail = command.reason;
    c.flag = command.flag;
    c.data = command.input;
    bpmn::Id const last = process.last_id;
    if (Status done = give(std::move(c)); !done) return refuse(std::move(done).error());
    keep_handler(state->assignee, last);
    json::Value data = json::Value::object();
    if (command.task != 0) data.set("id", number(static_cast<std::int64_t>(command.task)));
    if (!command.name.empty()) data.set("name", string(command.name));
    if (!command.reason.empty()) data.set("detail", string(command.reason));
    if (!command.input.is_null()) data.set("input", command.input);
    emit(event, std::move(data));
  }
};

}  // namespace

std::optional<Action> permission_of(std::string_view operation) {
  OperationRule const* rule = find_operation(operation);
  return rule ? std::optional(rule->action) : std::nullopt;
}

std::vector<std::string> operations_for(Actor const& actor, CaseState const& state, OpenTask const* task) {
  std::vector<std::string> out;
  std::uint8_t const relation = relations(actor, state);
  if (state.status == CaseStatus::concluded && state.tasks.empty()) return out;
  auto fits = [&](CommandType type) {
    bool const main = task != nullptr && task->kind.empty();
    switch (type) {
      case CommandType::jump:
      case CommandType::terminate:
      case CommandType::substitute: return task == nullptr && !state.suspended;
      case CommandType::suspend: return task == nullptr && !state.suspended;
      case CommandType::resume: return task == nullptr && state.suspended;
      case CommandType::withdraw: return task == nullptr && !state.suspended && (relation & kTookPart) != 0;
      case CommandType::retry:
      case CommandType::resolve: return task == nullptr && state.incidents != 0;
      case CommandType::give_back: return task != nullptr && task->delegated;
      case CommandType::complete_task:
        return task != nullptr && (task->kind == "before" || task->kind == "after" || task->kind == "parallel") && !task->blocked;
      case CommandType::remove_signer:
        return task != nullptr && (task->kind == "before" || task->kind == "after" || task->kind == "parallel");
      case CommandType::submit_correction:
        return task != nullptr && task->performer == Performer::applicant && !task->kind.empty();
      case CommandType::end_special_procedure: return task != nullptr && task->kind == "special";
      case CommandType::decide_extension: return task != nullptr && task->kind == "extension";
      case CommandType::urge:
      case CommandType::time_out: return task != nullptr && task->performer != Performer::applicant;
      case CommandType::copy_to:
      case CommandType::circulate: return task != nullptr;
      case CommandType::mark_read: return false;  // needs the list of readers; asked from the page of the reader
      default: return main && !task->blocked && !task->delegated;
    }
  };
  for (OperationRule const& rule : kOperations) {
    if (!fits(rule.type) || !allowed(actor.role, rule.action, relation | kAny)) continue;
    bool const held =
        rule.action == Action::case_handle && rule.type != CommandType::withdraw && rule.type != CommandType::remove_signer;
    if (held && (task == nullptr || !offered(actor, state, *task) || state.suspended)) continue;
    out.emplace_back(bpmn::to_string(rule.type));
  }
  return out;
}

LocalizedText operation_title(std::string_view operation) {
  OperationRule const* rule = find_operation(operation);
  return rule ? LocalizedText{rule->zh_cn, rule->en} : LocalizedText{std::string(operation), ""};
}

Decision<std::vector<Event>> decide(CaseType const& type, CaseState const* state, Command const& command, Actor const& actor,
                                    Facts const& facts) {
  YW_ASSERT(facts.ports != nullptr);
  Decider decider(type, state, command, actor, facts);
  if (state && command.expected_revision && *command.expected_revision != state->revision) {
    decider.refuse(Error(ErrorCode::spine_changed));
    return std::move(decider.out);
  }
  YW_ASSERT((state == nullptr) == (command.kind == Command::Kind::submit));
  YW_ASSERT(state == nullptr || state->process);
  if (Recusal const why = state ? recusal(actor, *state) : Recusal::none; why != Recusal::none) {
    decider.refuse(recused(why));
    return std::move(decider.out);
  }
  switch (command.kind) {
    case Command::Kind::submit: decider.submit(); break;
    case Command::Kind::act: decider.act(); break;
    case Command::Kind::claim: decider.claim(true); break;
    case Command::Kind::unclaim: decider.claim(false); break;
    case Command::Kind::reassign: decider.reassign(); break;
    case Command::Kind::operate: decider.operate(); break;
    case Command::Kind::time_out: decider.time_out(); break;
    case Command::Kind::recuse: decider.recuse(); break;
    case Command::Kind::timer: decider.machine(CommandType::fire_timer, "case.timer"); break;
    case Command::Kind::message: decider.machine(CommandType::correlate, "case.message"); break;
    case Command::Kind::signal: decider.machine(CommandType::signal, "case.signal"); break;
    case Command::Kind::job:
      decider.machine(command.node == "fail" ? CommandType::fail_job : CommandType::complete_job, "case.job");
      break;
  }
  return std::move(decider.out);
}

}  // namespace yiwang::spine

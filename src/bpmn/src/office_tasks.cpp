#include <algorithm>

#include "machine.hpp"

namespace yiwang::bpmn {
namespace {

tl::unexpected<Error> refused(ErrorCode code, char const* why) { return fail(code, {{"why", why}}); }

}  // namespace

/// Operations that name a task, and those on the whole instance.
Status Machine::office() {
  switch (cmd.type) {
    case CommandType::suspend: {
      note_operation();
      if (!cmd.name.empty()) clock("pause", cmd.name);
      emit(make(EventType::instance_suspended));
      return {};
    }
    case CommandType::resume: {
      if (s.status != InstanceStatus::suspended)
        return refused(ErrorCode::bpmn_state, "流程没有挂起 / the instance is not suspended");
      emit(make(EventType::instance_resumed));
      note_operation();
      if (!cmd.name.empty()) clock("resume", cmd.name);
      return {};
    }
    case CommandType::terminate: {
      note_operation();
      YW_TRY(end_instance(InstanceStatus::terminated, cmd.detail));
      clock("terminate", cmd.detail);  // after the resumptions of what was open
      return {};
    }
    case CommandType::withdraw: {
      note_operation();
      return withdraw();
    }
    case CommandType::substitute: {
      if (cmd.to.empty() || cmd.to.front().empty() || cmd.by.empty())
        return refused(ErrorCode::bpmn_argument, "没有写谁代理谁 / who stands in for whom");
      note_operation();
      std::vector<Id> mine;
      for (UserTask const& task : s.tasks) {
        if (task.assignee == cmd.by) mine.push_back(task.id);
      }
      for (Id id : mine) {
        change_task(id, "owner", 0, cmd.by);
        change_task(id, "assignee", 0, cmd.to.front());
      }
      return {};
    }
    case CommandType::jump: {
      Index const target = def.find_node(cmd.node);
      if (target == kNone) return fail(Error(ErrorCode::bpmn_not_found, {{"what", "node"}, {"id", cmd.node}}));
      UserTask const* task = s.find_task(cmd.id);
      Id const from = task != nullptr ? task->element : cmd.id;
      if (cmd.id == 0) {  // no token is left behind: the instance goes on at the target
        note_operation();
        return jump_to(s.elements.front().id, target, false, cmd.name == "keep");
      }
      if (s.find(from) == nullptr || s.find(from)->node == kNone) {
        return fail(Error(ErrorCode::bpmn_not_found, {{"what", "element"}, {"id", std::to_string(cmd.id)}}));
      }
      note_operation();
      return jump_to(from, target, cmd.flag, cmd.name == "keep");
    }
    default: break;
  }
  UserTask const* found = s.find_task(cmd.id);
  if (found == nullptr) return fail(Error(ErrorCode::bpmn_not_found, {{"what", "task"}, {"id", std::to_string(cmd.id)}}));
  UserTask const task = *found;
  bool const mine = task.assignee.empty() || cmd.by.empty() || task.assignee == cmd.by;
  std::string const first = cmd.to.empty() ? std::string{} : cmd.to.front();
  switch (cmd.type) {
    case CommandType::claim: {
      if (!task.assignee.empty()) return refused(ErrorCode::bpmn_state, "已有人接办 / somebody has already taken the task");
      if (cmd.by.empty()) return refused(ErrorCode::bpmn_argument, "没有写谁认领 / who claims");
      if (!task.candidates.empty()) {
        bool fits = std::find(task.candidates.begin(), task.candidates.end(), cmd.by) != task.candidates.end();
        for (std::string const& group : cmd.to) {
          fits = fits || std::find(task.candidates.begin(), task.candidates.end(), group) != task.candidates.end();
        }
        if (!fits) return refused(ErrorCode::bpmn_not_allowed, "这项任务分给了别的岗位 / the task is offered to other groups");
      }
      if (auto const* spec = std::get_if<Task>(&def.nodes[task.node].kind); spec != nullptr && !spec->four_eyes.empty()) {
        Index const other = def.find_node(spec->four_eyes);
        for (Performed const& done : s.performed) {
          if (done.node == other && done.by == cmd.by)
            return refused(ErrorCode::bpmn_not_allowed, "经办人不能自己审批 / who prepared may not approve (four eyes)");
        }
      }
      change_task(task.id, "assignee", 0, cmd.by);
      change_task(task.id, "state", static_cast<std::int64_t>(TaskState::claimed));
      return {};
    }
    case CommandType::unclaim: {
      if (task.state != TaskState::claimed || !mine)
        return refused(ErrorCode::bpmn_state, "您没有认领这项任务 / the task is not claimed by this person");
      change_task(task.id, "assignee", 0, {});
      change_task(task.id, "state", static_cast<std::int64_t>(TaskState::open));
      return {};
    }
    case CommandType::save_draft: {
      if (!mine) return refused(ErrorCode::bpmn_not_allowed, "这项任务由别人办理 / the task belongs to somebody else");
      change_task(task.id, "draft", 0, {}, cmd.data);
      return {};
    }
    case CommandType::hand_over: {
      if (!mine) return refused(ErrorCode::bpmn_not_allowed, "这项任务由别人办理 / the task belongs to somebody else");
      if (first.empty()) return refused(ErrorCode::bpmn_argument, "没有写给谁 / to whom");
      note_operation();
      change_task(task.id, "assignee", 0, first);
      change_task(task.id, "state", static_cast<std::int64_t>(TaskState::claimed));
      return {};
    }
    case CommandType::delegate: {
      if (!mine || task.state == TaskState::delegated)
        return refused(ErrorCode::bpmn_state, "只有办理人能委派，且只能委派一次 / only its holder delegates a task, once");
      if (first.empty() || first == cmd.by) return refused(ErrorCode::bpmn_argument, "没有写给谁 / to whom");
      note_operation();
      change_task(task.id, "owner", 0, task.assignee.empty() ? cmd.by : task.assignee);
      change_task(task.id, "assignee", 0, first);
      change_task(task.id, "state", static_cast<std::int64_t>(TaskState::delegated));
      return {};
    }
    case CommandType::give_back: {
      if (task.state != TaskState::delegated || !mine)
        return refused(ErrorCode::bpmn_state, "任务没有委派给您 / the task is not delegated to this person");
      note_operation();
      if (cmd.data.kind() == json::Kind::object) change_task(task.id, "draft", 0, {}, cmd.data);
      change_task(task.id, "assignee", 0, task.owner);
      change_task(task.id, "owner", 0, {});
      change_task(task.id, "state", static_cast<std::int64_t>(task.owner.empty() ? TaskState::open : TaskState::claimed));
      return {};
    }
    case CommandType::add_signer: {
      if (!mine || !task.kind.empty())
        return refused(ErrorCode::bpmn_not_allowed, "只有主办人能加签 / only the holder of the main task adds signers");
      if (cmd.to.empty()) return refused(ErrorCode::bpmn_argument, "没有写加签给谁 / whom to add");
      if (cmd.name != "before" && cmd.name != "after" && cmd.name != "parallel") {
        return refused(ErrorCode::bpmn_argument, "请选前、后或并 / before, after or parallel");
      }
      note_operation();
      for (std::string const& who : cmd.to) {
        Id const added = open_added(task, cmd.name, who);
        if (cmd.name == "after") change_task(added, "blocked", 1);
      }
      if (cmd.name == "before") change_task(task.id, "blocked", 1);
      return {};
    }
    case CommandType::remove_signer: {
      bool const added = task.kind == "before" || task.kind == "after" || task.kind == "parallel";
      if (!added) return refused(ErrorCode::bpmn_argument, "这项任务不是加签来的 / this task was not added by 加签");
      note_operation();
      EventRecord closed = make(EventType::task_closed, task.id);
      closed.name = "removed";
      closed.detail = cmd.by;
      emit(std::move(closed));
      return added_done(task);
    }
    case CommandType::send_back: {
      if (!mine) return refused(ErrorCode::bpmn_not_allowed, "这项任务由别人办理 / the task belongs to somebody else");
      if (!task.kind.empty())
        return refused(ErrorCode::bpmn_state,
                       "加签的任务只能办完或减签，不能退回 / an added task is completed or removed, not sent back");
      note_operation();
      return send_back(task);
    }
    case CommandType::reject: {
      if (!mine) return refused(ErrorCode::bpmn_not_allowed, "这项任务由别人办理 / the task belongs to somebody else");
      note_operation();
      if (cmd.node.empty()) {
        YW_TRY(end_instance(InstanceStatus::terminated, cmd.detail.empty() ? "rejected" : "rejected: " + cmd.detail));
        clock("terminate", "rejected");
        return {};
      }
      Index const target = def.find_node(cmd.node);
      if (target == kNone) return fail(Error(ErrorCode::bpmn_not_found, {{"what", "node"}, {"id", cmd.node}}));
      return jump_to(task.element, target, false, false);
    }
    case CommandType::copy_to:
    case CommandType::circulate: {
      if (cmd.to.empty()) return refused(ErrorCode::bpmn_argument, "没有写给谁 / to whom");
      for (std::string const& who : cmd.to) {
        if (std::find(task.readers.begin(), task.readers.end(), who) != task.readers.end()) continue;
        change_task(task.id, "reader", 0, who);
        notice(cmd.type == CommandType::copy_to ? "copied" : "circulated", who, task.id);
      }
      return {};
    }
    case CommandType::mark_read: {
      if (std::find(task.readers.begin(), task.readers.end(), cmd.by) == task.readers.end()) {
        return refused(ErrorCode::bpmn_not_allowed, "这项任务没有传给您阅 / this person is no reader of the task");
      }
      if (std::find(task.read_by.begin(), task.read_by.end(), cmd.by) != task.read_by.end()) return {};
      change_task(task.id, "read_by", 0, cmd.by);
      notice("read", cmd.by, task.id);
      return {};
    }
    case CommandType::urge: {
      change_task(task.id, "urged", task.urged + 1);
      notice("urged", task.assignee, task.id);
      return {};
    }
    case CommandType::request_correction: {
      if (!mine || !task.kind.empty())
        return refused(ErrorCode::bpmn_not_allowed,
                       "只有主办人能要求补正 / only the holder of the main task asks for corrections");
      if (cmd.detail.empty())
        return refused(ErrorCode::bpmn_argument, "要补正的内容须一次说清 / everything that is missing is said at once");
      note_operation();
      change_task(task.id, "blocked", 1);
      change(task.element, "timers_paused", 1);
      json::Value data = json::Value::object();
      data.set("key", text_value(std::to_string(open_added(task, "correction", s.applicant))));
      clock("pause", "correction", std::move(data));
      return {};
    }
    case CommandType::submit_correction: {
      if (task.kind != "correction" && task.kind != "returned")
        return refused(ErrorCode::bpmn_argument, "这项任务不是补正 / this task is no request for corrections");
      return complete_task();
    }
    case CommandType::start_special_procedure: {
      if (!mine || !task.kind.empty())
        return refused(ErrorCode::bpmn_not_allowed,
                       "只有主办人能启动特别程序 / only the holder of the main task starts a special procedure");
      if (cmd.name.empty() || cmd.detail.empty())
        return refused(ErrorCode::bpmn_argument,
                       "特别程序要写明种类和书面通知的文号 / a special procedure has a kind and a written notice");
      note_operation();
      change_task(task.id, "blocked", 1);
      change(task.element, "timers_paused", 1);
      Id const added = open_added(task, "special", first.empty() ? task.assignee : first);
      json::Value data = json::Value::object();
      data.set("key", text_value(std::to_string(added)));
      data.set("notice", text_value(cmd.detail));
      clock("pause", cmd.name, std::move(data));
      return {};
    }
    case CommandType::end_special_procedure: {
      if (task.kind != "special")
        return refused(ErrorCode::bpmn_argument, "这项任务不是特别程序 / this task is no special procedure");
      note_operation();
      return complete_task();
    }
    case CommandType::request_extension: {
      if (!mine || !task.kind.empty())
        return refused(ErrorCode::bpmn_not_allowed, "只有主办人能申请延期 / only the holder of the main task asks for more time");
      if (cmd.number < 1 || cmd.detail.empty() || first.empty())
        return refused(ErrorCode::bpmn_argument,
                       "延期要写明天数、理由和批准人 / an extension has an amount, a reason and an approver");
      for (UserTask const& other : s.tasks) {
        if (other.element == task.element && other.kind == "extension")
          return refused(ErrorCode::bpmn_state, "已有一个延期申请在审批 / an extension is already being decided");
      }
      note_operation();
      Id const added = open_added(task, "extension", first);
      json::Value draft = json::Value::object();
      draft.set("amount", number_value(cmd.number));
      draft.set("reason", text_value(cmd.detail));
      change_task(added, "draft", 0, {}, std::move(draft));
      return {};
    }
    case CommandType::decide_extension: {
      if (task.kind != "extension")
        return refused(ErrorCode::bpmn_argument, "这项任务不是延期审批 / this task is no request for more time");
      if (!mine) return refused(ErrorCode::bpmn_not_allowed, "延期由别人审批 / another person decides on the extension");
      note_operation();
      if (cmd.flag && task.draft) {
        json::Value data = *task.draft;
        data.set("by", text_value(cmd.by));
        clock("extend", task.draft->find("reason") == nullptr ? "" : task.draft->find("reason")->text(), std::move(data));
      }
      EventRecord closed = make(EventType::task_closed, task.id);
      closed.name = cmd.flag ? "approved" : "refused";
      closed.detail = cmd.by;
      emit(std::move(closed));
      return added_done(task);
    }
    case CommandType::time_out: {
      note_operation();
      if (cmd.name == "warn" || cmd.name == "escalate") {
        for (std::string const& who : cmd.to) {
          if (cmd.name == "escalate" && std::find(task.readers.begin(), task.readers.end(), who) == task.readers.end()) {
            change_task(task.id, "reader", 0, who);
          }
          notice(cmd.name == "warn" ? "timeout_warned" : "escalated", who, task.id);
        }
        if (cmd.to.empty()) notice(cmd.name == "warn" ? "timeout_warned" : "escalated", task.assignee, task.id);
        return {};
      }
      if (cmd.name == "reassign") {
        if (first.empty()) return refused(ErrorCode::bpmn_argument, "没有写给谁 / to whom");
        change_task(task.id, "owner", 0, task.assignee);
        change_task(task.id, "assignee", 0, first);
        change_task(task.id, "state", static_cast<std::int64_t>(TaskState::claimed));
        return {};
      }
      if (cmd.name == "decide") {
        // A rule may decide for the person, never against: a refusal is a human act.
        if (auto const* outcome = cmd.data.find("approved"); outcome == nullptr || !outcome->as_bool()) {
          return refused(ErrorCode::bpmn_not_allowed,
                         "规则只能同意或转交，不能作出不予的决定 / a rule may approve or hand over, it never refuses");
        }
        if (!task.kind.empty()) return refused(ErrorCode::bpmn_argument, "规则只能决定主任务 / a rule decides main tasks only");
        if (task.blocked) return refused(ErrorCode::bpmn_state, "要等前面的任务办完 / the task waits for another one before it");
        return close_main_task(task, "timed_out");
      }
      return refused(ErrorCode::bpmn_argument, "请选提醒、上报、改派或决定 / warn, escalate, reassign or decide");
    }
    case CommandType::sign_vote: {
      auto const* spec = std::get_if<Task>(&def.nodes[task.node].kind);
      if (!task.kind.empty() || spec == nullptr || spec->vote == VoteKind::none || !is_inner(*s.find(task.element))) {
        return refused(ErrorCode::bpmn_argument, "这项任务不用表决 / nobody votes on this task");
      }
      if (!mine) return refused(ErrorCode::bpmn_not_allowed, "这项任务由别人办理 / the task belongs to somebody else");
      if (task.blocked) return refused(ErrorCode::bpmn_state, "要等前面的任务办完 / the task waits for another one before it");
      return vote_done(task, cmd.flag);
    }
    default: return refused(ErrorCode::bpmn_argument, "没有这种操作 / unknown command");
  }
}

}  // namespace yiwang::bpmn

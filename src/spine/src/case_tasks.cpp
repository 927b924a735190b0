#include <algorithm>

#include "aggregate.hpp"
#include "yiwang/bpmn/model.hpp"

namespace yiwang::spine {
namespace {

bool for_applicant(std::string_view kind) { return kind == "correction" || kind == "returned"; }

Performer performer_of(CaseType const& type, std::string_view node, std::string_view kind) {
  if (for_applicant(kind)) return Performer::applicant;
  Step const* step = type.step(node);
  return step ? step->performer : Performer::clerk;
}

void add_once(std::vector<std::string>& list, std::string const& item) {
  if (!item.empty() && std::find(list.begin(), list.end(), item) == list.end()) list.push_back(item);
}

}  // namespace

std::vector<std::string> groups_of(Actor const& actor, std::string_view case_department) {
  if (!actor.is_staff() || actor.department.empty()) return {};
  std::string const role(to_string(actor.role));
  std::vector<std::string> out{"unit:" + actor.department, "role:" + role + "@" + actor.department,
                               ::yiwang::to_string(actor.id)};
  if (actor.department == case_department) out.push_back("role:" + role);
  return out;
}

Standing standing(CaseType const& type, CaseState const& state) {
  bpmn::State const& process = *state.process;
  using bpmn::InstanceStatus;
  if (process.status == InstanceStatus::terminated || process.status == InstanceStatus::failed)
    return {std::string(kEndedEarly), CaseStatus::concluded};
  if (process.status == InstanceStatus::completed) {
    bpmn::Index const last = process.path.empty() ? bpmn::kNone : type.process->flows[process.path.back()].target;
    return {last == bpmn::kNone ? std::string(kEndedEarly) : type.process->nodes[last].id, CaseStatus::concluded};
  }
  // What the office has to do comes first; then what the applicant is waited for; then what the applicant may do.
  auto const rank = [&](OpenTask const& task) {
    if (task.performer != Performer::applicant) return 2;
    Step const* step = type.step(task.node);
    return for_applicant(task.kind) || (step != nullptr && step->status == CaseStatus::awaiting_applicant) ? 1 : 0;
  };
  OpenTask const* head = nullptr;
  for (OpenTask const& task : state.tasks) {
    if (task.blocked) continue;
    if (head == nullptr || rank(task) > rank(*head)) head = &task;
  }
  if (head != nullptr) {
    Step const* step = type.step(head->node);
    if (for_applicant(head->kind)) return {head->node, CaseStatus::awaiting_applicant};
    return {head->node, step ? step->status : CaseStatus::in_progress};
  }
  for (bpmn::Element const& element : process.elements) {
    if (element.node != bpmn::kNone && element.scope == bpmn::kNone && element.role != bpmn::Role::body)
      return {type.process->nodes[element.node].id, CaseStatus::in_progress};
  }
  return {state.step, CaseStatus::in_progress};
}

void follow_process(CaseType const& type, CaseState& state) {
  bpmn::State const& process = *state.process;
  state.tasks.clear();
  for (bpmn::UserTask const& t : process.tasks) {
    OpenTask task;
    task.id = t.id;
    task.node = type.process->nodes[t.node].id;
    task.kind = t.kind;
    task.performer = performer_of(type, task.node, t.kind);
    task.assignee = t.assignee;
    task.groups = t.candidates;
    task.blocked = t.blocked;
    task.delegated = t.state == bpmn::TaskState::delegated;
    task.urged = t.urged;
    task.since = t.created;
    for (std::string const& reader : t.readers) add_once(state.took_part, reader);
    state.tasks.push_back(std::move(task));
  }
  std::string const applicant = to_string(state.applicant);
  for (bpmn::Performed const& done : process.performed) {
    if (done.by != applicant) add_once(state.took_part, done.by);
  }
  state.suspended = process.status == bpmn::InstanceStatus::suspended;
  state.incidents = process.incidents.size();
}

std::string_view to_string(RecusalRecord::Stands stands) {
  constexpr std::string_view kNames[] = {"asked", "recused", "kept"};
  return kNames[static_cast<std::size_t>(stands)];
}

std::string_view to_string(Recusal why) {
  constexpr std::string_view kNames[] = {"", "self", "relative", "decided"};
  return kNames[static_cast<std::size_t>(why)];
}

Recusal recusal(Actor const& actor, CaseState const& state) {
  if (!actor.is_staff()) return Recusal::none;
  auto one_of = [&](SubjectId const& tie) {
    return tie == state.applicant || std::find(state.parties.begin(), state.parties.end(), to_string(tie)) != state.parties.end();
  };
  for (std::size_t i = 0; i < actor.ties.size(); ++i) {
    if (one_of(actor.ties[i])) return i == 0 ? Recusal::self : Recusal::relative;
  }
  if (state.recusals.empty()) return Recusal::none;
  auto const decided = state.recusals.find(::yiwang::to_string(actor.id));
  return decided != state.recusals.end() && decided->second.stands == RecusalRecord::Stands::recused ? Recusal::decided
                                                                                                     : Recusal::none;
}

LocalizedText recusal_title(std::string_view act) {
  if (act == "ask") return {"申请回避", "Recusal asked for"};
  if (act == "recuse") return {"决定回避", "Recused"};
  return {"决定不回避", "Recusal declined"};
}

Error recused(Recusal why) {
  constexpr char const* kWhy[] = {"", "这是您本人的办件 / it is your own", "这是您近亲属的办件 / it is a close relative's",
                                  "已经决定由您回避 / it was decided that you keep out of it"};
  return Error(ErrorCode::spine_recused, {{"why", kWhy[static_cast<std::size_t>(why)]}});
}

std::uint8_t relations(Actor const& actor, CaseState const& state) {
  std::uint8_t out = 0;
  if (recusal(actor, state) != Recusal::none) return out;
  // An agent sees and does what the authority covers, nothing else of the one for whom he acts.
  if (actor.is_subject() && actor.acts_for == state.applicant && actor.covers(state.case_type)) out |= kOwn;
  if (actor.is_staff()) {
    std::string const id = ::yiwang::to_string(actor.id);
    if (!actor.department.empty() && actor.department == state.department) out |= kDepartment;
    if (state.assignee != IdBytes{} && state.assignee == actor.id) out |= kAssigned;
    if (!actor.region_path.empty() &&
        (state.region_path == actor.region_path || state.region_path.starts_with(actor.region_path + "/")))
      out |= kRegion;
    for (OpenTask const& task : state.tasks) {
      bool const called = task.assignee.empty() && (!task.groups.empty() || task.performer == Performer::supervisor);
      if (task.assignee == id || (called && offered(actor, state, task))) out |= kAssigned;
    }
    if (std::find(state.took_part.begin(), state.took_part.end(), id) != state.took_part.end()) out |= kTookPart;
  }
  return out;
}

bool offered(Actor const& actor, CaseState const& state, OpenTask const& task) {
  if (task.performer == Performer::applicant) return actor.is_subject() && actor.acts_for == state.applicant;
  if (!actor.is_staff() || recusal(actor, state) != Recusal::none) return false;
  std::string const id = ::yiwang::to_string(actor.id);
  if (!task.assignee.empty()) return task.assignee == id;
  if (task.performer == Performer::clerk && actor.role != Role::clerk) return false;
  if (task.performer == Performer::supervisor && actor.role != Role::supervisor) return false;
  if (task.groups.empty()) return actor.department == state.department;
  for (std::string const& group : groups_of(actor, state.department)) {
    if (std::find(task.groups.begin(), task.groups.end(), group) != task.groups.end()) return true;
  }
  return false;
}

}  // namespace yiwang::spine

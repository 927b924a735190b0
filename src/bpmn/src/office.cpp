#include <algorithm>

#include "machine.hpp"

namespace yiwang::bpmn {
namespace {

tl::unexpected<Error> refused(ErrorCode code, char const* why) { return fail(code, {{"why", why}}); }
tl::unexpected<Error> missing(char const* what, std::string id) {
  return fail(Error(ErrorCode::bpmn_not_found, {{"what", what}, {"id", std::move(id)}}));
}

/// Nodes that a token at `from` can reach inside its scope, itself included.
std::vector<bool> reachable(Definition const& def, Index from) {
  std::vector<bool> seen(def.nodes.size(), false);
  std::vector<Index> work{from};
  while (!work.empty()) {
    Index const node = work.back();
    work.pop_back();
    if (seen[node]) continue;
    seen[node] = true;
    for (Index flow : def.nodes[node].out) work.push_back(def.flows[flow].target);
    for (Index boundary : def.nodes[node].boundary) work.push_back(boundary);
    if (auto const* event = std::get_if<Event>(&def.nodes[node].kind)) {
      for (EventDefinition const& definition : event->definitions) {
        auto const* link = std::get_if<LinkEvent>(&definition);
        if (link != nullptr && link->target != kNone) work.push_back(link->target);
      }
    }
  }
  return seen;
}

bool stops_main(std::string const& kind) {
  return kind == "before" || kind == "correction" || kind == "returned" || kind == "special";
}
}  // namespace

/// Ends the pause that an added task stands for; its id is the key of the pause, because several may be open.
void Machine::resume_clock(UserTask const& task) {
  if (task.kind != "correction" && task.kind != "special") return;
  json::Value data = json::Value::object();
  data.set("key", text_value(std::to_string(task.id)));
  clock("resume", task.kind == "correction" ? "correction" : task.form, std::move(data));
}

void Machine::clock(char const* what, std::string reason, json::Value data) {
  EventRecord event = make(EventType::clock);
  event.name = what;
  event.detail = std::move(reason);
  event.data = std::move(data);
  emit(std::move(event));
}

void Machine::notice(char const* what, std::string to, Id task, json::Value data) {
  EventRecord event = make(EventType::notice, task);
  event.name = what;
  event.detail = std::move(to);
  event.data = std::move(data);
  emit(std::move(event));
}

void Machine::note_operation(json::Value data) {
  EventRecord event = make(EventType::office, cmd.id);
  event.name = std::string(to_string(cmd.type));
  event.detail = cmd.by;
  if (data.is_null()) data = json::Value::object();
  if (!cmd.detail.empty()) data.set("reason", text_value(cmd.detail));
  if (!cmd.node.empty()) data.set("node", text_value(cmd.node));
  event.data = std::move(data);
  emit(std::move(event));
}

Status Machine::command() {
  if (cmd.type == CommandType::start) return start_instance();
  if (s.status == InstanceStatus::none) return refused(ErrorCode::bpmn_state, "流程还没有开始 / the instance has not started");
  if (s.status != InstanceStatus::running && s.status != InstanceStatus::suspended) {
    return refused(ErrorCode::bpmn_state, "流程已结束 / the instance has ended");
  }
  bool const asleep = s.status == InstanceStatus::suspended;
  bool const allowed = cmd.type == CommandType::resume || cmd.type == CommandType::terminate ||
                       cmd.type == CommandType::mark_read || cmd.type == CommandType::save_draft ||
                       cmd.type == CommandType::copy_to || cmd.type == CommandType::circulate;
  if (asleep && !allowed) return refused(ErrorCode::bpmn_state, "流程已挂起 / the instance is suspended");
  switch (cmd.type) {
    case CommandType::complete_task: return complete_task();
    case CommandType::correlate: return correlate();
    case CommandType::signal: return send_signal(cmd.name, kNone);
    case CommandType::fire_timer: return fire_timer(cmd.id);
    case CommandType::set_variables: {
      Id const id = cmd.id == 0 && !s.elements.empty() ? s.elements.front().id : cmd.id;
      if (s.find(id) == nullptr) return missing("element", std::to_string(id));
      if (cmd.data.kind() != json::Kind::object)
        return refused(ErrorCode::bpmn_argument, "变量须是对象 / variables are an object");
      set_variables(id, cmd.data);
      return {};
    }
    case CommandType::complete_job:
    case CommandType::fail_job: {
      auto const it = std::find_if(s.jobs.begin(), s.jobs.end(), [&](Job const& job) { return job.id == cmd.id; });
      if (it == s.jobs.end()) return missing("job", std::to_string(cmd.id));
      Id const element = it->element;
      EventRecord closed = make(EventType::job_closed, cmd.id);
      closed.name = cmd.type == CommandType::fail_job ? "failed" : cmd.flag ? "error" : "completed";
      emit(std::move(closed));
      if (cmd.type == CommandType::fail_job) {
        return incident(element, s.find(element)->node, Error(ErrorCode::bpmn_state, {{"why", cmd.detail}}));
      }
      if (cmd.data.kind() == json::Kind::object) {
        Id scope = s.find(element)->parent;
        while (s.find(scope)->role == Role::body) scope = s.find(scope)->parent;
        set_variables(scope, cmd.data);
      }
      return cmd.flag ? throw_error(element, cmd.detail) : complete(element);
    }
    case CommandType::retry:
    case CommandType::resolve: {
      auto const it = std::find_if(s.incidents.begin(), s.incidents.end(), [&](Incident const& i) { return i.id == cmd.id; });
      if (it == s.incidents.end()) return missing("incident", std::to_string(cmd.id));
      Id const id = it->element;
      emit(make(EventType::incident_cleared, cmd.id));
      Element const* element = s.find(id);
      if (element == nullptr) return {};
      if (cmd.data.kind() == json::Kind::object) set_variables(element->parent == 0 ? id : element->parent, cmd.data);
      note_operation();
      element = s.find(id);
      bool const held = element->role == Role::handler && element->index == 0;
      if (held) {
        if (cmd.type == CommandType::retry) return route(element->parent, element->node, id);
        // Resolved by hand: the token takes the flow that the officer names, or the first.
        Index flow = kNone;
        if (auto const found = def.flow_by_id.find(cmd.node); found != def.flow_by_id.end()) flow = found->second;
        Id const scope = element->parent;
        Node const& node = node_of(*element);
        if (flow == kNone && !node.out.empty()) flow = node.out.front();
        if (flow != kNone && def.flows[flow].source != element->node)
          return refused(ErrorCode::bpmn_argument, "不是这个节点的流向 / not a flow of this node");
        close_element(id, EventType::element_left);
        if (flow != kNone) queue.push_back({Work::What::take, scope, flow});
        return {};
      }
      if (element->node == kNone) return {};
      if (cmd.type == CommandType::resolve) {
        cancel_children(id);
        return leave(id);
      }
      if (element->role == Role::body) return begin_multi(id);
      return begin_work(id);
    }
    case CommandType::start_ad_hoc: {
      Element const* element = s.find(cmd.id);
      auto const* sub = element == nullptr || element->node == kNone ? nullptr : std::get_if<SubProcess>(&node_of(*element).kind);
      if (sub == nullptr || sub->kind != SubProcessKind::ad_hoc) return missing("ad-hoc sub-process", std::to_string(cmd.id));
      Index const node = def.find_node(cmd.node);
      auto const& parts = def.scopes[element->scope].implicit_starts;
      if (std::find(parts.begin(), parts.end(), node) == parts.end()) return missing("activity", cmd.node);
      bool busy = false;
      for (Element const& other : s.elements) busy = busy || other.parent == cmd.id;
      if (sub->sequential && busy) return refused(ErrorCode::bpmn_state, "另一部分还在办理 / another part is still at work");
      queue.push_back({Work::What::start, cmd.id, node});
      return {};
    }
    case CommandType::complete_ad_hoc: {
      Element const* element = s.find(cmd.id);
      auto const* sub = element == nullptr || element->node == kNone ? nullptr : std::get_if<SubProcess>(&node_of(*element).kind);
      if (sub == nullptr || sub->kind != SubProcessKind::ad_hoc) return missing("ad-hoc sub-process", std::to_string(cmd.id));
      if (sub->cancel_remaining) cancel_children(cmd.id);
      change(cmd.id, "waiting_end", 1);
      return {};
    }
    default: return office();
  }
}

Status Machine::complete_task() {
  UserTask const* found = s.find_task(cmd.id);
  if (found == nullptr) return missing("task", std::to_string(cmd.id));
  UserTask const task = *found;
  if (task.blocked) return refused(ErrorCode::bpmn_state, "要等前面的任务办完 / the task waits for another one before it");
  if (task.state == TaskState::delegated)
    return refused(ErrorCode::bpmn_state, "任务已委派，须先交回 / the task is delegated; it is given back first");
  if (!task.assignee.empty() && !cmd.by.empty() && task.assignee != cmd.by) {
    return refused(ErrorCode::bpmn_not_allowed, "这项任务由别人办理 / the task belongs to somebody else");
  }
  if (!task.kind.empty()) {
    EventRecord closed = make(EventType::task_closed, task.id);
    closed.name = "completed";
    closed.detail = cmd.by;
    emit(std::move(closed));
    if (cmd.data.kind() == json::Kind::object) {
      Id scope = s.find(task.element)->parent;
      while (s.find(scope)->role == Role::body) scope = s.find(scope)->parent;
      set_variables(scope, cmd.data);
    }
    return s.find(task.element) == nullptr ? Status{} : added_done(task);
  }
  auto const* spec = std::get_if<Task>(&def.nodes[task.node].kind);
  if (spec != nullptr && !spec->four_eyes.empty()) {
    Index const other = def.find_node(spec->four_eyes);
    for (Performed const& done : s.performed) {
      if (done.node == other && done.by == cmd.by)
        return refused(ErrorCode::bpmn_not_allowed, "经办人不能自己审批 / who prepared may not approve (four eyes)");
    }
  }
  if (spec != nullptr && spec->vote != VoteKind::none && is_inner(*s.find(task.element))) {
    auto const* given = cmd.data.find("vote");
    return vote_done(task, given == nullptr || given->as_bool());
  }
  return close_main_task(task, "completed");
}

/// The main task of an element is done: tasks added after it open; without any the element is complete.
Status Machine::close_main_task(UserTask const& task, char const* outcome) {
  EventRecord closed = make(EventType::task_closed, task.id);
  closed.name = outcome;
  closed.detail = cmd.by;
  closed.scope = s.find(task.element)->parent;
  emit(std::move(closed));
  if (cmd.data.kind() == json::Kind::object) {
    Id scope = s.find(task.element)->parent;
    while (s.find(scope)->role == Role::body) scope = s.find(scope)->parent;
    set_variables(scope, cmd.data);
  }
  std::vector<Id> after;
  bool more = false;
  for (UserTask const& other : s.tasks) {
    if (other.element != task.element) continue;
    more = true;
    if (other.kind == "after" && other.blocked) after.push_back(other.id);
  }
  for (Id other : after) change_task(other, "blocked", 0);
  return more ? Status{} : complete(task.element);
}

/// A task that was added to another one is closed.
Status Machine::added_done(UserTask const& task) {
  resume_clock(task);
  bool main_there = false, still_stopped = false, any = false;
  for (UserTask const& other : s.tasks) {
    if (other.element != task.element) continue;
    any = true;
    main_there = main_there || other.id == task.main;
    still_stopped = still_stopped || stops_main(other.kind);
  }
  if (!any) return complete(task.element);
  if (stops_main(task.kind) && main_there && !still_stopped) {
    change_task(task.main, "blocked", 0);
    change(task.element, "timers_paused", 0);
  }
  return {};
}

Id Machine::open_added(UserTask const& main, std::string kind, std::string const& to, std::int64_t weight) {
  EventRecord opened = make(EventType::task_opened, next_id());
  Id const id = opened.id;
  opened.scope = main.element;
  opened.node = main.node;
  opened.name = std::move(kind);
  opened.data = json::Value::object();
  if (!to.empty()) opened.data.set("assignee", text_value(to));
  opened.data.set("main", number_value(static_cast<std::int64_t>(main.id)));
  if (weight != 1) opened.data.set("weight", number_value(weight));
  if (opened.name == "special") opened.data.set("form", text_value(cmd.name));
  emit(std::move(opened));
  return id;
}

/// 会签 all, 或签 any, 票签 weighted: counted on the body; decided as soon as the outcome cannot change.
Status Machine::vote_done(UserTask const& task, bool yes) {
  Element const inner = *s.find(task.element);
  Id const body = inner.parent;
  auto const& spec = std::get<Task>(def.nodes[task.node].kind);
  auto count = [&](char const* name) -> std::int64_t {
    auto const& variables = s.find(body)->variables;
    auto const it = variables.find(std::string_view(name));
    return it == variables.end() ? 0 : integer_of(it->second).value_or(0);
  };
  std::int64_t const weight = spec.vote == VoteKind::weighted ? task.weight : 1;
  std::int64_t const for_it = count("votesFor") + (yes ? weight : 0);
  std::int64_t const against = count("votesAgainst") + (yes ? 0 : weight);
  std::int64_t total = s.find(body)->total;
  if (spec.vote == VoteKind::weighted && !s.find(body)->items.empty()) {
    total = 0;
    for (json::Value const& item : s.find(body)->items) {
      auto const* part = item.find("weight");
      total += part == nullptr ? 1 : integer_of(*part).value_or(1);
    }
  }
  json::Value counts = json::Value::object();
  counts.set("votesFor", number_value(for_it));
  counts.set("votesAgainst", number_value(against));
  set_variables(body, std::move(counts));
  std::int64_t const needed = spec.vote == VoteKind::all   ? total
                              : spec.vote == VoteKind::any ? 1
                                                           : std::max<std::int64_t>(1, spec.quorum);
  std::optional<bool> result;
  if (for_it >= needed)
    result = true;
  else if (total - against < needed)
    result = false;
  if (!result) return close_main_task(task, "completed");
  Id scope = s.find(body)->parent;
  json::Value outcome = json::Value::object();
  outcome.set("voteResult", json::Value::boolean(*result));
  outcome.set("votesFor", number_value(for_it));
  outcome.set("votesAgainst", number_value(against));
  set_variables(scope, std::move(outcome));
  EventRecord closed = make(EventType::task_closed, task.id);
  closed.name = "completed";
  closed.detail = cmd.by;
  closed.scope = body;
  emit(std::move(closed));
  close_element(inner.id, EventType::element_left);
  change(body, "done", s.find(body)->done + 1);
  return finish_body(body, true);
}

Result<Index> Machine::previous_of(UserTask const& task) const {
  for (auto it = s.performed.rbegin(); it != s.performed.rend(); ++it) {
    if (it->node == task.node || def.nodes[it->node].scope != def.nodes[task.node].scope) continue;
    if (reachable(def, it->node)[task.node]) return it->node;
  }
  return refused(ErrorCode::bpmn_state, "前面没有办完的任务 / no earlier task has been completed");
}

Status Machine::send_back(UserTask const& task) {
  if (cmd.node == "applicant") {
    change_task(task.id, "blocked", 1);
    change(task.element, "timers_paused", 1);
    open_added(task, "returned", s.applicant);
    return {};
  }
  Index target = kNone;
  if (cmd.node.empty()) {
    YW_ASSIGN(target, previous_of(task));
  } else {
    target = def.find_node(cmd.node);
    if (target == kNone) return missing("node", cmd.node);
    if (def.nodes[target].scope == def.nodes[task.node].scope && !reachable(def, target)[task.node]) {
      return refused(ErrorCode::bpmn_argument,
                     "只能退到前面的环节；去别处请用跳转 / the node does not lie before this task; jump is for other nodes");
    }
  }
  return jump_to(task.element, target, cmd.flag, false);
}

/// Moves the token of `from` to `target`. In the smallest common scope every token that the target could reach is
/// cancelled, all others stay; waiting inclusive joins are asked again when the command settles.
Status Machine::jump_to(Id from, Index target, bool all, bool keep) {
  moved_by_hand = true;
  if (def.nodes[target].for_compensation)
    return refused(ErrorCode::bpmn_argument, "补偿处理不能作目标 / a compensation handler is no target");
  if (auto const* event = std::get_if<Event>(&def.nodes[target].kind);
      event != nullptr && (event->position == Position::boundary || event->position == Position::start)) {
    return refused(ErrorCode::bpmn_argument, "边界事件和开始事件不能作目标 / a boundary or start event is no target");
  }
  for (Index scope = def.nodes[target].scope; scope != kNone; scope = def.scopes[scope].parent) {
    Element const* common = nullptr;
    for (Element const* e = s.find(from); e != nullptr; e = e->parent == 0 ? nullptr : s.find(e->parent)) {
      if (e->scope == scope) common = e;
      if (common != nullptr) break;
    }
    if (common == nullptr) continue;
    std::vector<Id> scopes{common->id};
    Element const* body = common->parent == 0 ? nullptr : s.find(common->parent);
    if (all && body != nullptr && body->role == Role::body) {
      scopes.clear();
      for (Element const& other : s.elements) {
        if (other.parent == body->id) scopes.push_back(other.id);
      }
    }
    for (Id id : scopes) {
      YW_TRY(jump_in(id, from, target, keep));
    }
    return {};
  }
  return refused(ErrorCode::bpmn_argument, "目标属于另一个流程 / the target belongs to another process");
}

Status Machine::jump_in(Id scope, Id from, Index target, bool keep) {
  Index const static_scope = s.find(scope)->scope;
  std::vector<Index> inside;  // sub-processes to enter, innermost first
  Index top = target;
  for (Index at = def.nodes[target].scope; at != static_scope; at = def.scopes[at].parent) {
    top = def.scopes[at].owner;
    inside.push_back(top);
    auto const* sub = std::get_if<SubProcess>(&def.nodes[top].kind);
    if (def.nodes[top].multi || sub == nullptr || sub->kind == SubProcessKind::event) {
      return refused(ErrorCode::bpmn_argument,
                     "目标在这里没有打开的多实例或事件子流程里 / the target lies inside a multi-instance or event sub-process "
                     "that is not active here");
    }
  }
  auto const reach = reachable(def, top);
  Id carrier = from;
  while (carrier != 0 && s.find(carrier) != nullptr && s.find(carrier)->parent != scope) carrier = s.find(carrier)->parent;
  std::vector<Id> gone;
  for (Element const& element : s.elements) {
    if (element.parent != scope || element.node == kNone) continue;
    bool const handler = element.role == Role::handler && element.index > 0;
    auto const* sub = std::get_if<SubProcess>(&node_of(element).kind);
    bool const beside = handler || (sub != nullptr && sub->kind == SubProcessKind::event);
    if (element.id == carrier || (!keep && !beside && reach[element.node])) gone.push_back(element.id);
  }
  for (Id id : gone) cancel(id);
  // Coming back from an event sub-process, the scope listens again.
  if (s.find(scope)->ending) change(scope, "ending", 0);
  if (!keep) {
    for (std::size_t i = s.arrivals.size(); i-- > 0;) {
      Arrival const arrival = s.arrivals[i];
      if (arrival.scope != scope || !reach[def.flows[arrival.flow].source]) continue;
      EventRecord event = make(EventType::tokens_joined);
      event.scope = scope;
      event.flow = arrival.flow;
      event.number = arrival.count;
      emit(std::move(event));
    }
  }
  Id at = scope;
  for (std::size_t i = inside.size(); i-- > 0;) {
    at = enter(at, inside[i]);
    YW_TRY(set_timers(at));
  }
  queue.push_back({Work::What::start, at, target});
  return {};
}

/// Tells the officer when a parallel join can no longer be completed: at once after a move by hand, otherwise as soon as
/// nothing but waiting tokens is left in its scope (which a sound model never does by itself).
void Machine::warn_stuck() {
  std::vector<std::pair<Id, Index>> told;
  for (std::size_t i = 0; i < s.arrivals.size(); ++i) {
    Arrival const arrival = s.arrivals[i];
    Index const join = def.flows[arrival.flow].target;
    auto const* gateway = std::get_if<Gateway>(&def.nodes[join].kind);
    std::pair<Id, Index> const key(arrival.scope, join);
    if (gateway == nullptr || gateway->kind != GatewayKind::parallel || std::find(told.begin(), told.end(), key) != told.end())
      continue;
    bool const moving =
        std::any_of(s.elements.begin(), s.elements.end(), [&](Element const& e) { return e.parent == arrival.scope; });
    if (moving && !moved_by_hand) continue;
    std::vector<bool> near(def.nodes.size(), false);
    auto spread = [&](Index from) {
      auto const reach = reachable(def, from);
      for (std::size_t n = 0; n < near.size(); ++n) near[n] = near[n] || (reach[n] && n != join);
    };
    for (Element const& element : s.elements) {
      if (element.parent == arrival.scope && element.node != kNone) spread(element.node);
    }
    for (Arrival const& other : s.arrivals) {
      if (other.scope == arrival.scope && def.flows[other.flow].target != join) spread(def.flows[other.flow].target);
    }
    for (Index flow : def.nodes[join].in) {
      bool const there = std::any_of(s.arrivals.begin(), s.arrivals.end(),
                                     [&](Arrival const& a) { return a.scope == arrival.scope && a.flow == flow; });
      if (there || (moving && near[def.flows[flow].source])) continue;
      told.push_back(key);
      EventRecord event = make(EventType::notice);
      event.name = "join_cannot_complete";
      event.scope = arrival.scope;
      event.node = join;
      emit(std::move(event));
      break;
    }
  }
}

/// 撤回: the sender takes a step back as long as nobody has acted on it.
Status Machine::withdraw() {
  Index const wanted = cmd.node.empty() ? kNone : def.find_node(cmd.node);
  for (std::size_t i = s.performed.size(); i-- > 0;) {
    Performed const done = s.performed[i];
    if (done.by != cmd.by || (wanted != kNone && done.node != wanted)) continue;
    auto const reach = reachable(def, done.node);
    for (std::size_t later = i + 1; later < s.performed.size(); ++later) {
      if (reach[s.performed[later].node])
        return refused(ErrorCode::bpmn_not_allowed, "后面的任务已经办完 / a later task has already been completed");
    }
    for (UserTask const& task : s.tasks) {
      if (task.kind.empty() && def.nodes[task.node].scope == def.nodes[done.node].scope && reach[task.node] &&
          task.state == TaskState::claimed && task.assignee != cmd.by) {
        return refused(ErrorCode::bpmn_not_allowed, "下一环节已有人接办 / somebody has already taken the next task");
      }
    }
    for (Element const& element : s.elements) {
      if (element.node == kNone || element.node == done.node || !reach[element.node]) continue;
      if (def.nodes[element.node].scope != def.nodes[done.node].scope) continue;
      return jump_to(element.id, done.node, false, false);
    }
    return refused(ErrorCode::bpmn_state, "后面没有可收回的任务 / nothing that followed is still open");
  }
  return refused(ErrorCode::bpmn_not_allowed, "您没有办过这项任务 / this person has completed no such task");
}

}  // namespace yiwang::bpmn

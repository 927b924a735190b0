#include <algorithm>
#include <charconv>

#include "yiwang/bpmn/engine.hpp"
#include "yiwang/format/json_text.hpp"

namespace yiwang::bpmn {
namespace {

constexpr std::string_view kEventNames[] = {"instance_started",
                                            "instance_ended",
                                            "instance_suspended",
                                            "instance_resumed",
                                            "element_entered",
                                            "element_left",
                                            "element_cancelled",
                                            "element_changed",
                                            "flow_taken",
                                            "token_waits",
                                            "tokens_joined",
                                            "variables_set",
                                            "item_list_set",
                                            "task_opened",
                                            "task_changed",
                                            "task_closed",
                                            "timer_set",
                                            "timer_cleared",
                                            "job_opened",
                                            "job_closed",
                                            "message_sent",
                                            "signal_sent",
                                            "compensable_added",
                                            "compensation_queued",
                                            "compensation_next",
                                            "incident_raised",
                                            "incident_cleared",
                                            "clock",
                                            "notice",
                                            "office"};
static_assert(std::size(kEventNames) == static_cast<std::size_t>(EventType::office) + 1);

constexpr std::string_view kCommandNames[] = {"start",
                                              "complete_task",
                                              "complete_job",
                                              "fail_job",
                                              "correlate",
                                              "signal",
                                              "fire_timer",
                                              "set_variables",
                                              "retry",
                                              "resolve",
                                              "start_ad_hoc",
                                              "complete_ad_hoc",
                                              "claim",
                                              "unclaim",
                                              "save_draft",
                                              "hand_over",
                                              "delegate",
                                              "give_back",
                                              "add_signer",
                                              "remove_signer",
                                              "send_back",
                                              "reject",
                                              "withdraw",
                                              "jump",
                                              "terminate",
                                              "suspend",
                                              "resume",
                                              "copy_to",
                                              "circulate",
                                              "mark_read",
                                              "urge",
                                              "request_correction",
                                              "submit_correction",
                                              "start_special_procedure",
                                              "end_special_procedure",
                                              "request_extension",
                                              "decide_extension",
                                              "time_out",
                                              "substitute",
                                              "sign_vote"};
static_assert(std::size(kCommandNames) == static_cast<std::size_t>(CommandType::sign_vote) + 1);

constexpr std::string_view kStatusNames[] = {"none", "running", "suspended", "completed", "terminated", "failed"};
constexpr std::string_view kTaskStates[] = {"open", "claimed", "delegated", "suspended"};
constexpr std::string_view kRoles[] = {"plain", "body", "handler"};

using json::Value;

Value number(std::int64_t value) { return Value::number(std::to_string(value)); }
Value number(Id value) { return Value::number(std::to_string(value)); }
Value text(std::string value) { return Value::string(std::move(value)); }
/// Adds members that differ from their default, so that a state stays short.
class Members {
 public:
  Members& id(char const* key, Id value) {
    if (value != 0) add(key, number(value));
    return *this;
  }
  Members& n(char const* key, std::int64_t value, std::int64_t fallback = 0) {
    if (value != fallback) add(key, number(value));
    return *this;
  }
  Members& t(char const* key, std::string const& value) {
    if (!value.empty()) add(key, text(value));
    return *this;
  }
  Members& at(char const* key, Instant value) {
    if (value.us != 0) add(key, number(value.us));
    return *this;
  }
  Members& add(char const* key, Value value) {
    out_.members().emplace_back(key, std::move(value));
    return *this;
  }
  Value done() { return std::move(out_); }

 private:
  Value out_ = Value::object();
};

class Names {
 public:
  explicit Names(Definition const& definition) : def_(definition) {}
  std::string node(Index index) const {
    return index == kNone || index >= def_.nodes.size() ? std::string{} : def_.nodes[index].id;
  }
  std::string flow(Index index) const {
    if (index == kNone || index >= def_.flows.size()) return {};
    return def_.flows[index].id.empty() ? "#" + std::to_string(index) : def_.flows[index].id;
  }
  Index flow_of(std::string_view id) const {
    if (id.starts_with("#")) {
      Index out = kNone;
      std::from_chars(id.data() + 1, id.data() + id.size(), out);
      return out < def_.flows.size() ? out : kNone;
    }
    auto const it = def_.flow_by_id.find(id);
    return it == def_.flow_by_id.end() ? kNone : it->second;
  }

 private:
  Definition const& def_;
};

/// Reading: the first fault is kept, everything after it reads as empty.
class Reader {
 public:
  Reader(Definition const& definition, std::string& fault) : def_(definition), names_(definition), fault_(fault) {}

  std::int64_t n(Value const& from, char const* key, std::int64_t fallback = 0) {
    Value const* value = from.find(key);
    if (value == nullptr) return fallback;
    std::int64_t out = 0;
    std::string const& digits = value->text();
    auto const [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), out);
    if (value->kind() != json::Kind::number || error != std::errc{} || end != digits.data() + digits.size()) bad(key);
    return out;
  }
  Id id(Value const& from, char const* key) { return static_cast<Id>(n(from, key)); }
  Instant at(Value const& from, char const* key) { return Instant{n(from, key)}; }
  std::string t(Value const& from, char const* key) {
    Value const* value = from.find(key);
    if (value == nullptr) return {};
    if (value->kind() != json::Kind::string) bad(key);
    return value->text();
  }
  bool b(Value const& from, char const* key) {
    Value const* value = from.find(key);
    return value != nullptr && value->as_bool();
  }
  Index node(Value const& from, char const* key) {
    std::string const name = t(from, key);
    if (name.empty()) return kNone;
    Index const found = def_.find_node(name);
    if (found == kNone) bad(key);
    return found;
  }
  Index flow(Value const& from, char const* key) {
    std::string const name = t(from, key);
    if (name.empty()) return kNone;
    Index const found = names_.flow_of(name);
    if (found == kNone) bad(key);
    return found;
  }
  Variables vars(Value const& from, char const* key) {
    Variables out;
    if (Value const* value = from.find(key)) {
      for (auto const& [name, item] : value->members()) out.insert_or_assign(name, item);
    }
    return out;
  }
  std::vector<std::string> strings(Value const& from, char const* key) {
    std::vector<std::string> out;
    if (Value const* value = from.find(key)) {
      for (Value const& item : value->items()) out.push_back(item.text());
    }
    return out;
  }
  std::vector<Value> const& list(Value const& from, char const* key) {
    static std::vector<Value> const none;
    Value const* value = from.find(key);
    return value == nullptr ? none : value->items();
  }
  template <class E, std::size_t N>
  E one_of(Value const& from, char const* key, std::string_view const (&names)[N]) {
    std::string const name = t(from, key);
    for (std::size_t i = 0; i < N; ++i) {
      if (names[i] == name) return static_cast<E>(i);
    }
    if (!name.empty()) bad(key);
    return static_cast<E>(0);
  }
  std::vector<Compensable> compensables(Value const& from, char const* key, int depth = 0) {
    std::vector<Compensable> out;
    if (depth > 32) return out;
    for (Value const& item : list(from, key)) {
      out.push_back(
          {node(item, "node"), node(item, "handler"), vars(item, "variables"), compensables(item, "nested", depth + 1)});
    }
    return out;
  }
  void bad(std::string_view key) {
    if (fault_.empty()) fault_ = std::string(key);
  }

 private:
  Definition const& def_;
  Names names_;
  std::string& fault_;
};

}  // namespace

std::string_view to_string(EventType type) { return kEventNames[static_cast<std::size_t>(type)]; }
std::string_view to_string(CommandType type) { return kCommandNames[static_cast<std::size_t>(type)]; }
std::string_view to_string(InstanceStatus status) { return kStatusNames[static_cast<std::size_t>(status)]; }
std::string_view to_string(TaskState state) { return kTaskStates[static_cast<std::size_t>(state)]; }

json::Value event_value(Definition const& definition, EventRecord const& event) {
  Names const names(definition);
  Members out;
  out.t("type", std::string(to_string(event.type)))
      .at("at_us", event.at)
      .id("id", event.id)
      .id("scope", event.scope)
      .t("node", names.node(event.node))
      .t("flow", names.flow(event.flow))
      .n("n", event.number)
      .n("m", event.number2)
      .t("name", event.name)
      .t("detail", event.detail);
  if (!event.data.is_null()) out.add("data", event.data);
  return out.done();
}

std::string write_event(Definition const& definition, EventRecord const& event) {
  return json::write(event_value(definition, event));
}

Result<EventRecord> read_event(Definition const& definition, std::string_view input) {
  YW_ASSIGN(Value const root, json::parse(input));
  return event_from(definition, root);
}

Result<EventRecord> event_from(Definition const& definition, json::Value const& root) {
  std::string fault;
  Reader r(definition, fault);
  EventRecord out;
  out.type = r.one_of<EventType>(root, "type", kEventNames);
  if (root.find("type") == nullptr) r.bad("type");
  out.at = r.at(root, "at_us");
  out.id = r.id(root, "id");
  out.scope = r.id(root, "scope");
  out.node = r.node(root, "node");
  out.flow = r.flow(root, "flow");
  out.number = r.n(root, "n");
  out.number2 = r.n(root, "m");
  out.name = r.t(root, "name");
  out.detail = r.t(root, "detail");
  if (Value const* data = root.find("data")) out.data = *data;
  if (!fault.empty()) return fail(Error(ErrorCode::bpmn_state_text, {{"why", fault}}));
  return out;
}

namespace {

/// As Members, written at once.
class MembersText {
 public:
  explicit MembersText(std::string& out) : out_(out) {}
  MembersText& id(char const* key, Id value) {
    if (value != 0) out_.number(key, value);
    return *this;
  }
  MembersText& n(char const* key, std::int64_t value, std::int64_t fallback = 0) {
    if (value != fallback) out_.number(key, value);
    return *this;
  }
  MembersText& t(char const* key, std::string_view value) {
    if (!value.empty()) out_.text(key, value);
    return *this;
  }
  MembersText& b(char const* key, bool value) {
    if (value) out_.yes(key);
    return *this;
  }
  MembersText& at(char const* key, Instant value) {
    if (value.us != 0) out_.number(key, value.us);
    return *this;
  }
  MembersText& add(char const* key, Value const& value) {
    out_.value(key, value);
    return *this;
  }
  template <class List, class Write>
  MembersText& list(char const* key, List const& list, Write&& write) {
    if (!list.empty()) out_.list(key, list, write);
    return *this;
  }
  MembersText& strings(char const* key, std::vector<std::string> const& value) {
    return list(key, value, [](std::string& out, std::string const& item) { json::append_string(out, item); });
  }
  MembersText& vars(char const* key, Variables const& value) {
    if (value.empty()) return *this;
    out_.member(key, [&](std::string& out) {
      char before = '{';
      for (auto const& [name, item] : value) {
        out += before;
        before = ',';
        json::append_string(out, name);
        out += ':';
        json::append_value(out, item);
      }
      out += '}';
    });
    return *this;
  }

 private:
  json::ObjectText out_;
};

void append_compensable(std::string& out, Names const& names, Compensable const& item) {
  MembersText(out)
      .t("node", names.node(item.node))
      .t("handler", names.node(item.handler))
      .vars("variables", item.variables)
      .list("nested", item.nested, [&](std::string& o, Compensable const& c) { append_compensable(o, names, c); });
}

}  // namespace

std::string write_state(Definition const& definition, State const& state) {
  Names const names(definition);
  std::string text;
  text.reserve(2048);
  auto compensable = [&](std::string& out, Compensable const& c) { append_compensable(out, names, c); };
  MembersText(text)
      .n("v", 1)
      .t("process", state.process)
      .t("status", to_string(state.status))
      .t("end_reason", state.end_reason)
      .t("applicant", state.applicant)
      .id("last_id", state.last_id)
      .id("steps", state.steps)
      .at("started", state.started)
      .at("ended", state.ended)
      .list("elements", state.elements,
            [&](std::string& out, Element const& e) {
              MembersText(out)
                  .id("id", e.id)
                  .id("parent", e.parent)
                  .t("node", names.node(e.node))
                  .t("role", e.role == Role::plain ? std::string_view{} : kRoles[static_cast<std::size_t>(e.role)])
                  .b("scope", e.scope != kNone)
                  .n("index", e.index)
                  .n("total", e.total)
                  .n("done", e.done)
                  .b("ending", e.ending)
                  .b("waiting_end", e.waiting_end)
                  .at("since", e.since)
                  .list("seen", e.seen,
                        [&](std::string& o, auto const& part) {
                          MembersText(o).t("node", names.node(part.first)).n("part", part.second);
                        })
                  .list("compensables", e.compensables, compensable)
                  .list("queue", e.queue, compensable)
                  .list("items", e.items, [](std::string& o, Value const& item) { json::append_value(o, item); })
                  .vars("variables", e.variables);
            })
      .list("arrivals", state.arrivals,
            [&](std::string& out, Arrival const& a) {
              MembersText(out).id("scope", a.scope).t("flow", names.flow(a.flow)).n("count", a.count).at("since", a.since);
            })
      .list("tasks", state.tasks,
            [&](std::string& out, UserTask const& t) {
              MembersText task(out);
              task.id("id", t.id)
                  .id("element", t.element)
                  .t("node", names.node(t.node))
                  .t("state", to_string(t.state))
                  .t("assignee", t.assignee)
                  .t("owner", t.owner)
                  .strings("candidates", t.candidates)
                  .t("kind", t.kind)
                  .id("main", t.main)
                  .n("weight", t.weight, 1)
                  .b("blocked", t.blocked)
                  .n("urged", t.urged)
                  .t("form", t.form)
                  .at("created", t.created)
                  .strings("readers", t.readers)
                  .strings("read_by", t.read_by);
              if (t.draft) task.add("draft", *t.draft);
            })
      .list("timers", state.timers,
            [&](std::string& out, Timer const& t) {
              MembersText(out)
                  .id("id", t.id)
                  .id("element", t.element)
                  .t("node", names.node(t.node))
                  .n("definition", t.definition)
                  .at("due", t.due)
                  .n("repeats", t.repeats)
                  .n("period_us", t.period_us)
                  .n("remaining_us", t.remaining_us, -1);
            })
      .list("jobs", state.jobs,
            [](std::string& out, Job const& j) {
              MembersText(out).id("id", j.id).id("element", j.element).t("topic", j.topic).n("tries", j.tries);
            })
      .list("incidents", state.incidents,
            [&](std::string& out, Incident const& i) {
              MembersText(out)
                  .id("id", i.id)
                  .id("element", i.element)
                  .t("node", names.node(i.node))
                  .t("flow", names.flow(i.flow))
                  .t("code", i.code)
                  .t("message", i.message)
                  .at("at", i.at);
            })
      .list("performed", state.performed,
            [&](std::string& out, Performed const& p) {
              MembersText(out)
                  .t("node", names.node(p.node))
                  .id("element", p.element)
                  .id("scope", p.scope)
                  .t("by", p.by)
                  .at("at", p.at);
            })
      .list("path", state.path, [&](std::string& out, Index flow) { json::append_string(out, names.flow(flow)); });
  return text;
}

Result<State> read_state(Definition const& definition, std::string_view input) {
  YW_ASSIGN(Value const root, json::parse(input));
  std::string fault;
  Reader r(definition, fault);
  Names const names(definition);
  State out;
  out.process = r.t(root, "process");
  out.status = r.one_of<InstanceStatus>(root, "status", kStatusNames);
  out.end_reason = r.t(root, "end_reason");
  out.applicant = r.t(root, "applicant");
  out.last_id = r.id(root, "last_id");
  out.steps = r.id(root, "steps");
  out.started = r.at(root, "started");
  out.ended = r.at(root, "ended");
  for (Value const& v : r.list(root, "elements")) {
    Element e;
    e.id = r.id(v, "id");
    e.parent = r.id(v, "parent");
    e.node = r.node(v, "node");
    e.role = r.one_of<Role>(v, "role", kRoles);
    if (r.b(v, "scope")) {
      if (e.node == kNone) {
        Index const process = definition.find_process(out.process);
        if (process == kNone)
          r.bad("process");
        else
          e.scope = definition.processes[process].scope;
      } else if (auto const* sub = std::get_if<SubProcess>(&definition.nodes[e.node].kind)) {
        e.scope = sub->body;
      } else if (auto const* call = std::get_if<CallActivity>(&definition.nodes[e.node].kind)) {
        e.scope = call->body;
      }
    }
    e.index = r.n(v, "index");
    e.total = r.n(v, "total");
    e.done = r.n(v, "done");
    e.ending = r.b(v, "ending");
    e.waiting_end = r.b(v, "waiting_end");
    e.since = r.at(v, "since");
    for (Value const& seen : r.list(v, "seen")) e.seen.emplace_back(r.node(seen, "node"), r.n(seen, "part"));
    e.compensables = r.compensables(v, "compensables");
    e.queue = r.compensables(v, "queue");
    e.items = r.list(v, "items");
    e.variables = r.vars(v, "variables");
    out.elements.push_back(std::move(e));
  }
  // A parent always stands before its children and exists.
  for (std::size_t i = 0; i < out.elements.size(); ++i) {
    Element const* parent = out.elements[i].parent == 0 ? nullptr : out.find(out.elements[i].parent);
    if (out.elements[i].parent != 0 && (parent == nullptr || parent->id >= out.elements[i].id)) r.bad("elements");
    if ((out.elements[i].parent == 0) != (out.elements[i].node == kNone)) r.bad("elements");
  }
  for (Value const& v : r.list(root, "arrivals"))
    out.arrivals.push_back({r.id(v, "scope"), r.flow(v, "flow"), r.n(v, "count"), r.at(v, "since")});
  for (Value const& v : r.list(root, "tasks")) {
    UserTask t;
    t.id = r.id(v, "id");
    t.element = r.id(v, "element");
    t.node = r.node(v, "node");
    t.state = r.one_of<TaskState>(v, "state", kTaskStates);
    t.assignee = r.t(v, "assignee");
    t.owner = r.t(v, "owner");
    t.candidates = r.strings(v, "candidates");
    t.kind = r.t(v, "kind");
    t.main = r.id(v, "main");
    t.weight = r.n(v, "weight", 1);
    t.blocked = r.b(v, "blocked");
    t.urged = r.n(v, "urged");
    t.form = r.t(v, "form");
    t.created = r.at(v, "created");
    t.readers = r.strings(v, "readers");
    t.read_by = r.strings(v, "read_by");
    if (Value const* draft = v.find("draft")) t.draft = *draft;
    if (out.find(t.element) == nullptr || t.node == kNone) r.bad("tasks");
    out.tasks.push_back(std::move(t));
  }
  for (Value const& v : r.list(root, "timers")) {
    Timer t{r.id(v, "id"),  r.id(v, "element"), r.node(v, "node"),   r.n(v, "definition"),
            r.at(v, "due"), r.n(v, "repeats"),  r.n(v, "period_us"), r.n(v, "remaining_us", -1)};
    if (out.find(t.element) == nullptr || t.node == kNone) r.bad("timers");
    out.timers.push_back(t);
  }
  for (Value const& v : r.list(root, "jobs")) {
    out.jobs.push_back({r.id(v, "id"), r.id(v, "element"), r.t(v, "topic"), r.n(v, "tries")});
    if (out.find(out.jobs.back().element) == nullptr) r.bad("jobs");
  }
  for (Value const& v : r.list(root, "incidents")) {
    out.incidents.push_back({r.id(v, "id"), r.id(v, "element"), r.node(v, "node"), r.flow(v, "flow"), r.t(v, "code"),
                             r.t(v, "message"), r.at(v, "at")});
  }
  for (Value const& v : r.list(root, "performed")) {
    out.performed.push_back({r.node(v, "node"), r.id(v, "element"), r.id(v, "scope"), r.t(v, "by"), r.at(v, "at")});
    if (out.performed.back().node == kNone) r.bad("performed");
  }
  for (Arrival const& a : out.arrivals) {
    if (a.flow == kNone || out.find(a.scope) == nullptr) r.bad("arrivals");
  }
  for (Value const& v : r.list(root, "path")) {
    Index const flow = names.flow_of(v.text());
    if (flow == kNone) r.bad("path");
    out.path.push_back(flow);
  }
  if (!fault.empty()) return fail(Error(ErrorCode::bpmn_state_text, {{"why", fault}}));
  return out;
}

}  // namespace yiwang::bpmn

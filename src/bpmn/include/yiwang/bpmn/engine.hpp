#pragma once
// decide() and apply(): the whole semantics. Pure; the host stores the events and gives jobs, timers and messages back
// as commands.

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "yiwang/bpmn/state.hpp"

namespace yiwang::bpmn {

enum class EventType : std::uint8_t {
  instance_started,  ///< name = process, detail = applicant, data = variables
  instance_ended,    ///< number = Status, detail = why
  instance_suspended,
  instance_resumed,
  element_entered,      ///< id, scope = parent, node, number = index, number2 = Role
  element_left,         ///< id; completed
  element_cancelled,    ///< id; the element only, its children have events of their own
  element_changed,      ///< id, name = field, number / data
  flow_taken,           ///< scope, flow
  token_waits,          ///< scope, flow, number = count
  tokens_joined,        ///< scope, flow, number = count taken
  variables_set,        ///< id = element, data = object
  item_list_set,        ///< id = body, data = array
  task_opened,          ///< id = task, scope = element, node, name = kind, data = {candidates, assignee, form, main, weight}
  task_changed,         ///< id, name = field, detail / number / data
  task_closed,          ///< id, name = outcome, detail = by
  timer_set,            ///< id, scope = element, node, number = definition, at = due, number2 = repeats, data = period
  timer_cleared,        ///< id
  job_opened,           ///< id, scope = element, node, name = topic, data = input
  job_closed,           ///< id, name = outcome
  message_sent,         ///< node, name, data = {payload, correlation}: the host delivers it
  signal_sent,          ///< node, name: the host offers it to other instances
  compensable_added,    ///< id = scope element, node, name = id of the handler, scope = completed element, data = variables
  compensation_queued,  ///< id = throwing element, scope = scope element, number = how many of its records are taken
  compensation_next,    ///< id = throwing element: the next record of its queue starts
  incident_raised,      ///< id, scope = element, node, flow, name = code, detail = message
  incident_cleared,     ///< id
  clock,                ///< name = pause, resume, extend, hold, restart, terminate; detail = reason; for the case's clocks
  notice,               ///< name = copied, circulated, urged, read, timeout_warned, escalated; detail = to whom; data
  office,               ///< name = operation, detail = by; data = arguments: what an officer did, in one line
};
std::string_view to_string(EventType type);

struct EventRecord {
  EventType type = EventType::office;
  Id id = 0, scope = 0;
  Index node = kNone, flow = kNone;
  std::int64_t number = 0, number2 = 0;
  Instant at;
  std::string name, detail;
  json::Value data;
};

std::string write_event(Definition const& definition, EventRecord const& event);
/// The same as a value, to stand inside an event of the host; a zero `at` is left out.
json::Value event_value(Definition const& definition, EventRecord const& event);
/// Errors: bpmn.state_text.
Result<EventRecord> event_from(Definition const& definition, json::Value const& value);
Result<EventRecord> read_event(Definition const& definition, std::string_view json);

/// What an expression may see.
class Lookup {
 public:
  virtual ~Lookup() = default;
  /// The variable, or nullptr.
  virtual json::Value const* find(std::string_view name) const = 0;
};

/// How a script or service call ended.
struct ScriptResult {
  Variables set;                         ///< variables to write
  std::optional<json::Value> value;      ///< goes to the task's result variable
  std::optional<std::string> error;      ///< a BPMN error: its code, empty = any
  std::optional<std::int64_t> lasts_us;  ///< the work goes on: the task stays until its job is completed
};

/// What the semantics ask of the outside. Each call must be a function of its arguments alone.
class Ports {
 public:
  virtual ~Ports() = default;
  virtual Result<json::Value> evaluate(Expression const& expression, Lookup const& lookup) = 0;
  /// A script task. `node` is the task, for its data associations.
  virtual Result<ScriptResult> run_script(Node const& node, std::string_view script, std::string_view format,
                                          Lookup const& lookup) = 0;
  /// A business rule task: the value of the decision. The default refuses.
  virtual Result<json::Value> decide(std::string_view decision, Lookup const& lookup);
};

enum class CommandType : std::uint8_t {
  start,            ///< name = process, node = start event or "", by = applicant, data = variables
  complete_task,    ///< id = task, by, data = variables
  complete_job,     ///< id = job, data = variables; detail = error code to throw, flag = detail is given
  fail_job,         ///< id = job, detail = message: an incident
  correlate,        ///< name = message, data = payload; detail = correlation value (optional: "key=value" of a variable)
  signal,           ///< name
  fire_timer,       ///< id = timer
  set_variables,    ///< id = element (0 = process), data
  retry,            ///< id = incident
  resolve,          ///< id = incident: the element is taken as done, data = variables
  start_ad_hoc,     ///< id = ad-hoc element, node = activity
  complete_ad_hoc,  ///< id = ad-hoc element
  // Operations of offices; docs/process.md has a line for each.
  claim,
  unclaim,
  save_draft,
  hand_over,      ///< 转办: id = task, to
  delegate,       ///< 委派: id = task, to
  give_back,      ///< the delegate returns it
  add_signer,     ///< 加签: id = task, to (list), name = before | after | parallel
  remove_signer,  ///< 减签: id = task of the added signer, or to
  send_back,      ///< 退回: id = task, node = target ("" = previous, "applicant"), flag = keep others, number = instance
  reject,         ///< 驳回: id = task: the case ends as rejected, or goes to node
  withdraw,       ///< 撤回: node or "" = the task last completed by `by`
  jump,           ///< 跳转: id = element or task to leave (0 = scope), node = target, number = instance, flag = all instances
  terminate,      ///< 终止: detail = reason
  suspend,
  resume,                   ///< 挂起, 恢复
  copy_to,                  ///< 抄送: id = task, to
  circulate,                ///< 传阅: id = task, to
  mark_read,                ///< id = task, by
  urge,                     ///< 催办: id = task
  request_correction,       ///< 补正: id = task, detail = what is missing
  submit_correction,        ///< id = correction task, data
  start_special_procedure,  ///< 特别程序: id = task, name = hearing | inspection | appraisal …, detail = number of the written
                            ///< notice
  end_special_procedure,  ///< id = task, name
  request_extension,      ///< 延期: id = task, number = amount, detail = reason, to = approver
  decide_extension,       ///< id = extension task, flag = approved
  time_out,               ///< 超时: id = task, name = warn | escalate | reassign | decide, to, data
  substitute,             ///< 代理: by = absent person, to = deputy: open tasks pass over
  sign_vote,              ///< 票签: id = task, flag = yes, data
};
std::string_view to_string(CommandType type);

struct Command {
  CommandType type = CommandType::start;
  Id id = 0;
  std::string node;
  std::string name;
  std::string detail;
  std::string by;
  std::vector<std::string> to;
  std::int64_t number = 0;
  bool flag = false;
  json::Value data;
  Instant now;
};

struct Limits {
  std::size_t steps = 20'000;      ///< moves in one command
  std::size_t elements = 20'000;   ///< active elements
  std::int64_t instances = 5'000;  ///< of one multi-instance
};

/// What happened, or why nothing may. The state is untouched; give the events to apply() in their order.
Result<std::vector<EventRecord>> decide(Definition const& definition, State const& state, Command const& command, Ports& ports,
                                        Limits const& limits = {});
/// Never fails on events that decide() made for this definition.
void apply(Definition const& definition, State& state, EventRecord const& event);

/// Start events of a process that a message or signal of that name would trigger.
std::vector<Index> triggered_by(Definition const& definition, std::string_view process, std::string_view name, bool signal);
/// Names that the instance waits for now.
struct Waiting {
  std::string name;
  bool signal = false;
  Id element = 0;
  Index node = kNone;
};
std::vector<Waiting> waiting(Definition const& definition, State const& state);

/// The variables an element sees, inner scopes first.
json::Value const* find_variable(State const& state, Id element, std::string_view name);

/// Text of the instance for people: path taken, where it stands, since when.
std::string describe(Definition const& definition, State const& state, Instant now, Language language);

/// ISO 8601: a date or instant, a duration added to `now`, a cycle Rn/…/duration.
struct Schedule {
  Instant due;
  std::int64_t repeats = 0;
  std::int64_t period_us = 0;
};
/// Errors: bpmn.time.
Result<Instant> parse_date(std::string_view text);
Result<Instant> add_duration(Instant from, std::string_view text);
Result<Schedule> parse_cycle(std::string_view text, Instant now);

}  // namespace yiwang::bpmn

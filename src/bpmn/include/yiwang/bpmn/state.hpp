#pragma once
// The state of one running process instance: plain data, copied, compared and stored as JSON.

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "yiwang/base/time.hpp"
#include "yiwang/bpmn/model.hpp"
#include "yiwang/format/json.hpp"

namespace yiwang::bpmn {

using Id = std::uint64_t;  ///< unique inside an instance, from 1, never reused
using Variables = std::map<std::string, json::Value, std::less<>>;

enum class Role : std::uint8_t {
  plain,
  body,     ///< of a multi-instance activity: its children are the instances
  handler,  ///< runs a compensation; completing it goes on with the thrower's queue
};

/// A compensation that may still be asked for.
struct Compensable {
  Index node = kNone;     ///< the completed activity
  Index handler = kNone;  ///< what undoes it
  Variables variables;    ///< local variables at its completion
  std::vector<Compensable> nested;
};

/// One active element: a token, or a scope that holds tokens.
struct Element {
  Id id = 0;
  Id parent = 0;        ///< 0 for the process itself
  Index node = kNone;   ///< kNone for the process itself
  Index scope = kNone;  ///< what is inside, for scopes
  Role role = Role::plain;
  std::int64_t index = 0;    ///< loop counter, from 1 in a multi-instance
  std::int64_t total = 0;    ///< body: instances to make; a loop: runs done
  std::int64_t done = 0;     ///< body: instances completed
  bool ending = false;       ///< an interrupting handler or a compensation has taken over
  bool waiting_end = false;  ///< ad-hoc: the completion condition holds, the rest finishes
  Instant since;
  std::vector<std::pair<Index, std::int64_t>> seen;  ///< (event node, definition): conditions that hold, parts received
  std::vector<Compensable> compensables;             ///< scopes
  std::vector<Compensable> queue;                    ///< of a thrower: what is still to be compensated
  std::vector<json::Value> items;                    ///< body: the collection
  Variables variables;
};

/// Tokens that wait before a join or an activity with a start quantity.
struct Arrival {
  Id scope = 0;
  Index flow = kNone;
  std::int64_t count = 0;
  Instant since;
};

enum class TaskState : std::uint8_t { open, claimed, delegated, suspended };

struct UserTask {
  Id id = 0;
  Id element = 0;
  Index node = kNone;
  TaskState state = TaskState::open;
  std::string assignee;
  std::string owner;  ///< who delegated it
  std::vector<std::string> candidates;
  std::string kind;  ///< "" = the task itself; before, after, parallel = added (加签); correction, returned, special, extension
  Id main = 0;       ///< of an added task: the task it belongs to
  std::int64_t weight = 1;  ///< of a vote
  bool blocked = false;     ///< waits for added tasks before it
  std::int64_t urged = 0;
  std::string form;
  Instant created;
  std::optional<json::Value> draft;
  std::vector<std::string> readers;  ///< 抄送, 传阅
  std::vector<std::string> read_by;
};

struct Timer {
  Id id = 0;
  Id element = 0;      ///< the element it belongs to (host of a boundary event, scope of an event sub-process)
  Index node = kNone;  ///< the event
  std::int64_t definition = 0;
  Instant due;
  std::int64_t repeats = 0;        ///< further firings; -1 without end
  std::int64_t period_us = 0;      ///< of a cycle
  std::int64_t remaining_us = -1;  ///< while suspended
};

/// Work for the outside: service tasks, called processes of other files.
struct Job {
  Id id = 0;
  Id element = 0;
  std::string topic;
  std::int64_t tries = 0;
};

struct Incident {
  Id id = 0;
  Id element = 0;
  Index node = kNone;
  Index flow = kNone;
  std::string code, message;
  Instant at;
};

/// A performer of a completed task, for 撤回, 退回 and four-eyes.
struct Performed {
  Index node = kNone;
  Id element = 0;
  Id scope = 0;
  std::string by;
  Instant at;
};

enum class InstanceStatus : std::uint8_t { none, running, suspended, completed, terminated, failed };

struct State {
  std::string process;  ///< id of the process in the definition
  InstanceStatus status = InstanceStatus::none;
  std::string end_reason;  ///< terminated, failed: why
  std::string applicant;
  Id last_id = 0;
  std::uint64_t steps = 0;  ///< events applied
  Instant started, ended;
  std::vector<Element> elements;
  std::vector<Arrival> arrivals;
  std::vector<UserTask> tasks;
  std::vector<Timer> timers;
  std::vector<Job> jobs;
  std::vector<Incident> incidents;
  std::vector<Performed> performed;
  std::vector<Index> path;  ///< flows taken, in order; the oldest are dropped after kMaxPath

  Element const* find(Id id) const;
  Element* find(Id id);
  UserTask const* find_task(Id id) const;
  UserTask* find_task(Id id);
};

inline constexpr std::size_t kMaxPath = 2'000;

std::string_view to_string(InstanceStatus status);
std::string_view to_string(TaskState state);

/// JSON of the state; nodes and flows by their ids, so that it can be read by people.
std::string write_state(Definition const& definition, State const& state);
/// Errors: bpmn.state_text.
Result<State> read_state(Definition const& definition, std::string_view json);

}  // namespace yiwang::bpmn

#pragma once
// The compiled form of a BPMN 2.0.2 file: flat tables of nodes, flows and scopes that the engine walks by index.

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "yiwang/base/result.hpp"

namespace yiwang::bpmn {

using Index = std::uint32_t;
inline constexpr Index kNone = 0xffff'ffff;

/// An expression as written. It is kept opaque here; an ExpressionEvaluator gives it meaning.
struct Expression {
  std::string text;      ///< trimmed; empty = absent
  std::string language;  ///< of the element or of the file; empty = the file says nothing
  std::string element;   ///< id of the element that holds it
  std::uint32_t line = 0;
  explicit operator bool() const { return !text.empty(); }
};

/// A value copied between scopes: source is an expression over the one, target a variable of the other.
struct Mapping {
  Expression source;
  std::string target;
};

enum class TaskKind : std::uint8_t { none, user, manual, service, script, business_rule, send, receive };

/// How several people decide one task (会签, 或签, 票签).
enum class VoteKind : std::uint8_t { none, all, any, weighted };

struct Task {
  TaskKind kind = TaskKind::none;
  std::string script;
  std::string script_format;
  std::string message;         ///< name of the message that is sent or awaited
  std::string implementation;  ///< topic of a service task, decision of a business rule task
  std::string result_variable;
  std::string form;
  Expression assignee;
  std::vector<Expression> candidates;  ///< groups, duties, people: what each means is the host's affair
  std::string four_eyes;               ///< node whose performer may not perform this one
  VoteKind vote = VoteKind::none;
  std::int64_t quorum = 0;  ///< weighted: sum of weights that decides
  bool instantiate = false;
};

enum class SubProcessKind : std::uint8_t { embedded, event, ad_hoc, transaction };
struct SubProcess {
  SubProcessKind kind = SubProcessKind::embedded;
  Index body = kNone;
  bool sequential = false;       ///< ad-hoc ordering
  bool cancel_remaining = true;  ///< ad-hoc
  Expression completion_condition;
};

struct CallActivity {
  std::string called;
  Index body = kNone;  ///< scope of the called process when it is in the same file
};

enum class GatewayKind : std::uint8_t { exclusive, inclusive, parallel, complex, event_based };
struct Gateway {
  GatewayKind kind = GatewayKind::exclusive;
  Expression activation_condition;
  bool instantiate = false;
  bool parallel_events = false;  ///< event-based, eventGatewayType = Parallel
};

struct MessageEvent {
  std::string name;
};
struct TimerEvent {
  Expression date, duration, cycle;
};
struct SignalEvent {
  std::string name;
};
struct ErrorEvent {
  std::string code;
  bool any = false;
};
struct EscalationEvent {
  std::string code;
  bool any = false;
};
struct ConditionalEvent {
  Expression condition;
};
struct CompensateEvent {
  std::string activity;
  bool wait = true;
};
struct CancelEvent {};
struct LinkEvent {
  std::string name;
  Index target = kNone;
};
struct TerminateEvent {};
using EventDefinition = std::variant<MessageEvent, TimerEvent, SignalEvent, ErrorEvent, EscalationEvent, ConditionalEvent,
                                     CompensateEvent, CancelEvent, LinkEvent, TerminateEvent>;

enum class Position : std::uint8_t { start, end, caught, thrown, boundary };
struct Event {
  Position position = Position::start;
  std::vector<EventDefinition> definitions;
  bool parallel_multiple = false;
  bool interrupting = true;
  Index attached_to = kNone;
};

using Kind = std::variant<Task, SubProcess, CallActivity, Gateway, Event>;

enum class Behavior : std::uint8_t { all, one, none, complex };
struct ComplexBehavior {
  Expression condition;
  EventDefinition event;
};
struct MultiInstance {
  bool sequential = false;
  Expression cardinality;
  Expression collection;  ///< yw:collection or loopDataInputRef
  std::string item_variable;
  Expression completion_condition;
  Behavior behavior = Behavior::all;
  std::optional<EventDefinition> behavior_event;
  std::vector<ComplexBehavior> complex;
};
struct Loop {
  bool test_before = false;
  Expression condition;
  std::optional<std::int64_t> maximum;
};

/// A data association: `source` may be an expression (assignment) or the id of a data element.
struct DataAssociation {
  std::string source, target;
  std::vector<Mapping> assignments;
};

struct Node {
  std::string id, name, type;  ///< type = element name in the file
  Kind kind;
  Index scope = kNone;
  std::vector<Index> in, out;
  Index default_flow = kNone;
  std::optional<MultiInstance> multi;
  std::optional<Loop> loop;
  std::int64_t start_quantity = 1, completion_quantity = 1;
  bool for_compensation = false;
  Index compensation_handler = kNone;
  std::vector<Index> boundary;
  std::vector<Mapping> inputs, outputs;
  std::vector<DataAssociation> data_in, data_out;
  std::string lane;
  std::uint32_t line = 0;
};

struct Flow {
  std::string id, name;
  Index source = kNone, target = kNone;
  Expression condition;
};

struct Scope {
  std::string id;
  Index owner = kNone;  ///< the sub-process node; kNone for a process
  Index parent = kNone;
  std::vector<Index> nodes;
  std::vector<Index> starts;            ///< none start events
  std::vector<Index> triggered_starts;  ///< start events with a definition, instantiating receive tasks and gateways
  std::vector<Index> event_subprocesses;
  std::vector<Index> implicit_starts;  ///< activities and gateways without incoming flow, when there is no start event
};

struct Process {
  std::string id, name;
  Index scope = kNone;
  bool executable = false;
  std::uint32_t line = 0;
};

enum class Severity : std::uint8_t { error, warning };
struct Finding {
  Severity severity = Severity::error;
  Error error;
};

/// Immutable once built; shared by all running cases.
struct Definition {
  std::string id, file, source;
  std::vector<Process> processes;
  std::vector<Scope> scopes;
  std::vector<Node> nodes;
  std::vector<Flow> flows;
  bool has_conditions = false;          ///< some conditional event listens
  std::vector<std::string> properties;  ///< ids of process properties
  std::map<std::string, Index, std::less<>> node_by_id;
  std::map<std::string, Index, std::less<>> flow_by_id;
  /// For each inclusive or complex join: for each flow, which of its incoming flows a token on that flow can still
  /// reach without passing the join. Bit i = incoming flow i.
  std::map<Index, std::vector<std::uint64_t>> reach;

  Index find_process(std::string_view id) const;
  Index find_node(std::string_view id) const;
};

}  // namespace yiwang::bpmn

#pragma once
// The casefile aggregate: every 办件, 诉求 and other case. decide() and apply() are pure; a released apply() is frozen
// per event version. Each case runs the BPMN process of its case type; one command makes at most one event, which holds
// what the engine did.

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "yiwang/base/time.hpp"
#include "yiwang/bpmn/state.hpp"
#include "yiwang/spine/definition.hpp"
#include "yiwang/spine/identity.hpp"

namespace yiwang::spine {

/// What has happened, as it is stored: canonical JSON {"actor","at_us","data","type","v"}.
struct Event {
  std::string type;  ///< see docs/evidence-events.md: a closed list
  int version = 1;
  Instant at;
  json::Value actor;  ///< {"role","id","name","department"}; a subject's name is masked
  json::Value data;
};
std::string to_text(Event const& event);
/// Errors: spine.event.
Result<Event> parse_event(std::string_view text);

/// The closed list of event types of a case.
inline constexpr std::string_view kCaseEventTypes[] = {
    "case.submitted", "case.acted",  "case.claimed", "case.unclaimed", "case.reassigned", "case.operated", "case.timer",
    "case.message",   "case.signal", "case.job",     "case.repaired",  "case.decided",    "case.time_out", "case.recusal"};

struct ClockRecord {
  std::string type;
  Instant at;
  std::string reason;
  std::string key = {};     ///< which of several pauses
  std::int64_t amount = 0;  ///< of an extension, in the rule's unit
  std::string by = {};      ///< of an extension: the role of who granted it
};

/// Work that is open now: one user task of the process, or one that an office operation added to it.
struct OpenTask {
  bpmn::Id id = 0;
  std::string node;
  std::string kind;  ///< "" the task itself; before, after, parallel, correction, returned, special, extension
  Performer performer = Performer::clerk;
  std::string assignee;             ///< staff id, or the applicant's
  std::vector<std::string> groups;  ///< "unit:police", "role:supervisor@police", "role:supervisor" of the case's unit
  bool blocked = false;             ///< waits for another task
  bool delegated = false;
  std::int64_t urged = 0;
  Instant since;
};

/// That an official shall keep out of a case: asked for, and what was decided.
struct RecusalRecord {
  enum class Stands : std::uint8_t { asked, recused, kept };
  Stands stands = Stands::asked;
  std::string name;  ///< of the official
  bool own = false;  ///< asked by the official
};
std::string_view to_string(RecusalRecord::Stands stands);

/// The state of one case, rebuilt from its events at any time.
struct CaseState {
  CaseId id;
  std::uint64_t revision = 0;  ///< number of events
  std::string case_type;
  std::string definition;  ///< hash of the case type that it began with
  std::string step;
  CaseStatus status = CaseStatus::in_progress;
  SubjectId applicant;
  std::string department;
  std::string region_path;
  std::string query_code;
  std::string case_number;
  std::string title;
  Instant created;
  Instant step_since;
  std::optional<Instant> concluded;
  IdBytes assignee{};
  std::string assignee_name;
  int rating = 0;  ///< 1 (very good) … 5; 0 = not rated, and never filled in for the person
  std::map<std::string, int> action_counts;
  std::vector<ClockRecord> clock;
  std::vector<std::string> files;  ///< hex SM3 of every attachment of the case
  std::vector<OpenTask> tasks;
  std::vector<std::string> took_part;             ///< staff ids: performed a task, or were given it to read
  std::map<std::string, std::string> people;      ///< staff id -> name, of those who stand in tasks
  std::vector<std::string> parties;               ///< who else applies, by subject id: the agent, those who apply jointly
  std::map<std::string, RecusalRecord> recusals;  ///< staff id -> whether that one keeps out
  bool suspended = false;
  std::size_t incidents = 0;
  std::map<std::string, Instant> timed_out;  ///< time-out rule -> the due instant for which it has acted
  std::optional<bpmn::State> process;        ///< stored beside the rest; lists do without it
};
/// Without the process.
/// Without its process, as JSON in the form of RFC 8785; parse_case_state reads it.
std::string state_text(CaseState const& state);
/// Errors: spine.event.
Result<CaseState> parse_case_state(CaseId id, std::string_view text);
/// Adds the stored process. Errors: bpmn.state_text.
Status parse_process(CaseType const& type, std::string_view text, CaseState& state);
std::string process_text(CaseType const& type, CaseState const& state);
/// The process in words: path taken, where it stands and for how long; people by their names.
std::string describe(CaseType const& type, CaseState const& state, Instant now, Language language);
/// The stored process without what people wrote into forms, for erasure by law. Errors: format.json.
Result<std::string> without_words(std::string_view process_text);
/// Names of the messages, or signals, that the process waits for now.
std::set<std::string> waits_for(CaseType const& type, CaseState const& state, bool signals);

struct Command {
  enum class Kind : std::uint8_t {
    submit,
    act,
    claim,
    unclaim,
    reassign,
    operate,
    timer,
    message,
    signal,
    job,
    time_out,
    recuse
  };
  Kind kind = Kind::submit;
  CaseId case_id;
  std::string case_type;  ///< submit
  std::string action;     ///< act: of the step; operate: the operation, as docs/process.md names it; recuse: ask, recuse, keep
  std::string to;         ///< reassign: the unit; submit by a message: resident or enterprise
  json::Value input;      ///< form, fields of the action, payload of a message
  json::Value facts;  ///< what the server found out for it: {"unit": …, …}; kept in the event, variable `facts` of the process
  std::optional<std::uint64_t> expected_revision;  ///< refuse when the case has moved on
  bpmn::Id task = 0;  ///< act, claim: which of several; operate: task, element or incident; timer, job: its id
  std::string node, name,
      reason;  ///< operate; message: name and "variable=value"; submit by the machine: the message that begins the case
  std::vector<std::string> people;  ///< operate, recuse: staff ids
  std::int64_t number = 0;
  bool flag = false;
};

class ProcessPorts;

/// A time-out rule whose moment has come.
struct DueRule {
  std::size_t rule = 0;        ///< index into CaseType::time_outs
  Instant due;                 ///< of its clock
  std::vector<Actor> to = {};  ///< the people whom the rule names
};

/// What decide() may know beside state and command; prepared before the writer runs.
struct Facts {
  Instant now;
  Release const* release = nullptr;
  std::string query_code;   ///< submit
  std::string case_number;  ///< submit
  std::string region_path;  ///< submit: the applicant's
  ProcessPorts* ports = nullptr;
  std::map<std::string, Actor> people = {};  ///< the staff that the command names; who is missing does not exist
  std::vector<DueRule> due_rules = {};       ///< time_out: the rules that act now
};

/// Why a case is not this official's (回避; Civil Servant Law articles 76, 77).
enum class Recusal : std::uint8_t { none, self, relative, decided };
std::string_view to_string(Recusal why);
Recusal recusal(Actor const& actor, CaseState const& state);
/// spine.recused with its reason. `why` is not none.
Error recused(Recusal why);

/// How an actor stands to a case: bits of Relation; none for an official who keeps out of it.
std::uint8_t relations(Actor const& actor, CaseState const& state);

/// All complaints about the input are returned, so that a form can show them together.
template <class T>
struct Decision {
  T value{};
  std::vector<Error> errors;
};
Decision<std::vector<Event>> decide(CaseType const& type, CaseState const* state, Command const& command, Actor const& actor,
                                    Facts const& facts);

/// Errors: spine.event for a type or version that this program does not know.
Status apply(CaseType const& type, CaseState& state, Event const& event);

/// Whether this actor may do this task now: performer, assignee, groups, unit.
bool offered(Actor const& actor, CaseState const& state, OpenTask const& task);
/// What an action is allowed under; none when there is no operation of that name.
std::optional<Action> permission_of(std::string_view operation);
LocalizedText operation_title(std::string_view operation);
/// ask, recuse, keep, as they stand in the timeline.
LocalizedText recusal_title(std::string_view act);
/// Operations that this actor could give now on this task; null: on the case as a whole.
std::vector<std::string> operations_for(Actor const& actor, CaseState const& state, OpenTask const* task);

}  // namespace yiwang::spine

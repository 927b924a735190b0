#pragma once
// The casefile aggregate: every 办件, 诉求 and other case. decide() and apply() are pure; a released apply() is frozen
// per event version. Steps come from the case type; which step follows is asked of a Process, so that the process engine
// can take the place of the step machine without a change here.

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "yiwang/base/time.hpp"
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
inline constexpr std::string_view kCaseEventTypes[] = {"case.submitted", "case.acted", "case.claimed", "case.unclaimed", "case.reassigned", "case.decided"};

struct ClockRecord {
  std::string type;
  Instant at;
  std::string reason;
};

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
};
json::Value to_json(CaseState const& state);
/// Errors: spine.event.
Result<CaseState> parse_case_state(CaseId id, std::string_view text);

struct Command {
  enum class Kind : std::uint8_t { submit, act, claim, unclaim, reassign };
  Kind kind = Kind::submit;
  CaseId case_id;
  std::string case_type;                          ///< submit
  std::string action;                             ///< act
  std::string to;                                 ///< reassign: the unit
  json::Value input;                              ///< form or fields of the action
  std::optional<std::uint64_t> expected_revision;  ///< refuse when the case has moved on
};

/// What decide() may know beside state and command; prepared before the writer runs.
struct Facts {
  Instant now;
  Release const* release = nullptr;
  std::string query_code;   ///< submit
  std::string case_number;  ///< submit
  std::string region_path;  ///< submit: the applicant's
};

/// Where the process of a case stands; the step machine now, BPMN later.
struct StepChange {
  std::string step;
  CaseStatus status;
};
class Process {
 public:
  virtual ~Process() = default;
  virtual Result<StepChange> begin(CaseType const& type) const = 0;
  /// Errors: spine.wrong_step, spine.too_often.
  virtual Result<StepChange> act(CaseType const& type, CaseState const& state, std::string_view action) const = 0;
};
/// The small step machine of process.yaml.
Process const& step_machine();

/// How an actor stands to a case: bits of Relation.
std::uint8_t relations(Actor const& actor, CaseState const& state);

/// All complaints about the input are returned, so that a form can show them together.
template <class T>
struct Decision {
  T value{};
  std::vector<Error> errors;
};
Decision<std::vector<Event>> decide(CaseType const& type, Process const& process, CaseState const* state, Command const& command, Actor const& actor, Facts const& facts);

/// Errors: spine.event for a type or version that this program does not know.
Status apply(CaseState& state, Event const& event);

}  // namespace yiwang::spine

#pragma once
// Definitions compiled from a pack: what a case type asks, who does which step, how long it may take. Immutable and
// shared between threads; a case keeps the definition it began with (its hash is stored in the case).

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "yiwang/base/crypto.hpp"
#include "yiwang/clock/rule.hpp"
#include "yiwang/format/json.hpp"
#include "yiwang/pack/pack.hpp"
#include "yiwang/spine/decisions.hpp"

namespace yiwang::bpmn {
struct Definition;
}
namespace yiwang::dmn {
class Model;
}

namespace yiwang::spine {

using pack::LocalizedText;
class FormRules;
class ActionRules;

enum class FieldType : std::uint8_t { text, long_text, choice, checkbox, phone, date, number, files, rating };
std::string_view to_string(FieldType type);

struct Option {
  std::string id;
  LocalizedText label;
  LocalizedText hint;
};

struct Field {
  std::string id;
  FieldType type = FieldType::text;
  LocalizedText label;
  LocalizedText hint;
  bool required = false;
  bool personal = false;
  std::size_t length_min = 0;
  std::size_t length_max = 200;
  std::size_t files_max = 6;
  std::vector<Option> options;
  std::string prefill;
  std::string when, compute;  ///< FEEL over the fields before it: whether it is asked; what it is (then nobody fills it in)
};

struct Page {
  std::string id;
  LocalizedText title;
  LocalizedText hint;
  std::vector<Field> fields;
};

enum class Performer : std::uint8_t { applicant, clerk, supervisor, nobody };
enum class CaseStatus : std::uint8_t { in_progress = 0, awaiting_applicant = 1, concluded = 2 };  // stored: never renumber
/// The step of a case whose process was terminated.
inline constexpr std::string_view kEndedEarly = "ended_early";
std::string_view to_string(Performer performer);
std::string_view to_string(CaseStatus status);

struct StepAction {
  std::string id;
  LocalizedText title;
  LocalizedText says;  ///< the line that appears in the timeline
  std::string to;      ///< where steps make the process; empty when process.bpmn draws it
  int at_most = 0;     ///< 0: no limit
  bool primary = false;
  bool rates = false;        ///< the five-grade rating (好差评)
  std::optional<bool> vote;  ///< where several decide together (会签, 或签, 票签)
  std::vector<Field> fields;
  std::shared_ptr<ActionRules const> rules;  ///< what must hold of what is filled in (forms.hpp); null without any
};

struct Step {
  std::string id;
  LocalizedText title;
  Performer performer = Performer::nobody;
  CaseStatus status = CaseStatus::in_progress;
  std::vector<StepAction> actions;
  StepAction const* find(std::string_view action) const;
};

/// What an action means to the statutory clock ("submitted" is the first one).
struct ClockEvent {
  std::string type;
  std::string reason;
  std::string field;                         ///< a choice of the form …
  std::map<std::string, std::string> types;  ///< … and the type for some of its options
};

/// What happens by itself when a clock of the case is about to run out, or has (超时).
struct TimeOutRule {
  enum class Does : std::uint8_t { warn, escalate, reassign, decide };
  std::string id;
  std::string clock;                 ///< of the rule
  std::optional<std::int64_t> left;  ///< so many units of the clock before it is due …
  std::optional<std::int64_t> over;  ///< … or after; neither: when the due instant has passed
  Does does = Does::warn;
  std::vector<std::string> steps;  ///< whose tasks are meant; empty: every task of the office
  std::vector<std::string> to;     ///< people: "supervisor" of the case's unit, "supervisor@police"
  json::Value data;                ///< decide: what the task is completed with
  LocalizedText says;              ///< the line in the timeline
};
std::string_view to_string(TimeOutRule::Does does);

struct CaseType {
  std::string id;
  LocalizedText title;
  LocalizedText summary;
  LocalizedText confirmation;
  std::string version;
  std::string department;
  bool for_residents = true;
  bool for_enterprises = false;
  bool offered =
      true;  ///< stands on the list of what can be started; where a matter does the same, that is what people are led to
  std::string title_from;
  std::string routing_field;
  std::map<std::string, std::string> routing;  ///< choice -> unit
  std::vector<Page> pages;
  std::shared_ptr<FormRules const> form_rules;  ///< conditions, computed values and checks (forms.hpp); null without any
  std::string initial;
  std::map<std::string, Step> steps;  ///< by the id of their task or end event in the process
  std::string process_xml;            ///< BPMN 2.0: process.bpmn, or made from the steps
  std::shared_ptr<bpmn::Definition const> process;
  std::set<std::string, std::less<>> process_names;       ///< what its expressions and decisions ask for
  std::vector<std::shared_ptr<dmn::Model const>> models;  ///< the *.dmn of its folder
  json::Value clock_rule;                                 ///< null when the case type has no clock
  std::shared_ptr<clock::Rule const> clock_rule_compiled;
  std::map<std::string, ClockEvent> clock_events;
  LocalizedText clock_basis;
  std::vector<TimeOutRule> time_outs;
  std::vector<CaseDecision> decisions;
  std::string hash;  ///< hex SM3 of the files of this case type, so that it stays when the program changes

  Step const* step(std::string_view id) const;
  Field const* field(std::string_view id) const;
  CaseDecision const* decision(std::string_view id) const;
  std::vector<Field const*> fields() const;
  /// What people call a step; steps that only the process knows have the name that it gives them.
  LocalizedText step_title(std::string_view id) const;
};

struct Region {
  std::string id;
  LocalizedText name;
  std::string parent;
  std::string level;
  std::string path;  ///< "/yunhai/wanghai"
};

struct Organisation {
  std::string id;
  std::string code;
  LocalizedText name;
  LocalizedText short_name;
  std::string parent;
  std::string region;
  std::string region_path;
  std::string phone;
  bool window = false;  ///< its clerks serve any matter at the service hall (无差别窗口)
};

/// One release of a pack, compiled. Swapped as a whole; readers keep the one they began with.
struct Release {
  std::string pack_id;
  std::string version;
  LocalizedText title;
  std::string region_code;
  std::string hotline;
  bool demo = false;
  std::string hash;  ///< hex content hash of the pack
  std::map<std::string, Region> regions;
  std::map<std::string, Organisation> organisations;
  std::map<std::string, std::shared_ptr<CaseType const>> case_types;

  Organisation const* organisation(std::string_view id) const;
};

struct CompileResult {
  std::shared_ptr<Release const> release;  ///< null when there are errors
  std::vector<Error> errors;
};
/// Compiles a pack whose files have passed their schemas: references, steps that cannot be reached or left, fields.
CompileResult compile(pack::Pack const& pack);

/// The process of a case type whose steps have been read: process.bpmn if there is one, else made from the steps; and the
/// decisions beside it. Errors: pack.process, bpmn.*, dmn.*, each with its place.
void compile_process(pack::Pack const& pack, std::string const& folder, pack::Document const& steps, CaseType& type,
                     std::vector<Error>& errors);

/// The statutory clock of a case type, what its actions mean to it, and what happens when it runs out.
/// Errors: pack.clock, pack.reference, each with its place.
void read_clock(pack::Document const& document, CaseType& type, Release const& release, std::vector<Error>& errors);

/// Checks and normalises what was filled in. `path` prefixes the JSON pointer of complaints ("/form").
/// Unknown fields, wrong types, missing required ones and overlong text are refused.
/// Errors: spine.field, spine.unknown_field; the place holds the pointer. All complaints are returned.
std::vector<Error> check_fields(std::vector<Field const*> const& fields, json::Value const& input, std::string const& path,
                                json::Value& out);

/// A definition as the web client needs it.
json::Value to_json(CaseType const& type);
json::Value to_json(LocalizedText const& text);

}  // namespace yiwang::spine

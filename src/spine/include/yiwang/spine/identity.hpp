#pragma once
// Who acts: residents and enterprises (subjects), staff of a unit, the system itself, or nobody. And what each may do:
// one table, role × action × relation, checked on the server for each row.

#include <string>
#include <string_view>
#include <vector>

#include "yiwang/base/ids.hpp"
#include "yiwang/base/result.hpp"

namespace yiwang::spine {

/// Stored: never renumber.
enum class Role : std::uint8_t {
  nobody = 0,
  resident = 1,
  enterprise = 2,
  clerk = 3,
  supervisor = 4,
  leader = 5,
  data_admin = 6,
  designer = 7,
  engineer = 8,
  system = 9
};
inline constexpr int kRoleCount = 10;
std::string_view to_string(Role role);
Result<Role> parse_role(std::string_view text);

enum class Action : std::uint8_t {
  case_type_read,      ///< see which cases can be started, and their forms
  case_submit,         ///< start a case for oneself or for the enterprise one acts for
  case_read,           ///< open a case
  case_act_applicant,  ///< the applicant's steps: supplement, withdraw, rate
  case_handle,         ///< the unit's steps: claim, ask, answer
  case_reassign,       ///< send a case to another unit or colleague
  case_list,           ///< lists of cases
  case_export_proof,   ///< the evidence of one case
  access_log_read,     ///< who looked at my data
  log_read,            ///< roots and consistency proofs of the log
  statistics_read,     ///< counts without persons
  pack_read,           ///< the definitions in force
  pack_release,        ///< put a checked pack into force
  session_own,         ///< one's own session and settings
  job_read,            ///< progress of long work
  case_command,        ///< over the heads of those who handle it: suspend, jump, terminate, reassign what is overdue
  message_send,        ///< a message of another system for the process of a case
  case_urge,           ///< ask those who handle it to go on (催办)
  case_repair,         ///< retry or resolve what has stopped by a fault
  decision_read,       ///< the rules in force: list, evaluate, explain, analyse
  decision_draft,      ///< check and try a draft of rules, without publishing it
  decision_test,       ///< run a draft against stored decisions
  decision_personal,   ///< see the personal inputs of stored decisions
  system_operate,      ///< backups, the outbox, whatever keeps the server running
  payload_erase,       ///< erase the content of an event by law
  request_list,        ///< citizens' requests of one's unit, with what is suggested for them
  request_take,        ///< take a request on the telephone or from paper, and record a call-back
  request_exclude,     ///< ask or agree that a request is left out of the figures
  request_import,      ///< requests of other channels, by file or interface
  counter_serve,       ///< serve people at a window: look them up with their consent, take papers, apply for them
  matter_check,        ///< check afterwards what rules have approved, or what was promised
  matter_draft,        ///< draft a version of a matter
  matter_publish,      ///< review and publish a version of a matter that somebody else drafted
  protected_open,      ///< see where somebody under protection lives and works; of the unit that protects
};
inline constexpr int kActionCount = 34;
std::string_view to_string(Action action);

/// How the actor stands to the row; a bit set.
enum Relation : std::uint8_t { kAny = 1, kOwn = 2, kAssigned = 4, kDepartment = 8, kRegion = 16, kTookPart = 32 };

struct Permission {
  Role role;
  Action action;
  std::uint8_t relation;  ///< any of these relations suffices
};
/// The one table. `yiwang authorisation` prints it; docs/authorisation.md holds it.
std::vector<Permission> const& permissions();

/// The one who gives a command or asks for a page.
struct Actor {
  Role role = Role::nobody;
  IdBytes id{};            ///< subject or staff id; zero for nobody and system
  SubjectId acts_for;      ///< the subject whose cases are "own": oneself, or the enterprise one is delegated for
  std::string name;        ///< for the timeline; staff names are public, subjects' are masked there
  std::string department;  ///< staff only
  std::string scope;  ///< of an authority that one acts under: the case types it covers, divided by blanks, "all", or "guardian";
                      ///< empty: for oneself
  std::string region_path;           ///< "/yunhai/wanghai": rows below it are in the actor's region
  std::vector<SubjectId> ties = {};  ///< staff only: oneself as a citizen first, then the close relatives whom registers name

  static Actor system();
  /// Whether the authority that one acts under covers the case type; acting for oneself covers all.
  bool covers(std::string_view case_type) const;
  /// Whether it covers everything that the other one may see and do: oneself, "all", a guardian.
  bool covers_all() const { return scope.empty() ? role != Role::enterprise : scope == "all" || scope == "guardian"; }
  bool is_agent() const { return !scope.empty(); }
  bool is_staff() const { return role >= Role::clerk && role <= Role::engineer; }
  bool is_subject() const { return role == Role::resident || role == Role::enterprise; }
  /// Whether what concerns this citizen is not the official's to handle (回避).
  bool tied_to(SubjectId citizen) const;
};

/// Whether the table allows it under one of the relations that hold.
bool allowed(Role role, Action action, std::uint8_t relations);
/// Errors: spine.not_signed_in for nobody, spine.forbidden otherwise.
Status authorise(Actor const& actor, Action action, std::uint8_t relations);

}  // namespace yiwang::spine

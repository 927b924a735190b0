#include "yiwang/spine/identity.hpp"

#include <algorithm>

namespace yiwang::spine {
namespace {

constexpr std::string_view kRoles[kRoleCount] = {"nobody", "resident",   "enterprise", "clerk",    "supervisor",
                                                 "leader", "data_admin", "designer",   "engineer", "system"};
constexpr std::string_view kActions[kActionCount] = {
    "case_type_read", "case_submit",       "case_read",       "case_act_applicant", "case_handle",       "case_reassign",
    "case_list",      "case_export_proof", "access_log_read", "log_read",           "statistics_read",   "pack_read",
    "pack_release",   "session_own",       "job_read",        "case_command",       "message_send",      "case_urge",
    "case_repair",    "decision_read",     "decision_draft",  "decision_test",      "decision_personal", "system_operate",
    "payload_erase",  "request_list",      "request_take",    "request_exclude",    "request_import",    "counter_serve",
    "matter_check",   "matter_draft",      "matter_publish",  "protected_open"};

}  // namespace

std::string_view to_string(Role role) { return kRoles[static_cast<std::size_t>(role)]; }
std::string_view to_string(Action action) { return kActions[static_cast<std::size_t>(action)]; }

Result<Role> parse_role(std::string_view text) {
  for (int i = 0; i < kRoleCount; ++i) {
    if (kRoles[i] == text) return static_cast<Role>(i);
  }
  return fail(ErrorCode::spine_not_found, {{"what", "角色 / role " + std::string(text)}});
}

std::vector<Permission> const& permissions() {
  using enum Role;
  using enum Action;
  static std::vector<Permission> const kTable = [] {
    std::vector<Permission> t;
    // What the public may see without signing in: guides, and the roots that make the log checkable by anyone.
    for (Role role : {nobody, resident, enterprise, clerk, supervisor, leader, data_admin, designer, engineer}) {
      t.push_back({role, case_type_read, kAny});
      t.push_back({role, log_read, kAny});
      if (role != nobody) t.push_back({role, session_own, kOwn});
    }
    for (Role role : {resident, enterprise}) {
      t.push_back({role, case_submit, kOwn});
      t.push_back({role, case_read, kOwn});
      t.push_back({role, case_act_applicant, kOwn});
      t.push_back({role, case_urge, kOwn});
      t.push_back({role, case_list, kOwn});
      t.push_back({role, case_export_proof, kOwn});
      t.push_back({role, access_log_read, kOwn});
    }
    t.push_back({clerk, case_read, kDepartment | kAssigned | kTookPart});
    t.push_back({clerk, case_handle, kDepartment | kAssigned});
    t.push_back({clerk, case_urge, kDepartment | kTookPart});
    t.push_back({clerk, case_list, kDepartment});
    t.push_back({clerk, statistics_read, kDepartment});
    t.push_back({clerk, pack_read, kAny});
    t.push_back({supervisor, case_read, kDepartment | kRegion | kAssigned | kTookPart});
    t.push_back({supervisor, case_handle, kAssigned});
    t.push_back({supervisor, case_command, kDepartment | kRegion});
    t.push_back({supervisor, case_urge, kDepartment | kRegion});
    t.push_back({supervisor, case_list, kDepartment | kRegion});
    t.push_back({supervisor, case_reassign, kDepartment | kRegion});
    t.push_back({supervisor, statistics_read, kRegion | kAny});
    t.push_back({supervisor, pack_read, kAny});
    t.push_back({leader, statistics_read, kRegion | kAny});
    t.push_back({leader, pack_read, kAny});
    t.push_back({data_admin, statistics_read, kRegion | kAny});
    t.push_back({data_admin, pack_read, kAny});
    t.push_back({designer, pack_read, kAny});
    t.push_back({designer, pack_release, kAny});
    t.push_back({engineer, pack_read, kAny});
    t.push_back({engineer, job_read, kAny});
    t.push_back({engineer, case_repair, kAny});
    t.push_back({engineer, message_send, kAny});
    for (Role role : {clerk, supervisor, designer, engineer}) t.push_back({role, decision_read, kAny});
    for (Role role : {designer, engineer}) t.push_back({role, decision_draft, kAny});
    t.push_back({designer, decision_test, kAny});
    t.push_back({supervisor, decision_test, kDepartment | kRegion});
    t.push_back({supervisor, decision_personal, kDepartment});
    t.push_back({engineer, system_operate, kAny});
    t.push_back({data_admin, payload_erase, kAny});
    for (Role role : {clerk, supervisor}) {
      t.push_back({role, request_list, kDepartment});
      t.push_back({role, request_take, kDepartment});
    }
    for (Role role : {supervisor, leader}) t.push_back({role, request_exclude, kDepartment});
    t.push_back({engineer, request_import, kAny});
    t.push_back({supervisor, request_import, kDepartment});
    t.push_back({clerk, counter_serve, kDepartment});  // of a unit whose clerks serve any matter (organisations: window)
    for (Role role : {clerk, supervisor}) t.push_back({role, matter_check, kDepartment});
    t.push_back({designer, matter_draft, kAny});
    t.push_back({supervisor, matter_publish, kDepartment});
    t.push_back({supervisor, protected_open, kDepartment});  // of the unit that protects the person
    return t;
  }();
  return kTable;
}

Actor Actor::system() {
  Actor actor;
  actor.role = Role::system;
  actor.name = "系统";
  return actor;
}

bool Actor::covers(std::string_view case_type) const {
  if (covers_all()) return true;
  std::string const padded = " " + scope + " ";
  return padded.find(" " + std::string(case_type) + " ") != std::string::npos;
}

bool Actor::tied_to(SubjectId citizen) const { return std::find(ties.begin(), ties.end(), citizen) != ties.end(); }

bool allowed(Role role, Action action, std::uint8_t relations) {
  for (Permission const& p : permissions()) {
    if (p.role == role && p.action == action && (p.relation & relations) != 0) return true;
  }
  return false;
}

Status authorise(Actor const& actor, Action action, std::uint8_t relations) {
  if (allowed(actor.role, action, relations)) return {};
  if (actor.role == Role::nobody) return fail(ErrorCode::spine_not_signed_in);
  return fail(ErrorCode::spine_forbidden, {{"action", std::string(to_string(action))}});
}

}  // namespace yiwang::spine

#pragma once
// A case as people see it over HTTP: the row of a list, and the whole with its timeline, masked for who looks.

#include "api.hpp"
#include "yiwang/http/schema.hpp"

namespace yiwang::app {

/// Personal fields are shown to staff masked; the contact route shows them and is recorded.
json::Value masked_form(spine::CaseType const& type, json::Value const& form);
/// The form with what was corrected since it was sent (补正); null when the law has erased it.
json::Value form_now(store::LoadedCase const& loaded);

struct CaseRow {
  std::string case_id;
  std::string case_type;
  http::Any case_type_title;
  std::string title;
  std::string query_code;
  std::string department;
  std::string department_name;
  std::string step;
  http::Any step_title;
  std::string status;
  std::string created_at;
  std::string updated_at;
  std::optional<std::string> due_at;
  bool overdue;
  std::optional<std::string> assignee_name;
  bool mine;
  std::optional<std::int64_t> rating;
  std::optional<std::string> recused;
};
struct DeadlineView {
  std::string state;
  std::optional<std::string> due_at;
  std::optional<std::int64_t> left;
  bool provisional;
  http::Any basis;
  http::Any explain;
};
struct TimelineEntry {
  std::int64_t revision;
  std::string at;
  std::string type;
  std::string by;
  std::string by_role;
  std::optional<std::string> department_name;
  std::optional<http::Any> says;
  std::optional<std::string> action;
  std::optional<http::Any> input;
  std::optional<http::Any> fields;
};
struct TaskView {
  std::int64_t id;
  std::string node;
  http::Any title;
  std::string kind;
  std::string performer;
  std::optional<std::string> assignee_name;
  bool mine;
  bool offered;
  bool blocked;
  std::int64_t urged;
  std::string since;
  std::vector<std::string> actions;
  std::optional<http::Any> worked;
  std::vector<std::string> operations;
};
struct CaseView {
  CaseRow head;
  std::string case_number;
  std::int64_t revision;
  http::Any form;
  http::Any definition;
  http::Any actions;
  std::vector<TaskView> tasks;
  std::vector<std::string> operations;
  bool suspended;
  std::vector<TimelineEntry> timeline;
  std::optional<DeadlineView> deadline;
  std::string applicant_name;
  bool proof_ready;
};

BOOST_DESCRIBE_STRUCT(CaseRow, (),
                      (case_id, case_type, case_type_title, title, query_code, department, department_name, step, step_title,
                       status, created_at, updated_at, due_at, overdue, assignee_name, mine, rating, recused))
BOOST_DESCRIBE_STRUCT(DeadlineView, (), (state, due_at, left, provisional, basis, explain))
BOOST_DESCRIBE_STRUCT(TimelineEntry, (), (revision, at, type, by, by_role, department_name, says, action, input, fields))
BOOST_DESCRIBE_STRUCT(TaskView, (),
                      (id, node, title, kind, performer, assignee_name, mine, offered, blocked, urged, since, actions, worked,
                       operations))
BOOST_DESCRIBE_STRUCT(CaseView, (),
                      (head, case_number, revision, form, definition, actions, tasks, operations, suspended, timeline, deadline,
                       applicant_name, proof_ready))

/// `actor` decides what is masked and what may be done.
CaseRow row_view(store::DefinitionSnapshot const& definitions, spine::Actor const& actor, store::CaseListRow const& row,
                 Instant now);
CaseView case_view(ApiContext& context, spine::Actor const& actor, store::LoadedCase const& loaded);

}  // namespace yiwang::app

// clang-format off
namespace yiwang::http {
YW_DOCS(app::CaseRow, "the case", "id of its type", "title of its type by language", "its beginning in the applicant's words", "the eight characters for people", "handling unit", "its name", "where it stands", "that step's title by language", "in_progress, awaiting_applicant or concluded", "when it was sent", "when it last changed", "the last moment by law", "whether that has passed", "who has taken it", "whether that is you", "1 very good to 5 very bad; absent when not rated", "staff: why it is not yours to handle, then without its words: self, relative, decided")
YW_DOCS(app::DeadlineView, "running, paused, overdue, done, done_late …", "the last moment", "working days left, today not counted", "whether a year's holiday decree is still missing", "the rule in words by language", "line by line, as the clock model has it")
YW_DOCS(app::TimelineEntry, "number of the event", "when", "case.submitted, case.acted …", "who; applicants are masked for staff", "their role", "their unit", "what happened, by language", "the action", "what was filled in", "the fields of the action, to show it with labels")
YW_DOCS(app::TaskView, "its number in the process", "which user task", "its title by language", "empty, or before, after, parallel, correction, returned, special, extension", "applicant, clerk, supervisor", "who has it", "whether that is you", "whether you may do it now", "waits for another task", "how often it was urged", "open since", "actions of the step that you may take", "what the process has worked out for their fields, by field", "office operations that you may give")
YW_DOCS(app::CaseView, "the row as in lists", "the official number", "send it back with the next action", "the filled-in form; personal fields masked for staff", "the case type it began with", "what you may do now", "what is open", "operations on the case as a whole that you may give", "whether it is suspended", "newest first", "the statutory clock, if the type has one", "masked for staff", "whether a signed root already covers every event")
}
// clang-format on

#pragma once
// What is watched over citizens' requests: supervision by rule, what could not be solved, work that passes from one person to
// another, what was told by many, and projects about the cause.

#include "yiwang/store/requests.hpp"

namespace yiwang::store {

/// One time that a rule held for a request; open until a person closes it.
struct Supervision {
  CaseId case_id;
  std::string rule;
  std::int64_t since_us = 0;  ///< of the fact: together with case and rule it is one time
  std::string unit, desk;     ///< who is told
  std::int64_t opened_us = 0;
  std::string why;
  std::int64_t closed_us = 0;
  std::string closed_by, closed_name, how, finding;
  std::vector<std::string> files;  ///< hashes in hexadecimal: what it was closed on
};
/// False when this time is there already.
Result<bool> open_supervision(Session& session, Supervision const& supervision);
/// How many of this rule were open.
Result<std::int64_t> close_supervision(Session& session, Supervision const& closed);
Result<std::vector<Supervision>> supervisions_of(Database& database, CaseId id);
Result<std::vector<Supervision>> supervisions_of(Session& session, CaseId id);
/// Of a unit or of a desk, the newest first.
Result<std::vector<Supervision>> supervisions(Database& database, std::string_view unit, bool closed, int limit);
/// Open alarms about a missing owner whose request has one now, or needs none any more.
Result<std::vector<CaseId>> supervisions_taken(Database& database);
/// Open supervision of a late step whose request has gone on.
Result<std::vector<CaseId>> supervisions_moved_on(Database& database);

/// A request that something is to be said about.
struct Watched {
  CaseId case_id;
  std::int64_t since_us = 0;
  std::string unit, desk, about_unit;
};
/// Nobody has held them since an instant or longer.
Result<std::vector<Watched>> ownerless_requests(Database& database, std::int64_t since_us);
/// Not answered in time, and not yet supervised for it.
Result<std::vector<Watched>> overdue_requests(Database& database, Instant now);
/// At a stage since an instant or longer.
Result<std::vector<Watched>> requests_at_step(Database& database, RequestStage stage, std::int64_t since_us);
/// Answered in this time and not rated, and whose person was not asked about this answer; the longest waiting first.
struct Unasked {
  CaseId case_id;
  std::int64_t replied_us = 0;
};
Result<std::vector<Unasked>> requests_unasked(Database& database, std::int64_t after_us, std::int64_t until_us, int limit);
/// False when the person was asked about this answer already.
Result<bool> put_asked(Session& session, Unasked const& asked, Instant now);
/// Marks a request of which the person told before in its category since an instant; the `times`-th is supervised. After the row
/// was put. Nobody is answered by it, so it need not wait until what was put before it can be read.
Status mark_repeat(Session& session, SubjectId person, RequestRow const& row, std::int64_t since_us, std::int64_t times,
                   Supervision const& supervision);

struct Revisit {
  CaseId case_id;
  std::int64_t due_us = 0;
  std::string lead, unit;  ///< who could not solve it, who looks again
  std::int64_t opened_us = 0, done_us = 0;
  std::string done_name, outcome, finding;
};
Status open_revisit(Session& session, Revisit const& revisit);
/// Those still to be looked at, the nearest first; of all units when `unit` is empty.
Result<std::vector<Revisit>> revisits(Database& database, std::string_view unit, int limit);
Result<std::vector<Revisit>> revisits_of(Database& database, CaseId id);
/// Errors: store.conflict when there is none to be done.
Status finish_revisit(Session& session, CaseId id, Instant now, std::string const& by, std::string const& name,
                      std::string_view outcome, std::string_view finding);

struct Transfer {
  IdBytes id{};
  std::string unit, from, from_name, to, to_name, reason, by, by_name;
  std::int64_t asked_us = 0, begins_us = 0, ends_us = 0;  ///< ends: 0 for good
  std::int64_t done_us = 0, requests = 0, tasks = 0;
};
Status put_transfer(Session& session, Transfer const& transfer);
Result<std::optional<Transfer>> transfer_of(Database& database, IdBytes const& id);
Result<std::vector<Transfer>> transfers(Database& database, std::string_view unit, int limit);
Result<std::vector<Transfer>> transfers_due(Database& database, Instant now);
/// Every open request of the one now belongs to the other; which they were.
Result<std::vector<CaseId>> pass_on(Session& session, Transfer const& transfer);
Status finish_transfer(Session& session, IdBytes const& id, Instant now, std::int64_t tasks);
/// Who stands in for somebody now: (staff id, name); empty when nobody does.
Result<std::pair<std::string, std::string>> deputy_of(Session& session, std::string const& staff, Instant now);

Result<std::vector<CaseId>> members_of(Session& session, CaseId master);
Result<std::vector<CaseId>> members_of(Database& database, CaseId master);
/// Open requests of a unit since an instant that nobody has answered yet, by category and place.
Result<std::vector<RequestRow>> open_by_place(Database& database, std::string_view unit, std::int64_t since_us);

struct Project {
  IdBytes id{};
  std::string title, category, region, unit, goal, measures;
  int fall_percent = 0;
  std::int64_t opened_us = 0;
  std::string opened_name;
  std::int64_t due_us = 0, closed_us = 0;
  std::string closed_name, finding;
};
Status put_project(Session& session, Project const& project, std::vector<CaseId> const& members);
Result<std::vector<Project>> projects(Database& database, int limit);
Result<std::optional<Project>> project_of(Database& database, IdBytes const& id);
Result<std::vector<CaseId>> project_members(Database& database, IdBytes const& id);
/// Errors: store.conflict when it is closed or not there.
Status close_project(Session& session, IdBytes const& id, Instant now, std::string const& name, std::string_view finding);
/// When requests of a category came in, and where.
Result<std::vector<std::pair<std::int64_t, std::string>>> requests_in_category(Database& database, std::string_view category,
                                                                               std::int64_t from_us, std::int64_t until_us);

}  // namespace yiwang::store

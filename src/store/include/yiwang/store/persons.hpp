#pragma once
// Rows about persons beside their cases: which citizen a staff account belongs to, who is under protection, what heads of units
// are alarmed of, what agents file.

#include "yiwang/store/identity.hpp"
#include "yiwang/store/views.hpp"

namespace yiwang::store {

/// A staff account and the citizen it belongs to.
struct StaffPerson {
  IdBytes staff{};
  SubjectRecord citizen;
};
/// Links an account, by its login, or unlinks it (nil). Errors: spine.not_found for no staff account of that name.
Status link_staff(Database& database, std::string_view login, SubjectId citizen, Instant now);
Status link_staff(Writer& writer, IdBytes const& staff, SubjectId citizen, Instant now);
Result<std::vector<StaffPerson>> staff_persons(Database& database);
/// Residents of that name: id and number.
Result<std::vector<std::pair<SubjectId, std::string>>> residents_named(Database& database, std::string_view name);
/// The staff of a unit that is in office; with no more than id, role, name and unit.
Result<std::vector<spine::Actor>> staff_in_office(Session& session, std::string_view department, Instant now);

inline constexpr char kNobodyLeft[] = "nobody_left", kObjection[] = "objection";
struct CaseAlarm {
  CaseId case_id;
  std::string kind, unit, why;
  Instant created;
  spine::CaseState state;  ///< as it is now; read only
};
/// False when it is open already.
Result<bool> raise_alarm(Session& session, CaseAlarm const& alarm);
Result<bool> close_alarm(Session& session, CaseId id, std::string_view kind, Instant now);
/// Open ones of a unit, oldest first.
Result<std::vector<CaseAlarm>> alarms_of(Database& database, std::string_view unit, int limit);

struct ProtectedPerson {
  SubjectRecord citizen;
  std::string unit, basis, by_name;
  Instant since, until;
};
Status protect(Writer& writer, ProtectedPerson const& person);
/// False when the unit does not protect that person now.
Result<bool> end_protection(Database& database, SubjectId citizen, std::string_view unit, Instant now);
Result<std::vector<ProtectedPerson>> protected_persons(Database& database);

Status put_filing(Session& session, SubjectId agent, SubjectId principal, CaseId id, Instant now);
struct Filings {
  std::int64_t count = 0;
  Instant first;
};
Result<Filings> filings_since(Session& session, SubjectId agent, Instant since);
/// For how many others somebody may act now; guardians are not counted.
Result<std::int64_t> principals_of(Session& session, SubjectId agent, Instant now);

Status put_project(Session& session, SubjectId subject, std::string_view matter, std::string_view project, CaseId id);
/// The application for the same matter and project that is still open.
Result<std::optional<CaseId>> open_project(Session& session, SubjectId subject, std::string_view matter,
                                           std::string_view project);

}  // namespace yiwang::store

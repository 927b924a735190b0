#pragma once
// What people see: lists and single cases, read synchronously from the state tables.

#include <array>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "yiwang/spine/casefile.hpp"
#include "yiwang/store/database.hpp"
#include "yiwang/store/definitions.hpp"

namespace yiwang::store {

struct CaseListRow {
  spine::CaseState state;
  Instant updated;
  std::optional<Instant> due;
  std::int64_t sort_key = 0;
};
struct LoadedCase {
  CaseListRow row;
  std::vector<spine::Event> events;  ///< oldest first; erased ones are empty
  bool proved = false;               ///< a signed root covers every event
};

/// Where the next page begins: (sort key, case id) of the last row, as opaque text.
struct ListCursor {
  std::int64_t sort_key = 0;
  CaseId id;
  bool first = false;
  /// Empty text is the first page. Errors: http.bad_request.
  static Result<ListCursor> parse(std::string_view text);
  std::string text() const;
};

struct StaffRow {
  IdBytes id{};
  spine::Role role = spine::Role::nobody;
  std::string name;
};
/// By name.
Result<std::vector<StaffRow>> staff_of(Database& database, std::string_view department);

Result<std::optional<LoadedCase>> load_case(Database& database, DefinitionSnapshot const& definitions, CaseId id);
/// Newest first.
Result<std::vector<CaseListRow>> own_cases(Database& database, SubjectId subject, ListCursor const& cursor, int limit);
/// Open tasks of the unit's clerks, and for supervisors also their own, oldest first; a case stands once for each task.
Result<std::vector<CaseListRow>> inbox(Database& database, std::string_view department, spine::Performer performer,
                                       ListCursor const& cursor, int limit);
/// Open tasks that one person holds, of any unit's cases, oldest first.
Result<std::vector<CaseListRow>> inbox_mine(Database& database, IdBytes const& staff, ListCursor const& cursor, int limit);
/// Cases of which a part has stopped by a fault, longest first.
Result<std::vector<CaseListRow>> stopped_cases(Database& database, ListCursor const& cursor, int limit);
/// All cases of the unit, newest first.
Result<std::vector<CaseListRow>> department_cases(Database& database, std::string_view department, ListCursor const& cursor,
                                                  int limit);
/// Unit -> cases in progress, awaiting the applicant, concluded.
Result<std::map<std::string, std::array<std::int64_t, 3>>> case_counts(Database& database);

}  // namespace yiwang::store

#pragma once
// The rows of citizens' requests beside their cases. They follow from the events of the case and are written in the same
// transaction; reading is synchronous.

#include <optional>
#include <string>
#include <vector>

#include "yiwang/store/database.hpp"

namespace yiwang::store {

/// Where a request stands. Stored: never renumber; from `closed` on it is over.
enum class RequestStage : std::uint8_t {
  dispatch = 0,
  liaison = 1,
  handle = 2,
  extension = 3,
  review = 4,
  answered = 5,
  adjudicate = 6,
  supervise = 7,
  section = 9,  ///< inside the unit: a section or community has it, and no person yet
  joined = 8,   ///< told of together with another: it waits for the answer to its master
  closed = 10,
  not_accepted = 11,
  withdrawn = 12
};
std::string_view to_string(RequestStage stage);
std::optional<RequestStage> stage_named(std::string_view name);
inline bool is_over(RequestStage stage) { return stage >= RequestStage::closed; }

/// Stored: never renumber.
enum RequestFlag : std::uint32_t {
  kConfidential = 1,
  kAnonymous = 2,
  kUrgent = 4,
  kEmergency = 8,
  kAutomatic = 16,
  kRepeat = 32,
  kRuled = 64,
  kBoundary = 128,
  kFalseClosure = 256,
  kMaster = 512,       ///< others wait for its answer
  kForAnother = 1024,  ///< told for somebody else
  kCallOther = 2048    ///< the rules have that person called, not the one who told it
};

struct RequestRow {
  CaseId case_id;
  std::string category, lead, unit, desk, region, place, channel;
  RequestStage stage = RequestStage::dispatch;
  std::uint32_t flags = 0;
  std::string sealed;      ///< the only unit that may see it
  std::string about_unit;  ///< the unit complained of, which never sees it
  int confidence = 0;      ///< per mille
  std::string words;       ///< empty once erased by law
  std::int64_t received_us = 0, dispatched_us = 0, returned_us = 0, contacted_us = 0, contact_due_us = 0, due_us = 0,
               replied_us = 0, closed_us = 0, rated_us = 0, redone_us = 0, supervised_us = 0, excluded_us = 0;
  int grade = 0, solved = 0, returns = 0, extensions = 0, followers = 0;
  std::optional<CaseId> master;
  std::string city_number;
  std::int64_t city_due_us = 0;
  std::string taken_by;       ///< staff id of the operator who took it on the telephone
  std::string owner;          ///< staff id of the one who holds it; empty while nobody does
  std::int64_t stage_us = 0;  ///< since when it stands where it stands
  std::string section;        ///< of the unit, once the liaison has passed it down; empty before
  std::string outcome;        ///< solved, explained, cannot_now, as the last reply said

  bool has(RequestFlag flag) const { return (flags & flag) != 0; }
};

/// Of a row with the columns of request_get.
RequestRow request_row_of(Row const& row);
Status put_request(Session& session, RequestRow const& row);
Result<std::optional<RequestRow>> request_of(Session& session, CaseId id);
Result<std::optional<RequestRow>> request_of(Database& database, CaseId id);
/// Whose requests of a unit somebody sees: all of it, those of one section, or those that one person holds.
struct Inside {
  std::string section, owner;
};
/// Open ones of a unit at a stage, the nearest limit first. `after`: (due, case id) of the last row of the page before.
Result<std::vector<RequestRow>> open_requests(Database& database, std::string_view unit, RequestStage stage, Inside const& inside,
                                              std::int64_t after_due, CaseId after, int limit);
/// Urgent ones of a unit that nobody works on yet, the newest first.
Result<std::vector<RequestRow>> urgent_requests(Database& database, std::string_view unit, int limit);

/// Who stands in which section of a unit; an empty section: in none, among those who pass orders down.
struct UnitMember {
  std::string unit;
  IdBytes staff{};
  std::string section;
  bool head = false;
  std::int64_t since_us = 0;
  std::string by_name;
  std::string name;  ///< of the person; read, not written
};
Status put_member(Session& session, UnitMember const& member);
Result<std::vector<UnitMember>> unit_members(Database& database);
/// Section -> open requests, of a unit.
Result<std::vector<std::pair<std::string, std::int64_t>>> section_counts(Database& database, std::string_view unit);
/// The newest of a category since an instant.
Result<std::vector<RequestRow>> recent_requests(Database& database, std::string_view category, std::int64_t since_us, int limit);
Result<std::vector<RequestRow>> requests_between(Database& database, std::int64_t from_us, std::int64_t until_us);

/// By id, after one: for those who read all of them bit by bit.
Result<std::vector<RequestRow>> requests_after(Database& database, CaseId after, int limit);

/// Whether this person brought the file.
Result<bool> brought_file(Session& session, IdBytes const& who, Digest const& hash);
Result<bool> brought_file(Database& database, IdBytes const& who, Digest const& hash);

/// False when this subject follows it already.
Result<bool> follow_request(Writer& writer, CaseId id, SubjectId subject, Instant now);
Result<std::vector<SubjectId>> followers_of(Session& session, CaseId id);
Result<bool> follows(Database& database, CaseId id, SubjectId subject);

/// Whom a telephone number belongs to, if it is known.
Result<std::optional<SubjectId>> subject_by_phone(Database& database, std::string_view phone);

/// The request that came under a number of another system ("city:…", "app:…"), if it did.
Result<std::optional<CaseId>> request_numbered(Session& session, std::string_view number);
Result<std::optional<CaseId>> request_numbered(Database& database, std::string_view number);
/// Errors: store.conflict when the number stands for another request.
Status claim_request_number(Session& session, std::string_view number, CaseId id);
/// Something that shall leave after the commit; it goes with the next round of the outbox.
Status put_effect(Session& session, CaseId id, IdBytes const& effect, std::string_view kind, std::string_view body, Instant now);

struct StageCount {
  std::string unit;
  RequestStage stage = RequestStage::dispatch;
  std::int64_t count = 0, overdue = 0;
};
Result<std::vector<StageCount>> request_stages(Database& database, Instant now);

struct Exclusion {
  std::string reason, why, asked_name, approved_name;
  IdBytes asked_by{};
  std::int64_t asked_us = 0, approved_us = 0;
};
/// Errors: store.conflict when it was asked for before.
Status ask_exclusion(Writer& writer, CaseId id, Exclusion const& exclusion);
Result<std::optional<Exclusion>> exclusion_of(Database& database, CaseId id);
Result<std::optional<Exclusion>> exclusion_of(Session& session, CaseId id);
/// Errors: store.conflict when there is nothing to approve.
Status approve_exclusion(Writer& writer, CaseId id, IdBytes const& by, std::string const& name, Instant now);

}  // namespace yiwang::store

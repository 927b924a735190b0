#pragma once
// Rows about who applies and what follows: authorities, joint applications, limited places, ratings.

#include "yiwang/store/effort.hpp"
#include "yiwang/store/identity.hpp"

namespace yiwang::store {

/// An authority that somebody has given (委托, 经办) or that a register shows (监护).
struct Authority {
  SubjectId agent;
  std::string name, scope;
  Instant from, to;
};
Result<std::vector<Authority>> authorities_of(Database& database, SubjectId principal, Instant now);
/// Ends an authority at once. False when there is none.
Result<bool> end_authority(Database& database, SubjectId principal, SubjectId agent, Instant now);
/// Whether the agent may act for the principal now, asked inside the transaction: its scope, or none.
Result<std::optional<std::string>> authority(Session& session, SubjectId principal, SubjectId agent, Instant now);
/// Errors: spine.not_found.
Result<SubjectRecord> subject_by_number(Database& database, std::string_view number);

/// Stored: never renumber.
enum class JointState : std::uint8_t { waiting = 1, submitted = 2, declined = 3, withdrawn = 4, refused = 5 };
struct JointParty {
  SubjectId subject;
  std::string name;
  std::optional<Instant> answered;
  bool agrees = false;
};
struct JointApplication {
  IdBytes id{};
  SubjectId subject;
  SubjectId actor;  ///< the person who filled it in
  std::string matter, body, why;
  Instant created, expires;
  JointState state = JointState::waiting;
  CaseId case_id;
  std::vector<JointParty> parties;
};
Status insert_joint(Database& database, JointApplication const& joint);
/// Errors: spine.not_found.
Result<JointApplication> joint(Database& database, IdBytes const& id);
/// One's own and those that ask one, newest first.
Result<std::vector<JointApplication>> joints_of(Database& database, SubjectId subject, int limit);
/// Writes an answer once; how many have not answered yet, or none when this one had. `body` makes what is kept of the application
/// anew, in the same transaction.
Result<std::optional<std::size_t>> answer_joint(Database& database, IdBytes const& id, SubjectId subject, bool agrees,
                                                Instant now, std::function<std::string(std::string const&)> const& body = {});
/// False when it is not waiting any more.
Result<bool> close_joint(Database& database, IdBytes const& id, JointState state, CaseId case_id, std::string_view why);

struct Place {
  CaseId case_id;
  Instant accepted;
  std::int64_t state = 0;  ///< 0 accepted, 1 granted, 2 given up or refused
};
Status accept_place(Session& session, std::string_view matter, std::string_view place, CaseId id, Instant now);
Result<std::vector<Place>> places(Session& session, std::string_view matter, std::string_view place);
Status decide_place(Session& session, std::string_view matter, std::string_view place, CaseId id, bool granted);

struct MatterRating {
  std::string department, matter;
  std::int64_t grade = 0;
  Instant at;
  std::optional<Instant> due, answered, appealed, closed;
  bool upheld = false;
};
Status insert_rating(Session& session, CaseId id, MatterRating const& rating);
Status answer_rating(Session& session, CaseId id, bool upheld, Instant now);
Status appeal_rating(Session& session, CaseId id, Instant now);
Status close_rating(Session& session, CaseId id, Instant now);
Result<std::optional<MatterRating>> rating(Database& database, CaseId id);

/// One application with its rating, as measures count it.
struct MatterCourse {
  std::string department, matter, outcome;
  bool by_rules = false;
  Instant created;
  std::optional<Instant> decided;
  std::optional<MatterRating> rating;
  Effort effort = {};
};
Result<std::vector<MatterCourse>> matter_courses(Database& database, Instant from, Instant until, std::int64_t limit);

}  // namespace yiwang::store

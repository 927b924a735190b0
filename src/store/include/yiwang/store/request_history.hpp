#pragma once
// What is kept about citizens' requests beside where they stand now: how they stood before, what was ruled, who called, and whom
// nobody has reached.

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "yiwang/store/requests.hpp"

namespace yiwang::store {

/// Keeps what figures counted until now, when the event takes any of it back: another limit, answer, rating, category or unit;
/// with a dispatch always, because what is a repeat shows only then.
Status keep_past(Session& session, RequestRow const& before, RequestRow const& after, bool dispatched, Instant at);
/// Received in [from, until) as they stood at `until`, whatever has happened since; without their words.
Result<std::vector<RequestRow>> requests_as_of(Database& database, std::int64_t from_us, std::int64_t until_us);

struct RegionCount {
  std::string region;
  std::int64_t all = 0, open = 0;
};
Result<std::vector<RegionCount>> requests_by_region(Database& database, std::int64_t from_us, std::int64_t until_us);

/// Who told it; not for anonymous ones. After the row was put.
Status put_teller(Session& session, CaseId id, SubjectId person);
/// Request -> who told it, where that is known.
Result<std::map<CaseId, SubjectId>> tellers_between(Database& database, std::int64_t from_us, std::int64_t until_us);
/// What a person has told before, the newest first; never what was told anonymously.
Result<std::vector<RequestRow>> requests_told_by(Database& database, SubjectId person, int limit);
/// Whether the case is this person's.
Result<bool> told_by(Database& database, CaseId id, SubjectId person);

/// Whose telephone number it is: a registered person's, or a caller's of before.
Result<std::optional<SubjectId>> known_caller(Database& database, std::string_view phone);
/// As known_caller; a number that was never heard of becomes `fresh`.
Result<SubjectId> caller_of(Database& database, std::string_view phone, SubjectId fresh);

struct Ruling {
  CaseId case_id;
  std::int64_t ruled_us = 0;
  std::string category, unit, ruling, by_name;
};
Status put_ruling(Session& session, Ruling const& ruling);
/// The newest first; category and by_name are not read.
Result<std::vector<Ruling>> rulings_on(Database& database, std::string_view category, int limit);

/// The last ruling on a request, if there is one; the newest of all, with their category.
Result<std::optional<Ruling>> ruling_of(Database& database, CaseId id);
Result<std::vector<Ruling>> newest_rulings(Database& database, int limit);

/// The reply that was handed in last, signed or not; empty when there is none.
Result<std::string> last_reply(Session& session, CaseId id);

/// A call that nobody took.
Status put_call(Session& session, CaseId id, Instant at, std::string_view by_name);
struct ToCall {
  RequestRow row;
  std::int64_t tries = 0;
};
/// Answered by `until` and not rated since, of a desk, called less than `tries` times in vain; the longest waiting first.
Result<std::vector<ToCall>> requests_to_call(Database& database, std::string_view desk, Instant until, int tries, int limit);

}  // namespace yiwang::store

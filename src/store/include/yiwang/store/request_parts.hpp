#pragma once
// What is told in one request and is not one unit's matter alone: parts that are requests of their own (拆单), and units that are
// asked to help the one that leads (协办).

#include <optional>
#include <string>
#include <vector>

#include "yiwang/store/requests.hpp"

namespace yiwang::store {

struct RequestPart {
  CaseId id;  ///< the part; the request itself in the row that says what stays with it
  Instant at;
  std::string by_name;
  std::string stays;
};
/// Where nothing else is under way: with the submission of the part, or after the last one. The same twice is once.
Status put_part(Session& session, CaseId of, RequestPart const& part);
/// In the order in which they were made.
Result<std::vector<RequestPart>> parts_of(Database& database, CaseId id);
Result<std::vector<RequestPart>> parts_of(Session& session, CaseId id);
/// The request that it was a part of.
Result<std::optional<CaseId>> part_of(Database& database, CaseId id);

/// Who takes a request apart. Said before the first part is made, so that of two at the same moment one goes on.
struct RequestSplit {
  std::string key;  ///< the Idempotency-Key that its parts are made under
  Instant at;
  IdBytes by{};
  std::string by_name;
  std::int64_t done_us = 0;  ///< 0 until the last part is there
};
/// The oldest first.
Result<std::vector<RequestSplit>> splits_of(Session& session, CaseId id);
/// One that is left unfinished is dropped: nothing more is made under its key.
Status claim_split(Session& session, CaseId id, RequestSplit const& split);
/// Gives an unfinished one up.
Status drop_split(Session& session, CaseId id, std::string_view key);
/// False when it was done before.
Result<bool> finish_split(Session& session, CaseId id, std::string_view key, Instant now);

struct RequestHelpAsked {
  CaseId case_id;
  std::string unit;
  Instant asked, due;
  std::string asked_by, question;
  std::int64_t answered_us = 0;
  std::string answered_by, opinion;
};
/// False when that unit was asked about it before.
Result<bool> ask_help(Session& session, RequestHelpAsked const& asked);
/// False when it was not asked, or has answered.
Result<bool> answer_help(Session& session, CaseId id, std::string_view unit, Instant at, std::string_view by,
                         std::string_view opinion);
Result<std::vector<RequestHelpAsked>> helps_of(Database& database, CaseId id);
/// What a unit was asked and has not answered, of requests that are still worked on; the nearest limit first.
Result<std::vector<RequestHelpAsked>> helps_waiting(Database& database, std::string_view unit, int limit);

}  // namespace yiwang::store

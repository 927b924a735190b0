#pragma once
// Rows of the counter (无差别窗口): shifts with their hand-over, visits with consent, paper originals with both signatures; how a
// result was delivered; whether the file is archived.

#include "yiwang/store/identity.hpp"

namespace yiwang::store {

struct Shift {
  IdBytes id{}, staff{}, handed_to{};
  std::string department, name, window, sheet;
  Instant opened;
  std::optional<Instant> closed, taken;
};
Status open_shift(Database& database, Shift const& shift);
/// Newest first.
Result<std::vector<Shift>> shifts(Database& database, std::string_view department, Instant since, int limit);
/// Closes a shift with its sheet for a colleague. False when it is closed already.
Result<bool> close_shift(Database& database, Shift const& shift, Instant now);
/// The colleague takes over: visits and paper originals are his from now on. False when it is not his, or taken already.
Result<bool> take_shift(Database& database, Shift const& shift, spine::Actor const& actor, Instant now);

struct Visit {
  SubjectId subject;
  IdBytes id{}, staff{};
  std::string department, staff_name, consent, matter, outcome, name;
  Instant at;
  std::optional<Instant> ended;
  CaseId case_id;
};
Status insert_visit(Database& database, Visit const& visit);
/// Errors: spine.not_found.
Result<Visit> visit(Database& database, SubjectId subject, IdBytes const& id);
Status set_visit_matter(Database& database, Visit const& visit, std::string_view matter, CaseId case_id);
/// Within the transaction of the application.
Status set_visit_matter(Session& session, SubjectId subject, IdBytes const& visit, std::string_view matter, CaseId case_id);
Result<bool> end_visit(Database& database, Visit const& visit, std::string_view outcome, Instant now);
/// How often a person has come for a matter since a day: what is compared with the promise.
Result<std::int64_t> count_visits(Database& database, SubjectId subject, std::string_view matter, Instant since);
Result<std::vector<Visit>> open_visits(Database& database, std::string_view department, IdBytes const& staff, int limit);

struct Original {
  CaseId case_id;
  IdBytes id{};
  SubjectId subject;
  std::string name, handling, taken_name, given_by, file, holder_name, returned_to;
  std::int64_t pages = 0;
  IdBytes taken_by{}, holder{};
  Instant taken;
  std::optional<Instant> signed_at, returned, returned_signed;
};
Status insert_original(Database& database, Original const& original);
Result<std::vector<Original>> originals(Database& database, CaseId id);
/// Errors: spine.not_found.
Result<Original> original(Database& database, CaseId id, IdBytes const& which);
Result<std::vector<Original>> held_originals(Database& database, IdBytes const& holder, int limit);
/// The second signature under receipt, the return, the second signature under the return; each once.
enum class OriginalStep : std::uint8_t { sign, give_back, sign_return };
Result<bool> step_original(Database& database, CaseId id, IdBytes const& which, OriginalStep step, std::string_view to,
                           Instant now);

struct Delivery {
  std::string way, number, address, sent_name, receiver;
  Instant sent;
  std::optional<Instant> delivered;
};
Result<bool> insert_delivery(Database& database, CaseId id, Delivery const& delivery);
Result<std::optional<Delivery>> delivery(Database& database, CaseId id);
Result<bool> finish_delivery(Database& database, CaseId id, std::string_view receiver, Instant now);

struct Archive {
  std::string state, retention, by_name, faults;  ///< state: faults, archived, offered, handed_over
  Instant checked;
  IdBytes transfer{};  ///< the list with which it was handed over
};
Status put_archive(Database& database, CaseId id, std::string_view department, Archive const& archive);
Result<std::optional<Archive>> archive(Database& database, CaseId id);

/// Lets somebody use a file that another has uploaded for him, as scanned at a counter. Errors: spine.file when `from` has not
/// uploaded it.
Status share_file(Database& database, IdBytes const& from, IdBytes const& to, std::string_view hex, Instant now);

}  // namespace yiwang::store

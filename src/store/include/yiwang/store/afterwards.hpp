#pragma once
// Rows of what follows a decision as work of a unit: checks afterwards, materials that follow by promise, results on their way to
// people, files on their way to the archive unit.

#include "yiwang/store/commands.hpp"

namespace yiwang::store {

struct Check {
  CaseId case_id;
  std::string kind, department, matter, name, by_name, result, note;
  SubjectId subject;
  Instant created, due;
  std::optional<Instant> done;
  IdBytes taken_by{}, by{};
  std::string taken_name, verdict, verdict_name, verdict_note;  ///< verdict: what a supervisor made of a difference
};
Status insert_check(Session& session, Check const& check);
enum class ChecksOf : std::uint8_t { open, differs, closed };
/// Open ones and those that wait for a supervisor the most urgent first, closed ones the newest first.
Result<std::vector<Check>> unit_checks(Database& database, std::string_view department, ChecksOf which, int limit);
Result<std::vector<Check>> checks_of(Database& database, CaseId id);
/// False when it is done, or somebody else has taken it.
Result<bool> take_check(Database& database, CaseId id, std::string_view kind, spine::Actor const& actor);
/// False when it has been done before, or somebody else has taken it.
Result<bool> finish_check(Session& session, CaseId id, std::string_view kind, spine::Actor const& actor, std::string_view result,
                          std::string_view note, Instant now);
/// False when there is no difference, or a verdict already.
Result<bool> judge_check(Session& session, CaseId id, std::string_view kind, spine::Actor const& actor, std::string_view verdict,
                         std::string_view note, Instant now);

/// Stored: never renumber.
enum class PromiseState : std::uint8_t { awaited = 0, sent = 1, accepted = 2, again = 3, not_kept = 4 };
std::string_view to_string(PromiseState state);
struct PromisedMaterial {
  CaseId case_id;
  SubjectId subject;
  std::string material, department, matter, name;
  Instant created, due;
  Instant bar_until;            ///< until when there is no further promise when it is not kept; 0: never barred
  std::optional<Instant> next;  ///< when the person is told next
  PromiseState state = PromiseState::awaited;
  std::int64_t rounds = 0;
  std::vector<std::string> files;  ///< hex SM3
  std::optional<Instant> sent, decided;
  std::string decided_name, reason;
  /// Due, and nothing that waits to be looked at.
  bool late(Instant now) const { return due.us <= now.us && state != PromiseState::accepted && state != PromiseState::sent; }
};
Status insert_promised(Session& session, PromisedMaterial const& promised);
Result<std::vector<PromisedMaterial>> promised_of(Database& database, CaseId id);
/// What is still to come of a subject, and what was kept but is not due yet.
Result<std::vector<PromisedMaterial>> promised_of(Database& database, SubjectId subject, Instant now);
/// Hands it in: files become the case's. False when it is not awaited. Errors: spine.file for a file that `owner` has not
/// uploaded.
Result<bool> send_promised(Session& session, PromisedMaterial const& promised, IdBytes const& owner,
                           std::vector<std::string> const& files, Instant now);
/// From `was` to `state`, by name. False when it is not in that state.
Result<bool> decide_promised(Session& session, CaseId id, std::string_view material, PromiseState was, PromiseState state,
                             std::string_view name, std::string_view reason, Instant now);
/// Of whom something is to be told now.
Result<std::vector<PromisedMaterial>> promised_due(Database& database, Instant now, int limit);
/// Moves on to what is told next. False when it was told meanwhile.
Result<bool> promised_said(Session& session, PromisedMaterial const& promised, std::optional<Instant> next);

/// A decided case in one of the lists below.
struct AfterRow {
  CaseId case_id;
  std::string matter, outcome,
      state;  ///< state: of the archive ("due", "faults", "archived"), or how it was sent ("", "window", "post")
  std::string number, faults, retention;
  Instant decided;
  std::optional<Instant> sent;
  std::string query_code, case_number, title;
};
/// Decided by people since a day and not received yet, the oldest first.
Result<std::vector<AfterRow>> undelivered(Database& database, std::string_view department, Instant since, int limit);
/// Decided and not archived yet; or archived and not handed over yet.
Result<std::vector<AfterRow>> to_archive(Database& database, std::string_view department, bool archived, int limit);

enum class TransferState : std::uint8_t { offered = 0, accepted = 1, returned = 2 };  // stored: never renumber
std::string_view to_string(TransferState state);
struct ArchiveTransfer {
  IdBytes id{}, by{};
  std::string department, keeper, list, by_name, decided_name, note;
  TransferState state = TransferState::offered;
  Instant created;
  std::optional<Instant> decided;
};
/// Offers archived cases to the keeper. Errors: spine.changed when one of them is not archived any more, or was offered already.
Status offer_transfer(Session& session, ArchiveTransfer const& transfer, std::vector<CaseId> const& cases);
/// Errors: spine.not_found.
Result<ArchiveTransfer> archive_transfer(Database& database, IdBytes const& id);
/// Newest first; `keeper`: those that were offered to this unit, else those that it has offered.
Result<std::vector<ArchiveTransfer>> archive_transfers(Database& database, std::string_view department, bool keeper, int limit);
/// False when it was accepted or returned before.
Result<bool> decide_transfer(Session& session, ArchiveTransfer const& transfer, std::vector<CaseId> const& cases,
                             TransferState state, std::string_view name, std::string_view note, Instant now);

}  // namespace yiwang::store

#pragma once
// Rows of matters beside their cases, of certificates under their holders, and the signer of certificate batches.

#include <condition_variable>
#include <mutex>
#include <thread>

#include "yiwang/evidence/leaf.hpp"
#include "yiwang/store/commands.hpp"
#include "yiwang/store/effort.hpp"

namespace yiwang::store {

using CertificateId = StrongId<struct CertificateIdTag>;

// --- within the transaction of a command

struct MatterCaseRow {
  SubjectId subject;
  std::string matter, department, outcome, handed_over;
  bool by_rules = false;
  std::int64_t corrections = 0;
  Instant created;
  std::optional<Instant> decided;
  Effort effort = {};  ///< written only; measures read it
};
Status insert_matter_case(Session& session, CaseId id, MatterCaseRow const& row);
/// Which case was granted for the same, of a matter that is granted once; none: nobody has it.
Result<std::optional<CaseId>> granted_once(Session& session, std::string_view matter, std::string_view key);
/// Keeps the first; a later one changes nothing.
Status grant_once(Session& session, std::string_view matter, std::string_view key, CaseId id, Instant now);
/// Why rules did not decide: the code of the first rule that said so; later ones change nothing.
Status hand_over_matter_case(Session& session, CaseId id, std::string_view code);
Result<std::optional<MatterCaseRow>> matter_case(Session& session, CaseId id);
struct HandedOver {
  CaseId case_id;
  SubjectId subject;
  std::string matter, department, outcome, query_code;
  Instant created;
};
/// Applications that a rule of this code has handed over, before an instant, newest first.
Result<std::vector<HandedOver>> handed_over(Database& database, std::string_view code, Instant before, int limit);
Status decide_matter_case(Session& session, CaseId id, MatterCaseRow const& row, std::string_view outcome, Instant now);
Status count_correction(Session& session, CaseId id);
/// An open case of the same subject and matter.
Result<std::optional<CaseId>> open_of(Session& session, SubjectId subject, std::string_view matter);
/// The form and facts with which a case began, the form as it was corrected since (补正); null when they were erased.
/// Errors: store.query, spine.event.
Result<json::Value> first_event(Session& session, CaseId id);
/// Puts into the form of a first event what a later one has corrected; any other event changes nothing.
void correct_form(json::Value& first, spine::Event const& event);
/// What the correction notice of a case names (补正告知): the list of {field, what}; null where there is none.
Result<json::Value> correction_asked(Session& session, CaseId id);

struct CertificateRow {
  SubjectId subject;
  CertificateId id;
  std::string identifier, type, department, body, valid_until, why;
  std::int64_t state = 1, leaf_index = 0, revision = 0;
  Instant issued;
  CaseId case_id;
  std::optional<IdBytes> batch;
};
Status insert_certificate(Session& session, CertificateRow const& row);
Result<std::vector<CertificateRow>> certificates_of(Session& session, SubjectId subject, int limit);
/// The identifier of the newest of a type that nobody has ended.
Result<std::optional<std::string>> certificate_in_force(Session& session, SubjectId subject, std::string_view type);
/// One that was renewed or changed has run out; the one that takes its place names it.
Status supersede_certificate(Session& session, SubjectId subject, std::string_view identifier, std::string_view why);

/// Gives a paper its number once: "series" counts for itself. Nothing when the case has it already.
Status insert_paper(Session& session, CaseId id, std::string_view kind, std::string_view series, std::string_view prefix,
                    std::uint64_t revision, Instant now);

// --- reading

struct PaperRow {
  std::string kind, number;
  Instant at;
  std::int64_t revision = 0, prints = 0;
};
Result<std::vector<PaperRow>> papers(Database& database, CaseId id);
/// Who prints what, and the series in which the paper is numbered when it has no number yet (empty: it must have one).
struct Print {
  std::string kind, series, prefix, name;
  IdBytes by{};
  std::uint64_t revision = 0;
};
/// Counts a print and says how many there were before it. Errors: spine.not_found.
Result<std::int64_t> record_print(Database& database, IdSource& ids, CaseId id, Print const& print, Instant now);
struct PrintRow {
  std::string kind, name;
  Instant at;
};
/// Oldest first.
Result<std::vector<PrintRow>> paper_prints(Database& database, CaseId id);
Result<std::optional<MatterCaseRow>> matter_case(Database& database, CaseId id);
struct MatterCount {
  std::string matter, outcome;
  bool by_rules = false;
  std::int64_t count = 0;
};
Result<std::vector<MatterCount>> matter_counts(Database& database);

Status put_register_mode(Database& database, std::string_view register_id, std::int64_t mode, IdBytes const& by, Instant now);
Result<std::vector<std::pair<std::string, std::int64_t>>> register_modes(Database& database);

Result<std::vector<CertificateRow>> certificates_of(Database& database, SubjectId subject, int limit);
/// Errors: spine.not_found.
Result<CertificateRow> certificate(Database& database, SubjectId subject, CertificateId id);
Result<CertificateRow> certificate_by_identifier(Database& database, std::string_view identifier);
/// Changes the state when nobody has changed it since `row` was read; an event of the certificate records who and why, and the
/// holder sees it among the uses. All in the writer's transaction. Errors: spine.changed.
Status change_certificate(Writer& writer, IdSource& ids, CertificateRow const& row, std::int64_t state, spine::Actor const& actor,
                          std::string_view operation, std::string_view why, Instant now);

struct CertificateBatch {
  std::int64_t size = 0;
  Digest root{};
  Instant at;
  std::string key_id, signature;
  std::vector<std::string> bodies;  ///< in the order of their leaves
};
/// Errors: spine.not_found.
Result<CertificateBatch> certificate_batch(Database& database, IdBytes const& id);

struct CertificateCopy {
  SubjectId subject;
  IdBytes id{};
  CertificateId certificate;
  std::string purpose, recipient;
  Instant expires;
  bool used = false;
};
Status insert_copy(Database& database, CertificateCopy const& copy, std::string_view code, Instant now);
/// Errors: spine.not_found.
Result<CertificateCopy> copy_by_code(Database& database, std::string_view code);
struct CertificateCopyRow {
  IdBytes id{};
  CertificateId certificate;
  std::string purpose, recipient;
  Instant made, expires;
  std::optional<Instant> used;
};
/// Newest first.
Result<std::vector<CertificateCopyRow>> copies_of(Database& database, SubjectId subject, int limit);
/// Takes a copy back that nobody has opened. False when it was opened, or had run out.
Result<bool> end_copy(Database& database, SubjectId subject, IdBytes const& id, Instant now);
/// Uses a copy once, and writes who used it. False when it was used before or has expired.
Result<bool> use_copy(Database& database, IdSource& ids, CertificateCopy const& copy, std::string_view who, Instant now);
struct CertificateUse {
  CertificateId certificate;
  Instant at;
  std::string who, purpose;
};
Result<std::vector<CertificateUse>> certificate_uses(Database& database, SubjectId subject, int limit);
/// Of one certificate.
Result<std::vector<CertificateUse>> certificate_uses(Database& database, SubjectId subject, CertificateId id, int limit);
Result<std::vector<CertificateRow>> certificates_of_case(Database& database, SubjectId subject, CaseId id);

/// Signs what was issued since the last time: one signature a batch. Never on the writer thread.
class CertificateSigner {
 public:
  CertificateSigner(Database& database, yiwang::Clock const& clock, IdSource& ids, evidence::SigningKey key)
      : database_(database), clock_(clock), ids_(ids), key_(std::move(key)) {}
  ~CertificateSigner() { stop(); }
  void start();
  void stop();
  /// One batch of at most 4,096; how many were signed. Errors: store.*, base.crypto.
  Result<std::size_t> pass();
  evidence::SigningKey const& key() const { return key_; }

 private:
  Database& database_;
  yiwang::Clock const& clock_;
  IdSource& ids_;
  evidence::SigningKey key_;
  std::mutex mutex_, pass_mutex_;
  std::condition_variable wake_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace yiwang::store

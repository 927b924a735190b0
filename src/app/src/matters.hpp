#pragma once
// What a pack says about matters: catalogue, registers, types of certificates; the guide of the day; and the system that
// keeps matters, papers and certificates beside their cases. Loaded with the pack, swapped as a whole.

#include <memory>
#include <mutex>

#include "yiwang/certificate/certificate.hpp"
#include "yiwang/clock/calendar.hpp"
#include "yiwang/matter/data_elements.hpp"
#include "yiwang/matter/guidance.hpp"
#include "yiwang/matter/measures.hpp"
#include "yiwang/matter/notices.hpp"
#include "yiwang/matter/papers.hpp"
#include "yiwang/matter/persons.hpp"
#include "yiwang/matter/registers.hpp"
#include "yiwang/spine/definition.hpp"
#include "yiwang/store/afterwards.hpp"
#include "yiwang/store/commands.hpp"
#include "yiwang/store/identity.hpp"

namespace yiwang::app {

class Persons;

struct MatterPack {
  std::shared_ptr<matter::Catalogue const> catalogue = std::make_shared<matter::Catalogue const>();
  std::shared_ptr<matter::Registers const> registers = std::make_shared<matter::Registers const>();
  std::shared_ptr<matter::Measures const> measures = std::make_shared<matter::Measures const>();
  std::shared_ptr<certificate::Types const> types = std::make_shared<certificate::Types const>();
  std::shared_ptr<matter::Papers const> papers = std::make_shared<matter::Papers const>();
  std::shared_ptr<matter::DataElements const> elements = std::make_shared<matter::DataElements const>();
  std::shared_ptr<matter::PersonRules const> persons = std::make_shared<matter::PersonRules const>();
  std::shared_ptr<matter::Notices const> notices = std::make_shared<matter::Notices const>();

  /// Compiles matters/, registers/ and certificates/ of a pack that has compiled before. Complaints go to `errors`.
  static bool compile(pack::Pack const& pack, spine::Release const& release, MatterPack& out, std::vector<Error>& errors);
};

class Matters {
 public:
  void install(MatterPack pack);
  MatterPack current();
  /// Never null; made anew on the first question of a day.
  std::shared_ptr<matter::Guide const> guide(Date day);
  matter::RegisterMode mode(std::string_view register_id);
  void set_mode(std::string_view register_id, matter::RegisterMode mode);

 private:
  std::mutex mutex_;
  MatterPack pack_;
  std::shared_ptr<matter::Guide const> guide_;
  std::map<std::string, matter::RegisterMode, std::less<>> modes_;
};

/// Keeps matter_case, papers and certificates in the transaction of each command; refuses what only the rows can tell.
class MatterSystem final : public store::System {
 public:
  MatterSystem(Matters& matters, store::Definitions const& definitions, IdSource& ids, clock::DayTable const& calendar)
      : matters_(matters), definitions_(definitions), ids_(ids), calendar_(calendar) {}
  /// Who is under protection; set before the first command.
  Persons* persons = nullptr;
  store::IdentityService* people = nullptr;
  bool concerns(spine::CaseType const& type) const override;
  Result<std::vector<Error>> prepare(store::Session& session, spine::CaseType const& type, spine::CaseState const* before,
                                     spine::Actor const& actor, spine::Command& command, Instant now) override;
  Status project(store::Session& session, spine::CaseType const& type, spine::CaseState const& after,
                 spine::Event const& event) override;

  /// Whether what came of a credit check goes to the platform of public credit (信用核查反馈, S27).
  bool reports_credit = false;
  /// A result for that platform, through the outbox: of whom, for what, with what outcome. Nothing when it is not connected.
  Status report_credit(store::Session& session, CaseId id, json::Value const& facts, std::string_view result, Instant now);

 private:
  Status issue(store::Session& session, spine::CaseState const& after, json::Value const& first, json::Value const& result,
               matter::Matter const& matter, Instant now);
  Status decided(store::Session& session, spine::CaseState const& after, std::string const& outcome, Instant now);
  /// Who has what is granted once.
  Status granted(store::Session& session, spine::CaseState const& after, json::Value const& first, matter::Matter const& m,
                 Instant now);
  Result<std::vector<Error>> before_submit(store::Session& session, spine::CaseType const& type, spine::Actor const& actor,
                                           spine::Command& command, Instant now);
  Result<std::vector<Error>> too_many(store::Session& session, spine::Actor const& actor, spine::Command& command, Instant now);
  Result<std::vector<Error>> in_office(store::Session& session, spine::CaseState const& before, spine::Actor const& actor,
                                       spine::Command const& command, Instant now);
  Result<std::vector<Error>> before_grant(store::Session& session, spine::CaseState const& before);
  static std::vector<Error> name_corrections(spine::CaseType const& type, spine::Command& command);
  static Result<std::vector<Error>> before_correction(store::Session& session, spine::CaseType const& type,
                                                      spine::CaseState const& before, spine::Command& command, Instant now);
  Status promised(store::Session& session, spine::CaseState const& after, matter::Matter const& m, matter::Material const& x,
                  matter::Afterwards const& rules, Instant now);
  Status sampled(store::Session& session, spine::CaseState const& after, matter::Matter const& matter, Instant now);
  Status pledge(store::Session& session, spine::CaseState const& after, matter::Matter const& matter, Instant now);
  /// Of what rules have approved: one in fifty, and what was promised in the place of proof.
  Status checks_after(store::Session& session, spine::CaseState const& after, matter::Matter const& matter, bool pledged,
                      Instant now);
  /// Before an act that puts up a public notice, or that needs one to have hung (notices.cpp).
  Result<std::vector<Error>> before_notice(store::Session& session, spine::CaseType const& type, spine::CaseState const& before,
                                           spine::Command& command, Instant now);
  Status tell_objectors(store::Session& session, matter::Notice const& rule, spine::CaseType const& type,
                        spine::CaseState const& after, spine::Event const& event);
  /// Puts it up, and takes it down when the case leaves its step.
  Status notices(store::Session& session, spine::CaseType const& type, spine::CaseState const& after, spine::Event const& event);
  Status rated(store::Session& session, spine::CaseState const& after, spine::Event const& event, std::string const& act);
  Status places(store::Session& session, spine::CaseState const& after, std::string const& act, Instant now);
  /// `known`: its matter, where the caller has it and has seen that something is due.
  Status papers(store::Session& session, spine::CaseState const& after, std::string const& act, Instant now,
                matter::Matter const* known = nullptr);
  Result<std::optional<std::pair<matter::Matter const*, json::Value>>> matter_of(store::Session& session, MatterPack const& pack,
                                                                                 spine::CaseState const& state);

  Matters& matters_;
  store::Definitions const& definitions_;
  IdSource& ids_;
  clock::DayTable const& calendar_;
  // Of the submission that is being written; writer thread only.
  CaseId submitted_;
  json::Value first_;
};

/// Whether an operation leaves the decision of a matter to those whose it is: nobody ends a case as rejected, or moves one to or
/// past its decision, by another way than the act that writes reasons, basis and remedies (never.md 1, 11). Terminating stays: it
/// is a supervisor's, has its reason and its paper, and is no refusal.
bool keeps_decision(spine::CaseType const& type, std::string_view operation, std::string_view node, std::string_view name);
/// Where sending back or moving may lead in the case of a matter: steps of clerks that are before the decision.
bool may_lead_to(spine::CaseType const& type, std::string_view node);

/// A number of its series for a paper that has none yet: what comes before the serial number, and what counts.
struct PaperNumber {
  std::string series, prefix;
};
PaperNumber number_for(matter::Papers const& papers, matter::Paper const& paper, spine::Release const& release,
                       std::string const& department, Instant now);

/// A check that comes back as long as something is granted (年度复核); its kind ends with the day by which it is due.
inline constexpr std::string_view kRecheck = "recheck:";
/// Makes the next one, counted from the last. None when the matter is not looked at again. Errors: store.*.
Status recheck_again(store::Session& session, store::Check check, matter::Matter const& m, Instant last);

/// What a decision may ask for: working days until a date of the form.
inline constexpr std::string_view kWorkdaysUntil = "@facts.workdays_until.";
/// Working days after `from` up to `until`; none when that has passed.
std::int64_t workdays_between(clock::DayTable const& calendar, Date from, Date until);
/// The end of the n-th working day after today, as the calendar has it; days of years without a decree count Monday to Friday.
Instant after_workdays(clock::DayTable const& calendar, Instant now, int days);

}  // namespace yiwang::app

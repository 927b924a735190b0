#pragma once
// What an application is prepared with before the writer runs: what registers say, which materials the situation needs, what
// is promised, what the applicant disputes. The rules and the process see it as `facts`.

#include "api.hpp"
#include "yiwang/store/counter.hpp"

namespace yiwang::app {

struct Application {
  matter::Situation answers;
  std::vector<std::string> promises;  ///< materials that follow later
  std::vector<std::string> disputed;  ///< facts "register.fact" that the applicant says are wrong
  bool guardian_consent = false;      ///< the separate consent of a guardian for a child under 14 (个保法 28, 31)
  json::Value counter;                ///< of a counter: who serves, and the visit; null otherwise
  json::Value joint;                  ///< joint applicants who have confirmed; null otherwise
};

/// A value that is not asked because a register has it.
struct Prefilled {
  std::string field, fact, title, holder, updated;
  json::Value value;
  std::string case_id =
      {};  ///< of an earlier application of the same applicant; then `title` is its matter, and there is no fact
};

struct SourceState {
  std::string id, title, state, updated;  ///< answered, no_record, unavailable
};

struct Known {
  std::vector<SourceState> sources;
  json::Value facts = json::Value::object();  ///< register -> fact -> value; only what is needed
  std::vector<Prefilled> prefilled;
  bool all_answered = true;
};

/// Whom registers are asked about.
matter::RegisterSubject register_subject(store::SubjectRecord const& subject);
/// What the number of an applicant is called, by the facts of the register `person`.
std::string number_kind(store::SubjectKind kind, json::Value const& facts);
/// The same words, though a form gives numbers and booleans their own spelling.
bool same_value(json::Value const& a, json::Value const& b);
/// The situation: what was answered, and what the form asks too.
matter::Situation answers_of(matter::Matter const& matter, matter::Situation given, json::Value const& form);

/// Asks the registers that the form, the rules and the universal rules of a case type need. May wait for a slow one, at most 2 s.
/// Registers of values (names, addresses) are asked about what `form` says; without a form they are not asked.
Known ask_registers(Installation& in, spine::CaseType const& type, matter::RegisterSubject const& about, Date today,
                    json::Value const* form = nullptr);

/// What the applicant has told in earlier applications, for fields of the same meaning that nothing else has filled in: of those
/// that the actor's authority covers, not erased, withdrawn or ended, before an instant. At a counter nothing personal. Errors:
/// store.*.
Status add_earlier(Installation& in, spine::CaseType const& type, spine::Actor const& actor, bool counter, Instant before,
                   Known& known);

/// Fills command.facts, or says what is missing.
std::vector<Error> prepare_application(Installation& in, matter::Matter const& matter, spine::CaseType const& type,
                                       spine::Actor const& actor, Application const& given, spine::Command& command, Instant now);

/// The request's actor as an applicant. Errors: spine.authority_ended when it acted for somebody whose authority has ended since,
/// so that nobody applies in a name that he did not mean; spine.forbidden, spine.not_signed_in.
Result<spine::Actor> applicant_of(ApiContext& c, http::Request const& request);

/// Projects of an enterprise that the register lists; none where the form asks for none.
struct ListedProjects {
  bool asked = false, answered = false;
  std::vector<matter::PersonRules::Project> listed;
};
ListedProjects projects_of(Installation& in, spine::CaseType const& type, matter::RegisterSubject const& about, Date today);
/// A case that one may read; at a window also the case of the person who stands there.
Result<store::LoadedCase> at_hand(ApiContext& c, spine::Actor const& actor, http::Request const& request);

/// run_command() for an actor who has been looked up before.
void run_command_as(ApiContext& c, http::Request const& request, spine::Actor actor, spine::Command command,
                    http::Answer const& answer);

/// A matter in force that can be applied for here, with its case type.
struct Applicable {
  std::shared_ptr<matter::Guide const> guide;
  matter::Matter const* matter = nullptr;
  std::shared_ptr<spine::CaseType const> type;
};
/// Errors: spine.not_found, spine.unknown_case_type.
Result<Applicable> applicable(ApiContext& c, std::string_view id);

/// What an application says, as it is sent and as it waits for joint applicants.
struct ApplicationText {
  json::Value form;
  Application given;
};
ApplicationText application_text(json::Value const& body);

/// Keeps an application until everybody has confirmed whom its form names, or a register as the matter says; nothing when nobody
/// is. Errors:
/// spine.field.
struct JointWait {
  std::string id;
  std::vector<std::string> waiting;
  Instant expires;
};
Result<std::optional<JointWait>> wait_for_joint(ApiContext& c, Applicable const& b, spine::Actor const& actor,
                                                std::string const& key, std::string const& body, json::Value const& form,
                                                matter::Situation const& answers, json::Value const& counter = {});

/// The clerk whose shift is open, and the open visit at that window which the path names. Errors: spine.not_signed_in,
/// spine.forbidden, spine.not_found.
struct WindowVisit {
  spine::Actor clerk;
  store::Visit visit;
};
Result<WindowVisit> visit_at_window(ApiContext& c, http::Request const& request);
/// Whether this clerk's unit serves people in a matter: all do at a window, others only where the matter says so.
bool serves_matter(ApiContext& c, spine::Actor const& clerk, std::string_view matter);
/// The person or firm at a window as an applicant.
spine::Actor person_of(store::SubjectRecord const& subject);
/// Corrections at a window; added with the routes of the counter.
void add_counter_correction_routes(http::Router& router, ApiContext& context);

}  // namespace yiwang::app

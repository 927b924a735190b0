#pragma once
// Citizens' requests on a running installation: what the pack says about them, the classifier that is trained beside the
// server's work, and the System that keeps the request rows in step with their cases.

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <thread>

#include "yiwang/clock/calendar.hpp"
#include "yiwang/service_request/examine.hpp"
#include "yiwang/service_request/reading.hpp"
#include "yiwang/service_request/watch.hpp"
#include "yiwang/store/commands.hpp"
#include "yiwang/store/duty_amendments.hpp"
#include "yiwang/store/requests.hpp"

namespace yiwang::app {

class RequestDesk final : public store::System {
 public:
  RequestDesk(clock::DayTable const& calendar, IdSource& ids) : calendar_(calendar), ids_(ids) {}
  ~RequestDesk() override { stop(); }

  /// Takes over what a checked release says; a release without duties leaves requests to people. The classifier is trained
  /// on its own thread; until it is ready people dispatch (never.md 12).
  void load(std::shared_ptr<service_request::Knowledge const> knowledge, spine::Release const& release);
  /// What rulings have changed in the list, in the order in which it was put in force; stands over every release that is loaded.
  /// One that a newer release leaves no room for is left out.
  void amend(std::vector<service_request::Amendment> amendments);
  /// What the release says, without amendments.
  std::shared_ptr<service_request::Knowledge const> base() const;
  /// Ends the training thread. Idempotent.
  void stop();
  /// Blocks until the classifier of the last release is there (or cannot be): for generators and commands, not for requests.
  void wait_for_model();

  std::shared_ptr<service_request::Knowledge const> knowledge() const;
  std::shared_ptr<service_request::Classifier const> classifier() const;

  /// Who stands where inside a unit: a member of a section sees what that one holds, its head what the section has; who stands in
  /// none passes orders down and sees all of the unit.
  void set_members(std::vector<store::UnitMember> const& members);
  std::optional<store::UnitMember> member(IdBytes const& staff) const;
  std::vector<store::UnitMember> members_of_unit(std::string_view unit) const;
  /// Whether this member of staff must not see the request: as request_hidden(), or it belongs to others inside the unit.
  bool hidden(spine::Actor const& actor, store::RequestRow const& row) const;
  /// What lists of the actor's unit hold for the actor.
  store::Inside inside(spine::Actor const& actor) const;

  /// Facts of a submission, prepared before the writer: on the thread of the request.
  void inform(spine::Command& command, Instant now) const;
  /// The unit that a text names by id, name or short name; empty when it names none.
  std::string unit_named(std::string_view text) const;
  /// A person chose another category than the model: it is learnt beside the work, and kept only when the frozen set is
  /// classified no worse afterwards.
  void learn(std::string text, std::string category);
  struct Learning {
    std::size_t learnt = 0, refused = 0, waiting = 0;
  };
  Learning learning() const;

  /// How long after a release is taken over its training begins, so that people's first requests go before; set before load().
  std::int64_t training_delay_us = 0;
  /// Whether sign-in, return, extension, result and rating of the city's orders go back up; set before the first command.
  bool reports_to_city = false;

  std::int64_t due_after(Instant from, service_request::Limits const& limits) const;
  /// Whether offices are open now, by the pack's hours and the calendar; true without a pack that says so.
  bool office_open(Instant at) const;
  /// Until when a request may wait where it stands; 0 where the rules set no limit.
  std::int64_t step_due(store::RequestRow const& row) const;
  /// Minutes of office time between two instants.
  std::int64_t office_minutes(Instant from, Instant until) const;

  // --- System
  bool concerns(spine::CaseType const& type) const override { return type.id == service_request::kCaseType; }
  Result<std::vector<Error>> prepare(store::Session&, spine::CaseType const&, spine::CaseState const* before, spine::Actor const&,
                                     spine::Command& command, Instant now) override;
  Status project(store::Session&, spine::CaseType const&, spine::CaseState const& after, spine::Event const&) override;

 private:
  void run();
  void put_amendments();
  Status begin(store::Session&, spine::CaseState const& after, spine::Event const&);
  // requests_rules.cpp
  /// At night and on holidays an urgent matter goes to whom the duty table names; the lead stays the lead.
  void put_on_duty(json::Value& facts, std::string_view region, std::string_view about, Instant now) const;
  /// Inside the unit: to a section, to a person, and back to who passed it down.
  void pass_inside(store::RequestRow const&, spine::Command&, std::vector<Error>& refused) const;
  /// Whether a request may wait for the answer to another; adds the facts of the join.
  Status join(store::Session&, store::RequestRow const&, spine::Actor const&, spine::Command&, std::vector<Error>& refused) const;
  /// Who holds it after the event.
  static void follow_owner(spine::CaseState const& after, spine::Event const&, std::string const& action, store::RequestStage was,
                           std::string const& unit_before, store::RequestRow& row);
  /// Master and members: a member joins or leaves; what becomes of the master reaches its members.
  Status follow_master(store::Session&, spine::Event const&, std::string const& action, store::RequestStage was,
                       store::RequestRow& row);
  /// The same person tells of the same kind of matter again: their unit is looked at, never the person (never.md 5). After the
  /// row was put.
  Status look_for_repeats(store::Session&, SubjectId person, store::RequestRow const&, Instant at) const;
  /// Supervision by rule, and the list of what cannot be solved now.
  Status watch_over(store::Session&, spine::Event const&, std::string const& action, bool redone_before,
                    store::RequestRow& row) const;

  Status tell(store::Session&, spine::CaseType const&, store::RequestRow const&, spine::CaseState const& after,
              spine::Event const&, store::RequestStage was);
  /// What the city's hotline hears of its own orders.
  Status tell_city(store::Session&, store::RequestRow const&, spine::CaseState const& after, spine::Event const&,
                   store::RequestStage was);

  clock::DayTable const& calendar_;
  IdSource& ids_;
  mutable std::mutex mutex_;
  std::condition_variable wake_, ready_;
  std::shared_ptr<service_request::Knowledge const> base_;       ///< what the release says; the model is trained on it
  std::shared_ptr<service_request::Knowledge const> knowledge_;  ///< with the amendments
  std::vector<service_request::Amendment> amendments_;
  std::shared_ptr<service_request::Classifier const> classifier_;
  std::vector<std::pair<std::string, std::string>> unit_names_;  ///< name -> id, longer names first
  std::map<IdBytes, store::UnitMember> members_;
  std::deque<std::pair<std::string, std::string>> corrections_;
  Learning learning_;
  std::chrono::steady_clock::time_point train_at_{};
  bool wanted_ = false;  ///< a classifier for the present knowledge is still to be trained
  bool stopping_ = false;
  std::thread thread_;
};

/// Those that were put in force, as the list takes them.
std::vector<service_request::Amendment> amendments_in_force(std::vector<store::DutyAmendment> const& all);
/// Whether this member of staff must not see the request at all: it complains about their unit, or it is sealed to another.
bool request_hidden(spine::Actor const& actor, store::RequestRow const& row);
/// Whether this member of staff must not learn who made it.
bool identity_hidden(spine::Actor const& actor, store::RequestRow const& row);

}  // namespace yiwang::app

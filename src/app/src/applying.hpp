#pragma once
// What an application is prepared with before the writer runs: what registers say, which materials the situation needs, what
// is promised, what the applicant disputes. The rules and the process see it as `facts`.

#include "api.hpp"

namespace yiwang::app {

struct Application {
  matter::Situation answers;
  std::vector<std::string> promises;  ///< materials that follow later
  std::vector<std::string> disputed;  ///< facts "register.fact" that the applicant says are wrong
};

/// A value that is not asked because a register has it.
struct Prefilled {
  std::string field, fact, title, holder, updated;
  json::Value value;
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

/// Asks the registers that the form, the rules and the universal rules of a case type need. May wait for a slow one, at most 2 s.
Known ask_registers(Installation& in, spine::CaseType const& type, matter::RegisterSubject const& about, Date today);

/// Fills command.facts, or says what is missing.
std::vector<Error> prepare_application(Installation& in, matter::Matter const& matter, spine::CaseType const& type, spine::Actor const& actor, Application const& given, spine::Command& command);

/// The end of the n-th working day after today, as the calendar has it; days of years without a decree count Monday to Friday.
Instant after_workdays(clock::DayTable const& calendar, Instant now, int days);

}  // namespace yiwang::app

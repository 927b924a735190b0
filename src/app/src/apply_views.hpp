#pragma once
// What an application looks like over HTTP, on one's own device and at the counter.

#include "applying.hpp"
#include "yiwang/http/schema.hpp"

namespace yiwang::app {

struct PrefilledView {
  std::string field;
  std::string fact;
  std::string register_title;
  std::string holder;
  std::string updated;
  http::Any value;
  std::optional<std::string> case_id;
};
struct SourceView {
  std::string id;
  std::string title;
  std::string state;
  std::string updated;
};
struct RegisteredProject {
  std::string name;
  std::string place;
};
struct PrefillView {
  std::vector<PrefilledView> items;
  std::vector<SourceView> sources;
  std::vector<RegisteredProject> projects;
};
struct ApplyReply {
  std::string case_id;
  std::int64_t revision;
  std::string step;
  std::string status;
  std::string query_code;
  std::string case_number;
  std::optional<std::string> joint;
  std::optional<std::vector<std::string>> waiting;
};
BOOST_DESCRIBE_STRUCT(PrefilledView, (), (field, fact, register_title, holder, updated, value, case_id))
BOOST_DESCRIBE_STRUCT(SourceView, (), (id, title, state, updated))
BOOST_DESCRIBE_STRUCT(RegisteredProject, (), (name, place))
BOOST_DESCRIBE_STRUCT(PrefillView, (), (items, sources, projects))
BOOST_DESCRIBE_STRUCT(ApplyReply, (), (case_id, revision, step, status, query_code, case_number, joint, waiting))

}  // namespace yiwang::app

// clang-format off
namespace yiwang::http {
YW_DOCS(app::PrefilledView, "field of the form", "register.fact; empty: nobody has verified it", "the register", "the unit that keeps it", "as of which day", "what it says", "the earlier case of the applicant in which it was given; then register_title is its matter")
YW_DOCS(app::SourceView, "register", "its name", "answered, no_record, unavailable", "as of which day")
YW_DOCS(app::RegisteredProject, "number and name: the value of the field project", "where it is: the value of the field place")
YW_DOCS(app::PrefillView, "values that need not be typed", "registers that were asked", "projects of the enterprise, one of which the application is for, where the form asks it")
YW_DOCS(app::ApplyReply, "the case", "number of events so far", "granted when the rules have decided at once", "in_progress, awaiting_applicant or concluded", "the eight characters for people", "the official number", "waits for joint applicants under this id; then there is no case yet", "who has not confirmed yet")
}
// clang-format on

namespace yiwang::app {

/// What registers and the applicant's earlier applications know for a form, with source and date at each value. Errors: store.*.
Result<PrefillView> prefilled_for(Installation& in, spine::CaseType const& type, spine::Actor const& actor,
                                  store::SubjectRecord const& subject, bool counter);

}  // namespace yiwang::app

#pragma once
// The application on paper (申请表): the pack's form with what is filled in, each value with its source and date, the materials
// of the situation, a declaration and lines to sign. The same definition as on the phone, at the desk and at the counter.

#include "applying.hpp"
#include "documents.hpp"

namespace yiwang::app {

struct PrintedForm {
  spine::CaseType const* type = nullptr;
  matter::Matter const* matter = nullptr;        ///< null: the catalogue does not have it any more
  json::Value form = json::Value::object();      ///< as it was, or is to be, sent
  std::map<std::string, std::string> sources;    ///< field -> where its value comes from, with the day
  matter::Situation situation;                   ///< question -> answer
  std::map<std::string, std::string> promised;   ///< material -> until when
  std::string name, number_kind, number, agent;  ///< of the applicant, as the reader may see it; who acts for him
  std::set<std::string> hidden;                  ///< fields that are not asked now
  bool sent = false;                             ///< false: what is empty can be filled in by hand
};

/// Where the values of a form come from, of what was known when it was filled in; a changed one says so.
std::map<std::string, std::string> sources_of(Known const& known, json::Value const& form);
/// The same of an application that was sent, from the facts that were kept with it.
std::map<std::string, std::string> sources_of(spine::CaseType const& type, matter::Registers const& registers,
                                              json::Value const& facts, json::Value const& form);

/// What stands on the paper beside title, declaration and signatures.
std::vector<PdfLine> lines_of_form(PrintedForm const& form);
/// The lines to sign.
std::vector<std::string> signs_of_form(PrintedForm const& form);

/// An application that has not been sent yet, as PDF. Errors: of the registers' and the database's, base.file.
Result<std::string> print_draft(ApiContext& c, Applicable const& b, spine::Actor const& actor,
                                store::SubjectRecord const& subject, bool counter, ApplicationText const& text);

/// The answer that shows a paper in the browser and leaves no copy behind.
void answer_pdf(http::Answer const& answer, std::string bytes, std::string const& file_name);

}  // namespace yiwang::app

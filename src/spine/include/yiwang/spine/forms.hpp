#pragma once
// Forms that follow what is filled in: a field is asked only when its condition holds, a computed one is worked out, checks
// look at several fields together. All FEEL, evaluated here and nowhere else. Pure.

#include <memory>
#include <set>
#include <string>
#include <vector>

#include "yiwang/spine/definition.hpp"

namespace yiwang::spine {

struct CaseState;

/// What a form looks like for what is filled in so far.
struct FormView {
  std::set<std::string> hidden;  ///< fields that are not asked now
  json::Value computed = json::Value::object();
  std::vector<Error> faults;  ///< checks that do not hold, spine.field with the pointer of the field
};

/// The compiled expressions of one form; immutable.
class FormRules {
 public:
  /// Each expression sees the fields that stand before its own, and `today`; a check sees its own field too. Null when the form
  /// has none. Complaints name file, place and cure.
  static std::shared_ptr<FormRules const> compile(pack::Document const& document, std::vector<Page> const& pages,
                                                  std::vector<Error>& errors);
  FormRules();
  ~FormRules();
  FormView follow(json::Value const& input, Date today, std::string const& path) const;

 private:
  struct Row;
  std::vector<Row> rows_;
};

/// The form of a case type for an input.
FormView follow_form(CaseType const& type, json::Value const& input, Date today);
/// check_fields() for a whole form: what is not asked is left out, what is computed is set whatever was sent.
std::vector<Error> check_form(CaseType const& type, json::Value const& input, Instant now, json::Value& out);
/// The variable of the process that a field of an action shows (`compute` there names one, a script sets it); null without it.
json::Value worked_out(CaseState const& state, std::string_view variable);

}  // namespace yiwang::spine

#pragma once
// Forms that follow what is filled in: a field is asked only when its condition holds, a computed one is worked out, checks
// look at several fields together. All FEEL, evaluated here and nowhere else. Pure.

#include <memory>
#include <set>
#include <string>
#include <vector>

#include "yiwang/spine/definition.hpp"

namespace yiwang::bpmn {
struct State;
}
namespace yiwang::spine {

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

/// What must hold of what is filled in at an action: FEEL over its fields, the `form` of the case and `today`. Immutable.
class ActionRules {
 public:
  /// Null when the action has no `checks`. Complaints name file, place and cure: an expression that does not compile, a field
  /// that the action does not have.
  static std::shared_ptr<ActionRules const> compile(pack::Document const& document, pack::Node const& action,
                                                    std::vector<Field> const& fields, std::vector<Error>& errors);
  ActionRules();
  ~ActionRules();
  /// Errors: spine.field with the pointer of the field of each check that does not hold.
  std::vector<Error> faults(json::Value const& input, json::Value const& form, Date today, std::string const& path) const;

 private:
  struct Row;
  std::vector<Row> rows_;
  std::vector<Field> fields_;
};

/// The form of a case type for an input.
FormView follow_form(CaseType const& type, json::Value const& input, Date today);
/// check_fields() for a whole form: what is not asked is left out, what is computed is set whatever was sent.
std::vector<Error> check_form(CaseType const& type, json::Value const& input, Instant now, json::Value& out);
/// A variable of the whole process, as a field of an action shows it (`compute` there names one, a script sets it); null without
/// it.
json::Value variable(bpmn::State const& process, std::string_view name);

}  // namespace yiwang::spine

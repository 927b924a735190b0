#include "yiwang/spine/forms.hpp"

#include <algorithm>
#include <optional>

#include "yiwang/bpmn/state.hpp"
#include "yiwang/dmn/json.hpp"
#include "yiwang/feel/expression.hpp"
#include "yiwang/spine/decisions.hpp"

namespace yiwang::spine {
namespace {

/// A day in a form is text; to FEEL it is a date.
feel::Value value_of(FieldType type, json::Value const* value) {
  if (value == nullptr || value->is_null()) return {};
  if (type == FieldType::date) {
    auto day = value->kind() == json::Kind::string ? parse_date(value->text()) : Result<Date>(Date{});
    return day && value->kind() == json::Kind::string ? feel::Value::date(day->days) : feel::Value{};
  }
  auto made = dmn::value_from_json(*value);
  return made ? std::move(*made) : feel::Value{};
}

feel::Type const* type_of(FieldType type) {
  switch (type) {
    case FieldType::number:
    case FieldType::rating: return feel::find_basic_type("number");
    case FieldType::checkbox: return feel::find_basic_type("boolean");
    case FieldType::date: return feel::find_basic_type("date");
    case FieldType::files: return nullptr;
    default: return feel::find_basic_type("string");
  }
}

}  // namespace

struct FormRules::Row {
  std::string id;
  FieldType type = FieldType::text;
  LocalizedText label, says;
  std::optional<feel::Expression> when, compute, check;
};
FormRules::FormRules() = default;
FormRules::~FormRules() = default;

std::shared_ptr<FormRules const> FormRules::compile(pack::Document const& document, std::vector<Page> const& pages,
                                                    std::vector<Error>& errors) {
  auto out = std::make_shared<FormRules>();
  std::vector<feel::Variable> variables{{"today", feel::find_basic_type("date")}};
  bool any = false;
  auto expression = [&](pack::Node const& node, std::string_view key) -> std::optional<feel::Expression> {
    std::string const text(node.text(key));
    if (text.empty()) return std::nullopt;
    any = true;
    auto made = feel::Expression::compile(text, variables);
    if (made) return std::move(*made);
    errors.push_back(Error(ErrorCode::pack_reference,
                           {{"what", "表达式 / the expression"},
                            {"value", text},
                            {"cure", made.error().line() + "；可用前面的字段和 today / fields that stand before it, and today"}})
                         .at(document.place(*node.find(key))));
    return std::nullopt;
  };
  std::size_t p = 0;
  for (pack::Node const& page : document.root.list("pages")) {
    std::size_t f = 0;
    for (pack::Node const& node : page.list("fields")) {
      Field const& field = pages[p].fields[f++];
      Row row{field.id, field.type, field.label, {}, expression(node, "when"), expression(node, "compute"), {}};
      variables.push_back({field.id, type_of(field.type)});
      if (pack::Node const* check = node.find("check")) {
        row.check = expression(*check, "that");
        row.says = pack::localized(check->find("says"));
      }
      out->rows_.push_back(std::move(row));
    }
    ++p;
  }
  return any ? std::shared_ptr<FormRules const>(std::move(out)) : nullptr;
}

FormView FormRules::follow(json::Value const& input, Date today, std::string const& path) const {
  FormView view;
  std::vector<feel::Value> values{feel::Value::date(today.days)};
  values.reserve(rows_.size() + 1);
  feel::EvaluateOptions options;
  options.limits.steps = kDecisionSteps;
  auto fault = [&](Row const& row, std::string why) {
    view.faults.push_back(Error(ErrorCode::spine_field, {{"label", row.label.zh_cn}, {"why", std::move(why)}, {"field", row.id}})
                              .at_path(path + "/" + row.id));
  };
  auto holds = [&](feel::Expression const& expression) {
    // An expression sees what stood before it: the first so many values.
    feel::Outcome const o = expression.evaluate({values.data(), expression.variable_names().size()}, options);
    return o.value.kind() == feel::Kind::boolean && o.value.as_boolean();
  };
  for (Row const& row : rows_) {
    json::Value const* given = input.kind() == json::Kind::object ? input.find(row.id) : nullptr;
    if (row.when && !holds(*row.when)) {
      view.hidden.insert(row.id);
      values.emplace_back();
      continue;
    }
    json::Value computed;
    if (row.compute) {
      feel::Outcome o = row.compute->evaluate({values.data(), row.compute->variable_names().size()}, options);
      computed = dmn::json_of(o.value);
      view.computed.set(row.id, computed);
      given = &computed;
    }
    values.push_back(value_of(row.type, given));
    bool const there = given != nullptr && !given->is_null();
    if (row.check && there && !holds(*row.check))
      fault(row, row.says.en.empty() ? row.says.zh_cn : row.says.zh_cn + " / " + row.says.en);
  }
  return view;
}

struct ActionRules::Row {
  LocalizedText label, says;
  std::string field;
  feel::Expression that;
};
ActionRules::ActionRules() = default;
ActionRules::~ActionRules() = default;

std::shared_ptr<ActionRules const> ActionRules::compile(pack::Document const& document, pack::Node const& action,
                                                        std::vector<Field> const& fields, std::vector<Error>& errors) {
  if (action.find("checks") == nullptr) return nullptr;
  auto out = std::make_shared<ActionRules>();
  out->fields_ = fields;
  std::vector<feel::Variable> variables{{"today", feel::find_basic_type("date")}, {"form", nullptr}};
  for (Field const& f : fields) variables.push_back({f.id, type_of(f.type)});
  for (pack::Node const& check : action.list("checks")) {
    std::string const id(check.text("field")), text(check.text("that"));
    auto const named = std::find_if(fields.begin(), fields.end(), [&](Field const& f) { return f.id == id; });
    if (named == fields.end()) {
      errors.push_back(Error(ErrorCode::pack_reference, {{"what", "字段 / the field"},
                                                         {"value", id},
                                                         {"cure", "请用这个动作的 fields / use one of the fields of the action"}})
                           .at(document.place(*check.find("field"))));
      continue;
    }
    auto made = feel::Expression::compile(text, variables);
    if (!made) {
      errors.push_back(
          Error(ErrorCode::pack_reference, {{"what", "表达式 / the expression"},
                                            {"value", text},
                                            {"cure", made.error().line() + "；可用动作的字段、form 和 today / the fields of the "
                                                                           "action, form and today"}})
              .at(document.place(*check.find("that"))));
      continue;
    }
    out->rows_.push_back({named->label, pack::localized(check.find("says")), id, std::move(*made)});
  }
  return out;
}

std::vector<Error> ActionRules::faults(json::Value const& input, json::Value const& form, Date today,
                                       std::string const& path) const {
  std::vector<Error> out;
  auto made = dmn::value_from_json(form);
  std::vector<feel::Value> values{feel::Value::date(today.days), made ? std::move(*made) : feel::Value{}};
  for (Field const& f : fields_)
    values.push_back(value_of(f.type, input.kind() == json::Kind::object ? input.find(f.id) : nullptr));
  feel::EvaluateOptions options;
  options.limits.steps = kDecisionSteps;
  for (Row const& row : rows_) {
    feel::Outcome const o = row.that.evaluate(values, options);
    if (o.value.kind() == feel::Kind::boolean && o.value.as_boolean()) continue;
    std::string why = row.says.en.empty() ? row.says.zh_cn : row.says.zh_cn + " / " + row.says.en;
    out.push_back(Error(ErrorCode::spine_field, {{"label", row.label.zh_cn}, {"why", std::move(why)}, {"field", row.field}})
                      .at_path(path + "/" + row.field));
  }
  return out;
}

FormView follow_form(CaseType const& type, json::Value const& input, Date today) {
  return type.form_rules ? type.form_rules->follow(input, today, "/form") : FormView{};
}

std::vector<Error> check_form(CaseType const& type, json::Value const& input, Instant now, json::Value& out) {
  if (!type.form_rules || input.kind() != json::Kind::object) return check_fields(type.fields(), input, "/form", out);
  FormView view = follow_form(type, input, shanghai_date(now));
  json::Value asked = json::Value::object();
  for (auto const& [id, value] : input.members()) {
    if (!view.hidden.contains(id)) asked.set(id, value);
  }
  for (auto const& [id, value] : view.computed.members()) asked.set(id, value);
  std::vector<Field const*> fields;
  for (Field const* f : type.fields()) {
    if (!view.hidden.contains(f->id)) fields.push_back(f);
  }
  std::vector<Error> faults = check_fields(fields, asked, "/form", out);
  faults.insert(faults.end(), view.faults.begin(), view.faults.end());
  return faults;
}

json::Value variable(bpmn::State const& process, std::string_view name) {
  for (bpmn::Element const& element : process.elements) {
    if (element.parent != 0) continue;
    if (auto it = element.variables.find(name); it != element.variables.end()) return it->second;
  }
  return {};
}

}  // namespace yiwang::spine

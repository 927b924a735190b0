#include "yiwang/matter/measures.hpp"

#include <set>

#include "yiwang/feel/expression.hpp"

namespace yiwang::matter {
namespace {

/// The facts by the names that measures.yaml may use, in this order.
constexpr char const* kFacts[] = {
    "outcome",          "by_rules", "decided",  "rated",  "grade", "bad",   "answer_due", "answered",
    "answered_in_time", "upheld",   "appealed", "closed", "asked", "known", "typed",      "sheets"};

std::vector<feel::Value> facts_at(Course const& c, std::int64_t until) {
  auto happened = [&](std::int64_t at) { return at != 0 && at < until; };
  bool const decided = happened(c.decided_us), rated = c.grade != 0 && happened(c.rated_us), bad = rated && c.grade >= 4;
  using feel::Value;
  return {Value::string(decided ? c.outcome : "open"),
          Value::boolean(c.by_rules),
          Value::boolean(decided),
          Value::boolean(rated),
          rated ? Value::number(c.grade) : Value(),
          Value::boolean(bad),
          Value::boolean(bad && c.due_us != 0 && (c.due_us < until || happened(c.answered_us))),
          Value::boolean(happened(c.answered_us)),
          Value::boolean(happened(c.answered_us) && c.answered_us <= c.due_us),
          Value::boolean(happened(c.answered_us) && c.upheld),
          Value::boolean(happened(c.appealed_us)),
          Value::boolean(happened(c.closed_us)),
          Value::number(c.asked),
          Value::number(c.known),
          Value::number(c.typed),
          Value::number(c.sheets)};
}

}  // namespace

struct Measures::Row {
  MeasureFigure figure;
  feel::Expression count;
  std::optional<feel::Expression> of, sum, of_sum;
  std::string distinct;  ///< matter, department, or each application for itself
};
Measures::Measures() = default;
Measures::~Measures() = default;

Measures::Loaded Measures::load(pack::Pack const& pack) {
  auto out = std::make_shared<Measures>();
  std::vector<Error> errors;
  pack::Document const* d = pack.find("matters/measures.yaml");
  if (d == nullptr) return {std::move(out), {}};
  std::vector<feel::Variable> variables;
  for (char const* name : kFacts) variables.push_back({name, nullptr});
  auto compile = [&](pack::Node const& node, std::string_view key) -> std::optional<feel::Expression> {
    auto made = feel::Expression::compile(node.text(key), variables);
    if (made) return std::move(*made);
    errors.push_back(
        Error(ErrorCode::pack_schema, {{"path", std::string(key)},
                                       {"why", made.error().line()},
                                       {"expected", "FEEL，名称见 src/matter/README.md / FEEL over the facts of an application"}})
            .at(d->place(*node.find(key))));
    return std::nullopt;
  };
  for (pack::Node const& node : d->root.list("measures")) {
    auto count = compile(node, "count");
    std::optional<feel::Expression> of;
    if (node.find("of") != nullptr) of = compile(node, "of");
    std::optional<feel::Expression> sum, of_sum;
    if (node.find("sum") != nullptr) sum = compile(node, "sum");
    if (node.find("of_sum") != nullptr) of_sum = compile(node, "of_sum");
    if (!count) continue;
    auto words = [](feel::Expression const& condition, std::optional<feel::Expression> const& added) {
      return added ? "sum(" + std::string(added->text()) + ") : " + std::string(condition.text()) : std::string(condition.text());
    };
    MeasureFigure f{std::string(node.text("id")),
                    pack::localized(node.find("title")),
                    pack::localized(node.find("definition")),
                    words(*count, sum),
                    of ? words(*of, of_sum) : "",
                    of.has_value(),
                    node.flag("open"),
                    0,
                    0};
    out->rows_.push_back(
        {std::move(f), std::move(*count), std::move(of), std::move(sum), std::move(of_sum), std::string(node.text("distinct"))});
  }
  if (!errors.empty()) return {nullptr, std::move(errors)};
  return {std::move(out), {}};
}

std::vector<MeasureFigure> Measures::figures(std::vector<Course> const& courses, Instant from, Instant until,
                                             std::string_view department) const {
  std::vector<MeasureFigure> out;
  std::vector<std::pair<Course const*, std::vector<feel::Value>>> rows;
  for (Course const& c : courses) {
    if (c.created_us >= from.us && c.created_us < until.us && (department.empty() || c.department == department))
      rows.emplace_back(&c, facts_at(c, until.us));
  }
  auto holds = [](feel::Expression const& e, std::vector<feel::Value> const& facts) {
    feel::Outcome const o = e.evaluate(facts);
    return o.value.kind() == feel::Kind::boolean && o.value.as_boolean();
  };
  auto worth = [](std::optional<feel::Expression> const& e, std::vector<feel::Value> const& facts) -> std::int64_t {
    if (!e) return 1;
    feel::Outcome const o = e->evaluate(facts);
    std::int64_t n = 0;
    return o.value.kind() == feel::Kind::number && o.value.as_number().to_int64(n) ? n : 0;
  };
  for (Row const& r : rows_) {
    MeasureFigure f = r.figure;
    std::set<std::string_view> counted, of;
    for (auto const& [course, facts] : rows) {
      std::string_view const group = r.distinct == "matter"       ? std::string_view(course->matter)
                                     : r.distinct == "department" ? std::string_view(course->department)
                                                                  : std::string_view{};
      if (r.of) {
        if (!holds(*r.of, facts)) continue;
        r.distinct.empty() ? static_cast<void>(f.of += worth(r.of_sum, facts)) : static_cast<void>(of.insert(group));
      }
      if (holds(r.count, facts))
        r.distinct.empty() ? static_cast<void>(f.count += worth(r.sum, facts)) : static_cast<void>(counted.insert(group));
    }
    if (!r.distinct.empty()) f.count = static_cast<std::int64_t>(counted.size()), f.of = static_cast<std::int64_t>(of.size());
    out.push_back(std::move(f));
  }
  return out;
}

}  // namespace yiwang::matter

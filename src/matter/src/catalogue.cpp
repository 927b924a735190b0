#include "yiwang/matter/catalogue.hpp"

#include <algorithm>

namespace yiwang::matter {

std::string_view to_string(Need need) {
  constexpr std::string_view kNames[] = {"main", "later", "fetched", "declared", "paper"};
  return kNames[static_cast<std::size_t>(need)];
}

std::string Matter::implementation_code() const { return body->code + std::to_string(body->level) + code; }

Question const* Matter::question(std::string_view wanted) const {
  auto it = std::find_if(questions.begin(), questions.end(), [&](Question const& q) { return q.id == wanted; });
  return it == questions.end() ? nullptr : &*it;
}

namespace {

bool valid_on(Matter const& m, Date day) { return m.status == "published" && m.from <= day && (!m.to || day <= *m.to); }

std::string shown(Limit const& l) {
  return std::to_string(l.amount) + " " + l.unit + (l.extend ? " +" + std::to_string(l.extend) : "") +
         (l.basis.empty() ? "" : " " + l.basis);
}

std::string joined(std::vector<std::string> const& list) {
  std::string out;
  for (std::string const& item : list) out += (out.empty() ? "" : "；") + item;
  return out;
}

std::string shown(Material const& m) {
  std::string out = m.name + " [" + std::string(to_string(m.need)) + "]";
  for (auto const& [question, answers] : m.when) out += " " + question + "=" + joined({answers.begin(), answers.end()});
  return out;
}

}  // namespace

Matter const* Catalogue::find(std::string_view id, Date day) const {
  auto it = by_id_.find(id);
  if (it == by_id_.end()) return nullptr;
  for (std::size_t i : it->second) {
    if (valid_on(matters_[i], day)) return &matters_[i];
  }
  return nullptr;
}

std::vector<Matter const*> Catalogue::versions(std::string_view id) const {
  std::vector<Matter const*> out;
  auto it = by_id_.find(id);
  if (it == by_id_.end()) return out;
  for (std::size_t i : it->second) out.push_back(&matters_[i]);
  return out;
}

std::vector<Matter const*> Catalogue::in_force(Date day) const {
  std::vector<Matter const*> out;
  for (Matter const& m : matters_) {
    if (valid_on(m, day)) out.push_back(&m);
  }
  return out;
}

std::vector<Label> Catalogue::labels(Date day, std::string_view unit) const {
  std::vector<Label> out = labels_;
  for (Matter const& m : matters_) {
    if (!valid_on(m, day) || (!unit.empty() && m.body->unit != unit)) continue;
    for (Label& label : out) label.count += m.labels.contains(label.id) ? 1 : 0;
  }
  return out;
}

std::vector<Rate> Catalogue::rates(Date day, std::string_view unit) const {
  std::vector<Rate> out;
  for (RateRow const& row : rates_) {
    Rate rate = row.rate;
    for (std::size_t i = 0; i < matters_.size(); ++i) {
      Matter const& m = matters_[i];
      if (!valid_on(m, day) || (!unit.empty() && m.body->unit != unit)) continue;
      static_cast<void>(Decimal::add(rate.numerator, row.of[i].first, rate.numerator));
      static_cast<void>(Decimal::add(rate.denominator, row.of[i].second, rate.denominator));
    }
    out.push_back(std::move(rate));
  }
  return out;
}

bool fits(Cases const& cases, Situation const& situation) {
  for (auto const& [question, answers] : cases) {
    auto given = situation.find(question);
    if (given != situation.end() && !answers.contains(given->second)) return false;
  }
  return true;
}

bool needed(Material const& material, Situation const& situation) { return fits(material.when, situation); }

Result<std::vector<Material const*>> materials_for(Matter const& matter, Situation const& situation) {
  for (auto const& [id, answer] : situation) {
    Question const* question = matter.question(id);
    bool const known = question && std::any_of(question->answers.begin(), question->answers.end(),
                                               [&given = answer](Answer const& a) { return a.id == given; });
    if (!known)
      return fail(Error(
          ErrorCode::spine_field,
          {{"label", question ? question->ask : id}, {"why", "请从列出的答案里选 / choose one of the answers"}, {"field", id}}));
  }
  std::vector<Material const*> out;
  for (Material const& m : matter.materials) {
    if (needed(m, situation)) out.push_back(&m);
  }
  return out;
}

std::string Matter::text(std::string_view element, std::string const& zh, bool english) const {
  auto it = english ? en.find(element) : en.end();
  return it == en.end() ? zh : it->second;
}

std::vector<Difference> difference(Matter const& a, Matter const& b) {
  std::vector<Difference> out;
  auto compare = [&](std::string field, std::string before, std::string after) {
    if (before != after) out.push_back({std::move(field), std::move(before), std::move(after)});
  };
  compare("name", a.name, b.name);
  compare("basic", a.basic, b.basic);
  compare("code", a.code, b.code);
  compare("summary", a.summary, b.summary);
  compare("statutory", shown(a.statutory), shown(b.statutory));
  compare("promise", shown(a.promise), shown(b.promise));
  compare("visits", std::to_string(a.visits), std::to_string(b.visits));
  compare("who", joined(a.who), joined(b.who));
  compare("channels", joined(a.channels), joined(b.channels));
  compare("conditions", joined(a.conditions), joined(b.conditions));
  compare("result", a.result, b.result);
  compare("status", a.status, b.status);
  compare("decides", a.by_rules ? "rules" : "people", b.by_rules ? "rules" : "people");
  compare("proactive", a.proactive ? "true" : "false", b.proactive ? "true" : "false");
  auto once = [](Matter const& m) {
    return m.once ? joined(m.once_by) + (m.once_a_year ? " / year from " + m.once_from : " / ever") : std::string{};
  };
  compare("once", once(a), once(b));
  auto checked = [](Matter const& m) {
    std::string out = m.check_after == 0 ? "" : std::to_string(m.check_after) + (m.check_days ? " day" : " workday");
    for (auto const& [question, answers] : m.check_when) out += " " + question + "=" + joined({answers.begin(), answers.end()});
    return out;
  };
  compare("check_after", checked(a), checked(b));
  auto again = [](Matter const& m) {
    return m.recheck_months == 0 ? std::string{} : m.recheck_name + " / " + std::to_string(m.recheck_months) + " month";
  };
  compare("recheck", again(a), again(b));
  compare("started_by", joined(a.started_by), joined(b.started_by));
  std::map<std::string, std::pair<std::string, std::string>> materials;
  for (Material const& m : a.materials) materials[m.id].first = shown(m);
  for (Material const& m : b.materials) materials[m.id].second = shown(m);
  for (auto const& [id, pair] : materials) compare("materials." + id, pair.first, pair.second);
  std::map<std::string, std::pair<std::string, std::string>> fees;
  for (Fee const& f : a.fees) fees[f.name].first = f.standard + " " + f.basis;
  for (Fee const& f : b.fees) fees[f.name].second = f.standard + " " + f.basis;
  for (auto const& [name, pair] : fees) compare("fees." + name, pair.first, pair.second);
  return out;
}

}  // namespace yiwang::matter

#include "yiwang/service_request/reading.hpp"

#include <algorithm>

#include "yiwang/base/utf8.hpp"

namespace yiwang::service_request {
namespace {

std::string text_of(json::Value const& form, std::string_view key) {
  json::Value const* v = form.find(key);
  return v != nullptr && v->kind() == json::Kind::string ? v->text() : std::string{};
}
bool flag_of(json::Value const& form, std::string_view key) {
  json::Value const* v = form.find(key);
  return v != nullptr && v->kind() == json::Kind::boolean && v->as_bool();
}

std::vector<text::Fact> facts_in(Knowledge const& k, Words const& words, Instant received) {
  std::vector<text::Fact> facts = k.reader.read(words.text, received);
  if (words.confidential) {
    std::erase_if(facts, [](text::Fact const& f) {
      using text::FactKind;
      return f.kind == FactKind::person || f.kind == FactKind::vehicle ||
             ((f.kind == FactKind::place || f.kind == FactKind::organisation) && !f.listed);
    });
  }
  return facts;
}

}  // namespace

Reading read_words(Knowledge const& k, Words const& words, Instant received) {
  Reading out{facts_in(k, words, received), {}};
  out.keywords = text::keywords_of(out.facts, k.reader.words_in(words.text), k.counts);
  return out;
}

std::string title_of(Knowledge const& k, Words const& words, std::string_view category_title, Instant received) {
  constexpr std::size_t kMost = 24;
  std::vector<text::Fact> facts = facts_in(k, words, received);
  std::string place;
  for (text::Fact const& f : facts) {
    if (place.empty() && f.kind == text::FactKind::place) place = f.value;
  }
  if (place.empty() && !words.place.empty()) {
    place = k.duties.find_place(words.place, {}).name;
    if (!place.empty()) facts.insert(facts.begin(), text::Fact{text::FactKind::place, 0, 0, place, {}, true});
  }
  bool const trouble = std::any_of(facts.begin(), facts.end(), [](auto const& f) { return f.kind == text::FactKind::trouble; });
  std::string title = trouble || category_title.empty()
                          ? text::title_of(facts, words.confidential ? text::Places::listed : text::Places::any, kMost)
                          : std::string{};
  if (!title.empty() || category_title.empty()) return title;
  if (utf8::length(place) + utf8::length(category_title) > kMost) place.clear();
  return place + std::string(utf8::substring(category_title, 0, kMost));
}

Relation const* relation_of(Rules const& rules, json::Value const& form) {
  std::string const id = text_of(form, "relation");
  auto const at = std::find_if(rules.relations.begin(), rules.relations.end(), [&](Relation const& r) { return r.id == id; });
  return id.empty() || at == rules.relations.end() || at->oneself ? nullptr : &*at;
}

bool calls_concerned(Relation const& relation, json::Value const& form) {
  return relation.call_concerned && !flag_of(form, "concerned_minor") && !text_of(form, "concerned_phone").empty();
}

std::optional<ConcernedFault> concerned_fault(Rules const& rules, json::Value const& form) {
  if (form.kind() != json::Kind::object) return std::nullopt;
  bool const named = !text_of(form, "person_concerned").empty(), reachable = !text_of(form, "concerned_phone").empty(),
             minor = flag_of(form, "concerned_minor");
  std::string const id = text_of(form, "relation");
  Relation const* relation = relation_of(rules, form);
  bool const known =
      id.empty() || std::any_of(rules.relations.begin(), rules.relations.end(), [&](Relation const& r) { return r.id == id; });
  if (!known) return ConcernedFault{"relation", "规则里没有这种关系 / the rules know no such relation"};
  if (relation == nullptr) {
    if (reachable || minor || (named && !id.empty()))
      return ConcernedFault{"relation", "替别人说的，请选与本人的关系 / say what you are to the person concerned"};
    return std::nullopt;
  }
  if (flag_of(form, "anonymous") && (named || reachable))
    return ConcernedFault{"person_concerned", "匿名的不写当事人的姓名和电话 / nobody is named in what is told anonymously"};
  // Personal Information Protection Law article 31: under 14 a guardian decides.
  if (minor && reachable)
    return ConcernedFault{"concerned_phone", "不满 " + std::to_string(rules.minor_age) +
                                                 " 周岁的不留孩子的电话，由您或监护人联系 / no number of a child under " +
                                                 std::to_string(rules.minor_age)};
  if (relation->name_required && !named) return ConcernedFault{"person_concerned", "代理要写明替谁说 / an agent says for whom"};
  return std::nullopt;
}

}  // namespace yiwang::service_request

// The second dispatch, inside a unit: its sections or communities, who stands where, and who may say so.

#include <algorithm>
#include <map>

#include "request_routes.hpp"

namespace yiwang::app {

struct SectionPerson {
  std::string id;
  std::string name;
  bool head;
};
struct SectionView {
  std::string id;
  std::string name;
  std::vector<std::string> categories;
  std::int64_t open;
  std::vector<SectionPerson> people;
};
struct SectionList {
  std::vector<SectionView> items;
  std::vector<SectionPerson> liaison;
  std::optional<std::string> mine;
  bool head;
  bool may_change;
  bool desk;
};
struct SectionMemberBody {
  http::Text<36, 36> person;
  http::Text<0, 64> section;
  std::optional<bool> head;
};

BOOST_DESCRIBE_STRUCT(SectionPerson, (), (id, name, head))
BOOST_DESCRIBE_STRUCT(SectionView, (), (id, name, categories, open, people))
BOOST_DESCRIBE_STRUCT(SectionList, (), (items, liaison, mine, head, may_change, desk))
BOOST_DESCRIBE_STRUCT(SectionMemberBody, (), (person, section, head))

}  // namespace yiwang::app

// clang-format off
namespace yiwang::http {
YW_DOCS(app::SectionPerson, "staff id", "name", "whether this one gives orders to persons of the section")
YW_DOCS(app::SectionView, "its id", "its name", "titles of what it handles as a rule", "open requests that it has", "who stands there, heads first")
YW_DOCS(app::SectionList, "in the order of the pack; empty when orders of the unit are not divided", "clerks who stand in none: they see all of the unit and pass orders down", "the section of the one who asks", "whether that one is its head", "whether you may say who stands where", "whether your unit is the desk that takes requests")
YW_DOCS(app::SectionMemberBody, "staff id of a clerk of the unit", "id of the section; empty: in none", "whether this one gives orders to persons of the section")
}
// clang-format on

namespace yiwang::app {
namespace {

using http::Answer;
using http::problem;
using http::Request;
using spine::Action;
using spine::Actor;

void answer_sections(ApiContext& c, Actor const& actor, Request const& request, Answer const& answer) {
  auto people = store::staff_of(*c.installation.database, actor.department);
  if (!people) return answer(problem(people.error(), request));
  auto counts = store::section_counts(*c.installation.database, actor.department);
  if (!counts) return answer(problem(counts.error(), request));
  std::map<std::string, std::int64_t> const open(counts->begin(), counts->end());
  RequestContext const x(c, request);
  SectionList out{{},
                  {},
                  {},
                  false,
                  spine::allowed(actor.role, Action::case_reassign, spine::kDepartment),
                  x.known && x.known->rules.desk == actor.department};
  if (auto me = c.installation.requests->member(actor.id)) out.mine = me->section, out.head = me->head;
  std::map<std::string, std::vector<SectionPerson>> standing;
  for (store::StaffRow const& p : *people) {
    if (p.role != spine::Role::clerk) continue;
    auto const m = c.installation.requests->member(p.id);
    bool const placed = m && x.known && x.known->section(actor.department, m->section) != nullptr;
    (placed ? standing[m->section] : out.liaison).push_back({to_string(p.id), p.name, placed && m->head});
  }
  if (x.known) {
    for (service_request::Section const& s : x.known->sections) {
      if (s.unit != actor.department) continue;
      auto const count = open.find(s.id);
      SectionView v{s.id, s.name.in(request.language), {}, count == open.end() ? 0 : count->second, std::move(standing[s.id])};
      std::stable_sort(v.people.begin(), v.people.end(), [](auto const& a, auto const& b) { return a.head && !b.head; });
      for (std::string const& code : s.categories) v.categories.push_back(x.title(code));
      out.items.push_back(std::move(v));
    }
  }
  answer(http::ok(out));
}

void place(ApiContext& c, Actor const& actor, Request const& request, SectionMemberBody& body, Answer const& answer) {
  auto people = store::staff_of(*c.installation.database, actor.department);
  if (!people) return answer(problem(people.error(), request));
  auto const person = std::find_if(people->begin(), people->end(), [&](auto const& p) {
    return p.role == spine::Role::clerk && to_string(p.id) == body.person.value;
  });
  if (person == people->end())
    return answer(problem(wrong_member("/person", "本单位没有这个办事员 / no clerk of this unit"), request));
  RequestContext const x(c, request);
  if (!body.section.value.empty() && (!x.known || x.known->section(actor.department, body.section.value) == nullptr))
    return answer(problem(wrong_member("/section", "本单位没有这个科室或社区 / the unit has no such section"), request));
  store::UnitMember const m{
      actor.department, person->id, body.section.value, body.head.value_or(false) && !body.section.value.empty(), x.now.us,
      actor.name,       {}};
  Status done = c.installation.database->execute([&](store::Writer& w) -> Status {
    YW_TRY(store::put_member(w.session(), m));
    return record_event(c.installation, w, "request.section_member", actor,
                        json::Value::object({{"unit", text_value(m.unit)},
                                             {"person", text_value(body.person.value)},
                                             {"section", text_value(m.section)},
                                             {"head", json::Value::boolean(m.head)}}),
                        x.now);
  });
  if (!done) return answer(problem(done.error(), request));
  auto all = store::unit_members(*c.installation.database);
  if (!all) return answer(problem(all.error(), request));
  c.installation.requests->set_members(*all);
  answer_sections(c, actor, request, answer);
}

}  // namespace

void add_request_section_routes(http::Router& router, ApiContext& c) {
  router.add(reads<SectionList>(c, "/api/unit-sections", "Sections or communities of my unit, and who stands where",
                                in_unit(Action::request_list), answer_sections));
  router.add(writes<SectionMemberBody, SectionList>(
      c, "/api/unit-sections/members", "Say in which section a clerk of my unit stands", in_unit(Action::case_reassign), place));
}

}  // namespace yiwang::app

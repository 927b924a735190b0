// Rulings into the list: the head of the desk proposes what a ruling changes in the responsibility list, another person puts it
// in force, and dispatch follows from its day on. Every day before stays as it was.

#include <algorithm>

#include "request_routes.hpp"
#include "yiwang/store/duty_amendments.hpp"
#include "yiwang/store/request_history.hpp"

namespace yiwang::app {

struct ListRuling {
  std::string case_id;
  std::string number;
  std::string ruled_at;
  std::string category;
  std::string category_title;
  std::string unit_name;
  std::string ruling;
};
struct ListArea {
  std::string id;
  std::string name;
};
struct ListAmendment {
  std::string id;
  std::string category;
  std::string category_title;
  std::string area_name;
  std::string unit_name;
  std::string from_day;
  std::string basis;
  std::string asked_by;
  std::string asked_at;
  std::string state;
  std::optional<std::string> decided_by;
  std::optional<std::string> decided_at;
  std::optional<std::string> why;
  std::optional<std::string> fault;
  bool may_decide;
};
struct ListAmendments {
  std::vector<ListAmendment> items;
  std::vector<ListRuling> rulings;
  std::vector<ListArea> areas;
  std::string earliest;
  bool may_propose;
};
struct ListAmendmentBody {
  http::Text<36, 36> request;
  http::Text<0, 64> area;
  http::Text<10, 10> from_day;
};
struct ListDecisionBody {
  bool agree;
  http::Text<0, 500> why;
};

BOOST_DESCRIBE_STRUCT(ListRuling, (), (case_id, number, ruled_at, category, category_title, unit_name, ruling))
BOOST_DESCRIBE_STRUCT(ListArea, (), (id, name))
BOOST_DESCRIBE_STRUCT(ListAmendment, (),
                      (id, category, category_title, area_name, unit_name, from_day, basis, asked_by, asked_at, state, decided_by,
                       decided_at, why, fault, may_decide))
BOOST_DESCRIBE_STRUCT(ListAmendments, (), (items, rulings, areas, earliest, may_propose))
BOOST_DESCRIBE_STRUCT(ListAmendmentBody, (), (request, area, from_day))
BOOST_DESCRIBE_STRUCT(ListDecisionBody, (), (agree, why))

}  // namespace yiwang::app

// clang-format off
namespace yiwang::http {
YW_DOCS(app::ListRuling, "the request that was ruled on", "number of the ruling in its year", "when", "code of the category", "its title", "the unit that it was given to", "the reasons, without numbers and names")
YW_DOCS(app::ListArea, "its id", "its name")
YW_DOCS(app::ListAmendment, "its id", "code of the category", "its title", "where; empty: everywhere", "who leads from that day on", "the first day", "number of the ruling", "who proposed it", "when", "proposed, in_force or refused", "who decided", "when", "why", "why a later version of the list leaves no room for it", "whether you may put it in force or refuse it")
YW_DOCS(app::ListAmendments, "what waits first, then in the order of decision", "rulings that nothing was proposed from", "areas of the list", "the earliest day that may be proposed", "whether you may propose")
YW_DOCS(app::ListAmendmentBody, "the request whose ruling it is; category and unit are those of the ruling", "id of an area; empty: everywhere", "the first day, from tomorrow on")
YW_DOCS(app::ListDecisionBody, "true puts it in force, false refuses it", "why; wanted when it is refused")
}
// clang-format on

namespace yiwang::app {
namespace {

using http::Answer;
using http::problem;
using http::Request;
using spine::Action;
using spine::Actor;
using store::AmendmentState;
using store::DutyAmendment;

constexpr int kRulingsMax = 5000;

Error missing_amendment() { return Error(ErrorCode::spine_not_found, {{"what", "清单修订 / the amendment"}}); }

std::string_view name_of(AmendmentState state) {
  return state == AmendmentState::proposed ? "proposed" : state == AmendmentState::in_force ? "in_force" : "refused";
}

/// Which ruling of its year it is; the newest come first.
std::string number_of(std::vector<store::Ruling> const& rulings, std::size_t at) {
  auto year = [](store::Ruling const& r) { return to_ymd(shanghai_date(Instant{r.ruled_us})).year; };
  auto const n = std::count_if(rulings.begin() + static_cast<std::ptrdiff_t>(at), rulings.end(),
                               [&](auto const& r) { return year(r) == year(rulings[at]); });
  return "裁决〔" + std::to_string(year(rulings[at])) + "〕" + std::to_string(n) + " 号";
}

bool may_decide(RequestContext const& x, Actor const& actor, DutyAmendment const& a) {
  return a.state == AmendmentState::proposed && a.asked_by != actor.id && x.known &&
         spine::to_string(actor.role) == x.known->rules.list_approver;
}

/// The list of the release with what is in force; `faults` says of each whether there was room for it.
service_request::DutyList list_with(service_request::DutyList list, std::vector<DutyAmendment> const& all,
                                    std::vector<std::optional<Error>>& faults) {
  for (service_request::Amendment const& a : amendments_in_force(all)) {
    auto next = service_request::amended(list, a);
    faults.push_back(next ? std::nullopt : std::optional(next.error()));
    if (next) list = std::move(*next);
  }
  return list;
}

/// Whether the list as it stands has room for one more. `others`: what is in force.
Status room_for(RequestContext const& x, std::vector<DutyAmendment> const& others, DutyAmendment const& a) {
  auto const base = x.c.installation.requests->base();
  auto const from = parse_date(a.from_day);
  if (!base || !from || *from <= x.today)
    return fail(ErrorCode::request_amendment,
                {{"why", "生效日要在今天以后：过去的日子不改 / the first day lies after today: no day that has been is changed"},
                 {"cure", "请选明天或以后 / choose tomorrow or later"}});
  std::vector<std::optional<Error>> faults;
  YW_ASSIGN(auto next,
            service_request::amended(list_with(base->duties, others, faults), {a.category, a.area, a.unit, *from, a.basis}));
  static_cast<void>(next);
  return {};
}

void answer_amendments(ApiContext& c, Actor const& actor, Request const& request, Answer const& answer) {
  store::Database& database = *c.installation.database;
  auto all = store::duty_amendments(database);
  if (!all) return answer(problem(all.error(), request));
  auto rulings = store::newest_rulings(database, kRulingsMax);
  if (!rulings) return answer(problem(rulings.error(), request));
  RequestContext const x(c, request);
  ListAmendments out{{}, {}, {}, to_string(Date{x.today.days + 1}), actor.role == spine::Role::supervisor};
  std::vector<std::optional<Error>> faults;
  if (auto const base = c.installation.requests->base()) list_with(base->duties, *all, faults);
  std::size_t in_force = 0;
  for (DutyAmendment const& a : *all) {
    ListAmendment v{to_string(a.id),
                    a.category,
                    x.title(a.category),
                    "",
                    x.name(a.unit),
                    a.from_day,
                    a.basis,
                    a.asked_name,
                    to_shanghai_string(a.asked),
                    std::string(name_of(a.state)),
                    {},
                    {},
                    {},
                    {},
                    may_decide(x, actor, a)};
    if (x.known && !a.area.empty()) {
      v.area_name = a.area;
      for (auto const& area : x.known->duties.areas) {
        if (area.id == a.area) v.area_name = area.name.in(x.language);
      }
    }
    if (a.state != AmendmentState::proposed) v.decided_by = a.decided_name, v.decided_at = when(a.decided_us), v.why = a.why;
    if (a.state == AmendmentState::in_force) {
      if (in_force < faults.size() && faults[in_force]) v.fault = faults[in_force]->message(request.language);
      ++in_force;
    }
    out.items.push_back(std::move(v));
  }
  for (std::size_t i = 0; i < rulings->size() && out.rulings.size() < 50; ++i) {
    store::Ruling const& r = (*rulings)[i];
    bool const used = std::any_of(all->begin(), all->end(), [&](DutyAmendment const& a) {
      return a.ruled_on == r.case_id && a.state != AmendmentState::refused;
    });
    auto row = used ? Result<std::optional<store::RequestRow>>(std::optional<store::RequestRow>{})
                    : store::request_of(database, r.case_id);
    // Of what is sealed or about a unit nothing goes into a list that everybody reads.
    if (!row || !*row || c.installation.requests->hidden(actor, **row) || !(*row)->sealed.empty() || !(*row)->about_unit.empty())
      continue;
    out.rulings.push_back({to_string(r.case_id), number_of(*rulings, i), to_shanghai_string(Instant{r.ruled_us}), r.category,
                           x.title(r.category), x.name(r.unit), service_request::redact(r.ruling)});
  }
  if (x.known) {
    for (auto const& area : x.known->duties.areas) out.areas.push_back({area.id, area.name.in(x.language)});
  }
  answer(http::ok(out));
}

json::Value data_of(DutyAmendment const& a) {
  return json::Value::object({{"amendment", text_value(to_string(a.id))},
                              {"case", text_value(to_string(a.ruled_on))},
                              {"category", text_value(a.category)},
                              {"area", text_value(a.area)},
                              {"unit", text_value(a.unit)},
                              {"from", text_value(a.from_day)},
                              {"basis", text_value(a.basis)}});
}

void propose(ApiContext& c, Actor const& actor, Request const& request, ListAmendmentBody& body, Answer const& answer) {
  if (actor.role != spine::Role::supervisor)
    return answer(problem(Error(ErrorCode::spine_forbidden, {{"action", "request_exclude"}}), request));
  store::Database& database = *c.installation.database;
  auto const id = CaseId::parse(body.request.value);
  auto row = id ? store::request_of(database, *id) : Result<std::optional<store::RequestRow>>(std::optional<store::RequestRow>{});
  if (!row) return answer(problem(row.error(), request));
  auto rulings = store::newest_rulings(database, kRulingsMax);
  if (!rulings) return answer(problem(rulings.error(), request));
  auto const at =
      id ? std::find_if(rulings->begin(), rulings->end(), [&](auto const& r) { return r.case_id == *id; }) : rulings->end();
  if (!*row || at == rulings->end() || c.installation.requests->hidden(actor, **row) || !(*row)->sealed.empty() ||
      !(*row)->about_unit.empty())
    return answer(problem(missing_request(), request));
  RequestContext const x(c, request);
  DutyAmendment a;
  a.id = c.installation.ids->next();
  a.category = at->category;
  a.area = body.area.value;
  a.unit = at->unit;
  a.from_day = body.from_day.value;
  a.basis = number_of(*rulings, static_cast<std::size_t>(at - rulings->begin()));
  a.ruled_on = *id;
  a.asked = x.now;
  a.asked_by = actor.id;
  a.asked_name = actor.name;
  bool fresh = false;
  Status done = database.execute([&](store::Writer& w) -> Status {
    YW_ASSIGN(auto const all, store::duty_amendments(w.session()));
    YW_TRY(room_for(x, all, a));
    YW_ASSIGN(fresh, store::propose_amendment(w.session(), a));
    if (!fresh) return {};
    return record_event(c.installation, w, "request.list_proposed", actor, data_of(a), x.now);
  });
  if (!done) return answer(problem(done.error(), request));
  if (!fresh) return answer(problem(Error(ErrorCode::store_conflict), request));
  answer_amendments(c, actor, request, answer);
}

void decide(ApiContext& c, Actor const& actor, Request const& request, ListDecisionBody& body, Answer const& answer) {
  store::Database& database = *c.installation.database;
  RequestContext const x(c, request);
  if (!body.agree && body.why.value.size() < 2)
    return answer(problem(wrong_member("/why", "不同意要写理由 / say why it is refused"), request));
  std::optional<Error> refused;
  std::vector<DutyAmendment> all;
  Status done = database.execute([&](store::Writer& w) -> Status {
    refused.reset();
    YW_ASSIGN(all, store::duty_amendments(w.session()));
    auto const at = std::find_if(all.begin(), all.end(), [&](auto const& a) { return to_string(a.id) == request.param("id"); });
    if (at == all.end()) return refused = missing_amendment(), Status{};
    if (at->state != AmendmentState::proposed) return refused = Error(ErrorCode::store_conflict), Status{};
    // Two people: who proposed it does not put it in force.
    if (!may_decide(x, actor, *at)) return refused = Error(ErrorCode::spine_forbidden, {{"action", "request_exclude"}}), Status{};
    if (body.agree) {
      YW_TRY(room_for(x, all, *at));
    }
    at->state = body.agree ? AmendmentState::in_force : AmendmentState::refused;
    at->decided_us = x.now.us;
    at->decided_by = actor.id;
    at->decided_name = actor.name;
    at->why = body.why.value;
    YW_ASSIGN(bool const first, store::decide_amendment(w.session(), *at));
    if (!first) return fail(ErrorCode::store_conflict);
    return record_event(c.installation, w, body.agree ? "request.list_amended" : "request.list_refused", actor, data_of(*at),
                        x.now);
  });
  if (!done) return answer(problem(done.error(), request));
  if (refused) return answer(problem(*refused, request));
  // On the writer, so that of two decisions the later one stands.
  Status taken = database.execute([&](store::Writer& w) -> Status {
    YW_ASSIGN(auto const now_in_force, store::duty_amendments(w.session()));
    c.installation.requests->amend(amendments_in_force(now_in_force));
    return {};
  });
  if (!taken) return answer(problem(taken.error(), request));
  answer_amendments(c, actor, request, answer);
}

}  // namespace

void add_request_list_routes(http::Router& router, ApiContext& c) {
  router.add(reads<ListAmendments>(c, "/api/duty-amendments",
                                   "What rulings change in the responsibility list, and rulings that nothing was proposed from",
                                   of_desk(Action::request_exclude), answer_amendments));
  router.add(writes<ListAmendmentBody, ListAmendments>(
      c, "/api/duty-amendments", "Propose what a ruling changes in the responsibility list; another person puts it in force",
      of_desk(Action::request_exclude), propose));
  router.add(writes<ListDecisionBody, ListAmendments>(c, "/api/duty-amendments/{id}/decision",
                                                      "Put an amendment of the responsibility list in force, or refuse it",
                                                      of_desk(Action::request_exclude), decide));
}

}  // namespace yiwang::app

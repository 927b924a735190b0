// 信用核查 (S27): whom the list of serious dishonesty has kept from the instant way, for the unit that keeps the register of
// credit. The right to apply stays; who is taken off the list is decided at once from then on, since each application asks the
// register anew.

#include <charconv>

#include "afterwards.hpp"
#include "applying.hpp"
#include "routes.hpp"
#include "yiwang/base/personal.hpp"
#include "yiwang/store/decisions.hpp"
#include "yiwang/store/matters.hpp"

namespace yiwang::app {

struct InterceptionView {
  std::string case_id;
  std::string query_code;
  std::string applicant;
  std::string matter;
  std::string matter_name;
  std::string unit;
  std::string unit_name;
  std::string at;
  std::string outcome;
  std::string list;
  std::string updated;
  std::string now;
};
struct InterceptionList {
  std::vector<InterceptionView> items;
  std::optional<std::string> next;
};
BOOST_DESCRIBE_STRUCT(InterceptionView, (),
                      (case_id, query_code, applicant, matter, matter_name, unit, unit_name, at, outcome, list, updated, now))
BOOST_DESCRIBE_STRUCT(InterceptionList, (), (items, next))

}  // namespace yiwang::app

// clang-format off
namespace yiwang::http {
YW_DOCS(app::InterceptionView, "the case", "the eight characters for people", "who applied, masked", "the matter", "its name", "the unit that handles it", "its name", "when it was applied for", "open, granted, refused, not_accepted, withdrawn, ended: what people decided", "the list with its register", "as of which day the register is", "listed, unlisted, unavailable: what the register says today")
YW_DOCS(app::InterceptionList, "newest first", "what to ask the next page before; absent: no more")
}
// clang-format on

namespace yiwang::app {
namespace {

using http::Answer;
using http::problem;
using http::Request;
using spine::Action;
using spine::Actor;

constexpr int kPage = 50;

std::string listed_now(Installation& in, MatterPack const& pack, matter::Register const& credit,
                       store::SubjectRecord const& subject, Date today) {
  std::string const& fact = pack.persons->credit.severe;
  auto const mode = in.matters.mode(credit.id);
  if (mode == matter::RegisterMode::down || mode == matter::RegisterMode::slow) return "unavailable";
  json::Value const said = pack.registers->answer(credit, register_subject(subject), mode, today);
  json::Value const* listed = said.kind() == json::Kind::object ? said.find(fact) : nullptr;
  return listed != nullptr && listed->kind() == json::Kind::boolean && listed->as_bool() ? "listed" : "unlisted";
}

void interceptions(ApiContext& c, Request const& request, Answer const& answer) {
  Actor const actor = actor_of(c, request);
  Installation& in = c.installation;
  MatterPack const pack = in.matters.current();
  matter::PersonRules::Credit const& rule = pack.persons->credit;
  matter::Register const* credit = pack.registers->find(rule.register_id);
  bool const keeper = credit != nullptr && actor.department == credit->holder;
  if (Status may = spine::authorise(actor, Action::matter_check, keeper ? spine::kDepartment : 0); !may)
    return answer(problem(may.error(), request));
  Instant const now = in.clock.now();
  Instant before{now.us + 1};
  if (!request.argument("before").empty()) {
    std::string_view const given = request.argument("before");
    auto const read = std::from_chars(given.data(), given.data() + given.size(), before.us);
    if (read.ec != std::errc{} || read.ptr != given.data() + given.size())
      return answer(problem(
          Error(ErrorCode::http_field, {{"path", "before"}, {"why", "取自上一页的 next / next of the page before"}}), request));
  }
  auto rows = store::handed_over(*in.database, rule.code, before, kPage + 1);
  if (!rows) return answer(problem(rows.error(), request));
  InterceptionList list;
  if (rows->size() > kPage) {
    rows->resize(kPage);
    list.next = std::to_string(rows->back().created.us);
  }
  auto const definitions = in.definitions.snapshot();
  Date const today = shanghai_date(now);
  std::vector<store::Access> looks;
  matter::RegisterFact const* fact = credit->fact(rule.severe);
  for (store::HandedOver const& r : *rows) {
    auto subject = in.identity->subject(r.subject);
    if (!subject) return answer(problem(subject.error(), request));
    auto const name = PersonName::create(subject->name);
    matter::Matter const* m = pack.catalogue->find(r.matter, shanghai_date(r.created));
    auto const* unit = definitions->current->organisation(r.department);
    list.items.push_back({to_string(r.case_id), r.query_code,
                          subject->kind == store::SubjectKind::enterprise ? subject->name
                          : name                                          ? name->masked()
                                                                          : "***",
                          r.matter, m ? m->name : r.matter, r.department, unit ? unit->name.zh_cn : r.department,
                          to_shanghai_string(r.created), r.outcome, credit->title + "：" + (fact ? fact->label : rule.severe),
                          credit->updated, listed_now(in, pack, *credit, *subject, today)});
    looks.push_back({r.subject, actor, "查看信用核查拦截", r.case_id});
  }
  if (Status recorded = store::record_accesses(*in.database, *in.ids, looks, now); !recorded)
    return answer(problem(recorded.error(), request));
  answer(http::ok(list));
}

}  // namespace

void add_credit_routes(http::Router& router, ApiContext& c) {
  Routes routes(router, c, "afterwards", "matter_check");
  routes.add("GET", "/api/credit-interceptions",
             "Whom the list of serious dishonesty has kept from the instant way; for the unit that keeps the register", {},
             http::SchemaOf<InterceptionList>::make(), interceptions, {.arguments = {{"before", "next of the page before"}}});
}

}  // namespace yiwang::app

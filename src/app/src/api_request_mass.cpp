// What many tell of: open requests of one kind at one place become members of one master, which has the clock and the answer.

#include <algorithm>
#include <condition_variable>
#include <map>
#include <mutex>

#include "request_routes.hpp"
#include "yiwang/store/request_watch.hpp"

namespace yiwang::app {

struct MassGroup {
  std::string category;
  std::string category_title;
  std::string place;
  RequestItem master;
  std::vector<RequestItem> members;
};
struct MassList {
  std::vector<MassGroup> items;
};
struct MassBody {
  std::vector<http::Text<36, 36>> members;
};
struct MassRow {
  std::string case_id;
  bool joined;
  std::optional<std::string> why;
};
struct MassReport {
  std::string master;
  std::int64_t joined;
  std::vector<MassRow> rows;
};
struct MassMembers {
  std::vector<RequestItem> items;
};

BOOST_DESCRIBE_STRUCT(MassGroup, (), (category, category_title, place, master, members))
BOOST_DESCRIBE_STRUCT(MassList, (), (items))
BOOST_DESCRIBE_STRUCT(MassBody, (), (members))
BOOST_DESCRIBE_STRUCT(MassRow, (), (case_id, joined, why))
BOOST_DESCRIBE_STRUCT(MassReport, (), (master, joined, rows))
BOOST_DESCRIBE_STRUCT(MassMembers, (), (items))

}  // namespace yiwang::app

// clang-format off
namespace yiwang::http {
YW_DOCS(app::MassGroup, "code in the responsibility list", "its title", "where", "the one that would be master: one that is already, or else the oldest", "those that could join it")
YW_DOCS(app::MassList, "the largest first")
YW_DOCS(app::MassBody, "the requests that shall wait for the answer to the master")
YW_DOCS(app::MassRow, "the request", "whether it waits for the master now", "why not")
YW_DOCS(app::MassReport, "the master", "how many joined", "a line each")
YW_DOCS(app::MassMembers, "those that wait for this answer or have had it, the oldest first")
}
// clang-format on

namespace yiwang::app {
namespace {

using http::Answer;
using http::problem;
using http::Request;
using spine::Action;
using spine::Actor;
using store::RequestRow;

void groups(ApiContext& c, Actor const& actor, Request const& request, Answer const& answer) {
  RequestContext const x(c, request);
  MassList out;
  if (!x.known) return answer(http::ok(out));
  auto rows = store::open_by_place(*c.installation.database, actor.department,
                                   x.now.us - x.known->rules.mass_hours * 3600 * kMicrosPerSecond);
  if (!rows) return answer(problem(rows.error(), request));
  std::map<std::pair<std::string, std::string>, std::vector<RequestRow const*>> by;
  for (RequestRow const& r : *rows) {
    if (r.category.empty() || r.place.empty() || !r.sealed.empty() || !r.about_unit.empty()) continue;
    by[{r.category, r.place}].push_back(&r);
  }
  for (auto const& [key, found] : by) {
    if (found.size() < x.known->rules.mass_members) continue;
    auto master = std::find_if(found.begin(), found.end(), [](auto const* r) { return r->has(store::kMaster); });
    if (master == found.end()) master = found.begin();
    MassGroup g{key.first, x.title(key.first), key.second, x.item(**master), {}};
    for (RequestRow const* r : found) {
      if (r != *master && !r->has(store::kMaster)) g.members.push_back(x.item(*r));
    }
    if (!g.members.empty()) out.items.push_back(std::move(g));
  }
  std::sort(out.items.begin(), out.items.end(), [](auto const& a, auto const& b) { return a.members.size() > b.members.size(); });
  answer(http::ok(out));
}

void join_members(ApiContext& c, Actor const& actor, Request const& request, MassBody& body, Answer const& answer) {
  if (body.members.empty()) return answer(problem(wrong_member("/members", "至少一件 / at least one"), request));
  auto const master = request_in_path(c, actor, request, answer);
  if (!master) return;
  if (master->unit != actor.department && master->desk != actor.department) return answer(problem(missing_request(), request));
  MassReport report{to_string(master->case_id), 0, {}};
  // Each member is a command of its own under a key that follows from this one's: given again, nothing happens twice.
  std::mutex mutex;
  std::condition_variable all_done;
  std::size_t waiting = body.members.size();
  report.rows.resize(body.members.size());
  for (std::size_t i = 0; i < body.members.size(); ++i) {
    store::CommandRequest r;
    r.actor = actor;
    r.idempotency_key = request.idempotency_key.substr(0, 60) + " " + body.members[i].value;
    r.request_bytes = "join " + report.master;
    r.command.kind = spine::Command::Kind::act;
    r.command.action = "join";
    r.command.input = json::Value::object({{"master", text_value(report.master)}});
    auto id = CaseId::parse(body.members[i].value);
    if (id) r.command.case_id = *id;
    report.rows[i].case_id = body.members[i].value;
    c.installation.commands->execute(std::move(r), [&, i](store::Reply reply) {
      std::lock_guard lock(mutex);
      report.rows[i].joined = reply.status < 400;
      if (reply.status >= 400) {
        auto said = json::parse(reply.body);
        json::Value const* title = said ? said->find("title") : nullptr;
        report.rows[i].why = title ? title->text() : reply.body;
      }
      if (--waiting == 0) all_done.notify_all();
    });
  }
  std::unique_lock lock(mutex);
  all_done.wait(lock, [&] { return waiting == 0; });
  for (MassRow const& row : report.rows) report.joined += row.joined;
  answer(http::ok(report));
}

void members(ApiContext& c, Actor const& actor, Request const& request, Answer const& answer) {
  auto const master = request_in_path(c, actor, request, answer);
  if (!master) return;
  if (master->unit != actor.department && master->desk != actor.department && master->lead != actor.department)
    return answer(problem(missing_request(), request));
  auto ids = store::members_of(*c.installation.database, master->case_id);
  if (!ids) return answer(problem(ids.error(), request));
  RequestContext const x(c, request);
  MassMembers out;
  for (CaseId const& id : *ids) {
    auto row = store::request_of(*c.installation.database, id);
    if (row && *row && !c.installation.requests->hidden(actor, **row)) out.items.push_back(x.masked(**row));
  }
  answer(http::ok(out));
}

}  // namespace

void add_request_mass_routes(http::Router& router, ApiContext& c) {
  router.add(reads<MassList>(c, "/api/request-mass",
                             "Open requests of my unit that tell of the same kind of matter at the same place",
                             in_unit(Action::request_list), groups));
  router.add(commands<MassBody, MassReport>(c, "/api/requests/{id}/members",
                                            "Let requests wait for the answer to this one; a line of the report for each",
                                            in_unit(Action::case_handle), join_members));
  router.add(reads<MassMembers>(c, "/api/requests/{id}/members", "The requests that wait for the answer to this one",
                                in_unit(Action::request_list), members));
}

}  // namespace yiwang::app

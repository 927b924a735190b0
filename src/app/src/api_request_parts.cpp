// Several matters in one request: the desk takes them apart while nothing has been dispatched. And units that are asked to help:
// they get the question and the words without names, and their answer goes to the unit that leads.

#include <algorithm>

#include "request_routes.hpp"
#include "yiwang/store/request_parts.hpp"

namespace yiwang::app {

struct RequestPartBody {
  http::Text<4, 2000> text;
  std::optional<http::Text<0, 64>> about_unit;
};
struct RequestPartsBody {
  std::vector<RequestPartBody> parts;
  http::Text<2, 200> stays;
  std::optional<http::Integer<0, 100>> seen;
};
struct RequestPartsMade {
  std::string case_id;
  std::vector<std::string> parts;
};
struct RequestHelpBody {
  http::Text<1, 64> unit;
  http::Text<4, 500> question;
};
struct RequestOpinionBody {
  http::Text<4, 2000> opinion;
};
struct RequestHelpDone {
  std::string case_id;
  std::string unit_name;
};
struct RequestHelpWaiting {
  std::string case_id;
  std::string words;
  std::string place;
  std::string category_title;
  std::string lead_name;
  std::string question;
  std::string asked_at;
  std::string due_at;
  bool overdue;
};
struct RequestHelpList {
  std::vector<RequestHelpWaiting> items;
};

BOOST_DESCRIBE_STRUCT(RequestPartBody, (), (text, about_unit))
BOOST_DESCRIBE_STRUCT(RequestPartsBody, (), (parts, stays, seen))
BOOST_DESCRIBE_STRUCT(RequestPartsMade, (), (case_id, parts))
BOOST_DESCRIBE_STRUCT(RequestHelpBody, (), (unit, question))
BOOST_DESCRIBE_STRUCT(RequestOpinionBody, (), (opinion))
BOOST_DESCRIBE_STRUCT(RequestHelpDone, (), (case_id, unit_name))
BOOST_DESCRIBE_STRUCT(RequestHelpWaiting, (),
                      (case_id, words, place, category_title, lead_name, question, asked_at, due_at, overdue))
BOOST_DESCRIBE_STRUCT(RequestHelpList, (), (items))

}  // namespace yiwang::app

// clang-format off
namespace yiwang::http {
YW_DOCS(app::RequestPartBody, "the words of this matter", "the unit that it is about; the one of the whole when it is not said")
YW_DOCS(app::RequestPartsBody, "each matter that becomes a request of its own, at most four", "the matter that stays with this request", "how many parts it has by what you have read; 0 when not said. When others have made more since, nothing is made")
YW_DOCS(app::RequestPartsMade, "the request that was taken apart", "the requests that it became, in the order of the body")
YW_DOCS(app::RequestHelpBody, "name or id of the unit", "what is asked of it")
YW_DOCS(app::RequestOpinionBody, "the answer, for the unit that leads")
YW_DOCS(app::RequestHelpDone, "the request", "the unit that was asked")
YW_DOCS(app::RequestHelpWaiting, "the request", "what was told, without numbers and names", "where", "its category", "the unit that leads", "what is asked", "when it was asked", "answer by", "whether that has passed")
YW_DOCS(app::RequestHelpList, "the nearest limit first")
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
using store::RequestStage;

constexpr std::size_t kPartsMax = 4;

Error not_now(RequestRow const& row, char const* action) {
  return Error(ErrorCode::spine_wrong_step, {{"step", std::string(store::to_string(row.stage))}, {"action", action}});
}

/// What of the form belongs to every part: where, who and how to be reached; not the words and not the photos of the whole.
json::Value form_of_part(json::Value const& form, RequestPartBody const& part) {
  json::Value out = json::Value::object({{"text", text_value(part.text.value)}});
  for (auto const& [name, value] : form.members()) {
    if (name != "text" && name != "photos") out.set(name, value);
  }
  if (part.about_unit) out.set("about_unit", text_value(part.about_unit->value));
  return out;
}

/// A claim whose holder has not gone on for so long was left by a crash or a closed page: others may go on, having read its
/// parts.
constexpr std::int64_t kLeftUs = 2 * 60 * kMicrosPerSecond;

/// Claims the taking apart before anything is made, on the writer, so that of two at the same moment one goes on. Nothing when
/// the claim is ours; otherwise why it is not.
std::optional<Error> claim(ApiContext& c, Actor const& actor, CaseId id, std::string const& key, std::int64_t seen, Instant now) {
  std::optional<Error> refused;
  Status done = c.installation.database->execute([&](store::Writer& w) -> Status {
    refused.reset();
    YW_ASSIGN(auto const row, store::request_of(w.session(), id));
    YW_ASSIGN(auto const rounds, store::splits_of(w.session(), id));
    auto const mine = std::find_if(rounds.begin(), rounds.end(), [&](auto const& r) { return r.key == key && r.by == actor.id; });
    if (mine != rounds.end()) return {};  // the same key again goes on, and finds what it has made
    YW_ASSIGN(auto parts, store::parts_of(w.session(), id));
    std::erase_if(parts, [&](auto const& p) { return p.id == id; });
    auto const other =
        std::find_if(rounds.begin(), rounds.end(), [&](auto const& r) { return r.done_us == 0 && r.at.us > now.us - kLeftUs; });
    auto by = [](std::string const& who, Instant at) {
      return Error(ErrorCode::request_taken_apart, {{"who", who}, {"when", to_shanghai_string(at)}});
    };
    if (other != rounds.end())
      refused = by(other->by_name, other->at);
    else if (!parts.empty() && static_cast<std::int64_t>(parts.size()) != seen)
      refused = by(parts.back().by_name, parts.back().at);
    else if (!row)
      refused = missing_request();
    else if (!row->city_number.empty())
      refused = wrong_member("/parts", "市热线的工单请退回市里拆分 / an order of the city is taken apart by the city");
    else if (row->stage != RequestStage::dispatch || row->has(store::kMaster))
      refused = not_now(*row, "拆单");
    if (refused) return {};
    return store::claim_split(w.session(), id, {key, now, actor.id, actor.name, 0});
  });
  if (!done) return done.error();
  return refused;
}

void take_apart(ApiContext& c, Actor const& actor, Request const& request, RequestPartsBody& body, Answer const& answer) {
  if (body.parts.empty() || body.parts.size() > kPartsMax)
    return answer(problem(wrong_member("/parts", "1 至 4 件 / one to four"), request));
  auto const row = request_in_path(c, actor, request, answer);
  if (!row) return;
  if (row->desk != actor.department) return answer(problem(missing_request(), request));
  RequestContext const x(c, request);
  auto loaded = store::load_case(*c.installation.database, *x.definitions, row->case_id);
  if (!loaded) return answer(problem(loaded.error(), request));
  json::Value const* form = *loaded && !(*loaded)->events.empty() ? (*loaded)->events.front().data.find("form") : nullptr;
  if (form == nullptr || form->kind() != json::Kind::object) return answer(problem(missing_request(), request));
  std::string const key = request.idempotency_key.substr(0, 60);
  if (auto refused = claim(c, actor, row->case_id, key, body.seen ? body.seen->value : 0, x.now))
    return answer(problem(*refused, request));
  Actor person;
  person.role = spine::Role::resident;
  person.region_path = (*loaded)->row.state.region_path;
  person.name = "诉求人";
  person.acts_for = (*loaded)->row.state.applicant;
  person.id = person.acts_for.bytes();
  RequestPartsMade made{to_string(row->case_id), {}};
  for (std::size_t i = 0; i < body.parts.size(); ++i) {
    store::CommandRequest r;
    r.actor = person;
    r.idempotency_key = key + " part " + std::to_string(i);
    r.request_bytes = "part " + made.case_id + "\n" + body.parts[i].text.value;
    r.command.kind = spine::Command::Kind::submit;
    r.command.case_type = service_request::kCaseType;
    r.command.input = form_of_part(*form, body.parts[i]);
    r.command.facts = json::Value::object({{"channel", text_value(row->channel)},
                                           {"received_us", number_value(row->received_us)},
                                           {"taken_by", text_value(to_string(actor.id))},
                                           {"taken_by_name", text_value(actor.name)},
                                           {"split_from", text_value(made.case_id)},
                                           {"split_key", text_value(key)}});
    c.installation.requests->inform(r.command, x.now);
    store::Reply const reply = c.installation.commands->run(std::move(r));
    auto said = json::parse(reply.body);
    json::Value const* id = said ? said->find("case_id") : nullptr;
    // What was made before stays. When the server was busy or stopped, the same key goes on from here; after a refusal it is
    // begun again, by whom it may be.
    if (reply.status >= 400 && reply.status < 500) {
      Status given_up =
          c.installation.database->execute([&](store::Writer& w) { return store::drop_split(w.session(), row->case_id, key); });
      if (!given_up) return answer(problem(given_up.error(), request));
    }
    if (reply.status >= 400 || id == nullptr)
      return answer({reply.status, "application/problem+json; charset=utf-8", reply.body, {}});
    made.parts.push_back(id->text());
  }
  json::Value parts = json::Value::array();
  for (std::string const& part : made.parts) parts.items().push_back(text_value(part));
  Status done = c.installation.database->execute([&](store::Writer& w) -> Status {
    YW_ASSIGN(bool const fresh, store::finish_split(w.session(), row->case_id, key, x.now));
    if (!fresh) return {};
    YW_TRY(store::put_part(w.session(), row->case_id, {row->case_id, x.now, actor.name, body.stays.value}));
    return record_event(c.installation, w, "request.taken_apart", actor,
                        json::Value::object({{"case", text_value(made.case_id)}, {"parts", parts}}), x.now);
  });
  if (!done) return answer(problem(done.error(), request));
  answer(http::ok(made));
}

/// The unit that has it asks another.
void ask_for_help(ApiContext& c, Actor const& actor, Request const& request, RequestHelpBody& body, Answer const& answer) {
  auto const row = request_in_path(c, actor, request, answer);
  if (!row) return;
  if (row->unit != actor.department) return answer(problem(missing_request(), request));
  RequestContext const x(c, request);
  std::string unit = c.installation.requests->unit_named(body.unit.value);
  if (unit.empty() && x.definitions->current->organisation(body.unit.value) != nullptr) unit = body.unit.value;
  if (unit.empty()) return answer(problem(wrong_member("/unit", "没有这个单位 / there is no such unit"), request));
  if (unit == actor.department) return answer(problem(wrong_member("/unit", "不能请本单位 / not one's own unit"), request));
  if (unit == row->about_unit)
    return answer(problem(wrong_member("/unit", "不能请被反映的单位 / not the unit that it is about"), request));
  if (!row->sealed.empty())
    return answer(problem(wrong_member("/unit", "密件不外发 / what is sealed is shown to nobody else"), request));
  if (row->replied_us != 0 || store::is_over(row->stage)) return answer(problem(not_now(*row, "请求协办"), request));
  store::RequestHelpAsked asked{row->case_id, unit, x.now, {}, actor.name, body.question.value, 0, {}, {}};
  service_request::Limits limits;
  limits.close_workdays = x.known ? x.known->rules.help_workdays : 2;
  asked.due = Instant{c.installation.requests->due_after(x.now, limits)};
  bool fresh = false;
  Status done = c.installation.database->execute([&](store::Writer& w) -> Status {
    YW_ASSIGN(fresh, store::ask_help(w.session(), asked));
    if (!fresh) return {};
    return record_event(c.installation, w, "request.help_asked", actor,
                        json::Value::object({{"case", text_value(to_string(row->case_id))}, {"unit", text_value(unit)}}), x.now);
  });
  if (!done) return answer(problem(done.error(), request));
  if (!fresh) return answer(problem(Error(ErrorCode::spine_too_often, {{"action", "请求协办"}, {"max", "1"}}), request));
  answer(http::ok(RequestHelpDone{to_string(row->case_id), x.name(unit)}));
}

void waiting_for_us(ApiContext& c, Actor const& actor, Request const& request, Answer const& answer) {
  constexpr int kShown = 100;
  RequestContext const x(c, request);
  auto asked = store::helps_waiting(*c.installation.database, actor.department, kShown);
  if (!asked) return answer(problem(asked.error(), request));
  RequestHelpList out;
  for (store::RequestHelpAsked const& a : *asked) {
    auto row = store::request_of(*c.installation.database, a.case_id);
    if (!row) return answer(problem(row.error(), request));
    if (!*row || !(*row)->sealed.empty() || (*row)->about_unit == actor.department) continue;
    out.items.push_back({to_string(a.case_id), service_request::redact((*row)->words), (*row)->place, x.title((*row)->category),
                         x.name((*row)->unit), a.question, to_shanghai_string(a.asked), to_shanghai_string(a.due),
                         a.due < x.now});
  }
  answer(http::ok(out));
}

void give_opinion(ApiContext& c, Actor const& actor, Request const& request, RequestOpinionBody& body, Answer const& answer) {
  auto const id = CaseId::parse(request.param("id"));
  if (!id) return answer(problem(missing_request(), request));
  RequestContext const x(c, request);
  bool given = false;
  Status done = c.installation.database->execute([&](store::Writer& w) -> Status {
    YW_ASSIGN(given, store::answer_help(w.session(), *id, actor.department, x.now, actor.name, body.opinion.value));
    if (!given) return {};
    return record_event(c.installation, w, "request.helped", actor,
                        json::Value::object({{"case", text_value(to_string(*id))}, {"unit", text_value(actor.department)}}),
                        x.now);
  });
  if (!done) return answer(problem(done.error(), request));
  // Not asked, or answered before: to others there is no such request.
  if (!given) return answer(problem(missing_request(), request));
  answer(http::ok(RequestHelpDone{to_string(*id), x.name(actor.department)}));
}

}  // namespace

void add_request_part_routes(http::Router& router, ApiContext& c) {
  router.add(commands<RequestPartsBody, RequestPartsMade>(
      c, "/api/requests/{id}/parts", "Take a request about several matters apart (拆单), before it is dispatched",
      of_desk(Action::request_take), take_apart));
  router.add(writes<RequestHelpBody, RequestHelpDone>(
      c, "/api/requests/{id}/helps", "Ask another unit to help (协办): it gets the question and the words without names",
      in_unit(Action::case_handle), ask_for_help));
  router.add(reads<RequestHelpList>(c, "/api/request-helps", "What my unit was asked to help with and has not answered",
                                    in_unit(Action::case_handle), waiting_for_us));
  router.add(writes<RequestOpinionBody, RequestHelpDone>(c, "/api/requests/{id}/opinion",
                                                         "What my unit answers the one that asked for help",
                                                         in_unit(Action::case_handle), give_opinion));
}

}  // namespace yiwang::app

// Requests taken in the name of a person: on the telephone, at the counter, from paper; and what people say when they are called
// back.

#include <algorithm>

#include "request_routes.hpp"
#include "yiwang/base/personal.hpp"
#include "yiwang/store/request_history.hpp"

namespace yiwang::app {

struct RequestTakeBody {
  http::Any form;
  std::optional<http::Text<0, 40>> caller_name;
  http::Text<1, 20> channel;
  std::optional<http::Text<0, 40>> received_at;
  std::optional<http::Text<0, 40>> paper_number;
};
struct RequestCallBody {
  bool reached;
  std::optional<http::Integer<1, 5>> grade;
  std::optional<http::Text<0, 20>> contacted;
  std::optional<http::Text<0, 20>> solved;
  std::optional<http::Text<0, 500>> comment;
};
struct CallerBody {
  http::Text<5, 20> phone;
};
struct CallerView {
  bool known;
  std::int64_t open;
  std::vector<RequestItem> items;
};
struct FollowUpQuestion {
  std::string id;
  http::Any text;
};
struct FollowUpItem {
  RequestItem request;
  std::string answered_at;
  std::string outcome;
  std::int64_t tries;
  bool may_call;
  std::string speak_to;
};
struct FollowUpList {
  std::int64_t after_hours;
  std::int64_t tries_max;
  std::vector<FollowUpQuestion> script;
  std::vector<FollowUpItem> items;
};

BOOST_DESCRIBE_STRUCT(CallerBody, (), (phone))
BOOST_DESCRIBE_STRUCT(CallerView, (), (known, open, items))
BOOST_DESCRIBE_STRUCT(FollowUpQuestion, (), (id, text))
BOOST_DESCRIBE_STRUCT(FollowUpItem, (), (request, answered_at, outcome, tries, may_call, speak_to))
BOOST_DESCRIBE_STRUCT(FollowUpList, (), (after_hours, tries_max, script, items))
BOOST_DESCRIBE_STRUCT(RequestTakeBody, (), (form, caller_name, channel, received_at, paper_number))
BOOST_DESCRIBE_STRUCT(RequestCallBody, (), (reached, grade, contacted, solved, comment))

}  // namespace yiwang::app

// clang-format off
namespace yiwang::http {
YW_DOCS(app::RequestTakeBody, "the form of the case type", "the caller's name, as given", "hotline, counter, letter, paper or app", "true moment of receipt, for what was written on paper", "the number on the paper")
YW_DOCS(app::CallerBody, "the number of the one who calls")
YW_DOCS(app::CallerView, "whether something was told under this number before", "of those shown, still open", "the newest first, without what is sealed, about the desk or told anonymously")
YW_DOCS(app::FollowUpQuestion, "reached, solved or grade", "what is asked, by language")
YW_DOCS(app::FollowUpItem, "the request", "when it was answered", "solved, explained or cannot_now, as the answer said", "calls that nobody took", "whether you may call: who handled it does not ask how it was", "teller or concerned: whom the rules have called")
YW_DOCS(app::FollowUpList, "so many hours after the answer", "after so many calls in vain it is left", "what is asked, in this order", "the longest waiting first")
YW_DOCS(app::RequestCallBody, "whether somebody answered", "1 very good to 5 very bad, as the person said", "contacted_yes or contacted_no: whether the unit had called, as the person said", "solved_yes or solved_no, as the person said", "in the person's words")
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

/// Gives a command in the name of the person, on whose behalf the operator speaks; the operator stands in the facts.
void run_for(ApiContext& c, Request const& request, Actor actor, spine::Command command, Answer const& answer) {
  store::CommandRequest r;
  r.actor = std::move(actor);
  r.idempotency_key = request.idempotency_key;
  r.request_bytes = request.method + " " + request.path + "\n" + request.body;
  r.command = std::move(command);
  c.installation.requests->inform(r.command, c.installation.clock.now());
  c.installation.commands->execute(std::move(r), [answer](store::Reply reply) {
    answer({reply.status,
            reply.status < 400 ? "application/json; charset=utf-8" : "application/problem+json; charset=utf-8",
            std::move(reply.body),
            {}});
  });
}

void take(ApiContext& c, Actor const& actor, Request const& request, RequestTakeBody& body, Answer const& answer) {
  static constexpr std::string_view kChannels[] = {"hotline", "counter", "letter", "paper", "app"};
  if (std::find(std::begin(kChannels), std::end(kChannels), body.channel.value) == std::end(kChannels))
    return answer(problem(
        Error(ErrorCode::http_field, {{"path", "/channel"}, {"why", "hotline, counter, letter, paper, app"}}).at_path("/channel"),
        request));
  Instant const now = c.installation.clock.now();
  json::Value facts = json::Value::object({{"channel", text_value(body.channel.value)},
                                           {"taken_by", text_value(to_string(actor.id))},
                                           {"taken_by_name", text_value(actor.name)}});
  if (body.received_at && !body.received_at->value.empty()) {
    // Written on paper while the system was down: the limits run from the true moment.
    auto at = parse_instant(body.received_at->value);
    if (!at || at->us > now.us || at->us < now.us - 30 * kMicrosPerDay)
      return answer(problem(
          Error(ErrorCode::http_field, {{"path", "/received_at"},
                                        {"why", "30 天内的时刻，例如 2026-11-13T09:30:00+08:00 / a moment of the last 30 days"}})
              .at_path("/received_at"),
          request));
    facts.set("received_us", json::Value::number(std::to_string(at->us)));
  }
  if (body.paper_number) facts.set("paper_number", text_value(body.paper_number->value));
  json::Value const* phone = body.form.value.find("phone");
  std::optional<SubjectId> caller;
  json::Value const* anonymous = body.form.value.find("anonymous");
  if (phone && phone->kind() == json::Kind::string && PhoneNumber::create(phone->text())) {
    store::Database& database = *c.installation.database;
    if (anonymous && anonymous->kind() == json::Kind::boolean && anonymous->as_bool()) {
      auto found = store::subject_by_phone(database, phone->text());
      if (!found) return answer(problem(found.error(), request));
      caller = *found;
    } else {
      auto found = store::caller_of(database, phone->text(), c.installation.ids->make<SubjectId>());
      if (!found) return answer(problem(found.error(), request));
      caller = *found;
    }
  }
  Actor person;
  person.role = spine::Role::resident;
  person.region_path = actor.region_path;
  person.name = body.caller_name && !body.caller_name->value.empty() ? body.caller_name->value : "来电人";
  person.acts_for = caller ? *caller : c.installation.ids->make<SubjectId>();
  person.id = person.acts_for.bytes();
  spine::Command command;
  command.kind = spine::Command::Kind::submit;
  command.case_type = service_request::kCaseType;
  command.input = std::move(body.form.value);
  command.facts = std::move(facts);
  run_for(c, request, std::move(person), std::move(command), answer);
}

/// What the caller has told before, for the operator who has them on the line. The number comes in the body: it stands in no log.
void caller_before(ApiContext& c, Actor const& actor, Request const& request, CallerBody& body, Answer const& answer) {
  auto const person = store::known_caller(*c.installation.database, body.phone.value);
  if (!person) return answer(problem(person.error(), request));
  CallerView out{person->has_value(), 0, {}};
  if (!*person) return answer(http::ok(out));
  constexpr int kNewest = 20;
  auto rows = store::requests_told_by(*c.installation.database, **person, kNewest);
  if (!rows) return answer(problem(rows.error(), request));
  std::erase_if(*rows,
                [&](RequestRow const& r) { return c.installation.requests->hidden(actor, r) || r.desk != actor.department; });
  if (Status kept = record_looks(c, actor, *rows, "来电时看以前的诉求"); !kept) return answer(problem(kept.error(), request));
  RequestContext const x(c, request);
  for (RequestRow const& r : *rows) {
    out.open += !store::is_over(r.stage) && r.replied_us == 0;
    out.items.push_back(x.item(r));
  }
  answer(http::ok(out));
}

/// Who asks how it was is not who handled it (never.md 2).
bool may_call(Actor const& actor, RequestRow const& row) {
  return row.lead != actor.department || row.owner != to_string(actor.id);
}

void follow_ups(ApiContext& c, Actor const& actor, Request const& request, Answer const& answer) {
  RequestContext const x(c, request);
  if (!x.known) return answer(problem(Error(ErrorCode::spine_not_found, {{"what", "规则 / the rules"}}), request));
  auto const& rules = x.known->rules;
  constexpr int kShown = 200;
  auto due =
      store::requests_to_call(*c.installation.database, actor.department,
                              Instant{x.now.us - rules.follow_up_hours * 3600 * kMicrosPerSecond}, rules.contact_tries, kShown);
  if (!due) return answer(problem(due.error(), request));
  FollowUpList out{rules.follow_up_hours, rules.contact_tries, {}, {}};
  for (auto const& [id, text] : rules.script) out.script.push_back({id, localized(text)});
  for (store::ToCall const& d : *due) {
    if (c.installation.requests->hidden(actor, d.row) || d.row.has(store::kAnonymous)) continue;
    out.items.push_back({x.item(d.row), to_shanghai_string(Instant{d.row.replied_us}), d.row.outcome, d.tries,
                         may_call(actor, d.row), d.row.has(store::kCallOther) ? "concerned" : "teller"});
  }
  answer(http::ok(out));
}

/// Nobody took the call: it is kept, and nothing is rated.
void missed_call(ApiContext& c, Actor const& actor, Request const& request, spine::CaseState const& state, Answer const& answer) {
  Instant const now = c.installation.clock.now();
  Status done = c.installation.database->execute([&](store::Writer& w) -> Status {
    YW_TRY(store::put_call(w.session(), state.id, now, actor.name));
    return record_event(c.installation, w, "request.call_missed", actor,
                        json::Value::object({{"case", text_value(to_string(state.id))}}), now);
  });
  if (!done) return answer(problem(done.error(), request));
  answer(http::ok(RequestTaken{to_string(state.id), static_cast<std::int64_t>(state.revision), state.step,
                               std::string(spine::to_string(state.status)), state.query_code, state.case_number}));
}

void call_back(ApiContext& c, Actor const& actor, Request const& request, RequestCallBody& body, Answer const& answer) {
  auto id = CaseId::parse(request.param("id"));
  RequestContext const x(c, request);
  auto loaded = id ? store::load_case(*c.installation.database, *x.definitions, *id)
                   : Result<std::optional<store::LoadedCase>>(std::optional<store::LoadedCase>{});
  auto row =
      loaded && *loaded ? request_row(c, (*loaded)->row.state) : Result<std::optional<RequestRow>>(std::optional<RequestRow>{});
  if (!row || !*row || c.installation.requests->hidden(actor, **row) || (*row)->desk != actor.department)
    return answer(problem(missing_request(), request));
  spine::CaseState const& state = (*loaded)->row.state;
  std::string const me = to_string(actor.id);
  // The one who handled it does not ask how it was (never.md 2).
  if (std::find(state.took_part.begin(), state.took_part.end(), me) != state.took_part.end() && (*row)->lead == actor.department)
    return answer(problem(Error(ErrorCode::spine_forbidden, {{"action", "follow_up"}}), request));
  if (!body.reached && (*row)->stage == store::RequestStage::answered) return missed_call(c, actor, request, state, answer);
  if (!body.reached || !body.grade)
    return answer(
        problem(Error(ErrorCode::http_field, {{"path", "/grade"}, {"why", "没有回答就不记评价 / no answer is no rating"}})
                    .at_path("/grade"),
                request));
  Actor person;
  person.role = spine::Role::resident;
  person.acts_for = state.applicant;
  person.id = state.applicant.bytes();
  person.name = "诉求人";
  spine::Command command;
  command.kind = spine::Command::Kind::act;
  command.case_id = *id;
  command.action = "rate";
  command.input = json::Value::object({{"grade", json::Value::number(std::to_string(body.grade->value))}});
  if (body.contacted && !body.contacted->value.empty()) command.input.set("contacted", text_value(body.contacted->value));
  if (body.solved && !body.solved->value.empty()) command.input.set("solved", text_value(body.solved->value));
  if (body.comment && !body.comment->value.empty()) command.input.set("comment", text_value(body.comment->value));
  command.facts = json::Value::object(
      {{"by_telephone", json::Value::boolean(true)}, {"taken_by", text_value(me)}, {"taken_by_name", text_value(actor.name)}});
  run_for(c, request, std::move(person), std::move(command), answer);
}

}  // namespace

void add_request_take_routes(http::Router& router, ApiContext& c) {
  router
      .add(commands<RequestTakeBody, RequestTaken>(
          c, "/api/requests", "Take a request on the telephone, at the counter or from paper, in the name of the person",
          of_desk(Action::request_take), take))
      .body_max = 256 << 10;
  router.add(writes<CallerBody, CallerView>(
      c, "/api/requests/caller", "What was told under a telephone number before, for the operator who has the caller on the line",
      of_desk(Action::request_take), caller_before));
  router.add(reads<FollowUpList>(c, "/api/request-follow-ups",
                                 "Answered and not rated: whom the desk calls back, with what is asked",
                                 of_desk(Action::request_take), follow_ups));
  router.add(commands<RequestCallBody, RequestTaken>(c, "/api/requests/{id}/follow-up",
                                                     "What the person said when called back, or that nobody took the call",
                                                     of_desk(Action::request_take), call_back));
}

}  // namespace yiwang::app

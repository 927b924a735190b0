// Checks afterwards (U10, promises, what was to follow, what is looked at again): taken by somebody, the result by name, and,
// where it differs, what a supervisor makes of it. Nothing happens to a certificate by itself (never.md 1).

#include "afterwards.hpp"
#include "requests_view.hpp"
#include "routes.hpp"

namespace yiwang::app {

struct CheckView {
  std::string case_id;
  std::string kind;
  std::string matter;
  std::string matter_name;
  std::string name;
  std::string created;
  std::string due;
  bool late;
  std::optional<std::string> taken_by;
  std::optional<std::string> result;
  std::optional<std::string> note;
  std::optional<std::string> by;
  std::optional<std::string> done;
  std::optional<std::string> verdict;
  std::optional<std::string> verdict_by;
  std::optional<std::string> verdict_note;
  std::vector<std::string> may;
};
struct CheckList {
  std::vector<CheckView> items;
};
struct CheckBody {
  http::Text<6, 7> result;
  http::Text<2, 500> note;
};
struct CheckVerdict {
  http::Text<4, 7> verdict;
  http::Text<5, 500> note;
};
BOOST_DESCRIBE_STRUCT(CheckView, (),
                      (case_id, kind, matter, matter_name, name, created, due, late, taken_by, result, note, by, done, verdict,
                       verdict_by, verdict_note, may))
BOOST_DESCRIBE_STRUCT(CheckList, (), (items))
BOOST_DESCRIBE_STRUCT(CheckBody, (), (result, note))
BOOST_DESCRIBE_STRUCT(CheckVerdict, (), (verdict, note))

}  // namespace yiwang::app

// clang-format off
namespace yiwang::http {
YW_DOCS(app::CheckView, "the case", "sample (one in fifty), pledge (promised in place of proof), later:MATERIAL (to follow), recheck:DAY (looked at again as long as it is granted)", "the matter", "its name", "what is checked", "since when", "until when", "overdue", "who has taken it", "agrees or differs", "what was found", "who has found it", "when", "keep, suspend or revoke", "by whom", "why", "what you may do now: take, finish, judge")
YW_DOCS(app::CheckList, "the most urgent first; closed ones newest first")
YW_DOCS(app::CheckBody, "agrees, or differs: then a supervisor decides about the certificate", "what was found")
YW_DOCS(app::CheckVerdict, "keep, suspend or revoke: of the certificates of the case", "why")
}
// clang-format on

namespace yiwang::app {
namespace {

using http::Answer;
using http::problem;
using http::Request;
using spine::Action;
using spine::Actor;
using store::Check;

CheckView check_view(MatterPack const& pack, Actor const& actor, Check const& one, Instant now) {
  auto filled = [](std::string const& words) { return words.empty() ? std::nullopt : std::optional(words); };
  matter::Matter const* m = pack.catalogue->find(one.matter, shanghai_date(one.created));
  CheckView v{to_string(one.case_id),
              one.kind,
              one.matter,
              m ? m->name : one.matter,
              one.name,
              to_shanghai_string(one.created),
              to_shanghai_string(one.due),
              one.due.us < one.done.value_or(now).us,
              filled(one.taken_name),
              filled(one.result),
              filled(one.note),
              filled(one.by_name),
              {},
              filled(one.verdict),
              filled(one.verdict_name),
              filled(one.verdict_note),
              {}};
  if (one.done) v.done = to_shanghai_string(*one.done);
  bool const free = one.taken_by == IdBytes{} || one.taken_by == actor.id;
  if (actor.tied_to(one.subject)) return v;  // a colleague's to check
  if (!one.done && one.taken_by == IdBytes{}) v.may.push_back("take");
  if (!one.done && free) v.may.push_back("finish");
  if (one.result == "differs" && one.verdict.empty() && actor.role == spine::Role::supervisor && one.by != actor.id)
    v.may.push_back("judge");
  return v;
}

void list_checks(ApiContext& c, Request const& request, Answer const& answer) {
  Actor const actor = actor_of(c, request);
  if (Status may = spine::authorise(actor, Action::matter_check, spine::kDepartment); !may)
    return answer(problem(may.error(), request));
  std::string_view const state = request.argument("state");
  if (!state.empty() && state != "open" && state != "ahead" && state != "differs" && state != "closed")
    return answer(problem(Error(ErrorCode::http_field, {{"path", "state"}, {"why", "open, ahead, differs, closed"}}), request));
  auto const which = state == "differs"  ? store::ChecksOf::differs
                     : state == "closed" ? store::ChecksOf::closed
                                         : store::ChecksOf::open;
  auto found = store::unit_checks(*c.installation.database, actor.department, which, 200);
  if (!found) return answer(problem(found.error(), request));
  MatterPack const pack = c.installation.matters.current();
  Instant const now = c.installation.clock.now();
  CheckList list;
  for (Check const& one : *found) {
    // What is looked at again shows when its time has come; sooner for who has heard that something has changed.
    bool const ahead = !one.done && one.created.us > now.us;
    if (ahead == (state == "ahead")) list.items.push_back(check_view(pack, actor, one, now));
  }
  answer(http::ok(list));
}

/// The check of the path, of one's own unit. Errors: spine.not_found, spine.forbidden, spine.not_signed_in.
Result<Check> check_of(ApiContext& c, Actor const& actor, Request const& request) {
  YW_TRY(spine::authorise(actor, Action::matter_check, spine::kDepartment));
  Error const missing(ErrorCode::spine_not_found, {{"what", "核查 / the check"}});
  auto id = CaseId::parse(request.param("id"));
  if (!id) return fail(missing);
  YW_ASSIGN(auto checks, store::checks_of(*c.installation.database, *id));
  for (Check& one : checks) {
    if (one.kind != request.param("kind") || one.department != actor.department) continue;
    YW_TRY(not_recused(actor, one.subject));
    return std::move(one);
  }
  return fail(missing);
}

/// Why a step on a check was not possible: it is done, or a colleague has it.
Error refused(Check const& one, char const* action) {
  if (one.done) return Error(ErrorCode::spine_too_often, {{"action", action}, {"max", "1"}});
  return Error(ErrorCode::spine_assigned, {{"name", one.taken_name}});
}

void answer_check(ApiContext& c, Request const& request, Answer const& answer, Actor const& actor) {
  auto now = check_of(c, actor, request);
  answer(now ? http::ok(check_view(c.installation.matters.current(), actor, *now, c.installation.clock.now()))
             : problem(now.error(), request));
}

void take_check(ApiContext& c, Request const& request, Answer const& answer) {
  Actor const actor = actor_of(c, request);
  auto one = check_of(c, actor, request);
  if (!one) return answer(problem(one.error(), request));
  auto taken = store::take_check(*c.installation.database, one->case_id, one->kind, actor);
  if (!taken) return answer(problem(taken.error(), request));
  if (!*taken) {
    auto now = check_of(c, actor, request);  // who was quicker
    return answer(problem(refused(now ? *now : *one, "核查"), request));
  }
  answer_check(c, request, answer, actor);
}

/// What stays granted is looked at again when its time has come once more.
Status look_again(Installation& in, store::Session& session, Check const& one) {
  if (!one.kind.starts_with(kRecheck)) return {};
  MatterPack const pack = in.matters.current();
  matter::Matter const* m = pack.catalogue->find(one.matter, shanghai_date(in.clock.now()));
  auto const last = parse_date(std::string_view(one.kind).substr(kRecheck.size()));
  if (m == nullptr || !last) return {};
  return recheck_again(session, one, *m, shanghai_midnight(*last));
}

void finish_check(ApiContext& c, Request const& request, Answer const& answer) {
  Actor const actor = actor_of(c, request);
  auto one = check_of(c, actor, request);
  if (!one) return answer(problem(one.error(), request));
  CheckBody body;
  if (!parse_body(request, body, answer)) return;
  if (body.result.value != "agrees" && body.result.value != "differs")
    return answer(problem(wrong_field("结果 / result", "agrees 或 differs / agrees or differs", "result"), request));
  Installation& in = c.installation;
  Instant const now = in.clock.now();
  Status done = in.database->execute([&](store::Writer& w) -> Status {
    YW_ASSIGN(bool finished,
              store::finish_check(w.session(), one->case_id, one->kind, actor, body.result.value, body.note.value, now));
    if (!finished) return fail(refused(*one, "核查"));
    constexpr std::string_view kLater = "later:";
    if (one->kind.starts_with(kLater)) {
      // What came on paper to the window is received; what did not come at all was not kept.
      auto const state = body.result.value == "agrees" ? store::PromiseState::accepted : store::PromiseState::not_kept;
      for (auto was : {store::PromiseState::awaited, store::PromiseState::sent, store::PromiseState::again}) {
        YW_ASSIGN(bool moved, store::decide_promised(w.session(), one->case_id, one->kind.substr(kLater.size()), was, state,
                                                     actor.name, body.note.value, now));
        if (moved) break;
      }
    }
    if (body.result.value == "agrees") {
      YW_TRY(look_again(in, w.session(), *one));
    }
    return record_event(in, w, "matter.checked", actor,
                        json::Value::object({{"case", json::Value::string(to_string(one->case_id))},
                                             {"kind", json::Value::string(one->kind)},
                                             {"result", json::Value::string(body.result.value)},
                                             {"note", json::Value::string(body.note.value)}}),
                        now);
  });
  if (!done) return answer(problem(done.error(), request));
  Status seen = store::record_access(*in.database, *in.ids, {one->subject, actor, "事后核查：" + one->name, one->case_id}, now);
  if (!seen) return answer(problem(seen.error(), request));
  answer_check(c, request, answer, actor);
}

/// What was paid after the right had ended is another case, with its own hearing and decision. Once for a check, however often
/// the verdict is tried. Errors: those of the command.
Status open_recovery(ApiContext& c, Check const& one, std::string const& why) {
  Installation& in = c.installation;
  MatterPack const pack = in.matters.current();
  Instant const now = in.clock.now();
  matter::Matter const* m = pack.catalogue->find(one.matter, shanghai_date(now));
  if (!one.kind.starts_with(kRecheck) || m == nullptr || m->recheck_opens.empty()) return {};
  YW_ASSIGN(auto subject, in.identity->subject(one.subject));
  store::CommandRequest r;
  r.actor = Actor::system();
  r.actor.acts_for = subject.id;
  r.actor.region_path = subject.region_path;
  r.command.kind = spine::Command::Kind::submit;
  r.command.case_type = m->recheck_opens;
  r.command.name = matter::kStopped;
  r.command.to = subject.kind == store::SubjectKind::enterprise ? "enterprise" : "resident";
  r.command.input = json::Value::object({{"matter", json::Value::string(m->name)}, {"why", json::Value::string(why)}});
  r.command.facts = json::Value::object({{"unit", json::Value::string(one.department)}});
  r.idempotency_key = "stopped:" + to_string(one.case_id) + ":" + one.kind;
  r.request_bytes = r.idempotency_key;
  store::Reply const reply = in.commands->run(std::move(r));
  if (reply.status < 400) return {};
  return fail(wrong_step("没有能开始追回 / the recovery could not begin", m->recheck_opens));
}

/// What becomes of the certificates when a check differs: a supervisor says it, who has not made the check.
void judge_check(ApiContext& c, Request const& request, Answer const& answer) {
  Actor const actor = actor_of(c, request);
  auto one = check_of(c, actor, request);
  if (!one) return answer(problem(one.error(), request));
  std::uint8_t const relation = actor.role == spine::Role::supervisor && one->by != actor.id ? spine::kDepartment : 0;
  if (Status may = spine::authorise(actor, Action::case_command, relation); !may) return answer(problem(may.error(), request));
  CheckVerdict body;
  if (!parse_body(request, body, answer)) return;
  std::string const verdict = body.verdict.value;
  auto const operation = certificate::parse_operation(verdict);
  if (verdict != "keep" && (verdict == "restore" || verdict == "cancel" || !operation))
    return answer(
        problem(wrong_field("处理 / verdict", "keep、suspend 或 revoke / one of keep, suspend, revoke", "verdict"), request));
  Installation& in = c.installation;
  auto held = store::certificates_of(*in.database, one->subject, 200);
  if (!held) return answer(problem(held.error(), request));
  Instant const now = in.clock.now();
  Date const today = shanghai_date(now);
  if (verdict == "revoke" && one->result == "differs" && one->verdict.empty()) {
    if (Status begun = open_recovery(c, *one, body.note.value); !begun) return answer(problem(begun.error(), request));
  }
  Status done = in.database->execute([&](store::Writer& w) -> Status {
    YW_ASSIGN(bool judged, store::judge_check(w.session(), one->case_id, one->kind, actor, verdict, body.note.value, now));
    if (!judged) return fail(wrong_step(one->result.empty() ? "还没有核查 / not checked yet" : one->result, "处理 / judge"));
    for (store::CertificateRow const& row : *held) {
      if (row.case_id != one->case_id || verdict == "keep") continue;
      auto next = certificate::after(state_of(row, today), *operation);
      if (!next)
        return fail(wrong_step(row.why.empty() ? "证照已不在有效状态 / the certificate is not in force" : row.why, verdict));
      YW_TRY(store::change_certificate(w, *in.ids, row, static_cast<std::int64_t>(*next), actor, verdict, body.note.value, now));
      YW_TRY(tell_holder(in, w, row, verdict, body.note.value));
    }
    if (verdict == "keep") {
      YW_TRY(look_again(in, w.session(), *one));
    }
    if (verdict == "revoke" && one->kind == "pledge") {
      YW_ASSIGN(json::Value first, store::first_event(w.session(), one->case_id));
      json::Value const* facts = first.kind() == json::Kind::object ? first.find("facts") : nullptr;
      if (facts != nullptr) {
        YW_TRY(in.matter_system->report_credit(w.session(), one->case_id, *facts, "false_promise", now));
      }
    }
    return record_event(in, w, "matter.check_judged", actor,
                        json::Value::object({{"case", json::Value::string(to_string(one->case_id))},
                                             {"kind", json::Value::string(one->kind)},
                                             {"verdict", json::Value::string(verdict)},
                                             {"note", json::Value::string(body.note.value)}}),
                        now);
  });
  if (!done) return answer(problem(done.error(), request));
  if (in.outbox) in.outbox->wake();
  answer_check(c, request, answer, actor);
}

}  // namespace

void add_check_routes(http::Router& router, ApiContext& c) {
  using http::SchemaOf;
  Routes routes(router, c, "afterwards", "matter_check");
  routes.add(
      "GET", "/api/matter-checks",
      "What one's unit has to check afterwards: samples of automatic approvals, promises, materials that were to follow, what is "
      "looked at again",
      {}, SchemaOf<CheckList>::make(), list_checks,
      {.arguments = {{"state", "open (default), ahead (looked at again later), differs (waits for a supervisor), closed"}}});
  routes.add("POST", "/api/matter-checks/{id}/{kind}", "The result of a check afterwards, by name", SchemaOf<CheckBody>::make(),
             SchemaOf<CheckView>::make(), finish_check);
  routes.add("POST", "/api/matter-checks/{id}/{kind}/take", "Take a check, so that no colleague makes it too", {},
             SchemaOf<CheckView>::make(), take_check);
  routes.add("POST", "/api/matter-checks/{id}/{kind}/verdict",
             "What becomes of the certificates of a case whose check differs: by a supervisor who has not made the check",
             SchemaOf<CheckVerdict>::make(), SchemaOf<CheckView>::make(), judge_check, {.action = "case_command"});
}

}  // namespace yiwang::app

// Materials that follow by promise (容缺): handed in by the applicant, looked at by an officer of the unit, with a reminder
// before the day and a word after it. A machine only reminds and bars further promises for a time; it decides nothing (never.md
// 1).

#include "afterwards.hpp"
#include "applying.hpp"
#include "requests_view.hpp"
#include "routes.hpp"
#include "yiwang/store/requests.hpp"

namespace yiwang::app {

struct PromiseList {
  std::vector<PromiseView> items;
};
struct PromiseBody {
  std::vector<http::Text<64, 64>> files;
};
struct PromiseVerdict {
  bool accepts;
  std::optional<http::Text<2, 500>> reason;
};
BOOST_DESCRIBE_STRUCT(PromiseList, (), (items))
BOOST_DESCRIBE_STRUCT(PromiseBody, (), (files))
BOOST_DESCRIBE_STRUCT(PromiseVerdict, (), (accepts, reason))

}  // namespace yiwang::app

// clang-format off
namespace yiwang::http {
YW_DOCS(app::PromiseList, "what is due first")
YW_DOCS(app::PromiseBody, "files that one has uploaded, 1 to 6")
YW_DOCS(app::PromiseVerdict, "whether it will do", "what is wrong with it; needed when it will not do")
}
// clang-format on

namespace yiwang::app {
namespace {

using http::Answer;
using http::problem;
using http::Request;
using spine::Action;
using spine::Actor;
using store::PromisedMaterial;
using store::PromiseState;

constexpr std::size_t kFilesMax = 6;

json::Value text(std::string_view words) { return json::Value::string(std::string(words)); }

/// What a person reads in the app: the case, and what is to be said about the material.
Status tell(Installation& in, store::Writer& w, PromisedMaterial const& p, store::LoadedCase const& loaded, char const* what,
            std::string const& reason) {
  auto const definitions = in.definitions.snapshot();
  spine::CaseState const& state = loaded.row.state;
  spine::CaseType const* type = definitions->find(state.definition);
  json::Value body = json::Value::object({{"subject", text(to_string(p.subject))},
                                          {"case_id", text(to_string(p.case_id))},
                                          {"query_code", text(state.query_code)},
                                          {"step", text(state.step)}});
  if (type != nullptr)
    body.set("case_type", spine::to_json(type->title)), body.set("step_title", spine::to_json(type->step_title(state.step)));
  body.set("promise", json::Value::object({{"what", text(what)},
                                           {"material", text(p.material)},
                                           {"name", text(p.name)},
                                           {"due", text(to_shanghai_string(p.due))},
                                           {"reason", text(reason)}}));
  return store::put_effect(w.session(), p.case_id, in.ids->next(), "inbox", json::write_canonical(body), in.clock.now());
}

Status recorded(Installation& in, store::Writer& w, char const* type, Actor const& actor, PromisedMaterial const& p,
                std::vector<std::string> const& files, std::string const& reason, Instant now) {
  json::Value list = json::Value::array();
  for (std::string const& hex : files) list.items().push_back(text(hex));
  Actor named = actor;
  if (!actor.is_staff()) named.name.clear();  // who it is stands under the id; names of people stay out of the log
  return record_event(in, w, type, named,
                      json::Value::object({{"case", text(to_string(p.case_id))},
                                           {"material", text(p.material)},
                                           {"files", std::move(list)},
                                           {"reason", text(reason)}}),
                      now);
}

struct PromiseOfCase {
  store::LoadedCase loaded;
  PromisedMaterial promised;
};
/// The promised material of the path, of a case that one may read.
Result<PromiseOfCase> found(ApiContext& c, Actor const& actor, Request const& request) {
  YW_ASSIGN(auto loaded, at_hand(c, actor, request));
  YW_ASSIGN(auto all, store::promised_of(*c.installation.database, loaded.row.state.id));
  for (PromisedMaterial& p : all) {
    if (p.material == request.param("material")) return PromiseOfCase{std::move(loaded), std::move(p)};
  }
  return fail(ErrorCode::spine_not_found, {{"what", "承诺补交的材料 / the promised material"}});
}

void answer_promise(ApiContext& c, Request const& request, Answer const& answer, Actor const& actor, PromiseOfCase const& f) {
  if (c.server != nullptr) {
    std::string const data = "{\"case_id\":\"" + to_string(f.promised.case_id) +
                             "\",\"revision\":" + std::to_string(f.loaded.row.state.revision) + "}";
    c.server->events().publish("dept:" + f.promised.department, "case", data);
    c.server->events().publish("subject:" + to_string(f.promised.subject), "case", data);
  }
  auto now = store::promised_of(*c.installation.database, f.promised.case_id);
  if (!now) return answer(problem(now.error(), request));
  for (PromisedMaterial const& p : *now) {
    if (p.material == f.promised.material) return answer(http::ok(promise_view(c, actor, p)));
  }
}

void own_promises(ApiContext& c, Request const& request, Answer const& answer) {
  Actor const actor = actor_of(c, request);
  if (Status may = spine::authorise(actor, Action::case_list, actor.is_subject() ? spine::kOwn : 0); !may)
    return answer(problem(may.error(), request));
  Installation& in = c.installation;
  auto all = store::promised_of(*in.database, actor.acts_for, in.clock.now());
  if (!all) return answer(problem(all.error(), request));
  auto const guide = in.matters.guide(shanghai_date(in.clock.now()));
  PromiseList list;
  for (PromisedMaterial const& p : *all) {
    matter::Matter const* m = guide->catalogue().find(p.matter, guide->day());
    if (actor.covers_all() || (m != nullptr && actor.covers(m->case_type))) list.items.push_back(promise_view(c, actor, p));
  }
  answer(http::ok(list));
}

void send_promise(ApiContext& c, Request const& request, Answer const& answer) {
  Actor const actor = actor_of(c, request);
  auto f = found(c, actor, request);
  if (!f) return answer(problem(f.error(), request));
  if (Status may = spine::authorise(actor, Action::case_act_applicant, spine::relations(actor, f->loaded.row.state)); !may)
    return answer(problem(may.error(), request));
  PromiseBody body;
  if (!parse_body(request, body, answer)) return;
  if (body.files.empty() || body.files.size() > kFilesMax)
    return answer(problem(wrong_field(f->promised.name, "请上传 1 至 6 个文件 / upload 1 to 6 files", "files"), request));
  std::vector<std::string> files;
  for (auto const& hex : body.files) files.push_back(hex.value);
  Installation& in = c.installation;
  Instant const now = in.clock.now();
  Status done = in.database->execute([&](store::Writer& w) -> Status {
    YW_ASSIGN(bool sent, store::send_promised(w.session(), f->promised, actor.id, files, now));
    if (!sent)
      return fail(wrong_step(
          f->promised.state == PromiseState::accepted ? "已通过 / accepted" : "已提交，等工作人员看 / sent, to be looked at",
          "补交 / send"));
    return recorded(in, w, "matter.material_sent", actor, f->promised, files, "", now);
  });
  if (!done) return answer(problem(done.error(), request));
  answer_promise(c, request, answer, actor, *f);
}

void judge_promise(ApiContext& c, Request const& request, Answer const& answer) {
  Actor const actor = actor_of(c, request);
  auto f = found(c, actor, request);
  if (!f) return answer(problem(f.error(), request));
  PromisedMaterial const& p = f->promised;
  if (Status may = spine::authorise(actor, Action::matter_check, actor.department == p.department ? spine::kDepartment : 0); !may)
    return answer(problem(may.error(), request));
  PromiseVerdict body;
  if (!parse_body(request, body, answer)) return;
  std::string const reason = body.reason ? body.reason->value : "";
  if (!body.accepts && reason.empty())
    return answer(problem(wrong_field("理由 / reason", "请写明哪里不行、要补什么 / say what is wrong and what to send", "reason"),
                          request));
  Installation& in = c.installation;
  Instant const now = in.clock.now();
  std::string const kind = "later:" + p.material;
  auto checks = store::checks_of(*in.database, p.case_id);
  if (!checks) return answer(problem(checks.error(), request));
  auto const open =
      std::find_if(checks->begin(), checks->end(), [&](store::Check const& one) { return one.kind == kind && !one.done; });
  Status done = in.database->execute([&](store::Writer& w) -> Status {
    YW_ASSIGN(bool decided,
              store::decide_promised(w.session(), p.case_id, p.material, PromiseState::sent,
                                     body.accepts ? PromiseState::accepted : PromiseState::again, actor.name, reason, now));
    if (!decided) return fail(wrong_step(std::string(store::to_string(p.state)), "审看 / decide"));
    if (body.accepts && open != checks->end()) {
      YW_ASSIGN(bool finished, store::finish_check(w.session(), p.case_id, kind, actor, "agrees", "已补交 / received", now));
      if (!finished) return fail(ErrorCode::spine_assigned, {{"name", open->taken_name}});
    }
    YW_TRY(
        recorded(in, w, body.accepts ? "matter.material_accepted" : "matter.material_refused", actor, p, p.files, reason, now));
    return tell(in, w, p, f->loaded, body.accepts ? "accepted" : "again", reason);
  });
  if (!done) return answer(problem(done.error(), request));
  in.outbox->wake();
  answer_promise(c, request, answer, actor, *f);
}

void promise_file(ApiContext& c, Request const& request, Answer const& answer) {
  Actor const actor = actor_of(c, request);
  auto f = found(c, actor, request);
  if (!f) return answer(problem(f.error(), request));
  auto const& files = f->promised.files;
  if (std::find(files.begin(), files.end(), request.param("hash")) == files.end())
    return answer(problem(Error(ErrorCode::spine_not_found, {{"what", "附件 / the file"}}), request));
  if (actor.is_staff()) {
    Status looked = store::record_access(*c.installation.database, *c.installation.ids,
                                         {f->promised.subject, actor, "查看补交的材料：" + f->promised.name, f->promised.case_id},
                                         c.installation.clock.now());
    if (!looked) return answer(problem(looked.error(), request));
  }
  answer_file(c, request, request.param("hash"), answer);
}

}  // namespace

PromiseView promise_view(ApiContext& c, Actor const& actor, PromisedMaterial const& p) {
  Installation& in = c.installation;
  Instant const now = in.clock.now();
  MatterPack const pack = in.matters.current();
  matter::Matter const* m = pack.catalogue->find(p.matter, shanghai_date(p.created));
  bool const late = p.late(now);
  auto filled = [](std::string const& words) { return words.empty() ? std::nullopt : std::optional(words); };
  PromiseView v{to_string(p.case_id),
                p.material,
                p.name,
                p.matter,
                m ? m->name : p.matter,
                to_shanghai_string(p.due),
                std::string(store::to_string(p.state)),
                late,
                p.rounds,
                p.files,
                {},
                filled(p.decided_name),
                filled(p.reason),
                {},
                {}};
  if (p.sent) v.sent = to_shanghai_string(*p.sent);
  if (late && p.bar_until.us > now.us) v.barred_until = to_shanghai_string(p.bar_until);
  bool const awaited = p.state != PromiseState::sent && p.state != PromiseState::accepted;
  if (awaited && actor.is_subject() && actor.acts_for == p.subject) v.may.push_back("send");
  if (p.state == PromiseState::sent && actor.is_staff() && actor.department == p.department &&
      spine::allowed(actor.role, Action::matter_check, spine::kDepartment))
    v.may.push_back("decide");
  return v;
}

Status tell_promises(Installation& in) {
  constexpr int kSlice = 100;
  for (;;) {
    Instant const now = in.clock.now();
    YW_ASSIGN(auto due, store::promised_due(*in.database, now, kSlice));
    for (PromisedMaterial const& p : due) {
      YW_ASSIGN(auto loaded, store::load_case(*in.database, *in.definitions.snapshot(), p.case_id));
      bool const over = p.due.us <= now.us;
      bool const say = loaded && p.state != PromiseState::sent && p.state != PromiseState::accepted;
      YW_TRY(in.database->execute([&](store::Writer& w) -> Status {
        YW_ASSIGN(bool fresh, store::promised_said(w.session(), p, over ? std::nullopt : std::optional(p.due)));
        if (!fresh || !say) return {};
        return tell(in, w, p, *loaded, over ? "late" : "soon", "");
      }));
    }
    if (due.size() < kSlice) return {};
  }
}

void add_promise_routes(http::Router& router, ApiContext& c) {
  using http::SchemaOf;
  Routes routes(router, c, "afterwards", "matter_check");
  routes.add("GET", "/api/promises", "Materials that I have promised to send later", {}, SchemaOf<PromiseList>::make(),
             own_promises, {.action = "case_list"});
  routes.add("POST", "/api/cases/{id}/promises/{material}", "Send a promised material", SchemaOf<PromiseBody>::make(),
             SchemaOf<PromiseView>::make(), send_promise, {.action = "case_act_applicant"});
  routes.add("POST", "/api/cases/{id}/promises/{material}/verdict",
             "Accept a material that was sent, or say what is wrong with it", SchemaOf<PromiseVerdict>::make(),
             SchemaOf<PromiseView>::make(), judge_promise);
  routes.add("GET", "/api/cases/{id}/promises/{material}/files/{hash}", "A file of a promised material", {}, {}, promise_file,
             {.action = "case_read"});
}

}  // namespace yiwang::app

#include "sessions.hpp"
#include "yiwang/base/identity_document.hpp"
#include "yiwang/base/personal.hpp"

namespace yiwang::app {

struct SignInBody {
  http::Text<1, 64> login;
  http::Text<1, 200> password;
  std::optional<http::Text<0, 10>> code;
};
struct DelegationView {
  std::string enterprise;
  std::string name;
};
struct SessionView {
  std::string role;
  std::string name;
  std::string login;
  std::optional<std::string> department;
  std::optional<std::string> department_name;
  std::optional<std::string> acting_for;
  std::optional<std::string> self;
  std::optional<std::string> lapsed;
  std::optional<bool> window;
  std::optional<std::vector<std::string>> starts;
  std::string expires_at;
  bool demo;
  std::vector<DelegationView> delegations;
  std::vector<std::string> registers;
};
struct ActForBody {
  http::Text<36, 36> subject;
};
struct ProfileView {
  std::string name;
  std::string id_number_masked;
  std::optional<std::string> id_number;
  std::string phone;
  std::string address;
};
struct AccessView {
  std::string at;
  std::string who;
  std::string department;
  std::string purpose;
  std::optional<std::string> case_id;
};
struct AccessList {
  std::vector<AccessView> items;
};

}  // namespace yiwang::app

// clang-format off
namespace yiwang::app {
BOOST_DESCRIBE_STRUCT(SignInBody, (), (login, password, code))
BOOST_DESCRIBE_STRUCT(DelegationView, (), (enterprise, name))
BOOST_DESCRIBE_STRUCT(SessionView, (), (role, name, login, department, department_name, acting_for, self, lapsed, window, starts, expires_at, demo, delegations, registers))
BOOST_DESCRIBE_STRUCT(ActForBody, (), (subject))
BOOST_DESCRIBE_STRUCT(ProfileView, (), (name, id_number_masked, id_number, phone, address))
BOOST_DESCRIBE_STRUCT(AccessView, (), (at, who, department, purpose, case_id))
BOOST_DESCRIBE_STRUCT(AccessList, (), (items))
}
namespace yiwang::http {
YW_DOCS(app::SignInBody, "the account name", "the password", "staff: the six digits of the second factor")
YW_DOCS(app::DelegationView, "id of the enterprise", "its name")
YW_DOCS(app::SessionView, "resident, enterprise, clerk, supervisor, leader, data_admin, designer or engineer", "one's own name", "the account name", "staff: id of the unit", "staff: name of the unit", "subjects: the id whose cases are one's own", "subjects: one's own id", "for whom one was acting when the authority ended", "staff: one's unit serves any matter at a window, or begins some for people", "staff: the matters that one's unit begins for people whom it finds in need; absent where it serves any", "when the session ends", "whether this is a demo account", "enterprises one may act for now", "registers that one's unit keeps")
YW_DOCS(app::ActForBody, "oneself or an enterprise with a delegation in force")
YW_DOCS(app::ProfileView, "one's own name", "the citizen number or credit code, masked", "in full, when one asks for it about oneself", "telephone", "address")
YW_DOCS(app::AccessView, "when", "name of the staff member", "unit", "why", "the case that was opened")
YW_DOCS(app::AccessList, "newest first, at most 200")
}
// clang-format on

namespace yiwang::app {
namespace {

using http::Answer;
using http::problem;
using http::Request;
using http::Response;

SessionView view(ApiContext& c, store::SessionInfo const& info) {
  SessionView v{std::string(to_string(info.actor.role)), info.actor.name, info.login, {}, {}, {}, {}, {}, {}, {},
                to_shanghai_string(info.expires),        info.demo,       {},         {}};
  if (info.actor.is_staff()) {
    v.department = info.actor.department;
    if (auto const* unit = c.installation.definitions.snapshot()->current->organisation(info.actor.department))
      v.department_name = unit->name.zh_cn, v.window = unit->window && info.actor.role == spine::Role::clerk;
    if (info.actor.role == spine::Role::clerk && !v.window.value_or(false)) {
      std::vector<std::string> starts;
      for (matter::Matter const* m :
           c.installation.matters.current().catalogue->in_force(shanghai_date(c.installation.clock.now()))) {
        if (std::find(m->started_by.begin(), m->started_by.end(), info.actor.department) != m->started_by.end())
          starts.push_back(m->id);
      }
      if (!starts.empty()) v.window = true, v.starts = std::move(starts);
    }
    for (auto const& [id, reg] : c.installation.matters.current().registers->all()) {
      if (reg.holder == info.actor.department) v.registers.push_back(id);
    }
  } else {
    v.acting_for = to_string(info.actor.acts_for);
    v.self = to_string(info.actor.id);
    if (!info.lapsed.empty()) v.lapsed = info.lapsed;
  }
  for (auto const& d : info.delegations) v.delegations.push_back({to_string(d.enterprise), d.name});
  return v;
}

std::string session_cookie(std::string const& token, bool secure, std::int64_t seconds) {
  return "yw_session=" + token + "; Path=/; HttpOnly; SameSite=Strict; Max-Age=" + std::to_string(seconds) +
         (secure ? "; Secure" : "");
}

}  // namespace

Result<store::SessionInfo> session_of(ApiContext& c, std::string_view token) {
  Installation& in = c.installation;
  YW_ASSIGN(store::SessionInfo info, in.identity->session(token));
  in.persons->fill(info.actor);
  SubjectId const self(info.actor.id);
  Instant const now = in.clock.now();
  for (auto it = info.delegations.begin(); it != info.delegations.end();) {
    std::optional<std::string> since;
    if (it->kind == store::SubjectKind::enterprise) {
      YW_ASSIGN(since, in.persons->replaced(*in.identity, it->enterprise, self, now));
    }
    if (!since) {
      ++it;
      continue;
    }
    if (info.actor.acts_for == it->enterprise) {
      // As with an authority that has run out: told for whom, and nothing is done in anybody's name.
      YW_ASSIGN(store::SubjectRecord person, in.identity->subject(self));
      info.lapsed = it->name;
      info.actor.role = spine::Role::resident;
      info.actor.acts_for = self;
      info.actor.name = person.name;
      info.actor.scope.clear();
    }
    it = info.delegations.erase(it);
  }
  return info;
}

spine::Actor actor_of(ApiContext& c, Request const& request) {
  if (request.session_token.empty()) return {};
  auto info = session_of(c, request.session_token);
  if (info) {
    std::lock_guard lock(c.accounts_mutex);
    if (c.accounts.size() >= 100'000) c.accounts.clear();
    c.accounts.try_emplace(request.session_token, info->login);
  }
  return info ? std::move(info->actor) : spine::Actor{};
}

Status not_recused(spine::Actor const& actor, SubjectId person) {
  if (!actor.tied_to(person)) return {};
  return fail(spine::recused(actor.ties.front() == person ? spine::Recusal::self : spine::Recusal::relative));
}

std::string account_of(ApiContext& c, std::string const& token) {
  std::lock_guard lock(c.accounts_mutex);
  auto it = c.accounts.find(token);
  return it == c.accounts.end() ? token : it->second;
}

Result<std::vector<std::string>> event_channels(ApiContext& c, Request const& request) {
  YW_ASSIGN(auto info, session_of(c, request.session_token));
  if (info.actor.is_staff()) return std::vector<std::string>{"dept:" + info.actor.department};
  return std::vector<std::string>{"subject:" + to_string(info.actor.acts_for)};
}

void add_session_routes(http::Router& router, ApiContext& c) {
  bool secure = !c.installation.options.loopback;
  router.add({.method = "POST",
              .path = "/api/session",
              .summary = "Sign in",
              .tag = "session",
              .runs = http::Runs::blocking,
              .action = "public",
              .request_schema = http::SchemaOf<SignInBody>::make(),
              .response_schema = http::SchemaOf<SessionView>::make(),
              .arguments = {},
              .handler = [&c, secure](Request const& request, Answer const& answer) {
                SignInBody body;
                if (!parse_body(request, body, answer)) return;
                thread_local store::RandomPool random;
                auto token = c.installation.identity->sign_in(body.login.value, body.password.value,
                                                              body.code ? body.code->value : std::string{}, random.bytes(32));
                if (!token) return answer(problem(token.error(), request));
                auto info = session_of(c, *token);
                if (!info) return answer(problem(info.error(), request));
                Response out = http::ok(view(c, *info));
                out.headers.emplace_back("Set-Cookie",
                                         session_cookie(*token, secure, c.installation.identity->session_seconds()));
                answer(std::move(out));
              }});
  router.add({.method = "GET",
              .path = "/api/session",
              .summary = "Who am I",
              .tag = "session",
              .runs = http::Runs::inline_,
              .action = "session_own",
              .request_schema = {},
              .response_schema = http::SchemaOf<SessionView>::make(),
              .arguments = {},
              .handler = [&c](Request const& request, Answer const& answer) {
                auto info = session_of(c, request.session_token);
                answer(info ? http::ok(view(c, *info)) : problem(info.error(), request));
              }});
  router.add({.method = "DELETE",
              .path = "/api/session",
              .summary = "Sign out",
              .tag = "session",
              .runs = http::Runs::blocking,
              .action = "session_own",
              .request_schema = {},
              .response_schema = {},
              .arguments = {},
              .handler = [&c, secure](Request const& request, Answer const& answer) {
                if (auto info = session_of(c, request.session_token); !info) return answer(problem(info.error(), request));
                if (Status done = c.installation.identity->sign_out(request.session_token); !done)
                  return answer(problem(done.error(), request));
                Response out{204, "", "", {}};
                out.headers.emplace_back("Set-Cookie", session_cookie("", secure, 0));
                answer(std::move(out));
              }});
  router.add({.method = "POST",
              .path = "/api/session/acting-for",
              .summary = "Act for an enterprise, or for oneself again",
              .tag = "session",
              .runs = http::Runs::blocking,
              .action = "session_own",
              .request_schema = http::SchemaOf<ActForBody>::make(),
              .response_schema = http::SchemaOf<SessionView>::make(),
              .arguments = {},
              .handler = [&c](Request const& request, Answer const& answer) {
                ActForBody body;
                if (auto info = session_of(c, request.session_token); !info) return answer(problem(info.error(), request));
                if (!parse_body(request, body, answer)) return;
                auto id = SubjectId::parse(body.subject.value);
                if (!id) return answer(problem(id.error(), request));
                if (Status done = c.installation.identity->act_for(request.session_token, *id); !done)
                  return answer(problem(done.error(), request));
                auto info = session_of(c, request.session_token);
                answer(info ? http::ok(view(c, *info)) : problem(info.error(), request));
              }});
  router.add({.method = "GET",
              .path = "/api/profile",
              .summary = "What government already knows of me, for prefilling",
              .tag = "session",
              .runs = http::Runs::inline_,
              .action = "case_submit",
              .request_schema = {},
              .response_schema = http::SchemaOf<ProfileView>::make(),
              .arguments = {{"full", "any value: one's own number unmasked"}},
              .handler = [&c](Request const& request, Answer const& answer) {
                spine::Actor actor = actor_of(c, request);
                if (Status may = spine::authorise(actor, spine::Action::case_submit, spine::kOwn); !may)
                  return answer(problem(may.error(), request));
                auto subject = c.installation.identity->subject(actor.acts_for);
                if (!subject) return answer(problem(subject.error(), request));
                std::string number = subject->id_number;
                bool const full = !request.argument("full").empty() && actor.covers_all();
                answer(http::ok(ProfileView{subject->name, masked_number(number), full ? std::optional(number) : std::nullopt,
                                            subject->phone, subject->address}));
              }});
  router.add({.method = "GET",
              .path = "/api/accesses",
              .summary = "Who looked at my data",
              .tag = "session",
              .runs = http::Runs::inline_,
              .action = "access_log_read",
              .request_schema = {},
              .response_schema = http::SchemaOf<AccessList>::make(),
              .arguments = {{"case", "only looks at this case"}},
              .handler = [&c](Request const& request, Answer const& answer) {
                spine::Actor actor = actor_of(c, request);
                if (Status may = spine::authorise(actor, spine::Action::access_log_read, spine::kOwn); !may)
                  return answer(problem(may.error(), request));
                if (!actor.covers_all())
                  return answer(problem(Error(ErrorCode::spine_forbidden, {{"action", "access_log_read"}}), request));
                std::string_view const of_case = request.argument("case");
                auto entries = c.installation.identity->accesses(actor.acts_for, of_case.empty() ? 200 : 2000);
                if (!entries) return answer(problem(entries.error(), request));
                auto definitions = c.installation.definitions.snapshot();
                AccessList list;
                for (auto const& e : *entries) {
                  if (!of_case.empty() && to_string(e.case_id) != of_case) continue;
                  auto const* unit = definitions->current->organisation(e.department);
                  list.items.push_back({to_shanghai_string(e.at), e.actor_name,
                                        unit ? unit->name.in(request.language) : e.department, e.purpose,
                                        e.case_id.is_nil() ? std::optional<std::string>{} : to_string(e.case_id)});
                }
                answer(http::ok(list));
              }});
}

}  // namespace yiwang::app

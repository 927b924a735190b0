#include "yiwang/store/identity.hpp"

#include <liboath/oath.h>

#include "queries.hpp"

namespace yiwang::store {
namespace {

constexpr std::int64_t kStepSeconds = 30;

std::string_view view(IdBytes const& id) { return {reinterpret_cast<char const*>(id.data()), id.size()}; }

std::string code_at(std::string_view secret, std::int64_t step) {
  char out[8] = {};
  // liboath wants the moving factor; TOTP is HOTP over the time step.
  int rc = oath_hotp_generate(secret.data(), secret.size(), static_cast<std::uint64_t>(step), 6, false,
                              OATH_HOTP_DYNAMIC_TRUNCATION, out);
  return rc == OATH_OK ? std::string(out) : std::string{};
}

}  // namespace

std::string one_time_code(std::string_view secret, Instant now) {
  return code_at(secret, now.us / kMicrosPerSecond / kStepSeconds);
}

Result<std::string> IdentityService::sign_in(std::string_view login, std::string_view password, std::string_view code,
                                             std::string_view token32) {
  Instant now = clock_.now();
  AccountRecord account;
  int failures = 0;
  std::int64_t locked_until = 0, totp_last = 0;
  YW_TRY(database_.read([&](Session& s) {
    return s.run(queries::account_get, {login}, [&](Row const& row) {
      account.login = login;
      account.kind = static_cast<PersonKind>(row.integer(0));
      std::string_view person = row.bytes(1);
      std::copy(person.begin(), person.end(), account.person.begin());
      account.password = row.text(2);
      account.totp_secret = row.bytes(3);
      account.demo = row.integer(4) != 0;
      failures = static_cast<int>(row.integer(5));
      locked_until = row.integer(6);
      totp_last = row.integer(7);
    });
  }));
  if (locked_until > now.us) {
    return fail(ErrorCode::spine_locked, {{"minutes", std::to_string((locked_until - now.us) / (60 * kMicrosPerSecond) + 1)}});
  }
  // An unknown login costs the same work as a wrong password, so that the two cannot be told apart by time.
  static std::string const kNobody = hash_password("no such account", "0123456789abcdef").value_or(std::string{});
  bool known = !account.login.empty();
  bool right = verify_password(password, known ? account.password : kNobody) && known;
  std::int64_t used_step = totp_last;
  bool code_missing = false;
  if (right && account.kind == PersonKind::staff) {
    code_missing = code.empty();
    bool code_right = false;
    std::int64_t step = now.us / kMicrosPerSecond / kStepSeconds;
    for (std::int64_t s = step - 1; s <= step + 1; ++s) {
      // A code is good for one sign-in.
      if (s > totp_last && equal_constant_time(code_at(account.totp_secret, s), code)) code_right = true, used_step = s;
    }
    right = code_right;
  }
  if (code_missing) return fail(ErrorCode::spine_second_factor);
  if (!right) {
    int left = options_.failures_max - failures - 1;
    if (known) {
      YW_TRY(database_.execute([&](Writer& w) -> Status {
        YW_TRY(w.session().run(queries::account_failed,
                               {login, left <= 0 ? 0 : failures + 1, left <= 0 ? now.us + options_.lock_us : std::int64_t{0}}));
        return {};
      }));
    }
    return fail(ErrorCode::spine_login, {{"left", std::to_string(std::max(known ? left : options_.failures_max - 1, 0))}});
  }
  if (account.demo && !options_.demo_allowed) return fail(ErrorCode::spine_demo_only);
  std::string token = to_base64url(token32);
  Digest token_hash = sm3(token);
  YW_TRY(database_.execute([&](Writer& w) -> Status {
    YW_TRY(w.session().run(queries::account_succeeded, {login, used_step}));
    YW_TRY(w.session().run(queries::session_insert,
                           {Blob{as_view(token_hash)}, login, Blob{view(account.person)}, now.us, now.us + options_.session_us}));
    return {};
  }));
  return token;
}

Result<SessionInfo> IdentityService::session(std::string_view token) {
  Instant now = clock_.now();
  if (token.empty() || token.size() > 64) return fail(ErrorCode::spine_not_signed_in);
  Digest token_hash = sm3(token);
  SessionInfo info;
  bool found = false;
  auto loaded = database_.read([&](Session& s) -> Status {
    IdBytes person{};
    SubjectId acts_for;
    PersonKind kind = PersonKind::subject;
    YW_TRY(s.run(queries::session_get, {Blob{as_view(token_hash)}}, [&](Row const& row) {
      found = row.integer(2) > now.us;
      info.login = row.text(0);
      acts_for = row.id<SubjectId>(1);
      info.expires = Instant{row.integer(2)};
      kind = static_cast<PersonKind>(row.integer(3));
      std::string_view const id = row.bytes(4);
      std::copy_n(id.begin(), std::min(id.size(), person.size()), reinterpret_cast<char*>(person.data()));
      info.demo = row.integer(5) != 0;
      info.actor.role = static_cast<spine::Role>(row.integer(6));
      info.actor.name = row.text(7);
      info.actor.department = row.text(8);
      info.actor.region_path = row.text(9);
    }));
    info.actor.id = person;
    if (!found || kind == PersonKind::staff) return {};
    info.actor.role = spine::Role::resident;
    YW_TRY(s.run(queries::delegation_of_agent, {Blob{view(person)}, now.us}, [&](Row const& row) {
      info.delegations.push_back({row.id<SubjectId>(0), row.string(1), row.string(2), static_cast<SubjectKind>(row.integer(5)),
                                  Instant{row.integer(4)}});
    }));
    info.actor.acts_for = SubjectId(person);
    for (Delegation const& d : info.delegations) {
      if (d.enterprise != acts_for) continue;
      info.actor.acts_for = acts_for;
      info.actor.scope = d.scope;
      if (d.kind == SubjectKind::enterprise) {
        info.actor.role = spine::Role::enterprise;
        info.actor.name = d.name;
      }
    }
    // An authority that has ended since the session chose it no longer counts; who asks in its name is told so.
    if (acts_for != SubjectId(person) && info.actor.acts_for != acts_for) {
      YW_TRY(s.run(queries::subject_get, {acts_for}, [&](Row const& row) { info.lapsed = row.text(1); }));
    }
    return {};
  });
  if (!loaded) return fail(std::move(loaded).error());
  if (!found || info.actor.role == spine::Role::nobody) return fail(ErrorCode::spine_not_signed_in);
  if (info.demo && !options_.demo_allowed) return fail(ErrorCode::spine_demo_only);
  return info;
}

Status IdentityService::sign_out(std::string_view token) {
  Digest token_hash = sm3(token);
  return database_.execute([&](Writer& w) -> Status {
    YW_TRY(w.session().run(queries::session_delete, {Blob{as_view(token_hash)}}));
    return {};
  });
}

Status IdentityService::act_for(std::string_view token, SubjectId subject) {
  YW_ASSIGN(SessionInfo info, session(token));
  bool mine = subject == SubjectId(info.actor.id);
  for (Delegation const& d : info.delegations) mine = mine || d.enterprise == subject;
  if (!info.actor.is_subject() || !mine) return fail(ErrorCode::spine_forbidden, {{"action", "act_for"}});
  Digest token_hash = sm3(token);
  return database_.execute([&](Writer& w) -> Status {
    YW_TRY(w.session().run(queries::session_act_for, {Blob{as_view(token_hash)}, subject}));
    return {};
  });
}

Result<SubjectRecord> IdentityService::subject(SubjectId id) {
  SubjectRecord out;
  bool found = false;
  YW_TRY(database_.read([&](Session& s) {
    return s.run(queries::subject_get, {id}, [&](Row const& row) {
      found = true;
      out = {id,           static_cast<SubjectKind>(row.integer(0)), row.string(1), row.string(2), row.string(3), row.string(4),
             row.string(5)};
    });
  }));
  if (!found) return fail(ErrorCode::spine_not_found, {{"what", "此人 / this person"}});
  return out;
}

Result<std::vector<AccessEntry>> IdentityService::accesses(SubjectId id, int limit) {
  std::vector<AccessEntry> out;
  YW_TRY(database_.read([&](Session& s) {
    return s.run(queries::access_list, {id, limit}, [&](Row const& row) {
      out.push_back({Instant{row.integer(0)}, row.string(1), row.string(2), row.string(3), row.id<CaseId>(4)});
    });
  }));
  return out;
}

Result<std::vector<IdentityService::AccountRow>> IdentityService::accounts(int limit) {
  std::vector<AccountRow> out;
  YW_TRY(database_.read([&](Session& s) {
    return s.run(queries::account_list, {limit}, [&](Row const& row) {
      out.push_back(
          {row.string(0), static_cast<PersonKind>(row.integer(1)), row.integer(2) != 0, row.integer(4) > clock_.now().us});
    });
  }));
  return out;
}

Status IdentityService::set_password(std::string_view login, std::string_view phc) {
  return database_.execute([&](Writer& w) -> Status {
    YW_ASSIGN(std::int64_t changed, w.session().run(queries::account_password, {login, phc}));
    if (changed != 1) return fail(ErrorCode::spine_not_found, {{"what", "这个账号 / this account"}});
    YW_TRY(w.session().run(queries::session_delete_login, {login}));
    return {};
  });
}

Status IdentityService::lock(std::string_view login, bool locked) {
  return database_.execute([&](Writer& w) -> Status {
    // Locked by a person: until a person unlocks it.
    std::int64_t until = locked ? std::numeric_limits<std::int64_t>::max() / 2 : 0;
    YW_ASSIGN(std::int64_t changed, w.session().run(queries::account_lock, {login, until}));
    if (changed != 1) return fail(ErrorCode::spine_not_found, {{"what", "这个账号 / this account"}});
    if (locked) {
      YW_TRY(w.session().run(queries::session_delete_login, {login}));
    }
    return {};
  });
}

Status IdentityService::move(std::string_view login, std::string_view department, std::string_view region_path) {
  return database_.execute([&](Writer& w) -> Status {
    IdBytes person{};
    bool staff = false;
    YW_TRY(w.session().run(queries::account_get, {login}, [&](Row const& row) {
      staff = static_cast<PersonKind>(row.integer(0)) == PersonKind::staff;
      std::string_view const bytes = row.bytes(1);
      std::copy_n(bytes.begin(), std::min(bytes.size(), person.size()), reinterpret_cast<char*>(person.data()));
    }));
    if (!staff) return fail(ErrorCode::spine_not_found, {{"what", "这个工作人员账号 / this staff account"}});
    YW_TRY(w.session().run(queries::staff_move, {Blob{view(person)}, department, region_path}));
    YW_TRY(w.session().run(queries::session_delete_login, {login}));
    return {};
  });
}

Result<bool> in_office(Session& session, spine::Actor const& actor, Instant now) {
  // Wrong passwords lock an account for minutes; only a lock by a person, which has no end, takes the authority away.
  constexpr std::int64_t kForever = 100 * 366 * kMicrosPerDay;
  bool still = false;
  YW_TRY(session.run(queries::staff_in_office, {Blob{view(actor.id)}, now.us + kForever}, [&](Row const& row) {
    still = static_cast<spine::Role>(row.integer(0)) == actor.role && row.text(1) == actor.department && row.integer(2) == 0;
  }));
  return still;
}

Status insert_people(Writer& writer, std::vector<SubjectRecord> const& subjects, std::vector<StaffRecord> const& staff,
                     std::vector<AccountRecord> const& accounts) {
  Session& s = writer.session();
  for (SubjectRecord const& r : subjects) {
    YW_TRY(
        s.run(queries::subject_insert, {r.id, static_cast<int>(r.kind), r.name, r.id_number, r.phone, r.address, r.region_path}));
    YW_ASSIGN(std::int64_t fresh, s.run(queries::claim_insert, {"subject", r.id_number, r.id}));
    if (fresh != 1) return fail(ErrorCode::store_conflict);
  }
  for (StaffRecord const& r : staff) {
    YW_TRY(s.run(queries::staff_insert, {Blob{view(r.id)}, static_cast<int>(r.role), r.name, r.department, r.region_path}));
  }
  for (AccountRecord const& r : accounts) {
    Value secret = r.totp_secret.empty() ? Value(nullptr) : Value(Blob{r.totp_secret});
    YW_TRY(s.run(queries::account_insert,
                 {r.login, static_cast<int>(r.kind), Blob{view(r.person)}, r.password, secret, r.demo ? 1 : 0}));
  }
  return {};
}

Status insert_delegation(Writer& writer, SubjectId enterprise, SubjectId agent, std::string_view scope, Instant from,
                         Instant to) {
  YW_TRY(writer.session().run(queries::delegation_insert, {enterprise, agent, scope, from.us, to.us}));
  return {};
}

}  // namespace yiwang::store

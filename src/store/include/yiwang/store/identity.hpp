#pragma once
// Accounts, sessions, delegations, and who looked at whose data. Tokens and passwords are stored as hashes only.

#include <optional>
#include <string>
#include <vector>

#include "yiwang/spine/identity.hpp"
#include "yiwang/store/commands.hpp"

namespace yiwang::store {

enum class PersonKind : std::uint8_t { subject = 1, staff = 2 };         // stored: never renumber
enum class SubjectKind : std::uint8_t { resident = 1, enterprise = 2 };  // stored: never renumber

struct SubjectRecord {
  SubjectId id;
  SubjectKind kind = SubjectKind::resident;
  std::string name, id_number, phone, address, region_path;
};
struct StaffRecord {
  IdBytes id{};
  spine::Role role = spine::Role::clerk;
  std::string name, department, region_path;
};
struct AccountRecord {
  std::string login;
  PersonKind kind = PersonKind::subject;
  IdBytes person{};
  std::string password;     ///< PHC string
  std::string totp_secret;  ///< raw bytes; empty for subjects
  bool demo = false;
};

struct Delegation {
  SubjectId enterprise;  ///< for whom: an enterprise, or another person
  std::string name;
  std::string scope;
  SubjectKind kind = SubjectKind::enterprise;
  Instant until;
};

struct SessionInfo {
  spine::Actor actor;
  std::string login;
  bool demo = false;
  Instant expires;
  std::vector<Delegation> delegations;
  std::string lapsed;  ///< for whom the session was acting when the authority ended; empty otherwise
};

struct AccessEntry {
  Instant at;
  std::string actor_name, department, purpose;
  CaseId case_id;
};

struct IdentityOptions {
  int failures_max = 5;
  std::int64_t lock_us = 15 * 60 * kMicrosPerSecond;
  std::int64_t session_us = 12 * 3600 * kMicrosPerSecond;
  bool demo_allowed = true;  ///< false when the server listens beyond loopback
};

class IdentityService {
 public:
  IdentityService(Database& database, yiwang::Clock const& clock, IdentityOptions options)
      : database_(database), clock_(clock), options_(options) {}

  /// Checks password and, for staff, the one-time code, and opens a session: its token. Costs tens of milliseconds of CPU.
  /// Errors: spine.login, spine.locked, spine.second_factor, spine.demo_only.
  Result<std::string> sign_in(std::string_view login, std::string_view password, std::string_view code, std::string_view token32);
  /// Errors: spine.not_signed_in.
  Result<SessionInfo> session(std::string_view token);
  Status sign_out(std::string_view token);
  /// Acts for an enterprise from now on (or for oneself again). Errors: spine.forbidden without a delegation in force.
  Status act_for(std::string_view token, SubjectId subject);

  std::int64_t session_seconds() const { return options_.session_us / kMicrosPerSecond; }

  Result<SubjectRecord> subject(SubjectId id);
  Result<std::vector<AccessEntry>> accesses(SubjectId id, int limit);

  struct AccountRow {
    std::string login;
    PersonKind kind = PersonKind::subject;
    bool demo = false, locked = false;
  };
  Result<std::vector<AccountRow>> accounts(int limit);
  /// Sets a password (a PHC string), unlocks, and ends all sessions of the account. Errors: spine.not_found.
  Status set_password(std::string_view login, std::string_view phc);
  /// Locks an account and ends its sessions, or unlocks it. Errors: spine.not_found.
  Status lock(std::string_view login, bool locked);
  /// Another unit from now on; sessions end. Errors: spine.not_found for a login that is nobody of the staff.
  Status move(std::string_view login, std::string_view department, std::string_view region_path);

 private:
  Database& database_;
  yiwang::Clock const& clock_;
  IdentityOptions options_;
};

/// Whether a member of the staff still has the role and unit under which he acts, and is not locked out; asked in the transaction
/// of an act, so that an authority that ends meanwhile ends it.
Result<bool> in_office(Session& session, spine::Actor const& actor, Instant now);

/// The six digits of a one-time code (RFC 6238, SHA-1, 30 s), for `yiwang demo code`.
std::string one_time_code(std::string_view secret, Instant now);

/// Writes people into an empty installation; used by the demo generator and imports.
Status insert_people(Writer& writer, std::vector<SubjectRecord> const& subjects, std::vector<StaffRecord> const& staff,
                     std::vector<AccountRecord> const& accounts);
Status insert_delegation(Writer& writer, SubjectId enterprise, SubjectId agent, std::string_view scope, Instant from, Instant to);

}  // namespace yiwang::store

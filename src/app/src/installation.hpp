#pragma once
// One running installation: database, definitions, people, files, log. Everything that a command or the server needs,
// opened in the right order.

#include <memory>
#include <string>

#include "matters.hpp"
#include "persons.hpp"
#include "request_watch.hpp"
#include "requests_desk.hpp"
#include "yiwang/clock/calendar.hpp"
#include "yiwang/store/commands.hpp"
#include "yiwang/store/files.hpp"
#include "yiwang/store/identity.hpp"
#include "yiwang/store/jobs.hpp"
#include "yiwang/store/machine.hpp"
#include "yiwang/store/matters.hpp"
#include "yiwang/store/outbox.hpp"
#include "yiwang/store/search.hpp"

namespace yiwang::app {

class SystemClock final : public yiwang::Clock {
 public:
  Instant now() const override;
  std::int64_t ahead_us = 0;  ///< of a demo only (demo.clock_ahead_seconds); set before anybody asks
};

struct InstallationOptions {
  std::string data = "var/demo";  ///< folder with database, files and keys
  std::string database;           ///< empty: sqlite:<data>/yiwang.db
  std::string calendars;          ///< folder of further calendar years; may be empty
  std::string pack;               ///< folder of the definition pack; empty: the release already stored
  bool loopback = true;
  std::int64_t training_delay_us = 0;  ///< see RequestDesk
  std::int64_t clock_ahead_us = 0;     ///< lets a demo see what the days bring; refused for any other pack
  store::DatabaseOptions store;
  store::IdentityOptions identity;
};

struct Installation {
  SystemClock clock;
  InstallationOptions options;
  clock::DayTable calendar;
  std::string calendar_hash;              ///< of the texts that it was made from
  std::unique_ptr<RequestDesk> requests;  ///< outlives the database, whose writer asks it
  Matters matters;
  store::Definitions definitions;
  std::unique_ptr<Persons> persons;  ///< as requests
  std::unique_ptr<store::Database> database;
  std::unique_ptr<store::SystemIds> ids;
  std::unique_ptr<store::IdentityService> identity;
  std::unique_ptr<store::FileStore> files;
  std::unique_ptr<store::RootSigner> signer;
  std::unique_ptr<store::CommandService> commands;
  std::unique_ptr<store::Machine> machine;
  std::unique_ptr<MatterSystem> matter_system;
  std::unique_ptr<store::CertificateSigner> certificates;
  /// Set by the server only.
  std::unique_ptr<store::OutboxWorker> outbox;
  std::unique_ptr<store::JobWorker> jobs;
  std::unique_ptr<RequestWatch> watch;
  std::unique_ptr<store::SearchIndex> search;

  static Result<std::unique_ptr<Installation>> open(InstallationOptions options);
  std::string key_file() const { return options.data + "/log-key.pem"; }
};

/// Loads and compiles, once for all who need a part of it; the complaints go to `errors`.
std::shared_ptr<spine::Release const> compile_pack(pack::FileSet const& files, std::vector<Error>& errors,
                                                   MatterPack* matters = nullptr,
                                                   std::shared_ptr<service_request::Knowledge const>* requests = nullptr);
/// Beside the program, or in the source tree it was built from.
std::string find_folder(std::string const& relative);

/// Fills an empty installation with the invented district. `progress` gets (done, total). Errors: store.*.
struct DemoReport {
  std::size_t residents = 0, enterprises = 0, staff = 0, cases = 0, requests = 0, requests_refused = 0;
  std::string why;  ///< the first refusal, if any
  bool already = false;
};
inline constexpr char kDemoPassword[] = "yunhai-demo";
Result<DemoReport> load_demo(Installation& installation, pack::Pack const& pack, bool full);
/// Citizens' requests, with --full a year of them, each event at the time at which it would have happened. Errors: store.*.
Status load_demo_requests(Installation& installation, pack::Pack const& pack, std::vector<store::SubjectRecord> const& subjects,
                          std::vector<store::StaffRecord> const& staff, std::vector<store::AccountRecord> const& accounts,
                          bool full, DemoReport& report);
std::string demo_totp_secret(std::string_view login);

}  // namespace yiwang::app

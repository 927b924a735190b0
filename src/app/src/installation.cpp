#include "installation.hpp"

#include <unistd.h>

#include <chrono>
#include <filesystem>

#include "calendars.hpp"
#include "drafting.hpp"
#include "operations.hpp"
#include "yiwang/clock/json.hpp"
#include "yiwang/http/router.hpp"
#include "yiwang/service_request/knowledge.hpp"
#include "yiwang/spine/deadline.hpp"

namespace yiwang::app {

namespace fs = std::filesystem;

Instant SystemClock::now() const {
  return {std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::system_clock::now().time_since_epoch()).count() +
          ahead_us};
}

std::shared_ptr<spine::Release const> compile_pack(pack::FileSet const& files, std::vector<Error>& errors, MatterPack* matters,
                                                   std::shared_ptr<service_request::Knowledge const>* requests) {
  pack::LoadResult loaded = pack::load(files);
  errors = std::move(loaded.errors);
  if (!errors.empty()) return nullptr;
  spine::CompileResult compiled = spine::compile(loaded.pack);
  errors = std::move(compiled.errors);
  if (!compiled.release) return nullptr;
  MatterPack made;
  if (!MatterPack::compile(loaded.pack, *compiled.release, made, errors)) return nullptr;
  if (matters != nullptr) *matters = std::move(made);
  auto knowledge = service_request::compile(loaded.pack, *compiled.release, errors);
  if (requests != nullptr) *requests = std::move(knowledge);
  return errors.empty() ? compiled.release : nullptr;
}

std::string find_folder(std::string const& relative) {
  std::error_code ec;
  fs::path program = fs::read_symlink("/proc/self/exe", ec);
  std::vector<fs::path> places{fs::current_path(ec)};
  for (fs::path at = program.parent_path(); !at.empty() && at != at.root_path(); at = at.parent_path()) places.push_back(at);
  for (fs::path const& place : places) {
    if (fs::exists(place / relative, ec)) return (place / relative).string();
  }
  return relative;
}

Result<std::unique_ptr<Installation>> Installation::open(InstallationOptions options) {
  auto out = std::make_unique<Installation>();
  out->options = std::move(options);
  out->clock.ahead_us = out->options.clock_ahead_us;
  std::error_code ec;
  fs::create_directories(out->options.data, ec);
  if (ec) return fail(ErrorCode::base_file, {{"file", out->options.data}, {"why", ec.message()}});
  YW_ASSIGN(Calendars calendars, load_calendars(out->options.calendars));
  out->calendar = std::move(calendars.table);
  out->calendar_hash = std::move(calendars.hash);
  std::string text = out->options.database.empty() ? "sqlite:" + out->options.data + "/yiwang.db" : out->options.database;
  YW_ASSIGN(auto url, store::DatabaseUrl::parse(text));
  YW_ASSIGN(out->database, store::Database::open(url, out->options.store, out->clock.now()));
  out->ids = std::make_unique<store::SystemIds>(out->clock);
  store::IdentityOptions identity = out->options.identity;
  identity.demo_allowed = out->options.loopback;
  out->identity = std::make_unique<store::IdentityService>(*out->database, out->clock, identity);
  out->files = std::make_unique<store::FileStore>(*out->database, out->options.data + "/files");
  YW_ASSIGN(auto key, store::load_or_make_key(out->key_file()));
  out->signer = std::make_unique<store::RootSigner>(*out->database, out->clock, std::move(key));
  out->requests = std::make_unique<RequestDesk>(out->calendar, *out->ids);
  out->persons = std::make_unique<Persons>(out->matters, out->definitions);
  out->requests->training_delay_us = out->options.training_delay_us;
  if (!out->options.pack.empty()) {
    YW_ASSIGN(auto in_folder, pack::read_folder(out->options.pack));
    YW_ASSIGN(auto files, with_published(*out->database, std::move(in_folder)));
    std::vector<Error> errors;
    MatterPack matters;
    std::shared_ptr<service_request::Knowledge const> requests;
    auto release = compile_pack(files, errors, &matters, &requests);
    if (!release) return fail(std::move(errors.front()));
    out->requests->load(std::move(requests), *release);
    out->matters.install(std::move(matters));
    YW_TRY(store::release_pack(*out->database, out->definitions, files, std::move(release), out->clock.now()));
  } else {
    YW_TRY(store::load_releases(out->database->url(), out->definitions));
    if (auto current = out->definitions.snapshot()->current) {
      YW_ASSIGN(pack::FileSet files, store::stored_files(*out->database, current->hash));
      std::vector<Error> errors;
      MatterPack matters;
      std::shared_ptr<service_request::Knowledge const> requests;
      auto release = compile_pack(files, errors, &matters, &requests);
      if (!release) return fail(std::move(errors.front()));
      out->requests->load(std::move(requests), *release);
      out->matters.install(std::move(matters));
    }
  }
  if (out->options.clock_ahead_us != 0) {
    auto const current = out->definitions.snapshot()->current;
    if (!current || !current->demo || !out->options.loopback) {
      return fail(ErrorCode::app_setting,
                  {{"name", "demo.clock_ahead_seconds"},
                   {"why", "只能用于演示定义包，并且只监听本机 / only with a demo pack, and on loopback only"},
                   {"cure", "删去这个设置 / leave it out"}});
    }
  }
  auto* self = out.get();
  out->commands = std::make_unique<store::CommandService>(
      *out->database, out->definitions, out->clock, *out->ids,
      [](std::vector<Error> const& errors) {
        http::Response r = http::problem(errors);
        store::Reply reply{r.status, std::move(r.body)};
        if (errors.front().code() == ErrorCode::spine_throttled) {
          for (auto const& [name, value] : r.headers) {
            if (name == "Retry-After") reply.retry_after = std::max(1, std::atoi(value.c_str()));
          }
        }
        return reply;
      },
      [self](spine::CaseType const& type, spine::CaseState const& state) {
        return spine::case_times(type, state, self->calendar, self->clock.now());
      });
  YW_ASSIGN(auto members, store::unit_members(*out->database));
  YW_ASSIGN(auto amendments, store::duty_amendments(*out->database));
  out->requests->amend(amendments_in_force(amendments));
  out->requests->set_members(members);
  out->commands->systems.push_back(out->persons.get());
  out->commands->systems.push_back(out->requests.get());
  out->matter_system = std::make_unique<MatterSystem>(out->matters, out->definitions, *out->ids, out->calendar);
  out->matter_system->persons = out->persons.get();
  out->matter_system->people = out->identity.get();
  out->commands->systems.push_back(out->matter_system.get());
  YW_ASSIGN(auto modes, store::register_modes(*out->database));
  for (auto const& [id, mode] : modes) out->matters.set_mode(id, static_cast<matter::RegisterMode>(mode));
  YW_TRY(out->persons->refresh(*out->database, out->clock.now()));
  out->certificates = std::make_unique<store::CertificateSigner>(*out->database, out->clock, *out->ids, out->signer->key());
  out->machine = std::make_unique<store::Machine>(*out->database, *out->commands, out->clock, store::MachineOptions{});
  return out;
}

}  // namespace yiwang::app

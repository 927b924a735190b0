#pragma once
// What an administrator of this machine asks for: through the running server's Unix socket, or, when none runs, directly.
// There is never a second writer.

#include <chrono>

#include "installation.hpp"
#include "yiwang/format/json.hpp"
#include "yiwang/store/jobs.hpp"
#include "yiwang/store/outbox.hpp"

namespace yiwang::app {

/// {"do": "pack.reload" | "user.add" | "user.list" | "user.password" | "user.lock" | "user.unlock" | "user.move" | "demo.load",
/// …}. Errors: app.command for what is unknown or incomplete; whatever the work says.
Result<json::Value> administer(Installation& installation, json::Value const& request);

/// Sends to the server that uses this data folder, or opens the installation. Prints the answer; returns the exit code.
int run_administration(std::string const& data, std::string const& database, json::Value const& request);

inline std::string socket_of(std::string const& data) { return data + "/admin.sock"; }

/// Reads, checks and puts a pack into force; a bad one is refused and the old one stays.
Status reload_pack(Installation& installation);

/// The jobs of the program: "export_cases" (a unit's cases as CSV) and "backup".
void add_jobs(store::JobWorker& worker, Installation& installation);
std::string export_file(Installation const& installation, store::JobId id);
/// How long an export waits to be fetched; it can be made again.
inline constexpr std::chrono::hours kExportKept{24};
/// Removes exports that are so old; all of them when somebody has come under protection since they were written.
void drop_exports(Installation const& installation, std::chrono::hours older);

/// Tells applicants what staff did to their case: in-app, and to the webhook when one is configured.
std::vector<store::Effect> notices(spine::CaseType const& type, spine::CaseState const& state, spine::Event const& event,
                                   bool webhook);

}  // namespace yiwang::app

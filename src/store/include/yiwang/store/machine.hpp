#pragma once
// What processes get without a person: due timers, messages of other systems and cases, signals, results of jobs.

#include "yiwang/store/outbox.hpp"

namespace yiwang::store {

/// Work of a service task: the topic's input, and what goes back into the process. May block. An Error becomes an incident
/// of that token, which an engineer can retry.
using ServiceWork = std::function<Result<json::Value>(CaseId, json::Value const& input)>;

struct MachineOptions {
  std::size_t slice = 64;  ///< timers in one go; people's commands get in between
  int poll_ms = 1000;
};

class Machine {
 public:
  Machine(Database& database, CommandService& commands, yiwang::Clock const& clock, MachineOptions options)
      : database_(database), commands_(commands), clock_(clock), options_(options) {}
  ~Machine();
  /// Before start().
  void add(std::string topic, ServiceWork work) { services_[std::move(topic)] = std::move(work); }
  /// The channels of what processes send out.
  void connect(OutboxWorker& outbox);
  void start();
  void stop();
  /// Fires one slice of what is due; how many. For tests, and used by the thread. Errors: store.query.
  Result<std::size_t> fire_due();
  /// Gives up messages that nobody has waited for in time. Errors: store.query.
  Status expire_messages();

 private:
  Status send_message(OutboxItem const& item);
  Status send_signal(OutboxItem const& item);
  Status run_job(OutboxItem const& item);
  Reply system_command(spine::Command command);

  Database& database_;
  CommandService& commands_;
  yiwang::Clock const& clock_;
  MachineOptions options_;
  std::map<std::string, ServiceWork, std::less<>> services_;
  std::mutex mutex_;
  std::condition_variable wake_;
  bool stopping_ = false;
  std::thread thread_;
};

/// The case that people mean by an id or by the eight characters. Errors: spine.not_found, store.query.
Result<CaseId> find_case(Database& database, std::string_view id_or_code);
Result<CaseId> find_case(Session& session, std::string_view id_or_code);
/// The process of a case in words, read beside a running server. Errors: spine.not_found, store.*.
Result<std::string> describe_process(DatabaseUrl const& url, std::string_view id_or_code, Instant now, Language language);

}  // namespace yiwang::store

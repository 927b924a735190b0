#pragma once
// What leaves the house after a commit: messages to people and calls to other systems. A row is written with the command
// that causes it; a worker delivers it at least once, each time under the same key, later and later while it fails, and
// puts it aside for an engineer when it has failed too often.

#include <condition_variable>
#include <map>
#include <mutex>
#include <span>
#include <thread>

#include "yiwang/store/commands.hpp"

namespace yiwang::store {

enum class OutboxStatus : std::uint8_t { waiting = 0, delivered = 1, dead = 2 };  // stored: never renumber

struct OutboxItem {
  CaseId case_id;
  IdBytes id{};  ///< the idempotency key of every try
  std::string kind;
  std::string body;  ///< JSON
  int tries = 0;     ///< of this one included
};

/// A way out. May block; called on the worker's thread. An Error means: try again later.
using Channel = std::function<Status(OutboxItem const&)>;
/// A channel that ends in this database: its work runs in the transaction that marks the item delivered.
using LocalChannel = std::function<Status(Writer&, OutboxItem const&)>;

struct OutboxOptions {
  int tries_max = 10;
  std::int64_t first_wait_us = 2 * kMicrosPerSecond;  ///< doubles with each failure
  std::int64_t wait_max_us = 3600 * kMicrosPerSecond;
  std::int64_t lease_us = 60 * kMicrosPerSecond;  ///< an item whose worker died is taken again after this
  int poll_ms = 200;
};

class OutboxWorker {
 public:
  OutboxWorker(Database& database, yiwang::Clock const& clock, OutboxOptions options)
      : database_(database), clock_(clock), options_(options) {}
  ~OutboxWorker();
  /// Before start(). An item of a kind without a channel is dead at once.
  void add(std::string kind, Channel channel) { channels_[std::move(kind)] = std::move(channel); }
  void add(std::string kind, LocalChannel channel) { local_[std::move(kind)] = std::move(channel); }
  void start();
  /// Looks now instead of at the next poll. Any thread.
  void wake();
  void stop();
  /// One pass: what was due has been tried. Returns how many. For tests, and used by the thread.
  Result<std::size_t> pass();

 private:
  Status deliver_here(std::span<OutboxItem const> items);
  Status finish(OutboxItem const& item, Status sent, bool hopeless);
  Database& database_;
  yiwang::Clock const& clock_;
  OutboxOptions options_;
  std::map<std::string, Channel, std::less<>> channels_;
  std::map<std::string, LocalChannel, std::less<>> local_;
  std::mutex mutex_;
  std::condition_variable wake_;
  bool stopping_ = false, woken_ = false;
  std::thread thread_;
};

struct OutboxRow {
  OutboxItem item;
  Instant due, created;
  std::string why;  ///< of the last failure
};
Result<std::vector<OutboxRow>> outbox_list(Database& database, OutboxStatus status, int limit);
struct OutboxCounts {
  std::int64_t waiting = 0, delivered = 0, dead = 0;
  Instant oldest_waiting;
};
Result<OutboxCounts> outbox_counts(Database& database);
/// Lets a dead item be tried again. Errors: spine.not_found.
Status outbox_retry(Database& database, CaseId case_id, IdBytes const& id, Instant now);

/// An in-app message of a resident or enterprise.
struct Message {
  IdBytes id{};
  Instant at;
  CaseId case_id;
  std::string body;  ///< JSON
  bool read = false;
};
/// Puts a message into the box of its subject: the same item twice is one message. For "inbox" items.
Status deliver_to_inbox(Writer& writer, OutboxItem const& item, Instant now);
Result<std::vector<Message>> messages(Database& database, SubjectId subject, int limit);
Status messages_read(Database& database, SubjectId subject, Instant now);

}  // namespace yiwang::store

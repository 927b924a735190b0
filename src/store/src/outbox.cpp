#include "yiwang/store/outbox.hpp"

#include <iterator>

#include "queries.hpp"

namespace yiwang::store {
namespace {

constexpr int kPage = 64;

std::string_view view(IdBytes const& id) { return {reinterpret_cast<char const*>(id.data()), id.size()}; }
IdBytes id_at(Row const& row, int column) { return row.id<StrongId<struct OutboxTag>>(column).bytes(); }

Status put_status(Writer& w, OutboxItem const& item, OutboxStatus status, std::int64_t due, std::string_view why) {
  YW_TRY(w.session().run(queries::outbox_finish, {item.case_id, Blob{view(item.id)}, static_cast<int>(status), due, why}));
  return {};
}

}  // namespace

OutboxWorker::~OutboxWorker() { stop(); }

void OutboxWorker::start() {
  thread_ = std::thread([this] {
    std::unique_lock lock(mutex_);
    while (!stopping_) {
      lock.unlock();
      auto done = pass();  // a failure of the database shows as lag on /metrics and is tried again
      lock.lock();
      if (done && *done == static_cast<std::size_t>(kPage)) continue;
      wake_.wait_for(lock, std::chrono::milliseconds(options_.poll_ms), [&] { return stopping_ || woken_; });
      woken_ = false;
    }
  });
}

void OutboxWorker::wake() {
  {
    std::lock_guard lock(mutex_);
    woken_ = true;
  }
  wake_.notify_one();
}

void OutboxWorker::stop() {
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  if (thread_.joinable()) thread_.join();
}

Result<std::size_t> OutboxWorker::pass() {
  std::vector<OutboxItem> items;
  Instant now = clock_.now();
  YW_TRY(database_.read([&](Session& s) {
    return s.run(queries::outbox_due, {now.us, kPage}, [&](Row const& row) {
      items.push_back({row.id<CaseId>(0), id_at(row, 1), row.string(2), row.string(3), static_cast<int>(row.integer(4)) + 1});
    });
  }));
  if (items.empty()) return 0;
  std::vector<OutboxItem> leaving, staying;
  for (OutboxItem& item : items) (local_.contains(item.kind) ? staying : leaving).push_back(std::move(item));
  std::size_t const done = items.size();
  // What stays in this database is delivered together. One that cannot be is found when each is tried alone, counted like the
  // others.
  if (!staying.empty() && !deliver_here(staying)) std::move(staying.begin(), staying.end(), std::back_inserter(leaving));
  if (leaving.empty()) return done;
  // Claimed before anything leaves: whoever dies on the way leaves a lease that runs out, not a lost message.
  std::vector<OutboxItem> mine;
  YW_TRY(database_.execute([&](Writer& w) -> Status {
    mine.clear();
    for (OutboxItem const& item : leaving) {
      YW_ASSIGN(std::int64_t claimed,
                w.session().run(queries::outbox_claim, {item.case_id, Blob{view(item.id)}, now.us + options_.lease_us, now.us}));
      if (claimed == 1) mine.push_back(item);
    }
    return {};
  }));
  for (OutboxItem const& item : mine) {
    {
      std::lock_guard lock(mutex_);
      if (stopping_) break;
    }
    bool const local = local_.contains(item.kind);
    auto channel = channels_.find(item.kind);
    bool const known = local || channel != channels_.end();
    Status sent = local   ? deliver_here({&item, 1})
                  : known ? channel->second(item)
                          : fail(ErrorCode::store_channel, {{"kind", item.kind}});
    if (local && sent) continue;
    YW_TRY(finish(item, std::move(sent), !known));
  }
  return done;
}

/// All of them or none.
Status OutboxWorker::deliver_here(std::span<OutboxItem const> items) {
  return database_.execute_ahead([&](Writer& w) -> Status {
    for (OutboxItem const& item : items) {
      YW_TRY(local_.find(item.kind)->second(w, item));
      YW_TRY(put_status(w, item, OutboxStatus::delivered, 0, ""));
    }
    return {};
  });
}

/// Writes down what became of an item: delivered, again later, or dead.
Status OutboxWorker::finish(OutboxItem const& item, Status sent, bool hopeless) {
  std::string why = sent ? std::string{} : sent.error().line(Language::en);
  std::int64_t wait = options_.first_wait_us;
  for (int i = 1; i < item.tries && wait < options_.wait_max_us; ++i) wait *= 2;
  OutboxStatus status = sent                                           ? OutboxStatus::delivered
                        : hopeless || item.tries >= options_.tries_max ? OutboxStatus::dead
                                                                       : OutboxStatus::waiting;
  std::int64_t due = clock_.now().us + std::min(wait, options_.wait_max_us);
  return database_.execute_ahead(
      [&](Writer& w) { return put_status(w, item, status, due, std::string_view(why).substr(0, 500)); });
}

Result<std::vector<OutboxRow>> outbox_list(Database& database, OutboxStatus status, int limit) {
  std::vector<OutboxRow> out;
  YW_TRY(database.read([&](Session& s) {
    return s.run(queries::outbox_list, {static_cast<int>(status), limit}, [&](Row const& row) {
      OutboxRow r;
      r.item = {row.id<CaseId>(0), id_at(row, 1), row.string(2), {}, static_cast<int>(row.integer(4))};
      r.due = Instant{row.integer(5)};
      r.created = Instant{row.integer(6)};
      r.why = row.string(7);
      out.push_back(std::move(r));
    });
  }));
  return out;
}

Result<OutboxCounts> outbox_counts(Database& database) {
  OutboxCounts out;
  YW_TRY(database.read([&](Session& s) {
    return s.run(queries::outbox_counts, {}, [&](Row const& row) {
      switch (static_cast<OutboxStatus>(row.integer(0))) {
        case OutboxStatus::waiting:
          out.waiting = row.integer(1);
          out.oldest_waiting = Instant{row.integer(2)};
          break;
        case OutboxStatus::delivered: out.delivered = row.integer(1); break;
        case OutboxStatus::dead: out.dead = row.integer(1); break;
      }
    });
  }));
  return out;
}

Status outbox_retry(Database& database, CaseId case_id, IdBytes const& id, Instant now) {
  return database.execute([&](Writer& w) -> Status {
    YW_ASSIGN(std::int64_t changed, w.session().run(queries::outbox_retry, {case_id, Blob{view(id)}, now.us}));
    if (changed != 1) return fail(ErrorCode::spine_not_found, {{"what", "这条待投递消息 / this item"}});
    return {};
  });
}

Status deliver_to_inbox(Writer& writer, OutboxItem const& item, Instant now) {
  YW_ASSIGN(json::Value body, json::parse(item.body));
  json::Value const* to = body.find("subject");
  YW_ASSIGN(SubjectId subject, SubjectId::parse(to ? std::string_view(to->text()) : std::string_view{}));
  YW_TRY(writer.session().run(queries::message_insert, {subject, Blob{view(item.id)}, now.us, item.case_id, item.body}));
  return {};
}

Result<std::vector<Message>> messages(Database& database, SubjectId subject, int limit) {
  std::vector<Message> out;
  YW_TRY(database.read([&](Session& s) {
    return s.run(queries::message_list, {subject, limit}, [&](Row const& row) {
      out.push_back({id_at(row, 0), Instant{row.integer(1)}, row.id<CaseId>(2), row.string(3), !row.is_null(4)});
    });
  }));
  return out;
}

Status messages_read(Database& database, SubjectId subject, Instant now) {
  return database.execute([&](Writer& w) -> Status {
    YW_TRY(w.session().run(queries::message_read, {subject, now.us}));
    return {};
  });
}

}  // namespace yiwang::store

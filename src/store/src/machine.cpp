#include "yiwang/store/machine.hpp"

#include <latch>

#include "case_rows.hpp"
#include "queries.hpp"

namespace yiwang::store {
namespace {

constexpr std::int64_t kMessageKept = 30 * 24 * 3600 * kMicrosPerSecond;  ///< of a message that a process sends to another case

std::string text_of(json::Value const& v, std::string_view key) {
  json::Value const* child = v.find(key);
  return child && (child->kind() == json::Kind::string || child->kind() == json::Kind::number) ? child->text() : std::string{};
}

}  // namespace

Machine::~Machine() { stop(); }

Reply Machine::system_command(spine::Command command) {
  CommandRequest request;
  request.actor = spine::Actor::system();
  request.command = std::move(command);
  return commands_.run(std::move(request));
}

Result<std::size_t> Machine::fire_due() {
  struct Due {
    CaseId case_id;
    std::int64_t number;
  };
  std::vector<Due> due;
  std::int64_t const now = clock_.now().us;
  YW_TRY(database_.read([&](Session& s) {
    return s.run(queries::timer_due, {now, static_cast<std::int64_t>(options_.slice)}, [&](Row const& row) {
      due.push_back({row.id<CaseId>(0), row.integer(1)});
    });
  }));
  if (due.empty()) return std::size_t{0};
  std::latch all(static_cast<std::ptrdiff_t>(due.size()));
  for (Due const& timer : due) {
    CommandRequest request;
    request.actor = spine::Actor::system();
    request.command.case_id = timer.case_id;
    if (timer.number == kClockTimer) {
      request.command.kind = spine::Command::Kind::time_out;
    } else {
      request.command.kind = spine::Command::Kind::timer;
      request.command.task = static_cast<bpmn::Id>(timer.number);
    }
    // A refusal means that somebody was quicker; a busy store, that it is tried again with the next slice.
    commands_.execute(std::move(request), [&all](Reply) { all.count_down(); });
  }
  all.wait();
  return due.size();
}

Status Machine::expire_messages() {
  return database_.execute([now = clock_.now().us](Writer& w) -> Status {
    YW_TRY(w.session().run(queries::case_message_expire, {now}));
    return {};
  });
}

Status Machine::send_message(OutboxItem const& item) {
  YW_ASSIGN(json::Value record, json::parse(item.body));
  json::Value const* data = record.find("data");
  CommandRequest request;
  request.actor = spine::Actor::system();
  request.command.kind = spine::Command::Kind::message;
  request.command.name = text_of(record, "name");
  YW_ASSIGN(request.command.case_id, find_case(database_, data ? text_of(*data, "correlation") : std::string{}));
  if (json::Value const* payload = data ? data->find("payload") : nullptr) request.command.input = *payload;
  request.message_id = "process:" + yiwang::to_string(item.id);
  request.expires = Instant{clock_.now().us + kMessageKept};
  Reply const reply = commands_.run(std::move(request));
  if (reply.status >= 400) return fail(ErrorCode::store_delivery, {{"why", reply.body}});
  return {};
}

Status Machine::send_signal(OutboxItem const& item) {
  YW_ASSIGN(json::Value record, json::parse(item.body));
  std::string const name = text_of(record, "name");
  CaseId after{};
  for (;;) {
    std::vector<CaseId> page;
    YW_TRY(database_.read([&](Session& s) {
      return s.run(queries::signal_cases, {name, after, 256}, [&](Row const& row) { page.push_back(row.id<CaseId>(0)); });
    }));
    if (page.empty()) return {};
    for (CaseId id : page) {
      if (id == item.case_id) continue;  // within one case the engine has already offered it
      CommandRequest request;
      request.actor = spine::Actor::system();
      request.command.kind = spine::Command::Kind::signal;
      request.command.case_id = id;
      request.command.name = name;
      // When a later case fails and the signal comes again, those that have had it do not get it twice.
      request.idempotency_key = request.request_bytes = "signal:" + yiwang::to_string(item.id) + ":" + to_string(id);
      Reply const reply = commands_.run(std::move(request));
      if (reply.status >= 500) return fail(ErrorCode::store_delivery, {{"why", reply.body}});
    }
    after = page.back();
  }
}

Status Machine::run_job(OutboxItem const& item) {
  YW_ASSIGN(json::Value record, json::parse(item.body));
  spine::Command command;
  command.kind = spine::Command::Kind::job;
  command.case_id = item.case_id;
  command.task = static_cast<bpmn::Id>(std::strtoull(text_of(record, "id").c_str(), nullptr, 10));
  std::string const topic = text_of(record, "name");
  auto service = services_.find(topic);
  if (service == services_.end()) {
    command.node = "fail";
    command.reason = "没有“" + topic + "”这项服务 / there is no service '" + topic + "'";
  } else {
    json::Value const* input = record.find("data");
    auto result = service->second(item.case_id, input ? *input : json::Value{});
    if (result) {
      command.input = std::move(*result);
    } else if (item.tries < 3) {
      return fail(std::move(result).error());
    } else {
      command.node = "fail";
      command.reason = result.error().line();
    }
  }
  Reply const reply = system_command(std::move(command));
  if (reply.status >= 500) return fail(ErrorCode::store_delivery, {{"why", reply.body}});
  return {};  // a refusal: the token has gone another way meanwhile
}

void Machine::connect(OutboxWorker& outbox) {
  outbox.add(kProcessMessage, Channel([this](OutboxItem const& item) { return send_message(item); }));
  outbox.add(kProcessSignal, Channel([this](OutboxItem const& item) { return send_signal(item); }));
  outbox.add(kProcessJob, Channel([this](OutboxItem const& item) { return run_job(item); }));
}

void Machine::start() {
  thread_ = std::thread([this] {
    std::int64_t next_expiry = 0;
    for (;;) {
      auto fired = fire_due();
      bool const more = fired && *fired == options_.slice;
      if (std::int64_t now = clock_.now().us; now >= next_expiry) {
        Status expired = expire_messages();
        static_cast<void>(expired);  // tried again in a minute
        next_expiry = now + 60 * kMicrosPerSecond;
      }
      std::unique_lock lock(mutex_);
      if (more) {
        if (stopping_) return;
        continue;
      }
      if (wake_.wait_for(lock, std::chrono::milliseconds(options_.poll_ms), [this] { return stopping_; })) return;
    }
  });
}

void Machine::stop() {
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  if (thread_.joinable()) thread_.join();
}

Result<CaseId> find_case(Session& session, std::string_view id_or_code) {
  if (auto id = CaseId::parse(id_or_code)) return *id;
  std::string code;
  for (char c : id_or_code) {
    if (c != ' ' && c != '-') code += c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  }
  std::optional<CaseId> found;
  if (code.size() == 8) {
    YW_TRY(session.run(queries::case_by_code, {code}, [&](Row const& row) { found = row.id<CaseId>(0); }));
  }
  if (!found) return fail(ErrorCode::spine_not_found, {{"what", "这件事 / this case"}});
  return *found;
}

Result<CaseId> find_case(Database& database, std::string_view id_or_code) {
  return database.read([&](Session& s) { return find_case(s, id_or_code); });
}

Result<std::string> describe_process(DatabaseUrl const& url, std::string_view id_or_code, Instant now, Language language) {
  YW_ASSIGN(auto session, open_session(url, {}));
  YW_ASSIGN(CaseId id, find_case(*session, id_or_code));
  Definitions definitions;
  YW_TRY(load_releases(url, definitions));
  std::string head, process;
  YW_TRY(session->run(queries::case_state, {id}, [&](Row const& row) {
    head = row.text(0);
    if (!row.is_null(1)) process = row.text(1);
  }));
  if (head.empty() || process.empty())
    return fail(ErrorCode::spine_not_found, {{"what", "这件事的流程 / the process of this case"}});
  YW_ASSIGN(spine::CaseState state, spine::parse_case_state(id, head));
  spine::CaseType const* type = definitions.snapshot()->find(state.definition);
  if (type == nullptr) return fail(ErrorCode::spine_unknown_case_type, {{"id", state.definition}});
  YW_TRY(spine::parse_process(*type, process, state));
  return state.query_code + " " + state.case_number + "\n" + spine::describe(*type, state, now, language);
}

}  // namespace yiwang::store

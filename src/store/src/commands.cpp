#include "yiwang/store/commands.hpp"

#include <openssl/rand.h>
#include <pthread.h>

#include "early_cases.hpp"
#include "hot_cases.hpp"
#include "known_keys.hpp"
#include "queries.hpp"
#include "yiwang/base/personal.hpp"
#include "yiwang/spine/models_in_force.hpp"

namespace yiwang::store {

namespace {
constexpr std::size_t kHotBytes = 16u << 20;  // of texts; the states beside them take about four times as much
}

void RandomPool::fill(char* out, std::size_t n) {
  for (std::size_t i = 0; i < n; ++i) {
    if (used_ == buffer_.size()) {
      if (source_) {
        source_(buffer_.data(), buffer_.size());
      } else {
        int ok = RAND_bytes(buffer_.data(), static_cast<int>(buffer_.size()));
        YW_ASSERT(ok == 1);
      }
      used_ = 0;
    }
    out[i] = static_cast<char>(buffer_[used_]);
    buffer_[used_++] = 0;
  }
}

std::string RandomPool::bytes(std::size_t n) {
  std::string out(n, '\0');
  fill(out.data(), n);
  return out;
}

IdBytes SystemIds::next() {
  std::lock_guard lock(mutex_);
  std::int64_t ms = clock_.now().us / 1000;
  if (ms <= last_ms_) {
    ms = last_ms_;
    if (++sequence_ >= 4096) ++ms, sequence_ = 0;
  } else {
    sequence_ = 0;
  }
  last_ms_ = ms;
  std::uint64_t random;
  random_.fill(reinterpret_cast<char*>(&random), sizeof random);
  return uuid_v7(ms, sequence_, random);
}

std::string CommandService::query_code() {
  static constexpr char kAlphabet[] = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ";  // no 0, O, 1, I
  std::string out = random_.bytes(8);
  for (char& c : out) c = kAlphabet[static_cast<unsigned char>(c) % 32];
  return out;
}

// Case number: region (6) + organisation (9) + yyyymmdd + serial (7) + MOD 37,36 check. Serials come in blocks of 1,000 a
// process; gaps are allowed, repeats are not.
Result<std::string> CommandService::next_case_number(Writer& writer, spine::Release const& release, std::string const& department,
                                                     Instant now) {
  constexpr std::int64_t kBlock = 1000;
  std::string date = to_string(shanghai_date(now));
  std::string day = date.substr(0, 4) + date.substr(5, 2) + date.substr(8, 2);
  // A block whose row may have been rolled back is left alone.
  if (serial_day_ != day || serial_next_ == serial_end_ || serial_rollbacks_ != writer.rollbacks()) {
    YW_TRY(writer.session().run(queries::serial_take, {"case:" + day, kBlock},
                                [&](Row const& row) { serial_end_ = row.integer(0); }));
    serial_next_ = serial_end_ - kBlock;
    serial_day_ = day;
    serial_rollbacks_ = writer.rollbacks();
  }
  spine::Organisation const* unit = release.organisation(department);
  std::string code = unit ? unit->code : std::string{};
  code.resize(9, '0');
  std::string number = release.region_code + code + day + fmt::format("{:07}", ++serial_next_);
  return number + mod_37_36_check(number);
}

spine::ProcessPorts& CommandService::ports_of(spine::CaseType const& type) {
  // A business rule task asks the version of its model that is in force today.
  auto models = spine::models_in_force(type, shanghai_date(clock_.now()));
  std::string key = type.hash;
  for (auto const& model : models) key += "|" + model->hash();
  auto& ports = ports_[key];
  if (!ports) {
    ports = std::make_unique<spine::ProcessPorts>();
    for (auto& model : models) ports->add_model(std::move(model));
  }
  return *ports;
}

namespace {

/// The machine's commands reach every case, repairs too; anybody else must be able to read it.
bool may_address(spine::Actor const& actor, spine::Command const& command, spine::CaseState const& state) {
  if (actor.role == spine::Role::system) return true;
  std::uint8_t const relation = spine::relations(actor, state);
  if (spine::recusal(actor, state) != spine::Recusal::none) return true;  // and is told so
  if (spine::allowed(actor.role, spine::Action::case_read, relation)) return true;
  return command.kind == spine::Command::Kind::operate && spine::permission_of(command.action) == spine::Action::case_repair &&
         spine::allowed(actor.role, spine::Action::case_repair, relation | spine::kAny);
}

bool extends_clock(std::vector<spine::Event> const& events) {
  for (spine::Event const& event : events) {
    json::Value const* moved = event.data.find("process");
    if (moved == nullptr) continue;
    for (json::Value const& record : moved->items()) {
      json::Value const *type = record.find("type"), *name = record.find("name");
      if (type && name && type->text() == "clock" && name->text() == "extend") return true;
    }
  }
  return false;
}

/// What a process sends out: messages and signals for other cases, work for the outside.
std::vector<Effect> process_effects(spine::Event const& event) {
  std::vector<Effect> out;
  json::Value const* moved = event.data.find("process");
  if (moved == nullptr) return out;
  for (json::Value const& record : moved->items()) {
    json::Value const* type = record.find("type");
    if (type == nullptr) continue;
    char const* kind = type->text() == "message_sent"  ? kProcessMessage
                       : type->text() == "signal_sent" ? kProcessSignal
                       : type->text() == "job_opened"  ? kProcessJob
                                                       : nullptr;
    if (kind != nullptr) out.push_back({kind, json::write(record)});
  }
  return out;
}

}  // namespace

CommandService::CommandService(Database& database, Definitions const& definitions, yiwang::Clock const& clock, IdSource& ids,
                               RenderErrors render, TimesOf times, RandomPool::Source random)
    : database_(database),
      definitions_(definitions),
      clock_(clock),
      ids_(ids),
      render_(std::move(render)),
      times_(std::move(times)),
      random_(std::move(random)),
      hot_(std::make_unique<HotCases>(kHotBytes)),
      known_(std::make_unique<KnownKeys>()) {
  // Until this is done, or if it fails, each key is looked up.
  learning_ = std::thread([this] {
    pthread_setname_np(pthread_self(), "yw-keys");
    auto const all = database_.read([&](Session& s) {
      return s.run(queries::idempotency_keys, {}, [&](Row const& row) { known_->add(row.bytes(0), row.text(1)); });
    });
    if (all.has_value()) known_->complete();
  });
  if (database_.url().dialect == Dialect::sqlite) early_ = std::make_unique<EarlyCases>(database_, definitions_);
}
CommandService::~CommandService() { learning_.join(); }

/// Null when there is no such case.
Result<CommandService::Standing> CommandService::load(Writer& writer, DefinitionSnapshot const& definitions, CaseId id,
                                                      spine::CaseType const*& type, EarlyCase* early) {
  if (HotCases::Hot hot = hot_->find(id, writer.rollbacks()); hot.state) {
    type = definitions.find(hot.state->definition);
    if (type == nullptr) return fail(ErrorCode::spine_unknown_case_type, {{"id", hot.state->definition}});
    return Standing{std::move(hot.state), std::move(hot.times)};
  }
  std::optional<ReadCase> read;
  if (early != nullptr) read = early->take(writer.rollbacks());
  if (read) {
    ++early_taken_;
  } else {
    YW_ASSIGN(read, read_case(writer.session(), definitions, id));
  }
  if (!read->state) return Standing{};
  type = read->type;
  hot_->put(id, writer.rollbacks(), read->bytes, {read->state, {}});
  return Standing{std::move(read->state), {}};
}

/// Messages that were kept for the case reach it as soon as it waits for them.
Status CommandService::take_messages(Session& session, spine::CaseType const& type, spine::CaseState& after,
                                     spine::Facts const& facts, std::function<Status(spine::Event const&)> const& append) {
  for (int round = 0; round < 16; ++round) {
    std::set<std::string> const names = spine::waits_for(type, after, false);
    if (names.empty()) return {};
    struct Kept {
      std::string id, name, detail, body;
    };
    std::vector<Kept> kept;
    YW_TRY(session.run(queries::case_message_kept, {after.id, facts.now.us}, [&](Row const& row) {
      kept.push_back({row.string(0), row.string(1), row.string(2), row.string(3)});
    }));
    bool took = false;
    for (Kept const& message : kept) {
      if (!names.contains(message.name)) continue;
      spine::Command command;
      command.kind = spine::Command::Kind::message;
      command.case_id = after.id;
      command.name = message.name;
      command.reason = message.detail;
      YW_ASSIGN(command.input, json::parse(message.body));
      auto decision = spine::decide(type, &after, command, spine::Actor::system(), facts);
      if (!decision.errors.empty()) continue;  // another part of the process waits for it: it is kept
      YW_TRY(session.run(queries::case_message_taken, {after.id, message.id}));
      for (spine::Event const& event : decision.value) {
        YW_TRY(append(event));
      }
      took = true;
      break;  // what the process waits for has changed
    }
    if (!took) return {};
  }
  return {};
}

Status CommandService::due_rules(Session& session, spine::CaseType const& type, spine::CaseState const& state,
                                 spine::CaseTimes const& times, spine::Facts& facts) {
  if (state.status == spine::CaseStatus::concluded) return {};
  for (spine::TimeOutAt const& one : times.time_outs) {
    spine::TimeOutRule const& rule = type.time_outs[one.rule];
    auto acted = state.timed_out.find(rule.id);
    if (one.at.us > facts.now.us || (acted != state.timed_out.end() && acted->second.us == one.due.us)) continue;
    spine::DueRule due{one.rule, one.due, {}};
    for (std::string const& who : rule.to) {
      std::size_t const at = who.find('@');
      auto const role = spine::parse_role(who.substr(0, at));
      if (!role) continue;
      std::string const unit = at == std::string::npos ? state.department : who.substr(at + 1);
      YW_TRY(session.run(queries::staff_of_department, {unit}, [&](Row const& row) {
        if (row.integer(1) != static_cast<std::int64_t>(*role)) return;
        spine::Actor person;
        person.role = *role;
        person.name = row.text(2);
        person.department = unit;
        std::string_view const id = row.bytes(0);
        if (id.size() == person.id.size()) std::copy(id.begin(), id.end(), reinterpret_cast<char*>(person.id.data()));
        due.to.push_back(std::move(person));
      }));
    }
    facts.due_rules.push_back(std::move(due));
  }
  return {};
}

Status CommandService::work(Writer& writer, Running& running) {
  using spine::Command;
  CommandRequest const& request = running.request;
  Reply& reply = running.reply;
  Change& change = running.change;
  Session& session = writer.session();
  spine::Actor const& actor = request.actor;
  Command const& command = request.command;
  Instant now = clock_.now();
  std::string_view actor_key{reinterpret_cast<char const*>(actor.id.data()), actor.id.size()};
  Digest const& request_hash = running.request_hash;

  if (early_) early_->stands(writer.rollbacks());

  // 1. The same key again: the same answer; with another body: refused.
  bool seen = false, same = false;
  bool const once = !request.idempotency_key.empty();  // the machine's own commands are refused by the state when they repeat
  if (once && known_->may_hold(actor_key, request.idempotency_key)) {
    YW_TRY(session.run(queries::idempotency_get, {Blob{actor_key}, request.idempotency_key}, [&](Row const& row) {
      seen = true;
      // Rows of earlier programs hold the SM3 sum.
      same = row.bytes(0) == as_view(request_hash) || row.bytes(0) == as_view(sm3(request.request_bytes));
      reply.status = static_cast<int>(row.integer(1));
      reply.body = row.text(2);
    }));
  }
  if (seen) {
    if (!same) reply = render_({Error(ErrorCode::spine_idempotency)});
    return {};
  }
  auto answer = [&](Reply r) -> Status {
    reply = std::move(r);
    if (once && reply.retry_after == 0) {
      known_->add(actor_key, request.idempotency_key);
      YW_TRY(session.run(queries::idempotency_insert, {Blob{actor_key}, request.idempotency_key, Blob{as_view(request_hash)},
                                                       reply.status, reply.body, now.us}));
    }
    return {};
  };

  // 2. Load; a case that the actor has no relation to is answered like one that does not exist.
  auto definitions = definitions_.snapshot();
  std::shared_ptr<spine::CaseState const> before;
  std::optional<spine::CaseTimes> times;  // as they were before
  spine::CaseType const* type = nullptr;
  if (command.kind == Command::Kind::submit) {
    // A message that begins a case has been authorised where it came in.
    if (Status may = spine::authorise(actor, spine::Action::case_submit, spine::kOwn); !may && actor.role != spine::Role::system)
      return answer(render_({may.error()}));
    auto it = definitions->current->case_types.find(command.case_type);
    if (it == definitions->current->case_types.end()) {
      return answer(render_({Error(ErrorCode::spine_unknown_case_type, {{"id", command.case_type}})}));
    }
    type = it->second.get();
  } else {
    YW_ASSIGN(Standing found, load(writer, *definitions, command.case_id, type, running.early.get()));
    before = std::move(found.state);
    times = std::move(found.times);
    if (!before || !may_address(actor, command, *before)) {
      return answer(
          render_({Error(actor.role == spine::Role::nobody ? ErrorCode::spine_not_signed_in : ErrorCode::spine_not_found,
                         {{"what", "这件事 / this case"}})}));
    }
    if (spine::Recusal const why = spine::recusal(actor, *before); why != spine::Recusal::none)
      return answer(render_({spine::recused(why)}));
    if (!before->process) return fail(ErrorCode::spine_event, {{"why", "the case was made before processes were stored"}});
  }

  // 3. Decide.
  spine::ProcessPorts& ports = ports_of(*type);
  ports.set_now(now);
  spine::Facts facts{now, definitions->current.get(), {}, {}, actor.region_path, &ports, {}, {}};
  if (command.kind == Command::Kind::submit) {
    facts.query_code = query_code();
    YW_ASSIGN(facts.case_number, next_case_number(writer, *definitions->current, type->department, now));
  }
  for (std::string const& person : command.people) {
    auto id = parse_id(person);
    if (!id) continue;
    YW_TRY(session.run(queries::staff_get, {Blob{{reinterpret_cast<char const*>(id->data()), id->size()}}}, [&](Row const& row) {
      spine::Actor found;
      found.role = static_cast<spine::Role>(row.integer(0));
      found.id = *id;
      found.name = row.text(1);
      found.department = row.text(2);
      found.region_path = row.text(3);
      facts.people[person] = std::move(found);
    }));
  }
  spine::Decision<std::vector<spine::Event>> decision;
  if (command.kind == Command::Kind::time_out) {
    YW_ASSIGN(times, times_(*type, *before));
    YW_TRY(due_rules(session, *type, *before, *times, facts));
    if (facts.due_rules.empty()) {
      // The day has moved since the row was written, or the case is over: it waits for the next moment, if there is one.
      if (auto next = next_time_out(*type, *before, *times)) {
        YW_TRY(session.run(queries::timer_put, {command.case_id, kClockTimer, next->us, ""}));
      } else {
        YW_TRY(session.run(queries::timer_delete, {command.case_id, kClockTimer}));
      }
      return answer({200, R"({"message":"not due"})"});
    }
  }
  if (command.kind == Command::Kind::message) {
    // Kept first, under the sender's number: the same message again changes nothing. The process takes it when it waits for it.
    YW_ASSIGN(std::int64_t fresh,
              session.run(queries::case_message_insert, {command.case_id, request.message_id, command.name, command.reason,
                                                         json::write(command.input), now.us, request.expires.us}));
    if (fresh == 0) return answer({200, R"({"message":"known"})"});
  } else {
    std::optional<Command> informed;  // a copy only for those who have a system
    for (System* system : systems) {
      if (!system->concerns(*type)) continue;
      if (!informed) informed = command;
      YW_ASSIGN(std::vector<Error> refused, system->prepare(session, *type, before.get(), actor, *informed, now));
      if (!refused.empty()) return answer(render_(refused));
    }
    decision = spine::decide(*type, before.get(), informed ? *informed : command, actor, facts);
  }
  ports.take_decisions();  // of a refused command
  if (!decision.errors.empty()) {
    if (command.kind == Command::Kind::timer) {
      // The engine knows no such timer any more: the row has nothing to say.
      YW_TRY(session.run(queries::timer_delete, {command.case_id, static_cast<std::int64_t>(command.task)}));
    }
    return answer(render_(decision.errors));
  }

  // More time is granted within what the clock's rule allows: how much, how often, by whom, before it is due.
  if (times_ && before && extends_clock(decision.value)) {
    spine::CaseState trial = *before;
    for (spine::Event const& event : decision.value) {
      YW_TRY(spine::apply(*type, trial, event));
    }
    auto after_it = times_(*type, trial);
    if (!after_it && times_(*type, *before)) return answer(render_({std::move(after_it).error()}));
  }

  // Files that the events bring must have been uploaded by this actor.
  for (spine::Event const& event : decision.value) {
    json::Value const* files = event.data.find("files");
    if (files == nullptr) continue;
    for (json::Value const& file : files->items()) {
      auto hash = from_hex(file.text());
      bool owned = false;
      if (hash) {
        YW_TRY(session.run(queries::file_owned, {Blob{actor_key}, Blob{*hash}}, [&](Row const&) { owned = true; }));
      }
      if (!owned) return answer(render_({Error(ErrorCode::spine_file, {{"file", file.text().substr(0, 12)}})}));
    }
  }

  // 4. Apply and save.
  std::shared_ptr<spine::CaseState const> now_stands;
  spine::CaseState after = before ? *before : spine::CaseState{};
  after.id = command.case_id;
  spine::CaseState const* stands_now = &after;
  auto append = [&](spine::Event const& event) -> Status {
    std::uint64_t revision = after.revision;
    YW_TRY(spine::apply(*type, after, event));
    for (System* system : systems) {
      if (!system->concerns(*type)) continue;
      YW_TRY(system->project(session, *type, after, event));
    }
    if (json::Value const* files = event.data.find("files")) {
      for (json::Value const& file : files->items()) {
        if (auto hash = from_hex(file.text())) {
          YW_TRY(session.run(queries::case_file_put, {Blob{*hash}, after.id}));
        }
      }
    }
    std::vector<Effect> leaving = process_effects(event);
    if (effects) {
      for (Effect& effect : effects(*type, after, event)) leaving.push_back(std::move(effect));
    }
    for (Effect const& effect : leaving) {
      IdBytes id = ids_.next();
      YW_TRY(session.run(queries::outbox_insert,
                         {after.id, Blob{{reinterpret_cast<char const*>(id.data()), 16}}, effect.kind, effect.body, now.us}));
      change.effects = true;
    }
    return writer.append_event(after.id.bytes(), revision, event.type, event.at, spine::to_text(event),
                               random_.bytes(evidence::kSaltBytes));
  };
  for (spine::Event const& event : decision.value) {
    YW_TRY(append(event));
  }
  if (!decision.value.empty() || command.kind == Command::Kind::message) {
    if (!before) {
      // Claimed only now: a refused submission keeps its answer and nothing else. One code in 10^12 is already taken: then
      // the whole command is tried again with another.
      YW_ASSIGN(std::int64_t claimed, session.run(queries::claim_insert, {"query_code", after.query_code, after.id}));
      if (claimed != 1) return fail(ErrorCode::store_conflict);
      YW_TRY(session.run(queries::draft_delete, {Blob{actor_key}, after.applicant, after.case_type}));
    }
    YW_TRY(take_messages(session, *type, after, facts, append));
    if (before && before->revision == after.revision) return answer({202, R"({"message":"kept"})"});
    // What the clock says changes only when it has been told something.
    if (!times || before == nullptr || before->clock.size() != after.clock.size()) {
      auto asked = times_ ? times_(*type, after) : Result<spine::CaseTimes>(spine::CaseTimes{});
      times = asked ? std::move(*asked) : spine::CaseTimes{};
    }
    std::size_t written = 0;
    YW_TRY(save_case(session, *type, before.get(), after, *times, now, &written));
    change = {after.department, after.applicant, after.id, after.revision, true, change.effects};
    auto kept = std::make_shared<spine::CaseState const>(std::move(after));
    hot_->put(kept->id, writer.rollbacks(), written, {kept, std::move(times)});
    now_stands = std::move(kept);
    stands_now = now_stands.get();
  }
  spine::CaseState const& stands = *stands_now;
  json::Value body = json::Value::object({{"case_id", json::Value::string(to_string(stands.id))},
                                          {"revision", json::Value::number(std::to_string(stands.revision))},
                                          {"step", json::Value::string(stands.step)},
                                          {"status", json::Value::string(std::string(spine::to_string(stands.status)))},
                                          {"query_code", json::Value::string(stands.query_code)},
                                          {"case_number", json::Value::string(stands.case_number)}});
  return answer({command.kind == Command::Kind::submit ? 201 : 200, json::write(body)});
}

void CommandService::execute(CommandRequest request, std::function<void(Reply)> done) {
  auto running = std::make_shared<Running>(Running{std::move(request), std::move(done), {}, {}, {}, 0, {}});
  // Here, and not on the writer; no evidence: it only tells whether the same is asked again.
  running->request_hash = sha256(running->request.request_bytes);
  if (running->request.command.kind == spine::Command::Kind::submit && running->request.command.case_id.is_nil()) {
    running->request.command.case_id = ids_.make<CaseId>();
  }
  submit(std::move(running));
}

void CommandService::submit(std::shared_ptr<Running> running) {
  constexpr int kConflictsMax = 3;
  constexpr int kManyWait = 16;  // fewer are decided before anybody else could have read their cases
  CommandRequest const& request = running->request;
  if (running->conflicts == 0 && under_way_.fetch_add(1, std::memory_order_relaxed) >= kManyWait && early_ &&
      request.command.kind != spine::Command::Kind::submit && !hot_->may_hold(request.command.case_id)) {
    running->early = std::make_shared<EarlyCase>(request.command.case_id);
    early_->ask(running->early);
  }
  std::string actor(reinterpret_cast<char const*>(request.actor.id.data()), request.actor.id.size());
  std::vector<ReadAhead> begins_from{{&queries::case_state, {{true, std::string(request.command.case_id.view())}}}};
  if (!request.idempotency_key.empty())
    begins_from.push_back({&queries::idempotency_get, {{true, std::move(actor)}, {false, request.idempotency_key}}});
  auto work_again = [this, running](Writer& w) {
    running->reply = {};
    running->change = {};
    return work(w, *running);
  };
  auto finish = [this, running](Status status) {
    if (!status && status.error().code() == ErrorCode::store_conflict && ++running->conflicts < kConflictsMax)
      return submit(running);
    under_way_.fetch_sub(1, std::memory_order_relaxed);
    if (!status) {
      running->reply = render_({status.error()});
    } else if (running->change.happened) {
      if (on_change) on_change(running->change.department, running->change.case_id, running->change.revision);
      if (running->change.effects && on_effects) on_effects();
      if (on_owner_change) on_owner_change(running->change.owner, running->change.case_id, running->change.revision);
    }
    running->done(std::move(running->reply));
  };
  database_.submit(std::move(work_again), std::move(finish), std::move(begins_from));
}

Reply CommandService::run(CommandRequest request) {
  std::promise<Reply> promise;
  auto result = promise.get_future();
  execute(std::move(request), [&](Reply reply) { promise.set_value(std::move(reply)); });
  return result.get();
}

Status record_access(Database& database, IdSource& ids, Access const& access, Instant now) {
  IdBytes id = ids.next();
  return database.execute_ahead([&](Writer& w) -> Status {
    Value case_id = access.case_id.is_nil() ? Value(nullptr) : Value(access.case_id);
    YW_TRY(w.session().run(queries::access_insert, {access.subject, now.us, Blob{{reinterpret_cast<char const*>(id.data()), 16}},
                                                    Blob{{reinterpret_cast<char const*>(access.actor.id.data()), 16}},
                                                    access.actor.name, access.actor.department, access.purpose, case_id}));
    return {};
  });
}

}  // namespace yiwang::store

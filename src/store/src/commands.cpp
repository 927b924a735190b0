#include "yiwang/store/commands.hpp"

#include <openssl/rand.h>

#include "queries.hpp"
#include "yiwang/base/personal.hpp"

namespace yiwang::store {

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
Result<std::string> CommandService::next_case_number(Writer& writer, spine::Release const& release, std::string const& department, Instant now) {
  constexpr std::int64_t kBlock = 1000;
  std::string date = to_string(shanghai_date(now));
  std::string day = date.substr(0, 4) + date.substr(5, 2) + date.substr(8, 2);
  // A block whose row may have been rolled back is left alone.
  if (serial_day_ != day || serial_next_ == serial_end_ || serial_rollbacks_ != writer.rollbacks()) {
    YW_TRY(writer.session().run(queries::serial_take, {"case:" + day, kBlock}, [&](Row const& row) { serial_end_ = row.integer(0); }));
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

Status CommandService::work(Writer& writer, CommandRequest const& request, Reply& reply, Change& change) {
  using spine::Command;
  Session& session = writer.session();
  spine::Actor const& actor = request.actor;
  Command const& command = request.command;
  Instant now = clock_.now();
  std::string_view actor_key{reinterpret_cast<char const*>(actor.id.data()), actor.id.size()};
  Digest request_hash = sm3(request.request_bytes);

  // 1. The same key again: the same answer; with another body: refused.
  bool seen = false, same = false;
  YW_TRY(session.run(queries::idempotency_get, {Blob{actor_key}, request.idempotency_key}, [&](Row const& row) {
    seen = true;
    same = row.bytes(0) == as_view(request_hash);
    reply.status = static_cast<int>(row.integer(1));
    reply.body = row.text(2);
  }));
  if (seen) {
    if (!same) reply = render_({Error(ErrorCode::spine_idempotency)});
    return {};
  }
  auto answer = [&](Reply r) -> Status {
    reply = std::move(r);
    YW_TRY(session.run(queries::idempotency_insert, {Blob{actor_key}, request.idempotency_key, Blob{as_view(request_hash)}, reply.status, reply.body, now.us}));
    return {};
  };

  // 2. Load; a case that the actor has no relation to is answered like one that does not exist.
  auto definitions = definitions_.snapshot();
  std::optional<spine::CaseState> before;
  spine::CaseType const* type = nullptr;
  if (command.kind == Command::Kind::submit) {
    if (Status may = spine::authorise(actor, spine::Action::case_submit, spine::kOwn); !may) return answer(render_({may.error()}));
    auto it = definitions->current->case_types.find(command.case_type);
    if (it == definitions->current->case_types.end()) {
      return answer(render_({Error(ErrorCode::spine_unknown_case_type, {{"id", command.case_type}})}));
    }
    type = it->second.get();
  } else {
    std::string text;
    YW_TRY(session.run(queries::case_state, {command.case_id}, [&](Row const& row) { text = row.text(0); }));
    if (!text.empty()) {
      YW_ASSIGN(before, spine::parse_case_state(command.case_id, text));
    }
    if (!before || !spine::allowed(actor.role, spine::Action::case_read, spine::relations(actor, *before))) {
      return answer(render_({Error(actor.role == spine::Role::nobody ? ErrorCode::spine_not_signed_in : ErrorCode::spine_not_found, {{"what", "这件事 / this case"}})}));
    }
    type = definitions->find(before->definition);
    if (type == nullptr) return fail(ErrorCode::spine_unknown_case_type, {{"id", before->definition}});
  }

  // 3. Decide.
  spine::Facts facts{now, definitions->current.get(), {}, {}, actor.region_path};
  if (command.kind == Command::Kind::submit) {
    facts.query_code = query_code();
    YW_ASSIGN(facts.case_number, next_case_number(writer, *definitions->current, type->department, now));
  }
  auto decision = spine::decide(*type, spine::step_machine(), before ? &*before : nullptr, command, actor, facts);
  if (!decision.errors.empty()) return answer(render_(decision.errors));

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
  spine::CaseState after = before ? *before : spine::CaseState{};
  after.id = command.case_id;
  for (spine::Event const& event : decision.value) {
    std::uint64_t revision = after.revision;
    YW_TRY(spine::apply(after, event));
    if (effects) {
      for (Effect const& effect : effects(*type, after, event)) {
        IdBytes id = ids_.next();
        YW_TRY(session.run(queries::outbox_insert, {after.id, Blob{{reinterpret_cast<char const*>(id.data()), 16}}, effect.kind, effect.body, now.us}));
        change.effects = true;
      }
    }
    YW_TRY(writer.append_event(after.id.bytes(), revision, event.type, event.at, spine::to_text(event), random_.bytes(evidence::kSaltBytes)));
  }
  if (!decision.value.empty()) {
    std::optional<Instant> due = due_ ? due_(*type, after) : std::nullopt;
    Value due_value = due ? Value(due->us) : Value(nullptr);
    std::string state = json::write_canonical(spine::to_json(after));
    auto status = static_cast<int>(after.status);
    spine::Step const* step = type->step(after.step);
    bool new_task = !before || before->step != after.step || before->action_counts != after.action_counts;
    if (!before) {
      // Claimed only now: a refused submission keeps its answer and nothing else. One code in 10^12 is already taken: then
      // the whole command is tried again with another.
      YW_ASSIGN(std::int64_t claimed, session.run(queries::claim_insert, {"query_code", after.query_code, after.id}));
      if (claimed != 1) return fail(ErrorCode::store_conflict);
      YW_TRY(session.run(queries::case_insert, {after.id, static_cast<std::int64_t>(after.revision), after.case_type, after.department, after.region_path, after.applicant,
                                                status, after.query_code, after.created.us, now.us, due_value, state}));
      YW_TRY(session.run(queries::draft_delete, {Blob{actor_key}, after.applicant, after.case_type}));
      YW_TRY(session.run(queries::visibility_insert, {after.applicant, after.created.us, after.id}));
    } else {
      YW_ASSIGN(std::int64_t changed, session.run(queries::case_update, {after.id, static_cast<std::int64_t>(after.revision), after.department, status, now.us, due_value, state,
                                                                         static_cast<std::int64_t>(before->revision)}));
      if (changed != 1) return fail(ErrorCode::store_conflict);
      if (new_task) {
        YW_TRY(session.run(queries::task_close, {after.id}));
      }
    }
    Value assignee = after.assignee == IdBytes{} ? Value(nullptr) : Value(Blob{{reinterpret_cast<char const*>(after.assignee.data()), 16}});
    if (new_task && step && step->performer != spine::Performer::nobody) {
      YW_TRY(session.run(queries::task_insert, {after.id, static_cast<std::int64_t>(after.revision), after.step, spine::to_string(step->performer), after.department,
                                                after.region_path, assignee, now.us, due_value}));
    } else if (!new_task) {
      YW_TRY(session.run(queries::task_assign, {after.id, assignee, after.department}));
    }
    change = {after.department, after.applicant, after.id, after.revision, true, change.effects};
  }
  json::Value body = json::Value::object({{"case_id", json::Value::string(to_string(after.id))},
                                          {"revision", json::Value::number(std::to_string(after.revision))},
                                          {"step", json::Value::string(after.step)},
                                          {"status", json::Value::string(std::string(spine::to_string(after.status)))},
                                          {"query_code", json::Value::string(after.query_code)},
                                          {"case_number", json::Value::string(after.case_number)}});
  return answer({command.kind == Command::Kind::submit ? 201 : 200, json::write(body)});
}

void CommandService::execute(CommandRequest request, std::function<void(Reply)> done) {
  auto running = std::make_shared<Running>(Running{std::move(request), std::move(done), {}, {}, 0});
  if (running->request.command.kind == spine::Command::Kind::submit && running->request.command.case_id.is_nil()) {
    running->request.command.case_id = ids_.make<CaseId>();
  }
  submit(std::move(running));
}

void CommandService::submit(std::shared_ptr<Running> running) {
  constexpr int kConflictsMax = 3;
  CommandRequest const& request = running->request;
  std::string actor(reinterpret_cast<char const*>(request.actor.id.data()), request.actor.id.size());
  std::vector<ReadAhead> begins_from{{&queries::idempotency_get, {{true, std::move(actor)}, {false, request.idempotency_key}}},
                                     {&queries::case_state, {{true, std::string(request.command.case_id.view())}}}};
  auto work_again = [this, running](Writer& w) {
    running->reply = {};
    running->change = {};
    return work(w, running->request, running->reply, running->change);
  };
  auto finish = [this, running](Status status) {
    if (!status && status.error().code() == ErrorCode::store_conflict && ++running->conflicts < kConflictsMax) return submit(running);
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
  return database.execute([&](Writer& w) -> Status {
    Value case_id = access.case_id.is_nil() ? Value(nullptr) : Value(access.case_id);
    YW_TRY(w.session().run(queries::access_insert, {access.subject, now.us, Blob{{reinterpret_cast<char const*>(id.data()), 16}},
                                                    Blob{{reinterpret_cast<char const*>(access.actor.id.data()), 16}}, access.actor.name, access.actor.department,
                                                    access.purpose, case_id}));
    return {};
  });
}

Result<std::vector<Error>> verify_state(Database& database, std::size_t& cases) {
  std::vector<Error> differences;
  struct Stored {
    CaseId id;
    std::int64_t revision;
    std::string state;
  };
  std::vector<Stored> all;
  YW_TRY(database.read([&](Session& s) {
    return s.run(queries::case_all_ids, {}, [&](Row const& row) { all.push_back({row.id<CaseId>(0), row.integer(1), row.string(2)}); });
  }));
  cases = all.size();
  for (Stored const& stored : all) {
    auto differ = [&](std::string what) { differences.push_back(Error(ErrorCode::store_difference, {{"what", to_string(stored.id) + ": " + what}})); };
    spine::CaseState rebuilt;
    rebuilt.id = stored.id;
    bool erased = false;
    std::vector<std::string> bodies;
    YW_TRY(database.read([&](Session& s) {
      return s.run(queries::event_list, {stored.id}, [&](Row const& row) {
        if (row.is_null(5)) erased = true;
        Digest expected = evidence::payload_hash(HashKind::sm3, row.bytes(4), row.text(5));
        if (!row.is_null(5) && as_view(expected) != row.bytes(3)) differ("event " + std::to_string(row.integer(0)) + " does not match its hash");
        if (row.integer(0) != static_cast<std::int64_t>(bodies.size())) differ("event " + std::to_string(bodies.size()) + " is missing");
        bodies.push_back(row.string(5));
      });
    }));
    if (erased) continue;  // erased by law: the state is all that is left
    for (std::string const& body : bodies) {
      auto event = spine::parse_event(body);
      Status applied = event ? spine::apply(rebuilt, *event) : Status(fail(event.error()));
      if (!applied) differ(applied.error().line());
    }
    json::Value expected = spine::to_json(rebuilt);
    auto found = json::parse(stored.state);
    if (!found) {
      differ("the stored state is not JSON");
      continue;
    }
    for (auto const& [key, value] : expected.members()) {
      json::Value const* there = found->find(key);
      if (there == nullptr || json::write_canonical(*there) != json::write_canonical(value)) differ(key + ": events say " + json::write_canonical(value) + ", stored is " + (there ? json::write_canonical(*there) : "nothing"));
    }
    for (auto const& [key, value] : found->members()) {
      if (expected.find(key) == nullptr) differ(key + ": stored, but no event says so");
    }
    if (stored.revision != static_cast<std::int64_t>(rebuilt.revision)) differ("revision");
  }
  return differences;
}

}  // namespace yiwang::store

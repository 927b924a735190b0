#include "request_watch.hpp"

#include <spdlog/spdlog.h>

#include "requests_json.hpp"
#include "requests_view.hpp"
#include "yiwang/store/views.hpp"

namespace yiwang::app {

using namespace request_json;
using store::Supervision;
using store::Watched;

void RequestWatch::start(std::int64_t seconds) {
  thread_ = std::thread([this, seconds] {
    std::string said;  // the same fault each round is one line
    auto report = [&said](Status const& done) {
      std::string const why = done ? "" : done.error().line(Language::zh_cn);
      auto log = spdlog::get("yiwang");
      if (log && !why.empty() && why != said)
        log->error(json::write(json::Value::object(
            {{"level", string("error")}, {"what", string("the round over requests")}, {"why", string(why)}})));
      said = why;
    };
    std::unique_lock lock(mutex_);
    while (!wake_.wait_for(lock, std::chrono::seconds(seconds), [this] { return stopping_; })) {
      lock.unlock();
      auto const raised = pass();  // what failed is found again in the next round
      Status done = raised ? Status{} : fail(raised.error());
      for (auto const& work : also) {
        if (Status other = work(); !other && done) done = fail(other.error());
      }
      report(done);
      lock.lock();
    }
  });
}

void RequestWatch::stop() {
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  if (thread_.joinable()) thread_.join();
}

Status RequestWatch::raise(char const* rule, std::vector<Watched> const& found, std::size_t& raised) {
  auto const known = in_.requests->knowledge();
  Instant const now = in_.clock.now();
  constexpr std::size_t kSlice = 100;  // people's commands get in between
  for (std::size_t begin = 0; begin < found.size(); begin += kSlice) {
    std::vector<Watched> told;
    YW_TRY(in_.database->execute([&](store::Writer& w) -> Status {
      told.clear();
      for (std::size_t i = begin; i < std::min(begin + kSlice, found.size()); ++i) {
        Watched const& f = found[i];
        Supervision v;
        v.case_id = f.case_id;
        v.rule = rule;
        v.since_us = f.since_us;
        v.unit = f.unit;
        v.desk = f.unit == f.desk ? known->rules.desk_about_itself : f.desk;
        v.opened_us = now.us;
        YW_ASSIGN(bool fresh, store::open_supervision(w.session(), v));
        if (!fresh) continue;
        told.push_back(f);
        told.back().desk = v.desk;
        YW_TRY(record_event(in_, w, "request.alarmed", spine::Actor::system(),
                            json::Value::object({{"case", string(to_string(f.case_id))},
                                                 {"rule", string(rule)},
                                                 {"unit", string(f.unit)},
                                                 {"desk", string(v.desk)},
                                                 {"since", string(to_shanghai_string(Instant{f.since_us}))}}),
                            now));
      }
      return {};
    }));
    raised += told.size();
    for (Watched const& f : told) {
      if (!on_alarm) break;
      on_alarm(f.unit, f.case_id);
      if (f.desk != f.unit) on_alarm(f.desk, f.case_id);
    }
  }
  return {};
}

Status RequestWatch::end_by_itself(char const* rule, std::vector<CaseId> const& ended) {
  if (ended.empty()) return {};
  Instant const now = in_.clock.now();
  return in_.database->execute([&](store::Writer& w) -> Status {
    for (CaseId const& id : ended) {
      Supervision v;
      v.case_id = id;
      v.rule = rule;
      v.closed_us = now.us;
      v.closed_name = spine::Actor::system().name;
      v.how = "taken";
      YW_ASSIGN(std::int64_t closed, store::close_supervision(w.session(), v));
      static_cast<void>(closed);
    }
    return {};
  });
}

Status RequestWatch::watch_steps(std::size_t& raised) {
  auto const known = in_.requests->knowledge();
  if (service_request::supervision_rule(known->rules, "step_late") == nullptr) return {};
  Instant const now = in_.clock.now();
  for (service_request::StepLimit const& limit : known->rules.steps) {
    auto const stage = store::stage_named(limit.step);
    if (!limit.supervised || !stage) continue;
    // Never before so much time has passed by the clock on the wall.
    std::int64_t const least =
        limit.workdays != 0 ? (limit.workdays - 1) * kMicrosPerDay : limit.office_minutes * 60 * kMicrosPerSecond;
    YW_ASSIGN(auto found, store::requests_at_step(*in_.database, *stage, now.us - least));
    std::erase_if(found, [&](Watched const& f) {
      store::RequestRow row;
      row.stage = *stage;
      row.stage_us = f.since_us;
      std::int64_t const due = in_.requests->step_due(row);
      return due == 0 || due >= now.us;
    });
    YW_TRY(raise("step_late", found, raised));
  }
  YW_ASSIGN(auto ended, store::supervisions_moved_on(*in_.database));
  return end_by_itself("step_late", ended);
}

Status RequestWatch::ask_how_it_was() {
  auto const known = in_.requests->knowledge();
  service_request::Rules const& rules = known->rules;
  if (rules.message_hours == 0) return {};
  Instant const now = in_.clock.now();
  constexpr std::int64_t kHourUs = 3600 * kMicrosPerSecond;
  constexpr int kSlice = 100;  // the rest is found in the next round
  YW_ASSIGN(auto found, store::requests_unasked(*in_.database, now.us - rules.message_within_hours * kHourUs,
                                                now.us - rules.message_hours * kHourUs, kSlice));
  if (found.empty()) return {};
  auto const definitions = in_.definitions.snapshot();
  std::vector<std::pair<store::Unasked, std::string>> asked;
  for (store::Unasked const& u : found) {
    YW_ASSIGN(auto loaded, store::load_case(*in_.database, *definitions, u.case_id));
    if (!loaded) continue;
    spine::CaseState const& state = loaded->row.state;
    json::Value body = json::Value::object({{"subject", string(to_string(state.applicant))},
                                            {"case_id", string(to_string(u.case_id))},
                                            {"query_code", string(state.query_code)},
                                            {"questionnaire", json::Value::boolean(true)},
                                            {"step", string(state.step)}});
    if (spine::CaseType const* type = definitions->find(state.definition)) {
      body.set("case_type", spine::to_json(type->title));
      body.set("step_title", spine::to_json(type->step_title(state.step)));
    }
    asked.emplace_back(u, json::write_canonical(body));
  }
  YW_TRY(in_.database->execute([&](store::Writer& w) -> Status {
    for (auto const& [u, words] : asked) {
      YW_ASSIGN(bool fresh, store::put_asked(w.session(), u, now));
      if (!fresh) continue;
      YW_TRY(store::put_effect(w.session(), u.case_id, in_.ids->next(), "inbox", words, now));
    }
    return {};
  }));
  if (in_.outbox) in_.outbox->wake();
  return {};
}

Result<std::size_t> RequestWatch::pass() {
  Status fed = feed_search(in_, fed_);  // an index that cannot be fed keeps no alarm back
  auto const known = in_.requests->knowledge();
  if (known == nullptr) return std::size_t{0};
  service_request::Rules const& rules = known->rules;
  Instant const now = in_.clock.now();
  std::size_t raised = 0;
  if (service_request::supervision_rule(rules, "no_owner") != nullptr) {
    std::int64_t const limit = rules.orphan_work_minutes;
    YW_ASSIGN(auto found, store::ownerless_requests(*in_.database, now.us - limit * 60 * kMicrosPerSecond));
    std::erase_if(found, [&](Watched const& f) { return in_.requests->office_minutes(Instant{f.since_us}, now) < limit; });
    YW_TRY(raise("no_owner", found, raised));
    YW_ASSIGN(auto taken, store::supervisions_taken(*in_.database));
    YW_TRY(end_by_itself("no_owner", taken));
  }
  if (service_request::supervision_rule(rules, "overdue") != nullptr) {
    YW_ASSIGN(auto found, store::overdue_requests(*in_.database, now));
    YW_TRY(raise("overdue", found, raised));
  }
  YW_TRY(watch_steps(raised));
  YW_TRY(ask_how_it_was());
  YW_ASSIGN(auto due, store::transfers_due(*in_.database, now));
  for (store::Transfer const& t : due) {
    YW_TRY(begin_transfer(in_, t));
  }
  if (!fed) return fail(std::move(fed).error());
  return raised;
}

Status begin_transfer(Installation& in, store::Transfer const& t) {
  Instant const now = in.clock.now();
  auto id = parse_id(t.by);
  spine::Actor by;
  by.role = spine::Role::supervisor;
  by.name = t.by_name;
  by.department = t.unit;
  if (id) by.id = *id;
  YW_TRY(in.database->execute([&](store::Writer& w) -> Status {
    YW_ASSIGN(auto moved, store::pass_on(w.session(), t));
    json::Value cases = json::Value::array();
    for (CaseId const& c : moved) cases.items().push_back(string(to_string(c)));
    return record_event(in, w, "request.transferred", by,
                        json::Value::object({{"transfer", string(to_string(t.id))},
                                             {"from", string(t.from_name)},
                                             {"to", string(t.to_name)},
                                             {"unit", string(t.unit)},
                                             {"reason", string(t.reason)},
                                             {"requests", std::move(cases)}}),
                        now);
  }));
  YW_TRY(store::job_create(*in.database, store::JobId(t.id), "staff_transfer",
                           json::write(json::Value::object({{"transfer", string(to_string(t.id))}})), by.id, now));
  if (in.jobs) in.jobs->wake();
  return {};
}

Result<std::string> transfer_tasks(Installation& in, store::JobContext& job) {
  YW_ASSIGN(json::Value body, json::parse(job.job().body));
  YW_ASSIGN(IdBytes id, parse_id(text_of(body, "transfer")));
  YW_ASSIGN(auto transfer, store::transfer_of(*in.database, id));
  if (!transfer) return fail(ErrorCode::spine_not_found, {{"what", "移交 / the transfer"}});
  YW_ASSIGN(IdBytes from, parse_id(transfer->from));
  YW_ASSIGN(IdBytes by, parse_id(transfer->by));
  spine::Actor actor;
  actor.role = spine::Role::supervisor;
  actor.id = by;
  actor.name = transfer->by_name;
  actor.department = transfer->unit;
  if (auto const* unit = in.definitions.snapshot()->current->organisation(transfer->unit)) actor.region_path = unit->region_path;
  std::int64_t moved = 0, refused = 0;
  store::ListCursor cursor;
  cursor.first = true;
  for (;;) {
    YW_ASSIGN(auto rows, store::inbox_mine(*in.database, from, cursor, 100));
    for (auto const& r : rows) {
      store::CommandRequest command;
      command.actor = actor;
      command.idempotency_key = "transfer " + to_string(id) + " " + to_string(r.state.id);
      command.request_bytes = command.idempotency_key;
      command.command.kind = spine::Command::Kind::operate;
      command.command.case_id = r.state.id;
      command.command.action = "substitute";
      command.command.reason = transfer->reason;
      command.command.people = {transfer->from, transfer->to};
      store::Reply const reply = in.commands->run(std::move(command));
      ++(reply.status < 400 ? moved : refused);
    }
    if (!job.progress(moved + refused, moved + refused)) return fail(ErrorCode::store_stopping);
    if (rows.size() < 100) break;
    cursor = {rows.back().sort_key, rows.back().state.id, false};
  }
  YW_TRY(in.database->execute([&](store::Writer& w) { return store::finish_transfer(w.session(), id, in.clock.now(), moved); }));
  return json::write(json::Value::object({{"tasks", number(moved)}, {"refused", number(refused)}}));
}

}  // namespace yiwang::app

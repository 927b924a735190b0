#include "case_rows.hpp"

#include "queries.hpp"

namespace yiwang::store {
namespace {

std::int64_t number(std::uint64_t id) { return static_cast<std::int64_t>(id); }
Value blob_or_null(std::string const& bytes) { return bytes.empty() ? Value(nullptr) : Value(Blob{bytes}); }

Status save_tasks(Session& session, spine::CaseState const* before, spine::CaseState const& after, Value due, bool due_changed,
                  Instant now) {
  std::map<bpmn::Id, spine::OpenTask const*> old;
  if (before) {
    for (spine::OpenTask const& task : before->tasks) old.emplace(task.id, &task);
  }
  // Inserts, then updates, then closes: the order of the query file, in which a batch collects them.
  std::vector<std::pair<bpmn::Id, TaskRow>> changed;
  for (spine::OpenTask const& task : after.tasks) {
    TaskRow row = task_row(after, task);
    auto it = old.find(task.id);
    if (it == old.end()) {
      YW_TRY(session.run(queries::task_insert,
                         {after.id, number(task.id), row.step, spine::to_string(task.performer), row.department,
                          after.region_path, blob_or_null(row.assignee), row.status, now.us, due}));
      continue;
    }
    if (due_changed || task_row(*before, *it->second) != row) changed.emplace_back(task.id, std::move(row));
    old.erase(it);
  }
  for (auto const& [id, row] : changed) {
    YW_TRY(
        session.run(queries::task_update, {after.id, number(id), blob_or_null(row.assignee), row.department, row.status, due}));
  }
  for (auto const& [id, task] : old) {
    YW_TRY(session.run(queries::task_close, {after.id, number(id)}));
  }
  return {};
}

Status save_timers(Session& session, bpmn::State const* before, bpmn::State const& after, CaseId id) {
  std::map<bpmn::Id, std::int64_t> old;
  if (before) {
    for (bpmn::Timer const& timer : before->timers) {
      if (timer.remaining_us < 0) old.emplace(timer.id, timer.due.us);
    }
  }
  for (bpmn::Timer const& timer : after.timers) {
    if (timer.remaining_us >= 0) continue;  // it stands still; the row comes back when it goes on
    auto it = old.find(timer.id);
    if (it == old.end() || it->second != timer.due.us) {
      YW_TRY(session.run(queries::timer_put, {id, number(timer.id), timer.due.us, ""}));
    }
    if (it != old.end()) old.erase(it);
  }
  for (auto const& [timer, due] : old) {
    YW_TRY(session.run(queries::timer_delete, {id, number(timer)}));
  }
  return {};
}

/// Written when the clock has moved, a rule has acted, or the case is over.
Status save_clock_timer(Session& session, spine::CaseType const& type, spine::CaseState const* before,
                        spine::CaseState const& after, spine::CaseTimes const& times) {
  using spine::CaseStatus;
  if (type.time_outs.empty()) return {};
  bool const was_over = before && before->status == CaseStatus::concluded, is_over = after.status == CaseStatus::concluded;
  if (before && was_over == is_over && before->clock.size() == after.clock.size() && before->timed_out == after.timed_out)
    return {};
  std::optional<Instant> const next = next_time_out(type, after, times);
  if (next) {
    YW_TRY(session.run(queries::timer_put, {after.id, kClockTimer, next->us, ""}));
  } else if (before) {
    YW_TRY(session.run(queries::timer_delete, {after.id, kClockTimer}));
  }
  return {};
}

}  // namespace

std::optional<Instant> next_time_out(spine::CaseType const& type, spine::CaseState const& state, spine::CaseTimes const& times) {
  std::optional<Instant> next;
  if (state.status == spine::CaseStatus::concluded) return next;
  for (spine::TimeOutAt const& one : times.time_outs) {
    auto acted = state.timed_out.find(type.time_outs[one.rule].id);
    if (acted != state.timed_out.end() && acted->second.us == one.due.us) continue;
    if (!next || one.at.us < next->us) next = one.at;
  }
  return next;
}

TaskRow task_row(spine::CaseState const& state, spine::OpenTask const& task) {
  TaskRow row;
  row.step = task.node;
  row.department = state.department;
  for (std::string const& group : task.groups) {
    // "unit:police" and "role:supervisor@police" name the unit in whose inbox it stands.
    std::size_t const at = group.starts_with("unit:") ? 4 : group.find('@');
    if (at == std::string::npos) continue;
    row.department = group.substr(at + 1);
    break;
  }
  if (auto id = parse_id(task.assignee); id && task.performer != spine::Performer::applicant)
    row.assignee.assign(reinterpret_cast<char const*>(id->data()), id->size());
  row.status = task.blocked ? kTaskBlocked : kTaskOpen;
  return row;
}

Status save_case(Session& session, spine::CaseType const& type, spine::CaseState const* before, spine::CaseState const& after,
                 spine::CaseTimes const& times, Instant now, std::size_t* written) {
  Value const due_value = times.due ? Value(times.due->us) : Value(nullptr);
  std::string const state = spine::state_text(after), process = spine::process_text(type, after);
  auto const status = static_cast<int>(after.status);
  if (before == nullptr) {
    YW_TRY(session.run(queries::case_insert,
                       {after.id, number(after.revision), after.case_type, after.department, after.region_path, after.applicant,
                        status, after.query_code, after.created.us, now.us, due_value, state, process, number(after.incidents)}));
    YW_TRY(session.run(queries::visibility_insert, {after.applicant, after.created.us, after.id}));
  } else {
    YW_ASSIGN(std::int64_t changed,
              session.run(queries::case_update, {after.id, number(after.revision), after.department, status, now.us, due_value,
                                                 state, number(before->revision), process, number(after.incidents)}));
    if (changed != 1) return fail(ErrorCode::store_conflict);
  }
  // A pause or an extension moves the day on every open task.
  bool const due_changed = before && before->clock.size() != after.clock.size();
  YW_TRY(save_tasks(session, before, after, due_value, due_changed, now));
  YW_TRY(save_timers(session, before && before->process ? &*before->process : nullptr, *after.process, after.id));
  YW_TRY(save_clock_timer(session, type, before, after, times));
  std::set<std::string> const was = before ? spine::waits_for(type, *before, true) : std::set<std::string>{},
                              is = spine::waits_for(type, after, true);
  for (std::string const& name : is) {
    if (!was.contains(name)) {
      YW_TRY(session.run(queries::signal_put, {after.id, name}));
    }
  }
  for (std::string const& name : was) {
    if (!is.contains(name)) {
      YW_TRY(session.run(queries::signal_drop, {after.id, name}));
    }
  }
  if (written) *written = state.size() + process.size();
  return {};
}

}  // namespace yiwang::store

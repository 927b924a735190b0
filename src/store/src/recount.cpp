// A decree changes the calendar: what follows from it beside the cases is counted again. No event says so, for the clock of a
// case follows from its events and the calendar in force.

#include "case_rows.hpp"
#include "hot_cases.hpp"
#include "queries.hpp"
#include "yiwang/store/commands.hpp"

namespace yiwang::store {

Result<std::size_t> CommandService::recount(std::string_view calendar, std::function<bool()> const& go_on) {
  constexpr std::int64_t kSlice = 64;
  constexpr char kName[] = "calendar";
  std::string counted_by;
  YW_TRY(database_.read(
      [&](Session& s) { return s.run(queries::setting_get, {kName}, [&](Row const& row) { counted_by = row.text(0); }); }));
  std::size_t moved = 0;
  if (counted_by == calendar) return moved;
  auto const definitions = definitions_.snapshot();
  CaseId after{};
  for (bool more = !counted_by.empty(); more;) {
    if (!go_on()) return moved;
    std::size_t changed = 0;
    CaseId last = after;
    YW_TRY(database_.execute([&](Writer& w) -> Status {
      Session& session = w.session();
      changed = 0;
      std::vector<std::pair<CaseId, std::optional<std::int64_t>>> open;
      YW_TRY(session.run(queries::case_open_after, {after, kSlice}, [&](Row const& row) {
        open.emplace_back(row.id<CaseId>(0), row.is_null(1) ? std::nullopt : std::optional(row.integer(1)));
      }));
      more = open.size() == static_cast<std::size_t>(kSlice);
      if (!open.empty()) last = open.back().first;
      for (auto const& [id, due] : open) {
        spine::CaseType const* type = nullptr;
        auto found = load(w, *definitions, id, type);
        if (!found || !found->state || type == nullptr) continue;  // of a release that is not here: its own commands say so
        auto times = times_(*type, *found->state);
        if (!times) continue;
        std::optional<std::int64_t> const now_due = times->due ? std::optional(times->due->us) : std::nullopt;
        if (now_due != due) {
          Value const value = now_due ? Value(*now_due) : Value(nullptr);
          YW_TRY(session.run(queries::case_due_set, {id, value}));
          YW_TRY(session.run(queries::task_due_set, {id, value}));
          ++changed;
        }
        if (!type->time_outs.empty()) {
          if (auto next = next_time_out(*type, *found->state, *times)) {
            YW_TRY(session.run(queries::timer_put, {id, kClockTimer, next->us, ""}));
          } else {
            YW_TRY(session.run(queries::timer_delete, {id, kClockTimer}));
          }
        }
      }
      return {};
    }));
    moved += changed;
    after = last;  // a slice is small: people's commands get in between
  }
  YW_TRY(database_.execute([&](Writer& w) -> Status {
    YW_TRY(w.session().run(queries::setting_put, {kName, std::string(calendar)}));
    return {};
  }));
  return moved;
}

}  // namespace yiwang::store

#include "yiwang/store/decisions.hpp"

#include <charconv>

#include "queries.hpp"

namespace yiwang::store {

Result<DecisionCursor> DecisionCursor::parse(std::string_view text) {
  DecisionCursor out;
  if (text.empty()) return out;
  std::size_t dot = text.find('.');
  auto id = dot == std::string_view::npos ? Result<CaseId>(fail(ErrorCode::base_id)) : CaseId::parse(text.substr(dot + 1));
  auto [end, ec] = std::from_chars(text.data(), text.data() + (dot == std::string_view::npos ? 0 : dot), out.revision);
  if (!id || ec != std::errc{} || end != text.data() + dot) return fail(ErrorCode::http_bad_request, {{"why", "cursor"}});
  out.case_id = *id;
  return out;
}

std::string DecisionCursor::text() const { return std::to_string(revision) + "." + to_string(case_id); }

Result<std::vector<StoredDecision>> stored_decisions(Database& database, std::string_view case_type, DecisionCursor const& after,
                                                     int limit) {
  std::vector<StoredDecision> out;
  Status bad;
  YW_TRY(database.read([&](Session& s) {
    return s.run(queries::decision_list, {case_type, after.case_id, after.revision, limit}, [&](Row const& row) {
      auto state = spine::parse_case_state(row.id<CaseId>(0), row.text(1));
      auto event = spine::parse_event(row.text(3));
      if (!state)
        bad = fail(state.error());
      else if (!event)
        bad = fail(event.error());
      else
        out.push_back({std::move(*state), static_cast<std::uint64_t>(row.integer(2)), std::move(*event)});
    });
  }));
  YW_TRY(bad);
  return out;
}

Status record_accesses(Database& database, IdSource& ids, std::vector<Access> const& accesses, Instant now) {
  if (accesses.empty()) return {};
  return database.execute([&](Writer& w) -> Status {
    for (Access const& one : accesses) {
      IdBytes id = ids.next();
      auto bytes = [](IdBytes const& of) { return Blob{{reinterpret_cast<char const*>(of.data()), of.size()}}; };
      Value case_id = one.case_id.is_nil() ? Value(nullptr) : Value(one.case_id);
      YW_TRY(w.session().run(queries::access_insert, {one.subject, now.us, bytes(id), bytes(one.actor.id), one.actor.name,
                                                      one.actor.department, one.purpose, case_id}));
    }
    return {};
  });
}

}  // namespace yiwang::store

#include "yiwang/store/views.hpp"

#include <charconv>
#include <limits>

#include "queries.hpp"

namespace yiwang::store {
namespace {

std::int64_t key_of(ListCursor const& cursor, bool ascending) {
  return cursor.first ? (ascending ? std::numeric_limits<std::int64_t>::min() : std::numeric_limits<std::int64_t>::max())
                      : cursor.sort_key;
}

Result<std::vector<CaseListRow>> rows(Database& database, Query const& query, std::initializer_list<Value> values) {
  std::vector<CaseListRow> out;
  Status bad;
  YW_TRY(database.read([&](Session& s) {
    return s.run(query, values, [&](Row const& row) {
      auto state = spine::parse_case_state(row.id<CaseId>(0), row.text(1));
      if (!state) {
        bad = fail(state.error());
        return;
      }
      CaseListRow r;
      r.state = std::move(*state);
      r.updated = Instant{row.integer(2)};
      if (!row.is_null(3)) r.due = Instant{row.integer(3)};
      r.sort_key = row.integer(4);
      out.push_back(std::move(r));
    });
  }));
  YW_TRY(bad);
  return out;
}

}  // namespace

Result<ListCursor> ListCursor::parse(std::string_view text) {
  ListCursor out;
  if (text.empty()) {
    out.first = true;
    return out;
  }
  std::size_t dot = text.find('.');
  auto id = dot == std::string_view::npos ? Result<CaseId>(fail(ErrorCode::base_id)) : CaseId::parse(text.substr(dot + 1));
  auto [end, ec] = std::from_chars(text.data(), text.data() + (dot == std::string_view::npos ? 0 : dot), out.sort_key);
  if (!id || ec != std::errc{}) return fail(ErrorCode::http_bad_request, {{"why", "cursor"}});
  out.id = *id;
  return out;
}
std::string ListCursor::text() const { return std::to_string(sort_key) + "." + to_string(id); }

Result<std::vector<CaseListRow>> own_cases(Database& d, SubjectId subject, ListCursor const& cursor, int limit) {
  return rows(d, queries::case_list_own, {subject, key_of(cursor, false), cursor.id, limit});
}
Result<std::vector<CaseListRow>> inbox(Database& d, std::string_view department, spine::Performer performer,
                                       ListCursor const& cursor, int limit) {
  return rows(d, queries::inbox,
              {department, key_of(cursor, true), cursor.id, limit, spine::to_string(performer),
               spine::to_string(spine::Performer::clerk)});
}
Result<std::vector<CaseListRow>> inbox_mine(Database& d, IdBytes const& staff, ListCursor const& cursor, int limit) {
  return rows(d, queries::inbox_mine,
              {Blob{{reinterpret_cast<char const*>(staff.data()), staff.size()}}, key_of(cursor, true), cursor.id, limit});
}
Result<std::vector<CaseListRow>> stopped_cases(Database& d, ListCursor const& cursor, int limit) {
  return rows(d, queries::incident_list, {key_of(cursor, true), cursor.id, limit});
}
Result<std::vector<CaseListRow>> department_cases(Database& d, std::string_view department, ListCursor const& cursor, int limit) {
  return rows(d, queries::department_cases, {department, key_of(cursor, false), cursor.id, limit});
}

Result<std::vector<StaffRow>> staff_of(Database& database, std::string_view department) {
  std::vector<StaffRow> out;
  YW_TRY(database.read([&](Session& s) {
    return s.run(queries::staff_of_department, {department}, [&](Row const& row) {
      out.push_back({row.id<CaseId>(0).bytes(), static_cast<spine::Role>(row.integer(1)), row.string(2)});
    });
  }));
  return out;
}

Result<std::optional<LoadedCase>> load_case(Database& database, DefinitionSnapshot const& definitions, CaseId id) {
  std::optional<LoadedCase> out;
  Status bad;
  std::int64_t last_leaf = -1, signed_size = 0;
  YW_TRY(database.read([&](Session& s) -> Status {
    YW_TRY(s.run(queries::case_row, {id}, [&](Row const& row) {
      auto state = spine::parse_case_state(id, row.text(0));
      if (!state) {
        bad = fail(state.error());
        return;
      }
      out.emplace();
      out->row.state = std::move(*state);
      out->row.updated = Instant{row.integer(1)};
      if (!row.is_null(2)) out->row.due = Instant{row.integer(2)};
      spine::CaseType const* type = definitions.find(out->row.state.definition);
      if (type == nullptr)
        bad = fail(ErrorCode::spine_unknown_case_type, {{"id", out->row.state.definition}});
      else if (!row.is_null(3))
        bad = spine::parse_process(*type, row.text(3), out->row.state);
    }));
    if (!out) return {};
    YW_TRY(s.run(queries::event_list, {id}, [&](Row const& row) {
      last_leaf = row.integer(2);
      auto event = row.is_null(5) ? Result<spine::Event>(spine::Event{{}, 1, Instant{row.integer(1)}, {}, {}})
                                  : spine::parse_event(row.text(5));
      if (event)
        out->events.push_back(std::move(*event));
      else
        bad = fail(event.error());
    }));
    YW_TRY(s.run(queries::root_latest, {}, [&](Row const& row) { signed_size = row.integer(0); }));
    return {};
  }));
  YW_TRY(bad);
  if (out) out->proved = signed_size > last_leaf;
  return out;
}

Result<std::map<std::string, std::array<std::int64_t, 3>>> case_counts(Database& database) {
  std::map<std::string, std::array<std::int64_t, 3>> out;
  YW_TRY(database.read([&](Session& s) {
    return s.run(queries::case_count_by_department, {}, [&](Row const& row) {
      auto status = static_cast<std::size_t>(row.integer(1));
      if (status < 3) out[row.string(0)][status] = row.integer(2);
    });
  }));
  return out;
}

}  // namespace yiwang::store

#include "yiwang/store/request_parts.hpp"

#include "queries.hpp"
#include "row_values.hpp"

namespace yiwang::store {

Status put_part(Session& s, CaseId of, RequestPart const& part) {
  YW_TRY(s.run(queries::part_put, {of, part.id, part.at.us, part.by_name, part.stays}));
  return {};
}

Result<std::vector<RequestPart>> parts_of(Session& s, CaseId id) {
  std::vector<RequestPart> out;
  YW_TRY(s.run(queries::part_list, {id}, [&](Row const& row) {
    out.push_back({row.id<CaseId>(0), Instant{row.integer(1)}, row.string(2), row.string(3)});
  }));
  return out;
}
Result<std::vector<RequestPart>> parts_of(Database& database, CaseId id) {
  return database.read([&](Session& s) { return parts_of(s, id); });
}

Result<std::optional<CaseId>> part_of(Database& database, CaseId id) {
  std::optional<CaseId> out;
  YW_TRY(
      database.read([&](Session& s) { return s.run(queries::part_of, {id}, [&](Row const& row) { out = row.id<CaseId>(0); }); }));
  return out;
}

Result<std::vector<RequestSplit>> splits_of(Session& s, CaseId id) {
  std::vector<RequestSplit> out;
  YW_TRY(s.run(queries::split_list, {id}, [&](Row const& row) {
    out.push_back({row.string(0), Instant{row.integer(1)}, bytes_of(row, 2), row.string(3), row.integer(4)});
  }));
  return out;
}

Status drop_split(Session& s, CaseId id, std::string_view key) {
  YW_TRY(s.run(queries::split_drop, {id, key}));
  return {};
}

Status claim_split(Session& s, CaseId id, RequestSplit const& split) {
  YW_TRY(drop_split(s, id, ""));
  YW_ASSIGN(std::int64_t const fresh, s.run(queries::split_claim, {id, split.key, split.at.us, blob(split.by), split.by_name}));
  return fresh == 1 ? Status{} : fail(ErrorCode::store_conflict);
}

Result<bool> finish_split(Session& s, CaseId id, std::string_view key, Instant now) {
  YW_ASSIGN(std::int64_t const done, s.run(queries::split_done, {id, key, now.us}));
  return done == 1;
}

Result<bool> ask_help(Session& s, RequestHelpAsked const& a) {
  YW_ASSIGN(std::int64_t const fresh,
            s.run(queries::help_ask, {a.case_id, a.unit, a.asked.us, a.due.us, a.asked_by, a.question}));
  return fresh == 1;
}

Result<bool> answer_help(Session& s, CaseId id, std::string_view unit, Instant at, std::string_view by,
                         std::string_view opinion) {
  YW_ASSIGN(std::int64_t const done, s.run(queries::help_answer, {id, unit, at.us, by, opinion}));
  return done == 1;
}

Result<std::vector<RequestHelpAsked>> helps_of(Database& database, CaseId id) {
  std::vector<RequestHelpAsked> out;
  YW_TRY(database.read([&](Session& s) {
    return s.run(queries::help_list, {id}, [&](Row const& row) {
      out.push_back({id, row.string(0), Instant{row.integer(1)}, Instant{row.integer(2)}, row.string(3), row.string(4),
                     row.integer(5), row.string(6), row.string(7)});
    });
  }));
  return out;
}

Result<std::vector<RequestHelpAsked>> helps_waiting(Database& database, std::string_view unit, int limit) {
  std::vector<RequestHelpAsked> out;
  YW_TRY(database.read([&](Session& s) {
    return s.run(queries::help_waiting, {unit, limit}, [&](Row const& row) {
      out.push_back({row.id<CaseId>(0),
                     std::string(unit),
                     Instant{row.integer(1)},
                     Instant{row.integer(2)},
                     row.string(3),
                     row.string(4),
                     0,
                     {},
                     {}});
    });
  }));
  return out;
}

}  // namespace yiwang::store

#include "yiwang/store/duty_amendments.hpp"

#include "queries.hpp"
#include "row_values.hpp"

namespace yiwang::store {

Result<bool> propose_amendment(Session& s, DutyAmendment const& a) {
  YW_ASSIGN(std::int64_t const fresh, s.run(queries::amendment_put, {blob(a.id), a.category, a.area, a.unit, a.from_day, a.basis,
                                                                     a.ruled_on, a.asked.us, blob(a.asked_by), a.asked_name}));
  return fresh == 1;
}

Result<bool> decide_amendment(Session& s, DutyAmendment const& a) {
  YW_ASSIGN(std::int64_t const done, s.run(queries::amendment_decide, {blob(a.id), static_cast<std::int64_t>(a.state),
                                                                       a.decided_us, blob(a.decided_by), a.decided_name, a.why}));
  return done == 1;
}

Result<std::vector<DutyAmendment>> duty_amendments(Session& s) {
  std::vector<DutyAmendment> out;
  YW_TRY(s.run(queries::amendment_list, {}, [&](Row const& row) {
    out.push_back({bytes_of(row, 0), row.string(1), row.string(2), row.string(3), row.string(4), row.string(5), row.id<CaseId>(6),
                   Instant{row.integer(7)}, bytes_of(row, 8), row.string(9), static_cast<AmendmentState>(row.integer(10)),
                   row.integer(11), bytes_of(row, 12), row.string(13), row.string(14)});
  }));
  return out;
}

Result<std::vector<DutyAmendment>> duty_amendments(Database& database) {
  return database.read([](Session& s) { return duty_amendments(s); });
}

}  // namespace yiwang::store

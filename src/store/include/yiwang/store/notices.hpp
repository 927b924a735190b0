#pragma once
// Public notices (公示) beside their cases, and what people object to them.

#include "yiwang/store/identity.hpp"
#include "yiwang/store/views.hpp"

namespace yiwang::store {

struct PublicNotice {
  IdBytes id{};
  CaseId case_id;
  std::string unit;
  std::string body;  ///< JSON, as matter::notice_body makes it; empty once erased
  Instant up, until;
  Instant down;  ///< 0 while nobody has taken it down
  bool hangs(Instant now) const { return down.us == 0 && now.us < until.us && !body.empty(); }
};
Status put_notice(Session& session, PublicNotice const& notice);
/// Takes down what still hangs of a case.
Status take_notice_down(Session& session, CaseId id, Instant now);
/// The last one of a case.
Result<std::optional<PublicNotice>> notice_of(Session& session, CaseId id);
Result<std::optional<PublicNotice>> notice_of(Database& database, CaseId id);
Result<std::optional<PublicNotice>> notice(Database& database, IdBytes const& id);
/// What hangs now, newest first. `before`: the last one of the page before.
Result<std::vector<PublicNotice>> notices(Database& database, Instant now, std::optional<std::pair<Instant, IdBytes>> before,
                                          int limit);

struct Objection {
  SubjectId subject;
  std::string name;
  Instant at;
  std::string words;
};
enum class Objecting : std::uint8_t { taken, again, gone };
/// Once each, as long as it hangs.
Result<Objecting> object(Writer& writer, IdBytes const& notice, SubjectId subject, std::string_view words, Instant now);
/// To all notices of a case, oldest first.
Result<std::vector<Objection>> objections(Session& session, CaseId id);
Result<std::vector<Objection>> objections(Database& database, CaseId id);

}  // namespace yiwang::store

#include "yiwang/store/release.hpp"

#include "queries.hpp"

namespace yiwang::store {

Status release_promised(Session& session, CaseId id) {
  YW_TRY(session.run(queries::promised_release, {id}));
  YW_TRY(session.run(queries::check_release, {id}));
  return {};
}

}  // namespace yiwang::store

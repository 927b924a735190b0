#pragma once
// What nobody waits for any more.

#include "yiwang/store/commands.hpp"

namespace yiwang::store {

/// Nothing is granted: nobody waits for what was promised, is reminded of it, or barred by it; the unit has nothing to look at.
/// What was promised stands in the event of the application. Errors: store.query.
Status release_promised(Session& session, CaseId id);

}  // namespace yiwang::store

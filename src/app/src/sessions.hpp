#pragma once
// Who is signed in, with what registers say about it: for whom one may still act, and from whose cases an official keeps out.

#include "api.hpp"

namespace yiwang::app {

/// As the store has it, without the power of a former representative. Errors: spine.not_signed_in.
Result<store::SessionInfo> session_of(ApiContext& context, std::string_view token);

}  // namespace yiwang::app

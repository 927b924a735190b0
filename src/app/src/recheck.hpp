#pragma once
// Before a decision takes effect, the facts that the rules used are looked at again: somebody may have died, or a company may
// have been struck off, while the case was open. What has changed decides nothing by itself; it is shown to who decides, who says
// how it was verified: nothing is decided on old facts.

#include "applying.hpp"

namespace yiwang::app {

struct FactChange {
  std::string register_title, label, updated;
  std::string state;  ///< changed; unavailable: the register does not answer now
};

/// Whether a step decides the case of a matter.
bool decides(std::string_view action);

/// What differs between the registers now and the facts with which an open case was applied for. May wait for a slow register, at
/// most 2 s. Nothing for cases that are no matter's, or decided. Errors: store.*, spine.not_found.
Result<std::vector<FactChange>> changes_since(Installation& in, spine::CaseType const& type, store::LoadedCase const& loaded);

/// Of an act that decides: when facts have changed, the officer must have said in its field `changes` how that was verified, and
/// the event keeps both. Errors: spine.field, and those of changes_since.
Status recheck(ApiContext& c, http::Request const& request, spine::Command& command);

}  // namespace yiwang::app

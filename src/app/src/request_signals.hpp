#pragma once
// Signals before one case becomes many: what is told of at one place, and categories that leave their own rhythm. The same
// function serves the page and the measurement over a past year, so that what is measured is what is shown.

#include <map>
#include <string>
#include <vector>

#include "yiwang/service_request/knowledge.hpp"
#include "yiwang/store/requests.hpp"

namespace yiwang::app {

/// One matter at one place.
struct Signal {
  std::string title, place, category;  ///< the category that most of them have
  Instant first, last;
  std::vector<CaseId> members;  ///< in order of time
};
/// A category in a street far above what it was in the windows before.
struct Rhythm {
  std::string category, street;
  std::int64_t reports = 0, tenths_before = 0;  ///< mean of the windows before, in tenths
};
struct Signals {
  std::vector<Signal> hotspots;
  std::vector<Rhythm> warnings;
};

/// How many windows before the last one make the usual rhythm.
inline constexpr int kWindowsBefore = 8;
/// Rows received in [until - (kWindowsBefore + 1) windows, until), in order of time. Who is in danger, or complains in
/// confidence or about a unit, is counted but is no signal. `tellers`: who told which, where that is known: one person who tells
/// of the same again and again is not many.
Signals find_signals(service_request::Knowledge const& knowledge, std::vector<store::RequestRow> const& rows,
                     std::map<CaseId, SubjectId> const& tellers, Instant until);

}  // namespace yiwang::app

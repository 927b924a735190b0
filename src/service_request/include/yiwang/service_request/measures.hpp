#pragma once
// Measures of citizens' requests from stored definitions, for any day in the past: a figure follows from the requests and
// their times, so nobody can edit one (never.md 3).

#include "yiwang/service_request/knowledge.hpp"

namespace yiwang::service_request {

/// What happened to one request and when; instants that did not happen are 0.
struct Course {
  std::int64_t received_us = 0, dispatched_us = 0, returned_us = 0, contacted_us = 0, replied_us = 0, closed_us = 0, rated_us = 0,
               redone_us = 0, supervised_us = 0, excluded_us = 0;
  std::int64_t contact_due_us = 0, due_us = 0;
  bool automatic = false;
  bool repeat = false;
  int grade = 0;   ///< 1 very good … 5; 0: not rated, which is never taken for satisfied (never.md 2)
  int solved = 0;  ///< 1 said to be solved, 2 said not to be; 0: not asked or no answer
};

/// The bit of a fact's name (measures.yaml); 0 for a name that is none.
std::uint32_t fact_bit(std::string_view name);
/// The facts that hold just before an instant.
std::uint32_t facts_at(Course const& course, std::int64_t until_us);

struct Figure {
  std::int64_t count = 0, of = 0;
};
/// A measure over courses received in [from, until), as it stood at `until`. Requests left out with reason and approval do
/// not count, except in measures that ask for "excluded".
Figure figure(Measure const& measure, std::vector<Course> const& courses, std::int64_t from_us, std::int64_t until_us);

}  // namespace yiwang::service_request

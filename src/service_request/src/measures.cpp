#include "yiwang/service_request/measures.hpp"

#include <algorithm>

namespace yiwang::service_request {
namespace {

constexpr std::string_view kFacts[] = {"received",  "closed",      "dispatched",        "not_returned", "returned",
                                       "automatic", "contact_due", "contacted_in_time", "in_time",      "asked_solved",
                                       "solved",    "rated",       "unrated",           "satisfied",    "repeat",
                                       "redone",    "supervised",  "excluded"};

std::uint32_t mask(std::vector<std::string> const& names) {
  std::uint32_t out = 0;
  for (std::string const& n : names) out |= fact_bit(n);
  return out;
}

}  // namespace

std::uint32_t fact_bit(std::string_view name) {
  auto const* at = std::find(std::begin(kFacts), std::end(kFacts), name);
  return at == std::end(kFacts) ? 0 : 1U << (at - std::begin(kFacts));
}

std::uint32_t facts_at(Course const& c, std::int64_t until) {
  std::uint32_t out = 0;
  auto happened = [&](std::int64_t at) { return at != 0 && at < until; };
  auto add = [&](bool holds, char const* name) {
    if (holds) out |= fact_bit(name);
  };
  add(happened(c.received_us), "received");
  add(happened(c.dispatched_us), "dispatched");
  add(happened(c.returned_us), "returned");
  add(!happened(c.returned_us), "not_returned");
  add(c.automatic && happened(c.dispatched_us), "automatic");
  // Due once the limit has passed or the contact was made, whichever comes first.
  add(c.contact_due_us != 0 && (c.contact_due_us < until || happened(c.contacted_us)), "contact_due");
  add(happened(c.contacted_us) && c.contacted_us <= c.contact_due_us, "contacted_in_time");
  add(happened(c.closed_us), "closed");
  std::int64_t const answered = c.replied_us != 0 ? c.replied_us : c.closed_us;
  add(happened(answered) && c.due_us != 0 && answered <= c.due_us, "in_time");
  bool const rated = c.grade != 0 && happened(c.rated_us);
  add(rated, "rated");
  add(!rated, "unrated");
  add(rated && c.grade <= 3, "satisfied");
  add(c.solved != 0 && happened(c.rated_us), "asked_solved");
  add(c.solved == 1 && happened(c.rated_us), "solved");
  add(c.repeat, "repeat");
  add(happened(c.redone_us), "redone");
  add(happened(c.supervised_us), "supervised");
  add(happened(c.excluded_us), "excluded");
  return out;
}

Figure figure(Measure const& m, std::vector<Course> const& courses, std::int64_t from, std::int64_t until) {
  Figure out;
  std::uint32_t const count = mask(m.count), of = mask(m.of), excluded = fact_bit("excluded");
  for (Course const& c : courses) {
    if (c.received_us < from || c.received_us >= until) continue;
    std::uint32_t const facts = facts_at(c, until);
    if ((facts & excluded) != 0 && (count & excluded) == 0) continue;
    if (m.percent) {
      if ((facts & of) != of) continue;
      ++out.of;
    }
    if ((facts & count) == count) ++out.count;
  }
  return out;
}

}  // namespace yiwang::service_request

#pragma once
// The statutory papers of a case: which there are, their numbers, what stands on them.

#include "afterwards.hpp"

namespace yiwang::app {

struct PaperView {
  std::string kind;
  std::string title;
  std::string number;
  std::string at;
  std::int64_t prints;
};
BOOST_DESCRIBE_STRUCT(PaperView, (), (kind, title, number, at, prints))

}  // namespace yiwang::app

// clang-format off
namespace yiwang::http {
YW_DOCS(app::PaperView, "kind", "its name", "its number; empty: numbered when it is first printed", "since when", "how often it was printed")
}
// clang-format on

namespace yiwang::app {

/// Where to ask for a review of decisions in a matter, and where to sue, with the terms.
std::string review_of(matter::Matter const& m);
std::string court_of(matter::Matter const& m);

/// The papers of a case in the order of the pack: those that acts have made, and those that it can have now.
Result<std::vector<PaperView>> papers_of(ApiContext& c, store::LoadedCase const& loaded, store::MatterCaseRow const& row,
                                         std::vector<PromiseView> const& promises, matter::Matter const* m);

/// Adds the routes of a paper and of the log of its prints.
void add_paper_routes(http::Router& router, ApiContext& context);

}  // namespace yiwang::app

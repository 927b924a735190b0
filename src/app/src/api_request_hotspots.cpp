// What many tell of, and what breaks its own rhythm, as of any moment; counts only, nobody's name.

#include "request_routes.hpp"
#include "request_signals.hpp"
#include "yiwang/store/request_history.hpp"

namespace yiwang::app {

struct HotspotView {
  std::string category;
  std::string category_title;
  std::string title;
  std::string place;
  std::string first_at;
  std::string last_at;
  std::int64_t reports;
  std::vector<std::string> members;
};
struct RhythmView {
  std::string category;
  http::Any category_title;
  std::string region;
  std::int64_t reports;
  std::string usual;
};
struct HotspotTable {
  std::string until;
  std::int64_t hours;
  std::vector<HotspotView> hotspots;
  std::vector<RhythmView> warnings;
};
BOOST_DESCRIBE_STRUCT(HotspotView, (), (category, category_title, title, place, first_at, last_at, reports, members))
BOOST_DESCRIBE_STRUCT(RhythmView, (), (category, category_title, region, reports, usual))
BOOST_DESCRIBE_STRUCT(HotspotTable, (), (until, hours, hotspots, warnings))

}  // namespace yiwang::app

// clang-format off
namespace yiwang::http {
YW_DOCS(app::HotspotView, "the category that most of them have", "its title", "the matter in a few words of the people", "where", "first report", "last report", "how many", "the requests, for those who may open them")
YW_DOCS(app::RhythmView, "category", "its title by language", "the street", "reports in the window", "the mean of the windows before, with one decimal")
YW_DOCS(app::HotspotTable, "end of the window", "length of the window", "one matter at one place, most reports first", "categories far above their own rhythm")
}
// clang-format on

namespace yiwang::app {
namespace {

using http::Answer;
using http::problem;
using http::Request;
using spine::Action;
using spine::Actor;

void hotspots(ApiContext& c, Actor const&, Request const& request, Answer const& answer) {
  RequestContext const x(c, request);
  if (!x.known) return answer(problem(Error(ErrorCode::spine_not_found, {{"what", "规则 / the rules"}}), request));
  Instant until = x.now;
  if (!request.argument("until").empty()) {
    auto at = parse_instant(request.argument("until"));
    if (!at) return answer(problem(at.error(), request));
    until = *at;
  }
  std::int64_t const window = x.known->rules.hot_hours * 3600 * kMicrosPerSecond;
  auto rows = store::requests_between(*c.installation.database, until.us - (kWindowsBefore + 1) * window, until.us);
  if (!rows) return answer(problem(rows.error(), request));
  auto tellers = store::tellers_between(*c.installation.database, until.us - window, until.us);
  if (!tellers) return answer(problem(tellers.error(), request));
  Signals const found = find_signals(*x.known, *rows, *tellers, until);
  HotspotTable out{to_shanghai_string(until), x.known->rules.hot_hours, {}, {}};
  for (Signal const& s : found.hotspots) {
    HotspotView v{s.category,
                  x.title(s.category),
                  s.title,
                  s.place,
                  to_shanghai_string(s.first),
                  to_shanghai_string(s.last),
                  static_cast<std::int64_t>(s.members.size()),
                  {}};
    for (CaseId const& id : s.members) v.members.push_back(to_string(id));
    out.hotspots.push_back(std::move(v));
  }
  for (Rhythm const& r : found.warnings) {
    auto const* e = x.entry(r.category);
    auto const* street = x.definitions->current->organisation(r.street);
    out.warnings.push_back({r.category, e ? localized(e->title) : http::Any{json::Value::object()},
                            street ? street->name.in(request.language) : "", r.reports,
                            std::to_string(r.tenths_before / 10) + "." + std::to_string(r.tenths_before % 10)});
  }
  answer(http::ok(out));
}

}  // namespace

void add_request_hotspot_routes(http::Router& router, ApiContext& c) {
  router
      .add(reads<HotspotTable>(c, "/api/request-hotspots",
                               "One matter at one place told by many, and categories far above their own rhythm",
                               anywhere(Action::statistics_read), hotspots))
      .arguments = {{"until", "end of the window; now"}};
}

}  // namespace yiwang::app

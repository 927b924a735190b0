// Where requests come from, on the pack's invented drawing: counts by community and street; rows are asked for as behind a
// figure.

#include <charconv>
#include <map>

#include "request_routes.hpp"
#include "yiwang/store/request_history.hpp"

namespace yiwang::app {

struct MapLineView {
  std::string kind;
  std::string name;
  std::string points;
};
struct MapPlaceView {
  std::string region;
  std::string name;
  std::string level;
  std::int64_t x;
  std::int64_t y;
  std::int64_t requests;
  std::int64_t open;
};
struct DistrictPlace {
  std::string region;
  std::string name;
  std::string level;
  std::int64_t x;
  std::int64_t y;
};
struct DistrictMap {
  std::int64_t width;
  std::int64_t height;
  std::vector<MapLineView> lines;
  std::vector<DistrictPlace> places;
};
struct RegionMapView {
  std::int64_t width;
  std::int64_t height;
  std::string from;
  std::int64_t days;
  std::vector<MapLineView> lines;
  std::vector<MapPlaceView> places;
  std::int64_t unplaced;
};

BOOST_DESCRIBE_STRUCT(MapLineView, (), (kind, name, points))
BOOST_DESCRIBE_STRUCT(MapPlaceView, (), (region, name, level, x, y, requests, open))
BOOST_DESCRIBE_STRUCT(DistrictPlace, (), (region, name, level, x, y))
BOOST_DESCRIBE_STRUCT(DistrictMap, (), (width, height, lines, places))
BOOST_DESCRIBE_STRUCT(RegionMapView, (), (width, height, from, days, lines, places, unplaced))

}  // namespace yiwang::app

// clang-format off
namespace yiwang::http {
YW_DOCS(app::MapLineView, "sea, river or road", "its name", "as of an SVG polyline")
YW_DOCS(app::MapPlaceView, "the region", "its name", "community or street", "from the left", "from the top", "requests received there", "of them still open")
YW_DOCS(app::DistrictPlace, "the region", "its name", "community or street", "from the left", "from the top")
YW_DOCS(app::DistrictMap, "of the canvas", "of the canvas", "what one finds one's way by", "in the order of the pack")
YW_DOCS(app::RegionMapView, "of the canvas", "of the canvas", "first day of receipt", "so many days back", "what one finds one's way by", "in the order of the pack", "requests whose words name no place")
}
// clang-format on

namespace yiwang::app {
namespace {

using http::Answer;
using http::problem;
using http::Request;
using spine::Action;
using spine::Actor;

std::vector<MapLineView> lines_of(service_request::Knowledge const& known, Language language) {
  std::vector<MapLineView> out;
  for (auto const& l : known.map.lines) {
    std::string points;
    for (auto const& [px, py] : l.points) points += (points.empty() ? "" : " ") + std::to_string(px) + "," + std::to_string(py);
    out.push_back({l.kind, l.name.in(language), points});
  }
  return out;
}

/// The drawing alone, for whoever marks a place on it: no request stands there.
void district_map(ApiContext& c, Request const& request, Answer const& answer) {
  RequestContext const x(c, request);
  if (!x.known || x.known->map.places.empty())
    return answer(problem(Error(ErrorCode::spine_not_found, {{"what", "底图 / the drawing"}}), request));
  DistrictMap out{x.known->map.width, x.known->map.height, lines_of(*x.known, request.language), {}};
  for (auto const& p : x.known->map.places) out.places.push_back({p.region, p.name.in(request.language), p.level, p.x, p.y});
  answer(http::ok(out));
}

void region_map(ApiContext& c, Actor const&, Request const& request, Answer const& answer) {
  RequestContext const x(c, request);
  std::int64_t days = 30;
  std::string_view const wanted = request.argument("days");
  if (!wanted.empty()) {
    auto const [end, ec] = std::from_chars(wanted.data(), wanted.data() + wanted.size(), days);
    if (ec != std::errc{} || end != wanted.data() + wanted.size() || days < 1 || days > 366)
      return answer(problem(wrong_member("days", "1–366"), request));
  }
  if (!x.known || x.known->map.places.empty())
    return answer(problem(Error(ErrorCode::spine_not_found, {{"what", "底图 / the drawing"}}), request));
  Date const from{x.today.days - days + 1};
  auto rows = store::requests_by_region(*c.installation.database, shanghai_midnight(from).us, x.now.us);
  if (!rows) return answer(problem(rows.error(), request));
  std::map<std::string, std::pair<std::int64_t, std::int64_t>> counts;
  RegionMapView out{x.known->map.width, x.known->map.height, to_string(from), days, {}, {}, 0};
  std::int64_t received = 0;
  for (store::RegionCount const& r : *rows) {
    counts[r.region] = {r.all, r.open};
    received += r.all;
  }
  out.lines = lines_of(*x.known, request.language);
  std::int64_t placed = 0;
  for (auto const& p : x.known->map.places) {
    auto const& [all, open] = counts[p.region];
    placed += all;
    out.places.push_back({p.region, p.name.in(request.language), p.level, p.x, p.y, all, open});
  }
  out.unplaced = received - placed;
  answer(http::ok(out));
}

}  // namespace

void add_request_map_routes(http::Router& router, ApiContext& c) {
  router.add({.method = "GET",
              .path = "/api/district-map",
              .summary = "The invented drawing of the district, on which a place can be marked",
              .tag = "requests",
              .action = "case_type_read",
              .request_schema = {},
              .response_schema = http::SchemaOf<DistrictMap>::make(),
              .arguments = {},
              .handler = handled(c, district_map)});
  router
      .add(reads<RegionMapView>(c, "/api/request-map", "Requests by community on the invented drawing of the district",
                                anywhere(Action::statistics_read), region_map))
      .arguments = {{"days", "so many days back; 30"}};
}

}  // namespace yiwang::app

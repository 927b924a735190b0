#include "api.hpp"
#include "yiwang/pack/pack.hpp"

namespace yiwang::app {

struct OrganisationView {
  std::string id;
  std::string name;
  std::string phone;
  std::string region;
};
struct OrganisationList {
  std::vector<OrganisationView> items;
};
struct RootView {
  std::int64_t size;
  std::string root;
  std::string at;
  std::int64_t at_us;
  std::string key_id;
  std::string signature;
};
struct RootList {
  std::vector<RootView> items;
  std::string public_key;
};
struct ProofView {
  std::int64_t first;
  std::int64_t second;
  std::vector<std::string> path;
};
struct PackView {
  std::string id;
  std::string version;
  std::string title;
  std::string hash;
  bool demo;
  std::string hotline;
};

BOOST_DESCRIBE_STRUCT(OrganisationView, (), (id, name, phone, region))
BOOST_DESCRIBE_STRUCT(OrganisationList, (), (items))
BOOST_DESCRIBE_STRUCT(RootView, (), (size, root, at, at_us, key_id, signature))
BOOST_DESCRIBE_STRUCT(RootList, (), (items, public_key))
BOOST_DESCRIBE_STRUCT(ProofView, (), (first, second, path))
BOOST_DESCRIBE_STRUCT(PackView, (), (id, version, title, hash, demo, hotline))

}  // namespace yiwang::app

// clang-format off
namespace yiwang::http {
YW_DOCS(app::OrganisationView, "its id", "its name", "telephone", "region path")
YW_DOCS(app::OrganisationList, "all units")
YW_DOCS(app::RootView, "number of leaves", "hex SM3", "when it was signed", "the same in microseconds, as it is signed", "which key", "SM2 signature, base64url DER")
YW_DOCS(app::RootList, "oldest first", "PEM")
YW_DOCS(app::ProofView, "the smaller size", "the larger size", "hashes of RFC 6962 §2.1.2")
YW_DOCS(app::PackView, "the pack", "its version", "its title", "content hash", "whether the district is invented", "telephone for help")
}
// clang-format on

namespace yiwang::app {
namespace {

using http::Answer;
using http::problem;
using http::Request;

RootView view(evidence::SignedRoot const& r) {
  return {static_cast<std::int64_t>(r.size), to_hex(r.root), to_shanghai_string(r.at), r.at.us, r.key_id,
          to_base64url(r.signature)};
}

std::optional<std::uint64_t> number(std::string_view text) {
  std::uint64_t out = 0;
  auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), out);
  if (text.empty() || ec != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return out;
}

}  // namespace

void add_system_routes(http::Router& router, ApiContext& c) {
  using http::SchemaOf;
  router.add({.method = "GET",
              .path = "/healthz",
              .summary = "The process lives",
              .tag = "system",
              .action = "public",
              .request_schema = {},
              .response_schema = {},
              .arguments = {},
              .handler = [](Request const&, Answer const& answer) {
                answer({200, "text/plain; charset=utf-8", "ok\n", {}});
              }});
  router.add({.method = "GET",
              .path = "/readyz",
              .summary = "The server takes work",
              .tag = "system",
              .action = "public",
              .request_schema = {},
              .response_schema = {},
              .arguments = {},
              .handler = [&c](Request const&, Answer const& answer) {
                answer({c.ready ? 200 : 503, "text/plain; charset=utf-8", c.ready ? "ready\n" : "stopping\n", {}});
              }});
  router.add({.method = "GET",
              .path = "/metrics",
              .summary = "Prometheus figures; reachable from this machine only",
              .tag = "system",
              .action = "public",
              .request_schema = {},
              .response_schema = {},
              .arguments = {},
              .handler = [&c](Request const&, Answer const& answer) {
                answer({200, "text/plain; version=0.0.4; charset=utf-8", c.metrics ? c.metrics() : std::string{}, {}});
              }});
  router.add({.method = "GET",
              .path = "/api/openapi.json",
              .summary = "This description",
              .tag = "system",
              .action = "public",
              .request_schema = {},
              .response_schema = json::Value::object(),
              .arguments = {},
              .handler = [&c](Request const&, Answer const& answer) {
                answer({200,
                        "application/json; charset=utf-8",
                        c.server ? json::write(c.server->router().openapi("Yiwang", "0.1.0")) : "{}",
                        {}});
              }});
  router.add({.method = "GET",
              .path = "/api/events",
              .summary = "Changes of one's own cases or one's unit's, as server-sent events",
              .tag = "cases",
              .action = "session_own",
              .request_schema = {},
              .response_schema = {},
              .arguments = {},
              .handler = [](Request const& request, Answer const& answer) {
                answer(problem(Error(ErrorCode::http_not_found), request));
              }});
  router.add({.method = "GET",
              .path = "/api/pack",
              .summary = "The pack in force",
              .tag = "system",
              .action = "public",
              .request_schema = {},
              .response_schema = SchemaOf<PackView>::make(),
              .arguments = {},
              .handler = [&c](Request const& request, Answer const& answer) {
                auto r = c.installation.definitions.snapshot()->current;
                answer(http::ok(PackView{r->pack_id, r->version, r->title.in(request.language), r->hash, r->demo, r->hotline}));
              }});
  router.add({.method = "GET",
              .path = "/api/organisations",
              .summary = "The units of the district",
              .tag = "system",
              .action = "public",
              .request_schema = {},
              .response_schema = SchemaOf<OrganisationList>::make(),
              .arguments = {},
              .handler = [&c](Request const& request, Answer const& answer) {
                OrganisationList list;
                auto r = c.installation.definitions.snapshot()->current;
                for (auto const& [id, o] : r->organisations)
                  list.items.push_back({id, o.name.in(request.language), o.phone, o.region_path});
                answer(http::ok(list));
              }});
  router.add({.method = "GET",
              .path = "/api/log/roots",
              .summary = "Signed roots of the evidence log",
              .tag = "evidence",
              .runs = http::Runs::blocking,
              .action = "log_read",
              .request_schema = {},
              .response_schema = SchemaOf<RootList>::make(),
              .arguments = {{"after", "only roots of more leaves than this"}},
              .handler = [&c](Request const& request, Answer const& answer) {
                auto roots = store::roots_after(*c.installation.database, number(request.argument("after")).value_or(0), 100);
                if (!roots) return answer(problem(roots.error(), request));
                RootList list{{}, c.installation.signer->key().public_pem()};
                for (auto const& r : *roots) list.items.push_back(view(r));
                answer(http::ok(list));
              }});
  router.add({.method = "GET",
              .path = "/api/log/latest",
              .summary = "The newest signed root",
              .tag = "evidence",
              .runs = http::Runs::blocking,
              .action = "log_read",
              .request_schema = {},
              .response_schema = SchemaOf<RootView>::make(),
              .arguments = {},
              .handler = [&c](Request const& request, Answer const& answer) {
                auto root = store::root_latest(*c.installation.database);
                if (!root) return answer(problem(root.error(), request));
                if (!*root) return answer(problem(Error(ErrorCode::spine_not_found, {{"what", "根 / a root"}}), request));
                answer(http::ok(view(**root)));
              }});
  router.add({.method = "GET",
              .path = "/api/log/consistency",
              .summary = "Proof that a larger log extends a smaller one",
              .tag = "evidence",
              .runs = http::Runs::blocking,
              .action = "log_read",
              .request_schema = {},
              .response_schema = SchemaOf<ProofView>::make(),
              .arguments = {{"first", "the smaller size"}, {"second", "the larger size"}},
              .handler = [&c](Request const& request, Answer const& answer) {
                auto first = number(request.argument("first")), second = number(request.argument("second"));
                if (!first || !second || *second > c.installation.database->log_size())
                  return answer(problem(
                      Error(ErrorCode::http_bad_request, {{"why", "first and second must be sizes of the log"}}), request));
                auto path = c.installation.database->consistency(*first, *second);
                if (!path) return answer(problem(path.error(), request));
                ProofView v{static_cast<std::int64_t>(*first), static_cast<std::int64_t>(*second), {}};
                for (Digest const& d : *path) v.path.push_back(to_hex(d));
                answer(http::ok(v));
              }});
}

}  // namespace yiwang::app

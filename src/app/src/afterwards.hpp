#pragma once
// What follows a decision and is shared by several routes' files: refusals in the words of the house, promised materials as
// people see them, what is told about them as time passes.

#include "api.hpp"
#include "yiwang/http/schema.hpp"
#include "yiwang/store/afterwards.hpp"
#include "yiwang/store/matters.hpp"

namespace yiwang::app {

inline Error wrong_step(std::string step, std::string action) {
  return Error(ErrorCode::spine_wrong_step, {{"step", std::move(step)}, {"action", std::move(action)}});
}
inline Error wrong_field(std::string label, std::string why, std::string const& field) {
  return Error(ErrorCode::spine_field, {{"label", std::move(label)}, {"why", std::move(why)}, {"field", field}})
      .at_path("/" + field);
}

struct PromiseView {
  std::string case_id;
  std::string material;
  std::string name;
  std::string matter;
  std::string matter_name;
  std::string due;
  std::string state;
  bool late;
  std::int64_t rounds;
  std::vector<std::string> files;
  std::optional<std::string> sent;
  std::optional<std::string> decided_by;
  std::optional<std::string> reason;
  std::optional<std::string> barred_until;
  std::vector<std::string> may;
};
BOOST_DESCRIBE_STRUCT(PromiseView, (),
                      (case_id, material, name, matter, matter_name, due, state, late, rounds, files, sent, decided_by, reason,
                       barred_until, may))

}  // namespace yiwang::app

// clang-format off
namespace yiwang::http {
YW_DOCS(app::PromiseView, "the case", "the material", "its name", "the matter", "its name", "until when", "awaited, sent, accepted, again (to be sent again), not_kept", "due, and nothing that waits to be looked at", "how often it was sent", "what was sent last", "when", "who has looked at it", "why it is to be sent again", "no further promises until then, unless it is made good", "what you may do now: send, decide")
}
// clang-format on

namespace yiwang::app {

PromiseView promise_view(ApiContext& c, spine::Actor const& actor, store::PromisedMaterial const& promised);
/// Tells people of promised materials that are soon due, or late. Each moment is told once, also across restarts. Errors:
/// store.*.
Status tell_promises(Installation& in);

/// As it stands on a day: what was valid may have run out.
certificate::State state_of(store::CertificateRow const& row, Date today);

/// The holder of a certificate is told what was done to it and why. Errors: store.*.
Status tell_holder(Installation& in, store::Writer& w, store::CertificateRow const& row, std::string_view operation,
                   std::string_view reason);

/// Adds the routes of promised materials, of checks afterwards, and of results and files of a unit.
void add_promise_routes(http::Router& router, ApiContext& context);
void add_check_routes(http::Router& router, ApiContext& context);
void add_credit_routes(http::Router& router, ApiContext& context);
void add_archive_routes(http::Router& router, ApiContext& context);

}  // namespace yiwang::app

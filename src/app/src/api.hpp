#pragma once
// The HTTP interface: every route of the server, each with its authorisation action.

#include <mutex>
#include <unordered_map>

#include "installation.hpp"
#include "yiwang/http/server.hpp"
#include "yiwang/store/views.hpp"

namespace yiwang::app {

/// What the routes need beside the installation.
struct ApiContext {
  explicit ApiContext(Installation& in) : installation(in) {}
  Installation& installation;
  /// Set once the server exists; null in `yiwang openapi`.
  http::Server* server = nullptr;
  std::function<std::string()> metrics;
  std::atomic<bool> ready{true};
  /// Which account a session belongs to, as far as it has been asked: for limits, not for rights.
  std::mutex accounts_mutex;
  std::unordered_map<std::string, std::string> accounts;
};

/// Adds every route. The context must outlive the router.
void add_session_routes(http::Router& router, ApiContext& context);
void add_case_routes(http::Router& router, ApiContext& context);
void add_process_routes(http::Router& router, ApiContext& context);
void add_decision_routes(http::Router& router, ApiContext& context);
void add_system_routes(http::Router& router, ApiContext& context);
void add_ground_routes(http::Router& router, ApiContext& context);
void add_request_routes(http::Router& router, ApiContext& context);
void add_request_figure_routes(http::Router& router, ApiContext& context);
void add_request_channel_routes(http::Router& router, ApiContext& context);
void add_request_take_routes(http::Router& router, ApiContext& context);
void add_request_hotspot_routes(http::Router& router, ApiContext& context);
void add_request_watch_routes(http::Router& router, ApiContext& context);
void add_request_staff_routes(http::Router& router, ApiContext& context);
void add_request_mass_routes(http::Router& router, ApiContext& context);
void add_request_project_routes(http::Router& router, ApiContext& context);
void add_request_map_routes(http::Router& router, ApiContext& context);
void add_request_section_routes(http::Router& router, ApiContext& context);
void add_request_part_routes(http::Router& router, ApiContext& context);
void add_request_list_routes(http::Router& router, ApiContext& context);
void add_search_routes(http::Router& router, ApiContext& context);
void add_matter_routes(http::Router& router, ApiContext& context);
void add_apply_routes(http::Router& router, ApiContext& context);
void add_certificate_routes(http::Router& router, ApiContext& context);
void add_applicant_routes(http::Router& router, ApiContext& context);
void add_counter_routes(http::Router& router, ApiContext& context);
void add_notice_routes(http::Router& router, ApiContext& context);
void add_person_routes(http::Router& router, ApiContext& context);
/// Every answer, before it leaves: without what is kept back of persons under protection, except to themselves. After all routes.
void conceal_everywhere(http::Router& router, ApiContext& context);
void add_afterwards_routes(http::Router& router, ApiContext& context);
/// The account of a session token if it is known, or else the token.
std::string account_of(ApiContext& context, std::string const& token);
/// Channels of the SSE stream for a request's session.
Result<std::vector<std::string>> event_channels(ApiContext& context, http::Request const& request);

/// Loads a case that the actor may read; one that it may not is answered as missing.
Result<store::LoadedCase> readable(ApiContext& context, spine::Actor const& actor, std::string_view id, spine::Action action);
/// The request beside a case; none for cases of other types.
Result<std::optional<store::RequestRow>> request_row(ApiContext& context, spine::CaseState const& state);
/// Gives a command of the request's actor and answers when it is durable.
void run_command(ApiContext& context, http::Request const& request, spine::Command command, http::Answer const& answer);
/// A command on the case of the path; answers and returns nothing when there is no such id.
std::optional<spine::Command> case_command(http::Request const& request, spine::Command::Kind kind, http::Answer const& answer);

/// The bytes of a stored file that the caller may see, or the problem.
void answer_file(ApiContext& context, http::Request const& request, std::string_view hex, http::Answer const& answer);
/// A hash as it stands in forms; none when it is not one.
std::optional<Digest> digest_of(std::string_view hex);

/// The session's actor; nobody when not signed in.
spine::Actor actor_of(ApiContext& context, http::Request const& request);
/// Errors: spine.recused, when the person is the official or a close relative.
Status not_recused(spine::Actor const& actor, SubjectId person);

}  // namespace yiwang::app

#pragma once
// The HTTP interface: every route of the server, each with its authorisation action.

#include "installation.hpp"
#include "yiwang/http/server.hpp"
#include "yiwang/store/views.hpp"

namespace yiwang::app {

/// What the routes need beside the installation.
struct ApiContext {
  Installation& installation;
  /// Set once the server exists; null in `yiwang openapi`.
  http::Server* server = nullptr;
  std::function<std::string()> metrics;
  std::atomic<bool> ready{true};
};

/// Adds every route. The context must outlive the router.
void add_session_routes(http::Router& router, ApiContext& context);
void add_case_routes(http::Router& router, ApiContext& context);
void add_process_routes(http::Router& router, ApiContext& context);
void add_decision_routes(http::Router& router, ApiContext& context);
void add_system_routes(http::Router& router, ApiContext& context);
/// Channels of the SSE stream for a request's session.
Result<std::vector<std::string>> event_channels(ApiContext& context, http::Request const& request);

/// Loads a case that the actor may read; one that it may not is answered as missing.
Result<store::LoadedCase> readable(ApiContext& context, spine::Actor const& actor, std::string_view id, spine::Action action);
/// Gives a command of the request's actor and answers when it is durable.
void run_command(ApiContext& context, http::Request const& request, spine::Command command, http::Answer const& answer);
/// A command on the case of the path; answers and returns nothing when there is no such id.
std::optional<spine::Command> case_command(http::Request const& request, spine::Command::Kind kind, http::Answer const& answer);

/// The session's actor; nobody when not signed in.
spine::Actor actor_of(ApiContext& context, http::Request const& request);

}  // namespace yiwang::app

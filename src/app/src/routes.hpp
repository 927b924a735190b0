#pragma once
// One line for each route of a file: what most of its routes have in common is said once.

#include "api.hpp"
#include "yiwang/http/schema.hpp"

namespace yiwang::app {

using RouteHandler = void (*)(ApiContext&, http::Request const&, http::Answer const&);
/// Who may come this far. Errors: spine.not_signed_in, spine.forbidden.
using RouteGuard = Result<spine::Actor> (*)(ApiContext&, http::Request const&);
/// Of a route behind a guard.
using GuardedHandler = void (*)(ApiContext&, http::Request const&, http::Answer const&, spine::Actor const&);

/// What a line says beside the usual.
struct RouteMore {
  char const* action = nullptr;  ///< of this line
  std::vector<std::pair<std::string, std::string>> arguments = {};
  std::size_t body_max = 0;  ///< 0: as the router has it
  bool command = false;      ///< needs an idempotency key
  http::Runs runs = http::Runs::blocking;
};

/// Routes that, unless a line says otherwise, run beside the network threads; under one tag and, unless a line says otherwise,
/// one authorisation action.
class Routes {
 public:
  Routes(http::Router& router, ApiContext& context, char const* tag, char const* action, RouteGuard guard = nullptr)
      : router_(router), context_(context), tag_(tag), action_(action), guard_(guard) {}

  void add(char const* method, char const* path, char const* summary, json::Value in, json::Value out, RouteHandler handle,
           RouteMore more = {}) {
    put(method, path, summary, std::move(in), std::move(out), std::move(more),
        [&c = context_, handle](http::Request const& request, http::Answer const& answer) { handle(c, request, answer); });
  }
  /// Behind the guard, which answers whoever it does not let through.
  void add(char const* method, char const* path, char const* summary, json::Value in, json::Value out, GuardedHandler handle,
           RouteMore more = {}) {
    put(method, path, summary, std::move(in), std::move(out), std::move(more),
        [&c = context_, guard = guard_, handle](http::Request const& request, http::Answer const& answer) {
          auto actor = guard(c, request);
          if (!actor) return answer(http::problem(actor.error(), request));
          handle(c, request, answer, *actor);
        });
  }

 private:
  void put(char const* method, char const* path, char const* summary, json::Value in, json::Value out, RouteMore more,
           http::Handler handler) {
    http::Route route{.method = method,
                      .path = path,
                      .summary = summary,
                      .tag = tag_,
                      .command = more.command,
                      .runs = more.runs,
                      .action = more.action != nullptr ? more.action : action_,
                      .request_schema = std::move(in),
                      .response_schema = std::move(out),
                      .arguments = std::move(more.arguments),
                      .handler = std::move(handler)};
    if (more.body_max != 0) route.body_max = more.body_max;
    router_.add(std::move(route));
  }

  http::Router& router_;
  ApiContext& context_;
  char const* tag_;
  char const* action_;
  RouteGuard guard_;
};

}  // namespace yiwang::app

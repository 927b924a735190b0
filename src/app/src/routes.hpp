#pragma once
// One line for each route of a file: what most of its routes have in common is said once.

#include "api.hpp"
#include "yiwang/http/schema.hpp"

namespace yiwang::app {

using RouteHandler = void (*)(ApiContext&, http::Request const&, http::Answer const&);

/// Routes that run beside the network threads, under one tag and, unless a line says otherwise, one authorisation action.
class Routes {
 public:
  Routes(http::Router& router, ApiContext& context, char const* tag, char const* action)
      : router_(router), context_(context), tag_(tag), action_(action) {}

  struct More {
    char const* action = nullptr;  ///< of this line
    std::vector<std::pair<std::string, std::string>> arguments = {};
    std::size_t body_max = 0;  ///< 0: as the router has it
    bool command = false;      ///< needs an idempotency key
  };
  void add(char const* method, char const* path, char const* summary, json::Value in, json::Value out, RouteHandler handle,
           More more = {}) {
    http::Route route{.method = method,
                      .path = path,
                      .summary = summary,
                      .tag = tag_,
                      .command = more.command,
                      .runs = http::Runs::blocking,
                      .action = more.action != nullptr ? more.action : action_,
                      .request_schema = std::move(in),
                      .response_schema = std::move(out),
                      .arguments = std::move(more.arguments),
                      .handler = [&c = context_, handle](http::Request const& request, http::Answer const& answer) {
                        handle(c, request, answer);
                      }};
    if (more.body_max != 0) route.body_max = more.body_max;
    router_.add(std::move(route));
  }

 private:
  http::Router& router_;
  ApiContext& context_;
  char const* tag_;
  char const* action_;
};

}  // namespace yiwang::app

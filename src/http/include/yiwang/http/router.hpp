#pragma once
// Routes: method, path, what it needs, what it answers. From the same table come dispatch, OpenAPI and the list that the
// authorisation tests walk.

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "yiwang/http/schema.hpp"
#include "yiwang/spine/identity.hpp"

namespace yiwang::http {

struct Request {
  std::string method;
  std::string path;  ///< decoded, without the query
  std::map<std::string, std::string, std::less<>> query;
  std::map<std::string, std::string, std::less<>> params;  ///< {name} parts of the route
  std::string body;
  std::string content_type;
  std::string idempotency_key;
  std::string if_match;
  std::string if_none_match;
  std::string accept_language;
  std::string file_name;
  std::string session_token;
  std::string remote;  ///< the client's address; empty on the Unix socket
  bool local = false;  ///< came through the Unix socket: an administrator of this machine
  std::string trace_id;
  Language language = Language::zh_cn;
  std::string_view param(std::string_view name) const;
  std::string_view argument(std::string_view name) const;
};

struct Response {
  int status = 200;
  std::string content_type = "application/json; charset=utf-8";
  std::string body;
  std::vector<std::pair<std::string, std::string>> headers;
};

/// Errors as RFC 9457 problem details: type, title, status, detail, code, reference, errors[] with pointers.
Response problem(std::vector<Error> const& errors, Language language = Language::zh_cn, std::string_view reference = {});
inline Response problem(Error error, Request const& request) {
  return problem({std::move(error)}, request.language, request.trace_id);
}
/// The status of an error code; the one mapping of the house.
int status_of(ErrorCode code);

using Answer = std::function<void(Response)>;
using Handler = std::function<void(Request const&, Answer)>;

/// Whether a handler may block (database reads, password hashing): then it runs on the pool for that.
enum class Runs : std::uint8_t { inline_, blocking };

struct Route {
  std::string method;
  std::string path;  ///< "/api/cases/{id}"
  std::string summary;
  std::string tag;
  bool command = false;   ///< needs an Idempotency-Key
  bool raw_body = false;  ///< the body is bytes, not JSON
  bool local = false;     ///< reachable through the Unix socket only, and not described to others
  std::size_t body_max = 64 << 10;
  Runs runs = Runs::inline_;
  std::string action;          ///< the authorisation action that guards it; "public" when none
  json::Value request_schema;  ///< null: no body
  json::Value response_schema;
  std::vector<std::pair<std::string, std::string>> arguments;  ///< query name, description
  Handler handler;
};

class Router {
 public:
  Route& add(Route route);
  /// Finds the route and fills params. Null with `known_path` set when only the method is wrong.
  Route const* find(std::string_view method, std::string_view path, std::map<std::string, std::string, std::less<>>& params,
                    bool& known_path) const;
  std::vector<std::unique_ptr<Route>> const& routes() const { return routes_; }
  json::Value openapi(std::string_view title, std::string_view version) const;

 private:
  std::vector<std::unique_ptr<Route>> routes_;
  std::vector<std::vector<std::string>> parts_;  ///< of each route's path
};

/// Parses a JSON body into a described struct, or answers the problem.
template <class Body>
bool parse_body(Request const& request, Body& out, Answer const& answer) {
  auto value = json::parse(request.body, {1 << 20, 32});
  if (!value) {
    answer(problem(Error(ErrorCode::http_json, {{"why", value.error().message(request.language)}}), request));
    return false;
  }
  std::vector<Error> errors;
  read(*value, out, "", errors);
  if (!errors.empty()) {
    answer(problem(errors, request.language, request.trace_id));
    return false;
  }
  return true;
}
template <class Body>
Response ok(Body const& body, int status = 200) {
  return {status, "application/json; charset=utf-8", json::write(write_value(body)), {}};
}

}  // namespace yiwang::http

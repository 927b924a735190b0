#include "yiwang/http/router.hpp"

namespace yiwang::http {
namespace {

std::vector<std::string_view> split(std::string_view path) {
  std::vector<std::string_view> parts;
  std::size_t at = 1;
  while (at <= path.size()) {
    std::size_t slash = path.find('/', at);
    if (slash == std::string_view::npos) slash = path.size();
    parts.push_back(path.substr(at, slash - at));
    at = slash + 1;
  }
  return parts;
}

bool is_param(std::string_view part) { return part.size() > 2 && part.front() == '{' && part.back() == '}'; }

json::Value text(std::string_view t) { return json::Value::string(std::string(t)); }

}  // namespace

std::string_view Request::param(std::string_view name) const {
  auto it = params.find(name);
  return it == params.end() ? std::string_view{} : it->second;
}
std::string_view Request::argument(std::string_view name) const {
  auto it = query.find(name);
  return it == query.end() ? std::string_view{} : it->second;
}

Route& Router::add(Route route) {
  auto parts = split(route.path);
  parts_.emplace_back(parts.begin(), parts.end());
  return *routes_.emplace_back(std::make_unique<Route>(std::move(route)));
}

Route const* Router::find(std::string_view method, std::string_view path, std::map<std::string, std::string, std::less<>>& params,
                          bool& known_path) const {
  known_path = false;
  if (path.empty() || path[0] != '/') return nullptr;
  auto wanted = split(path);
  for (std::size_t n = 0; n < routes_.size(); ++n) {
    Route const* route = routes_[n].get();
    auto const& parts = parts_[n];
    if (parts.size() != wanted.size()) continue;
    bool fits = true;
    for (std::size_t i = 0; fits && i < parts.size(); ++i) fits = is_param(parts[i]) ? !wanted[i].empty() : parts[i] == wanted[i];
    if (!fits) continue;
    known_path = true;
    if (route->method != method) continue;
    for (std::size_t i = 0; i < parts.size(); ++i) {
      if (is_param(parts[i])) params[parts[i].substr(1, parts[i].size() - 2)] = std::string(wanted[i]);
    }
    return route;
  }
  return nullptr;
}

int status_of(ErrorCode code) {
  switch (code) {
    case ErrorCode::spine_not_signed_in:
    case ErrorCode::spine_login:
    case ErrorCode::spine_second_factor: return 401;
    case ErrorCode::spine_forbidden:
    case ErrorCode::bpmn_not_allowed:
    case ErrorCode::spine_authority_ended:
    case ErrorCode::spine_demo_only:
    case ErrorCode::request_named:
    case ErrorCode::spine_scope:
    case ErrorCode::spine_recused:
    case ErrorCode::clock_extend_by:
    case ErrorCode::http_cross_site: return 403;
    case ErrorCode::spine_not_found:
    case ErrorCode::spine_unknown_case_type:
    case ErrorCode::http_not_found: return 404;
    case ErrorCode::http_method: return 405;
    case ErrorCode::spine_changed:
    case ErrorCode::spine_wrong_step:
    case ErrorCode::spine_too_often:
    case ErrorCode::spine_assigned:
    case ErrorCode::spine_quota:
    case ErrorCode::request_taken_apart:
    case ErrorCode::store_conflict: return 409;
    case ErrorCode::http_precondition: return 412;
    case ErrorCode::http_too_large: return 413;
    case ErrorCode::http_media_type: return 415;
    case ErrorCode::spine_field:
    case ErrorCode::spine_unknown_field:
    case ErrorCode::spine_file:
    case ErrorCode::spine_idempotency:
    case ErrorCode::request_own:
    case ErrorCode::request_window:
    case ErrorCode::request_reply:
    case ErrorCode::request_import:
    case ErrorCode::request_amendment:
    case ErrorCode::http_upload: return 422;
    case ErrorCode::http_rate:
    case ErrorCode::spine_throttled:
    case ErrorCode::spine_locked: return 429;
    case ErrorCode::http_headers: return 431;
    case ErrorCode::http_timeout: return 408;
    case ErrorCode::http_busy:
    case ErrorCode::store_busy:
    case ErrorCode::store_stopping:
    case ErrorCode::store_fenced: return 503;
    default: break;
  }
  switch (next_step(code)) {
    case NextStep::fix_input: return 400;
    case NextStep::retry: return 503;
    case NextStep::ask_staff: return 409;  // a person has to sort it out
    default: return 500;
  }
}

Response problem(std::vector<Error> const& errors, Language language, std::string_view reference) {
  YW_ASSERT(!errors.empty());
  Error const& first = errors.front();
  int status = status_of(first.code());
  // A fault of ours shows its reference number, never its insides.
  bool inside = status >= 500;
  json::Value out = json::Value::object();
  out.set("type", text("about:blank#" + std::string(to_string(first.code()))));
  out.set("title",
          text(errors.size() > 1 ? (language == Language::en ? "Please check what you entered" : "有几处需要核对")
                                 : (inside && status == 500 ? (language == Language::en ? "Something went wrong on our side"
                                                                                        : "系统出了点问题，不是您的问题")
                                                            : first.message(language))));
  out.set("status", json::Value::number(std::to_string(status)));
  out.set("code", text(to_string(first.code())));
  if (!reference.empty()) out.set("reference", text(reference));
  if (!inside) {
    json::Value list = json::Value::array();
    for (Error const& e : errors) {
      json::Value item = json::Value::object({{"code", text(to_string(e.code()))}, {"message", text(e.message(language))}});
      if (!e.place().path.empty()) item.set("pointer", text(e.place().path));
      if (e.place().line != 0) item.set("line", json::Value::number(std::to_string(e.place().line)));
      if (e.place().column != 0) item.set("column", json::Value::number(std::to_string(e.place().column)));
      list.items().push_back(std::move(item));
    }
    out.set("errors", std::move(list));
  }
  Response response{status, "application/problem+json; charset=utf-8", json::write(out), {}};
  if (status == 503) response.headers.emplace_back("Retry-After", "1");
  if (status == 429) {
    auto const seconds =
        std::find_if(first.params().begin(), first.params().end(), [](auto const& p) { return p.first == "seconds"; });
    response.headers.emplace_back("Retry-After", seconds == first.params().end() ? "60" : seconds->second);
  }
  return response;
}

json::Value Router::openapi(std::string_view title, std::string_view version) const {
  json::Value paths = json::Value::object();
  for (auto const& route : routes_) {
    if (route->local) continue;
    json::Value operation = json::Value::object({{"summary", text(route->summary)}});
    json::Value tags = json::Value::array();
    tags.items().push_back(text(route->tag));
    operation.set("tags", std::move(tags));
    operation.set("x-authorisation", text(route->action));
    json::Value parameters = json::Value::array();
    auto parameter = [&](std::string_view name, char const* in, bool required, std::string_view description) {
      json::Value p = json::Value::object({{"name", text(name)}, {"in", text(in)}, {"required", json::Value::boolean(required)}});
      p.set("schema", json::Value::object({{"type", text("string")}}));
      if (!description.empty()) p.set("description", text(description));
      parameters.items().push_back(std::move(p));
    };
    for (std::string_view part : split(route->path)) {
      if (is_param(part)) parameter(part.substr(1, part.size() - 2), "path", true, "");
    }
    for (auto const& [name, description] : route->arguments) parameter(name, "query", false, description);
    if (route->command) parameter("Idempotency-Key", "header", true, "1 to 100 characters; the same key gives the same answer");
    if (!parameters.items().empty()) operation.set("parameters", std::move(parameters));
    auto content = [&](json::Value schema, char const* type) {
      return json::Value::object({{type, json::Value::object({{"schema", std::move(schema)}})}});
    };
    if (route->raw_body) {
      operation.set(
          "requestBody",
          json::Value::object({{"required", json::Value::boolean(true)},
                               {"content", content(json::Value::object({{"type", text("string")}, {"format", text("binary")}}),
                                                   "application/octet-stream")}}));
    } else if (!route->request_schema.is_null()) {
      operation.set("requestBody", json::Value::object({{"required", json::Value::boolean(true)},
                                                        {"content", content(route->request_schema, "application/json")}}));
    }
    json::Value responses = json::Value::object();
    json::Value good = json::Value::object({{"description", text("done")}});
    if (!route->response_schema.is_null()) good.set("content", content(route->response_schema, "application/json"));
    responses.set(route->method == "POST" && route->path == "/api/cases" ? "201" : "200", std::move(good));
    responses.set("default",
                  json::Value::object({{"description", text("a problem, RFC 9457")},
                                       {"content", content(json::Value::object({{"$ref", text("#/components/schemas/Problem")}}),
                                                           "application/problem+json")}}));
    operation.set("responses", std::move(responses));
    std::string method;
    for (char c : route->method) method += static_cast<char>(c | 0x20);
    json::Value* at = nullptr;
    for (auto& [path, item] : paths.members()) {
      if (path == route->path) at = &item;
    }
    if (at == nullptr) {
      paths.members().emplace_back(route->path, json::Value::object());
      at = &paths.members().back().second;
    }
    at->set(method, std::move(operation));
  }
  json::Value fault =
      json::Value::object({{"type", text("object")},
                           {"properties", json::Value::object({{"code", json::Value::object({{"type", text("string")}})},
                                                               {"message", json::Value::object({{"type", text("string")}})},
                                                               {"pointer", json::Value::object({{"type", text("string")}})}})}});
  json::Value required = json::Value::array();
  for (char const* name : {"type", "title", "status", "code"}) required.items().push_back(text(name));
  json::Value properties = json::Value::object();
  for (char const* name : {"type", "title", "code", "reference"})
    properties.set(name, json::Value::object({{"type", text("string")}}));
  properties.set("status", json::Value::object({{"type", text("integer")}}));
  properties.set("errors", json::Value::object({{"type", text("array")}, {"items", std::move(fault)}}));
  json::Value schema = json::Value::object({{"type", text("object")}});
  schema.set("required", std::move(required));
  schema.set("properties", std::move(properties));
  json::Value out = json::Value::object(
      {{"openapi", text("3.1.0")}, {"info", json::Value::object({{"title", text(title)}, {"version", text(version)}})}});
  out.set("paths", std::move(paths));
  out.set("components", json::Value::object({{"schemas", json::Value::object({{"Problem", std::move(schema)}})}}));
  return out;
}

}  // namespace yiwang::http

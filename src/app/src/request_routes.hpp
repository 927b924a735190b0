#pragma once
// Routes of citizens' requests, a line each: who may ask is checked and the body is read before the handler runs, so that no
// handler can forget either.

#include "requests_view.hpp"

namespace yiwang::app {

/// Who may ask: what stands in the list of routes, and the check.
struct Guard {
  std::string action;
  std::function<Status(ApiContext&, spine::Actor const&)> may;
};
inline Guard guard_of(spine::Action action, std::uint8_t relation) {
  return {std::string(spine::to_string(action)),
          [=](ApiContext&, spine::Actor const& actor) { return spine::authorise(actor, action, relation); }};
}
inline Guard in_unit(spine::Action action) { return guard_of(action, spine::kDepartment); }
inline Guard anywhere(spine::Action action) { return guard_of(action, spine::kAny); }
inline Guard own(spine::Action action) { return guard_of(action, spine::kOwn); }
/// Those of the desk that takes requests.
inline Guard of_desk(spine::Action action) {
  return {std::string(spine::to_string(action)),
          [=](ApiContext& c, spine::Actor const& actor) { return at_desk(c, actor, action); }};
}
/// Leaders and supervisors anywhere who read counts, or else those of a unit.
inline Guard everywhere_or_in_unit(spine::Action everywhere, spine::Action unit) {
  return {std::string(spine::to_string(everywhere)) + " or " + std::string(spine::to_string(unit)),
          [=](ApiContext&, spine::Actor const& actor) -> Status {
            if (spine::authorise(actor, everywhere, spine::kAny)) return {};
            return spine::authorise(actor, unit, spine::kDepartment);
          }};
}

using Asked = void(ApiContext&, spine::Actor const&, http::Request const&, http::Answer const&);
template <class Body>
using Told = void(ApiContext&, spine::Actor const&, http::Request const&, Body&, http::Answer const&);

template <class Answered>
http::Route route_of(char const* method, std::string path, std::string summary, Guard const& guard, http::Handler handler) {
  http::Route r;
  r.method = method;
  r.path = std::move(path);
  r.summary = std::move(summary);
  r.tag = "requests";
  r.runs = http::Runs::blocking;
  r.action = guard.action;
  r.response_schema = http::SchemaOf<Answered>::make();
  r.handler = std::move(handler);
  return r;
}
/// A handler that runs only for those who may.
inline http::Handler guarded(ApiContext& c, Guard guard, std::function<Asked> f) {
  return [&c, may = std::move(guard.may), f = std::move(f)](http::Request const& request, http::Answer const& answer) {
    spine::Actor const actor = actor_of(c, request);
    if (Status allowed = may(c, actor); !allowed) return answer(http::problem(allowed.error(), request));
    f(c, actor, request, answer);
  };
}

template <class Answered>
http::Route reads(ApiContext& c, std::string path, std::string summary, Guard guard, Asked* f) {
  return route_of<Answered>("GET", std::move(path), std::move(summary), guard, guarded(c, guard, f));
}
/// Changes something with no more said than the path.
template <class Answered>
http::Route writes(ApiContext& c, std::string path, std::string summary, Guard guard, Asked* f) {
  return route_of<Answered>("POST", std::move(path), std::move(summary), guard, guarded(c, guard, f));
}
template <class Body, class Answered>
http::Route writes(ApiContext& c, std::string path, std::string summary, Guard guard, Told<Body>* f) {
  auto handler = guarded(
      c, guard, [f](ApiContext& context, spine::Actor const& actor, http::Request const& request, http::Answer const& answer) {
        Body body;
        if (http::parse_body(request, body, answer)) f(context, actor, request, body, answer);
      });
  http::Route r = route_of<Answered>("POST", std::move(path), std::move(summary), guard, std::move(handler));
  r.request_schema = http::SchemaOf<Body>::make();
  return r;
}
/// As writes(), with an Idempotency-Key.
template <class Body, class Answered>
http::Route commands(ApiContext& c, std::string path, std::string summary, Guard guard, Told<Body>* f) {
  http::Route r = writes<Body, Answered>(c, std::move(path), std::move(summary), std::move(guard), f);
  r.command = true;
  return r;
}

}  // namespace yiwang::app

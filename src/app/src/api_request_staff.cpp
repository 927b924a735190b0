// Work that passes from one person to another: a transfer for good, or an absence with a deputy, each one recorded act.

#include <algorithm>

#include "request_routes.hpp"
#include "request_watch.hpp"

namespace yiwang::app {

struct TransferBody {
  http::Text<36, 36> from;
  http::Text<36, 36> to;
  http::Text<2, 300> reason;
  std::optional<http::Text<0, 40>> begins_at;
  std::optional<http::Text<0, 40>> ends_at;
};
struct TransferView {
  std::string id;
  std::string from_name;
  std::string to_name;
  std::string reason;
  std::string by_name;
  std::string asked_at;
  std::string begins_at;
  std::optional<std::string> ends_at;
  std::optional<std::string> done_at;
  std::int64_t requests;
  std::int64_t tasks;
};
struct TransferList {
  std::vector<TransferView> items;
};

BOOST_DESCRIBE_STRUCT(TransferBody, (), (from, to, reason, begins_at, ends_at))
BOOST_DESCRIBE_STRUCT(TransferView, (),
                      (id, from_name, to_name, reason, by_name, asked_at, begins_at, ends_at, done_at, requests, tasks))
BOOST_DESCRIBE_STRUCT(TransferList, (), (items))

}  // namespace yiwang::app

// clang-format off
namespace yiwang::http {
YW_DOCS(app::TransferBody, "staff id of the one who leaves or is absent", "staff id of the one who takes over", "why", "for an absence: from when on; now when it is not given", "for an absence: until when the deputy stands in; for good when it is not given")
YW_DOCS(app::TransferView, "the act", "who gave", "who took over", "why", "the supervisor", "when it was ordered", "when it begins", "when an absence ends", "when all tasks had passed over", "open requests that passed over", "tasks that passed over")
YW_DOCS(app::TransferList, "the newest first")
}
// clang-format on

namespace yiwang::app {
namespace {

using http::Answer;
using http::problem;
using http::Request;
using spine::Action;
using spine::Actor;

TransferView view_of(store::Transfer const& t) {
  return {to_string(t.id),
          t.from_name,
          t.to_name,
          t.reason,
          t.by_name,
          to_shanghai_string(Instant{t.asked_us}),
          to_shanghai_string(Instant{t.begins_us}),
          when(t.ends_us),
          when(t.done_us),
          std::max<std::int64_t>(t.requests, 0),
          t.tasks};
}

void ask(ApiContext& c, Actor const& actor, Request const& request, TransferBody& body, Answer const& answer) {
  Instant const now = c.installation.clock.now();
  auto moment = [&](std::optional<http::Text<0, 40>> const& given, std::int64_t otherwise) -> Result<std::int64_t> {
    if (!given || given->value.empty()) return otherwise;
    YW_ASSIGN(Instant at, parse_instant(given->value));
    return at.us;
  };
  auto begins = moment(body.begins_at, now.us), ends = moment(body.ends_at, 0);
  if (!begins) return answer(problem(wrong_member("/begins_at", "2026-11-13T09:30:00+08:00"), request));
  if (!ends || (*ends != 0 && (*ends <= *begins || *ends <= now.us)))
    return answer(problem(wrong_member("/ends_at", "晚于开始的时刻 / a moment after it begins"), request));
  auto people = store::staff_of(*c.installation.database, actor.department);
  if (!people) return answer(problem(people.error(), request));
  auto find = [&](std::string const& id) {
    return std::find_if(people->begin(), people->end(), [&](auto const& p) { return to_string(p.id) == id; });
  };
  auto const from = find(body.from.value), to = find(body.to.value);
  if (from == people->end()) return answer(problem(wrong_member("/from", "本单位没有这个人 / nobody of this unit"), request));
  if (to == people->end() || to == from || to->role != from->role)
    return answer(problem(wrong_member("/to", "要本单位另一个同岗位的人 / another of this unit with the same role"), request));
  store::Transfer t;
  // The same key of the same person is the same act.
  Digest const hash = sm3(to_string(actor.id) + "\ntransfer\n" + request.idempotency_key);
  std::copy(hash.begin(), hash.begin() + static_cast<std::ptrdiff_t>(t.id.size()), t.id.begin());
  auto there = store::transfer_of(*c.installation.database, t.id);
  if (!there) return answer(problem(there.error(), request));
  if (!*there) {
    t.unit = actor.department;
    t.from = body.from.value;
    t.from_name = from->name;
    t.to = body.to.value;
    t.to_name = to->name;
    t.reason = body.reason.value;
    t.by = to_string(actor.id);
    t.by_name = actor.name;
    t.asked_us = now.us;
    t.begins_us = std::max(*begins, now.us);
    t.ends_us = *ends;
    Status kept = c.installation.database->execute([&](store::Writer& w) { return store::put_transfer(w.session(), t); });
    if (!kept) return answer(problem(kept.error(), request));
    if (t.begins_us <= now.us) {
      if (Status begun = begin_transfer(c.installation, t); !begun) return answer(problem(begun.error(), request));
    }
    there = store::transfer_of(*c.installation.database, t.id);
    if (!there || !*there) return answer(problem(missing_request(), request));
  }
  answer(http::ok(view_of(**there), 201));
}

void list(ApiContext& c, Actor const& actor, Request const& request, Answer const& answer) {
  auto found = store::transfers(*c.installation.database, actor.department, 100);
  if (!found) return answer(problem(found.error(), request));
  TransferList out;
  for (auto const& t : *found) out.items.push_back(view_of(t));
  answer(http::ok(out));
}

}  // namespace

void add_request_staff_routes(http::Router& router, ApiContext& c) {
  router.add(commands<TransferBody, TransferView>(
      c, "/api/staff-transfers",
      "All open work of one person passes to another, in one recorded act; with dates it is an absence",
      in_unit(Action::case_reassign), ask));
  router.add(
      reads<TransferList>(c, "/api/staff-transfers", "Transfers and absences of my unit", in_unit(Action::case_reassign), list));
}

}  // namespace yiwang::app

// What follows from rules of the pack when a request moves: duty at night, who holds it, master and members, supervision.

#include <algorithm>

#include "requests_desk.hpp"
#include "requests_json.hpp"
#include "yiwang/store/machine.hpp"
#include "yiwang/store/request_history.hpp"
#include "yiwang/store/request_watch.hpp"

namespace yiwang::app {

using namespace request_json;
using store::RequestRow;
using store::RequestStage;

bool RequestDesk::office_open(Instant at) const {
  auto const known = knowledge();
  return known == nullptr || service_request::office_open(known->hours, calendar_, at);
}
std::int64_t RequestDesk::office_minutes(Instant from, Instant until) const {
  auto const known = knowledge();
  return known ? service_request::office_minutes(known->hours, calendar_, from, until) : 0;
}

void RequestDesk::put_on_duty(json::Value& facts, std::string_view region, std::string_view about, Instant now) const {
  auto const known = knowledge();
  json::Value const* urgent = facts.find("urgent");
  std::string const lead = text_of(facts, "lead");
  if (known == nullptr || urgent == nullptr || !urgent->as_bool() || lead.empty() || office_open(now)) return;
  service_request::OnDuty const duty = service_request::on_duty(*known, lead, known->duties.street_of(region));
  if (duty.unit.empty() || duty.unit == about) return;
  facts.set("unit", string(duty.unit));
  facts.set("duty",
            json::Value::object({{"unit", string(duty.unit)}, {"phone", string(duty.phone)}, {"then", string(duty.then)}}));
}

void RequestDesk::set_members(std::vector<store::UnitMember> const& members) {
  std::map<IdBytes, store::UnitMember> next;
  for (store::UnitMember const& m : members) next.emplace(m.staff, m);
  std::lock_guard lock(mutex_);
  members_ = std::move(next);
}
std::optional<store::UnitMember> RequestDesk::member(IdBytes const& staff) const {
  std::lock_guard lock(mutex_);
  auto at = members_.find(staff);
  return at == members_.end() ? std::nullopt : std::optional(at->second);
}
std::vector<store::UnitMember> RequestDesk::members_of_unit(std::string_view unit) const {
  std::vector<store::UnitMember> out;
  std::lock_guard lock(mutex_);
  for (auto const& [staff, m] : members_) {
    if (m.unit == unit) out.push_back(m);
  }
  return out;
}
bool RequestDesk::hidden(spine::Actor const& actor, RequestRow const& row) const {
  if (request_hidden(actor, row)) return true;
  if (actor.role != spine::Role::clerk || (row.unit != actor.department && row.lead != actor.department)) return false;
  auto const me = member(actor.id);
  if (!me || me->unit != actor.department || row.owner == to_string(actor.id)) return false;
  return !(me->head && row.unit == actor.department && row.section == me->section);
}
store::Inside RequestDesk::inside(spine::Actor const& actor) const {
  auto const me = actor.role == spine::Role::clerk ? member(actor.id) : std::nullopt;
  if (!me || me->unit != actor.department) return {};
  return {me->head ? me->section : "", to_string(actor.id)};
}

void RequestDesk::pass_inside(RequestRow const& row, spine::Command& command, std::vector<Error>& refused) const {
  auto wrong = [&](char const* label, char const* field, char const* why) {
    refused.push_back(Error(ErrorCode::spine_field, {{"label", label}, {"why", why}, {"field", field}})
                          .at_path(std::string("/input/") + field));
  };
  auto const known = knowledge();
  if (command.action == "pass_up") {  // to the section that passed it down, or to who divides the work of the unit
    command.facts = json::Value::object({{"section", string(row.stage == RequestStage::section ? "" : row.section)}});
  } else if (command.action == "assign") {
    auto const* section = known ? known->section(row.unit, text_of(command.input, "section")) : nullptr;
    if (section == nullptr) return wrong("科室或社区", "section", "本单位没有 / the unit has none of that name");
    command.facts = json::Value::object({{"section", string(section->id)}, {"section_name", string(section->name.zh_cn)}});
    command.input.set("section", string(section->name.zh_cn));  // what is read later is a name
  } else {
    auto const id = parse_id(text_of(command.input, "person"));
    auto const person = id ? member(*id) : std::nullopt;
    if (!person || person->unit != row.unit || person->section != row.section)
      return wrong("交给谁", "person", "不是这个科室或社区的人 / nobody of this section");
    command.facts = json::Value::object({{"person", string(to_string(person->staff))}});
    command.input.set("person", string(person->name));
  }
}

Status RequestDesk::join(store::Session& session, RequestRow const& row, spine::Actor const& actor, spine::Command& command,
                         std::vector<Error>& refused) const {
  auto wrong = [&](std::string why) {
    refused.push_back(Error(ErrorCode::spine_field, {{"label", "主件"}, {"why", std::move(why)}, {"field", "master"}})
                          .at_path("/input/master"));
  };
  auto const id = store::find_case(session, text_of(command.input, "master"));
  std::optional<RequestRow> master;
  if (id) {
    YW_ASSIGN(master, store::request_of(session, *id));
  }
  bool const reachable =
      master && !hidden(actor, *master) && (master->unit == actor.department || master->desk == actor.department);
  if (!reachable) {
    wrong("没有这件诉求 / there is no such request");
  } else if (master->case_id == row.case_id || master->master) {
    wrong("主件不能是自己，也不能是别件的随件 / neither itself nor one that waits for another");
  } else if ((master->stage > RequestStage::review && master->stage != RequestStage::section) || row.has(store::kMaster)) {
    wrong("主件要在办，本件不能是别件的主件 / the master must be open, and this one no master itself");
  } else if (!row.sealed.empty() || !row.about_unit.empty() || !master->sealed.empty() || !master->about_unit.empty()) {
    wrong("封存的和投诉单位的要单独办 / what is sealed or about a unit is handled alone");
  } else {
    command.facts = json::Value::object({{"unit", string(master->unit)},
                                         {"lead", string(master->lead)},
                                         {"category", string(master->category)},
                                         {"master", string(to_string(master->case_id))}});
  }
  return {};
}

void RequestDesk::follow_owner(spine::CaseState const& after, spine::Event const& event, std::string const& action,
                               RequestStage was, std::string const& unit_before, RequestRow& row) {
  bool const waits = row.stage == RequestStage::dispatch || row.stage == RequestStage::liaison ||
                     row.stage == RequestStage::adjudicate || row.stage == RequestStage::joined ||
                     row.stage == RequestStage::section;
  bool const above = row.stage == RequestStage::dispatch || row.stage == RequestStage::liaison;
  if (row.unit != unit_before || (above && row.stage != was)) row.section.clear();
  if (row.unit != unit_before || (waits && row.stage != was)) row.owner.clear();
  std::string held;
  for (spine::OpenTask const& task : after.tasks) {
    if (task.performer != spine::Performer::applicant && !task.assignee.empty()) held = task.assignee;
  }
  if (held.empty() && after.assignee != IdBytes{}) held = to_string(after.assignee);
  if (!held.empty()) {
    row.owner = held;
  } else if (event.type == "case.unclaimed") {
    row.owner.clear();
  } else if (row.stage == RequestStage::handle && row.owner.empty() && text_of(event.actor, "role") == "clerk" &&
             action != "forward" && action != "hand_back" && action != "give") {
    row.owner = text_of(event.actor, "id");  // who signs in or works on it has it
  }
}

Status RequestDesk::follow_master(store::Session& session, spine::Event const& event, std::string const& action, RequestStage was,
                                  RequestRow& row) {
  if (action == "join") {
    auto const id = CaseId::parse(text_of(object_of(event.data, "facts"), "master"));
    if (!id) return {};
    YW_ASSIGN(auto master, store::request_of(session, *id));
    if (!master) return {};
    row.master = *id;
    row.lead = master->lead;
    if (!master->category.empty()) row.category = master->category;
    if (row.dispatched_us == 0) row.dispatched_us = event.at.us;
    if (!master->has(store::kMaster)) {
      master->flags |= store::kMaster;
      YW_TRY(store::put_request(session, *master));
    }
    return {};
  }
  if (was == RequestStage::joined && row.stage == RequestStage::answered) {  // the master was answered
    row.replied_us = row.closed_us = event.at.us;
    row.outcome = text_of(object_of(event.data, "input"), "outcome");
    return {};
  }
  if (was == RequestStage::joined && row.stage != RequestStage::joined && row.master) {  // split off, withdrawn, or left alone
    CaseId const left = *row.master;
    row.master.reset();
    YW_TRY(store::put_request(session, row));
    YW_ASSIGN(auto others, store::members_of(session, left));
    if (!others.empty()) return {};
    YW_ASSIGN(auto master, store::request_of(session, left));
    if (!master) return {};
    master->flags &= ~static_cast<std::uint32_t>(store::kMaster);
    return store::put_request(session, *master);
  }
  bool const gone = store::is_over(row.stage) && row.replied_us == 0;
  if (!row.has(store::kMaster) || !(action == "sign" || gone)) return {};
  json::Value payload = json::Value::object({{"outcome", string(row.outcome)}});
  YW_ASSIGN(auto members, store::members_of(session, row.case_id));
  for (CaseId const& member : members) {
    YW_ASSIGN(auto other, store::request_of(session, member));
    if (!other || other->stage != RequestStage::joined) continue;
    json::Value body =
        json::Value::object({{"name", string(gone ? "master_gone" : "master_answered")},
                             {"data", json::Value::object({{"correlation", string(to_string(member))}, {"payload", payload}})}});
    YW_TRY(store::put_effect(session, member, ids_.next(), store::kProcessMessage, json::write_canonical(body), event.at));
  }
  return {};
}

namespace {

store::Supervision supervision(service_request::Rules const& rules, RequestRow const& row, std::string rule, Instant at,
                               std::int64_t since_us) {
  store::Supervision v;
  v.case_id = row.case_id;
  v.rule = std::move(rule);
  v.opened_us = at.us;
  v.since_us = since_us;
  v.unit = row.lead.empty() ? row.unit : row.lead;
  v.desk = v.unit == row.desk ? rules.desk_about_itself : row.desk;  // closed by somebody else than the one who handles it
  return v;
}

}  // namespace

Status RequestDesk::look_for_repeats(store::Session& session, SubjectId person, RequestRow const& row, Instant at) const {
  auto const known = knowledge();
  auto const* rule = known == nullptr ? nullptr : service_request::supervision_rule(known->rules, "repeated");
  if (row.has(store::kAnonymous)) return {};
  if (rule == nullptr || rule->days == 0) return store::put_teller(session, row.case_id, person);
  return store::mark_repeat(session, person, row, row.received_us - rule->days * kMicrosPerDay, rule->times,
                            supervision(known->rules, row, rule->id, at, row.received_us));
}

Status RequestDesk::watch_over(store::Session& session, spine::Event const& event, std::string const& action, bool redone_before,
                               RequestRow& row) const {
  auto const known = knowledge();
  if (known == nullptr) return {};
  service_request::Rules const& rules = known->rules;
  json::Value const& input = object_of(event.data, "input");
  auto open = [&](char const* rule, std::string why) -> Status {
    if (service_request::supervision_rule(rules, rule) == nullptr) return {};
    store::Supervision v = supervision(rules, row, rule, event.at, event.at.us);
    v.why = std::move(why);
    YW_ASSIGN(bool fresh, store::open_supervision(session, v));
    static_cast<void>(fresh);
    return {};
  };
  bool const unsatisfied = action == "reopen" || (action == "rate" && number_of(input, "grade") >= 4);
  if (row.outcome == "solved" && (action == "reopen" || (action == "rate" && text_of(input, "solved") == "solved_no"))) {
    row.flags |= store::kFalseClosure;
    YW_TRY(open("false_closure", action));
  }
  if (action == "rate" && text_of(input, "contacted") == "contacted_no" && row.contacted_us != 0) {
    YW_TRY(open("false_contact", action));
  }
  if (unsatisfied && redone_before) {
    YW_TRY(open("unsatisfied_twice", action));
  }
  if (action == "sign" && row.outcome == "cannot_now") {
    std::string const lead = row.lead.empty() ? row.unit : row.lead;
    YW_TRY(store::open_revisit(session, {row.case_id, event.at.us + rules.unsolved.review_days * kMicrosPerDay, lead,
                                         service_request::reviewer_of(rules, lead), event.at.us, 0, "", "", ""}));
  }
  if (action == "write_off") {
    // Closed within its process by the desk's supervisor, with the finding: what was open for it is closed by the same.
    YW_ASSIGN(auto there, store::supervisions_of(session, row.case_id));
    for (store::Supervision& v : there) {
      if (v.closed_us != 0) continue;
      v.closed_us = event.at.us;
      v.closed_by = text_of(event.actor, "id");
      v.closed_name = text_of(event.actor, "name");
      v.how = "process";
      v.finding = text_of(input, "finding");
      YW_ASSIGN(std::int64_t closed, store::close_supervision(session, v));
      static_cast<void>(closed);
    }
  }
  return {};
}

}  // namespace yiwang::app

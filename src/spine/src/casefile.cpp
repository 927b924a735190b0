#include "aggregate.hpp"
#include "yiwang/bpmn/engine.hpp"
#include "yiwang/format/json_text.hpp"

namespace yiwang::spine {

std::string to_text(Event const& event) {
  // The members in the order of RFC 8785, without a copy of what they hold.
  std::string out =
      "{\"actor\":" + json::write_canonical(event.actor) + ",\"at_us\":" + std::to_string(event.at.us) + ",\"data\":";
  out += json::write_canonical(event.data);
  out += ",\"type\":";
  json::append_string(out, event.type);
  return out + ",\"v\":" + std::to_string(event.version) + "}";
}

Result<Event> parse_event(std::string_view text) {
  auto parsed = json::parse(text);
  if (!parsed) return fail(Error(ErrorCode::spine_event, {{"why", "not JSON"}}).because(parsed.error()));
  Event event;
  event.type = text_of(*parsed, "type");
  event.version = static_cast<int>(number_of(*parsed, "v"));
  event.at = Instant{number_of(*parsed, "at_us")};
  if (json::Value const* actor = parsed->find("actor")) event.actor = *actor;
  if (json::Value const* data = parsed->find("data")) event.data = *data;
  if (event.type.empty() || event.version < 1) return fail(ErrorCode::spine_event, {{"why", "no type or version"}});
  return event;
}

namespace {

void read_strings(json::Value const& v, std::string_view key, std::vector<std::string>& out) {
  if (json::Value const* list = v.find(key)) {
    for (json::Value const& item : list->items()) out.push_back(item.text());
  }
}

constexpr Performer kAllPerformers[] = {Performer::applicant, Performer::clerk, Performer::supervisor, Performer::nobody};
constexpr CaseStatus kAllStatuses[] = {CaseStatus::in_progress, CaseStatus::awaiting_applicant, CaseStatus::concluded};
constexpr RecusalRecord::Stands kAllStands[] = {RecusalRecord::Stands::asked, RecusalRecord::Stands::recused,
                                                RecusalRecord::Stands::kept};
template <class Enum, std::size_t N>
void read_enum(json::Value const& v, std::string_view key, Enum const (&all)[N], Enum& out) {
  std::string const text = text_of(v, key);
  for (Enum e : all) {
    if (to_string(e) == text) out = e;
  }
}

/// The engine's event as it stands in the case's: values that the event already holds are not written twice there.
Result<bpmn::EventRecord> restored(bpmn::Definition const& definition, json::Value const& stored, Event const& event) {
  YW_ASSIGN(bpmn::EventRecord record, bpmn::event_from(definition, stored));
  if (record.at.us == 0) record.at = event.at;
  for (auto& [name, value] : record.data.members()) {
    if (!held_once(name) || value.kind() != json::Kind::string || value.text() != "@" + name) continue;
    if (json::Value const* there = event.data.find(name)) value = *there;
  }
  return record;
}

}  // namespace

Result<CaseState> parse_case_state(CaseId id, std::string_view text) {
  auto parsed = json::parse(text);
  if (!parsed) return fail(Error(ErrorCode::spine_event, {{"why", "the state is not JSON"}}).because(parsed.error()));
  json::Value const& v = *parsed;
  CaseState s;
  s.id = id;
  s.revision = static_cast<std::uint64_t>(number_of(v, "revision"));
  s.case_type = text_of(v, "case_type");
  s.definition = text_of(v, "definition");
  s.step = text_of(v, "step");
  read_enum(v, "status", kAllStatuses, s.status);
  s.applicant = SubjectId(id_of(v, "applicant"));
  s.department = text_of(v, "department");
  s.region_path = text_of(v, "region_path");
  s.query_code = text_of(v, "query_code");
  s.case_number = text_of(v, "case_number");
  s.title = text_of(v, "title");
  s.created = Instant{number_of(v, "created_us")};
  s.step_since = Instant{number_of(v, "step_since_us")};
  if (v.find("concluded_us")) s.concluded = Instant{number_of(v, "concluded_us")};
  s.assignee = id_of(v, "assignee");
  s.assignee_name = text_of(v, "assignee_name");
  s.rating = static_cast<int>(number_of(v, "rating"));
  if (json::Value const* counts = v.find("action_counts")) {
    for (auto const& [action, n] : counts->members()) s.action_counts[action] = static_cast<int>(number_of(*counts, action));
  }
  if (json::Value const* clock = v.find("clock")) {
    for (json::Value const& c : clock->items())
      s.clock.push_back({text_of(c, "type"), Instant{number_of(c, "at_us")}, text_of(c, "reason"), text_of(c, "key"),
                         number_of(c, "amount"), text_of(c, "by")});
  }
  read_strings(v, "files", s.files);
  if (json::Value const* tasks = v.find("tasks")) {
    for (json::Value const& t : tasks->items()) {
      OpenTask task;
      task.id = static_cast<bpmn::Id>(number_of(t, "id"));
      task.node = text_of(t, "node");
      task.kind = text_of(t, "kind");
      read_enum(t, "performer", kAllPerformers, task.performer);
      task.assignee = text_of(t, "assignee");
      read_strings(t, "groups", task.groups);
      task.blocked = flag_of(t, "blocked");
      task.delegated = flag_of(t, "delegated");
      task.urged = number_of(t, "urged");
      task.since = Instant{number_of(t, "since_us")};
      s.tasks.push_back(std::move(task));
    }
  }
  read_strings(v, "took_part", s.took_part);
  if (json::Value const* people = v.find("people")) {
    for (auto const& [person, name] : people->members()) s.people[person] = name.text();
  }
  read_strings(v, "parties", s.parties);
  if (json::Value const* recusals = v.find("recusals")) {
    for (auto const& [person, r] : recusals->members()) {
      RecusalRecord record{RecusalRecord::Stands::asked, text_of(r, "name"), flag_of(r, "own")};
      read_enum(r, "stands", kAllStands, record.stands);
      s.recusals[person] = std::move(record);
    }
  }
  s.suspended = flag_of(v, "suspended");
  s.incidents = static_cast<std::size_t>(number_of(v, "incidents"));
  if (json::Value const* done = v.find("timed_out")) {
    for (auto const& [rule, due] : done->members()) s.timed_out[rule] = Instant{number_of(*done, rule)};
  }
  return s;
}

Status parse_process(CaseType const& type, std::string_view text, CaseState& state) {
  YW_ASSIGN(state.process, bpmn::read_state(*type.process, text));
  return {};
}

/// Members in the order of RFC 8785.
static void append_state(std::string& text, CaseState const& s) {
  json::ObjectText out(text);
  auto put = [](std::string& to, std::string const& item) { json::append_string(to, item); };
  auto numbers = [](auto const& map, auto const& number_in) {
    return [&](std::string& to) {
      char before = '{';
      for (auto const& [name, value] : map) {
        to += before;
        before = ',';
        json::append_string(to, name);
        to += ':' + std::to_string(number_in(value));
      }
      to += map.empty() ? "{}" : "}";
    };
  };
  bool const assigned = s.assignee != IdBytes{};
  out.member("action_counts", numbers(s.action_counts, [](int n) { return n; }));
  out.text("applicant", to_string(s.applicant));
  if (assigned) out.text("assignee", ::yiwang::to_string(s.assignee)).text("assignee_name", s.assignee_name);
  out.text("case_number", s.case_number).text("case_type", s.case_type);
  out.list("clock", s.clock, [](std::string& to, ClockRecord const& c) {
    json::ObjectText record(to);
    if (c.amount != 0) record.number("amount", c.amount);
    record.number("at_us", c.at.us);
    if (!c.by.empty()) record.text("by", c.by);
    if (!c.key.empty()) record.text("key", c.key);
    if (!c.reason.empty()) record.text("reason", c.reason);
    record.text("type", c.type);
  });
  if (s.concluded) out.number("concluded_us", s.concluded->us);
  out.number("created_us", s.created.us).text("definition", s.definition).text("department", s.department);
  out.list("files", s.files, put);
  if (s.incidents != 0) out.number("incidents", static_cast<std::uint64_t>(s.incidents));
  if (!s.parties.empty()) out.list("parties", s.parties, put);
  if (!s.people.empty()) {
    out.member("people", [&](std::string& to) {
      char before = '{';
      for (auto const& [id, name] : s.people) {
        to += before;
        before = ',';
        json::append_string(to, id);
        to += ':';
        json::append_string(to, name);
      }
      to += '}';
    });
  }
  out.text("query_code", s.query_code);
  if (s.rating != 0) out.number("rating", static_cast<std::int64_t>(s.rating));
  if (!s.recusals.empty()) {
    out.member("recusals", [&](std::string& to) {
      json::ObjectText all(to);
      for (auto const& [id, r] : s.recusals) {
        all.member(id, [&record = r](std::string& one) {
          json::ObjectText o(one);
          o.text("name", record.name);
          if (record.own) o.yes("own");
          o.text("stands", to_string(record.stands));
        });
      }
    });
  }
  out.text("region_path", s.region_path).number("revision", s.revision).text("status", to_string(s.status)).text("step", s.step);
  out.number("step_since_us", s.step_since.us);
  if (s.suspended) out.yes("suspended");
  out.list("tasks", s.tasks, [&](std::string& to, OpenTask const& t) {
    json::ObjectText task(to);
    if (!t.assignee.empty()) task.text("assignee", t.assignee);
    if (t.blocked) task.yes("blocked");
    if (t.delegated) task.yes("delegated");
    if (!t.groups.empty()) task.list("groups", t.groups, put);
    task.number("id", t.id);
    if (!t.kind.empty()) task.text("kind", t.kind);
    task.text("node", t.node).text("performer", to_string(t.performer)).number("since_us", t.since.us);
    if (t.urged != 0) task.number("urged", static_cast<std::int64_t>(t.urged));
  });
  if (!s.timed_out.empty()) out.member("timed_out", numbers(s.timed_out, [](Instant due) { return due.us; }));
  out.text("title", s.title);
  if (!s.took_part.empty()) out.list("took_part", s.took_part, put);
}

std::string state_text(CaseState const& state) {
  std::string text;
  text.reserve(2048);
  append_state(text, state);
  return text;
}

std::string process_text(CaseType const& type, CaseState const& state) {
  return state.process ? bpmn::write_state(*type.process, *state.process) : std::string{};
}

std::string describe(CaseType const& type, CaseState const& state, Instant now, Language language) {
  if (!state.process) return {};
  std::string text = bpmn::describe(*type.process, *state.process, now, language);
  auto put = [&](std::string const& id, std::string const& name) {
    for (std::size_t at = text.find(id); !id.empty() && at != std::string::npos; at = text.find(id, at + name.size()))
      text.replace(at, id.size(), name);
  };
  for (auto const& [id, name] : state.people) put(id, name);
  put(to_string(state.applicant), language == Language::en ? "the applicant" : "申请人");
  return text;
}

Result<std::string> without_words(std::string_view process_text) {
  if (process_text.empty()) return std::string{};
  YW_ASSIGN(json::Value root, json::parse(process_text));
  for (auto& [key, elements] : root.members()) {
    if (key != "elements") continue;
    for (json::Value& element : elements.items()) {
      for (auto& [name, variables] : element.members()) {
        if (name == "variables") std::erase_if(variables.members(), [](json::Member const& m) { return held_once(m.first); });
      }
    }
  }
  return json::write(root);
}

std::set<std::string> waits_for(CaseType const& type, CaseState const& state, bool signals) {
  std::set<std::string> out;
  if (!state.process) return out;
  for (bpmn::Waiting const& wait : bpmn::waiting(*type.process, *state.process)) {
    if (wait.signal == signals) out.insert(wait.name);
  }
  return out;
}

Status apply(CaseType const& type, CaseState& s, Event const& event) {
  if (event.version != 1) return fail(ErrorCode::spine_event, {{"why", event.type + " v" + std::to_string(event.version)}});
  json::Value const& d = event.data;
  if (event.type == "case.submitted") {
    s.case_type = text_of(d, "case_type");
    s.definition = text_of(d, "definition");
    s.applicant = SubjectId(id_of(d, "applicant"));
    s.department = text_of(d, "department");
    s.region_path = text_of(d, "region_path");
    s.query_code = text_of(d, "query_code");
    s.case_number = text_of(d, "case_number");
    s.title = text_of(d, "title");
    read_strings(d, "parties", s.parties);
    s.created = s.step_since = event.at;
  } else if (event.type == "case.acted") {
    s.step_since = event.at;
    ++s.action_counts[text_of(d, "action")];
    if (d.find("rating")) s.rating = static_cast<int>(number_of(d, "rating"));
  } else if (event.type == "case.claimed") {
    s.people[text_of(d, "assignee")] = text_of(d, "name");
    if (flag_of(d, "whole")) {
      s.assignee = id_of(d, "assignee");
      s.assignee_name = text_of(d, "name");
    }
  } else if (event.type == "case.unclaimed") {
    if (flag_of(d, "whole")) {
      s.assignee = IdBytes{};
      s.assignee_name.clear();
    }
  } else if (event.type == "case.reassigned") {
    s.department = text_of(d, "to");
    s.assignee = IdBytes{};
    s.assignee_name.clear();
  } else if (event.type == "case.recusal") {
    std::string const person = text_of(d, "person"), act = text_of(d, "act");
    RecusalRecord& record = s.recusals[person];
    record.name = text_of(d, "name");
    if (act == "ask") record = {RecusalRecord::Stands::asked, record.name, flag_of(d, "own")};
    if (act == "recuse") record.stands = RecusalRecord::Stands::recused;
    if (act == "keep") record.stands = RecusalRecord::Stands::kept;
    if (act == "recuse" && ::yiwang::to_string(s.assignee) == person) {
      s.assignee = IdBytes{};
      s.assignee_name.clear();
    }
  } else if (event.type == "case.operated" || event.type == "case.time_out") {
    if (json::Value const* people = d.find("people")) {
      for (auto const& [id, name] : people->members()) s.people[id] = name.text();
    }
    if (json::Value const* rules = d.find("rules")) {
      for (json::Value const& rule : rules->items()) s.timed_out[text_of(rule, "rule")] = Instant{number_of(rule, "due_us")};
    }
  } else if (std::find(std::begin(kCaseEventTypes), std::end(kCaseEventTypes), event.type) == std::end(kCaseEventTypes)) {
    return fail(ErrorCode::spine_event, {{"why", event.type}});
  }
  if (std::string unit = text_of(d, "department"); !unit.empty() && unit != s.department) {
    s.department = unit;
    s.assignee = IdBytes{};
    s.assignee_name.clear();
  }
  read_strings(d, "files", s.files);
  if (json::Value const* clock = d.find("clock"))
    s.clock.push_back({text_of(*clock, "type"), event.at, text_of(*clock, "reason")});
  if (json::Value const* moved = d.find("process")) {
    if (!s.process) s.process.emplace();
    for (json::Value const& stored : moved->items()) {
      YW_ASSIGN(bpmn::EventRecord record, restored(*type.process, stored, event));
      bpmn::apply(*type.process, *s.process, record);
      if (record.type == bpmn::EventType::clock) {
        std::string by = record.name == "extend" ? text_of(event.actor, "role") : std::string{};
        s.clock.push_back(
            {record.name, event.at, record.detail, text_of(record.data, "key"), number_of(record.data, "amount"), std::move(by)});
      }
    }
    follow_process(type, s);
    Standing const now = standing(type, s);
    if (now.step != s.step) s.step_since = event.at;
    s.step = now.step;
    s.status = now.status;
    if (s.status == CaseStatus::concluded && !s.concluded) s.concluded = event.at;
    if (s.status != CaseStatus::concluded) s.concluded.reset();
  }
  ++s.revision;
  return {};
}

}  // namespace yiwang::spine

#include "yiwang/spine/casefile.hpp"

#include <charconv>

#include "yiwang/base/personal.hpp"
#include "yiwang/base/utf8.hpp"

namespace yiwang::spine {
namespace {

json::Value string(std::string_view text) { return json::Value::string(std::string(text)); }
json::Value number(std::int64_t n) { return json::Value::number(std::to_string(n)); }

std::string text_of(json::Value const& v, std::string_view key) {
  json::Value const* child = v.find(key);
  return child && (child->kind() == json::Kind::string || child->kind() == json::Kind::number) ? child->text() : std::string{};
}
std::int64_t number_of(json::Value const& v, std::string_view key) {
  std::string text = text_of(v, key);
  std::int64_t out = 0;
  std::from_chars(text.data(), text.data() + text.size(), out);
  return out;
}
IdBytes id_of(json::Value const& v, std::string_view key) { return parse_id(text_of(v, key)).value_or(IdBytes{}); }

json::Value actor_json(Actor const& actor) {
  json::Value out = json::Value::object({{"role", string(to_string(actor.role))}});
  if (actor.id != IdBytes{}) out.set("id", string(::yiwang::to_string(actor.id)));
  std::string name = actor.name;
  if (actor.is_subject()) {
    auto person = PersonName::create(name);
    name = person ? person->masked() : "*";
  }
  out.set("name", string(name));
  if (!actor.department.empty()) out.set("department", string(actor.department));
  return out;
}

class StepMachine final : public Process {
 public:
  Result<StepChange> begin(CaseType const& type) const override { return StepChange{type.initial, type.step(type.initial)->status}; }
  Result<StepChange> act(CaseType const& type, CaseState const& state, std::string_view name) const override {
    Step const* step = type.step(state.step);
    StepAction const* action = step ? step->find(name) : nullptr;
    if (action == nullptr) {
      return fail(ErrorCode::spine_wrong_step, {{"step", step ? step->title.zh_cn : state.step}, {"action", std::string(name)}});
    }
    auto count = state.action_counts.find(action->id);
    if (action->at_most > 0 && count != state.action_counts.end() && count->second >= action->at_most) {
      return fail(ErrorCode::spine_too_often, {{"action", action->title.zh_cn}, {"max", std::to_string(action->at_most)}});
    }
    return StepChange{action->to, type.step(action->to)->status};
  }
};

/// The first line of a text, at most 24 code points.
std::string title_from(std::string_view text) {
  std::string_view line = text.substr(0, text.find('\n'));
  if (utf8::length(line) <= 24) return std::string(line);
  return std::string(utf8::substring(line, 0, 23)) + "…";
}

void collect_files(json::Value const& input, json::Value& out) {
  for (auto const& [key, value] : input.members()) {
    if (value.kind() != json::Kind::array) continue;
    for (json::Value const& item : value.items()) {
      if (item.kind() == json::Kind::string && item.text().size() == 64) out.items().push_back(item);
    }
  }
}

struct Decider {
  CaseType const& type;
  Process const& process;
  CaseState const* state;
  Command const& command;
  Actor const& actor;
  Facts const& facts;
  Decision<std::vector<Event>> out;

  Decider(CaseType const& t, Process const& p, CaseState const* s, Command const& c, Actor const& a, Facts const& f)
      : type(t), process(p), state(s), command(c), actor(a), facts(f) {}

  void refuse(Error error) { out.errors.push_back(std::move(error)); }
  void emit(std::string_view what, json::Value data) {
    out.value.push_back({std::string(what), 1, facts.now, actor_json(actor), std::move(data)});
  }
  void clock_event(std::string const& name, json::Value& data) {
    auto it = type.clock_events.find(name);
    if (it == type.clock_events.end()) return;
    json::Value event = json::Value::object({{"type", string(it->second.type)}});
    if (!it->second.reason.empty()) event.set("reason", string(it->second.reason));
    data.set("clock", std::move(event));
  }

  void submit() {
    bool may = actor.role == Role::enterprise ? type.for_enterprises : type.for_residents;
    if (!may) return refuse(Error(ErrorCode::spine_forbidden, {{"action", "case_submit"}}));
    json::Value form;
    std::vector<Error> faults = check_fields(type.fields(), command.input, "/form", form);
    if (!faults.empty()) {
      out.errors = std::move(faults);
      return;
    }
    std::string department = type.department;
    if (!type.routing_field.empty()) {
      auto route = type.routing.find(text_of(form, type.routing_field));
      if (route != type.routing.end()) department = route->second;
    }
    auto begun = process.begin(type);
    if (!begun) return refuse(std::move(begun).error());
    json::Value files = json::Value::array();
    collect_files(form, files);
    std::string title = title_from(text_of(form, type.title_from));
    json::Value data = json::Value::object({{"case_type", string(type.id)}, {"definition", string(type.hash)}});
    data.set("applicant", string(to_string(actor.acts_for)));
    data.set("department", string(department));
    data.set("region_path", string(facts.region_path));
    data.set("query_code", string(facts.query_code));
    data.set("case_number", string(facts.case_number));
    data.set("title", string(title.empty() ? type.title.zh_cn : title));
    data.set("step", string(begun->step));
    data.set("status", string(to_string(begun->status)));
    std::vector<json::Value> decided;
    for (CaseDecision const& one : type.decisions) {
      auto made = decide_case(one, form, facts.now);
      if (!made) return refuse(std::move(made).error());
      if (!made->is_null()) decided.push_back(std::move(*made));
    }
    data.set("form", std::move(form));
    data.set("files", std::move(files));
    clock_event("submitted", data);
    emit("case.submitted", std::move(data));
    // The rules decide, not the applicant.
    for (json::Value& one : decided) out.value.push_back({"case.decided", 1, facts.now, actor_json(Actor::system()), std::move(one)});
  }

  void act() {
    Step const* step = type.step(state->step);
    StepAction const* action = step ? step->find(command.action) : nullptr;
    std::uint8_t mine = relations(actor, *state);
    // Who takes no steps at all in this case is refused; who does is told that it is not the turn of this one.
    if (!allowed(actor.role, spine::Action::case_act_applicant, mine)) {
      if (Status may = authorise(actor, spine::Action::case_handle, mine); !may) return refuse(std::move(may).error());
    }
    auto change = process.act(type, *state, command.action);
    if (!change) return refuse(std::move(change).error());
    bool as_applicant = step->performer == Performer::applicant;
    if (Status may = authorise(actor, as_applicant ? spine::Action::case_act_applicant : spine::Action::case_handle, mine); !may) {
      return refuse(std::move(may).error());
    }
    // What a colleague has taken is theirs until they give it back.
    if (!as_applicant && state->assignee != IdBytes{} && state->assignee != actor.id) {
      return refuse(Error(ErrorCode::spine_assigned, {{"name", state->assignee_name}}));
    }
    std::vector<Field const*> fields;
    for (Field const& f : action->fields) fields.push_back(&f);
    json::Value input;
    std::vector<Error> faults = check_fields(fields, command.input.is_null() ? json::Value::object() : command.input, "/input", input);
    if (!faults.empty()) {
      out.errors = std::move(faults);
      return;
    }
    json::Value files = json::Value::array();
    collect_files(input, files);
    json::Value data = json::Value::object({{"action", string(action->id)}, {"from", string(state->step)}, {"to", string(change->step)}});
    data.set("status", string(to_string(change->status)));
    if (action->rates) {
      for (Field const& f : action->fields) {
        if (f.type == FieldType::rating) data.set("rating", number(number_of(input, f.id)));
      }
    }
    data.set("input", std::move(input));
    data.set("files", std::move(files));
    clock_event(action->id, data);
    emit("case.acted", std::move(data));
  }

  void claim(bool take) {
    if (Status may = authorise(actor, spine::Action::case_handle, relations(actor, *state)); !may) return refuse(std::move(may).error());
    if (take) {
      if (state->assignee == actor.id) return;  // already mine: nothing happens, and that is no fault
      if (state->assignee != IdBytes{}) return refuse(Error(ErrorCode::spine_assigned, {{"name", state->assignee_name}}));
      emit("case.claimed", json::Value::object({{"assignee", string(::yiwang::to_string(actor.id))}, {"name", string(actor.name)}}));
    } else {
      if (state->assignee == IdBytes{}) return;
      if (state->assignee != actor.id) return refuse(Error(ErrorCode::spine_assigned, {{"name", state->assignee_name}}));
      emit("case.unclaimed", json::Value::object());
    }
  }

  void reassign() {
    if (Status may = authorise(actor, spine::Action::case_reassign, relations(actor, *state)); !may) return refuse(std::move(may).error());
    if (facts.release->organisation(command.to) == nullptr) return refuse(Error(ErrorCode::spine_not_found, {{"what", "单位 / the unit"}}).at_path("/to"));
    if (state->status == CaseStatus::concluded) {
      return refuse(Error(ErrorCode::spine_wrong_step, {{"step", type.step(state->step)->title.zh_cn}, {"action", "reassign"}}));
    }
    std::string reason = text_of(command.input, "reason");
    if (reason.empty()) return refuse(Error(ErrorCode::spine_field, {{"label", "理由"}, {"why", "请写明理由 / give the reason"}, {"field", "reason"}}).at_path("/input/reason"));
    if (command.to == state->department) return;
    emit("case.reassigned", json::Value::object({{"from", string(state->department)}, {"to", string(command.to)}, {"reason", string(reason)}}));
  }
};

}  // namespace

std::string to_text(Event const& event) {
  json::Value out = json::Value::object({{"type", string(event.type)}, {"v", number(event.version)}, {"at_us", number(event.at.us)}});
  out.set("actor", event.actor);
  out.set("data", event.data);
  return json::write_canonical(out);
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

json::Value to_json(CaseState const& s) {
  json::Value out = json::Value::object();
  out.set("revision", number(static_cast<std::int64_t>(s.revision)));
  out.set("case_type", string(s.case_type));
  out.set("definition", string(s.definition));
  out.set("step", string(s.step));
  out.set("status", string(to_string(s.status)));
  out.set("applicant", string(to_string(s.applicant)));
  out.set("department", string(s.department));
  out.set("region_path", string(s.region_path));
  out.set("query_code", string(s.query_code));
  out.set("case_number", string(s.case_number));
  out.set("title", string(s.title));
  out.set("created_us", number(s.created.us));
  out.set("step_since_us", number(s.step_since.us));
  if (s.concluded) out.set("concluded_us", number(s.concluded->us));
  if (s.assignee != IdBytes{}) {
    out.set("assignee", string(::yiwang::to_string(s.assignee)));
    out.set("assignee_name", string(s.assignee_name));
  }
  if (s.rating != 0) out.set("rating", number(s.rating));
  json::Value counts = json::Value::object();
  for (auto const& [action, n] : s.action_counts) counts.set(action, number(n));
  out.set("action_counts", std::move(counts));
  json::Value clock = json::Value::array();
  for (ClockRecord const& c : s.clock) {
    json::Value record = json::Value::object({{"type", string(c.type)}, {"at_us", number(c.at.us)}});
    if (!c.reason.empty()) record.set("reason", string(c.reason));
    clock.items().push_back(std::move(record));
  }
  out.set("clock", std::move(clock));
  json::Value files = json::Value::array();
  for (std::string const& f : s.files) files.items().push_back(string(f));
  out.set("files", std::move(files));
  return out;
}

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
  std::string status = text_of(v, "status");
  for (CaseStatus c : {CaseStatus::in_progress, CaseStatus::awaiting_applicant, CaseStatus::concluded}) {
    if (to_string(c) == status) s.status = c;
  }
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
    for (json::Value const& c : clock->items()) s.clock.push_back({text_of(c, "type"), Instant{number_of(c, "at_us")}, text_of(c, "reason")});
  }
  if (json::Value const* files = v.find("files")) {
    for (json::Value const& f : files->items()) s.files.push_back(f.text());
  }
  return s;
}

Process const& step_machine() {
  static StepMachine const kMachine;
  return kMachine;
}

std::uint8_t relations(Actor const& actor, CaseState const& state) {
  std::uint8_t out = 0;
  if (actor.is_subject() && actor.acts_for == state.applicant) out |= kOwn;
  if (actor.is_staff()) {
    if (!actor.department.empty() && actor.department == state.department) out |= kDepartment;
    if (state.assignee != IdBytes{} && state.assignee == actor.id) out |= kAssigned;
    if (!actor.region_path.empty() && (state.region_path == actor.region_path || state.region_path.starts_with(actor.region_path + "/"))) out |= kRegion;
  }
  return out;
}

Decision<std::vector<Event>> decide(CaseType const& type, Process const& process, CaseState const* state, Command const& command, Actor const& actor, Facts const& facts) {
  Decider decider(type, process, state, command, actor, facts);
  if (state && command.expected_revision && *command.expected_revision != state->revision) {
    decider.refuse(Error(ErrorCode::spine_changed));
    return decider.out;
  }
  YW_ASSERT((state == nullptr) == (command.kind == Command::Kind::submit));
  switch (command.kind) {
    case Command::Kind::submit: decider.submit(); break;
    case Command::Kind::act: decider.act(); break;
    case Command::Kind::claim: decider.claim(true); break;
    case Command::Kind::unclaim: decider.claim(false); break;
    case Command::Kind::reassign: decider.reassign(); break;
  }
  return decider.out;
}

Status apply(CaseState& s, Event const& event) {
  if (event.version != 1) return fail(ErrorCode::spine_event, {{"why", event.type + " v" + std::to_string(event.version)}});
  json::Value const& d = event.data;
  auto status = [&] {
    std::string text = text_of(d, "status");
    for (CaseStatus c : {CaseStatus::in_progress, CaseStatus::awaiting_applicant, CaseStatus::concluded}) {
      if (to_string(c) == text) s.status = c;
    }
    if (s.status == CaseStatus::concluded && !s.concluded) s.concluded = event.at;
    if (s.status != CaseStatus::concluded) s.concluded.reset();
  };
  auto files_and_clock = [&] {
    if (json::Value const* files = d.find("files")) {
      for (json::Value const& f : files->items()) s.files.push_back(f.text());
    }
    if (json::Value const* clock = d.find("clock")) s.clock.push_back({text_of(*clock, "type"), event.at, text_of(*clock, "reason")});
  };
  if (event.type == "case.submitted") {
    s.case_type = text_of(d, "case_type");
    s.definition = text_of(d, "definition");
    s.applicant = SubjectId(id_of(d, "applicant"));
    s.department = text_of(d, "department");
    s.region_path = text_of(d, "region_path");
    s.query_code = text_of(d, "query_code");
    s.case_number = text_of(d, "case_number");
    s.title = text_of(d, "title");
    s.step = text_of(d, "step");
    s.created = s.step_since = event.at;
    status();
    files_and_clock();
  } else if (event.type == "case.acted") {
    s.step = text_of(d, "to");
    s.step_since = event.at;
    ++s.action_counts[text_of(d, "action")];
    if (d.find("rating")) s.rating = static_cast<int>(number_of(d, "rating"));
    status();
    files_and_clock();
  } else if (event.type == "case.claimed") {
    s.assignee = id_of(d, "assignee");
    s.assignee_name = text_of(d, "name");
  } else if (event.type == "case.unclaimed") {
    s.assignee = IdBytes{};
    s.assignee_name.clear();
  } else if (event.type == "case.reassigned") {
    s.department = text_of(d, "to");
    s.assignee = IdBytes{};
    s.assignee_name.clear();
  } else if (event.type == "case.decided") {
    // A record of what the rules said; what follows from it is the process's own event.
  } else {
    return fail(ErrorCode::spine_event, {{"why", event.type}});
  }
  ++s.revision;
  return {};
}

}  // namespace yiwang::spine

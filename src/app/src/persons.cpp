#include "persons.hpp"

#include <algorithm>

#include "applying.hpp"
#include "yiwang/base/personal.hpp"
#include "yiwang/store/views.hpp"

namespace yiwang::app {
namespace {

std::string text_at(json::Value const& v, std::string_view key) {
  json::Value const* child = v.kind() == json::Kind::object ? v.find(key) : nullptr;
  return child && child->kind() == json::Kind::string ? child->text() : std::string{};
}

/// As a text stands in JSON, without its quotes.
std::string escaped(std::string_view text) {
  std::string out = json::write(json::Value::string(std::string(text)));
  return out.substr(1, out.size() - 2);
}

/// What is shorter says nothing about where somebody lives, and would hide words of everyday.
constexpr std::size_t kShortest = 3;

void add_secret(Protected& p, std::string const& value) {
  if (utf8::length(value) < kShortest) return;
  p.secrets.insert(value);
  p.secrets.insert(escaped(value));
  // Seven digits of eleven are enough to find somebody.
  if (auto phone = PhoneNumber::create(value)) p.secrets.insert(phone->masked());
}

/// What the form, or a step, says of where the person lives and works.
void add_secrets(Protected& p, matter::PersonRules const& rules, spine::CaseType const& type, json::Value const* given) {
  if (given == nullptr || given->kind() != json::Kind::object) return;
  for (auto const& [key, value] : given->members()) {
    if (value.kind() != json::Kind::string) continue;
    spine::Field const* field = type.field(key);
    spine::Field probe;
    probe.id = key;
    if (rules.keeps_back(field ? *field : probe)) add_secret(p, value.text());
  }
}

}  // namespace

void keep_back_fields(matter::PersonRules const& rules, spine::CaseType const& type, json::Value& form) {
  if (form.kind() != json::Kind::object) return;
  for (auto& [key, value] : form.members()) {
    spine::Field const* field = type.field(key);
    if (field != nullptr && rules.keeps_back(*field) && !value.is_null()) value = json::Value::string(rules.shown);
  }
}

bool keep_back(std::string& text, Protected const& person, std::string_view shown) {
  bool found = false;
  // Longer ones first: "海棠街 8 号 3 栋" before "海棠街 8 号".
  std::vector<std::string_view> secrets(person.secrets.begin(), person.secrets.end());
  std::stable_sort(secrets.begin(), secrets.end(), [](auto a, auto b) { return a.size() > b.size(); });
  for (std::string_view secret : secrets) {
    for (std::size_t at = text.find(secret); at != std::string::npos; at = text.find(secret, at + shown.size())) {
      text.replace(at, secret.size(), shown);
      found = true;
    }
  }
  return found;
}

void keep_back(json::Value& value, Protected const& person, std::string_view shown) {
  if (value.kind() == json::Kind::string) {
    std::string text = value.text();
    if (keep_back(text, person, shown)) value = json::Value::string(std::move(text));
    return;
  }
  for (json::Value& item : value.items()) keep_back(item, person, shown);
  for (auto& [key, member] : value.members()) keep_back(member, person, shown);
}

void keep_back(PdfDocument& paper, Protected const& person, std::string_view shown) {
  for (std::string* text : {&paper.title, &paper.number, &paper.issuer, &paper.qr, &paper.mark}) keep_back(*text, person, shown);
  for (PdfLine& line : paper.lines) keep_back(line.text, person, shown);
  for (std::string& note : paper.notes) keep_back(note, person, shown);
}

Result<std::vector<SubjectId>> residents_of_register(store::Database& database, std::string const& words) {
  std::size_t const slash = words.find('/');
  YW_ASSIGN(auto residents, store::residents_named(database, std::string_view(words).substr(0, slash)));
  std::vector<SubjectId> out;
  for (auto const& [id, number] : residents) {
    matter::RegisterSubject const person{words.substr(0, slash), number, "", "", false};
    if (slash == std::string::npos || person.birth() == words.substr(slash + 1) || number == words.substr(slash + 1))
      out.push_back(id);
  }
  return out;
}

std::shared_ptr<Persons::Known const> Persons::known() const {
  std::lock_guard lock(mutex_);
  return known_;
}

Result<std::vector<SubjectId>> Persons::ties_of(store::Database& database, store::StaffPerson const& one, Known const& before,
                                                Date today, bool& answered) {
  std::vector<SubjectId> out{one.citizen.id};
  MatterPack const pack = matters_.current();
  matter::RegisterSubject const about = register_subject(one.citizen);
  for (matter::PersonRules::Relative const& r : pack.persons->relatives) {
    matter::Register const* reg = pack.registers->find(r.register_id);
    matter::RegisterMode const mode = matters_.mode(r.register_id);
    if (reg == nullptr || mode == matter::RegisterMode::down || mode == matter::RegisterMode::slow) {
      // Whom it named before is not forgotten because it does not answer now; it is asked again soon.
      answered = false;
      if (auto it = before.ties.find(one.staff); it != before.ties.end() && it->second.front() == one.citizen.id)
        out.insert(out.end(), it->second.begin() + 1, it->second.end());
      continue;
    }
    json::Value const answer = pack.registers->answer(*reg, about, mode, today);
    json::Value const* named = answer.kind() == json::Kind::object ? answer.find(r.fact) : nullptr;
    if (named == nullptr || named->kind() != json::Kind::array) continue;
    for (json::Value const& relative : named->items()) {
      YW_ASSIGN(auto people, residents_of_register(database, relative.text()));
      out.insert(out.end(), people.begin(), people.end());
    }
  }
  return out;
}

Result<std::shared_ptr<Protected const>> Persons::kept_back(store::Database& database, store::ProtectedPerson person,
                                                            Date today) {
  auto out = std::make_shared<Protected>();
  out->row = std::move(person);
  store::SubjectRecord const& citizen = out->row.citizen;
  MatterPack const pack = matters_.current();
  add_secret(*out, citizen.phone);
  add_secret(*out, citizen.address);
  for (matter::PersonRules::Kept const& k : pack.persons->kept) {
    for (std::string const& path : k.facts) {
      matter::Register const* reg = pack.registers->find(path.substr(0, path.find('.')));
      if (reg == nullptr || reg->of_enterprises) continue;
      json::Value const answer = pack.registers->answer(*reg, register_subject(citizen), matter::RegisterMode::up, today);
      std::string const value = text_at(answer, path.substr(path.find('.') + 1));
      if (value != citizen.name) add_secret(*out, value);  // a head of household by that name
    }
  }
  auto const definitions = definitions_.snapshot();
  store::ListCursor cursor;
  cursor.first = true;
  constexpr int kPage = 100;
  for (;;) {
    YW_ASSIGN(auto rows, store::own_cases(database, citizen.id, cursor, kPage));
    for (store::CaseListRow const& row : rows) {
      out->cases.insert(to_string(row.state.id));
      YW_ASSIGN(auto loaded, store::load_case(database, *definitions, row.state.id));
      spine::CaseType const* type = definitions->find(row.state.definition);
      if (!loaded || type == nullptr) continue;
      for (spine::Event const& e : loaded->events)
        add_secrets(*out, *pack.persons, *type, e.data.find(e.type == "case.submitted" ? "form" : "input"));
    }
    if (rows.size() < kPage) break;
    cursor = {rows.back().sort_key, rows.back().state.id, false};
  }
  return std::shared_ptr<Protected const>(std::move(out));
}

Status Persons::refresh(store::Database& database, Instant now) {
  if (definitions_.snapshot()->current == nullptr) return {};
  auto const before = known();
  auto made = std::make_shared<Known>();
  Date const today = shanghai_date(now);
  made->day = today.days;
  YW_ASSIGN(auto staff, store::staff_persons(database));
  for (store::StaffPerson const& one : staff) {
    bool answered = true;
    YW_ASSIGN(auto ties, ties_of(database, one, *before, today, answered));
    if (!answered) made->day = 0;
    made->tied.insert(ties.begin(), ties.end());
    made->ties.emplace(one.staff, std::move(ties));
  }
  YW_ASSIGN(auto people, store::protected_persons(database));
  for (store::ProtectedPerson& p : people) {
    if (p.until.us <= now.us) continue;
    SubjectId const id = p.citizen.id;
    YW_ASSIGN(auto kept, kept_back(database, std::move(p), today));
    made->kept_back.emplace(id, std::move(kept));
  }
  std::lock_guard lock(mutex_);
  // What was said while this was read is not forgotten.
  for (auto& [id, now_kept] : made->kept_back) {
    auto const was = known_->kept_back.find(id);
    if (was == known_->kept_back.end() || was->second == nullptr) continue;
    auto both = std::make_shared<Protected>(*now_kept);
    both->secrets.insert(was->second->secrets.begin(), was->second->secrets.end());
    both->cases.insert(was->second->cases.begin(), was->second->cases.end());
    now_kept = std::move(both);
  }
  known_ = std::move(made);
  return {};
}

Status Persons::refresh_daily(store::Database& database, Instant now) {
  return known()->day == shanghai_date(now).days ? Status{} : refresh(database, now);
}

void Persons::fill(spine::Actor& actor) const {
  if (!actor.is_staff()) return;
  auto const k = known();
  if (auto it = k->ties.find(actor.id); it != k->ties.end()) actor.ties = it->second;
}

// Source: Civil Code article 61. Who represents a company is who the register names; its power ends with the change, not when
// somebody gets round to writing it down here. What other delegates were given, the company has given.
Result<std::optional<std::string>> Persons::replaced(store::IdentityService& people, SubjectId enterprise, SubjectId agent,
                                                     Instant now) {
  Date const today = shanghai_date(now);
  std::pair<SubjectId, SubjectId> const both{enterprise, agent};
  {
    auto const k = known();
    auto it = k->replaced.find(both);
    if (it != k->replaced.end() && k->day == today.days) return it->second;
  }
  std::optional<std::string> out;
  MatterPack const pack = matters_.current();
  matter::PersonRules::Representatives const& rule = pack.persons->representatives;
  matter::Register const* reg = pack.registers->find(rule.register_id);
  matter::RegisterMode const mode = matters_.mode(rule.register_id);
  // A register that does not answer takes nobody's power away (never.md 12).
  if (reg == nullptr || mode == matter::RegisterMode::down || mode == matter::RegisterMode::slow) return out;
  YW_ASSIGN(store::SubjectRecord firm, people.subject(enterprise));
  YW_ASSIGN(store::SubjectRecord person, people.subject(agent));
  json::Value const answer = pack.registers->answer(*reg, register_subject(firm), mode, today);
  json::Value const* former = answer.kind() == json::Kind::object ? answer.find(rule.former) : nullptr;
  matter::RegisterSubject const about = register_subject(person);
  for (json::Value const& one : former && former->kind() == json::Kind::array ? former->items() : std::vector<json::Value>{}) {
    if (one.text() != about.name + "/" + about.birth()) continue;
    std::string const since = text_at(answer, rule.since);
    auto const day = parse_date(since);
    if (!day || *day <= today) out = since;
  }
  std::lock_guard lock(mutex_);
  if (known_->day == today.days) {
    auto made = std::make_shared<Known>(*known_);
    made->replaced[both] = out;
    known_ = std::move(made);
  }
  return out;
}

std::shared_ptr<Protected const> Persons::under_protection(SubjectId subject, Instant now) const {
  auto const k = known();
  auto it = k->kept_back.find(subject);
  return it == k->kept_back.end() || it->second->row.until.us <= now.us ? nullptr : it->second;
}

std::vector<std::shared_ptr<Protected const>> Persons::all_protected(Instant now) const {
  std::vector<std::shared_ptr<Protected const>> out;
  for (auto const& [id, person] : known()->kept_back) {
    if (person->row.until.us > now.us) out.push_back(person);
  }
  return out;
}

/// Nothing is given to somebody who keeps out of the case. About officials their own unit decides; about its head, whom nobody
/// there may decide about, the unit that the pack names.
Result<std::vector<Error>> Persons::prepare(store::Session& session, spine::CaseType const&, spine::CaseState const* before,
                                            spine::Actor const& actor, spine::Command& command, Instant now) {
  std::vector<Error> refused;
  if (command.kind == spine::Command::Kind::recuse && command.action != "ask" && command.people.size() == 1 &&
      actor.department != matters_.current().persons->alarm_unit) {
    YW_ASSIGN(auto people, store::staff_in_office(session, actor.department, now));
    bool const of_unit = std::any_of(people.begin(), people.end(),
                                     [&](spine::Actor const& one) { return to_string(one.id) == command.people.front(); });
    if (!of_unit && actor.role == spine::Role::supervisor)
      refused.push_back(
          Error(ErrorCode::spine_forbidden, {{"action", "决定别的单位工作人员的回避 / decide about another unit's official"}}));
    return refused;
  }
  if (before == nullptr || command.kind != spine::Command::Kind::operate) return refused;
  auto const k = known();
  if (k->ties.empty() && before->recusals.empty()) return refused;
  for (std::string const& person : command.people) {
    auto const id = parse_id(person);
    if (!id) continue;
    spine::Actor one;
    one.role = spine::Role::clerk;
    one.id = *id;
    fill(one);
    if (spine::recusal(one, *before) != spine::Recusal::none)
      refused.push_back(
          Error(ErrorCode::spine_field, {{"label", "工作人员 / staff"},
                                         {"why", "他要回避这件事，请选别人 / keeps out of this case: choose another"},
                                         {"field", "people"}})
              .at_path("/people"));
  }
  return refused;
}

namespace {

/// Units that the groups of a task name; the case's own when there are none.
std::set<std::string> units_of(spine::OpenTask const& task, std::string const& department) {
  std::set<std::string> out;
  for (std::string const& group : task.groups) {
    if (group.starts_with("unit:")) out.insert(group.substr(5));
    if (group.starts_with("role:")) {
      std::size_t const at = group.find('@');
      out.insert(at == std::string::npos ? department : group.substr(at + 1));
    }
  }
  if (out.empty()) out.insert(department);
  return out;
}

}  // namespace

/// Whether somebody is left for each open task of a case that an official keeps out of; the head of the unit is alarmed when not,
/// or, when that one keeps out too, the head of the unit that the pack names.
Status Persons::watch(store::Session& session, spine::CaseState const& after, Instant now) {
  bool stuck = false;
  auto people_of = [&](std::string const& unit) -> Result<std::vector<spine::Actor>> {
    YW_ASSIGN(auto people, store::staff_in_office(session, unit, now));
    for (spine::Actor& one : people) fill(one);
    return people;
  };
  for (spine::OpenTask const& task : after.tasks) {
    if (task.performer == spine::Performer::applicant || task.performer == spine::Performer::nobody) continue;
    bool anybody = false;
    for (std::string const& unit : units_of(task, after.department)) {
      YW_ASSIGN(auto people, people_of(unit));
      for (spine::Actor const& one : people) {
        bool const given = !task.assignee.empty() && task.assignee == to_string(one.id);
        anybody = anybody || (given ? spine::recusal(one, after) == spine::Recusal::none : spine::offered(one, after, task));
      }
    }
    stuck = stuck || !anybody;
  }
  if (!stuck) {
    YW_TRY(store::close_alarm(session, after.id, store::kNobodyLeft, now));
    return {};
  }
  YW_ASSIGN(auto people, people_of(after.department));
  bool const head = std::any_of(people.begin(), people.end(), [&](spine::Actor const& one) {
    return one.role == spine::Role::supervisor && spine::recusal(one, after) == spine::Recusal::none;
  });
  std::string const above = matters_.current().persons->alarm_unit;
  YW_TRY(store::raise_alarm(session, {after.id,
                                      store::kNobodyLeft,
                                      head || above.empty() ? after.department : above,
                                      "能办这一环节的人都要回避，请另行安排 / everybody who may do this step keeps out of it",
                                      now,
                                      {}}));
  return {};
}

void Persons::remember(spine::CaseType const& type, spine::CaseState const& after, spine::Event const& event) {
  bool const begins = event.type == "case.submitted";
  if (!begins && event.type != "case.acted") return;
  std::lock_guard lock(mutex_);
  auto it = known_->kept_back.find(after.applicant);
  if (it == known_->kept_back.end()) return;
  auto person = std::make_shared<Protected>(*it->second);
  person->cases.insert(to_string(after.id));
  add_secrets(*person, *matters_.current().persons, type, event.data.find(begins ? "form" : "input"));
  auto made = std::make_shared<Known>(*known_);
  made->kept_back[after.applicant] = std::move(person);
  known_ = std::move(made);
}

Status Persons::project(store::Session& session, spine::CaseType const& type, spine::CaseState const& after,
                        spine::Event const& event) {
  auto const k = known();
  if (k->kept_back.contains(after.applicant)) remember(type, after, event);
  bool touched = !after.recusals.empty() || k->tied.contains(after.applicant);
  for (std::string const& party : after.parties) {
    auto const id = SubjectId::parse(party);
    touched = touched || (id && k->tied.contains(*id));
  }
  return touched ? watch(session, after, event.at) : Status{};
}

}  // namespace yiwang::app

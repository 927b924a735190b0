#include "applying.hpp"

#include <thread>

#include "yiwang/format/json_order.hpp"
#include "yiwang/spine/forms.hpp"
#include "yiwang/store/afterwards.hpp"
#include "yiwang/store/matters.hpp"

namespace yiwang::app {
namespace {

constexpr std::string_view kFactsPrefix = "@facts.";
constexpr auto kSlowest = std::chrono::milliseconds(2000);
/// What the universal rules need of everybody.
constexpr std::string_view kAlways[] = {"person.birth", "person.death_date", "person.id_type", "person.level"};
constexpr std::string_view kAlwaysOfFirms[] = {"company.status"};
/// A firm that has ceased to exist, as the register of companies says it (U6 for enterprises).
constexpr std::string_view kCeased[] = {"注销", "吊销"};

json::Value string(std::string_view text) { return json::Value::string(std::string(text)); }
json::Value yes(bool b) { return json::Value::boolean(b); }

std::pair<std::string, std::string> halves(std::string_view path) {
  auto const dot = path.find('.');
  if (dot == std::string_view::npos) return {std::string(path), ""};
  return {std::string(path.substr(0, dot)), std::string(path.substr(dot + 1))};
}

json::Value const* fact(json::Value const& facts, std::string_view reg, std::string_view id) {
  json::Value const* r = facts.find(reg);
  return r && r->kind() == json::Kind::object ? r->find(id) : nullptr;
}

bool truthy(json::Value const* v) { return v != nullptr && v->kind() == json::Kind::boolean && v->as_bool(); }

/// Full years between two days.
std::int64_t age_on(Date birth, Date day) {
  YearMonthDay const b = to_ymd(birth), d = to_ymd(day);
  std::int64_t const years = static_cast<std::int64_t>(d.year) - static_cast<std::int64_t>(b.year);
  return d.month < b.month || (d.month == b.month && d.day < b.day) ? years - 1 : years;
}

/// What a form says to a register of values.
std::string said_of(matter::Register const& r, json::Value const* form) {
  for (std::string const& field : r.of_fields) {
    json::Value const* v = form != nullptr && form->kind() == json::Kind::object ? form->find(field) : nullptr;
    if (v != nullptr && v->kind() == json::Kind::string && !v->text().empty()) return v->text();
  }
  return {};
}

/// What an application takes from whoever makes it (S25, S26, S40). Values of earlier applications count as filled in: to look
/// them up again would cost every application more than the figure is worth.
json::Value effort_of(spine::CaseType const& type, spine::FormView const& view, json::Value const& input, Known const& known,
                      std::string_view phone, std::vector<matter::Material const*> const& needed) {
  std::int64_t asked = 0, there = 0, typed = 0, sheets = 0;
  for (spine::Field const* f : type.fields()) {
    if (f->type == spine::FieldType::files || view.hidden.contains(f->id)) continue;
    json::Value const* given = input.kind() == json::Kind::object ? input.find(f->id) : nullptr;
    bool const filled = given != nullptr && !given->is_null();
    auto const found =
        std::find_if(known.prefilled.begin(), known.prefilled.end(), [&](Prefilled const& p) { return p.field == f->id; });
    bool const as_known = !f->compute.empty() || (f->prefill == "subject.phone" && filled && given->text() == phone) ||
                          (found != known.prefilled.end() && (!filled || same_value(*given, found->value)));
    if (!as_known && !filled) continue;  // optional and left open
    asked++;
    (as_known ? there : typed)++;
  }
  for (matter::Material const* m : needed) {
    auto const source =
        std::find_if(known.sources.begin(), known.sources.end(), [&](SourceState const& s) { return s.id == m->register_id; });
    bool const answered = m->register_id.empty() || source == known.sources.end() || source->state == "answered";
    if (m->need == matter::Need::fetched && answered)
      sheets += std::max<std::int64_t>(m->pages, 1) * std::max<std::int64_t>(m->copies, 1);
  }
  auto number = [](std::int64_t n) { return json::Value::number(std::to_string(n)); };
  return json::Value::object(
      {{"asked", number(asked)}, {"known", number(there)}, {"typed", number(typed)}, {"sheets", number(sheets)}});
}

}  // namespace

matter::RegisterSubject register_subject(store::SubjectRecord const& subject) {
  return {subject.name, subject.id_number, subject.address, subject.region_path, subject.kind == store::SubjectKind::enterprise};
}

std::string number_kind(store::SubjectKind kind, json::Value const& facts) {
  if (kind == store::SubjectKind::enterprise) return "统一社会信用代码";
  json::Value const* id_type = fact(facts, "person", "id_type");
  return id_type == nullptr || id_type->text() == "居民身份证" ? "公民身份号码" : id_type->text() + "号码";
}

bool same_value(json::Value const& a, json::Value const& b) {
  if (a.kind() == json::Kind::boolean || b.kind() == json::Kind::boolean)
    return a.kind() == b.kind() && a.as_bool() == b.as_bool();
  return a.text() == b.text();
}

matter::Situation answers_of(matter::Matter const& matter, matter::Situation given, json::Value const& form) {
  for (matter::Question const& q : matter.questions) {
    json::Value const* chosen = form.kind() == json::Kind::object ? form.find(q.id) : nullptr;
    bool const known_answer =
        chosen != nullptr && chosen->kind() == json::Kind::string &&
        std::any_of(q.answers.begin(), q.answers.end(), [&](matter::Answer const& a) { return a.id == chosen->text(); });
    if (known_answer) given[q.id] = chosen->text();
  }
  return given;
}

Known ask_registers(Installation& in, spine::CaseType const& type, matter::RegisterSubject const& about, Date today,
                    json::Value const* form) {
  MatterPack const pack = in.matters.current();
  std::map<std::string, std::set<std::string>> wanted;
  auto want = [&](std::string_view path) {
    auto const [reg, id] = halves(path);
    matter::Register const* r = pack.registers->find(reg);
    if (r != nullptr && r->fact(id) != nullptr) wanted[reg].insert(id);
  };
  if (!about.enterprise) {
    for (std::string_view path : kAlways) want(path);
  } else {
    for (std::string_view path : kAlwaysOfFirms) want(path);
  }
  matter::PersonRules::Credit const& credit = pack.persons->credit;
  for (std::string const* asked : {&credit.severe, &credit.level, &credit.honoured}) want(credit.register_id + "." + *asked);
  for (spine::CaseDecision const& d : type.decisions) {
    for (auto const& [input, source] : d.inputs) {
      if (source.starts_with(kFactsPrefix)) want(std::string_view(source).substr(kFactsPrefix.size()));
    }
  }
  for (spine::Field const* f : type.fields()) want(f->prefill);
  Known known;
  bool waited = false;
  for (auto const& [id, facts] : wanted) {
    matter::Register const& r = *pack.registers->find(id);
    matter::RegisterSubject asked = about;
    if (!r.of_fields.empty()) {
      asked.value = said_of(r, form);
      if (asked.value.empty()) continue;
    }
    matter::RegisterMode const mode = in.matters.mode(id);
    // A slow one is waited for as long as everybody would wait, once.
    if (mode == matter::RegisterMode::slow && !waited) std::this_thread::sleep_for(kSlowest), waited = true;
    if (mode == matter::RegisterMode::down || mode == matter::RegisterMode::slow) {
      known.sources.push_back({id, r.title, "unavailable", r.updated});
      known.all_answered = false;
      continue;
    }
    json::Value answer = pack.registers->answer(r, asked, mode, today);
    // Of another number it has not answered about this one (two numbers that were merged): people look (U9).
    json::Value const* number = answer.kind() == json::Kind::object ? answer.find("id_no") : nullptr;
    if (number != nullptr && !number->text().empty() && number->text() != about.id_number) answer = json::Value{};
    known.sources.push_back({id, r.title, answer.is_null() ? "no_record" : "answered", r.updated});
    if (answer.is_null()) continue;
    json::Value kept = json::Value::object();
    for (auto const& [key, value] : answer.members()) {
      if (facts.contains(key)) kept.set(key, value);
    }
    known.facts.set(id, std::move(kept));
  }
  auto definitions = in.definitions.snapshot();
  for (spine::Field const* f : type.fields()) {
    auto const [reg, id] = halves(f->prefill);
    json::Value const* value = id.empty() ? nullptr : fact(known.facts, reg, id);
    if (value == nullptr || value->is_null()) continue;
    matter::Register const& r = *pack.registers->find(reg);
    auto const* unit = definitions->current->organisation(r.holder);
    known.prefilled.push_back({f->id, f->prefill, r.title, unit ? unit->name.zh_cn : r.holder, r.updated, *value});
  }
  return known;
}

Status add_earlier(Installation& in, spine::CaseType const& type, spine::Actor const& actor, bool counter, Instant before,
                   Known& known) {
  MatterPack const pack = in.matters.current();
  constexpr int kLook = 20;                           // newest applications
  std::map<std::string, spine::Field const*> wanted;  // by meaning
  std::int64_t longest = 0;
  for (spine::Field const* f : type.fields()) {
    std::int64_t const days = pack.elements->days_for(*f);
    bool const filled =
        std::any_of(known.prefilled.begin(), known.prefilled.end(), [&](Prefilled const& p) { return p.field == f->id; });
    if (days == 0 || filled || (counter && f->personal)) continue;
    wanted.emplace(f->prefill, f);
    longest = std::max(longest, days);
  }
  if (wanted.empty()) return {};
  auto const definitions = in.definitions.snapshot();
  YW_ASSIGN(auto first_page, store::ListCursor::parse(""));
  YW_ASSIGN(auto rows, store::own_cases(*in.database, actor.acts_for, first_page, kLook));
  for (store::CaseListRow const& row : rows) {
    if (wanted.empty()) break;
    spine::CaseType const* of = definitions->find(row.state.definition);
    if (of == nullptr || of->decision("universal") == nullptr || !actor.covers(of->id)) continue;
    if (row.state.created.us >= before.us || before.us - row.state.created.us > longest * kMicrosPerDay) continue;
    bool const shares = std::any_of(wanted.begin(), wanted.end(), [&](auto const& w) {
      auto const fields = of->fields();
      return std::any_of(fields.begin(), fields.end(), [&](spine::Field const* f) { return f->prefill == w.first; });
    });
    if (!shares) continue;
    YW_ASSIGN(auto matter_row, store::matter_case(*in.database, row.state.id));
    if (!matter_row || matter_row->outcome == "withdrawn" || matter_row->outcome == "ended") continue;
    json::Value first;
    YW_TRY(in.database->read([&](store::Session& session) -> Status {
      YW_ASSIGN(first, store::first_event(session, row.state.id));
      return {};
    }));
    json::Value const* form = first.kind() == json::Kind::object ? first.find("form") : nullptr;
    if (form == nullptr || form->kind() != json::Kind::object) continue;  // erased
    matter::Matter const* m = pack.catalogue->find(matter_row->matter, shanghai_date(row.state.created));
    for (spine::Field const* f : of->fields()) {
      auto it = wanted.find(f->prefill);
      if (it == wanted.end() || f->type != it->second->type || pack.elements->days_for(*f) == 0) continue;
      if (before.us - row.state.created.us > pack.elements->days_for(*it->second) * kMicrosPerDay) continue;
      json::Value const* value = form->find(f->id);
      if (value == nullptr || value->is_null() || value->text().empty()) continue;
      known.prefilled.push_back({it->second->id, "", m != nullptr ? m->name : of->title.zh_cn, "",
                                 to_string(shanghai_date(row.state.created)), *value, to_string(row.state.id)});
      wanted.erase(it);
    }
  }
  return {};
}

ListedProjects projects_of(Installation& in, spine::CaseType const& type, matter::RegisterSubject const& about, Date today) {
  ListedProjects out;
  MatterPack const pack = in.matters.current();
  matter::PersonRules::Projects const& rule = pack.persons->projects;
  matter::Register const* reg = pack.registers->find(rule.register_id);
  out.asked = reg != nullptr && about.enterprise && type.field(rule.field) != nullptr && type.field(rule.place) != nullptr;
  if (!out.asked) return out;
  matter::RegisterMode const mode = in.matters.mode(rule.register_id);
  out.answered = mode == matter::RegisterMode::up || mode == matter::RegisterMode::wrong;
  if (!out.answered) return out;
  json::Value const answer = pack.registers->answer(*reg, about, mode, today);
  if (json::Value const* listed = answer.kind() == json::Kind::object ? answer.find(rule.fact) : nullptr)
    out.listed = matter::PersonRules::projects_in(*listed);
  return out;
}

namespace {

/// The project that the form names: one that the register lists, and at its place. Null when it names none.
matter::PersonRules::Project const* project_in(matter::PersonRules::Projects const& rule, ListedProjects const& projects,
                                               json::Value const& form, std::vector<Error>& faults) {
  auto given = [&](std::string const& id) {
    json::Value const* v = form.kind() == json::Kind::object ? form.find(id) : nullptr;
    return v != nullptr && v->kind() == json::Kind::string ? v->text() : std::string{};
  };
  std::string const named = given(rule.field);
  // A register that does not answer sends it to people; it turns nobody down (never.md 12).
  if (named.empty() || !projects.asked || !projects.answered) return nullptr;
  auto wrong = [&](char const* label, std::string why, std::string const& field) {
    faults.push_back(
        Error(ErrorCode::spine_field, {{"label", label}, {"why", std::move(why)}, {"field", field}}).at_path("/form/" + field));
  };
  auto const it = std::find_if(projects.listed.begin(), projects.listed.end(), [&](auto const& p) { return p.name == named; });
  if (it == projects.listed.end()) {
    wrong("工程项目", "请从本企业登记的项目中选 / choose one of the enterprise's registered projects", rule.field);
    return nullptr;
  }
  if (!it->place.empty() && given(rule.place).find(it->place) == std::string::npos)
    wrong("路段", "所选项目在“" + it->place + "”，不能和别的项目的地址混填 / the project is there: not the place of another",
          rule.place);
  return &*it;
}

}  // namespace

std::vector<Error> prepare_application(Installation& in, matter::Matter const& matter, spine::CaseType const& type,
                                       spine::Actor const& actor, Application const& given, spine::Command& command,
                                       Instant now) {
  std::vector<Error> faults;
  Date const today = shanghai_date(now);
  auto wrong = [&](std::string label, std::string why, std::string path) {
    faults.push_back(Error(ErrorCode::spine_field,
                           {{"label", std::move(label)}, {"why", std::move(why)}, {"field", path.substr(path.rfind('/') + 1)}})
                         .at_path(path));
  };
  auto subject = in.identity->subject(actor.acts_for);
  if (!subject) return {subject.error()};
  matter::RegisterSubject const person = register_subject(*subject);
  Known known = ask_registers(in, type, person, today, &command.input);
  json::Value& facts = known.facts;

  // Materials of the situation: what is main must be there; what is secondary may follow by promise, for those in good credit.
  // A question of the situation that the form asks too has been answered there; a field that the form does not ask for needs no
  // file.
  matter::Situation const answers = answers_of(matter, given.answers, command.input);
  spine::FormView const view = spine::follow_form(type, command.input, today);
  auto needed = matter::materials_for(matter, answers);
  if (!needed) return {needed.error()};
  MatterPack const pack = in.matters.current();
  matter::PersonRules::Credit const& rule = pack.persons->credit;
  bool const severe = truthy(fact(facts, rule.register_id, rule.severe));
  json::Value const* level = fact(facts, rule.register_id, rule.level);
  bool const honoured = truthy(fact(facts, rule.register_id, rule.honoured));
  // No record is a good record.
  bool const good = !severe && (honoured || level == nullptr || level->text().empty() ||
                                std::find(rule.good.begin(), rule.good.end(), level->text()) != rule.good.end());
  // A promise that was not kept bars further ones for a time, unless it is made good (matters/afterwards.yaml).
  auto promised_before = store::promised_of(*in.database, actor.acts_for, now);
  if (!promised_before) return {promised_before.error()};
  auto const unkept = std::find_if(promised_before->begin(), promised_before->end(),
                                   [&](store::PromisedMaterial const& p) { return p.late(now) && p.bar_until.us > now.us; });
  json::Value promised = json::Value::array();
  for (matter::Material const* m : *needed) {
    spine::Field const* field = type.field(m->id);
    if (field == nullptr || field->type != spine::FieldType::files || view.hidden.contains(field->id))
      continue;  // fetched, declared, or paper at the counter
    json::Value const* files = command.input.kind() == json::Kind::object ? command.input.find(m->id) : nullptr;
    bool const there = files && files->kind() == json::Kind::array && !files->items().empty();
    if (there) continue;
    bool const promises = std::find(given.promises.begin(), given.promises.end(), m->id) != given.promises.end();
    if (m->need == matter::Need::main) {
      wrong(m->name, "请上传 / upload it", "/form/" + m->id);
    } else if (m->need == matter::Need::later) {
      if (!promises)
        wrong(m->name, "请上传，或者选择承诺后补 / upload it, or promise to send it later", "/form/" + m->id);
      else if (!good && !m->whatever_credit)
        wrong(m->name, "信用记录不符合承诺后补的条件，请现在上传 / your credit record does not allow a promise: upload it now",
              "/form/" + m->id);
      else if (unkept != promised_before->end() && !m->whatever_credit)
        wrong(m->name,
              "承诺补交的“" + unkept->name + "”没有按期补交，" + to_string(shanghai_date(unkept->bar_until)) +
                  " 前不再适用容缺，补上就恢复；这份请现在上传 / the promised " + unkept->name +
                  " did not come in time: upload this one now",
              "/form/" + m->id);
      else
        promised.items().push_back(json::Value::object(
            {{"material", string(m->id)},
             {"name", string(m->name)},
             {"due", string(to_shanghai_string(after_workdays(in.calendar, now, static_cast<int>(m->later_days))))}}));
    }
  }
  ListedProjects const projects = projects_of(in, type, person, today);
  matter::PersonRules::Project const* const project = project_in(pack.persons->projects, projects, command.input, faults);
  if (!faults.empty()) return faults;

  // What the applicant has written otherwise than the register says is disputed, and so is what is said to be wrong.
  json::Value disputes = json::Value::array();
  for (Prefilled const& p : known.prefilled) {
    json::Value const* written = command.input.kind() == json::Kind::object ? command.input.find(p.field) : nullptr;
    if (written != nullptr && !written->is_null() && !same_value(*written, p.value)) disputes.items().push_back(string(p.fact));
  }
  for (std::string const& d : given.disputed) disputes.items().push_back(string(d));

  json::Value sources = json::Value::array();
  bool no_record = false;
  for (SourceState const& s : known.sources) {
    sources.items().push_back(json::Value::object(
        {{"id", string(s.id)}, {"title", string(s.title)}, {"state", string(s.state)}, {"updated", string(s.updated)}}));
    no_record = no_record || s.state == "no_record";
  }
  json::Value const* id_type = fact(facts, "person", "id_type");
  json::Value const* birth = fact(facts, "person", "birth");
  json::Value const* death = fact(facts, "person", "death_date");
  json::Value const* identity_level = fact(facts, "person", "level");
  bool adult = person.enterprise;
  std::int64_t age = 200;
  // Where the register has not answered, the number says when somebody was born.
  std::string const born = birth != nullptr && birth->kind() == json::Kind::string ? birth->text() : person.birth();
  if (!born.empty()) {
    if (auto day = parse_date(born)) adult = (age = age_on(*day, today)) >= 18;
  }
  bool const guardian = actor.scope == "guardian";
  constexpr std::int64_t kOwnConsentFrom = 14;
  if (guardian && age < kOwnConsentFrom && !given.guardian_consent) {
    wrong("监护人单独同意",
          "孩子不满十四周岁，请监护人单独同意处理孩子的信息 / the child is under 14: the guardian's separate consent is needed",
          "/guardian_consent");
    return faults;
  }
  bool const resident_id = person.enterprise || (id_type != nullptr && id_type->text() == "居民身份证");
  json::Value const* standing = fact(facts, "company", "status");
  bool const ceased = standing != nullptr && standing->kind() == json::Kind::string &&
                      std::any_of(std::begin(kCeased), std::end(kCeased),
                                  [&](std::string_view s) { return standing->text().find(s) != std::string::npos; });
  bool const dead = ceased || (death != nullptr && !death->is_null() && !death->text().empty());

  facts.set("matter", string(matter.id));
  facts.set("matter_from", string(to_string(matter.from)));
  facts.set("implementation_code", string(matter.implementation_code()));
  facts.set("unit", string(type.department));
  json::Value situation = json::Value::object();
  for (auto const& [q, a] : answers) situation.set(q, string(a));
  facts.set("situation", std::move(situation));
  facts.set("applicant", json::Value::object({{"name", string(person.name)},
                                              {"id_number", string(person.id_number)},
                                              {"address", string(person.address)},
                                              {"birth", string(born)},
                                              {"kind", string(number_kind(subject->kind, facts))}}));
  facts.set("identity", json::Value::object({{"level", string(identity_level && identity_level->kind() == json::Kind::string
                                                                  ? identity_level->text()
                                                                  : "real_person_verified")},
                                             {"agent_ok", yes(actor.covers(type.id))},
                                             {"guardian_ok", yes(adult || guardian)},
                                             {"guardian_consent", yes(guardian && given.guardian_consent)},
                                             {"known", yes(resident_id || !no_record)}}));
  facts.set("sources", std::move(sources));
  facts.set("sources_ok", yes(known.all_answered));
  facts.set("effort", effort_of(type, view, command.input, known, subject->phone, *needed));
  facts.set("disputed", yes(!disputes.items().empty()));
  // In place of proof or of a paper (告知承诺, 容缺): good credit, and no promise left unkept.
  facts.set("may_promise", yes(good && unkept == promised_before->end()));
  facts.set("disputes", std::move(disputes));
  facts.set("dead", yes(dead));
  facts.set("promised", std::move(promised));
  facts.set("accept_by", string(to_shanghai_string(after_workdays(in.calendar, now, 5))));
  if (!rule.register_id.empty()) {
    json::Value const* said = facts.find(rule.register_id);
    json::Value credit = said != nullptr ? *said : json::Value::object();
    // No record is a good record.
    if (fact(facts, rule.register_id, rule.severe) == nullptr && known.all_answered) credit.set(rule.severe, yes(false));
    facts.set(rule.register_id, std::move(credit));
  }
  json::Value days = json::Value::object();
  for (spine::CaseDecision const& d : type.decisions) {
    for (auto const& [input, source] : d.inputs) {
      if (!source.starts_with(kWorkdaysUntil)) continue;
      std::string const field = source.substr(kWorkdaysUntil.size());
      json::Value const* written = command.input.kind() == json::Kind::object ? command.input.find(field) : nullptr;
      auto const until = parse_date(written != nullptr && written->kind() == json::Kind::string ? written->text() : "");
      if (until) days.set(field, json::Value::number(std::to_string(workdays_between(in.calendar, today, *until))));
    }
  }
  if (!days.members().empty()) facts.set("workdays_until", std::move(days));
  if (actor.is_agent() && !guardian)
    facts.set("agent", json::Value::object({{"id", string(to_string(actor.id))}, {"scope", string(actor.scope)}}));
  if (project != nullptr) facts.set("project", string(project->name));
  if (!given.counter.is_null()) facts.set("counter", given.counter);
  if (!given.joint.is_null()) facts.set("joint", given.joint);
  // The process keeps the facts as they are; read back from the event they stand in canonical order, and must be the same.
  json::put_in_canonical_order(facts);
  command.facts = std::move(facts);
  return {};
}

}  // namespace yiwang::app

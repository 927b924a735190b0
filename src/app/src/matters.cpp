#include "matters.hpp"

#include <charconv>

#include "persons.hpp"
#include "yiwang/feel/temporal.hpp"
#include "yiwang/format/json_order.hpp"
#include "yiwang/store/afterwards.hpp"
#include "yiwang/store/applicants.hpp"
#include "yiwang/store/counter.hpp"
#include "yiwang/store/identity.hpp"
#include "yiwang/store/matters.hpp"
#include "yiwang/store/persons.hpp"
#include "yiwang/store/release.hpp"
#include "yiwang/store/requests.hpp"

namespace yiwang::app {
namespace {

std::int64_t integer_at(json::Value const& v, std::string_view key) {
  json::Value const* child = v.kind() == json::Kind::object ? v.find(key) : nullptr;
  std::int64_t n = 0;
  if (child != nullptr && child->kind() == json::Kind::number)
    std::from_chars(child->text().data(), child->text().data() + child->text().size(), n);
  return n;
}

std::string text_at(json::Value const& v, std::string_view key) {
  json::Value const* child = v.kind() == json::Kind::object ? v.find(key) : nullptr;
  return child && child->kind() == json::Kind::string ? child->text() : std::string{};
}

/// What a matter that is granted once is granted for: a hash of the fields that say so, or of the applicant, and the year.
std::string once_key(matter::Matter const& m, SubjectId applicant, json::Value const& form, Instant at) {
  std::string said;
  for (std::string const& field : m.once_by) {
    json::Value const* v = form.kind() == json::Kind::object ? form.find(field) : nullptr;
    said += std::to_string(v ? v->text().size() : 0) + ":" + (v ? v->text() : "");
  }
  if (m.once_by.empty()) said = to_string(applicant);
  if (m.once_a_year) {
    // A year that begins on another day than the first of January is named by the one in which it begins.
    std::string const day = to_string(shanghai_date(at));
    bool const next = day.substr(5) < m.once_from;
    said += "/" + (next ? std::to_string(std::atoi(day.substr(0, 4).c_str()) - 1) : day.substr(0, 4));
  }
  Digest const hash = sm3(said);
  return to_hex(hash);
}

matter::References references(pack::Pack const& pack, spine::Release const& release) {
  matter::References known;
  for (auto const& [id, unit] : release.organisations) known.units.insert(id);
  for (auto const& [id, type] : release.case_types) known.case_types.insert(id);
  for (std::string const& path : pack.under("registers")) {
    pack::Node const& root = pack.find(path)->root;
    known.registers.emplace(root.text("id"));
    for (pack::Node const& fact : root.list("fields"))
      known.facts.insert(std::string(root.text("id")) + "." + std::string(fact.text("id")));
  }
  for (std::string const& path : pack.under("certificates")) known.certificates.emplace(pack.find(path)->root.text("id"));
  return known;
}

/// A day beyond the calendar counts as a plain week has it.
bool works(clock::DayTable const& calendar, std::int64_t day) {
  clock::DayKind const kind = calendar.lookup(day).kind;
  return kind == clock::DayKind::unknown ? iso_weekday(Date{day}) <= 5
                                         : kind == clock::DayKind::work || kind == clock::DayKind::makeup;
}

/// The answers of an application, as its facts have kept them.
matter::Situation situation_of(json::Value const& facts) {
  matter::Situation out;
  json::Value const* said = facts.kind() == json::Kind::object ? facts.find("situation") : nullptr;
  if (said != nullptr && said->kind() == json::Kind::object) {
    for (auto const& [question, answer] : said->members()) out.emplace(question, answer.text());
  }
  return out;
}

/// Whether what was promised in the place of proof is checked afterwards: of a matter whose situations say when, each must have
/// been answered so.
bool checked_after(matter::Matter const& m, json::Value const& facts) {
  matter::Situation const said = situation_of(facts);
  return m.check_after > 0 && matter::fits(m.check_when, said) &&
         std::all_of(m.check_when.begin(), m.check_when.end(), [&](auto const& one) { return said.contains(one.first); });
}

/// A matter is only called decided by rules when rules can decide its cases: else the label would promise what never comes.
std::vector<Error> rules_of(matter::Catalogue const& catalogue, spine::Release const& release) {
  std::vector<Error> out;
  for (matter::Matter const& m : catalogue.all()) {
    auto const type = release.case_types.find(m.case_type);
    if (type == release.case_types.end() || type->second->decision("universal") == nullptr) continue;
    if (m.by_rules && type->second->decision("instant") == nullptr)
      out.push_back(Error(ErrorCode::pack_reference, {{"what", "decides: rules"},
                                                      {"value", m.id},
                                                      {"cure",
                                                       "没有 instant 决策，规则什么也决定不了：补上，或者删去 decides / add the "
                                                       "decision instant, or take decides away"}})
                        .at({"case_types/" + m.case_type + "/decisions.yaml", 0, 0, ""}));
    for (spine::CaseDecision const& d : type->second->decisions) {
      for (auto const& [input, source] : d.inputs) {
        if (!source.starts_with(kWorkdaysUntil)) continue;
        spine::Field const* f = type->second->field(std::string_view(source).substr(kWorkdaysUntil.size()));
        if (f == nullptr || f->type != spine::FieldType::date)
          out.push_back(Error(ErrorCode::pack_reference, {{"what", "工作日天数 / working days until"},
                                                          {"value", source},
                                                          {"cure", "请写表单里的日期字段 / name a date of the form"}})
                            .at({"case_types/" + m.case_type + "/decisions.yaml", 0, 0, ""}));
      }
    }
    for (std::string const& field : m.once_by) {
      if (type->second->field(field) == nullptr)
        out.push_back(Error(ErrorCode::pack_reference,
                            {{"what", "once.by"}, {"value", field}, {"cure", "请用表单里的栏目 / use a field of the form"}})
                          .at({"case_types/" + m.case_type + "/form.yaml", 0, 0, ""}));
    }
  }
  return out;
}

}  // namespace

std::int64_t workdays_between(clock::DayTable const& calendar, Date from, Date until) {
  constexpr std::int64_t kFarthest = 4000;  // days; beyond it no rule looks
  std::int64_t n = 0;
  for (std::int64_t day = from.days + 1; day <= std::min(until.days, from.days + kFarthest); ++day) n += works(calendar, day);
  return n;
}

Instant after_workdays(clock::DayTable const& calendar, Instant now, int days) {
  std::int64_t day = shanghai_date(now).days;
  while (days > 0) {
    ++day;
    if (works(calendar, day)) --days;
  }
  return shanghai_midnight(Date{day + 1});
}

bool MatterPack::compile(pack::Pack const& pack, spine::Release const& release, MatterPack& out, std::vector<Error>& errors) {
  auto registers = matter::Registers::load(pack);
  auto types = certificate::Types::load(pack);
  auto catalogue = matter::Catalogue::load(pack, references(pack, release));
  auto measures = matter::Measures::load(pack);
  auto papers = matter::Papers::load(pack);
  auto elements = matter::DataElements::load(pack);
  for (auto* list : {&registers.errors, &types.errors, &catalogue.errors, &measures.errors, &papers.errors, &elements.errors})
    errors.insert(errors.end(), list->begin(), list->end());
  for (auto const& [id, type] : types.types ? types.types->all() : std::map<std::string, certificate::Type, std::less<>>{}) {
    if (!release.organisations.contains(type.issuer))
      errors.push_back(Error(ErrorCode::pack_reference, {{"what", "单位 / the unit"},
                                                         {"value", type.issuer},
                                                         {"cure", "请在 organisations/ 中定义 / define it under organisations/"}})
                           .at({"certificates/" + id + ".yaml", 0, 0, ""}));
  }
  for (auto const& e : catalogue.catalogue ? rules_of(*catalogue.catalogue, release) : std::vector<Error>{}) errors.push_back(e);
  if (elements.elements && registers.registers) {
    for (Error& e : elements.elements->check(pack, *registers.registers, release)) errors.push_back(std::move(e));
  }
  auto notices = matter::Notices::load(pack, release);
  errors.insert(errors.end(), notices.errors.begin(), notices.errors.end());
  matter::PersonRules::Loaded persons;
  if (registers.registers) persons = matter::PersonRules::load(pack, *registers.registers, release);
  errors.insert(errors.end(), persons.errors.begin(), persons.errors.end());
  if (!errors.empty()) return false;
  out = {std::move(catalogue.catalogue), std::move(registers.registers), std::move(measures.measures),
         std::move(types.types),         std::move(papers.papers),       std::move(elements.elements),
         std::move(persons.rules),       std::move(notices.notices)};
  return true;
}

void Matters::install(MatterPack pack) {
  std::lock_guard lock(mutex_);
  pack_ = std::move(pack);
  guide_ = nullptr;
}

MatterPack Matters::current() {
  std::lock_guard lock(mutex_);
  return pack_;
}

std::shared_ptr<matter::Guide const> Matters::guide(Date day) {
  std::lock_guard lock(mutex_);
  if (!guide_ || guide_->day() != day) guide_ = matter::Guide::make(pack_.catalogue, day);
  return guide_;
}

matter::RegisterMode Matters::mode(std::string_view register_id) {
  std::lock_guard lock(mutex_);
  auto it = modes_.find(register_id);
  return it == modes_.end() ? matter::RegisterMode::up : it->second;
}

void Matters::set_mode(std::string_view register_id, matter::RegisterMode mode) {
  std::lock_guard lock(mutex_);
  modes_.insert_or_assign(std::string(register_id), mode);
}

bool MatterSystem::concerns(spine::CaseType const& type) const { return type.decision("universal") != nullptr; }

/// Who files for many (代办) is marked on each case, and files so much within a time; counted for the agent, wherever he sits.
Result<std::vector<Error>> MatterSystem::too_many(store::Session& session, spine::Actor const& actor, spine::Command& command,
                                                  Instant now) {
  std::vector<Error> refused;
  matter::PersonRules::Agency const rule = matters_.current().persons->agency;
  json::Value* agent = nullptr;
  for (auto& [key, value] : command.facts.members()) {
    if (key == "agent") agent = &value;
  }
  if (rule.principals == 0 || agent == nullptr) return refused;
  SubjectId const id(actor.id);
  YW_ASSIGN(std::int64_t const principals, store::principals_of(session, id, now));
  if (principals < rule.principals) return refused;
  agent->set("agency", json::Value::boolean(true));
  constexpr std::int64_t kMinute = 60 * kMicrosPerSecond;
  std::int64_t const window = rule.minutes * kMinute;
  YW_ASSIGN(store::Filings const filings, store::filings_since(session, id, Instant{now.us - window}));
  if (filings.count < rule.filings) return refused;
  std::int64_t const wait = (filings.first.us + window - now.us) / kMicrosPerSecond + 1;
  refused.push_back(Error(ErrorCode::spine_throttled,
                          {{"why", "代办机构 " + std::to_string(rule.minutes) + " 分钟内最多提交 " +
                                       std::to_string(rule.filings) + " 件 / an agency files at most " +
                                       std::to_string(rule.filings) + " in " + std::to_string(rule.minutes) + " minutes"},
                           {"seconds", std::to_string(wait)}}));
  return refused;
}

Result<std::vector<Error>> MatterSystem::before_submit(store::Session& session, spine::CaseType const& type,
                                                       spine::Actor const& actor, spine::Command& command, Instant now) {
  std::string const matter = text_at(command.facts, "matter");
  if (matter.empty()) {
    return std::vector<Error>{
        Error(ErrorCode::spine_field, {{"label", type.title.zh_cn},
                                       {"why", "请从事项的“在线办理”进入 / apply through the page of the matter"},
                                       {"field", "case_type"}})
            .at_path("/case_type")};
  }
  if (actor.is_agent()) {
    // Asked once more where nothing can come between: an authority that ends while somebody applies ends the application.
    YW_ASSIGN(auto scope, store::authority(session, actor.acts_for, SubjectId(actor.id), now));
    if (!scope) {
      json::Value const* applicant = command.facts.find("applicant");
      return std::vector<Error>{
          Error(ErrorCode::spine_authority_ended, {{"name", applicant ? text_at(*applicant, "name") : ""}})};
    }
    auto replaced = people ? persons->replaced(*people, actor.acts_for, SubjectId(actor.id), now)
                           : Result<std::optional<std::string>>(std::optional<std::string>{});
    if (!replaced) return fail(std::move(replaced).error());
    if (*replaced) {
      json::Value const* applicant = command.facts.find("applicant");
      return std::vector<Error>{
          Error(ErrorCode::spine_authority_ended, {{"name", applicant ? text_at(*applicant, "name") : ""}})};
    }
    spine::Actor still = actor;
    still.scope = *scope;
    if (!still.covers(type.id)) return std::vector<Error>{Error(ErrorCode::spine_scope, {{"what", type.title.zh_cn}})};
    YW_ASSIGN(auto slow, too_many(session, actor, command, now));
    if (!slow.empty()) return slow;
  }
  YW_ASSIGN(auto open, store::open_of(session, actor.acts_for, matter));
  if (std::string const project = text_at(command.facts, "project"); !project.empty()) {
    // One at a time for a project; another project is another matter of its own.
    YW_ASSIGN(auto same, store::open_project(session, actor.acts_for, matter, project));
    if (same)
      return std::vector<Error>{
          Error(ErrorCode::spine_field,
                {{"label", "工程项目"},
                 {"why", "“" + project +
                             "”已有一件同样的申请在办，不用再交；等它办结，或者先撤回那一件 / an application for this "
                             "project is open: wait until it is decided, or withdraw it"},
                 {"field", "project"}})
              .at_path("/form/project")};
    open.reset();
  }
  command.facts.set("open_same", json::Value::boolean(open.has_value()));
  if (open) command.facts.set("open_case", json::Value::string(to_string(*open)));
  // What is renewed or changed: the newest one in force of the same type.
  MatterPack const pack = matters_.current();
  matter::Matter const* m = pack.catalogue->find(matter, shanghai_date(now));
  if (m != nullptr && m->once) {
    YW_ASSIGN(auto held, store::granted_once(session, m->id, once_key(*m, actor.acts_for, command.input, now)));
    command.facts.set("granted_same", json::Value::boolean(held.has_value()));
    if (held) command.facts.set("granted_case", json::Value::string(to_string(*held)));
  }
  if (m != nullptr && !m->certificate_type.empty() &&
      (m->handling == "renew" || m->handling == "change" || m->handling == "endorse")) {
    YW_ASSIGN(auto held, store::certificate_in_force(session, actor.acts_for, m->certificate_type));
    if (held) command.facts.set("replaces", json::Value::string(*held));
  }
  // What was added here goes to its place in the canonical order.
  json::put_in_canonical_order(command.facts);
  return std::vector<Error>{};
}

Result<std::optional<std::pair<matter::Matter const*, json::Value>>> MatterSystem::matter_of(store::Session& session,
                                                                                             MatterPack const& pack,
                                                                                             spine::CaseState const& state) {
  YW_ASSIGN(json::Value first, store::first_event(session, state.id));
  json::Value const* facts = first.kind() == json::Kind::object ? first.find("facts") : nullptr;
  matter::Matter const* m = facts ? pack.catalogue->find(text_at(*facts, "matter"), shanghai_date(state.created)) : nullptr;
  if (m == nullptr) return std::optional<std::pair<matter::Matter const*, json::Value>>{};
  return std::optional(std::pair{m, std::move(first)});
}

namespace {

std::string place_of(matter::Matter const& m, json::Value const& first) {
  json::Value const* form = first.find("form");
  return form ? text_at(*form, m.place_field) : "";
}

}  // namespace

// Source: law:licence#57. Of several who fit, the one that was accepted first.
Result<std::vector<Error>> MatterSystem::before_grant(store::Session& session, spine::CaseState const& before) {
  MatterPack const pack = matters_.current();
  YW_ASSIGN(auto found, matter_of(session, pack, before));
  if (!found || found->first->place_field.empty()) return std::vector<Error>{};
  YW_ASSIGN(auto places, store::places(session, found->first->id, place_of(*found->first, found->second)));
  std::int64_t taken = 0;
  bool earlier = false, met = false;
  for (store::Place const& p : places) {
    if (p.case_id == before.id) met = true;
    taken += p.state == 1;
    earlier = earlier || (!met && p.state == 0);
  }
  auto refuse = [](char const* why) { return std::vector<Error>{Error(ErrorCode::spine_quota, {{"why", why}})}; };
  if (taken >= found->first->place_each)
    return refuse(
        "名额已满，不能再准予；请说明理由后作出不予的决定 / every place is taken: it can only be refused, with reasons");
  if (earlier)
    return refuse(
        "同一名额有先受理的申请还没有决定，应当先决定它 / an application for the same place was accepted before and is still "
        "open: decide it first");
  return std::vector<Error>{};
}

/// Who decides is in office at that moment, in the unit whose task it is: a task that one has claimed is no longer one's own when
/// one has moved to another unit or was locked out. Tasks that a colleague has added by name stay with the person.
Result<std::vector<Error>> MatterSystem::in_office(store::Session& session, spine::CaseState const& before,
                                                   spine::Actor const& actor, spine::Command const& command, Instant now) {
  auto const refuse = [] {
    return std::vector<Error>{
        Error(ErrorCode::spine_forbidden,
              {{"action", "办理：已不在岗，或不再属于这个单位 / act: the authority for this case has ended"}})};
  };
  YW_ASSIGN(bool still, store::in_office(session, actor, now));
  if (!still) return refuse();
  std::string const me = to_string(actor.id);
  for (spine::OpenTask task : before.tasks) {
    bool const meant = command.task == 0 ? task.assignee == me : command.task == task.id;
    if (!meant || task.assignee != me || !task.kind.empty()) continue;
    task.assignee.clear();
    if (!spine::offered(actor, before, task)) return refuse();
  }
  return std::vector<Error>{};
}

bool may_lead_to(spine::CaseType const& type, std::string_view node) {
  spine::Step const* step = type.step(node);
  return step != nullptr && step->status != spine::CaseStatus::concluded && step->performer == spine::Performer::clerk;
}

bool keeps_decision(spine::CaseType const& type, std::string_view operation, std::string_view node, std::string_view name) {
  if (operation == "reject") return false;
  if (operation == "jump") return may_lead_to(type, node);
  if (operation == "send_back") return node.empty() || node == "applicant" || may_lead_to(type, node);
  return operation != "time_out" || name != "decide";
}

Result<std::vector<Error>> MatterSystem::prepare(store::Session& session, spine::CaseType const& type,
                                                 spine::CaseState const* before, spine::Actor const& actor,
                                                 spine::Command& command, Instant now) {
  using Kind = spine::Command::Kind;
  if (command.kind == Kind::submit) return before_submit(session, type, actor, command, now);
  std::vector<Error> refused;
  if (before != nullptr && actor.is_staff()) {
    YW_ASSIGN(auto over, in_office(session, *before, actor, command, now));
    if (!over.empty()) return over;
  }
  if (command.kind == Kind::operate && !keeps_decision(type, command.action, command.node, command.name))
    return std::vector<Error>{Error(
        ErrorCode::spine_wrong_step,
        {{"step", "等待决定 / to be decided"},
         {"action", "用“" + command.action +
                        "”代替决定：准予、不予由决定环节作出，写明理由、依据和救济途径 / decide by it: a decision has reasons, "
                        "basis and remedies"}})};
  constexpr std::string_view kUndoes[] = {"jump", "withdraw", "send_back", "terminate"};
  if (command.kind == Kind::operate && before != nullptr &&
      std::find(std::begin(kUndoes), std::end(kUndoes), command.action) != std::end(kUndoes)) {
    // What has been decided stays decided: a certificate is suspended, revoked or cancelled, each by name and with reasons.
    YW_ASSIGN(auto row, store::matter_case(session, before->id));
    if (row && row->decided)
      return std::vector<Error>{
          Error(ErrorCode::spine_wrong_step, {{"step", "已经作出决定 / decided already"}, {"action", command.action}})};
  }
  if (command.kind == Kind::act && before != nullptr) {
    YW_ASSIGN(auto faults, before_notice(session, type, *before, command, now));
    if (!faults.empty()) return faults;
  }
  if (command.kind == Kind::act && command.action == "grant" && before != nullptr) return before_grant(session, *before);
  if (command.kind == Kind::operate && command.action == "submit_correction" && before != nullptr)
    return before_correction(session, type, *before, command, now);
  if (command.kind == Kind::operate && command.action == "request_correction" && before != nullptr) {
    if (auto faults = name_corrections(type, command); !faults.empty()) return faults;
    // 许可法 43: what the lower agency has taken is not asked for again.
    if (before->action_counts.contains("forward"))
      refused.push_back(
          Error(ErrorCode::spine_wrong_step,
                {{"step", "下级机关已审查上报，不得要求重复提供材料 / reported by the lower agency"}, {"action", "补正告知"}}));
    // 许可法 32: all corrections are told once.
    YW_ASSIGN(auto row, store::matter_case(session, before->id));
    if (row && row->corrections > 0) refused.push_back(Error(ErrorCode::spine_too_often, {{"action", "补正告知"}, {"max", "1"}}));
    // Not told within five working days: accepted by law, and nothing is told afterwards.
    bool const deemed =
        before->action_counts.contains("known") ||
        std::any_of(before->tasks.begin(), before->tasks.end(), [](spine::OpenTask const& t) { return t.node == "deemed"; });
    if (deemed)
      refused.push_back(Error(ErrorCode::spine_wrong_step, {{"step", "逾期未告知，依法视为受理"}, {"action", "补正告知"}}));
  }
  return refused;
}

Status MatterSystem::places(store::Session& session, spine::CaseState const& after, std::string const& act, Instant now) {
  if (act != "accept" && act != "grant" && act != "refuse" && act != "withdraw") return {};
  MatterPack const pack = matters_.current();
  YW_ASSIGN(auto found, matter_of(session, pack, after));
  if (!found || found->first->place_field.empty()) return {};
  std::string const place = place_of(*found->first, found->second);
  if (act == "accept") return store::accept_place(session, found->first->id, place, after.id, now);
  return store::decide_place(session, found->first->id, place, after.id, act == "grant");
}

namespace {

store::Check check_about(spine::CaseState const& state, std::string const& matter, std::string const& name, Instant now) {
  store::Check check;
  check.case_id = state.id;
  check.department = state.department;
  check.matter = matter;
  check.name = name;
  check.subject = state.applicant;
  check.created = now;
  return check;
}

}  // namespace

/// What follows by promise (容缺): the unit waits for it, the person is told before it is due and when it is late.
Status MatterSystem::promised(store::Session& session, spine::CaseState const& after, matter::Matter const& m,
                              matter::Material const& x, matter::Afterwards const& rules, Instant now) {
  store::Check check = check_about(after, m.id, x.name, now);
  check.kind = "later:" + x.id;
  check.due = after_workdays(calendar_, now, static_cast<int>(x.later_days));
  YW_TRY(store::insert_check(session, check));
  store::PromisedMaterial p;
  p.case_id = after.id;
  p.subject = after.applicant;
  p.material = x.id;
  p.department = after.department;
  p.matter = m.id;
  p.name = x.name;
  p.created = now;
  p.due = check.due;
  p.next = x.later_days > rules.remind_days ? after_workdays(calendar_, now, static_cast<int>(x.later_days - rules.remind_days))
                                            : p.due;
  if ((x.late.empty() ? rules.late : x.late) == "bar") {
    auto const last = feel::plus_months(shanghai_date(p.due).days, rules.bar_months);
    if (last) p.bar_until = shanghai_midnight(Date{*last});
  }
  return store::insert_promised(session, p);
}

Status MatterSystem::sampled(store::Session& session, spine::CaseState const& after, matter::Matter const& matter, Instant now) {
  store::Check check = check_about(after, matter.id, matter.name, now);
  // U10: one in fifty is checked by an officer afterwards; which ones, nobody can choose.
  constexpr int kOneIn = 50, kSampleDays = 5;
  Digest const drawn = sm3(to_string(after.id));
  if ((static_cast<unsigned>(static_cast<unsigned char>(drawn[0])) * 256 + static_cast<unsigned char>(drawn[1])) % kOneIn == 0) {
    check.kind = "sample";
    check.due = after_workdays(calendar_, now, kSampleDays);
    return store::insert_check(session, check);
  }
  return {};
}

Status MatterSystem::pledge(store::Session& session, spine::CaseState const& after, matter::Matter const& matter, Instant now) {
  store::Check check = check_about(after, matter.id, matter.name, now);
  check.kind = "pledge";
  check.due = matter.check_days ? shanghai_midnight(Date{shanghai_date(now).days + matter.check_after + 1})
                                : after_workdays(calendar_, now, static_cast<int>(matter.check_after));
  return store::insert_check(session, check);
}

Status MatterSystem::checks_after(store::Session& session, spine::CaseState const& after, matter::Matter const& matter,
                                  bool pledged, Instant now) {
  YW_TRY(sampled(session, after, matter, now));
  return pledged ? pledge(session, after, matter, now) : Status{};
}

Status recheck_again(store::Session& session, store::Check check, matter::Matter const& m, Instant last) {
  if (m.recheck_months == 0) return {};
  auto const day = feel::plus_months(shanghai_date(last).days, m.recheck_months);
  if (!day) return {};
  check.kind = std::string(kRecheck) + to_string(Date{*day});
  check.due = shanghai_midnight(Date{*day + 1});
  check.created = shanghai_midnight(Date{*day - m.recheck_ahead});  // before that nobody has to look
  return store::insert_check(session, check);
}

/// Ratings and what becomes of the bad ones (GB/T 39734): answered within fifteen working days, one appeal.
Status MatterSystem::rated(store::Session& session, spine::CaseState const& after, spine::Event const& event,
                           std::string const& act) {
  constexpr int kBad = 4, kRedressDays = 15;
  if (json::Value const* rating = event.data.find("rating")) {
    YW_ASSIGN(auto row, store::matter_case(session, after.id));
    store::MatterRating r{
        after.department, row ? row->matter : "", std::atoll(rating->text().c_str()), event.at, {}, {}, {}, {}, false};
    if (r.grade >= kBad) r.due = after_workdays(calendar_, event.at, kRedressDays);
    return store::insert_rating(session, after.id, r);
  }
  if (act == "redressed" || act == "not_upheld") {
    YW_TRY(store::answer_rating(session, after.id, act == "redressed", event.at));
  }
  if (act == "appeal_rating") return store::appeal_rating(session, after.id, event.at);
  if (act == "redressed" || act == "answer_stands" || act == "accept_answer")
    return store::close_rating(session, after.id, event.at);
  return {};
}

PaperNumber number_for(matter::Papers const& papers, matter::Paper const& paper, spine::Release const& release,
                       std::string const& department, Instant now) {
  auto const* unit = release.organisation(department);
  std::string const year = to_string(shanghai_date(now)).substr(0, 4);
  return {department + ":" + year + ":" + paper.id, papers.prefix(paper, unit ? unit->short_name.zh_cn : department, year)};
}

/// What an act makes is numbered with it.
Status MatterSystem::papers(store::Session& session, spine::CaseState const& after, std::string const& act, Instant now,
                            matter::Matter const* known) {
  MatterPack const pack = matters_.current();
  auto const definitions = definitions_.snapshot();
  for (matter::Paper const& paper : pack.papers->all()) {
    if (!paper.made_by(act)) continue;
    if (!paper.when.empty() && known == nullptr) {
      YW_ASSIGN(auto found, matter_of(session, pack, after));
      if (!found || paper.when != "fees" || found->first->fees.empty()) continue;
    }
    PaperNumber const number = number_for(*pack.papers, paper, *definitions->current, after.department, now);
    YW_TRY(store::insert_paper(session, after.id, paper.id, number.series, number.prefix, after.revision, now));
  }
  return {};
}

Status MatterSystem::decided(store::Session& session, spine::CaseState const& after, std::string const& outcome, Instant now) {
  YW_ASSIGN(auto row, store::matter_case(session, after.id));
  if (!row) return {};
  row->department = after.department;  // who has decided: a lower agency may have handed it up
  return store::decide_matter_case(session, after.id, *row, outcome, now);
}

namespace {

/// What was chosen, in words: a certificate shows no ids.
json::Value spoken(spine::CaseType const* type, json::Value form) {
  if (type == nullptr) return form;
  for (auto& [id, value] : form.members()) {
    spine::Field const* field = type->field(id);
    if (field == nullptr || value.kind() != json::Kind::string) continue;
    for (spine::Option const& option : field->options) {
      if (option.id != value.text()) continue;
      value = json::Value::string(option.label.zh_cn);
      break;
    }
  }
  return form;
}

}  // namespace

Status MatterSystem::issue(store::Session& session, spine::CaseState const& after, json::Value const& first,
                           json::Value const& result, matter::Matter const& matter, Instant now) {
  MatterPack const pack = matters_.current();
  certificate::Type const* type = pack.types->find(matter.certificate_type);
  json::Value const* facts = first.find("facts");
  json::Value const* applicant = facts ? facts->find("applicant") : nullptr;
  json::Value const* form = first.find("form");
  if (type == nullptr || applicant == nullptr || form == nullptr) return {};
  store::CertificateRow row;
  row.subject = after.applicant;
  row.id = ids_.make<store::CertificateId>();
  std::string serial;
  for (char c : to_hex(row.id.bytes())) serial += c >= 'a' && c <= 'f' ? static_cast<char>(c - 'a' + 'A') : c;
  certificate::Draft draft;
  draft.type = type;
  draft.issuer_code = matter.body->code;
  draft.issuer_name = matter.body->name;
  draft.serial = serial;
  draft.number = after.case_number;
  draft.holder_name = text_at(*applicant, "name");
  draft.holder_code = text_at(*applicant, "id_number");
  draft.holder_code_kind = text_at(*applicant, "kind");
  draft.issued = shanghai_date(now);
  if (type->years > 0) draft.valid_until = certificate::last_day(draft.issued, type->years);
  draft.predecessor = text_at(*facts, "replaces");
  if (!draft.predecessor.empty()) {
    draft.operation = matter.handling == "change" ? "09" : "02";
    YW_TRY(store::supersede_certificate(
        session, row.subject, draft.predecessor,
        (matter.handling == "change" ? "已变更，新证照编号 " : "已延续，新证照编号 ") + after.case_number));
  }
  auto const definitions = definitions_.snapshot();
  draft.form = spoken(definitions->find(after.definition), *form);
  draft.facts = *facts;
  draft.result = result;
  // A certificate is shown to others: what is kept back of a person under protection does not stand on it.
  if (auto const kept = persons ? persons->under_protection(row.subject, now) : nullptr) {
    std::string const& shown = pack.persons->shown;
    keep_back(draft.form, *kept, shown);
    keep_back(draft.facts, *kept, shown);
    keep_back(draft.result, *kept, shown);
  }
  draft.case_number = after.case_number;
  YW_ASSIGN(certificate::Made made, certificate::make(draft));
  row.identifier = made.identifier;
  row.type = type->id;
  row.department = type->issuer;
  row.body = std::move(made.canonical);
  row.issued = now;
  row.valid_until = draft.valid_until ? to_string(*draft.valid_until) : "";
  row.case_id = after.id;
  return store::insert_certificate(session, row);
}

/// Whether something is to be paid before the certificate is issued.
static bool owes(matter::Matter const& m, json::Value const& first) {
  json::Value const* form = first.find("form");
  json::Value const* fee =
      form != nullptr && form->kind() == json::Kind::object && !m.fee_field.empty() ? form->find(m.fee_field) : nullptr;
  return fee != nullptr && fee->text().find_first_of("123456789") != std::string::npos && !fee->text().starts_with("-");
}

/// Whether the rules have approved it: the process stands where it is granted, or where the fee is paid that comes first.
static bool approved_by_rules(matter::Matter const& m, spine::CaseState const& after, json::Value const& first) {
  return after.step == "granted" || (after.step == "pay" && owes(m, first));
}
Status MatterSystem::granted(store::Session& session, spine::CaseState const& after, json::Value const& first,
                             matter::Matter const& m, Instant now) {
  json::Value const* form = first.find("form");
  if (m.recheck_months > 0) {
    YW_TRY(recheck_again(session, check_about(after, m.id, m.recheck_name, now), m, now));
  }
  if (!m.once || form == nullptr) return {};
  return store::grant_once(session, m.id, once_key(m, after.applicant, *form, after.created), after.id, now);
}

Status MatterSystem::report_credit(store::Session& session, CaseId id, json::Value const& facts, std::string_view result,
                                   Instant now) {
  if (!reports_credit) return {};
  json::Value const* applicant = facts.find("applicant");
  auto string = [](std::string_view text) { return json::Value::string(std::string(text)); };
  json::Value const body = json::Value::object({{"case_id", string(to_string(id))},
                                                {"id_number", string(applicant ? text_at(*applicant, "id_number") : "")},
                                                {"matter", string(text_at(facts, "matter"))},
                                                {"result", string(result)},
                                                {"at", string(to_shanghai_string(now))}});
  return store::put_effect(session, id, ids_.next(), "credit", json::write_canonical(body), now);
}

Status MatterSystem::project(store::Session& session, spine::CaseType const& type, spine::CaseState const& after,
                             spine::Event const& event) {
  MatterPack const pack = matters_.current();
  YW_TRY(notices(session, type, after, event));
  if (event.type == "case.submitted") {
    submitted_ = after.id;
    first_ = event.data;
    json::Value const* facts = event.data.find("facts");
    store::MatterCaseRow row;
    row.subject = after.applicant;
    row.matter = facts ? text_at(*facts, "matter") : "";
    row.department = after.department;
    matter::Matter const* const asked_for = pack.catalogue->find(row.matter, shanghai_date(after.created));
    row.by_rules = asked_for != nullptr && approved_by_rules(*asked_for, after, event.data);
    row.outcome = row.by_rules ? "granted" : "open";
    row.created = event.at;
    if (json::Value const* effort = facts ? facts->find("effort") : nullptr; effort != nullptr) {
      row.effort = {integer_at(*effort, "asked"), integer_at(*effort, "known"), integer_at(*effort, "typed"),
                    integer_at(*effort, "sheets")};
    }
    if (row.by_rules) row.decided = event.at;
    YW_TRY(store::insert_matter_case(session, after.id, row));
    json::Value const* agent = facts ? facts->find("agent") : nullptr;
    json::Value const* agency = agent ? agent->find("agency") : nullptr;
    auto const filed_by = agency && agency->as_bool() ? SubjectId::parse(text_at(*agent, "id")) : Result<SubjectId>(SubjectId{});
    if (filed_by && !filed_by->is_nil()) {
      YW_TRY(store::put_filing(session, *filed_by, after.applicant, after.id, event.at));
    }
    if (std::string const project = facts ? text_at(*facts, "project") : ""; !project.empty()) {
      YW_TRY(store::put_project(session, after.applicant, row.matter, project, after.id));
    }
    // Of a counter: what came of the visit stands in the same transaction.
    if (json::Value const* counter = facts ? facts->find("counter") : nullptr) {
      auto const visit = parse_id(text_at(*counter, "visit"));
      if (visit) {
        YW_TRY(store::set_visit_matter(session, row.subject, *visit, row.matter, after.id));
      }
    }
    // What follows by promise is waited for until its day.
    matter::Matter const* const m = asked_for;
    json::Value const* promised = facts ? facts->find("promised") : nullptr;
    for (json::Value const& one : promised ? promised->items() : std::vector<json::Value>{}) {
      std::string const id = text_at(one, "material");
      for (matter::Material const& x : m ? m->materials : std::vector<matter::Material>{}) {
        if (x.id != id) continue;
        YW_TRY(this->promised(session, after, *m, x, pack.catalogue->afterwards(), event.at));
      }
    }
    return {};
  }
  json::Value const* facts = nullptr;
  if (event.type == "case.decided") {
    if (submitted_ != after.id) return {};
    facts = first_.find("facts");
    json::Value const* output = event.data.find("output");
    std::string const which = text_at(event.data, "decision");
    if (output == nullptr) return {};
    if (text_at(*output, "outcome") == "manual") {
      std::string const code = text_at(*output, "code");
      YW_TRY(store::hand_over_matter_case(session, after.id, code));
      if (facts != nullptr && !code.empty() && code == pack.persons->credit.code) {
        YW_TRY(report_credit(session, after.id, *facts, "intercepted", event.at));
      }
    }
    matter::Matter const* matter =
        facts ? pack.catalogue->find(text_at(*facts, "matter"), shanghai_date(after.created)) : nullptr;
    if (which != "instant" || matter == nullptr || !approved_by_rules(*matter, after, first_)) return {};
    bool const pledged = checked_after(*matter, *facts);
    YW_TRY(granted(session, after, first_, *matter, event.at));
    if (pledged) {
      YW_TRY(report_credit(session, after.id, *facts, "promised", event.at));
    }
    // Issued, and looked at afterwards, once the fee has come.
    if (owes(*matter, first_)) return papers(session, after, "by_rules", event.at, matter);
    YW_TRY(checks_after(session, after, *matter, pledged, event.at));
    return issue(session, after, first_, *output, *matter, event.at);
  }
  // Nobody has decided before the old licence ended: it goes on by law (行政许可法 50). The process has a timer for it.
  if (event.type == "case.timer" && after.step == "granted") {
    YW_ASSIGN(auto row, store::matter_case(session, after.id));
    YW_ASSIGN(auto found, matter_of(session, pack, after));
    if (!row || row->outcome != "open" || !found) return {};
    YW_TRY(decided(session, after, "granted", event.at));
    YW_TRY(papers(session, after, "deemed_granted", event.at));
    YW_TRY(granted(session, after, found->second, *found->first, event.at));
    return issue(session, after, found->second, json::Value{}, *found->first, event.at);
  }
  std::string const act = event.type == "case.acted"      ? text_at(event.data, "action")
                          : event.type == "case.operated" ? text_at(event.data, "operation")
                                                          : "";
  if (act.empty()) return {};
  YW_TRY(rated(session, after, event, act));
  YW_TRY(places(session, after, act, event.at));
  if (act == "request_correction") {
    YW_TRY(store::count_correction(session, after.id));
  }
  YW_TRY(papers(session, after, act, event.at));
  bool const not_accepted = act == "not_accept" || act == "not_needed";
  if (not_accepted || act == "refuse" || act == "withdraw" || act == "terminate") {
    YW_TRY(store::release_promised(session, after.id));
    return decided(session, after,
                   not_accepted        ? "not_accepted"
                   : act == "refuse"   ? "refused"
                   : act == "withdraw" ? "withdrawn"
                                       : "ended",
                   event.at);
  }
  bool const paid = act == "paid";
  if (act != "grant" && !paid) return {};
  if (!paid) {
    YW_TRY(decided(session, after, "granted", event.at));
  }
  YW_ASSIGN(auto found, matter_of(session, pack, after));
  if (!found || (paid && found->first->fee_field.empty())) return {};
  if (!paid) {
    YW_TRY(granted(session, after, found->second, *found->first, event.at));
    json::Value const *facts_then = found->second.find("facts"), *form_then = found->second.find("form");
    json::Value const* signed_it = form_then != nullptr ? form_then->find("promise") : nullptr;
    bool const promised = signed_it != nullptr && signed_it->kind() == json::Kind::boolean && signed_it->as_bool();
    if (promised && facts_then != nullptr && checked_after(*found->first, *facts_then)) {
      YW_TRY(pledge(session, after, *found->first, event.at));
      YW_TRY(report_credit(session, after.id, *facts_then, "promised", event.at));
    }
    if (owes(*found->first, found->second)) return {};  // issued once the fee has come
  } else {
    YW_ASSIGN(auto row, store::matter_case(session, after.id));
    json::Value const* facts_then = found->second.find("facts");
    if (row && row->by_rules && facts_then != nullptr) {
      YW_TRY(checks_after(session, after, *found->first, checked_after(*found->first, *facts_then), event.at));
    }
  }
  return issue(session, after, found->second, json::Value{}, *found->first, event.at);
}

}  // namespace yiwang::app

#include "matters.hpp"

#include "yiwang/store/matters.hpp"

namespace yiwang::app {
namespace {

std::string text_at(json::Value const& v, std::string_view key) {
  json::Value const* child = v.kind() == json::Kind::object ? v.find(key) : nullptr;
  return child && child->kind() == json::Kind::string ? child->text() : std::string{};
}

matter::References references(pack::Pack const& pack, spine::Release const& release) {
  matter::References known;
  for (auto const& [id, unit] : release.organisations) known.units.insert(id);
  for (auto const& [id, type] : release.case_types) known.case_types.insert(id);
  for (std::string const& path : pack.under("registers")) known.registers.emplace(pack.find(path)->root.text("id"));
  for (std::string const& path : pack.under("certificates")) known.certificates.emplace(pack.find(path)->root.text("id"));
  return known;
}

/// Papers that an act of the office makes (法定文书), with the word of their number series.
struct PaperOf {
  std::string_view act, kind, word;
};
constexpr PaperOf kPapers[] = {{"accept", "acceptance", "受"},          {"not_accept", "not_accepted", "不受"}, {"grant", "grant", "准"},       {"refuse", "refusal", "不准"},
                               {"request_correction", "correction", "补"}, {"start_special_procedure", "special", "特"}, {"decide_extension", "extension", "延"}};

}  // namespace

bool MatterPack::compile(pack::Pack const& pack, spine::Release const& release, MatterPack& out, std::vector<Error>& errors) {
  auto registers = matter::Registers::load(pack);
  auto types = certificate::Types::load(pack);
  auto catalogue = matter::Catalogue::load(pack, references(pack, release));
  for (auto* list : {&registers.errors, &types.errors, &catalogue.errors}) errors.insert(errors.end(), list->begin(), list->end());
  for (auto const& [id, type] : types.types ? types.types->all() : std::map<std::string, certificate::Type, std::less<>>{}) {
    if (!release.organisations.contains(type.issuer)) errors.push_back(Error(ErrorCode::pack_reference, {{"what", "单位 / the unit"}, {"value", type.issuer}, {"cure", "请在 organisations/ 中定义 / define it under organisations/"}}).at({"certificates/" + id + ".yaml", 0, 0, ""}));
  }
  if (!errors.empty()) return false;
  out = {std::move(catalogue.catalogue), std::move(registers.registers), std::move(types.types)};
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

Result<std::vector<Error>> MatterSystem::prepare(store::Session& session, spine::CaseType const& type, spine::CaseState const* before, spine::Actor const& actor, spine::Command& command, Instant) {
  using Kind = spine::Command::Kind;
  std::vector<Error> refused;
  if (command.kind == Kind::submit) {
    std::string const matter = text_at(command.facts, "matter");
    if (matter.empty()) {
      refused.push_back(Error(ErrorCode::spine_field, {{"label", type.title.zh_cn}, {"why", "请从事项的“在线办理”进入 / apply through the page of the matter"}, {"field", "case_type"}}).at_path("/case_type"));
      return refused;
    }
    YW_ASSIGN(auto open, store::open_of(session, actor.acts_for, matter));
    command.facts.set("open_same", json::Value::boolean(open.has_value()));
    if (open) command.facts.set("open_case", json::Value::string(to_string(*open)));
    // The process keeps the facts as they are; read back from the event they stand in canonical order, and must be the same.
    YW_ASSIGN(command.facts, json::parse(json::write_canonical(command.facts)));
  }
  if (command.kind == Kind::operate && command.action == "request_correction" && before != nullptr) {
    // 许可法 32: all corrections are told once.
    YW_ASSIGN(auto row, store::matter_case(session, before->id));
    if (row && row->corrections > 0) refused.push_back(Error(ErrorCode::spine_too_often, {{"action", "补正告知"}, {"max", "1"}}));
  }
  return refused;
}

Status MatterSystem::decided(store::Session& session, spine::CaseState const& after, std::string const& outcome, Instant now) {
  YW_ASSIGN(auto row, store::matter_case(session, after.id));
  if (!row) return {};
  return store::decide_matter_case(session, after.id, *row, outcome, now);
}

Status MatterSystem::issue(store::Session& session, spine::CaseState const& after, json::Value const& first, json::Value const& result, matter::Matter const& matter) {
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
  Instant const now = clock_.now();
  draft.issued = shanghai_date(now);
  if (type->years > 0) draft.valid_until = certificate::last_day(draft.issued, type->years);
  json::Value const* certificates = facts->find("replaces");
  if (certificates != nullptr && certificates->kind() == json::Kind::string) draft.predecessor = certificates->text();
  draft.form = *form;
  draft.facts = *facts;
  draft.result = result;
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

Status MatterSystem::project(store::Session& session, spine::CaseType const&, spine::CaseState const& after, spine::Event const& event) {
  MatterPack const pack = matters_.current();
  if (event.type == "case.submitted") {
    submitted_ = after.id;
    first_ = event.data;
    json::Value const* facts = event.data.find("facts");
    store::MatterCaseRow row;
    row.subject = after.applicant;
    row.matter = facts ? text_at(*facts, "matter") : "";
    row.department = after.department;
    row.by_rules = after.step == "granted";
    row.outcome = row.by_rules ? "granted" : "open";
    row.created = event.at;
    if (row.by_rules) row.decided = event.at;
    return store::insert_matter_case(session, after.id, row);
  }
  json::Value const* facts = nullptr;
  if (event.type == "case.decided") {
    if (submitted_ != after.id) return {};
    facts = first_.find("facts");
    json::Value const* output = event.data.find("output");
    std::string const which = text_at(event.data, "decision");
    if (output == nullptr) return {};
    if (which != "instant" || after.step != "granted") return {};
    matter::Matter const* matter = facts ? pack.catalogue->find(text_at(*facts, "matter"), shanghai_date(after.created)) : nullptr;
    if (matter == nullptr) return {};
    return issue(session, after, first_, *output, *matter);
  }
  std::string const act = event.type == "case.acted" ? text_at(event.data, "action") : event.type == "case.operated" ? text_at(event.data, "operation") : "";
  if (act.empty()) return {};
  if (act == "request_correction") {
    YW_TRY(store::count_correction(session, after.id));
  }
  auto definitions = definitions_.snapshot();
  for (PaperOf const& paper : kPapers) {
    if (paper.act != act) continue;
    auto const* unit = definitions->current->organisation(after.department);
    std::string const year = to_string(shanghai_date(event.at)).substr(0, 4);
    std::string const prefix = "云海（" + std::string(unit ? unit->short_name.zh_cn : "") + "）" + std::string(paper.word) + "字〔" + year + "〕";
    YW_TRY(store::insert_paper(session, after.id, paper.kind, after.department + ":" + year + ":" + std::string(paper.kind), prefix, after.revision, event.at));
  }
  if (act == "not_accept" || act == "refuse" || act == "withdraw") return decided(session, after, act == "not_accept" ? "not_accepted" : act == "refuse" ? "refused" : "withdrawn", event.at);
  if (act != "grant") return {};
  YW_TRY(decided(session, after, "granted", event.at));
  YW_ASSIGN(json::Value first, store::first_event(session, after.id));
  facts = first.kind() == json::Kind::object ? first.find("facts") : nullptr;
  matter::Matter const* matter = facts ? pack.catalogue->find(text_at(*facts, "matter"), shanghai_date(after.created)) : nullptr;
  if (matter == nullptr) return {};
  return issue(session, after, first, json::Value{}, *matter);
}

}  // namespace yiwang::app

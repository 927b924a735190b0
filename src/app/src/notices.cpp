// Public notices (公示) in the transaction of the commands that they come from.

#include "yiwang/store/notices.hpp"

#include "persons.hpp"
#include "yiwang/base/personal.hpp"
#include "yiwang/store/requests.hpp"

namespace yiwang::app {
namespace {

constexpr char kUntil[] = "notice_until";

std::string text_at(json::Value const& v, std::string_view key) {
  json::Value const* child = v.kind() == json::Kind::object ? v.find(key) : nullptr;
  return child != nullptr && child->kind() == json::Kind::string ? child->text() : std::string{};
}

json::Value string(std::string_view text) { return json::Value::string(std::string(text)); }

}  // namespace

Result<std::vector<Error>> MatterSystem::before_notice(store::Session& session, spine::CaseType const& type,
                                                       spine::CaseState const& before, spine::Command& command, Instant now) {
  std::vector<Error> none;
  auto const rules = matters_.current().notices;
  matter::Notice const* rule = rules->of(type.id);
  if (rule == nullptr) return none;
  if (command.action == rule->put_up) {
    if (command.facts.kind() != json::Kind::object) command.facts = json::Value::object();
    command.facts.set(kUntil, string(to_shanghai_string(after_workdays(calendar_, now, rule->workdays))));
  }
  if (command.action != rule->hand_in) return none;
  YW_ASSIGN(auto last, store::notice_of(session, before.id));
  if (!last || now.us < last->until.us || (last->down.us != 0 && last->down.us < last->until.us))
    return std::vector<Error>{
        Error(ErrorCode::spine_wrong_step,
              {{"step", "公示还没有满期 / the notice has not hung for all its days"}, {"action", command.action}})};
  YW_ASSIGN(auto objections, store::objections(session, before.id));
  if (!objections.empty() && text_at(command.input, rule->found).empty()) {
    spine::Step const* step = nullptr;
    for (auto const& [id, one] : type.steps) {
      if (one.find(rule->hand_in) != nullptr) step = &one;
    }
    std::string label = rule->found;
    for (spine::Field const& f : step != nullptr ? step->find(rule->hand_in)->fields : std::vector<spine::Field>{}) {
      if (f.id == rule->found) label = f.label.zh_cn;
    }
    return std::vector<Error>{Error(ErrorCode::spine_field, {{"label", label},
                                                             {"why",
                                                              "有人提了异议，请写明核实情况 / somebody objected: say what "
                                                              "was found"},
                                                             {"field", rule->found}})
                                  .at_path("/input/" + rule->found)};
  }
  return none;
}

/// Who objected hears that it was looked into, once the unit has handed in what it found; not what it found, which is about
/// others.
Status MatterSystem::tell_objectors(store::Session& session, matter::Notice const& rule, spine::CaseType const& type,
                                    spine::CaseState const& after, spine::Event const& event) {
  spine::Step const* from = type.step(text_at(event.data, "from"));
  if (from == nullptr || from->find(rule.hand_in) == nullptr) return {};
  YW_ASSIGN(auto objections, store::objections(session, after.id));
  for (store::Objection const& o : objections) {
    json::Value const body = json::Value::object(
        {{"subject", string(to_string(o.subject))}, {"notice", json::Value::object({{"title", spine::to_json(rule.title)}})}});
    YW_TRY(store::put_effect(session, after.id, ids_.next(), "inbox", json::write_canonical(body), event.at));
  }
  return {};
}

Status MatterSystem::notices(store::Session& session, spine::CaseType const& type, spine::CaseState const& after,
                             spine::Event const& event) {
  MatterPack const pack = matters_.current();
  matter::Notice const* rule = pack.notices->of(type.id);
  if (rule == nullptr || event.type == "case.submitted") return {};
  if (event.type == "case.acted") {
    YW_TRY(tell_objectors(session, *rule, type, after, event));
  }
  bool const there =
      std::any_of(after.tasks.begin(), after.tasks.end(), [&](spine::OpenTask const& t) { return t.node == rule->step; });
  if (!there) return store::take_notice_down(session, after.id, event.at);
  if (event.type != "case.acted" || text_at(event.data, "action") != rule->put_up) return {};
  json::Value const* facts = event.data.find("facts");
  YW_ASSIGN(Instant const until, parse_instant(facts != nullptr ? text_at(*facts, kUntil) : ""));
  YW_ASSIGN(auto found, matter_of(session, pack, after));
  if (!found) return {};
  json::Value const *form = found->second.find("form"), *known = found->second.find("facts");
  json::Value const* applicant = known != nullptr ? known->find("applicant") : nullptr;
  auto const name = PersonName::create(applicant != nullptr ? text_at(*applicant, "name") : "");
  // Of a person under protection nothing hangs there that leads to her.
  bool const kept = persons != nullptr && persons->under_protection(after.applicant, event.at) != nullptr;
  std::string const shown = kept || !name ? pack.persons->shown : name->masked();
  json::Value const body = matter::notice_body(*rule, type, form != nullptr ? *form : json::Value{}, shown);
  store::PublicNotice const notice{ids_.next(), after.id, after.department, json::write_canonical(body), event.at, until, {}};
  return store::put_notice(session, notice);
}

}  // namespace yiwang::app

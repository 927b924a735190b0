#include "recheck.hpp"

#include "yiwang/base/utf8.hpp"
#include "yiwang/store/matters.hpp"

namespace yiwang::app {
namespace {

constexpr char kSays[] = "changes";  // the field of an act
constexpr std::size_t kFewest = 4;   // characters that say something

std::string without_blanks(std::string_view text) {
  std::string out;
  for (std::size_t at = 0; at < text.size();) {
    std::size_t const begin = at;
    char32_t c = 0;
    if (!utf8::decode(text, at, c)) break;
    if (c > U' ' && c != U'\u3000' && c != U'\u00a0') out += text.substr(begin, at - begin);
  }
  return out;
}

json::Value const* member(json::Value const* v, std::string_view key) {
  return v != nullptr && v->kind() == json::Kind::object ? v->find(key) : nullptr;
}
std::string text_at(json::Value const& v, std::string_view key) {
  json::Value const* child = member(&v, key);
  return child != nullptr && child->kind() == json::Kind::string ? child->text() : std::string{};
}

/// What a register does not say, and what it denies, is the same to rules: no record is a good record.
bool empty(json::Value const* v) {
  if (v == nullptr || v->is_null()) return true;
  if (v->kind() == json::Kind::boolean) return !v->as_bool();
  if (v->kind() == json::Kind::array) return v->items().empty();
  return v->kind() == json::Kind::string && v->text().empty();
}

bool alike(json::Value const* a, json::Value const* b) {
  if (empty(a) || empty(b)) return empty(a) && empty(b);
  return json::write(*a) == json::write(*b);
}

}  // namespace

bool decides(std::string_view action) { return action == "grant" || action == "refuse"; }

Result<std::vector<FactChange>> changes_since(Installation& in, spine::CaseType const& type, store::LoadedCase const& loaded) {
  std::vector<FactChange> out;
  spine::CaseState const& state = loaded.row.state;
  if (type.decision("universal") == nullptr || loaded.events.empty()) return out;
  YW_ASSIGN(auto row, store::matter_case(*in.database, state.id));
  if (!row || row->decided) return out;
  json::Value const* before = member(&loaded.events.front().data, "facts");
  json::Value const* sources = member(before, "sources");
  if (sources == nullptr || sources->kind() != json::Kind::array) return out;  // erased
  std::set<std::string> unknown;                                               // did not answer then: whoever got the case knows
  for (json::Value const& s : sources->items()) {
    if (text_at(s, "state") == "unavailable") unknown.insert(text_at(s, "id"));
  }
  YW_ASSIGN(auto subject, in.identity->subject(state.applicant));
  // A register of the demo says some days relative to the day on which it is asked; here, that of the application.
  Known const now = ask_registers(in, type, register_subject(subject), shanghai_date(state.created),
                                  member(&loaded.events.front().data, "form"));
  MatterPack const pack = in.matters.current();
  for (SourceState const& s : now.sources) {
    if (unknown.contains(s.id)) continue;
    if (s.state == "unavailable") {
      out.push_back({s.title, "", s.updated, "unavailable"});
      continue;
    }
    json::Value const *then = member(before, s.id), *says = now.facts.find(s.id);
    std::set<std::string> keys;
    for (json::Value const* side : {then, says}) {
      if (side == nullptr || side->kind() != json::Kind::object) continue;
      for (auto const& [key, value] : side->members()) keys.insert(key);
    }
    matter::Register const* r = pack.registers->find(s.id);
    for (std::string const& key : keys) {
      if (alike(member(then, key), member(says, key))) continue;
      matter::RegisterFact const* fact = r != nullptr ? r->fact(key) : nullptr;
      out.push_back({s.title, fact != nullptr ? fact->label : key, s.updated, "changed"});
    }
  }
  return out;
}

Status recheck(ApiContext& c, http::Request const& request, spine::Command& command) {
  Installation& in = c.installation;
  YW_ASSIGN(auto loaded, readable(c, actor_of(c, request), request.param("id"), spine::Action::case_read));
  auto const definitions = in.definitions.snapshot();
  spine::CaseType const* type = definitions->find(loaded.row.state.definition);
  spine::Step const* step = type != nullptr ? type->step(loaded.row.state.step) : nullptr;
  spine::StepAction const* action = step != nullptr ? step->find(command.action) : nullptr;
  if (action == nullptr) return {};  // not the moment for it: the command says so
  spine::Field const* field = nullptr;
  for (spine::Field const& f : action->fields) {
    if (f.id == kSays) field = &f;
  }
  if (field == nullptr) return {};
  YW_ASSIGN(auto changes, changes_since(in, *type, loaded));
  if (changes.empty()) return {};
  std::string what;
  for (FactChange const& change : changes) {
    what += (what.empty() ? "" : "；") + change.register_title;
    what += change.state == "unavailable" ? "现在查不到" : "的“" + change.label + "”在申请后有变化";
  }
  std::string const said = command.input.kind() == json::Kind::object ? text_at(command.input, kSays) : "";
  if (utf8::length(without_blanks(said)) < kFewest) {
    return fail(
        Error(ErrorCode::spine_field,
              {{"label", field->label.zh_cn},
               {"why",
                what + "。请核实并写明怎样核实的，再作决定；本人已去世或失去资格的，由负责人终止办理 / registers say otherwise "
                       "now: say how it was verified"},
               {"field", kSays}})
            .at_path(std::string("/input/") + kSays));
  }
  command.input.set(kSays, json::Value::string("登记核对：" + what + "。核实情况：" + said));
  return {};
}

}  // namespace yiwang::app

// 补正: what a correction notice names, and what answers it.

#include <set>

#include "matters.hpp"
#include "yiwang/base/utf8.hpp"
#include "yiwang/format/json_order.hpp"
#include "yiwang/spine/forms.hpp"
#include "yiwang/store/matters.hpp"

namespace yiwang::app {
namespace {

std::string text_at(json::Value const& v, std::string_view key) {
  json::Value const* child = v.kind() == json::Kind::object ? v.find(key) : nullptr;
  return child && child->kind() == json::Kind::string ? child->text() : std::string{};
}

}  // namespace

/// A correction notice names each thing once: the field of the form, where it is one, and what is missing in it. The words of the
/// notice are made from that.
std::vector<Error> MatterSystem::name_corrections(spine::CaseType const& type, spine::Command& command) {
  constexpr std::size_t kItemsMax = 30, kWordsMax = 500;
  json::Value const* items = command.input.kind() == json::Kind::object ? command.input.find("items") : nullptr;
  if (items == nullptr) return {};
  std::vector<Error> faults;
  auto fault = [&](std::size_t n, char const* at, std::string why) {
    faults.push_back(
        Error(ErrorCode::http_field, {{"path", std::string("items/") + std::to_string(n) + "/" + at}, {"why", std::move(why)}})
            .at_path("/input/items/" + std::to_string(n) + "/" + at));
  };
  if (items->kind() != json::Kind::array || items->items().empty() || items->items().size() > kItemsMax) {
    fault(0, "what", "应写明一至三十处 / between one and thirty");
    return faults;
  }
  std::string words;
  std::size_t n = 0;
  for (json::Value const& item : items->items()) {
    std::string const field = text_at(item, "field"), what = text_at(item, "what");
    spine::Field const* f = field.empty() ? nullptr : type.field(field);
    if (!field.empty() && (f == nullptr || !f->compute.empty()))
      fault(n, "field", "表里没有这一项可补 / no such field to correct");
    if (what.size() < 2 || utf8::length(what) > kWordsMax)
      fault(n, "what", "请写明缺什么、哪里不对 / say what is missing or wrong");
    words += (words.empty() ? "" : "\n") + std::to_string(++n) + ". " + (f != nullptr ? f->label.zh_cn + "：" : "") + what;
  }
  command.reason = words + (command.reason.empty() ? "" : "\n" + command.reason);
  return faults;
}

/// What answers a correction notice: every field that it names, nothing that it does not, each as the form wants it. What follows
/// from these fields is worked out again.
Result<std::vector<Error>> MatterSystem::before_correction(store::Session& session, spine::CaseType const& type,
                                                           spine::CaseState const& before, spine::Command& command, Instant now) {
  // Who served at a window stands in what is kept; nobody writes that himself.
  if (command.input.kind() != json::Kind::object) command.input = json::Value::object();
  std::erase_if(command.input.members(), [](json::Member const& m) { return m.first == "counter"; });
  if (json::Value const* counter = command.facts.kind() == json::Kind::object ? command.facts.find("counter") : nullptr)
    command.input.set("counter", *counter);
  json::Value const* sent = command.input.find("form");
  json::Value const given = sent != nullptr ? *sent : json::Value::object();
  YW_ASSIGN(json::Value asked, store::correction_asked(session, before.id));
  // A notice in words alone, or a case that was sent back: any field may answer it.
  bool const noticed =
      std::any_of(before.tasks.begin(), before.tasks.end(), [](spine::OpenTask const& t) { return t.kind == "correction"; });
  bool const free = !noticed || asked.kind() != json::Kind::array;
  std::set<std::string> named;
  if (!free) {
    for (json::Value const& item : asked.items()) {
      if (std::string field = text_at(item, "field"); !field.empty()) named.insert(std::move(field));
    }
  }
  std::vector<Error> faults;
  auto fault = [&](std::string const& field, std::string why) {
    spine::Field const* f = type.field(field);
    faults.push_back(Error(ErrorCode::spine_field,
                           {{"label", f != nullptr ? f->label.zh_cn : field}, {"why", std::move(why)}, {"field", field}})
                         .at_path("/input/form/" + field));
  };
  if (given.kind() != json::Kind::object)
    return std::vector<Error>{Error(ErrorCode::http_field, {{"path", "form"}, {"why", "应为对象 / must be an object"}})};
  for (auto const& [field, value] : given.members()) {
    spine::Field const* f = type.field(field);
    if (f == nullptr || !f->compute.empty())
      fault(field, "表里没有这一项 / no such field");
    else if (!free && !named.contains(field))
      fault(field, "补正告知没有要求改这一项 / the notice does not ask for it");
  }
  for (std::string const& field : named) {
    json::Value const* value = given.find(field);
    if (value == nullptr || (value->kind() == json::Kind::array && value->items().empty()) ||
        (value->kind() == json::Kind::string && value->text().empty()))
      fault(field, "补正告知要求补上 / the notice asks for it");
  }
  if (!faults.empty() || given.members().empty()) return faults;
  YW_ASSIGN(json::Value first, store::first_event(session, before.id));
  json::Value const* was = first.kind() == json::Kind::object ? first.find("form") : nullptr;
  json::Value merged = was != nullptr && was->kind() == json::Kind::object ? *was : json::Value::object();
  for (auto const& [field, value] : given.members()) merged.set(field, value);
  json::Value checked;
  for (Error& e : spine::check_form(type, merged, now, checked)) {
    std::string const& path = e.place().path;
    std::string const field = path.substr(path.rfind('/') + 1);
    if (given.find(field) != nullptr) faults.push_back(std::move(e).at_path("/input/form/" + field));
  }
  if (!faults.empty()) return faults;
  json::Value form = json::Value::object();
  for (spine::Field const* f : type.fields()) {
    json::Value const* value = checked.find(f->id);
    if (value != nullptr && (given.find(f->id) != nullptr || !f->compute.empty())) form.set(f->id, *value);
  }
  json::put_in_canonical_order(form);
  command.input.set("form", std::move(form));
  return faults;
}

}  // namespace yiwang::app

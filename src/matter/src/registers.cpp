#include "yiwang/matter/registers.hpp"

#include "yiwang/base/identity_document.hpp"
#include "yiwang/spine/pack_json.hpp"

namespace yiwang::matter {
namespace {

constexpr std::int64_t kFarDay = 47'482;  // 2100-01-01

/// "@name", "@birth", "@today-200" (days): what a record of everybody takes from the person who asks.
json::Value filled(json::Value const& value, RegisterSubject const& about, Date today) {
  if (value.kind() != json::Kind::string || !value.text().starts_with("@")) return value;
  std::string_view const text = value.text();
  if (text == "@name") return json::Value::string(about.name);
  if (text == "@id_number") return json::Value::string(about.id_number);
  if (text == "@address") return json::Value::string(about.address);
  if (text == "@birth") return about.birth().empty() ? json::Value{} : json::Value::string(about.birth());
  if (text.starts_with("@today")) {
    std::int64_t days = 0;
    bool const back = text.size() > 6 && text[6] == '-';
    for (char c : text.substr(std::min<std::size_t>(text.size(), 7)))
      days = c >= '0' && c <= '9' && days < 100'000 ? days * 10 + (c - '0') : days;
    return json::Value::string(to_string(Date{static_cast<decltype(today.days)>(today.days + (back ? -days : days))}));
  }
  return value;
}

}  // namespace

std::string RegisterSubject::birth() const {
  if (enterprise || id_number.size() != 18) return {};
  return id_number.substr(6, 4) + "-" + id_number.substr(10, 2) + "-" + id_number.substr(12, 2);
}

RegisterFact const* Register::fact(std::string_view wanted) const {
  for (RegisterFact const& f : facts) {
    if (f.id == wanted) return &f;
  }
  return nullptr;
}

std::string_view to_string(RegisterMode mode) {
  constexpr std::string_view kNames[] = {"up", "down", "slow", "wrong"};
  return kNames[static_cast<std::size_t>(mode)];
}

std::optional<RegisterMode> parse_register_mode(std::string_view text) {
  for (RegisterMode mode : {RegisterMode::up, RegisterMode::down, RegisterMode::slow, RegisterMode::wrong}) {
    if (to_string(mode) == text) return mode;
  }
  return std::nullopt;
}

Registers::Loaded Registers::load(pack::Pack const& pack) {
  auto out = std::make_shared<Registers>();
  std::vector<Error> errors;
  for (std::string const& path : pack.under("registers")) {
    pack::Document const& d = *pack.find(path);
    Register r;
    r.id = d.root.text("id");
    r.title = d.root.text("title");
    r.holder = d.root.text("holder");
    r.updated = d.root.text("updated");
    r.of_enterprises = d.root.text("key") == "enterprise";
    for (pack::Node const& f : d.root.list("of")) r.of_fields.emplace_back(f.scalar);
    r.within = d.root.text("match") == "within";
    if ((d.root.text("key") == "value") != !r.of_fields.empty())
      errors.push_back(Error(ErrorCode::pack_schema,
                             {{"path", "of"},
                              {"why", "of 和 key 不相配 / of and key do not go together"},
                              {"expected", "key: value 时写 of（表单的栏目），其余不写 / of with key: value, and only then"}})
                           .at(d.place(*d.root.find("key"))));
    for (pack::Node const& f : d.root.list("fields"))
      r.facts.push_back(
          {std::string(f.text("id")), std::string(f.text("label")), std::string(f.text("type", "text")), f.flag("personal")});
    for (pack::Node const& record : d.root.list("records")) {
      json::Value facts = json::Value::object();
      for (auto const& entry : record.entries) {
        if (entry.key == "subject") continue;
        if (r.fact(entry.key) == nullptr) {
          errors.push_back(
              Error(ErrorCode::pack_reference,
                    {{"what", "事实 / the fact"}, {"value", entry.key}, {"cure", "请写在 fields 中 / write it under fields"}})
                  .at(d.place(entry.value)));
        }
        facts.set(entry.key, spine::to_json(entry.value));
      }
      json::Value const *kind = facts.find("id_type"), *number = facts.find("id_no");
      if (kind != nullptr && kind->kind() == json::Kind::string) {
        auto const known = parse_identity_kind(kind->text());
        bool const own = number == nullptr || number->text().starts_with("@");
        // The check that the kind has, of a day on which nobody was born: the pack has no clock.
        auto const fits =
            known && !own ? check_identity_number(*known, number->text(), Date{kFarDay}) : Result<std::string>(std::string{});
        if (!known || !fits) {
          errors.push_back(Error(ErrorCode::pack_schema,
                                 {{"path", known ? "id_no" : "id_type"},
                                  {"why", known ? fits.error().line() : kind->text()},
                                  {"expected", "证件种类和与它相符的号码 / a kind of document and a number that fits it"}})
                               .at(d.place(*record.find(known ? "id_no" : "id_type"))));
        }
      }
      r.records.emplace(record.text("subject"), std::move(facts));
    }
    if (Register const* other = out->find(r.id)) {
      errors.push_back(
          Error(ErrorCode::pack_duplicate, {{"what", "登记库 / the register"}, {"value", r.id}, {"other", other->title}})
              .at(d.place(d.root)));
    }
    out->registers_.emplace(r.id, std::move(r));
  }
  if (!errors.empty()) return {nullptr, std::move(errors)};
  return {std::move(out), {}};
}

Register const* Registers::find(std::string_view id) const {
  auto it = registers_.find(id);
  return it == registers_.end() ? nullptr : &it->second;
}

json::Value Registers::answer(Register const& of, RegisterSubject const& about, RegisterMode mode, Date today) const {
  if (!of.of_fields.empty()) {
    auto found = of.within ? of.records.end() : of.records.find(about.value);
    if (of.within) {
      for (auto i = of.records.begin(); i != of.records.end(); ++i) {
        bool const longer = found == of.records.end() || i->first.size() > found->first.size();
        if (i->first != "*" && longer && about.value.find(i->first) != std::string::npos) found = i;
      }
    }
    if (found == of.records.end()) found = of.records.find("*");
    return found == of.records.end() ? json::Value{} : found->second;
  }
  auto it = of.records.find(about.name + "/" + about.birth());
  if (it == of.records.end()) it = of.records.find(about.name + "/" + about.id_number);  // of documents that do not say the birth
  if (it == of.records.end()) it = of.records.find(about.name);
  if (it == of.records.end()) it = of.records.find("*");
  if (it == of.records.end()) return {};
  json::Value out = json::Value::object();
  for (auto const& [key, value] : it->second.members()) out.set(key, filled(value, about, today));
  if (mode == RegisterMode::wrong) {
    if (of.fact("death_date") != nullptr) out.set("death_date", json::Value::string("2024-01-01"));
    if (of.fact("address") != nullptr) out.set("address", json::Value::string("错误的地址"));
  }
  return out;
}

}  // namespace yiwang::matter

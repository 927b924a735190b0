#include "yiwang/matter/data_elements.hpp"

namespace yiwang::matter {
namespace {

/// What a person has only chosen from a list or written as one word or number.
bool plain(spine::FieldType type) {
  using enum spine::FieldType;
  return type == text || type == choice || type == number || type == date || type == phone;
}

constexpr std::string_view kOwnPhone = "subject.phone";

/// Where a form's file says it; null when it is somewhere else.
pack::Node const* prefill_node(pack::Node const& form, std::string_view field) {
  for (pack::Node const& page : form.list("pages")) {
    for (pack::Node const& f : page.list("fields")) {
      if (f.text("id") == field) return f.find("prefill");
    }
  }
  return nullptr;
}

}  // namespace

DataElements::Loaded DataElements::load(pack::Pack const& pack) {
  auto out = std::make_shared<DataElements>();
  std::vector<Error> errors;
  pack::Document const* d = pack.find("matters/data_elements.yaml");
  if (d == nullptr) return {std::move(out), {}};
  for (pack::Node const& node : d->root.list("elements")) {
    DataElement e;
    e.id = node.text("id");
    e.title = node.text("title");
    e.type = node.text("type");
    if (pack::Node const* personal = node.find("personal")) e.personal = personal->scalar == "true";
    e.days = node.integer("days", e.days);
    std::string const id = e.id;
    if (!out->elements_.emplace(id, std::move(e)).second)
      errors.push_back(Error(ErrorCode::pack_reference, {{"what", "数据元（重复） / the data element, named twice"},
                                                         {"value", id},
                                                         {"cure", "每个数据元只写一次 / write each once"}})
                           .at(d->place(*node.find("id"))));
  }
  if (!errors.empty()) return {nullptr, std::move(errors)};
  return {std::move(out), {}};
}

DataElement const* DataElements::find(std::string_view id) const {
  auto it = elements_.find(id);
  return it == elements_.end() ? nullptr : &it->second;
}

std::int64_t DataElements::days_for(spine::Field const& field) const {
  if (field.prefill.empty() || !plain(field.type) || !field.compute.empty()) return 0;
  if (field.prefill.starts_with(kEarlier)) {
    DataElement const* e = find(std::string_view(field.prefill).substr(kEarlier.size()));
    return e == nullptr || (field.personal && !e->personal) ? 0 : e->days;
  }
  return field.personal || field.prefill.starts_with("subject.") ? 0 : DataElement{}.days;
}

std::vector<Error> DataElements::check(pack::Pack const& pack, Registers const& registers, spine::Release const& release) const {
  std::vector<Error> errors;
  for (auto const& [id, type] : release.case_types) {
    std::string const file = "case_types/" + id + "/form.yaml";
    pack::Document const* document = pack.find(file);
    if (document == nullptr) continue;
    for (spine::Field const* f : type->fields()) {
      if (f->prefill.empty()) continue;
      pack::Node const* const node = prefill_node(document->root, f->id);
      Place const place = node != nullptr ? document->place(*node) : Place{file, 0, 0, ""};
      if (!f->prefill.starts_with(kEarlier)) {
        if (f->prefill == kOwnPhone) continue;
        std::size_t const dot = f->prefill.find('.');
        Register const* r = registers.find(std::string_view(f->prefill).substr(0, dot));
        if (dot != std::string::npos && r != nullptr && r->fact(std::string_view(f->prefill).substr(dot + 1)) != nullptr)
          continue;
        errors.push_back(
            Error(ErrorCode::pack_reference,
                  {{"what", "字段 " + f->id + " 的" + (r == nullptr ? "登记库" : "登记事实") +
                                (r == nullptr ? " / the register of the field" : " / the fact of the field")},
                   {"value", f->prefill},
                   {"cure", r == nullptr ? "请写 registers/ 中有的 登记库.事实、subject.phone 或 earlier.数据元 / write "
                                           "register.fact of registers/, subject.phone or earlier.element"
                                         : "请写在 registers/" + r->id +
                                               ".yaml 的 fields 中 / write it under fields of "
                                               "registers/" +
                                               r->id + ".yaml"}})
                .at(place));
        continue;
      }
      std::string const name = f->prefill.substr(kEarlier.size());
      auto wrong = [&](char const* cure) {
        errors.push_back(
            Error(ErrorCode::pack_reference,
                  {{"what", "字段 " + f->id + " 的数据元 / the data element of the field"}, {"value", name}, {"cure", cure}})
                .at(place));
      };
      DataElement const* e = find(name);
      if (e == nullptr)
        wrong("请在 matters/data_elements.yaml 中定义 / define it in matters/data_elements.yaml");
      else if (!plain(f->type))
        wrong(
            "长文本、文件、声明和评价不从以前的办件带出 / free text, files, declarations and ratings are not taken from earlier "
            "cases");
      else if (e->type != spine::to_string(f->type))
        wrong("字段类型要和数据元相同 / the field must have the element's type");
      else if (f->personal && !e->personal)
        wrong("个人信息字段要数据元写明 personal: true / a personal field needs an element with personal: true");
    }
  }
  return errors;
}

}  // namespace yiwang::matter

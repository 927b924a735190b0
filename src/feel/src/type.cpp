#include "yiwang/feel/type.hpp"

#include <array>

namespace yiwang::feel {

Type const* basic_type(TypeKind kind) {
  static std::array<Type, 14> const types = [] {
    std::array<Type, 14> made;
    for (std::size_t i = 0; i < made.size(); ++i) made[i].kind = static_cast<TypeKind>(i);
    return made;
  }();
  return &types[static_cast<std::size_t>(kind)];
}

Type const* find_basic_type(std::string_view name) {
  if (name.substr(0, 5) == "feel:") name.remove_prefix(5);
  static constexpr std::pair<std::string_view, TypeKind> kNames[] = {{"Any", TypeKind::any},
                                                                     {"any", TypeKind::any},
                                                                     {"Null", TypeKind::null},
                                                                     {"boolean", TypeKind::boolean},
                                                                     {"number", TypeKind::number},
                                                                     {"string", TypeKind::string},
                                                                     {"date", TypeKind::date},
                                                                     {"time", TypeKind::time},
                                                                     {"date and time", TypeKind::date_time},
                                                                     {"dateTime", TypeKind::date_time},
                                                                     {"years and months duration", TypeKind::years_months},
                                                                     {"yearMonthDuration", TypeKind::years_months},
                                                                     {"days and time duration", TypeKind::days_time},
                                                                     {"dayTimeDuration", TypeKind::days_time},
                                                                     {"list", TypeKind::list},
                                                                     {"context", TypeKind::context},
                                                                     {"function", TypeKind::function},
                                                                     {"range", TypeKind::range},
                                                                     {"integer", TypeKind::number},
                                                                     {"long", TypeKind::number},
                                                                     {"double", TypeKind::number},
                                                                     {"decimal", TypeKind::number}};
  for (auto const& [text, kind] : kNames) {
    if (text == name) return basic_type(kind);
  }
  return nullptr;
}

std::string to_string(Type const& type) {
  if (!type.name.empty()) return type.name;
  switch (type.kind) {
    case TypeKind::any: return "Any";
    case TypeKind::null: return "Null";
    case TypeKind::boolean: return "boolean";
    case TypeKind::number: return "number";
    case TypeKind::string: return "string";
    case TypeKind::date: return "date";
    case TypeKind::time: return "time";
    case TypeKind::date_time: return "date and time";
    case TypeKind::years_months: return "years and months duration";
    case TypeKind::days_time: return "days and time duration";
    case TypeKind::list: return "list<" + (type.element ? to_string(*type.element) : "Any") + ">";
    case TypeKind::range: return "range<" + (type.element ? to_string(*type.element) : "Any") + ">";
    case TypeKind::context: {
      std::string out = "context<";
      for (auto const& field : type.fields) {
        if (out.back() != '<') out += ", ";
        out += field.name + ": " + (field.type->name.empty() ? to_string(*field.type) : field.type->name);
      }
      return out + ">";
    }
    case TypeKind::function: {
      std::string out = "function<";
      for (auto const* parameter : type.parameters) {
        if (out.back() != '<') out += ", ";
        out += to_string(*parameter);
      }
      return out + "> -> " + (type.result ? to_string(*type.result) : "Any");
    }
  }
  return "?";
}

bool conforms(Type const& a, Type const& b, int depth) {
  if (&a == &b || b.kind == TypeKind::any || a.kind == TypeKind::null || depth > 16) return true;
  if (a.kind != b.kind) return false;
  switch (a.kind) {
    case TypeKind::list:
    case TypeKind::range: return !b.element || conforms(a.element ? *a.element : *any_type(), *b.element, depth + 1);
    case TypeKind::context:
      for (auto const& field : b.fields) {
        auto const* mine = a.field(field.name);
        if (!mine || !conforms(*mine, *field.type, depth + 1)) return false;
      }
      return true;
    case TypeKind::function:
      if (b.parameters.empty() && !b.result) return true;
      if (a.parameters.size() != b.parameters.size()) return false;
      for (std::size_t i = 0; i < a.parameters.size(); ++i) {
        if (!conforms(*b.parameters[i], *a.parameters[i], depth + 1)) return false;
      }
      return !b.result || conforms(a.result ? *a.result : *any_type(), *b.result, depth + 1);
    default: return true;
  }
}

}  // namespace yiwang::feel

#pragma once
// Request and answer bodies are described C++ structs. Their bounds live in their types (Text<1,200>), every field has a
// documentation line (a missing one does not compile), and from them come validation, JSON and OpenAPI 3.1.

#include <array>
#include <boost/describe.hpp>
#include <boost/mp11.hpp>
#include <charconv>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "yiwang/base/result.hpp"
#include "yiwang/base/utf8.hpp"
#include "yiwang/format/json.hpp"

namespace yiwang::http {

/// Text of Min..Max code points.
template <std::size_t Min, std::size_t Max>
struct Text {
  std::string value;
};
/// A whole number in a range.
template <std::int64_t Min, std::int64_t Max>
struct Integer {
  std::int64_t value = 0;
};
/// Any JSON value; what it must be is checked by the domain.
struct Any {
  json::Value value;
};

/// The documentation line of each field of T, in order: specialise `Docs<T>::lines`.
template <class T>
struct Docs;

namespace detail {
template <class T>
using Members = boost::describe::describe_members<T, boost::describe::mod_public>;

template <class T>
constexpr bool documented() {
  return boost::mp11::mp_size<Members<T>>::value == Docs<T>::lines.size();
}

inline Error field_error(std::string const& path, std::string why) {
  return Error(ErrorCode::http_field, {{"path", path}, {"why", std::move(why)}}).at_path(path);
}

inline json::Value string_value(std::string_view text) { return json::Value::string(std::string(text)); }
inline json::Value number_value(std::int64_t n) { return json::Value::number(std::to_string(n)); }
}  // namespace detail

template <class T>
void read(json::Value const& in, T& out, std::string const& path, std::vector<Error>& errors);

template <std::size_t Min, std::size_t Max>
void read_value(json::Value const& in, Text<Min, Max>& out, std::string const& path, std::vector<Error>& errors) {
  if (in.kind() != json::Kind::string) return errors.push_back(detail::field_error(path, "应为文字 / must be text"));
  if (!utf8::is_valid(in.text())) return errors.push_back(detail::field_error(path, "不是有效文字 / is not valid text"));
  std::size_t n = utf8::length(in.text());
  if (n < Min || n > Max) {
    return errors.push_back(detail::field_error(path, "应为 " + std::to_string(Min) + " 至 " + std::to_string(Max) +
                                                          " 个字 / must have " + std::to_string(Min) + " to " +
                                                          std::to_string(Max) + " characters"));
  }
  out.value = in.text();
}
template <std::int64_t Min, std::int64_t Max>
void read_value(json::Value const& in, Integer<Min, Max>& out, std::string const& path, std::vector<Error>& errors) {
  std::string const& t = in.text();
  auto [end, ec] = std::from_chars(t.data(), t.data() + t.size(), out.value);
  if (in.kind() != json::Kind::number || ec != std::errc{} || end != t.data() + t.size() || out.value < Min || out.value > Max) {
    errors.push_back(detail::field_error(path, "应为 " + std::to_string(Min) + " 至 " + std::to_string(Max) +
                                                   " 的整数 / must be a whole number from " + std::to_string(Min) + " to " +
                                                   std::to_string(Max)));
  }
}
inline void read_value(json::Value const& in, bool& out, std::string const& path, std::vector<Error>& errors) {
  if (in.kind() != json::Kind::boolean)
    return errors.push_back(detail::field_error(path, "应为 true 或 false / must be true or false"));
  out = in.as_bool();
}
inline void read_value(json::Value const& in, Any& out, std::string const&, std::vector<Error>&) { out.value = in; }
template <class T>
requires(boost::describe::has_describe_members<T>::value) void read_value(json::Value const& in, T& out, std::string const& path,
                                                                          std::vector<Error>& errors);
inline constexpr std::size_t kListMax = 100;  ///< items of a list in a request
template <class T>
void read_value(json::Value const& in, std::vector<T>& out, std::string const& path, std::vector<Error>& errors) {
  if (in.kind() != json::Kind::array || in.items().size() > kListMax) {
    return errors.push_back(detail::field_error(
        path,
        "应为最多 " + std::to_string(kListMax) + " 项的列表 / must be a list of at most " + std::to_string(kListMax) + " items"));
  }
  for (std::size_t i = 0; i < in.items().size(); ++i)
    read_value(in.items()[i], out.emplace_back(), path + "/" + std::to_string(i), errors);
}
template <class T>
void read_value(json::Value const& in, std::optional<T>& out, std::string const& path, std::vector<Error>& errors) {
  if (in.is_null()) return;
  out.emplace();
  read_value(in, *out, path, errors);
}

template <class T>
struct is_optional : std::false_type {};
template <class T>
struct is_optional<std::optional<T>> : std::true_type {};

/// Reads a described struct; every complaint is collected, unknown members are refused.
template <class T>
void read(json::Value const& in, T& out, std::string const& path, std::vector<Error>& errors) {
  static_assert(detail::documented<T>(), "every field needs a line in Docs<T>");
  if (in.kind() != json::Kind::object)
    return errors.push_back(detail::field_error(path.empty() ? "/" : path, "应为对象 / must be an object"));
  for (auto const& member : in.members()) {
    std::string const& key = member.first;
    bool known = false;
    boost::mp11::mp_for_each<detail::Members<T>>([&](auto d) { known = known || key == d.name; });
    if (!known) errors.push_back(Error(ErrorCode::http_unknown_field, {{"path", path + "/" + key}}).at_path(path + "/" + key));
  }
  boost::mp11::mp_for_each<detail::Members<T>>([&](auto d) {
    using Field = std::remove_reference_t<decltype(out.*d.pointer)>;
    std::string at = path + "/" + d.name;
    if (json::Value const* value = in.find(d.name))
      read_value(*value, out.*d.pointer, at, errors);
    else if (!is_optional<Field>::value)
      errors.push_back(detail::field_error(at, "缺少此项 / is missing"));
  });
}

template <class T>
requires(boost::describe::has_describe_members<T>::value) void read_value(json::Value const& in, T& out, std::string const& path,
                                                                          std::vector<Error>& errors) {
  read(in, out, path, errors);
}

// --- answers ---
inline json::Value write_value(std::string const& v) { return json::Value::string(v); }
inline json::Value write_value(std::int64_t v) { return detail::number_value(v); }
inline json::Value write_value(bool v) { return json::Value::boolean(v); }
inline json::Value write_value(Any const& v) { return v.value; }
template <class T>
requires(boost::describe::has_describe_members<T>::value) json::Value write_value(T const& v);
template <class T>
json::Value write_value(std::vector<T> const& v);
template <class T>
json::Value write_value(std::optional<T> const& v) {
  return v ? write_value(*v) : json::Value{};
}
template <class T>
json::Value write_value(std::vector<T> const& v) {
  json::Value out = json::Value::array();
  for (T const& item : v) out.items().push_back(write_value(item));
  return out;
}
template <class T>
requires(boost::describe::has_describe_members<T>::value) json::Value write_value(T const& v) {
  static_assert(detail::documented<T>(), "every field needs a line in Docs<T>");
  json::Value out = json::Value::object();
  boost::mp11::mp_for_each<detail::Members<T>>([&](auto d) {
    json::Value value = write_value(v.*d.pointer);
    if (!value.is_null()) out.members().emplace_back(d.name, std::move(value));
  });
  return out;
}

// --- OpenAPI (JSON Schema 2020-12) ---
template <class T>
struct SchemaOf;
template <std::size_t Min, std::size_t Max>
struct SchemaOf<Text<Min, Max>> {
  static json::Value make() {
    return json::Value::object({{"type", detail::string_value("string")},
                                {"minLength", detail::number_value(Min)},
                                {"maxLength", detail::number_value(Max)}});
  }
};
template <std::int64_t Min, std::int64_t Max>
struct SchemaOf<Integer<Min, Max>> {
  static json::Value make() {
    return json::Value::object({{"type", detail::string_value("integer")},
                                {"minimum", detail::number_value(Min)},
                                {"maximum", detail::number_value(Max)}});
  }
};
template <>
struct SchemaOf<std::string> {
  static json::Value make() { return json::Value::object({{"type", detail::string_value("string")}}); }
};
template <>
struct SchemaOf<std::int64_t> {
  static json::Value make() { return json::Value::object({{"type", detail::string_value("integer")}}); }
};
template <>
struct SchemaOf<bool> {
  static json::Value make() { return json::Value::object({{"type", detail::string_value("boolean")}}); }
};
template <>
struct SchemaOf<Any> {
  static json::Value make() { return json::Value::object(); }
};
template <class T>
struct SchemaOf<std::optional<T>> : SchemaOf<T> {};
template <class T>
struct SchemaOf<std::vector<T>> {
  static json::Value make() {
    return json::Value::object({{"type", detail::string_value("array")}, {"items", SchemaOf<T>::make()}});
  }
};
template <class T>
struct SchemaOf {
  static json::Value make() {
    json::Value properties = json::Value::object(), required = json::Value::array();
    std::size_t i = 0;
    boost::mp11::mp_for_each<detail::Members<T>>([&](auto d) {
      using Field = std::remove_cvref_t<decltype(std::declval<T>().*d.pointer)>;
      json::Value schema = SchemaOf<Field>::make();
      schema.set("description", detail::string_value(Docs<T>::lines[i++]));
      properties.set(d.name, std::move(schema));
      if (!is_optional<Field>::value) required.items().push_back(detail::string_value(d.name));
    });
    json::Value out = json::Value::object({{"type", detail::string_value("object")}});
    if (!required.items().empty()) out.set("required", std::move(required));
    out.set("properties", std::move(properties));
    out.set("additionalProperties", json::Value::boolean(false));
    return out;
  }
};

}  // namespace yiwang::http

/// The documentation lines of a described struct, inside namespace yiwang::http: YW_DOCS(app::Body, "what a is", "what b is").
#define YW_DOCS(Name, ...)                                                        \
  template <>                                                                     \
  struct Docs<Name> {                                                             \
    static constexpr auto lines = std::to_array<std::string_view>({__VA_ARGS__}); \
  };

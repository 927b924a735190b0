#pragma once
// Reading and writing members of the JSON of events, for the files of the request desk.

#include <charconv>
#include <string>
#include <string_view>

#include "yiwang/format/json.hpp"

namespace yiwang::app::request_json {

inline json::Value string(std::string_view text) { return json::Value::string(std::string(text)); }
inline json::Value number(std::int64_t n) { return json::Value::number(std::to_string(n)); }
inline std::string text_of(json::Value const& v, std::string_view key) {
  json::Value const* child = v.find(key);
  return child && (child->kind() == json::Kind::string || child->kind() == json::Kind::number) ? child->text() : std::string{};
}
inline std::int64_t number_of(json::Value const& v, std::string_view key) {
  std::string const text = text_of(v, key);
  std::int64_t out = 0;
  std::from_chars(text.data(), text.data() + text.size(), out);
  return out;
}
inline bool flag_of(json::Value const& v, std::string_view key) {
  json::Value const* child = v.find(key);
  return child && child->as_bool();
}

/// A member that is an object; an empty one when it is not there.
inline json::Value const& object_of(json::Value const& v, std::string_view key) {
  static json::Value const kNone = json::Value::object();
  json::Value const* child = v.find(key);
  return child ? *child : kNone;
}

}  // namespace yiwang::app::request_json

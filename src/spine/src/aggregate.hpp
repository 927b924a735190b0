#pragma once
// Small readers and writers of JSON that the files of the aggregate share.

#include <charconv>

#include "yiwang/spine/casefile.hpp"

namespace yiwang::spine {

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
inline IdBytes id_of(json::Value const& v, std::string_view key) { return parse_id(text_of(v, key)).value_or(IdBytes{}); }

/// Values that people wrote or registers said: the event of the case holds them once, and its process points there.
inline bool held_once(std::string_view variable) { return variable == "form" || variable == "input" || variable == "facts"; }

/// Where a case stands, in the words of its case type.
struct Standing {
  std::string step;
  CaseStatus status = CaseStatus::in_progress;
};
Standing standing(CaseType const& type, CaseState const& state);
/// Tasks, those who took part, incidents: whatever follows from the process.
void follow_process(CaseType const& type, CaseState& state);
/// Groups of a staff member, for tasks of a case that this unit handles.
std::vector<std::string> groups_of(Actor const& actor, std::string_view case_department);

}  // namespace yiwang::spine

#include "yiwang/feel/program.hpp"

#include <algorithm>

namespace yiwang::feel {

std::uint32_t Program::add_constant(Value value) {
  value.freeze();
  constants.push_back(std::move(value));
  return static_cast<std::uint32_t>(constants.size() - 1);
}

std::uint32_t Program::add_string(std::string_view text) {
  auto [found, fresh] = string_constants.try_emplace(std::string(text), 0);
  if (fresh) found->second = add_constant(Value::string(text));
  return found->second;
}

std::uint32_t Program::add_type(Type const* type) {
  auto found = std::find(types.begin(), types.end(), type);
  if (found == types.end()) {
    types.push_back(type);
    return static_cast<std::uint32_t>(types.size() - 1);
  }
  return static_cast<std::uint32_t>(found - types.begin());
}

NodeId Program::add(Node node, std::uint32_t source) {
  nodes.push_back(node);
  source_of.push_back(source);
  return static_cast<NodeId>(nodes.size() - 1);
}

std::uint32_t Program::add_kids(std::vector<std::uint32_t> const& list) {
  auto at = static_cast<std::uint32_t>(kids.size());
  kids.insert(kids.end(), list.begin(), list.end());
  return at;
}

void Program::note_field(std::string_view name) {
  if (std::find(field_names.begin(), field_names.end(), name) == field_names.end()) field_names.emplace_back(name);
}

}  // namespace yiwang::feel

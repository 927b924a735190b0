#include "files.hpp"

#include <fstream>
#include <sstream>

namespace yiwang::app {

Result<std::string> read_file(std::filesystem::path const& path) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream text;
  if (!in || !(text << in.rdbuf())) {
    std::error_code code;
    if (in && std::filesystem::file_size(path, code) == 0) return std::string();
    return fail(ErrorCode::base_file, {{"file", path.string()}, {"why", "it cannot be read"}});
  }
  return std::move(text).str();
}

Status write_file(std::filesystem::path const& path, std::string_view text) {
  std::ofstream out(path, std::ios::binary | std::ios::trunc);
  out.write(text.data(), static_cast<std::streamsize>(text.size()));
  out.close();
  if (!out) return fail(ErrorCode::base_file, {{"file", path.string()}, {"why", "it cannot be written"}});
  return {};
}

feel::ZoneRules const* SystemZones::find(std::string_view name) const {
  std::lock_guard lock(mutex_);
  if (auto found = known_.find(name); found != known_.end()) return found->second.get();
  bool plain = !name.empty() && name[0] != '/';
  for (char c : name) {
    plain = plain && ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '/' || c == '_' ||
                      c == '-' || c == '+');
  }
  std::unique_ptr<feel::ZoneRules> rules;
  std::error_code code;
  if (plain && std::filesystem::is_regular_file(root_ / name, code)) {
    if (auto bytes = read_file(root_ / name)) {
      if (auto parsed = feel::ZoneRules::parse_tzif(*bytes)) rules = std::make_unique<feel::ZoneRules>(std::move(*parsed));
    }
  }
  if (known_.size() > 2000) return nullptr;
  return known_.emplace(std::string(name), std::move(rules)).first->second.get();
}

}  // namespace yiwang::app

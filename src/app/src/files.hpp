#pragma once
// Reading files and time zones for commands.

#include <filesystem>
#include <map>
#include <mutex>
#include <string>

#include "yiwang/base/result.hpp"
#include "yiwang/feel/temporal.hpp"

namespace yiwang::app {

/// The whole file. Errors: base.file.
Result<std::string> read_file(std::filesystem::path const& path);
/// Errors: base.file.
Status write_file(std::filesystem::path const& path, std::string_view text);

/// Zone rules of this machine (tzdata), read on first use. May be asked from any thread.
class SystemZones final : public feel::ZoneSource {
 public:
  explicit SystemZones(std::filesystem::path root = "/usr/share/zoneinfo") : root_(std::move(root)) {}
  feel::ZoneRules const* find(std::string_view name) const override;

 private:
  std::filesystem::path root_;
  mutable std::mutex mutex_;
  mutable std::map<std::string, std::unique_ptr<feel::ZoneRules>, std::less<>> known_;
};

}  // namespace yiwang::app

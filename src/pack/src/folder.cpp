#include <filesystem>
#include <fstream>
#include <sstream>

#include "yiwang/pack/pack.hpp"

namespace yiwang::pack {

namespace fs = std::filesystem;

Result<FileSet> read_folder(std::string const& folder) {
  FileSet out;
  std::error_code ec;
  if (!fs::is_directory(folder, ec)) return fail(ErrorCode::base_file, {{"file", folder}, {"why", "not a folder"}});
  for (auto const& entry : fs::recursive_directory_iterator(folder, ec)) {
    if (!entry.is_regular_file()) continue;
    std::ifstream in(entry.path(), std::ios::binary);
    std::ostringstream text;
    text << in.rdbuf();
    if (!in) return fail(ErrorCode::base_file, {{"file", entry.path().string()}, {"why", "unreadable"}});
    out.emplace(fs::relative(entry.path(), folder).generic_string(), text.str());
  }
  if (ec) return fail(ErrorCode::base_file, {{"file", folder}, {"why", ec.message()}});
  return out;
}

}  // namespace yiwang::pack

#include <zlib.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "yiwang/base/crypto.hpp"
#include "yiwang/http/server.hpp"

namespace yiwang::http {
namespace {

std::string type_of(std::string const& name) {
  static std::map<std::string, std::string> const kTypes = {{".html", "text/html; charset=utf-8"},
                                                            {".js", "text/javascript; charset=utf-8"},
                                                            {".css", "text/css; charset=utf-8"},
                                                            {".svg", "image/svg+xml"},
                                                            {".json", "application/json"},
                                                            {".png", "image/png"},
                                                            {".ico", "image/x-icon"},
                                                            {".webmanifest", "application/manifest+json"},
                                                            {".txt", "text/plain; charset=utf-8"},
                                                            {".wasm", "application/wasm"}};
  auto it = kTypes.find(std::filesystem::path(name).extension().string());
  return it == kTypes.end() ? "application/octet-stream" : it->second;
}

}  // namespace

std::string gzip(std::string_view text) {
  z_stream z{};
  if (deflateInit2(&z, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) != Z_OK) return {};
  std::string out(deflateBound(&z, text.size()), '\0');
  z.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  z.avail_in = static_cast<uInt>(text.size());
  z.next_out = reinterpret_cast<Bytef*>(out.data());
  z.avail_out = static_cast<uInt>(out.size());
  int rc = deflate(&z, Z_FINISH);
  out.resize(rc == Z_STREAM_END ? z.total_out : 0);
  deflateEnd(&z);
  return out;
}

Result<std::map<std::string, StaticFile, std::less<>>> load_static(std::string const& root) {
  std::map<std::string, StaticFile, std::less<>> out;
  for (auto [app, prefix] : {std::pair{"citizen", "/"}, std::pair{"staff", "/staff/"}}) {
    std::filesystem::path folder = std::filesystem::path(root) / app / "dist";
    std::error_code ec;
    if (!std::filesystem::exists(folder, ec)) continue;
    for (auto const& entry : std::filesystem::recursive_directory_iterator(folder, ec)) {
      if (!entry.is_regular_file()) continue;
      std::ifstream in(entry.path(), std::ios::binary);
      std::ostringstream text;
      text << in.rdbuf();
      if (!in) return fail(ErrorCode::base_file, {{"file", entry.path().string()}, {"why", "unreadable"}});
      std::string name = std::filesystem::relative(entry.path(), folder).generic_string();
      StaticFile file;
      file.content_type = type_of(name);
      file.body = text.str();
      file.etag = "\"" + to_hex(sm3(file.body)).substr(0, 20) + "\"";
      file.immutable = name.starts_with("assets/");
      std::string packed = file.content_type.starts_with("image/png") ? std::string{} : gzip(file.body);
      if (!packed.empty() && packed.size() < file.body.size()) file.gzip = std::move(packed);
      out.emplace(prefix + name, std::move(file));
    }
  }
  return out;
}

}  // namespace yiwang::http

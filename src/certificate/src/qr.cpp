#include "yiwang/certificate/qr.hpp"

#include <zlib.h>

#include <algorithm>

#include "yiwang/base/crypto.hpp"

namespace yiwang::certificate {
namespace {

Error broken(std::string why) { return Error(ErrorCode::evidence_format, {{"why", std::move(why)}}); }

}  // namespace

Result<std::string> qr_text(json::Value bundle) {
  std::erase_if(bundle.members(), [](json::Member const& m) { return m.first == "public_key"; });
  std::string const text = json::write(bundle);
  uLongf size = compressBound(static_cast<uLong>(text.size()));
  std::string packed(size, '\0');
  if (compress2(reinterpret_cast<Bytef*>(packed.data()), &size, reinterpret_cast<Bytef const*>(text.data()),
                static_cast<uLong>(text.size()), Z_BEST_COMPRESSION) != Z_OK) {
    return fail(broken("zlib"));
  }
  packed.resize(size);
  return std::string(kQrBegin) + to_base64url(packed);
}

Result<json::Value> from_qr(std::string_view text) {
  constexpr std::size_t kMost = 64 << 10;  // a QR code holds 3 KB; who sends a bomb gets no further than this
  while (!text.empty() && static_cast<unsigned char>(text.back()) <= ' ') text.remove_suffix(1);
  if (!text.starts_with(kQrBegin)) return fail(broken("not the QR code of a certificate"));
  YW_ASSIGN(std::string packed, from_base64url(std::string(text.substr(kQrBegin.size()))));
  std::string out(kMost, '\0');
  uLongf size = static_cast<uLongf>(out.size());
  if (uncompress(reinterpret_cast<Bytef*>(out.data()), &size, reinterpret_cast<Bytef const*>(packed.data()),
                 static_cast<uLong>(packed.size())) != Z_OK) {
    return fail(broken("the QR code was not read as a whole"));
  }
  out.resize(size);
  return json::parse(out);
}

}  // namespace yiwang::certificate

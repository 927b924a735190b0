#pragma once
// The text of a certificate's QR code: the certificate with its proof, so that a stranger can check it without any network.

#include <string>
#include <string_view>

#include "yiwang/format/json.hpp"

namespace yiwang::certificate {

/// What a QR code's text begins with: "YWC1:", then base64url of the compressed bundle without the public key, which whoever
/// checks must have from elsewhere.
inline constexpr std::string_view kQrBegin = "YWC1:";

Result<std::string> qr_text(json::Value bundle);
/// The bundle in a QR code's text. Errors: evidence.format.
Result<json::Value> from_qr(std::string_view text);

}  // namespace yiwang::certificate

#pragma once
// A PDF with an SM2 signature over all its bytes: one line behind its end, which readers of PDF pass over.

#include <string>
#include <string_view>

#include "yiwang/base/result.hpp"
#include "yiwang/evidence/leaf.hpp"

namespace yiwang::certificate {

/// What the line begins with; then the key id and the signature in base64url. It fits into the last kilobyte, where readers look
/// for the end of a PDF.
inline constexpr std::string_view kPdfLine = "%YWP1:";

Result<std::string> sign_pdf(std::string pdf, evidence::SigningKey const& key);
/// Whether nothing was changed since it was signed with this key. Errors: evidence.format: no signature, or no key to compare
/// with, or another one.
Result<bool> check_pdf(std::string_view pdf, std::string_view public_pem);

}  // namespace yiwang::certificate

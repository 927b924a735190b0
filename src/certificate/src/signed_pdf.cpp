#include "yiwang/certificate/signed_pdf.hpp"

#include "yiwang/base/crypto.hpp"

namespace yiwang::certificate {
namespace {

Error broken(std::string why) { return Error(ErrorCode::evidence_format, {{"why", std::move(why)}}); }

}  // namespace

Result<std::string> sign_pdf(std::string pdf, evidence::SigningKey const& key) {
  if (!pdf.ends_with('\n')) pdf += '\n';
  YW_ASSIGN(std::string signature, key.sign(pdf));
  pdf.append(kPdfLine).append(key.key_id()).append(":").append(to_base64url(signature)).append("\n");
  return pdf;
}

Result<bool> check_pdf(std::string_view pdf, std::string_view public_pem) {
  if (public_pem.empty())
    return fail(broken("核验 PDF 要用公布的公钥 / a PDF is checked with the published key: --key PUBLIC.pem"));
  std::size_t const at = pdf.rfind(kPdfLine);
  if (at == std::string_view::npos || !pdf.ends_with('\n')) return fail(broken("文件没有签名 / the file has no signature"));
  std::string_view const line = pdf.substr(at + kPdfLine.size(), pdf.size() - at - kPdfLine.size() - 1);
  std::size_t const colon = line.find(':');
  if (colon == std::string_view::npos) return fail(broken("文件没有签名 / the file has no signature"));
  YW_ASSIGN(std::string id, evidence::key_id_of(public_pem));
  if (line.substr(0, colon) != id)
    return fail(broken("由另一把密钥签名 / signed with another key: " + std::string(line.substr(0, colon))));
  YW_ASSIGN(std::string signature, from_base64url(line.substr(colon + 1)));
  return evidence::verify_signature(public_pem, pdf.substr(0, at), signature);
}

}  // namespace yiwang::certificate

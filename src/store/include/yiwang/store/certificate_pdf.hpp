#pragma once
// The PDF of a certificate as it was first downloaded: kept, so that a signature over its bytes means something.

#include "yiwang/store/matters.hpp"

namespace yiwang::store {

/// Of a state of the certificate; nothing when nobody has asked for it yet.
Result<std::optional<std::string>> certificate_pdf(Database& database, CertificateRow const& row, std::int64_t state);
/// Keeps what was made first, and gives that: of two who ask at once, both get the same bytes.
Result<std::string> keep_certificate_pdf(Database& database, CertificateRow const& row, std::int64_t state, std::string_view pdf,
                                         Instant now);

}  // namespace yiwang::store

#include "yiwang/store/certificate_pdf.hpp"

#include "queries.hpp"

namespace yiwang::store {

Result<std::optional<std::string>> certificate_pdf(Database& database, CertificateRow const& row, std::int64_t state) {
  std::optional<std::string> out;
  YW_TRY(database.read([&](Session& s) {
    return s.run(queries::certificate_pdf_get, {row.subject, row.id, state},
                 [&](Row const& found) { out = std::string(found.bytes(0)); });
  }));
  return out;
}

Result<std::string> keep_certificate_pdf(Database& database, CertificateRow const& row, std::int64_t state, std::string_view pdf,
                                         Instant now) {
  std::string out;
  YW_TRY(database.execute([&](Writer& w) -> Status {
    YW_TRY(w.session().run(queries::certificate_pdf_put, {row.subject, row.id, state, now.us, Blob{pdf}}));
    YW_TRY(w.session().run(queries::certificate_pdf_get, {row.subject, row.id, state},
                           [&](Row const& found) { out = found.bytes(0); }));
    return {};
  }));
  return out;
}

}  // namespace yiwang::store

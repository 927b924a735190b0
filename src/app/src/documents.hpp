#pragma once
// Paper for people: statutory papers and certificates as PDF with a QR code and a seal that says 演示.

#include <string>
#include <vector>

#include "yiwang/base/result.hpp"

namespace yiwang::app {

struct PdfLine {
  std::string label, text;  ///< without a label: a paragraph
  bool heading = false;     ///< the label stands alone, over what follows
};
struct PdfDocument {
  std::string title, number, issuer, day;
  std::vector<PdfLine> lines;
  std::vector<std::string> notes;       ///< small, at the foot
  std::string qr;                       ///< what the code holds; empty: none
  std::string mark;                     ///< across the page: 加注, 重印 …
  bool framed = false;                  ///< a certificate
  std::vector<std::string> signs = {};  ///< signed by hand on these lines; then nobody's seal stands there
};
/// A4. Characters that the standard Chinese fonts lack are written by their code points. Errors: base.file.
Result<std::string> pdf(PdfDocument const& document);

}  // namespace yiwang::app

#include "documents.hpp"

#include <hpdf.h>
#include <iconv.h>
#include <qrencode.h>

#include <memory>

#include "rare_glyphs.hpp"
#include "yiwang/base/utf8.hpp"

namespace yiwang::app {
namespace {

constexpr float kMargin = 64, kWidth = 595 - 2 * kMargin;
constexpr std::size_t kLongQr = 300;  // a longer text needs every module

/// The fonts that every PDF reader has for Chinese are addressed in GBK.
class Gbk {
 public:
  Gbk() : converter_(iconv_open("GBK", "UTF-8")) {}
  ~Gbk() {
    if (converter_ != reinterpret_cast<iconv_t>(-1)) iconv_close(converter_);
  }
  Gbk(Gbk const&) = delete;
  Gbk& operator=(Gbk const&) = delete;
  std::string one(std::string_view utf8_character) {
    char in[8] = {}, out[8] = {};
    std::copy(utf8_character.begin(), utf8_character.end(), in);
    char *from = in, *to = out;
    std::size_t left = utf8_character.size(), room = sizeof(out);
    iconv(converter_, nullptr, nullptr, nullptr, nullptr);
    if (iconv(converter_, &from, &left, &to, &room) == static_cast<std::size_t>(-1)) return {};
    return {out, static_cast<std::size_t>(to - out)};
  }

 private:
  iconv_t converter_;
};

struct Glyph {
  std::string gbk;  ///< empty: drawn as its outline
  float width;      ///< of the font size
  std::shared_ptr<Outline const> outline = nullptr;
};

std::vector<Glyph> glyphs(Gbk& gbk, std::string_view text) {
  std::vector<Glyph> out;
  std::size_t at = 0;
  while (at < text.size()) {
    std::size_t const begin = at;
    char32_t c = 0;
    if (!utf8::decode(text, at, c)) break;
    std::string bytes = gbk.one(text.substr(begin, at - begin));
    if (bytes.empty()) {
      // A rare character that these fonts lack is drawn. Where no font of this machine has it, its code point says which one it
      // is.
      if (auto outline = outline_of(c)) {
        out.push_back({"", outline->width, outline});
        continue;
      }
      constexpr char kHex[] = "0123456789ABCDEF";
      std::string code;
      for (char32_t v = c; v != 0; v >>= 4) code.insert(code.begin(), kHex[v & 15]);
      for (char x : "[U+" + code + "]") out.push_back({std::string(1, x), 0.5F});
      continue;
    }
    out.push_back({bytes, bytes.size() > 1 ? 1.0F : 0.5F});
  }
  return out;
}

struct Broken {
  HPDF_STATUS code = 0;
};
void on_error(HPDF_STATUS error, HPDF_STATUS, void* data) { static_cast<Broken*>(data)->code = error; }

struct Sheet {
  HPDF_Doc doc;
  HPDF_Page page;
  HPDF_Font font;
  Gbk& gbk;
  float y = 0;
  float bottom = 110;  ///< below it a paragraph goes on on the next page

  void write(std::vector<Glyph> const& row, float x, float at_y, float size) {
    for (auto it = row.begin(); it != row.end();) {
      if (it->outline) {
        draw(*it->outline, x, at_y, size);
        x += it++->width * size;
        continue;
      }
      std::string bytes;
      float const from = x;
      for (; it != row.end() && !it->outline; ++it) bytes += it->gbk, x += it->width * size;
      HPDF_Page_BeginText(page);
      HPDF_Page_SetFontAndSize(page, font, size);
      HPDF_Page_TextOut(page, from, at_y, bytes.c_str());
      HPDF_Page_EndText(page);
    }
  }
  void write(std::string_view text, float x, float at_y, float size) { write(glyphs(gbk, text), x, at_y, size); }
  void draw(Outline const& outline, float x, float at_y, float size) {
    for (OutlineStep const& s : outline.steps) {
      float const to_x = x + s.x * size, to_y = at_y + s.y * size;
      switch (s.kind) {
        case OutlineStep::Kind::move: HPDF_Page_MoveTo(page, to_x, to_y); break;
        case OutlineStep::Kind::line: HPDF_Page_LineTo(page, to_x, to_y); break;
        case OutlineStep::Kind::curve:
          HPDF_Page_CurveTo(page, x + s.x1 * size, at_y + s.y1 * size, x + s.x2 * size, at_y + s.y2 * size, to_x, to_y);
          break;
      }
    }
    if (!outline.steps.empty()) HPDF_Page_Fill(page);
  }
  float width(std::string_view text, float size) {
    float w = 0;
    for (Glyph const& g : glyphs(gbk, text)) w += g.width * size;
    return w;
  }
  /// Wraps by character.
  std::vector<std::vector<Glyph>> wrapped(std::string_view text, float room, float size) {
    std::vector<std::vector<Glyph>> rows(1);
    float used = 0;
    for (Glyph& g : glyphs(gbk, text)) {
      bool const ends = g.gbk == "\n";
      if (ends || used + g.width * size > room) {
        rows.emplace_back();
        used = 0;
        if (ends) continue;
      }
      used += g.width * size;
      rows.back().push_back(std::move(g));
    }
    if (rows.back().empty()) rows.pop_back();
    return rows;
  }
  void paragraph(std::string_view text, float x, float room, float size, float line) {
    for (auto const& row : wrapped(text, room, size)) {
      if (y < bottom) next_page();
      write(row, x, y, size);
      y -= line;
    }
  }
  /// A label beside its text; both may take several lines, on several pages.
  void pair(PdfLine const& line, float column, float size, float step) {
    constexpr float kGap = 8;
    auto const label = wrapped(line.label, column - kGap, size);
    auto const text = wrapped(line.text.empty() ? "—" : line.text, kWidth - column, size);
    if (y - step * static_cast<float>(label.size() - 1) < bottom) next_page();
    // First the label, so that whoever has it read aloud hears it before its text.
    float const top = y;
    for (std::size_t i = 0; i < label.size(); ++i) write(label[i], kMargin, top - step * static_cast<float>(i), size);
    float const under = top - step * static_cast<float>(label.size());
    HPDF_Page const first = page;
    for (auto const& row : text) {
      if (y < bottom) next_page();
      write(row, kMargin + column, y, size);
      y -= step;
    }
    if (page == first) y = std::min(y, under);
  }
  void heading(std::string_view text, float size) {
    if (y < bottom + 40) next_page();  // never alone at the end of a page
    y -= 8;
    write(text, kMargin, y, size);
    HPDF_Page_SetLineWidth(page, 0.6F);
    HPDF_Page_MoveTo(page, kMargin, y - 6);
    HPDF_Page_LineTo(page, kMargin + kWidth, y - 6);
    HPDF_Page_Stroke(page);
    y -= 26;
  }
  void next_page() {
    page = HPDF_AddPage(doc);
    HPDF_Page_SetSize(page, HPDF_PAGE_SIZE_A4, HPDF_PAGE_PORTRAIT);
    y = 770;
  }
  void qr(std::string const& text, float x, float bottom, float side) {
    std::unique_ptr<QRcode, void (*)(QRcode*)> code(
        QRcode_encodeString(text.c_str(), 0, text.size() > kLongQr ? QR_ECLEVEL_L : QR_ECLEVEL_M, QR_MODE_8, 1), QRcode_free);
    if (!code) return;
    float const cell = side / static_cast<float>(code->width);
    HPDF_Page_SetRGBFill(page, 0, 0, 0);
    for (int row = 0; row < code->width; ++row) {
      for (int column = 0; column < code->width; ++column) {
        if ((code->data[row * code->width + column] & 1) == 0) continue;
        HPDF_Page_Rectangle(page, x + static_cast<float>(column) * cell, bottom + side - static_cast<float>(row + 1) * cell, cell,
                            cell);
      }
    }
    HPDF_Page_Fill(page);
  }
  /// A square frame with 演示: never a real seal, never an emblem (never.md 9).
  void seal(float x, float bottom) {
    HPDF_Page_SetRGBStroke(page, 0.64F, 0.19F, 0.16F);
    HPDF_Page_SetRGBFill(page, 0.64F, 0.19F, 0.16F);
    HPDF_Page_SetLineWidth(page, 2.5F);
    HPDF_Page_Rectangle(page, x, bottom, 78, 44);
    HPDF_Page_Stroke(page);
    for (auto const& [text, size, dy] : {std::tuple{"演示印章", 15.0F, 22.0F}, std::tuple{"无效力", 11.0F, 7.0F}}) {
      write(text, x + (78 - width(text, size)) / 2, bottom + dy, size);
    }
    HPDF_Page_SetRGBFill(page, 0, 0, 0);
    HPDF_Page_SetRGBStroke(page, 0, 0, 0);
  }
};

}  // namespace

Result<std::string> pdf(PdfDocument const& d) {
  Broken broken;
  std::unique_ptr<std::remove_pointer_t<HPDF_Doc>, void (*)(HPDF_Doc)> doc(HPDF_New(on_error, &broken), HPDF_Free);
  auto failed = [&] { return fail(ErrorCode::base_file, {{"file", "pdf"}, {"why", "libhpdf " + std::to_string(broken.code)}}); };
  if (!doc) return failed();
  HPDF_SetCompressionMode(doc.get(), HPDF_COMP_ALL);
  HPDF_UseCNSFonts(doc.get());
  HPDF_UseCNSEncodings(doc.get());
  Gbk gbk;
  Sheet s{doc.get(), HPDF_AddPage(doc.get()), HPDF_GetFont(doc.get(), "SimSun", "GBK-EUC-H"), gbk};
  if (broken.code != 0 || s.font == nullptr) return failed();
  HPDF_Page_SetSize(s.page, HPDF_PAGE_SIZE_A4, HPDF_PAGE_PORTRAIT);
  auto centred = [&](std::string_view text, float y, float size) { s.write(text, (595 - s.width(text, size)) / 2, y, size); };
  if (d.framed) {
    HPDF_Page_SetLineWidth(s.page, 3);
    HPDF_Page_Rectangle(s.page, 36, 36, 595 - 72, 842 - 72);
    HPDF_Page_Stroke(s.page);
  }
  if (!d.mark.empty()) {
    HPDF_Page_SetRGBFill(s.page, 0.64F, 0.19F, 0.16F);
    centred(d.mark, 800, 12);
    HPDF_Page_SetRGBFill(s.page, 0, 0, 0);
  }
  centred(d.title, 752, 24);
  centred(d.number, 724, 11);
  s.y = 690;
  constexpr float kSignLine = 34;
  // Signed by hand and without a code, the foot is two lines; a seal and a code need room.
  bool const plain = !d.signs.empty() && d.qr.empty();
  float const lowest = plain ? 120 : 200;
  float const signs = kSignLine * static_cast<float>(d.signs.size());
  // Who signs sees on the same page what for: the last words before the signature go with it.
  std::size_t tail = d.lines.size();
  while (!d.signs.empty() && tail > 0 && d.lines[tail - 1].label.empty() && d.lines.size() - tail < 3) --tail;
  if (tail == d.lines.size() && tail > 0 && !d.signs.empty()) --tail;
  float tail_height = 0;
  for (std::size_t i = tail; i < d.lines.size(); ++i)
    tail_height += 22 * static_cast<float>(s.wrapped(d.lines[i].text, kWidth, 12.5F).size()) + 6;
  for (std::size_t i = 0; i < d.lines.size(); ++i) {
    PdfLine const& line = d.lines[i];
    if (i == tail && s.y - tail_height < lowest + signs) s.next_page();
    if (line.label.empty()) {
      s.paragraph(line.text, kMargin, kWidth, 12.5F, 22);
      s.y -= 6;
      continue;
    }
    if (line.heading) {
      s.heading(line.label, 13.5F);
      continue;
    }
    s.pair(line, 118, 12.5F, 21);
    s.y -= 5;
  }
  float const right = 595 - kMargin;
  bool const long_qr = d.qr.size() > kLongQr;
  float const side = long_qr ? 168 : 92;
  constexpr float kFoot = 230;
  if (s.y < (long_qr ? 340 : lowest + signs)) s.next_page();
  for (std::string const& sign : d.signs) {
    s.y -= kSignLine;
    s.write(sign, kMargin, s.y, 12.5F);
  }
  float foot = long_qr ? kFoot : s.y - (plain ? 50 : 70);
  if (foot > 300 && !plain) foot = kFoot;
  s.write(d.issuer, right - s.width(d.issuer, 13), foot + 20, 13);
  s.write(d.day, right - s.width(d.day, 12), foot, 12);
  if (d.signs.empty()) s.seal(right - 110, foot - 52);
  float const under = long_qr ? 128 : foot - (plain ? 6 : 52);
  if (!d.qr.empty()) s.qr(d.qr, kMargin, under, side);
  s.y = under - 14;
  s.bottom = 44;
  for (std::string const& note : d.notes) s.paragraph(note, kMargin, kWidth, 9, 13);
  if (broken.code != 0) return failed();
  HPDF_SaveToStream(doc.get());
  std::string out(HPDF_GetStreamSize(doc.get()), '\0');
  HPDF_UINT32 size = static_cast<HPDF_UINT32>(out.size());
  HPDF_ReadFromStream(doc.get(), reinterpret_cast<HPDF_BYTE*>(out.data()), &size);
  if (broken.code != 0 || size == 0) return failed();
  out.resize(size);
  return out;
}

}  // namespace yiwang::app

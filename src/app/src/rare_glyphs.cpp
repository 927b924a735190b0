#include "rare_glyphs.hpp"

#include <fontconfig/fontconfig.h>
#include <ft2build.h>
#include FT_FREETYPE_H
#include FT_OUTLINE_H

#include <map>
#include <mutex>
#include <string>

namespace yiwang::app {
namespace {

struct FontFile {
  std::string path;
  int index = 0;
};

/// A font of this machine that has the character; Chinese ones first.
FontFile font_with(char32_t character) {
  std::unique_ptr<FcConfig, void (*)(FcConfig*)> config(FcInitLoadConfigAndFonts(), FcConfigDestroy);
  std::unique_ptr<FcCharSet, void (*)(FcCharSet*)> wanted(FcCharSetCreate(), FcCharSetDestroy);
  std::unique_ptr<FcPattern, void (*)(FcPattern*)> pattern(FcPatternCreate(), FcPatternDestroy);
  if (!config || !wanted || !pattern) return {};
  FcCharSetAddChar(wanted.get(), static_cast<FcChar32>(character));
  FcPatternAddCharSet(pattern.get(), FC_CHARSET, wanted.get());
  FcPatternAddString(pattern.get(), FC_LANG, reinterpret_cast<FcChar8 const*>("zh-cn"));
  FcPatternAddString(pattern.get(), FC_FAMILY, reinterpret_cast<FcChar8 const*>("serif"));
  FcPatternAddBool(pattern.get(), FC_SCALABLE, FcTrue);
  FcConfigSubstitute(config.get(), pattern.get(), FcMatchPattern);
  FcDefaultSubstitute(pattern.get());
  FcResult result = FcResultNoMatch;
  std::unique_ptr<FcPattern, void (*)(FcPattern*)> found(FcFontMatch(config.get(), pattern.get(), &result), FcPatternDestroy);
  FcChar8* file = nullptr;
  FcCharSet* has = nullptr;
  FontFile out;
  if (!found || FcPatternGetCharSet(found.get(), FC_CHARSET, 0, &has) != FcResultMatch ||
      !FcCharSetHasChar(has, static_cast<FcChar32>(character)))
    return {};
  if (FcPatternGetString(found.get(), FC_FILE, 0, &file) != FcResultMatch) return {};
  out.path = reinterpret_cast<char const*>(file);
  static_cast<void>(FcPatternGetInteger(found.get(), FC_INDEX, 0, &out.index));
  return out;
}

/// Collects an outline; quadratic curves become cubic ones.
struct Collector {
  Outline* out;
  float em, x = 0, y = 0;
  void to(OutlineStep step) {
    x = step.x, y = step.y;
    out->steps.push_back(step);
  }
};

std::shared_ptr<Outline const> read_outline(char32_t character) {
  FontFile const font = font_with(character);
  if (font.path.empty()) return nullptr;
  FT_Library library = nullptr;
  if (FT_Init_FreeType(&library) != 0) return nullptr;
  std::unique_ptr<FT_LibraryRec_, FT_Error (*)(FT_Library)> library_end(library, FT_Done_FreeType);
  FT_Face face = nullptr;
  if (FT_New_Face(library, font.path.c_str(), font.index, &face) != 0) return nullptr;
  std::unique_ptr<FT_FaceRec_, FT_Error (*)(FT_Face)> face_end(face, FT_Done_Face);
  FT_UInt const glyph = FT_Get_Char_Index(face, character);
  if (glyph == 0 || FT_Load_Glyph(face, glyph, FT_LOAD_NO_SCALE | FT_LOAD_NO_BITMAP) != 0 ||
      face->glyph->format != FT_GLYPH_FORMAT_OUTLINE)
    return nullptr;
  auto outline = std::make_shared<Outline>();
  Collector collector{outline.get(), static_cast<float>(face->units_per_EM)};
  outline->width = static_cast<float>(face->glyph->metrics.horiAdvance) / collector.em;
  FT_Outline_Funcs functions{};
  functions.move_to = [](FT_Vector const* p, void* user) {
    auto& c = *static_cast<Collector*>(user);
    c.to({.kind = OutlineStep::Kind::move, .x = static_cast<float>(p->x) / c.em, .y = static_cast<float>(p->y) / c.em});
    return 0;
  };
  functions.line_to = [](FT_Vector const* p, void* user) {
    auto& c = *static_cast<Collector*>(user);
    c.to({.kind = OutlineStep::Kind::line, .x = static_cast<float>(p->x) / c.em, .y = static_cast<float>(p->y) / c.em});
    return 0;
  };
  functions.conic_to = [](FT_Vector const* control, FT_Vector const* p, void* user) {
    auto& c = *static_cast<Collector*>(user);
    float const cx = static_cast<float>(control->x) / c.em, cy = static_cast<float>(control->y) / c.em;
    float const x = static_cast<float>(p->x) / c.em, y = static_cast<float>(p->y) / c.em;
    c.to({OutlineStep::Kind::curve, c.x + (cx - c.x) * 2 / 3, c.y + (cy - c.y) * 2 / 3, x + (cx - x) * 2 / 3,
          y + (cy - y) * 2 / 3, x, y});
    return 0;
  };
  functions.cubic_to = [](FT_Vector const* one, FT_Vector const* two, FT_Vector const* p, void* user) {
    auto& c = *static_cast<Collector*>(user);
    c.to({OutlineStep::Kind::curve, static_cast<float>(one->x) / c.em, static_cast<float>(one->y) / c.em,
          static_cast<float>(two->x) / c.em, static_cast<float>(two->y) / c.em, static_cast<float>(p->x) / c.em,
          static_cast<float>(p->y) / c.em});
    return 0;
  };
  if (FT_Outline_Decompose(&face->glyph->outline, &functions, &collector) != 0) return nullptr;
  return outline;
}

}  // namespace

std::shared_ptr<Outline const> outline_of(char32_t character) {
  static std::mutex mutex;
  static std::map<char32_t, std::shared_ptr<Outline const>> known;
  std::lock_guard lock(mutex);
  auto it = known.find(character);
  if (it == known.end()) it = known.emplace(character, read_outline(character)).first;
  return it->second;
}

}  // namespace yiwang::app

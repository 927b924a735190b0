#pragma once
// Characters that the standard fonts of PDF readers lack (rare characters in names), as outlines of a font of this machine.

#include <memory>
#include <vector>

namespace yiwang::app {

/// A part of an outline in parts of the font size: to the point x, y; a curve has two control points before it.
struct OutlineStep {
  enum class Kind : unsigned char { move, line, curve } kind;
  float x1 = 0, y1 = 0, x2 = 0, y2 = 0, x = 0, y = 0;
};
struct Outline {
  std::vector<OutlineStep> steps;
  float width = 1;
};

/// Null when no font of this machine has the character. Kept once it was asked for. Thread-safe.
std::shared_ptr<Outline const> outline_of(char32_t character);

}  // namespace yiwang::app

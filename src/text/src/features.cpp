#include "yiwang/text/features.hpp"

#include <algorithm>

#include "yiwang/base/utf8.hpp"

namespace yiwang::text {
namespace {

constexpr char32_t kBoundary = U'\0';

bool is_word(char32_t c) {
  if (c < 0x80) return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
  if (c >= 0x2000 && c <= 0x206F) return false;  // general punctuation
  if (c >= 0x3000 && c <= 0x303F) return false;  // CJK punctuation
  if (c >= 0xFE30 && c <= 0xFE4F) return false;  // vertical forms
  if (c == 0x00A0 || c == 0x00B7 || c == 0x2026 || (c >= 0x2500 && c <= 0x26FF)) return false;
  return true;
}

std::uint32_t mix(std::uint32_t h, char32_t c) {
  h ^= static_cast<std::uint32_t>(c);
  h *= 0x9E3779B1U;
  h ^= h >> 15;
  return h;
}

template <class F>
void each_ngram(std::u32string_view text, int orders, std::uint32_t space, F&& f) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    std::uint32_t h = space;
    for (int n = 1; n <= orders && i + static_cast<std::size_t>(n) <= text.size(); ++n) {
      char32_t c = text[i + static_cast<std::size_t>(n) - 1];
      if (c == kBoundary) break;
      h = mix(h, c);
      std::uint32_t id = h ^ (h >> 13) * 0x85EBCA6BU;
      f(id, i, i + static_cast<std::size_t>(n));
    }
  }
}

}  // namespace

std::u32string normalise(std::string_view text) {
  std::u32string out;
  out.reserve(text.size() / 2);
  std::size_t offset = 0;
  char32_t c;
  while (offset < text.size()) {
    if (!utf8::decode(text, offset, c)) {
      ++offset;  // malformed bytes were refused where text came in; here they only separate
      c = kBoundary;
    }
    if (c >= 0xFF01 && c <= 0xFF5E) c -= 0xFEE0;
    if (c >= 'A' && c <= 'Z') c += 32;
    if (!is_word(c)) c = kBoundary;
    if (c >= '0' && c <= '9') c = U'0';
    if (!out.empty() && c == out.back() && (c == kBoundary || c == U'0')) continue;
    // A coded place name: a letter, perhaps a number, then 市 区 县: only the kind of place stays.
    if ((c == U'市' || c == U'区' || c == U'县') && !out.empty()) {
      std::size_t end = out.size();
      if (end > 0 && out[end - 1] == U'0') --end;
      if (end > 0 && out[end - 1] >= U'a' && out[end - 1] <= U'z' && (end < 2 || out[end - 2] < U'a' || out[end - 2] > U'z'))
        out.resize(end - 1);
    }
    out += c;
  }
  return out;
}

void count_ngrams(std::u32string_view text, int orders, std::uint32_t space, std::vector<Feature>& out) {
  thread_local std::vector<std::uint32_t> ids;
  ids.clear();
  each_ngram(text, orders, space, [&](std::uint32_t id, std::size_t, std::size_t) { ids.push_back(id); });
  std::sort(ids.begin(), ids.end());
  for (std::size_t i = 0; i < ids.size();) {
    std::size_t j = i;
    while (j < ids.size() && ids[j] == ids[i]) ++j;
    out.push_back({ids[i], static_cast<float>(j - i)});
    i = j;
  }
}

void list_ngrams(std::u32string_view text, int orders, std::uint32_t space, std::vector<Occurrence>& out) {
  each_ngram(text, orders, space, [&](std::uint32_t id, std::size_t begin, std::size_t end) {
    out.push_back({id, static_cast<std::uint32_t>(begin), static_cast<std::uint32_t>(end)});
  });
}

}  // namespace yiwang::text

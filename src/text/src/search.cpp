#include "yiwang/text/search.hpp"

#include <algorithm>

#include "yiwang/base/utf8.hpp"

namespace yiwang::text {
namespace {

bool is_han(char32_t c) { return (c >= 0x4E00 && c <= 0x9FFF) || (c >= 0x3400 && c <= 0x4DBF) || c >= 0x20000; }
/// Letters and digits, of full width too; without regard to case.
char32_t letter(char32_t c) {
  if (c >= 0xFF01 && c <= 0xFF5E) c -= 0xFEE0;
  if (c >= 'A' && c <= 'Z') return c + 32;
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ? c : 0;
}

}  // namespace

std::vector<std::string> search_grams(std::string_view text, std::size_t most) {
  std::vector<std::string> out;
  std::u32string run;  // of one kind
  bool han = false;
  auto finish = [&] {
    if (han) {
      for (std::size_t i = 0; i + 1 < run.size(); ++i) out.push_back(utf8::from_utf32(run.substr(i, 2)));
    } else if (run.size() > 1) {
      out.push_back(utf8::from_utf32(run));
    }
    run.clear();
  };
  std::size_t offset = 0;
  char32_t c;
  while (offset < text.size()) {
    if (!utf8::decode(text, offset, c)) {
      ++offset;
      c = 0;
    }
    char32_t const plain = letter(c);
    if (!is_han(c) && plain == 0) {
      finish();
      continue;
    }
    if (!run.empty() && han != is_han(c)) finish();
    han = is_han(c);
    run += han ? c : plain;
  }
  finish();
  std::sort(out.begin(), out.end());
  out.erase(std::unique(out.begin(), out.end()), out.end());
  if (out.size() > most) out.resize(most);
  return out;
}

}  // namespace yiwang::text

#pragma once
// Texts as sparse vectors of hashed character n-grams. No dictionary, no word segmentation: a new word, a dialect word or a
// typing error costs some of its n-grams, never the whole word.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace yiwang::text {

struct Message {
  std::string title;
  std::string detail;
};

/// Normalises for comparison: full-width forms to ASCII, letters to lower case, every run of digits to one '0', every kind
/// of white space and punctuation to one boundary (U+0000). Coded place names such as "A6区" lose their code.
std::u32string normalise(std::string_view text);

/// A feature and its value; `id` is a 32-bit hash.
struct Feature {
  std::uint32_t id;
  float value;
};

struct FeatureOptions {
  int title_orders = 3;   ///< n-grams of 1..title_orders code points of the title
  int detail_orders = 2;  ///< and of the detail
  std::size_t detail_code_points_max = 2000;
  float title_again = 2;     ///< how often a title's n-gram counts among those of the whole text
  float title_share = 0.1F;  ///< of the squared length; the rest belongs to the detail
};

/// Occurrence counts of the n-grams of one part; `space` keeps title and detail apart. Sorted by id, no zero counts.
void count_ngrams(std::u32string_view text, int orders, std::uint32_t space, std::vector<Feature>& out);

/// One n-gram with its place, for explanations: code points [begin, end) of the normalised text.
struct Occurrence {
  std::uint32_t id;
  std::uint32_t begin, end;
};
void list_ngrams(std::u32string_view text, int orders, std::uint32_t space, std::vector<Occurrence>& out);

inline constexpr std::uint32_t kTitleSpace = 0x5bd1e995U;
inline constexpr std::uint32_t kDetailSpace = 0x27d4eb2fU;

}  // namespace yiwang::text

#pragma once
// What a text is found by: pairs of neighbouring Han characters, and whole words of other scripts. The same on both sides, so
// that every text that contains the words asked for has all of their grams.

#include <string>
#include <string_view>
#include <vector>

namespace yiwang::text {

/// Each gram once, in order; at most `most`. A single character says too little to be found by.
std::vector<std::string> search_grams(std::string_view text, std::size_t most = 2000);

}  // namespace yiwang::text

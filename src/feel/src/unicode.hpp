#pragma once
#include <string>
#include <string_view>

namespace yiwang::feel {

char32_t to_upper(char32_t point);
char32_t to_lower(char32_t point);
std::string upper_case(std::string_view text);
std::string lower_case(std::string_view text);

}  // namespace yiwang::feel

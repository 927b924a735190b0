#pragma once
// When something happened, as people say it: 昨晚十点半, 上周三, 3月5日下午, 每天凌晨, 连续三天, 国庆期间. Resolved against the
// moment in which it was said. Pure; one pass over the text, a bounded look ahead at each place.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "yiwang/base/time.hpp"

namespace yiwang::text {

/// How exact it was said. Names equal the JSON spelling.
enum class Exactness : std::uint8_t { minute, hour, part_of_day, day, week, month, year, recurring, lasting };
std::string_view to_string(Exactness exactness);

struct Moment {
  std::uint32_t begin = 0, end = 0;  ///< code points of the text
  Exactness exactness = Exactness::day;
  /// [from, until): of what recurs and of a part of an unnamed day there is none.
  std::optional<Instant> from, until;
};

/// Days that people call by a name: dated, because most of them move. Data of a pack.
struct NamedDays {
  std::vector<std::u32string> words;
  std::vector<std::pair<Date, Date>> spans;  ///< inclusive, in order
};

/// Full-width letters and digits, and the traditional forms that numbers and times are written with, one for one.
std::u32string plain(std::u32string_view text);

/// Of text that plain() has made. In order, none within another.
std::vector<Moment> find_moments(std::u32string_view text, Instant said, std::vector<NamedDays> const& named);

}  // namespace yiwang::text

#pragma once
// The walk of §5: from a start, pauses and extensions to a due instant and its explanation.
// All times are local (+08:00) seconds since 1970-01-01T00:00+08:00, all days numbers since 1970-01-01.

#include <cstdint>
#include <limits>
#include <optional>
#include <string_view>
#include <vector>

#include "yiwang/clock/evaluate.hpp"

namespace yiwang::clock {

inline constexpr std::int64_t kOpen = std::numeric_limits<std::int64_t>::max() / 4;
inline constexpr std::int64_t kDaySeconds = 86'400;

struct Pause {
  std::string_view reason;
  std::string_view key;
  std::int64_t from = 0;
  std::int64_t real_to = kOpen;  ///< kOpen while nobody has resumed it
  std::optional<Amount> max;
  bool suspends = false;  ///< a suspension: affects every clock
};

/// What a computation reads. `pauses` are those that affect the clock.
struct ComputeInput {
  ClockRule const* rule = nullptr;
  Calendar const* calendar = nullptr;
  Decree const* const* decrees = nullptr;
  std::size_t decree_count = 0;
  std::int64_t start = 0;
  std::optional<std::int64_t> anchor_day;
  std::vector<Pause> const* pauses = nullptr;
  std::vector<std::int64_t> const* extensions = nullptr;
};

struct Span {
  std::int64_t first_day, last_day;  ///< excluded days, last_day = kOpen while open
  std::int64_t from, to;             ///< seconds, to = kOpen while open
  std::string_view reason;
};

struct Computed {
  std::optional<std::int64_t> due_at;
  std::optional<std::int64_t> due_day, nominal;
  std::optional<std::int64_t> unknown_day;
  bool provisional = false;
  std::int64_t first_counted = 0;  ///< day; for hours the second from which time counts
  std::int64_t amount_total = 0;   ///< what `left` starts from when there is no due: days, or seconds
  std::vector<Span> spans;
  std::vector<Line> lines;
};

Computed compute(ComputeInput const& input);

/// Day look-up with the error and provisional marks collected.
class Days {
 public:
  Days(Calendar const& calendar, Decree const* const* decrees, std::size_t count)
      : calendar_(calendar), decrees_(decrees), count_(count) {}
  /// false when the day is unknown; `unknown` then holds it.
  bool get(std::int64_t day, DayInfo& out) {
    out = calendar_.lookup(day, decrees_, count_);
    if (out.provisional) provisional = true;
    if (out.kind != DayKind::unknown) return true;
    if (!unknown) unknown = day;
    return false;
  }
  std::optional<std::int64_t> unknown;
  bool provisional = false;

 private:
  Calendar const& calendar_;
  Decree const* const* decrees_;
  std::size_t count_;
};

/// Open seconds (of working days, or of all days for `hour`) in [from, to) outside the spans; nullopt: unknown day.
std::optional<std::int64_t> countable_seconds(ClockRule const& rule, Calendar const& calendar, Days& days, std::int64_t from,
                                              std::int64_t to, std::vector<Span> const& spans);

}  // namespace yiwang::clock

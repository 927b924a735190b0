#include "columnar_kernels.hpp"

#include <algorithm>
#include <cstdint>

#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__) && !defined(__SANITIZE_ADDRESS__) && \
    !defined(__SANITIZE_THREAD__)
#define YW_CLONES __attribute__((optimize("O3"), target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define YW_CLONES
#endif

namespace yiwang::dmn {

YW_CLONES void and_bytes(std::uint64_t* __restrict masks, std::uint8_t const* __restrict codes,
                         std::uint64_t const* __restrict by_code, std::size_t n) {
  for (std::size_t i = 0; i < n; ++i) masks[i] &= by_code[codes[i]];
}

YW_CLONES void and_codes(std::uint64_t* __restrict masks, std::uint16_t const* __restrict codes,
                         std::uint64_t const* __restrict by_code, std::size_t n) {
  for (std::size_t i = 0; i < n; ++i) masks[i] &= by_code[codes[i]];
}

YW_CLONES void add_sums(std::int32_t* __restrict sums, std::uint64_t const* __restrict masks,
                        std::int32_t const* __restrict tables, std::size_t n) {
  for (std::size_t i = 0; i < n; ++i) {
    std::uint64_t m = masks[i];
    std::int32_t sum =
        tables[m & 255] + tables[256 + (m >> 8 & 255)] + tables[512 + (m >> 16 & 255)] + tables[768 + (m >> 24 & 255)];
    sum += tables[1024 + (m >> 32 & 255)] + tables[1280 + (m >> 40 & 255)] + tables[1536 + (m >> 48 & 255)] +
           tables[1792 + (m >> 56)];
    sums[i] += sum;
  }
}

YW_CLONES void transpose(std::uint64_t* __restrict a) {
  // Swaps ever smaller off-diagonal blocks: 32 × 32, 16 × 16 … 1 × 1.
  std::uint64_t mask = 0x00000000FFFFFFFFULL;
  for (unsigned width = 32; width != 0; width >>= 1, mask ^= mask << width) {
    for (unsigned block = 0; block < 64; block += 2 * width) {
      for (unsigned k = block; k < block + width; ++k) {
        std::uint64_t swap = ((a[k] >> width) ^ a[k + width]) & mask;
        a[k] ^= swap << width;
        a[k + width] ^= swap;
      }
    }
  }
}

YW_CLONES void count_bits(std::uint64_t* __restrict counts, std::uint64_t const* __restrict square, std::size_t n) {
  for (std::size_t i = 0; i < n; ++i) counts[i] += static_cast<std::uint64_t>(__builtin_popcountll(square[i]));
}

Cuts Cuts::build(std::vector<std::int64_t> const& cuts) {
  Cuts made;
  made.cuts_ = cuts;
  if (cuts.empty() || cuts.front() < INT32_MIN / 2 || cuts.back() > INT32_MAX / 2) return made;
  std::int64_t span = cuts.back() - cuts.front() + 2;
  made.low_ = cuts.front() - 1;
  if (span <= 2048) {
    made.by_value_ = true;
    return made;
  }
  // Few buckets stay in the first cache; a second or third compare is cheaper than many buckets.
  int chosen = -1;
  for (int per = 1; per <= 3 && chosen < 0; ++per) {
    for (int shift = 24; shift >= 0; --shift) {
      if ((span >> shift) > 2040) break;
      int most = 0, here = 0;
      for (std::size_t i = 0; i < cuts.size(); ++i) {
        bool same = i > 0 && ((cuts[i] - made.low_) >> shift) == ((cuts[i - 1] - made.low_) >> shift);
        here = same ? here + 1 : 1;
        most = std::max(most, here);
      }
      if (most <= per) {
        chosen = shift;
        made.per_bucket_ = per;
        break;
      }
    }
  }
  if (chosen < 0) return made;
  made.shift_ = chosen;
  auto buckets = static_cast<std::size_t>((span >> made.shift_) + 2);
  made.first_.assign(buckets, 0);
  made.next_.assign(buckets * static_cast<std::size_t>(made.per_bucket_), INT32_MAX);
  std::size_t at = 0;
  for (std::size_t bucket = 0; bucket < buckets; ++bucket) {
    made.first_[bucket] = static_cast<std::uint32_t>(at);
    std::int64_t end = made.low_ + (static_cast<std::int64_t>(bucket + 1) << made.shift_);
    for (std::size_t k = 0; at < cuts.size() && cuts[at] < end; ++at, ++k)
      made.next_[k * buckets + bucket] = static_cast<std::int32_t>(cuts[at]);
  }
  return made;
}

std::vector<std::uint64_t> Cuts::prepare(std::vector<std::uint64_t> const& by_segment, bool narrow) const {
  if (!by_value_ || !narrow) return by_segment;
  std::vector<std::uint64_t> by_value;
  std::size_t segment = 0;
  for (std::int64_t value = low_; value <= cuts_.back(); ++value) {
    while (segment < cuts_.size() && cuts_[segment] <= value) ++segment;
    by_value.push_back(by_segment[segment]);
  }
  return by_value;
}

namespace {

// One loop for each number of cuts that a bucket may hold: with the number known, the compiler unrolls and vectorises it.
// A template would not do: the clones would not inline it.
#define YW_AND_BUCKETS(name, above)                                                                                            \
  YW_CLONES void name(std::uint64_t* __restrict masks, std::int32_t const* __restrict values,                                  \
                      std::uint64_t const* __restrict by_segment, std::uint32_t const* __restrict first,                       \
                      std::int32_t const* __restrict next, std::int32_t low, std::int32_t buckets, int shift, std::size_t n) { \
    for (std::size_t i = 0; i < n; ++i) {                                                                                      \
      std::int32_t value = values[i];                                                                                          \
      std::int32_t offset = value - low;                                                                                       \
      std::int32_t bucket = offset < 0 ? 0 : offset >> shift;                                                                  \
      bucket = bucket >= buckets ? buckets - 1 : bucket;                                                                       \
      masks[i] &= by_segment[first[bucket] + (above)];                                                                         \
    }                                                                                                                          \
  }
#define YW_ABOVE(k) (value >= next[(k)*buckets + bucket] ? 1u : 0u)
YW_AND_BUCKETS(and_one, YW_ABOVE(0))
YW_AND_BUCKETS(and_two, YW_ABOVE(0) + YW_ABOVE(1))
YW_AND_BUCKETS(and_three, YW_ABOVE(0) + YW_ABOVE(1) + YW_ABOVE(2))
#undef YW_ABOVE
#undef YW_AND_BUCKETS

YW_CLONES void and_direct(std::uint64_t* __restrict masks, std::int32_t const* __restrict values,
                          std::uint64_t const* __restrict by_value, std::int32_t low, std::int32_t last, std::size_t n) {
  for (std::size_t i = 0; i < n; ++i) {
    std::int32_t offset = values[i] - low;
    offset = offset < 0 ? 0 : offset;
    offset = offset > last ? last : offset;
    masks[i] &= by_value[offset];
  }
}

std::size_t count_not_above(std::int64_t const* cuts, std::size_t n, std::int64_t value) {
  std::int64_t const* base = cuts;
  while (n > 0) {
    std::size_t half = n / 2;
    bool right = base[half] <= value;
    base = right ? base + half + 1 : base;
    n = right ? n - half - 1 : half;
  }
  return static_cast<std::size_t>(base - cuts);
}

}  // namespace

void Cuts::and_narrow(std::uint64_t* masks, std::int32_t const* values, std::uint64_t const* table, std::size_t n) const {
  // Column values stay within half the range of 32 bits, so no offset can overflow.
  auto low = static_cast<std::int32_t>(low_), buckets = static_cast<std::int32_t>(first_.size());
  if (cuts_.empty()) {
    for (std::size_t i = 0; i < n; ++i) masks[i] &= table[0];
  } else if (by_value_) {
    and_direct(masks, values, table, low, static_cast<std::int32_t>(cuts_.back() - low_), n);
  } else if (per_bucket_ != 0) {
    auto* loop = per_bucket_ == 1 ? and_one : per_bucket_ == 2 ? and_two : and_three;
    loop(masks, values, table, first_.data(), next_.data(), low, buckets, shift_, n);
  } else {
    for (std::size_t i = 0; i < n; ++i) masks[i] &= table[count_not_above(cuts_.data(), cuts_.size(), values[i])];
  }
}

void Cuts::and_wide(std::uint64_t* masks, std::int64_t const* values, std::uint64_t const* by_segment, std::size_t n) const {
  for (std::size_t i = 0; i < n; ++i) masks[i] &= by_segment[count_not_above(cuts_.data(), cuts_.size(), values[i])];
}

}  // namespace yiwang::dmn

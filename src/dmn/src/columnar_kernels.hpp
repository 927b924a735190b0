#pragma once
// The inner loops of the columnar backend. On x86-64 with GCC each has clones for AVX-512, AVX2 and plain SSE2, chosen
// when the program starts.

#include <cstddef>
#include <cstdint>
#include <vector>

namespace yiwang::dmn {

void and_bytes(std::uint64_t* masks, std::uint8_t const* codes, std::uint64_t const* by_code, std::size_t n);
void and_codes(std::uint64_t* masks, std::uint16_t const* codes, std::uint64_t const* by_code, std::size_t n);
/// sums[i] += Σ tables[g][byte g of masks[i]], g = 0…7.
void add_sums(std::int32_t* sums, std::uint64_t const* masks, std::int32_t const* tables, std::size_t n);
/// counts[r] += bits set in square[r].
void count_bits(std::uint64_t* counts, std::uint64_t const* square, std::size_t n);
/// Transposes a 64 × 64 matrix of bits.
void transpose(std::uint64_t* square);

/// Sorted cuts over integers; a value's segment is the number of cuts ≤ value. A table of buckets leads to it in one or
/// few steps.
class Cuts {
 public:
  static Cuts build(std::vector<std::int64_t> const& cuts);
  /// The mask table that the two loops below take: by segment, or by value where the span is small.
  std::vector<std::uint64_t> prepare(std::vector<std::uint64_t> const& by_segment, bool narrow) const;
  void and_narrow(std::uint64_t* masks, std::int32_t const* values, std::uint64_t const* table, std::size_t n) const;
  void and_wide(std::uint64_t* masks, std::int64_t const* values, std::uint64_t const* by_segment, std::size_t n) const;

 private:
  std::vector<std::int64_t> cuts_;
  std::int64_t low_ = 0;  ///< bucket 0 begins here
  int shift_ = 0;
  std::vector<std::uint32_t> first_;  ///< per bucket: cuts below it
  std::vector<std::int32_t> next_;    ///< per_bucket_ arrays: the cuts inside each bucket, or INT32_MAX
  int per_bucket_ = 0;                ///< most cuts in a bucket, 1…3; 0: search
  bool by_value_ = false;             ///< small span: one entry for each value
};

}  // namespace yiwang::dmn

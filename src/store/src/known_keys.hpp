#pragma once
// Which idempotency keys the database may hold: whoever has never been seen here needs no look at the database.

#include <array>
#include <atomic>
#include <cstdint>
#include <cstdlib>
#include <functional>
#include <memory>
#include <string_view>

namespace yiwang::store {

/// A Bloom filter, the bits of a key beside each other. Says "no" only of what was never added; "yes" also of about one in a
/// hundred others while there are fewer than three million. Keys are never taken out: those that were swept or rolled back cost a
/// look. Thread-safe.
class KnownKeys {
 public:
  KnownKeys() : lines_(static_cast<Line*>(std::calloc(kLines, sizeof(Line)))) {}  // zero pages: untouched, they take no memory

  void add(std::string_view actor, std::string_view key) {
    if (!lines_) return;
    auto const [line, bits] = place(actor, key);
    for (int i = 0; i < kProbes; ++i) {
      unsigned const bit = (bits >> (9 * i)) & 511;
      line->words[bit / 64].fetch_or(std::uint64_t{1} << (bit % 64), std::memory_order_relaxed);
    }
  }
  /// Everything that the database held at first has been added.
  void complete() { complete_.store(true, std::memory_order_release); }
  bool may_hold(std::string_view actor, std::string_view key) const {
    if (!lines_ || !complete_.load(std::memory_order_acquire)) return true;
    auto const [line, bits] = place(actor, key);
    for (int i = 0; i < kProbes; ++i) {
      unsigned const bit = (bits >> (9 * i)) & 511;
      if ((line->words[bit / 64].load(std::memory_order_relaxed) >> (bit % 64) & 1) == 0) return false;
    }
    return true;
  }

 private:
  static constexpr std::size_t kLines = std::size_t{1} << 16;  // of 64 bytes: 4 MiB, ten bits a key for three million keys
  static constexpr int kProbes = 6;
  struct Line {
    std::array<std::atomic<std::uint64_t>, 8> words;
  };
  struct Free {
    void operator()(Line* p) const { std::free(p); }
  };
  struct Place {
    Line* line;
    std::uint64_t bits;
  };
  Place place(std::string_view actor, std::string_view key) const {
    auto mix = [](std::uint64_t x) {  // every bit of the result depends on every bit of the number
      x = (x ^ (x >> 32)) * 0xd6e8feb86659fd93ull;
      x = (x ^ (x >> 32)) * 0xd6e8feb86659fd93ull;
      return x ^ (x >> 32);
    };
    std::uint64_t const h =
        mix(std::hash<std::string_view>{}(key) + 0x9e3779b97f4a7c15ull * std::hash<std::string_view>{}(actor));
    return {&lines_.get()[h % kLines], mix(h + 0x9e3779b97f4a7c15ull)};
  }

  std::unique_ptr<Line, Free> lines_;
  std::atomic<bool> complete_ = false;
};

}  // namespace yiwang::store

#pragma once
// How many requests one address or one account may make: a bucket of tokens each, refilled evenly.

#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace yiwang::http {

struct Rate {
  double per_second = 0;  ///< 0: no limit
  double burst = 0;       ///< tokens of a full bucket
};

/// Thread-safe. Memory is bounded: full buckets are forgotten first, then the whole table.
class Admission {
 public:
  explicit Admission(Rate rate, std::size_t keys_max = 100'000) : rate_(rate), keys_max_(keys_max) {}
  /// Takes a token of `key`: 0 when there was one, or else the seconds until there is one, at least 1.
  int take(std::string_view key, double now_seconds);
  std::size_t keys() const;

 private:
  struct Bucket {
    double tokens, at;
  };
  Rate rate_;
  std::size_t keys_max_;
  mutable std::mutex mutex_;
  std::unordered_map<std::string, Bucket> buckets_;
};

/// The address that a request comes from: the peer, or, where the peer is a trusted proxy, the last address of
/// X-Forwarded-For that is not one. Malformed entries end the search: nobody can make up an address.
std::string client_address(std::string_view peer, std::string_view forwarded_for,
                           std::vector<std::string> const& trusted_proxies);

}  // namespace yiwang::http

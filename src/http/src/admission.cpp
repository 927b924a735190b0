#include "yiwang/http/admission.hpp"

#include <algorithm>
#include <boost/asio/ip/address.hpp>
#include <cmath>

namespace yiwang::http {

int Admission::take(std::string_view key, double now) {
  if (rate_.per_second <= 0) return 0;
  std::lock_guard lock(mutex_);
  if (buckets_.size() >= keys_max_) {
    std::erase_if(buckets_,
                  [&](auto const& b) { return b.second.tokens + (now - b.second.at) * rate_.per_second >= rate_.burst; });
    if (buckets_.size() >= keys_max_) buckets_.clear();
  }
  auto [it, fresh] = buckets_.try_emplace(std::string(key), Bucket{rate_.burst, now});
  Bucket& b = it->second;
  b.tokens = std::min(rate_.burst, b.tokens + std::max(0.0, now - b.at) * rate_.per_second);
  b.at = std::max(b.at, now);
  if (b.tokens >= 1) {
    b.tokens -= 1;
    return 0;
  }
  return std::max(1, static_cast<int>(std::ceil((1 - b.tokens) / rate_.per_second)));
}

std::size_t Admission::keys() const {
  std::lock_guard lock(mutex_);
  return buckets_.size();
}

std::string client_address(std::string_view peer, std::string_view forwarded, std::vector<std::string> const& trusted) {
  auto is_trusted = [&](std::string_view a) { return std::find(trusted.begin(), trusted.end(), a) != trusted.end(); };
  std::string current(peer);
  while (is_trusted(current) && !forwarded.empty()) {
    std::size_t comma = forwarded.rfind(',');
    std::string_view last = comma == std::string_view::npos ? forwarded : forwarded.substr(comma + 1);
    forwarded = comma == std::string_view::npos ? std::string_view{} : forwarded.substr(0, comma);
    while (!last.empty() && last.front() == ' ') last.remove_prefix(1);
    while (!last.empty() && last.back() == ' ') last.remove_suffix(1);
    boost::system::error_code ec;
    auto address = boost::asio::ip::make_address(std::string(last), ec);
    if (ec) break;
    current = address.to_string();
  }
  return current;
}

}  // namespace yiwang::http

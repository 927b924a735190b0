#pragma once
// Streaming hotspots: messages about the same matter at the same place come together into one cluster. One index of
// n-grams serves near-duplicate search and clustering; a message is compared only with clusters that share its rarer n-grams.

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "yiwang/base/time.hpp"
#include "yiwang/text/features.hpp"

namespace yiwang::text {

struct HotspotMessage {
  std::string number;  ///< the caller's name of the message
  std::string user;
  Instant at;
  Message message;
  std::int64_t likes = 0;
  std::int64_t dislikes = 0;
};

struct HotspotOptions {
  double join = 0.12;            ///< similarity from which a message joins a cluster
  double merge = 0.22;           ///< similarity from which two clusters are one matter
  std::int64_t quiet_us = 400LL * 86'400 * 1'000'000;  ///< a cluster that was silent this long takes no more
  std::size_t size_min = 2;
};

struct Hotspot {
  std::vector<std::size_t> messages;  ///< indexes into the input, in order of time
  Instant first, last;
  std::size_t people = 0;  ///< distinct users
  std::int64_t likes = 0;
  std::string place;
  std::string title;
  double heat = 0;  ///< size, people and likes, for the order
};

/// Clusters messages in order of time; every message is in at most one cluster; hottest first. Deterministic.
std::vector<Hotspot> find_hotspots(std::vector<HotspotMessage> const& messages, HotspotOptions const& options = {});

/// Names of places in a text, longest first: what stands before 小区 花园 路 街 村 学校 …, by pattern, without a gazetteer.
std::vector<std::string> find_places(std::string_view text);

}  // namespace yiwang::text

#pragma once
// Hotspots: messages about the same matter at the same place come together into one cluster. A message is compared only with
// those that share its rarer n-grams; alike are two that share the place and the matter, not one of them.

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
  double join = 0.13;      ///< mean similarity over all pairs from which two clusters are one matter
  double merge = 0.26;     ///< similarity of their middles from which they are
  double single = 0.22;    ///< the same, of one message with a cluster
  std::size_t large = 10;  ///< from so many messages on a cluster asks for less
  double merge_large = 0.18;
  double single_to_large = 0.12;
  std::int64_t quiet_us = 400LL * 86'400 * 1'000'000;  ///< what lies further apart in time is not one matter
  std::size_t size_min = 2;
};

struct Hotspot {
  std::vector<std::size_t> messages;  ///< indexes into the input, in order of time
  Instant first, last;
  std::size_t people = 0;  ///< distinct users
  std::int64_t likes = 0;
  std::string place;  ///< empty when they name none in common
  std::string title;
  double heat = 0;  ///< size, people and likes, for the order
};

/// Clusters messages in order of time; every message is in at most one cluster; hottest first. Deterministic.
std::vector<Hotspot> find_hotspots(std::vector<HotspotMessage> const& messages, HotspotOptions const& options = {});

/// The place that most of these messages name, by what stands before 小区 花园 路 街 村 学校 … and where the messages begin to
/// differ, without a gazetteer; empty when fewer than three in ten name the same one.
std::string place_of(std::vector<Message const*> const& messages);

}  // namespace yiwang::text

#pragma once
// States of cases that were in use lately. A state stands while nothing was rolled back and nothing wrote the case beside the
// commands since it was put here (Writer::rollbacks): then it is what the database holds, or will hold.

#include <atomic>
#include <cstring>
#include <list>
#include <memory>
#include <unordered_map>

#include "case_rows.hpp"

namespace yiwang::store {

/// Not thread-safe but for may_hold: the writer's. Bounded by the length of the texts that the states are written as; who was
/// used longest ago goes first.
class HotCases {
 public:
  explicit HotCases(std::size_t bytes_max) : bytes_max_(bytes_max) {}

  struct Hot {
    std::shared_ptr<spine::CaseState const> state;
    std::optional<spine::CaseTimes> times;  ///< what its clock says, if it has been asked
  };

  /// Without a state when it is not here, or does not stand any more.
  Hot find(CaseId id, std::uint64_t rollbacks) {
    auto it = by_id_.find(id.bytes());
    if (it == by_id_.end() || it->second->rollbacks != rollbacks) return {};
    order_.splice(order_.begin(), order_, it->second);
    return it->second->value;
  }

  void put(CaseId id, std::uint64_t rollbacks, std::size_t bytes, Hot value) {
    auto [it, fresh] = by_id_.try_emplace(id.bytes());
    slot(id).store(tag(id), std::memory_order_relaxed);
    if (fresh) {
      order_.push_front({id, rollbacks, bytes, std::move(value)});
      it->second = order_.begin();
    } else {
      bytes_ -= it->second->bytes;
      order_.splice(order_.begin(), order_, it->second);
      *it->second = {id, rollbacks, bytes, std::move(value)};
    }
    bytes_ += bytes;
    while (bytes_ > bytes_max_ && !order_.empty()) {
      bytes_ -= order_.back().bytes;
      CaseId const gone = order_.back().id;
      by_id_.erase(gone.bytes());
      if (slot(gone).load(std::memory_order_relaxed) == tag(gone)) slot(gone).store(0, std::memory_order_relaxed);
      order_.pop_back();
    }
  }

  /// A guess, from any thread: whether it is worth reading the case.
  bool may_hold(CaseId id) const { return slot(id).load(std::memory_order_relaxed) == tag(id); }

 private:
  struct Entry {
    CaseId id;
    std::uint64_t rollbacks;
    std::size_t bytes;
    Hot value;
  };
  struct Hash {
    std::size_t operator()(IdBytes const& id) const {
      // Time and randomness of a UUIDv7, eight bytes each.
      std::uint64_t halves[2];
      static_assert(sizeof halves == sizeof id);
      std::memcpy(halves, id.data(), sizeof halves);
      return static_cast<std::size_t>(halves[0] ^ (halves[1] * 0x9e3779b97f4a7c15ull));
    }
  };

  static constexpr std::size_t kSlots = std::size_t{1} << 16;
  std::atomic<std::uint16_t>& slot(CaseId id) const { return tags_[Hash{}(id.bytes()) % kSlots]; }
  static std::uint16_t tag(CaseId id) { return static_cast<std::uint16_t>((Hash{}(id.bytes()) >> 48) | 1); }

  std::size_t bytes_max_, bytes_ = 0;
  std::unique_ptr<std::atomic<std::uint16_t>[]> tags_ = std::make_unique<std::atomic<std::uint16_t>[]>(kSlots);
  std::list<Entry> order_;
  std::unordered_map<IdBytes, std::list<Entry>::iterator, Hash> by_id_;
};

}  // namespace yiwang::store

#pragma once
// States of cases that were in use lately, beside the texts that they were read from or written as. A state is taken only when the
// database still holds exactly these texts, so that nothing has to be told to this memory: not a rollback, an erasure, another writer.

#include <list>
#include <memory>
#include <unordered_map>

#include "case_rows.hpp"

namespace yiwang::store {

/// Not thread-safe: the writer's. Bounded by the length of its texts; who was used longest ago goes first.
class HotCases {
 public:
  explicit HotCases(std::size_t bytes_max) : bytes_max_(bytes_max) {}

  struct Hot {
    std::shared_ptr<spine::CaseState const> state;
    std::optional<spine::CaseTimes> times;  ///< what its clock says, if it has been asked
  };

  /// Without a state when it is not here.
  Hot find(CaseId id, std::string_view state, std::string_view process) {
    auto it = by_id_.find(key(id));
    if (it == by_id_.end() || it->second->texts.state != state || it->second->texts.process != process) return {};
    order_.splice(order_.begin(), order_, it->second);
    return it->second->value;
  }

  void put(CaseId id, CaseTexts texts, Hot value) {
    auto [it, fresh] = by_id_.try_emplace(key(id));
    if (!fresh) {
      bytes_ -= size(*it->second);
      order_.erase(it->second);
    }
    order_.push_front({id, std::move(texts), std::move(value)});
    it->second = order_.begin();
    bytes_ += size(order_.front());
    while (bytes_ > bytes_max_ && !order_.empty()) {
      bytes_ -= size(order_.back());
      by_id_.erase(key(order_.back().id));
      order_.pop_back();
    }
  }

 private:
  struct Entry {
    CaseId id;
    CaseTexts texts;
    Hot value;
  };
  static std::string key(CaseId const& id) { return std::string(id.view()); }
  static std::size_t size(Entry const& entry) { return entry.texts.state.size() + entry.texts.process.size(); }

  std::size_t bytes_max_, bytes_ = 0;
  std::list<Entry> order_;
  std::unordered_map<std::string, std::list<Entry>::iterator> by_id_;
};

}  // namespace yiwang::store

#pragma once
// Strong 16-byte ids. New ids are UUIDv7 (RFC 9562) made from an instant and random bytes that the caller passes in.

#include <array>
#include <compare>
#include <cstdint>
#include <cstring>
#include <functional>
#include <span>
#include <string>
#include <string_view>

#include "yiwang/base/result.hpp"

namespace yiwang {

using IdBytes = std::array<std::uint8_t, 16>;

/// A UUIDv7: 48 bits of `unix_ms`, 12 bits `sequence` (order within one millisecond), 62 bits of `random`.
IdBytes uuid_v7(std::int64_t unix_ms, std::uint16_t sequence, std::uint64_t random);
/// The 36-character lower-case spelling.
std::string to_string(IdBytes const& id);
/// Reads the 36-character spelling. Errors: base.id.
Result<IdBytes> parse_id(std::string_view text);

/// An id of one kind; ids of different kinds do not mix.
template <class Tag>
class StrongId {
 public:
  StrongId() = default;
  explicit StrongId(IdBytes bytes) : bytes_(bytes) {}
  static Result<StrongId> parse(std::string_view text) {
    YW_ASSIGN(IdBytes bytes, parse_id(text));
    return StrongId(bytes);
  }
  IdBytes const& bytes() const { return bytes_; }
  std::string_view view() const { return {reinterpret_cast<char const*>(bytes_.data()), bytes_.size()}; }
  bool is_nil() const { return bytes_ == IdBytes{}; }
  auto operator<=>(StrongId const&) const = default;

 private:
  IdBytes bytes_{};
};

template <class Tag>
std::string to_string(StrongId<Tag> const& id) {
  return to_string(id.bytes());
}

/// Where new ids come from; the domain never makes one itself. Not thread-safe.
class IdSource {
 public:
  virtual ~IdSource() = default;
  virtual IdBytes next() = 0;
  template <class Id>
  Id make() {
    return Id(next());
  }
};

using CaseId = StrongId<struct CaseIdTag>;
using SubjectId = StrongId<struct SubjectIdTag>;
using TaskId = StrongId<struct TaskIdTag>;
using EventId = StrongId<struct EventIdTag>;
using FileId = StrongId<struct FileIdTag>;

}  // namespace yiwang

template <class Tag>
struct std::hash<yiwang::StrongId<Tag>> {
  std::size_t operator()(yiwang::StrongId<Tag> const& id) const noexcept {
    std::uint64_t a, b;
    std::memcpy(&a, id.bytes().data(), 8);
    std::memcpy(&b, id.bytes().data() + 8, 8);
    return static_cast<std::size_t>(a * 0x9E3779B97F4A7C15ULL ^ b);
  }
};

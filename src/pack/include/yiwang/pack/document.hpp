#pragma once
// A YAML document as a tree that knows where each of its values stands, so that every later complaint can name
// file, line and column. Scalars keep their text: numbers are never read through a double.

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "yiwang/base/result.hpp"

namespace yiwang::pack {

struct Node {
  enum class Kind : std::uint8_t { null, boolean, integer, number, text, list, map };
  struct Entry;

  Kind kind = Kind::null;
  std::string scalar;          ///< the text of a scalar as written
  std::vector<Node> items;     ///< of a list
  std::vector<Entry> entries;  ///< of a map, in the order written
  std::uint32_t line = 0;      ///< from 1
  std::uint32_t column = 0;    ///< from 1

  /// The value of a key, or nullptr.
  Node const* find(std::string_view key) const;
  /// The text of a scalar child, or the default.
  std::string_view text(std::string_view key, std::string_view otherwise = {}) const;
  bool flag(std::string_view key, bool otherwise = false) const;
  std::int64_t integer(std::string_view key, std::int64_t otherwise) const;
  /// The items of a list child; empty when absent.
  std::vector<Node> const& list(std::string_view key) const;
};
struct Node::Entry {
  std::string key;
  Node value;
};

struct ParseLimits {
  std::size_t bytes = 4 << 20;
  std::size_t depth = 64;
  std::size_t nodes = 500'000;
};

/// Reads one YAML document; anchors and aliases are refused, since they can blow a small file up.
/// `file` is only for messages. Errors: pack.yaml, pack.duplicate_key, base.limit, base.utf8.
Result<Node> parse_yaml(std::string_view text, std::string_view file, ParseLimits const& limits = {});

/// A LocalizedText node: plain text (zh-CN) or a map of languages.
struct LocalizedText {
  std::string zh_cn;
  std::string en;
  std::string const& in(Language language) const { return language == Language::en && !en.empty() ? en : zh_cn; }
};
LocalizedText localized(Node const* node);

}  // namespace yiwang::pack

#include "yiwang/pack/document.hpp"

#include <yaml-cpp/yaml.h>

#include <charconv>

#include "yiwang/base/utf8.hpp"

namespace yiwang::pack {
namespace {

Node::Kind kind_of_plain(std::string const& s) {
  if (s.empty() || s == "~" || s == "null") return Node::Kind::null;
  if (s == "true" || s == "false") return Node::Kind::boolean;
  std::size_t i = s[0] == '-' ? 1 : 0, digits = 0, dots = 0;
  for (; i < s.size(); ++i) {
    if (s[i] >= '0' && s[i] <= '9')
      ++digits;
    else if (s[i] == '.' && digits > 0 && dots == 0)
      ++dots;
    else
      return Node::Kind::text;
  }
  // A code such as 0101 is text: leading zeros must survive.
  std::size_t first = s[0] == '-' ? 1 : 0;
  bool leading_zero = s.size() > first + 1 && s[first] == '0' && s[first + 1] != '.';
  if (digits == 0 || leading_zero || s.back() == '.') return Node::Kind::text;
  return dots ? Node::Kind::number : Node::Kind::integer;
}

struct Builder {
  std::string_view file;
  ParseLimits const& limits;
  std::size_t nodes = 0;

  Place place(YAML::Mark const& mark) const {
    return {std::string(file), static_cast<std::uint32_t>(mark.line + 1), static_cast<std::uint32_t>(mark.column + 1), ""};
  }
  Result<Node> build(YAML::Node const& yaml, std::size_t depth) {
    if (depth > limits.depth)
      return fail(Error(ErrorCode::base_limit, {{"what", "YAML 嵌套层数 / nesting depth"}, {"max", std::to_string(limits.depth)}})
                      .at(place(yaml.Mark())));
    if (++nodes > limits.nodes)
      return fail(Error(ErrorCode::base_limit, {{"what", "YAML 节点数 / YAML nodes"}, {"max", std::to_string(limits.nodes)}})
                      .at(place(yaml.Mark())));
    Node node;
    node.line = static_cast<std::uint32_t>(yaml.Mark().line + 1);
    node.column = static_cast<std::uint32_t>(yaml.Mark().column + 1);
    switch (yaml.Type()) {
      case YAML::NodeType::Undefined:
      case YAML::NodeType::Null: break;
      case YAML::NodeType::Scalar:
        node.scalar = yaml.Scalar();
        node.kind = yaml.Tag() == "!" ? Node::Kind::text : kind_of_plain(node.scalar);
        if (node.kind == Node::Kind::null) node.scalar.clear();
        break;
      case YAML::NodeType::Sequence:
        node.kind = Node::Kind::list;
        for (auto const& item : yaml) {
          YW_ASSIGN(Node child, build(item, depth + 1));
          node.items.push_back(std::move(child));
        }
        break;
      case YAML::NodeType::Map:
        node.kind = Node::Kind::map;
        for (auto const& entry : yaml) {
          std::string key = entry.first.IsScalar() ? entry.first.Scalar() : std::string{};
          if (!entry.first.IsScalar()) {
            return fail(Error(ErrorCode::pack_yaml, {{"why", "a key must be a plain word"}}).at(place(entry.first.Mark())));
          }
          if (node.find(key) != nullptr) {
            return fail(Error(ErrorCode::pack_duplicate_key, {{"key", key}}).at(place(entry.first.Mark())));
          }
          YW_ASSIGN(Node child, build(entry.second, depth + 1));
          if (child.line == 0 || entry.second.IsNull())
            child.line = static_cast<std::uint32_t>(entry.first.Mark().line + 1),
            child.column = static_cast<std::uint32_t>(entry.first.Mark().column + 1);
          node.entries.push_back({std::move(key), std::move(child)});
        }
        break;
    }
    return node;
  }
};

/// Anchors and aliases in plain positions; quoted text and comments may hold the characters.
bool uses_alias(std::string_view text, std::uint32_t& line) {
  line = 1;
  bool start = true;
  char quote = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    char c = text[i];
    if (c == '\n') ++line, start = true;
    if (quote) {
      if (c == quote) quote = 0;
      start = false;
      continue;
    }
    if (c == '#' && (i == 0 || text[i - 1] == ' ' || text[i - 1] == '\n')) {
      while (i + 1 < text.size() && text[i + 1] != '\n') ++i;
      continue;
    }
    if ((c == '"' || c == '\'') && start) quote = c;
    if (start && (c == '&' || c == '*') && i + 1 < text.size() && text[i + 1] != ' ' && text[i + 1] != '\n') return true;
    if (c == ':' || c == '-' || c == ',' || c == '[' || c == '{' || c == '?')
      start = true;
    else if (c != ' ' && c != '\n')
      start = false;
  }
  return false;
}

}  // namespace

Node const* Node::find(std::string_view key) const {
  for (Entry const& entry : entries) {
    if (entry.key == key) return &entry.value;
  }
  return nullptr;
}

std::string_view Node::text(std::string_view key, std::string_view otherwise) const {
  Node const* child = find(key);
  return child && child->kind != Kind::null && child->kind != Kind::list && child->kind != Kind::map
             ? std::string_view(child->scalar)
             : otherwise;
}

bool Node::flag(std::string_view key, bool otherwise) const {
  Node const* child = find(key);
  return child && child->kind == Kind::boolean ? child->scalar == "true" : otherwise;
}

std::int64_t Node::integer(std::string_view key, std::int64_t otherwise) const {
  Node const* child = find(key);
  std::int64_t out = otherwise;
  if (child && child->kind == Kind::integer)
    std::from_chars(child->scalar.data(), child->scalar.data() + child->scalar.size(), out);
  return out;
}

std::vector<Node> const& Node::list(std::string_view key) const {
  static std::vector<Node> const kNone;
  Node const* child = find(key);
  return child ? child->items : kNone;
}

LocalizedText localized(Node const* node) {
  LocalizedText out;
  if (node == nullptr) return out;
  if (node->kind != Node::Kind::map) {
    out.zh_cn = node->scalar;
  } else {
    out.zh_cn = node->text("zh-CN");
    out.en = node->text("en");
  }
  return out;
}

Result<Node> parse_yaml(std::string_view text, std::string_view file, ParseLimits const& limits) {
  auto at = [&](std::uint32_t line, std::uint32_t column) { return Place{std::string(file), line, column, ""}; };
  if (text.size() > limits.bytes) {
    return fail(
        Error(ErrorCode::base_limit, {{"what", "文件字节数 / file bytes"}, {"max", std::to_string(limits.bytes)}}).at(at(1, 1)));
  }
  if (Status valid = utf8::check(text); !valid) return fail(Error(valid.error()).at(at(1, 1)));
  std::uint32_t alias_line = 0;
  if (uses_alias(text, alias_line)) {
    return fail(Error(ErrorCode::pack_yaml, {{"why", "anchors and aliases are not allowed / 不允许使用锚点和别名"}})
                    .at(at(alias_line, 1)));
  }
  // yaml-cpp recurses into flow collections; a cheap bound keeps hostile nesting off its stack.
  std::size_t open = 0;
  for (char c : text) {
    if (c == '[' || c == '{') ++open;
    if ((c == ']' || c == '}') && open > 0) --open;
    if (open > limits.depth)
      return fail(Error(ErrorCode::base_limit, {{"what", "YAML 嵌套层数 / nesting depth"}, {"max", std::to_string(limits.depth)}})
                      .at(at(1, 1)));
  }
  try {
    YAML::Node root = YAML::Load(std::string(text));
    Builder builder{file, limits};
    return builder.build(root, 0);
  } catch (YAML::Exception const& e) {
    return fail(Error(ErrorCode::pack_yaml, {{"why", e.msg}})
                    .at(at(static_cast<std::uint32_t>(e.mark.line + 1), static_cast<std::uint32_t>(e.mark.column + 1))));
  }
}

}  // namespace yiwang::pack

#include "yiwang/spine/pack_json.hpp"

namespace yiwang::spine {

json::Value to_json(pack::Node const& node) {
  switch (node.kind) {
    case pack::Node::Kind::null: return {};
    case pack::Node::Kind::boolean: return json::Value::boolean(node.scalar == "true");
    case pack::Node::Kind::integer:
    case pack::Node::Kind::number: return json::Value::number(node.scalar);
    case pack::Node::Kind::text: return json::Value::string(node.scalar);
    case pack::Node::Kind::list: {
      json::Value out = json::Value::array();
      for (pack::Node const& item : node.items) out.items().push_back(to_json(item));
      return out;
    }
    case pack::Node::Kind::map: {
      json::Value out = json::Value::object();
      for (auto const& entry : node.entries) out.set(entry.key, to_json(entry.value));
      return out;
    }
  }
  return {};
}

}  // namespace yiwang::spine

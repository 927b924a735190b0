#include <boost/json.hpp>
#include <valijson/adapters/boost_json_adapter.hpp>
#include <valijson/schema.hpp>
#include <valijson/schema_parser.hpp>
#include <valijson/validation_results.hpp>
#include <valijson/validator.hpp>

#include "yiwang/pack/pack.hpp"

namespace yiwang::pack {

extern std::pair<std::string_view, std::string_view> const kSchemas[];
extern unsigned long const kSchemasCount;

namespace {

namespace json = boost::json;

json::value to_json(Node const& node) {
  switch (node.kind) {
    case Node::Kind::null: return nullptr;
    case Node::Kind::boolean: return node.scalar == "true";
    case Node::Kind::integer: {
      // Only for schema validation; definitions read the exact text.
      boost::system::error_code ec;
      json::value v = json::parse(node.scalar, ec);
      return ec ? json::value(node.scalar) : v;
    }
    case Node::Kind::number: {
      boost::system::error_code ec;
      json::value v = json::parse(node.scalar, ec);
      return ec ? json::value(node.scalar) : v;
    }
    case Node::Kind::text: return json::value(node.scalar);
    case Node::Kind::list: {
      json::array out;
      for (Node const& item : node.items) out.push_back(to_json(item));
      return out;
    }
    case Node::Kind::map: {
      json::object out;
      for (auto const& entry : node.entries) out[entry.key] = to_json(entry.value);
      return out;
    }
  }
  return nullptr;
}

/// Follows valijson's context ("<root>", "[fields]", "[0]") down the tree; also the description of the schema there.
struct Found {
  Node const* node;
  std::string path;
  std::string expected;
};

json::value const* child_schema(json::value const* schema, json::value const& root, std::string const& key, bool index) {
  auto resolve = [&](json::value const* s) -> json::value const* {
    while (s && s->is_object() && s->as_object().contains("$ref")) {
      std::string pointer(s->as_object().at("$ref").as_string());
      boost::system::error_code ec;
      s = root.find_pointer(pointer.substr(1), ec);
    }
    return s;
  };
  schema = resolve(schema);
  if (!schema || !schema->is_object()) return nullptr;
  auto const& o = schema->as_object();
  if (index) return o.contains("items") ? resolve(&o.at("items")) : nullptr;
  if (o.contains("properties") && o.at("properties").as_object().contains(key))
    return resolve(&o.at("properties").as_object().at(key));
  if (o.contains("additionalProperties") && o.at("additionalProperties").is_object())
    return resolve(&o.at("additionalProperties"));
  return nullptr;
}

Found follow(Node const& root, json::value const& schema, std::vector<std::string> const& context) {
  Found out{&root, "", ""};
  json::value const* at = &schema;
  auto note = [&] {
    if (at && at->is_object() && at->as_object().contains("description"))
      out.expected = std::string(at->as_object().at("description").as_string());
  };
  note();
  for (std::size_t i = 1; i < context.size(); ++i) {
    std::string key = context[i];
    if (key.size() > 2 && key.front() == '[' && key.back() == ']') key = key.substr(1, key.size() - 2);
    if (key.size() > 1 && key.front() == '"') key = key.substr(1, key.size() - 2);
    Node const* next = nullptr;
    bool index = out.node->kind == Node::Kind::list;
    if (index) {
      std::size_t n = std::strtoul(key.c_str(), nullptr, 10);
      if (n < out.node->items.size()) next = &out.node->items[n];
    } else {
      next = out.node->find(key);
    }
    if (next == nullptr) break;
    out.node = next;
    out.path += (index ? "[" + key + "]" : (out.path.empty() ? "" : ".") + key);
    at = child_schema(at, schema, key, index);
    note();
  }
  return out;
}

}  // namespace

std::vector<std::pair<std::string_view, std::string_view>> schemas() { return {kSchemas, kSchemas + kSchemasCount}; }

std::vector<Error> validate(Document const& document, std::string_view name) {
  std::vector<Error> errors;
  try {
    std::string_view text;
    for (auto const& [n, t] : schemas()) {
      if (n == name) text = t;
    }
    json::value schema_json = json::parse(text);
    valijson::Schema schema;
    valijson::SchemaParser parser;
    valijson::adapters::BoostJsonAdapter adapter(schema_json);
    parser.populateSchema(adapter, schema);
    json::value target_json = to_json(document.root);
    valijson::adapters::BoostJsonAdapter target(target_json);
    valijson::Validator validator(valijson::Validator::kStrongTypes);
    valijson::ValidationResults results;
    if (validator.validate(schema, target, &results)) return errors;
    valijson::ValidationResults::Error fault;
    while (results.popError(fault)) {
      Found found = follow(document.root, schema_json, fault.context);
      // "Failed to validate against…" lines repeat a deeper complaint.
      if (fault.description.starts_with("Failed to validate against schema associated with property name") ||
          fault.description.starts_with("Failed to validate item")) {
        continue;
      }
      // An unknown key is named at its own place.
      std::string why = fault.description;
      if (why.find("could not be validated using") != std::string::npos ||
          why.find("additional properties") != std::string::npos) {
        std::size_t close = why.rfind('\'');
        std::size_t open = close == std::string::npos || close == 0 ? std::string::npos : why.rfind('\'', close - 1);
        std::string key = open == std::string::npos ? "" : why.substr(open + 1, close - open - 1);
        why = "unknown key / 不认识的键" + (key.empty() ? std::string{} : " '" + key + "'");
        if (Node const* child = found.node->find(key)) found.node = child;
      }
      errors.push_back(Error(ErrorCode::pack_schema,
                             {{"path", found.path.empty() ? "document" : found.path}, {"why", why}, {"expected", found.expected}})
                           .at(document.place(*found.node)));
    }
  } catch (std::exception const& e) {
    errors.push_back(Error(ErrorCode::pack_schema, {{"path", "schema"}, {"why", e.what()}, {"expected", "a schema of Yiwang"}})
                         .at({document.file, 0, 0, ""}));
  }
  std::stable_sort(errors.begin(), errors.end(), [](Error const& a, Error const& b) {
    return std::pair(a.place().line, a.place().column) < std::pair(b.place().line, b.place().column);
  });
  return errors;
}

}  // namespace yiwang::pack

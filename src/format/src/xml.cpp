#include "yiwang/format/xml.hpp"

#include <algorithm>
#include <pugixml.hpp>

#include "yiwang/base/utf8.hpp"

namespace yiwang::xml {

namespace {

pugi::xml_node handle(pugi::xml_node_struct* node) { return pugi::xml_node(node); }

struct StringWriter : pugi::xml_writer {
  std::string text;
  void write(void const* data, std::size_t size) override { text.append(static_cast<char const*>(data), size); }
};

std::string_view local_part(std::string_view name) {
  auto colon = name.find(':');
  return colon == std::string_view::npos ? name : name.substr(colon + 1);
}

bool is_text(pugi::xml_node node) { return node.type() == pugi::node_pcdata || node.type() == pugi::node_cdata; }

std::string to_std(std::string_view text) { return std::string(text); }

}  // namespace

struct Document::Impl {
  pugi::xml_document tree;
};

Document::Document() : impl_(std::make_unique<Impl>()) {}
Document::~Document() = default;

namespace {
constexpr std::size_t kBlock = 4096;
bool starts_point(char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }
}  // namespace

std::size_t Document::points_before(std::size_t offset) const {
  std::size_t count = block_points_[offset / kBlock];
  for (std::size_t i = offset / kBlock * kBlock; i < offset; ++i) count += starts_point(source_[i]);
  return count;
}

Place Document::place_at(std::size_t offset) const {
  Place place;
  place.file = file_;
  offset = std::min(offset, source_.size());
  auto line = std::upper_bound(line_starts_.begin(), line_starts_.end(), offset) - line_starts_.begin();
  place.line = static_cast<std::uint32_t>(line);
  std::size_t start = line_starts_[static_cast<std::size_t>(line) - 1];
  place.column = static_cast<std::uint32_t>(points_before(offset) - points_before(start) + 1);
  return place;
}

Result<std::unique_ptr<Document>> Document::parse(std::string_view text, std::string file, Limits const& limits) {
  if (text.size() > limits.bytes) {
    return fail(
        Error(ErrorCode::format_limit, {{"what", "XML bytes"}, {"max", std::to_string(limits.bytes)}}).at({file, 0, 0, {}}));
  }
  if (auto bad = utf8::find_invalid(text); bad != std::string_view::npos) {
    return fail(Error(ErrorCode::base_utf8, {{"offset", std::to_string(bad)}}).at({file, 0, 0, {}}));
  }
  std::unique_ptr<Document> document(new Document());
  document->file_ = std::move(file);
  document->source_ = std::string(text);
  document->line_starts_.push_back(0);
  std::uint32_t points = 0;
  for (std::size_t i = 0; i <= text.size(); ++i) {
    if (i % kBlock == 0) document->block_points_.push_back(points);
    if (i < text.size()) points += starts_point(text[i]);
  }
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\n') document->line_starts_.push_back(static_cast<std::uint32_t>(i + 1));
  }
  // White space and every kind of node is kept, attribute values are not normalised: the tree can be written back.
  unsigned const flags = (pugi::parse_full | pugi::parse_ws_pcdata) & ~pugi::parse_wconv_attribute & ~pugi::parse_eol;
  pugi::xml_parse_result parsed;
  try {
    parsed = document->impl_->tree.load_buffer(text.data(), text.size(), flags, pugi::encoding_utf8);
  } catch (std::bad_alloc const&) {
    return fail(ErrorCode::format_limit, {{"what", "memory for XML"}, {"max", std::to_string(limits.bytes)}});
  }
  if (!parsed) {
    std::size_t at = parsed.offset < 0 ? 0 : static_cast<std::size_t>(parsed.offset);
    return fail(Error(ErrorCode::format_xml, {{"why", parsed.description()}}).at(document->place_at(at)));
  }
  std::size_t depth = 0;
  std::size_t& count = document->node_count_;
  for (pugi::xml_node node = document->impl_->tree.first_child(); node;) {
    ++count;
    for (auto attribute = node.first_attribute(); attribute; attribute = attribute.next_attribute()) ++count;
    if (node.type() == pugi::node_doctype) {
      return fail(Error(ErrorCode::format_xml_doctype).at(document->place_at(0)));
    }
    if (node.type() == pugi::node_declaration) {
      std::string encoding = node.attribute("encoding").value();
      std::string lower = encoding;
      std::transform(lower.begin(), lower.end(), lower.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? char(c + 32) : c; });
      if (!lower.empty() && lower != "utf-8" && lower != "utf8" && lower != "us-ascii") {
        return fail(Error(ErrorCode::format_xml_encoding, {{"encoding", encoding}}).at(document->place_at(0)));
      }
    }
    if (count > limits.nodes) {
      return fail(Error(ErrorCode::format_limit, {{"what", "XML nodes"}, {"max", std::to_string(limits.nodes)}}));
    }
    if (node.first_child()) {
      node = node.first_child();
      if (++depth > limits.depth) {
        return fail(Error(ErrorCode::format_limit, {{"what", "XML depth"}, {"max", std::to_string(limits.depth)}}));
      }
      continue;
    }
    while (node && !node.next_sibling()) {
      node = node.parent();
      if (depth == 0) {
        node = pugi::xml_node();
        break;
      }
      --depth;
      if (node == document->impl_->tree) {
        node = pugi::xml_node();
        break;
      }
    }
    if (node) node = node.next_sibling();
  }
  if (!document->impl_->tree.document_element()) {
    return fail(Error(ErrorCode::format_xml, {{"why", "there is no root element"}}).at(document->place_at(0)));
  }
  return document;
}

Element Document::root() const { return {this, impl_->tree.document_element().internal_object()}; }

std::string Document::write() const {
  if (!changed_) return source_;
  StringWriter writer;
  impl_->tree.save(writer, "", pugi::format_raw | pugi::format_no_declaration, pugi::encoding_utf8);
  return std::move(writer.text);
}

void Document::set_attribute(Element element, std::string_view name, std::string_view value) {
  changed_ = true;
  auto node = handle(element.node_);
  auto attribute = node.attribute(to_std(name).c_str());
  if (!attribute) attribute = node.append_attribute(to_std(name).c_str());
  attribute.set_value(to_std(value).c_str());
}

bool Document::remove_attribute(Element element, std::string_view name) {
  changed_ = true;
  return handle(element.node_).remove_attribute(to_std(name).c_str());
}

void Document::set_text(Element element, std::string_view text) {
  changed_ = true;
  auto node = handle(element.node_);
  for (auto child = node.first_child(); child;) {
    auto next = child.next_sibling();
    if (is_text(child)) node.remove_child(child);
    child = next;
  }
  node.prepend_child(pugi::node_pcdata).set_value(to_std(text).c_str());
}

Element Document::append_child(Element parent, std::string_view name) {
  changed_ = true;
  return {this, handle(parent.node_).append_child(to_std(name).c_str()).internal_object()};
}

void Document::remove(Element element) {
  changed_ = true;
  auto node = handle(element.node_);
  node.parent().remove_child(node);
}

std::string_view Element::name() const { return node_ ? std::string_view(handle(node_).name()) : std::string_view(); }
std::string_view Element::local_name() const { return local_part(name()); }

std::string_view Element::prefix() const {
  auto full = name();
  auto colon = full.find(':');
  return colon == std::string_view::npos ? std::string_view() : full.substr(0, colon);
}

std::string_view Element::namespace_uri() const { return resolve_prefix(prefix()); }

std::string_view Element::resolve_prefix(std::string_view prefix) const {
  if (prefix == "xml") return "http://www.w3.org/XML/1998/namespace";
  for (auto node = handle(node_); node && node.type() == pugi::node_element; node = node.parent()) {
    for (auto attribute = node.first_attribute(); attribute; attribute = attribute.next_attribute()) {
      std::string_view name = attribute.name();
      if (name.substr(0, 5) != "xmlns") continue;
      if (prefix.empty() ? name.size() == 5 : name.size() > 6 && name[5] == ':' && name.substr(6) == prefix)
        return attribute.value();
    }
  }
  return {};
}

std::optional<std::string_view> Element::attribute(std::string_view name) const {
  if (!node_) return std::nullopt;
  for (auto attribute = handle(node_).first_attribute(); attribute; attribute = attribute.next_attribute()) {
    if (name == attribute.name()) return std::string_view(attribute.value());
  }
  return std::nullopt;
}

std::string_view Element::attribute_or(std::string_view name, std::string_view fallback) const {
  return attribute(name).value_or(fallback);
}

std::optional<std::string_view> Element::attribute_ns(std::string_view namespace_uri, std::string_view local) const {
  if (!node_) return std::nullopt;
  for (auto attribute = handle(node_).first_attribute(); attribute; attribute = attribute.next_attribute()) {
    std::string_view name = attribute.name();
    auto colon = name.find(':');
    if (colon == std::string_view::npos || name.substr(colon + 1) != local) continue;
    if (resolve_prefix(name.substr(0, colon)) == namespace_uri) return std::string_view(attribute.value());
  }
  return std::nullopt;
}

std::vector<Attribute> Element::attributes() const {
  std::vector<Attribute> all;
  if (!node_) return all;
  for (auto attribute = handle(node_).first_attribute(); attribute; attribute = attribute.next_attribute()) {
    all.push_back({attribute.name(), attribute.value()});
  }
  return all;
}

Element Element::parent() const {
  if (!node_) return {};
  auto node = handle(node_).parent();
  return node.type() == pugi::node_element ? Element(document_, node.internal_object()) : Element();
}

Element Element::first_child() const {
  if (!node_) return {};
  auto node = handle(node_).first_child();
  while (node && node.type() != pugi::node_element) node = node.next_sibling();
  return {document_, node.internal_object()};
}

Element Element::next_sibling() const {
  if (!node_) return {};
  auto node = handle(node_).next_sibling();
  while (node && node.type() != pugi::node_element) node = node.next_sibling();
  return {document_, node.internal_object()};
}

Element Element::child(std::string_view local) const {
  for (auto child = first_child(); child; child = child.next_sibling()) {
    if (child.local_name() == local) return child;
  }
  return {};
}

std::vector<Element> Element::children() const {
  std::vector<Element> all;
  for (auto child = first_child(); child; child = child.next_sibling()) all.push_back(child);
  return all;
}

std::vector<Element> Element::children(std::string_view local) const {
  std::vector<Element> all;
  for (auto child = first_child(); child; child = child.next_sibling()) {
    if (child.local_name() == local) all.push_back(child);
  }
  return all;
}

std::string Element::text() const {
  std::string all;
  if (!node_) return all;
  for (auto child = handle(node_).first_child(); child; child = child.next_sibling()) {
    if (is_text(child)) all += child.value();
  }
  return all;
}

std::string Element::child_text(std::string_view local) const {
  auto found = child(local);
  return found ? found.text() : std::string();
}

std::uint32_t Element::line() const {
  if (!node_) return 0;
  auto offset = handle(node_).offset_debug();
  if (offset < 0) return 0;
  auto const& starts = document_->line_starts_;
  return static_cast<std::uint32_t>(std::upper_bound(starts.begin(), starts.end(), static_cast<std::size_t>(offset)) -
                                    starts.begin());
}

Place Element::place() const {
  Place place;
  if (!node_) return place;
  auto offset = handle(node_).offset_debug();
  if (offset >= 0) place = document_->place_at(offset > 0 ? static_cast<std::size_t>(offset) - 1 : 0);
  place.file = document_->file_;
  if (auto id = attribute("id")) place.path = "#" + std::string(*id);
  return place;
}

std::string escape(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (char c : text) {
    switch (c) {
      case '&': out += "&amp;"; break;
      case '<': out += "&lt;"; break;
      case '>': out += "&gt;"; break;
      case '"': out += "&quot;"; break;
      default: out += c;
    }
  }
  return out;
}

}  // namespace yiwang::xml

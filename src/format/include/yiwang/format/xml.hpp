#pragma once
// XML as BPMN and DMN files need it: read with limits, asked by local name and namespace, every element knows its line
// and column, and written back without loss (comments, white space, processing instructions, foreign namespaces stay).
// DOCTYPE, and with it every entity declaration, is refused. A thin wrapper over pugixml, which stays out of the headers.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "yiwang/base/result.hpp"

namespace pugi {
struct xml_node_struct;
}

namespace yiwang::xml {

struct Limits {
  std::size_t bytes = 32u << 20;
  std::size_t depth = 256;
  std::size_t nodes = 4'000'000;  ///< elements, texts, comments and attributes
};

class Document;

struct Attribute {
  std::string_view name;  ///< as written, with prefix
  std::string_view value;
};

/// A light handle to one element of a Document, valid while the document lives. A default one is empty (false).
class Element {
 public:
  Element() = default;
  explicit operator bool() const { return node_ != nullptr; }
  bool operator==(Element const& other) const { return node_ == other.node_; }

  std::string_view name() const;        ///< as written: "dmn:decision"
  std::string_view local_name() const;  ///< "decision"
  std::string_view prefix() const;      ///< "dmn" or empty
  /// The namespace the element is in, empty when none is declared.
  std::string_view namespace_uri() const;
  /// The namespace that a prefix (or "" for the default one) means at this element.
  std::string_view resolve_prefix(std::string_view prefix) const;

  /// The value of an attribute by its written name, or nothing.
  std::optional<std::string_view> attribute(std::string_view name) const;
  /// The same, empty when absent.
  std::string_view attribute_or(std::string_view name, std::string_view fallback = {}) const;
  /// An attribute by namespace and local name.
  std::optional<std::string_view> attribute_ns(std::string_view namespace_uri, std::string_view local) const;
  std::vector<Attribute> attributes() const;

  Element parent() const;
  Element first_child() const;   ///< first element child
  Element next_sibling() const;  ///< next element sibling
  /// First child element with this local name, whatever its prefix; empty when absent.
  Element child(std::string_view local) const;
  std::vector<Element> children() const;
  std::vector<Element> children(std::string_view local) const;

  /// All text and CDATA directly inside, joined, untouched.
  std::string text() const;
  /// The text inside the child element `local`, empty when absent.
  std::string child_text(std::string_view local) const;

  /// File, line and column of the element's '<'; path = "#id" where the element has an id.
  Place place() const;
  /// Only the line, which costs far less than the whole place; 0 when unknown.
  std::uint32_t line() const;
  Document const& document() const { return *document_; }

 private:
  friend class Document;
  Element(Document const* document, pugi::xml_node_struct* node) : document_(document), node_(node) {}
  Document const* document_ = nullptr;
  pugi::xml_node_struct* node_ = nullptr;
};

/// One parsed file. Movable; elements stay valid when it moves.
class Document {
 public:
  /// Errors: base.utf8, format.xml, format.xml_doctype, format.xml_encoding, format.limit, each with its place.
  static Result<std::unique_ptr<Document>> parse(std::string_view text, std::string file = {}, Limits const& limits = {});
  Document(Document const&) = delete;
  Document& operator=(Document const&) = delete;
  ~Document();

  Element root() const;
  std::string const& file() const { return file_; }
  std::size_t node_count() const { return node_count_; }

  /// The file as text: the very bytes that were read while nothing was changed, otherwise the whole tree again.
  std::string write() const;

  // Changes. Text is escaped when written.
  void set_attribute(Element element, std::string_view name, std::string_view value);
  bool remove_attribute(Element element, std::string_view name);
  /// Replaces all text children by one; elements inside stay.
  void set_text(Element element, std::string_view text);
  Element append_child(Element parent, std::string_view name);
  void remove(Element element);

 private:
  friend class Element;
  Document();
  Place place_at(std::size_t offset) const;
  std::size_t points_before(std::size_t offset) const;
  struct Impl;
  std::unique_ptr<Impl> impl_;
  std::string file_;
  std::string source_;
  std::vector<std::uint32_t> line_starts_;
  std::vector<std::uint32_t> block_points_;  ///< code points before each 4 KiB: columns of endless lines stay cheap
  std::size_t node_count_ = 0;
  bool changed_ = false;
};

/// Escapes text for an attribute value or element content.
std::string escape(std::string_view text);

}  // namespace yiwang::xml

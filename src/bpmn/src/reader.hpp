#pragma once
// Internal: what reading and checking share.

#include <set>
#include <string>
#include <string_view>

#include "yiwang/bpmn/definition.hpp"
#include "yiwang/format/xml.hpp"

namespace yiwang::bpmn {

inline constexpr std::string_view kModelNamespace = "http://www.omg.org/spec/BPMN/20100524/MODEL";
inline constexpr std::string_view kYiwangNamespace = "urn:yiwang:bpmn";

inline std::string_view trim(std::string_view text) {
  auto const first = text.find_first_not_of(" \t\r\n");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t\r\n") - first + 1);
}
/// The local part of a QName.
inline std::string_view local_part(std::string_view name) {
  name = trim(name);
  auto const colon = name.rfind(':');
  return colon == std::string_view::npos ? name : name.substr(colon + 1);
}
inline bool is_true(std::string_view text) { return text == "true" || text == "1"; }

/// Every element of the BPMN namespace that has an id, and the list of findings.
struct Source {
  xml::Document const* document = nullptr;
  std::map<std::string, xml::Element, std::less<>> by_id;
  std::vector<Finding> findings;

  xml::Element find(std::string_view id) const {
    auto const it = by_id.find(id);
    return it == by_id.end() ? xml::Element{} : it->second;
  }
  /// The element a QName-valued attribute or child text refers to.
  xml::Element refer(std::string_view qname) const {
    xml::Element found = find(trim(qname));
    return found ? found : find(local_part(qname));
  }
  void report(Severity severity, xml::Element at, std::string_view rule, std::string why, std::string cure);
  void error(xml::Element at, std::string_view rule, std::string why, std::string cure) {
    report(Severity::error, at, rule, std::move(why), std::move(cure));
  }
  /// What a process needs to be executed: an error there, a warning in a drawing for people.
  void demand(xml::Element at, std::string_view rule, std::string why, std::string cure) {
    bool executable = false;
    for (xml::Element e = at; e; e = e.parent()) {
      if (e.local_name() == "process") executable = is_true(e.attribute_or("isExecutable"));
    }
    report(executable ? Severity::error : Severity::warning, at, rule, std::move(why), std::move(cure));
  }
  void warn(xml::Element at, std::string_view rule, std::string why, std::string cure) {
    report(Severity::warning, at, rule, std::move(why), std::move(cure));
  }
};

inline bool is_model(xml::Element element) { return element.namespace_uri() == kModelNamespace; }

/// Builds the tables. Faults go to `source.findings`.
void build(Source& source, Definition& out);
/// Rules on the executable structure (clauses 10.2–10.7, 13). After build.
void check_structure(Source& source, Definition const& definition);
/// Rules of the whole file: ids, references, data, choreography, attributes.
void check_file(Source& source);
/// Element and attribute names against the schema.
void check_names(Source& source);

}  // namespace yiwang::bpmn

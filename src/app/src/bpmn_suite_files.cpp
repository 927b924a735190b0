// The static sets: MIWG (lossless interchange), Operaton (accept and reject), betsy constraints (lint).

#include <fmt/format.h>

#include <map>
#include <set>

#include "bpmn_suite.hpp"
#include "yiwang/bpmn/definition.hpp"
#include "yiwang/format/json.hpp"
#include "yiwang/format/xml.hpp"

namespace yiwang::app {
namespace {

using json::Value;

struct Inventory {
  std::map<std::string, int> elements;
  std::multiset<std::string> attributes;
  int shapes = 0, edges = 0, ids = 0;
  bool operator==(Inventory const&) const = default;
};

void count(xml::Element element, Inventory& out) {
  std::string_view const space = element.namespace_uri();
  std::string const name(element.local_name());
  if (space.ends_with("/MODEL")) ++out.elements[name];
  if (name == "BPMNShape") ++out.shapes;
  if (name == "BPMNEdge") ++out.edges;
  if (element.attribute("id")) ++out.ids;
  for (auto const& attribute : element.attributes()) {
    out.attributes.insert(std::string(element.name()) + " " + std::string(attribute.name) + "=" + std::string(attribute.value));
  }
  out.attributes.insert(std::string(element.name()) + " text " + element.text());
  for (xml::Element child : element.children()) count(child, out);
}

Result<Inventory> inventory(std::string_view text) {
  YW_ASSIGN(auto const document, xml::Document::parse(bpmn::utf8_of(text)));
  Inventory out;
  count(document->root(), out);
  return out;
}

Value tests_of(std::string const& path) {
  auto const text = read_file(path);
  if (!text) return Value::array();
  auto const root = json::parse(*text);
  if (!root || root->find("tests") == nullptr) return Value::array();
  return *root->find("tests");
}

std::string text_of(Value const& from, char const* key) {
  auto const* value = from.find(key);
  return value == nullptr ? std::string{} : value->text();
}

std::string first_fault(bpmn::Reading const& reading) {
  return reading.findings.empty() ? std::string("no finding") : reading.findings.front().error.line();
}

}  // namespace

SetScore run_miwg(std::string const& folder) {
  SetScore score;
  score.name = "miwg";
  Value const list = tests_of(folder + "/miwg/inventory.json");
  for (Value const& test : list.items()) {
    std::string const file = text_of(test, "file");
    auto const source = read_file(folder + "/" + file);
    std::string fault;
    if (!source) {
      fault = "unreadable";
    } else {
      auto const reading = bpmn::read(*source, file);
      if (reading.refused()) {
        fault = "refused: " + first_fault(reading);
      } else {
        std::string const once = bpmn::export_xml(*reading.definition);
        if (once != *source) fault = "the export differs from the import";
        // The tree written again, as after an edit, must lose nothing either.
        auto document = xml::Document::parse(bpmn::utf8_of(once), file);
        auto const before = inventory(*source);
        if (document && before) {
          (*document)->set_attribute((*document)->root(), "exporter", (*document)->root().attribute_or("exporter"));
          std::string again = (*document)->write();
          auto const after = inventory(again);
          Inventory left = *before;
          if (!(*document)->root().attribute("exporter") || !after) fault = "the written tree cannot be read";
          if (after) {
            Inventory right = *after;
            // The attribute that was touched may be new.
            std::string const touched = std::string((*document)->root().name()) + " exporter=";
            if (left.attributes.count(touched) == 0) right.attributes.erase(touched);
            if (!(left == right)) fault = "the written tree lost something";
            for (auto const& [name, value] : test.find("elements")->members()) {
              auto const it = after->elements.find(name);
              if (it == after->elements.end() || std::to_string(it->second) != value.text())
                fault = "count of " + name + " differs";
            }
            if (std::to_string(after->shapes) != text_of(test, "di_shapes")) fault = "shapes differ";
            if (std::to_string(after->edges) != text_of(test, "di_edges")) fault = "edges differ";
            if (std::to_string(after->ids) != text_of(test, "ids")) fault = "ids differ";
          }
          auto const second = bpmn::read(again, file);
          if (second.refused()) {
            fault = "the written tree is refused: " + first_fault(second);
          } else {
            for (Value const& flow : test.find("sequence_flows")->items()) {
              auto const it = second.definition->flow_by_id.find(flow.items()[0].text());
              bool const same =
                  it != second.definition->flow_by_id.end() &&
                  second.definition->nodes[second.definition->flows[it->second].source].id == flow.items()[1].text() &&
                  second.definition->nodes[second.definition->flows[it->second].target].id == flow.items()[2].text();
              if (!same) fault = "sequence flow " + flow.items()[0].text() + " differs";
            }
          }
        } else {
          fault = "unreadable";
        }
      }
    }
    score.add(fault.empty(), file + ": " + fault);
  }
  return score;
}

SetScore run_operaton(std::string const& folder, SetScore& vendor) {
  SetScore score;
  score.name = "operaton";
  vendor.name = "operaton vendor rules (apart)";
  Value const list = tests_of(folder + "/operaton/parse.json");
  std::vector<std::pair<bool, std::string>> results;
  for (Value const& test : list.items()) {
    std::string const file = text_of(test, "file");
    auto const source = read_file(folder + "/" + file);
    auto const reading = bpmn::read(source ? *source : std::string{}, file);
    results.emplace_back(reading.refused(), reading.refused() ? first_fault(reading) : std::string{});
  }
  std::size_t index = 0;
  for (Value const& test : list.items()) {
    auto const& [refused, why] = results[index++];
    bool const wanted = text_of(test, "expect") == "reject";
    auto const* rule = test.find("vendor_rule");
    bool const apart = wanted && rule != nullptr && rule->as_bool();
    (apart ? vendor : score).add(refused == wanted, fmt::format("{}: {}", text_of(test, "file"), wanted ? "accepted" : why));
  }
  return score;
}

SetScore run_betsy_constraints(std::string const& folder) {
  SetScore score;
  score.name = "betsy-constraints";
  Value const list = tests_of(folder + "/betsy/constraints.json");
  int refused = 0, warned = 0;
  for (Value const& test : list.items()) {
    std::string const file = text_of(test, "file");
    auto const source = read_file(folder + "/" + file);
    auto const reading = bpmn::read(source ? *source : std::string{}, file);
    if (reading.refused())
      ++refused;
    else if (!reading.findings.empty())
      ++warned;
    score.add(reading.refused() || !reading.findings.empty(), file);
  }
  return score;
}

}  // namespace yiwang::app

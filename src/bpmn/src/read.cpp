#include <algorithm>

#include "reader.hpp"

namespace yiwang::bpmn {
namespace {

void collect(xml::Element element, Source& source, std::size_t depth) {
  if (auto const id = element.attribute("id")) {
    if (is_model(element)) {
      auto const [it, fresh] = source.by_id.emplace(std::string(*id), element);
      if (!fresh) {
        source.error(
            element, "8.3.1 unique ids",
            "the id '" + std::string(*id) + "' is used twice (also on line " + std::to_string(it->second.place().line) + ")",
            "give each element an id of its own");
      }
    }
  }
  if (depth > 200) return;
  for (xml::Element child : element.children()) collect(child, source, depth + 1);
}

template <class F>
void each_expression(Definition const& definition, F f) {
  for (Flow const& flow : definition.flows) f(flow.condition);
  for (Node const& node : definition.nodes) {
    if (node.multi) {
      f(node.multi->cardinality);
      f(node.multi->collection);
      f(node.multi->completion_condition);
      for (auto const& complex : node.multi->complex) f(complex.condition);
    }
    if (node.loop) f(node.loop->condition);
    for (Mapping const& mapping : node.inputs) f(mapping.source);
    for (Mapping const& mapping : node.outputs) f(mapping.source);
    for (auto const* list : {&node.data_in, &node.data_out}) {
      for (DataAssociation const& association : *list) {
        for (Mapping const& mapping : association.assignments) f(mapping.source);
      }
    }
    if (auto const* task = std::get_if<Task>(&node.kind)) {
      if (!task->script.empty()) f(Expression{task->script, task->script_format, node.id, node.line});
      f(task->assignee);
      for (Expression const& candidate : task->candidates) f(candidate);
    } else if (auto const* sub = std::get_if<SubProcess>(&node.kind)) {
      f(sub->completion_condition);
    } else if (auto const* gateway = std::get_if<Gateway>(&node.kind)) {
      f(gateway->activation_condition);
    } else if (auto const* event = std::get_if<Event>(&node.kind)) {
      for (EventDefinition const& definition_of_event : event->definitions) {
        if (auto const* condition = std::get_if<ConditionalEvent>(&definition_of_event)) f(condition->condition);
        if (auto const* timer = std::get_if<TimerEvent>(&definition_of_event)) {
          f(timer->date);
          f(timer->duration);
          f(timer->cycle);
        }
      }
    }
  }
}

}  // namespace

void Source::report(Severity severity, xml::Element at, std::string_view rule, std::string why, std::string cure) {
  if (findings.size() >= 500) return;
  std::string name(at.attribute_or("id"));
  if (name.empty()) name = std::string(at.name());
  findings.push_back(
      {severity, Error(ErrorCode::bpmn_rule,
                       {{"element", name}, {"rule", std::string(rule)}, {"why", std::move(why)}, {"cure", std::move(cure)}})
                     .at(at.place())});
}

std::string utf8_of(std::string_view text) {
  std::string_view const head = text.substr(0, std::min<std::size_t>(text.size(), 200));
  auto const end = head.find("?>");
  auto const key = head.find("encoding=");
  if (!head.starts_with("<?xml") || end == std::string_view::npos || key == std::string_view::npos || key > end)
    return std::string(text);
  std::size_t const open = key + 9;
  auto const close = open < head.size() ? head.find(head[open], open + 1) : std::string_view::npos;
  if (close == std::string_view::npos || close > end) return std::string(text);
  std::string name(head.substr(open + 1, close - open - 1));
  for (char& c : name) c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  bool const windows = name == "WINDOWS-1252" || name == "CP1252";
  if (!windows && name != "ISO-8859-1" && name != "LATIN1" && name != "US-ASCII" && name != "ASCII") return std::string(text);
  // 0x80–0x9f of Windows-1252; 0 = undefined there.
  static constexpr std::uint16_t kHigh[32] = {
      0x20ac, 0,      0x201a, 0x192,  0x201e, 0x2026, 0x2020, 0x2021, 0x2c6, 0x2030, 0x160, 0x2039, 0x152, 0, 0x17d, 0,
      0,      0x2018, 0x2019, 0x201c, 0x201d, 0x2022, 0x2013, 0x2014, 0x2dc, 0x2122, 0x161, 0x203a, 0x153, 0, 0x17e, 0x178};
  std::string out(text.substr(0, open + 1));
  out += "UTF-8";
  for (char const c : text.substr(close)) {
    auto code = static_cast<std::uint32_t>(static_cast<unsigned char>(c));
    if (windows && code >= 0x80 && code < 0xa0) code = kHigh[code - 0x80] != 0 ? kHigh[code - 0x80] : 0xfffd;
    if (code < 0x80) {
      out += c;
    } else if (code < 0x800) {
      out += static_cast<char>(0xc0 | (code >> 6));
      out += static_cast<char>(0x80 | (code & 0x3f));
    } else {
      out += static_cast<char>(0xe0 | (code >> 12));
      out += static_cast<char>(0x80 | ((code >> 6) & 0x3f));
      out += static_cast<char>(0x80 | (code & 0x3f));
    }
  }
  return out;
}

Reading read(std::string_view text, std::string file) {
  Reading out;
  auto parsed = xml::Document::parse(utf8_of(text), file);
  if (!parsed) {
    out.findings.push_back({Severity::error, std::move(parsed).error()});
    return out;
  }
  auto refuse = [&](std::string why) {
    out.findings.push_back(
        {Severity::error, Error(ErrorCode::bpmn_file, {{"why", std::move(why)}}).at((*parsed)->root().place())});
    return std::move(out);
  };
  xml::Element const root = (*parsed)->root();
  if (root.local_name() != "definitions" || !is_model(root)) {
    return refuse("the root is not <definitions> of " + std::string(kModelNamespace));
  }
  auto definition = std::make_shared<Definition>();
  definition->file = std::move(file);
  definition->source = std::string(text);
  Source source;
  source.document = parsed->get();
  collect(root, source, 0);
  build(source, *definition);
  if (definition->nodes.size() > kMaxNodes) return refuse("more than " + std::to_string(kMaxNodes) + " flow nodes");
  check_structure(source, *definition);
  check_file(source);
  check_names(source);
  std::stable_sort(source.findings.begin(), source.findings.end(),
                   [](Finding const& a, Finding const& b) { return a.severity < b.severity; });
  out.findings = std::move(source.findings);
  bool const refused = !out.findings.empty() && out.findings.front().severity == Severity::error;
  if (!refused) out.definition = std::move(definition);
  return out;
}

Result<std::shared_ptr<Definition const>> deploy(std::string_view text, std::string file, ExpressionChecker const* checker) {
  Reading reading = read(text, std::move(file));
  if (reading.refused()) return fail(std::move(reading.findings.front().error));
  if (checker != nullptr) {
    std::optional<Error> foreign;
    each_expression(*reading.definition, [&](Expression const& expression) {
      if (!expression || foreign || checker->accepts(expression)) return;
      Place place;
      place.file = reading.definition->file;
      place.line = expression.line;
      foreign = Error(ErrorCode::bpmn_foreign_expression, {{"element", expression.element}, {"text", expression.text}}).at(place);
    });
    if (foreign) return fail(std::move(*foreign));
  }
  return std::move(reading.definition);
}

std::string const& export_xml(Definition const& definition) { return definition.source; }

}  // namespace yiwang::bpmn

#include "yiwang/spine/steps.hpp"

#include <algorithm>
#include <deque>
#include <map>
#include <set>

namespace yiwang::spine {
namespace {

// Sizes of the BPMN diagram in its own units; a task is 100 × 80 in every editor.
constexpr int kColumn = 190, kRow = 130, kTaskWidth = 100, kTaskHeight = 80, kEvent = 36, kGateway = 50;

std::string escaped(std::string_view text) {
  std::string out;
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

struct Shape {
  std::string id;
  int x, y, width, height;
  int middle() const { return y + height / 2; }
};
struct Edge {
  std::string id, from, to, name, condition;
};

class Drawing {
 public:
  explicit Drawing(CaseType const& type) : type_(type) {}

  std::string text() {
    columns();
    add("start__", "startEvent", "", 0, row(type_.steps.at(type_.initial)), kEvent, kEvent);
    connect("start__", type_.initial, "", "");
    for (auto const& [id, step] : type_.steps) {
      int const column = column_.at(id);
      if (step.actions.empty()) {
        add(id, "endEvent", step.title.zh_cn, column, row(step), kEvent, kEvent);
        continue;
      }
      add(id, "userTask", step.title.zh_cn, column, row(step), kTaskWidth, kTaskHeight);
      std::set<std::string> targets;
      for (StepAction const& action : step.actions) targets.insert(action.to);
      if (targets.size() == 1) {
        connect(id, *targets.begin(), step.actions.size() == 1 ? step.actions.front().title.zh_cn : "", "");
        continue;
      }
      std::string const choice = id + "__choice";
      add(choice, "exclusiveGateway", "", column + 1, row(step), kGateway, kGateway);
      connect(id, choice, "", "");
      for (std::string const& target : targets) {
        std::string names, condition;
        for (StepAction const& action : step.actions) {
          if (action.to != target) continue;
          names += (names.empty() ? "" : "、") + action.title.zh_cn;
          condition += (condition.empty() ? "" : " or ") + ("action = \"" + action.id + "\"");
        }
        connect(choice, target, names, condition);
      }
    }
    return document();
  }

 private:
  static int row(Step const& step) {
    return step.performer == Performer::applicant ? 0 : step.performer == Performer::supervisor ? 2 : 1;
  }

  /// Columns by distance from the start; a step with a choice takes two. Steps of one column and row move down.
  void columns() {
    std::deque<std::string> todo{type_.initial};
    column_[type_.initial] = 1;
    while (!todo.empty()) {
      std::string const at = todo.front();
      todo.pop_front();
      Step const& step = type_.steps.at(at);
      for (StepAction const& action : step.actions) {
        if (column_.emplace(action.to, column_[at] + (step.actions.size() > 1 ? 2 : 1)).second) todo.push_back(action.to);
      }
    }
    for (auto const& [id, step] : type_.steps) column_.emplace(id, 1);
  }

  void add(std::string const& id, char const* element, std::string_view name, int column, int row, int width, int height) {
    int slot = row;
    while (!taken_.insert({column, slot}).second) slot += 3;
    shapes_.push_back(
        {id, 60 + column * kColumn + (kTaskWidth - width) / 2, 60 + slot * kRow + (kTaskHeight - height) / 2, width, height});
    nodes_ +=
        "    <" + std::string(element) + " id=\"" + id + "\"" + (name.empty() ? "" : " name=\"" + escaped(name) + "\"") + "/>\n";
  }
  void connect(std::string const& from, std::string const& to, std::string name, std::string condition) {
    edges_.push_back({from + "__to__" + to, from, to, std::move(name), std::move(condition)});
  }
  Shape const& shape(std::string const& id) const {
    return *std::find_if(shapes_.begin(), shapes_.end(), [&](Shape const& s) { return s.id == id; });
  }

  std::string document() const {
    std::string out =
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<definitions xmlns=\"http://www.omg.org/spec/BPMN/20100524/MODEL\" "
        "xmlns:bpmndi=\"http://www.omg.org/spec/BPMN/20100524/DI\" xmlns:dc=\"http://www.omg.org/spec/DD/20100524/DC\" "
        "xmlns:di=\"http://www.omg.org/spec/DD/20100524/DI\" xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" "
        "id=\"" +
        type_.id + "_file\" targetNamespace=\"urn:yiwang:case-type\">\n  <process id=\"" + type_.id + "_process\" name=\"" +
        escaped(type_.title.zh_cn) + "\" isExecutable=\"true\">\n" + nodes_;
    for (Edge const& e : edges_) {
      out += "    <sequenceFlow id=\"" + e.id + "\"" + (e.name.empty() ? "" : " name=\"" + escaped(e.name) + "\"") +
             " sourceRef=\"" + e.from + "\" targetRef=\"" + e.to + "\"";
      out += e.condition.empty() ? "/>\n"
                                 : "><conditionExpression xsi:type=\"tFormalExpression\">" + escaped(e.condition) +
                                       "</conditionExpression></sequenceFlow>\n";
    }
    out += "  </process>\n  <bpmndi:BPMNDiagram id=\"diagram\"><bpmndi:BPMNPlane id=\"plane\" bpmnElement=\"" + type_.id +
           "_process\">\n";
    for (Shape const& s : shapes_) {
      out += "    <bpmndi:BPMNShape id=\"" + s.id + "__shape\" bpmnElement=\"" + s.id + "\"" +
             (s.id.ends_with("__choice") ? " isMarkerVisible=\"true\"" : "") + "><dc:Bounds x=\"" + std::to_string(s.x) +
             "\" y=\"" + std::to_string(s.y) + "\" width=\"" + std::to_string(s.width) + "\" height=\"" +
             std::to_string(s.height) + "\"/></bpmndi:BPMNShape>\n";
    }
    auto point = [](int x, int y) { return "<di:waypoint x=\"" + std::to_string(x) + "\" y=\"" + std::to_string(y) + "\"/>"; };
    for (Edge const& e : edges_) {
      Shape const &a = shape(e.from), &b = shape(e.to);
      out += "    <bpmndi:BPMNEdge id=\"" + e.id + "__edge\" bpmnElement=\"" + e.id + "\">";
      if (b.x > a.x) {
        int const right = a.x + a.width, half = b.x - (kColumn - kTaskWidth) / 2;
        out += point(right, a.middle());
        if (a.middle() != b.middle()) out += point(half, a.middle()) + point(half, b.middle());
        out += point(b.x, b.middle());
      } else {  // backwards: over the top when the target's row is above or the same, else under the bottom
        int const ax = a.x + a.width / 2, bx = b.x + b.width / 2;
        bool const over = b.middle() >= a.middle();
        int const y = over ? std::min(a.y, b.y) - 25 : std::max(a.y + a.height, b.y + b.height) + 25;
        out += point(ax, over ? a.y : a.y + a.height) + point(ax, y) + point(bx, y) + point(bx, over ? b.y : b.y + b.height);
      }
      out += "</bpmndi:BPMNEdge>\n";
    }
    return out + "  </bpmndi:BPMNPlane></bpmndi:BPMNDiagram>\n</definitions>\n";
  }

  CaseType const& type_;
  std::map<std::string, int> column_;
  std::set<std::pair<int, int>> taken_;
  std::vector<Shape> shapes_;
  std::vector<Edge> edges_;
  std::string nodes_;
};

}  // namespace

std::string bpmn_of_steps(CaseType const& type) { return Drawing(type).text(); }

}  // namespace yiwang::spine

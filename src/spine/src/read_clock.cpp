// clock.yaml of a case type: the rule of the clock model, what actions mean to it, and what happens when it runs out.

#include <algorithm>
#include <iterator>

#include "yiwang/clock/json.hpp"
#include "yiwang/spine/definition.hpp"
#include "yiwang/spine/identity.hpp"
#include "yiwang/spine/pack_json.hpp"

namespace yiwang::spine {
namespace {

using pack::Node;

constexpr std::string_view kDoes[] = {"warn", "escalate", "reassign", "decide"};

struct ClockReader {
  pack::Document const& document;
  CaseType& type;
  Release const& release;
  std::vector<Error>& errors;

  void complain(ErrorCode code, Node const& node, std::initializer_list<Error::Param> params) {
    errors.push_back(Error(code, params).at(document.place(node)));
  }
  void wrong(Node const& node, std::string why, std::string cure) {
    complain(ErrorCode::pack_clock, node, {{"why", std::move(why)}, {"cure", std::move(cure)}});
  }

  /// Which clock begins, by a choice of the form.
  void choice(std::string_view key, Node const& by, ClockEvent& event) {
    event.field = by.text("field");
    Field const* field = type.field(event.field);
    if (key != "submitted" || field == nullptr || field->type != FieldType::choice) {
      complain(ErrorCode::pack_reference, *by.find("field"),
               {{"what", "字段 / the field"},
                {"value", event.field},
                {"cure", "只有 submitted 能用，请写表单里的单选字段 / of submitted only, by a choice of the form"}});
      return;
    }
    for (auto const& entry : by.find("types")->entries) {
      if (std::none_of(field->options.begin(), field->options.end(), [&](Option const& o) { return o.id == entry.key; }))
        complain(ErrorCode::pack_reference, entry.value,
                 {{"what", "选项 / the choice"},
                  {"value", entry.key},
                  {"cure", "请用该字段的 options / use one of the field's options"}});
      event.types.emplace(entry.key, entry.value.scalar);
    }
  }

  void rule() {
    Node const& node = *document.root.find("rule");
    type.clock_rule = to_json(node);
    auto rule = clock::parse_rule(json::write(type.clock_rule));
    if (rule) {
      type.clock_rule_compiled = std::make_shared<clock::Rule const>(std::move(*rule));
    } else {
      wrong(node, rule.error().line(), "请对照时限模型第 4 节 / see §4 of the clock model");
    }
  }

  void events() {
    Node const* events = document.root.find("events");
    if (events == nullptr) return;
    for (auto const& entry : events->entries) {
      bool exists = entry.key == "submitted" || entry.key == "message" || entry.key == "accepted_by_rules" ||
                    entry.key == "decided_by_rules" || entry.key == "by_time";
      for (auto const& [id, step] : type.steps) exists = exists || step.find(entry.key) != nullptr;
      if (!exists) {
        complain(ErrorCode::pack_reference, entry.value,
                 {{"what", "动作 / the action"},
                  {"value", entry.key},
                  {"cure",
                   "请用 process.yaml 里的动作，或 submitted、message、accepted_by_rules、decided_by_rules / use an action of "
                   "process.yaml, submitted, message, accepted_by_rules or decided_by_rules"}});
      }
      ClockEvent event{std::string(entry.value.text("type")), std::string(entry.value.text("reason")), {}, {}};
      if (Node const* by = entry.value.find("by")) choice(entry.key, *by, event);
      type.clock_events.emplace(entry.key, std::move(event));
    }
  }

  clock::ClockRule const* find_clock(std::string_view id) const {
    if (!type.clock_rule_compiled) return nullptr;
    for (auto const& version : type.clock_rule_compiled->versions) {
      for (auto const& clock : version.clocks) {
        if (id.empty() || clock.id == id) return &clock;
      }
    }
    return nullptr;
  }

  void time_outs() {
    for (Node const& node : document.root.list("time_outs")) {
      TimeOutRule rule;
      rule.id = node.text("id");
      rule.clock = node.text("clock");
      if (node.find("left")) rule.left = node.integer("left", 0);
      if (node.find("over")) rule.over = node.integer("over", 0);
      rule.does =
          static_cast<TimeOutRule::Does>(std::find(std::begin(kDoes), std::end(kDoes), node.text("do")) - std::begin(kDoes));
      for (Node const& step : node.list("steps")) rule.steps.push_back(step.scalar);
      for (Node const& who : node.list("to")) rule.to.push_back(who.scalar);
      if (Node const* data = node.find("data")) rule.data = to_json(*data);
      rule.says = pack::localized(node.find("says"));
      check(node, rule);
      type.time_outs.push_back(std::move(rule));
    }
  }

  void check(Node const& node, TimeOutRule& rule) {
    auto const same =
        std::find_if(type.time_outs.begin(), type.time_outs.end(), [&](TimeOutRule const& other) { return other.id == rule.id; });
    if (same != type.time_outs.end()) {
      complain(ErrorCode::pack_duplicate, *node.find("id"),
               {{"what", "超时规则 / the time-out rule"}, {"value", rule.id}, {"other", document.file}});
    }
    if (!type.clock_rule_compiled) return;  // that has been said
    clock::ClockRule const* clock = find_clock(rule.clock);
    if (clock == nullptr) {
      complain(
          ErrorCode::pack_reference, *node.find("clock"),
          {{"what", "时钟 / the clock"}, {"value", rule.clock}, {"cure", "请用 rule.clocks 里的 id / use an id of rule.clocks"}});
    } else {
      if (rule.clock.empty()) rule.clock = clock->id;
      if ((rule.left || rule.over) && clock->unit == clock::Unit::workhour) {
        wrong(node, "工作小时的时钟只有到期一个时刻 / a clock of working hours has its due instant only",
              "请去掉 left 和 over / leave out left and over");
      }
    }
    if (rule.left && rule.over)
      wrong(*node.find("over"), "left 和 over 不能同时写 / both left and over",
            "到期前写 left，到期后写 over / left is before the due day, over after it");
    for (Node const& step : node.list("steps")) {
      if (type.steps.contains(step.scalar)) continue;
      complain(ErrorCode::pack_reference, step,
               {{"what", "步骤 / the step"},
                {"value", step.scalar},
                {"cure", "请用 process.yaml 里的步骤 / use a step of process.yaml"}});
    }
    for (Node const& who : node.list("to")) {
      std::string_view const text = who.scalar;
      std::size_t const at = text.find('@');
      auto const role = parse_role(text.substr(0, at));
      bool const staff = role && *role >= Role::clerk && *role <= Role::engineer;
      if (!staff)
        complain(ErrorCode::pack_reference, who,
                 {{"what", "岗位 / the role"},
                  {"value", who.scalar},
                  {"cure", "请用 supervisor、clerk 等岗位 / use a staff role such as supervisor"}});
      if (at != std::string_view::npos && release.organisation(text.substr(at + 1)) == nullptr) {
        complain(ErrorCode::pack_reference, who,
                 {{"what", "单位 / the unit"},
                  {"value", who.scalar},
                  {"cure", "请用 organisations/ 里的单位 / use a unit of organisations/"}});
      }
    }
    using Does = TimeOutRule::Does;
    if ((rule.does == Does::escalate || rule.does == Does::reassign) && rule.to.empty()) {
      wrong(node, "没有写转给谁 / it does not say to whom", "请写 to / write to");
    }
    json::Value const* approved = rule.data.find("approved");
    if (rule.does == Does::decide && (approved == nullptr || !approved->as_bool())) {
      wrong(node, "到期自动决定只能是同意，不同意必须由人作出 / a rule may decide in favour only; a refusal is a person's act",
            "请写 data: {approved: true} / write data: {approved: true}");
    }
  }
};

}  // namespace

std::string_view to_string(TimeOutRule::Does does) { return kDoes[static_cast<std::size_t>(does)]; }

void read_clock(pack::Document const& document, CaseType& type, Release const& release, std::vector<Error>& errors) {
  ClockReader reader{document, type, release, errors};
  reader.rule();
  type.clock_basis = pack::localized(document.root.find("basis"));
  reader.events();
  reader.time_outs();
}

}  // namespace yiwang::spine

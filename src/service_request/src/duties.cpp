#include "yiwang/service_request/duties.hpp"

#include <algorithm>

namespace yiwang::service_request {
namespace {

using pack::Document;
using pack::Node;

std::vector<std::string> texts(Node const& node, std::string_view key) {
  std::vector<std::string> out;
  for (Node const& item : node.list(key)) out.push_back(item.scalar);
  return out;
}

bool contains_any(std::string_view text, std::vector<std::string> const& words) {
  return std::any_of(words.begin(), words.end(),
                     [&](std::string const& w) { return !w.empty() && text.find(w) != std::string_view::npos; });
}

/// Two areas that the same word can mean.
bool same_ground(Area const& a, Area const& b) {
  return a.id == b.id || std::any_of(a.words.begin(), a.words.end(), [&](std::string const& w) {
           return std::find(b.words.begin(), b.words.end(), w) != b.words.end();
         });
}

struct Reader {
  pack::Pack const& pack;
  spine::Release const& release;
  std::vector<Error>& errors;
  DutyList list{};

  void missing(Document const& document, Node const& node, char const* what, std::string const& value, char const* cure) {
    errors.push_back(
        Error(ErrorCode::pack_reference, {{"what", what}, {"value", value}, {"cure", cure}}).at(document.place(node)));
  }
  bool unit_known(std::string const& id) const { return id == kStreet || release.organisations.contains(id); }
  void unit(Document const& document, Node const& node, std::string const& id) {
    if (!unit_known(id))
      missing(document, node, "单位 / the unit", id,
              "请在 organisations/ 中定义，或写 street / define it under organisations/, or write street");
  }
  void helper(Document const& document, Node const& node, std::string const& id) {
    if (!unit_known(id) && !list.outside.contains(id))
      missing(document, node, "协办 / the helper", id,
              "请在 organisations/ 或 duties/units.yaml 中定义 / define it under organisations/ or in duties/units.yaml");
  }
  void region(Document const& document, Node const& node, std::string const& id) {
    if (!release.regions.contains(id))
      missing(document, node, "区域 / the region", id, "请在 regions/ 中定义 / define it under regions/");
  }
  Span span(Document const& document, Node const& node) {
    Span out;
    auto from = parse_date(node.text("from"));
    if (from)
      out.from = *from;
    else
      errors.push_back(Error(ErrorCode::request_rule, {{"why", "“" + std::string(node.text("from")) + "”不是日期 / not a day"},
                                                       {"cure", "请写成 2026-01-01 / write 2026-01-01"}})
                           .at(document.place(node)));
    if (Node const* end = node.find("until")) {
      auto until = parse_date(end->scalar);
      if (until && *until >= out.from)
        out.until = *until;
      else
        errors.push_back(Error(ErrorCode::request_rule,
                               {{"why", "结束日早于开始日 / it ends before it begins"}, {"cure", "请改 until / correct until"}})
                             .at(document.place(*end)));
    }
    return out;
  }
  static Limits limits(Node const& node) {
    return {node.integer("contact_minutes", 1440), node.integer("close_workdays", 0), node.integer("close_minutes", 0)};
  }

  void units(Document const& document) {
    for (Node const& node : document.root.list("outside"))
      list.outside.emplace(std::string(node.text("id")), pack::localized(node.find("name")));
    for (Node const& node : document.root.list("outside"))
      unit(document, *node.find("through"), std::string(node.text("through")));
    for (Node const& node : document.root.list("streets")) {
      std::string where(node.text("region")), who(node.text("unit"));
      region(document, *node.find("region"), where);
      unit(document, *node.find("unit"), who);
      if (!list.streets.emplace(where, who).second) {
        errors.push_back(Error(ErrorCode::request_duty_overlap, {{"what", "street × " + where},
                                                                 {"other", list.streets.at(where)},
                                                                 {"when", "any day"},
                                                                 {"cure", "一个街道只写一个单位 / one unit a street"}})
                             .at(document.place(node)));
      }
    }
    // "street" must mean somebody wherever a person can be.
    for (auto const& [id, r] : release.regions) {
      if (r.level == "street" && !list.streets.contains(id)) {
        errors.push_back(
            Error(ErrorCode::request_duty_gap, {{"what", "street × " + id},
                                                {"when", "any day"},
                                                {"cure", "请在 streets 里给它一个单位 / give it a unit under streets"}})
                .at(document.place(document.root)));
      }
    }
  }

  void entries(Document const& document) {
    for (Node const& node : document.root.list("groups"))
      list.groups.emplace_back(std::string(node.text("id")), pack::localized(node.find("title")));
    std::vector<Node const*> nodes;
    for (Node const& node : document.root.list("entries")) {
      Entry e;
      e.code = node.text("code");
      e.id = node.text("id");
      e.group = node.text("group");
      e.kind = node.text("kind");
      e.lead = node.text("lead");
      e.desk = node.text("desk");
      e.helpers = texts(node, "helpers");
      e.limits = limits(node);
      if (Node const* urgent = node.find("urgent")) {
        e.urgent_words = texts(*urgent, "words");
        e.urgent_limits = limits(*urgent);
      }
      e.boundary = node.flag("boundary");
      e.about_lead = node.flag("about_lead");
      e.title = pack::localized(node.find("title"));
      e.basis = node.text("basis");
      e.span = span(document, node);
      unit(document, *node.find("lead"), e.lead);
      for (Node const& h : node.list("helpers")) helper(document, h, h.scalar);
      if (std::none_of(list.groups.begin(), list.groups.end(), [&](auto const& g) { return g.first == e.group; })) {
        missing(document, *node.find("group"), "组 / the group", e.group, "请在 groups 中定义 / define it under groups");
      }
      if (e.limits.close_workdays == 0 && e.limits.close_minutes == 0) {
        errors.push_back(Error(ErrorCode::request_rule,
                               {{"why", e.code + " 没有办结时限 / has no limit for closing"},
                                {"cure", "请写 close_workdays 或 close_minutes / write close_workdays or close_minutes"}})
                             .at(document.place(node)));
      }
      list.entries.push_back(std::move(e));
      nodes.push_back(&node);
    }
    in_time(document, nodes);
  }

  /// Versions of one category must follow each other without a gap and without two on one day.
  void in_time(Document const& document, std::vector<Node const*> const& nodes) {
    std::map<std::string, std::vector<std::size_t>> by_code;
    for (std::size_t i = 0; i < list.entries.size(); ++i) by_code[list.entries[i].code].push_back(i);
    for (auto& [code, at] : by_code) {
      std::stable_sort(at.begin(), at.end(),
                       [&](std::size_t a, std::size_t b) { return list.entries[a].span.from < list.entries[b].span.from; });
      for (std::size_t k = 0; k < at.size(); ++k) {
        Entry& e = list.entries[at[k]];
        Entry const* next = k + 1 < at.size() ? &list.entries[at[k + 1]] : nullptr;
        if (next == nullptr) {
          if (e.span.until)
            gap(document, *nodes[at[k]], code, Date{e.span.until->days + 1},
                "请加一个从那天起的版本 / add a version from that day on");
          continue;
        }
        Node const& later = *nodes[at[k + 1]];
        if (next->span.from == e.span.from || (e.span.until && *e.span.until >= next->span.from))
          overlap(document, later, code, code, next->span.from);
        else if (e.span.until && e.span.until->days + 1 < next->span.from.days)
          gap(document, later, code, Date{e.span.until->days + 1}, "请改 from 或 until / correct from or until");
        if (!e.span.until) e.span.until = Date{next->span.from.days - 1};
      }
    }
  }
  void gap(Document const& document, Node const& node, std::string const& what, Date when, char const* cure) {
    errors.push_back(
        Error(ErrorCode::request_duty_gap, {{"what", what}, {"when", to_string(when)}, {"cure", cure}}).at(document.place(node)));
  }
  void overlap(Document const& document, Node const& node, std::string const& what, std::string const& other, Date when) {
    errors.push_back(Error(ErrorCode::request_duty_overlap, {{"what", what},
                                                             {"other", other},
                                                             {"when", to_string(when)},
                                                             {"cure", "请改日期，或只留一项 / change the days, or keep one"}})
                         .at(document.place(node)));
  }

  void areas(Document const& document) {
    for (Node const& node : document.root.list("areas")) {
      Area a{std::string(node.text("id")), pack::localized(node.find("name")), texts(node, "words"),
             std::string(node.text("region")), node.integer("contact_minutes", 0)};
      region(document, *node.find("region"), a.region);
      list.areas.push_back(std::move(a));
    }
    for (Node const& node : document.root.list("places")) {
      region(document, *node.find("region"), std::string(node.text("region")));
      list.places.emplace_back(std::string(node.text("name")), std::string(node.text("region")));
    }
    for (Node const& node : document.root.list("overrides")) {
      Override base{std::string(node.text("area")), {},
                    std::string(node.text("lead")), texts(node, "helpers"),
                    span(document, node),           std::string(node.text("basis"))};
      Area const* where = area(base.area);
      if (where == nullptr) {
        missing(document, *node.find("area"), "区域 / the area", base.area, "请在 areas 中定义 / define it under areas");
        continue;
      }
      unit(document, *node.find("lead"), base.lead);
      for (Node const& h : node.list("helpers")) helper(document, h, h.scalar);
      for (Node const& code : node.list("entries")) {
        if (std::none_of(list.entries.begin(), list.entries.end(), [&](Entry const& e) { return e.code == code.scalar; })) {
          missing(document, code, "类别 / the category", code.scalar, "请用 duties.yaml 里的 code / use a code of duties.yaml");
          continue;
        }
        Override one = base;
        one.entry = code.scalar;
        for (Override const& other : list.overrides) {
          if (other.entry != one.entry || !same_ground(*where, *area(other.area))) continue;
          Date const begin = std::max(one.span.from, other.span.from);
          if (one.span.holds(begin) && other.span.holds(begin))
            overlap(document, code, one.entry + " × " + one.area, one.entry + " × " + other.area, begin);
        }
        list.overrides.push_back(std::move(one));
      }
    }
  }
  Area const* area(std::string_view id) const {
    for (Area const& a : list.areas) {
      if (a.id == id) return &a;
    }
    return nullptr;
  }
};

}  // namespace

std::shared_ptr<DutyList const> compile_duties(pack::Pack const& pack, spine::Release const& release,
                                               std::vector<Error>& errors) {
  Document const* duties = pack.find("duties/duties.yaml");
  if (duties == nullptr) return nullptr;
  std::size_t const before = errors.size();
  Reader reader{pack, release, errors};
  reader.list.version = duties->root.text("version");
  for (auto const& [id, r] : release.regions) reader.list.parents.emplace(id, r.parent);
  if (Document const* units = pack.find("duties/units.yaml")) reader.units(*units);
  reader.entries(*duties);
  if (Document const* areas = pack.find("duties/areas.yaml")) reader.areas(*areas);
  if (Document const* precedents = pack.find("duties/precedents.yaml")) {
    for (Node const& node : precedents->root.list("precedents"))
      reader.list.precedents.push_back({std::string(node.text("id")), std::string(node.text("date")), texts(node, "entries"),
                                        std::string(node.text("ruling"))});
  }
  if (Document const* rules = pack.find("duties/rules.yaml")) {
    reader.list.conduct_handled_by = rules->root.text("conduct_handled_by");
    reader.list.conduct_otherwise = rules->root.text("desk_about_itself");
    for (char const* key : {"desk", "desk_about_itself", "conduct_handled_by"})
      reader.unit(*rules, *rules->root.find(key), std::string(rules->root.text(key)));
  } else {
    errors.push_back(
        Error(ErrorCode::pack_missing_file,
              {{"file", "duties/rules.yaml"}, {"cure", "有职责清单就要有 rules.yaml / a responsibility list needs rules.yaml"}})
            .at(duties->place(duties->root)));
  }
  if (errors.size() != before) return nullptr;
  // Longer names first: 沙湾埔村 before 沙湾埔.
  std::stable_sort(reader.list.places.begin(), reader.list.places.end(),
                   [](auto const& a, auto const& b) { return a.first.size() > b.first.size(); });
  return std::make_shared<DutyList const>(std::move(reader.list));
}

Result<DutyList> amended(DutyList const& list, Amendment const& a) {
  auto refuse = [](std::string why, std::string cure) {
    return fail(ErrorCode::request_amendment, {{"why", std::move(why)}, {"cure", std::move(cure)}});
  };
  auto overlap = [](std::string const& what, std::string const& other, Date when) {
    return fail(ErrorCode::request_duty_overlap, {{"what", what},
                                                  {"other", other},
                                                  {"when", to_string(when)},
                                                  {"cure", "请改日期，或先改另一项 / change the day, or the other one first"}});
  };
  DutyList out = list;
  auto const entry = std::find_if(out.entries.begin(), out.entries.end(),
                                  [&](Entry const& e) { return e.code == a.code && e.span.holds(a.from); });
  if (entry == out.entries.end())
    return refuse("类别 " + a.code + " 那天没有生效 / is not in force on that day", "请选清单里的类别 / choose one of the list");
  if (a.area.empty()) {
    if (entry->lead == a.lead) return refuse("本来就由它牵头 / it leads already", "不用改 / nothing is to be changed");
    for (Entry const& e : out.entries) {
      if (e.code == a.code && e.span.from >= a.from) return overlap(a.code, a.code, e.span.from);
    }
    Entry next = *entry;
    entry->span.until = Date{a.from.days - 1};
    std::erase(next.helpers, a.lead);
    if (next.lead != kStreet && std::find(next.helpers.begin(), next.helpers.end(), next.lead) == next.helpers.end())
      next.helpers.insert(next.helpers.begin(), next.lead);
    next.lead = a.lead;
    next.basis = a.basis;
    next.span = {a.from, std::nullopt};
    out.entries.push_back(std::move(next));
    return out;
  }
  auto const area = std::find_if(out.areas.begin(), out.areas.end(), [&](Area const& x) { return x.id == a.area; });
  if (area == out.areas.end())
    return refuse("清单里没有区域“" + a.area + "” / the list knows no such area",
                  "请选 areas.yaml 里的区域 / choose one of areas.yaml");
  Override next{a.area, a.code, a.lead, {}, {a.from, std::nullopt}, a.basis};
  bool led = entry->lead == a.lead;
  for (Override& o : out.overrides) {
    if (o.entry != a.code || (o.span.until && *o.span.until < a.from)) continue;
    auto const other = std::find_if(out.areas.begin(), out.areas.end(), [&](Area const& x) { return x.id == o.area; });
    if (other == out.areas.end() || !same_ground(*area, *other)) continue;
    // An earlier one of the same area ends the day before; whatever else holds from then on would decide the same place twice.
    if (o.area != a.area || o.span.from >= a.from)
      return overlap(a.code + " × " + a.area, o.entry + " × " + o.area, std::max(a.from, o.span.from));
    led = o.lead == a.lead;
    next.helpers = o.helpers;
    o.span.until = Date{a.from.days - 1};
  }
  if (led) return refuse("本来就由它牵头 / it leads already", "不用改 / nothing is to be changed");
  std::erase(next.helpers, a.lead);
  out.overrides.push_back(std::move(next));
  return out;
}

Entry const* DutyList::entry(std::string_view code, Date day) const {
  for (Entry const& e : entries) {
    if (e.code == code && e.span.holds(day)) return &e;
  }
  return nullptr;
}

Place DutyList::find_place(std::string_view hint, std::string_view text, std::string_view region) const {
  Place out;
  out.region = region;
  for (std::string_view where : {hint, text}) {
    for (auto const& [name, of] : places) {
      if (out.name.empty() && where.find(name) != std::string_view::npos) {
        out.name = name;
        // The narrower of the two: what the person chose, unless the words name a place inside it.
        if (out.region.empty() || parents.find(of) == parents.end() || parents.find(of)->second == out.region ||
            !parents.contains(out.region))
          out.region = of;
      }
    }
  }
  std::string const both = std::string(hint) + "\n" + std::string(text);
  for (Area const& a : areas) {
    if (contains_any(both, a.words)) out.areas.push_back(a.id);
  }
  return out;
}

std::string DutyList::street_of(std::string_view region) const {
  std::string at(region);
  for (int depth = 0; depth < 8 && !at.empty(); ++depth) {
    if (auto it = streets.find(at); it != streets.end()) return it->second;
    auto up = parents.find(at);
    if (up == parents.end()) break;
    at = up->second;
  }
  return {};
}

std::optional<Assignment> DutyList::assign(std::string_view code, Place const& place, std::string_view text,
                                           std::string_view about, Date day) const {
  Entry const* e = entry(code, day);
  if (e == nullptr) return std::nullopt;
  Assignment out;
  out.code = e->code;
  out.lead = e->lead;
  out.helpers = e->helpers;
  out.limits = e->limits;
  out.basis = e->basis;
  if (e->kind == "urgent") out.urgent = true;
  if (contains_any(text, e->urgent_words)) {
    out.urgent = true;
    out.limits = e->urgent_limits;
  }
  for (std::string const& area : place.areas) {
    auto const it = std::find_if(overrides.begin(), overrides.end(),
                                 [&](Override const& o) { return o.area == area && o.entry == code && o.span.holds(day); });
    if (it == overrides.end()) continue;
    // The entry's own lead helps where another leads.
    std::erase(out.helpers, it->lead);
    out.helpers.insert(out.helpers.begin(), it->helpers.begin(), it->helpers.end());
    if (out.lead != it->lead && std::find(out.helpers.begin(), out.helpers.end(), out.lead) == out.helpers.end())
      out.helpers.insert(out.helpers.begin(), out.lead);
    out.lead = it->lead;
    out.area = area;
    out.basis = it->basis;
    for (Area const& a : areas) {
      if (a.id == area && a.contact_minutes != 0) out.limits.contact_minutes = a.contact_minutes;
    }
    break;
  }
  std::string const street = street_of(place.region);
  if (out.lead == kStreet) out.lead = street;
  for (std::string& h : out.helpers) {
    if (h == kStreet && !street.empty()) h = street;
  }
  // never.md 4: a complaint about a unit is handled by another.
  if (!out.lead.empty() && (e->about_lead || out.lead == about)) {
    std::string const party(out.lead);
    out.moved = true;
    out.lead = party == conduct_handled_by || about == conduct_handled_by ? conduct_otherwise : conduct_handled_by;
    std::erase(out.helpers, party);
    std::erase(out.helpers, out.lead);
  }
  if (!about.empty()) std::erase(out.helpers, std::string(about));
  return out;
}

std::vector<Precedent const*> DutyList::precedents_of(std::string_view code) const {
  std::vector<Precedent const*> out;
  for (Precedent const& p : precedents) {
    if (std::find(p.entries.begin(), p.entries.end(), code) != p.entries.end()) out.push_back(&p);
  }
  return out;
}

}  // namespace yiwang::service_request

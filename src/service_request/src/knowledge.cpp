#include "yiwang/service_request/knowledge.hpp"

#include <algorithm>
#include <charconv>
#include <set>

#include "yiwang/base/dice.hpp"
#include "yiwang/base/utf8.hpp"

namespace yiwang::service_request {
namespace {

using pack::Document;
using pack::Node;

std::vector<std::string> texts(Node const& node, std::string_view key) {
  std::vector<std::string> out;
  for (Node const& item : node.list(key)) out.push_back(item.scalar);
  return out;
}
/// Shares in rules are written with at most six decimals ("0.96").
double share(Node const& node, std::string_view key, double otherwise) {
  Node const* child = node.find(key);
  if (child == nullptr) return otherwise;
  double out = otherwise;
  std::from_chars(child->scalar.data(), child->scalar.data() + child->scalar.size(), out);
  return out;
}
int number(Node const& node, std::string_view key, int otherwise) { return static_cast<int>(node.integer(key, otherwise)); }

Rules read_rules(Node const& root) {
  Rules r;
  r.desk = root.text("desk");
  r.desk_about_itself = root.text("desk_about_itself");
  r.conduct_handled_by = root.text("conduct_handled_by");
  Node const& dispatch = *root.find("dispatch");
  r.accuracy = share(dispatch, "accuracy", r.accuracy);
  r.reasons = static_cast<std::size_t>(number(dispatch, "reasons", 8));
  r.similar = static_cast<std::size_t>(number(dispatch, "similar", 5));
  r.suggestions = static_cast<std::size_t>(number(dispatch, "suggestions", 3));
  r.urgent_words = texts(root, "urgent_words");
  Node const& times = *root.find("times");
  r.reopen_days = times.integer("reopen_days", r.reopen_days);
  r.orphan_work_minutes = times.integer("orphan_work_minutes", r.orphan_work_minutes);
  r.help_workdays = times.integer("help_workdays", r.help_workdays);
  for (Node const& s : root.list("steps"))
    r.steps.push_back(
        {std::string(s.text("step")), s.integer("office_minutes", 0), s.integer("workdays", 0), s.flag("supervised")});
  Node const& limits = *root.find("limits");
  r.extension_workdays = number(limits, "extension_workdays", r.extension_workdays);
  r.contact_tries = number(limits, "contact_tries", r.contact_tries);
  if (Node const* anonymous = root.find("anonymous")) r.named_only = texts(*anonymous, "except");
  Node const& reply = *root.find("reply_checks");
  r.reply_length_min = static_cast<std::size_t>(number(reply, "length_min", 40));
  r.must_answer = static_cast<std::size_t>(number(reply, "must_answer", 2));
  r.impolite = texts(reply, "impolite");
  r.sections = texts(reply, "sections");
  Node const& duplicates = *root.find("duplicates");
  r.duplicate_similar = share(duplicates, "similar", r.duplicate_similar);
  r.duplicate_days = number(duplicates, "days", r.duplicate_days);
  r.duplicate_show = static_cast<std::size_t>(number(duplicates, "show", 3));
  r.public_groups = texts(duplicates, "groups");
  Node const& hot = *root.find("hotspots");
  r.hot_hours = number(hot, "hours", r.hot_hours);
  r.hot_reports = number(hot, "reports", r.hot_reports);
  r.hot_factor = number(hot, "rhythm_factor", r.hot_factor);
  r.hot_minimum = number(hot, "minimum", r.hot_minimum);
  Node const& follow_up = *root.find("follow_up");
  r.follow_up_hours = number(follow_up, "after_hours", r.follow_up_hours);
  if (Node const* message = follow_up.find("message")) {
    r.message_hours = number(*message, "after_hours", 0);
    r.message_within_hours = number(*message, "within_hours", 0);
  }
  if (Node const* script = root.find("urgent_script")) {
    for (Node const& line : script->list("danger")) r.danger_script.push_back(pack::localized(&line));
    for (Node const& line : script->list("urgent")) r.urgent_script.push_back(pack::localized(&line));
  }
  for (Node const& q : follow_up.list("script"))
    r.script.emplace_back(std::string(q.text("id")), pack::localized(q.find("text")));
  r.exclusion_reasons = texts(*root.find("exclusion"), "reasons");
  for (Node const& s : root.list("supervision"))
    r.supervision.push_back(
        {std::string(s.text("id")), pack::localized(s.find("title")), number(s, "times", 1), number(s, "days", 0)});
  r.evidence_for = texts(root, "evidence_for");
  if (Node const* mass = root.find("mass")) {
    r.mass_members = static_cast<std::size_t>(number(*mass, "members", 3));
    r.mass_hours = number(*mass, "hours", 24);
  }
  if (Node const* amendments = root.find("amendments")) r.list_approver = amendments->text("approved_by");
  if (Node const* concerned = root.find("concerned")) {
    r.minor_age = number(*concerned, "minor_age", r.minor_age);
    for (Node const& node : concerned->list("relations"))
      r.relations.push_back({std::string(node.text("id")), pack::localized(node.find("title")), node.flag("oneself"),
                             node.text("speaks_to") == "concerned", node.flag("name_required")});
  }
  Node const& unsolved = *root.find("unsolved");
  r.unsolved = {number(unsolved, "review_days", 90), std::string(unsolved.text("reviewed_by")),
                std::string(unsolved.text("otherwise"))};
  return r;
}

/// "08:30" as minutes; the schema has checked the form.
std::int64_t minutes(std::string_view text) {
  std::int64_t hour = 0, minute = 0;
  std::from_chars(text.data(), text.data() + 2, hour);
  std::from_chars(text.data() + 3, text.data() + 5, minute);
  return hour * 60 + minute;
}

void unknown_unit(Document const& document, Node const& node, std::string_view id, std::vector<Error>& errors) {
  errors.push_back(Error(ErrorCode::pack_reference, {{"what", "单位 / the unit"},
                                                     {"value", std::string(id)},
                                                     {"cure", "请在 organisations/ 中定义 / define it under organisations/"}})
                       .at(document.place(node)));
}

/// Duty tables: whoever is named there must exist, or be "the street of the place".
void read_shifts(pack::Pack const& pack, spine::Release const& release, Knowledge& out, std::vector<Error>& errors) {
  Document const* document = pack.find("duties/shifts.yaml");
  if (document == nullptr) return;
  auto shift = [&](Node const& node) {
    Shift s{std::string(node.text("unit")), std::string(node.text("night")), std::string(node.text("phone")),
            std::string(node.text("then"))};
    for (char const* key : {"unit", "night", "then"}) {
      std::string_view const id = node.text(key);
      if (!id.empty() && id != kStreet && !release.organisations.contains(std::string(id)))
        unknown_unit(*document, *node.find(key), id, errors);
    }
    return s;
  };
  for (Node const& node : document->root.list("shifts")) out.shifts.push_back(shift(node));
  out.otherwise = shift(*document->root.find("otherwise"));
  Node const& hours = *document->root.find("hours");
  out.hours = {minutes(hours.text("from")), minutes(hours.text("to"))};
  if (out.hours.from >= out.hours.to)
    errors.push_back(Error(ErrorCode::request_rule, {{"why", "办公时间的起点不早于终点 / office hours end before they begin"},
                                                     {"cure", "请改 from 或 to / correct from or to"}})
                         .at(document->place(hours)));
}

/// Sections belong to a unit that exists; a community lies in the street of its unit; no two sections of a unit claim one kind.
void read_sections(pack::Pack const& pack, spine::Release const& release, Knowledge& out, std::vector<Error>& errors) {
  Document const* document = pack.find("duties/sections.yaml");
  if (document == nullptr) return;
  std::map<std::string, std::string> claimed;  // unit × category or region -> section
  for (Node const& node : document->root.list("sections")) {
    Section s{std::string(node.text("id")), std::string(node.text("unit")), pack::localized(node.find("name")),
              std::string(node.text("region")), texts(node, "categories")};
    if (!release.organisations.contains(s.unit)) unknown_unit(*document, *node.find("unit"), s.unit, errors);
    if (!s.region.empty() && (!release.regions.contains(s.region) || out.duties.street_of(s.region) != s.unit))
      errors.push_back(Error(ErrorCode::pack_reference, {{"what", "社区 / the community"},
                                                         {"value", s.region},
                                                         {"cure", "要在本单位的街道里 / it must lie in the street of the unit"}})
                           .at(document->place(*node.find("region"))));
    for (Node const& code : node.list("categories")) {
      if (std::none_of(out.duties.entries.begin(), out.duties.entries.end(),
                       [&](Entry const& e) { return e.code == code.scalar; }))
        errors.push_back(Error(ErrorCode::pack_reference, {{"what", "类别 / the category"},
                                                           {"value", code.scalar},
                                                           {"cure", "请用 duties.yaml 里的 code / use a code of duties.yaml"}})
                             .at(document->place(code)));
    }
    std::vector<std::string> claims = s.categories;
    claims.push_back(s.region.empty() ? s.id : s.region);
    for (std::string const& claim : claims) {
      auto const [there, fresh] = claimed.emplace(s.unit + " × " + claim, s.id);
      if (!fresh)
        errors.push_back(
            Error(ErrorCode::request_duty_overlap, {{"what", there->first},
                                                    {"other", there->second},
                                                    {"when", "any day"},
                                                    {"cure", "一类、一个社区在一个单位里只归一处 / one section a unit"}})
                .at(document->place(node)));
    }
    out.sections.push_back(std::move(s));
  }
}

void read_map(pack::Pack const& pack, spine::Release const& release, Knowledge& out, std::vector<Error>& errors) {
  Document const* document = pack.find("duties/map.yaml");
  if (document == nullptr) return;
  auto whole = [](Node const& node) {
    std::int64_t n = 0;
    std::from_chars(node.scalar.data(), node.scalar.data() + node.scalar.size(), n);
    return n;
  };
  out.map.width = document->root.integer("width", 0);
  out.map.height = document->root.integer("height", 0);
  for (Node const& node : document->root.list("lines")) {
    MapLine line{std::string(node.text("kind")), pack::localized(node.find("name")), {}};
    for (Node const& point : node.list("points")) line.points.emplace_back(whole(point.items[0]), whole(point.items[1]));
    out.map.lines.push_back(std::move(line));
  }
  for (Node const& node : document->root.list("places")) {
    MapPlace place{std::string(node.text("region")), {}, {}, node.integer("x", 0), node.integer("y", 0)};
    if (auto const region = release.regions.find(place.region); region != release.regions.end())
      place.name = region->second.name, place.level = region->second.level;
    else
      errors.push_back(Error(ErrorCode::pack_reference, {{"what", "区域 / the region"},
                                                         {"value", place.region},
                                                         {"cure", "请在 regions/ 中定义 / define it under regions/"}})
                           .at(document->place(*node.find("region"))));
    if (place.x > out.map.width || place.y > out.map.height)
      errors.push_back(Error(ErrorCode::request_rule, {{"why", place.region + " 在画布之外 / lies outside the canvas"},
                                                       {"cure", "请改 x、y / correct x and y"}})
                           .at(document->place(node)));
    out.map.places.push_back(std::move(place));
  }
}

/// A step has one limit and stands once; who cannot be anonymous is named by categories that there are.
void check_steps(Document const& rules, Knowledge const& out, std::vector<Error>& errors) {
  std::set<std::string> seen;
  for (Node const& node : rules.root.list("steps")) {
    std::string const step(node.text("step"));
    if ((node.find("office_minutes") != nullptr) == (node.find("workdays") != nullptr))
      errors.push_back(
          Error(ErrorCode::request_rule, {{"why", "环节 " + step + " 的时限要写 office_minutes 或 workdays 中的一个 / step " +
                                                      step + " needs either office_minutes or workdays"},
                                          {"cure", "请留一个 / keep one of them"}})
              .at(rules.place(node)));
    if (!seen.insert(step).second)
      errors.push_back(Error(ErrorCode::request_rule, {{"why", "环节 " + step + " 写了两次 / step " + step + " stands twice"},
                                                       {"cure", "请删去一个 / remove one"}})
                           .at(rules.place(node)));
  }
  Node const* anonymous = rules.root.find("anonymous");
  if (anonymous == nullptr) return;
  for (Node const& node : anonymous->list("except")) {
    if (std::none_of(out.duties.entries.begin(), out.duties.entries.end(), [&](Entry const& e) { return e.id == node.scalar; }))
      errors.push_back(Error(ErrorCode::pack_reference, {{"what", "类别 / the category"},
                                                         {"value", node.scalar},
                                                         {"cure", "请写 duties.yaml 里的 id / use an id of duties.yaml"}})
                           .at(rules.place(node)));
  }
}

/// Who looks again at what could not be solved is two different units, so that none looks at its own.
void check_units(Document const& rules, spine::Release const& release, Knowledge const& out, std::vector<Error>& errors) {
  Node const& unsolved = *rules.root.find("unsolved");
  for (char const* key : {"reviewed_by", "otherwise"}) {
    if (!release.organisations.contains(std::string(unsolved.text(key))))
      unknown_unit(rules, *unsolved.find(key), unsolved.text(key), errors);
  }
  if (out.rules.unsolved.reviewed_by == out.rules.unsolved.otherwise)
    errors.push_back(Error(ErrorCode::request_rule, {{"why", "复看的单位不能看自己的 / the reviewing unit would look at its own"},
                                                     {"cure", "请在 otherwise 写另一个单位 / name another unit as otherwise"}})
                         .at(rules.place(unsolved)));
}

void read_corpus(pack::Pack const& pack, Knowledge& out, std::vector<Error>& errors) {
  auto file = pack.files.find("duties/corpus.tsv");
  if (file == pack.files.end()) return;
  std::map<std::string, int> cores;
  std::string_view rest = file->second;
  for (std::uint32_t line = 1; !rest.empty(); ++line) {
    std::size_t const end = std::min(rest.find('\n'), rest.size());
    std::string_view row = rest.substr(0, end);
    rest.remove_prefix(std::min(end + 1, rest.size()));
    if (line == 1 || row.empty()) continue;
    std::size_t const a = row.find('\t'), b = a == std::string_view::npos ? a : row.find('\t', a + 1);
    CoreSentence core;
    bool good = b != std::string_view::npos && b + 1 < row.size();
    if (good) {
      core.code = row.substr(0, a);
      auto const [at, ec] = std::from_chars(row.data() + a + 1, row.data() + b, core.number);
      good = ec == std::errc{} && at == row.data() + b;
      core.text = row.substr(b + 1);
    }
    if (!good) {
      errors.push_back(
          Error(ErrorCode::request_rule, {{"why", "应为“类别、序号、句子”三栏 / three columns are expected: label, core, text"},
                                          {"cure", "用制表符分隔 / divide them by tabs"}})
              .at({file->first, line, 1, ""}));
      continue;
    }
    bool const known =
        std::any_of(out.duties.entries.begin(), out.duties.entries.end(), [&](Entry const& e) { return e.code == core.code; });
    if (!known) {
      errors.push_back(Error(ErrorCode::pack_reference, {{"what", "类别 / the category"},
                                                         {"value", core.code},
                                                         {"cure", "请用 duties.yaml 里的 code / use a code of duties.yaml"}})
                           .at({file->first, line, 1, ""}));
      continue;
    }
    if (core.number != 0) ++cores[core.code];
    out.corpus.push_back(std::move(core));
  }
  for (Entry const& e : out.duties.entries) {
    if (cores[e.code] < 2)
      errors.push_back(Error(ErrorCode::request_rule, {{"why", "类别 " + e.code + " 的例句不到 2 句 / category " + e.code +
                                                                   " has fewer than two sentences"},
                                                       {"cure", "请在 duties/corpus.tsv 里加 / add them to duties/corpus.tsv"}})
                           .at({file->first, 1, 1, ""}));
  }
}

/// Words by which texts are read. One word stands for one thing only, and the years of a holiday follow each other.
void read_wording(pack::Pack const& pack, Knowledge& out, std::vector<Error>& errors) {
  text::Wording wording;
  for (auto const& [name, region] : out.duties.places) wording.places.push_back(name);
  if (Document const* document = pack.find("duties/words.yaml")) {
    auto twice = [&](Node const& node, std::string const& word, std::string const& other) {
      errors.push_back(
          Error(ErrorCode::request_rule, {{"why", "“" + word + "”已经在“" + other + "”里 / stands under '" + other + "' already"},
                                          {"cure", "一个词只归一处 / keep it in one place"}})
              .at(document->place(node)));
    };
    auto called = [&](char const* key, std::vector<text::Called>& list) {
      std::map<std::string, std::string> seen;
      for (Node const& node : document->root.list(key)) {
        text::Called c{std::string(node.text("name")), texts(node, "words")};
        auto [at, fresh] = seen.emplace(c.name, c.name);
        if (!fresh) twice(node, c.name, at->second);
        for (Node const& word : node.list("words")) {
          auto [there, first] = seen.emplace(word.scalar, c.name);
          if (!first) twice(word, word.scalar, there->second);
        }
        list.push_back(std::move(c));
      }
    };
    called("objects", wording.objects);
    called("troubles", wording.troubles);
    called("roles", wording.roles);
    for (Node const& node : document->root.list("organisations"))
      wording.organisations.push_back({std::string(node.text("end")), node.flag("alone")});
    for (Node const& node : document->root.list("days")) {
      text::NamedDays days;
      for (std::string const& word : texts(node, "words")) days.words.push_back(utf8::to_utf32(word));
      for (Node const& span : node.list("spans")) {
        auto const from = parse_date(span.text("from")), until = parse_date(span.text("until"));
        if (!from || !until || *until < *from || (!days.spans.empty() && *from <= days.spans.back().second)) {
          errors.push_back(
              Error(ErrorCode::request_rule, {{"why", "日期不对，或与前一年的重叠 / no days, or before those of the year before"},
                                              {"cure", "按先后写 from 和 until / write from and until in order"}})
                  .at(document->place(span)));
          continue;
        }
        days.spans.emplace_back(*from, *until);
      }
      wording.days.push_back(std::move(days));
    }
  }
  if (Document const* document = pack.find("duties/words.yaml")) {
    if (Node const* node = document->root.find("says_nothing")) {
      for (std::string const& word : texts(*node, "words")) out.empty_words.push_back(utf8::to_utf32(word));
      std::stable_sort(out.empty_words.begin(), out.empty_words.end(),
                       [](std::u32string const& a, std::u32string const& b) { return a.size() > b.size(); });
      out.empty_rest = static_cast<std::size_t>(node->integer("rest", 0));
    }
  }
  // Single words of the categories are known words too.
  std::set<std::string> terms;
  for (CoreSentence const& core : out.corpus) {
    if (core.number != 0) continue;
    std::string_view rest = core.text;
    while (!rest.empty()) {
      std::size_t const end = std::min(rest.find(' '), rest.size());
      std::string const word(rest.substr(0, end));
      if (utf8::length(word) >= 2) terms.insert(word);
      rest.remove_prefix(std::min(end + 1, rest.size()));
    }
  }
  wording.terms.assign(terms.begin(), terms.end());
  out.reader = text::Extractor(wording);
  for (CoreSentence const& core : out.corpus) {
    if (core.number == 0) continue;
    out.counts.add_document();
    for (std::string const& word : out.reader.words_in(core.text)) out.counts.add(word);
  }
}

/// The relations of the form are those of the rules: what a person may choose has a rule.
void check_relations(pack::Pack const& pack, spine::Release const& release, Knowledge const& out, std::vector<Error>& errors) {
  auto const type = release.case_types.find(std::string(kCaseType));
  spine::Field const* field = type == release.case_types.end() ? nullptr : type->second->field("relation");
  Document const& rules = *pack.find("duties/rules.yaml");
  for (auto const& option : field ? field->options : std::vector<spine::Option>{}) {
    if (std::none_of(out.rules.relations.begin(), out.rules.relations.end(),
                     [&](Relation const& r) { return r.id == option.id; }))
      errors.push_back(
          Error(ErrorCode::request_rule, {{"why", "表单里的关系“" + option.id + "”没有规则 / the form offers the relation '" +
                                                      option.id + "', the rules do not know it"},
                                          {"cure", "请在 concerned.relations 里写上 / name it under concerned.relations"}})
              .at(rules.place(rules.root)));
  }
}

std::string const& pick(Dice& dice, std::vector<std::string> const& v) {
  static std::string const kNone;
  return v.empty() ? kNone : v[dice.below(v.size())];
}

}  // namespace

Elsewhere const* Knowledge::find_elsewhere(std::string_view id) const {
  for (Elsewhere const& e : elsewhere) {
    if (e.id == id) return &e;
  }
  return nullptr;
}

std::shared_ptr<Knowledge const> compile(pack::Pack const& pack, spine::Release const& release, std::vector<Error>& errors) {
  std::size_t const before = errors.size();
  auto duties = compile_duties(pack, release, errors);
  if (duties == nullptr) return nullptr;
  auto out = std::make_shared<Knowledge>();
  out->duties = *duties;
  out->rules = read_rules(pack.find("duties/rules.yaml")->root);
  if (Document const* document = pack.find("duties/not_accepted.yaml")) {
    for (Node const& node : document->root.list("classes")) {
      Elsewhere e{std::string(node.text("id")),
                  pack::localized(node.find("title")),
                  pack::localized(node.find("where")),
                  texts(node, "words"),
                  node.flag("emergency"),
                  std::string(node.text("sealed"))};
      if (!e.sealed.empty() && !release.organisations.contains(e.sealed)) {
        errors.push_back(
            Error(ErrorCode::pack_reference, {{"what", "单位 / the unit"},
                                              {"value", e.sealed},
                                              {"cure", "请在 organisations/ 中定义 / define it under organisations/"}})
                .at(document->place(*node.find("sealed"))));
      }
      out->elsewhere.push_back(std::move(e));
    }
  }
  if (Document const* document = pack.find("duties/fragments.yaml")) {
    Node const& root = document->root;
    out->fragments = {texts(root, "openings"),
                      texts(root, "whens"),
                      texts(root, "histories"),
                      texts(root, "effects"),
                      texts(root, "demands"),
                      texts(root, "closings"),
                      {},
                      static_cast<std::size_t>(root.integer("variants", 1))};
    for (Node const& t : root.list("typos"))
      out->fragments.typos.emplace_back(std::string(t.text("from")), std::string(t.text("to")));
  }
  if (Document const* document = pack.find("duties/measures.yaml")) {
    for (Node const& node : document->root.list("measures")) {
      Measure m{std::string(node.text("id")),
                pack::localized(node.find("title")),
                pack::localized(node.find("note")),
                texts(node, "count"),
                texts(node, "of"),
                node.text("unit") == "percent"};
      if (m.percent == m.of.empty()) {
        errors.push_back(
            Error(ErrorCode::request_rule, {{"why", "比例要有分母，数量不要 / a percentage has a denominator, a count has none"},
                                            {"cure", "请改 unit 或 of / correct unit or of"}})
                .at(document->place(node)));
      }
      out->measures.push_back(std::move(m));
    }
  }
  read_shifts(pack, release, *out, errors);
  read_sections(pack, release, *out, errors);
  read_map(pack, release, *out, errors);
  check_units(*pack.find("duties/rules.yaml"), release, *out, errors);
  check_steps(*pack.find("duties/rules.yaml"), *out, errors);
  read_corpus(pack, *out, errors);
  read_wording(pack, *out, errors);
  check_relations(pack, release, *out, errors);
  if (errors.size() != before) return nullptr;
  return out;
}

bool Knowledge::says_nothing(std::string_view words) const {
  if (empty_words.empty()) return false;
  std::u32string const text = utf8::to_utf32(words);
  std::size_t rest = 0;
  for (std::size_t i = 0; i < text.size() && rest <= empty_rest;) {
    auto const word = std::find_if(empty_words.begin(), empty_words.end(),
                                   [&](std::u32string const& w) { return text.compare(i, w.size(), w) == 0; });
    if (word != empty_words.end()) {
      i += word->size();
      continue;
    }
    char32_t const c = text[i++];
    bool const sign = c < '0' || (c > '9' && c < 'A') || (c > 'Z' && c < 'a') || (c > 'z' && c < 0xC0) ||
                      (c >= 0x2000 && c < 0x2E80) || (c >= 0x3000 && c < 0x3040) || c >= 0xFF00;
    rest += !sign;
  }
  return rest <= empty_rest;
}

bool Knowledge::needs_name(Entry const& entry) const {
  return std::find(rules.named_only.begin(), rules.named_only.end(), entry.id) != rules.named_only.end();
}
StepLimit const* Knowledge::step_limit(std::string_view step) const {
  auto const at = std::find_if(rules.steps.begin(), rules.steps.end(), [&](StepLimit const& s) { return s.step == step; });
  return at == rules.steps.end() ? nullptr : &*at;
}
MapPlace const* Knowledge::marked(std::string_view spot) const {
  std::int64_t x = -1, y = -1;
  char const* const end = spot.data() + spot.size();
  auto const [comma, first] = std::from_chars(spot.data(), end, x);
  if (first != std::errc{} || comma == end || *comma != ',') return nullptr;
  auto const [last, second] = std::from_chars(comma + 1, end, y);
  if (second != std::errc{} || last != end || x < 0 || y < 0 || x > map.width || y > map.height) return nullptr;
  MapPlace const* nearest = nullptr;
  std::int64_t least = 0;
  for (MapPlace const& p : map.places) {
    if (p.level != "community") continue;  // the middle of a street office is near nothing
    std::int64_t const far = (p.x - x) * (p.x - x) + (p.y - y) * (p.y - y);
    if (nearest == nullptr || far < least) nearest = &p, least = far;
  }
  return nearest;
}

Section const* Knowledge::section(std::string_view unit, std::string_view id_or_name) const {
  auto at = std::find_if(sections.begin(), sections.end(), [&](Section const& s) {
    return s.unit == unit && (s.id == id_or_name || s.name.zh_cn == id_or_name || s.name.en == id_or_name);
  });
  return at == sections.end() ? nullptr : &*at;
}
Section const* Knowledge::likely_section(std::string_view unit, std::string_view category, std::string_view region) const {
  auto at = std::find_if(sections.begin(), sections.end(), [&](Section const& s) {
    if (s.unit != unit) return false;
    return (!s.region.empty() && s.region == region) ||
           std::find(s.categories.begin(), s.categories.end(), category) != s.categories.end();
  });
  return at == sections.end() ? nullptr : &*at;
}

std::string vary(Fragments const& f, std::string_view core, std::string_view place, std::uint64_t random) {
  Dice dice{random};
  std::string out = pick(dice, f.openings) + pick(dice, f.whens) + std::string(place);
  out += core;
  static constexpr std::string_view kEnds[] = {"。", "！", "？", "…"};
  bool const ended = std::any_of(std::begin(kEnds), std::end(kEnds), [&](std::string_view e) { return core.ends_with(e); });
  if (!ended && dice.below(10) != 0) out += "。";
  out += pick(dice, f.histories) + pick(dice, f.effects) + pick(dice, f.demands) + pick(dice, f.closings);
  if (!f.typos.empty() && dice.below(5) == 0) {
    auto const& [right, wrong] = f.typos[dice.below(f.typos.size())];
    if (std::size_t at = out.find(right); at != std::string::npos) out.replace(at, right.size(), wrong);
  }
  if (dice.below(25) == 0) out += "!!!";
  return out;
}

std::vector<text::Labelled> corpus_part(Knowledge const& k, Fold const& fold, std::size_t variants, std::uint64_t seed) {
  std::vector<text::Labelled> out;
  Dice dice{seed};
  for (CoreSentence const& core : k.corpus) {
    if (!fold.holds(core)) continue;
    if (core.number == 0) {
      std::string_view rest = core.text;
      while (!rest.empty()) {
        std::size_t const end = std::min(rest.find(' '), rest.size());
        if (end != 0) out.push_back({{"", std::string(rest.substr(0, end))}, core.code});
        rest.remove_prefix(std::min(end + 1, rest.size()));
      }
      continue;
    }
    if (!fold.held) out.push_back({{"", core.text}, core.code});
    for (std::size_t v = 0; v < variants; ++v) {
      std::string place;
      if (dice.below(2) == 0 && !k.duties.places.empty()) place = k.duties.places[dice.below(k.duties.places.size())].first;
      std::uint64_t const random = dice.next();
      out.push_back({{"", vary(k.fragments, core.text, place, random)}, core.code});
    }
  }
  return out;
}

}  // namespace yiwang::service_request

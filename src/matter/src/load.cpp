// Reads matters/ of a pack: elements as they are written, references, the checks of reference.md §1, labels and rates.

#include <algorithm>

#include "yiwang/base/personal.hpp"
#include "yiwang/dmn/json.hpp"
#include "yiwang/feel/expression.hpp"
#include "yiwang/format/json.hpp"
#include "yiwang/matter/catalogue.hpp"

namespace yiwang::matter {

using pack::Document;
using pack::Node;

namespace {

std::vector<std::string> texts(Node const& node, std::string_view key) {
  std::vector<std::string> out;
  for (Node const& item : node.list(key)) out.push_back(item.scalar);
  return out;
}

Limit limit(Node const* node) {
  if (node == nullptr) return {};
  return {node->integer("amount", 0), std::string(node->text("unit", "workday")), node->integer("extend", 0),
          std::string(node->text("basis"))};
}

Need need_of(std::string_view text) {
  for (Need need : {Need::main, Need::later, Need::fetched, Need::declared, Need::paper}) {
    if (to_string(need) == text) return need;
  }
  return Need::main;
}

/// Days in the number that the lists give; a month counts 20 working days, an hour nothing.
std::int64_t days(Limit const& l) { return l.unit == "month" ? l.amount * 20 : l.unit == "hour" ? 0 : l.amount; }

json::Value number(std::int64_t n) { return json::Value::number(std::to_string(n)); }

}  // namespace

struct Loader {
  Loader(pack::Pack const& p, References const& k) : pack(p), known(k) {}
  pack::Pack const& pack;
  References const& known;
  std::shared_ptr<Catalogue> out = std::make_shared<Catalogue>();
  std::vector<Error> errors;

  void unknown(Document const& d, Node const& at, std::string what, std::string value, std::string cure) {
    errors.push_back(
        Error(ErrorCode::pack_reference, {{"what", std::move(what)}, {"value", std::move(value)}, {"cure", std::move(cure)}})
            .at(d.place(at)));
  }
  void wrong(Document const& d, Node const& at, std::string path, std::string why, std::string expected) {
    errors.push_back(
        Error(ErrorCode::pack_schema, {{"path", std::move(path)}, {"why", std::move(why)}, {"expected", std::move(expected)}})
            .at(d.place(at)));
  }

  std::shared_ptr<Body const> body(Document const& d) {
    Node const& root = d.root;
    auto b = std::make_shared<Body>();
    Node const &head = *root.find("body"), &place = *root.find("place"), &phones = *root.find("phones"),
               &review = *root.find("review"), &court = *root.find("court");
    b->unit = root.text("unit");
    b->name = head.text("name");
    b->code = head.text("code");
    b->nature = head.integer("nature", 1);
    b->level = head.integer("level", 4);
    b->place = place.text("name");
    b->address = place.text("address");
    b->window = place.text("window");
    b->hours = place.text("hours");
    b->consult = phones.text("consult");
    b->complain = phones.text("complain");
    b->review_body = review.text("body");
    b->review_address = review.text("address");
    b->review_phone = review.text("phone");
    b->review_days = review.integer("days", 60);
    b->court_body = court.text("body");
    b->court_address = court.text("address");
    b->court_phone = court.text("phone");
    b->court_months = court.integer("months", 6);
    if (!known.units.contains(b->unit))
      unknown(d, *root.find("unit"), "单位 / the unit", b->unit, "请在 organisations/ 中定义 / define it under organisations/");
    if (auto code = check_credit_code(b->code); !code)
      wrong(d, *head.find("code"), "body.code", code.error().line(),
            "统一社会信用代码 / a credit code with a correct check character");
    if (b->consult == b->complain)
      wrong(d, phones, "phones", "咨询和监督电话相同 / both numbers are the same", "两个不同的号码 / two different numbers");
    return b;
  }

  /// question: [answers], as the matter has them.
  Cases cases(Document const& d, Node const& when, Matter const& matter) {
    Cases out;
    for (auto const& entry : when.entries) {
      Question const* question = matter.question(entry.key);
      if (question == nullptr) {
        unknown(d, entry.value, "问题 / the question", entry.key, "请写在 questions 中 / write it under questions");
        continue;
      }
      for (Node const& answer : entry.value.items) {
        bool const there = std::any_of(question->answers.begin(), question->answers.end(),
                                       [&](Answer const& a) { return a.id == answer.scalar; });
        if (!there) unknown(d, answer, "答案 / the answer", answer.scalar, "请从该问题的 answers 中选 / use one of its answers");
        out[entry.key].insert(answer.scalar);
      }
    }
    return out;
  }

  Material material(Document const& d, Node const& node, Matter const& matter) {
    Material m;
    m.id = node.text("id");
    m.name = node.text("name");
    m.need = need_of(node.text("need"));
    m.later_days = node.integer("later_days", 0);
    m.late = node.text("late");
    m.whatever_credit = node.flag("whatever_credit");
    m.register_id = node.text("register");
    m.certificate = node.text("certificate");
    m.source = node.text("source");
    m.form = node.text("form");
    m.paper = node.text("paper");
    m.basis = node.text("basis");
    m.note = node.text("note");
    m.pledge = node.text("pledge");
    m.pages = node.integer("pages", 0);
    m.copies = node.integer("copies", 1);
    if (m.need == Need::later && m.later_days == 0)
      wrong(d, node, "later_days", "容缺材料没有补交期限 / it may follow, but not until when",
            "写明几个工作日 / a number of working days");
    if (m.need == Need::fetched && m.register_id.empty() && m.certificate.empty())
      wrong(d, node, "register", "没有写从哪里取 / nothing says where it is taken from",
            "register 或 certificate / a register or a certificate type");
    if (!m.register_id.empty() && !known.registers.contains(m.register_id))
      unknown(d, *node.find("register"), "登记库 / the register", m.register_id,
              "请在 registers/ 中定义 / define it under registers/");
    if (!m.certificate.empty() && !known.certificates.contains(m.certificate))
      unknown(d, *node.find("certificate"), "证照类型 / the certificate type", m.certificate,
              "请在 certificates/ 中定义 / define it under certificates/");
    if (Node const* when = node.find("when")) m.when = cases(d, *when, matter);
    return m;
  }

  JointFields joint(Document const& d, Node const& node, Matter const& matter) {
    JointFields j{std::string(node.text("name")),
                  std::string(node.text("number")),
                  std::string(node.text("register")),
                  std::string(node.text("fact")),
                  {}};
    if (Node const* when = node.find("when")) j.when = cases(d, *when, matter);
    bool const by_form = !j.name.empty() && !j.number.empty(), by_register = !j.register_id.empty() && !j.fact.empty();
    if (by_form == by_register || j.name.empty() != j.number.empty())
      wrong(
          d, node, "joint", "要么 name 和 number，要么 register 和 fact / either name and number, or register and fact",
          "表单里填的写前一对，登记库里的写后一对 / the first pair for what the form asks, the second for what a register knows");
    else if (by_register && !known.facts.contains(j.register_id + "." + j.fact))
      unknown(d, *node.find("fact"), "登记事实 / the fact", j.register_id + "." + j.fact,
              "请在 registers/ 中定义 / define it under registers/");
    return j;
  }

  /// Checks that real checkers use on implementation lists (reference.md §1.6), as far as one matter shows them.
  void check(Document const& d, Node const& node, Matter const& m) {
    if (m.code.substr(2, 2) != m.type)
      wrong(d, *node.find("code"), "code",
            "第 3、4 位是 " + m.code.substr(2, 2) + "，事项类型是 " + m.type + " / digits 3 and 4 are not the type",
            "类型和编码一致 / a code that holds the type");
    if (m.statutory.unit == m.promise.unit && m.promise.amount > m.statutory.amount)
      wrong(d, *node.find("promise"), "promise", "承诺时限长于法定时限 / longer than the law allows",
            "不超过法定时限 / at most the statutory limit");
    if (m.statutory.basis.empty())
      wrong(d, *node.find("statutory"), "statutory.basis", "没有依据 / no basis", "法律名称和条款 / law and article");
    if (m.visits != 0 && m.visit_reason.empty())
      wrong(d, *node.find("visits"), "visit_reason", "要到现场却没有写原因 / somebody must come, but nothing says why",
            "必须到现场的原因 / the reason");
    if (m.visits == 0 && !m.visit_reason.empty())
      wrong(d, *node.find("visit_reason"), "visit_reason", "不用到现场，不该写原因 / nobody must come", "删去 / nothing here");
    bool const online = std::find(m.channels.begin(), m.channels.end(), "web") != m.channels.end() ||
                        std::find(m.channels.begin(), m.channels.end(), "mobile") != m.channels.end();
    bool const post = std::find(m.channels.begin(), m.channels.end(), "post") != m.channels.end();
    if (m.visits == 0 && !online && !post)
      wrong(d, *node.find("channels"), "channels", "不用到现场，又不能网办或邮寄 / nobody must come, yet neither web nor post",
            "加上 web、mobile 或 post / add web, mobile or post");
    if (m.type == "01" && m.faq.empty())
      wrong(d, node, "faq", "许可事项没有常见问题 / a licence without a question people ask", "至少一问一答 / at least one");
    if (m.questions.size() > 4)
      wrong(d, *node.find("questions"), "questions", "问得太多 / too many questions", "最多四个 / at most four");
    if (!m.case_type.empty() && !known.case_types.contains(m.case_type))
      unknown(d, *node.find("case_type"), "业务类型 / the case type", m.case_type,
              "请在 case_types/ 中定义 / define it under case_types/");
    if (!m.certificate_type.empty() && !known.certificates.contains(m.certificate_type))
      unknown(d, *node.find("result"), "证照类型 / the certificate type", m.certificate_type,
              "请在 certificates/ 中定义 / define it under certificates/");
  }

  void matter(Document const& d, Node const& node, std::shared_ptr<Body const> const& shared) {
    Matter m;
    m.body = shared;
    m.id = node.text("id");
    m.name = node.text("name");
    m.basic = node.text("basic");
    m.code = node.text("code");
    m.type = node.text("type");
    m.handling = node.text("handling");
    m.summary = node.text("summary");
    m.status = node.text("status", "published");
    m.local_code = node.text("local_code");
    if (auto from = parse_date(node.text("from")))
      m.from = *from;
    else
      wrong(d, *node.find("from"), "from", from.error().line(), "一个日期 / a day");
    if (Node const* to = node.find("to")) {
      auto day = parse_date(to->scalar);
      if (day && *day >= m.from)
        m.to = *day;
      else
        wrong(d, *to, "to", "不是日期，或早于开始 / no day, or before it begins", "不早于 from 的日期 / a day not before from");
    }
    for (Node const& o : node.list("objects")) m.objects.push_back(o.scalar.empty() ? 0 : o.scalar.front() - '0');
    m.who = texts(node, "who");
    m.channels = texts(node, "channels");
    m.conditions = texts(node, "conditions");
    m.words = texts(node, "words");
    m.statutory = limit(node.find("statutory"));
    m.promise = limit(node.find("promise"));
    m.visits = node.integer("visits", 0);
    m.visit_reason = node.text("visit_reason");
    if (Node const* fee = node.find("fee")) {
      for (Node const& f : fee->list("items"))
        m.fees.push_back({std::string(f.text("name")), std::string(f.text("standard")), std::string(f.text("basis"))});
      m.pay_online = fee->flag("pay_online");
      m.fee_field = fee->text("before_issue");
    }
    Node const& result = *node.find("result");
    m.result_kind = result.text("kind");
    m.result = result.text("name");
    m.result_years = result.integer("years", 0);
    m.certificate_type = result.text("certificate_type");
    for (Node const& q : node.list("questions")) {
      Question question{std::string(q.text("id")), std::string(q.text("ask")), {}};
      for (Node const& a : q.list("answers"))
        question.answers.push_back({std::string(a.text("id")), std::string(a.text("label"))});
      m.questions.push_back(std::move(question));
    }
    for (Node const& x : node.list("materials")) m.materials.push_back(material(d, x, m));
    for (Node const& f : node.list("faq")) m.faq.push_back({std::string(f.text("ask")), std::string(f.text("answer"))});
    m.by_rules = node.text("decides") == "rules";
    m.proactive = node.flag("proactive");
    m.yearly = node.integer("yearly", 0);
    m.case_type = node.text("case_type");
    for (Node const& j : node.list("joint")) m.joint.push_back(joint(d, j, m));
    if (Node const* places = node.find("places"))
      m.place_field = places->text("field"), m.place_each = places->integer("each", 1);
    if (Node const* once = node.find("once")) {
      m.once = true;
      m.once_a_year = once->text("per") == "year";
      m.once_from = once->text("from", "01-01");
      for (Node const& field : once->list("by")) m.once_by.emplace_back(field.scalar);
    }
    m.check_after = node.integer("check_after", 0);
    m.check_days = node.text("check_unit") == "day";
    if (Node const* when = node.find("check_when")) m.check_when = cases(d, *when, m);
    if (Node const* recheck = node.find("recheck")) {
      m.recheck_months = recheck->integer("months", 0);
      m.recheck_ahead = recheck->integer("ahead_days", m.recheck_ahead);
      m.recheck_name = recheck->text("name");
      m.recheck_opens = recheck->text("opens");
      if (!m.recheck_opens.empty() && !known.case_types.contains(m.recheck_opens))
        unknown(d, *recheck->find("opens"), "业务类型 / the case type", m.recheck_opens,
                "请在 case_types/ 中定义 / define it under case_types/");
    }
    for (Node const& u : node.list("started_by")) {
      if (!known.units.contains(u.scalar))
        unknown(d, u, "单位 / the unit", u.scalar, "请在 organisations/ 中定义 / define it under organisations/");
      m.started_by.emplace_back(u.scalar);
    }
    m.retention = node.text("retention", "10 years");
    check(d, node, m);
    auto& same = out->by_id_[m.id];
    for (std::size_t i : same) {
      Matter const& other = out->matters_[i];
      bool const apart = (other.to && *other.to < m.from) || (m.to && *m.to < other.from);
      if (!apart)
        errors.push_back(
            Error(ErrorCode::pack_duplicate,
                  {{"what", "事项版本 / a version of the matter"}, {"value", m.id}, {"other", "from " + to_string(other.from)}})
                .at(d.place(node)));
    }
    same.push_back(out->matters_.size());
    out->matters_.push_back(std::move(m));
  }

  void themes(Document const& d) {
    for (Node const& node : d.root.list("themes")) {
      Theme theme{std::string(node.text("id")), std::string(node.text("name")), std::string(node.text("lead")),
                  texts(node, "matters")};
      if (!known.units.contains(theme.lead))
        unknown(d, *node.find("lead"), "单位 / the unit", theme.lead,
                "请在 organisations/ 中定义 / define it under organisations/");
      for (Node const& id : node.list("matters")) {
        auto it = out->by_id_.find(id.scalar);
        if (it == out->by_id_.end()) {
          unknown(d, id, "事项 / the matter", id.scalar, "请写入所属单位的 matters 文件 / write it into the file of its unit");
          continue;
        }
        for (std::size_t i : it->second) out->matters_[i].themes.push_back(theme.id);
      }
      out->themes_.push_back(std::move(theme));
    }
  }

  /// The elements by the names that labels.yaml may use.
  static Result<feel::Value> elements(Matter const& m) {
    json::Value channels = json::Value::array();
    for (std::string const& c : m.channels) channels.items().push_back(json::Value::string(c));
    std::int64_t later = 0, certificates = m.result_kind == "certificate" ? 1 : 0, fetched = 0;
    for (Material const& x : m.materials) {
      later += x.need == Need::later;
      certificates += !x.certificate.empty();
      fetched += x.need == Need::fetched;
    }
    json::Value all = json::Value::object({{"type", json::Value::string(m.type)},
                                           {"handling", json::Value::string(m.handling)},
                                           {"visits", number(m.visits)},
                                           {"channels", std::move(channels)},
                                           {"statutory", number(days(m.statutory))},
                                           {"promised", number(days(m.promise))},
                                           {"later", number(later)},
                                           {"fetched", number(fetched)},
                                           {"materials", number(static_cast<std::int64_t>(m.materials.size()))},
                                           {"certificates", number(certificates)},
                                           {"themes", number(static_cast<std::int64_t>(m.themes.size()))},
                                           {"fees", number(static_cast<std::int64_t>(m.fees.size()))},
                                           {"decides", json::Value::string(m.by_rules ? "rules" : "people")},
                                           {"proactive", json::Value::boolean(m.proactive)},
                                           {"yearly", number(m.yearly)}});
    return dmn::value_from_json(all);
  }

  void labels(Document const& d) {
    std::vector<feel::Variable> variables;
    for (char const* name : {"type", "handling", "visits", "channels", "statutory", "promised", "later", "fetched", "materials",
                             "certificates", "themes", "fees", "decides", "proactive", "yearly"})
      variables.push_back({name, nullptr});
    std::vector<feel::Value> values;
    for (Matter const& m : out->matters_) {
      auto made = elements(m);
      values.push_back(made ? std::move(*made) : feel::Value{});
    }
    auto compile = [&](Node const& node, std::string_view key) -> std::optional<feel::Expression> {
      auto made = feel::Expression::compile(node.text(key), variables);
      if (made) return std::move(*made);
      wrong(d, *node.find(key), std::string(key), made.error().line(),
            "FEEL，名称见 src/matter/README.md / FEEL over the elements of a matter");
      return std::nullopt;
    };
    for (Node const& node : d.root.list("labels")) {
      auto condition = compile(node, "condition");
      if (!condition) continue;
      Label label{std::string(node.text("id")), std::string(node.text("title")), std::string(node.text("definition")),
                  condition->text(), 0};
      for (std::size_t i = 0; i < values.size(); ++i) {
        feel::Outcome const o = condition->evaluate_context(values[i]);
        if (o.value.kind() == feel::Kind::boolean) {
          if (o.value.as_boolean()) out->matters_[i].labels.insert(label.id);
        } else {
          wrong(d, *node.find("condition"), "condition", o.reason(), "对每个事项都是真或假 / true or false for every matter");
          break;
        }
      }
      out->labels_.push_back(std::move(label));
    }
    for (Node const& node : d.root.list("rates")) {
      auto where = compile(node, "where"), numerator = compile(node, "numerator"), denominator = compile(node, "denominator");
      if (!where || !numerator || !denominator) continue;
      Catalogue::RateRow row{
          {std::string(node.text("id")), std::string(node.text("title")), std::string(node.text("definition")), {}, {}}, {}};
      for (feel::Value const& value : values) {
        feel::Outcome const in = where->evaluate_context(value);
        std::pair<Decimal, Decimal> parts;
        if (in.value.kind() == feel::Kind::boolean && in.value.as_boolean()) {
          feel::Outcome const a = numerator->evaluate_context(value), b = denominator->evaluate_context(value);
          if (a.value.kind() != feel::Kind::number || b.value.kind() != feel::Kind::number) {
            wrong(d, node, "numerator", a.reason() + b.reason(), "对每个事项都是数 / a number for every matter");
            break;
          }
          parts = {a.value.as_number(), b.value.as_number()};
        }
        row.of.push_back(parts);
      }
      row.of.resize(values.size());
      out->rates_.push_back(std::move(row));
    }
  }

  /// English texts; an element that there is not is a fault, so that a translation cannot fall behind unseen.
  void english(Document const& d) {
    for (auto const& entry : d.root.find("matters")->entries) {
      auto it = out->by_id_.find(entry.key);
      if (it == out->by_id_.end()) {
        unknown(d, entry.value, "事项 / the matter", entry.key,
                "请写入所属单位的 matters 文件 / write it into the file of its unit");
        continue;
      }
      // Of any version: a text may belong to one that is still to come, or is over.
      std::set<std::string> elements{"name", "summary", "result", "visit_reason"};
      for (std::size_t i : it->second) {
        Matter& m = out->matters_[i];
        for (std::size_t n = 0; n < m.conditions.size(); ++n) elements.insert("conditions." + std::to_string(n));
        for (Material const& x : m.materials) elements.insert("materials." + x.id), elements.insert("notes." + x.id);
        for (Question const& q : m.questions) {
          elements.insert("questions." + q.id);
          for (Answer const& a : q.answers) elements.insert("questions." + q.id + "." + a.id);
        }
        for (auto const& text : entry.value.entries) m.en[text.key] = text.value.scalar;
      }
      for (auto const& text : entry.value.entries) {
        if (!elements.contains(text.key))
          unknown(d, text.value, "要素 / the element", text.key, "这个事项没有此要素 / the matter has no such element");
      }
    }
  }

  void afterwards(Document const& d) {
    Afterwards& a = out->afterwards_;
    if (Node const* promises = d.root.find("promises")) {
      a.remind_days = promises->integer("remind_days", a.remind_days);
      a.late = promises->text("late", a.late);
      a.bar_months = promises->integer("bar_months", a.bar_months);
    }
    Node const* archive = d.root.find("archive");
    if (archive == nullptr) return;
    a.archive_days = archive->integer("days", a.archive_days);
    a.archive_unit = archive->text("unit");
    if (!known.units.contains(a.archive_unit))
      unknown(d, *archive->find("unit"), "单位 / the unit", a.archive_unit,
              "请在 organisations/ 中定义 / define it under organisations/");
  }

  void guidance(Document const& d) {
    for (Node const& node : d.root.list("synonyms")) out->synonyms_.push_back({texts(node, "say"), texts(node, "means")});
    for (Node const& node : d.root.list("handling"))
      out->handling_.push_back({std::string(node.text("handling")), texts(node, "words")});
    out->fillers_ = texts(d.root, "fillers");
    // Longer ones first, so that a part never hides the whole.
    std::stable_sort(out->fillers_.begin(), out->fillers_.end(),
                     [](std::string const& a, std::string const& b) { return a.size() > b.size(); });
  }
};

Catalogue::Loaded Catalogue::load(pack::Pack const& pack, References const& known) {
  Loader loader(pack, known);
  for (std::string const& path : pack.under("matters")) {
    Document const& d = *pack.find(path);
    if (d.root.find("body") == nullptr) continue;  // no unit's list: rules for all of them, read elsewhere
    auto const shared = loader.body(d);
    for (Node const& node : d.root.list("matters")) loader.matter(d, node, shared);
  }
  if (Document const* d = pack.find("matters/themes.yaml")) loader.themes(*d);
  if (Document const* d = pack.find("matters/en.yaml")) loader.english(*d);
  if (Document const* d = pack.find("matters/labels.yaml")) loader.labels(*d);
  if (Document const* d = pack.find("matters/guidance.yaml")) loader.guidance(*d);
  if (Document const* d = pack.find("matters/afterwards.yaml")) loader.afterwards(*d);
  if (!loader.errors.empty()) return {nullptr, std::move(loader.errors)};
  return {std::move(loader.out), {}};
}

}  // namespace yiwang::matter

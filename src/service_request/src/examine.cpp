#include "yiwang/service_request/examine.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "yiwang/base/utf8.hpp"

namespace yiwang::service_request {
namespace {

json::Value string(std::string_view text) { return json::Value::string(std::string(text)); }
json::Value number(std::int64_t n) { return json::Value::number(std::to_string(n)); }
json::Value share(double d) { return json::Value::number(fmt::format("{:.3f}", d)); }

bool contains(std::string_view text, std::vector<std::string> const& words) {
  return std::any_of(words.begin(), words.end(), [&](std::string const& w) { return text.find(w) != std::string_view::npos; });
}

bool is_han(char32_t c) { return (c >= 0x4E00 && c <= 0x9FFF) || (c >= 0x3400 && c <= 0x4DBF) || c >= 0x20000; }

std::set<std::u32string> bigrams(std::string_view text) {
  std::set<std::u32string> out;
  std::u32string const t = text::normalise(text);
  for (std::size_t i = 0; i + 1 < t.size(); ++i) {
    if (t[i] != U'\0' && t[i + 1] != U'\0') out.insert(t.substr(i, 2));
  }
  return out;
}

void put_assignment(json::Value& out, Knowledge const& k, Assignment const& a, Date day) {
  Entry const* e = k.duties.entry(a.code, day);
  out.set("category", string(a.code));
  if (e != nullptr) {
    out.set("category_title", string(e->title.zh_cn));
    out.set("kind", string(e->kind));
    if (!e->desk.empty()) out.set("sub_desk", string(e->desk));
  }
  out.set("lead", string(a.lead));
  json::Value helpers = json::Value::array();
  for (std::string const& h : a.helpers) helpers.items().push_back(string(h));
  out.set("helpers", std::move(helpers));
  out.set("contact_minutes", number(a.limits.contact_minutes));
  if (a.limits.close_workdays != 0)
    out.set("close_workdays", number(a.limits.close_workdays));
  else
    out.set("close_minutes", number(a.limits.close_minutes));
  out.set("basis", string(a.basis));
  if (!a.area.empty()) out.set("area", string(a.area));
  if (a.moved) out.set("moved", json::Value::boolean(true));
  out.set("list_version", string(k.duties.version));
}

}  // namespace

Result<Classifier> train(Knowledge const& k, std::uint64_t seed, std::function<bool()> const& go_on) {
  // Each fifth of the core sentences is left out once and classified by a model that never saw them: from these answers
  // come temperature, threshold and the published figures. The model that works has then learnt all cores.
  constexpr int kFolds = 5;
  text::TrainOptions options;
  options.documents_min = 1;  // a core sentence is one document; what stands in it once is all there is
  struct Judged {
    double confidence;
    bool right, boundary;
  };
  std::vector<Judged> judged;
  double temperature = 0;
  for (int fold = 0; fold < kFolds; ++fold) {
    std::vector<text::Labelled> const learn = corpus_part(k, {kFolds, fold, false}, 0, seed),
                                      held = corpus_part(k, {kFolds, fold, true}, 1, seed + 1);
    if (held.empty()) continue;
    if (go_on && !go_on()) return fail(ErrorCode::text_training, {{"why", "stopped"}});
    YW_ASSIGN(text::Model model, text::Model::train(learn, options));
    model.calibrate(held);
    temperature += model.temperature() / kFolds;
    for (text::Labelled const& t : held) {
      text::Prediction const p = model.predict(t.message);
      auto const entry =
          std::find_if(k.duties.entries.begin(), k.duties.entries.end(), [&](Entry const& e) { return e.code == t.label; });
      judged.push_back({p.confidence, model.labels()[p.best] == t.label, entry != k.duties.entries.end() && entry->boundary});
    }
  }
  Classifier out;
  std::vector<text::Labelled> const all = corpus_part(k, {}, k.fragments.variants, seed);
  out.texts = all.size();
  if (go_on && !go_on()) return fail(ErrorCode::text_training, {{"why", "stopped"}});
  YW_ASSIGN(out.model, text::Model::train(all, options));
  if (temperature > 0) out.model.set_temperature(temperature);
  std::sort(judged.begin(), judged.end(), [](Judged const& a, Judged const& b) { return a.confidence > b.confidence; });
  std::size_t right = 0, boundary = 0, boundary_right = 0;
  for (std::size_t i = 0; i < judged.size(); ++i) {
    right += judged[i].right;
    boundary += judged[i].boundary;
    boundary_right += judged[i].boundary && judged[i].right;
    bool const last_of_equal = i + 1 == judged.size() || judged[i + 1].confidence < judged[i].confidence;
    if (last_of_equal && static_cast<double>(right) >= k.rules.accuracy * static_cast<double>(i + 1)) {
      out.threshold = judged[i].confidence;
      out.coverage = static_cast<double>(i + 1) / static_cast<double>(judged.size());
      out.covered_accuracy = static_cast<double>(right) / static_cast<double>(i + 1);
    }
  }
  auto rate = [](std::size_t a, std::size_t b) { return b == 0 ? 0.0 : static_cast<double>(a) / static_cast<double>(b); };
  out.accuracy = rate(right, judged.size());
  out.boundary_accuracy = rate(boundary_right, boundary);
  return out;
}

Finding examine(Knowledge const& k, Classifier const* classifier, Words const& words, Date day) {
  Finding out;
  out.desk = k.rules.desk;
  if (words.about_unit == k.rules.desk) out.desk = k.rules.desk_about_itself;
  out.place = k.duties.find_place(words.place, words.text, words.region);
  for (Elsewhere const& e : k.elsewhere) {
    if (!out.elsewhere.empty() || !contains(words.text, e.words)) continue;
    out.elsewhere = e.id;
    out.emergency = e.emergency;
    out.sealed = e.sealed;
  }
  out.urgent = out.emergency || contains(words.text, k.rules.urgent_words);
  if (classifier != nullptr) {
    text::Message const message{"", words.text};
    text::Prediction const p = classifier->model.predict(message);
    auto const& labels = classifier->model.labels();
    std::vector<std::size_t> order(labels.size());
    for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
    std::size_t const most = std::min(k.rules.suggestions, order.size());
    std::partial_sort(order.begin(), order.begin() + static_cast<std::ptrdiff_t>(most), order.end(),
                      [&](std::size_t a, std::size_t b) { return p.probabilities[a] > p.probabilities[b]; });
    for (std::size_t i = 0; i < most; ++i) out.suggestions.push_back({labels[order[i]], p.probabilities[order[i]]});
    if (most != 0) out.suggestions.front().confidence = p.confidence;  // what the threshold is compared with
    out.reasons = classifier->model.explain(message, p.best, k.rules.reasons);
    out.assignment = k.duties.assign(labels[p.best], out.place, words.text, words.about_unit, day);
    if (out.assignment && out.assignment->urgent) out.urgent = true;
    // A complaint about the desk itself never stays with the desk.
    Entry const* e = k.duties.entry(labels[p.best], day);
    if (e != nullptr && e->about_lead && e->lead == k.rules.desk) out.desk = k.rules.desk_about_itself;
    if (p.confidence < classifier->threshold || k.says_nothing(words.text))
      out.why_not = "unsure";
    else if (!out.assignment)
      out.why_not = "not_in_list";
    else if (out.assignment->lead.empty())
      out.why_not = "no_place";
  } else {
    out.why_not = "no_model";
  }
  if (!out.elsewhere.empty()) out.why_not = "elsewhere";
  out.automatic = out.why_not.empty();
  out.unit = !out.sealed.empty() ? out.sealed : out.automatic ? out.assignment->lead : out.desk;
  if (!out.sealed.empty()) out.desk = out.sealed;
  return out;
}

json::Value facts_of(Knowledge const& k, Finding const& f, Date day) {
  json::Value out =
      json::Value::object({{"unit", string(f.unit)}, {"desk", string(f.desk)}, {"automatic", json::Value::boolean(f.automatic)}});
  if (!f.why_not.empty()) out.set("why_not", string(f.why_not));
  if (f.assignment) put_assignment(out, k, *f.assignment, day);
  json::Value suggestions = json::Value::array();
  for (Suggestion const& s : f.suggestions)
    suggestions.items().push_back(json::Value::object({{"category", string(s.code)}, {"confidence", share(s.confidence)}}));
  out.set("suggestions", std::move(suggestions));
  json::Value reasons = json::Value::array();
  for (text::Reason const& r : f.reasons)
    reasons.items().push_back(json::Value::object({{"piece", string(r.piece)}, {"weight", share(r.weight)}}));
  out.set("reasons", std::move(reasons));
  if (!f.place.name.empty()) out.set("place", string(f.place.name));
  if (!f.place.region.empty()) out.set("region", string(f.place.region));
  if (f.urgent) out.set("urgent", json::Value::boolean(true));
  if (f.emergency) out.set("emergency", json::Value::boolean(true));
  if (!f.elsewhere.empty()) out.set("elsewhere", string(f.elsewhere));
  if (!f.sealed.empty()) out.set("sealed", string(f.sealed));
  return out;
}

json::Value facts_of(Knowledge const& k, std::string_view code, Words const& words, Date day) {
  Place const place = k.duties.find_place(words.place, words.text, words.region);
  auto const assignment = k.duties.assign(code, place, words.text, words.about_unit, day);
  if (!assignment) return {};
  json::Value out = json::Value::object({{"unit", string(assignment->lead)}});
  put_assignment(out, k, *assignment, day);
  if (!place.name.empty()) out.set("place", string(place.name));
  if (!place.region.empty()) out.set("region", string(place.region));
  if (assignment->urgent) out.set("urgent", json::Value::boolean(true));
  return out;
}

std::string redact(std::string_view text) {
  std::u32string t = utf8::to_utf32(text);
  for (std::size_t i = 0; i < t.size();) {
    auto digit = [&](std::size_t at) {
      return at < t.size() && ((t[at] >= U'0' && t[at] <= U'9') || (t[at] >= U'０' && t[at] <= U'９'));
    };
    if (digit(i)) {
      std::size_t end = i, digits = 0;
      while (digit(end) || (end < t.size() && (t[end] == U'-' || t[end] == U' ') && digit(end + 1))) digits += digit(end), ++end;
      if (digits >= 7) {
        if (end < t.size() && (t[end] == U'X' || t[end] == U'x')) ++end;
        std::fill(t.begin() + static_cast<std::ptrdiff_t>(i), t.begin() + static_cast<std::ptrdiff_t>(end), U'*');
      }
      i = end;
      continue;
    }
    // 粤A12345, also with a dot between.
    constexpr std::u32string_view kProvinces = U"京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼";
    auto plate = [&](std::size_t at) { return at < t.size() && (digit(at) || (t[at] >= U'A' && t[at] <= U'Z')); };
    if (kProvinces.find(t[i]) != std::u32string_view::npos && i + 1 < t.size() && t[i + 1] >= U'A' && t[i + 1] <= U'Z') {
      std::size_t end = i + 2, n = 0;
      if (end < t.size() && (t[end] == U'·' || t[end] == U' ')) ++end;
      while (plate(end) && n < 6) ++end, ++n;
      if (n >= 5) {
        std::fill(t.begin() + static_cast<std::ptrdiff_t>(i), t.begin() + static_cast<std::ptrdiff_t>(end), U'*');
        i = end;
        continue;
      }
    }
    for (std::u32string_view said :
         {std::u32string_view(U"我叫"), std::u32string_view(U"我的名字是"), std::u32string_view(U"我名叫"),
          std::u32string_view(U"我姓"), std::u32string_view(U"本人姓名"), std::u32string_view(U"本人叫"),
          std::u32string_view(U"本人姓")}) {
      if (t.compare(i, said.size(), said) != 0) continue;
      std::size_t at = i + said.size();
      for (int n = 0; n < 3 && at < t.size() && is_han(t[at]); ++n, ++at) t[at] = U'*';
    }
    ++i;
  }
  return utf8::from_utf32(t);
}

std::vector<std::string> reply_faults(Rules const& rules, std::string_view request, std::string_view reply) {
  std::vector<std::string> out;
  if (utf8::length(reply) < rules.reply_length_min)
    out.push_back(fmt::format("不到 {} 字，没有说完整 / under {} characters", rules.reply_length_min, rules.reply_length_min));
  for (std::string const& section : rules.sections) {
    if (reply.find(section) == std::string_view::npos) out.push_back("没有写“" + section + "” / nothing on '" + section + "'");
  }
  for (std::string const& word : rules.impolite) {
    if (reply.find(word) != std::string_view::npos) out.push_back("“" + word + "”不礼貌 / impolite: '" + word + "'");
  }
  if (redact(reply) != reply) out.push_back("含有号码或姓名 / it holds a number or a name");
  auto const asked = bigrams(request), answered = bigrams(reply);
  auto const shared =
      static_cast<std::size_t>(std::count_if(asked.begin(), asked.end(), [&](auto const& b) { return answered.contains(b); }));
  if (shared < rules.must_answer) out.push_back("没有回应诉求里的事 / it does not speak of what was asked");
  return out;
}

double similarity(std::string_view a, std::string_view b) {
  auto const x = bigrams(a), y = bigrams(b);
  if (x.empty() || y.empty()) return 0;
  auto const shared = std::count_if(x.begin(), x.end(), [&](auto const& g) { return y.contains(g); });
  return 2.0 * static_cast<double>(shared) / static_cast<double>(x.size() + y.size());
}

}  // namespace yiwang::service_request

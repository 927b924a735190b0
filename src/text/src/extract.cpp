#include "yiwang/text/extract.hpp"

#include <algorithm>
#include <cmath>

#include "yiwang/base/utf8.hpp"

namespace yiwang::text {
namespace {

using View = std::u32string_view;

bool in(char32_t c, View set) { return set.find(c) != View::npos; }
bool is_digit(char32_t c) { return c >= U'0' && c <= U'9'; }
bool is_letter(char32_t c) { return c >= U'a' && c <= U'z'; }
bool is_han(char32_t c) { return (c >= 0x4E00 && c <= 0x9FFF) || (c >= 0x3400 && c <= 0x4DBF) || c >= 0x20000; }

/// A name begins after one of these, which stand in few names.
constexpr View kBreaks =
    U"在到的得地了着过是有我你他她它们咱这那哪其某个家间请求投诉反映关于对把被与和及跟同给向找问叫让使将从位附近旁边侧前后外里内"
    U"每"
    U"各两几些无不没也就都还又才只因为由但而且所以如果去来说讲告打发付交欠退拖骗买卖租住开进出回看见听想要能会可应该希望经常今昨"
    U"明天日月年号一二三四五六七八九十百千万嘅啲哋咗喺";
constexpr std::size_t kStemMin = 2, kStemMax = 10;

/// Family names; the double ones first. What follows them decides whether somebody is named.
constexpr std::array<View, 8> kDoubleNames{U"欧阳", U"司马", U"上官", U"诸葛", U"司徒", U"东方", U"夏侯", U"皇甫"};
constexpr View kFamilyNames =
    U"赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦尤许何吕张孔曹严华金魏陶姜戚谢邹喻柏窦章苏潘葛范彭郎鲁韦马苗凤方俞任袁柳鲍史唐费廉岑薛"
    U"雷贺"
    U"倪汤滕殷罗毕郝邬安常乐于傅皮卞齐康伍余顾孟黄穆萧尹姚邵汪祁毛狄臧戴宋庞熊纪舒屈项祝董梁杜阮蓝闵席季贾江童颜郭梅盛林钟徐邱骆"
    U"高夏"
    U"蔡田樊胡凌霍虞万柯管卢莫经房裘缪丁邓郁崔吉龚程邢裴陆荣翁曾关温庄晏瞿阎连习艾向古易慎廖耿满弘匡文寇广阙东沃利蔚越师巩聂晁冷"
    U"辛"
    U"简饶沙丰刘叶龙段侯武谭白赖申肖";
/// How somebody is spoken of after the family name.
constexpr std::array<View, 34> kAddresses{U"先生", U"女士", U"小姐", U"同志",   U"经理", U"总监", U"老师", U"医生", U"大夫",
                                          U"护士", U"主任", U"书记", U"校长",   U"院长", U"园长", U"局长", U"科长", U"处长",
                                          U"所长", U"站长", U"队长", U"师傅",   U"老板", U"阿姨", U"大爷", U"大妈", U"叔叔",
                                          U"律师", U"警官", U"法官", U"姓业主", U"某某", U"某",   U"总"};
constexpr std::array<View, 9> kCalled{U"我的名字是", U"本人姓名", U"我名叫", U"名字叫", U"姓名是",
                                      U"姓名",       U"本人叫",   U"我叫",   U"名叫"};
constexpr View kProvinces = U"京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼";

/// Ends of names of places that hold by themselves.
constexpr std::array<View, 24> kPlaceEnds{U"小区", U"花园", U"新村",   U"新城", U"广场", U"公园", U"大厦",   U"家园",
                                          U"公寓", U"山庄", U"大桥",   U"大道", U"社区", U"市场", U"工业园", U"中学",
                                          U"小学", U"医院", U"地铁站", U"路",   U"街",   U"村",   U"苑",     U"巷"};
/// After one of these characters 路, 街, 村 are no end of a name, and before these they are none either.
constexpr View kNotBeforeEnd =
                   U"道马公铁线电出一修走绕改让带顺半思网全农进过拦铺水管通来回问迷弯上下逛大小整条堵封占断对各每"
                   U"这那哪个了的在去是有在边沿满旁",
               kNotAfterEnd = U"灯面口上边人由过线政警费牌基费程况段中旁途障霸桩道坊坡委民";

bool spoken_at(View s, std::size_t at, View word) { return s.substr(at, word.size()) == word; }

}  // namespace

std::string_view to_string(FactKind kind) {
  static constexpr std::string_view kNames[] = {"object",       "trouble", "place",  "time",
                                                "organisation", "role",    "person", "vehicle"};
  return kNames[static_cast<std::size_t>(kind)];
}

double WordCounts::rareness(std::string const& word) const {
  if (documents_ == 0) return 1;
  auto const at = documents_of_.find(word);
  double const n = at == documents_of_.end() ? 0 : static_cast<double>(at->second);
  return std::log((static_cast<double>(documents_) + 1) / (n + 0.5));
}

Extractor::Extractor(Wording const& w, TextOptions options) : days_(w.days), options_(options) {
  auto all = [&](std::vector<Called> const& list, Class type) {
    for (Called const& c : list) {
      add(c.name, type, c.name);
      for (std::string const& word : c.words) add(word, type, c.name);
    }
  };
  all(w.objects, Class::object);
  all(w.troubles, Class::trouble);
  all(w.roles, Class::role);
  for (Ending const& e : w.organisations) add(e.word, Class::organisation, e.word, e.alone);
  for (std::string const& p : w.places) add(p, Class::place, p);
  for (std::string const& t : w.terms) add(t, Class::term, t);
  for (NamedDays& d : days_) {
    for (std::u32string& word : d.words) word = plain(word);
    std::stable_sort(d.words.begin(), d.words.end(), [](auto const& a, auto const& b) { return a.size() > b.size(); });
  }
  std::stable_sort(words_.begin(), words_.end(), [](Word const& a, Word const& b) {
    return a.text[0] != b.text[0] ? a.text[0] < b.text[0] : a.text.size() > b.text.size();
  });
  for (std::size_t i = 0; i < words_.size(); ++i) {
    auto [at, fresh] = starts_.try_emplace(words_[i].text[0], i, i + 1);
    if (!fresh) at->second.second = i + 1;
  }
}

void Extractor::add(std::string const& word, Class type, std::string const& name, bool alone) {
  if (word.empty() || !utf8::is_valid(word)) return;
  auto const [at, fresh] = name_index_.try_emplace(name, static_cast<std::uint32_t>(names_.size()));
  if (fresh) names_.push_back(name);
  words_.push_back({plain(utf8::to_utf32(word)), type, at->second, alone});
}

std::vector<Extractor::Hit> Extractor::hits(View text) const {
  std::vector<Hit> out;
  std::array<std::size_t, 6> taken{};  // by class: where the last one ends
  for (std::size_t i = 0; i < text.size(); ++i) {
    auto const at = starts_.find(text[i]);
    if (at == starts_.end()) continue;
    for (std::size_t w = at->second.first; w < at->second.second; ++w) {
      Word const& word = words_[w];
      std::size_t& end = taken[static_cast<std::size_t>(word.type)];
      if (i < end || !spoken_at(text, i, word.text)) continue;
      end = i + word.text.size();
      out.push_back({static_cast<std::uint32_t>(i), static_cast<std::uint32_t>(end), &word});
    }
  }
  // What lies within a longer word of another kind is not said: 灯 in 信号灯. Ends of organisations are looked at apart, and no
  // word is long, so only neighbours can hold one.
  constexpr std::uint32_t kLong = 16;
  std::vector<Hit> kept;
  for (std::size_t n = 0; n < out.size(); ++n) {
    Hit const& h = out[n];
    auto holds = [&](Hit const& o) {
      if (o.word->type == Class::term || o.word->type == Class::organisation || h.word->type == Class::organisation) return false;
      if (o.word->type == Class::trouble && h.word->type == Class::object) return false;  // 合同 in 没签合同
      return o.begin <= h.begin && o.end >= h.end && o.end - o.begin > h.end - h.begin;
    };
    bool within = false;
    for (std::size_t k = n; !within && k > 0 && out[k - 1].begin + kLong > h.begin; --k) within = holds(out[k - 1]);
    for (std::size_t k = n + 1; !within && k < out.size() && out[k].begin == h.begin; ++k) within = holds(out[k]);
    if (!within) kept.push_back(h);
  }
  return kept;
}

void Extractor::people_in(View s, std::vector<Fact>& out) const {
  auto put = [&](FactKind kind, std::size_t begin, std::size_t end, std::string value) {
    if (!out.empty() && begin < out.back().end && (out.back().kind == FactKind::person || out.back().kind == FactKind::vehicle))
      return;
    out.push_back({kind, static_cast<std::uint32_t>(begin), static_cast<std::uint32_t>(end), std::move(value), {}});
  };
  for (std::size_t i = 0; i < s.size(); ++i) {
    if (in(s[i], kProvinces) && i + 1 < s.size() && is_letter(s[i + 1])) {
      std::size_t end = i + 2, n = 0;
      while (end < s.size() && (s[end] == U'·' || s[end] == U'.' || s[end] == U' ' || s[end] == U'-') && n == 0) ++end;
      while (end < s.size() && n < 6 && (is_letter(s[end]) || is_digit(s[end]))) ++end, ++n;
      if (n >= 4) {
        put(FactKind::vehicle, i, end, utf8::from_utf32(s.substr(i, 1)) + static_cast<char>(s[i + 1] - 32) + "*****");
        i = end - 1;
        continue;
      }
    }
    for (View said : kCalled) {
      if (!spoken_at(s, i, said)) continue;
      std::size_t begin = i + said.size(), end = begin;
      while (end < s.size() && end - begin < 3 && is_han(s[end])) ++end;
      if (end - begin >= 2 && s.substr(begin, 2) != U"什么" && s.substr(begin, 2) != U"不应" && s.substr(begin, 2) != U"天天")
        put(FactKind::person, begin, end, utf8::from_utf32(s.substr(begin, 1)) + "**");
      break;
    }
    if (i < 1) continue;
    for (View address : kAddresses) {
      if (!spoken_at(s, i, address)) continue;
      // 张经理, 欧阳医生, 王小明先生: the family name stands one to three characters before.
      std::size_t begin = 0, length = 0;
      if (i >= 2 && std::find(kDoubleNames.begin(), kDoubleNames.end(), s.substr(i - 2, 2)) != kDoubleNames.end())
        begin = i - 2, length = 2;
      else if (in(s[i - 1], kFamilyNames) &&
               !(i >= 2 && is_han(s[i - 2]) && !in(s[i - 2], kBreaks) && !in(s[i - 2], U"位名叫姓是找") &&
                 (address.size() == 1 || !in(s[i - 2], U"部门司店院校局厂区业公管园区队司师"))))
        begin = i - 1, length = 1;
      if (length == 0 && address.size() == 2 &&
          (address == U"先生" || address == U"女士" || address == U"小姐" || address == U"同志")) {
        for (std::size_t back : {std::size_t{3}, std::size_t{2}}) {
          if (i < back || !in(s[i - back], kFamilyNames) ||
              !std::all_of(s.begin() + static_cast<std::ptrdiff_t>(i - back), s.begin() + static_cast<std::ptrdiff_t>(i), is_han))
            continue;
          if (in(s[i - 1], kBreaks) && back == 2) continue;
          begin = i - back, length = back;
          break;
        }
      }
      if (length == 0) continue;
      if (address == U"总" && i + 1 < s.size() && is_han(s[i + 1]) && !in(s[i + 1], kBreaks)) continue;  // 张总 but not 方总体
      // 高老师 is somebody, 高龄先生 is not read; 经常某某 and 任何同志 neither.
      if (address == U"某" && length == 1 && i + 1 < s.size() && in(s[i + 1], U"个些种天日次人")) continue;
      put(FactKind::person, begin, i + address.size(),
          utf8::from_utf32(s.substr(begin, length == 2 && begin + 2 == i && in(s[begin], U"欧司上诸东夏皇") ? 2 : 1)) + "*" +
              utf8::from_utf32(address));
      break;
    }
  }
}

void Extractor::organisations_in(View s, std::vector<Hit> const& hits, std::vector<Fact>& out) const {
  std::size_t taken = 0;
  for (std::size_t n = 0; n < hits.size(); ++n) {
    Hit const& h = hits[n];
    if (h.word->type != Class::organisation || h.begin < taken) continue;
    // 物业费, 店员, 学校门口: what belongs to it, or a place, is not the party.
    char32_t const next = h.end < s.size() ? s[h.end] : U'\0';
    if (in(next, U"费证员主群")) continue;
    if (next == U'门' || next == U'旁' || next == U'附' || next == U'周' || spoken_at(s, h.end, U"对面") ||
        spoken_at(s, h.end, U"楼下") || spoken_at(s, h.end, U"路口") || spoken_at(s, h.end, U"后面") ||
        spoken_at(s, h.end, U"前面") || spoken_at(s, h.end, U"出口") || spoken_at(s, h.end, U"停车") ||
        spoken_at(s, h.end, U"东") || spoken_at(s, h.end, U"西") || spoken_at(s, h.end, U"南") || spoken_at(s, h.end, U"北"))
      continue;
    std::size_t begin = h.begin;
    while (begin > taken && h.begin - begin < kStemMax &&
           (is_han(s[begin - 1]) || is_letter(s[begin - 1]) || is_digit(s[begin - 1])) && !in(s[begin - 1], kBreaks))
      --begin;
    // What happened or what it is about is not part of the name.
    for (std::size_t k = n; k > 0 && hits[k - 1].begin + 2 * kStemMax > h.begin; --k) {
      Hit const& o = hits[k - 1];
      bool const said = o.word->type == Class::trouble || o.word->type == Class::role;
      if (said && o.end > begin && o.end <= h.begin) begin = o.end;
    }
    bool const named = h.begin - begin >= kStemMin;
    if (!named && !h.word->alone) continue;
    if (!named) begin = h.begin;
    taken = h.end;
    out.push_back(
        {FactKind::organisation, static_cast<std::uint32_t>(begin), h.end, utf8::from_utf32(s.substr(begin, h.end - begin)), {}});
  }
}

void Extractor::places_in(View s, std::vector<Moment> const& times, std::vector<Fact>& out) const {
  std::size_t taken = 0, time = 0, floor = 0;
  std::vector<std::pair<std::uint32_t, std::uint32_t>> known;
  for (Fact const& f : out) {
    known.emplace_back(f.begin, f.end);  // 司机绕路 holds somebody and no road
  }
  for (std::size_t i = kStemMin; i < s.size(); ++i) {
    auto const end = std::find_if(kPlaceEnds.begin(), kPlaceEnds.end(), [&](View e) { return spoken_at(s, i, e); });
    if (end == kPlaceEnds.end() || i < taken + kStemMin) continue;
    std::size_t const stop = i + end->size();
    if (end->size() == 1 &&
        (in(s[i - 1], kNotBeforeEnd) || (stop < s.size() && in(s[stop], kNotAfterEnd) && s[stop] != U'口' && s[stop] != U'上' &&
                                         s[stop] != U'边' && s[stop] != U'旁' && s[stop] != U'段')))
      continue;
    std::size_t begin = i;
    while (time < times.size() && times[time].end <= i) floor = times[time++].end;
    while (begin > std::max(taken, floor) && i - begin < 5 && is_han(s[begin - 1]) && !in(s[begin - 1], kBreaks)) --begin;
    if (i - begin < kStemMin || i - begin > 4) continue;  // longer: where it begins is not sure
    taken = stop;
    if (std::any_of(known.begin(), known.end(), [&](auto const& k) { return k.first < stop && k.second > begin; })) continue;
    out.push_back({FactKind::place, static_cast<std::uint32_t>(begin), static_cast<std::uint32_t>(stop), {}, {}});
  }
}

std::vector<Fact> Extractor::read(std::string_view text, Instant said) const {
  std::vector<Fact> out;
  if (!utf8::is_valid(text)) return out;
  std::u32string const s = plain(utf8::to_utf32(utf8::substring(text, 0, options_.code_points_max)));
  people_in(s, out);
  auto const personal = out;
  auto free = [&](std::uint32_t begin, std::uint32_t end) {
    return std::none_of(personal.begin(), personal.end(), [&](Fact const& p) { return begin < p.end && end > p.begin; });
  };
  auto const found = hits(s);
  for (Hit const& h : found) {
    FactKind kind{};
    switch (h.word->type) {
      case Class::object: kind = FactKind::object; break;
      case Class::trouble: kind = FactKind::trouble; break;
      case Class::role: kind = FactKind::role; break;
      case Class::place: kind = FactKind::place; break;
      case Class::organisation:
      case Class::term: continue;
    }
    if (free(h.begin, h.end)) out.push_back({kind, h.begin, h.end, names_[h.word->name], {}});
  }
  auto const times = find_moments(s, said, days_);
  places_in(s, times, out);
  std::size_t const before = out.size();
  organisations_in(s, found, out);
  // The name of an organisation may hold that of a person who is named beside it.
  out.erase(std::remove_if(out.begin() + static_cast<std::ptrdiff_t>(before), out.end(),
                           [&](Fact const& f) { return !free(f.begin, f.end); }),
            out.end());
  // 装修 in the name of a company is not what it is about.
  std::vector<std::pair<std::uint32_t, std::uint32_t>> names;
  for (std::size_t k = before; k < out.size(); ++k) names.emplace_back(out[k].begin, out[k].end);
  std::erase_if(out, [&](Fact const& f) {
    if (f.kind != FactKind::object && f.kind != FactKind::trouble) return false;
    auto const at = std::upper_bound(names.begin(), names.end(), std::pair(f.begin, ~0U));
    return at != names.begin() && std::prev(at)->second >= f.end;
  });
  for (Moment const& m : times) {
    if (free(m.begin, m.end))
      out.push_back({FactKind::time, m.begin, m.end, utf8::from_utf32(View(s).substr(m.begin, m.end - m.begin)), m});
  }
  for (Fact& f : out) {
    if (f.kind != FactKind::object && f.kind != FactKind::trouble && f.kind != FactKind::role && f.kind != FactKind::place)
      f.listed = false;
    if (f.kind == FactKind::place && f.value.empty())
      f.listed = false, f.value = utf8::from_utf32(View(s).substr(f.begin, f.end - f.begin));
  }
  std::stable_sort(out.begin(), out.end(),
                   [](Fact const& a, Fact const& b) { return a.begin != b.begin ? a.begin < b.begin : a.end > b.end; });
  if (out.size() > options_.facts_max) out.resize(options_.facts_max);
  return out;
}

std::vector<std::string> Extractor::words_in(std::string_view text) const {
  std::vector<std::string> out;
  if (!utf8::is_valid(text)) return out;
  std::u32string const s = plain(utf8::to_utf32(utf8::substring(text, 0, options_.code_points_max)));
  for (Hit const& h : hits(s)) {
    if (h.word->type == Class::organisation || h.word->type == Class::role) continue;
    std::string const& name = names_[h.word->name];
    if (std::find(out.begin(), out.end(), name) == out.end()) out.push_back(name);
  }
  return out;
}

std::string title_of(std::vector<Fact> const& facts, Places places, std::size_t most) {
  Fact const *place = nullptr, *object = nullptr, *trouble = nullptr;
  std::int64_t nearest = 0;
  for (Fact const& f : facts) {
    bool const may = f.kind == FactKind::place && (f.listed || places == Places::any);
    if (may && (place == nullptr || (f.listed && !place->listed))) place = &f;
  }
  // The object and the trouble that stand nearest to each other; the earlier pair of equal ones.
  for (Fact const& o : facts) {
    if (o.kind != FactKind::object) continue;
    for (Fact const& t : facts) {
      if (t.kind != FactKind::trouble) continue;
      std::int64_t const gap = t.begin >= o.end ? t.begin - o.end : o.begin >= t.end ? (o.begin - t.end) * 2 : 0;
      if (object == nullptr || gap < nearest) object = &o, trouble = &t, nearest = gap;
    }
  }
  constexpr std::int64_t kFar = 16;
  if (object != nullptr && nearest > kFar) object = trouble = nullptr;
  for (Fact const& f : facts) {
    if (object == nullptr && trouble == nullptr && f.kind == FactKind::trouble) trouble = &f;
  }
  for (Fact const& f : facts) {
    if (object == nullptr && trouble == nullptr && f.kind == FactKind::object) object = &f;
  }
  if (object == nullptr && trouble == nullptr) return {};
  std::string what;
  if (object == nullptr || trouble == nullptr)
    what = object == nullptr ? trouble->value : object->value;
  else if (trouble->value.find(object->value) != std::string::npos)
    what = trouble->value;
  else
    what = object->begin <= trouble->begin ? object->value + trouble->value : trouble->value + object->value;
  if (place != nullptr && what.find(place->value) == std::string::npos && utf8::length(place->value) + utf8::length(what) <= most)
    what = place->value + what;
  return std::string(utf8::substring(what, 0, most));
}

std::vector<std::string> keywords_of(std::vector<Fact> const& facts, std::vector<std::string> const& words,
                                     WordCounts const& counts, std::size_t most) {
  std::map<std::string, double> weight;
  for (std::string const& w : words) weight[w] = 0.7;  // a word that is neither: a term
  for (Fact const& f : facts) {
    double const share = f.kind == FactKind::object    ? 1.5
                         : f.kind == FactKind::place   ? 1.2
                         : f.kind == FactKind::trouble ? 1.0
                                                       : 0;
    if (share == 0 || !f.listed) continue;
    double& w = weight[f.value];
    w = w < 0.8 ? share : w + share / 2;  // said again counts half
  }
  std::vector<std::pair<double, std::string>> order;
  for (auto const& [word, w] : weight) {
    double const length = static_cast<double>(std::min<std::size_t>(4, utf8::length(word)));
    order.emplace_back(w * counts.rareness(word) * std::sqrt(length), word);
  }
  std::sort(order.begin(), order.end(),
            [](auto const& a, auto const& b) { return a.first != b.first ? a.first > b.first : a.second < b.second; });
  std::vector<std::string> out;
  for (auto const& one : order) {
    std::string const& word = one.second;  // clang 14 captures no binding
    if (out.size() == most) break;
    // 垃圾 beside 垃圾桶 says nothing more.
    if (std::none_of(out.begin(), out.end(), [&](std::string const& o) { return o.find(word) != std::string::npos; }))
      out.push_back(word);
  }
  return out;
}

std::string without_persons(std::string_view text, std::vector<Fact> const& facts) {
  if (!utf8::is_valid(text)) return {};
  std::u32string s = utf8::to_utf32(text);
  for (Fact const& f : facts) {
    if (f.kind != FactKind::person && f.kind != FactKind::vehicle) continue;
    for (std::size_t i = f.begin; i < f.end && i < s.size(); ++i) s[i] = U'*';
  }
  return utf8::from_utf32(s);
}

}  // namespace yiwang::text

#include <algorithm>
#include <array>

#include "yiwang/base/utf8.hpp"
#include "yiwang/text/hotspots.hpp"

namespace yiwang::text {
namespace {

constexpr std::size_t kRead = 400;  ///< code points of a message: where something happens is said early
constexpr std::size_t kStem = 2, kStemMax = 10;

bool is_han(char32_t c) { return (c >= 0x4E00 && c <= 0x9FFF) || (c >= 0x3400 && c <= 0x4DBF) || c >= 0x20000; }

/// Ends of names of places, those of two characters first. `wide`: what is written around a place as often as it is one.
struct End {
  std::u32string_view text;
  bool wide = false;
};
constexpr std::array kEnds{
    End{U"小区"}, End{U"花园"}, End{U"新城"}, End{U"广场"},       End{U"公园"},     End{U"学校"}, End{U"小学"}, End{U"中学"},
    End{U"医院"}, End{U"市场"}, End{U"大厦"}, End{U"家园"},       End{U"公寓"},     End{U"山庄"}, End{U"大桥"}, End{U"车站"},
    End{U"社区"}, End{U"大道"}, End{U"村委"}, End{U"街道", true}, End{U"镇", true}, End{U"路"},   End{U"街"},   End{U"村"},
    End{U"苑"},   End{U"园"},   End{U"城"},   End{U"湾"},         End{U"府", true}, End{U"院"},   End{U"郡"}};
/// A name begins after one of these, which stand in few names.
constexpr std::u32string_view kBreaks =
    U"在到的是有我们请求投诉关于对把被与和及从位于附近旁边市区县省，。、 "
    U"个这那哪其无由去不因为了就也都该后前向将让给使等要需希望而且此离宜着随视吁";
/// With the character before it the end is a common word, and with the one after it the middle of one.
constexpr std::array<std::u32string_view, 18> kWordsBefore{U"政府", U"法院", U"道路", U"马路", U"公路", U"铁路",
                                                           U"线路", U"电路", U"学院", U"出路", U"一路", U"修路",
                                                           U"住院", U"出院", U"医院", U"农村", U"全村", U"进城"};
constexpr std::array<std::u32string_view, 8> kWordsAfter{U"城市", U"城管", U"城乡", U"路线", U"园林", U"园区", U"院长", U"村民"};

bool ends_here(std::u32string_view s, std::size_t at, End const& end) {
  if (s.substr(at, end.text.size()) != end.text) return false;
  std::size_t const stop = at + end.text.size();
  auto const one_of = [](auto const& words, std::u32string_view word) {
    return std::find(words.begin(), words.end(), word) != words.end();
  };
  if (end.text.size() == 1 && at > 0 && one_of(kWordsBefore, s.substr(at - 1, 2))) return false;
  return !(end.text.size() == 1 && stop < s.size() && one_of(kWordsAfter, s.substr(at, 2)));
}

/// A possible name and in how many messages it stands.
struct Name {
  std::u32string_view text;
  std::size_t end;  ///< in kEnds
  std::size_t messages = 0;
};

}  // namespace

std::string place_of(std::vector<Message const*> const& messages) {
  std::vector<std::u32string> texts;
  texts.reserve(messages.size());
  for (Message const* m : messages) {
    texts.push_back(normalise(m->title) + U'\0' + normalise(m->detail));
    if (texts.back().size() > kRead) texts.back().resize(kRead);
  }
  std::vector<Name> all;  // those of one message once each
  for (std::u32string_view s : texts) {
    std::size_t const from = all.size();
    for (std::size_t i = kStem; i < s.size(); ++i) {
      auto const end = std::find_if(kEnds.begin(), kEnds.end(), [&](End const& e) { return ends_here(s, i, e); });
      if (end == kEnds.end()) continue;
      for (std::size_t begin = i; begin > 0 && i - begin < kStemMax && is_han(s[begin - 1]) &&
                                  kBreaks.find(s[begin - 1]) == std::u32string_view::npos;) {
        --begin;
        if (i - begin < kStem) continue;
        all.push_back({s.substr(begin, i - begin + end->text.size()), static_cast<std::size_t>(end - kEnds.begin()), 1});
      }
    }
    auto const less = [](Name const& a, Name const& b) { return a.text < b.text; };
    std::sort(all.begin() + static_cast<std::ptrdiff_t>(from), all.end(), less);
    all.erase(std::unique(all.begin() + static_cast<std::ptrdiff_t>(from), all.end(),
                          [](Name const& a, Name const& b) { return a.text == b.text; }),
              all.end());
  }
  std::sort(all.begin(), all.end(), [](Name const& a, Name const& b) { return a.text < b.text; });
  std::vector<Name> names;
  for (Name const& name : all) {
    if (!names.empty() && names.back().text == name.text)
      ++names.back().messages;
    else
      names.push_back(name);
  }
  // The ending that most of them name, of those with the shortest stem; then to the left as long as most go on alike, which is
  // where the name begins.
  Name const* best = nullptr;
  auto const weight = [](Name const& n) { return 2 * n.messages - (kEnds[n.end].wide ? n.messages / 2 : 0); };
  for (Name const& name : names) {
    if (name.text.size() - kEnds[name.end].text.size() != kStem) continue;
    if (best == nullptr || weight(name) > weight(*best) ||
        (weight(name) == weight(*best) && kEnds[name.end].text.size() > kEnds[best->end].text.size()))
      best = &name;
  }
  if (best == nullptr || best->messages < 2 || best->messages * 10 < messages.size() * 3) return {};
  for (bool longer = true; longer;) {
    longer = false;
    for (Name const& name : names) {
      if (name.text.size() != best->text.size() + 1 || !name.text.ends_with(best->text)) continue;
      if (name.messages * 10 < best->messages * 6) continue;
      best = &name;
      longer = true;
      break;
    }
  }
  return utf8::from_utf32(best->text);
}

}  // namespace yiwang::text

#include "yiwang/matter/guidance.hpp"

#include <algorithm>
#include <cmath>
#include <unordered_map>

#include "yiwang/base/utf8.hpp"

namespace yiwang::matter {
namespace {

constexpr std::size_t kQuestionMax = 200;
// Weights of where a pair of characters stands, and of the other signs. Chosen by reasoning, then tried on
// spec/guidance; the report of the test says how well.
constexpr double kName = 3.0, kWord = 2.0, kBasic = 1.0, kSummary = 1.2, kMaterial = 0.4, kCondition = 0.5;
constexpr double kWholeWord = 2.6, kAlmostWord = 1.5, kHandling = 3.0, kOtherHandling = 2.5, kPrior = 0.35, kSynonym = 0.6;

/// Lower case, without blanks and marks.
std::u32string plain(std::string_view text) {
  std::u32string out;
  std::u32string const all = utf8::to_utf32(text);
  for (char32_t c : all) {
    if (c >= U'A' && c <= U'Z') c += 32;
    if (c >= 0xFF01 && c <= 0xFF5E) c -= 0xFEE0;
    bool const mark = c < 0x30 || (c > 0x39 && c < 0x61) || (c > 0x7A && c < 0x3400) || (c >= 0xFF00 && c <= 0xFFEF);
    if (!mark) out.push_back(c);
  }
  return out;
}

std::uint64_t pair_of(char32_t a, char32_t b) { return (static_cast<std::uint64_t>(a) << 32) | b; }

/// The word stands in the text, but for one character (a typing mistake). In a word of three it is not the first: "章丢了" is
/// about something else than "证丢了".
bool almost_in(std::u32string const& text, std::u32string const& word) {
  if (word.size() < 3 || text.size() < word.size()) return false;
  for (std::size_t at = 0; at + word.size() <= text.size(); ++at) {
    if (word.size() == 3 && text[at] != word[0]) continue;
    std::size_t wrong = 0;
    for (std::size_t i = 0; i < word.size() && wrong < 2; ++i) wrong += text[at + i] != word[i];
    if (wrong <= 1) return true;
  }
  return false;
}

/// Words of Latin letters, lower case, without those that say nothing about the matter; a plural counts as its singular.
std::vector<std::string> english_words(std::string_view text) {
  static constexpr std::string_view kNothing[] = {"the",  "and",  "for",   "how",   "can",  "get",  "want", "need",
                                                  "with", "what", "where", "from",  "are",  "does", "you",  "not",
                                                  "your", "have", "has",   "apply", "into", "that", "this", "who"};
  std::vector<std::string> out;
  std::string word;
  auto const end = [&] {
    if (word.size() > 4 && word.ends_with("ies")) word.replace(word.size() - 3, 3, "y");
    if (word.size() > 3 && word.ends_with('s') && !word.ends_with("ss")) word.pop_back();
    if (word.size() > 2 && std::find(std::begin(kNothing), std::end(kNothing), word) == std::end(kNothing)) out.push_back(word);
    word.clear();
  };
  for (char c : text) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
    if (c >= 'a' && c <= 'z')
      word += c;
    else
      end();
  }
  end();
  return out;
}

}  // namespace

struct Guide::Index {
  struct Entry {
    Matter const* matter;
    std::unordered_map<std::uint64_t, double> pairs;
    std::vector<std::pair<std::u32string, std::string>> words;
    std::unordered_map<std::string, double> english;  ///< of matters that have English texts
    double prior = 0, norm = 1;
  };
  std::shared_ptr<Catalogue const> catalogue;
  Date day;
  std::vector<Entry> entries;
  std::unordered_map<std::uint64_t, int> in_how_many;
  std::unordered_map<std::u32string, int> word_in_how_many;
  std::unordered_map<std::string, int> english_in_how_many;
  std::vector<std::pair<std::vector<std::u32string>, std::vector<std::u32string>>> synonyms;
  std::vector<std::pair<std::string, std::vector<std::u32string>>> handling;
  std::vector<std::u32string> fillers;

  void put(Entry& e, std::string_view text, double weight) {
    std::u32string const p = plain(text);
    for (std::size_t i = 0; i + 1 < p.size(); ++i) {
      double& w = e.pairs[pair_of(p[i], p[i + 1])];
      w = std::max(w, weight);
    }
  }
  void put_english(Entry& e, std::string_view text, double weight) {
    for (std::string& word : english_words(text)) {
      double& w = e.english[std::move(word)];
      w = std::max(w, weight);
    }
  }
  /// What an English question finds: its words among the English texts of the matters that have them.
  std::vector<Hit> find_english(std::vector<std::string> const& words, std::size_t limit) const {
    constexpr double kLeast = 6;
    std::vector<Hit> hits;
    for (Entry const& e : entries) {
      Hit hit{e.matter, 0, {}};
      for (std::string const& word : words) {
        auto it = e.english.find(word);
        if (it == e.english.end()) continue;
        hit.score += it->second * rarity(english_in_how_many.at(word));
        hit.because.push_back(word);
      }
      if (hit.score >= kLeast) hits.push_back(std::move(hit));
    }
    std::stable_sort(hits.begin(), hits.end(), [](Hit const& a, Hit const& b) { return a.score > b.score; });
    if (hits.size() > limit) hits.resize(limit);
    return hits;
  }
  double rarity(int n) const { return std::log(1.0 + static_cast<double>(entries.size()) / (1.0 + n)); }
};

Guide::Guide(std::unique_ptr<Index> index) : index_(std::move(index)) {}
Guide::~Guide() = default;
Catalogue const& Guide::catalogue() const { return *index_->catalogue; }
Date Guide::day() const { return index_->day; }

std::shared_ptr<Guide const> Guide::make(std::shared_ptr<Catalogue const> catalogue, Date day) {
  auto index = std::make_unique<Index>();
  index->catalogue = std::move(catalogue);
  index->day = day;
  for (Matter const* m : index->catalogue->in_force(day)) {
    Index::Entry e{m, {}, {}, {}, std::log1p(static_cast<double>(m->yearly)), 1};
    index->put(e, m->name, kName);
    index->put(e, m->basic, kBasic);
    index->put(e, m->summary, kSummary);
    for (std::string const& c : m->conditions) index->put(e, c, kCondition);
    for (Material const& x : m->materials) index->put(e, x.name, kMaterial);
    for (Question const& q : m->questions) {
      for (Answer const& a : q.answers) index->put(e, a.label, kMaterial);
    }
    std::set<std::u32string> seen;
    auto word = [&](std::string const& text) {
      std::u32string p = plain(text);
      if (p.size() < 2 || !seen.insert(p).second) return;
      e.words.emplace_back(std::move(p), text);
    };
    for (std::string const& w : m->words) {
      index->put(e, w, kWord);
      word(w);
    }
    word(m->basic);
    for (auto const& [element, text] : m->en)
      index->put_english(e, text, element == "name" ? kName : element == "summary" ? kWord : kCondition);
    for (auto const& [w, weight] : e.english) ++index->english_in_how_many[w];
    for (auto const& [pair, weight] : e.pairs) ++index->in_how_many[pair];
    for (auto const& [p, text] : e.words) ++index->word_in_how_many[p];
    index->entries.push_back(std::move(e));
  }
  auto all = [](std::vector<std::string> const& list) {
    std::vector<std::u32string> out;
    for (std::string const& item : list) out.push_back(plain(item));
    return out;
  };
  for (Synonym const& s : index->catalogue->synonyms()) index->synonyms.emplace_back(all(s.say), all(s.means));
  for (HandlingWords const& h : index->catalogue->handling_words()) index->handling.emplace_back(h.handling, all(h.words));
  index->fillers = all(index->catalogue->fillers());
  return std::shared_ptr<Guide const>(new Guide(std::move(index)));
}

std::vector<Hit> Guide::find(std::string_view question, std::size_t limit) const {
  Index const& index = *index_;
  bool const latin = std::none_of(question.begin(), question.end(), [](char c) { return static_cast<unsigned char>(c) >= 0x80; });
  if (latin) {
    auto found = index.find_english(english_words(utf8::substring(question, 0, kQuestionMax)), limit);
    if (!found.empty()) return found;  // otherwise letters that stand among Chinese words, as KTV
  }
  std::u32string const whole = plain(utf8::substring(question, 0, kQuestionMax));
  // What is said, pair by pair; pairs that only stand across a filler do not count.
  std::u32string text = whole;
  for (std::u32string const& filler : index.fillers) {
    for (auto at = text.find(filler); at != std::u32string::npos; at = text.find(filler, at + 1))
      text.replace(at, filler.size(), 1, U' ');
  }
  std::unordered_map<std::uint64_t, double> said;
  auto say = [&](std::u32string const& t, double weight) {
    for (std::size_t i = 0; i + 1 < t.size(); ++i) {
      if (t[i] == U' ' || t[i + 1] == U' ') continue;
      double& w = said[pair_of(t[i], t[i + 1])];
      w = std::max(w, weight);
    }
  };
  say(text, 1);
  std::u32string meant;
  for (auto const& [says, means] : index.synonyms) {
    bool const there =
        std::any_of(says.begin(), says.end(), [&](std::u32string const& s) { return whole.find(s) != std::u32string::npos; });
    if (!there) continue;
    for (std::u32string const& m : means) {
      say(m, kSynonym);
      meant += U' ' + m;
    }
  }
  std::set<std::string> handling;
  for (auto const& [kind, words] : index.handling) {
    if (std::any_of(words.begin(), words.end(), [&](std::u32string const& w) { return whole.find(w) != std::u32string::npos; }))
      handling.insert(kind);
  }
  std::vector<Hit> hits;
  for (Index::Entry const& e : index.entries) {
    Hit hit{e.matter, 0, {}};
    for (auto const& [pair, weight] : said) {
      auto it = e.pairs.find(pair);
      if (it != e.pairs.end()) hit.score += weight * it->second * index.rarity(index.in_how_many.at(pair));
    }
    for (auto const& [word, shown] : e.words) {
      double const rare = index.rarity(index.word_in_how_many.at(word)) * std::sqrt(static_cast<double>(word.size()));
      if (whole.find(word) != std::u32string::npos) {
        hit.score += kWholeWord * rare;
        hit.because.push_back(shown);
      } else if (almost_in(whole, word)) {
        hit.score += kAlmostWord * rare;
        hit.because.push_back(shown);
      }
    }
    if (hit.score <= 0) continue;
    if (!handling.empty()) {
      if (handling.contains(e.matter->handling))
        hit.score += kHandling;
      else if (e.matter->handling == "new" || e.matter->handling == "renew" || e.matter->handling == "change" ||
               e.matter->handling == "replacement" || e.matter->handling == "cancel")
        hit.score -= kOtherHandling;
    } else if (e.matter->handling == "renew" || e.matter->handling == "change" || e.matter->handling == "replacement" ||
               e.matter->handling == "cancel") {
      hit.score -= kOtherHandling;
    }
    hit.score += kPrior * e.prior * std::min(1.0, hit.score / 10);
    hits.push_back(std::move(hit));
  }
  std::stable_sort(hits.begin(), hits.end(), [](Hit const& a, Hit const& b) { return a.score > b.score; });
  // What shares only a pair or two with the question is no answer.
  while (!hits.empty() && hits.back().score < 6) hits.pop_back();
  if (hits.size() > limit) hits.resize(limit);
  return hits;
}

bool clear(std::vector<Hit> const& hits) { return hits.size() == 1 || (hits.size() > 1 && hits[0].score > 1.6 * hits[1].score); }

}  // namespace yiwang::matter

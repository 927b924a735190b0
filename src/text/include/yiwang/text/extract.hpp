#pragma once
// What a request says, read from its words: what it is about, what is wrong, where, when, and who is named. From lists of words
// that the caller gives and from forms that do not change (clock times, plates, forms of address). Pure; one pass, bounded by the
// text. A title and keywords are made of words of the lists alone, so that nothing personal can stand in them.

#include <array>
#include <map>

#include "yiwang/text/moments.hpp"

namespace yiwang::text {

/// One thing and how people call it.
struct Called {
  std::string name;
  std::vector<std::string> words;  ///< the name is one of them by itself
};
struct Ending {
  std::string word;    ///< 公司
  bool alone = false;  ///< is somebody even without a name before it
};
/// What a text is read by.
struct Wording {
  std::vector<Called> objects;
  std::vector<Called> troubles;
  std::vector<Called> roles;
  std::vector<Ending> organisations;
  std::vector<std::string> places;  ///< names of places that are known
  std::vector<std::string> terms;   ///< more words that may be keywords
  std::vector<NamedDays> days;
};

/// Names equal the JSON spelling.
enum class FactKind : std::uint8_t { object, trouble, place, time, organisation, role, person, vehicle };
std::string_view to_string(FactKind kind);

struct Fact {
  FactKind kind = FactKind::object;
  std::uint32_t begin = 0, end = 0;  ///< code points of the text
  std::string value;                 ///< the name in the list; of persons and vehicles masked
  std::optional<Moment> when;
  bool listed = true;  ///< the value is a word of the lists, not of the text
};

/// How rare words are in a corpus: what keywords are weighed by.
class WordCounts {
 public:
  void add(std::string const& word) { ++documents_of_[word]; }
  void add_document() { ++documents_; }
  /// Rareness of a word; of equal rareness when nothing was counted.
  double rareness(std::string const& word) const;

 private:
  std::map<std::string, std::size_t, std::less<>> documents_of_;
  std::size_t documents_ = 0;
};

struct TextOptions {
  std::size_t code_points_max = 2000;  ///< what stands behind is not read
  std::size_t facts_max = 200;
};

class Extractor {
 public:
  Extractor() = default;
  explicit Extractor(Wording const& wording, TextOptions options = {});

  /// In the order of the text; facts of different kinds may lie within each other (a place within the name of an organisation).
  std::vector<Fact> read(std::string_view text, Instant said) const;
  /// Each word of the lists that stands in the text, once.
  std::vector<std::string> words_in(std::string_view text) const;

 private:
  enum class Class : std::uint8_t { object, trouble, role, organisation, place, term };
  struct Word {
    std::u32string text;
    Class type = Class::term;
    std::uint32_t name = 0;  ///< in names_
    bool alone = false;
  };
  struct Hit {
    std::uint32_t begin = 0, end = 0;
    Word const* word = nullptr;
  };
  void add(std::string const& word, Class type, std::string const& name, bool alone = false);
  /// Of each class the longest at a place, none within another of its class.
  std::vector<Hit> hits(std::u32string_view text) const;
  void people_in(std::u32string_view text, std::vector<Fact>& out) const;
  void organisations_in(std::u32string_view text, std::vector<Hit> const& hits, std::vector<Fact>& out) const;
  void places_in(std::u32string_view text, std::vector<Moment> const& times, std::vector<Fact>& out) const;

  std::vector<Word> words_;  ///< longer ones first among those with one beginning
  std::map<char32_t, std::pair<std::size_t, std::size_t>> starts_;
  std::vector<std::string> names_;
  std::map<std::string, std::uint32_t, std::less<>> name_index_;
  std::vector<NamedDays> days_;
  TextOptions options_;
};

/// Which places a title may name: any that ends like one, or only those of the lists.
enum class Places : std::uint8_t { any, listed };
/// Place, object and trouble in the order in which they were said, at most `most` code points; empty when there is neither an
/// object nor a trouble. Holds words of the lists and names of places, nothing else of the text.
std::string title_of(std::vector<Fact> const& facts, Places places = Places::any, std::size_t most = 24);
/// What the text speaks of, the weightiest first. Words of the lists, nothing else of the text.
std::vector<std::string> keywords_of(std::vector<Fact> const& facts, std::vector<std::string> const& words,
                                     WordCounts const& counts, std::size_t most = 5);
/// The text with what names persons and vehicles starred, one star a code point.
std::string without_persons(std::string_view text, std::vector<Fact> const& facts);

}  // namespace yiwang::text

// Regular expressions of XPath and XQuery Functions and Operators 3.1 §5.6 (which FEEL refers to), matched by a
// backtracking matcher whose work is counted, so that no pattern can hang. Patterns that RE2 reads in the same way go to
// RE2 when only the existence of a match is asked; that takes linear time.
#include <re2/re2.h>

#include <algorithm>

#include "unicode.hpp"
#include "yiwang/base/utf8.hpp"
#include "yiwang/feel/evaluate.hpp"

namespace yiwang::feel {

namespace {

constexpr std::uint32_t kEnd = 0xFFFFFFFF;
constexpr std::uint32_t kMany = 0x7FFFFFFF;

struct CharClass {
  bool negated = false;
  std::vector<std::pair<char32_t, char32_t>> ranges;
  std::vector<std::shared_ptr<RE2 const>> properties;  ///< one-character patterns
  std::shared_ptr<CharClass> subtracted;

  bool has(char32_t point) const {
    bool in = false;
    for (auto const& [low, high] : ranges) in = in || (point >= low && point <= high);
    if (!in && !properties.empty()) {
      std::string text;
      utf8::append(text, point);
      for (auto const& property : properties) in = in || RE2::FullMatch(text, *property);
    }
    if (negated) in = !in;
    return in && !(subtracted && subtracted->has(point));
  }
};

enum class Kind : std::uint8_t { character, set, any, begin, end, split, repeat, loop, loop_back, open, close, back_reference };

struct RegexNode {
  Kind kind = Kind::character;
  char32_t point = 0;
  std::uint32_t next = kEnd;
  std::uint32_t a = kEnd;  ///< split: other branch; repeat and loop: body; open, close, reference: group
  std::uint32_t low = 0, high = 0;
  bool greedy = true;
  std::uint32_t set = 0;
  std::uint32_t counter = 0;
};

}  // namespace

struct Regex::Impl {
  std::vector<RegexNode> nodes;
  std::vector<CharClass> sets;
  std::uint32_t start = kEnd;
  std::uint32_t group_count = 0;
  std::uint32_t counters = 0;
  bool ignore_case = false, dot_all = false, multi_line = false;
  std::shared_ptr<RE2 const> linear;
};

namespace {

class PatternParser {
 public:
  PatternParser(Regex::Impl& out, std::u32string text) : out_(out), text_(std::move(text)) {}

  bool parse(std::string& why) {
    std::uint32_t first = kEnd;
    bool fine = alternatives(first, kEnd, 0);
    if (fine && at_ < text_.size()) {
      fine = false;
      why_ = "an unexpected ')'";
    }
    out_.start = first;
    why = why_;
    return fine;
  }

 private:
  // The pattern is built from the end to the front: every part knows what comes next. So the text is first cut into
  // a small tree.
  struct Piece {
    Kind kind = Kind::character;
    char32_t point = 0;
    std::uint32_t set = 0;
    std::uint32_t group = 0;  ///< 0 for a group that does not capture
    std::vector<std::vector<Piece>> branches;
    std::uint32_t low = 1, high = 1;
    bool greedy = true;
  };

  bool fail(char const* why) {
    if (why_.empty()) why_ = why;
    return false;
  }

  char32_t peek() { return at_ < text_.size() ? text_[at_] : 0; }
  bool take(char32_t c) {
    if (at_ >= text_.size() || peek() != c) return false;
    ++at_;
    return true;
  }

  bool alternatives(std::uint32_t& first, std::uint32_t next, int) {
    std::vector<std::vector<Piece>> branches;
    if (!read_branches(branches, 0)) return false;
    first = build_branches(branches, next);
    return out_.nodes.size() < 100'000 || fail("it is too large");
  }

  bool read_branches(std::vector<std::vector<Piece>>& branches, int depth) {
    if (depth > 100) return fail("groups are nested too deeply");
    branches.emplace_back();
    while (true) {
      char32_t c = peek();
      if (at_ >= text_.size() || c == ')') return true;
      if (c == '|') {
        ++at_;
        branches.emplace_back();
        continue;
      }
      Piece piece;
      if (!read_atom(piece, depth)) return false;
      if (!read_quantifier(piece)) return false;
      branches.back().push_back(std::move(piece));
    }
  }

  bool read_quantifier(Piece& piece) {
    char32_t c = peek();
    if (at_ >= text_.size()) return true;
    if (c == '?')
      piece.low = 0, piece.high = 1;
    else if (c == '*')
      piece.low = 0, piece.high = kMany;
    else if (c == '+')
      piece.low = 1, piece.high = kMany;
    else if (c == '{') {
      ++at_;
      std::uint32_t value = 0;
      if (!number(value)) return fail("a number is missing behind '{'");
      piece.low = piece.high = value;
      if (take(',')) {
        piece.high = kMany;
        if (peek() != '}' && !number(piece.high)) return fail("a number is missing behind ','");
      }
      if (peek() != '}') return fail("'}' is missing");
      if (piece.high < piece.low) return fail("a quantifier runs backwards");
    } else {
      return true;
    }
    ++at_;
    if (piece.kind == Kind::begin || piece.kind == Kind::end) return fail("'^' and '$' cannot be repeated");
    if (take('?')) piece.greedy = false;
    char32_t again = peek();
    if (at_ < text_.size() && (again == '*' || again == '+' || again == '?' || again == '{'))
      return fail("a quantifier follows a quantifier");
    return true;
  }

  bool number(std::uint32_t& value) {
    value = 0;
    std::size_t digits = 0;
    while (at_ < text_.size() && text_[at_] >= '0' && text_[at_] <= '9') {
      value = value * 10 + (text_[at_++] - '0');
      if (++digits > 5) return fail("a number is too large");
    }
    return digits > 0;
  }

  bool read_atom(Piece& piece, int depth) {
    char32_t c = text_[at_++];
    switch (c) {
      case '^': piece.kind = Kind::begin; return true;
      case '$': piece.kind = Kind::end; return true;
      case '.': piece.kind = Kind::any; return true;
      case '(': {
        piece.kind = Kind::open;
        if (at_ + 1 < text_.size() && text_[at_] == '?') {
          if (text_[at_ + 1] != ':') return fail("only '(?:' may follow '('");
          at_ += 2;
        } else {
          piece.group = ++out_.group_count;
        }
        if (!read_branches(piece.branches, depth + 1)) return false;
        if (!take(')')) return fail("')' is missing");
        if (piece.group) closed_.push_back(piece.group);
        return true;
      }
      case '[': {
        CharClass set;
        if (!read_class(set, 0)) return false;
        piece.kind = Kind::set;
        piece.set = add_set(std::move(set));
        return true;
      }
      case '\\': return read_escape(piece);
      case '?':
      case '*':
      case '+':
      case '{':
      case '}':
      case ']': return fail("a special character needs '\\' in front");
      default: piece.point = c; return true;
    }
  }

  std::uint32_t add_set(CharClass set) {
    out_.sets.push_back(std::move(set));
    return static_cast<std::uint32_t>(out_.sets.size() - 1);
  }

  bool add_property(CharClass& set, std::string const& pattern) {
    RE2::Options options;
    options.set_log_errors(false);
    auto made = std::make_shared<RE2>(pattern, options);
    if (!made->ok()) return fail("an unknown character property");
    set.properties.push_back(std::move(made));
    return true;
  }

  /// The class behind a multi-character escape; false with empty why_ when `c` is no such escape.
  bool class_escape(char32_t c, CharClass& set) {
    switch (c) {
      case 'd': return add_property(set, "\\p{Nd}");
      case 'D': return add_property(set, "(?s:\\P{Nd})");
      case 's': set.ranges.insert(set.ranges.end(), {{' ', ' '}, {'\t', '\n'}, {'\r', '\r'}}); return true;
      case 'S': set.ranges.insert(set.ranges.end(), {{0, 8}, {0xB, 0xC}, {0xE, 0x1F}, {0x21, 0x10FFFF}}); return true;
      case 'w': return add_property(set, "(?s:[^\\p{P}\\p{Z}\\p{C}])");
      case 'W': return add_property(set, "[\\p{P}\\p{Z}\\p{C}]");
      case 'i': return add_property(set, "[\\p{L}_:]");
      case 'I': return add_property(set, "(?s:[^\\p{L}_:])");
      case 'c': return add_property(set, "[\\p{L}\\p{N}\\p{M}_:.\\-\xC2\xB7]");
      case 'C': return add_property(set, "(?s:[^\\p{L}\\p{N}\\p{M}_:.\\-\xC2\xB7])");
      case 'p':
      case 'P': {
        if (at_ >= text_.size() || text_[at_] != '{') return fail("'{' is missing behind \\p");
        std::string name;
        ++at_;
        while (at_ < text_.size() && text_[at_] != '}') {
          if (text_[at_] > 0x7E) return fail("an unknown character property");
          name += static_cast<char>(text_[at_++]);
        }
        if (at_ >= text_.size()) return fail("'}' is missing behind \\p");
        ++at_;
        if (name.substr(0, 2) == "Is") return block(name.substr(2), c == 'P', set);
        return add_property(set, std::string(c == 'P' ? "(?s:\\P{" : "(?s:\\p{") + name + "})");
      }
      default: return false;
    }
  }

  bool block(std::string const& name, bool negated, CharClass& set) {
    struct Block {
      char const* name;
      char32_t first, last;
    };
    static constexpr Block kBlocks[] = {{"BasicLatin", 0, 0x7F},
                                        {"Latin-1Supplement", 0x80, 0xFF},
                                        {"LatinExtended-A", 0x100, 0x17F},
                                        {"LatinExtended-B", 0x180, 0x24F},
                                        {"Greek", 0x370, 0x3FF},
                                        {"GreekandCoptic", 0x370, 0x3FF},
                                        {"Cyrillic", 0x400, 0x4FF},
                                        {"Armenian", 0x530, 0x58F},
                                        {"Hebrew", 0x590, 0x5FF},
                                        {"Arabic", 0x600, 0x6FF},
                                        {"Thai", 0xE00, 0xE7F},
                                        {"Tibetan", 0xF00, 0xFFF},
                                        {"HangulJamo", 0x1100, 0x11FF},
                                        {"Mongolian", 0x1800, 0x18AF},
                                        {"GeneralPunctuation", 0x2000, 0x206F},
                                        {"CurrencySymbols", 0x20A0, 0x20CF},
                                        {"Arrows", 0x2190, 0x21FF},
                                        {"MathematicalOperators", 0x2200, 0x22FF},
                                        {"CJKSymbolsandPunctuation", 0x3000, 0x303F},
                                        {"Hiragana", 0x3040, 0x309F},
                                        {"Katakana", 0x30A0, 0x30FF},
                                        {"Bopomofo", 0x3100, 0x312F},
                                        {"CJKUnifiedIdeographsExtensionA", 0x3400, 0x4DBF},
                                        {"CJKUnifiedIdeographs", 0x4E00, 0x9FFF},
                                        {"HangulSyllables", 0xAC00, 0xD7A3},
                                        {"PrivateUse", 0xE000, 0xF8FF},
                                        {"CJKCompatibilityIdeographs", 0xF900, 0xFAFF},
                                        {"HalfwidthandFullwidthForms", 0xFF00, 0xFFEF}};
    for (auto const& one : kBlocks) {
      if (name != one.name) continue;
      if (!negated)
        set.ranges.emplace_back(one.first, one.last);
      else {
        if (one.first > 0) set.ranges.emplace_back(0, one.first - 1);
        set.ranges.emplace_back(one.last + 1, 0x10FFFF);
      }
      return true;
    }
    return fail("an unknown character block");
  }

  bool single_escape(char32_t c, char32_t& point) {
    switch (c) {
      case 'n': point = '\n'; return true;
      case 'r': point = '\r'; return true;
      case 't': point = '\t'; return true;
      case '\\':
      case '|':
      case '.':
      case '?':
      case '*':
      case '+':
      case '(':
      case ')':
      case '{':
      case '}':
      case '-':
      case '[':
      case ']':
      case '^':
      case '$': point = c; return true;
      default: return false;
    }
  }

  bool read_escape(Piece& piece) {
    if (at_ >= text_.size()) return fail("nothing follows '\\'");
    char32_t c = text_[at_++];
    if (single_escape(c, piece.point)) return true;
    if (c >= '1' && c <= '9') {
      std::uint32_t group = c - '0';
      while (at_ < text_.size() && text_[at_] >= '0' && text_[at_] <= '9' && group * 10 + (text_[at_] - '0') <= out_.group_count)
        group = group * 10 + (text_[at_++] - '0');
      if (std::find(closed_.begin(), closed_.end(), group) == closed_.end())
        return fail("a back-reference to a group that is not closed before it");
      piece.kind = Kind::back_reference;
      piece.group = group;
      return true;
    }
    CharClass set;
    if (!class_escape(c, set)) return fail("an unknown escape");
    piece.kind = Kind::set;
    piece.set = add_set(std::move(set));
    return true;
  }

  bool read_class(CharClass& set, int depth) {
    if (depth > 20) return fail("classes are nested too deeply");
    if (at_ < text_.size() && text_[at_] == '^') {
      set.negated = true;
      ++at_;
    }
    bool first = true;
    while (true) {
      if (at_ >= text_.size()) return fail("']' is missing");
      char32_t c = text_[at_++];
      if (c == ']' && !first) return true;
      if (c == ']') return fail("a class is empty");
      if (c == '-' && at_ < text_.size() && text_[at_] == '[') {
        ++at_;
        set.subtracted = std::make_shared<CharClass>();
        if (!read_class(*set.subtracted, depth + 1)) return false;
        if (at_ >= text_.size() || text_[at_] != ']') return fail("']' is missing behind a subtraction");
        ++at_;
        return true;
      }
      if (c == '[') return fail("'[' needs '\\' in front");
      first = false;
      char32_t low = c;
      if (c == '\\') {
        if (at_ >= text_.size()) return fail("nothing follows '\\'");
        char32_t e = text_[at_++];
        if (!single_escape(e, low)) {
          if (!class_escape(e, set)) return fail("an unknown escape");
          continue;
        }
      }
      char32_t high = low;
      if (at_ + 1 < text_.size() && text_[at_] == '-' && text_[at_ + 1] != ']' && text_[at_ + 1] != '[') {
        ++at_;
        high = text_[at_++];
        if (high == '\\') {
          if (at_ >= text_.size() || !single_escape(text_[at_++], high)) return fail("a range ends in an unknown escape");
        }
        if (high < low) return fail("a range runs backwards");
      }
      set.ranges.emplace_back(low, high);
      if (out_.ignore_case) {
        for (char32_t point = low; point <= high && point - low < 2000; ++point) {
          set.ranges.emplace_back(to_upper(point), to_upper(point));
          set.ranges.emplace_back(to_lower(point), to_lower(point));
        }
      }
    }
  }

  std::uint32_t add(RegexNode node) {
    out_.nodes.push_back(node);
    return static_cast<std::uint32_t>(out_.nodes.size() - 1);
  }

  std::uint32_t build_branches(std::vector<std::vector<Piece>> const& branches, std::uint32_t next) {
    std::uint32_t first = kEnd;
    for (std::size_t i = branches.size(); i-- > 0;) {
      std::uint32_t one = next;
      for (std::size_t j = branches[i].size(); j-- > 0;) one = build_piece(branches[i][j], one);
      if (i + 1 == branches.size()) {
        first = one;
      } else {
        RegexNode split;
        split.kind = Kind::split;
        split.next = one;
        split.a = first;
        first = add(split);
      }
    }
    return first;
  }

  std::uint32_t build_once(Piece const& piece, std::uint32_t next) {
    RegexNode node;
    node.kind = piece.kind;
    node.point = out_.ignore_case ? to_lower(piece.point) : piece.point;
    node.set = piece.set;
    node.a = piece.group;
    node.next = next;
    if (piece.kind != Kind::open) return add(node);
    if (piece.group == 0) return build_branches(piece.branches, next);
    RegexNode close;
    close.kind = Kind::close;
    close.a = piece.group;
    close.next = next;
    node.next = build_branches(piece.branches, add(close));
    return add(node);
  }

  std::uint32_t build_piece(Piece const& piece, std::uint32_t next) {
    if (piece.low == 1 && piece.high == 1) return build_once(piece, next);
    bool single = piece.kind == Kind::character || piece.kind == Kind::set || piece.kind == Kind::any;
    RegexNode repeat;
    repeat.kind = single ? Kind::repeat : Kind::loop;
    repeat.low = piece.low;
    repeat.high = piece.high;
    repeat.greedy = piece.greedy;
    repeat.next = next;
    if (single) {
      repeat.a = build_once(piece, kEnd);
      return add(repeat);
    }
    repeat.counter = out_.counters++;
    std::uint32_t loop = add(repeat);
    RegexNode back;
    back.kind = Kind::loop_back;
    back.a = loop;
    std::uint32_t body = build_once(piece, add(back));
    out_.nodes[loop].a = body;
    return loop;
  }

  Regex::Impl& out_;
  std::u32string text_;
  std::size_t at_ = 0;
  std::string why_;
  std::vector<std::uint32_t> closed_;
};

class Matcher {
 public:
  Matcher(Regex::Impl const& regex, std::u32string const& text, std::uint64_t& steps)
      : regex_(regex),
        text_(text),
        steps_(steps),
        groups_(regex.group_count + 1, {kNowhere, kNowhere}),
        counts_(regex.counters),
        starts_(regex.counters, kNowhere) {}

  static constexpr std::size_t kNowhere = static_cast<std::size_t>(-1);

  bool match_at(std::size_t start, std::size_t& end) {
    std::fill(groups_.begin(), groups_.end(), std::pair{kNowhere, kNowhere});
    std::fill(counts_.begin(), counts_.end(), 0);
    if (!run(regex_.start, start)) return false;
    end = end_;
    return true;
  }
  bool exhausted() const { return exhausted_; }
  std::vector<std::pair<std::size_t, std::size_t>> const& groups() const { return groups_; }

 private:
  bool one(RegexNode const& node, std::size_t at) const {
    if (at >= text_.size()) return false;
    char32_t point = text_[at];
    switch (node.kind) {
      case Kind::character: return (regex_.ignore_case ? to_lower(point) : point) == node.point;
      case Kind::set: {
        auto const& set = regex_.sets[node.set];
        return set.has(point) || (regex_.ignore_case && (set.has(to_lower(point)) || set.has(to_upper(point))));
      }
      default: return regex_.dot_all || (point != '\n' && point != '\r');
    }
  }

  bool run(std::uint32_t id, std::size_t at) {
    if (++depth_ > 4000) exhausted_ = true;
    struct Leave {
      std::uint32_t& depth;
      ~Leave() { --depth; }
    } leave{depth_};
    while (true) {
      if (exhausted_) return false;
      if (steps_ == 0) {
        exhausted_ = true;
        return false;
      }
      --steps_;
      if (id == kEnd) {
        end_ = at;
        return true;
      }
      RegexNode const& node = regex_.nodes[id];
      switch (node.kind) {
        case Kind::character:
        case Kind::set:
        case Kind::any:
          if (!one(node, at)) return false;
          ++at;
          break;
        case Kind::begin:
          if (at != 0 && !(regex_.multi_line && text_[at - 1] == '\n')) return false;
          break;
        case Kind::end:
          if (at != text_.size() && !(regex_.multi_line && text_[at] == '\n')) return false;
          break;
        case Kind::split:
          if (run(node.next, at)) return true;
          id = node.a;
          continue;
        case Kind::repeat: return run_repeat(node, at);
        case Kind::loop: {
          auto saved_count = counts_[node.counter];
          auto saved_start = starts_[node.counter];
          counts_[node.counter] = 0;
          starts_[node.counter] = kNowhere;
          bool fine = run_loop(id, at);
          counts_[node.counter] = saved_count;
          starts_[node.counter] = saved_start;
          return fine;
        }
        case Kind::loop_back: {
          auto counter = regex_.nodes[node.a].counter;
          ++counts_[counter];
          bool fine = run_loop(node.a, at);
          --counts_[counter];
          return fine;
        }
        case Kind::open:
        case Kind::close: {
          auto saved = groups_[node.a];
          if (node.kind == Kind::open)
            groups_[node.a].first = at;
          else
            groups_[node.a].second = at;
          if (run(node.next, at)) return true;
          groups_[node.a] = saved;
          return false;
        }
        case Kind::back_reference: {
          auto [begin, end] = groups_[node.a];
          if (begin == kNowhere || end == kNowhere) break;  // a group that took no part matches nothing
          if (end - begin > text_.size() - at) return false;
          for (std::size_t i = begin; i < end; ++i, ++at) {
            char32_t x = text_[i], y = text_[at];
            if (regex_.ignore_case ? to_lower(x) != to_lower(y) : x != y) return false;
          }
          break;
        }
      }
      id = node.next;
    }
  }

  bool run_repeat(RegexNode const& node, std::size_t at) {
    RegexNode const& body = regex_.nodes[node.a];
    std::size_t count = 0;
    if (node.greedy) {
      while (count < node.high && one(body, at + count)) ++count;
      steps_ -= std::min<std::uint64_t>(steps_, count);
      for (std::size_t i = count + 1; i-- > node.low;) {
        if (i > count) return false;
        if (run(node.next, at + i)) return true;
        if (exhausted_ || i == 0) return false;
      }
      return false;
    }
    while (count < node.low) {
      if (!one(body, at + count)) return false;
      ++count;
    }
    while (true) {
      if (run(node.next, at + count)) return true;
      if (exhausted_ || count >= node.high || !one(body, at + count)) return false;
      ++count;
    }
  }

  bool run_loop(std::uint32_t id, std::size_t at) {
    RegexNode const& node = regex_.nodes[id];
    auto count = counts_[node.counter];
    // A round that consumed nothing ends the loop, so that (a*)* stops.
    bool progress = count == 0 || starts_[node.counter] != at;
    auto saved = starts_[node.counter];
    auto again = [&] {
      if (count >= node.high || !progress) return false;
      starts_[node.counter] = at;
      bool fine = run(node.a, at);
      starts_[node.counter] = saved;
      return fine;
    };
    auto leave = [&] { return (count >= node.low || !progress) && run(node.next, at); };
    return node.greedy ? again() || leave() : leave() || again();
  }

  Regex::Impl const& regex_;
  std::u32string const& text_;
  std::uint64_t& steps_;
  std::vector<std::pair<std::size_t, std::size_t>> groups_;
  std::vector<std::uint32_t> counts_;
  std::vector<std::size_t> starts_;
  std::size_t end_ = 0;
  std::uint32_t depth_ = 0;
  bool exhausted_ = false;
};

/// Only what RE2 and XPath read alike.
bool same_in_re2(std::string_view pattern) {
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    char c = pattern[i];
    bool word = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == ' ' || c == '_' || c == '@';
    if (word || c == '(' || c == ')' || c == '[' || c == ']' || c == '|' || c == '^' || c == '$' || c == '*' || c == '+')
      continue;
    if (c == '-' && (i + 1 >= pattern.size() || pattern[i + 1] != '[')) continue;
    return false;
  }
  return true;
}

}  // namespace

Result<Regex> Regex::compile(std::string_view pattern, std::string_view flags) {
  auto impl = std::make_shared<Impl>();
  bool extended = false, literal = false;
  for (char flag : flags) {
    switch (flag) {
      case 'i': impl->ignore_case = true; break;
      case 's': impl->dot_all = true; break;
      case 'm': impl->multi_line = true; break;
      case 'x': extended = true; break;
      case 'q': literal = true; break;
      default: return fail(ErrorCode::feel_regex, {{"why", "unknown flag '" + std::string(1, flag) + "'"}});
    }
  }
  if (pattern.size() > 10'000) return fail(ErrorCode::feel_regex, {{"why", "it is longer than 10000 bytes"}});
  YW_TRY(utf8::check(pattern));
  std::u32string text = utf8::to_utf32(pattern);
  if (literal) {
    std::u32string escaped;
    for (char32_t c : text) {
      if (c < 0x80 && std::string_view("\\|.?*+(){}-[]^$").find(static_cast<char>(c)) != std::string_view::npos) escaped += U'\\';
      escaped += c;
    }
    text = escaped;
    extended = false;
  }
  if (extended) {
    // Flag x: white space is taken out before reading, except inside classes (F&O §5.6.2).
    std::u32string kept;
    int classes = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
      char32_t c = text[i];
      if (classes == 0 && (c == ' ' || (c >= 9 && c <= 13))) continue;
      if (c == '[') ++classes;
      if (c == ']' && classes > 0) --classes;
      kept += c;
      if (c == '\\' && i + 1 < text.size() && (text[i + 1] == '[' || text[i + 1] == ']' || text[i + 1] == '\\'))
        kept += text[++i];
    }
    text = kept;
  }
  std::string why;
  if (!PatternParser(*impl, std::move(text)).parse(why)) return fail(ErrorCode::feel_regex, {{"why", why}});
  if (flags.empty() && same_in_re2(pattern)) {
    RE2::Options options;
    options.set_log_errors(false);
    options.set_never_capture(true);
    auto linear = std::make_shared<RE2>(re2::StringPiece(pattern.data(), pattern.size()), options);
    if (linear->ok()) impl->linear = std::move(linear);
  }
  Regex made;
  made.impl_ = std::move(impl);
  return made;
}

std::size_t Regex::groups() const { return impl_->group_count; }

Status Regex::search(std::string_view text, std::size_t from, std::uint64_t& steps, Match& match, bool& found) const {
  found = false;
  if (impl_->linear && !RE2::PartialMatch(re2::StringPiece(text.data() + from, text.size() - from), *impl_->linear) && from == 0)
    return {};
  std::u32string points = utf8::to_utf32(text);
  std::vector<std::size_t> offsets;
  offsets.reserve(points.size() + 1);
  std::size_t at = 0, first = 0;
  char32_t point = 0;
  while (at < text.size()) {
    if (at < from) first = offsets.size() + 1;
    offsets.push_back(at);
    if (!utf8::decode(text, at, point)) break;
  }
  offsets.push_back(text.size());
  Matcher matcher(*impl_, points, steps);
  for (std::size_t start = first; start <= points.size(); ++start) {
    std::size_t end = 0;
    if (matcher.match_at(start, end)) {
      found = true;
      match.begin = offsets[start];
      match.end = offsets[end];
      match.groups.clear();
      for (std::size_t i = 1; i < matcher.groups().size(); ++i) {
        auto [a, b] = matcher.groups()[i];
        bool took_part = a != Matcher::kNowhere && b != Matcher::kNowhere;
        match.groups.emplace_back(took_part ? offsets[a] : std::string_view::npos,
                                  took_part ? offsets[b] : std::string_view::npos);
      }
      return {};
    }
    if (matcher.exhausted())
      return fail(ErrorCode::feel_limit, {{"what", "steps of a regular expression"}, {"max", "its limit"}});
  }
  return {};
}

}  // namespace yiwang::feel

#pragma once
// Statutory papers (法定文书) as matters/papers.yaml describes them: which act makes them, the word of their number series, their
// wording, what they show. Pure.

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "yiwang/pack/pack.hpp"

namespace yiwang::matter {

struct Paper {
  std::string id;
  pack::LocalizedText title;
  std::string word;             ///< in its number: 受, 补, 不准
  std::vector<std::string> on;  ///< acts and operations; submitted, original, delivered, received
  std::string when;             ///< promises, pledge, fees; empty: always
  std::vector<std::string> shows, text;
  bool made_by(std::string_view act) const;
  bool has(std::string_view block) const;
};

/// What a placeholder of a wording stands for.
using PaperWords = std::map<std::string, std::string, std::less<>>;

class Papers {
 public:
  struct Loaded;
  /// Reads matters/papers.yaml; none is no fault. Complaints: an id twice, a placeholder that there is not.
  static Loaded load(pack::Pack const& pack);
  std::vector<Paper> const& all() const { return papers_; }
  Paper const* find(std::string_view id) const;
  /// The application itself as a paper (shows: form); null when the pack has none.
  Paper const* form() const;
  /// What stands before the serial number, for a unit's short name and a year.
  std::string prefix(Paper const& paper, std::string_view unit, std::string_view year) const;
  std::vector<std::string> const& notes() const { return notes_; }

 private:
  std::vector<Paper> papers_;
  std::string prefix_;
  std::vector<std::string> notes_;
};
struct Papers::Loaded {
  std::shared_ptr<Papers const> papers;
  std::vector<Error> errors;
};

/// A wording with its placeholders filled in; one that `words` does not have becomes empty.
std::string fill_in(std::string_view wording, PaperWords const& words);

}  // namespace yiwang::matter

#pragma once
// Figures about applications and their ratings from stored definitions: FEEL over the facts of each application, for any period
// and as it stood on any past day, so that nobody can edit one (never.md 3). Pure.

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "yiwang/base/time.hpp"
#include "yiwang/pack/pack.hpp"

namespace yiwang::matter {

/// What happened to one application; instants that did not happen are 0.
struct Course {
  std::string matter, department, outcome;
  bool by_rules = false;
  std::int64_t created_us = 0, decided_us = 0, rated_us = 0, due_us = 0, answered_us = 0, appealed_us = 0, closed_us = 0;
  std::int64_t grade = 0;  ///< 1 very good … 5; 0: not rated, which is never taken for satisfied (never.md 2)
  bool upheld = false;
  std::int64_t asked = 0, known = 0, typed = 0, sheets = 0;  ///< of the form: fields asked, known, filled in; paper not brought
};

struct MeasureFigure {
  std::string id;
  pack::LocalizedText title, definition;
  std::string count_text, of_text;  ///< FEEL; what is added up, where it is not applications that are counted
  bool percent = false;
  bool open = false;  ///< anybody may see it, of the whole district
  std::int64_t count = 0, of = 0;
};

class Measures {
 public:
  struct Loaded;
  /// Reads matters/measures.yaml; none is no fault. Complaints: expressions that do not compile.
  static Loaded load(pack::Pack const& pack);
  Measures();
  ~Measures();
  /// Over the applications of [from, until), as they stood at `until`; `department` empty: all.
  std::vector<MeasureFigure> figures(std::vector<Course> const& courses, Instant from, Instant until,
                                     std::string_view department) const;

 private:
  struct Row;
  std::vector<Row> rows_;
};
struct Measures::Loaded {
  std::shared_ptr<Measures const> measures;
  std::vector<Error> errors;
};

}  // namespace yiwang::matter

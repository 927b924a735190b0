#pragma once
// Public notices (公示) as matters/notices.yaml describes them: which act puts one up, what it shows, for how many working days,
// and which act needs it to have stood. It shows a masked name and nothing personal, and comes down on its date. Pure.

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "yiwang/pack/pack.hpp"
#include "yiwang/spine/definition.hpp"

namespace yiwang::matter {

struct Notice {
  struct Line {
    std::string field;          ///< of the form, never a personal one; empty: the applicant's masked name
    pack::LocalizedText label;  ///< none: the field's own
  };
  std::string id, case_type;
  std::string step;     ///< stands as long as the case is there
  std::string put_up;   ///< the act that puts it up
  std::string hand_in;  ///< the act that is possible once it has stood
  std::string found;    ///< its field for what became of objections; needed when there are any
  int workdays = 0;
  pack::LocalizedText title, says;
  std::vector<Line> lines;
};

class Notices {
 public:
  struct Loaded;
  /// Reads matters/notices.yaml; none is no fault. Complaints: a case type, step, act or field that there is not, a field that is
  /// personal, two notices of one case type.
  static Loaded load(pack::Pack const& pack, spine::Release const& release);
  /// Null when the case type has none.
  Notice const* of(std::string_view case_type) const;

 private:
  std::vector<Notice> all_;
};
struct Notices::Loaded {
  std::shared_ptr<Notices const> notices;
  std::vector<Error> errors;
};

/// What hangs there: {title, says, lines: [{label, value}]}, each text in both languages; choices by their labels, what was not
/// filled in is left out. `applicant`: the name as it may be shown.
json::Value notice_body(Notice const& notice, spine::CaseType const& type, json::Value const& form, std::string_view applicant);

}  // namespace yiwang::matter

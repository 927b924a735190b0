#pragma once
// The catalogue of matters (政务服务事项目录): basic directory, implementation lists with all their elements, themes, and
// the labels and rates that are computed from them. Compiled from a pack; immutable and shared between threads.

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "yiwang/base/decimal.hpp"
#include "yiwang/base/time.hpp"
#include "yiwang/pack/pack.hpp"

namespace yiwang::matter {

/// A time limit: amount 0 with a promise means at once (即办).
struct Limit {
  std::int64_t amount = 0;
  std::string unit = "workday";  ///< workday, day, month, hour
  std::int64_t extend = 0;
  std::string basis;
};

enum class Need : std::uint8_t { main, later, fetched, declared, paper };
std::string_view to_string(Need need);

/// Situations by question: the answers that fit. Empty: all.
using Cases = std::map<std::string, std::set<std::string>>;

/// One material (材料).
struct Material {
  std::string id, name;
  Need need = Need::main;
  std::int64_t later_days = 0;   ///< working days within which it follows (容缺)
  std::string late;              ///< of a promise that is not kept: "bar" from further promises, or "tell"; empty: as for all
  bool whatever_credit = false;  ///< may be promised by anybody: urgent help asks for no record
  std::string register_id;       ///< taken from this register, never asked
  std::string certificate;       ///< or from a certificate of this type
  std::string source, form, paper, basis, note;
  std::string pledge;  ///< text of the promise that may take its place (告知承诺)
  std::int64_t pages = 0, copies = 1;
  Cases when;
};

struct Answer {
  std::string id, label;
};
/// Finds the situation (情形).
struct Question {
  std::string id, ask;
  std::vector<Answer> answers;
};
struct Fee {
  std::string name, standard, basis;
};
struct Faq {
  std::string ask, answer;
};
/// Who applies together with the applicant: fields of the form that name somebody, or a list of a register about the applicant.
struct JointFields {
  std::string name, number;
  std::string register_id, fact;  ///< of a register: a list of 姓名/出生日期 or 姓名/证件号码
  Cases when;
};

/// The message that begins what follows when something granted has ended (recheck_opens).
inline constexpr std::string_view kStopped = "grant_stopped";

/// What all matters of one unit share.
struct Body {
  std::string unit, name, code;
  std::int64_t nature = 1, level = 4;
  std::string place, address, window, hours;
  std::string consult, complain;
  std::string review_body, review_address, review_phone;
  std::int64_t review_days = 60;
  std::string court_body, court_address, court_phone;
  std::int64_t court_months = 6;
};

/// One matter as it stands in a version of the implementation list.
struct Matter {
  std::string id, name, basic, code, type, handling, summary;
  Date from;
  std::optional<Date> to;  ///< last day
  std::shared_ptr<Body const> body;
  std::vector<std::int64_t> objects;
  std::vector<std::string> who, channels, conditions, words;
  Limit statutory, promise;
  std::int64_t visits = 0;
  std::string visit_reason;
  std::vector<Fee> fees;
  bool pay_online = false;
  std::string fee_field;  ///< number of the form that is paid before the certificate is issued; empty: nothing is
  std::string result_kind, result, certificate_type;
  std::int64_t result_years = 0;
  std::vector<Material> materials;
  std::vector<Question> questions;
  std::vector<Faq> faq;
  bool by_rules = false;   ///< decided by rules or handed to people (秒批)
  bool proactive = false;  ///< the person only confirms (无感申办)
  std::int64_t yearly = 0;
  std::string case_type, local_code;
  std::string status = "published";
  std::vector<std::string> themes;
  std::set<std::string> labels;
  std::vector<JointFields> joint;
  std::string place_field;  ///< limited quantity by place; empty: none
  std::int64_t place_each = 0;
  /// Granted once for the same: these fields of the form, or the applicant when there are none; each calendar year, or ever.
  /// Rules see it as `granted_same`; people may grant all the same.
  bool once = false, once_a_year = false;
  std::string once_from = "01-01";  ///< month and day on which such a year begins
  std::vector<std::string> once_by;
  std::string retention;         ///< of the file of a case: permanent, 30 years, 10 years
  std::int64_t check_after = 0;  ///< within which an approval by rules is checked
  bool check_days = false;       ///< calendar days; otherwise working days
  Cases check_when;              ///< only in these situations; empty: always
  /// What is granted for longer is looked at again every so many months (年度复核); shown so many days before; 0: never.
  std::int64_t recheck_months = 0, recheck_ahead = 30;
  std::string recheck_name;
  std::string recheck_opens;            ///< case type that begins with the message kStopped when it is revoked then (追回)
  std::vector<std::string> started_by;  ///< units whose clerks may begin it for a person (主动发现)
  std::map<std::string, std::string, std::less<>>
      en;  ///< English texts by element: "name", "materials.layout", "questions.trade.catering"

  /// The English text of an element, or `zh` where there is none.
  std::string text(std::string_view element, std::string const& zh, bool english) const;
  /// 实施编码, 31 characters: body, exercise level, basic code.
  std::string implementation_code() const;
  /// Days as numbers, as the rates are defined over them.
  Question const* question(std::string_view id) const;
};

struct Theme {
  std::string id, name, lead;
  std::vector<std::string> matters;
};

struct Label {
  std::string id, title, definition, condition;
  std::size_t count = 0;
};
/// Numerator and denominator are kept; a rate is only divided when it is shown.
struct Rate {
  std::string id, title, definition;
  Decimal numerator, denominator;
};

struct Synonym {
  std::vector<std::string> say, means;
};
struct HandlingWords {
  std::string handling;
  std::vector<std::string> words;
};

/// What follows a decision, the same for all matters (matters/afterwards.yaml).
struct Afterwards {
  std::int64_t remind_days = 2;  ///< working days before a promised material is due
  std::string late = "bar";
  std::int64_t bar_months = 12;    ///< no further promise for so long, unless it is made good
  std::int64_t archive_days = 20;  ///< working days after the decision
  std::string archive_unit;        ///< takes the files over; empty: nobody does
};

struct References {
  std::set<std::string> units, case_types, registers, certificates;
  std::set<std::string> facts;  ///< register.fact
};

class Catalogue {
 public:
  struct Loaded;
  /// Reads matters/ of a pack whose files have passed their schemas. Complaints name file, place and cure:
  /// codes that do not agree, unknown units, case types, registers, certificates, questions and themes, overlapping
  /// versions, promises longer than the law allows, visits without a reason, labels that do not compile.
  static Loaded load(pack::Pack const& pack, References const& known);

  /// In force on a day and published; nullptr when there is none.
  Matter const* find(std::string_view id, Date day) const;
  /// All versions, oldest first.
  std::vector<Matter const*> versions(std::string_view id) const;
  std::vector<Matter const*> in_force(Date day) const;
  std::vector<Matter> const& all() const { return matters_; }
  std::vector<Theme> const& themes() const { return themes_; }
  /// Counts and rates over what is in force on a day; `unit` empty: over all.
  std::vector<Label> labels(Date day, std::string_view unit = {}) const;
  std::vector<Rate> rates(Date day, std::string_view unit = {}) const;

  std::vector<Synonym> const& synonyms() const { return synonyms_; }
  std::vector<HandlingWords> const& handling_words() const { return handling_; }
  std::vector<std::string> const& fillers() const { return fillers_; }
  Afterwards const& afterwards() const { return afterwards_; }

 private:
  struct RateRow {
    Rate rate;
    std::vector<std::pair<Decimal, Decimal>> of;  ///< by matter
  };
  friend struct Loader;
  std::vector<Matter> matters_;
  std::map<std::string, std::vector<std::size_t>, std::less<>> by_id_;
  std::vector<Theme> themes_;
  std::vector<Label> labels_;
  std::vector<RateRow> rates_;
  std::vector<Synonym> synonyms_;
  std::vector<HandlingWords> handling_;
  std::vector<std::string> fillers_;
  Afterwards afterwards_;
};
/// On failure the list of errors is not empty.
struct Catalogue::Loaded {
  std::shared_ptr<Catalogue const> catalogue;
  std::vector<Error> errors;
};

/// Answers to the questions of a matter: question id -> answer id.
using Situation = std::map<std::string, std::string>;

/// Whether a situation is one of these; what is not answered yet fits.
bool fits(Cases const& cases, Situation const& situation);
/// Whether a material belongs to a situation; what is not answered yet keeps the material in.
bool needed(Material const& material, Situation const& situation);
/// The materials of a situation in their order. Errors: spine.field for an unknown question or answer.
Result<std::vector<Material const*>> materials_for(Matter const& matter, Situation const& situation);

/// A field that differs between two versions.
struct Difference {
  std::string field, before, after;
};
std::vector<Difference> difference(Matter const& before, Matter const& after);

}  // namespace yiwang::matter

#pragma once
// Everything a pack says about citizens' requests (民生诉求), compiled: the responsibility list, the rules' values, what is
// not handled here, the corpus, the measures, who is on duty. Immutable; swapped with the release it came from.

#include "yiwang/service_request/duties.hpp"
#include "yiwang/text/classifier.hpp"
#include "yiwang/text/extract.hpp"

namespace yiwang::service_request {

inline constexpr std::string_view kCaseType = "service_request";

/// What is not handled here. The words are kept and the person is told where to turn to; only a named human decides that a
/// request is not accepted (never.md 1).
struct Elsewhere {
  std::string id;
  LocalizedText title;
  LocalizedText where;
  std::vector<std::string> words;
  bool emergency = false;  ///< a person is told at once
  std::string sealed;      ///< the only unit that may see it; empty: not sealed
};

/// What leads to supervision, and from when on.
struct SupervisionRule {
  std::string id;  ///< overdue, repeated, unsatisfied_twice, false_closure, no_owner, unsolved
  LocalizedText title;
  int times = 1;  ///< repeated: the so-manieth of one person in one category
  int days = 0;   ///< repeated: within so many days
};

/// What cannot be solved now is looked at again by another unit.
struct Unsolved {
  int review_days = 90;
  std::string reviewed_by, otherwise;
};

/// Minutes of the day.
struct OfficeHours {
  std::int64_t from = 8 * 60 + 30, to = 18 * 60;
};

/// What the one who tells is to the one whom it concerns.
struct Relation {
  std::string id;
  LocalizedText title;
  bool oneself = false;
  bool call_concerned =
      false;  ///< whoever calls speaks to the one concerned, when a number was left; otherwise to the one who told
  bool name_required = false;
};

/// How long a request may wait at a step before it goes on.
struct StepLimit {
  std::string step;
  std::int64_t office_minutes = 0, workdays = 0;  ///< one of them
  bool supervised = false;                        ///< supervision begins once it has passed
};

struct Rules {
  std::string desk, desk_about_itself, conduct_handled_by;
  double accuracy = 0.96;  ///< that automatic dispatch must reach on the development set
  std::size_t reasons = 8, similar = 5, suggestions = 3;
  std::vector<std::string> urgent_words;
  std::int64_t reopen_days = 7, orphan_work_minutes = 240, help_workdays = 2;
  std::vector<StepLimit> steps;
  int extension_workdays = 5, contact_tries = 3;
  std::vector<std::string> named_only;  ///< categories (ids) that cannot be anonymous
  std::size_t reply_length_min = 40, must_answer = 2;
  std::vector<std::string> impolite, sections;
  double duplicate_similar = 0.5;
  int duplicate_days = 30;
  std::size_t duplicate_show = 3;
  std::vector<std::string> public_groups;  ///< of which others may see that it was reported
  int hot_hours = 48, hot_reports = 5, hot_factor = 3, hot_minimum = 5;
  int follow_up_hours = 24;
  int message_hours = 0, message_within_hours = 0;  ///< the same by a message; 0: none is sent
  std::vector<std::pair<std::string, LocalizedText>> script;
  std::vector<LocalizedText> danger_script, urgent_script;  ///< for the operator, while somebody is on the line
  std::vector<std::string> exclusion_reasons;
  std::vector<SupervisionRule> supervision;
  std::vector<std::string> evidence_for;  ///< ways of checking that want a photo or document: visited, called, documents
  Unsolved unsolved;
  std::size_t mass_members = 3;
  int mass_hours = 24;
  std::vector<Relation> relations;
  int minor_age = 14;
  std::string list_approver = "leader";  ///< the role at the desk that puts amendments of the list in force
};

/// How the demo corpus varies its core sentences.
struct Fragments {
  std::vector<std::string> openings, whens, histories, effects, demands, closings;
  std::vector<std::pair<std::string, std::string>> typos;
  std::size_t variants = 1;
};

struct CoreSentence {
  std::string code;
  int number = 0;
  std::string text;
};

struct Measure {
  std::string id;
  LocalizedText title, note;
  std::vector<std::string> count, of;
  bool percent = false;
};

struct Shift {
  std::string unit, night, phone, then;
};

/// A section of a department or a community of a street: where an order goes inside a unit.
struct Section {
  std::string id, unit;
  LocalizedText name;
  std::string region;                   ///< of a community
  std::vector<std::string> categories;  ///< that it handles as a rule
};

/// The drawing under the map of requests: invented, without boundaries.
struct MapLine {
  std::string kind;  ///< sea, river, road
  LocalizedText name;
  std::vector<std::pair<std::int64_t, std::int64_t>> points;
};
struct MapPlace {
  std::string region;
  LocalizedText name;
  std::string level;  ///< street or community
  std::int64_t x = 0, y = 0;
};
struct RegionMap {
  std::int64_t width = 0, height = 0;
  std::vector<MapLine> lines;
  std::vector<MapPlace> places;
};

struct Knowledge {
  DutyList duties;
  Rules rules;
  std::vector<Elsewhere> elsewhere;
  Fragments fragments;
  std::vector<CoreSentence> corpus;
  std::vector<Measure> measures;
  std::vector<Shift> shifts;
  Shift otherwise;  ///< where the table says nothing about a unit
  OfficeHours hours;
  std::vector<Section> sections;
  RegionMap map;  ///< without places when the pack has none
  /// What may stand in words that say nothing to go by (words.yaml, says_nothing), longest first; and how much else, at most.
  std::vector<std::u32string> empty_words;
  std::size_t empty_rest = 0;
  /// Whether nothing is left of the words but those: such a text is dispatched by people, however sure the model is.
  bool says_nothing(std::string_view text) const;
  text::Extractor reader;   ///< by the lists of words.yaml; without them by forms alone
  text::WordCounts counts;  ///< over the corpus

  Elsewhere const* find_elsewhere(std::string_view id) const;
  /// A section of a unit by its id or its name; null when the unit has none of that name.
  Section const* section(std::string_view unit, std::string_view id_or_name) const;
  /// Where an order of this kind at this place goes as a rule inside a unit; null when the pack does not say.
  Section const* likely_section(std::string_view unit, std::string_view category, std::string_view region) const;
  /// Whether what is told under this category needs a name: it cannot be handled for somebody unknown.
  bool needs_name(Entry const& entry) const;
  /// The limit of a step; null when the rules give it none.
  StepLimit const* step_limit(std::string_view step) const;
  /// The community next to a mark on the drawing ("412,330"); null when it is no mark on it.
  MapPlace const* marked(std::string_view spot) const;
};

/// Null, without complaints, when the pack has no duties. Each category in force needs at least two core sentences.
std::shared_ptr<Knowledge const> compile(pack::Pack const& pack, spine::Release const& release, std::vector<Error>& errors);

/// Core sentences by their number; number 0 holds single words of a category, which are always learnt and never judged. One of
/// `folds` parts, or all but that part. Texts made from one core never stand on both sides: otherwise the measured accuracy would
/// be that of remembering. Without folds: all.
struct Fold {
  int folds = 0;
  int which = 0;
  bool held = false;
  bool holds(CoreSentence const& core) const {
    return core.number == 0 ? !held : folds == 0 || (core.number % folds == which) == held;
  }
};
/// The core sentences of a part and `variants` texts made from each: deterministic for a seed. A held part is judged as people
/// write, so it has the variants alone. Places come from the duty list.
std::vector<text::Labelled> corpus_part(Knowledge const& knowledge, Fold const& fold, std::size_t variants, std::uint64_t seed);
/// One text made from a core, as people write; `place` may be empty.
std::string vary(Fragments const& fragments, std::string_view core, std::string_view place, std::uint64_t random);

}  // namespace yiwang::service_request

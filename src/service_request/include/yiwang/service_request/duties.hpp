#pragma once
// The responsibility list (职责清单): category × area × day -> lead unit, helpers, limits, basis. Data of a pack, checked for
// gaps and overlaps when it is compiled; immutable and shared between threads.

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "yiwang/base/time.hpp"
#include "yiwang/pack/pack.hpp"
#include "yiwang/spine/definition.hpp"

namespace yiwang::service_request {

using pack::LocalizedText;

/// The lead that means "the street office of the place".
inline constexpr std::string_view kStreet = "street";

/// Inclusive days; without `until` in force until the next version of the same entry.
struct Span {
  Date from;
  std::optional<Date> until;
  bool holds(Date day) const { return from <= day && (!until || day <= *until); }
};

struct Limits {
  std::int64_t contact_minutes = 1440;  ///< first contact, round the clock
  std::int64_t close_workdays = 0;      ///< 0 where close_minutes counts
  std::int64_t close_minutes = 0;
};

struct Entry {
  std::string code;  ///< "0101"
  std::string id;    ///< "garbage_pile"
  std::string group;
  std::string kind;  ///< consultation, request, complaint, urgent
  std::string lead;  ///< a unit, or kStreet
  std::string desk;
  std::vector<std::string> helpers;
  Limits limits;
  std::vector<std::string> urgent_words;
  Limits urgent_limits;
  bool boundary = false;    ///< units are known to dispute it (⚔)
  bool about_lead = false;  ///< a complaint about the unit that would lead
  LocalizedText title;
  std::string basis;
  Span span;
};

struct Area {
  std::string id;
  LocalizedText name;
  std::vector<std::string> words;
  std::string region;
  std::int64_t contact_minutes = 0;  ///< 0: as the entry says
};

struct Override {
  std::string area;
  std::string entry;
  std::string lead;
  std::vector<std::string> helpers;
  Span span;
  std::string basis;
};

struct Precedent {
  std::string id;
  std::string date;
  std::vector<std::string> entries;
  std::string ruling;
};

/// Who does it, by when, on what ground.
struct Assignment {
  std::string code;
  std::string lead;  ///< a unit; empty when the street is not known yet
  std::vector<std::string> helpers;
  Limits limits;
  bool urgent = false;
  bool moved = false;  ///< complained about its own lead: another unit handles it
  std::string area;    ///< which override decided, if one did
  std::string basis;
};

/// Where the words say it is.
struct Place {
  std::string name;    ///< "碧澜花园"
  std::string region;  ///< id of the smallest region known
  std::vector<std::string> areas;
};

class DutyList {
 public:
  std::string version;
  std::vector<std::pair<std::string, LocalizedText>> groups;
  std::vector<Entry> entries;
  std::vector<Area> areas;
  std::vector<Override> overrides;
  std::vector<std::pair<std::string, std::string>> places;    ///< name -> region
  std::map<std::string, std::string, std::less<>> streets;    ///< region of a street -> its unit
  std::map<std::string, LocalizedText, std::less<>> outside;  ///< bodies that help but are no units
  std::vector<Precedent> precedents;
  std::map<std::string, std::string, std::less<>> parents;  ///< region -> its parent
  std::string conduct_handled_by;                           ///< gets complaints about the unit that would lead
  std::string conduct_otherwise;                            ///< and complaints about that one

  /// The version of an entry that is in force on that day; null when there is none.
  Entry const* entry(std::string_view code, Date day) const;
  /// Place and areas that the words name; `hint` is what the person wrote as the place, and goes first.
  Place find_place(std::string_view hint, std::string_view text, std::string_view region = {}) const;
  /// The street office of a region; empty when the region lies in no street.
  std::string street_of(std::string_view region) const;
  /// Through the list only. None for a code that is not in force on that day. `about`: the unit complained of.
  std::optional<Assignment> assign(std::string_view code, Place const& place, std::string_view text, std::string_view about,
                                   Date day) const;
  std::vector<Precedent const*> precedents_of(std::string_view code) const;
};

/// A change of the list by a ruling: who leads in a category, everywhere or in one area, from a day on.
struct Amendment {
  std::string code;
  std::string area;  ///< empty: everywhere
  std::string lead;  ///< a unit, or kStreet
  Date from;
  std::string basis;
};
/// The list with the amendment in force from its day on; every day before stays as it was. It must not leave a gap or an overlap,
/// as in the pack. Errors: request.amendment, request.duty_overlap.
Result<DutyList> amended(DutyList const& list, Amendment const& amendment);

/// Reads duties/*.yaml of a checked pack. Complaints (request.duty_gap, request.duty_overlap, pack.reference, pack.duplicate)
/// name file, line, column and cure. Null when the pack has no duties/duties.yaml.
std::shared_ptr<DutyList const> compile_duties(pack::Pack const& pack, spine::Release const& release, std::vector<Error>& errors);

}  // namespace yiwang::service_request

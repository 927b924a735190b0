#include <algorithm>
#include <array>
#include <boost/json.hpp>

#include "yiwang/clock/json.hpp"

namespace yiwang::clock {
namespace {

namespace bj = boost::json;

tl::unexpected<Error> malformed(std::string why) { return fail(Error(ErrorCode::clock_format, {{"why", std::move(why)}})); }

std::string_view view(bj::string const& text) { return {text.data(), text.size()}; }

bj::value const* member(bj::object const& object, std::string_view key) {
  auto const it = object.find(key);
  return it == object.end() || it->value().is_null() ? nullptr : &it->value();
}

bool digits(std::string_view text, std::size_t at, std::size_t count, int& out) {
  if (at + count > text.size()) return false;
  out = 0;
  for (std::size_t i = at; i < at + count; ++i) {
    if (text[i] < '0' || text[i] > '9') return false;
    out = out * 10 + (text[i] - '0');
  }
  return true;
}

bool read_day(std::string_view text, std::int64_t& out) {
  int year = 0, month = 0, day = 0;
  if (text.size() != 10 || text[4] != '-' || text[7] != '-' || !digits(text, 0, 4, year) || !digits(text, 5, 2, month) ||
      !digits(text, 8, 2, day)) {
    return false;
  }
  if (year < 1 || month < 1 || month > 12 || day < 1 || day > days_in_month(year, month)) return false;
  out = to_date({year, month, day}).days;
  return true;
}

/// §2. False for anything else and for impossible dates.
bool read_time(std::string_view text, std::int64_t& local) {
  std::int64_t day = 0;
  if (text.size() < 10 || !read_day(text.substr(0, 10), day)) return false;
  local = day * 86'400;
  if (text.size() == 10) return true;
  int hour = 0, minute = 0, second = 0;
  if (text[10] != 'T' || !digits(text, 11, 2, hour) || text.size() < 16 || text[13] != ':' || !digits(text, 14, 2, minute)) {
    return false;
  }
  std::size_t at = 16;
  if (at < text.size() && text[at] == ':') {
    if (!digits(text, 17, 2, second)) return false;
    at = 19;
  }
  if (hour > 23 || minute > 59 || second > 59) return false;
  local += hour * 3600 + minute * 60 + second;
  if (at == text.size()) return true;
  if (text[at] == 'Z') {
    local += kShanghaiOffsetSeconds;
    return at + 1 == text.size();
  }
  int zone_hour = 0, zone_minute = 0;
  if ((text[at] != '+' && text[at] != '-') || text.size() != at + 6 || text[at + 3] != ':' ||
      !digits(text, at + 1, 2, zone_hour) || !digits(text, at + 4, 2, zone_minute) || zone_hour > 23 || zone_minute > 59) {
    return false;
  }
  std::int64_t const offset = zone_hour * 3600 + zone_minute * 60;
  local += kShanghaiOffsetSeconds - (text[at] == '-' ? -offset : offset);
  return true;
}

Error bad_time(std::string value, std::optional<std::size_t> event = std::nullopt) {
  Error error(ErrorCode::clock_time, {{"value", std::move(value)}});
  return event ? std::move(error).with("event", std::to_string(*event)) : error;
}

Result<std::optional<std::int64_t>> optional_day(bj::object const& object, std::string_view key) {
  bj::value const* value = member(object, key);
  if (value == nullptr) return std::optional<std::int64_t>{};
  std::int64_t day = 0;
  if (!value->is_string() || !read_day(view(value->get_string()), day)) {
    return malformed("'" + std::string(key) + "' is not a day");
  }
  return std::optional<std::int64_t>{day};
}

/// True when the value is a whole number within ±10^15.
bool whole(bj::value const& value, std::int64_t& out) {
  if (value.is_int64()) {
    out = value.get_int64();
  } else if (value.is_uint64()) {
    out = value.get_uint64() > 1'000'000'000'000'000 ? 1'000'000'000'000'000 : static_cast<std::int64_t>(value.get_uint64());
  } else {
    return false;
  }
  out = std::clamp<std::int64_t>(out, -1'000'000'000'000'000, 1'000'000'000'000'000);
  return true;
}

Result<std::map<std::int64_t, bool>> work_days(bj::value const& value) {
  if (!value.is_object()) return malformed("days are an object");
  std::map<std::int64_t, bool> days;
  for (auto const& [key, kind] : value.get_object()) {
    std::int64_t day = 0;
    if (!read_day(key, day)) return malformed("'" + std::string(key) + "' is not a day");
    if (!kind.is_string() || (kind.get_string() != "rest" && kind.get_string() != "work")) {
      return malformed("a day is \"rest\" or \"work\"");
    }
    days[day] = kind.get_string() == "work";
  }
  return days;
}

Result<Calendar> read_calendar(bj::object const& root, DayTable const& table) {
  bj::value const* value = member(root, "calendar");
  if (value == nullptr || !value->is_object()) return malformed("'calendar' is missing");
  bj::object const& object = value->get_object();
  Calendar calendar;
  if (bj::value const* base = member(object, "base")) {
    if (!base->is_string() || (base->get_string() != "cn" && base->get_string() != "none")) {
      return malformed("'base' is cn or none");
    }
    if (base->get_string() == "cn") calendar.table = &table;
  } else {
    return malformed("'base' is missing");
  }
  YW_ASSIGN(calendar.known_through, optional_day(object, "known_through"));
  if (bj::value const* unknown = member(object, "unknown")) {
    if (!unknown->is_string() || (unknown->get_string() != "refuse" && unknown->get_string() != "provisional")) {
      return malformed("'unknown' is refuse or provisional");
    }
    calendar.provisional = unknown->get_string() == "provisional";
  }
  if (bj::value const* days = member(object, "override")) {
    YW_ASSIGN(calendar.override_days, work_days(*days));
  }
  if (bj::value const* hours = member(object, "hours")) {
    if (!hours->is_array() || hours->get_array().empty() || hours->get_array().size() > 16) {
      return malformed("'hours' is a list of intervals");
    }
    calendar.hours.clear();
    std::int32_t last = 0;
    for (bj::value const& interval : hours->get_array()) {
      if (!interval.is_array() || interval.get_array().size() != 2) return malformed("an interval is [from, to]");
      std::array<std::int32_t, 2> ends{};
      for (std::size_t i = 0; i < 2; ++i) {
        bj::value const& end = interval.get_array()[i];
        int hour = 0, minute = 0;
        if (!end.is_string()) return malformed("a time of day is HH:MM");
        std::string_view const text = view(end.get_string());
        if (text.size() != 5 || text[2] != ':' || !digits(text, 0, 2, hour) || !digits(text, 3, 2, minute) ||
            hour * 60 + minute > 24 * 60 || minute > 59) {
          return malformed("a time of day is HH:MM");
        }
        ends[i] = hour * 3600 + minute * 60;
      }
      if (ends[0] < last || ends[1] <= ends[0]) return malformed("intervals are ordered and apart");
      last = ends[1];
      calendar.hours.emplace_back(ends[0], ends[1]);
    }
  }
  return calendar;
}

// ---- rules ----

template <class E, std::size_t N>
using Names = std::array<std::pair<std::string_view, E>, N>;

constexpr Names<Unit, 6> kUnits{{{"workday", Unit::workday},
                                 {"day", Unit::day},
                                 {"month", Unit::month},
                                 {"year", Unit::year},
                                 {"hour", Unit::hour},
                                 {"workhour", Unit::workhour}}};
constexpr Names<Kind, 2> kKinds{{{"statutory", Kind::statutory}, {"promised", Kind::promised}}};
constexpr Names<Direction, 2> kDirections{{{"after", Direction::after}, {"before", Direction::before}}};
constexpr Names<StartRule, 3> kStartRules{
    {{"next_day", StartRule::next_day}, {"same_day", StartRule::same_day}, {"next_workday", StartRule::next_workday}}};
constexpr Names<Shift, 2> kShifts{{{"same_day", Shift::same_day}, {"next_workday", Shift::next_workday}}};
constexpr Names<EndTime, 2> kEndTimes{{{"close", EndTime::close}, {"24:00", EndTime::midnight}}};
constexpr Names<Roll, 3> kRolls{{{"forward", Roll::forward}, {"backward", Roll::backward}, {"none", Roll::none}}};
constexpr Names<PauseDays, 4> kPauseDays{{{"from_event_day", PauseDays::from_event_day},
                                          {"after_event_day", PauseDays::after_event_day},
                                          {"both", PauseDays::both},
                                          {"neither", PauseDays::neither}}};
constexpr Names<ExtendFrom, 2> kExtendFroms{{{"nominal", ExtendFrom::nominal}, {"rolled", ExtendFrom::rolled}}};
constexpr Names<HourStart, 2> kHourStarts{{{"moment", HourStart::moment}, {"next_hour", HourStart::next_hour}}};
constexpr Names<Effective, 2> kEffectives{{{"receipt", Effective::receipt}, {"period_end", Effective::period_end}}};

/// Reads one clock; every fault of a setting is E_RULE with the clock's id, every fault of shape E_FORMAT.
class ClockReader {
 public:
  explicit ClockReader(bj::object const& object) : object_(object) {}

  Result<ClockRule> read() {
    bj::value const* id = member(object_, "id");
    if (id == nullptr || !id->is_string()) return malformed("a clock has an id");
    rule_.id = view(id->get_string());
    std::int64_t amount = 0;
    bj::value const* value = member(object_, "amount");
    if (value == nullptr || !whole(*value, amount) || amount < 1 || amount > kMaxAmount) return fault("amount");
    rule_.amount = amount;
    if (member(object_, "unit") == nullptr) return fault("unit");
    YW_TRY(setting("unit", kUnits, rule_.unit));
    YW_TRY(setting("kind", kKinds, rule_.kind));
    YW_TRY(setting("direction", kDirections, rule_.direction));
    if (rule_.direction == Direction::before) rule_.roll = Roll::backward;
    YW_TRY(setting("start_rule", kStartRules, rule_.start_rule));
    YW_TRY(setting("after_close", kShifts, rule_.after_close));
    YW_TRY(setting("on_rest_day", kShifts, rule_.on_rest_day));
    YW_TRY(setting("end_time", kEndTimes, rule_.end_time));
    YW_TRY(setting("roll", kRolls, rule_.roll));
    YW_TRY(setting("pause_days", kPauseDays, rule_.pause_days));
    YW_TRY(setting("extend_from", kExtendFroms, rule_.extend_from));
    YW_TRY(setting("hour_start", kHourStarts, rule_.hour_start));
    YW_TRY(flag(object_, "clear", rule_.clear));
    if (rule_.hours() && rule_.direction == Direction::before) return fault("hours cannot be counted back");
    YW_TRY(pauses());
    YW_TRY(extension());
    YW_TRY(hold());
    YW_TRY(expiry());
    YW_TRY(warnings());
    YW_TRY(words("start_on", rule_.start_on));
    YW_TRY(words("stop_on", rule_.stop_on));
    YW_TRY(words("hold_on", rule_.hold_on));
    YW_TRY(words("restart_on", rule_.restart_on));
    return std::move(rule_);
  }

 private:
  tl::unexpected<Error> fault(std::string_view why) const {
    return fail(Error(ErrorCode::clock_rule, {{"clock", rule_.id}, {"why", std::string(why)}}));
  }

  template <class E, std::size_t N>
  Status setting(bj::object const& object, std::string_view key, Names<E, N> const& names, E& out) const {
    bj::value const* value = member(object, key);
    if (value == nullptr) return {};
    if (value->is_string()) {
      for (auto const& [name, meaning] : names) {
        if (name == view(value->get_string())) {
          out = meaning;
          return {};
        }
      }
    }
    return fault(key);
  }
  template <class E, std::size_t N>
  Status setting(std::string_view key, Names<E, N> const& names, E& out) const {
    return setting(object_, key, names, out);
  }

  Status flag(bj::object const& object, std::string_view key, bool& out) const {
    bj::value const* value = member(object, key);
    if (value == nullptr) return {};
    if (!value->is_bool()) return fault(key);
    out = value->get_bool();
    return {};
  }

  Status positive(bj::object const& object, std::string_view key, std::int64_t& out, std::int64_t least = 1) const {
    bj::value const* value = member(object, key);
    if (value == nullptr) return {};
    std::int64_t number = 0;
    if (!whole(*value, number) || number < least || number > kMaxAmount) return fault(key);
    out = number;
    return {};
  }

  Status words(std::string_view key, std::vector<std::string>& out) const {
    bj::value const* value = member(object_, key);
    if (value == nullptr) return {};
    if (!value->is_array()) return malformed("'" + std::string(key) + "' is a list of event types");
    for (bj::value const& word : value->get_array()) {
      if (!word.is_string()) return malformed("'" + std::string(key) + "' is a list of event types");
      out.emplace_back(view(word.get_string()));
    }
    return {};
  }

  Status amount_of(bj::value const& value, Amount& out, bool days_only) const {
    if (!value.is_object()) return malformed("an amount is {amount, unit}");
    if (member(value.get_object(), "amount") == nullptr) return fault("amount");
    YW_TRY(positive(value.get_object(), "amount", out.amount));
    if (member(value.get_object(), "unit") == nullptr) return fault("unit");
    YW_TRY(setting(value.get_object(), "unit", kUnits, out.unit));
    if (days_only && out.unit != Unit::day && out.unit != Unit::workday) return fault("unit");
    return {};
  }

  Status pauses() {
    bj::value const* value = member(object_, "pause_reasons");
    if (value == nullptr) return {};
    if (!value->is_object()) return malformed("'pause_reasons' is an object");
    for (auto const& [reason, bound] : value->get_object()) {
      std::optional<Amount> max;
      if (bound.is_object()) {
        if (bj::value const* limit = member(bound.get_object(), "max")) {
          max.emplace();
          YW_TRY(amount_of(*limit, *max, true));
        }
      } else if (!bound.is_null()) {
        return malformed("a pause reason is an object");
      }
      rule_.pause_reasons.emplace(std::string(reason), max);
    }
    return {};
  }

  Status extension() {
    bj::value const* value = member(object_, "extension");
    if (value == nullptr) return {};
    if (!value->is_object()) return malformed("'extension' is an object");
    bj::object const& object = value->get_object();
    if (rule_.direction == Direction::before) return fault("a clock that counts back is not extended");
    Extension out;
    out.unit = rule_.unit;
    if (member(object, "max") == nullptr) return fault("max");
    YW_TRY(positive(object, "max", out.max));
    YW_TRY(positive(object, "times", out.times, 0));
    out.total = out.max * out.times;
    YW_TRY(positive(object, "total", out.total));
    YW_TRY(setting(object, "unit", kUnits, out.unit));
    bool const hours = out.unit == Unit::hour || out.unit == Unit::workhour;
    if ((hours || rule_.hours()) && out.unit != rule_.unit) return fault("hours and days do not mix");
    YW_TRY(flag(object, "reason_required", out.reason_required));
    if (bj::value const* by = member(object, "by")) {
      if (!by->is_array()) return malformed("'by' is a list");
      out.by.emplace();
      for (bj::value const& who : by->get_array()) {
        if (!who.is_string()) return malformed("'by' is a list of roles");
        out.by->emplace_back(view(who.get_string()));
      }
    }
    rule_.extension = std::move(out);
    return {};
  }

  Status hold() {
    YW_TRY(positive(object_, "hold_times", rule_.hold_times, 0));
    if (bj::value const* value = member(object_, "hold_within")) {
      rule_.hold_within.emplace();
      YW_TRY(amount_of(*value, *rule_.hold_within, false));
    }
    return {};
  }

  Status expiry() {
    bj::value const* value = member(object_, "on_expiry");
    if (value == nullptr) return {};
    if (!value->is_object()) return malformed("'on_expiry' is an object");
    bj::object const& object = value->get_object();
    YW_TRY(setting(object, "effective", kEffectives, rule_.on_expiry.effective));
    if (bj::value const* event = member(object, "event")) {
      if (!event->is_string()) return malformed("'on_expiry.event' is an event type");
      rule_.on_expiry.event = std::string(view(event->get_string()));
    }
    if (bj::value const* effect = member(object, "effect")) {
      if (!effect->is_string()) return malformed("'on_expiry.effect' is a name");
      rule_.on_expiry.effect = std::string(view(effect->get_string()));
    }
    return {};
  }

  Status warnings() {
    bj::value const* value = member(object_, "warnings");
    if (value == nullptr) return {};
    if (!value->is_array()) return malformed("'warnings' is a list");
    for (bj::value const& item : value->get_array()) {
      if (!item.is_object()) return malformed("a warning is an object");
      bj::value const* level = member(item.get_object(), "level");
      bj::value const* left = member(item.get_object(), "left");
      Warning warning;
      if (level == nullptr || !level->is_string() || left == nullptr || !whole(*left, warning.left)) {
        return malformed("a warning is {level, left}");
      }
      warning.level = view(level->get_string());
      rule_.warnings.push_back(std::move(warning));
    }
    return {};
  }

  bj::object const& object_;
  ClockRule rule_;
};

Status read_clocks(bj::object const& object, std::vector<ClockRule>& out) {
  bj::value const* value = member(object, "clocks");
  if (value == nullptr || !value->is_array()) return malformed("'clocks' is a list");
  if (value->get_array().size() > 64) return malformed("at most 64 clocks");
  for (bj::value const& clock : value->get_array()) {
    if (!clock.is_object()) return malformed("a clock is an object");
    YW_ASSIGN(ClockRule rule, ClockReader(clock.get_object()).read());
    for (ClockRule const& other : out) {
      if (other.id == rule.id) return malformed("clock ids are unique");
    }
    out.push_back(std::move(rule));
  }
  return {};
}

Result<Rule> read_rule(bj::value const* value) {
  if (value == nullptr || !value->is_object()) return malformed("'rule' is missing");
  bj::object const& object = value->get_object();
  Rule rule;
  if (bj::value const* id = member(object, "id"); id != nullptr && id->is_string()) rule.id = view(id->get_string());
  if (bj::value const* versions = member(object, "versions")) {
    if (!versions->is_array() || versions->get_array().size() > 256) return malformed("'versions' is a list");
    rule.versioned = true;
    for (bj::value const& item : versions->get_array()) {
      if (!item.is_object()) return malformed("a version is an object");
      RuleVersion version;
      bj::value const* name = member(item.get_object(), "version");
      if (name == nullptr || !name->is_string()) return malformed("a version has a name");
      version.version = view(name->get_string());
      YW_ASSIGN(auto from, optional_day(item.get_object(), "from"));
      YW_ASSIGN(auto to, optional_day(item.get_object(), "to"));
      if (from) version.from = Date{*from};
      if (to) version.to = Date{*to};
      YW_TRY(read_clocks(item.get_object(), version.clocks));
      rule.versions.push_back(std::move(version));
    }
    if (rule.versions.empty()) return malformed("a rule has at least one version");
  } else {
    rule.versions.emplace_back();
    rule.versions.back().version = "1";
    YW_TRY(read_clocks(object, rule.versions.back().clocks));
  }
  auto one_of = [&](std::string_view key, std::string_view first, std::string_view second, bool& second_given) -> Status {
    bj::value const* text = member(object, key);
    if (text == nullptr) return {};
    if (!text->is_string() || (view(text->get_string()) != first && view(text->get_string()) != second)) {
      return fail(Error(ErrorCode::clock_rule, {{"why", std::string(key)}}));
    }
    second_given = view(text->get_string()) == second;
    return {};
  };
  bool by_start = false;
  YW_TRY(one_of("select", "first_event", "clock_start", by_start));
  YW_TRY(one_of("overlap", "union", "error", rule.overlap_is_error));
  if (by_start) rule.select = Select::clock_start;
  return rule;
}

Status read_event(bj::value const& value, std::size_t index, Event& event) {
  if (!value.is_object()) return malformed("an event is an object");
  bj::object const& object = value.get_object();
  std::int64_t local = 0;
  bj::value const* at = member(object, "at");
  if (at == nullptr || !at->is_string() || !read_time(view(at->get_string()), local)) {
    return fail(bad_time(at != nullptr && at->is_string() ? std::string(view(at->get_string())) : "", index));
  }
  event.at = from_local(local);
  bj::value const* type = member(object, "type");
  if (type == nullptr || !type->is_string()) return malformed("an event has a type");
  event.type = view(type->get_string());
  auto text = [&](std::string_view key, std::optional<std::string>& out) {
    bj::value const* found = member(object, key);
    if (found != nullptr && found->is_string()) out = std::string(view(found->get_string()));
  };
  text("reason", event.reason);
  text("key", event.key);
  text("clock", event.clock);
  text("by", event.by);
  if (bj::value const* amount = member(object, "amount")) {
    std::int64_t number = 0;
    event.amount = whole(*amount, number) ? number : 0;
  }
  if (bj::value const* date = member(object, "date")) {
    std::int64_t when = 0;
    if (!date->is_string() || !read_time(view(date->get_string()), when)) return fail(bad_time("date", index));
    event.date = Date{day_of(when)};
  }
  if (event.type == "calendar_change") {
    if (bj::value const* id = member(object, "id"); id != nullptr && id->is_string()) {
      event.decree.id = view(id->get_string());
    }
    if (bj::value const* days = member(object, "days")) {
      YW_ASSIGN(event.decree.days, work_days(*days));
    }
    YW_ASSIGN(event.decree.known_through, optional_day(object, "known_through"));
  }
  return {};
}

bj::value parse_text(std::string_view json, bj::error_code& error) {
  bj::parse_options options;
  options.max_depth = 32;
  return bj::parse({json.data(), json.size()}, error, {}, options);
}

}  // namespace

Result<Instant> parse_time(std::string_view text) {
  std::int64_t local = 0;
  if (!read_time(text, local)) return fail(bad_time(std::string(text)));
  return from_local(local);
}

Result<CalendarYear> parse_calendar_year(std::string_view json) {
  auto bad = [](std::string why) { return fail(Error(ErrorCode::clock_calendar_file, {{"why", std::move(why)}})); };
  bj::error_code error;
  bj::value const root = parse_text(json, error);
  if (error || !root.is_object()) return bad("not JSON");
  CalendarYear out;
  bj::value const* year = member(root.get_object(), "year");
  if (year == nullptr || !year->is_int64() || year->get_int64() < 1 || year->get_int64() > 9999) return bad("year");
  out.year = static_cast<int>(year->get_int64());
  if (bj::value const* days = member(root.get_object(), "holidays")) {
    if (!days->is_object()) return bad("holidays");
    for (auto const& [key, name] : days->get_object()) {
      std::int64_t day = 0;
      if (!read_day(key, day) || !name.is_string()) return bad("holidays: " + std::string(key));
      out.holidays[day] = view(name.get_string());
    }
  }
  if (bj::value const* days = member(root.get_object(), "makeup")) {
    auto add = [&](std::string_view text) {
      std::int64_t day = 0;
      if (!read_day(text, day)) return false;
      out.makeup.push_back(day);
      return true;
    };
    if (days->is_array()) {
      for (bj::value const& day : days->get_array()) {
        if (!day.is_string() || !add(view(day.get_string()))) return bad("makeup");
      }
    } else if (days->is_object()) {
      for (auto const& [day, name] : days->get_object()) {
        if (!add(day)) return bad("makeup");
      }
    } else {
      return bad("makeup");
    }
  }
  return out;
}

Result<DayTable> embedded_calendar() {
  std::vector<CalendarYear> years;
  for (std::string_view text : embedded_calendar_texts()) {
    YW_ASSIGN(CalendarYear year, parse_calendar_year(text));
    years.push_back(std::move(year));
  }
  return DayTable(years);
}

Result<Rule> parse_rule(std::string_view json) {
  bj::error_code error;
  bj::value const root = parse_text(json, error);
  if (error) return malformed("not JSON");
  return read_rule(&root);
}

Result<Case> parse_case(std::string_view json, DayTable const& table) {
  bj::error_code error;
  unsigned char buffer[16384];
  bj::monotonic_resource memory(buffer, sizeof buffer);
  bj::parse_options options;
  options.max_depth = 32;
  bj::value const root = bj::parse({json.data(), json.size()}, error, &memory, options);
  if (error || !root.is_object()) return malformed("not a JSON object");
  bj::object const& object = root.get_object();
  Case out;
  if (auto const it = object.find("id"); it != object.end()) out.id_json = bj::serialize(it->value());
  YW_ASSIGN(out.calendar, read_calendar(object, table));
  YW_ASSIGN(out.rule, read_rule(member(object, "rule")));
  bj::value const* events = member(object, "events");
  if (events == nullptr || !events->is_array()) return malformed("'events' is a list");
  if (events->get_array().size() > 10'000) return malformed("at most 10000 events");
  out.events.resize(events->get_array().size());
  for (std::size_t i = 0; i < out.events.size(); ++i) {
    YW_TRY(read_event(events->get_array()[i], i, out.events[i]));
    if (i > 0 && out.events[i].at < out.events[i - 1].at) {
      return fail(Error(ErrorCode::clock_event_order, {{"event", std::to_string(i)}}));
    }
  }
  if (out.events.empty()) return fail(ErrorCode::clock_events);
  if (bj::value const* asks = member(object, "asks")) {
    if (!asks->is_array() || asks->get_array().size() > 10'000) return malformed("'asks' is a list");
    for (bj::value const& ask : asks->get_array()) {
      std::int64_t local = 0;
      if (!ask.is_string() || !read_time(view(ask.get_string()), local)) return fail(bad_time("ask"));
      out.asks.push_back(from_local(local));
    }
  }
  return out;
}

}  // namespace yiwang::clock

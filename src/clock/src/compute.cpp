#include "compute.hpp"

#include <algorithm>

namespace yiwang::clock {
namespace {

/// §5.3: the day n months after `base`, clamped to the month's end.
std::int64_t add_months(std::int64_t base, std::int64_t months, bool& clamped) {
  YearMonthDay ymd = to_ymd(Date{base});
  std::int64_t const index = ymd.year * 12 + (ymd.month - 1) + months;
  std::int64_t const year = index >= 0 ? index / 12 : -((-index + 11) / 12);
  int const month = static_cast<int>(index - year * 12) + 1;
  int const last = days_in_month(year, month);
  clamped = ymd.day > last;
  return to_date({year, month, clamped ? last : ymd.day}).days;
}

std::int64_t months_of(Amount amount) { return amount.unit == Unit::year ? amount.amount * 12 : amount.amount; }
bool is_months(Unit unit) { return unit == Unit::month || unit == Unit::year; }

struct Segment {
  Amount amount;
  bool extension = false;
};

class Walk {
 public:
  explicit Walk(ComputeInput const& input)
      : in_(input), rule_(*input.rule), days_(*input.calendar, input.decrees, input.decree_count) {}

  Computed run() {
    bool ok = false;
    if (rule_.direction == Direction::before) {
      ok = count_back();
    } else {
      ok = resolve_pauses() && effective_day() && (rule_.hours() ? walk_hours() : walk_days());
    }
    out_.provisional = days_.provisional;
    if (!ok) {
      out_.unknown_day = days_.unknown;
      out_.due_at.reset();
      out_.due_day.reset();
      out_.nominal.reset();
      out_.lines.clear();
    }
    return std::move(out_);
  }

 private:
  void line(Line value) { out_.lines.push_back(std::move(value)); }

  /// Appends a day, joining it to the line before it (§8).
  void day_line(LineKind kind, std::int64_t day, std::int64_t step, std::string_view name = {},
                std::vector<std::string_view> const* reasons = nullptr, std::int64_t total = 0) {
    if (!out_.lines.empty()) {
      Line& last = out_.lines.back();
      if (last.kind == kind && last.to + step == day && last.name == name &&
          (reasons == nullptr ? last.reasons.empty() : last.reasons == *reasons) && step == last_step_) {
        last.to = day;
        ++last.days;
        last.total = total;
        return;
      }
    }
    Line value;
    value.kind = kind;
    value.from = value.to = day;
    value.days = 1;
    value.total = total;
    value.name = name;
    if (reasons != nullptr) value.reasons = *reasons;
    last_step_ = step;
    line(std::move(value));
  }

  /// §5.4. Bounds are looked up here, before anything else.
  bool resolve_pauses() {
    for (Pause const& pause : *in_.pauses) {
      std::int64_t to = pause.real_to;
      if (pause.max) {
        std::int64_t day = day_of(pause.from);
        if (pause.max->unit == Unit::workday) {
          for (std::int64_t counted = 0; counted < pause.max->amount;) {
            DayInfo info;
            if (!days_.get(++day, info)) return false;
            if (info.works()) ++counted;
          }
        } else {
          day += pause.max->amount;
        }
        to = std::min(to, (day + 1) * kDaySeconds);
      }
      std::int64_t const p = day_of(pause.from);
      bool const from_event = rule_.pause_days == PauseDays::from_event_day || rule_.pause_days == PauseDays::both;
      bool const to_event = rule_.pause_days == PauseDays::after_event_day || rule_.pause_days == PauseDays::both;
      Span span{from_event ? p : p + 1, kOpen, pause.from, to, pause.reason};
      if (to != kOpen) span.last_day = to_event ? day_of(to) : day_of(to) - 1;
      if (span.last_day >= span.first_day || to > pause.from) out_.spans.push_back(span);
    }
    return true;
  }

  /// §5.1.
  bool effective_day() {
    std::int64_t const t_day = day_of(in_.start);
    effective_ = t_day;
    bool move = false;
    DayInfo info;
    if (rule_.on_rest_day == Shift::next_workday) {
      if (!days_.get(t_day, info)) return false;
      move = !info.works();
    }
    if (!move && rule_.after_close == Shift::next_workday && in_.start - t_day * kDaySeconds > in_.calendar->close()) {
      if (!days_.get(t_day, info)) return false;
      move = info.works();
    }
    if (move) {
      do {
        day_line(LineKind::deferred, effective_, 1);
        if (!days_.get(++effective_, info)) return false;
      } while (!info.works());
    }
    return true;
  }

  /// Sorted distinct reasons that exclude the day; `open` tells whether an open pause is among them.
  bool excluded(std::int64_t day, bool& open) {
    reasons_.clear();
    open = false;
    for (Span const& span : out_.spans) {
      if (day < span.first_day || day > span.last_day) continue;
      if (span.last_day == kOpen) open = true;
      reasons_.push_back(span.reason);
    }
    if (reasons_.size() > 1) {
      std::sort(reasons_.begin(), reasons_.end());
      reasons_.erase(std::unique(reasons_.begin(), reasons_.end()), reasons_.end());
    }
    return !reasons_.empty();
  }

  void open_pause(std::int64_t from, bool hours) {
    Line value;
    value.kind = LineKind::open_pause;
    value.hours = hours;
    value.from = from;
    value.reasons = reasons_;
    line(std::move(value));
  }

  /// §5.7: what is walked, in order.
  std::vector<Segment> segments() const {
    std::vector<Segment> list{{{rule_.amount, rule_.unit}, false}};
    for (std::int64_t amount : *in_.extensions) {
      Unit const unit = rule_.extension->unit;
      if (unit == list.back().amount.unit && rule_.extend_from == ExtendFrom::nominal) {
        list.back().amount.amount += amount;
      } else {
        list.push_back({{amount, unit}, true});
      }
    }
    return list;
  }

  /// Rolls forward or backward from `day` (§5.5). 1 = done, 0 = unknown day, -1 = an open pause is in the way.
  int roll(std::int64_t& day, Roll direction) {
    std::int64_t const step = direction == Roll::forward ? 1 : -1;
    for (;;) {
      bool open = false;
      if (step == 1 && rule_.direction == Direction::after && excluded(day, open)) {
        if (open) {
          open_pause(day, false);
          return -1;
        }
        day_line(LineKind::paused, day, 1, {}, &reasons_);
      } else {
        DayInfo info;
        if (!days_.get(day, info)) return 0;
        if (info.works()) return 1;
        day_line(LineKind::roll, day, step);
      }
      day += step;
    }
  }

  bool walk_days() {
    std::int64_t first = effective_;
    if (rule_.start_rule != StartRule::same_day) {
      day_line(LineKind::start, effective_, 1);
      ++first;
    }
    if (rule_.start_rule == StartRule::next_workday) {
      DayInfo info;
      for (;; ++first) {
        if (!days_.get(first, info)) return false;
        if (info.works()) break;
        day_line(LineKind::wait, first, 1);
      }
    }
    out_.first_counted = first;
    std::vector<Segment> const list = segments();
    for (Segment const& segment : list) {
      out_.amount_total += is_months(segment.amount.unit) ? 30 * months_of(segment.amount) : segment.amount.amount;
    }

    std::int64_t last = first - 1;  // the day before the count goes on
    std::int64_t total = 0;
    for (std::size_t i = 0; i < list.size(); ++i) {
      Segment const& segment = list[i];
      if (segment.extension) {
        if (rule_.extend_from == ExtendFrom::rolled && rule_.roll == Roll::forward && list[i - 1].amount.unit != Unit::workday) {
          int const rolled = roll(last, Roll::forward);
          if (rolled <= 0) return rolled < 0;
        }
        Line value;
        value.kind = LineKind::extension;
        value.amount = segment.amount.amount;
        value.unit = segment.amount.unit;
        value.from = last;
        line(std::move(value));
      }
      std::int64_t amount = segment.amount.amount;
      if (is_months(segment.amount.unit)) amount = month_distance(segment, last, i == 0);
      std::int64_t day = last;
      for (std::int64_t counted = 0; counted < amount;) {
        ++day;
        bool open = false;
        if (!out_.spans.empty() && excluded(day, open)) {
          if (open) {
            open_pause(day, false);
            return true;
          }
          day_line(LineKind::paused, day, 1, {}, &reasons_);
          continue;
        }
        if (segment.amount.unit == Unit::workday) {
          DayInfo info;
          if (!days_.get(day, info)) return false;
          if (!info.works()) {
            day_line(info.kind == DayKind::holiday ? LineKind::holiday : LineKind::weekend, day, 1, info.name);
            continue;
          }
          ++counted;
          day_line(info.kind == DayKind::makeup ? LineKind::makeup : LineKind::count, day, 1, {}, nullptr, ++total);
        } else {
          ++counted;
          day_line(LineKind::count, day, 1, {}, nullptr, ++total);
        }
      }
      last = day;
    }
    std::int64_t due_day = last;
    if (list.back().amount.unit != Unit::workday && rule_.roll != Roll::none) {
      int const rolled = roll(due_day, rule_.roll);
      if (rolled <= 0) return rolled < 0;
    }
    out_.nominal = last;
    return set_due(due_day);
  }

  /// §5.3 months: the distance in days, with its line.
  std::int64_t month_distance(Segment const& segment, std::int64_t last, bool first_segment) {
    std::int64_t const months = months_of(segment.amount);
    bool clamped = false;
    std::int64_t target = 0;
    if (first_segment && rule_.start_rule == StartRule::same_day) {
      target = add_months(effective_, months, clamped);
      if (!clamped) --target;
    } else {
      // For next_workday the base is the day before the first counted one.
      target = add_months(last, months, clamped);
    }
    Line value;
    value.kind = LineKind::months;
    value.amount = months;
    value.from = last;
    value.to = target;
    value.clamped = clamped;
    value.days = target - last;
    out_.amount_total += value.days - 30 * months;
    line(std::move(value));
    return target - last;
  }

  /// §5.6.
  bool set_due(std::int64_t due_day) {
    std::int64_t at = due_day * kDaySeconds + kDaySeconds - 1;
    if (rule_.end_time == EndTime::close) {
      DayInfo info;
      if (!days_.get(due_day, info)) return false;
      if (info.works()) at = due_day * kDaySeconds + in_.calendar->close();
    }
    finish(at);
    out_.due_day = due_day;
    return true;
  }

  void finish(std::int64_t at) {
    out_.due_at = at;
    Line value;
    value.kind = LineKind::due;
    value.hours = true;
    value.from = at;
    line(std::move(value));
  }

  /// §5.8.
  bool count_back() {
    std::int64_t const anchor = in_.anchor_day ? *in_.anchor_day : day_of(in_.start);
    day_line(LineKind::anchor, anchor, -1);
    std::int64_t day = anchor;
    std::int64_t total = 0;
    if (is_months(rule_.unit)) {
      Line value;
      value.kind = LineKind::months;
      value.amount = months_of({rule_.amount, rule_.unit});
      value.from = anchor;
      value.to = add_months(anchor, -value.amount, value.clamped);
      value.days = anchor - value.to;
      std::int64_t const target = value.to;
      line(std::move(value));
      while (day > target) day_line(LineKind::count, --day, -1, {}, nullptr, ++total);
    } else {
      std::int64_t const amount = rule_.amount + (rule_.clear ? 1 : 0);
      while (total < amount) {
        --day;
        if (rule_.unit == Unit::workday) {
          DayInfo info;
          if (!days_.get(day, info)) return false;
          if (!info.works()) {
            day_line(info.kind == DayKind::holiday ? LineKind::holiday : LineKind::weekend, day, -1, info.name);
            continue;
          }
          ++total;
          day_line(info.kind == DayKind::makeup ? LineKind::makeup : LineKind::count, day, -1, {}, nullptr, total);
        } else {
          day_line(LineKind::count, day, -1, {}, nullptr, ++total);
        }
      }
    }
    out_.nominal = day;
    if (rule_.unit != Unit::workday && rule_.roll != Roll::none && roll(day, rule_.roll) == 0) return false;
    return set_due(day);
  }

  /// §5.9.
  bool walk_hours() {
    std::int64_t at = in_.start;
    if (effective_ != day_of(in_.start)) {
      at = effective_ * kDaySeconds + (in_.calendar->hours.empty() ? 0 : in_.calendar->hours.front().first);
    }
    if (rule_.hour_start == HourStart::next_hour) {
      at = (at >= 0 ? at / 3600 : -((-at + 3599) / 3600)) * 3600 + 3600;
    }
    Line begin;
    begin.kind = LineKind::start;
    begin.hours = true;
    begin.from = at;
    line(std::move(begin));
    out_.first_counted = at;
    std::int64_t amount = rule_.amount;
    for (std::int64_t extension : *in_.extensions) amount += extension;
    amount *= 3600;
    out_.amount_total = amount;

    std::int64_t limit = kOpen;
    for (Span const& span : out_.spans) {
      if (span.to == kOpen) limit = std::min(limit, std::max(span.from, at));
    }
    std::int64_t used = 0;
    if (rule_.unit == Unit::hour) {
      if (piece(at, limit, amount, used)) return true;
      return stopped_by(limit);
    }
    for (std::int64_t day = day_of(at);; ++day) {
      if (limit != kOpen && day * kDaySeconds > limit) return stopped_by(limit);
      DayInfo info;
      if (!days_.get(day, info)) return false;
      if (info.works()) {
        for (auto const& [open, close] : in_.calendar->hours) {
          std::int64_t const from = std::max(at, day * kDaySeconds + open);
          std::int64_t const to = std::min(limit, day * kDaySeconds + close);
          if (from < to && piece(from, to, amount, used)) return true;
        }
      }
      if (limit != kOpen && (day + 1) * kDaySeconds >= limit) return stopped_by(limit);
    }
  }

  bool stopped_by(std::int64_t limit) {
    reasons_.clear();
    for (Span const& span : out_.spans) {
      if (span.from <= limit && limit < span.to) reasons_.push_back(span.reason);
    }
    std::sort(reasons_.begin(), reasons_.end());
    reasons_.erase(std::unique(reasons_.begin(), reasons_.end()), reasons_.end());
    open_pause(limit, true);
    return true;
  }

  /// Counts the open time [from, to), cut at the edges of pauses. True when the amount is used up.
  bool piece(std::int64_t from, std::int64_t to, std::int64_t amount, std::int64_t& used) {
    while (from < to) {
      reasons_.clear();
      std::int64_t edge = to;
      for (Span const& span : out_.spans) {
        if (span.from <= from && from < span.to) {
          reasons_.push_back(span.reason);
          edge = std::min(edge, span.to);
        } else if (span.from > from && span.from < span.to) {
          edge = std::min(edge, span.from);
        }
      }
      bool const paused = !reasons_.empty();
      std::sort(reasons_.begin(), reasons_.end());
      reasons_.erase(std::unique(reasons_.begin(), reasons_.end()), reasons_.end());
      if (!paused && edge - from >= amount - used) edge = from + (amount - used);
      std::int64_t const seconds = edge - from;
      if (!paused) used += seconds;
      LineKind const kind = paused ? LineKind::paused : LineKind::count;
      Line* last = out_.lines.empty() ? nullptr : &out_.lines.back();
      if (last != nullptr && last->kind == kind && last->to == from && last->reasons == reasons_) {
        last->to = edge;
        last->days += seconds;
        last->total = used;
      } else {
        Line value;
        value.kind = kind;
        value.hours = true;
        value.from = from;
        value.to = edge;
        value.days = seconds;
        value.total = used;
        value.reasons = reasons_;
        line(std::move(value));
      }
      if (!paused && used == amount) {
        out_.due_day = out_.nominal = day_of(edge);
        finish(edge);
        return true;
      }
      from = edge;
    }
    return false;
  }

  ComputeInput const& in_;
  ClockRule const& rule_;
  Days days_;
  Computed out_;
  std::int64_t effective_ = 0;
  std::int64_t last_step_ = 1;
  std::vector<std::string_view> reasons_;
};

}  // namespace

Computed compute(ComputeInput const& input) { return Walk(input).run(); }

std::optional<std::int64_t> countable_seconds(ClockRule const& rule, Calendar const& calendar, Days& days, std::int64_t from,
                                              std::int64_t to, std::vector<Span> const& spans) {
  std::int64_t total = 0;
  auto piece = [&](std::int64_t begin, std::int64_t end) {
    // Pauses are few: cut the piece at every edge that lies inside it.
    std::vector<std::int64_t> cuts{begin, end};
    for (Span const& span : spans) {
      if (span.from > begin && span.from < end) cuts.push_back(span.from);
      if (span.to > begin && span.to < end) cuts.push_back(span.to);
    }
    std::sort(cuts.begin(), cuts.end());
    for (std::size_t i = 0; i + 1 < cuts.size(); ++i) {
      bool covered = false;
      for (Span const& span : spans) covered = covered || (span.from <= cuts[i] && cuts[i] < span.to);
      if (!covered) total += cuts[i + 1] - cuts[i];
    }
  };
  if (from >= to) return 0;
  if (rule.unit == Unit::hour) {
    piece(from, to);
    return total;
  }
  for (std::int64_t day = day_of(from); day * kDaySeconds < to; ++day) {
    DayInfo info;
    if (!days.get(day, info)) return std::nullopt;
    if (!info.works()) continue;
    for (auto const& [open, close] : calendar.hours) {
      std::int64_t const begin = std::max(from, day * kDaySeconds + open);
      std::int64_t const end = std::min(to, day * kDaySeconds + close);
      if (begin < end) piece(begin, end);
    }
  }
  return total;
}

}  // namespace yiwang::clock

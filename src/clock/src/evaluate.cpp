#include "yiwang/clock/evaluate.hpp"

#include <algorithm>

#include "compute.hpp"

namespace yiwang::clock {
namespace {

enum class Phase : std::uint8_t { not_started, running, held, stopped, stopped_held, terminated };

struct Run {
  std::string_view id;
  ClockRule const* rule = nullptr;  ///< of the current round; before it, of the version selected
  Phase phase = Phase::not_started;
  std::int64_t round = 0;
  std::int64_t start = 0;
  std::int64_t stop = 0;
  bool late = false;
  bool started_by_derived = false;
  bool fired = false;
  std::optional<std::int64_t> anchor_day;
  std::vector<Pause> pauses;
  std::vector<std::int64_t> extensions;
  std::int64_t holds = 0;
  std::size_t decree_count = 0;
  std::vector<Recalculation> recalc;
  std::optional<Computed> computed;

  bool active() const { return phase == Phase::running || phase == Phase::held; }
};

bool names(std::vector<std::string> const& list, std::string_view type) {
  return std::find(list.begin(), list.end(), type) != list.end();
}

class Evaluation {
 public:
  explicit Evaluation(Case const& input) : in_(input) {}

  Result<Outcome> run() {
    YW_TRY(choose_versions());
    std::vector<std::size_t> order(in_.asks.size());
    for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
    std::stable_sort(order.begin(), order.end(), [&](auto a, auto b) { return in_.asks[a] < in_.asks[b]; });
    out_.asks.resize(in_.asks.size());
    std::size_t next = 0;
    auto answer_before = [&](std::int64_t t) -> Status {
      for (; next < order.size() && to_local(in_.asks[order[next]]) < t; ++next) {
        YW_TRY(answer(order[next]));
      }
      return {};
    };
    std::int64_t last = 0;
    for (std::size_t i = 0; i < in_.events.size(); ++i) {
      last = to_local(in_.events[i].at);
      YW_TRY(answer_before(last));
      YW_TRY(settle(last));
      YW_TRY(act(in_.events[i], last, i));
    }
    YW_TRY(answer_before(kOpen));
    if (!order.empty()) last = std::max(last, to_local(in_.asks[order.back()]));
    YW_TRY(settle(last));
    finish(last);
    return std::move(out_);
  }

 private:
  static RuleVersion const* in_force(Rule const& rule, std::int64_t day) {
    for (RuleVersion const& version : rule.versions) {
      if ((!version.from || version.from->days <= day) && (!version.to || day <= version.to->days)) return &version;
    }
    return nullptr;
  }

  /// §4 `select`.
  Status choose_versions() {
    Rule const& rule = in_.rule;
    if (rule.select == Select::clock_start && rule.versioned) {
      by_start_ = true;
      for (RuleVersion const& version : rule.versions) {
        for (ClockRule const& clock : version.clocks) {
          if (find(clock.id) == nullptr) add(clock);
        }
      }
      return {};
    }
    RuleVersion const* version =
        rule.versioned ? in_force(rule, day_of(to_local(in_.events.front().at))) : &rule.versions.front();
    if (version == nullptr) return fail(Error(ErrorCode::clock_no_rule_version, {{"event", "0"}}));
    out_.version = version->version;
    for (ClockRule const& clock : version->clocks) add(clock);
    return {};
  }

  void add(ClockRule const& clock) {
    Run run;
    run.id = clock.id;
    run.rule = &clock;
    runs_.push_back(std::move(run));
  }

  Run* find(std::string_view id) {
    for (Run& run : runs_) {
      if (run.id == id) return &run;
    }
    return nullptr;
  }

  /// The rule by which an event of that day would start the clock; null when no version holds it.
  ClockRule const* rule_for_start(Run const& run, std::int64_t day) const {
    if (!by_start_) return run.rule;
    RuleVersion const* version = in_force(in_.rule, day);
    if (version == nullptr) return nullptr;
    for (ClockRule const& clock : version->clocks) {
      if (clock.id == run.id) return &clock;
    }
    return nullptr;
  }

  Computed const& computed(Run& run) {
    if (!run.computed) {
      ComputeInput input;
      input.rule = run.rule;
      input.calendar = &in_.calendar;
      input.decrees = decrees_.data();
      input.decree_count = run.decree_count;
      input.start = run.start;
      input.anchor_day = run.anchor_day;
      input.pauses = &run.pauses;
      input.extensions = &run.extensions;
      run.computed = compute(input);
    }
    return *run.computed;
  }

  std::optional<std::int64_t> due(Run& run) { return computed(run).due_at; }

  void warn(char const* code, std::optional<std::string_view> clock, std::optional<std::size_t> event) {
    out_.warnings.push_back({code, clock, event});
  }

  static Error refuse(ErrorCode code, std::optional<std::size_t> event, std::string_view clock = {}) {
    std::string const at = event ? std::to_string(*event) : std::string();
    if (event && !clock.empty()) return Error(code, {{"event", at}, {"clock", std::string(clock)}});
    if (event) return Error(code, {{"event", at}});
    if (!clock.empty()) return Error(code, {{"clock", std::string(clock)}});
    return Error(code);
  }

  /// Deemed events whose clocks ran out before t (§6).
  Status settle(std::int64_t t) {
    if (!any_expiry()) return {};
    for (;;) {
      Run* first = nullptr;
      std::int64_t first_due = t;
      for (Run& run : runs_) {
        if (run.phase != Phase::running || run.fired || !run.rule->on_expiry.event) continue;
        auto const at = due(run);
        if (at && *at < first_due) {
          first = &run;
          first_due = *at;
        }
      }
      if (first == nullptr) return {};
      first->fired = true;
      OnExpiry const& expiry = first->rule->on_expiry;
      std::int64_t const at = expiry.effective == Effective::receipt ? first->start : first_due;
      out_.derived.push_back({*expiry.event, from_local(at), from_local(first_due), first->id});
      YW_TRY(act_on_clocks(*expiry.event, at, std::nullopt, std::nullopt, first));
    }
  }

  bool any_expiry() const {
    return std::any_of(runs_.begin(), runs_.end(),
                       [](Run const& run) { return run.phase == Phase::running && !run.fired && run.rule->on_expiry.event; });
  }

  Status act(Event const& event, std::int64_t t, std::size_t index) {
    if (terminated_) return fail(refuse(ErrorCode::clock_after_terminate, index));
    if (event.type == "pause") return pause(event.reason, event.key ? event.key : event.reason, t, index, false);
    if (event.type == "resume") return resume(event.key ? event.key : event.reason, t, index);
    if (event.type == "suspend") return pause("suspension", "suspension", t, index, true);
    if (event.type == "unsuspend") return resume("suspension", t, index);
    if (event.type == "extend") return extend(event, t, index);
    if (event.type == "calendar_change") return calendar_change(event, t, index);
    if (event.type == "terminate") {
      terminated_ = true;
      for (Run& run : runs_) {
        if (!run.active()) continue;
        run.phase = Phase::terminated;
        run.stop = t;
      }
      return {};
    }
    std::optional<std::int64_t> anchor;
    if (event.date) anchor = event.date->days;
    return act_on_clocks(event.type, t, index, anchor, nullptr);
  }

  /// Start, stop, hold and restart. A derived event has no index and does not touch the clock it comes from.
  Status act_on_clocks(std::string_view type, std::int64_t t, std::optional<std::size_t> index,
                       std::optional<std::int64_t> anchor, Run const* source) {
    bool const derived = source != nullptr;
    for (Run& run : runs_) {
      if (&run == source) continue;
      ClockRule const* start_rule = rule_for_start(run, day_of(t));
      ClockRule const* own = run.round > 0 ? run.rule : start_rule;
      bool const starts = start_rule != nullptr && names(start_rule->start_on, type);
      if (own != nullptr && names(own->stop_on, type)) {
        if (run.active()) {
          stop(run, t);
        } else if (run.phase == Phase::not_started && !starts) {
          return fail(refuse(ErrorCode::clock_end_before_start, index, run.id));
        }
      }
      bool const restarts = !derived && own != nullptr && names(own->restart_on, type);
      if (run.phase == Phase::held && restarts) {
        start(run, own, t, anchor, false);
      } else if (starts) {
        if (!run.active()) {
          start(run, start_rule, t, anchor, derived);
          run.holds = 0;
        } else if (derived || run.started_by_derived) {
          warn("W_ALREADY_STARTED", run.id, index);
        } else {
          return fail(refuse(ErrorCode::clock_start_twice, index, run.id));
        }
      } else if (run.phase == Phase::running && restarts) {
        warn("W_RESTART_IGNORED", run.id, index);
      } else if (!derived && run.phase == Phase::running && names(own->hold_on, type)) {
        hold(run, t, *index);
      }
    }
    return {};
  }

  void start(Run& run, ClockRule const* rule, std::int64_t t, std::optional<std::int64_t> anchor, bool derived) {
    run.rule = rule;
    run.phase = Phase::running;
    ++run.round;
    run.start = t;
    run.started_by_derived = derived;
    run.fired = false;
    run.late = false;
    run.anchor_day = anchor;
    run.extensions.clear();
    run.pauses.clear();
    run.recalc.clear();
    run.decree_count = decrees_.size();
    for (Pause const& pause : open_) {
      if (affects(run, pause)) run.pauses.push_back(bounded(run, pause));
    }
    run.computed.reset();
  }

  void stop(Run& run, std::int64_t t) {
    run.stop = t;
    if (run.phase == Phase::held) {
      run.phase = Phase::stopped_held;
      return;
    }
    auto const at = due(run);
    run.late = at && t > *at;
    run.phase = Phase::stopped;
  }

  void hold(Run& run, std::int64_t t, std::size_t index) {
    if (run.holds >= run.rule->hold_times) {
      warn("W_HOLD_IGNORED", run.id, index);
      return;
    }
    if (run.rule->hold_within) {
      ClockRule within;
      within.amount = run.rule->hold_within->amount;
      within.unit = run.rule->hold_within->unit;
      within.after_close = run.rule->after_close;
      within.on_rest_day = run.rule->on_rest_day;
      within.end_time = run.rule->end_time;
      ComputeInput input;
      input.rule = &within;
      input.calendar = &in_.calendar;
      input.decrees = decrees_.data();
      input.decree_count = run.decree_count;
      input.start = run.start;
      std::vector<Pause> const no_pauses;
      std::vector<std::int64_t> const no_extensions;
      input.pauses = &no_pauses;
      input.extensions = &no_extensions;
      auto const limit = compute(input).due_at;
      if (limit && t > *limit) {
        warn("W_HOLD_LATE", run.id, index);
        return;
      }
    }
    ++run.holds;
    run.phase = Phase::held;
  }

  static bool affects(Run const& run, Pause const& pause) {
    if (run.rule->direction == Direction::before) return false;
    return pause.suspends || run.rule->pause_reasons.find(pause.reason) != run.rule->pause_reasons.end();
  }
  static Pause bounded(Run const& run, Pause pause) {
    if (!pause.suspends) {
      auto const it = run.rule->pause_reasons.find(pause.reason);
      if (it != run.rule->pause_reasons.end()) pause.max = it->second;
    }
    return pause;
  }

  Status pause(std::optional<std::string_view> reason, std::optional<std::string_view> key, std::int64_t t, std::size_t index,
               bool suspends) {
    if (!suspends) {
      bool listed = false;
      if (reason) {
        for (Run const& run : runs_) listed = listed || run.rule->pause_reasons.contains(*reason);
        if (by_start_) {
          for (auto const& version : in_.rule.versions) {
            for (auto const& clock : version.clocks) listed = listed || clock.pause_reasons.contains(*reason);
          }
        }
      }
      if (!listed) return fail(refuse(ErrorCode::clock_pause_reason, index));
    }
    for (Pause const& open : open_) {
      if (open.key == *key) return fail(refuse(ErrorCode::clock_pause_duplicate, index));
    }
    if (in_.rule.overlap_is_error && !open_.empty()) return fail(refuse(ErrorCode::clock_pause_overlap, index));
    Pause value;
    value.reason = *reason;
    value.key = *key;
    value.from = t;
    value.suspends = suspends;
    open_.push_back(value);
    for (Run& run : runs_) {
      if (run.phase != Phase::running || !affects(run, value)) continue;
      auto const at = due(run);
      if (at && t > *at) {
        warn("W_PAUSE_AFTER_DUE", run.id, index);
        continue;
      }
      run.pauses.push_back(bounded(run, value));
      run.computed.reset();
    }
    return {};
  }

  Status resume(std::optional<std::string_view> key, std::int64_t t, std::size_t index) {
    auto const it =
        key ? std::find_if(open_.begin(), open_.end(), [&](Pause const& open) { return open.key == *key; }) : open_.end();
    if (it == open_.end()) return fail(refuse(ErrorCode::clock_resume_without_pause, index));
    for (Run& run : runs_) {
      if (run.phase != Phase::running) continue;
      for (Pause& pause : run.pauses) {
        if (pause.key != *key || pause.real_to != kOpen) continue;
        pause.real_to = t;
        run.computed.reset();
      }
    }
    open_.erase(it);
    return {};
  }

  /// §6 extend, checked in the order given there.
  Status extend(Event const& event, std::int64_t t, std::size_t index) {
    std::string_view const id = event.clock ? std::string_view(*event.clock) : std::string_view{};
    Run* run = find(id);
    auto refused = [&](ErrorCode code) { return fail(refuse(code, index, id)); };
    if (run == nullptr || !run->rule->extension) return refused(ErrorCode::clock_extend_not_allowed);
    if (run->phase != Phase::running) return refused(ErrorCode::clock_extend_state);
    auto const at = due(*run);
    if (at && t > *at) return refused(ErrorCode::clock_extend_late);
    Extension const& rule = *run->rule->extension;
    if (rule.by && (!event.by || !names(*rule.by, *event.by))) return refused(ErrorCode::clock_extend_by);
    if (rule.reason_required && (!event.reason || event.reason->empty())) {
      return refused(ErrorCode::clock_extend_reason);
    }
    if (static_cast<std::int64_t>(run->extensions.size()) >= rule.times) return refused(ErrorCode::clock_extend_times);
    std::int64_t const amount = event.amount ? *event.amount : rule.max;
    std::int64_t sum = amount;
    for (std::int64_t given : run->extensions) sum += given;
    if (amount < 1 || amount > rule.max || sum > rule.total) return refused(ErrorCode::clock_extend_amount);
    run->extensions.push_back(amount);
    run->computed.reset();
    return {};
  }

  Status calendar_change(Event const& event, std::int64_t t, std::size_t index) {
    if (!event.decree.days.empty() && event.decree.days.begin()->first < day_of(t)) {
      return fail(refuse(ErrorCode::clock_calendar_retro, index));
    }
    struct Before {
      Run* run;
      std::optional<std::int64_t> due;
    };
    std::vector<Before> running;
    for (Run& run : runs_) {
      if (run.phase == Phase::running) {
        auto const at = due(run);
        if (!at || t <= *at) running.push_back({&run, at});
      }
    }
    decrees_.push_back(&event.decree);
    for (Run& run : runs_) {
      if (run.phase == Phase::held) run.decree_count = decrees_.size();
    }
    for (Before const& before : running) {
      Run& run = *before.run;
      run.decree_count = decrees_.size();
      run.computed.reset();
      auto const at = due(run);
      if (at == before.due) continue;
      Recalculation entry;
      entry.event = index;
      entry.decree = event.decree.id;
      if (before.due) entry.old_due = from_local(*before.due);
      if (at) entry.new_due = from_local(*at);
      run.recalc.push_back(entry);
    }
    return {};
  }

  /// §7 at the instant t, all events and expiries before it already done.
  ClockStatus status(Run& run, std::int64_t t) {
    ClockStatus out;
    switch (run.phase) {
      case Phase::not_started: return out;
      case Phase::held: out.state = State::held; return out;
      case Phase::terminated: out.state = State::terminated; return out;
      case Phase::stopped_held: out.state = State::done; return out;
      case Phase::running:
      case Phase::stopped: break;
    }
    Computed const& value = computed(run);
    if (value.unknown_day) {
      out.state = State::error;
      out.unknown_day = Date{*value.unknown_day};
      return out;
    }
    if (value.due_at) out.due_at = from_local(*value.due_at);
    if (run.phase == Phase::stopped) {
      out.state = run.late ? State::done_late : State::done;
      return out;
    }
    if (value.due_at && t > *value.due_at) {
      out.state = State::overdue;
      out.left = 0;
      out.over = over(run, value, t);
      out.level = "overdue";
      if (run.rule->on_expiry.effect) out.effect = *run.rule->on_expiry.effect;
      return out;
    }
    bool const paused =
        std::any_of(value.spans.begin(), value.spans.end(), [t](Span const& span) { return span.from <= t && t < span.to; });
    out.state = paused ? State::paused : State::running;
    out.left = left(run, value, t);
    out.over = 0;
    if (!paused) out.level = level(*run.rule, out.left);
    return out;
  }

  static std::string_view level(ClockRule const& rule, std::optional<std::int64_t> left) {
    Warning const* best = nullptr;
    if (left) {
      std::int64_t const unit = rule.hours() ? 3600 : 1;
      for (Warning const& warning : rule.warnings) {
        if (*left <= warning.left * unit && (best == nullptr || warning.left < best->left)) best = &warning;
      }
    }
    return best == nullptr ? std::string_view("none") : std::string_view(best->level);
  }

  std::optional<std::int64_t> over(Run const& run, Computed const& value, std::int64_t t) {
    ClockRule const& rule = *run.rule;
    Days days(in_.calendar, decrees_.data(), run.decree_count);
    if (rule.unit == Unit::hour) return t - *value.due_at;
    if (rule.unit == Unit::workhour) return countable_seconds(rule, in_.calendar, days, *value.due_at, t, {});
    std::int64_t const last = day_of(t);
    if (rule.unit != Unit::workday) return last - *value.due_day;
    std::int64_t count = 0;
    for (std::int64_t day = *value.due_day + 1; day <= last; ++day) {
      DayInfo info;
      if (!days.get(day, info)) return std::nullopt;
      if (info.works()) ++count;
    }
    return count;
  }

  std::optional<std::int64_t> left(Run const& run, Computed const& value, std::int64_t t) {
    ClockRule const& rule = *run.rule;
    Days days(in_.calendar, decrees_.data(), run.decree_count);
    if (!value.due_at) return left_without_due(rule, value, t);
    if (rule.hours()) {
      return countable_seconds(rule, in_.calendar, days, std::max(t, value.first_counted), *value.due_at, value.spans);
    }
    std::int64_t first = day_of(t) + 1;
    bool const before = rule.direction == Direction::before;
    if (!before) first = std::max(first, value.first_counted);
    std::int64_t count = 0;
    for (std::int64_t day = first; day <= *value.due_day; ++day) {
      if (!before && std::any_of(value.spans.begin(), value.spans.end(),
                                 [day](Span const& s) { return s.first_day <= day && day <= s.last_day; })) {
        continue;
      }
      if (rule.unit == Unit::workday) {
        DayInfo info;
        if (!days.get(day, info)) return std::nullopt;
        if (!info.works()) continue;
      }
      ++count;
    }
    return count;
  }

  static std::int64_t left_without_due(ClockRule const& rule, Computed const& value, std::int64_t t) {
    std::int64_t left = value.amount_total;
    std::int64_t const limit = rule.hours() ? t : day_of(t);
    for (Line const& line : value.lines) {
      if (line.kind != LineKind::count && line.kind != LineKind::makeup) continue;
      if (line.from > limit) continue;
      std::int64_t const to = std::min(line.to, limit);
      left -= rule.hours() ? to - line.from : to - line.from + 1;
    }
    return left;
  }

  Status answer(std::size_t ask) {
    std::int64_t const t = to_local(in_.asks[ask]);
    YW_TRY(settle(t));
    Ask& out = out_.asks[ask];
    out.at = in_.asks[ask];
    out.clocks.reserve(runs_.size());
    for (Run& run : runs_) out.clocks.push_back(status(run, t));
    return {};
  }

  void finish(std::int64_t t) {
    std::optional<std::int64_t> first;
    std::optional<std::int64_t> promised, statutory;
    for (Run& run : runs_) {
      ClockResult result;
      static_cast<ClockStatus&>(result) = status(run, t);
      result.id = run.id;
      result.round = run.round;
      result.recalc = run.recalc;
      if (run.round > 0) result.start_at = from_local(run.start);
      if (run.phase == Phase::stopped || run.phase == Phase::stopped_held || run.phase == Phase::terminated) {
        result.stop_at = from_local(run.stop);
      }
      if (run.phase == Phase::running || run.phase == Phase::stopped) {
        Computed const& value = computed(run);
        result.provisional = value.provisional;
        if (!value.unknown_day) {
          if (value.due_day) result.due_date = Date{*value.due_day};
          if (value.due_at && value.nominal) result.nominal = Date{*value.nominal};
          result.explain = value.lines;
        }
        if (value.due_at) {
          if (run.phase == Phase::running && (!first || *value.due_at < *first)) {
            first = value.due_at;
            out_.first_due = out_.clocks.size();
          }
          if (run.rule->kind == Kind::promised) {
            if (!promised || *value.due_at > *promised) promised = value.due_at;
          } else if (!statutory || *value.due_at < *statutory) {
            statutory = value.due_at;
          }
        }
      }
      out_.clocks.push_back(std::move(result));
    }
    if (promised && statutory && *promised > *statutory) warn("W_PROMISE_LATER", std::nullopt, std::nullopt);
  }

  Case const& in_;
  Outcome out_;
  std::vector<Run> runs_;
  std::vector<Pause> open_;
  std::vector<Decree const*> decrees_;
  bool by_start_ = false;
  bool terminated_ = false;
};

}  // namespace

Result<Outcome> evaluate(Case const& input) {
  if (input.events.empty()) return fail(ErrorCode::clock_events);
  if (input.rule.versions.empty()) return fail(ErrorCode::clock_format, {{"why", "a rule has at least one version"}});
  return Evaluation(input).run();
}

std::string_view to_string(State state) {
  switch (state) {
    case State::not_started: return "not_started";
    case State::held: return "held";
    case State::terminated: return "terminated";
    case State::done: return "done";
    case State::done_late: return "done_late";
    case State::error: return "error";
    case State::overdue: return "overdue";
    case State::paused: return "paused";
    case State::running: return "running";
  }
  return "";
}

std::string_view to_string(Unit unit) {
  switch (unit) {
    case Unit::workday: return "workday";
    case Unit::day: return "day";
    case Unit::month: return "month";
    case Unit::year: return "year";
    case Unit::hour: return "hour";
    case Unit::workhour: return "workhour";
  }
  return "";
}

std::string_view to_string(LineKind kind) {
  switch (kind) {
    case LineKind::start: return "start";
    case LineKind::deferred: return "deferred";
    case LineKind::wait: return "wait";
    case LineKind::count: return "count";
    case LineKind::makeup: return "makeup";
    case LineKind::weekend: return "weekend";
    case LineKind::holiday: return "holiday";
    case LineKind::paused: return "paused";
    case LineKind::roll: return "roll";
    case LineKind::anchor: return "anchor";
    case LineKind::months: return "months";
    case LineKind::extension: return "extension";
    case LineKind::open_pause: return "open_pause";
    case LineKind::due: return "due";
  }
  return "";
}

}  // namespace yiwang::clock

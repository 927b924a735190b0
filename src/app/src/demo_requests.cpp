// Citizens' requests of the invented district, from one seed and through the command path: words from the pack's corpus, a
// rhythm of hours, week days and months, planted hot events, returns, redo, ratings. A clock of its own stands at each hour,
// so that every event has the time at which it would have happened.

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <queue>

#include "demo_year.hpp"
#include "installation.hpp"
#include "requests_view.hpp"
#include "yiwang/http/router.hpp"
#include "yiwang/spine/deadline.hpp"

namespace yiwang::app {
namespace {

bool chance(Dice& dice, int percent) { return dice.below(100) < percent; }
std::int64_t minutes(Dice& dice, int from, int to) {
  return (from + dice.below(std::int64_t{to - from})) * 60 * kMicrosPerSecond;
}

json::Value string(std::string_view t) { return json::Value::string(std::string(t)); }

/// One request and where it is in its life.
struct Life {
  std::int64_t received = 0, next = 0;
  std::string label, text, place;
  std::size_t who = 0;
  CaseId id;
  std::string step;  ///< empty: not sent yet
  std::uint64_t luck = 0;
  int number = 0;  ///< commands so far
  bool stays_open = false, anonymous = false, contacted = false, over = false;
  bool wrong_first = false;  ///< a unit gets it that has to return it
};

struct Generator {
  Installation& in;
  service_request::Knowledge const& known;
  std::vector<store::SubjectRecord> const& people;
  std::map<std::string, std::pair<spine::Actor, spine::Actor>> const& staff;  ///< unit -> clerk, supervisor
  YearClock clock{};
  std::unique_ptr<store::CommandService> commands{};
  std::int64_t end = 0;
  std::size_t refused = 0;
  std::string why{};

  std::string core_reply(Life const& life) const {
    std::string safe = service_request::redact(life.text);
    // What the person said is quoted without the words that a reply may not use.
    for (std::string const& word : known.rules.impolite) {
      for (std::size_t at = safe.find(word); at != std::string::npos; at = safe.find(word, at))
        safe.replace(at, word.size(), "…");
    }
    return "关于您反映的事：" + safe + "。经核查，承办单位已到现场了解情况。处理：已安排人员解决，并定期检查，防止再次出现。";
  }

  /// What happens next in this life; none when it waits or is over.
  std::optional<store::CommandRequest> command(Life& life, store::RequestRow const* row) {
    Dice dice{life.luck + static_cast<std::uint64_t>(life.number) * 7919};
    store::CommandRequest r;
    r.idempotency_key = "demo-request-" + to_string(life.id) + "-" + std::to_string(life.number);
    r.request_bytes = "demo";
    r.command.case_id = life.id;
    auto person = [&] {
      store::SubjectRecord const& p = people[life.who];
      r.actor.role = spine::Role::resident;
      r.actor.id = p.id.bytes();
      r.actor.acts_for = p.id;
      r.actor.name = p.name;
      r.actor.region_path = p.region_path;
    };
    if (life.step.empty()) {
      person();
      r.command.case_type = service_request::kCaseType;
      json::Value form = json::Value::object({{"text", string(life.text)}, {"place", string(life.place)}});
      if (life.anonymous)
        form.set("anonymous", json::Value::boolean(true));
      else
        form.set("phone", string(people[life.who].phone));
      r.command.input = std::move(form);
      in.requests->inform(r.command, clock.now());
      return r;
    }
    r.command.kind = spine::Command::Kind::act;
    auto by_unit = [&](bool supervisor, std::string const& unit) {
      auto it = staff.find(unit);
      if (it == staff.end()) return false;
      r.actor = supervisor ? it->second.second : it->second.first;
      return true;
    };
    auto act = [&](char const* action, json::Value input) {
      r.command.action = action;
      r.command.input = std::move(input);
    };
    std::string const unit = row ? row->unit : std::string{};
    if (life.step == "dispatch") {
      std::string label = life.label;
      if (life.wrong_first && (row == nullptr || row->returns == 0)) label = "1601";
      if (!by_unit(false, unit)) return std::nullopt;
      json::Value input = json::Value::object({{"category", string(label)}});
      if (!life.place.empty()) input.set("place", string(life.place));
      act("dispatch", std::move(input));
    } else if (life.step == "adjudicate") {
      if (!by_unit(true, row->desk)) return std::nullopt;
      act("rule",
          json::Value::object({{"unit", string("street_wanghai")}, {"ruling", string("属地首接，由街道先办，再定权属。")}}));
    } else if (life.step == "liaison") {
      if (!by_unit(false, unit)) return std::nullopt;
      // Not the unit's category, or one of those over whose border units argue.
      auto const* entry = known.duties.entry(row->category, shanghai_date(clock.now()));
      bool const arguable = row->category != life.label || (entry != nullptr && entry->boundary);
      if (life.wrong_first && row->returns == 0 && arguable)
        act("return_order", json::Value::object({{"reason", string("经核对职责清单，这一类不归本单位牵头。")},
                                                 {"should_go", string("按清单重新派")}}));
      else
        act("sign_in", json::Value::object());
    } else if (life.step == "handle") {
      if (!by_unit(false, unit)) return std::nullopt;
      if (!life.contacted && chance(dice, 85)) {
        life.contacted = true;
        act("contact", json::Value::object({{"result", string(chance(dice, 92) ? "reached" : "not_reached")},
                                            {"note", string("已电话了解情况")}}));
      } else {
        act("reply", json::Value::object({{"outcome", string(chance(dice, 88)   ? "solved"
                                                             : chance(dice, 70) ? "explained"
                                                                                : "cannot_now")},
                                          {"reply", string(core_reply(life))}}));
      }
    } else if (life.step == "review") {
      if (!by_unit(true, unit)) return std::nullopt;
      act("sign", json::Value::object());
    } else if (life.step == "rate" || life.step == "own") {
      if (!chance(dice, 46)) {  // most never answer, and nobody answers for them
        life.over = true;
        return std::nullopt;
      }
      person();
      bool const again = row && row->redone_us != 0;
      int const grade = chance(dice, again ? 80 : 93) ? 1 + static_cast<int>(dice.below(3)) : 4 + static_cast<int>(dice.below(2));
      act("rate", json::Value::object({{"grade", json::Value::number(std::to_string(grade))},
                                       {"solved", string(grade <= 3 ? "solved_yes" : "solved_no")}}));
    } else if (life.step == "supervise") {
      if (!by_unit(true, row->desk)) return std::nullopt;
      act("write_off", json::Value::object({{"finding", string("督办人员到场核查，问题已解决，已当面告知。")}}));
    } else {
      life.over = true;
      return std::nullopt;
    }
    return r;
  }

  /// When the next command of this life comes.
  std::int64_t delay(Life const& life, store::RequestRow const* row) const {
    Dice dice{life.luck + static_cast<std::uint64_t>(life.number) * 104'729};
    bool const urgent = row && row->has(store::kUrgent);
    if (life.step == "dispatch") return minutes(dice, urgent ? 2 : 8, urgent ? 10 : 70);
    if (life.step == "liaison") return minutes(dice, urgent ? 5 : 15, urgent ? 20 : 150);
    if (life.step == "handle")
      return life.contacted ? minutes(dice, urgent ? 60 : 300, urgent ? 900 : 2600) : minutes(dice, 20, urgent ? 60 : 600);
    if (life.step == "review") return minutes(dice, 20, 300);
    if (life.step == "rate" || life.step == "own") return minutes(dice, 120, 4 * 1440);
    return minutes(dice, 120, 1440);
  }

  Status run(std::vector<Life>& lives, std::int64_t slice) {
    auto later = [&](std::size_t a, std::size_t b) {
      return lives[a].next > lives[b].next || (lives[a].next == lives[b].next && a > b);
    };
    std::priority_queue<std::size_t, std::vector<std::size_t>, decltype(later)> queue(later);
    for (std::size_t i = 0; i < lives.size(); ++i) queue.push(i);
    std::mutex mutex;
    std::condition_variable all_done;
    while (!queue.empty()) {
      std::int64_t const until = lives[queue.top()].next / slice * slice + slice;
      std::vector<std::size_t> now;
      while (!queue.empty() && lives[queue.top()].next < until && now.size() < 2000) {
        now.push_back(queue.top());
        queue.pop();
      }
      clock.set(std::max(clock.now().us, std::min(lives[now.back()].next, end - 1)));
      std::size_t waiting = 0;
      std::vector<std::pair<std::size_t, store::Reply>> replies;
      for (std::size_t i : now) {
        Life& life = lives[i];
        std::optional<store::RequestRow> row;
        if (!life.step.empty()) {
          YW_ASSIGN(row, store::request_of(*in.database, life.id));
        }
        auto request = command(life, row ? &*row : nullptr);
        if (!request) continue;
        {
          std::lock_guard lock(mutex);
          ++waiting;
        }
        commands->execute(std::move(*request), [&, i](store::Reply reply) {
          std::lock_guard lock(mutex);
          replies.emplace_back(i, std::move(reply));
          if (--waiting == 0) all_done.notify_all();
        });
      }
      std::unique_lock lock(mutex);
      all_done.wait(lock, [&] { return waiting == 0; });
      for (auto& [i, reply] : replies) {
        Life& life = lives[i];
        ++life.number;
        if (reply.status >= 300) {
          ++refused;
          if (why.empty()) why = life.step + ": " + reply.body;
          continue;  // it stays as it is
        }
        auto body = json::parse(reply.body);
        json::Value const* step = body ? body->find("step") : nullptr;
        life.step = step ? step->text() : "";
        if (life.over || life.step.starts_with("closed") || life.step == "withdrawn" || life.step == "not_accepted") continue;
        auto row = store::request_of(*in.database, life.id);
        std::int64_t const wait = delay(life, row && *row ? &**row : nullptr);
        life.next = std::max(clock.now().us, life.next) + wait;
        if (life.stays_open) {
          if (life.step == "review" || life.next >= end) continue;  // not answered yet at the end
        } else if (life.next >= end - 60 * kMicrosPerSecond && life.step != "rate" && life.step != "own") {
          life.next = std::max(clock.now().us, end - static_cast<std::int64_t>(life.luck % 3600 + 60) *
                                                         kMicrosPerSecond);  // answered before the day of counting
        } else if (life.next >= end) {
          continue;
        }
        queue.push(i);
      }
    }
    return {};
  }
};

/// What was supervised and is some days old has been checked and closed by the desk's supervisor.
Status close_supervised(Installation& in, std::string const& desk, spine::Actor const& by, std::int64_t end) {
  constexpr std::int64_t kDays = 4;
  YW_ASSIGN(auto open, store::supervisions(*in.database, desk, false, 1'000'000));
  std::erase_if(open, [&](auto const& v) { return v.desk != desk || v.opened_us > end - kDays * kMicrosPerDay; });
  constexpr std::size_t kSlice = 500;
  for (std::size_t begin = 0; begin < open.size(); begin += kSlice) {
    YW_TRY(in.database->execute([&](store::Writer& w) -> Status {
      for (std::size_t i = begin; i < std::min(begin + kSlice, open.size()); ++i) {
        store::Supervision v = open[i];
        v.closed_us = v.opened_us + 2 * kMicrosPerDay;
        v.closed_by = to_string(by.id);
        v.closed_name = by.name;
        v.how = "called";
        v.finding = "已电话核实，承办单位重新处理后本人认可。";
        YW_ASSIGN(std::int64_t closed, store::close_supervision(w.session(), v));
        if (closed == 0) continue;
        YW_TRY(record_event(in, w, "request.supervision_closed", by,
                            json::Value::object({{"case", string(to_string(v.case_id))},
                                                 {"rule", string(v.rule)},
                                                 {"how", string(v.how)},
                                                 {"finding", string(v.finding)}}),
                            Instant{v.closed_us}));
      }
      return {};
    }));
  }
  return {};
}

/// How likely an hour of the day is: 9–11 and 14–16 most, the night 12 % in all.
int weight_of_hour(int hour) {
  static constexpr int kWeights[24] = {10, 7,  5,  4,  4,  6,  14, 30, 62, 100, 98, 72,
                                       40, 48, 96, 92, 78, 62, 48, 40, 34, 28,  20, 14};
  return kWeights[hour];
}

/// Who stands in which section, as the pack's demo says.
Status place_members(Installation& in, pack::Node const& root, std::vector<store::StaffRecord> const& staff,
                     std::vector<store::AccountRecord> const& accounts) {
  std::vector<store::UnitMember> members;
  for (pack::Node const& m : root.list("sections")) {
    auto const account =
        std::find_if(accounts.begin(), accounts.end(), [&](auto const& a) { return a.login == m.text("login"); });
    if (account == accounts.end()) continue;
    auto const person = std::find_if(staff.begin(), staff.end(), [&](auto const& s) { return s.id == account->person; });
    if (person != staff.end())
      members.push_back(
          {person->department, person->id, std::string(m.text("section")), m.flag("head"), in.clock.now().us, "演示", {}});
  }
  YW_TRY(in.database->execute([&](store::Writer& w) -> Status {
    for (store::UnitMember const& m : members) {
      YW_TRY(store::put_member(w.session(), m));
    }
    return {};
  }));
  YW_ASSIGN(auto all, store::unit_members(*in.database));
  in.requests->set_members(all);
  return {};
}

}  // namespace

Status load_demo_requests(Installation& in, pack::Pack const& pack, std::vector<store::SubjectRecord> const& subjects,
                          std::vector<store::StaffRecord> const& staff, std::vector<store::AccountRecord> const& accounts,
                          bool full, DemoReport& report) {
  pack::Document const* document = pack.find("demo/requests.yaml");
  auto const known = in.requests->knowledge();
  if (document == nullptr || known == nullptr || known->corpus.empty()) return {};
  pack::Node const& root = document->root;
  Dice dice{static_cast<std::uint64_t>(root.integer("seed", 1))};
  std::int64_t end = in.clock.now().us, begin = end - root.integer("days", 30) * kMicrosPerDay;
  auto count = static_cast<std::size_t>(root.integer("count", 0)), open = static_cast<std::size_t>(root.integer("open", 0));
  if (full) {
    pack::Node const& year = *root.find("full");
    YW_ASSIGN(Date from, parse_date(year.text("from")));
    YW_ASSIGN(Date as_of, parse_date(year.text("as_of")));
    begin = shanghai_midnight(from).us;
    end = shanghai_midnight(Date{as_of.days + 1}).us;
    count = static_cast<std::size_t>(year.integer("count", 1));
    open = count - static_cast<std::size_t>(year.integer("closed", 0));
    in.requests->wait_for_model();
  }
  if (count == 0) return {};
  std::map<std::string, std::pair<spine::Actor, spine::Actor>> actors;
  for (store::StaffRecord const& s : staff) {
    spine::Actor a;
    a.role = s.role;
    a.id = s.id;
    a.name = s.name;
    a.department = s.department;
    a.region_path = s.region_path;
    if (s.role == spine::Role::clerk) actors[s.department].first = a;
    if (s.role == spine::Role::supervisor) actors[s.department].second = a;
  }
  std::vector<store::SubjectRecord> people;
  for (store::SubjectRecord const& s : subjects) {
    if (s.kind == store::SubjectKind::resident) people.push_back(s);
  }

  // Days by their weight, hours by theirs.
  std::vector<std::int64_t> hours;
  std::vector<std::uint64_t> sums;
  std::uint64_t sum = 0;
  for (std::int64_t at = begin; at < end - 3600 * kMicrosPerSecond; at += 3600 * kMicrosPerSecond) {
    Date const day = shanghai_date(Instant{at});
    int const week_day = iso_weekday(day);
    auto const hour = static_cast<int>((at / kMicrosPerSecond + kShanghaiOffsetSeconds) % 86'400 / 3600);
    YearMonthDay const ymd = to_ymd(day);
    bool const holiday = (ymd.month == 10 && ymd.day <= 7) || (ymd.month == 5 && ymd.day <= 5) ||
                         (ymd.month == 2 && ymd.day >= 15 && ymd.day <= 23);
    int const of_day = holiday ? 5 : week_day == 1 ? 14 : week_day >= 6 ? 6 : 10;
    sum += static_cast<std::uint64_t>(weight_of_hour(hour) * of_day);
    hours.push_back(at);
    sums.push_back(sum);
  }
  auto moment = [&] {
    std::uint64_t const drawn = dice.next() % sum;
    auto const at = std::upper_bound(sums.begin(), sums.end(), drawn) - sums.begin();
    return hours[static_cast<std::size_t>(at)] + static_cast<std::int64_t>(dice.below(3600)) * kMicrosPerSecond;
  };
  auto likely = [&](std::string const& code, std::int64_t at) {
    int const month = to_ymd(shanghai_date(Instant{at})).month;
    std::int64_t times = 1;
    for (pack::Node const& r : root.list("rhythm")) {
      bool of_it = false, in_it = false;
      for (pack::Node const& g : r.list("groups")) of_it = of_it || code.starts_with(g.scalar);
      for (pack::Node const& m : r.list("months")) in_it = in_it || m.scalar == std::to_string(month);
      if (of_it && in_it) times = r.integer("times", 1);
    }
    return times;
  };
  std::vector<Life> lives;
  for (pack::Node const& e : root.list("events")) {
    std::int64_t const from = end - e.integer("days_before", 0) * kMicrosPerDay - e.integer("hours", 1) * 3600 * kMicrosPerSecond;
    std::int64_t const reports = e.integer("reports", 1) * (full ? 3 : 1);
    for (std::int64_t n = 0; n < reports && lives.size() < count; ++n) {
      Life life;
      life.received = std::max(begin, from) +
                      n * e.integer("hours", 1) * 3600 * kMicrosPerSecond / std::max<std::int64_t>(reports, 1) +
                      minutes(dice, 0, 10);
      life.label = e.text("category");
      life.place = e.text("place");
      life.text = service_request::vary(known->fragments, e.text("core"), life.place, dice.next());
      lives.push_back(std::move(life));
    }
  }
  std::vector<service_request::CoreSentence const*> cores;
  for (auto const& core : known->corpus) {
    if (core.number != 0) cores.push_back(&core);
  }
  // A core sentence of a category, at any of the places.
  while (lives.size() < count) {
    Life life;
    life.received = moment();
    service_request::CoreSentence const* core = cores[dice.below(cores.size())];
    for (int tries = 0; tries < 6 && dice.below(6) >= likely(core->code, life.received); ++tries)
      core = cores[dice.below(cores.size())];
    life.label = core->code;
    life.place = known->duties.places.empty() ? "" : known->duties.places[dice.below(known->duties.places.size())].first;
    life.text = service_request::vary(known->fragments, core->text, chance(dice, 60) ? life.place : "", dice.next());
    lives.push_back(std::move(life));
  }
  std::sort(lives.begin(), lives.end(), [](Life const& a, Life const& b) { return a.received < b.received; });
  for (std::size_t i = 0; i < lives.size(); ++i) {
    Life& life = lives[i];
    life.received = std::min(life.received, end - 120 * kMicrosPerSecond);
    life.next = life.received;
    life.luck = dice.next();
    // A few people make many of the requests.
    life.who = 1 + (chance(dice, 14) ? dice.below(std::max<std::size_t>(1, people.size() / 66)) : dice.below(people.size() - 1));
    auto const entry = std::find_if(known->duties.entries.begin(), known->duties.entries.end(),
                                    [&](service_request::Entry const& e) { return e.code == life.label; });
    bool const unknown = chance(dice, 6);
    life.anonymous = unknown && !(entry != known->duties.entries.end() && known->needs_name(*entry));
    life.wrong_first = chance(dice, 4);
    life.stays_open = i + open >= lives.size();
    Digest const hash = sm3("demo request " + std::to_string(i));
    std::uint64_t random;
    std::memcpy(&random, hash.data(), sizeof random);
    life.id = CaseId(uuid_v7(life.received / 1000, static_cast<std::uint16_t>(i % 4096), random));
  }
  Generator generator{in, *known, people, actors};
  generator.end = end;
  Installation* self = &in;
  generator.commands = std::make_unique<store::CommandService>(
      *in.database, in.definitions, generator.clock, *in.ids,
      [](std::vector<Error> const& errors) {
        http::Response r = http::problem(errors);
        return store::Reply{r.status, std::move(r.body)};
      },
      [self, &generator](spine::CaseType const& type, spine::CaseState const& state) {
        return spine::case_times(type, state, self->calendar, generator.clock.now());
      });
  generator.commands->systems.push_back(in.requests.get());
  YW_TRY(generator.run(lives, full ? 3600 * kMicrosPerSecond : 2 * 3600 * kMicrosPerSecond));
  if (auto desk = actors.find(known->rules.desk); desk != actors.end()) {
    YW_TRY(close_supervised(in, known->rules.desk, desk->second.second, end));
  }
  YW_TRY(place_members(in, root, staff, accounts));
  report.requests = lives.size();
  report.requests_refused = generator.refused;
  report.why = generator.why;
  return {};
}

}  // namespace yiwang::app

#include "demo_matters.hpp"

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <queue>

#include "applying.hpp"
#include "demo_year.hpp"
#include "yiwang/http/router.hpp"
#include "yiwang/spine/deadline.hpp"
#include "yiwang/spine/pack_json.hpp"
#include "yiwang/store/afterwards.hpp"
#include "yiwang/store/counter.hpp"

namespace yiwang::app {
namespace {

constexpr std::int64_t kHour = 3600 * kMicrosPerSecond;

struct Kind {
  std::string matter, people;
  std::int64_t weight = 1;
  json::Value form;
};

struct Course {
  std::int64_t next = 0;
  std::size_t kind = 0, who = 0;
  CaseId id;
  std::string step;  ///< empty: not applied yet
  std::string unit;
  std::uint64_t luck = 0;
  int number = 0;  ///< commands so far
};

struct Year {
  Installation& in;
  std::vector<store::SubjectRecord> const& people;
  std::map<std::string, std::map<spine::Role, spine::Actor>> office;
  std::vector<Kind> kinds;
  json::Value acts;
  std::int64_t rated = 0;
  std::vector<std::int64_t> grades;
  std::int64_t end = 0;
  YearClock clock{};
  std::unique_ptr<store::CommandService> commands{};
  std::size_t refused = 0;
  std::string why{};

  json::Value form_of(Course const& life, Date day) const {
    json::Value form = json::Value::object();
    store::SubjectRecord const& person = people[life.who];
    for (auto const& [field, value] : kinds[life.kind].form.members()) {
      std::string_view const text = value.kind() == json::Kind::string ? std::string_view(value.text()) : std::string_view{};
      if (text == "@address")
        form.set(field, json::Value::string(person.address));
      else if (text == "@phone")
        form.set(field, json::Value::string(person.phone));
      else if (text.starts_with("@day+"))
        form.set(field, json::Value::string(to_string(Date{day.days + std::stoi(std::string(text.substr(5)))})));
      else
        form.set(field, value);
    }
    return form;
  }

  spine::Actor applicant(Course const& life) const {
    store::SubjectRecord const& person = people[life.who];
    spine::Actor a;
    a.role = spine::Role::resident;
    a.id = person.id.bytes();
    a.acts_for = person.id;
    a.name = person.name;
    a.region_path = person.region_path;
    return a;
  }

  void note(std::string what) {
    ++refused;
    if (why.empty()) why = std::move(what);
  }

  /// The next command of this life; none when it is over or nobody is there to give it.
  std::optional<store::CommandRequest> command(Course& life) {
    store::CommandRequest r;
    r.idempotency_key = "demo-application-" + to_string(life.id) + "-" + std::to_string(life.number);
    r.request_bytes = "demo";
    r.command.case_id = life.id;
    Kind const& kind = kinds[life.kind];
    if (life.step.empty()) {
      Date const day = shanghai_date(clock.now());
      matter::Matter const* m = in.matters.current().catalogue->find(kind.matter, day);
      auto const definitions = in.definitions.snapshot();
      auto const type = definitions->current->case_types.find(m != nullptr ? m->case_type : std::string{});
      if (type == definitions->current->case_types.end()) {
        note(kind.matter + ": cannot be applied for");
        return std::nullopt;
      }
      life.unit = type->second->department;
      r.actor = applicant(life);
      r.command.kind = spine::Command::Kind::submit;
      r.command.case_type = m->case_type;
      r.command.input = form_of(life, day);
      auto const faults = prepare_application(in, *m, *type->second, r.actor, {}, r.command, clock.now());
      if (!faults.empty()) {
        note(kind.matter + ": " + faults.front().line());
        return std::nullopt;
      }
      return r;
    }
    r.command.kind = spine::Command::Kind::act;
    auto const luck = static_cast<std::int64_t>(life.luck >> 8);
    if (life.step == "granted" || life.step == "refused") {
      if (luck % 100 >= rated) return std::nullopt;
      std::int64_t drawn = luck / 100 % 100, grade = 1;
      while (grade < 5 && drawn >= grades[static_cast<std::size_t>(grade - 1)])
        drawn -= grades[static_cast<std::size_t>(grade - 1)], ++grade;
      r.actor = applicant(life);
      r.command.action = "rate";
      r.command.input = json::Value::object({{"grade", json::Value::number(std::to_string(grade))}});
      return r;
    }
    bool const decides = life.step == "approve", redress = life.step == "redress";
    r.command.action = life.step == "accept"   ? "accept"
                       : life.step == "review" ? "reviewed"
                       : decides               ? (kind.people.empty() ? "grant" : kind.people)
                       : redress               ? "redressed"
                                               : "";
    auto const unit = office.find(redress ? std::string("gov_services") : life.unit);
    json::Value const* given = acts.find(r.command.action);
    if (given == nullptr || unit == office.end()) return std::nullopt;
    r.actor = unit->second[decides || redress ? spine::Role::supervisor : spine::Role::clerk];
    r.command.input = *given;
    return r;
  }

  /// Working hours are not kept to the minute: the next morning or the one after.
  std::int64_t wait(Course const& life) const {
    Dice draw{life.luck + static_cast<std::uint64_t>(life.number)};
    if (life.step == "accept") return (2 + draw.below(20)) * kHour;
    if (life.step == "granted" || life.step == "refused") return (1 + draw.below(96)) * kHour;
    return (14 + draw.below(20)) * kHour;
  }

  Status run(std::vector<Course>& lives) {
    auto later = [&](std::size_t a, std::size_t b) {
      return lives[a].next != lives[b].next ? lives[a].next > lives[b].next : a > b;
    };
    std::priority_queue<std::size_t, std::vector<std::size_t>, decltype(later)> queue(later);
    for (std::size_t i = 0; i < lives.size(); ++i) queue.push(i);
    std::mutex mutex;
    std::condition_variable all_done;
    constexpr std::size_t kAtOnce = 500;
    while (!queue.empty()) {
      // What happens within an hour happens together.
      std::int64_t const until = lives[queue.top()].next + kHour;
      std::vector<std::size_t> now;
      while (!queue.empty() && lives[queue.top()].next < until && now.size() < kAtOnce) {
        now.push_back(queue.top());
        queue.pop();
      }
      clock.set(std::max(clock.now().us, lives[now.back()].next));
      std::size_t waiting = 0;
      std::vector<std::pair<std::size_t, store::Reply>> replies;
      for (std::size_t i : now) {
        auto request = command(lives[i]);
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
        Course& life = lives[i];
        ++life.number;
        if (reply.status >= 300) {
          note(life.step + ": " + reply.body);
          continue;
        }
        auto const body = json::parse(reply.body);
        json::Value const* step = body ? body->find("step") : nullptr;
        life.step = step != nullptr ? step->text() : "";
        life.next = std::max(clock.now().us, life.next) + wait(life);
        if (life.next < end) queue.push(i);
      }
    }
    return {};
  }

  /// What the law wants after a decision has been done for all but the newest: checks made, results handed over, files archived.
  Status afterwards(std::vector<Course> const& lives) {
    constexpr std::int64_t kChecked = 10, kDelivered = 6, kArchived = 30;  // days
    for (auto const& [unit, staff] : office) {
      YW_ASSIGN(auto open, store::unit_checks(*in.database, unit, store::ChecksOf::open, 1'000'000));
      auto const clerk = staff.find(spine::Role::clerk);
      if (clerk == staff.end()) continue;
      std::erase_if(open, [&](store::Check const& c) { return c.created.us > end - kChecked * kMicrosPerDay; });
      YW_TRY(in.database->execute([&](store::Writer& w) -> Status {
        for (store::Check const& c : open) {
          YW_ASSIGN(bool done, store::finish_check(w.session(), c.case_id, c.kind, clerk->second, "agrees",
                                                   "核对登记和现场，与申请一致", Instant{c.created.us + 3 * kMicrosPerDay}));
          static_cast<void>(done);
        }
        return {};
      }));
    }
    for (Course const& life : lives) {
      if (life.step.empty()) continue;
      YW_ASSIGN(auto row, store::matter_case(*in.database, life.id));
      if (!row || !row->decided) continue;
      std::string const by = office[life.unit][spine::Role::clerk].name;
      Instant const decided = *row->decided;
      if (!row->by_rules && decided.us < end - kDelivered * kMicrosPerDay) {
        Instant const handed{decided.us + 2 * kMicrosPerDay};
        YW_TRY(store::insert_delivery(*in.database, life.id, {"window", "", "", by, "", handed, {}}));
        YW_TRY(store::finish_delivery(*in.database, life.id, "本人", handed));
      }
      if (decided.us < end - kArchived * kMicrosPerDay) {
        matter::Matter const* m = in.matters.current().catalogue->find(row->matter, shanghai_date(decided));
        store::Archive const a{"archived", m != nullptr ? m->retention : "10 years", by, "",
                               Instant{decided.us + 20 * kMicrosPerDay}};
        YW_TRY(store::put_archive(*in.database, life.id, life.unit, a));
      }
    }
    return {};
  }
};

}  // namespace

Status load_demo_applications(Installation& in, pack::Pack const& pack, std::vector<store::SubjectRecord> const& subjects,
                              std::vector<store::StaffRecord> const& staff, std::size_t first_unnamed, DemoReport& report) {
  pack::Document const* document = pack.find("demo/applications.yaml");
  if (document == nullptr) return {};
  pack::Node const& root = document->root;
  pack::Node const& full = *root.find("full");
  YW_ASSIGN(Date from, parse_date(full.text("from")));
  YW_ASSIGN(Date as_of, parse_date(full.text("as_of")));
  Dice draw{static_cast<std::uint64_t>(root.integer("seed", 1))};
  std::vector<store::SubjectRecord> people;
  for (std::size_t i = first_unnamed; i < subjects.size(); ++i) {
    if (subjects[i].kind == store::SubjectKind::resident) people.push_back(subjects[i]);
  }
  if (people.empty()) return {};
  Year year{in, people, {}, {}, spine::to_json(*root.find("acts")), root.integer("rated", 0), {}};
  for (store::StaffRecord const& s : staff) {
    spine::Actor a;
    a.role = s.role, a.id = s.id, a.name = s.name, a.department = s.department, a.region_path = s.region_path;
    year.office[s.department].insert_or_assign(s.role, std::move(a));
  }
  for (pack::Node const& g : root.list("grades")) year.grades.push_back(std::stoll(g.scalar));
  std::int64_t weights = 0;
  for (pack::Node const& a : root.list("applications")) {
    year.kinds.push_back(
        {std::string(a.text("matter")), std::string(a.text("people")), a.integer("weight", 1), spine::to_json(*a.find("form"))});
    weights += year.kinds.back().weight;
  }
  std::int64_t const begin = shanghai_midnight(from).us;
  year.end = shanghai_midnight(Date{as_of.days + 1}).us;
  std::vector<Course> lives(static_cast<std::size_t>(full.integer("count", 0)));
  for (std::size_t i = 0; i < lives.size(); ++i) {
    Course& life = lives[i];
    // Between eight in the morning and ten at night; few on Saturdays and Sundays.
    std::int64_t const days = (year.end - begin) / kMicrosPerDay;
    std::int64_t day = draw.below(days);
    for (int again = 0; again < 2 && iso_weekday(Date{from.days + static_cast<decltype(from.days)>(day)}) >= 6; ++again)
      day = draw.below(days);
    life.next = begin + day * kMicrosPerDay + 8 * kHour + draw.below(14 * kHour);
    std::int64_t drawn = draw.below(weights);
    while (drawn >= year.kinds[life.kind].weight) drawn -= year.kinds[life.kind++].weight;
    life.who = static_cast<std::size_t>(draw.below(static_cast<std::int64_t>(people.size())));
    life.luck = draw.next();
    life.id = CaseId(uuid_v7(life.next / 1000, static_cast<std::uint16_t>(i % 4096), life.luck));
  }
  Installation* self = &in;
  year.commands = std::make_unique<store::CommandService>(
      *in.database, in.definitions, year.clock, *in.ids,
      [](std::vector<Error> const& errors) {
        http::Response r = http::problem(errors);
        return store::Reply{r.status, std::move(r.body)};
      },
      [self, &year](spine::CaseType const& type, spine::CaseState const& state) {
        return spine::case_times(type, state, self->calendar, year.clock.now());
      });
  year.commands->systems.push_back(in.matter_system.get());
  YW_TRY(year.run(lives));
  YW_TRY(year.afterwards(lives));
  report.cases += lives.size() - std::min(lives.size(), year.refused);
  report.requests_refused += year.refused;
  if (report.why.empty()) report.why = year.why;
  return {};
}

}  // namespace yiwang::app

// The invented district: people, firms, staff and a few consultations, all from one seed. Names are put together from
// lists in the pack; citizen numbers use an unassigned region code. Cases go in through the command path.

#include <fmt/format.h>

#include "demo_matters.hpp"
#include "installation.hpp"
#include "yiwang/base/dice.hpp"
#include "yiwang/base/identity_document.hpp"
#include "yiwang/base/personal.hpp"

namespace yiwang::app {
namespace {

std::vector<std::string> words(pack::Node const& node, std::string_view key) {
  std::vector<std::string> out;
  for (pack::Node const& item : node.list(key)) out.push_back(item.scalar);
  if (out.empty()) out.emplace_back("云");
  return out;
}

IdBytes demo_id(std::string_view kind, std::size_t n) {
  Digest d = sm3(std::string(kind) + ":" + std::to_string(n));
  std::uint64_t random;
  std::memcpy(&random, d.data(), sizeof random);
  return uuid_v7(1'767'225'600'000, static_cast<std::uint16_t>(n % 4096), random);  // 2026-01-01
}

std::string citizen_number(Dice& random, std::string const& region, std::string const& birth_iso) {
  std::string body = region + birth_iso.substr(0, 4) + birth_iso.substr(5, 2) + birth_iso.substr(8, 2);
  body += fmt::format("{:03}", random.below(1000));
  return body + citizen_number_check(body);
}

std::string credit_code(Dice& random, std::string const& region, std::size_t n) {
  std::string body = fmt::format("MA{:06}", 100000 + n);
  std::string code = "91" + region + body + body_code_check(body);
  static_cast<void>(random);
  return code + credit_code_check(code);
}

}  // namespace

std::string demo_totp_secret(std::string_view login) {
  Digest d = sm3("yiwang demo " + std::string(login));
  return std::string(as_view(d).substr(0, 20));
}

namespace {

spine::Actor resident_actor(store::SubjectRecord const& person) {
  spine::Actor actor;
  actor.role = spine::Role::resident;
  actor.id = person.id.bytes();
  actor.acts_for = person.id;
  actor.name = person.name;
  actor.region_path = person.region_path;
  return actor;
}

/// Old people apply for the allowance, so that there are decisions of the rules to look back at.
Status load_allowances(Installation& in, std::vector<store::SubjectRecord> const& subjects, std::size_t count,
                       DemoReport& report) {
  if (!in.definitions.snapshot()->current->case_types.contains("elder_allowance")) return {};
  Dice random{20270101};
  std::size_t made = 0;
  for (std::size_t i = 1; i < subjects.size() && made < count; ++i) {
    store::SubjectRecord const& person = subjects[i];
    if (person.kind != store::SubjectKind::resident || person.id_number.size() != 18) continue;
    std::string digits = person.id_number.substr(6, 8);
    int year = std::stoi(digits.substr(0, 4));
    if (year > 1950) continue;
    std::string birth = digits.substr(0, 4) + "-" + digits.substr(4, 2) + "-" + digits.substr(6, 2);
    std::string since =
        random.below(4) == 0
            ? fmt::format("2026-{:02}-01", 1 + random.below(9))
            : fmt::format("{}-{:02}-01", std::max(year, 1970 + static_cast<int>(random.below(50))), 1 + random.below(12));
    static constexpr char const* kCare[] = {"none", "none", "partial", "full"};
    store::CommandRequest request{resident_actor(person), "demo-allowance-" + std::to_string(made), "demo", {}};
    request.command.case_type = "elder_allowance";
    request.command.input = json::Value::object({{"birth", json::Value::string(birth)},
                                                 {"since", json::Value::string(since)},
                                                 {"care", json::Value::string(kCare[random.below(4)])},
                                                 {"alone", json::Value::boolean(random.below(3) == 0)},
                                                 {"phone", json::Value::string(person.phone)}});
    request.command.case_id = CaseId(demo_id("elder_allowance", made));
    store::Reply reply = in.commands->run(request);
    if (reply.status != 201) return fail(ErrorCode::store_query, {{"query", "demo allowance"}, {"why", reply.body}});
    ++made;
    ++report.cases;
  }
  return {};
}

}  // namespace

Result<DemoReport> load_demo(Installation& in, pack::Pack const& pack, bool full) {
  DemoReport report;
  pack::Document const* document = pack.find("demo/people.yaml");
  if (document == nullptr) return report;
  pack::Node const& root = document->root;
  auto release = in.definitions.snapshot()->current;
  std::string region = release->region_code;
  bool there = false;
  YW_TRY(in.database->read([&](store::Session& s) -> Status {
    static_cast<void>(s);
    return {};
  }));
  {
    auto probe = in.identity->subject(SubjectId(demo_id("resident", 0)));
    there = probe.has_value();
  }
  if (there) {
    report.already = true;
    return report;
  }

  Dice random{static_cast<std::uint64_t>(root.integer("seed", 1))};
  std::size_t residents = static_cast<std::size_t>(root.integer("residents", 200)) * (full ? 10 : 1);
  std::size_t enterprises = static_cast<std::size_t>(root.integer("enterprises", 30)) * (full ? 10 : 1);
  std::size_t clerks = static_cast<std::size_t>(root.integer("staff_per_department", 3));
  auto surnames = words(root, "surnames"), given = words(root, "given_names"), streets = words(root, "streets"),
       firm = words(root, "firm_words"), trades = words(root, "firm_trades");
  std::vector<std::string> communities;
  for (auto const& [id, r] : release->regions) {
    if (r.level == "community") communities.push_back(r.path);
  }
  if (communities.empty()) communities.push_back("/" + pack.id);

  YW_ASSIGN(std::string password, hash_password(kDemoPassword, "yiwang-demo-salt"));
  std::vector<store::SubjectRecord> subjects;
  std::vector<store::StaffRecord> staff;
  std::vector<store::AccountRecord> accounts;
  std::map<std::string, std::size_t> named_residents;
  std::vector<pack::Node const*> named;
  for (pack::Node const& a : root.list("accounts")) {
    if (a.text("role") == "resident") named.push_back(&a);
  }
  for (std::size_t i = 0; i < residents; ++i) {
    store::SubjectRecord r;
    r.id = SubjectId(demo_id("resident", i));
    r.kind = store::SubjectKind::resident;
    std::string birth = fmt::format("{}-{:02}-{:02}", 1935 + random.below(80), 1 + random.below(12), 1 + random.below(28));
    r.name = random.pick(surnames) + random.pick(given);
    std::string street = random.pick(communities);
    if (i < named.size()) {
      r.name = named[i]->text("name");
      birth = std::string(named[i]->text("birth", birth));
      named_residents[std::string(named[i]->text("login"))] = i;
      accounts.push_back({std::string(named[i]->text("login")), store::PersonKind::subject, r.id.bytes(), password, "", true});
    }
    // Numbers may collide by chance; the claim table would refuse the second, so step on.
    for (;;) {
      r.id_number = citizen_number(random, region, birth);
      if (i < named.size() && named[i]->find("id_number") != nullptr) {
        auto const kind = parse_identity_kind(named[i]->text("id_kind"));
        if (!kind)
          return fail(ErrorCode::pack_schema, {{"path", "id_kind"},
                                               {"why", std::string(named[i]->text("id_kind"))},
                                               {"expected", "证件种类 / a kind of document"}});
        YW_ASSIGN(r.id_number, check_identity_number(*kind, named[i]->text("id_number"), shanghai_date(in.clock.now())));
        break;
      }
      bool taken = std::any_of(subjects.begin(), subjects.end(), [&](auto const& s) { return s.id_number == r.id_number; });
      if (!taken) break;
    }
    r.phone = fmt::format("199{:08}", random.below(100'000'000));
    r.address = random.pick(streets) + std::to_string(1 + random.below(200)) + "号";
    r.region_path = street;
    subjects.push_back(std::move(r));
  }
  struct Authority {
    SubjectId principal, agent;
    std::string scope, until;
  };
  std::vector<Authority> authorities;
  auto const firms = root.list("firms");
  auto of_login = [&](std::string_view login) { return SubjectId(demo_id("resident", named_residents.at(std::string(login)))); };
  for (std::size_t i = 0; i < enterprises; ++i) {
    store::SubjectRecord r;
    r.id = SubjectId(demo_id("enterprise", i));
    r.kind = store::SubjectKind::enterprise;
    r.name = "云海" + random.pick(firm) + random.pick(firm) + random.pick(trades) + "有限公司";
    r.id_number = credit_code(random, region, i);
    r.phone = fmt::format("0990-{:07}", random.below(10'000'000));
    r.address = random.pick(streets) + std::to_string(1 + random.below(200)) + "号";
    r.region_path = random.pick(communities);
    // The named ones come last, so that the others stay who they are.
    if (std::size_t const first = enterprises - std::min(enterprises, firms.size()); i >= first) {
      pack::Node const& firm_node = firms[i - first];
      r.name = firm_node.text("name");
      for (pack::Node const& d : firm_node.list("delegates"))
        authorities.push_back({r.id, of_login(d.text("login")), std::string(d.text("scope")), std::string(d.text("until"))});
    } else {
      authorities.push_back({r.id, SubjectId(demo_id("resident", i % residents)), "consultation road_occupation", ""});
    }
    subjects.push_back(r);
  }
  for (pack::Node const& a : root.list("agents"))
    authorities.push_back(
        {of_login(a.text("principal")), of_login(a.text("login")), std::string(a.text("scope")), std::string(a.text("until"))});
  if (pack::Node const* clients = root.find("clients")) {
    // The last residents, so that the named ones and those who ask something stay who they are.
    std::size_t const count = static_cast<std::size_t>(clients->integer("count", 0));
    for (std::size_t i = 0; i < std::min(count, residents); ++i)
      authorities.push_back({SubjectId(demo_id("resident", residents - 1 - i)), of_login(clients->text("login")),
                             std::string(clients->text("scope")), ""});
  }
  std::size_t staff_no = 0;
  std::vector<std::pair<IdBytes, SubjectId>> links;
  std::vector<store::ProtectedPerson> kept;
  auto add_staff = [&](std::string login, std::string name, spine::Role role, std::string const& department) {
    store::StaffRecord r{demo_id("staff", staff_no++), role, std::move(name), department, ""};
    spine::Organisation const* unit = release->organisation(department);
    r.region_path = unit ? unit->region_path : "/" + pack.id;
    accounts.push_back({login, store::PersonKind::staff, r.id, password, demo_totp_secret(login), true});
    staff.push_back(std::move(r));
  };
  for (pack::Node const& a : root.list("accounts")) {
    std::string_view role = a.text("role");
    if (!a.text("protected_by").empty()) {
      store::ProtectedPerson p;
      p.citizen.id = of_login(a.text("login"));
      p.unit = a.text("protected_by");
      p.basis = "演示：证人保护决定";
      p.by_name = "演示";
      p.since = in.clock.now();
      p.until = Instant{p.since.us + 3650 * kMicrosPerDay};
      kept.push_back(std::move(p));
    }
    if (role == "resident" || role == "enterprise") continue;
    YW_ASSIGN(spine::Role r, spine::parse_role(role));
    add_staff(std::string(a.text("login")), std::string(a.text("name")), r, std::string(a.text("department")));
    if (!a.text("person").empty()) links.emplace_back(staff.back().id, of_login(a.text("person")));
  }
  for (auto const& [id, unit] : release->organisations) {
    for (std::size_t i = 1; i <= clerks; ++i)
      add_staff(id + std::to_string(i), random.pick(surnames) + random.pick(given), spine::Role::clerk, id);
    // Whoever signs a unit's replies.
    add_staff(id + "_lead", random.pick(surnames) + random.pick(given), spine::Role::supervisor, id);
  }
  Instant now = in.clock.now();
  Instant far{now.us + 365 * kMicrosPerDay};
  constexpr std::size_t kChunk = 2000;
  for (std::size_t at = 0; at < subjects.size(); at += kChunk) {
    std::vector<store::SubjectRecord> chunk(
        subjects.begin() + static_cast<std::ptrdiff_t>(at),
        subjects.begin() + static_cast<std::ptrdiff_t>(std::min(subjects.size(), at + kChunk)));
    // The first resident marks the district as loaded, so it goes in last of all.
    if (at == 0) chunk.erase(chunk.begin());
    YW_TRY(in.database->execute([&](store::Writer& w) { return store::insert_people(w, chunk, {}, {}); }));
  }
  YW_TRY(in.database->execute([&](store::Writer& w) -> Status {
    YW_TRY(store::insert_people(w, {}, staff, accounts));
    for (auto const& [account, citizen] : links) {
      YW_TRY(store::link_staff(w, account, citizen, now));
    }
    for (store::ProtectedPerson const& p : kept) {
      YW_TRY(store::protect(w, p));
    }
    for (Authority const& a : authorities) {
      auto const day = parse_date(a.until);
      Instant const to = day ? shanghai_midnight(Date{day->days + 1}) : far;
      YW_TRY(store::insert_delegation(w, a.principal, a.agent, a.scope, Instant{std::min(now.us, to.us - 1)}, to));
    }
    return {};
  }));
  report.residents = residents;
  report.enterprises = enterprises;
  report.staff = staff.size();

  // Consultations, through the command path.
  auto questions = root.list("questions");
  std::size_t n = 0;
  for (pack::Node const& q : questions) {
    std::size_t who = named.size() + n;
    store::SubjectRecord const& person = subjects[std::min(who, residents - 1)];
    if (person.id == subjects[0].id) break;
    store::CommandRequest request{resident_actor(person), "demo-" + std::to_string(n), "demo", {}};
    request.command.case_type = "consultation";
    request.command.input = json::Value::object({{"topic", json::Value::string(std::string(q.text("topic")))},
                                                 {"question", json::Value::string(std::string(q.text("text")))},
                                                 {"phone", json::Value::string(person.phone)}});
    request.command.case_id = CaseId(demo_id("consultation", n));
    store::Reply reply = in.commands->run(request);
    if (reply.status != 201) return fail(ErrorCode::store_query, {{"query", "demo consultation"}, {"why", reply.body}});
    ++report.cases;
    if (!q.text("answer").empty()) {
      auto parsed = json::parse(reply.body);
      spine::CaseType const& type = *release->case_types.at("consultation");
      auto route = type.routing.find(std::string(q.text("topic")));
      std::string department = route == type.routing.end() ? type.department : route->second;
      spine::Actor clerk;
      clerk.role = spine::Role::clerk;
      for (store::StaffRecord const& s : staff) {
        if (s.department == department && s.role == spine::Role::clerk)
          clerk.id = s.id, clerk.name = s.name, clerk.department = department, clerk.region_path = s.region_path;
      }
      store::CommandRequest act{clerk, "demo-answer-" + std::to_string(n), "demo", {}};
      act.command.kind = spine::Command::Kind::act;
      act.command.case_id = request.command.case_id;
      act.command.action = "answer";
      act.command.input = json::Value::object({{"reply", json::Value::string(std::string(q.text("answer")))}});
      store::Reply answered = in.commands->run(act);
      if (answered.status != 200) return fail(ErrorCode::store_query, {{"query", "demo answer"}, {"why", answered.body}});
    }
    ++n;
  }
  YW_TRY(load_allowances(in, subjects, static_cast<std::size_t>(root.integer("allowances", 0)), report));
  if (full) {
    YW_TRY(load_demo_applications(in, pack, subjects, staff, named.size() + questions.size(), report));
  }
  YW_TRY(load_demo_requests(in, pack, subjects, staff, accounts, full, report));
  YW_TRY(in.database->execute([&](store::Writer& w) { return store::insert_people(w, {subjects[0]}, {}, {}); }));
  YW_TRY(in.persons->refresh(*in.database, in.clock.now()));
  return report;
}

}  // namespace yiwang::app

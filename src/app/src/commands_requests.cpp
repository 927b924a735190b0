// What the signals about requests were worth over a past time: planted events found, and how often it was a false alarm.

#include <fmt/core.h>

#include <iostream>
#include <set>

#include "commands.hpp"
#include "installation.hpp"
#include "request_signals.hpp"
#include "yiwang/store/request_history.hpp"

namespace yiwang::app {
namespace {

struct SignalsOptions {
  std::string data = "var/demo", database, from, until;
  std::int64_t step_hours = 3;
};

/// An event as the pack's generator planted it: reports with its sentence at its place.
struct Planted {
  std::string category, place, core;
  std::vector<CaseId> reports;
  Instant tenth{};
  Instant found{};
};

double hours(Instant from, Instant until) { return static_cast<double>(until.us - from.us) / 3.6e9; }

Status measure(SignalsOptions const& o) {
  InstallationOptions io;
  io.data = o.data;
  io.database = o.database;
  io.training_delay_us = 3600 * kMicrosPerSecond;  // no model is needed here
  YW_ASSIGN(auto in, Installation::open(io));
  auto const known = in->requests->knowledge();
  auto const release = in->definitions.snapshot()->current;
  if (!known || !release) return fail(ErrorCode::spine_not_found, {{"what", "规则 / the rules"}});
  YW_ASSIGN(Date from, parse_date(o.from));
  YW_ASSIGN(Date until, parse_date(o.until));
  std::int64_t const begin = shanghai_midnight(from).us, end = shanghai_midnight(Date{until.days + 1}).us;
  std::int64_t const window = known->rules.hot_hours * 3600 * kMicrosPerSecond, step = o.step_hours * 3600 * kMicrosPerSecond;
  YW_ASSIGN(auto rows, store::requests_between(*in->database, begin - (kWindowsBefore + 1) * window, end));
  YW_ASSIGN(auto const tellers, store::tellers_between(*in->database, begin - window, end));
  YW_ASSIGN(pack::FileSet files, store::stored_files(*in->database, release->hash));
  pack::LoadResult const loaded = pack::load(files);
  std::vector<Planted> planted;
  std::set<CaseId> of_an_event;
  if (pack::Document const* demo = loaded.pack.find("demo/requests.yaml")) {
    for (pack::Node const& e : demo->root.list("events")) {
      Planted p{std::string(e.text("category")), std::string(e.text("place")), std::string(e.text("core")), {}};
      // A rare typing mistake of the generator inside the sentence hides a report from this count, not from the signal.
      for (store::RequestRow const& r : rows) {
        if (r.place != p.place || r.words.find(p.core) == std::string::npos) continue;
        p.reports.push_back(r.case_id);
        of_an_event.insert(r.case_id);
        if (p.reports.size() == 10) p.tenth = Instant{r.received_us};
      }
      planted.push_back(std::move(p));
    }
  }
  std::map<std::string, std::int64_t> last_seen, last_warned;  // a signal that goes on is one signal
  std::size_t signals = 0, false_signals = 0, warnings = 0, rounds = 0, first = 0, behind = 0;
  for (std::int64_t at = begin + step; at <= end; at += step, ++rounds) {
    while (first < rows.size() && rows[first].received_us < at - (kWindowsBefore + 1) * window) ++first;
    while (behind < rows.size() && rows[behind].received_us < at) ++behind;
    std::vector<store::RequestRow> const seen(rows.begin() + static_cast<std::ptrdiff_t>(first),
                                              rows.begin() + static_cast<std::ptrdiff_t>(behind));
    Signals const found = find_signals(*known, seen, tellers, Instant{at});
    for (Signal const& s : found.hotspots) {
      std::size_t real = 0;
      for (CaseId const& id : s.members) real += of_an_event.contains(id);
      bool const true_one = real * 2 >= s.members.size();
      for (Planted& p : planted) {
        if (true_one && p.found.us == 0 && p.place == s.place && p.category == s.category && p.tenth.us != 0)
          p.found = Instant{at};
      }
      std::int64_t& last = last_seen[s.category + " " + s.place];
      if (at - last > window) {
        ++signals;
        if (!true_one) {
          ++false_signals;
          fmt::print("false  {}  {} {}  {} reports  {}\n", to_shanghai_string(Instant{at}).substr(0, 16), s.category, s.place,
                     s.members.size(), s.title);
        }
      }
      last = at;
    }
    for (Rhythm const& r : found.warnings) {
      std::int64_t& last = last_warned[r.category + " " + r.street];
      warnings += at - last > window;
      last = at;
    }
  }
  double const weeks = static_cast<double>(end - begin) / static_cast<double>(7 * kMicrosPerDay);
  for (Planted const& p : planted) {
    fmt::print("event  {} {}: {} reports", p.category, p.place, p.reports.size());
    if (p.tenth.us == 0)
      fmt::print(", never ten\n");
    else if (p.found.us == 0)
      fmt::print(", tenth {}, not found\n", to_shanghai_string(p.tenth));
    else
      fmt::print(", tenth {}, found {:.1f} h after it\n", to_shanghai_string(p.tenth), hours(p.tenth, p.found));
  }
  fmt::print(
      "{} requests, {} rounds each {} h, {:.1f} weeks: {} signals, {} false ({:.2f} a week); {} warnings about a rhythm ({:.2f} "
      "a week)\n",
      rows.size(), rounds, o.step_hours, weeks, signals, false_signals, static_cast<double>(false_signals) / weeks, warnings,
      static_cast<double>(warnings) / weeks);
  return {};
}

}  // namespace

void add_request_commands(CommandLine line) {
  int& code = line.exit_code;
  auto* requests = line.app.add_subcommand("requests", "Citizens' requests")->require_subcommand(1);
  auto o = std::make_shared<SignalsOptions>();
  auto* signals =
      requests->add_subcommand("signals", "What the hotspots were worth over a past time, against the planted events");
  signals->add_option("--data", o->data, "Folder of the installation; no server may be running on it");
  signals->add_option("--database", o->database, "sqlite:FILE or postgres:CONNECTION");
  signals->add_option("--from", o->from, "First day")->required();
  signals->add_option("--until", o->until, "Last day")->required();
  signals->add_option("--step-hours", o->step_hours, "How often it is looked")->check(CLI::Range(1, 48));
  signals->callback([o, &code] {
    if (Status done = measure(*o); !done) {
      std::cerr << "yiwang: " << done.error().line(Language::zh_cn) << "\n";
      code = 2;
    }
  });
}

}  // namespace yiwang::app

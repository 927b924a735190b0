#include <fmt/core.h>

#include <fstream>
#include <iostream>
#include <map>

#include "commands.hpp"
#include "installation.hpp"
#include "yiwang/format/json.hpp"

namespace yiwang::app {
namespace {

struct GuideOptions {
  std::string pack = "packs/yunhai";
  std::string question, tests, day;
  bool misses = false;
};

struct Score {
  int all = 0, first = 0, third = 0;
};

int measure(matter::Guide const& guide, std::string const& file, bool misses) {
  std::ifstream in(file);
  if (!in) {
    std::cerr << Error(ErrorCode::base_file, {{"file", file}, {"why", "unreadable"}}).line() << "\n";
    return 2;
  }
  std::map<std::string, Score> by_kind, by_role;
  Score total;
  std::string line;
  std::getline(in, line);
  while (std::getline(in, line)) {
    std::vector<std::string> cells(1);
    for (char c : line) {
      if (c == '\t')
        cells.emplace_back();
      else
        cells.back() += c;
    }
    if (cells.size() != 4) continue;
    auto const hits = guide.find(cells[2], 3);
    bool const first = !hits.empty() && hits[0].matter->id == cells[3];
    bool third = false;
    for (auto const& h : hits) third = third || h.matter->id == cells[3];
    for (Score* s : {&total, &by_kind[cells[1]], &by_role[cells[0]]}) {
      ++s->all;
      s->first += first;
      s->third += third;
    }
    if (misses && !first) {
      fmt::print("{} {} [{}] ->", third ? "2-3" : "no ", cells[2], cells[3]);
      for (auto const& h : hits) fmt::print(" {}({:.1f})", h.matter->name, h.score);
      fmt::print("\n");
    }
  }
  auto report = [](std::string const& name, Score const& s) {
    fmt::print("{:<14} {:>4}  top-1 {:.3f}  top-3 {:.3f}\n", name, s.all, s.all ? double(s.first) / s.all : 0,
               s.all ? double(s.third) / s.all : 0);
  };
  for (auto const& [kind, s] : by_kind) report(kind, s);
  for (auto const& [role, s] : by_role) report(role, s);
  report("all", total);
  return total.all > 0 && total.first * 100 >= total.all * 80 && total.third * 100 >= total.all * 95 ? 0 : 1;
}

}  // namespace

void add_guide_commands(CommandLine line) {
  auto o = std::make_shared<GuideOptions>();
  int& code = line.exit_code;
  auto* cmd = line.app.add_subcommand("guide", "Find a matter from plain words, as the web page does");
  cmd->add_option("question", o->question, "What somebody would say");
  cmd->add_option("--pack", o->pack, "Folder of the pack");
  cmd->add_option("--test", o->tests,
                  "TSV of role, kind, question, expected matter: prints hit rates; exit code 1 below .80 / .95");
  cmd->add_flag("--misses", o->misses, "With --test: the questions that were not hit first");
  cmd->callback([o, &code] {
    auto files = pack::read_folder(find_folder(o->pack));
    if (!files) {
      std::cerr << files.error().line() << "\n";
      code = 2;
      return;
    }
    std::vector<Error> errors;
    MatterPack matters;
    if (!compile_pack(*files, errors, &matters)) {
      for (Error const& e : errors) std::cerr << e.line() << "\n";
      code = 1;
      return;
    }
    auto const guide = matter::Guide::make(matters.catalogue, shanghai_date(SystemClock().now()));
    if (!o->tests.empty()) {
      code = measure(*guide, o->tests, o->misses);
      return;
    }
    auto const hits = guide->find(o->question);
    for (auto const& h : hits) {
      fmt::print("{:6.1f}  {}  {}（{}）", h.score, h.matter->id, h.matter->name, h.matter->body->name);
      for (auto const& w : h.because) fmt::print(" {}", w);
      fmt::print("\n");
    }
    if (hits.empty()) fmt::print("目录里没有找到。请换个说法，或打 12345 找人问。\n");
    code = hits.empty() ? 1 : 0;
  });
}

}  // namespace yiwang::app

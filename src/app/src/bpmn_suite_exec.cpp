// The betsy execution set. Its script dialect and condition language live only here.

#include <fmt/format.h>

#include <algorithm>
#include <deque>
#include <map>
#include <optional>

#include "bpmn_suite.hpp"
#include "yiwang/bpmn/definition.hpp"
#include "yiwang/bpmn/engine.hpp"

namespace yiwang::app {
namespace {

using bpmn::Variables;
using json::Value;

std::string_view trim(std::string_view text) {
  auto const first = text.find_first_not_of(" \t\r\n");
  return first == std::string_view::npos ? std::string_view{} : text.substr(first, text.find_last_not_of(" \t\r\n") - first + 1);
}

std::optional<std::int64_t> whole(std::string_view text) {
  if (text.empty() || text.size() > 15) return std::nullopt;
  std::int64_t out = 0;
  for (std::size_t i = text[0] == '-' ? 1 : 0; i < text.size(); ++i) {
    if (text[i] < '0' || text[i] > '9') return std::nullopt;
    out = out * 10 + (text[i] - '0');
  }
  return text[0] == '-' ? -out : out;
}

struct TimedTask {
  std::int64_t begin = 0, end = 0;
};

/// What one run leaves behind.
struct Outcome {
  bool deployed = false, incident = false, failed = false;
  std::string why;
  std::vector<std::string> log, data_log;
  bool marker = false;
  std::vector<TimedTask> timed;
};

class Dialect : public bpmn::Ports, public bpmn::ExpressionChecker {
 public:
  explicit Dialect(Outcome& outcome) : out_(outcome) {}
  bpmn::Definition const* definition = nullptr;
  std::int64_t now_us = 0;

  bool accepts(bpmn::Expression const& expression) const override {
    std::string_view text = trim(expression.text);
    if (text == "true" || text == "false" || whole(text) || text.starts_with("P") || text.starts_with("R")) return true;
    if (text.size() > 8 && text[4] == '-' && whole(text.substr(0, 4))) return true;
    static constexpr std::string_view kKnown[] = {"CREATE_LOG_FILE",
                                                  "INCREMENT_INTEGER_VARIABLE",
                                                  "INCREMENT_INTEGER_VARIABLE_AND_LOG",
                                                  "CREATE_MARKER_FILE",
                                                  "SET_STRING_DATA",
                                                  "LOG_DATA",
                                                  "CREATE_TIMESTAMP_LOG_1",
                                                  "CREATE_TIMESTAMP_LOG_2",
                                                  "WAIT_TEN_SECONDS",
                                                  "THROW_ERROR",
                                                  "dummyScript"};
    if (std::find(std::begin(kKnown), std::end(kKnown), text) != std::end(kKnown) || text.starts_with("SCRIPT_task")) return true;
    return text.find("test.contains(") != std::string_view::npos || text.find('<') != std::string_view::npos ||
           text.find(">=") != std::string_view::npos || text.starts_with("${");
  }

  Result<Value> evaluate(bpmn::Expression const& expression, bpmn::Lookup const& lookup) override {
    std::string_view text = trim(expression.text);
    auto bad = [&] {
      return fail(Error(ErrorCode::bpmn_foreign_expression, {{"element", expression.element}, {"text", std::string(text)}}));
    };
    if (text == "true" || text == "false") return Value::boolean(text == "true");
    if (whole(text)) return Value::number(std::string(text));
    if (text.starts_with("${") && text.ends_with("}")) {
      auto const* value = lookup.find(trim(text.substr(2, text.size() - 3)));
      if (value == nullptr) return bad();
      return *value;
    }
    bool negate = false;
    if (text.starts_with("!")) {
      negate = true;
      text = trim(text.substr(1));
    }
    if (auto const at = text.find(".contains("); at != std::string_view::npos) {
      auto const open = text.find_first_of("\"'", at), close = text.find_last_of("\"'");
      if (open == std::string_view::npos || close <= open) return bad();
      auto const* value = lookup.find(text.substr(0, at));
      bool const hit = value != nullptr && value->text().find(text.substr(open + 1, close - open - 1)) != std::string::npos;
      return Value::boolean(hit != negate);
    }
    for (std::string_view op : {"<=", ">=", "==", "<", ">"}) {
      auto const at = text.find(op);
      if (at == std::string_view::npos) continue;
      auto side = [&](std::string_view part) -> std::optional<std::int64_t> {
        part = trim(part);
        if (auto number = whole(part)) return number;
        auto const* value = lookup.find(part);
        return value == nullptr ? std::nullopt : whole(value->text());
      };
      auto const left = side(text.substr(0, at)), right = side(text.substr(at + op.size()));
      if (!left || !right) return bad();
      bool const hit = op == "<"    ? *left < *right
                       : op == ">"  ? *left > *right
                       : op == "<=" ? *left <= *right
                       : op == ">=" ? *left >= *right
                                    : *left == *right;
      return Value::boolean(hit != negate);
    }
    if (text.starts_with("P") || text.starts_with("R")) return Value::string(std::string(text));
    return bad();
  }

  Result<bpmn::ScriptResult> run_script(bpmn::Node const& node, std::string_view script, std::string_view,
                                        bpmn::Lookup const& lookup) override {
    bpmn::ScriptResult result;
    script = trim(script);
    if (script == "CREATE_LOG_FILE")
      out_.log.clear();
    else if (script.starts_with("SCRIPT_task"))
      out_.log.emplace_back(script);
    else if (script == "CREATE_MARKER_FILE")
      out_.marker = true;
    else if (script.starts_with("INCREMENT_INTEGER_VARIABLE")) {
      auto const* value = lookup.find("integerVariable");
      auto const number = value == nullptr ? std::optional<std::int64_t>{} : whole(value->text());
      result.set["integerVariable"] = Value::number(std::to_string(number.value_or(0) + 1));
      if (script.ends_with("_AND_LOG")) out_.log.emplace_back("INCREMENT_correct");
    } else if (script == "THROW_ERROR") {
      result.error = "";
    } else if (script == "SET_STRING_DATA") {
      std::string const name = !node.data_out.empty()            ? node.data_out.front().source
                               : !definition->properties.empty() ? definition->properties.front()
                                                                 : "data";
      result.set[name] = Value::string("String");
    } else if (script == "LOG_DATA") {
      std::string const name = !node.data_in.empty()             ? node.data_in.front().target
                               : !definition->properties.empty() ? definition->properties.front()
                                                                 : "data";
      if (auto const* value = lookup.find(name)) out_.data_log.push_back(value->text());
    } else if (script.starts_with("CREATE_TIMESTAMP_LOG")) {
      out_.timed.push_back({now_us, now_us + 2'000'000});
      result.lasts_us = 2'000'000;
    } else if (script == "WAIT_TEN_SECONDS") {
      result.lasts_us = 10'000'000;
    } else if (script != "dummyScript") {
      return fail(Error(ErrorCode::bpmn_foreign_expression, {{"element", node.id}, {"text", std::string(script)}}));
    }
    return result;
  }

 private:
  Outcome& out_;
};

struct Run {
  std::string xml, file, process, first;
  Value variables;
  std::int64_t settle_us = 0;
};

/// Instances of the processes of one file, exchanging messages and signals on a virtual clock.
class World {
 public:
  World(bpmn::Definition const& definition, Dialect& dialect, Run const& run, Outcome& out)
      : def_(definition), dialect_(dialect), run_(run), out_(out) {}

  void play() {
    if (!run_.first.empty()) begin(run_.first);
    begin(run_.process);
    std::int64_t const end = now_ + run_.settle_us;
    for (int guard = 0; guard < 10'000; ++guard) {
      exchange();
      // The next timer or running task, whichever comes first.
      bpmn::State* owner = nullptr;
      bpmn::Command command;
      std::int64_t best = INT64_MAX;
      for (bpmn::State& state : instances_) {
        for (bpmn::Timer const& timer : state.timers) {
          if (timer.due.us > end || timer.due.us >= best) continue;
          best = timer.due.us;
          owner = &state;
          command = {};
          command.type = bpmn::CommandType::fire_timer;
          command.id = timer.id;
        }
      }
      for (auto const& job : jobs_) {
        if (job.due >= best) continue;
        bpmn::State& state = instances_[job.instance];
        bool const open = std::any_of(state.jobs.begin(), state.jobs.end(), [&](bpmn::Job const& j) { return j.id == job.id; });
        if (!open) continue;
        best = job.due;
        owner = &state;
        command = {};
        command.type = bpmn::CommandType::complete_job;
        command.id = job.id;
      }
      if (!starts_.empty() && starts_.front().due <= std::min(best, end)) {
        Start const next = starts_.front();
        starts_.pop_front();
        now_ = std::max(now_, next.due);
        start(next.process, next.node);
        continue;
      }
      if (owner == nullptr) break;
      now_ = std::max(now_, best);
      std::erase_if(jobs_, [&](Task const& job) {
        return command.type == bpmn::CommandType::complete_job && job.id == command.id && &instances_[job.instance] == owner;
      });
      give(static_cast<std::size_t>(owner - &instances_[0]), command);
    }
    for (bpmn::State const& state : instances_) {
      out_.incident = out_.incident || !state.incidents.empty();
      if (!state.incidents.empty()) out_.why = state.incidents.front().message;
      out_.failed = out_.failed || state.status == bpmn::InstanceStatus::failed;
    }
  }

 private:
  struct Thing {
    std::size_t from;
    std::string name;
    Value data;
    bool signal;
  };
  struct Task {
    std::size_t instance;
    bpmn::Id id;
    std::int64_t due;
  };

  struct Start {
    std::string process, node;
    std::int64_t due;
  };

  /// A process without a none start event begins when one of its timers says so.
  void begin(std::string const& process) {
    bpmn::Index const index = def_.find_process(process);
    if (index == bpmn::kNone) return start(process, {});
    bpmn::Scope const& scope = def_.scopes[def_.processes[index].scope];
    if (!scope.starts.empty() || !scope.implicit_starts.empty()) return start(process, {});
    bool timed = false;
    for (bpmn::Index node : scope.triggered_starts) {
      auto const* event = std::get_if<bpmn::Event>(&def_.nodes[node].kind);
      if (event == nullptr) continue;
      for (auto const& definition : event->definitions) {
        auto const* timer = std::get_if<bpmn::TimerEvent>(&definition);
        if (timer == nullptr) continue;
        timed = true;
        if (timer->cycle) {
          auto const cycle = bpmn::parse_cycle(timer->cycle.text, Instant{now_});
          if (!cycle) continue;
          for (std::int64_t i = 0; i <= (cycle->repeats < 0 ? 100 : cycle->repeats) && i < 200; ++i)
            starts_.push_back({process, def_.nodes[node].id, cycle->due.us + i * cycle->period_us});
        } else {
          auto const due =
              timer->duration ? bpmn::add_duration(Instant{now_}, timer->duration.text) : bpmn::parse_date(timer->date.text);
          if (due) starts_.push_back({process, def_.nodes[node].id, std::max(now_, due->us)});
        }
      }
    }
    std::stable_sort(starts_.begin(), starts_.end(), [](Start const& a, Start const& b) { return a.due < b.due; });
    if (!timed) start(process, {});
  }

  void start(std::string const& process, std::string const& node) {
    if (instances_.size() > 200) return;
    instances_.emplace_back();
    bpmn::Command command;
    command.type = bpmn::CommandType::start;
    command.name = process;
    command.node = node;
    command.data = run_.variables;
    give(instances_.size() - 1, command);
  }

  bool give(std::size_t index, bpmn::Command command) {
    command.now = Instant{now_};
    dialect_.now_us = now_;
    auto const events = bpmn::decide(def_, instances_[index], command, dialect_);
    if (!events) {
      out_.incident = true;
      out_.why = events.error().line();
      return false;
    }
    for (bpmn::EventRecord const& event : *events) {
      bpmn::apply(def_, instances_[index], event);
      if (event.type == bpmn::EventType::message_sent) things_.push_back({index, event.name, event.data, false});
      if (event.type == bpmn::EventType::signal_sent) things_.push_back({index, event.name, event.data, true});
      if (event.type == bpmn::EventType::job_opened) {
        jobs_.push_back({index, event.id, now_ + whole(event.data.text()).value_or(0)});
      }
    }
    return true;
  }

  void exchange() {
    std::vector<Thing> kept;
    while (!things_.empty()) {
      Thing const thing = things_.front();
      things_.pop_front();
      bool taken = false;
      std::size_t const count = instances_.size();
      for (std::size_t step = 1; step <= count && (thing.signal || !taken); ++step) {
        std::size_t const index = (thing.from + step) % count;
        if (thing.signal && index == thing.from) continue;
        auto const waits = bpmn::waiting(def_, instances_[index]);
        bool const fits = std::any_of(waits.begin(), waits.end(),
                                      [&](auto const& w) { return w.signal == thing.signal && w.name == thing.name; });
        if (!fits) continue;
        bpmn::Command command;
        command.type = thing.signal ? bpmn::CommandType::signal : bpmn::CommandType::correlate;
        command.name = thing.name;
        if (!thing.signal) command.data = thing.data;
        taken = give(index, command) || taken;
      }
      if (!taken || thing.signal) {
        for (bpmn::Process const& process : def_.processes) {
          auto const starts = bpmn::triggered_by(def_, process.id, thing.name, thing.signal);
          if (starts.empty() || (taken && !thing.signal)) continue;
          start(process.id, def_.nodes[starts.front()].id);
          taken = true;
        }
      }
      if (!taken && !thing.signal) kept.push_back(thing);
      if (things_.empty()) {
        // A message that nobody could take waits; something may have begun to listen since.
        for (auto it = kept.begin(); it != kept.end();) {
          bool listens = false;
          for (bpmn::State const& state : instances_) {
            for (auto const& w : bpmn::waiting(def_, state)) listens = listens || (!w.signal && w.name == it->name);
          }
          if (listens) {
            things_.push_back(*it);
            it = kept.erase(it);
          } else {
            ++it;
          }
        }
      }
    }
    for (Thing& thing : kept) pending_.push_back(std::move(thing));
    if (!pending_.empty()) {
      for (auto it = pending_.begin(); it != pending_.end();) {
        bool listens = false;
        for (bpmn::State const& state : instances_) {
          for (auto const& w : bpmn::waiting(def_, state)) listens = listens || (!w.signal && w.name == it->name);
        }
        if (listens) {
          things_.push_back(*it);
          it = pending_.erase(it);
        } else {
          ++it;
        }
      }
      if (!things_.empty()) exchange();
    }
  }

  bpmn::Definition const& def_;
  Dialect& dialect_;
  Run const& run_;
  Outcome& out_;
  std::vector<bpmn::State> instances_;
  std::deque<Thing> things_;
  std::vector<Thing> pending_;
  std::vector<Task> jobs_;
  std::deque<Start> starts_;
  std::int64_t now_ = 1'795'305'600'000'000;  // 2026-11-22, so that dates of the suite lie in the past
};

Outcome execute(Run const& run) {
  Outcome out;
  Dialect dialect(out);
  auto const definition = bpmn::deploy(run.xml, run.file, &dialect);
  if (!definition) {
    out.why = definition.error().line();
    return out;
  }
  out.deployed = true;
  dialect.definition = definition->get();
  World world(**definition, dialect, run, out);
  world.play();
  return out;
}

bool overlap(std::vector<TimedTask> const& tasks) {
  for (std::size_t i = 0; i < tasks.size(); ++i) {
    for (std::size_t j = i + 1; j < tasks.size(); ++j) {
      if (tasks[i].begin < tasks[j].end && tasks[j].begin < tasks[i].end) return true;
    }
  }
  return false;
}

std::string compare(Outcome const& got, Value const& expect) {
  std::string const outcome = expect.find("outcome") == nullptr ? "ok" : expect.find("outcome")->text();
  if (outcome == "error") return !got.deployed || got.incident || got.failed ? "" : "should fail, but went through";
  if (!got.deployed) return "refused: " + got.why;
  if (outcome == "ok" && (got.incident || got.failed)) return "stopped: " + got.why;
  if (outcome == "runtime-error" && !got.incident) return "should stop with an incident";
  if (outcome == "ended-by-error-event" && !got.failed) return "should end by an error event";
  std::vector<std::string> want, have = got.log;
  if (auto const* log = expect.find("log")) {
    for (Value const& word : log->items()) want.push_back(word.text());
  }
  std::sort(want.begin(), want.end());
  std::sort(have.begin(), have.end());
  if (want != have) return fmt::format("log [{}], expected [{}]", fmt::join(have, " "), fmt::join(want, " "));
  bool const marker = expect.find("marker") != nullptr && expect.find("marker")->as_bool();
  if (marker && !got.marker) return "marker not set";
  if (auto const* parallel = expect.find("parallel_overlap"); parallel != nullptr && parallel->as_bool() && !overlap(got.timed)) {
    return "timed tasks did not overlap";
  }
  if (auto const* data = expect.find("data_log")) {
    std::string joined;
    for (std::string const& line : got.data_log) joined += line;
    if (joined != data->text()) return "data log '" + joined + "'";
  }
  return {};
}

}  // namespace

SetScore run_betsy_exec(std::string const& folder) {
  SetScore score;
  score.name = "betsy-exec";
  auto const text = read_file(folder + "/betsy/exec.json");
  if (!text) return score;
  auto const root = json::parse(*text);
  if (!root || root->find("tests") == nullptr) return score;
  std::vector<Outcome> outcomes;
  for (Value const& test : root->find("tests")->items()) {
    Run run;
    run.file = test.find("file")->text();
    run.process = test.find("start_process")->text();
    auto const xml = read_file(folder + "/" + run.file);
    run.xml = xml ? *xml : std::string{};
    for (Value const& item : test.find("cases")->items()) {
      run.variables = *item.find("variables");
      auto const* first = item.find("start_first");
      run.first = first == nullptr ? std::string{} : first->text();
      run.settle_us = whole(item.find("settle_ms")->text()).value_or(0) * 1000;
      outcomes.push_back(execute(run));
    }
  }
  // Everything has run; only now are the expected results read.
  std::size_t index = 0;
  for (Value const& test : root->find("tests")->items()) {
    for (Value const& item : test.find("cases")->items()) {
      std::string const fault = compare(outcomes[index++], item);
      score.add(fault.empty(), fmt::format("{} case {}: {}", test.find("file")->text(), item.find("n")->text(), fault));
    }
  }
  return score;
}

}  // namespace yiwang::app

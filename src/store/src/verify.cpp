#include <functional>

#include "case_rows.hpp"
#include "queries.hpp"
#include "yiwang/store/commands.hpp"

namespace yiwang::store {
namespace {

/// The task and timer rows of a case are what its process says.
Status compare_rows(Database& database, spine::CaseState const& rebuilt, std::function<void(std::string)> const& differ) {
  std::map<std::int64_t, TaskRow> expected;
  for (spine::OpenTask const& task : rebuilt.tasks) expected.emplace(static_cast<std::int64_t>(task.id), task_row(rebuilt, task));
  std::map<std::int64_t, std::int64_t> timers;
  for (bpmn::Timer const& timer : rebuilt.process ? rebuilt.process->timers : std::vector<bpmn::Timer>{}) {
    if (timer.remaining_us < 0) timers.emplace(static_cast<std::int64_t>(timer.id), timer.due.us);
  }
  return database.read([&](Session& s) -> Status {
    YW_TRY(s.run(queries::task_list, {rebuilt.id}, [&](Row const& row) {
      std::string const number = std::to_string(row.integer(0));
      if (row.integer(5) == kTaskClosed) return;
      auto it = expected.find(row.integer(0));
      if (it == expected.end()) return differ("task " + number + ": stored as open, but no event says so");
      std::string_view const assignee = row.is_null(4) ? std::string_view{} : row.bytes(4);
      if (row.text(1) != it->second.step || row.text(3) != it->second.department || assignee != it->second.assignee || row.integer(5) != it->second.status) differ("task " + number);
      expected.erase(it);
    }));
    for (auto const& [number, task] : expected) differ("task " + std::to_string(number) + " is not stored");
    YW_TRY(s.run(queries::timer_list, {rebuilt.id}, [&](Row const& row) {
      auto it = timers.find(row.integer(0));
      if (it == timers.end() || it->second != row.integer(1)) differ("timer " + std::to_string(row.integer(0)));
      else timers.erase(it);
    }));
    for (auto const& [number, due] : timers) differ("timer " + std::to_string(number) + " is not stored");
    return {};
  });
}

}  // namespace

Result<std::vector<Error>> verify_state(Database& database, DefinitionSnapshot const& definitions, std::size_t& cases) {
  std::vector<Error> differences;
  struct Stored {
    CaseId id;
    std::int64_t revision;
    std::string state, process;
  };
  std::vector<Stored> all;
  YW_TRY(database.read([&](Session& s) {
    return s.run(queries::case_all_ids, {}, [&](Row const& row) { all.push_back({row.id<CaseId>(0), row.integer(1), row.string(2), row.is_null(3) ? std::string{} : row.string(3)}); });
  }));
  cases = all.size();
  for (Stored const& stored : all) {
    auto differ = [&](std::string what) { differences.push_back(Error(ErrorCode::store_difference, {{"what", to_string(stored.id) + ": " + what}})); };
    spine::CaseState rebuilt;
    rebuilt.id = stored.id;
    bool erased = false;
    std::vector<std::string> bodies;
    YW_TRY(database.read([&](Session& s) {
      return s.run(queries::event_list, {stored.id}, [&](Row const& row) {
        if (row.is_null(5)) erased = true;
        Digest expected = evidence::payload_hash(HashKind::sm3, row.bytes(4), row.text(5));
        if (!row.is_null(5) && as_view(expected) != row.bytes(3)) differ("event " + std::to_string(row.integer(0)) + " does not match its hash");
        if (row.integer(0) != static_cast<std::int64_t>(bodies.size())) differ("event " + std::to_string(bodies.size()) + " is missing");
        bodies.push_back(row.string(5));
      });
    }));
    if (erased) continue;  // erased by law: the state is all that is left
    auto head = spine::parse_case_state(stored.id, stored.state);
    if (!head) {
      differ("the stored state is not JSON");
      continue;
    }
    spine::CaseType const* type = definitions.find(head->definition);
    if (type == nullptr) {
      differ("its definition " + head->definition.substr(0, 12) + " is not stored");
      continue;
    }
    for (std::string const& body : bodies) {
      auto event = spine::parse_event(body);
      Status applied = event ? spine::apply(*type, rebuilt, *event) : Status(fail(event.error()));
      if (!applied) differ(applied.error().line());
    }
    if (!rebuilt.process || spine::process_text(*type, rebuilt) != stored.process) differ("the process");
    YW_TRY(compare_rows(database, rebuilt, differ));
    json::Value expected = spine::to_json(rebuilt);
    auto found = json::parse(stored.state);
    for (auto const& [key, value] : expected.members()) {
      json::Value const* there = found->find(key);
      if (there == nullptr || json::write_canonical(*there) != json::write_canonical(value)) differ(key + ": events say " + json::write_canonical(value) + ", stored is " + (there ? json::write_canonical(*there) : "nothing"));
    }
    for (auto const& [key, value] : found->members()) {
      if (expected.find(key) == nullptr) differ(key + ": stored, but no event says so");
    }
    if (stored.revision != static_cast<std::int64_t>(rebuilt.revision)) differ("revision");
  }
  return differences;
}

}  // namespace yiwang::store

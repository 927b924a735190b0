// What is stored, held against what it was made from: cases and the log against the events, signed roots against the log.

#include <functional>

#include "case_rows.hpp"
#include "queries.hpp"
#include "yiwang/store/commands.hpp"
#include "yiwang/store/files.hpp"

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
      if (row.text(1) != it->second.step || row.text(3) != it->second.department || assignee != it->second.assignee ||
          row.integer(5) != it->second.status)
        differ("task " + number);
      expected.erase(it);
    }));
    for (auto const& [number, task] : expected) differ("task " + std::to_string(number) + " is not stored");
    YW_TRY(s.run(queries::timer_list, {rebuilt.id}, [&](Row const& row) {
      if (row.integer(0) == kClockTimer) return;  // follows from the calendar in force, not from events alone
      auto it = timers.find(row.integer(0));
      if (it == timers.end() || it->second != row.integer(1))
        differ("timer " + std::to_string(row.integer(0)));
      else
        timers.erase(it);
    }));
    for (auto const& [number, due] : timers) differ("timer " + std::to_string(number) + " is not stored");
    return {};
  });
}

/// Hashes of complete subtrees, smallest last: the tree of RFC 6962 grown leaf by leaf in O(log n) memory.
struct Frontier {
  std::vector<Digest> subtrees;
  std::uint64_t size = 0;
  void add(Digest hash) {
    for (std::uint64_t n = size; n & 1; n >>= 1) {
      hash = evidence::node_hash(HashKind::sm3, subtrees.back(), hash);
      subtrees.pop_back();
    }
    subtrees.push_back(hash);
    ++size;
  }
  Digest root() const {
    if (subtrees.empty()) return evidence::empty_root(HashKind::sm3);
    Digest out = subtrees.back();
    for (std::size_t i = subtrees.size() - 1; i-- > 0;) out = evidence::node_hash(HashKind::sm3, subtrees[i], out);
    return out;
  }
};

constexpr std::size_t kFaultsMax = 1000;

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
    return s.run(queries::case_all_ids, {}, [&](Row const& row) {
      all.push_back({row.id<CaseId>(0), row.integer(1), row.string(2), row.is_null(3) ? std::string{} : row.string(3)});
    });
  }));
  cases = all.size();
  for (Stored const& stored : all) {
    auto differ = [&](std::string what) {
      differences.push_back(Error(ErrorCode::store_difference, {{"what", to_string(stored.id) + ": " + what}}));
    };
    spine::CaseState rebuilt;
    rebuilt.id = stored.id;
    bool erased = false;
    std::vector<std::string> bodies;
    YW_TRY(database.read([&](Session& s) {
      return s.run(queries::event_list, {stored.id}, [&](Row const& row) {
        if (row.is_null(5)) erased = true;
        Digest expected = evidence::payload_hash(HashKind::sm3, row.bytes(4), row.text(5));
        if (!row.is_null(5) && as_view(expected) != row.bytes(3))
          differ("event " + std::to_string(row.integer(0)) + " does not match its hash");
        if (row.integer(0) != static_cast<std::int64_t>(bodies.size()))
          differ("event " + std::to_string(bodies.size()) + " is missing");
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
    YW_ASSIGN(json::Value const expected, json::parse(spine::state_text(rebuilt)));
    auto found = json::parse(stored.state);
    for (auto const& [key, value] : expected.members()) {
      json::Value const* there = found->find(key);
      if (there == nullptr || json::write_canonical(*there) != json::write_canonical(value))
        differ(key + ": events say " + json::write_canonical(value) + ", stored is " +
               (there ? json::write_canonical(*there) : "nothing"));
    }
    for (auto const& [key, value] : found->members()) {
      if (expected.find(key) == nullptr) differ(key + ": stored, but no event says so");
    }
    if (stored.revision != static_cast<std::int64_t>(rebuilt.revision)) differ("revision");
  }
  return differences;
}

Result<std::vector<Error>> verify_log(Database& database, std::string_view public_pem, std::uint64_t& leaves) {
  std::vector<Error> faults;
  auto differ = [&](std::string what) {
    if (faults.size() < kFaultsMax) faults.push_back(Error(ErrorCode::evidence_mismatch, {{"what", std::move(what)}}));
  };
  std::vector<evidence::SignedRoot> roots;
  for (std::uint64_t after = 0;;) {
    YW_ASSIGN(auto page, roots_after(database, after, 1000));
    if (page.empty()) break;
    after = page.back().size;
    roots.insert(roots.end(), std::make_move_iterator(page.begin()), std::make_move_iterator(page.end()));
  }
  YW_TRY(database.read([&](Session& s) -> Status {
    Frontier tree;
    std::size_t next_root = 0;
    std::vector<Digest> tile;
    auto close_tile = [&]() -> Status {
      if (tile.empty()) return {};
      auto number = static_cast<std::int64_t>((tree.size - 1) / 256);
      std::string stored, expected;
      for (Digest const& d : tile) expected += as_view(d);
      YW_TRY(s.run(queries::tile_get, {0, number}, [&](Row const& row) { stored = row.bytes(0); }));
      if (stored != expected)
        differ("leaves " + std::to_string(number * 256) + " to " + std::to_string(tree.size - 1) +
               " are not what their events say");
      tile.clear();
      return {};
    };
    Status inner;
    YW_TRY(s.run(queries::event_by_leaf, {}, [&](Row const& row) {
      if (!inner) return;
      evidence::LeafHeader header;
      std::string_view aggregate = row.bytes(0), payload = row.bytes(4);
      auto name = [&] { return "event " + std::to_string(row.integer(1)) + " of " + to_string(header.aggregate); };
      if (aggregate.size() == 16) std::copy(aggregate.begin(), aggregate.end(), header.aggregate.begin());
      header.revision = static_cast<std::uint64_t>(row.integer(1));
      header.at = Instant{row.integer(2)};
      if (row.integer(3) != static_cast<std::int64_t>(tree.size))
        differ(name() + " has leaf " + std::to_string(row.integer(3)) + ", expected " + std::to_string(tree.size));
      Digest hash{};
      if (payload.size() == hash.size()) std::copy(payload.begin(), payload.end(), reinterpret_cast<char*>(hash.data()));
      if (!row.is_null(6) && evidence::payload_hash(HashKind::sm3, row.bytes(5), row.text(6)) != hash)
        differ(name() + " does not match its hash");
      Digest leaf = evidence::leaf_hash(HashKind::sm3, evidence::leaf_entry(header, hash));
      tree.add(leaf);
      tile.push_back(leaf);
      if (tile.size() == 256) inner = close_tile();
      while (next_root < roots.size() && roots[next_root].size == tree.size) {
        if (tree.root() != roots[next_root].root)
          differ("the signed root of " + std::to_string(tree.size) + " leaves does not match the events");
        ++next_root;
      }
    }));
    YW_TRY(std::move(inner));
    YW_TRY(close_tile());
    for (; next_root < roots.size(); ++next_root)
      differ("a root of " + std::to_string(roots[next_root].size) + " leaves is signed, and the log holds " +
             std::to_string(tree.size));
    leaves = tree.size;
    // The tiles above the leaves must give the same root, or proofs would fail later.
    YW_ASSIGN(Digest from_tiles, evidence::root(HashKind::sm3, tree.size, tile_reader(s)));
    if (from_tiles != tree.root()) differ("the tiles of the log do not give the root of its leaves");
    return {};
  }));
  for (auto const& r : roots) {
    if (!public_pem.empty() && !evidence::verify_signature(public_pem, evidence::signed_root_bytes(r), r.signature))
      differ("the signature of the root of " + std::to_string(r.size) + " leaves is wrong");
  }
  return faults;
}

}  // namespace yiwang::store

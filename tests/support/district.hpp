#pragma once
// The invented district for tests and benchmarks of the command path: its release, people who act, seeded ids.

#include <atomic>

#include "yiwang/store/commands.hpp"

namespace yiwang::test {

/// SplitMix64: the same on every machine.
class Random {
 public:
  explicit Random(std::uint64_t seed) : state_(seed) {}
  std::uint64_t next() {
    std::uint64_t z = (state_ += 0x9E3779B97F4A7C15ULL);
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ULL;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBULL;
    return z ^ (z >> 31);
  }
  std::uint64_t below(std::uint64_t n) { return next() % n; }

 private:
  std::uint64_t state_;
};

/// Moves on by a millisecond at each look.
struct SteppingClock final : yiwang::Clock {
  mutable std::atomic<std::int64_t> us{1'790'000'000'000'000};
  Instant now() const override { return {us.fetch_add(1000)}; }
};

struct SeededIds final : IdSource {
  explicit SeededIds(std::uint64_t seed) : random(seed) {}
  IdBytes next() override {
    std::uint64_t n = ++number;
    return uuid_v7(1'790'000'000'000 + static_cast<std::int64_t>(n), 0, random.next());
  }
  Random random;
  std::uint64_t number = 0;
};

struct District {
  pack::FileSet files;
  std::shared_ptr<spine::Release const> release;
  static District const& get() {
    static District const kDistrict = [] {
      District d;
      d.files = pack::read_folder(YW_SOURCE_DIR "/packs/yunhai").value();
      pack::LoadResult loaded = pack::load(d.files);
      d.release = spine::compile(loaded.pack).release;
      return d;
    }();
    return kDistrict;
  }
};

inline spine::Actor resident(std::uint64_t n) {
  spine::Actor a;
  a.role = spine::Role::resident;
  a.id = uuid_v7(1, 1, n);
  a.acts_for = SubjectId(a.id);
  a.name = "周某";
  a.region_path = "/yunhai";
  return a;
}
inline spine::Actor clerk(std::string const& department, std::uint64_t n) {
  spine::Actor a;
  a.role = spine::Role::clerk;
  a.id = uuid_v7(2, 2, n);
  a.name = "王某";
  a.department = department;
  a.region_path = "/yunhai";
  return a;
}
inline json::Value text(std::string_view t) { return json::Value::string(std::string(t)); }

/// A consultation by a resident.
inline store::CommandRequest consultation(spine::Actor actor, std::string key, CaseId id, std::string_view question,
                                          char const* topic = "pension") {
  store::CommandRequest r;
  r.actor = std::move(actor);
  r.idempotency_key = std::move(key);
  r.request_bytes = r.idempotency_key;
  r.command.case_type = "consultation";
  r.command.case_id = id;
  r.command.input = json::Value::object({{"topic", text(topic)}, {"question", text(question)}, {"phone", text("13800000000")}});
  return r;
}

/// A refusal by the rules is an answer; one by the store promises nothing.
inline store::Reply render_code(std::vector<Error> const& errors) {
  std::string code(to_string(errors.front().code()));
  return {code.starts_with("store.") ? 503 : 422, code};
}

}  // namespace yiwang::test

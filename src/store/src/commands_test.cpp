// Commands on both databases: in shared statements against the same commands row by row, with systems beside them, erased,
// repeated after a restart, and begun from cases that were read early.

#include <future>

#include "gate.hpp"
#include "known_keys.hpp"
#include "on_both.hpp"
#include "queries.hpp"
#include "yiwang/store/erase.hpp"
#include "yiwang/store/files.hpp"
#include "yiwang/store/identity.hpp"
#include "yiwang/store/views.hpp"

using namespace yiwang;
using namespace yiwang::store;
using namespace yiwang::test;

namespace {
class Commands : public OnBoth {};
INSTANTIATE_TEST_SUITE_P(Store, Commands, both(), name_of_dialect);
}  // namespace

TEST_P(Commands, CommandsThatShareStatementsDoWhatTheyDoRowByRow) {
  std::vector<std::string> said[2], log[2];
  for (bool set_wise : {true, false}) {
    if (GetParam() == Dialect::sqlite)
      SetUp();
    else {
      auto session = open_session(url, {.writer = true}).value();
      ASSERT_TRUE(session->script("DROP SCHEMA public CASCADE; CREATE SCHEMA public").has_value());
    }
    DatabaseOptions options;
    options.set_wise = options.write_beside = set_wise;
    options.batch_max = 8;
    Spine spine(url, options);
    Random random(3);
    std::vector<CommandRequest> sent;
    std::vector<CaseId> cases;
    for (int batch = 0; batch < 30; ++batch) {
      Gate gate(*spine.database);
      std::vector<std::future<Reply>> replies;
      for (std::uint64_t i = 0, n = 1 + random.below(20); i < n; ++i) {
        CommandRequest r;
        if (!sent.empty() && random.below(6) == 0) {
          r = sent[random.below(sent.size())];  // a repeated key, sometimes of the same batch
        } else if (cases.empty() || random.below(2) == 0) {
          cases.push_back(spine.ids.make<CaseId>());
          r = consultation(resident(random.below(4)), fmt::format("k{}", sent.size()), cases.back(),
                           random.below(6) == 0 ? "短" : "带引号\"和\\反斜杠{的},问题");
        } else {
          r.actor = clerk("social_ins", random.below(2));
          r.idempotency_key = r.request_bytes = fmt::format("k{}", sent.size());
          r.command.case_id = cases[random.below(cases.size())];
          r.command.kind = random.below(2) ? spine::Command::Kind::claim : spine::Command::Kind::act;
          r.command.action = "answer";
          if (r.command.kind == spine::Command::Kind::act) r.command.input = json::Value::object({{"reply", text("可以办理。")}});
        }
        sent.push_back(r);
        auto promise = std::make_shared<std::promise<Reply>>();
        replies.push_back(promise->get_future());
        spine.commands->execute(std::move(r), [promise](Reply reply) { promise->set_value(std::move(reply)); });
      }
      gate.open();
      for (auto& reply : replies) {
        Reply r = reply.get();
        // The query code and the number are drawn; the rest must be the same.
        auto body = json::parse(r.body);
        said[set_wise].push_back(
            fmt::format("{} {}", r.status,
                        body && body->find("revision") ? body->find("revision")->text() + body->find("step")->text() : r.body));
      }
    }
    std::size_t n = 0;
    std::uint64_t leaves = 0;
    EXPECT_EQ(verify_state(*spine.database, *spine.definitions.snapshot(), n).value().size(), 0u);
    EXPECT_EQ(verify_log(*spine.database, "", leaves).value().size(), 0u);
    for (CaseId id : cases) {
      auto loaded = load_case(*spine.database, *spine.definitions.snapshot(), id).value();
      log[set_wise].push_back(
          loaded ? fmt::format("{} {} {}", loaded->row.state.revision, loaded->row.state.step, loaded->row.state.title) : "none");
    }
    auto counters = spine.database->counters();
    if (set_wise) {
      EXPECT_GT(GetParam() == Dialect::postgres ? counters.set_wise : counters.ahead, 100u);
      EXPECT_EQ(counters.repeated, 0u);
    }
  }
  EXPECT_EQ(said[0], said[1]);
  EXPECT_EQ(log[0], log[1]);
}

TEST_P(Commands, AFailedCommandOfASharedBatchLeavesNothing) {
  Spine spine(url);
  std::string const good(16, 'g'), bad(16, 'b');
  Gate gate(*spine.database);
  std::atomic<int> ok = 0, refused = 0;
  for (int i = 0; i < 20; ++i) {
    bool fails = i % 3 == 0;
    spine.database->submit(
        [&, fails, i](Writer& w) -> Status {
          YW_TRY(w.session().run(queries::visibility_insert, {b(fails ? bad : good), i, b(good)}));
          YW_TRY(w.session().run(queries::setting_put, {fails ? "bad" : "good", "1"}));
          if (fails) return fail(ErrorCode::store_conflict);
          return {};
        },
        [&](Status s) { (s ? ok : refused) += 1; },
        {{&queries::case_state, {{true, std::string(16, static_cast<char>('A' + i))}}}});
  }
  // Two that claim the same value: the guard fails, the batch is run again, and each is counted once.
  for (int i = 0; i < 2; ++i) {
    spine.database->submit(
        [&](Writer& w) -> Status {
          YW_ASSIGN(std::int64_t n, w.session().run(queries::claim_insert, {"kind", "same", b(good)}));
          if (n != 1) return fail(ErrorCode::store_conflict);
          return {};
        },
        [&](Status s) { (s ? ok : refused) += 1; },
        {{&queries::case_state, {{true, std::string(16, static_cast<char>('a' + i))}}}});
  }
  gate.open();
  ASSERT_TRUE(spine.database->execute([](Writer&) -> Status { return {}; }).has_value());
  spine.database->stop();
  EXPECT_EQ(ok, 14);
  EXPECT_EQ(refused, 8);
  std::int64_t rows = 0, settings = 0;
  auto session = open_session(url, {}).value();
  ASSERT_TRUE(session->run(queries::setting_get, {"bad"}, [&](Row const&) { ++settings; }).has_value());
  EXPECT_EQ(settings, 0);
  ASSERT_TRUE(session->run(queries::case_list_own, {b(bad), 1000, b(std::string(16, '\xff')), 100}, [&](Row const&) { ++rows; })
                  .has_value());
  EXPECT_EQ(rows, 0);
}

TEST_P(Commands, ASystemRefusesAddsFactsAndFollowsInTheSameTransaction) {
  struct Topics : System {
    bool concerns(spine::CaseType const& type) const override { return type.id == "consultation"; }
    Result<std::vector<Error>> prepare(Session&, spine::CaseType const&, spine::CaseState const* before, spine::Actor const&,
                                       spine::Command& command, Instant) override {
      if (before == nullptr && command.input.find("topic")->text() == "medical")
        return std::vector<Error>{Error(ErrorCode::spine_too_often, {{"action", "x"}, {"max", "0"}})};
      command.facts = json::Value::object({{"unit", text("police")}});
      return std::vector<Error>{};
    }
    Status project(Session& session, spine::CaseType const&, spine::CaseState const& after, spine::Event const& event) override {
      if (after.title == "系统的表写不进去") return fail(ErrorCode::store_conflict);
      YW_TRY(session.run(queries::setting_put, {"followed", event.type + " " + after.department}));
      return {};
    }
  } topics;
  Spine spine(url);
  spine.commands->systems.push_back(&topics);
  auto followed = [&] {
    std::string out;
    auto session = open_session(url, {}).value();
    EXPECT_TRUE(session->run(queries::setting_get, {"followed"}, [&](Row const& row) { out = row.string(0); }).has_value());
    return out;
  };
  EXPECT_EQ(spine.commands->run(consultation(resident(1), "a", spine.ids.make<CaseId>(), "这件事不许办", "medical")).status, 422);
  EXPECT_EQ(followed(), "");
  EXPECT_EQ(spine.commands->run(consultation(resident(1), "b", spine.ids.make<CaseId>(), "这件事归公安")).status, 201);
  EXPECT_EQ(followed(), "case.submitted police");
  CaseId const lost = spine.ids.make<CaseId>();
  EXPECT_EQ(spine.commands->run(consultation(resident(1), "c", lost, "系统的表写不进去")).status, 503);
  auto session = open_session(url, {}).value();
  EXPECT_EQ(session->run(queries::case_state, {lost}).value(), 0) << "half a command was kept";
}

TEST_P(Commands, AnErasureIsRecordedSeenAndProvable) {
  Spine spine(url);
  CaseId id = spine.ids.make<CaseId>();
  ASSERT_EQ(spine.commands->run(consultation(resident(1), "k", id, "我的身份证号码写在了这里")).status, 201);
  Digest root = spine.database->log_root(1).value();
  RandomPool random;
  spine::Actor admin = clerk("gov_services", 9);
  auto erased = erase_event(*spine.database, spine.ids, random, {id, 0, "个人信息保护法第四十七条：本人撤回同意", admin},
                            spine.clock.now());
  ASSERT_TRUE(erased.has_value());
  auto again = erase_event(*spine.database, spine.ids, random, {id, 0, "再来一次", admin}, spine.clock.now());
  ASSERT_FALSE(again.has_value());
  EXPECT_EQ(again.error().code(), ErrorCode::store_erased);
  EXPECT_EQ(spine.database->log_root(1).value(), root);
  auto loaded = load_case(*spine.database, *spine.definitions.snapshot(), id).value();
  EXPECT_EQ(loaded->row.state.title.find("身份证"), std::string::npos);
  EXPECT_TRUE(loaded->events[0].type.empty());
  ASSERT_EQ(erasures(*spine.database, id).value().size(), 1u);
  IdentityService identity(*spine.database, spine.clock, {});
  auto looks = identity.accesses(resident(1).acts_for, 10).value();
  ASSERT_EQ(looks.size(), 1u);
  EXPECT_NE(looks[0].purpose.find("第四十七条"), std::string::npos);
  // The log still verifies, and the erasure is a leaf of it with a proof of its own.
  std::uint64_t leaves = 0;
  EXPECT_EQ(verify_log(*spine.database, "", leaves).value().size(), 0u);
  EXPECT_EQ(leaves, 2u);
  auto key = evidence::SigningKey::generate().value();
  RootSigner signer(*spine.database, spine.clock, evidence::SigningKey::from_pem(key.to_pem()).value(),
                    RootSigner::Runs::when_asked);
  ASSERT_TRUE(signer.sign_now().has_value());
  std::string proof = export_proof(*spine.database, key, CaseId(erased->id)).value();
  EXPECT_NE(proof.find("evidence.erased"), std::string::npos);
  std::string of_case = export_proof(*spine.database, key, id).value();
  EXPECT_EQ(of_case.find("身份证号码"), std::string::npos);
  EXPECT_NE(of_case.find(to_string(erased->id)), std::string::npos);
  // The next command does not bring back what was remembered of the case.
  CommandRequest claim;
  claim.actor = clerk("social_ins", 1);
  claim.idempotency_key = claim.request_bytes = "claim";
  claim.command.kind = spine::Command::Kind::claim;
  claim.command.case_id = id;
  claim.command.task = loaded->row.state.tasks.at(0).id;
  ASSERT_EQ(spine.commands->run(claim).status, 200);
  loaded = load_case(*spine.database, *spine.definitions.snapshot(), id).value();
  EXPECT_EQ(loaded->row.state.title.find("身份证"), std::string::npos);
}

TEST_P(Commands, AKeyFromBeforeTheStartGetsItsAnswerAgain) {
  std::string first;
  {
    Spine spine(url);
    for (int n = 0; n < 50; ++n) {
      auto const reply =
          spine.commands->run(consultation(resident(1), fmt::format("k{}", n), spine.ids.make<CaseId>(), "五个字以上的问题"));
      ASSERT_EQ(reply.status, 201);
      if (n == 7) first = reply.body;
    }
    spine.database->stop();
  }
  for (int start = 0; start < 3; ++start) {  // at once: while the keys are being read
    Spine spine(url);
    auto const again = spine.commands->run(consultation(resident(1), "k7", spine.ids.make<CaseId>(), "五个字以上的问题"));
    EXPECT_EQ(again.status, 201);
    EXPECT_EQ(again.body, first);
    auto other = consultation(resident(1), "k7", spine.ids.make<CaseId>(), "五个字以上的问题");
    other.request_bytes = "another body";
    EXPECT_EQ(spine.commands->run(other).body, "spine.idempotency");
    spine.database->stop();
  }
}

TEST_P(Commands, CasesThatWaitingCommandsBeginFromAreReadEarlyAndDecidedAsTheyStand) {
  constexpr int kCases = 300;
  std::vector<CaseId> cases;
  {
    Spine spine(url);
    for (int n = 0; n < kCases; ++n) {
      cases.push_back(spine.ids.make<CaseId>());
      ASSERT_EQ(spine.commands->run(consultation(resident(1), fmt::format("k{}", n), cases.back(), "五个字以上的问题")).status,
                201);
    }
    spine.database->stop();
  }
  Spine spine(url);  // nothing is in memory
  std::uint64_t const task =
      load_case(*spine.database, *spine.definitions.snapshot(), cases[0]).value()->row.state.tasks.at(0).id;
  Gate gate(*spine.database);
  // Two clerks for each case: one of them gets it, whatever was read before.
  std::vector<std::future<Reply>> replies;
  for (int n = 0; n < 2 * kCases; ++n) {
    CommandRequest claim;
    claim.actor = clerk("social_ins", static_cast<unsigned>(n / kCases));
    claim.idempotency_key = claim.request_bytes = fmt::format("claim {}", n);
    claim.command.kind = spine::Command::Kind::claim;
    claim.command.case_id = cases[static_cast<std::size_t>(n % kCases)];
    claim.command.task = task;
    auto promise = std::make_shared<std::promise<Reply>>();
    replies.push_back(promise->get_future());
    spine.commands->execute(std::move(claim), [promise](Reply reply) { promise->set_value(std::move(reply)); });
  }
  std::this_thread::sleep_for(
      std::chrono::milliseconds(100));  // time to read them; without it fewer are early, and all is as right
  gate.open();
  for (int n = 0; n < 2 * kCases; ++n) EXPECT_EQ(replies[static_cast<std::size_t>(n)].get().status, n < kCases ? 200 : 422) << n;
  if (GetParam() == Dialect::sqlite) {
    EXPECT_GT(spine.commands->early_taken(), 0u);
  }
  std::size_t n = 0;
  EXPECT_EQ(verify_state(*spine.database, *spine.definitions.snapshot(), n).value().size(), 0u);
  EXPECT_EQ(n, static_cast<std::size_t>(kCases));
}

TEST(KnownKeys, SaysNoOnlyOfWhatWasNeverAdded) {
  KnownKeys known;
  EXPECT_TRUE(known.may_hold("a", "k")) << "not all has been read yet";
  constexpr int kKeys = 200'000;
  for (int n = 0; n < kKeys; ++n) known.add("actor", std::to_string(n));
  known.complete();
  int wrong = 0;
  for (int n = 0; n < kKeys; ++n) {
    ASSERT_TRUE(known.may_hold("actor", std::to_string(n)));
    wrong += known.may_hold("other", std::to_string(n)) ? 1 : 0;
    wrong += known.may_hold("actor", std::to_string(n) + "x") ? 1 : 0;
  }
  EXPECT_LT(wrong, kKeys / 100);
}

#include "engine/tickets/ledger.h"

#include <gtest/gtest.h>

#include <string>

#include "engine/tickets/identity.h"
#include "tests/engine/tickets/one_reducer.h"

namespace yard::tickets {
namespace {

TEST(Ledger, AnEntityTakesItsEventsInOrder) {
  Fixture fixture(remember);
  for (const char* payload : {"a", "b", "c"}) fixture.deliver("x", payload);
  fixture.deliver("y", "d");
  EXPECT_TRUE(fixture.settle().quiescent);
  EXPECT_EQ(fixture.state("x"), "abc");
  EXPECT_EQ(fixture.state("y"), "d");
  EXPECT_EQ(fixture.ledger().next_event_id(), 5u);
}

TEST(Ledger, EmittedEventsMakeStepsOfTheirOwn) {
  Fixture fixture([](StepContext& step) -> Status {
    if (step.key().size() < 5) step.emit({kActor, Bytes(step.key()) + "x"}, step.event().payload);
    return remember(step);
  });
  fixture.deliver("x", "event");
  EXPECT_EQ(fixture.settle().batches, 5u);
  EXPECT_EQ(fixture.state("xxxxx"), "event");
}

TEST(Ledger, AStepSeesWhatWasBeforeItAndNotWhatItWrites) {
  Fixture fixture([](StepContext& step) -> Status {
    step.write(kCell, "new");
    step.write(step.read(kCell));
    return {};
  });
  fixture.deliver("x");
  fixture.settle();
  EXPECT_EQ(fixture.state("x"), "old");
  EXPECT_EQ(fixture.cell(), "new");
}

TEST(LedgerConcurrent, AStepSeesWhatLowerTicketsOfItsBatchWrote) {
  Fixture fixture(one_reducer([](StepContext& step) -> Status {
                    step.write(kCell, Bytes(step.read(kCell)).append(step.key()));
                    return {};
                  }),
                  4);
  for (const char* key : {"1", "2", "3", "4", "5"}) fixture.deliver(key);
  EXPECT_EQ(fixture.settle().batches, 1u);
  EXPECT_EQ(fixture.cell(), "old12345");
  EXPECT_EQ(fixture.ledger().counters().recomputed, 4u);
}

TEST(Ledger, AWriteOfTheSameValueChangesNothing) {
  Fixture fixture([](StepContext& step) -> Status {
    step.write(kCell, step.read(kCell));
    return {};
  });
  for (const char* key : {"1", "2", "3"}) fixture.deliver(key);
  fixture.settle();
  EXPECT_EQ(fixture.ledger().counters().recomputed, 0u);
}

TEST(Ledger, AStepThatIsComputedAgainKeepsItsIdAndSeed) {
  Fixture fixture([](StepContext& step) -> Status {
    static_cast<void>(step.read(kCell));
    step.write(kCell, step.key());
    EXPECT_EQ(step.seed(), step_seed(step.event_id(), "actor", step.key()));
    step.write(std::to_string(step.random().next()));
    return {};
  });
  fixture.deliver("1");
  fixture.deliver("2");
  fixture.settle();
  EXPECT_EQ(fixture.ledger().counters().recomputed, 1u);
  EXPECT_EQ(fixture.state("2"), std::to_string(SeededRandom(step_seed(2, "actor", "2")).next()));
}

TEST(LedgerConcurrent, ABudgetGoesToTheLowestIdsWhateverTheWorkers) {
  for (const unsigned workers : {1u, 2u, 3u, 4u, 8u, 16u}) {
    Fixture fixture(one_reducer([](StepContext& step) -> Status {
                      step.write(step.request(kBudget, 1) ? "granted" : "denied");
                      return {};
                    }),
                    workers);
    for (const char* key : {"1", "2", "3", "4", "5"}) fixture.deliver(key);
    fixture.settle();
    for (const char* key : {"1", "2", "3"}) EXPECT_EQ(fixture.state(key), "granted");
    for (const char* key : {"4", "5"}) EXPECT_EQ(fixture.state(key), "denied");
    EXPECT_EQ(fixture.kinds()["BudgetDenied"], 2);
    EXPECT_EQ(fixture.ledger().view().budget(kBudget), 0u);
  }
}

TEST(Ledger, RequestsOfOneStepAddUp) {
  Fixture fixture([](StepContext& step) -> Status {
    for (const std::uint64_t amount : {2u, 2u, 1u})
      step.emit({kActor, "answers"}, step.request(kBudget, amount) ? "y" : "n");
    return step.key() == "answers" ? remember(step) : Status();
  });
  expect_ok(fixture.ledger().set_budget(kBudget, 3));
  fixture.deliver("x");
  static_cast<void>(fixture.ledger().settle(1));
  EXPECT_EQ(fixture.ledger().events_waiting(), 3u);
  EXPECT_EQ(fixture.ledger().view().budget(kBudget), 0u);
  EXPECT_EQ(fixture.ledger().counters().denied, 1u);
}

TEST(Ledger, AFailedStepLeavesNothingButItsRecord) {
  Fixture fixture([](StepContext& step) -> Status {
    step.write("written");
    step.write(kCell, "written");
    step.emit({kActor, "other"}, "event");
    static_cast<void>(step.request(kBudget, 1));
    return fail(ErrorCode::kDenied, "no");
  });
  fixture.deliver("x");
  EXPECT_EQ(fixture.settle().batches, 1u);
  EXPECT_EQ(fixture.state("x"), "");
  EXPECT_EQ(fixture.cell(), "old");
  EXPECT_EQ(fixture.ledger().view().budget(kBudget), 3u);
  EXPECT_EQ(fixture.kinds()["StepFailed"], 1);
}

TEST(Ledger, AnEndedEntitysEventsAreSkipped) {
  Fixture fixture([](StepContext& step) -> Status {
    if (step.event().payload == "end") step.end();
    return remember(step);
  });
  for (const char* payload : {"a", "end", "b"}) fixture.deliver("x", payload);
  fixture.settle();
  fixture.deliver("x", "c");
  fixture.settle();
  EXPECT_EQ(fixture.state("x"), "aend");
  EXPECT_EQ(fixture.kinds()["StepSkipped"], 2);
}

Definition guarded(bool roll_back) {
  Definition definition = one_reducer(remember, {.roll_back_on_breach = roll_back});
  definition.invariants = {
      {"short", [](const StateView& after, const EntityName& changed) { return after.state(changed).size() <= 3; }}};
  return definition;
}

TEST(Ledger, AStepThatBreaksAnInvariantIsRefused) {
  Fixture fixture(guarded(false));
  for (const char* payload : {"ab", "cd", "e"}) fixture.deliver("x", payload);
  EXPECT_TRUE(fixture.settle().quiescent);
  EXPECT_EQ(fixture.state("x"), "abe");
  EXPECT_EQ(fixture.kinds()["InvariantBroken"], 1);
}

TEST(Ledger, ABrokenInvariantCanTakeAllBackToTheLastCheckPoint) {
  Fixture fixture(guarded(true));
  fixture.deliver("x", "ab");
  fixture.settle();
  expect_ok(fixture.ledger().check_point());
  fixture.deliver("y", "ok");
  fixture.settle();
  for (const char* key : {"x", "z"}) fixture.deliver(key, "cd");
  const Settled settled = fixture.settle();
  EXPECT_TRUE(settled.rolled_back);
  EXPECT_EQ(fixture.state("x"), "ab");
  EXPECT_EQ(fixture.state("y"), "");
  EXPECT_EQ(fixture.state("z"), "");
  EXPECT_EQ(fixture.ledger().events_waiting(), 0u);
  EXPECT_EQ(fixture.ledger().next_event_id(), 5u);
  EXPECT_EQ(fixture.kinds()["StepSkipped"], 1);
}

TEST(Ledger, ARollBackBringsBackWaitingEventsAndBudgets) {
  Fixture fixture([](StepContext& step) -> Status {
    static_cast<void>(step.request(kBudget, 1));
    return remember(step);
  });
  fixture.deliver("x", "a");
  expect_ok(fixture.ledger().check_point());
  fixture.settle();
  EXPECT_EQ(fixture.ledger().view().budget(kBudget), 2u);
  expect_ok(fixture.ledger().roll_back());
  EXPECT_EQ(fixture.state("x"), "");
  EXPECT_EQ(fixture.ledger().view().budget(kBudget), 3u);
  fixture.settle();
  EXPECT_EQ(fixture.state("x"), "a");
}

TEST(Ledger, AReceiptReachesWhoAskedOnce) {
  Fixture fixture(ask);
  fixture.deliver("x");
  fixture.settle();
  const auto effects = fixture.ledger().take_effects();
  ASSERT_EQ(effects.size(), 1u);
  EXPECT_EQ(effects[0].entity, "x");
  EXPECT_EQ(effects[0].key, idempotency_key(1, 0, "order 7"));
  EXPECT_TRUE(fixture.ledger().take_effects().empty());
  expect_ok(fixture.ledger().receipt(effects[0].intent, true, "done"));
  const Status second = fixture.ledger().receipt(effects[0].intent, true, "done");
  ASSERT_FALSE(second.has_value());
  EXPECT_EQ(second.error().code, ErrorCode::kNotFound);
  fixture.settle();
  EXPECT_EQ(fixture.state("x"), "yes done");
  EXPECT_EQ(fixture.kinds()["EffectQueued"], 1);
  EXPECT_EQ(fixture.kinds()["ReceiptAppended"], 1);
}

TEST(Ledger, ARollBackLeavesOpenEffectsOpen) {
  Fixture fixture(ask);
  fixture.deliver("x");
  fixture.settle();
  expect_ok(fixture.ledger().roll_back());
  const auto effects = fixture.ledger().take_effects();
  ASSERT_EQ(effects.size(), 1u);
  expect_ok(fixture.ledger().receipt(effects[0].intent, false, "late"));
  fixture.settle();
  EXPECT_EQ(fixture.state("x"), "no late");
}

}  // namespace
}  // namespace yard::tickets

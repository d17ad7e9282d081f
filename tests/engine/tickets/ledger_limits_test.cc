#include <gtest/gtest.h>

#include <utility>
#include <vector>

#include "tests/engine/tickets/one_reducer.h"

namespace yard::tickets {
namespace {

TEST(LedgerLimits, RefusedCausesLeaveNoTrace) {
  Fixture fixture(one_reducer(remember, {.events_max = 2, .entities_max = 3}));
  Ledger& ledger = fixture.ledger();
  const auto code = [](const Status& status) { return status ? ErrorCode::kInternal : status.error().code; };
  fixture.deliver("1");
  fixture.deliver("2");
  const Bytes before = ledger.save();
  EXPECT_EQ(code(ledger.deliver({kActor, "1"}, "")), ErrorCode::kQueueFull);
  EXPECT_EQ(code(ledger.deliver({ReducerId(1), "x"}, "")), ErrorCode::kInvalidArguments);
  EXPECT_EQ(code(ledger.deliver({kActor, Bytes(kKeyBytesMax + 1, 'k')}, "")), ErrorCode::kInvalidArguments);
  EXPECT_EQ(code(ledger.deliver({kActor, "x"}, Bytes(kStepBytesMax + 1, 'e'))), ErrorCode::kInvalidArguments);
  EXPECT_EQ(code(ledger.deliver({kActor, "x"}, "", kPriorities)), ErrorCode::kInvalidArguments);
  EXPECT_EQ(code(ledger.set_cell(CellId(1), "")), ErrorCode::kInvalidArguments);
  EXPECT_EQ(code(ledger.set_budget(BudgetId(1), 0)), ErrorCode::kInvalidArguments);
  EXPECT_EQ(ledger.save(), before);
  fixture.settle();
  EXPECT_EQ(code(ledger.deliver({kActor, "3"}, "")), ErrorCode::kQueueFull);
  EXPECT_EQ(fixture.kinds()["Deliver"], 2);
}

TEST(LedgerLimits, AStepFailsThatAsksForMoreThanItMay) {
  const std::vector<std::pair<Step, ErrorCode>> steps = {
      {[](StepContext& step) { return step.write(Bytes(kStepBytesMax + 1, 'x')), Status(); }, ErrorCode::kTooLarge},
      {[](StepContext& step) {
         for (std::size_t i = 0; i <= kStepItemsMax; ++i) step.emit({kActor, "x"}, "");
         return Status();
       },
       ErrorCode::kTooLarge},
      {[](StepContext& step) { return step.write(CellId(9), ""), Status(); }, ErrorCode::kInvalidArguments},
      {[](StepContext& step) { return step.emit({ReducerId(9), "x"}, ""), Status(); }, ErrorCode::kInvalidArguments},
      {[](StepContext& step) { return step.effect({.kind = "k", .params = "\xc1"}), Status(); },
       ErrorCode::kInvalidArguments},
      {[](StepContext& step) { return static_cast<void>(step.request(BudgetId(9), 1)), Status(); },
       ErrorCode::kInvalidArguments},
  };
  for (const auto& [step, code] : steps) {
    Fixture fixture(step);
    fixture.deliver("x");
    fixture.settle();
    EXPECT_EQ(fixture.ledger().counters().failed, 1u) << error_name(code);
    each_record(records_of(*fixture.world.journal), [expected = error_name(code)](const Record& record) {
      if (record.head.kind == RecordKind::kStepFailed)
        EXPECT_EQ(PackView(record.body).find("error").string(), expected);
    });
  }
}

TEST(LedgerLimits, AStepFailsWhoseEventsOrEffectsHaveNoRoom) {
  const auto flood = [](StepContext& step) -> Status {
    for (int i = 0; i < 3; ++i) step.emit({kActor, std::to_string(i)}, "");
    return ask(step);
  };
  Fixture events(one_reducer(flood, {.events_max = 2}));
  events.deliver("x");
  events.settle();
  EXPECT_EQ(events.ledger().counters().failed, 1u);
  Fixture effects(one_reducer(ask, {.open_intents_max = 1}));
  effects.deliver("x");
  effects.deliver("y");
  effects.settle();
  EXPECT_EQ(effects.ledger().counters().failed, 1u);
  EXPECT_EQ(effects.ledger().take_effects().size(), 1u);
}

TEST(LedgerLimits, LowPrioritiesMakeRoomUnderLoadAndThatIsJournaled) {
  Fixture fixture(one_reducer(remember, {.defer_above = 10}));
  expect_ok(fixture.ledger().deliver({kActor, "patient"}, "p", kPriorities - 1));
  for (int round = 0; round < 60; ++round) {
    for (std::uint32_t i = 0; i < 2 * kBatchMax; ++i) fixture.deliver(std::to_string(i));
    static_cast<void>(fixture.ledger().settle(1));
  }
  fixture.world.sync();
  EXPECT_GT(fixture.ledger().counters().deferred, 0u);
  EXPECT_EQ(fixture.kinds()["Deferred"], static_cast<int>(fixture.ledger().counters().deferred));
}

TEST(LedgerLimits, AfterAFailedSinkEverythingIsRefused) {
  Fixture fixture(remember);
  fixture.deliver("x", "a");
  fixture.world.disk.fail_operation(1, journal::DiskError::kFailed);
  EXPECT_FALSE(fixture.world.journal->write().has_value());
  EXPECT_FALSE(fixture.ledger().deliver({kActor, "x"}, "b").has_value());
  EXPECT_FALSE(fixture.ledger().settle().has_value());
  EXPECT_EQ(fixture.state("x"), "");
}

}  // namespace
}  // namespace yard::tickets

#include "engine/tickets/ready_queue.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>

#include "tests/support/seed.h"

namespace yard::tickets {
namespace {

constexpr std::size_t kNever = SIZE_MAX;  // to defer above

// A queue, and whose turn it was.
struct Turns {
  ReadyQueue queue;
  std::vector<ReadyQueue::Taken> taken;
  std::vector<Slot> deferred;

  void push(Slot slot, std::uint8_t priority = 0, Bytes payload = {}) {
    queue.push(slot, {.payload = std::move(payload), .priority = priority});
  }
  std::vector<Slot> take(std::size_t most, std::size_t defer_above = kNever) {
    queue.take(most, defer_above, taken, deferred);
    std::vector<Slot> slots;
    slots.reserve(taken.size());
    for (const ReadyQueue::Taken& one : taken) slots.push_back(one.slot);
    return slots;
  }
};

using Slots = std::vector<Slot>;

TEST(ReadyQueue, EntitiesTakeTurnsAStepEach) {
  Turns turns;
  for (int i = 0; i < 3; ++i) turns.push(7);
  turns.push(8);
  turns.push(9);
  turns.push(9);
  EXPECT_EQ(turns.take(10), (Slots{7, 8, 9}));
  EXPECT_EQ(turns.take(10), (Slots{7, 9}));
  EXPECT_EQ(turns.take(10), (Slots{7}));
  EXPECT_EQ(turns.take(10), Slots{});
  EXPECT_EQ(turns.queue.events(), 0u);
}

TEST(ReadyQueue, WhoHasHadATurnGoesBehindWhoWaits) {
  Turns turns;
  for (const Slot slot : {1u, 1u, 2u, 3u}) turns.push(slot);
  EXPECT_EQ(turns.take(2), (Slots{1, 2}));
  EXPECT_EQ(turns.take(2), (Slots{3, 1}));
}

TEST(ReadyQueue, EventsOfOneEntityKeepTheirOrderWhateverTheirPriority) {
  Turns turns;
  turns.push(1, 3, "first");
  turns.push(1, 0, "second");
  EXPECT_EQ(turns.take(1), Slots{1});
  EXPECT_EQ(turns.taken[0].event.payload, "first");
  EXPECT_EQ(turns.take(1), Slots{1});
  EXPECT_EQ(turns.taken[0].event.payload, "second");
}

TEST(ReadyQueue, TheMoreUrgentGoesFirst) {
  Turns turns;
  turns.push(1, 2);
  turns.push(2, 0);
  turns.push(3, 1);
  EXPECT_EQ(turns.take(10), (Slots{2, 3, 1}));
}

TEST(ReadyQueue, WaitingMakesUpForPriority) {
  Turns turns;
  turns.push(0, kPriorities - 1);
  std::uint64_t rounds = 1;
  for (Slot urgent = 1; turns.push(urgent), turns.take(1) != Slots{0}; ++urgent) ++rounds;
  EXPECT_GT(rounds, kAgingRounds);
  EXPECT_LE(rounds, (kPriorities - 1) * kAgingRounds + 2);
}

// The bound, in rounds: all that can have been ready before, and all that may overtake while it ages or makes room.
TEST(ReadyQueue, NobodyWaitsLongerThanTheBound) {
  const std::uint64_t seed = test_seed();
  SCOPED_TRACE("YARD_TEST_SEED=" + std::to_string(seed));
  SeededRandom random(seed);
  constexpr std::size_t kMost = 4;
  constexpr Slot kEntities = 40;
  constexpr std::uint64_t kBound = (kDeferralsMax + 1) * ((kPriorities - 1) * kAgingRounds + kEntities / kMost + 1);
  Turns turns;
  std::map<Slot, std::uint64_t> since;
  std::uint64_t longest = 0;
  for (std::uint64_t round = 0; round < 20'000; ++round) {
    for (Slot slot = 0; slot < kEntities; ++slot) {
      if (since.contains(slot) || random.next() % 8 == 0) continue;
      turns.push(slot, static_cast<std::uint8_t>(slot % kPriorities));
      since[slot] = round;
    }
    for (const Slot slot : turns.take(kMost, kEntities / 2)) {
      longest = std::max(longest, round - since[slot]);
      since.erase(slot);
    }
  }
  EXPECT_LE(longest, kBound);
  EXPECT_GT(longest, kEntities / kMost);
}

TEST(ReadyQueue, TheLeastUrgentMakeRoomWhileThereIsTooMuchToDo) {
  Turns turns;
  turns.push(0, kPriorities - 1);
  for (std::uint64_t i = 0; i < 2 * kPriorities * kAgingRounds; ++i) static_cast<void>(turns.take(0));
  for (const Slot slot : {1u, 2u, 3u}) turns.push(slot);
  EXPECT_EQ(turns.take(3, 3), (Slots{1, 2, 3}));
  EXPECT_EQ(turns.deferred, Slots{0});
  EXPECT_EQ(turns.take(3, 3), Slots{0});
  EXPECT_EQ(turns.deferred, Slots{});
}

TEST(ReadyQueue, NobodyMakesRoomForEver) {
  Turns turns;
  turns.push(0, kPriorities - 1);
  int deferrals = 0;
  for (Slot slot = 1; slot < 1'000; ++slot) {
    turns.push(slot);
    turns.push(slot);
    const Slots taken = turns.take(1, 1);
    deferrals += static_cast<int>(turns.deferred.size());
    if (std::ranges::find(taken, Slot{0}) != taken.end()) break;
    ASSERT_LT(slot, 999u);
  }
  EXPECT_EQ(deferrals, kDeferralsMax);
}

TEST(ReadyQueue, ASnapshotGoesOnWhereTheQueueWas) {
  Turns turns;
  SeededRandom random(1);
  const auto push_some = [&random](ReadyQueue& queue) {
    for (int i = 0; i < 50; ++i)
      queue.push(static_cast<Slot>(random.next() % 20),
                 {.payload = std::to_string(i), .priority = static_cast<std::uint8_t>(random.next() % kPriorities)});
  };
  push_some(turns.queue);
  static_cast<void>(turns.take(7, 5));
  Bytes saved;
  PackWriter out(saved);
  turns.queue.save(out);
  PackSequence in(saved);
  auto loaded = ReadyQueue::load(in, 20);
  ASSERT_TRUE(loaded.has_value());
  Turns again;
  again.queue = *std::move(loaded);
  Bytes saved_again;
  PackWriter out_again(saved_again);
  again.queue.save(out_again);
  EXPECT_EQ(saved, saved_again);
  while (turns.queue.ready() > 0) EXPECT_EQ(turns.take(3, 5), again.take(3, 5));
  EXPECT_EQ(again.queue.events(), 0u);
}

}  // namespace
}  // namespace yard::tickets

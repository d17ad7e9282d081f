#include "tests/engine/tickets/bank.h"

#include <gtest/gtest.h>

#include "tests/engine/tickets/journaled.h"

namespace yard::tickets {
namespace {

struct Outcome {
  Bytes records;
  Bytes snapshot;
  std::uint64_t chain = 0;
  std::uint64_t money = 0;
  LedgerCounters counters;
};

Outcome play(const bank::Setting& setting, WorkerPool& pool, std::uint64_t seed, std::uint64_t accounts,
             int rounds = 6) {
  Journaled bank(bank::definition(setting), pool);
  expect_ok(bank::play(bank.ledger, seed, accounts, rounds));
  bank.sync();
  return {.records = records_of(*bank.journal),
          .snapshot = bank.ledger.save(),
          .chain = bank.journal->chain(),
          .money = bank::money(bank.ledger, accounts),
          .counters = bank.ledger.counters()};
}

void expect_same(const Outcome& one, const Outcome& other) {
  EXPECT_EQ(one.chain, other.chain);
  EXPECT_TRUE(one.records == other.records);
  EXPECT_TRUE(one.snapshot == other.snapshot);
}

TEST(BankConcurrent, JournalAndSnapshotAreTheSameForAnyNumberOfWorkersAndAnySchedule) {
  const std::uint64_t seed = test_seed();
  SCOPED_TRACE("YARD_TEST_SEED=" + std::to_string(seed));
  constexpr std::uint64_t kAccounts = 30;  // few enough that payments meet, many enough that not all do
  WorkerPool one({.workers = 1});
  const Outcome alone = play({}, one, seed, kAccounts, 1);
  EXPECT_GT(alone.counters.recomputed, 0u);
  for (const unsigned workers : {2u, 3u, 4u, 8u, 16u}) {
    WorkerPool usual({.workers = workers});
    expect_same(alone, play({}, usual, seed, kAccounts, 1));
    WorkerPool perturbed({.workers = workers, .perturb_seed = seed});
    for (int schedule = 0; schedule < 100; ++schedule) {
      expect_same(alone, play({}, perturbed, seed, kAccounts, 1));
      if (testing::Test::HasFailure()) FAIL() << workers << " workers, schedule " << schedule;
    }
  }
}

TEST(BankConcurrent, NoMoneyIsMadeOrLostWhereSomeConflictAndWhereAllDo) {
  const std::uint64_t seed = test_seed();
  SCOPED_TRACE("YARD_TEST_SEED=" + std::to_string(seed));
  WorkerPool pool({.workers = 4, .perturb_seed = seed});
  const Outcome some = play({}, pool, seed, 1'000);
  EXPECT_EQ(some.money, 1'000 * bank::kOpening);
  const Outcome all = play({.count_turnover = true}, pool, seed, 1'000);
  EXPECT_EQ(all.money, 1'000 * bank::kOpening);
  EXPECT_GT(some.counters.recomputed, 0u);
  EXPECT_GT(all.counters.recomputed, 2 * some.counters.recomputed);
}

// An update that was computed from an old turnover and not again would be missing from it.
TEST(BankConcurrent, NoUpdateOfASharedCellIsLost) {
  WorkerPool pool({.workers = 4, .perturb_seed = 3});
  Ledger ledger(bank::definition({.count_turnover = true}), pool);
  for (std::uint64_t i = 0; i < 200; ++i)
    expect_ok(ledger.deliver({bank::kAccount, bank::account(i)}, bank::payment(bank::kOpening)));
  ASSERT_TRUE(ledger.settle().has_value());
  for (std::uint64_t i = 0; i < 200; ++i)
    expect_ok(ledger.deliver({bank::kAccount, bank::account(i)}, bank::payment(i, bank::account(i + 1))));
  ASSERT_TRUE(ledger.settle().has_value());
  EXPECT_EQ(bank::unpacked(ledger.view().cell(bank::kTurnover)), 199u * 200 / 2);
}

// What each account went through, in its order.
std::map<std::string, std::vector<Bytes>> histories(BytesView records) {
  std::map<std::string, std::vector<Bytes>> all;
  std::map<std::uint64_t, std::string> keys;
  each_record(records, [&](const Record& record) {
    const PackView body(record.body);
    if (record.head.kind == RecordKind::kStepScheduled) {
      keys[record.head.event_id] = body.find("key").binary().value_or("");
    } else if (is_cause(record.head.kind)) {
      return;
    }
    all[keys[record.head.event_id]].emplace_back(record.body);
  });
  return all;
}

TEST(BankConcurrent, LanesChangeNoAccountsHistory) {
  WorkerPool pool({.workers = 3});
  const auto with_lanes = [&pool](std::uint32_t lanes) {
    return play({.options = {.level = JournalLevel::kFull, .lanes = lanes}}, pool, 1, 50);
  };
  const Outcome one = with_lanes(1);
  const Outcome four = with_lanes(4);
  EXPECT_EQ(histories(one.records), histories(four.records));
  std::map<std::string, std::uint16_t> lane_of_key;
  each_record(four.records, [&](const Record& record) {
    if (record.head.kind != RecordKind::kDeliver) return;
    const std::string key(PackView(record.body).find("key").binary().value_or(""));
    EXPECT_EQ(lane_of_key.emplace(key, record.head.lane).first->second, record.head.lane);
  });
  EXPECT_EQ(lane_of_key.size(), 50u);
}

}  // namespace
}  // namespace yard::tickets

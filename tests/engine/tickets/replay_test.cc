#include "engine/tickets/replay.h"

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>

#include "tests/engine/tickets/bank.h"
#include "tests/engine/tickets/journaled.h"

namespace yard::tickets {
namespace {

constexpr std::uint64_t kAccounts = 40;

Definition bank_at(JournalLevel level) { return bank::definition({.options = {.level = level, .lanes = 4}}); }

std::unique_ptr<Journaled> played(JournalLevel level, WorkerPool& pool) {
  auto bank = std::make_unique<Journaled>(bank_at(level), pool);
  expect_ok(bank::play(bank->ledger, 1, kAccounts, 4));
  bank->sync();
  return bank;
}

// Replays records, an entry each, from the beginning. The ledger that comes of it, or the error.
Result<Bytes> replayed(const std::vector<Bytes>& records, const Definition& definition = bank_at(JournalLevel::kFull)) {
  WorkerPool pool({.workers = 1});
  Ledger ledger(definition, pool);
  Replay replay(ledger);
  std::uint64_t position = 1;
  for (const Bytes& record : records) YARD_TRY_STATUS(replay.take({.first = position++, .count = 1, .body = record}));
  if (const auto settled = ledger.settle(); !settled) return std::unexpected(settled.error());
  return ledger.save();
}

std::vector<Bytes> single(BytesView records) {
  std::vector<Bytes> all;
  each_record(records, [&](const Record& record) { append_record(all.emplace_back(), record.head, record.body); });
  return all;
}

// The first of `kind`.
std::size_t place_of(RecordKind kind, const std::vector<Bytes>& records) {
  for (std::size_t i = 0; i < records.size(); ++i)
    if (records[i][4] == static_cast<char>(kind)) return i;
  ADD_FAILURE() << "there is no " << name_of(kind);
  return 0;
}

// With `key` of its body made another natural.
Bytes with_natural(BytesView bytes, std::string_view key, std::uint64_t value) {
  const auto record = take_record(bytes);
  const Bytes body = pack_map([&](PackMap& map) {
    PackView((*record)->body).each_pair([&](std::string_view name, PackView old) {
      name == key ? map.natural(name, value) : map.raw(name, old.bytes());
    });
  });
  Bytes changed;
  append_record(changed, (*record)->head, body);
  return changed;
}

TEST(LedgerReplayConcurrent, CausesAloneGiveTheSameOnOneWorker) {
  WorkerPool pool({.workers = 4, .perturb_seed = 9});
  for (const JournalLevel level : {JournalLevel::kCauses, JournalLevel::kFull}) {
    const auto bank = played(level, pool);
    const auto again = replayed(single(records_of(*bank->journal)), bank_at(level));
    ASSERT_TRUE(again.has_value()) << to_string(again.error());
    EXPECT_EQ(*again, bank->ledger.save());
  }
}

TEST(LedgerReplay, EveryKindOfCauseIsTakenAgain) {
  WorkerPool pool({.workers = 1});
  Definition definition = bank_at(JournalLevel::kFull);
  definition.options.roll_back_on_breach = true;
  Journaled bank(definition, pool);
  Ledger& ledger = bank.ledger;
  const auto pay_in = [&](std::uint64_t amount) {
    expect_ok(ledger.deliver({bank::kAccount, "account-1"}, bank::payment(amount)));
    return ledger.settle().value_or(Settled());
  };
  pay_in(bank::kOpening);
  expect_ok(ledger.check_point());
  expect_ok(ledger.set_cell(bank::kTurnover, bank::packed(7)));
  expect_ok(ledger.set_budget(bank::kFreeTransfers, 5));
  EXPECT_TRUE(pay_in(2'000'000).rolled_back);
  pay_in(1);
  expect_ok(ledger.roll_back());
  pay_in(2);
  expect_ok(ledger.set_budget(bank::kFreeTransfers, 6));
  bank.sync();
  const auto again = replayed(single(records_of(*bank.journal)), definition);
  ASSERT_TRUE(again.has_value()) << to_string(again.error());
  EXPECT_EQ(*again, ledger.save());
  EXPECT_EQ(bank::balance(ledger.view(), "account-1"), bank::kOpening + 2);
}

TEST(LedgerReplay, LevelsWriteWhatTheySay) {
  WorkerPool pool({.workers = 1});
  const auto causes = kinds_of(records_of(*played(JournalLevel::kCauses, pool)->journal));
  const auto full = kinds_of(records_of(*played(JournalLevel::kFull, pool)->journal));
  EXPECT_FALSE(causes.contains("StepCommitted"));
  EXPECT_EQ(causes.at("Deliver"), full.at("Deliver"));
  EXPECT_EQ(causes.at("EffectQueued"), full.at("EffectQueued"));
  EXPECT_EQ(causes.at("ReceiptAppended"), full.at("ReceiptAppended"));
  EXPECT_EQ(played(JournalLevel::kOff, pool)->journal->position(), 0u);
}

TEST(LedgerReplay, StopsAtAWitnessThatSaysSomethingElse) {
  WorkerPool pool({.workers = 1});
  std::vector<Bytes> records = single(records_of(*played(JournalLevel::kFull, pool)->journal));
  const std::size_t at = place_of(RecordKind::kStepCommitted, records);
  records[at] = with_natural(records[at], "seed", 5);
  const auto result = replayed(records);
  ASSERT_FALSE(result.has_value());
  EXPECT_EQ(result.error().code, ErrorCode::kConflict);
  EXPECT_EQ(result.error().pointer, "/seed");
  const std::string where = "record " + std::to_string(at + 1) + ": seed: expected ";
  EXPECT_TRUE(result.error().message.starts_with(where)) << result.error().message;
  EXPECT_TRUE(result.error().message.ends_with(", found 5")) << result.error().message;
}

TEST(LedgerReplay, StopsAtTheFirstRecordBehindAGap) {
  WorkerPool pool({.workers = 1});
  const std::vector<Bytes> records = single(records_of(*played(JournalLevel::kFull, pool)->journal));
  for (const RecordKind kind : {RecordKind::kStepScheduled, RecordKind::kStepCommitted, RecordKind::kEffectQueued,
                                RecordKind::kReceiptAppended}) {
    std::vector<Bytes> holed = records;
    const std::size_t at = place_of(kind, records);
    holed.erase(holed.begin() + static_cast<std::ptrdiff_t>(at));
    const auto result = replayed(holed);
    ASSERT_FALSE(result.has_value()) << name_of(kind);
    if (!is_cause(kind))
      EXPECT_TRUE(result.error().message.starts_with("record " + std::to_string(at + 1) + ": "))
          << result.error().message;
  }
}

// What follows of another cause is another state, so the next witness of it differs.
TEST(LedgerReplay, ACauseThatWasChangedShows) {
  WorkerPool pool({.workers = 1});
  std::vector<Bytes> records = single(records_of(*played(JournalLevel::kFull, pool)->journal));
  const std::size_t at = place_of(RecordKind::kDeliver, records);
  records[at] = with_natural(records[at], "priority", 1);
  EXPECT_FALSE(replayed(records).has_value());
}

// Any prefix of whole records is a state from which the rest follows.
TEST(LedgerReplay, AnyCutEndRecoversToTheLastWholeRecordAndGoesOn) {
  WorkerPool pool({.workers = 1});
  const auto bank = played(JournalLevel::kFull, pool);
  const std::vector<Bytes> records = single(records_of(*bank->journal));
  std::size_t causes_end = records.size();
  while (records[causes_end - 1][4] >= 64) --causes_end;
  const Bytes expected = bank->ledger.save();
  for (std::size_t size = causes_end; size <= records.size(); size += 37) {
    const auto result = replayed({records.begin(), records.begin() + static_cast<std::ptrdiff_t>(size)});
    ASSERT_TRUE(result.has_value()) << to_string(result.error());
    EXPECT_EQ(*result, expected);
  }
}

// Stops where `first` does, goes on in a new ledger, and ends as the one that never stopped.
TEST(LedgerReplay, RestartFromASnapshotAndItsTailIsAsFromTheBeginning) {
  WorkerPool pool({.workers = 1});
  for (const bool snapshot : {false, true}) {
    Journaled bank(bank_at(JournalLevel::kFull), pool);
    expect_ok(bank::play(bank.ledger, 1, kAccounts, 2));
    if (snapshot) expect_ok(write_snapshot(bank.ledger, *bank.journal));
    expect_ok(bank::play(bank.ledger, 2, kAccounts, 2));
    for (std::uint64_t i = 0; i < 3 * kBatchMax; ++i)
      expect_ok(bank.ledger.deliver({bank::kAccount, bank::account(i)}, bank::payment(i)));
    ASSERT_TRUE(bank.ledger.settle(1).has_value());
    bank.sync();

    const auto journal = open_journal(bank.disk);
    JournalSink sink(*journal);
    Ledger again(bank_at(JournalLevel::kFull), pool);
    EXPECT_EQ(journal->snapshot_position() > 0, snapshot);
    expect_ok(recover(again, *journal, sink));
    EXPECT_EQ(again.save(), bank.ledger.save());
    ASSERT_TRUE(again.settle().has_value());
    ASSERT_TRUE(bank.ledger.settle().has_value());
    EXPECT_EQ(again.save(), bank.ledger.save());
    EXPECT_EQ(journal->chain(), bank.journal->chain());
  }
}

TEST(LedgerReplay, RecoveryOffersOpenEffectsAgain) {
  WorkerPool pool({.workers = 1});
  Journaled bank(bank_at(JournalLevel::kCauses), pool);
  expect_ok(bank::play(bank.ledger, 1, kAccounts, 0));
  for (const std::uint64_t i : {1u, 2u})
    expect_ok(bank.ledger.deliver({bank::kAccount, bank::account(i)}, bank::payment(bank::kNoticeFrom, "account-3")));
  ASSERT_TRUE(bank.ledger.settle().has_value());
  const auto effects = bank.ledger.take_effects();
  ASSERT_EQ(effects.size(), 2u);
  expect_ok(bank.ledger.receipt(effects[0].intent, true, ""));
  bank.sync();

  const auto journal = open_journal(bank.disk);
  JournalSink sink(*journal);
  Ledger again(bank_at(JournalLevel::kCauses), pool);
  expect_ok(recover(again, *journal, sink));
  EXPECT_EQ(again.take_effects(), std::vector{effects[1]});
}

// A crash between the entries of one batch: the first half is there, the second is made again and appended.
TEST(LedgerReplay, RecoveryWritesWhatTheJournalLacksOfABatch) {
  WorkerPool pool({.workers = 1});
  const auto bank = played(JournalLevel::kFull, pool);
  const std::vector<Bytes> records = single(records_of(*bank->journal));
  journal::MemoryDisk disk;
  {
    const auto torn = open_journal(disk);
    for (std::size_t i = 0; i + 3 < records.size(); ++i) ASSERT_TRUE(torn->append(records[i], 1).has_value());
    ASSERT_TRUE(torn->write().has_value());
    ASSERT_TRUE(torn->sync().has_value());
  }
  const auto journal = open_journal(disk);
  JournalSink sink(*journal);
  Ledger again(bank_at(JournalLevel::kFull), pool);
  expect_ok(recover(again, *journal, sink));
  ASSERT_TRUE(again.settle().has_value());
  ASSERT_TRUE(journal->write().has_value());
  EXPECT_EQ(records_of(*journal), records_of(*bank->journal));
}

TEST(LedgerReplay, AFlippedByteInTheFileIsTheJournalsToFind) {
  WorkerPool pool({.workers = 1});
  const auto bank = played(JournalLevel::kFull, pool);
  ASSERT_TRUE(bank->journal->close().has_value());
  auto file = bank->disk.open(journal::file_name(journal::FileKind::kSegment, 1), journal::OpenMode::kReadWrite);
  ASSERT_TRUE(file.has_value());
  ASSERT_TRUE((*file)->write(200, "?").has_value());
  const auto opened = journal::Journal::open(bank->disk, {.owner = 7});
  ASSERT_FALSE(opened.has_value());
  EXPECT_EQ(opened.error().code, ErrorCode::kBadFrame);
}

TEST(LedgerReplay, ASnapshotOfAnotherDefinitionIsRefused) {
  WorkerPool pool({.workers = 1});
  const Ledger bank(bank_at(JournalLevel::kFull), pool);
  Definition other = bank_at(JournalLevel::kFull);
  other.options.lanes = 5;
  Ledger ledger(other, pool);
  const Status loaded = ledger.load(bank.save());
  ASSERT_FALSE(loaded.has_value());
  EXPECT_EQ(loaded.error().code, ErrorCode::kConflict);
}

TEST(LedgerReplay, EveryPrefixOfASnapshotIsRefused) {
  WorkerPool pool({.workers = 1});
  Ledger bank(bank_at(JournalLevel::kFull), pool);
  expect_ok(bank::play(bank, 1, 3, 1));
  expect_ok(bank.deliver({bank::kAccount, "account-1"}, bank::payment(1)));
  const Bytes snapshot = bank.save();
  Ledger other(bank_at(JournalLevel::kFull), pool);
  for (std::size_t size = 0; size < snapshot.size(); ++size)
    EXPECT_FALSE(other.load(BytesView(snapshot).substr(0, size)).has_value()) << size;
  expect_ok(other.load(snapshot));
  EXPECT_EQ(other.save(), snapshot);
}

// The page names every key that is written, and in its order.
TEST(LedgerRecordsPage, NamesTheKeysOfEveryRecord) {
  std::string page;
  {
    std::ifstream file(YARD_SOURCE_DIR "/engine/tickets/LEDGER.md");
    page.assign(std::istreambuf_iterator<char>(file), {});
  }
  WorkerPool pool({.workers = 1});
  const auto bank = played(JournalLevel::kFull, pool);
  each_record(records_of(*bank->journal), [&](const Record& record) {
    const std::string kind(name_of(record.head.kind));
    std::size_t at = page.find("| " + kind + " |");
    ASSERT_NE(at, std::string::npos) << kind;
    const std::string row = page.substr(at, page.find('\n', at) - at);
    at = 0;
    PackView(record.body).each_pair([&](std::string_view key, PackView) {
      at = row.find("`" + std::string(key) + "`", at);
      ASSERT_NE(at, std::string::npos) << kind << " " << key;
    });
  });
}

}  // namespace
}  // namespace yard::tickets

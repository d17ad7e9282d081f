#include "iopub/stream_log.h"

#include <gtest/gtest.h>

#include <deque>
#include <utility>
#include <vector>

#include "tests/support/seed.h"

namespace yard::iopub {
namespace {

constexpr std::size_t kOverhead = 4 + kEventHeaderBytes;  // what an entry takes beside its body

std::vector<std::pair<std::uint64_t, Bytes>> replayed(const StreamLog& log, std::uint64_t from) {
  std::vector<std::pair<std::uint64_t, Bytes>> events;
  log.replay(from, [&](const EventHeader& header, BytesView body) {
    events.emplace_back(header.seq, Bytes(body));
    return true;
  });
  return events;
}

TEST(StreamLog, IsEmptyAtFirst) {
  const StreamLog log(1000);
  EXPECT_EQ(log.last(), 0u);
  EXPECT_EQ(log.oldest(), 1u);
  EXPECT_EQ(log.bytes(), 0u);
  EXPECT_TRUE(replayed(log, 0).empty());
}

TEST(StreamLog, NumbersDenselyFromOneAndKeepsTheRestOfTheHeader) {
  StreamLog log(1000);
  const EventHeader given{.kind = EventKind::kLog, .epoch = 3, .seq = 77, .lsn = 5};
  for (std::uint64_t seq = 1; seq <= 5; ++seq) {
    EventHeader expected = given;
    expected.seq = seq;
    EXPECT_EQ(log.append(given, "body"), expected);
  }
  log.replay(5, [&](const EventHeader& header, BytesView body) {
    EXPECT_EQ(header.lsn, 5u);
    EXPECT_EQ(header.kind, EventKind::kLog);
    EXPECT_EQ(body, "body");
    return true;
  });
}

TEST(StreamLog, ReplaysFromAnySeq) {
  StreamLog log(10'000);
  for (char c = 'a'; c <= 'e'; ++c) log.append({}, Bytes(1, c));
  EXPECT_EQ(replayed(log, 0).size(), 5u);
  EXPECT_EQ(replayed(log, 1).size(), 5u);
  EXPECT_EQ(replayed(log, 4).front(), std::make_pair(std::uint64_t{4}, Bytes("d")));
  EXPECT_TRUE(replayed(log, 6).empty());
}

TEST(StreamLog, ReplayStopsWhenTheVisitorHasEnough) {
  StreamLog log(10'000);
  for (int i = 0; i < 5; ++i) log.append({}, "x");
  std::size_t visited = 0;
  log.replay(1, [&](const EventHeader&, BytesView) { return ++visited < 2; });
  EXPECT_EQ(visited, 2u);
}

TEST(StreamLog, KeepsTheNewestThatFit) {
  StreamLog log(3 * (kOverhead + 10));
  for (int i = 0; i < 4; ++i) log.append({}, Bytes(10, 'x'));
  EXPECT_EQ(log.oldest(), 2u);
  EXPECT_EQ(log.last(), 4u);
  EXPECT_EQ(log.bytes(), 3 * (kOverhead + 10));
  log.append({}, Bytes(11, 'y'));
  EXPECT_EQ(log.oldest(), 4u);
}

TEST(StreamLog, OneEventBeyondTheBoundIsNumberedAndNotKept) {
  StreamLog log(kOverhead + 10);
  log.append({}, "small");
  EXPECT_EQ(log.append({}, Bytes(11, 'x')).seq, 2u);
  EXPECT_EQ(log.oldest(), 3u) << "replay can give nothing, and says so";
  EXPECT_EQ(log.bytes(), 0u);
  log.append({}, Bytes(10, 'x'));
  EXPECT_EQ(log.oldest(), 3u);
  EXPECT_EQ(replayed(log, 1).front().first, 3u);
}

TEST(StreamLog, IsADequeOfWhatFits) {
  const std::uint64_t seed = test_seed();
  SCOPED_TRACE("YARD_TEST_SEED=" + std::to_string(seed));
  SeededRandom random(seed);
  for (int round = 0; round < 30; ++round) {
    const std::size_t bytes_max = below(random, 2'000);
    StreamLog log(bytes_max);
    std::deque<std::pair<std::uint64_t, Bytes>> model;
    std::size_t bytes = 0;
    for (std::uint64_t seq = 1; seq <= 200; ++seq) {
      const Bytes body(below(random, 12) == 0 ? below(random, 2'500) : below(random, 90), static_cast<char>(seq));
      model.emplace_back(seq, body);
      bytes += kOverhead + body.size();
      while (bytes > bytes_max) {
        bytes -= kOverhead + model.front().second.size();
        model.pop_front();
      }
      ASSERT_EQ(log.append({}, body).seq, seq);
      ASSERT_EQ(log.bytes(), bytes);
      ASSERT_EQ(log.last(), seq);
      ASSERT_EQ(log.oldest(), model.empty() ? seq + 1 : model.front().first);
      const std::uint64_t from = below(random, seq + 2);
      std::vector<std::pair<std::uint64_t, Bytes>> expected;
      for (const auto& entry : model) {
        if (entry.first >= from) expected.push_back(entry);
      }
      ASSERT_EQ(replayed(log, from), expected) << "from " << from << " after " << seq;
    }
  }
}

}  // namespace
}  // namespace yard::iopub

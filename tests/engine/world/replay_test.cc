#include "engine/world/replay.h"

#include "engine/journal/memory_disk.h"
#include "engine/world/world_log.h"
#include "tests/engine/world/support.h"

namespace yard::graph::testing {
namespace {

using tickets::JournalLevel;
using tickets::RecordKind;

// A bit of everything: time, events, faults, an invariant that goes back, a random stream, texts.
std::string workshop() {
  return Sketch()
      .node("a", "Value", "int64", "\"value\": 6")
      .node("b", "Value", "int64", "\"value\": 3")
      .node("name", "Input", "string", "\"value\": \"x\"")
      .node("tick", "EventInput", "double")
      .node("timer", "Timer", "double", "\"interval_ms\": 30")
      .node("ratio", "Divide", "int64")
      .node("dice", "Random", "double", "", "trigger:double, low:double, high:double")
      .node("ticks", "Counter", "int64", "", "in1:double")
      .node("times", "Counter", "int64", "", "in1:double")
      .node("label", "Concat", "string", "", "a:string, b:string")
      .node("fine", "LessEqual", "", "\"b\": 100", "a:int64, b:int64")
      .node("guard", "Require", "", "\"roll_back\": true")
      .node("show", "Emit", "int64")
      .node("say", "Emit", "string")
      .wire("a", "out", "ratio", "a")
      .wire("b", "out", "ratio", "b")
      .wire("tick", "out", "dice", "trigger")
      .wire("tick", "out", "ticks", "in1")
      .wire("timer", "out", "times", "in1")
      .wire("name", "out", "label", "a")
      .wire("name", "out", "label", "b")
      .wire("ratio", "out", "fine", "a")
      .wire("fine", "out", "guard", "holds")
      .wire("ratio", "out", "show", "x")
      .wire("label", "out", "say", "x")
      .options(R"("seed": 7)")
      .json();
}

// What was written, piece by piece, as a host would append it.
struct Written {
  std::vector<Bytes> entries;
  Bytes end;

  [[nodiscard]] Bytes all() const {
    Bytes bytes;
    for (const Bytes& entry : entries) bytes += entry;
    return bytes;
  }
};

Written work(Driven& world) {
  Written written;
  const auto keep = [&] {
    written.entries.push_back(world->journal_part().bytes);
    world->clear_outbox();
  };
  keep();
  world.set("a", std::int64_t{9});
  keep();
  world.emit("tick", {1.0, 2.0});
  world.advance(100);
  keep();
  world.set("b", std::int64_t{0});
  EXPECT_TRUE(world->apply(CheckPointCause{}));
  world.settle();
  world.set("name", Text("yz"));
  world.set("b", std::int64_t{2});
  keep();
  world.set("a", std::int64_t{1000});  // breaks what must hold
  world.look("dice");
  world.advance(45);
  keep();
  written.end = world->snapshot();
  return written;
}

Status replay(Replay& replay, const Written& written) {
  std::uint64_t seq = 1;
  for (const Bytes& entry : written.entries) {
    YARD_TRY_STATUS(replay.take(entry, seq));
    BytesView left = entry;
    while (*tickets::take_record(left)) ++seq;
  }
  return replay.finish();
}

TEST(WorldReplay, GivesTheSameBytesAgain) {
  for (const JournalLevel level : {JournalLevel::kCauses, JournalLevel::kFull}) {
    Driven world(workshop(), {.journal = level});
    const Written written = work(world);
    for (const bool verify : {false, true}) {
      Replay again(standard_kinds(), {.verify = verify});
      const Status done = replay(again, written);
      EXPECT_TRUE(done) << to_string(done.error());
      EXPECT_EQ(again.world().snapshot(), written.end);
      if (verify) EXPECT_EQ(again.take_missing(), "");
    }
  }
}

TEST(WorldReplay, TheJournalIsAFunctionOfTheCauses) {
  Driven one(workshop(), {.journal = JournalLevel::kFull});
  Driven other(workshop(), {.journal = JournalLevel::kFull});
  EXPECT_EQ(work(one).all(), work(other).all());
}

TEST(WorldReplay, AFlippedBitInAWitnessIsFound) {
  Driven world(workshop(), {.journal = JournalLevel::kFull});
  const Written written = work(world);
  const Bytes good = written.all();
  std::size_t at = 0;
  std::uint64_t seq = 0;
  int flipped = 0;
  for (BytesView left = good; !left.empty();) {
    const std::size_t place = good.size() - left.size();
    const auto record = *tickets::take_record(left);
    ++seq;
    if (record->head.kind != RecordKind::kStepCommitted || record->body.size() <= 8) continue;
    at = place + tickets::kRecordHeadBytes + record->body.size() - 1;
    Written bad{.entries = {good}, .end = {}};
    bad.entries[0][at] ^= 1;
    Replay again(standard_kinds(), {.verify = true});
    const Status done = replay(again, bad);
    ASSERT_FALSE(done) << seq;
    ASSERT_TRUE(again.difference()) << to_string(done.error());
    EXPECT_EQ(again.difference()->seq, seq);
    EXPECT_TRUE(again.difference()->field == "changed" || again.difference()->field == "body, as base64");
    EXPECT_NE(again.difference()->expected, again.difference()->found);
    ++flipped;
  }
  EXPECT_GT(flipped, 10);
}

TEST(WorldReplay, ACauseThatIsMissingIsFoundEvenWithoutWitnesses) {
  Driven world(workshop(), {.journal = JournalLevel::kCauses});
  const Bytes good = work(world).all();
  Bytes without;
  bool dropped = false;
  for (BytesView left = good; !left.empty();) {
    const std::size_t place = good.size() - left.size();
    const auto record = *tickets::take_record(left);
    const BytesView bytes = BytesView(good).substr(place, good.size() - left.size() - place);
    if (!dropped && record->head.kind == RecordKind::kSet) {
      dropped = true;
      continue;
    }
    without += bytes;
  }
  Replay again(standard_kinds(), {});
  const Status done = replay(again, {.entries = {without}, .end = {}});
  ASSERT_FALSE(done);
  ASSERT_TRUE(again.difference());
  EXPECT_EQ(again.difference()->field, "event_id");
}

TEST(WorldReplay, StopsWhereItIsTold) {
  Driven world(workshop(), {.journal = JournalLevel::kCauses});
  const Written written = work(world);
  Replay all(standard_kinds(), {});
  ASSERT_TRUE(replay(all, written));
  Replay part(standard_kinds(), {.to = 3});  // Began, Reload, and the first thing that was set
  ASSERT_TRUE(replay(part, written));
  EXPECT_EQ(part.seq(), 3u);
  EXPECT_LT(part.world().next_event_id(), all.world().next_event_id());
}

TEST(WorldReplay, RefusesWhatIsNoJournalOfAGraph) {
  Replay nothing(standard_kinds(), {});
  EXPECT_EQ(nothing.finish().error().code, ErrorCode::kBadFrame);
  Bytes set;
  append_cause(set, {}, SetCause{0, 1.0});
  Replay headless(standard_kinds(), {});
  EXPECT_EQ(headless.take(set, 1).error().code, ErrorCode::kBadFrame);
}

// ---- on a disk

TEST(WorldLog, GoesOnWhereItWas) {
  journal::MemoryDisk disk;
  Bytes middle;
  {
    Driven world(workshop(), {.journal = JournalLevel::kFull});
    auto log = WorldLog::create(disk, *world);
    ASSERT_TRUE(log) << to_string(log.error());
    world.set("a", std::int64_t{12});
    world.advance(70);
    ASSERT_TRUE(log->append(*world));
    ASSERT_TRUE(log->sync());
    middle = world->snapshot();
  }
  auto opened = WorldLog::open(disk, standard_kinds());
  ASSERT_TRUE(opened) << to_string(opened.error());
  EXPECT_EQ(opened->world->snapshot(), middle);
  ASSERT_TRUE(opened->world->apply(AdvanceCause{200 * kMs}));
  while (!opened->world->settle()) {
  }
  ASSERT_TRUE(opened->log.append(*opened->world));
  const Bytes end = opened->world->snapshot();
  opened = fail(ErrorCode::kCancelled, "closed");
  const auto again = WorldLog::open(disk, standard_kinds());
  ASSERT_TRUE(again) << to_string(again.error());
  EXPECT_EQ(again->world->snapshot(), end);
}

TEST(WorldLog, ASnapshotAndTheRestAreTheWhole) {
  journal::MemoryDisk disk;
  Driven world(workshop(), {.journal = JournalLevel::kFull});
  auto log = WorldLog::create(disk, *world);
  ASSERT_TRUE(log);
  world.set("a", std::int64_t{12});
  ASSERT_TRUE(log->append(*world));
  world->clear_outbox();
  ASSERT_TRUE(log->snapshot(*world));
  world.set("a", std::int64_t{15});
  world.advance(70);
  ASSERT_TRUE(log->append(*world));
  Replay from_snapshot(standard_kinds(), {.verify = true});
  Replay from_genesis(standard_kinds(), {.verify = true});
  const Status one = replay_journal(disk, true, standard_kinds(), from_snapshot);
  const Status other = replay_journal(disk, false, standard_kinds(), from_genesis);
  ASSERT_TRUE(one) << to_string(one.error());
  ASSERT_TRUE(other) << to_string(other.error());
  EXPECT_EQ(from_snapshot.world().snapshot(), world->snapshot());
  EXPECT_EQ(from_genesis.world().snapshot(), world->snapshot());
}

TEST(WorldLog, WhatACrashCutOffIsMadeAgain) {
  Driven world(workshop(), {.journal = JournalLevel::kFull});
  const Bytes all = work(world).all();
  const Bytes end = world->snapshot();
  // Cut behind the last cause: its witnesses are missing.
  std::size_t cut = 0;
  for (BytesView left = all; !left.empty();) {
    const auto record = *tickets::take_record(left);
    if (is_cause(record->head.kind)) cut = all.size() - left.size();
  }
  Replay again(standard_kinds(), {.verify = true});
  const Status done = replay(again, {.entries = {all.substr(0, cut)}, .end = {}});
  ASSERT_TRUE(done) << to_string(done.error());
  EXPECT_EQ(again.take_missing(), all.substr(cut));
  EXPECT_EQ(again.world().snapshot(), end);
}

// ---- states

TEST(WorldState, IsRefusedWhereItIsDamagedOrAnothers) {
  Driven world(workshop());
  const Bytes state = world->snapshot();
  for (std::size_t size = 0; size < state.size(); size += 7)
    EXPECT_EQ(world->restore(BytesView(state).substr(0, size)).error().code, ErrorCode::kBadFrame);
  Bytes flipped = state;
  flipped[state.size() / 2] ^= 4;
  EXPECT_EQ(world->restore(flipped).error().code, ErrorCode::kBadFrame);
  Driven other(adder());
  EXPECT_EQ(other->restore(state).error().code, ErrorCode::kConflict);
  EXPECT_EQ(world->snapshot(), state);
}

TEST(WorldState, TheSameStepsFromASnapshotLeadToTheSame) {
  Driven world(workshop());
  world.advance(100);
  const Bytes before = world->snapshot();
  const auto go = [&] {
    world.emit("tick", {1.0});
    world.advance(50);
    return world->snapshot();
  };
  const Bytes first = go();
  ASSERT_TRUE(world->restore(before));
  EXPECT_EQ(world->snapshot(), before);
  EXPECT_EQ(go(), first);
}

}  // namespace
}  // namespace yard::graph::testing

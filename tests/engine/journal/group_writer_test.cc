#include "engine/journal/group_writer.h"

#include <gmock/gmock.h>

#include <atomic>
#include <latch>
#include <semaphore>

#include "engine/journal/posix_disk.h"
#include "tests/engine/journal/support.h"
#include "tests/support/temp_dir.h"

namespace yard::journal {
namespace {

// The consumer: waits until something was reported, and takes it.
class Consumer {
 public:
  explicit Consumer(Journal journal, GroupWriterOptions options = {})
      : writer_(std::move(journal), options, [this] { woken_.release(); }) {}

  GroupWriter& writer() { return writer_; }

  // Waits until there is something to take.
  void sleep() {
    if (writer_.prepare_to_wait()) woken_.acquire();
  }

  std::vector<Completion> wait() {
    sleep();
    std::vector<Completion> out;
    writer_.drain(out);
    EXPECT_FALSE(out.empty());
    return out;
  }

  // The last completion once everything up to `position` is durable.
  Completion wait_for(std::uint64_t position) {
    for (;;) {
      const Completion last = wait().back();
      if (last.outcome != Outcome::kOk || last.synced >= position) return last;
    }
  }

  // Stops the writer's thread between two groups until the latch is counted down.
  std::shared_ptr<std::latch> hold() {
    // Shared with the thread: it may still be in a latch's function when this one has gone on.
    auto held = std::make_shared<std::latch>(1);
    auto go = std::make_shared<std::latch>(1);
    EXPECT_TRUE(writer_.run([held, go](Journal&) {
      held->count_down();
      go->wait();
    }));
    held->wait();
    return go;
  }

 private:
  std::counting_semaphore<> woken_{0};
  GroupWriter writer_;
};

TEST(GroupWriterConcurrent, ManyProducersAndEverythingIsThere) {
  const testing::TempDir folder;
  constexpr int kProducers = 4;
  constexpr int kEach = 2'000;
  {
    const auto disk = PosixDisk::open(folder.path(), PosixDisk::Access::kWrite);
    ASSERT_TRUE(disk.has_value());
    Consumer consumer(opened(**disk, {.segment_bytes = 100'000, .owner = kOwner}), {.queue_bytes_max = 50'000});
    Mutex mutex;
    std::uint64_t last = 0;
    {
      std::vector<std::jthread> producers;
      for (int p = 0; p < kProducers; ++p) {
        producers.emplace_back([&, p] {
          for (int i = 0; i < kEach; ++i) {
            const std::string body = std::to_string(p) + ":" + std::to_string(i);
            for (bool taken = false; !taken; std::this_thread::yield()) {
              const MutexLock lock(mutex);
              taken =
                  consumer.writer().submit(body, 1, last + 1, i % 7 == 0 ? Durability::kSynced : Durability::kWritten);
              if (taken) ++last;
            }
          }
        });
      }
      std::uint64_t written = 0;
      std::uint64_t synced = 0;
      while (written < std::uint64_t{kProducers} * kEach) {
        for (const Completion& completion : consumer.wait()) {
          ASSERT_EQ(completion.outcome, Outcome::kOk) << completion.message;
          EXPECT_GE(completion.written, written);
          EXPECT_GE(completion.synced, synced);
          EXPECT_GE(completion.written, completion.synced);
          written = completion.written;
          synced = completion.synced;
        }
      }
    }
    consumer.writer().stop();
    EXPECT_FALSE(consumer.writer().submit("late", 1, last + 1, Durability::kSynced));
  }
  const auto disk = PosixDisk::open(folder.path(), PosixDisk::Access::kRead);
  ASSERT_TRUE(disk.has_value());
  Journal journal = opened(**disk, {.read_only = true});
  std::vector<int> next(kProducers);
  for (const std::string& body : bodies(journal)) {
    const std::size_t colon = body.find(':');
    ASSERT_EQ(std::stoi(body.substr(colon + 1)), next.at(std::stoul(body.substr(0, colon)))++) << "each in its order";
  }
  EXPECT_THAT(next, ::testing::Each(kEach));
}

TEST(GroupWriterConcurrent, WhatGathersWhileItWritesIsOneGroup) {
  MemoryDisk disk;
  Consumer consumer(opened(disk));
  const auto go = consumer.hold();
  const std::uint64_t before = disk.operations();
  for (std::uint64_t i = 1; i <= 100; ++i) ASSERT_TRUE(consumer.writer().submit("body", 1, i, Durability::kSynced));
  go->count_down();
  EXPECT_EQ(consumer.wait_for(100).written, 100u);
  EXPECT_EQ(disk.operations(), before + 2) << "one write, one sync";
}

TEST(GroupWriterConcurrent, WrittenIsReportedWithoutASync) {
  MemoryDisk disk;
  Consumer consumer(opened(disk));
  ASSERT_TRUE(consumer.writer().submit("body", 3, 3, Durability::kWritten));
  const Completion completion = consumer.wait().back();
  EXPECT_EQ(completion.written, 3u);
  EXPECT_EQ(completion.synced, 0u);
  consumer.writer().stop();
  EXPECT_EQ(consumer.wait().back().synced, 3u) << "stopping syncs";
}

TEST(GroupWriterConcurrent, AFullQueueRefusesAndTakesAgainLater) {
  MemoryDisk disk;
  Consumer consumer(opened(disk), {.queue_bytes_max = 1'000});
  const auto go = consumer.hold();
  ASSERT_TRUE(consumer.writer().submit(Bytes(5'000, 'x'), 1, 1, Durability::kSynced)) << "alone it is always taken";
  EXPECT_FALSE(consumer.writer().submit("x", 1, 2, Durability::kSynced));
  go->count_down();
  consumer.wait_for(1);
  EXPECT_TRUE(consumer.writer().submit("x", 1, 2, Durability::kSynced));
  EXPECT_EQ(consumer.wait_for(2).synced, 2u);
}

TEST(GroupWriterConcurrent, AFullDiskRefusesWhatIsQueuedAndGoesOnOnceThatIsKnown) {
  MemoryDisk disk;
  {
    Consumer consumer(opened(disk));
    ASSERT_TRUE(consumer.writer().submit("one", 1, 1, Durability::kSynced));
    consumer.wait_for(1);
    disk.set_capacity(150);
    ASSERT_TRUE(consumer.writer().submit(Bytes(200, 'x'), 2, 3, Durability::kSynced));
    consumer.sleep();  // now the refusal is there, and nobody has seen it
    ASSERT_TRUE(consumer.writer().submit("follows from what was refused", 1, 4, Durability::kSynced));
    disk.set_capacity(10'000);
    ASSERT_TRUE(consumer.writer().submit("too", 1, 5, Durability::kSynced));
    const Completion full = consumer.wait().back();
    EXPECT_EQ(full.outcome, Outcome::kFull);
    EXPECT_EQ(full.written, 1u);
    EXPECT_EQ(full.synced, 1u);
    EXPECT_EQ(full.refused_from, 2u);
    EXPECT_EQ(full.refused_to, 5u);
    EXPECT_THAT(full.message, ::testing::HasSubstr("no space"));
    ASSERT_TRUE(consumer.writer().submit("again", 1, 2, Durability::kSynced)) << "the numbers are free again";
    const Completion good = consumer.wait_for(2);
    EXPECT_EQ(good.outcome, Outcome::kOk);
    EXPECT_EQ(good.refused_from, 0u);
  }
  Journal journal = opened(disk);
  EXPECT_EQ(bodies(journal), (std::vector<std::string>{"one", "again"}));
}

TEST(GroupWriterConcurrent, AFailedDiskRefusesForGood) {
  MemoryDisk disk;
  Consumer consumer(opened(disk));
  disk.fail_syncs(true);
  ASSERT_TRUE(consumer.writer().submit("one", 1, 1, Durability::kSynced));
  Completion failed = consumer.wait().back();
  while (failed.outcome == Outcome::kOk) failed = consumer.wait().back();
  EXPECT_EQ(failed.outcome, Outcome::kFailed);
  EXPECT_EQ(failed.written, 1u);
  EXPECT_EQ(failed.synced, 0u);
  EXPECT_EQ(failed.refused_from, 0u);
  disk.fail_syncs(false);
  for (std::uint64_t i = 2; i < 5; ++i) {
    ASSERT_TRUE(consumer.writer().submit("more", 1, i, Durability::kSynced));
    failed = consumer.wait().back();
    EXPECT_EQ(failed.outcome, Outcome::kFailed);
    EXPECT_EQ(failed.refused_from, i);
    EXPECT_EQ(failed.refused_to, i);
  }
}

TEST(GroupWriterConcurrent, StoppingWritesWhatIsQueuedAndSeals) {
  MemoryDisk disk;
  {
    Consumer consumer(opened(disk));
    const auto go = consumer.hold();
    for (std::uint64_t i = 1; i <= 10; ++i) ASSERT_TRUE(consumer.writer().submit("body", 1, i, Durability::kWritten));
    go->count_down();
  }
  EXPECT_EQ(disk.content(segment(1)).size(), 64 + 10 * 40 + 32u);
  Journal journal = opened(disk);
  EXPECT_EQ(bodies(journal).size(), 10u);
}

TEST(GroupWriterConcurrent, ASnapshotIsTakenBetweenGroups) {
  MemoryDisk disk;
  std::optional<SnapshotWriter> snapshot;
  std::binary_semaphore done(0);
  bool finished = false;
  Consumer consumer(opened(disk, {.segment_bytes = 200, .owner = kOwner}));
  for (std::uint64_t i = 1; i <= 20; ++i) {
    ASSERT_TRUE(consumer.writer().submit("body", 1, i, Durability::kSynced));
    ASSERT_EQ(consumer.wait_for(i).synced, i);
  }
  ASSERT_TRUE(consumer.writer().run([&](Journal& journal) {
    if (auto begun = journal.begin_snapshot(20)) snapshot.emplace(*std::move(begun));
    done.release();
  }));
  done.acquire();
  ASSERT_TRUE(snapshot.has_value());
  ASSERT_TRUE(snapshot->append("state").has_value());
  ASSERT_TRUE(snapshot->seal().has_value());
  ASSERT_TRUE(consumer.writer().run([&](Journal& journal) {
    finished = journal.finish_snapshot(*std::move(snapshot)).has_value();
    done.release();
  }));
  done.acquire();
  EXPECT_TRUE(finished);
  EXPECT_EQ(disk.list()->size(), 2u);
}

}  // namespace
}  // namespace yard::journal

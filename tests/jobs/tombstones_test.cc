#include "jobs/tombstones.h"

#include <gtest/gtest.h>

#include <map>

#include "engine/base/random.h"
#include "tests/support/seed.h"

namespace yard::jobs {
namespace {

JobId id_of(std::uint8_t number) {
  Uuid id;
  id.octets[0] = number;
  id.octets[15] = 1;
  return JobId(id);
}

TEST(Tombstones, KeepCopiesOfTheNames) {
  Tombstones tombstones(2, 1);
  EXPECT_EQ(tombstones.find(id_of(1)), nullptr);
  {
    const std::string tool = "work";
    tombstones.add({.id = id_of(1), .digest = 7, .state = JobState::kFailed}, tool, "local");
  }
  const Tombstone* found = tombstones.find(id_of(1));
  ASSERT_NE(found, nullptr);
  EXPECT_EQ(found->tool, "work");
  EXPECT_EQ(found->principal, "local");
  EXPECT_EQ(found->digest, 7u);
}

TEST(Tombstones, NoneAreKeptWhereNoneMayBe) {
  Tombstones tombstones(0, 1);
  tombstones.add({.id = id_of(1)}, "work", "local");
  EXPECT_EQ(tombstones.size(), 0u);
}

// Against a plain list.
TEST(Tombstones, TheNewestStay) {
  const std::uint64_t seed = test_seed();
  SCOPED_TRACE("YARD_TEST_SEED=" + std::to_string(seed));
  SeededRandom random(seed);
  constexpr std::size_t kMost = 50;
  Tombstones tombstones(kMost, seed);
  std::map<JobId, std::uint64_t> digests;
  std::vector<JobId> order;
  for (std::uint64_t i = 1; i <= 2'000; ++i) {
    const JobId id = id_of(static_cast<std::uint8_t>(random.next() % 200));
    tombstones.add({.id = id, .digest = i}, "work", "local");
    if (!digests.contains(id)) order.push_back(id);
    digests[id] = i;
    if (order.size() > kMost) {
      digests.erase(order.front());
      order.erase(order.begin());
    }
    ASSERT_EQ(tombstones.size(), order.size());
    for (int number = 0; number < 200; number += 7) {
      const JobId any = id_of(static_cast<std::uint8_t>(number));
      const Tombstone* found = tombstones.find(any);
      ASSERT_EQ(found != nullptr, digests.contains(any));
      if (found) ASSERT_EQ(found->digest, digests[any]);
    }
  }
}

}  // namespace
}  // namespace yard::jobs

// What a large demand needs is kept for it: of the ready queue.
#include <gtest/gtest.h>

#include <deque>

#include "tests/jobs/shares_fixture.h"

namespace yard::jobs {
namespace {

// A resource of ten: a small job takes four, a large one eight.
class SharesOfALargeDemand : public Shares {
 protected:
  SharesOfALargeDemand() {
    policy_.resources = {{"gpu:0", 10}};
    needs_["small"].resources = {{"gpu:0", 4}};
    needs_["large"].resources = {{"gpu:0", 8}};
  }

  // Two small jobs run, the large one comes, and behind it more small ones than can pass it.
  Job& begin(std::uint8_t small_priority = 2) {
    for (int i = 0; i < 2; ++i) push("a", {.tool = "small"});
    for (Job* job = pop(); job != nullptr; job = pop()) running_.push_back(job);
    Job& large = push("a", {.tool = "large"});
    for (std::uint32_t i = 0; i < 3 * kOvertakenMax; ++i) push("b", {.tool = "small", .priority = small_priority});
    return large;
  }

  // The oldest running job ends; returns what begins in its place.
  Job* next() {
    release(*running_.front());
    running_.pop_front();
    Job* job = pop();
    if (job != nullptr) running_.push_back(job);
    return job;
  }

  // How many small jobs pass before nothing does, at most `most`.
  std::uint32_t passed(std::uint32_t most) {
    std::uint32_t count = 0;
    while (count < most && next() != nullptr) ++count;
    return count;
  }

  std::deque<Job*> running_;
};

TEST_F(SharesOfALargeDemand, IsKeptForItWhenSoManyHaveOvertakenIt) {
  Job& large = begin();
  EXPECT_EQ(passed(2 * kOvertakenMax), kOvertakenMax);
  Job& small = push("c", {.tool = "small"});
  const Blocker blocker = queue().blocker_of(small, now_);
  EXPECT_EQ(blocker.kind, Blocker::Kind::kResource);
  EXPECT_EQ(blocker.kept_for, "large");
  EXPECT_EQ(blocker.used, 4u);
  EXPECT_EQ(next(), &large);
  EXPECT_EQ(pop(), nullptr) << "two of the ten are free";
  EXPECT_NE(next(), nullptr);
  EXPECT_NE(pop(), nullptr) << "nothing is kept any more";
}

TEST_F(SharesOfALargeDemand, DoesNotHoldUpWhatGoesBeforeIt) {
  begin(/*small_priority=*/1);
  EXPECT_EQ(passed(2 * kOvertakenMax), 2 * kOvertakenMax);
}

TEST_F(SharesOfALargeDemand, HoldsUpNobodyWhoNeedsNothingOfIt) {
  begin();
  passed(kOvertakenMax + 1);
  Job& plain = push("b");
  EXPECT_EQ(pop(), &plain);
}

TEST_F(SharesOfALargeDemand, HasNothingKeptWhileItCouldNotBeginEither) {
  Job& large = begin();
  passed(kOvertakenMax + 1);
  queue().pause({{.tool = "large"}});
  EXPECT_NE(pop(), nullptr);
  queue().pause({});
  EXPECT_EQ(next(), nullptr);
  queue().erase(large);
  EXPECT_NE(pop(), nullptr) << "it is gone";
}

}  // namespace
}  // namespace yard::jobs

#include "jobs/timer_wheel.h"

#include <gtest/gtest.h>

#include <array>
#include <map>
#include <memory>
#include <set>
#include <vector>

#include "tests/support/seed.h"

namespace yard::jobs {
namespace {

using Wheel = TimerWheel<int>;
using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr SteadyTime kStart{std::chrono::hours(1)};
constexpr Millis kSlot{8};

class TimerWheelTest : public testing::Test {
 protected:
  // What fires on the way to `now`.
  std::vector<int> advance(SteadyTime now) {
    std::vector<int> fired;
    wheel_->advance(now, [&](int payload) { fired.push_back(payload); });
    return fired;
  }

  std::unique_ptr<Wheel> wheel_ = std::make_unique<Wheel>();
};

TEST_F(TimerWheelTest, FiresOnceAtItsMoment) {
  advance(kStart);
  Wheel::Timer timer;
  timer.payload = 7;
  wheel_->arm(timer, kStart + seconds(1));
  EXPECT_TRUE(timer.armed());
  EXPECT_EQ(advance(kStart + milliseconds(999)), std::vector<int>{});
  EXPECT_EQ(advance(kStart + seconds(1)), std::vector<int>{7});
  EXPECT_FALSE(timer.armed());
  EXPECT_EQ(wheel_->armed(), 0u);
  EXPECT_EQ(advance(kStart + seconds(100)), std::vector<int>{});
}

TEST_F(TimerWheelTest, FiresAtTheNextAdvanceWhenArmedInThePast) {
  advance(kStart);
  Wheel::Timer timer;
  wheel_->arm(timer, kStart - seconds(50));
  EXPECT_EQ(advance(kStart).size(), 1u);
}

TEST_F(TimerWheelTest, WaitsSeveralTurnsForAFarMoment) {
  advance(kStart);
  Wheel::Timer timer;
  wheel_->arm(timer, kStart + seconds(3600));
  for (int second = 1; second < 3600; ++second) ASSERT_TRUE(advance(kStart + seconds(second)).empty()) << second;
  EXPECT_EQ(advance(kStart + seconds(3600)).size(), 1u);
}

TEST_F(TimerWheelTest, JumpsOverManyTurnsAtOnce) {
  advance(kStart);
  std::array<Wheel::Timer, 100> timers;
  for (std::size_t i = 0; i < timers.size(); ++i) wheel_->arm(timers[i], kStart + seconds(i));
  EXPECT_EQ(advance(kStart + seconds(99)).size(), timers.size());
}

TEST_F(TimerWheelTest, TimeNeverGoesBack) {
  advance(kStart);
  Wheel::Timer timer;
  wheel_->arm(timer, kStart + milliseconds(1));
  EXPECT_TRUE(advance(kStart - seconds(1)).empty());
  EXPECT_EQ(advance(kStart + milliseconds(1)).size(), 1u);
}

TEST_F(TimerWheelTest, MovesAnArmedOne) {
  advance(kStart);
  Wheel::Timer timer;
  wheel_->arm(timer, kStart + seconds(1));
  wheel_->arm(timer, kStart + seconds(2));
  EXPECT_EQ(wheel_->armed(), 1u);
  EXPECT_TRUE(advance(kStart + seconds(1)).empty());
  EXPECT_EQ(advance(kStart + seconds(2)).size(), 1u);
}

TEST_F(TimerWheelTest, TimersOfOneSlotFireInTheOrderTheyWereArmed) {
  advance(kStart);
  std::array<Wheel::Timer, 5> timers;
  for (int i = 0; i < 5; ++i) {
    timers[static_cast<std::size_t>(i)].payload = i;
    wheel_->arm(timers[static_cast<std::size_t>(i)], kStart + seconds(1));
  }
  EXPECT_EQ(advance(kStart + seconds(2)), (std::vector<int>{0, 1, 2, 3, 4}));
}

TEST_F(TimerWheelTest, FireMayRearmWithoutEndlessTurning) {
  advance(kStart);
  Wheel::Timer timer;
  wheel_->arm(timer, kStart);
  int fired = 0;
  const auto again = [&](int) {
    ++fired;
    wheel_->arm(timer, kStart - seconds(1));
  };
  wheel_->advance(kStart, again);
  EXPECT_EQ(fired, 1);
  wheel_->advance(kStart + seconds(70), again);
  EXPECT_LE(fired, 3) << "at its own slot, and once more at that of the present";
  EXPECT_TRUE(timer.armed());
  wheel_->disarm(timer);
}

TEST_F(TimerWheelTest, FireMayDisarmTheOthersOfItsSlot) {
  advance(kStart);
  std::array<Wheel::Timer, 4> timers;
  for (Wheel::Timer& timer : timers) wheel_->arm(timer, kStart + milliseconds(1));
  int fired = 0;
  wheel_->advance(kStart + seconds(1), [&](int) {
    ++fired;
    for (Wheel::Timer& timer : timers) wheel_->disarm(timer);
  });
  EXPECT_EQ(fired, 1);
  EXPECT_EQ(wheel_->armed(), 0u);
  EXPECT_EQ(wheel_->next(), std::nullopt);
}

TEST_F(TimerWheelTest, NextIsInTimeForEveryTimer) {
  advance(kStart);
  EXPECT_EQ(wheel_->next(), std::nullopt);
  Wheel::Timer timer;
  for (const Millis after : {Millis(0), Millis(1), Millis(7), Millis(8), Millis(511), Millis(512), Millis(20'000),
                             Millis(32'760), Millis(32'768), Millis(40'000), Millis(3'600'000)}) {
    wheel_->arm(timer, kStart + after);
    ASSERT_TRUE(wheel_->next());
    EXPECT_GT(*wheel_->next(), kStart) << "or the loop would never sleep";
    EXPECT_LE(*wheel_->next(), kStart + after + kSlot) << after.count();
  }
  wheel_->disarm(timer);
}

TEST_F(TimerWheelTest, FiresWhatAMultimapFires) {
  const std::uint64_t seed = test_seed();
  SCOPED_TRACE("YARD_TEST_SEED=" + std::to_string(seed));
  SeededRandom random(seed);
  constexpr int kTimers = 40;
  std::array<Wheel::Timer, kTimers> timers;
  for (int i = 0; i < kTimers; ++i) timers[static_cast<std::size_t>(i)].payload = i;
  std::multimap<SteadyTime, int> model;
  SteadyTime now = kStart;
  advance(now);
  const auto forget = [&](int number) {
    std::erase_if(model, [&](const auto& entry) { return entry.second == number; });
  };
  const auto moment = [&]() -> SteadyTime {
    switch (below(random, 4)) {
      case 0: return now - Millis(below(random, 100'000));  // past
      case 1: return now + Millis(below(random, 50));
      case 2: return now + Millis(below(random, 33'000));
      default: return now + Millis(below(random, 400'000));  // beyond one turn
    }
  };
  for (int step = 0; step < 20'000; ++step) {
    const int number = static_cast<int>(below(random, kTimers));
    Wheel::Timer& timer = timers[static_cast<std::size_t>(number)];
    const std::uint64_t what = below(random, 10);
    if (what < 5) {
      const SteadyTime due = moment();
      wheel_->arm(timer, due);
      forget(number);
      model.emplace(due, number);
    } else if (what < 7) {
      wheel_->disarm(timer);
      forget(number);
    } else {
      // Either small steps, or straight to the moment that next() names.
      if (const auto next = wheel_->next(); next && below(random, 3) == 0) {
        now = std::max(now, *next);
      } else {
        now += Nanos(below(random, below(random, 20) == 0 ? 100'000'000'000 : 30'000'000));
      }
      std::multiset<int> expected;
      while (!model.empty() && model.begin()->first <= now) {
        expected.insert(model.begin()->second);
        model.erase(model.begin());
      }
      const std::vector<int> fired = advance(now);
      ASSERT_EQ(std::multiset<int>(fired.begin(), fired.end()), expected) << "step " << step;
    }
    ASSERT_EQ(wheel_->armed(), model.size()) << "step " << step;
    ASSERT_EQ(wheel_->next().has_value(), !model.empty());
    if (!model.empty()) {
      ASSERT_LE(*wheel_->next(), std::max(now, model.begin()->first) + kSlot) << "step " << step;
    }
  }
  for (Wheel::Timer& timer : timers) wheel_->disarm(timer);
}

}  // namespace
}  // namespace yard::jobs

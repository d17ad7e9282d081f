#include "engine/base/clock.h"

#include <gtest/gtest.h>

#include "tests/support/fake_clock.h"

namespace yard {
namespace {

TEST(SystemClock, DoesNotRunBackwards) {
  const SystemClock clock;
  const Now first = clock.now();
  const Now second = clock.now();
  EXPECT_LE(first.steady, second.steady);
  EXPECT_GT(to_ns(first.wall), 1'600'000'000'000'000'000u);
}

TEST(FakeClock, MovesOnlyWhenTold) {
  FakeClock clock;
  const Now before = clock.now();
  EXPECT_EQ(clock.now().steady, before.steady);
  clock.advance(Millis(1500));
  EXPECT_EQ(clock.now().steady - before.steady, Millis(1500));
  EXPECT_EQ(clock.now().wall - before.wall, Millis(1500));
}

TEST(FakeClock, StepsTheWallClockAlone) {
  FakeClock clock;
  const Now before = clock.now();
  clock.step_wall(-std::chrono::hours(2));
  EXPECT_EQ(clock.now().steady, before.steady);
  EXPECT_EQ(before.wall - clock.now().wall, std::chrono::hours(2));
}

}  // namespace
}  // namespace yard

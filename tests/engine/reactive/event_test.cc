// Events: once each, in order, with fresh values.
#include "tests/engine/reactive/support.h"

namespace yard::reactive {
namespace {

using namespace testing;

TEST(Event, SeesFreshDerivedValues) {
  Scheduler scheduler;
  const auto source = scheduler.signal(1);
  const auto twice = scheduler.derive([=] { return 2 * source.get(); });
  std::vector<int> seen;
  const auto add = scheduler.on_event<int>([&, source, twice](int event) {
    seen.push_back(twice.get());
    source.set(source.get() + event);
    seen.push_back(twice.get());
  });
  ASSERT_TRUE(add.emit(1));
  ASSERT_TRUE(add.emit(2));
  EXPECT_FALSE(scheduler.idle());
  scheduler.settle();
  EXPECT_THAT(seen, ElementsAre(2, 4, 4, 8));
  EXPECT_TRUE(scheduler.idle());
}

TEST(Event, KeepsItsPlaceWhileTheHeadWaits) {
  Scheduler scheduler;
  const auto source = scheduler.signal(1);
  const auto slow = scheduler.derive([=] { return source.get(); }, {.debounce = Millis(50)});
  const auto above = scheduler.derive([=] { return slow.get(); });
  std::vector<std::string> seen;
  const auto first = scheduler.on_event<int>(
      [&, above](int) { seen.push_back("first " + std::to_string(above.get())); }, {above.ref()});
  const auto second = scheduler.on_event<std::string>([&](const std::string& event) { seen.push_back(event); });
  EXPECT_EQ(above.get(), 1);
  source.set(2);
  ASSERT_TRUE(first.emit(0));
  ASSERT_TRUE(second.emit("second"));
  scheduler.settle();
  EXPECT_THAT(seen, IsEmpty());
  scheduler.advance(Millis(50));
  EXPECT_THAT(seen, ElementsAre("first 2", "second"));
}

TEST(Event, IsRefusedWhenTooManyWait) {
  Scheduler scheduler;
  int handled = 0;
  const auto port = scheduler.on_event<int>([&](int) { ++handled; });
  for (std::size_t i = 0; i < kEventsMax; ++i) ASSERT_TRUE(port.emit(1));
  EXPECT_EQ(port.emit(1).error().code, ErrorCode::kQueueFull);
  EXPECT_EQ(scheduler.get_stats().events, kEventsMax);
  scheduler.settle();
  EXPECT_EQ(handled, static_cast<int>(kEventsMax));
  scheduler.dispose(port.ref());
  EXPECT_EQ(port.emit(1).error().code, ErrorCode::kGone);
}

TEST(Event, ThatCausesItselfLeavesOthersTheirTurn) {
  Scheduler scheduler;
  EventPort<int> port;
  int handled = 0;
  port = scheduler.on_event<int>([&](int) { ++handled, (void)port.emit(1); });
  ASSERT_TRUE(port.emit(1));
  EXPECT_TRUE(scheduler.settle());
  EXPECT_EQ(handled, static_cast<int>(kEventsMax));
}

TEST(Event, WhoseHandlerFailsIsReportedAndOver) {
  Rig rig;
  std::vector<int> seen;
  const auto port = rig.scheduler.on_event<int>([&](int event) {
    if (event == 1) throw Failure({.code = ErrorCode::kToolFailed, .message = "one"});
    seen.push_back(event);
  });
  for (const int event : {1, 2}) ASSERT_TRUE(port.emit(event));
  rig.scheduler.settle();
  EXPECT_THAT(rig.kinds(), ElementsAre(ProblemKind::kEffectFailed));
  EXPECT_THAT(seen, ElementsAre(2));
}

}  // namespace
}  // namespace yard::reactive

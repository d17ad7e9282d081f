// Deep chains, hubs, and what must not be allocated.
#include "tests/engine/reactive/support.h"
#include "tests/support/allocations.h"

namespace yard::reactive {
namespace {

using namespace testing;

TEST(Scale, ChainsOfAMillionLiftedComputations) {
  Scheduler scheduler;
  const auto source = scheduler.signal(0);
  auto end = scheduler.lift([](int value) { return value + 1; }, source);
  for (int i = 1; i < 1'000'000; ++i) end = scheduler.lift([](int value) { return value + 1; }, end);
  int seen = 0;
  scheduler.sink([&, end] { seen = end.get(); });
  scheduler.settle();
  EXPECT_EQ(seen, 1'000'000);
  source.set(1);
  scheduler.settle();
  EXPECT_EQ(seen, 1'000'001);
  EXPECT_EQ(scheduler.get_stats().computation_runs, 2'000'000u);
}

// Nobody knows what these read before they ran: the first read nests, and is begun again from below.
TEST(Scale, ChainsOfDiscoveredReadsDeeperThanTheStack) {
  constexpr int kDepth = 200'000;
  Scheduler scheduler;
  const auto source = scheduler.signal(0);
  auto end = scheduler.derive([=] { return source.get() + 1; });
  for (int i = 1; i < kDepth; ++i) end = scheduler.derive([end] { return end.get() + 1; });
  int seen = 0;
  scheduler.sink([&, end] { seen = end.get(); });
  scheduler.settle();
  EXPECT_EQ(seen, kDepth);
  source.set(1);
  EXPECT_EQ(end.get(), kDepth + 1);
  EXPECT_EQ(scheduler.get_stats().computation_runs, 2u * kDepth);
}

TEST(Scale, WalksAHubOnceHoweverManyReadIt) {
  constexpr int kReaders = 5'000;
  constexpr int kBelow = 1'000;
  Scheduler scheduler;
  const auto source = scheduler.signal(0);
  const auto use = scheduler.signal(false);
  Computed<int> hub = scheduler.derive([=] { return source.get(); });
  for (int i = 0; i < kBelow; ++i) hub = scheduler.derive([hub] { return hub.get() + 1; });
  std::vector<Computed<int>> readers;
  for (int i = 0; i < kReaders; ++i) readers.push_back(scheduler.derive([=] { return use.get() ? hub.get() + i : i; }));
  scheduler.sink([&] {
    for (const auto& reader : readers) (void)reader.get();
  });
  scheduler.settle();
  const std::uint64_t before = scheduler.get_stats().walked_links;
  source.set(1);
  use.set(true);
  scheduler.settle();
  EXPECT_EQ(readers.back().get(), kBelow + 1 + kReaders - 1);
  EXPECT_LT(scheduler.get_stats().walked_links - before, 10u * (kReaders + kBelow));
}

TEST(Scale, AllocatesNothingOnceItsShapeIsKnown) {
  Scheduler scheduler;
  const auto source = scheduler.signal(0);
  const auto flip = scheduler.derive([=] { return source.get() % 2; });
  std::vector<Computed<int>> layer;
  for (int i = 0; i < 20; ++i) layer.push_back(scheduler.derive([=] { return source.get() + i; }));
  const auto mux = scheduler.derive([&, flip] { return layer[flip.get() == 0 ? 0 : 19].get(); });
  int seen = 0;
  scheduler.sink([&, mux] { seen += mux.get(); });
  for (const auto& one : layer) scheduler.sink([&seen, one] { seen ^= one.get(); });
  const auto step = [&](int value) {
    source.set(value);
    scheduler.settle();
  };
  for (int i = 0; i < 10; ++i) step(i);
  const std::uint64_t before = allocations();
  for (int i = 10; i < 1'000; ++i) step(i);
  EXPECT_EQ(allocations() - before, 0u);
}

}  // namespace
}  // namespace yard::reactive

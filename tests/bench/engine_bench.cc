// Propagation through graphs beside loops by hand.
#include <algorithm>
#include <chrono>
#include <memory>

#include "engine/base/check.h"
#include "engine/kinds/standard.h"
#include "engine/world/world.h"
#include "tests/bench/engine_limits.h"
#include "tests/bench/road_bench.h"

namespace yard::bench {
namespace {

using Clock = std::chrono::steady_clock;

struct Mix {
  std::int64_t operator()(std::int64_t a, std::int64_t b) const { return mix(a, b); }
};

std::shared_ptr<const graph::Kinds> bench_kinds() {
  auto kinds = std::make_shared<graph::Kinds>();
  YARD_CHECK(graph::add_standard_kinds(*kinds));
  YARD_CHECK(kinds->add({.name = "Mix",
                         .summary = "1 + a + 2 b.",
                         .inputs = {{"a"}, {"b"}},
                         .outputs = {"y"},
                         .overloads = {graph::overload<Mix>()}}));
  return kinds;
}

// A graph in our world and in the loops.
class Case {
 public:
  Case(Shape made, DocumentOrder order, tickets::JournalLevel journal = tickets::JournalLevel::kOff)
      : shape(std::move(made)), pull(shape), push(shape), bits(shape) {
    std::vector<std::uint32_t> places;
    auto loaded = graph::World::load(to_document(shape, order, places), bench_kinds(), {.journal = journal});
    YARD_CHECK(loaded.has_value());
    world = *std::move(loaded);
    YARD_CHECK(world->settle());
    world->clear_outbox();
    for (std::uint32_t node = 0; node < shape.size(); ++node)
      if (shape.is_source(node)) {
        sources.push_back(*world->source(places[node]));
        source_nodes.push_back(node);
      }
    last = places.back();
  }

  void set_all(std::int64_t to) {
    for (const graph::Source& source : sources) world->set(source, graph::Cell(to));
    YARD_CHECK(world->settle());
  }

  Shape shape;
  PullSweep pull;
  PushSweep push;
  ReadyBits bits;
  std::unique_ptr<graph::World> world;
  std::vector<graph::Source> sources;
  std::vector<std::uint32_t> source_nodes;
  std::uint32_t last = 0;
  std::int64_t value = 1;
};

template <typename Work>
double ns_each(std::size_t times, std::size_t units, Work&& work) {
  work();  // warm
  const auto began = Clock::now();
  for (std::size_t i = 0; i < times; ++i) work();
  return std::chrono::duration<double, std::nano>(Clock::now() - began).count() / static_cast<double>(times * units);
}

template <typename Make>
auto shared_case(Make make) {
  return [slot = std::make_shared<std::unique_ptr<Case>>(), make]() -> Case& {
    if (!*slot) *slot = make();
    return **slot;
  };
}

Comparison full(const std::string& name, std::uint32_t count, Shape (*shape)(std::uint32_t)) {
  const auto of = shared_case([=] { return std::make_unique<Case>(shape(count), DocumentOrder::kAsIs); });
  const std::size_t times = std::max<std::size_t>(3, 3'000'000 / count);
  return {.name = "engine full " + name + " " + std::to_string(count),
          .reference_name = "better sweep by hand that detects change",
          .unit = "ns a node",
          .reach_for = 1.5,
          .smaller_is_better = true,
          .ours = [=] { return ns_each(times, count, [&] { of().set_all(of().value += 1); }); },
          .reference =
              [=] {
                Case& all = of();
                const double pulled = ns_each(times, count, [&] { all.pull.propagate(all.value += 1); });
                return std::min(pulled, ns_each(times, count, [&] { all.push.propagate(all.value += 1); }));
              }};
}

// A hundred nodes of a million: one source and the chain behind it.
Comparison sparse(const std::string& name, DocumentOrder order) {
  constexpr std::uint32_t kChain = 100;
  const auto of = shared_case([=] { return std::make_unique<Case>(chains(10'000, kChain - 1), order); });
  const auto next = std::make_shared<std::size_t>(0);
  constexpr std::size_t kTimes = 20'000;
  return {.name = "engine 100 of 1000000 " + name,
          .reference_name = "ready bits by hand, neighbouring ids",
          .unit = "ns an update",
          .reach_for = 1.3,
          .smaller_is_better = true,
          .ours =
              [=] {
                Case& all = of();
                return ns_each(kTimes, 1, [&] {
                  *next = (*next + 7919) % all.sources.size();
                  all.world->set(all.sources[*next], graph::Cell(all.value += 1));
                  YARD_CHECK(all.world->settle());
                });
              },
          .reference =
              [=] {
                Case& all = of();
                return ns_each(kTimes, 1, [&] {
                  *next = (*next + 7919) % all.sources.size();
                  all.bits.propagate(all.source_nodes[*next], all.value += 1);
                });
              }};
}

Comparison one_event() {
  const auto of = shared_case([] { return std::make_unique<Case>(chain(3), DocumentOrder::kAsIs); });
  constexpr std::size_t kTimes = 3'000'000;
  return {.name = "engine one event through two nodes",
          .reference_name = "ready bits by hand",
          .unit = "ns an event",
          .reach_for = 2,
          .smaller_is_better = true,
          .ours =
              [=] {
                Case& all = of();
                const graph::Source source = all.sources[0];
                std::int64_t value = all.value;
                const double ns = ns_each(kTimes, 1, [&] {
                  all.world->set(source, graph::Cell(value += 1));
                  (void)all.world->settle();
                });
                all.value = value;
                return ns;
              },
          .reference =
              [=] {
                Case& all = of();
                return ns_each(kTimes, 1, [&] { all.bits.propagate(0, all.value += 1); });
              }};
}

Comparison journaled() {
  const auto plain = shared_case([] { return std::make_unique<Case>(chains(1'000, 20), DocumentOrder::kAsIs); });
  const auto kept = shared_case(
      [] { return std::make_unique<Case>(chains(1'000, 20), DocumentOrder::kAsIs, tickets::JournalLevel::kCauses); });
  constexpr std::size_t kTimes = 200'000;
  const auto run = [](Case& all) {
    std::size_t next = 0;
    return ns_each(kTimes, 1, [&] {
      next = (next + 379) % all.sources.size();
      all.world->set(all.sources[next], graph::Cell(all.value += 1));
      YARD_CHECK(all.world->settle());
      if (all.world->journal_part().bytes.size() > 65'536) all.world->clear_outbox();
    });
  };
  return {.name = "engine causes journaled",
          .reference_name = "the same without a journal",
          .unit = "ns an update of 20 nodes",
          .reach_for = 1.25,
          .smaller_is_better = true,
          .ours = [=] { return run(kept()); },
          .reference = [=] { return run(plain()); }};
}

}  // namespace

std::vector<Comparison> engine_comparisons() {
  std::vector<Comparison> all;
  for (const std::uint32_t count : {1'000u, 100'000u, 1'000'000u}) {
    all.push_back(full("chain", count, chain));
    all.push_back(full("diamond", count, diamonds));
    all.push_back(full("fan", count, fan));
    all.push_back(full("layers", count, layers));
  }
  all.push_back(sparse("neighbours", DocumentOrder::kAsIs));
  all.push_back(sparse("shuffled", DocumentOrder::kShuffled));
  all.push_back(one_event());
  all.push_back(journaled());
  return all;
}

}  // namespace yard::bench

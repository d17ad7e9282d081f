// The image: order, runs, size, hash.
#include <algorithm>
#include <numeric>

#include "tests/engine/graph/rig.h"
#include "tests/support/graph_text.h"
#include "tests/support/seed.h"

namespace yard::graph {
namespace {

using testing::load;

std::string chains(std::uint32_t count, std::uint32_t length, bool from_one_source) {
  std::string nodes = R"({"id": "source", "type": "Value", "outputs": [{"id": "out", "type": "double"}]})";
  std::string connections;
  // Scattered over the document: the first node of each chain, then the second …
  for (std::uint32_t i = 0; i < length; ++i)
    for (std::uint32_t chain = 0; chain < count; ++chain) {
      const std::string id = std::to_string(chain) + "." + std::to_string(i);
      nodes += R"(,{"id": ")" + id + R"(", "type": "Round"})";
      if (i == 0 && !from_one_source) continue;
      connections += (connections.empty() ? "" : ",") + std::string(R"({"fromNode": ")") +
                     (i == 0 ? "source" : std::to_string(chain) + "." + std::to_string(i - 1)) +
                     R"(", "fromPort": "out", "toNode": ")" + id + R"(", "toPort": "x"})";
    }
  return R"({"nodes": [)" + nodes + R"(], "connections": [)" + connections + "]}";
}

TEST(GraphImage, DriversComeBeforeTheirReaders) {
  const std::uint64_t seed = test_seed();
  SCOPED_TRACE(seed);
  const auto image = load(layered_graph(2'000, 300, seed));
  ASSERT_TRUE(image);
  const Wiring wiring = image->wiring();
  for (std::uint32_t node = 0; node < image->node_count(); ++node)
    for (std::uint32_t i = wiring.in_first[node]; i < wiring.in_first[node + 1]; ++i)
      EXPECT_LT(wiring.drivers[i], wiring.out_cell[node]);
}

TEST(GraphImage, HandlesAndPlacesLeadToEachOther) {
  const auto image = load(layered_graph(1'000, 100, 7));
  for (const NodeDesc& node : image->get_nodes()) {
    EXPECT_EQ(image->handle_of(image->place_of(node.handle)), node.handle);
    EXPECT_EQ(image->cell_of(node.first_output), image->wiring().out_cell[image->place_of(node.handle)]);
  }
}

TEST(GraphImage, ReadersAreWhoReads) {
  const auto image = load(layered_graph(500, 50, 3));
  const Wiring wiring = image->wiring();
  std::size_t edges = 0;
  for (std::uint32_t cell = 0; cell < image->output_count(); ++cell) {
    EXPECT_TRUE(std::ranges::is_sorted(image->readers(cell)));
    for (const std::uint32_t reader : image->readers(cell)) {
      EXPECT_EQ(
          std::count(wiring.drivers + wiring.in_first[reader], wiring.drivers + wiring.in_first[reader + 1], cell) > 0,
          true);
      ++edges;
    }
  }
  EXPECT_EQ(edges, image->get_input_ports().size());
}

TEST(GraphImage, NodesOfAKernelRunTogether) {
  const auto image = load(layered_graph(10'000, 1'000, 1));
  EXPECT_LE(image->run_count(), 3u) << "two sources and the sums";
}

TEST(GraphImage, WhatIsConnectedLiesTogether) {
  for (const bool from_one_source : {false, true}) {
    const auto image = load(chains(200, 20, from_one_source));
    ASSERT_TRUE(image);
    for (std::uint32_t chain = 0; chain < 200; chain += 37) {
      const std::uint32_t first = image->place_of(image->find_node(std::to_string(chain) + ".0")->handle);
      for (std::uint32_t i = 1; i < 20; ++i)
        EXPECT_EQ(image->place_of(image->find_node(std::to_string(chain) + "." + std::to_string(i))->handle),
                  first + i);
    }
  }
}

TEST(GraphImage, TakesAtMost48BytesANodeWithItsEdges) {
  const std::uint64_t seed = test_seed();
  SCOPED_TRACE(seed);
  const auto image = load(layered_graph(100'000, 1'000, seed));
  ASSERT_TRUE(image);
  EXPECT_LE(static_cast<double>(image->bytes().structure) / 100'000, 48);
}

TEST(GraphImage, RunsDeepChainsWithoutRecursion) {
  testing::Rig rig(chains(1, 100'000, true));
  rig.put("source", 2.0);
  EXPECT_EQ(rig.wave(), 100'000u);
  EXPECT_EQ(rig.get<double>("0.99999"), 2);
}

TEST(GraphImage, GivesTheSameAsTheObviousOrder) {
  const std::uint64_t seed = test_seed();
  SCOPED_TRACE(seed);
  testing::Rig rig(layered_graph(300, 40, seed));
  const Image& image = rig.image();
  std::vector<double> values(300, 1.5);
  for (std::uint32_t node = 2; node < 300; ++node) {
    const std::uint32_t first = image.get_nodes()[node].first_input;
    values[node] = values[*image.driver_of(first)] + values[*image.driver_of(first + 1)];
  }
  for (const NodeDesc& node : image.get_nodes())
    EXPECT_EQ(rig.get<double>(image.id_of(node)), values[node.handle.value()]) << image.id_of(node);
}

}  // namespace
}  // namespace yard::graph

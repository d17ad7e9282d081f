// The four uses of the proposal, managed and fast.
#include <gtest/gtest.h>

#include "tests/engine/ports/agents.h"
#include "tests/engine/ports/uses/effect_router.h"
#include "tests/engine/ports/uses/list_blocks.h"
#include "tests/engine/ports/uses/observer_chain.h"
#include "tests/engine/ports/uses/selection.h"

namespace yard::ports::uses {
namespace {

using testing::add;
using testing::agent;
using testing::connect;
using testing::dispatch;
using testing::Source;

class PortUses : public ::testing::TestWithParam<bool> {
 protected:
  void compile() {
    if (GetParam()) network_.compile_graph();
  }
  Network network_;
};
INSTANTIATE_TEST_SUITE_P(Modes, PortUses, ::testing::Bool());

TEST_P(PortUses, ObserversHearInTheirOrderUntilTheyLeave) {
  const PortHandle clicks{add<Source>(network_), 0};
  const AgentHandle threshold = add<Threshold>(network_, 2.0);
  const AgentHandle scale = add<Scale>(network_, 10.0);
  const AgentHandle fanout = add<Fanout>(network_, 3u);
  const AgentHandle brief = add<Listener>(network_, 1u);
  const AgentHandle patient = add<Listener>(network_, 100u);
  connect(network_, clicks, {threshold, Threshold::kIn});
  connect(network_, {threshold, Threshold::kOut}, {scale, Scale::kIn});
  connect(network_, {scale, Scale::kOut}, {fanout, Fanout::kIn});
  connect(network_, {fanout, 1}, {brief, Listener::kIn});
  connect(network_, {fanout, 2}, {patient, Listener::kIn});
  compile();
  dispatch(network_, clicks, 1);
  dispatch(network_, clicks, 2);
  const AgentHandle late = add<Listener>(network_, 100u);
  connect(network_, {fanout, 3}, {late, Listener::kIn});
  dispatch(network_, clicks, 3.5);
  EXPECT_EQ(agent<Listener>(network_, brief).heard(), std::vector<double>{20});
  EXPECT_EQ(agent<Listener>(network_, patient).heard(), (std::vector<double>{20, 35}));
  EXPECT_EQ(agent<Listener>(network_, late).heard(), std::vector<double>{35});
}

TEST_P(PortUses, AnUpdateReachesItsBlockAloneAndRowsMove) {
  constexpr std::uint32_t kRows = 1'000;
  const PortHandle updates{add<Source>(network_), 0};
  const AgentHandle list = add<List>(network_, kRows);
  connect(network_, updates, {list, List::kUpdate});
  std::vector<AgentHandle> blocks;
  for (std::uint32_t row = 0; row < kRows; ++row) {
    blocks.push_back(add<Block>(network_));
    connect(network_, {list, List::port_of_row(row)}, {blocks.back(), Block::kEdit});
  }
  compile();
  const auto update = [&](std::int64_t row, std::string_view text) {
    const Bytes packed = pack_map([&](PackMap& map) { map.integer("row", row).string("text", text); });
    return dispatch(network_, updates, Payload::packed(PackView(packed)));
  };
  EXPECT_EQ(update(7, "seven").hops, 2u);
  EXPECT_EQ(network_.take_effects().size(), 1u);
  update(7, "seven");
  EXPECT_TRUE(network_.take_effects().empty());  // it shows that already
  EXPECT_EQ(update(kRows, "none").failed, 1u);

  connect(network_, {list, List::port_of_row(7)}, {blocks[8], Block::kEdit});
  connect(network_, {list, List::port_of_row(8)}, {blocks[7], Block::kEdit});
  update(7, "moved");
  EXPECT_EQ(agent<Block>(network_, blocks[8]).text(), "moved");
  EXPECT_EQ(agent<Block>(network_, blocks[7]).text(), "seven");
}

TEST_P(PortUses, OneItemIsSelectedAtATime) {
  std::vector<AgentHandle> items;
  std::vector<PortHandle> choose;
  for (std::int64_t i = 0; i < 5; ++i) {
    items.push_back(add<Item>(network_, i));
    choose.push_back({add<Source>(network_), 0});
    connect(network_, choose.back(), {items.back(), Item::kChoose});
  }
  const AgentHandle selection = add<Selection>(network_, items);
  for (std::uint32_t i = 0; i < items.size(); ++i)
    connect(network_, {items[i], Item::kChosen}, {selection, Selection::kFirstItem + i});
  compile();
  for (const std::size_t chosen : {1u, 4u, 4u, 0u, 1u, 2u}) {
    dispatch(network_, choose[chosen]);
    for (std::size_t i = 0; i < items.size(); ++i)
      EXPECT_EQ(agent<Item>(network_, items[i]).is_selected(), i == chosen) << i << " after " << chosen;
    EXPECT_EQ(network_.peer({selection, Selection::kSelected}), (PortHandle{items[chosen], Item::kState}));
    if (GetParam()) EXPECT_EQ(network_.optimize_port({selection, Selection::kSelected}), Reason::kNone);
  }
}

TEST_P(PortUses, EffectsAreRoutedByNameAndReceiptsComeBack) {
  const PortHandle wanted{add<Source>(network_), 0};
  const PortHandle receipts{add<Source>(network_), 0};
  const AgentHandle router = add<EffectRouter>(network_, std::vector<std::string>{"fetch", "log"});
  const AgentHandle fetch = add<Doer>(network_, "http");
  const AgentHandle log = add<Doer>(network_, "journal");
  connect(network_, wanted, {router, EffectRouter::kIn});
  connect(network_, network_.find_port(router, "fetch").value(), {fetch, Doer::kIn});
  connect(network_, network_.find_port(router, "log").value(), {log, Doer::kIn});
  connect(network_, receipts, {fetch, Doer::kReceipt});
  compile();
  const auto want = [&](std::string_view name) {
    const Bytes packed = pack_map([&](PackMap& map) { map.string("effect", name); });
    return dispatch(network_, wanted, Payload::packed(PackView(packed)));
  };
  want("fetch");
  want("log");
  want("fetch");
  EXPECT_EQ(want("dance").failed, 1u);
  std::vector<Bytes> channels;
  for (const Effect& effect : network_.take_effects()) channels.push_back(effect.channel);
  EXPECT_EQ(channels, (std::vector<Bytes>{"http", "journal", "http"}));
  dispatch(network_, receipts, true);
  EXPECT_EQ(agent<Doer>(network_, fetch).open(), 1);
  EXPECT_EQ(agent<Doer>(network_, fetch).done(), 1);
}

}  // namespace
}  // namespace yard::ports::uses

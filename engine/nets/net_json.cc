#include "engine/nets/net_json.h"

#include <nlohmann/json.hpp>

#include "engine/nets/print.h"

namespace yard::nets {

using nlohmann::json;

namespace {

std::string rule_text(const RuleBook& book, const Rule& rule) {
  return book.symbol(rule.left).name + " ~ " + book.symbol(rule.right).name;
}

}  // namespace

json value_json(const Derived& derived) {
  if (!derived.value()) return nullptr;
  return std::visit(
      [](const auto& value) {
        if constexpr (std::is_same_v<std::decay_t<decltype(value)>, graph::Text>)
          return json(value.view());
        else
          return json(value);
      },
      *derived.value());
}

std::string pair_text(const Network& network, const Stuck& pair) {
  return print_pair(network.state(), network.texts(), pair.left, pair.right) + ": " + pair.why;
}

json net_json(const Network& network, const Reduction& done) {
  const State& state = network.state();
  const PrintedNet printed = print_net(state, network.texts());
  json stuck = json::array();
  for (const Stuck& pair : state.stuck) stuck.push_back(pair_text(network, pair));
  json derived = json::object();
  for (const Derived& one : network.derived()) derived[one.spec().name] = value_json(one);
  json rules = json::array();
  for (const Rule& rule : state.book->rules()) {
    std::uint64_t count = 0;
    for (const Case& one : rule.cases) count += state.by_case[one.id];
    rules.push_back({{"rule", rule_text(*state.book, rule)}, {"interactions", count}});
  }
  return {{"normal", done.is_normal},
          {"interactions", state.interactions},
          {"agents", state.heap.live_count() - state.free.size()},
          {"pairs_left", state.queue.size()},
          {"net", printed.equations},
          {"rest", printed.rest},
          {"cut", printed.is_cut},
          {"stuck", std::move(stuck)},
          {"derived", std::move(derived)},
          {"rules", std::move(rules)},
          {"hash", to_hex(network.hash())}};
}

}  // namespace yard::nets

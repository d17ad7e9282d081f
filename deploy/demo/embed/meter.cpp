// A program with a graph in it: the one of deploy/demo/flow.json, without the engine.
//
//   switchyard graph compile deploy/demo/flow.json --namespace flow -o flow.h
//   c++ -std=c++20 -O2 -ffp-contract=off -I. deploy/demo/embed/meter.cpp -o meter && ./meter
//
// Turns a key, lets ten seconds go by in steps of a frame, and draws each level that leaves the graph.
#include <flow.h>

#include <cstdio>
#include <string>

namespace {

// Handles do not change as long as the document does not: find them once.
std::uint32_t find_output(const std::string& node) {
  for (const flow::PortDesc port : flow::NODEFLOW_PORTS)
    if (port.is_output && node == port.node_id) return port.handle;
  return UINT32_MAX;
}

void draw(flow::State& state) {
  for (const flow::Effect& effect : state.effects) {
    const double level = flow::Cell::from_bits(effect.bits).get<double>();
    std::printf("%6.1f s %.*s %5.1f %s\n", static_cast<double>(state.now_ns) * 1e-9,
                static_cast<int>(effect.channel.size()), effect.channel.data(), level,
                std::string(static_cast<std::size_t>(level), '#').c_str());
  }
  state.effects.clear();
}

}  // namespace

int main() {
  constexpr double kFrameMs = 100;
  static flow::State state;
  flow::nodeflow_init(&state);
  flow::nodeflow_step(&state);
  draw(state);
  if (!flow::nodeflow_set_input(find_output("key1"), 5.0, &state)) return 1;
  for (int frame = 0; frame < 100; ++frame) {
    flow::nodeflow_tick(kFrameMs, &state);
    draw(state);
  }
  std::printf("sum %.1f\n", flow::nodeflow_get_output(find_output("sum"), &state));
}

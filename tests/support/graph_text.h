// Documents of large graphs, as text.
#pragma once

#include <cstdint>
#include <string>

#include "engine/base/random.h"

namespace yard {

// `count` nodes that add two earlier ones each, none further back than `reach`, all ports declared: about 300 bytes a
// node. The first two are sources.
inline std::string layered_graph(std::uint32_t count, std::uint32_t reach, std::uint64_t seed) {
  SeededRandom random(seed);
  std::string nodes;
  std::string connections;
  const auto connect = [&](std::uint32_t from, std::uint32_t to, const char* port) {
    connections += (connections.empty() ? "\n    " : ",\n    ") + std::string("{\"fromNode\": \"node") +
                   std::to_string(from) + "\", \"fromPort\": \"out1\", \"toNode\": \"node" + std::to_string(to) +
                   "\", \"toPort\": \"" + port + "\"}";
  };
  for (std::uint32_t i = 0; i < count; ++i) {
    nodes += (i == 0 ? "\n    " : ",\n    ") + std::string("{\"id\": \"node") + std::to_string(i);
    if (i < 2) {
      nodes += R"(", "type": "Value", "inputs": [], "outputs": [{"id": "out1", "type": "double"}],)"
               R"( "parameters": {"value": 1.5}})";
      continue;
    }
    nodes += R"(", "type": "Add", "inputs": [{"id": "in1", "type": "double"}, {"id": "in2", "type": "double"}],)"
             R"( "outputs": [{"id": "out1", "type": "double"}], "parameters": {}})";
    const std::uint32_t furthest = i < reach ? i : reach;
    connect(i - 1 - static_cast<std::uint32_t>(random.next() % furthest), i, "in1");
    connect(i - 1 - static_cast<std::uint32_t>(random.next() % furthest), i, "in2");
  }
  return "{\n  \"nodes\": [" + nodes + "],\n  \"connections\": [" + connections + "]\n}\n";
}

}  // namespace yard

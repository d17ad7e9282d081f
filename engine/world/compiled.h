// CompiledNodes: a graph's nodes as code that was made for them, which waves may run instead of kernels.
#pragma once

#include <cstdint>
#include <span>

#include "engine/base/hash.h"
#include "engine/graph/frame.h"

namespace yard::graph {

// Marks the first output of a node that has to run whatever its inputs say. Who runs the node takes it away.
inline constexpr Mark kForced = 8;

// Threads: one.
class CompiledNodes {
 public:
  // Places [first, end), in their order.
  struct Chunk {
    std::uint32_t first = 0;
    std::uint32_t end = 0;
  };

  virtual ~CompiledNodes() = default;
  // Of the graph that it was made for.
  [[nodiscard]] virtual const Hash128& graph_hash() const = 0;
  // All places, rising. A cycle is a chunk of its own, which is not asked for.
  [[nodiscard]] virtual std::span<const Chunk> chunks() const = 0;
  // Runs those of a chunk's nodes that an input has changed for or that are forced, in the order of their places.
  // `ran` counts; the host finds it at the number of nodes before. Returns whether an output has changed.
  virtual bool run(std::uint32_t chunk, const Frame& frame, std::uint32_t& ran) = 0;
};

}  // namespace yard::graph

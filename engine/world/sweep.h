// Sweep: the dense way, over stretches of nodes by the loops of their kernels.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "engine/graph/image.h"

namespace yard::graph {

// Goes over the live nodes of an image in the order of their places and runs those that an input has changed for.
//
// Threads: run() any, on ranges that do not read each other's outputs; all else: one.
class Sweep {
 public:
  // A stretch of live nodes of one kernel.
  struct Segment {
    std::uint32_t first = 0;
    std::uint32_t count = 0;
    const Kernel* kernel = nullptr;
  };

  // `live` has a bit a place. Nodes in cycles are left out.
  void find_segments(const Image& image, const std::vector<std::uint64_t>& live);

  // Runs places [from, to), those of `forced`, which rises, whatever their inputs say. `ran` counts; kernels that ask
  // their host for something find it at the number of nodes before them.
  void run(const Frame& frame, std::uint32_t from, std::uint32_t to, std::span<const std::uint32_t> forced,
           std::uint32_t& ran) const;

  [[nodiscard]] std::span<const Segment> segments() const { return segments_; }

 private:
  std::vector<Segment> segments_;
};

}  // namespace yard::graph

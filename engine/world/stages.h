// Stages: a sweep on several workers, committed in the order of places.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "engine/tickets/pipeline.h"
#include "engine/world/sweep.h"

namespace yard::graph {

// A stage is a range of places, cut into units that do not read each other's outputs: chains beside each other, or
// nodes of one depth. Workers run units; what these ask of the host is kept and told in order when a unit is committed,
// so that nobody can see how many workers there were.
//
// Threads: one.
class Stages {
 public:
  // All must outlive it. Images with cycles are not for it.
  Stages(const Image& image, Cells& cells, Host& host, tickets::WorkerPool& pool);
  ~Stages();
  Stages(const Stages&) = delete;
  Stages& operator=(const Stages&) = delete;

  // Runs all of `sweep`. `ran` counts in the order of commit: the host finds it at the number of nodes before.
  void run(const Sweep& sweep, std::span<const std::uint32_t> forced, std::int64_t now_ns, std::uint32_t& ran);

 private:
  struct Stage {
    std::uint32_t first_unit = 0;  // in units_
    std::uint32_t count = 0;
    tickets::UnitCost cost;
  };
  struct Unit {
    std::uint32_t first = 0;  // places
    std::uint32_t end = 0;
  };
  class UnitHost;

  void find_stages(const Image& image);
  void add_stage(const std::vector<std::uint32_t>& blocks, std::uint32_t end);

  Cells& cells_;
  Host& host_;
  Wiring wiring_;
  tickets::WorkerPool& pool_;
  std::vector<Stage> stages_;
  std::vector<Unit> units_;
  std::vector<std::unique_ptr<UnitHost>> hosts_;  // one a unit of the widest stage
};

}  // namespace yard::graph

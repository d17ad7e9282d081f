// UnitCost: what the units of a stage cost, as far as it is known, and what follows for who does them.
#pragma once

#include <cstdint>

#include "engine/base/clock.h"

namespace yard::tickets {

// Kept from run to run by whoever runs the same kind of units again. Time decides here when and where a unit is
// computed and never what comes of it, so nothing of this is part of a state or a journal.
//
// A look is a run that is measured. Sharing that turned out to be slower than the caller alone is given up for a
// number of runs, which doubles as long as it stays so: cores can be busy with other things.
//
// Threads: one.
class UnitCost {
 public:
  // Units that a worker should claim at once, in a run of `count` on `workers`; 0: the caller is better off alone.
  [[nodiscard]] std::uint32_t claim(std::uint32_t count, unsigned workers);

  // Whether this run is to be measured: the first, and every kRunsPerLook-th.
  [[nodiscard]] bool look();

  // How many units to time for a fair picture.
  [[nodiscard]] std::uint32_t sample() const;

  // `units` took `time`, computed and committed by the caller alone.
  void record_alone(std::uint32_t units, Nanos time);

  // The same for a run that was shared.
  void record_shared(std::uint32_t units, Nanos time);

  // What `count` units cost the caller alone.
  [[nodiscard]] Nanos estimate(std::uint32_t count) const;

 private:
  double alone_ns_ = 0;  // a unit; 0: unknown
  std::uint32_t runs_to_look_ = 0;
  std::uint32_t runs_alone_ = 0;  // left to do without sharing
  std::uint32_t penalty_ = 0;     // how many those were the last time
};

}  // namespace yard::tickets

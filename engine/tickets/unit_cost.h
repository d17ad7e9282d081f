// UnitCost: what the units of a stage cost, as far as it is known, and what follows for who does them.
#pragma once

#include <cstdint>

#include "engine/base/clock.h"

namespace yard::tickets {

// Kept from run to run by whoever runs the same kind of units again. Time decides here when and where a unit is
// computed and never what comes of it, so nothing of this is part of a state or a journal.
//
// A look is a run of which some units are timed alone. Shared runs are timed as a whole: where they lost more than they
// won lately, runs are done alone until the loss is a twentieth of them. Cores can be busy with other things, and a
// helper that is kept from its claim keeps the committer waiting.
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
  double won_ns_ = 0;    // by sharing, lately
  std::uint32_t runs_to_look_ = 0;
  std::uint32_t runs_alone_ = 0;  // left to do without sharing
};

}  // namespace yard::tickets

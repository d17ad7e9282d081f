// What a scheduler gets from outside: costs, and the decisions that follow from them.
#pragma once

#include <vector>

#include "engine/base/clock.h"
#include "engine/base/error.h"
#include "engine/reactive/graph.h"

namespace yard::reactive {

// Tells what running costs: read before and after each run. The host's has a clock, a test's what it likes.
class CostMeter {
 public:
  virtual ~CostMeter() = default;
  [[nodiscard]] virtual Nanos now() = 0;
};

// How long an effect is to be debounced because it is slow.
struct Decision {
  NodeRef action;
  std::uint64_t run = 0;  // after its how-manieth run
  Nanos debounce{0};
  bool operator==(const Decision&) const = default;
};

// Costs differ from machine to machine, so what follows from them is a cause, to be kept with the others. Asked after
// every run of an effect that could be debounced for its cost.
class DecisionLog {
 public:
  virtual ~DecisionLog() = default;
  // What holds: the proposal when it is new, whatever was decided then in a replay.
  [[nodiscard]] virtual Nanos decide(const Decision& proposed) = 0;
};

// Decisions in memory. Those that it is given hold, whatever is proposed; with none it records.
class RecordedDecisions final : public DecisionLog {
 public:
  RecordedDecisions() = default;
  explicit RecordedDecisions(std::vector<Decision> replayed) : decisions_(std::move(replayed)), replays_(true) {}

  [[nodiscard]] Nanos decide(const Decision& proposed) override;
  [[nodiscard]] const std::vector<Decision>& decisions() const { return decisions_; }

 private:
  std::vector<Decision> decisions_;  // in their order; one an effect at most
  std::size_t next_ = 0;
  bool replays_ = false;
};

enum class ProblemKind : std::uint8_t {
  kEffectFailed,   // an effect or a handler failed; the next change runs it again
  kCycleLimit,     // it did not come to rest within the limit; it keeps its last value and is tried again later
  kNotIdempotent,  // run twice on the same inputs it did something else
};

// What somebody should know, and nobody reads as a value.
struct Problem {
  ProblemKind kind = ProblemKind::kEffectFailed;
  NodeRef node;
  Error error;
};

}  // namespace yard::reactive

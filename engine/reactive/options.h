// How a scheduler, and each action, is to behave.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "engine/reactive/seams.h"

namespace yard::reactive {

enum class Cycles : std::uint8_t {
  kReject,   // a computation that depends on itself fails, and so does what reads it
  kIterate,  // it is run again until its value rests
};

struct SchedulerOptions {
  bool pull_mode = true;  // false: every computation is live
  Cycles cycles = Cycles::kReject;
  // Of a cycle, and of an effect in one settle: what has not come to rest by then rarely does.
  std::uint32_t iterations_max = 20;
  // A cycle whose members cost more in sum runs once a settle, so that others get their turn: a frame at 60 Hz.
  Nanos slow_cycle = Millis(16);
  bool auto_debounce = true;         // of effects, by their cost: needs a meter, or a log to replay
  bool check_idempotence = false;    // run every computation twice and report who differs
  CostMeter* meter = nullptr;        // borrowed; none: nothing is measured, no cycle is slow unless declared
  DecisionLog* decisions = nullptr;  // borrowed; none: what is proposed holds
  std::function<void(const Problem&)> on_problem = {};  // must not touch the scheduler
};

struct ActionOptions {
  bool is_effect = false;
  bool schedule_immediately = false;  // run at the next settle; otherwise when a declared read changes
  Nanos debounce{0};
  Nanos throttle{0};
  Nanos cost{0};  // of one run, where it is known beforehand; it holds instead of what is measured
  bool auto_debounce = true;
  std::string name = {};
};

// Nodes that an action reads and writes.
struct ReactivityLog {
  std::vector<NodeRef> reads = {};   // until its first run tells
  std::vector<NodeRef> writes = {};  // all that a computation may write; an effect may write anything
};

}  // namespace yard::reactive

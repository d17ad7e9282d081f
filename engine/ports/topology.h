// Topology: which agents there are, and which ports are connected.
#pragma once

#include <memory>
#include <span>
#include <utility>
#include <vector>

#include "engine/base/check.h"
#include "engine/base/result.h"
#include "engine/ports/agent.h"
#include "engine/ports/trace.h"

namespace yard::ports {

// Connections go both ways and have two ends: a port has one peer at most. A change takes the compiled form of what it
// touches away at once.
//
// Threads: one.
class Topology {
 public:
  struct Slot {
    std::unique_ptr<FastAgent> agent;
    std::span<const PortSpec> specs;
    std::uint32_t generation = 1;  // of the agent, or of the next one
  };

  // Errors: kTooLarge (no room for one more, or too many ports).
  [[nodiscard]] Result<AgentHandle> add(std::unique_ptr<FastAgent> agent);
  // Errors, here and below: kNotFound (no such agent or port; it may have been removed).
  [[nodiscard]] Status remove(AgentHandle agent);
  // Both are disconnected first. Errors: kInvalidArguments (a port and itself).
  [[nodiscard]] Status connect(PortHandle a, PortHandle b);
  // Errors: kConflict (it is not connected).
  [[nodiscard]] Status disconnect(PortHandle port);

  // nullptr: there is none.
  [[nodiscard]] const Slot* find(AgentHandle agent) const {
    if (agent.index >= slots_.size()) return nullptr;
    const Slot& slot = slots_.data()[agent.index];
    return slot.generation == agent.generation && slot.agent != nullptr ? &slot : nullptr;
  }
  [[nodiscard]] HybridPort* find(PortHandle port) const;
  [[nodiscard]] const PortSpec& spec(PortHandle port) const { return find(port.agent)->specs[port.port]; }

  // By place; some are empty.
  [[nodiscard]] const std::vector<Slot>& slots() const { return slots_; }
  // Places that are to be used again, the last one first.
  [[nodiscard]] const std::vector<std::uint32_t>& free_slots() const { return free_; }

  // The compiled form of a port holds as long as this is its epoch.
  [[nodiscard]] std::uint64_t epoch() const { return epoch_; }
  // Takes the compiled forms of all ports away.
  void start_epoch() { ++epoch_; }
  // Takes that of `port` away.
  void release(PortHandle port);
  // What changes have taken away since the last call.
  [[nodiscard]] std::vector<PortHandle> take_deoptimized() { return std::exchange(deoptimized_, {}); }
  [[nodiscard]] bool has_deoptimized() const { return !deoptimized_.empty(); }

 private:
  [[nodiscard]] Status check(PortHandle port) const;
  void join(PortHandle port, PortHandle peer);
  void cut(PortHandle port);

  std::vector<Slot> slots_;
  std::vector<std::uint32_t> free_;
  std::size_t port_count_ = 0;
  std::uint64_t epoch_ = 1;
  std::vector<PortHandle> deoptimized_;
};

}  // namespace yard::ports

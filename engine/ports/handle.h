// Handles of agents and ports.
#pragma once

#include <compare>
#include <cstdint>

namespace yard::ports {

// A place in a network and whose it is now: places are used again, with the next generation, so that a handle of an
// agent that was removed never means another one. Generation 0: none.
struct AgentHandle {
  std::uint32_t index = 0;
  std::uint32_t generation = 0;

  explicit operator bool() const { return generation != 0; }
  auto operator<=>(const AgentHandle&) const = default;
};

// A port, by its place among its agent's.
struct PortHandle {
  AgentHandle agent;
  std::uint32_t port = 0;

  explicit operator bool() const { return static_cast<bool>(agent); }
  auto operator<=>(const PortHandle&) const = default;
};

}  // namespace yard::ports

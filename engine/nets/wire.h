// A wire's end: an agent and one of its ports, in 32 bits.
#pragma once

#include <cstdint>

namespace yard::nets {

using AgentId = std::uint32_t;   // a place in the heap, used again when its agent is gone
using SymbolId = std::uint16_t;  // an agent's type

// agent << 4 | slot. Slot 0 is the principal port.
using Wire = std::uint32_t;

constexpr Wire make_wire(AgentId agent, std::uint32_t slot) { return agent << 4 | slot; }
constexpr AgentId agent_of(Wire wire) { return wire >> 4; }
constexpr std::uint32_t slot_of(Wire wire) { return wire & 15; }

// Agent 0 is no agent: what is connected to its slot 0 is connected to nothing. It can be written to like any other,
// which spares the loops a branch.
inline constexpr Wire kNowhere = 0;

inline constexpr SymbolId kNothing = 0;    // no agent here
inline constexpr SymbolId kFree = 1;       // stands at the end of a free wire; never part of a rule
inline constexpr SymbolId kFirstUsed = 2;  // by documents

}  // namespace yard::nets

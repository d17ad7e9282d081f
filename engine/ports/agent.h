// Agents and their ports.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string_view>

#include "engine/ports/handle.h"
#include "engine/ports/payload.h"

namespace yard::ports {

class FastAgent;
class Ticket;
class Trace;

struct HybridPort;

// The compiled entry of a port: runs a handler of `agent`, which has these `ports`. It may call `left` other handlers,
// one behind the other, and returns how many calls are left then. Everything is in registers, and the next agent one
// load away. handlers.h makes them.
using Handler = std::uint64_t (*)(FastAgent& agent, HybridPort* ports, Payload payload, Ticket& ticket,
                                  std::uint64_t left);

inline constexpr std::uint32_t kNoPort = UINT32_MAX;
inline constexpr std::uint32_t kPortsMax = 65'536;  // of one agent: the widest fan-out

// What an agent says of one of its ports.
struct PortSpec {
  std::string_view name;
  Handler handler = nullptr;    // none: what arrives here is counted and goes no further
  bool is_boundary = false;     // hops from and to it are never calls
  std::uint32_t out = kNoPort;  // where the handler's result leaves, if it has one
};

// The other end of a connection, ready to be called. Handlers may do so in one epoch of the network only.
struct FastPort {
  Handler handler = nullptr;  // none: the peer's port has none, or there is no peer
  FastAgent* agent = nullptr;
  HybridPort* ports = nullptr;  // the agent's
  std::uint64_t epoch = 0;      // 0: it is left to the scheduler
};

// A port of an agent in a network. The peer's handle is the truth, from which `fast` is made; both are there as long
// as the connection is.
struct HybridPort {
  FastPort fast;
  PortHandle peer;
  Trace* tap = nullptr;  // sees what leaves here

  void optimize(std::uint64_t epoch) { fast.epoch = epoch; }
  void deoptimize() { fast.epoch = 0; }
};

// Something with ports. Its handlers run when a payload arrives; what it emits leaves by its ports.
//
//   class Counter final : public FastAgent {
//    public:
//     enum Ports : std::uint32_t { kIn, kOut };
//     std::int64_t count(std::int64_t by) { return total_ += by; }
//     std::string_view type() const override { return "Counter"; }
//     std::span<const PortSpec> ports() const override {
//       static constexpr std::array kPorts{relayed<&Counter::count, kOut>("in"), port("out")};
//       return kPorts;
//     }
//     void save(PackWriter& out) const override { out.integer(total_); }
//    …
//   };
//
// A handler must be a function of its agent's state and the payload, or modes and replays would differ.
//
// Threads: the network's.
class FastAgent {
 public:
  FastAgent() = default;
  FastAgent(const FastAgent&) = delete;
  FastAgent& operator=(const FastAgent&) = delete;
  virtual ~FastAgent() = default;

  [[nodiscard]] virtual std::string_view type() const = 0;
  // The same each time, as long as the agent lives; at most kPortsMax.
  [[nodiscard]] virtual std::span<const PortSpec> ports() const = 0;
  // Writes the agent's state: exactly one value.
  virtual void save(PackWriter& out) const { out.nil(); }

  [[nodiscard]] bool has_port(std::uint32_t place) const { return place < port_count_; }
  // Who it is in its network; none before it was added.
  [[nodiscard]] AgentHandle handle() const { return handle_; }
  // One of its own ports.
  [[nodiscard]] PortHandle port_handle(std::uint32_t place) const { return {handle_, place}; }

 private:
  friend class Topology;

  AgentHandle handle_;
  std::uint32_t port_count_ = 0;
  std::unique_ptr<HybridPort[]> hybrid_ports_;
};

}  // namespace yard::ports

// NetworkBridge: from a network to somewhere else, and back in.
#pragma once

#include "engine/ports/handlers.h"
#include "engine/ports/network.h"
#include "engine/ports/waiting.h"

namespace yard::ports {

// Ends a ticket: what arrives is kept, in canonical form, until the host has it delivered, when each payload begins a
// ticket of its own elsewhere. A full bridge refuses: the hop has failed.
//
//   one network ─► bridge ┆ deliver() ─► another network, or a world
class NetworkBridge final : public FastAgent {
 public:
  enum Ports : std::uint32_t { kIn };

  explicit NetworkBridge(Target target) : target_(std::move(target)) {}

  // Returns how many payloads have been delivered. Errors: the target's; what it refuses waits, as does all behind it.
  [[nodiscard]] Result<std::size_t> deliver() { return waiting_.deliver(target_); }
  [[nodiscard]] std::size_t waiting() const { return waiting_.all().size(); }

  Status take(Payload payload, Hop& hop);

  [[nodiscard]] std::string_view type() const override { return "NetworkBridge"; }
  [[nodiscard]] std::span<const PortSpec> ports() const override;
  // What waits.
  void save(PackWriter& out) const override;

 private:
  Target target_;
  Waiting waiting_;
};

// Where payloads come in: the hop from its port is managed, whatever is optimised behind it.
class BridgeExit final : public FastAgent {
 public:
  enum Ports : std::uint32_t { kOut };

  [[nodiscard]] std::string_view type() const override { return "BridgeExit"; }
  [[nodiscard]] std::span<const PortSpec> ports() const override;
};

// Each payload becomes a ticket of `network`, which must outlive it, and leaves by `port`, a BridgeExit's.
[[nodiscard]] Target into_network(Network& network, PortHandle port);

}  // namespace yard::ports

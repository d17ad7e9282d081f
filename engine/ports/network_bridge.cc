#include "engine/ports/network_bridge.h"

#include <array>

namespace yard::ports {

Status NetworkBridge::take(Payload payload, Hop& /*hop*/) { return waiting_.push(canonical_pack(payload)); }

std::span<const PortSpec> NetworkBridge::ports() const {
  static constexpr std::array kPorts{boundary(handled<&NetworkBridge::take>("in"))};
  return kPorts;
}

void NetworkBridge::save(PackWriter& out) const {
  out.array(static_cast<std::uint32_t>(waiting_.all().size()));
  for (const Bytes& bytes : waiting_.all()) out.raw(bytes);
}

std::span<const PortSpec> BridgeExit::ports() const {
  static constexpr std::array kPorts{boundary(port("out"))};
  return kPorts;
}

Target into_network(Network& network, PortHandle port) {
  return [&network, port](Payload payload) -> Status {
    YARD_TRY_STATUS(network.dispatch(port, payload));
    return {};
  };
}

}  // namespace yard::ports

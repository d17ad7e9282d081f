// Fast nets: a network whose connections are calls from the beginning, under the names of the proposal.
#pragma once

#include <memory>

#include "engine/ports/network.h"

namespace yard::ports {

[[nodiscard]] inline std::unique_ptr<Network> create_fast_net(const NetworkOptions& options = {}) {
  return std::make_unique<Network>(options);
}

// Connects the two, and optimises both directions where that is possible: is_optimized() tells.
//
// Errors: Network::connect()'s; kConflict (a ticket is running, and its graph is frozen).
inline Status connect_fast(Network& net, PortHandle a, PortHandle b) {
  if (net.is_running()) return fail(ErrorCode::kConflict, "a ticket is running: connect() takes effect behind it");
  YARD_TRY_STATUS(net.connect(a, b));
  net.optimize_port(a);
  net.optimize_port(b);
  return {};
}

// One ticket, as Network::dispatch().
inline Result<Dispatched> emit_fast(Network& net, PortHandle port, Payload payload = {}) {
  return net.dispatch(port, payload);
}

}  // namespace yard::ports

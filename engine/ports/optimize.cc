// Which ports call their neighbours, and why others do not.
#include "engine/base/check.h"
#include "engine/ports/network.h"

namespace yard::ports {

Optimized Network::optimize_ports(const OptimizeOptions& options) {
  Optimized done;
  for (const Topology::Slot& slot : topology_.slots()) {
    if (slot.agent == nullptr) continue;
    for (std::uint32_t place = 0; place < slot.specs.size(); ++place) {
      const PortHandle port = slot.agent->port_handle(place);
      const bool matches = !options.filter || options.filter(port);
      if (options.mode == Mode::kManaged ? matches : options.mode == Mode::kHybrid && !matches)
        topology_.find(port)->deoptimize();
      if (!matches || options.mode == Mode::kManaged) continue;
      const Reason reason = optimize_port(port);
      if (reason == Reason::kNone)
        ++done.ports;
      else
        done.refusals.push_back({port, reason});
    }
  }
  return done;
}

Reason Network::optimize_port(PortHandle port) {
  const Reason reason = why_managed(port);
  if (reason != Reason::kNotAsked) return reason;
  topology_.find(port)->optimize(topology_.epoch());
  return Reason::kNone;
}

Reason Network::why_managed(PortHandle port) const {
  const HybridPort* found = topology_.find(port);
  return found == nullptr ? Reason::kUnconnected : why_not(*found, port);
}

Reason Network::why_not(const HybridPort& port, PortHandle handle) const {
  if (is_forced_) return Reason::kForced;
  if (!port.peer) return Reason::kUnconnected;
  if (port.tap != nullptr) return Reason::kTap;
  if (topology_.spec(handle).is_boundary || topology_.spec(port.peer).is_boundary) return Reason::kBoundary;
  if (topology_.spec(port.peer).handler == nullptr) return Reason::kNoHandler;
  return port.fast.epoch == topology_.epoch() ? Reason::kNone : Reason::kNotAsked;
}

Status Network::set_tap(PortHandle port, Trace* tap) {
  HybridPort* found = topology_.find(port);
  if (found == nullptr) return fail(ErrorCode::kNotFound, "there is no such port");
  topology_.release(port);
  found->tap = tap;
  tell_deoptimized();
  return {};
}

}  // namespace yard::ports

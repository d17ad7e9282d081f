#include "engine/ports/topology.h"

#include <algorithm>
#include <string>

#include "engine/base/check.h"
#include "engine/ports/limits.h"

namespace yard::ports {
namespace {

std::string text_of(AgentHandle agent) {
  return std::to_string(agent.index) + " (generation " + std::to_string(agent.generation) + ")";
}

std::unexpected<Error> unknown(AgentHandle agent) {
  return fail(ErrorCode::kNotFound, "there is no agent " + text_of(agent) + "; it may have been removed");
}

}  // namespace

Result<AgentHandle> Topology::add(std::unique_ptr<FastAgent> agent) {
  YARD_CHECK(agent != nullptr && !agent->handle_);
  const std::span<const PortSpec> specs = agent->ports();
  if (specs.size() > kPortsMax)
    return fail(ErrorCode::kTooLarge, "an agent has at most " + std::to_string(kPortsMax) + " ports");
  const bool is_full = free_.empty() && slots_.size() >= kNetworkAgentsMax;
  if (is_full || port_count_ + specs.size() > kNetworkPortsMax)
    return fail(ErrorCode::kTooLarge, "the network has no room for another agent");
  YARD_CHECK(
      std::ranges::all_of(specs, [&](const PortSpec& spec) { return spec.out == kNoPort || spec.out < specs.size(); }));

  if (free_.empty()) {
    free_.push_back(static_cast<std::uint32_t>(slots_.size()));
    slots_.emplace_back();
  }
  const std::uint32_t index = free_.back();
  free_.pop_back();
  Slot& slot = slots_[index];
  agent->handle_ = {index, slot.generation};
  agent->port_count_ = static_cast<std::uint32_t>(specs.size());
  agent->hybrid_ports_ = std::make_unique<HybridPort[]>(specs.size());
  slot.specs = specs;
  slot.agent = std::move(agent);
  port_count_ += specs.size();
  return AgentHandle{index, slot.generation};
}

Status Topology::remove(AgentHandle agent) {
  if (find(agent) == nullptr) return unknown(agent);
  Slot& slot = slots_[agent.index];
  for (std::uint32_t port = 0; port < slot.specs.size(); ++port) cut({agent, port});
  port_count_ -= slot.specs.size();
  slot.specs = {};
  const std::unique_ptr<FastAgent> last = std::move(slot.agent);
  // A place whose generations are used up stays empty.
  if (++slot.generation != 0) free_.push_back(agent.index);
  return {};
}

Status Topology::connect(PortHandle a, PortHandle b) {
  YARD_TRY_STATUS(check(a));
  YARD_TRY_STATUS(check(b));
  if (a == b) return fail(ErrorCode::kInvalidArguments, "a port cannot be connected to itself");
  cut(a);
  cut(b);
  join(a, b);
  join(b, a);
  return {};
}

Status Topology::disconnect(PortHandle port) {
  YARD_TRY_STATUS(check(port));
  if (!find(port)->peer) return fail(ErrorCode::kConflict, "the port is not connected");
  cut(port);
  return {};
}

HybridPort* Topology::find(PortHandle port) const {
  const Slot* slot = find(port.agent);
  return slot != nullptr && port.port < slot->specs.size() ? &slot->agent->hybrid_ports_[port.port] : nullptr;
}

void Topology::release(PortHandle port) {
  HybridPort& released = *find(port);
  if (released.fast.epoch == epoch_) deoptimized_.push_back(port);
  released.deoptimize();
}

Status Topology::check(PortHandle port) const {
  if (find(port.agent) == nullptr) return unknown(port.agent);
  if (find(port) != nullptr) return {};
  return fail(ErrorCode::kNotFound, "agent " + text_of(port.agent) + " has no port " + std::to_string(port.port));
}

void Topology::join(PortHandle port, PortHandle peer) {
  HybridPort& joined = *find(port);
  const Slot& target = *find(peer.agent);
  joined.peer = peer;
  joined.fast = {target.specs[peer.port].handler, target.agent.get(), target.agent->hybrid_ports_.get()};
}

void Topology::cut(PortHandle port) {
  const PortHandle peer = find(port)->peer;
  if (!peer) return;
  for (const PortHandle end : {port, peer}) {
    release(end);
    find(end)->peer = {};
    find(end)->fast = {};
  }
}

}  // namespace yard::ports

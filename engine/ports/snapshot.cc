// The bytes of a network.
#include "engine/base/check.h"
#include "engine/ports/network.h"

namespace yard::ports {
namespace {

constexpr std::int64_t kVersion = 1;

void append(PackArray& out, const Topology& topology, const Topology::Slot& slot) {
  out.integer(slot.generation);
  if (slot.agent == nullptr) return;
  out.string(slot.agent->type());
  PackArray peers = out.array();
  for (std::uint32_t place = 0; place < slot.specs.size(); ++place) {
    const PortHandle peer = topology.find(slot.agent->port_handle(place))->peer;
    PackArray named = peers.array();
    if (peer) named.integer(peer.agent.index).integer(peer.port);
  }
}

void append(PackArray& out, const FastAgent& agent) {
  Bytes state;
  PackWriter writer(state);
  agent.save(writer);
  out.raw(state);
}

}  // namespace

Bytes Network::snapshot() const {
  YARD_CHECK(!is_running_);
  Bytes bytes;
  PackWriter writer(bytes);
  {
    PackArray all(writer);
    all.integer(kVersion).integer(static_cast<std::int64_t>(next_event_id_));
    {
      PackArray free = all.array();
      for (const std::uint32_t index : topology_.free_slots()) free.integer(index);
    }
    for (const Topology::Slot& slot : topology_.slots()) {
      PackArray agent = all.array();
      append(agent, topology_, slot);
      if (slot.agent != nullptr) append(agent, *slot.agent);
    }
  }
  return bytes;
}

}  // namespace yard::ports

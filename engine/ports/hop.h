// Hop: what a handler can do.
#pragma once

#include "engine/ports/ticket.h"

namespace yard::ports {

// Made for one run of a handler.
class Hop {
 public:
  Hop(Ticket& ticket, HybridPort* ports) : ticket_(ticket), ports_(ports) {}
  Hop(const Hop&) = delete;
  Hop& operator=(const Hop&) = delete;

  // `payload` leaves by the agent's port `port` after the handler has returned: depth-first, in the order of emission.
  // Its bytes must live until then, and until the ticket ends: those that the handler makes are kept first.
  void emit(std::uint32_t port, Payload payload = {}) { ticket_.emit(ports_[port], payload); }
  // The same payload with its bytes copied to where they live until the ticket ends.
  [[nodiscard]] Payload keep(Payload payload) { return ticket_.keep(payload); }
  // `payload` leaves the network; Network::take_effects() gives it to the host.
  void effect(std::string_view channel, Payload payload) { ticket_.effect(channel, payload); }

  // Structure that is changed here is changed when the ticket ends.
  [[nodiscard]] Network& network() { return ticket_.network(); }
  [[nodiscard]] std::uint64_t event_id() const { return ticket_.event_id(); }

 private:
  Ticket& ticket_;
  HybridPort* ports_;  // of the agent
};

}  // namespace yard::ports

// Hop: what a handler can do.
#pragma once

#include "engine/base/check.h"
#include "engine/ports/ticket.h"

namespace yard::ports {

// Made for one run of a handler.
class Hop {
 public:
  // `ports` are those of `agent`.
  Hop(Ticket& ticket, const FastAgent& agent, HybridPort* ports) : ticket_(ticket), agent_(agent), ports_(ports) {}
  Hop(const Hop&) = delete;
  Hop& operator=(const Hop&) = delete;

  // `payload` leaves by the agent's port `port` after the handler has returned: depth-first, in the order of emission.
  // Its bytes must live until then, and until the ticket ends: those that the handler makes are kept first.
  void emit(std::uint32_t port, Payload payload = {}) {
    YARD_CHECK(agent_.has_port(port));
    if (first_ != nullptr) return ticket_.emit(ports_[port], payload);
    first_ = &ports_[port];
    first_payload_ = payload;
  }
  // The same payload with its bytes copied to where they live until the ticket ends.
  [[nodiscard]] Payload keep(Payload payload) { return ticket_.keep(payload); }
  // `payload` leaves the network; Network::take_effects() gives it to the host.
  void effect(std::string_view channel, Payload payload) { ticket_.effect(channel, payload); }

  // Structure that is changed here is changed when the ticket ends.
  [[nodiscard]] Network& network() { return ticket_.network(); }
  [[nodiscard]] std::uint64_t event_id() const { return ticket_.event_id(); }

  // The first emission does not go to the ticket: it is the next to leave anyway. nullptr: there is none.
  [[nodiscard]] HybridPort* first() const { return first_; }
  [[nodiscard]] Payload first_payload() const { return first_payload_; }

 private:
  Ticket& ticket_;
  const FastAgent& agent_;
  HybridPort* ports_;
  HybridPort* first_ = nullptr;
  Payload first_payload_;
};

}  // namespace yard::ports

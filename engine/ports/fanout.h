// Fanout: one payload to many. Ports have one peer, so this is how many listen to one.
#pragma once

#include <vector>

#include "engine/ports/handlers.h"

namespace yard::ports {

// What arrives at port 0, "in", leaves by all others, "out", in their order.
class Fanout final : public FastAgent {
 public:
  static constexpr std::uint32_t kIn = 0;
  static constexpr std::uint32_t kFirstOut = 1;

  // At most kPortsMax - 1 outs.
  explicit Fanout(std::uint32_t outs) : ports_{handled<&Fanout::spread>("in")} {
    ports_.insert(ports_.end(), outs, port("out"));
  }

  void spread(Payload payload, Hop& hop) {
    for (std::uint32_t out = kFirstOut; out < ports_.size(); ++out) hop.emit(out, payload);
  }

  [[nodiscard]] std::string_view type() const override { return "Fanout"; }
  [[nodiscard]] std::span<const PortSpec> ports() const override { return ports_; }

 private:
  std::vector<PortSpec> ports_;
};

}  // namespace yard::ports

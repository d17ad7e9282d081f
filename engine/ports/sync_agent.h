// SyncAgent: where payloads stop to depend on whoever sent them.
#pragma once

#include <cstdint>

#include "engine/ports/handlers.h"
#include "engine/tickets/record_sink.h"

namespace yard::ports {

// Encodes what arrives in canonical form, records it where there is a journal, and sends the decoded copy on: what
// becomes of the sender's bytes meanwhile has no effect behind it, and equal payloads are equal bytes there.
class SyncAgent final : public FastAgent {
 public:
  enum Ports : std::uint32_t { kIn, kOut };

  // `journal` must outlive it; nullptr: none. What it refuses is not sent on, and the hop has failed.
  explicit SyncAgent(tickets::RecordSink* journal = nullptr) : journal_(journal) {}

  Status pass(Payload payload, Hop& hop);

  [[nodiscard]] std::string_view type() const override { return "SyncAgent"; }
  [[nodiscard]] std::span<const PortSpec> ports() const override;
  void save(PackWriter& out) const override { out.natural(passed_); }

 private:
  tickets::RecordSink* journal_;
  std::uint64_t passed_ = 0;
};

}  // namespace yard::ports

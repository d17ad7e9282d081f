// Recorder: a network's journal, as records of engine/tickets.
#pragma once

#include "engine/ports/network.h"
#include "engine/tickets/record.h"
#include "engine/tickets/record_sink.h"

namespace yard::ports {

// Causes are what came from outside: payloads that were dispatched (Deliver), and changes of the structure between
// tickets (Reload). Of a ticket's hops, the managed ones leave a witness (StepCommitted, StepFailed) at level kFull:
// the same causes taken again by a network that is forced to manage everything say each hop that there was.
// README.md has the bodies. An entry a ticket.
class Recorder final : public Trace {
 public:
  // `sink` must outlive it.
  Recorder(tickets::RecordSink& sink, tickets::JournalLevel level) : sink_(sink), level_(level) {}

  // Nothing is recorded behind what the sink has refused.
  [[nodiscard]] const Status& status() const { return status_; }

  void dispatched(std::uint64_t event_id, PortHandle port, Payload payload) override;
  void hop(const HopSeen& hop) override;
  void failed(std::uint64_t event_id, std::uint64_t hop, const Error& error) override;
  void committed(std::uint64_t event_id) override;
  void changed(std::uint64_t next_event_id, const Change& change) override;

 private:
  void append(tickets::RecordKind kind, std::uint64_t event_id);
  void hand_on();

  tickets::RecordSink& sink_;
  tickets::JournalLevel level_;
  Status status_;
  Bytes body_;
  Bytes records_;
  std::uint32_t count_ = 0;
};

// Takes the causes of `records` again, in a network that is as the recorded one was before them; witnesses are passed
// over. How payloads go is the network's business.
//
// Errors: kBadFrame (no records of a network), kConflict (a cause does not come at its event_id). What was refused or
// cut
//         when it was recorded is so again.
[[nodiscard]] Status replay(BytesView records, Network& network);

}  // namespace yard::ports

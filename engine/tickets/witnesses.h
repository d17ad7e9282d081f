// Witnesses: the records that say what a batch did. LEDGER.md has their bodies.
#pragma once

#include <string_view>

#include "engine/base/pack.h"
#include "engine/tickets/record.h"
#include "engine/tickets/record_sink.h"
#include "engine/tickets/ticket.h"

namespace yard::tickets {

// Writes what the level asks for, and hands it on in entries of about kEntryBytesAbout. A sink that refuses is heard
// of in finish().
//
// Threads: the committer's.
class Witnesses {
 public:
  // Both must outlive it; no sink: nothing is written.
  Witnesses(const Definition& definition, RecordSink* sink) : definition_(definition), sink_(sink) {}

  void redirect(RecordSink* sink) { sink_ = sink; }

  void deferred(const EntityTable::Entry& entity, std::uint64_t next_event_id);
  void scheduled(const Ticket& ticket, const EntityTable::Entry& entity);
  void denied(const Ticket& ticket, const EntityTable::Entry& entity, const StepResult::Request& request,
              std::uint64_t left);
  void committed(const Ticket& ticket, const EntityTable& table);
  void failed(const Ticket& ticket, const EntityTable::Entry& entity);
  void skipped(const Ticket& ticket, const EntityTable::Entry& entity, std::string_view reason);
  void broken(const Ticket& ticket, const EntityTable::Entry& entity, std::string_view invariant);

  // The batch is over.
  [[nodiscard]] Status finish();

 private:
  [[nodiscard]] bool full() const { return sink_ != nullptr && definition_.options.level == JournalLevel::kFull; }
  template <typename Fill>
  void write(RecordKind kind, std::uint64_t event_id, std::uint16_t lane, Fill&& fill);
  void effect_queued(const Ticket& ticket, const EntityTable::Entry& entity, const StepResult::Effect& effect);
  [[nodiscard]] std::string_view reducer(const EntityTable::Entry& entity) const;
  void write_changes(PackArray array, const Ticket& ticket, const EntityTable& table) const;
  void write_emits(PackArray array, const Ticket& ticket) const;
  void hand_on();

  const Definition& definition_;
  RecordSink* sink_;
  Bytes records_;
  std::uint32_t count_ = 0;
  Bytes body_;
  Status status_;
};

}  // namespace yard::tickets

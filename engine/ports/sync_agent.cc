#include "engine/ports/sync_agent.h"

#include <array>

#include "engine/tickets/record.h"

namespace yard::ports {

Status SyncAgent::pass(Payload payload, Hop& hop) {
  const Bytes canonical = canonical_pack(payload);
  if (journal_ != nullptr) {
    Bytes record;
    tickets::append_record(record, {.kind = tickets::RecordKind::kDeliver, .event_id = hop.event_id()}, canonical);
    YARD_TRY_STATUS(journal_->append(record, 1));
  }
  ++passed_;
  hop.emit(kOut, hop.keep(Payload::of(PackView(canonical))));
  return {};
}

std::span<const PortSpec> SyncAgent::ports() const {
  static constexpr std::array kPorts{boundary(handled<&SyncAgent::pass>("in")), port("out")};
  return kPorts;
}

}  // namespace yard::ports

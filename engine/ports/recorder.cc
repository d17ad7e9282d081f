#include "engine/ports/recorder.h"

#include <string>
#include <vector>

#include "engine/ports/limits.h"

namespace yard::ports {
namespace {

using tickets::JournalLevel;
using tickets::RecordKind;

constexpr std::size_t kPortFields = 3;

void append(PackArray& out, PortHandle port) {
  out.integer(port.agent.index).integer(port.agent.generation).integer(port.port);
}

void append(PackArray& out, Payload payload) {
  Bytes packed;
  PackWriter writer(packed);
  append_pack(writer, payload);
  out.raw(packed);
}

// The elements of a body, which is one array; none: it is not.
std::vector<PackView> fields(BytesView body, std::size_t count) {
  std::vector<PackView> found;
  PackCursor cursor(body);
  if (cursor.skip() && cursor.done()) PackView(body).each_element([&](PackView field) { found.push_back(field); });
  if (found.size() != count) found.clear();
  return found;
}

PortHandle port_of(std::span<const PackView> fields) {
  const auto natural = [&](std::size_t at) { return static_cast<std::uint32_t>(fields[at].integer_or(0)); };
  return {{natural(0), natural(1)}, natural(2)};
}

Status take_deliver(BytesView body, Network& network) {
  const std::vector<PackView> all = fields(body, kPortFields + 1);
  if (all.empty()) return fail(ErrorCode::kBadFrame, "Deliver: the body is none of a network's");
  const auto done = network.dispatch(port_of(all), Payload::of(all.back()));
  if (done || done.error().code == ErrorCode::kTooLarge) return {};
  return std::unexpected(done.error());
}

Status take_reload(BytesView body, Network& network) {
  const std::vector<PackView> all = fields(body, 1 + 2 * kPortFields);
  if (all.empty()) return fail(ErrorCode::kBadFrame, "Reload: the body is none of a network's");
  const auto kind = static_cast<Change::Kind>(all.front().integer_or(0));
  const std::span ports(all.begin() + 1, all.end());
  return network.change({kind, port_of(ports.first(kPortFields)), port_of(ports.last(kPortFields))});
}

}  // namespace

void Recorder::dispatched(std::uint64_t event_id, PortHandle port, Payload payload) {
  if (level_ == JournalLevel::kOff) return;
  {
    PackWriter writer(body_);
    PackArray body(writer);
    ports::append(body, port);
    ports::append(body, payload);
  }
  append(RecordKind::kDeliver, event_id);
}

void Recorder::hop(const HopSeen& hop) {
  if (level_ != JournalLevel::kFull || hop.way != Way::kManaged) return;
  {
    PackWriter writer(body_);
    PackArray body(writer);
    body.integer(static_cast<std::int64_t>(hop.hop));
    ports::append(body, hop.from);
    ports::append(body, hop.to);
    ports::append(body, hop.payload);
  }
  append(RecordKind::kStepCommitted, hop.event_id);
}

void Recorder::failed(std::uint64_t event_id, std::uint64_t hop, const Error& error) {
  if (level_ != JournalLevel::kFull) return;
  {
    PackWriter writer(body_);
    PackArray body(writer);
    body.integer(static_cast<std::int64_t>(hop)).string(error_name(error.code)).string(error.message);
  }
  append(RecordKind::kStepFailed, event_id);
}

void Recorder::committed(std::uint64_t /*event_id*/) { hand_on(); }

void Recorder::changed(std::uint64_t next_event_id, const Change& change) {
  if (level_ == JournalLevel::kOff) return;
  {
    PackWriter writer(body_);
    PackArray body(writer);
    body.integer(static_cast<std::int64_t>(change.kind));
    ports::append(body, change.a);
    ports::append(body, change.b);
  }
  append(RecordKind::kReload, next_event_id);
  hand_on();
}

void Recorder::append(RecordKind kind, std::uint64_t event_id) {
  tickets::append_record(records_, {.kind = kind, .event_id = event_id}, body_);
  body_.clear();
  ++count_;
  if (records_.size() > kRecordedBytesMax) hand_on();
}

void Recorder::hand_on() {
  if (status_ && count_ != 0) status_ = sink_.append(records_, count_);
  records_.clear();
  count_ = 0;
}

Status replay(BytesView records, Network& network) {
  while (true) {
    YARD_TRY(const auto record, tickets::take_record(records));
    if (!record) return {};
    if (!tickets::is_cause(record->head.kind)) continue;
    if (record->head.event_id != network.next_event_id())
      return fail(ErrorCode::kConflict, "the cause of ticket " + std::to_string(record->head.event_id) +
                                            " comes when ticket " + std::to_string(network.next_event_id()) +
                                            " is the next");
    switch (record->head.kind) {
      case RecordKind::kDeliver: YARD_TRY_STATUS(take_deliver(record->body, network)); break;
      case RecordKind::kReload: YARD_TRY_STATUS(take_reload(record->body, network)); break;
      default:
        return fail(ErrorCode::kBadFrame,
                    std::string(tickets::name_of(record->head.kind)) + " is no cause of a network");
    }
  }
}

}  // namespace yard::ports

#include "engine/ports/recorder.h"

#include <string>
#include <vector>

#include "engine/ports/limits.h"

namespace yard::ports {
namespace {

using tickets::JournalLevel;
using tickets::RecordKind;

void append(PackArray& out, PortHandle port) {
  out.integer(port.agent.index).integer(port.agent.generation).integer(port.port);
}

void append(PackArray& out, Payload payload) {
  Bytes packed;
  PackWriter writer(packed);
  append_pack(writer, payload);
  out.raw(packed);
}

// The elements of a record's body, which is one array.
class Fields {
 public:
  explicit Fields(BytesView body) {
    PackCursor cursor(body);
    if (cursor.skip() && cursor.done()) PackView(body).each_element([&](PackView field) { all_.push_back(field); });
  }

  [[nodiscard]] std::uint32_t natural(std::uint64_t most) {
    const std::int64_t value = next().integer_or(-1);
    ok_ = ok_ && value >= 0 && static_cast<std::uint64_t>(value) <= most;
    return ok_ ? static_cast<std::uint32_t>(value) : 0;
  }
  [[nodiscard]] PortHandle port() {
    const std::uint32_t index = natural(UINT32_MAX);
    const std::uint32_t generation = natural(UINT32_MAX);
    return {{index, generation}, natural(UINT32_MAX)};
  }
  [[nodiscard]] PackView next() {
    ok_ = ok_ && at_ < all_.size();
    return ok_ ? all_[at_++] : PackView();
  }
  // All fields were there, were what they were read as, and none is left.
  [[nodiscard]] Status finish(RecordKind kind) const {
    if (ok_ && at_ == all_.size()) return {};
    return fail(ErrorCode::kBadFrame, std::string(tickets::name_of(kind)) + ": the body is none of a network's");
  }

 private:
  std::vector<PackView> all_;
  std::size_t at_ = 0;
  bool ok_ = true;
};

Status take_deliver(BytesView body, Network& network) {
  Fields fields(body);
  const PortHandle port = fields.port();
  const PackView payload = fields.next();
  YARD_TRY_STATUS(fields.finish(RecordKind::kDeliver));
  const auto done = network.dispatch(port, Payload::of(payload));
  if (done || done.error().code == ErrorCode::kTooLarge) return {};
  return std::unexpected(done.error());
}

Status take_reload(BytesView body, Network& network) {
  Fields fields(body);
  const auto kind = static_cast<Change::Kind>(fields.natural(static_cast<std::uint64_t>(Change::Kind::kDisconnect)));
  const PortHandle a = fields.port();
  const PortHandle b = fields.port();
  YARD_TRY_STATUS(fields.finish(RecordKind::kReload));
  return network.change({kind, a, b});
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

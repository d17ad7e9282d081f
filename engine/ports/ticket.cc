#include "engine/ports/ticket.h"

#include <cstring>

#include "engine/ports/network.h"

namespace yard::ports {

Counts& Counts::operator+=(const Counts& other) {
  hops += other.hops;
  fast += other.fast;
  dropped += other.dropped;
  unhandled += other.unhandled;
  mismatched += other.mismatched;
  failed += other.failed;
  refused_changes += other.refused_changes;
  return *this;
}

std::uint64_t Ticket::wait(HybridPort& from, Payload payload, std::uint64_t left) {
  push(from, payload);
  return left;
}

void Ticket::push_grown(HybridPort& from, Payload payload) {
  capacity_ *= 2;
  emissions_.resize(capacity_);
  push(from, payload);
}

std::uint64_t Ticket::mismatch(std::uint64_t left) {
  ++counts_.mismatched;
  return left;
}

std::uint64_t Ticket::fail(std::size_t mark, const Error& error, std::uint64_t left) {
  count_ = mark;
  ++counts_.failed;
  if (network_.trace_ != nullptr) network_.trace_->failed(event_id_, counts_.hops, error);
  return left;
}

Payload Ticket::keep(Payload payload) {
  const BytesView bytes = payload.view();
  if (bytes.empty()) return payload;
  if (kept_bytes_ + bytes.size() > kKeptBytesMax) {
    overflow("handlers keep more bytes than there is room for");
    return {};
  }
  kept_bytes_ += bytes.size();
  char* place = static_cast<char*>(kept_.allocate(bytes.size(), 1));
  std::memcpy(place, bytes.data(), bytes.size());
  return payload.moved_to(place);
}

void Ticket::effect(std::string_view channel, Payload payload) {
  if (effects_.size() >= kEffectsMax || effect_bytes_ >= kEffectBytesMax) return overflow("more effects than can wait");
  effects_.push_back({event_id_, effects_of_ticket_++, Bytes(channel), canonical_pack(payload)});
  effect_bytes_ += effects_.back().params.size();
}

// Nothing is called any more: however far the calls had come, the scheduler stops behind this handler.
void Ticket::overflow(std::string_view why) {
  overflow_ = why;
  direct_epoch_ = kNoEpoch;
}

void Ticket::begin(std::uint64_t event_id, std::uint64_t direct_epoch) {
  event_id_ = event_id;
  direct_epoch_ = direct_epoch;
  counts_ = {};
  overflow_ = {};
  effects_of_ticket_ = 0;
}

void Ticket::end() {
  count_ = 0;
  if (kept_bytes_ == 0) return;
  kept_bytes_ = 0;
  kept_.release();
}

}  // namespace yard::ports

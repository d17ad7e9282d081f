#include "broker/outbox.h"

namespace yard::broker {

bool Outbox::put(BytesView routing_id, BytesView frame) {
  Waiting& waiting = peers_[Bytes(routing_id)];
  if (waiting.bytes + frame.size() > limits_.peer_bytes || bytes_ + frame.size() > limits_.total_bytes) {
    ++dropped_;
    if (waiting.frames.empty()) peers_.erase(Bytes(routing_id));
    return false;
  }
  waiting.frames.emplace_back(frame);
  waiting.bytes += frame.size();
  bytes_ += frame.size();
  return true;
}

void Outbox::flush(const Send& send) {
  for (auto peer = peers_.begin(); peer != peers_.end();) {
    Waiting& waiting = peer->second;
    while (!waiting.frames.empty() && send(peer->first, waiting.frames.front())) {
      waiting.bytes -= waiting.frames.front().size();
      bytes_ -= waiting.frames.front().size();
      waiting.frames.pop_front();
    }
    peer = waiting.frames.empty() ? peers_.erase(peer) : std::next(peer);
  }
}

}  // namespace yard::broker

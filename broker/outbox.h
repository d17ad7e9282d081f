// Outbox: replies that a peer's pipe had no room for.
#pragma once

#include <deque>
#include <functional>
#include <string>
#include <unordered_map>

#include "engine/base/bytes.h"

namespace yard::broker {

struct OutboxLimits {
  std::size_t peer_bytes = 8u << 20;  // two of the largest replies
  std::size_t total_bytes = 256u << 20;
};

// Keeps each peer's replies in order, within bounds by bytes. A peer that breaks its bound has stopped
// reading: what is too much is dropped and counted; it learns by the silence, and asks again.
// Threads: one.
class Outbox {
 public:
  // Tries to send: true when it is done with the frame (sent, or its peer is gone).
  using Send = std::function<bool(BytesView routing_id, BytesView frame)>;

  explicit Outbox(OutboxLimits limits = {}) : limits_(limits) {}

  // Whether frames of this peer wait: a new one must wait behind them.
  [[nodiscard]] bool holds(BytesView routing_id) const { return !peers_.empty() && peers_.contains(Bytes(routing_id)); }

  // False, and counted, when there is no room.
  bool put(BytesView routing_id, BytesView frame);

  // Sends what goes, each peer's in order.
  void flush(const Send& send);

  [[nodiscard]] bool empty() const { return peers_.empty(); }
  [[nodiscard]] std::size_t bytes() const { return bytes_; }
  [[nodiscard]] std::uint64_t dropped() const { return dropped_; }

 private:
  struct Waiting {
    std::deque<Bytes> frames;
    std::size_t bytes = 0;
  };

  const OutboxLimits limits_;
  std::unordered_map<Bytes, Waiting> peers_;
  std::size_t bytes_ = 0;
  std::uint64_t dropped_ = 0;
};

}  // namespace yard::broker

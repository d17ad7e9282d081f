// Waiting: payloads on their way from one ticket to the next.
#pragma once

#include <cstddef>
#include <deque>
#include <functional>

#include "engine/ports/payload.h"

namespace yard::ports {

inline constexpr std::size_t kWaitingMax = 65'536;
inline constexpr std::size_t kWaitingBytesMax = std::size_t{64} << 20;

// Takes one payload, whose bytes are borrowed. What it refuses is offered again.
using Target = std::function<Status(Payload)>;

// Payloads as msgpack, the first first.
//
// Threads: one.
class Waiting {
 public:
  // `packed` is one value. Errors: kQueueFull.
  [[nodiscard]] Status push(Bytes packed);

  // Hands all that waits to `target`; what is pushed meanwhile stays. Returns how many.
  //
  // Errors: the target's. What it has refused waits, as does all behind it.
  [[nodiscard]] Result<std::size_t> deliver(const Target& target);

  [[nodiscard]] const std::deque<Bytes>& all() const { return values_; }

 private:
  std::deque<Bytes> values_;
  std::size_t bytes_ = 0;
};

}  // namespace yard::ports

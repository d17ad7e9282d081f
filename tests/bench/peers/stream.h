// A connection to a peer: bytes out, lines and counted bytes in.
#pragma once

#include <optional>
#include <string_view>

#include "engine/base/bytes.h"
#include "engine/base/fd.h"

namespace yard::bench {

// What is queued leaves when the reader has to wait, in one write: so any number of requests are pipelined, and none
// waits for nothing.
//
// Threads: one, but end().
class Stream {
 public:
  explicit Stream(Fd fd) : fd_(std::move(fd)) {}

  void queue(BytesView bytes) { out_ += bytes; }
  void flush();

  // Up to the next "\r\n", without it; nothing once the stream has ended. Valid until the next call.
  [[nodiscard]] std::optional<BytesView> line();
  [[nodiscard]] std::optional<BytesView> exactly(std::size_t size);

  // Whoever reads finds the end. Threads: any.
  void end();

 private:
  [[nodiscard]] bool fill();
  BytesView take(std::size_t size, std::size_t drop);

  Fd fd_;
  Bytes out_;
  Bytes in_;
  std::size_t at_ = 0;  // of what was not taken yet
};

}  // namespace yard::bench

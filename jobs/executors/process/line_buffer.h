// LineBuffer: bytes in, lines out.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "engine/base/bytes.h"

namespace yard::jobs {

// Holds what was read and not yet taken: one line at most, and what the last read brought behind it.
class LineBuffer {
 public:
  explicit LineBuffer(std::size_t line_bytes_max) : line_bytes_max_(line_bytes_max) {}

  void append(BytesView bytes) {
    if (at_ > 0) {
      bytes_.erase(0, at_);
      at_ = 0;
    }
    bytes_.append(bytes);
  }

  // No more bytes will come: what is left is a line, newline or not.
  void end() { ended_ = true; }

  // The next whole line without its newline, valid until append(). Not to be called once too_long().
  [[nodiscard]] std::optional<std::string_view> next() {
    const std::size_t newline = bytes_.find('\n', at_ + searched_);
    std::size_t size = (newline == Bytes::npos ? bytes_.size() : newline) - at_;
    if (size > line_bytes_max_) {
      too_long_ = true;
      size = line_bytes_max_;
    } else if (newline == Bytes::npos && (!ended_ || size == 0)) {
      searched_ = size;
      return std::nullopt;
    }
    const std::string_view line = std::string_view(bytes_).substr(at_, size);
    at_ += size + (newline == Bytes::npos ? 0 : 1);
    searched_ = 0;
    return line;
  }

  // The line that next() returned last is but the beginning of one that is longer than it may be.
  [[nodiscard]] bool too_long() const { return too_long_; }

 private:
  const std::size_t line_bytes_max_;
  Bytes bytes_;
  std::size_t at_ = 0;        // where the next line begins
  std::size_t searched_ = 0;  // how far behind that there is no newline
  bool ended_ = false;
  bool too_long_ = false;
};

}  // namespace yard::jobs

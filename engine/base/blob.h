// Blob: owned bytes that are kept, not worked on.
#pragma once

#include <cstdint>
#include <memory>

#include "engine/base/bytes.h"
#include "engine/base/check.h"

namespace yard {

// Half of a Bytes' own size and no spare room: for what a table holds a million times. At most 4 GiB.
class Blob {
 public:
  Blob() = default;
  explicit Blob(BytesView bytes) : size_(static_cast<std::uint32_t>(bytes.size())) {
    YARD_CHECK(bytes.size() <= UINT32_MAX);
    if (bytes.empty()) return;
    data_ = std::make_unique_for_overwrite<char[]>(bytes.size());
    bytes.copy(data_.get(), bytes.size());
  }

  [[nodiscard]] BytesView view() const { return {data_.get(), size_}; }
  [[nodiscard]] std::size_t size() const { return size_; }

 private:
  std::unique_ptr<char[]> data_;
  std::uint32_t size_ = 0;
};

}  // namespace yard

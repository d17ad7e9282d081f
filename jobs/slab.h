// Slab: objects of one type, found by number, that never move.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <new>
#include <utility>
#include <vector>

#include "engine/base/check.h"

namespace yard::jobs {

// Memory comes in blocks of `kPerBlock` and is used again, not given back. Whoever puts objects in takes them
// out again: the slab does not know which numbers are in use. Threads: one.
template <typename T>
class Slab {
 public:
  using Number = std::uint32_t;

  Slab() = default;
  Slab(const Slab&) = delete;
  Slab& operator=(const Slab&) = delete;
  ~Slab() { YARD_CHECK(free_.size() == blocks_.size() * kPerBlock); }

  template <typename... Args>
  Number emplace(Args&&... args) {
    if (free_.empty()) grow();
    const Number number = free_.back();
    ::new (static_cast<void*>(place(number))) T(std::forward<Args>(args)...);
    free_.pop_back();
    return number;
  }

  void erase(Number number) {
    (*this)[number].~T();
    free_.push_back(number);
  }

  [[nodiscard]] T& operator[](Number number) const { return *std::launder(reinterpret_cast<T*>(place(number))); }

 private:
  static constexpr std::size_t kPerBlock = 256;
  struct Block {
    alignas(T) std::byte bytes[kPerBlock * sizeof(T)];
  };

  [[nodiscard]] std::byte* place(Number number) const {
    return blocks_[number / kPerBlock]->bytes + (number % kPerBlock) * sizeof(T);
  }

  void grow() {
    const std::size_t first = blocks_.size() * kPerBlock;
    YARD_CHECK(first + kPerBlock <= UINT32_MAX);
    blocks_.push_back(std::make_unique_for_overwrite<Block>());
    free_.reserve(first + kPerBlock);
    for (std::size_t i = kPerBlock; i > 0; --i) free_.push_back(static_cast<Number>(first + i - 1));
  }

  std::vector<std::unique_ptr<Block>> blocks_;
  std::vector<Number> free_;
};

}  // namespace yard::jobs

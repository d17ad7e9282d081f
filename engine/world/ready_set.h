// Numbers, taken in rising order while others are put in.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <vector>

namespace yard::graph {

// A tree of bits, 64 to a word: each bit above says whether the word below it has any. As high as the size asks for.
//
// Threads: one. Allocates when it is made only.
class ReadySet {
 public:
  static constexpr std::uint32_t kNone = UINT32_MAX;

  explicit ReadySet(std::uint32_t size) {
    std::size_t words = size;
    do {
      words = words / 64 + 1;
      levels_[depth_++].resize(words);
    } while (words > 1);
    lowest_ = levels_[0].data();
  }
  ReadySet(const ReadySet&) = delete;
  ReadySet& operator=(const ReadySet&) = delete;

  void add(std::uint32_t number) {
    std::uint64_t& word = lowest_[number >> 6];
    const std::uint64_t before = word;
    word = before | bit(number);
    if (before == 0 && depth_ > 1) add_above(number >> 6);
  }

  // The least number that is at least `from`, taken out; kNone where there is none.
  [[nodiscard]] std::uint32_t take_from(std::uint32_t from) {
    const std::uint64_t word = lowest_[from >> 6] >> (from & 63);
    if (word != 0) [[likely]]
      return remove(from + static_cast<std::uint32_t>(std::countr_zero(word)));
    if (depth_ == 1) return kNone;
    const std::uint32_t number = find_above(from >> 6);
    return number == kNone ? kNone : remove(number);
  }

  void clear() {
    for (auto& level : levels_) std::fill(level.begin(), level.end(), 0);
  }

 private:
  static constexpr std::size_t kLevels = 5;  // 2^30 numbers, and kNodesMax are 2^24

  static std::uint64_t bit(std::uint32_t number) { return std::uint64_t{1} << (number & 63); }

  void add_above(std::uint32_t at) {
    for (std::size_t level = 1; level < depth_; ++level, at >>= 6) {
      std::uint64_t& word = levels_[level][at >> 6];
      const bool was_empty = word == 0;
      word |= bit(at);
      if (!was_empty) return;
    }
  }
  std::uint32_t remove(std::uint32_t number) {
    const std::uint64_t left = lowest_[number >> 6] & ~bit(number);
    lowest_[number >> 6] = left;
    if (left == 0 && depth_ > 1) remove_above(number >> 6);
    return number;
  }
  void remove_above(std::uint32_t at) {
    for (std::size_t level = 1; level < depth_; ++level, at >>= 6) {
      std::uint64_t& word = levels_[level][at >> 6];
      word &= ~bit(at);
      if (word != 0) return;
    }
  }
  // The least number in a word behind word `at` of the lowest level.
  [[nodiscard]] std::uint32_t find_above(std::uint32_t at) const {
    for (std::size_t level = 1; level < depth_; ++level, at >>= 6) {
      const std::uint64_t behind = levels_[level][at >> 6] & ~(bit(at) | (bit(at) - 1));
      if (behind == 0) continue;
      std::uint32_t found = (at & ~63u) | static_cast<std::uint32_t>(std::countr_zero(behind));
      while (level-- > 0) found = found << 6 | static_cast<std::uint32_t>(std::countr_zero(levels_[level][found]));
      return found;
    }
    return kNone;
  }

  std::array<std::vector<std::uint64_t>, kLevels> levels_;
  std::uint64_t* lowest_ = nullptr;  // levels_[0]
  std::size_t depth_ = 0;
};

}  // namespace yard::graph

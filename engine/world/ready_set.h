// Numbers, taken in rising order while others are put in.
#pragma once

#include <bit>
#include <cstdint>
#include <vector>

namespace yard::graph {

// A tree of bits, 64 to a word: each bit above says whether the word below it has any.
//
// Threads: one. Allocates when it is made only.
class ReadySet {
 public:
  static constexpr std::uint32_t kNone = UINT32_MAX;

  explicit ReadySet(std::uint32_t size) {
    std::size_t words = size;
    for (auto& level : levels_) {
      words = words / 64 + 1;
      level.resize(words);
    }
  }

  void add(std::uint32_t number) {
    std::uint64_t& word = levels_[0][number >> 6];
    const bool was_empty = word == 0;
    word |= bit(number);
    if (was_empty) add_above(number >> 6);
  }

  // The least number that is at least `from`, taken out; kNone where there is none.
  [[nodiscard]] std::uint32_t take_from(std::uint32_t from) {
    const std::uint64_t word = levels_[0][from >> 6] >> (from & 63);
    if (word != 0) [[likely]] {
      const std::uint32_t number = from + static_cast<std::uint32_t>(std::countr_zero(word));
      remove(number);
      return number;
    }
    const std::uint32_t number = find_above(from >> 6);
    if (number != kNone) remove(number);
    return number;
  }

  void clear() {
    for (auto& level : levels_) std::fill(level.begin(), level.end(), 0);
  }

 private:
  static constexpr std::size_t kLevels = 4;  // 2^24 numbers: kNodesMax

  static std::uint64_t bit(std::uint32_t number) { return std::uint64_t{1} << (number & 63); }

  void add_above(std::uint32_t at) {
    for (std::size_t level = 1; level < kLevels; ++level, at >>= 6) {
      std::uint64_t& word = levels_[level][at >> 6];
      const bool was_empty = word == 0;
      word |= bit(at);
      if (!was_empty) return;
    }
  }
  void remove(std::uint32_t number) {
    for (auto& level : levels_) {
      std::uint64_t& word = level[number >> 6];
      word &= ~bit(number);
      if (word != 0) return;
      number >>= 6;
    }
  }
  // The least number in a word behind word `at` of the lowest level.
  [[nodiscard]] std::uint32_t find_above(std::uint32_t at) const {
    for (std::size_t level = 1; level < kLevels; ++level, at >>= 6) {
      const std::uint64_t behind = levels_[level][at >> 6] & ~(bit(at) | (bit(at) - 1));
      if (behind == 0) continue;
      std::uint32_t found = (at & ~63u) | static_cast<std::uint32_t>(std::countr_zero(behind));
      while (level-- > 0) found = found << 6 | static_cast<std::uint32_t>(std::countr_zero(levels_[level][found]));
      return found;
    }
    return kNone;
  }

  std::vector<std::uint64_t> levels_[kLevels];
};

}  // namespace yard::graph

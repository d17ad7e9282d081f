#include "engine/base/random.h"

#include <sys/random.h>

#include "engine/base/check.h"

namespace yard {

std::uint64_t SystemRandom::next() {
  if (left_ == 0) {
    // A request of up to 256 bytes is never interrupted (getrandom(2)); ask in pieces of that size.
    constexpr std::size_t kPiece = 256 / sizeof(std::uint64_t);
    for (std::size_t at = 0; at < kBuffered; at += kPiece) {
      YARD_CHECK(getrandom(buffer_ + at, kPiece * sizeof(std::uint64_t), 0) == 256);
    }
    left_ = kBuffered;
  }
  return buffer_[--left_];
}

std::uint64_t SeededRandom::next() {
  state_ += 0x9E3779B97F4A7C15ull;
  std::uint64_t z = state_;
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ull;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EBull;
  return z ^ (z >> 31);
}

Uuid make_uuid(Random& random) {
  const std::uint64_t halves[2] = {random.next(), random.next() | 1};
  Uuid uuid;
  static_assert(sizeof halves == sizeof uuid.octets);
  std::memcpy(uuid.octets.data(), halves, sizeof halves);
  return uuid;
}

}  // namespace yard

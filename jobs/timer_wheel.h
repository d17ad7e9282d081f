// TimerWheel: many deadlines, most of which never come.
#pragma once

#include <array>
#include <bit>
#include <cstdint>
#include <optional>

#include "engine/base/check.h"
#include "engine/base/clock.h"
#include "jobs/intrusive_list.h"

namespace yard::jobs {

// Arming and disarming cost a few pointer writes. A timer fires at the first advance() at or after its
// moment, at most one slot (8 ms) late; timers of one slot fire in the order they were armed.
//
// Source: hashed timing wheel, Varghese and Lauck, SOSP 1987, scheme 6.
// Threads: one.
template <typename Payload>
class TimerWheel {
 public:
  // Lives inside what it times; must be disarmed before it goes.
  struct Timer : ListHook<Timer> {
    Payload payload{};
    SteadyTime due{};
    std::size_t slot = 0;
    [[nodiscard]] bool armed() const { return this->linked(); }
  };

  // Arms, or moves an armed one. A moment in the past fires at the next advance().
  void arm(Timer& timer, SteadyTime due) {
    disarm(timer);
    timer.due = due;
    timer.slot = slot_of(due < now_ ? now_ : due);
    slots_[timer.slot].push_back(timer);
    occupied_[timer.slot / 64] |= 1ull << (timer.slot % 64);
    ++armed_;
  }

  void disarm(Timer& timer) {
    if (!timer.armed()) return;
    slots_[timer.slot].erase(timer);
    forget_if_empty(timer.slot);
    --armed_;
  }

  // Disarms everything due by `now` and calls fire(payload) for it. fire may arm and disarm.
  template <typename Fire>
  void advance(SteadyTime now, Fire&& fire) {
    if (now < now_) return;
    const std::int64_t first = tick_of(now_);
    const std::int64_t last = tick_of(now);
    const std::int64_t span = last - first + 1;
    const std::int64_t steps = span < static_cast<std::int64_t>(kSlots) ? span : static_cast<std::int64_t>(kSlots);
    now_ = now;
    for (std::int64_t i = 0; i < steps; ++i) sweep(static_cast<std::size_t>(first + i) % kSlots, fire);
  }

  // A moment by which advance() should be called again; none if nothing is armed.
  [[nodiscard]] std::optional<SteadyTime> next() const {
    if (armed_ == 0) return std::nullopt;
    const std::int64_t first = tick_of(now_);
    for (std::int64_t i = 0; i < static_cast<std::int64_t>(kSlots); ++i) {
      const auto slot = static_cast<std::size_t>(first + i) % kSlots;
      if (slot % 64 == 0 && occupied_[slot / 64] == 0) {
        i += 63;
        continue;
      }
      if (occupied_[slot / 64] >> (slot % 64) & 1) return SteadyTime(Nanos((first + i + 1) * kSlotNs));
    }
    return std::nullopt;
  }

  [[nodiscard]] std::size_t armed() const { return armed_; }

 private:
  static constexpr std::int64_t kSlotNs = 8'000'000;
  static constexpr std::size_t kSlots = 4096;  // a turn of 33 s: the usual waits fit into one

  static std::int64_t tick_of(SteadyTime time) { return time.time_since_epoch().count() / kSlotNs; }
  static std::size_t slot_of(SteadyTime time) { return static_cast<std::size_t>(tick_of(time)) % kSlots; }

  void forget_if_empty(std::size_t slot) {
    if (slots_[slot].empty()) occupied_[slot / 64] &= ~(1ull << (slot % 64));
  }

  template <typename Fire>
  void sweep(std::size_t slot, Fire& fire) {
    // Later turns of the wheel share the slot: those stay. What fire() arms goes behind `left`.
    for (std::size_t left = slots_[slot].size(); left > 0 && !slots_[slot].empty(); --left) {
      Timer& timer = *slots_[slot].front();
      slots_[slot].erase(timer);
      if (timer.due > now_) {
        slots_[slot].push_back(timer);
        continue;
      }
      forget_if_empty(slot);
      --armed_;
      fire(timer.payload);
    }
  }

  SteadyTime now_{};
  std::size_t armed_ = 0;
  std::array<IntrusiveList<Timer>, kSlots> slots_{};
  std::array<std::uint64_t, kSlots / 64> occupied_{};
};

}  // namespace yard::jobs

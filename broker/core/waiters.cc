#include "broker/core/waiters.h"

namespace yard::broker {

Waiters::~Waiters() {
  for (Waiter& waiter : waiters_) timers_.disarm(waiter.timer);
}

std::uint32_t Waiters::take() {
  if (free_.empty()) {
    free_.push_back(static_cast<std::uint32_t>(waiters_.size()));
    waiters_.emplace_back();
  }
  const std::uint32_t number = free_.back();
  free_.pop_back();
  return number;
}

void Waiters::park(std::uint32_t number, SteadyTime due) {
  Waiter& waiter = waiters_[number];
  waiter.parked = true;
  waiter.timer.payload = {.job = {}, .waiter = number};
  timers_.arm(waiter.timer, due);
  ++parked_;
}

void Waiters::release(std::uint32_t number) {
  Waiter& waiter = waiters_[number];
  timers_.disarm(waiter.timer);
  if (waiter.parked) --parked_;
  waiter.parked = false;
  waiter.jobs.clear();
  free_.push_back(number);
}

}  // namespace yard::broker

#include "broker/core/admission.h"

#include <algorithm>

namespace yard::broker {
namespace {

// What a tool that never ran is thought to take: more than any backlog allows.
constexpr Nanos kUnknown = std::chrono::seconds(1);

constexpr Nanos kRiseLeast = std::chrono::microseconds(20);

}  // namespace

Nanos Admission::expected(const jobs::Job& job) const {
  const auto found = lately_.find(job.tool);
  return found == lately_.end() ? kUnknown : found->second;
}

bool Admission::full() const {
  if (outstanding_ < slots_) return false;
  return outstanding_ >= limits_.prefetch_max || backlog_ > limits_.prefetch_per_slot * slots_;
}

bool Admission::admits(const jobs::Job& job) const {
  if (full()) return false;
  if (outstanding_ < slots_) return true;
  return backlog_ + expected(job) <= limits_.prefetch_per_slot * slots_;
}

void Admission::hand_over(jobs::Job& job) {
  ++outstanding_;
  job.run->admitted = expected(job);
  backlog_ += job.run->admitted;
}

void Admission::take_back(jobs::Job& job, Nanos busy) {
  --outstanding_;
  backlog_ -= std::exchange(job.run->admitted, {});
  if (busy <= Nanos::zero()) return;
  // Falls slowly, and rises by no more than doubling: a thread that was preempted once says little.
  Nanos& lately = lately_.try_emplace(job.tool, busy).first->second;
  lately += busy > lately ? std::min(busy - lately, lately + kRiseLeast) : (busy - lately) / 8;
}

}  // namespace yard::broker

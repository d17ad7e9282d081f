#include "engine/tickets/ready_queue.h"

#include <tuple>
#include <utility>

#include "engine/base/check.h"

namespace yard::tickets {
namespace {

constexpr unsigned kLeastUrgent = kPriorities - 1;

}  // namespace

void ReadyQueue::push(Slot slot, Event event) {
  YARD_CHECK(event.priority < kPriorities);
  if (add(slot, std::move(event))) wait(slot, 0);
}

// True if it is the only one.
bool ReadyQueue::add(Slot slot, Event event) {
  if (inboxes_.size() <= slot) inboxes_.resize(std::size_t{slot} + 1);
  const std::uint32_t node = new_node(std::move(event));
  Inbox& inbox = inboxes_[slot];
  const bool first = inbox.first == kNone;
  (first ? inbox.first : nodes_[inbox.last].next) = node;
  inbox.last = node;
  ++events_;
  return first;
}

std::uint32_t ReadyQueue::new_node(Event event) {
  if (free_ == kNone) {
    nodes_.push_back({.event = std::move(event)});
    return static_cast<std::uint32_t>(nodes_.size() - 1);
  }
  const std::uint32_t node = std::exchange(free_, nodes_[free_].next);
  nodes_[node] = {.event = std::move(event)};
  return node;
}

Event ReadyQueue::pop_event(Inbox& inbox) {
  const std::uint32_t node = inbox.first;
  inbox.first = std::exchange(nodes_[node].next, free_);
  free_ = node;
  --events_;
  return std::move(nodes_[node].event);
}

void ReadyQueue::wait(Slot slot, std::uint8_t deferrals) {
  const unsigned line = nodes_[inboxes_[slot].first].event.priority;
  lines_[line].push_back({.slot = slot, .deferrals = deferrals, .since = round_, .order = orders_++});
  ++ready_;
}

unsigned ReadyQueue::next_line() const {
  unsigned best = 0;
  std::pair<std::uint64_t, std::uint64_t> least(UINT64_MAX, UINT64_MAX);
  for (unsigned line = 0; line < kPriorities; ++line) {
    if (lines_[line].empty()) continue;
    const Waiting& first = lines_[line].front();
    const std::pair turn(first.since + line * kAgingRounds, first.order);
    if (turn < least) std::tie(least, best) = std::tuple(turn, line);
  }
  return best;
}

// Only for others: where nobody more urgent is ready, there is nothing to gain.
bool ReadyQueue::makes_room(unsigned line, std::size_t defer_above) const {
  const Line& waiting = lines_[line];
  return line == kLeastUrgent && ready_ > defer_above && waiting.front().deferrals < kDeferralsMax &&
         waiting.front().since < round_ && waiting.size() < ready_;
}

void ReadyQueue::take(std::size_t most, std::size_t defer_above, std::vector<Taken>& taken,
                      std::vector<Slot>& deferred) {
  taken.clear();
  deferred.clear();
  ++round_;
  while (ready_ > 0 && taken.size() < most) {
    const unsigned line = next_line();
    const bool defer = makes_room(line, defer_above);
    const Waiting next = lines_[line].front();
    lines_[line].pop_front();
    --ready_;
    if (defer) {
      deferred.push_back(next.slot);
      wait(next.slot, static_cast<std::uint8_t>(next.deferrals + 1));
      continue;
    }
    Inbox& inbox = inboxes_[next.slot];
    taken.push_back({.slot = next.slot, .event = pop_event(inbox)});
    if (inbox.first != kNone) again_.push_back(next.slot);
  }
  for (const Slot slot : again_) wait(slot, 0);
  again_.clear();
}

}  // namespace yard::tickets

// Events: values that are handled once each, in order.
#pragma once

#include <deque>

#include "engine/base/result.h"
#include "engine/reactive/action.h"

namespace yard::reactive {

// Events that wait, of all handlers; more are refused. What handles a burst this size in time handles any.
inline constexpr std::size_t kEventsMax = 256;

// Whose turn it is. The payloads wait with their handlers.
using EventLane = std::deque<NodeRef>;

template <typename T>
class EventQueue : public State {
 public:
  std::deque<T> waiting;
};

template <typename T, typename F>
class EventHandler final : public EventQueue<T> {
 public:
  explicit EventHandler(F function) : function_(std::move(function)) {}

  static Outcome run(Graph&, State& state) {
    auto& self = static_cast<EventHandler&>(state);
    const T event = std::move(self.waiting.front());
    self.waiting.pop_front();
    self.function_(event);
    return self.succeeded();
  }

 private:
  F function_;
};

// Where events of one handler are put. Copied freely; the scheduler must outlive it.
template <typename T>
class EventPort {
 public:
  EventPort() = default;
  EventPort(Graph& graph, NodeRef ref, EventLane& lane) : graph_(&graph), ref_(ref), lane_(&lane) {}

  // The handler gets `event` when the scheduler settles.
  // Errors: kQueueFull, with kEventsMax waiting; kGone, if the handler was disposed of.
  Status emit(T event) const {
    if (!graph_->is_alive(ref_)) return fail(ErrorCode::kGone, "the event's handler is gone");
    if (lane_->size() >= kEventsMax) return fail(ErrorCode::kQueueFull, "too many events wait");
    static_cast<EventQueue<T>*>(graph_->node(ref_.id).state)->waiting.push_back(std::move(event));
    lane_->push_back(ref_);
    return {};
  }

  [[nodiscard]] NodeRef ref() const { return ref_; }

 private:
  Graph* graph_ = nullptr;
  NodeRef ref_;
  EventLane* lane_ = nullptr;
};

}  // namespace yard::reactive

// Wakes: who is to be looked at when.
#pragma once

#include <algorithm>
#include <tuple>
#include <vector>

#include "engine/base/clock.h"
#include "engine/reactive/graph.h"

namespace yard::reactive {

// A heap by time; at the same time the older node first. Entries are never removed, only found to be out of date.
struct Wakes {
  struct Wake {
    Nanos at{0};
    NodeRef node;
    bool operator>(const Wake& other) const {
      return std::tie(at, node.id, node.generation) > std::tie(other.at, other.node.id, other.node.generation);
    }
  };

  void add(Nanos at, NodeRef node) {
    heap.push_back({at, node});
    std::ranges::push_heap(heap, std::greater<>());
  }
  Wake take() {
    std::ranges::pop_heap(heap, std::greater<>());
    const Wake first = heap.back();
    heap.pop_back();
    return first;
  }

  std::vector<Wake> heap;
};

}  // namespace yard::reactive

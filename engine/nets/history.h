// History: states that were kept, and which of them is the present one.
#pragma once

#include <cstddef>
#include <vector>

#include "engine/nets/limits.h"
#include "engine/nets/state.h"

namespace yard::nets {

class History {
 public:
  // Forgets what comes behind the present one. False: there are kSnapshotsMax.
  bool keep(const State& state) {
    if (!states_.empty()) states_.resize(at_ + 1);
    if (states_.size() == kSnapshotsMax) return false;
    states_.push_back(state);
    at_ = states_.size() - 1;
    return true;
  }
  // nullptr: there is none.
  const State* go_to(std::size_t index) {
    if (index >= states_.size()) return nullptr;
    at_ = index;
    return &states_[index];
  }
  const State* back() { return states_.empty() || at_ == 0 ? nullptr : go_to(at_ - 1); }
  const State* forward() { return go_to(at_ + 1); }

  [[nodiscard]] std::size_t size() const { return states_.size(); }
  [[nodiscard]] std::size_t at() const { return at_; }

 private:
  std::vector<State> states_;
  std::size_t at_ = 0;
};

}  // namespace yard::nets

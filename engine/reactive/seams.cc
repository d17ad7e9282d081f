#include "engine/reactive/seams.h"

namespace yard::reactive {

Nanos RecordedDecisions::decide(const Decision& proposed) {
  if (!replays_) {
    if (proposed.debounce > Nanos(0)) decisions_.push_back(proposed);
    return proposed.debounce;
  }
  if (next_ == decisions_.size()) return Nanos(0);
  const Decision& recorded = decisions_[next_];
  if (recorded.action != proposed.action || recorded.run != proposed.run) return Nanos(0);
  ++next_;
  return recorded.debounce;
}

}  // namespace yard::reactive

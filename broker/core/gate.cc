#include "broker/core/gate.h"

#include <utility>

namespace yard::broker {

void Gate::flush(Outputs& out) {
  if (!gathering_.empty()) held_.push_back({position_, std::exchange(gathering_, {})});
  if (!records_.empty()) {
    std::swap(out.records, records_);
    records_.clear();
    out.last = position_;
  }
  while (!held_.empty() && held_.front().position <= committed_) {
    if (out.effects.empty()) {
      std::swap(out.effects, held_.front().effects);
    } else {
      out.effects.append(std::move(held_.front().effects));
    }
    held_.pop_front();
  }
}

}  // namespace yard::broker

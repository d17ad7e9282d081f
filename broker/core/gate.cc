#include "broker/core/gate.h"

#include <utility>

namespace yard::broker {

Effects Gate::take_spare() {
  if (spare_.empty()) return {};
  Effects spare = std::move(spare_.back());
  spare_.pop_back();
  return spare;
}

void Gate::keep_spare(Effects&& effects) {
  constexpr std::size_t kSpareMax = 4;
  if (spare_.size() >= kSpareMax) return;
  effects.clear();
  spare_.push_back(std::move(effects));
}

void Gate::flush(Outputs& out) {
  if (!gathering_.empty()) {
    held_.push_back({recorded_, std::move(gathering_)});
    gathering_ = take_spare();
  }
  if (!records_.empty()) {
    std::swap(out.records, records_);
    records_.clear();
    out.last = recorded_;
  }
  while (!held_.empty() && held_.front().position <= committed_) {
    if (out.effects.empty()) {
      std::swap(out.effects, held_.front().effects);
    } else {
      out.effects.append(std::move(held_.front().effects));
    }
    keep_spare(std::move(held_.front().effects));
    held_.pop_front();
  }
}

}  // namespace yard::broker

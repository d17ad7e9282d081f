#include "engine/ports/waiting.h"

#include <utility>

namespace yard::ports {

Status Waiting::push(Bytes packed) {
  if (values_.size() >= kWaitingMax || bytes_ + packed.size() > kWaitingBytesMax)
    return fail(ErrorCode::kQueueFull, "too much waits: deliver() first");
  bytes_ += packed.size();
  values_.push_back(std::move(packed));
  return {};
}

Result<std::size_t> Waiting::deliver(const Target& target) {
  const std::size_t count = values_.size();
  for (std::size_t i = 0; i < count; ++i) {
    YARD_TRY_STATUS(target(Payload::of(PackView(values_.front()))));
    bytes_ -= values_.front().size();
    values_.pop_front();
  }
  return count;
}

}  // namespace yard::ports

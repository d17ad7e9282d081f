#include "engine/tickets/ready_queue.h"

namespace yard::tickets {

void ReadyQueue::save(PackWriter& out) const {
  out.natural(round_);
  out.natural(orders_);
  std::uint64_t full = 0;
  for (const Inbox& inbox : inboxes_) full += inbox.first != kNone ? 1 : 0;
  out.natural(full);
  for (Slot slot = 0; slot < inboxes_.size(); ++slot)
    if (inboxes_[slot].first != kNone) save_inbox(out, slot);
  for (const Line& line : lines_) {
    out.natural(line.size());
    for (const Waiting& waiting : line) {
      out.natural(waiting.slot);
      out.natural(waiting.deferrals);
      out.natural(waiting.since);
      out.natural(waiting.order);
    }
  }
}

void ReadyQueue::save_inbox(PackWriter& out, Slot slot) const {
  std::uint64_t count = 0;
  for (std::uint32_t node = inboxes_[slot].first; node != kNone; node = nodes_[node].next) ++count;
  out.natural(slot);
  out.natural(count);
  for (std::uint32_t node = inboxes_[slot].first; node != kNone; node = nodes_[node].next) {
    const Event& event = nodes_[node].event;
    out.binary(event.payload);
    out.natural(event.priority);
    out.boolean(event.is_receipt);
    out.boolean(event.succeeded);
    out.natural(event.intent.high);
    out.natural(event.intent.low);
  }
}

Result<ReadyQueue> ReadyQueue::load(PackSequence& in, std::size_t slots) {
  ReadyQueue queue;
  queue.round_ = in.natural();
  queue.orders_ = in.natural();
  const std::uint64_t inboxes = in.natural();
  for (std::uint64_t i = 0; i < inboxes && in.ok(); ++i) queue.load_inbox(in, slots);
  for (unsigned line = 0; line < kPriorities; ++line) queue.load_line(in, line);
  if (!in.ok() || queue.ready_ != inboxes) return fail(ErrorCode::kBadFrame, "snapshot: the queue is damaged");
  return queue;
}

void ReadyQueue::load_inbox(PackSequence& in, std::size_t slots) {
  const auto slot = static_cast<Slot>(in.below(slots));
  const std::uint64_t count = in.natural();
  for (std::uint64_t i = 0; i < count; ++i) {
    Event event{.payload = Bytes(in.binary()),
                .priority = static_cast<std::uint8_t>(in.below(kPriorities)),
                .is_receipt = in.boolean(),
                .succeeded = in.boolean(),
                .intent = {.high = in.natural(), .low = in.natural()}};
    if (!in.ok()) return;
    static_cast<void>(add(slot, std::move(event)));
  }
}

void ReadyQueue::load_line(PackSequence& in, unsigned line) {
  const std::uint64_t count = in.natural();
  for (std::uint64_t i = 0; i < count; ++i) {
    const Waiting waiting{.slot = static_cast<Slot>(in.below(inboxes_.size())),
                          .deferrals = static_cast<std::uint8_t>(in.below(kDeferralsMax + 1)),
                          .since = in.natural(),
                          .order = in.natural()};
    if (!in.ok()) return;
    if (inboxes_[waiting.slot].first == kNone) return in.refuse();
    lines_[line].push_back(waiting);
    ++ready_;
  }
}

}  // namespace yard::tickets

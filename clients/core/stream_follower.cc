#include "clients/core/stream_follower.h"

#include <algorithm>

namespace yard::client {
namespace {

constexpr std::size_t kEarlyBytesMax = 8u << 20;

}  // namespace

StreamFollower::StreamFollower(std::string topic, std::uint64_t from, Deliver deliver)
    : topic_(std::move(topic)), deliver_(std::move(deliver)), next_(std::max<std::uint64_t>(1, from)) {}

Status StreamFollower::on_live(BytesView frame) {
  YARD_TRY(const iopub::Event event, iopub::decode_event(frame));
  if (event.header.epoch < epoch_) return {};  // of a broker that is gone
  if (event.header.kind == iopub::EventKind::kWelcome) {
    on_tail(event.header.epoch, static_cast<std::uint64_t>(PackView(event.body).find("last").integer_or(0)));
    return {};
  }
  if (event.header.seq == 0) {
    deliver_(event);
    return {};
  }
  accept(frame, event);
  return {};
}

void StreamFollower::on_tail(std::uint64_t epoch, std::uint64_t seq) {
  if (epoch < epoch_) return;
  if (epoch_ != 0 && epoch != epoch_) restart(epoch);
  epoch_ = epoch;
  tail_ = std::max(tail_, seq);
  if (next_ <= tail_) behind_ = true;
}

// Another history: what was due no longer means anything.
void StreamFollower::restart(std::uint64_t epoch) {
  epoch_ = epoch;
  next_ = 1;
  tail_ = 0;
  behind_ = true;
  asked_ = false;
  early_.clear();
  early_bytes_ = 0;
}

void StreamFollower::accept(BytesView frame, const iopub::Event& event) {
  if (event.header.epoch < epoch_) return;
  if (epoch_ != 0 && event.header.epoch != epoch_) restart(event.header.epoch);
  epoch_ = event.header.epoch;
  const std::uint64_t seq = event.header.seq;
  tail_ = std::max(tail_, seq);
  if (seq < next_) return;
  if (is_value()) {
    behind_ = false;
    return deliver(event);
  }
  if (seq == next_) {
    deliver(event);
    return drain_buffer();
  }
  behind_ = true;
  if (early_bytes_ + frame.size() > kEarlyBytesMax) return;
  if (early_.try_emplace(seq, frame).second) early_bytes_ += frame.size();
}

void StreamFollower::deliver(const iopub::Event& event) {
  next_ = event.header.seq + 1;
  deliver_(event);
}

void StreamFollower::drain_buffer() {
  while (!early_.empty() && early_.begin()->first <= next_) {
    const auto node = early_.extract(early_.begin());
    early_bytes_ -= node.mapped().size();
    if (node.key() < next_) continue;
    if (const auto event = iopub::decode_event(node.mapped())) deliver(*event);
  }
  if (next_ > tail_) behind_ = false;
}

Status StreamFollower::on_replay(PackView answer) {
  asked_ = false;
  const std::uint64_t epoch_before = epoch_;
  const std::uint64_t before = next_;
  const auto number = [&](std::string_view key) { return static_cast<std::uint64_t>(answer.find(key).integer_or(0)); };
  on_tail(number("epoch"), number("last"));
  if (answer.find("truncated").boolean_or(false) && number("oldest") > next_) {
    // What lies before is gone: the snapshot says where it led to.
    next_ = number("oldest");
    const PackView snapshot = answer.find("snapshot");
    deliver_({.topic = topic_,
              .header = {.kind = iopub::EventKind::kSnapshot, .epoch = epoch_, .seq = next_ - 1},
              .body = snapshot ? snapshot.bytes() : answer.bytes()});
  }
  Status status;
  answer.find("events").each_element([&](PackView element) {
    const BytesView frame = element.binary().value_or(BytesView());
    const auto event = iopub::decode_event(frame);
    if (!event) {
      status = std::unexpected(event.error());
    } else {
      accept(frame, *event);
    }
  });
  YARD_TRY_STATUS(status);
  drain_buffer();
  // An answer that brings nothing new is not asked for again until the stream shows signs of life.
  behind_ = next_ <= tail_ && (next_ > before || epoch_ != epoch_before);
  return {};
}

std::optional<std::uint64_t> StreamFollower::wants_replay() {
  if (!behind_ || asked_) return std::nullopt;
  asked_ = true;
  return next_;
}

}  // namespace yard::client

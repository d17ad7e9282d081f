#include "clients/core/stream_follower.h"

#include <algorithm>

namespace yard::client {

using iopub::EventHeader;
using iopub::EventKind;

namespace {

// A broker that restarts this often has other worries; the oldest epochs are forgotten first.
constexpr std::size_t kFormerEpochsMax = 64;

constexpr std::uint32_t kRetryDoublingsMax = 3;

std::uint64_t natural_or(PackView value, std::uint64_t other) {
  PackCursor cursor(value.bytes());
  PackToken token;
  if (!value || !cursor.next(token) || token.type != PackType::kInteger) return other;
  return token.above_int64 || token.integer >= 0 ? token.natural : other;
}

PackView checked(BytesView body) { return check_pack(body) ? PackView(body) : PackView(); }

}  // namespace

bool is_final_state(std::string_view state) {
  return state == "succeeded" || state == "failed" || state == "cancelled" || state == "expired";
}

StreamFollower::StreamFollower(std::string topic, const FollowerOptions& options, SteadyTime now)
    : topic_(std::move(topic)), options_(options), next_(options.from), ask_at_(now + options.welcome_wait) {}

// ---- epochs

void StreamFollower::restart(std::uint64_t epoch, SteadyTime now) {
  former_epochs_.push_back(epoch_);
  if (former_epochs_.size() > kFormerEpochsMax) former_epochs_.erase(former_epochs_.begin());
  epoch_ = epoch;
  next_ = 1;
  newest_ = 0;
  buffer_.clear();
  buffer_bytes_ = 0;
  ended_ = false;
  unsure_ = true;
  disregard_ = outstanding_;
  ask_at_ = now;
  ++counters_.restarts;
}

bool StreamFollower::enter_epoch(std::uint64_t epoch, SteadyTime now) {
  if (epoch == epoch_) return true;
  if (std::ranges::find(former_epochs_, epoch) != former_epochs_.end()) return false;
  if (epoch_ == 0) {
    epoch_ = epoch;
  } else {
    restart(epoch, now);
  }
  return true;
}

// ---- what arrives

void StreamFollower::live(BytesView frame, SteadyTime now) {
  const auto event = iopub::decode_event(frame);
  if (!event || event->topic != topic_ || failure_) return;
  const EventHeader& header = event->header;
  if (header.kind == EventKind::kWelcome) return on_welcome(*event, now);
  if (header.seq == 0) return give(header, frame);
  if (enter_epoch(header.epoch, now)) on_numbered(header, frame, now);
}

void StreamFollower::on_welcome(const iopub::Event& event, SteadyTime now) {
  if (!enter_epoch(event.header.epoch, now)) return;
  const std::uint64_t last = natural_or(checked(event.body).find("last"), 0);
  if (next_ == kFromNow) {
    next_ = last + 1;
    unsure_ = false;
    take_buffer();
  }
  newest_ = std::max(newest_, last);
  if (newest_ >= next_) unsure_ = true;
  ask_at_ = std::min(ask_at_, now);
}

void StreamFollower::saw(std::uint64_t seq, SteadyTime now) {
  newest_ = std::max(newest_, seq);
  if (unsure_ || newest_ < next_) return;
  unsure_ = true;
  ask_at_ = now;
  ++counters_.gaps;
}

void StreamFollower::on_numbered(const EventHeader& header, BytesView frame, SteadyTime now) {
  if (next_ == kFromNow) {
    newest_ = std::max(newest_, header.seq);
    return keep(header.seq, frame);
  }
  if (header.seq < next_) {
    ++counters_.duplicates;
    return;
  }
  if (header.seq > next_ && !conflates()) {
    keep(header.seq, frame);
    return saw(header.seq, now);
  }
  if (ready_bytes_ >= options_.ready_bytes_max && !conflates()) return saw(header.seq, now);
  give(header, frame);
  next_ = header.seq + 1;
  newest_ = std::max(newest_, header.seq);
  take_buffer();
}

void StreamFollower::beacon(std::uint64_t last, SteadyTime now) {
  if (next_ != kFromNow && !failure_) saw(last, now);
}

// ---- what comes out

void StreamFollower::give(const EventHeader& header, BytesView frame) {
  ready_.emplace_back(frame);
  ready_bytes_ += frame.size();
  if (header.job && topic_.starts_with("j.")) {
    ended_ = header.kind == EventKind::kComplete || header.kind == EventKind::kError;
  }
}

void StreamFollower::give_snapshot(std::uint64_t seq, BytesView body) {
  const auto job = iopub::job_of_topic(topic_);
  Bytes frame;
  iopub::encode_event(frame, topic_,
                      {.kind = EventKind::kSnapshot, .epoch = epoch_, .seq = seq, .job = job.value_or(Uuid{})},
                      body.empty() ? BytesView("\x80", 1) : body);
  ready_bytes_ += frame.size();
  ready_.push_back(std::move(frame));
}

void StreamFollower::pop() {
  ready_bytes_ -= ready_.front().size();
  ready_.pop_front();
}

void StreamFollower::keep(std::uint64_t seq, BytesView frame) {
  if (buffer_bytes_ + frame.size() > options_.buffer_bytes_max) return;
  if (buffer_.emplace(seq, frame).second) {
    buffer_bytes_ += frame.size();
  } else {
    ++counters_.duplicates;
  }
}

// Gives what now connects; forgets what was given otherwise.
void StreamFollower::take_buffer() {
  while (!buffer_.empty() && buffer_.begin()->first <= next_) {
    const auto node = buffer_.extract(buffer_.begin());
    buffer_bytes_ -= node.mapped().size();
    if (node.key() < next_) {
      ++counters_.duplicates;
      continue;
    }
    give(iopub::decode_event(node.mapped())->header, node.mapped());
    next_ = node.key() + 1;
  }
  if (newest_ < next_ && !outstanding_) unsure_ = unsure_ && counters_.replays == 0;
}

// ---- replays

std::optional<StreamFollower::Replay> StreamFollower::want_replay(SteadyTime now) {
  if (!unsure_ || outstanding_ || failure_ || now < ask_at_) return std::nullopt;
  if (ready_bytes_ >= options_.ready_bytes_max) return std::nullopt;
  outstanding_ = true;
  disregard_ = false;
  ++counters_.replays;
  if (next_ == kFromNow) return Replay{.from = 1, .bytes_max = 1};  // only to learn the tail
  return Replay{.from = next_};
}

void StreamFollower::take_events(PackView events, SteadyTime now) {
  events.each_element([&](PackView element) {
    const BytesView frame = element.binary().value_or(BytesView{});
    const auto event = iopub::decode_event(frame);
    if (!event || event->topic != topic_ || event->header.epoch != epoch_ || event->header.seq < next_) return;
    if (event->header.seq > next_) {
      keep(event->header.seq, frame);
      return saw(event->header.seq, now);
    }
    give(event->header, frame);
    next_ = event->header.seq + 1;
  });
}

void StreamFollower::replayed(PackView page, SteadyTime now) {
  outstanding_ = false;
  if (failure_ || std::exchange(disregard_, false)) return;
  const std::uint64_t asked = next_;
  if (!enter_epoch(natural_or(page.find("epoch"), epoch_), now) || next_ != asked) {
    // Another history: it begins at 1, wherever this answer does.
    if (asked != 1) return;
  }
  failures_ = 0;
  const std::uint64_t last = natural_or(page.find("last"), 0);
  newest_ = std::max(newest_, last);
  if (next_ == kFromNow) {
    next_ = last + 1;
  } else {
    const std::uint64_t oldest = natural_or(page.find("oldest"), 1);
    const PackView snapshot = page.find("snapshot");
    const bool truncated = page.find("truncated").boolean_or(false) && oldest > next_;
    if (truncated || (snapshot && last >= next_)) {
      give_snapshot(oldest - 1, snapshot.bytes());
      if (!conflates()) counters_.lost += oldest - next_;
      next_ = oldest;
      ended_ = is_final_state(snapshot.find("state").string_or("")) && oldest > last;
    }
    take_events(page.find("events"), now);
  }
  take_buffer();
  unsure_ = newest_ >= next_;
  if (!unsure_) return;
  if (next_ == asked) return retry_later(now);
  ask_at_ = now;
}

void StreamFollower::retry_later(SteadyTime now) {
  ask_at_ = now + options_.retry_wait * (1 << std::min(failures_, kRetryDoublingsMax));
  ++failures_;
}

void StreamFollower::replay_failed(const Error& error, SteadyTime now) {
  outstanding_ = false;
  if (std::exchange(disregard_, false)) return;
  if (is_retryable(error.code)) return retry_later(now);
  if (error.code != ErrorCode::kNotFound || topic_.starts_with("j.")) {
    failure_ = error;
    return;
  }
  // A stream that nobody wrote to yet, or one without a history: what is there begins now.
  failures_ = 0;
  unsure_ = false;
  const std::uint64_t first = buffer_.empty() ? newest_ + 1 : buffer_.begin()->first;
  if (next_ == kFromNow || newest_ >= next_) {
    if (next_ != kFromNow && first > next_) counters_.lost += first - next_;
    next_ = std::max<std::uint64_t>(first, 1);
    take_buffer();
    unsure_ = newest_ >= next_;
  }
}

SteadyTime StreamFollower::next_due() const {
  const bool idle = !unsure_ || outstanding_ || failure_ || ready_bytes_ >= options_.ready_bytes_max;
  return idle ? SteadyTime::max() : ask_at_;
}

}  // namespace yard::client

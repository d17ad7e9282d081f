#include "clients/cli/follow.h"

#include <utility>

#include "engine/base/pack_json.h"

namespace yard::cli {
namespace {

// Bodies are bounded by a frame; this bounds how far a slow terminal may fall behind.
constexpr std::size_t kWaitingBytesMax = 64u << 20;

// Roughly what an event costs beside its body.
constexpr std::size_t kEventCost = 256;

std::int64_t unix_ms(WallTime time) { return std::chrono::duration_cast<Millis>(time.time_since_epoch()).count(); }

bool is_terminal_state(std::string_view state) {
  return state == "succeeded" || state == "failed" || state == "cancelled" || state == "expired";
}

}  // namespace

bool ends_job(const FollowedEvent& event) {
  using enum iopub::EventKind;
  if (!iopub::job_of_topic(event.topic)) return false;
  if (event.header.kind == kComplete || event.header.kind == kError) return true;
  return event.header.kind == kSnapshot && is_terminal_state(event.view().find("state").string_or(""));
}

nlohmann::json to_json(const FollowedEvent& event) {
  nlohmann::json line = {{"stream", event.topic},   {"kind", name_of(event.header.kind)},
                         {"seq", event.header.seq}, {"epoch", event.header.epoch},
                         {"lsn", event.header.lsn}, {"time_ms", unix_ms(event.header.time)}};
  if (event.header.job) line["job_id"] = to_hex(event.header.job);
  line["body"] = yard::to_json(event.view());
  return line;
}

Follower::~Follower() {
  for (const client::SubscriptionId id : subscriptions_) client_.unsubscribe(id);
}

Status Follower::follow(std::string_view topic, std::uint64_t from) {
  YARD_TRY(const client::SubscriptionId id,
           client_.subscribe(topic, from, [inbox = inbox_](const iopub::Event& event) { inbox->put(event); }));
  subscriptions_.push_back(id);
  return {};
}

void Follower::Inbox::put(const iopub::Event& event) {
  const std::lock_guard lock(mutex);
  if (overflowed) return;
  waiting_bytes += event.body.size() + kEventCost;
  overflowed = waiting_bytes > kWaitingBytesMax;
  if (!overflowed)
    waiting.push_back({.topic = std::string(event.topic), .header = event.header, .body = Bytes(event.body)});
  arrived.notify_one();
}

Result<std::optional<FollowedEvent>> Follower::next(Millis timeout) {
  std::unique_lock lock(inbox_->mutex);
  inbox_->arrived.wait_for(lock, timeout, [this] { return !inbox_->waiting.empty() || inbox_->overflowed; });
  if (inbox_->waiting.empty()) {
    if (inbox_->overflowed)
      return fail(ErrorCode::kQueueFull, "events came faster than they were read; go on with --from the next seq");
    return std::nullopt;
  }
  FollowedEvent event = std::move(inbox_->waiting.front());
  inbox_->waiting.pop_front();
  inbox_->waiting_bytes -= event.body.size() + kEventCost;
  return event;
}

}  // namespace yard::cli

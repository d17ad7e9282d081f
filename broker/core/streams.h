// Streams: numbers events, keeps them for replay, and publishes what somebody listens to.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <unordered_map>

#include "broker/core/counters.h"
#include "broker/core/gate.h"
#include "broker/core/limits.h"
#include "broker/core/subscriptions.h"
#include "engine/base/clock.h"
#include "iopub/event.h"
#include "iopub/stream_log.h"
#include "jobs/job.h"

namespace yard::broker {

// Threads: one.
class Streams {
 public:
  Streams(const Limits& limits, Counters& counters, Gate& gate, std::uint64_t epoch);

  // Whether somebody may be listening to jobs' own streams.
  [[nodiscard]] bool listens_to_jobs() const { return subscriptions_.any('j'); }

  // The first event of a job, which tells its first state. Where the job has no run yet, it is left to
  // remember_first to keep it.
  void publish_first(jobs::Job& job, BytesView body, Now now);

  // Keeps an event that is not to go out: a job's first one, or one of the time before a restart.
  struct Past {
    iopub::EventKind kind = iopub::EventKind::kState;
    std::uint64_t lsn = 0;
    WallTime time{};
  };
  void remember_job(jobs::Job& job, const Past& past, BytesView body) const;
  void remember_principal(const jobs::Job& job, const Past& past, BytesView body);

  // A later event of a job, on its own stream. body: one msgpack map.
  void publish_job(jobs::Job& job, iopub::EventKind kind, BytesView body, Now now);

  // The same event on the stream of its principal.
  void publish_principal(const jobs::Job& job, iopub::EventKind kind, BytesView body, Now now);

  struct PrincipalStream {
    std::string topic;  // with its NUL
    iopub::StreamLog log;
  };
  // The stream of a principal, which is there from its first session on.
  PrincipalStream& open_principal(std::string_view principal);

  // The newest value of stream v.<key>; published at the next flush that its rate allows.
  void set_value(std::string_view key, BytesView packed);

  // A line on l., within the rate; what goes beyond is counted.
  void log(std::string_view level, std::string_view message, Now now);

  // The broker stops.
  void farewell(Now now);

  // A message of the XPUB socket; anything but a subscription is ignored, as peers can send what they like.
  // `last` tells the newest seq of a job's stream, where there is such a job.
  template <typename LastOfJob>
  void on_subscription(BytesView message, Now now, LastOfJob&& last);

  // Publishes values whose time has come, and the beacon.
  void on_tick(Now now);

  // When on_tick has something to do; the far future if nothing is pending.
  [[nodiscard]] SteadyTime next_tick() const;

  [[nodiscard]] std::uint64_t epoch() const { return epoch_; }
  [[nodiscard]] std::uint64_t lsn() const { return gate_.position(); }
  [[nodiscard]] const Subscriptions& subscriptions() const { return subscriptions_; }

  // A retained stream that is no job's and no value's; null where unknown.
  [[nodiscard]] const iopub::StreamLog* find_log(std::string_view topic) const;

  struct Value {
    Bytes packed;
    std::uint64_t seq = 0;  // of the last publication
    bool dirty = false;     // newer than the last publication
    SteadyTime published{};
  };
  [[nodiscard]] const Value* find_value(std::string_view topic) const;

 private:
  void publish(iopub::StreamLog& log, std::string_view topic, iopub::EventHeader header, BytesView body);
  void send(std::string_view topic, const iopub::EventHeader& header, BytesView body);
  void remember_for_beacon(std::string_view topic, std::uint64_t seq);
  void publish_values(Now now);
  void beacon(Now now);
  void welcome(std::string_view topic, std::uint64_t last, Now now);
  [[nodiscard]] iopub::EventHeader header_of(iopub::EventKind kind, const Uuid& job, Now now) const;

  struct Recent {
    std::uint64_t seq = 0;
    std::uint32_t beacons_left = 0;
  };

  const Limits& limits_;
  Counters& counters_;
  Gate& gate_;
  const std::uint64_t epoch_;
  Subscriptions subscriptions_;
  std::map<std::string, PrincipalStream, std::less<>> principals_;  // by principal
  struct {
    jobs::Name principal;
    PrincipalStream* stream = nullptr;
  } lately_;  // the last one that a job found: several events in a row are of the same
  iopub::StreamLog log_;
  std::map<std::string, Value, std::less<>> values_;  // by topic
  std::size_t values_dirty_ = 0;
  std::unordered_map<std::string, Recent> recent_;
  SteadyTime next_beacon_{};
  SteadyTime log_second_{};
  std::uint32_t logs_this_second_ = 0;
};

template <typename LastOfJob>
void Streams::on_subscription(BytesView message, Now now, LastOfJob&& last) {
  if (message.empty() || message.size() > iopub::kTopicBytesMax + 2) return;
  const std::string_view prefix = message.substr(1);
  if (message[0] == 0) return subscriptions_.remove(prefix);
  if (message[0] != 1) return;
  subscriptions_.add(prefix);
  if (!prefix.ends_with('\0')) return;
  const std::string_view topic = prefix.substr(0, prefix.size() - 1);
  if (const auto job = iopub::job_of_topic(topic)) {
    if (const std::optional<std::uint64_t> seq = last(*job)) welcome(topic, *seq, now);
  } else if (const iopub::StreamLog* log = find_log(topic)) {
    welcome(topic, log->last(), now);
  } else if (const Value* value = find_value(topic)) {
    welcome(topic, value->seq, now);
  }
}

}  // namespace yard::broker

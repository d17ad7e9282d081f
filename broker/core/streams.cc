#include "broker/core/streams.h"

namespace yard::broker {

using iopub::EventHeader;
using iopub::EventKind;

namespace {

constexpr std::uint32_t kBeaconsPerChange = 8;  // so a lost beacon is repaired by the next ones

std::string_view without_nul(std::string_view topic) { return topic.substr(0, topic.size() - 1); }

}  // namespace

Streams::Streams(const Limits& limits, Counters& counters, Gate& gate, std::uint64_t epoch)
    : limits_(limits),
      counters_(counters),
      gate_(gate),
      epoch_(epoch),
      subscriptions_(limits.subscriptions_max),
      log_(limits.log_stream_bytes) {}

EventHeader Streams::header_of(EventKind kind, const Uuid& job, Now now) const {
  return {.kind = kind, .epoch = epoch_, .lsn = gate_.position(), .time = now.wall, .job = job};
}

void Streams::send(std::string_view topic, const EventHeader& header, BytesView body) {
  auto& events = gate_.effects().events;
  iopub::encode_event(events.begin({}), topic, header, body);
  events.end();
}

void Streams::remember_for_beacon(std::string_view topic, std::uint64_t seq) {
  const auto found = recent_.find(std::string(topic));
  if (found != recent_.end()) {
    found->second = {seq, kBeaconsPerChange};
  } else if (recent_.size() < limits_.beacon_topics_max) {
    recent_.emplace(topic, Recent{seq, kBeaconsPerChange});
  } else {
    ++counters_.beacon_overflow;
  }
}

// `topic` ends with its NUL.
void Streams::publish(iopub::StreamLog& log, std::string_view topic, EventHeader header, BytesView body) {
  header = log.append(header, body);
  ++counters_.events;
  if (!subscriptions_.wanted(topic)) return;
  send(without_nul(topic), header, body);
  remember_for_beacon(without_nul(topic), header.seq);
}

void Streams::remember_job(jobs::Job& job, const Past& past, BytesView body) const {
  job.run->stream.append(
      {.kind = past.kind, .epoch = epoch_, .lsn = past.lsn, .time = past.time, .job = job.id.value()}, body);
}

void Streams::remember_principal(const jobs::Job& job, const Past& past, BytesView body) {
  open_principal(job.principal)
      .log.append({.kind = past.kind, .epoch = epoch_, .lsn = past.lsn, .time = past.time, .job = job.id.value()},
                  body);
}

void Streams::publish_first(jobs::Job& job, BytesView body, Now now) {
  if (job.run) return publish_job(job, EventKind::kState, body, now);
  ++counters_.events;
}

void Streams::publish_job(jobs::Job& job, EventKind kind, BytesView body, Now now) {
  const EventHeader header = header_of(kind, job.id.value(), now);
  if (!subscriptions_.any('j')) {
    job.run->stream.append(header, body);
    ++counters_.events;
    return;
  }
  std::string topic = iopub::job_topic(job.id.value());
  topic.push_back('\0');
  publish(job.run->stream, topic, header, body);
}

void Streams::publish_principal(const jobs::Job& job, EventKind kind, BytesView body, Now now) {
  if (lately_.stream == nullptr || lately_.principal != job.principal) {
    lately_ = {.principal = job.principal, .stream = &open_principal(job.principal)};
  }
  publish(lately_.stream->log, lately_.stream->topic, header_of(kind, job.id.value(), now), body);
}

Streams::PrincipalStream& Streams::open_principal(std::string_view principal) {
  const auto found = principals_.find(principal);
  if (found != principals_.end()) return found->second;
  std::string topic = iopub::principal_topic(principal) + '\0';
  PrincipalStream stream{std::move(topic), iopub::StreamLog(limits_.principal_stream_bytes)};
  return principals_.emplace(principal, std::move(stream)).first->second;
}

void Streams::set_value(std::string_view key, BytesView packed) {
  const std::string topic = iopub::value_topic(key);
  auto found = values_.find(topic);
  if (found == values_.end()) {
    if (values_.size() >= limits_.values_max) {
      ++counters_.values_conflated;
      return;
    }
    found = values_.emplace(topic, Value{}).first;
  }
  Value& value = found->second;
  value.packed = packed;
  if (value.dirty) {
    ++counters_.values_conflated;
    return;
  }
  value.dirty = true;
  ++values_dirty_;
}

void Streams::publish_values(Now now) {
  for (auto& [topic, value] : values_) {
    if (!value.dirty || now.steady - value.published < limits_.value_interval) continue;
    value.dirty = false;
    --values_dirty_;
    value.published = now.steady;
    EventHeader header = header_of(EventKind::kValue, {}, now);
    header.seq = ++value.seq;
    ++counters_.events;
    send(topic, header, value.packed);
    if (subscriptions_.wanted(topic + '\0')) remember_for_beacon(topic, header.seq);
  }
}

void Streams::log(std::string_view level, std::string_view message, Now now) {
  if (now.steady - log_second_ >= std::chrono::seconds(1)) {
    log_second_ = now.steady;
    logs_this_second_ = 0;
  }
  if (++logs_this_second_ > limits_.log_events_per_second) {
    ++counters_.logs_suppressed;
    return;
  }
  gate_.effects().logs.push_back({std::string(level), std::string(message)});
  Bytes body;
  PackWriter writer(body);
  PackMap(writer).string("level", level).string("message", message);
  constexpr std::string_view kTopic("l.\0", 3);
  publish(log_, kTopic, header_of(EventKind::kLog, {}, now), body);
}

void Streams::farewell(Now now) {
  Bytes body;
  PackWriter(body).map(0);
  send(iopub::kBeaconTopic, header_of(EventKind::kFarewell, {}, now), body);
}

void Streams::welcome(std::string_view topic, std::uint64_t last, Now now) {
  Bytes body;
  PackWriter writer(body);
  PackMap(writer).natural("last", last);
  send(topic, header_of(EventKind::kWelcome, {}, now), body);
}

void Streams::beacon(Now now) {
  if (!recent_.empty()) {
    Bytes body;
    PackWriter writer(body);
    {
      PackMap map(writer);
      PackMap streams = map.map("streams");
      for (const auto& [topic, recent] : recent_) streams.natural(topic, recent.seq);
    }
    send(iopub::kBeaconTopic, header_of(EventKind::kBeacon, {}, now), body);
    for (auto entry = recent_.begin(); entry != recent_.end();) {
      entry = --entry->second.beacons_left == 0 ? recent_.erase(entry) : std::next(entry);
    }
  }
  next_beacon_ = now.steady + limits_.beacon_interval;
}

void Streams::on_tick(Now now) {
  if (values_dirty_ > 0) publish_values(now);
  if (now.steady >= next_beacon_) beacon(now);
}

SteadyTime Streams::next_tick() const {
  SteadyTime next = recent_.empty() ? SteadyTime::max() : next_beacon_;
  if (values_dirty_ == 0) return next;
  for (const auto& [topic, value] : values_) {
    if (value.dirty) next = std::min(next, value.published + limits_.value_interval);
  }
  return next;
}

const iopub::StreamLog* Streams::find_log(std::string_view topic) const {
  if (topic == iopub::kLogTopic) return &log_;
  if (!topic.starts_with("t.")) return nullptr;
  const auto found = principals_.find(topic.substr(2));
  return found == principals_.end() ? nullptr : &found->second.log;
}

const Streams::Value* Streams::find_value(std::string_view topic) const {
  const auto found = values_.find(topic);
  return found == values_.end() ? nullptr : &found->second;
}

}  // namespace yard::broker

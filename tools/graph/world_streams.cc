#include "tools/graph/world_streams.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "engine/world/session.h"

namespace yard::tools {
namespace {

using json = nlohmann::ordered_json;

std::string line_of(const json& row) { return row.dump(-1, ' ', false, json::error_handler_t::replace); }

}  // namespace

Status WorldStreams::open(WorldJob job, graph::World& world, const graph::FeedOptions& options) {
  if (streams_.size() >= kStreamsMax)
    return fail(ErrorCode::kOverQuota, "a world has at most " + std::to_string(kStreamsMax) + " subscribers");
  YARD_TRY(auto feed, graph::Feed::open(world, options));
  streams_.push_back({std::move(job), std::move(feed), options.rate_hz});
  return {};
}

bool WorldStreams::stop(JobId id) {
  const auto found = std::ranges::find(streams_, id, [](const Stream& stream) { return stream.job.work.id; });
  if (found == streams_.end()) return false;
  reports_.finished(found->job, fail(ErrorCode::kCancelled, "no longer followed"));
  streams_.erase(found);
  return true;
}

void WorldStreams::stop_all(const Error& why) {
  for (const Stream& stream : streams_) reports_.finished(stream.job, std::unexpected(why));
  streams_.clear();
}

void WorldStreams::tell(const Stream& stream, const std::vector<std::pair<std::uint64_t, std::string>>& lines,
                        SteadyTime now) {
  auto line = lines.begin();
  while (const auto message = stream.feed->next(now.time_since_epoch().count())) {
    // Each delta behind the effects of its wave.
    for (; line != lines.end() && line->first < message->event_id; ++line) reports_.tell(stream.job, line->second);
    reports_.tell(stream.job, message->text);
  }
  for (; line != lines.end(); ++line) reports_.tell(stream.job, line->second);
}

void WorldStreams::tell(const graph::World& world, SteadyTime now) {
  if (streams_.empty()) return;
  std::vector<std::pair<std::uint64_t, std::string>> lines;
  for (const graph::Effect& effect : world.effects())
    lines.emplace_back(effect.event_id, line_of(to_json(effect, world.image())));
  for (const graph::Breach& breach : world.breaches())
    lines.emplace_back(breach.event_id, line_of(to_json(breach, world.image())));
  std::ranges::sort(lines);  // a step has one at most
  for (const Stream& stream : streams_) tell(stream, lines, now);
}

SteadyTime WorldStreams::next(SteadyTime now) const {
  SteadyTime next = SteadyTime::max();
  for (const Stream& stream : streams_)
    if (stream.feed->has_pending() && stream.rate_hz > 0)
      next = std::min(next, now + Nanos(static_cast<std::int64_t>(1e9 / stream.rate_hz)));
  return next;
}

}  // namespace yard::tools

#include "engine/world/feed.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "engine/world/output_json.h"

namespace yard::graph {
namespace {

using json = nlohmann::ordered_json;

constexpr std::uint32_t kNotWatched = UINT32_MAX;

std::string text_of(const json& message) { return message.dump(-1, ' ', false, json::error_handler_t::replace); }

}  // namespace

Result<std::unique_ptr<Feed>> Feed::open(World& world, const FeedOptions& options) {
  const std::size_t count = world.image().get_output_ports().size();
  for (const std::uint32_t output : options.outputs)
    if (output >= count) return fail(ErrorCode::kInvalidArguments, "there is no output " + std::to_string(output));
  if (!world.is_at_rest()) return fail(ErrorCode::kConflict, "settle() before somebody looks on");
  std::unique_ptr<Feed> feed(new Feed(world, options));
  for (const std::uint32_t output : feed->outputs_) YARD_TRY_STATUS(world.apply(DemandCause{output, true}));
  return feed;
}

Feed::Feed(World& world, const FeedOptions& options) : world_(world), options_(options) {
  for (const std::uint32_t output : options_.outputs) names_.push_back(output_name(world.image(), output));
  take_outputs();
  world_.add_observer(*this);
}

Feed::~Feed() {
  world_.remove_observer(*this);
  for (const std::uint32_t output : outputs_) (void)world_.apply(DemandCause{output, false});
}

void Feed::take_outputs() {
  const Image& image = world_.image();
  outputs_.clear();
  for (std::uint32_t output = 0; output < image.get_output_ports().size(); ++output)
    if (names_.empty() || std::ranges::find(names_, output_name(image, output)) != names_.end())
      outputs_.push_back(output);
  place_of_cell_.assign(image.output_count(), kNotWatched);
  for (std::uint32_t place = 0; place < outputs_.size(); ++place)
    place_of_cell_[image.cell_of(outputs_[place])] = place;
  pending_.emplace(static_cast<std::uint32_t>(outputs_.size()));
  is_pending_.assign(outputs_.size(), false);
  pending_count_ = 0;
  cursor_ = 0;
}

void Feed::wave_ended(const World& world) {
  if (wants_snapshot_) return;  // it will say it all
  world.each_changed([&](std::uint32_t cell) {
    const std::uint32_t place = place_of_cell_[cell];
    if (place == kNotWatched || is_pending_[place]) return;
    is_pending_[place] = true;
    pending_->add(place);
    ++pending_count_;
  });
  if (options_.rate_hz > 0 || messages_.size() >= kFeedMessagesMax) return;
  while (has_pending()) messages_.push_back(delta());
}

void Feed::replaced(const World&) {
  wants_snapshot_ = true;
  messages_.clear();
}

std::optional<FeedMessage> Feed::next(std::int64_t host_ns) {
  if (wants_snapshot_ && world_.is_at_rest()) {
    wants_snapshot_ = false;
    if (told_epoch_ != world_.epoch()) {
      take_outputs();
      messages_.push_back(schema());
    }
    messages_.push_back(snapshot());
    last_ns_ = host_ns;
  }
  if (messages_.empty() && has_pending()) {
    const double wait_ns = options_.rate_hz > 0 ? 1e9 / options_.rate_hz : 0;
    if (static_cast<double>(host_ns - last_ns_) < wait_ns) return std::nullopt;
    last_ns_ = host_ns;
    return delta();
  }
  if (messages_.empty()) return std::nullopt;
  FeedMessage message = std::move(messages_.front());
  messages_.pop_front();
  return message;
}

FeedMessage Feed::schema() {
  told_epoch_ = world_.epoch();
  json message = {{"type", "schema"}, {"epoch", world_.epoch()}, {"seq", seq_++}};
  message.update(schema_json(world_.image()));
  return {FeedMessage::Kind::kSchema, world_.next_event_id(), text_of(message)};
}

FeedMessage Feed::snapshot() {
  json message = {{"type", "snapshot"},
                  {"epoch", world_.epoch()},
                  {"seq", seq_++},
                  {"event_id", world_.next_event_id()},
                  {"now_ms", static_cast<double>(world_.now_ns()) / 1e6}};
  for (const std::uint32_t output : outputs_) append_output(message, world_, output);
  return {FeedMessage::Kind::kSnapshot, world_.next_event_id(), text_of(message)};
}

FeedMessage Feed::delta() {
  json message = {{"type", "delta"},
                  {"epoch", world_.epoch()},
                  {"seq", seq_++},
                  {"event_id", world_.next_event_id()},
                  {"now_ms", static_cast<double>(world_.now_ns()) / 1e6}};
  for (std::size_t left = std::min(options_.batch_max, pending_count_); left > 0; --left) {
    std::uint32_t place = pending_->take_from(cursor_);
    if (place == ReadySet::kNone) place = pending_->take_from(0);
    is_pending_[place] = false;
    --pending_count_;
    cursor_ = place;
    append_output(message, world_, outputs_[place]);
  }
  return {FeedMessage::Kind::kDelta, world_.next_event_id(), text_of(message)};
}

}  // namespace yard::graph

// Feed: what a connection is told of a world.
//
//   schema, snapshot, delta, delta, …      after a reload: schema, snapshot; after a roll back: snapshot
//
// Messages are JSON objects, as NodeFlow has them: {"type", "epoch", "seq", "event_id"} and, in snapshots and deltas, a
// member "node:port" for each output. Folding deltas over the snapshot gives what a fresh snapshot would say.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "engine/world/ready_set.h"
#include "engine/world/world.h"

namespace yard::graph {

inline constexpr std::size_t kFeedMessagesMax = 1'024;  // that wait; beyond, changes are told together

struct FeedOptions {
  double rate_hz = 60;                      // deltas a second at most; 0: one a wave
  std::size_t batch_max = 512;              // outputs in a delta; the others come with the next
  std::vector<std::uint32_t> outputs = {};  // empty: all
};

struct FeedMessage {
  enum class Kind : std::uint8_t { kSchema, kSnapshot, kDelta };
  Kind kind = Kind::kDelta;
  std::uint64_t event_id = 0;  // all steps before it are in it
  std::string text;
};

// Threads: the world's.
class Feed final : private Observer {
 public:
  // Has the outputs kept up to date as long as it lives. Errors: kInvalidArguments (no such output), kConflict (the
  // world is not at rest).
  [[nodiscard]] static Result<std::unique_ptr<Feed>> open(World& world, const FeedOptions& options);
  ~Feed() override;
  Feed(const Feed&) = delete;
  Feed& operator=(const Feed&) = delete;

  // The next message that is due; none: nothing, or not yet. `host_ns` is the host's clock and never comes into the
  // world: it says only when a delta goes out.
  [[nodiscard]] std::optional<FeedMessage> next(std::int64_t host_ns);
  // Something has changed that no message has told of yet.
  [[nodiscard]] bool has_pending() const { return pending_count_ > 0; }

 private:
  Feed(World& world, const FeedOptions& options);
  void wave_ended(const World& world) override;
  void replaced(const World& world) override;

  void take_outputs();
  [[nodiscard]] FeedMessage schema();
  [[nodiscard]] FeedMessage snapshot();
  [[nodiscard]] FeedMessage delta();

  World& world_;
  FeedOptions options_;
  std::vector<std::string> names_;            // of the outputs that were asked for
  std::vector<std::uint32_t> outputs_;        // those of them that the graph has, rising
  std::vector<std::uint32_t> place_of_cell_;  // in outputs_
  std::optional<ReadySet> pending_;           // places in outputs_
  std::vector<bool> is_pending_;
  std::size_t pending_count_ = 0;
  std::uint32_t cursor_ = 0;  // where the next delta begins: nobody is left waiting for ever
  std::deque<FeedMessage> messages_;
  std::uint64_t seq_ = 0;
  std::uint32_t told_epoch_ = 0;
  bool wants_snapshot_ = true;
  std::int64_t last_ns_ = INT64_MIN;
};

}  // namespace yard::graph

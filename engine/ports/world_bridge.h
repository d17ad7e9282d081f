// Between worlds and networks: what a world shows becomes tickets, and payloads become causes of a world.
//
//   world ─► WorldOutput ┆ deliver() ─► network ─► NetworkBridge ┆ deliver() ─► into_world: another world
#pragma once

#include <memory>

#include "engine/ports/network_bridge.h"
#include "engine/world/world.h"

namespace yard::ports {

// Each payload becomes a cause, an event at `output` or its level, as the output's class is, and the world settles.
// Booleans and pulses are 0 and 1 where a number is wanted, integers are doubles; json takes anything.
//
// `world` must outlive it. Errors when a payload comes: kInvalidArguments (the output is no source, or of another
// type), kQueueFull (the world has effects or records that nobody has taken: the payload waits).
[[nodiscard]] Target into_world(graph::World& world, std::uint32_t output);

// Watches an output: each event, and each other level, waits until it is delivered, then begins a ticket. A fault is
// the map {"fault", "text"}. It keeps the output up to date as long as it lives; when the world gets another graph, it
// is to be opened again.
//
// Threads: the world's.
class WorldOutput final : private graph::Observer {
 public:
  // `world` must outlive it. Errors: kInvalidArguments (no such output), kConflict (the world is not at rest).
  [[nodiscard]] static Result<std::unique_ptr<WorldOutput>> open(graph::World& world, std::uint32_t output,
                                                                 Target target);
  ~WorldOutput() override;
  WorldOutput(const WorldOutput&) = delete;
  WorldOutput& operator=(const WorldOutput&) = delete;

  // Has the target take what waits. Returns how many. Errors: the target's; it waits then.
  [[nodiscard]] Result<std::size_t> deliver() { return waiting_.deliver(target_); }
  // What found no room to wait.
  [[nodiscard]] std::uint64_t dropped() const { return dropped_; }

 private:
  WorldOutput(graph::World& world, std::uint32_t output, Target target);
  void wave_ended(const graph::World& world) override;
  void replaced(const graph::World& world) override;
  void take_level();
  void wait(Bytes packed);

  graph::World& world_;
  std::uint32_t output_;
  std::uint32_t epoch_;  // of the world's graph that the output is of
  Target target_;
  Bytes level_;  // the last one that was seen
  Waiting waiting_;
  std::uint64_t dropped_ = 0;
};

}  // namespace yard::ports

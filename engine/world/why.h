// Why an output has its value: the steps and the causes that led to it, found by replaying.
#pragma once

#include <cstdint>
#include <vector>

#include "engine/world/replay.h"

namespace yard::graph {

// One thing that led to another.
struct WhyStep {
  std::uint32_t output = 0;       // in Image::get_output_ports(); for people
  std::uint32_t depth = 0;        // 0: the output that was asked for
  std::uint64_t event_id = 0;     // of the step that gave it its value; of a source: the next one's
  std::uint64_t first_cause = 0;  // in the journal: the batch of causes that the step belongs to
  std::uint64_t last_cause = 0;
  bool is_source = false;  // set or emitted by last_cause itself
};

inline constexpr std::size_t kWhyStepsMax = 1'000;

// Looks on while a journal is replayed.
//
//   Why why(replay);  …take all entries…  why.explain(output)
//
// Threads: one.
class Why final : private Observer, private Tracer {
 public:
  // Must live as long as `replay` is fed, and no longer than it.
  explicit Why(Replay& replay);
  ~Why() override;
  Why(const Why&) = delete;
  Why& operator=(const Why&) = delete;

  // What led to the output's last change, breadth first, at most kWhyStepsMax steps; empty if it never changed.
  [[nodiscard]] std::vector<WhyStep> explain(std::uint32_t output) const;

 private:
  struct Origin {
    std::uint64_t wave = 0;  // 0: as the graph says
    std::uint64_t event_id = 0;
    std::uint64_t first_cause = 0;
    std::uint64_t last_cause = 0;
  };

  void take_cause(std::uint64_t seq, bool joined, const Cause& cause);
  void wave_ended(const World& world) override;
  void replaced(const World& world) override;
  void before(std::uint32_t node) override;
  void after(std::uint32_t node, bool changed) override;
  void watch(World& world);

  Replay& replay_;
  World* watched_ = nullptr;
  std::vector<Origin> origins_;             // by cell
  std::vector<std::uint64_t> source_seqs_;  // by cell
  std::uint64_t wave_ = 1;
  std::uint64_t first_cause_ = 0;
  std::uint64_t last_cause_ = 0;
  std::uint64_t event_id_ = 0;
};

}  // namespace yard::graph

// Parallel: one generation under Lafont's discipline on the workers of a pool. Internal.
#pragma once

#include <optional>
#include <vector>

#include "engine/nets/sequential.h"
#include "engine/tickets/worker_pool.h"

namespace yard::nets {

class Parallel {
 public:
  Parallel(State& state, tickets::WorkerPool* pool) : state_(state), pool_(pool) {}

  // Whether the generation is large enough, and may be run as a whole.
  [[nodiscard]] bool is_worth_it(std::uint64_t interactions_left) const;

  // Returns how many pairs interacted, or nothing if the heap has too little room; then nothing has happened.
  [[nodiscard]] std::optional<std::uint64_t> run(Sequential<true>& caller);

 private:
  // A pair that is left to the caller: another one of the generation has one of its wires, or it is stuck. Before it
  // come so many of what its chunk queued and let go of.
  struct Left {
    std::uint32_t redex;
    std::uint32_t extra;  // ids that the chunk's pairs before it need
    std::uint32_t queued;
    std::uint32_t freed;
  };
  // Pairs that a worker takes at once.
  struct Chunk {
    std::uint64_t extra_before = 0;  // ids that the chunks before it need
    std::uint32_t extra = 0;
    std::uint32_t interactions = 0;
    std::vector<Redex> queued;
    std::vector<AgentId> freed;
    std::vector<Left> left;

    void push(Wire a, Wire b, std::uint32_t rule) { queued.push_back({a, b, rule, 0}); }
  };
  struct Worker {
    Scratch scratch;
    std::vector<std::uint64_t> by_case;
  };

  template <typename Compute, typename Commit>
  void each_chunk(Compute&& compute, Commit&& commit);
  void mark(std::uint32_t chunk);
  void unmark();
  void rewrite(std::uint32_t chunk, Worker& worker);
  bool rewrite_one(Chunk& chunk, const Redex& redex, const FlatRule& rule, std::uint64_t extra, Worker& worker);
  std::uint64_t collect(Chunk& chunk, Sequential<true>& caller);
  [[nodiscard]] Ids ids_of(const Redex& redex, const FlatRule& rule, std::uint64_t extra) const;

  State& state_;
  tickets::WorkerPool* pool_;  // nullptr: none
  Store store_ = {};
  std::vector<Chunk> chunks_;
  std::vector<Worker> workers_;
};

}  // namespace yard::nets

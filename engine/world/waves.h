// Waves: what a change leads to, node by node, until nothing is left to run.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "engine/graph/image.h"
#include "engine/world/compiled.h"
#include "engine/world/ready_set.h"
#include "engine/world/stages.h"
#include "engine/world/sweep.h"

namespace yard::graph {

inline constexpr std::uint32_t kCycleIterationsMax = 20;
// A cycle whose nodes say that they take this long together yields after each iteration.
inline constexpr std::uint32_t kSlowCycleUs = 16'000;

// Looks on while nodes are run one by one.
class Tracer {
 public:
  virtual ~Tracer() = default;
  virtual void before(std::uint32_t node) = 0;
  virtual void after(std::uint32_t node, bool changed) = 0;
};

// Runs nodes in the order of their places, each at most once a wave if it is in no cycle, and only those that an input
// has changed for. Two ways lead to the same: sparse waves take the nodes that are ready from a set, dense waves sweep
// over all of them by the loops of their kernels. Which one is taken depends on how much is dirty.
//
// Threads: one.
class Waves {
 public:
  // `live` says which nodes may run: a bit a place. All that is borrowed must outlive it.
  // With a pool, dense waves of graphs without cycles run on all its workers.
  Waves(std::shared_ptr<const Image> image, Cells& cells, Host& host, const std::vector<std::uint64_t>& live,
        tickets::WorkerPool* pool);

  void live_has_changed() { has_segments_ = false; }
  // Has `compiled` run what it can, which changes nothing but the time it takes: chunks whose nodes are all live, and
  // in no cycle. nullptr: kernels run everything. It must be for this image, and outlive the waves.
  void use(CompiledNodes* compiled);

  // `cell` has been changed from outside.
  void touch(std::uint32_t cell) {
    changed_.push_back(cell);
    make_ready(cell);
  }
  // Everything has changed, constants too: at the beginning.
  void touch_all();
  // Has `node` run in the next wave whatever its inputs say.
  void force(std::uint32_t node);
  [[nodiscard]] bool has_work() const { return !changed_.empty() || !forced_next_.empty() || all_; }

  // Runs one wave. What it has changed stays marked until settle(). Slow cycles may leave has_work() true.
  void run(std::int64_t now_ns, Tracer* tracer);

  // Until a wave is settled: how many nodes have run in it before the one that is running.
  [[nodiscard]] std::uint32_t ran() const { return ran_; }
  // Cycles, by their number in the image, that did not come to rest in this wave; what they wrote last stands.
  [[nodiscard]] std::span<const std::uint32_t> restless() const { return restless_; }

  // Calls visit(cell) for all that has changed in this wave.
  template <typename Visit>
  void each_changed(Visit&& visit) const {
    if (!is_dense_) {
      for (const std::uint32_t cell : changed_) visit(cell);
      return;
    }
    for (std::uint32_t cell = 0; cell < image_->output_count(); ++cell)
      if ((cells_.marks[cell] & kChanged) != 0) visit(cell);
  }
  // Ends the wave: nothing is changed any more.
  void settle() {
    ran_ = 0;
    is_dense_ ? cells_.settle() : cells_.settle(changed_);
    is_dense_ = false;
    changed_.clear();
  }
  // Forgets what was to run; the marks are the caller's business.
  void reset();

 private:
  // What running one node after another looks at.
  struct Columns {
    const std::uint16_t* overloads = nullptr;                       // by node
    bool (*const* run_one)(const Frame&, std::uint32_t) = nullptr;  // by overload
    const std::uint32_t* out_cell = nullptr;                        // by node
    const Mark* marks = nullptr;                                    // by cell
    const std::uint32_t* first_reader = nullptr;                    // by cell
    const std::uint32_t* readers = nullptr;
  };
  // How many nodes ran when this cell was the first that was touched.
  struct Experience {
    std::uint32_t cell = UINT32_MAX;
    std::uint32_t ran = 0;
  };
  static constexpr std::size_t kExperiences = 64;
  static constexpr std::uint32_t kDenseShare = 4;  // dense from a quarter of all nodes on
  static constexpr std::uint32_t kSmall = 16;      // nodes that are not worth a sweep

  void make_ready(std::uint32_t cell) {
    for (const std::uint32_t reader : image_->readers(cell)) ready_.add(reader);
  }
  [[nodiscard]] bool is_live(std::uint32_t node) const { return live_[node >> 6] >> (node & 63) & 1; }
  [[nodiscard]] bool looks_dense() const {
    if (is_dense_) return true;
    std::size_t expected = std::max(changed_.size(), forced_.size());
    if (!changed_.empty()) {
      const Experience& experience = experiences_[changed_.front() % kExperiences];
      if (experience.cell == changed_.front()) expected = std::max<std::size_t>(expected, experience.ran);
    }
    return expected * kDenseShare > image_->node_count() && image_->node_count() > kSmall;
  }
  void begin();
  void make_all_ready();
  // The place from which on a dense wave has to go on; none: all is done.
  template <bool kTraced>
  [[nodiscard]] std::optional<std::uint32_t> run_sparse(Tracer* tracer);
  void run_dense(std::uint32_t from);
  void run_compiled();
  void find_chunks();
  // Both: whether readers behind the chunk may have to be told that an output has changed.
  [[nodiscard]] bool run_chunk(std::uint32_t number);
  [[nodiscard]] bool run_chunk_by_kernels(const CompiledNodes::Chunk& chunk);
  void force_in_chunk(const CompiledNodes::Chunk& chunk, bool& by_kernels);
  void pass_on(const CompiledNodes::Chunk& chunk);
  template <bool kTraced>
  void run_node(std::uint32_t node, Tracer* tracer);
  template <bool kTraced>
  void run_cycle(std::uint32_t number, Tracer* tracer);
  template <bool kTraced>
  void iterate(const CycleRange& range, Tracer* tracer);
  // Whether an iteration more is due at once; else the cycle is at rest, has given up, or goes on in the next wave.
  [[nodiscard]] bool goes_on(std::uint32_t number);
  void make_ready_by_marks(const CycleRange& range);
  [[nodiscard]] Stages* stages();
  void find_slow_cycles();

  std::shared_ptr<const Image> image_;  // shared with the world
  Cells& cells_;
  Frame frame_;
  Columns columns_;
  std::vector<bool (*)(const Frame&, std::uint32_t)> run_one_;  // by overload
  const std::vector<std::uint64_t>& live_;
  Sweep sweep_;
  bool has_segments_ = false;
  CompiledNodes* compiled_ = nullptr;
  std::vector<bool> is_for_kernels_;  // by chunk of `compiled_`
  tickets::WorkerPool* pool_;
  std::unique_ptr<Stages> stages_;         // made when it is needed
  std::vector<bool> slow_;                 // by cycle
  std::vector<std::uint32_t> iterations_;  // by cycle, since it was at rest

  ReadySet ready_;
  std::vector<std::uint32_t> changed_;  // cells, in no order; in dense waves only those of before it became one
  std::vector<std::uint32_t> forced_;   // nodes, rising, of the wave that runs
  std::vector<std::uint32_t> forced_next_;
  std::vector<std::uint32_t> restless_;
  std::array<Experience, kExperiences> experiences_;
  std::uint32_t ran_ = 0;
  bool is_dense_ = false;  // marks alone tell what has changed
  bool all_ = false;
};

}  // namespace yard::graph

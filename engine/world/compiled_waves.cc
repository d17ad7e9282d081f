// Waves by code that was made for the graph.
#include <algorithm>

#include "engine/world/waves.h"

namespace yard::graph {

void Waves::use(CompiledNodes* compiled) {
  compiled_ = compiled;
  has_segments_ = false;
}

void Waves::find_chunks() {
  if (has_segments_) return;
  has_segments_ = true;
  sweep_.find_segments(*image_, live_);
  is_for_kernels_.clear();
  const auto cycles = image_->cycles();
  for (const CompiledNodes::Chunk& chunk : compiled_->chunks()) {
    const bool is_cycle = std::ranges::binary_search(cycles, chunk.first, {}, &CycleRange::first);
    bool all_live = true;
    for (std::uint32_t node = chunk.first; node < chunk.end && all_live; ++node) all_live = is_live(node);
    is_for_kernels_.push_back(is_cycle || !all_live);
  }
}

// From chunk to chunk as nodes become ready; through all of them from where most have run.
void Waves::run_compiled() {
  find_chunks();
  is_dense_ = looks_dense();
  const auto chunks = compiled_->chunks();
  const std::uint32_t dense_from = image_->node_count() / kDenseShare + kDenseShare;
  std::uint32_t number = 0;
  for (std::uint32_t node = 0; !is_dense_ && (node = ready_.take_from(node)) != ReadySet::kNone; ++number) {
    number = static_cast<std::uint32_t>(
        std::ranges::upper_bound(chunks.subspan(number), node, {}, &CompiledNodes::Chunk::first) - chunks.begin() - 1);
    // A cycle finds out itself what is ready in it.
    while (node < chunks[number].end) node = ready_.take_from(node);
    if (node != ReadySet::kNone) ready_.add(node);
    if (run_chunk(number)) pass_on(chunks[number]);
    is_dense_ = ran_ > dense_from;
    node = chunks[number].end;
  }
  if (!is_dense_) return;
  ready_.clear();
  for (; number < chunks.size(); ++number) (void)run_chunk(number);
  ready_.clear();
}

bool Waves::run_chunk(std::uint32_t number) {
  const CompiledNodes::Chunk& chunk = compiled_->chunks()[number];
  bool by_kernels = is_for_kernels_[number];
  if (!forced_.empty()) force_in_chunk(chunk, by_kernels);
  return by_kernels ? run_chunk_by_kernels(chunk) : compiled_->run(number, frame_, ran_);
}

// Only nodes that ask for time look at whether they are forced.
void Waves::force_in_chunk(const CompiledNodes::Chunk& chunk, bool& by_kernels) {
  const auto first = std::ranges::lower_bound(forced_, chunk.first);
  const auto end = std::ranges::lower_bound(forced_, chunk.end);
  by_kernels = by_kernels || std::any_of(first, end, [&](std::uint32_t node) {
                 const Kernel& kernel = image_->kernel(node);
                 return !kernel.outside || kernel.outputs.empty();
               });
  if (by_kernels) return;
  std::for_each(first, end, [&](std::uint32_t node) { cells_.marks[columns_.out_cell[node]] |= kForced; });
}

bool Waves::run_chunk_by_kernels(const CompiledNodes::Chunk& chunk) {
  const auto cycles = image_->cycles();
  const auto cycle = std::ranges::lower_bound(cycles, chunk.first, {}, &CycleRange::first);
  if (cycle == cycles.end() || cycle->first != chunk.first) {
    sweep_.run(frame_, chunk.first, chunk.end, forced_, ran_);
    return true;
  }
  if (!is_live(chunk.first)) return false;
  make_ready_by_marks(*cycle);
  run_cycle<false>(static_cast<std::uint32_t>(cycle - cycles.begin()), nullptr);
  return false;  // it has told its readers itself
}

// What has changed in a chunk makes readers behind it ready.
void Waves::pass_on(const CompiledNodes::Chunk& chunk) {
  for (std::uint32_t cell = columns_.out_cell[chunk.first]; cell < columns_.out_cell[chunk.end]; ++cell) {
    if ((cells_.marks[cell] & kChanged) == 0) continue;
    changed_.push_back(cell);
    for (const std::uint32_t reader : image_->readers(cell))
      if (reader >= chunk.end) ready_.add(reader);
  }
}

}  // namespace yard::graph

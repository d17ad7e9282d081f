#include "engine/world/waves.h"

#include <algorithm>
#include <utility>

namespace yard::graph {

Waves::Waves(std::shared_ptr<const Image> image, Cells& cells, Host& host, const std::vector<std::uint64_t>& live,
             tickets::WorkerPool* pool)
    : image_(std::move(image)),
      cells_(cells),
      frame_{image_->wiring(), cells, host, 0},
      live_(live),
      pool_(pool),
      ready_(image_->node_count()) {
  for (const Overload* overload : image_->kinds()->overloads()) run_one_.push_back(overload->kernel.run_one);
  columns_ = {image_->overloads(), run_one_.data(),        frame_.wiring.out_cell,
              cells.marks.data(),  image_->first_reader(), image_->all_readers()};
  iterations_.resize(image_->cycles().size());
  find_slow_cycles();
}

void Waves::find_slow_cycles() {
  for (const CycleRange& range : image_->cycles()) {
    std::uint64_t cost = 0;
    for (std::uint32_t node = range.first; node < range.first + range.count; ++node)
      cost += image_->kind_of_place(node).cost_us;
    slow_.push_back(cost >= kSlowCycleUs);
  }
}

void Waves::run(std::int64_t now_ns, Tracer* tracer) {
  frame_.now_ns = now_ns;
  begin();
  const std::uint32_t cell = changed_.empty() ? UINT32_MAX : changed_.front();
  if (tracer != nullptr) {
    if (is_dense_) make_all_ready();
    (void)run_sparse<true>(tracer);
  } else if (compiled_ != nullptr) {
    run_compiled();
  } else if (looks_dense()) {
    run_dense(0);
  } else if (const auto from = run_sparse<false>(nullptr)) {
    run_dense(*from);
  }
  if (cell != UINT32_MAX) experiences_[cell % kExperiences] = {cell, ran_};
}

void Waves::begin() {
  ran_ = 0;
  restless_.clear();
  is_dense_ = std::exchange(all_, false);
  forced_.swap(forced_next_);
  forced_next_.clear();
  if (forced_.empty()) return;
  if (forced_.size() > 1) {
    std::ranges::sort(forced_);
    forced_.erase(std::ranges::unique(forced_).begin(), forced_.end());
  }
  for (const std::uint32_t node : forced_) ready_.add(node);
}

// ---- sparse

template <bool kTraced>
void Waves::run_node(std::uint32_t node, Tracer* tracer) {
  if constexpr (kTraced) tracer->before(node);
  const Columns columns = columns_;  // a copy, so that nothing that is written makes it be read again
  const bool changed = columns.run_one[columns.overloads[node]](frame_, node);
  if (changed) {
    const std::uint32_t end = columns.out_cell[node + 1];
    for (std::uint32_t cell = columns.out_cell[node]; cell < end; ++cell) {
      if ((columns.marks[cell] & kChanged) == 0) continue;
      changed_.push_back(cell);
      const std::uint32_t* const last = columns.readers + columns.first_reader[cell + 1];
      for (const std::uint32_t* reader = columns.readers + columns.first_reader[cell]; reader != last; ++reader)
        ready_.add(*reader);
    }
  }
  if constexpr (kTraced) tracer->after(node, changed);
  ++ran_;
}

template <bool kTraced>
std::optional<std::uint32_t> Waves::run_sparse(Tracer* tracer) {
  const auto cycles = image_->cycles();
  std::uint32_t cycle = 0;
  std::uint32_t next_cycle = cycles.empty() ? UINT32_MAX : cycles[0].first;
  const std::uint32_t dense_from = kTraced ? UINT32_MAX : image_->node_count() / kDenseShare + kDenseShare;
  for (std::uint32_t node = 0; (node = ready_.take_from(node)) != ReadySet::kNone;) {
    if (!is_live(node)) continue;
    if (node >= next_cycle) [[unlikely]] {
      while (cycle < cycles.size() && node >= cycles[cycle].first + cycles[cycle].count) ++cycle;
      next_cycle = cycle < cycles.size() ? cycles[cycle].first : UINT32_MAX;
      if (node >= next_cycle) {
        ready_.add(node);
        run_cycle<kTraced>(cycle, tracer);
        continue;
      }
    }
    run_node<kTraced>(node, tracer);
    if (ran_ > dense_from) return node + 1;
  }
  return std::nullopt;
}

// ---- cycles

template <bool kTraced>
void Waves::run_cycle(std::uint32_t number, Tracer* tracer) {
  const CycleRange& range = image_->cycles()[number];
  do {
    iterate<kTraced>(range, tracer);
    ++iterations_[number];
  } while (goes_on(number));
}

template <bool kTraced>
void Waves::iterate(const CycleRange& range, Tracer* tracer) {
  const std::uint32_t end = range.first + range.count;
  for (std::uint32_t node = range.first; node < end;) {
    node = ready_.take_from(node);
    if (node >= end) {
      if (node != ReadySet::kNone) ready_.add(node);
      return;
    }
    if (is_live(node)) run_node<kTraced>(node, tracer);
    ++node;
  }
}

bool Waves::goes_on(std::uint32_t number) {
  const CycleRange& range = image_->cycles()[number];
  std::vector<std::uint32_t>& left = forced_next_;
  const std::size_t before = left.size();
  std::uint32_t node = range.first;
  while ((node = ready_.take_from(node)) < range.first + range.count) left.push_back(node);
  if (node != ReadySet::kNone) ready_.add(node);
  if (left.size() == before) {
    iterations_[number] = 0;
    return false;
  }
  if (iterations_[number] == kCycleIterationsMax) {
    iterations_[number] = 0;
    restless_.push_back(number);
    left.resize(before);
    return false;
  }
  if (slow_[number]) return false;
  for (std::size_t i = before; i < left.size(); ++i) ready_.add(left[i]);
  left.resize(before);
  return true;
}

template void Waves::run_cycle<false>(std::uint32_t number, Tracer* tracer);  // for compiled_waves.cc

// ---- dense

void Waves::run_dense(std::uint32_t from) {
  if (!has_segments_) sweep_.find_segments(*image_, live_);
  has_segments_ = true;
  is_dense_ = true;
  ready_.clear();
  if (Stages* staged = from == 0 ? stages() : nullptr) return staged->run(sweep_, forced_, frame_.now_ns, ran_);
  const auto cycles = image_->cycles();
  for (std::uint32_t cycle = 0; cycle < cycles.size(); ++cycle) {
    if (cycles[cycle].first < from) continue;
    sweep_.run(frame_, from, cycles[cycle].first, forced_, ran_);
    from = cycles[cycle].first + cycles[cycle].count;
    if (!is_live(cycles[cycle].first)) continue;
    make_ready_by_marks(cycles[cycle]);
    run_cycle<false>(cycle, nullptr);
  }
  sweep_.run(frame_, from, image_->node_count(), forced_, ran_);
  ready_.clear();
}

Stages* Waves::stages() {
  if (pool_ == nullptr || pool_->workers() == 1 || !image_->cycles().empty()) return nullptr;
  if (!stages_) stages_ = std::make_unique<Stages>(*image_, cells_, frame_.host, *pool_);
  return stages_.get();
}

void Waves::make_ready_by_marks(const CycleRange& range) {
  for (std::uint32_t node = range.first; node < range.first + range.count; ++node) {
    const std::uint32_t* in = frame_.wiring.drivers + frame_.wiring.in_first[node];
    const std::uint32_t* end = frame_.wiring.drivers + frame_.wiring.in_first[node + 1];
    if (std::any_of(in, end, [&](std::uint32_t cell) { return (cells_.marks[cell] & kChanged) != 0; }))
      ready_.add(node);
  }
  for (const std::uint32_t node : forced_)
    if (node >= range.first && node < range.first + range.count) ready_.add(node);
}

void Waves::touch_all() {
  all_ = true;
  for (Mark& mark : cells_.marks) mark |= kChanged;
  for (std::uint32_t node = 0; node < image_->node_count(); ++node) {
    const Kernel& kernel = image_->kernel(node);
    if (kernel.run_one != nullptr && kernel.inputs.empty() && is_live(node)) force(node);
  }
}

void Waves::make_all_ready() {
  for (std::uint32_t node = 0; node < image_->node_count(); ++node)
    if (image_->kernel(node).run_one != nullptr) ready_.add(node);
}

void Waves::force(std::uint32_t node) { forced_next_.push_back(node); }

void Waves::reset() {
  ready_.clear();
  changed_.clear();
  forced_next_.clear();
  std::ranges::fill(iterations_, 0);
  ran_ = 0;
  all_ = false;
}

}  // namespace yard::graph

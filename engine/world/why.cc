#include "engine/world/why.h"

#include <algorithm>
#include <unordered_map>
#include <unordered_set>

namespace yard::graph {

Why::Why(Replay& replay) : replay_(replay) {
  replay_.set_tracer(this);
  replay_.on_cause([this](std::uint64_t seq, bool joined, const Cause& cause) { take_cause(seq, joined, cause); });
}

Why::~Why() {
  if (watched_ != nullptr) watched_->remove_observer(*this);
  replay_.set_tracer(nullptr);
  replay_.on_cause(nullptr);
}

void Why::take_cause(std::uint64_t seq, bool joined, const Cause& cause) {
  if (!joined) first_cause_ = seq;
  last_cause_ = seq;
  if (watched_ == nullptr && replay_.has_world()) watch(replay_.world());
  if (const auto* set = std::get_if<SetCause>(&cause)) source_seqs_[watched_->image().cell_of(set->output)] = seq;
  if (const auto* emit = std::get_if<EmitCause>(&cause)) source_seqs_[watched_->image().cell_of(emit->output)] = seq;
}

void Why::watch(World& world) {
  watched_ = &world;
  world.add_observer(*this);
  replaced(world);
}

void Why::replaced(const World& world) {
  origins_.assign(world.image().output_count(), {});
  source_seqs_.assign(world.image().output_count(), 0);
  event_id_ = world.next_event_id();
}

void Why::before(std::uint32_t) {}

void Why::after(std::uint32_t node, bool changed) {
  if (watched_ == nullptr) watch(replay_.world());
  if (changed) {
    const Wiring wiring = watched_->image().wiring();
    for (std::uint32_t cell = wiring.out_cell[node]; cell < wiring.out_cell[node + 1]; ++cell)
      origins_[cell].event_id = event_id_;
  }
  ++event_id_;
}

void Why::wave_ended(const World& world) {
  world.each_changed([&](std::uint32_t cell) {
    Origin& origin = origins_[cell];
    origin.wave = wave_;
    origin.first_cause = first_cause_;
    origin.last_cause = last_cause_;
  });
  ++wave_;
  event_id_ = world.next_event_id();
}

std::vector<WhyStep> Why::explain(std::uint32_t output) const {
  const Image& image = watched_->image();
  const Wiring wiring = image.wiring();
  std::vector<WhyStep> steps;
  std::unordered_set<std::uint32_t> seen;
  std::unordered_map<std::uint32_t, std::uint32_t> output_of;
  for (std::uint32_t i = 0; i < image.get_output_ports().size(); ++i) output_of.emplace(image.cell_of(i), i);

  struct Todo {
    std::uint32_t cell;
    std::uint32_t depth;
  };
  std::vector<Todo> todo = {{image.cell_of(output), 0}};
  for (std::size_t at = 0; at < todo.size() && steps.size() < kWhyStepsMax; ++at) {
    const auto [cell, depth] = todo[at];
    const Origin& origin = origins_[cell];
    if (origin.wave == 0 || !seen.insert(cell).second) continue;
    const std::uint32_t node = image.node_of(cell);
    const bool is_source = image.kernel(node).run_one == nullptr;
    // What converts a type is nobody's output: what it converts stands for it.
    const bool is_shown = output_of.contains(cell);
    if (is_shown)
      steps.push_back({.output = output_of.at(cell),
                       .depth = depth,
                       .event_id = origin.event_id,
                       .first_cause = is_source && source_seqs_[cell] > 0 ? source_seqs_[cell] : origin.first_cause,
                       .last_cause = is_source && source_seqs_[cell] > 0 ? source_seqs_[cell] : origin.last_cause,
                       .is_source = is_source});
    for (std::uint32_t i = wiring.in_first[node]; i < wiring.in_first[node + 1]; ++i) {
      const std::uint32_t driver = wiring.drivers[i];
      if (driver < image.output_count() && origins_[driver].wave == origin.wave)
        todo.push_back({driver, depth + (is_shown ? 1 : 0)});
    }
  }
  return steps;
}

}  // namespace yard::graph

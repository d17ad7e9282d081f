#include "engine/nets/heap.h"

#include <algorithm>
#include <bit>

#include "engine/nets/limits.h"

namespace yard::nets {

Heap::Heap() {
  resize(16);
  // What is connected to nothing is never part of a parallel generation: all its ends would write here.
  words_[0] |= kMarked;
}

void Heap::fit(std::uint32_t ports_most, bool has_values, bool counts_births) {
  const auto agents = words_.size() >> shift_;
  const auto shift = static_cast<std::uint32_t>(std::countr_zero(std::bit_ceil(ports_most + 1)));
  if (shift > shift_) {
    std::vector<std::uint32_t> wider(agents << shift);
    for (std::size_t agent = 0; agent < agents; ++agent)
      std::copy_n(words_.begin() + static_cast<std::ptrdiff_t>(agent << shift_), std::size_t{1} << shift_,
                  wider.begin() + static_cast<std::ptrdiff_t>(agent << shift));
    words_ = std::move(wider);
    shift_ = shift;
  }
  has_values_ |= has_values;
  counts_births_ |= counts_births;
  resize(agents);
}

void Heap::resize(std::size_t agents) {
  words_.resize(agents << shift_);
  if (has_values_) values_.resize(agents);
  if (counts_births_) births_.resize(agents);
}

bool Heap::reserve(std::size_t count) {
  const std::size_t agents = words_.size() >> shift_;
  const std::size_t wanted = fresh_ + (count > free_.size() ? count - free_.size() : 0);
  if (wanted <= agents) return true;
  if (wanted > kAgentsMax) return false;
  resize(std::max(wanted, std::min(agents * 2, kAgentsMax)));
  return true;
}

void Heap::end_generation() {
  free_.insert(free_.end(), freed_.begin(), freed_.end());
  freed_.clear();
}

void Heap::skip(std::size_t count) {
  const std::size_t reused = std::min(count, free_.size());
  free_.resize(free_.size() - reused);
  fresh_ += static_cast<AgentId>(count - reused);
}

AgentId Heap::add(SymbolId symbol, graph::Cell value) {
  const AgentId agent = take();
  std::fill_n(words_.begin() + static_cast<std::ptrdiff_t>(std::size_t{agent} << shift_), std::size_t{1} << shift_, 0);
  words_[std::size_t{agent} << shift_] = symbol;
  set_value(agent, value);
  count_birth(agent);
  return agent;
}

void Heap::remove(AgentId agent, std::size_t ports) {
  for (std::uint32_t slot = 0; slot < ports; ++slot) disconnect(make_wire(agent, slot));
  words_[std::size_t{agent} << shift_] = kNothing;
  count_birth(agent);
  release(agent);
}

void Heap::connect(Wire a, Wire b) {
  const Store all = store();
  all.port(a) = b;
  all.port(b) = a;
}

void Heap::disconnect(Wire at) {
  const Store all = store();
  const Wire other = all.port(at);
  if (other == kNowhere) return;
  all.port(other) = kNowhere;
  all.port(at) = kNowhere;
  count_birth(agent_of(at));
}

void Heap::set_value(AgentId agent, graph::Cell value) {
  if (!values_.empty()) values_[agent] = value;
}

Store Heap::store() { return {words_.data(), values_.empty() ? nullptr : values_.data(), shift_}; }

std::size_t Heap::live_count() const {
  std::size_t count = 0;
  for (AgentId agent = 1; agent < fresh_; ++agent) count += symbol(agent) != kNothing;
  return count;
}

std::size_t Heap::bytes() const {
  return words_.size() * sizeof(std::uint32_t) + values_.size() * sizeof(graph::Cell) +
         (births_.size() + free_.size() + freed_.size()) * sizeof(std::uint32_t);
}

}  // namespace yard::nets

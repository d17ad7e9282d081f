#include "tests/bench/engine_limits.h"

#include <bit>

namespace yard::bench {
namespace {

void add_drivers(const Shape& shape, std::vector<std::uint32_t>& first, std::vector<std::uint32_t>& drivers) {
  for (std::uint32_t node = 0; node < shape.size(); ++node) {
    first.push_back(static_cast<std::uint32_t>(drivers.size()));
    if (shape.is_source(node)) continue;
    drivers.push_back(shape.a[node]);
    drivers.push_back(shape.b[node]);
  }
  first.push_back(static_cast<std::uint32_t>(drivers.size()));
}

void add_readers(const Shape& shape, std::vector<std::uint32_t>& first, std::vector<std::uint32_t>& readers) {
  std::vector<std::uint32_t> at(shape.size() + std::size_t{2});
  const auto each = [&](auto&& visit) {
    for (std::uint32_t node = 0; node < shape.size(); ++node) {
      if (shape.is_source(node)) continue;
      visit(shape.a[node], node);
      visit(shape.b[node], node);
    }
  };
  each([&](std::uint32_t driver, std::uint32_t) { ++at[driver + std::size_t{2}]; });
  for (std::size_t i = 2; i < at.size(); ++i) at[i] += at[i - 1];
  readers.resize(at.back());
  each([&](std::uint32_t driver, std::uint32_t node) { readers[at[driver + std::size_t{1}]++] = node; });
  at.pop_back();
  first = std::move(at);
}

bool put(std::int64_t& place, std::int64_t value) {
  const bool changed = place != value;
  place = value;
  return changed;
}

}  // namespace

PullSweep::PullSweep(const Shape& shape) : values_(shape.size()), changed_(shape.size()), shape_(shape) {
  add_drivers(shape, first_, drivers_);
}

void PullSweep::propagate(std::int64_t value) {
  const std::uint32_t count = shape_.size();
  for (std::uint32_t node = 0; node < count; ++node) {
    const std::uint32_t in = first_[node];
    if (first_[node + 1] == in) {
      changed_[node] = put(values_[node], value);
      continue;
    }
    const std::uint32_t a = drivers_[in];
    const std::uint32_t b = drivers_[in + 1];
    changed_[node] = (changed_[a] | changed_[b]) != 0 && put(values_[node], mix(values_[a], values_[b]));
  }
}

PushSweep::PushSweep(const Shape& shape) : values_(shape.size()), dirty_(shape.size()), shape_(shape) {
  add_drivers(shape, first_driver_, drivers_);
  add_readers(shape, first_reader_, readers_);
}

void PushSweep::propagate(std::int64_t value) {
  const std::uint32_t count = shape_.size();
  for (std::uint32_t node = 0; node < count; ++node) {
    const std::uint32_t in = first_driver_[node];
    bool changed = false;
    if (first_driver_[node + 1] == in) {
      changed = put(values_[node], value);
    } else if (dirty_[node] != 0) {
      dirty_[node] = 0;
      changed = put(values_[node], mix(values_[drivers_[in]], values_[drivers_[in + 1]]));
    }
    if (!changed) continue;
    for (std::uint32_t i = first_reader_[node]; i < first_reader_[node + 1]; ++i) dirty_[readers_[i]] = 1;
  }
}

ReadyBits::ReadyBits(const Shape& shape)
    : values_(shape.size()), ready_(shape.size() / 64 + 1), words_(ready_.size() / 64 + 1) {
  add_drivers(shape, first_driver_, drivers_);
  add_readers(shape, first_reader_, readers_);
}

void ReadyBits::mark_readers(std::uint32_t node) {
  for (std::uint32_t i = first_reader_[node]; i < first_reader_[node + 1]; ++i) {
    const std::uint32_t reader = readers_[i];
    ready_[reader >> 6] |= std::uint64_t{1} << (reader & 63);
    words_[reader >> 12] |= std::uint64_t{1} << (reader >> 6 & 63);
  }
}

void ReadyBits::run() {
  for (std::size_t above = 0; above < words_.size(); ++above) {
    while (words_[above] != 0) {
      const std::size_t word = above << 6 | static_cast<std::size_t>(std::countr_zero(words_[above]));
      while (ready_[word] != 0) {
        const auto node =
            static_cast<std::uint32_t>(word << 6 | static_cast<std::size_t>(std::countr_zero(ready_[word])));
        ready_[word] &= ready_[word] - 1;
        const std::uint32_t in = first_driver_[node];
        if (put(values_[node], mix(values_[drivers_[in]], values_[drivers_[in + 1]]))) mark_readers(node);
      }
      words_[above] &= ~(std::uint64_t{1} << (word & 63));
    }
  }
}

void ReadyBits::propagate(const std::vector<std::uint32_t>& sources, std::int64_t value) {
  for (const std::uint32_t source : sources)
    if (put(values_[source], value)) mark_readers(source);
  run();
}

void ReadyBits::propagate(std::uint32_t source, std::int64_t value) {
  if (put(values_[source], value)) mark_readers(source);
  run();
}

}  // namespace yard::bench

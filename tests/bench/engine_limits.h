// Limits: throw-away loops over flat arrays, with one operation and edges that never change. They bound what an engine
// can do; they are none.
#pragma once

#include <cstdint>
#include <vector>

#include "tests/bench/engine_shapes.h"

namespace yard::bench {

// Goes over all nodes and computes those of which a driver has changed.
class PullSweep {
 public:
  explicit PullSweep(const Shape& shape);
  void propagate(std::int64_t value);  // into all sources
  [[nodiscard]] std::int64_t last() const { return values_.back(); }

 private:
  std::vector<std::uint32_t> first_;  // rows of `drivers_`, as in a graph with any number of inputs
  std::vector<std::uint32_t> drivers_;
  std::vector<std::int64_t> values_;
  std::vector<std::uint8_t> changed_;
  const Shape& shape_;
};

// Goes over all nodes and computes those that a driver has marked.
class PushSweep {
 public:
  explicit PushSweep(const Shape& shape);
  void propagate(std::int64_t value);
  [[nodiscard]] std::int64_t last() const { return values_.back(); }

 private:
  std::vector<std::uint32_t> first_driver_;
  std::vector<std::uint32_t> drivers_;
  std::vector<std::uint32_t> first_reader_;
  std::vector<std::uint32_t> readers_;
  std::vector<std::int64_t> values_;
  std::vector<std::uint8_t> dirty_;
  const Shape& shape_;
};

// Takes the nodes that are ready from a set of bits, least first.
class ReadyBits {
 public:
  explicit ReadyBits(const Shape& shape);
  void propagate(const std::vector<std::uint32_t>& sources, std::int64_t value);
  void propagate(std::uint32_t source, std::int64_t value);
  [[nodiscard]] std::int64_t at(std::uint32_t node) const { return values_[node]; }

 private:
  void mark_readers(std::uint32_t node);
  void run();

  std::vector<std::uint32_t> first_driver_;
  std::vector<std::uint32_t> drivers_;
  std::vector<std::uint32_t> first_reader_;
  std::vector<std::uint32_t> readers_;
  std::vector<std::int64_t> values_;
  std::vector<std::uint64_t> ready_;
  std::vector<std::uint64_t> words_;  // which of `ready_` have any
};

}  // namespace yard::bench

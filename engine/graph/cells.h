// Cells: the columns that kernels work on. Indexed by cell number: one for every output, then one for every constant.
#pragma once

#include <cstdint>
#include <span>
#include <unordered_map>
#include <vector>

#include "engine/base/mutex.h"
#include "engine/graph/cell.h"

namespace yard::graph {

// What is known of a cell beside its value; one byte, so that one look at an input tells whether its reader has to
// run and whether it can.
using Mark = std::uint8_t;
inline constexpr Mark kChanged = 1;  // in this wave; who runs the waves clears it
inline constexpr Mark kFaulty = 2;   // holds a fault instead of a value
inline constexpr Mark kEvent = 4;    // of an event output: never cleared

// The faults of cells. Threads: any, each cell by one at a time; everything else about cells is memory of their own.
class Faults {
 public:
  Faults() = default;
  Faults(Faults&& other) noexcept : by_cell_(std::move(other.by_cell_)) {}
  Faults& operator=(Faults&& other) noexcept {
    by_cell_ = std::move(other.by_cell_);
    return *this;
  }

  // The cell must have one.
  [[nodiscard]] Fault at(std::uint32_t cell) const YARD_EXCLUDES(mutex_);
  // Returns whether it is another one than before.
  bool put(std::uint32_t cell, Fault fault) YARD_EXCLUDES(mutex_);
  void erase(std::uint32_t cell) YARD_EXCLUDES(mutex_);

 private:
  mutable Mutex mutex_;
  std::unordered_map<std::uint32_t, Fault> by_cell_;
};

// Threads: each cell by one at a time, which is what an order of nodes gives.
struct Cells {
  std::vector<Cell> values;
  std::vector<Mark> marks;
  std::vector<Text> texts;                                      // at the place that the text's cell says
  Faults faults;                                                // of the cells marked kFaulty
  std::unordered_map<std::uint32_t, std::vector<Cell>> events;  // of this wave, in order; has each event output
  std::vector<std::uint64_t> state;                             // of stateful kernels; in words, for alignment
  std::vector<Text> text_state;

  // Each of these returns whether the cell has changed, and marks it so.
  bool put(std::uint32_t cell, Cell value) {
    const bool changed = clear_fault(cell) || !(values[cell] == value);
    values[cell] = value;
    return mark(cell, changed);
  }
  bool put(std::uint32_t cell, Text value) {
    Text& place = texts[values[cell].bits()];
    const bool changed = clear_fault(cell) || !(place == value);
    if (changed) place = std::move(value);
    return mark(cell, changed);
  }
  bool put(std::uint32_t cell, Fault fault);

  // One event more; the cell's level is the last one's value.
  void emit(std::uint32_t cell, Cell value) {
    events[cell].push_back(value);
    clear_fault(cell);
    values[cell] = value;
    marks[cell] |= kChanged;
  }

  // Ends a wave: no cell is changed any more, no event is left.
  void settle();
  // The same where only `changed` are marked.
  void settle(std::span<const std::uint32_t> changed) {
    for (const std::uint32_t cell : changed) {
      marks[cell] &= static_cast<Mark>(~kChanged);
      if ((marks[cell] & kEvent) != 0) [[unlikely]]
        events[cell].clear();
    }
  }

 private:
  bool clear_fault(std::uint32_t cell) {
    if ((marks[cell] & kFaulty) == 0) return false;
    marks[cell] &= static_cast<Mark>(~kFaulty);
    faults.erase(cell);
    return true;
  }
  bool mark(std::uint32_t cell, bool changed) {
    if (changed) marks[cell] |= kChanged;
    return changed;
  }
};

}  // namespace yard::graph

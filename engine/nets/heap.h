// Heap: agents and the wires between them, in arrays.
//
//   words_    | header | port 0 | port 1 | … |     a record an agent, 2, 4, 8 or 16 words long
//   values_   a cell an agent, if any type has values
//   births_   how often an id was given out or cut off; under Annette's discipline, to tell a pair that is gone
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "engine/graph/cell.h"
#include "engine/nets/wire.h"

namespace yard::nets {

// A header is the symbol and these.
inline constexpr std::uint32_t kNamed = 1u << 30;   // has a name in its network; gone when the agent is
inline constexpr std::uint32_t kMarked = 1u << 31;  // consumed by this generation; only within a parallel one

// The arrays as the loops use them: for all a compiler knows, writing a word might move a vector.
struct Store {
  std::uint32_t* words;
  graph::Cell* values;  // nullptr: none
  std::uint32_t shift;

  [[nodiscard]] std::uint32_t& header(AgentId agent) const { return words[std::size_t{agent} << shift]; }
  [[nodiscard]] Wire* ports(AgentId agent) const { return words + (std::size_t{agent} << shift) + 1; }
  [[nodiscard]] Wire& port(Wire at) const { return ports(agent_of(at))[slot_of(at)]; }
  [[nodiscard]] SymbolId symbol(AgentId agent) const { return static_cast<SymbolId>(header(agent)); }
};

// Ids that are let go of during a generation are given out from the next one on, so that who gets which doesn't depend
// on the order within it.
//
// Threads: one; a Store's words as the reducers share them out.
class Heap {
 public:
  Heap();

  // Makes records wide enough, and values where `has_values`.
  void fit(std::uint32_t ports_most, bool has_values, bool counts_births);

  // Makes room for `count` more agents, so that take() moves nothing. False: there would be more than kAgentsMax.
  [[nodiscard]] bool reserve(std::size_t count);
  [[nodiscard]] AgentId take() {
    if (free_.empty()) return fresh_++;
    const AgentId agent = free_.back();
    free_.pop_back();
    return agent;
  }
  void release(AgentId agent) { freed_.push_back(agent); }
  void end_generation();

  // The id that the `index`-th take() from now on would return.
  [[nodiscard]] AgentId peek(std::size_t index) const {
    return index < free_.size() ? free_[free_.size() - 1 - index] : fresh_ + static_cast<AgentId>(index - free_.size());
  }
  void skip(std::size_t count);  // take() so many

  // An agent of its own, connected to nothing. `reserve` first.
  [[nodiscard]] AgentId add(SymbolId symbol, graph::Cell value);
  // Disconnects its `ports` first.
  void remove(AgentId agent, std::size_t ports);
  void connect(Wire a, Wire b);
  void disconnect(Wire at);

  [[nodiscard]] Store store();
  [[nodiscard]] std::uint32_t header(AgentId agent) const { return words_[std::size_t{agent} << shift_]; }
  [[nodiscard]] SymbolId symbol(AgentId agent) const { return static_cast<SymbolId>(header(agent)); }
  [[nodiscard]] bool is_live(AgentId agent) const { return agent < fresh_ && symbol(agent) != kNothing; }
  [[nodiscard]] Wire peer(Wire at) const { return words_[(std::size_t{agent_of(at)} << shift_) + 1 + slot_of(at)]; }
  [[nodiscard]] graph::Cell value(AgentId agent) const { return values_.empty() ? graph::Cell() : values_[agent]; }
  void set_value(AgentId agent, graph::Cell value);
  void set_named(AgentId agent) { words_[std::size_t{agent} << shift_] |= kNamed; }
  [[nodiscard]] bool is_named(AgentId agent) const { return agent < fresh_ && (header(agent) & kNamed) != 0; }

  // 0 where births are not counted.
  [[nodiscard]] std::uint32_t births(Wire a, Wire b) const {
    return births_.empty() ? 0 : births_[agent_of(a)] + births_[agent_of(b)];
  }
  void count_birth(AgentId agent) {
    if (!births_.empty()) ++births_[agent];
  }

  [[nodiscard]] AgentId end() const { return fresh_; }  // ids below it are or were agents; from 1
  [[nodiscard]] std::size_t live_count() const;
  [[nodiscard]] std::size_t bytes() const;
  [[nodiscard]] std::uint32_t ports_most() const { return (1u << shift_) - 1; }

 private:
  friend class SnapshotWriter;
  friend class SnapshotReader;

  void resize(std::size_t agents);

  std::vector<std::uint32_t> words_;
  std::vector<graph::Cell> values_;
  std::vector<std::uint32_t> births_;
  std::vector<AgentId> free_;
  std::vector<AgentId> freed_;  // in this generation
  AgentId fresh_ = 1;
  std::uint32_t shift_ = 2;
  bool has_values_ = false;
  bool counts_births_ = false;
};

}  // namespace yard::nets

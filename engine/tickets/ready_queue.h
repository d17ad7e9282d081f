// ReadyQueue: events that wait for their entities' steps, and whose turn it is.
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <vector>

#include "engine/base/hash.h"
#include "engine/tickets/entity_table.h"
#include "engine/tickets/pack_sequence.h"

namespace yard::tickets {

// What a step is about.
struct Event {
  Bytes payload;
  std::uint8_t priority = 0;  // below kPriorities
  bool is_receipt = false;    // of the effect `intent`, which the entity had asked for
  bool succeeded = false;     // a receipt's: what the payload is, a result or an error
  Hash128 intent{};
};

// Entities take turns, a step each. An entity's class is that of its oldest event; events of one entity keep their
// order. Among classes the entity goes first whose waiting began first, kAgingRounds batches added for each class:
//
//   ready in round 10, class 0 ── 10 ┐
//   ready in round  3, class 1 ── 11 ├─► 10, 11, 16
//   ready in round  0, class 2 ── 16 ┘
//
// So whoever is ready in round r in class c waits for nobody who becomes ready after round r + c * kAgingRounds.
// While more than `defer_above` entities are ready, those of the least urgent class go to the end of their line
// instead, at most kDeferralsMax times in a row.
//
// All of this is a function of what was pushed and taken, never of time or threads. Threads: one.
class ReadyQueue {
 public:
  struct Taken {
    Slot slot = kNoSlot;
    Event event;
  };

  void push(Slot slot, Event event);

  // Begins a round: moves the events whose turn it is to `taken`, at most `most` and one an entity, and puts who had
  // to make room into `deferred`. Both are cleared first.
  void take(std::size_t most, std::size_t defer_above, std::vector<Taken>& taken, std::vector<Slot>& deferred);

  [[nodiscard]] std::size_t events() const { return events_; }
  [[nodiscard]] std::size_t ready() const { return ready_; }  // entities
  [[nodiscard]] std::uint64_t round() const { return round_; }

  // All of it, as a sequence of packed values, and back. Errors: kBadFrame.
  void save(PackWriter& out) const;
  [[nodiscard]] static Result<ReadyQueue> load(PackSequence& in, std::size_t slots);

 private:
  struct Waiting {
    Slot slot = kNoSlot;
    std::uint8_t deferrals = 0;
    std::uint64_t since = 0;  // round
    std::uint64_t order = 0;  // among all that ever waited
  };
  using Line = std::deque<Waiting>;

  static constexpr std::uint32_t kNone = UINT32_MAX;
  struct Node {
    Event event;
    std::uint32_t next = kNone;
  };
  struct Inbox {
    std::uint32_t first = kNone;
    std::uint32_t last = kNone;
  };

  [[nodiscard]] bool add(Slot slot, Event event);
  void save_inbox(PackWriter& out, Slot slot) const;
  void load_inbox(PackSequence& in, std::size_t slots);
  void load_line(PackSequence& in, unsigned line);
  [[nodiscard]] std::uint32_t new_node(Event event);
  [[nodiscard]] Event pop_event(Inbox& inbox);
  void wait(Slot slot, std::uint8_t deferrals);
  [[nodiscard]] unsigned next_line() const;
  [[nodiscard]] bool makes_room(unsigned line, std::size_t defer_above) const;

  std::array<Line, kPriorities> lines_;
  std::vector<Inbox> inboxes_;  // by slot; lists in nodes_
  std::vector<Node> nodes_;
  std::uint32_t free_ = kNone;  // a list of nodes, too
  std::vector<Slot> again_;     // who has more events: their next turn is in another round
  std::size_t events_ = 0;
  std::size_t ready_ = 0;
  std::uint64_t round_ = 0;
  std::uint64_t orders_ = 0;
};

}  // namespace yard::tickets

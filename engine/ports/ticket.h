// Ticket: a dispatch and everything that follows from it, while it runs.
#pragma once

#include <algorithm>
#include <cstdint>
#include <memory_resource>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/base/result.h"
#include "engine/ports/agent.h"
#include "engine/ports/limits.h"

namespace yard::ports {

class Network;

inline constexpr std::uint64_t kNoEpoch = UINT64_MAX;  // no port is ever of it

// A value that leaves the network; `params` is its payload, packed in canonical form.
struct Effect {
  std::uint64_t event_id = 0;  // of the ticket
  std::uint32_t index = 0;     // among the ticket's effects
  Bytes channel;
  Bytes params;
  bool operator==(const Effect&) const = default;
};

// What came of a ticket, or of all of them. `fast` is how; everything else is the same in every mode.
struct Counts {
  std::uint64_t hops = 0;        // handlers that ran
  std::uint64_t fast = 0;        // of them by a call
  std::uint64_t dropped = 0;     // payloads that left by a port without a peer, or were left when the ticket was cut
  std::uint64_t unhandled = 0;   // that arrived at a port without a handler
  std::uint64_t mismatched = 0;  // hops whose handler takes another type: it did not run
  std::uint64_t failed = 0;      // hops whose handler refused; what it had emitted is withdrawn
  std::uint64_t refused_changes = 0;  // of the structure

  Counts& operator+=(const Counts& other);
};

// The explicit stack, and how handlers reach it. Payloads leave depth-first, in the order in which a handler emits:
// first all that the first one leads to, then the second one.
//
// Threads: the network's.
class Ticket {
 public:
  explicit Ticket(Network& network) : network_(network) {}
  Ticket(const Ticket&) = delete;
  Ticket& operator=(const Ticket&) = delete;

  // ---- entries of handlers: see handlers.h

  // `payload` leaves by `from`, as the last thing that its agent's handler does: by a call where that is possible.
  // Returns how many calls are left.
  std::uint64_t pass_on(HybridPort& from, Payload payload, std::uint64_t left) {
    const FastPort& fast = from.fast;
    if (fast.epoch != direct_epoch_ || left == 0) [[unlikely]]
      return wait(from, payload, left);
    return fast.handler(*fast.agent, fast.ports, payload, *this, left - 1);
  }
  [[nodiscard]] std::size_t mark() const { return count_; }
  // What has been emitted since `mark` is to leave in its order: the first of it is to be on top.
  void turn(std::size_t mark) {
    if (count_ - mark > 1) std::reverse(emissions_.data() + mark, emissions_.data() + count_);
  }
  std::uint64_t mismatch(std::uint64_t left);
  std::uint64_t fail(std::size_t mark, const Error& error, std::uint64_t left);

  // ---- what a Hop offers

  // An emission of a handler that is not its first.
  void emit(HybridPort& from, Payload payload) {
    if (count_ >= kEmissionsMax) [[unlikely]]
      return overflow("more emissions than can wait");
    push(from, payload);
  }
  [[nodiscard]] Payload keep(Payload payload);
  void effect(std::string_view channel, Payload payload);
  [[nodiscard]] Network& network() { return network_; }
  [[nodiscard]] std::uint64_t event_id() const { return event_id_; }

 private:
  friend class Network;
  struct Emission {
    HybridPort* from = nullptr;  // agents stay where they are while a ticket runs
    Payload payload;
  };
  static constexpr std::size_t kFirstEmissions = 64;
  static constexpr std::size_t kFirstKeptBytes = 65'536;

  void push(HybridPort& from, Payload payload) {
    if (count_ == capacity_) [[unlikely]]
      return push_grown(from, payload);
    emissions_.data()[count_++] = {&from, payload};
  }
  // Out of line: the way of those that wait costs those that call nothing.
  [[gnu::noinline]] std::uint64_t wait(HybridPort& from, Payload payload, std::uint64_t left);
  [[gnu::noinline]] void push_grown(HybridPort& from, Payload payload);

  void overflow(std::string_view why);
  void begin(std::uint64_t event_id, std::uint64_t direct_epoch);
  void end();

  Network& network_;
  std::vector<Emission> emissions_ = std::vector<Emission>(kFirstEmissions);  // the first count_ wait
  std::size_t capacity_ = kFirstEmissions;
  std::size_t count_ = 0;
  std::uint64_t direct_epoch_ = 0;  // of ports that handlers may call through

  std::uint64_t event_id_ = 0;
  Counts counts_;
  std::string_view overflow_;  // why the ticket is cut; empty: it goes on

  std::vector<char> kept_first_ = std::vector<char>(kFirstKeptBytes);
  std::pmr::monotonic_buffer_resource kept_{kept_first_.data(), kept_first_.size()};
  std::size_t kept_bytes_ = 0;
  std::vector<Effect> effects_;   // of all tickets, that nobody has taken
  std::size_t effect_bytes_ = 0;  // of their params
  std::uint32_t effects_of_ticket_ = 0;
};

}  // namespace yard::ports

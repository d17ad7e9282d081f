// Network: agents whose ports are connected, and the dispatch of payloads along the connections.
#pragma once

#include <concepts>
#include <functional>
#include <memory>
#include <span>
#include <utility>
#include <vector>

#include "engine/ports/hop.h"
#include "engine/ports/topology.h"
#include "engine/ports/trace.h"

namespace yard::ports {

struct NetworkOptions {
  std::uint64_t hops_max = kHopsMax;  // of one ticket
  std::uint64_t next_event_id = 0;    // of the first ticket
};

struct Dispatched {
  std::uint64_t event_id = 0;
  Counts counts;
};

enum class Mode : std::uint8_t {
  kManaged,  // ports that match go back to the scheduler
  kFast,     // ports that match call their neighbours, the others stay as they are
  kHybrid,   // ports that match call their neighbours, all others go back to the scheduler
};

struct OptimizeOptions {
  Mode mode = Mode::kFast;
  std::function<bool(PortHandle)> filter = {};  // none: all ports match
};

struct Refusal {
  PortHandle port;
  Reason reason = Reason::kNone;
  bool operator==(const Refusal&) const = default;
};

struct Optimized {
  std::uint32_t ports = 0;        // that are optimised now
  std::vector<Refusal> refusals;  // of ports that matched and cannot be, in the order of agents and ports
};

// A payload that is dispatched leaves by a port and arrives at its peer, whose handler runs and may emit more. The
// dispatch with all that follows is one ticket: structure that is changed meanwhile changes when the ticket ends.
//
//   dispatch ─► handler ─► handler ─► …        managed: by way of an explicit stack, looking up each peer
//                  └─────► handler             fast: by calls through compiled ports, where nothing speaks against it
//
// The modes differ in speed and in what a Trace says of the way; in nothing else. Handlers must not throw: if one does,
// the ticket ends there, and the changes that it has asked for are forgotten.
//
// Threads: one at a time.
class Network {
 public:
  explicit Network(const NetworkOptions& options = {})
      : options_(options), ticket_(*this), next_event_id_(options.next_event_id) {}
  Network(const Network&) = delete;  // agents and bridges refer to it
  Network& operator=(const Network&) = delete;

  // ---- structure. While a ticket runs, what follows is done when it ends, in the order in which it was asked for;
  //      what is refused then is counted. An agent that is added is there at once: nothing leads to it yet.

  // Errors: those of Topology.
  [[nodiscard]] Result<AgentHandle> add(std::unique_ptr<FastAgent> agent) { return topology_.add(std::move(agent)); }
  template <std::derived_from<FastAgent> A, typename... Arguments>
  [[nodiscard]] Result<AgentHandle> add(Arguments&&... arguments) {
    return add(std::make_unique<A>(std::forward<Arguments>(arguments)...));
  }
  // Errors: those of Topology; kQueueFull (a ticket asks for too many changes).
  Status remove(AgentHandle agent) { return change({Change::Kind::kRemove, {agent, 0}, {}}); }
  // Connects the two; what they were connected with is disconnected on both sides.
  Status connect(PortHandle a, PortHandle b) { return change({Change::Kind::kConnect, a, b}); }
  Status disconnect(PortHandle port) { return change({Change::Kind::kDisconnect, port, {}}); }

  // Any of the three above.
  Status change(const Change& change);

  // nullptr: there is none. What its owner changes between tickets is no cause: a replay does not know of it.
  [[nodiscard]] FastAgent* find(AgentHandle agent) const;
  // Errors: kNotFound.
  [[nodiscard]] Result<PortHandle> find_port(AgentHandle agent, std::string_view name) const;
  // None: the port is not connected, or not there.
  [[nodiscard]] PortHandle peer(PortHandle port) const;

  // ---- running

  // `payload` leaves by `port`, and all that follows is done. Its bytes are borrowed until this returns.
  //
  // Errors: kNotFound (no such port), kConflict (from within a ticket: emit instead), kQueueFull (take_effects()
  // first),
  //         kTooLarge (the ticket was cut at a bound: what it had done is done, counts tell the rest).
  Result<Dispatched> dispatch(PortHandle port, Payload payload);
  // What has left since the last call, in the order of leaving.
  [[nodiscard]] std::vector<Effect> take_effects() {
    ticket_.effect_bytes_ = 0;
    return std::exchange(ticket_.effects_, {});
  }
  [[nodiscard]] const Counts& get_counts() const { return counts_; }
  [[nodiscard]] bool is_running() const { return is_running_; }
  [[nodiscard]] std::uint64_t next_event_id() const { return next_event_id_; }

  // ---- modes: a matter of speed

  Optimized optimize_ports(const OptimizeOptions& options);
  // One port. kNone: it is optimised now; else why it cannot be.
  Reason optimize_port(PortHandle port);
  void deoptimize_ports() { topology_.start_epoch(); }
  // The same for the whole network.
  Optimized compile_graph() { return optimize_ports({.mode = Mode::kFast}); }
  void decompile_graph() { deoptimize_ports(); }
  // Has everything managed, for who wants to see it; what was optimised is so again when it is switched off.
  void force_managed(bool forced) { is_forced_ = forced; }
  [[nodiscard]] bool is_optimized(PortHandle port) const { return why_managed(port) == Reason::kNone; }
  // kNone: it is not. kUnconnected for a port that is not there.
  [[nodiscard]] Reason why_managed(PortHandle port) const;

  // ---- looking on

  // nullptr: nobody. It must outlive the network, or be taken back.
  void set_trace(Trace* trace) { trace_ = trace; }
  // `tap` sees all hops that leave by `port`, which are managed from now on; nullptr: no longer. As above.
  // Errors: kNotFound.
  Status set_tap(PortHandle port, Trace* tap);
  // Agents with their states, connections, the next event_id: equal networks give equal bytes, whatever is optimised.
  // Not from within a ticket.
  [[nodiscard]] Bytes snapshot() const;

 private:
  // Puts the network in order again, even if a handler throws.
  class Running;

  Status apply(const Change& change);
  void tell_deoptimized();
  void run();

  void tell(const HybridPort& from, Payload payload, Way way);
  [[nodiscard]] Reason why_not(const HybridPort& port, PortHandle handle) const;
  void commit();
  [[nodiscard]] std::uint64_t fast_epoch() const;

  friend class Ticket;

  NetworkOptions options_;
  Topology topology_;
  Ticket ticket_;
  std::vector<Change> changes_;  // that the running ticket has asked for
  bool is_running_ = false;
  bool is_forced_ = false;
  Trace* trace_ = nullptr;
  std::uint64_t next_event_id_;
  Counts counts_;
};

}  // namespace yard::ports

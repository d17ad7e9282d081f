// Session: everything a client does with its requests that needs no socket.
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <utility>
#include <variant>
#include <vector>

#include "clients/core/byte_budget.h"
#include "clients/core/reply.h"

namespace yard::client {

// The two sockets that carry requests. What is on kControl never queues behind calls.
enum class Lane : std::uint8_t { kRequests, kControl };
inline constexpr std::size_t kLanes = 2;

// Takes a request's one outcome.
using Done = std::move_only_function<void(Result<Reply>)>;

// Every request is idempotent by its id or by its nature, so it may be sent again.
struct Request {
  wire::Verb verb = wire::Verb::kPing;
  Lane lane = Lane::kRequests;
  std::uint8_t flags = 0;
  std::uint8_t priority = wire::kPriorityDefault;
  Uuid id = {};
  std::uint32_t budget_ms = 0;  // CALL and WAIT: how long the broker may hold the answer back
  std::string tool = {};
  Bytes body = {};
  Done done = {};
  ByteBudget::Reservation reserved = {};
};

struct Cast {
  Uuid id = {};
  std::uint32_t ttl_ms = 0;
  std::uint32_t group = 0;
  std::uint64_t fence = 0;
  SteadyTime made = {};  // its age counts from here
  std::string tool = {};
  Bytes body = {};
  ByteBudget::Reservation reserved = {};
};

struct SessionOptions {
  std::string name = "c++";                                 // told in HELLO, for people
  Millis reply_timeout = std::chrono::milliseconds(2'000);  // of silence, beyond what the request allows
  std::uint32_t attempts_max = 4;                           // then kUnavailable
  std::size_t pending_max = 4'096;                          // requests; the next one gets kQueueFull
  std::size_t casts_max = 4'096;                            // waiting to be sent; the oldest gives way
  bool same_clock = false;                                  // the broker reads this machine's steady clock
};

// What happened so far. Casts have no reply, so this is where their loss shows.
struct SessionCounters {
  std::uint64_t hellos = 0;         // sent
  std::uint64_t repeats = 0;        // requests sent again
  std::uint64_t casts_dropped = 0;  // too old or too many before they could be sent
  std::uint64_t strays = 0;         // frames that were no answer to anything
};

// One client's conversation: HELLO, requests and their answers, repetition after silence, keeping alive.
//
//            WELCOME                no_session, PONG without session
//   greeting ───────► open ──────────────────────────────► greeting
//
// A request is queued, sent, then answered. It is queued again when its answer is overdue, when the
// connection was silent through a PING, and when the session is renewed; after `attempts_max` times it
// fails with kUnavailable. Frames are pulled: `front` says what to send next on a lane, `sent` that it
// went out; a full socket simply isn't asked for more.
//
// Threads: one. Callbacks run inside receive, tick, front and close, and may not call the session.
// Source: Lazy Pirate, zguide ch. 4; PROTOCOL.md sections 3 and 6.
class Session {
 public:
  Session(SessionOptions options, SteadyTime now);

  // Called with each WELCOME, and with a refusal of HELLO that asking again can't change.
  using Greeted = std::move_only_function<void(const Result<Welcome>&)>;
  void on_greeted(Greeted greeted) { greeted_ = std::move(greeted); }

  // Takes a request; `done` is called exactly once, in bounded time.
  void request(Request request, SteadyTime now);
  void cast(Cast cast, SteadyTime now);

  // The next frame for `lane`, or null. Valid until the next call of anything here.
  [[nodiscard]] const Bytes* front(Lane lane, SteadyTime now);

  // The frame that front() gave has left.
  void sent(Lane lane, SteadyTime now);

  // A frame arrived. What makes no sense is counted, never an error.
  void receive(Lane lane, BytesView frame, SteadyTime now);

  void tick(SteadyTime now);

  // When tick() has something to do.
  [[nodiscard]] SteadyTime next_due() const;

  // Fails what is pending; front() then gives the casts that are left and a BYE.
  void close();

  [[nodiscard]] bool open() const { return session_ != 0; }
  [[nodiscard]] std::size_t pending() const { return pending_.size(); }
  [[nodiscard]] const SessionCounters& counters() const { return counters_; }

  // The broker's steady clock minus ours; nothing until it was measured.
  [[nodiscard]] std::optional<Nanos> clock_offset() const { return offset_; }

 private:
  struct Pending {
    Request request;
    SteadyTime hold_until;       // until then the broker may rightly be silent
    SteadyTime due;              // when it is looked at again
    std::uint32_t attempts = 0;  // that ended in silence
    bool in_flight = false;
    std::uint64_t session = 0;  // that it was last sent with
  };
  using Correlation = std::uint64_t;
  using Outgoing = std::variant<Correlation, Cast>;
  enum class Prepared : std::uint8_t { kNothing, kHello, kPing, kRequest, kCast, kBye };

  struct LaneState {
    std::deque<Outgoing> outbox;
    Bytes frame;  // what front() gave
    Prepared prepared = Prepared::kNothing;
    std::size_t in_flight = 0;
    SteadyTime quiet_since{};  // nothing was heard since then, though something is in flight
    bool ping_wanted = false;
    Correlation ping = 0;  // the PING in flight, or 0
    SteadyTime ping_sent{};
  };

  LaneState& at(Lane lane) { return lanes_[static_cast<std::size_t>(lane)]; }
  void set_due(Correlation correlation, Pending& pending, SteadyTime due);
  void enqueue(Correlation correlation, Pending& pending, SteadyTime now);
  void land(Pending& pending);
  void finish(Correlation correlation, Result<Reply> result);
  // Queues it again, or fails it when it has been sent often enough.
  void repeat(Correlation correlation, SteadyTime now);
  void repeat_in_flight(std::optional<Lane> lane, SteadyTime now);
  void greet();

  void prepare_control_frame(LaneState& lane, Prepared what, const wire::Header& header, BytesView body);
  void prepare_request(LaneState& lane, Correlation correlation, Pending& pending, SteadyTime now);
  void prepare_cast(LaneState& lane, const Cast& cast);
  [[nodiscard]] bool is_stale(const Cast& cast, SteadyTime now) const;

  void on_hello_reply(const wire::Message& message, SteadyTime now);
  void on_pong(LaneState& lane, PackView body, SteadyTime now);
  void probe(Lane lane, SteadyTime now);

  const SessionOptions options_;
  Greeted greeted_;
  std::array<LaneState, kLanes> lanes_;
  std::unordered_map<Correlation, Pending> pending_;
  std::set<std::pair<SteadyTime, Correlation>> dues_;
  std::size_t casts_ = 0;
  Correlation last_correlation_ = 0;

  std::uint64_t session_ = 0;
  bool hello_wanted_ = true;
  Correlation hello_ = 0;  // the HELLO in flight, or 0
  SteadyTime hello_due_{};
  SteadyTime last_sent_{};
  Millis keep_alive_ = std::chrono::seconds(10);
  std::optional<Nanos> offset_;
  Nanos best_round_trip_ = Nanos::max();
  bool closing_ = false;
  bool bye_sent_ = false;
  SessionCounters counters_;
};

}  // namespace yard::client

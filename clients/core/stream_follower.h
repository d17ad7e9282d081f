// StreamFollower: one stream's events, in order and without gaps, out of live frames and replays.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/bytes.h"
#include "engine/base/clock.h"
#include "engine/base/pack.h"
#include "engine/base/result.h"
#include "iopub/event.h"

namespace yard::client {

// Where to begin: a seq from 1 on, or with what comes next.
inline constexpr std::uint64_t kFromNow = 0;

struct FollowerOptions {
  std::uint64_t from = 1;
  Millis welcome_wait = std::chrono::milliseconds(200);   // then it replays without a welcome
  Millis retry_wait = std::chrono::milliseconds(250);     // after a failed replay; doubles up to eight times
  std::size_t buffer_bytes_max = 4u << 20;  // of live events kept while a gap is repaired; the rest is replayed
  std::size_t ready_bytes_max = 4u << 20;   // of events not taken yet; beyond it nothing is asked for or kept
};

struct FollowerCounters {
  std::uint64_t duplicates = 0;  // events that it had already
  std::uint64_t gaps = 0;        // times that something was missing
  std::uint64_t replays = 0;     // REPLAYs asked
  std::uint64_t lost = 0;        // events that were no longer kept, each told by a snapshot event
  std::uint64_t restarts = 0;    // changes of epoch
};

//   joining ──welcome, or welcome_wait──► repairing ──have the newest known──► live
//                                            ▲                                  │
//                                            └── a jump of seq, a beacon ahead ─┘
//
// Another epoch begins anew at seq 1, from any state. A history that is cut off gives one kSnapshot event in
// place of what is missing. Within an epoch every event comes out exactly once and in order of seq.
// Streams "v." carry only newest values: a jump of seq is none there. Events without a seq pass as they come.
//
// Replays are pulled: want_replay() says from where, and one of replayed() and replay_failed() must follow.
//
// Threads: one. Source: PROTOCOL.md section 7.
class StreamFollower {
 public:
  StreamFollower(std::string topic, const FollowerOptions& options, SteadyTime now);

  // A frame of this topic, of any kind.
  void live(BytesView frame, SteadyTime now);

  // The beacon's newest seq of this stream.
  void beacon(std::uint64_t last, SteadyTime now);

  struct Replay {
    std::uint64_t from = 1;
    std::uint32_t bytes_max = 1u << 20;
  };
  // What to ask now, or nothing.
  [[nodiscard]] std::optional<Replay> want_replay(SteadyTime now);
  void replayed(PackView page, SteadyTime now);
  void replay_failed(const Error& error, SteadyTime now);

  // The next event's frame, or null; pop() when it was taken.
  [[nodiscard]] const Bytes* front() const { return ready_.empty() ? nullptr : &ready_.front(); }
  void pop();

  // When want_replay() may have something to say without another event; the far future if never.
  [[nodiscard]] SteadyTime next_due() const;

  // A job's stream whose last event was taken.
  [[nodiscard]] bool ended() const { return ended_ && ready_.empty(); }

  // Why it can't go on, e.g. kNotFound for a job that is unknown.
  [[nodiscard]] const std::optional<Error>& failure() const { return failure_; }

  [[nodiscard]] const std::string& topic() const { return topic_; }
  [[nodiscard]] const FollowerCounters& counters() const { return counters_; }

 private:
  [[nodiscard]] bool conflates() const { return topic_.starts_with("v."); }
  // False for an event of a history that was given up.
  [[nodiscard]] bool enter_epoch(std::uint64_t epoch, SteadyTime now);
  void restart(std::uint64_t epoch, SteadyTime now);
  void on_welcome(const iopub::Event& event, SteadyTime now);
  void on_numbered(const iopub::EventHeader& header, BytesView frame, SteadyTime now);
  void saw(std::uint64_t seq, SteadyTime now);
  void give(const iopub::EventHeader& header, BytesView frame);
  void give_snapshot(std::uint64_t seq, BytesView body);
  void take_events(PackView events, SteadyTime now);
  void take_buffer();
  void keep(std::uint64_t seq, BytesView frame);
  void retry_later(SteadyTime now);

  const std::string topic_;
  const FollowerOptions options_;
  std::uint64_t epoch_ = 0;  // 0: none seen yet
  std::vector<std::uint64_t> former_epochs_;
  std::uint64_t next_;         // the next seq to give; kFromNow until the tail is known
  std::uint64_t newest_ = 0;   // the newest seq known of
  bool unsure_ = true;         // something may be missing: replay
  bool outstanding_ = false;   // a replay was asked and not answered
  bool disregard_ = false;     // ... whose answer is of a former epoch
  SteadyTime ask_at_;          // not before
  std::uint32_t failures_ = 0;
  std::map<std::uint64_t, Bytes> buffer_;
  std::size_t buffer_bytes_ = 0;
  std::deque<Bytes> ready_;
  std::size_t ready_bytes_ = 0;
  bool ended_ = false;
  std::optional<Error> failure_;
  FollowerCounters counters_;
};

// Whether a job in `state` will never change again.
[[nodiscard]] bool is_final_state(std::string_view state);

}  // namespace yard::client

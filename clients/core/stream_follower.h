// StreamFollower: turns what arrives of a stream into its events, in order, each once.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>

#include "engine/base/bytes.h"
#include "engine/base/pack.h"
#include "engine/base/result.h"
#include "iopub/event.h"

namespace yard::client {

// Pure: live frames, replay answers and beacons go in, events come out through `deliver`, and
// wants_replay() says what to ask the broker for. Frames that came too early wait in a bounded buffer;
// what doesn't fit is asked for again later. Epochs grow: a greater one starts the stream afresh, and
// what still arrives of a lesser one is dropped.
//
// Source: the Clone pattern, zguide chapter 5, over a log; PROTOCOL.md section 7.
// Threads: one.
class StreamFollower {
 public:
  using Deliver = std::function<void(const iopub::Event& event)>;

  // `from`: the first seq wanted, from 1.
  StreamFollower(std::string topic, std::uint64_t from, Deliver deliver);

  // A frame of this stream. Errors: kBadFrame.
  Status on_live(BytesView frame);

  // The broker says that the stream has come to `seq` in `epoch`.
  void on_tail(std::uint64_t epoch, std::uint64_t seq);

  // The answer to a replay request.
  Status on_replay(PackView answer);

  // The replay request failed: it will be wanted again when the stream shows signs of life.
  void on_replay_failed() { asked_ = false; }

  // There is no such stream, yet or any more: nothing is asked until it shows signs of life.
  void on_no_stream() { asked_ = behind_ = false; }

  // The seq to ask a replay from, if one is needed and none is on its way; counts as asked.
  [[nodiscard]] std::optional<std::uint64_t> wants_replay();

  [[nodiscard]] const std::string& topic() const { return topic_; }
  [[nodiscard]] std::uint64_t next() const { return next_; }

 private:
  [[nodiscard]] bool is_value() const { return topic_.starts_with("v."); }
  void accept(BytesView frame, const iopub::Event& event);
  void deliver(const iopub::Event& event);
  void drain_buffer();
  void restart(std::uint64_t epoch);

  const std::string topic_;
  const Deliver deliver_;
  std::uint64_t epoch_ = 0;  // 0: none seen yet
  std::uint64_t next_;       // the seq that is due
  std::uint64_t tail_ = 0;   // the newest seq heard of
  bool behind_ = true;       // a replay is needed; at first, in any case
  bool asked_ = false;
  std::map<std::uint64_t, Bytes> early_;
  std::size_t early_bytes_ = 0;
};

}  // namespace yard::client

// Replay: from a journal's records to the world they tell of.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>

#include "engine/world/world.h"

namespace yard::graph {

// Where a replay and its journal part.
struct Difference {
  std::uint64_t seq = 0;  // the record's number in the journal, from 1 on
  std::string field;
  std::string expected;  // as the journal has it
  std::string found;     // as it came out now

  [[nodiscard]] std::string text() const {
    return "seq " + std::to_string(seq) + ": " + field + ": expected " + expected + ", found " + found;
  }
};

// Takes causes from a journal and makes everything else again. It stops at the first difference: always at a cause that
// does not come at its event_id; with `verify` at any witness that is not what the world makes, too.
//
// Threads: one.
class Replay {
 public:
  struct Options {
    bool verify = false;
    std::uint64_t to = UINT64_MAX;  // the last record to take
    std::shared_ptr<tickets::WorkerPool> pool = {};
    std::stop_token stop = {};  // a world may run for ever
  };
  Replay(std::shared_ptr<const Kinds> kinds, Options options)
      : kinds_(std::move(kinds)), options_(std::move(options)) {}

  // Begins in the middle: with a world that is at record `seq`. Made for journals that were compacted.
  void begin(std::unique_ptr<World> world, std::uint64_t seq);

  // The records of one entry, of which the first is record `seq`.
  //
  // Errors: kBadFrame (no records), kInvalidArguments (a graph, or a cause, that is refused; the journal is of another
  //         program), kConflict (a difference; see difference()), kCancelled.
  [[nodiscard]] Status take(BytesView entry, std::uint64_t seq);
  // Behind the last entry, or at `to`: runs what is left to run. Errors: kBadFrame (there was no graph).
  [[nodiscard]] Status finish();
  // Records that the world has made and the journal has not: a crash came between a cause and what it led to. Only with
  // `verify`, after finish().
  [[nodiscard]] Bytes take_missing();

  [[nodiscard]] bool is_over() const { return is_over_; }  // at `to`
  [[nodiscard]] const std::optional<Difference>& difference() const { return difference_; }
  // After the first entry.
  [[nodiscard]] World& world() { return *world_; }
  [[nodiscard]] const std::shared_ptr<tickets::WorkerPool>& pool() const { return options_.pool; }
  [[nodiscard]] bool has_world() const { return world_ != nullptr; }
  [[nodiscard]] std::unique_ptr<World> take_world() { return std::move(world_); }
  // The last record that was taken, and the last cause among them.
  [[nodiscard]] std::uint64_t seq() const { return seq_; }
  [[nodiscard]] std::uint64_t cause_seq() const { return cause_seq_; }
  // Sees each step; nullptr: nobody.
  void set_tracer(Tracer* tracer);
  // Is called with each cause that the world has taken, and its number.
  using OnCause = std::function<void(std::uint64_t seq, bool joined, const Cause& cause)>;
  void on_cause(OnCause call) { on_cause_ = std::move(call); }

 private:
  [[nodiscard]] Status take(const tickets::Record& record);
  [[nodiscard]] Status take_cause(const tickets::Record& record);
  [[nodiscard]] Status begin_world(const std::string& graph);
  [[nodiscard]] Status compare(const tickets::Record& record);
  void run_to(std::uint64_t event_id, bool to_rest);
  [[nodiscard]] std::optional<tickets::Record> next_found();
  void step_over_found();
  [[nodiscard]] Status differ(std::string field, std::string expected, std::string found);

  std::shared_ptr<const Kinds> kinds_;  // shared with the world's images
  Options options_;
  std::optional<BeganCause> began_;
  std::unique_ptr<World> world_;
  Tracer* tracer_ = nullptr;
  OnCause on_cause_;
  std::uint64_t seq_ = 0;
  std::uint64_t cause_seq_ = 0;
  Bytes found_;  // records of the world's own, not compared yet
  std::size_t found_at_ = 0;
  std::optional<Difference> difference_;
  bool is_over_ = false;
};

}  // namespace yard::graph

// World: a graph that runs. Causes go in, waves run until all is at rest, effects and changes come out.
#pragma once

#include <expected>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "engine/base/check.h"
#include "engine/graph/load.h"
#include "engine/graph/value.h"
#include "engine/world/cause.h"
#include "engine/world/demand.h"
#include "engine/world/recorder.h"
#include "engine/world/state.h"
#include "engine/world/waves.h"

namespace yard::graph {

inline constexpr std::uint32_t kWavesAtOnce = 10'000;             // settle() hands back after as many
inline constexpr std::size_t kJournalPartMax = 16u << 20;         // and when as many bytes wait to be taken
inline constexpr std::size_t kTextBytesMax = 16u << 20;           // of a value from outside: its records fit an entry
inline constexpr std::size_t kEffectsMax = std::size_t{1} << 20;  // and when as many effects do

// A value that left the graph.
struct Effect {
  std::uint64_t event_id = 0;  // of the step that let it out
  NodeHandle node;
  std::string channel;
  DataType type = DataType::kDouble;
  Value value;
  Hash128 intent;        // who this effect is, in whatever replay; zero where there is no journal, unless it is a call
  bool is_call = false;  // `channel` is a tool, which is to be called with `value`; the world waits for a ReceiptCause
};

// Something that a node said must hold does not.
struct Breach {
  std::uint64_t event_id = 0;
  NodeHandle node;
  std::string message;
  bool rolled_back = false;
};

// An output that is set from outside, found once and kept until the graph is another.
struct Source {
  std::uint32_t output = 0;
  std::uint32_t cell = 0;
  DataType type = DataType::kDouble;
  PortClass port_class = PortClass::kLevel;
};

struct WorldStats {
  std::uint64_t waves = 0;
  std::uint64_t steps = 0;    // runs of nodes
  std::uint64_t effects = 0;  // what was let out
  std::uint32_t live_nodes = 0;
  std::uint32_t nodes = 0;
  std::size_t asleep = 0;  // nodes that wait for their time
  std::size_t open_calls = 0;
  std::uint64_t restless_cycles = 0;
};

struct WorldOptions {
  tickets::JournalLevel journal = tickets::JournalLevel::kOff;
  // Instead of what the document says.
  std::optional<bool> pull = {};
  // Has large waves run on several workers; nothing of it can be seen in what comes out. Shared with other worlds that
  // run one after another, on the thread that made it. A full journal and a tracer want one node after the other.
  std::shared_ptr<tickets::WorkerPool> pool = {};
};

// Watches waves end; what it sees never changes what happens.
class Observer {
 public:
  virtual ~Observer() = default;
  // `world.each_changed()` tells what has changed.
  virtual void wave_ended(const class World& world) = 0;
  // Nothing is as it was: another graph, or an earlier state.
  virtual void replaced(const World& world) = 0;
};

//   apply(cause) … settle() ── wave ── wave ──► at rest
//                                └ effects, changes, records
//
// All causes that are applied before settle() are one batch: nothing runs between them. A step is the run of one node;
// steps are numbered by event_id in the order of their commit. State, effects and records are a function of the graph
// and the causes alone.
//
// Threads: one at a time.
class World final : private Host, private Tracer {
 public:
  // The first wave runs everything that is live. Its effects wait to be taken, like any others.
  [[nodiscard]] static std::expected<std::unique_ptr<World>, Problems> load(std::string graph,
                                                                            std::shared_ptr<const Kinds> kinds,
                                                                            const WorldOptions& options = {});
  // Without a journal, for who has the image.
  World(std::shared_ptr<const Image> image, const WorldOptions& options);
  World(const World&) = delete;
  World& operator=(const World&) = delete;
  ~World() override;

  // Takes a cause; nothing changes if it is refused.
  //
  // Errors: kInvalidArguments (no such output, not a source, another type or class, time that goes back), kConflict
  //         (not at rest: settle() first).
  [[nodiscard]] Status apply(const Cause& cause);
  // Whether apply() would refuse it for what it says, and why. For batches that are to be taken as a whole.
  [[nodiscard]] Status check(const SetCause& cause) const;
  [[nodiscard]] Status check(const EmitCause& cause) const;
  [[nodiscard]] Status check(const ReceiptCause& cause) const;
  // A reload for who wants to know everything that is wrong with the graph. The old one goes on if it is refused.
  [[nodiscard]] std::expected<void, Problems> reload(std::string graph);
  // The same as SetCause, where it has to be fast. `value` is of the source's type, which is a scalar's for levels, and
  // time is not going on.
  void set(const Source& source, Cell value) {
    YARD_CHECK(is_in_time());
    if (recorder_.is_on()) recorder_.set(event_id(), batch_is_open_, source.output, source.type, value);
    if (state_.cells.put(source.cell, value)) waves_->touch(source.cell);
    batch_is_open_ = true;
  }

  // Runs until all is at rest, or a bound is reached: then it returns false and wants to be called again, after what it
  // made was taken. Time that was to advance has done so when it returns true.
  [[nodiscard]] bool settle(std::uint32_t waves_max = kWavesAtOnce);

  // ---- what came of it

  [[nodiscard]] std::span<const Effect> effects() const { return effects_; }
  [[nodiscard]] std::span<const Breach> breaches() const { return breaches_; }
  [[nodiscard]] const JournalPart& journal_part() const { return recorder_.part(); }
  // The three above have been taken care of.
  void clear_outbox();

  // ---- looking

  // An output's value or its fault. Of an output that nothing demands it is what it was when it last ran.
  [[nodiscard]] std::expected<Value, Fault> get(std::uint32_t output) const;
  // What happened at an output for events in the wave that has just ended, in order. For observers; borrowed.
  [[nodiscard]] std::span<const Cell> events(std::uint32_t output) const;
  // An output of each node that is looked at, as often as it is.
  [[nodiscard]] std::vector<std::uint32_t> looked_at() const;
  // Whether the output is kept up to date.
  [[nodiscard]] bool is_live(std::uint32_t output) const;
  [[nodiscard]] std::optional<std::uint32_t> find_output(std::string_view node, std::string_view port = {}) const;
  // Errors: kInvalidArguments (no such output, or not a source).
  [[nodiscard]] Result<Source> source(std::uint32_t output) const;
  [[nodiscard]] const Image& image() const { return *image_; }
  [[nodiscard]] const std::shared_ptr<const Image>& shared_image() const { return image_; }
  [[nodiscard]] const std::string& graph_text() const { return graph_text_; }  // empty without a journal
  [[nodiscard]] BeganCause began() const { return {options_.journal, options_.pull}; }
  [[nodiscard]] std::uint32_t epoch() const { return epoch_; }  // counts the graphs, from 1 on
  [[nodiscard]] std::int64_t now_ns() const { return state_.now_ns; }
  // When a node wants to be woken next; Wakes::kNever: none does.
  [[nodiscard]] std::int64_t next_wake_ns() { return state_.wakes.next(); }
  [[nodiscard]] std::uint64_t next_event_id() const { return state_.next_event_id; }
  [[nodiscard]] bool is_at_rest() const { return !waves_->has_work() && state_.now_ns == target_ns_; }
  // Time is where the last cause has it go.
  [[nodiscard]] bool is_in_time() const { return state_.now_ns == target_ns_; }
  [[nodiscard]] WorldStats get_stats() const;
  // Calls that were let out and have no receipt yet: after a crash, what a host has to ask for again.
  [[nodiscard]] const OpenCalls& open_calls() const { return state_.open_calls; }

  // Calls visit(cell) for what the wave that has just ended changed.
  template <typename Visit>
  void each_changed(Visit&& visit) const {
    waves_->each_changed(visit);
  }
  // nullptr: none. It must outlive the world, or be taken back.
  // Each node is run by itself then, and takes longer.
  void set_tracer(Tracer* tracer) { tracer_ = tracer; }
  // Has code that was made for this graph run waves, from now on and until the graph is another; nullptr: kernels
  // again. Nothing of it can be seen in state, effects or journal. A full journal and a tracer want kernels.
  //
  // Errors: kConflict (not at rest, or the code is of another graph).
  [[nodiscard]] Status use_compiled(std::shared_ptr<CompiledNodes> compiled);
  [[nodiscard]] bool is_compiled() const { return compiled_ != nullptr; }
  // Each must be removed before it goes.
  void add_observer(Observer& observer) { observers_.push_back(&observer); }
  void remove_observer(Observer& observer) { std::erase(observers_, &observer); }

  // ---- state

  // Everything that goes on, in one form: equal worlds give equal bytes. Only at rest.
  [[nodiscard]] Bytes snapshot() const;
  // Goes on from a snapshot of this graph; nothing changes if it is refused. Errors: those of read_state.
  [[nodiscard]] Status restore(BytesView snapshot);

 private:
  void wake(std::uint32_t node, std::int64_t at_ns) override { state_.wakes.set(node, at_ns); }
  void effect(std::uint32_t node, std::string_view channel, DataType type, Cell value) override;
  void breach(std::uint32_t node, std::string_view message, bool roll_back) override;
  void before(std::uint32_t node) override;
  void after(std::uint32_t node, bool changed) override;

  [[nodiscard]] Status take(const SetCause& cause);
  [[nodiscard]] Status take(const EmitCause& cause);
  [[nodiscard]] Status take(const AdvanceCause& cause);
  [[nodiscard]] Status take(const DemandCause& cause);
  [[nodiscard]] Status take(const ReloadCause& cause);
  [[nodiscard]] Status take(const CheckPointCause& cause);
  [[nodiscard]] Status take(const RollBackCause& cause);
  [[nodiscard]] Status take(const BeganCause& cause);
  [[nodiscard]] Status take(const ReceiptCause& cause);
  [[nodiscard]] Result<Source> checked_source(std::uint32_t output, const Value& value, PortClass port_class) const;

  void start(std::shared_ptr<const Image> image, State state, std::span<const std::uint32_t> looked_at);
  void start_afresh(std::shared_ptr<const Image> image);
  [[nodiscard]] bool goes_on_in_time();
  void let_time_go_on();
  void run_wave();
  void end_wave();
  void roll_back();
  [[nodiscard]] bool is_pull() const { return options_.pull.value_or(image_->options().is_pull); }
  [[nodiscard]] std::uint64_t event_id() const { return state_.next_event_id + waves_->ran(); }

  WorldOptions options_;
  std::shared_ptr<const Image> image_;  // shared with who looks at it
  std::uint32_t epoch_ = 0;
  std::string graph_text_;  // the document, where there is a journal
  State state_;
  std::optional<Demand> demand_;
  std::shared_ptr<CompiledNodes> compiled_;  // shared with who loaded it
  std::optional<Waves> waves_;
  std::int64_t target_ns_ = 0;  // where time is to go
  bool batch_is_open_ = false;
  bool is_first_wave_ = true;  // of this graph
  bool rolls_back_ = false;    // a breach of this wave asks for it

  Recorder recorder_;
  Tracer* tracer_ = nullptr;
  std::vector<Observer*> observers_;
  std::vector<std::uint32_t> revived_;
  std::vector<Effect> effects_;
  std::vector<Breach> breaches_;
  std::size_t effects_before_wave_ = 0;
  std::uint64_t waves_run_ = 0;
  std::uint64_t steps_run_ = 0;
  std::uint64_t effects_let_out_ = 0;
  std::uint64_t restless_cycles_ = 0;
};

}  // namespace yard::graph

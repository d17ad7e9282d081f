// Scheduler: values, computations of them, and effects that run when they change.
#pragma once

#include <optional>

#include "engine/base/result.h"
#include "engine/reactive/action.h"
#include "engine/reactive/events.h"
#include "engine/reactive/gate.h"
#include "engine/reactive/options.h"
#include "engine/reactive/stats.h"
#include "engine/reactive/wakes.h"

namespace yard::reactive {

class Scheduler;

// Ends what it was returned for. Copies end the same thing; ending twice does nothing.
class Cancel {
 public:
  Cancel() = default;
  Cancel(Scheduler& scheduler, NodeRef ref) : scheduler_(&scheduler), ref_(ref) {}

  void operator()() const;
  [[nodiscard]] NodeRef ref() const { return ref_; }

 private:
  Scheduler* scheduler_ = nullptr;
  NodeRef ref_;
};

// Runs what is invalid, live and eligible, until nothing is.
//
//   Scheduler scheduler;
//   const auto width = scheduler.signal(3);
//   const auto height = scheduler.signal(4);
//   const auto area = scheduler.derive([=] { return width.get() * height.get(); });
//   const Cancel cancel = scheduler.sink([=] { draw(area.get()); });
//   scheduler.settle();  // draws 12
//   scheduler.batch([=] { width.set(5), height.set(6); });  // draws 30
//
// A computation runs when something it read has another value and an effect depends on it; or when the host reads
// it. Effects run after all computations, in the order in which they were reached, and see no value half way.
//
// Actions are functions without arguments. They read by get(), which makes them depend on it, and fail by throwing or
// by returning an error; readers of a failed computation fail with its error, unless they ask for result(). Functions
// must let pass what get() throws. What is made while an action runs lives until that action runs again.
//
// Threads: one. Time is logical: advance() is the only clock. Handles must not outlive it.
class Scheduler : private Policy {
 public:
  explicit Scheduler(SchedulerOptions options = {});
  ~Scheduler() override;
  Scheduler(const Scheduler&) = delete;
  Scheduler& operator=(const Scheduler&) = delete;

  // -- values

  template <typename T>
  [[nodiscard]] Signal<T> signal(T initial, Same<T> same = nullptr) {
    return {graph_, graph_.make(kSource | kFresh, nullptr, std::make_unique<Cell<T>>(std::move(initial), same))};
  }

  // Computed by `function`, which returns a T or a Result<T>, and depends on what it reads. `initial` is what it is
  // on a cycle before it ran.
  template <typename F, typename T = ValueOf<F>>
  [[nodiscard]] Computed<T> derive(F function, const ActionOptions& options = {},
                                   std::optional<std::type_identity_t<T>> initial = std::nullopt,
                                   Same<std::type_identity_t<T>> same = nullptr) {
    const std::uint32_t marks = initial ? kInvalid : kInvalid | kEmpty;
    auto state = std::make_unique<DeriveCell<T, F>>(std::move(function), std::move(initial), same);
    return {graph_, add_computation(marks, &DeriveCell<T, F>::run, std::move(state), options)};
  }

  // Computed by `function` of the values of `inputs`. Whatever else it reads, it does not depend on.
  template <typename F, typename... Inputs>
  [[nodiscard]] auto lift(F function, const Readable<Inputs>&... inputs) -> Computed<ValueOf<F, Inputs...>> {
    using Lifted = LiftCell<ValueOf<F, Inputs...>, F, Inputs...>;
    auto state = std::make_unique<Lifted>(std::move(function), nullptr, inputs...);
    const NodeRef ref = add_computation(kInvalid | kStatic | kEmpty, &Lifted::run, std::move(state), {});
    declare({.reads = {inputs.ref()...}}, ref, false);
    return {graph_, ref};
  }

  // -- actions

  // An effect: runs at the next settle, and whenever something it read has another value.
  template <typename F>
  Cancel sink(F function, ActionOptions options = {}) {
    options.is_effect = options.schedule_immediately = true;
    return subscribe(std::move(function), {}, options);
  }

  // Any action, which returns nothing or a Status. One that is no effect is a computation whose values are the
  // sources that it writes: it is live while one of them is, and they fail when it fails.
  template <typename F>
  Cancel subscribe(F function, const ReactivityLog& log, const ActionOptions& options = {}) {
    auto state = std::make_unique<ActionState<F>>(std::move(function));
    return {*this, add_action(&ActionState<F>::run, std::move(state), log, options)};
  }

  // Events of type T, each handled once by `function(const T&)`, all events of this scheduler in the order of their
  // coming. `reads` are up to date when it runs; while one of them waits, events wait. A handler may write anything.
  template <typename T, typename F>
  [[nodiscard]] EventPort<T> on_event(F function, const std::vector<NodeRef>& reads = {}) {
    auto state = std::make_unique<EventHandler<T, F>>(std::move(function));
    const NodeRef ref = graph_.make(kEffect | kStatic, &EventHandler<T, F>::run, std::move(state));
    declare({.reads = reads}, ref, true);
    return {graph_, ref, events_};
  }

  void cancel(const Cancel& cancel) { dispose(cancel.ref()); }
  // It never runs again, whatever is due; the same holds for what was made in it. Reading it fails with kGone.
  void dispose(NodeRef ref) { graph_.dispose(ref); }

  // -- for code that runs now

  // Runs `function`, then settles: several values change at once. Within another batch, or an action, the outermost
  // settles.
  template <typename F>
  void batch(F&& function) {
    const Batch batch(*this);
    std::forward<F>(function)();
  }

  // Runs `function`; what it reads the running action does not depend on.
  template <typename F>
  decltype(auto) untracked(F&& function) {
    Frame& frame = graph_.frame();
    graph_.be_careful(frame);
    const Restore untracked(frame.untracked, true);
    return std::forward<F>(function)();
  }

  // Runs `function`; what is made in it lives until the scope is ended, or goes with its own owner.
  template <typename F>
  Cancel scope(F&& function) {
    const NodeRef ref = graph_.make(0, nullptr, nullptr);
    const Restore owner(graph_.frame().scope, ref.id);
    std::forward<F>(function)();
    return {*this, ref};
  }

  // -- running

  // Runs everything that is to run; each slow cycle once, and at most kEventsMax events. Returns whether it left
  // something to the next settle. Does nothing within an action or a batch.
  bool settle();

  // Time is `now` from here on, unless it was later already; then settles.
  bool advance(Nanos now);
  [[nodiscard]] Nanos now() const { return now_; }

  // Nothing is to be run: not now, not after a debounce or a throttle. What waits because it came to no end, doesn't
  // count.
  [[nodiscard]] bool idle() const;

  // When advance() has something to do; nothing: never, as things are.
  [[nodiscard]] std::optional<Nanos> next_wake();

  // -- policy

  // Whether only what effects depend on is computed, or everything.
  void enable_pull_mode(bool pull);
  // 0 ends it. Errors: kGone.
  Status set_debounce(NodeRef action, Nanos debounce);
  Status set_throttle(NodeRef action, Nanos throttle);

  // O(nodes), for what is pending.
  [[nodiscard]] Stats get_stats() const;
  // All zero for what is gone.
  [[nodiscard]] ActionStats get_action_stats(NodeRef action) const;

 private:
  // Another value for as long as it lives.
  template <typename T>
  class Restore {
   public:
    Restore(T& place, T value) : place_(place), saved_(std::exchange(place, value)) {}
    ~Restore() { place_ = saved_; }
    Restore(const Restore&) = delete;
    Restore& operator=(const Restore&) = delete;

   private:
    T& place_;
    T saved_;
  };

  class Batch {
   public:
    explicit Batch(Scheduler& scheduler) : scheduler_(scheduler) { ++scheduler_.batches_; }
    ~Batch() {
      if (--scheduler_.batches_ == 0) scheduler_.settle();
    }
    Batch(const Batch&) = delete;
    Batch& operator=(const Batch&) = delete;

   private:
    Scheduler& scheduler_;
  };

  // What is measured of a node, and what was said about its cost.
  struct Cost {
    Nanos declared{0};
    Nanos total{0};
    Nanos last{0};
    std::uint64_t runs = 0;
    bool auto_debounce = false;
    bool reported = false;  // as not idempotent
  };

  // A slow cycle that goes on at the next settle.
  struct Yielded {
    NodeRef node;
    std::uint32_t iterations = 0;
    bool waits = true;
  };

  NodeRef add_computation(std::uint32_t marks, RunFn run, std::unique_ptr<State> state, const ActionOptions& options);
  NodeRef add_action(RunFn run, std::unique_ptr<State> state, const ReactivityLog& log, const ActionOptions& options);
  void declare(const ReactivityLog& log, NodeRef action, bool is_effect);
  void configure(NodeRef action, const ActionOptions& options);

  void triggered(NodeId id) override;
  bool may_repeat(NodeId id) override;
  bool may_repeat_effect(NodeId id) override;
  void effect_failed(NodeId id) override;
  Outcome run_watched(NodeId id) override;
  void freed(NodeId id) override;
  [[nodiscard]] bool rejects_cycles() const override { return options_.cycles == Cycles::kReject; }

  void deliver_events(std::size_t& left);
  void report(ProblemKind kind, NodeId id, Error error) const;

  [[nodiscard]] Gate& gate(NodeId id);
  void hold(NodeId id, Gate& gate);
  void release(NodeId id);
  void reconsider(NodeId id, const Gate& gate);
  void wake();
  [[nodiscard]] std::optional<Nanos> next_timer();
  void exhaust(NodeId id);
  [[nodiscard]] bool is_slow_cycle(NodeId id);
  void yield(NodeId id);
  void resume_yielded();
  void end_yielded();
  void end_backoffs();

  void measure(NodeId id, Nanos elapsed);
  void decide_debounce(NodeRef effect);
  void recheck(NodeRef computation);
  [[nodiscard]] Nanos cost_of(NodeId id) const;

  SchedulerOptions options_;
  Graph graph_{*this};
  Nanos now_{0};
  int batches_ = 0;
  bool settling_ = false;
  std::unordered_map<NodeId, Gate> gates_;
  Wakes wakes_;
  EventLane events_;
  std::vector<Cost> costs_;  // by node; only as far as somebody watches
  Nanos nested_{0};          // measured within the run that is being measured
  std::vector<Yielded> yielded_;
  std::vector<NodeRef> probation_;  // released from a backoff, in this settle
  Stats gone_;                      // runs of what was disposed of
};

}  // namespace yard::reactive

// Graph: which nodes have to run when a value has changed, and what they read when they do.
#pragma once

#include <memory>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "engine/base/error.h"
#include "engine/reactive/arena.h"
#include "engine/reactive/frame.h"
#include "engine/reactive/policy.h"
#include "engine/reactive/ready_queue.h"

namespace yard::reactive {

// The typed part of a node: its value, its action.
class State {
 public:
  State() = default;
  virtual ~State() = default;
  State(const State&) = delete;
  State& operator=(const State&) = delete;

  // The node failed: whatever comes next is new.
  void forget() { compared_ = Compared::kWithNothing; }
  // It has a value again.
  void recall() { compared_ = usually_; }

 protected:
  // How the next value is compared with this one.
  enum class Compared : std::uint8_t { kByEquality, kByFunction, kWithNothing };

  State(Compared at_first, Compared usually) : compared_(at_first), usually_(usually) {}

  // How a run without a value ends.
  [[nodiscard]] Outcome succeeded() const {
    return compared_ == Compared::kWithNothing ? Outcome::kBegun : Outcome::kSame;
  }

  Compared compared_ = Compared::kByEquality;

 private:
  Compared usually_ = Compared::kByEquality;
};

// A node with its generation: what handles carry.
struct NodeRef {
  NodeId id = 0;
  std::uint32_t generation = 0;
  bool operator==(const NodeRef&) const = default;
};

// The algorithm without any policy of when and how often.
//
// A changed value invalidates its direct readers, nothing else. Invalid live computations run in the order of their
// heights, so that each meets settled inputs. What is not live, or not below everything that is invalid, is
// computed when it is read (`pull`).
//
// Threads: one.
// Source:  marks, doubly linked lists and reads confirmed in order are alien-signals' (system.ts); running by
//          height is Adapton's and Jane Street Incremental's.
class Graph {
 public:
  // Reads nested deeper than this are unwound and begun again from below, so that no chain overflows the stack.
  // The first run of a chain of discovered reads is what nests; 100 frames are well below a megabyte.
  static constexpr std::uint32_t kNestedMax = 100;

  // Where a walk stands at a node: at the link to the input that it looks at next.
  struct Step {
    NodeId id = 0;
    LinkId next = 0;
  };

  explicit Graph(Policy& policy) : policy_(policy) {}

  // -- nodes

  // The new node goes with the frame's owner. `marks` tell its kind.
  [[nodiscard]] NodeRef make(std::uint32_t marks, RunFn action, std::unique_ptr<State> state);

  // The node and what it made are gone; it is destroyed once no action runs. Nothing happens if it is gone already.
  void dispose(NodeRef ref);
  void dispose_owned(NodeId owner);

  [[nodiscard]] bool is_alive(NodeRef ref) const {
    return ref.id < arena_.node_places() && arena_.generation(ref.id) == ref.generation &&
           (node(ref.id).marks & kDead) == 0;
  }
  [[nodiscard]] NodeRef ref(NodeId id) const { return {id, arena_.generation(id)}; }
  [[nodiscard]] Node& node(NodeId id) { return arena_.node(id); }
  [[nodiscard]] const Node& node(NodeId id) const { return arena_.node(id); }
  [[nodiscard]] NodeId owner_of(NodeId id) const { return cold_[id].owner; }
  [[nodiscard]] std::size_t node_places() const { return arena_.node_places(); }

  // `reader` is taken to have read `source` before it ever ran.
  void declare_read(NodeId source, NodeId reader);
  // `source` changes only by what `writer` writes, and by the host.
  void declare_write(NodeId writer, NodeId source);
  [[nodiscard]] bool declares_write(NodeId writer, NodeId source);

  // -- errors: a failed node's value

  // The node's value is `error` from now on; says whether that is new.
  Outcome fail(NodeId id, Error error);
  // What fail() does for the exception that is being handled; kAbandoned if it is the graph's own.
  [[nodiscard]] Outcome caught(NodeId id);
  // Returns whether it had failed.
  bool recover(NodeId id);
  // Why it cannot be read: it is gone, has failed, or has no value yet.
  [[noreturn]] void throw_unreadable(NodeRef ref) const;
  [[nodiscard]] const Error& error_of(NodeId id) const { return errors_.at(id); }
  // The sources that `writer` declares fail, or recover, with it.
  void fail_written(NodeId writer);
  void recover_written(NodeId writer);

  // -- the hot path

  // What every read of a value is: node `ref` is valid and has a value, and the running action depends on it.
  // Throws Failure.
  const Node& read(NodeRef ref) {
    Node& dep = node(ref.id);
    Frame& frame = *frame_;
    if (dep.readable != ref.generation) [[unlikely]]
      return read_slowly(ref);
    if (dep.read_stamp == frame.again) return dep;
    Link& link = arena_.link(frame.next);  // 0 has no dep
    if (link.dep != ref.id) [[unlikely]]
      return read_slowly(ref);
    link.stamp = frame.again;
    dep.read_stamp = frame.again;
    frame.next = link.next_dep;
    return dep;
  }

  // The same without either: the node as it is.
  [[nodiscard]] const Node& peek(NodeRef ref) const {
    const Node& dep = node(ref.id);
    if (dep.readable == ref.generation) [[likely]]
      return dep;
    if (arena_.generation(ref.id) != ref.generation || (dep.marks & kUnreadable) != 0) throw_unreadable(ref);
    return dep;
  }

  // The value of `id` has changed.
  void mark_readers(NodeId id) {
    mark_readers(id, [this](Node& sub, NodeId reader) { ready_.push(sub, reader); });
  }

  // The running action has changed a source, which may concern whatever it, or who waits for it, has read.
  void note_write();
  // What `frame` reads from now on has to be looked at.
  void be_careful(Frame& frame);

  // Runs all invalid live computations: one wave.
  void run_computations();
  // Runs the effects that are to run by now; what they cause comes after the computations that it needs.
  void run_effects();

  // Runs computation `id` unless it ran too often in this wave.
  Outcome run(NodeId id);

  // Runs the action of `id` and tells its readers.
  Outcome execute(NodeId id);

  // -- for the policy

  // Effects are counted anew: none has run yet.
  void begin_settle() { ++settle_; }
  // An effect runs out of turn.
  void run_effect(NodeId id);
  [[nodiscard]] bool has_work() const { return !ready_.empty() || !effects_.empty(); }
  [[nodiscard]] Frame& frame() { return *frame_; }

  // Queues `id` if it has to run and may.
  void schedule(NodeId id);
  void set_root(NodeId id, bool root);
  // It must not run for now, or may again.
  void set_held(NodeId id, bool held);
  // The policy runs everything that is made from now on. Otherwise, only what is gated.
  void watch() { born_with_ = kWatched; }
  [[nodiscard]] static bool is_watched(const Node& one) { return (one.marks & (kWatched | kGated)) != 0; }
  // Makes valid what `id` reads. Returns whether nothing of it waits.
  [[nodiscard]] bool settle_inputs(NodeId id);
  // Whether nothing is invalid of all that `id` depends on, itself included.
  [[nodiscard]] bool is_settled(NodeId id);

  // Nodes that depend on `id` and on which it depends, itself included.
  [[nodiscard]] std::vector<NodeId> cycle_of(NodeId id);

  // Steps of all walks over links that looked for what is stale, live or on a cycle.
  [[nodiscard]] std::uint64_t walked() const { return walked_; }

  // Destroys what was disposed of, unless an action runs.
  void sweep();
  // The same for what lay in the queue, which is empty now.
  void sweep_queued();
  [[nodiscard]] bool has_graves() const { return !graves_.empty() || !undead_.empty(); }

  // For people: the name that it was given, or "#" and its place.
  void set_name(NodeId id, std::string name) { names_[id] = std::move(name); }
  [[nodiscard]] std::string name_of(NodeId id) const;

 private:
  // What the hot path does without.
  struct Cold {
    std::unique_ptr<State> state;
    NodeId owner = 0;
    NodeId first_owned = 0;
    NodeId next_owned = 0;
    NodeId prev_owned = 0;
    std::uint32_t live_refs = 0;    // live readers
    std::uint32_t verified_at = 0;  // the epoch in which a walk found it valid
    std::uint32_t seen_at = 0;      // the walk that saw it last
  };

  static constexpr std::uint32_t kUnreadable = kFailed | kDead | kEmpty;

  const Node& read_slowly(NodeRef ref);
  void track(NodeId id);
  void trim(Frame& frame);
  void connect(NodeId dep, NodeId sub, LinkId before, std::uint64_t stamp);
  void disconnect(LinkId id);

  // `enqueue` gets the computations that are to run now.
  template <typename Enqueue>
  void mark_readers(NodeId id, Enqueue enqueue) {
    for (LinkId at = node(id).subs; at != 0;) {
      const Link& link = arena_.link(at);
      at = link.next_sub;
      Node& sub = node(link.sub);
      constexpr std::uint32_t kMatter = kInvalid | kQueued | kRunning | kLive | kEffect | kGated;
      if ((sub.marks & kMatter) == kLive) [[likely]] {
        invalidate(sub);
        enqueue(sub, link.sub);
      } else if ((sub.marks & kMatter) == (kLive | kEffect)) {
        sub.marks |= kInvalid | kQueued;
        effects_.push_back(link.sub);
      } else if ((sub.marks & (kInvalid | kRunning | kGated)) != kInvalid) {
        touch(link);
      }
    }
  }

  void invalidate(Node& sub) {
    sub.marks |= kInvalid;
    if (sub.height < verified_below_) forget_verified();
  }
  void forget_verified();
  void touch(const Link& link);
  [[nodiscard]] bool is_running_and_has_read(const Link& link) const;
  [[nodiscard]] bool still_ready(NodeId id);
  [[nodiscard]] bool still_due(NodeId id);
  [[nodiscard]] bool waits_for_owner(NodeId id) const;
  Outcome call(const Node& one, NodeId id);
  Outcome run_plainly(Node& one, NodeId id, Frame& frame);
  NodeId pass_on(NodeId id);
  [[nodiscard]] std::uint32_t depth() const;
  Outcome finish(NodeId id, Frame& frame, Outcome outcome);
  [[nodiscard]] Outcome settle_error(NodeId id, Outcome outcome);
  void set_marks(Node& one, NodeId id, std::uint32_t more, std::uint32_t less);

  void pull(NodeId id);
  void enter_walk(NodeId id);
  [[nodiscard]] bool is_unsure(NodeId id);
  [[nodiscard]] bool may_run(NodeId id) const;
  [[nodiscard]] bool walk(NodeId root, std::size_t base);
  [[noreturn]] void abandon(NodeId wanted);
  [[noreturn]] void reject_cycle(NodeId through) const;

  void gain_reader(NodeId dep);
  void lose_reader(NodeId dep);
  void become_live(NodeId id);
  void become_dormant(NodeId id);
  void drop_if_unrooted(NodeId id);

  void fit_height(NodeId id);
  void set_height(NodeId id, std::uint32_t height);
  void raise(NodeId id, std::uint32_t height);
  [[nodiscard]] bool find_back_links(NodeId id);

  [[nodiscard]] bool is_back(LinkId id) const { return !back_links_.empty() && back_links_.contains(id); }

  void adopt(NodeId id);
  void orphan(NodeId id);
  void bury(NodeId id);
  void free(NodeId id);

  Policy& policy_;
  Arena arena_;
  std::vector<Cold> cold_ = std::vector<Cold>(1);
  ReadyQueue ready_{arena_};
  std::vector<NodeId> effects_;  // first in, first out
  std::uint32_t settle_ = 0;
  Frame host_;
  Frame* frame_ = &host_;
  std::uint64_t stamp_ = 0;
  std::uint32_t wave_ = 0;
  std::uint32_t epoch_ = 1;           // of what walks found valid
  std::uint32_t verified_below_ = 0;  // above all nodes that this epoch's walks saw
  std::uint32_t seen_ = 0;            // walks
  std::uint32_t born_with_ = 0;       // marks of every new node
  bool abandoning_ = false;           // from abandon() to the end of the run that met it
  std::uint64_t walked_ = 0;
  std::vector<Step> walk_;
  std::vector<NodeId> todo_;
  std::vector<NodeId> graves_;             // disposed of, and not destroyed yet
  std::vector<NodeId> undead_;             // those that still lie in the queue
  std::unordered_set<LinkId> back_links_;  // that close a cycle: their dep is not below their sub
  std::unordered_map<NodeId, Error> errors_;
  std::unordered_map<NodeId, std::string> names_;
};

}  // namespace yard::reactive

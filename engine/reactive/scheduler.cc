#include "engine/reactive/scheduler.h"

#include <ranges>

namespace yard::reactive {
namespace {

constexpr std::uint32_t kPending = kInvalid | kLive;

bool is_computation(const Node& node) { return node.run != nullptr && (node.marks & (kEffect | kDead)) == 0; }
bool is_effect(const Node& node) { return (node.marks & (kEffect | kStatic | kDead)) == kEffect; }

}  // namespace

void Cancel::operator()() const {
  if (scheduler_ != nullptr) scheduler_->dispose(ref_);
}

Scheduler::Scheduler(SchedulerOptions options) : options_(std::move(options)) {
  YARD_CHECK(options_.iterations_max > 0 && options_.iterations_max < UINT16_MAX);
  if (options_.meter != nullptr || options_.decisions != nullptr || options_.check_idempotence) graph_.watch();
}

Scheduler::~Scheduler() = default;

NodeRef Scheduler::add_computation(std::uint32_t marks, RunFn run, std::unique_ptr<State> state,
                                   const ActionOptions& options) {
  const NodeRef ref = graph_.make(marks, run, std::move(state));
  configure(ref, options);
  if (!options_.pull_mode) graph_.set_root(ref.id, true);
  return ref;
}

NodeRef Scheduler::add_action(RunFn run, std::unique_ptr<State> state, const ReactivityLog& log,
                              const ActionOptions& options) {
  const std::uint32_t marks = (options.is_effect ? kEffect : 0u) | (options.schedule_immediately ? kInvalid : 0u);
  const NodeRef ref = graph_.make(marks, run, std::move(state));
  configure(ref, options);
  declare(log, ref, options.is_effect);
  if (options.is_effect || !options_.pull_mode) graph_.set_root(ref.id, true);
  return ref;
}

void Scheduler::declare(const ReactivityLog& log, NodeRef action, bool is_effect) {
  for (const NodeRef read : std::views::reverse(log.reads)) {
    YARD_CHECK(graph_.is_alive(read));
    graph_.declare_read(read.id, action.id);
  }
  if (is_effect) return;
  for (const NodeRef written : log.writes) {
    YARD_CHECK(graph_.is_alive(written) && (graph_.node(written.id).marks & kSource) != 0);
    graph_.declare_write(action.id, written.id);
  }
}

void Scheduler::configure(NodeRef action, const ActionOptions& options) {
  if (!options.name.empty()) graph_.set_name(action.id, options.name);
  if (options.debounce > Nanos(0)) gate(action.id).debounce = options.debounce;
  if (options.throttle > Nanos(0)) gate(action.id).throttle = options.throttle;
  const bool debounces = options.is_effect && options.auto_debounce && options_.auto_debounce &&
                         options.debounce == Nanos(0) && (options_.meter != nullptr || options_.decisions != nullptr);
  if (options.cost == Nanos(0) && !debounces) return;
  if (costs_.size() <= action.id) costs_.resize(graph_.node_places());
  costs_[action.id].declared = options.cost;
  costs_[action.id].auto_debounce = debounces;
}

void Scheduler::freed(NodeId id) {
  const Node& node = graph_.node(id);
  if ((node.marks & (kEffect | kStatic)) == kEffect) gone_.effect_runs += node.runs;
  if ((node.marks & kEffect) == 0) gone_.computation_runs += node.runs;
  if ((node.marks & kGated) != 0) gates_.erase(id);
  if (id < costs_.size()) costs_[id] = {};
}

void Scheduler::enable_pull_mode(bool pull) {
  options_.pull_mode = pull;
  for (NodeId id = 1; id < graph_.node_places(); ++id)
    if (is_computation(graph_.node(id))) graph_.set_root(id, !pull);
}

Stats Scheduler::get_stats() const {
  Stats stats = gone_;
  stats.events = events_.size();
  stats.walked_links = graph_.walked();
  for (NodeId id = 1; id < graph_.node_places(); ++id) {
    const Node& node = graph_.node(id);
    if (is_effect(node)) ++stats.effects, stats.effect_runs += node.runs;
    if (is_computation(node)) ++stats.computations, stats.computation_runs += node.runs;
    if ((node.marks & (kPending | kDead)) == kPending) ++stats.pending;
  }
  return stats;
}

ActionStats Scheduler::get_action_stats(NodeRef action) const {
  if (!graph_.is_alive(action)) return {};
  ActionStats stats{.run_count = graph_.node(action.id).runs};
  if (action.id >= costs_.size() || costs_[action.id].runs == 0) return stats;
  const Cost& cost = costs_[action.id];
  stats.total_time = cost.total;
  stats.average_time = cost.total / static_cast<std::int64_t>(cost.runs);
  stats.last_run_time = cost.last;
  return stats;
}

void Scheduler::effect_failed(NodeId id) { report(ProblemKind::kEffectFailed, id, graph_.error_of(id)); }

void Scheduler::report(ProblemKind kind, NodeId id, Error error) const {
  if (options_.on_problem) options_.on_problem({kind, graph_.ref(id), std::move(error)});
}

}  // namespace yard::reactive

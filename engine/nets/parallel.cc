#include "engine/nets/parallel.h"

#include <algorithm>

namespace yard::nets {
namespace {

// A chunk takes some microseconds: long beside handing it out, short beside a generation.
constexpr std::uint32_t kChunk = 256;
constexpr std::uint32_t kWorthIt = 4 * kChunk;
constexpr Nanos kPerPair{20};  // roughly

}  // namespace

bool Parallel::is_worth_it(std::uint64_t interactions_left) const {
  if (pool_->workers() == 1) return false;
  const std::size_t pairs = state_.queue.now.size() - state_.queue.at;
  return pairs <= interactions_left && pairs >= (pool_->perturbed() ? 1 : kWorthIt);
}

template <typename Compute, typename Commit>
void Parallel::each_chunk(Compute&& compute, Commit&& commit) {
  struct Both {
    std::remove_reference_t<Compute>* compute;
    std::remove_reference_t<Commit>* commit;
  } both{&compute, &commit};
  const tickets::Units units{.context = &both,
                             .compute =
                                 [](void* context, std::uint32_t first, std::uint32_t last, unsigned worker) {
                                   for (; first < last; ++first) (*static_cast<Both*>(context)->compute)(first, worker);
                                 },
                             .commit =
                                 [](void* context, std::uint32_t first, std::uint32_t last) {
                                   for (; first < last; ++first) (*static_cast<Both*>(context)->commit)(first);
                                 }};
  const auto count = static_cast<std::uint32_t>(chunks_.size());
  pool_->run(units, 0, count, 1, kPerPair * kChunk * count);
}

std::optional<std::uint64_t> Parallel::run(Sequential<true>& caller) {
  RedexQueue& queue = state_.queue;
  store_ = state_.heap.store();
  workers_.resize(pool_->workers());
  for (Worker& worker : workers_) worker.by_case.assign(state_.by_case.size(), 0);
  chunks_.resize((queue.now.size() - queue.at - 1) / kChunk + 1);

  std::uint64_t extra = 0;
  each_chunk([this](std::uint32_t chunk, unsigned) { mark(chunk); },
             [&](std::uint32_t chunk) {
               chunks_[chunk].extra_before = extra;
               extra += chunks_[chunk].extra;
             });
  if (!state_.heap.reserve(extra)) return unmark(), std::nullopt;
  store_ = state_.heap.store();
  caller.renew_store();
  each_chunk([this](std::uint32_t chunk, unsigned worker) { rewrite(chunk, workers_[worker]); }, [](std::uint32_t) {});

  std::uint64_t interactions = 0;
  for (Chunk& chunk : chunks_) interactions += collect(chunk, caller);
  for (const Worker& worker : workers_)
    for (std::size_t i = 0; i < worker.by_case.size(); ++i) state_.by_case[i] += worker.by_case[i];
  state_.heap.skip(extra);
  queue.at = queue.now.size();
  return interactions;
}

void Parallel::mark(std::uint32_t number) {
  const RedexQueue& queue = state_.queue;
  Chunk& chunk = chunks_[number];
  const std::size_t first = queue.at + std::size_t{number} * kChunk;
  chunk.extra = 0;
  for (std::size_t at = first; at < std::min(first + kChunk, queue.now.size()); ++at) {
    const Redex& redex = queue.now[at];
    store_.header(agent_of(redex.left)) |= kMarked;
    store_.header(agent_of(redex.right)) |= kMarked;
    chunk.extra += state_.book->flat_rules()[redex.rule].extra;
  }
}

void Parallel::unmark() {
  for (std::size_t at = state_.queue.at; at < state_.queue.now.size(); ++at) {
    store_.header(agent_of(state_.queue.now[at].left)) &= ~kMarked;
    store_.header(agent_of(state_.queue.now[at].right)) &= ~kMarked;
  }
}

Ids Parallel::ids_of(const Redex& redex, const FlatRule& rule, std::uint64_t extra) const {
  Ids ids;
  ids[0] = agent_of(redex.left);
  ids[1] = agent_of(redex.right);
  for (std::size_t i = 0; i < rule.extra; ++i) ids[i + 2] = state_.heap.peek(extra + i);
  return ids;
}

void Parallel::rewrite(std::uint32_t number, Worker& worker) {
  const RedexQueue& queue = state_.queue;
  Chunk& chunk = chunks_[number];
  chunk.interactions = 0;
  chunk.queued.clear();
  chunk.freed.clear();
  chunk.left.clear();
  std::uint32_t extra = 0;
  const std::size_t first = queue.at + std::size_t{number} * kChunk;
  for (std::size_t at = first; at < std::min(first + kChunk, queue.now.size()); ++at) {
    const Redex& redex = queue.now[at];
    const FlatRule& rule = state_.book->flat_rules()[redex.rule];
    if (!rewrite_one(chunk, redex, rule, chunk.extra_before + extra, worker))
      chunk.left.push_back({static_cast<std::uint32_t>(at), extra, static_cast<std::uint32_t>(chunk.queued.size()),
                            static_cast<std::uint32_t>(chunk.freed.size())});
    extra += rule.extra;
  }
}

bool Parallel::rewrite_one(Chunk& chunk, const Redex& redex, const FlatRule& rule, std::uint64_t extra,
                           Worker& worker) {
  Wire ends[kEndsMax];
  if (read_ends<true, true>(store_, redex, rule, ends)) return false;
  Chosen chosen{.program = state_.book->view(rule)};
  std::uint32_t case_id = rule.case_id;
  if (!rule.is_plain) {
    Meeting meeting;
    if (store_.values != nullptr) meeting = {store_.values[agent_of(redex.left)], store_.values[agent_of(redex.right)]};
    chosen = choose(*state_.book, state_.book->rules()[redex.rule], meeting, worker.scratch);
    if (chosen.one == nullptr) return false;
    case_id = chosen.one->id;
  }
  const Ids ids = ids_of(redex, rule, extra);
  run_program<true>(Ground(store_, *state_.book), chosen.program, ids.data(), chosen.values, ends, chunk);
  for (std::size_t i = chosen.program.created; i < rule.extra + std::size_t{2}; ++i) {
    store_.header(ids[i]) = kNothing;
    chunk.freed.push_back(ids[i]);
  }
  ++worker.by_case[case_id];
  ++chunk.interactions;
  return true;
}

// Puts what a chunk did behind what was done before, and does what it left, each in its place.
std::uint64_t Parallel::collect(Chunk& chunk, Sequential<true>& caller) {
  std::uint32_t queued = 0;
  std::uint32_t freed = 0;
  const auto take_until = [&](std::uint32_t queued_to, std::uint32_t freed_to) {
    state_.queue.next.insert(state_.queue.next.end(), chunk.queued.begin() + queued, chunk.queued.begin() + queued_to);
    for (; freed < freed_to; ++freed) state_.heap.release(chunk.freed[freed]);
    queued = queued_to;
  };
  std::uint64_t interactions = chunk.interactions;
  for (const Left& left : chunk.left) {
    take_until(left.queued, left.freed);
    const Redex& redex = state_.queue.now[left.redex];
    const FlatRule& rule = state_.book->flat_rules()[redex.rule];
    interactions += caller.interact(redex, rule, ids_of(redex, rule, chunk.extra_before + left.extra));
  }
  take_until(static_cast<std::uint32_t>(chunk.queued.size()), static_cast<std::uint32_t>(chunk.freed.size()));
  return interactions;
}

}  // namespace yard::nets

// Sequential: interactions on the caller, in the order of the queue. Internal.
#pragma once

#include "engine/nets/editor.h"
#include "engine/nets/rewrite.h"

namespace yard::nets {

template <bool kLafont>
class Sequential {
 public:
  explicit Sequential(State& state)
      : state_(state), book_(*state.book), store_(state.heap.store()), by_case_(state.by_case.data()) {}

  void begin_generation() {
    RedexQueue& queue = state_.queue;
    if (queue.at < queue.now.size()) return;
    queue.now.swap(queue.next);
    queue.next.clear();
    queue.at = 0;
    state_.heap.end_generation();
  }

  // Until the generation's end, or until `done` is `max`. False: the heap is full; the pair stays in the queue.
  bool run(std::uint64_t max, std::uint64_t& done) {
    RedexQueue& queue = state_.queue;
    const FlatRule* rules = book_.flat_rules();
    const Redex* now = queue.now.data();  // nothing is added to this generation
    const std::size_t size = queue.now.size();
    while (queue.at < size && done < max) {
      if (queue.at + kAhead < size) prefetch(now[queue.at + kAhead]);
      const Redex redex = now[queue.at];
      const FlatRule& rule = rules[redex.rule];
      if (room_ < rule.extra && !make_room()) return false;
      ++queue.at;
      if constexpr (!kLafont) {
        if (!is_live(redex)) continue;
        if (act(redex)) {
          ++done;
          continue;
        }
      }
      Ids ids;
      ids[0] = agent_of(redex.left);
      ids[1] = agent_of(redex.right);
      for (std::size_t i = 0; i < rule.extra; ++i) ids[i + 2] = state_.heap.take();
      room_ -= rule.extra;
      done += interact(redex, rule, ids);
    }
    return true;
  }

  // False: no case applies, and the pair is stuck. The heap has to have room.
  bool interact(const Redex& redex, const FlatRule& rule, const Ids& ids) {
    if (rule.is_plain) {
      rewrite(redex, rule, book_.view(rule), ids, nullptr, nullptr);
      ++by_case_[rule.case_id];
      return true;
    }
    const Chosen chosen = choose(book_, book_.rules()[redex.rule], meeting_of(redex), scratch_);
    if (chosen.one == nullptr) {
      store_.header(ids[0]) &= ~kMarked;
      store_.header(ids[1]) &= ~kMarked;
      if (state_.stuck.size() < kFaultsMax) state_.stuck.push_back({redex.left, redex.right, scratch_.why});
      release(ids, 2, rule.extra + std::size_t{2});
      return false;
    }
    rewrite(redex, rule, chosen.program, ids, chosen.values, chosen.one);
    ++by_case_[chosen.one->id];
    return true;
  }

  void push(Wire left, Wire right, std::uint32_t rule) {
    state_.queue.next.push_back({left, right, rule, kLafont ? 0 : state_.heap.births(left, right)});
  }

  // After anything else has changed the heap.
  void renew_store() {
    store_ = state_.heap.store();
    room_ = 0;
  }

 private:
  static constexpr std::size_t kRoom = 1'024;  // so that the heap is asked once in a while only

  static constexpr std::size_t kAhead = 8;  // pairs: a memory access, about

  // What a queue is good for: that it is known which agents come next.
  [[gnu::always_inline]] void prefetch(const Redex& redex) const {
    __builtin_prefetch(&store_.header(agent_of(redex.left)), 1);
    __builtin_prefetch(&store_.header(agent_of(redex.right)), 1);
  }

  void rewrite(const Redex& redex, const FlatRule& rule, const ProgramView& program, const Ids& ids,
               const graph::Cell* values, const Case* one) {
    Wire ends[kEndsMax];
    read_ends<kLafont, false>(store_, redex, rule, ends);
    if constexpr (!kLafont) {
      state_.heap.count_birth(ids[0]);
      state_.heap.count_birth(ids[1]);
    }
    run_program<kLafont>(Ground(store_, book_), program, ids.data(), values, ends, *this);
    if constexpr (!kLafont) {
      const Case& applied = one != nullptr ? *one : book_.rules()[redex.rule].cases.front();
      for (const std::uint8_t end : applied.program.dropped) drop_end(store_, ends, end);
    }
    release(ids, program.created, rule.extra + std::size_t{2});
  }
  void release(const Ids& ids, std::size_t first, std::size_t last) {
    for (; first < last; ++first) {
      store_.header(ids[first]) = kNothing;
      state_.heap.release(ids[first]);
    }
  }

  bool make_room() {
    renew_store();
    room_ = state_.heap.reserve(kRoom) ? kRoom : state_.heap.reserve(kCreatedMax) ? kCreatedMax : 0;
    store_ = state_.heap.store();
    return room_ > 0;
  }
  [[nodiscard]] bool is_live(const Redex& redex) const {
    return state_.heap.births(redex.left, redex.right) == redex.births && state_.heap.peer(redex.left) == redex.right;
  }
  [[nodiscard]] Meeting meeting_of(const Redex& redex) const {
    if (store_.values == nullptr) return {};
    return {store_.values[agent_of(redex.left)], store_.values[agent_of(redex.right)]};
  }
  // False: the rule is no action.
  bool act(const Redex& redex) {
    const Rule& rule = book_.rules()[redex.rule];
    if (rule.action == nullptr) return false;
    Editor editor(state_);
    ++by_case_[rule.cases.front().id];
    rule.action(editor, agent_of(redex.left), agent_of(redex.right));
    renew_store();
    return true;
  }

  State& state_;
  const RuleBook& book_;
  Store store_;
  std::uint64_t* by_case_;
  std::size_t room_ = 0;
  Scratch scratch_;
};

}  // namespace yard::nets

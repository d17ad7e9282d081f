// Sequential: interactions on the caller, in the order of the queue. Internal.
#pragma once

#include "engine/nets/editor.h"
#include "engine/nets/rewrite.h"

namespace yard::nets {

template <bool kLafont>
class Sequential {
 public:
  explicit Sequential(State& state) : state_(state), book_(*state.book), store_(state.heap.store()) {}

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
    while (queue.at < queue.now.size() && done < max) {
      const Redex redex = queue.now[queue.at];
      const Rule& rule = book_.rules()[redex.rule];
      if (room_ < rule.extra && !make_room()) return false;
      ++queue.at;
      if (!kLafont && !is_live(redex)) continue;
      if (!kLafont && rule.action != nullptr) {
        act(rule, redex);
        ++done;
        continue;
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
  bool interact(const Redex& redex, const Rule& rule, const Ids& ids) {
    const Chosen chosen = rule.is_plain ? Chosen{&rule.cases.front().program, nullptr, rule.cases.front().id}
                                        : choose(rule, meeting_of(redex), scratch_);
    std::size_t used = 2;
    if (chosen.program != nullptr) {
      Ends ends;
      read_ends<kLafont>(store_, redex, rule, ends);
      if constexpr (!kLafont) {
        state_.heap.count_birth(ids[0]);
        state_.heap.count_birth(ids[1]);
      }
      run_program<kLafont>(store_, book_, *chosen.program, ids, chosen.values, ends, *this);
      used = chosen.program->create.size();
      ++state_.by_case[chosen.case_id];
    } else {
      store_.header(ids[0]) &= ~kMarked;
      store_.header(ids[1]) &= ~kMarked;
      if (state_.stuck.size() < kFaultsMax) state_.stuck.push_back({redex.left, redex.right, scratch_.why});
    }
    for (std::size_t i = used; i < rule.extra + std::size_t{2}; ++i) {
      store_.header(ids[i]) = kNothing;
      state_.heap.release(ids[i]);
    }
    return chosen.program != nullptr;
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
  void act(const Rule& rule, const Redex& redex) {
    Editor editor(state_);
    ++state_.by_case[rule.cases.front().id];
    rule.action(editor, agent_of(redex.left), agent_of(redex.right));
    renew_store();
  }

  State& state_;
  const RuleBook& book_;
  Store store_;
  std::size_t room_ = 0;
  Scratch scratch_;
};

}  // namespace yard::nets

#include "engine/nets/reduce.h"

#include "engine/nets/parallel.h"
#include "engine/nets/sequential.h"

namespace yard::nets {

namespace {

// False: the value cannot be computed.
bool evaluate(const Expression& expression, const std::array<graph::Cell, 2>& values, graph::Cell& result,
              std::string& why) {
  switch (expression.kind) {
    case Expression::Kind::kConstant: result = expression.constant; return true;
    case Expression::Kind::kLeft: result = values[0]; return true;
    case Expression::Kind::kRight: result = values[1]; return true;
    case Expression::Kind::kFormula: break;
  }
  const auto value = expression.formula.run(values);
  if (!value) return why = value.error().text, false;
  result = *value;
  return true;
}

}  // namespace

Chosen choose(const RuleBook& book, const Rule& rule, const Meeting& meeting, Scratch& scratch) {
  if (rule.function != nullptr) {
    scratch.patch.begin();
    if (!rule.function(meeting, scratch.patch)) return scratch.why = "the rule does not apply", Chosen();
    const ProgramView program = scratch.patch.view();
    YARD_CHECK(program.created <= rule.extra + std::size_t{2});
    return {&rule.cases.front(), program, scratch.patch.values()};
  }
  const std::array<graph::Cell, 2> values = {meeting.left, meeting.right};
  for (const Case& one : rule.cases) {
    if (one.when) {
      const auto holds = one.when->run(values);
      if (!holds) return scratch.why = holds.error().text, Chosen();
      if (!holds->get<bool>()) continue;
    }
    for (std::size_t i = 0; i < one.values.size(); ++i)
      if (!evaluate(one.values[i], values, scratch.values[i], scratch.why)) return {};
    return {&one, book.view_of_case(one.id), scratch.values.data()};
  }
  scratch.why = "no case for these values";
  return {};
}

void State::queue_redex(Wire a) {
  const Wire b = heap.peer(a);
  if (b == kNowhere) return;
  const auto match = book->match(heap.symbol(agent_of(a)), slot_of(a), heap.symbol(agent_of(b)), slot_of(b));
  if (!match) return;
  const Wire left = match->is_swapped ? b : a;
  const Wire right = match->is_swapped ? a : b;
  queue.next.push_back({left, right, match->rule, heap.births(left, right)});
}

namespace {

template <bool kLafont>
Reduction reduce_with(State& state, std::uint64_t max, tickets::WorkerPool* pool) {
  Sequential<kLafont> reducer(state);
  Parallel parallel(state, pool);
  Reduction done;
  while (!state.queue.is_empty() && done.interactions < max) {
    reducer.begin_generation();
    if constexpr (kLafont) {
      if (pool != nullptr && parallel.is_worth_it(max - done.interactions)) {
        if (const auto interactions = parallel.run(reducer)) {
          done.interactions += *interactions;
          continue;
        }
      }
    }
    if (!reducer.run(max, done.interactions)) {
      done.is_out_of_room = true;
      break;
    }
  }
  done.is_normal = state.queue.is_empty();
  state.interactions += done.interactions;
  return done;
}

Reduction reduce_on(State& state, std::uint64_t max, tickets::WorkerPool* pool) {
  state.by_case.resize(state.book->case_count());
  return state.book->is_lafont() ? reduce_with<true>(state, max, pool) : reduce_with<false>(state, max, nullptr);
}

}  // namespace

Reduction reduce(State& state, std::uint64_t max) { return reduce_on(state, max, nullptr); }
Reduction reduce(State& state, std::uint64_t max, tickets::WorkerPool& pool) { return reduce_on(state, max, &pool); }

std::optional<Redex> next_redex(const State& state) {
  const auto is_live = [&](const Redex& redex) {
    return state.heap.births(redex.left, redex.right) == redex.births && state.heap.peer(redex.left) == redex.right;
  };
  for (std::size_t at = state.queue.at; at < state.queue.now.size(); ++at)
    if (is_live(state.queue.now[at])) return state.queue.now[at];
  for (const Redex& redex : state.queue.next)
    if (is_live(redex)) return redex;
  return std::nullopt;
}

}  // namespace yard::nets

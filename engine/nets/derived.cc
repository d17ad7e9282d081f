#include "engine/nets/derived.h"

#include <algorithm>

#include "engine/base/text.h"
#include "engine/graph/value.h"

namespace yard::nets {
namespace {

bool touches(const Rule& rule, const Case& one, SymbolId symbol) {
  return rule.function != nullptr || rule.left == symbol || rule.right == symbol ||
         std::ranges::any_of(one.program.create, [&](const NewAgent& agent) { return agent.symbol == symbol; });
}

}  // namespace

Call parse_call(std::string_view text) {
  Call call;
  std::string word;
  for (const char c : text) {
    if (c == ' ') continue;
    if (c == '(' && call.name.empty()) {
      call.name = std::exchange(word, {});
    } else if (c == ',' || c == ')') {
      call.arguments.push_back(std::exchange(word, {}));
    } else {
      word += c;
    }
  }
  if (!word.empty() || !text.ends_with(')')) call.name.clear();
  return call;
}

Result<Derived> Derived::make(const DerivedSpec& spec, const State& state) {
  Derived derived;
  derived.spec_ = spec;
  const Call call = parse_call(spec.formula);
  const auto symbol = [&](std::size_t argument) -> Result<SymbolId> {
    const auto found = state.book->find(call.arguments[argument]);
    if (!found) return fail(ErrorCode::kNotFound, "there is no type " + printable(call.arguments[argument]));
    return *found;
  };
  const bool is_known = (call.name == "count" && call.arguments.size() == 1) ||
                        (call.name == "value" && call.arguments.size() == 1) ||
                        (call.name == "number" && call.arguments.size() == 3);
  if (!is_known)
    return fail(ErrorCode::kInvalidArguments, "has to be count(Type), value(wire) or number(wire, Type, Type)");
  if (call.name == "count") {
    YARD_TRY(derived.symbol_, symbol(0));
    return derived;
  }
  const auto free = std::ranges::find(state.free, call.arguments[0], &std::pair<std::string, AgentId>::first);
  if (free == state.free.end())
    return fail(ErrorCode::kNotFound, "there is no free wire " + printable(call.arguments[0]));
  derived.free_ = free->second;
  derived.kind_ = call.name == "value" ? Kind::kValue : Kind::kNumber;
  if (derived.kind_ == Kind::kValue) return derived;
  YARD_TRY(derived.symbol_, symbol(1));
  YARD_TRY(derived.zero_, symbol(2));
  if (state.book->symbol(derived.symbol_).ports.size() != 2)
    return fail(ErrorCode::kInvalidArguments, call.arguments[1] + " has to have two ports");
  return derived;
}

void Derived::refresh(const State& state, const TextPool& texts) {
  const bool is_new = !stamp_.has_value();
  const Stamp now = read(state);
  if (stamp_ == now) return;
  // Of a number what was folded stays: agents whose principal ports lead to a free wire meet nobody. Annette's may.
  if (is_new || !state.book->is_lafont() || now.changes != stamp_->changes) tail_ = make_wire(free_, 0);
  if (tail_ == make_wire(free_, 0)) folded_ = 0;
  ++computed_;
  switch (kind_) {
    case Kind::kCount: count(state); break;
    case Kind::kValue: fetch(state, texts); break;
    case Kind::kNumber: fold(state); break;
  }
  stamp_ = read(state);
}

Derived::Stamp Derived::read(const State& state) const {
  Stamp stamp;
  if (kind_ == Kind::kCount) {
    stamp.changes = state.edits;
    for (const Rule& rule : state.book->rules())
      for (const Case& one : rule.cases)
        if (one.id < state.by_case.size() && touches(rule, one, symbol_)) stamp.changes += state.by_case[one.id];
    return stamp;
  }
  stamp.changes = state.edits;
  if (kind_ == Kind::kNumber && !state.book->is_lafont()) stamp.changes += state.interactions;
  const Wire at = kind_ == Kind::kNumber && tail_ != kNowhere ? tail_ : make_wire(free_, 0);
  stamp.wire = state.heap.peer(at);
  if (stamp.wire == kNowhere) return stamp;
  stamp.header = state.heap.header(agent_of(stamp.wire));
  stamp.cell = state.heap.value(agent_of(stamp.wire));
  return stamp;
}

void Derived::count(const State& state) {
  std::int64_t found = 0;
  for (AgentId agent = 1; agent < state.heap.end(); ++agent) found += state.heap.symbol(agent) == symbol_;
  value_ = found;
}

void Derived::fetch(const State& state, const TextPool& texts) {
  value_.reset();
  const Wire peer = state.heap.peer(make_wire(free_, 0));
  if (peer == kNowhere || slot_of(peer) != 0) return;
  const auto type = state.book->symbol(state.heap.symbol(agent_of(peer))).value;
  if (!type) return;
  const graph::Cell cell = state.heap.value(agent_of(peer));
  if (graph::is_scalar(*type))
    value_ = graph::to_value(cell, *type);
  else
    value_ = graph::Text(std::string(texts.view(cell)));
}

void Derived::fold(const State& state) {
  Wire peer = state.heap.peer(tail_);
  // A cycle of successors has no number: it would be longer than there are agents.
  while (peer != kNowhere && slot_of(peer) == 0 && state.heap.symbol(agent_of(peer)) == symbol_ &&
         folded_ <= static_cast<std::int64_t>(state.heap.end())) {
    ++folded_;
    tail_ = make_wire(agent_of(peer), 1);
    peer = state.heap.peer(tail_);
  }
  value_.reset();
  if (peer != kNowhere && slot_of(peer) == 0 && state.heap.symbol(agent_of(peer)) == zero_) value_ = folded_;
}

}  // namespace yard::nets

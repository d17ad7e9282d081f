#include "engine/nets/apply.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "engine/base/pack_json.h"
#include "engine/base/text.h"
#include "engine/nets/compile.h"
#include "engine/nets/editor.h"
#include "engine/nets/parse_json.h"

namespace yard::nets {
namespace {

std::unexpected<Error> unknown(std::string_view name) {
  return fail(ErrorCode::kNotFound, "there is no " + printable(name));
}

// "agent.port" or a free wire.
Result<Wire> find_wire(const State& state, const std::string& text) {
  const PortRef ref = parse_port(text);
  if (ref.agent.empty()) {
    const auto free = std::ranges::find(state.free, text, &std::pair<std::string, AgentId>::first);
    if (free == state.free.end()) return unknown(text);
    return make_wire(free->second, 0);
  }
  const AgentId agent = state.find_name(ref.agent);
  if (agent == 0) return unknown(ref.agent);
  const auto slot = find_port(state.book->symbol(state.heap.symbol(agent)), ref.port);
  if (!slot) return unknown(text);
  return make_wire(agent, *slot);
}

Status add(const Operation& operation, State& state, TextPool& texts) {
  const auto symbol = state.book->find(operation.second);
  if (!symbol) return unknown(operation.second);
  if (!is_name(operation.first)) return fail(ErrorCode::kInvalidArguments, "this is no name for an agent");
  if (state.find_name(operation.first) != 0)
    return fail(ErrorCode::kConflict, "there is an agent " + operation.first + " already");
  graph::Cell value;
  if (const auto type = state.book->symbol(*symbol).value) {
    YARD_TRY(value, parse_cell(operation.json, *type, texts));
  } else if (!operation.json.empty()) {
    return fail(ErrorCode::kInvalidArguments, operation.second + " has no value");
  }
  YARD_TRY(const AgentId agent, Editor(state).add(*symbol, value));
  state.set_name(operation.first, agent);
  return {};
}

Status add_free(const Operation& operation, State& state) {
  if (!is_name(operation.first)) return fail(ErrorCode::kInvalidArguments, "this is no name for a wire");
  if (std::ranges::find(state.free, operation.first, &std::pair<std::string, AgentId>::first) != state.free.end())
    return fail(ErrorCode::kConflict, "there is a free wire " + operation.first + " already");
  YARD_TRY(const AgentId agent, Editor(state).add(kFree));
  state.free.emplace_back(operation.first, agent);
  return {};
}

Status connect(const Operation& operation, State& state) {
  YARD_TRY(const Wire a, find_wire(state, operation.first));
  YARD_TRY(const Wire b, find_wire(state, operation.second));
  if (a == b) return fail(ErrorCode::kInvalidArguments, "a port cannot be connected to itself");
  for (const auto& [port, name] : {std::pair(a, &operation.first), std::pair(b, &operation.second)})
    if (state.heap.peer(port) != kNowhere) return fail(ErrorCode::kConflict, *name + " is connected already");
  Editor(state).connect(a, b);
  return {};
}

Status disconnect(const Operation& operation, State& state) {
  YARD_TRY(const Wire a, find_wire(state, operation.first));
  YARD_TRY(const Wire b, find_wire(state, operation.second));
  if (state.heap.peer(a) != b)
    return fail(ErrorCode::kConflict, operation.first + " and " + operation.second + " are not connected");
  Editor(state).disconnect(a);
  return {};
}

Status set(const Operation& operation, State& state, TextPool& texts) {
  const AgentId agent = state.find_name(operation.first);
  if (agent == 0) return unknown(operation.first);
  const auto type = state.book->symbol(state.heap.symbol(agent)).value;
  if (!type) return fail(ErrorCode::kInvalidArguments, operation.first + " has no value");
  YARD_TRY(const graph::Cell value, parse_cell(operation.json, *type, texts));
  Editor(state).set_value(agent, value);
  return {};
}

Status first_of(const Problems& problems) {
  if (problems.empty()) return {};
  return fail(ErrorCode::kInvalidArguments, problems.front().message, problems.front().where);
}

Status add_type(const Operation& operation, State& state, TextPool& texts) {
  YARD_TRY(const nlohmann::json json, parse_json(operation.json));
  auto book = std::make_shared<RuleBook>(*state.book);
  Problems problems;
  Compiler(*book, texts, problems).add_symbol(parse_symbol(json, "/agent", problems));
  YARD_TRY_STATUS(first_of(problems));
  state.heap.fit(book->ports_most(), book->has_values(), !book->is_lafont());
  state.book = std::move(book);
  return {};
}

// Pairs that the newest rule is for.
void queue_newest(State& state) {
  const Rule& rule = state.book->rules().back();
  for (AgentId agent = 1; agent < state.heap.end(); ++agent) {
    const Wire left = make_wire(agent, rule.left_slot);
    if (state.heap.symbol(agent) != rule.left) continue;
    const Wire right = state.heap.peer(left);
    const bool meets =
        right != kNowhere && slot_of(right) == rule.right_slot && state.heap.symbol(agent_of(right)) == rule.right;
    // Two of the same type are found from both sides.
    const bool is_symmetric = rule.left == rule.right && rule.left_slot == rule.right_slot;
    if (meets && !(is_symmetric && right < left)) state.queue_redex(left);
  }
  state.by_case.resize(state.book->case_count());
  ++state.edits;
}

Status add_rule(const Operation& operation, State& state, TextPool& texts) {
  YARD_TRY(const nlohmann::json json, parse_json(operation.json));
  auto book = std::make_shared<RuleBook>(*state.book);
  Problems problems;
  const RuleSpec spec = parse_rule(json, "/rule", problems);
  if (problems.empty()) Compiler(*book, texts, problems).add_rule(spec);
  YARD_TRY_STATUS(first_of(problems));
  state.book = std::move(book);
  queue_newest(state);
  return {};
}

}  // namespace

Status install_rule(Rule rule, State& state) {
  auto book = std::make_shared<RuleBook>(*state.book);
  YARD_TRY_STATUS(book->add_rule(std::move(rule)));
  state.book = std::move(book);
  queue_newest(state);
  return {};
}

Status apply(const Operation& operation, State& state, TextPool& texts) {
  switch (operation.kind) {
    case OperationKind::kAdd: return add(operation, state, texts);
    case OperationKind::kRemove: {
      const AgentId agent = state.find_name(operation.first);
      if (agent == 0) return unknown(operation.first);
      Editor(state).remove(agent);
      return {};
    }
    case OperationKind::kConnect: return connect(operation, state);
    case OperationKind::kDisconnect: return disconnect(operation, state);
    case OperationKind::kSet: return set(operation, state, texts);
    case OperationKind::kFreeWire: return add_free(operation, state);
    case OperationKind::kType: return add_type(operation, state, texts);
    case OperationKind::kRule: return add_rule(operation, state, texts);
    case OperationKind::kReduce: break;
  }
  return fail(ErrorCode::kInvalidArguments, "this is no change by name");
}

}  // namespace yard::nets

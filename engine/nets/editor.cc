#include "engine/nets/editor.h"

#include <algorithm>

namespace yard::nets {

void State::set_name(const std::string& name, AgentId agent) {
  // The id's last agent may have been rewritten meanwhile, name and all.
  if (const auto before = names_back.find(agent); before != names_back.end()) names.erase(before->second);
  if (const auto before = names.find(name); before != names.end()) names_back.erase(before->second);
  names[name] = agent;
  names_back[agent] = name;
  heap.set_named(agent);
}

AgentId State::find_name(const std::string& name) const {
  const auto found = names.find(name);
  return found != names.end() && heap.is_named(found->second) ? found->second : 0;
}

Result<AgentId> Editor::add(SymbolId symbol, graph::Cell value) {
  if (!state_.heap.reserve(1)) return fail(ErrorCode::kTooLarge, "the net has no room for more agents");
  ++state_.edits;
  return state_.heap.add(symbol, value);
}

void Editor::remove(AgentId agent) {
  const std::size_t ports = state_.book->symbol(state_.heap.symbol(agent)).ports.size();
  for (std::uint32_t slot = 0; slot < ports; ++slot) forget(make_wire(agent, slot));
  ++state_.edits;
  state_.heap.remove(agent, ports);
}

void Editor::connect(Wire a, Wire b) {
  ++state_.edits;
  state_.heap.connect(a, b);
  state_.queue_redex(a);
}

void Editor::disconnect(Wire at) {
  forget(at);
  ++state_.edits;
  state_.heap.disconnect(at);
}

void Editor::set_value(AgentId agent, graph::Cell value) {
  ++state_.edits;
  state_.heap.set_value(agent, value);
  const auto is_stuck = [&](const Stuck& pair) {
    return agent_of(pair.left) == agent || agent_of(pair.right) == agent;
  };
  for (const Stuck& pair : state_.stuck)
    if (is_stuck(pair)) state_.queue_redex(pair.left);
  std::erase_if(state_.stuck, is_stuck);
}

// Under Lafont's discipline the queue holds what is there and nothing else, so that the loops need not look.
void Editor::forget(Wire at) {
  std::erase_if(state_.stuck, [&](const Stuck& pair) { return pair.left == at || pair.right == at; });
  if (!state_.book->is_lafont() || slot_of(at) != 0) return;
  const auto is_gone = [&](const Redex& redex) { return redex.left == at || redex.right == at; };
  std::erase_if(state_.queue.next, is_gone);
  const auto first = state_.queue.now.begin() + static_cast<std::ptrdiff_t>(state_.queue.at);
  state_.queue.now.erase(std::remove_if(first, state_.queue.now.end(), is_gone), state_.queue.now.end());
}

}  // namespace yard::nets

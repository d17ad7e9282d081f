#include "engine/nets/print.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <unordered_map>

namespace yard::nets {
namespace {

using graph::DataType;

class Printer {
 public:
  Printer(const State& state, const TextPool& texts, std::size_t bytes_max)
      : state_(state), texts_(texts), bytes_left_(bytes_max), is_visited_(state.heap.end()) {
    for (const auto& [name, agent] : state.free) free_names_.emplace(agent, name);
  }

  PrintedNet print() {
    for (const auto& [name, agent] : state_.free) {
      if (is_visited_[agent]) continue;
      is_visited_[agent] = true;
      std::string line = name + " ~ ";
      append(line, state_.heap.peer(make_wire(agent, 0)));
      if (!keep(net_.equations, std::move(line))) return std::move(net_);
    }
    for (AgentId agent = 1; agent < state_.heap.end(); ++agent) {
      if (is_visited_[agent] || state_.heap.symbol(agent) == kNothing) continue;
      std::string line;
      append(line, make_wire(agent, 0));
      line += " ~ ";
      append_peer(line, make_wire(agent, 0));
      if (!keep(net_.rest, std::move(line))) return std::move(net_);
    }
    return std::move(net_);
  }

 private:
  // An agent whose other ports are being printed.
  struct Open {
    AgentId agent;
    std::uint32_t root;
    std::uint32_t slot;  // the next
  };

  bool keep(std::vector<std::string>& lines, std::string line) {
    net_.is_cut = line.size() > bytes_left_;
    if (net_.is_cut) return false;
    bytes_left_ -= line.size();
    lines.push_back(std::move(line));
    return true;
  }

  // The term whose root is this port. Not recursive: terms are as deep as nets are large.
  void append(std::string& line, Wire root) {
    std::vector<Open> open;
    begin(line, root, open);
    while (!open.empty() && line.size() <= bytes_left_) {
      Open& top = open.back();
      const std::size_t ports = symbol(top.agent).ports.size();
      if (top.slot == top.root) ++top.slot;
      if (top.slot >= ports) {
        if (ports > 1) line += ')';
        open.pop_back();
        continue;
      }
      line += top.slot == (top.root == 0 ? 1u : 0u) ? "(" : ", ";
      const Wire port = make_wire(top.agent, top.slot++);
      const Wire peer = state_.heap.peer(port);
      if (peer == kNowhere || is_visited_[agent_of(peer)])
        append_peer(line, port);
      else
        begin(line, peer, open);
    }
  }

  void begin(std::string& line, Wire root, std::vector<Open>& open) {
    if (root == kNowhere) {
      line += '_';
      return;
    }
    AgentId agent = agent_of(root);
    is_visited_[agent] = true;
    if (const auto free = free_names_.find(agent); free != free_names_.end()) {
      line += free->second;
      return;
    }
    const Symbol& type = symbol(agent);
    line += type.name;
    if (slot_of(root) != 0) line += "." + type.ports[slot_of(root)];
    std::size_t times = 1;
    for (; slot_of(root) == 0 && type.ports.size() == 2 && !type.value; ++times) {
      const Wire next = state_.heap.peer(make_wire(agent, 1));
      if (next == kNowhere || slot_of(next) != 0 || is_visited_[agent_of(next)] ||
          state_.heap.symbol(agent_of(next)) != state_.heap.symbol(agent))
        break;
      agent = agent_of(next);
      is_visited_[agent] = true;
    }
    if (times > 1) line += "^" + std::to_string(times);
    if (type.value) line += "[" + print_value(state_, texts_, agent) + "]";
    open.push_back({agent, slot_of(root), 0});
  }

  // What stands at the other end of a port's wire, if that agent stands somewhere already.
  void append_peer(std::string& line, Wire port) {
    const Wire peer = state_.heap.peer(port);
    if (peer == kNowhere || !is_visited_[agent_of(peer)]) return append(line, peer);
    if (const auto free = free_names_.find(agent_of(peer)); free != free_names_.end()) {
      line += free->second;
      return;
    }
    const auto [found, is_new] = wires_.try_emplace(std::min(port, peer), wires_.size() + 1);
    line += "w" + std::to_string(found->second);
  }

  [[nodiscard]] const Symbol& symbol(AgentId agent) const { return state_.book->symbol(state_.heap.symbol(agent)); }

  const State& state_;
  const TextPool& texts_;
  std::size_t bytes_left_;
  std::vector<bool> is_visited_;
  std::unordered_map<AgentId, std::string_view> free_names_;
  std::unordered_map<Wire, std::size_t> wires_;  // by the lesser port
  PrintedNet net_;
};

}  // namespace

PrintedNet print_net(const State& state, const TextPool& texts, std::size_t bytes_max) {
  return Printer(state, texts, bytes_max).print();
}

std::string print_pair(const State& state, const TextPool& texts, Wire left, Wire right) {
  const auto side = [&](Wire wire) {
    const Symbol& symbol = state.book->symbol(state.heap.symbol(agent_of(wire)));
    const std::string value = print_value(state, texts, agent_of(wire));
    return symbol.name + (slot_of(wire) == 0 ? "" : "." + symbol.ports[slot_of(wire)]) +
           (value.empty() ? "" : "[" + value + "]");
  };
  return side(left) + " ~ " + side(right);
}

std::string print_value(const State& state, const TextPool& texts, AgentId agent) {
  const auto type = state.book->symbol(state.heap.symbol(agent)).value;
  if (!type) return {};
  const graph::Cell cell = state.heap.value(agent);
  const auto dump = [](const nlohmann::json& value) {
    return value.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
  };
  switch (*type) {
    case DataType::kBool: return cell.get<bool>() ? "true" : "false";
    case DataType::kInt64: return std::to_string(cell.get<std::int64_t>());
    case DataType::kDouble: return dump(cell.get<double>());
    case DataType::kJson: return std::string(texts.view(cell));
    default: return dump(texts.view(cell));
  }
}

}  // namespace yard::nets

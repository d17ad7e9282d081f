// State: all that a net is at a moment. Copies are snapshots.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "engine/nets/heap.h"
#include "engine/nets/rule_book.h"

namespace yard::nets {

// Two ports that are connected and have a rule, in the rule's order.
struct Redex {
  Wire left = kNowhere;
  Wire right = kNowhere;
  std::uint32_t rule = 0;
  std::uint32_t births = 0;  // of both agents then
  bool operator==(const Redex&) const = default;
};

// Redexes in the order in which they came about, by generations: those that a generation creates are the next one.
struct RedexQueue {
  std::vector<Redex> now;
  std::size_t at = 0;  // in `now`; before it they are done
  std::vector<Redex> next;

  [[nodiscard]] bool is_empty() const { return at == now.size() && next.empty(); }
  [[nodiscard]] std::size_t size() const { return now.size() - at + next.size(); }
};

// A pair whose rule did not apply: a value that could not be computed, or no case for these values.
struct Stuck {
  Wire left = kNowhere;
  Wire right = kNowhere;
  std::string why;
};

struct State {
  std::shared_ptr<const RuleBook> book;
  Heap heap;
  RedexQueue queue;
  std::uint64_t interactions = 0;
  std::vector<std::uint64_t> by_case;  // interactions, by Case::id
  std::uint64_t edits = 0;             // changes that no interaction made
  std::vector<Stuck> stuck;            // at most kFaultsMax
  std::unordered_map<std::string, AgentId> names;
  std::unordered_map<AgentId, std::string> names_back;
  std::vector<std::pair<std::string, AgentId>> free;  // free wires, in the order of the document

  // Calls an agent by a name, which it has for as long as it lives; whoever had the name has none any more.
  void set_name(const std::string& name, AgentId agent);
  // The agent of that name, or 0.
  [[nodiscard]] AgentId find_name(const std::string& name) const;

  // Queues the pair if `a` and its peer have a rule.
  void queue_redex(Wire a);
};

}  // namespace yard::nets

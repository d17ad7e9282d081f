// RuleBook: the types of agents and the rules for those that meet.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "engine/graph/types.h"
#include "engine/nets/rule.h"

namespace yard::nets {

struct Symbol {
  std::string name;
  std::vector<std::string> ports;
  std::uint8_t principals = 1;                // of the ports, the first ones
  std::optional<graph::DataType> value = {};  // none: agents have no value
};

// Where two ports meet: the rule, and whether they stand in it the other way round.
struct Match {
  std::uint32_t rule;
  bool is_swapped;
};

// Threads: immutable once shared.
class RuleBook {
 public:
  explicit RuleBook(Discipline discipline);

  // Errors: kConflict for a name or a pair that is taken, kTooLarge beyond limits.h.
  [[nodiscard]] Result<SymbolId> add_symbol(Symbol symbol);
  [[nodiscard]] Status add_rule(Rule rule);

  [[nodiscard]] Discipline discipline() const { return discipline_; }
  [[nodiscard]] bool is_lafont() const { return discipline_ == Discipline::kLafont; }
  [[nodiscard]] std::span<const Symbol> symbols() const { return symbols_; }
  [[nodiscard]] const Symbol& symbol(SymbolId id) const { return symbols_[id]; }
  [[nodiscard]] std::optional<SymbolId> find(std::string_view name) const;
  [[nodiscard]] std::span<const Rule> rules() const { return rules_; }
  [[nodiscard]] std::uint32_t case_count() const { return case_count_; }
  [[nodiscard]] bool has_values() const { return has_values_; }
  [[nodiscard]] std::uint32_t ports_most() const { return ports_most_; }

  // Of two principal ports under Lafont's discipline: (rule << 1 | swapped) + 1, or 0. Rows of row_size() symbols.
  [[nodiscard]] const std::uint32_t* table() const { return table_.data(); }
  [[nodiscard]] std::uint32_t row_size() const { return row_size_; }

  [[nodiscard]] std::optional<Match> match(SymbolId a, std::uint32_t a_slot, SymbolId b, std::uint32_t b_slot) const;

 private:
  void grow_table();

  Discipline discipline_;
  std::vector<Symbol> symbols_;
  std::unordered_map<std::string, SymbolId> by_name_;
  std::vector<Rule> rules_;
  std::unordered_map<std::uint64_t, std::uint32_t> matches_;  // as in table_, by both symbols and slots
  std::vector<std::uint32_t> table_;
  std::uint32_t row_size_ = 0;
  std::uint32_t case_count_ = 0;
  std::uint32_t ports_most_ = 1;
  bool has_values_ = false;
};

}  // namespace yard::nets

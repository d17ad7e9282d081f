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

// A rule as the loops read it: half a cache line.
struct FlatRule {
  std::uint32_t create = 0;  // of the first case: places in the book's pools
  std::uint32_t joins = 0;
  std::uint32_t case_id = 0;
  std::uint8_t created = 0;
  std::uint8_t inner = 0;
  std::uint8_t outer = 0;
  std::uint8_t through = 0;
  std::uint8_t left_ports = 0;
  std::uint8_t right_ports = 0;
  std::uint8_t extra = 0;
  bool is_plain = false;
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
  [[nodiscard]] const FlatRule* flat_rules() const { return flat_rules_.data(); }
  [[nodiscard]] ProgramView view(const FlatRule& flat) const {
    return {
        create_.data() + flat.create, joins_.data() + flat.joins, flat.created, flat.inner, flat.outer, flat.through};
  }
  // The program of a case, by Case::id.
  [[nodiscard]] ProgramView view_of_case(std::uint32_t id) const { return view(flat_cases_[id]); }
  [[nodiscard]] std::uint32_t case_count() const { return case_count_; }
  [[nodiscard]] bool has_values() const { return has_values_; }
  [[nodiscard]] std::uint32_t ports_most() const { return ports_most_; }

  // Of two principal ports under Lafont's discipline: (rule << 1 | swapped) + 1, or 0. Rows of row_size() symbols.
  [[nodiscard]] const std::uint32_t* table() const { return table_.data(); }
  [[nodiscard]] std::uint32_t row_size() const { return row_size_; }

  [[nodiscard]] std::optional<Match> match(SymbolId a, std::uint32_t a_slot, SymbolId b, std::uint32_t b_slot) const;

 private:
  void grow_table();
  [[nodiscard]] FlatRule flatten(const Rule& rule, const Case& one);

  Discipline discipline_;
  std::vector<Symbol> symbols_;
  std::unordered_map<std::string, SymbolId> by_name_;
  std::vector<Rule> rules_;
  std::vector<FlatRule> flat_rules_;  // by their first cases
  std::vector<FlatRule> flat_cases_;
  std::vector<NewAgent> create_;  // of all programs
  std::vector<Join> joins_;
  std::unordered_map<std::uint64_t, std::uint32_t> matches_;  // as in table_, by both symbols and slots
  std::vector<std::uint32_t> table_;
  std::uint32_t row_size_ = 0;
  std::uint32_t case_count_ = 0;
  std::uint32_t ports_most_ = 1;
  bool has_values_ = false;
};

}  // namespace yard::nets

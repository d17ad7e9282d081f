#include "engine/nets/rule_book.h"

#include <algorithm>
#include <bit>

namespace yard::nets {
namespace {

std::uint64_t key(SymbolId a, std::uint32_t a_slot, SymbolId b, std::uint32_t b_slot) {
  return std::uint64_t{a} << 48 | std::uint64_t{a_slot} << 40 | std::uint64_t{b} << 16 | b_slot;
}

}  // namespace

RuleBook::RuleBook(Discipline discipline) : discipline_(discipline) {
  symbols_.push_back({.name = "", .ports = {""}});
  symbols_.push_back({.name = "free", .ports = {""}});
  grow_table();
}

Result<SymbolId> RuleBook::add_symbol(Symbol symbol) {
  if (symbols_.size() >= kSymbolsMax) return fail(ErrorCode::kTooLarge, "too many types of agents");
  if (symbol.ports.empty() || symbol.ports.size() > kPortsMax)
    return fail(ErrorCode::kInvalidArguments,
                symbol.name + " has to have 1 to " + std::to_string(kPortsMax) + " ports");
  const auto id = static_cast<SymbolId>(symbols_.size());
  if (!by_name_.emplace(symbol.name, id).second)
    return fail(ErrorCode::kConflict, "there is a type " + symbol.name + " already");
  ports_most_ = std::max(ports_most_, static_cast<std::uint32_t>(symbol.ports.size()));
  has_values_ |= symbol.value.has_value();
  symbols_.push_back(std::move(symbol));
  grow_table();
  return id;
}

Status RuleBook::add_rule(Rule rule) {
  if (rules_.size() >= kRulesMax) return fail(ErrorCode::kTooLarge, "too many rules");
  const auto index = static_cast<std::uint32_t>(rules_.size());
  const std::uint64_t forward = key(rule.left, rule.left_slot, rule.right, rule.right_slot);
  if (!matches_.emplace(forward, (index << 1) + 1).second)
    return fail(ErrorCode::kConflict,
                "there is a rule for " + symbols_[rule.left].name + " and " + symbols_[rule.right].name + " already");
  matches_.emplace(key(rule.right, rule.right_slot, rule.left, rule.left_slot), (index << 1 | 1) + 1);
  if (is_lafont()) {
    table_[std::size_t{rule.right} * row_size_ + rule.left] = (index << 1 | 1) + 1;
    table_[std::size_t{rule.left} * row_size_ + rule.right] = (index << 1) + 1;
  }
  for (Case& one : rule.cases) {
    one.id = case_count_++;
    flat_cases_.push_back(flatten(rule, one));
  }
  flat_rules_.push_back(flat_cases_[rule.cases.front().id]);
  rules_.push_back(std::move(rule));
  return {};
}

FlatRule RuleBook::flatten(const Rule& rule, const Case& one) {
  const Program& program = one.program;
  const auto count = [](const auto& items) { return static_cast<std::uint8_t>(items.size()); };
  const FlatRule flat{.create = static_cast<std::uint32_t>(create_.size()),
                      .joins = static_cast<std::uint32_t>(joins_.size()),
                      .case_id = one.id,
                      .created = count(program.create),
                      .inner = count(program.inner),
                      .outer = count(program.outer),
                      .through = count(program.through),
                      .left_ports = rule.left_ports,
                      .right_ports = rule.right_ports,
                      .extra = rule.extra,
                      .is_plain = rule.is_plain};
  create_.insert(create_.end(), program.create.begin(), program.create.end());
  for (const auto* joins : {&program.inner, &program.outer, &program.through})
    joins_.insert(joins_.end(), joins->begin(), joins->end());
  return flat;
}

// Rows have room for twice as many symbols as there were, so that adding them all is linear in the table's size.
void RuleBook::grow_table() {
  if (!is_lafont() || symbols_.size() <= row_size_) return;
  row_size_ = std::bit_ceil(static_cast<std::uint32_t>(symbols_.size()));
  table_.assign(std::size_t{row_size_} * row_size_, 0);
  for (const auto& [pair, entry] : matches_) table_[(pair >> 48) * row_size_ + (pair >> 16 & 0xFFFF)] = entry;
}

std::optional<SymbolId> RuleBook::find(std::string_view name) const {
  const auto found = by_name_.find(std::string(name));
  if (found == by_name_.end()) return std::nullopt;
  return found->second;
}

std::optional<Match> RuleBook::match(SymbolId a, std::uint32_t a_slot, SymbolId b, std::uint32_t b_slot) const {
  const auto found = matches_.find(key(a, a_slot, b, b_slot));
  if (found == matches_.end()) return std::nullopt;
  return Match{(found->second - 1) >> 1, ((found->second - 1) & 1) != 0};
}

}  // namespace yard::nets

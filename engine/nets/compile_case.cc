#include "engine/nets/compile_case.h"

#include <algorithm>

#include "engine/base/text.h"

namespace yard::nets {

using graph::DataType;

CaseCompiler::CaseCompiler(Compiler& compiler, const RuleSpec& spec, const Rule& rule, const CaseSpec& one)
    : compiler_(compiler), spec_(spec), rule_(rule), case_(one), used_(2) {
  // Where the two met is taken.
  used_[0] |= 1u << rule.left_slot;
  used_[1] |= 1u << rule.right_slot;
  const RuleBook& book = compiler.book_;
  // Both have to stand here, for a formula's names are its inputs' places; nothing is called what is empty.
  for (const auto& [symbol, name] : {std::pair(rule.left, &spec.values[0]), std::pair(rule.right, &spec.values[1])}) {
    const auto type = book.symbol(symbol).value;
    const bool is_there = type && graph::is_scalar(*type);
    names_.push_back({is_there ? std::string_view(*name) : std::string_view(), is_there ? *type : DataType::kBool});
  }
}

Case CaseCompiler::compile() {
  guard();
  create();
  connect();
  check_all_used();
  return std::move(compiled_);
}

void CaseCompiler::guard() {
  if (case_.when.empty()) return;
  auto formula = graph::Formula::compile(case_.when, names_, DataType::kBool);
  if (!formula) return compiler_.refuse(case_.where, "the guard: " + formula.error().message);
  compiled_.when = *std::move(formula);
}

void CaseCompiler::create() {
  if (case_.create.size() > kCreatedMax)
    return compiler_.refuse(case_.where, "a case creates at most " + std::to_string(kCreatedMax) + " agents");
  for (const AgentSpec& spec : case_.create) {
    const auto number = static_cast<std::uint8_t>(compiled_.program.create.size());
    const auto symbol = compiler_.book_.find(spec.symbol);
    if (!symbol) compiler_.refuse(spec.where, "there is no type " + printable(spec.symbol));
    if (spec.id == "left" || spec.id == "right" || !agents_.emplace(spec.id, number).second)
      compiler_.refuse(spec.where, "there is an agent " + printable(spec.id) + " already");
    NewAgent& agent = compiled_.program.create.emplace_back(symbol.value_or(kNothing));
    used_.push_back(0);
    if (symbol) add_value(spec, compiler_.book_.symbol(*symbol), agent);
  }
}

void CaseCompiler::add_value(const AgentSpec& spec, const Symbol& symbol, NewAgent& agent) {
  if (!symbol.value) {
    if (!spec.value.empty()) compiler_.refuse(spec.where, symbol.name + " has no value");
    return;
  }
  auto made = expression(spec.value, *symbol.value);
  if (!made) return compiler_.refuse(spec.where, "the value of " + symbol.name + ": " + made.error().message);
  agent.value = static_cast<std::uint16_t>(compiled_.values.size());
  compiled_.values.push_back(*std::move(made));
}

Result<Expression> CaseCompiler::expression(const std::string& text, DataType type) {
  const RuleBook& book = compiler_.book_;
  if (!text.empty() && text == spec_.values[0] && book.symbol(rule_.left).value == type)
    return Expression{.kind = Expression::Kind::kLeft};
  if (!text.empty() && text == spec_.values[1] && book.symbol(rule_.right).value == type)
    return Expression{.kind = Expression::Kind::kRight};
  if (text.empty() || !graph::is_scalar(type)) {
    YARD_TRY(const graph::Cell constant, parse_cell(text, type, compiler_.texts_));
    return Expression{.constant = constant};
  }
  YARD_TRY(graph::Formula formula, graph::Formula::compile(text, names_, type));
  return Expression{.kind = Expression::Kind::kFormula, .formula = std::move(formula)};
}

void CaseCompiler::connect() {
  for (const JoinSpec& wire : case_.connect) join(wire);
}

void CaseCompiler::join(const JoinSpec& wire) {
  // A wire without a second end: a name that is used once.
  for (const PortRef* end : {&wire.a, &wire.b}) {
    if (!end->agent.empty()) continue;
    const PortRef& other = end == &wire.a ? wire.b : wire.a;
    const auto port = other.agent.empty() ? std::nullopt : find(other);
    if (compiler_.book_.is_lafont() || !port)
      compiler_.refuse(end->where, printable(end->port) + " is used once; a wire has two ends");
    else if (port->is_end)
      compiled_.program.dropped.push_back(port->slot);
    return;
  }
  const auto a = find(wire.a);
  const auto b = find(wire.b);
  if (!a || !b) return;
  Program& program = compiled_.program;
  if (a->is_end && b->is_end)
    program.through.push_back({.a = a->slot, .b = b->slot});
  else if (a->is_end)
    program.outer.push_back({b->agent, b->slot, a->slot});
  else if (b->is_end)
    program.outer.push_back({a->agent, a->slot, b->slot});
  else
    program.inner.push_back({a->agent, a->slot, b->agent, b->slot});
}

std::optional<CaseCompiler::Operand> CaseCompiler::find(const PortRef& ref) {
  const RuleBook& book = compiler_.book_;
  if (ref.agent == "left") return use(ref, book.symbol(rule_.left), {.is_end = true});
  if (ref.agent == "right") return use(ref, book.symbol(rule_.right), {.is_end = true, .agent = 1});
  const auto found = agents_.find(ref.agent);
  if (found == agents_.end()) {
    compiler_.refuse(ref.where, "there is no agent " + printable(ref.agent) + " in this rule");
    return std::nullopt;
  }
  const SymbolId symbol = compiled_.program.create[found->second].symbol;
  if (symbol == kNothing) return std::nullopt;
  return use(ref, book.symbol(symbol), {.agent = found->second});
}

std::optional<CaseCompiler::Operand> CaseCompiler::use(const PortRef& ref, const Symbol& symbol, Operand operand) {
  const auto slot = find_port(symbol, ref.port);
  if (!slot) {
    compiler_.refuse(ref.where, symbol.name + " has no port " + printable(ref.port));
    return std::nullopt;
  }
  std::uint32_t& used = used_[operand.agent + (operand.is_end ? 0u : 2u)];
  if ((used >> *slot & 1) != 0) {
    const bool is_active = operand.is_end && *slot == (operand.agent == 0 ? rule_.left_slot : rule_.right_slot);
    compiler_.refuse(ref.where, "port " + symbol.ports[*slot] + " of " + symbol.name +
                                    (is_active ? " is where the two meet" : " is connected twice"));
    return std::nullopt;
  }
  used |= 1u << *slot;
  operand.slot = operand.is_end && operand.agent == 1 ? static_cast<std::uint8_t>(kRightEnds + *slot) : *slot;
  return operand;
}

// Lafont's rules are linear: what they leave unconnected would be a hole in the net. Annette's may cut wires.
void CaseCompiler::check_all_used() {
  const RuleBook& book = compiler_.book_;
  for (std::size_t at = 0; at < used_.size(); ++at) {
    const SymbolId id = at == 0 ? rule_.left : at == 1 ? rule_.right : compiled_.program.create[at - 2].symbol;
    if (id == kNothing) continue;
    const Symbol& symbol = book.symbol(id);
    for (std::uint32_t slot = 0; slot < symbol.ports.size(); ++slot) {
      if ((used_[at] >> slot & 1) != 0) continue;
      if (!book.is_lafont()) {
        if (at < 2) compiled_.program.dropped.push_back(static_cast<std::uint8_t>(slot + (at == 0 ? 0u : kRightEnds)));
        continue;
      }
      const std::string& where = at < 2 ? case_.where : case_.create[at - 2].where;
      compiler_.refuse(where, "port " + symbol.ports[slot] + " of " + symbol.name + " is never connected");
    }
  }
}

}  // namespace yard::nets

#include "engine/nets/compile.h"

#include <algorithm>
#include <charconv>

#include "engine/base/text.h"
#include "engine/graph/value.h"
#include "engine/nets/compile_case.h"

namespace yard::nets {
namespace {

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }

}  // namespace

bool is_name(std::string_view text) {
  return !text.empty() && text.size() <= kNameBytesMax && is_letter(text.front()) &&
         std::ranges::all_of(text, [](char c) { return is_letter(c) || is_digit(c) || c == '-' || c == '/'; });
}

Result<graph::Cell> parse_cell(std::string_view json, graph::DataType type, TextPool& texts) {
  YARD_TRY(const graph::ParameterValue value, graph::parse_value(json, type));
  if (const auto* text = std::get_if<graph::Text>(&value)) return texts.intern(text->view());
  return graph::to_cell(value);
}

std::optional<std::uint8_t> find_port(const Symbol& symbol, std::string_view name) {
  if (name.empty()) return 0;
  std::uint8_t slot = 0;
  const auto read = std::from_chars(name.data(), name.data() + name.size(), slot);
  if (read.ec == std::errc() && read.ptr == name.data() + name.size())
    return slot < symbol.ports.size() ? std::optional(slot) : std::nullopt;
  const auto found = std::ranges::find(symbol.ports, name);
  if (found == symbol.ports.end()) return std::nullopt;
  return static_cast<std::uint8_t>(found - symbol.ports.begin());
}

void Compiler::refuse(const std::string& where, std::string message) {
  if (problems_.size() < kProblemsMax) problems_.push_back({where, std::move(message)});
}

void Compiler::add_symbol(const SymbolSpec& spec) {
  const std::size_t before = problems_.size();
  if (!is_name(spec.name)) refuse(spec.where, printable(spec.name) + " is no name for a type of agents");
  Symbol symbol{.name = spec.name, .ports = {}, .principals = 0};
  for (const PortSpec& port : spec.ports) {
    if (std::ranges::find(symbol.ports, port.name) != symbol.ports.end())
      refuse(port.where, spec.name + " has two ports " + printable(port.name));
    if (port.is_principal && ++symbol.principals > 1 && book_.is_lafont())
      refuse(port.where, spec.name + " has a second principal port; under lafont an agent has one");
    symbol.ports.push_back(port.name);
  }
  if (symbol.principals == 0 && book_.is_lafont()) refuse(spec.where, spec.name + " has no principal port");
  if (!spec.value_type.empty()) {
    symbol.value = graph::data_type(spec.value_type);
    if (!symbol.value) refuse(spec.where, printable(spec.value_type) + " is no type of values");
  }
  if (problems_.size() > before) return;
  if (const auto added = book_.add_symbol(std::move(symbol)); !added) refuse(spec.where, added.error().message);
}

// The type and the port that one side of a rule names.
bool Compiler::find_active(const PortRef& ref, SymbolId& symbol, std::uint8_t& slot) {
  const auto found = book_.find(ref.agent);
  if (!found) return refuse(ref.where, "there is no type " + printable(ref.agent)), false;
  const auto port = find_port(book_.symbol(*found), ref.port);
  if (!port) return refuse(ref.where, ref.agent + " has no port " + printable(ref.port)), false;
  if (*port != 0 && book_.is_lafont())
    return refuse(ref.where, "under lafont agents meet at their principal ports only"), false;
  symbol = *found;
  slot = *port;
  return true;
}

void Compiler::add_rule(const RuleSpec& spec) {
  const std::size_t before = problems_.size();
  Rule rule;
  const bool has_left = find_active(spec.left, rule.left, rule.left_slot);
  if (!find_active(spec.right, rule.right, rule.right_slot) || !has_left) return;
  rule.left_ports = static_cast<std::uint8_t>(book_.symbol(rule.left).ports.size());
  rule.right_ports = static_cast<std::uint8_t>(book_.symbol(rule.right).ports.size());
  if (book_.match(rule.left, rule.left_slot, rule.right, rule.right_slot))
    return refuse(spec.where, "there is a rule for " + spec.left.agent + " and " + spec.right.agent + " already");
  if (spec.cases.empty() || spec.cases.size() > kCasesMax)
    return refuse(spec.where, "a rule has 1 to " + std::to_string(kCasesMax) + " cases");
  for (const CaseSpec& one : spec.cases) {
    if (&one != &spec.cases.back() && one.when.empty())
      refuse(one.where, "the cases behind one without a guard are never reached");
    rule.cases.push_back(CaseCompiler(*this, spec, rule, one).compile());
  }
  if (problems_.size() > before) return;
  for (const Case& one : rule.cases) {
    const std::size_t created = one.program.create.size();
    if (created > 2) rule.extra = std::max(rule.extra, static_cast<std::uint8_t>(created - 2));
  }
  rule.is_plain = rule.cases.size() == 1 && !rule.cases.front().when && rule.cases.front().values.empty();
  rule.spec = spec;
  if (const auto added = book_.add_rule(std::move(rule)); !added) refuse(spec.where, added.error().message);
}

}  // namespace yard::nets

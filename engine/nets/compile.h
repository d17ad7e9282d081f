// From what a document says to what is run.
#pragma once

#include "engine/nets/rule_book.h"
#include "engine/nets/spec.h"
#include "engine/nets/state.h"
#include "engine/nets/text_pool.h"

namespace yard::nets {

// Adds types and rules to a book that nobody shares yet. Each add reports every problem that it finds.
class Compiler {
 public:
  Compiler(RuleBook& book, TextPool& texts, Problems& problems) : book_(book), texts_(texts), problems_(problems) {}

  void add_symbol(const SymbolSpec& spec);
  void add_rule(const RuleSpec& spec);

 private:
  friend class CaseCompiler;

  [[nodiscard]] bool find_active(const PortRef& ref, SymbolId& symbol, std::uint8_t& slot);
  void refuse(const std::string& where, std::string message);

  RuleBook& book_;
  TextPool& texts_;
  Problems& problems_;
};

// The value of a cell of type `type` that `json` spells; of nothing, the type's default. Errors: kInvalidArguments.
[[nodiscard]] Result<graph::Cell> parse_cell(std::string_view json, graph::DataType type, TextPool& texts);

// A port by its number or its name; an empty name is port 0.
[[nodiscard]] std::optional<std::uint8_t> find_port(const Symbol& symbol, std::string_view name);

// Letters, digits and _ - . / after a letter or _; what documents call agents, types, ports and wires.
[[nodiscard]] bool is_name(std::string_view text);

// A net as its document begins. Nothing but problems if there is one.
[[nodiscard]] std::optional<State> build(const NetSpec& spec, TextPool& texts, Problems& problems);

}  // namespace yard::nets

// CaseCompiler: one case of a rule. Internal.
#pragma once

#include <unordered_map>

#include "engine/nets/compile.h"

namespace yard::nets {

class CaseCompiler {
 public:
  // `rule` knows its pair.
  CaseCompiler(Compiler& compiler, const RuleSpec& spec, const Rule& rule, const CaseSpec& one);

  // Problems go to the compiler's; what it returns is of no use, then.
  [[nodiscard]] Case compile();

 private:
  // A port in a program: an end, or a new agent's.
  struct Operand {
    bool is_end = false;
    std::uint8_t agent = 0;
    std::uint8_t slot = 0;  // or the end's number
  };

  void guard();
  void create();
  void add_value(const AgentSpec& spec, const Symbol& symbol, NewAgent& agent);
  [[nodiscard]] Result<Expression> expression(const std::string& text, graph::DataType type);
  void connect();
  void join(const JoinSpec& wire);
  [[nodiscard]] std::optional<Operand> find(const PortRef& ref);
  [[nodiscard]] std::optional<Operand> use(const PortRef& ref, const Symbol& symbol, Operand operand);
  void check_all_used();

  Compiler& compiler_;
  const RuleSpec& spec_;
  const Rule& rule_;
  const CaseSpec& case_;
  Case compiled_;
  std::vector<graph::FormulaName> names_;  // the values that formulas can use; of those that are none, of type bool
  std::unordered_map<std::string, std::uint8_t> agents_;
  std::vector<std::uint32_t> used_;  // slots, a bit each: left, right, then the new agents
};

}  // namespace yard::nets

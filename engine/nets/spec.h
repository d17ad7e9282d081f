// A net as documents say it: names, nothing of it understood yet. Both syntaxes become this, so does what C++ adds.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <vector>

#include "engine/base/result.h"

namespace yard::nets {

// `where`, here and below: a JSON pointer, or line:column of a text; empty for what was made in C++.
struct Problem {
  std::string where;
  std::string message;  // names the culprit
};
using Problems = std::vector<Problem>;

// lafont: pairs meet at principal ports only, one rule a pair, everything used once. The result and the number of
// interactions don't depend on the order, and rules are checked for it. annette: any two ports may meet, in the order
// in which they were connected.
enum class Discipline : std::uint8_t { kLafont, kAnnette };

struct PortSpec {
  std::string name;
  bool is_principal = false;
  std::string where = {};
};

struct SymbolSpec {
  std::string name;
  std::vector<PortSpec> ports;  // the principal one first
  std::string value_type = {};  // as graph documents spell it; empty: agents have no value
  std::string where = {};
};

// A port by agent and port, the latter by its number or its name. Without an agent: a free wire by its name.
struct PortRef {
  std::string agent;
  std::string port;
  std::string where = {};
};

struct AgentSpec {
  std::string id;
  std::string symbol;
  std::string value = {};  // in a rule an expression, in a net JSON; empty: of its type's default
  std::string where = {};
};

struct JoinSpec {
  PortRef a;
  PortRef b;
};

// What becomes of two that meet. In `connect` they are called left and right.
struct CaseSpec {
  std::string when = {};  // a formula of the values; empty: always
  std::vector<AgentSpec> create;
  std::vector<JoinSpec> connect;
  std::string where = {};
};

struct RuleSpec {
  PortRef left;  // by symbol; an empty port is the principal one
  PortRef right;
  std::array<std::string, 2> values = {"left", "right"};  // what expressions call the two values; empty: nothing
  std::vector<CaseSpec> cases;                            // the first whose guard holds
  std::string function = {};                              // name of what C++ does instead
  std::string where = {};
};

struct FreeSpec {
  std::string name;
  std::string where = {};
};

// count(Symbol), value(free wire), number(free wire, Successor, Zero)
struct DerivedSpec {
  std::string name;
  std::string formula;
  std::string where = {};
};

struct NetSpec {
  Discipline discipline = Discipline::kLafont;
  std::vector<SymbolSpec> symbols;
  std::vector<RuleSpec> rules;
  std::vector<AgentSpec> agents;
  std::vector<JoinSpec> connect;
  std::vector<FreeSpec> free;
  std::vector<DerivedSpec> derived;
};

}  // namespace yard::nets

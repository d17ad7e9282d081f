// Rules as they are run: what a case creates and connects, as a flat program.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include "engine/base/check.h"
#include "engine/kinds/formula.h"
#include "engine/nets/limits.h"
#include "engine/nets/spec.h"
#include "engine/nets/wire.h"

namespace yard::nets {

inline constexpr std::uint16_t kNoValue = UINT16_MAX;

struct NewAgent {
  SymbolId symbol = kNothing;
  std::uint16_t value = kNoValue;  // place of its expression in the case, or of its cell in a Patch
};

// Ends are the ports of the two that meet: the left's by slot, the right's from kRightEnds on. What is there gets
// connected to something else. Bytes are agent, slot, agent, slot between new agents; agent, slot, end from one to an
// end; end, end through.
inline constexpr std::uint8_t kRightEnds = 16;
static_assert(kRightEnds > kPortsMax);

struct Join {
  std::uint8_t a = 0;
  std::uint8_t a_slot = 0;
  std::uint8_t b = 0;
  std::uint8_t b_slot = 0;
};

struct Program {
  std::vector<NewAgent> create;
  std::vector<Join> inner;
  std::vector<Join> outer;
  std::vector<Join> through;
  std::vector<std::uint8_t> dropped;  // ends that are left connected to nothing; of Annette's discipline only
};

// A program as the loops read it. Borrowed: joins are inner, outer and through ones, one behind the other.
struct ProgramView {
  const NewAgent* create;
  const Join* joins;
  std::uint8_t created;
  std::uint8_t inner;
  std::uint8_t outer;
  std::uint8_t through;
};

// How a new agent's value comes about.
struct Expression {
  enum class Kind : std::uint8_t { kConstant, kLeft, kRight, kFormula };
  Kind kind = Kind::kConstant;
  graph::Cell constant = {};
  graph::Formula formula = {};
};

struct Case {
  std::optional<graph::Formula> when;
  Program program;
  std::vector<Expression> values;
  std::uint32_t id = 0;  // among all cases of a book
};

// What a rule in C++ sees of the two that meet.
struct Meeting {
  graph::Cell left;
  graph::Cell right;
};

// What a rule in C++ wants: the program of a case, made while it runs. Each end and each port of a new agent has to be
// used once.
class Patch {
 public:
  struct Port {
    std::uint8_t agent;  // kLeft, kRight or a new one
    std::uint8_t slot;
  };
  static constexpr std::uint8_t kLeft = 254;
  static constexpr std::uint8_t kRight = 255;

  // Returns the new agent, for connect().
  std::uint8_t create(SymbolId symbol, graph::Cell value = {}) {
    YARD_CHECK(program_.create.size() < kCreatedMax);
    program_.create.push_back({symbol, static_cast<std::uint16_t>(program_.create.size())});
    values_.push_back(value);
    return static_cast<std::uint8_t>(program_.create.size() - 1);
  }
  void connect(Port a, Port b) {
    if (is_end(a) && is_end(b))
      program_.through.push_back({.a = end(a), .b = end(b)});
    else if (is_end(a))
      program_.outer.push_back({b.agent, b.slot, end(a)});
    else if (is_end(b))
      program_.outer.push_back({a.agent, a.slot, end(b)});
    else
      program_.inner.push_back({a.agent, a.slot, b.agent, b.slot});
  }

  void begin() {
    program_.create.clear();
    program_.inner.clear();
    program_.outer.clear();
    program_.through.clear();
    values_.clear();
  }
  // Valid until begin().
  [[nodiscard]] ProgramView view() {
    joins_ = program_.inner;
    joins_.insert(joins_.end(), program_.outer.begin(), program_.outer.end());
    joins_.insert(joins_.end(), program_.through.begin(), program_.through.end());
    const auto count = [](const auto& items) { return static_cast<std::uint8_t>(items.size()); };
    return {program_.create.data(), joins_.data(),         count(program_.create),
            count(program_.inner),  count(program_.outer), count(program_.through)};
  }
  [[nodiscard]] const graph::Cell* values() const { return values_.data(); }

 private:
  static bool is_end(Port port) { return port.agent >= kLeft; }
  [[nodiscard]] static std::uint8_t end(Port port) {
    return port.agent == kLeft ? port.slot : static_cast<std::uint8_t>(kRightEnds + port.slot);
  }

  Program program_;
  std::vector<Join> joins_;
  std::vector<graph::Cell> values_;
};

class Editor;

// A deterministic rule: a function of the two values and nothing else, called on any worker. False: it does not apply,
// and the two stay as they are.
using RuleFunction = std::function<bool(const Meeting& meeting, Patch& patch)>;

// An action: may change anything around the two, which stay unless it removes them. One after the other; Annette's
// discipline only.
using ActionFunction = std::function<void(Editor& editor, AgentId left, AgentId right)>;

struct Rule {
  SymbolId left = kNothing;
  SymbolId right = kNothing;
  std::uint8_t left_slot = 0;
  std::uint8_t right_slot = 0;
  std::uint8_t left_ports = 0;
  std::uint8_t right_ports = 0;
  std::uint8_t extra = 0;  // ids that it may need beyond those of the two
  bool is_plain = false;   // one case, no guard, no values
  std::vector<Case> cases;
  RuleFunction function = nullptr;
  ActionFunction action = nullptr;
  RuleSpec spec = {};  // as it was written; of functions the pair and the name
};

}  // namespace yard::nets

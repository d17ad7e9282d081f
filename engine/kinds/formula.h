// Formulas: a safe expression in a node's parameter, compiled to a small program when the graph is loaded.
//
//   a * 2 + max(b, 1)        count > 10 && !muted ? level : 0.0
//
// Operators, weakest first: ?: || && == != < <= > >= + - * / % and the unary - !. Functions: min max abs sqrt pow exp
// log sin cos floor ceil round int double. Names are the node's inputs. Numbers without a point are int64. int64 and
// double together are double; nothing else is converted. int64 overflow and division by zero are faults, but only
// where the program gets there: ?:, && and || evaluate what they need.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "engine/base/result.h"
#include "engine/graph/signature.h"

namespace yard::graph {

struct FormulaName {
  std::string_view name;
  DataType type;
};

class Formula {
 public:
  static constexpr std::size_t kLengthMax = 4'096;  // characters
  static constexpr std::size_t kNestingMax = 64;    // of parentheses, operators and calls
  static constexpr std::size_t kStackMax = 64;      // values at a time

  // `wanted` is the type of the result; int64 becomes double where that is wanted.
  //
  // Errors: kInvalidArguments, with the column, counted from 1.
  [[nodiscard]] static Result<Formula> compile(std::string_view text, std::span<const FormulaName> names,
                                               DataType wanted);

  // inputs[i] must be the cell of names[i].
  [[nodiscard]] OrFault<Cell> run(const Many<Cell>& inputs) const;
  [[nodiscard]] OrFault<Cell> run(std::span<const Cell> inputs) const;

  enum class Op : std::uint8_t;
  struct Instruction {
    Op op;
    std::uint32_t operand = 0;  // an input's or a constant's place, or where to jump
  };
  [[nodiscard]] std::span<const Instruction> program() const { return program_; }
  [[nodiscard]] std::span<const Cell> constants() const { return constants_; }
  [[nodiscard]] std::span<const DataType> constant_types() const { return constant_types_; }

 private:
  friend class FormulaCompiler;
  template <typename Inputs>
  [[nodiscard]] OrFault<Cell> run_on(const Inputs& inputs) const;

  std::vector<Instruction> program_;
  std::vector<Cell> constants_;
  std::vector<DataType> constant_types_;
};

}  // namespace yard::graph

#include "engine/kinds/formula.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "engine/kinds/families.h"
#include "engine/kinds/formula_kernels.h"
#include "engine/kinds/formula_ops.h"

namespace yard::graph {
namespace {

using Op = Formula::Op;

std::int64_t whole(Cell cell) { return cell.get<std::int64_t>(); }
double real(Cell cell) { return cell.get<double>(); }

// Whether the result fits.
bool int_op(Op op, std::int64_t a, std::int64_t b, std::int64_t& result) {
  switch (op) {
    case Op::kAddInt: return !__builtin_add_overflow(a, b, &result);
    case Op::kSubtractInt: return !__builtin_sub_overflow(a, b, &result);
    case Op::kMultiplyInt: return !__builtin_mul_overflow(a, b, &result);
    case Op::kDivideInt: return b == -1 ? !__builtin_sub_overflow(std::int64_t{0}, a, &result) : (result = a / b, true);
    case Op::kRemainderInt: return result = b == -1 ? 0 : a % b, true;
    case Op::kMinimumInt: return result = std::min(a, b), true;
    default: return result = std::max(a, b), true;
  }
}

Cell double_op(Op op, double a, double b) {
  switch (op) {
    case Op::kAddDouble: return Cell(a + b);
    case Op::kSubtractDouble: return Cell(a - b);
    case Op::kMultiplyDouble: return Cell(a * b);
    case Op::kDivideDouble: return Cell(a / b);
    case Op::kRemainderDouble: return Cell(std::fmod(a, b));
    case Op::kLessDouble: return Cell(a < b);
    case Op::kLessEqualDouble: return Cell(a <= b);
    case Op::kEqualDouble: return Cell(a == b);
    case Op::kMinimumDouble: return Cell(a != a || a < b ? a : b);
    case Op::kMaximumDouble: return Cell(a != a || a > b ? a : b);
    default: return Cell(std::pow(a, b));
  }
}

Cell double_function(Op op, double x) {
  switch (op) {
    case Op::kNegateDouble: return Cell(-x);
    case Op::kAbsoluteDouble: return Cell(std::abs(x));
    case Op::kSquareRoot: return Cell(std::sqrt(x));
    case Op::kExp: return Cell(std::exp(x));
    case Op::kLog: return Cell(std::log(x));
    case Op::kSine: return Cell(std::sin(x));
    case Op::kCosine: return Cell(std::cos(x));
    case Op::kFloor: return Cell(std::floor(x));
    case Op::kCeiling: return Cell(std::ceil(x));
    default: return Cell(std::round(x));
  }
}

class Stack {
 public:
  Stack() {}  // NOLINT: leaves the cells as they are
  void push(Cell value) { cells_[size_++] = value; }
  Cell pop() { return cells_[--size_]; }
  [[nodiscard]] Cell& top(std::size_t below = 0) { return cells_[size_ - 1 - below]; }

 private:
  // Cells begin as zeros, and clearing them all would take longer than a small formula.
  union {
    std::array<Cell, Formula::kStackMax> cells_;
  };
  std::size_t size_ = 0;
};

std::unexpected<Fault> overflow() { return fault(FaultCode::kOverflow, "the result does not fit int64"); }

OrFault<Cell> calculate(Op op, Stack& stack) {
  if (op == Op::kNot) return Cell(!stack.pop().get<bool>());
  if (op == Op::kNarrow) {
    const double x = real(stack.pop());
    if (!(x >= -0x1p63 && x < 0x1p63)) return overflow();
    return Cell(static_cast<std::int64_t>(x));
  }
  std::int64_t result = 0;
  if (op == Op::kNegateInt || op == Op::kAbsoluteInt) {
    const std::int64_t x = whole(stack.pop());
    if (op == Op::kAbsoluteInt && x >= 0) return Cell(x);
    if (!int_op(Op::kSubtractInt, 0, x, result)) return overflow();
    return Cell(result);
  }
  if (op == Op::kNegateDouble || op >= Op::kAbsoluteDouble) return double_function(op, real(stack.pop()));
  const Cell b = stack.pop();
  const Cell a = stack.pop();
  if (op == Op::kEqualBits) return Cell(a == b);
  if (op >= Op::kAddDouble) return double_op(op, real(a), real(b));
  if (op == Op::kLessInt) return Cell(whole(a) < whole(b));
  if (op == Op::kLessEqualInt) return Cell(whole(a) <= whole(b));
  if ((op == Op::kDivideInt || op == Op::kRemainderInt) && whole(b) == 0)
    return fault(FaultCode::kDivisionByZero, "division by zero");
  if (!int_op(op, whole(a), whole(b), result)) return overflow();
  return Cell(result);
}

Cell widened(Cell cell) { return Cell(static_cast<double>(whole(cell))); }

}  // namespace

template <typename Inputs>
OrFault<Cell> Formula::run_on(const Inputs& inputs) const {
  Stack stack;
  for (std::size_t at = 0; at < program_.size(); ++at) {
    const Instruction& instruction = program_[at];
    switch (instruction.op) {
      case Op::kNone: break;
      case Op::kInput: stack.push(inputs[instruction.operand]); break;
      case Op::kConstant: stack.push(constants_[instruction.operand]); break;
      case Op::kJump: at = instruction.operand - 1; break;
      case Op::kJumpIfFalse:
        if (!stack.pop().get<bool>()) at = instruction.operand - 1;
        break;
      case Op::kJumpIfFalseKeep:
      case Op::kJumpIfTrueKeep:
        if (stack.top().get<bool>() == (instruction.op == Op::kJumpIfTrueKeep))
          at = instruction.operand - 1;
        else
          stack.pop();
        break;
      // The commonest, so that they need no result that may be a fault.
      case Op::kAddInt:
      case Op::kSubtractInt: {
        const std::int64_t b = whole(stack.pop());
        std::int64_t result = 0;
        if (!int_op(instruction.op, whole(stack.top()), b, result)) return overflow();
        stack.top() = Cell(result);
        break;
      }
      case Op::kLessInt:
      case Op::kLessEqualInt: {
        const std::int64_t b = whole(stack.pop());
        const std::int64_t a = whole(stack.top());
        stack.top() = Cell(instruction.op == Op::kLessInt ? a < b : a <= b);
        break;
      }
      case Op::kWiden: stack.top() = widened(stack.top()); break;
      case Op::kSwap: std::swap(stack.top(), stack.top(1)); break;
      case Op::kWidenBelow: stack.top(1) = widened(stack.top(1)); break;
      default: {
        const OrFault<Cell> result = calculate(instruction.op, stack);
        if (!result) return result;
        stack.push(*result);
      }
    }
  }
  return stack.pop();
}

OrFault<Cell> Formula::run(const Many<Cell>& inputs) const { return run_on(inputs); }
OrFault<Cell> Formula::run(std::span<const Cell> inputs) const { return run_on(inputs); }

void add_formula(std::vector<Kind>& kinds) {
  kinds.push_back({.name = "Formula",
                   .summary = "An expression of the inputs by their names, such as a * 2 + max(b, 1).",
                   .inputs = {{"x"}},
                   .outputs = {"out"},
                   .parameters = {{.name = "formula", .type = DataType::kString}},
                   .overloads = {overload<kernels::FormulaNode<bool>>(), overload<kernels::FormulaNode<std::int64_t>>(),
                                 overload<kernels::FormulaNode<double>>()}});
}

}  // namespace yard::graph

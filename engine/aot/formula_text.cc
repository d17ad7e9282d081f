#include "engine/aot/formula_text.h"

#include <array>
#include <utility>
#include <vector>

#include "engine/aot/emission.h"
#include "engine/kinds/formula_ops.h"

namespace yard::graph::aot {
namespace {

using Op = Formula::Op;

// A value that the program has on its stack. What may fail is a statement, so that the first fault is the one that
// comes first; all else is text of an expression, which is used once.
struct Value {
  std::string text;
  DataType type = DataType::kDouble;
  bool is_whole = false;  // needs no parentheses
};

std::string inner(const Value& value) { return value.is_whole ? value.text : "(" + value.text + ")"; }

std::string type_text(DataType type) {
  return type == DataType::kBool ? "bool" : type == DataType::kInt64 ? "std::int64_t" : "double";
}

// How an operation is written. A name with a parenthesis is a call; anything else stands between two operands.
struct Writing {
  Op op;
  std::string_view text;
  DataType type;
};
constexpr std::array kTwoOperands = {Writing{Op::kLessInt, "<", DataType::kBool},
                                     Writing{Op::kLessEqualInt, "<=", DataType::kBool},
                                     Writing{Op::kMinimumInt, "std::min(", DataType::kInt64},
                                     Writing{Op::kMaximumInt, "std::max(", DataType::kInt64},
                                     Writing{Op::kAddDouble, "+", DataType::kDouble},
                                     Writing{Op::kSubtractDouble, "-", DataType::kDouble},
                                     Writing{Op::kMultiplyDouble, "*", DataType::kDouble},
                                     Writing{Op::kDivideDouble, "/", DataType::kDouble},
                                     Writing{Op::kRemainderDouble, "std::fmod(", DataType::kDouble},
                                     Writing{Op::kLessDouble, "<", DataType::kBool},
                                     Writing{Op::kLessEqualDouble, "<=", DataType::kBool},
                                     Writing{Op::kEqualDouble, "==", DataType::kBool},
                                     Writing{Op::kMinimumDouble, "least(", DataType::kDouble},
                                     Writing{Op::kMaximumDouble, "greatest(", DataType::kDouble},
                                     Writing{Op::kPower, "std::pow(", DataType::kDouble},
                                     Writing{Op::kEqualBits, "==", DataType::kBool}};
constexpr std::array kOneOperand = {Writing{Op::kWiden, "static_cast<double>(", DataType::kDouble},
                                    Writing{Op::kNot, "!", DataType::kBool},
                                    Writing{Op::kNegateDouble, "-", DataType::kDouble},
                                    Writing{Op::kAbsoluteDouble, "std::abs(", DataType::kDouble},
                                    Writing{Op::kSquareRoot, "std::sqrt(", DataType::kDouble},
                                    Writing{Op::kExp, "std::exp(", DataType::kDouble},
                                    Writing{Op::kLog, "std::log(", DataType::kDouble},
                                    Writing{Op::kSine, "std::sin(", DataType::kDouble},
                                    Writing{Op::kCosine, "std::cos(", DataType::kDouble},
                                    Writing{Op::kFloor, "std::floor(", DataType::kDouble},
                                    Writing{Op::kCeiling, "std::ceil(", DataType::kDouble},
                                    Writing{Op::kRound, "std::round(", DataType::kDouble}};
// Of int64, each a function of runtime/formula.h that says whether the result fits.
constexpr std::array kMayNotFit = {
    Writing{Op::kAddInt, "add", DataType::kInt64},           Writing{Op::kSubtractInt, "subtract", DataType::kInt64},
    Writing{Op::kMultiplyInt, "multiply", DataType::kInt64}, Writing{Op::kDivideInt, "quotient", DataType::kInt64},
    Writing{Op::kRemainderInt, "rest", DataType::kInt64},    Writing{Op::kNegateInt, "negate", DataType::kInt64},
    Writing{Op::kAbsoluteInt, "absolute", DataType::kInt64}, Writing{Op::kNarrow, "narrow", DataType::kInt64}};

template <std::size_t kSize>
const Writing* find(const std::array<Writing, kSize>& all, Op op) {
  for (const Writing& writing : all)
    if (writing.op == op) return &writing;
  return nullptr;
}

class Writer {
 public:
  Writer(const Formula& formula, std::span<const DataType> inputs) : formula_(formula), inputs_(inputs) {}

  FormulaText write() {
    run(0, formula_.program().size());
    const Value result = pop();
    return {statements_ + "    return " + result.text + ";\n", can_fail_};
  }

 private:
  void run(std::size_t at, std::size_t end) {
    while (at < end) at = step(at);
  }

  std::size_t step(std::size_t at) {
    const Formula::Instruction& instruction = formula_.program()[at];
    switch (instruction.op) {
      case Op::kNone: break;
      case Op::kInput: {
        const DataType type = inputs_[instruction.operand];
        push({"in[" + std::to_string(instruction.operand) + "].get<" + type_text(type) + ">()", type, true});
        break;
      }
      case Op::kConstant: push_constant(instruction.operand); break;
      case Op::kJumpIfFalse: return conditional(at);
      case Op::kJumpIfFalseKeep: return shortcut(at, "&&");
      case Op::kJumpIfTrueKeep: return shortcut(at, "||");
      case Op::kSwap: std::swap(stack_.back(), stack_[stack_.size() - 2]); break;
      case Op::kWidenBelow: {
        const Value top = pop();
        calculate(Op::kWiden);
        push(top);
        break;
      }
      default: calculate(instruction.op);
    }
    return at + 1;
  }

  void push_constant(std::uint32_t number) {
    const Cell cell = formula_.constants()[number];
    const DataType type = formula_.constant_types()[number];
    push({type == DataType::kBool    ? literal(cell.get<bool>())
          : type == DataType::kInt64 ? "std::int64_t{" + literal(cell.get<std::int64_t>()) + "}"
                                     : literal(cell.get<double>()),
          type, true});
  }

  void calculate(Op op) {
    if (const Writing* one = find(kOneOperand, op)) {
      const Value x = pop();
      if (one->text.back() == '(') return push({std::string(one->text) + x.text + ")", one->type, true});
      return push({std::string(one->text) + inner(x), one->type});
    }
    if (const Writing* checked = find(kMayNotFit, op)) return push_checked(*checked);
    const Writing& two = *find(kTwoOperands, op);
    const Value b = pop();
    const Value a = pop();
    if (two.text.back() == '(') return push({std::string(two.text) + a.text + ", " + b.text + ")", two.type, true});
    push({inner(a) + " " + std::string(two.text) + " " + inner(b), two.type});
  }

  void push_checked(const Writing& writing) {
    const bool is_binary = writing.op <= Op::kRemainderInt && writing.op >= Op::kAddInt;
    const Value b = is_binary ? pop() : Value();
    const Value a = pop();
    const std::string name = temporary(DataType::kInt64);
    if (writing.op == Op::kDivideInt || writing.op == Op::kRemainderInt)
      line("if (" + inner(b) + " == 0) return fault(FaultCode::kDivisionByZero, \"division by zero\");");
    line("if (!fits::" + std::string(writing.text) + "(" + a.text + (is_binary ? ", " + b.text : "") + ", " + name +
         ")) return fault(FaultCode::kOverflow, \"the result does not fit int64\");");
    can_fail_ = true;
    push({name, DataType::kInt64, true});
  }

  // condition, jump to no; yes, jump to the end; no
  std::size_t conditional(std::size_t at) {
    const std::size_t no = formula_.program()[at].operand;
    const std::size_t end = formula_.program()[no - 1].operand;
    const Value condition = pop();
    const auto [yes_statements, yes] = branch(at + 1, no - 1);
    const auto [no_statements, otherwise] = branch(no, end);
    if (yes_statements.empty() && no_statements.empty()) {
      push({inner(condition) + " ? " + inner(yes) + " : " + inner(otherwise), yes.type});
      return end;
    }
    const std::string name = temporary(yes.type);
    line("if (" + condition.text + ") {");
    statements_ += yes_statements;
    line("  " + name + " = " + yes.text + ";");
    line("} else {");
    statements_ += no_statements;
    line("  " + name + " = " + otherwise.text + ";");
    line("}");
    push({name, yes.type, true});
    return end;
  }

  std::size_t shortcut(std::size_t at, const std::string& sign) {
    const std::size_t end = formula_.program()[at].operand;
    const Value left = pop();
    const auto [statements, right] = branch(at + 1, end);
    if (statements.empty()) {
      push({inner(left) + " " + sign + " " + inner(right), DataType::kBool});
      return end;
    }
    const std::string name = temporary(DataType::kBool);
    line(name + " = " + left.text + ";");
    line("if (" + std::string(sign == "&&" ? "" : "!") + name + ") {");
    statements_ += statements;
    line("  " + name + " = " + right.text + ";");
    line("}");
    push({name, DataType::kBool, true});
    return end;
  }

  // The statements that a part of the program takes, and its value.
  std::pair<std::string, Value> branch(std::size_t at, std::size_t end) {
    std::string before = std::exchange(statements_, {});
    indent_ += "  ";
    run(at, end);
    indent_.resize(indent_.size() - 2);
    std::string own = std::exchange(statements_, std::move(before));
    return {std::move(own), pop()};
  }

  std::string temporary(DataType type) {
    const std::string name = "t" + std::to_string(temporaries_++);
    line(type_text(type) + " " + name + "{};");
    return name;
  }
  void line(const std::string& text) { statements_ += indent_ + text + "\n"; }
  void push(Value value) { stack_.push_back(std::move(value)); }
  Value pop() {
    Value value = std::move(stack_.back());
    stack_.pop_back();
    return value;
  }

  const Formula& formula_;
  std::span<const DataType> inputs_;
  std::vector<Value> stack_;
  std::string statements_;
  std::string indent_ = "    ";
  int temporaries_ = 0;
  bool can_fail_ = false;
};

}  // namespace

FormulaText write_formula(const Formula& formula, std::span<const DataType> inputs) {
  return Writer(formula, inputs).write();
}

}  // namespace yard::graph::aot

// The compiler of formulas: recursive descent, one instruction behind another, types known at once.
#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <string>

#include "engine/base/text.h"
#include "engine/kinds/formula.h"
#include "engine/kinds/formula_ops.h"

namespace yard::graph {

using Op = Formula::Op;

namespace {

struct Binary {
  std::string_view sign;
  Op of_ints;
  Op of_doubles;
};
// By strength, weakest first; within a row longer signs first, since `<` begins `<=`.
constexpr std::array kEquality = {Binary{"==", Op::kEqualBits, Op::kEqualDouble},
                                  Binary{"!=", Op::kEqualBits, Op::kEqualDouble}};
constexpr std::array kOrder = {Binary{"<=", Op::kLessEqualInt, Op::kLessEqualDouble},
                               Binary{">=", Op::kLessEqualInt, Op::kLessEqualDouble},
                               Binary{"<", Op::kLessInt, Op::kLessDouble}, Binary{">", Op::kLessInt, Op::kLessDouble}};
constexpr std::array kSums = {Binary{"+", Op::kAddInt, Op::kAddDouble},
                              Binary{"-", Op::kSubtractInt, Op::kSubtractDouble}};
constexpr std::array kProducts = {Binary{"*", Op::kMultiplyInt, Op::kMultiplyDouble},
                                  Binary{"/", Op::kDivideInt, Op::kDivideDouble},
                                  Binary{"%", Op::kRemainderInt, Op::kRemainderDouble}};

struct Function {
  std::string_view name;
  std::uint8_t arguments;
  Op of_ints;  // kNone: int64 becomes double
  Op of_doubles;
};
constexpr std::array kFunctions = {Function{"min", 2, Op::kMinimumInt, Op::kMinimumDouble},
                                   Function{"max", 2, Op::kMaximumInt, Op::kMaximumDouble},
                                   Function{"abs", 1, Op::kAbsoluteInt, Op::kAbsoluteDouble},
                                   Function{"sqrt", 1, Op::kNone, Op::kSquareRoot},
                                   Function{"pow", 2, Op::kNone, Op::kPower},
                                   Function{"exp", 1, Op::kNone, Op::kExp},
                                   Function{"log", 1, Op::kNone, Op::kLog},
                                   Function{"sin", 1, Op::kNone, Op::kSine},
                                   Function{"cos", 1, Op::kNone, Op::kCosine},
                                   Function{"floor", 1, Op::kNone, Op::kFloor},
                                   Function{"ceil", 1, Op::kNone, Op::kCeiling},
                                   Function{"round", 1, Op::kNone, Op::kRound}};

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }

}  // namespace

// Each parse function leaves one value on the stack and returns its type, or nothing after an error.
class FormulaCompiler {
 public:
  using Type = std::optional<DataType>;

  FormulaCompiler(std::string_view text, std::span<const FormulaName> names) : text_(text), names_(names) {}

  Result<Formula> compile(DataType wanted) {
    const Type type = conditional();
    if (type) expect_end();
    if (type && error_.empty() && !converted(*type, wanted))
      refuse("is " + std::string(name_of(*type)) + ", and " + std::string(name_of(wanted)) + " is wanted", 0);
    if (!error_.empty()) return fail(ErrorCode::kInvalidArguments, error_);
    return std::move(formula_);
  }

 private:
  // condition ? yes : no
  Type conditional() {
    const Nesting nesting(*this);
    if (!nesting.is_allowed()) return std::nullopt;
    const std::size_t begins = at_;
    const Type condition = either();
    if (!condition || !take("?")) return condition;
    if (*condition != DataType::kBool) return refuse("a condition is bool", begins);
    const std::size_t to_no = emit(Op::kJumpIfFalse, -1);
    const Type yes = conditional();
    if (!yes) return yes;
    if (!take(":")) return refuse(": is missing", at_);
    const std::size_t widens = emit(Op::kNone, 0);
    const std::size_t to_end = emit(Op::kJump, -1);
    land(to_no);
    const std::size_t no_begins = at_;
    const Type no = conditional();
    if (!no) return no;
    if (*yes != *no && (*yes == DataType::kBool || *no == DataType::kBool))
      return refuse("both outcomes have to be of one type", no_begins);
    if (*yes == DataType::kInt64 && *no == DataType::kDouble) formula_.program_[widens].op = Op::kWiden;
    if (*yes == DataType::kDouble && *no == DataType::kInt64) emit(Op::kWiden, 0);
    land(to_end);
    return *yes == DataType::kDouble ? yes : no;
  }

  Type either() { return shortcut("||", Op::kJumpIfTrueKeep, &FormulaCompiler::both); }
  Type both() { return shortcut("&&", Op::kJumpIfFalseKeep, &FormulaCompiler::equality); }
  Type equality() { return binary(kEquality, &FormulaCompiler::order); }
  Type order() { return binary(kOrder, &FormulaCompiler::sum); }
  Type sum() { return binary(kSums, &FormulaCompiler::product); }
  Type product() { return binary(kProducts, &FormulaCompiler::unary); }

  Type shortcut(std::string_view sign, Op jump, Type (FormulaCompiler::*stronger)()) {
    const std::size_t begins = at_;
    Type left = (this->*stronger)();
    while (left && take(sign)) {
      const std::size_t to_end = emit(jump, -1);
      const Type right = (this->*stronger)();
      if (!right) return right;
      if (*left != DataType::kBool || *right != DataType::kBool)
        return refuse(std::string(sign) + " is for bool", begins);
      land(to_end);
    }
    return left;
  }

  Type binary(std::span<const Binary> signs, Type (FormulaCompiler::*stronger)()) {
    Type left = (this->*stronger)();
    while (left) {
      skip_space();
      const std::size_t begins = at_;
      const auto found = std::ranges::find_if(signs, [&](const Binary& sign) { return take(sign.sign); });
      if (found == signs.end()) return left;
      const Type right = (this->*stronger)();
      if (!right) return right;
      left = emit_binary(*found, *left, *right, begins);
    }
    return left;
  }

  // a > b is b < a with its operands exchanged; the negation of a <= b would be true of NaN.
  Type emit_binary(const Binary& binary, DataType left, DataType right, std::size_t begins) {
    const bool is_equality = binary.of_ints == Op::kEqualBits;
    if (left == DataType::kBool || right == DataType::kBool) {
      if (!is_equality || left != right) return refuse(std::string(binary.sign) + " is for numbers", begins);
      emit(Op::kEqualBits, -1);
    } else {
      const DataType common = unify(left, right);
      if (binary.sign.front() == '>') emit(Op::kSwap, 0);
      emit(common == DataType::kInt64 ? binary.of_ints : binary.of_doubles, -1);
      if (!is_equality && binary.sign.front() != '<' && binary.sign.front() != '>') return common;
    }
    if (binary.sign == "!=") emit(Op::kNot, 0);
    return DataType::kBool;
  }

  // Makes the two on top of the stack alike.
  DataType unify(DataType left, DataType right) {
    if (left == right) return left;
    emit(left == DataType::kInt64 ? Op::kWidenBelow : Op::kWiden, 0);
    return DataType::kDouble;
  }

  Type unary() {
    const Nesting nesting(*this);
    if (!nesting.is_allowed()) return std::nullopt;
    skip_space();
    const std::size_t begins = at_;
    if (take("-")) {
      const Type type = unary();
      if (type == DataType::kBool) return refuse("- is for numbers", begins);
      if (type) emit(*type == DataType::kInt64 ? Op::kNegateInt : Op::kNegateDouble, 0);
      return type;
    }
    if (!text_.substr(at_).starts_with("!=") && take("!")) {
      const Type type = unary();
      if (type && *type != DataType::kBool) return refuse("! is for bool", begins);
      if (type) emit(Op::kNot, 0);
      return type;
    }
    return primary();
  }

  Type primary() {
    skip_space();
    const std::size_t begins = at_;
    if (take("(")) {
      const Type type = conditional();
      if (type && !take(")")) return refuse(") is missing", at_);
      return type;
    }
    if (at_ < text_.size() && (is_digit(text_[at_]) || text_[at_] == '.')) return number();
    const std::string_view name = word();
    if (name.empty()) return refuse(at_ == text_.size() ? "something is missing" : "cannot be understood", begins);
    if (take("(")) return call(name, begins);
    if (name == "true" || name == "false") return constant(Cell(name == "true"), DataType::kBool);
    const auto found = std::ranges::find(names_, name, &FormulaName::name);
    if (found == names_.end()) return refuse(printable(name) + " is no input", begins);
    emit(Op::kInput, 1, static_cast<std::uint32_t>(found - names_.begin()));
    return found->type;
  }

  Type number() {
    const char* first = text_.data() + at_;
    const char* last = text_.data() + text_.size();
    const char* end = std::find_if_not(first, last, is_digit);
    const bool is_whole = end == last || (*end != '.' && *end != 'e' && *end != 'E');
    std::int64_t integer = 0;
    double real = 0;
    const auto read = is_whole ? std::from_chars(first, last, integer) : std::from_chars(first, last, real);
    if (read.ec != std::errc()) return refuse("is no number, or too large", at_);
    at_ += static_cast<std::size_t>(read.ptr - first);
    return is_whole ? constant(Cell(integer), DataType::kInt64) : constant(Cell(real), DataType::kDouble);
  }

  Type call(std::string_view name, std::size_t begins) {
    if (name == "int" || name == "double") return conversion(name, begins);
    const auto function = std::ranges::find(kFunctions, name, &Function::name);
    if (function == kFunctions.end()) return refuse(printable(name) + " is no function", begins);
    const Type first = argument(begins);
    if (!first) return first;
    DataType type = *first;
    if (function->arguments == 2) {
      if (!take(",")) return refuse(", is missing", at_);
      const Type second = argument(begins);
      if (!second) return second;
      type = unify(*first, *second);
    }
    if (!take(")")) return refuse(") is missing", at_);
    const bool of_ints = type == DataType::kInt64 && function->of_ints != Op::kNone;
    if (!of_ints && type == DataType::kInt64) {
      emit(Op::kWiden, 0);
      if (function->arguments == 2) emit(Op::kWidenBelow, 0);
    }
    emit(of_ints ? function->of_ints : function->of_doubles, 1 - function->arguments);
    return of_ints ? DataType::kInt64 : DataType::kDouble;
  }

  Type argument(std::size_t begins) {
    const Type type = conditional();
    if (type == DataType::kBool) return refuse("functions are for numbers", begins);
    return type;
  }

  Type conversion(std::string_view name, std::size_t begins) {
    const Type type = argument(begins);
    if (!type) return type;
    if (!take(")")) return refuse(") is missing", at_);
    if (name == "int" && *type == DataType::kDouble) emit(Op::kNarrow, 0);
    if (name == "double" && *type == DataType::kInt64) emit(Op::kWiden, 0);
    return name == "int" ? DataType::kInt64 : DataType::kDouble;
  }

  bool converted(DataType type, DataType wanted) {
    if (type == wanted) return true;
    if (type != DataType::kInt64 || wanted != DataType::kDouble) return false;
    emit(Op::kWiden, 0);
    return true;
  }

  Type constant(Cell value, DataType type) {
    emit(Op::kConstant, 1, static_cast<std::uint32_t>(formula_.constants_.size()));
    formula_.constants_.push_back(value);
    formula_.constant_types_.push_back(type);
    return type;
  }

  // `grows` is what the instruction does to the height of the stack; of a jump, on the way that comes next in the
  // program.
  std::size_t emit(Op op, int grows, std::uint32_t operand = 0) {
    formula_.program_.push_back({op, operand});
    height_ += grows;
    if (height_ > static_cast<int>(Formula::kStackMax)) refuse("needs too many values at a time", at_);
    return formula_.program_.size() - 1;
  }
  void land(std::size_t jump) {
    formula_.program_[jump].operand = static_cast<std::uint32_t>(formula_.program_.size());
  }

  void skip_space() {
    while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\t' || text_[at_] == '\n')) ++at_;
  }
  bool take(std::string_view sign) {
    skip_space();
    if (!text_.substr(at_).starts_with(sign)) return false;
    at_ += sign.size();
    return true;
  }
  std::string_view word() {
    const std::size_t begins = at_;
    while (at_ < text_.size() && (is_letter(text_[at_]) || (at_ > begins && is_digit(text_[at_])))) ++at_;
    return text_.substr(begins, at_ - begins);
  }
  void expect_end() {
    skip_space();
    if (at_ < text_.size()) refuse("cannot be understood", at_);
  }

  Type refuse(const std::string& why, std::size_t at) {
    if (error_.empty()) error_ = "column " + std::to_string(at + 1) + ": " + why;
    return std::nullopt;
  }

  class Nesting {
   public:
    explicit Nesting(FormulaCompiler& compiler) : compiler_(compiler) {
      if (++compiler.nesting_ > Formula::kNestingMax) compiler.refuse("is nested too deep", compiler.at_);
    }
    ~Nesting() { --compiler_.nesting_; }
    Nesting(const Nesting&) = delete;
    Nesting& operator=(const Nesting&) = delete;
    [[nodiscard]] bool is_allowed() const { return compiler_.nesting_ <= Formula::kNestingMax; }

   private:
    FormulaCompiler& compiler_;
  };

  std::string_view text_;
  std::span<const FormulaName> names_;
  std::size_t at_ = 0;
  std::size_t nesting_ = 0;
  int height_ = 0;
  std::string error_;
  Formula formula_;
};

Result<Formula> Formula::compile(std::string_view text, std::span<const FormulaName> names, DataType wanted) {
  if (text.size() > kLengthMax)
    return fail(ErrorCode::kInvalidArguments, "longer than " + std::to_string(kLengthMax) + " characters");
  return FormulaCompiler(text, names).compile(wanted);
}

}  // namespace yard::graph

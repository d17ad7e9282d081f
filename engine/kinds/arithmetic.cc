// Arithmetic. On int64 what does not fit is a fault, never wrapped; on double it is IEEE 754's.

#include "engine/kinds/arithmetic_kernels.h"
#include "engine/kinds/families.h"

namespace yard::graph {
namespace {

using namespace kernels;

Kind unary(std::string name, std::string summary, std::vector<Overload> overloads) {
  return {.name = std::move(name),
          .summary = std::move(summary),
          .inputs = {{"x"}},
          .outputs = {"out"},
          .overloads = std::move(overloads)};
}

Kind binary(std::string name, std::string summary, std::vector<Overload> overloads) {
  return {.name = std::move(name),
          .summary = std::move(summary),
          .inputs = {{"a"}, {"b"}},
          .outputs = {"out"},
          .overloads = std::move(overloads)};
}

}  // namespace

void add_arithmetic(std::vector<Kind>& kinds) {
  using std::int64_t;
  Kind add = binary("Add", "The sum of all inputs.", {overload<Sum<int64_t>>(), overload<Sum<double>>()});
  add.free_names = true;
  kinds.push_back(std::move(add));
  kinds.push_back(binary("Subtract", "a - b.", {overload<SubtractInt>(), overload<SubtractDouble>()}));
  kinds.push_back(
      binary("Multiply", "The product of all inputs.", {overload<Product<int64_t>>(), overload<Product<double>>()}));
  kinds.push_back(binary("Divide", "a / b; of int64 towards zero.", {overload<DivideInt>(), overload<DivideDouble>()}));
  kinds.push_back(binary("Remainder", "What division towards zero leaves; it has the sign of a.",
                         {overload<RemainderInt>(), overload<RemainderDouble>()}));
  Kind floor_divide =
      binary("DivideFloor", "The whole quotient towards minus infinity, and what is left.", {overload<DivideFloor>()});
  floor_divide.outputs = {"quotient", "remainder"};
  kinds.push_back(std::move(floor_divide));
  kinds.push_back(unary("Negate", "-x.", {overload<NegateInt>(), overload<NegateDouble>()}));
  kinds.push_back(unary("Absolute", "x without its sign.", {overload<AbsoluteInt>(), overload<AbsoluteDouble>()}));
  kinds.push_back(
      binary("Minimum", "The least input.", {overload<Extreme<int64_t, true>>(), overload<Extreme<double, true>>()}));
  kinds.push_back(binary("Maximum", "The greatest input.",
                         {overload<Extreme<int64_t, false>>(), overload<Extreme<double, false>>()}));
  kinds.push_back({.name = "Clamp",
                   .summary = "x, but not below low and not above high.",
                   .inputs = {{"x"}, {"low", "0"}, {"high", "1"}},
                   .outputs = {"out"},
                   .overloads = {overload<Clamp<int64_t>>(), overload<Clamp<double>>()}});
  kinds.push_back({.name = "Power",
                   .summary = "base to the exponent.",
                   .inputs = {{"base"}, {"exponent", "2"}},
                   .outputs = {"out"},
                   .overloads = {overload<Power>()}});
  kinds.push_back(unary("SquareRoot", "The square root; NaN below 0.", {overload<SquareRoot>()}));
  kinds.push_back(unary("Floor", "The greatest whole number that is not above x.", {overload<Floor>()}));
  kinds.push_back(unary("Ceiling", "The least whole number that is not below x.", {overload<Ceiling>()}));
  kinds.push_back(unary("Round", "The nearest whole number; halves away from 0.", {overload<Round>()}));
  kinds.push_back(unary("ToInt64", "x without its fraction.", {overload<ToInt64>()}));
  kinds.push_back(unary("ToDouble", "x as a double.", {overload<ToDouble>()}));
}

}  // namespace yard::graph

// The instructions of compiled formulas. They work on a stack of cells.
#pragma once

#include "engine/kinds/formula.h"

namespace yard::graph {

enum class Formula::Op : std::uint8_t {
  kNone,
  kInput,            // pushes
  kConstant,         // pushes
  kJump,             // forward only, so every program ends
  kJumpIfFalse,      // pops
  kJumpIfFalseKeep,  // pops only if it does not jump
  kJumpIfTrueKeep,
  kWiden,       // the top, from int64 to double
  kWidenBelow,  // the one below the top
  kNarrow,      // the top, from double to int64
  kSwap,        // the two on top
  kNot,
  kNegateInt,
  kNegateDouble,
  // Two int64.
  kAddInt,
  kSubtractInt,
  kMultiplyInt,
  kDivideInt,
  kRemainderInt,
  kLessInt,
  kLessEqualInt,
  kMinimumInt,
  kMaximumInt,
  kAbsoluteInt,
  // Two doubles.
  kAddDouble,
  kSubtractDouble,
  kMultiplyDouble,
  kDivideDouble,
  kRemainderDouble,
  kLessDouble,
  kLessEqualDouble,
  kEqualDouble,
  kMinimumDouble,
  kMaximumDouble,
  kPower,
  // Two bools or int64: of equal bits.
  kEqualBits,
  // One double.
  kAbsoluteDouble,
  kSquareRoot,
  kExp,
  kLog,
  kSine,
  kCosine,
  kFloor,
  kCeiling,
  kRound,
};

}  // namespace yard::graph

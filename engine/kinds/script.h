// Scripts: a node's function in Lua 5.4, for what a formula cannot say.
//
//   local best = a
//   for i = 1, n do best = math.max(best, i * b) end
//   return best
//
// The node's inputs are there by their names, as are `math` (but for random numbers), ipairs, select, type, tonumber,
// assert and error. There is nothing else: no file, no clock, no other code to load, nothing that tells an address, and
// no pairs, whose order nothing determines. What a script leaves in variables is gone when it returns: the next run,
// and any other node, begins afresh, so that a script is a function of its inputs.
//
// Integers wrap as Lua has it. An error, a result of another type, and a run that is too long or takes too much memory
// are faults.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/result.h"
#include "engine/graph/signature.h"

namespace yard::graph {

struct ScriptInput {
  std::string name;
  DataType type = DataType::kDouble;  // a scalar's
};

class Script {
 public:
  static constexpr std::size_t kLengthMax = 65'536;    // characters
  static constexpr int kInstructionsMax = 1'000'000;   // of Lua's machine, in one run: about ten milliseconds
  static constexpr std::size_t kMemoryMax = 4u << 20;  // of one run, Lua's own 20 KiB and the compiled script included

  // Errors: kInvalidArguments, with the line.
  [[nodiscard]] static Result<Script> compile(std::string_view text, std::vector<ScriptInput> inputs);

  // The result as a value of type T; a whole double is an int64, too.
  //
  // Faults:  kTooLarge (instructions, memory), kBadInput (everything else that goes wrong).
  // Threads: any; runs share nothing.
  template <Scalar T>
  [[nodiscard]] OrFault<T> run(const Many<Cell>& inputs) const;

 private:
  std::string code_;  // compiled
  std::vector<ScriptInput> inputs_;
};

}  // namespace yard::graph

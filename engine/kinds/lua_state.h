// LuaState: a Lua machine of its own for one run, bounded in memory and instructions.
#pragma once

#include <cstddef>
#include <lua.hpp>
#include <memory>
#include <string>
#include <string_view>

#include "engine/base/result.h"

namespace yard::graph {

struct LuaLimits {
  std::size_t memory_max = 0;  // bytes
  int instructions_max = 0;
};

// Why a script has no result.
struct LuaError {
  bool is_bound = false;  // of memory or instructions
  std::string text;
};

// Everything that may raise an error in Lua happens in call(): an error elsewhere would end the process.
//
// Threads: one.
class LuaState {
 public:
  explicit LuaState(const LuaLimits& limits);
  LuaState(const LuaState&) = delete;
  LuaState& operator=(const LuaState&) = delete;

  // Calls `function` with `argument`, as lua_pcall does; what it leaves on the stack stays there. Objects with
  // destructors must not live in it: Lua leaves it by a jump.
  [[nodiscard]] std::expected<void, LuaError> call(lua_CFunction function, void* argument);

  // nullptr: there was not even memory for an empty machine.
  [[nodiscard]] lua_State* get() const { return state_.get(); }

 private:
  struct Close {
    void operator()(lua_State* state) const { lua_close(state); }
  };
  static void* allocate(void* self, void* block, std::size_t old_size, std::size_t size);
  static void stop(lua_State* state, lua_Debug* where);

  LuaLimits limits_;
  std::size_t memory_ = 0;
  bool is_over_ = false;  // the instructions are used up
  std::unique_ptr<lua_State, Close> state_;
};

}  // namespace yard::graph

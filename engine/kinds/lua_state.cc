#include "engine/kinds/lua_state.h"

#include <cstdlib>

#include "engine/base/text.h"

namespace yard::graph {
namespace {

constexpr std::size_t kErrorTextMax = 256;

}  // namespace

// The machine comes first, then its bounds: making it runs no script.
LuaState::LuaState(const LuaLimits& limits) : limits_(limits), state_(lua_newstate(allocate, this)) {
  if (state_ == nullptr) return;
  static_assert(LUA_EXTRASPACE >= sizeof(LuaState*));
  *static_cast<LuaState**>(lua_getextraspace(state_.get())) = this;
  lua_sethook(state_.get(), stop, LUA_MASKCOUNT, limits_.instructions_max);
}

std::expected<void, LuaError> LuaState::call(lua_CFunction function, void* argument) {
  lua_State* state = state_.get();
  if (state == nullptr) return std::unexpected(LuaError{true, "there is no memory"});
  lua_pushcfunction(state, function);
  lua_pushlightuserdata(state, argument);
  const int status = lua_pcall(state, 1, LUA_MULTRET, 0);
  if (status == LUA_OK) return {};
  if (is_over_)
    return std::unexpected(LuaError{true, "more than " + std::to_string(limits_.instructions_max) + " instructions"});
  if (status == LUA_ERRMEM)
    return std::unexpected(LuaError{true, "more than " + std::to_string(limits_.memory_max) + " bytes of memory"});
  // Converting numbers would allocate; what is no text says nothing that is the same each time.
  std::size_t size = 0;
  const char* text = lua_type(state, -1) == LUA_TSTRING ? lua_tolstring(state, -1, &size) : nullptr;
  return std::unexpected(
      LuaError{false, text == nullptr ? "an error without a text" : printable({text, size}, kErrorTextMax)});
}

// As lua_Alloc has it: `old_size` says nothing about a block that is new.
void* LuaState::allocate(void* self, void* block, std::size_t old_size, std::size_t size) {
  LuaState& state = *static_cast<LuaState*>(self);
  const std::size_t held = block == nullptr ? 0 : old_size;
  if (size == 0) {
    std::free(block);  // NOLINT: the counterpart of realloc
    state.memory_ -= held;
    return nullptr;
  }
  if (size > held && state.memory_ + (size - held) > state.limits_.memory_max) return nullptr;
  void* moved = std::realloc(block, size);  // NOLINT: what Lua's interface asks for
  if (moved != nullptr) state.memory_ += size - held;
  return moved;
}

void LuaState::stop(lua_State* state, lua_Debug* /*where*/) {
  (*static_cast<LuaState**>(lua_getextraspace(state)))->is_over_ = true;
  lua_pushnil(state);
  lua_error(state);
}

}  // namespace yard::graph

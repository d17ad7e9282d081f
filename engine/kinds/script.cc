#include "engine/kinds/script.h"

#include <array>
#include <cmath>
#include <utility>

#include "engine/kinds/families.h"
#include "engine/kinds/lua_state.h"

namespace yard::graph {
namespace {

constexpr LuaLimits kLimits{Script::kMemoryMax, Script::kInstructionsMax};

// ---- what a script may use

constexpr std::array kFunctions = {"ipairs", "select", "type", "tonumber", "assert", "error"};
constexpr std::array kMathRandom = {"random", "randomseed"};

// A new environment: Lua's own functions of the list, and nothing that reads the world or tells an address.
void push_environment(lua_State* state) {
  luaL_requiref(state, LUA_GNAME, luaopen_base, 0);
  lua_createtable(state, 0, kFunctions.size() + 1);
  for (const char* name : kFunctions) {
    lua_getfield(state, -2, name);
    lua_setfield(state, -2, name);
  }
  luaL_requiref(state, LUA_MATHLIBNAME, luaopen_math, 0);
  for (const char* name : kMathRandom) {
    lua_pushnil(state);
    lua_setfield(state, -2, name);
  }
  lua_setfield(state, -2, LUA_MATHLIBNAME);
  lua_remove(state, -2);
}

// ---- compiling

struct Compiling {
  std::string_view text;
  std::string code;
};

int append_code(lua_State* /*state*/, const void* part, std::size_t size, void* code) {
  static_cast<std::string*>(code)->append(static_cast<const char*>(part), size);
  return 0;
}

int compile_text(lua_State* state) {
  auto& compiling = *static_cast<Compiling*>(lua_touserdata(state, 1));
  // Text alone: compiled code could do anything.
  if (luaL_loadbufferx(state, compiling.text.data(), compiling.text.size(), "=script", "t") != LUA_OK)
    return lua_error(state);
  return lua_dump(state, append_code, &compiling.code, 0);
}

// ---- running

struct Running {
  const std::string& code;
  const std::vector<ScriptInput>& inputs;
  const Many<Cell>& values;
};

void push(lua_State* state, Cell value, DataType type) {
  if (type == DataType::kBool) return lua_pushboolean(state, value.get<bool>() ? 1 : 0);
  if (type == DataType::kInt64) return lua_pushinteger(state, value.get<std::int64_t>());
  lua_pushnumber(state, value.get<double>());
}

int run_code(lua_State* state) {
  const auto& running = *static_cast<const Running*>(lua_touserdata(state, 1));
  if (luaL_loadbufferx(state, running.code.data(), running.code.size(), "=script", "b") != LUA_OK)
    return lua_error(state);
  push_environment(state);
  for (std::uint32_t i = 0; i < running.inputs.size(); ++i) {
    push(state, running.values[i], running.inputs[i].type);
    lua_setfield(state, -2, running.inputs[i].name.c_str());
  }
  lua_setupvalue(state, -2, 1);
  lua_call(state, 0, 1);
  return 1;
}

std::unexpected<Fault> wrong_type(lua_State* state, std::string_view wanted) {
  return fault(FaultCode::kBadInput,
               "the script returns a " + std::string(luaL_typename(state, -1)) + " and no " + std::string(wanted));
}

template <Scalar T>
OrFault<T> result(lua_State* state) {
  if constexpr (std::same_as<T, bool>) {
    if (!lua_isboolean(state, -1)) return wrong_type(state, "bool");
    return lua_toboolean(state, -1) != 0;
  } else if constexpr (std::same_as<T, std::int64_t>) {
    int is_whole = 0;
    const lua_Integer value = lua_type(state, -1) == LUA_TNUMBER ? lua_tointegerx(state, -1, &is_whole) : 0;
    if (is_whole == 0) return wrong_type(state, "int64");
    return value;
  } else {
    if (lua_type(state, -1) != LUA_TNUMBER) return wrong_type(state, "double");
    return lua_tonumber(state, -1);
  }
}

}  // namespace

Result<Script> Script::compile(std::string_view text, std::vector<ScriptInput> inputs) {
  if (text.size() > kLengthMax)
    return fail(ErrorCode::kInvalidArguments, "a script has at most " + std::to_string(kLengthMax) + " characters");
  Compiling compiling{text, {}};
  LuaState state(kLimits);
  if (const auto done = state.call(compile_text, &compiling); !done)
    return fail(ErrorCode::kInvalidArguments, done.error().text);
  Script script;
  script.code_ = std::move(compiling.code);
  script.inputs_ = std::move(inputs);
  return script;
}

// A machine a run: nothing is left over that the next one could see, not even in how much memory there is.
template <Scalar T>
OrFault<T> Script::run(const Many<Cell>& inputs) const {
  Running running{code_, inputs_, inputs};
  LuaState state(kLimits);
  if (const auto done = state.call(run_code, &running); !done)
    return fault(done.error().is_bound ? FaultCode::kTooLarge : FaultCode::kBadInput, done.error().text);
  return result<T>(state.get());
}

template OrFault<bool> Script::run<bool>(const Many<Cell>&) const;
template OrFault<std::int64_t> Script::run<std::int64_t>(const Many<Cell>&) const;
template OrFault<double> Script::run<double>(const Many<Cell>&) const;

namespace {

template <typename T>
struct ScriptNode {
  struct Settings {
    Script script;
    static Result<Settings> make(const Parameters& parameters) {
      std::vector<ScriptInput> inputs;
      for (const InputName& input : parameters.inputs()) inputs.push_back({std::string(input.name), input.type});
      auto script = Script::compile(parameters.text("script"), std::move(inputs));
      if (!script) return fail(script.error().code, script.error().message, "/script");
      return Settings{*std::move(script)};
    }
  };
  OrFault<T> operator()(const Settings& settings, Many<Cell> inputs) const {
    return settings.script.template run<T>(inputs);
  }
};

}  // namespace

void add_script(std::vector<Kind>& kinds) {
  kinds.push_back({.name = "Script",
                   .summary = "A function of the inputs by their names, in Lua: return a * 2.",
                   .inputs = {{"x"}},
                   .outputs = {"out"},
                   .parameters = {{.name = "script", .type = DataType::kString}},
                   .overloads = {overload<ScriptNode<bool>>(), overload<ScriptNode<std::int64_t>>(),
                                 overload<ScriptNode<double>>()},
                   .cost_us = 40});
}

}  // namespace yard::graph
